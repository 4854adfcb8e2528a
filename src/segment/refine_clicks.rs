//! Correct a segment by clicks: what looks like a click and lies near it joins the segment, or leaves it.

use super::SegmentError;
use crate::base::Progress;
use crate::geom::{Grid, Point};
use crate::image::{Scan, Volume};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// How clicks correct a segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clicks<'a> {
    /// Places that belong to the segment, LPS mm.
    pub inside: &'a [Point],
    /// Places that do not.
    pub outside: &'a [Point],
    /// How far a click reaches through tissue that looks like it, mm.
    pub reach_mm: f64,
    /// How much harder it is to go where values differ by one standard deviation more than noise does; 0 ignores values.
    pub contrast: f64,
}

/// Voxels around a click whose values tell what tissue it means, along each axis.
const SAMPLE: usize = 1;
/// Most clicks at once: who owns a voxel is a byte.
const CLICKS_MAX: usize = 250;
/// Nobody's.
const NOBODY: u8 = u8::MAX;
/// Steps of the front between two looks at `progress`.
const STEPS_PER_CHECK: usize = 1 << 14;

/// `mask` (1 inside) with the clicks heeded. Values of `scan` lie on the same grid.
///
/// Each click starts a front that goes from voxel to voxel at a cost of
///
/// ```text
/// c = h (1 + contrast max(0, |z| − 2)²)     z = (value − mean) / σ of the 3³ voxels around the click
/// ```
///
/// for a step of h mm, the geodesic distance of interactive methods (Criminisi, Sharp and Blake 2008; Wang et al. 2018,
/// DeepIGeoS) with the tissue of the click in place of the gradient. A voxel belongs to the front that comes first; those of
/// inside clicks become 1 and those of outside clicks 0 up to a cost of `reach_mm`. What the segment already has at the
/// end of the reach stands against an outside click, and what is already outside against an inside click, as fronts of
/// their own that start there: so only the surroundings of clicks change, and two clicks divide what lies between them.
///
/// # Errors
/// [`SegmentError`] without a click, for one outside the grid, other grids, a reach of 0, or a cancellation.
pub fn refine_clicks(
    mask: &Volume<u8>,
    scan: &Scan,
    clicks: &Clicks<'_>,
    progress: &Progress,
) -> Result<Volume<u8>, SegmentError> {
    let Clicks { inside, outside, reach_mm, contrast } = *clicks;
    let grid = mask.grid();
    if scan.grid() != grid {
        return Err(SegmentError::DifferentGrids);
    }
    let n = inside.len() + outside.len();
    if CLICKS_MAX < n {
        return Err(SegmentError::Clicks { given: n, max: CLICKS_MAX });
    }
    if n == 0 {
        return Err(SegmentError::Empty("list of clicks"));
    }
    if !(0.0 < reach_mm) {
        return Err(SegmentError::Empty("reach of the clicks"));
    }
    let all: Vec<(Point, bool)> =
        inside.iter().map(|p| (*p, true)).chain(outside.iter().map(|p| (*p, false))).collect();
    let mut seeds = Vec::new();
    let noise = noise(scan, &all)?;
    for (place, wanted) in &all {
        let voxel = grid.voxel_at(*place).ok_or_else(|| SegmentError::SeedOutside(place.coords.into()))?;
        let Some(mean) = sample(scan, voxel).map(|(mean, _)| mean) else {
            return Err(SegmentError::Empty("set of finite values around a click"));
        };
        seeds.push(Seed { voxel, mean, wanted: *wanted });
    }
    let part = Part::around(grid, &all, reach_mm);
    let mut front = Front::new(&part);
    for (owner, seed) in seeds.iter().enumerate() {
        front.offer(part.index(seed.voxel), 0.0, owner as u8);
    }
    // The rim of the part stands for what lies beyond: there everything stays as it is.
    for at in part.rim() {
        front.offer(at, 0.0, NOBODY);
    }
    let mut steps = 0;
    while let Some((cost, at, owner)) = front.next() {
        steps += 1;
        if steps % STEPS_PER_CHECK == 0 {
            progress.step(steps, part.len())?;
        }
        let voxel = part.voxel(at);
        for (to, h) in part.neighbours(voxel, grid) {
            let price = match seeds.get(usize::from(owner)) {
                Some(seed) => {
                    let value = scan.value(grid.offset(part.in_grid(part.voxel(to))));
                    // Noise alone, up to two standard deviations, costs nothing.
                    let beyond =
                        if value.is_finite() { ((value - seed.mean).abs() / noise - 2.0).max(0.0) } else { 1e3 };
                    h * (1.0 + contrast * beyond * beyond)
                }
                // What stays goes through tissue of its own kind: that which has the same mark.
                None => h * if same_mark(mask, &part, at, to) { 1.0 } else { 1e3 },
            };
            if cost + price <= reach_mm {
                front.offer(to, cost + price, owner);
            }
        }
    }
    let mut voxels = mask.voxels().to_vec();
    for (at, owner) in front.owners.iter().enumerate() {
        if let Some(seed) = seeds.get(usize::from(*owner)) {
            voxels[grid.offset(part.in_grid(part.voxel(at)))] = u8::from(seed.wanted);
        }
    }
    Ok(Volume::new(Arc::clone(grid), voxels).expect("one value per voxel"))
}

