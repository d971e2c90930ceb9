//! Where a property is stated.

use serde::Serialize;
use std::fmt;
use std::path::Path;

/// The place in the sources where a property is stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, as the compiler names it: within a workspace, relative to its root.
    pub file: String,
    /// The line that names the property; `None` where the file is not to be read from the current directory, or
    /// no line of it names the property.
    pub line: Option<usize>,
}

impl Place {
    /// The place of a property of that name and kind that `file` states, or another file beside it where the model has a
    /// directory of its own, as `raft/properties.rs` has beside `raft.rs`. Stateright's properties carry no place, so
    /// the line is looked for: the first that calls something with the name or, where there is none, that quotes it;
    /// and where that is a constant's, the first that calls something with the constant.
    pub fn of(file: &str, property: &str, kind: &str) -> Self {
        let sought = if kind == "deadlock" { "fn forbids_deadlock".to_owned() } else { format!("{property:?}") };
        let stated = std::iter::once(file.to_owned()).chain(beside(file));
        let place = |file: String| line_of(&file, &sought).map(|line| Self { file, line: Some(line) });
        stated.into_iter().find_map(place).unwrap_or_else(|| Self { file: file.to_owned(), line: None })
    }
}

/// The other files of a model that has a directory of its own, in the order of their names.
fn beside(file: &str) -> Vec<String> {
    let Some(directory) = Path::new(file).parent().filter(|directory| directory.with_extension("rs").is_file()) else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let sources = entries.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let mut others: Vec<_> = sources.filter_map(|path| Some(path.to_str()?.to_owned())).collect();
    others.retain(|other| other != file);
    others.sort();
    others
}

fn line_of(file: &str, sought: &str) -> Option<usize> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let first = |is: &dyn Fn(usize) -> bool| {
        // A mutant names the property that kills it, and teaches something; neither states a property.
        let others = ["//", "property:", "lesson:"];
        (0..lines.len()).find(|&at| is(at) && !others.iter().any(|other| lines[at].starts_with(other)))
    };
    // The first argument of a call, which may stand on a line of its own.
    let called_with = |argument: &str| {
        let call = format!("({argument}");
        let is_alone = |at: usize| lines[at].starts_with(argument) && at > 0 && lines[at - 1].ends_with('(');
        first(&|at| lines[at].contains(&call) || is_alone(at))
    };
    let named = called_with(sought).or_else(|| first(&|at| lines[at].contains(sought)))?;
    let constant = lines[named].split_once("const ").and_then(|(_, rest)| rest.split_once(':'));
    let claimed =
        constant.and_then(|(name, _)| [',', '['].iter().find_map(|next| called_with(&format!("{name}{next}"))));
    Some(claimed.unwrap_or(named) + 1)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => write!(f, "{}", self.file),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_the_first_that_claims_something_by_the_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("model.rs");
        let text = "//! No \"lost\" lock.\nalways(\"lost\\tlock\", f)\n[\"lost\", \"late\"]\nalways(\"lost\", g)\n\
                    property: \"lost\"\nstep(\n    \"late\", f)\nlet name = \"told\";\n\
                    fn forbids_deadlock() {}\nstep(FIRST, f)\nconst FIRST: &str = \"first\";\n\
                    pub const SECOND: &str = \"second\";\n";
        std::fs::write(&path, text).unwrap();
        let file = path.to_str().unwrap();
        let line = |name: &str, kind: &str| Place::of(file, name, kind).line;

        assert_eq!(line("lost", "always"), Some(4));
        assert_eq!(line("lost\tlock", "always"), Some(2));
        assert_eq!(line("late", "step"), Some(7));
        assert_eq!(line("told", "step"), Some(8));
        assert_eq!(line("deadlock", "deadlock"), Some(9));
        assert_eq!(line("first", "step"), Some(10));
        assert_eq!(line("second", "step"), Some(12));
        assert_eq!(line("found", "always"), None);
        assert_eq!(Place::of(file, "lost", "always").to_string(), format!("{file}:4"));
        assert_eq!(Place::of("no/model.rs", "lost", "always").to_string(), "no/model.rs");
    }

    #[test]
    fn a_model_of_several_files_states_its_claims_in_any() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
        std::fs::create_dir(at("raft")).unwrap();
        for (name, text) in [("raft/a.rs", "always(\"won\", f)\n"), ("raft/b.rs", "\nalways(\"lost\", g)\n")] {
            std::fs::write(at(name), text).unwrap();
        }
        let found = |name: &str| Place::of(&at("raft/a.rs"), name, "always").to_string();
        assert_eq!(found("lost"), at("raft/a.rs"), "the directory is no model's own");
        std::fs::write(at("raft.rs"), "").unwrap();
        assert_eq!((found("won"), found("lost")), (at("raft/a.rs") + ":1", at("raft/b.rs") + ":2"));
        assert_eq!(found("drawn"), at("raft/a.rs"));
    }
}
