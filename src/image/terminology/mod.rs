//! What structures are called: names, colours and SNOMED CT codes, searched as one types, and lists for procedures.
//!
//! The tables are `assets/terminology/*.csv`, embedded. Laterality is no term of its own but a word before the name and
//! a modifier in DICOM, as in 3D Slicer's general anatomy.

mod search;
mod table;

pub use search::search;

use std::sync::OnceLock;

/// What kind of thing a term names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Tissue without a shape of its own.
    Tissue,
    /// An organ or part of one.
    Anatomy,
    /// Something that should not be there.
    Altered,
    /// A fluid.
    Substance,
    /// Something put there by man.
    Object,
}

impl Category {
    /// All, in menu order.
    pub const ALL: [Self; 5] = [Self::Anatomy, Self::Altered, Self::Tissue, Self::Substance, Self::Object];

    /// The SNOMED CT code of the category, for DICOM.
    pub fn code(self) -> u64 {
        match self {
            Self::Tissue => 85_756_007,
            Self::Anatomy => 123_037_004,
            Self::Altered => 49_755_003,
            Self::Substance => 91_720_002,
            Self::Object => 260_787_004,
        }
    }

    /// What the menu says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tissue => "tissue",
            Self::Anatomy => "anatomical structure",
            Self::Altered => "altered structure",
            Self::Substance => "body substance",
            Self::Object => "physical object",
        }
    }
}

/// Which of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The patient's left.
    Left,
    /// The patient's right.
    Right,
}

impl Side {
    /// The word before a name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// The SNOMED CT code of the modifier, for DICOM.
    pub fn code(self) -> u64 {
        match self {
            Self::Left => 7_771_000,
            Self::Right => 24_028_007,
        }
    }

    /// The side that `name` begins with, and the rest of it.
    pub fn split(name: &str) -> (Option<Self>, &str) {
        for side in [Self::Left, Self::Right] {
            if let Some(rest) = name.strip_prefix(side.word()).and_then(|rest| rest.strip_prefix(' ')) {
                return (Some(side), rest.trim_start());
            }
        }
        (None, name)
    }
}

/// A structure with its usual colour and code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Its name, lower case, in the singular.
    pub name: &'static str,
    /// Other names it is found by.
    pub other_names: Vec<&'static str>,
    /// Colour, sRGB.
    pub colour: [u8; 3],
    /// SNOMED CT code.
    pub code: u64,
    /// What kind of thing it is.
    pub category: Category,
    /// Whether there is a left and a right one.
    pub paired: bool,
}

/// The segments a procedure begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// What the menu says.
    pub name: &'static str,
    /// What it is for, a few words.
    pub about: &'static str,
    /// Its members in the order of work.
    pub members: Vec<Member>,
}

/// A term, and which of two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The structure.
    pub term: &'static Term,
    /// Which of two, where it matters.
    pub side: Option<Side>,
}

impl Member {
    /// The name of a segment, e.g. `left kidney`.
    pub fn name(self) -> String {
        self.term.named(self.side)
    }
}

impl Term {
    /// The name of a segment of this kind, e.g. `left kidney`.
    pub fn named(&self, side: Option<Side>) -> String {
        side.map_or_else(|| self.name.to_owned(), |side| format!("{} {}", side.word(), self.name))
    }
}

/// All terms, in the order of the table.
pub fn terms() -> &'static [Term] {
    static TERMS: OnceLock<Vec<Term>> = OnceLock::new();
    TERMS.get_or_init(table::terms)
}

/// All templates, in menu order.
pub fn templates() -> &'static [Template] {
    static TEMPLATES: OnceLock<Vec<Template>> = OnceLock::new();
    TEMPLATES.get_or_init(table::templates)
}

/// The term with this SNOMED CT code.
pub fn by_code(code: u64) -> Option<&'static Term> {
    terms().iter().find(|term| term.code == code)
}

/// The structure with exactly this name or other name, in any case, with or without a side before it.
pub fn by_name(name: &str) -> Option<Member> {
    let name = name.trim().to_lowercase();
    let of = |name: &str| {
        let is_named =
            |term: &&Term| term.name == name || term.other_names.iter().any(|other| other.to_lowercase() == name);
        terms().iter().find(is_named)
    };
    if let Some(term) = of(&name) {
        return Some(Member { term, side: None });
    }
    let (side, rest) = Side::split(&name);
    let term = of(rest).filter(|term| term.paired && side.is_some())?;
    Some(Member { term, side })
}

/// The template with this name.
pub fn template(name: &str) -> Option<&'static Template> {
    templates().iter().find(|template| template.name == name)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
