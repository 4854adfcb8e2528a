//! What a report says, written as blocks: sections in their order, tables of volumes, objects, and the log.

use super::collect::{Branch, Report, Section};
use super::document::{Block, Cell, Document, Figure, Span, Table, TableKind, Text, Tone, number, plain};
use super::pictures::{Picture, Shows};
use super::{key_images, measures, plans};
use crate::base::i18n::{self, Language};
use crate::base::{self, NodeId, Summary};
use crate::plan::uncertainty;

impl<'a> Document<'a> {
    /// `report` with `pictures` in the words of `language`; names that people gave stay as they are in the case.
    pub fn new(report: &'a Report, pictures: &'a [Picture], language: Language) -> Self {
        let case = &report.case_hash[..12.min(report.case_hash.len())];
        let of = [("program", report.program.as_str().into()), ("case", case.into())];
        let mut document = Self {
            language,
            title: report.title.clone(),
            purpose: i18n::tr_in(language, "report-purpose").to_owned(),
            made: i18n::tr_with_in(language, "report-made", &of),
            blocks: Vec::new(),
        };
        document.section("report-key-images", key_images::figures(report));
        let shown = |what: Shows| pictures.iter().filter(move |picture| picture.shows == what).map(figure).collect();
        document.section("report-slices", shown(Shows::Slice));
        document.section("report-model", shown(Shows::Model));
        document.blocks.push(Block::Scene);
        let parts = |plan: u32| shown(Shows::Part(NodeId(plan)));
        plans::blocks(&mut document, report, shown(Shows::Plan), parts);
        volumes(&mut document, report);
        measures::blocks(&mut document, report);
        document.head("report-objects");
        for section in &report.sections {
            let card = object(&document, section);
            document.blocks.push(Block::Card(card));
        }
        steps(&mut document, report);
        document
    }

    /// Begin a section.
    pub(super) fn head(&mut self, id: &'static str) {
        self.blocks.push(Block::Section(self.word(id).to_owned()));
    }

    /// A section of pictures; nothing where there are none.
    fn section(&mut self, id: &'static str, figures: Vec<Figure<'a>>) {
        if !figures.is_empty() {
            self.head(id);
            self.blocks.push(Block::Figures(figures));
        }
    }

    /// A remark.
    pub(super) fn note(&mut self, id: &'static str) {
        self.blocks.push(Block::Paragraph(vec![Span::new(self.word(id), Tone::Note)]));
    }