/// A click on its voxel.
struct Seed {
    voxel: [usize; 3],
    mean: f64,
    wanted: bool,
}

fn same_mark(mask: &Volume<u8>, part: &Part, a: usize, b: usize) -> bool {
    let mark = |at: usize| mask.at(part.in_grid(part.voxel(at))) != 0;
    mark(a) == mark(b)
}

/// Mean and variance of the finite values around a voxel.
fn sample(scan: &Scan, voxel: [usize; 3]) -> Option<(f64, f64)> {
    let grid = scan.grid();
    let range = |a: usize| voxel[a].saturating_sub(SAMPLE)..(voxel[a] + SAMPLE + 1).min(grid.dims()[a]);
    let mut values = Vec::new();
    for k in range(2) {
        for j in range(1) {
            values.extend(range(0).map(|i| scan.value(grid.offset([i, j, k]))).filter(|value| value.is_finite()));
        }
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (!values.is_empty()).then(|| (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n))
}

/// The standard deviation of values around the clicks, pooled; at least a thousandth of their size, so that images without
/// noise have one.
fn noise(scan: &Scan, clicks: &[(Point, bool)]) -> Result<f64, SegmentError> {
    let (mut sum, mut size, mut n) = (0.0, 0.0_f64, 0);
    for (place, _) in clicks {
        let voxel = scan.grid().voxel_at(*place).ok_or_else(|| SegmentError::SeedOutside(place.coords.into()))?;
        if let Some((mean, variance)) = sample(scan, voxel) {
            sum += variance;
            size = size.max(mean.abs());
            n += 1;
        }
    }
    Ok((sum / f64::from(n.max(1))).sqrt().max(1e-3 * size).max(1e-6))
}

/// The part of the grid that clicks can reach.
struct Part {
    start: [usize; 3],
    dims: [usize; 3],
}

impl Part {
    fn around(grid: &Grid, clicks: &[(Point, bool)], reach_mm: f64) -> Self {
        let (mut low, mut high) = ([usize::MAX; 3], [0; 3]);
        // A box in index space that holds the ball, also on sheared grids: rows of the inverse step have that length.
        let inverse = grid.step().try_inverse().expect("a grid can be inverted");
        let room = [0, 1, 2].map(|a| (reach_mm * inverse.row(a).norm()).ceil());
        for (place, _) in clicks {
            let index = grid.index_from_patient(*place);
            for a in 0..3 {
                let last = (grid.dims()[a] - 1) as f64;
                low[a] = low[a].min((index[a] - room[a]).floor().clamp(0.0, last) as usize);
                high[a] = high[a].max((index[a] + room[a]).ceil().clamp(0.0, last) as usize);
            }
        }
        Self { start: low, dims: [0, 1, 2].map(|a| high[a] - low[a] + 1) }
    }

    fn len(&self) -> usize {
        self.dims.iter().product()
    }

    fn index(&self, voxel: [usize; 3]) -> usize {
        let [i, j, k] = [0, 1, 2].map(|a| voxel[a] - self.start[a]);
        (k * self.dims[1] + j) * self.dims[0] + i
    }

    fn voxel(&self, at: usize) -> [usize; 3] {
        let [ni, nj, _] = self.dims;
        [at % ni, at / ni % nj, at / (ni * nj)]
    }

    fn in_grid(&self, voxel: [usize; 3]) -> [usize; 3] {
        [0, 1, 2].map(|a| voxel[a] + self.start[a])
    }

    /// The outermost voxels, in order.
    fn rim(&self) -> impl Iterator<Item = usize> + '_ {
        let is_rim =
            |voxel: [usize; 3]| (0..3).any(|a| 2 < self.dims[a] && (voxel[a] == 0 || voxel[a] + 1 == self.dims[a]));
        (0..self.len()).filter(move |at| is_rim(self.voxel(*at)))
    }

    /// The face, edge and corner neighbours and how far they are, mm.
    fn neighbours(&self, voxel: [usize; 3], grid: &Grid) -> impl Iterator<Item = (usize, f64)> + '_ {
        let step = *grid.step();
        (0..27).filter(|n| *n != 13).filter_map(move |n: usize| {
            let shift = [n % 3, n / 3 % 3, n / 9];
            let mut to = voxel;
            for a in 0..3 {
                to[a] = (voxel[a] + shift[a]).checked_sub(1).filter(|x| *x < self.dims[a])?;
            }
            let away = step * crate::geom::Vector::from(shift.map(|s| s as f64 - 1.0));
            let at = (to[2] * self.dims[1] + to[1]) * self.dims[0] + to[0];
            Some((at, away.norm()))
        })
    }
}

/// Fronts that compete: the cheapest voxel first, of equal costs the one first in memory.
struct Front {
    costs: Vec<f64>,
    owners: Vec<u8>,
    waiting: BinaryHeap<Reverse<(u64, usize, u8)>>,
}

