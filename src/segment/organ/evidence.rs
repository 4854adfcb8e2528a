//! A confidence that says what it rests on.

use crate::base::Summary;

/// Collects checks: each that fails lowers the confidence and leaves a warning.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    confidence: f64,
    summary: Summary,
}

impl Evidence {
    /// Full confidence in nothing yet; `summary` has the facts, the most important first.
    pub(super) fn new(summary: Summary) -> Self {
        Self { confidence: 1.0, summary }
    }

    /// If `good` is false, multiply the confidence by `factor` and warn with `sentence`.
    #[must_use]
    pub(super) fn expect(mut self, good: bool, factor: f64, sentence: impl FnOnce() -> String) -> Self {
        if !good {
            self.confidence *= factor;
            self.summary.warnings.push(sentence());
        }
        self
    }

    /// The summary with the confidence among its facts.
    pub(super) fn summary(self) -> Summary {
        self.summary.fact("confidence", (self.confidence * 100.0).round() / 100.0, "1").method(
            "Confidence is 1, multiplied by a factor under 1 for every failed check; each failed check is a warning",
        )
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
        assert_eq!(summary.value("confidence"), Some(0.25));
        assert_eq!(summary.warnings, ["a", "b"]);
    }
}
