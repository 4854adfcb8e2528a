//! The translation memory of a language: whole sentences by their text, patterns by how they begin or end.

use super::pattern::Pattern;
use super::{Language, name, po};
use crate::base::i18n::sources::{FORMER, SENTENCES};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Bytes of a beginning or an end by which patterns are found.
const KEY: usize = 4;

/// Answers that are kept; panels ask for the same few in every frame.
const KEPT_MAX: usize = 4096;

/// Parts within parts are looked up this deep.
const DEEP: usize = 4;

/// Texts of more parts are left alone: no error has as many causes.
const PARTS_MAX: usize = 16;

/// What stands between parts; the Chinese ones where the window's own words stand around an English part.
const BETWEEN: [&str; 6] = [": ", "; ", ". ", " — ", "：", "；"];

/// Where the parts of a text lie, each with what stands behind it.
fn parts_of(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut parts = Vec::new();
    let mut start = 0;
    while let Some((at, between)) =
        BETWEEN.iter().filter_map(|between| Some((text[start..].find(between)?, *between))).min_by_key(|(at, _)| *at)
    {
        parts.push((start..start + at, between));
        start += at + between.len();
    }
    parts.push((start..text.len(), ""));
    parts
}

pub(super) struct Memory {
    language: Language,
    whole: HashMap<String, String>,
    /// Those that know most first; equals in the order of the files.
    patterns: Vec<Pattern>,
    by_beginning: HashMap<[u8; KEY], Vec<usize>>,
    by_end: HashMap<[u8; KEY], Vec<usize>>,
    others: Vec<usize>,
    answers: Mutex<HashMap<String, Option<String>>>,
}

fn first_bytes(text: &str) -> Option<[u8; KEY]> {
    text.as_bytes().first_chunk().copied()
}

fn last_bytes(text: &str) -> Option<[u8; KEY]> {
    text.as_bytes().last_chunk().copied()
}

impl Memory {
    /// The memory of a language; `None` for English, which needs none. The first call reads it.
    pub(super) fn of(language: Language) -> Option<&'static Self> {
        static MEMORIES: [OnceLock<Memory>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
        if language == Language::English {
            return None;
        }
        Some(MEMORIES[language.place()].get_or_init(|| {
            let files = SENTENCES.iter().chain(FORMER).filter(|(of, _)| *of == language);
            // A test reads every file strictly; a broken one costs its translations, not the program.
            Self::new(language, files.filter_map(|(_, text)| po::read(text).ok()).flatten())
        }))
    }

