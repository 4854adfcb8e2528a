//! Clips and territories on trees of vessels: places snap to centre lines, branches are chosen by a click on them.

use super::Planning;
use super::kept::Strokes;
use crate::app::ui::contract::{Picked, ScenePane};
use crate::app::ui::theme;
use crate::app::ui::wish::Wish;
use crate::base::NodeId;
use crate::base::i18n::{tr, tr_with};
use crate::geom::Point;
use crate::mesh::CentreLines;
use crate::plan::territory::{TreePlace, at_place, place_near};
use crate::plan::tree::of_territories;
use crate::plan::{Action, Cut, CutShape, NamedAction, Plan};
use crate::session::{Case, Data};
use egui::{Pos2, ScrollArea, Ui};
use std::sync::Arc;

/// A handle of a clip goes to what is this near to the mouse, in points.
const REACH: f32 = 60.0;

/// The trees of the plan's vessels that are in the case.
pub(super) fn trees<'a>(plan: &'a Plan, case: &'a Case) -> impl Iterator<Item = (NodeId, &'a Arc<CentreLines>)> {
    plan.vessels.iter().filter_map(|vessels| match &case.node(vessels.node)?.data {
        Data::Lines(lines) => Some((vessels.node, lines)),
        _ => None,
    })
}

/// The tree whose territories are cut, as the score chooses it.
fn territory_tree<'a>(plan: &'a Plan, case: &'a Case) -> Option<(NodeId, &'a Arc<CentreLines>)> {
    let named = |tree: (NodeId, &'a Arc<CentreLines>)| Some((case.node(tree.0)?.name.as_str(), tree));
    of_territories(trees(plan, case).filter_map(named))
}

/// The tree of the plan's vessels, and the place on it, whose wall is nearest to `point`, as the score chooses them.
fn nearest<'a>(plan: &'a Plan, case: &'a Case, point: &Point) -> Option<(NodeId, &'a Arc<CentreLines>, TreePlace)> {
    let near = trees(plan, case).filter_map(|(id, lines)| {
        let (place, off_mm) = place_near(lines, point)?;
        Some((off_mm, (id, lines, place)))
    });
    near.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, found)| found)
}

/// The place on the plan's vessels nearest to `point`, on the line of the vessel whose wall is nearest; none where the plan
/// names no vessels.
pub(super) fn snapped(plan: &Plan, case: &Case, point: &Point) -> Option<Point> {
    nearest(plan, case, point).map(|(_, lines, place)| at_place(lines, place).0)
}

/// The place on the plan's vessels that is seen nearest to `pos`, if one is near.
pub(super) fn under(plan: &Plan, case: &Case, pos: Pos2, on_screen: &dyn Fn(&Point) -> Option<Pos2>) -> Option<Point> {
    let mut best: Option<(f32, Point)> = None;
    for (_, lines) in trees(plan, case) {
        for pair in lines.branches().iter().flat_map(|branch| branch.points.windows(2)) {
            let (Some(a), Some(b)) = (on_screen(&pair[0]), on_screen(&pair[1])) else { continue };
            let way = b - a;
            let part = ((pos - a).dot(way) / way.length_sq().max(1e-9)).clamp(0.0, 1.0);
            let apart = (a + way * part).distance(pos);
            if best.is_none_or(|(known, _)| apart < known) {
                best = Some((apart, pair[0] + (pair[1] - pair[0]) * f64::from(part)));
            }
        }
    }
    best.filter(|(apart, _)| *apart <= REACH).map(|(_, point)| point)
}

/// Whether a branch grows from one of `taken`, or is one.
fn is_taken(lines: &CentreLines, taken: &[usize], branch: usize) -> bool {
    lines.way_to_root(branch).any(|at| taken.contains(&at))
}

/// `taken` with a branch added or taken out. What grows from a branch goes with it, so that it is not named twice.
fn toggled(lines: &CentreLines, taken: &[usize], branch: usize) -> Vec<usize> {
    if taken.contains(&branch) {
        return taken.iter().copied().filter(|n| *n != branch).collect();
    }
    if is_taken(lines, taken, branch) {
        return taken.to_vec();
    }
    let mut all: Vec<usize> =
        taken.iter().copied().filter(|n| !lines.way_to_root(*n).any(|at| at == branch)).chain([branch]).collect();
    all.sort_unstable();
    all
}

