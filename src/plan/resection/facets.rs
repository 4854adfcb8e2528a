//! A sheet as triangles that go on beyond its edges, and the signed distance to them.

use super::ResectionError;
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::Surface;
use crate::mesh::box_tree::BoxTree;
use crate::plan::Sheet;
use std::collections::HashMap;
use std::sync::Arc;

/// The bits of a choice that number a triangle; those above tell which of several cuts it belongs to.
pub(super) const TRIANGLE: u32 = (1 << 24) - 1;
/// Rounding of distances.
const SLACK_MM: f64 = 1e-9;

/// Triangles of a sheet; the last ring of them goes on along the tangents of its edges.
#[derive(Debug, Clone)]
pub struct Facets {
    /// Cells of the sheet itself along each side.
    pub count: usize,
    /// How far triangles may leave the sheet in mm.
    pub off_mm: f64,
    /// (count + 3)² vertices, u fastest; the outermost ring lies far away.
    vertices: Vec<Vector>,
    triangles: Vec<Triangle>,
    /// The boxes of the triangles, for places that are asked for one by one.
    tree: Arc<BoxTree>,
}

/// A triangle with what its nearest point needs.
#[derive(Debug, Clone)]
struct Triangle {
    a: Vector,
    /// Middle of its corners, and how far they are from it.
    centre: Vector,
    radius_mm: f64,
    ab: Vector,
    ac: Vector,
    /// Where a point is seen from: the normals of the face, of the edges ab, bc, ca, and of the corners.
    normals: [Vector; 7],
}

impl Facets {
    /// The triangles of `sheet`, going on beyond everything in `around`.
    ///
    /// # Errors
    /// [`ResectionError`] if the sheet is none.
    pub fn of(sheet: &Sheet, around: &Aabb) -> Result<Self, ResectionError> {
        sheet.check()?;
        let (n, off_mm) = sheet.facets();
        let own = Aabb::of(sheet.controls.iter().map(|point| Point::from(*point)).collect::<Vec<_>>().iter());
        let all = own.including(&around.min).including(&around.max);
        let far_mm = 2.0 * all.size().norm();
        let side = n + 3;
        let mut vertices = Vec::with_capacity(side * side);
        for j in 0..side {
            for i in 0..side {
                let at = |i: usize| (i.clamp(1, n + 1) - 1) as f64 / n as f64;
                let (u, v) = (at(i), at(j));
                let [du, dv] = sheet.tangents(u, v).map(|d| d.try_normalize(1e-9).unwrap_or_else(Vector::zeros));
                let beyond = |i: usize| f64::from(i == n + 2) - f64::from(i == 0);
                vertices.push(sheet.at(u, v).coords + (du * beyond(i) + dv * beyond(j)) * far_mm);
            }
        }
        let mut corners = Vec::with_capacity(2 * (side - 1) * (side - 1));
        for j in 0..side - 1 {
            for i in 0..side - 1 {
                let [a, b] = [j * side + i, j * side + i + 1].map(|n| n as u32);
                let [c, d] = [a + side as u32, b + side as u32];
                corners.extend([[a, b, d], [a, d, c]]);
            }
        }
        let boxes: Vec<Aabb> =
            corners.iter().map(|corners| Aabb::of(corners.map(|n| Point::from(vertices[n as usize])).iter())).collect();
        let (triangles, tree) = (with_normals(&vertices, &corners), Arc::new(BoxTree::new(&boxes)));
        Ok(Self { count: n, off_mm, triangles, vertices, tree })
    }

    /// How many triangles there are.
    pub(super) fn len(&self) -> usize {
        self.triangles.len()
    }

    /// All triangles.
    pub(super) fn all(&self) -> Vec<u32> {
        (0..self.triangles.len() as u32).collect()
    }

    /// The sheet itself, without what goes on beyond its edges: vertex `u + (count + 1) v`.
    pub fn surface(&self) -> Surface {
        let n = self.count;
        let vertex = |i: usize, j: usize| Point::from(self.vertices[(j + 1) * (n + 3) + i + 1]);
        let positions = (0..(n + 1) * (n + 1)).map(|p| vertex(p % (n + 1), p / (n + 1))).collect();
        let at = |i: usize, j: usize| (j * (n + 1) + i) as u32;
        let cells = (0..n * n).map(|c| (c % n, c / n));
        let triangles = cells.flat_map(|(i, j)| {
            [[at(i, j), at(i + 1, j), at(i + 1, j + 1)], [at(i, j), at(i + 1, j + 1), at(i, j + 1)]]
        });
        Surface::new(positions, triangles.collect()).expect("points of a checked sheet are finite")
    }

