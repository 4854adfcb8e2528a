//! The views of a plan: the comparison board, the flattened cut, distances along a path, edges and trees; and the whole way
//! from an opened case to a compared pair of plans.

use super::*;
use crate::app::ui::layout::Pane;
use crate::app::ui::plan::Planning;
use crate::app::ui::settings::Setting;
use crate::app::ui::slice::MouseTool;
use crate::app::ui::wish::Wish;
use crate::base::SegmentId;
use crate::geom::measure::Kind;
use crate::mesh::{CentreBranch, CentreLines, shapes};
use crate::plan::{Action, Cut, CutShape, KeepOut, NamedAction, Needle, NeedleKind, Plan, Structure, Target};
use crate::tools::plan_stage::{Ingredients, Stage};
use crate::tools::plan_views::{Flats, depths};

/// A scan (1) of a liver of 28 mm (2) with a tumour of 6 mm at its left (3), a bowel in front (4), a portal vein (5) and the
/// surface of the liver (6).
fn organs() -> Vec<(NodeId, Node)> {
    let grid = Grid::aligned([72, 72, 36], Point::new(-35.5, -35.5, -35.0), [1.0, 1.0, 2.0]).unwrap();
    let voxels = (0..grid.len()).map(|o| if (grid.centre(grid.voxel(o)).coords.norm()) < 28.0 { 90 } else { -60 });
    let voxels = Voxels::I16(Volume::new(grid.clone(), voxels.collect()).unwrap());
    let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
    let ball = |name: &str, centre: [f64; 3], radius_mm: f64, colour| {
        let inside = |o: usize| (grid.centre(grid.voxel(o)) - Point::from(centre)).norm() < radius_mm;
        let mask = Volume::new(grid.clone(), (0..grid.len()).map(|o| u8::from(inside(o))).collect()).unwrap();
        Data::Labels(LabelMap::from_mask(&mask, name, colour, None))
    };
    let line = |parent, from: [f64; 3], to: [f64; 3], radius_mm: f64| {
        let (from, to) = (Point::from(from), Point::from(to));
        let points: Vec<Point> = (0..=30).map(|n| from + (to - from) * (f64::from(n) / 30.0)).collect();
        CentreBranch { parent, radii_mm: vec![radius_mm; points.len()], points }
    };
    let tree = CentreLines::new(vec![
        line(None, [-30.0, -4.0, -6.0], [-4.0, -4.0, -6.0], 3.0),
        line(Some(0), [-4.0, -4.0, -6.0], [24.0, -10.0, -4.0], 2.0),
        line(Some(0), [-4.0, -4.0, -6.0], [16.0, 12.0, 8.0], 1.4),
    ]);
    vec![
        (NodeId(1), Node::new("Abdomen", Data::Scan(Arc::new(scan)))),
        (NodeId(2), Node::new("Liver", ball("liver", [0.0; 3], 28.0, [221, 130, 101])).from_source(NodeId(1))),
        (NodeId(3), Node::new("Tumour", ball("tumour", [14.0, 2.0, 0.0], 6.0, [144, 238, 144])).from_source(NodeId(1))),
        (NodeId(4), Node::new("Bowel", ball("bowel", [-6.0, -30.0, 0.0], 5.0, [205, 167, 142])).from_source(NodeId(1))),
        (NodeId(5), Node::new("Portal vein", Data::Lines(Arc::new(tree.unwrap()))).shown([90, 110, 230], 1.0)),
        (NodeId(6), Node::new("Liver surface", Data::surface(shapes::ball(28.0, 2.0))).from_source(NodeId(2))),
    ]
}

fn segment(node: u32) -> Structure {
    Structure { node: NodeId(node), segment: Some(SegmentId(1)) }
}

fn named(name: &str, action: Action) -> NamedAction {
    NamedAction { name: name.into(), action }
}

