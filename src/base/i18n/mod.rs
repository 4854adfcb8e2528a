//! The words of the interface in the language of the person in front of it; knows no window.
//!
//! Messages are Fluent files under `assets/i18n`, one folder for each language, found by an id. What the program also
//! writes into logs, scripts and help (names of tools, parameters, actions) stands in English in its tables; for these
//! [`in_tables`] looks up the other language and leaves the English where there is none. Sentences with values in them,
//! made by kernels and tools, are looked up by [`sentence`].

mod catalogue;
mod language;
mod sentences;
mod sources;

use catalogue::Catalogue;
pub use language::{Language, language, set_language};
#[cfg(test)]
pub use sentences::all as all_sentences;
pub use sentences::{sentence, sentence_in, step};

/// A value put into a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A number; it also chooses the plural form.
    Number(f64),
    /// A text.
    Text(&'a str),
}

impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Self::Number(number as f64)
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number as f64)
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

/// The message `id`, one without values, in the current language, else in English, else the id itself.
///
/// Nothing is computed or allocated: the panels ask for all their words in every frame.
pub fn tr(id: &str) -> &str {
    tr_in(language(), id)
}

/// As [`tr`] in a stated language.
pub fn tr_in(language: Language, id: &str) -> &str {
    let found = Catalogue::of(language).plain(id).or_else(|| Catalogue::of(Language::English).plain(id));
    found.unwrap_or_else(|| {
        missing(id);
        id
    })
}

/// The message `id` with values by name, in the current language, else in English, else the id itself.
pub fn tr_with(id: &str, values: &[(&str, Value<'_>)]) -> String {
    tr_with_in(language(), id, values)
}

/// As [`tr_with`] in a stated language.
pub fn tr_with_in(language: Language, id: &str, values: &[(&str, Value<'_>)]) -> String {
    let found = Catalogue::of(language).filled(id, values);
    found.or_else(|| Catalogue::of(Language::English).filled(id, values)).unwrap_or_else(|| {
        missing(id);
        id.to_owned()
    })
}

/// The words of the current language for `english`, which stands in a table of the program: the message
/// `prefix-slug-of-the-english`. The English itself where the language is English or has no such message.
pub fn in_tables<'a>(prefix: &str, english: &'a str) -> &'a str {
    by_id(english, || format!("{prefix}-{}", slug(english)))
}

/// As [`in_tables`] for a message whose id does not come from the English.
pub fn by_id(english: &str, id: impl FnOnce() -> String) -> &str {
    by_id_in(language(), english, id)
}

/// As [`by_id`] in a stated language.
pub fn by_id_in(language: Language, english: &str, id: impl FnOnce() -> String) -> &str {
    match language {
        Language::English => english,
        other => Catalogue::of(other).plain(&id()).unwrap_or(english),
    }
}

/// The message `id` of the current language if that is not English and has it: for ids that are tried one by one.
pub fn other_than_english(id: &str) -> Option<&'static str> {
    match language() {
        Language::English => None,
        other => Catalogue::of(other).plain(id),
    }
}

/// An English text as the end of an id: `Save case as…` is `save-case-as`.
pub fn slug(english: &str) -> String {
    let mut slug = String::with_capacity(english.len());
    for letter in english.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// The ids of all messages of a language, in the order of its files.
pub fn ids(language: Language) -> impl Iterator<Item = &'static str> {
    Catalogue::of(language).ids()
}

/// The texts of the files of a language.
#[cfg(test)]
pub fn texts(language: Language) -> impl Iterator<Item = &'static str> {
    let all = sources::SOURCES.iter().chain(sources::SENTENCES).chain(sources::FORMER);
    all.filter(move |(of, _)| *of == language).map(|(_, text)| *text)
}

/// Say once that there is no message `id`; silent in released builds, where nobody can mend it.
fn missing(id: &str) {
    #[cfg(debug_assertions)]
    {
        use std::collections::BTreeSet;
        use std::sync::Mutex;
        static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        let is_new = SAID.lock().is_ok_and(|mut said| said.insert(id.to_owned()));
        if is_new {
            tracing::warn!("no message of the interface has the id '{id}'");
        }
    }
    let _ = id;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_language_lacks_is_english_and_what_both_lack_is_the_id() {
        set_language(Language::SimplifiedChinese);
        assert_eq!(tr("form-run"), "运行");
        assert_eq!(tr("language-only-in-english"), "English is what remains");
        assert_eq!(tr("no-such-message"), "no-such-message");
        assert_eq!(tr_with("no-such-message", &[("n", 1_usize.into())]), "no-such-message");
        assert_eq!(in_tables("action", "Undo"), "撤销");
        assert_eq!(in_tables("action", "No such action"), "No such action");
        set_language(Language::English);
        assert_eq!(tr("form-run"), "Run");
        assert_eq!(in_tables("action", "Undo"), "Undo");
    }

    #[test]
    fn numbers_choose_the_plural_form_of_their_language() {
        let scans = |count: usize| tr_with("step-done-scans", &[("count", count.into())]);
        set_language(Language::English);
        assert_eq!([1, 2, 21].map(scans), ["1 scan", "2 scans", "21 scans"]);
        set_language(Language::SimplifiedChinese);
        assert_eq!([1, 2].map(scans), ["1 个扫描", "2 个扫描"]);
        set_language(Language::English);
    }

    #[test]
    fn values_come_without_marks_of_direction() {
        set_language(Language::English);
        assert_eq!(tr_with("form-missing", &[("name", "Scan".into())]), "Scan is missing");
        assert_eq!(tr_with("field-range", &[("low", "−5".into()), ("high", "8".into())]), "−5 to 8");
    }

    #[test]
    fn slugs_are_letters_digits_and_single_hyphens() {
        assert_eq!(slug("Save case as…"), "save-case-as");
        assert_eq!(slug("Interface at 100 %"), "interface-at-100");
        assert_eq!(slug("Language: 简体中文"), "language");
    }
}
