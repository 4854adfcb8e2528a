//! The flow of every branch, read from tubes along vessels that hold it.

use crate::geom::{Point, Vector};
use crate::mesh::{CentreLines, Field, Surface};

/// Names of fields that hold the flow through a cross-section, in [`UNIT`]: of networks and flows along vessels, and of waves.
const FIELDS: [&str; 2] = ["flow", "mean flow"];
/// The unit of such a field.
const UNIT: &str = "ml/s";
/// The middle of a tube lies this near to its line, mm.
const ON_LINE_MM: f64 = 0.05;
/// The way between two rings may bow off its line by this part of it, and by so much, mm.
const BOW: f64 = 0.1;
const BOW_MM_MAX: f64 = 0.5;
/// This part of the largest flow is next to nothing: what a solver leaves of the flow of a closed branch.
const NOTHING: f64 = 1e-6;

/// The field that holds what flows, if there is one.
pub fn flow_field(fields: &[Field]) -> Option<&Field> {
    FIELDS.iter().find_map(|name| fields.iter().find(|field| field.name == *name && field.unit == UNIT))
}

/// What flows through each branch of `lines` in ml/s, without its direction, as `tubes` along them hold it: the median over
/// a tube. 0 for a branch along which there is no tube, or next to nothing flows. None if the tubes hold no flow, or none of them lies on the lines.
///
/// Tubes are those of [`crate::mesh::tube::tapered_tubes`]: rings around the points of a line, one after another.
pub fn flows_in(tubes: &Surface, fields: &[Field], lines: &CentreLines) -> Option<Vec<f64>> {
    let flow = flow_field(fields)?;
    if flow.values.len() != tubes.positions().len() {
        return None;
    }
    let mut found: Vec<Option<(usize, f64)>> = vec![None; lines.branches().len()];
    for (n, tube) in each_tube(tubes).into_iter().enumerate() {
        let Some(branch) = branch_of(&tube, n, tubes.positions(), lines) else { continue };
        let mut values: Vec<f64> = flow.values[tube.vertices.clone()].iter().map(|value| value.abs()).collect();
        let middle = values.len() / 2;
        let median = *values.select_nth_unstable_by(middle, f64::total_cmp).1;
        // Of two on one branch the longer one says it.
        if found[branch].is_none_or(|(length, _)| length < values.len()) {
            found[branch] = Some((values.len(), median));
        }
    }
    let largest = found.iter().flatten().map(|(_, flow)| *flow).reduce(f64::max)?;
    let flow = |own: Option<(usize, f64)>| own.map(|(_, flow)| flow).filter(|flow| NOTHING * largest < *flow);
    Some(found.into_iter().map(|own| flow(own).unwrap_or(0.0)).collect())
}

/// A run of vertices that triangles join, in rings of `sides`.
struct Tube {
    vertices: std::ops::Range<usize>,
    sides: usize,
}

/// The tubes of a surface in the order of their vertices.
fn each_tube(surface: &Surface) -> Vec<Tube> {
    let mut tubes: Vec<Tube> = Vec::new();
    for triangle in surface.triangles() {
        let [a, b, c] = triangle.map(|n| n as usize);
        let (low, high) = (a.min(b).min(c), a.max(b).max(c));
        match tubes.last_mut() {
            Some(tube) if tube.vertices.contains(&low) => tube.vertices.end = tube.vertices.end.max(high + 1),
            // The first triangle of a tube goes from the first vertex of one ring to that of the next.
            _ => tubes.push(Tube { vertices: low..high + 1, sides: c.saturating_sub(a) }),
        }
    }
    tubes
}

