//! A confidence that says what it rests on.

use crate::base::Summary;

/// Collects checks: each that fails lowers the confidence and leaves a warning.
#[derive(Debug, Clone)]
pub(in crate::segment) struct Evidence {
    confidence: f64,
    /// Checks that passed, and all of them.
    checks: [usize; 2],
    summary: Summary,
}

/// No automatic result gets more than this: the checks cannot see everything.
const CONFIDENCE_MAX: f64 = 0.95;

impl Evidence {
    /// Nothing checked yet; `summary` has the facts, the most important first.
    pub(in crate::segment) fn new(summary: Summary) -> Self {
        Self { confidence: CONFIDENCE_MAX, checks: [0, 0], summary }
    }

    /// If `good` is false, multiply the confidence by `factor` and warn with `sentence`.
    #[must_use]
    pub(in crate::segment) fn expect(mut self, good: bool, factor: f64, sentence: impl FnOnce() -> String) -> Self {
        self.checks[0] += usize::from(good);
        self.checks[1] += 1;
        if !good {
            self.confidence *= factor;
            self.summary.warnings.push(sentence());
        }
        self
    }

    /// The summary with the confidence among its facts.
    pub(in crate::segment) fn summary(self) -> Summary {
        let [passed, all] = self.checks;
        self.summary.fact("confidence", (self.confidence * 100.0).round() / 100.0, "1").method(format!(
            "{passed} of {all} checks passed. Confidence is {CONFIDENCE_MAX}, multiplied by a factor under 1 for every \
             failed check, which is also a warning; it is a checklist, not a probability",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_checks_multiply_and_warn() {
        let evidence = Evidence::new(Summary::default().fact("volume", 3.0, "ml"));
        let summary =
            evidence.expect(true, 0.1, String::new).expect(false, 0.5, || "a".into()).expect(false, 0.5, || "b".into());
        let summary = summary.summary();
        assert_eq!(summary.value("confidence"), Some(0.24));
        assert_eq!(summary.warnings, ["a", "b"]);
    }
}
