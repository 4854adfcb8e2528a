//! The voxels a network wants.

use super::{Manifest, ModelError};
use crate::geom::{Grid, Vector};
use nalgebra::Matrix3;

/// Most voxels a network is given.
const VOXELS_MAX: usize = 1 << 30;
/// Steps that differ by less than this, in mm, are the same.
const SAME_MM: f64 = 1e-3;

/// The grid of the network over the box of the scan; `None` if the scan's own voxels are as wanted.
///
/// # Errors
/// [`ModelError::TooLarge`].
pub(super) fn wanted(scan: &Grid, manifest: &Manifest) -> Result<Option<Grid>, ModelError> {
    let spacing = manifest.spacing_mm.unwrap_or(scan.spacing_mm());
    let own = |a: usize| scan.step().column(a).into_owned();
    let directions = manifest.directions().unwrap_or_else(|| [0, 1, 2].map(|a| own(a).normalize()));
    let steps = [0, 1, 2].map(|a| directions[a] * spacing[a]);
    if (0..3).all(|a| (steps[a] - own(a)).norm() < SAME_MM) {
        return Ok(None);
    }
    // The scan's corners in steps of the new axes, which are orthogonal unless they are the scan's own.
    let step = Matrix3::from_columns(&steps);
    let index_from_patient = step.try_inverse().ok_or_else(|| ModelError::Network("its axes lie in a plane".into()))?;
    let ends = scan.dims().map(|n| [-0.5, n as f64 - 0.5]);
    let (mut low, mut high) = (Vector::repeat(f64::INFINITY), Vector::repeat(f64::NEG_INFINITY));
    for c in 0..8 {
        let corner = Vector::new(ends[0][c & 1], ends[1][c >> 1 & 1], ends[2][c >> 2 & 1]);
        let place = index_from_patient * (scan.patient_from_index(corner) - scan.origin());
        low = low.inf(&place);
        high = high.sup(&place);
    }
    let dims = [0, 1, 2].map(|a| ((high[a] - low[a]) - 1e-6).ceil().max(1.0) as usize);
    let voxels = dims.iter().try_fold(1_usize, |all, n| all.checked_mul(*n)).unwrap_or(usize::MAX);
    if VOXELS_MAX < voxels {
        return Err(ModelError::TooLarge { voxels, max: VOXELS_MAX });
    }
    let first = Vector::from_fn(|a, _| 0.5 * (low[a] + high[a] - (dims[a] as f64 - 1.0)));
    let grid = Grid::new(dims, scan.origin() + step * first, step);
    grid.map(Some).map_err(|error| ModelError::Network(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;

    fn manifest(orientation: &str, spacing: f64) -> Manifest {
        let text = format!(
            r#"{{ "name": "x", "model": "x", "modality": "CT", "spacing_mm": [{spacing}, {spacing}, {spacing}],
            "orientation": "{orientation}", "normalisation": {{ "kind": "range", "low": 0, "high": 1 }},
            "source": "x", "licence": "x", "labels": [{{ "class": 1, "name": "x" }}] }}"#
        );
        Manifest::parse(&text).unwrap()
    }

    #[test]
    fn voxels_as_wanted_stay_and_others_cover_the_same_box() {
        let scan = Grid::aligned([20, 30, 10], Point::new(1.0, 2.0, 3.0), [1.0, 1.0, 3.0]).unwrap();
        let same = Grid::aligned([20, 30, 10], Point::new(1.0, 2.0, 3.0), [1.0; 3]).unwrap();
        assert_eq!(wanted(&same, &manifest("LPS", 1.0)), Ok(None));
        let found = wanted(&scan, &manifest("RSA", 1.5)).unwrap().unwrap();
        assert_eq!(found.dims(), [14, 20, 20]);
        let (a, b) = (scan.bounds(), found.bounds());
        assert!((a.centre() - b.centre()).norm() < 1e-9);
        assert!((0..3).all(|n| a.size()[n] <= b.size()[n] + 1e-9 && b.size()[n] < a.size()[n] + 1.5));
        assert_eq!(found.step().column(1), Vector::new(0.0, 0.0, 1.5));
    }
}
