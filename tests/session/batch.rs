//! The same script on many cases: locally, one by one, and as the job array of a cluster does it.

use super::desk::text;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn call(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_prosector")).args(words).current_dir(folder).output().unwrap()
}

fn done(folder: &Path, words: &[&str]) {
    let output = call(folder, words);
    assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
}

/// What a call that fails says, and its exit code.
fn refused(folder: &Path, words: &[&str]) -> (String, Option<i32>) {
    let output = call(folder, words);
    (text(&output.stderr), output.status.code())
}

/// Two phantoms and a file that is no case; a script that models, writes a file to a relative path and measures.
fn cohort() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for (name, kind, spacing) in [("a b", "tube", "3"), ("it's", "tube", "4")] {
        let (kind, spacing, file) =
            (format!("kind={kind}"), format!("spacing_mm={spacing}"), format!("{name}.prosector"));
        done(here, &["run", "scan.phantom", "-p", &kind, "-p", &spacing, "--save", &file]);
    }
    std::fs::write(here.join("broken.prosector"), "no case").unwrap();
    let script = r#"[{"tool": "model.surface", "params": {"labels": 2}},
        {"tool": "export.mesh", "params": {"node": 3, "path": "tube.stl"}},
        {"tool": "segment.statistics", "params": {"labels": 2}}]"#;
    std::fs::write(here.join("script.json"), script).unwrap();
    folder
}

