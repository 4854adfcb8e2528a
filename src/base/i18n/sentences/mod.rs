//! Sentences of kernels, tools and readers in the language of the window.
//!
//! They are made in English, with their values in them: logs, case files and the command line keep them so, and files of
//! old cases hold them. Where they are shown, [`sentence`] looks them up in a translation memory: the English of the
//! source with `{name}` where values stand, and the same in the other language (gettext's PO files under `assets/i18n`).
//! What is not found stays as it is.

mod memory;
mod pattern;
mod po;

use super::catalogue::Catalogue;
use super::{Language, language, slug};
use memory::Memory;
use std::borrow::Cow;

/// An English sentence, name or message in the language of the window; unchanged where the memory does not know it.
///
/// Values stay as they are, names of structures are translated, and what came of several causes (`a: b; c`) is looked up
/// part by part. The same text is computed once.
pub fn sentence(english: &str) -> Cow<'_, str> {
    sentence_in(language(), english)
}

/// As [`sentence`] in a stated language.
pub fn sentence_in(language: Language, english: &str) -> Cow<'_, str> {
    match Memory::of(language) {
        Some(memory) => memory.recall(english).map_or(Cow::Borrowed(english), Cow::Owned),
        None => Cow::Borrowed(english),
    }
}

/// What a step of the history is called in the language of the window; what it was done to is named behind the verb.
pub fn step(english: &str) -> Cow<'_, str> {
    let found = Memory::of(language()).and_then(|memory| memory.step(english));
    found.map_or(Cow::Borrowed(english), Cow::Owned)
}

/// A name that stands within a sentence, such as `left kidney` or `a CT scan`: what the tables of the window call it.
fn name(language: Language, english: &str) -> Option<String> {
    if english.is_empty() || 60 < english.len() || !english.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let of = |english: &str| {
        let slug = slug(english);
        ["anatomy", "organ", "kind", "needed", "field", "measure", "projection", "orientation"]
            .iter()
            .find_map(|prefix| Catalogue::of(language).plain(&format!("{prefix}-{slug}")))
    };
    if let Some(found) = of(english) {
        return Some(found.to_owned());
    }
    let (side, rest) = english.split_once(' ')?;
    let side = ["left", "right"].into_iter().find(|known| side.eq_ignore_ascii_case(known))?;
    Some(format!("{}{}", of(side)?, of(rest)?))
}

/// The English of every sentence that sources say and that is translated, with the translation, in the order of the files.
///
/// # Errors
/// What is no PO file, with its line.
#[cfg(test)]
pub fn all(language: Language) -> Result<Vec<(String, String)>, String> {
    let files = super::sources::SENTENCES.iter().filter(|(of, _)| *of == language);
    Ok(files.map(|(_, text)| po::read(text)).collect::<Result<Vec<_>, _>>()?.concat())
}

#[cfg(test)]
mod tests;
