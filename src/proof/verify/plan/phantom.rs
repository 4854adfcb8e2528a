//! What is known of the abdomen phantom: volumes, distances, angles, vessel radii.

use crate::base::Progress;
use crate::geom::{Point, Vector};
use crate::image::phantom::{self, Phantom, label};
use crate::image::{LabelMap, Volume};
use crate::mesh::centre_lines::{Wish, centre_lines};
use crate::mesh::{CentreBranch, CentreLines};
use crate::plan::resection::{Blade, Books, Crossing, Layer, Organ, crossings, margin_taken};
use crate::plan::territory::{Territories, Weighting};
use crate::plan::{Cut, CutShape, DistanceMap};
use crate::proof::verify::{Row, Tolerance};
use std::sync::Arc;

const SOURCE: &str = "known truth of scan.phantom";

/// The liver of the default abdomen phantom with its portal tree and its tumour.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let params = phantom::Params::default();
    let abdomen = phantom::abdomen(&params, &progress.part(0.0..0.5, "phantom")).map_err(|error| error.to_string())?;
    let mut rows = Vec::new();
    let liver = marked(&abdomen.labels, &[label::LIVER, label::TUMOUR, label::PORTAL_VEIN, label::HEPATIC_VEINS])?;
    let organ = Arc::new(Organ::of(&liver).map_err(|error| error.to_string())?);
    tumour(&mut rows, &abdomen, &organ, progress)?;
    vessels(&mut rows, &abdomen, &organ, progress)?;
    Ok(rows)
}

/// One byte per voxel: whether it has one of the labels.
fn marked(labels: &LabelMap, which: &[u8]) -> Result<Volume<u8>, String> {
    let dense = labels.to_volume();
    let voxels = dense.voxels().iter().map(|label| u8::from(which.contains(label))).collect();
    Volume::new(Arc::clone(dense.grid()), voxels).map_err(|error| error.to_string())
}

/// The tumour is a ball: its volume, its distance to places, and its margin to a cut.
fn tumour(rows: &mut Vec<Row>, abdomen: &Phantom, liver: &Arc<Organ>, progress: &Progress) -> Result<(), String> {
    let truth = abdomen.truth.tumour.as_ref().ok_or("the phantom has no tumour")?;
    let mask = marked(&abdomen.labels, &[label::TUMOUR])?;
    let (centre, radius_mm) = (Point::from(truth.centre_mm), truth.radius_mm);
    let map = DistanceMap::of(&mask, progress).map_err(|error| error.to_string())?;
    let half_mm = map.half_voxel_mm();
    let directions = (0..40).map(|n| {
        let (z, turn) = (-0.95 + 0.0487 * f64::from(n), 2.4 * f64::from(n));
        let flat = (1.0 - z * z).sqrt();
        Vector::new(flat * turn.cos(), flat * turn.sin(), z)
    });
    let worst = directions
        .flat_map(|way| [1.0, 6.0, 18.0].map(|mm| (map.at(&(centre + way * (radius_mm + mm))) - mm).abs()))
        .fold(0.0, f64::max);
    let what = "phantom: distance to the tumour at 120 places around it, worst";
    rows.push(Row::new("P8", what, worst, half_mm, "mm", Tolerance::AtMost, "half the diagonal of a voxel"));
    let target = Organ::of(&mask).map_err(|error| error.to_string())?;
    // The phantom's other bodies do not cover the tumour; its volume is a ball's.
    let whole_ml = 4.0 / 3.0 * std::f64::consts::PI * radius_mm.powi(3) / 1000.0;
    let away = Blade::of(
        &Cut { shape: CutShape::Sphere { centre: truth.centre_mm, radius_mm: radius_mm + 12.0 }, width_mm: 2.0 },
        &liver.bounds(),
    )
    .map_err(|error| error.to_string())?;
    let found = Books::of(&target, &away, 0.0, progress).map_err(|error| error.to_string())?;
    rows.push(Row::new(
        "P8",
        "phantom: tumour taken away whole by a ball around it",
        found.resected_ml.value,
        whole_ml,
        "ml",
        Tolerance::Relative(0.03),
        SOURCE,
    ));
    let margin = margin_taken(&away, &target, 0.0).mm;
    let what = "phantom: margin of the tumour to a ball 12 mm larger, by an instrument of 2 mm";
    rows.push(Row::new("P8", what, margin.value, 11.0, "mm", Tolerance::Absolute(half_mm), SOURCE));
    Ok(())
}

