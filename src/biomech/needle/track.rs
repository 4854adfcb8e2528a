//! The track that the tip has cut: points of the tissue, and how they move under forces on each other.

use super::Resistance;
use nalgebra::{Matrix3, Vector2};

/// A point of the track, in the tissue at rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Node {
    /// How far behind the entry, m.
    pub along_m: f64,
    /// How far beside the planned line, m.
    pub across_m: Vector2<f64>,
    /// See [`super::Ground::beside_m2_per_n`].
    pub beside_m2_per_n: f64,
}

/// The track from the entry to the tip.
#[derive(Debug, Clone, Default)]
pub(super) struct Track {
    /// Its points, the tip last.
    pub nodes: Vec<Node>,
    /// Row n: compliance that links point n to the points up to itself, m/N.
    rows: Vec<Vec<Matrix3<f64>>>,
}

impl Track {
    /// Let the track grow to `node`, with the motion of all points under a force at it.
    pub fn push(&mut self, node: Node, columns: &[Matrix3<f64>]) {
        // What a force at the new point does to an old one is, turned over, what one at the old point does to the new.
        self.rows.push(columns.iter().map(Matrix3::transpose).collect());
        self.nodes.push(node);
    }

    /// Let it end before its last point.
    pub fn pop(&mut self) {
        self.nodes.pop();
        self.rows.pop();
    }

    /// How point `at` moves under a force at point `from`, m/N.
    pub fn compliance(&self, at: usize, from: usize) -> Matrix3<f64> {
        if from <= at { self.rows[at][from] } else { self.rows[from][at].transpose() }
    }

    /// The length of shaft that belongs to each point, m: half of the ways to its neighbours.
    pub fn lengths_m(&self) -> Vec<f64> {
        let mut lengths = vec![0.0; self.nodes.len()];
        for n in 1..self.nodes.len() {
            let (a, b) = (&self.nodes[n - 1], &self.nodes[n]);
            let half = 0.5 * (b.along_m - a.along_m).hypot((b.across_m - a.across_m).norm());
            lengths[n - 1] += half;
            lengths[n] += half;
        }
        lengths
    }

    /// Forces along the needle on the tissue, N: friction of each length, and cutting at the tip.
    pub fn drag_n(&self, resistance: &Resistance) -> Vec<f64> {
        let mut drag: Vec<f64> = self.lengths_m().iter().map(|length| resistance.friction_n_m * length).collect();
        if let Some(tip) = drag.last_mut() {
            *tip += resistance.cutting_n;
        }
        drag
    }
}
