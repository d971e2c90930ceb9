use super::*;
use crate::check::Options;
use crate::excerpt::FileError;
use crate::registry::{InputError, Registry};
use crate::store::{Saved, Store, counterexamples};
use proofmark_vocabulary::{Constant, Constants, Domain, Model, Property, Value};
use proptest::prelude::*;
use std::path::Path as FilePath;

/// A hand of a clock that a bug keeps from going beyond `stuck`: a plain Stateright model.
#[derive(Clone)]
struct Clock {
    hours: usize,
    stuck: usize,
}

impl Model for Clock {
    type State = usize;
    type Action = &'static str;

    fn init_states(&self) -> Vec<usize> {
        vec![0]
    }

    fn actions(&self, _: &usize, actions: &mut Vec<&'static str>) {
        actions.extend(["tick", "turn back"]);
    }

    fn next_state(&self, hour: &usize, action: &'static str) -> Option<usize> {
        match action {
            "tick" if *hour < self.stuck => Some((hour + 1) % self.hours),
            "turn back" if *hour == 2 => Some(1),
            _ => None,
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("below three", |_, hour| *hour < 3),
            Property::eventually("reaches three", |_, hour| *hour == 3),
            Property::eventually("reaches four", |_, hour| *hour == 4),
            Property::sometimes("moves", |_, hour| *hour > 0),
        ]
    }
}

fn registry() -> Registry {
    let stuck = Constant { name: "stuck", domain: Domain::Integer(0, 12), about: "where the hand sticks" };
    let clock = |constants: &Constants| Clock { hours: 12, stuck: constants.number("stuck") };
    Registry::new().plain_with("clock", "a clock", vec![(stuck, Value::Integer(5))], clock)
}

fn kept(set: &[(&str, &str)]) -> Vec<Saved> {
    let set: Vec<_> = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let case = registry().find("clock").unwrap().case(None, &set, None).unwrap();
    let judgement = case.check(&Options::default(), &()).unwrap();
    let found: Vec<_> = counterexamples(&judgement).map(|(_, saved)| saved).collect();
    // An ID tells one counterexample from another, on every run.
    let again = case.check(&Options { threads: 1, ..Options::default() }, &()).unwrap();
    assert!(counterexamples(&judgement).eq(counterexamples(&again)));
    found
}

fn replayed(saved: &Saved, set: &[(String, String)]) -> Replay {
    registry().find("clock").unwrap().case(None, set, None).unwrap().subject.replay(saved)
}

#[test]
fn what_the_engine_finds_is_reproduced() {
    let found = kept(&[]);
    let properties: Vec<_> = found.iter().map(|saved| saved.property.as_str()).collect();
    assert_eq!(properties, ["below three", "reaches three", "reaches four"]);
    for saved in found {
        assert_eq!(replayed(&saved, &[]), Replay::Reproduced(None), "{saved:?}");
    }
    // Here the behaviour ends instead of going round.
    let ends = kept(&[("stuck", "1")]);
    assert_eq!(replayed(&ends[0], &[("stuck".into(), "1".into())]), Replay::Reproduced(None));
}

#[test]
fn a_changed_model_is_told_at_the_step_that_no_longer_fits() {
    let saved = kept(&[]).remove(0);
    let enabled = vec!["\"turn back\"".to_owned()];
    let departure = Departure::NotEnabled { guard: None, enabled };
    assert_eq!(replayed(&saved, &[("stuck".into(), "2".into())]), Replay::Changed { step: 3, departure });

    let mut elsewhere = saved.clone();
    elsewhere.steps[1].state = Value::from("7");
    assert!(matches!(
        replayed(&elsewhere, &[]),
        Replay::Changed { step: 1, departure: Departure::WrongState(changes) } if changes.len() == 1
    ));
    let mut shorter = saved.clone();
    shorter.steps.pop();
    assert!(matches!(replayed(&shorter, &[]), Replay::Harmless(_)));
    let mut open = saved;
    open.back_to = Some(0);
    assert_eq!(replayed(&open, &[]), Replay::Changed { step: 3, departure: Departure::NotClosed });
}

/// Loads text as a kept file.
fn load_text(text: &[u8]) -> Result<Saved, FileError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.json");
    std::fs::write(&path, text).unwrap();
    load(&registry(), &path).map(|(saved, _)| saved)
}

