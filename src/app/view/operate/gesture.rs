//! What the mouse does on a live organ: from presses and drags on the screen to acts in millimetres.

use crate::app::ui::{Fastener, HandTool, Operate, OrbitCamera};
use crate::app::view::live::{Frame, Topology};
use crate::biomech::operation::{Act, Held, Instrument};
use crate::geom::{Point, Vector};
use egui::{Pos2, Rect};

/// A press this near to a grasper takes it again, in points.
const REACH: f32 = 14.0;
/// The blade begins so far above the surface, mm: the line of the mouse lies between vertices.
const ABOVE_MM: f64 = 4.0;
/// Longest part of a blade's line that is one straight piece, points.
const PIECE: f32 = 8.0;
/// Length of a retractor's rod, mm.
const ROD_MM: f64 = 80.0;
/// How much deeper a turn of the wheel presses, mm per point.
const WHEEL_MM: f64 = 0.05;
/// A needle without a target aims at what lies so far behind the entry, mm.
const AIM_MM: f64 = 60.0;
/// Between two bites while the button is held, s.
const BITE_S: f64 = 0.25;

/// What the hand is doing.
#[derive(Debug, Clone, Default)]
pub(super) enum Gesture {
    /// Nothing.
    #[default]
    Idle,
    /// Pulling a grasper; its number comes with the next frame.
    Pulling { grasper: Option<usize>, began_mm: Vector, pull_mm: Vector, grip: Screen },
    /// Pressing with an instrument.
    Pressing { grip: Screen },
    /// Drawing the line of the blade.
    Drawing { line: Vec<Pos2> },
    /// Taking tissue away.
    Taking { last_s: f64 },
    /// Pushing a needle: how deep it was when the mouse was at a height of the screen.
    Pushing { from: f32, began_mm: f64, mm_per_point: f64 },
    /// Painting where the organ is held.
    Painting,
    /// Drawing a thread, staple or clip from a place to another; the line of the mouse on the screen.
    Joining { line: [Pos2; 2] },
}

/// The plane of the screen at the depth of what was pressed on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    place: Point,
    right: Vector,
    up: Vector,
    mm_per_point: f64,
    from: Pos2,
}

/// Where the mouse looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) camera: &'a OrbitCamera,
    pub(super) rect: Rect,
    pub(super) crosshair: Option<Point>,
}

impl View<'_> {
    fn screen(&self, at: Pos2, place: Point) -> Screen {
        let [right, up, _] = self.camera.right_up_back();
        let mm_per_point = self.camera.mm_per_point_at(&place, self.rect);
        Screen { place, right, up, mm_per_point, from: at }
    }

    /// Where the ray under a place of the screen first meets the organ as it is now, and how far away.
    pub(super) fn hit(&self, at: Pos2, frame: &Frame) -> Option<(f64, Point)> {
        let ray = self.camera.ray(at, self.rect);
        let place = |v: u32| frame.topology.rest[v as usize] + frame.displacement_mm[v as usize];
        let meet = |triangle: &[u32; 3]| meets(&ray.origin, &ray.direction, triangle.map(place));
        let t = frame.topology.surface.iter().filter_map(meet).min_by(f64::total_cmp)?;
        Some((t, ray.origin + ray.direction * t))
    }

    /// The closed grasper that is drawn near to a place of the screen.
    fn grasper(&self, at: Pos2, held: &[Held]) -> Option<Held> {
        let away = |held: &Held| self.camera.project(&held.at_mm, self.rect).map(|seen| seen.distance(at));
        let near = held.iter().filter_map(|held| Some((away(held)?, held))).filter(|(away, _)| *away <= REACH);
        near.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, held)| *held)
    }
}

impl Screen {
    fn way_mm(&self, at: Pos2) -> Vector {
        let delta = at - self.from;
        (self.right * f64::from(delta.x) - self.up * f64::from(delta.y)) * self.mm_per_point
    }
}

/// Whole micrometres: what is kept is short to write, and the same when it is read again.
fn rounded(vector: Vector) -> [f64; 3] {
    [vector.x, vector.y, vector.z].map(|x| (x * 1e3).round() / 1e3)
}

impl Gesture {
    /// Whether the mouse belongs to the organ.
    pub(super) fn holds_mouse(&self) -> bool {
        !matches!(self, Self::Idle)
    }

