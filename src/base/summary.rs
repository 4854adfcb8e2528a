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
        self.facts.push(Fact { name: name.to_owned(), value, unit: unit.to_owned() });
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
