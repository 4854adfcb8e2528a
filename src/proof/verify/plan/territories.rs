//! Territories whose borders are known.

use super::{around, body};
use crate::base::{Progress, rng::Rng};
use crate::geom::{Point, Vector};
use crate::image::Volume;
use crate::mesh::{CentreBranch, CentreLines};
use crate::plan::resection::{Blade, Books, Layer, Organ};
use crate::plan::territory::{Territories, TreePlace, Weighting};
use crate::proof::verify::{Row, Tolerance};
use std::f64::consts::PI;
use std::sync::Arc;

/// Known borders, clips, and that nothing is lost.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    sums(&mut rows, progress)?;
    borders(&mut rows, progress)?;
    Ok(rows)
}

fn line(parent: Option<usize>, from: Point, to: Point, radius_mm: f64) -> CentreBranch {
    let points: Vec<Point> = (0..=20).map(|n| from + (to - from) * (f64::from(n) / 20.0)).collect();
    CentreBranch { parent, radii_mm: vec![radius_mm; points.len()], points }
}

fn found(
    organ: &Arc<Organ>,
    lines: &CentreLines,
    weighting: &Weighting,
    progress: &Progress,
) -> Result<Territories, String> {
    Territories::of(Arc::clone(organ), lines, weighting, progress).map_err(|error| error.to_string())
}

/// A random tree of 60 branches in an ellipsoid: every voxel once, and the nearest branch for each.
fn sums(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), String> {
    let grid = around([90, 80, 60], [0.9, 0.9, 1.3]);
    let organ = body(&grid, |p| (p.x / 38.0).powi(2) + (p.y / 33.0).powi(2) + (p.z / 36.0).powi(2) <= 1.0);
    let organ = Arc::new(Organ::of(&organ).map_err(|error| error.to_string())?);
    let mut rng = Rng::new(6);
    let mut branches: Vec<CentreBranch> =
        vec![line(None, Point::new(0.0, 0.0, -40.0), Point::new(0.0, 0.0, -10.0), 4.0)];
    for _ in 1..60 {
        let parent = rng.below(branches.len());
        let from = branches[parent].points[20];
        let to = Point::from(Vector::from_fn(|_, _| rng.between(-25.0, 25.0)));
        branches.push(line(Some(parent), from, to, rng.between(0.5, 2.5)));
    }
    let lines = CentreLines::new(branches).map_err(|error| error.to_string())?;
    let flows = (0..60).map(|_| rng.between(0.2, 5.0)).collect();
    let n = organ.voxels(Layer::Organ);
    let weightings = [("distance", Weighting::Distance), ("wall", Weighting::Wall), ("flow", Weighting::Flow(flows))];
    for (name, weighting) in weightings {
        let territories = found(&organ, &lines, &weighting, progress)?;
        rows.push(Row::new(
            "P5",
            &format!("territories of 60 branches by {name}: their voxels together"),
            territories.voxels_of_branches().iter().sum::<u64>() as f64,
            n as f64,
            "voxels",
            Tolerance::Absolute(0.0),
            "voxels of the organ",
        ));
        let labels = territories.labels(|branch| branch as u8 + 1);
        let weights = weighting.weights(&lines).map_err(|error| error.to_string())?;
        let value = |branch: usize, point: &Point| {
            let CentreBranch { points, radii_mm, .. } = &lines.branches()[branch];
            let off_mm = if weighting == Weighting::Wall { radii_mm[0] } else { 0.0 };
            let way = points[20] - points[0];
            let part = ((point - points[0]).dot(&way) / way.norm_squared()).clamp(0.0, 1.0);
            ((point - (points[0] + way * part)).norm() - off_mm) / weights[branch]
        };
        let sample = labels.voxels().iter().enumerate().filter(|(o, label)| **label != 0 && o % 11 == 0);
        let wrong = sample.filter(|(o, label)| {
            let point = grid.centre(grid.voxel(*o));
            let least = (0..60).map(|branch| value(branch, &point)).fold(f64::INFINITY, f64::min);
            least + 1e-9 < value(usize::from(**label) - 1, &point)
        });
        rows.push(Row::new(
            "P5",
            &format!("territories of 60 branches by {name}: voxels that another branch is nearer to, every 11th tried"),
            wrong.count() as f64,
            0.0,
            "voxels",
            Tolerance::Absolute(0.0),
            "distances to every branch",
        ));
    }
    // A cut by territories counts what the territories count.
    let territories = found(&organ, &lines, &Weighting::Distance, progress)?;
    let ranges = territories.of_branches(&[3, 7]);
    let blade = Blade::between(&territories.parted(&ranges), 0.0, progress).map_err(|error| error.to_string())?;
    let books = Books::of(&organ, &blade, 0.0, progress).map_err(|error| error.to_string())?;
    rows.push(Row::new(
        "P5",
        "a cut by two territories takes their voxels",
        books.resected as f64,
        territories.voxels(&ranges, Layer::Organ) as f64,
        "voxels",
        Tolerance::Absolute(0.0),
        "voxels of the territories",
    ));
    Ok(())
}

