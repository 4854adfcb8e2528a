//! A plan that stays on its twin: its points move with the tetrahedra they lie in.

use super::{Action, CutShape, Plan, Zone};
use crate::base::{Cancelled, Progress};
use crate::geom::{Point, Vector};
use crate::mesh::TetMesh;
use crate::mesh::warp::carried;

/// `plan` after `mesh` was displaced by `displacement_mm`, one vector per vertex in mm.
///
/// Every point is bound to the tetrahedron that holds it by barycentric coordinates. A plane goes through three of its points
/// a centimetre apart, which move; a fixed length (radius, width, reach) stays as it is. The score and
/// results are left out: they are of another place.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
///
/// # Panics
/// If there is not one displacement per vertex.
pub fn follow(plan: &Plan, mesh: &TetMesh, displacement_mm: &[Vector], progress: &Progress) -> Result<Plan, Cancelled> {
    let mut plan = Plan { score: None, results: Vec::new(), ..plan.clone() };
    let mut places: Vec<Point> = Vec::new();
    plan.actions.iter_mut().for_each(|named| {
        visit(&mut named.action, &mut |part| match part {
            Part::Point(point) => places.push(Point::from(*point)),
            Part::Plane([point, normal]) => places.extend(corners(point, normal)),
        });
    });
    let mut moved = carried(&places, mesh, displacement_mm, progress)?.into_iter();
    let mut next = || moved.next().expect("as many places came back as went");
    plan.actions.iter_mut().for_each(|named| {
        visit(&mut named.action, &mut |part| match part {
            Part::Point(point) => *point = next().into(),
            Part::Plane([point, normal]) => {
                let [a, b, c] = [next(), next(), next()];
                let turned = (b - a).cross(&(c - a));
                // Three places that fell on a line have no side: the old direction is the best there is.
                if let Some(unit) = turned.try_normalize(1e-9) {
                    *normal = (unit * Vector::from(*normal).norm()).into();
                }
                *point = a.into();
            }
        });
    });
    Ok(plan)
}

