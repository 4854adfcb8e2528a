//! From what people say of a needle to what the solver is asked.

use crate::biomech::needle::{NITINOL_PA, Needle, Path, Resistance, STEEL_PA};
use crate::geom::{Point, Vector};
use crate::session::CommandError;
use serde::{Deserialize, Serialize};

/// The needle, what resists it and where it shall go, as the tool's parameters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Asked {
    entry: [f64; 3],
    target: [f64; 3],
    gauge: i64,
    diameter_mm: Option<f64>,
    stylet: bool,
    metal: Metal,
    length_mm: f64,
    guide_mm: Option<f64>,
    puncture_n: f64,
    cutting_n: f64,
    friction_n_cm: f64,
    side_ratio: f64,
    side: Option<[f64; 3]>,
    step_mm: f64,
}

/// What a needle is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Metal {
    Steel,
    Nitinol,
}

impl Asked {
    /// In the solver's terms.
    ///
    /// # Errors
    /// [`CommandError::BadParams`] for a gauge that is not in the table and a bevel without a side.
    pub(super) fn checked(self) -> Result<(Needle, Resistance, Path), CommandError> {
        let [outer_mm, inner_mm] = match self.diameter_mm {
            Some(outer_mm) => [outer_mm, 0.0],
            None => Needle::of_gauge(self.gauge).ok_or_else(|| {
                let text = format!("{} G is not in the table (14, 16 to 22, 25); give diameter_mm", self.gauge);
                CommandError::BadParams(text)
            })?,
        };
        if 0.0 < self.side_ratio && self.side.is_none() {
            let text = format!(
                "side_ratio = {} needs a side: the direction that the bevel pushes the tip to",
                self.side_ratio
            );
            return Err(CommandError::BadParams(text));
        }
        let young_pa = if self.metal == Metal::Nitinol { NITINOL_PA } else { STEEL_PA };
        let inner_mm = if self.stylet { 0.0 } else { inner_mm };
        let needle = Needle { outer_mm, inner_mm, length_mm: self.length_mm, young_pa };
        let resistance = Resistance {
            puncture_n: self.puncture_n,
            cutting_n: self.cutting_n,
            friction_n_m: 100.0 * self.friction_n_cm,
            side_ratio: self.side_ratio,
            side_towards: self.side.map_or_else(Vector::zeros, Vector::from),
        };
        let (entry_mm, target_mm) = (Point::from(self.entry), Point::from(self.target));
        Ok((needle, resistance, Path { entry_mm, target_mm, guide_mm: self.guide_mm, step_mm: self.step_mm }))
    }
}
