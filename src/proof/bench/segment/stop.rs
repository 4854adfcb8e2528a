//! How long a computation goes on after somebody asked it to stop.

use super::WHOLE;
use super::seeds::bench;
use crate::base::{Cancelled, Progress, parallel};
use crate::image::filter::{close, gaussian, median, signed_distance};
use crate::image::{Components, LabelMap, Neighbours, Scan, Volume};
use crate::mesh::remesh::{Remesh, remesh};
use crate::mesh::shapes::torus;
use crate::mesh::{Smoothing, Surface, decimate, joint_surface, mask_surface, smooth};
use crate::proof::bench::Row;
use crate::segment::organ::preset;
use crate::segment::{GrowWorkspace, Terrain, Vessels, grow_from_seeds, random_walker, vesselness, watershed};
use std::time::{Duration, Instant};

/// Moments at which a computation is asked to stop, seconds after its start: early ones find what a first pass holds up.
const ASKED_S: [f64; 6] = [0.03, 0.1, 0.3, 0.7, 1.5, 3.0];
/// Nobody waits longer for a button.
const TARGET_S: f64 = 0.2;

/// The longest time until a computation came back after it was asked, over all moments at which it was still running;
/// not a number if it ended before the first.
fn worst_s<T: Send>(run: impl Fn(&Progress) -> T + Sync) -> f64 {
    let mut worst_s = f64::NAN;
    for asked_s in ASKED_S {
        let progress = Progress::default();
        let stopped_s = std::thread::scope(|scope| {
            let job = scope.spawn(|| {
                drop(parallel::install(|| run(&progress)));
                Instant::now()
            });
            let start = Instant::now();
            while !job.is_finished() && start.elapsed().as_secs_f64() < asked_s {
                std::thread::sleep(Duration::from_millis(2));
            }
            let (was_running, asked) = (!job.is_finished(), Instant::now());
            progress.cancel();
            let ended = job.join().expect("benchmarked code does not panic");
            was_running.then(|| ended.saturating_duration_since(asked).as_secs_f64())
        });
        match stopped_s {
            Some(seconds) => worst_s = worst_s.max(seconds),
            None => break,
        }
    }
    worst_s
}

/// One row a computation, on the large made scan.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let dims = super::dims();
    let (scan, seeds) = bench(dims);
    let ct = scan.ct().ok_or("the scan is no CT")?;
    let mut rows = of_volumes(&scan, ct, &seeds, progress).map_err(|error| error.to_string())?;
    let surface = torus(60.0, 25.0, 0.35);
    rows.extend(of_surfaces(&surface));
    let size = dims.map(|n| n.to_string()).join(" × ");
    let row = |(what, seconds): (&str, f64)| {
        let mut row = Row::new("G50", format!("{size}: {what} stops after at most"), seconds, "s");
        if seconds.is_nan() {
            row.note = Some("not measured: it ended or was refused before it was asked to stop".into());
        }
        if dims == WHOLE { row.target(TARGET_S) } else { row }
    };
    Ok(rows.into_iter().map(row).collect())
}

fn of_volumes(
    scan: &Scan,
    ct: &Volume<i16>,
    seeds: &[u8],
    progress: &Progress,
) -> Result<Vec<(&'static str, f64)>, Cancelled> {
    let grid = scan.grid();
    let everything = grid.dims().map(|n| 0..n);
    let marks = Volume::new(std::sync::Arc::clone(grid), seeds.to_vec()).expect("one label per voxel");
    let labels = LabelMap::numbered(&marks);
    let terrain = Terrain::new(scan, 1.0);
    let mask = crate::segment::threshold(ct, 0..=i16::MAX, progress)?;
    let wish = Vessels { scales_mm: Vessels::scales([1.5, 5.0], 3), bright: true, contrast: None };
    let organ = |id: &'static str| worst_s(|progress| (preset(id).expect("it is in the list").run)(ct, None, progress));
    Ok(vec![
        ("Gaussian of 2 mm", worst_s(|progress| gaussian(ct, 2.0, progress))),
        ("median of 3 × 3 × 3", worst_s(|progress| median(ct, [1; 3], progress))),
        ("signed distance", worst_s(|progress| signed_distance(&mask, progress))),
        ("closing of 3 mm", worst_s(|progress| close(&mask, 3.0, progress))),
        ("components", worst_s(|progress| Components::of(&mask, |v| v != 0, Neighbours::Six, progress))),
        (
            "growing from seeds",
            worst_s(|progress| {
                grow_from_seeds(&terrain, &labels, &everything, &mut GrowWorkspace::default(), progress)
            }),
        ),
        ("watershed", worst_s(|progress| watershed(ct, &marks, &everything, 1.0, |_| true, progress))),
        ("random walk", worst_s(|progress| random_walker(scan, &marks, &everything, 0.5, 1.0, |_| true, progress))),
        ("vesselness", worst_s(|progress| vesselness(ct, &wish, |_| true, progress))),
        ("contour", worst_s(|progress| mask_surface(&mask, progress))),
        ("joint surface", worst_s(|progress| joint_surface(&marks, 16, progress))),
        ("bone preset", organ("bone")),
        ("lungs preset", organ("lungs")),
        ("liver preset", organ("liver")),
        ("aorta preset", organ("aorta")),
    ])
}

fn of_surfaces(surface: &Surface) -> Vec<(&'static str, f64)> {
    let taubin = Smoothing::Taubin { iterations: 200, pass_band: 0.1 };
    let how = Remesh { edge_mm: 0.8, rounds: 10, crease_deg: 40.0 };
    vec![
        ("smoothing a surface", worst_s(|progress| smooth(surface, taubin, progress))),
        ("decimation", worst_s(|progress| decimate(surface, 0.1, 1.0, progress))),
        ("remeshing", worst_s(|progress| remesh(surface, how, progress))),
    ]
}
