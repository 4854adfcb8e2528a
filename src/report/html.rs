//! The report as one HTML file that opens offline and prints on A4.

use super::collect::Branch;
use super::{Picture, Report, Section};
use crate::base::{Summary, Table};
use base64::Engine;
use std::fmt::Write;

/// A picture of a long narrow thing should not fill a page.
const HEIGHT_PX_MAX: f64 = 420.0;

const STYLE: &str = include_str!("../../assets/report/style.css");

/// `report` with `pictures` as one self-contained HTML page.
pub fn to_html(report: &Report, pictures: &[Picture]) -> String {
    let mut page = String::new();
    let title = escape(&report.title);
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body>\n\
         <header><h1>{title}</h1><p class=\"purpose\">{}</p>\
         <p class=\"made\">{} · case {}</p></header>\n",
        escape(report.purpose),
        escape(&report.program),
        &report.case_hash[..12.min(report.case_hash.len())]
    );
    super::key_images::figures(&mut page, report);
    figures(&mut page, "Slices", pictures.iter().filter(|picture| picture.letters.is_some()));
    figures(&mut page, "Model", pictures.iter().filter(|picture| picture.letters.is_none()));
    super::plans::section(&mut page, report);
    volumes(&mut page, report);
    super::measures::table(&mut page, report);
    page.push_str("<section><h2>Objects and results</h2>\n");
    report.sections.iter().for_each(|section| object(&mut page, section));
    page.push_str("</section>\n");
    steps(&mut page, report);
    page.push_str("</body></html>\n");
    page
}

fn figures<'a>(page: &mut String, heading: &str, pictures: impl Iterator<Item = &'a Picture>) {
    let mut pictures = pictures.peekable();
    if pictures.peek().is_none() {
        return;
    }
    let _ = writeln!(page, "<section class=\"pictures\"><h2>{heading}</h2><div class=\"row\">");
    for picture in pictures {
        let data = base64::engine::general_purpose::STANDARD.encode(&picture.png);
        let caption = escape(&picture.caption);
        let width = HEIGHT_PX_MAX * aspect(&picture.png);
        let _ = write!(
            page,
            "<figure><div class=\"frame\" style=\"max-width:{width:.0}px\">\
             <img alt=\"{caption}\" src=\"data:image/png;base64,{data}\">"
        );
        if let Some(letters) = &picture.letters {
            for (place, letter) in ["top", "right", "bottom", "left"].iter().zip(letters) {
                let _ = write!(page, "<span class=\"letter {place}\">{}</span>", escape(letter));
            }
        }
        if let Some((length_mm, share)) = picture.scale_bar {
            let percent = 100.0 * share;
            let _ = write!(page, "<span class=\"bar\" style=\"width:{percent:.2}%\">{length_mm:.0} mm</span>");
        }
        if let Some(legend) = &picture.legend {
            let stops: Vec<String> = legend.colours.iter().map(|[r, g, b]| format!("rgb({r},{g},{b})")).collect();
            let [low, high] = legend.range.map(number);
            let _ = write!(
                page,
                "<span class=\"legend\"><b>{} [{}]</b><i style=\"background:linear-gradient(to right,{})\"></i>\
                 <span>{low}</span><span class=\"high\">{high}</span></span>",
                escape(&legend.field),
                escape(&legend.unit),
                stops.join(",")
            );
        }
        let _ = writeln!(page, "</div><figcaption>{caption}</figcaption></figure>");
    }
    page.push_str("</div></section>\n");
}

/// Width over height of a PNG file, from its first chunk; 1 if there is none.
fn aspect(png: &[u8]) -> f64 {
    let number = |at: usize| png.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    match (number(16), number(20)) {
        (Some(width), Some(height)) if 0 < height => f64::from(width) / f64::from(height),
        _ => 1.0,
    }
}

fn volumes(page: &mut String, report: &Report) {
    let segments: Vec<_> = report.sections.iter().flat_map(|s| s.segments.iter().map(move |seg| (s, seg))).collect();
    if segments.is_empty() {
        return;
    }
    page.push_str(
        "<section><h2>Volumes</h2><table><thead><tr><th></th><th>Structure</th><th class=\"n\">Volume [ml]</th>\
         <th>SNOMED CT</th><th>From</th></tr></thead><tbody>\n",
    );
    for (section, segment) in segments {
        let [r, g, b] = segment.colour;
        let code = segment.snomed.map_or(String::new(), |code| code.to_string());
        let _ = writeln!(
            page,
            "<tr><td><i class=\"chip\" style=\"background:rgb({r},{g},{b})\"></i></td><td>{}</td>\
             <td class=\"n\">{:.1}</td><td>{code}</td><td>#{} {}</td></tr>",
            escape(&segment.name),
            segment.volume_ml,
            section.id,
            escape(&section.name)
        );
    }
    page.push_str("</tbody></table><p class=\"note\">Volume is voxel count times voxel volume.</p></section>\n");
}

