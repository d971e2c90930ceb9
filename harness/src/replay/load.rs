//! Reads a kept counterexample. Whatever the file holds, it is read or refused at the line that is wrong.

use crate::registry::{Case, InputError, Registry};
use crate::store::{SCHEMA, Saved};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::ops::Range;
use std::path::Path;

/// Why a file is no counterexample that can be replayed: the text shows the line under a caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError(String);

/// Reads the file and makes the model that it names, with its constants and its mutant.
///
/// # Errors
/// When the file cannot be read, is no kept counterexample, or names what the registry does not have.
pub fn load(registry: &Registry, path: &Path) -> Result<(Saved, Case), LoadError> {
    let text = read(path)?;
    let shown = path.display().to_string();
    parse(registry, &text).map_err(|wrong| LoadError(wrong.show(&shown, &text)))
}

fn read(path: &Path) -> Result<String, LoadError> {
    let refuse = |why: String| LoadError(format!("error: cannot read {}: {why}", path.display()));
    let file = std::fs::File::open(path).map_err(|cause| refuse(cause.to_string()))?;
    if !file.metadata().is_ok_and(|about| about.is_file()) {
        return Err(refuse("it is not a file".into()));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|cause| refuse(cause.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(refuse(format!("it is larger than {} MiB", LARGEST >> 20)));
    }
    String::from_utf8(bytes)
        .map_err(|cause| refuse(format!("it is not UTF-8 text, from byte {} on", cause.utf8_error().valid_up_to())))
}

/// What is wrong, and where.
struct Wrong {
    what: String,
    label: String,
    place: Range<usize>,
}

/// The parts that may name what does not exist, with their places in the text.
#[derive(Deserialize)]
struct Places<'a> {
    #[serde(borrow)]
    model: &'a RawValue,
    #[serde(borrow)]
    bound: &'a RawValue,
    #[serde(borrow)]
    constants: &'a RawValue,
    #[serde(borrow)]
    mutant: Option<&'a RawValue>,
    #[serde(borrow)]
    property: &'a RawValue,
    #[serde(borrow)]
    steps: &'a RawValue,
    #[serde(borrow, rename = "loop")]
    back_to: Option<&'a RawValue>,
}

fn parse(registry: &Registry, text: &str) -> Result<(Saved, Case), Wrong> {
    let malformed = |error: serde_json::Error| Wrong {
        what: "this is not a kept counterexample".into(),
        label: describe(&error),
        place: place_of(&error, text),
    };
    let saved = match version(text) {
        Some((other, place)) if other != SCHEMA => {
            return Err(Wrong {
                what: format!("this counterexample is of version {other} of the format"),
                label: format!("only version {SCHEMA} is known"),
                place,
            });
        }
        _ => serde_json::from_str::<Saved>(text).map_err(malformed)?,
    };
    let places: Places<'_> = serde_json::from_str(text).map_err(malformed)?;
    let at = |part: &RawValue| offset(text, part.get());
    let refused = |error: &InputError, place: Range<usize>| {
        let shown = error.to_string();
        let (what, more) = shown.split_once('\n').unwrap_or((&shown, "the registry does not have it"));
        Wrong { what: what.to_owned(), label: more.trim().to_owned(), place }
    };

    let row = registry.find(&saved.model).map_err(|error| refused(&error, at(places.model)))?;
    row.bound(Some(&saved.bound)).map_err(|error| refused(&error, at(places.bound)))?;
    if let (Some(mutant), Some(place)) = (&saved.mutant, places.mutant) {
        row.mutant(mutant).map_err(|error| refused(&error, at(place)))?;
    }
    let set = settings(&saved.constants);
    let case = row
        .case(Some(&saved.bound), &set, saved.mutant.as_deref())
        .map_err(|error| refused(&error, at(places.constants)))?;
    let claims = case.subject.claims();
    if !claims.iter().any(|claim| claim.name == saved.property && claim.kind == saved.kind) {
        let what = format!("{} property of {}", saved.kind, saved.model);
        let names = claims.iter().map(|claim| claim.name);
        return Err(refused(&InputError::unknown(&what, &saved.property, names), at(places.property)));
    }
    if saved.steps.is_empty() {
        let what = "a counterexample has at least one step".into();
        return Err(Wrong { what, label: "there is none here".into(), place: at(places.steps) });
    }
    if let (Some(back_to), Some(place)) = (saved.back_to, places.back_to)
        && back_to >= saved.steps.len()
    {
        let what = format!("the behaviour cannot return to step {back_to}");
        return Err(Wrong { what, label: format!("the last is {}", saved.steps.len() - 1), place: at(place) });
    }
    Ok((saved, case))
}

/// The constants as `--set` takes them, so that a constant that was added since keeps the bound's value.
fn settings(constants: &BTreeMap<String, proofmark_vocabulary::Value>) -> Vec<(String, String)> {
    constants.iter().map(|(name, value)| (name.clone(), value.to_string())).collect()
}

/// The version of the format, if the text has one at all.
fn version(text: &str) -> Option<(u32, Range<usize>)> {
    #[derive(Deserialize)]
    struct Versioned<'a> {
        #[serde(borrow)]
        schema: &'a RawValue,
    }
    let versioned: Versioned<'_> = serde_json::from_str(text).ok()?;
    Some((versioned.schema.get().parse().ok()?, offset(text, versioned.schema.get())))
}

/// Where a part that was borrowed from the text stands in it.
fn offset(text: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize).min(text.len());
    start..(start + part.len()).min(text.len())
}

/// The character at which the parser gave up.
fn place_of(error: &serde_json::Error, text: &str) -> Range<usize> {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut start = (before + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let end = text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
    start..end
}

/// The parser's words without the place, which the caret shows.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(what, _)| what.to_owned())
}

impl Wrong {
    fn show(&self, path: &str, text: &str) -> String {
        // Lines of a machine's making may be very long; the renderer folds what is far from the place.
        let snippet = Snippet::source(text)
            .path(path)
            .fold(true)
            .annotation(AnnotationKind::Primary.span(self.place.clone()).label(self.label.as_str()));
        let report: &[Group<'_>] = &[Level::ERROR.primary_title(self.what.as_str()).element(snippet)];
        Renderer::plain().render(report)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl std::error::Error for LoadError {}

/// Bytes that a counterexample may have: more is no file of ours.
const LARGEST: u64 = 64 << 20;