    /// Whether it may end: a grasper whose number has not come yet is still wanted.
    pub(super) fn is_complete(&self) -> bool {
        self.holds_mouse() && !self.waits()
    }

    /// The line of the blade or thread on the screen.
    pub(super) fn blade(&self) -> &[Pos2] {
        match self {
            Self::Drawing { line } => line,
            Self::Joining { line, .. } => line,
            _ => &[],
        }
    }

    /// The left button went down at `at`.
    pub(super) fn press(panel: &mut Operate, at: Pos2, view: &View, frame: &Frame, acts: &mut Vec<Act>) -> Self {
        if panel.tool == HandTool::Look {
            return Self::Idle;
        }
        if panel.tool == HandTool::Grasp
            && let Some(held) = view.grasper(at, &frame.held)
        {
            let grip = view.screen(at, held.at_mm);
            let grasper = Some(held.grasper);
            return Self::Pulling { grasper, began_mm: held.by_mm, pull_mm: held.by_mm, grip };
        }
        let Some((_, place)) = view.hit(at, frame) else { return Self::Idle };
        let grip = view.screen(at, place);
        match panel.tool {
            HandTool::Look => Self::Idle,
            HandTool::Grasp => {
                acts.push(Act::Grasp { at_mm: rounded(place.coords), radius_mm: panel.radius_mm });
                let zero = Vector::zeros();
                Self::Pulling { grasper: None, began_mm: zero, pull_mm: zero, grip }
            }
            HandTool::Probe | HandTool::Retract => {
                acts.push(grip.instrument(panel, at, view));
                Self::Pressing { grip }
            }
            HandTool::Cut => Self::Drawing { line: vec![at] },
            HandTool::Needle => {
                let ahead = place + view.camera.sight(&place) * AIM_MM;
                let target = view.crosshair.filter(|_| panel.aims).unwrap_or(ahead);
                let [puncture_n, cutting_n, friction_n_cm] = panel.needle_n;
                let (entry_mm, target_mm) = (rounded(place.coords), rounded(target.coords));
                let needle = Act::Needle { entry_mm, target_mm, puncture_n, cutting_n, friction_n_cm };
                let is_good = needle.check().is_ok();
                acts.push(needle);
                if !is_good {
                    return Self::Idle;
                }
                panel.needle_mm = 0.0;
                Self::Pushing { from: at.y, began_mm: 0.0, mm_per_point: grip.mm_per_point }
            }
            HandTool::Hold => {
                panel.hold_at(at_rest(&place, frame));
                Self::Painting
            }
            HandTool::Fasten => Self::Joining { line: [at; 2] },
            HandTool::Take => {
                acts.push(Act::Take { at_mm: rounded(place.coords), radius_mm: panel.radius_mm });
                Self::Taking { last_s: frame.health.time_s }
            }
        }
    }

    /// The mouse is at `at` with the button down; `wheel` is how far its wheel turned, in points.
    pub(super) fn follow(
        &mut self,
        panel: &mut Operate,
        at: Pos2,
        wheel: f32,
        view: &View,
        frame: &Frame,
        acts: &mut Vec<Act>,
    ) {
        match self {
            Self::Idle => {}
            Self::Pulling { grasper, began_mm, pull_mm, grip, .. } => {
                let to = *began_mm + grip.way_mm(at);
                if to != *pull_mm {
                    *pull_mm = to;
                    acts.extend(grasper.map(|grasper| Act::Drag { grasper, by_mm: rounded(to) }));
                }
            }
            Self::Pressing { grip } => {
                panel.press_mm = (panel.press_mm + f64::from(wheel) * WHEEL_MM).clamp(0.0, 40.0);
                acts.push(grip.instrument(panel, at, view));
            }
            Self::Drawing { line } => {
                if line.last().is_none_or(|last| PIECE <= last.distance(at)) {
                    line.push(at);
                }
            }
            Self::Joining { line, .. } => line[1] = at,
            Self::Pushing { from, began_mm, mm_per_point } => {
                *began_mm += f64::from(wheel) * WHEEL_MM;
                let depth_mm = *began_mm + f64::from(at.y - *from) * *mm_per_point;
                panel.needle_mm = depth_mm.clamp(0.0, 200.0);
            }
            Self::Painting => {
                if let Some((_, place)) = view.hit(at, frame) {
                    panel.hold_at(at_rest(&place, frame));
                }
            }
            Self::Taking { last_s } => {
                if *last_s + BITE_S <= frame.health.time_s
                    && let Some((_, place)) = view.hit(at, frame)
                {
                    acts.push(Act::Take { at_mm: rounded(place.coords), radius_mm: panel.radius_mm });
                    *last_s = frame.health.time_s;
                }
            }
        }
    }

