//! The case: everything known of one patient in this session, as a value.

use super::{Change, Command, CommandError, Data, Edit};
use crate::base::{ContentHash, ContentHasher, NodeId, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a node is shown; never part of its data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Display {
    /// Whether it is shown at all.
    pub visible: bool,
    /// Colour, sRGB, where the data has none of its own.
    pub colour: [u8; 3],
    /// 0 is invisible, 1 hides what lies behind.
    pub opacity: f32,
    /// The field it is coloured by; `None` for its own colour.
    pub field: Option<String>,
}

impl Default for Display {
    fn default() -> Self {
        Self { visible: true, colour: [200, 200, 200], opacity: 1.0, field: None }
    }
}

/// One thing in a case.
#[derive(Debug, Clone)]
pub struct Node {
    /// What the user calls it.
    pub name: String,
    /// What it holds.
    pub data: Data,
    /// How it is shown.
    pub display: Display,
    /// What it says of itself.
    pub summary: Summary,
    /// The node it was made from.
    pub source: Option<NodeId>,
    hash: ContentHash,
    made_by: Option<Arc<Command>>,
}

impl Node {
    /// A node; hashes the data, so call it where the data was computed and not on the main thread.
    pub fn new(name: impl Into<String>, data: Data) -> Self {
        let hash = data.content_hash();
        let (display, summary) = (Display::default(), Summary::default());
        Self { name: name.into(), data, display, summary, source: None, hash, made_by: None }
    }

    /// This node with an account of itself.
    #[must_use]
    pub fn with_summary(mut self, summary: Summary) -> Self {
        self.summary = summary;
        self
    }

    /// This node, made from `source`.
    #[must_use]
    pub fn from_source(mut self, source: NodeId) -> Self {
        self.source = Some(source);
        self
    }

    /// This node shown in `colour` with `opacity`.
    #[must_use]
    pub fn shown(mut self, colour: [u8; 3], opacity: f32) -> Self {
        self.display.colour = colour;
        self.display.opacity = opacity;
        self
    }

    /// This node coloured by the field called `field`.
    #[must_use]
    pub fn coloured_by(mut self, field: &str) -> Self {
        self.display.field = Some(field.to_owned());
        self
    }

    /// This node, not shown at first.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.display.visible = false;
        self
    }

    /// The hash of the data: the node's revision.
    pub fn hash(&self) -> ContentHash {
        self.hash
    }

    /// The command that made or last changed it.
    pub fn made_by(&self) -> Option<&Command> {
        self.made_by.as_deref()
    }

    /// This node as made by `command`; for readers of case files.
    #[must_use]
    pub fn made_by_command(mut self, command: Option<Command>) -> Self {
        self.made_by = command.map(Arc::new);
        self
    }
}

/// Everything known of one patient, as a value. Cloning costs a pointer.
#[derive(Debug, Clone, Default)]
pub struct Case {
    nodes: Arc<BTreeMap<NodeId, Arc<Node>>>,
    /// The id the next node gets; ids are never used twice.
    next_id: u32,
}

impl Case {
    /// All nodes in the order they were made.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = (NodeId, &Arc<Node>)> {
        self.nodes.iter().map(|(id, node)| (*id, node))
    }

    /// One node.
    pub fn node(&self, id: NodeId) -> Option<&Arc<Node>> {
        self.nodes.get(&id)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The id the next node will get.
    pub fn next_id(&self) -> NodeId {
        NodeId(self.next_id + 1)
    }

    /// A case from stored nodes.
    pub fn from_nodes(nodes: impl IntoIterator<Item = (NodeId, Node)>) -> Self {
        let nodes: BTreeMap<_, _> = nodes.into_iter().map(|(id, node)| (id, Arc::new(node))).collect();
        let next_id = nodes.keys().next_back().map_or(0, |id| id.0);
        Self { nodes: Arc::new(nodes), next_id }
    }

    /// This case whose next node gets the id `next` or a later one: ids of removed nodes are not given again.
    #[must_use]
    pub fn with_next_id(mut self, next: Option<NodeId>) -> Self {
        self.next_id = next.map_or(self.next_id, |next| self.next_id.max(next.0.saturating_sub(1)));
        self
    }

    /// This case with `edit` applied whole, and the ids of the nodes it added.
    ///
    /// # Errors
    /// [`CommandError::Stale`] if the edit was computed from data that changed or vanished since; nothing is applied then.
    pub fn with(&self, edit: &Edit, command: &Command) -> Result<(Self, Vec<NodeId>), CommandError> {
        let mut nodes = BTreeMap::clone(&self.nodes);
        let mut next_id = self.next_id;
        let mut added = Vec::new();
        let made_by = Some(Arc::new(command.clone()));
        let stale = |id: &NodeId| CommandError::Stale(*id);
        for change in &edit.changes {
            match change {
                Change::Add(node) => {
                    next_id += 1;
                    let source = node.source.or_else(|| edit.source_of(&added));
                    // Sources lead back to older nodes, so whoever follows them comes to an end.
                    let source = source.filter(|source| source.0 < next_id && nodes.contains_key(source));
                    let node = Node { made_by: made_by.clone(), source, ..Node::clone(node) };
                    nodes.insert(NodeId(next_id), Arc::new(node));
                    added.push(NodeId(next_id));
                }
                Change::Replace { id, was, node } => {
                    let old = nodes.get(id).filter(|old| old.hash == *was).ok_or_else(|| stale(id))?;
                    let node = Node { made_by: made_by.clone(), source: old.source, ..Node::clone(node) };
                    nodes.insert(*id, Arc::new(node));
                }
                Change::Remove(id) => {
                    nodes.remove(id).ok_or_else(|| stale(id))?;
                }
                Change::Rename { id, name } => {
                    let old = nodes.get(id).ok_or_else(|| stale(id))?;
                    let node = Node { name: name.clone(), ..Node::clone(old) };
                    nodes.insert(*id, Arc::new(node));
                }
                Change::Show { id, display } => {
                    let old = nodes.get(id).ok_or_else(|| stale(id))?;
                    let node = Node { display: display.clone(), ..Node::clone(old) };
                    nodes.insert(*id, Arc::new(node));
                }
                Change::Hide { id, was } => {
                    if let Some(old) = nodes.get(id).filter(|old| old.hash == *was && old.display.visible) {
                        let display = Display { visible: false, ..old.display.clone() };
                        let node = Node { display, ..Node::clone(old) };
                        nodes.insert(*id, Arc::new(node));
                    }
                }
            }
        }
        Ok((Self { nodes: Arc::new(nodes), next_id }, added))
    }

    /// The hash of all that a user can see or use: ids, names, data, display. Summaries hold run times and are left out.
    pub fn content_hash(&self) -> ContentHash {
        let mut hasher = ContentHasher::default();
        for (id, node) in self.nodes() {
            let Display { visible, colour, opacity, field } = &node.display;
            hasher.number(u64::from(id.0)).text(&node.name).text(&node.hash.to_hex());
            hasher.number(node.source.map_or(0, |source| u64::from(source.0)));
            hasher.number(u64::from(*visible)).array(colour).real(f64::from(*opacity));
            hasher.text(field.as_deref().unwrap_or(""));
        }
        hasher.finish()
    }
}
