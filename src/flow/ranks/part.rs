//! What one rank holds of a lattice: its cells, its halo, and how it comes to know the rest.

use super::divide::{Seen, owners};
use super::{Ranks, RanksLost};
use crate::flow::cells::Cells;
use crate::flow::domain::OpeningLink;
use crate::flow::lattice::Q;
use crate::flow::populations::Populations;
use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;
use std::sync::{Arc, OnceLock};

/// A rank with cells near those of this one.
struct Neighbour {
    /// Own cells that it holds too, and cells of it that are held here; both ascending.
    send: Vec<u32>,
    receive: Vec<u32>,
}

/// The part of a lattice that this rank steps.
pub(in crate::flow) struct Part {
    pub ranks: Arc<dyn Ranks>,
    /// The cells of every rank, ascending.
    owned: Vec<Vec<u32>>,
    /// The numbers of the neighbours, and what is exchanged with them.
    with: Vec<usize>,
    neighbours: Vec<Neighbour>,
    outgoing: Vec<Vec<f32>>,
    incoming: Vec<Vec<f32>>,
    /// For how many steps the halo keeps own cells right, and how many were made since it was set.
    pub reach: usize,
    pub since: usize,
    /// Why the ranks cannot go on.
    fault: OnceLock<RanksLost>,
}

impl Part {
    /// The part of this rank, if two steps are made `pairs` times between two exchanges.
    pub fn new(ranks: Arc<dyn Ranks>, cells: &Cells, openings: &[OpeningLink], pairs: usize) -> Self {
        let reach = 2 * pairs.max(1);
        let owners = owners(cells, openings, ranks.size(), reach);
        let mut owned: Vec<Vec<u32>> = vec![Vec::new(); ranks.size()];
        owners.iter().enumerate().for_each(|(cell, owner)| owned[*owner as usize].push(cell as u32));
        let me = ranks.rank();
        let mut seen = Seen::new(cells);
        let halo = seen.within(cells, owned[me].iter().copied(), reach).split_off(owned[me].len());
        let mut received: Vec<Vec<u32>> = vec![Vec::new(); ranks.size()];
        halo.into_iter().for_each(|cell| received[owners[cell as usize] as usize].push(cell));
        let (mut with, mut neighbours) = (Vec::new(), Vec::new());
        for (rank, mut receive) in received.into_iter().enumerate().filter(|(_, received)| !received.is_empty()) {
            receive.sort_unstable();
            // A path from an own cell to one of that rank ends in one that is held here.
            let near = seen.within(cells, receive.iter().copied(), reach).into_iter();
            let mut send: Vec<u32> = near.filter(|cell| owners[*cell as usize] as usize == me).collect();
            send.sort_unstable();
            with.push(rank);
            neighbours.push(Neighbour { send, receive });
        }
        let room = |cells: usize| vec![0.0; Q * cells];
        let outgoing = neighbours.iter().map(|neighbour| room(neighbour.send.len())).collect();
        let incoming = neighbours.iter().map(|neighbour| room(neighbour.receive.len())).collect();
        let fault = OnceLock::new();
        // All cells at rest: the halo is right.
        Self { ranks, owned, with, neighbours, outgoing, incoming, reach, since: 0, fault }
    }

    /// The cells that are here, own and halo, ascending.
    pub fn here(&self) -> Vec<u32> {
        let halo = self.neighbours.iter().flat_map(|neighbour| &neighbour.receive);
        let mut here: Vec<u32> = self.mine().iter().chain(halo).copied().collect();
        here.sort_unstable();
        here
    }

    /// The own cells, ascending.
    pub fn mine(&self) -> &[u32] {
        &self.owned[self.ranks.rank()]
    }

    /// Cells of the halo, and those of other halos that are own ones.
    pub fn exchanged(&self) -> [usize; 2] {
        let count = |of: fn(&Neighbour) -> usize| self.neighbours.iter().map(of).sum();
        [count(|neighbour| neighbour.receive.len()), count(|neighbour| neighbour.send.len())]
    }

