use super::*;
use crate::check::Step;

fn saved(states: Vec<Value>) -> Saved {
    let step = |(at, state)| Step { action: (at > 0).then(|| "goes on".into()), kind: None, state };
    Saved {
        schema: crate::store::SCHEMA,
        model: "toy".into(),
        bound: "ci".into(),
        constants: BTreeMap::from([("participants".into(), Value::Integer(2))]),
        mutant: None,
        property: "agreement".into(),
        kind: "always".into(),
        symmetry: false,
        steps: states.into_iter().enumerate().map(step).collect(),
        back_to: Some(1),
        explanation: None,
    }
}

/// Apalache's ADR 015, "The ITF Format", as a JSON schema.
fn schema() -> jsonschema::Validator {
    let schema = serde_json::from_str(include_str!("schema.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn every_kind_of_value_is_an_expression_of_the_format() {
    let state = Value::record([
        ("ready", true.into()),
        ("count", Value::Integer(i64::MIN)),
        ("small", Value::Integer(-3)),
        ("names", Value::set(["a", "b"])),
        ("votes", Value::list([1_i64, 2])),
        ("message", Value::Variant("Promise".into(), Box::new(Value::record([("#ballot", 1_i64.into())])))),
    ]);
    let trace = trace(&saved(vec![state.clone(), state]));

    let problems: Vec<_> = schema().iter_errors(&trace).map(|error| error.to_string()).collect();
    assert_eq!(problems, Vec::<String>::new(), "{trace:#}");
    assert_eq!(trace["vars"], json!(["count", "message", "names", "ready", "small", "votes"]));
    assert_eq!(trace["params"], json!(["participants"]));
    assert_eq!(trace["loop"], json!(1));
    assert_eq!(trace["states"][0]["participants"], json!(2));
    assert_eq!(trace["states"][0]["count"], json!({ "#bigint": i64::MIN.to_string() }));
    assert_eq!(trace["states"][1]["#meta"], json!({ "index": 1, "action": "goes on" }));
    assert_eq!(trace["states"][1]["message"]["value"], json!({ "#map": [["#ballot", 1]] }));
}

#[test]
fn a_state_without_fields_is_one_variable() {
    let trace = trace(&saved(vec![Value::from("State { .. }"), Value::from("Done")]));

    assert!(schema().is_valid(&trace), "{trace:#}");
    assert_eq!(trace["vars"], json!(["state"]));
    assert_eq!(trace["states"][1]["state"], json!("Done"));
}

#[test]
fn the_schema_refuses_what_is_not_itf() {
    for wrong in [
        json!({ "vars": ["x"] }),
        json!({ "vars": ["x"], "states": [{ "x": 1.5 }] }),
        json!({ "vars": ["x"], "states": [{ "x": 9_007_199_254_740_992_u64 }] }),
        json!({ "vars": ["x"], "states": [{ "x": { "#set": 1 } }] }),
        json!({ "vars": ["x"], "states": [{ "x": null }] }),
        json!({ "vars": ["x"], "states": [], "loop": "0" }),
    ] {
        assert!(!schema().is_valid(&wrong), "{wrong}");
    }
}
