//! Live-wire: the way along edges of a slice between two pixels, at once for every second pixel.

use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Weights of the three features of an edge (Mortensen & Barrett 1998, section 3.1).
const ZERO_CROSSING: f64 = 0.43;
const GRADIENT: f64 = 0.43;
const DIRECTION: f64 = 0.14;
/// Costs are whole numbers of this many units, so that sums do not depend on their order.
const UNITS: f64 = 1000.0;
/// Share of the pixels whose gradient counts as the strongest there is.
const STRONGEST: f64 = 0.005;
/// Steps to the eight neighbours; the opposite of step `n` is `n ^ 1`.
const STEPS: [[i64; 2]; 8] = [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]];

/// A slice made ready for live-wire.
#[derive(Debug, Clone)]
pub struct LiveWire {
    size: [usize; 2],
    /// Cost of entering a pixel without the direction, 0 to 0.86.
    local: Vec<f64>,
    /// Angle between the edge at a pixel and each of the four directions of [`STEPS`], 0 to π/2.
    turn: Vec<[f64; 4]>,
    /// Length of the steps of each direction over that of the shortest.
    length: [f64; 4],
}

/// The cheapest ways from one pixel to all others.
#[derive(Debug, Clone)]
pub struct Wires {
    size: [usize; 2],
    root: usize,
    /// The step by which each pixel was entered.
    by: Vec<u8>,
}

/// A pixel that is not in the slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("pixel ({}, {}) lies outside the slice of {} × {} pixels", .pixel[0], .pixel[1], .size[0], .size[1])]
pub struct OutsideSlice {
    /// Column and row asked for.
    pub pixel: [usize; 2],
    /// Columns and rows.
    pub size: [usize; 2],
}

impl LiveWire {
    /// Make a slice ready: `values` in rows of `size[0]`, pixels `spacing_mm` apart. Values that are no numbers count as
    /// the smallest. `None` if the values do not fill the size.
    ///
    /// The cost of a link is w_Z f_Z(q) + w_D f_D(p, q) + w_G f_G(q), times its length in mm over that of the shortest
    /// (Mortensen & Barrett 1998, "Interactive segmentation with intelligent scissors", equation 1): whether the
    /// Laplacian changes its sign at q, how the link lies to the edge, and how weak the gradient is. Gradients as
    /// strong as the strongest 0.5 % count as strongest, so that one metal clip does not hide all other edges.
    pub fn new(values: &[f32], size: [usize; 2], spacing_mm: [f64; 2]) -> Option<Self> {
        let [width, height] = size;
        if values.len() != width * height || values.is_empty() {
            return None;
        }
        let least = values.iter().copied().filter(|v| v.is_finite()).fold(f32::INFINITY, f32::min);
        let value = |x: usize, y: usize| {
            let v = values[y * width + x];
            f64::from(if v.is_finite() {
                v
            } else if least.is_finite() {
                least
            } else {
                0.0
            })
        };
        // The 3 × 3 binomial mask keeps single pixels of noise from being edges.
        let smooth = smoothed(&value, size);
        let at = |x: i64, y: i64| {
            smooth[y.clamp(0, height as i64 - 1) as usize * width + x.clamp(0, width as i64 - 1) as usize]
        };
        let [hx, hy] = spacing_mm;
        let pixels = || (0..smooth.len()).into_par_iter().with_min_len(4096);
        let place = |n: usize| ((n % width) as i64, (n / width) as i64);
        let gradient = |n: usize| {
            let (x, y) = place(n);
            [0.5 * (at(x + 1, y) - at(x - 1, y)) / hx, 0.5 * (at(x, y + 1) - at(x, y - 1)) / hy]
        };
        let curvature = |n: usize| {
            let ((x, y), c) = (place(n), smooth[n]);
            (at(x + 1, y) - 2.0 * c + at(x - 1, y)) / (hx * hx) + (at(x, y + 1) - 2.0 * c + at(x, y - 1)) / (hy * hy)
        };
        let gradient: Vec<[f64; 2]> = pixels().map(gradient).collect();
        let laplacian: Vec<f64> = pixels().map(curvature).collect();
        let magnitude: Vec<f64> = pixels().map(|n| gradient[n][0].hypot(gradient[n][1])).collect();
        let mut sorted = magnitude.clone();
        let rank = sorted.len() - 1 - (STRONGEST * sorted.len() as f64) as usize;
        let strongest = sorted.select_nth_unstable_by(rank, f64::total_cmp).1.max(f64::MIN_POSITIVE);
        let local = |n: usize| {
            let crossing = if crosses_zero(&laplacian, size, n) { 0.0 } else { 1.0 };
            ZERO_CROSSING * crossing + GRADIENT * (1.0 - (magnitude[n] / strongest).min(1.0))
        };
        let local = pixels().map(local).collect();
        let ways = [0, 2, 4, 6].map(|n| [0, 1].map(|a| STEPS[n][a] as f64 * spacing_mm[a]));
        let turn = |n: usize| {
            let ([gx, gy], long) = (gradient[n], magnitude[n]);
            let [gx, gy] = if 0.0 < long { [gx / long, gy / long] } else { [0.0; 2] };
            // D′ is the gradient turned by a right angle, the direction of the edge (equations 5 and 6).
            ways.map(|way| ((gy * way[0] - gx * way[1]) / way[0].hypot(way[1])).abs().min(1.0).acos())
        };
        let turn = pixels().map(turn).collect();
        let length = ways.map(|way| way[0].hypot(way[1]) / hx.min(hy));
        Some(Self { size, local, turn, length })
    }

