//! `replay`: a kept counterexample, a recorded trace or a script, step by step.

use super::output::{BAD, DOUBT, FAINT, GOOD, STRONG, plain, plain_lines};
use super::session::Session;
use super::{Ended, Failure, conform, exit, panics, trace};
use crate::excerpt;
use crate::judgement::violation_code;
use crate::links::Link;
use crate::place::Place;
use crate::registry::{Case, InputError};
use crate::replay::{self, Departure, Ending, Found, Played, Replay, Scripted, departed, is_script, load};
use crate::store::Saved;
use anstyle::Style;
use serde_json::json;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

pub(super) fn run(session: &mut Session<'_>, named: &OsStr) -> Ended {
    session.refuse_outputs("replay")?;
    let path = find(session, named)?;
    if let Some(code) = recorded(session, &path)? {
        return Ok(code);
    }
    if let Some(code) = scripted(session, &path)? {
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

/// Steps a script, if the file is one, and judges whether all is as it says.
fn scripted(session: &mut Session<'_>, path: &Path) -> Result<Option<u8>, Failure> {
    if !excerpt::read(path).is_ok_and(|text| is_script(&text)) {
        return Ok(None);
    }
    let stepped = panics::catch(|| replay::run(session.registry, path))
        .map_err(|said| Failure::Internal(format!("while stepping {}: {said}", path.display())))?;
    let stepped = stepped.map_err(|error| Failure::Usage(error.to_string()))?;
    let (case, played) = stepped.told();
    if session.json() {
        session.json_line(&script_object(case, &stepped))?;
    } else {
        show_script(session, case, &stepped);
    }
    let code = |played: &Played| match &played.ending {
        Ending::Allowed => exit::OK,
        Ending::Violated(found) => found.iter().map(|found| violation_code(found.kind)).fold(exit::OK, exit::worse),
        Ending::Unexpected(found) => violation_code(found.kind),
        Ending::Harmless(..) => exit::VACUOUS,
        Ending::Undecided(_) => exit::INCOMPLETE,
    };
    Ok(Some(exit::worse(code(&stepped.played), code(played))))
}

fn show_script(session: &mut Session<'_>, case: &Case, stepped: &Scripted) {
    let Case { model, bound, mutant, .. } = case;
    let (_, played) = stepped.told();
    let out = &mut session.out;
    if !session.everywhere.quiet {
        let planted = mutant.as_ref().map_or_else(String::new, |mutant| format!(" with {mutant} planted"));
        out.line(format_args!("{STRONG}{model} at {}{planted}{STRONG:#}", bound.name));
        for line in trace::lines(&played.steps, played.back_to) {
            out.line(format_args!("  {line}"));
        }
        out.line("");
    }
    let told = stepped.planted.as_ref().map(|(_, played)| ("with the bug: ", played));
    let without = if told.is_some() { "without the bug: " } else { "" };
    for (which, played) in std::iter::once((without, &stepped.played)).chain(told) {
        let (style, says) = ending(played);
        out.line(format_args!("{which}{style}{says}{style:#}{}", refusals(played)));
    }
    let violated = match &played.ending {
        Ending::Violated(found) => found.last(),
        Ending::Unexpected(found) => Some(found),
        _ => None,
    };
    let place = violated.and_then(|found| case.stated(&found.property, found.kind));
    if let Some(place) = place.filter(|_| !session.everywhere.quiet) {
        out.line(format_args!("{FAINT}stated in:{FAINT:#} {place}"));
    }
}

fn refusals(played: &Played) -> String {
    match played.refused {
        0 => String::new(),
        1 => "; one action is refused, as the file says".to_owned(),
        more => format!("; {more} actions are refused, as the file says"),
    }
}

/// What is to be said of a behaviour, and how it looks.
fn ending(played: &Played) -> (Style, String) {
    let at = played.steps.len().saturating_sub(1);
    let violated = |found: &Found| {
        let why = found.why.as_ref().map_or_else(String::new, |why| format!(": {}", plain_lines(why)));
        format!("{} ({}) is violated at step {}{why}", plain(&found.property), found.kind, found.step)
    };
    match &played.ending {
        Ending::Allowed => (GOOD, "allowed, and nothing is violated".to_owned()),
        Ending::Violated(found) => {
            let all: Vec<_> = found.iter().map(violated).collect();
            (BAD, format!("{}, as the file says", all.join("; ")))
        }
        Ending::Unexpected(found) => (BAD, format!("{}, of which the file says nothing", violated(found))),
        Ending::Harmless(property, why) => {
            (BAD, format!("{} is not violated at step {at}: {}", plain(property), plain_lines(why)))
        }
        Ending::Undecided(why) => (DOUBT, format!("incomplete: {}; `check` can tell", plain_lines(why))),
    }
}

fn script_object(case: &Case, stepped: &Scripted) -> serde_json::Value {
    let (_, played) = stepped.told();
    let (verdict, found) = match &played.ending {
        Ending::Allowed => ("allowed", None),
        Ending::Violated(found) => ("reproduced", found.last()),
        Ending::Unexpected(found) => ("unexpected", Some(found)),
        Ending::Harmless(..) => ("harmless", None),
        Ending::Undecided(_) => ("undecided", None),
    };
    let (_, why) = ending(played);
    json!({
        "model": case.model, "bound": case.bound.name, "mutant": case.mutant,
        "property": found.map(|found| &found.property), "kind": found.map(|found| found.kind),
        "verdict": verdict, "step": played.steps.len().saturating_sub(1), "why": why,
        "as_said": stepped.is_as_said(),
    })
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
