//! The left ventricle of the cardiac benchmark: a truncated ellipsoid with fibres that turn through its wall.

use crate::biomech::Fibre;
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;
use std::f64::consts::{PI, TAU};

/// Height of the base, mm.
pub const BASE_MM: f64 = 5.0;
/// Radius and half height of the inner surface, mm; the wall adds [`WALL_MM`] to both.
const INNER_MM: [f64; 2] = [7.0, 17.0];
/// Thickness of the wall, mm.
const WALL_MM: f64 = 3.0;
/// Rings lie at (n/rings) to this power of the way from apex to base: close together where fibres meet.
const CROWDING: f64 = 1.4;

/// Half axes of the surface `t`, mm.
fn axes(t: f64) -> [f64; 2] {
    INNER_MM.map(|x| x + WALL_MM * t)
}

/// A point of the wall (Land et al. 2015, Proc R Soc A 471:20150641, section 2.5) in mm.
///
/// ```text
/// x = r_s sin u cos v     y = r_s sin u sin v     z = r_l cos u     r_s = 7 + 3 t     r_l = 17 + 3 t
/// ```
///
/// `t` runs from 0 inside to 1 outside and `s` from 0 at the apex, u = −π, to 1 at the base, z = 5.
fn place([s, v, t]: [f64; 3]) -> Point {
    let [short, long] = axes(t);
    let u = -PI + s * (PI - (BASE_MM / long).acos());
    Point::new(short * u.sin() * v.cos(), short * u.sin() * v.sin(), long * u.cos())
}

/// Fibres at a place of the wall: e_u sin α + e_v cos α with α from 90° inside to −90° outside (same source).
pub fn fibre(place: Point) -> Fibre {
    let radius = place.x.hypot(place.y);
    let outside = |t: f64| {
        let [short, long] = axes(t);
        1.0 < (radius / short).powi(2) + (place.z / long).powi(2)
    };
    // The surface through the place, by halving; chords of the inner surface lie a little below t = 0.
    let (mut low, mut high) = (-0.5, 1.5);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if outside(middle) { low = middle } else { high = middle }
    }
    let t = low.clamp(0.0, 1.0);
    let [short, long] = axes(low);
    let cos_u = (place.z / long).clamp(-1.0, 1.0);
    let sin_u = -(1.0 - cos_u * cos_u).sqrt();
    let (sin_v, cos_v) = if 0.0 < radius { (-place.y / radius, -place.x / radius) } else { (0.0, 1.0) };
    let along = Vector::new(short * cos_u * cos_v, short * cos_u * sin_v, -long * sin_u).normalize();
    // e_v has the sign of sin u, which is negative.
    let around = Vector::new(sin_v, -cos_v, 0.0);
    let (sin, cos) = (PI * (0.5 - t)).sin_cos();
    Fibre { along: along * sin + around * cos, across: along * cos - around * sin }
}

/// A ventricle of tetrahedra.
pub struct Ventricle {
    /// The wall, region 1.
    pub mesh: TetMesh,
    /// Fibres in the middle of each tetrahedron.
    pub fibres: Vec<Fibre>,
    /// s, v and t of each vertex.
    parameters: Vec<[f64; 3]>,
    /// Triangles of the inner surface, counter-clockwise seen from the cavity.
    pub inside: Vec<[u32; 3]>,
    /// Vertices of the base.
    pub base: Vec<u32>,
    /// How many quarters of the whole it is: 1 or 4.
    pub quarters: usize,
    /// The vertices of the inner and the outer surface on the axis.
    pub apex: [u32; 2],
}

