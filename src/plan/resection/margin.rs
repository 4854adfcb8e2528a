//! How near a cut comes to what it must take whole, or spare.

use super::{Blade, Layer, Organ};
use crate::geom::Point;
use crate::plan::distance::half_voxel_mm;
use crate::plan::{Bounded, DistanceMap};

/// The nearest place of a structure to a cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margin {
    /// Tissue between structure and cut, in mm, less half the instrument's width; below 0 the structure is cut or lies on the
    /// other side.
    pub mm: Bounded,
    /// A place of the structure's edge where it is so, the first of several.
    pub at: Point,
}

/// The margin of a structure that is to be taken away with tissue all round.
///
/// The least side of the cut over the voxels just inside the edge of the structure, and a quarter of the way from there to
/// the least over those just outside: where many voxels are about as near, the edge lies at the nearest of those inside;
/// where few are, half-way between. It is at most the least over those inside, and at least half a voxel's diagonal less than
/// said, each but for `edge_mm` more.
pub fn margin_taken(blade: &Blade, target: &Organ, edge_mm: f64) -> Margin {
    margin_taken_by(std::slice::from_ref(blade), target, edge_mm)
}

/// The same for several cuts, each with its own width: what any of them takes with tissue around it is taken.
pub fn margin_taken_by(blades: &[Blade], target: &Organ, edge_mm: f64) -> Margin {
    let depth_mm = |point: &Point| {
        let depths = blades.iter().map(|blade| blade.side_mm(point) - blade.half_mm());
        depths.fold(f64::NEG_INFINITY, f64::max)
    };
    margin(depth_mm, steepest(blades), target, edge_mm)
}

/// The margin of a structure that is to stay, likewise.
pub fn margin_spared(blade: &Blade, kept: &Organ, edge_mm: f64) -> Margin {
    margin(|point| -blade.side_mm(point) - blade.half_mm(), blade.steepness(), kept, edge_mm)
}

/// By how much more than the way one goes the side of any of the cuts may change.
pub(in crate::plan) fn steepest(blades: &[Blade]) -> f64 {
    blades.iter().map(Blade::steepness).fold(1.0, f64::max)
}

fn margin(depth_mm: impl Fn(&Point) -> f64, steepness: f64, structure: &Organ, edge_mm: f64) -> Margin {
    let nearest = |layer| {
        let mut least = Least { structure, layer, depth_mm: &depth_mm, steepness, best: None };
        least.block(structure.depth() - 1, [0; 3]);
        least.best.map(|(mm, brick, bit)| (mm, structure.grid().centre(structure.voxel(brick, bit))))
    };
    // Every organ has voxels with a face outside; one that fills its scan has none beyond it.
    let (inner_mm, at) = nearest(Layer::Inner).unwrap_or((f64::INFINITY, structure.bounds().centre()));
    let outer_mm = nearest(Layer::Outer).map_or(inner_mm, |(mm, _)| mm.min(inner_mm));
    let value = 0.75 * inner_mm + 0.25 * outer_mm;
    // The middles of its voxels lie in the structure: it cannot be farther than the nearest of them, but for what was drawn off.
    let mm = Bounded { high: inner_mm + edge_mm, ..Bounded::within(value, half_voxel_mm(structure.grid()) + edge_mm) };
    Margin { mm, at }
}

/// Rounding of sides.
const SLACK_MM: f64 = 1e-9;

/// A search for the least depth of the voxels of a layer that passes blocks by whose voxels all lie deeper.
struct Least<'a, F> {
    structure: &'a Organ,
    layer: Layer,
    depth_mm: &'a F,
    steepness: f64,
    /// Depth, brick and bit; of equal depths the first in the order of bricks.
    best: Option<(f64, usize, usize)>,
}

impl<F: Fn(&Point) -> f64> Least<'_, F> {
    fn block(&mut self, level: usize, at: [usize; 3]) {
        let structure = self.structure;
        if level == 0 {
            return self.brick(structure.brick(at));
        }
        let has_any = |part: &[usize; 3]| structure.counts(level - 1, *part)[self.layer as usize] != 0;
        let bound = |part: [usize; 3]| {
            let (middle, reach_mm) = structure.ball(level - 1, part);
            ((self.depth_mm)(&middle) - self.steepness * reach_mm, part)
        };
        let mut parts: Vec<(f64, [usize; 3])> = structure.parts(level, at).filter(has_any).map(bound).collect();
        parts.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (bound_mm, part) in parts {
            if self.best.is_none_or(|(best_mm, ..)| bound_mm <= best_mm + SLACK_MM) {
                self.block(level - 1, part);
            }
        }
    }

    fn brick(&mut self, brick: usize) {
        let mut word = self.structure.words(brick)[self.layer as usize];
        while word != 0 {
            let bit = word.trailing_zeros() as usize;
            word &= word - 1;
            let mm = (self.depth_mm)(&self.structure.grid().centre(self.structure.voxel(brick, bit)));
            let is_less =
                |(best_mm, of, own): (f64, usize, usize)| mm < best_mm || (mm <= best_mm && (brick, bit) < (of, own));
            if self.best.is_none_or(is_less) {
                self.best = Some((mm, brick, bit));
            }
        }
    }
}

/// What a place of a cut is to a structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zone {
    /// Farther than the margin, whatever the uncertainty.
    Clear,
    /// Within what is not known of the margin.
    Uncertain,
    /// Nearer than the margin.
    Within,
    /// In the structure itself.
    Inside,
}

impl Zone {
    /// The zone of a place `distance_mm` from a structure that needs `margin_mm`, known within `uncertain_mm`.
    pub fn of(distance_mm: f64, margin_mm: f64, uncertain_mm: f64) -> Self {
        if distance_mm < 0.0 {
            Self::Inside
        } else if distance_mm < margin_mm {
            Self::Within
        } else if distance_mm < margin_mm + uncertain_mm {
            Self::Uncertain
        } else {
            Self::Clear
        }
    }

