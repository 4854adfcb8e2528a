//! The report as one HTML file that opens offline and prints on A4.

use super::document::{Block, Cell, Document, Figure, Mark, Span, Table, TableKind, Text, Tone, number};
use super::pictures::Spot;
use super::scene::Scene;
use base64::Engine;
use std::fmt::Write;

/// A picture of a long narrow thing should not fill a page.
const HEIGHT_PX_MAX: f64 = 420.0;

const STYLE: &str = include_str!("../../assets/report/style.css");

/// What the page may do: nothing from elsewhere, nothing to elsewhere.
const POLICY: &str =
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; form-action 'none'";

/// `document` as one self-contained HTML page, with `scene` to turn if there is one.
pub fn to_html(document: &Document<'_>, scene: Option<&Scene>) -> String {
    let mut page = String::new();
    let title = escape(&document.title);
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head><body>\n\
         <header><h1>{title}</h1><p class=\"purpose\">{}</p>\
         <p class=\"made\">{}</p></header>\n",
        document.language.code(),
        escape(&document.purpose),
        escape(&document.made),
    );
    let mut is_open = false;
    for each in &document.blocks {
        if let Block::Section(heading) = each {
            close(&mut page, &mut is_open);
            let _ = writeln!(page, "<section><h2>{}</h2>", escape(heading));
            is_open = true;
        } else if matches!(each, Block::Scene) {
            if let Some(scene) = scene {
                close(&mut page, &mut is_open);
                page.push_str(&scene.section(document));
            }
        } else {
            block(&mut page, each);
        }
    }
    close(&mut page, &mut is_open);
    page.push_str("</body></html>\n");
    page
}

fn close(page: &mut String, is_open: &mut bool) {
    if std::mem::take(is_open) {
        page.push_str("</section>\n");
    }
}

fn block(page: &mut String, block: &Block<'_>) {
    let _ = match block {
        // Stand only between the blocks of a document.
        Block::Section(_) | Block::Scene => Ok(()),
        Block::Heading(text) => writeln!(page, "<h3>{}</h3>", spans(text)),
        Block::Caption(text) => writeln!(page, "<h4>{}</h4>", escape(text)),
        Block::Paragraph(text) => {
            let class = match text.first().map(|span| span.tone) {
                Some(Tone::Warning) => "stale",
                _ => "note",
            };
            let words: String = text.iter().map(|span| escape(&span.text)).collect();
            writeln!(page, "<p class=\"{class}\">{words}</p>")
        }
        Block::List { heading, tone, items } => {
            let class = if *tone == Tone::Warning { "warnings" } else { "methods" };
            let items: String = items.iter().map(|item| format!("<li>{}</li>", escape(item))).collect();
            writeln!(page, "<div class=\"{class}\"><h4>{}</h4><ul>{items}</ul></div>", escape(heading))
        }
        Block::Table(own) => {
            table(page, own);
            Ok(())
        }
        Block::Figures(all) => {
            page.push_str("<div class=\"row\">\n");
            all.iter().for_each(|figure| self::figure(page, figure));
            writeln!(page, "</div>")
        }
        Block::Card(blocks) => {
            page.push_str("<article>");
            blocks.iter().for_each(|each| self::block(page, each));
            writeln!(page, "</article>")
        }
    };
}

fn spans(text: &Text) -> String {
    let one = |Span { text, tone }: &Span| {
        let words = escape(text).replace('\n', "<br>");
        match tone {
            Tone::Plain | Tone::Note | Tone::Warning => words,
            Tone::Bold => format!("<b>{words}</b>"),
            Tone::Small => match words.strip_prefix("<br>") {
                Some(rest) => format!("<br><small>{rest}</small>"),
                None => format!("<small>{words}</small>"),
            },
            Tone::Code => format!("<code>{words}</code>"),
            Tone::Verdict(mark) => format!("<span class=\"verdict {}\">{words}</span>", class(*mark)),
        }
    };
    text.iter().map(one).collect()
}

