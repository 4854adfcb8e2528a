//! What goes along a path, as closed surfaces for the scene: needles, drains, electrodes, probes, screws.

use super::{Path, PathFrame};
use crate::geom::{Point, Vector};
use crate::mesh::Surface;
use crate::plan::NeedleKind;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// Sides of a turned shape.
const SIDES: usize = 24;

/// The contacts of an electrode, counted from its tip.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Contacts {
    /// How many.
    pub count: usize,
    /// Length of each along the electrode.
    pub length_mm: f64,
    /// From the middle of one to the middle of the next.
    pub spacing_mm: f64,
}

/// An example often seen in stereo-EEG: contacts of 2 mm, 1.5 mm apart. Set it to what the electrode is.
impl Default for Contacts {
    fn default() -> Self {
        Self { count: 10, length_mm: 2.0, spacing_mm: 3.5 }
    }
}

impl Contacts {
    /// From the tip to the far end of the last contact.
    pub fn reach_mm(&self) -> f64 {
        self.length_mm + self.spacing_mm * self.count.saturating_sub(1) as f64
    }

    /// As many of them as have room on a path of `length_mm`; none without room for one.
    pub fn fitting(self, length_mm: f64) -> Option<Self> {
        let room = ((length_mm - self.length_mm) / self.spacing_mm.max(1e-3)).floor() + 1.0;
        let count = self.count.min(room.max(0.0) as usize);
        (0 < count).then_some(Self { count, ..self })
    }

    /// The middle of every contact that lies on `path`, the one at the tip first.
    pub fn places(&self, path: &Path) -> Vec<Point> {
        let depth = |n: usize| path.length_mm() - 0.5 * self.length_mm - n as f64 * self.spacing_mm;
        (0..self.count).map(depth).take_while(|depth| 0.0 <= *depth).map(|depth| path.at(depth)).collect()
    }

    /// The contacts as rings around `path`, a little thicker than it.
    pub fn shape(&self, path: &Path) -> Surface {
        let frame = PathFrame::of(path);
        let (mut positions, mut triangles) = (Vec::new(), Vec::new());
        for place in self.places(path) {
            let middle = (place - path.entry()).norm();
            let [from, to] = [-0.5, 0.5].map(|side| middle + side * self.length_mm);
            let radius = 1.1 * path.radius_mm();
            let ring = turned(path, &frame, &[(from, 0.0), (from, radius), (to, radius), (to, 0.0)], |_, r, _| r);
            let first = positions.len() as u32;
            positions.extend_from_slice(ring.positions());
            triangles.extend(ring.triangles().iter().map(|corners| corners.map(|v| v + first)));
        }
        Surface::new(positions, triangles).expect("finite by construction")
    }
}

/// The instrument on `path`, a closed surface that begins `above_mm` before the entry: sharp for needles and probes, round for
/// drains and electrodes.
pub fn needle_shape(path: &Path, kind: NeedleKind, above_mm: f64) -> Surface {
    let (radius, end) = (path.radius_mm(), path.length_mm());
    let start = -above_mm.max(0.0);
    let mut line = vec![(start, 0.0), (start, radius)];
    match kind {
        NeedleKind::Needle | NeedleKind::Probe => {
            let tip = if kind == NeedleKind::Needle { 4.0 } else { 3.0 } * radius;
            line.push(((end - tip).max(start + 1e-3), radius));
        }
        NeedleKind::Drain | NeedleKind::Electrode => {
            let round = radius.min(end - start - 1e-3);
            let quarter = (0..6).map(|n| 0.25 * TAU * f64::from(n) / 6.0);
            line.extend(quarter.map(|angle| (end - round + round * angle.sin(), radius * angle.cos())));
        }
    }
    line.push((end, 0.0));
    turned(path, &PathFrame::of(path), &line, |_, radius, _| radius)
}

