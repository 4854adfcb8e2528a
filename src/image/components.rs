//! Connected components as runs of voxels, labelled in parallel, ordered by size.

mod runs;

use self::runs::{Block, Run, SLICES, join_slices, root};
use super::Volume;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Which voxels touch each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighbours {
    /// Those that share a face.
    Six,
    /// Those that share a face or an edge.
    Eighteen,
    /// Those that share a face, an edge or a corner.
    TwentySix,
}

/// One connected component.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// How many voxels it has, at least 1.
    pub voxels: usize,
    /// The smallest index along each axis.
    pub min: [usize; 3],
    /// The largest index along each axis, included.
    pub max: [usize; 3],
    /// Its centre of mass as a continuous index.
    pub centre: Vector,
}

/// The connected components of a set of voxels: number 0 is the largest, equal ones in order of their first voxel.
///
/// Runs along `i` are found and joined in blocks of slices in parallel, then joined across blocks (He, Chao & Suzuki 2008).
#[derive(Debug, Clone)]
pub struct Components {
    grid: Arc<Grid>,
    runs: Vec<Run>,
    /// First run of each row (row = k nj + j), and the number of runs at the end.
    rows: Vec<u32>,
    /// The component of each run.
    ids: Vec<u32>,
    parts: Vec<Component>,
}

impl Components {
    /// The components of the voxels whose value satisfies `inside`.
    ///
    /// # Errors
    /// [`Cancelled`] if `progress` was cancelled.
    pub fn of<T: Copy + Sync>(
        volume: &Volume<T>,
        inside: impl Fn(T) -> bool + Sync,
        neighbours: Neighbours,
        progress: &Progress,
    ) -> Result<Self, Cancelled> {
        let grid = Arc::clone(volume.grid());
        let [ni, nj, nk] = grid.dims();
        let blocks: Vec<Block> = volume
            .voxels()
            .par_chunks(ni * nj * SLICES)
            .map(|slices| Block::of(slices, [ni, nj], &inside, neighbours, progress))
            .collect::<Result<_, _>>()?;
        progress.set(0.5)?;
        let total = blocks.iter().map(|block| block.runs.len()).sum();
        let mut runs = Vec::with_capacity(total);
        let mut rows = Vec::with_capacity(nj * nk + 1);
        let mut parent = Vec::with_capacity(total);
        for block in blocks {
            let first = runs.len() as u32;
            rows.extend(block.rows[..block.rows.len() - 1].iter().map(|row| row + first));
            parent.extend(block.parent.iter().map(|p| p + first));
            runs.extend(block.runs);
        }
        rows.push(total as u32);
        for k in (SLICES..nk).step_by(SLICES) {
            progress.check()?;
            join_slices(&runs, &mut parent, &rows, nj, k, neighbours);
        }
        Ok(Self::ordered(grid, runs, rows, parent))
    }

