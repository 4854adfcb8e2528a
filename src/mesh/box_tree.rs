//! A tree of boxes over anything that has a box: the search structure of rays, nearest points and containment.

use crate::geom::{Aabb, Point, Ray};
use rayon::prelude::*;

/// Items in a leaf.
const LEAF: usize = 4;

/// A balanced tree over boxes, split at the median of the longest axis. The same tree on any number of threads.
///
/// A subtree over L leaves has 2 L − 1 nodes in depth-first order, so places of children and items follow from counting
/// and need no pointers.
#[derive(Debug, Clone)]
pub struct BoxTree {
    /// Items in leaf order.
    order: Vec<u32>,
    nodes: Vec<Aabb>,
}

/// A node to visit: where it is, its first item, and how many items it has.
type Visit = (usize, usize, usize);

impl BoxTree {
    /// A tree over `boxes`; item `n` has box `n`.
    pub fn new(boxes: &[Aabb]) -> Self {
        let mut order: Vec<u32> = (0..boxes.len() as u32).collect();
        let mut nodes = vec![Aabb::EMPTY; (2 * boxes.len().div_ceil(LEAF)).saturating_sub(1)];
        if !boxes.is_empty() {
            let centres: Vec<Point> = boxes.par_iter().map(Aabb::centre).collect();
            build(boxes, &centres, &mut order, &mut nodes);
        }
        Self { order, nodes }
    }

    /// The item nearest to `ray.origin` along the ray: `meet` tells where the ray meets an item, in ray directions.
    ///
    /// Equally near items: the one with the smallest number.
    pub fn nearest_along(&self, ray: &Ray, mut meet: impl FnMut(u32) -> Option<f64>) -> Option<(u32, f64)> {
        let inverse = ray.direction.map(|x| 1.0 / x);
        let mut best: Option<(u32, f64)> = None;
        let mut stack = self.root();
        while let Some(visit) = stack.pop() {
            let Some(entry) = enters(&self.nodes[visit.0], ray, &inverse) else { continue };
            if best.is_some_and(|(_, t)| t < entry) {
                continue;
            }
            match self.children(visit) {
                Some([left, right]) => {
                    let near = |child: &Visit| enters(&self.nodes[child.0], ray, &inverse).unwrap_or(f64::INFINITY);
                    let swap = near(&left) <= near(&right);
                    stack.extend(if swap { [right, left] } else { [left, right] });
                }
                None => {
                    for item in self.items(visit) {
                        if let Some(t) = meet(*item)
                            && best.is_none_or(|(other, best_t)| t < best_t || t == best_t && *item < other)
                        {
                            best = Some((*item, t));
                        }
                    }
                }
            }
        }
        best
    }

    /// Call `visit` for every item whose box the ray meets.
    pub fn along(&self, ray: &Ray, mut visit: impl FnMut(u32)) {
        let inverse = ray.direction.map(|x| 1.0 / x);
        let mut stack = self.root();
        while let Some(node) = stack.pop() {
            if enters(&self.nodes[node.0], ray, &inverse).is_none() {
                continue;
            }
            match self.children(node) {
                Some(children) => stack.extend(children),
                None => self.items(node).iter().for_each(|item| visit(*item)),
            }
        }
    }

    /// The item nearest to `point`: `distance_squared` measures to an item, which must lie in its box.
    ///
    /// Equally near items: the one with the smallest number. `None` for an empty tree.
    pub fn nearest(&self, point: &Point, distance_squared: impl FnMut(u32) -> f64) -> Option<(u32, f64)> {
        self.nearest_from(point, None, distance_squared)
    }

    /// As [`BoxTree::nearest`], for those who know an item that is near: it tells early where not to look.
    pub fn nearest_from(
        &self,
        point: &Point,
        hint: Option<u32>,
        mut distance_squared: impl FnMut(u32) -> f64,
    ) -> Option<(u32, f64)> {
        let mut best: Option<(u32, f64)> = hint.map(|item| (item, distance_squared(item)));
        let mut stack = self.root();
        while let Some(visit) = stack.pop() {
            if best.is_some_and(|(_, d)| d < apart_squared(&self.nodes[visit.0], point)) {
                continue;
            }
            match self.children(visit) {
                Some([left, right]) => {
                    let near = |child: &Visit| apart_squared(&self.nodes[child.0], point);
                    let swap = near(&left) <= near(&right);
                    stack.extend(if swap { [right, left] } else { [left, right] });
                }
                None => {
                    for item in self.items(visit) {
                        let d = distance_squared(*item);
                        if best.is_none_or(|(other, best_d)| d < best_d || d == best_d && *item < other) {
                            best = Some((*item, d));
                        }
                    }
                }
            }
        }
        best
    }

    /// Call `visit` for every item whose box holds `point`, until it answers true.
    pub fn holding(&self, point: &Point, mut visit: impl FnMut(u32) -> bool) {
        let mut stack = self.root();
        while let Some(node) = stack.pop() {
            if !self.nodes[node.0].contains(point) {
                continue;
            }
            match self.children(node) {
                Some(children) => stack.extend(children),
                None => {
                    if self.items(node).iter().any(|item| visit(*item)) {
                        return;
                    }
                }
            }
        }
    }

    /// Walk down from the root: `open` gets the number of a node, its items and whether it is a leaf, and tells whether to go
    /// on to the two below it.
    pub fn descend(&self, mut open: impl FnMut(usize, &[u32], bool) -> bool) {
        let mut stack = self.root();
        while let Some(visit) = stack.pop() {
            let children = self.children(visit);
            if open(visit.0, self.items(visit), children.is_none()) {
                stack.extend(children.into_iter().flatten().rev());
            }
        }
    }

