//! Undo, redo, branches, budget.

use super::desk::Desk;
use prosector::base::rng::Rng;
use prosector::session::Session;
use prosector::tools::TOOLS;
use serde_json::json;

#[test]
fn undo_all_restores_the_start_and_redo_all_the_end_after_200_random_steps() {
    for seed in 0..3 {
        let mut desk = Desk::new();
        let start = desk.hash();
        let mut rng = Rng::new(seed);
        let mut trail = Vec::new();
        while trail.len() < 200 {
            random_step(&mut desk, &mut rng);
            trail.push(desk.hash());
        }
        // Hashes of every state on the line from the start to here.
        let line = desk.0.history().path(desk.0.history().current());
        let end = desk.hash();
        let mut hashes = vec![end.clone()];
        while desk.0.undo() {
            hashes.push(desk.hash());
        }
        assert_eq!(desk.hash(), start, "seed {seed}: undo all");
        assert_eq!(hashes.len(), line.len(), "seed {seed}: one undo a step");
        hashes.reverse();
        for expected in &hashes[1..] {
            assert!(desk.0.redo());
            assert_eq!(desk.hash(), *expected, "seed {seed}: redo");
            if *expected == end && desk.0.history().current() == *line.last().unwrap() {
                break;
            }
        }
        assert_eq!(desk.hash(), end, "seed {seed}: redo all");
    }
}

/// Any step a user may take; refused ones leave the case as it is.
fn random_step(desk: &mut Desk, rng: &mut Rng) {
    let ids: Vec<u32> = desk.case().nodes().map(|(id, _)| id.0).collect();
    if ids.is_empty() {
        desk.run("scan.phantom", json!({ "kind": "tube", "spacing_mm": 2.0, "seed": rng.below(100) }));
        return;
    }
    let any = ids[rng.below(ids.len())];
    let before = desk.hash();
    let result = match rng.below(10) {
        0 => desk.try_run("scan.phantom", json!({ "kind": "vessel", "spacing_mm": 2.5, "seed": rng.below(100) })),
        1 => desk.try_run("segment.threshold", json!({ "scan": any, "low_hu": rng.below(300) })),
        2 => {
            desk.try_run("segment.margin", json!({ "labels": any, "segment": 1, "margin_mm": rng.between(-3.0, 3.0) }))
        }
        3 => desk.try_run("model.surface", json!({ "labels": any })),
        4 => desk.try_run("object.rename", json!({ "node": any, "name": format!("name {}", rng.below(1000)) })),
        5 => desk.try_run("object.display", json!({ "node": any, "opacity": (rng.unit() * 100.0).round() / 100.0 })),
        6 => desk.try_run("object.remove", json!({ "node": any })),
        7 | 8 => {
            desk.0.undo();
            return;
        }
        _ => {
            let states: Vec<_> = desk.0.history().states().map(|(id, _)| id).collect();
            if rng.below(2) == 0 {
                desk.0.redo()
            } else {
                desk.0.go_to(states[rng.below(states.len())])
            };
            return;
        }
    };
    if let Err(error) = result {
        assert_eq!(desk.hash(), before, "a refused command changed the case: {error}");
        assert!(!error.to_string().contains("internal error"), "{error}");
    }
}

#[test]
fn a_step_after_undo_starts_a_branch_and_the_old_one_can_be_visited() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    desk.threshold(scan, 100);
    let (low, low_hash) = (desk.0.history().current(), desk.hash());
    assert!(desk.0.undo());
    desk.threshold(scan, 200);
    let high_hash = desk.hash();
    assert_ne!(low_hash, high_hash);
    assert!(desk.0.go_to(low));
    assert_eq!(desk.hash(), low_hash);
    assert!(!desk.0.redo(), "nothing was done after this state");
}

#[test]
fn ids_are_not_used_twice_on_one_line() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let first = desk.threshold(scan, 100);
    desk.run("object.remove", json!({ "node": first }));
    let second = desk.threshold(scan, 100);
    assert!(first < second);
}

#[test]
fn the_budget_drops_old_states_but_never_commands_or_the_present() {
    let mut desk = Desk(Session::new(TOOLS).with_budget(3, 1000));
    let [scan, truth] = desk.vessel();
    desk.run("object.remove", json!({ "node": truth }));
    for low in 0..6 {
        let node = desk.threshold(scan, 50 + low);
        desk.run("object.remove", json!({ "node": node }));
    }
    let history = desk.0.history();
    let kept = history.states().filter(|(id, _)| history.is_kept(*id)).count();
    assert_eq!(kept, 3);
    assert!(history.states().skip(1).all(|(_, state)| state.command.is_some()));
    assert!(desk.0.undo() && desk.0.undo() && !desk.0.undo());
}
