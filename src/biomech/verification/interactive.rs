//! The interactive solver against the accurate one, against closed forms, and against itself in flight.
//!
//! Frames are run until nothing moves any more. The element is another than the accurate solver's: the two agree up to
//! the error of the mesh, which the rows name.

use super::shapes::{mapped_box, straight_box, vertices_where};
use super::{Row, YOUNG_PA, material, solve};
use crate::base::Progress;
use crate::biomech::interactive::{Body, Inputs, Settings, Tool};
use crate::biomech::{Axis, Formulation, Load, Material, Model, TissueError};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;

const SIDEWAYS: Vector = Vector::new(9.81, 0.0, 0.0);

/// Run frames under `inputs` until the body moves slower than 2 µm/s in the mean, at most `frames`.
fn settle(body: &mut Body, inputs: &Inputs, frames: usize, progress: &Progress) -> Result<(), TissueError> {
    let slow_j = 0.5 * body.mass_kg() * 2e-6 * 2e-6;
    for frame in 0..frames {
        progress.step(frame, frames)?;
        if body.step(inputs).kinetic_j < slow_j && 10 < frame {
            break;
        }
    }
    Ok(())
}

fn offset(body: &Body, mesh: &TetMesh, v: u32) -> Vector {
    body.positions()[v as usize] - mesh.positions()[v as usize]
}

/// V14 at rest for several stiffnesses beside the accurate solver on the same mesh.
pub fn beside_accurate(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mesh = straight_box([12, 12, 6], [100.0, 100.0, 50.0]);
    let fixed = vertices_where(&mesh, |p| p.z == 0.0);
    let tip = vertices_where(&mesh, |p| *p == Point::new(100.0, 50.0, 50.0))[0];
    let mut rows = Vec::new();
    let materials = [(1e3, 0.45), (5e3, 0.45), (20e3, 0.45), (2.5e3, 0.49), (5e3, 0.49), (20e3, 0.49)];
    for (n, (young_pa, poisson)) in materials.into_iter().enumerate() {
        let progress = progress.part(n as f64 / 6.0..(n + 1) as f64 / 6.0, "materials");
        // The softest is pulled less: under its whole weight elements fold.
        let share = if young_pa < 2e3 { 0.4 } else { 1.0 };
        let material = Material { young_pa, poisson, ..material(poisson) };
        let load = [Load::Gravity { m_s2: SIDEWAYS * share }];
        let right = solve(&mesh, material, &fixed, &load, Model::NeoHookean, Formulation::Mixed, &progress)?;
        let mut body = Body::new(&mesh, &[(1, material)], &fixed)?;
        settle(&mut body, &Inputs { gravity_m_s2: SIDEWAYS * share, ..Inputs::default() }, 300, &progress)?;
        let reference = right.displacement_mm[tip as usize].norm();
        rows.push(Row {
            id: "V14i",
            what: format!("tip of the block at rest, E {} kPa, ν {poisson}, 5 k tetrahedra", young_pa / 1e3),
            value: offset(&body, &mesh, tip).norm(),
            reference,
            unit: "mm",
            tolerance: 0.05 * reference,
            source: "mixed elements on the same mesh; vertex-averaged volume is softer inside and stiffer at the clamp",
        });
        let out = (body.support_n() + body.applied_n()).norm() / body.applied_n().norm();
        rows.push(Row {
            id: "V14i",
            what: format!("support and weight out of balance, E {} kPa, ν {poisson}", young_pa / 1e3),
            value: out,
            reference: 0.0,
            unit: "1",
            tolerance: 1e-3,
            source: "Newton's third law",
        });
    }
    Ok(rows)
}

