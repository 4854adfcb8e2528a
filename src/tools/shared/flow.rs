//! A computed flow among the parameters of a tool: the result, what flows in it, and the other moments of its beat.

use crate::base::NodeId;
use crate::flow::{FlowResult, Fluid};
use crate::session::{Case, CommandError, Data, Node, NodeKind};
use std::sync::Arc;

/// The fact that tells when in its beat a flow is.
pub(in crate::tools) const MOMENT: &str = "time in the beat";
/// The fact that only the mean over a beat has.
const PERIOD: &str = "period";

/// A flow of the case.
pub(in crate::tools) struct Flow {
    /// Its node.
    pub node: Arc<Node>,
    /// What was computed.
    pub result: Arc<FlowResult>,
    /// What flows.
    pub fluid: Fluid,
}

/// The flow with this number.
///
/// # Errors
/// [`CommandError::BadParams`] saying what is there instead.
pub(in crate::tools) fn flow(case: &Case, id: NodeId) -> Result<Flow, CommandError> {
    let node = Arc::clone(case.expect_kind(id, NodeKind::Flow)?);
    let Data::Flow(result) = &node.data else { unreachable!("the kind was checked") };
    Ok(Flow { result: Arc::clone(result), fluid: fluid_of(&node), node })
}

/// What flows in a result: as its command said.
pub(in crate::tools) fn fluid_of(node: &Node) -> Fluid {
    let said = |name: &str| node.made_by()?.params.get(name)?.as_str().map(str::to_owned);
    match (said("fluid").as_deref(), said("rheology").as_deref()) {
        (Some("air"), _) => Fluid::air(),
        (None, _) if said("vessel").as_deref() == Some("airway") => Fluid::air(),
        (None, _) if said("waveform").as_deref() == Some("breathing") => Fluid::air(),
        (_, Some("carreau-yasuda")) => Fluid::thinning_blood(),
        (_, Some("casson")) => Fluid::casson_blood(),
        _ => Fluid::blood(),
    }
}

/// The moments of the beat that a flow belongs to, with their times in s, in order; none for steady flow. All have the
/// cells of the flow.
pub(in crate::tools) fn moments(case: &Case, id: NodeId) -> Vec<(f64, Arc<FlowResult>)> {
    let Some(own) = case.node(id) else { return Vec::new() };
    let Data::Flow(result) = &own.data else { return Vec::new() };
    let is_kin = |node: &Node| matches!(node.data, Data::Flow(_)) && node.made_by() == own.made_by();
    let kin: Vec<(NodeId, &Arc<Node>)> = case.nodes().filter(|(_, node)| is_kin(node)).collect();
    // The same command may have run twice: the moments of a beat follow its mean.
    let is_mean = |node: &Node| node.summary.value(PERIOD).is_some();
    let place = kin.iter().position(|(other, _)| *other == id).unwrap_or(0);
    let from = kin[..=place].iter().rposition(|(_, node)| is_mean(node)).unwrap_or(0);
    let until = kin[place + 1..].iter().position(|(_, node)| is_mean(node)).map_or(kin.len(), |n| place + 1 + n);
    let moment = |(_, node): &(NodeId, &Arc<Node>)| match &node.data {
        Data::Flow(other) if other.cells == result.cells => {
            node.summary.value(MOMENT).map(|time_s| (time_s, Arc::clone(other)))
        }
        _ => None,
    };
    let mut moments: Vec<(f64, Arc<FlowResult>)> = kin[from..until].iter().filter_map(moment).collect();
    moments.sort_by(|a, b| a.0.total_cmp(&b.0));
    moments
}