fn plane(x: f64) -> Action {
    Action::Cut(Cut { shape: CutShape::Plane { point: [x, 0.0, 0.0], normal: [1.0, 0.1, 0.0] }, width_mm: 2.0 })
}

fn needle() -> Action {
    let (entry, target) = ([-6.0, -34.0, 6.0], [14.0, 2.0, 0.0]);
    Action::Needle(Needle { entry, target, diameter_mm: 1.6, kind: NeedleKind::Needle, contacts: None })
}

fn plan(actions: Vec<NamedAction>) -> Plan {
    Plan {
        organ: Some(segment(2)),
        targets: vec![Target { structure: segment(3), margin_mm: 5.0 }],
        keep_out: vec![KeepOut { structure: segment(4), distance_mm: 5.0, weight: Some(1.0) }],
        vessels: vec![Structure { node: NodeId(5), segment: None }],
        actions,
        ..Plan::default()
    }
}

/// A case with a plan of each of these cuts, objects 7 and on, scored.
fn with_plans(places: &[f64]) -> Case {
    let bare = Case::from_nodes(organs());
    let mut stage = Stage::default();
    let mut scored = |x: f64| {
        let mut plan = plan(vec![named("Cut across", plane(x))]);
        let ingredients = Ingredients::of(&bare, &plan).unwrap();
        stage.prepare(&ingredients, &plan, &Progress::default()).unwrap();
        plan.score = Some(stage.score(&ingredients, &plan, &Progress::default()).unwrap());
        plan
    };
    let plans: Vec<_> = places.iter().map(|x| scored(*x)).collect();
    let plans = plans
        .into_iter()
        .enumerate()
        .map(|(n, plan)| (NodeId(7 + n as u32), Node::new(format!("Plan {}", n + 1), Data::Plan(Arc::new(plan)))));
    Case::from_nodes(organs().into_iter().chain(plans))
}

fn wish(harness: &mut Harness<'_, Desk>, wish: Wish) -> Vec<Request> {
    harness.state_mut().workspace.waiting.push(wish);
    asked(harness)
}

fn planning<'a>(harness: &'a mut Harness<'_, Desk>) -> &'a mut Planning {
    harness.state_mut().workspace.planning.as_mut().expect("the panel is open")
}

fn params(asked: &[Request], tool: &str) -> Value {
    let found = asked.iter().find_map(|request| match request {
        Request::Run(command) if command.tool == tool => Some(command.params.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no {tool} in {asked:?}"))
}

/// The rectangle of a view.
fn pane(harness: &Harness<'_, Desk>, pane: Pane) -> egui::Rect {
    let panes = &harness.state().workspace.panes;
    panes.iter().find(|(each, _)| *each == pane).expect("the view is shown").1
}

/// The button with this label that lies at the height of the board, seen or not.
fn on_board<'a>(harness: &'a Harness<'_, Desk>, label: &'a str) -> Option<egui_kittest::Node<'a>> {
    let board = pane(harness, Pane::Plans);
    let is_there = |node: &egui_kittest::Node<'a>| {
        let is_button = node.accesskit_node().role() == egui::accesskit::Role::Button;
        is_button && board.left() <= node.rect().left() && board.y_range().contains(node.rect().center().y)
    };
    harness.query_all_by_label(label).find(is_there)
}

/// What the threads beside the window would answer.
fn answer(harness: &mut Harness<'_, Desk>) {
    let case = harness.state().session.case().clone();
    let shown = planning(harness).shown();
    let [flat, path] = planning(harness).views();
    let ingredients = Ingredients::of(&case, &shown).unwrap();
    let (mut stage, progress) = (Stage::default(), Progress::default());
    stage.prepare(&ingredients, &shown, &progress).unwrap();
    if let Some(n) = flat {
        let flat = Flats::default().of(&stage, &ingredients, &shown, n, &progress).unwrap();
        planning(harness).flat = Some(flat.map(Arc::new));
    }
    if let Some(n) = path {
        let found = depths(&stage, &shown, n, &progress).unwrap();
        planning(harness).depths = Some(Ok(found.map(Arc::new)));
    }
    harness.run_steps(3);
}