/// The ventricle with `rings` cells from apex to base and `layers` through the wall; only the quarter x, y ≥ 0 if
/// `quarter`.
///
/// Rings around the apex have as many cells as keep them regular, up to `around` in a quarter.
pub fn ventricle(rings: usize, layers: usize, around: usize, quarter: bool) -> Ventricle {
    let sheet = Sheet::new(rings, around, quarter);
    let count = sheet.parameters.len();
    let at = |layer: usize, [s, v]: [f64; 2]| [s, v, layer as f64 / layers as f64];
    let all = (0..=layers).flat_map(|layer| sheet.parameters.iter().map(move |p| at(layer, *p)));
    let parameters: Vec<[f64; 3]> = all.collect();
    let positions: Vec<Point> = parameters.iter().copied().map(place).collect();
    let (mut tets, mut fibres) = (Vec::new(), Vec::new());
    for layer in 0..layers {
        for triangle in &sheet.triangles {
            // A prism of three tetrahedra; sorted corners make its neighbours cut their shared side alike.
            let mut sorted = *triangle;
            sorted.sort_unstable();
            let [a, b, c] = sorted.map(|v| v + layer * count);
            for tet in [[a, b, c, c + count], [a, b, b + count, c + count], [a, a + count, b + count, c + count]] {
                tets.push(oriented(tet, &positions));
                fibres.push(fibre(place(mean(&tet.map(|v| parameters[v])))));
            }
        }
    }
    let regions = vec![1; tets.len()];
    let inside = sheet.triangles.iter().map(|t| t.map(|v| v as u32)).collect();
    let rim = sheet.parameters.iter().enumerate().filter(|(_, p)| p[0] == 1.0).map(|(v, _)| v);
    let base = rim.flat_map(|v| (0..=layers).map(move |layer| (v + layer * count) as u32)).collect();
    let mesh = TetMesh::new(positions, tets, regions).expect("the wall is mapped without folds");
    Ventricle {
        mesh,
        fibres,
        inside,
        parameters,
        base,
        quarters: if quarter { 1 } else { 4 },
        apex: [0, (layers * count) as u32],
    }
}

impl Ventricle {
    /// Where the middle of an edge lies on the true surface, mm.
    pub fn middle_mm(&self, edge: [u32; 2]) -> Point {
        place(mean(&edge.map(|v| self.parameters[v as usize])))
    }
}

/// The middle of an element or edge in parameters.
fn mean(corners: &[[f64; 3]]) -> [f64; 3] {
    let [s, t] = [0, 2].map(|n| corners.iter().map(|p| p[n]).sum::<f64>() / corners.len() as f64);
    // Angles have no meaning on the axis, and jump by a turn once.
    let (sin, cos) = corners.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p[1].sin() * p[0], sum.1 + p[1].cos() * p[0]));
    [s, sin.atan2(cos), t]
}

fn oriented(tet: [usize; 4], positions: &[Point]) -> [u32; 4] {
    let [a, b, c, d] = tet.map(|v| positions[v]);
    let [p, q, r, s] = tet.map(|v| v as u32);
    if (b - a).cross(&(c - a)).dot(&(d - a)) < 0.0 { [p, r, q, s] } else { [p, q, r, s] }
}

/// A disc of triangles in the parameters s, v: rings around a middle vertex.
struct Sheet {
    parameters: Vec<[f64; 2]>,
    triangles: Vec<[usize; 3]>,
}

impl Sheet {
    fn new(rings: usize, around: usize, quarter: bool) -> Self {
        let (turn, quarters) = if quarter { (TAU / 4.0, 1) } else { (TAU, 4) };
        let cells = |ring: usize| quarters * (3 * ring).div_ceil(2).min(around);
        let mut sheet = Self { parameters: vec![[0.0, 0.0]], triangles: vec![] };
        // Vertices of the ring before: the first, and its cells; the middle is a ring without cells.
        let (mut first, mut before) = (0, 0);
        for ring in 1..=rings {
            let (start, n) = (sheet.parameters.len(), cells(ring));
            let s = (ring as f64 / rings as f64).powf(CROWDING);
            let last = if quarter { n + 1 } else { n };
            // Cosine and sine of a right angle are not exact: planes of symmetry are cleaned by the caller's tolerance.
            sheet.parameters.extend((0..last).map(|i| [s, turn * i as f64 / n as f64]));
            let inner = |i: usize| {
                if before == 0 {
                    first
                } else if quarter {
                    first + i
                } else {
                    first + i % before
                }
            };
            let outer = |i: usize| if quarter { start + i } else { start + i % n };
            let (mut i, mut o) = (0, 0);
            while i < before || o < n {
                // Step on the ring whose next vertex comes first.
                let outer_first = i == before || (o < n && (o + 1) * before <= (i + 1) * n);
                if outer_first {
                    sheet.triangles.push([inner(i), outer(o), outer(o + 1)]);
                    o += 1;
                } else {
                    sheet.triangles.push([inner(i), outer(o), inner(i + 1)]);
                    i += 1;
                }
            }
            (first, before) = (start, n);
        }
        sheet
    }
}