fn class(mark: Mark) -> &'static str {
    match mark {
        Mark::Ok => "ok",
        Mark::Warning => "warning",
        Mark::Breach => "breach",
        Mark::NotValid => "not-valid",
        Mark::Unsaid => "unsaid",
    }
}

fn table(page: &mut String, table: &Table) {
    let kind = match table.kind {
        TableKind::Wide => "",
        TableKind::Facts => " class=\"facts\"",
        TableKind::Log => " class=\"log\"",
    };
    let _ = write!(page, "<div class=\"wide\"><table{kind}>");
    if !table.head.is_empty() {
        page.push_str("<thead><tr>");
        table.head.iter().for_each(|each| cell(page, "th", each));
        page.push_str("</tr></thead>");
    }
    page.push_str("<tbody>\n");
    for row in &table.rows {
        page.push_str("<tr>");
        row.iter().for_each(|each| cell(page, "td", each));
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody></table></div>\n");
}

fn cell(page: &mut String, tag: &str, cell: &Cell) {
    let class = match (cell.right, cell.faded) {
        (true, _) => " class=\"n\"",
        (false, true) => " class=\"not-valid\"",
        (false, false) => "",
    };
    let columns =
        if cell.more_columns == 0 { String::new() } else { format!(" colspan=\"{}\"", 1 + cell.more_columns) };
    let chip = cell
        .chip
        .map_or(String::new(), |[r, g, b]| format!("<i class=\"chip\" style=\"background:rgb({r},{g},{b})\"></i>"));
    let _ = write!(page, "<{tag}{class}{columns}>{chip}{}</{tag}>", spans(&cell.text));
}

fn figure(page: &mut String, figure: &Figure<'_>) {
    page.push_str("<figure>");
    if let Some(png) = figure.png {
        let data = base64::engine::general_purpose::STANDARD.encode(png);
        let alt: String = figure.caption.iter().map(|span| escape(&span.text).replace('\n', " ")).collect();
        let width = HEIGHT_PX_MAX * aspect(png);
        let _ = write!(
            page,
            "<div class=\"frame\" style=\"max-width:{width:.0}px\">\
             <img alt=\"{alt}\" src=\"data:image/png;base64,{data}\">"
        );
        if let Some(letters) = figure.letters {
            for (place, letter) in ["top", "right", "bottom", "left"].iter().zip(letters) {
                let _ = write!(page, "<span class=\"letter {place}\">{}</span>", escape(letter));
            }
        }
        for Spot { at: [across, down], text } in figure.spots {
            let (left, top) = (100.0 * across, 100.0 * down);
            let text = escape(text);
            let _ = write!(page, "<span class=\"spot\" style=\"left:{left:.2}%;top:{top:.2}%\">{text}</span>");
        }
        if let Some((length_mm, share)) = figure.scale_bar {
            let percent = 100.0 * share;
            let _ = write!(page, "<span class=\"bar\" style=\"width:{percent:.2}%\">{length_mm:.0} mm</span>");
        }
        if let Some(legend) = figure.legend {
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
        page.push_str("</div>");
    }
    let _ = writeln!(page, "<figcaption>{}</figcaption></figure>", spans(&figure.caption));
}

/// Width over height of a PNG file, from its first chunk; 1 if there is none.
pub(super) fn aspect(png: &[u8]) -> f64 {
    let number = |at: usize| png.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    match (number(16), number(20)) {
        (Some(width), Some(height)) if 0 < height => f64::from(width) / f64::from(height),
        _ => 1.0,
    }
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use crate::report::{PURPOSE, Report, english_page};
    use crate::session::Case;

    #[test]
    fn names_cannot_break_out_of_the_page() {
        let report = Report::new("<script>alert(1)</script>", &Case::default(), &[]);
        let page = english_page(&report, &[]);
        assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"));
        assert!(page.contains("Content-Security-Policy\" content=\"default-src 'none';"), "nothing is loaded or sent");
        assert_eq!(page.matches(PURPOSE).count(), 1);
    }
}
