//! The five lobes of the lungs, parted by their fissures.

use super::airway::trachea;
use super::body::body;
use super::coarse::Coarse;
use super::evidence::Evidence;
use super::fissure::{Fissure, Frame, Here, fissure};
use super::lungs;
use super::plate::plates;
use super::preset::Organ;
use crate::base::{Progress, SegmentId, Summary};
use crate::geom::{Point, Vector};
use crate::image::filter::{open, squared_distance};
use crate::image::{LabelMap, Segment, Volume};
use crate::segment::SegmentError;
use rayon::prelude::*;
use std::sync::Arc;

/// Vessels in the lung are brighter than this …
const VESSEL_HU: i16 = -550;
/// … and further away than this makes no difference.
const FREE_MM: f64 = 9.0;
/// An oblique fissure seen less than this cannot be followed.
const SEEN_MIN: f64 = 0.12;
/// Shorter lungs are cut off.
const HEIGHT_MM_MIN: f64 = 130.0;
/// Oblique fissures lie within this of the usual plane, horizontal ones within this of the usual height.
const OBLIQUE_MM: f64 = 42.0;
const HORIZONTAL_MM: f64 = 36.0;

const RIGHT_UPPER: u8 = 1;
const RIGHT_MIDDLE: u8 = 2;
const RIGHT_LOWER: u8 = 3;
const LEFT_UPPER: u8 = 4;
const LEFT_LOWER: u8 = 5;

/// Segment the lobes.
pub(super) fn run(ct: &Volume<i16>, _seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let lungs = lungs::run(ct, None, &progress.part(0.0..0.5, "lungs"))?;
    let coarse = Coarse::of(ct, &progress.part(0.5..0.55, "coarse copy"))?;
    let body = body(&coarse, &progress.part(0.55..0.6, "body"))?;
    let air = lungs::lung_air(&coarse, &body, &progress.part(0.6..0.62, "air"))?;
    // Without a trachea it is no scan of a chest, or not one to read lobes from.
    trachea(&coarse, &body, &air, &progress.part(0.62..0.65, "trachea"))?;
    let side_at = |at: usize| lungs.labels.at(coarse.fine_voxel(coarse.mean.grid().voxel(at)));
    let coarse_sides: Vec<u8> = (0..coarse.mean.grid().len()).into_par_iter().map(side_at).collect();
    let coarse_sides = Volume::new(Arc::clone(coarse.mean.grid()), coarse_sides).expect("one value per voxel");
    let extents = [1, 2].map(|side| Extent::of(&coarse_sides, side));
    for (extent, name) in extents.iter().zip(["right", "left"]) {
        let height_mm = extent.as_ref().map_or(0.0, |e| e.high.z - e.low.z);
        if height_mm < HEIGHT_MM_MIN {
            let reason = format!(
                "the {name} lung is {height_mm:.0} mm high in the scan; {HEIGHT_MM_MIN} mm are needed to know its lobes"
            );
            return Err(SegmentError::NotFound { organ: "lobes", reason });
        }
    }
    let [Some(right), Some(left)] = extents else { unreachable!("their heights were checked") };
    let oblique = [right, left].map(|extent| extent.oblique());
    let normals = [oblique[0].axes[2], Vector::z()];
    let [slanted, level] = plates(&coarse, &coarse_sides, normals, &progress.part(0.65..0.8, "plates"))?;
    let free = free(&coarse, &coarse_sides, &progress.part(0.8..0.85, "vessels"))?;
    let look = |side: u8, plate: &Volume<f32>, place: Point| {
        let grid = coarse_sides.grid();
        match grid.voxel_at(place).map(|voxel| grid.offset(voxel)) {
            Some(at) if coarse_sides.voxels()[at] == side => {
                Here::Lung { plate: sampled(plate, place), free: free.voxels()[at] }
            }
            _ => Here::Outside,
        }
    };
    let part = progress.part(0.85..0.95, "fissures");
    let right_oblique = fissure(oblique[0], |place| look(1, &slanted, place), &part)?;
    let left_oblique = fissure(oblique[1], |place| look(2, &slanted, place), &part)?;
    for (found, name) in [(&right_oblique, "right"), (&left_oblique, "left")] {
        if found.seen < SEEN_MIN {
            let reason = format!(
                "the {name} oblique fissure shows on {:.0} % of its course; {:.0} % are needed",
                100.0 * found.seen,
                100.0 * SEEN_MIN
            );
            return Err(SegmentError::NotFound { organ: "lobes", reason });
        }
    }
    let in_front = |place: Point| {
        if right_oblique.above_mm(place) < 2.0 { Here::Outside } else { look(1, &level, place) }
    };
    let horizontal = fissure(right.horizontal(), in_front, &part)?;
    drop((slanted, level, free));
    let labels = labels(
        &lungs.labels.to_volume(),
        [&right_oblique, &left_oblique, &horizontal],
        &progress.part(0.95..1.0, "lobes"),
    )?;
    Ok(organ(&labels, [&right_oblique, &left_oblique, &horizontal], &lungs.summary))
}

