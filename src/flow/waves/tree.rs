//! From a tree of vessels to a network of waves: the same resistances, masses and elasticities as in 0D, along the way.

use super::end::End;
use super::error::WavesError;
use super::network::Network;
use super::result::Probe;
use super::segment::{Loss, Profile, Section, Segment};
use super::solve::Setup;
use crate::flow::Fluid;
use crate::flow::network::{
    BlockKind, JunctionOutlet, LEAK, Link, Piece, Rcr, TreeNetwork, TreePlace, TreeSetup, Vessel, VesselTree, Wall,
};

/// Speed in m/s of the wave in stents and grafts, which are rigid in 0D: ten times as stiff as an artery with 7 m/s.
const STIFF_M_S: f64 = 22.0;

/// A network of waves made from a tree, and where its vessels are.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeWaves {
    /// The network.
    pub network: Network,
    /// Cells of 2 mm that start at the mean pressure of the tree.
    pub setup: Setup,
    /// Stretches of branches and added vessels with the segment that has them.
    pub stretches: Vec<Stretch>,
}

/// Where a piece of the 0D network is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// The piece: its branch, places and block.
    pub piece: Piece,
    /// Its segment.
    pub segment: usize,
    /// Where the piece begins along the segment in m.
    pub begin_m: f64,
}

impl TreeWaves {
    /// The probe at a place on a branch.
    pub fn probe(&self, place: TreePlace) -> Option<Probe> {
        let on_branch = self.stretches.iter().filter(|stretch| stretch.piece.branch == Some(place.branch));
        let distance =
            |stretch: &Stretch| (stretch.piece.from_mm - place.at_mm).max(place.at_mm - stretch.piece.to_mm).max(0.0);
        let stretch = on_branch.min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        let Piece { from_mm, to_mm, .. } = stretch.piece;
        let length_m = self.network.segments()[stretch.segment].length_m;
        let at_m = stretch.begin_m + 1e-3 * (place.at_mm.clamp(from_mm, to_mm) - from_mm);
        Some(Probe { segment: stretch.segment, at_m: at_m.min(length_m) })
    }
}

/// The network of waves of a tree.
///
/// What [`VesselTree::network`] makes of it in 0D is spread along the way: area from the inductance of each piece, wall
/// from its capacitance, taken as they are at the mean pressure, and what its resistance has beyond the friction of
/// `profile` (bends, stenoses by Young & Tsai, losses at junctions) as losses. A profile of order 2 has the resistances
/// of 0D; blunter ones have more friction. Stents and grafts, rigid in 0D, get a wall with a wave of 22 m/s; nothing is
/// stiffer.
///
/// # Errors
/// As [`VesselTree::network`] and [`Network::new`]; [`WavesError::Tree`] for rigid walls.
pub fn from_tree(tree: &VesselTree, setup: &TreeSetup, profile: Profile) -> Result<TreeWaves, WavesError> {
    if setup.wall == Wall::Rigid {
        let problem = "its walls are rigid; give them a stiffness or a speed of the pulse wave";
        return Err(WavesError::Tree(problem.into()));
    }
    let lumped = tree.network(setup)?;
    if lumped.network.blocks().iter().any(|block| block.name.starts_with(LEAK)) {
        let problem = "it has a wound, which pulse waves do not know; close it, or ask the network (0D)";
        return Err(WavesError::Tree(problem.into()));
    }
    let joined = Joined::new(&lumped);
    let mut segments: Vec<Segment> = Vec::new();
    let mut stretches: Vec<Stretch> = Vec::new();
    for piece in &lumped.pieces {
        let BlockKind::Vessel(vessel) = &lumped.network.blocks()[piece.block].kind else { continue };
        let [from, to] = joined.nodes[piece.block];
        let length = 1e-3 * (piece.to_mm - piece.from_mm);
        let section = |at_m: f64| section(vessel, at_m, length, &setup.fluid);
        let goes_on = stretches.last().filter(|last| {
            let is_same = last.piece.branch == piece.branch && piece.branch.is_some();
            is_same && segments[last.segment].nodes[1] == from && joined.is_plain(from)
        });
        let (segment, begin_m) = match goes_on {
            Some(last) => {
                let segment = &mut segments[last.segment];
                let begin = segment.length_m;
                segment.sections.push(section(begin + 0.5 * length));
                segment.length_m += length;
                segment.nodes[1] = to;
                (last.segment, begin)
            }
            None => {
                let name = lumped.network.blocks()[piece.block].name.clone();
                let reference = setup.mean_pressure_pa;
                segments.push(Segment::uniform(&name, [from, to], length, section(0.5 * length), reference, profile));
                (segments.len() - 1, 0.0)
            }
        };
        stretches.push(Stretch { piece: *piece, segment, begin_m });
    }
    for stretch in &stretches {
        let block = stretch.piece.block;
        let BlockKind::Vessel(vessel) = &lumped.network.blocks()[block].kind else { continue };
        let segment = &mut segments[stretch.segment];
        let from_m = stretch.begin_m;
        let to_m = from_m + 1e-3 * (stretch.piece.to_mm - stretch.piece.from_mm);
        let at_junction = joined.losses[block];
        let linear = vessel.resistance + at_junction.resistance - friction(segment, from_m, to_m, &setup.fluid);
        let quadratic = vessel.stenosis + at_junction.stenosis;
        // Less than a thousandth is what integration leaves.
        let linear = if linear < 1e-3 * vessel.resistance { 0.0 } else { linear };
        if 0.0 < linear || 0.0 < quadratic {
            segment.losses.push(Loss { from_m, to_m, linear, quadratic });
        }
    }
    let ends = lumped.network.blocks().iter().enumerate().filter_map(|(block, described)| {
        let end = match &described.kind {
            BlockKind::Flow(wave) => End::Flow(wave.clone()),
            BlockKind::Pressure(wave) => End::Pressure(wave.clone()),
            BlockKind::Resistance { resistance, distal_pressure } => {
                let (capacitance, distal) = (0.0, 0.0);
                End::Windkessel { proximal: *resistance, capacitance, distal, distal_pressure_pa: *distal_pressure }
            }
            BlockKind::Rcr(Rcr { proximal, capacitance, distal, distal_pressure }) => End::Windkessel {
                proximal: *proximal,
                capacitance: *capacitance,
                distal: *distal,
                distal_pressure_pa: *distal_pressure,
            },
            _ => return None,
        };
        Some((joined.nodes[block][0], end))
    });
    let network = Network::new(setup.fluid.clone(), segments, ends.collect())?;
    Ok(TreeWaves { network, setup: Setup::from_pressure(setup.mean_pressure_pa), stretches })
}

