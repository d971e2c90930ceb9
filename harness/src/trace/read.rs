//! Reads a trace. Whatever the file holds, it is read or refused at the line and field that are wrong.

use super::{Footer, Header, LineOf, SCHEMA, Trace, TraceOf, checksum};
use crate::excerpt::{Wrong, describe, offset, place_of};
use crate::mapping::{Field, Mapping};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ops::Range;

/// The header of a trace, before its system is known.
///
/// # Errors
/// When the first line is no header of this version.
pub(crate) fn header(text: &str) -> Result<Header, Wrong> {
    let first = text.lines().next().unwrap_or_default();
    let header: Header = part(text, first, "this is no trace: its first line is no header")?;
    if header.trace != SCHEMA {
        return Err(Wrong {
            what: format!("this trace is of version {} of the format", header.trace),
            label: format!("field `trace`: only version {SCHEMA} is known"),
            place: offset(text, first),
        });
    }
    Ok(header)
}

/// What is wrong with a field of a header.
pub(crate) fn in_header(text: &str, field: &str, why: &str) -> Wrong {
    let first = text.lines().next().unwrap_or_default();
    let what = "this trace does not fit the system".to_owned();
    Wrong { what, label: format!("field `{field}`: {why}"), place: offset(text, first) }
}

/// The events of a trace whose header was read.
///
/// # Errors
/// When a line is damaged or lost, or names what the mapping does not have.
pub(crate) fn read<M: Mapping>(mapping: &M, text: &str) -> Result<TraceOf<M>, Wrong> {
    let lines: Vec<_> = text.lines().collect();
    let [_, events @ .., last] = lines.as_slice() else { return Err(truncated(text)) };
    let Ok(Footer { end }) = serde_json::from_str::<Footer>(last) else {
        // A line that is an event, or was one before it was cut, is not a footer that is damaged.
        return Err(if last.starts_with("{\"end\"") { damaged_footer(text, last) } else { truncated(text) });
    };
    let mut read = Vec::with_capacity(events.len());
    for line in events {
        let event: LineOf<M> = part(text, line, "this line of the trace is damaged")?;
        names_fields(mapping, &event).map_err(|label| Wrong {
            what: "this line of the trace does not fit the model".into(),
            label,
            place: offset(text, line),
        })?;
        read.push(event);
    }
    let wrong = |field: &str, label: String| {
        Err(Wrong {
            what: "lines of this trace are lost or changed".into(),
            label: format!("field `{field}`: {label}"),
            place: offset(text, last),
        })
    };
    if end.events != read.len() as u64 {
        return wrong("events", format!("{} were written, and {} are here", end.events, read.len()));
    }
    let found = checksum(&text[..offset(text, last).start]);
    if end.checksum != found {
        return wrong("checksum", format!("the lines before this have {found}"));
    }
    let unknown = read.iter().find(|line| end.nodes.get(&line.node).is_none_or(|&recorded| line.seq >= recorded));
    if let Some(line) = unknown {
        return wrong("nodes", format!("node {} has recorded no event {}", line.node, line.seq));
    }
    Ok(Trace { lines: read, nodes: end.nodes })
}

/// Parses a line, or says at which field it is wrong.
fn part<'a, T: Deserialize<'a>>(text: &str, line: &'a str, what: &str) -> Result<T, Wrong> {
    let mut parser = serde_json::Deserializer::from_str(line);
    let parsed = serde_path_to_error::deserialize(&mut parser);
    parsed.map_err(|error| {
        let within = error.path().to_string();
        let field = if within == "." { String::new() } else { format!("field `{within}`: ") };
        let at = place_of(error.inner(), line);
        let start = offset(text, line).start;
        Wrong {
            what: what.to_owned(),
            label: format!("{field}{}", describe(error.inner())),
            place: start + at.start..start + at.end,
        }
    })
}

fn damaged_footer(text: &str, last: &str) -> Wrong {
    match part::<Footer>(text, last, "the last line of the trace is damaged") {
        Err(wrong) => wrong,
        Ok(_) => truncated(text),
    }
}

fn truncated(text: &str) -> Wrong {
    let last = text.lines().next_back().unwrap_or_default();
    let end: Range<usize> = offset(text, last);
    Wrong {
        what: "this trace is truncated".into(),
        label: "its last line should have the field `end`".into(),
        place: end,
    }
}

/// Whether a line has exactly the fields that its node decides.
fn names_fields<M: Mapping>(mapping: &M, line: &LineOf<M>) -> Result<(), String> {
    let expected: BTreeSet<_> = mapping.fields(line.node).iter().map(Field::name).collect();
    for of in &line.instances {
        let found: BTreeSet<_> = of.fields.keys().cloned().collect();
        let list = || expected.iter().cloned().collect::<Vec<_>>().join(", ");
        if let Some(stray) = found.difference(&expected).next() {
            return Err(format!("field `{stray}` of {}: node {} has {}", of.instance, line.node, list()));
        }
        if let Some(missing) = expected.difference(&found).next() {
            return Err(format!("field `{missing}` of {} is missing: node {} has {}", of.instance, line.node, list()));
        }
    }
    if line.event.node() != line.node {
        return Err(format!("field `node`: the event happens at node {}", line.event.node()));
    }
    Ok(())
}
