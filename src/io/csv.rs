//! Tables for spreadsheets: centre lines, series over time.

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

/// One row per time, one column per series; names with a comma or a quote are quoted (RFC 4180).
pub fn series(times: &[f64], columns: &[(&str, Vec<f64>)]) -> String {
    let quoted = |name: &str| {
        let plain = !name.contains([',', '"', '\n', '\r']);
        if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
    };
    let mut text = String::from("time");
    for (name, _) in columns {
        text.push(',');
        text.push_str(&quoted(name));
    }
    text.push('\n');
    for (n, time) in times.iter().enumerate() {
        let _ = write!(text, "{time}");
        for (_, values) in columns {
            let _ = write!(text, ",{}", values[n]);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_stand_beside_each_other() {
        let columns = [("flow:a:b", vec![1.0, 2.5]), ("a \"b\", c", vec![-1.0, 1e-9])];
        let text = series(&[0.0, 0.1], &columns);
        assert_eq!(text, "time,flow:a:b,\"a \"\"b\"\", c\"\n0,1,-1\n0.1,2.5,0.000000001\n");
    }
}