/// A vessel of the 0D network as a section: L = ρ l/A, C = 2 l A^(3/2)/β.
fn section(vessel: &Vessel, at_m: f64, length: f64, fluid: &Fluid) -> Section {
    let area_m2 = fluid.density_kg_m3 * length / vessel.inductance;
    let stiff = 2.0 * fluid.density_kg_m3 * STIFF_M_S * STIFF_M_S * area_m2.sqrt();
    let soft = 2.0 * length * area_m2.powf(1.5) / vessel.capacitance;
    Section { at_m, area_m2, beta_pa_m: if soft.is_finite() { soft.min(stiff) } else { stiff } }
}

/// Resistance of the profile over a stretch at the reference areas: 2 (ζ + 2) π μ ∫ dx/A².
fn friction(segment: &Segment, from_m: f64, to_m: f64, fluid: &Fluid) -> f64 {
    const PARTS: usize = 64;
    let part = (to_m - from_m) / PARTS as f64;
    let inverse = (0..PARTS).map(|n| segment.wall(from_m + (n as f64 + 0.5) * part)[0].powi(-4)).sum::<f64>();
    2.0 * (segment.profile.order + 2.0) * std::f64::consts::PI * fluid.viscosity_pa_s * inverse * part
}

/// The blocks of a network without its junctions.
struct Joined {
    /// Nodes before and behind every block; an end has its only one twice.
    nodes: Vec<[usize; 2]>,
    /// What a junction before it takes from a vessel.
    losses: Vec<JunctionOutlet>,
    /// How many vessels and ends reach each node.
    counts: Vec<usize>,
}

impl Joined {
    fn new(lumped: &TreeNetwork) -> Self {
        let (blocks, links) = (lumped.network.blocks(), lumped.network.links());
        let is_junction =
            |block: usize| matches!(blocks[block].kind, BlockKind::Junction | BlockKind::VesselJunction(_));
        // A connection is a node, and all of a junction are one.
        let node = |n: usize, link: &Link| match (is_junction(link.from), is_junction(link.to)) {
            (true, _) => links.len() + link.from,
            (_, true) => links.len() + link.to,
            _ => n,
        };
        let mut joined = Self {
            nodes: vec![[usize::MAX; 2]; blocks.len()],
            losses: vec![JunctionOutlet::default(); blocks.len()],
            counts: vec![0; links.len() + blocks.len()],
        };
        let mut outlets = vec![0; blocks.len()];
        for (n, link) in links.iter().enumerate() {
            let node = node(n, link);
            if let BlockKind::VesselJunction(list) = &blocks[link.from].kind {
                joined.losses[link.to] = list[outlets[link.from]];
            }
            outlets[link.from] += 1;
            joined.nodes[link.from][1] = node;
            joined.nodes[link.to][0] = node;
            for block in [link.from, link.to] {
                joined.counts[node] += usize::from(!is_junction(block));
            }
        }
        for [before, behind] in &mut joined.nodes {
            if *before == usize::MAX {
                *before = *behind;
            }
            if *behind == usize::MAX {
                *behind = *before;
            }
        }
        joined
    }

    /// Whether two vessels follow one another there and nothing else.
    fn is_plain(&self, node: usize) -> bool {
        self.counts[node] == 2
    }
}
