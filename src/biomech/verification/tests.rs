//! The quick cases as tests; `prosector verify tissue` runs them all.

use super::*;

/// Cases that need seconds in a debug build.
const SLOW: [&str; 26] = [
    "N2", "N4", "N5", "N6", "N7", "V6", "V7", "V8", "V9", "V11", "V12", "V13", "V14", "V15", "V16", "V17", "V14i",
    "V14j", "V18", "V20", "V20a", "V20c", "V-error", "C3", "C4", "C5",
];

#[test]
fn every_quick_case_passes() {
    for case in cases().iter().filter(|case| !SLOW.contains(&case.id)) {
        for row in (case.run)(&Progress::default()).unwrap() {
            assert!(row.passes(), "{row:?}");
        }
    }
}

#[test]
fn a_value_that_is_not_a_number_does_not_pass() {
    let row =
        Row { id: "", what: String::new(), value: f64::NAN, reference: 1.0, unit: "1", tolerance: 1e9, source: "" };
    assert!(!row.passes());
}

#[test]
fn extrapolation_finds_limit_and_order() {
    let (limit, order) = extrapolate([1.0, 0.5, 0.25].map(|h: f64| 7.0 + 3.0 * h.powi(2)));
    assert!((limit - 7.0).abs() < 1e-12 && (order - 2.0).abs() < 1e-12);
}
