//! The tissues we know: constants, ranges, and where they were measured.

use super::{Hyperelastic, Material};
use serde::Deserialize;
use std::sync::OnceLock;

/// One row of the embedded table `assets/tissue/materials.json`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tissue {
    /// Stable name for scripts, e.g. `liver`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Published range of Young's modulus, Pa.
    pub young_range_pa: [f64; 2],
    /// Value to start with, Pa.
    pub young_pa: f64,
    /// Poisson's ratio.
    pub poisson: f64,
    /// Density, kg/m³.
    pub density_kg_m3: f64,
    /// Largest principal strain covered by the source, 1.
    pub strain_max: f64,
    /// Where it was measured.
    pub source: String,
}

impl Tissue {
    /// The material with the value to start with.
    pub fn material(&self) -> Material {
        let Self { young_pa, poisson, density_kg_m3, strain_max, .. } = *self;
        Material { young_pa, poisson, density_kg_m3, strain_max, law: Hyperelastic::NeoHookean }
    }
}

#[derive(Deserialize)]
struct Table {
    #[serde(rename = "note")]
    _note: String,
    tissues: Vec<Tissue>,
}

/// All tissues of the table.
pub fn tissues() -> &'static [Tissue] {
    static TISSUES: OnceLock<Vec<Tissue>> = OnceLock::new();
    TISSUES.get_or_init(|| {
        let text = include_str!("../../../assets/tissue/materials.json");
        serde_json::from_str::<Table>(text).expect("the embedded table is tested").tissues
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tissue_is_possible_and_inside_its_own_range() {
        assert!(10 < tissues().len());
        for tissue in tissues() {
            let [low, high] = tissue.young_range_pa;
            assert!(0.0 < low && low <= tissue.young_pa && tissue.young_pa <= high, "{}", tissue.id);
            assert!(0.0 < tissue.poisson && tissue.poisson < 0.5 && 0.0 < tissue.strain_max, "{}", tissue.id);
            assert!((100.0..3000.0).contains(&tissue.density_kg_m3) && !tissue.source.is_empty(), "{}", tissue.id);
        }
    }
}
