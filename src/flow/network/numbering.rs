//! The unknowns of a network, their names, and which of them are each block's.

use super::block::{BlockKind, Side};
use super::connections::Network;
use super::equations::{self, Surroundings};
use super::heart::{P_LEFT_VENTRICLE, P_RIGHT_VENTRICLE};

/// What an unknown is; each kind has its own scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Pressure.
    Pressure,
    /// Volume over time.
    Flow,
    /// Volume.
    Volume,
}

/// An unknown of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Its name: `flow:FROM:TO` and `pressure:FROM:TO` at connections, `INNER:BLOCK` inside blocks.
    pub name: String,
    /// What it is.
    pub quantity: Quantity,
    /// Which of the values it is: the pressures around a junction are one.
    pub(super) column: usize,
}

/// One block's part of the system.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) unknowns: Vec<usize>,
    pub(super) equation: usize,
    pub(super) around: Surroundings,
}

/// Unknowns, every block's part, and what each of the values is.
pub(super) struct Numbering {
    pub(super) unknowns: Vec<Unknown>,
    pub(super) parts: Vec<Part>,
    /// Pressures come first, then flows, then volumes: where each kind ends.
    pub(super) ends: [usize; 3],
}

/// As many equations as values follow from the checks of [`Network::new`]: each connection brings a pressure and a flow
/// and, from each of its ends, one equation; a junction saves as many pressures as equations.
pub(super) fn number(network: &Network, steady: bool) -> Numbering {
    let blocks = network.blocks();
    let (mut unknowns, mut quantities) = (Vec::new(), Vec::new());
    let mut add = |name: String, quantity: Quantity, column: Option<usize>| -> usize {
        let column = column.unwrap_or_else(|| {
            quantities.push(quantity);
            quantities.len() - 1
        });
        unknowns.push(Unknown { name, quantity, column });
        column
    };
    let shared = shared_pressures(network);
    // Flow and pressure of every connection.
    let mut values: Vec<[usize; 2]> = Vec::with_capacity(network.links().len());
    for (n, link) in network.links().iter().enumerate() {
        let name = format!("{}:{}", blocks[link.from].name, blocks[link.to].name);
        let flow = add(format!("flow:{name}"), Quantity::Flow, None);
        let column = (shared[n] < n).then(|| values[shared[n]][1]);
        values.push([flow, add(format!("pressure:{name}"), Quantity::Pressure, column)]);
    }
    let (mut parts, mut equation) = (Vec::with_capacity(blocks.len()), 0);
    for (block, [inlets, outlets]) in blocks.iter().zip(network.ends()) {
        let mut own: Vec<usize> =
            inlets.iter().chain(&outlets).flat_map(|link| [values[*link][1], values[*link][0]]).collect();
        for inner in block.inner() {
            let quantity = match inner.as_bytes()[0] {
                b'V' | b'v' => Quantity::Volume,
                b'Q' => Quantity::Flow,
                _ => Quantity::Pressure,
            };
            own.push(add(format!("{inner}:{}", block.name), quantity, None));
        }
        let mut around =
            Surroundings { inlets: inlets.len(), outlets: outlets.len(), steady, ..Surroundings::default() };
        around.period = network.period();
        if let BlockKind::Chamber(chamber) = &block.kind {
            around.activation = chamber.activation.range(network.period());
        }
        parts.push(Part { unknowns: own, equation, around });
        equation += equations::count(block, &around);
    }
    for n in 0..blocks.len() {
        if let BlockKind::LoopCoronary { side, .. } = &blocks[n].kind {
            let (heart, part) = network.squeezing(*side).expect("checked when the network was made");
            let ventricle = if *side == Side::Left { P_LEFT_VENTRICLE } else { P_RIGHT_VENTRICLE };
            let ventricle = parts[heart].unknowns[ventricle];
            parts[n].unknowns.push(ventricle);
            parts[n].around.muscle_part = part;
        }
    }
    by_quantity(unknowns, parts, &quantities)
}

/// The same with values in the order of their quantities.
fn by_quantity(mut unknowns: Vec<Unknown>, mut parts: Vec<Part>, quantities: &[Quantity]) -> Numbering {
    let mut order: Vec<usize> = (0..quantities.len()).collect();
    order.sort_by_key(|n| quantities[*n]);
    let mut place = vec![0; order.len()];
    order.iter().enumerate().for_each(|(new, old)| place[*old] = new);
    unknowns.iter_mut().for_each(|unknown| unknown.column = place[unknown.column]);
    parts.iter_mut().flat_map(|part| &mut part.unknowns).for_each(|value| *value = place[*value]);
    let end = |last| order.partition_point(|n| quantities[*n] <= last);
    let ends = [Quantity::Pressure, Quantity::Flow, Quantity::Volume].map(end);
    Numbering { unknowns, parts, ends }
}

/// For each connection the first one with the same pressure: those around a junction, and on through others.
fn shared_pressures(network: &Network) -> Vec<usize> {
    let mut first: Vec<usize> = (0..network.links().len()).collect();
    fn root(first: &[usize], mut n: usize) -> usize {
        while first[n] != n {
            n = first[n];
        }
        n
    }
    for (block, [inlets, outlets]) in network.blocks().iter().zip(network.ends()) {
        if let BlockKind::Junction = block.kind {
            for pair in inlets.iter().chain(&outlets).copied().collect::<Vec<usize>>().windows(2) {
                let [a, b] = [root(&first, pair[0]), root(&first, pair[1])];
                first[a.max(b)] = a.min(b);
            }
        }
    }
    (0..first.len()).map(|n| root(&first, n)).collect()
}