    /// Signed distance of `point` to the nearest of the triangles `among`, which must hold the nearest of all.
    ///
    /// The side is told by the normal of the face, edge or corner that is nearest, each the sum of those around it by
    /// their angles (Bærentzen and Aanæs 2005, "Signed distance computation using the angle weighted pseudonormal").
    pub(super) fn side_mm(&self, point: &Point, among: &[u32]) -> f64 {
        let p = point.coords;
        let mut best = (f64::INFINITY, 0, [0.0; 2]);
        for n in among {
            let triangle = &self.triangles[(*n & TRIANGLE) as usize];
            let (squared, place) = triangle.nearest(&p);
            if squared < best.0 {
                best = (squared, *n, place);
            }
        }
        let (squared, n, [v, w]) = best;
        let triangle = &self.triangles[(n & TRIANGLE) as usize];
        let way = p - (triangle.a + triangle.ab * v + triangle.ac * w);
        let ahead = way.dot(&triangle.normals[feature(v, w)]);
        if ahead < 0.0 { -squared.sqrt() } else { squared.sqrt() }
    }

    /// The same among all triangles, found by their boxes.
    pub(super) fn side_at_mm(&self, point: &Point) -> f64 {
        let squared = |n: u32| self.triangles[n as usize].nearest(&point.coords).0;
        match self.tree.nearest(point, squared) {
            Some((nearest, _)) => self.side_mm(point, &[nearest]),
            None => f64::INFINITY,
        }
    }

    /// The place nearest to `point`.
    pub(super) fn foot(&self, point: &Point) -> Point {
        let squared = |n: u32| self.triangles[n as usize].nearest(&point.coords).0;
        let Some((n, _)) = self.tree.nearest(point, squared) else { return *point };
        let triangle = &self.triangles[n as usize];
        let (_, [v, w]) = triangle.nearest(&point.coords);
        Point::from(triangle.a + triangle.ab * v + triangle.ac * w)
    }

    /// The triangles of `among` that can be nearest to any place within `radius_mm` of `point`; the distance of `point`.
    ///
    /// First by the balls around triangles, then exactly by those that are left; they are added to `into`.
    pub(super) fn narrowed(&self, point: &Point, radius_mm: f64, among: &[u32], into: &mut Vec<u32>) -> f64 {
        let (p, start) = (point.coords, into.len());
        let of = |n: &u32| &self.triangles[(*n & TRIANGLE) as usize];
        // A triangle holds its centre: nothing nearest is farther than the nearest centre.
        let squared = among.iter().map(|n| (p - of(n).centre).norm_squared()).fold(f64::INFINITY, f64::min);
        let reach_mm = squared.sqrt() + 2.0 * radius_mm + SLACK_MM;
        let mut distances = Vec::with_capacity(64);
        let mut least = f64::INFINITY;
        for n in among {
            let triangle = of(n);
            // Without a root for each of them: most are too far away.
            if (p - triangle.centre).norm_squared() <= (reach_mm + triangle.radius_mm).powi(2) {
                let mm = triangle.nearest(&p).0.sqrt();
                least = least.min(mm);
                into.push(*n);
                distances.push(mm);
            }
        }
        let mut kept = start;
        for (at, mm) in distances.into_iter().enumerate() {
            if mm <= least + 2.0 * radius_mm + SLACK_MM {
                into[kept] = into[start + at];
                kept += 1;
            }
        }
        into.truncate(kept);
        least
    }
}

/// Which normal speaks for the place v, w of a triangle.
fn feature(v: f64, w: f64) -> usize {
    // On the edge opposite corner a this is 0 but for rounding.
    let u = 1.0 - v - w;
    match (u <= 1e-12, v <= 0.0, w <= 0.0) {
        (false, false, true) => 1,
        (true, false, false) => 2,
        (false, true, false) => 3,
        (false, true, true) => 4,
        (true, false, true) => 5,
        (true, true, _) => 6,
        (false, false, false) => 0,
    }
}

fn with_normals(vertices: &[Vector], corners: &[[u32; 3]]) -> Vec<Triangle> {
    let point = |n: u32| vertices[n as usize];
    let mut of_corner = vec![Vector::zeros(); vertices.len()];
    let mut of_edge: HashMap<[u32; 2], Vector> = HashMap::with_capacity(2 * corners.len());
    let key = |a: u32, b: u32| [a.min(b), a.max(b)];
    let mut kept = Vec::with_capacity(corners.len());
    for triangle in corners {
        let [a, b, c] = triangle.map(point);
        let Some(normal) = (b - a).cross(&(c - a)).try_normalize(1e-14) else { continue };
        kept.push((*triangle, normal));
        for n in 0..3 {
            let [here, next, last] = [n, (n + 1) % 3, (n + 2) % 3].map(|n| triangle[n]);
            let angle = (point(next) - point(here)).angle(&(point(last) - point(here)));
            of_corner[here as usize] += normal * angle;
            *of_edge.entry(key(here, next)).or_insert_with(Vector::zeros) += normal;
        }
    }
    let made = kept.into_iter().map(|(corners, normal)| {
        let [a, b, c] = corners;
        let edge = |a, b| of_edge[&key(a, b)];
        let corner = |n: u32| of_corner[n as usize];
        let normals = [normal, edge(a, b), edge(b, c), edge(c, a), corner(a), corner(b), corner(c)];
        let centre = (point(a) + point(b) + point(c)) / 3.0;
        let radius_mm = corners.iter().map(|n| (point(*n) - centre).norm()).fold(0.0, f64::max);
        Triangle { centre, radius_mm, a: point(a), ab: point(b) - point(a), ac: point(c) - point(a), normals }
    });
    made.collect()
}