    fn new(language: Language, pairs: impl Iterator<Item = (String, String)>) -> Self {
        let mut whole = HashMap::new();
        let mut patterns = Vec::new();
        for (english, other) in pairs {
            match Pattern::new(&english, &other) {
                Some(pattern) if pattern.has_values() => patterns.push(pattern),
                Some(pattern) => {
                    // What is said now comes before what was said once.
                    whole.entry(pattern.begins().to_owned()).or_insert_with(|| pattern.filled(&[]));
                }
                None => {}
            }
        }
        patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.known));
        let (mut by_beginning, mut by_end): (HashMap<_, Vec<usize>>, HashMap<_, Vec<usize>>) = Default::default();
        let mut others = Vec::new();
        for (n, pattern) in patterns.iter().enumerate() {
            if let Some(key) = first_bytes(pattern.begins()) {
                by_beginning.entry(key).or_default().push(n);
            } else if let Some(key) = last_bytes(pattern.ends()) {
                by_end.entry(key).or_default().push(n);
            } else {
                others.push(n);
            }
        }
        Self { language, whole, patterns, by_beginning, by_end, others, answers: Mutex::default() }
    }

    /// The translation of a text, from the answers given before or computed now.
    pub(super) fn recall(&self, english: &str) -> Option<String> {
        if let Some(whole) = self.whole.get(english) {
            return Some(whole.clone());
        }
        self.kept(english.to_owned(), || self.translated(english, 0))
    }

    /// The answer to `question`, from those given before or from `find`.
    fn kept(&self, question: String, find: impl FnOnce() -> Option<String>) -> Option<String> {
        let answers = || self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answers().get(&question).cloned() {
            return answer;
        }
        let answer = find();
        let mut answers = answers();
        if KEPT_MAX <= answers.len() {
            answers.clear();
        }
        answers.insert(question, answer.clone());
        answer
    }

    /// The translation of a text: as a whole, by a pattern, as a name, or part by part.
    fn translated(&self, text: &str, depth: usize) -> Option<String> {
        if DEEP < depth || !text.contains(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        self.undivided(text, depth).or_else(|| self.in_parts(text, depth))
    }

    /// The patterns that begin as `text` does.
    fn beginning_as(&self, text: &str) -> Vec<usize> {
        first_bytes(text).and_then(|key| self.by_beginning.get(&key).cloned()).unwrap_or_default()
    }

    fn by_pattern(&self, text: &str, depth: usize) -> Option<String> {
        let mut fitting = self.beginning_as(text);
        fitting.extend(last_bytes(text).and_then(|key| self.by_end.get(&key)).into_iter().flatten());
        fitting.extend(&self.others);
        fitting.sort_unstable();
        self.by_pattern_of(fitting, text, depth)
    }

    /// The translation by the first of these patterns that fits.
    fn by_pattern_of(&self, fitting: Vec<usize>, text: &str, depth: usize) -> Option<String> {
        if DEEP < depth {
            return None;
        }
        fitting.into_iter().find_map(|n| {
            let pattern = &self.patterns[n];
            let mut values = Vec::new();
            for value in pattern.values(text)? {
                let known = self.translated(value, depth + 1);
                let known = known.or_else(|| self.list(value, depth + 1)).or_else(|| self.with_tail(value, depth + 1));
                // `a: 3 ml are left` says that of 3 ml: what begins with a value does not reach over a colon.
                let begins_far = pattern.begins().is_empty() && values.is_empty() && value.contains(": ");
                // `{a} of {b}` fits half of all sentences.
                if begins_far || pattern.is_weak() && known.is_none() && 2 < value.split(' ').count() {
                    return None;
                }
                values.push(known.unwrap_or_else(|| value.to_owned()));
            }
            Some(pattern.filled(&values))
        })
    }

    /// A value with something known behind it: `3, crossed 2 times`.
    fn with_tail(&self, text: &str, depth: usize) -> Option<String> {
        let begins = |c: char| [' ', ',', ';', '('].contains(&c);
        text.match_indices(begins).filter(|(at, _)| 0 < *at).find_map(|(at, _)| {
            let (before, tail) = text.split_at(at);
            let whole = self.whole.get(tail).cloned();
            // Patterns that begin with a value would fit everything.
            let tail = whole.or_else(|| self.by_pattern_of(self.beginning_as(tail), tail, depth))?;
            Some(self.translated(before, depth + 1).unwrap_or_else(|| before.to_owned()) + &tail)
        })
    }

    /// What a step of the history is called: a sentence, or a verb and the name of what it was done to.
    pub(super) fn step(&self, english: &str) -> Option<String> {
        // A question of its own: as a sentence the answer is that there is none.
        let as_step = || {
            // `union with`, `decimate`: the longest that is known.
            let mut cuts: Vec<usize> = english.match_indices(' ').map(|(at, _)| at).take(4).collect();
            cuts.reverse();
            cuts.into_iter().find_map(|at| {
                let (verb, object) = (&english[..at], &english[at + 1..]);
                let verb = self.whole.get(verb)?;
                let named = |object: &str| self.translated(object, 1).unwrap_or_else(|| object.to_owned());
                // `contrast in the aorta` is `主动脉内的对比剂`.
                if let Some(place) = object.strip_prefix("in ") {
                    return Some(format!("{}内的{verb}", named(place)));
                }
                Some(match object.strip_prefix("of ") {
                    // `smoothed of liver`: what was done, `平滑`, not the state behind it, `平滑后`.
                    Some(whole) => format!("{}：{}", verb.strip_suffix('后').unwrap_or(verb), named(whole)),
                    None => format!("{verb}{}", named(object)),
                })
            })
        };
        self.recall(english).or_else(|| self.kept(format!("\0{english}"), as_step))
    }

    /// `-200 to 3000 HU`.
    fn range(text: &str) -> Option<String> {
        let (low, high) = text.split_once(" to ")?;
        let is_number =
            |text: &str| text.starts_with(|c: char| c.is_ascii_digit() || ['-', '−', '+', '.'].contains(&c));
        let alone = is_number(low) && !low.contains(' ') && is_number(high);
        alone.then(|| format!("{low} 至 {high}"))
    }

    /// `a, b and c`, if all of them are known.
    fn list(&self, text: &str, depth: usize) -> Option<String> {
        let (all, last) = match text.rsplit_once(" and ").or_else(|| text.rsplit_once(" or ")) {
            Some((all, last)) => (all, Some(last)),
            None => (text, None),
        };
        let is_or = last.is_some() && !text.contains(" and ");
        if last.is_none() && !text.contains(", ") {
            return None;
        }
        let known = |part: &str| self.whole.get(part).cloned().or_else(|| self.translated(part, depth + 1));
        let parts = all.split(", ").map(known).collect::<Option<Vec<_>>>()?;
        let last = last.map(known).map_or(Some(None), |last| last.map(Some))?;
        let mut list = parts.join("、");
        if let Some(last) = last {
            list.push_str(if is_or { "或" } else { "和" });
            list.push_str(&last);
        }
        Some(list)
    }

    /// What several causes said, one behind another: `a: b`, `a; b`, `A. B.` The longest stretches that are known are
    /// translated, the others stay.
    fn in_parts(&self, text: &str, depth: usize) -> Option<String> {
        let parts = parts_of(text);
        if !(2..=PARTS_MAX).contains(&parts.len()) {
            return None;
        }
        let (mut said, mut any, mut n) = (String::new(), false, 0);
        while n < parts.len() {
            let whole = |m: &usize| (n, *m) == (0, parts.len());
            let known = (n + 1..=parts.len()).rev().filter(|m| !whole(m)).find_map(|m| {
                let stretch = &text[parts[n].0.start..parts[m - 1].0.end];
                Some((m, self.undivided(stretch, depth + 1)?))
            });
            let is_known = known.is_some();
            let (next, shown) = known.unwrap_or_else(|| (n + 1, text[parts[n].0.clone()].to_owned()));
            said += &shown;
            // `e.g. this` is no end of a sentence where it stays English.
            said += match parts[next - 1].1 {
                ". " if !is_known => ". ",
                ". " => "。",
                ": " => "：",
                "; " => "；",
                other => other,
            };
            any |= is_known;
            n = next;
        }
        any.then_some(said)
    }

    /// The translation of a text that is one sentence or name.
    fn undivided(&self, text: &str, depth: usize) -> Option<String> {
        let whole = self.whole.get(text).cloned();
        whole
            .or_else(|| self.by_pattern(text, depth))
            .or_else(|| name(self.language, text))
            .or_else(|| Self::range(text))
            .or_else(|| self.otherwise_written(text, depth))
    }

    /// The same with a small first letter or without its full stop.
    fn otherwise_written(&self, text: &str, depth: usize) -> Option<String> {
        if let Some(bare) = text.strip_suffix('.') {
            return self.undivided(bare, depth + 1).map(|found| format!("{found}。"));
        }
        let first = text.chars().next().filter(char::is_ascii_uppercase)?;
        let small = format!("{}{}", first.to_ascii_lowercase(), &text[1..]);
        self.whole.get(&small).cloned().or_else(|| self.by_pattern(&small, depth + 1))
    }
}
