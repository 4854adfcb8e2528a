//! A curved cut through an edge that a person draws on the organ: a curve glued to its surface, or any curve of the case.
//!
//! The curve is a measure and stays one; the sheet laid through it is an action of the plan. Both are undone one by one.

use super::Planning;
use crate::app::ui::slice::MouseTool;
use crate::app::ui::theme;
use crate::app::ui::wish::Wish;
use crate::base::i18n::{tr, tr_with};
use crate::base::{ContentHash, NodeId};
use crate::geom::measure::{Kind, Shape};
use crate::geom::{Point, Vector};
use crate::plan::resection::{Fit, sheet_from_curve, sheet_through_contour};
use crate::plan::{Action, Cut, CutShape, NamedAction, Plan, Structure};
use crate::session::{Case, Data, Node};
use egui::{RichText, Ui};

/// Points a curve is fitted by.
const POINTS: usize = 120;
/// An edge whose ends are nearer than this part of its length is closed.
const CLOSED: f64 = 0.15;
/// Control points each way that are tried, until the sheet goes through the edge this well.
const COUNTS: [usize; 4] = [4, 5, 6, 8];
const RMS_MM: f64 = 0.7;
/// Width of tissue the instrument destroys, as with every new cut.
const WIDTH_MM: f64 = 2.0;

/// An edge that is to be drawn.
#[derive(Debug, Clone)]
pub(super) struct Awaited {
    /// The curves that were there when it was asked for. Numbers alone do not tell what is new: what is undone meanwhile gives
    /// its number to the next object.
    known: Vec<(NodeId, ContentHash)>,
    /// Whether the mouse draws it already.
    begun: bool,
}

/// What came of the last edge: how well the sheet goes through it, or why there is none.
pub(super) type Fitted = Result<f64, String>;

/// The curves of a case that can be edges.
fn curves(case: &Case) -> impl Iterator<Item = (NodeId, &str, &Shape)> {
    case.nodes().filter_map(|(id, node)| match &node.data {
        Data::Measure(measure) => {
            let is_curve = matches!(measure.shape.kind(), Kind::Geodesic | Kind::Spline | Kind::Curve | Kind::Polyline);
            is_curve.then_some((id, node.name.as_str(), &measure.shape))
        }
        _ => None,
    })
}

/// Whether a curve came of clicks on a surface, and not of an import, of another kind of measure or of a handle that was moved.
fn was_drawn(node: &Node) -> bool {
    node.made_by().is_some_and(|made| {
        made.tool == "measure.geodesic" && made.params.get("surface").is_some_and(|own| !own.is_null())
    })
}

/// The middle of the box around a structure. The box is kept with the bricks of the segment: what the plan's own thread has
/// asked for before costs nothing here.
fn middle(structure: Structure, case: &Case) -> Option<Point> {
    match (&case.node(structure.node)?.data, structure.segment) {
        (Data::Labels(labels), Some(segment)) => {
            let extent = labels.extent(segment)?;
            let index = extent.map(|range| 0.5 * (range.start + range.end) as f64 - 0.5);
            Some(labels.grid().patient_from_index(Vector::from(index)))
        }
        (Data::Surface(own), _) => Some(crate::geom::Aabb::of(own.surface.positions()).centre()),
        (Data::Lines(lines), _) => {
            Some(crate::geom::Aabb::of(lines.branches().iter().flat_map(|branch| &branch.points)).centre())
        }
        _ => None,
    }
}

/// Places at equal distances along a curve, and its length.
fn even(points: &[Point]) -> (Vec<Point>, f64) {
    let mut lengths = vec![0.0];
    points.windows(2).for_each(|pair| lengths.push(lengths[lengths.len() - 1] + (pair[1] - pair[0]).norm()));
    let whole = lengths[lengths.len() - 1];
    let at = |mm: f64| {
        let n = lengths.partition_point(|length| *length <= mm).clamp(1, points.len() - 1);
        let part = (mm - lengths[n - 1]) / (lengths[n] - lengths[n - 1]).max(1e-12);
        points[n - 1] + (points[n] - points[n - 1]) * part.clamp(0.0, 1.0)
    };
    ((0..POINTS).map(|n| at(whole * n as f64 / (POINTS - 1) as f64)).collect(), whole)
}

