//! A tree of voxel paths through the middle of a lumen (TEASAR, Sato et al. 2000, Pacific Graphics, 281–289).
//!
//! From the root a shortest path leads to every voxel, where a step of length l at depth d costs l/d³: paths keep to the
//! middle. The openings at the faces of the scan are tips; then the farthest voxel's path joins the tree, what lies around
//! that path is done, and so on with the rest.

use super::lumen::{Lumen, NONE, Opening, Place};
use crate::base::{Cancelled, Progress};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What lies within this many depths of a path belongs to it.
const AROUND: f32 = 1.1;
/// And this many voxels more.
const AROUND_VOXELS: f32 = 1.5;
/// A branch is longer than so many of its radii, counted from the balls along the tree; shorter ones are bumps.
const BUMP_RADII: f32 = 2.0;
/// And longer than so many voxels.
const BUMP_VOXELS: f32 = 2.0;
/// The middle of an opening that is no end lies within so many of its depths of a line.
const BESIDE: f32 = 0.75;

/// The shortest way from a root to every voxel.
pub(super) struct Ways {
    /// The voxel before; [`NONE`] for the root.
    pub(super) before: Vec<u32>,
    /// Length in mm.
    pub(super) length_mm: Vec<f32>,
}

/// Dijkstra's algorithm from `root`.
pub(super) fn ways(lumen: &Lumen, root: u32, progress: &Progress) -> Result<Ways, Cancelled> {
    let mut cost = vec![f32::INFINITY; lumen.len()];
    let mut before = vec![NONE; lumen.len()];
    let mut length_mm = vec![0.0_f32; lumen.len()];
    let mut heap = BinaryHeap::new();
    cost[root as usize] = 0.0;
    heap.push(Reverse((0_u32, root)));
    let mut done = 0_usize;
    while let Some(Reverse((bits, n))) = heap.pop() {
        // Bits of positive numbers order as the numbers do.
        if cost[n as usize].to_bits() != bits {
            continue;
        }
        done += 1;
        if done.is_multiple_of(1 << 16) {
            progress.step(done, lumen.len())?;
        }
        for (to, mm) in lumen.neighbours(n) {
            let depth = lumen.depth_mm[to as usize];
            let through = cost[n as usize] + mm / (depth * depth * depth);
            if through < cost[to as usize] {
                cost[to as usize] = through;
                before[to as usize] = n;
                length_mm[to as usize] = length_mm[n as usize] + mm;
                heap.push(Reverse((through.to_bits(), to)));
            }
        }
    }
    Ok(Ways { before, length_mm })
}

/// The voxel with the longest way; the first in memory of several.
pub(super) fn farthest(ways: &Ways) -> u32 {
    let all = ways.length_mm.iter().enumerate();
    all.fold((0, -1.0), |best, (n, mm)| if best.1 < *mm { (n, *mm) } else { best }).0 as u32
}

/// A tree of voxels that grows by paths.
pub(super) struct Tree<'a> {
    lumen: &'a Lumen,
    ways: Ways,
    root: u32,
    /// Whether a voxel is on the tree.
    on: Vec<bool>,
    /// Paths on the tree.
    paths: usize,
    /// Whether a voxel lies around a path, whether or not that was taken.
    done: Vec<bool>,
    /// Whether a voxel lies in a ball along the tree.
    held: Vec<bool>,
}

/// A set of voxels.
type Set = Vec<bool>;

impl<'a> Tree<'a> {
    pub(super) fn new(lumen: &'a Lumen, root: u32, progress: &Progress) -> Result<Self, Cancelled> {
        let ways = ways(lumen, root, progress)?;
        let mut on = vec![false; lumen.len()];
        on[root as usize] = true;
        let mut tree =
            Self { lumen, ways, root, on, paths: 0, done: vec![false; lumen.len()], held: vec![false; lumen.len()] };
        cover(lumen, &mut tree.held, &[root], 1.0, 0.0);
        Ok(tree)
    }

