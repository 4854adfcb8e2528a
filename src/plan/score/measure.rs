//! Volumes of parts, distances between bodies and actions, all with bounds.

use super::super::Bounded;
use super::kernels::{CutField, Solid};
use super::scene::Body;
use crate::geom::{Aabb, Point, Vector};
use crate::mesh::box_tree::BoxTree;
use rayon::prelude::*;

/// Share of the area of voxel faces that the border itself has, for borders that look every way alike (Cauchy: a unit area
/// shows 1/2 along an axis on average, 3/2 along three).
const AREA_OF_FACES: f64 = 2.0 / 3.0;

/// Which part of an organ a voxel belongs to after all cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Taken away.
    Resected,
    /// Left in the patient.
    Remnant,
    /// Destroyed by the instruments.
    Cut,
}

/// The part of an organ that `point` belongs to when tissue `width_mm` wide is lost about each cut.
///
/// What one cut takes away is gone, whatever the others do.
pub fn part_of(point: &Point, knives: &[(CutField, f64)]) -> Part {
    part_around(point, knives).0
}

/// The same, and how far around it everything belongs to the same part: distances change by no more than the way one goes.
fn part_around(point: &Point, knives: &[(CutField, f64)]) -> (Part, f64) {
    let (mut part, mut around_mm) = (Part::Remnant, f64::INFINITY);
    for (knife, width_mm) in knives {
        let signed_mm = knife.signed_mm(point);
        let half_mm = 0.5 * width_mm;
        if half_mm <= signed_mm {
            return (Part::Resected, signed_mm - half_mm);
        }
        if -half_mm < signed_mm {
            part = Part::Cut;
        }
        around_mm = around_mm.min((signed_mm - half_mm).abs()).min((signed_mm + half_mm).abs());
    }
    (part, around_mm)
}

/// Distances are trusted to this when voxels are passed over.
const SLACK_MM: f64 = 1e-6;

/// The volume books of an organ: every voxel belongs to one part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parts {
    /// Voxels taken away, left, and destroyed.
    pub voxels: [usize; 3],
    /// Faces of voxels of each part that border on something outside the organ.
    pub faces: [usize; 3],
    /// Volume of one voxel.
    pub voxel_ml: f64,
}

impl Parts {
    /// The parts of `organ` after these cuts, each with the width of tissue it destroys.
    pub fn of(organ: &Solid, knives: &[(CutField, f64)]) -> Self {
        let [ni, nj, nk] = organ.grid().dims();
        let step_mm = organ.grid().spacing_mm()[0];
        let slice = |k: usize| {
            let (mut voxels, mut faces) = ([0_usize; 3], [0_usize; 3]);
            let mut known = (Part::Remnant, 0..0);
            for (j, i) in (0..nj).flat_map(|j| (0..ni).map(move |i| (j, i))) {
                let at = [i, j, k].map(|x| x as isize);
                if !organ.is_inside(at) {
                    continue;
                }
                // Most voxels are far from every cut: they are what the one before them was.
                if !known.1.contains(&(j * ni + i)) {
                    let (part, around_mm) = part_around(&organ.grid().centre([i, j, k]), knives);
                    let more = ((around_mm - SLACK_MM) / step_mm).clamp(0.0, (ni - i - 1) as f64) as usize;
                    known = (part, j * ni + i..j * ni + i + more + 1);
                }
                let part = known.0 as usize;
                voxels[part] += 1;
                let beside = (0..6).map(|n| {
                    let mut beside = at;
                    beside[n / 2] += if n % 2 == 0 { -1 } else { 1 };
                    beside
                });
                faces[part] += beside.filter(|beside| !organ.is_inside(*beside)).count();
            }
            (voxels, faces)
        };
        let slices: Vec<_> = (0..nk).into_par_iter().map(slice).collect();
        let mut parts = Self { voxels: [0; 3], faces: [0; 3], voxel_ml: organ.voxel_ml() };
        for (voxels, faces) in slices {
            for part in 0..3 {
                parts.voxels[part] += voxels[part];
                parts.faces[part] += faces[part];
            }
        }
        parts
    }

    /// Volume of a part; its bounds move the border of the organ half a voxel out or in.
    pub fn volume_ml(&self, part: Part) -> Bounded {
        let [n, faces] = [self.voxels[part as usize], self.faces[part as usize]].map(|n| n as f64);
        Bounded::within(n * self.voxel_ml, 0.5 * AREA_OF_FACES * faces * self.voxel_ml).at_least(0.0)
    }

    /// Volume of the whole organ.
    pub fn organ_ml(&self) -> Bounded {
        self.volume_ml(Part::Resected) + self.volume_ml(Part::Remnant) + self.volume_ml(Part::Cut)
    }

