//! Another case beside this one: what it is, whether it is there, and in what the two differ.

use super::super::layouts::StoredLayout;
use super::super::measures::Measures;
use crate::base::StateId;
use crate::session::{Case, Difference};
use std::path::PathBuf;

/// What this case is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompareWith {
    /// A case file, which is only read.
    File(PathBuf),
    /// Another state of the history.
    State(StateId),
}

/// How far the other case is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// It is being read.
    Loading,
    /// It is shown.
    Ready,
    /// Why there is none.
    Failed(String),
}

/// A comparison.
#[derive(Debug)]
pub struct Compare {
    /// With what.
    pub with: CompareWith,
    /// What the other side is called.
    pub name: String,
    /// How far it is.
    pub loaded: Loaded,
    /// In what the two differ; empty until it is known.
    pub rows: Vec<Difference>,
    /// The other case, once it is there; it is only looked at.
    pub case: Option<Case>,
    /// The measures of the other case, once it is there; they are only looked at.
    pub measures: Option<Measures>,
    /// Whether the table leaves out what is the same on both sides.
    pub hides_same: bool,
    /// How the views were arranged before.
    pub(super) before: Option<StoredLayout>,
}

impl Compare {
    pub(super) fn new(with: CompareWith) -> Self {
        let name = match &with {
            CompareWith::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
            CompareWith::State(_) => None,
        };
        Self {
            with,
            name: name.unwrap_or_default(),
            loaded: Loaded::Loading,
            rows: Vec::new(),
            case: None,
            measures: None,
            hides_same: false,
            before: None,
        }
    }
}
