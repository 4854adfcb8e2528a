//! Motion in time on the accurate elements.

use super::shapes::{straight_box, vertices_where};
use super::{Row, material};
use crate::base::Progress;
use crate::biomech::dynamics::{Account, Course};
use crate::biomech::{
    Axis, Damping, Formulation, LinearSolver, Load, Model, Motion, Options, Problem, TissueError, dynamics,
    quasi_static,
};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

const FORMULATIONS: [(Formulation, &str); 2] =
    [(Formulation::Mixed, "mixed"), (Formulation::Displacement, "displacement")];

/// Far below what is asked of energy, so that its account shows the scheme and not the stop of the iteration.
fn options(formulation: Formulation) -> Options {
    Options { formulation, solver: LinearSolver::Direct, tolerance: 1e-11, ..Options::default() }
}

fn motion(step_s: f64, frames_s: &[f64]) -> Motion<'_> {
    let damping = Damping::default();
    Motion { waves: &[], displacement_mm: &[], velocity_mm_s: &[], step_s, frames_s, damping }
}

/// A block of tissue 30 × 20 × 20 mm that nothing holds.
fn block() -> TetMesh {
    straight_box([3, 2, 2], [30.0, 20.0, 20.0])
}

/// Turning five times a second and stretched, so that energy goes to and fro.
fn thrown(mesh: &TetMesh) -> Vec<Vector> {
    let speed = |p: &Point| {
        let arm = p.coords - Vector::new(15.0, 10.0, 10.0);
        Vector::new(8.0, 15.0, 26.0).cross(&arm)
            + arm.component_mul(&Vector::new(20.0, -9.0, -9.0))
            + Vector::x() * 50.0
    };
    mesh.positions().iter().map(speed).collect()
}

/// A neo-Hookean block that nothing holds.
fn free(loads: &[Load], motion: &Motion, formulation: Formulation, progress: &Progress) -> Result<Course, TissueError> {
    let mesh = block();
    let materials = [(1, material(0.45))];
    let problem = Problem { mesh: &mesh, materials: &materials, fixed: &[], loads, model: Model::NeoHookean };
    Ok(dynamics(&problem, &[], motion, &options(formulation), progress)?.0)
}

/// V20a: free fall is exact; a thrown body keeps energy, momentum and angular momentum over a thousand large steps.
pub fn flight(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let weight = [Load::Gravity { m_s2: Vector::new(0.0, 9.81, 0.0) }];
    let fall = free(&weight, &motion(0.02, &[0.5]), Formulation::Mixed, progress)?;
    let fallen = 0.5 * 9810.0 * 0.25;
    let mut rows = vec![Row {
        id: "V20a",
        what: "implicit dynamics, mixed: free fall for 0.5 s in 25 steps".into(),
        value: fall.frames[0].displacement_mm[0].y,
        reference: fallen,
        unit: "mm",
        tolerance: 1e-9 * fallen,
        source: "g t²/2: the midpoint rule is exact for parabolas",
    }];
    let velocity = thrown(&block());
    for (formulation, name) in FORMULATIONS {
        let thrown = Motion { velocity_mm_s: &velocity, ..motion(2e-3, &[2.0]) };
        let accounts = free(&[], &thrown, formulation, progress)?.accounts;
        let first = accounts[0];
        let worst = |of: &dyn Fn(&Account) -> f64| accounts.iter().map(of).fold(0.0, f64::max);
        let row = |what: &str, value, tolerance, source| Row {
            id: "V20a",
            what: format!("implicit dynamics, {name}: {what}, thrown block, 1000 steps of a hundredth of a turn"),
            value,
            reference: 0.0,
            unit: "1",
            tolerance,
            source,
        };
        let kept = "the scheme keeps it exactly (Simo and Tarnow 1992); tolerance for the stop of Newton's iteration";
        let share = |a: Vector, b: Vector| (a - b).norm() / b.norm();
        rows.push(row(
            "change of energy over energy",
            worst(&|a| (a.energy_j() / first.energy_j() - 1.0).abs()),
            1e-8,
            kept,
        ));
        rows.push(row(
            "change of momentum over momentum",
            worst(&|a| share(a.momentum_kg_m_s, first.momentum_kg_m_s)),
            1e-8,
            kept,
        ));
        rows.push(row(
            "change of angular momentum over angular momentum",
            worst(&|a| share(a.angular_kg_m2_s, first.angular_kg_m2_s)),
            1e-8,
            kept,
        ));
        rows.push(Row {
            reference: 0.5,
            ..row(
                "largest elastic over largest kinetic energy",
                worst(&|a| a.elastic_j) / worst(&|a| a.kinetic_j),
                0.45,
                "the test means nothing unless the body deforms: at least 5 %",
            )
        });
    }
    Ok(rows)
}

