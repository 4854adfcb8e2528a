//! What is known about a phantom because it was made so.

use super::Tube;
use super::tube::TubePoint;
use crate::base::SegmentId;
use crate::geom::Point;
use serde::{Deserialize, Serialize};

/// Everything an algorithm may be scored against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Which phantom it is, e.g. `abdomen`.
    pub phantom: String,
    /// Volumes of all segments, in the order of their labels.
    pub volumes: Vec<TrueVolume>,
    /// Centre lines and radii of all vessels; a parent comes before its children.
    pub vessels: Vec<Branch>,
    /// The narrow place, if there is one.
    pub stenosis: Option<Stenosis>,
    /// The tumour, if there is one.
    pub tumour: Option<Tumour>,
}

/// How large a segment really is, inside the field of view and less what covers it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrueVolume {
    /// Which segment.
    pub segment: SegmentId,
    /// Its name.
    pub name: String,
    /// The volume in ml.
    pub volume_ml: f64,
    /// Standard error of the volume in ml; 0 where it follows from a formula.
    pub standard_error_ml: f64,
    /// How it is known.
    pub method: String,
}

/// A vessel between two junctions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// Its number: the place in the list.
    pub id: usize,
    /// The branch it comes from.
    pub parent: Option<usize>,
    /// The vessel system, as the segment is called.
    pub system: String,
    /// The segment its lumen belongs to.
    pub segment: SegmentId,
    /// The centre line in LPS mm, from the parent on.
    pub points_mm: Vec<[f64; 3]>,
    /// The radius in mm at each point.
    pub radii_mm: Vec<f64>,
}

/// A narrowing `r(s) = r₀ (1 − d/2 (1 + cos(2π (s − s₀)/L)))` for `|s − s₀| ≤ L/2`, with `d` the part of the diameter lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stenosis {
    /// The branch it is in.
    pub branch: usize,
    /// The narrowest point, LPS mm.
    pub centre_mm: [f64; 3],
    /// Arc length of the narrowest point from the start of the branch (s₀) in mm.
    pub at_mm: f64,
    /// Its whole length (L) in mm.
    pub length_mm: f64,
    /// The part of the diameter lost (d) in percent.
    pub diameter_percent: f64,
    /// The radius without it, at the narrowest point (r₀), in mm.
    pub healthy_radius_mm: f64,
    /// The radius at the narrowest point in mm.
    pub radius_mm_min: f64,
}

impl Stenosis {
    /// What the healthy radius is multiplied by at the arc length `s_mm`.
    pub fn factor(at_mm: f64, length_mm: f64, diameter_percent: f64, s_mm: f64) -> f64 {
        let phase = (s_mm - at_mm) / length_mm;
        if 0.5 <= phase.abs() {
            return 1.0;
        }
        1.0 - diameter_percent / 100.0 * 0.5 * (1.0 + (std::f64::consts::TAU * phase).cos())
    }
}

/// A ball.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tumour {
    /// Its middle, LPS mm.
    pub centre_mm: [f64; 3],
    /// Its radius in mm.
    pub radius_mm: f64,
}

impl Truth {
    /// The volume of the segment called `name`.
    pub fn volume(&self, name: &str) -> Option<&TrueVolume> {
        self.volumes.iter().find(|volume| volume.name == name)
    }

    /// The branches of the system called `name`.
    pub fn system<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Branch> {
        self.vessels.iter().filter(move |branch| branch.system == name)
    }
}

impl Branch {
    /// The centre line with its radii.
    pub fn line(&self) -> impl Iterator<Item = TubePoint> + '_ {
        self.points_mm.iter().zip(&self.radii_mm).map(|(point, radius)| TubePoint::new(Point::from(*point), *radius))
    }

    /// Arc length of every point from the start, in mm.
    pub fn arc_lengths_mm(&self) -> Vec<f64> {
        let points: Vec<Point> = self.points_mm.iter().map(|point| Point::from(*point)).collect();
        let steps = points.windows(2).scan(0.0, |sum, pair| {
            *sum += (pair[1] - pair[0]).norm();
            Some(*sum)
        });
        std::iter::once(0.0).chain(steps).collect()
    }

    /// The vessel as a solid whose sections have exactly the given radii.
    pub fn exact_tube(&self) -> Tube {
        Tube::exact(self.line())
    }

    /// The vessel as a union of cones, for lines with sharp bends.
    pub fn swept_tube(&self) -> Tube {
        Tube::swept(self.line())
    }
}

/// A growing list of branches.
#[derive(Debug, Default)]
pub(super) struct Vessels(pub Vec<Branch>);

impl Vessels {
    /// Add a branch along `line`; gives its number.
    pub fn add(&mut self, system: &str, label: u8, parent: Option<usize>, line: &[TubePoint]) -> usize {
        let id = self.0.len();
        self.0.push(Branch {
            id,
            parent,
            system: system.to_owned(),
            segment: SegmentId(label),
            points_mm: line.iter().map(|point| [point.at.x, point.at.y, point.at.z]).collect(),
            radii_mm: line.iter().map(|point| point.radius_mm).collect(),
        });
        id
    }
}
