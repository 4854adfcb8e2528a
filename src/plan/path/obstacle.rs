//! A structure that distances are measured to: a surface, a map of distances, or vessels as lines with radii.

use super::PathError;
use super::segment::{lowest, segment_to_triangle};
use crate::base::Progress;
use crate::geom::{Aabb, Point, Vector};
use crate::image::Volume;
use crate::image::filter::signed_distance;
use crate::mesh::box_tree::BoxTree;
use crate::mesh::winding::Winding;
use crate::mesh::{Bvh, CentreLines, Surface};

/// How near to the lowest value the search for a depth inside a structure comes.
const WITHIN_MM: f64 = 0.01;

/// A structure of the patient as distances see it.
#[derive(Debug, Clone)]
pub struct Obstacle {
    shape: Shape,
    edge_mm: f64,
}

#[derive(Debug, Clone)]
enum Shape {
    Surface { search: Bvh, inside: Box<Inside>, tree: BoxTree, balls: Vec<(Point, f64)> },
    Map(Volume<f32>),
    Lines { pieces: Vec<Piece>, tree: BoxTree },
}

/// Which places lie inside a surface.
#[derive(Debug, Clone)]
struct Inside {
    bounds: Aabb,
    winding: Winding,
}

impl Inside {
    /// From outside its box a surface is seen within half a turn, so it cannot wind around the place: most places are told so.
    fn holds(&self, point: &Point) -> bool {
        self.bounds.contains(point) && self.winding.is_inside(point)
    }
}

/// The nearest approach of a segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest {
    /// How far along the segment, from its start.
    pub depth_mm: f64,
    /// Distance from the segment to the structure, negative inside it: then the depth of the deepest place.
    pub distance_mm: f64,
}

impl Obstacle {
    /// A closed surface, whose place is known to `edge_mm`.
    ///
    /// # Errors
    /// [`PathError::NoStructure`] for a surface without triangles.
    pub fn of_surface(surface: &Surface, edge_mm: f64) -> Result<Self, PathError> {
        if surface.triangles().is_empty() {
            return Err(PathError::NoStructure);
        }
        let boxes: Vec<Aabb> = surface.triangles().iter().map(|t| Aabb::of(surface.corners(*t))).collect();
        let tree = BoxTree::new(&boxes);
        let mut balls = vec![(Point::origin(), 0.0); tree.nodes()];
        tree.descend(|node, items, leaf| {
            let around = Aabb::of(items.iter().flat_map(|t| [&boxes[*t as usize].min, &boxes[*t as usize].max]));
            balls[node] = (around.centre(), 0.5 * around.size().norm());
            !leaf
        });
        let inside = Box::new(Inside { bounds: Aabb::of(surface.positions()), winding: Winding::new(surface) });
        let shape = Shape::Surface { search: Bvh::new(surface), inside, tree, balls };
        Ok(Self { shape, edge_mm })
    }

    /// The voxels of `mask` as boxes; their edge is known to half the diagonal of a voxel.
    ///
    /// # Errors
    /// [`PathError::NoStructure`] for an empty mask, [`PathError::Cancelled`].
    pub fn of_mask(mask: &Volume<u8>, progress: &Progress) -> Result<Self, PathError> {
        Self::of_map(signed_distance(mask, progress)?)
    }

    /// A map of signed distances in mm, negative inside, one per voxel centre; the edge is known to half the diagonal of a voxel.
    ///
    /// # Errors
    /// [`PathError::NoStructure`] for a map without any finite distance.
    pub fn of_map(map: Volume<f32>) -> Result<Self, PathError> {
        // Either every distance is finite or none is: see `signed_distance`.
        if map.voxels().first().is_none_or(|mm| !mm.is_finite()) {
            return Err(PathError::NoStructure);
        }
        let edge_mm = half_diagonal_mm(&map);
        Ok(Self { shape: Shape::Map(map), edge_mm })
    }

    /// Vessels: everything within the radius of their lines, between the points as cones with round ends.
    ///
    /// # Errors
    /// [`PathError::NoStructure`] for lines without a branch.
    pub fn of_lines(lines: &CentreLines, edge_mm: f64) -> Result<Self, PathError> {
        let of_branch = |branch: &crate::mesh::CentreBranch| {
            let ends = branch.points.windows(2).zip(branch.radii_mm.windows(2));
            ends.map(|(p, r)| Piece { ends: [p[0], p[1]], radii_mm: [r[0], r[1]] }).collect::<Vec<_>>()
        };
        let pieces: Vec<Piece> = lines.branches().iter().flat_map(of_branch).collect();
        if pieces.is_empty() {
            return Err(PathError::NoStructure);
        }
        let boxes: Vec<Aabb> = pieces.iter().map(Piece::bounds).collect();
        let tree = BoxTree::new(&boxes);
        Ok(Self { shape: Shape::Lines { pieces, tree }, edge_mm })
    }

