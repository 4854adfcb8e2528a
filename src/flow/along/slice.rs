//! A plane through a computed flow: where it cuts the lumen, and what passes through it at any moment.

use super::section::Raster;
use crate::flow::{Cells, FlowResult};
use crate::geom::{Point, Vector};
use crate::mesh::{Field, Surface};

/// The search for the border of the lumen begins with so many cells around the point.
const REACH_CELLS: f64 = 6.0;
/// How much farther it goes each time.
const FARTHER: f64 = 1.6;
/// Times the plane is turned towards the mean flow through it.
const TURNS: usize = 4;

/// Where a plane cuts the lumen, as far as it is connected to a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Slice {
    /// The point asked for.
    pub at: Point,
    /// Unit normal.
    pub normal: Vector,
    /// Points of a raster inside the lumen, row by row.
    pub points: Vec<Point>,
    /// Distance of the points in mm, half a lattice cell where the vessel is less than 40 cells wide.
    pub spacing_mm: f64,
    /// Triangles between the points.
    triangles: Vec<[u32; 3]>,
}

/// What passes through a slice.
#[derive(Debug, Clone, PartialEq)]
pub struct Through {
    /// Velocity along the normal at each point of the slice, m/s.
    pub along_m_s: Vec<f64>,
    /// Speed at each point, m/s.
    pub speed_m_s: Vec<f64>,
    /// Gauge pressure at each point, Pa.
    pub pressure_pa: Vec<f64>,
    /// Volume flow along the normal where it goes along, ml/s.
    pub forward_ml_s: f64,
    /// Volume flow against the normal where it goes back, ml/s; positive.
    pub backward_ml_s: f64,
}

impl Slice {
    /// The cut of the lumen of `cells` by the plane through `at` with `normal`; none where there is no fluid or no normal.
    pub fn of(cells: &Cells, at: Point, normal: Vector) -> Option<Self> {
        let normal = normal.try_normalize(1e-12)?;
        let cell_mm = cells.cell_mm();
        let is_fluid = |point: Point| {
            let index = cells.grid().index_from_patient(point);
            cells.at(index.map(|x| (x + 0.5).floor() as i32).into()).is_some()
        };
        let farthest_mm = cells.grid().bounds().size().norm() + cell_mm;
        let mut reach_mm = REACH_CELLS * cell_mm;
        let own_mm = loop {
            let raster = Raster::new(at, normal, reach_mm, cell_mm);
            let (inside, is_open) = raster.connected(|p| is_fluid(raster.at(p)))?;
            if !is_open || farthest_mm <= reach_mm {
                break inside.iter().map(|p| (raster.at(*p) - at).norm()).fold(0.0, f64::max);
            }
            reach_mm = (FARTHER * reach_mm).min(farthest_mm);
        };
        // Once more as fine as the section allows.
        let raster = Raster::new(at, normal, own_mm + 2.0 * cell_mm, cell_mm);
        let (inside, _) = raster.connected(|p| is_fluid(raster.at(p)))?;
        let number = |p: usize| inside.binary_search(&p).ok().map(|n| n as u32);
        let mut triangles = Vec::new();
        for p in &inside {
            let corners = [*p, p + 1, p + 1 + raster.points, p + raster.points].map(number);
            // The axes of the raster and the normal are a right-handed system.
            match corners {
                [Some(a), Some(b), Some(c), Some(d)] => triangles.extend([[a, b, c], [a, c, d]]),
                [Some(a), Some(b), Some(c), None] => triangles.push([a, b, c]),
                [Some(a), Some(b), None, Some(d)] => triangles.push([a, b, d]),
                [Some(a), None, Some(c), Some(d)] => triangles.push([a, c, d]),
                _ => {}
            }
        }
        let points = inside.iter().map(|p| raster.at(*p)).collect();
        Some(Self { at, normal, points, spacing_mm: raster.spacing_mm, triangles })
    }

    /// The cut across the flow at a point: its plane is turned towards the mean flow through it, beginning with the velocity
    /// at the point. None where there is no fluid or nothing moves.
    pub fn across(result: &FlowResult, at: Point) -> Option<Self> {
        let mut slice = Self::of(&result.cells, at, result.velocity_at(at)?)?;
        for _ in 0..TURNS {
            let velocities = slice.points.iter().filter_map(|point| result.velocity_at(*point));
            let mean = velocities.fold(Vector::zeros(), |sum, velocity| sum + velocity);
            slice = Self::of(&result.cells, at, mean)?;
        }
        Some(slice)
    }

    /// Area in mm², good to about the circumference times a quarter of a cell.
    pub fn area_mm2(&self) -> f64 {
        self.points.len() as f64 * self.spacing_mm * self.spacing_mm
    }

    /// Diameter in mm of a circle with this area.
    pub fn diameter_mm(&self) -> f64 {
        2.0 * (self.area_mm2() / std::f64::consts::PI).sqrt()
    }

