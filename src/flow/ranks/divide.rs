//! Which rank owns which cells: recursive coordinate bisection (Berger, Bokhari 1987, IEEE Trans. Comput. 36:570).
//!
//! Cells are halved across the longest side of the box around them, then each half again. A vessel is cut across, where it
//! is thin, which a curve that fills space would not see to.
//!
//! Cells so near to an opening that what happens there reaches them between two exchanges stay together, so that nobody
//! but the owner needs to know of the opening; so do openings that share such cells.

use crate::flow::cells::Cells;
use crate::flow::domain::OpeningLink;
use crate::flow::lattice::Q;
use std::ops::Range;

/// Belongs to no opening.
const NONE: u32 = u32::MAX;

/// The rank of every cell, for `ranks` ranks whose halos have `reach` layers.
pub(super) fn owners(cells: &Cells, openings: &[OpeningLink], ranks: usize, reach: usize) -> Vec<u32> {
    let zones = zones(cells, openings, reach);
    let mut together: Vec<Vec<u32>> = Vec::new();
    let mut units = Vec::with_capacity(cells.len());
    for cell in 0..cells.len() as u32 {
        match zones[cell as usize] {
            NONE => units.push(Unit { first: cell, place: cells.place(cell as usize), weight: 1, zone: NONE }),
            zone => {
                together.resize_with(together.len().max(zone as usize + 1), Vec::new);
                together[zone as usize].push(cell);
            }
        }
    }
    for (zone, of_zone) in together.iter().enumerate().filter(|(_, of_zone)| !of_zone.is_empty()) {
        let sum = of_zone.iter().map(|cell| cells.place(*cell as usize).map(i64::from));
        let sum = sum.fold([0; 3], |a, b| std::array::from_fn(|n| a[n] + b[n]));
        let place = sum.map(|sum| (sum / of_zone.len() as i64) as i32);
        units.push(Unit { first: of_zone[0], place, weight: of_zone.len() as u32, zone: zone as u32 });
    }
    let mut owners = vec![0; cells.len()];
    bisect(&mut units, 0..ranks.max(1) as u32, &mut |unit, rank| match unit.zone {
        NONE => owners[unit.first as usize] = rank,
        zone => together[zone as usize].iter().for_each(|cell| owners[*cell as usize] = rank),
    });
    owners
}

/// Cells that stay together.
struct Unit {
    first: u32,
    place: [i32; 3],
    weight: u32,
    zone: u32,
}

/// Give `units` to `ranks`, as equally as units can be divided.
fn bisect(units: &mut [Unit], ranks: Range<u32>, give: &mut impl FnMut(&Unit, u32)) {
    if ranks.len() < 2 || units.is_empty() {
        units.iter().for_each(|unit| give(unit, ranks.start));
        return;
    }
    let reach = |a: usize| {
        let all = units.iter().map(|unit| unit.place[a]);
        let (low, high) = all.fold((i32::MAX, i32::MIN), |(low, high), x| (low.min(x), high.max(x)));
        high - low
    };
    let axis = (0..3).rev().max_by_key(|a| reach(*a)).unwrap_or(0);
    units.sort_unstable_by_key(|unit| (unit.place[axis], unit.first));
    let left = ranks.len() as u64 / 2;
    let all: u64 = units.iter().map(|unit| u64::from(unit.weight)).sum();
    let wanted = all * left / ranks.len() as u64;
    // Before the unit in the middle of which the border would lie, or behind it, whichever is nearer.
    let (mut before, mut cut) = (0, 0);
    while cut < units.len() && 2 * before + u64::from(units[cut].weight) <= 2 * wanted {
        before += u64::from(units[cut].weight);
        cut += 1;
    }
    let (low, high) = units.split_at_mut(cut);
    let middle = ranks.start + left as u32;
    bisect(low, ranks.start..middle, give);
    bisect(high, middle..ranks.end, give);
}