    /// Per cent of the organ that a part is.
    pub fn percent(&self, part: Part) -> Bounded {
        let all: usize = self.voxels.iter().sum();
        let own = self.volume_ml(part);
        let rest = [Part::Resected, Part::Remnant, Part::Cut].into_iter().filter(|other| *other != part);
        let rest = rest.map(|other| self.volume_ml(other)).fold(Bounded::exact(0.0), |sum, other| sum + other);
        let share = |own: f64, rest: f64| if 0.0 < own { 100.0 * own / (own + rest) } else { 0.0 };
        Bounded {
            value: 100.0 * self.voxels[part as usize] as f64 / all.max(1) as f64,
            low: share(own.low, rest.high),
            high: share(own.high, rest.low),
        }
    }
}

/// Places of a cut within the organ, one for about every voxel it goes through.
pub(crate) struct Patch {
    points: Vec<Point>,
    tree: BoxTree,
}

impl Patch {
    /// The places of `knife` in `organ`; none if it misses.
    pub(crate) fn of(organ: &Solid, knife: &CutField) -> Option<Self> {
        let half_mm = organ.half_mm();
        let (step_mm, [ni, ..]) = (organ.grid().spacing_mm()[0], organ.grid().dims());
        let mut far = 0..0;
        let near = organ.voxels().filter_map(|voxel| {
            let offset = organ.grid().offset(voxel);
            if far.contains(&offset) {
                return None;
            }
            let centre = organ.grid().centre(voxel);
            let apart_mm = knife.signed_mm(&centre).abs() - half_mm;
            if apart_mm <= 0.0 {
                return Some(centre);
            }
            let more = ((apart_mm - SLACK_MM) / step_mm).clamp(0.0, (ni - voxel[0] - 1) as f64) as usize;
            far = offset..offset + more + 1;
            None
        });
        let points: Vec<Point> = near.map(|centre| knife.foot(&centre)).collect();
        let boxes: Vec<Aabb> = points.iter().map(|point| Aabb::of([point])).collect();
        (!points.is_empty()).then(|| Self { tree: BoxTree::new(&boxes), points })
    }

    /// The distance between the places of `knife` and `body`, and where on the body.
    pub(super) fn distance_to(&self, knife: &CutField, body: &Body) -> Option<(f64, Point)> {
        let near = |point: &Point| {
            let found = self.tree.nearest(point, |n| (self.points[n as usize] - point).norm_squared());
            found.map_or(f64::INFINITY, |(_, squared)| squared.sqrt())
        };
        // No place is nearer to the patch than to the whole cut, so most need no search.
        let (bound, _) = least(body, |point| knife.signed_mm(point).abs())?;
        let close =
            |mm: f64| least(body, |point| if knife.signed_mm(point).abs() <= mm { near(point) } else { f64::INFINITY });
        // A vessel farther away may still be nearer by its radius.
        let thick_mm = body.border.iter().map(|(_, radius)| *radius).fold(0.0, f64::max);
        let mut reach_mm = bound.max(0.0) + thick_mm + 5.0;
        for _ in 0..12 {
            match close(reach_mm) {
                Some((distance_mm, at)) if distance_mm + thick_mm <= reach_mm => return Some((distance_mm, at)),
                _ => reach_mm *= 2.0,
            }
        }
        close(f64::INFINITY)
    }
}

/// The least value of `distance_mm` over the border of `body`, less the radius of its vessels, and where that is.
pub(crate) fn least(body: &Body, distance_mm: impl Fn(&Point) -> f64 + Sync) -> Option<(f64, Point)> {
    let of = |(point, radius): &(Point, f64)| (distance_mm(point) - radius, *point);
    let nearer = |a: (f64, Point), b: (f64, Point)| if b.0 < a.0 { b } else { a };
    // Blocks keep their order, so the first of equal places wins on any number of threads.
    let blocks: Vec<_> = body.border.par_chunks(4096).filter_map(|block| block.iter().map(of).reduce(nearer)).collect();
    blocks.into_iter().reduce(nearer)
}

/// Distance of `point` from the straight way between two places.
#[cfg(test)]
pub(super) fn from_segment_mm(point: &Point, [a, b]: [&Point; 2]) -> f64 {
    let way = b - a;
    let t = ((point - a).dot(&way) / way.norm_squared().max(1e-300)).clamp(0.0, 1.0);
    (point - (a + way * t)).norm()
}

/// Length of the straight way between two places on which `is_there` holds, by steps of `step_mm` at most.
pub(super) fn length_where(ends: [&Point; 2], step_mm: f64, is_there: impl Fn(&Point) -> bool) -> f64 {
    let way = ends[1] - ends[0];
    let n = (way.norm() / step_mm).ceil().max(1.0) as usize;
    let middles = (0..n).map(|step| ends[0] + way * ((step as f64 + 0.5) / n as f64));
    middles.filter(is_there).count() as f64 * way.norm() / n as f64
}

