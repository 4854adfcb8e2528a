//! `export.network`: the network behind the flow of a tree, for svZeroDSolver and `prosector network`.

use super::simulate_network::{Params as TreeParams, SimulateNetwork};
use crate::base::NodeId;
use crate::io::file::write_whole;
use crate::session::{Case, CommandError, Data, Edit, Kind, NodeKind, ParamSpec, Step, Task, Tool};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// The network of vessels behind the flow of a tree.
#[derive(Debug)]
pub struct ExportNetwork;

/// Parameters of [`ExportNetwork`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    node: NodeId,
    path: PathBuf,
}

impl Tool for ExportNetwork {
    const ID: &'static str = "export.network";
    const LABEL: &'static str = "Export network…";
    const HELP: &'static str = "Write the network behind a flow of the whole tree as JSON that svZeroDSolver (SimVascular) and `prosector network` run, in SI units.";
    const STEP: Step = Step::Report;
    const PARAMS: &'static [ParamSpec] = &[
        ParamSpec::needed("node", Kind::Node(NodeKind::Surface), "", "the flow of a whole tree"),
        ParamSpec::needed("path", Kind::Path, "", "the file, ending in .json"),
    ];
    type Params = Params;

    fn prepare(case: &Case, Params { node, path }: Params) -> Result<Task, CommandError> {
        let tree = case.expect_kind(node, NodeKind::Surface)?;
        let command = tree.made_by().filter(|command| command.tool == SimulateNetwork::ID).ok_or_else(|| {
            let text = format!(
                "'{}' is not the flow of a whole tree; compute one first ({})",
                tree.name,
                SimulateNetwork::LABEL
            );
            CommandError::BadParams(text)
        })?;
        // What an older program did not ask for has its default.
        let lines = command.params["lines"].as_u64().and_then(|id| u32::try_from(id).ok()).unwrap_or(0);
        let mut params = serde_json::to_value(TreeParams::of(NodeId(lines))).unwrap_or_default();
        if let (Some(all), Some(given)) = (params.as_object_mut(), command.params.as_object()) {
            all.extend(given.clone());
        }
        let made: TreeParams = serde_json::from_value(params).map_err(|error| {
            CommandError::BadParams(format!("how '{}' was made cannot be read: {error}", tree.name))
        })?;
        let lines = case.expect_kind(made.lines, NodeKind::Lines)?;
        let Data::Lines(lines) = &lines.data else { unreachable!("the kind was checked") };
        let lines = Arc::clone(lines);
        Ok(Box::new(move |progress| {
            let network = made.network(&lines)?;
            progress.set(0.5)?;
            write_whole(&path, network.to_json().as_bytes()).map_err(|error| CommandError::failed(&error))?;
            let blocks = network.blocks().len();
            Ok(Edit::new("export network").say(format!("wrote a network of {blocks} blocks to {}", path.display())))
        }))
    }
}
