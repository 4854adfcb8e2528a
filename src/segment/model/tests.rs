//! Networks that are known: what tiles, flips, order and resampling must not change.

use super::super::Label;
use super::*;
use crate::geom::{Grid, Point, Vector};
use crate::image::Modality;

fn manifest(more: &str) -> Manifest {
    let text = format!(
        r#"{{ "name": "x", "model": "x", "modality": "MR", "source": "x", "licence": "x", "normalisation": {{ "kind": "range", "low": 0, "high": 100 }},
        "labels": [{{ "class": 1, "name": "bright" }}, {{ "class": 2, "name": "brightest" }}] {more} }}"#
    );
    Manifest::parse(&text).unwrap()
}

/// A ball, brighter in its middle, not in the middle of the scan.
fn scan(grid: Grid) -> Scan {
    let value = |o: usize| (100.0 - 6.0 * (grid.centre(grid.voxel(o)) - Point::new(8.0, 9.0, 6.0)).norm()) as f32;
    let voxels = (0..grid.len()).map(value).collect();
    let voxels = Voxels::F32(Volume::new(grid, voxels).unwrap());
    Scan { voxels, modality: Modality::Mr, window: None, facts: Vec::new() }
}

fn plain() -> Grid {
    Grid::aligned([21, 18, 13], Point::origin(), [1.0; 3]).unwrap()
}

/// The mean over a box reaching `REACH` voxels, zero beyond the end, as a padded convolution has it; then two thresholds.
struct Blur;

struct ReadyBlur([usize; 3]);

impl Network for Blur {
    type Ready<'a> = ReadyBlur;

    fn ready(&self, shape: [usize; 3]) -> Result<ReadyBlur, ModelError> {
        Ok(ReadyBlur(shape))
    }
}

impl ReadyNetwork for ReadyBlur {
    fn classes(&self) -> usize {
        3
    }

    fn peak_bytes(&self) -> u64 {
        16 * self.0.iter().product::<usize>() as u64
    }

    fn run(&self, values: Vec<f32>, progress: &Progress) -> Result<Scores, ModelError> {
        const REACH: usize = 2;
        progress.check()?;
        let [nz, ny, nx] = self.0;
        let near = |x: usize, n: usize| x.saturating_sub(REACH)..(x + REACH + 1).min(n);
        let mut mean = Vec::with_capacity(values.len());
        for z in 0..nz {
            for y in 0..ny {
                for x in 0..nx {
                    let sum: f32 = near(z, nz)
                        .flat_map(|z| near(y, ny).map(move |y| (z, y)))
                        .flat_map(|(z, y)| near(x, nx).map(move |x| (z * ny + y) * nx + x))
                        .map(|at| values[at])
                        .sum();
                    mean.push(sum / 125.0);
                }
            }
        }
        let class = |f: fn(f32) -> f32| mean.iter().map(move |value| f(*value));
        let values = class(|_| 0.3).chain(class(|value| value)).chain(class(|value| 2.0 * value - 0.6)).collect();
        Ok(Scores { classes: 3, values })
    }
}

/// Gives fewer scores than voxels.
struct Broken;

struct ReadyBroken;

impl Network for Broken {
    type Ready<'a> = ReadyBroken;

    fn ready(&self, _: [usize; 3]) -> Result<ReadyBroken, ModelError> {
        Ok(ReadyBroken)
    }
}

impl ReadyNetwork for ReadyBroken {
    fn classes(&self) -> usize {
        3
    }

    fn peak_bytes(&self) -> u64 {
        0
    }

    fn run(&self, _: Vec<f32>, _: &Progress) -> Result<Scores, ModelError> {
        Ok(Scores { classes: 3, values: vec![0.0; 3] })
    }
}

fn run(grid: Grid, more: &str) -> Applied {
    apply(&scan(grid), &manifest(more), &Blur, None, &Progress::default()).unwrap()
}

