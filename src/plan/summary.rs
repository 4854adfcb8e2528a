//! What a plan says of itself.

use super::{Judgement, Plan, Term, Verdict};
use crate::base::{ContentHash, ContentHasher, Fact, Summary, Table};

impl Plan {
    /// The hash of all of it: of its JSON form, in which a part that a later version adds must be left out while it is empty.
    pub fn content_hash(&self) -> ContentHash {
        let text = serde_json::to_string(self).expect("a plan is plain data");
        ContentHasher::default().text(&text).finish()
    }

    /// Memory in bytes, roughly.
    pub fn bytes(&self) -> usize {
        let terms = self.score.as_ref().map_or(0, |score| score.terms.len());
        size_of::<Self>() + size_of_val(self.actions.as_slice()) + terms * (size_of::<Term>() + 300) + self.note.len()
    }

    /// Its account of itself; `sources` are sentences on where its defaults come from.
    pub fn summary(&self, sources: &[String]) -> Summary {
        let mut summary = Summary::default();
        for (name, count) in [
            ("targets", self.targets.len()),
            ("structures to spare", self.keep_out.len()),
            ("actions", self.actions.len()),
        ] {
            summary = summary.fact(name, count as f64, "1");
        }
        if !self.checks.is_empty() {
            let signed = self.checks.iter().filter(|check| check.signed.is_some()).count();
            summary = summary.fact("check-list, lines", self.checks.len() as f64, "1");
            summary = summary.fact("check-list, signed", signed as f64, "1");
        }
        summary.methods.extend(sources.iter().cloned());
        let Some(score) = &self.score else { return summary };
        if score.planned != self.planned() {
            return summary.warning("The plan was changed since it was scored; score it again.");
        }
        match score.judgement() {
            Judgement::Allowed => {}
            Judgement::NotAllowed => summary = summary.warning("Not allowed: something forbidden happens."),
            Judgement::CannotBeSaid => {
                summary =
                    summary.warning("Cannot be said whether it is allowed: a rule that forbids could not be judged.");
            }
        }
        summary.facts.extend(score.total.map(|value| Fact::new("weighted sum of costs, 0 is best", value, "1")));
        let mut table = Table::new("Score", "term", &[("value", "1"), ("low", "1"), ("high", "1")]);
        for term in &score.terms {
            let Term { name, unit, value, verdict, reason, limit, .. } = term;
            let unit = if unit == "1" { String::new() } else { format!(" [{unit}]") };
            if let Some(value) = value {
                table = table.row(format!("{name}{unit}"), [value.value, value.low, value.high].map(Some));
            }
            let why = if reason.is_empty() { String::new() } else { format!("; {reason}") };
            match verdict {
                Verdict::Breach => summary = summary.warning(format!("{name}: {}, {limit}{why}.", term.text())),
                Verdict::NotValid => summary = summary.limit(format!("{name}: {reason}.")),
                Verdict::Ok | Verdict::Warning => {}
            }
            for text in [&term.method, &term.source] {
                if !text.is_empty() && !summary.methods.contains(text) {
                    summary.methods.push(text.clone());
                }
            }
        }
        summary.table(table)
    }
}
