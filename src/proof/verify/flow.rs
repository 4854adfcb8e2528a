//! Flow against theory and published numbers.

use super::{Row, Tolerance};
use crate::base::Progress;
use crate::flow::verification::{Case, cases, long_cases};

/// All problems of the flow room that take seconds.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = of_cases(cases(), progress)?;
    rows.push(Row::skipped("F12", CHALLENGES, NO_CHALLENGES));
    Ok(rows)
}

/// What cannot be computed here, and why.
const CHALLENGES: &str =
    "challenges with published bands: aneurysm 2012, coronary arteries 2013, aortic coarctation 2012 and 2013";
const NO_CHALLENGES: &str =
    "their geometries lie neither in the project's test data nor in an openly licensed archive that we know";

/// Those that take minutes.
pub(super) fn long_rows(progress: &Progress) -> Result<Vec<Row>, String> {
    of_cases(long_cases(), progress)
}

fn of_cases(cases: &[Case], progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (n, case) in cases.iter().enumerate() {
        progress.step(n, cases.len()).map_err(|error| error.to_string())?;
        let part = progress.part(n as f64 / cases.len() as f64..(n + 1) as f64 / cases.len() as f64, case.what);
        let solved = (case.run)(&part).map_err(|error| format!("{} ({}): {error}", case.id, case.what))?;
        rows.extend(solved.into_iter().map(|row| {
            let tolerance = Tolerance::Absolute(row.tolerance);
            Row::new(row.id, &row.what, row.value, row.reference, row.unit, tolerance, row.source)
        }));
    }
    Ok(rows)
}
