//! Where a tool touches the surface: springs from the deepest point of every triangle, and how they push and rub.

use super::tools::{CREEP_M_S, Kind, Placed, on_axis};
use crate::geom::{Point, Vector};
use crate::mesh::bvh::closest_on_triangle;

/// A boundary triangle that a tool might touch.
#[derive(Debug, Clone, Copy)]
pub(in crate::biomech) struct Skin {
    /// Corners, counter-clockwise seen from outside.
    pub corners: [u32; 3],
    /// Stiffness of its spring, N/m.
    pub stiffness: f64,
    /// Longest edge at rest, m.
    pub reach: f64,
}

/// A point of the surface inside a tool.
#[derive(Debug, Clone, Copy)]
pub(in crate::biomech) struct Contact {
    /// Which tool.
    pub tool: usize,
    /// Vertices it is a mean of; weights may be 0.
    pub corners: [u32; 3],
    /// Their weights.
    pub weights: [f64; 3],
    /// Slopes of the weights along the triangle or edge, 1/m, times √(depth × distance from the axis).
    pub tilt: [Vector; 3],
    /// Out of the tool, into the tissue.
    pub normal: Vector,
    /// How deep, m.
    pub depth: f64,
    /// Stiffness along the normal, N/m.
    pub stiffness: f64,
    /// Stiffness of friction across the normal, N/m.
    pub rub: f64,
    /// Movement of the tool in this frame, m.
    pub moved: Vector,
}

/// Stiffness of graspers and tools over that of the tissue beneath: what they yield is this share of what it yields.
pub(in crate::biomech) const STIFFER: f64 = 30.0;

impl Skin {
    /// The triangle of `corners` at rest at `places`, m, over tissue of Young's modulus `young_pa`.
    pub fn new(corners: [u32; 3], places: [Vector; 3], young_pa: f64) -> Self {
        let [a, b, c] = places;
        let area = 0.5 * (b - a).cross(&(c - a)).norm();
        let reach = (b - a).norm().max((c - a).norm()).max((c - b).norm());
        Self { corners, stiffness: STIFFER * young_pa * area.sqrt(), reach }
    }
}

impl Contact {
    /// Force on the tissue along the normal, N.
    pub fn push(&self) -> Vector {
        self.normal * (self.stiffness * self.depth)
    }

    /// Movement along the tool of a tissue point that came by `slip` since the start of the frame, m.
    fn across(&self, slip: &Vector) -> Vector {
        let rub = slip - self.moved;
        rub - self.normal * self.normal.dot(&rub)
    }

    /// Friction on the tissue, N, if its point came by `slip` since the start of the frame.
    pub fn drag(&self, slip: &Vector) -> Vector {
        self.across(slip) * -self.rub
    }

    /// Energy of the normal spring, J.
    pub fn push_energy(&self) -> f64 {
        0.5 * self.stiffness * self.depth * self.depth
    }

    /// What friction takes, J.
    pub fn drag_energy(&self, slip: &Vector) -> f64 {
        0.5 * self.rub * self.across(slip).norm_squared()
    }

    /// Stiffness between its corners `a` and `b`, N/m.
    ///
    /// A triangle that tilts on a ball far larger than itself moves its deepest point along, which stiffens it: with
    /// the slopes g of the weights w, ∂²depth/∂x_a∂x_b = distance · g_a·g_b n nᵀ.
    pub fn block(&self, a: usize, b: usize) -> [[f64; 3]; 3] {
        let n = self.normal;
        let both = self.weights[a] * self.weights[b];
        let along = self.stiffness * (both + self.tilt[a].dot(&self.tilt[b])) - self.rub * both;
        std::array::from_fn(|i| {
            std::array::from_fn(|j| along * n[i] * n[j] + if i == j { self.rub * both } else { 0.0 })
        })
    }

    /// The weighted mean of `values` at its corners.
    pub fn mean(&self, values: impl Fn(usize) -> Vector) -> Vector {
        self.corners.iter().zip(self.weights).map(|(v, weight)| values(*v as usize) * weight).sum()
    }

    /// Fix the friction of this frame: the spring was `depth` m deep at the end of the last frame, the tissue's point
    /// came by `slip`, the frame is `step_s` long.
    pub fn set_friction(&mut self, coefficient: f64, depth: f64, slip: &Vector, step_s: f64) {
        let across = self.across(slip).norm();
        let most = coefficient * self.stiffness * depth;
        self.rub = (most / across.max(CREEP_M_S * step_s)).min(self.stiffness);
    }
}

