//! A session with words for tests.

use prosector::base::{NodeId, Progress};
use prosector::session::{Case, Command, CommandError, Outcome, Session};
use prosector::tools::TOOLS;
use serde_json::{Value, json};

/// A session that speaks the user's language.
pub struct Desk(pub Session);

impl Desk {
    pub fn new() -> Self {
        Self(Session::new(TOOLS))
    }

    pub fn try_run(&mut self, tool: &str, params: Value) -> Result<Outcome, CommandError> {
        self.0.run(Command::new(tool, params), &Progress::default())
    }

    pub fn run(&mut self, tool: &str, params: Value) -> Vec<NodeId> {
        self.try_run(tool, params).unwrap_or_else(|error| panic!("{tool}: {error}")).added
    }

    /// A small vessel in a block: scan and known truth.
    pub fn vessel(&mut self) -> [NodeId; 2] {
        let added = self.run("scan.phantom", json!({ "kind": "vessel", "spacing_mm": 1.0 }));
        [added[0], added[1]]
    }

    pub fn threshold(&mut self, scan: NodeId, low_hu: i64) -> NodeId {
        self.run("segment.threshold", json!({ "scan": scan, "low_hu": low_hu }))[0]
    }

    pub fn hash(&self) -> String {
        self.0.content_hash().to_hex()
    }

    pub fn case(&self) -> &Case {
        self.0.case()
    }
}

/// What a program printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
