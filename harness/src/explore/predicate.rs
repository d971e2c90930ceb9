//! Predicates that people type, in CEL, the Common Expression Language.
//!
//! The fields of a state are variables; where a name is none in CEL there is `state["that name"]`, and a state that is
//! no record is `state` alone. `properties["agreement"]` is what a claim says of the state. `action` and `kind` are the
//! words and the kind of the step that led there. A set is the list of its members in order.

use super::space::{Edge, StateId, Walk};
use cel::objects::{Key, Map};
use cel::{Context, Program};
use proofmark_vocabulary::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// A predicate, or any other expression over a state.
pub struct Predicate {
    program: Program,
    text: String,
    asks_action: bool,
    asks_properties: bool,
}

impl Predicate {
    /// Compiles an expression.
    ///
    /// # Errors
    /// When it is none, or too long.
    pub fn compile(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("a predicate has at most {LONGEST} characters; this one has {}", text.len()));
        }
        let loops = LOOPS.iter().map(|word| text.matches(word).count()).sum::<usize>();
        if loops > MOST_LOOPS {
            return Err(format!("a predicate goes over at most {MOST_LOOPS} lists; this one over {loops}"));
        }
        let program = Program::compile(text).map_err(|wrong| wrong.to_string())?;
        let (asks_action, asks_properties) = {
            let references = program.references();
            let asks = |name: &str| references.has_variable(name);
            (asks("action") || asks("kind"), asks("properties"))
        };
        Ok(Self { program, text: text.to_owned(), asks_action, asks_properties })
    }

    /// Whether it asks by which step a state is reached.
    pub fn asks_action(&self) -> bool {
        self.asks_action
    }

    /// What it says of a state that is reached by a step, if by any.
    ///
    /// # Errors
    /// When it cannot be evaluated there, as where it asks for a field that the state has not.
    fn evaluate(&self, walk: &dyn Walk, id: StateId, by: Option<(StateId, Edge)>) -> Result<cel::Value, String> {
        let mut context = Context::default();
        let value = walk.value(id);
        if let Value::Record(fields) = &value {
            for (name, field) in fields {
                context.add_variable_from_value(name.as_str(), converted(field));
            }
        }
        context.add_variable_from_value("state", converted(&value));
        if self.asks_properties {
            let truths = walk.truths(id).into_iter().map(|truth| {
                let name = match truth.predicate {
                    "state" => truth.claim.to_owned(),
                    part => format!("{}: {part}", truth.claim),
                };
                (Key::from(name), cel::Value::Bool(truth.holds))
            });
            context.add_variable_from_value("properties", map(truths.collect()));
        }
        if self.asks_action {
            let (action, kind) = by.map_or_else(Default::default, |(before, edge)| walk.action(before, edge));
            context.add_variable_from_value("action", action);
            context.add_variable_from_value("kind", kind.unwrap_or_default().to_owned());
        }
        self.program.execute(&context).map_err(|wrong| wrong.to_string())
    }

    /// Whether it is true of a state.
    ///
    /// # Errors
    /// When it cannot be evaluated there, or is neither true nor false.
    pub fn holds(&self, walk: &dyn Walk, id: StateId, by: Option<(StateId, Edge)>) -> Result<bool, String> {
        match self.evaluate(walk, id, by)? {
            cel::Value::Bool(holds) => Ok(holds),
            other => Err(format!("`{}` is neither true nor false, it is {}", self.text, shown(&other))),
        }
    }

    /// What it is in a state, as a text; `not defined` where it cannot be evaluated.
    pub fn key(&self, walk: &dyn Walk, id: StateId) -> String {
        self.evaluate(walk, id, None).map_or_else(|_| "not defined".to_owned(), |value| shown(&value))
    }
}

/// A value as CEL knows it.
fn converted(value: &Value) -> cel::Value {
    let all = |members: &mut dyn Iterator<Item = &Value>| cel::Value::List(Arc::new(members.map(converted).collect()));
    match value {
        Value::Boolean(value) => cel::Value::Bool(*value),
        Value::Integer(value) => cel::Value::Int(*value),
        Value::Text(value) => cel::Value::String(Arc::new(value.clone())),
        Value::Set(members) => all(&mut members.iter()),
        Value::List(members) => all(&mut members.iter()),
        Value::Record(fields) => {
            map(fields.iter().map(|(name, field)| (Key::from(name.clone()), converted(field))).collect())
        }
        Value::Variant(tag, value) => map(HashMap::from([
            (Key::from("tag".to_owned()), cel::Value::String(Arc::new(tag.clone()))),
            (Key::from("value".to_owned()), converted(value)),
        ])),
    }
}

fn map(entries: HashMap<Key, cel::Value>) -> cel::Value {
    cel::Value::Map(Map { map: Arc::new(entries) })
}

/// A value of CEL as a short text, the same for equal ones.
fn shown(value: &cel::Value) -> String {
    match value {
        cel::Value::Bool(value) => value.to_string(),
        cel::Value::Int(value) => value.to_string(),
        cel::Value::UInt(value) => value.to_string(),
        cel::Value::Float(value) => value.to_string(),
        cel::Value::String(value) => value.to_string(),
        cel::Value::List(members) => format!("[{}]", members.iter().map(shown).collect::<Vec<_>>().join(", ")),
        cel::Value::Map(map) => {
            let mut entries: Vec<_> = map.map.iter().map(|(name, value)| format!("{name}: {}", shown(value))).collect();
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        cel::Value::Null => "null".to_owned(),
        other => format!("{other:?}"),
    }
}

/// The most characters of a predicate.
const LONGEST: usize = 1_000;
/// What goes over a list; each within another multiplies the time that an evaluation takes.
const LOOPS: &[&str] = &["all(", "exists(", "exists_one(", "existsOne(", "map(", "filter("];
const MOST_LOOPS: usize = 6;
