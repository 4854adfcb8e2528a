//! Whether what is held also holds the body: every connected part must be unable to move as a whole.

use super::problem::TissueError;
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;
use nalgebra::{SMatrix, SVector};

/// Smallest eigenvalue of the constraints on the six rigid motions, relative to the largest, that counts as held.
const HELD: f64 = 1e-9;

/// Check that no part of `mesh` can move or turn without resistance.
///
/// # Errors
/// [`TissueError::NothingFixed`], [`TissueError::Loose`].
pub fn check_held(mesh: &TetMesh, imposed: &[[Option<f64>; 3]]) -> Result<(), TissueError> {
    if imposed.iter().flatten().all(Option::is_none) {
        return Err(TissueError::NothingFixed);
    }
    let root = parts(mesh);
    let mut members = vec![Vec::new(); root.len()];
    let mut in_use = vec![false; root.len()];
    mesh.tets().as_flattened().iter().for_each(|v| in_use[*v as usize] = true);
    (0..root.len()).filter(|v| in_use[*v]).for_each(|v| members[root[v] as usize].push(v));
    for part in members.iter().filter(|part| !part.is_empty()) {
        let sum: Vector = part.iter().map(|v| mesh.positions()[*v].coords).sum();
        let centre = Point::from(sum / part.len() as f64);
        let Some(motion) = free_motion(mesh, imposed, part, &centre) else { continue };
        let held = part.iter().filter(|v| imposed[**v].iter().any(Option::is_some)).count();
        let own = root[part[0]];
        let tets = mesh.tets().iter().filter(|tet| root[tet[0] as usize] == own).count();
        return Err(TissueError::Loose { tets, vertices: part.len(), held, place_mm: centre, motion });
    }
    Ok(())
}

/// The smallest vertex of the connected part of each vertex.
pub(super) fn parts(mesh: &TetMesh) -> Vec<u32> {
    fn find(root: &mut [u32], mut v: u32) -> u32 {
        while root[v as usize] != v {
            root[v as usize] = root[root[v as usize] as usize];
            v = root[v as usize];
        }
        v
    }
    let mut root: Vec<u32> = (0..mesh.positions().len() as u32).collect();
    for tet in mesh.tets() {
        for corner in &tet[1..] {
            let (a, b) = (find(&mut root, tet[0]), find(&mut root, *corner));
            root[a.max(b) as usize] = a.min(b);
        }
    }
    (0..root.len() as u32).map(|v| find(&mut root, v)).collect()
}

/// What a part can still do, from the eigenvalues of Σ r rᵀ over the held components: r = (e, (x − c) × e / L).
fn free_motion(mesh: &TetMesh, imposed: &[[Option<f64>; 3]], part: &[usize], centre: &Point) -> Option<&'static str> {
    let arm = |v: usize| mesh.positions()[v] - centre;
    let length = part.iter().map(|v| arm(*v).norm()).fold(f64::MIN_POSITIVE, f64::max);
    let mut gram = SMatrix::<f64, 6, 6>::zeros();
    for v in part {
        for axis in (0..3).filter(|axis| imposed[*v][*axis].is_some()) {
            let mut direction = Vector::zeros();
            direction[axis] = 1.0;
            let turn = arm(*v).cross(&direction) / length;
            let row = SVector::<f64, 6>::from_iterator(direction.iter().chain(turn.iter()).copied());
            gram += row * row.transpose();
        }
    }
    let eigen = gram.symmetric_eigen();
    let (least, value) = eigen.eigenvalues.argmin();
    if HELD * eigen.eigenvalues.max() < value {
        return None;
    }
    // A pure translation leaves no turning part; with none held at all the first eigenvector is a translation too.
    let turning = eigen.eigenvectors.column(least).rows(3, 3).norm();
    Some(if turning < 1e-6 { "move freely" } else { "turn" })
}
