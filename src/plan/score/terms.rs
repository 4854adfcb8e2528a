//! How a term is written: names, units and limits beside the number.

use super::{Term, Verdict};
use crate::plan::Bounded;

impl Term {
    /// A number without a limit.
    pub(in crate::plan) fn value(id: &str, name: impl Into<String>, value: Bounded, unit: &str, method: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.into(),
            value: Some(value),
            unit: unit.to_owned(),
            limit: String::new(),
            verdict: Verdict::Ok,
            reason: String::new(),
            method: method.to_owned(),
            source: String::new(),
            forbids: false,
            weighed: None,
        }
    }

    /// A term that is not valid here, and why.
    pub(super) fn not_valid(id: &str, name: impl Into<String>, unit: &str, reason: impl Into<String>) -> Self {
        let base = Self::value(id, name, Bounded::exact(0.0), unit, "");
        Self { value: None, verdict: Verdict::NotValid, reason: reason.into(), ..base }
    }

    /// This term, which must be at least `limit`; a breach forbids the plan if `forbids`.
    pub(super) fn at_least(mut self, limit: f64, forbids: bool) -> Self {
        let Some(value) = &self.value else { return self };
        self.verdict = Verdict::at_least(value, limit);
        self.limit = format!("at least {} {}", plain(limit), self.unit);
        self.forbids = forbids;
        self
    }

    /// This term, which must be at most `limit`; a breach forbids the plan.
    pub(super) fn at_most(mut self, limit: f64) -> Self {
        let Some(value) = &self.value else { return self };
        self.verdict = Verdict::at_most(value, limit);
        self.limit = format!("at most {} {}", plain(limit), self.unit);
        self.forbids = true;
        self
    }

    /// This term with a reason.
    pub(super) fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// This term with where its limit or formula comes from.
    pub(super) fn cited(mut self, source: &str) -> Self {
        self.source = source.to_owned();
        self
    }

    /// This term, weighed: its cost is the part of `limit` that lacks, all of it where something is touched.
    pub(super) fn weighed(mut self, weight: f64, limit: f64) -> Self {
        let Some(value) = &self.value else { return self };
        let cost = match () {
            () if self.verdict != Verdict::Breach => 0.0,
            () if limit <= 0.0 || value.value <= 0.0 => 1.0,
            () => ((limit - value.value) / limit).clamp(0.0, 1.0),
        };
        self.weighed = Some([weight, cost]);
        self
    }

    /// The value and its bounds as a person reads them.
    pub fn text(&self) -> String {
        let decimals = match self.unit.as_str() {
            "mm" | "°" => 1,
            "m²" => 2,
            "ml" | "%" => 0,
            _ => 1,
        };
        self.value.map_or_else(|| "–".to_owned(), |value| value.text(decimals, &self.unit))
    }
}

/// `10`, `26.6`: a limit without needless digits.
fn plain(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
