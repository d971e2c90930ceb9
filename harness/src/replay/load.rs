//! Reads a kept counterexample. Whatever the file holds, it is read or refused at the line that is wrong.

use crate::excerpt::{FileError, Wrong, describe, offset, place_of, read};
use crate::registry::{Case, InputError, Registry};
use crate::store::{SCHEMA, Saved};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::ops::Range;
use std::path::Path;

/// Reads the file and makes the model that it names, with its constants and its mutant.
///
/// # Errors
/// When the file cannot be read, is no kept counterexample, or names what the registry does not have.
pub fn load(registry: &Registry, path: &Path) -> Result<(Saved, Case), FileError> {
    let text = read(path)?;
    parse_named(registry, &path.display().to_string(), &text)
}

/// Reads the text of a file that errors call `shown`, and makes the model that it names.
///
/// # Errors
/// When it is no kept counterexample, or names what the registry does not have.
pub(crate) fn parse_named(registry: &Registry, shown: &str, text: &str) -> Result<(Saved, Case), FileError> {
    parse(registry, text).map_err(|wrong| wrong.show(shown, text))
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

    let row = registry.find(&saved.model).map_err(|error| unknown(&error, at(places.model)))?;
    row.bound(Some(&saved.bound)).map_err(|error| unknown(&error, at(places.bound)))?;
    if let (Some(mutant), Some(place)) = (&saved.mutant, places.mutant) {
        row.mutant(mutant).map_err(|error| unknown(&error, at(place)))?;
    }
    let set = saved.settings();
    let case = row
        .case(Some(&saved.bound), &set, saved.mutant.as_deref())
        .map_err(|error| unknown(&error, at(places.constants)))?;
    let claims = case.subject.claims();
    if !claims.iter().any(|claim| claim.name == saved.property && claim.kind == saved.kind) {
        let what = format!("{} property of {}", saved.kind, saved.model);
        let names = claims.iter().map(|claim| claim.name);
        return Err(unknown(&InputError::unknown(&what, &saved.property, names), at(places.property)));
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

/// What a file names at that place does not exist, or does not fit.
pub(super) fn unknown(error: &InputError, place: Range<usize>) -> Wrong {
    let shown = error.to_string();
    // Without a list of what there is, each part exists and they do not go together: the text says why.
    let (what, more) = shown.split_once('\n').unwrap_or(("the model cannot be made with these constants", &shown));
    Wrong { what: what.to_owned(), label: more.trim().to_owned(), place }
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
