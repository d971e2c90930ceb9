//! Runs of the code beside its model.

use super::Desk;
use crate::beside::BesideVerdict;
use crate::explore::Refused;
use crate::explore::view::{AskedRun, HistoryView, RunView};
use crate::interleave::Wanted;
use crate::links::Plan;
use crate::registry::InputError;
use crate::report::words::changes;
use crate::trace;
use std::sync::atomic::{AtomicBool, Ordering};

impl Desk {
    /// A run of the code beside its model.
    ///
    /// # Errors
    /// When there is no such system, mutant or divergence, or the trace is damaged.
    pub fn run(&self, asked: &AskedRun, gone: &AtomicBool) -> Result<RunView, Refused> {
        let program = &self.program;
        match asked {
            AskedRun::Seed { seed: u64::MAX, .. } => {
                Err(Refused::Wrong(format!("a seed is below {}, as the command line takes it", u64::MAX)))
            }
            AskedRun::Seed { system, seed, set: asked_set, mutant } => {
                let row = self.registry.find_system(system)?;
                let set: Vec<_> = asked_set.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
                let plan = Plan { mutant: mutant.as_deref(), set: &set, ..Plan::default() };
                let beside = row.links.beside_run(&plan, *seed)?;
                let mut command = vec![format!("{program} conform {system} --link L2 --seed {seed}")];
                command.extend(changes(asked_set, mutant.as_deref()));
                let title = format!("run of seed {seed}{}", planted(mutant.as_deref()));
                Ok(RunView::new(row.name, row.links.model(), title, Some(command.join(" ")), beside))
            }
            AskedRun::Trace { text } => {
                let named =
                    trace::header(text).map_err(|wrong| Refused::Wrong(wrong.show("the file", text).to_string()))?;
                let row = self.registry.find_system(&named.system)?;
                let beside =
                    row.links.beside_trace("the file", text).map_err(|error| Refused::Wrong(error.to_string()))?;
                Ok(RunView::new(row.name, row.links.model(), "recorded trace".to_owned(), None, beside))
            }
            AskedRun::Case { system, case, mutant, history } => {
                self.run_case(system, case, mutant.as_deref(), *history, gone)
            }
            AskedRun::Counterexample { id } => {
                let (saved, _) = self.saved(id)?;
                let mut systems = self.registry.systems().iter();
                let Some(row) = systems.find(|row| row.cluster.name == saved.model) else {
                    return Err(Refused::Wrong(format!(
                        "{id} is a counterexample of {}, which is no code; open it as a path",
                        saved.model
                    )));
                };
                let beside = row.links.beside_kept(&saved)?;
                let title = format!("{id}: {}", saved.property);
                let command = Some(format!("{program} replay {id}"));
                Ok(RunView::new(row.name, row.links.model(), title, command, beside))
            }
        }
    }

    /// A history of the threads of a case beside the model.
    fn run_case(
        &self,
        system: &str,
        case: &str,
        mutant: Option<&str>,
        history: Option<u64>,
        gone: &AtomicBool,
    ) -> Result<RunView, Refused> {
        let row = self.registry.find_system(system)?;
        let cases = row.cases();
        let Some(interleavings) = row.interleavings else {
            return Err(Refused::Wrong(format!("{system} has no concurrent code, so it has no cases")));
        };
        let Some(known) = cases.iter().find(|known| known.name == case) else {
            let what = format!("case of {system}");
            return Err(InputError::unknown(&what, case, cases.iter().map(|known| known.name)).into());
        };
        mutant.map(|mutant| row.cluster.mutant(mutant)).transpose()?;
        let Some(runner) = &self.runner else {
            return Err(Refused::wrong("this explorer cannot run cases: they need the program's command line"));
        };
        if history == Some(0) {
            return Err(Refused::wrong("histories are numbered from 1"));
        }
        let wanted = history.map_or(Wanted::Wrong, Wanted::Number);
        let is_gone = || gone.load(Ordering::Relaxed);
        let told = runner.history(row.name, known, mutant, wanted, &is_gone).map_err(Refused::Wrong)?;
        let mut beside = interleavings.beside(case, &told.history).map_err(Refused::Wrong)?;
        if beside.verdict == BesideVerdict::Explained
            && let Some(wrong) = told.wrong
        {
            beside.verdict = BesideVerdict::Wrong(wrong);
        } else if beside.events.is_empty() {
            return Err(Refused::Wrong(format!("{case} records no calls: all that it claims, it asserts itself")));
        }
        let title = format!("{case}{}, history {}", planted(mutant), told.number);
        let mut command = vec![format!("{} conform {system} --link L6", self.program)];
        command.extend(changes::<&str, &str>([], mutant));
        let shown = RunView::new(row.name, row.links.model(), title, Some(command.join(" ")), beside);
        Ok(RunView { history: Some(HistoryView { number: told.number, met: told.met }), ..shown })
    }
}

/// The planted bug, for a title.
fn planted(mutant: Option<&str>) -> String {
    mutant.map_or_else(String::new, |mutant| format!(" with {mutant} planted"))
}