#[test]
fn the_board_says_what_there_is_and_what_to_do() {
    let mut harness = open_sized(Case::from_nodes(organs()), Vec2::new(1280.0, 720.0));
    wish(&mut harness, Wish::ToggleView(Pane::Plans));
    assert!(harness.query_by_label("There is no plan in this case yet.").is_some());
    press(&mut harness, "New plan…");
    assert!(harness.state().workspace.form_of("plan.new").is_some());

    let mut harness = open_sized(with_plans(&[5.0]), Vec2::new(1280.0, 720.0));
    wish(&mut harness, Wish::ToggleView(Pane::Plans));
    assert!(harness.query_by_label_contains("There is one plan only").is_some());
    assert!(on_board(&harness, "Plan 1").is_some());
}

#[test]
fn two_plans_stand_side_by_side_with_bounds_verdicts_and_sources() {
    let mut harness = open_sized(with_plans(&[12.0, -2.0]), Vec2::new(1280.0, 720.0));
    wish(&mut harness, Wish::ToggleView(Pane::Plans));
    wish(&mut harness, Wish::Maximise(Pane::Plans));
    // The list of objects names plans too.
    wish(&mut harness, Wish::Set(Setting::RightPanel));
    let words = |harness: &Harness<'_, Desk>, text: &str| harness.query_all_by_label_contains(text).count();
    assert_eq!(words(&harness, "Not allowed"), 1, "the first cuts the tumour");
    assert!(0 < words(&harness, "breach"), "a word beside the colour");
    // The plan that is pressed is opened.
    on_board(&harness, "Plan 2").unwrap().click();
    harness.run_steps(3);
    assert_eq!(planning(&mut harness).node, NodeId(8));
    // What the numbers of a row rest on is told below.
    let row = harness.query_all_by_label_contains("argin to tumour").next().expect("a row of the margin");
    row.click();
    harness.run_steps(3);
    let case = harness.state().session.case();
    let Data::Plan(plan) = &case.node(NodeId(7)).unwrap().data else { panic!("a plan") };
    let term = plan.score.as_ref().unwrap().terms.iter().find(|term| term.name.contains("argin to tumour")).unwrap();
    assert!(0 < words(&harness, &term.method), "{}", term.method);
    assert!(term.text().contains('('), "with bounds: {}", term.text());
    let asked = press(&mut harness, "Keep the table");
    assert_eq!(params(&asked, "plan.compare"), json!({ "plans": "7,8" }));
    press(&mut harness, "Export…");
    assert_eq!(harness.state().workspace.form_of("export.plan").unwrap()["plans"], json!("7,8"));
    press(&mut harness, "Close the board");
    assert!(!harness.state().workspace.layout.panes().contains(&Pane::Plans));
}

#[test]
fn a_score_that_is_not_of_now_says_so_and_all_are_scored_by_one_press() {
    let case = with_plans(&[12.0, -2.0]);
    let changed = case.nodes().map(|(id, node)| {
        let mut node = node.as_ref().clone();
        if id == NodeId(8)
            && let Data::Plan(plan) = &node.data
        {
            let mut plan = Plan::clone(plan);
            plan.targets[0].margin_mm = 7.0;
            node = Node::new("Plan 2", Data::Plan(Arc::new(plan)));
        }
        (id, node)
    });
    let mut harness = open_sized(Case::from_nodes(changed.collect::<Vec<_>>()), Vec2::new(1280.0, 720.0));
    wish(&mut harness, Wish::ToggleView(Pane::Plans));
    assert_eq!(harness.query_all_by_label("Score is not of now").count(), 1);
    assert!(press(&mut harness, "Keep the table").is_empty(), "an old score is not kept in a table");
    let asked = press(&mut harness, "Score all");
    assert_eq!(params(&asked, "plan.score"), json!({ "plans": null }));
}

