//! The report for an archive: it joins the study of the scan, and of no other.

use crate::base::Progress;
use crate::session::{Command, CommandError, Session};
use crate::tools::TOOLS;
use serde_json::{Value, json};

fn run(session: &mut Session, tool: &str, params: Value) -> Result<u32, CommandError> {
    let outcome = session.run(Command::new(tool, params), &Progress::default())?;
    Ok(outcome.added.first().map_or(0, |id| id.0))
}

#[test]
fn the_report_is_written_beside_its_pictures_and_refused_for_another_scan() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let mut session = Session::new(TOOLS);
    run(&mut session, "scan.phantom", json!({ "kind": "tube", "folder": at("own") })).unwrap();
    let mut other = Session::new(TOOLS);
    run(&mut other, "scan.phantom", json!({ "kind": "tube", "seed": 7, "folder": at("other") })).unwrap();
    let mut read = Session::new(TOOLS);
    run(&mut read, "import.dicom", json!({ "path": at("own") })).unwrap();
    run(&mut read, "export.report_dicom", json!({ "path": at("out"), "series": at("own") })).unwrap();
    let files: Vec<String> = std::fs::read_dir(folder.path().join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        files.contains(&"report.dcm".to_owned()) && files.iter().any(|name| name.contains("slice-axial")),
        "{files:?}"
    );
    // Colour pictures are no series to plan on: our reader knows them and says so.
    let captured = json!({ "path": at("out/01-slice-axial.dcm") });
    let said = run(&mut Session::new(TOOLS), "import.dicom", captured).unwrap_err().to_string();
    assert!(said.contains("colour images (RGB)"), "{said}");
    let wrong = json!({ "path": at("wrong"), "series": at("other") });
    let said = run(&mut read, "export.report_dicom", wrong).unwrap_err().to_string();
    assert!(said.contains("is a scan of this case"), "{said}");
    assert!(!folder.path().join("wrong").exists());
    let empty = json!({ "path": at("empty"), "series": at("own") });
    let said = run(&mut Session::new(TOOLS), "export.report_dicom", empty).unwrap_err().to_string();
    assert!(said.contains("no scan"), "{said}");
}
