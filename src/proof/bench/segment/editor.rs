//! What the segment editor does under the mouse, on a scan of 512 × 512 × 500 voxels with 20 segments.

use crate::base::{NodeId, Progress, SegmentId, parallel};
use crate::geom::{Grid, Orientation, Point, Vector};
use crate::image::slice::draw_range;
use crate::image::{Interpolation, LabelMap, Modality, Scan, Segment, SliceImage, SlicePlane, Volume, Voxels, Window};
use crate::mesh::chunk::{chunk_surfaces, chunks, reach};
use crate::proof::bench::{Row, best_of_three, timed};
use crate::session::{Case, Command, Data, Node, Session};
use rayon::prelude::*;
use serde_json::json;
use std::sync::Arc;

const DIMS: [usize; 3] = [512, 512, 500];
const SPACING_MM: [f64; 3] = [0.7, 0.7, 1.0];
const SEGMENTS: u8 = 20;
const STROKES: usize = 50;

/// Threshold preview, a stroke, its picture in 3D, and fifty of them in the history.
pub(super) fn rows() -> Result<Vec<Row>, String> {
    parallel::install(|| editor().map_err(|error| error.to_string()))
}

fn editor() -> Result<Vec<Row>, crate::session::CommandError> {
    let grid = Arc::new(Grid::aligned(DIMS, Point::origin(), SPACING_MM).expect("a plain grid"));
    let values = (0..grid.len()).into_par_iter().map(|o| (o as u32).wrapping_mul(2_654_435_761) as i16 / 16).collect();
    let voxels = Voxels::I16(Volume::new(Arc::clone(&grid), values).expect("one value per voxel"));
    let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
    let middle = grid.bounds().centre();
    let mut rows = Vec::new();
    let plane = SlicePlane::covering(&grid, Orientation::Axial, middle.z);
    let (seconds, _) = best_of_three(|| {
        let image = SliceImage::of(&scan, plane, Interpolation::Linear);
        let mut pixels = image.rgba(Window { width: 400.0, level: 40.0 });
        draw_range(&mut pixels, &image, [100.0, 300.0], [64, 224, 160]);
        pixels
    });
    rows.push(Row::new("G3", "threshold preview of a slice of 512 × 512", 1e3 * seconds, "ms").target(8.0));
    let labels = balls(&grid);
    let case = Case::from_nodes([
        (NodeId(1), Node::new("scan", Data::Scan(Arc::new(scan)))),
        (NodeId(2), Node::new("organs", Data::Labels(labels)).from_source(NodeId(1))),
    ]);
    let mut session = Session::with_case(crate::tools::TOOLS, case, Vec::new());
    let group = |session: &Session| match &session.case().node(NodeId(2)).expect("the group is there").data {
        Data::Labels(labels) => labels.clone(),
        _ => unreachable!("node 2 is the group"),
    };
    let (mut slowest_s, mut picture_s, mut undo_bytes) = (0.0_f64, 0.0_f64, 0);
    for n in 0..STROKES {
        let along = n as f64 / STROKES as f64 - 0.5;
        let from = middle + Vector::new(300.0 * along, 100.0 * (7.0 * along).sin(), 400.0 * along);
        let to = from + Vector::new(20.0, 5.0, 0.0);
        let params = json!({
            "labels": 2, "segment": 1 + n % usize::from(SEGMENTS), "radius_mm": 10,
            "points": [[from.x, from.y, from.z], [to.x, to.y, to.z]],
        });
        let old = group(&session);
        let (seconds, done) = timed(|| session.run(Command::new("segment.paint", params), &Progress::default()));
        done?;
        slowest_s = slowest_s.max(seconds);
        let new = group(&session);
        undo_bytes += old.bytes_not_shared_with(&new);
        let changed: Vec<_> = chunks(&new).filter(|(_, region)| new.differs_in(&old, &reach(&new, region))).collect();
        let (seconds, _) = timed(|| {
            let made = changed.par_iter().map(|(_, region)| chunk_surfaces(&new, region));
            made.map(|made| made.iter().map(|(_, mesh)| mesh.triangles.len()).sum::<usize>()).sum::<usize>()
        });
        picture_s = picture_s.max(seconds);
    }
    let what = "stroke of a ball of 20 mm over 20 mm, from mouse up to the new case, slowest of 50";
    rows.push(Row::new("G4", what, 1e3 * slowest_s, "ms").target(50.0));
    rows.push(Row::new("G5", "its surfaces in 3D, slowest of 50", 1e3 * picture_s, "ms").target(300.0));
    rows.push(Row::new("G6", "50 steps of undo of such strokes", undo_bytes as f64 / 1e6, "MB").target(2000.0));
    Ok(rows)
}

/// Twenty balls on a lattice, each its own segment.
fn balls(grid: &Arc<Grid>) -> LabelMap {
    let segment = |n: u8| Segment::new(SegmentId(n), format!("organ {n}"), [n * 12, 255 - n * 12, 90], None);
    let empty = LabelMap::empty(Arc::clone(grid), (1..=SEGMENTS).map(segment).collect()).expect("ids from 1 on");
    let ball = |offset: usize, old: u8| {
        let voxel = grid.voxel(offset);
        let cell = voxel.map(|x| x / 128);
        let from = [0, 1, 2].map(|a| (voxel[a] % 128) as f64 - 64.0);
        let inside = from.iter().map(|x| x * x).sum::<f64>() < 60.0_f64.powi(2);
        if inside { 1 + ((cell[2] * 16 + cell[1] * 4 + cell[0]) % usize::from(SEGMENTS)) as u8 } else { old }
    };
    empty.edited(&empty.everything(), ball, &Progress::default()).expect("nobody can cancel this progress")
}
