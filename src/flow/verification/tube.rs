//! Tubes in patient units through the door that patients' lumens use: openings, units, wall shear.

use super::super::error::FlowError;
use super::super::fluid::Fluid;
use super::super::lumen::Lumen;
use super::super::opening::{Inflow, Opening, OpeningKind, Profile};
use super::super::result::FlowResult;
use super::super::run::simulate;
use super::super::setup::{Resolution, Setup};
use super::Row;
use crate::base::Progress;
use crate::geom::{Point, Vector};
use std::f64::consts::PI;

/// A straight lumen along an oblique axis from the origin: `radius_mm(along)` for `along` in 0 to `length_mm`.
pub(in super::super) fn tube(
    length_mm: f64,
    radius_mm: fn(f64) -> f64,
    axis: Vector,
    cells: f64,
    flow_ml_s: f64,
    fluid: Fluid,
) -> Setup {
    let axis = axis.normalize();
    let ends = [radius_mm(0.0), radius_mm(length_mm)];
    let widest = (0..=100).map(|n| radius_mm(length_mm * f64::from(n) / 100.0)).fold(0.0, f64::max) * 1.3;
    let corner = Vector::repeat(widest);
    let end = axis * length_mm;
    let low = Point::from(end.inf(&Vector::zeros()) - corner);
    let high = Point::from(end.sup(&Vector::zeros()) + corner);
    let level = move |p: Point| {
        let along = p.coords.dot(&axis);
        (radius_mm(along.clamp(0.0, length_mm)) - (p.coords - axis * along).norm()) as f32
    };
    let inlet = OpeningKind::Inlet { inflow: Inflow::FlowMlS(flow_ml_s), profile: Profile::Developed };
    let outlet = OpeningKind::Outlet { pressure_pa: 0.0 };
    let opening = |name, at: Vector, normal, radius, kind| {
        Opening::placed(name, Point::from(at), normal, radius, kind).expect("a tube has a radius")
    };
    let openings =
        vec![opening("inlet", Vector::zeros(), -axis, ends[0], inlet), opening("outlet", end, axis, ends[1], outlet)];
    let mut setup = Setup::new(Lumen::from_level(low, high, level), openings, fluid);
    setup.resolution = Resolution::CellsAcross(cells);
    setup.streamlines = 20;
    setup
}

/// Mean gauge pressure in the cells within half a cell of the plane `along_mm`.
fn pressure_pa(result: &FlowResult, axis: &Vector, along_mm: f64) -> f64 {
    let near =
        |cell: &usize| (result.cells.centre(*cell).coords.dot(axis) - along_mm).abs() <= 0.5 * result.cells.cell_mm();
    let chosen: Vec<f64> =
        (0..result.cells.len()).filter(near).map(|cell| f64::from(result.pressure_pa[cell])).collect();
    chosen.iter().sum::<f64>() / chosen.len().max(1) as f64
}

/// Largest share of the flow into a tube that may be missing from the flow out of it when the flow is steady.
const MASS_ERROR: f64 = 1e-4;

