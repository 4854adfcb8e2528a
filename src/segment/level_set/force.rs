//! What moves a front: edges, or the means of two regions, and its own curvature.

use super::{Evolution, LevelSetError, Pull};
use crate::base::{Cancelled, Progress};
use crate::image::Volume;
use rayon::prelude::*;

/// Two regions whose means differ by less than this share of them cannot be told apart.
const ALIKE: f64 = 1e-9;

/// The change of φ at a voxel in a unit of time, and the part of 1 / step it asks for.
pub(super) struct Rate {
    pub change: f64,
    pub bound: f64,
}

/// The image as the front feels it.
pub(super) struct Force {
    dims: [usize; 3],
    h: [f64; 3],
    /// Of all voxels of the box: g, or the smoothed values.
    field: Vec<f32>,
    kind: Kind,
    curvature_mm: f64,
}

enum Kind {
    Edges { propagation: f64, advection_mm: f64, edge: f64 },
    Regions { lambda_in: f64, lambda_out: f64, sums: Sums },
}

/// Sums and counts of the values inside and everywhere, kept up to date as voxels change sides.
struct Sums {
    inside: f64,
    inside_n: usize,
    all: f64,
    all_n: usize,
}

impl Sums {
    fn means(&self) -> [f64; 2] {
        let outside_n = self.all_n - self.inside_n;
        [self.inside / self.inside_n.max(1) as f64, (self.all - self.inside) / outside_n.max(1) as f64]
    }
}

impl Force {
    pub(super) fn new(
        smooth: Volume<f32>,
        how: &Evolution,
        inside: &[bool],
        progress: &Progress,
    ) -> Result<Self, LevelSetError> {
        let (dims, h) = (smooth.grid().dims(), smooth.grid().spacing_mm());
        let curvature_mm = how.curvature_mm;
        let (field, kind) = match how.pull {
            Pull::Edges { propagation, advection_mm, edge } => {
                let mut field = lengths(&smooth, progress)?;
                let edge = edge.unwrap_or_else(|| usual_edge(&field));
                field.par_iter_mut().for_each(|g| *g = (1.0 / (1.0 + (f64::from(*g) / edge).powi(2))) as f32);
                (field, Kind::Edges { propagation, advection_mm, edge })
            }
            Pull::Regions { lambda_in, lambda_out } => {
                let field = smooth.into_voxels();
                let n = field.len();
                let all = crate::base::parallel::sum_blocks(n, 1 << 14, |r| r.map(|o| f64::from(field[o])).sum());
                let of_inside = |o: usize| if inside[o] { f64::from(field[o]) } else { 0.0 };
                let sum = crate::base::parallel::sum_blocks(n, 1 << 14, |r| r.map(of_inside).sum());
                let inside_n = inside.par_iter().filter(|inside| **inside).count();
                let sums = Sums { inside: sum, inside_n, all, all_n: n };
                let [within, beyond] = sums.means();
                if (within - beyond).abs() <= ALIKE * (within.abs() + beyond.abs()) {
                    return Err(LevelSetError::Alike(within));
                }
                (field, Kind::Regions { lambda_in, lambda_out, sums })
            }
        };
        Ok(Self { dims, h, field, kind, curvature_mm })
    }

    /// The gradient of half speed, or the means inside and outside.
    pub(super) fn learned(&self) -> Vec<f64> {
        match &self.kind {
            Kind::Edges { edge, .. } => vec![*edge],
            Kind::Regions { sums, .. } => sums.means().to_vec(),
        }
    }

    /// A voxel has come inside, or gone outside.
    pub(super) fn crossed(&mut self, offset: usize, inside: bool) {
        if let Kind::Regions { sums, .. } = &mut self.kind {
            let value = f64::from(self.field[offset]);
            if inside {
                (sums.inside, sums.inside_n) = (sums.inside + value, sums.inside_n + 1);
            } else {
                (sums.inside, sums.inside_n) = (sums.inside - value, sums.inside_n - 1);
            }
        }
    }

