//! From a tree of vessels to a network of blocks, in SI units.

use super::block::{Block, BlockKind, JunctionOutlet, Vessel};
use super::connections::{Link, Network};
use super::edit::PLACE_M;
use super::ends::check;
use super::error::NetworkError;
use super::geometry::{Wall, bend_factor, young_tsai};
use super::profile::Narrowing;
use super::tree::{TreeBranch, TreeSetup, VesselTree};
use super::waveform::Waveform;
use std::f64::consts::PI;

/// A network built from a tree, and where its vessels are.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeNetwork {
    /// Pressures in Pa, flows in m³/s, times in s.
    pub network: Network,
    /// The pieces of vessel in order along the branches, then the added vessels.
    pub pieces: Vec<Piece>,
}

/// A piece of vessel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Its block.
    pub block: usize,
    /// Branch it is on; none for an added vessel.
    pub branch: Option<usize>,
    /// Where it begins along the branch, in mm.
    pub from_mm: f64,
    /// Where it ends.
    pub to_mm: f64,
    /// Smallest diameter of a stenosis in it in mm, if there is one.
    pub stenosis_mm: Option<f64>,
}

/// Names of the blocks that feed the roots begin with it; the number of the branch follows.
pub const INFLOW: &str = "inflow";

/// Names of the blocks through which blood is lost begin with it; the number of the wound follows.
pub const LEAK: &str = "leak";

/// A point where pieces of vessel meet, while the network is built.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// Blocks that lead to it.
    pub(super) from: Vec<usize>,
    /// Blocks that it leads to, with the area of a vessel in m² for losses.
    pub(super) to: Vec<(usize, f64)>,
}

impl VesselTree {
    /// The network of this tree.
    ///
    /// Every branch is cut into pieces no longer than `piece_mm`, and where edits begin and end. A closed place and the
    /// open end behind it become ends without flow. The beds behind the ends are those of the tree before all edits.
    ///
    /// # Errors
    /// [`NetworkError`] for numbers of `setup` out of their range, and as [`Network::new`].
    pub fn network(&self, setup: &TreeSetup) -> Result<TreeNetwork, NetworkError> {
        check(setup)?;
        let mut builder = Builder {
            tree: self,
            setup,
            blocks: Vec::new(),
            nodes: Vec::new(),
            pieces: Vec::new(),
            places: Vec::new(),
        };
        for n in 0..self.branches.len() {
            builder.branch(n);
        }
        builder.grafts();
        builder.leaks();
        builder.ends();
        let (blocks, links) = builder.connect();
        Ok(TreeNetwork { network: Network::new(blocks, links)?, pieces: builder.pieces })
    }
}

impl TreeNetwork {
    /// The same network with another pressure at all its roots; its beds stay.
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn under_pressure(&self, pressure: &Waveform) -> Result<Self, NetworkError> {
        let mut blocks = self.network.blocks().to_vec();
        for block in blocks.iter_mut().filter(|block| block.name.starts_with(INFLOW)) {
            block.kind = BlockKind::Pressure(pressure.clone());
        }
        Ok(Self { network: Network::new(blocks, self.network.links().to_vec())?, pieces: self.pieces.clone() })
    }
}

pub(super) struct Builder<'a> {
    pub(super) tree: &'a VesselTree,
    pub(super) setup: &'a TreeSetup,
    blocks: Vec<Block>,
    pub(super) nodes: Vec<Node>,
    pub(super) pieces: Vec<Piece>,
    /// For each branch the places along it in m that have a node; a closed place stands there twice.
    pub(super) places: Vec<Vec<(f64, usize)>>,
}

