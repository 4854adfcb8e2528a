//! Vessels that a cut parts or touches, with their diameters.

use super::Blade;
use crate::geom::Point;
use crate::mesh::{CentreBranch, CentreLines};
use crate::plan::territory::TreePlace;

/// A vessel cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// Where on the tree.
    pub place: TreePlace,
    /// Where in the patient.
    pub at: Point,
    /// Radius of the vessel there.
    pub radius_mm: f64,
    /// Angle between vessel and cut: 90° straight across.
    pub angle_degrees: f64,
    /// Whether the centre line goes through; else the cut only opens the wall.
    pub is_through: bool,
}

impl Crossing {
    /// The vessel's diameter.
    pub fn diameter_mm(&self) -> f64 {
        2.0 * self.radius_mm
    }

    /// The longer diameter of the opening: 2 r / sin of the angle, no more than ten diameters.
    pub fn opening_mm(&self) -> f64 {
        self.diameter_mm() / self.angle_degrees.to_radians().sin().max(0.1)
    }
}

/// Where `blade` crosses the centre lines, and where it comes nearer to one than its radius without crossing it; by branch and
/// along it. Only those count of which `counts` says so, e.g. those in or at an organ.
pub fn crossings(blade: &Blade, lines: &CentreLines, counts: impl Fn(&Crossing) -> bool) -> Vec<Crossing> {
    crossings_near(blade, lines, 0.0, counts)
}

/// The same, and where `blade` comes to within `near_mm` of the wall of a branch.
pub fn crossings_near(
    blade: &Blade,
    lines: &CentreLines,
    near_mm: f64,
    counts: impl Fn(&Crossing) -> bool,
) -> Vec<Crossing> {
    let mut found = Vec::new();
    for (n, branch) in lines.branches().iter().enumerate() {
        of_branch(blade, n, branch, near_mm, &mut found);
    }
    found.retain(counts);
    found
}

fn of_branch(blade: &Blade, n: usize, branch: &CentreBranch, near_mm: f64, found: &mut Vec<Crossing>) {
    let CentreBranch { points, radii_mm, .. } = branch;
    let sides_mm = blade.sides_mm(points);
    let lengths_mm = branch.arc_lengths_mm();
    // What lies in the parent's ball at the junction is the parent's.
    let own = branch.own_start();
    let everything = blade.candidates();
    let mut run = own;
    let mut crossed = false;
    let touch = |from: usize, to: usize, found: &mut Vec<Crossing>| {
        let spare_mm = |p: &usize| sides_mm[*p].abs() - radii_mm[*p];
        let nearest = (from..to).min_by(|a, b| spare_mm(a).total_cmp(&spare_mm(b)));
        if let Some(p) = nearest.filter(|p| spare_mm(p) < near_mm) {
            let place = TreePlace { branch: n, along_mm: lengths_mm[p] };
            let tangent = points[(p + 1).min(points.len() - 1)] - points[p.saturating_sub(1)];
            let angle_degrees = angle(blade, &points[p], tangent);
            let (at, radius_mm) = (points[p], radii_mm[p]);
            found.push(Crossing { place, at, radius_mm, angle_degrees, is_through: false });
        }
    };
    for p in 0..points.len() - 1 {
        if (0.0 <= sides_mm[p]) == (0.0 <= sides_mm[p + 1]) {
            continue;
        }
        run = own.max(p + 1);
        crossed = true;
        let (from, way) = (points[p], points[p + 1] - points[p]);
        let mut few = Vec::new();
        blade.narrowed(&(from + way * 0.5), 0.5 * way.norm() + 1e-9, &everything, &mut few);
        let ahead = 0.0 <= sides_mm[p];
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            let same = (0.0 <= blade.side_among(&(from + way * middle), &few)) == ahead;
            if same { low = middle } else { high = middle }
        }
        let part = 0.5 * (low + high);
        let at = from + way * part;
        let along_mm = lengths_mm[p] + part * way.norm();
        let radius_mm = radii_mm[p] + part * (radii_mm[p + 1] - radii_mm[p]);
        let place = TreePlace { branch: n, along_mm };
        found.push(Crossing { place, at, radius_mm, angle_degrees: angle(blade, &at, way), is_through: true });
    }
    if !crossed {
        touch(run, points.len(), found);
    }
}

