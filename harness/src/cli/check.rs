//! `check`: models at a bound.

use super::args::{Check, Variant};
use super::session::Session;
use super::{Ended, Failure, exit, interrupt};
use crate::judgement::{Judgement, PropertyVerdict};
use crate::links::Link;
use crate::registry::{Case, InputError, MutantRow, Registry, Row};
use proofmark_vocabulary::Bound;

pub(super) fn run(session: &mut Session<'_>, asked: &Check) -> Ended {
    let registry = session.registry;
    if asked.models.is_empty() && !asked.all {
        let names: Vec<_> = registry.rows().iter().map(|row| row.name).collect();
        return Err(Failure::Usage(format!("name a model, or --all of them\n  there is: {}", names.join(", "))));
    }
    let rows = rows(registry, &asked.models)?;
    let Variant { bound, set, mutant } = &asked.variant;
    let mut cases = Vec::new();
    for row in rows {
        let case = row.case(bound.as_deref(), set, mutant.as_deref())?;
        if asked.symmetry {
            refuse_symmetry(row, &case)?;
        }
        cases.push((row, case));
    }
    session.refuse_unwritable()?;
    session.limits = asked.limits();

    let options = asked.options();
    let (mut code, mut done) = (exit::OK, 0);
    for (row, case) in &cases {
        if interrupt::requested() {
            break;
        }
        if done > 0 && !session.json() && !session.everywhere.quiet {
            session.out.line("");
        }
        let judgement = session.check(row, case, &options)?;
        let planted = mutant.as_deref().map(|mutant| row.mutant(mutant)).transpose()?;
        let survival = planted.and_then(|planted| survival(planted, row.target.1, case, &judgement));
        session.show(&judgement, survival.as_deref())?;
        code = exit::worse(code, judgement.exit_code());
        done += 1;
    }
    if done < cases.len() {
        session.interrupted(format!("{} of {} models were not checked", cases.len() - done, cases.len()));
    }
    session.write_reports(None);
    Ok(exit::ended(code, done == cases.len()))
}

/// What is told of a mutant that nothing noticed, so that *ok* is not taken for its kill: where what must kill it.
pub(super) fn survival(mutant: &MutantRow, link: Link, case: &Case, judgement: &Judgement) -> Option<String> {
    let unnoticed = |verdict| matches!(verdict, PropertyVerdict::Holds | PropertyVerdict::Expected);
    if !judgement.complete || !judgement.properties.iter().all(|property| unnoticed(property.verdict)) {
        return None;
    }
    let MutantRow { name, bound, .. } = mutant;
    let is_changed = case.bound.constants.iter().any(|(name, value)| judgement.constants.get(*name) != Some(value));
    let place = match (*bound == case.bound.name, is_changed) {
        (true, false) => "at this very bound".to_owned(),
        (true, true) => format!("at `{bound}` without --set"),
        (false, _) => format!("at the bound `{bound}`"),
    };
    let killed = match mutant.evidence(link).as_slice() {
        [] => format!("it is not this check that is to kill it, but {}", others(mutant)),
        evidence => format!("it is to be killed {place}, by `{}`", evidence.join("` or `")),
    };
    let beyond = if case.bound.expected.is_empty() { "" } else { " but what it expects" };
    Some(format!("with {name} planted nothing is violated at this bound{beyond}, so it survives here; {killed}"))
}

/// The links that must notice a mutant of code, where the exploration of its clusters must miss it.
fn others(mutant: &MutantRow) -> String {
    let mut links: Vec<_> = mutant.expected.iter().map(|(link, _)| link.name()).collect();
    links.dedup();
    if links.is_empty() { "nothing".to_owned() } else { links.join(", ") }
}

/// The rows of those names, each once; all of them where none is named.
pub(super) fn rows<'a>(registry: &'a Registry, names: &[String]) -> Result<Vec<&'a Row>, InputError> {
    if names.is_empty() {
        return Ok(registry.rows().iter().collect());
    }
    let mut rows: Vec<&Row> = Vec::new();
    for name in names {
        let row = registry.find(name)?;
        if rows.iter().all(|known| known.name != row.name) {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// Refuses `--symmetry` where it cannot be had, with the bounds that take it.
pub(super) fn refuse_symmetry(row: &Row, case: &Case) -> Result<(), Failure> {
    let behaviours = of_behaviours(case);
    let why = if !case.subject.has_symmetry() {
        format!("--symmetry: {} has no symmetry with these constants", case.model)
    } else if !behaviours.is_empty() {
        format!(
            "--symmetry is not sound for properties of whole behaviours, and {} checks some at `{}` ({})",
            case.model,
            case.bound.name,
            behaviours.join(", ")
        )
    } else {
        return Ok(());
    };
    // A bound that cannot be made says so when it is chosen.
    let takes_it = |bound: &&Bound| {
        row.case(Some(bound.name), &[], None)
            .is_ok_and(|case| case.subject.has_symmetry() && of_behaviours(&case).is_empty())
    };
    let bounds: Vec<_> = row.bounds.iter().filter(takes_it).map(|bound| bound.name).collect();
    Err(Failure::Usage(match bounds.as_slice() {
        [] => format!("{why}; leave the option out: no bound of it takes it"),
        bounds => {
            format!("{why}; leave the option out, or choose a bound that takes it\n  there is: {}", bounds.join(", "))
        }
    }))
}

/// The properties of whole behaviours that a case checks.
fn of_behaviours(case: &Case) -> Vec<&'static str> {
    case.claims().iter().filter(|claim| claim.needs_graph).map(|claim| claim.name).collect()
}