impl Builder<'_> {
    pub(super) fn node(&mut self) -> usize {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    pub(super) fn block(&mut self, name: String, kind: BlockKind) -> usize {
        self.blocks.push(Block::new(name, kind));
        self.blocks.len() - 1
    }

    fn branch(&mut self, n: usize) {
        let tree = self.tree;
        let branch = &tree.branches[n];
        let start = match (branch.parent, branch.root) {
            (Some(parent), _) => self.places[parent][self.places[parent].len() - 1].1,
            (None, Some(root)) if root < n => self.places[root][0].1,
            _ => self.node(),
        };
        let length = branch.profile.length();
        let mean = branch.profile.mean_radius(0.0, length);
        let narrowings = branch.narrowings(self.setup.stenosis_from, NEIGHBOURHOOD * 2.0 * mean);
        let flow = tree.murray_flows(self.setup.mean_flow_m3_s)[n];
        let bend = if self.setup.bends { self.bend(branch, mean, length, flow) } else { 1.0 };
        let cuts = self.cuts(n, branch, &narrowings);
        let mut before = (0.0, start);
        let mut places = vec![before];
        // A vessel closed at its very begin has a node of its own behind the clip.
        if branch.clips.first().is_some_and(|clip| *clip < PLACE_M) {
            before = (0.0, self.node());
            places.push(before);
        }
        for (segment, place) in cuts.into_iter().enumerate() {
            let node = self.node();
            let piece = self.piece(n, segment, [before.0, place], &narrowings, bend);
            let area = PI * branch.profile.mean_radius(before.0, place).powi(2);
            self.nodes[before.1].to.push((piece, area));
            self.nodes[node].from.push(piece);
            before = (place, node);
            places.push(before);
            if branch.clips.iter().any(|clip| (clip - place).abs() < PLACE_M) {
                before = (place, self.node());
                places.push(before);
            }
        }
        self.places.push(places);
    }

    /// Where a branch is cut, its begin left out.
    fn cuts(&self, n: usize, branch: &TreeBranch, narrowings: &[Narrowing]) -> Vec<f64> {
        let length = branch.profile.length();
        let mut cuts: Vec<f64> = branch.clips.clone();
        for graft in &self.tree.grafts {
            cuts.extend([graft.from, graft.to].iter().filter(|p| p.branch == n).map(|place| 1e-3 * place.at_mm));
        }
        cuts.extend(self.tree.leaks.iter().filter(|leak| leak.place.branch == n).map(|leak| 1e-3 * leak.place.at_mm));
        cuts.extend(branch.stiff.iter().flatten());
        cuts.extend(narrowings.iter().flat_map(|narrow| [narrow.from, narrow.to]));
        cuts.retain(|cut| PLACE_M < *cut && *cut < length - PLACE_M);
        cuts.push(length);
        cuts.sort_by(f64::total_cmp);
        cuts.dedup_by(|a, b| (*a - *b).abs() < PLACE_M);
        let mut all = Vec::with_capacity(cuts.len());
        let mut before = 0.0;
        for cut in cuts {
            let is_narrow =
                narrowings.iter().any(|narrow| narrow.from < 0.5 * (before + cut) && 0.5 * (before + cut) < narrow.to);
            let count = if is_narrow { 1.0 } else { ((cut - before) / (1e-3 * self.setup.piece_mm)).ceil().max(1.0) };
            all.extend((1..count as usize).map(|k| before + (cut - before) * k as f64 / count));
            all.push(cut);
            before = cut;
        }
        all
    }

    /// Factor of the resistance by bends: of a circle that turns as much over the same length, at the mean flow.
    fn bend(&self, branch: &TreeBranch, radius: f64, length: f64, flow: f64) -> f64 {
        let reynolds = self.setup.fluid.reynolds(flow / (PI * radius * radius), 2.0 * radius);
        bend_factor(reynolds * (radius * branch.turned / length).sqrt())
    }

    fn piece(&mut self, n: usize, segment: usize, [from, to]: [f64; 2], narrowings: &[Narrowing], bend: f64) -> usize {
        let TreeSetup { fluid, wall, .. } = self.setup;
        let branch = &self.tree.branches[n];
        let middle = 0.5 * (from + to);
        let is_stiff = branch.stiff.iter().any(|[a, b]| *a < middle && middle < *b);
        let wall = if is_stiff { &Wall::Rigid } else { wall };
        let shape = branch.profile.elements(fluid, wall, from, to);
        let mut vessel = Vessel {
            resistance: bend * shape.resistance,
            inductance: shape.inductance,
            capacitance: shape.capacitance,
            ..Vessel::default()
        };
        let narrow = narrowings.iter().find(|narrow| narrow.from < middle && middle < narrow.to);
        if let Some(Narrowing { from: a, to: b, radius, usual }) = narrow {
            let stenosis = young_tsai(fluid, 2.0 * usual, 2.0 * radius, b - a);
            let part = (to - from) / (b - a);
            vessel.resistance = part * stenosis.resistance;
            vessel.inductance = part * stenosis.inductance;
            vessel.stenosis = part * stenosis.quadratic;
        }
        let block = self.block(format!("branch{n}_seg{segment}"), BlockKind::Vessel(vessel));
        let stenosis_mm = narrow.map(|narrow| 2e3 * narrow.radius);
        self.pieces.push(Piece { block, branch: Some(n), from_mm: 1e3 * from, to_mm: 1e3 * to, stenosis_mm });
        block
    }

    /// Junctions where pieces meet, and all connections.
    fn connect(&mut self) -> (Vec<Block>, Vec<Link>) {
        let mut links = Vec::new();
        let nodes = std::mem::take(&mut self.nodes);
        for (n, Node { mut from, mut to }) in nodes.into_iter().enumerate() {
            if from.is_empty() && to.is_empty() {
                continue;
            }
            let still = BlockKind::Flow(Waveform::constant(0.0));
            if from.is_empty() {
                from.push(self.block(format!("closed{n}"), still));
            } else if to.is_empty() {
                to.push((self.block(format!("closed{n}"), still), f64::INFINITY));
            }
            if let ([from], [(to, _)]) = (&from[..], &to[..]) {
                links.push(Link { from: *from, to: *to });
                continue;
            }
            let loss = 0.5 * self.setup.junction_loss * self.setup.fluid.density_kg_m3;
            let kind = if 0.0 < loss && from.len() == 1 {
                let outlet = |(_, area): &(usize, f64)| JunctionOutlet {
                    stenosis: loss / (area * area),
                    ..JunctionOutlet::default()
                };
                BlockKind::VesselJunction(to.iter().map(outlet).collect())
            } else {
                BlockKind::Junction
            };
            let junction = self.block(format!("J{n}"), kind);
            links.extend(from.iter().map(|from| Link { from: *from, to: junction }));
            links.extend(to.iter().map(|(to, _)| Link { from: junction, to: *to }));
        }
        (std::mem::take(&mut self.blocks), links)
    }
}