/// The branch whose line runs through the middle of a tube.
fn branch_of(tube: &Tube, n: usize, positions: &[Point], lines: &CentreLines) -> Option<usize> {
    let own = &positions[tube.vertices.clone()];
    if tube.sides < 3 || own.len() < 2 * tube.sides || !own.len().is_multiple_of(tube.sides) {
        return None;
    }
    let centre = |ring: usize| {
        let ring = &own[ring * tube.sides..(ring + 1) * tube.sides];
        ring.iter().map(|point| point.coords).sum::<Vector>() / tube.sides as f64
    };
    let before = (own.len() / tube.sides - 1) / 2;
    let [a, b] = [centre(before), centre(before + 1)];
    let (middle, off_mm) = (Point::from(0.5 * (a + b)), ON_LINE_MM.max(BOW_MM_MAX.min(BOW * (b - a).norm())));
    // Tubes stand in the order of their branches, mostly.
    let is_on = |branch: usize| {
        let points = &lines.branches()[branch].points;
        points.windows(2).any(|pair| {
            let along = pair[1] - pair[0];
            let part = ((middle - pair[0]).dot(&along) / along.norm_squared().max(1e-18)).clamp(0.0, 1.0);
            (middle - (pair[0] + along * part)).norm() <= off_mm
        })
    };
    if n < lines.branches().len() && is_on(n) {
        return Some(n);
    }
    lines.nearest(&middle).filter(|place| place.distance_mm <= off_mm).map(|place| place.branch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::CentreBranch;
    use crate::mesh::tube::tapered_tubes;

    /// A trunk along x and two branches; the second is a short piece of two points.
    fn lines() -> CentreLines {
        let branch = |parent, points: &[[f64; 3]]| {
            let points: Vec<Point> = points.iter().copied().map(Point::from).collect();
            CentreBranch { parent, radii_mm: vec![2.0; points.len()], points }
        };
        CentreLines::new(vec![
            branch(None, &[[0.0; 3], [5.0, 0.0, 0.0], [20.0, 1.0, 0.0]]),
            branch(Some(0), &[[20.0, 1.0, 0.0], [28.0, 9.0, 0.0], [31.0, 20.0, 4.0]]),
            branch(Some(0), &[[20.0, 1.0, 0.0], [24.0, -6.0, 0.0]]),
        ])
        .unwrap()
    }

    /// Tubes along some of the branches, each with its flow, and one beside them.
    fn tubes(lines: &CentreLines, of: &[(usize, f64)], name: &str) -> (Surface, Vec<Field>) {
        let beside = [Point::new(0.0, 40.0, 0.0), Point::new(20.0, 40.0, 3.0)];
        let mut all: Vec<&[Point]> = of.iter().map(|(n, _)| lines.branches()[*n].points.as_slice()).collect();
        all.push(&beside);
        let count: usize = all.iter().map(|line| line.len()).sum();
        let flows = of.iter().flat_map(|(n, flow)| vec![*flow; lines.branches()[*n].points.len()]);
        let flows: Vec<f64> = flows.chain([99.0; 2]).collect();
        let (surface, owners) = tapered_tubes(&all, &vec![1.5; count], 16).unwrap();
        let values = owners.iter().map(|point| flows[*point as usize]).collect();
        (surface, vec![Field::new("pressure", "mmHg", vec![0.0; owners.len()]), Field::new(name, "ml/s", values)])
    }

    #[test]
    fn every_branch_has_the_flow_of_its_tube_whatever_the_order() {
        let lines = lines();
        for (of, expected) in [
            (vec![(0, 3.0), (1, 2.0), (2, 1.0)], [3.0, 2.0, 1.0]),
            (vec![(2, 1.0), (1, -2.0), (0, 3.0)], [3.0, 2.0, 1.0]),
            (vec![(0, 3.0), (2, 1.0)], [3.0, 0.0, 1.0]),
            (vec![(0, 3.0), (1, 1e-12), (2, 1.0)], [3.0, 0.0, 1.0]),
        ] {
            for name in FIELDS {
                let (surface, fields) = tubes(&lines, &of, name);
                assert_eq!(flows_in(&surface, &fields, &lines).unwrap(), expected, "{of:?}");
            }
        }
    }

    #[test]
    fn tubes_of_other_lines_and_surfaces_without_flow_say_nothing() {
        let lines = lines();
        let (surface, fields) = tubes(&lines, &[(0, 3.0), (1, 2.0), (2, 1.0)], "flow");
        let moved = lines.branches().iter().map(|branch| CentreBranch {
            points: branch.points.iter().map(|p| p + Vector::new(0.0, 1.0, 2.0)).collect(),
            ..branch.clone()
        });
        assert_eq!(flows_in(&surface, &fields, &CentreLines::new(moved.collect()).unwrap()), None);
        assert_eq!(flows_in(&surface, &fields[..1], &lines), None);
        let ball = crate::mesh::shapes::ball(20.0, 4.0);
        let field = Field::new("flow", "ml/s", vec![1.0; ball.positions().len()]);
        assert_eq!(flows_in(&ball, &[field], &lines), None);
    }
}
