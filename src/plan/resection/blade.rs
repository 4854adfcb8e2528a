//! A cut made ready: on which side of it a place lies, and how far away.

use super::organ::extent;
use super::shape::Shape;
use super::{Facets, ResectionError};
use crate::base::Progress;
use crate::geom::{Aabb, Plane, Point, Vector};
use crate::image::Volume;
use crate::image::filter::squared_distance;
use crate::plan::{Cut, CutShape};
use rayon::prelude::*;
use std::sync::Arc;

/// The widest instrument.
pub const WIDTH_MM_MAX: f64 = 30.0;
/// The most planes of a wedge.
pub const PLANES_MAX: usize = 12;

/// A cut made ready.
#[derive(Debug, Clone)]
pub struct Blade {
    shape: Shape,
    /// Half of what the instrument takes away (mm).
    half_mm: f64,
}

/// The most cuts of one plan.
pub const CUTS_MAX: usize = 200;

impl Blade {
    /// `cut` made ready for everything in `around`; not for territories, see [`Self::between`].
    ///
    /// # Errors
    /// [`ResectionError`] that says what is wrong with the cut.
    pub fn of(cut: &Cut, around: &Aabb) -> Result<Self, ResectionError> {
        let half_mm = half_width(cut.width_mm)?;
        let plane = |[point, normal]: &[[f64; 3]; 2]| {
            if point.iter().chain(normal).any(|x| !x.is_finite()) {
                return Err(ResectionError::NotFinite { what: "a plane of the cut" });
            }
            Plane::new(Point::from(*point), Vector::from(*normal)).ok_or(ResectionError::NoNormal)
        };
        let shape = match &cut.shape {
            CutShape::Plane { point, normal } => Shape::Planes(vec![plane(&[*point, *normal])?]),
            CutShape::Wedge { planes } => {
                if !(1..=PLANES_MAX).contains(&planes.len()) {
                    return Err(ResectionError::Planes { given: planes.len() });
                }
                Shape::Planes(planes.iter().map(plane).collect::<Result<_, _>>()?)
            }
            CutShape::Sphere { centre, radius_mm } => {
                if !(0.0 < *radius_mm && radius_mm.is_finite()) {
                    return Err(ResectionError::Radius { radius_mm: *radius_mm });
                }
                if centre.iter().any(|x| !x.is_finite()) {
                    return Err(ResectionError::NotFinite { what: "the centre of the ball" });
                }
                Shape::Ball { centre: Point::from(*centre), radius_mm: *radius_mm }
            }
            CutShape::Sheet(sheet) => Shape::Sheet(Arc::new(Facets::of(sheet, around)?)),
            CutShape::Territories { .. } => return Err(ResectionError::NoTerritories),
        };
        Ok(Self { shape, half_mm })
    }

    /// A cut between two regions of an organ's voxels, e.g. territories of vessels: 1 in `parted` is taken away, 2 stays, 0 is
    /// outside the organ, whose outside is no cut.
    ///
    /// The side of a voxel is its distance to the nearest voxel of the other region less half a voxel. So every voxel is on
    /// the side of its region, and a width is right within half a voxel.
    ///
    /// # Errors
    /// [`ResectionError`] if nothing is to be taken away, the width is impossible, or `progress` was cancelled.
    pub fn between(parted: &Volume<u8>, width_mm: f64, progress: &Progress) -> Result<Self, ResectionError> {
        let half_mm = half_width(width_mm)?;
        let [low, high] = extent(parted).ok_or(ResectionError::NoOrgan)?;
        let dims = [0, 1, 2].map(|a| high[a] + 1 - low[a]);
        let grid = Arc::new(parted.grid().cropped(low, dims).expect("a box around voxels is not empty"));
        let voxel = |n: usize| [n % dims[0], n / dims[0] % dims[1], n / (dims[0] * dims[1])];
        let marks = |mark: u8| -> Volume<u8> {
            let of = |n| {
                let at = voxel(n);
                u8::from(parted.at([0, 1, 2].map(|a| low[a] + at[a])) == mark)
            };
            Volume::new(Arc::clone(&grid), (0..grid.len()).into_par_iter().map(of).collect()).expect("one mark each")
        };
        let taken = marks(1);
        if taken.voxels().par_iter().all(|mark| *mark == 0) {
            return Err(ResectionError::NoTerritories);
        }
        let reach = |mask: &Volume<u8>, part| squared_distance(mask, f64::INFINITY, &progress.part(part, "distances"));
        let to_rest = reach(&marks(2), 0.0..0.5)?;
        let to_taken = reach(&taken, 0.5..1.0)?;
        let half_voxel = 0.5 * grid.voxel_mm3().cbrt() as f32;
        let side = |(rest, taken): (&f32, &f32)| {
            let mm = rest.sqrt() - taken.sqrt();
            // Without a rest all of it is infinitely far on the side that is taken away.
            let mm = if mm.is_finite() { mm } else { 1e6 };
            if mm.abs() <= half_voxel { 0.5 * mm } else { mm - half_voxel.copysign(mm) }
        };
        let sides = to_rest.voxels().par_iter().zip(to_taken.voxels()).map(side).collect();
        Ok(Self { shape: Shape::Region(Volume::new(grid, sides).expect("one side per voxel")), half_mm })
    }

