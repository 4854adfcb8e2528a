//! What a solution means along the vessels: mean pressures and flows, and pressures over that at the root.

use super::build::{INFLOW, Piece, TreeNetwork};
use super::numbering::Quantity;
use super::solution::{End, Solution};

/// Means over the kept times in a piece of vessel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PieceMeans {
    /// Where it is.
    pub piece: Piece,
    /// Pressure at its begin in Pa.
    pub pressure_in_pa: f64,
    /// Pressure at its end in Pa.
    pub pressure_out_pa: f64,
    /// Flow through its end in m³/s, along the branch.
    pub flow_m3_s: f64,
    /// Pressure at its end over that where the first root is fed: with hyperaemic outlets the fractional flow
    /// reserve of computed flow (Taylor et al. 2013, J. Am. Coll. Cardiol. 61:2233).
    pub ratio: f64,
}

impl TreeNetwork {
    /// Means in every piece of vessel, in the order of [`TreeNetwork::pieces`].
    pub fn along(&self, solution: &Solution) -> Vec<PieceMeans> {
        let mean = |block, end, quantity| solution.mean(block, end, quantity).unwrap_or(0.0);
        let source = self.network.blocks().iter().position(|block| block.name.starts_with(INFLOW));
        let root_pa = source.map_or(0.0, |block| mean(block, End::Outlet, Quantity::Pressure));
        let means = |piece: &Piece| {
            let pressure_out_pa = mean(piece.block, End::Outlet, Quantity::Pressure);
            PieceMeans {
                piece: *piece,
                pressure_in_pa: mean(piece.block, End::Inlet, Quantity::Pressure),
                pressure_out_pa,
                flow_m3_s: mean(piece.block, End::Outlet, Quantity::Flow),
                ratio: if root_pa == 0.0 { 0.0 } else { pressure_out_pa / root_pa },
            }
        };
        self.pieces.iter().map(means).collect()
    }
}
