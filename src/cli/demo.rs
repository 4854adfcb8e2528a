//! `demo`: the whole job in one go, on the bundled chest CT and on a vessel phantom.

use super::args::DemoCase;
use super::{Failure, print};
use crate::base::NodeId;
use crate::io::samples;
use crate::session::store::{self, journal};
use crate::session::{Command, Outcome, Session};
use crate::tools::TOOLS;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Do the whole job and write everything below `out`.
pub(super) fn demo(out: &Path, only: Option<DemoCase>, as_json: bool) -> Result<ExitCode, Failure> {
    let mut rows = Vec::new();
    for case in [DemoCase::Chest, DemoCase::Vessel].into_iter().filter(|case| only.is_none_or(|only| only == *case)) {
        let mut job = match case {
            DemoCase::Chest => Job::new("chest", out),
            DemoCase::Vessel => Job::new("vessel", out),
        };
        match case {
            DemoCase::Chest => chest(&mut job)?,
            DemoCase::Vessel => vessel(&mut job)?,
        }
        job.save()?;
        rows.append(&mut job.rows);
    }
    let seconds: f64 = rows.iter().map(|row| row.seconds).sum();
    if as_json {
        let steps: Vec<Value> = rows
            .iter()
            .map(|row| json!({ "case": row.case, "step": row.step, "seconds": row.seconds, "result": row.result, "message": row.message }))
            .collect();
        print::json(&json!({ "out": out, "seconds": seconds, "steps": steps }));
    } else {
        let cells =
            |row: &Row| vec![row.case.into(), row.step.clone(), format!("{:.2}", row.seconds), row.result.clone()];
        print::table(&["case", "step", "seconds>", "result"], &rows.iter().map(cells).collect::<Vec<_>>());
        print::line(&format!("{seconds:.1} s in all; results in {}", out.display()));
        rows.iter().filter_map(|row| row.message.as_ref()).for_each(|message| print::line(&format!("note: {message}")));
    }
    Ok(ExitCode::SUCCESS)
}

/// Lungs, airway, bone and skin of the bundled CT; a lung is pulled, air flows through the airway.
fn chest(job: &mut Job) -> Result<(), Failure> {
    let scan = match samples::chest_ct() {
        Some(path) => job.run("import.dicom", json!({ "path": path }))?[0],
        None => {
            return Err(Failure::Failed(
                "the bundled chest CT is not here; set PROSECTOR_SAMPLES to the folder sample_scans, or use --only vessel".into(),
            ));
        }
    };
    let lungs = job.run("segment.organ", json!({ "scan": scan, "preset": "lungs" }))?[0];
    let airway = job.run("segment.organ", json!({ "scan": scan, "preset": "airway" }))?[0];
    job.run("segment.organ", json!({ "scan": scan, "preset": "bone" }))?;
    job.run("segment.organ", json!({ "scan": scan, "preset": "body" }))?;
    let tets = job.run("model.tetrahedra", json!({ "labels": lungs, "segment": 1, "tets": 20_000 }))?[0];
    let pulled = json!({ "mesh": tets, "tissue": "lung", "hold": "posterior", "radius_mm": 20, "by_mm": [0, -20, 0] });
    job.run("simulate.tissue", pulled)?;
    job.run(
        "simulate.flow",
        json!({ "labels": airway, "fluid": "air", "flow_ml_s": 25, "end_radius_mm": 2.2, "cells_across": 20 }),
    )?;
    job.export()
}

