//! A network: blocks and how they are connected, checked once.

use super::block::{Block, BlockKind, Side};
use super::error::NetworkError;
use super::schedule::{Initial, Schedule};
use std::collections::BTreeMap;

/// Blocks and the connections between them; at every connection there is one pressure and one flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    blocks: Vec<Block>,
    links: Vec<Link>,
    period: f64,
    /// What is computed.
    pub schedule: Schedule,
    /// Values to start from.
    pub initial: Initial,
    /// Rates to start from.
    pub initial_rates: Initial,
}

/// A connection: blood counted positive flows from one block to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Block whose outlet it is.
    pub from: usize,
    /// Block whose inlet it is.
    pub to: usize,
}

impl Network {
    /// A network of these blocks. The order of a block's inlets and outlets is that of `links`.
    ///
    /// # Errors
    /// [`NetworkError`] for a name given twice, a bad number, a block that is connected wrongly or not at all, cycles of
    /// different lengths, and a coronary bed of a loop without heart.
    pub fn new(blocks: Vec<Block>, links: Vec<Link>) -> Result<Self, NetworkError> {
        let mut names = BTreeMap::new();
        for (n, block) in blocks.iter().enumerate() {
            if names.insert(block.name.as_str(), n).is_some() {
                return Err(NetworkError::DuplicateName(block.name.clone()));
            }
            block.check()?;
        }
        if blocks.is_empty() {
            return Err(NetworkError::Unreadable("there is no vessel and no other block".into()));
        }
        if let Some(link) = links.iter().find(|link| blocks.len() <= link.from.max(link.to)) {
            let problem = format!("a connection from block {} to block {}, of {}", link.from, link.to, blocks.len());
            return Err(NetworkError::Unreadable(problem));
        }
        let (mut inlets, mut outlets) = (vec![0; blocks.len()], vec![0; blocks.len()]);
        for link in &links {
            outlets[link.from] += 1;
            inlets[link.to] += 1;
        }
        for (n, block) in blocks.iter().enumerate() {
            block.check_connections(inlets[n], outlets[n])?;
        }
        let hearts = blocks.iter().filter(|block| matches!(block.kind, BlockKind::Heart(_))).count();
        for block in &blocks {
            let missing = |what| Err(NetworkError::Missing { block: block.name.clone(), what });
            if matches!(block.kind, BlockKind::LoopCoronary { .. }) && hearts != 1 {
                return missing("one heart whose ventricle squeezes it");
            }
        }
        let period = common_period(&blocks)?;
        let (initial, initial_rates) = (Initial::new(), Initial::new());
        let (period, schedule) = (period.unwrap_or(1.0), Schedule::default());
        Ok(Self { blocks, links, period, schedule, initial, initial_rates })
    }

    /// The same network with a cycle given from outside, for one whose blocks do not repeat.
    ///
    /// # Errors
    /// [`NetworkError::Periods`] if a block has another cycle, [`NetworkError::BadNumber`] if it is not above 0.
    pub fn with_period(mut self, period: f64) -> Result<Self, NetworkError> {
        super::error::positive("the network", "the cycle", period)?;
        if let Some(block) = self.blocks.iter().find(|b| b.period().is_some_and(|own| !same_period(own, period))) {
            let own = block.period().unwrap_or(period);
            return Err(NetworkError::Periods { block: block.name.clone(), period: own, other: period });
        }
        self.period = period;
        Ok(self)
    }

    /// The same network with the numbers of one block changed.
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn with_block(&self, block: usize, kind: BlockKind) -> Result<Self, NetworkError> {
        let mut blocks = self.blocks.clone();
        let Some(changed) = blocks.get_mut(block) else {
            let block = format!("block {block}");
            return Err(NetworkError::Missing { block, what: "to be in the network, whose blocks are counted from 0" });
        };
        changed.kind = kind;
        let network = Self::new(blocks, self.links.clone())?.with_period(self.period)?;
        let (initial, initial_rates) = (self.initial.clone(), self.initial_rates.clone());
        Ok(Self { schedule: self.schedule, initial, initial_rates, ..network })
    }

    /// The blocks.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The connections.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The block of this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.blocks.iter().position(|block| block.name == name)
    }

    /// Length of the cycle; 1 if nothing repeats and no other was given.
    pub fn period(&self) -> f64 {
        self.period
    }

    /// Connections that lead to each block, then those that lead from it.
    pub(super) fn ends(&self) -> Vec<[Vec<usize>; 2]> {
        let mut ends = vec![[Vec::new(), Vec::new()]; self.blocks.len()];
        for (n, link) in self.links.iter().enumerate() {
            ends[link.to][0].push(n);
            ends[link.from][1].push(n);
        }
        ends
    }

    /// The heart that squeezes coronary beds, and the part of a ventricle's pressure in its wall.
    pub(super) fn squeezing(&self, side: Side) -> Option<(usize, f64)> {
        self.blocks.iter().enumerate().find_map(|(n, block)| match &block.kind {
            BlockKind::Heart(heart) => Some((n, heart.ventricles[if side == Side::Right { 0 } else { 1 }].muscle_part)),
            _ => None,
        })
    }
}

fn same_period(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

fn common_period(blocks: &[Block]) -> Result<Option<f64>, NetworkError> {
    let mut common: Option<f64> = None;
    for block in blocks {
        let Some(period) = block.period() else { continue };
        let other = *common.get_or_insert(period);
        if !same_period(period, other) {
            return Err(NetworkError::Periods { block: block.name.clone(), period, other });
        }
    }
    Ok(common)
}
