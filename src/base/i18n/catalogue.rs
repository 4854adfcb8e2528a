//! All messages of one language, read once.

use super::sources::SOURCES;
use super::{Language, Value};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::collections::HashMap;
use std::sync::OnceLock;

/// The messages of a language.
pub(super) struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    ids: Vec<&'static str>,
    /// Messages without values, ready to be shown.
    plain: HashMap<&'static str, String>,
}

impl Catalogue {
    /// The messages of `language`; the first call reads them.
    pub(super) fn of(language: Language) -> &'static Self {
        static CATALOGUES: [OnceLock<Catalogue>; Language::ALL.len()] =
            [const { OnceLock::new() }; Language::ALL.len()];
        CATALOGUES[language.place()].get_or_init(|| Self::read(language))
    }

    fn read(language: Language) -> Self {
        let id: unic_langid::LanguageIdentifier = language.code().parse().expect("codes of languages are valid");
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // The marks around values are for mixed directions of writing, which we have not, and fonts show them as boxes.
        bundle.set_use_isolating(false);
        let mut ids = Vec::new();
        for (_, text) in SOURCES.iter().filter(|(of, _)| *of == language) {
            // A test reads every file strictly; what a broken one still holds is better than nothing.
            let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(rest, _)| rest);
            bundle.add_resource_overriding(resource);
            ids.extend(ids_in(text));
        }
        let plain = |id: &&'static str| Some((*id, format(&bundle, id, None)?));
        let plain = ids.iter().filter_map(plain).collect();
        Self { bundle, ids, plain }
    }

    /// A message without values.
    pub(super) fn plain(&self, id: &str) -> Option<&str> {
        self.plain.get(id).map(String::as_str)
    }

    /// A message with values.
    pub(super) fn filled(&self, id: &str, values: &[(&str, Value<'_>)]) -> Option<String> {
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            let value = match value {
                Value::Number(number) => FluentValue::from(*number),
                Value::Text(text) => FluentValue::from(*text),
            };
            args.set(*name, value);
        }
        format(&self.bundle, id, Some(&args))
    }

    /// All ids in the order of the files.
    pub(super) fn ids(&self) -> impl Iterator<Item = &'static str> {
        self.ids.iter().copied()
    }
}

/// A message; `None` if there is none or it needs values that are not given.
fn format(bundle: &FluentBundle<FluentResource>, id: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
    let mut errors = Vec::new();
    let pattern = bundle.get_message(id)?.value()?;
    let text = bundle.format_pattern(pattern, args, &mut errors).into_owned();
    errors.is_empty().then_some(text)
}

/// The ids of the messages in a file: what stands before ` = ` at the beginning of a line.
fn ids_in(text: &'static str) -> impl Iterator<Item = &'static str> {
    let begins = |line: &&'static str| line.starts_with(|c: char| c.is_ascii_alphabetic());
    text.lines().filter(begins).filter_map(|line| Some(line.split_once('=')?.0.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn every_file_is_valid_and_no_id_stands_twice() {
        for language in Language::ALL {
            let mut seen = BTreeSet::new();
            for (_, text) in SOURCES.iter().filter(|(of, _)| *of == language) {
                let broken = FluentResource::try_new((*text).to_owned()).err().map(|(_, errors)| errors);
                assert!(broken.is_none(), "{broken:?} in {}", text.lines().next().unwrap_or(""));
                for id in ids_in(text) {
                    assert!(seen.insert(id), "{id} stands twice in {}", language.code());
                }
            }
        }
    }

    /// The values that a message names, `{ $count }`.
    fn values(text: &'static str) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
        let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        let mut id = "";
        for line in text.lines() {
            if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
                id = line.split_once('=').map_or("", |(id, _)| id.trim_end());
                found.entry(id).or_default();
            }
            for part in line.split('$').skip(1) {
                let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
                found.entry(id).or_default().insert(&part[..end]);
            }
        }
        found
    }

    #[test]
    fn messages_take_the_same_values_in_every_language() {
        let all = |language| -> BTreeMap<_, _> {
            SOURCES.iter().filter(|(of, _)| *of == language).flat_map(|(_, text)| values(text)).collect()
        };
        let english = all(Language::English);
        let chinese = all(Language::SimplifiedChinese);
        let none = BTreeSet::new();
        for (id, values) in &chinese {
            // Messages without an English one are for texts of tables, which hold no values.
            assert_eq!(values, english.get(id).unwrap_or(&none), "{id}");
        }
        let lacking: Vec<_> = english.keys().filter(|id| !chinese.contains_key(*id)).collect();
        assert_eq!(lacking, [&"language-only-in-english"], "every English message has a Chinese one");
    }
}