#[test]
fn eight_plans_are_scrolled_and_walked_through_by_the_keyboard() {
    let places: Vec<f64> = (0..8).map(|n| 14.0 - 4.0 * f64::from(n)).collect();
    let mut harness = open_sized(with_plans(&places), Vec2::new(1280.0, 720.0));
    wish(&mut harness, Wish::ToggleView(Pane::Plans));
    wish(&mut harness, Wish::Maximise(Pane::Plans));
    // The list of objects names plans too.
    wish(&mut harness, Wish::Set(Setting::RightPanel));
    let board = pane(&harness, Pane::Plans);
    let last = |harness: &Harness<'_, Desk>| on_board(harness, "Plan 8").expect("it is there").rect();
    assert!(!board.contains(last(&harness).center()), "more than fit");
    // The keyboard goes to it, and the board follows.
    on_board(&harness, "Plan 8").unwrap().focus();
    harness.run_steps(20);
    assert!(board.contains(last(&harness).center()), "{board:?} {:?}", last(&harness));
    let names = harness.query_all_by_label_contains("argin to tumour").next().expect("names stay").rect();
    assert!(board.left() <= names.left() && names.left() < board.left() + 40.0);
    strike(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(planning(&mut harness).node, NodeId(14));
}

#[test]
fn a_flattened_cut_is_pointed_at_and_says_why_there_is_none() {
    let mut harness = open(with_plans(&[4.0]));
    wish(&mut harness, Wish::Plan(None));
    press(&mut harness, "Flattened cut");
    answer(&mut harness);
    let pane = pane(&harness, Pane::FlatCut);
    let picture = harness.get_by_label("Flattened cut; arrow keys move the crosshair on it").rect();
    assert!(pane.contains_rect(picture) && 100.0 < picture.width(), "{pane:?} {picture:?}");
    let before = crosshair(&harness);
    harness.hover_at(picture.center());
    harness.run_steps(2);
    let pointed = planning(&mut harness).pointed().expect("the mouse is on it");
    assert_eq!(crosshair(&harness), before, "pointing alone moves nothing");
    assert!((pointed.x + 0.1 * pointed.y - 4.0).abs() < 1e-6, "on the cut: {pointed}");
    click(&mut harness, picture.center());
    assert!((crosshair(&harness) - pointed).norm() < 0.5);
    harness.get_by_label("Flattened cut; arrow keys move the crosshair on it").focus();
    harness.run_steps(2);
    strike(&mut harness, Modifiers::NONE, Key::ArrowRight);
    let moved = (crosshair(&harness) - pointed).norm();
    assert!((moved - 1.0).abs() < 0.3, "a key is a millimetre: {moved}");

    let mut harness = open(with_plans(&[60.0]));
    wish(&mut harness, Wish::Plan(None));
    press(&mut harness, "Flattened cut");
    answer(&mut harness);
    assert!(matches!(&planning(&mut harness).flat, Some(Err(crate::tools::plan_views::NoFlat::Misses))));
}

/// A case with one plan of these actions, object 7.
fn with_actions(actions: Vec<NamedAction>) -> Case {
    let own = Node::new("Plan 1", Data::Plan(Arc::new(plan(actions))));
    Case::from_nodes(organs().into_iter().chain([(NodeId(7), own)]))
}

#[test]
fn an_edge_drawn_on_the_organ_becomes_a_curved_cut() {
    let mut harness = open(with_actions(Vec::new()));
    wish(&mut harness, Wish::Plan(None));
    press(&mut harness, "Draw its edge on the organ");
    assert_eq!(harness.state().workspace.slices.tool, MouseTool::Measure(Kind::Geodesic));
    // What the clicks in the 3D view ask for, done as the program does it.
    let ring: Vec<[f64; 3]> = (0..=12)
        .map(|n| {
            let (sin, cos) = (std::f64::consts::TAU * f64::from(n) / 12.5).sin_cos();
            [6.0, 27.0 * cos, 27.0 * sin]
        })
        .collect();
    let curve = Command::new("measure.geodesic", json!({ "surface": 6, "points": ring }));
    harness.state_mut().session.run(curve, &Progress::default()).unwrap();
    let asked = asked(&mut harness);
    let asked = params(&asked, "plan.act");
    let controls = &asked["actions"][0]["action"]["shape"]["controls"];
    assert!(16 <= controls.as_array().unwrap().len());
    let now = harness.state().workspace.slices.tool;
    assert_eq!(now, MouseTool::Window, "the tool goes back to what it was");
    harness.state_mut().session.run(Command::new("plan.act", asked), &Progress::default()).unwrap();
    harness.run_steps(3);
    let plan = planning(&mut harness).shown();
    let Action::Cut(Cut { shape: CutShape::Sheet(sheet), .. }) = &plan.actions[0].action else { panic!("a sheet") };
    let middle = sheet.at(0.5, 0.5);
    assert!((middle.x - 6.0).abs() < 2.0 && 0.9 < sheet.across(0.5, 0.5).normalize().x, "{middle}");
}

/// What is new is told by the curve, not by its number: undo gives numbers again, and not every new curve was drawn.
#[test]
fn only_a_curve_that_was_drawn_since_becomes_a_cut() {
    let mut harness = open(with_actions(Vec::new()));
    let ring = |x: f64| -> Vec<[f64; 3]> {
        (0..=12)
            .map(|n| {
                let (sin, cos) = (std::f64::consts::TAU * f64::from(n) / 12.5).sin_cos();
                [x, 27.0 * cos, 27.0 * sin]
            })
            .collect()
    };
    let run = |harness: &mut Harness<'_, Desk>, tool: &str, params: Value| {
        harness.state_mut().session.run(Command::new(tool, params), &Progress::default()).unwrap();
        let is_cut = |request: &Request| matches!(request, Request::Run(command) if command.tool == "plan.act");
        asked(harness).iter().any(is_cut)
    };
    run(&mut harness, "measure.geodesic", json!({ "surface": 6, "points": ring(-3.0) }));
    let old = harness.state().session.case().nodes().next_back().unwrap().0;
    run(&mut harness, "measure.geodesic", json!({ "surface": 6, "points": ring(9.0) }));
    wish(&mut harness, Wish::Plan(None));
    press(&mut harness, "Draw its edge on the organ");
    assert!(!run(&mut harness, "measure.geodesic", json!({ "measure": old, "points": ring(-4.0) })), "a moved handle");
    let spline = json!({ "kind": "spline", "points": ring(2.0), "scan": 1 });
    assert!(!run(&mut harness, "measure.add", spline), "another kind");
    // All of it is undone, with one curve that was there: its number is free again.
    for _ in 0..3 {
        assert!(harness.state_mut().session.undo());
    }
    harness.run_steps(2);
    assert!(run(&mut harness, "measure.geodesic", json!({ "surface": 6, "points": ring(6.0) })), "drawn now");
}

