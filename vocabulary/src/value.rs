//! One value type behind JSON, ITF, differences and the explorer.

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A state or a constant as people and files see it. A set stays a set.
///
/// As JSON it is written the way of ITF, Apalache's trace format (ADR 015): a set is `{"#set": […]}` and a
/// variant `{"tag": …, "value": …}`; all else is JSON's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text, also the name of a constant such as `committed`.
    Text(String),
    /// Values without order or repetition.
    Set(BTreeSet<Value>),
    /// Values in order.
    List(Vec<Value>),
    /// Named fields.
    Record(BTreeMap<String, Value>),
    /// One of several shapes, by its name.
    Variant(String, Box<Value>),
}

/// One place in which two values differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where, such as `outcome[2]`; empty when the whole value differs.
    pub path: String,
    /// What stood there before; `None` when nothing did.
    pub before: Option<Value>,
    /// What stands there now; `None` when nothing does.
    pub after: Option<Value>,
}

impl Value {
    /// A set of whatever can be a value.
    pub fn set<V: Into<Value>>(members: impl IntoIterator<Item = V>) -> Self {
        Value::Set(members.into_iter().map(Into::into).collect())
    }

    /// A list of whatever can be a value.
    pub fn list<V: Into<Value>>(members: impl IntoIterator<Item = V>) -> Self {
        Value::List(members.into_iter().map(Into::into).collect())
    }

    /// A record of named fields.
    pub fn record<const N: usize>(fields: [(&str, Value); N]) -> Self {
        Value::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Where `after` differs from this value, outermost first. Sets are compared as wholes: a set has no
    /// places.
    pub fn changes(&self, after: &Value) -> Vec<Change> {
        let mut found = Vec::new();
        differ(String::new(), Some(self), Some(after), &mut found);
        found
    }
}

fn differ(path: String, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Change>) {
    match (before, after) {
        (Some(before), Some(after)) if before == after => {}
        (Some(Value::Record(old)), Some(Value::Record(new))) => {
            let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
            for name in names {
                let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                differ(inner, old.get(name), new.get(name), found);
            }
        }
        (Some(Value::List(old)), Some(Value::List(new))) if old.len() == new.len() => {
            for (at, (old, new)) in old.iter().zip(new).enumerate() {
                differ(format!("{path}[{at}]"), Some(old), Some(new), found);
            }
        }
        _ => found.push(Change { path, before: before.cloned(), after: after.cloned() }),
    }
}

/// Reads like TLA+: `{1, 2}`, `<<1, 2>>`, `[a |-> 1]`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Boolean(value) => write!(f, "{value}"),
            Value::Integer(value) => write!(f, "{value}"),
            Value::Text(value) => write!(f, "{value}"),
            Value::Set(members) => delimited(f, "{", members, "}"),
            Value::List(members) => delimited(f, "<<", members, ">>"),
            Value::Record(fields) => {
                write!(f, "[")?;
                for (at, (name, value)) in fields.iter().enumerate() {
                    let comma = if at == 0 { "" } else { ", " };
                    write!(f, "{comma}{name} |-> {value}")?;
                }
                write!(f, "]")
            }
            Value::Variant(tag, value) => write!(f, "{tag}({value})"),
        }
    }
}

fn delimited<'a>(
    f: &mut fmt::Formatter<'_>,
    open: &str,
    members: impl IntoIterator<Item = &'a Value>,
    close: &str,
) -> fmt::Result {
    write!(f, "{open}")?;
    for (at, member) in members.into_iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        write!(f, "{comma}{member}")?;
    }
    write!(f, "{close}")
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

/// A number beyond `i64` is kept as text rather than changed.
impl From<usize> for Value {
    fn from(value: usize) -> Self {
        i64::try_from(value).map_or_else(|_| Value::Text(value.to_string()), Value::Integer)
    }
}

impl From<u8> for Value {
    fn from(value: u8) -> Self {
        Value::Integer(value.into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Value::Integer(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(value)
    }
}

/// Nothing is the text `none`: the absent vote, value or holder of a specification.
impl<V: Into<Value>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or_else(|| Value::from("none"), Into::into)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Boolean(value) => to.serialize_bool(*value),
            Value::Integer(value) => to.serialize_i64(*value),
            Value::Text(value) => to.serialize_str(value),
            Value::List(members) => members.serialize(to),
            Value::Record(fields) => fields.serialize(to),
            Value::Set(members) => {
                let mut map = to.serialize_map(Some(1))?;
                map.serialize_entry("#set", members)?;
                map.end()
            }
            Value::Variant(tag, value) => {
                let mut map = to.serialize_map(Some(2))?;
                map.serialize_entry("tag", tag)?;
                map.serialize_entry("value", value)?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a boolean, a whole number, a text, a list, a record, a set {{\"#set\": […]}} or a variant")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Integer).map_err(|_| E::custom("a number beyond 64 bits with sign"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(member) = members.next_element()? {
            list.push(member);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((name, value)) = entries.next_entry::<String, Value>()? {
            fields.insert(name, value);
        }
        Ok(Value::from_fields(fields))
    }
}

impl Value {
    /// A set or a variant is a JSON object of a certain shape; every other object is a record.
    fn from_fields(mut fields: BTreeMap<String, Value>) -> Self {
        match (fields.len(), fields.get("#set"), fields.get("tag"), fields.get("value")) {
            (1, Some(Value::List(members)), ..) => Value::Set(members.iter().cloned().collect()),
            (2, _, Some(Value::Text(tag)), Some(_)) => {
                let tag = tag.clone();
                let value = fields.remove("value").unwrap_or(Value::Boolean(true));
                Value::Variant(tag, Box::new(value))
            }
            _ => Value::Record(fields),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::btree_set(inner.clone(), 0..4).prop_map(Value::Set),
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::btree_map("[a-z]{1,3}", inner.clone(), 0..4).prop_map(Value::Record),
                ("[A-Z]{1,3}", inner).prop_map(|(tag, value)| Value::Variant(tag, Box::new(value))),
            ]
        })
    }

    proptest! {
        #[test]
        fn survives_json(value in any_value()) {
            let text = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }

        /// Two values without changes are equal, and the other way round.
        #[test]
        fn changes_tell_unequal_values_apart(a in any_value(), b in any_value()) {
            prop_assert_eq!(a.changes(&b).is_empty(), a == b);
            prop_assert!(a.changes(&a).is_empty());
        }
    }

    #[test]
    fn a_change_names_its_place() {
        let before = Value::record([("votes", Value::list([1_i64, 2])), ("decision", "none".into())]);
        let after = Value::record([("votes", Value::list([1_i64, 3])), ("decision", "none".into())]);

        let change = Change { path: "votes[1]".into(), before: Some(2_i64.into()), after: Some(3_i64.into()) };
        assert_eq!(before.changes(&after), [change]);
        assert_eq!(after.to_string(), "[decision |-> none, votes |-> <<1, 3>>]");
    }
}