    /// The head of a table: the messages of its columns, and whether numbers stand under them.
    pub(super) fn columns(&self, columns: &[(&'static str, bool)]) -> Vec<Cell> {
        let cell = |(id, right): &(&'static str, bool)| Cell {
            right: *right,
            ..Cell::of(if id.is_empty() { "" } else { self.word(id) })
        };
        columns.iter().map(cell).collect()
    }
}

/// A picture as it stands in the report.
fn figure(picture: &Picture) -> Figure<'_> {
    Figure {
        png: Some(&picture.png),
        letters: picture.letters.as_ref(),
        scale_bar: picture.scale_bar,
        legend: picture.legend.as_ref(),
        spots: &picture.spots,
        caption: plain(&picture.caption),
    }
}

fn volumes(document: &mut Document<'_>, report: &Report) {
    let segments = report.sections.iter().flat_map(|s| s.segments.iter().map(move |segment| (s, segment)));
    let rows: Vec<Vec<Cell>> = segments
        .map(|(section, segment)| {
            vec![
                Cell { chip: Some(segment.colour), ..Cell::default() },
                Cell::of(document.said(&segment.name)),
                Cell::number(match segment.bounds_ml {
                    Some([low, high]) => format!("{:.1} ({low:.1}–{high:.1})", segment.volume_ml),
                    None => format!("{:.1}", segment.volume_ml),
                }),
                Cell::of(segment.snomed.map_or(String::new(), |code| code.to_string())),
                Cell::of(format!("#{} {}", section.id, section.name)),
            ]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    document.head("report-volumes");
    let columns = [("", false), ("report-structure", false), ("report-volume-ml", true), ("report-snomed", false)];
    let mut head = document.columns(&columns);
    head.push(Cell::of(document.word("report-from")));
    document.blocks.push(Block::Table(Table { kind: TableKind::Wide, head, rows }));
    let edge = format!("{}", uncertainty::EDGE_MM);
    let note = i18n::tr_with_in(document.language, "report-volume-note", &[("edge", edge.as_str().into())]);
    document.blocks.push(Block::Paragraph(vec![Span::new(note, Tone::Note)]));
}

/// What is said of one object.
fn object<'a>(document: &Document<'_>, section: &Section) -> Vec<Block<'a>> {
    let Section { id, name, kind, hash, facts, summary, branches: lines, .. } = section;
    let Summary { facts: numbers, methods, limits, warnings, tables, .. } = summary;
    let kind = i18n::by_id_in(document.language, kind, || format!("needed-{}", i18n::slug(kind)));
    let of = i18n::tr_with_in(document.language, "report-content", &[("kind", kind.into()), ("hash", hash.into())]);
    let heading = vec![Span::new(format!("#{id} {name}"), Tone::Bold), Span::new(format!("  {of}"), Tone::Small)];
    let mut blocks = vec![Block::Heading(heading)];
    if !facts.is_empty() || !numbers.is_empty() {
        let words = facts.iter().map(|(name, value)| {
            let value = Cell { more_columns: 1, ..Cell::of(document.said(value)) };
            vec![Cell::of(document.said(name)), value]
        });
        let values = numbers.iter().map(|fact| {
            let unit = if fact.unit == "1" { "" } else { &fact.unit };
            let unit = format!("{unit}{}", fact.bounds_text(number));
            vec![Cell::of(document.said(&fact.name)), Cell::number(number(fact.value)), Cell::of(unit.trim_start())]
        });
        let rows = words.chain(values).collect();
        blocks.push(Block::Table(Table { kind: TableKind::Facts, head: Vec::new(), rows }));
    }
    if !lines.is_empty() {
        blocks.push(Block::Table(branches(document, lines)));
    }
    for one in tables {
        blocks.push(Block::Caption(document.said(&one.title)));
        blocks.push(Block::Table(table(document, one)));
    }
    let lists = [
        ("report-warnings", Tone::Warning, warnings),
        ("report-limits", Tone::Plain, limits),
        ("report-methods", Tone::Plain, methods),
    ];
    for (heading, tone, items) in lists {
        if !items.is_empty() {
            let heading = document.word(heading).to_owned();
            let items = items.iter().map(|item| document.said(item)).collect();
            blocks.push(Block::List { heading, tone, items });
        }
    }
    blocks
}

fn branches(document: &Document<'_>, branches: &[Branch]) -> Table {
    let head = document.columns(&[
        ("report-branch", true),
        ("report-branch-from", true),
        ("report-length-mm", true),
        ("report-radius-mean", true),
        ("report-radius-least", true),
        ("report-narrowest", false),
        ("report-tortuosity", true),
    ]);
    let row = |branch: &Branch| {
        let Branch { number, parent, length_mm, radius_mm_mean, radius_mm_min, narrowest_mm, tortuosity } = branch;
        let [x, y, z] = narrowest_mm;
        vec![
            Cell::number(number.to_string()),
            Cell::number(parent.map_or(String::new(), |parent| parent.to_string())),
            Cell::number(format!("{length_mm:.1}")),
            Cell::number(format!("{radius_mm_mean:.2}")),
            Cell::number(format!("{radius_mm_min:.2}")),
            Cell::of(format!("{x:.1}, {y:.1}, {z:.1}")),
            Cell::number(tortuosity.map_or(String::new(), |value| format!("{value:.2}"))),
        ]
    };
    Table { kind: TableKind::Wide, head, rows: branches.iter().map(row).collect() }
}

fn table(document: &Document<'_>, table: &base::Table) -> Table {
    let heading = |column: &base::table::Column| {
        base::table::Column { name: document.said(&column.name), unit: column.unit.clone() }.heading()
    };
    let heads = table.columns.iter().map(|column| Cell::number(heading(column)));
    let head = std::iter::once(Cell::of(document.said(&table.of))).chain(heads).collect();
    let row = |row: &base::table::TableRow| {
        let values = row.values.iter().map(|value| Cell::number(value.map_or("–".into(), number)));
        std::iter::once(Cell::of(document.said(&row.name))).chain(values).collect()
    };
    Table { kind: TableKind::Wide, head, rows: table.rows.iter().map(row).collect() }
}

/// Letters of the parameters of a step that people are shown.
const PARAMS_MAX: usize = 1000;

fn steps(document: &mut Document<'_>, report: &Report) {
    document.head("report-log");
    let (removed, undone) = (document.word("report-removed"), document.word("report-undone"));
    let columns = [("report-step", true), ("report-tool", false), ("report-parameters", false)];
    let mut head = document.columns(&columns);
    head.push(Cell::of(document.word("report-made-objects")));
    let rows = report.steps.iter().enumerate().map(|(n, step)| {
        let mut params = if step.params.is_null() { String::new() } else { step.params.to_string() };
        // Strokes have thousands of places; the JSON beside it has all of them.
        if let Some((at, _)) = params.char_indices().nth(PARAMS_MAX) {
            params.truncate(at);
            params.push('…');
        }
        let objects = step.objects.iter().map(|id| format!("#{id}"));
        let gone = step.removed.iter().map(|id| format!("#{id} ({removed})"));
        let objects = objects.chain(gone).chain(step.undone.then(|| undone.to_owned())).collect::<Vec<_>>().join(" ");
        let code: Text = vec![Span::new(params, Tone::Code)];
        vec![Cell::number((n + 1).to_string()), Cell::of(&step.tool), Cell::text(code), Cell::of(objects)]
    });
    let table = Table { kind: TableKind::Log, head, rows: rows.collect() };
    document.blocks.push(Block::Table(table));
}