    /// About how many bytes it takes in memory.
    pub fn bytes(&self) -> usize {
        match &self.shape {
            // Twice the triangles with a tree of boxes each, their winding and the balls of nodes.
            Shape::Surface { search, .. } => 300 * search.surface().triangles().len(),
            Shape::Map(map) => 4 * map.voxels().len(),
            Shape::Lines { pieces, .. } => 160 * pieces.len(),
        }
    }

    /// How far its edge may be from where it is drawn.
    pub fn edge_mm(&self) -> f64 {
        self.edge_mm
    }

    /// Distance of a place in mm, negative inside.
    ///
    /// Beyond the grid of a map it is the least that it can be: the structure lies within the grid.
    pub fn signed_mm(&self, point: &Point) -> f64 {
        match &self.shape {
            Shape::Surface { search, inside, .. } => {
                let mm = search.closest(point).map_or(f64::INFINITY, |nearest| nearest.distance_mm);
                if inside.holds(point) { -mm } else { mm }
            }
            Shape::Map(map) => of_map(map, point),
            Shape::Lines { pieces, tree } => {
                let piece = |n: u32| &pieces[n as usize];
                let outside = tree.nearest(point, |n| piece(n).signed_mm(point).max(0.0).powi(2));
                let mm = outside.map_or(f64::INFINITY, |(_, squared)| squared.sqrt());
                if 0.0 < mm {
                    return mm;
                }
                let mut deepest = 0.0_f64;
                tree.holding(point, |n| {
                    deepest = deepest.min(piece(n).signed_mm(point));
                    false
                });
                deepest
            }
        }
    }

    /// The direction away from the structure at a place; zero where there is none.
    pub fn away(&self, point: &Point) -> Vector {
        let h = 0.25 * self.edge_mm.clamp(0.05, 2.0);
        let slope = |axis: Vector| self.signed_mm(&(point + axis * h)) - self.signed_mm(&(point - axis * h));
        let slope = Vector::new(slope(Vector::x()), slope(Vector::y()), slope(Vector::z()));
        slope.try_normalize(1e-9).unwrap_or_default()
    }

    /// How much distances differ at most between two places 1 mm apart.
    fn slope(&self) -> f64 {
        // Between voxel centres each coordinate counts by itself.
        if matches!(self.shape, Shape::Map(_)) { 3.0_f64.sqrt() } else { 1.0 }
    }

    /// Where the segment from `a` to `b` comes nearest.
    ///
    /// Outside of a surface exact: between the segment and every triangle that can be nearest. Otherwise the lowest of the
    /// signed distances along the segment, to 0.01 mm.
    pub fn nearest(&self, a: &Point, b: &Point) -> Nearest {
        let length_mm = (b - a).norm();
        let at = |depth: f64| if length_mm < 1e-12 { *a } else { a + (b - a) * (depth / length_mm) };
        if let Shape::Surface { search, inside, tree, balls } = &self.shape {
            let mut best = Nearest { depth_mm: 0.0, distance_mm: f64::INFINITY };
            for depth_mm in [0.0, 0.25, 0.5, 0.75, 1.0].map(|part| part * length_mm) {
                let distance_mm = search.closest(&at(depth_mm)).map_or(f64::INFINITY, |p| p.distance_mm);
                if distance_mm < best.distance_mm {
                    best = Nearest { depth_mm, distance_mm };
                }
            }
            let surface = search.surface();
            tree.descend(|node, items, leaf| {
                let (centre, radius) = balls[node];
                let part = super::segment::nearest_part(&centre, a, b);
                let least = (at(part * length_mm) - centre).norm() - radius;
                if best.distance_mm <= least {
                    return false;
                }
                if leaf {
                    for item in items {
                        let corners = surface.corners(surface.triangles()[*item as usize]);
                        let (part, _, distance_mm) = segment_to_triangle([a, b], corners);
                        if distance_mm < best.distance_mm {
                            best = Nearest { depth_mm: part * length_mm, distance_mm };
                        }
                    }
                }
                !leaf
            });
            if 0.0 < best.distance_mm && !inside.holds(a) {
                return best;
            }
        }
        let (depth_mm, distance_mm) = lowest(length_mm, self.slope(), WITHIN_MM, |depth| self.signed_mm(&at(depth)));
        Nearest { depth_mm, distance_mm }
    }

