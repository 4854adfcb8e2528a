//! Segmentation and surfaces against phantoms of known truth, and presets against labels of real scans.

mod aorta;
mod bones;
mod chest;
mod chest_phantom;
mod filters;
mod fronts;
mod liver_vessels;
mod measures;
mod network;
mod organs;
mod real;
mod seeds;
mod tets;
mod surfaces;
mod vessels;

use super::{Row, Tolerance};
use crate::base::Progress;
use crate::geom::Point;
use crate::image::phantom::{self, Phantom, VesselParams};
use crate::image::{LabelMap, Volume};
use crate::mesh::contour::mask_surface;
use crate::mesh::smooth::{Smoothing, smooth};
use crate::mesh::tetrahedralise::{CellSize, tetrahedralise};
use crate::segment::organ::preset;
use crate::segment::score;

/// Presets scored against phantoms; meshes against the volumes they came from.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    let stop = |error: crate::base::Cancelled| error.to_string();
    let vessel = phantom::vessel(&VesselParams::default(), &progress.part(0.0..0.1, "vessel phantom"))
        .map_err(|e| e.to_string())?;
    let truth = &union(&vessel.labels, &["vessel lumen"])?;
    let found = run(&vessel, "vessel", Some(Point::new(0.0, 0.0, 10.0)), progress)?;
    let measured = score(&found, truth, progress).map_err(|error| error.to_string())?;
    rows.push(Row::new(
        "S1",
        "vessel preset on the stenosis phantom: Dice",
        measured.dice,
        0.97,
        "1",
        Tolerance::AtLeast,
        "known truth of scan.phantom",
    ));
    rows.push(Row::new(
        "S1",
        "vessel preset: mean surface distance",
        measured.surface_mean_mm,
        0.2,
        "mm",
        Tolerance::AtMost,
        "half the voxel spacing of scan.phantom",
    ));
    meshes(&mut rows, truth, progress)?;
    progress.set(0.4).map_err(stop)?;
    let abdomen = phantom::abdomen(&phantom::Params::default(), &progress.part(0.4..0.6, "abdomen phantom"))
        .map_err(|e| e.to_string())?;
    let truth = union(&abdomen.labels, &["spine", "ribs"])?;
    let found = run(&abdomen, "bone", None, progress)?;
    let measured = score(&found, &truth, progress).map_err(|error| error.to_string())?;
    rows.push(Row::new(
        "S2",
        "bone preset on the abdomen phantom: Dice",
        measured.dice,
        0.965,
        "1",
        Tolerance::AtLeast,
        "known truth of scan.phantom: spine and ribs; the goal is 0.97",
    ));
    let body = run(&abdomen, "body", None, progress)?;
    let dense = abdomen.labels.to_volume();
    let outside = abdomen.labels.segments().iter().find(|s| s.name.contains("table")).map(|s| s.id.0);
    let inside = dense.voxels().iter().map(|label| u8::from(*label != 0 && Some(*label) != outside)).collect();
    let truth = Volume::new(std::sync::Arc::clone(dense.grid()), inside).map_err(|error| error.to_string())?;
    let measured = score(&body, &truth, progress).map_err(|error| error.to_string())?;
    rows.push(Row::new(
        "S3",
        "body preset on the abdomen phantom: Dice",
        measured.dice,
        0.99,
        "1",
        Tolerance::AtLeast,
        "known truth of scan.phantom",
    ));
    let lungs = run(&abdomen, "lungs", None, progress)?;
    let measured = score(&lungs, &union(&abdomen.labels, &["lungs"])?, progress).map_err(|error| error.to_string())?;
    rows.push(Row::new(
        "S91",
        "lungs preset on the abdomen phantom, with gas in the bowel: Dice",
        measured.dice,
        0.97,
        "1",
        Tolerance::AtLeast,
        "known truth of scan.phantom",
    ));
    rows.extend(filters::rows(progress)?);
    rows.extend(seeds::rows(&abdomen, &vessel, progress)?);
    rows.extend(vessels::rows(progress)?);
    rows.extend(fronts::rows(&abdomen, progress)?);
    rows.extend(tets::rows(progress)?);
    rows.extend(measures::rows(progress)?);
    rows.extend(surfaces::rows(progress)?);
    rows.extend(real::rows(progress)?);
    rows.extend(organs::rows(progress)?);
    rows.extend(aorta::rows(&abdomen, progress)?);
    rows.extend(bones::rows(&abdomen, progress)?);
    rows.extend(liver_vessels::rows(&abdomen, progress)?);
    rows.extend(chest::rows(progress)?);
    rows.extend(chest_phantom::rows(progress)?);
    rows.extend(network::rows(progress)?);
    Ok(rows)
}

