//! The constants of a model: what it has, and a choice of them.

use crate::Value;
use std::collections::BTreeMap;
use std::fmt;

/// A constant that a model has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constant {
    /// The name, as `--set` takes it.
    pub name: &'static str,
    /// The values that it may have.
    pub domain: Domain,
    /// What it is, in one sentence.
    pub about: &'static str,
}

/// The values that a constant may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Whole numbers from the first to the second, both included.
    Integer(i64, i64),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Boolean,
}

/// A value for every constant of a model, each within its domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constants(BTreeMap<&'static str, Value>);

/// Why constants were refused; its text says what the model has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstantError {
    message: String,
}

impl Constants {
    /// The constants of a bound, with the changes that `--set` asks for.
    ///
    /// # Errors
    /// A name that the model has not, a value outside the domain or of another type, or a constant without a
    /// value; the text lists what the model has.
    pub fn choose<'a>(
        declared: &[Constant],
        start: &[(&'static str, Value)],
        set: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ConstantError> {
        let mut chosen = BTreeMap::new();
        for (name, value) in start {
            let constant = find(declared, name)?;
            constant.accept(value.clone()).map(|value| chosen.insert(constant.name, value))?;
        }
        for (name, text) in set {
            let constant = find(declared, name)?;
            constant.parse(text).map(|value| chosen.insert(constant.name, value))?;
        }
        match declared.iter().find(|constant| !chosen.contains_key(constant.name)) {
            Some(missing) => {
                Err(ConstantError::with_list(&format!("the constant `{}` has no value", missing.name), declared))
            }
            None => Ok(Self(chosen)),
        }
    }

    /// The number chosen for `name`.
    ///
    /// # Panics
    /// When the model declares no integer constant, from 0 up, of that name: a mistake in the model.
    pub fn number(&self, name: &str) -> usize {
        match self.0.get(name) {
            Some(Value::Integer(value)) => usize::try_from(*value).ok(),
            _ => None,
        }
        .unwrap_or_else(|| panic!("the model declares no whole number `{name}` from 0 up"))
    }

    /// The word chosen for `name`.
    ///
    /// # Panics
    /// When the model declares no choice of that name: a mistake in the model.
    pub fn choice(&self, name: &str) -> &str {
        match self.0.get(name) {
            Some(Value::Text(value)) => value,
            _ => panic!("the model declares no choice `{name}`"),
        }
    }

    /// The truth chosen for `name`.
    ///
    /// # Panics
    /// When the model declares no boolean constant of that name: a mistake in the model.
    pub fn is(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Boolean(value)) => *value,
            _ => panic!("the model declares no boolean `{name}`"),
        }
    }

    /// The constants by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }
}

impl Constant {
    fn parse(&self, text: &str) -> Result<Value, ConstantError> {
        let value = match self.domain {
            Domain::Integer(..) => text.parse().ok().map(Value::Integer),
            Domain::Boolean => text.parse().ok().map(Value::Boolean),
            Domain::Choice(_) => Some(Value::from(text)),
        };
        match value {
            Some(value) => self.accept(value),
            None => Err(self.refuse(text)),
        }
    }

    fn accept(&self, value: Value) -> Result<Value, ConstantError> {
        let fits = match (&self.domain, &value) {
            (Domain::Integer(least, most), Value::Integer(value)) => (least..=most).contains(&value),
            (Domain::Choice(words), Value::Text(word)) => words.contains(&word.as_str()),
            (Domain::Boolean, Value::Boolean(_)) => true,
            _ => false,
        };
        if fits { Ok(value) } else { Err(self.refuse(&value.to_string())) }
    }

    fn refuse(&self, text: &str) -> ConstantError {
        let Self { name, domain, about } = self;
        ConstantError::new(format!("`{name}` cannot be `{text}`: it is {domain}\n  {name}: {about}"))
    }
}

fn find<'a>(declared: &'a [Constant], name: &str) -> Result<&'a Constant, ConstantError> {
    declared
        .iter()
        .find(|constant| constant.name == name)
        .ok_or_else(|| ConstantError::with_list(&format!("the model has no constant `{name}`"), declared))
}

impl ConstantError {
    /// Constants that are each well formed and do not fit together, such as a quorum beyond its acceptors.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    fn with_list(what: &str, declared: &[Constant]) -> Self {
        if declared.is_empty() {
            return Self { message: format!("{what}; it has no constants") };
        }
        let lines: Vec<_> = declared.iter().map(|constant| format!("\n  {constant}")).collect();
        Self { message: format!("{what}; its constants are:{}", lines.concat()) }
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.name, self.domain, self.about)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Domain::Integer(least, most) => write!(f, "a whole number from {least} to {most}"),
            Domain::Choice(words) => write!(f, "one of {}", words.join(", ")),
            Domain::Boolean => write!(f, "true or false"),
        }
    }
}

impl fmt::Display for ConstantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for ConstantError {}

#[cfg(test)]
mod tests {
    use super::*;

    const DECLARED: &[Constant] = &[
        Constant { name: "participants", domain: Domain::Integer(1, 9), about: "how many vote" },
        Constant { name: "lock", domain: Domain::Choice(&["owned", "open"]), about: "which lock" },
        Constant { name: "lossy", domain: Domain::Boolean, about: "whether messages are lost" },
    ];

    fn choose(set: &[(&str, &str)]) -> Result<Constants, ConstantError> {
        let start = [("participants", 3_i64.into()), ("lock", "owned".into()), ("lossy", true.into())];
        Constants::choose(DECLARED, &start, set.iter().copied())
    }

    #[test]
    fn set_changes_what_the_bound_chose() {
        let chosen = choose(&[("participants", "5"), ("lossy", "false")]).unwrap();
        assert_eq!((chosen.number("participants"), chosen.choice("lock"), chosen.is("lossy")), (5, "owned", false));
    }

    #[test]
    fn what_the_model_has_not_is_refused_with_what_it_has() {
        for (name, value, refusal, told) in [
            (
                "voters",
                "3",
                "the model has no constant `voters`",
                "participants: a whole number from 1 to 9; how many vote",
            ),
            ("participants", "10", "`participants` cannot be `10`: it is a whole number from 1 to 9", "how many vote"),
            (
                "participants",
                "many",
                "`participants` cannot be `many`: it is a whole number from 1 to 9",
                "how many vote",
            ),
            ("lock", "ajar", "`lock` cannot be `ajar`: it is one of owned, open", "lock: "),
            ("lossy", "1", "`lossy` cannot be `1`: it is true or false", "lossy: "),
        ] {
            let text = choose(&[(name, value)]).unwrap_err().to_string();
            assert!(text.starts_with(refusal) && text.contains(told), "{text}");
        }
    }
}
