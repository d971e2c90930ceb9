//! Where a property is stated.

use serde::Serialize;
use std::fmt;

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
    /// The place of a property of that name and kind that `file` states. Stateright's properties carry no
    /// place, so the line is looked for: the first that quotes the name or, where that is a constant's, the first
    /// that claims something by the constant.
    pub fn of(file: &str, property: &str, kind: &str) -> Self {
        let sought = if kind == "deadlock" { "fn forbids_deadlock".to_owned() } else { format!("{property:?}") };
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let first = |sought: &str| {
            let mut lines = text.lines().enumerate();
            lines.find(|(_, line)| line.contains(sought) && !line.trim_start().starts_with("//"))
        };
        let named = first(&sought);
        let constant = named.and_then(|(_, line)| line.split_once("const ")?.1.split_once(':')).map(|(name, _)| name);
        let claimed = constant.and_then(|name| first(&format!("({name},")).or_else(|| first(&format!("({name}["))));
        Self { file: file.to_owned(), line: claimed.or(named).map(|(at, _)| at + 1) }
    }
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
    fn the_line_is_the_first_that_quotes_the_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("model.rs");
        let text = "//! No \"lost\" lock.\nalways(\"lost\\tlock\", f)\nalways(\"lost\", g)\nproperty: \"lost\"\n\
                    fn forbids_deadlock() {}\nstep(FIRST, f)\nconst FIRST: &str = \"first\";\n\
                    pub const SECOND: &str = \"second\";\n";
        std::fs::write(&path, text).unwrap();
        let file = path.to_str().unwrap();
        let line = |name: &str, kind: &str| Place::of(file, name, kind).line;

        assert_eq!(line("lost", "always"), Some(3));
        assert_eq!(line("lost\tlock", "always"), Some(2));
        assert_eq!(line("deadlock", "deadlock"), Some(5));
        assert_eq!(line("first", "step"), Some(6));
        assert_eq!(line("second", "step"), Some(8));
        assert_eq!(line("found", "always"), None);
        assert_eq!(Place::of(file, "lost", "always").to_string(), format!("{file}:3"));
        assert_eq!(Place::of("no/model.rs", "lost", "always").to_string(), "no/model.rs");
    }
}
