//! Fibre directions of a whole mesh: all one way, or with the centre line of a vessel.

use super::material::Fibre;
use crate::base::{Cancelled, Progress};
use crate::geom::{Point, Vector};
use crate::mesh::{CentreLines, TetMesh};
use rayon::prelude::*;

/// Tetrahedra between two looks at the progress.
const BATCH: usize = 16_384;
/// Nearer to a centre line than this, mm, there is no way around it.
const ON_LINE_MM: f64 = 1e-6;

/// Where the fibres of a mesh run.
#[derive(Debug, Clone, Copy)]
pub enum FibreField<'a> {
    /// The same way everywhere: a muscle that was straightened, a block of tissue.
    Everywhere(Fibre),
    /// Along the centre line nearest to each tetrahedron, the layer around it: muscle of a tube, a bundle.
    Along(&'a CentreLines),
    /// Around that line, the layer along it: the direction from which the wall of an artery counts the angles of its
    /// families (Holzapfel, Gasser and Ogden 2000, J Elasticity 61:1, figure 13).
    Around(&'a CentreLines),
}

impl FibreField<'_> {
    /// One fibre per tetrahedron, at its middle; along x where there is no centre line at all.
    ///
    /// # Errors
    /// [`Cancelled`].
    pub fn of(&self, mesh: &TetMesh, progress: &Progress) -> Result<Vec<Fibre>, Cancelled> {
        let (lines, around) = match self {
            Self::Everywhere(fibre) => return Ok(vec![*fibre; mesh.tets().len()]),
            Self::Along(lines) => (lines, false),
            Self::Around(lines) => (lines, true),
        };
        let mut fibres = Vec::with_capacity(mesh.tets().len());
        for start in (0..mesh.tets().len()).step_by(BATCH) {
            progress.step(start, mesh.tets().len())?;
            let tets = start..mesh.tets().len().min(start + BATCH);
            let at = |tet: usize| {
                let middle = Point::from(mesh.corners(tet).map(|corner| corner.coords).iter().sum::<Vector>() / 4.0);
                near(lines, &middle, around).unwrap_or_default()
            };
            fibres.par_extend(tets.into_par_iter().with_min_len(256).map(at));
        }
        Ok(fibres)
    }
}

/// The fibre beside a line at `point`; `None` without lines.
fn near(lines: &CentreLines, point: &Point, around: bool) -> Option<Fibre> {
    let place = lines.nearest(point)?;
    let points = &lines.branches()[place.branch].points;
    let (from, to) = (points[place.point], points[place.point + 1]);
    let axis = (to - from).try_normalize(0.0)?;
    let outwards = point - (from + (to - from) * place.part);
    let outwards = outwards - axis * axis.dot(&outwards);
    let Some(ring) = axis.cross(&outwards).try_normalize(ON_LINE_MM) else { return Some(Fibre::along(axis)) };
    Some(if around { Fibre { along: ring, across: axis } } else { Fibre { along: axis, across: ring } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biomech::verification::shapes::mapped_box;
    use crate::mesh::CentreBranch;

    fn axis() -> CentreLines {
        let points = vec![Point::new(0.0, 0.0, -10.0), Point::new(0.0, 0.0, 4.0), Point::new(0.0, 0.0, 30.0)];
        CentreLines::new(vec![CentreBranch { parent: None, points, radii_mm: vec![5.0; 3] }]).unwrap()
    }

    fn tube() -> TetMesh {
        mapped_box([2, 12, 4], |[r, t, z]| {
            let angle = 1.5 * std::f64::consts::PI * t;
            Point::new((5.0 + r) * angle.cos(), (5.0 + r) * angle.sin(), 20.0 * z)
        })
    }

    #[test]
    fn fibres_run_around_and_along_a_straight_vessel() {
        let (mesh, lines) = (tube(), axis());
        let around = FibreField::Around(&lines).of(&mesh, &Progress::default()).unwrap();
        let along = FibreField::Along(&lines).of(&mesh, &Progress::default()).unwrap();
        assert_eq!(around.len(), mesh.tets().len());
        for (tet, (ring, axial)) in around.iter().zip(&along).enumerate() {
            let middle = mesh.corners(tet).iter().map(|corner| corner.coords).sum::<Vector>() / 4.0;
            let outwards = Vector::new(middle.x, middle.y, 0.0).normalize();
            assert!(
                (ring.along - Vector::z().cross(&outwards)).norm() < 1e-9 && (ring.across - Vector::z()).norm() < 1e-9
            );
            assert!((axial.along - Vector::z()).norm() < 1e-9 && axial.across.dot(&outwards).abs() < 1e-9);
            assert!(ring.normalised().is_some() && axial.normalised().is_some());
        }
    }

    #[test]
    fn a_point_on_the_line_has_a_direction_all_the_same() {
        let lines = axis();
        let fibre = near(&lines, &Point::new(0.0, 0.0, 1.0), true).unwrap();
        assert_eq!(fibre.along, Vector::z());
        assert!(fibre.normalised().is_some());
    }
}
