//! A tree over the triangles of a surface that moves: built once, its boxes and cones of normals fitted every frame.
//!
//! A vertex can only touch a stretch of a surface whose box is near and whose normals oppose its own (Volino and Magnenat
//! Thalmann 1994, Comput Graph Forum 13:C155): most of a smooth organ is done with near the root.

use crate::geom::Vector;
use rayon::prelude::*;
use std::f64::consts::{FRAC_PI_2, PI};
use std::ops::Range;

/// Triangles of a leaf, at most.
const LEAF: usize = 4;

/// What is known of a stretch of the surface.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    low: Vector,
    high: Vector,
    /// How far around the box something may be felt, m.
    pad: f64,
    /// Middle of the normals.
    axis: Vector,
    /// Largest angle between it and a normal, radians, and its sine.
    angle: f64,
    sine: f64,
}

impl Default for Node {
    /// Around nothing.
    fn default() -> Self {
        let far = Vector::repeat(f64::INFINITY);
        Self { low: far, high: -far, pad: 0.0, axis: Vector::zeros(), angle: 0.0, sine: 0.0 }
    }
}

/// Angle between unit vectors, radians.
fn between(a: &Vector, b: &Vector) -> f64 {
    a.dot(b).clamp(-1.0, 1.0).acos()
}

impl Node {
    /// Around `places` in m and unit `normals`, felt up to `pad` m away.
    pub fn new(places: impl Iterator<Item = Vector>, normals: impl Iterator<Item = Vector> + Clone, pad: f64) -> Self {
        let mut node = Self { pad, ..Self::default() };
        for place in places {
            (node.low, node.high) = (node.low.inf(&place), node.high.sup(&place));
        }
        let sum: Vector = normals.clone().sum();
        let length = sum.norm();
        if length <= 1e-6 {
            return Self { axis: Vector::x(), ..node }.opened(PI);
        }
        node.axis = sum / length;
        let least = normals.map(|normal| normal.dot(&node.axis)).fold(1.0, f64::min);
        node.opened(least.clamp(-1.0, 1.0).acos())
    }

    /// With normals up to `angle` from the axis, radians.
    fn opened(self, angle: f64) -> Self {
        Self { angle, sine: angle.sin(), ..self }
    }

    fn is_empty(&self) -> bool {
        self.high.x < self.low.x
    }

    /// Around both.
    fn with(&self, other: &Self) -> Self {
        if other.is_empty() {
            return *self;
        }
        let (low, high) = (self.low.inf(&other.low), self.high.sup(&other.high));
        let pad = self.pad.max(other.pad);
        let sum = self.axis + other.axis;
        let length = sum.norm();
        if length <= 1e-6 {
            return Self { low, high, pad, ..*self }.opened(PI);
        }
        let axis = sum / length;
        let angle = (between(&axis, &self.axis) + self.angle).max(between(&axis, &other.axis) + other.angle).min(PI);
        Self { low, high, pad, axis, ..*self }.opened(angle)
    }

    /// Whether something in it may be felt at `place` by what has the unit normal `normal` and looks `reach` m ahead.
    fn may_touch(&self, place: &Vector, normal: &Vector, reach: f64) -> bool {
        let reach = reach.max(self.pad);
        let near = |i: usize| self.low[i] - reach <= place[i] && place[i] <= self.high[i] + reach;
        // Where the cone is no wider than a half space, its normals may all be within 90° of the other.
        let opposed = FRAC_PI_2 <= self.angle || normal.dot(&self.axis) < self.sine;
        opposed && near(0) && near(1) && near(2)
    }
}

/// The tree: a full binary one, children of node n are 2 n and 2 n + 1, the root is 1.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    order: Vec<u32>,
    /// Where each leaf starts in `order`; one more at the end.
    starts: Vec<u32>,
    nodes: Vec<Node>,
}

impl Tree {
    /// Over as many triangles as `keys`; near in all six, near in the tree.
    pub fn new(keys: &[[f32; 6]]) -> Self {
        let leaves = keys.len().div_ceil(LEAF).next_power_of_two();
        let mut order: Vec<u32> = (0..keys.len() as u32).collect();
        let mut starts = Vec::with_capacity(leaves + 1);
        split(keys, &mut order, 0, leaves, &mut starts);
        starts.push(order.len() as u32);
        Self { order, starts, nodes: vec![Node::default(); 2 * leaves] }
    }

    fn range(&self, leaf: usize) -> Range<usize> {
        self.starts[leaf] as usize..self.starts[leaf + 1] as usize
    }

    /// Fit all nodes to what `node` says of the triangles of each leaf.
    pub fn fit(&mut self, node: impl Fn(&[u32]) -> Node + Sync) {
        let Self { order, starts, nodes } = self;
        let leaves = nodes.len() / 2;
        nodes[leaves..].par_iter_mut().enumerate().with_min_len(64).for_each(|(leaf, to)| {
            let triangles = &order[starts[leaf] as usize..starts[leaf + 1] as usize];
            *to = if triangles.is_empty() { Node::default() } else { node(triangles) };
        });
        for n in (1..leaves).rev() {
            nodes[n] = nodes[2 * n].with(&nodes[2 * n + 1]);
        }
    }

    /// Call `visit` for every triangle whose leaf may be felt at `place` by what has the unit normal `normal` and looks
    /// `reach` m ahead; in fixed order.
    pub fn around(&self, place: &Vector, normal: &Vector, reach: f64, mut visit: impl FnMut(u32)) {
        let leaves = self.nodes.len() / 2;
        let mut stack = [0_u32; 64];
        let mut len = usize::from(0 < leaves);
        stack[0] = 1;
        while 0 < len {
            len -= 1;
            let n = stack[len] as usize;
            if !self.nodes[n].may_touch(place, normal, reach) {
                continue;
            }
            if leaves <= n {
                self.order[self.range(n - leaves)].iter().for_each(|t| visit(*t));
            } else {
                // One more entry a level, and there are fewer than 32 levels.
                (stack[len], stack[len + 1]) = (2 * n as u32 + 1, 2 * n as u32);
                len += 2;
            }
        }
    }
}

/// Sort `order` so that it falls into `leaves` stretches, halved where the keys spread most; their starts.
fn split(keys: &[[f32; 6]], order: &mut [u32], first: u32, leaves: usize, starts: &mut Vec<u32>) {
    if leaves <= 1 {
        starts.push(first);
        return;
    }
    let (mut low, mut high) = ([f32::INFINITY; 6], [f32::NEG_INFINITY; 6]);
    for n in &*order {
        for (i, key) in keys[*n as usize].iter().enumerate() {
            (low[i], high[i]) = (low[i].min(*key), high[i].max(*key));
        }
    }
    let wide = |i: &usize| high[*i] - low[*i];
    let axis = (0..6).max_by(|a, b| wide(a).total_cmp(&wide(b))).unwrap_or(0);
    let middle = order.len() / 2;
    if middle < order.len() {
        let key = |n: &u32| keys[*n as usize][axis];
        order.select_nth_unstable_by(middle, |a, b| key(a).total_cmp(&key(b)).then(a.cmp(b)));
    }
    let (left, right) = order.split_at_mut(middle);
    split(keys, left, first, leaves / 2, starts);
    split(keys, right, first + middle as u32, leaves / 2, starts);
}
