//! `export.measures`: all measures as a table for spreadsheets.

use crate::base::{Column, NodeId};
use crate::geom::Point;
use crate::image::Measure;
use crate::io::file::write_whole;
use crate::io::table_csv::line;
use crate::session::{Case, CommandError, Data, Edit, Kind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// All measures as a table.
#[derive(Debug)]
pub struct ExportMeasures;

/// Parameters of [`ExportMeasures`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    path: PathBuf,
}

impl Tool for ExportMeasures {
    const ID: &'static str = "export.measures";
    const LABEL: &'static str = "Export measures…";
    const HELP: &'static str =
        "Write all measures as a CSV table: names, values with their units, planes and points in LPS millimetres.";
    const STEP: Step = Step::Report;
    const PARAMS: &'static [ParamSpec] = &[ParamSpec::needed("path", Kind::Path, "", "the file, ending in .csv")];
    type Params = Params;

    fn prepare(case: &Case, Params { path }: Params) -> Result<Task, CommandError> {
        let all: Vec<_> = case
            .nodes()
            .filter_map(|(id, node)| match &node.data {
                Data::Measure(measure) => Some((id, node.name.clone(), Arc::clone(measure))),
                _ => None,
            })
            .collect();
        if all.is_empty() {
            return Err(CommandError::BadParams("there are no measures to export; draw one first".into()));
        }
        Ok(Box::new(move |progress| {
            let text = table(&all);
            progress.set(0.8)?;
            write_whole(&path, text.as_bytes()).map_err(|error| CommandError::failed(&error))?;
            Ok(Edit::new("export measures").say(format!("wrote {} measures to {}", all.len(), path.display())))
        }))
    }
}

/// One row per measure; one column for each value and unit that any of them has (RFC 4180).
fn table(all: &[(NodeId, String, Arc<Measure>)]) -> String {
    let mut columns: Vec<Column> = Vec::new();
    for fact in all.iter().flat_map(|(.., measure)| measure.values()) {
        let column = Column { name: fact.name, unit: fact.unit };
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let text = |text: &str| text.to_owned();
    let before = ["object", "name", "kind", "text", "scan", "scan content", "plane"].map(text);
    let headings = before.into_iter().chain(columns.iter().map(Column::heading));
    let mut lines = vec![line(headings.chain(["normal (LPS)", "points (LPS) [mm]"].map(text)))];
    for (id, name, measure) in all {
        let values = measure.values();
        let Measure { shape, text: note, reading } = measure.as_ref();
        let reading = reading.as_ref();
        let mut cells = vec![
            id.0.to_string(),
            name.clone(),
            shape.kind().word().to_owned(),
            note.clone(),
            reading.map_or(String::new(), |reading| reading.scan.0.to_string()),
            reading.map_or(String::new(), |reading| reading.content.clone()),
            shape.plane_words(),
        ];
        cells.extend(columns.iter().map(|column| {
            let value = values.iter().find(|fact| fact.name == column.name && fact.unit == column.unit);
            value.map_or(String::new(), |fact| fact.value.to_string())
        }));
        cells.push(place(&Point::from(shape.normal())));
        cells.push(shape.points().iter().map(place).collect::<Vec<_>>().join("; "));
        lines.push(line(cells));
    }
    lines.concat()
}

fn place(point: &Point) -> String {
    point.iter().map(|x| format!("{x:.4}")).collect::<Vec<_>>().join(" ")
}