#[test]
fn a_kept_file_is_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let case = registry().find("clock").unwrap().case(None, &[], None).unwrap();
    let judgement = case.check(&Options::default(), &()).unwrap();
    let store = Store::within(directory.path());
    store.keep(&judgement).unwrap();

    let expected: Vec<_> = counterexamples(&judgement).collect();
    let mut ids: Vec<_> = expected.iter().map(|(id, _)| id.clone()).collect();
    ids.sort();
    assert_eq!(store.ids(), ids);
    for (id, saved) in expected {
        assert_eq!(load(&registry(), &store.path(&id)).map(|(read, _)| read), Ok(saved));
    }
    assert!(load(&registry(), FilePath::new("/nowhere/at/all")).is_err());
    assert!(load(&registry(), directory.path()).is_err());
}

/// Why a script of that text is refused; nothing if it is not.
fn refused(text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.behaviour");
    std::fs::write(&path, text).unwrap();
    run(&registry(), &path).err().map(|error| error.to_string()).unwrap_or_default()
}

/// How a script of that text ends.
fn ended(text: &str) -> Ending {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.behaviour");
    std::fs::write(&path, text).unwrap();
    run(&registry(), &path).unwrap().played.ending
}

/// Of what goes round for ever, all that it violates is told by the script, or it is not as the script says.
#[test]
fn what_is_violated_for_ever_is_told_and_once() {
    let for_ever = "model: clock\nset: stuck=2\n\n\"tick\"\n\"tick\"\nfor ever:\n\"turn back\"\n\"tick\"\n";
    let told = |text: &str| match ended(text) {
        Ending::Violated(found) => found.into_iter().map(|found| found.property).collect::<Vec<_>>(),
        other => panic!("{text}: {other:?}"),
    };
    let untold = |text: &str| match ended(text) {
        Ending::Unexpected(found) => found.property,
        other => panic!("{text}: {other:?}"),
    };
    let both = ["violated: reaches three\n", "violated: reaches four\n"].concat();
    assert_eq!(told(&format!("{for_ever}{both}")), ["reaches three", "reaches four"]);
    assert_eq!(untold(&format!("{for_ever}violated: reaches three\n")), "reaches four");
    assert_eq!(untold(for_ever), "reaches three");
}

/// What is nearly an expectation is no action: it is refused with the form that it should have.
#[test]
fn an_expectation_without_a_part_is_refused_with_its_form() {
    for (line, form) in [
        ("refused by quorum", "refused by GUARD: ACTION"),
        ("refused by quorum:", "refused by GUARD: ACTION"),
        ("refused by: \"tick\"", "refused by GUARD: ACTION"),
        ("not enabled \"tick\"", "not enabled: ACTION"),
        ("not enabled:", "not enabled: ACTION"),
        ("violated", "violated: PROPERTY"),
        ("violated:", "violated: PROPERTY"),
        ("violated below three", "violated: PROPERTY"),
        ("for ever", "for ever:"),
        ("for ever: \"tick\"", "for ever:"),
    ] {
        let said = refused(&format!("model: clock\n\"tick\"\n{line}\n"));
        assert!(said.contains(&format!("a line that begins so is `{form}`")), "{line}: {said}");
        assert!(said.contains("x.behaviour:3:1") && !said.contains("enabled there"), "{line}: {said}");
    }
    // A longer word is none of them, and is looked for among the actions; what has its form is read.
    assert!(refused("model: clock\nviolatedly\n").contains("what is enabled there"));
    let full = "model: clock\n\"tick\"\n\"tick\"\n\"tick\"\nviolated: below three\n";
    assert_eq!(refused(full), "");
}

/// What goes round for ever is the end, so there is one; and what an editor puts before the first line is no step.
#[test]
fn a_script_goes_round_once_and_may_begin_with_a_mark() {
    let said = refused("model: clock\nfor ever:\n\"tick\"\nfor ever:\n");
    assert!(said.contains("`for ever:` is said twice") && said.contains("x.behaviour:4:1"), "{said}");
    assert_eq!(refused("\u{feff}model: clock\n\"tick\"\n"), "");
}

