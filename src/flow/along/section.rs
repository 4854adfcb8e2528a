//! Cross-sections of a computed flow: area, flow, mean pressure, energy.

use crate::flow::FlowResult;
use crate::geom::{Point, Vector};
use std::collections::VecDeque;

/// Raster points along an edge, at most.
const POINTS_MAX: usize = 161;
/// Raster points along the edge of a lattice cell.
const PER_CELL: f64 = 2.0;
/// A cross-section of fewer raster points means nothing.
const COUNT_MIN: usize = 8;

/// What flows through a plane across a vessel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Section {
    /// Area in mm².
    pub area_mm2: f64,
    /// Volume flow along the normal in ml/s.
    pub flow_ml_s: f64,
    /// Mean gauge pressure in Pa.
    pub pressure_pa: f64,
    /// Kinetic energy that passes per volume that passes, in Pa: ∫ ½ρu² u·n dA / ∫ u·n dA; with the pressure it is the
    /// total pressure, whose fall is the energy lost. 0 where next to nothing passes.
    pub kinetic_pa: f64,
    /// Highest speed along the normal in m/s.
    pub peak_m_s: f64,
    /// Farthest place of the section from the point asked for, in mm.
    pub reach_mm: f64,
    /// Whether the section ends where the search did: the lumen goes on in the plane, as at a junction.
    pub is_open: bool,
}

impl Section {
    /// Total pressure in Pa: what a network of vessels, whose elements only lose energy, calls pressure.
    pub fn total_pa(&self) -> f64 {
        self.pressure_pa + self.kinetic_pa
    }

    /// Mean speed along the normal in m/s.
    pub fn mean_m_s(&self) -> f64 {
        // ml/s over mm² is m/s.
        if 0.0 < self.area_mm2 { self.flow_ml_s / self.area_mm2 } else { 0.0 }
    }
}

impl FlowResult {
    /// The cross-section of the lumen in the plane through `at` with `normal`, as far as it is connected to `at` within
    /// `reach_mm`, for a fluid of `density_kg_m3`; none where there is no fluid.
    ///
    /// Values are taken on a raster of half a cell; the area is good to about the circumference times a quarter of a
    /// cell.
    pub fn section(&self, at: Point, normal: Vector, reach_mm: f64, density_kg_m3: f64) -> Option<Section> {
        let normal = normal.try_normalize(1e-12)?;
        let raster = Raster::new(at, normal, reach_mm, self.cells.cell_mm());
        let is_fluid = |p: usize| {
            let index = self.cells.grid().index_from_patient(raster.at(p));
            self.cells.at(index.map(|x| (x + 0.5).floor() as i32).into()).is_some()
        };
        let (inside, is_open) = raster.connected(is_fluid)?;
        let (mut flow, mut pressure, mut kinetic, mut peak, mut reach) = (0.0, 0.0, 0.0, 0.0_f64, 0.0_f64);
        for p in &inside {
            let point = raster.at(*p);
            let velocity = self.velocity_at(point).unwrap_or_default();
            let along = velocity.dot(&normal);
            flow += along;
            kinetic += 0.5 * density_kg_m3 * velocity.norm_squared() * along;
            pressure += self.pressure_at(point).unwrap_or_default();
            peak = peak.max(along.abs());
            reach = reach.max((point - at).norm());
        }
        let (count, area) = (inside.len() as f64, raster.spacing_mm * raster.spacing_mm);
        // A kinetic energy per volume means nothing where as much comes as goes.
        let passes = 1e-3 * peak * count < flow.abs();
        Some(Section {
            area_mm2: count * area,
            flow_ml_s: flow * area,
            pressure_pa: pressure / count,
            kinetic_pa: if passes { kinetic / flow } else { 0.0 },
            peak_m_s: peak,
            reach_mm: reach,
            is_open,
        })
    }
}

/// Points in a plane around a middle.
pub(super) struct Raster {
    middle: Point,
    axes: [Vector; 2],
    pub spacing_mm: f64,
    /// Points along an edge.
    pub points: usize,
}

impl Raster {
    pub fn new(middle: Point, normal: Vector, reach_mm: f64, cell_mm: f64) -> Self {
        let points = ((2.0 * PER_CELL * reach_mm / cell_mm).ceil() as usize | 1).clamp(9, POINTS_MAX);
        let helper = if normal.x.abs() < 0.7 { Vector::x() } else { Vector::y() };
        let first = normal.cross(&helper).normalize();
        let spacing_mm = 2.0 * reach_mm / (points - 1) as f64;
        Self { middle, axes: [first, normal.cross(&first)], spacing_mm, points }
    }

