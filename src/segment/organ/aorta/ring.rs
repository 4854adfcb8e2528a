//! Closed outlines around a centre in a plane: where tissue steps down outwards, smooth, round or oval.

use crate::geom::{Point, Vector};
use crate::image::Volume;

/// Directions in which the outline is looked for.
pub(super) const ANGLES: usize = 64;
/// Distance between radii tried.
const STEP_MM: f64 = 0.5;
/// A step at the edge counts up to this: bone, lung and stents must not outvote the rest.
const STEP_HU_MAX: f64 = 110.0;
/// A step upwards, towards a bright neighbour, counts against an edge up to this.
const RISE_HU_MAX: f64 = 40.0;
/// Everything darker is air or lung and never inside.
const INSIDE_HU_MIN: f64 = -20.0;
/// Half the width over which an edge is looked at.
const HALF_EDGE_MM: f64 = 1.5;
/// An edge with a smaller step is not moved to its half height …
const EDGE_HU_MIN: f64 = 40.0;
/// … and this finely otherwise.
const FINE_MM: f64 = 0.25;
/// What a change of radius from one direction to the next costs, HU for each [`STEP_MM`].
const BEND_HU: f64 = 8.0;
/// What it costs to lie away from the circle, HU for each mm squared.
const AWAY_HU: f64 = 1.2;
/// What an edge within blood counts of one at the blood's border: a dip between two vessels is seen, a flap is not.
const WITHIN_SHARE: f64 = 0.3;

/// An image in which the edges of a vessel are looked for.
pub(super) struct Edges<'a> {
    /// Values in HU.
    pub values: &'a Volume<i16>,
    /// What is brighter than this is blood of whatever lumen.
    pub blood_hu: f64,
    /// Soft tissue around the vessel.
    pub tissue_hu: f64,
}

/// A place and a plane through it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// The place.
    pub from: Point,
    /// The direction of the vessel.
    pub along: Vector,
    /// Two directions in the plane, of length 1 and at right angles.
    pub across: [Vector; 2],
}

impl Frame {
    /// Across the patient.
    pub(super) fn axial(from: Point) -> Self {
        Self { from, along: Vector::z(), across: [Vector::x(), Vector::y()] }
    }

    /// The plane at another place for another direction, turned as little as that needs.
    pub(super) fn moved(&self, from: Point, along: Vector) -> Self {
        let u = self.across[0] - along * self.across[0].dot(&along);
        let u = u.try_normalize(1e-6).unwrap_or(self.across[0]);
        Self { from, along, across: [u, along.cross(&u)] }
    }

    fn ray(&self, n: usize) -> Vector {
        let (sin, cos) = (std::f64::consts::TAU * n as f64 / ANGLES as f64).sin_cos();
        self.across[0] * cos + self.across[1] * sin
    }
}

/// A closed outline in a plane.
#[derive(Debug, Clone)]
pub(super) struct Ring {
    /// The middle of what it encloses.
    pub centre: Point,
    /// The radius of a circle of the same area.
    pub radius_mm: f64,
    /// Mean step down across its edge, each at most 110 HU.
    pub step_hu: f64,
    /// Its plane, and a place within from which …
    pub frame: Frame,
    /// … it is this far in [`ANGLES`] directions, from the first of the plane on towards the second.
    pub radii_mm: Vec<f64>,
}

impl Ring {
    /// A circle.
    pub(super) fn round(frame: Frame, radius_mm: f64) -> Self {
        Self { centre: frame.from, radius_mm, step_hu: 0.0, frame, radii_mm: vec![radius_mm; ANGLES] }
    }

    /// Its plane with another outline.
    pub(super) fn with_radii(&self, radii_mm: Vec<f64>) -> Self {
        let frame = self.frame;
        // Sectors: area ½ r² dθ, and their middles at ⅔ r.
        let area: f64 = radii_mm.iter().map(|r| r * r).sum();
        let moment: Vector = (0..ANGLES).map(|n| frame.ray(n) * (2.0 / 3.0 * radii_mm[n].powi(3))).sum();
        let (centre, radius_mm) = (frame.from + moment / area, (area / ANGLES as f64).sqrt());
        Self { centre, radius_mm, step_hu: self.step_hu, frame, radii_mm }
    }

    /// The same elsewhere.
    pub(super) fn moved(&self, by: Vector) -> Self {
        Self { centre: self.centre + by, frame: Frame { from: self.frame.from + by, ..self.frame }, ..self.clone() }
    }

    /// The same seen from the other side of its plane.
    pub(super) fn turned(&self) -> Self {
        let Frame { along, across: [u, v], .. } = self.frame;
        let frame = Frame { along: -along, across: [u, -v], ..self.frame };
        Self { frame, radii_mm: (0..ANGLES).map(|n| self.radii_mm[(ANGLES - n) % ANGLES]).collect(), ..self.clone() }
    }