    fn ordered(grid: Arc<Grid>, runs: Vec<Run>, rows: Vec<u32>, mut parent: Vec<u32>) -> Self {
        let nj = grid.dims()[1];
        // Roots are the first runs of their components, so numbers follow memory order here.
        let mut number = vec![u32::MAX; runs.len()];
        let mut parts: Vec<Component> = Vec::new();
        let mut ids = vec![0; runs.len()];
        for (row, range) in rows.windows(2).enumerate() {
            let (j, k) = (row % nj, row / nj);
            for index in range[0] as usize..range[1] as usize {
                let root = root(&mut parent, index as u32) as usize;
                if number[root] == u32::MAX {
                    number[root] = parts.len() as u32;
                    let min = [usize::MAX; 3];
                    parts.push(Component { voxels: 0, min, max: [0; 3], centre: Vector::zeros() });
                }
                ids[index] = number[root];
                let part = &mut parts[number[root] as usize];
                let Run { start, end } = runs[index];
                let (first, last) = ([start as usize, j, k], [end as usize - 1, j, k]);
                let n = (end - start) as usize;
                part.voxels += n;
                part.min = [0, 1, 2].map(|a| part.min[a].min(first[a]));
                part.max = [0, 1, 2].map(|a| part.max[a].max(last[a]));
                part.centre += Vector::new(0.5 * f64::from(start + end - 1), j as f64, k as f64) * n as f64;
            }
        }
        parts.iter_mut().for_each(|part| part.centre /= part.voxels as f64);
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(parts[*index].voxels));
        let mut rank = vec![0_u32; parts.len()];
        order.iter().enumerate().for_each(|(place, index)| rank[*index] = place as u32);
        ids.par_iter_mut().for_each(|id| *id = rank[*id as usize]);
        let parts = order.iter().map(|index| parts[*index].clone()).collect();
        Self { grid, runs, rows, ids, parts }
    }

    /// The components, the largest first.
    pub fn parts(&self) -> &[Component] {
        &self.parts
    }

    /// Volume of a component in ml.
    pub fn volume_ml(&self, index: usize) -> f64 {
        self.parts[index].voxels as f64 * self.grid.voxel_mm3() / crate::base::units::MM3_PER_ML
    }

    /// Centre of mass of a component in the patient.
    pub fn centre(&self, index: usize) -> Point {
        self.grid.patient_from_index(self.parts[index].centre)
    }

    /// Whether a component reaches the first or last voxel along any of `axes`.
    pub fn touches_border(&self, index: usize, axes: &[usize]) -> bool {
        let Component { min, max, .. } = &self.parts[index];
        axes.iter().any(|a| min[*a] == 0 || max[*a] + 1 == self.grid.dims()[*a])
    }

    /// The component that holds a voxel.
    pub fn at(&self, [i, j, k]: [usize; 3]) -> Option<usize> {
        let row = k * self.grid.dims()[1] + j;
        let range = self.rows[row] as usize..self.rows[row + 1] as usize;
        let after = range.start + self.runs[range.clone()].partition_point(|run| run.start as usize <= i);
        let index = after.checked_sub(1).filter(|index| range.contains(index))?;
        (i < self.runs[index].end as usize).then(|| self.ids[index] as usize)
    }

    /// Every run: its component and its places in memory, in memory order.
    pub fn runs(&self) -> impl Iterator<Item = (usize, Range<usize>)> {
        let ni = self.grid.dims()[0];
        self.rows.windows(2).enumerate().flat_map(move |(row, range)| {
            (range[0] as usize..range[1] as usize).map(move |index| {
                let Run { start, end } = self.runs[index];
                (self.ids[index] as usize, row * ni + start as usize..row * ni + end as usize)
            })
        })
    }

    /// Σ `f(voxel)` over each component, in component order.
    pub fn sums<T: Copy + Sync>(&self, volume: &Volume<T>, f: impl Fn(T) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; self.parts.len()];
        for (id, range) in self.runs() {
            sums[id] += volume.voxels()[range].iter().map(|value| f(*value)).sum::<f64>();
        }
        sums
    }

    /// For each voxel the `value` of its component, 0 outside all of them.
    pub fn paint<T: Copy + Default + Send + Sync>(&self, value: impl Fn(usize) -> T + Sync) -> Volume<T> {
        let [ni, nj, _] = self.grid.dims();
        let mut voxels = vec![T::default(); self.grid.len()];
        voxels.par_chunks_mut(ni * nj).enumerate().for_each(|(k, slice)| {
            for (j, row) in slice.chunks_mut(ni).enumerate() {
                for index in self.rows[k * nj + j] as usize..self.rows[k * nj + j + 1] as usize {
                    let Run { start, end } = self.runs[index];
                    row[start as usize..end as usize].fill(value(self.ids[index] as usize));
                }
            }
        });
        Volume::new(Arc::clone(&self.grid), voxels).expect("one value per voxel of the same grid")
    }

    /// 1 in the components that `keep` wants, 0 elsewhere.
    pub fn keep(&self, keep: impl Fn(usize) -> bool + Sync) -> Volume<u8> {
        self.paint(|id| u8::from(keep(id)))
    }

    /// One label per voxel: 0 outside, 1 in the largest component, and so on.
    pub fn labels(&self) -> Volume<u32> {
        self.paint(|id| id as u32 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{parallel, rng::Rng};

    fn noise(dims: [usize; 3], share: f64, seed: u64) -> Volume<u8> {
        let mut rng = Rng::new(seed);
        let grid = Grid::aligned(dims, Point::origin(), [0.7, 0.8, 2.5]).unwrap();
        let voxels = (0..grid.len()).map(|_| u8::from(rng.unit() < share)).collect();
        Volume::new(grid, voxels).unwrap()
    }

    /// The plainest labelling there is: flood every voxel with a stack.
    fn plain(mask: &Volume<u8>, neighbours: Neighbours) -> Vec<usize> {
        let dims = mask.grid().dims().map(|n| n as i64);
        let mut seen: Vec<bool> = mask.voxels().iter().map(|v| *v == 0).collect();
        let mut sizes = Vec::new();
        for start in 0..seen.len() {
            let mut stack = if seen[start] { vec![] } else { vec![start] };
            seen[start] = true;
            let mut size = 0;
            while let Some(offset) = stack.pop() {
                size += 1;
                let at = mask.grid().voxel(offset).map(|x| x as i64);
                for step in 0..27 {
                    let d = [step % 3 - 1, step / 3 % 3 - 1, step / 9 - 1];
                    let manhattan = d.iter().map(|x: &i64| x.abs()).sum::<i64>();
                    let to = [0, 1, 2].map(|a| at[a] + d[a]);
                    let most = match neighbours {
                        Neighbours::Six => 1,
                        Neighbours::Eighteen => 2,
                        Neighbours::TwentySix => 3,
                    };
                    let wanted = manhattan <= most;
                    if wanted && (0..3).all(|a| 0 <= to[a] && to[a] < dims[a]) {
                        let to = mask.grid().offset(to.map(|x| x as usize));
                        if !seen[to] {
                            seen[to] = true;
                            stack.push(to);
                        }
                    }
                }
            }
            if 0 < size {
                sizes.push(size);
            }
        }
        sizes.sort_by(|a, b| b.cmp(a));
        sizes
    }

    #[test]
    fn components_are_those_of_a_plain_flood() {
        let cases = [
            (Neighbours::Six, 0.3, [19, 23, 11]),
            (Neighbours::Eighteen, 0.12, [19, 23, 11]),
            (Neighbours::TwentySix, 0.09, [19, 23, 11]),
            (Neighbours::Six, 0.6, [19, 23, 11]),
            (Neighbours::TwentySix, 0.05, [130, 3, 17]),
            (Neighbours::Eighteen, 0.1, [64, 1, 9]),
            (Neighbours::Six, 0.5, [128, 7, 1]),
            (Neighbours::Six, 1.0, [65, 3, 9]),
        ];
        for (neighbours, share, dims) in cases {
            let mask = noise(dims, share, 5);
            let parts = Components::of(&mask, |v| v != 0, neighbours, &Progress::default()).unwrap();
            let sizes: Vec<usize> = parts.parts().iter().map(|part| part.voxels).collect();
            assert_eq!(sizes, plain(&mask, neighbours));
            assert_eq!(sizes.iter().sum::<usize>(), mask.voxels().iter().filter(|v| **v != 0).count());
        }
    }

    #[test]
    fn labels_agree_with_look_ups_and_boxes() {
        let mask = noise([19, 23, 11], 0.3, 6);
        let parts = Components::of(&mask, |v| v != 0, Neighbours::Six, &Progress::default()).unwrap();
        let labels = parts.labels();
        for offset in 0..mask.grid().len() {
            let voxel = mask.grid().voxel(offset);
            let label = labels.voxels()[offset];
            assert_eq!(parts.at(voxel), (label as usize).checked_sub(1));
            if let Some(id) = parts.at(voxel) {
                let part = &parts.parts()[id];
                assert!((0..3).all(|a| part.min[a] <= voxel[a] && voxel[a] <= part.max[a]));
            }
        }
    }

    #[test]
    fn one_thread_and_three_give_the_same_labels() {
        let mask = noise([40, 30, 20], 0.31, 7);
        let labels = || Components::of(&mask, |v| v != 0, Neighbours::Six, &Progress::default()).unwrap().labels();
        assert_eq!(parallel::with_threads(1, labels), parallel::with_threads(3, labels));
    }
}
