//! From voxel paths to smooth lines on the ridge of the depth.

use super::lumen::{Lumen, Place};
use super::{CentreBranch, paths::Tree};
use crate::base::{Cancelled, Progress};
use crate::geom::{Point, Vector};
use rayon::prelude::*;

/// An end begins where the depth is this share of what it is a radius farther in: before that it closes the vessel.
const FULL: f32 = 0.9;
/// Rounds of moving to the ridge and evening out.
const ROUNDS: usize = 6;
/// Times a round evens out.
const PASSES: usize = 2;

/// A line of nodes; the first is the parent's last.
struct Line {
    parent: Option<usize>,
    nodes: Vec<u32>,
    /// The nodes before this one lie in the ball at the junction and follow the others only.
    own: usize,
    /// The child that goes on the longest.
    main: Option<usize>,
}

/// Lines between the voxels.
pub(super) struct Ridge<'a> {
    lumen: &'a Lumen,
    points: Vec<Point>,
    /// Voxel centres where the nodes began.
    voxels: Vec<Point>,
    depth_mm: Vec<f32>,
    /// Line and place on it of each node.
    of: Vec<(usize, usize)>,
    lines: Vec<Line>,
}

impl<'a> Ridge<'a> {
    /// The lines of a tree, its ends taken back to where the vessel has its width; the root too if it `is_tip`.
    pub(super) fn new(lumen: &'a Lumen, tree: &Tree<'_>, is_tip: bool) -> Self {
        let mut branches = tree.branches();
        let inner: Vec<usize> = branches.iter().filter_map(|(parent, _)| *parent).collect();
        let roots = branches.iter().filter(|(parent, _)| parent.is_none()).count();
        for (n, (parent, line)) in branches.iter_mut().enumerate() {
            if !inner.contains(&n) {
                trim(lumen, line);
            }
            if parent.is_none() && is_tip && roots == 1 {
                line.reverse();
                trim(lumen, line);
                line.reverse();
            }
        }
        let mut ridge = Self {
            lumen,
            points: Vec::new(),
            voxels: Vec::new(),
            depth_mm: Vec::new(),
            of: Vec::new(),
            lines: Vec::with_capacity(branches.len()),
        };
        for (n, (parent, voxels)) in branches.iter().enumerate() {
            let joint = match parent {
                Some(parent) => ridge.lines[*parent].nodes.last().copied(),
                // Several branches of one root share their first node.
                None => {
                    ridge.lines.iter().find(|line| line.parent.is_none()).and_then(|line| line.nodes.first().copied())
                }
            };
            let mut nodes: Vec<u32> = joint.into_iter().collect();
            for voxel in &voxels[nodes.len()..] {
                ridge.of.push((n, nodes.len()));
                nodes.push(ridge.points.len() as u32);
                ridge.points.push(lumen.centre(*voxel));
                ridge.depth_mm.push(lumen.depth_mm[*voxel as usize]);
            }
            let own = joint.map_or(0, |joint| {
                let (centre, ball_mm) = (ridge.points[joint as usize], f64::from(ridge.depth_mm[joint as usize]));
                let outside = |node: &u32| ball_mm < (ridge.points[*node as usize] - centre).norm();
                nodes.iter().position(outside).unwrap_or(nodes.len())
            });
            if let Some(parent) = parent {
                ridge.lines[*parent].main.get_or_insert(n);
            }
            ridge.lines.push(Line { parent: *parent, nodes, own, main: None });
        }
        ridge.voxels.clone_from(&ridge.points);
        ridge
    }

    /// Move the nodes to the ridge of the depth across the line, and even the lines out, in turns.
    pub(super) fn settle(&mut self, progress: &Progress) -> Result<(), Cancelled> {
        for round in 0..ROUNDS {
            progress.step(round, ROUNDS)?;
            let nodes = 0..self.points.len() as u32;
            self.points = nodes.clone().into_par_iter().map(|node| self.centred(node)).collect();
            for _ in 0..PASSES {
                self.points = nodes.clone().into_par_iter().map(|node| self.evened(node)).collect();
            }
        }
        Ok(())
    }

