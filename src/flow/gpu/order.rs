//! Where every cell is on the card, who its neighbours are there, and which of its links lead out of the fluid.

use super::super::cells::Cells;
use super::super::lattice::{PAIRS, Q};
use super::super::populations::Populations;
use rayon::prelude::*;

/// Marks what is not looked at.
pub(super) const NOWHERE: u32 = u32::MAX;
/// Numbers of a cell that is not inner: links out of the fluid as bits, the first of them, where it is seen.
pub(super) const RECORD: usize = 3;
/// The bit beside those of the links that says whether a cell is beside a wall.
pub(super) const BESIDE_WALL: u32 = 31;
/// Threads of a group that steps.
pub(super) const GROUP: usize = 64;
/// Rows of the first table of neighbours.
pub(super) const ROWS_A: usize = 5;

/// The order of cells on the card: those with all neighbours first, both kinds along the longest runs.
pub(super) struct Order {
    /// The cell at every place.
    pub cells: Vec<u32>,
    /// The place of every cell.
    pub places: Vec<u32>,
    /// The first of them have all neighbours.
    pub inner: usize,
    /// Places in a row of populations.
    pub stride: usize,
    /// For every other cell the links out of the fluid, bit i − 1 for direction i; and the first of them.
    pub outer: Vec<(u32, u32)>,
    /// Links out of the fluid; those of `populations` beyond belong to no cell.
    pub links: usize,
}

impl Order {
    /// The order of `cells`, whose links out of the fluid have the order that `populations` gives them.
    pub fn new(cells: &Cells, populations: &Populations) -> Self {
        let mut by_rank = vec![0; cells.len()];
        (0..).zip(populations.ranks()).for_each(|(cell, rank)| by_rank[*rank as usize] = cell);
        let out = |cell: &u32| {
            let is_out = |i: &usize| cells.neighbour(*cell as usize, *i).is_none();
            (1..Q).filter(is_out).map(|i| 1 << (i - 1)).sum::<u32>()
        };
        let out: Vec<u32> = by_rank.par_iter().with_min_len(1024).map(out).collect();
        let (inside, outside): (Vec<usize>, Vec<usize>) = (0..cells.len()).partition(|rank| out[*rank] == 0);
        let mut links = 0;
        let mut outer = Vec::with_capacity(outside.len());
        for rank in &outside {
            outer.push((out[*rank], links));
            links += out[*rank].count_ones();
        }
        let order: Vec<u32> = inside.iter().chain(&outside).map(|rank| by_rank[*rank]).collect();
        let mut places = vec![0; order.len()];
        (0..).zip(&order).for_each(|(place, cell)| places[*cell as usize] = place);
        // An odd number of groups, so that the rows do not all begin in the same bank of memory.
        let stride = (cells.len().div_ceil(GROUP) | 1) * GROUP;
        Self { cells: order, places, inner: inside.len(), stride, outer, links: links as usize }
    }

    /// The place of the neighbour at x + c of pair `pair`, of every place; 0 where there is none.
    pub fn neighbours(&self, cells: &Cells, pair: usize) -> Vec<u32> {
        debug_assert!(pair < PAIRS);
        let place = |cell: &u32| cells.neighbour(*cell as usize, 2 * pair + 1).map_or(0, |to| self.places[to]);
        self.cells.par_iter().with_min_len(1024).map(place).collect()
    }

    /// Bytes on the card.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        4 * ((Q + PAIRS) * self.stride + RECORD * self.outer.len() + 2 * self.links)
    }
}

/// Where the wall is on a link, for the shaders: the share of the arriving population that was sent back if that is all
/// there is to say, else minus the share of the one sent back that was on its way out.
pub(super) fn share([near, far]: [f32; 2]) -> f32 {
    if far < 1.0 { -far } else { near }
}

#[cfg(test)]
mod tests {
    use super::super::openings::in_order;
    use super::super::tests::{bend, simulation};
    use super::*;
    use crate::flow::Scheme;

    #[test]
    fn a_cell_takes_the_memory_that_is_stated() {
        let (setup, domain) = bend(Scheme::Trt);
        let simulation = simulation(&setup, &domain).0;
        let order = Order::new(&simulation.cells, &simulation.populations);
        let (outer, links) = (order.outer.len() as f64, order.links as f64);
        let cells = order.cells.len() as f64;
        let padding = 112.0 * (order.stride as f64 - cells);
        assert!((order.bytes() as f64 - padding - (112.0 * cells + 12.0 * outer + 8.0 * links)).abs() < 1.0);
        // Narrow as it is, with a wall at every second cell.
        assert!((order.bytes() as f64 - padding) / cells < 150.0, "{outer} of {cells} cells at walls, {links} links");
    }

    #[test]
    fn neighbours_on_the_card_are_neighbours_in_the_lattice() {
        let (setup, domain) = bend(Scheme::Trt);
        let simulation = simulation(&setup, &domain).0;
        let cells = &simulation.cells;
        let order = Order::new(cells, &simulation.populations);
        assert!(in_order(&simulation.populations, &order.outer));
        for pair in 0..PAIRS {
            let neighbours = order.neighbours(cells, pair);
            for (place, to) in neighbours.into_iter().enumerate() {
                let cell = order.cells[place] as usize;
                let out = place.checked_sub(order.inner).map_or(0, |n| order.outer[n].0);
                let found = (out >> (2 * pair) & 1 == 0).then(|| order.cells[to as usize] as usize);
                assert_eq!(found, cells.neighbour(cell, 2 * pair + 1));
                assert_eq!(out >> (2 * pair + 1) & 1 != 0, cells.neighbour(cell, 2 * pair + 2).is_none());
            }
        }
    }
}
