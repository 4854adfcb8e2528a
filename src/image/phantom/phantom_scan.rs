//! A scan with its truth, and how one is made from a scene.

use super::acquire::Scanner;
use super::params::PhantomError;
use super::render::{SAMPLES_PER_CELL, SHARE_ERROR, Tally, render};
use super::truth::{TrueVolume, Truth};
use super::{Scene, tissue};
use crate::base::{Progress, Summary};
use crate::geom::Grid;
use crate::image::{LabelMap, Modality, Scan, Segment, Volume, Voxels, Window};
use std::sync::Arc;

/// A scan and everything that is known about it.
#[derive(Debug, Clone)]
pub struct Phantom {
    /// What the scanner shows, in HU.
    pub scan: Scan,
    /// What is really at the centre of each voxel.
    pub labels: LabelMap,
    /// Volumes, vessels, places.
    pub truth: Truth,
    /// How it was made.
    pub summary: Summary,
}

/// How a scene is looked at.
pub(super) struct Exposure {
    pub grid: Grid,
    pub blur_mm: f64,
    pub noise_hu: f64,
    pub seed: u64,
    pub window: Window,
}

/// Scan `scene`. The volumes of `truth` that are known by formula stay, the others are added from the samples.
pub(super) fn expose(
    scene: &Scene,
    exposure: Exposure,
    truth: Truth,
    progress: &Progress,
) -> Result<Phantom, PhantomError> {
    let Exposure { grid, blur_mm, noise_hu, seed, window } = exposure;
    let spacing_mm = grid.spacing_mm();
    let rendered = render(scene, &grid, &progress.part(0.0..0.8, "painting"))?;
    let scanner = Scanner { blur_voxels: [blur_mm / spacing_mm[0], blur_mm / spacing_mm[1]], noise_hu, seed };
    let values = scanner.acquire(&rendered.hu, grid.dims(), &progress.part(0.8..0.95, "scanning"))?;
    progress.set(0.95)?;
    let segments = tissue::segments(|label| 0 < rendered.tally.samples[usize::from(label)]);
    let truth = with_sampled_volumes(truth, &segments, &rendered.tally, grid.voxel_mm3() / 1000.0);
    let grid = Arc::new(grid);
    let values = Volume::new(Arc::clone(&grid), values).expect("one value per voxel");
    let labels = Volume::new(grid, rendered.labels).expect("one label per voxel");
    let facts = [
        ("phantom", truth.phantom.clone()),
        ("noise", format!("{noise_hu} HU")),
        ("point spread", format!("{blur_mm} mm (standard deviation)")),
        ("seed", seed.to_string()),
    ];
    let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let summary = summary(&truth);
    Ok(Phantom {
        scan: Scan { voxels: Voxels::I16(values), modality: Modality::Ct, window: Some(window), facts },
        labels: LabelMap::from_volume(&labels, segments).expect("every label painted is in the table"),
        truth,
        summary,
    })
}

fn with_sampled_volumes(mut truth: Truth, segments: &[Segment], tally: &Tally, voxel_ml: f64) -> Truth {
    for segment in segments {
        if truth.volumes.iter().any(|known| known.segment == segment.id) {
            continue;
        }
        let n = usize::from(segment.id.0);
        truth.volumes.push(TrueVolume {
            segment: segment.id,
            name: segment.name.clone(),
            volume_ml: tally.samples[n] as f64 / SAMPLES_PER_CELL as f64 * voxel_ml,
            standard_error_ml: voxel_ml * SHARE_ERROR * (tally.border_cells[n] as f64).sqrt(),
            method: "27 random samples in every cell on a border".into(),
        });
    }
    truth.volumes.sort_by_key(|volume| volume.segment);
    truth
}

fn summary(truth: &Truth) -> Summary {
    let mut summary = Summary::default();
    for volume in &truth.volumes {
        summary = summary.fact(&format!("volume of the {}", volume.name), volume.volume_ml, "ml");
    }
    if let Some(tumour) = &truth.tumour {
        summary = summary.fact("radius of the tumour", tumour.radius_mm, "mm");
    }
    if let Some(stenosis) = &truth.stenosis {
        summary = summary.fact("stenosis (diameter lost)", stenosis.diameter_percent, "%").fact(
            "radius at the stenosis",
            stenosis.radius_mm_min,
            "mm",
        );
    }
    summary
        .method("anatomy from formulas; partial volume from 27 random samples in every cell on a border; Gaussian blur in the slice; Gaussian noise with neighbours correlated")
        .method("vessel trees by halving of supply territories (Kitaoka 1999) with radii after Murray (1926)")
        .limit("every tissue is uniform; there is no motion, no beam hardening, no streaks, no scatter")
        .limit("shapes are those of no real person; they test algorithms, not diagnoses")
}