/// The sheet through an edge drawn on the organ of `plan`: over a closed edge, or straight into the organ from an open one.
/// Taken away is the side of the first target; without one the side away from the middle of the organ, or the patient's left.
fn fit(shape: &Shape, plan: &Plan, case: &Case) -> Result<Fit, String> {
    let drawn = shape.strokes();
    let drawn = drawn.first().filter(|stroke| 2 < stroke.len()).ok_or_else(|| tr("edge-too-short").to_owned())?;
    let (points, length_mm) = even(drawn);
    let organ = plan.organ.and_then(|organ| middle(organ, case)).ok_or_else(|| tr("edge-no-organ").to_owned())?;
    let target = plan.targets.iter().find_map(|target| middle(target.structure, case));
    let centre = Point::from(points.iter().map(|point| point.coords).sum::<Vector>() / points.len() as f64);
    let gap_mm = (points[POINTS - 1] - points[0]).norm();
    let through = |count: usize| {
        if gap_mm < CLOSED * length_mm {
            let taken = target.map_or_else(|| centre - organ, |target| target - centre);
            sheet_through_contour(&points, taken, [count, count])
        } else {
            let into = organ - centre;
            let taken = target.map_or_else(Vector::x, |target| target - centre);
            sheet_from_curve(&points, into, 2.0 * into.norm(), taken, [count, COUNTS[0]])
        }
    };
    let mut best: Option<Fit> = None;
    for count in COUNTS {
        let fit = through(count).map_err(|error| error.to_string())?;
        let is_good = fit.rms_mm <= RMS_MM;
        if best.as_ref().is_none_or(|best| fit.rms_mm < best.rms_mm) {
            best = Some(fit);
        }
        if is_good {
            break;
        }
    }
    best.ok_or_else(|| tr("edge-too-short").to_owned())
}

impl Planning {
    /// Lay a sheet through a curve: in place of action `at`, or as a new one.
    fn lay_through(&mut self, shape: &Shape, at: Option<usize>, case: &Case, wishes: &mut Vec<Wish>) {
        let plan = self.shown();
        self.fitted = Some(fit(shape, &plan, case).map(|Fit { sheet, rms_mm }| {
            let sheet = CutShape::Sheet(sheet);
            match at.and_then(|n| Some((n, plan.actions.get(n)?))) {
                Some((n, NamedAction { name, action: Action::Cut(cut) })) => {
                    let action = Action::Cut(Cut { shape: sheet, width_mm: cut.width_mm });
                    wishes.push(self.put(n, NamedAction { name: name.clone(), action }));
                }
                _ => {
                    let count = (plan.actions.len() + 1).into();
                    let name = tr_with("plan-action-name", &[("kind", tr("plan-new-sheet").into()), ("count", count)]);
                    let action = Action::Cut(Cut { shape: sheet, width_mm: WIDTH_MM });
                    wishes.push(self.add(NamedAction { name, action }));
                }
            }
            rms_mm
        }));
    }

    /// An edge that was waited for and is there now becomes a cut.
    pub(super) fn take_edge(&mut self, draws: bool, case: &Case, wishes: &mut Vec<Wish>) {
        let Some(Awaited { known, begun }) = &mut self.edge else { return };
        *begun |= draws;
        let is_left = *begun && !draws;
        let is_drawn = |id: NodeId| {
            case.node(id).is_some_and(|node| was_drawn(node) && !known.iter().any(|old| *old == (id, node.hash())))
        };
        let drawn = curves(case).find(|(id, ..)| is_drawn(*id)).map(|(.., shape)| shape.clone());
        if let Some(shape) = drawn {
            self.edge = None;
            self.lay_through(&shape, None, case, wishes);
            wishes.push(Wish::Tool(MouseTool::Window));
        } else if is_left {
            // Another tool was taken: nobody draws an edge any more.
            self.edge = None;
        }
    }

