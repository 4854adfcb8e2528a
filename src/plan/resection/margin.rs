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
/// where few are, half-way between. Known within half a voxel and `edge_mm` more.
pub fn margin_taken(blade: &Blade, target: &Organ, edge_mm: f64) -> Margin {
    margin(blade, target, edge_mm, 1.0)
}

/// The margin of a structure that is to stay, likewise.
pub fn margin_spared(blade: &Blade, kept: &Organ, edge_mm: f64) -> Margin {
    margin(blade, kept, edge_mm, -1.0)
}

fn margin(blade: &Blade, structure: &Organ, edge_mm: f64, sign: f64) -> Margin {
    let nearest = |layer| {
        let centres = structure.centres(layer);
        let sides_mm = blade.sides_mm(&centres);
        let all = centres.into_iter().zip(sides_mm).map(|(point, side_mm)| (sign * side_mm, point));
        all.reduce(|best, next| if next.0 < best.0 { next } else { best })
    };
    // Every organ has voxels with a face outside; one that fills its scan has none beyond it.
    let (inner_mm, at) = nearest(Layer::Inner).unwrap_or((f64::INFINITY, structure.bounds().centre()));
    let outer_mm = nearest(Layer::Outer).map_or(inner_mm, |(mm, _)| mm.min(inner_mm));
    let value = 0.75 * inner_mm + 0.25 * outer_mm - blade.half_mm();
    Margin { mm: Bounded::within(value, half_voxel_mm(structure.grid()) + edge_mm), at }
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

    #[test]
    fn zones_are_painted_by_distance() {
        let map = DistanceMap::of(&ball(9.0, [1.0; 3]), &Progress::default()).unwrap();
        let watched = [Watched { distances: &map, margin_mm: 5.0, edge_mm: 0.0 }];
        let places = [5.0, 11.0, 14.1, 17.0].map(|x| Point::new(x, 0.0, 0.0));
        assert_eq!(zones(&places, &watched, 0.0), [Zone::Inside, Zone::Within, Zone::Uncertain, Zone::Clear]);
        assert_eq!(zones(&places, &[], 0.0), [Zone::Clear; 4]);
    }
}