    /// Whether the halo has to be set anew before two more steps.
    pub fn is_used_up(&self) -> bool {
        self.reach < self.since + 2
    }

    /// Set the halo anew, between pairs of steps.
    pub fn exchange(&mut self, populations: &mut Populations) {
        let Self { ranks, with, neighbours, outgoing, incoming, fault, .. } = self;
        self.since = 0;
        for (neighbour, numbers) in neighbours.iter().zip(outgoing.iter_mut()) {
            let of_cells = numbers.par_chunks_mut(Q).with_min_len(512).zip(&neighbour.send);
            of_cells.for_each(|(numbers, cell)| numbers.copy_from_slice(&populations.sent(*cell as usize)));
        }
        if fault.get().is_some() {
            return;
        }
        if let Err(lost) = ranks.exchange(with, outgoing, incoming) {
            // The first says what happened.
            let _ = fault.set(lost);
            return;
        }
        for (neighbour, numbers) in neighbours.iter().zip(incoming) {
            for (cell, numbers) in neighbour.receive.iter().zip(numbers.as_chunks::<Q>().0) {
                populations.set(*cell as usize, *numbers);
            }
        }
    }

    /// One value a cell, from those of the own cells of every rank; all of them nothing if a rank is lost.
    pub fn all<T: Pod>(&self, mine: &[T]) -> Vec<T> {
        self.in_order(&self.all_gather(bytemuck::cast_slice(mine)))
    }

    /// The same on rank 0 only.
    pub fn all_on_first<T: Pod>(&self, mine: &[T]) -> Vec<T> {
        let gathered = self.unless_lost(|ranks| ranks.gather(bytemuck::cast_slice(mine)));
        if self.ranks.rank() == 0 { self.in_order(&gathered) } else { Vec::new() }
    }

    /// Values of the cells of every rank, in the order of all cells.
    fn in_order<T: Pod>(&self, gathered: &[Vec<u8>]) -> Vec<T> {
        let mut all = vec![T::zeroed(); self.owned.iter().map(Vec::len).sum()];
        for (cells, bytes) in self.owned.iter().zip(gathered) {
            cells.iter().zip(values::<T>(bytes)).for_each(|(cell, value)| all[*cell as usize] = value);
        }
        all
    }

    /// What every rank gives, in the order of ranks; nothing if a rank is lost.
    pub fn all_gather(&self, mine: &[u8]) -> Vec<Vec<u8>> {
        self.unless_lost(|ranks| ranks.all_gather(mine))
    }

    fn unless_lost(&self, ask: impl FnOnce(&dyn Ranks) -> Result<Vec<Vec<u8>>, RanksLost>) -> Vec<Vec<u8>> {
        if self.fault.get().is_some() {
            return Vec::new();
        }
        ask(self.ranks.as_ref()).unwrap_or_else(|lost| {
            // The first says what happened.
            let _ = self.fault.set(lost);
            Vec::new()
        })
    }

    /// Whether all ranks say so; no if one is lost.
    pub fn do_all(&self, say_so: bool) -> bool {
        let said = self.all_gather(&[u8::from(say_so)]);
        !said.is_empty() && said.iter().all(|said| said == &[1])
    }

    /// Why the ranks cannot go on.
    pub fn fault(&self) -> Option<&RanksLost> {
        self.fault.get()
    }
}

/// Values that another rank sent as bytes.
pub(super) fn values<T: Pod>(bytes: &[u8]) -> impl Iterator<Item = T> + '_ {
    bytes.chunks_exact(size_of::<T>()).map(bytemuck::pod_read_unaligned)
}

/// What the owner of an outlet tells of it.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Told {
    pub outlet: f64,
    pub steer: f64,
    pub mean: f64,
    pub outflow: f64,
    pub now: f64,
    pub missing: f64,
    pub reads: f64,
    /// Flow out of it, summed over steps.
    pub sum: f64,
}