    /// Add the paths to all openings and to all tips that are no bumps; branches count from `length_mm_min` on.
    pub(super) fn find_tips(&mut self, length_mm_min: f64, progress: &Progress) -> Result<(), Cancelled> {
        let lengths = self.ways.length_mm.clone();
        let length = |n: u32| lengths[n as usize];
        let longest_first = |a: &u32, b: &u32| length(*b).total_cmp(&length(*a)).then(a.cmp(b));
        let mut openings = self.lumen.openings();
        openings.sort_by(|a, b| longest_first(&a.deepest, &b.deepest));
        let mut order: Vec<u32> = (0..self.lumen.len() as u32).collect();
        order.sort_unstable_by(longest_first);
        for Opening { deepest, voxels } in openings {
            // A vessel that runs along a face opens there too, but has its line beside the opening.
            let path = self.path(deepest);
            let way_mm = length(deepest) - length(path[path.len() - 1]);
            if !self.held[deepest as usize] || BESIDE * self.lumen.depth_mm[deepest as usize] < way_mm {
                self.take(&path);
            }
            voxels.iter().for_each(|n| self.done[*n as usize] = true);
        }
        for (n, tip) in order.into_iter().enumerate() {
            if self.done[tip as usize] {
                continue;
            }
            progress.step(n, self.lumen.len())?;
            let path = self.path(tip);
            if self.is_bump(&path, length_mm_min as f32) {
                self.cover_around(&path);
            } else {
                self.take(&path);
            }
        }
        Ok(())
    }

    /// Add the path to one voxel.
    pub(super) fn lead_to(&mut self, tip: u32) {
        let path = self.path(tip);
        self.take(&path);
    }

    /// From `tip` back to the tree; the last voxel is on it.
    fn path(&self, tip: u32) -> Vec<u32> {
        let mut path = vec![tip];
        let mut here = tip;
        while !self.on[here as usize] {
            here = self.ways.before[here as usize];
            path.push(here);
        }
        path
    }

    fn take(&mut self, path: &[u32]) {
        self.paths += 1;
        let path = &self.straightened(path);
        for pair in path.windows(2) {
            self.ways.before[pair[0] as usize] = pair[1];
        }
        path.iter().for_each(|n| self.on[*n as usize] = true);
        cover(self.lumen, &mut self.held, path, 1.0, 0.0);
        self.cover_around(path);
    }

    /// A path that leaves the balls along the tree goes back the way it came from there: straight to the voxel of the tree
    /// that its axis points at. A shortest path would cut the corner towards the root.
    fn straightened(&self, path: &[u32]) -> Vec<u32> {
        let lumen = self.lumen;
        let Some(exit) = path.iter().position(|n| self.held[*n as usize]).filter(|exit| 0 < *exit) else {
            return path.to_vec();
        };
        let leaves = lumen.centre(path[exit]);
        let far_mm = (2.0 * f64::from(lumen.depth_mm[path[exit - 1] as usize])).max(3.0 * lumen.finest_mm());
        let outer = path[..exit].iter().rev().map(|n| lumen.centre(*n)).find(|p| far_mm <= (p - leaves).norm());
        let Some(axis) = outer.map(|outer| (outer - leaves).normalize()) else { return path.to_vec() };
        let reach_mm = 3.0 * lumen.depth_mm[path[exit] as usize].max(lumen.depth_mm[path[path.len() - 1] as usize]);
        let off = |n: u32| {
            let way = lumen.centre(n) - leaves;
            (way - axis * way.dot(&axis).min(0.0)).norm()
        };
        let on_tree = lumen.ball(path[exit], reach_mm).filter(|n| self.on[*n as usize]);
        let best = on_tree.map(|n| (n, off(n))).fold((NONE, f64::INFINITY), |a, b| if b.1 < a.1 { b } else { a });
        if best.0 == NONE {
            return path.to_vec();
        }
        let mut straight = path[..=exit].to_vec();
        let way = lumen.centre(best.0) - leaves;
        let n_steps = (2.0 * way.norm() / lumen.finest_mm()).ceil().max(1.0);
        for step in 1..=n_steps as usize {
            let Place::Lumen(n) = lumen.place(&(leaves + way * (step as f64 / n_steps))) else { return path.to_vec() };
            if straight.last() != Some(&n) {
                straight.push(n);
            }
            if self.on[n as usize] {
                return straight;
            }
        }
        path.to_vec()
    }

