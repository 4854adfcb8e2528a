//! The places of an action that the mouse takes, and what dragging them makes of it. Pure: knows no view.

use crate::geom::{Plane, Point, Vector};
use crate::plan::{Action, CutShape, Needle};

/// Length of the arm that turns a plane, in mm.
pub const ARM_MM: f64 = 35.0;
/// Smallest ball.
const RADIUS_MM_MIN: f64 = 1.0;

/// What of an action a handle holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grip {
    /// The middle of a plane, by its number; it goes along the normal.
    Plane(usize),
    /// The end of the arm of a plane: it turns about the middle.
    Arm(usize),
    /// The middle of a ball.
    Centre,
    /// The rim of a ball.
    Rim,
    /// A control point of a sheet.
    Control(usize),
    /// Where a path begins.
    Entry,
    /// Where a path ends.
    Tip,
    /// The one place of a clip, the middle of an implant.
    Place,
}

/// A place that the mouse takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Handle {
    /// What it holds.
    pub grip: Grip,
    /// Where it is (LPS mm).
    pub at: Point,
    /// The only direction it goes along, if it is bound to one.
    pub along: Option<Vector>,
}

impl Handle {
    fn free(grip: Grip, at: [f64; 3]) -> Self {
        Self { grip, at: at.into(), along: None }
    }
}

/// The handles of an action; none for what is chosen and not placed.
pub fn handles(action: &Action) -> Vec<Handle> {
    match action {
        Action::Cut(cut) => match &cut.shape {
            CutShape::Plane { point, normal } => plane_handles(0, *point, *normal).to_vec(),
            CutShape::Wedge { planes } => {
                planes.iter().enumerate().flat_map(|(n, [point, normal])| plane_handles(n, *point, *normal)).collect()
            }
            CutShape::Sphere { centre, radius_mm } => {
                let rim = Point::from(*centre) + Vector::x() * *radius_mm;
                vec![Handle::free(Grip::Centre, *centre), Handle::free(Grip::Rim, rim.into())]
            }
            CutShape::Sheet(sheet) => {
                sheet.controls.iter().enumerate().map(|(n, at)| Handle::free(Grip::Control(n), *at)).collect()
            }
            CutShape::Territories { .. } => Vec::new(),
        },
        Action::Needle(needle) => needle_handles(needle),
        Action::Ablation(zone) => needle_handles(&zone.needle),
        Action::Screw(screw) => vec![Handle::free(Grip::Entry, screw.head), Handle::free(Grip::Tip, screw.tip)],
        Action::Osteotomy(saw) => {
            saw.planes.iter().enumerate().flat_map(|(n, [point, normal])| plane_handles(n, *point, *normal)).collect()
        }
        Action::Port(port) => vec![Handle::free(Grip::Entry, port.at), Handle::free(Grip::Tip, port.towards)],
        Action::Implant(implant) => vec![Handle::free(Grip::Place, implant.at())],
        Action::Clip { at } => vec![Handle::free(Grip::Place, *at)],
    }
}

fn plane_handles(n: usize, point: [f64; 3], normal: [f64; 3]) -> [Handle; 2] {
    let way = Vector::from(normal).try_normalize(1e-12).unwrap_or_else(Vector::z);
    let middle = Handle { grip: Grip::Plane(n), at: point.into(), along: Some(way) };
    [middle, Handle::free(Grip::Arm(n), (Point::from(point) + way * ARM_MM).into())]
}

fn needle_handles(needle: &Needle) -> Vec<Handle> {
    vec![Handle::free(Grip::Entry, needle.entry), Handle::free(Grip::Tip, needle.target)]
}

/// The action with a handle at another place; as it was where that would leave nothing of it, or holds no such handle.
pub fn moved(action: &Action, grip: Grip, to: Point) -> Action {
    let mut action = action.clone();
    let place: [f64; 3] = to.into();
    match &mut action {
        Action::Cut(cut) => match &mut cut.shape {
            CutShape::Plane { point, normal } => move_plane(grip, 0, point, normal, to),
            CutShape::Wedge { planes } => move_planes(grip, planes, to),
            CutShape::Sphere { centre, radius_mm } => match grip {
                Grip::Centre => *centre = place,
                Grip::Rim => *radius_mm = (to - Point::from(*centre)).norm().max(RADIUS_MM_MIN),
                _ => {}
            },
            CutShape::Sheet(sheet) => {
                if let Grip::Control(n) = grip
                    && let Some(control) = sheet.controls.get_mut(n)
                {
                    *control = place;
                }
            }
            CutShape::Territories { .. } => {}
        },
        Action::Needle(needle) => move_path(grip, &mut needle.entry, &mut needle.target, to),
        Action::Ablation(zone) => move_path(grip, &mut zone.needle.entry, &mut zone.needle.target, to),
        Action::Screw(screw) => move_path(grip, &mut screw.head, &mut screw.tip, to),
        Action::Osteotomy(saw) => move_planes(grip, &mut saw.planes, to),
        Action::Port(port) => move_path(grip, &mut port.at, &mut port.towards, to),
        Action::Implant(implant) => *implant = implant.clone().put_at(place),
        Action::Clip { at } => *at = place,
    }
    action
}

