//! Where on a crossed lattice edge the surface lies.

use super::bits::Inside;
use crate::image::Volume;

/// How far an iso-surface stays away from voxel centres, as a part of the step: keeps triangles from collapsing.
const CLEARANCE: f64 = 0.01;

/// Linear interpolation of voxel values; where the neighbour lies outside the scan, the face of the voxel's cell.
pub(super) fn by_value<T>(volume: &Volume<T>, iso: f64) -> impl Fn(&Inside, [usize; 3], usize) -> f64 + Sync
where
    T: Copy + Into<f64> + Send + Sync,
{
    let dims = volume.grid().dims();
    move |_, at, axis| {
        if at[axis] == 0 || at[axis] == dims[axis] {
            return 0.5;
        }
        let value = |up: usize| -> f64 {
            let mut voxel = at.map(|x| x - 1);
            voxel[axis] += up;
            volume.at(voxel).into()
        };
        let (a, b) = (value(0), value(1));
        let part = (iso - a) / (b - a);
        if part.is_finite() { part.clamp(CLEARANCE, 1.0 - CLEARANCE) } else { 0.5 }
    }
}

/// Interpolation of the blurred mask without ever moving a voxel centre to the other side.
///
/// The value of a voxel is the mean of the mask under the binomial filter `1 4 6 4 1` along each axis (standard deviation
/// one voxel), raised to at least 0.6 inside and lowered to at most 0.4 outside. So the surface has the topology of the mask
/// and few of its stairs. Beyond the border the mask is taken to go on.
pub(super) fn by_blurred_mask(inside: &Inside, at: [usize; 3], axis: usize) -> f64 {
    if at[axis] == 0 || at[axis] == inside.dims[axis] - 2 {
        return 0.5;
    }
    let value = |at: [usize; 3]| {
        let mean = f64::from(binomial_sum(inside, at)) / 4096.0;
        if inside.at(at) { mean.max(0.6) } else { mean.min(0.4) }
    };
    let mut next = at;
    next[axis] += 1;
    let (a, b) = (value(at), value(next));
    (0.5 - a) / (b - a)
}

const BINOMIAL: [u32; 5] = [1, 4, 6, 4, 1];

/// Weight of every pattern of five bits.
const ROW_WEIGHT: [u32; 32] = {
    let mut table = [0; 32];
    let mut pattern = 0;
    while pattern < 32 {
        let mut bit = 0;
        while bit < 5 {
            if pattern >> bit & 1 == 1 {
                table[pattern] += BINOMIAL[bit];
            }
            bit += 1;
        }
        pattern += 1;
    }
    table
};

/// Σ of the binomial weights (4096 in all) over the inside voxels of the 5×5×5 around a lattice point.
fn binomial_sum(inside: &Inside, [i, j, k]: [usize; 3]) -> u32 {
    let [ni, nj, nk] = inside.dims.map(|n| n - 2);
    let within = 3 <= i && i + 2 <= ni;
    let mut sum = 0;
    for (dk, weight_k) in BINOMIAL.iter().enumerate() {
        let row_k = (k + dk).saturating_sub(2).clamp(1, nk);
        for (dj, weight_j) in BINOMIAL.iter().enumerate() {
            let row = inside.row((j + dj).saturating_sub(2).clamp(1, nj), row_k);
            let along = if within {
                ROW_WEIGHT[Inside::five(row, i - 2)]
            } else {
                let bit = |di: usize| {
                    let i = (i + di).saturating_sub(2).clamp(1, ni);
                    (row[i / 64] >> (i % 64) & 1) as u32
                };
                (0..5).map(|di| BINOMIAL[di] * bit(di)).sum()
            };
            sum += weight_k * weight_j * along;
        }
    }
    sum
}