#[test]
fn branches_and_clips_are_chosen_by_clicks_on_vessels() {
    let cut = Action::Cut(Cut { shape: CutShape::Territories { branches: vec![1] }, width_mm: 0.0 });
    let mut harness = open(with_actions(vec![named("Territories 1", cut)]));
    wish(&mut harness, Wish::Plan(None));
    let pane = harness.state().pane.clone().unwrap().rect;
    let pick = |harness: &mut Harness<'_, Desk>, at: [f64; 3]| {
        let picked = crate::app::ui::Picked { node: NodeId(5), point: Point::from(at), value: None };
        harness.state_mut().scene.picked = Some(picked);
        click(harness, pane.center() + Vec2::new(120.0, 90.0));
        asked(harness)
    };
    let asked_for = pick(&mut harness, [10.0, 8.0, 5.0]);
    assert_eq!(params(&asked_for, "plan.act")["actions"][0]["action"]["shape"]["branches"], json!([1, 2]));
    press(&mut harness, "Place a clip by a click on a vessel");
    let asked_for = pick(&mut harness, [-20.0, -4.5, -8.5]);
    let clip = params(&asked_for, "plan.act");
    assert_eq!(clip["actions"][0]["action"]["do"], json!("clip"));
    let at: [f64; 3] = serde_json::from_value(clip["actions"][0]["action"]["at"].clone()).unwrap();
    assert!((Point::from(at) - Point::new(-20.0, -4.0, -6.0)).norm() < 1e-6, "on the line: {at:?}");
}