/// Of every cell within `reach` links of an opening's cells, which openings it belongs to: the least of their numbers.
fn zones(cells: &Cells, openings: &[OpeningLink], reach: usize) -> Vec<u32> {
    let mut zones = vec![NONE; cells.len()];
    let count = openings.iter().map(|link| usize::from(link.opening) + 1).max().unwrap_or(0);
    // The opening that another shares cells with, or itself.
    let mut joined: Vec<u32> = (0..count as u32).collect();
    let root = |joined: &[u32], mut n: u32| {
        while joined[n as usize] != n {
            n = joined[n as usize];
        }
        n
    };
    let mut seen = Seen::new(cells);
    for n in 0..count {
        let of_opening = openings.iter().filter(|link| usize::from(link.opening) == n).map(|link| link.cell);
        for cell in seen.within(cells, of_opening, reach) {
            let zone = &mut zones[cell as usize];
            if *zone == NONE {
                *zone = n as u32;
            } else {
                let (a, b) = (root(&joined, *zone), root(&joined, n as u32));
                joined[a.max(b) as usize] = a.min(b);
            }
        }
    }
    zones.iter_mut().filter(|zone| **zone != NONE).for_each(|zone| *zone = root(&joined, *zone));
    zones
}

/// Walks from cell to cell that remember where they were.
pub(super) struct Seen {
    /// The walk that came by a cell last.
    walks: Vec<u32>,
    walk: u32,
}

impl Seen {
    /// No walk yet.
    pub fn new(cells: &Cells) -> Self {
        Self { walks: vec![0; cells.len()], walk: 0 }
    }

    /// The cells at most `reach` links from one of `from`, these first.
    pub fn within(&mut self, cells: &Cells, from: impl Iterator<Item = u32>, reach: usize) -> Vec<u32> {
        self.walk += 1;
        let mut found = Vec::new();
        for cell in from {
            self.visit(cell, &mut found);
        }
        let mut front = 0..found.len();
        for _ in 0..reach {
            for n in front.clone() {
                for i in 1..Q {
                    if let Some(to) = cells.neighbour(found[n] as usize, i) {
                        self.visit(to as u32, &mut found);
                    }
                }
            }
            front = front.end..found.len();
        }
        found
    }

    fn visit(&mut self, cell: u32, found: &mut Vec<u32>) {
        let walk = &mut self.walks[cell as usize];
        if *walk != self.walk {
            *walk = self.walk;
            found.push(cell);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};

    fn rod() -> Cells {
        let grid = Grid::aligned([40, 5, 6], Point::origin(), [1.0; 3]).unwrap();
        Cells::new(grid, [false; 3], |_| true)
    }

    /// An opening at either end of the rod.
    fn ends(cells: &Cells) -> Vec<OpeningLink> {
        let is_end = |cell: &usize| matches!(cells.place(*cell)[0], 0 | 39);
        let link = |cell: usize| OpeningLink {
            cell: cell as u32,
            direction: 1 + u8::from(cells.place(cell)[0] == 0),
            opening: u8::from(cells.place(cell)[0] == 0),
        };
        (0..cells.len()).filter(is_end).map(link).collect()
    }

    #[test]
    fn a_rod_is_cut_across_into_equal_pieces() {
        let cells = rod();
        let owners = owners(&cells, &ends(&cells), 4, 2);
        for rank in 0..4 {
            let own: Vec<i32> = (0..cells.len()).filter(|n| owners[*n] == rank).map(|n| cells.place(n)[0]).collect();
            assert_eq!(own.len(), 300);
            assert_eq!(own.iter().max().unwrap() - own.iter().min().unwrap(), 9);
        }
    }

    #[test]
    fn nobody_else_comes_near_an_opening() {
        let cells = rod();
        let links = ends(&cells);
        for (ranks, reach) in [(2, 2), (3, 6), (40, 4), (7, 19)] {
            let owners = owners(&cells, &links, ranks, reach);
            assert!(owners.iter().all(|owner| (*owner as usize) < ranks));
            for rank in 0..ranks as u32 {
                let own = (0..cells.len() as u32).filter(|cell| owners[*cell as usize] == rank);
                let near = Seen::new(&cells).within(&cells, own, reach);
                let foreign = |link: &&OpeningLink| owners[link.cell as usize] != rank && near.contains(&link.cell);
                assert_eq!(links.iter().filter(foreign).count(), 0, "rank {rank} of {ranks}");
            }
        }
        // Where zones meet, both openings belong to one.
        let owners = owners(&cells, &links, 3, 20);
        assert_eq!(owners[links[0].cell as usize], owners[links[1].cell as usize]);
    }
}