    /// The grasper that was asked for has this number.
    pub(super) fn grasped(&mut self, number: usize, acts: &mut Vec<Act>) {
        if let Self::Pulling { grasper: grasper @ None, pull_mm, .. } = self {
            *grasper = Some(number);
            acts.push(Act::Drag { grasper: number, by_mm: rounded(*pull_mm) });
        }
    }

    /// The button went up.
    pub(super) fn release(self, panel: &Operate, view: &View, frame: &Frame, acts: &mut Vec<Act>) {
        match self {
            Self::Pulling { grasper: Some(grasper), .. } if !panel.stays => acts.push(Act::LetGo { grasper }),
            Self::Pressing { .. } if !panel.stays => acts.push(Act::Withdraw),
            Self::Joining { line } => {
                // The organ may have moved since the press: both ends are where it is now.
                if let [Some((_, from)), Some((_, to))] = line.map(|at| view.hit(at, frame))
                    && line[0] != line[1]
                {
                    acts.push(join(panel, &from, &to));
                }
            }
            Self::Drawing { line } => {
                let sheet_mm = sheet(&line, panel.depth_mm, view, frame);
                if !sheet_mm.is_empty() {
                    acts.push(Act::Cut { sheet_mm });
                }
            }
            _ => {}
        }
    }

    /// Whether a grasper was asked for whose number has not come yet.
    pub(super) fn waits(&self) -> bool {
        matches!(self, Self::Pulling { grasper: None, .. })
    }

    /// Escape: what was begun is let go.
    pub(super) fn give_up(self, acts: &mut Vec<Act>) {
        match self {
            Self::Pulling { grasper: Some(grasper), .. } => acts.push(Act::LetGo { grasper }),
            Self::Pressing { .. } => acts.push(Act::Withdraw),
            _ => {}
        }
    }
}

impl Screen {
    /// The instrument at the mouse, pressed in along the line of sight.
    fn instrument(&self, panel: &Operate, at: Pos2, view: &View) -> Act {
        let touched = self.place + self.way_mm(at);
        let look = view.camera.sight(&touched);
        let middle = touched - look * (panel.radius_mm - panel.press_mm);
        if panel.tool == HandTool::Probe {
            let instrument = Instrument::Ball { radius_mm: panel.radius_mm };
            return Act::Place { instrument, at_mm: rounded(middle.coords) };
        }
        let along = self.right * ROD_MM;
        let instrument = Instrument::Rod { radius_mm: panel.radius_mm, along_mm: rounded(along) };
        Act::Place { instrument, at_mm: rounded(middle.coords - 0.5 * along) }
    }
}

/// Where the vertex of the surface nearest to a place is at rest.
fn at_rest(place: &Point, frame: &Frame) -> [f64; 3] {
    let Topology { surface, rest, .. } = &*frame.topology;
    let away = |v: &&u32| (rest[**v as usize] + frame.displacement_mm[**v as usize] - place).norm_squared();
    let nearest = surface.as_flattened().iter().min_by(|a, b| away(a).total_cmp(&away(b)));
    rounded(nearest.map_or(place.coords, |v| rest[*v as usize].coords))
}

/// What joins two places as the panel says.
fn join(panel: &Operate, from: &Point, to: &Point) -> Act {
    let ([from_mm, to_mm], length_mm) = ([from, to].map(|place| rounded(place.coords)), panel.gap_mm);
    match panel.fastener {
        Fastener::Thread => Act::Stitch { from_mm, to_mm, length_mm },
        Fastener::Staple => Act::Staple { from_mm, to_mm, length_mm },
        Fastener::Clip => {
            let at_mm = rounded(0.5 * (from.coords + to.coords));
            let (across_mm, radius_mm) = (rounded(to - from), panel.radius_mm);
            Act::Clip { at_mm, across_mm, radius_mm, gap_mm: length_mm }
        }
    }
}