/// The trilinear value of a plate image, 0 outside.
fn sampled(plate: &Volume<f32>, place: Point) -> f32 {
    plate.sample_index(plate.grid().index_from_patient(place)).unwrap_or(0.0) as f32
}

/// The box around a lung without its outermost hundredth, in the patient.
#[derive(Debug, Clone, Copy)]
struct Extent {
    low: Point,
    high: Point,
}

impl Extent {
    fn of(sides: &Volume<u8>, side: u8) -> Option<Self> {
        let grid = sides.grid();
        let inside: Vec<usize> = (0..grid.len()).filter(|at| sides.voxels()[*at] == side).collect();
        let ends = |axis: usize| -> Option<[f64; 2]> {
            let mut places: Vec<f64> = inside.iter().step_by(11).map(|at| grid.centre(grid.voxel(*at))[axis]).collect();
            places.sort_by(f64::total_cmp);
            let last = places.len().checked_sub(1)?;
            Some([places[last / 100], places[last - last / 100]])
        };
        let [x, y, z] = [ends(0)?, ends(1)?, ends(2)?];
        Some(Self { low: Point::new(x[0], y[0], z[0]), high: Point::new(x[1], y[1], z[1]) })
    }

    /// The usual plane of the oblique fissure: from the back at three quarters of the height to the front near the base.
    fn oblique(&self) -> Frame {
        let (size, low, high) = (self.high - self.low, self.low, self.high);
        let back = Point::new(0.5 * (low.x + high.x), high.y, low.z + 0.76 * size.z);
        let front = Point::new(back.x, low.y + 0.16 * size.y, low.z + 0.14 * size.z);
        let down = (front - back).normalize();
        // Across: up and to the front, where the upper lobe lies.
        let across = Vector::x().cross(&down).normalize();
        let across = if across.y < 0.0 { across } else { -across };
        let half = 0.5 * (front - back).norm() + 45.0;
        Frame {
            middle: back + 0.5 * (front - back),
            axes: [Vector::x(), down, across],
            half_mm: [0.5 * size.x + 6.0, half, OBLIQUE_MM],
        }
    }

    /// The usual height of the horizontal fissure.
    fn horizontal(&self) -> Frame {
        let (size, low, high) = (self.high - self.low, self.low, self.high);
        let middle = Point::new(0.5 * (low.x + high.x), 0.5 * (low.y + high.y), low.z + 0.5 * size.z);
        Frame {
            middle,
            axes: [Vector::x(), Vector::y(), Vector::z()],
            half_mm: [0.5 * size.x + 6.0, 0.5 * size.y + 6.0, HORIZONTAL_MM],
        }
    }
}

/// How far each voxel of a lung is from vessels, 0 at one and 1 from [`FREE_MM`] on.
fn free(coarse: &Coarse, sides: &Volume<u8>, progress: &Progress) -> Result<Volume<f32>, SegmentError> {
    let vessels = coarse.mask(&coarse.mean, sides, |value, side| side != 0 && VESSEL_HU < value);
    let thick = open(&vessels, 1.0, progress)?;
    let distance = squared_distance(&thick, FREE_MM, progress)?;
    let share = distance.voxels().par_iter().map(|d| if d.is_finite() { d.sqrt() / FREE_MM as f32 } else { 1.0 });
    Ok(Volume::new(Arc::clone(sides.grid()), share.collect()).expect("one value per voxel"))
}

