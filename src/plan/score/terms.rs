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

    /// This term, which must be at least `limit`; a breach forbids the plan if `forbids`, and without a number nobody can say
    /// then whether the plan is allowed.
    pub(super) fn at_least(mut self, limit: f64, forbids: bool) -> Self {
        self.verdict = self.value.map_or(self.verdict, |value| Verdict::at_least(&value, limit));
        self.limit = format!("at least {} {}", plain(limit), self.unit);
        self.forbids = forbids;
        self
    }

    /// This term, which must be at most `limit`; a breach forbids the plan, as [`Term::at_least`] says.
    pub(super) fn at_most(mut self, limit: f64) -> Self {
        self.verdict = self.value.map_or(self.verdict, |value| Verdict::at_most(&value, limit));
        self.limit = format!("at most {} {}", plain(limit), self.unit);
        self.forbids = true;
        self
    }

    /// This term, which would forbid the plan if it were valid and breached.
    pub(super) fn hard(mut self, forbids: bool) -> Self {
        self.forbids = forbids;
        self
    }

    /// This term, at best a warning for this reason, which stands before what is said already.
    pub(super) fn doubted(mut self, reason: &str) -> Self {
        if self.verdict != Verdict::NotValid {
            self.verdict = self.verdict.max(Verdict::Warning);
            self.reason = if self.reason.is_empty() { reason.to_owned() } else { format!("{reason}; {}", self.reason) };
        }
        self
    }

    /// This term with a reason.
    pub(in crate::plan) fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// This term with where its limit or formula comes from.
    pub(in crate::plan) fn cited(mut self, source: &str) -> Self {
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

    /// The value and its bounds as a person reads them: with as many decimals as it takes to see on which side of its limit
    /// it lies.
    pub fn text(&self) -> String {
        let Some(value) = self.value else { return "–".to_owned() };
        let usual = match self.unit.as_str() {
            "m²" => 2,
            "ml" | "%" if 100.0 <= value.value.abs() => 0,
            _ => 1,
        };
        let all = [value.value, value.low, value.high];
        let shown = match self.verdict {
            Verdict::Breach => &all[..1],
            Verdict::Warning => &all[..],
            Verdict::Ok | Verdict::NotValid => &[],
        };
        let limits = numbers_in(&self.limit);
        let seen = |decimals: &usize| shown.iter().all(|x| limits.iter().all(|limit| is_seen(*x, *limit, *decimals)));
        let decimals = (usual..DECIMALS_MAX).find(seen).unwrap_or(DECIMALS_MAX);
        value.text(decimals, &self.unit)
    }
}

/// More decimals say nothing of a patient.
const DECIMALS_MAX: usize = 4;

/// The numbers in the words of a limit.
fn numbers_in(limit: &str) -> Vec<f64> {
    let words = limit.split(|c: char| c.is_whitespace() || c == ',');
    words.filter_map(|word| word.parse().ok()).filter(|x: &f64| x.is_finite()).collect()
}

/// Whether `x`, rounded, is still on its side of `limit`; what is nearer to it than a rounding error of sums has none.
fn is_seen(x: f64, limit: f64, decimals: usize) -> bool {
    let scale = 10_f64.powi(decimals as i32);
    let rounded = (x * scale).round() / scale;
    (x - limit).abs() < 1e-6 || ((x < limit) == (rounded < limit) && (limit < x) == (limit < rounded))
}

/// `10`, `26.6`: a limit without needless digits.
fn plain(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_on_its_side_of_the_limit() {
        let term = |x: f64, unit: &str| Term::value("a", "a", Bounded::exact(x), unit, "");
        assert_eq!(term(0.62, "ml").text(), "0.6 ml");
        assert_eq!(term(1432.4, "ml").text(), "1432 ml");
        assert_eq!(term(29.6, "%").at_least(30.0, true).text(), "29.6 %");
        assert_eq!(term(99.96, "%").at_least(100.0, true).text(), "99.96 %");
        assert_eq!(term(100.0, "%").at_least(100.0, true).text(), "100 %");
        assert_eq!(term(10.0001, "mm").at_most(10.0).text(), "10.0001 mm");
        assert_eq!(term(9.96, "mm").at_least(10.0, true).text(), "9.96 mm");
        assert_eq!(term(10.04, "mm").at_least(10.0, true).text(), "10.0 mm", "kept: nothing contradicts that");
        let band = Bounded { value: 10.3, low: 9.97, high: 10.6 };
        assert_eq!(Term::value("a", "a", band, "mm", "").at_least(10.0, true).text(), "10.30 mm (9.97–10.60)");
        // A sum that is off by its rounding only.
        assert_eq!(term(30.000_000_000_1, "mm").at_most(30.0).text(), "30.0 mm");
    }

    #[test]
    fn what_is_not_valid_keeps_its_limit_and_whether_it_forbids() {
        let term = || Term::not_valid("a", "a", "mm", "why");
        let hard = term().at_least(10.0, true);
        assert_eq!((hard.verdict, hard.forbids, hard.limit.as_str()), (Verdict::NotValid, true, "at least 10 mm"));
        assert!(term().at_most(3.0).forbids && !term().at_least(10.0, false).forbids && !term().forbids);
        assert_eq!(term().doubted("so").reason, "why");
        let sure = Term::value("a", "a", Bounded::exact(3.0), "mm", "").because("that");
        assert_eq!(
            (sure.clone().doubted("so").verdict, sure.doubted("so").reason.as_str()),
            (Verdict::Warning, "so; that")
        );
    }
}