/// A case with a plan that cuts territories, and with the flow of its vessels, object 8.
fn with_flow() -> Case {
    let cut = Action::Cut(Cut { shape: CutShape::Territories { branches: vec![1] }, width_mm: 0.0 });
    let plain = with_actions(vec![named("Territories 1", cut)]);
    let mut session = Session::with_case(crate::tools::TOOLS, plain, Vec::new());
    let params = json!({ "lines": 5, "mean_pressure_mmhg": 8.0 });
    session.run(Command::new("simulate.network", params), &Progress::default()).unwrap();
    Case::from_nodes(session.case().nodes().map(|(id, node)| (id, Node::clone(node))))
}

#[test]
fn territories_are_parted_by_flow_with_a_press() {
    let mut harness = open_sized(with_flow(), Vec2::new(1500.0, 1300.0));
    wish(&mut harness, Wish::Plan(None));
    press(&mut harness, "Structures");
    let asked_for = press(&mut harness, "By flow, estimated from radii");
    assert_eq!(params(&asked_for, "plan.change")["territories"], json!("radii"));
    let asked_for = press(&mut harness, "By Portal vein, flow of the tree");
    let change = params(&asked_for, "plan.change");
    assert_eq!(change["territories"], json!("8"));
    harness.state_mut().session.run(Command::new("plan.change", change), &Progress::default()).unwrap();
    harness.run_steps(3);
    assert_eq!(planning(&mut harness).shown().territories.results(), [NodeId(8)]);
    // Taken away, there is the distance again.
    let asked_for = press(&mut harness, "By Portal vein, flow of the tree");
    assert_eq!(params(&asked_for, "plan.change")["territories"], json!("distance"));
}

/// A tree of thousands of branches: only the rows that are seen are laid out.
#[test]
fn a_long_list_of_branches_lays_out_what_is_seen() {
    let line = |n: u32| {
        let from = Point::new(f64::from(n % 50), f64::from(n / 50), 0.0);
        let points = vec![from, from + crate::geom::Vector::z() * 5.0];
        CentreBranch { parent: None, radii_mm: vec![1.0; 2], points }
    };
    let lines = CentreLines::new((0..3000).map(line).collect()).unwrap();
    let cut = Action::Cut(Cut { shape: CutShape::Territories { branches: vec![1] }, width_mm: 0.0 });
    let plain = with_actions(vec![named("Territories 1", cut)]);
    let nodes = plain.nodes().map(|(id, node)| {
        let tree = (id == NodeId(5)).then(|| Node::new("Portal vein", Data::Lines(Arc::new(lines.clone()))));
        (id, tree.unwrap_or_else(|| Node::clone(node)))
    });
    let mut harness = open(Case::from_nodes(nodes.collect::<Vec<_>>()));
    wish(&mut harness, Wish::Plan(None));
    harness.run_steps(3);
    let boxes = harness.query_all_by_role(egui::accesskit::Role::CheckBox).count();
    assert!((3..100).contains(&boxes), "{boxes} rows");
}

