//! What a result says of itself: numbers with units, how they were made, and where they stop being true.

use super::{NodeId, Table};
use serde::{Deserialize, Serialize};

/// A number a person may read: never without its unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is, e.g. `volume`.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Its unit as shown; `1` for a pure number.
    pub unit: String,
    /// It is at least and at most this; none where it is exact, or nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[f64; 2]>,
}

impl Fact {
    /// A number without bounds.
    pub fn new(name: impl Into<String>, value: f64, unit: impl Into<String>) -> Self {
        Self { name: name.into(), value, unit: unit.into(), bounds: None }
    }

    /// Its bounds as they stand behind the value, e.g. ` (29–33)`; nothing where it has none.
    pub fn bounds_text(&self, number: impl Fn(f64) -> String) -> String {
        let Some([low, high]) = self.bounds else { return String::new() };
        // A dash between negative numbers is read as one more minus.
        let to = if low < 0.0 { " … " } else { "–" };
        format!(" ({}{to}{})", number(low), number(high))
    }
}

/// What something was made of, and a key of what counted of it then: whoever shows it asks the case whether that is so still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The object.
    pub of: NodeId,
    /// The key; who made it says of what.
    pub key: String,
}

/// The account a result gives of itself, shown in the inspector and in the report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Numbers with units, the most important first.
    pub facts: Vec<Fact>,
    /// How it was computed, with sources, one sentence each.
    pub methods: Vec<String>,
    /// Where it must not be believed, one sentence each.
    pub limits: Vec<String>,
    /// What was odd this time, one sentence each.
    pub warnings: Vec<String>,
    /// Numbers that belong side by side.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
    /// What it holds for, where that may change without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made_of: Vec<Made>,
}

impl Summary {
    /// This summary with one more number.
    #[must_use]
    pub fn fact(mut self, name: &str, value: f64, unit: &str) -> Self {
        self.facts.push(Fact::new(name, value, unit));
        self
    }

    /// This summary with one more number that is known within bounds: value, least and most.
    #[must_use]
    pub fn bounded(mut self, name: &str, [value, low, high]: [f64; 3], unit: &str) -> Self {
        let bounds = (low < high).then_some([low, high]);
        self.facts.push(Fact { bounds, ..Fact::new(name, value, unit) });
        self
    }

    /// This summary with one more sentence on how it was made.
    #[must_use]
    pub fn method(mut self, sentence: impl Into<String>) -> Self {
        self.methods.push(sentence.into());
        self
    }

    /// This summary with one more sentence on where it stops being true.
    #[must_use]
    pub fn limit(mut self, sentence: impl Into<String>) -> Self {
        self.limits.push(sentence.into());
        self
    }

    /// This summary with one more thing that was odd.
    #[must_use]
    pub fn warning(mut self, sentence: impl Into<String>) -> Self {
        self.warnings.push(sentence.into());
        self
    }

    /// This summary with one more table, in place of one with the same title.
    #[must_use]
    pub fn table(mut self, table: Table) -> Self {
        match self.tables.iter_mut().find(|old| old.title == table.title) {
            Some(old) => *old = table,
            None => self.tables.push(table),
        }
        self
    }

    /// This summary of something that holds only while these are as they were.
    #[must_use]
    pub fn made_of(mut self, made: impl IntoIterator<Item = Made>) -> Self {
        self.made_of.extend(made);
        self
    }

    /// The value of the fact called `name`.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.facts.iter().find(|fact| fact.name == name).map(|fact| fact.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_stand_behind_their_number_and_are_left_out_where_there_are_none() {
        let summary = Summary::default()
            .bounded("volume", [31.0, 29.0, 33.0], "ml")
            .bounded("gap", [0.5, -1.0, 2.0], "mm")
            .bounded("pieces", [2.0, 2.0, 2.0], "1")
            .fact("area", 4.0, "cm²");
        let texts: Vec<String> = summary.facts.iter().map(|fact| fact.bounds_text(|x| format!("{x:.1}"))).collect();
        assert_eq!(texts, [" (29.0–33.0)", " (-1.0 … 2.0)", "", ""]);
        // Facts of files from before have none, and those without are written as then.
        let old = r#"{"name":"area","value":4.0,"unit":"cm²"}"#;
        assert_eq!(serde_json::from_str::<Fact>(old).unwrap(), summary.facts[3]);
        assert_eq!(serde_json::to_string(&summary.facts[3]).unwrap(), old);
    }
}