fn branches(page: &mut String, branches: &[Branch]) {
    if branches.is_empty() {
        return;
    }
    page.push_str(
        "<table><thead><tr><th class=\"n\">Branch</th><th class=\"n\">From</th><th class=\"n\">Length [mm]</th>\
         <th class=\"n\">Mean radius [mm]</th><th class=\"n\">Smallest radius [mm]</th><th>Narrowest at (LPS, mm)</th>\
         <th class=\"n\">Tortuosity</th></tr></thead><tbody>\n",
    );
    for Branch { number, parent, length_mm, radius_mm_mean, radius_mm_min, narrowest_mm, tortuosity } in branches {
        let parent = parent.map_or(String::new(), |parent| parent.to_string());
        let [x, y, z] = narrowest_mm;
        let tortuosity = tortuosity.map_or(String::new(), |value| format!("{value:.2}"));
        let _ = writeln!(
            page,
            "<tr><td class=\"n\">{number}</td><td class=\"n\">{parent}</td><td class=\"n\">{length_mm:.1}</td>\
             <td class=\"n\">{radius_mm_mean:.2}</td><td class=\"n\">{radius_mm_min:.2}</td>\
             <td>{x:.1}, {y:.1}, {z:.1}</td><td class=\"n\">{tortuosity}</td></tr>"
        );
    }
    page.push_str("</tbody></table>\n");
}

fn object(page: &mut String, section: &Section) {
    let Section { id, name, kind, hash, facts, summary, branches: lines, .. } = section;
    let Summary { facts: numbers, methods, limits, warnings, tables } = summary;
    let _ = writeln!(page, "<article><h3>#{id} {} <small>{kind} · content {hash}</small></h3>", escape(name));
    if !facts.is_empty() || !numbers.is_empty() {
        page.push_str("<table class=\"facts\"><tbody>\n");
        for (name, value) in facts {
            let _ = writeln!(page, "<tr><td>{}</td><td colspan=\"2\">{}</td></tr>", escape(name), escape(value));
        }
        for fact in numbers {
            let unit = if fact.unit == "1" { "" } else { &fact.unit };
            let (name, value) = (escape(&fact.name), number(fact.value));
            let _ = writeln!(page, "<tr><td>{name}</td><td class=\"n\">{value}</td><td>{}</td></tr>", escape(unit));
        }
        page.push_str("</tbody></table>\n");
    }
    branches(page, lines);
    tables.iter().for_each(|one| table(page, one));
    for (heading, class, sentences) in
        [("Warnings", "warnings", warnings), ("Limits", "limits", limits), ("Methods", "methods", methods)]
    {
        if !sentences.is_empty() {
            let _ = write!(page, "<div class=\"{class}\"><h4>{heading}</h4><ul>");
            sentences.iter().for_each(|sentence| {
                let _ = write!(page, "<li>{}</li>", escape(sentence));
            });
            page.push_str("</ul></div>\n");
        }
    }
    page.push_str("</article>\n");
}

fn table(page: &mut String, table: &Table) {
    let _ = write!(page, "<h4>{}</h4><div class=\"wide\"><table><thead><tr>", escape(&table.title));
    let _ = write!(page, "<th>{}</th>", escape(&table.of));
    for column in &table.columns {
        let _ = write!(page, "<th class=\"n\">{}</th>", escape(&column.heading()));
    }
    page.push_str("</tr></thead><tbody>\n");
    for row in &table.rows {
        let _ = write!(page, "<tr><td>{}</td>", escape(&row.name));
        for value in &row.values {
            let _ = write!(page, "<td class=\"n\">{}</td>", value.map_or("–".into(), number));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table></div>\n");
}

fn steps(page: &mut String, report: &Report) {
    page.push_str(
        "<section><h2>Command log</h2><table class=\"log\"><thead><tr><th class=\"n\">Step</th><th>Tool</th>\
         <th>Parameters</th><th>Objects</th></tr></thead><tbody>\n",
    );
    for (n, step) in report.steps.iter().enumerate() {
        let params = if step.params.is_null() { String::new() } else { step.params.to_string() };
        let objects = step.objects.iter().map(|id| format!("#{id}"));
        let removed = step.removed.iter().map(|id| format!("#{id} (removed)"));
        let undone = step.undone.then(|| "taken back".to_owned());
        let objects = objects.chain(removed).chain(undone).collect::<Vec<_>>().join(" ");
        let (n, tool, params) = (n + 1, escape(&step.tool), escape(&params));
        let _ = writeln!(
            page,
            "<tr><td class=\"n\">{n}</td><td>{tool}</td><td><code>{params}</code></td><td>{objects}</td></tr>"
        );
    }
    page.push_str("</tbody></table></section>\n");
}

/// A number with four digits that count.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    match size {
        0.0 => "0".into(),
        size if !(1e-3..1e7).contains(&size) => format!("{value:.2e}"),
        size if size < 1.0 => format!("{value:.4}"),
        size if size < 10.0 => format!("{value:.3}"),
        size if size < 100.0 => format!("{value:.2}"),
        size if size < 1000.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Case;

    #[test]
    fn names_cannot_break_out_of_the_page() {
        let report = Report::new("<script>alert(1)</script>", &Case::default(), &[]);
        let page = to_html(&report, &[]);
        assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"));
        assert_eq!(page.matches(super::super::PURPOSE).count(), 1);
    }
}
