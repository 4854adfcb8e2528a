//! `export.centre_lines`: centre lines to VTP or CSV.

use crate::base::NodeId;
use crate::io::file::write_whole;
use crate::io::{csv, vtp};
use crate::session::{Case, CommandError, Data, Edit, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// Centre lines to VTP or CSV.
#[derive(Debug)]
pub struct ExportCentreLines;

/// Parameters of [`ExportCentreLines`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    node: NodeId,
    path: PathBuf,
    format: Option<String>,
}

const FORMATS: &[&str] = &["vtp", "csv"];

impl Tool for ExportCentreLines {
    const ID: &'static str = "export.centre_lines";
    const LABEL: &'static str = "Export centre lines…";
    const HELP: &'static str = "Write centre lines as VTP (as VMTK, ParaView and 3D Slicer share them) or as a CSV table of points, in LPS millimetres; tubes go out by export.mesh.";
    const STEP: Step = Step::Report;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("node", Kind::Node(NodeKind::Lines), "", "the centre lines"),
        ParamSpec::needed("path", Kind::Path, "", "the file"),
        ParamSpec::with(
            "format",
            Kind::Choice(FORMATS),
            "",
            "null",
            "the format; from the ending of the file if not given",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { node, path, format }: Params) -> Result<Task, CommandError> {
        let Data::Lines(lines) = &case.expect_kind(node, NodeKind::Lines)?.data else {
            unreachable!("the kind was checked")
        };
        let lines = Arc::clone(lines);
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let format = format.or(ending).unwrap_or_default();
        if !FORMATS.contains(&format.as_str()) {
            let text = format!("'{format}' is none of the formats {}; end the file's name in one", FORMATS.join(", "));
            return Err(CommandError::BadParams(text));
        }
        Ok(Box::new(move |progress| {
            let text = if format == "vtp" { vtp::encode(&lines) } else { csv::centre_lines(&lines) };
            progress.set(0.8)?;
            write_whole(&path, text.as_bytes()).map_err(|error| CommandError::failed(&error))?;
            Ok(Edit::new("export centre lines").say(format!(
                "wrote {} branches to {}",
                lines.branches().len(),
                path.display()
            )))
        }))
    }
}