    /// How φ changes at a voxel; beyond the box the outermost values go on.
    pub(super) fn rate(&self, phi: &[f32], offset: usize) -> Rate {
        let around = Around::of(self.dims, offset);
        let h = self.h;
        let at = |n: [isize; 3]| f64::from(phi[around.offset(n)]);
        let middle = at([0; 3]);
        let sides: [[f64; 2]; 3] = std::array::from_fn(|a| [at(unit(a, -1)), at(unit(a, 1))]);
        let backward: [f64; 3] = std::array::from_fn(|a| (middle - sides[a][0]) / h[a]);
        let forward: [f64; 3] = std::array::from_fn(|a| (sides[a][1] - middle) / h[a]);
        let inverse_squares: f64 = h.iter().map(|h| 1.0 / (h * h)).sum();
        // |∇φ| from the side a front that moves outward or inward comes from (Osher and Sethian 1988).
        let upwind = |outward: bool| -> f64 {
            let square = |a: usize| match outward {
                true => backward[a].max(0.0).powi(2) + forward[a].min(0.0).powi(2),
                false => backward[a].min(0.0).powi(2) + forward[a].max(0.0).powi(2),
            };
            (0..3).map(square).sum::<f64>().sqrt()
        };
        let (speed, stiffness, drift) = match &self.kind {
            Kind::Edges { propagation, advection_mm, .. } => {
                let g = |n: [isize; 3]| f64::from(self.field[around.offset(n)]);
                let here = g([0; 3]);
                // The front goes down the slope of g, onto edges.
                let drift = std::array::from_fn(|a| -advection_mm * 0.5 * (g(unit(a, 1)) - g(unit(a, -1))) / h[a]);
                (propagation * here, self.curvature_mm * here, drift)
            }
            Kind::Regions { lambda_in, lambda_out, sums } => {
                let [within, beyond] = sums.means();
                let value = f64::from(self.field[offset]);
                let contrast = (within - beyond).powi(2).max(f64::MIN_POSITIVE);
                let most = lambda_in.max(*lambda_out);
                let pull = (lambda_out * (value - beyond).powi(2) - lambda_in * (value - within).powi(2)) / contrast;
                (pull.clamp(-most, most), self.curvature_mm, [0.0; 3])
            }
        };
        let mut change = -speed * upwind(0.0 < speed);
        let mut bound = speed.abs() * inverse_squares.sqrt() + 2.0 * stiffness * inverse_squares;
        for a in 0..3 {
            change -= drift[a] * if 0.0 < drift[a] { backward[a] } else { forward[a] };
            bound += drift[a].abs() / h[a];
        }
        if 0.0 < stiffness {
            let first: [f64; 3] = std::array::from_fn(|a| 0.5 * (sides[a][1] - sides[a][0]) / h[a]);
            let second: [f64; 3] = std::array::from_fn(|a| (sides[a][0] + sides[a][1] - 2.0 * middle) / (h[a] * h[a]));
            let mixed = |a: usize, b: usize| {
                let corner = |p: isize, q: isize| {
                    let mut n = [0; 3];
                    (n[a], n[b]) = (p, q);
                    at(n)
                };
                0.25 * (corner(1, 1) + corner(-1, -1) - corner(1, -1) - corner(-1, 1)) / (h[a] * h[b])
            };
            change += stiffness * curvature(first, second, [mixed(0, 1), mixed(0, 2), mixed(1, 2)], h);
        }
        Rate { change, bound }
    }
}

/// κ |∇φ|, where κ is the sum of both principal curvatures, at most 2 over the shortest spacing.
fn curvature([x, y, z]: [f64; 3], [xx, yy, zz]: [f64; 3], [xy, xz, yz]: [f64; 3], h: [f64; 3]) -> f64 {
    let square = x * x + y * y + z * z;
    if square < 1e-12 {
        return 0.0;
    }
    let sum = xx * (y * y + z * z) + yy * (x * x + z * z) + zz * (x * x + y * y)
        - 2.0 * (x * y * xy + x * z * xz + y * z * yz);
    let most = 2.0 / h.into_iter().fold(f64::INFINITY, f64::min);
    (sum / square.powf(1.5)).clamp(-most, most) * square.sqrt()
}

fn unit(axis: usize, way: isize) -> [isize; 3] {
    let mut n = [0; 3];
    n[axis] = way;
    n
}

/// A voxel and the steps to its neighbours, 0 where the box ends.
struct Around {
    offset: isize,
    /// Along each axis, before and behind.
    steps: [[isize; 2]; 3],
}

impl Around {
    fn of(dims: [usize; 3], offset: usize) -> Self {
        let strides = [1, dims[0], dims[0] * dims[1]];
        let steps = std::array::from_fn(|a| {
            let at = offset / strides[a] % dims[a];
            let stride = strides[a] as isize;
            [if 0 < at { -stride } else { 0 }, if at + 1 < dims[a] { stride } else { 0 }]
        });
        Self { offset: offset as isize, steps }
    }

    #[inline]
    fn offset(&self, n: [isize; 3]) -> usize {
        let step = |a: usize| match n[a] {
            0 => 0,
            1.. => self.steps[a][1],
            _ => self.steps[a][0],
        };
        (self.offset + step(0) + step(1) + step(2)) as usize
    }
}

/// The length of the gradient in values per mm, by central differences.
fn lengths(smooth: &Volume<f32>, progress: &Progress) -> Result<Vec<f32>, Cancelled> {
    let (dims, h, values) = (smooth.grid().dims(), smooth.grid().spacing_mm(), smooth.voxels());
    let area = dims[0] * dims[1];
    let mut out = vec![0.0_f32; values.len()];
    out.par_chunks_mut(area).enumerate().try_for_each(|(k, slice)| {
        progress.check()?;
        for (n, out) in slice.iter_mut().enumerate() {
            let around = Around::of(dims, k * area + n);
            let along = |a: usize| {
                let [low, high] = [-1, 1].map(|way| around.offset(unit(a, way)));
                let steps = around.steps[a].iter().filter(|step| **step != 0).count();
                f64::from(values[high] - values[low]) / (steps.max(1) as f64 * h[a])
            };
            *out = (0..3).map(|a| along(a).powi(2)).sum::<f64>().sqrt() as f32;
        }
        Ok(())
    })?;
    Ok(out)
}

/// A gradient between noise and edges: noise is around the median, edges are few and steep.
fn usual_edge(lengths: &[f32]) -> f64 {
    let stride = (lengths.len() / 200_000).max(1);
    let mut sample: Vec<f32> = lengths.iter().copied().step_by(stride).collect();
    sample.sort_by(f32::total_cmp);
    let [median, steep] = [50, 99].map(|percent| f64::from(sample[(sample.len() - 1) * percent / 100]));
    (2.0 * median).max(0.3 * steep).max(1e-6)
}
