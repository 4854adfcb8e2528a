//! What was measured in the pictures, as a table.

use super::Report;
use super::document::{Block, Cell, Document, Table, TableKind, number};
use crate::base::Fact;
use crate::base::i18n;
use crate::image::Measure;
use crate::session::Case;
use serde::Serialize;

/// A measure in a report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// The word of its kind, e.g. `length`.
    pub kind: &'static str,
    /// What is written beside it.
    pub text: String,
    /// Its values with units, the most important first.
    pub values: Vec<Fact>,
    /// The plane it was drawn in, in words.
    pub plane: String,
    /// The number of the scan it was measured in.
    pub scan: Option<u32>,
    /// Whether that scan is in the case as it was then.
    pub scan_is_there: bool,
    /// Its points, LPS mm.
    pub points_mm: Vec<[f64; 3]>,
}

impl Measured {
    /// What the report says of `measure` in `case`.
    pub fn of(measure: &Measure, case: &Case) -> Self {
        let reading = measure.reading.as_ref();
        let is_there = |(scan, content)| case.node(scan).is_some_and(|node| node.hash().to_hex() == content);
        Self {
            kind: measure.shape.kind().word(),
            text: measure.text.clone(),
            values: measure.values(),
            plane: measure.shape.plane_words(),
            scan: reading.map(|reading| reading.scan.0),
            scan_is_there: reading.map(|reading| (reading.scan, reading.content.clone())).is_some_and(is_there),
            points_mm: measure.shape.points().iter().map(|point| (*point).into()).collect(),
        }
    }
}

/// All measures of a report as one table; nothing where there are none.
pub(super) fn blocks(document: &mut Document<'_>, report: &Report) {
    let changed = document.word("report-scan-changed");
    let all = report.sections.iter().filter_map(|section| Some((section, section.measure.as_ref()?)));
    let rows: Vec<Vec<Cell>> = all
        .map(|(section, measure)| {
            let value = |fact: &Fact| {
                let unit = if fact.unit == "1" { String::new() } else { format!(" {}", fact.unit) };
                format!("{} {}{unit}", fact.name, number(fact.value))
            };
            let values: Vec<String> = measure.values.iter().map(value).collect();
            let scan = match (measure.scan, measure.scan_is_there) {
                (None, _) => String::new(),
                (Some(id), true) => format!("#{id}"),
                (Some(id), false) => format!("#{id} ({changed})"),
            };
            let kind =
                i18n::by_id_in(document.language, measure.kind, || format!("measure-{}", i18n::slug(measure.kind)));
            vec![
                Cell::number(section.id.to_string()),
                Cell::of(&section.name),
                Cell::of(kind),
                Cell::of(values.join("\n")),
                Cell::of(&measure.text),
                Cell::of(&measure.plane),
                Cell::of(scan),
            ]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    document.head("report-measures");
    let head = document.columns(&[
        ("report-number", true),
        ("report-name", false),
        ("report-kind", false),
        ("report-values", false),
        ("report-text", false),
        ("report-plane", false),
        ("report-scan", false),
    ]);
    document.blocks.push(Block::Table(Table { kind: TableKind::Wide, head, rows }));
    document.note("report-measures-note");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Point;
    use crate::geom::measure::{Kind, Shape};
    use crate::session::{Command, Data, Edit, Node};
    use std::sync::Arc;

    #[test]
    fn measures_stand_in_one_table_with_their_units() {
        let shape = Shape::new(Kind::Length, &[Point::origin(), Point::new(0.0, 30.0, 40.0)], None).unwrap();
        let measure = Measure { shape, text: "<b>aorta</b>".into(), reading: None };
        let node = Node::new("Length 1", Data::Measure(Arc::new(measure)));
        let command = Command::new("measure.add", serde_json::Value::Null);
        let case = Case::default().with(&Edit::new("draw").add(node), &command).unwrap().0;
        let report = Report::new("case", &case, &[]);
        let page = super::super::english_page(&report, &[]);
        assert!(page.contains("<h2>Measures</h2>") && page.contains("length 50.00 mm"), "{page}");
        assert!(page.contains("&lt;b&gt;aorta") && !page.contains("<b>aorta"));
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["sections"][0]["measure"]["values"][0]["unit"], "mm");
        let empty = super::super::english_page(&Report::new("case", &Case::default(), &[]), &[]);
        assert!(!empty.contains("Measures"));
    }
}
