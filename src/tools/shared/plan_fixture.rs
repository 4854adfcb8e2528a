//! What pictures and shapes of plans are tried on.

use crate::base::{NodeId, SegmentId};
use crate::geom::{Grid, Point};
use crate::image::{LabelMap, Volume};
use crate::mesh::{CentreBranch, CentreLines};
use crate::plan::Structure;
use crate::session::{Case, Data, Node};
use std::sync::Arc;

/// An organ of 30 mm about the origin (1) with a tumour of 6 mm at x = 12 mm (2), a bowel of 5 mm at x = −15 mm (4), a vessel
/// along x at y = −10, z = 5, 3 mm thick (3).
pub(super) fn case() -> Case {
    let grid = Grid::aligned([70; 3], Point::new(-34.5, -34.5, -34.5), [1.0; 3]).unwrap();
    let ball = |name: &str, centre: Point, radius_mm: f64| {
        let inside = |o: usize| (grid.centre(grid.voxel(o)) - centre).norm() < radius_mm;
        let voxels = (0..grid.len()).map(|o| u8::from(inside(o))).collect();
        Data::Labels(LabelMap::from_mask(&Volume::new(grid.clone(), voxels).unwrap(), name, [200, 90, 60], None))
    };
    let points: Vec<Point> = (0..=80).map(|n| Point::new(f64::from(n) - 40.0, -10.0, 5.0)).collect();
    let lines =
        CentreLines::new(vec![CentreBranch { parent: None, radii_mm: vec![1.5; points.len()], points }]).unwrap();
    Case::from_nodes([
        (NodeId(1), Node::new("organ", ball("organ", Point::origin(), 30.0))),
        (NodeId(2), Node::new("tumour", ball("tumour", Point::new(12.0, 0.0, 0.0), 6.0))),
        (NodeId(3), Node::new("portal vein", Data::Lines(Arc::new(lines)))),
        (NodeId(4), Node::new("bowel", ball("bowel", Point::new(-15.0, 0.0, 0.0), 5.0))),
    ])
}

/// The whole of an object with one segment.
pub(super) fn segment(node: u32) -> Structure {
    Structure { node: NodeId(node), segment: Some(SegmentId(1)) }
}