    /// Draw an edge, or take one that is in the case. `at` is the cut whose place it takes.
    pub(super) fn edge_ui(&mut self, ui: &mut Ui, at: Option<usize>, case: &Case, wishes: &mut Vec<Wish>) {
        if self.edge.is_some() {
            ui.label(theme::small(tr("edge-drawing")));
            if ui.button(tr("edge-cancel")).clicked() {
                self.edge = None;
                wishes.push(Wish::Tool(MouseTool::Window));
            }
            return;
        }
        ui.horizontal_wrapped(|ui| {
            if at.is_none() && ui.button(tr("edge-draw")).on_hover_text(tr("edge-draw-help")).clicked() {
                let known = curves(case).filter_map(|(id, ..)| Some((id, case.node(id)?.hash()))).collect();
                self.edge = Some(Awaited { known, begun: false });
                self.fitted = None;
                wishes.push(Wish::Tool(MouseTool::Measure(Kind::Geodesic)));
            }
            if curves(case).next().is_some() {
                let mut chosen = None;
                ui.menu_button(tr("edge-take"), |ui| {
                    for (id, name, shape) in curves(case) {
                        ui.push_id(id, |ui| {
                            if ui.button(name).clicked() {
                                chosen = Some(shape.clone());
                            }
                        });
                    }
                })
                .response
                .on_hover_text(tr("edge-take-help"));
                if let Some(shape) = chosen {
                    self.lay_through(&shape, at, case, wishes);
                }
            }
        });
        match &self.fitted {
            Some(Ok(rms_mm)) => {
                let rms = format!("{rms_mm:.1}");
                ui.label(theme::small(tr_with("edge-fitted", &[("rms", rms.as_str().into())])));
            }
            Some(Err(why)) => {
                ui.label(RichText::new(why.as_str()).size(12.0).color(theme::of(ui).warning));
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Grid;
    use crate::image::{LabelMap, Volume};
    use crate::plan::Target;
    use std::f64::consts::TAU;

    /// A ball of 30 mm about the origin, and a target above its middle.
    fn case() -> (Case, Plan) {
        let grid = Grid::aligned([64; 3], Point::new(-31.5, -31.5, -31.5), [1.0; 3]).unwrap();
        let ball = |centre: Point, radius_mm: f64| {
            let inside = |o: usize| (grid.centre(grid.voxel(o)) - centre).norm() < radius_mm;
            let voxels = (0..grid.len()).map(|o| u8::from(inside(o))).collect();
            Data::Labels(LabelMap::from_mask(&Volume::new(grid.clone(), voxels).unwrap(), "ball", [9; 3], None))
        };
        let case = Case::from_nodes([
            (NodeId(1), Node::new("organ", ball(Point::origin(), 30.0))),
            (NodeId(2), Node::new("target", ball(Point::new(0.0, 0.0, 20.0), 5.0))),
        ]);
        let structure = |node| Structure { node: NodeId(node), segment: Some(crate::base::SegmentId(1)) };
        let targets = vec![Target { structure: structure(2), margin_mm: 5.0 }];
        (case, Plan { organ: Some(structure(1)), targets, ..Plan::default() })
    }

    fn curve(points: impl Iterator<Item = [f64; 3]>) -> Shape {
        Shape::new(Kind::Polyline, &points.map(Point::from).collect::<Vec<_>>(), None).unwrap()
    }

    #[test]
    fn a_closed_edge_on_a_ball_becomes_a_sheet_across_it_that_takes_the_target() {
        let (case, plan) = case();
        let ring = |n: u32| {
            let (sin, cos) = (TAU * f64::from(n) / 48.0).sin_cos();
            [29.0 * cos, 29.0 * sin, 8.0]
        };
        let Fit { sheet, rms_mm } = fit(&curve((0..48).map(ring)), &plan, &case).unwrap();
        assert!(rms_mm < RMS_MM, "{rms_mm}");
        let across = sheet.across(0.5, 0.5).normalize();
        assert!(0.99 < across.z && (sheet.at(0.5, 0.5).z - 8.0).abs() < 0.5, "{across}");
        let without = Plan { targets: Vec::new(), ..plan };
        let below = |n: u32| ring(n).map(|x| if x == 8.0 { -8.0 } else { x });
        let cap = fit(&curve((0..48).map(below)), &without, &case).unwrap().sheet;
        assert!(cap.across(0.5, 0.5).z < 0.0, "without a target the smaller side goes");
    }

    #[test]
    fn an_open_edge_becomes_a_sheet_into_the_organ_through_its_middle() {
        let (case, plan) = case();
        let arc = |n: u32| {
            let (sin, cos) = (-0.8 + 1.6 * f64::from(n) / 30.0).sin_cos();
            [30.0 * cos, 30.0 * sin, 4.0]
        };
        let Fit { sheet, rms_mm } = fit(&curve((0..=30).map(arc)), &plan, &case).unwrap();
        assert!(rms_mm < RMS_MM, "{rms_mm}");
        assert!(0.0 < sheet.across(0.5, 0.5).z, "the target lies above");
        let (start, end) = (sheet.at(0.5, 0.0), sheet.at(0.5, 1.0));
        assert!(25.0 < start.x && end.x < -20.0, "from edge to edge: {start} {end}");
    }

    #[test]
    fn an_edge_that_cannot_be_one_says_why() {
        let (case, plan) = case();
        let short = curve([[0.0; 3], [1.0, 0.0, 0.0]].into_iter());
        assert_eq!(fit(&short, &plan, &case).unwrap_err(), tr("edge-too-short"));
        let line = curve((0..9).map(|n| [f64::from(n), 0.0, 30.0]));
        let no_organ = fit(&line, &Plan::default(), &case).unwrap_err();
        assert_eq!(no_organ, tr("edge-no-organ"));
    }
}