fn record(folder: &Path, out: &str, name: &str) -> Value {
    let bytes = std::fs::read(folder.join(out).join(name).join("result.json")).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

const CASES: [&str; 3] = ["a b.prosector", "broken.prosector", "it's.prosector"];

#[test]
fn what_fails_is_told_the_rest_goes_on_and_is_as_if_done_alone() {
    let folder = cohort();
    let here = folder.path();
    let words = [&["batch", "script.json"][..], &CASES, &["-o", "out", "--jobs", "2"]].concat();
    let output = call(here, &words);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(table.contains("2 of 3 cases done") && table.contains("broken"), "{table}");
    for (n, name) in ["a b", "it's"].into_iter().enumerate() {
        let alone = format!("alone{n}.prosector");
        done(here, &["batch", "script.json", "--case", &format!("{name}.prosector"), "--save", &alone]);
        let alone = call(here, &["info", &alone, "--json"]);
        let alone: Value = serde_json::from_slice(&alone.stdout).unwrap();
        let found = record(here, "out", name);
        let saved = here.join("out").join(name).join("case.prosector");
        let saved = call(here, &["info", saved.to_str().unwrap(), "--json"]);
        let saved: Value = serde_json::from_slice(&saved.stdout).unwrap();
        let hashes = |info: &Value| -> Vec<Value> {
            info["objects"].as_array().unwrap().iter().map(|object| object["hash"].clone()).collect()
        };
        assert_eq!(hashes(&alone), hashes(&saved), "{name}");
        assert!(3 <= hashes(&saved).len() && found["error"].is_null() && found["steps"] == 3, "{found}");
        assert!(here.join("out").join(name).join("tube.stl").is_file(), "relative paths start from the case's folder");
        let log = here.join("out").join(name).join("log.jsonl");
        done(here, &["replay", log.to_str().unwrap(), "--threads", "1"]);
    }
    let summary = std::fs::read_to_string(here.join("out/summary.csv")).unwrap();
    let lines: Vec<&str> = summary.lines().collect();
    assert_eq!(lines.len(), 4, "{summary}");
    assert!(
        lines[0].starts_with("case,result,error,seconds,hash,of,") && lines[0].contains(": volume [ml]"),
        "{summary}"
    );
    assert!(lines[2].starts_with("broken,failed,") && lines[3].starts_with("it's,done,"), "{summary}");
    // Again: what is done stays, what failed is tried again.
    let before = record(here, "out", "a b");
    let output = call(here, &words);
    assert_eq!((output.status.code(), record(here, "out", "a b")), (Some(1), before));
    assert!(text(&output.stdout).contains("was done"), "{}", text(&output.stdout));
}

#[cfg(unix)]
#[test]
fn the_job_array_is_bash_and_every_task_of_it_does_its_case() {
    let folder = cohort();
    let here = folder.path();
    let cases = ["a b.prosector", "it's.prosector"];
    done(here, &[&["batch", "script.json"][..], &cases, &["-o", "o'ut", "--slurm", "job.sh", "--cpus", "2"]].concat());
    assert!(!here.join("o'ut/a b").exists(), "nothing is done yet");
    let job = std::fs::read_to_string(here.join("job.sh")).unwrap();
    for line in ["#SBATCH --array=1-2", "#SBATCH --cpus-per-task=2", "#SBATCH --mem=8G", "set -euo pipefail"] {
        assert!(job.lines().any(|other| other == line), "{line} is missing: {job}");
    }
    let bash = |words: &[&str], task: Option<&str>| {
        let mut bash = Command::new("bash");
        bash.args(words).current_dir("/").env_remove("SLURM_CPUS_PER_TASK").env_remove("SLURM_ARRAY_TASK_ID");
        if let Some(task) = task {
            bash.env("SLURM_ARRAY_TASK_ID", task);
        }
        bash.output().unwrap()
    };
    let script = here.join("job.sh");
    let script = script.to_str().unwrap();
    assert!(bash(&["-n", script], None).status.success());
    assert!(!bash(&[script], None).status.success(), "without a task there is nothing to do");
    for task in ["2", "1"] {
        let output = bash(&[script], Some(task));
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    let past = bash(&[script], Some("3"));
    assert!(text(&past.stderr).contains("case 3 was asked for with --only; there are 2"), "{}", text(&past.stderr));
    done(here, &[&["batch", "script.json"][..], &cases, &["-o", "here"]].concat());
    for name in ["a b", "it's"] {
        let [array, local] = ["o'ut", "here"].map(|out| record(here, out, name));
        assert_eq!((&array["hash"], &array["facts"]), (&local["hash"], &local["facts"]), "{name}");
    }
    let rows = |out: &str| std::fs::read_to_string(here.join(out).join("summary.csv")).unwrap().lines().count();
    assert_eq!((rows("o'ut"), rows("here")), (3, 3));
}

#[test]
fn cohorts_that_cannot_be_run_are_refused_with_a_sentence() {
    let folder = cohort();
    let here = folder.path();
    let case = "a b.prosector";
    let usage = |words: &[&str], what: &str| {
        let (said, code) = refused(here, words);
        assert!(said.contains(what) && matches!(code, Some(1 | 2)), "{words:?}: {said}");
    };
    usage(&["batch", "none.json", case, "-o", "out"], "reading the script: ");
    usage(&["batch", "script.json", "missing.prosector", "-o", "out"], "looking for a case: ");
    usage(&["batch", "script.json", case], "add -o FOLDER");
    usage(&["batch", "script.json", "-o", "out"], "there is no case");
    usage(&["batch", "script.json", case, "-o", "out", "--only", "2"], "there are 1, counted from 1");
    usage(&["batch", "script.json", case, "-o", "out", "--slurm", "s", "--time", "4 h"], "--time is '4 h'");
    usage(&["batch", "script.json", case, "-o", "out", "--slurm", "s", "--memory", "8"], "--memory is '8'");
    std::fs::create_dir(here.join("twin")).unwrap();
    std::fs::copy(here.join(case), here.join("twin").join(case)).unwrap();
    let twin: PathBuf = Path::new("twin").join(case);
    usage(&["batch", "script.json", case, twin.to_str().unwrap(), "-o", "out"], "two cases have the name 'a b'");
    std::fs::write(here.join("unknown.json"), r#"[{"tool": "no.tool"}]"#).unwrap();
    usage(&["batch", "unknown.json", case, "-o", "out"], "there is no tool 'no.tool'");
    assert!(!here.join("out").exists(), "nothing was written");
    done(here, &["batch", "script.json", case, "-o", "out"]);
    std::fs::write(here.join("other.json"), r#"[{"tool": "model.surface", "params": {"labels": 2}}]"#).unwrap();
    usage(&["batch", "other.json", case, "-o", "out"], "has a result of another script");
    // A case of the same name elsewhere, and the same file once it has changed.
    let before = record(here, "out", "a b");
    let twin = twin.to_str().unwrap();
    usage(&["batch", "script.json", twin, "-o", "out"], "has a result of another case");
    done(here, &["batch", "script.json", &format!("./{case}"), "-o", "out"]);
    std::fs::copy(here.join("it's.prosector"), here.join(case)).unwrap();
    usage(&["batch", "script.json", case, "-o", "out"], "before that changed");
    assert_eq!(record(here, "out", "a b"), before, "the result stays");
}
