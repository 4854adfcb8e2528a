//! How fast label maps become tetrahedra.

use super::super::{Row, best_of_three};
use crate::base::{Progress, SegmentId};
use crate::geom::{Grid, Point};
use crate::image::{LabelMap, Segment, Volume};
use crate::mesh::tetrahedralise::{CellSize, tetrahedralise_segments};

/// Tetrahedra of an organ of 1.1 litres with two tumours, three segments that touch, on voxels of a millimetre.
pub(super) fn rows(progress: &Progress) -> Result<Vec<Row>, String> {
    let labels = organ();
    let ids = [1, 2, 3].map(SegmentId);
    let mut rows = Vec::new();
    for count in [20_000, 50_000] {
        let (seconds, mesh) =
            best_of_three(|| tetrahedralise_segments(&labels, &ids, CellSize::Count(count), progress));
        let (mesh, summary) = mesh.map_err(|error| error.to_string())?;
        let angle = |which: &str| summary.value(&format!("{which} dihedral angle")).unwrap_or(f64::NAN);
        let what = format!(
            "organ with two tumours: {} tetrahedra, dihedral angles {:.0} to {:.0}°",
            mesh.tets().len(),
            angle("smallest"),
            angle("largest")
        );
        let mut row = Row::new("G40", what, seconds, "s").target(3.0);
        row.note = Some("no peer is run: TetGen and fTetWild need a surface, and neither takes several labels".into());
        rows.push(row);
    }
    Ok(rows)
}

fn organ() -> LabelMap {
    let grid = Grid::aligned([200, 140, 120], Point::new(-99.5, -69.5, -59.5), [1.0; 3]).expect("a plain grid");
    let label = |offset: usize| {
        let p = grid.centre(grid.voxel(offset));
        let inside = (p.x / 90.0).powi(2) + (p.y / 60.0).powi(2) + (p.z / 50.0).powi(2) < 1.0;
        if (p - Point::new(30.0, 10.0, 0.0)).norm() < 18.0 {
            2
        } else if (p - Point::new(55.0, 10.0, 0.0)).norm() < 14.0 {
            3
        } else {
            u8::from(inside)
        }
    };
    let voxels = (0..grid.len()).map(label).collect();
    let volume = Volume::new(grid, voxels).expect("one label a voxel");
    let segment = |(id, name): (u8, &str)| Segment::new(SegmentId(id), name, [200; 3], None);
    let segments = [(1, "organ"), (2, "tumour"), (3, "second tumour")].map(segment).to_vec();
    LabelMap::from_volume(&volume, segments).expect("three labels")
}
