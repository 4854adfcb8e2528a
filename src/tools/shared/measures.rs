//! What the tools of measures share: names, texts, colours.

use crate::geom::measure::Kind;
use crate::session::{Case, CommandError, Data};

/// Colour of new measures: none that a view, a segment of soft tissue or the accent has.
pub(in crate::tools) const COLOUR: [u8; 3] = [90, 224, 232];

/// Longest text of a note, characters.
const TEXT_MAX: usize = 500;

/// A refusal in the words of `error`.
pub(in crate::tools) fn bad(error: impl std::fmt::Display) -> CommandError {
    CommandError::BadParams(error.to_string())
}

/// `text` as it is written beside a measure of this kind.
///
/// # Errors
/// [`CommandError::BadParams`] for one that is too long, and for a text without any.
pub(in crate::tools) fn text(kind: Kind, text: &str) -> Result<String, CommandError> {
    let text = text.trim();
    let count = text.chars().count();
    if TEXT_MAX < count {
        return Err(bad(format!("the text has {count} characters; {TEXT_MAX} is the limit")));
    }
    if kind == Kind::Text && text.is_empty() {
        return Err(bad("a text needs something to say"));
    }
    Ok(text.to_owned())
}

/// `Length 3`: the kind and the first number that no object has.
pub(in crate::tools) fn next_name(case: &Case, kind: Kind) -> String {
    let is_used = |name: &String| case.nodes().any(|(_, node)| node.name == *name);
    let of_kind = |data: &Data| matches!(data, Data::Measure(measure) if measure.shape.kind() == kind);
    let count = case.nodes().filter(|(_, node)| of_kind(&node.data)).count();
    let names = (count + 1..).map(|n| format!("{} {n}", kind.name()));
    names.into_iter().find(|name| !is_used(name)).expect("numbers do not end")
}
