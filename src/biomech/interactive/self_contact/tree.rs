//! A tree over the triangles of a surface that moves: built once, its boxes and cones of normals fitted every frame.
//!
//! Two stretches of a surface can only touch where their boxes meet and their normals oppose (Volino and Magnenat
//! Thalmann 1994, Comput Graph Forum 13:C155): most of a smooth organ is done with near the root.

use crate::geom::Vector;
use rayon::prelude::*;
use std::f64::consts::{FRAC_PI_2, PI};
use std::ops::Range;

/// Triangles of a leaf, at most.
const LEAF: usize = 8;

/// What is known of a stretch of the surface.
#[derive(Debug, Clone, Copy)]
pub struct Node {
    low: Vector,
    high: Vector,
    /// How far around the box something may be felt, m.
    pad: f64,
    /// Middle of the normals.
    axis: Vector,
    /// Largest angle between it and a normal, radians.
    angle: f64,
}

impl Default for Node {
    /// Around nothing.
    fn default() -> Self {
        let far = Vector::repeat(f64::INFINITY);
        Self { low: far, high: -far, pad: 0.0, axis: Vector::zeros(), angle: 0.0 }
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
        if 1e-6 < length {
            node.axis = sum / length;
            let least = normals.map(|normal| normal.dot(&node.axis)).fold(1.0, f64::min);
            node.angle = least.clamp(-1.0, 1.0).acos();
        } else {
            (node.axis, node.angle) = (Vector::x(), PI);
        }
        node
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
            return Self { low, high, pad, axis: self.axis, angle: PI };
        }
        let axis = sum / length;
        let angle = (between(&axis, &self.axis) + self.angle).max(between(&axis, &other.axis) + other.angle).min(PI);
        Self { low, high, pad, axis, angle }
    }

    /// Whether something of one may feel something of the other.
    fn meets(&self, other: &Self) -> bool {
        let pad = self.pad.max(other.pad);
        let apart = |i: usize| other.high[i] + pad < self.low[i] || self.high[i] + pad < other.low[i];
        !(apart(0) || apart(1) || apart(2)) && FRAC_PI_2 < between(&self.axis, &other.axis) + self.angle + other.angle
    }

    /// Whether two normals in it may oppose.
    fn folds(&self) -> bool {
        FRAC_PI_2 < 2.0 * self.angle
    }

    /// Whether `place` is within `reach` of the box in every direction.
    pub fn is_near(&self, place: &Vector, reach: f64) -> bool {
        (0..3).all(|i| self.low[i] - reach <= place[i] && place[i] <= self.high[i] + reach)
    }

    /// How far around the box something may be felt, m.
    pub fn pad(&self) -> f64 {
        self.pad
    }
}

/// The tree: a full binary one, children of node n are 2 n and 2 n + 1, the root is 1.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    order: Vec<u32>,
    members: Vec<u32>,
    /// Where each leaf starts in `order` and `members`; one more at the end.
    starts: Vec<[u32; 2]>,
    nodes: Vec<Node>,
    stack: Vec<[u32; 2]>,
}

impl Tree {
    /// Over triangles with `corners` among `vertices` vertices; near in all six `keys`, near in the tree.
    pub fn new(keys: &[[f32; 6]], corners: &[[u32; 3]], vertices: usize) -> Self {
        let leaves = keys.len().div_ceil(LEAF).next_power_of_two();
        let mut order: Vec<u32> = (0..keys.len() as u32).collect();
        let mut starts = Vec::with_capacity(leaves + 1);
        split(keys, &mut order, 0, leaves, &mut starts);
        // Every vertex belongs to the leaf that has it first.
        let mut seen = vec![false; vertices];
        let mut members = Vec::with_capacity(vertices);
        let mut both: Vec<[u32; 2]> = Vec::with_capacity(leaves + 1);
        for (leaf, start) in starts.iter().enumerate() {
            both.push([*start, members.len() as u32]);
            let end = starts.get(leaf + 1).map_or(order.len(), |end| *end as usize);
            for v in order[*start as usize..end].iter().flat_map(|t| corners[*t as usize]) {
                if !std::mem::replace(&mut seen[v as usize], true) {
                    members.push(v);
                }
            }
        }
        both.push([order.len() as u32, members.len() as u32]);
        Self { order, members, starts: both, nodes: vec![Node::default(); 2 * leaves], stack: Vec::new() }
    }

    fn range(&self, leaf: usize, n: usize) -> Range<usize> {
        self.starts[leaf][n] as usize..self.starts[leaf + 1][n] as usize
    }

    /// Triangles of a leaf.
    pub fn triangles(&self, leaf: usize) -> &[u32] {
        &self.order[self.range(leaf, 0)]
    }

    /// Vertices of a leaf.
    pub fn vertices(&self, leaf: usize) -> &[u32] {
        &self.members[self.range(leaf, 1)]
    }

    /// The node of a leaf.
    pub fn leaf(&self, leaf: usize) -> &Node {
        &self.nodes[self.nodes.len() / 2 + leaf]
    }

    /// How far around it anything may be felt, m.
    pub fn leaves_pad(&self) -> f64 {
        self.nodes.get(1).map_or(0.0, Node::pad)
    }

    /// Fit all nodes to what `node` says of the triangles and vertices of each leaf.
    pub fn fit(&mut self, node: impl Fn(&[u32], &[u32]) -> Node + Sync) {
        let mut nodes = std::mem::take(&mut self.nodes);
        let leaves = nodes.len() / 2;
        let this = &*self;
        nodes[leaves..].par_iter_mut().enumerate().with_min_len(32).for_each(|(leaf, to)| {
            let triangles = this.triangles(leaf);
            *to = if triangles.is_empty() { Node::default() } else { node(triangles, this.vertices(leaf)) };
        });
        for n in (1..leaves).rev() {
            nodes[n] = nodes[2 * n].with(&nodes[2 * n + 1]);
        }
        self.nodes = nodes;
    }

    /// Append to `pairs` all pairs of leaves that may touch, each with itself where it may fold; in fixed order.
    pub fn meetings(&mut self, pairs: &mut Vec<[u32; 2]>) {
        let leaves = (self.nodes.len() / 2) as u32;
        if leaves == 0 {
            return;
        }
        self.stack.clear();
        self.stack.push([1, 1]);
        while let Some([a, b]) = self.stack.pop() {
            let (one, other) = (&self.nodes[a as usize], &self.nodes[b as usize]);
            if if a == b { one.is_empty() || !one.folds() } else { !one.meets(other) } {
                continue;
            }
            if leaves <= a {
                pairs.push([a - leaves, b - leaves]);
                continue;
            }
            self.stack.extend([[2 * a, 2 * b], [2 * a + 1, 2 * b + 1], [2 * a, 2 * b + 1]]);
            if a != b {
                self.stack.push([2 * a + 1, 2 * b]);
            }
        }
    }

    /// Call `visit` for every triangle whose leaf is within `reach` of `place`; in fixed order.
    pub fn around(&self, place: &Vector, reach: f64, mut visit: impl FnMut(u32)) {
        let leaves = self.nodes.len() / 2;
        let mut stack = [0_u32; 64];
        let mut len = usize::from(0 < leaves);
        stack[0] = 1;
        while 0 < len {
            len -= 1;
            let n = stack[len] as usize;
            if !self.nodes[n].is_near(place, reach) {
                continue;
            }
            if leaves <= n {
                self.triangles(n - leaves).iter().for_each(|t| visit(*t));
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
