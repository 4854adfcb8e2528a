//! What the tools of saved views share.

use crate::session::{Case, CommandError, Data, NodeKind, SavedView};
use std::sync::Arc;

/// Longest note, characters.
const NOTE_MAX: usize = 2000;

/// `text` as the note of a view.
///
/// # Errors
/// [`CommandError::BadParams`] for one that is too long.
pub(in crate::tools) fn note(text: &str) -> Result<String, CommandError> {
    let text = text.trim();
    let count = text.chars().count();
    if NOTE_MAX < count {
        return Err(CommandError::BadParams(format!("the note has {count} characters; {NOTE_MAX} is the limit")));
    }
    Ok(text.to_owned())
}

/// `View 3`: the first number that no object has.
pub(in crate::tools) fn next_name(case: &Case) -> String {
    let is_used = |name: &String| case.nodes().any(|(_, node)| node.name == *name);
    let count = case.nodes().filter(|(_, node)| node.data.kind() == NodeKind::View).count();
    let names = (count + 1..).map(|n| format!("View {n}"));
    names.into_iter().find(|name| !is_used(name)).expect("numbers do not end")
}

/// The view in `node`.
///
/// # Errors
/// [`CommandError::BadParams`] if it is another kind of object or none.
pub(in crate::tools) fn view_of(case: &Case, node: crate::base::NodeId) -> Result<Arc<SavedView>, CommandError> {
    match &case.expect_kind(node, NodeKind::View)?.data {
        Data::View(view) => Ok(Arc::clone(view)),
        _ => unreachable!("the kind was checked"),
    }
}