impl Front {
    fn new(part: &Part) -> Self {
        let n = part.len();
        // A voxel nobody came to is nobody's.
        Self { costs: vec![f64::INFINITY; n], owners: vec![NOBODY; n], waiting: BinaryHeap::new() }
    }

    fn offer(&mut self, at: usize, cost: f64, owner: u8) {
        if cost < self.costs[at] {
            self.costs[at] = cost;
            self.owners[at] = owner;
            // Bits of positive numbers order as the numbers do.
            self.waiting.push(Reverse((cost.to_bits(), at, owner)));
        }
    }

    fn next(&mut self) -> Option<(f64, usize, u8)> {
        while let Some(Reverse((bits, at, owner))) = self.waiting.pop() {
            let cost = f64::from_bits(bits);
            if cost == self.costs[at] && owner == self.owners[at] {
                return Some((cost, at, owner));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::rng::Rng;
    use crate::geom::Vector;
    use crate::image::{Modality, Voxels};

    /// A bright ball of 12 mm in noise, on long voxels.
    fn scene() -> (Scan, Volume<u8>) {
        let grid = Arc::new(Grid::aligned([50, 50, 20], Point::new(-24.5, -24.5, -19.0), [1.0, 1.0, 2.0]).unwrap());
        let mut rng = Rng::new(5);
        let truth: Vec<u8> =
            (0..grid.len()).map(|o| u8::from(grid.centre(grid.voxel(o)).coords.norm() < 12.0)).collect();
        let values = truth.iter().map(|t| 100 * i16::from(*t) + rng.below(21) as i16 - 10).collect();
        let voxels = Voxels::I16(Volume::new(Arc::clone(&grid), values).unwrap());
        let scan = Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() };
        (scan, Volume::new(grid, truth).unwrap())
    }

    fn dice(a: &Volume<u8>, b: &Volume<u8>) -> f64 {
        super::super::score(a, b, &Progress::default()).unwrap().dice
    }

    fn refined(mask: &Volume<u8>, scan: &Scan, inside: &[Point], outside: &[Point]) -> Volume<u8> {
        let clicks = Clicks { inside, outside, reach_mm: 20.0, contrast: 1.0 };
        refine_clicks(mask, scan, &clicks, &Progress::default()).unwrap()
    }

    fn edited(truth: &Volume<u8>, mark: impl Fn(Point, bool) -> bool) -> Volume<u8> {
        let grid = truth.grid();
        let voxels = (0..grid.len()).map(|o| u8::from(mark(grid.centre(grid.voxel(o)), truth.voxels()[o] != 0)));
        Volume::new(Arc::clone(grid), voxels.collect()).unwrap()
    }

    #[test]
    fn a_missing_part_comes_back_at_one_click() {
        let (scan, truth) = scene();
        let cut = edited(&truth, |p, inside| inside && p.x < 2.0);
        let found = refined(&cut, &scan, &[Point::new(7.0, 0.0, 0.0)], &[]);
        // Corners nearer to the end of the reach than to the click stay as they were: 0.96 was measured.
        assert!(
            dice(&cut, &truth) < 0.82 && 0.95 < dice(&found, &truth),
            "{} {}",
            dice(&cut, &truth),
            dice(&found, &truth)
        );
    }

    #[test]
    fn a_leak_goes_at_one_click_and_the_rest_stays() {
        let (scan, truth) = scene();
        let leaky = edited(&truth, |p, inside| inside || (p - Point::new(15.0, 0.0, 0.0)).norm() < 6.0);
        let found = refined(&leaky, &scan, &[], &[Point::new(16.0, 0.0, 0.0)]);
        assert!(0.98 < dice(&found, &truth), "{}", dice(&found, &truth));
    }

    #[test]
    fn far_from_the_clicks_nothing_changes() {
        let (scan, truth) = scene();
        let place = Point::new(-9.0, 0.0, 0.0);
        let cut = edited(&truth, |p, inside| inside && p.x.abs() < 6.0);
        let clicks = Clicks { inside: &[place], outside: &[], reach_mm: 6.0, contrast: 1.0 };
        let found = refine_clicks(&cut, &scan, &clicks, &Progress::default()).unwrap();
        let grid = truth.grid();
        let far = |o: &usize| 6.0 + 1e-9 < (grid.centre(grid.voxel(*o)) - place).norm();
        assert!((0..grid.len()).filter(far).all(|o| found.voxels()[o] == cut.voxels()[o]));
        assert_ne!(found, cut);
    }

    #[test]
    fn no_click_a_click_outside_and_no_reach_are_refused() {
        let (scan, truth) = scene();
        let refuse = |inside: &[Point], reach_mm| {
            let clicks = Clicks { inside, outside: &[], reach_mm, contrast: 1.0 };
            refine_clicks(&truth, &scan, &clicks, &Progress::default()).unwrap_err()
        };
        assert!(matches!(refuse(&[], 9.0), SegmentError::Empty(_)));
        assert!(matches!(refuse(&[Point::origin()], 0.0), SegmentError::Empty(_)));
        let away = Point::origin() + Vector::repeat(900.0);
        assert!(matches!(refuse(&[away], 9.0), SegmentError::SeedOutside(_)));
    }
}