/// The portal tree: radii of the lines found, crossings of the lines that are known, territories of both.
fn vessels(rows: &mut Vec<Row>, abdomen: &Phantom, liver: &Arc<Organ>, progress: &Progress) -> Result<(), String> {
    let branches: Vec<CentreBranch> = {
        let system: Vec<_> = abdomen.truth.system("portal vein").collect();
        let place = |id: usize| system.iter().position(|branch| branch.id == id);
        system
            .iter()
            .map(|branch| CentreBranch {
                parent: branch.parent.and_then(place),
                points: branch.points_mm.iter().map(|point| Point::from(*point)).collect(),
                radii_mm: branch.radii_mm.clone(),
            })
            .collect()
    };
    let truth = CentreLines::new(branches).map_err(|error| error.to_string())?;
    let portal = marked(&abdomen.labels, &[label::PORTAL_VEIN])?;
    let found = centre_lines(&portal, &Wish::default(), progress).map_err(|error| error.to_string())?.lines;
    let mut off: Vec<f64> = Vec::new();
    for branch in found.branches() {
        for n in branch.own_start()..branch.points.len().saturating_sub(3) {
            let Some(place) = truth.nearest(&branch.points[n]) else { continue };
            let real = &truth.branches()[place.branch].radii_mm;
            let radius_mm = real[place.point] + place.part * (real[place.point + 1] - real[place.point]);
            off.push((branch.radii_mm[n] - radius_mm).abs());
        }
    }
    off.sort_by(f64::total_cmp);
    let half_mm = crate::plan::distance::half_voxel_mm(portal.grid());
    let at = |part: f64| off.get((part * off.len() as f64) as usize).copied().unwrap_or(f64::NAN);
    let source = "radii of scan.phantom; half the diagonal of a voxel";
    for (name, part) in [("median", 0.5), ("nine of ten places", 0.9)] {
        let what = format!("phantom: radii along the portal centre lines found, off by, {name}");
        rows.push(Row::new("P9", &what, at(part), half_mm, "mm", Tolerance::AtMost, source));
    }
    // A cut across the right lobe: every crossing lies on the cut, with the radius and angle of the formula.
    let normal = Vector::new(1.0, 0.35, 0.2).normalize();
    let point = liver.bounds().centre() - normal * 25.0;
    let cut = Cut { shape: CutShape::Plane { point: point.into(), normal: normal.into() }, width_mm: 0.0 };
    let blade = Blade::of(&cut, &liver.bounds()).map_err(|error| error.to_string())?;
    let crossed: Vec<Crossing> = crossings(&blade, &truth, |_| true).into_iter().filter(|c| c.is_through).collect();
    let (mut off_mm, mut off_degrees, mut number) = (0.0_f64, 0.0_f64, 0);
    for branch in truth.branches() {
        for (pair, radii) in branch.points.windows(2).zip(branch.radii_mm.windows(2)) {
            let [a, b] = [0, 1].map(|n| (pair[n] - point).dot(&normal));
            if (0.0 <= a) == (0.0 <= b) {
                continue;
            }
            number += 1;
            let part = a / (a - b);
            let here = pair[0] + (pair[1] - pair[0]) * part;
            let degrees = (pair[1] - pair[0]).normalize().dot(&normal).abs().min(1.0).asin().to_degrees();
            let nearest = crossed.iter().min_by(|c, d| (c.at - here).norm().total_cmp(&(d.at - here).norm()));
            let Some(nearest) = nearest else { continue };
            let radius_mm = radii[0] + part * (radii[1] - radii[0]);
            off_mm = off_mm.max((nearest.at - here).norm()).max((nearest.radius_mm - radius_mm).abs());
            off_degrees = off_degrees.max((nearest.angle_degrees - degrees).abs());
        }
    }
    let what = "phantom: portal branches that a plane cuts";
    rows.push(Row::new(
        "P9",
        what,
        crossed.len() as f64,
        f64::from(number),
        "vessels",
        Tolerance::Absolute(0.0),
        SOURCE,
    ));
    let what = "phantom: places and radii of vessels cut, worst";
    rows.push(Row::new("P9", what, off_mm, 1e-3, "mm", Tolerance::AtMost, SOURCE));
    let what = "phantom: angles between vessels and cut, worst";
    rows.push(Row::new("P9", what, off_degrees, 0.01, "°", Tolerance::AtMost, SOURCE));
    let n = liver.voxels(Layer::Organ) as f64;
    for (name, lines) in [("known", &truth), ("found", &found)] {
        let territories = Territories::of(Arc::clone(liver), lines, &Weighting::Distance, progress);
        let territories = territories.map_err(|error| error.to_string())?;
        let sum = territories.voxels_of_branches().iter().sum::<u64>() as f64;
        let what = format!("phantom: territories of the portal branches that are {name}, together");
        rows.push(Row::new("P9", &what, sum, n, "voxels", Tolerance::Absolute(0.0), "voxels of the liver"));
    }
    Ok(())
}