/// From an opened case to a compared pair of plans, as a person goes: every press is counted, and every command is done.
#[test]
fn a_compared_pair_of_plans_is_a_few_presses_away() {
    let mut harness = open_sized(Case::from_nodes(organs()), Vec2::new(1280.0, 720.0));
    let mut presses = 0;
    let mut go = |harness: &mut Harness<'_, Desk>, label: &str| {
        harness.get_all_by_label(label).next().unwrap_or_else(|| panic!("no {label}")).click();
        presses += 1;
        for request in asked(harness) {
            let Request::Run(command) = request else { continue };
            harness.state_mut().session.run(command, &Progress::default()).unwrap();
        }
        harness.run_steps(4);
    };
    go(&mut harness, "Plan");
    go(&mut harness, "Liver resection");
    assert_eq!(planning(&mut harness).shown().targets.len(), 1, "the procedure found the tumour");
    // One click on a slice says where.
    harness.state_mut().workspace.crosshair = Some(Point::new(2.0, 0.0, 0.0));
    harness.run_steps(2);
    go(&mut harness, "Add an action at the crosshair");
    go(&mut harness, "Plane cut");
    go(&mut harness, "Copy");
    assert_eq!(planning(&mut harness).shown().actions.len(), 1, "the copy is open");
    // One drag of a handle makes it another plan.
    let mut other = planning(&mut harness).shown().actions[0].clone();
    other.action = plane(-6.0);
    let node = planning(&mut harness).node.0;
    let act = Command::new("plan.act", json!({ "plan": node, "at": 1, "actions": [other] }));
    harness.state_mut().session.run(act, &Progress::default()).unwrap();
    harness.run_steps(3);
    go(&mut harness, "Compare");
    go(&mut harness, "Score all");
    assert!(harness.query_by_label("Score is not of now").is_none());
    let case = harness.state().session.case();
    let totals: Vec<_> = case.plans().map(|(.., plan)| plan.score.as_ref().expect("scored").allowed).collect();
    assert_eq!(totals.len(), 2);
    assert_eq!(presses, 7, "and one click on a slice, and one drag");
}

mod paths;

#[test]
fn letters_title_and_legend_of_a_flattened_cut_stand_apart_at_every_size() {
    let mut harness = open(with_plans(&[4.0]));
    wish(&mut harness, Wish::Plan(None));
    press(&mut harness, "Flattened cut");
    answer(&mut harness);
    wish(&mut harness, Wish::Maximise(Pane::FlatCut));
    let mut looked_at = 0;
    for size in [[330.0, 300.0], [480.0, 360.0], [640.0, 480.0], [760.0, 380.0], [1100.0, 640.0], [1440.0, 900.0]] {
        harness.set_size(Vec2::from(size));
        harness.run_steps(4);
        let rect = pane(&harness, Pane::FlatCut);
        if rect.width() < 200.0 || rect.height() < 150.0 {
            continue;
        }
        let (mut letters, mut others) = (Vec::new(), Vec::new());
        for (galley, at) in texts(&harness) {
            let text = galley.text().to_owned();
            let place = egui::Rect::from_min_size(at, galley.size());
            if !rect.contains_rect(place) {
                continue;
            }
            let is_letter = (1..=3).contains(&text.len()) && text.chars().all(|c| "RLAPSI".contains(c));
            let is_told = ["mm to spare", "mm lacking", "just kept", "vessel"].iter().any(|part| text.contains(part));
            if is_letter {
                letters.push((text, place));
            } else if is_told {
                others.push((text, place));
            }
        }
        assert_eq!(letters.len(), 4, "{size:?}: {letters:?}");
        assert!(2 < others.len(), "{size:?}: {others:?}");
        let crosses = |a: &egui::Rect, b: &egui::Rect| a.shrink(0.5).intersects(b.shrink(0.5));
        for (n, (letter, place)) in letters.iter().enumerate() {
            let met = others.iter().chain(&letters[..n]).find(|(_, other)| crosses(place, other));
            assert!(met.is_none(), "{size:?}: {letter} at {place:?} meets {met:?}");
        }
        looked_at += 1;
    }
    assert!(3 <= looked_at, "{looked_at} sizes");
}