/// V20c: the lowest frequency of a clamped beam 100 × 10 × 10 mm, ν = 0; half of it, up to its plane of symmetry.
pub fn beam(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let material = material(0.0);
    let (length_m, height_m) = (0.1, 0.01);
    let speed_m_s = (material.young_pa / material.density_kg_m3).sqrt();
    let bending = 1.875_104_f64.powi(2) * height_m / (12.0_f64.sqrt() * length_m * length_m) * speed_m_s;
    // A beam that only shears; compliances add (Dunkerley 1894): 0.5 % below Euler–Bernoulli.
    let shear = std::f64::consts::FRAC_PI_2 / length_m * speed_m_s * (5.0 / 12.0_f64).sqrt();
    let exact = 1.0 / (bending.powi(-2) + shear.powi(-2)).sqrt() / std::f64::consts::TAU;
    let mut found = [0.0; 2];
    for (hz, n) in found.iter_mut().zip([4, 8]) {
        *hz = swing_hz(n, 1.0 / exact, progress)?;
    }
    let row = |what: &str, value, share: f64, source| Row {
        id: "V20c",
        what: format!("implicit dynamics: first frequency of a cantilever 100 × 10 × 10 mm, {what}"),
        value,
        reference: exact,
        unit: "Hz",
        tolerance: share * exact,
        source,
    };
    Ok(vec![
        row(
            "8 cells over the height",
            found[1],
            0.05,
            "Euler-Bernoulli with the compliance of shear; linear tetrahedra bend too stiffly, the error falls with the square of the cell",
        ),
        row(
            "extrapolated with order 2 from 4 and 8 cells",
            found[1] + (found[1] - found[0]) / 3.0,
            0.01,
            "Euler-Bernoulli with the compliance of shear; the midpoint rule at 100 steps a swing lowers ω by 0.03 %, turning inertia by 0.1 %",
        ),
    ])
}

/// Frequency of a beam of `n` cells over the height that is let go, from three times it passes the middle.
fn swing_hz(n: usize, period_s: f64, progress: &Progress) -> Result<f64, TissueError> {
    let mesh = straight_box([10 * n, n, n / 2], [100.0, 10.0, 5.0]);
    let fixed = vertices_where(&mesh, |p| p.x == 0.0);
    let end = vertices_where(&mesh, |p| p.x == 100.0);
    let middle = vertices_where(&mesh, |p| p.z == 5.0);
    let smooth = Load::Slide { vertices: middle, axis: Axis::Z, by_mm: 0.0 };
    let materials = [(1, material(0.0))];
    let options = options(Formulation::Displacement);
    let loads = [smooth, Load::Force { vertices: end.clone(), total_n: Vector::new(0.0, 5e-6, 0.0) }];
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::LinearElastic };
    let bent = quasi_static(&problem, &options, progress)?.0.displacement_mm;
    let step_s = period_s / 100.0;
    let frames: Vec<f64> = (0..=140).map(|n| f64::from(n) * step_s).collect();
    let let_go = Problem { loads: &loads[..1], ..problem };
    let swing = Motion { displacement_mm: &bent, ..motion(step_s, &frames) };
    let (course, _) = dynamics(&let_go, &[], &swing, &options, progress)?;
    let tip = |moves: &[Vector]| end.iter().map(|v| moves[*v as usize].y).sum::<f64>();
    let tips: Vec<f64> = course.frames.iter().map(|frame| tip(&frame.displacement_mm)).collect();
    let crossing = |(n, pair): (usize, &[f64])| {
        (pair[0].signum() != pair[1].signum()).then(|| (n as f64 + pair[0] / (pair[0] - pair[1])) * step_s)
    };
    let crossings: Vec<f64> = tips.windows(2).enumerate().filter_map(crossing).collect();
    Ok(match crossings[..] {
        [first, _, third, ..] => 1.0 / (third - first),
        _ => f64::NAN,
    })
}

/// V20b: halving the time step quarters the error, under weight that comes on within a swing.
pub fn order(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mesh = block();
    let fixed = vertices_where(&mesh, |p| p.x == 0.0);
    let loads = [Load::Gravity { m_s2: Vector::new(0.0, 9.81, 0.0) }];
    let materials = [(1, material(0.45))];
    let problem =
        Problem { mesh: &mesh, materials: &materials, fixed: &fixed, loads: &loads, model: Model::NeoHookean };
    let wave = |at_s: f64| (30.0 * at_s).sin().powi(2);
    let mut rows = Vec::new();
    for (formulation, name) in FORMULATIONS {
        let mut ends = Vec::new();
        for steps in [25.0, 50.0, 100.0] {
            let motion = Motion { waves: &[&wave], ..motion(0.1 / steps, &[0.1]) };
            let (course, _) = dynamics(&problem, &[], &motion, &options(formulation), progress)?;
            ends.push(course.frames[0].displacement_mm.clone());
        }
        let apart =
            |a: &[Vector], b: &[Vector]| a.iter().zip(b).map(|(a, b)| (a - b).norm_squared()).sum::<f64>().sqrt();
        rows.push(Row {
            id: "V20b",
            what: format!("implicit dynamics, {name}: order of the error in the time step"),
            value: (apart(&ends[0], &ends[1]) / apart(&ends[1], &ends[2])).log2(),
            reference: 2.0,
            unit: "1",
            tolerance: 0.2,
            source: "the midpoint rule is of second order; tolerance because the steps are not small",
        });
    }
    Ok(rows)
}
