//! The triangles of one contact and what contact must know of them at rest.

use super::clip::shared;
use crate::biomech::problem::{Problem, TissueError};
use crate::biomech::rigid::parts;
use crate::biomech::units::{m_from_mm, offset_mm};
use crate::geom::{Aabb, Point, Ray, Vector};
use crate::mesh::box_tree::BoxTree;
use crate::mesh::{Bvh, Surface};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Cosine of the angle between neighbours up to which they belong to one smooth part: 40°.
const SMOOTH_COSINE: f64 = 0.766;
/// Triangles face each other where the cosine between their normals is below this: more than 107°.
pub(super) const FACING: f64 = -0.3;
/// Share of the thickness of the thinner of two bodies that one may be inside the other; far sides begin at all of it.
const THICK: f64 = 0.6;
/// Depth that is seen as contact, in longest edges: what lies deeper behind a triangle is another part of its body.
const DEEP: f64 = 0.5;
/// Reach of a triangle, in its longest edges.
pub(super) const NEAR: f64 = 2.0;
/// The side of triangles that may touch all others.
const ANY: u8 = 0;

/// A boundary triangle that may touch others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facet {
    /// Corners, counter-clockwise seen from outside.
    pub corners: [u32; 3],
    side: u8,
    /// Number of its smooth part.
    pub part: u32,
    /// Height of the tetrahedra behind over Young's modulus: what the part yields to a pressure, m/Pa. The same for the
    /// whole part, so that a uniform overlap makes a uniform pressure.
    pub yields_m_pa: f64,
    /// How thick the body is behind it at rest, m.
    pub thick_m: f64,
    /// Longest edge, m.
    pub reach_m: f64,
}

/// Gap at rest over the size of a triangle down to which neighbours lie on each other like the sides of a cut; those of a
/// sharp ridge turn their backs to each other.
const BACK: f64 = -1e-6;

impl Facet {
    fn is_beside(&self, other: &Self) -> bool {
        self.corners.iter().any(|v| other.corners.contains(v))
    }
}

/// All triangles of one contact.
#[derive(Debug, Clone)]
pub struct Surfaces {
    pub(super) facets: Vec<Facet>,
    pub(super) friction: f64,
    /// Neighbours, the first the smaller, that meet at the end of a cut or in a notch.
    notches: BTreeSet<[u32; 2]>,
    /// Pairs, the first the smaller, with the tissue of their own body between them: both sides of a thin margin.
    backs: BTreeSet<[u32; 2]>,
    /// The connected part of the mesh that each vertex belongs to.
    pub(super) body_of: Vec<u32>,
}

impl Surfaces {
    /// The surfaces of load `number`: two sides, or the whole boundary against itself.
    ///
    /// # Errors
    /// [`TissueError::BadFriction`], [`TissueError::NoFace`].
    pub fn new(
        problem: &Problem,
        number: usize,
        sides: Option<&[Vec<[u32; 3]>; 2]>,
        friction: f64,
    ) -> Result<Self, TissueError> {
        if !(0.0 <= friction && friction.is_finite()) {
            return Err(TissueError::BadFriction { load: number, friction });
        }
        let mesh = problem.mesh;
        let (surface, owners) = mesh.boundary();
        let body_of = parts(mesh);
        let walls = walls(&surface, &body_of);
        let place = |v: u32| m_from_mm(&mesh.positions()[v as usize]);
        let young_pa = |tet: u32| {
            let region = mesh.regions()[tet as usize];
            let own = problem.materials.iter().rev().find(|(other, _)| *other == region);
            own.map_or(0.0, |(_, material)| material.young_pa)
        };
        let facet = |corners: &[u32; 3], tet: u32, side: u8| {
            let [a, b, c] = corners.map(place);
            let area = 0.5 * (b - a).cross(&(c - a)).norm();
            let volume_m3 = mesh.tet_mm3(tet as usize) * 1e-9;
            let height_m = 3.0 * volume_m3 / area.max(f64::MIN_POSITIVE);
            let reach_m = (b - a).norm().max((c - b).norm()).max((a - c).norm());
            let yields_m_pa = height_m / young_pa(tet).max(f64::MIN_POSITIVE);
            // From a little inside, along the inward normal, to where the body ends.
            let inward = -normal(&corners.map(place));
            let origin = Point::from(offset_mm(&((a + b + c) / 3.0 + inward * (1e-6 * reach_m))));
            let body = body_of[corners[0] as usize];
            let hit = walls[&body].first_hit(&Ray { origin, direction: inward });
            let thick_m = hit.map_or(f64::INFINITY, |hit| 1e-3 * hit.distance_mm);
            Facet { corners: *corners, side, part: 0, yields_m_pa, thick_m, reach_m }
        };
        let all = surface.triangles().iter().zip(&owners);
        let mut facets: Vec<Facet> = match sides {
            None => all.map(|(corners, tet)| facet(corners, *tet, ANY)).collect(),
            Some(sides) => {
                let sorted = |corners: &[u32; 3]| {
                    let mut key = *corners;
                    key.sort_unstable();
                    key
                };
                let known: BTreeMap<[u32; 3], (&[u32; 3], u32)> =
                    all.map(|(corners, tet)| (sorted(corners), (corners, *tet))).collect();
                let find = |triangle: &[u32; 3], side: u8| {
                    let found = known.get(&sorted(triangle));
                    let (corners, tet) = found.ok_or(TissueError::NoFace { load: number, triangle: *triangle })?;
                    Ok(facet(corners, *tet, side))
                };
                let [first, second] = sides;
                let both = first.iter().map(|triangle| find(triangle, 1));
                both.chain(second.iter().map(|triangle| find(triangle, 2))).collect::<Result<_, TissueError>>()?
            }
        };
        number_parts(&mut facets, place);
        even_out(&mut facets, place);
        let notches = notches(&facets, place);
        let backs = backs(&facets, &body_of, place);
        Ok(Self { facets, friction, notches, backs, body_of })
    }

