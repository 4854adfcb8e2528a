//! What a network will need, known before it runs.

use super::tiles::{size_of, tiles};
use super::{Blend, Manifest, ModelError, Network, Order, ReadyNetwork, grid};
use crate::geom::Grid;

/// What will be computed, and what it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The voxels of the network over the scan; `None` if the scan's own are as wanted.
    pub resampled: Option<Grid>,
    /// Voxels of a tile along i, j and k.
    pub tile: [usize; 3],
    /// Tiles that cover the scan.
    pub tiles: usize,
    /// Runs of the network for every tile: one, or one for each set of flipped axes.
    pub runs_per_tile: usize,
    /// Classes of the network.
    pub classes: usize,
    /// Bytes held at most beside the scan: its scaled values, the labels, what is blended, and one tile in the network.
    pub peak_bytes: u64,
}

impl Plan {
    /// What `network` would need for `scan`; nothing large is computed. Also gives the network made ready.
    ///
    /// # Errors
    /// [`ModelError::TooLarge`], [`ModelError::Network`].
    pub fn new<'a, N: Network>(
        scan: &Grid,
        manifest: &Manifest,
        network: &'a N,
    ) -> Result<(Self, N::Ready<'a>), ModelError> {
        let resampled = grid::wanted(scan, manifest)?;
        let own = resampled.as_ref().unwrap_or(scan);
        let dims = own.dims();
        let tile = size_of(dims, manifest.patch, manifest.multiple);
        let n_tiles = tiles(dims, tile, manifest.overlap).len();
        let ready = network.ready(shape_of(tile, manifest.order))?;
        let classes = ready.classes();
        if let Some(label) = manifest.labels.iter().find(|label| classes.max(2) <= label.class) {
            let text = format!(
                "the manifest names the class {} ({}), but the network has {classes} classes, counted from 0",
                label.class, label.name
            );
            return Err(ModelError::Network(text));
        }
        let runs_per_tile = 1_usize << manifest.flipped_axes().len();
        let voxels = own.len() as u64;
        let scores_bytes = 4 * classes as u64 * tile.iter().map(|n| *n as u64).product::<u64>();
        let mut tile_bytes = ready.peak_bytes();
        if 1 < runs_per_tile {
            tile_bytes = tile_bytes.saturating_add(scores_bytes);
        }
        let blended = 1 < n_tiles && manifest.blend == Blend::Gaussian;
        let slab = 4 * (classes * dims[0] * dims[1] * tile[2].min(dims[2])) as u64;
        let tile_bytes = tile_bytes.saturating_add(if blended { slab } else { 0 });
        // Beside one value and one label per voxel: while quantiles are sought, another value.
        let peak_bytes = (5 * voxels).saturating_add(tile_bytes.max(4 * voxels));
        Ok((Self { resampled, tile, tiles: n_tiles, runs_per_tile, classes, peak_bytes }, ready))
    }
}

/// A tile in the order of the network's input, the last index fastest.
pub(super) fn shape_of([i, j, k]: [usize; 3], order: Order) -> [usize; 3] {
    match order {
        Order::Kji => [k, j, i],
        Order::Ijk => [i, j, k],
    }
}
