//! Networks that come as a file: the manifest beside it, what the scan must be turned into, tiles, and labels.
//!
//! Knows no network and no file format: whoever runs one implements [`Network`].

mod apply;
mod blend;
mod grid;
mod manifest;
mod normalise;
mod plan;
mod tiles;

pub use apply::{Applied, apply};
pub use manifest::{Blend, Label, Manifest, ManifestError, Normalisation, Order, Output};
pub use plan::Plan;

use crate::base::Progress;

/// Scores of a network for every class and voxel.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Classes, at least one.
    pub classes: usize,
    /// Class by class, the voxels in the order they were given.
    pub values: Vec<f32>,
}

/// A network that takes one image and gives scores for its classes.
pub trait Network {
    /// Made ready for images of one shape.
    type Ready<'a>: ReadyNetwork
    where
        Self: 'a;

    /// Make it ready for images of `shape`, the last index fastest, without computing anything large.
    ///
    /// # Errors
    /// [`ModelError::Network`]: it does not take such images.
    fn ready(&self, shape: [usize; 3]) -> Result<Self::Ready<'_>, ModelError>;
}

/// A network for images of one shape.
pub trait ReadyNetwork {
    /// Classes it tells apart.
    fn classes(&self) -> usize;

    /// Bytes it holds at most while it computes, its input and scores included.
    fn peak_bytes(&self) -> u64;

    /// Scores for one value per voxel.
    ///
    /// # Errors
    /// [`ModelError::Cancelled`], [`ModelError::Network`].
    fn run(&self, values: Vec<f32>, progress: &Progress) -> Result<Scores, ModelError>;
}

/// Why a network gave no labels.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] crate::base::Cancelled),
    /// The scan is of another kind.
    #[error("the model is made for {wanted}; the scan is {found}")]
    Modality {
        /// What the manifest says.
        wanted: &'static str,
        /// What the scan is.
        found: &'static str,
    },
    /// The scan has one value only, or none that is finite.
    #[error("the values of the scan cannot be scaled as the model wants them: {0}")]
    Values(String),
    /// On the voxels of the model the scan is too large.
    #[error("on the voxels of the model the scan would have {voxels} voxels, more than {max}; crop it first")]
    TooLarge {
        /// Voxels it would have.
        voxels: usize,
        /// Most that are computed.
        max: usize,
    },
    /// The machine has not the memory.
    #[error(
        "the model needs {needed_mb} MB of memory for tiles of {} × {} × {} voxels, this machine has {max_mb} MB; give a smaller patch in the manifest, or crop the scan",
        tile[0], tile[1], tile[2]
    )]
    Memory {
        /// Needed at most, MB.
        needed_mb: u64,
        /// What the machine or container has, MB.
        max_mb: u64,
        /// Voxels of a tile along i, j and k.
        tile: [usize; 3],
    },
    /// The network and its manifest do not fit together, or it cannot be computed.
    #[error("{0}")]
    Network(String),
}
