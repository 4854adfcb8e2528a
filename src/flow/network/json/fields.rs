//! Typed access to the fields of a JSON object, with the name of the owner in every refusal.

use crate::flow::network::{NetworkError, Waveform};
use serde_json::{Map, Value};

/// A JSON object and whose it is.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) owner: &'a str,
    map: &'a Map<String, Value>,
}

pub(super) fn unreadable(problem: impl Into<String>) -> NetworkError {
    NetworkError::Unreadable(problem.into())
}

impl<'a> Fields<'a> {
    pub(super) fn of(owner: &'a str, value: &'a Value) -> Result<Self, NetworkError> {
        let map = value.as_object().ok_or_else(|| unreadable(format!("{owner} is no object in braces")))?;
        Ok(Self { owner, map })
    }

    /// The same fields under the name of what they describe.
    pub(super) fn named(self, owner: &'a str) -> Self {
        Self { owner, ..self }
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.map.contains_key(field)
    }

    fn value(&self, field: &str) -> Result<&'a Value, NetworkError> {
        self.map.get(field).ok_or_else(|| unreadable(format!("'{}' has no '{field}'", self.owner)))
    }

    fn wrong<T>(&self, field: &str, kind: &str) -> Result<T, NetworkError> {
        Err(unreadable(format!("'{field}' of '{}' is not {kind}", self.owner)))
    }

    pub(super) fn number(&self, field: &str) -> Result<f64, NetworkError> {
        self.value(field)?.as_f64().map_or_else(|| self.wrong(field, "a number"), Ok)
    }

    pub(super) fn number_or(&self, field: &str, default: f64) -> Result<f64, NetworkError> {
        if self.has(field) { self.number(field) } else { Ok(default) }
    }

    pub(super) fn count_or(&self, field: &str, default: usize) -> Result<usize, NetworkError> {
        if !self.has(field) {
            return Ok(default);
        }
        let number = self.number(field)?;
        let whole = (0.0..=1e9).contains(&number) && number.fract() == 0.0;
        if whole { Ok(number as usize) } else { self.wrong(field, "a whole number up to a thousand million") }
    }

    pub(super) fn truth_or(&self, field: &str, default: bool) -> Result<bool, NetworkError> {
        match self.map.get(field) {
            None => Ok(default),
            Some(value) => value.as_bool().map_or_else(|| self.wrong(field, "true or false"), Ok),
        }
    }

    pub(super) fn text(&self, field: &str) -> Result<&'a str, NetworkError> {
        self.value(field)?.as_str().map_or_else(|| self.wrong(field, "a text"), Ok)
    }

    pub(super) fn object(&self, field: &str) -> Result<Self, NetworkError> {
        Self::of(self.owner, self.value(field)?)
    }

    /// A list; empty if there is none.
    pub(super) fn list(&self, field: &str) -> Result<&'a [Value], NetworkError> {
        match self.map.get(field) {
            None => Ok(&[]),
            Some(value) => value.as_array().map_or_else(|| self.wrong(field, "a list"), |list| Ok(list.as_slice())),
        }
    }

    pub(super) fn numbers(&self, field: &str) -> Result<Vec<f64>, NetworkError> {
        self.value(field)?;
        let numbers: Option<Vec<f64>> = self.list(field)?.iter().map(Value::as_f64).collect();
        numbers.map_or_else(|| self.wrong(field, "a list of numbers"), Ok)
    }

    pub(super) fn texts(&self, field: &str) -> Result<Vec<&'a str>, NetworkError> {
        let texts: Option<Vec<&str>> = self.list(field)?.iter().map(Value::as_str).collect();
        texts.map_or_else(|| self.wrong(field, "a list of names"), Ok)
    }

    /// Values of a field over the times `t`; a single value is constant.
    pub(super) fn waveform(&self, field: &str) -> Result<Waveform, NetworkError> {
        if self.value(field)?.is_number() {
            return self.number(field).map(Waveform::constant);
        }
        let values = self.numbers(field)?;
        if let [value] = values[..] {
            return Ok(Waveform::constant(value));
        }
        Waveform::periodic(self.numbers("t")?, values)
            .map_err(|problem| NetworkError::BadWaveform { block: self.owner.into(), problem })
    }

    /// Refuse fields that are not among these, so that a misspelt one is not taken for its default.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), NetworkError> {
        match self.map.keys().find(|key| !key.starts_with('_') && !known.contains(&key.as_str())) {
            Some(key) => {
                let known = known.join(", ");
                Err(unreadable(format!(
                    "'{}' has the parameter '{key}', which is not known; known are {known}",
                    self.owner
                )))
            }
            None => Ok(()),
        }
    }

    /// All fields that are numbers.
    pub(super) fn all_numbers(&self) -> impl Iterator<Item = (&'a String, f64)> {
        self.map.iter().filter_map(|(key, value)| value.as_f64().map(|value| (key, value)))
    }
}