#[test]
fn tiles_give_what_the_whole_gives() {
    let whole = run(plain(), r#", "patch": [64, 64, 64], "overlap": 2"#);
    assert_eq!(whole.plan.tiles, 1);
    assert!(whole.confidence.is_some_and(|p| 0.33 < p && p < 1.0));
    let (n, m) = (whole.labels.count(crate::base::SegmentId(1)), whole.labels.count(crate::base::SegmentId(2)));
    assert!(100 < n && 50 < m, "{n} {m}");
    for patch in ["[9, 8, 7]", "[5, 64, 6]", "[20, 17, 12]"] {
        let tiled = run(plain(), &format!(r#", "patch": {patch}, "overlap": 2"#));
        assert!(1 < tiled.plan.tiles);
        assert_eq!(tiled.labels, whole.labels, "{patch}");
    }
}

#[test]
fn order_and_flips_do_not_matter_to_a_network_without_directions() {
    let plain_run = run(plain(), r#", "patch": [9, 8, 7], "overlap": 2"#);
    let other = run(plain(), r#", "patch": [9, 8, 7], "overlap": 2, "order": "ijk""#);
    assert_eq!(other.labels, plain_run.labels);
    let flipped = run(plain(), r#", "patch": [9, 8, 7], "overlap": 2, "flips": [0, 2]"#);
    let (a, b) = (flipped.labels.to_volume(), plain_run.labels.to_volume());
    // Sums in another order differ in the last digit, which may decide a tie.
    let differ = a.voxels().iter().zip(b.voxels()).filter(|(a, b)| a != b).count();
    assert!(differ <= 2, "{differ} voxels");
}

#[test]
fn labels_come_back_to_the_voxels_of_the_scan() {
    let turn = nalgebra::Rotation3::from_euler_angles(0.0, 0.0, 0.4);
    let oblique = Grid::new(
        [40, 40, 14],
        Point::new(0.0, -12.0, 0.0),
        turn.matrix() * nalgebra::Matrix3::from_diagonal(&Vector::new(0.7, 0.7, 1.0)),
    )
    .unwrap();
    let wanted = r#", "patch": [16, 16, 16], "overlap": 2, "spacing_mm": [1, 1, 1], "orientation": "LPS""#;
    let found = run(oblique.clone(), wanted);
    assert_eq!(found.plan.resampled.as_ref().map(Grid::spacing_mm), Some([1.0; 3]));
    assert_eq!(**found.labels.grid(), oblique);
    let straight = run(plain(), wanted);
    assert_eq!(straight.plan.resampled, None);
    let volume = |applied: &Applied| applied.labels.volume_ml(crate::base::SegmentId(2));
    assert!((volume(&found) / volume(&straight) - 1.0).abs() < 0.1, "{} {}", volume(&found), volume(&straight));
}

#[test]
fn the_wrong_scan_and_a_network_that_fails_are_refused() {
    let progress = Progress::default();
    let manifest = manifest(r#", "patch": [9, 9, 9], "overlap": 1"#);
    let ct = Scan { modality: Modality::Ct, ..scan(plain()) };
    let wrong = apply(&ct, &manifest, &Blur, None, &progress).unwrap_err().to_string();
    assert_eq!(wrong, "the model is made for MR; the scan is CT");
    assert!(matches!(apply(&scan(plain()), &manifest, &Broken, None, &progress), Err(ModelError::Network(_))));
    let needed = Plan::new(&plain(), &manifest, &Blur).unwrap().0.peak_bytes;
    assert!(apply(&scan(plain()), &manifest, &Blur, Some(needed), &progress).is_ok());
    let small = apply(&scan(plain()), &manifest, &Blur, Some(needed - 1), &progress).unwrap_err().to_string();
    assert!(small.contains("1 MB of memory for tiles of 9 × 9 × 9 voxels"), "{small}");
    progress.cancel();
    assert!(matches!(apply(&scan(plain()), &manifest, &Blur, None, &progress), Err(ModelError::Cancelled(_))));
}

#[test]
fn blended_tiles_agree_with_the_whole_inside_and_no_seam_shows() {
    let whole = run(plain(), "");
    let nearest = run(plain(), r#", "patch": [9, 8, 7], "overlap": 0"#);
    let blended = run(plain(), r#", "patch": [9, 8, 7], "overlap": 2, "blend": "gaussian""#);
    assert!(1 < blended.plan.tiles);
    let differ = |other: &Applied| {
        let (a, b) = (other.labels.to_volume(), whole.labels.to_volume());
        a.voxels().iter().zip(b.voxels()).filter(|(a, b)| a != b).count()
    };
    // Tiles that end where others begin are wrong along every seam; blended ones nearly nowhere.
    assert!(5 * differ(&blended) < differ(&nearest), "{} {}", differ(&blended), differ(&nearest));
    let (a, b) = (blended.confidence.unwrap(), whole.confidence.unwrap());
    assert!((a - b).abs() < 0.02, "{a} {b}");
}

#[test]
fn tiles_are_padded_to_whole_multiples() {
    let whole = run(plain(), r#", "multiple": 8"#);
    assert_eq!((whole.plan.tile, whole.plan.tiles), ([24, 24, 16], 1));
    let tiled = run(plain(), r#", "patch": [16, 16, 16], "overlap": 3, "multiple": 16"#);
    assert_eq!((tiled.plan.tile, tiled.plan.tiles), ([16, 16, 16], 4));
    let count = |applied: &Applied| applied.labels.count(crate::base::SegmentId(2));
    assert_eq!(count(&tiled), count(&whole));
}

#[test]
fn labels_of_classes_the_network_has_not_are_refused() {
    let more = manifest("").labels[1].clone();
    let mut wrong = manifest("");
    wrong.labels.push(Label { class: 3, ..more });
    let said = Plan::new(&plain(), &wrong, &Blur).map(|_| ()).unwrap_err().to_string();
    assert!(said.contains("the class 3 (brightest), but the network has 3 classes"), "{said}");
}
