//! The lines where the other two planes cut a view: where they lie, how they look, and what dragging them does.
//!
//! The inner part of a line moves its plane along; near its ends a handle turns the other two planes about this view's
//! normal.

use super::frame::{Frame, Turn};
use super::{SliceGeometry, Stack};
use crate::app::ui::theme;
use crate::geom::{Grid, Orientation, Point, Vector};
use egui::{Color32, CursorIcon, Painter, Pos2, Rect, Stroke, Vec2};

/// The gap of a line where it crosses the other, points.
const GAP: f32 = 9.0;
/// Nearer to the crossing than this no line can be taken, so that a drag there is a drag of the tool, points.
const FREE: f32 = 24.0;
/// How near the mouse must be to take a line, points.
const REACH: f32 = 4.5;
/// From this part of the way to the border on, a line is turned, not moved.
const OUTER: f32 = 2.0 / 3.0;
/// Where the handle is drawn, as part of the way to the border.
const HANDLE: f32 = 0.86;
/// A line shorter than this has no handle, points.
const LENGTH_MIN: f32 = 70.0;

/// A line where another plane cuts a view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CutLine {
    /// The view of the other plane.
    pub of: Orientation,
    /// The normal of that plane.
    normal: Vector,
    /// Where it crosses the other line.
    crossing: Pos2,
    /// Its direction on the screen, of length 1.
    along: Vec2,
}

/// A part of a line under the mouse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Part {
    /// Moves the plane along its normal.
    Inner,
    /// Turns the other two planes.
    Outer,
}

/// What the mouse holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Held {
    /// A plane that is moved along its normal.
    Plane {
        /// The view in which its line was taken.
        view: Orientation,
        /// The view of the plane.
        of: Orientation,
    },
    /// Two planes that are turned.
    Angle {
        /// The view in which a line was taken.
        view: Orientation,
        /// The view of the plane of that line.
        of: Orientation,
        /// How the planes were turned before.
        start: Turn,
        /// The direction from the crossing to the mouse at the start, radians.
        from: f32,
    },
}

/// The two lines of a view whose geometry this is; `frames` are those of all views, and `shown` the place all show.
pub fn lines(geometry: &SliceGeometry, grid: &Grid, frames: &[Frame; 3], shown: &Point) -> [CutLine; 2] {
    let here = geometry.orientation as usize;
    let others = [(here + 1) % 3, (here + 2) % 3].map(|n| frames[n]);
    // The planes stand perpendicular to each other: the point of all three is the sum of their depths.
    let depth = |frame: &Frame| frame.away() * Stack::of(grid, *frame).shown_mm(shown);
    let all = frames.iter().map(depth).sum::<Vector>();
    let crossing = geometry.screen_from_patient(&Point::from(all));
    let [right, down, away] = geometry.right_down_away();
    others.map(|other| {
        let along = away.cross(&other.away());
        let along = Vec2::new(along.dot(&right) as f32, along.dot(&down) as f32).normalized();
        CutLine { of: other.orientation, normal: other.away(), crossing, along }
    })
}

impl CutLine {
    /// How far it reaches from the crossing to the border of `rect`, forwards and backwards; 0 if the crossing is outside.
    fn reach(&self, rect: Rect) -> [f32; 2] {
        if !rect.contains(self.crossing) {
            return [0.0; 2];
        }
        [self.along, -self.along].map(|along| {
            let to = |from: f32, step: f32, low: f32, high: f32| match step {
                _ if step.abs() < 1e-6 => f32::INFINITY,
                _ if 0.0 < step => (high - from) / step,
                _ => (low - from) / step,
            };
            to(self.crossing.x, along.x, rect.left(), rect.right()).min(to(
                self.crossing.y,
                along.y,
                rect.top(),
                rect.bottom(),
            ))
        })
    }

    /// Where its handles are.
    fn handles(&self, rect: Rect) -> impl Iterator<Item = Pos2> {
        let Self { crossing, along, .. } = *self;
        let ends = [along, -along].into_iter().zip(self.reach(room(rect)));
        ends.filter(|(_, length)| LENGTH_MIN <= *length)
            .map(move |(along, length)| crossing + along * (HANDLE * length))
    }

    /// How far `pos` is from it, and the part of it there.
    fn part_at(&self, rect: Rect, pos: Pos2) -> Option<(f32, Part)> {
        let offset = pos - self.crossing;
        let (place, distance) = (offset.dot(self.along), offset.dot(self.along.rot90()).abs());
        if REACH < distance || offset.length() < FREE {
            return None;
        }
        let length = self.reach(room(rect))[usize::from(place < 0.0)];
        let outer = LENGTH_MIN <= length && OUTER * length < place.abs();
        Some((distance, if outer { Part::Outer } else { Part::Inner }))
    }

