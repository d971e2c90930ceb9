//! Counterexamples in ITF, the trace format of Apalache (its ADR 015), which Quint and others read.
//!
//! A state that is a record becomes one variable a field; any other state becomes the variable `state`. The
//! constants are parameters of the initial state. What ITF has no word for, the actions above all, is in `#meta`.

use crate::store::Saved;
use proofmark_vocabulary::Value;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// A kept counterexample as an ITF trace.
pub fn trace(saved: &Saved) -> Json {
    let fields = shared_fields(saved);
    let vars: BTreeSet<&str> = match &fields {
        Some(fields) => fields.clone(),
        None => BTreeSet::from([WHOLE]),
    };
    // A name cannot be both; the constants are then told by `#meta` alone.
    let clash = saved.constants.keys().any(|name| vars.contains(name.as_str()) || reserved(name));
    let params: Vec<_> = if clash { Vec::new() } else { saved.constants.iter().collect() };
    let states = saved.steps.iter().enumerate().map(|(at, step)| {
        let mut state = Map::new();
        let mut meta = json!({ "index": at });
        if let Some(action) = &step.action {
            meta["action"] = json!(action);
        }
        state.insert("#meta".into(), meta);
        if at == 0 {
            state.extend(params.iter().map(|(name, value)| ((*name).clone(), expression(value))));
        }
        match (&step.state, &fields) {
            (Value::Record(record), Some(_)) => {
                state.extend(record.iter().map(|(name, value)| (name.clone(), expression(value))));
            }
            (whole, _) => {
                state.insert(WHOLE.into(), expression(whole));
            }
        }
        Json::Object(state)
    });
    let states: Vec<_> = states.collect();
    let mut trace = json!({
        "#meta": {
            "format": "ITF",
            "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html",
            "description": format!("`{}` of {} fails", saved.property, saved.model),
            "model": saved.model,
            "bound": saved.bound,
            "constants": saved.constants,
            "mutant": saved.mutant,
            "property": saved.property,
            "kind": saved.kind,
        },
        "params": params.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "vars": vars,
        "states": states,
    });
    if let Some(start) = saved.back_to {
        trace["loop"] = json!(start);
    }
    trace
}

/// The fields that every state has, where every state is a record of the same fields and no field's name is
/// one of the format's own.
fn shared_fields(saved: &Saved) -> Option<BTreeSet<&str>> {
    let mut shared: Option<BTreeSet<&str>> = None;
    for step in &saved.steps {
        let Value::Record(record) = &step.state else { return None };
        let fields: BTreeSet<_> = record.keys().map(String::as_str).collect();
        if fields.iter().any(|name| reserved(name)) || shared.as_ref().is_some_and(|shared| *shared != fields) {
            return None;
        }
        shared = Some(fields);
    }
    shared
}

fn expression(value: &Value) -> Json {
    match value {
        Value::Boolean(value) => json!(value),
        Value::Integer(value) if value.unsigned_abs() < 1 << 53 => json!(value),
        Value::Integer(value) => json!({ "#bigint": value.to_string() }),
        Value::Text(value) => json!(value),
        Value::List(members) => members.iter().map(expression).collect(),
        Value::Set(members) => json!({ "#set": members.iter().map(expression).collect::<Vec<_>>() }),
        Value::Record(fields) => record(fields),
        Value::Variant(tag, value) => json!({ "tag": tag, "value": expression(value) }),
    }
}

/// A record, or a map from texts where a field's name would be taken for one of the format's own.
fn record(fields: &BTreeMap<String, Value>) -> Json {
    if fields.keys().any(|name| reserved(name)) {
        let pairs: Vec<_> = fields.iter().map(|(name, value)| json!([name, expression(value)])).collect();
        return json!({ "#map": pairs });
    }
    Json::Object(fields.iter().map(|(name, value)| (name.clone(), expression(value))).collect())
}

fn reserved(name: &str) -> bool {
    name.starts_with('#')
}

/// The variable that holds a state without fields.
const WHOLE: &str = "state";

#[cfg(test)]
mod tests;
