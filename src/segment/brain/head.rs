//! First guesses about a head: which values are tissue, where its middle is, how large it is.

use super::coarse::quantiles;
use crate::geom::{Point, Vector};
use crate::image::Volume;
use crate::segment::SegmentError;

/// From the top of the head, this much holds the brain; face and neck lie below.
const BRAIN_MM: f64 = 130.0;

/// What a head looks like before its brain is found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    /// The value at 2 % of all; a tenth of the way from there to 98 %; the median inside.
    pub low: f64,
    pub threshold: f64,
    pub median: f64,
    /// Centre of gravity of what is brighter than the threshold.
    pub centre: Point,
    /// Radius of a ball of the same volume.
    pub radius_mm: f64,
}

/// Guess as Smith (2002) does, but only from the upper part of the head.
pub(super) fn head(volume: &Volume<f32>) -> Result<Head, SegmentError> {
    let missing = |reason: String| SegmentError::NotFound { organ: "brain", reason };
    let [low, high] = quantiles(volume.voxels().iter().copied(), [0.02, 0.98]).expect("a grid is never empty");
    let threshold = low + 0.1 * (high - low);
    if !(low < high) {
        return Err(missing("all voxels have the same value".into()));
    }
    let grid = volume.grid();
    let bright = |at: &usize| threshold < f64::from(volume.voxels()[*at]);
    let mm3 = grid.voxel_mm3();
    // The top of the head: above it lie at most 10 ml that are not air.
    let mut heights: Vec<f64> = (0..grid.len()).filter(bright).map(|at| grid.centre(grid.voxel(at)).z).collect();
    heights.sort_by(|a, b| b.total_cmp(a));
    let Some(top_mm) = heights.get((10_000.0 / mm3) as usize).copied() else {
        return Err(missing("less than 10 ml of the image are brighter than its background".into()));
    };
    let (mut sum, mut weight, mut n) = (Vector::zeros(), 0.0, 0.0);
    for at in (0..grid.len()).filter(bright) {
        let place = grid.centre(grid.voxel(at));
        if top_mm - BRAIN_MM < place.z {
            let value = f64::from(volume.voxels()[at]).min(high) - low;
            sum += place.coords * value;
            weight += value;
            n += 1.0;
        }
    }
    let centre = Point::from(sum / weight);
    let radius_mm = (3.0 * n * mm3 / (4.0 * std::f64::consts::PI)).cbrt();
    if !(40.0..=140.0).contains(&radius_mm) {
        return Err(missing(format!(
            "what is brighter than the background fills a ball of {radius_mm:.0} mm radius; a head has 60 to 110 mm"
        )));
    }
    let inside = (0..grid.len()).filter(|at| {
        let value = f64::from(volume.voxels()[*at]);
        low < value && value < high && (grid.centre(grid.voxel(*at)) - centre).norm() < 0.8 * radius_mm
    });
    let median = quantiles(inside.map(|at| volume.voxels()[at]), [0.5]).map_or(threshold, |[median]| median);
    Ok(Head { low, threshold, median, centre, radius_mm })
}