/// The normal of a layer of voxels about `at`, from all of them within `reach_mm`: the direction they spread least in.
/// `None` if there are fewer than ten, or they make no layer.
pub(super) fn normal_of_layer(layer: &Body, at: &Point, reach_mm: f64) -> Option<Vector> {
    let near: Vec<&Point> =
        layer.border.iter().map(|(point, _)| point).filter(|point| (*point - at).norm() <= reach_mm).collect();
    if near.len() < 10 {
        return None;
    }
    let mean = near.iter().map(|point| point.coords).sum::<Vector>() / near.len() as f64;
    let spread = near.iter().map(|point| (point.coords - mean) * (point.coords - mean).transpose());
    let spread = spread.fold(nalgebra::Matrix3::zeros(), |sum, one| sum + one).symmetric_eigen();
    let thin = spread.eigenvalues.imin();
    let others = (0..3).filter(|n| *n != thin).map(|n| spread.eigenvalues[n]).fold(f64::INFINITY, f64::min);
    (spread.eigenvalues[thin] < 0.5 * others).then(|| spread.eigenvectors.column(thin).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SegmentId;
    use crate::base::rng::Rng;
    use crate::geom::Grid;
    use crate::image::{LabelMap, Volume};
    use crate::plan::score::BodyFrom;

    fn mask(dims: [usize; 3], spacing_mm: [f64; 3], inside: impl Fn(&Point) -> bool) -> LabelMap {
        let grid = Grid::aligned(dims, Point::origin(), spacing_mm).unwrap();
        let voxels = (0..grid.len()).map(|n| u8::from(inside(&grid.centre(grid.voxel(n))))).collect();
        LabelMap::from_mask(&Volume::new(grid, voxels).unwrap(), "a", [0; 3], None)
    }

    fn body(labels: &LabelMap) -> Body {
        Body::new("a", None, String::new(), &BodyFrom::Segment(labels, SegmentId(1)))
    }

    fn plane(point: Point, normal: Vector) -> CutField {
        CutField::of_planes(&[[point.into(), normal.into()]])
    }

    #[test]
    fn parts_of_random_balls_lie_within_their_bounds() {
        let mut rng = Rng::new(3);
        let mut held = 0;
        for _ in 0..100 {
            let spacing_mm = [1.0, 1.0 + rng.unit(), 1.0 + 2.0 * rng.unit()];
            let radius_mm = 8.0 + 8.0 * rng.unit();
            let centre = Point::new(20.0 + rng.unit(), 20.0 + rng.unit(), 20.0 + rng.unit());
            let dims = spacing_mm.map(|h| (41.0 / h) as usize);
            let labels = mask(dims, spacing_mm, |p| (p - centre).norm() < radius_mm);
            let solid = Solid::of(&labels, SegmentId(1)).unwrap();
            let normal = Vector::new(rng.unit() - 0.5, rng.unit() - 0.5, rng.unit() - 0.5).normalize();
            let off_mm = radius_mm * (1.4 * rng.unit() - 0.7);
            let parts = Parts::of(&solid, &[(plane(centre + normal * off_mm, normal), 0.0)]);
            // The cap above the plane: π h² (3 r − h) / 3.
            let h = radius_mm - off_mm;
            let cap_ml = std::f64::consts::PI * h * h * (3.0 * radius_mm - h) / 3000.0;
            let ball_ml = 4.0 / 3.0 * std::f64::consts::PI * radius_mm.powi(3) / 1000.0;
            let all = [parts.volume_ml(Part::Resected).holds(cap_ml), parts.organ_ml().holds(ball_ml)];
            held += usize::from(all == [true; 2] && parts.percent(Part::Resected).holds(100.0 * cap_ml / ball_ml));
            assert_eq!(parts.voxels.iter().sum::<usize>(), solid.count());
        }
        assert!(95 <= held, "{held} of 100");
    }

    #[test]
    fn a_thousand_cuts_balance_the_books() {
        let labels = mask([20, 18, 16], [1.0, 1.2, 1.5], |p| (p - Point::new(10.0, 11.0, 12.0)).norm() < 9.0);
        let solid = Solid::of(&labels, SegmentId(1)).unwrap();
        let mut rng = Rng::new(11);
        let mut place = |size: f64| Point::from(Vector::new(rng.unit(), rng.unit(), rng.unit()) * size);
        for n in 0..1000 {
            // Some graze, some miss, some go through corners, some are the same twice.
            let at = if n % 3 == 0 { solid.grid().centre([n % 5, n % 4, n % 3]) } else { place(24.0) };
            let normal = if n % 4 == 0 { Vector::x() } else { place(2.0) - Point::new(1.0, 1.0, 1.0) };
            let one = (plane(at, normal), if n % 2 == 0 { 0.0 } else { 2.0 });
            let other = match n % 5 {
                0 => one.clone(),
                _ => (CutField::Ball { centre: place(24.0), radius_mm: 5.0 }, 1.0),
            };
            let parts = Parts::of(&solid, &[one, other]);
            assert_eq!(parts.voxels.iter().sum::<usize>(), solid.count(), "cut {n}");
            let percent = [Part::Resected, Part::Remnant, Part::Cut].map(|part| parts.percent(part));
            assert!((percent.iter().map(|p| p.value).sum::<f64>() - 100.0).abs() < 1e-9);
            assert!(percent.iter().all(|p| p.low <= p.value && p.value <= p.high), "cut {n}: {percent:?}");
        }
    }

    /// Passing voxels over changes no book, and a flat sheet is a plane.
    #[test]
    fn parts_are_those_of_every_voxel_by_itself() {
        use crate::plan::{Cut, CutShape, Sheet};
        let labels = mask([30, 28, 26], [1.0, 1.2, 1.5], |p| (p - Point::new(14.0, 15.0, 18.0)).norm() < 12.0);
        let solid = Solid::of(&labels, SegmentId(1)).unwrap();
        let sheet = |bend: f64| {
            let at = |n: usize| {
                let (u, v) = ((n % 4) as f64 * 14.0 - 7.0, (n / 4) as f64 * 14.0 - 3.0);
                [u, v, 17.2 + bend * (u - 14.0).powi(2)]
            };
            let sheet = Sheet { count: [4, 4], controls: (0..16).map(at).collect() };
            let cut = Cut { shape: CutShape::Sheet(sheet.clone()), width_mm: 2.0 };
            CutField::of_sheet(&cut, &sheet).unwrap()
        };
        let ball = CutField::Ball { centre: Point::new(18.0, 15.0, 18.0), radius_mm: 6.0 };
        for knives in [vec![(sheet(0.0), 2.0)], vec![(sheet(0.02), 3.0), (ball, 1.0)]] {
            let parts = Parts::of(&solid, &knives);
            let mut voxels = [0; 3];
            solid.voxels().for_each(|voxel| voxels[part_of(&solid.grid().centre(voxel), &knives) as usize] += 1);
            assert_eq!(parts.voxels, voxels);
            assert!(voxels.iter().all(|n| 100 < *n), "{voxels:?}");
        }
        let flat = plane(Point::new(0.0, 0.0, 17.2), Vector::z());
        let [of_plane, of_sheet] = [flat, sheet(0.0)].map(|knife| Parts::of(&solid, &[(knife, 2.0)]));
        assert_eq!(of_plane, of_sheet);
    }

    #[test]
    fn the_distance_of_a_cut_ends_with_the_organ() {
        // A slab of organ from 0 to 20 along y; the plane at x = 15 goes on beyond it, to a ball at y = 35.
        let organ = mask([40, 20, 10], [1.0; 3], |_| true);
        let ball = mask([40, 50, 10], [1.0; 3], |p| (p - Point::new(15.0, 35.0, 5.0)).norm() < 4.2);
        let solid = Solid::of(&organ, SegmentId(1)).unwrap();
        let knife = plane(Point::new(15.0, 0.0, 0.0), Vector::x());
        let (mm, _) = Patch::of(&solid, &knife).unwrap().distance_to(&knife, &body(&ball)).unwrap();
        // From the last voxel at y = 19 to the border of the ball's voxels at 30.5.
        assert!((mm - 11.5).abs() < 0.3, "{mm} mm");
        assert!(Patch::of(&solid, &plane(Point::new(60.0, 0.0, 0.0), Vector::x())).is_none());
    }

    #[test]
    fn distances_to_a_ball_are_within_their_bounds() {
        let centre = Point::new(15.3, 14.8, 15.1);
        let ball = body(&mask([30, 30, 20], [1.0, 1.0, 1.5], |p| (p - centre).norm() < 7.4));
        let mut rng = Rng::new(5);
        for _ in 0..100 {
            let mut end = || Point::new(40.0 * rng.unit() - 5.0, 40.0 * rng.unit() - 5.0, 40.0 * rng.unit() - 5.0);
            let (a, b) = (end(), end());
            let truth = from_segment_mm(&centre, [&a, &b]) - 7.4;
            if truth < 0.0 {
                continue;
            }
            let (mm, _) = least(&ball, |point| from_segment_mm(point, [&a, &b])).unwrap();
            assert!((mm - truth).abs() <= ball.half_mm, "{mm} mm for {truth} mm");
        }
    }
}