    /// Several cuts as one: taken away is what any of them takes. The side is the largest of theirs, so that a cut destroys
    /// nothing in what another takes away. Each keeps its own width: what a narrower instrument leaves lies farther from 0
    /// than it is from that cut, by half the difference to the widest.
    ///
    /// # Errors
    /// [`ResectionError::Cuts`] for none, or too many.
    pub fn any(mut blades: Vec<Self>) -> Result<Self, ResectionError> {
        if !(1..=CUTS_MAX).contains(&blades.len()) {
            return Err(ResectionError::Cuts { given: blades.len(), most: CUTS_MAX });
        }
        if blades.len() == 1 {
            return Ok(blades.swap_remove(0));
        }
        let half_mm = blades.iter().map(|blade| blade.half_mm).fold(0.0, f64::max);
        let shapes = blades.into_iter().flat_map(|blade| {
            let more_mm = half_mm - blade.half_mm;
            match blade.shape {
                Shape::Any(shapes) => shapes.into_iter().map(|(shape, own_mm)| (shape, own_mm + more_mm)).collect(),
                shape => vec![(shape, more_mm)],
            }
        });
        Ok(Self { shape: Shape::Any(shapes.collect()), half_mm })
    }

    /// About how many bytes it takes in memory.
    pub fn bytes(&self) -> usize {
        self.shape.bytes()
    }

    /// Half of the width that the instrument takes away.
    pub fn half_mm(&self) -> f64 {
        self.half_mm
    }

    /// How far `point` lies on the side that is taken away, in mm; negative on the other.
    ///
    /// Exact for a plane, a ball, a sheet (to its facets) and a convex wedge seen from inside; beyond the edge of a wedge
    /// it is the distance to the plane that lies farthest, so that what the instrument takes away ends in a mitre there.
    pub fn side_mm(&self, point: &Point) -> f64 {
        if let Shape::Sheet(facets) = &self.shape {
            return facets.side_at_mm(point);
        }
        self.side_among(point, &self.candidates())
    }

    /// The sides of many places, the same as one by one and faster.
    pub fn sides_mm(&self, points: &[Point]) -> Vec<f64> {
        let everything = self.candidates();
        if everything.is_empty() {
            return points.iter().map(|point| self.side_among(point, &[])).collect();
        }
        points
            .par_chunks(1024)
            .flat_map_iter(|points| {
                let mut sides_mm = Vec::with_capacity(points.len());
                self.add_sides(points, &everything, &mut sides_mm);
                sides_mm
            })
            .collect()
    }

    /// The sides of a run of places. Neighbours in a list are neighbours in space, mostly: runs of them share a choice of
    /// facets, made again for each part of a run.
    fn add_sides(&self, points: &[Point], among: &[u32], sides_mm: &mut Vec<f64>) {
        const FEW: usize = 4;
        let bounds = Aabb::of(points);
        let mut few = Vec::new();
        self.narrowed(&bounds.centre(), 0.5 * bounds.size().norm() + 1e-9, among, &mut few);
        if points.len() <= FEW {
            sides_mm.extend(points.iter().map(|point| self.side_among(point, &few)));
        } else {
            points.chunks(points.len().div_ceil(FEW)).for_each(|part| self.add_sides(part, &few, sides_mm));
        }
    }

    /// The direction in which the side grows fastest: across the cut, towards what is taken away; unit length.
    pub fn across(&self, point: &Point) -> Vector {
        const STEP_MM: f64 = 0.02;
        let along = |axis: usize| {
            let mut way = Vector::zeros();
            way[axis] = STEP_MM;
            self.side_mm(&(point + way)) - self.side_mm(&(point - way))
        };
        Vector::new(along(0), along(1), along(2)).try_normalize(1e-12).unwrap_or_else(Vector::z)
    }

    /// The place of the cut nearest to a `point` close to it; beyond the edge of a wedge, of the plane that lies farthest.
    pub fn foot(&self, point: &Point) -> Point {
        match &self.shape {
            Shape::Planes(planes) => {
                let nearest = planes.iter().min_by(|a, b| a.distance_mm(point).total_cmp(&b.distance_mm(point)));
                nearest.map_or(*point, |plane| point - plane.normal() * plane.distance_mm(point))
            }
            Shape::Ball { centre, radius_mm } => {
                let way = (point - centre).try_normalize(0.0).unwrap_or_else(Vector::x);
                centre + way * *radius_mm
            }
            Shape::Sheet(facets) => facets.foot(point),
            Shape::Region(_) | Shape::Any(_) => point - self.across(point) * self.side_mm(point),
        }
    }

