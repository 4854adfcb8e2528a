//! F7 and F8: drag, lift and pressure on a cylinder in a channel and on a sphere in a stream.

use super::super::collide::Trt;
use super::super::error::FlowError;
use super::super::lattice::CS2;
use super::super::plan::MAGIC;
use super::super::regularised::Regularised;
use super::super::simulation::Operator;
use super::Row;
use super::tunnel::Tunnel;
use crate::base::Progress;

/// Both operators need some distance of the relaxation time from ½; two relaxation times need more.
const TRT_TAU_MIN: f64 = 0.55;

/// The operator for a viscosity in lattice units, and its relaxation time.
pub(super) fn operator(viscosity: f64) -> (Operator, f64) {
    let tau = 0.5 + viscosity / CS2;
    let operator = if TRT_TAU_MIN <= tau {
        Operator::Trt(Trt::new(tau, MAGIC, [0.0; 3]))
    } else {
        Operator::Regularised(Regularised::new(tau, 0.0))
    };
    (operator, tau)
}

/// What is compared for a cylinder: drag and lift coefficient, pressure between its front and its back over ρ U².
struct Cylinder {
    drag: f64,
    lift: f64,
    pressure: f64,
}

/// Highest speed in the channel in cells per step.
const PEAK: f64 = 0.06;
/// The same in a plane: lift is a small difference of large forces, which compressibility disturbs.
const PEAK_2D: f64 = 0.03;
/// Mean speed, diameter and viscosity of the benchmark, whose Reynolds number is 20: m/s, m, m²/s.
const MEAN_M_S: f64 = 0.2;
const DIAMETER_M: f64 = 0.1;
const REYNOLDS: f64 = 20.0;

/// The channel of Schäfer and Turek in a plane with its cylinder of `across` cells (a multiple of 10, so that all lengths
/// are whole cells), the fluid at most `peak` cells per step fast; and the middle of the cylinder.
pub(super) fn channel_2d(
    across: usize,
    peak: f64,
) -> (Tunnel<impl Fn([f64; 3]) -> f64, impl Fn([f64; 3]) -> f64>, [f64; 2]) {
    let cells = |length_m: f64| (length_m / DIAMETER_M * across as f64).round();
    let (length, height, d) = (cells(2.2), cells(0.41), across as f64);
    let centre = [cells(0.2), cells(0.2)];
    let tunnel = Tunnel {
        dims: [length as usize, height as usize, 1],
        periodic: true,
        level: move |p: [f64; 3]| (p[0] - centre[0]).hypot(p[1] - centre[1]) - 0.5 * d,
        // The parabola of the mean speed is 3/2 times as fast in the middle.
        inflow: move |p: [f64; 3]| 4.0 * peak * p[1] * (height - p[1]) / (height * height),
        sides: 0.0,
    };
    (tunnel, centre)
}

/// Flow past a cylinder of `across` cells in a plane.
fn cylinder_2d(across: usize, progress: &Progress) -> Result<Cylinder, FlowError> {
    let d = across as f64;
    let (tunnel, centre) = channel_2d(across, PEAK_2D);
    let mean = PEAK_2D / 1.5;
    let mut steady = tunnel.steady(operator(mean * d / REYNOLDS), mean, 1e-5, 6.0, progress)?;
    let force = steady.force(|p| (tunnel.level)(p) < 0.0);
    let at = |x: f64| [centre[0] + x, centre[1], 0.5];
    let pressure = steady.pressure(at(-0.5 * d), 0, -1) - steady.pressure(at(0.5 * d), 0, 1);
    let scale = 2.0 / (mean * mean * d);
    Ok(Cylinder { drag: scale * force[0], lift: scale * force[1], pressure: pressure / (mean * mean) })
}

/// F7: the cylinder of Schäfer and Turek in a plane, 20 cells across; its lift asks for more.
pub(super) fn plane(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let mut rows = rows_2d(20, progress)?;
    rows.remove(1);
    Ok(rows)
}

/// The same 30 cells across, with its lift.
pub(super) fn fine_plane(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    rows_2d(30, progress)
}

/// Drag, lift and pressure.
fn rows_2d(across: usize, progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let found = cylinder_2d(across, progress)?;
    let source =
        "Schäfer, Turek 1996, Notes Numer. Fluid Mech. 52:547, case 2D-1; digits of spectral computations (Nabh 1998)";
    let row = |what: &str, value, reference: f64, share: f64| Row {
        id: "F7",
        what: format!("cylinder in a channel, Reynolds number 20, in a plane, {across} cells across: {what}"),
        value,
        reference,
        unit: "1",
        tolerance: share * reference,
        source,
    };
    let pressure = 0.117_520_166_97 / (MEAN_M_S * MEAN_M_S);
    Ok(vec![
        row("drag coefficient", found.drag, 5.579_535_233_84, 0.01),
        row("lift coefficient", found.lift, 0.010_618_948_146, 0.05),
        row("pressure between front and back over ρU²", found.pressure, pressure, 0.01),
    ])
}

