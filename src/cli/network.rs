//! `network`: run a network of vessels from a file of svZeroDSolver.

use super::{Failure, print};
use crate::flow::network::{Network, Solution, solve};
use crate::io::{csv, file};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

/// Larger files are not read.
const BYTES_MAX: u64 = 64 << 20;

/// Solve the network in `path`; print mean, lowest and highest of every unknown, write all times to `out`.
pub(super) fn network(path: &Path, out: Option<&Path>, as_json: bool) -> Result<ExitCode, Failure> {
    let said = |error: String| Failure::Failed(format!("{}: {error}", path.display()));
    let bytes = file::read_bytes(path, BYTES_MAX).map_err(|error| said(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| said("this is no text".into()))?;
    let network = Network::from_json(&text).map_err(|error| said(error.to_string()))?;
    let solution = print::with_bar("network", |progress| solve(&network, progress));
    let solution = solution.map_err(|error| said(error.to_string()))?;
    if let Some(out) = out {
        let columns: Vec<(&str, Vec<f64>)> =
            solution.unknowns().iter().enumerate().map(|(n, own)| (own.name.as_str(), solution.series(n))).collect();
        file::write_whole(out, csv::series(solution.times(), &columns).as_bytes())?;
    }
    let rows: Vec<(String, [f64; 3])> = (0..solution.unknowns().len()).map(|n| unknown(&solution, n)).collect();
    if as_json {
        let rows: Vec<Value> = rows
            .iter()
            .map(|(name, [mean, low, high])| json!({ "name": name, "mean": mean, "lowest": low, "highest": high }))
            .collect();
        print::json(&json!({ "blocks": network.blocks().len(), "times": solution.times().len(), "unknowns": rows }));
        return Ok(ExitCode::SUCCESS);
    }
    let cells = |(name, values): &(String, [f64; 3])| {
        std::iter::once(name.clone()).chain(values.iter().map(|value| print::number(*value))).collect()
    };
    print::line("In the units of the file.");
    print::table(&["unknown", "mean>", "lowest>", "highest>"], &rows.iter().map(cells).collect::<Vec<_>>());
    if let Some(out) = out {
        print::line(&format!("{} times of {} unknowns in {}", solution.times().len(), rows.len(), out.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Name, and mean, lowest and highest value of an unknown over the kept times.
fn unknown(solution: &Solution, n: usize) -> (String, [f64; 3]) {
    let values = solution.series(n);
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (solution.unknowns()[n].name.clone(), [solution.mean_of(&values), low, high])
}