/// A value that a constant cannot have, and constants that do not fit together, are each told by what is wrong.
#[test]
fn what_a_script_sets_wrongly_is_labelled_with_what_is_wrong() {
    let said = refused("model: clock\nset: stuck=13\n\"tick\"\n");
    assert!(said.contains("clock: `stuck` cannot be `13`: it is a whole number from 0 to 12"), "{said}");
    assert!(said.contains("^^ stuck: where the hand sticks"), "{said}");
    let unfit = InputError::new("clock: a hand that sticks at 2 needs three hours");
    let wrong = load::unknown(&unfit, 0..1);
    assert_eq!(wrong.what, "the model cannot be made with these constants");
    assert_eq!(wrong.label, "clock: a hand that sticks at 2 needs three hours");
}

/// A walk whose states and actions do not look like what they are.
#[derive(Clone)]
struct Blurred;

#[derive(Clone, PartialEq, Hash)]
struct Place(u64);

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "somewhere")
    }
}

impl Model for Blurred {
    type State = Place;
    type Action = u64;

    fn init_states(&self) -> Vec<Place> {
        vec![Place(0), Place(100)]
    }

    fn actions(&self, _: &Place, actions: &mut Vec<u64>) {
        actions.extend([1, 2]);
    }

    fn next_state(&self, place: &Place, by: u64) -> Option<Place> {
        (place.0 % 100 < 90).then(|| Place(place.0 + by))
    }

    fn format_action(&self, _: &u64) -> String {
        "a step".into()
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("never 106", |_, place: &Place| place.0 != 106),
            Property::always("never 180", |_, place: &Place| place.0 != 180),
            Property::eventually("some 3", |_, place: &Place| place.0 == 3),
        ]
    }
}

/// A step that may stand for several is followed on all of them: some behaviour that looks so still fails.
#[test]
fn what_looks_alike_is_followed_on_all_branches() {
    let registry = Registry::new().plain("blurred", "", || Blurred);
    let case = registry.find("blurred").unwrap().case(None, &[], None).unwrap();
    let judgement = case.check(&Options::default(), &()).unwrap();
    let found: Vec<_> = counterexamples(&judgement).map(|(_, saved)| saved).collect();
    assert_eq!(found.len(), 3);
    assert_eq!(found[1].steps.len(), 41);
    for saved in &found[..2] {
        assert_eq!(case.subject.replay(saved), Replay::Reproduced(None), "{}", saved.property);
    }
    // By which way it came there matters, and there are too many ways to follow.
    assert!(matches!(case.subject.replay(&found[2]), Replay::Undecided(_)), "{:?}", case.subject.replay(&found[2]));
    // 106 is reached by three steps at the least, and no two look alike enough to pass for three.
    let short = Saved { steps: found[0].steps[..3].to_vec(), ..found[0].clone() };
    assert!(matches!(case.subject.replay(&short), Replay::Harmless(_)));
}

#[test]
fn two_models_of_one_name_are_refused() {
    let clock = || Clock { hours: 12, stuck: 5 };
    let twice = Registry::new().plain("clock", "", clock).plain("clock", "", clock);
    assert!(twice.validate().unwrap_err().to_string().contains("two models are named `clock`"));
    assert!(Registry::new().plain("../clock", "", clock).validate().is_err());
    assert!(registry().validate().is_ok());
}

proptest! {
    /// Whatever is in the file, it is read or refused: no panic.
    #[test]
    fn no_file_is_a_panic(junk in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(load_text(&junk).is_err());
    }

    /// Likewise for a kept file that was damaged, and what is read can be stepped.
    #[test]
    fn no_damaged_file_is_a_panic(
        which in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..6),
    ) {
        thread_local! {
            static KEPT: Vec<String> =
                kept(&[]).iter().map(|saved| serde_json::to_string_pretty(saved).unwrap()).collect();
        }
        let mut text = KEPT.with(|kept| kept[which.index(kept.len())].clone()).into_bytes();
        for (place, how, byte) in damage {
            if text.is_empty() {
                break;
            }
            let at = place.index(text.len());
            match how {
                0 => text[at] = byte,
                1 => { text.remove(at); }
                2 => text.insert(at, b"0123456789,:[]{}\"n\xc3"[usize::from(byte) % 19]),
                _ => text.truncate(at.max(1)),
            }
        }
        if let Ok(saved) = load_text(&text) {
            let _ = replayed(&saved, &[]);
        }
    }
}
