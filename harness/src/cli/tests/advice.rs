//! What is refused, and what survives, is told with what can be done.

use super::{Chain, ends};
use crate::check::{Options, check};
use crate::cli::check::{refuse_symmetry, survival};
use crate::cli::{Failure, exit};
use crate::links::Link;
use crate::registry::{MutantRow, Registry, Row};
use proofmark_vocabulary::{
    Bound, Catalogued, Constant, ConstantError, Constants, Describe, Domain, Model, Mutant, Plain, Profile, Property,
    PropertySet, Value,
};
use std::sync::Arc;

/// Two counters, alike unless one is the first; a bug lets one of them go beyond its end.
struct Pair {
    alike: bool,
    end: u8,
    most: u8,
}

impl Model for Pair {
    type State = [u8; 2];
    type Action = usize;

    fn init_states(&self) -> Vec<[u8; 2]> {
        vec![[0, 0]]
    }

    fn actions(&self, _: &[u8; 2], actions: &mut Vec<usize>) {
        actions.extend([0, 1]);
    }

    fn next_state(&self, counts: &[u8; 2], counter: usize) -> Option<[u8; 2]> {
        let mut next = *counts;
        next[counter] += 1;
        (next[counter] <= self.end).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("small", |model: &Self, counts: &[u8; 2]| counts.iter().all(|&count| count <= model.most)),
            Property::eventually("moves", |_, counts| *counts != [0, 0]),
        ]
    }
}

impl Describe for Pair {
    fn action_kinds(&self) -> &'static [&'static str] {
        &["Count"]
    }

    fn action_kind(&self, _: &usize) -> usize {
        0
    }

    fn action_in_words(&self, counter: &usize) -> String {
        format!("counter {counter} counts")
    }

    fn value(&self, counts: &[u8; 2]) -> Value {
        Value::list(*counts)
    }

    fn canonical(&self, counts: &[u8; 2]) -> Option<[u8; 2]> {
        let mut sorted = *counts;
        sorted.sort_unstable();
        self.alike.then_some(sorted)
    }
}

impl Catalogued for Pair {
    type Bug = ();

    const NAME: &'static str = "pair";
    const ABOUT: &'static str = "Two counters.";
    const MUTANTS: &'static [Mutant<()>] =
        &[Mutant { name: "goes-to-two", bug: (), bound: "one", property: "small", lesson: "two is more than one" }];

    fn constants() -> Vec<Constant> {
        vec![
            Constant { name: "alike", domain: Domain::Boolean, about: "whether neither is the first" },
            Constant { name: "most", domain: Domain::Integer(1, 9), about: "how far they count" },
        ]
    }

    fn bounds() -> Vec<Bound> {
        let bound = |name, alike: bool, most: i64, left_out| Bound {
            name,
            about: "a pair",
            profile: Profile::Ci,
            constants: vec![("alike", alike.into()), ("most", most.into())],
            properties: PropertySet::AllBut(left_out),
            expected: &[],
            counts: None,
        };
        vec![
            bound("ci", false, 2, &[]),
            bound("one", false, 1, &["moves"]),
            bound("twins", true, 2, &["moves"]),
            bound("twins-move", true, 2, &[]),
        ]
    }

    /// The bug is that they count to two, whatever is the most.
    fn new(constants: &Constants, bug: Option<()>) -> Result<Self, ConstantError> {
        let most = u8::try_from(constants.number("most")).expect("a constant below ten");
        if constants.is("alike") && most == 9 {
            return Err(ConstantError::new("counters that are alike count to eight"));
        }
        Ok(Self { alike: constants.is("alike"), end: if bug.is_some() { 2 } else { most }, most })
    }
}

fn registry() -> Registry {
    Registry::new().model::<Pair>().plain("chain", "", || Chain { initial: vec![0], end: 9, claims: Vec::new })
}

fn set(name: &str, value: &str) -> Vec<(String, String)> {
    vec![(name.to_owned(), value.to_owned())]
}

#[test]
fn a_refused_symmetry_names_the_bounds_that_take_it() {
    let registry = registry();
    let refused = |row: &Row, bound: &str| match refuse_symmetry(row, &row.case(Some(bound), &[], None).unwrap()) {
        Err(Failure::Usage(text)) => text,
        Err(Failure::Internal(text)) => panic!("{text}"),
        Ok(()) => String::new(),
    };
    let pair = registry.find("pair").unwrap();
    assert_eq!(refused(pair, "twins"), "");
    assert_eq!(
        refused(pair, "ci"),
        "--symmetry: pair has no symmetry with these constants; leave the option out, or choose a bound that takes it\n  \
         there is: twins"
    );
    assert_eq!(
        refused(pair, "twins-move"),
        "--symmetry is not sound for properties of whole behaviours, and pair checks some at `twins-move` (moves); \
         leave the option out, or choose a bound that takes it\n  there is: twins"
    );
    assert_eq!(
        refused(registry.find("chain").unwrap(), "ci"),
        "--symmetry: chain has no symmetry with these constants; leave the option out: no bound of it takes it"
    );
}

