//! What became of the needle, the target and the forces.

use crate::geom::{Point, Vector};

/// One moment of an insertion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// How far the hand has moved since the tip touched the organ, mm.
    pub depth_mm: f64,
    /// Force of the hand along the planned line, N.
    pub force_n: f64,
    /// How far the tip has cut into the tissue along the planned line, mm; less than the depth, as tissue yields.
    pub cut_mm: f64,
    /// How far the tip is beside the planned line, mm.
    pub beside_mm: f64,
    /// How far the target has moved, mm.
    pub target_mm: f64,
}

/// The end of an insertion: the hand is at the planned depth.
#[derive(Debug, Clone, PartialEq)]
pub struct Inserted {
    /// Force against depth, from the first touch on. Where force falls at one depth there are two samples.
    pub samples: Vec<Sample>,
    /// Whether the surface gave way.
    pub punctured: bool,
    /// Depth of the hand when the surface gave way, mm; where it did not, the planned depth.
    pub indentation_mm: f64,
    /// The needle from the hand to the tip, mm.
    pub needle_mm: Vec<Point>,
    /// The track in the tissue at rest from the entry to the tip, mm; one point if the surface did not give way.
    pub track_mm: Vec<Point>,
    /// Where the tip was planned to end, mm: at the target as it was.
    pub planned_mm: Point,
    /// Where the tip is, mm.
    pub tip_mm: Point,
    /// Where the target is, mm.
    pub target_mm: Point,
    /// Along the planned line, a unit vector.
    pub along: Vector,
    /// Force between needle and tissue across the planned line, N: the largest at any point.
    pub across_n: f64,
    /// Largest force over the force under which the free part of the shaft buckles; from 1 on it would have.
    pub buckling: f64,
    /// Work of the hand along the planned line, J.
    pub work_j: f64,
    /// Work of friction: of each length of shaft its friction times how far it slid in the tissue, J.
    pub friction_j: f64,
    /// Work of cutting: its force times the length of the track, J.
    pub cutting_j: f64,
}

impl Inserted {
    /// Distance from the tip to the target where it is now, mm.
    pub fn miss_mm(&self) -> f64 {
        (self.tip_mm - self.target_mm).norm()
    }

    /// How far the target has moved, mm.
    pub fn target_moved_mm(&self) -> f64 {
        (self.target_mm - self.planned_mm).norm()
    }

    /// How far the tip is from where it was planned, mm.
    pub fn tip_off_mm(&self) -> f64 {
        (self.tip_mm - self.planned_mm).norm()
    }

    /// Largest force of the hand, N.
    pub fn peak_n(&self) -> f64 {
        self.samples.iter().map(|sample| sample.force_n).fold(0.0, f64::max)
    }

    /// A place as seen along the planned line: how far before (−) or behind (+) the planned end, and how far beside, mm.
    pub fn along_and_beside_mm(&self, place: &Point) -> [f64; 2] {
        let offset = place - self.planned_mm;
        let along = offset.dot(&self.along);
        [along, (offset - self.along * along).norm()]
    }
}
