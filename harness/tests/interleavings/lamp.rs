//! A lamp with a button: the least that is a system, so that its cases have one to belong to.

use crate::cases::{Bug, CASES};
use proofmark_core::{Core, Effects, Input, NodeId, Time, Wait};
use proofmark_harness::cluster::{Cluster, Envelope, Event, Member, System};
use proofmark_harness::history::Sequential;
use proofmark_harness::interleave::{ASSERTIONS, AWAKE, HISTORIES, Interleavings, LEAKS, LIVES, RACES};
use proofmark_harness::links::{CodeMutant, Link, Linked};
use proofmark_harness::mapping::{Field, Mapping};
use proofmark_vocabulary::{
    Bound, Catalogued, Constant, ConstantError, Constants, Describe, Model, Mutant, Profile, PropertySet, Temporal,
    Value,
};
use std::convert::Infallible;
use std::time::Duration;

/// The node: it says that it was pressed, to itself too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Lamp;

impl Core for Lamp {
    type Config = ();
    type Message = ();
    type Record = ();
    type Request = ();
    type Reply = ();
    type Timer = ();

    fn recover((): &(), _: &[()]) -> (Self, Effects<Self>) {
        (Self, Effects::none())
    }

    fn step(&mut self, _: Time, input: Input<Self>) -> Effects<Self> {
        match input {
            Input::Request(()) => Effects::none().write(()).send(NodeId(0), ()).arm((), Wait::of(Duration::ZERO)),
            Input::Receive { .. } => Effects::none().reply(()),
            Input::Fired(()) => Effects::none(),
        }
    }
}

/// One lamp, pressed once.
#[derive(Clone, Debug)]
pub(crate) struct Lamps;

fn bound() -> Vec<Bound> {
    let (constants, properties) = (Vec::new(), PropertySet::All);
    let (about, expected) = ("one lamp", [].as_slice());
    vec![Bound { name: "ci", about, profile: Profile::Ci, constants, properties, expected, counts: None }]
}

const fn mutant(name: &'static str, bug: Bug, expected: &'static [(Link, &'static str)]) -> CodeMutant<Bug> {
    CodeMutant { name, bug, bound: "ci", expected, lesson: "threads meet" }
}

impl System for Lamps {
    type Core = Lamp;
    type Bug = Bug;

    const NAME: &'static str = "lamp";
    const ABOUT: &'static str = "A lamp with a button.";
    const MUTANTS: &'static [CodeMutant<Bug>] = &[
        mutant("loses-a-press", Bug::LosesAPress, &[(Link::L6, HISTORIES)]),
        mutant("locks-crosswise", Bug::LocksCrosswise, &[(Link::L6, AWAKE)]),
        mutant("forgets-to-wake", Bug::ForgetsToWake, &[(Link::L6, AWAKE)]),
        mutant("locks-crosswise-in-a-crowd", Bug::LocksCrosswiseInACrowd, &[(Link::L6, AWAKE)]),
        mutant("races", Bug::Races, &[(Link::L6, RACES)]),
        mutant("leaks", Bug::Leaks, &[(Link::L6, LEAKS)]),
        mutant("asserts", Bug::Asserts, &[(Link::L6, ASSERTIONS)]),
        mutant("aborts", Bug::Aborts, &[(Link::L6, LIVES)]),
        mutant("harmless", Bug::Harmless, &[]),
        mutant("spins", Bug::Spins, &[]),
        mutant("never-ends", Bug::NeverEnds, &[]),
        mutant("wrongly-foreseen", Bug::Asserts, &[(Link::L6, AWAKE)]),
    ];

    fn constants() -> Vec<Constant> {
        Vec::new()
    }

    fn bounds() -> Vec<Bound> {
        bound()
    }

    fn new(_: &Constants, _: Option<Bug>) -> Result<Self, ConstantError> {
        Ok(Self)
    }

    fn configs(&self) -> Vec<()> {
        vec![()]
    }

    fn requests(&self) -> Vec<(NodeId, ())> {
        vec![(NodeId(0), ())]
    }

    fn crashes(&self) -> u32 {
        1
    }

    fn claims(&self) -> Vec<Temporal<Cluster<Self>>> {
        vec![Temporal::can("can be pressed", |_: &Cluster<Self>, state| state.requested == 1)]
    }
}

impl Linked for Lamps {
    type Mapping = Still;
    type Service = Silent;

    fn mapping(&self) -> Still {
        Still(Dark)
    }

    fn with_model_bug(self, bug: Infallible) -> Self {
        match bug {}
    }

    fn guards() -> Vec<(&'static str, [Infallible; 2])> {
        Vec::new()
    }

    fn service(&self) -> Silent {
        Silent
    }

    fn answers((): &(), (): &()) -> bool {
        true
    }

    fn driven() -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    fn sizes() -> &'static [&'static str] {
        &[]
    }

    fn interleavings() -> Option<&'static dyn Interleavings> {
        Some(&CASES)
    }
}

/// An object that answers anything.
pub(crate) struct Silent;

impl Sequential for Silent {
    type State = ();
    type Operation = ();
    type Response = ();

    fn initial(&self) {}

    fn after(&self, (): &(), (): &(), _: Option<&()>) -> Option<()> {
        Some(())
    }
}

/// The lamp says nothing, so every step is a stutter.
pub(crate) struct Still(Dark);

impl Mapping for Still {
    type Core = Lamp;
    type Spec = Dark;
    type Instance = u8;

    fn spec(&self) -> &Dark {
        &self.0
    }

    fn of_message(&self, (): &()) -> Option<u8> {
        None
    }

    fn of_timer(&self, (): &()) -> Option<u8> {
        None
    }

    fn said(&self, (): &mut (), _: &Envelope<()>) {}

    fn holds(&self, (): &mut (), _: &u8, _: NodeId, _: &Member<Lamp>) {}

    fn fields(&self, _: NodeId) -> Vec<Field> {
        Vec::new()
    }

    fn explanations(&self, _: &Event<Lamp>) -> Vec<Vec<()>> {
        Vec::new()
    }

    fn actor(&self, (): &()) -> NodeId {
        NodeId(0)
    }

    fn leaves_out(&self, (): &(), (): &()) -> Option<&'static str> {
        None
    }
}

/// A model that does nothing.
pub(crate) struct Dark;

impl Model for Dark {
    type State = ();
    type Action = ();

    fn init_states(&self) -> Vec<()> {
        vec![()]
    }

    fn actions(&self, (): &(), _: &mut Vec<()>) {}

    fn next_state(&self, (): &(), (): ()) -> Option<()> {
        None
    }
}

impl Describe for Dark {
    fn action_kinds(&self) -> &'static [&'static str] {
        &[]
    }

    fn action_kind(&self, (): &()) -> usize {
        0
    }

    fn action_in_words(&self, (): &()) -> String {
        String::new()
    }

    fn value(&self, (): &()) -> Value {
        Value::Record([].into())
    }
}

impl Catalogued for Dark {
    type Bug = Infallible;

    const NAME: &'static str = "dark";
    const ABOUT: &'static str = "A model that does nothing.";
    const MUTANTS: &'static [Mutant<Infallible>] = &[];

    fn constants() -> Vec<Constant> {
        Vec::new()
    }

    fn bounds() -> Vec<Bound> {
        bound()
    }

    fn new(_: &Constants, _: Option<Infallible>) -> Result<Self, ConstantError> {
        Ok(Self)
    }
}
