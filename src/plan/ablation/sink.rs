//! Vessels that carry heat away: wide ones that touch a zone.

use super::Zones;
use crate::geom::Point;
use crate::mesh::CentreLines;
use serde::{Deserialize, Serialize};

/// When a vessel is warned of.
///
/// From 3 mm: Lu and others 2002 (AJR 178:47), vessels in pigs; Lin and others 2016 (J Cancer Res Ther 12:153, doi
/// 10.4103/jcrt.JCRT_959_16): of 101 tumours beside vessels wider than 3 mm 20 came back, of 463 others 13. Microwaves suffer
/// less than radiofrequency (PMC5778864).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SinkRules {
    /// Only vessels wider than this.
    pub diameter_mm_min: f64,
    /// Only those whose wall comes as near to a zone; 0: those that touch it.
    pub reach_mm: f64,
}

impl Default for SinkRules {
    fn default() -> Self {
        Self { diameter_mm_min: 3.0, reach_mm: 0.0 }
    }
}

/// A vessel that may cool a zone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeatSink {
    /// The branch of the centre lines.
    pub branch: usize,
    /// Where its wall comes nearest to the zone, or deepest into it.
    pub at: Point,
    /// From its wall to the zone, negative within.
    pub gap_mm: f64,
    /// Its diameter there.
    pub diameter_mm: f64,
    /// The length of it that is near enough and wide enough.
    pub length_mm: f64,
}

/// The vessels that may cool `zones`, one for each branch, those deepest within first.
///
/// Takes lines with radii and no segments: balls within voxels make thin vessels up to a voxel too thin, and would miss them.
pub fn heat_sinks(lines: &CentreLines, zones: &Zones, rules: &SinkRules) -> Vec<HeatSink> {
    const STEP_MM: f64 = 0.5;
    let mut sinks = Vec::new();
    for (branch, line) in lines.branches().iter().enumerate() {
        let mut sink: Option<HeatSink> = None;
        for (points, radii) in line.points.windows(2).zip(line.radii_mm.windows(2)) {
            let way = points[1] - points[0];
            let steps = (way.norm() / STEP_MM).ceil().max(1.0) as usize;
            for n in 0..steps {
                // The middle of each step stands for it.
                let part = (n as f64 + 0.5) / steps as f64;
                let (at, radius) = (points[0] + way * part, radii[0] + (radii[1] - radii[0]) * part);
                let gap_mm = -zones.depth_mm(&at) - radius;
                if 2.0 * radius <= rules.diameter_mm_min || rules.reach_mm < gap_mm {
                    continue;
                }
                let length_mm = way.norm() / steps as f64;
                let here = HeatSink { branch, at, gap_mm, diameter_mm: 2.0 * radius, length_mm };
                sink = Some(match sink {
                    None => here,
                    Some(old) => {
                        let nearer = if here.gap_mm < old.gap_mm { here } else { old };
                        HeatSink { length_mm: old.length_mm + length_mm, ..nearer }
                    }
                });
            }
        }
        sinks.extend(sink);
    }
    sinks.sort_by(|a, b| a.gap_mm.total_cmp(&b.gap_mm).then(a.branch.cmp(&b.branch)));
    sinks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Vector;
    use crate::mesh::CentreBranch;
    use crate::plan::ablation::Spheroid;

    #[test]
    fn only_wide_vessels_that_touch_are_told() {
        let line = |y: f64, radius_mm: f64| CentreBranch {
            parent: None,
            points: [-30.0, 0.0, 30.0].map(|x| Point::new(x, y, 0.0)).to_vec(),
            radii_mm: vec![radius_mm; 3],
        };
        let lines = CentreLines::new(vec![line(12.0, 2.5), line(5.0, 1.0), line(16.0, 3.0), line(-8.0, 2.0)]).unwrap();
        let centre = Point::origin();
        let zones = Zones::new(vec![Spheroid { centre, axis: Vector::z(), along_mm: 10.0, across_mm: 10.0 }]).unwrap();
        let found = heat_sinks(&lines, &zones, &SinkRules::default());
        assert_eq!(found.iter().map(|sink| sink.branch).collect::<Vec<_>>(), [3, 0]);
        assert!((found[0].gap_mm + 4.0).abs() < 0.02 && (found[1].gap_mm + 0.5).abs() < 0.02, "{found:?}");
        // The wall touches where the axis is within 12.5 mm of the middle: 2 √(12.5² − 12²).
        assert!((found[1].length_mm - 7.0).abs() < 1.1, "{found:?}");
        let wider = SinkRules { reach_mm: 5.0, diameter_mm_min: 5.0 };
        assert_eq!(heat_sinks(&lines, &zones, &wider).iter().map(|sink| sink.branch).collect::<Vec<_>>(), [2]);
    }
}
