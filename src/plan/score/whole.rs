//! All cuts of a plan together, and the one walk through the organ that every term of volumes asks.

use super::scene::Body;
use crate::base::Progress;
use crate::plan::resection::{Blade, ResectionError, Swept};
use std::cell::OnceCell;

/// All cuts of a plan together.
pub(super) struct Whole {
    pub(super) blade: Blade,
    /// The walk through the organ of the plan.
    swept: OnceCell<Swept>,
}

impl Whole {
    pub(super) fn new(blade: Blade) -> Self {
        Self { blade, swept: OnceCell::new() }
    }

    /// The walk through `organ`, that of the plan, done when it is first asked for; none for an organ without voxels.
    ///
    /// # Errors
    /// [`ResectionError::Cancelled`].
    pub(super) fn swept(&self, organ: &Body, progress: &Progress) -> Result<Option<&Swept>, ResectionError> {
        if let Some(swept) = self.swept.get() {
            return Ok(Some(swept));
        }
        let Some(voxels) = organ.organ() else { return Ok(None) };
        let swept = Swept::of(voxels, &self.blade, progress)?;
        Ok(Some(self.swept.get_or_init(|| swept)))
    }
}