/// A clip on a straight vessel, and branches as points whose border is the ball of Apollonius.
fn borders(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), String> {
    let grid = around([50, 50, 80], [1.0; 3]);
    let whole = Arc::new(
        Organ::of(&Volume::new(Arc::clone(&grid), vec![1; grid.len()]).map_err(|e| e.to_string())?)
            .map_err(|error| error.to_string())?,
    );
    let straight = line(None, Point::new(0.0, 0.0, -40.0), Point::new(0.0, 0.0, 40.0), 3.0);
    let lines = CentreLines::new(vec![straight]).map_err(|error| error.to_string())?;
    let territories = found(&whole, &lines, &Weighting::Distance, progress)?;
    // At 33.25 mm from its start there are slices of the block beyond z = −6.75 mm: centres from −6.5 mm on.
    let behind = territories.behind(&[TreePlace { branch: 0, along_mm: 33.25 }]);
    rows.push(Row::new(
        "P6",
        "a block on one straight vessel, clipped at 33.25 of 80 mm: voxels behind the clip",
        territories.voxels(&behind, Layer::Organ) as f64,
        (50 * 50 * 47) as f64,
        "voxels",
        Tolerance::Absolute(0.0),
        "whole slices of the block",
    ));
    // Two short branches 20 mm apart with eight times the flow in one: distances 1 : 2.
    let dot = |x: f64| line(None, Point::new(x, 0.0, -1e-4), Point::new(x, 0.0, 1e-4), 1.0);
    let lines = CentreLines::new(vec![dot(-10.0), dot(10.0)]).map_err(|error| error.to_string())?;
    let grid = around([120, 60, 60], [0.6; 3]);
    let whole = Arc::new(
        Organ::of(&Volume::new(Arc::clone(&grid), vec![1; grid.len()]).map_err(|e| e.to_string())?)
            .map_err(|error| error.to_string())?,
    );
    let territories = found(&whole, &lines, &Weighting::Flow(vec![1.0, 8.0]), progress)?;
    let radius_mm = 20.0 * 2.0 / (4.0 - 1.0);
    rows.push(Row::new(
        "P6",
        "two places 20 mm apart with flows 1 : 8: volume of the smaller territory",
        territories.voxels_of_branches()[0] as f64 * grid.voxel_mm3() / 1000.0,
        4.0 / 3.0 * PI * f64::powi(radius_mm, 3) / 1000.0,
        "ml",
        Tolerance::Relative(0.005),
        "ball of Apollonius: where distances are 1 : 2",
    ));
    parallel(rows, progress)
}

/// A trunk that parts into two branches which run 20 mm apart through a block, with flows 1 : 8: by their flows the block
/// parts along the cylinder of Apollonius, where distances to the two are 1 : 2; by distance, and with even flows, half-way.
fn parallel(rows: &mut Vec<Row>, progress: &Progress) -> Result<(), String> {
    const APART_MM: f64 = 20.0;
    let bent = |x: f64| {
        let points = [[0.0, 0.0, -60.0], [x, 0.0, -50.0], [x, 0.0, 50.0]].map(Point::from).to_vec();
        CentreBranch { parent: Some(0), radii_mm: vec![2.0; points.len()], points }
    };
    let trunk = line(None, Point::new(0.0, 0.0, -90.0), Point::new(0.0, 0.0, -60.0), 4.0);
    let half_mm = 0.5 * APART_MM;
    let lines = CentreLines::new(vec![trunk, bent(-half_mm), bent(half_mm)]).map_err(|error| error.to_string())?;
    let grid = around([120, 60, 40], [0.6; 3]);
    let whole = Arc::new(
        Organ::of(&Volume::new(Arc::clone(&grid), vec![1; grid.len()]).map_err(|e| e.to_string())?)
            .map_err(|error| error.to_string())?,
    );
    let ml = |weighting: Weighting| {
        let found = found(&whole, &lines, &weighting, progress)?;
        Ok::<[f64; 3], String>([0, 1, 2].map(|n| found.voxels_of_branches()[n] as f64 * grid.voxel_mm3() / 1000.0))
    };
    // |p − a| = k |p − b| is a circle of radius k D / (k² − 1) in every cross-section; k = 2.
    let (radius_mm, long_mm) = (2.0 * APART_MM / 3.0, 40.0 * 0.6);
    let of_eight = ml(Weighting::Flow(vec![9.0, 1.0, 8.0]))?;
    rows.push(Row::new(
        "P6",
        "two branches side by side, 20 mm apart, with flows 1 : 8: volume of the smaller territory",
        of_eight[1],
        PI * radius_mm.powi(2) * long_mm / 1000.0,
        "ml",
        Tolerance::Relative(0.005),
        "cylinder of Apollonius: where distances are 1 : 2, the cube root of the flows",
    ));
    let (even, by_distance) = (ml(Weighting::Flow(vec![2.0, 1.0, 1.0]))?, ml(Weighting::Distance)?);
    rows.push(Row::new(
        "P6",
        "the same with even flows: volume of a territory",
        even[1],
        by_distance[1],
        "ml",
        Tolerance::Absolute(0.0),
        "the territory by distance, half of the block",
    ));
    rows.push(Row::new(
        "P6",
        "the same by flow: volume of both territories and the trunk's",
        of_eight.iter().sum(),
        grid.len() as f64 * grid.voxel_mm3() / 1000.0,
        "ml",
        Tolerance::Relative(1e-12),
        "volume of the block",
    ));
    Ok(())
}