    /// Whether it is the border of regions of voxels, whose side is a distance only near the border and within the organ.
    pub(in crate::plan) fn is_of_voxels(&self) -> bool {
        matches!(self.shape, Shape::Region(_))
    }

    /// The facets of a sheet.
    pub fn facets(&self) -> Option<&Facets> {
        match &self.shape {
            Shape::Sheet(facets) => Some(facets),
            _ => None,
        }
    }

    /// The planes of a plane or wedge.
    pub fn planes(&self) -> &[Plane] {
        match &self.shape {
            Shape::Planes(planes) => planes,
            _ => &[],
        }
    }

    /// By how much more than the way one goes the side may change: the difference of two interpolated distances.
    pub(in crate::plan) fn steepness(&self) -> f64 {
        self.shape.steepness()
    }

    /// What [`Self::narrowed`] chooses from at the start.
    pub(super) fn candidates(&self) -> Vec<u32> {
        self.shape.candidates()
    }

    /// The parts of the cut that speak for places within `radius_mm` of `point`; a bound below |side| of `point`.
    pub(super) fn narrowed(&self, point: &Point, radius_mm: f64, among: &[u32], into: &mut Vec<u32>) -> f64 {
        into.clear();
        self.shape.narrowed(point, radius_mm, among, into)
    }

    /// The side of `point`, with the parts of the cut that speak for it.
    #[inline]
    pub(super) fn side_among(&self, point: &Point, among: &[u32]) -> f64 {
        self.shape.side_mm(point, among)
    }
}

fn half_width(width_mm: f64) -> Result<f64, ResectionError> {
    let possible = (0.0..=WIDTH_MM_MAX).contains(&width_mm);
    possible.then_some(0.5 * width_mm).ok_or(ResectionError::Width { width_mm, most_mm: WIDTH_MM_MAX })
}

#[cfg(test)]
mod tests {
    use super::super::sheet::tests::humped;
    use super::*;

    fn around() -> Aabb {
        Aabb { min: Point::new(-50.0, -50.0, -50.0), max: Point::new(50.0, 50.0, 50.0) }
    }

    fn blade(shape: CutShape) -> Blade {
        Blade::of(&Cut { shape, width_mm: 0.0 }, &around()).unwrap()
    }

    #[test]
    fn sides_are_signed_distances() {
        let plane = blade(CutShape::Plane { point: [0.0, 0.0, 2.0], normal: [0.0, 0.0, -3.0] });
        assert_eq!(plane.side_mm(&Point::new(9.0, 9.0, 0.0)), 2.0);
        let ball = blade(CutShape::Sphere { centre: [1.0, 0.0, 0.0], radius_mm: 5.0 });
        assert_eq!(ball.side_mm(&Point::new(1.0, 0.0, 7.0)), -2.0);
        let wedge = blade(CutShape::Wedge { planes: vec![[[0.0; 3], [1.0, 0.0, 0.0]], [[0.0; 3], [0.0, 1.0, 0.0]]] });
        assert_eq!(wedge.side_mm(&Point::new(3.0, 4.0, 0.0)), 3.0);
        assert_eq!(wedge.side_mm(&Point::new(-3.0, 4.0, 0.0)), -3.0);
        let sheet = blade(CutShape::Sheet(humped(0.0)));
        assert!((sheet.across(&Point::new(3.0, 5.0, 1.0)) - Vector::z()).norm() < 1e-9);
        assert!((plane.across(&Point::origin()) + Vector::z()).norm() < 1e-9);
    }

    #[test]
    fn a_cut_between_regions_is_no_cut_along_the_capsule() {
        let grid = crate::geom::Grid::aligned([20, 9, 9], Point::origin(), [1.0; 3]).unwrap();
        let label =
            |[i, j, k]: [usize; 3]| if [j, k].iter().any(|x| *x < 2 || 6 < *x) { 0 } else { 1 + u8::from(9 < i) };
        let parted = Volume::new(grid.clone(), (0..grid.len()).map(|o| label(grid.voxel(o))).collect()).unwrap();
        let cut = Blade::between(&parted, 2.0, &Progress::default()).unwrap();
        for (i, side_mm) in [(0.0, 9.5), (8.0, 1.5), (9.0, 0.5), (10.0, -0.5), (19.0, -9.5)] {
            assert_eq!(cut.side_mm(&Point::new(i, 2.0, 4.0)), side_mm, "{i}");
        }
        let none = Volume::new(grid.clone(), vec![2; grid.len()]).unwrap();
        assert_eq!(Blade::between(&none, 2.0, &Progress::default()).unwrap_err(), ResectionError::NoTerritories);
    }