    /// How deep one of the two may be behind the other and still be pushed out, m: not so deep that it could as well be
    /// the far side of a thin body.
    pub(super) fn depth_m(&self, own: usize, other: usize) -> f64 {
        let (a, b) = (&self.facets[own], &self.facets[other]);
        (THICK * a.thick_m.min(b.thick_m)).min(DEEP * a.reach_m.min(b.reach_m))
    }

    /// Whether contact of the two is looked for at all.
    pub(super) fn may_touch(&self, own: usize, other: usize) -> bool {
        let (a, b) = (&self.facets[own], &self.facets[other]);
        let apart = own != other && (a.side != b.side || a.side == ANY);
        let pair = [own.min(other) as u32, own.max(other) as u32];
        apart && !self.backs.contains(&pair) && (!a.is_beside(b) || self.notches.contains(&pair))
    }
}

/// Give all triangles of a smooth part, which ends at sharp edges, the same number.
fn number_parts(facets: &mut [Facet], place: impl Fn(u32) -> Vector) {
    let normals: Vec<Vector> = facets.iter().map(|facet| normal(&facet.corners.map(&place))).collect();
    let mut root: Vec<u32> = (0..facets.len() as u32).collect();
    let mut first_at: BTreeMap<([u32; 2], u8), u32> = BTreeMap::new();
    for (n, facet) in facets.iter().enumerate() {
        for (a, b) in [(0, 1), (1, 2), (2, 0)].map(|(a, b)| (facet.corners[a], facet.corners[b])) {
            let other = *first_at.entry(([a.min(b), a.max(b)], facet.side)).or_insert(n as u32);
            if SMOOTH_COSINE <= normals[n].dot(&normals[other as usize]) {
                let (one, two) = (find(&mut root, n as u32), find(&mut root, other));
                root[one.max(two) as usize] = one.min(two);
            }
        }
    }
    for (n, facet) in facets.iter_mut().enumerate() {
        facet.part = find(&mut root, n as u32);
    }
}

/// The search tree of the surface of each connected part of the mesh, by what `body_of` calls it.
fn walls(surface: &Surface, body_of: &[u32]) -> BTreeMap<u32, Bvh> {
    let mut triangles: BTreeMap<u32, Vec<[u32; 3]>> = BTreeMap::new();
    for triangle in surface.triangles() {
        triangles.entry(body_of[triangle[0] as usize]).or_default().push(*triangle);
    }
    let tree = |(body, own): (u32, Vec<[u32; 3]>)| (body, Bvh::new(&surface.with_triangles(&own)));
    triangles.into_iter().map(tree).collect()
}

/// The root of `n`, with the way to it shortened.
fn find(root: &mut [u32], mut n: u32) -> u32 {
    while root[n as usize] != n {
        root[n as usize] = root[root[n as usize] as usize];
        n = root[n as usize];
    }
    n
}

