//! A table of one's own in a plan: used, stored, named in the score, refused where it is wrong.

use crate::base::{NodeId, Progress};
use crate::plan::{Plan, Verdict};
use crate::session::{Command, Data, Session, store};
use crate::tools::shared::plans_tests::desk;
use serde_json::{Value, json};
use std::sync::Arc;

const TABLE: &str = "id;name;kind;power_w;minutes;long_mm;short_mm;behind_tip_mm;source\n\
    ours;Our microwave;microwave;60;5;41;31;14;bench tests of 2026\n\
    ours;Our microwave;microwave;60;10;51;41;16;bench tests of 2026\n";

fn run(session: &mut Session, tool: &str, params: Value) -> Result<Vec<NodeId>, String> {
    let outcome = session.run(Command::new(tool, params), &Progress::default());
    outcome.map(|outcome| outcome.added).map_err(|error| error.to_string())
}

fn plan(session: &Session, id: NodeId) -> Arc<Plan> {
    let Data::Plan(plan) = &session.case().node(id).unwrap().data else { panic!("{id} is no plan") };
    Arc::clone(plan)
}

fn probe(device: &str) -> Value {
    let path = json!({ "entry": [12, 50, 30], "target": [54, 50, 30], "diameter_mm": 1.6, "kind": "probe" });
    let zone = json!({ "do": "ablation", "needle": path, "device": device, "power_w": 60, "minutes": 5 });
    json!([{ "name": "probe", "action": zone }])
}

fn written(name: &str, text: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("prosector-devices-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_device_of_one_s_own_is_used_and_named_and_travels_with_the_plan() {
    let mut session = desk();
    let id = run(&mut session, "plan.new", json!({ "template": "ablation" })).unwrap()[0];
    assert!(
        run(&mut session, "plan.act", json!({ "plan": id, "actions": probe("ours") }))
            .unwrap_err()
            .contains("no 'ours'")
    );
    let path = written("ours.csv", TABLE);
    run(&mut session, "plan.devices", json!({ "plan": id, "path": path })).unwrap();
    std::fs::remove_file(&path).unwrap();
    run(&mut session, "plan.act", json!({ "plan": id, "actions": probe("ours") })).unwrap();
    run(&mut session, "plan.score", json!({})).unwrap();
    let scored = plan(&session, id);
    let term = |id: &str| scored.score.as_ref().unwrap().term(id).unwrap().clone();
    assert_eq!(term("1/zone/long").value.unwrap().value, 41.0);
    assert_eq!(term("1/zone/short").value.unwrap().value, 31.0);
    assert!(term("1/zone/short").source.contains("Our microwave: bench tests of 2026"));
    let margin = term("ablation/margin/2.2");
    assert!(margin.source.contains("bench tests of 2026") && !margin.reason.contains("illustrative"), "{margin:?}");
    assert_ne!(margin.verdict, Verdict::Breach);
    // The case elsewhere, without the file: the same plan, which can be scored.
    let case_file = written("case.prosector", "");
    store::save(&case_file, session.case(), session.log(), &Progress::default()).unwrap();
    let stored = store::load(&case_file, &Progress::default()).unwrap();
    let mut elsewhere = Session::with_case(crate::tools::TOOLS, stored.case, stored.log);
    assert_eq!(plan(&elsewhere, id).devices, scored.devices);
    run(&mut elsewhere, "plan.score", json!({})).unwrap();
    assert_eq!(plan(&elsewhere, id).score, scored.score);
    std::fs::remove_file(&case_file).unwrap();
    session.undo();
    assert!(plan(&session, id).score.is_none());
}

#[test]
fn what_is_wrong_with_a_table_or_in_use_changes_nothing() {
    let mut session = desk();
    let id = run(&mut session, "plan.new", json!({ "template": "ablation" })).unwrap()[0];
    let good = written("good.csv", TABLE);
    run(&mut session, "plan.devices", json!({ "plan": id, "path": good })).unwrap();
    run(&mut session, "plan.act", json!({ "plan": id, "actions": probe("ours") })).unwrap();
    let before = session.content_hash();
    let mut said = |params: Value| {
        let mut all = json!({ "plan": id });
        all.as_object_mut().unwrap().extend(params.as_object().unwrap().clone());
        run(&mut session, "plan.devices", all).unwrap_err()
    };
    let bad = written("bad.csv", &TABLE.replace(";31;", ";3l;"));
    assert!(said(json!({ "path": bad })).contains("line 2, column short_mm of the device table: '3l' is no number"));
    assert!(said(json!({ "path": written("gone.csv", "").with_file_name("none.csv") })).contains("cannot be read"));
    assert!(said(json!({})).contains("nothing to do"));
    assert!(said(json!({ "remove": "other" })).contains("it brings: ours"));
    assert!(said(json!({ "path": good })).contains("brings these devices already"));
    let in_use = said(json!({ "remove": "ours" }));
    assert!(in_use.starts_with("probe: ") || in_use.contains("probe: the device table has no 'ours'"), "{in_use}");
    // The same device with a shorter table: the planned dose is gone.
    let short = written("short.csv", &TABLE.replace(";60;5;", ";60;8;"));
    assert!(said(json!({ "path": short })).contains("a time in minutes of 5"));
    assert_eq!(session.content_hash(), before);
    for name in ["good.csv", "bad.csv", "gone.csv", "short.csv"] {
        std::fs::remove_file(good.with_file_name(name)).unwrap();
    }
}