/// F7 in space: the cylinder across a square channel, 10 cells across.
pub(super) fn space(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let across = 10;
    let cells = |length_m: f64| (length_m / DIAMETER_M * f64::from(across)).round();
    let (length, height, d) = (cells(2.5), cells(0.41), f64::from(across));
    let centre = [cells(0.5), cells(0.2)];
    let from_axis = move |p: [f64; 3]| (p[0] - centre[0]).hypot(p[1] - centre[1]);
    let parabola = move |x: f64| x * (height - x) / (height * height);
    let mean = PEAK * 4.0 / 9.0;
    let tunnel = Tunnel {
        dims: [length as usize, height as usize, height as usize],
        periodic: false,
        level: move |p| from_axis(p) - 0.5 * d,
        inflow: move |p: [f64; 3]| 16.0 * PEAK * parabola(p[1]) * parabola(p[2]),
        sides: 0.0,
    };
    let mut steady = tunnel.steady(operator(mean * d / REYNOLDS), mean, 2e-4, 2.5, progress)?;
    let force = steady.force(|p| from_axis(p) < 0.5 * d);
    let at = |x: f64| [centre[0] + x, centre[1], 0.5 * height];
    let pressure = steady.pressure(at(-0.5 * d), 0, -1) - steady.pressure(at(0.5 * d), 0, 1);
    let scale = 2.0 / (mean * mean * d * height);
    let source = "Bayraktar, Mierka, Turek 2012, Int. J. Comput. Sci. Eng. 7:253, case 3D-1Z of Schäfer and Turek 1996; 10 cells across; the lift asks for more";
    let pressure_source =
        "Schäfer, Turek 1996, Notes Numer. Fluid Mech. 52:547, case 3D-1Z: the middle of the participants' interval";
    let row = |what: &str, value, reference, tolerance, source| Row {
        id: "F7",
        what: format!("cylinder in a square channel, Reynolds number 20, {across} cells across: {what}"),
        value,
        reference,
        unit: "1",
        tolerance,
        source,
    };
    let square = MEAN_M_S * MEAN_M_S;
    Ok(vec![
        row("drag coefficient", scale * force[0], 6.185, 0.02 * 6.185, source),
        row(
            "pressure between front and back over ρU²",
            pressure / (mean * mean),
            0.17 / square,
            0.005 / square,
            pressure_source,
        ),
    ])
}

/// Sphere diameter, edge of the stream around it, length before and behind it, cells.
const SPHERE: f64 = 9.4;
const EDGE: usize = 76;
const BEFORE: f64 = 40.3;
const LENGTH: usize = 116;
/// Speed of the stream.
const STREAM: f64 = 0.06;

/// F8: a sphere in a stream, with inertia.
pub(super) fn sphere(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let reynolds: f64 = 20.0;
    let reference = 24.0 / reynolds * (1.0 + 0.1935 * reynolds.powf(0.6305));
    let middle = 0.5 * EDGE as f64;
    // Off the lattice's own symmetry.
    let centre = [BEFORE, middle + 0.23, middle - 0.11];
    let from_centre = move |p: [f64; 3]| (0..3).map(|a| (p[a] - centre[a]).powi(2)).sum::<f64>().sqrt();
    let tunnel = Tunnel {
        dims: [LENGTH, EDGE, EDGE],
        periodic: false,
        level: move |p| from_centre(p) - 0.5 * SPHERE,
        inflow: |_| STREAM,
        sides: STREAM,
    };
    let viscosity = STREAM * SPHERE / reynolds;
    let mut steady = tunnel.steady(operator(viscosity), STREAM, 2e-4, 3.0, progress)?;
    let force = steady.force(|p| from_centre(p) < 0.5 * SPHERE);
    let drag = force[0] / (0.5 * STREAM * STREAM * std::f64::consts::FRAC_PI_4 * SPHERE * SPHERE);
    Ok(vec![Row {
        id: "F8",
        what: format!(
            "drag coefficient of a sphere, Reynolds number {reynolds}, {SPHERE} cells across, 8 diameters of stream"
        ),
        value: drag,
        reference,
        unit: "1",
        tolerance: 0.03 * reference,
        source: "Clift, Grace, Weber 1978, Bubbles, Drops and Particles, standard drag for 20 ≤ Re ≤ 260: 24/Re (1 + 0.1935 Re^0.6305); walls move with the stream",
    }])
}
