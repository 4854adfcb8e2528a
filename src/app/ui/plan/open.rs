//! Which plan is meant, and what makes room for its panel.

use super::Planning;
use crate::app::ui::workspace::Workspace;
use crate::base::NodeId;
use crate::session::{Case, NodeKind, Step};

impl Workspace {
    /// The panel of this plan, of the selected one, or of the newest.
    pub(in crate::app::ui) fn plan_meant(&self, plan: Option<NodeId>, case: &Case) -> Option<Planning> {
        let is_plan = |id: &NodeId| case.node(*id).is_some_and(|node| node.data.kind() == NodeKind::Plan);
        let newest = || case.plans().last().map(|(id, ..)| id);
        let meant = plan.or_else(|| self.selected.filter(is_plan)).or_else(newest)?;
        Planning::new(meant, case)
    }

    /// Open the panel of a plan in place of what was open.
    pub(in crate::app::ui) fn open_plan(&mut self, plan: Planning) {
        if self.operate.is_some() {
            return;
        }
        (self.form, self.flow_setup, self.editor, self.circulation) = (None, None, None, None);
        if let Some(volume) = &mut self.volume {
            volume.open = false;
        }
        (self.step, self.selected) = (Step::Plan, Some(plan.node));
        // The panel of the plan that is open keeps what it knows.
        if self.planning.as_ref().is_none_or(|own| own.node != plan.node) {
            self.planning = Some(plan);
        }
    }
}
