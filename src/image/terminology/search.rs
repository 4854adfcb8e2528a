//! Finding a term by a few letters.

use super::{Side, Term, terms};

/// The terms that fit `text`, the best first: every word of it must begin a word of a name, or be the start of the code.
///
/// A term whose name begins with the text comes before one that has it inside, and both before one that is found by
/// another name; equals stay in the order of the table. A side before the name leaves the paired ones. All terms for an
/// empty text.
pub fn search(text: &str) -> Vec<&'static Term> {
    let text = text.trim().to_lowercase();
    let (side, rest) = Side::split(&text);
    let mut found: Vec<(u8, &Term)> = terms()
        .iter()
        .filter_map(|term| {
            let whole = rank(term, &text);
            let sided = side.filter(|_| term.paired).and_then(|_| rank(term, rest));
            Some((whole.into_iter().chain(sided).min()?, term))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, term)| term).collect()
}

/// How well a term fits, 0 best; `None` if it does not.
fn rank(term: &Term, text: &str) -> Option<u8> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let fits = |name: &str| {
        let name = name.to_lowercase();
        words.iter().all(|word| name.split([' ', '-']).any(|part| part.starts_with(word)))
    };
    if term.name == text {
        return Some(0);
    }
    if term.name.starts_with(text) {
        return Some(1);
    }
    if fits(term.name) {
        return Some(2);
    }
    if term.other_names.iter().any(|name| fits(name)) {
        return Some(3);
    }
    let is_code = !text.is_empty() && term.code.to_string().starts_with(text);
    is_code.then_some(4)
}
