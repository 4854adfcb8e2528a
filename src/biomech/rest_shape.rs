//! The shape without loads of a body that was scanned under them: the patient lay on the table with all organs hanging.

use super::problem::{Options, Problem, TissueError};
use super::quasi_static::quasi_static;
use super::result::TissueResult;
use crate::base::{Progress, Summary};
use crate::geom::{Point, Vector};
use crate::mesh::{TetMesh, TetMeshError};

/// Forward solutions at most; soft tissue under its weight needs four to eight.
const ROUNDS_MAX: usize = 30;
/// The loaded shape is met when no vertex is farther from it than this share of the largest displacement …
const SHARE: f64 = 1e-3;
/// … or than this, whichever is more.
const NEAR_MM: f64 = 1e-3;
/// A step is halved where it would turn a tetrahedron inside out; after so many times there is no such shape.
const HALVINGS_MAX: usize = 6;

/// A body free of stress, and how the loads bring it back to the shape that was scanned.
#[derive(Debug, Clone, PartialEq)]
pub struct RestShape {
    /// The body free of stress: the vertices of the scanned mesh, elsewhere.
    pub mesh: TetMesh,
    /// The body under its loads, for stresses and reactions in the scanned shape.
    pub loaded: TissueResult,
    /// Largest distance of a vertex of the loaded body from the scanned one, mm.
    pub miss_mm: f64,
    /// Forward solutions that were needed.
    pub rounds: usize,
}

/// Why no shape at rest was found.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RestError {
    /// The forward problem has no answer.
    #[error(transparent)]
    Forward(#[from] TissueError),
    /// The search does not get nearer.
    #[error(
        "no shape at rest was found: after {rounds} solutions a vertex is still {miss_mm:.2} mm from where the scan shows it (limit {limit_mm:.2} mm); the tissue is too soft for these loads, or more of the organ must be held"
    )]
    Missed {
        /// Forward solutions.
        rounds: usize,
        /// What is left, mm.
        miss_mm: f64,
        /// What may be left, mm.
        limit_mm: f64,
    },
}

/// Find the shape at rest X of which `problem.loads` make the shape x of `problem.mesh`: `x = X + u(X)`.
///
/// Backward displacement: X ← X + w (x − X − u(X)), with the factor w of Aitken after the first round (Sellier 2011,
/// "An iterative method for the inverse elasto-static problem", J Fluids Struct 27:1461; Bols and others 2013, J Comput
/// Appl Math 246:10; Rausch and others 2017, "An augmented iterative method for identifying a stress-free reference
/// configuration in image-based biomechanical modeling", J Biomech 58:227).
///
/// # Errors
/// [`RestError`]: the forward problem's own sentence, or how far the search came.
pub fn rest_shape(
    problem: &Problem,
    options: &Options,
    progress: &Progress,
) -> Result<(RestShape, Summary), RestError> {
    let scanned = problem.mesh.positions();
    let mut at_rest = problem.mesh.clone();
    let mut factor = 1.0;
    let mut before: Option<(Vec<Vector>, f64)> = None;
    let (mut miss_mm, mut limit_mm) = (0.0, NEAR_MM);
    for round in 0..ROUNDS_MAX {
        // The share of the work that is done is guessed: misses shrink about tenfold a round at best.
        let [start, end] = [round, round + 1].map(|n| 1.0 - 0.75_f64.powi(n as i32));
        let part = progress.part(start..end, "forward solution");
        let problem = Problem { mesh: &at_rest, ..*problem };
        let (loaded, summary) = quasi_static(&problem, options, &part)?;
        let miss: Vec<Vector> = scanned.iter().zip(loaded.positions_mm()).map(|(wanted, is)| wanted - is).collect();
        miss_mm = miss.iter().map(Vector::norm).fold(0.0, f64::max);
        let moved_mm = loaded.displacement_mm.iter().map(Vector::norm).fold(0.0, f64::max);
        limit_mm = f64::max(NEAR_MM, SHARE * moved_mm);
        if miss_mm <= limit_mm {
            let found = RestShape { mesh: at_rest, loaded, miss_mm, rounds: round + 1 };
            let summary = describe(summary, &found, moved_mm);
            return Ok((found, summary));
        }
        if let Some((last, _)) = &before {
            // Aitken: the step along which two misses differ, measured at the last one.
            let (mut along, mut square) = (0.0, 0.0);
            for (last, miss) in last.iter().zip(&miss) {
                let change = miss - last;
                along += last.dot(&change);
                square += change.norm_squared();
            }
            if 0.0 < square {
                factor = (-factor * along / square).clamp(0.1, 2.0);
            }
        }
        if before.as_ref().is_some_and(|(_, best)| 3.0 * best < miss_mm) {
            return Err(RestError::Missed { rounds: round + 1, miss_mm, limit_mm });
        }
        at_rest =
            stepped(&at_rest, &miss, &mut factor).ok_or(RestError::Missed { rounds: round + 1, miss_mm, limit_mm })?;
        let best = before.map_or(miss_mm, |(_, best)| best.min(miss_mm));
        before = Some((miss, best));
    }
    Err(RestError::Missed { rounds: ROUNDS_MAX, miss_mm, limit_mm })
}