    /// Two sheets, a ball and a plane together: the largest side of them everywhere, and the books of it.
    #[test]
    fn several_cuts_are_one() {
        let lower = CutShape::Sheet(humped(-25.0));
        let shapes = [
            CutShape::Sheet(humped(30.0)),
            CutShape::Sphere { centre: [0.0, 0.0, -20.0], radius_mm: 9.0 },
            lower,
            CutShape::Plane { point: [25.0, 0.0, 0.0], normal: [1.0, 0.0, 0.2] },
        ];
        let blades: Vec<Blade> = shapes.into_iter().map(blade).collect();
        let all = Blade::any(blades.clone()).unwrap();
        let points: Vec<Point> =
            (0..500).map(|n| Point::new(f64::from(n % 20) * 4.0 - 40.0, 3.0, f64::from(n / 20) * 3.0 - 36.0)).collect();
        let largest = |point: &Point| blades.iter().map(|blade| blade.side_mm(point)).fold(f64::NEG_INFINITY, f64::max);
        assert_eq!(all.sides_mm(&points), points.iter().map(largest).collect::<Vec<f64>>());
        assert!(Blade::any(vec![]).unwrap_err().to_string().contains("0 cuts"));
        let grid = crate::geom::Grid::aligned([60; 3], Point::new(-30.0, -30.0, -30.0), [1.0; 3]).unwrap();
        let organ = super::super::Organ::of(&Volume::new(grid.clone(), vec![1; grid.len()]).unwrap()).unwrap();
        let books = super::super::Books::of(&organ, &all, 0.0, &Progress::default()).unwrap();
        let sides_mm = all.sides_mm(&organ.centres(super::super::Layer::Organ));
        assert_eq!(books.resected, sides_mm.iter().filter(|mm| 0.0 <= **mm).count() as u64);
        assert_eq!(books.resected + books.remnant, books.organ);
    }

    #[test]
    fn many_sides_at_once_are_those_one_by_one() {
        let sheet = blade(CutShape::Sheet(humped(30.0)));
        let points: Vec<Point> =
            (0..200).map(|n| Point::new(f64::from(n % 20) * 4.0 - 40.0, f64::from(n / 20), 9.0)).collect();
        let one_by_one: Vec<f64> = points.iter().map(|point| sheet.side_mm(point)).collect();
        assert_eq!(sheet.sides_mm(&points), one_by_one);
    }

    #[test]
    fn impossible_cuts_are_refused_with_a_sentence() {
        let refused = |shape, width_mm| Blade::of(&Cut { shape, width_mm }, &around()).unwrap_err().to_string();
        let plane = CutShape::Plane { point: [0.0; 3], normal: [0.0; 3] };
        assert!(refused(plane, 1.0).contains("direction"));
        assert!(refused(CutShape::Wedge { planes: vec![] }, 1.0).contains("0 planes"));
        let ball = |radius_mm| CutShape::Sphere { centre: [0.0; 3], radius_mm };
        assert!(refused(ball(0.0), 1.0).contains("0 mm"));
        assert!(refused(ball(5.0), 31.0).contains("31 mm") && refused(ball(5.0), f64::NAN).contains("width"));
        assert!(refused(CutShape::Territories { branches: vec![1] }, 0.0).contains("vessels"));
    }

    /// What each instrument destroys, takes and leaves is told by its own width, whichever others there are.
    #[test]
    fn cuts_of_different_widths_keep_their_own() {
        use super::super::Fate;
        let cut = |shape, width_mm| Blade::of(&Cut { shape, width_mm }, &around()).unwrap();
        let narrow = cut(CutShape::Plane { point: [0.0; 3], normal: [1.0, 0.2, 0.0] }, 0.0);
        let wide = cut(CutShape::Sphere { centre: [-10.0, 0.0, 0.0], radius_mm: 15.0 }, 8.0);
        let sheet = cut(CutShape::Sheet(humped(20.0)), 3.0);
        let all = [narrow, wide, sheet];
        let joined = Blade::any(all.to_vec()).unwrap();
        assert_eq!(joined.half_mm(), 4.0);
        let mut rng = crate::base::rng::Rng::new(7);
        for _ in 0..3000 {
            let at = Point::from(Vector::from_fn(|_, _| rng.between(-40.0, 40.0)));
            let fates = all.each_ref().map(|blade| Fate::of(blade.side_mm(&at), blade.half_mm()));
            let expected = match () {
                () if fates.contains(&Fate::Resected) => Fate::Resected,
                () if fates.contains(&Fate::Cut) => Fate::Cut,
                () => Fate::Remnant,
            };
            assert_eq!(Fate::of(joined.side_mm(&at), joined.half_mm()), expected, "{at} {fates:?}");
        }
    }
}
