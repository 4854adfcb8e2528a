//! Background runs: same results, early errors, cancel, panics, stale edits.

use super::desk::Desk;
use prosector::base::NodeId;
use prosector::session::store;
use prosector::session::{
    Case, Change, Command, CommandError, Edit, JobReport, ParamSpec, Session, Step, Task, Tool, ToolEntry, entry,
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

struct Panics;

impl Tool for Panics {
    const ID: &'static str = "test.panic";
    const LABEL: &'static str = "Panic";
    const HELP: &'static str = "Panic on purpose.";
    const STEP: Step = Step::Object;
    const PARAMS: &'static [ParamSpec] = &[];
    type Params = Value;

    fn prepare(_: &Case, _: Value) -> Result<Task, CommandError> {
        Ok(Box::new(|_| panic!("on purpose")))
    }
}

struct Waits;

impl Tool for Waits {
    const ID: &'static str = "test.wait";
    const LABEL: &'static str = "Wait";
    const HELP: &'static str = "Wait until cancelled.";
    const STEP: Step = Step::Object;
    const PARAMS: &'static [ParamSpec] = &[];
    type Params = Value;

    fn prepare(_: &Case, _: Value) -> Result<Task, CommandError> {
        Ok(Box::new(|progress| {
            loop {
                progress.set(0.5)?;
                std::thread::sleep(Duration::from_millis(2));
            }
        }))
    }
}

/// Replaces the first node by itself after a while.
struct Replaces;

impl Tool for Replaces {
    const ID: &'static str = "test.replace";
    const LABEL: &'static str = "Replace";
    const HELP: &'static str = "Replace the first object after a while.";
    const STEP: Step = Step::Object;
    const PARAMS: &'static [ParamSpec] = &[];
    type Params = Value;

    fn prepare(case: &Case, _: Value) -> Result<Task, CommandError> {
        let (id, node) = case.nodes().next().map(|(id, node)| (id, node.as_ref().clone())).unwrap();
        Ok(Box::new(move |_| {
            std::thread::sleep(Duration::from_millis(50));
            Ok(Edit::new("replace").change(Change::Replace { id, was: node.hash(), node }))
        }))
    }
}

/// Adds a copy of the first node after a while and hides what was visible when it was asked for.
struct Covers;

impl Tool for Covers {
    const ID: &'static str = "test.cover";
    const LABEL: &'static str = "Cover";
    const HELP: &'static str = "Cover all objects after a while.";
    const STEP: Step = Step::Object;
    const PARAMS: &'static [ParamSpec] = &[];
    type Params = Value;

    fn prepare(case: &Case, _: Value) -> Result<Task, CommandError> {
        let copy = case.nodes().next().map(|(_, node)| node.as_ref().clone()).unwrap();
        let visible = case.nodes().filter(|(_, node)| node.display.visible);
        let hidden: Vec<_> = visible.map(|(id, node)| Change::Hide { id, was: node.hash() }).collect();
        Ok(Box::new(move |_| {
            std::thread::sleep(Duration::from_millis(50));
            Ok(hidden.into_iter().fold(Edit::new("cover").add(copy), Edit::change))
        }))
    }
}

const TEST_TOOLS: &[ToolEntry] = &[
    entry::<Covers>(),
    entry::<prosector::tools::object_display::ObjectDisplay>(),
    entry::<Panics>(),
    entry::<Waits>(),
    entry::<Deaf>(),
    entry::<Replaces>(),
    entry::<Stops>(),
    entry::<prosector::tools::scan_phantom::ScanPhantom>(),
    entry::<prosector::tools::object_remove::ObjectRemove>(),
];

fn wait_for(session: &mut Session, count: usize) -> Vec<JobReport> {
    let deadline = Instant::now() + Duration::from_secs(120);
    let mut reports = Vec::new();
    while reports.len() < count {
        assert!(Instant::now() < deadline, "jobs did not end in two minutes");
        reports.extend(session.poll());
        std::thread::sleep(Duration::from_millis(2));
    }
    reports
}

#[test]
fn a_script_gives_the_same_case_in_the_background() {
    let script = [
        Command::new("scan.phantom", json!({ "kind": "vessel", "spacing_mm": 1.0 })),
        Command::new("segment.threshold", json!({ "scan": 1, "low_hu": 150 })),
        Command::new("model.surface", json!({ "labels": 3 })),
    ];
    let mut ahead = Desk::new();
    let mut behind = Desk::new();
    for command in script {
        ahead.0.run(command.clone(), &Default::default()).unwrap();
        behind.0.submit(command).unwrap();
        let reports = wait_for(&mut behind.0, 1);
        assert!(reports[0].result.is_ok(), "{:?}", reports[0].result);
    }
    assert_eq!(ahead.hash(), behind.hash());
}

#[test]
fn bad_parameters_are_found_before_any_work() {
    let mut desk = Desk::new();
    let [scan, truth] = desk.vessel();
    let before = desk.hash();
    let mut error = |tool: &str, params: Value| desk.0.submit(Command::new(tool, params)).unwrap_err().to_string();
    assert!(error("no.such", json!({})).contains("there is no tool 'no.such'"));
    assert!(error("segment.threshold", json!({})).contains("'scan' is missing"));
    assert!(error("segment.threshold", json!({ "scan": truth })).contains("is a segmentation; a scan is needed"));
    assert!(error("segment.threshold", json!({ "scan": 99 })).contains("there is no object #99"));
    let empty = error("segment.threshold", json!({ "scan": scan, "low_hu": 300, "high_hu": 200 }));
    assert!(empty.contains("300 to 200 HU is empty"), "{empty}");
    assert_eq!(desk.hash(), before);
    assert!(desk.0.jobs().is_empty());
}

#[test]
fn a_panic_becomes_a_sentence_and_changes_nothing() {
    let mut session = Session::new(TEST_TOOLS);
    let before = session.content_hash();
    let error = session.run(Command::new("test.panic", json!(null)), &Default::default()).unwrap_err();
    assert_eq!(error.to_string(), "internal error in test.panic: on purpose; the case is unchanged");
    session.submit(Command::new("test.panic", json!(null))).unwrap();
    assert!(matches!(wait_for(&mut session, 1)[0].result, Err(CommandError::Internal { .. })));
    assert_eq!(session.content_hash(), before);
}

#[test]
fn jobs_can_be_cancelled_while_they_run_and_while_they_wait() {
    let mut session = Session::new(TEST_TOOLS);
    let ids: Vec<_> = (0..4).map(|_| session.submit(Command::new("test.wait", json!(null))).unwrap()).collect();
    assert_eq!(session.jobs().iter().filter(|job| job.waiting).count(), 2, "two run, two wait");
    session.cancel(ids[3]);
    session.cancel(ids[0]);
    let reports = wait_for(&mut session, 2);
    assert!(reports.iter().all(|report| report.result == Err(CommandError::Cancelled)));
    session.cancel(ids[1]);
    session.cancel(ids[2]);
    wait_for(&mut session, 2);
    assert!(session.jobs().is_empty());
}

/// Hears nobody for two seconds, and then has a result.
struct Deaf;

impl Tool for Deaf {
    const ID: &'static str = "test.deaf";
    const LABEL: &'static str = "Deaf";
    const HELP: &'static str = "Go on for two seconds whatever is asked.";
    const STEP: Step = Step::Object;
    const PARAMS: &'static [ParamSpec] = &[];
    type Params = Value;

    fn prepare(_: &Case, _: Value) -> Result<Task, CommandError> {
        Ok(Box::new(|_| {
            std::thread::sleep(Duration::from_secs(2));
            Ok(Edit::new("too late"))
        }))
    }
}

#[test]
fn a_cancelled_job_is_over_at_once_even_if_its_thread_goes_on() {
    let mut session = Session::new(TEST_TOOLS);
    let ids: Vec<_> = (0..2).map(|_| session.submit(Command::new("test.deaf", json!(null))).unwrap()).collect();
    for id in ids {
        session.cancel(id);
    }
    let reports = session.poll();
    assert_eq!(reports.len(), 2);
    assert!(reports.iter().all(|report| report.result == Err(CommandError::Cancelled)));
    assert!(session.jobs().is_empty());
    // Another job has a place, and nothing comes of the old ones when they end.
    let waits = session.submit(Command::new("test.wait", json!(null))).unwrap();
    assert!(session.jobs().iter().all(|job| job.id == waits && !job.waiting));
    std::thread::sleep(Duration::from_millis(2300));
    assert!(session.poll().is_empty());
    assert!(session.log().is_empty());
    session.cancel(waits);
    assert_eq!(session.poll().len(), 1);
}

#[test]
fn nothing_newer_is_overwritten() {
    let mut session = Session::new(TEST_TOOLS);
    let phantom = Command::new("scan.phantom", json!({ "kind": "tube", "spacing_mm": 2.0 }));
    session.run(phantom, &Default::default()).unwrap();
    session.submit(Command::new("test.replace", json!(null))).unwrap();
    session.run(Command::new("object.remove", json!({ "node": 1 })), &Default::default()).unwrap();
    let before = session.content_hash();
    let reports = wait_for(&mut session, 1);
    assert_eq!(reports[0].result, Err(CommandError::Stale(NodeId(1))));
    assert_eq!(session.content_hash(), before);
}

#[test]
fn what_a_result_covers_is_hidden_as_it_is_by_then() {
    let mut session = Session::new(TEST_TOOLS);
    let do_now = |session: &mut Session, tool: &str, params: Value| {
        session.run(Command::new(tool, params), &Default::default()).unwrap();
    };
    for _ in 0..2 {
        do_now(&mut session, "scan.phantom", json!({ "kind": "tube", "spacing_mm": 3.0 }));
    }
    do_now(&mut session, "object.remove", json!({ "node": 4 }));
    session.submit(Command::new("test.cover", json!(null))).unwrap();
    // Meanwhile one gets another colour, and one vanishes.
    do_now(&mut session, "object.display", json!({ "node": 1, "colour": "#010203", "opacity": 0.5 }));
    do_now(&mut session, "object.remove", json!({ "node": 2 }));
    let before = session.content_hash();
    let reports = wait_for(&mut session, 1);
    assert_eq!(reports[0].result.as_ref().map(|outcome| outcome.added.clone()), Ok(vec![NodeId(5)]));
    let shown = |id: u32| session.case().node(NodeId(id)).map(|node| node.display.clone());
    let first = shown(1).unwrap();
    assert_eq!((first.visible, first.colour, first.opacity), (false, [1, 2, 3], 0.5));
    assert!(shown(2).is_none() && !shown(3).unwrap().visible && shown(5).unwrap().visible);
    let after = session.content_hash();
    assert!(session.undo());
    assert_eq!(session.content_hash(), before);
    assert!(session.redo());
    assert_eq!(session.content_hash(), after);
    let mut again = Session::new(TEST_TOOLS);
    let steps = store::replay(&mut again, session.log(), &Default::default(), |_| {}).unwrap();
    assert!(steps.iter().all(store::ReplayStep::agrees));
    assert_eq!(again.content_hash(), after);
}

#[test]
fn another_object_that_got_the_number_meanwhile_stays_visible() {
    let mut session = Session::new(TEST_TOOLS);
    let phantom = |seed: u32| {
        Command::new("scan.phantom", json!({ "kind": "tube", "spacing_mm": 3.0, "seed": seed, "truth": false }))
    };
    session.run(phantom(1), &Default::default()).unwrap();
    session.run(phantom(2), &Default::default()).unwrap();
    session.submit(Command::new("test.cover", json!(null))).unwrap();
    assert!(session.undo());
    session.run(phantom(3), &Default::default()).unwrap();
    assert!(wait_for(&mut session, 1)[0].result.is_ok());
    let visible: Vec<bool> = session.case().nodes().map(|(_, node)| node.display.visible).collect();
    assert_eq!(visible, [false, true, true]);
}

/// Tells when it has stopped.
struct Stops;

static STOPPED: AtomicBool = AtomicBool::new(false);

impl Tool for Stops {
    const ID: &'static str = "test.stop";
    const LABEL: &'static str = "Stop";
    const HELP: &'static str = "Wait until cancelled, and tell.";
    const STEP: Step = Step::Object;
    const PARAMS: &'static [ParamSpec] = &[];
    type Params = Value;

    fn prepare(_: &Case, _: Value) -> Result<Task, CommandError> {
        Ok(Box::new(|progress| {
            while progress.check().is_ok() {
                std::thread::sleep(Duration::from_millis(2));
            }
            STOPPED.store(true, Ordering::SeqCst);
            Err(CommandError::Cancelled)
        }))
    }
}

#[test]
fn a_session_that_ends_stops_its_jobs() {
    let mut session = Session::new(TEST_TOOLS);
    session.submit(Command::new("test.stop", json!(null))).unwrap();
    std::thread::sleep(Duration::from_millis(20));
    assert!(!STOPPED.load(Ordering::SeqCst));
    drop(session);
    let deadline = Instant::now() + Duration::from_secs(60);
    while !STOPPED.load(Ordering::SeqCst) {
        assert!(Instant::now() < deadline, "the job goes on without its session");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_job_whose_input_was_undone_is_refused_and_the_log_replays() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    desk.0.submit(Command::new("segment.threshold", json!({ "scan": scan, "low_hu": 150 }))).unwrap();
    assert!(desk.0.undo());
    let reports = wait_for(&mut desk.0, 1);
    assert_eq!(reports[0].result, Err(CommandError::Stale(scan)));
    // A new name meanwhile is no reason to lose the work: the log says which state it was computed from.
    assert!(desk.0.redo());
    desk.0.submit(Command::new("segment.threshold", json!({ "scan": scan, "low_hu": 150 }))).unwrap();
    desk.run("object.rename", json!({ "node": scan, "name": "another name" }));
    assert!(wait_for(&mut desk.0, 1)[0].result.is_ok());
    let mut session = Session::new(prosector::tools::TOOLS);
    let steps = store::replay(&mut session, desk.0.log(), &Default::default(), |_| {}).unwrap();
    assert!(steps.iter().all(store::ReplayStep::agrees));
    assert_eq!(session.content_hash().to_hex(), desk.hash());
}

#[test]
fn quick_commands_do_not_wait_for_jobs() {
    let mut session = Session::new(TEST_TOOLS);
    session
        .run(Command::new("scan.phantom", json!({ "kind": "tube", "spacing_mm": 2.0 })), &Default::default())
        .unwrap();
    let waits: Vec<_> = (0..3).map(|_| session.submit(Command::new("test.wait", json!(null))).unwrap()).collect();
    session.submit(Command::new("object.remove", json!({ "node": 1 }))).unwrap();
    assert!(session.case().node(NodeId(1)).is_none());
    let reports = session.poll();
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].command.tool, "object.remove");
    waits.into_iter().for_each(|id| session.cancel(id));
}
