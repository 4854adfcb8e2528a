//! Cuts laid flat: which place of a picture shows which place of the cut.
//!
//! A sheet becomes a rectangle, the planes of a wedge are hinged at their edges, a ball is mapped about the middle of what is
//! cut of it. Everything is seen from the side that is taken away.

use super::hinged::{Hinged, range_of};
use super::{Blade, Flat, Organ, ResectionError, feet, nearest, sheet_of_plane};
use crate::base::Progress;
use crate::geom::{Plane, Point, Vector};
use crate::plan::{Cut, CutShape, Sheet};
use std::f64::consts::PI;

/// Control points each way of the sheet a plane is laid flat as.
const CONTROLS: [usize; 2] = [4; 2];

/// A cut laid flat. Places are in mm from the lower left corner of the picture, to the right and upwards.
#[derive(Debug, Clone)]
pub struct Laid {
    map: Map,
    /// Low and high of the picture in the map's own places.
    range_mm: [[f64; 2]; 2],
    stretch_max: f64,
}

/// How a cut is laid flat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As one sheet.
    Sheet,
    /// So many planes, hinged at their edges.
    Planes(usize),
    /// A ball about the middle of its part in the organ.
    Ball,
}

#[derive(Debug, Clone)]
enum Map {
    Sheet { sheet: Sheet, flat: Flat },
    Planes(Hinged),
    Ball(Globe),
}

/// A ball about a pole.
///
/// Azimuthal equidistant map (Snyder 1987, Map Projections, section 25): a place at the angle θ from the pole lies R θ from
/// the middle, in its direction. Lengths along lines through the middle are true, areas are shown θ / sin θ times too large.
#[derive(Debug, Clone)]
struct Globe {
    centre: Point,
    radius_mm: f64,
    /// From the centre to the middle of the picture; unit length.
    pole: Vector,
    /// The picture's directions there; seen from inside the ball, which is taken away.
    right: Vector,
    up: Vector,
}

impl Globe {
    /// About the middle of `places` on the ball.
    fn about(centre: Point, radius_mm: f64, places: &[Point]) -> Self {
        let sum: Vector = places.iter().map(|point| (point - centre) / radius_mm).sum();
        // A ball that lies in the organ as a whole has no middle: then it is seen towards the patient's front.
        let is_sided = 0.05 * places.len() as f64 <= sum.norm();
        let pole = if is_sided { sum.normalize() } else { -Vector::y() };
        let inwards = Plane::new(centre, -pole).expect("a unit vector has a direction");
        let [right, up] = inwards.across();
        Self { centre, radius_mm, pole, right, up }
    }

    /// The angle from the pole.
    fn angle(&self, point: &Point) -> f64 {
        let way = point - self.centre;
        let high = way.dot(&self.pole);
        (way - self.pole * high).norm().atan2(high)
    }

    fn place(&self, point: &Point) -> [f64; 2] {
        let way = point - self.centre;
        let [x, y] = [way.dot(&self.right), way.dot(&self.up)];
        let aside = x.hypot(y);
        if aside < 1e-12 {
            // The pole, or the place opposite, which is all of the rim.
            return [self.radius_mm * self.angle(point), 0.0];
        }
        let scale = self.radius_mm * self.angle(point) / aside;
        [x * scale, y * scale]
    }

    /// The place of the ball, its direction inwards and the picture's directions there; none beyond the rim.
    fn point(&self, [x, y]: [f64; 2]) -> Option<(Point, Vector, [Vector; 2])> {
        let away_mm = x.hypot(y);
        let angle = away_mm / self.radius_mm;
        if PI < angle {
            return None;
        }
        let [cos, sin] = if away_mm < 1e-12 { [1.0, 0.0] } else { [x / away_mm, y / away_mm] };
        let radial = self.right * cos + self.up * sin;
        let out = self.pole * angle.cos() + radial * angle.sin();
        // Lengths are true along the radius; what is across it keeps its direction.
        let (along, across) = (radial * angle.cos() - self.pole * angle.sin(), self.up * cos - self.right * sin);
        let directions = [along * cos - across * sin, along * sin + across * cos];
        Some((self.centre + out * self.radius_mm, -out, directions))
    }
}

impl Laid {
    /// A sheet laid flat.
    ///
    /// # Errors
    /// [`ResectionError`] if the sheet is none.
    pub fn sheet(sheet: &Sheet) -> Result<Self, ResectionError> {
        let flat = Flat::of(sheet)?;
        let (range_mm, stretch_max) = (flat.size_mm().map(|mm| [0.0, mm]), flat.stretch_max);
        Ok(Self { map: Map::Sheet { sheet: sheet.clone(), flat }, range_mm, stretch_max })
    }

