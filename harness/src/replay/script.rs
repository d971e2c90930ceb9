//! Scripted behaviours: files of actions by name, written by hand.
//!
//! ```text
//! # A line that begins with # is a comment.
//! model: naive-lock
//! bound: ci
//! set: clients=2
//!
//! client 0 begins to wait for the lock
//! client 0 finds no key, creates it ...
//! ```
//!
//! First comes what is stepped: `model`, and if need be `bound`, `set` (constants, as `--set` takes them) and `mutant`.
//! Each line behind is an action in the words of the model, or their beginning and `...`. Other lines say what is
//! expected there: `refused by GUARD: ACTION`, `not enabled: ACTION`, `violated: PROPERTY`, and `for ever:` before the
//! part to whose beginning the last state returns. No action begins with the words that these begin with.
//!
//! A script that names a mutant is stepped twice. Without the bug what is said to be refused or not enabled is so, and
//! no claim is violated; with the bug those steps are taken too, and the behaviour ends with the last violation.

use super::load::unknown;
use super::play::{Ending, Missed, Played};
use crate::excerpt::{FileError, Wrong, offset, read};
use crate::registry::{Case, InputError, Registry};
use std::ops::Range;
use std::path::Path;

/// A scripted behaviour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The model's name.
    pub model: String,
    /// The bound's, if it is not the usual one.
    pub bound: Option<String>,
    /// The constants that differ from the bound's.
    pub set: Vec<(String, String)>,
    /// The planted bug, by its mutant's name.
    pub mutant: Option<String>,
    /// The steps, and what is expected between them.
    pub(crate) lines: Vec<Line>,
}

/// A line of the behaviour, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) says: Says,
    pub(crate) place: Range<usize>,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// This is done.
    Step(Words),
    /// This is refused, by that guard if one is named.
    Refused(Option<String>, Words),
    /// The behaviour up to here violates that property.
    Violated(String),
    /// From here on it goes round for ever.
    ForEver,
}

/// An action in words, or how they begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) text: String,
    is_beginning: bool,
}

/// A script that was stepped.
pub struct Scripted {
    /// What it says.
    pub script: Script,
    /// The model that it names, without a bug.
    pub sound: Case,
    /// What became of the behaviour there.
    pub played: Played,
    /// The model with the bug, and what became of the behaviour there, if a mutant is named.
    pub planted: Option<(Case, Played)>,
}

impl Line {
    pub(crate) fn says_what_is_violated(&self) -> bool {
        matches!(self.says, Says::Violated(_))
    }
}

impl Words {
    pub(crate) fn mean(&self, action: &str) -> bool {
        if self.is_beginning { action.starts_with(&self.text) } else { action == self.text }
    }

    fn of(text: &str) -> Self {
        let beginning = ["...", "…"].iter().find_map(|dots| text.strip_suffix(dots));
        Self { text: beginning.unwrap_or(text).trim_end().to_owned(), is_beginning: beginning.is_some() }
    }
}

impl Scripted {
    /// The behaviour that the script is about: the one with its bug, if it names one.
    pub fn told(&self) -> (&Case, &Played) {
        self.planted.as_ref().map_or((&self.sound, &self.played), |(case, played)| (case, played))
    }

    /// Whether everything is as the script says, with and without the bug.
    pub fn is_as_said(&self) -> bool {
        let as_said = |played: &Played| matches!(played.ending, Ending::Allowed | Ending::Violated(_));
        as_said(&self.played) && self.planted.as_ref().is_none_or(|(_, played)| as_said(played))
    }
}

/// Whether the text of a file is a script, and not what this program has written: that begins with a brace.
pub fn is_script(text: &str) -> bool {
    !text.trim_start().starts_with('{')
}

/// Reads the script and steps it through the model that it names.
///
/// # Errors
/// When the file cannot be read, is no script, names what the registry does not have, or when some step is not as it
/// says.
pub fn run(registry: &Registry, path: &Path) -> Result<Scripted, FileError> {
    let text = read(path)?;
    let shown = path.display().to_string();
    let (script, sound, planted) = parse(registry, &text).map_err(|wrong| wrong.show(&shown, &text))?;
    let strayed = |missed: Missed| {
        let wrong = Wrong { what: missed.what, label: missed.label, place: script.place(missed.line) };
        let told = std::iter::once(wrong.show(&shown, &text).to_string()).chain(missed.more);
        FileError::new(told.collect::<Vec<_>>().join("\n  "))
    };
    let play = |case: &Case, planted| {
        let selected = |name: &str| case.bound.properties.includes(name);
        case.subject.play(&script, planted, &selected).map_err(strayed)
    };
    let played = play(&sound, false)?;
    let planted = planted.map(|case| Ok((play(&case, true)?, case))).transpose()?.map(|(played, case)| (case, played));
    Ok(Scripted { script, sound, played, planted })
}

impl Script {
    /// Where a line stands; the end of the behaviour is where the last one does.
    fn place(&self, line: usize) -> Range<usize> {
        self.lines.get(line).or(self.lines.last()).map_or(0..0, |line| line.place.clone())
    }
}

/// What a script says of the model before its first step, each with its key; `set` may be said several times.
type Header<'a> = Vec<(&'a str, &'a str)>;

fn wrong(text: &str, what: String, label: &str, part: &str) -> Wrong {
    Wrong { what, label: label.into(), place: offset(text, part) }
}

