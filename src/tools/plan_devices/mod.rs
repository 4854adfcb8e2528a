//! `plan.devices`: devices of ablation from a table of one's own.

use crate::base::NodeId;
use crate::io::file::read_bytes;
use crate::plan::ablation::table::read_own;
use crate::plan::{Plan, refuse};
use crate::session::{Case, CommandError, Kind, ParamSpec, Step, Task, Tool};
use crate::tools::shared::plans::{self, Ingredients, PLAN, bad};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// No table of devices is larger.
const BYTES_MAX: u64 = 4 << 20;

/// Devices from a table.
#[derive(Debug)]
pub struct PlanDevices;

/// Parameters of [`PlanDevices`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Params {
    plan: NodeId,
    path: Option<PathBuf>,
    remove: Option<String>,
}

impl Tool for PlanDevices {
    const ID: &'static str = "plan.devices";
    const LABEL: &'static str = "Devices from a table…";
    const HELP: &'static str = "Bring the figures of your own ablation devices into a plan: a CSV file with a line for each dose. They are stored in the plan and offered beside the built-in ones.";
    const STEP: Step = Step::Plan;
    const PARAMS: &'static [ParamSpec] = &[
        PLAN,
        ParamSpec::with(
            "path",
            Kind::Path,
            "",
            "null",
            "the table: its first line names the columns id, name, kind (microwave, rf or cryo), power_w, minutes, long_mm, short_mm, behind_tip_mm and source; a device of the plan with the same id is replaced",
        ),
        ParamSpec::with(
            "remove",
            Kind::Text,
            "",
            "null",
            "ids of devices that are taken out of the plan, with commas; 'all' for all",
        ),
    ];
    type Params = Params;

    fn prepare(case: &Case, params: Params) -> Result<Task, CommandError> {
        let Params { plan: id, path, remove } = params;
        let (old, was) = plans::plan_of(case, id)?;
        let mut plan = Plan::clone(&was);
        if path.is_none() && remove.is_none() {
            return Err(bad("there is nothing to do; give the path of a table, or remove"));
        }
        for one in remove.iter().flat_map(|text| text.split(',')).map(str::trim) {
            let before = plan.devices.len();
            plan.devices.retain(|device| one != "all" && device.id != one);
            if before == plan.devices.len() {
                if plan.devices.is_empty() {
                    return Err(bad("the plan brings no devices of its own, so none can be taken out"));
                }
                let own = plan.devices.iter().map(|device| device.id.as_str()).collect::<Vec<_>>().join(", ");
                return Err(bad(format!("the plan brings no device '{one}'; it brings: {own}")));
            }
        }
        let names: BTreeMap<_, _> =
            plan.structures().into_iter().map(|structure| (structure, plans::name_of(case, structure))).collect();
        let ingredients = Ingredients::of(case, &plan)?;
        Ok(Box::new(move |progress| {
            if let Some(path) = &path {
                let bytes = read_bytes(path, BYTES_MAX);
                let bytes = bytes.map_err(|error| bad(format!("the table cannot be read: {error}")))?;
                let text = String::from_utf8(bytes);
                let text = text.map_err(|_| bad("the table is no text in UTF-8; save it as CSV in UTF-8"))?;
                for device in read_own(&text).map_err(|error| bad(error.to_string()))? {
                    plan.devices.retain(|own| own.id != device.id);
                    plan.devices.push(device);
                }
            }
            if plan == *was {
                return Err(bad("there is nothing to change; the plan brings these devices already"));
            }
            let name = |structure| names.get(&structure).cloned().unwrap_or_default();
            refuse::plan(&plan, name).map_err(bad)?;
            // An ablation whose device or dose is gone by this is said before anything changes.
            let scene = ingredients.scene(&mut BTreeMap::new(), progress)?;
            for named in &plan.actions {
                let problem = |why| plans::refused(&named.name, why);
                refuse::deed(&plan, &named.action, &scene, progress).map_err(problem)?;
            }
            let count = plan.devices.len();
            let edit = plans::replaced(format!("devices of {}", old.name), id, &old, plan);
            Ok(edit.say(format!("the plan brings {count} devices of its own")))
        }))
    }
}

#[cfg(test)]
mod tests;
