//! The report as a PDF file: A4, real text, fonts and pictures inside.
//!
//! The same [`Document`] as the HTML page is laid out on sheets ([`flow`]), and the sheets are written ([`ink`]); in
//! between stands a list of what is drawn where, which tests read.

mod faces;
mod figures;
mod flow;
mod ink;
mod lines;
mod sheet;
mod table;

use super::document::Document;
pub use ink::PdfError;

/// `document` as the bytes of a PDF file; the same document gives the same bytes.
///
/// # Errors
/// [`PdfError`] if a picture is damaged or the file cannot be put together.
pub fn to_pdf(document: &Document<'_>) -> Result<Vec<u8>, PdfError> {
    let faces = faces::Faces::embedded();
    let sheets = flow::laid_out(document, &faces);
    ink::written(document, &sheets, &faces)
}

/// What stands on each sheet between head and foot, run by run.
#[cfg(test)]
pub(crate) fn printed(document: &Document<'_>) -> Vec<String> {
    let sheets = flow::laid_out(document, &faces::Faces::embedded());
    let words = |sheet: &sheet::Sheet| {
        let runs = sheet
            .marks
            .iter()
            .filter_map(|mark| if let sheet::Mark::Text { run, .. } = mark { Some(run) } else { None });
        runs.map(|run| run.text.as_str()).collect::<Vec<_>>().join("\u{1f}")
    };
    sheets.sheets.iter().map(words).collect()
}

#[cfg(test)]
mod tests;
