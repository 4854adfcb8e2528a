//! What is on the sheets: nothing is lost, cut or repeated, and the file is the same each time.

use super::super::document::{Block, Cell, Document, Figure, Mark as Verdict, Span, Table, TableKind, Tone, plain};
use super::sheet::{BOTTOM, MARGIN, Mark, Sheets, TOP, WIDTH};
use super::*;
use crate::base::i18n::Language;
use crate::io::png::encode_rgba;

fn document(blocks: Vec<Block<'_>>) -> Document<'_> {
    let [title, purpose, made] = ["Case report", "For research.", "prosector 0 · case 12ab"].map(str::to_owned);
    Document { language: Language::English, title, purpose, made, blocks }
}

fn sheets(document: &Document<'_>) -> Sheets {
    flow::laid_out(document, &faces::Faces::embedded())
}

fn long_table(rows: usize) -> Table {
    let row = |n: usize| {
        let verdict = vec![
            Span::new(format!("{n}.5 mm (1–2) "), Tone::Plain),
            Span::new("breach", Tone::Verdict(Verdict::Breach)),
        ];
        vec![Cell::of(format!("row {n}")), Cell::number(n.to_string()), Cell::text(verdict)]
    };
    let head = ["Name", "Number", "Term"].map(Cell::of).to_vec();
    Table { kind: TableKind::Wide, head, rows: (0..rows).map(row).collect() }
}

/// Nothing is written outside the frame of the text.
fn all_is_inside(sheets: &Sheets) {
    for (n, sheet) in sheets.sheets.iter().enumerate() {
        for mark in &sheet.marks {
            match mark {
                Mark::Text { at: [x, y], run } => {
                    let width: f32 = run.glyphs.iter().map(|(_, advance, _)| advance * run.size).sum();
                    let right = x + run.x + width;
                    assert!(
                        MARGIN - 0.1 <= x + run.x && right <= MARGIN + WIDTH + 0.6,
                        "sheet {n}: '{}' to {right}",
                        run.text
                    );
                    assert!(*y <= BOTTOM + 0.1 && 40.0 < *y, "sheet {n}: '{}' at {y}", run.text);
                }
                Mark::Box { place: [x, y, w, h], .. } | Mark::Picture { place: [x, y, w, h], .. } => {
                    assert!(MARGIN - 4.0 <= *x && x + w <= MARGIN + WIDTH + 4.0, "sheet {n}: box {x} {w}");
                    assert!(40.0 < *y && y + h <= BOTTOM + 1.0, "sheet {n}: box {y} {h}");
                }
            }
        }
    }
}

#[test]
fn a_long_table_goes_on_with_its_head_on_every_sheet_and_loses_no_row() {
    let own = document(vec![Block::Section("Terms".into()), Block::Table(long_table(200))]);
    let laid = sheets(&own);
    assert!(3 < laid.sheets.len());
    all_is_inside(&laid);
    let printed = printed(&own);
    assert!(printed.iter().all(|sheet| sheet.matches("Number").count() == 1), "one head a sheet");
    let all = printed.join("\u{1f}");
    for n in 0..200 {
        assert_eq!(all.split('\u{1f}').filter(|run| *run == format!("row {n}")).count(), 1, "row {n}");
    }
}

#[test]
fn a_cell_higher_than_a_sheet_is_parted_and_stays_whole() {
    let words: Vec<String> = (0..3000).map(|n| format!("w{n}")).collect();
    let code = Cell::text(vec![Span::new(words.join(" "), Tone::Code)]);
    let rows = vec![vec![Cell::number("1"), Cell::of("tool"), code, Cell::of("#1")]];
    let table = Table { kind: TableKind::Log, head: Vec::new(), rows };
    let own = document(vec![Block::Table(table)]);
    let laid = sheets(&own);
    assert!(1 < laid.sheets.len());
    all_is_inside(&laid);
    let all = printed(&own).join(" ").replace('\u{1f}', " ");
    let found: Vec<&str> = all.split_whitespace().filter(|word| word.starts_with('w')).collect();
    assert_eq!(found, words);
}

#[test]
fn headings_stay_with_what_follows_and_paragraphs_leave_no_single_line() {
    let text = "The distance is exact to half a voxel at each end. ".repeat(12);
    for rows in 30..60 {
        let blocks =
            vec![Block::Table(long_table(rows)), Block::Section("Next".into()), Block::Paragraph(plain(text.clone()))];
        let own = document(blocks);
        let laid = sheets(&own);
        all_is_inside(&laid);
        let heading = laid.headings.iter().find(|heading| heading.text == "Next").unwrap();
        assert!(heading.y < BOTTOM - 60.0 && TOP <= heading.y, "{rows}: {}", heading.y);
        for sheet in printed(&own) {
            let lines = sheet.split('\u{1f}').filter(|run| run.contains("voxel") || run.contains("distance")).count();
            assert_ne!(lines, 1, "{rows}: a single line stands alone");
        }
    }
}

#[test]
fn many_columns_are_made_smaller_and_then_parted() {
    let columns = 24;
    let head: Vec<Cell> = (0..columns).map(|n| Cell::number(format!("quantity {n} [mm]"))).collect();
    let rows = (0..5).map(|row| (0..columns).map(|n| Cell::number(format!("{}", 1000 * row + n))).collect()).collect();
    let own = document(vec![Block::Table(Table { kind: TableKind::Wide, head, rows })]);
    all_is_inside(&sheets(&own));
    let all = printed(&own).join("\u{1f}");
    for n in (0..5).flat_map(|row| (1..columns).map(move |n| 1000 * row + n)) {
        assert_eq!(all.split('\u{1f}').filter(|run| *run == n.to_string()).count(), 1, "{n}");
    }
}

#[test]
fn the_file_is_a_pdf_with_fonts_text_and_pictures_and_the_same_each_time() {
    let png = encode_rgba(40, 30, &[120; 4800]);
    let letters = ["S", "L", "I", "R"].map(str::to_owned);
    let figure = |caption: &str| Figure {
        png: Some(&png),
        letters: Some(&letters),
        scale_bar: Some((50.0, 0.25)),
        legend: None,
        spots: &[],
        caption: plain(caption),
    };
    let warnings =
        Block::List { heading: "局限".into(), tone: Tone::Warning, items: vec!["数值 ≤ 2 μm。".into()] };
    let own = document(vec![
        Block::Section("Slices".into()),
        Block::Figures(vec![figure("a"), figure("b"), figure("c")]),
        Block::Card(vec![Block::Heading(plain("#1 liver")), warnings, Block::Figures(vec![figure("d")])]),
        Block::Table(long_table(100)),
    ]);
    let laid = sheets(&own);
    all_is_inside(&laid);
    assert_eq!(
        laid.headings.iter().map(|h| (h.text.as_str(), h.depth)).collect::<Vec<_>>(),
        [("Slices", 0), ("#1 liver", 1)]
    );
    let numbers = laid.sheets.iter().flat_map(|sheet| &sheet.marks).filter_map(|mark| match mark {
        Mark::Picture { number, place } => Some((*number, place[2] / place[3])),
        _ => None,
    });
    let numbers: Vec<_> = numbers.collect();
    assert_eq!(numbers.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert!(numbers.iter().all(|(_, aspect)| (aspect - 4.0 / 3.0).abs() < 1e-3), "pictures keep their shape");
    let feet = laid.sheets.iter().map(|sheet| {
        let run = |mark: &Mark| if let Mark::Text { run, .. } = mark { Some(run.text.clone()) } else { None };
        sheet.frame.iter().filter_map(run).collect::<Vec<_>>().join("|")
    });
    let feet: Vec<String> = feet.collect();
    let count = feet.len();
    assert!(1 < count && (0..count).all(|n| feet[n].contains(&format!("Page {} of {count}", n + 1))), "{feet:?}");
    let file = to_pdf(&own).unwrap();
    assert!(file.starts_with(b"%PDF-1.") && file.ends_with(b"%%EOF"));
    let has = |words: &str| file.windows(words.len()).any(|window| window == words.as_bytes());
    assert!(has("/FontFile3") && has("/ToUnicode") && has("/Subtype/Image"), "fonts are inside, and what they mean");
    assert!(file == to_pdf(&own).unwrap());
}

#[test]
fn captions_longer_than_a_sheet_go_on_on_the_next_and_lose_no_word() {
    let png = encode_rgba(40, 30, &[120; 4800]);
    let legend = crate::report::Legend {
        field: "least distance of the far wall from the planned cut with its uncertainty".into(),
        unit: "mm".into(),
        range: [0.0, 1.0],
        colours: vec![[0; 3], [255; 3]],
    };
    let words = |letter: char, count: usize| (0..count).map(|n| format!("{letter}{n}")).collect::<Vec<_>>().join(" ");
    let figure = |caption: String| Figure {
        png: Some(&png),
        letters: None,
        scale_bar: None,
        legend: Some(&legend),
        spots: &[],
        caption: plain(caption),
    };
    for [a, b, c] in [[2000, 3, 900], [5, 130, 0], [40, 40, 40], [700, 700, 700]] {
        let row = vec![figure(words('a', a)), figure(words('b', b)), figure(words('c', c)), figure(words('d', 9))];
        let own =
            document(vec![Block::Section("Pictures".into()), Block::Figures(row), Block::Paragraph(plain("The end."))]);
        let laid = sheets(&own);
        all_is_inside(&laid);
        let printed = printed(&own);
        let all: Vec<&str> = printed.iter().flat_map(|sheet| sheet.split(['\u{1f}', ' '])).collect();
        for (letter, count) in [('a', a), ('b', b), ('c', c), ('d', 9)] {
            let found: Vec<&str> =
                all.iter().copied().filter(|word| word.starts_with(letter) && word.len() < 6).collect();
            let found: Vec<&str> = found.into_iter().filter(|word| word[1..].parse::<usize>().is_ok()).collect();
            assert_eq!(found.join(" "), words(letter, count), "{letter} of {a}, {b}, {c}");
        }
        // What follows stands below all of it.
        let end = printed.last().unwrap();
        assert!(end.ends_with("The end."), "{end}");
        let of_word = |word: &str| {
            let mut places =
                laid.sheets.iter().enumerate().flat_map(|(n, sheet)| sheet.marks.iter().map(move |m| (n, m)));
            places.find_map(|(n, mark)| match mark {
                Mark::Text { at, run } if run.text.split(' ').any(|own| own == word) => Some((n, at[1])),
                _ => None,
            })
        };
        assert!(of_word(&format!("d{}", 8)) < of_word("end."), "{a} {b} {c}");
    }
}

#[test]
fn a_damaged_picture_is_named() {
    let figure = Figure {
        png: Some(b"no picture"),
        letters: None,
        scale_bar: None,
        legend: None,
        spots: &[],
        caption: plain("x"),
    };
    let own = document(vec![Block::Figures(vec![figure])]);
    let error = to_pdf(&own).unwrap_err().to_string();
    assert!(error.starts_with("picture 1 of the report cannot be printed"), "{error}");
}