impl TreeBranch {
    /// Where it is narrow by at least the part `reduction`: what edits narrowed against what was there before, elsewhere
    /// against the neighbourhood within `window` in m.
    fn narrowings(&self, reduction: f64, window: f64) -> Vec<Narrowing> {
        // The parts of each edited stretch that no later edit covers.
        let mut edited: Vec<[f64; 2]> = Vec::new();
        for stretch in &self.reshaped {
            let mut left = vec![*stretch];
            for [a, b] in &edited {
                left = left.iter().flat_map(|[from, to]| [[*from, to.min(*a)], [from.max(*b), *to]]).collect();
                left.retain(|[from, to]| PLACE_M < to - from);
            }
            edited.extend(left);
        }
        let mut all: Vec<Narrowing> = Vec::new();
        for [from, to] in &edited {
            let (radius, usual) = (self.profile.mean_radius(*from, *to), self.whole.mean_radius(*from, *to));
            if radius < (1.0 - reduction) * usual {
                all.push(Narrowing { from: *from, to: *to, radius, usual });
            }
        }
        let found = self.profile.narrowings(reduction, window);
        let is_free = |narrow: &Narrowing| !edited.iter().any(|[from, to]| *from < narrow.to && narrow.from < *to);
        all.extend(found.into_iter().filter(is_free));
        all.sort_by(|a, b| a.from.total_cmp(&b.from));
        all
    }
}

/// How far the neighbourhood of a narrow place reaches, in mean diameters of the branch.
const NEIGHBOURHOOD: f64 = 5.0;