/// The lines that show what a clip closes off, or whose territories are taken away.
pub(super) fn strokes(action: &Action, plan: &Plan, case: &Case) -> Vec<Vec<Point>> {
    match action {
        Action::Cut(Cut { shape: CutShape::Territories { branches }, .. }) => {
            let Some((_, lines)) = territory_tree(plan, case) else { return Vec::new() };
            let all = lines.branches().iter().enumerate();
            all.filter(|(n, _)| is_taken(lines, branches, *n)).map(|(_, branch)| branch.points.clone()).collect()
        }
        Action::Clip { at } => {
            let at = Point::from(*at);
            let Some((_, lines, from)) = nearest(plan, case, &at) else { return Vec::new() };
            let own = &lines.branches()[from.branch];
            let lengths_mm = own.arc_lengths_mm();
            let rest =
                own.points.iter().zip(lengths_mm).filter(|(_, mm)| from.along_mm <= *mm).map(|(point, _)| *point);
            let rest: Vec<Point> = std::iter::once(at).chain(rest).collect();
            let grows = |n: usize| n != from.branch && lines.way_to_root(n).any(|at| at == from.branch);
            // What branches off before the clip keeps its supply.
            let starts_mm = |mut n: usize| {
                while lines.branches()[n].parent.is_some_and(|parent| parent != from.branch) {
                    n = lines.branches()[n].parent.unwrap_or(from.branch);
                }
                place_near_branch(lines, from.branch, &lines.branches()[n].points[0])
            };
            let others = (0..lines.branches().len()).filter(|n| grows(*n) && from.along_mm <= starts_mm(*n));
            std::iter::once(rest).chain(others.map(|n| lines.branches()[n].points.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// How far along a branch lies the place of it that is nearest to `point`, mm.
fn place_near_branch(lines: &CentreLines, branch: usize, point: &Point) -> f64 {
    let own = &lines.branches()[branch];
    let all = own.points.iter().zip(own.arc_lengths_mm());
    all.min_by(|(a, _), (b, _)| (*a - point).norm().total_cmp(&(*b - point).norm())).map_or(0.0, |(_, mm)| mm)
}

impl Planning {
    /// A cut along territories of the branch nearest to `at`, and a clip on the vessel nearest to it; none without vessels.
    pub(super) fn new_on_tree(&self, at: Point, case: &Case) -> [Option<NamedAction>; 2] {
        let plan = self.shown();
        let named = |kind: &str, action| {
            let count = (plan.actions.len() + 1).into();
            NamedAction { name: tr_with("plan-action-name", &[("kind", tr(kind).into()), ("count", count)]), action }
        };
        let branch =
            territory_tree(&plan, case).and_then(|(_, lines)| place_near(lines, &at)).map(|(near, _)| near.branch);
        let territories = branch.map(|branch| {
            let shape = CutShape::Territories { branches: vec![branch] };
            named("plan-new-territories", Action::Cut(Cut { shape, width_mm: 0.0 }))
        });
        let clip = snapped(&plan, case, &at).map(|at| named("plan-new-clip", Action::Clip { at: at.into() }));
        [territories, clip]
    }

    /// A click on a tube in the 3D view: a clip that is to be placed, or a branch of the chosen territories. Whether it was
    /// for us.
    pub(super) fn click_on_tree(
        &mut self,
        case: &Case,
        picked: Option<&Picked>,
        pane: &ScenePane,
        wishes: &mut Vec<Wish>,
    ) -> bool {
        let plan = self.shown();
        let (Some(_), Some(picked)) = (pane.clicked, picked) else { return false };
        let Some((_, lines)) = trees(&plan, case).find(|(id, _)| *id == picked.node) else { return false };
        if std::mem::take(&mut self.places_clip) {
            let [_, clip] = self.new_on_tree(picked.point, case);
            wishes.extend(clip.map(|clip| self.add(clip)));
            return true;
        }
        let is_theirs = territory_tree(&plan, case).is_some_and(|(id, _)| id == picked.node);
        if let (Some(Action::Cut(Cut { shape: CutShape::Territories { .. }, .. })), Some((near, _)), true) =
            (self.chosen(), place_near(lines, &picked.point), is_theirs)
        {
            self.toggle_branch(near.branch, &Arc::clone(lines), wishes);
            return true;
        }
        false
    }

    fn toggle_branch(&mut self, branch: usize, lines: &CentreLines, wishes: &mut Vec<Wish>) {
        let (Some(n), Some(Action::Cut(cut))) = (self.action, self.chosen().cloned()) else { return };
        let CutShape::Territories { branches } = &cut.shape else { return };
        let branches = toggled(lines, branches, branch);
        // The last branch stays: a cut of nothing is refused.
        if !branches.is_empty() {
            self.set_live(n, Action::Cut(Cut { shape: CutShape::Territories { branches }, ..cut }));
            self.commit(n, wishes);
        }
    }

    /// The branches of the tree, ticked where their territories are taken away. Only rows that are seen are laid out.
    pub(super) fn branches_ui(&mut self, ui: &mut Ui, taken: &[usize], case: &Case, wishes: &mut Vec<Wish>) {
        let plan = self.shown();
        let tree = territory_tree(&plan, case).and_then(|(id, lines)| Some((case.node(id)?.hash(), lines)));
        let Some((content, lines)) = tree else {
            ui.label(theme::small(tr("trees-no-vessels")).color(theme::of(ui).warning));
            return;
        };
        ui.label(theme::small(tr("trees-click")));
        let all = self.kept_trees.names(content, lines);
        let mut toggled = None;
        self.branch = None;
        let row = ui.spacing().interact_size.y;
        let list = ScrollArea::vertical().id_salt("branches").max_height(190.0).auto_shrink([false, true]);
        list.show_rows(ui, row, all.len(), |ui, rows| {
            for (n, name) in all.iter().enumerate().skip(rows.start).take(rows.len()) {
                let own = taken.contains(&n);
                let mut on = is_taken(lines, taken, n);
                let with_parent = on && !own;
                ui.push_id(n, |ui| {
                    ui.horizontal(|ui| {
                        ui.set_min_height(row);
                        ui.add_space(10.0 * (lines.way_to_root(n).count().saturating_sub(1).min(8)) as f32);
                        let response = ui.add_enabled(!with_parent, egui::Checkbox::new(&mut on, name.as_str()));
                        if response.hovered() || response.has_focus() {
                            self.branch = Some(n);
                        }
                        if response.on_disabled_hover_text(tr("trees-with-parent")).changed() {
                            toggled = Some(n);
                        }
                    });
                });
            }
        });
        if let Some(branch) = toggled {
            self.toggle_branch(branch, &Arc::clone(lines), wishes);
        }
    }

    /// The lines over trees that show what an action closes off or takes away; none where it does not lie on trees.
    pub(super) fn tree_strokes(&mut self, action: &Action, plan: &Plan, case: &Case) -> Option<Strokes> {
        self.kept_trees.strokes(action, plan, case)
    }

    /// The name of the branch a clip is on.
    fn branch_name(&mut self, at: &Point, case: &Case) -> Option<String> {
        let plan = self.shown();
        let (id, lines, place) = nearest(&plan, case, at)?;
        let node = case.node(id)?;
        let names = self.kept_trees.names(node.hash(), lines);
        Some(format!("{} {}", node.name, names.get(place.branch)?))
    }

    /// The branch that is pointed at in the list, to be seen in the views.
    pub(super) fn branch_pointed(&self, case: &Case) -> Option<Vec<Point>> {
        let plan = self.shown();
        let (_, lines) = territory_tree(&plan, case)?;
        lines.branches().get(self.branch?).map(|branch| branch.points.clone())
    }

    /// Where a clip sits.
    pub(super) fn clip_ui(&mut self, ui: &mut Ui, at: &Point, case: &Case) {
        match self.branch_name(at, case) {
            Some(name) => {
                ui.label(theme::small(tr_with("trees-clip-on", &[("branch", name.as_str().into())])));
            }
            None => {
                ui.label(theme::small(tr("trees-no-vessels")).color(theme::of(ui).warning));
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::mesh::CentreBranch;
    use crate::plan::Structure;
    use crate::session::Node;

    /// A stem along x from 0 to 40; one branch up at 20, one down at 40, and a twig of the first.
    pub(in crate::app::ui::plan) fn case() -> (Case, Plan) {
        let line = |parent, from: [f64; 3], to: [f64; 3]| {
            let (from, to) = (Point::from(from), Point::from(to));
            let points: Vec<Point> = (0..=20).map(|n| from + (to - from) * (f64::from(n) / 20.0)).collect();
            CentreBranch { parent, radii_mm: vec![2.0; points.len()], points }
        };
        let lines = CentreLines::new(vec![
            line(None, [0.0; 3], [40.0, 0.0, 0.0]),
            line(Some(0), [20.0, 0.0, 0.0], [20.0, 0.0, 30.0]),
            line(Some(0), [40.0, 0.0, 0.0], [40.0, 0.0, -30.0]),
            line(Some(1), [20.0, 0.0, 30.0], [0.0, 0.0, 50.0]),
        ]);
        let case = Case::from_nodes([(NodeId(1), Node::new("portal", Data::Lines(Arc::new(lines.unwrap()))))]);
        (case, Plan { vessels: vec![Structure { node: NodeId(1), segment: None }], ..Plan::default() })
    }

    #[test]
    fn branches_go_with_what_they_grow_from() {
        let (case, plan) = case();
        let (_, lines) = trees(&plan, &case).next().unwrap();
        assert_eq!(toggled(lines, &[2], 3), [2, 3]);
        assert_eq!(toggled(lines, &[2, 3], 1), [1, 2], "the twig goes with its branch");
        assert_eq!(toggled(lines, &[1, 2], 3), [1, 2], "it is there already");
        assert_eq!(toggled(lines, &[1, 2], 1), [2]);
        let cut = |branches| Action::Cut(Cut { shape: CutShape::Territories { branches }, width_mm: 0.0 });
        assert_eq!(strokes(&cut(vec![1]), &plan, &case).len(), 2);
        assert_eq!(strokes(&cut(vec![0]), &plan, &case).len(), 4);
    }

    /// On the wall of a thick stem a place is of the stem, however near the middle of a thin vessel beside it.
    #[test]
    fn what_is_put_on_a_wall_snaps_to_its_own_vessel() {
        let line = |y: f64, radius_mm| CentreBranch {
            parent: None,
            points: vec![Point::new(0.0, y, 0.0), Point::new(40.0, y, 0.0)],
            radii_mm: vec![radius_mm; 2],
        };
        let lines = CentreLines::new(vec![line(8.0, 0.5), line(0.0, 6.0)]).unwrap();
        let case = Case::from_nodes([(NodeId(1), Node::new("portal", Data::Lines(Arc::new(lines))))]);
        let plan = Plan { vessels: vec![Structure { node: NodeId(1), segment: None }], ..Plan::default() };
        let snapped = snapped(&plan, &case, &Point::new(12.0, 6.0, 0.0)).unwrap();
        assert!((snapped - Point::new(12.0, 0.0, 0.0)).norm() < 1e-9, "{snapped}");
    }

    #[test]
    fn a_clip_snaps_to_the_tree_and_closes_what_lies_behind_it() {
        let (case, plan) = case();
        let near = snapped(&plan, &case, &Point::new(10.0, 3.0, 4.0)).unwrap();
        assert!((near - Point::new(10.0, 0.0, 0.0)).norm() < 1e-9);
        let closes = |at: [f64; 3]| strokes(&Action::Clip { at }, &plan, &case).len();
        assert_eq!([closes([10.0, 0.0, 0.0]), closes([30.0, 0.0, 0.0]), closes([20.0, 0.0, 10.0])], [4, 2, 2]);
        let nodes = case.nodes().map(|(id, node)| (id, Node::clone(node))).collect::<Vec<_>>();
        let own = (NodeId(2), Node::new("plan", Data::Plan(Arc::new(plan.clone()))));
        let case = Case::from_nodes(nodes.into_iter().chain([own]));
        assert_eq!(Planning::new(NodeId(2), &case).unwrap().branch_name(&near, &case).unwrap(), "portal 1");
        assert!(snapped(&Plan::default(), &case, &near).is_none());
        // From the front: x to the right, z up.
        let seen = |point: &Point| Some(Pos2::new(point.x as f32, -point.z as f32));
        let under = |x, y| super::under(&plan, &case, Pos2::new(x, y), &seen);
        assert!((under(21.0, -12.0).unwrap() - Point::new(20.0, 0.0, 12.0)).norm() < 1e-5);
        assert!(under(300.0, 0.0).is_none());
    }
}