/// A part of an action that moves.
enum Part<'a> {
    Point(&'a mut [f64; 3]),
    Plane([&'a mut [f64; 3]; 2]),
}

/// Half a centimetre from the point of a plane, so that the three places are a centimetre apart.
const ARM_MM: f64 = 5.0;

/// The point of a plane and two more, counted so that they turn about the normal.
fn corners(point: &[f64; 3], normal: &[f64; 3]) -> [Point; 3] {
    let normal = Vector::from(*normal).try_normalize(0.0).unwrap_or_else(Vector::z);
    let side = if normal.x.abs() < 0.9 { Vector::x() } else { Vector::y() };
    let u = normal.cross(&side).normalize();
    let v = normal.cross(&u);
    let at = Point::from(*point);
    [at, at + u * ARM_MM, at + v * ARM_MM]
}

fn visit(action: &mut Action, see: &mut impl FnMut(Part<'_>)) {
    match action {
        Action::Cut(cut) => match &mut cut.shape {
            CutShape::Plane { point, normal } => see(Part::Plane([point, normal])),
            CutShape::Wedge { planes } => {
                planes.iter_mut().for_each(|[point, normal]| see(Part::Plane([point, normal])))
            }
            CutShape::Sphere { centre, .. } => see(Part::Point(centre)),
            CutShape::Sheet(sheet) => sheet.controls.iter_mut().for_each(|point| see(Part::Point(point))),
            CutShape::Territories { .. } => {}
        },
        Action::Needle(needle) | Action::Ablation(Zone { needle, .. }) => {
            see(Part::Point(&mut needle.entry));
            see(Part::Point(&mut needle.target));
        }
        Action::Screw(screw) => {
            see(Part::Point(&mut screw.head));
            see(Part::Point(&mut screw.tip));
        }
        Action::Osteotomy(saw) => {
            saw.planes.iter_mut().for_each(|[point, normal]| see(Part::Plane([point, normal])));
            see(Part::Point(&mut saw.about));
        }
        Action::Port(port) => {
            see(Part::Point(&mut port.at));
            see(Part::Point(&mut port.towards));
        }
        // Stiff: only its middle moves with the organ.
        Action::Implant(implant) => {
            let mut at = implant.at();
            see(Part::Point(&mut at));
            *implant = implant.clone().put_at(at);
        }
        Action::Clip { at } => see(Part::Point(at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::block::block;
    use crate::plan::{Cut, NamedAction, Needle, NeedleKind, Sheet};
    use nalgebra::Matrix3;

    fn named(action: Action) -> NamedAction {
        NamedAction { name: "a".into(), action }
    }

    fn needle(entry: [f64; 3], target: [f64; 3]) -> Action {
        Action::Needle(Needle { entry, target, diameter_mm: 1.0, kind: NeedleKind::Needle, contacts: None })
    }

    #[test]
    fn a_plan_follows_an_affine_motion_exactly() {
        let mesh = block([4, 3, 2], [40.0, 30.0, 20.0]);
        let turn = Matrix3::new(1.1, 0.1, 0.0, -0.05, 0.9, 0.1, 0.0, 0.05, 1.0);
        let goes = |p: Point| Point::from(turn * p.coords + Vector::new(3.0, -2.0, 1.0));
        let by: Vec<Vector> = mesh.positions().iter().map(|p| goes(*p) - p).collect();
        let (point, normal) = (Point::new(20.0, 15.0, 10.0), Vector::new(1.0, 2.0, -0.5));
        let shape = CutShape::Plane { point: point.into(), normal: normal.into() };
        let sheet = Sheet { count: [2, 1], controls: vec![[5.0, 5.0, 5.0], [30.0, 20.0, 15.0]] };
        let actions = vec![
            named(needle([5.0, 5.0, 5.0], [30.0, 20.0, 15.0])),
            named(Action::Cut(Cut { shape, width_mm: 2.0 })),
            named(Action::Cut(Cut { shape: CutShape::Sheet(sheet), width_mm: 0.0 })),
        ];
        let plan = Plan { actions, ..Plan::default() };
        let moved = follow(&plan, &mesh, &by, &Progress::default()).unwrap();
        let near = |a: [f64; 3], b: Point| assert!((Point::from(a) - b).norm() < 1e-9, "{a:?} {b:?}");
        let Action::Needle(own) = &moved.actions[0].action else { panic!("a needle") };
        near(own.entry, goes(Point::new(5.0, 5.0, 5.0)));
        near(own.target, goes(Point::new(30.0, 20.0, 15.0)));
        let Action::Cut(Cut { shape: CutShape::Plane { point: at, normal: turned }, width_mm }) =
            &moved.actions[1].action
        else {
            panic!("a plane")
        };
        near(*at, goes(point));
        assert_eq!(*width_mm, 2.0);
        // Normals turn with the inverse transposed.
        let truth = (turn.try_inverse().unwrap().transpose() * normal).normalize();
        assert!((Vector::from(*turned).normalize() - truth).norm() < 1e-9);
        let Action::Cut(Cut { shape: CutShape::Sheet(sheet), .. }) = &moved.actions[2].action else {
            panic!("a sheet")
        };
        near(sheet.controls[1], goes(Point::new(30.0, 20.0, 15.0)));
    }

    #[test]
    fn it_follows_a_bent_organ_within_a_tenth_of_a_millimetre() {
        // A block of 80 × 60 × 40 mm in cells of 5 mm, bent to a parabola that sags 10 mm at its end.
        let mesh = block([16, 12, 8], [80.0, 60.0, 40.0]);
        let goes = |p: &Point| *p + Vector::new(0.0, 0.0, -10.0 * (p.x / 80.0).powi(2));
        let by: Vec<Vector> = mesh.positions().iter().map(|p| goes(p) - p).collect();
        let mut worst = 0.0_f64;
        for n in 0..200 {
            let t = f64::from(n);
            let inside = |phase: f64, size: f64| size * (0.5 + 0.45 * (1.7 * t + phase).sin());
            let entry = Point::new(inside(0.0, 80.0), inside(1.0, 60.0), inside(2.0, 40.0));
            let target = Point::new(inside(3.0, 80.0), inside(4.0, 60.0), inside(5.0, 40.0));
            let plan = Plan { actions: vec![named(needle(entry.into(), target.into()))], ..Plan::default() };
            let moved = follow(&plan, &mesh, &by, &Progress::default()).unwrap();
            let Action::Needle(own) = &moved.actions[0].action else { panic!("a needle") };
            worst = worst.max((Point::from(own.entry) - goes(&entry)).norm());
            worst = worst.max((Point::from(own.target) - goes(&target)).norm());
        }
        assert!(worst < 0.1, "{worst} mm");
    }
}
