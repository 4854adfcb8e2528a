//! `verify` and `bench`: what the program proves of itself, as tables or JSON.

use super::{Failure, print};
use crate::base::parallel;
use crate::proof::machine::Machine;
use crate::proof::verify::Tolerance;
use crate::proof::{bench, verify};
use serde::Serialize;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Compute verification rows; exit code 1 if one does not pass.
pub(super) fn verify(suite: Option<&str>, as_json: bool) -> Result<ExitCode, Failure> {
    let names: Vec<&str> = verify::SUITES.iter().map(|suite| suite.name).collect();
    let mut passed = true;
    let mut all: Vec<Value> = Vec::new();
    let is_asked = |own: &&verify::Suite| suite.is_some() || !own.long;
    let asked = verify::SUITES.iter().filter(is_asked);
    for suite in asked.filter(chosen(suite, &names, |s: &verify::Suite| s.name)?) {
        let rows = print::with_bar(suite.name, |progress| parallel::install(|| (suite.run)(progress)));
        // A suite that stops is a row that fails; the other suites still run.
        let rows = rows.unwrap_or_else(|error| vec![verify::Row::failed(&format!("{}.suite", suite.name), &error)]);
        passed &= !rows.iter().any(verify::Row::fails);
        if !as_json {
            print::line(&format!("\n{} — {}", suite.name, suite.about));
            let cells = |row: &verify::Row| {
                let error = match row.tolerance {
                    Tolerance::Relative(_) => format!("{:+.3} %", 100.0 * row.error),
                    _ => format!("{:+.3e}", row.error),
                };
                if let Some(reason) = &row.skipped {
                    let what = format!("{} ({reason})", row.what);
                    return [&row.id, &what, "", "", "", "", "", "skip", ""].map(str::to_owned).to_vec();
                }
                let verdict = if row.pass { "pass" } else { "FAIL" };
                let (value, reference) = (print::number(row.value), print::number(row.reference));
                [
                    &row.id,
                    &row.what,
                    &value,
                    &reference,
                    &row.unit,
                    &error,
                    &tolerance(row.tolerance),
                    verdict,
                    &row.source,
                ]
                .map(str::to_owned)
                .to_vec()
            };
            let header = ["id", "what", "value>", "reference>", "unit", "error>", "tolerance>", "", "source"];
            print::table(&header, &rows.iter().map(cells).collect::<Vec<_>>());
        }
        all.extend(rows.iter().map(|row| in_suite(suite.name, row)));
    }
    if as_json {
        print::json(&json!({ "suite": suite.unwrap_or("all"), "pass": passed, "rows": all }));
    } else {
        let count = |verdict: Value| all.iter().filter(|row| row["pass"] == verdict).count();
        let (pass, fail, skipped) = (count(json!(true)), count(json!(false)), count(Value::Null));
        print::line(&format!("\n{pass} rows pass, {fail} fail, {skipped} skipped"));
        for long in verify::SUITES.iter().filter(|own| own.long && suite.is_none()) {
            print::line(&format!("not run, for it takes many minutes: {} ({})", long.name, long.about));
        }
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn tolerance(tolerance: Tolerance) -> String {
    match tolerance {
        Tolerance::Absolute(limit) => format!("± {}", print::number(limit)),
        Tolerance::Relative(limit) => format!("± {} %", print::number(100.0 * limit)),
        Tolerance::AtLeast => "at least".into(),
        Tolerance::AtMost => "at most".into(),
    }
}

/// Measure.
pub(super) fn bench(suite: Option<&str>, session: bench::session::Wish, as_json: bool) -> Result<ExitCode, Failure> {
    let names: Vec<&str> = bench::SUITES.iter().map(|suite| suite.name).collect();
    let chosen: Vec<_> = bench::SUITES.iter().filter(chosen(suite, &names, |s: &bench::Suite| s.name)?).collect();
    let machine = Machine::measure();
    if !as_json {
        let processor = machine.processor.as_deref().unwrap_or("unknown processor");
        let load = machine.load.map_or("unknown".into(), |load| format!("{load:.2}"));
        print::line(&format!(
            "{processor}, {} cores, {} threads, load {load}, STREAM triad {:.1} GB/s",
            machine.cores, machine.threads, machine.stream_gb_s
        ));
    }
    let mut all: Vec<Value> = Vec::new();
    let mut stopped = false;
    for suite in chosen {
        let rows = print::with_bar(suite.name, |progress| match suite.name {
            bench::session::NAME => bench::session::rows_of(&session, progress),
            _ => parallel::install(|| (suite.run)(progress)),
        });
        let rows = rows.unwrap_or_else(|error| {
            stopped = true;
            vec![bench::Row::skipped(&format!("{}.suite", suite.name), suite.about, error)]
        });
        if !as_json {
            print::line(&format!("\n{} — {}", suite.name, suite.about));
            let cells = |row: &bench::Row| {
                let maybe = |value: Option<f64>| value.map_or(String::new(), print::number);
                let peer = row.peer.as_ref();
                vec![
                    row.id.clone(),
                    row.what.clone(),
                    if row.value.is_nan() { "–".into() } else { print::number(row.value) },
                    row.unit.clone(),
                    maybe(row.target),
                    row.peak_mb.map_or(String::new(), |mb| format!("{mb:.0}")),
                    peer.map_or(String::new(), |peer| format!("{} {}", peer.name, print::number(peer.value))),
                    maybe(peer.and_then(|peer| peer.ratio)),
                    row.note.clone().unwrap_or_default(),
                ]
            };
            let header = ["id", "what", "value>", "unit", "target>", "peak MB>", "peer", "ratio>", "note"];
            print::table(&header, &rows.iter().map(cells).collect::<Vec<_>>());
        }
        all.extend(rows.iter().map(|row| in_suite(suite.name, row)));
    }
    if as_json {
        print::json(&json!({ "suite": suite.unwrap_or("all"), "machine": machine, "rows": all }));
    }
    Ok(if stopped { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn in_suite(suite: &str, row: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(row).expect("rows are plain data");
    value["suite"] = json!(suite);
    // A row that was not computed neither passes nor fails.
    if value.get("pass").is_some() && value.get("skipped").is_some() {
        value["pass"] = Value::Null;
    }
    value
}

/// A filter for the suite asked for.
fn chosen<S>(
    asked: Option<&str>,
    names: &[&str],
    name: fn(&S) -> &'static str,
) -> Result<impl Fn(&&S) -> bool, Failure> {
    if let Some(asked) = asked.filter(|asked| !names.contains(asked)) {
        return Err(Failure::Usage(format!("there is no suite '{asked}'; there are: {}", names.join(", "))));
    }
    let asked = asked.map(str::to_owned);
    Ok(move |suite: &&S| asked.as_deref().is_none_or(|asked| name(suite) == asked))
}