    /// The cheapest ways from `root` (column, row) to every pixel (Dijkstra 1959); equal ones by order of memory.
    ///
    /// # Errors
    /// [`OutsideSlice`].
    pub fn from(&self, root: [usize; 2]) -> Result<Wires, OutsideSlice> {
        let root = place(self.size, root)?;
        let [width, height] = self.size.map(|n| n as i64);
        let mut cost = vec![u64::MAX; self.local.len()];
        let mut by = vec![u8::MAX; self.local.len()];
        let mut heap = BinaryHeap::from([Reverse((0_u64, root))]);
        cost[root] = 0;
        while let Some(Reverse((so_far, here))) = heap.pop() {
            if cost[here] < so_far {
                continue;
            }
            let (x, y) = (here as i64 % width, here as i64 / width);
            for (n, [dx, dy]) in STEPS.iter().enumerate() {
                if !(0..width).contains(&(x + dx)) || !(0..height).contains(&(y + dy)) {
                    continue;
                }
                let there = ((y + dy) * width + x + dx) as usize;
                let through = so_far + self.link(here, there, n);
                if through < cost[there] {
                    (cost[there], by[there]) = (through, n as u8);
                    heap.push(Reverse((through, there)));
                }
            }
        }
        Ok(Wires { size: self.size, root, by })
    }

    /// The cost of the link by step `n` from `p` to its neighbour `q`, at least one unit.
    fn link(&self, p: usize, q: usize, n: usize) -> u64 {
        // Steps to and fro have the same direction.
        let direction = (self.turn[p][n / 2] + self.turn[q][n / 2]) / std::f64::consts::PI;
        1 + (UNITS * (self.local[q] + DIRECTION * direction) * self.length[n / 2]) as u64
    }
}

impl Wires {
    /// The pixels (column, row) from the root to `end`, both included.
    ///
    /// # Errors
    /// [`OutsideSlice`].
    pub fn to(&self, end: [usize; 2]) -> Result<Vec<[usize; 2]>, OutsideSlice> {
        let mut here = place(self.size, end)?;
        let width = self.size[0];
        let mut path = vec![[here % width, here / width]];
        while here != self.root {
            let [dx, dy] = STEPS[usize::from(self.by[here])];
            here = here.wrapping_add_signed(-(dy * width as i64 + dx) as isize);
            path.push([here % width, here / width]);
        }
        path.reverse();
        Ok(path)
    }
}

fn place(size: [usize; 2], pixel: [usize; 2]) -> Result<usize, OutsideSlice> {
    if pixel[0] < size[0] && pixel[1] < size[1] {
        Ok(pixel[1] * size[0] + pixel[0])
    } else {
        Err(OutsideSlice { pixel, size })
    }
}

/// The binomial mask 1 2 1 along both axes; the border goes on.
fn smoothed(value: &(impl Fn(usize, usize) -> f64 + Sync), [width, height]: [usize; 2]) -> Vec<f64> {
    let row = |x: usize, y: usize| {
        0.25 * (value(x.saturating_sub(1), y) + 2.0 * value(x, y) + value((x + 1).min(width - 1), y))
    };
    let pixels = || (0..width * height).into_par_iter().with_min_len(4096);
    let rows: Vec<f64> = pixels().map(|n| row(n % width, n / width)).collect();
    let column = |n: usize| {
        let (x, y) = (n % width, n / width);
        let at = |y: usize| rows[y * width + x];
        0.25 * (at(y.saturating_sub(1)) + 2.0 * at(y) + at((y + 1).min(height - 1)))
    };
    pixels().map(column).collect()
}

