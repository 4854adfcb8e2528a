//! Which parts of measures in the 3D scene lie behind something opaque: these are drawn dashed.
//!
//! Lines are looked at in steps. The scene says of each step whether it is covered; what it says may be about a camera of a
//! moment ago, while that moves.

use super::Measures;
use crate::app::ui::camera::OrbitCamera;
use crate::app::ui::workspace::Workspace;
use crate::base::NodeId;
use crate::geom::Point;
use crate::geom::measure::Shape;
use std::collections::BTreeMap;

/// Steps along a stroke, about.
const STEPS: f64 = 32.0;

/// What is covered of measures.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Covered {
    /// Where it was looked at from.
    pub camera: OrbitCamera,
    /// Whether each place along each stroke of a measure is covered, as [`Workspace::measure_lines`] has them.
    pub lines: BTreeMap<NodeId, Vec<Vec<bool>>>,
}

impl Covered {
    /// What is covered of the strokes of a measure, if that is known of as many places.
    pub(super) fn of(&self, id: NodeId, strokes: &[Vec<Point>]) -> Option<&[Vec<bool>]> {
        let known = self.lines.get(&id)?;
        let fits = known.len() == strokes.len() && known.iter().zip(strokes).all(|(a, b)| a.len() == b.len());
        fits.then_some(known.as_slice())
    }
}

/// The strokes of a shape with places between their corners, so that a part of a straight line can be covered.
pub(super) fn stepped(shape: &Shape) -> Vec<Vec<Point>> {
    let strokes = shape.strokes();
    let length = |stroke: &Vec<Point>| stroke.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum::<f64>();
    let steps = |stroke: Vec<Point>| {
        let step_mm = length(&stroke) / STEPS;
        let mut places: Vec<Point> = stroke.first().copied().into_iter().collect();
        for pair in stroke.windows(2) {
            let way = pair[1] - pair[0];
            let count = if 0.0 < step_mm { (way.norm() / step_mm - 1e-9).ceil().max(1.0) } else { 1.0 };
            places.extend((1..=count as usize).map(|n| pair[0] + way * (n as f64 / count)));
        }
        places
    };
    strokes.into_iter().map(steps).collect()
}

/// Runs of segments between neighbouring places that are drawn alike: the first and the last place, and whether both ends
/// of every segment are covered.
pub(super) fn runs(covered: &[bool]) -> Vec<(usize, usize, bool)> {
    let mut runs: Vec<(usize, usize, bool)> = Vec::new();
    for (n, pair) in covered.windows(2).enumerate() {
        let hidden = pair[0] && pair[1];
        match runs.last_mut() {
            Some((_, last, of)) if *of == hidden => *last = n + 1,
            _ => runs.push((n, n + 1, hidden)),
        }
    }
    runs
}

impl Measures {
    fn lines(&self) -> Vec<(NodeId, Vec<Vec<Point>>)> {
        self.shown.iter().map(|shown| (shown.id, stepped(&self.now(shown).0.shape))).collect()
    }
}

impl Workspace {
    /// The strokes of all measures that are shown, in steps, for [`Covered::lines`].
    pub fn measure_lines(&self) -> Vec<(NodeId, Vec<Vec<Point>>)> {
        self.slices.measures.lines()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::measure::Kind;

    #[test]
    fn steps_keep_every_corner_and_the_length() {
        let corners = [[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [10.0, 30.0, 0.0], [10.0, 30.5, 0.0]].map(Point::from);
        let shape = Shape::new(Kind::Polyline, &corners, None).unwrap();
        let strokes = stepped(&shape);
        assert_eq!(strokes.len(), 1);
        assert!(corners.iter().all(|corner| strokes[0].iter().any(|place| (place - corner).norm() < 1e-9)));
        let length: f64 = strokes[0].windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum();
        assert!((length - 40.5).abs() < 1e-9 && (32..40).contains(&strokes[0].len()), "{}", strokes[0].len());
    }

    #[test]
    fn runs_hold_every_segment_once_and_are_hidden_only_between_hidden_places() {
        for bits in 0..256_u32 {
            let covered: Vec<bool> = (0..8).map(|n| bits >> n & 1 == 1).collect();
            let runs = runs(&covered);
            let mut next = 0;
            for (first, last, hidden) in runs {
                assert_eq!(first, next);
                assert!((first..last).all(|n| (covered[n] && covered[n + 1]) == hidden), "{bits:b}");
                next = last;
            }
            assert_eq!(next, 7);
        }
        assert!(runs(&[true]).is_empty() && runs(&[]).is_empty());
    }
}
