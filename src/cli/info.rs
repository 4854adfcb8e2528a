//! `info`: what a file or folder holds.

mod files;

use super::{Failure, print};
use crate::base::{Finding, Findings, NodeId};
use crate::geom::Grid;
use crate::image::Measure;
use crate::io::dicom::{SeriesFiles, scan_folder};
use crate::io::error::ReadError;
use crate::session::{Data, Node, store};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

/// Say what `path` holds.
pub(super) fn info(path: &Path, as_json: bool) -> Result<ExitCode, Failure> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    if ending.as_deref() == Some("prosector") {
        return case(path, as_json);
    }
    if let Some(about) = files::about(path)? {
        return about.tell(path, as_json);
    }
    let findings = Findings::default();
    let series = print::with_bar("reading headers", |progress| scan_folder(path, progress, &findings));
    let series = series.map_err(|error| match error {
        ReadError::NotThisFormat { .. } if path.is_file() => {
            ReadError::not_this_format(path, "this is neither DICOM nor NRRD, NIfTI, a mesh, a case or a log")
        }
        error => error,
    })?;
    let findings = findings.into_sorted();
    if as_json {
        let series: Vec<Value> = series.iter().map(series_json).collect();
        print::json(
            &json!({ "path": path.to_string_lossy(), "kind": "dicom", "series": series, "findings": findings }),
        );
        return Ok(ExitCode::SUCCESS);
    }
    let row = |series: &SeriesFiles| {
        let size = format!("{} × {} × {}", series.columns, series.rows, series.frames);
        let spacing = series.grid.as_ref().map_or(String::new(), |grid| {
            let [i, j, k] = grid.spacing_mm();
            format!("{i:.3} × {j:.3} × {k:.3}")
        });
        let problem = series.problem.clone().unwrap_or_default();
        vec![
            series.key.clone(),
            series.modality.name().into(),
            series.description.clone(),
            size,
            spacing,
            series.syntax.clone(),
            problem,
        ]
    };
    let header = ["series", "", "description", "size>", "spacing [mm]>", "transfer syntax", "problem"];
    print::table(&header, &series.iter().map(row).collect::<Vec<_>>());
    for Finding { severity, message, .. } in findings {
        print::line(&format!("{severity:?}: {message}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn series_json(series: &SeriesFiles) -> Value {
    json!({
        "key": series.key, "modality": series.modality, "description": series.description,
        "segmentation": series.is_segmentation, "columns": series.columns, "rows": series.rows, "frames": series.frames,
        "transfer_syntax": series.syntax, "grid": series.grid.as_ref().map(grid_json),
        "facts": series.facts, "problem": series.problem, "files": series.files().len(),
    })
}

fn grid_json(grid: &Grid) -> Value {
    let column = |axis: usize| [0, 1, 2].map(|row| grid.step()[(row, axis)]);
    let origin: [f64; 3] = grid.origin().into();
    json!({ "dims": grid.dims(), "origin_mm": origin, "spacing_mm": grid.spacing_mm(), "step_mm": [column(0), column(1), column(2)] })
}

/// The objects of a case.
fn case(path: &Path, as_json: bool) -> Result<ExitCode, Failure> {
    let stored = print::with_bar("opening the case", |progress| store::load(path, progress))?;
    if as_json {
        let of_node = |(id, node): (NodeId, &std::sync::Arc<Node>)| {
            let mut value = node_json(id, node);
            if let Data::Plan(plan) = &node.data {
                value["details"]["stale"] = json!(stored.case.stale_score(plan));
            }
            value
        };
        let nodes: Vec<Value> = stored.case.nodes().map(of_node).collect();
        let hash = stored.case.content_hash().to_hex();
        print::json(
            &json!({ "path": path.to_string_lossy(), "kind": "case", "hash": hash, "steps": stored.log.len(), "objects": nodes }),
        );
        return Ok(ExitCode::SUCCESS);
    }
    let row = |(id, node): (NodeId, &std::sync::Arc<Node>)| {
        let facts = node.summary.facts.iter().take(3);
        let facts: Vec<String> = facts.map(|f| format!("{} {} {}", f.name, print::number(f.value), f.unit)).collect();
        vec![id.to_string(), node.name.clone(), node.data.kind().words().into(), facts.join(", "), node.hash().short()]
    };
    print::table(&["object>", "name", "kind", "facts", "content"], &stored.case.nodes().map(row).collect::<Vec<_>>());
    print::line(&format!("{} steps in the log", stored.log.len()));
    Ok(ExitCode::SUCCESS)
}

/// A measure as JSON: what, where, and in which scan.
fn measure_json(measure: &Measure) -> Value {
    let shape = &measure.shape;
    let reading = measure.reading.as_ref();
    let points: Vec<[f64; 3]> = shape.points().iter().map(|point| (*point).into()).collect();
    let normal: [f64; 3] = shape.normal().into();
    json!({
        "kind": shape.kind(), "points_mm": points, "normal": normal, "text": measure.text,
        "scan": reading.map(|reading| reading.scan), "scan_content": reading.map(|reading| &reading.content),
    })
}

/// A node as JSON: everything but its arrays.
pub(super) fn node_json(id: NodeId, node: &Node) -> Value {
    let details = match &node.data {
        Data::Scan(scan) => json!({ "grid": grid_json(scan.grid()), "modality": scan.modality, "facts": scan.facts }),
        Data::Labels(labels) => {
            let segments = labels.segments().iter();
            let segments: Vec<Value> = segments
                .map(|s| json!({ "id": s.id, "name": s.name, "snomed": s.snomed, "volume_ml": labels.volume_ml(s.id) }))
                .collect();
            json!({ "grid": grid_json(labels.grid()), "segments": segments })
        }
        Data::Surface(data) => json!({
            "vertices": data.surface.positions().len(), "triangles": data.surface.triangles().len(),
            "fields": data.fields.iter().map(|f| json!({ "name": f.name, "unit": f.unit, "range": f.range() })).collect::<Vec<_>>(),
        }),
        Data::Tets(mesh) => json!({ "vertices": mesh.positions().len(), "tetrahedra": mesh.tets().len() }),
        Data::Lines(lines) => json!({
            "branches": lines.branches().len(), "ends": lines.ends().len(), "length_mm": lines.length_mm(),
        }),
        Data::Tissue(result) => json!({ "tetrahedra": result.mesh.tets().len() }),
        Data::Flow(_) => Value::Null,
        Data::Measure(measure) => measure_json(measure),
        Data::View(view) => json!({
            "note": view.note, "crosshair_mm": view.crosshair.map(<[f64; 3]>::from), "picture_bytes": view.picture.len(),
            "picture_px": view.picture_size(), "picture_hash": view.picture_hash().to_hex(),
        }),
        Data::Plan(plan) => json!({ "plan": plan, "planned": plan.planned() }),
    };
    json!({
        "id": id, "name": node.name, "kind": node.data.kind(), "hash": node.hash().to_hex(), "source": node.source,
        "details": details, "summary": node.summary, "made_by": node.made_by(),
    })
}