/// A screw with a thread of `pitch_mm` on `path`, from the head to the tip; the core has 70 % of the thread's diameter.
pub fn screw_shape(path: &Path, pitch_mm: f64) -> Surface {
    let (radius, end) = (path.radius_mm(), path.length_mm());
    let core = 0.7 * radius;
    let taper = (3.0 * radius).min(0.3 * end);
    let rings = ((end / pitch_mm.max(0.2) * 8.0).ceil() as usize).clamp(16, 1200);
    let mut line = vec![(-1.6 * radius, 0.0), (-1.6 * radius, 1.5 * radius), (0.0, 1.5 * radius)];
    line.extend((0..rings).map(|n| (end * n as f64 / rings as f64 + 1e-3, core)));
    line.push((end, 0.0));
    turned(path, &PathFrame::of(path), &line, |depth, own, angle| {
        if own != core {
            return own;
        }
        // A triangle wave that goes round once a pitch, and both core and thread run out at the tip.
        let phase = (depth / pitch_mm.max(0.2) - angle / TAU).rem_euclid(1.0);
        let ridge = 1.0 - (2.0 * phase - 1.0).abs() * 2.0;
        let shrink = ((end - depth) / taper).clamp(0.15, 1.0);
        (core + (radius - core) * ridge.max(0.0)) * shrink
    })
}

/// A closed surface around the axis of a path: `line` holds depth and radius of rings, the first and the last of radius 0;
/// `radius(depth, radius of the ring, angle)` may vary it.
fn turned(path: &Path, frame: &PathFrame, line: &[(f64, f64)], radius: impl Fn(f64, f64, f64) -> f64) -> Surface {
    let inner = &line[1..line.len() - 1];
    let mut positions = vec![path.at(line[0].0)];
    for (depth, own) in inner {
        for side in 0..SIDES {
            let angle = TAU * side as f64 / SIDES as f64;
            let (sin, cos) = angle.sin_cos();
            let out: Vector = frame.across * cos + frame.up * sin;
            positions.push(path.at(*depth) + out * radius(*depth, *own, angle));
        }
    }
    positions.push(path.at(line[line.len() - 1].0));
    let last = positions.len() as u32 - 1;
    let vertex = |ring: usize, side: usize| (1 + ring * SIDES + side % SIDES) as u32;
    let mut triangles = Vec::new();
    for side in 0..SIDES {
        triangles.push([0, vertex(0, side + 1), vertex(0, side)]);
        for ring in 1..inner.len() {
            let [a, b] = [0, 1].map(|n| vertex(ring - 1, side + n));
            let [c, d] = [0, 1].map(|n| vertex(ring, side + n));
            triangles.extend([[a, b, c], [b, d, c]]);
        }
        triangles.push([last, vertex(inner.len() - 1, side), vertex(inner.len() - 1, side + 1)]);
    }
    Surface::new(positions, triangles).expect("finite by construction")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> Path {
        Path::new(Point::new(1.0, 2.0, 3.0), Point::new(20.0, -30.0, 40.0), 2.0).unwrap()
    }

    #[test]
    fn instruments_are_closed_and_end_at_the_target() {
        let path = path();
        let kinds = [NeedleKind::Needle, NeedleKind::Drain, NeedleKind::Electrode, NeedleKind::Probe];
        let shapes = kinds.map(|kind| needle_shape(&path, kind, 20.0));
        for shape in shapes.iter().chain([&screw_shape(&path, 2.0), &Contacts::default().shape(&path)]) {
            assert_eq!(shape.open_edges(), 0);
            assert!(0.0 < shape.volume_ml());
            let deepest = shape.positions().iter().map(|p| (p - path.entry()).dot(&path.along())).fold(0.0, f64::max);
            assert!((deepest - path.length_mm()).abs() < 1e-9, "{deepest}");
        }
        // A prism of 24 sides with a cone of 4 mm.
        let area = 0.5 * 24.0 * (TAU / 24.0).sin();
        let exact = area * (path.length_mm() + 20.0 - 4.0 + 4.0 / 3.0) / 1000.0;
        assert!((shapes[0].volume_ml() - exact).abs() < 1e-9);
    }

    #[test]
    fn contacts_are_spaced_from_the_tip_and_stay_on_the_path() {
        let path = path();
        let places = Contacts { count: 100, length_mm: 2.0, spacing_mm: 3.5 }.places(&path);
        assert!(((places[0] - path.target()).norm() - 1.0).abs() < 1e-9);
        assert!(((places[1] - places[0]).norm() - 3.5).abs() < 1e-9);
        assert_eq!(places.len(), ((path.length_mm() - 1.0) / 3.5).floor() as usize + 1);
    }
}