/// V14 on meshes of three widths, finer towards the clamp.
pub fn block(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let mut tips = [0.0; 3];
    for (tip, n) in tips.iter_mut().zip([3, 6, 12]) {
        // Stress is infinite along the edge of the clamp.
        let graded = |t: f64| 0.5 - 0.5 * (std::f64::consts::PI * t).cos();
        let ends = |t: f64| 0.5 * t + 0.5 * graded(t);
        let mesh = mapped_box([2 * n, 2 * n, n], |[x, y, z]| {
            Point::new(100.0 * ends(x), 100.0 * ends(y), 50.0 * (0.4 * z + 0.6 * z * z))
        });
        let fixed = vertices_where(&mesh, |p| p.z == 0.0);
        let v = vertices_where(&mesh, |p| *p == Point::new(100.0, 50.0, 50.0))[0];
        let mut body = Body::new(&mesh, &[(1, material(0.49))], &fixed)?;
        settle(&mut body, &Inputs { gravity_m_s2: SIDEWAYS, ..Inputs::default() }, 400, progress)?;
        *tip = offset(&body, &mesh, v).x;
    }
    let row = |what: &str, value: f64, share: f64| Row {
        id: "V14i",
        what: format!("sideways displacement of the tip, {what}"),
        value,
        reference: 10.79,
        unit: "mm",
        tolerance: share * 10.79,
        source: "quadratic Taylor-Hood series extrapolated, 10.79 ± 0.02 mm; linear elements beside a clamped edge",
    };
    let (limit, _) = super::extrapolate(tips);
    Ok(vec![
        row("0.6 k tetrahedra", tips[0], 0.15),
        row("5 k tetrahedra", tips[1], 0.06),
        row("41 k tetrahedra", tips[2], 0.03),
        row("extrapolated", limit, 0.03),
    ])
}

/// V20: free fall, and a slender beam that swings.
pub fn dynamics(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    let settings = Settings { damping_per_s: 0.0, ..Settings::default() };
    let mesh = straight_box([3, 3, 3], [30.0; 3]);
    let mut body = Body::loose(&mesh, &[(1, material(0.45))])?.with_settings(settings);
    let frames = 60;
    for _ in 0..frames {
        body.step(&Inputs { gravity_m_s2: SIDEWAYS, ..Inputs::default() });
    }
    let fallen = 9810.0 * settings.step_s.powi(2) * f64::from(frames * (frames + 1)) / 2.0;
    let mut rows = vec![Row {
        id: "V20",
        what: "free fall, 60 frames".into(),
        value: offset(&body, &mesh, 0).x,
        reference: fallen,
        unit: "mm",
        tolerance: 1e-6 * fallen,
        source: "g h² n (n + 1) / 2 is what implicit Euler gives exactly",
    }];
    let mut frequencies = [0.0; 2];
    for (frequency, n) in frequencies.iter_mut().zip([3, 6]) {
        *frequency = swing_hz(n, progress)?;
    }
    let (length_m, height_m) = (0.1, 0.01);
    let exact = 1.875_104_f64.powi(2) / (std::f64::consts::TAU * length_m * length_m)
        * (YOUNG_PA * height_m * height_m / (12.0 * 1060.0)).sqrt();
    let row = |what: &str, value: f64, share: f64, source| Row {
        id: "V20",
        what: what.into(),
        value,
        reference: exact,
        unit: "Hz",
        tolerance: share * exact,
        source,
    };
    rows.push(row(
        "first frequency of a cantilever 100 × 10 × 10 mm, 6 cells over the height",
        frequencies[1],
        0.05,
        "Euler–Bernoulli; linear tetrahedra bend too stiffly, the error falls with the square of the cell",
    ));
    rows.push(row(
        "first frequency, extrapolated with order 2 from 3 and 6 cells",
        frequencies[1] + (frequencies[1] - frequencies[0]) / 3.0,
        0.02,
        "Euler–Bernoulli; at 60 frames a second implicit Euler lowers ω by the factor 1 − (ω h)²/3, here 0.05 %, and \
         damps each swing by π ω h, here 11 %",
    ));
    Ok(rows)
}