    pub fn at(&self, n: usize) -> Point {
        let from_middle = |n: usize| (n as f64 - 0.5 * (self.points - 1) as f64) * self.spacing_mm;
        self.middle + self.axes[0] * from_middle(n % self.points) + self.axes[1] * from_middle(n / self.points)
    }

    /// The fluid points within the circle that are connected to the one nearest to the middle, at most two spacings from
    /// it, and whether they reach the circle.
    pub fn connected(&self, is_fluid: impl Fn(usize) -> bool) -> Option<(Vec<usize>, bool)> {
        let n = self.points;
        let half = (n - 1) / 2;
        let from_middle = |p: usize| (p % n).abs_diff(half).pow(2) + (p / n).abs_diff(half).pow(2);
        let near = (0..n * n).filter(|p| from_middle(*p) <= 8 && is_fluid(*p));
        let seed = near.min_by_key(|p| from_middle(*p))?;
        let mut seen = vec![false; n * n];
        let (mut inside, mut is_open) = (Vec::new(), false);
        let mut queue = VecDeque::from([seed]);
        seen[seed] = true;
        while let Some(p) = queue.pop_front() {
            inside.push(p);
            if half * half < from_middle(p) + 2 * half {
                // On the rim of the circle: what lies beyond is not looked at.
                is_open = true;
                continue;
            }
            for next in [p - 1, p + 1, p - n, p + n] {
                if !seen[next] && is_fluid(next) {
                    seen[next] = true;
                    queue.push_back(next);
                }
            }
        }
        inside.sort_unstable();
        (COUNT_MIN <= inside.len()).then_some((inside, is_open))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Progress;
    use crate::flow::verification::tube::tube;
    use crate::flow::{Fluid, simulate};
    use std::f64::consts::PI;

    #[test]
    fn a_section_of_a_tube_carries_what_came_in() {
        let (radius, flow, axis) = (2.0, 1.0, Vector::new(0.2, 0.1, 1.0).normalize());
        let mut setup = tube(12.0, |_| 2.0, axis, 14.0, flow, Fluid::blood());
        setup.streamlines = 0;
        let (result, _) = simulate(&setup, &Progress::default()).unwrap();
        let density = setup.fluid.density_kg_m3;
        let section = |along: f64| result.section(Point::from(axis * along), axis, 2.0 * radius, density).unwrap();
        let area = PI * radius * radius;
        let mean = flow / area;
        for along in [4.0, 6.0, 8.0] {
            let found = section(along);
            assert!((found.area_mm2 / area - 1.0).abs() < 0.04, "area {} of {area}", found.area_mm2);
            assert!((found.flow_ml_s / flow - 1.0).abs() < 0.03, "flow {}", found.flow_ml_s);
            assert!((found.peak_m_s / (2.0 * mean) - 1.0).abs() < 0.05, "peak {}", found.peak_m_s);
            // The kinetic energy of a parabola is twice that of a plug, per volume that passes.
            assert!((found.kinetic_pa / (density * mean * mean) - 1.0).abs() < 0.08, "{}", found.kinetic_pa);
            assert!(!found.is_open && (found.reach_mm - radius).abs() < 0.4, "{}", found.reach_mm);
        }
        let fall = section(4.0).pressure_pa - section(8.0).pressure_pa;
        let expected = 8.0 * setup.fluid.viscosity_pa_s * 4e-3 * flow * 1e-6 / (PI * (radius * 1e-3).powi(4));
        assert!((fall / expected - 1.0).abs() < 0.05, "{fall} Pa of {expected} Pa");
        let backwards = result.section(Point::from(axis * 6.0), -axis, 2.0 * radius, density).unwrap();
        assert!((backwards.flow_ml_s + flow).abs() < 0.03, "{}", backwards.flow_ml_s);
        assert!(section(6.0) == section(6.0) && result.section(Point::from(axis * 40.0), axis, 4.0, density).is_none());
        let narrow = result.section(Point::from(axis * 6.0), axis, 1.0, density).unwrap();
        assert!(narrow.is_open, "the lumen goes on beyond 1 mm");
    }
}
