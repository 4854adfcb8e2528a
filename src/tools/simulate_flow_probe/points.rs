//! Probes at points and along a line.

use super::{Asked, Found};
use crate::base::Table;
use crate::base::units::PA_PER_MMHG;
use crate::flow::FlowResult;
use crate::geom::{Point, Vector};
use crate::mesh::shapes::icosahedron;
use crate::mesh::tube::tube_surface;
use crate::mesh::{Field, Surface};
use crate::session::CommandError;
use crate::session::data::SurfaceData;

/// Radius of the ball that marks a point, and of the tube along a line, in lattice cells.
const BALL_CELLS: f64 = 1.2;
const TUBE_CELLS: f64 = 0.5;
/// Sides of the tube.
const SIDES: u32 = 10;

/// Velocity in m/s and gauge pressure in mmHg at a point in the lumen.
fn at(result: &FlowResult, point: Point) -> Option<(Vector, f64)> {
    Some((result.velocity_at(point)?, result.pressure_at(point)? / PA_PER_MMHG))
}

/// Each point for itself.
pub(super) fn at_points(asked: &Asked) -> Result<Found, CommandError> {
    let result = &asked.flow.result;
    let mut summary = asked.summary();
    let mut columns = vec![
        ("speed", "m/s"),
        ("velocity towards the left (x)", "m/s"),
        ("velocity towards the back (y)", "m/s"),
        ("velocity towards the head (z)", "m/s"),
        ("pressure", "mmHg"),
    ];
    columns.extend(asked.normal.map(|_| ("velocity along the normal", "m/s")));
    let mut table = Table::new("At the points", "point", &columns);
    let mut inside = Vec::new();
    for (n, point) in asked.points.iter().enumerate() {
        let Some((velocity, mmhg)) = at(result, *point) else {
            summary.warnings.extend(asked.outside(n));
            table = table.row((n + 1).to_string(), []);
            continue;
        };
        inside.push((n, *point, velocity, mmhg));
        let along = asked.normal.map(|normal| velocity.dot(&normal));
        let values = [velocity.norm(), velocity.x, velocity.y, velocity.z, mmhg].into_iter().chain(along);
        table = table.row((n + 1).to_string(), values.map(Some));
    }
    let Some((first, _, velocity, mmhg)) = inside.first() else {
        return Err(CommandError::BadParams(format!("{}; put a point into the lumen", summary.warnings.join("; "))));
    };
    summary = summary.fact(&format!("speed at point {}", first + 1), velocity.norm(), "m/s").fact(
        &format!("pressure at point {}", first + 1),
        *mmhg,
        "mmHg",
    );
    if 1 < inside.len() {
        let last = &inside[inside.len() - 1];
        summary = summary.fact(
            &format!("pressure lost from point {} to point {}", first + 1, last.0 + 1),
            mmhg - last.3,
            "mmHg",
        );
    }
    summary = summary.table(table);
    if !asked.moments.is_empty() {
        summary = summary.table(over_beat(asked, inside.iter().map(|(n, ..)| *n)));
    }
    let (corners, faces) = icosahedron();
    let radius_mm = BALL_CELLS * result.cells.cell_mm();
    let positions =
        inside.iter().flat_map(|(_, point, ..)| corners.iter().map(move |c| point + c * radius_mm)).collect();
    let ball = |n: u32| faces.iter().map(move |face| face.map(|corner| 12 * n + corner));
    let triangles = (0..inside.len() as u32).flat_map(ball).collect();
    let surface = Surface::new(positions, triangles).expect("twelve corners for each point");
    let each = |value: &dyn Fn(&Vector, f64) -> f64| {
        inside.iter().flat_map(|(_, _, velocity, mmhg)| [value(velocity, *mmhg); 12]).collect::<Vec<f64>>()
    };
    let fields = vec![
        Field::new("speed", "m/s", each(&|velocity, _| velocity.norm())),
        Field::new("pressure", "mmHg", each(&|_, mmhg| mmhg)),
    ];
    Ok(Found { name: "Points", data: SurfaceData { surface, fields }, field: "speed", summary })
}

/// Speed, velocity along the normal if there is one, and pressure over the beat at the points with these numbers.
fn over_beat(asked: &Asked, numbers: impl Iterator<Item = usize>) -> Table {
    let numbers: Vec<usize> = numbers.collect();
    let mut columns = vec![("time".to_owned(), "s")];
    for n in &numbers {
        columns.push((format!("speed at point {}", n + 1), "m/s"));
        columns.extend(asked.normal.map(|_| (format!("velocity along the normal at point {}", n + 1), "m/s")));
        columns.push((format!("pressure at point {}", n + 1), "mmHg"));
    }
    let columns: Vec<(&str, &str)> = columns.iter().map(|(name, unit)| (name.as_str(), *unit)).collect();
    let table = Table::new("Over the beat", "moment", &columns);
    asked.moments.iter().fold(table, |table, (time_s, result)| {
        let mut values = vec![Some(*time_s)];
        for n in &numbers {
            let found = at(result, asked.points[*n]);
            values.push(found.map(|(velocity, _)| velocity.norm()));
            values.extend(asked.normal.map(|normal| found.map(|(velocity, _)| velocity.dot(&normal))));
            values.push(found.map(|(_, mmhg)| mmhg));
        }
        table.row(format!("{time_s:.3} s"), values)
    })
}