/// Blood through a narrowed vessel of known radius.
fn vessel(job: &mut Job) -> Result<(), Failure> {
    let folder = job.folder.join("phantom");
    let scan = job.run("scan.phantom", json!({ "kind": "vessel", "stenosis_percent": 50, "folder": folder }))?[0];
    let lumen = job.run("segment.threshold", json!({ "scan": scan, "low_hu": 180, "largest_only": true }))?[0];
    job.run("object.rename", json!({ "node": lumen, "name": "lumen" }))?;
    job.run("model.surface", json!({ "labels": lumen }))?;
    // The scan shows blood, not the wall around it: that is a shell of a usual thickness.
    let wall = job.run("segment.hollow", json!({ "labels": lumen, "thickness_mm": 1.5, "result": "new" }))?[0];
    job.run("object.rename", json!({ "node": wall, "name": "vessel wall" }))?;
    let tets = job.run("model.tetrahedra", json!({ "labels": wall, "cell_mm": 1.2 }))?[0];
    let pulled = job.run("simulate.tissue", json!({ "mesh": tets, "tissue": "vessel-wall", "hold": "inferior", "at": [0, 0, 60], "radius_mm": 6, "by_mm": [3, 0, 0], "model": "neo_hookean" }))?[0];
    // The blood is seen through the wall.
    job.run("object.display", json!({ "node": pulled, "opacity": 0.35 }))?;
    job.run(
        "simulate.flow",
        json!({ "labels": lumen, "fluid": "blood", "flow_ml_s": 5, "cells_across": 24, "mach": 0.2 }),
    )?;
    job.export()
}

struct Row {
    case: &'static str,
    step: String,
    seconds: f64,
    result: String,
    message: Option<String>,
}

/// One of the two cases, and the table of what was done.
struct Job {
    case: &'static str,
    folder: PathBuf,
    session: Session,
    rows: Vec<Row>,
}

impl Job {
    fn new(case: &'static str, out: &Path) -> Self {
        Self { case, folder: out.join(case), session: Session::new(TOOLS), rows: Vec::new() }
    }

    fn run(&mut self, tool: &str, params: Value) -> Result<Vec<NodeId>, Failure> {
        let start = Instant::now();
        let command = Command::new(tool, params);
        let outcome = print::with_bar(&format!("{} {tool}", self.case), |progress| self.session.run(command, progress))
            .map_err(|error| Failure::Failed(format!("{} case, {tool}: {error}", self.case)))?;
        let seconds = start.elapsed().as_secs_f64();
        let result = self.facts(&outcome);
        let Outcome { label, message, added, .. } = outcome;
        self.rows.push(Row { case: self.case, step: label, seconds, result, message });
        Ok(added)
    }

    /// The first facts of what was made, as one line.
    fn facts(&self, outcome: &Outcome) -> String {
        let first = outcome.added.first().and_then(|id| self.session.case().node(*id));
        let facts = first.map(|node| node.summary.facts.as_slice()).unwrap_or_default().iter().take(4);
        let words = facts.map(|fact| {
            let unit = if fact.unit == "1" { "" } else { &fact.unit };
            format!("{} {} {unit}", fact.name, print::number(fact.value)).trim_end().to_owned()
        });
        words.collect::<Vec<_>>().join(", ")
    }

    /// Meshes and the report.
    fn export(&mut self) -> Result<(), Failure> {
        let surfaces: Vec<(NodeId, String)> = self
            .session
            .case()
            .nodes()
            .filter(|(_, node)| matches!(node.data, crate::session::Data::Surface(_)))
            .map(|(id, node)| (id, node.name.replace(' ', "-")))
            .collect();
        for (node, name) in surfaces {
            self.run("export.mesh", json!({ "node": node, "path": self.folder.join(format!("meshes/{name}.stl")) }))?;
        }
        self.run("export.mesh", json!({ "path": self.folder.join("meshes/scene.glb") }))?;
        let title = match self.case {
            "chest" => "Chest CT: lungs, airway, bone and skin",
            _ => "Vessel phantom: blood through a narrowing",
        };
        let path = self.folder.join("report.html");
        self.run("report.write", json!({ "path": path, "format": "both", "title": title }))?;
        Ok(())
    }

    /// The case file and a log that `prosector replay` does again.
    fn save(&mut self) -> Result<(), Failure> {
        let start = Instant::now();
        let path = self.folder.join("case.prosector");
        print::with_bar(&format!("{} save", self.case), |progress| {
            store::save(&path, self.session.case(), self.session.log(), progress)
        })?;
        journal::write_all(&self.folder.join("log.jsonl"), self.session.log())?;
        let megabytes = std::fs::metadata(&path).map_or(0.0, |file| file.len() as f64 / 1e6);
        let (step, result) = ("save the case".into(), format!("{megabytes:.1} MB"));
        self.rows.push(Row { case: self.case, step, seconds: start.elapsed().as_secs_f64(), result, message: None });
        Ok(())
    }
}