    /// The least distance along a segment from `a`, quickly: to within the uncertainty of the edge.
    ///
    /// Goes along in steps as long as the distance allows (sphere tracing, Hart 1996). It ends where the distance is at most
    /// `limit_mm`, and does not tell distances beyond `far_mm` apart: those it gives are seen, but need not be the least.
    pub fn least_along(&self, a: &Point, along: &Vector, length_mm: f64, limit_mm: f64, far_mm: f64) -> f64 {
        let step_mm = self.edge_mm.max(0.1);
        let (mut depth, mut least) = (0.0, f64::INFINITY);
        loop {
            let mm = self.signed_mm(&(a + along * depth));
            least = least.min(mm);
            if least <= limit_mm || length_mm <= depth {
                return least;
            }
            // Nothing nearer than what was seen can lie within the difference.
            depth = (depth + (mm - least.min(far_mm)).max(step_mm)).min(length_mm);
        }
    }
}

/// Half the diagonal of a voxel: no place of a voxel is further from its centre.
pub fn half_diagonal_mm<T>(volume: &Volume<T>) -> f64 {
    0.5 * volume.grid().spacing_mm().iter().map(|mm| mm * mm).sum::<f64>().sqrt()
}

fn of_map(map: &Volume<f32>, point: &Point) -> f64 {
    let grid = map.grid();
    let index = grid.index_from_patient(*point);
    if let Some(mm) = map.sample_index(index) {
        return mm;
    }
    let dims = grid.dims();
    let inside = Vector::from([0, 1, 2].map(|axis| index[axis].clamp(0.0, (dims[axis] - 1) as f64)));
    let beyond = (point - grid.patient_from_index(inside)).norm();
    // The grid is convex: what is in it is at least this far from what is beyond (obtuse triangle).
    beyond.hypot(map.sample_index(inside).unwrap_or(0.0).max(0.0))
}

/// A stretch of a vessel: the hull of two balls.
#[derive(Debug, Clone, Copy)]
struct Piece {
    ends: [Point; 2],
    radii_mm: [f64; 2],
}

impl Piece {
    fn bounds(&self) -> Aabb {
        let around = |n: usize| [-1.0, 1.0].map(|side| self.ends[n] + Vector::repeat(side * self.radii_mm[n]));
        Aabb::of([around(0), around(1)].iter().flatten())
    }