    /// The crossing of the two lines.
    pub fn crossing(&self) -> Pos2 {
        self.crossing
    }

    /// The place all views should show if this line's plane is to go through `pos`.
    pub fn moved_to(&self, geometry: &SliceGeometry, shown: &Point, pos: Pos2) -> Point {
        shown + self.normal * (geometry.patient_from_screen(pos) - shown).dot(&self.normal)
    }
}

/// The part of a view that is free of its slider.
fn room(rect: Rect) -> Rect {
    Rect::from_min_max(rect.min, rect.max - Vec2::new(18.0, 0.0))
}

/// The line under the mouse and the part of it there.
pub fn under(lines: &[CutLine; 2], rect: Rect, pos: Pos2) -> Option<(CutLine, Part)> {
    let hits = lines.iter().filter_map(|line| Some((line, line.part_at(rect, pos)?)));
    let nearest = hits.min_by(|(_, (a, _)), (_, (b, _))| a.total_cmp(b));
    nearest.map(|(line, (_, part))| (*line, part))
}

/// Take a part of a line at `pos`.
pub fn take(view: Orientation, (line, part): (CutLine, Part), turn: &Turn, pos: Pos2) -> Held {
    match part {
        Part::Inner => Held::Plane { view, of: line.of },
        Part::Outer => Held::Angle { view, of: line.of, start: *turn, from: (pos - line.crossing).angle() },
    }
}

/// How planes are turned when the mouse that took an end of a line in the view `frame` is at `pos`; `by_steps` of 15°.
pub fn turned(start: &Turn, frame: &Frame, from: f32, crossing: Pos2, pos: Pos2, by_steps: bool) -> Turn {
    let view = frame.orientation;
    let [sides, ends] = frame.flips();
    // In a mirror what goes round clockwise goes round the other way.
    let sense = if sides == ends { 1.0 } else { -1.0 };
    let angle = sense * f64::from((pos - crossing).angle() - from);
    let step = 15_f64.to_radians();
    start.turned_in(view, if by_steps { (angle / step).round() * step } else { angle })
}

/// The mouse over a part of a line, or holding one.
pub fn cursor(line: &CutLine, part: Part, held: bool) -> CursorIcon {
    match part {
        Part::Outer if held => CursorIcon::Grabbing,
        Part::Outer => CursorIcon::Grab,
        Part::Inner if 0.92 < line.along.x.abs() => CursorIcon::ResizeVertical,
        Part::Inner if line.along.x.abs() < 0.38 => CursorIcon::ResizeHorizontal,
        Part::Inner => CursorIcon::Move,
    }
}

/// Draw the lines in the colours of their views, with a gap in the middle; `hot` is the line under the mouse, and with
/// `handles` there are marks where lines can be turned.
pub fn paint(painter: &Painter, rect: Rect, lines: &[CutLine; 2], hot: Option<(Orientation, Part)>, handles: bool) {
    for line in lines {
        let CutLine { of, crossing, along, .. } = *line;
        let far = (rect.center() - crossing).length() + rect.size().length();
        let part = hot.filter(|(hot, _)| *hot == of).map(|(_, part)| part);
        let colour = theme::view_colour(of);
        let (width, strength) = if part.is_some() { (1.5, 1.0) } else { (1.0, 0.8) };
        for along in [along, -along] {
            let stroke = Stroke::new(width, colour.gamma_multiply(strength));
            painter.line_segment([crossing + along * GAP, crossing + along * far], stroke);
        }
        if !handles {
            continue;
        }
        for at in line.handles(rect) {
            let radius = if part == Some(Part::Outer) { 5.5 } else { 3.0 };
            painter.circle_filled(at, radius + 1.0, Color32::from_black_alpha(170));
            painter.circle_filled(at, radius, colour);
            if part == Some(Part::Outer) {
                turn_mark(painter, at, line.along, colour);
            }
        }
    }
}

