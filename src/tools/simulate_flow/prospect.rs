//! What a flow will be before it is computed: its openings and its cost, for whoever sets it up.

use super::Params;
use super::openings::Place;
use super::problem::affordable;
use crate::base::{ContentHash, Progress};
use crate::flow::{Cost, Found, Search};
use crate::image::LabelMap;
use crate::session::CommandError;
use crate::tools::shared::one_segment;

/// What a flow will be.
#[derive(Debug, Clone, PartialEq)]
pub struct Prospect {
    /// The openings: inlets first, then outlets, then what stays closed.
    pub places: Vec<Place>,
    /// Flow in, ml/s: the mean of one that pulsates.
    pub flow_ml_s: f64,
    /// What it will cost, or why it cannot be computed as it is.
    pub cost: Result<Cost, String>,
    /// What was left out while openings were looked for.
    pub warnings: Vec<String>,
}

/// The openings that were found last, for as long as nothing changes that they depend on.
#[derive(Debug, Default)]
pub struct Known(Option<((ContentHash, Option<u8>, Search), Found)>);

impl Params {
    /// What the flow in `labels` (whose content has this `hash`) will be.
    ///
    /// # Errors
    /// [`CommandError`]: no such segment, a lumen without openings, changes of openings that cannot be.
    pub fn prospect(
        &self,
        labels: &LabelMap,
        hash: ContentHash,
        known: &mut Known,
        progress: &Progress,
    ) -> Result<Prospect, CommandError> {
        self.check_breath()?;
        let segment = one_segment(labels, self.segment)?;
        let mut search = self.search();
        // How much flows in does not change where.
        search.inlet = crate::flow::OpeningKind::Outlet { pressure_pa: 0.0 };
        let key = (hash, Some(segment.0), search);
        let found = match known.0.take().filter(|(of, _)| *of == key) {
            Some((_, found)) => found,
            None => self.found(&labels.mask(segment), progress)?,
        };
        known.0 = Some((key, found.clone()));
        let mut found = found;
        if let Some(inlet) = found.openings.first_mut() {
            inlet.kind = self.search().inlet;
        }
        progress.check()?;
        let problem = self.problem(found, None)?;
        progress.check()?;
        let cost = problem.cost().and_then(|cost| affordable(&cost, self.minutes_max).map(|()| cost));
        let flow_ml_s = problem.setup.openings.iter().map(crate::flow::Opening::inflow_ml_s).sum();
        let cost = cost.map_err(|error| error.to_string());
        Ok(Prospect { places: problem.places, flow_ml_s, cost, warnings: problem.warnings })
    }
}
