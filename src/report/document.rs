//! The report as a list of blocks, in the words of one language: what the page, the print and their tests are made from.
//!
//! Every number is written here, once; the forms lay it out and change no character of it.

use super::pictures::{Legend, Spot};
use crate::base::i18n::{self, Language};

/// A report in words. Borrows the pictures.
#[derive(Debug, Clone, PartialEq)]
pub struct Document<'a> {
    /// The language of headings and fixed words.
    pub language: Language,
    /// The heading.
    pub title: String,
    /// What it is for.
    pub purpose: String,
    /// The program, and the case by its hash.
    pub made: String,
    /// What stands under it, in order.
    pub blocks: Vec<Block<'a>>,
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq)]
pub enum Block<'a> {
    /// A new section begins, with this heading.
    Section(String),
    /// A heading within a section.
    Heading(Text),
    /// A small heading over a table or a list.
    Caption(String),
    /// Sentences.
    Paragraph(Text),
    /// Sentences that belong together, under a small heading.
    List {
        /// What they are.
        heading: String,
        /// How they are meant.
        tone: Tone,
        /// One sentence each.
        items: Vec<String>,
    },
    /// Rows and columns.
    Table(Table),
    /// Pictures side by side.
    Figures(Vec<Figure<'a>>),
    /// What is said of one object.
    Card(Vec<Block<'a>>),
    /// Where a form that can turn things shows the scene.
    Scene,
}

/// Spans of text, one after the other; a line break is `\n`.
pub type Text = Vec<Span>;

/// Text of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What is read.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// How a text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// The name of something.
    Bold,
    /// Small and less important.
    Small,
    /// A remark.
    Note,
    /// Something to be careful about.
    Warning,
    /// Words of a program.
    Code,
    /// How a value stands to its limit.
    Verdict(Mark),
}

/// What a verdict says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It keeps its limit.
    Ok,
    /// It may not.
    Warning,
    /// It does not.
    Breach,
    /// Nobody can say.
    NotValid,
    /// Nobody can say whether a plan may be done.
    Unsaid,
}

/// Rows and columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// How it is set.
    pub kind: TableKind,
    /// The heads of columns; empty for a table without.
    pub head: Vec<Cell>,
    /// The rows; the spans of each add up to the same number of columns.
    pub rows: Vec<Vec<Cell>>,
}

/// How a table is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// As wide as the page.
    Wide,
    /// As wide as it needs: names and values.
    Facts,
    /// Small: the log.
    Log,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// What it says.
    pub text: Text,
    /// Whether it is set to the right, so that digits stand under digits.
    pub right: bool,
    /// A colour shown before the text, sRGB.
    pub chip: Option<[u8; 3]>,
    /// Whether it is not to be relied on.
    pub faded: bool,
    /// Columns it takes beyond its own.
    pub more_columns: usize,
}

/// A picture with what is written over and under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure<'a> {
    /// A PNG file; none where only words are there.
    pub png: Option<&'a [u8]>,
    /// Letters at the top, right, bottom and left edge.
    pub letters: Option<&'a [String; 4]>,
    /// A length in mm and the part of the picture's width it spans.
    pub scale_bar: Option<(f64, f64)>,
    /// The scale of its colours.
    pub legend: Option<&'a Legend>,
    /// Numbers that stand on it.
    pub spots: &'a [Spot],
    /// What it shows.
    pub caption: Text,
}

/// Text of one span.
pub(super) fn plain(text: impl Into<String>) -> Text {
    vec![Span::new(text, Tone::Plain)]
}

impl Span {
    /// A span.
    pub(super) fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone }
    }
}

impl Cell {
    /// A cell of plain text.
    pub(super) fn of(text: impl Into<String>) -> Self {
        Self { text: plain(text), ..Self::default() }
    }

    /// A cell with a number.
    pub(super) fn number(text: impl Into<String>) -> Self {
        Self { right: true, ..Self::of(text) }
    }

    /// A cell of these spans.
    pub(super) fn text(text: Text) -> Self {
        Self { text, ..Self::default() }
    }

    /// Its text without how it is meant.
    pub fn words(&self) -> String {
        self.text.iter().map(|span| span.text.as_str()).collect()
    }
}

impl Document<'_> {
    /// The message `id` in its language.
    pub(super) fn word(&self, id: &'static str) -> &'static str {
        i18n::tr_in(self.language, id)
    }

    /// A sentence or name of the case in its language; what is not known stays English.
    pub(super) fn said(&self, english: &str) -> String {
        i18n::sentence_in(self.language, english).into_owned()
    }

    /// Every text of it in order, as it is read.
    pub fn texts(&self) -> Vec<String> {
        let mut all = vec![self.title.clone(), self.purpose.clone(), self.made.clone()];
        self.blocks.iter().for_each(|block| block.texts(&mut all));
        all
    }
}

impl Block<'_> {
    fn texts(&self, all: &mut Vec<String>) {
        let joined = |text: &Text| text.iter().map(|span| span.text.as_str()).collect::<String>();
        match self {
            Self::Section(text) | Self::Caption(text) => all.push(text.clone()),
            Self::Heading(text) | Self::Paragraph(text) => all.push(joined(text)),
            Self::List { heading, items, .. } => {
                all.push(heading.clone());
                all.extend(items.iter().cloned());
            }
            Self::Table(table) => all.extend(table.head.iter().chain(table.rows.iter().flatten()).map(Cell::words)),
            Self::Figures(figures) => all.extend(figures.iter().map(|figure| joined(&figure.caption))),
            Self::Card(blocks) => blocks.iter().for_each(|block| block.texts(all)),
            Self::Scene => {}
        }
    }
}

/// A number with four digits that count.
pub(crate) fn number(value: f64) -> String {
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
