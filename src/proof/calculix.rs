//! CalculiX, a program of others that solves the same bodies with the same elements, if it is installed.

use crate::base::parallel;
use crate::io::file::{read_text, write_whole};
use crate::io::process::{AskError, Scratch, ask};
use std::time::Duration;

/// How long it may take.
const LIMIT: Duration = Duration::from_secs(180);

/// What it made of an input deck.
pub(super) struct Run {
    /// Its name and version.
    pub(super) name: String,
    /// Seconds of the whole run, reading and writing included.
    pub(super) seconds: f64,
    /// The file of the numbers that the deck asks to print.
    pub(super) results: String,
}

/// Solve an input deck.
///
/// # Errors
/// Why there is no answer: it is not installed, or what it said.
pub(super) fn run(deck: &str) -> Result<Run, String> {
    let scratch = Scratch::new("calculix").map_err(|error| format!("CalculiX: no temporary folder: {error}"))?;
    write_whole(&scratch.path().join("job.inp"), deck.as_bytes()).map_err(|error| error.to_string())?;
    let threads = format!("OMP_NUM_THREADS={}", parallel::cores());
    let [said, _] = ask("env", &[&threads, "ccx", "job"], scratch.path(), LIMIT).map_err(|error| match error {
        AskError::Failed { said, .. } if said.contains("No such file") => "CalculiX (ccx) is not installed".into(),
        error => format!("CalculiX: {error}"),
    })?;
    let results =
        read_text(&scratch.path().join("job.dat")).map_err(|error| format!("CalculiX gave no result: {error}"))?;
    let seconds = number_after(&said, "Total CalculiX Time:").ok_or("CalculiX gave no result that can be read")?;
    let version = said.split_whitespace().skip_while(|word| *word != "Version").nth(1).unwrap_or("").trim_matches(',');
    Ok(Run { name: format!("CalculiX {version}").trim_end().to_owned(), seconds, results })
}

fn number_after(text: &str, words: &str) -> Option<f64> {
    text.split(words).nth(1)?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_after_its_words() {
        assert_eq!(number_after(" Total CalculiX Time: 3.25\n", "Total CalculiX Time:"), Some(3.25));
        assert_eq!(number_after("nothing", "Total CalculiX Time:"), None);
    }
}
