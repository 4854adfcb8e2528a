//! The panel of a flow: what is chosen is what is computed, and how it gets on is told.

use super::*;
use crate::app::ui::Live;
use crate::app::ui::flow_setup::FlowSetup;
use crate::base::JobId;
use crate::flow::{Inflow, Opening, OpeningKind, Profile, Stage};
use crate::geom::Vector;
use crate::tools::simulate_flow::{Place, Prospect};

fn opened() -> Harness<'static, Desk> {
    let mut harness = open(case());
    let wish = crate::app::ui::wish::Wish::Form { tool: "simulate.flow".into(), params: json!({ "labels": 2 }) };
    harness.state_mut().workspace.flow_setup = None;
    harness.get_by_label("Simulate").click();
    harness.run_steps(3);
    let Desk { workspace, session, messages, scene, .. } = harness.state_mut();
    let view =
        AppView { session, scene, messages, case_path: None, unsaved: false, covered: false, busy: None, now_s: 1.0 };
    assert_eq!(workspace.respond(wish, &view), None);
    harness.run_steps(3);
    harness
}

fn panel<'a>(harness: &'a mut Harness<'_, Desk>) -> &'a mut FlowSetup {
    harness.state_mut().workspace.flow_setup.as_mut().expect("the panel is open")
}

fn prospect() -> Prospect {
    let inlet = OpeningKind::Inlet { inflow: Inflow::FlowMlS(10.0), profile: Profile::Developed };
    let outlet = OpeningKind::Outlet { pressure_pa: 0.0 };
    let place = |name: &str, z: f64, normal: Vector, kind| Place {
        opening: Opening::placed(name, Point::new(0.0, 0.0, z), normal, 4.0, kind).unwrap(),
        is_open: true,
        change: None,
        asked: None,
    };
    let places = vec![
        place("inlet", 100.0, -Vector::z(), inlet),
        place("outlet 1", 150.0, Vector::z(), outlet),
        place("outlet 2", 155.0, Vector::z(), outlet),
    ];
    let cost = crate::flow::Cost {
        cell_mm: 0.4,
        cells_across: 20.0,
        cells: 52_000.0,
        steps: 9000.0,
        step_s: 1e-5,
        seconds: 12.0,
        bytes: 9e6,
        reynolds: 480.0,
        tau: 0.53,
    };
    Prospect { places, flow_ml_s: 10.0, cost: Ok(cost), warnings: vec!["a small opening stays closed".into()] }
}

#[test]
fn openings_and_cost_are_told_and_what_is_changed_is_run() {
    let mut harness = opened();
    panel(&mut harness).answer = Some(Ok(prospect()));
    harness.run_steps(3);
    harness.get_by_label("outlet 2, 8.0 mm wide");
    assert!(harness.query_by_label_contains("About 12 s: 52 thousand cells of 0.40 mm").is_some());
    assert!(harness.query_by_label_contains("a small opening stays closed").is_some());
    harness.state_mut().workspace.crosshair = Some(Point::new(1.0, 2.0, 120.0));
    harness.run_steps(2);
    press(&mut harness, "Cut at crosshair");
    let asked = press(&mut harness, "Run");
    let openings = json!([{ "at": [1.0, 2.0, 120.0], "as": "outlet", "cut": true }]);
    assert_eq!(asked, [command("simulate.flow", json!({ "labels": 2, "openings": openings }))]);
    assert!(harness.state().workspace.flow_setup.is_some(), "the panel shows how it gets on");
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.state().workspace.flow_setup.is_some(), "changed openings are not thrown away by a key");
    press(&mut harness, "As found");
    assert_eq!(press(&mut harness, "Run"), [command("simulate.flow", json!({ "labels": 2 }))]);
    strike(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.state().workspace.flow_setup.is_none());
}

#[test]
fn a_run_is_told_of_and_none_is_started_beside_it() {
    let mut harness = opened();
    let mut known = prospect();
    known.cost = Err("this would take about 90 min".into());
    panel(&mut harness).answer = Some(Ok(known));
    let stage = Stage::Settling { coarse: false, exchanges: 1.25, to_come: 0.04, tolerance: 0.01 };
    panel(&mut harness).live = Some(Live {
        job: JobId(3),
        waiting: false,
        segment: None,
        is_air: false,
        stage: Some(stage),
        drops_pa: vec![100.0, 250.0, 266.644],
    });
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("this would take about 90 min").is_some());
    assert!(harness.query_by_label_contains("still to change by 4.0 % (steady below 1 %)").is_some());
    assert!(harness.query_by_label_contains("Pressure drop now 2.0 mmHg").is_some());
    assert_eq!(press(&mut harness, "Run"), []);
    panel(&mut harness).live = None;
    panel(&mut harness).answer = Some(Err("the lumen is closed".into()));
    harness.run_steps(3);
    assert_eq!(press(&mut harness, "Run"), []);
    harness.get_by_label("the lumen is closed");
}