/// Find the contacts of `tool`, number `number`, with `skin` at the places `place`, and put them behind `contacts`.
pub(in crate::biomech) fn find(
    tool: &Placed,
    number: usize,
    skin: impl Iterator<Item = Skin> + Clone,
    place: impl Fn(u32) -> Vector,
    contacts: &mut Vec<Contact>,
) {
    let moved = tool.moved;
    match tool.kind {
        Kind::Flat { normal } => {
            for Skin { corners, stiffness, .. } in skin {
                for n in 0..3 {
                    let depth = (tool.place - place(corners[n])).dot(&normal);
                    if 0.0 < depth {
                        let mut weights = [0.0; 3];
                        weights[n] = 1.0;
                        let stiffness = stiffness / 3.0;
                        let (tilt, rub) = ([Vector::zeros(); 3], 0.0);
                        contacts.push(Contact {
                            tool: number,
                            corners,
                            weights,
                            tilt,
                            normal,
                            depth,
                            stiffness,
                            rub,
                            moved,
                        });
                    }
                }
            }
        }
        Kind::Round { radius, shaft } => {
            // On which side of the surface the axis is, says the triangle nearest to it.
            let mut nearest = (f64::INFINITY, false);
            let look = |skin: &Skin| {
                let corners = skin.corners.map(&place);
                let middle = (corners[0] + corners[1] + corners[2]) / 3.0;
                let guess = closest(&corners, &on_axis(&tool.place, &shaft, &middle)).0;
                let axis = on_axis(&tool.place, &shaft, &guess);
                let (point, weights) = closest(&corners, &axis);
                let outward = (corners[1] - corners[0]).cross(&(corners[2] - corners[0]));
                let offset = point - axis;
                (offset, weights, offset.dot(&outward) < 0.0)
            };
            for skin in skin.clone() {
                let (offset, _, outside) = look(&skin);
                let distance = offset.norm();
                // A touch of preference for outside where an edge belongs to two triangles.
                if distance < nearest.0 * if outside { 1.0 + 1e-9 } else { 1.0 - 1e-9 } {
                    nearest = (distance, outside);
                }
            }
            for skin in skin {
                let (offset, weights, outside) = look(&skin);
                let distance = offset.norm();
                if radius <= distance || distance <= 1e-12 {
                    continue;
                }
                // With the axis outside the body every triangle counts, whichever way it faces: a triangle that
                // started or ceased to count as it turns would make the energy jump.
                let (normal, depth) = if outside || nearest.1 {
                    (offset / distance, radius - distance)
                } else {
                    (-offset / distance, radius + distance)
                };
                let Skin { corners, stiffness, .. } = skin;
                let lever = if outside || nearest.1 { (depth * distance).sqrt() } else { 0.0 };
                let tilt = slopes(&corners.map(&place), &weights).map(|slope| slope * lever);
                contacts.push(Contact {
                    tool: number,
                    corners,
                    weights,
                    tilt,
                    normal,
                    depth,
                    stiffness,
                    rub: 0.0,
                    moved,
                });
            }
        }
    }
}

/// Slopes of the weights of a point that stays on the part of the triangle it is on: inside, an edge, a corner; 1/m.
fn slopes(place: &[Vector; 3], weights: &[f64; 3]) -> [Vector; 3] {
    let mut slopes = [Vector::zeros(); 3];
    match weights.map(|weight| 0.0 < weight) {
        [true, true, true] => {
            let normal = (place[1] - place[0]).cross(&(place[2] - place[0]));
            let square = normal.norm_squared().max(f64::MIN_POSITIVE);
            for (a, slope) in slopes.iter_mut().enumerate() {
                *slope = normal.cross(&(place[(a + 2) % 3] - place[(a + 1) % 3])) / square;
            }
        }
        inside => {
            let on = [(0, 1), (1, 2), (2, 0)].into_iter().find(|(a, b)| inside[*a] && inside[*b]);
            if let Some((a, b)) = on {
                let edge = place[b] - place[a];
                slopes[b] = edge / edge.norm_squared().max(f64::MIN_POSITIVE);
                slopes[a] = -slopes[b];
            }
        }
    }
    slopes
}

/// The point of a triangle that is closest to `p`, and its weights.
fn closest(corners: &[Vector; 3], p: &Vector) -> (Vector, [f64; 3]) {
    let [a, b, c] = corners.map(Point::from);
    let (point, weights) = closest_on_triangle(&Point::from(*p), [&a, &b, &c]);
    (point.coords, weights)
}