    /// Its radius in the direction of a place.
    pub(super) fn radius_towards(&self, away: Vector) -> f64 {
        let [u, v] = self.frame.across;
        let turn = away.dot(&v).atan2(away.dot(&u)).rem_euclid(std::f64::consts::TAU) / std::f64::consts::TAU;
        let turn = turn * ANGLES as f64;
        let (n, share) = (turn.floor() as usize % ANGLES, turn.fract());
        (1.0 - share) * self.radii_mm[n] + share * self.radii_mm[(n + 1) % ANGLES]
    }
}

impl Edges<'_> {
    /// The step down across an edge at `radius_mm` in a direction.
    fn step_hu(&self, from: Point, ray: Vector, radius_mm: f64) -> f64 {
        let grid = self.values.grid();
        let sample = |mm: f64| self.values.sample_index(grid.index_from_patient(from + ray * mm));
        let (Some(inside), Some(outside)) = (sample(radius_mm - HALF_EDGE_MM), sample(radius_mm + HALF_EDGE_MM)) else {
            return 0.0;
        };
        if inside < INSIDE_HU_MIN {
            return -STEP_HU_MAX;
        }
        let step = |a: f64, b: f64| (a - b).clamp(-RISE_HU_MAX, STEP_HU_MAX);
        step(inside.min(self.blood_hu), outside.min(self.blood_hu)) + WITHIN_SHARE * step(inside, outside)
    }
}

/// The circle whose edge steps down most, within `reach_mm` of the frame's place: centre and radius.
pub(super) fn circle(edges: &Edges, frame: &Frame, reach_mm: i32, radii_mm: [f64; 2]) -> (Point, f64) {
    const EVERY: usize = 4;
    let mut best = (frame.from, radii_mm[0]);
    let mut best_score = f64::NEG_INFINITY;
    let shifts = || (-reach_mm..=reach_mm).step_by(2);
    for (du, dv) in shifts().flat_map(|du| shifts().map(move |dv| (du, dv))) {
        let at = frame.from + frame.across[0] * f64::from(du) + frame.across[1] * f64::from(dv);
        let mut radius_mm = radii_mm[0];
        while radius_mm <= radii_mm[1] {
            let rays = (0..ANGLES).step_by(EVERY);
            let steps: f64 = rays.map(|n| edges.step_hu(at, frame.ray(n), radius_mm)).sum();
            // The outermost of equal edges is the wall.
            let score = steps / (ANGLES / EVERY) as f64 + 0.2 * radius_mm;
            if best_score < score {
                (best_score, best) = (score, (at, radius_mm));
            }
            radius_mm += 2.0 * STEP_MM;
        }
    }
    best
}

/// The smooth closed outline near a circle along which the image steps down most.
///
/// Dynamic programming over directions (Amini, Weymouth & Jain 1990) on the plane in polar coordinates: an edge may move
/// by one [`STEP_MM`] from a direction to the next. Two turns are laid, and the one in the middle
/// taken, whose ends nearly meet.
pub(super) fn ring(edges: &Edges, frame: Frame, usual_mm: f64) -> Ring {
    let [low, high] = [(0.6 * usual_mm).max(2.0), 1.5 * usual_mm];
    let n_radii = ((high - low) / STEP_MM) as usize + 1;
    let radius = |r: usize| low + r as f64 * STEP_MM;
    let gain: Vec<Vec<f64>> = (0..ANGLES)
        .map(|n| {
            let of = |r: usize| {
                let mm = radius(r);
                edges.step_hu(frame.from, frame.ray(n), mm) - AWAY_HU * (mm - usual_mm).powi(2)
            };
            (0..n_radii).map(of).collect()
        })
        .collect();
    let mut sums = gain[0].clone();
    let mut back: Vec<Vec<usize>> = vec![(0..n_radii).collect()];
    for turn in 1..=2 * ANGLES {
        let (mut next, mut came) = (vec![f64::NEG_INFINITY; n_radii], vec![0; n_radii]);
        for r in 0..n_radii {
            for before in r.saturating_sub(1)..(r + 2).min(n_radii) {
                let sum = sums[before] + gain[turn % ANGLES][r] - BEND_HU * before.abs_diff(r) as f64;
                if next[r] < sum {
                    (next[r], came[r]) = (sum, before);
                }
            }
        }
        sums = next;
        back.push(came);
    }
    let mut r = (0..n_radii).max_by(|a, b| sums[*a].total_cmp(&sums[*b]).then(b.cmp(a))).unwrap_or(0);
    let mut radii_mm = vec![usual_mm; ANGLES];
    for turn in (1..=2 * ANGLES).rev() {
        // The turn in the middle: far from the ends, where nothing binds the outline.
        if (ANGLES / 2 + 1..=ANGLES + ANGLES / 2).contains(&turn) {
            radii_mm[turn % ANGLES] = radius(r);
        }
        r = back[turn][r];
    }
    let steps = (0..ANGLES).map(|n| edges.step_hu(frame.from, frame.ray(n), radii_mm[n]));
    let step_hu = steps.sum::<f64>() / ANGLES as f64;
    Ring { step_hu, ..Ring::round(frame, usual_mm) }.with_radii(halfway(edges, &frame, &radii_mm))
}