    /// What passes through it in `result`, whose cells it was made of.
    pub fn through(&self, result: &FlowResult) -> Through {
        let velocity = |point: &Point| result.velocity_at(*point).unwrap_or_default();
        let velocities: Vec<Vector> = self.points.iter().map(velocity).collect();
        let along_m_s: Vec<f64> = velocities.iter().map(|velocity| velocity.dot(&self.normal)).collect();
        // m/s times mm² is ml/s.
        let area = self.spacing_mm * self.spacing_mm;
        Through {
            speed_m_s: velocities.iter().map(Vector::norm).collect(),
            pressure_pa: self.points.iter().map(|point| result.pressure_at(*point).unwrap_or_default()).collect(),
            forward_ml_s: area * along_m_s.iter().map(|along| along.max(0.0)).sum::<f64>(),
            backward_ml_s: area * along_m_s.iter().map(|along| (-along).max(0.0)).sum::<f64>(),
            along_m_s,
        }
    }

    /// The slice as a surface whose front looks along the normal.
    pub fn surface(&self) -> Surface {
        Surface::new(self.points.clone(), self.triangles.clone()).expect("triangles are between these points")
    }
}

impl Through {
    /// Net volume flow along the normal in ml/s.
    pub fn net_ml_s(&self) -> f64 {
        self.forward_ml_s - self.backward_ml_s
    }

    /// Share of all that passes that goes back, 0 to 1.
    pub fn backward_share(&self) -> f64 {
        let all = self.forward_ml_s + self.backward_ml_s;
        if 0.0 < all { self.backward_ml_s / all } else { 0.0 }
    }

    /// Highest velocity along the normal or against it in m/s, as its size.
    pub fn peak_m_s(&self) -> f64 {
        self.along_m_s.iter().map(|along| along.abs()).fold(0.0, f64::max)
    }

    /// Mean velocity along the normal in m/s.
    pub fn mean_m_s(&self) -> f64 {
        mean(&self.along_m_s)
    }

    /// Mean gauge pressure in Pa.
    pub fn mean_pa(&self) -> f64 {
        mean(&self.pressure_pa)
    }

    /// What colours the surface of the slice: velocity through it, speed, pressure.
    pub fn fields(&self) -> Vec<Field> {
        vec![
            Field::new("velocity through the section", "m/s", self.along_m_s.clone()),
            Field::new("speed", "m/s", self.speed_m_s.clone()),
            Field::new("pressure", "Pa", self.pressure_pa.clone()),
        ]
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Progress;
    use crate::flow::verification::tube::tube;
    use crate::flow::{Fluid, simulate};
    use std::f64::consts::PI;

    #[test]
    fn a_slice_finds_the_axis_of_a_tube_and_carries_what_came_in() {
        let (radius, flow, axis) = (2.0, 1.0, Vector::new(0.2, 0.1, 1.0).normalize());
        let mut setup = tube(12.0, |_| 2.0, axis, 14.0, flow, Fluid::blood());
        setup.streamlines = 0;
        let (mut result, _) = simulate(&setup, &Progress::default()).unwrap();
        // Asked for beside the axis, where the lattice makes the velocity a little askew.
        let at = Point::from(axis * 6.0 + axis.cross(&Vector::x()).normalize() * 1.2);
        let slice = Slice::across(&result, at).unwrap();
        assert!(0.9995 < slice.normal.dot(&axis), "{}", slice.normal);
        assert!((slice.area_mm2() / (PI * radius * radius) - 1.0).abs() < 0.04, "{} mm²", slice.area_mm2());
        let through = slice.through(&result);
        assert!((through.net_ml_s() / flow - 1.0).abs() < 0.03, "{} ml/s", through.net_ml_s());
        assert!(through.backward_ml_s < 1e-3, "{} ml/s back", through.backward_ml_s);
        assert!((through.peak_m_s() / through.mean_m_s() - 2.0).abs() < 0.1, "a parabola");
        // Its surface looks along the normal and covers nearly all of the area.
        let surface = slice.surface();
        let normals = surface.vertex_normals();
        assert!(normals.iter().filter(|n| 0.0 < n.norm()).all(|n| 0.999 < n.dot(&slice.normal)));
        assert!((1e2 * surface.area_cm2() / slice.area_mm2() - 1.0).abs() < 0.15, "{} cm²", surface.area_cm2());
        // With its half on one side turned round, as much goes back as the parabola says.
        let aside = axis.cross(&Vector::y()).normalize();
        let turned = (0..result.cells.len()).map(|cell| {
            let way = if result.cells.centre(cell).coords.dot(&aside) < 0.0 { -1.0 } else { 1.0 };
            result.velocity_m_s[cell].map(|u| u * way)
        });
        result.velocity_m_s = std::sync::Arc::new(turned.collect());
        let both = slice.through(&result);
        assert!((both.backward_share() - 0.5).abs() < 0.03 && both.net_ml_s().abs() < 0.06, "{}", both.net_ml_s());
        assert!(Slice::of(&result.cells, Point::from(axis * 30.0), axis).is_none());
        assert!(Slice::of(&result.cells, at, Vector::zeros()).is_none());
    }
}
