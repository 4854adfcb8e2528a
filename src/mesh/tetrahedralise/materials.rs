//! Several materials in one space: which of them is at a place, and where two of them meet.

use super::indicator::Indicator;
use super::largest::Part;
use crate::base::{Cancelled, Progress};
use crate::geom::Point;

/// The outside, as the index of a material.
pub(super) const OUTSIDE: u8 = 0;

/// Scores of materials at places; the one with the highest score is there.
pub(super) trait Scores: Sync {
    /// The material at a place; [`OUTSIDE`] where none is.
    fn material(&self, place: &Point) -> u8;
    /// How much higher the score of `a` is than that of `b`: zero on the face between them.
    fn difference(&self, place: &Point, a: u8, b: u8) -> f64;
}

/// The segments of a part seen at the scale of the cells: material n is the n-th of its labels, counted from 1.
///
/// The score of a material is its indicator plus a bias, that of the outside what the indicators leave of 1. On the face of a
/// material alone in space the indicator is therefore `(1 − bias)/2`; biases make up for the volume that the blur costs thin and
/// curved parts.
pub(super) struct Materials {
    indicators: Vec<Indicator>,
    /// One per material, -0.4 to 0.4.
    pub biases: Vec<f64>,
}

impl Materials {
    /// The indicators of a part's labels at the scale of `cell_mm`, without biases.
    pub fn new(part: &Part, cell_mm: f64, progress: &Progress) -> Result<Self, Cancelled> {
        let of_label = |label: &u8| Indicator::new(part, *label, cell_mm, progress);
        let indicators = part.labels.iter().map(of_label).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { biases: vec![0.0; indicators.len()], indicators })
    }

    fn score(&self, place: &Point, material: u8) -> f64 {
        match material {
            OUTSIDE => 1.0 - self.indicators.iter().map(|indicator| indicator.at(place)).sum::<f64>(),
            _ => {
                let n = usize::from(material) - 1;
                self.indicators[n].at(place) + self.biases[n]
            }
        }
    }
}

impl Scores for Materials {
    fn material(&self, place: &Point) -> u8 {
        let mut best = (f64::NEG_INFINITY, OUTSIDE);
        let mut outside = 1.0;
        for (n, indicator) in self.indicators.iter().enumerate() {
            let inside = indicator.at(place);
            outside -= inside;
            if 0.0 < inside && best.0 < inside + self.biases[n] {
                best = (inside + self.biases[n], n as u8 + 1);
            }
        }
        if best.0 <= outside { OUTSIDE } else { best.1 }
    }

    fn difference(&self, place: &Point, a: u8, b: u8) -> f64 {
        self.score(place, a) - self.score(place, b)
    }
}
