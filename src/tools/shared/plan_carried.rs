//! What a plan names and what did not follow its deformed organ: carried with it when the plan is scored.

use crate::base::{NodeId, Progress};
use crate::biomech::TissueResult;
use crate::plan::Plan;
use crate::session::{Case, CommandError, Data};
use crate::tools::simulate_follow::{Behind, followed};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// What carried objects may take together between commands; the one used last is always kept.
const BYTES_MAX: usize = 768 << 20;

/// The last used objects, each under its content and that of the organ it was carried by, the newest first.
static SHELF: Mutex<Vec<([String; 2], Data)>> = Mutex::new(Vec::new());

/// A deformed organ that carries what was at rest.
#[derive(Debug, Clone)]
pub(super) struct Carrier {
    pub(super) by: NodeId,
    /// Its content.
    pub(super) content: String,
    result: Arc<TissueResult>,
    /// What is at rest.
    rest: BTreeSet<NodeId>,
}

impl Carrier {
    /// The organ that `plan` was moved with, and what of the objects it names did not follow it; none if all did, or the organ
    /// is gone.
    pub(super) fn of(case: &Case, plan: &Plan) -> Option<Self> {
        let by = plan.moved_by?;
        let organ = case.node(by)?;
        let Data::Tissue(result) = &organ.data else { return None };
        let is_at_rest = |id: &NodeId| !case.node(*id).is_some_and(|node| super::plans::follows(node, by));
        let own = plan.structures().into_iter().map(|structure| structure.node).chain(plan.scan);
        let rest: BTreeSet<NodeId> = own.filter(is_at_rest).collect();
        let (content, result) = (organ.hash().to_hex(), Arc::clone(result));
        (!rest.is_empty()).then_some(Self { by, content, result, rest })
    }

    /// Whether it carries this object.
    pub(super) fn carries(&self, id: NodeId) -> bool {
        self.rest.contains(&id)
    }

    /// `data` of this content where the organ carried it.
    ///
    /// # Errors
    /// [`CommandError::Cancelled`] if `progress` was cancelled.
    pub(super) fn carried(&self, data: &Data, content: &str, progress: &Progress) -> Result<Data, CommandError> {
        let shelf = || SHELF.lock().unwrap_or_else(PoisonError::into_inner);
        let key = [content.to_owned(), self.content.clone()];
        let known = {
            let mut shelf = shelf();
            let at = shelf.iter().position(|(own, _)| *own == key);
            at.map(|at| {
                let found = shelf.remove(at);
                shelf.insert(0, found);
                shelf[0].1.clone()
            })
        };
        if let Some(data) = known {
            return Ok(data);
        }
        let moved = match followed(data, &self.result, Behind::Gas, progress) {
            Ok((moved, _)) => moved,
            // An image that the organ does not reach stays as it is.
            Err(CommandError::Failed(_)) => data.clone(),
            Err(error) => return Err(error),
        };
        let mut shelf = shelf();
        shelf.insert(0, (key, moved.clone()));
        let mut bytes = 0;
        let fits = shelf.iter().position(|(_, data)| {
            bytes += data.bytes();
            BYTES_MAX < bytes
        });
        let count = fits.unwrap_or(shelf.len()).max(1);
        shelf.truncate(count);
        Ok(moved)
    }
}
