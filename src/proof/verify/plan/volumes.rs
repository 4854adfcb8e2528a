//! Volumes of parts of bodies, their bounds, and margins.

use super::{around, body, direction};
use crate::base::{Progress, rng::Rng};
use crate::geom::{Point, Vector};
use crate::plan::resection::{Blade, Books, Organ, margin_taken};
use crate::plan::{Cut, CutShape, Sheet};
use crate::proof::verify::{Row, Tolerance};
use std::f64::consts::PI;

/// Bodies that bounds are tried on.
const BODIES: usize = 100;

/// Parts by formulas, and bounds on random bodies.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    lens(&mut rows, progress)?;
    sheet(&mut rows, progress)?;
    bounds(&mut rows, progress)?;
    Ok(rows)
}

fn ready(shape: CutShape, width_mm: f64, organ: &Organ) -> Result<Blade, String> {
    Blade::of(&Cut { shape, width_mm }, &organ.bounds()).map_err(|error| error.to_string())
}

fn books(organ: &Organ, blade: &Blade, edge_mm: f64, progress: &Progress) -> Result<Books, String> {
    Books::of(organ, blade, edge_mm, progress).map_err(|error| error.to_string())
}

/// Part of a ball beyond a plane `h` from its middle, as a share: (1 − h/r)² (2 + h/r)/4.
fn cap_share(h: f64) -> f64 {
    let h = h.clamp(-1.0, 1.0);
    (1.0 - h) * (1.0 - h) * (2.0 + h) / 4.0
}

/// A ball less a ball, and a ball cut in three by a wide instrument.
fn lens(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), String> {
    let (r, s, d) = (40.0, 25.0, 38.0);
    let grid = around([100; 3], [0.9; 3]);
    let organ = Organ::of(&body(&grid, |p| p.coords.norm() <= r)).map_err(|error| error.to_string())?;
    let blade = ready(CutShape::Sphere { centre: [d, 0.0, 0.0], radius_mm: s }, 0.0, &organ)?;
    let found = books(&organ, &blade, 0.0, progress)?;
    let lens_mm3 = PI * (r + s - d).powi(2) * (d * d + 2.0 * d * (r + s) - 3.0 * (r - s).powi(2)) / (12.0 * d);
    rows.push(Row::new(
        "P3",
        "a ball of 40 mm less one of 25 mm: volume taken away",
        found.resected_ml.value,
        lens_mm3 / 1000.0,
        "ml",
        Tolerance::Relative(0.005),
        "volume of a lens of two balls",
    ));
    let normal = [0.5, -0.3, 0.7];
    let unit = Vector::from(normal).normalize();
    let blade = ready(CutShape::Plane { point: (unit * 9.0).into(), normal }, 6.0, &organ)?;
    let found = books(&organ, &blade, 0.0, progress)?;
    let whole_ml = 4.0 / 3.0 * PI * r * r * r / 1000.0;
    let shares = [("taken away", cap_share(12.0 / r)), ("destroyed", cap_share(6.0 / r) - cap_share(12.0 / r))];
    for ((what, share), value) in shares.into_iter().zip([found.resected_ml.value, found.cut_ml.value]) {
        rows.push(Row::new(
            "P3",
            &format!("a ball of 40 mm cut by an instrument of 6 mm, 9 mm from its middle: {what}"),
            value,
            share * whole_ml,
            "ml",
            Tolerance::Relative(0.005),
            "volume of a cap of a ball",
        ));
    }
    Ok(())
}

/// A Bézier sheet of 4 × 4 over a block: the mean of its heights is that of its control points.
fn sheet(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), String> {
    let grid = around([60, 60, 60], [1.0; 3]);
    let organ = Organ::of(&body(&grid, |_| true)).map_err(|error| error.to_string())?;
    let mut rng = Rng::new(77);
    let place = |n: usize| 20.0 * n as f64 - 30.0;
    let heights: Vec<f64> = (0..16).map(|_| rng.between(-20.0, 20.0)).collect();
    let controls = (0..16).map(|n| [place(n % 4), place(n / 4), heights[n]]).collect();
    let blade = ready(CutShape::Sheet(Sheet { count: [4, 4], controls }), 0.0, &organ)?;
    let found = books(&organ, &blade, 0.0, progress)?;
    let mean_mm = heights.iter().sum::<f64>() / 16.0;
    rows.push(Row::new(
        "P3",
        "a block of 60 mm cut by a wavy sheet of 4 × 4 control points: volume above it",
        found.resected_ml.value,
        60.0 * 60.0 * (30.0 - mean_mm) / 1000.0,
        "ml",
        Tolerance::Relative(0.002),
        "the mean of a Bernstein polynomial is that of its coefficients",
    ));
    Ok(())
}

