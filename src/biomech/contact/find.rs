//! Which triangles face each other, and the nodes of contact that come of it.

use super::clip::{Shared, shared};
use super::nodes::{Key, Node, Place, Term};
use super::surfaces::{FACING, Facet, NEAR, Surfaces, normal};
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::box_tree::BoxTree;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Stiffness of contact over that of the two triangles of elements that meet: what is learnt of the pressure does the
/// rest. Half of it for the nodes of each side.
const STIFFER: f64 = 20.0;

/// What one triangle shares with one other.
struct Piece {
    own: usize,
    other: usize,
    normal: Vector,
    shared: Shared,
}

/// All nodes of contact `number` with vertices at `place`, m, in the order of their keys; nothing is pressed yet.
pub(super) fn nodes(surfaces: &Surfaces, number: u32, place: impl Fn(u32) -> Vector + Sync) -> Vec<Node> {
    let facets = &surfaces.facets;
    let corners: Vec<[Vector; 3]> = facets.par_iter().map(|facet| facet.corners.map(&place)).collect();
    let normals: Vec<Vector> = corners.par_iter().map(normal).collect();
    let boxes: Vec<Aabb> = corners.par_iter().map(|x| Aabb::of(&x.map(Point::from))).collect();
    let tree = BoxTree::new(&boxes);
    let pieces_of = |own: usize| {
        let facet = &facets[own];
        let reach = Vector::repeat(NEAR * facet.reach_m);
        let around = Aabb { min: boxes[own].min - reach, max: boxes[own].max + reach };
        let mut near = Vec::new();
        tree.meeting(&around, |other| near.push(other as usize));
        near.sort_unstable();
        let piece = |other: usize| {
            if !surfaces.may_touch(own, other) || FACING <= normals[own].dot(&normals[other]) {
                return None;
            }
            let shared = shared(&corners[own], &normals[own], &corners[other])?;
            let gap = shared.mean_gap_m();
            (-surfaces.depth_m(own, other) <= gap && gap <= 0.5 * facet.reach_m).then_some(Piece {
                own,
                other,
                normal: normals[own],
                shared,
            })
        };
        near.into_iter().filter_map(piece).collect::<Vec<Piece>>()
    };
    let pieces: Vec<Piece> = (0..facets.len()).into_par_iter().with_min_len(64).flat_map_iter(pieces_of).collect();
    let mut sums: BTreeMap<Key, Node> = BTreeMap::new();
    for piece in &pieces {
        add(piece, facets, surfaces.friction, number, &mut sums);
    }
    let whole = sums.into_values().filter_map(|mut node| {
        node.stiffness_pa_m /= node.area_m2;
        node.gap_m /= node.area_m2;
        node.reach_m /= node.area_m2;
        node.normal = node.normal.try_normalize(0.0)?;
        Some(node)
    });
    whole.collect()
}

/// Add the integrals of a piece to the nodes of its three corners.
fn add(piece: &Piece, facets: &[Facet], friction: f64, number: u32, sums: &mut BTreeMap<Key, Node>) {
    let (own, other) = (&facets[piece.own], &facets[piece.other]);
    let stiffness_pa_m = 0.5 * STIFFER / (own.yields_m_pa + other.yields_m_pa);
    for a in 0..3 {
        let place = Place::Vertex { vertex: own.corners[a], part: own.part };
        let key = Key { contact: number, place, other: other.part };
        let node = sums.entry(key).or_insert_with(|| Node::new(key, friction));
        let area = piece.shared.area_m2[a];
        node.area_m2 += area;
        node.gap_m += piece.shared.gap_m3[a];
        node.stiffness_pa_m += stiffness_pa_m * area;
        node.reach_m += own.reach_m * area;
        node.normal += piece.normal * area;
        for b in 0..3 {
            let (near, far) = (piece.shared.own_m2[(a, b)], -piece.shared.other_m2[(a, b)]);
            for (vertex, share) in [(own.corners[b], near), (other.corners[b], far)] {
                Term::add(&mut node.terms, vertex, share, &(piece.normal * share));
            }
        }
    }
}
