//! Peers: programs of others that do the same job on the same data in the same minute, if they are installed.
//!
//! A peer times itself, without starting up and importing, best of several runs. Beside its time it gives a number that
//! shows it did the same job; where that number disagrees there is no ratio.

pub(super) mod calculix;
pub(super) mod lbmpy;
pub(super) mod simpleitk;
pub(super) mod svzerod;
pub(super) mod vtk;

use super::{Peer, Row};
use crate::base::parallel;
use crate::io::process::{AskError, ask};
use std::path::Path;
use std::time::Duration;

/// How long a peer may take in all.
const LIMIT: Duration = Duration::from_secs(180);
/// The first word of the line with the answer.
const MARK: &str = "prosector-peer";

/// Which is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Better {
    /// A smaller number: seconds.
    Less,
    /// A larger number: updates a second.
    More,
}

/// What a peer measured.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// Its name and version.
    pub(super) name: String,
    /// Its number, in the unit of the row.
    pub(super) value: f64,
    /// What it computed, to be compared with ours.
    pub(super) check: f64,
}

impl Row {
    /// This row with a peer beside it; `expected` is our own check and how far, relatively, the peer's may be off.
    pub(super) fn beside(mut self, better: Better, expected: (f64, f64), answer: Result<Answer, String>) -> Self {
        match answer {
            Ok(Answer { name, value, check }) => {
                let (ours, tolerance) = expected;
                let ratio = match better {
                    Better::Less => value / self.value,
                    Better::More => self.value / value,
                };
                if (check - ours).abs() <= tolerance * ours.abs() {
                    self.peer = Some(Peer { name, value, ratio: Some(ratio) });
                } else {
                    let text = format!("{name} computed {check:.6e} where ours is {ours:.6e}: no comparison");
                    self.peer = Some(Peer { name, value, ratio: None });
                    self.note = Some(text);
                }
            }
            Err(reason) => self.note = Some(format!("no peer: {reason}")),
        }
        self
    }
}

/// Ask a Python script; it prints `prosector-peer VALUE CHECK VERSION`.
fn python(name: &str, script: &str, arguments: &[&str]) -> Result<Answer, String> {
    let threads = parallel::cores().to_string();
    let call: Vec<&str> = ["-c", script, threads.as_str()].into_iter().chain(arguments.iter().copied()).collect();
    match ask("python3", &call, Path::new("."), LIMIT) {
        Ok([said, _]) => parse(name, &said).ok_or_else(|| format!("{name} gave no answer that can be read")),
        Err(AskError::Failed { said, .. }) if said.starts_with("ModuleNotFoundError") => {
            Err(format!("the Python package of {name} is not installed"))
        }
        Err(error) => Err(format!("{name}: {error}")),
    }
}

fn parse(name: &str, said: &str) -> Option<Answer> {
    let line = said.lines().find_map(|line| line.strip_prefix(MARK))?;
    let mut words = line.split_whitespace();
    let (value, check) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let version = words.next()?;
    Some(Answer { name: format!("{name} {version}"), value, check })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(value: f64, check: f64) -> Result<Answer, String> {
        parse("Peer", &format!("noise\n{MARK} {value} {check} 1.2.3\n")).ok_or_else(|| "unreadable".into())
    }

    #[test]
    fn a_ratio_above_one_means_ours_is_better() {
        let row = |better| Row::new("x", "x", 2.0, "s").beside(better, (10.0, 0.01), answer(4.0, 10.05));
        assert_eq!(row(Better::Less).peer.unwrap().ratio, Some(2.0));
        assert_eq!(row(Better::More).peer.unwrap().ratio, Some(0.5));
    }

    #[test]
    fn a_peer_that_did_another_job_gets_no_ratio_and_a_missing_one_a_reason() {
        let row = Row::new("x", "x", 2.0, "s").beside(Better::Less, (10.0, 0.01), answer(4.0, 11.0));
        assert_eq!(row.peer.unwrap().ratio, None);
        assert!(row.note.unwrap().contains("no comparison"));
        let row = Row::new("x", "x", 2.0, "s").beside(Better::Less, (1.0, 0.0), Err("it is not installed".into()));
        assert_eq!((row.peer, row.note.as_deref()), (None, Some("no peer: it is not installed")));
    }
}
