//! The panel that sets up a flow in a lumen: what flows, its openings, what it will cost; and how it looks while it is
//! computed.
//!
//! It holds the form of `simulate.flow` and only says what is wanted; `app/view/flow_setup` looks for openings beside the
//! window and shows the flow of the job that runs.

mod live;
mod marks;
mod openings;
mod panel;

use super::form::{Form, is_segment, segment_value, segments};
use crate::base::{JobId, NodeId};
use crate::flow::Stage;
use crate::image::Segment;
use crate::session::{Case, Node, NodeKind, ToolEntry};
use crate::tools::simulate_flow::{OpeningChange, Prospect};
use serde_json::{Value, json};

/// Fields that can colour the flow while it is computed.
pub const FIELDS: [&str; 3] = ["pressure", "wall shear stress", "speed near the wall"];

/// Words in the names of segments that something flows through.
const LUMENS: [&str; 9] = ["lumen", "aorta", "artery", "vessel", "vein", "airway", "trachea", "bronch", "cava"];

/// What the panel wants, and what is known of it.
#[derive(Debug)]
pub struct FlowSetup {
    pub(super) form: Form,
    /// What the flow with the parameters of the form will be, or why it cannot; none while that is looked for.
    pub answer: Option<Result<Prospect, String>>,
    /// The flow in the same segmentation that is being computed.
    pub live: Option<Live>,
    /// The field that colours it.
    pub field: &'static str,
    /// The opening under the mouse in the list.
    pointed: Option<usize>,
}

/// How a flow that is being computed stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    /// Its job.
    pub job: JobId,
    /// What it showed last; none before it showed anything.
    pub stage: Option<Stage>,
    /// Pressure drops it showed, Pa, oldest first.
    pub drops_pa: Vec<f64>,
}

impl FlowSetup {
    /// The panel around a form of `simulate.flow`.
    pub(super) fn new(mut form: Form, case: &Case, segment_is_given: bool) -> Self {
        let segments = segments(&form, case);
        let is_lumen = |segment: &&Segment| LUMENS.iter().any(|word| segment.name.to_lowercase().contains(word));
        let spec = form.tool.params.iter().find(|spec| is_segment(spec));
        if let (false, Some(spec), Some(lumen)) = (segment_is_given, spec, segments.iter().find(is_lumen)) {
            form.set(spec.name, segment_value(spec, lumen));
        }
        Self { form, answer: None, live: None, field: FIELDS[0], pointed: None }
    }

    /// What is filled in.
    pub fn params(&self) -> Value {
        self.form.params()
    }

    /// The segmentation the lumen is a segment of.
    pub fn labels(&self) -> Option<NodeId> {
        self.form.value("labels").as_u64().map(|id| NodeId(id as u32))
    }

    /// Whether `node` lies where the flow of the running job is shown: a surface, centre lines or a result of the same
    /// segmentation.
    pub fn covers(&self, node: &Node) -> bool {
        let shows = self.live.as_ref().is_some_and(|live| live.stage.is_some());
        let lies_there = matches!(node.data.kind(), NodeKind::Surface | NodeKind::Flow | NodeKind::Lines);
        shows && lies_there && node.source.is_some() && node.source == self.labels()
    }

    /// The tool it is about.
    pub(super) fn tool(&self) -> &'static ToolEntry {
        self.form.tool
    }

    /// Whether it is air that flows.
    pub fn is_air(&self) -> bool {
        match self.form.value("fluid").as_str() {
            Some(fluid) => fluid == "air",
            None => self.form.value("vessel") == "airway" || self.form.value("waveform") == "breathing",
        }
    }

    /// The name of the segment that is the lumen.
    fn lumen(&self, case: &Case) -> String {
        let segments = segments(&self.form, case);
        let chosen = self.form.value("segment").as_u64();
        let found = segments.iter().find(|segment| chosen.is_none_or(|id| u64::from(segment.id.0) == id));
        found.map_or_else(|| "the lumen".into(), |segment| segment.name.clone())
    }

    fn changes(&self) -> Vec<OpeningChange> {
        serde_json::from_value(self.form.value("openings").clone()).unwrap_or_default()
    }

    fn set_changes(&mut self, changes: &[OpeningChange]) {
        self.form.set("openings", json!(changes));
    }
}
