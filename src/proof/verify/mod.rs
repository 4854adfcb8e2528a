//! Verification: computed numbers beside theory, published tables or known truth. The one list of suites.

mod flow;
mod image;
mod nozzle;
mod plan;
mod plan_paths;
mod segment;
mod tissue;

use crate::base::Progress;
use serde::Serialize;

/// How far a value may be from its reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    /// |value − reference| at most this, in the unit of the row.
    Absolute(f64),
    /// |value − reference| at most this times |reference|.
    Relative(f64),
    /// The value is at least the reference.
    AtLeast,
    /// The value is at most the reference.
    AtMost,
}

/// One verified number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Stable id.
    pub id: String,
    /// What is compared.
    pub what: String,
    /// What this program computes.
    pub value: f64,
    /// What it should be.
    pub reference: f64,
    /// The unit of both.
    pub unit: String,
    /// value − reference, relative to the reference where the tolerance is.
    pub error: f64,
    /// How far it may be off.
    pub tolerance: Tolerance,
    /// Where the reference comes from.
    pub source: String,
    /// Whether it is near enough.
    pub pass: bool,
    /// Why the row was not computed, if it was not: it neither passes nor fails then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
}

impl Row {
    /// A row; `pass` follows from the numbers. A value that is not finite never passes.
    pub fn new(
        id: &str,
        what: &str,
        value: f64,
        reference: f64,
        unit: &str,
        tolerance: Tolerance,
        source: &str,
    ) -> Self {
        let difference = value - reference;
        let (error, pass) = match tolerance {
            Tolerance::Absolute(limit) => (difference, difference.abs() <= limit),
            Tolerance::Relative(limit) => (difference / reference, (difference / reference).abs() <= limit),
            Tolerance::AtLeast => (difference, reference <= value),
            Tolerance::AtMost => (difference, value <= reference),
        };
        let [id, what, unit, source] = [id, what, unit, source].map(str::to_owned);
        Self {
            id,
            what,
            value,
            reference,
            unit,
            error,
            tolerance,
            source,
            pass: pass && value.is_finite(),
            skipped: None,
        }
    }

    /// A row that could not be computed because of `error`: it has no value and fails.
    pub fn failed(id: &str, error: &str) -> Self {
        let what = format!("could not be computed: {error}");
        Self::new(id, &what, f64::NAN, f64::NAN, "", Tolerance::Absolute(0.0), "")
    }

    /// A row that was not computed for a good `reason`, e.g. data that is not on this machine.
    pub fn skipped(id: &str, what: &str, reason: &str) -> Self {
        let row = Self::new(id, what, f64::NAN, f64::NAN, "", Tolerance::Absolute(0.0), "");
        Self { skipped: Some(reason.to_owned()), ..row }
    }

    /// Whether it was computed and is too far off, or could not be computed.
    pub fn fails(&self) -> bool {
        !self.pass && self.skipped.is_none()
    }
}

/// Rows that belong together.
pub struct Suite {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it shows, one sentence.
    pub about: &'static str,
    /// Compute the rows.
    pub run: fn(&Progress) -> Result<Vec<Row>, String>,
    /// Whether it takes many minutes, so that it only runs when it is named.
    pub long: bool,
}

/// All suites, in the order they are printed.
pub const SUITES: &[Suite] = &[
    Suite { name: "image", about: "phantoms against their formulas", run: image::rows, long: false },
    Suite {
        name: "segment",
        about: "presets, surfaces and tetrahedra against known truth",
        run: segment::rows,
        long: false,
    },
    Suite { name: "tissue", about: "soft tissue against theory and published numbers", run: tissue::rows, long: false },
    Suite { name: "flow", about: "flow against theory and published numbers", run: flow::rows, long: false },
    Suite {
        name: "plan",
        about: "resections, territories, paths, ablations and screws against known truth",
        run: plan::rows,
        long: false,
    },
    Suite {
        name: "flow-long",
        about: "flow past bodies and behind steps, many minutes",
        run: flow::long_rows,
        long: true,
    },
    Suite { name: "nozzle", about: "the FDA's nozzle beside laboratories, minutes", run: nozzle::rows, long: true },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_passes_only_within_its_tolerance() {
        let pass = |value, tolerance| Row::new("x", "x", value, 100.0, "mm", tolerance, "theory").pass;
        assert!(pass(101.0, Tolerance::Relative(0.02)) && !pass(103.0, Tolerance::Relative(0.02)));
        assert!(pass(100.5, Tolerance::Absolute(0.5)) && !pass(100.6, Tolerance::Absolute(0.5)));
        assert!(pass(100.0, Tolerance::AtLeast) && !pass(99.0, Tolerance::AtLeast));
        assert!(pass(100.0, Tolerance::AtMost) && !pass(101.0, Tolerance::AtMost));
        let (failed, skipped) = (Row::failed("x", "no mesh"), Row::skipped("x", "x", "no data here"));
        assert!(failed.fails() && !skipped.fails() && !skipped.pass);
        assert_eq!(serde_json::to_value(&failed).unwrap()["value"], serde_json::Value::Null);
        assert!(!pass(f64::NAN, Tolerance::Relative(1.0)) && !pass(f64::INFINITY, Tolerance::AtLeast));
    }
}
