//! `check`: models at a bound.

use super::args::{Check, Variant};
use super::session::Session;
use super::{Ended, Failure, exit, interrupt};
use crate::registry::{Case, InputError, Registry, Row};

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
            refuse_symmetry(&case)?;
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
        session.show(&judgement)?;
        code = exit::worse(code, judgement.exit_code());
        done += 1;
    }
    if done < cases.len() {
        session.interrupted(format!("{} of {} models were not checked", cases.len() - done, cases.len()));
    }
    session.write_reports(None);
    Ok(exit::ended(code, done == cases.len()))
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

fn refuse_symmetry(case: &Case) -> Result<(), Failure> {
    if !case.subject.has_symmetry() {
        return Err(Failure::Usage(format!("--symmetry: {} has no symmetry; leave the option out", case.model)));
    }
    let claims = case.claims();
    let liveness: Vec<_> = claims.iter().filter(|claim| claim.needs_graph).map(|claim| claim.name).collect();
    if liveness.is_empty() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "--symmetry is not sound for properties of whole behaviours, and {} checks some at `{}` ({}); choose a bound \
         without them",
        case.model,
        case.bound.name,
        liveness.join(", ")
    )))
}
