//! Pressures and flows over time, and how to find those of a block.

use super::connections::Network;
use super::numbering::{Quantity, Unknown};

/// The unknowns of a network at the times kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    times: Vec<f64>,
    unknowns: Vec<Unknown>,
    /// Times × columns of the unknowns.
    values: Vec<f64>,
    columns: usize,
    /// First inlet and first outlet of every block.
    ends: Vec<[Option<usize>; 2]>,
}

/// An end of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its first inlet.
    Inlet,
    /// Its first outlet.
    Outlet,
}

impl Solution {
    pub(super) fn new(network: &Network, unknowns: Vec<Unknown>, columns: usize) -> Self {
        let first = |list: Vec<usize>| list.first().copied();
        let ends = network.ends().into_iter().map(|[inlets, outlets]| [first(inlets), first(outlets)]);
        Self { times: Vec::new(), unknowns, values: Vec::new(), columns, ends: ends.collect() }
    }

    pub(super) fn clear(&mut self) {
        self.times.clear();
        self.values.clear();
    }

    pub(super) fn push(&mut self, time: f64, y: &[f64]) {
        self.times.push(time);
        self.values.extend_from_slice(y);
    }

    /// Times kept; from 0 if only the last cycle was.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// The unknowns.
    pub fn unknowns(&self) -> &[Unknown] {
        &self.unknowns
    }

    /// One unknown at all times.
    pub fn series(&self, unknown: usize) -> Vec<f64> {
        let column = self.unknowns[unknown].column;
        self.values.iter().skip(column).step_by(self.columns.max(1)).copied().collect()
    }

    /// The unknown of this name at all times.
    pub fn named(&self, name: &str) -> Option<Vec<f64>> {
        self.unknowns.iter().position(|unknown| unknown.name == name).map(|unknown| self.series(unknown))
    }

    /// Pressure or flow at an end of a block; none if the block has no such end, or for another quantity.
    pub fn at(&self, block: usize, end: End, quantity: Quantity) -> Option<Vec<f64>> {
        let link = self.ends.get(block)?[if end == End::Inlet { 0 } else { 1 }]?;
        match quantity {
            Quantity::Flow => Some(self.series(2 * link)),
            Quantity::Pressure => Some(self.series(2 * link + 1)),
            Quantity::Volume => None,
        }
    }

    /// Mean over the kept times of a pressure or flow at an end of a block (trapezoidal rule).
    pub fn mean(&self, block: usize, end: End, quantity: Quantity) -> Option<f64> {
        self.at(block, end, quantity).map(|values| self.mean_of(&values))
    }

    /// Mean over the kept times of a series.
    pub fn mean_of(&self, values: &[f64]) -> f64 {
        let length = self.times[self.times.len() - 1] - self.times[0];
        if !(0.0 < length) {
            return values[values.len() - 1];
        }
        let pairs = self.times.windows(2).zip(values.windows(2));
        pairs.map(|(t, v)| 0.5 * (v[0] + v[1]) * (t[1] - t[0])).sum::<f64>() / length
    }
}