/// What a blade sweeps that follows `line` on the screen and reaches `depth_mm` into the organ along the lines of sight.
/// Where the line passes beside the organ, it goes as deep as where it last met it.
fn sheet(line: &[Pos2], depth_mm: f64, view: &View, frame: &Frame) -> Vec<[[f64; 3]; 3]> {
    let met: Vec<Option<f64>> = line.iter().map(|at| view.hit(*at, frame).map(|(t, _)| t)).collect();
    let Some(first) = met.iter().flatten().next().copied() else { return Vec::new() };
    let mut last = first;
    let ends = line.iter().zip(&met).map(|(at, met)| {
        last = met.unwrap_or(last);
        let ray = view.camera.ray(*at, view.rect);
        [last - ABOVE_MM, last + depth_mm].map(|t| rounded((ray.origin + ray.direction * t).coords))
    });
    let ends: Vec<[[f64; 3]; 2]> = ends.collect();
    ends.windows(2)
        .flat_map(|pair| {
            let [[a, b], [c, d]] = [pair[0], pair[1]];
            [[a, c, b], [c, d, b]]
        })
        .collect()
}

/// Where a ray meets a triangle, in directions from its origin (Möller and Trumbore 1997, J Graph Tools 2:21).
fn meets(origin: &Point, direction: &Vector, [a, b, c]: [Point; 3]) -> Option<f64> {
    let (along, aside) = (b - a, c - a);
    let p = direction.cross(&aside);
    let determinant = along.dot(&p);
    if determinant == 0.0 {
        return None;
    }
    let from = origin - a;
    let u = from.dot(&p) / determinant;
    let q = from.cross(&along);
    let v = direction.dot(&q) / determinant;
    let t = aside.dot(&q) / determinant;
    (0.0 <= u && 0.0 <= v && u + v <= 1.0 && 0.0 < t).then_some(t)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::NodeId;
    use crate::biomech::interactive::{Body, Loose};
    use crate::biomech::verification::shapes::{straight_box, vertices_where};
    use crate::biomech::{Hyperelastic, Material};
    use crate::geom::Aabb;
    use std::sync::Arc;
    use std::time::Duration;

    /// A block of 60 mm seen from the front, in a pane of 400 × 400 points.
    fn scene() -> (Body, Frame, OrbitCamera, Rect) {
        let mesh = straight_box([6, 6, 6], [60.0; 3]);
        let liver = Material::hyperelastic(Hyperelastic::NeoHookean, 0.45, 1060.0, 0.3);
        let liver = Material { young_pa: 5e3, ..liver };
        let body = Body::new(&mesh, &[(1, liver)], &vertices_where(&mesh, |p| p.y == 60.0)).unwrap();
        let topology = Topology {
            surface: body.surface().collect(),
            tets: body.tets().to_vec(),
            origin: body.origin().to_vec(),
            rest: mesh.positions().to_vec(),
        };
        let frame = Frame {
            displacement_mm: vec![Vector::zeros(); mesh.positions().len()],
            stress: Vec::new(),
            topology: Arc::new(topology),
            held: Vec::new(),
            aimed: None,
            device_note: None,
            tied: Vec::new(),
            instrument: None,
            peak_n: 0.0,
            health: body.health(),
            took: Duration::ZERO,
            frames: 1,
            is_current: true,
            is_still: true,
        };
        let rect = Rect::from_min_size(Pos2::ZERO, egui::vec2(400.0, 400.0));
        let mut camera = OrbitCamera::default().looking(crate::app::ui::NamedView::Anterior);
        camera.fit(&Aabb::of(mesh.positions()), rect);
        (body, frame, camera, rect)
    }

    #[test]
    fn a_press_beside_the_organ_is_left_to_the_camera() {
        let (_, frame, camera, rect) = scene();
        let view = View { camera: &camera, rect, crosshair: None };
        let mut acts = Vec::new();
        let tools = [
            HandTool::Grasp,
            HandTool::Probe,
            HandTool::Retract,
            HandTool::Cut,
            HandTool::Take,
            HandTool::Fasten,
            HandTool::Needle,
        ];
        for tool in tools {
            let mut panel = Operate { tool, ..Operate::new(NodeId(1)) };
            assert!(!Gesture::press(&mut panel, Pos2::new(3.0, 3.0), &view, &frame, &mut acts).holds_mouse());
        }
        let mut panel = Operate { tool: HandTool::Look, ..Operate::new(NodeId(1)) };
        assert!(!Gesture::press(&mut panel, rect.center(), &view, &frame, &mut acts).holds_mouse());
        assert!(acts.is_empty());
    }

    #[test]
    fn a_grasper_goes_where_the_mouse_goes_and_waits_for_its_number() {
        let (_, frame, camera, rect) = scene();
        let view = View { camera: &camera, rect, crosshair: None };
        let mut panel = Operate::new(NodeId(1));
        let mut acts = Vec::new();
        let mut gesture = Gesture::press(&mut panel, rect.center(), &view, &frame, &mut acts);
        let [Act::Grasp { at_mm, .. }] = acts[..] else { panic!("{acts:?}") };
        assert!(at_mm[1].abs() < 0.01, "on the front of the block: {at_mm:?}");
        acts.clear();
        let to = rect.center() + egui::vec2(40.0, -30.0);
        gesture.follow(&mut panel, to, 0.0, &view, &frame, &mut acts);
        assert!(acts.is_empty() && !gesture.is_complete());
        gesture.grasped(4, &mut acts);
        let [Act::Drag { grasper: 4, by_mm }] = &acts[..] else { panic!("{acts:?}") };
        // Seen from the front the patient's left is at the right of the screen.
        let seen = camera.project(&Point::from(Vector::from(at_mm) + Vector::from(*by_mm)), rect).unwrap();
        assert!((seen - to).length() < 0.5, "{seen:?}");
        acts.clear();
        panel.stays = false;
        gesture.release(&panel, &view, &frame, &mut acts);
        assert_eq!(acts, [Act::LetGo { grasper: 4 }]);
    }

    #[test]
    fn a_probe_is_pressed_in_along_the_line_of_sight_and_deeper_by_the_wheel() {
        let (_, frame, camera, rect) = scene();
        let view = View { camera: &camera, rect, crosshair: None };
        let mut panel = Operate { tool: HandTool::Probe, radius_mm: 10.0, press_mm: 4.0, ..Operate::new(NodeId(1)) };
        let mut acts = Vec::new();
        let mut gesture = Gesture::press(&mut panel, rect.center(), &view, &frame, &mut acts);
        gesture.follow(&mut panel, rect.center(), 100.0, &view, &frame, &mut acts);
        let places: Vec<f64> = acts
            .iter()
            .map(|act| match act {
                Act::Place { at_mm, .. } => at_mm[1],
                other => panic!("{other:?}"),
            })
            .collect();
        assert!((places[0] + 6.0).abs() < 0.05, "its foremost point is 4 mm behind the front: {places:?}");
        assert!((places[1] - places[0] - 5.0).abs() < 0.05, "{places:?}");
        let mut last = Vec::new();
        gesture.give_up(&mut last);
        assert_eq!(last, [Act::Withdraw]);
    }

    #[test]
    fn a_line_drawn_across_parts_the_organ_as_deep_as_asked() {
        let (mut body, frame, camera, rect) = scene();
        let view = View { camera: &camera, rect, crosshair: None };
        let mut panel = Operate { tool: HandTool::Cut, depth_mm: 30.0, ..Operate::new(NodeId(1)) };
        let mut acts = Vec::new();
        let start = rect.center() + egui::vec2(7.0, -90.0);
        let mut gesture = Gesture::press(&mut panel, start, &view, &frame, &mut acts);
        // Down over the lower edge and beyond.
        for n in 1..=40 {
            gesture.follow(&mut panel, start + egui::vec2(0.0, 7.0 * n as f32), 0.0, &view, &frame, &mut acts);
        }
        assert!(acts.is_empty() && 2 < gesture.blade().len(), "nothing is cut before the button goes up");
        gesture.release(&panel, &view, &frame, &mut acts);
        let [Act::Cut { sheet_mm }] = &acts[..] else { panic!("{acts:?}") };
        let sheet: Vec<[Point; 3]> = sheet_mm.iter().map(|triangle| triangle.map(Point::from)).collect();
        let cut = body.cut(&sheet, Loose::Falls);
        assert!(0 < cut.faces && cut.loose == 0, "{cut:?}: the back holds it together");
        let deepest = sheet_mm.as_flattened().iter().map(|p| p[1]).fold(f64::NEG_INFINITY, f64::max);
        assert!((29.0..33.0).contains(&deepest), "{deepest} mm");
    }
}
