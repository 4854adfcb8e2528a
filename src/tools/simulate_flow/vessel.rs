//! What usually flows in which vessel: fluid, mean flow, pressure, from the table in `assets/flow`.

use serde::Deserialize;

/// The usual flow of a kind of vessel.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vessel {
    word: String,
    pub name: String,
    pub fluid: String,
    pub flow_ml_s: f64,
    pub pressure_mmhg: f64,
    pub split: String,
    pub source: String,
}

impl Vessel {
    /// Where what was not given comes from.
    pub fn told(&self, flow_is_given: bool) -> String {
        let Self { name, flow_ml_s, source, .. } = self;
        if flow_is_given {
            format!("vessel: {name}")
        } else {
            format!("vessel: {name}; its usual flow {flow_ml_s} ml/s: {source}; not this patient's")
        }
    }
}

/// The words of the table, and the one for none of them.
pub(super) const WORDS: &[&str] = &["any", "aorta", "carotid", "coronary", "cerebral", "portal", "renal", "airway"];

/// The word of the airway, which may breathe.
pub(super) const AIRWAY: &str = "airway";

/// The vessel with this word; none for a word that is in no row.
pub(super) fn vessel(word: &str) -> Option<Vessel> {
    all().into_iter().find(|vessel| vessel.word == word)
}

fn all() -> Vec<Vessel> {
    serde_json::from_str(include_str!("../../../assets/flow/vessels.json")).expect("a test reads the table")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_but_the_first_has_a_row_with_a_source() {
        let all = all();
        assert_eq!(all.iter().map(|vessel| vessel.word.as_str()).collect::<Vec<_>>(), WORDS[1..]);
        for Vessel { word, flow_ml_s, fluid, split, source, .. } in &all {
            assert!(0.0 < *flow_ml_s && 20 < source.len(), "{word}");
            assert!(["air", "blood"].contains(&fluid.as_str()) && split == "murray", "{word}");
        }
        assert_eq!(vessel("any"), None);
        assert_eq!(vessel("portal").map(|vessel| vessel.pressure_mmhg), Some(9.0));
    }
}
