//! How the window looked when a view was kept, beyond what the case says: the cut, the rendered volume, the layout.
//!
//! The case carries it and knows the fields objects were coloured by; the rest is the window's and only the window reads
//! it.

use crate::base::{ContentHasher, NodeId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most bytes the window's part may have, as JSON.
pub const LOOK_BYTES_MAX: usize = 1 << 18;

/// How the window looked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ViewLook {
    /// The version of the window's part; 1 is the first. A window leaves out what it does not know.
    pub version: u32,
    /// What objects were coloured by.
    #[serde(default)]
    pub fields: Vec<ShownField>,
    /// The window's part: an object of JSON.
    pub window: Value,
}

/// What an object was coloured by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownField {
    /// Which.
    pub node: NodeId,
    /// The name of the field; its own colour for `None`.
    pub field: Option<String>,
}

impl ViewLook {
    /// Whether it can be kept.
    ///
    /// # Errors
    /// A sentence with the number that is wrong, and its limit.
    pub fn check(&self) -> Result<(), String> {
        if self.version == 0 {
            return Err("the look of a saved view has the version 0; 1 is the first".into());
        }
        if !self.window.is_object() {
            return Err("the look of a saved view is no object of JSON".into());
        }
        let bytes = self.window.to_string().len();
        if LOOK_BYTES_MAX < bytes {
            return Err(format!("the look of a saved view has {bytes} bytes; {LOOK_BYTES_MAX} is the limit"));
        }
        Ok(())
    }

    /// What an object was coloured by, if that is known.
    pub fn field_of(&self, node: NodeId) -> Option<&Option<String>> {
        self.fields.iter().find(|shown| shown.node == node).map(|shown| &shown.field)
    }

    pub(super) fn hash_into(&self, hasher: &mut ContentHasher) {
        let Self { version, fields, window } = self;
        hasher.number(u64::from(*version)).number(fields.len() as u64);
        for ShownField { node, field } in fields {
            hasher.number(u64::from(node.0)).number(u64::from(field.is_some())).text(field.as_deref().unwrap_or(""));
        }
        hasher.text(&window.to_string());
    }

    /// Memory in bytes, about.
    pub(super) fn bytes(&self) -> usize {
        self.window.to_string().len() + self.fields.len() * size_of::<ShownField>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ContentHash;
    use serde_json::json;

    fn look() -> ViewLook {
        let fields = vec![ShownField { node: NodeId(3), field: Some("speed".into()) }];
        ViewLook { version: 1, fields, window: json!({ "labels": true, "range": [0.1, 0.30000000000000004] }) }
    }

    fn hash(look: &ViewLook) -> ContentHash {
        let mut hasher = ContentHasher::default();
        look.hash_into(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn the_hash_follows_every_part_and_stays_through_json() {
        let one = look();
        let text = serde_json::to_string(&one).unwrap();
        let again: ViewLook = serde_json::from_str(&text).unwrap();
        assert_eq!((&again, hash(&again)), (&one, hash(&one)));
        let others = [
            ViewLook { version: 2, ..look() },
            ViewLook { fields: Vec::new(), ..look() },
            ViewLook { fields: vec![ShownField { node: NodeId(3), field: None }], ..look() },
            ViewLook { window: json!({ "labels": false }), ..look() },
        ];
        assert!(others.iter().all(|other| hash(other) != hash(&one)));
    }

    #[test]
    fn what_is_no_look_is_refused_with_the_number() {
        assert_eq!(look().check(), Ok(()));
        assert!(ViewLook { version: 0, ..look() }.check().unwrap_err().contains("version 0"));
        assert!(ViewLook { window: json!([1]), ..look() }.check().is_err());
        let long = json!({ "text": "x".repeat(LOOK_BYTES_MAX) });
        assert!(ViewLook { window: long, ..look() }.check().unwrap_err().contains("262144"));
    }
}
