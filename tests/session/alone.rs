//! The program file copied alone into an empty folder does its work, and finds nothing of where it was built.

use super::desk::text;
use serde_json::Value;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

fn program() -> String {
    format!("prosector{}", std::env::consts::EXE_SUFFIX)
}

/// A copy of the program with nothing beside it.
fn copied() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_prosector"), folder.path().join(program())).unwrap();
    folder
}

fn call(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(folder.join(program()));
    command.args(words).current_dir(folder).env("HOME", folder);
    // What only cargo and scripts set.
    for name in ["CARGO_MANIFEST_DIR", "PROSECTOR_SAMPLES", "PROSECTOR_DATA", "XDG_STATE_HOME"] {
        command.env_remove(name);
    }
    // Another test may start a program just then, which holds the new file open for a moment.
    for _ in 0..100 {
        match command.output() {
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(20))
            }
            output => return output.unwrap(),
        }
    }
    panic!("the program file is busy for two seconds")
}

fn json(folder: &Path, words: &[&str]) -> Value {
    let output = call(folder, words);
    assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{words:?}: {error}"))
}

#[test]
fn the_program_file_alone_does_its_work() {
    let folder = copied();
    let here = folder.path();
    let tools = json(here, &["tools", "--json"]);
    assert_eq!(tools["tools"].as_array().unwrap().len(), prosector::tools::TOOLS.len());
    let phantom =
        ["run", "scan.phantom", "-p", "kind=tube", "-p", "spacing_mm=3", "--save", "case.prosector", "--json"];
    let made = json(here, &phantom);
    assert_eq!(made["steps"][0]["added"].as_array().unwrap().len(), 2);
    let files = ["--case", "case.prosector", "--save", "case.prosector", "--json"];
    let surface = json(here, &[&["run", "model.surface", "-p", "labels=2"][..], &files].concat());
    let surfaces = surface["steps"][0]["added"].as_array().unwrap().len();
    json(here, &[&["run", "export.mesh", "-p", "node=3", "-p", "path=tube.stl"][..], &files].concat());
    let objects = &json(here, &["info", "case.prosector", "--json"])["objects"];
    assert_eq!(objects.as_array().unwrap().len(), 2 + surfaces);
    assert_eq!(json(here, &["info", "tube.stl", "--json"])["format"], "STL");
    assert_eq!(json(here, &["replay", "case.prosector", "--json"])["agree"], true);
    let mut left: Vec<_> = std::fs::read_dir(here).unwrap().map(|file| file.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["case.prosector", program().as_str(), "tube.stl"]);
}

#[test]
fn the_program_file_alone_has_no_scan_and_says_so() {
    let folder = copied();
    let output = call(folder.path(), &["demo", "--only", "chest", "-o", "out"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("the bundled chest CT is not here"), "{}", text(&output.stderr));
    assert!(!folder.path().join("out").exists());
}