fn move_planes(grip: Grip, planes: &mut [[[f64; 3]; 2]], to: Point) {
    for (n, [point, normal]) in planes.iter_mut().enumerate() {
        move_plane(grip, n, point, normal, to);
    }
}

fn move_plane(grip: Grip, n: usize, point: &mut [f64; 3], normal: &mut [f64; 3], to: Point) {
    match grip {
        Grip::Plane(of) if of == n => *point = to.into(),
        Grip::Arm(of) if of == n => {
            if let Some(way) = (to - Point::from(*point)).try_normalize(1e-6) {
                *normal = way.into();
            }
        }
        _ => {}
    }
}

/// Ends of a path never fall together.
fn move_path(grip: Grip, entry: &mut [f64; 3], tip: &mut [f64; 3], to: Point) {
    let (end, other) = match grip {
        Grip::Entry => (entry, *tip),
        Grip::Tip => (tip, *entry),
        _ => return,
    };
    if RADIUS_MM_MIN <= (to - Point::from(other)).norm() {
        *end = to.into();
    }
}

/// The lines an action is drawn with in space; `reach_mm` is how far planes are drawn from their middle.
pub fn strokes(action: &Action, reach_mm: f64) -> Vec<Vec<Point>> {
    match action {
        Action::Cut(cut) => match &cut.shape {
            CutShape::Plane { point, normal } => frame(*point, *normal, reach_mm),
            CutShape::Wedge { planes } => {
                planes.iter().flat_map(|[at, normal]| frame(*at, *normal, reach_mm)).collect()
            }
            CutShape::Sphere { centre, radius_mm } => {
                [Vector::x(), Vector::y(), Vector::z()].map(|axis| circle((*centre).into(), axis, *radius_mm)).to_vec()
            }
            CutShape::Sheet(sheet) => {
                let [nu, nv] = sheet.count;
                let at = |u: usize, v: usize| sheet.controls.get(u + nu * v).copied().map(Point::from);
                let along = (0..nv).map(|v| (0..nu).filter_map(|u| at(u, v)).collect());
                along.chain((0..nu).map(|u| (0..nv).filter_map(|v| at(u, v)).collect())).collect()
            }
            CutShape::Territories { .. } => Vec::new(),
        },
        Action::Needle(needle) => vec![vec![needle.entry.into(), needle.target.into()]],
        Action::Ablation(zone) => vec![vec![zone.needle.entry.into(), zone.needle.target.into()]],
        Action::Screw(screw) => vec![vec![screw.head.into(), screw.tip.into()]],
        Action::Osteotomy(saw) => saw.planes.iter().flat_map(|[at, normal]| frame(*at, *normal, reach_mm)).collect(),
        Action::Port(port) => vec![vec![port.at.into(), port.towards.into()]],
        Action::Implant(_) | Action::Clip { .. } => Vec::new(),
    }
}

/// The outline of a plane and its arm.
fn frame(point: [f64; 3], normal: [f64; 3], reach_mm: f64) -> Vec<Vec<Point>> {
    let point = Point::from(point);
    let Some(plane) = Plane::new(point, normal.into()) else { return Vec::new() };
    let [u, v] = plane.across().map(|way| way * reach_mm);
    let outline = vec![point - u - v, point + u - v, point + u + v, point - u + v, point - u - v];
    vec![outline, vec![point, point + plane.normal() * ARM_MM]]
}