    /// The number of nodes.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Call `visit` for every item whose box meets `around`.
    pub fn meeting(&self, around: &Aabb, mut visit: impl FnMut(u32)) {
        let mut stack = self.root();
        while let Some(node) = stack.pop() {
            let own = &self.nodes[node.0];
            if (0..3).any(|a| own.max[a] < around.min[a] || around.max[a] < own.min[a]) {
                continue;
            }
            match self.children(node) {
                Some(children) => stack.extend(children),
                None => self.items(node).iter().for_each(|item| visit(*item)),
            }
        }
    }

    fn root(&self) -> Vec<Visit> {
        let mut stack = Vec::with_capacity(64);
        stack.extend((!self.nodes.is_empty()).then_some((0, 0, self.order.len())));
        stack
    }

    fn children(&self, (node, first, count): Visit) -> Option<[Visit; 2]> {
        let left = left_items(count)?;
        Some([(node + 1, first, left), (node + 2 * left.div_ceil(LEAF), first + left, count - left)])
    }

    fn items(&self, (_, first, count): Visit) -> &[u32] {
        &self.order[first..first + count]
    }
}

/// Items of the left child of a node over `count` items; `None` for a leaf.
fn left_items(count: usize) -> Option<usize> {
    (LEAF < count).then(|| count.div_ceil(LEAF) / 2 * LEAF)
}

fn build(boxes: &[Aabb], centres: &[Point], order: &mut [u32], nodes: &mut [Aabb]) {
    let (node, below) = nodes.split_first_mut().expect("a subtree has at least one node");
    let Some(left) = left_items(order.len()) else {
        *node = order.iter().fold(Aabb::EMPTY, |all, item| union(&all, &boxes[*item as usize]));
        return;
    };
    let size = Aabb::of(order.iter().map(|item| &centres[*item as usize])).size();
    let axis = size.imax();
    order.select_nth_unstable_by(left, |a, b| {
        centres[*a as usize][axis].total_cmp(&centres[*b as usize][axis]).then(a.cmp(b))
    });
    let (left_order, right_order) = order.split_at_mut(left);
    let (left_nodes, right_nodes) = below.split_at_mut(2 * left.div_ceil(LEAF) - 1);
    if left < 2048 {
        build(boxes, centres, left_order, left_nodes);
        build(boxes, centres, right_order, right_nodes);
    } else {
        rayon::join(
            || build(boxes, centres, left_order, left_nodes),
            || build(boxes, centres, right_order, right_nodes),
        );
    }
    *node = union(&left_nodes[0], &right_nodes[0]);
}

fn union(a: &Aabb, b: &Aabb) -> Aabb {
    Aabb { min: a.min.inf(&b.min), max: a.max.sup(&b.max) }
}

/// Where the ray enters the box (0 if it starts inside), or `None` if it misses it.
#[inline]
fn enters(around: &Aabb, ray: &Ray, inverse: &crate::geom::Vector) -> Option<f64> {
    let (mut from, mut to) = (0.0_f64, f64::INFINITY);
    for axis in 0..3 {
        let a = (around.min[axis] - ray.origin[axis]) * inverse[axis];
        let b = (around.max[axis] - ray.origin[axis]) * inverse[axis];
        let (near, far) = if inverse[axis] < 0.0 { (b, a) } else { (a, b) };
        // 0 · ∞ is not a number where the ray runs in a face; max and min then keep what they had.
        from = from.max(near);
        to = to.min(far);
    }
    // A few rounding errors of slack, so that flat boxes are not missed.
    (from <= to * (1.0 + 1e-15) + 1e-300).then_some(from)
}

/// Squared distance from the point to the box, 0 inside.
#[inline]
fn apart_squared(around: &Aabb, point: &Point) -> f64 {
    (around.min - point).sup(&(point - around.max)).sup(&crate::geom::Vector::zeros()).norm_squared()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    #[test]
    fn searches_agree_with_looking_at_every_box() {
        let mut rng = Rng::new(6);
        for count in [0, 1, 4, 5, 9, 300] {
            let point =
                |rng: &mut Rng| Point::new(rng.between(-9.0, 9.0), rng.between(-9.0, 9.0), rng.between(-9.0, 9.0));
            let boxes: Vec<Aabb> = (0..count)
                .map(|_| {
                    let corner = point(&mut rng);
                    Aabb { min: corner, max: corner + crate::geom::Vector::new(rng.unit(), rng.unit(), rng.unit()) }
                })
                .collect();
            let tree = BoxTree::new(&boxes);
            for _ in 0..50 {
                let place = point(&mut rng);
                let distance = |item: u32| apart_squared(&boxes[item as usize], &place);
                let all = (0..count as u32).map(|n| (distance(n), n)).min_by(|a, b| a.partial_cmp(b).unwrap());
                assert_eq!(tree.nearest(&place, distance).map(|(n, d)| (d, n)), all);
                let ray = Ray { origin: place, direction: point(&mut rng).coords };
                let inverse = ray.direction.map(|x| 1.0 / x);
                let meet = |item: u32| enters(&boxes[item as usize], &ray, &inverse);
                let all =
                    (0..count as u32).filter_map(|n| Some((meet(n)?, n))).min_by(|a, b| a.partial_cmp(b).unwrap());
                assert_eq!(tree.nearest_along(&ray, meet).map(|(n, t)| (t, n)), all);
            }
            let mut seen = vec![0; count];
            for (n, around) in boxes.iter().enumerate() {
                tree.holding(&around.centre(), |item| {
                    seen[n] += usize::from(item as usize == n);
                    false
                });
            }
            assert!(seen.iter().all(|times| *times == 1));
        }
    }
}