/// The edges moved to where the values are halfway between the two sides, and smoothed a little.
fn halfway(edges: &Edges, frame: &Frame, radii_mm: &[f64]) -> Vec<f64> {
    let grid = edges.values.grid();
    let of = |n: usize| {
        let at = radii_mm[n];
        let sample = |mm: f64| edges.values.sample_index(grid.index_from_patient(frame.from + frame.ray(n) * mm));
        let ends = (sample(at - 2.0 * HALF_EDGE_MM), sample(at + HALF_EDGE_MM));
        let (Some(inside), Some(outside)) = ends else { return at };
        // The wall is soft tissue: it does not belong to bright blood.
        let outside = if edges.blood_hu < inside { outside.max(edges.tissue_hu) } else { outside };
        if inside - outside < EDGE_HU_MIN {
            return at;
        }
        let half = 0.5 * (inside + outside);
        let places = (0..).map(|s| at - 2.0 * HALF_EDGE_MM + FINE_MM * f64::from(s));
        let places = places.skip_while(|mm| *mm < FINE_MM).take_while(|mm| *mm < at + 2.0 * HALF_EDGE_MM);
        let falls = |mm: &f64| sample(*mm).zip(sample(mm + FINE_MM)).is_some_and(|(a, b)| b < half && half <= a);
        let nearest = places.filter(falls).min_by(|a, b| (a - at).abs().total_cmp(&(b - at).abs()));
        nearest.map_or(at, |mm| mm + 0.5 * FINE_MM)
    };
    let moved: Vec<f64> = (0..ANGLES).map(of).collect();
    let smooth = |n: usize| 0.25 * (moved[(n + ANGLES - 1) % ANGLES] + moved[(n + 1) % ANGLES]) + 0.5 * moved[n];
    (0..ANGLES).map(smooth).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;

    /// A slice with an oval in fat, half axes 12 and 16 mm, whose halves differ.
    fn oval(left: i16, right: i16) -> Volume<i16> {
        let grid = Grid::aligned([60, 60, 1], Point::new(-30.0, -30.0, 0.0), [1.0; 3]).unwrap();
        let at = |offset: usize| {
            let p = grid.centre(grid.voxel(offset));
            match (p.x / 12.0).powi(2) + (p.y / 16.0).powi(2) <= 1.0 {
                true if p.x < 0.0 => right,
                true => left,
                false => -90,
            }
        };
        Volume::new(grid.clone(), (0..grid.len()).map(at).collect()).unwrap()
    }

    #[test]
    fn the_outline_goes_around_an_oval_with_two_lumens() {
        let values = oval(450, 80);
        let edges = Edges { values: &values, blood_hu: 140.0, tissue_hu: 50.0 };
        let frame = Frame::axial(Point::new(3.0, 2.0, 0.0));
        let (centre, radius_mm) = circle(&edges, &frame, 6, [5.0, 25.0]);
        let ring = ring(&edges, Frame { from: centre, ..frame }, radius_mm);
        let grid = values.grid();
        let area = |test: &dyn Fn(Point) -> bool| {
            (0..grid.len()).filter(|offset| test(grid.centre(grid.voxel(*offset)))).count() as f64
        };
        let truth = |p: Point| (p.x / 12.0).powi(2) + (p.y / 16.0).powi(2) <= 1.0;
        let within = |ring: &Ring, p: Point| (p - ring.frame.from).norm() <= ring.radius_towards(p - ring.frame.from);
        let ours = |p: Point| within(&ring, p);
        let dice = 2.0 * area(&|p| ours(p) && truth(p)) / (area(&ours) + area(&truth));
        assert!(0.95 < dice, "{dice}: {ring:?}");
        assert!((ring.radius_mm - 192.0_f64.sqrt()).abs() < 0.7 && ring.centre.coords.norm() < 1.0, "{ring:?}");
        let turned = ring.turned();
        assert_eq!(area(&|p| ours(p) != within(&turned, p)), 0.0);
    }
}