fn circle(centre: Point, axis: Vector, radius_mm: f64) -> Vec<Point> {
    let Some(plane) = Plane::new(centre, axis) else { return Vec::new() };
    let [u, v] = plane.across();
    let turn = |n: usize| (n as f64 / 48.0 * std::f64::consts::TAU).sin_cos();
    (0..=48).map(turn).map(|(sin, cos)| centre + (u * cos + v * sin) * radius_mm).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Cut, NeedleKind, Screw, Sheet, Zone};

    fn needle() -> Needle {
        Needle { entry: [0.0; 3], target: [0.0, 80.0, 0.0], diameter_mm: 1.6, kind: NeedleKind::Needle, contacts: None }
    }

    fn all() -> Vec<Action> {
        let cut = |shape| Action::Cut(Cut { shape, width_mm: 2.0 });
        let controls = (0..16).map(|n| [f64::from(n % 4) * 10.0, f64::from(n / 4) * 10.0, 0.0]).collect();
        vec![
            cut(CutShape::Plane { point: [1.0, 2.0, 3.0], normal: [0.0, 0.0, 2.0] }),
            cut(CutShape::Wedge { planes: vec![[[0.0; 3], [1.0, 0.0, 0.0]], [[5.0; 3], [0.0, 1.0, 0.0]]] }),
            cut(CutShape::Sphere { centre: [4.0; 3], radius_mm: 20.0 }),
            cut(CutShape::Sheet(Sheet { count: [4, 4], controls })),
            Action::Needle(needle()),
            Action::Ablation(Zone { needle: needle(), device: "d".into(), power_w: 60.0, minutes: 5.0 }),
            Action::Screw(Screw { head: [0.0; 3], tip: [0.0, 45.0, 0.0], diameter_mm: 6.5 }),
            Action::Implant(crate::plan::Implant {
                object: crate::plan::Structure { node: crate::base::NodeId(3), segment: None },
                bone: None,
                turn_degrees: [0.0, 30.0, 0.0],
                about: [5.0; 3],
                shift_mm: [1.0, 2.0, 3.0],
            }),
            Action::Clip { at: [1.0; 3] },
        ]
    }

    /// Whatever is taken lies afterwards where it was dragged to, or on the way it is bound to.
    #[test]
    fn a_handle_is_where_it_was_dragged_to() {
        for action in all() {
            for handle in handles(&action) {
                let to = match handle.along {
                    Some(way) => handle.at + way * 7.5,
                    None => handle.at + Vector::new(3.0, -4.0, 6.0),
                };
                let moved = moved(&action, handle.grip, to);
                let now = handles(&moved).into_iter().find(|now| now.grip == handle.grip).unwrap();
                match (handle.grip, &moved) {
                    // An arm keeps its length, a rim lies to the patient's left: only their direction and distance count.
                    (Grip::Arm(n), _) => {
                        let middle = handles(&action).into_iter().find(|each| each.grip == Grip::Plane(n)).unwrap().at;
                        assert!((to - middle).normalize().dot(&(now.at - middle).normalize()) > 1.0 - 1e-9);
                    }
                    (Grip::Rim, Action::Cut(Cut { shape: CutShape::Sphere { centre, radius_mm }, .. })) => {
                        assert!(((to - Point::from(*centre)).norm() - radius_mm).abs() < 1e-9);
                    }
                    _ => assert!((now.at - to).norm() < 1e-9, "{:?} {:?}", handle.grip, now.at),
                }
            }
        }
    }

    #[test]
    fn nothing_is_dragged_to_nothing() {
        let path = Action::Needle(needle());
        assert_eq!(moved(&path, Grip::Tip, Point::origin()), path, "a needle keeps a length");
        let plane = &all()[0];
        assert_eq!(moved(plane, Grip::Arm(0), Point::new(1.0, 2.0, 3.0)), *plane, "a normal keeps a direction");
        let ball = moved(&all()[2], Grip::Rim, Point::new(4.0, 4.0, 4.0));
        let Action::Cut(Cut { shape: CutShape::Sphere { radius_mm, .. }, .. }) = ball else { panic!() };
        assert_eq!(radius_mm, 1.0);
        assert_eq!(moved(plane, Grip::Entry, Point::origin()), *plane, "a plane has no entry");
    }

    #[test]
    fn everything_that_is_placed_is_drawn() {
        for action in all() {
            let has_lines =
                !strokes(&action, 60.0).is_empty() || matches!(action, Action::Implant(_) | Action::Clip { .. });
            assert!(has_lines && !handles(&action).is_empty(), "{action:?}");
        }
        let ring = circle(Point::new(1.0, 2.0, 3.0), Vector::new(1.0, 1.0, 0.0), 9.0);
        assert!(ring.iter().all(|point| ((point - Point::new(1.0, 2.0, 3.0)).norm() - 9.0).abs() < 1e-9));
    }
}
