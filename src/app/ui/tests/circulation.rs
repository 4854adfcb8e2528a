//! The panel of a tree of vessels: what is pressed is what is computed.

use super::*;
use crate::app::ui::circulation::Circulation;
use crate::mesh::{CentreBranch, CentreLines};
use crate::tools::simulate_network::VesselChange;

/// A straight vessel of 6 mm through the middle of the scan.
fn vessel() -> CentreLines {
    let points: Vec<Point> = (0..40).map(|n| Point::new(0.0, 0.0, 100.0 + f64::from(n))).collect();
    let radii_mm = vec![3.0; points.len()];
    CentreLines::new(vec![CentreBranch { parent: None, points, radii_mm }]).unwrap()
}

fn opened() -> Harness<'static, Desk> {
    let node = Node::new("Centre lines of a vessel", Data::Lines(Arc::new(vessel())));
    let nodes =
        case().nodes().map(|(id, node)| (id, node.as_ref().clone())).chain([(NodeId(4), node)]).collect::<Vec<_>>();
    let mut harness = open(Case::from_nodes(nodes));
    harness.get_by_label("Simulate").click();
    harness.run_steps(3);
    harness.get_by_label("Flow of the tree…").click();
    harness.run_steps(3);
    harness
}

fn panel<'a>(harness: &'a mut Harness<'_, Desk>) -> &'a mut Circulation {
    harness.state_mut().workspace.circulation.as_mut().expect("the panel is open")
}

#[test]
fn vessels_are_changed_where_the_crosshair_is_and_kept_as_a_command() {
    let mut harness = opened();
    let as_asked = crate::tools::simulate_network::Params::of(NodeId(4));
    assert_eq!(panel(&mut harness).params, as_asked, "opening the panel gives nothing that was not given");
    harness.state_mut().workspace.crosshair = Some(Point::new(1.0, 0.0, 120.0));
    harness.run_steps(3);
    press(&mut harness, "Narrow");
    press(&mut harness, "Bypass from here");
    harness.state_mut().workspace.crosshair = Some(Point::new(0.0, 0.0, 130.0));
    harness.run_steps(3);
    press(&mut harness, "Bypass to here");
    let edits = panel(&mut harness).params.edits.clone();
    assert!(matches!(edits[0], VesselChange::Narrow { percent: 50.0, .. }), "{edits:?}");
    assert!(matches!(edits[1], VesselChange::Connect { diameter_mm: 6.0, .. }), "{edits:?}");
    let params = panel(&mut harness).params.clone();
    let (_, summary) = params.solve(&vessel(), &Progress::default()).unwrap();
    panel(&mut harness).answer = Some(Ok(summary));
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("before the changes").is_some(), "the flow before edits is shown");
    let kept = press(&mut harness, "Keep result");
    assert_eq!(kept, [command("simulate.network", json!(params))]);
    assert!(harness.state().workspace.circulation.is_none());
}

#[test]
fn off_the_vessels_nothing_can_be_changed_and_what_cannot_flow_is_said() {
    let mut harness = opened();
    harness.state_mut().workspace.crosshair = Some(Point::new(15.0, 10.0, 120.0));
    harness.run_steps(3);
    press(&mut harness, "Narrow");
    assert!(panel(&mut harness).params.edits.is_empty());
    panel(&mut harness).answer = Some(Err("there is no way out".into()));
    harness.run_steps(3);
    harness.get_by_label("there is no way out");
    press(&mut harness, "Close without keeping it");
    assert!(harness.state().workspace.circulation.is_none());
}
