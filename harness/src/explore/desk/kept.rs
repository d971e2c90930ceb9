//! The counterexamples that can be opened: those that are kept, and those that were found from here.

use super::Desk;
use crate::excerpt;
use crate::explore::Refused;
use crate::explore::view::{CounterexampleView, KeptRow, KeptView, StartView};
use crate::registry::Case;
use crate::replay::{self, Replay};
use crate::store::Saved;
use std::collections::BTreeMap;
use std::sync::PoisonError;

impl Desk {
    /// The counterexamples that are kept; those that cannot be read are left out.
    pub fn kept(&self) -> KeptView {
        let mut rows: BTreeMap<String, KeptRow> = BTreeMap::new();
        for id in self.store.ids() {
            let saved = excerpt::read(&self.store.path(&id)).ok();
            if let Some(saved) = saved.and_then(|text| serde_json::from_str::<Saved>(&text).ok()) {
                rows.insert(id.clone(), self.kept_row(id, &saved));
            }
        }
        for (id, saved) in self.found.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            rows.insert(id.clone(), self.kept_row(id.clone(), saved));
        }
        KeptView { counterexamples: rows.into_values().collect() }
    }

    fn kept_row(&self, id: String, saved: &Saved) -> KeptRow {
        KeptRow {
            id,
            model: saved.model.clone(),
            bound: saved.bound.clone(),
            mutant: saved.mutant.clone(),
            property: saved.property.clone(),
            kind: saved.kind.clone(),
            steps: saved.steps.len().saturating_sub(1),
            code: self.registry.systems().iter().any(|row| row.cluster.name == saved.model),
        }
    }

    /// A counterexample that is kept under an ID.
    ///
    /// # Errors
    /// When there is none, or it does not fit the registry.
    pub fn counterexample(&self, id: &str) -> Result<CounterexampleView, Refused> {
        let (saved, case) = self.saved(id)?;
        self.show(saved, &case)
    }

    /// What is kept under an ID, with its model.
    pub(super) fn saved(&self, id: &str) -> Result<(Saved, Case), Refused> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        let text = match found {
            Some(saved) => serde_json::to_string(&saved).unwrap_or_default(),
            // Only what the store lists is read: an ID is no path.
            None if self.store.ids().iter().any(|known| known == id) => {
                excerpt::read(&self.store.path(id)).map_err(|error| Refused::Missing(error.to_string()))?
            }
            None => return Err(Refused::Missing(format!("no counterexample is kept under `{id}`"))),
        };
        self.parse(id, &text)
    }

    fn parse(&self, shown: &str, text: &str) -> Result<(Saved, Case), Refused> {
        replay::parse_named(&self.registry, shown, text).map_err(|error| Refused::Wrong(error.to_string()))
    }

    /// The counterexample in the text of a file, which errors call `shown`.
    ///
    /// # Errors
    /// When it is none, or does not fit the registry.
    pub fn read_counterexample(&self, shown: &str, text: &str) -> Result<CounterexampleView, Refused> {
        let (saved, case) = self.parse(shown, text)?;
        self.show(saved, &case)
    }

    fn show(&self, saved: Saved, case: &Case) -> Result<CounterexampleView, Refused> {
        let replayed = case.subject.replay(&saved);
        let open = self.open(&StartView::of(&saved).asked())?;
        let (verdict, words) = match &replayed {
            Replay::Reproduced(_) => ("reproduced", format!("`{}` is violated", saved.property)),
            Replay::Harmless(why) => ("harmless", format!("no longer fails: {why}")),
            Replay::Undecided(why) => ("undecided", format!("incomplete: {why}")),
            Replay::Changed { step, departure } => (
                "changed",
                format!("model changed at step {step}: {}", replay::departed(&saved, *step, departure).join(" ")),
            ),
        };
        let explanation = match replayed {
            Replay::Reproduced(Some(why)) => Some(why),
            _ => saved.explanation.clone(),
        };
        Ok(CounterexampleView {
            case: open.view.clone(),
            path: open.retrace(&saved),
            back_to: saved.back_to,
            explanation,
            verdict,
            words,
            property: saved.property,
            kind: saved.kind,
        })
    }
}
