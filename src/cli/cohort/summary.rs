//! All cases beside each other: a table to read, and one for spreadsheets.

use super::cases::Case;
use super::record::Record;
use super::{Failure, Job, print};
use crate::io::{file, table_csv};
use serde_json::{Value, json};

/// The table of all cases in the folder of the results.
const FILE: &str = "summary.csv";

/// Write the table of all cases that have a record, those of earlier runs too: a row each, with the facts of the last
/// result.
pub(super) fn write(job: &Job) -> Result<(), Failure> {
    let records: Vec<(&Case, Record)> = job
        .cases
        .iter()
        .filter_map(|case| Some((case, case.record(&job.out).filter(|record| case.is_of(record))?)))
        .collect();
    file::write_whole(&job.out.join(FILE), csv(&records).as_bytes())?;
    Ok(())
}

/// One line a case; a column for every fact that some case has, with its unit, in the order they come.
fn csv(records: &[(&Case, Record)]) -> String {
    let mut columns: Vec<(&str, &str)> = Vec::new();
    for fact in records.iter().flat_map(|(_, record)| &record.facts) {
        let column = (fact.name.as_str(), fact.unit.as_str());
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let heading =
        |(name, unit): &(&str, &str)| if *unit == "1" { (*name).to_owned() } else { format!("{name} [{unit}]") };
    let first = ["case", "result", "error", "seconds", "hash", "of"].map(str::to_owned);
    let mut lines = vec![table_csv::line(first.into_iter().chain(columns.iter().map(heading)))];
    for (case, record) in records {
        let result = if record.error.is_some() { "failed" } else { "done" };
        let cells = [
            case.name.clone(),
            result.to_owned(),
            record.error.clone().unwrap_or_default(),
            record.seconds.to_string(),
            record.hash.clone(),
            record.of.clone().unwrap_or_default(),
        ];
        let value = |(name, unit): &(&str, &str)| {
            let fact = record.facts.iter().find(|fact| fact.name == *name && fact.unit == *unit);
            fact.map_or(String::new(), |fact| fact.value.to_string())
        };
        lines.push(table_csv::line(cells.into_iter().chain(columns.iter().map(value))));
    }
    lines.concat()
}

/// Print how every case went.
pub(super) fn show(job: &Job, records: &[(usize, Record)]) {
    let row = |(n, record): &(usize, Record)| {
        let word = match (&record.error, record.kept) {
            (Some(_), _) => "failed",
            (None, true) => "was done",
            (None, false) => "done",
        };
        let what = record.error.clone().or_else(|| record.of.clone()).unwrap_or_default();
        vec![job.cases[*n].name.clone(), word.into(), format!("{:.1}", record.seconds), what]
    };
    print::table(&["case", "result", "s>", "what"], &records.iter().map(row).collect::<Vec<_>>());
    let failed = records.iter().filter(|(_, record)| record.error.is_some()).count();
    let table = job.out.join(FILE);
    print::line(&format!("{} of {} cases done; {}", records.len() - failed, records.len(), table.display()));
}

/// The same as JSON.
pub(super) fn json(job: &Job, records: &[(usize, Record)]) -> Value {
    let one = |(n, record): &(usize, Record)| json!({ "name": job.cases[*n].name, "number": n + 1, "was_done": record.kept, "record": record });
    json!({ "script": job.script, "cases": records.iter().map(one).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Summary;

    #[test]
    fn facts_that_only_some_cases_have_leave_empty_cells() {
        let case = |name: &str| Case { name: name.into(), path: name.into() };
        let record = |facts: Summary, error: Option<&str>| Record {
            case: "x".into(),
            file: None,
            script: "s".into(),
            hash: "h".into(),
            seconds: 1.5,
            steps: 1,
            error: error.map(str::to_owned),
            of: None,
            facts: facts.facts,
            kept: false,
        };
        let (a, b) = (case("a"), case("b, c"));
        let volume = Summary::default().fact("volume", 2.5, "ml").fact("cells", 3.0, "1");
        let text = csv(&[(&a, record(volume, None)), (&b, record(Summary::default(), Some("it broke")))]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "case,result,error,seconds,hash,of,volume [ml],cells");
        assert_eq!(lines[1], "a,done,,1.5,h,,2.5,3");
        assert_eq!(lines[2], "\"b, c\",failed,it broke,1.5,h,,,");
    }
}
