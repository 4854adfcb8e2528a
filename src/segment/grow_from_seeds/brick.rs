//! One brick of 32³ voxels: its labels with their distances, and the flood inside it.

use super::terrain::{Terrain, WALL};
use std::ops::Range;
use std::sync::Arc;

/// Edge of a brick in voxels: that of label maps, so that both share them.
pub(super) const EDGE: usize = crate::image::BRICK;
const SIZE: usize = EDGE * EDGE * EDGE;
/// Edge with one voxel more on both sides.
const PADDED: usize = EDGE + 2;
/// Steps in the padded brick to the six face neighbours: −i, +i, −j, +j, −k, +k.
const STEPS: [isize; 6] =
    [-1, 1, -(PADDED as isize), PADDED as isize, -((PADDED * PADDED) as isize), (PADDED * PADDED) as isize];
/// Distance of a voxel that nothing reached.
pub(super) const FAR: u16 = u16::MAX;
const FAR_KEY: u32 = 0x00FF_FFFF;
/// The largest distance there is; longer ways count as this.
const DISTANCE_MAX: u32 = FAR as u32 - 1;
/// Distances that share a bucket: 1 << SHIFT units.
const SHIFT: u32 = 4;
const BUCKETS: usize = 1 << (16 - SHIFT);

/// Labels of a brick and their distances in units; a voxel with distance 0 is a seed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Brick {
    pub distances: Box<[u16]>,
    /// Shared with results.
    pub labels: Arc<[u8]>,
}

impl Brick {
    pub fn new() -> Self {
        Self { distances: vec![FAR; SIZE].into(), labels: vec![0; SIZE].into() }
    }

    /// Distance and label in one number, to be compared as one: equal distances go to the smaller label.
    fn key(&self, place: usize) -> u32 {
        match self.distances[place] {
            FAR => FAR_KEY,
            distance => u32::from(distance) << 8 | u32::from(self.labels[place]),
        }
    }
}

/// Scratch memory of a flood.
#[derive(Debug)]
pub(super) struct Flood {
    /// Padded; 0 where nothing may enter.
    keys: Vec<u32>,
    /// Padded.
    units: Vec<i16>,
    /// The keys of the voxels beyond each face.
    beyond: [Vec<u32>; 6],
    buckets: Vec<Vec<u16>>,
    /// One bit a bucket that holds something.
    filled: [u64; BUCKETS / 64],
}

/// Where a brick lies.
pub(super) struct Place<'a> {
    /// Its first voxel.
    pub start: [usize; 3],
    /// The voxels that take part.
    pub region: &'a [Range<usize>; 3],
    pub dims: [usize; 3],
}

impl Flood {
    pub fn new() -> Self {
        Self {
            keys: vec![0; PADDED.pow(3)],
            units: vec![WALL; PADDED.pow(3)],
            beyond: std::array::from_fn(|_| vec![FAR_KEY; EDGE * EDGE]),
            buckets: vec![Vec::new(); BUCKETS],
            filled: [0; BUCKETS / 64],
        }
    }

    /// Bring `brick` to rest with its neighbours as they are, looking at all of it or only at what comes in.
    ///
    /// Gives for each face the least distance at which something could cross it, [`FAR`] if nothing would be improved.
    pub fn settle(
        &mut self,
        brick: &mut Option<Brick>,
        beside: [Option<&Brick>; 6],
        terrain: &Terrain,
        place: &Place,
        whole: bool,
    ) -> [u16; 6] {
        let costs = terrain.step_units();
        self.load(brick.as_ref(), beside, terrain, place);
        for face in 0..6 {
            for n in 0..EDGE * EDGE {
                let to = padded(face_voxel(face, n));
                let from = to.wrapping_add_signed(STEPS[face]);
                self.relax(self.beyond[face][n], from, to, costs[face / 2]);
            }
        }
        if whole {
            for place in 0..SIZE {
                let from = padded(voxel(place));
                if self.keys[from] != 0 && self.keys[from] != FAR_KEY {
                    self.spread(from, costs);
                }
            }
        }
        self.run(costs);
        let out = self.crossings(costs);
        self.store(brick);
        out
    }

    fn load(&mut self, brick: Option<&Brick>, beside: [Option<&Brick>; 6], terrain: &Terrain, place: &Place) {
        let Place { start, region, dims } = place;
        // The first voxel of the padded brick lies one before `start`: ranges are shifted by one to stay positive.
        let columns = (region[0].start + 1).max(start[0])..(region[0].end + 1).min(start[0] + PADDED);
        for k in 0..PADDED {
            for j in 0..PADDED {
                let row = &mut self.units[(k * PADDED + j) * PADDED..][..PADDED];
                row.fill(WALL);
                let [jj, kk] = [start[1] + j, start[2] + k];
                let within = |a: usize, at: usize| region[a].start < at && at <= region[a].end;
                if within(1, jj) && within(2, kk) && !columns.is_empty() {
                    let offset = ((kk - 1) * dims[1] + jj - 1) * dims[0] + columns.start - 1;
                    terrain.units(offset, &mut row[columns.start - start[0]..columns.end - start[0]]);
                }
            }
        }
        for place in 0..SIZE {
            let at = padded(voxel(place));
            let open = self.units[at] != WALL;
            self.keys[at] = if open { brick.map_or(FAR_KEY, |brick| brick.key(place)) } else { 0 };
        }
        for (face, beyond) in self.beyond.iter_mut().enumerate() {
            match beside[face] {
                None => beyond.fill(FAR_KEY),
                Some(other) => beyond.iter_mut().enumerate().for_each(|(n, key)| {
                    let [i, j, k] = face_voxel(face ^ 1, n);
                    *key = other.key((k * EDGE + j) * EDGE + i);
                }),
            }
        }
    }