/// A place on a line: how far along, where, which way the line goes.
struct Place {
    along_mm: f64,
    point: Point,
    way: Vector,
}

/// `samples` places on the line through `points`, equally spaced from its first to its last.
fn places(points: &[Point], samples: usize) -> Vec<Place> {
    let pieces: Vec<[Point; 2]> = points.windows(2).map(|pair| [pair[0], pair[1]]).filter(|[a, b]| a != b).collect();
    let length_mm: f64 = pieces.iter().map(|[a, b]| (b - a).norm()).sum();
    let place = |n: usize| {
        let along_mm = length_mm * n as f64 / (samples - 1) as f64;
        let mut left = along_mm;
        let mut own = 0;
        while own + 1 < pieces.len() && (pieces[own][1] - pieces[own][0]).norm() < left {
            left -= (pieces[own][1] - pieces[own][0]).norm();
            own += 1;
        }
        let [a, b] = pieces[own];
        let way = (b - a).normalize();
        Place { along_mm, point: a + way * left, way }
    };
    (0..samples).map(place).collect()
}

/// Along the line through the points.
pub(super) fn along_line(asked: &Asked, samples: usize) -> Result<Found, CommandError> {
    let result = &asked.flow.result;
    let places = places(&asked.points, samples);
    let which = if asked.normal.is_some() { "velocity along the normal" } else { "velocity along the line" };
    let columns = [("along the line", "mm"), ("speed", "m/s"), (which, "m/s"), ("pressure", "mmHg")];
    let mut table = Table::new("Along the line", "place", &columns);
    // Runs of places in the lumen.
    let mut lines: Vec<Vec<Point>> = vec![Vec::new()];
    let mut values: Vec<[f64; 3]> = Vec::new();
    for Place { along_mm, point, way } in &places {
        let found = at(result, *point)
            .map(|(velocity, mmhg)| [velocity.norm(), velocity.dot(&asked.normal.unwrap_or(*way)), mmhg]);
        let row = std::iter::once(Some(*along_mm)).chain((0..3).map(|n| found.map(|values| values[n])));
        table = table.row(format!("{along_mm:.2} mm"), row);
        match found {
            Some(found) => {
                values.push(found);
                let last = lines.len() - 1;
                lines[last].push(*point);
            }
            None if lines.last().is_some_and(|line| !line.is_empty()) => lines.push(Vec::new()),
            None => {}
        }
    }
    let slices: Vec<&[Point]> = lines.iter().map(Vec::as_slice).collect();
    let Some((surface, of_point)) = tube_surface(&slices, TUBE_CELLS * result.cells.cell_mm(), SIDES) else {
        let outside: Vec<String> = (0..asked.points.len()).filter_map(|n| asked.outside(n)).collect();
        return Err(CommandError::BadParams(format!(
            "fewer than two places of the line lie in the lumen ({}); draw it through the lumen or take more samples",
            outside.join("; ")
        )));
    };
    let largest = |n: usize| values.iter().map(|v| v[n].abs()).fold(0.0, f64::max);
    let outside = places.len() - values.len();
    let spacing_mm = places[1].along_mm - places[0].along_mm;
    let mut summary = asked
        .summary()
        .fact("length of the line", places[places.len() - 1].along_mm, "mm")
        .fact("of that in the lumen, about", spacing_mm * values.len() as f64, "mm")
        .fact("highest speed", largest(0), "m/s")
        .fact(
            "pressure lost from its first place in the lumen to its last",
            values[0][2] - values[values.len() - 1][2],
            "mmHg",
        )
        .table(table);
    if 0 < outside {
        summary =
            summary.warning(format!("{outside} of {} places lie outside the lumen and have no values", places.len()));
    }
    let field = |name, unit, n: usize| {
        Field::new(name, unit, of_point.iter().map(|point| values[*point as usize][n]).collect())
    };
    let fields = vec![field("speed", "m/s", 0), field(which, "m/s", 1), field("pressure", "mmHg", 2)];
    Ok(Found { name: "Line", data: SurfaceData { surface, fields }, field: "speed", summary })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lie_equally_spaced_around_corners() {
        let corner = [Point::origin(), Point::new(3.0, 0.0, 0.0), Point::new(3.0, 0.0, 0.0), Point::new(3.0, 1.0, 0.0)];
        let found = places(&corner, 9);
        let expected = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.0, 3.0];
        for (n, place) in found.iter().enumerate() {
            assert!((place.along_mm - 0.5 * n as f64).abs() < 1e-12);
            assert!((place.point.x - expected[n]).abs() < 1e-12, "{}", place.point);
        }
        assert!((found[8].point - corner[3]).norm() < 1e-12 && (found[8].way - Vector::y()).norm() < 1e-12);
    }
}