/// Random ellipsoids, known only by their voxels and with an edge drawn too far in or out, cut by random planes.
fn bounds(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), String> {
    let mut rng = Rng::new(2024);
    let mut held = [0_usize; 5];
    for n in 0..BODIES {
        progress.step(n, BODIES).map_err(|error| error.to_string())?;
        let spacing_mm = [rng.between(0.6, 1.0), rng.between(0.6, 1.0), rng.between(0.8, 3.0)];
        let axes = [0, 1, 2].map(|_| rng.between(14.0, 28.0));
        let centre = Vector::from_fn(|_, _| rng.between(-1.0, 1.0));
        let turn = nalgebra::Rotation3::from_scaled_axis(direction(&mut rng) * rng.between(0.0, 3.0));
        // Every second edge is drawn up to a millimetre off.
        let edge_mm = if n % 2 == 0 { 0.0 } else { rng.between(0.2, 1.0) };
        let off_mm = rng.between(-edge_mm, edge_mm);
        let grid = around([0, 1, 2].map(|a| (66.0 / spacing_mm[a]) as usize), spacing_mm);
        let local = |p: &Point| turn.inverse() * (p.coords - centre);
        let drawn = body(&grid, |p| {
            let at = local(p);
            at.component_div(&Vector::from(axes.map(|a| a + off_mm))).norm() <= 1.0
        });
        let organ = Organ::of(&drawn).map_err(|error| error.to_string())?;
        let normal = direction(&mut rng);
        let along = Vector::from_fn(|_, _| rng.between(-9.0, 9.0));
        let point = centre + along;
        let blade = ready(CutShape::Plane { point: point.into(), normal: normal.into() }, 0.0, &organ)?;
        let found = books(&organ, &blade, edge_mm, progress)?;
        // In units of the axes the ellipsoid is a ball of 1 and the plane another plane.
        let flat = (turn.inverse() * normal).component_mul(&Vector::from(axes));
        let share = cap_share(normal.dot(&along) / flat.norm());
        let whole_ml = 4.0 / 3.0 * PI * axes.iter().product::<f64>() / 1000.0;
        let target =
            ready(CutShape::Plane { point: (centre - normal * 40.0).into(), normal: normal.into() }, 0.0, &organ)?;
        let margin = margin_taken(&target, &organ, edge_mm).mm;
        held[0] += usize::from(found.organ_ml.holds(whole_ml));
        held[1] += usize::from(found.resected_ml.holds(share * whole_ml));
        held[2] += usize::from(found.remnant_percent().holds(100.0 * (1.0 - share)));
        held[3] += usize::from(margin.holds(40.0 - flat.norm()));
        // An instrument of 5 mm: what lies between two planes.
        let wide = ready(CutShape::Plane { point: point.into(), normal: normal.into() }, 5.0, &organ)?;
        let of_cut = books(&organ, &wide, edge_mm, progress)?.cut_ml;
        let [before, beyond] = [-2.5, 2.5].map(|mm| cap_share((normal.dot(&along) + mm) / flat.norm()));
        held[4] += usize::from(of_cut.holds((before - beyond) * whole_ml));
    }
    let names = ["volume of the organ", "volume taken away", "remnant in per cent", "margin", "volume destroyed"];
    for (name, held) in names.into_iter().zip(held) {
        rows.push(Row::new(
            "P4",
            &format!("bounds hold the truth, {name}: of {BODIES} random ellipsoids cut by random planes"),
            held as f64,
            95.0,
            "bodies",
            Tolerance::AtLeast,
            "formulas of the bodies; every second edge is drawn up to 1 mm off",
        ));
    }
    Ok(())
}
