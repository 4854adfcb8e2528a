//! Centre lines as a table for spreadsheets.

use crate::mesh::CentreLines;
use std::fmt::Write;

/// One row per point: branch and parent (from 1, 0 for none), point, place in LPS mm, arc length and radius in mm.
pub fn centre_lines(lines: &CentreLines) -> String {
    let mut text = String::from("branch,parent,point,x_mm,y_mm,z_mm,along_mm,radius_mm\n");
    for (n, branch) in lines.branches().iter().enumerate() {
        let parent = branch.parent.map_or(0, |parent| parent + 1);
        let rows = branch.points.iter().zip(&branch.radii_mm).zip(branch.arc_lengths_mm()).enumerate();
        for (at, ((point, radius_mm), along_mm)) in rows {
            let [x, y, z]: [f64; 3] = (*point).into();
            let _ = writeln!(text, "{},{parent},{},{x:.4},{y:.4},{z:.4},{along_mm:.4},{radius_mm:.4}", n + 1, at + 1);
        }
    }
    text
}
