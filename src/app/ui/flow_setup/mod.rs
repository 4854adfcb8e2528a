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
use crate::base::i18n::tr;
use crate::base::{JobId, NodeId};
use crate::flow::Stage;
use crate::image::Segment;
use crate::session::{Case, JobStatus, Node, NodeKind, ToolEntry};
use crate::tools::simulate_flow::{OpeningChange, Place, Prospect};
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
    /// The openings of the last answer that had any.
    places: Vec<Place>,
    /// The opening under the mouse in the list.
    pointed: Option<usize>,
}

/// How a flow that is being computed stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    /// Its job.
    pub job: JobId,
    /// Whether it waits for another to end.
    pub waiting: bool,
    /// The segment it flows in, if its command names one.
    pub segment: Option<u64>,
    /// Whether it is air that flows.
    pub is_air: bool,
    /// What it showed last; none before it showed anything.
    pub stage: Option<Stage>,
    /// Pressure drops it showed, Pa, oldest first.
    pub drops_pa: Vec<f64>,
}

impl Live {
    /// That of a job at its start.
    pub fn of(job: &JobStatus) -> Self {
        let word = |name: &str| job.command.params.get(name).and_then(Value::as_str);
        let breathes = word("vessel") == Some("airway") || word("waveform") == Some("breathing");
        let is_air = word("fluid").map_or(breathes, |fluid| fluid == "air");
        let segment = job.command.params.get("segment").and_then(Value::as_u64);
        Self { job: job.id, waiting: job.waiting, segment, is_air, stage: None, drops_pa: Vec::new() }
    }
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
        Self { form, answer: None, live: None, field: FIELDS[0], places: Vec::new(), pointed: None }
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
        let Some(live) = self.live.as_ref().filter(|live| live.stage.is_some()) else { return false };
        let of = node.made_by().and_then(|made| made.params.get("segment")?.as_u64());
        let shows = of.is_none() || live.segment.is_none() || of == live.segment;
        let lies_there = matches!(node.data.kind(), NodeKind::Surface | NodeKind::Flow | NodeKind::Lines);
        shows && lies_there && node.source.is_some() && node.source == self.labels()
    }

    /// Whether openings were changed by hand.
    pub(super) fn has_changes(&self) -> bool {
        self.form.value("openings").as_array().is_some_and(|all| !all.is_empty())
    }

    /// Whether a flow is shown while it is computed.
    pub(super) fn is_shown(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.stage.is_some())
    }

    /// The tool it is about.
    pub(super) fn tool(&self) -> &'static ToolEntry {
        self.form.tool
    }

    /// The name of the segment whose flow is computed.
    fn lumen(&self, case: &Case) -> String {
        let segments = segments(&self.form, case);
        let chosen = self.live.as_ref().and_then(|live| live.segment);
        let found = segments.iter().find(|segment| chosen.is_none_or(|id| u64::from(segment.id.0) == id));
        found.map_or_else(|| tr("flow-the-lumen").into(), |segment| segment.name.clone())
    }

    fn changes(&self) -> Vec<OpeningChange> {
        serde_json::from_value(self.form.value("openings").clone()).unwrap_or_default()
    }

    fn set_changes(&mut self, changes: &[OpeningChange]) {
        self.form.set("openings", json!(changes));
    }
}