    /// Distance to the hull of two balls, negative inside: in the plane through the axis the hull's side is a straight line
    /// that touches both circles.
    fn signed_mm(&self, point: &Point) -> f64 {
        let [a, b] = self.ends;
        let [ra, rb] = self.radii_mm;
        let axis = b - a;
        let (length, narrows) = (axis.norm(), ra - rb);
        if length <= narrows.abs() + 1e-12 {
            // One ball holds the other.
            return ((point - a).norm() - ra).min((point - b).norm() - rb);
        }
        let along = (point - a).dot(&axis) / length;
        let off = ((point - a) - axis * (along / length)).norm();
        // The normal of the side: (sin, cos) in (along, off).
        let sin = narrows / length;
        let cos = (1.0 - sin * sin).sqrt();
        // Where the normal through the point leaves the axis.
        let foot = along - off * sin / cos;
        if foot <= 0.0 {
            (point - a).norm() - ra
        } else if length <= foot {
            (point - b).norm() - rb
        } else {
            along * sin + off * cos - ra
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::Grid;
    use crate::mesh::CentreBranch;
    use crate::mesh::shapes::ball;

    fn mask(radius_mm: f64, spacing_mm: f64) -> Volume<u8> {
        let n = ((2.0 * radius_mm + 6.0) / spacing_mm).ceil() as usize;
        let first = -0.5 * spacing_mm * n as f64 + 0.21;
        let grid = Grid::aligned([n; 3], Point::new(first, first, first), [spacing_mm; 3]).unwrap();
        let voxels = (0..grid.len()).map(|o| u8::from(grid.centre(grid.voxel(o)).coords.norm() < radius_mm)).collect();
        Volume::new(grid, voxels).unwrap()
    }

    #[test]
    fn segments_past_a_ball_are_as_far_as_geometry_says() {
        let surface = Obstacle::of_surface(&ball(15.0, 0.7), 0.0).unwrap();
        let map = Obstacle::of_mask(&mask(15.0, 1.0), &Progress::default()).unwrap();
        let mut rng = Rng::new(5);
        for _ in 0..60 {
            let mut point = || Point::new(rng.between(-40.0, 40.0), rng.between(-40.0, 40.0), rng.between(-40.0, 40.0));
            let (a, b) = (point(), point());
            let part = super::super::segment::nearest_part(&Point::origin(), &a, &b);
            let exact = (a + (b - a) * part).coords.norm() - 15.0;
            let [on_surface, on_map] = [&surface, &map].map(|o| o.nearest(&a, &b).distance_mm);
            assert!((on_surface - exact).abs() < 0.05, "{on_surface} against {exact}");
            if on_surface > -14.0 && exact < 3.0 {
                assert!((on_map - exact).abs() <= map.edge_mm(), "{on_map} against {exact}");
            }
            // Beyond the grid never more than it is.
            assert!(map.signed_mm(&a) <= a.coords.norm() - 15.0 + map.edge_mm());
            let least = map.least_along(&a, &(b - a).normalize(), (b - a).norm(), -99.0, 8.0);
            assert!((least.min(8.0) - on_map.min(8.0)).abs() < map.edge_mm(), "{least} against {on_map}");
        }
    }

    #[test]
    fn a_segment_beside_a_plane_of_many_equal_distances_is_found_at_once() {
        let cube = crate::mesh::shapes::cuboid([50.0, 50.0, 10.0]);
        let body = Obstacle::of_surface(&cube, 0.0).unwrap();
        let near = body.nearest(&Point::new(5.0, 5.0, 13.0), &Point::new(45.0, 44.0, 13.0));
        assert!((near.distance_mm - 3.0).abs() < 1e-12);
        let through = body.nearest(&Point::new(25.0, 25.0, 30.0), &Point::new(25.0, 25.0, -20.0));
        assert!((through.distance_mm + 5.0).abs() < 0.02 && (through.depth_mm - 25.0).abs() < 0.1);
        let within = body.nearest(&Point::new(25.0, 25.0, 4.0), &Point::new(26.0, 25.0, 4.0));
        assert!((within.distance_mm + 4.0).abs() < 0.02);
    }

    #[test]
    fn a_tapered_vessel_is_the_union_of_its_balls() {
        let piece = Piece { ends: [Point::origin(), Point::new(0.0, 0.0, 12.0)], radii_mm: [4.0, 1.0] };
        let mut rng = Rng::new(6);
        for _ in 0..400 {
            let p = Point::new(rng.between(-8.0, 8.0), rng.between(-8.0, 8.0), rng.between(-8.0, 20.0));
            let balls = (0..=4000).map(|n| f64::from(n) / 4000.0);
            let union = balls.map(|t| (p - Point::new(0.0, 0.0, 12.0 * t)).norm() - (4.0 - 3.0 * t));
            let union = union.fold(f64::INFINITY, f64::min);
            assert!((piece.signed_mm(&p) - union).abs() < 1e-4, "{p}: {} against {union}", piece.signed_mm(&p));
        }
        let line = |z: f64| Point::new(0.0, 0.0, z);
        let branch = CentreBranch { parent: None, points: vec![line(0.0), line(12.0)], radii_mm: vec![4.0, 1.0] };
        let lines = Obstacle::of_lines(&CentreLines::new(vec![branch]).unwrap(), 0.3).unwrap();
        assert!((lines.signed_mm(&Point::new(0.0, 0.0, -9.0)) - 5.0).abs() < 1e-9);
        assert!((lines.signed_mm(&line(0.0)) + 4.0).abs() < 0.15, "{}", lines.signed_mm(&line(0.0)));
    }

    #[test]
    fn empty_structures_are_refused() {
        let nothing = Surface::new(Vec::new(), Vec::new()).unwrap();
        assert_eq!(Obstacle::of_surface(&nothing, 0.0).unwrap_err(), PathError::NoStructure);
        let grid = Grid::aligned([4; 3], Point::origin(), [1.0; 3]).unwrap();
        let empty = Volume::new(grid, vec![0_u8; 64]).unwrap();
        assert!(Obstacle::of_mask(&empty, &Progress::default()).is_err());
        assert!(Obstacle::of_lines(&CentreLines::new(Vec::new()).unwrap(), 0.0).is_err());
    }
}