/// Tells what is stepped from the behaviour.
fn split(text: &str) -> Result<(Header<'_>, Vec<Line>), Wrong> {
    let (mut header, mut lines) = (Header::new(), Vec::new());
    // Some editors begin a file with a mark of its byte order.
    let trimmed = text.lines().map(|line| line.trim_start_matches('\u{feff}').trim());
    for line in trimmed.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let parts = line.split_once(':').map(|(key, value)| (key, value.trim()));
        match parts.filter(|(key, _)| KEYS.contains(key)) {
            Some((key, _)) if !lines.is_empty() => {
                let what = format!("`{key}` stands behind the first step");
                return Err(wrong(text, what, "what is stepped comes first", line));
            }
            Some((key, _)) if key != "set" && header.iter().any(|(other, _)| *other == key) => {
                return Err(wrong(text, format!("`{key}` is said twice"), "once is enough", line));
            }
            Some(said) => header.push(said),
            None => {
                let says = says(line).map_err(|form| {
                    wrong(text, format!("a line that begins so is `{form}`"), "this one is not", line)
                })?;
                lines.push(Line { says, place: offset(text, line) });
            }
        }
    }
    Ok((header, lines))
}

/// Reads the text, and makes the model that it names, without and with the bug.
pub(super) fn parse(registry: &Registry, text: &str) -> Result<(Script, Case, Option<Case>), Wrong> {
    let (header, lines) = split(text)?;
    let wrong = |what: String, label: &str, part: &str| wrong(text, what, label, part);
    let mut set = Vec::new();
    for part in header.iter().filter(|(key, _)| *key == "set").flat_map(|(_, value)| value.split_whitespace()) {
        let Some((name, value)) = part.split_once('=') else {
            return Err(wrong("a constant is set as NAME=VALUE".into(), "this is not", part));
        };
        set.push((name.to_owned(), value.to_owned()));
    }
    let said = |key: &str| header.iter().find(|(other, _)| *other == key).map(|(_, value)| *value);
    let first = text.lines().next().unwrap_or(text);
    let Some(model) = said("model") else {
        return Err(wrong("this is neither a kept counterexample nor a script".into(), NO_MODEL, first));
    };
    let refused =
        |key: &'static str| move |error: InputError| unknown(&error, offset(text, said(key).unwrap_or(first)));
    let row = registry.find(model).map_err(refused("model"))?;
    let (bound, mutant) = (said("bound"), said("mutant"));
    row.bound(bound).map_err(refused("bound"))?;
    let planted = mutant.map(|mutant| row.mutant(mutant)).transpose().map_err(refused("mutant"))?;
    let at = bound.or(planted.map(|planted| planted.bound));
    let constants = if set.is_empty() { "bound" } else { "set" };
    let sound = row.case(at, &set, None).map_err(refused(constants))?;
    let planted = mutant.map(|mutant| row.case(at, &set, Some(mutant))).transpose().map_err(refused(constants))?;

    let at = |line: &Line| &text[line.place.clone()];
    if let Some(mutant) = mutant.filter(|_| !lines.iter().any(Line::says_what_is_violated)) {
        let what = "the behaviour of a mutant violates something".to_owned();
        return Err(wrong(what, "say `violated: PROPERTY` where it does", mutant));
    }
    let claims = planted.as_ref().unwrap_or(&sound).subject.claims();
    for line in &lines {
        if let Says::Violated(property) = &line.says
            && !claims.iter().any(|claim| claim.name == property)
        {
            let names = claims.iter().map(|claim| claim.name);
            let error = InputError::unknown(&format!("property of {model} at this bound"), property, names);
            return Err(unknown(&error, line.place.clone()));
        }
    }
    let unnamed = |line: &&Line| matches!(line.says, Says::Refused(None, _));
    if let Some(line) = lines.iter().find(unnamed).filter(|_| planted.is_none()) {
        let what = "without a mutant nothing says that there is such an action".to_owned();
        return Err(wrong(what, "say `refused by GUARD: ACTION`", at(line)));
    }
    if let Some(line) = lines.iter().filter(|line| line.says == Says::ForEver).nth(1) {
        return Err(wrong("`for ever:` is said twice".into(), "a behaviour ends in one round", at(line)));
    }
    if lines.is_empty() {
        return Err(wrong("the script has no step".into(), "it names the model and nothing else", first));
    }
    let script = Script {
        model: model.to_owned(),
        bound: bound.map(ToOwned::to_owned),
        set,
        mutant: mutant.map(ToOwned::to_owned),
        lines,
    };
    Ok((script, sound, planted))
}

/// What a line says; an error is the form that it should have.
fn says(line: &str) -> Result<Says, &'static str> {
    let said = FORMS.iter().find_map(|(key, form)| Some((*key, *form, behind(line, key)?)));
    let Some((key, form, rest)) = said else { return Ok(Says::Step(Words::of(line))) };
    let (middle, last) = rest.split_once(':').ok_or(form)?;
    match (key, middle.trim(), last.trim()) {
        ("refused by", guard, action) if !guard.is_empty() && !action.is_empty() => {
            Ok(Says::Refused(Some(guard.to_owned()), Words::of(action)))
        }
        ("not enabled", "", action) if !action.is_empty() => Ok(Says::Refused(None, Words::of(action))),
        ("violated", "", property) if !property.is_empty() => Ok(Says::Violated(property.to_owned())),
        ("for ever", "", "") => Ok(Says::ForEver),
        _ => Err(form),
    }
}

/// What stands behind a key, if the line begins with it and not with a longer word.
fn behind<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key).filter(|rest| rest.is_empty() || rest.starts_with([' ', ':']))
}

/// How lines begin that are no actions, and their forms.
const FORMS: [(&str, &str); 4] = [
    ("refused by", "refused by GUARD: ACTION"),
    ("not enabled", "not enabled: ACTION"),
    ("violated", "violated: PROPERTY"),
    ("for ever", "for ever:"),
];

/// What the lines before the first step may say.
const KEYS: [&str; 4] = ["model", "bound", "set", "mutant"];
const NO_MODEL: &str = "a script says `model: NAME` before its first step";