    fn store(&self, brick: &mut Option<Brick>) {
        if brick.is_none() && (0..SIZE).all(|place| matches!(self.keys[padded(voxel(place))], 0 | FAR_KEY)) {
            return;
        }
        let brick = brick.get_or_insert_with(Brick::new);
        let row_of = |row: usize| {
            let from = padded([0, row % EDGE, row / EDGE]);
            self.keys[from..from + EDGE].iter().enumerate().filter(|(_, key)| !matches!(**key, 0 | FAR_KEY))
        };
        for row in 0..EDGE * EDGE {
            let distances = &mut brick.distances[row * EDGE..(row + 1) * EDGE];
            row_of(row).for_each(|(n, key)| distances[n] = (key >> 8) as u16);
        }
        // Most visits only shorten ways; labels that stay as they are stay shared.
        let differs = |row: usize| row_of(row).any(|(n, key)| brick.labels[row * EDGE + n] != *key as u8);
        if (0..EDGE * EDGE).any(differs) {
            let labels = Arc::make_mut(&mut brick.labels);
            for row in 0..EDGE * EDGE {
                row_of(row).for_each(|(n, key)| labels[row * EDGE + n] = *key as u8);
            }
        }
    }

    #[inline]
    fn cost(&self, from: usize, to: usize, step: i32) -> u32 {
        let (a, b) = (i32::from(self.units[from]), i32::from(self.units[to]));
        (a - b).unsigned_abs() + step as u32
    }

    /// Offer `to` the way through `from`, whose key is `key`.
    #[inline]
    fn relax(&mut self, key: u32, from: usize, to: usize, step: i32) {
        let known = self.keys[to];
        if known <= key || self.units[from] == WALL {
            return;
        }
        let distance = ((key >> 8) + self.cost(from, to, step)).min(DISTANCE_MAX);
        let through = distance << 8 | key & 0xFF;
        if through < known {
            self.keys[to] = through;
            let bucket = (distance >> SHIFT) as usize;
            self.buckets[bucket].push(to as u16);
            self.filled[bucket / 64] |= 1 << (bucket % 64);
        }
    }

    #[inline]
    fn spread(&mut self, from: usize, costs: [i32; 3]) {
        let key = self.keys[from];
        for (face, step) in STEPS.iter().enumerate() {
            self.relax(key, from, from.wrapping_add_signed(*step), costs[face / 2]);
        }
    }

    /// Empty the buckets, the nearest first; what falls into the same bucket again is looked at again.
    fn run(&mut self, costs: [i32; 3]) {
        let mut word = 0;
        while word < self.filled.len() {
            if self.filled[word] == 0 {
                word += 1;
                continue;
            }
            let bucket = word * 64 + self.filled[word].trailing_zeros() as usize;
            match self.buckets[bucket].pop() {
                None => self.filled[word] &= !(1 << (bucket % 64)),
                // A voxel that was bettered since has been looked at from the lower bucket.
                Some(from) if (self.keys[usize::from(from)] >> (8 + SHIFT)) as usize == bucket => {
                    self.spread(usize::from(from), costs);
                }
                Some(_) => {}
            }
        }
    }

    fn crossings(&self, costs: [i32; 3]) -> [u16; 6] {
        std::array::from_fn(|face| {
            let crossing = |n: usize| {
                let from = padded(face_voxel(face, n));
                let to = from.wrapping_add_signed(STEPS[face]);
                let key = self.keys[from];
                if key == 0 || key == FAR_KEY || self.units[to] == WALL {
                    return FAR;
                }
                let distance = ((key >> 8) + self.cost(from, to, costs[face / 2])).min(DISTANCE_MAX);
                if (distance << 8 | key & 0xFF) < self.beyond[face][n] { distance as u16 } else { FAR }
            };
            (0..EDGE * EDGE).map(crossing).min().unwrap_or(FAR)
        })
    }
}

fn voxel(place: usize) -> [usize; 3] {
    [place % EDGE, place / EDGE % EDGE, place / (EDGE * EDGE)]
}

fn padded([i, j, k]: [usize; 3]) -> usize {
    ((k + 1) * PADDED + j + 1) * PADDED + i + 1
}

/// The `n`th voxel along a face, numbered as [`STEPS`].
fn face_voxel(face: usize, n: usize) -> [usize; 3] {
    let (a, b) = (n % EDGE, n / EDGE);
    let end = if face.is_multiple_of(2) { 0 } else { EDGE - 1 };
    match face / 2 {
        0 => [end, a, b],
        1 => [a, end, b],
        _ => [a, b, end],
    }
}
