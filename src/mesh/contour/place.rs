//! Where on a crossed lattice edge the surface lies.

use super::bits::Inside;
use super::blur::BlurredSlice;
use crate::image::Volume;
use std::mem::swap;

/// How far an iso-surface stays away from voxel centres, as a part of the step: keeps triangles from collapsing.
const CLEARANCE: f64 = 0.01;

/// A rule that tells how far along its edge (0 to 1) a vertex lies.
pub(super) trait Place: Sync {
    /// What is kept from one slice to the next.
    type Memory: Default;

    /// Make `memory` ready for the edges that start in slice `k` of the lattice; slices come one after the other.
    fn prepare(&self, inside: &Inside, starts: &[u32], k: usize, memory: &mut Self::Memory);

    /// The place on the crossed edge from lattice point `at` along `axis`.
    fn part(&self, memory: &Self::Memory, at: [usize; 3], axis: usize) -> f64;
}

/// Linear interpolation of voxel values; where the neighbour lies outside the scan, the face of the voxel's cell.
pub(super) struct ByValue<'a, T> {
    /// The values.
    pub volume: &'a Volume<T>,
    /// Where the surface is.
    pub iso: f64,
}

impl<T: Copy + Into<f64> + Send + Sync> Place for ByValue<'_, T> {
    type Memory = ();

    fn prepare(&self, _: &Inside, _: &[u32], _: usize, (): &mut ()) {}

    #[inline]
    fn part(&self, (): &(), at: [usize; 3], axis: usize) -> f64 {
        let dims = self.volume.grid().dims();
        if at[axis] == 0 || at[axis] == dims[axis] {
            return 0.5;
        }
        let first = self.volume.grid().offset(at.map(|x| x - 1));
        let ahead = [1, dims[0], dims[0] * dims[1]][axis];
        let [a, b] = [first, first + ahead].map(|offset| self.volume.voxels()[offset].into());
        let part = (self.iso - a) / (b - a);
        if part.is_finite() { part.clamp(CLEARANCE, 1.0 - CLEARANCE) } else { 0.5 }
    }
}

/// Interpolation of the blurred mask without ever moving a voxel centre to the other side.
///
/// The value of a voxel is the mean of the mask under the binomial filter `1 4 6 4 1` along each axis (standard deviation
/// one voxel), raised to at least 0.6 inside and lowered to at most 0.4 outside. So the surface has the topology of the mask
/// and few of its stairs. Beyond the border the mask is taken to go on.
pub(super) struct ByBlurredMask;

/// The blurred values of two slices.
#[derive(Default)]
pub(super) struct TwoSlices {
    here: BlurredSlice,
    next: BlurredSlice,
    /// The slice that `next` holds.
    held: Option<usize>,
    dims: [usize; 3],
}

impl Place for ByBlurredMask {
    type Memory = TwoSlices;

    fn prepare(&self, inside: &Inside, starts: &[u32], k: usize, memory: &mut TwoSlices) {
        memory.dims = inside.dims;
        if memory.held == Some(k) {
            swap(&mut memory.here, &mut memory.next);
        } else {
            memory.here.fill(inside, starts, k);
        }
        memory.next.fill(inside, starts, k + 1);
        memory.held = Some(k + 1);
    }

    #[inline]
    fn part(&self, memory: &TwoSlices, at: [usize; 3], axis: usize) -> f64 {
        if at[axis] == 0 || at[axis] == memory.dims[axis] - 2 {
            return 0.5;
        }
        let [i, j, _] = at;
        let a = memory.here.value(i, j);
        let b = match axis {
            0 => memory.here.value(i + 1, j),
            1 => memory.here.value(i, j + 1),
            _ => memory.next.value(i, j),
        };
        // One of the two is inside: the larger, for both were moved apart.
        let [low, high] = [BlurredSlice::OUTSIDE_MOST, BlurredSlice::INSIDE_LEAST];
        let apart = |value: u16, inside: bool| f64::from(if inside { value.max(high) } else { value.min(low) });
        let first_inside = memory.here.is_inside(i, j);
        let (a, b) = (apart(a, first_inside), apart(b, !first_inside));
        (BlurredSlice::HALF - a) / (b - a)
    }
}
