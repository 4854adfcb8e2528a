//! Constants of laws as somebody published them, and how tissue relaxes.

use super::Hyperelastic;
use crate::biomech::visco::Branch;
use serde::Deserialize;
use std::sync::OnceLock;

/// One row of the embedded table `assets/tissue/laws.json`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Stable name for scripts, e.g. `artery-media`.
    pub id: String,
    /// Name for people, with species and state.
    pub name: String,
    /// The law with its constants in Pa, for slow loading; none if only relaxation was measured.
    #[serde(default)]
    pub law: Option<Hyperelastic>,
    /// Poisson's ratio to compute with; sources take tissue as incompressible.
    pub poisson: f64,
    /// Density, kg/m³.
    pub density_kg_m3: f64,
    /// Largest principal strain covered by the source, 1.
    pub strain_max: f64,
    /// How stress of shape relaxes; empty if that was not measured.
    #[serde(default)]
    pub relaxation: Vec<Branch>,
    /// Where it was measured, and how its constants became ours.
    pub source: String,
}

#[derive(Deserialize)]
struct Table {
    #[serde(rename = "note")]
    _note: String,
    laws: Vec<Published>,
}

/// All rows of the table.
pub fn published() -> &'static [Published] {
    static LAWS: OnceLock<Vec<Published>> = OnceLock::new();
    LAWS.get_or_init(|| {
        let text = include_str!("../../../assets/tissue/laws.json");
        serde_json::from_str::<Table>(text).expect("the embedded table is tested").laws
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_possible_and_says_where_it_comes_from() {
        assert!(3 < published().len());
        for row in published() {
            assert!(row.law.is_some() || !row.relaxation.is_empty(), "{} says nothing", row.id);
            assert!(row.law.is_none_or(|law| law.check().is_ok()), "{}", row.id);
            assert!((0.45..0.5).contains(&row.poisson) && 0.0 < row.strain_max && !row.source.is_empty(), "{}", row.id);
            assert!((900.0..1200.0).contains(&row.density_kg_m3), "{}", row.id);
            assert!(row.relaxation.iter().all(|branch| 0.0 < branch.beta && 0.0 < branch.tau_s), "{}", row.id);
        }
    }

    #[test]
    fn rows_have_names_of_their_own() {
        let mut ids: Vec<&str> = published().iter().map(|row| row.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), published().len());
    }
}
