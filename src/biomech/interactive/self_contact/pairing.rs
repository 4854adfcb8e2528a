//! Which point of which triangle a vertex is paired with.

use super::inside::{Side, side};
use super::surface::{Nearest, Surface};
use super::touch::Touch;
use super::watch::View;
use crate::geom::Vector;

/// Fastest way out of an overlap, m/s: parts that overlap at the start are not flung apart.
const PARTING_M_S: f64 = 0.03;
/// Triangles a vertex may touch at once, as in the corner of a room.
const PLANES: usize = 3;
/// Cosine of the least angle between two of them.
const DISTINCT: f64 = 0.7;
/// Triangles behind which a vertex may be in vain before one gives up: each costs a walk.
const OWN: usize = 4;
/// Cosine of the largest angle between the normal of a vertex and the way into what it touches.
const FACING: f64 = 0.2;
/// Share of a triangle's reach that a vertex which touches it may be behind it besides another.
const RESTING: f64 = 0.02;
/// Stiffness of the spring of a vertex over that of a tool on it: half, for vertices of both sides have springs.
const SOFTER: f64 = 0.5;

/// What a vertex and a triangle are to each other.
enum Found {
    /// They may touch.
    Pair(Touch),
    /// The vertex is in front and stays there.
    Far,
    /// It is behind, but not in the tissue of another.
    Own,
}

/// What pairs follow from.
pub struct Pairing<'a> {
    /// The surface at the start of the frame.
    pub surface: &'a Surface,
    /// The body there.
    pub view: &'a View<'a>,
    /// How far the spring of each vertex was pressed at the end of the last frame, m.
    pub pressed: &'a [f64],
}

impl Pairing<'_> {
    /// The pairs of vertex `n`.
    pub fn of(&self, n: u32) -> impl Iterator<Item = Touch> + use<> {
        let surface = self.surface;
        let place = &surface.places[n as usize];
        let mut pairs: [Option<Touch>; PLANES] = [None; PLANES];
        let (mut count, mut own) = (0, 0);
        for nearest in surface.close_to(n) {
            let reach = surface.reach[nearest.triangle as usize];
            if reach.max(surface.ahead(n, nearest.triangle)).powi(2) < nearest.square {
                continue;
            }
            if count == 0 {
                if self.is_beside(n, &nearest) {
                    break;
                }
                match self.first_pair(n, &nearest) {
                    Found::Pair(pair) => {
                        pairs[0] = Some(pair);
                        count = 1;
                    }
                    Found::Own if own < OWN => own += 1,
                    Found::Own | Found::Far => break,
                }
            } else if count < PLANES && nearest.is_flat() && !self.is_beside(n, &nearest) {
                let (normal, depth) = surface.out(place, &nearest);
                let known = |pair: &Touch| DISTINCT < pair.normal.dot(&normal);
                if RESTING * reach < depth || pairs.iter().flatten().any(known) {
                    continue;
                }
                if let Found::Pair(pair) = self.pair(n, &nearest, (normal, depth), &[Side::Within]) {
                    pairs[count] = Some(pair);
                    count += 1;
                }
            }
        }
        pairs.into_iter().flatten()
    }

    /// Whether the nearest point belongs to vertex `n` itself, as those next to it on its own surface do.
    fn is_beside(&self, n: u32, nearest: &Nearest) -> bool {
        let v = self.surface.vertices[n as usize] as usize;
        let corners = self.surface.triangles[nearest.triangle as usize].iter().zip(nearest.weights);
        let own = |corner: u32| self.view.topology.entry(v, self.surface.vertices[corner as usize]).is_some();
        0.5 <= corners.filter(|(corner, _)| own(**corner)).map(|(_, weight)| weight).sum::<f64>()
    }

    /// The pair of vertex `n` and the triangle nearest to it.
    fn first_pair(&self, n: u32, nearest: &Nearest) -> Found {
        let surface = self.surface;
        let place = &surface.places[n as usize];
        // Where a side of a cut is smoothed a vertex may be behind it and yet outside.
        if let Some((normal, depth)) = surface.out_of_cut(n, place, nearest)
            && depth <= 0.5 * surface.width[n as usize]
        {
            return self.pair(n, nearest, (normal, depth), &[Side::Within, Side::Outside]);
        }
        self.pair(n, nearest, surface.out(place, nearest), &[Side::Within])
    }

    /// The pair of vertex `n`, so many m behind the nearest point of a triangle along the normal, and that point.
    fn pair(&self, n: u32, nearest: &Nearest, (normal, depth): (Vector, f64), sides: &[Side]) -> Found {
        let (surface, t) = (self.surface, nearest.triangle as usize);
        let faces = normal.dot(&surface.normals[n as usize]) <= -FACING;
        if depth < -surface.ahead(n, nearest.triangle) || (depth <= 0.0 && !faces) {
            return Found::Far;
        }
        if surface.reach[t] < depth || !faces {
            return Found::Own;
        }
        let (corners, view) = (surface.triangles[t], self.view);
        let [v, a, b, c] = [n, corners[0], corners[1], corners[2]].map(|n| surface.vertices[n as usize]);
        if 0.0 < depth {
            let point: Vector = [a, b, c].iter().zip(nearest.weights).map(|(v, weight)| view.place(*v) * weight).sum();
            if !sides.contains(&side(view.tets, view.topology, |v| view.place(v), surface.owners[t], &point, v)) {
                return Found::Own;
            }
        }
        let [w0, w1, _] = nearest.weights;
        let mut pair = Touch {
            vertices: [v, a, b, c],
            weights: [1.0, -w0, -w1, w0 + w1 - 1.0],
            normal,
            stiffness: SOFTER
                * view.grip[v as usize].min([a, b, c].map(|v| view.grip[v as usize]).iter().sum::<f64>() / 3.0),
            number: n,
            ..Touch::default()
        };
        pair.offset = depth + normal.dot(&pair.against(|v| view.place(v as u32)));
        // What comes through the surface is pushed back at once; what was behind it before, or is behind another
        // triangle than it was, parts gently.
        pair.allowed = (depth - self.pressed[n as usize] - PARTING_M_S * view.step_s).max(0.0);
        Found::Pair(pair)
    }
}