/// Frequency of a beam of `n` cells over the height, from the first two times it passes the middle.
fn swing_hz(n: usize, progress: &Progress) -> Result<f64, TissueError> {
    let mesh = straight_box([10 * n, n, n], [100.0, 10.0, 10.0]);
    let fixed = vertices_where(&mesh, |p| p.x == 0.0);
    let end = vertices_where(&mesh, |p| p.x == 100.0);
    // A slender beam is the worst case of the iteration: its budget is raised until it does not matter.
    let settings = Settings { damping_per_s: 0.0, iterations_max: 1000, tolerance: 1e-4, ..Settings::default() };
    let mut body = Body::new(&mesh, &[(1, material(0.0))], &fixed)?.with_settings(settings);
    // The curve of 1 % of its weight, which sinks the tip by 3 mm: near the first mode, and straight enough.
    let tip = |body: &Body| end.iter().map(|v| offset(body, &mesh, *v).y).sum::<f64>() / end.len() as f64;
    let sag = 1.5 * 1060.0 * 0.0981 * 0.1_f64.powi(4) / (YOUNG_PA * 0.01 * 0.01) * 1e3;
    let bent: Vec<Point> = mesh
        .positions()
        .iter()
        .map(|p| {
            let s = p.x / 100.0;
            let shape = (s.powi(4) - 4.0 * s.powi(3) + 6.0 * s * s) / 3.0;
            let slope = (4.0 * s.powi(3) - 12.0 * s * s + 12.0 * s) / 3.0 / 100.0;
            Point::new(p.x + sag * slope * (p.y - 5.0), p.y - sag * shape, p.z)
        })
        .collect();
    body.place(&bent);
    let (mut before, mut crossings) = (tip(&body), Vec::new());
    for frame in 0..260 {
        progress.step(frame, 260)?;
        body.step(&Inputs::default());
        let now = tip(&body);
        if before.signum() != now.signum() {
            crossings.push((frame as f64 + before / (before - now)) * settings.step_s);
        }
        before = now;
        if crossings.len() == 2 {
            break;
        }
    }
    Ok(match crossings[..] {
        [first, second, ..] => 0.5 / (second - first),
        _ => f64::NAN,
    })
}

/// V18: a ball pressed into a large block, force against Hertz.
pub fn hertz(progress: &Progress) -> Result<Vec<Row>, TissueError> {
    const SOURCE: &str = "Hertz 1881, small strains on a half space; linear elements 0.7 mm wide beneath a contact of \
        radius 3.2 mm, a block that ends 25 contact radii away, springs of the tool that yield 0.4 %";
    let (radius_mm, depth_mm, poisson) = (10.0, 1.0, 0.49);
    // A quarter of a block 25 contact radii wide and deep, finer towards the contact.
    let size = 80.0;
    let mut forces = [0.0; 2];
    for (force, n) in forces.iter_mut().zip([12, 24]) {
        let fine = |t: f64| size * (0.1 * t + 0.9 * t * t * t);
        let mesh = mapped_box([n, n, n], |[x, y, z]| Point::new(fine(x), fine(y), -fine(1.0 - z)));
        let fixed = vertices_where(&mesh, |p| p.z <= -size + 1e-9);
        // Elements of all sizes and shapes: the iteration needs more than its usual budget.
        let settings = Settings { iterations_max: 150, ..Settings::default() };
        let mut body = Body::new(&mesh, &[(1, material(poisson))], &fixed)?.with_settings(settings);
        body.slide(&vertices_where(&mesh, |p| p.x == 0.0), Axis::X);
        body.slide(&vertices_where(&mesh, |p| p.y == 0.0), Axis::Y);
        for k in 1..=10 {
            let tool = [Tool::sphere(Point::new(0.0, 0.0, radius_mm - 0.1 * f64::from(k) * depth_mm), radius_mm)];
            settle(&mut body, &Inputs { tools: &tool, ..Inputs::default() }, if k < 10 { 4 } else { 100 }, progress)?;
        }
        *force = 4.0 * body.tool_forces_n()[0].z;
    }
    let stiffness = YOUNG_PA / (1.0 - poisson * poisson);
    let reference = 4.0 / 3.0 * stiffness * f64::sqrt(1e-3 * radius_mm) * f64::powf(1e-3 * depth_mm, 1.5);
    let row = |what: &str, value: f64, share: f64, source| Row {
        id: "V18",
        what: what.into(),
        value,
        reference,
        unit: "N",
        tolerance: share * reference,
        source,
    };
    Ok(vec![
        row("force on a ball pressed 1 mm deep, 24 cells a side", forces[1], 0.06, SOURCE),
        row(
            "force on a ball pressed 1 mm deep, extrapolated with order 2 from 12 and 24 cells",
            forces[1] + (forces[1] - forces[0]) / 3.0,
            0.03,
            SOURCE,
        ),
    ])
}
