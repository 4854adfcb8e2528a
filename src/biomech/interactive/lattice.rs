//! The grid that the coarse level of a body lies on: which cell a place is in, and which nodes move it.

/// A node with less than this share of the mean weight moves with a neighbour: alone it would be next to singular.
const SHARE_MIN: f32 = 0.1;
/// No node.
pub(super) const NONE: u32 = u32::MAX;
/// Corners of a cell.
pub(super) const CORNERS: usize = 8;

/// A regular grid over the body at rest.
#[derive(Debug, Clone, Default)]
pub(super) struct Lattice {
    low_m: [f64; 3],
    step_m: [f64; 3],
    /// Cells along each axis.
    cells: [usize; 3],
}

impl Lattice {
    /// The grid over `rest` whose cells measure about `edge_m`.
    pub fn new(rest: &[[f64; 3]], edge_m: f64) -> Self {
        let (mut low_m, mut high_m) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for (p, i) in rest.iter().flat_map(|p| (0..3).map(move |i| (p, i))) {
            (low_m[i], high_m[i]) = (low_m[i].min(p[i]), high_m[i].max(p[i]));
        }
        let cells = std::array::from_fn(|i| ((high_m[i] - low_m[i]) / edge_m).round().clamp(1.0, 1e3) as usize);
        let step_m = std::array::from_fn(|i| (high_m[i] - low_m[i]).max(f64::MIN_POSITIVE) / cells[i] as f64);
        Self { low_m, step_m, cells }
    }

    /// The cell of a place and where in it that is, 0 to 1; the nearest for places outside.
    pub fn find(&self, p: &[f64; 3]) -> (usize, [f32; 3]) {
        let at: [f64; 3] = std::array::from_fn(|i| (p[i] - self.low_m[i]) / self.step_m[i]);
        let cell: [usize; 3] = std::array::from_fn(|i| (at[i].max(0.0) as usize).min(self.cells[i] - 1));
        let place = std::array::from_fn(|i| (at[i] - cell[i] as f64).clamp(0.0, 1.0) as f32);
        (cell[0] + self.cells[0] * (cell[1] + self.cells[1] * cell[2]), place)
    }

    /// Cells there are.
    pub fn cell_count(&self) -> usize {
        self.cells.iter().product()
    }

    /// Nodes along each axis.
    pub fn nodes(&self) -> [usize; 3] {
        self.cells.map(|cells| cells + 1)
    }

    /// Corner `corner` of a cell, whose bits are the steps along the axes.
    pub fn node(&self, cell: usize, corner: usize) -> usize {
        let [nx, ny, _] = self.cells;
        let at = [cell % nx, cell / nx % ny, cell / (nx * ny)];
        let [x, y, z] = std::array::from_fn(|i| at[i] + (corner >> i & 1));
        x + self.nodes()[0] * (y + self.nodes()[1] * z)
    }

    /// Which node every node moves with, given the weight of each: itself, or the heaviest around; [`NONE`] without one.
    pub fn leaders(&self, weight: &[f32]) -> Vec<u32> {
        let [nx, ny, nz] = self.nodes();
        let used = weight.iter().filter(|weight| 0.0 < **weight).count().max(1);
        let least = SHARE_MIN * weight.iter().sum::<f32>() / used as f32;
        let next = |node: usize| {
            let (x, y, z) = (node % nx, node / nx % ny, node / (nx * ny));
            let mut best = node;
            for k in z.saturating_sub(1)..(z + 2).min(nz) {
                for j in y.saturating_sub(1)..(y + 2).min(ny) {
                    for i in x.saturating_sub(1)..(x + 2).min(nx) {
                        let other = i + nx * (j + ny * k);
                        if weight[best] < weight[other] {
                            best = other;
                        }
                    }
                }
            }
            best
        };
        let leader = |mut node: usize| {
            // Weights grow along the way, so it ends.
            while weight[node] <= least {
                let other = next(node);
                if other == node {
                    return if 0.0 < weight[node] { node as u32 } else { NONE };
                }
                node = other;
            }
            node as u32
        };
        (0..weight.len()).map(leader).collect()
    }
}

/// Weights of the corners at a place in a cell.
#[inline(always)]
pub(super) fn weights([x, y, z]: [f32; 3]) -> [f32; CORNERS] {
    let [low, high] = [(1.0 - y) * (1.0 - z), y * (1.0 - z)];
    let [more, most] = [(1.0 - y) * z, y * z];
    let w = 1.0 - x;
    [w * low, x * low, w * high, x * high, w * more, x * more, w * most, x * most]
}

/// Positions in `keys` of each key below `count`, ascending, one list after the other, and where each begins.
pub(super) fn sorted_by(keys: &[u32], count: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; count + 1];
    keys.iter().filter(|key| (**key as usize) < count).for_each(|key| starts[*key as usize + 1] += 1);
    (0..count).for_each(|key| starts[key + 1] += starts[key]);
    let mut next = starts.clone();
    let mut sorted = vec![0; starts[count] as usize];
    for (at, key) in (0..).zip(keys).filter(|(_, key)| (**key as usize) < count) {
        sorted[next[*key as usize] as usize] = at;
        next[*key as usize] += 1;
    }
    (starts, sorted)
}
