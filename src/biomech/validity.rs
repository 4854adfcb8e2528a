//! Where tissue is strained beyond what its law was measured for.

use super::result::TissueResult;
use crate::base::Summary;
use crate::mesh::Doubt;
use nalgebra::Matrix3;
use rayon::prelude::*;

/// The name of the fact that tells how far the data of a region's material reach, in per cent of strain.
pub(super) fn limit_name(region: u8) -> String {
    format!("strain the material data reach, region {region}")
}

impl TissueResult {
    /// The largest principal stretch less 1 of each tetrahedron, whichever way it goes: eig √(FᵀF) − 1.
    pub fn tet_strain(&self) -> Vec<f64> {
        let moved = self.positions_mm();
        let strain = |(tet, corners): (usize, &[u32; 4])| {
            let [a, b, c, d] = self.mesh.corners(tet);
            let rest = Matrix3::from_columns(&[b - a, c - a, d - a]);
            let [a, b, c, d] = corners.map(|v| moved[v as usize]);
            let now = Matrix3::from_columns(&[b - a, c - a, d - a]);
            rest.try_inverse().map_or(0.0, |inverse| {
                let deformation = now * inverse;
                let squares = (deformation.transpose() * deformation).symmetric_eigenvalues();
                squares.map(|square| square.max(0.0).sqrt() - 1.0).amax()
            })
        };
        self.mesh.tets().par_iter().enumerate().map(strain).collect()
    }

    /// Where stress is not valid, by the limits that the account of the result states: at the corners of tetrahedra that are
    /// strained beyond the data of their material. Nothing where it is valid all over or no limit is stated.
    pub fn stress_doubt(&self, account: &Summary) -> Option<Doubt> {
        let limits: Vec<Option<f64>> =
            (0..=u8::MAX).map(|region| account.value(&limit_name(region)).map(|percent| percent / 100.0)).collect();
        if limits.iter().all(Option::is_none) {
            return None;
        }
        let mut marks = vec![false; self.mesh.positions().len()];
        let mut least = f64::INFINITY;
        for ((strain, region), corners) in self.tet_strain().iter().zip(self.mesh.regions()).zip(self.mesh.tets()) {
            if let Some(limit) = limits[usize::from(*region)].filter(|limit| limit < strain) {
                corners.iter().for_each(|v| marks[*v as usize] = true);
                least = least.min(limit);
            }
        }
        Doubt::of(marks, format!("strained beyond {:.0} %, the limit of the material data", 100.0 * least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Point, Vector};
    use crate::mesh::TetMesh;

    /// Two tetrahedra on a common face; the tip of the second is pulled out.
    fn pulled(by_mm: f64) -> TissueResult {
        let corners = [[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, -10.0], [0.0, 0.0, 10.0]];
        let positions: Vec<Point> = corners.map(Point::from).to_vec();
        let mesh = TetMesh::new(positions, vec![[0, 2, 1, 3], [0, 1, 2, 4]], vec![1, 2]).unwrap();
        let mut displacement_mm = vec![Vector::zeros(); 5];
        displacement_mm[4].z = by_mm;
        TissueResult {
            mesh,
            displacement_mm,
            von_mises_pa: vec![1.0; 5],
            principal_pa: vec![[0.0; 3]; 5],
            tet_von_mises_pa: vec![0.0; 2],
            tet_volume_ratio: vec![1.0; 2],
            support_n: vec![Vector::zeros(); 5],
            reaction_n: Vector::zeros(),
            grip_n: Vector::zeros(),
            applied_n: Vector::zeros(),
            imbalance: 0.0,
        }
    }

    #[test]
    fn strain_is_what_an_element_is_stretched_by() {
        for (by_mm, expected) in [(0.0, 0.0), (4.0, 0.4), (-3.0, 0.3)] {
            let strain = pulled(by_mm).tet_strain();
            assert!(strain[0].abs() < 1e-12 && (strain[1] - expected).abs() < 1e-12, "{strain:?}");
        }
    }

    #[test]
    fn stress_is_not_valid_where_tissue_is_strained_beyond_its_data() {
        let account = Summary::default().fact(&limit_name(1), 5.0, "%").fact(&limit_name(2), 30.0, "%");
        assert_eq!(pulled(2.0).stress_doubt(&account), None, "within");
        let doubt = pulled(4.0).stress_doubt(&account).unwrap();
        assert_eq!(doubt.marks, [true, true, true, false, true]);
        assert!(doubt.because.contains("30 %"), "{}", doubt.because);
        assert_eq!(pulled(4.0).stress_doubt(&Summary::default()), None, "no limit is known");
    }
}