    /// A cut laid flat, as much of it as `organ` has.
    ///
    /// # Errors
    /// [`ResectionError::NoOrgan`] if it misses the organ, [`ResectionError::NoSurface`] for territories, others for what is
    /// no cut; [`ResectionError::Cancelled`].
    pub fn of(cut: &Cut, organ: &Organ, progress: &Progress) -> Result<Self, ResectionError> {
        let plane = |[point, normal]: &[[f64; 3]; 2]| {
            Plane::new((*point).into(), (*normal).into()).ok_or(ResectionError::NoNormal)
        };
        match &cut.shape {
            CutShape::Sheet(sheet) => Self::sheet(sheet),
            CutShape::Plane { point, normal } => {
                Self::sheet(&sheet_of_plane(&plane(&[*point, *normal])?, organ, CONTROLS)?)
            }
            CutShape::Wedge { planes } => match &planes[..] {
                [one] => Self::sheet(&sheet_of_plane(&plane(one)?, organ, CONTROLS)?),
                _ => {
                    // Finite, and not too many.
                    Blade::of(cut, &organ.bounds())?;
                    let planes = planes.iter().map(plane).collect::<Result<Vec<_>, _>>()?;
                    let hinged = Hinged::of(planes, organ, progress)?;
                    let range_mm = hinged.range_mm();
                    Ok(Self { map: Map::Planes(hinged), range_mm, stretch_max: 1.0 })
                }
            },
            CutShape::Sphere { centre, radius_mm } => {
                let blade = Blade::of(cut, &organ.bounds())?;
                let places = feet(organ, &blade, progress)?;
                if places.is_empty() {
                    return Err(ResectionError::NoOrgan);
                }
                let near_mm = organ.grid().spacing_mm().into_iter().fold(0.0, f64::max);
                let globe = Globe::about((*centre).into(), *radius_mm, &places);
                let rim_mm = PI * radius_mm;
                // At the place opposite the middle areas grow beyond all bounds; a voxel before it they are told.
                let last = (PI - near_mm / radius_mm).max(0.0);
                let farthest = places.iter().map(|point| globe.angle(point)).fold(0.0, f64::max);
                let range_mm = if 0.5 * PI < farthest {
                    // Beyond the equator places are few and far between on the map: the whole disc is shown.
                    let reach_mm = (farthest * radius_mm + near_mm).min(rim_mm);
                    [[-reach_mm, reach_mm]; 2]
                } else {
                    range_of(places.iter().map(|point| globe.place(point)), near_mm)
                        .map(|range| range.map(|mm| mm.clamp(-rim_mm, rim_mm)))
                };
                let far = farthest.min(last);
                let stretch_max = if far < 1e-6 { 1.0 } else { far / far.sin() };
                Ok(Self { map: Map::Ball(globe), range_mm, stretch_max })
            }
            CutShape::Territories { .. } => Err(ResectionError::NoSurface { what: "a cut by territories" }),
        }
    }

    /// How it is laid flat.
    pub fn manner(&self) -> Manner {
        match &self.map {
            Map::Sheet { .. } => Manner::Sheet,
            Map::Planes(hinged) => Manner::Planes(hinged.count()),
            Map::Ball(_) => Manner::Ball,
        }
    }

    /// How much too large or too small areas are shown at most: 1 on planes.
    pub fn stretch_max(&self) -> f64 {
        self.stretch_max
    }

    /// Lengths of the picture in mm.
    pub fn size_mm(&self) -> [f64; 2] {
        self.range_mm.map(|[low, high]| high - low)
    }

    /// The edges at which planes are hinged, each by its ends.
    pub fn hinges_mm(&self) -> Vec<[[f64; 2]; 2]> {
        let Map::Planes(hinged) = &self.map else { return Vec::new() };
        let own = |place: [f64; 2]| [0, 1].map(|axis| place[axis] - self.range_mm[axis][0]);
        hinged.hinges_mm().iter().map(|ends| ends.map(own)).collect()
    }

    /// The place of the cut at a place of the picture; none where nothing of the cut is shown.
    pub fn at(&self, place_mm: [f64; 2]) -> Option<Point> {
        self.with_ways(place_mm).map(|(point, ..)| point)
    }

    /// The same with the direction across the cut towards what is taken away (unit length; 0 in a fold of a sheet), and the patient's directions to
    /// the right and upwards in the picture there.
    pub fn with_ways(&self, place_mm: [f64; 2]) -> Option<(Point, Vector, [Vector; 2])> {
        let place = [0, 1].map(|axis| place_mm[axis] + self.range_mm[axis][0]);
        match &self.map {
            Map::Sheet { sheet, flat } => {
                let [u, v] = flat.parameters(place);
                let across = sheet.across(u, v).try_normalize(1e-12).unwrap_or_else(Vector::zeros);
                Some((sheet.at(u, v), across, sheet.tangents(u, v)))
            }
            Map::Planes(hinged) => hinged.point(place),
            Map::Ball(globe) => globe.point(place),
        }
    }

    /// Where in the picture the place of the cut nearest to `point` is; none beyond what is shown.
    pub fn place_mm(&self, point: &Point) -> Option<[f64; 2]> {
        let place = match &self.map {
            Map::Sheet { sheet, flat } => flat.place_mm(nearest(sheet, point)?),
            Map::Planes(hinged) => hinged.place(point)?,
            Map::Ball(globe) => globe.place(point),
        };
        let within = |axis: usize| (self.range_mm[axis][0]..=self.range_mm[axis][1]).contains(&place[axis]);
        (within(0) && within(1)).then(|| [0, 1].map(|axis| place[axis] - self.range_mm[axis][0]))
    }
}

#[cfg(test)]
mod tests;
