//! What contact says of itself at the end.

use super::nodes::{Place, Touching};
use crate::geom::Vector;

/// The contacts of a body in equilibrium.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactResult {
    /// Force of other tissue on each vertex, friction included, N; they sum to 0.
    pub force_n: Vec<Vector>,
    /// Friction on each vertex, that of tissue and that of instruments, N.
    pub friction_n: Vec<Vector>,
    /// Area of tissue pressed on tissue, of one of the two surfaces, m².
    pub area_m2: f64,
    /// Largest pressure, Pa, mean around a vertex.
    pub peak_pa: f64,
    /// Deepest overlap that is left, mean around a node, m.
    pub overlap_m: f64,
    /// Share of pressed nodes with friction that slide; 0 where none have friction.
    pub sliding: f64,
    /// Longest slip in the last load step, m: far more than a triangle is too much for one step.
    pub slip_m: f64,
    /// Work of friction in the last load step, J: not positive.
    pub friction_j: f64,
}

impl ContactResult {
    /// The account of `touching` for `count` vertices.
    pub(in crate::biomech) fn new(touching: &Touching, count: usize) -> Self {
        let mut own = Self {
            force_n: vec![Vector::zeros(); count],
            friction_n: vec![Vector::zeros(); count],
            area_m2: 0.0,
            peak_pa: 0.0,
            overlap_m: 0.0,
            sliding: 0.0,
            slip_m: 0.0,
            friction_j: 0.0,
        };
        let (mut rough, mut sliding) = (0, 0);
        for node in touching.nodes.iter().filter(|node| 0.0 < node.pressure_pa) {
            let tissue = node.key.is_tissue();
            for term in &node.terms {
                own.friction_n[term.vertex as usize] += node.traction_pa * term.share_m2;
                if tissue {
                    own.force_n[term.vertex as usize] += node.force_n(term);
                }
            }
            if tissue {
                // Both surfaces have nodes, each with half of the pressure.
                own.area_m2 += 0.5 * node.area_m2;
                own.overlap_m = own.overlap_m.max(-node.gap_m);
            }
            own.friction_j += node.traction_pa.dot(&node.slip_m) * node.area_m2;
            own.slip_m = own.slip_m.max(node.slip_m.norm());
            rough += usize::from(0.0 < node.friction);
            sliding += usize::from(node.is_sliding());
        }
        // All nodes of a vertex, pressed or not, share its area.
        let (mut areas, mut normals) = (vec![0.0; count], vec![Vector::zeros(); count]);
        for node in &touching.nodes {
            if let Place::Vertex { vertex, .. } = node.key.place {
                areas[vertex as usize] += node.area_m2;
                normals[vertex as usize] += node.normal * node.area_m2;
            }
        }
        for (v, force) in own.force_n.iter().enumerate().filter(|(v, _)| 0.0 < areas[*v]) {
            own.peak_pa = own.peak_pa.max(-force.dot(&normals[v]) / areas[v].powi(2));
        }
        own.sliding = if 0 < rough { sliding as f64 / rough as f64 } else { 0.0 };
        own
    }
}
