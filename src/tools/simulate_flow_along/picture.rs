//! Tubes along the vessels with what flows in them.

use super::Along;
use crate::flow::along::Station;
use crate::geom::Point;
use crate::mesh::tube::tapered_tubes;
use crate::mesh::{Field, Surface};
use crate::session::data::SurfaceData;
use std::f64::consts::PI;

/// Sides of the tubes.
const SIDES: u32 = 24;
/// Names of the fields it is coloured by.
pub(super) const PRESSURE: &str = "pressure";
pub(super) const RATIO: &str = "pressure ratio";

/// Tubes through all cross-sections, as wide as they are.
pub(super) fn tubes(along: &Along) -> SurfaceData {
    let numbers = 0..along.lines.branches().len();
    let of_branch = |n: usize| along.stations.iter().filter(move |station| station.branch == n);
    let lines: Vec<Vec<&Station>> =
        numbers.map(|n| of_branch(n).collect()).filter(|line: &Vec<&Station>| 1 < line.len()).collect();
    let stations: Vec<&Station> = lines.iter().flatten().copied().collect();
    let radius_mm = |station: &&Station| {
        // At junctions a plane across one vessel goes on into another.
        let own = if station.section.is_open { station.radius_mm } else { (station.section.area_mm2 / PI).sqrt() };
        own.min(2.0 * station.radius_mm.max(0.1))
    };
    let radii_mm: Vec<f64> = stations.iter().map(radius_mm).collect();
    let points: Vec<Vec<Point>> = lines.iter().map(|line| line.iter().map(|s| s.point).collect()).collect();
    let slices: Vec<&[Point]> = points.iter().map(Vec::as_slice).collect();
    let (surface, of_point) = tapered_tubes(&slices, &radii_mm, SIDES)
        .unwrap_or_else(|| (Surface::new(Vec::new(), Vec::new()).expect("no triangle can be wrong"), Vec::new()));
    let field = |name: &str, unit: &str, value: &dyn Fn(&Station) -> f64| {
        Field::new(name, unit, of_point.iter().map(|point| value(stations[*point as usize])).collect())
    };
    let (unit, per) = along.pressure_unit();
    let mut fields = vec![
        field(PRESSURE, unit, &|station| station.section.pressure_pa / per),
        field("pressure lost", unit, &|station| along.lost_pa(station.section.pressure_pa) / per),
        field("flow", "ml/s", &|station| station.section.flow_ml_s),
        field("mean speed", "cm/s", &|station| 1e2 * station.section.mean_m_s()),
        field("highest speed", "cm/s", &|station| 1e2 * station.section.peak_m_s),
        field("area", "mm²", &|station| station.section.area_mm2),
    ];
    if along.inlet_mmhg.is_some() {
        fields.insert(1, field(RATIO, "1", &|station| along.ratio(station.section.pressure_pa).unwrap_or(0.0)));
    }
    SurfaceData { surface, fields }
}
