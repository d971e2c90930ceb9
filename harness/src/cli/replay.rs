//! `replay`: a kept counterexample, step by step.

use super::output::{BAD, DOUBT, FAINT, GOOD, STRONG, plain, plain_lines};
use super::session::Session;
use super::{Ended, Failure, conform, exit, panics, trace};
use crate::excerpt;
use crate::judgement::violation_code;
use crate::links::Link;
use crate::place::Place;
use crate::registry::InputError;
use crate::replay::{Departure, Replay, departed, load};
use crate::store::Saved;
use serde_json::json;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

pub(super) fn run(session: &mut Session<'_>, named: &OsStr) -> Ended {
    session.refuse_outputs("replay")?;
    let path = find(session, named)?;
    if let Some(code) = recorded(session, &path)? {
        return Ok(code);
    }
    let (saved, case) = load(session.registry, &path).map_err(|error| Failure::Usage(error.to_string()))?;
    let replayed = panics::catch(|| case.subject.replay(&saved))
        .map_err(|said| Failure::Internal(format!("while replaying {}: {said}", path.display())))?;
    let code = match &replayed {
        // Of code, a step that is none of the model's is a divergence.
        Replay::Reproduced(_) if saved.kind == "refinement" && is_code(session, &saved.model) => exit::DIVERGED,
        Replay::Reproduced(_) => violation_code(&saved.kind),
        Replay::Undecided(_) => exit::INCOMPLETE,
        Replay::Harmless(_) | Replay::Changed { .. } => exit::OK,
    };
    if session.json() {
        session.json_line(&object(&saved, &replayed))?;
    } else {
        show(session, &saved, &replayed, case.stated(&saved.property, &saved.kind));
    }
    Ok(code)
}

fn is_code(session: &Session<'_>, model: &str) -> bool {
    session.registry.find(model).is_ok_and(|row| row.target.1 == Link::L1)
}

/// Steps a recorded trace, if the file is one, and judges it.
fn recorded(session: &mut Session<'_>, path: &Path) -> Result<Option<u8>, Failure> {
    let Ok(text) = excerpt::read(path) else { return Ok(None) };
    if !text.starts_with("{\"trace\"") {
        return Ok(None);
    }
    let system = conform::system_of(session.registry, path, &text)?;
    if !session.json() && !session.everywhere.quiet {
        let shown = path.display().to_string();
        let told = system.links.tell(&shown, &text).map_err(|error| Failure::Usage(error.to_string()))?;
        for (at, (event, fields)) in told.iter().enumerate() {
            session.out.line(format_args!("  {:>4}  {event}", at + 1));
            for field in fields {
                session.out.line(format_args!("        {FAINT}{field}{FAINT:#}"));
            }
        }
        session.out.line("");
    }
    conform::judge_trace(session, system, path, &text).map(Some)
}

/// A file of that name, or what is kept under that ID.
pub(super) fn find(session: &Session<'_>, named: &OsStr) -> Result<PathBuf, Failure> {
    let path = Path::new(named);
    if path.exists() {
        return Ok(path.to_owned());
    }
    let ids = session.store.ids();
    match named.to_str() {
        Some(id) if ids.iter().any(|kept| kept == id) => Ok(session.store.path(id)),
        Some(id) if path.components().count() == 1 && path.extension().is_none() => {
            Err(InputError::unknown("kept counterexample", id, ids.iter().map(String::as_str)).into())
        }
        _ => Err(Failure::Usage(format!("there is no file {}", path.display()))),
    }
}

fn show(session: &mut Session<'_>, saved: &Saved, replayed: &Replay, stated: Option<Place>) {
    let Saved { model, bound, kind, .. } = saved;
    let property = plain(&saved.property);
    let out = &mut session.out;
    if !session.everywhere.quiet {
        let planted = saved.mutant.as_ref().map_or_else(String::new, |mutant| format!(" with {mutant} planted"));
        out.line(format_args!("{STRONG}{model} at {bound}{planted}{STRONG:#}: {property} ({kind})"));
        let (fits, back_to) = match replayed {
            Replay::Changed { step, departure: Departure::NotClosed } => (step + 1, None),
            Replay::Changed { step, .. } => (*step, None),
            _ => (saved.steps.len(), saved.back_to),
        };
        for line in trace::lines(&saved.steps[..fits], back_to) {
            out.line(format_args!("  {line}"));
        }
        out.line("");
    }
    match replayed {
        Replay::Reproduced(explanation) => {
            let why = explanation.as_ref().map_or_else(String::new, |why| format!(": {}", plain_lines(why)));
            out.line(format_args!("{BAD}reproduced{BAD:#}: {property} is violated{why}"));
            if let Some(place) = stated.filter(|_| !session.everywhere.quiet) {
                out.line(format_args!("{FAINT}stated in:{FAINT:#} {place}"));
            }
        }
        Replay::Harmless(why) => {
            out.line(format_args!("{GOOD}no longer fails{GOOD:#}: the behaviour is still possible, and {why}"));
        }
        Replay::Undecided(why) => out.line(format_args!("{DOUBT}incomplete{DOUBT:#}: {why}; `check` can tell")),
        Replay::Changed { step, departure } => {
            out.line(format_args!("{GOOD}no longer fails{GOOD:#}: model changed at step {step}"));
            for line in departed(saved, *step, departure) {
                out.line(format_args!("  {}", plain_lines(&line)));
            }
        }
    }
}

fn object(saved: &Saved, replayed: &Replay) -> serde_json::Value {
    let Saved { model, bound, mutant, property, kind, .. } = saved;
    let (verdict, step, why) = match replayed {
        Replay::Reproduced(why) => ("reproduced", None, why.clone()),
        Replay::Harmless(why) => ("harmless", None, Some(why.clone())),
        Replay::Undecided(why) => ("undecided", None, Some(why.clone())),
        Replay::Changed { step, departure } => {
            ("changed", Some(step), Some(departed(saved, *step, departure).join("\n")))
        }
    };
    json!({
        "model": model, "bound": bound, "mutant": mutant, "property": property, "kind": kind,
        "verdict": verdict, "step": step, "why": why,
    })
}