/// Give all triangles of a part the mean stiffness of the part, by area.
fn even_out(facets: &mut [Facet], place: impl Fn(u32) -> Vector) {
    let mut sums: BTreeMap<u32, [f64; 2]> = BTreeMap::new();
    for facet in facets.iter() {
        let [a, b, c] = facet.corners.map(&place);
        let area = (b - a).cross(&(c - a)).norm();
        let sum = sums.entry(facet.part).or_default();
        sum[0] += area;
        sum[1] += area / facet.yields_m_pa;
    }
    for facet in facets {
        let [area, stiffness] = sums[&facet.part];
        facet.yields_m_pa = if 0.0 < stiffness { area / stiffness } else { facet.yields_m_pa };
    }
}

/// Pairs of triangles that share a vertex and face each other at rest.
fn notches(facets: &[Facet], place: impl Fn(u32) -> Vector) -> BTreeSet<[u32; 2]> {
    let mut around: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (n, facet) in facets.iter().enumerate() {
        facet.corners.iter().for_each(|v| around.entry(*v).or_default().push(n as u32));
    }
    let corners: Vec<[Vector; 3]> = facets.iter().map(|facet| facet.corners.map(&place)).collect();
    let normals: Vec<Vector> = corners.iter().map(normal).collect();
    let meet = |[one, two]: [u32; 2]| {
        let (a, b) = (one as usize, two as usize);
        let gap = |own: usize, other: usize| Some(shared(&corners[own], &normals[own], &corners[other])?.mean_gap_m());
        one < two
            && normals[a].dot(&normals[b]) < FACING
            && gap(a, b).or_else(|| gap(b, a)).is_some_and(|gap| BACK * facets[a].reach_m <= gap)
    };
    let pairs = around.values().flat_map(|all| all.iter().flat_map(|a| all.iter().map(|b| [*a, *b])));
    pairs.filter(|pair| meet(*pair)).collect()
}

/// Pairs of triangles of one body that are near, face away from each other at rest and lie behind each other: what is
/// between them is their own tissue, however thin, and no gap that may close. Sides of a cut do not lie behind each
/// other, but on each other.
fn backs(facets: &[Facet], body_of: &[u32], place: impl Fn(u32) -> Vector) -> BTreeSet<[u32; 2]> {
    let corners: Vec<[Vector; 3]> = facets.iter().map(|facet| facet.corners.map(&place)).collect();
    let normals: Vec<Vector> = corners.iter().map(normal).collect();
    let middle: Vec<Vector> = corners.iter().map(|corners| corners.iter().sum::<Vector>() / 3.0).collect();
    let boxes: Vec<Aabb> = corners.iter().map(|corners| Aabb::of(&corners.map(Point::from))).collect();
    let tree = BoxTree::new(&boxes);
    let is_behind = |a: usize, b: usize| (middle[b] - middle[a]).dot(&normals[a]) < BACK * facets[a].reach_m;
    let of = |a: usize| {
        let reach = Vector::repeat(NEAR * facets[a].reach_m);
        let mut near = Vec::new();
        tree.meeting(&Aabb { min: boxes[a].min - reach, max: boxes[a].max + reach }, |b| near.push(b as usize));
        near.retain(|b| {
            let same = body_of[facets[a].corners[0] as usize] == body_of[facets[*b].corners[0] as usize];
            let faces = a != *b && same && normals[a].dot(&normals[*b]) < FACING;
            let inside = |own: usize, other: usize| {
                let shared = shared(&corners[own], &normals[own], &corners[other]);
                shared.is_some_and(|shared| shared.mean_gap_m() < BACK * facets[own].reach_m)
            };
            faces && (is_behind(a, *b) && is_behind(*b, a) || inside(a, *b) || inside(*b, a))
        });
        near.into_iter().map(move |b| [a.min(b) as u32, a.max(b) as u32])
    };
    let pairs: Vec<[u32; 2]> = (0..facets.len()).into_par_iter().with_min_len(64).flat_map_iter(of).collect();
    pairs.into_iter().collect()
}

/// The outward unit normal of a triangle; zero where it has none.
pub(super) fn normal(corners: &[Vector; 3]) -> Vector {
    (corners[1] - corners[0]).cross(&(corners[2] - corners[0])).try_normalize(0.0).unwrap_or_default()
}
