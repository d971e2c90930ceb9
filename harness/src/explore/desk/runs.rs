//! Runs of the code beside its model.

use super::Desk;
use crate::beside::BesideVerdict;
use crate::explore::Refused;
use crate::explore::view::{AskedRun, HistoryView, RunView};
use crate::interleave::{Explorer, NoHistory, Wanted};
use crate::links::Plan;
use crate::registry::InputError;
use crate::report::words::changes;
use crate::trace;
use proofmark_vocabulary::Profile;
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
        let is_stress = matches!(known.explorer, Explorer::Stress { .. });
        let wanted = match history {
            Some(0) => return Err(Refused::wrong("histories are numbered from 1")),
            Some(_) if is_stress => {
                return Err(Refused::wrong("real threads are never the same twice: their histories have no numbers"));
            }
            history => history.map_or(Wanted::Wrong, Wanted::Number),
        };
        let is_gone = || gone.load(Ordering::Relaxed);
        let told = runner.history(row.name, known, mutant, wanted, &is_gone).map_err(|none| match none {
            NoHistory::None(why) => Refused::Wrong(why),
            NoHistory::Lost(why) => Refused::Broken(why),
        })?;
        let mut beside = interleavings.beside(case, &told.history).map_err(Refused::Broken)?;
        if beside.events.is_empty() {
            let else_wrong = told.wrong.map_or_else(String::new, |wrong| format!("; this is wrong: {wrong}"));
            return Err(Refused::Wrong(format!("{case} records no calls, and asserts by itself{else_wrong}")));
        }
        beside.verdict = match (beside.verdict, told.wrong, told.cut) {
            (BesideVerdict::Diverges(at, why), Some(wrong), _) => {
                BesideVerdict::Diverges(at, format!("{why}; besides, {wrong}"))
            }
            (BesideVerdict::Wrong(why), Some(wrong), _) => BesideVerdict::Wrong(format!("{wrong}; besides, {why}")),
            (_, Some(wrong), _) => BesideVerdict::Wrong(wrong),
            (BesideVerdict::Explained | BesideVerdict::Ordered, None, Some(cut)) => BesideVerdict::Undecided(None, cut),
            (verdict, ..) => verdict,
        };
        let which = match told.number {
            _ if is_stress => ", as the machine ran it this time".to_owned(),
            Some(number) => format!(", history {number}"),
            None => ", where it goes wrong".to_owned(),
        };
        let title = format!("{case}{}{which}", planted(mutant));
        // `conform` runs what every profile has.
        let command = (known.profile == Profile::Ci).then(|| {
            let mut words = vec![format!("{} conform {system} --link L6", self.program)];
            words.extend(changes::<&str, &str>([], mutant));
            words.join(" ")
        });
        let shown = RunView::new(row.name, row.links.model(), title, command, beside);
        let history = (!is_stress).then_some(HistoryView { number: told.number, met: told.met });
        Ok(RunView { history, ..shown })
    }
}

/// The planted bug, for a title.
fn planted(mutant: Option<&str>) -> String {
    mutant.map_or_else(String::new, |mutant| format!(" with {mutant} planted"))
}
