//! A computed flow among the parameters of a tool: the result, what flows in it, and the other moments of its beat.

use crate::base::NodeId;
use crate::flow::{FlowResult, Fluid};
use crate::session::{Case, CommandError, Data, Node, NodeKind};
use std::sync::Arc;

/// The fact that tells when in its beat a flow is.
pub(in crate::tools) const MOMENT: &str = "time in the beat";
/// The fact that only the mean over a beat has.
const PERIOD: &str = "period";

/// The tool whose results are the flow that carries, with what it carries.
const TRANSPORT: &str = "simulate.transport";

/// A flow of the case.
pub(in crate::tools) struct Flow {
    /// Its node.
    pub node: Arc<Node>,
    /// What was computed.
    pub result: Arc<FlowResult>,
    /// What flows.
    pub fluid: Fluid,
    /// Whether it is the mean over a beat.
    pub is_mean: bool,
}

/// The flow with this number.
///
/// # Errors
/// [`CommandError::BadParams`] saying what is there instead.
pub(in crate::tools) fn flow(case: &Case, id: NodeId) -> Result<Flow, CommandError> {
    let node = Arc::clone(case.expect_kind(id, NodeKind::Flow)?);
    let Data::Flow(result) = &node.data else { unreachable!("the kind was checked") };
    let (_, made) = origin(case, id)?;
    let is_mean = made.summary.value(PERIOD).is_some();
    Ok(Flow { result: Arc::clone(result), fluid: said_fluid(&made), is_mean, node })
}

/// What flows in the flow with this number.
///
/// # Errors
/// [`CommandError`] as of [`origin`].
pub(in crate::tools) fn fluid_of(case: &Case, id: NodeId) -> Result<Fluid, CommandError> {
    Ok(said_fluid(&origin(case, id)?.1))
}

/// The flow that was computed: the one with this number, or where that shows what a flow carries, the flow that carried it.
///
/// # Errors
/// [`CommandError::BadParams`] if there is no such flow, or what carried it was removed.
pub(in crate::tools) fn origin(case: &Case, id: NodeId) -> Result<(NodeId, Arc<Node>), CommandError> {
    let (mut id, mut node) = (id, case.expect_kind(id, NodeKind::Flow)?);
    while node.made_by().is_some_and(|command| command.tool == TRANSPORT) {
        let carrier = node.source.filter(|source| case.node(*source).is_some());
        id = carrier.ok_or_else(|| {
            let name = &node.name;
            CommandError::BadParams(format!(
                "the flow that '{name}' was carried by was removed, so what flows is not known; bring it back, or choose another flow"
            ))
        })?;
        node = case.expect_kind(id, NodeKind::Flow)?;
    }
    Ok((id, Arc::clone(node)))
}

/// Air, or blood with the rheology that its command names.
pub(in crate::tools) fn fluid(is_air: bool, rheology: &str) -> Fluid {
    match rheology {
        _ if is_air => Fluid::air(),
        "carreau-yasuda" => Fluid::thinning_blood(),
        "casson" => Fluid::casson_blood(),
        _ => Fluid::blood(),
    }
}

/// What flows in a computed flow: as its command said.
fn said_fluid(node: &Node) -> Fluid {
    let said = |name: &str| node.made_by().and_then(|made| made.params.get(name)?.as_str());
    let breathes = said("vessel") == Some("airway") || said("waveform") == Some("breathing");
    fluid(said("fluid").map_or(breathes, |word| word == "air"), said("rheology").unwrap_or_default())
}

/// The beat of a pulsating flow.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "app"), allow(dead_code))]
pub(crate) struct Beat {
    /// How long it takes, s.
    pub(crate) period_s: f64,
    /// Its moments, with their times in s, in order: at least two.
    pub(crate) moments: Vec<(f64, Arc<FlowResult>)>,
}

/// The beat that the flow with this number belongs to; none for steady flow, and where no moments of it were kept.
#[cfg_attr(not(feature = "app"), allow(dead_code))]
pub(crate) fn beat(case: &Case, id: NodeId) -> Option<Beat> {
    let moments = moments(case, id);
    let (id, own) = origin(case, id).ok()?;
    // A moment tells no period: the mean of its beat does, which stands before it.
    let kin = case.nodes().filter(|(other, node)| *other <= id && node.made_by() == own.made_by());
    let period_s = kin.filter_map(|(_, node)| node.summary.value(PERIOD)).next_back().filter(|period| 0.0 < *period)?;
    (2 <= moments.len()).then_some(Beat { period_s, moments })
}

/// The moments of the beat that a flow belongs to, with their times in s, in order; none for steady flow. All have the
/// cells of the flow.
pub(in crate::tools) fn moments(case: &Case, id: NodeId) -> Vec<(f64, Arc<FlowResult>)> {
    let Ok((id, own)) = origin(case, id) else { return Vec::new() };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Summary;
    use crate::flow::Cells;
    use crate::geom::{Grid, Point};
    use crate::mesh::shapes::cuboid;
    use crate::session::Command;
    use serde_json::json;

    fn flow(summary: Summary) -> Node {
        let grid = Grid::aligned([2; 3], Point::origin(), [1.0; 3]).unwrap();
        let cells = Arc::new(Cells::from_offsets(grid, &[0, 1, 2, 3, 4, 5, 6, 7]).unwrap());
        let result = FlowResult {
            cells,
            velocity_m_s: Arc::new(vec![[0.0; 3]; 8]),
            pressure_pa: Arc::new(vec![0.0; 8]),
            stress_pa: Arc::new(vec![[0.0; 6]; 8]),
            wall: cuboid([1.0; 3]),
            wall_fields: Vec::new(),
            openings: Vec::new(),
            streamlines: Arc::new(Vec::new()),
        };
        let made = Command::new("simulate.flow", json!({ "waveform": "aorta" }));
        Node::new("Blood", Data::Flow(Arc::new(result))).with_summary(summary).made_by_command(Some(made))
    }

    #[test]
    fn a_beat_is_that_of_its_mean_and_steady_flow_has_none() {
        let mean = |period_s| flow(Summary::default().fact(PERIOD, period_s, "s"));
        let moment = |time_s| flow(Summary::default().fact(MOMENT, time_s, "s"));
        // The same command ran twice: two beats.
        let nodes = [mean(0.8), moment(0.4), moment(0.0), mean(1.0), moment(0.5), moment(0.25), moment(0.75)];
        let case = Case::from_nodes((1..).map(NodeId).zip(nodes));
        for (id, period_s, times) in
            [(1, 0.8, vec![0.0, 0.4]), (3, 0.8, vec![0.0, 0.4]), (6, 1.0, vec![0.25, 0.5, 0.75])]
        {
            let beat = beat(&case, NodeId(id)).expect("its moments are there");
            let found: Vec<f64> = beat.moments.iter().map(|(time_s, _)| *time_s).collect();
            assert_eq!((beat.period_s, found), (period_s, times), "{id}");
        }
        let steady = Case::from_nodes([(NodeId(1), flow(Summary::default()))]);
        assert!(beat(&steady, NodeId(1)).is_none());
        let alone = Case::from_nodes([(NodeId(1), mean(0.8)), (NodeId(2), moment(0.4))]);
        assert!(beat(&alone, NodeId(1)).is_none(), "one moment is no film");
    }
}
