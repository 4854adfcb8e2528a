//! Vorticity, Q and helicity of flows in closed form, from velocities at the centres of cells.

use super::super::cells::Cells;
use super::super::error::FlowError;
use super::super::fluid::Fluid;
use super::super::run::simulate;
use super::super::vortices::{Bulk, Vortices, normalised_helicity};
use super::{Row, order, tube};
use crate::base::Progress;
use crate::flow::power_lost_mw;
use crate::geom::{Grid, Point, Vector};
use std::f64::consts::{PI, TAU as TURN};

/// A wave is so long, mm.
const WAVE_MM: f64 = 10.0;

/// Velocities in a cube that repeats, `n` cells a wave: in m/s at a place in turns.
fn periodic(n: usize, velocity: impl Fn([f64; 3]) -> [f64; 3]) -> (Cells, Vec<[f32; 3]>) {
    let grid = Grid::aligned([n; 3], Point::origin(), [WAVE_MM / n as f64; 3]).expect("n is not 0");
    let cells = Cells::new(grid, [true; 3], |_| true);
    let at = |cell: usize| {
        let place = cells.place(cell).map(|x| TURN * f64::from(x) / n as f64);
        velocity(place).map(|x| x as f32)
    };
    let values = (0..cells.len()).map(at).collect();
    (cells, values)
}

/// The flow of Arnold, Beltrami and Childress with A = 1, B = ⅔, C = ⅓ m/s.
fn abc([x, y, z]: [f64; 3]) -> [f64; 3] {
    let (a, b, c) = (1.0, 2.0 / 3.0, 1.0 / 3.0);
    [a * z.sin() + c * y.cos(), b * x.sin() + a * z.cos(), c * y.sin() + b * x.cos()]
}

/// Root mean square error of the vorticity as a share of it, and the largest lack of the normalised helicity.
fn beltrami(n: usize, progress: &Progress) -> Result<[f64; 2], FlowError> {
    let (cells, velocity) = periodic(n, abc);
    let vortices = Vortices::of_cells(&cells, &velocity, progress)?;
    let k_per_m = TURN / WAVE_MM * 1e3;
    let (mut error, mut size, mut lack) = (0.0, 0.0, 0.0_f64);
    for (u, vorticity) in velocity.iter().zip(&vortices.vorticity_per_s) {
        let [u, vorticity] = [u, vorticity].map(|v| Vector::from(v.map(f64::from)));
        error += (vorticity - u * k_per_m).norm_squared();
        size += (u * k_per_m).norm_squared();
        // Where next to nothing moves there is no direction.
        if 0.05 < u.norm() {
            lack = lack.max(1.0 - normalised_helicity(&u, &vorticity));
        }
    }
    Ok([(error / size).sqrt(), lack])
}

/// Root mean square error of Q in Taylor's and Green's vortices as a share of its own.
fn taylor_green(n: usize, progress: &Progress) -> Result<f64, FlowError> {
    let (cells, velocity) = periodic(n, |[x, y, _]| [-x.cos() * y.sin(), x.sin() * y.cos(), 0.0]);
    let vortices = Vortices::of_cells(&cells, &velocity, progress)?;
    let k_per_m = TURN / WAVE_MM * 1e3;
    let (mut error, mut size) = (0.0, 0.0);
    for cell in 0..cells.len() {
        let [x, y, _] = cells.place(cell).map(|x| TURN * f64::from(x) / n as f64);
        // ∇u = k [[sin x sin y, −cos x cos y], [cos x cos y, −sin x sin y]], Q = −½ tr (∇u)².
        let exact = k_per_m * k_per_m * ((x.cos() * y.cos()).powi(2) - (x.sin() * y.sin()).powi(2));
        error += (f64::from(vortices.q_per_s2[cell]) - exact).powi(2);
        size += exact * exact;
    }
    Ok((error / size).sqrt())
}

fn row(what: &str, value: f64, reference: f64, unit: &'static str, tolerance: f64, source: &'static str) -> Row {
    Row { id: "F16", what: what.into(), value, reference, unit, tolerance, source }
}

/// F16: flows whose vorticity and helicity are known in closed form.
pub(super) fn closed_forms(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let sizes = [16_usize, 32, 64];
    let helical = sizes.iter().map(|n| beltrami(*n, progress)).collect::<Result<Vec<_>, _>>()?;
    let turning = sizes.iter().map(|n| taylor_green(*n, progress)).collect::<Result<Vec<_>, _>>()?;
    let sizes = sizes.map(|n| n as f64);
    let vorticity: Vec<f64> = helical.iter().map(|errors| errors[0]).collect();
    let abc = "flow of Arnold, Beltrami and Childress (Dombre et al. 1986, J. Fluid Mech. 167:353): ω = k u; central differences give sin(kh)/kh of it, second order";
    let vortices = "Taylor and Green 1937: Q = k² (cos² kx cos² ky − sin² kx sin² ky); second order";
    Ok(vec![
        row("order of the vorticity, 16 to 64 cells a wave", order(&sizes, &vorticity), 2.0, "1", 0.1, abc),
        row("relative error of the vorticity, 64 cells", vorticity[2], 0.0, "1", 2e-3, abc),
        row("largest lack of the normalised helicity, 64 cells", helical[2][1], 0.0, "1", 1e-5, abc),
        row("order of Q, 16 to 64 cells a wave", order(&sizes, &turning), 2.0, "1", 0.1, vortices),
        row("relative error of Q, 64 cells", turning[2], 0.0, "1", 4e-3, vortices),
    ])
}

/// F16t: what a computed flow in a tube loses, and that it turns nowhere.
pub(super) fn pipe(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let (radius, length, flow) = (2.0, 16.0, 1.0);
    let setup = tube::tube(length, |_| 2.0, Vector::new(0.25, 0.15, 1.0), 20.0, flow, Fluid::blood());
    let (result, _) = simulate(&setup, progress)?;
    let vortices = Vortices::of(&result, progress)?;
    let bulk = Bulk::of(&result, &vortices, &setup.fluid);
    let lost = power_lost_mw(&result, setup.fluid.density_kg_m3).unwrap_or(f64::NAN);
    let (r, q, mu) = (radius * 1e-3_f64, flow * 1e-6, setup.fluid.viscosity_pa_s);
    let exact = 1e3 * 8.0 * mu * length * 1e-3 * q * q / (PI * r.powi(4));
    let wall_rate = 4.0 * q / (PI * r.powi(3));
    let deep = |cell: &usize| vortices.is_deep[*cell];
    let largest =
        (0..result.cells.len()).filter(deep).map(|n| f64::from(vortices.q_per_s2[n]).abs()).fold(0.0, f64::max);
    let source = "Hagen-Poiseuille, closed form: friction takes flow times pressure drop, helicity and Q are 0 everywhere; R = 10 cells, tube at 16° to the lattice";
    Ok(vec![
        Row { id: "F16t", ..row("power that viscosity takes", bulk.dissipated_mw, exact, "mW", 0.05 * exact, source) },
        Row { id: "F16t", ..row("power lost between inlet and outlet", lost, exact, "mW", 0.05 * exact, source) },
        Row { id: "F16t", ..row("mean normalised helicity", bulk.normalised, 0.0, "1", 0.05, source) },
        Row {
            id: "F16t",
            ..row(
                "largest Q over the square of the shear at the wall",
                largest / wall_rate.powi(2),
                0.0,
                "1",
                0.05,
                "Hagen-Poiseuille, closed form: pure shear; away from walls and openings, where the second row of cells still carries the error of their rules",
            )
        },
    ])
}