/// The lobe of every voxel of a lung.
fn labels(
    sides: &Volume<u8>,
    [right, left, horizontal]: [&Fissure; 3],
    progress: &Progress,
) -> Result<Volume<u8>, SegmentError> {
    let grid = sides.grid();
    let [ni, nj, _] = grid.dims();
    let mut labels = vec![0_u8; grid.len()];
    labels.par_chunks_mut(ni).enumerate().try_for_each(|(row, out)| {
        for (i, out) in out.iter_mut().enumerate() {
            let side = sides.voxels()[row * ni + i];
            if side == 0 {
                continue;
            }
            let place = grid.centre([i, row % nj, row / nj]);
            *out = match side {
                1 if right.above_mm(place) < 0.0 => RIGHT_LOWER,
                1 if horizontal.above_mm(place) < 0.0 => RIGHT_MIDDLE,
                1 => RIGHT_UPPER,
                _ if left.above_mm(place) < 0.0 => LEFT_LOWER,
                _ => LEFT_UPPER,
            };
        }
        progress.check()
    })?;
    Ok(Volume::new(Arc::clone(grid), labels).expect("one label per voxel"))
}

fn organ(labels: &Volume<u8>, fissures: [&Fissure; 3], lungs: &Summary) -> Organ {
    let segment = |id, name: &str, colour, snomed| Segment::new(SegmentId(id), name, colour, Some(snomed));
    let table = vec![
        segment(RIGHT_UPPER, "right upper lobe", [172, 138, 115], 45_653_009),
        segment(RIGHT_MIDDLE, "right middle lobe", [202, 164, 140], 72_481_006),
        segment(RIGHT_LOWER, "right lower lobe", [224, 186, 162], 90_572_001),
        segment(LEFT_UPPER, "left upper lobe", [172, 138, 115], 45_653_009),
        segment(LEFT_LOWER, "left lower lobe", [224, 186, 162], 90_572_001),
    ];
    let labels = LabelMap::from_volume(labels, table).expect("all labels are in the table");
    let names: Vec<(String, f64)> =
        labels.segments().iter().map(|s| (s.name.clone(), labels.volume_ml(s.id))).collect();
    let all: f64 = names.iter().map(|(_, ml)| ml).sum();
    let mut summary = names.iter().fold(Summary::default(), |summary, (name, ml)| summary.fact(name, *ml, "ml"));
    const NAMES: [&str; 3] = ["right oblique fissure", "left oblique fissure", "right horizontal fissure"];
    for (name, found) in NAMES.iter().zip(fissures) {
        summary = summary.fact(&format!("{name} seen"), 100.0 * found.seen, "%");
    }
    let summary = summary
        .method("Lungs as the preset lungs finds them; thin bright plates by the Hessian at 1.4 mm (after Lassen 2013)")
        .method("Each fissure is the smooth surface of least cost over its usual plane: on plates, far from vessels (after Kuhnigk 2003), little bent; found by semi-global matching (Hirschmüller 2008)")
        .limit("Where a fissure is incomplete or not seen, its surface is a guess between what is seen and far from vessels; accessory fissures and lobes are not looked for");
    let mut evidence = Evidence::new(summary);
    for ((name, found), least) in NAMES.iter().zip(fissures).zip([0.5, 0.5, 0.35]) {
        let (place, share) = found.worst;
        evidence = evidence.expect(least <= found.seen, if least < 0.5 { 0.75 } else { 0.7 }, || {
            format!("the {name} shows on {:.0} % of its course, least around ({:.0}, {:.0}, {:.0}) mm ({:.0} %); the border is a guess there", 100.0 * found.seen, place.x, place.y, place.z, 100.0 * share)
        });
    }
    // Wide on purpose: a share outside them is a fissure at the wrong place or a lobe that was taken out.
    for ((name, ml), range) in names.iter().zip([(0.1, 0.3), (0.03, 0.16), (0.14, 0.38), (0.13, 0.34), (0.12, 0.36)]) {
        let share = ml / all.max(1.0);
        evidence = evidence.expect((range.0..=range.1).contains(&share), 0.8, || {
            format!(
                "the {name} is {:.0} % of the lungs, outside {:.0} to {:.0} %",
                100.0 * share,
                100.0 * range.0,
                100.0 * range.1
            )
        });
    }
    for warning in &lungs.warnings {
        evidence = evidence.expect(false, 0.9, || warning.clone());
    }
    Organ { labels, summary: evidence.summary() }
}