fn run(phantom: &Phantom, id: &str, seed: Option<Point>, progress: &Progress) -> Result<Volume<u8>, String> {
    let ct = phantom.scan.ct().ok_or("the phantom is no CT")?;
    let chosen = preset(id).ok_or("there is no such preset")?;
    let organ = (chosen.run)(ct, seed, progress).map_err(|error| format!("{id}: {error}"))?;
    let voxels = organ.labels.to_volume().voxels().iter().map(|label| u8::from(*label != 0)).collect();
    Volume::new(std::sync::Arc::clone(organ.labels.grid()), voxels).map_err(|error| error.to_string())
}

/// The voxels of the segments with these names.
fn union(labels: &LabelMap, names: &[&str]) -> Result<Volume<u8>, String> {
    let id = |name: &&str| labels.segments().iter().find(|s| s.name == *name).map(|s| s.id.0);
    let ids: Vec<u8> = names.iter().filter_map(id).collect();
    if ids.len() < names.len() {
        return Err(format!("the phantom has not all of the segments {}", names.join(", ")));
    }
    let dense = labels.to_volume();
    let voxels = dense.voxels().iter().map(|label| u8::from(ids.contains(label))).collect();
    Volume::new(std::sync::Arc::clone(labels.grid()), voxels).map_err(|error| error.to_string())
}

/// Surface and tetrahedra of a mask hold its volume.
fn meshes(rows: &mut Vec<Row>, mask: &Volume<u8>, progress: &Progress) -> Result<(), String> {
    let voxels_ml = mask.voxels().iter().filter(|v| **v != 0).count() as f64 * mask.grid().voxel_mm3() / 1000.0;
    let surface = mask_surface(mask, progress).map_err(|error| error.to_string())?;
    let how = Smoothing::WindowedSinc { iterations: 32, pass_band: 0.06 };
    let (smoothed, _) = smooth(&surface, how, progress).map_err(|error| error.to_string())?;
    let (tets, _) = tetrahedralise(mask, CellSize::Count(20_000), progress).map_err(|error| error.to_string())?;
    let source = "voxel count times voxel volume";
    rows.push(Row::new(
        "S4",
        "surface of the vessel: volume",
        surface.volume_ml(),
        voxels_ml,
        "ml",
        Tolerance::Relative(0.01),
        source,
    ));
    rows.push(Row::new(
        "S4",
        "surface after smoothing: volume",
        smoothed.volume_ml(),
        voxels_ml,
        "ml",
        Tolerance::Relative(0.02),
        source,
    ));
    rows.push(Row::new(
        "S4",
        "surface: open edges",
        smoothed.open_edges() as f64,
        0.0,
        "1",
        Tolerance::Absolute(0.0),
        "a closed surface has none",
    ));
    rows.push(Row::new(
        "S5",
        "tetrahedra of the vessel: volume",
        tets.volume_ml(),
        voxels_ml,
        "ml",
        Tolerance::Relative(0.01),
        source,
    ));
    let (boundary, _) = tets.boundary();
    rows.push(Row::new(
        "S5",
        "boundary of the tetrahedra: open edges",
        boundary.open_edges() as f64,
        0.0,
        "1",
        Tolerance::Absolute(0.0),
        "a closed surface has none",
    ));
    Ok(())
}
