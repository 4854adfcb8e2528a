//! Paths in logs lead to their files from any working folder, and case files name no folder.

use super::desk::{Desk, text};
use prosector::base::Progress;
use prosector::io::stl;
use prosector::session::store::{self, ReplayStep, StoreError, journal};
use prosector::session::{LogEntry, Session};
use prosector::tools::TOOLS;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;
use std::process::Command;

fn call(folder: &Path, words: &[&str]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_prosector"));
    let output = command.args(words).arg("--json").current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// All that a case file says in words.
fn words_in(case: &Path) -> String {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(case).unwrap()).unwrap();
    let mut all = String::new();
    for name in ["manifest.json", "log.jsonl"] {
        zip.by_name(name).unwrap().read_to_string(&mut all).unwrap();
    }
    all
}

#[test]
fn a_log_with_a_relative_path_is_done_again_from_another_folder() {
    let [here, there] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let (home, elsewhere) = (here.path(), there.path());
    let mut desk = Desk::new();
    let [_, truth] = desk.vessel();
    let surface = desk.run("model.surface", json!({ "labels": truth, "segment": 30 }))[0];
    let node = desk.case().node(surface).unwrap();
    let prosector::session::Data::Surface(data) = &node.data else { panic!("{surface} is a surface") };
    std::fs::create_dir(home.join("scans")).unwrap();
    std::fs::write(home.join("scans/vessel.stl"), stl::encode(&data.surface)).unwrap();
    let path = "path=scans/vessel.stl";
    call(home, &["run", "import.mesh", "-p", path, "--save", "case.prosector", "--log", "log.jsonl"]);
    for name in ["log.jsonl", "case.prosector"] {
        let told = call(elsewhere, &["replay", home.join(name).to_str().unwrap()]);
        assert_eq!(told["agree"], true, "{name}: {told}");
    }
    // The folder is in the running log only, which stays on this machine.
    let folder = home.canonicalize().unwrap();
    let folder = folder.to_str().unwrap();
    assert!(std::fs::read_to_string(home.join("log.jsonl")).unwrap().contains(folder));
    let recovered = store::recover(&home.join("log.jsonl"), TOOLS, &Progress::default()).unwrap();
    assert_eq!(recovered.problem, None);
    let again = home.join("again.prosector");
    store::save(&again, recovered.session.case(), recovered.session.log(), &Progress::default()).unwrap();
    for case in [&again, &home.join("case.prosector")] {
        let words = words_in(case);
        assert!(words.contains("scans/vessel.stl") && !words.contains(folder), "{words}");
    }
    // Without the log's folder, a log that was carried elsewhere finds what was carried with it.
    std::fs::create_dir(elsewhere.join("scans")).unwrap();
    std::fs::rename(home.join("scans/vessel.stl"), elsewhere.join("scans/vessel.stl")).unwrap();
    std::fs::rename(home.join("case.prosector"), elsewhere.join("moved.prosector")).unwrap();
    let told = call(home, &["replay", elsewhere.join("moved.prosector").to_str().unwrap()]);
    assert_eq!(told["agree"], true, "{told}");
}

#[test]
fn replay_names_the_command_whose_input_is_another() {
    let mut desk = Desk::new();
    let [scan, _] = desk.vessel();
    let mask = desk.threshold(scan, 150);
    desk.run("object.rename", json!({ "node": mask, "name": "lumen" }));
    let replay = |log: &[LogEntry]| -> Vec<ReplayStep> {
        store::replay(&mut Session::new(TOOLS), log, &Progress::default(), |_| {}).unwrap()
    };
    assert!(replay(desk.0.log()).iter().all(|step| step.agrees() && step.difference().is_none()));
    // Another scan: the first step says that its result differs, the next that its input does.
    let mut log = desk.0.log().to_vec();
    let LogEntry::Command { command, .. } = &mut log[0] else { panic!("the first step is a command") };
    command.params["seed"] = json!(2);
    let steps = replay(&log);
    let said: Vec<String> = steps.iter().map(|step| step.difference().unwrap()).collect();
    assert!(said[0].contains("its result is another (case "), "{}", said[0]);
    assert!(said[1].starts_with("its input scan, object #1, has the content "), "{}", said[1]);
    assert!(said[2].starts_with("its input node, object #3, has the content "), "{}", said[2]);
    // An input that the log states wrongly is told though the result is the same.
    let mut log = desk.0.log().to_vec();
    let LogEntry::Command { inputs, .. } = &mut log[1] else { panic!("the second step is a command") };
    inputs.insert("scan".into(), "0123456789abcdef".into());
    let steps = replay(&log);
    assert_eq!(steps.iter().map(ReplayStep::agrees).collect::<Vec<_>>(), [true, false, true]);
    assert!(steps[1].input.as_ref().unwrap().contains(" and not 0123456789ab as when"), "{:?}", steps[1].input);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    journal::write_all(&path, &log).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_prosector"));
    let output = program.arg("replay").arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    assert!(said.contains("step 2, segment.threshold (threshold "), "{said}");
}

#[test]
fn a_recovered_log_is_written_once_and_read_back_whole() {
    let mut desk = Desk::new();
    desk.vessel();
    for n in 0..50 {
        desk.run("object.rename", json!({ "node": 1, "name": format!("name {n}") }));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut journal = store::Journal::create(folder.path(), None).unwrap();
    journal.append_all(desk.0.log()).unwrap();
    assert_eq!(journal::read(journal.path()).unwrap().entries, desk.0.log());
}

#[test]
fn a_save_removes_what_a_killed_save_of_the_same_case_left() {
    let mut desk = Desk::new();
    desk.vessel();
    let folder = tempfile::tempdir().unwrap();
    let [path, left, other] = ["case.prosector", ".case.prosector.999999-0.saving", ".next.prosector.999999-0.saving"]
        .map(|name| folder.path().join(name));
    std::fs::write(&left, "half").unwrap();
    std::fs::write(&other, "half").unwrap();
    let cancelled = Progress::default();
    cancelled.cancel();
    assert!(matches!(store::save(&path, desk.case(), &[], &cancelled), Err(StoreError::Cancelled(_))));
    assert!(left.exists(), "a save that failed removes only its own file");
    store::save(&path, desk.case(), desk.0.log(), &Progress::default()).unwrap();
    assert!(!left.exists() && other.exists() && path.exists());
}