/// F2t: a tube at an angle to the lattice.
pub(super) fn straight(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let (radius, length, flow) = (2.0, 16.0, 1.0);
    let axis = Vector::new(0.25, 0.15, 1.0).normalize();
    let mut setup = tube(length, |_| 2.0, axis, 24.0, flow, Fluid::blood());
    setup.tolerance = 1e-4;
    let (result, summary) = simulate(&setup, progress)?;
    let mu = setup.fluid.viscosity_pa_s;
    let (r, q): (f64, f64) = (radius * 1e-3, flow * 1e-6);
    let (from, to) = (4.0, 12.0);
    let drop = pressure_pa(&result, &axis, from) - pressure_pa(&result, &axis, to);
    let drop_exact = 8.0 * mu * (to - from) * 1e-3 * q / (PI * r.powi(4));
    let shear_exact = 4.0 * mu * q / (PI * r.powi(3));
    let shear = &result.wall_fields[1].values;
    let inside: Vec<f64> = (0..shear.len())
        .filter(|n| (from..=to).contains(&result.wall.positions()[*n].coords.dot(&axis)))
        .map(|n| shear[n])
        .collect();
    let mean = inside.iter().sum::<f64>() / inside.len() as f64;
    let spread = (inside.iter().map(|s| (s / mean - 1.0).powi(2)).sum::<f64>() / inside.len() as f64).sqrt();
    let between = |cell: &usize| (from..=to).contains(&result.cells.centre(*cell).coords.dot(&axis));
    let speed = |cell: usize| Vector::from(result.velocity_m_s[cell].map(f64::from)).norm();
    let fastest = (0..result.cells.len()).filter(between).map(speed).fold(0.0, f64::max);
    let lost = summary.value("flow lost").unwrap_or(f64::NAN);
    let source = "Hagen-Poiseuille, closed form; R = 12 cells, tube at 16° to the lattice; second order";
    let row = |what: &str, value, reference: f64, unit, tolerance| Row {
        id: "F2t",
        what: what.into(),
        value,
        reference,
        unit,
        tolerance,
        source,
    };
    Ok(vec![
        row("pressure drop over two diameters", drop, drop_exact, "Pa", 0.03 * drop_exact),
        row("mean wall shear", mean, shear_exact, "Pa", 0.03 * shear_exact),
        row("relative spread of the wall shear", spread, 0.0, "1", 0.03),
        row("highest speed", fastest, 2.0 * q / (PI * r * r), "m/s", 0.02 * 2.0 * q / (PI * r * r)),
        row("mass error at the openings: flow in less flow out, over flow in", 0.01 * lost, 0.0, "1", MASS_ERROR),
    ])
}

/// Radius of the stenosed tube: 3 mm wide, over 10 mm smoothly narrowed to 1.5 mm.
fn narrowed(along_mm: f64) -> f64 {
    let from_middle = ((along_mm - STENOSIS_MM) / 5.0).clamp(-1.0, 1.0);
    1.5 - 0.375 * (1.0 + (PI * from_middle).cos())
}

/// Where the stenosis is narrowest, and how long the tube is.
const STENOSIS_MM: f64 = 9.0;
const STENOSED_MM: f64 = 30.0;

/// F11: the pressure drop over a stenosis of 75 % of the area.
pub(super) fn stenosis(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let setup = tube(STENOSED_MM, narrowed, Vector::z(), 16.0, 1.5, Fluid::blood());
    let (result, summary) = simulate(&setup, progress)?;
    let drop = summary.value("pressure drop").unwrap_or(f64::NAN);
    let (mu, rho) = (setup.fluid.viscosity_pa_s, setup.fluid.density_kg_m3);
    let (flow, wide, ratio) = (1.5e-6, 1.5e-3_f64, 4.0_f64);
    let speed = flow / (PI * wide * wide);
    let n = 3000;
    let step = STENOSED_MM / f64::from(n);
    let inverse: f64 = (0..n).map(|k| (narrowed((f64::from(k) + 0.5) * step) * 1e-3).powi(-4) * step * 1e-3).sum();
    let viscous = 8.0 * mu * flow / PI * inverse;
    let eddies = 1.52 * 0.5 * rho * (ratio - 1.0).powi(2) * speed * speed;
    let reference = viscous + eddies;
    let source = "Young and Tsai 1973, J. Biomech. 6:395: K_t = 1.52 for the loss behind the throat, plus Poiseuille's friction along the radius; good to about 20 %";
    let row = |what: &str, value, reference, unit, tolerance, source| Row {
        id: "F11",
        what: what.into(),
        value,
        reference,
        unit,
        tolerance,
        source,
    };
    Ok(vec![
        row("pressure drop, 75 % of the area, Reynolds number 193", drop, reference, "Pa", 0.2 * reference, source),
        row(
            "mean velocity across the axis over that along it",
            asymmetry(&result),
            0.0,
            "1",
            0.001,
            "symmetry: laminar at this Reynolds number (Varghese et al. 2007, J. Fluid Mech. 582:253)",
        ),
    ])
}

fn asymmetry(result: &FlowResult) -> f64 {
    let mut sum = Vector::zeros();
    for u in result.velocity_m_s.iter() {
        sum += Vector::from(u.map(f64::from));
    }
    sum.x.hypot(sum.y) / sum.z
}