    /// The node `steps` on along the vessel, through junctions the way that goes on the longest; the last there is.
    fn along(&self, node: u32, steps: isize) -> u32 {
        let (mut line, place) = self.of[node as usize];
        let mut place = place as isize + steps;
        loop {
            let Line { parent, nodes, main, .. } = &self.lines[line];
            let last = nodes.len() as isize - 1;
            match (parent, main) {
                (Some(parent), _) if place < 0 => {
                    line = *parent;
                    place += self.lines[*parent].nodes.len() as isize - 1;
                }
                (_, Some(main)) if last < place => {
                    line = *main;
                    place -= last;
                }
                _ => return nodes[place.clamp(0, last) as usize],
            }
        }
    }

    fn point(&self, node: u32) -> Point {
        self.points[node as usize]
    }

    /// Unit direction of the vessel at a node, over about one radius to both sides.
    fn tangent(&self, node: u32) -> Option<Vector> {
        let reach =
            (f64::from(self.depth_mm[node as usize]) / self.lumen.finest_mm()).round().clamp(2.0, 12.0) as isize;
        (self.point(self.along(node, reach)) - self.point(self.along(node, -reach))).try_normalize(1e-9)
    }

    /// The mean of the voxels around a node, weighted with their squared depth and by distance, in the plane across the
    /// vessel: one step of mean shift (Comaniciu and Meer 2002) towards the ridge of the depth.
    fn centred(&self, node: u32) -> Point {
        let here = self.point(node);
        let (line, place) = self.of[node as usize];
        let Some(tangent) = self.tangent(node).filter(|_| self.lines[line].own <= place || place == 0) else {
            return here;
        };
        let lumen = self.lumen;
        let (h, dims) = (lumen.grid.spacing_mm(), lumen.grid.dims());
        let mean_mm = h.iter().sum::<f64>() / 3.0;
        let depth_mm = f64::from(self.depth_mm[node as usize]);
        // Deviations in voxels: wide enough to see both sides, narrow enough to stay in the vessel.
        let sigma = h.map(|h| (0.4 * depth_mm).min(2.0 * mean_mm).max(0.75 * h) / h);
        let centre = lumen.grid.index_from_patient(here);
        let range = |a: usize| {
            let (low, high) = (centre[a] - 2.5 * sigma[a], centre[a] + 2.5 * sigma[a]);
            low.ceil().max(0.0) as usize..(high.floor().max(-1.0) + 1.0).min(dims[a] as f64) as usize
        };
        let weight = |a: usize, x: usize| (-0.5 * ((x as f64 - centre[a]) / sigma[a]).powi(2)).exp();
        let (mut sum, mut all) = (Vector::zeros(), 0.0);
        for k in range(2) {
            for j in range(1) {
                let beside = weight(1, j) * weight(2, k);
                for i in range(0) {
                    let Some(n) = lumen.at([i, j, k]) else { continue };
                    let w = beside * weight(0, i) * f64::from(lumen.depth_mm[n as usize]).powi(2);
                    sum += (Vector::new(i as f64, j as f64, k as f64) - centre) * w;
                    all += w;
                }
            }
        }
        if all <= 0.0 {
            return here;
        }
        let shift = lumen.grid.step() * (sum / all);
        self.inside(here + (shift - tangent * shift.dot(&tangent)), here)
    }

    /// A node between its neighbours; ends stay.
    fn evened(&self, node: u32) -> Point {
        let (before, after) = (self.along(node, -1), self.along(node, 1));
        let here = self.point(node);
        if before == node || after == node {
            return here;
        }
        let mean = 0.25 * (self.point(before).coords + self.point(after).coords) + 0.5 * here.coords;
        self.inside(mean.into(), self.voxels[node as usize])
    }

    /// `point` if it lies in the lumen, else `other`.
    fn inside(&self, point: Point, other: Point) -> Point {
        if matches!(self.lumen.place(&point), Place::Lumen(_)) { point } else { other }
    }

