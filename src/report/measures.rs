//! What was measured in the pictures, as a table.

use super::Report;
use super::html::{escape, number};
use crate::base::Fact;
use crate::image::Measure;
use crate::session::Case;
use serde::Serialize;
use std::fmt::Write;

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
pub(super) fn table(page: &mut String, report: &Report) {
    let all: Vec<_> = report.sections.iter().filter_map(|section| Some((section, section.measure.as_ref()?))).collect();
    if all.is_empty() {
        return;
    }
    page.push_str(
        "<section><h2>Measures</h2><table><thead><tr><th class=\"n\">#</th><th>Name</th><th>Kind</th><th>Values</th>\
         <th>Text</th><th>Plane</th><th>Scan</th></tr></thead><tbody>\n",
    );
    for (section, measure) in all {
        let value = |fact: &Fact| {
            let unit = if fact.unit == "1" { String::new() } else { format!(" {}", escape(&fact.unit)) };
            format!("{} {}{unit}", escape(&fact.name), number(fact.value))
        };
        let values: Vec<String> = measure.values.iter().map(value).collect();
        let scan = match (measure.scan, measure.scan_is_there) {
            (None, _) => String::new(),
            (Some(id), true) => format!("#{id}"),
            (Some(id), false) => format!("#{id} (changed or removed since)"),
        };
        let _ = writeln!(
            page,
            "<tr><td class=\"n\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{scan}</td></tr>",
            section.id,
            escape(&section.name),
            measure.kind,
            values.join("<br>"),
            escape(&measure.text),
            escape(&measure.plane)
        );
    }
    page.push_str(
        "</tbody></table><p class=\"note\">Lengths are as exact as half a voxel at each end; areas are those of the \
         outline. Values are those of the scan when it was measured.</p></section>\n",
    );
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
        let page = super::super::to_html(&report, &[]);
        assert!(page.contains("<h2>Measures</h2>") && page.contains("length 50.00 mm"), "{page}");
        assert!(page.contains("&lt;b&gt;aorta") && !page.contains("<b>aorta"));
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["sections"][0]["measure"]["values"][0]["unit"], "mm");
        let empty = super::super::to_html(&Report::new("case", &Case::default(), &[]), &[]);
        assert!(!empty.contains("Measures"));
    }
}
