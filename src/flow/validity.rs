//! Where the wall shear of a flow is outside what the method can tell.

use super::cells::Cells;
use super::opening::Opening;
use super::result::FlowResult;
use crate::geom::{Point, Vector};
use crate::mesh::Doubt;
use rayon::prelude::*;

/// Fewest cells across a lumen for its pressure loss to be right within some per cent; fewer leave no profile to read a
/// shear from.
pub(super) const ACROSS_LOCAL_MIN: f64 = 8.0;
/// Diameters along the vessel in which the profile that was assumed at an inlet rules.
const INLET_DIAMETERS: f64 = 1.0;
/// Cells before an outlet in which the speed may be off.
const OUTLET_CELLS: f64 = 2.0;
/// Why shear is not told somewhere.
pub(super) const BECAUSE: &str =
    "within a diameter of an inlet, two cells of an outlet, or where fewer than 8 cells lie across the lumen";

/// Whether a field of the wall follows from the shear there.
pub fn is_of_shear(name: &str) -> bool {
    name.contains("shear") || name == "relative residence time"
}

impl FlowResult {
    /// Where fields that follow from wall shear are not valid; nothing where they are valid all over.
    pub fn shear_doubt(&self) -> Option<Doubt> {
        let normals = self.wall.vertex_normals();
        let cell_mm = self.cells.cell_mm();
        let marks = self.wall.positions().par_iter().zip(&normals).map(|(point, normal)| {
            let by_opening = self.openings.iter().any(|flow| is_near(&flow.opening, point, cell_mm));
            by_opening || across(&self.cells, point, normal) < ACROSS_LOCAL_MIN
        });
        Doubt::of(marks.collect(), BECAUSE)
    }
}

/// Whether a place of the wall lies so near to an opening that this rules the flow there.
fn is_near(opening: &Opening, point: &Point, cell_mm: f64) -> bool {
    let away = point - opening.centre;
    let before_mm = -away.dot(&opening.normal);
    let beside_mm = (away + opening.normal * before_mm).norm();
    let reach_mm =
        if opening.kind.is_inlet() { INLET_DIAMETERS * 2.0 * opening.radius_mm } else { OUTLET_CELLS * cell_mm };
    // Another branch may pass by.
    before_mm <= reach_mm && -cell_mm <= before_mm && beside_mm <= 2.0 * opening.radius_mm
}

/// Cells across the lumen, from a place of the wall straight to the other side; no more than twice the fewest that count.
fn across(cells: &Cells, point: &Point, normal: &Vector) -> f64 {
    let step_mm = 0.25 * cells.cell_mm();
    let steps = (2.0 * ACROSS_LOCAL_MIN / 0.25) as usize;
    let is_fluid = |n: usize| {
        let index = cells.grid().index_from_patient(point - normal * (n as f64 * step_mm));
        cells.at(index.map(|x| (x + 0.5).floor() as i32).into()).is_some()
    };
    // The wall lies up to a cell before the first fluid.
    let Some(first) = (0..8).find(|n| is_fluid(*n)) else { return f64::INFINITY };
    let last = (first..steps).find(|n| !is_fluid(*n)).unwrap_or(steps);
    0.25 * last as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::opening::{Inflow, OpeningKind, Profile};
    use crate::geom::Grid;

    /// Fluid between the planes y = 0 and y = `high` mm, in cells of 1 mm.
    fn gap(high: i32) -> Cells {
        let grid = Grid::aligned([20, 30, 5], Point::new(0.5, -4.5, 0.5), [1.0; 3]).unwrap();
        Cells::new(grid, [false; 3], |offset| {
            let j = (offset / 20 % 30) as i32;
            (5..5 + high).contains(&j)
        })
    }

    #[test]
    fn cells_across_are_counted_from_wall_to_wall() {
        for high in [3, 6, 12] {
            let counted = across(&gap(high), &Point::new(10.0, 0.0, 2.5), &-Vector::y());
            assert!((counted - f64::from(high)).abs() <= 0.5, "{high}: {counted}");
        }
        let far = across(&gap(20), &Point::new(10.0, 0.0, 2.5), &-Vector::y());
        assert!(ACROSS_LOCAL_MIN < far);
        let nowhere = across(&gap(3), &Point::new(10.0, 20.0, 2.5), &Vector::y());
        assert_eq!(nowhere, f64::INFINITY, "no fluid there: nothing can be said against it");
    }

    #[test]
    fn an_inlet_rules_a_diameter_and_an_outlet_two_cells() {
        let inflow = OpeningKind::Inlet { inflow: Inflow::FlowMlS(5.0), profile: Profile::Developed };
        let at = |kind| Opening::placed("one", Point::origin(), Vector::x(), 5.0, kind).unwrap();
        let (inlet, outlet) = (at(inflow), at(OpeningKind::Outlet { pressure_pa: 0.0 }));
        let wall = |x: f64| Point::new(x, 5.0, 0.0);
        for (x, by_inlet, by_outlet) in
            [(-0.9, true, true), (-1.2, true, false), (-9.5, true, false), (-10.5, false, false)]
        {
            assert_eq!(is_near(&inlet, &wall(x), 0.5), by_inlet, "{x}");
            assert_eq!(is_near(&outlet, &wall(x), 0.5), by_outlet, "{x}");
        }
        assert!(!is_near(&inlet, &Point::new(-3.0, 30.0, 0.0), 0.5), "another branch");
    }

    #[test]
    fn the_reason_names_the_numbers_that_decide() {
        assert!(BECAUSE.contains(&format!("fewer than {ACROSS_LOCAL_MIN} cells")));
        assert_eq!((INLET_DIAMETERS, OUTLET_CELLS), (1.0, 2.0));
        assert!(is_of_shear("wall shear stress") && is_of_shear("oscillatory shear index") && !is_of_shear("pressure"));
    }
}