    /// Branches with points at most a voxel apart, led on to where the vessel leaves the scan, and the radius at each point.
    pub(super) fn branches(&self) -> Vec<CentreBranch> {
        let step_mm = self.lumen.finest_mm();
        let branch = |line: &Line| {
            let mut points: Vec<Point> = line.nodes.iter().map(|node| self.point(*node)).collect();
            if line.parent.is_none() && !self.is_shared_root(line) {
                points.reverse();
                self.lead_out(&mut points);
                points.reverse();
            }
            if line.main.is_none() {
                self.lead_out(&mut points);
            }
            let points = evenly(&points, step_mm);
            let radius = |point: &Point| self.lumen.depth_at(point).max(0.5 * step_mm);
            let radii_mm = points.iter().map(radius).collect();
            CentreBranch { parent: line.parent, points, radii_mm }
        };
        self.lines.par_iter().map(branch).collect()
    }

    fn is_shared_root(&self, line: &Line) -> bool {
        1 < self.lines.iter().filter(|other| other.parent.is_none() && other.nodes[0] == line.nodes[0]).count()
    }

    /// Go straight on from the last point to the end of the scan, if that comes before the wall.
    fn lead_out(&self, points: &mut Vec<Point>) {
        let end = points[points.len() - 1];
        let depth_mm = self.lumen.depth_at(&end);
        let behind = points.iter().rev().find(|point| depth_mm.max(self.lumen.finest_mm()) <= (*point - end).norm());
        let Some(along) = behind.and_then(|behind| (end - behind).try_normalize(1e-9)) else { return };
        let step_mm = 0.25 * self.lumen.finest_mm();
        for n in 1..=(4.0 * depth_mm / step_mm) as usize {
            let next = end + along * (step_mm * n as f64);
            match self.lumen.place(&next) {
                Place::Lumen(_) => {}
                Place::Wall => return,
                Place::Beyond => return points.push(next - along * step_mm),
            }
        }
    }
}

/// Take the end of a line back to where the depth no longer grows.
fn trim(lumen: &Lumen, line: &mut Vec<u32>) {
    let depth = |n: usize| lumen.depth_mm[line[n] as usize];
    let step = |n: usize| (lumen.centre(line[n]) - lumen.centre(line[n - 1])).norm() as f32;
    for end in (1..line.len()).rev() {
        let reach_mm = depth(end) + 2.0 * lumen.finest_mm() as f32;
        let (mut way_mm, mut deepest, mut n) = (0.0, depth(end), end);
        while 0 < n && way_mm < reach_mm {
            way_mm += step(n);
            n -= 1;
            deepest = deepest.max(depth(n));
        }
        if FULL * deepest <= depth(end) {
            return line.truncate(end + 1);
        }
    }
    // The vessel widens all the way: it stays as it is.
}

/// Points along a line about `step_mm` apart, ends included.
fn evenly(points: &[Point], step_mm: f64) -> Vec<Point> {
    let length_mm: f64 = points.windows(2).map(|pair| (pair[1] - pair[0]).norm()).sum();
    let n_steps = (length_mm / step_mm).ceil().max(1.0) as usize;
    let mut even = vec![points[0]];
    let (mut before_mm, mut n) = (0.0, 0);
    for step in 1..n_steps {
        let at_mm = length_mm * step as f64 / n_steps as f64;
        let mut piece_mm = (points[n + 1] - points[n]).norm();
        while before_mm + piece_mm < at_mm && n + 2 < points.len() {
            before_mm += piece_mm;
            n += 1;
            piece_mm = (points[n + 1] - points[n]).norm();
        }
        let part = if piece_mm < 1e-12 { 0.0 } else { ((at_mm - before_mm) / piece_mm).clamp(0.0, 1.0) };
        even.push(points[n] + (points[n + 1] - points[n]) * part);
    }
    even.push(points[points.len() - 1]);
    even
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_points_keep_the_ends_and_lie_on_the_line() {
        let points = [[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [3.0, 4.0, 0.0]].map(Point::from);
        let even = evenly(&points, 1.0);
        assert_eq!((even.len(), even[0], even[7]), (8, points[0], points[2]));
        assert!((even[5] - Point::new(3.0, 2.0, 0.0)).norm() < 1e-12);
        assert_eq!(evenly(&[points[0], points[0]], 1.0).len(), 2);
    }
}