    /// Red within the margin, yellow within the uncertainty, as Slicer-Liver paints them; dark red inside, green beyond.
    pub fn rgb(self) -> [u8; 3] {
        match self {
            Self::Clear => [70, 168, 96],
            Self::Uncertain => [240, 205, 60],
            Self::Within => [226, 62, 58],
            Self::Inside => [122, 16, 32],
        }
    }
}

/// Something whose distance is painted on a cut.
#[derive(Debug, Clone, Copy)]
pub struct Watched<'a> {
    /// Distances to it.
    pub distances: &'a DistanceMap,
    /// What should lie between it and the cut.
    pub margin_mm: f64,
    /// Uncertainty of its edge beyond half a voxel.
    pub edge_mm: f64,
}

impl Watched<'_> {
    /// The zone of a place of a cut of twice `half_mm`.
    pub fn zone(&self, at: &Point, half_mm: f64) -> Zone {
        let uncertain_mm = self.distances.half_voxel_mm() + self.edge_mm;
        Zone::of(self.distances.at(at) - half_mm, self.margin_mm, uncertain_mm)
    }
}

/// The worst zone of every place of a cut, for its colours while it is dragged: one look-up per place and structure.
pub fn zones(places: &[Point], watched: &[Watched<'_>], half_mm: f64) -> Vec<Zone> {
    let worst = |at: &Point| watched.iter().map(|one| one.zone(at, half_mm)).fold(Zone::Clear, Zone::max);
    places.iter().map(worst).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Progress;
    use crate::geom::Grid;
    use crate::image::Volume;
    use crate::plan::{Cut, CutShape};

    fn ball(radius_mm: f64, spacing_mm: [f64; 3]) -> Volume<u8> {
        let dims = spacing_mm.map(|h| (40.0 / h) as usize);
        let grid = Grid::aligned(dims, Point::new(-20.0, -20.0, -20.0), spacing_mm).unwrap();
        let voxels = (0..grid.len()).map(|o| u8::from(grid.centre(grid.voxel(o)).coords.norm() < radius_mm)).collect();
        Volume::new(grid, voxels).unwrap()
    }

    #[test]
    fn the_margin_of_a_ball_is_known() {
        for spacing_mm in [[1.0; 3], [0.8, 0.8, 2.0]] {
            let target = Organ::of(&ball(9.3, spacing_mm)).unwrap();
            let half_voxel_mm = half_voxel_mm(target.grid());
            for (n, normal) in [[1.0, 0.0, 0.0], [0.3, -0.5, 0.8], [0.0, 0.0, -1.0]].into_iter().enumerate() {
                let unit = crate::geom::Vector::from(normal).normalize();
                let shape = CutShape::Plane { point: (unit * -14.1).into(), normal };
                let blade = Blade::of(&Cut { shape, width_mm: 1.0 }, &target.bounds()).unwrap();
                let Margin { mm, at } = margin_taken(&blade, &target, 0.0);
                let truth = 14.1 - 9.3 - 0.5;
                assert!((mm.value - truth).abs() < half_voxel_mm && mm.holds(truth), "{n}: {mm:?}");
                assert!((at.coords.normalize() + unit).norm() < 0.6);
                assert!((margin_spared(&blade, &target, 0.0).mm.value + 14.1 + 9.3 + 0.5).abs() < half_voxel_mm);
            }
        }
    }

    /// Blocks that are passed by hold nothing nearer, and two cuts of different widths are each measured by their own.
    #[test]
    fn the_margin_is_that_of_voxels_one_by_one() {
        use super::super::sheet::tests::humped;
        let target = Organ::of(&ball(9.3, [0.8, 0.8, 2.0])).unwrap();
        let around = target.bounds();
        let blade = |shape, width_mm| Blade::of(&Cut { shape, width_mm }, &around).unwrap();
        let mut lifted = humped(-12.0);
        lifted.controls.iter_mut().for_each(|point| point[2] -= 11.0);
        let sheet = blade(CutShape::Sheet(lifted), 3.0);
        let sphere = blade(CutShape::Sphere { centre: [6.0, 0.0, 2.0], radius_mm: 16.0 }, 7.0);
        for blades in [vec![sheet.clone()], vec![sphere.clone()], vec![sheet, sphere]] {
            let depth =
                |point: &Point| blades.iter().map(|b| b.side_mm(point) - b.half_mm()).fold(f64::NEG_INFINITY, f64::max);
            let least = |layer| target.centres(layer).iter().map(depth).fold(f64::INFINITY, f64::min);
            let (inner, outer) = (least(Layer::Inner), least(Layer::Outer));
            let found = margin_taken_by(&blades, &target, 0.0);
            assert!((found.mm.value - 0.75 * inner - 0.25 * outer.min(inner)).abs() < 1e-9);
            assert!((depth(&found.at) - inner).abs() < 1e-9);
        }
    }

    #[test]
    fn zones_are_painted_by_distance() {
        let map = DistanceMap::of(&ball(9.0, [1.0; 3]), &Progress::default()).unwrap();
        let watched = [Watched { distances: &map, margin_mm: 5.0, edge_mm: 0.0 }];
        let places = [5.0, 11.0, 14.1, 17.0].map(|x| Point::new(x, 0.0, 0.0));
        assert_eq!(zones(&places, &watched, 0.0), [Zone::Inside, Zone::Within, Zone::Uncertain, Zone::Clear]);
        assert_eq!(zones(&places, &[], 0.0), [Zone::Clear; 4]);
    }
}