/// The angle between a direction and the cut at a place.
fn angle(blade: &Blade, at: &Point, along: crate::geom::Vector) -> f64 {
    let sine = along.try_normalize(1e-12).map_or(1.0, |along| along.dot(&blade.across(at)).abs());
    sine.min(1.0).asin().to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Aabb;
    use crate::plan::{Cut, CutShape};

    fn straight(parent: Option<usize>, from: [f64; 3], to: [f64; 3], radii_mm: [f64; 2]) -> CentreBranch {
        let (from, to) = (Point::from(from), Point::from(to));
        let at = |n: usize| n as f64 / 20.0;
        let points = (0..=20).map(|n| from + (to - from) * at(n)).collect();
        let radii_mm = (0..=20).map(|n| radii_mm[0] + (radii_mm[1] - radii_mm[0]) * at(n)).collect();
        CentreBranch { parent, points, radii_mm }
    }

    #[test]
    fn places_radii_and_angles_of_crossings_are_known() {
        let lines = CentreLines::new(vec![
            straight(None, [0.0, 0.0, -10.0], [0.0, 0.0, 30.0], [4.0, 2.0]),
            straight(Some(0), [0.0, 0.0, 30.0], [40.0, 0.0, 30.0], [2.0, 1.0]),
            straight(Some(0), [0.0, 0.0, 30.0], [-10.0, 0.0, 20.0], [2.0, 1.0]),
        ])
        .unwrap();
        let cut = |z: f64| {
            let shape = CutShape::Plane { point: [0.0, 0.0, z], normal: [0.0, 0.0, 1.0] };
            let around = Aabb::of(&[Point::new(-50.0, -50.0, -50.0), Point::new(50.0, 50.0, 50.0)]);
            crossings(&Blade::of(&Cut { shape, width_mm: 0.0 }, &around).unwrap(), &lines, |_| true)
        };
        let low = cut(11.3);
        assert_eq!(low.len(), 1);
        let Crossing { place, at, radius_mm, angle_degrees, is_through } = low[0];
        assert!(is_through && place.branch == 0 && (place.along_mm - 21.3).abs() < 1e-9 && (at.z - 11.3).abs() < 1e-9);
        assert!((radius_mm - (4.0 - 2.0 * 21.3 / 40.0)).abs() < 1e-9 && (angle_degrees - 90.0).abs() < 1e-6);
        let oblique = cut(25.0);
        assert_eq!(oblique.iter().map(|c| c.place.branch).collect::<Vec<_>>(), [0, 2]);
        assert!((oblique[1].angle_degrees - 45.0).abs() < 1e-6);
        assert!((oblique[1].opening_mm() - oblique[1].diameter_mm() * 2.0_f64.sqrt()).abs() < 1e-6);
        // Above the last vessel by less than its radius: its wall is opened.
        let grazing = cut(31.2);
        assert!(grazing.iter().any(|c| c.place.branch == 1 && !c.is_through), "{grazing:?}");
        assert_eq!(cut(40.0), []);
        let shape = CutShape::Plane { point: [0.0, 0.0, 32.3], normal: [0.0, 0.0, 1.0] };
        let around = Aabb::of(&[Point::origin()]);
        let beside = Blade::of(&Cut { shape, width_mm: 0.0 }, &around).unwrap();
        let near = |mm: f64| crossings_near(&beside, &lines, mm, |_| true).len();
        assert_eq!((near(0.0), near(0.5)), (0, 2), "0.3 mm over the thick ends");
    }
}
