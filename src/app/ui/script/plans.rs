//! A plan in the played session: made, opened, a cut put into a lung and dragged, a needle beside it, scored, compared.

use super::super::wish::Wish;
use super::super::workspace::Workspace;
use super::Step;
use super::chapters::{LEFT, axial, drag, launch, scene, wish};
use crate::base::NodeId;
use crate::geom::Point;
use crate::session::{Data, Session};
use serde_json::{Value, json};

/// The last segmentation with a right lung, as a plan names it.
fn lung(session: &Session) -> Option<String> {
    let mut named = session.case().nodes().filter_map(|(id, node)| match &node.data {
        Data::Labels(labels) => Some(format!("{}/{}", id.0, labels.segment_named("right lung")?.id.0)),
        _ => None,
    });
    named.next_back()
}

/// Add an action at the crosshair to the newest plan.
fn added(window: &Workspace, session: &Session, action: impl Fn([f64; 3]) -> Value) -> Vec<Wish> {
    let plan = session.case().plans().last().map(|(id, ..)| id);
    let act = |(at, plan): (Point, NodeId)| {
        let actions = json!([{ "name": "played", "action": action(at.into()) }]);
        Wish::Launch { tool: "plan.act".into(), params: json!({ "plan": plan, "actions": actions }) }
    };
    window.crosshair.zip(plan).map(act).into_iter().collect()
}

/// Wait for what was asked for.
fn done(steps: &mut Vec<Step>) {
    steps.extend([Step::Frames(4), Step::Jobs(120.0), Step::Rest(1.0)]);
}

pub(super) fn plans(steps: &mut Vec<Step>) {
    steps.push(Step::With("new plan", |_, session| {
        let Some(organ) = lung(session) else { return Vec::new() };
        let params = json!({ "organ": organ, "template": "none" });
        vec![Wish::Launch { tool: "plan.new".into(), params }]
    }));
    done(steps);
    wish(steps, Wish::CloseForm, 2);
    wish(steps, Wish::Plan(None), 10);
    steps.push(Step::With("a cut is added", |window, session| {
        added(window, session, |at| {
            let shape = json!({ "by": "plane", "point": at, "normal": [0, 0, 1] });
            json!({ "do": "cut", "shape": shape, "width_mm": 2.0 })
        })
    }));
    done(steps);
    for _ in 0..3 {
        steps.push(Step::Rate("dragging a cut in a slice, its score and colours follow", Some(10.0)));
        drag(steps, LEFT, axial(0.5, 0.5), axial(0.6, 0.55));
        steps.extend([Step::Rated, Step::Rest(0.6)]);
        drag(steps, LEFT, scene(0.5, 0.5), scene(0.56, 0.45));
        steps.push(Step::Rest(0.6));
    }
    steps.push(Step::Jobs(60.0));
    steps.push(Step::With("a needle is added", |window, session| {
        added(window, session, |[x, y, z]| {
            let entry = [x, y - 120.0, z];
            json!({ "do": "needle", "entry": entry, "target": [x, y, z], "diameter_mm": 1.6, "kind": "needle" })
        })
    }));
    done(steps);
    launch(steps, "plan.score", json!({}));
    launch(steps, "plan.compare", json!({}));
    wish(steps, Wish::EndPlan, 6);
}