impl Triangle {
    /// Squared distance and the place v, w of a + v ab + w ac that is nearest (Ericson 2005, section 5.1.5).
    #[inline]
    fn nearest(&self, p: &Vector) -> (f64, [f64; 2]) {
        let Self { a, ab, ac, .. } = self;
        let ap = p - a;
        let (d1, d2) = (ab.dot(&ap), ac.dot(&ap));
        let place = 'place: {
            if d1 <= 0.0 && d2 <= 0.0 {
                break 'place [0.0, 0.0];
            }
            let bp = ap - ab;
            let (d3, d4) = (ab.dot(&bp), ac.dot(&bp));
            if 0.0 <= d3 && d4 <= d3 {
                break 'place [1.0, 0.0];
            }
            let vc = d1 * d4 - d3 * d2;
            if vc <= 0.0 && 0.0 <= d1 && d3 <= 0.0 {
                break 'place [d1 / (d1 - d3), 0.0];
            }
            let cp = ap - ac;
            let (d5, d6) = (ab.dot(&cp), ac.dot(&cp));
            if 0.0 <= d6 && d5 <= d6 {
                break 'place [0.0, 1.0];
            }
            let vb = d5 * d2 - d1 * d6;
            if vb <= 0.0 && 0.0 <= d2 && d6 <= 0.0 {
                break 'place [0.0, d2 / (d2 - d6)];
            }
            let va = d3 * d6 - d5 * d4;
            if va <= 0.0 && 0.0 <= d4 - d3 && 0.0 <= d5 - d6 {
                let w = (d4 - d3) / ((d4 - d3) + (d5 - d6));
                break 'place [1.0 - w, w];
            }
            let sum = va + vb + vc;
            [vb / sum, vc / sum]
        };
        let way = ap - ab * place[0] - ac * place[1];
        (way.norm_squared(), place)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::humped;
    use super::*;
    use crate::base::rng::Rng;

    fn around() -> Aabb {
        Aabb { min: Point::new(-60.0, -60.0, -60.0), max: Point::new(60.0, 60.0, 60.0) }
    }

    #[test]
    fn a_flat_sheet_is_a_plane_that_has_no_end() {
        let facets = Facets::of(&humped(0.0), &around()).unwrap();
        let all = facets.all();
        let mut rng = Rng::new(3);
        for _ in 0..500 {
            let point = Point::from(Vector::from_fn(|_, _| rng.between(-60.0, 60.0)));
            assert!((facets.side_mm(&point, &all) - point.z).abs() < 1e-9, "{point}");
        }
        assert_eq!(facets.side_mm(&Point::new(10.0, 10.0, 0.0), &all), 0.0);
    }

    #[test]
    fn a_narrowed_choice_gives_the_same_distance() {
        let facets = Facets::of(&humped(35.0), &around()).unwrap();
        let (all, mut few) = (facets.all(), Vec::new());
        let mut rng = Rng::new(4);
        for _ in 0..100 {
            let middle = Point::from(Vector::from_fn(|_, _| rng.between(-40.0, 40.0)));
            few.clear();
            facets.narrowed(&middle, 6.0, &all, &mut few);
            for _ in 0..10 {
                let point = middle + Vector::from_fn(|_, _| rng.between(-3.4, 3.4));
                assert_eq!(facets.side_mm(&point, &few), facets.side_mm(&point, &all));
            }
        }
    }

    /// Above the hump is ahead, below it behind, at every place near it: also where facets meet.
    #[test]
    fn sides_are_right_where_facets_meet() {
        let sheet = humped(30.0);
        let facets = Facets::of(&sheet, &around()).unwrap();
        let all = facets.all();
        for n in 0..400 {
            let (u, v) = ((n % 20) as f64 / 19.0, (n / 20) as f64 / 19.0);
            let (at, ahead) = (sheet.at(u, v), sheet.across(u, v).normalize());
            for mm in [0.5, 2.0, 5.0] {
                assert!(0.0 < facets.side_mm(&(at + ahead * mm), &all), "{u} {v} +{mm}");
                let far = at + ahead * (7.0 * mm);
                assert_eq!(facets.side_at_mm(&far), facets.side_mm(&far, &all), "{u} {v}");
                assert!(facets.side_mm(&(at - ahead * mm), &all) < 0.0, "{u} {v} -{mm}");
            }
        }
    }
}