/// The mesh with its vertices moved by `factor` times `by_mm`, or by less where a tetrahedron would turn inside out.
fn stepped(mesh: &TetMesh, by_mm: &[Vector], factor: &mut f64) -> Option<TetMesh> {
    for _ in 0..HALVINGS_MAX {
        let places: Vec<Point> = mesh.positions().iter().zip(by_mm).map(|(p, by)| p + by * *factor).collect();
        match TetMesh::new(places, mesh.tets().to_vec(), mesh.regions().to_vec()) {
            Ok(moved) => return Some(moved),
            Err(TetMeshError::NotPositive { .. }) => *factor *= 0.5,
            Err(_) => return None,
        }
    }
    None
}

fn describe(mut loaded: Summary, found: &RestShape, moved_mm: f64) -> Summary {
    // What the forward problem says of its mesh is not so of this one.
    loaded.limits.retain(|limit| !limit.starts_with("the mesh given is taken"));
    let mut summary = loaded
        .fact("largest displacement between rest and scan", moved_mm, "mm")
        .fact("largest distance from the scanned shape", found.miss_mm, "mm")
        .fact("volume at rest", found.mesh.volume_ml(), "ml")
        .fact("forward solutions", found.rounds as f64, "1")
        .method("Shape at rest by backward displacement with Aitken's factor (Sellier 2011; Rausch and others 2017)")
        .limit("What held and loaded the organ in the scanner is assumed; a shape at rest is as good as that");
    if 20.0 < moved_mm {
        summary =
            summary.warning(format!("rest and scan differ by {moved_mm:.0} mm; check stiffness and what is held"));
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biomech::verification::shapes::{faces_where, straight_box, vertices_where};
    use crate::biomech::{Load, Material, Model, TissueError};

    const LIVER: Material = Material {
        young_pa: 4000.0,
        poisson: 0.45,
        density_kg_m3: 1060.0,
        strain_max: 0.3,
        law: crate::biomech::Hyperelastic::NeoHookean,
    };

    /// A block that hangs sideways from its bottom, with a pressure on one side: its shape at rest is known.
    fn hanging(young_pa: f64) -> (TetMesh, Vec<u32>, Vec<Load>, Material) {
        let rest = straight_box([8, 6, 5], [80.0, 60.0, 50.0]);
        let fixed = vertices_where(&rest, |p| p.z == 0.0);
        let pressure = Load::Pressure { triangles: faces_where(&rest, |p| p.z == 50.0), pa: 300.0 };
        let loads = vec![Load::Gravity { m_s2: Vector::new(9.81, 0.0, -2.0) }, pressure];
        (rest, fixed, loads, Material { young_pa, ..LIVER })
    }

    fn problem<'a>(
        mesh: &'a TetMesh,
        materials: &'a [(u8, Material)],
        fixed: &'a [u32],
        loads: &'a [Load],
    ) -> Problem<'a> {
        Problem { mesh, materials, fixed, loads, model: Model::NeoHookean }
    }

    fn farthest_mm(a: &TetMesh, b: &TetMesh) -> f64 {
        a.positions().iter().zip(b.positions()).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max)
    }

    #[test]
    fn the_shape_at_rest_of_a_hanging_block_is_the_block() {
        let (rest, fixed, loads, material) = hanging(4000.0);
        let materials = [(1, material)];
        let (options, progress) = (Options::default(), Progress::default());
        let (forward, _) = quasi_static(&problem(&rest, &materials, &fixed, &loads), &options, &progress).unwrap();
        let scanned = TetMesh::new(forward.positions_mm(), rest.tets().to_vec(), rest.regions().to_vec()).unwrap();
        let moved_mm = farthest_mm(&rest, &scanned);
        assert!(5.0 < moved_mm, "{moved_mm}");
        let (found, summary) = rest_shape(&problem(&scanned, &materials, &fixed, &loads), &options, &progress).unwrap();
        assert!(farthest_mm(&found.mesh, &rest) < 2.0 * SHARE * moved_mm, "{} mm", farthest_mm(&found.mesh, &rest));
        assert!(found.miss_mm <= SHARE * moved_mm && found.rounds < 10, "{} rounds", found.rounds);
        assert!(summary.facts.iter().any(|fact| fact.name == "volume at rest"));
        // Its stresses are those of the forward problem.
        let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        let [ours, theirs] = [&found.loaded, &forward].map(|result| most(&result.von_mises_pa));
        assert!((ours / theirs - 1.0).abs() < 0.01, "{ours} against {theirs} Pa");
    }

    #[test]
    fn without_loads_the_scan_is_at_rest() {
        let (rest, fixed, _, material) = hanging(4000.0);
        let materials = [(1, material)];
        let still = problem(&rest, &materials, &fixed, &[]);
        let (found, _) = rest_shape(&still, &Options::default(), &Progress::default()).unwrap();
        assert_eq!((found.mesh, found.rounds), (rest, 1));
    }

    #[test]
    fn what_cannot_be_is_said_in_a_sentence() {
        let (rest, fixed, loads, material) = hanging(150.0);
        let materials = [(1, material)];
        let soft = problem(&rest, &materials, &fixed, &loads);
        let error = rest_shape(&soft, &Options::default(), &Progress::default()).unwrap_err();
        assert!(
            matches!(
                error,
                RestError::Missed { .. }
                    | RestError::Forward(TissueError::Inverted { .. } | TissueError::NotConverged { .. })
            ),
            "{error}"
        );
        let loose = problem(&rest, &materials, &[], &loads);
        let error = rest_shape(&loose, &Options::default(), &Progress::default()).unwrap_err();
        assert_eq!(error, RestError::Forward(TissueError::NothingFixed));
    }
}
