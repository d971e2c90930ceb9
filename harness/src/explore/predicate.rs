//! Predicates that people type, in CEL, the Common Expression Language.
//!
//! The fields of a state are variables; where a name is none in CEL there is `state["that name"]`, and a state that is
//! no record is `state` alone. `properties["agreement"]` is what a claim says of the state. `action` and `kind` are the
//! words and the kind of the step that led there. A set is the list of its members in order.

use super::space::{Edge, StateId, Walk};
use cel::common::ast::{EntryExpr, Expr, IdedEntryExpr, IdedExpr, operators};
use cel::objects::{Key, Map};
use cel::{Context, Program};
use proofmark_vocabulary::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A predicate, or any other expression over a state.
pub struct Predicate {
    program: Program,
    text: String,
    /// The names of the variables that it asks for.
    asked: HashSet<String>,
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
        let program = Program::compile(text).map_err(|wrong| wrong.to_string())?;
        let mut work = Work::default();
        work.add(program.expression(), 0);
        work.is_bounded()?;
        let asked = program.references().variables().into_iter().map(ToOwned::to_owned).collect();
        Ok(Self { program, text: text.to_owned(), asked })
    }

    /// Whether it asks by which step a state is reached.
    pub fn asks_action(&self) -> bool {
        self.asks("action") || self.asks("kind")
    }

    fn asks(&self, name: &str) -> bool {
        self.asked.contains(name)
    }

    /// What it says of a state that is reached by a step, if by any.
    ///
    /// # Errors
    /// When it cannot be evaluated there, as where it asks for a field that the state has not.
    fn evaluate(&self, walk: &dyn Walk, id: StateId, by: Option<(StateId, Edge)>) -> Result<cel::Value, String> {
        let mut context = Context::default();
        let value = walk.value(id);
        if let Value::Record(fields) = &value {
            for (name, field) in fields.iter().filter(|(name, _)| self.asks(name)) {
                context.add_variable_from_value(name.as_str(), converted(field));
            }
        }
        if self.asks("state") {
            context.add_variable_from_value("state", converted(&value));
        }
        if self.asks("properties") {
            let truths = walk.truths(id).into_iter().map(|truth| {
                let name = match truth.predicate {
                    "state" => truth.claim.to_owned(),
                    part => format!("{}: {part}", truth.claim),
                };
                (Key::from(name), cel::Value::Bool(truth.holds))
            });
            context.add_variable_from_value("properties", map(truths.collect()));
        }
        if self.asks_action() {
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

/// What an expression can cost, by its shape: nothing stops an evaluation that has begun.
#[derive(Default)]
struct Work {
    /// What goes over a list (`all`, `exists`, `map`, …), and how deep one stands within another.
    loops: usize,
    deepest: usize,
    /// What makes a value larger than what it is made of, within what goes over a list.
    grows: usize,
}

impl Work {
    fn add(&mut self, part: &IdedExpr, depth: usize) {
        let within = usize::from(depth > 0);
        match &part.expr {
            Expr::Call(call) => {
                self.grows += within * usize::from(call.func_name == operators::ADD);
                call.target.iter().for_each(|target| self.add(target, depth));
                call.args.iter().for_each(|argument| self.add(argument, depth));
            }
            Expr::Comprehension(parts) => {
                self.loops += 1;
                self.deepest = self.deepest.max(depth + 1);
                for outside in [&parts.iter_range, &parts.accu_init] {
                    self.add(outside, depth);
                }
                for inside in [&parts.loop_cond, &parts.loop_step, &parts.result] {
                    self.add(inside, depth + 1);
                }
            }
            Expr::List(list) => {
                self.grows += within * list.elements.len();
                list.elements.iter().for_each(|element| self.add(element, depth));
            }
            Expr::Map(map) => self.entries(&map.entries, depth),
            Expr::Struct(parts) => self.entries(&parts.entries, depth),
            Expr::Select(select) => self.add(&select.operand, depth),
            Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }

    fn entries(&mut self, entries: &[IdedEntryExpr], depth: usize) {
        self.grows += usize::from(depth > 0) * 2 * entries.len();
        for entry in entries {
            match &entry.expr {
                EntryExpr::StructField(field) => self.add(&field.value, depth),
                EntryExpr::MapEntry(entry) => {
                    self.add(&entry.key, depth);
                    self.add(&entry.value, depth);
                }
            }
        }
    }

    fn is_bounded(&self) -> Result<(), String> {
        if self.loops > MOST_LOOPS || self.deepest > DEEPEST_LOOP {
            return Err(format!(
                "a predicate goes over at most {MOST_LOOPS} lists, and {DEEPEST_LOOP} within each other; this one over \
                 {}, and {} within each other",
                self.loops, self.deepest
            ));
        }
        // `map`, `filter` and `exists_one` are themselves written with a sum and a list of one.
        if self.grows > MOST_GROWTH + 2 * self.loops {
            return Err("within what goes over a list, a predicate may not make large values: leave out `+` and lists"
                .to_owned());
        }
        Ok(())
    }
}

/// The most characters of a predicate.
const LONGEST: usize = 1_000;
const MOST_LOOPS: usize = 6;
const DEEPEST_LOOP: usize = 2;
const MOST_GROWTH: usize = 4;
