//! What `Describe` says of a model that is drawn by a module of its own, `scene`.

/// The processes, what a step shows and the parts of claims: `scene::processes`, `scene::of` and `scene::clauses`.
macro_rules! drawn {
    () => {
        fn processes(&self) -> Vec<String> {
            scene::processes(self)
        }

        fn scene(
            &self,
            before: &Self::State,
            action: &Self::Action,
            after: &Self::State,
        ) -> proofmark_vocabulary::Scene {
            scene::of(self, before, *action, after)
        }

        fn clauses(&self, claim: &str, state: &Self::State) -> Vec<proofmark_vocabulary::Clause> {
            scene::clauses(self, claim, state)
        }
    };
}

/// The actions and the state in words too: `scene::KINDS`, `scene::kind`, `scene::words`, `scene::value`, and which
/// kinds of action the constants switch off: `scene::switched_off`.
macro_rules! worded {
    () => {
        fn action_kinds(&self) -> &'static [&'static str] {
            scene::KINDS
        }

        fn action_kind(&self, action: &Self::Action) -> usize {
            scene::kind(action)
        }

        fn action_in_words(&self, action: &Self::Action) -> String {
            scene::words(action)
        }

        fn value(&self, state: &Self::State) -> proofmark_vocabulary::Value {
            scene::value(self, state)
        }

        fn switched_off(&self) -> Vec<&'static str> {
            scene::switched_off(self)
        }
    };
}
pub(crate) use {drawn, worded};
