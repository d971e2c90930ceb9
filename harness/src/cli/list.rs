//! `list`: what there is to check.

use super::output::{FAINT, STRONG};
use super::session::Session;
use super::{Ended, exit};
use crate::interleave::{Case, Explorer};
use crate::links::Link;
use crate::registry::{Row, SystemRow};
use crate::report::words::{count, plural};
use proofmark_vocabulary::{Bound, Domain, Profile, Value};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

pub(super) fn run(session: &mut Session<'_>) -> Ended {
    session.refuse_outputs("list")?;
    let registry = session.registry;
    for (at, row) in registry.rows().iter().enumerate() {
        if session.json() {
            session.json_line(&object(row))?;
        } else if session.everywhere.quiet {
            session.out.line(row.name);
        } else {
            let gap = if at > 0 { "\n" } else { "" };
            session.out.text(gap);
            block(session, row);
        }
    }
    for system in registry.systems() {
        if session.json() {
            let mut object = object(&system.cluster);
            object["system"] = system.name.into();
            if system.interleavings.is_some() {
                object["cases"] = system.cases().iter().map(case).collect();
            }
            object["links"] = json!(system.own_links());
            session.json_line(&object)?;
        } else if session.everywhere.quiet {
            session.out.line(system.name);
        } else {
            session.out.text("\n");
            session.out.line(format_args!(
                "{STRONG}{}{STRONG:#}, a system, tied to its model by {}",
                system.name,
                system.own_links().into_iter().map(Link::name).collect::<Vec<_>>().join(", ")
            ));
            details_of(session, &system.cluster);
            cases_of(session, system);
        }
    }
    Ok(exit::OK)
}

fn block(session: &mut Session<'_>, row: &Row) {
    session.out.line(format_args!("{STRONG}{}{STRONG:#}", row.name));
    details_of(session, row);
}

fn details_of(session: &mut Session<'_>, row: &Row) {
    let out = &mut session.out;
    for line in row.about.lines() {
        out.line(format_args!("  {}", line.trim()));
    }
    if !row.constants.is_empty() {
        out.line("  constants");
        for constant in &row.constants {
            out.line(format_args!("    {constant}"));
        }
    }
    out.line("  bounds");
    let width = row.bounds.iter().map(|bound| bound.name.len()).max().unwrap_or(0);
    for bound in &row.bounds {
        out.line(format_args!("    {:width$}  {}", bound.name, bound.about));
        for line in details(bound) {
            out.line(format_args!("    {:width$}  {FAINT}{line}{FAINT:#}", ""));
        }
    }
    if !row.mutants.is_empty() {
        out.line("  mutants");
        let width = row.mutants.iter().map(|mutant| mutant.name.len()).max().unwrap_or(0);
        for mutant in &row.mutants {
            let told = mutant.expected.iter().map(|(link, evidence)| match link {
                Link::Model => format!("{evidence} at {}", mutant.bound),
                Link::L1 => format!("L1: {evidence} at {}", mutant.bound),
                link => format!("{link}: {evidence}"),
            });
            let told = match told.collect::<Vec<_>>().join("; ") {
                nothing if nothing.is_empty() => "no link notices it".to_owned(),
                told => format!("killed by {told}"),
            };
            out.line(format_args!("    {:width$}  {told}", mutant.name));
        }
    }
}

/// The cases of concurrent code.
fn cases_of(session: &mut Session<'_>, system: &SystemRow) {
    let cases = system.cases();
    let width = cases.iter().map(|case| case.name.len()).max().unwrap_or(0);
    for (at, case) in cases.iter().enumerate() {
        if at == 0 {
            session.out.line("  cases of concurrent code");
        }
        let how = match case.explorer {
            Explorer::Loom { preemptions: None } => "every interleaving".to_owned(),
            Explorer::Loom { preemptions: Some(bound) } => {
                format!("every interleaving with at most {}", plural(bound, "preemption", "preemptions"))
            }
            Explorer::Shuttle { schedules } => format!("{} interleavings at random", count(schedules)),
            Explorer::Stress { repetitions } => format!("{} times as the machine runs it", count(repetitions)),
        };
        let recorded = case.recorded.map_or_else(String::new, |recorded| format!(", recorded: {}", count(recorded)));
        let deep = if case.profile == Profile::Deep { ", run with --profile deep" } else { "" };
        let threads = plural(case.threads, "thread", "threads");
        session.out.line(format_args!("    {:width$}  {}", case.name, case.about));
        session.out.line(format_args!("    {:width$}  {FAINT}{threads}, {how}{recorded}{deep}{FAINT:#}", ""));
    }
}

fn case(case: &Case) -> Json {
    let (preemptions, runs) = match case.explorer {
        Explorer::Loom { preemptions } => (preemptions, None),
        Explorer::Shuttle { schedules: runs } | Explorer::Stress { repetitions: runs } => (None, Some(runs)),
    };
    json!({
        "name": case.name,
        "about": case.about,
        "threads": case.threads,
        "explorer": case.explorer.name(),
        "preemptions": preemptions,
        "runs": runs,
        "profile": if case.profile == Profile::Ci { "ci" } else { "deep" },
        "recorded": case.recorded,
    })
}

fn details(bound: &Bound) -> Vec<String> {
    let mut details = Vec::new();
    let constants: Vec<_> = bound.constants.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    if !constants.is_empty() {
        details.push(constants.join(", "));
    }
    if let Some(counts) = bound.counts {
        let (distinct, generated) = (count(counts.distinct), count(counts.generated));
        details.push(format!("{distinct} distinct states, {generated} generated, depth {}", counts.depth));
    }
    if !bound.expected.is_empty() {
        details.push(format!("fails there, as expected: {}", bound.expected.join(", ")));
    }
    if bound.profile == Profile::Deep {
        details.push("checked with --profile deep".to_owned());
    }
    details
}

fn object(row: &Row) -> Json {
    let constants = row.constants.iter().map(|constant| {
        let domain = match constant.domain {
            Domain::Integer(least, most) => json!({ "integer": [least, most] }),
            Domain::Choice(words) => json!({ "choice": words }),
            Domain::Boolean => json!("boolean"),
        };
        json!({ "name": constant.name, "domain": domain, "about": constant.about })
    });
    let bounds = row.bounds.iter().map(|bound| {
        let constants: BTreeMap<&str, &Value> = bound.constants.iter().map(|(name, value)| (*name, value)).collect();
        let counts = bound
            .counts
            .map(|counts| json!({ "generated": counts.generated, "distinct": counts.distinct, "depth": counts.depth }));
        json!({
            "name": bound.name,
            "about": bound.about,
            "profile": if bound.profile == Profile::Ci { "ci" } else { "deep" },
            "constants": constants,
            "expected": bound.expected,
            "counts": counts,
        })
    });
    let mutants = row.mutants.iter().map(|mutant| {
        let property = mutant.evidence(row.target.1).join(" or ");
        let expected = mutant.expected.iter().map(|(link, evidence)| json!({ "link": link, "evidence": evidence }));
        json!({
            "name": mutant.name,
            "bound": mutant.bound,
            "property": property,
            "expected": expected.collect::<Vec<_>>(),
            "lesson": mutant.lesson,
        })
    });
    json!({
        "model": row.name,
        "about": row.about,
        "constants": constants.collect::<Vec<_>>(),
        "bounds": bounds.collect::<Vec<_>>(),
        "mutants": mutants.collect::<Vec<_>>(),
    })
}