    fn cover_around(&mut self, path: &[u32]) {
        cover(self.lumen, &mut self.done, path, AROUND, AROUND_VOXELS * self.lumen.finest_mm() as f32);
    }

    /// Whether what a path adds outside the balls along the tree is no longer than it is wide.
    fn is_bump(&self, path: &[u32], length_mm_min: f32) -> bool {
        let outside = path.iter().take_while(|n| !self.held[**n as usize]);
        let (mut widest_mm, mut last) = (0.0_f32, path[0]);
        for n in outside {
            widest_mm = widest_mm.max(self.lumen.depth_mm[*n as usize]);
            last = *n;
        }
        let length_mm = self.ways.length_mm[path[0] as usize] - self.ways.length_mm[last as usize];
        // The first path has two ends.
        let ends = if self.paths == 0 { 2.0 } else { 1.0 };
        let least_mm = (ends * BUMP_RADII * widest_mm).max(BUMP_VOXELS * self.lumen.finest_mm() as f32);
        length_mm < least_mm.max(length_mm_min)
    }

    /// The tree cut at its junctions: voxels from the parent's last voxel on, and the parent. Parents come first, and of
    /// several children the one whose way is longest.
    pub(super) fn branches(&self) -> Vec<(Option<usize>, Vec<u32>)> {
        let mut children: Vec<(u32, u32)> = (0..self.lumen.len() as u32)
            .filter(|n| self.on[*n as usize] && self.ways.before[*n as usize] != NONE)
            .map(|n| (self.ways.before[n as usize], n))
            .collect();
        children.sort_unstable();
        let of = |n: u32| {
            let start = children.partition_point(|(parent, _)| *parent < n);
            let end = children.partition_point(|(parent, _)| *parent <= n);
            &children[start..end]
        };
        // How far the tree goes on behind each of its voxels.
        let mut reach = vec![0.0_f32; self.lumen.len()];
        let mut by_length: Vec<u32> = children.iter().map(|(_, n)| *n).collect();
        let length = |n: u32| self.ways.length_mm[n as usize];
        by_length.sort_unstable_by(|a, b| length(*b).total_cmp(&length(*a)).then(a.cmp(b)));
        for n in by_length {
            reach[n as usize] = reach[n as usize].max(length(n));
            let before = self.ways.before[n as usize] as usize;
            reach[before] = reach[before].max(reach[n as usize]);
        }
        let mut branches: Vec<(Option<usize>, Vec<u32>)> = Vec::new();
        let mut open: Vec<(Option<usize>, u32, u32)> = Vec::new();
        let add = |parent: Option<usize>, from: u32, open: &mut Vec<(Option<usize>, u32, u32)>| {
            let mut next: Vec<u32> = of(from).iter().map(|(_, n)| *n).collect();
            // The last one put on the stack is followed first.
            next.sort_by(|a, b| reach[*a as usize].total_cmp(&reach[*b as usize]).then(b.cmp(a)));
            open.extend(next.into_iter().map(|n| (parent, from, n)));
        };
        add(None, self.root, &mut open);
        while let Some((parent, from, mut here)) = open.pop() {
            let mut line = vec![from, here];
            while let [(_, next)] = of(here) {
                here = *next;
                line.push(here);
            }
            branches.push((parent, line));
            add(Some(branches.len() - 1), here, &mut open);
        }
        branches
    }
}

/// Add to `set` what lies within `depths` depths and `more_mm` of the voxels of a path.
fn cover(lumen: &Lumen, set: &mut Set, path: &[u32], depths: f32, more_mm: f32) {
    let mut last: Option<u32> = None;
    for n in path {
        let depth = lumen.depth_mm[*n as usize];
        set[*n as usize] = true;
        // Balls a quarter of their depth apart leave hardly anything between them.
        let near = |last: u32| (lumen.centre(last) - lumen.centre(*n)).norm() < 0.25 * f64::from(depth);
        if last.is_none_or(|last| !near(last)) {
            last = Some(*n);
            lumen.ball(*n, depths * depth + more_mm).for_each(|n| set[n as usize] = true);
        }
    }
}