/// Whether the Laplacian changes its sign towards a face neighbour and is the nearer of the two to 0 here.
fn crosses_zero(laplacian: &[f64], [width, height]: [usize; 2], n: usize) -> bool {
    let (x, y) = (n % width, n / width);
    let here = laplacian[n];
    let beside = [
        (0 < x).then(|| n - 1),
        (x + 1 < width).then_some(n + 1),
        (0 < y).then(|| n.wrapping_sub(width)),
        (y + 1 < height).then_some(n + width),
    ];
    beside.into_iter().flatten().any(|other| {
        let there = laplacian[other];
        here * there < 0.0 && here.abs() <= there.abs()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;

    const SIZE: [usize; 2] = [80, 60];

    /// A disc of 100 on 0 around (40, 30) mm with radius 20 mm and noise, columns half a millimetre wide.
    fn disc(spacing_mm: [f64; 2]) -> Vec<f32> {
        let mut rng = Rng::new(2);
        let value = |n: usize| {
            let p = [(n % SIZE[0]) as f64 * spacing_mm[0] - 20.0, (n / SIZE[0]) as f64 * spacing_mm[1] - 30.0];
            (if p[0].hypot(p[1]) < 15.0 { 100.0 } else { 0.0 } + 10.0 * rng.normal()) as f32
        };
        (0..SIZE[0] * SIZE[1]).map(value).collect()
    }

    #[test]
    fn the_wire_follows_the_edge_around_a_disc() {
        let spacing_mm = [0.5, 1.0];
        let wire = LiveWire::new(&disc(spacing_mm), SIZE, spacing_mm).unwrap();
        // From the left end of the disc to its right end: along half of the circle, not through it.
        let path = wire.from([10, 30]).unwrap().to([70, 30]).unwrap();
        assert_eq!((path[0], path[path.len() - 1]), ([10, 30], [70, 30]));
        for pixel in &path {
            let p = [pixel[0] as f64 * 0.5 - 20.0, pixel[1] as f64 - 30.0];
            assert!((p[0].hypot(p[1]) - 15.0).abs() < 2.0, "{p:?} mm");
        }
        let steps = path.windows(2).all(|w| w[0][0].abs_diff(w[1][0]) < 2 && w[0][1].abs_diff(w[1][1]) < 2);
        assert!(steps, "a path has no gap");
    }

    #[test]
    fn the_wire_costs_least_of_all_ways() {
        let (size, mut rng) = ([7, 6], Rng::new(4));
        let values: Vec<f32> = (0..42).map(|_| rng.unit() as f32).collect();
        let wire = LiveWire::new(&values, size, [1.0, 2.0]).unwrap();
        let cost_of = |path: &[[usize; 2]]| -> u64 {
            let place = |p: [usize; 2]| p[1] * 7 + p[0];
            let step = |w: &[[usize; 2]]| {
                let by = [0, 1].map(|n| w[1][n] as i64 - w[0][n] as i64);
                STEPS.iter().position(|step| *step == by).expect("neighbours")
            };
            path.windows(2).map(|w| wire.link(place(w[0]), place(w[1]), step(w))).sum()
        };
        // Bellman and Ford: relax every link until nothing changes.
        let mut best = vec![u64::MAX / 2; 42];
        best[0] = 0;
        for _ in 0..42 {
            for p in 0..42 {
                for (n, [dx, dy]) in STEPS.into_iter().enumerate() {
                    let (x, y) = (p as i64 % 7 + dx, p as i64 / 7 + dy);
                    if (0..7).contains(&x) && (0..6).contains(&y) {
                        let q = (y * 7 + x) as usize;
                        best[q] = best[q].min(best[p] + wire.link(p, q, n));
                    }
                }
            }
        }
        let wires = wire.from([0, 0]).unwrap();
        for q in 0..42 {
            assert_eq!(cost_of(&wires.to([q % 7, q / 7]).unwrap()), best[q], "to {q}");
        }
    }

    #[test]
    fn odd_slices_give_a_path_or_a_sentence() {
        let wire = LiveWire::new(&[f32::NAN; 12], [4, 3], [1.0; 2]).unwrap();
        assert_eq!(wire.from([1, 1]).unwrap().to([1, 1]).unwrap(), [[1, 1]]);
        assert_eq!(wire.from([0, 0]).unwrap().to([3, 0]).unwrap().len(), 4);
        let error = wire.from([4, 0]).unwrap_err().to_string();
        assert_eq!(error, "pixel (4, 0) lies outside the slice of 4 × 3 pixels");
        assert!(LiveWire::new(&[], [0, 0], [1.0; 2]).is_none() && LiveWire::new(&[1.0], [2, 1], [1.0; 2]).is_none());
        assert_eq!(LiveWire::new(&[1.0], [1, 1], [1.0; 2]).unwrap().from([0, 0]).unwrap().to([0, 0]).unwrap().len(), 1);
    }
}
