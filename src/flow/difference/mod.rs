//! Two computed flows beside each other, matched by place: their lattices and lumens need not be the same.

mod wall;

pub use wall::{WallDifference, WallMeans};

use super::result::{FlowResult, OpeningFlow};
use crate::geom::Vector;
use rayon::prelude::*;

/// Openings belong together if their planes lie at most so many radii of the larger one apart.
const APART_RADII: f64 = 1.0;
/// And if the angle between their normals has at least this cosine.
const SAME_WAY: f64 = 0.5;
/// Cells of a block of work.
const BLOCK: usize = 8192;

/// Speeds in the lumen of a flow, m/s.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speeds {
    /// Mean over the volume.
    pub mean_m_s: f64,
    /// 95 % of the volume is slower.
    pub high_m_s: f64,
    /// Highest of all cells.
    pub highest_m_s: f64,
}

/// How much the velocities of two flows differ where both have fluid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VelocityDifference {
    /// Share of the cells of the first whose centres lie in the second.
    pub common: f64,
    /// Root mean square of the difference over these cells, m/s.
    pub rms_m_s: f64,
    /// Root mean square of the velocity of the first over these cells, m/s.
    pub of_first_m_s: f64,
}

/// The openings of two flows that belong together, each opening in at most one pair, in the order of the first.
///
/// An inlet goes with an inlet and an outlet with an outlet, each with the nearest that also has it as its nearest, if they
/// are at most a radius apart and look the same way.
pub fn pairs<'a>(first: &'a FlowResult, second: &'a FlowResult) -> Vec<(&'a OpeningFlow, &'a OpeningFlow)> {
    let apart = |a: &OpeningFlow, b: &OpeningFlow| (a.opening.centre - b.opening.centre).norm();
    let may_match = |a: &OpeningFlow, b: &OpeningFlow| {
        a.opening.kind.is_inlet() == b.opening.kind.is_inlet()
            && SAME_WAY <= a.opening.normal.dot(&b.opening.normal)
            && apart(a, b) <= APART_RADII * a.opening.radius_mm.max(b.opening.radius_mm)
    };
    let nearest = |of: &OpeningFlow, among: &'a [OpeningFlow]| {
        let fits = among.iter().filter(|other| may_match(of, other));
        fits.min_by(|a, b| apart(of, a).total_cmp(&apart(of, b)))
    };
    let pair = |own: &'a OpeningFlow| {
        let other = nearest(own, &second.openings)?;
        nearest(other, &first.openings).filter(|back| std::ptr::eq(*back, own)).map(|_| (own, other))
    };
    first.openings.iter().filter_map(pair).collect()
}

/// Mean pressure at the inlets less that at the outlets, Pa.
pub fn pressure_drop_pa(result: &FlowResult) -> f64 {
    let mean = |inlet: bool| {
        let chosen: Vec<f64> =
            result.openings.iter().filter(|o| o.opening.kind.is_inlet() == inlet).map(|o| o.pressure_pa).collect();
        chosen.iter().sum::<f64>() / chosen.len().max(1) as f64
    };
    mean(true) - mean(false)
}

/// The speeds in a flow.
pub fn speeds(result: &FlowResult) -> Speeds {
    let speed = |u: &[f32; 3]| Vector::from(u.map(f64::from)).norm();
    let mut all: Vec<f64> = result.velocity_m_s.par_iter().map(speed).collect();
    let mean_m_s = all.iter().sum::<f64>() / all.len().max(1) as f64;
    let Some(last) = all.len().checked_sub(1) else { return Speeds { mean_m_s, high_m_s: 0.0, highest_m_s: 0.0 } };
    let high_m_s = *all.select_nth_unstable_by(last * 95 / 100, f64::total_cmp).1;
    Speeds { mean_m_s, high_m_s, highest_m_s: all.iter().copied().fold(0.0, f64::max) }
}

/// How much the velocities differ: those of the second are taken at the centres of the first's cells.
pub fn velocity_difference(first: &FlowResult, second: &FlowResult) -> VelocityDifference {
    let of_block = |block: usize| {
        let mut sums = [0.0; 3];
        for cell in block * BLOCK..first.cells.len().min((block + 1) * BLOCK) {
            let Some(other) = second.velocity_at(first.cells.centre(cell)) else { continue };
            let own = Vector::from(first.velocity_m_s[cell].map(f64::from));
            let values = [1.0, (other - own).norm_squared(), own.norm_squared()];
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
        sums
    };
    let blocks: Vec<[f64; 3]> = (0..first.cells.len().div_ceil(BLOCK)).into_par_iter().map(of_block).collect();
    let mut sums = [0.0; 3];
    for block in blocks {
        sums.iter_mut().zip(block).for_each(|(sum, value)| *sum += value);
    }
    let [count, difference, own] = sums;
    VelocityDifference {
        common: count / first.cells.len().max(1) as f64,
        rms_m_s: (difference / count.max(1.0)).sqrt(),
        of_first_m_s: (own / count.max(1.0)).sqrt(),
    }
}
