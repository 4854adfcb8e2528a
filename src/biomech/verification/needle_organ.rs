//! The needle in an organ of tetrahedra: symmetry, work, convergence, reciprocity.

use super::needle::{NEEDLE, as_tissue};
use super::shapes::{straight_box, vertices_where};
use super::{Row, material};
use crate::base::Progress;
use crate::biomech::TissueError;
use crate::biomech::needle::{Inserted, Insertion, Path, Resistance, TissueGround, inserted_in};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

const SYMMETRIC: Resistance = Resistance {
    puncture_n: 0.1,
    cutting_n: 0.1,
    friction_n_m: 5.0,
    side_ratio: 0.0,
    side_towards: Vector::new(1.0, 0.0, 0.0),
};

/// A needle pushed into a box of 100 mm with `cells` cells a side, and the energy stored in the box, J.
fn pushed(
    mesh: &TetMesh,
    fixed: &[u32],
    resistance: Resistance,
    path: Path,
    progress: &Progress,
) -> Result<(Inserted, f64), TissueError> {
    let materials = [(1, material(0.49))];
    let insertion = Insertion { mesh, materials: &materials, fixed, needle: NEEDLE, resistance, path };
    let way: Vec<Point> =
        (1..20).map(|n| path.entry_mm + (path.target_mm - path.entry_mm) * (f64::from(n) / 20.0)).collect();
    let mut ground = TissueGround::new(&insertion, &way, progress).map_err(as_tissue)?;
    let inserted = inserted_in(&mut ground, &NEEDLE, &resistance, &path, progress).map_err(as_tissue)?;
    Ok((inserted, ground.stored_j()))
}

/// From a corner along the diagonal, held at the three faces opposite: nothing tells one side from another.
fn diagonal(step_mm: f64) -> Path {
    Path { entry_mm: Point::origin(), target_mm: Point::new(40.0, 40.0, 40.0), guide_mm: None, step_mm }
}

fn opposite(mesh: &TetMesh) -> Vec<u32> {
    vertices_where(mesh, |p| p.iter().any(|x| 99.9 < *x))
}

/// N5: a symmetric needle in a symmetric organ goes straight.
pub fn straight(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mesh = straight_box([8; 3], [100.0; 3]);
    let (inserted, _) = pushed(&mesh, &opposite(&mesh), SYMMETRIC, diagonal(5.0), progress)?;
    let beside_mm = |place: &Point| inserted.along_and_beside_mm(place)[1];
    let zero = |what: &str, value| Row {
        id: "N5",
        what: what.into(),
        value,
        reference: 0.0,
        unit: "mm",
        tolerance: 1e-6,
        source: "symmetry of box, mesh and supports about its diagonal; the residual of the solver",
    };
    Ok(vec![
        zero("tip beside the planned line", beside_mm(&inserted.tip_mm)),
        zero("target beside the planned line", beside_mm(&inserted.target_mm)),
        Row {
            id: "N5",
            what: "force at the hand: cutting and friction of what is cut".into(),
            value: inserted.peak_n(),
            reference: 0.1 + 5e-3 * inserted.samples.last().map_or(f64::NAN, |sample| sample.cut_mm),
            unit: "N",
            tolerance: 1e-6,
            source: "balance of forces along a straight needle; rounding only",
        },
    ])
}

/// N6: the work of the hand is stored in the tissue or lost in friction and cutting.
pub fn work(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mesh = straight_box([8; 3], [100.0; 3]);
    // From a place within, so that the surface does not jump over the needle: what that loses is no work of friction.
    let path =
        Path { entry_mm: Point::new(30.0, 30.0, 30.0), target_mm: Point::new(65.0, 65.0, 65.0), ..diagonal(1.0) };
    let (inserted, stored_j) = pushed(&mesh, &opposite(&mesh), SYMMETRIC, path, progress)?;
    let Inserted { work_j, friction_j, cutting_j, .. } = inserted;
    Ok(vec![Row {
        id: "N6",
        what: "work of the hand: stored, friction and cutting".into(),
        value: 1e3 * (stored_j + friction_j + cutting_j),
        reference: 1e3 * work_j,
        unit: "mJ",
        tolerance: 0.03 * 1e3 * work_j,
        source: "conservation of energy; the way of cutting is counted in the tissue at rest, which the needle strains by some per cent",
    }])
}

/// N7: the end of a bevelled needle converges with the step.
pub fn steps(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mesh = straight_box([8; 3], [100.0; 3]);
    let fixed = opposite(&mesh);
    let resistance = Resistance { side_ratio: 0.5, side_towards: Vector::new(1.0, -1.0, 0.0), ..SYMMETRIC };
    let mut ends = [0.0; 2];
    for (n, (end, step_mm)) in ends.iter_mut().zip([2.0, 1.0]).enumerate() {
        let progress = progress.part(n as f64 / 2.0..(n + 1) as f64 / 2.0, "steps");
        let (inserted, _) = pushed(&mesh, &fixed, resistance, diagonal(step_mm), &progress)?;
        *end = inserted.along_and_beside_mm(&inserted.tip_mm)[1];
    }
    Ok(vec![Row {
        id: "N7",
        what: "tip of a bevelled needle beside the planned line, steps of 1 mm".into(),
        value: ends[1],
        reference: 2.0 * ends[1] - ends[0],
        unit: "mm",
        tolerance: 0.05 * ends[1],
        source: "steps of 2 and 1 mm extrapolated with order 1; chosen for 5 % after steps of 2 mm were found 6 % off, and far below what tissue constants are known to",
    }])
}

/// N8: the compliance that links two places is the same in both directions.
pub fn reciprocity(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mesh = straight_box([6; 3], [100.0; 3]);
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    let materials = [(1, material(0.49))];
    let path =
        Path { entry_mm: Point::new(50.0, 40.0, 100.0), target_mm: Point::new(50.0, 50.0, 40.0), ..diagonal(4.0) };
    let insertion =
        Insertion { mesh: &mesh, materials: &materials, fixed: &fixed, needle: NEEDLE, resistance: SYMMETRIC, path };
    let mut ground = TissueGround::new(&insertion, &[path.target_mm], progress).map_err(as_tissue)?;
    let (a, b) = (Point::new(45.0, 52.0, 61.0), Point::new(70.0, 35.0, 77.0));
    let there = ground.compliance_m_per_n(&a, &b, progress).map_err(as_tissue)?;
    let back = ground.compliance_m_per_n(&b, &a, progress).map_err(as_tissue)?;
    let difference = there.zip(back).map_or(f64::NAN, |(there, back)| (there - back.transpose()).norm() / there.norm());
    Ok(vec![Row {
        id: "N8",
        what: "compliance between two places, there less back".into(),
        value: difference,
        reference: 0.0,
        unit: "1",
        tolerance: 1e-8,
        source: "reciprocity (Betti 1872); the residual of the solver",
    }])
}