/// Two arrows across a handle: it goes round.
fn turn_mark(painter: &Painter, at: Pos2, along: Vec2, colour: Color32) {
    for side in [1.0, -1.0] {
        let across = along.rot90() * side;
        let tip = at + across * 15.0;
        for (width, colour) in [(4.0, Color32::from_black_alpha(150)), (1.5, colour)] {
            let stroke = Stroke::new(width, colour);
            painter.line_segment([at + across * 8.0, tip], stroke);
            for back in [along, -along] {
                painter.line_segment([tip, tip - across * 4.0 + back * 3.5], stroke);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::geometry::Framing;
    use super::*;

    const RECT: Rect = Rect { min: Pos2::new(10.0, 20.0), max: Pos2::new(510.0, 420.0) };

    fn grid() -> Grid {
        Grid::aligned([100, 80, 30], Point::new(-50.0, -40.0, 0.0), [1.0, 1.0, 4.0]).unwrap()
    }

    fn view(turn: &Turn, orientation: Orientation, shown: &Point) -> (SliceGeometry, [CutLine; 2]) {
        flipped_view(turn, orientation, shown, [false; 2])
    }

    fn flipped_view(
        turn: &Turn,
        orientation: Orientation,
        shown: &Point,
        flips: [bool; 2],
    ) -> (SliceGeometry, [CutLine; 2]) {
        let frame = turn.frame(orientation).flipped(flips);
        let depth = Stack::of(&grid(), frame).shown_mm(shown);
        let geometry = SliceGeometry::new(&grid(), frame, depth, Framing::default(), RECT);
        (geometry, lines(&geometry, &grid(), &turn.frames(), shown))
    }

    #[test]
    fn lines_lie_in_the_planes_they_stand_for() {
        let turn = Turn::default().turned_in(Orientation::Axial, 0.5).turned_in(Orientation::Sagittal, -0.8);
        let shown = Point::new(7.3, -4.1, 55.7);
        for turn in [Turn::default(), turn] {
            for orientation in Orientation::ALL {
                let (geometry, lines) = view(&turn, orientation, &shown);
                for line in lines {
                    let frame = turn.frame(line.of);
                    let depth = Stack::of(&grid(), frame).shown_mm(&shown);
                    for place in [-80.0, 0.0, 120.0] {
                        let point = geometry.patient_from_screen(line.crossing + line.along * place);
                        assert!((point.coords.dot(&frame.away()) - depth).abs() < 1e-3, "{orientation:?} {line:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn dragging_an_end_by_thirty_degrees_turns_the_planes_by_thirty_degrees() {
        let shown = Point::new(0.0, 0.0, 60.0);
        let flips = [[false, false], [true, false], [false, true], [true, true]];
        for (orientation, flips) in Orientation::ALL.into_iter().flat_map(|each| flips.map(|flips| (each, flips))) {
            let (_, lines) = flipped_view(&Turn::default(), orientation, &shown, flips);
            let frame = Frame::from(orientation).flipped(flips);
            let line = lines[0];
            let end = line.handles(RECT).next().expect("there is room for a handle");
            let hit = under(&lines, RECT, end).expect("the handle is on the line");
            assert_eq!((hit.0.of, hit.1), (line.of, Part::Outer));
            let Held::Angle { start, from, .. } = take(orientation, hit, &Turn::default(), end) else {
                panic!("an end turns")
            };
            let (sin, cos) = 30_f32.to_radians().sin_cos();
            let arm = end - line.crossing;
            let to = line.crossing + Vec2::new(cos * arm.x - sin * arm.y, sin * arm.x + cos * arm.y);
            let turn = turned(&start, &frame, from, line.crossing, to, false);
            for other in lines.map(|line| line.of) {
                assert!((turn.tilt_deg(other) - 30.0).abs() < 1e-3, "{}", turn.tilt_deg(other));
            }
            // The line itself now goes through the mouse.
            let (_, after) = flipped_view(&turn, orientation, &shown, flips);
            assert!(under(&after, RECT, to).is_some_and(|(line, _)| line.of == lines[0].of));
            let snapped = turned(&start, &frame, from, line.crossing, to + arm.rot90() * 0.05, true);
            assert!((snapped.tilt_deg(line.of) - 30.0).abs() < 1e-3, "with Shift by steps of 15°");
        }
    }

    #[test]
    fn the_inner_part_moves_a_plane_and_nothing_is_taken_at_the_crossing() {
        let shown = Point::new(0.0, 0.0, 60.0);
        let (geometry, lines) = view(&Turn::default(), Orientation::Axial, &shown);
        let upright = lines.into_iter().find(|line| line.of == Orientation::Sagittal).unwrap();
        assert_eq!(under(&lines, RECT, upright.crossing + Vec2::new(2.0, 6.0)), None);
        let at = upright.crossing + Vec2::new(1.0, 50.0);
        let (line, part) = under(&lines, RECT, at).unwrap();
        assert_eq!((line.of, part), (Orientation::Sagittal, Part::Inner));
        let moved = line.moved_to(&geometry, &shown, at + Vec2::new(40.0, -13.0));
        assert!((moved.x - 41.0 * geometry.mm_per_point()).abs() < 0.6, "{moved}");
        assert_eq!((moved.y, moved.z), (0.0, 60.0));
    }
}