/// A value is refused with its constant alone; only of an unknown name all constants are told.
#[test]
fn a_constant_is_refused_with_what_helps() {
    let registry = registry();
    let refused = |model: &str, name: &str, value: &str| {
        registry.find(model).unwrap().case(None, &set(name, value), None).err().unwrap().to_string()
    };
    assert_eq!(
        refused("pair", "most", "10"),
        "pair: `most` cannot be `10`: it is a whole number from 1 to 9\n  most: how far they count"
    );
    assert_eq!(
        refused("pair", "alike", "so-so"),
        "pair: `alike` cannot be `so-so`: it is true or false\n  alike: whether neither is the first"
    );
    assert_eq!(
        refused("pair", "mots", "1"),
        "no constant of pair is named `mots`; did you mean `most`?\n  alike: true or false; whether neither is the first\n  \
         most: a whole number from 1 to 9; how far they count"
    );
    assert_eq!(refused("chain", "n", "1"), "no constant of chain is named `n`\n  there is none");
    let unfit = [set("alike", "true"), set("most", "9")].concat();
    let unfit = registry.find("pair").unwrap().case(None, &unfit, None).err().unwrap().to_string();
    assert_eq!(unfit, "pair: counters that are alike count to eight");
}

/// What is told of the mutant, at a bound with something set.
fn survives(
    mutant: &MutantRow,
    link: Link,
    bound: &str,
    set: &[(String, String)],
    options: &Options,
) -> Option<String> {
    let registry = registry();
    let case = registry.find("pair").unwrap().case(Some(bound), set, Some("goes-to-two")).unwrap();
    let judgement = case.check(options, &()).unwrap();
    survival(mutant, link, &case, &judgement)
}

#[test]
fn a_mutant_that_nothing_notices_is_said_to_survive() {
    let registry = registry();
    let mutant = registry.find("pair").unwrap().mutant("goes-to-two").unwrap();
    let told = |bound: &str, set: &[(String, String)]| survives(mutant, Link::Model, bound, set, &Options::default());
    let here = "with goes-to-two planted nothing is violated at this bound, so it survives here; it is to be killed";
    assert_eq!(told("ci", &[]).unwrap(), format!("{here} at the bound `one`, by `small`"));
    assert_eq!(told("one", &set("most", "2")).unwrap(), format!("{here} at `one` without --set, by `small`"));
    // Where it is killed, and where the search was cut, it does not survive.
    assert_eq!(told("one", &[]), None);
    let cut = Options { max_states: Some(2), ..Options::default() };
    assert_eq!(survives(mutant, Link::Model, "ci", &[], &cut), None);
    // A mutant of code that this link must miss.
    let of_runs = MutantRow { expected: vec![(Link::L2, "count")], ..mutant.clone() };
    assert_eq!(
        survives(&of_runs, Link::L1, "ci", &[], &Options::default()).unwrap(),
        "with goes-to-two planted nothing is violated at this bound, so it survives here; it is not this check that is to \
         kill it, but L2"
    );
    assert_eq!(ends(self::registry(), &["check", "pair", "--mutant", "goes-to-two", "--bound", "ci"]), exit::OK);
}

/// The engine has a bit for each class and predicate; only what is beyond is told.
#[test]
fn too_many_claims_of_behaviours_are_refused_by_the_limit_alone() {
    fn claims<const NUMBER: usize>() -> Vec<Property<Chain>> {
        let name = |at: usize| -> &'static str { Box::leak(format!("reaches nine {at}").into_boxed_str()) };
        (0..NUMBER).map(|at| Property::eventually(name(at), |_, count| *count == 9)).collect()
    }
    let checked = |claims: fn() -> Vec<Property<Chain>>| {
        check(&Arc::new(Plain(Chain { initial: vec![0], end: 9, claims })), |_| true, &Options::default(), &())
    };
    assert!(checked(claims::<64>).is_ok());
    assert_eq!(
        checked(claims::<65>).unwrap_err(),
        "the properties of whole behaviours name 65 state predicates (at most 64); set constants that make the model \
         smaller, such as fewer processes or features, or choose a bound that checks fewer of these properties, or none: \
         a bound chooses its properties by its `PropertySet`"
    );
}
