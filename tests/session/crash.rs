//! A program that is killed loses at most the command that ran, and never a saved case.
#![cfg(unix)]

use prosector::base::Progress;
use prosector::session::Session;
use prosector::session::store::{self, journal};
use prosector::tools::TOOLS;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn start(args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_prosector"));
    command.args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn killed_while_saving_the_old_case_is_still_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (case, scan) = (folder.path().join("case.prosector"), "kind=vessel");
    assert!(start(&["run", "scan.phantom", "-p", scan, "--save", text(&case)]).wait().unwrap().success());
    let half_written = || -> BTreeSet<PathBuf> {
        let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|ending| ending == "saving")).collect()
    };
    let mut killed = 0;
    for round in 0..12 {
        let name = format!("name=round {round}");
        let args = ["run", "object.rename", "-p", "node=1", "-p", &name, "--case", text(&case), "--save", text(&case)];
        let left = half_written();
        let mut child = start(&args);
        // Wait until the file beside appears, then a little longer, then kill.
        let deadline = Instant::now() + Duration::from_secs(60);
        let saving = || half_written().iter().any(|file| !left.contains(file));
        while !saving() && child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline);
            std::thread::sleep(Duration::from_millis(1));
        }
        // From the first bytes on, a little later in each round: a small case is written within some milliseconds.
        std::thread::sleep(Duration::from_millis(2 * round));
        // Counts only if it was writing: the file beside was there, and the program with it.
        killed += usize::from(saving() && child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        store::load(&case, &Progress::default()).unwrap_or_else(|error| panic!("round {round}: {error}"));
    }
    assert!(0 < killed, "no run was killed in time; the test showed nothing");
    // The next save that ends well removes what they left.
    let args =
        ["run", "object.rename", "-p", "node=1", "-p", "name=last", "--case", text(&case), "--save", text(&case)];
    assert!(start(&args).wait().unwrap().success());
    assert_eq!(half_written(), BTreeSet::new());
}

#[test]
fn killed_inside_a_job_the_log_holds_everything_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script.json");
    let log = folder.path().join("log.jsonl");
    let commands = r#"[
        {"tool": "scan.phantom", "params": {"kind": "vessel", "spacing_mm": 1.0}},
        {"tool": "segment.threshold", "params": {"scan": 1, "low_hu": 150}},
        {"tool": "scan.phantom", "params": {"kind": "abdomen", "spacing_mm": 0.7}}
    ]"#;
    std::fs::write(&script, commands).unwrap();
    let mut child = start(&["batch", text(&script), "--log", text(&log)]);
    let deadline = Instant::now() + Duration::from_secs(120);
    let lines = || std::fs::read_to_string(&log).map_or(0, |text| text.lines().count());
    while lines() < 3 {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(Duration::from_millis(100));
    assert!(child.try_wait().unwrap().is_none(), "the abdomen is still being made");
    child.kill().unwrap();
    child.wait().unwrap();
    let entries = journal::read(&log).unwrap().entries;
    assert_eq!(entries.len(), 2);
    let mut session = Session::new(TOOLS);
    let steps = store::replay(&mut session, &entries, &Progress::default(), |_| {}).unwrap();
    assert!(steps.iter().all(store::ReplayStep::agrees));
}
