//! A surface that separates many labels at once.

use crate::geom::Point;
use crate::mesh::Surface;
use rayon::prelude::*;

/// One sheet between all labels: every triangle knows the labels on both of its sides, and two labels that touch share
/// their triangles.
#[derive(Debug, Clone, PartialEq)]
pub struct JointSurface {
    pub(super) positions: Vec<Point>,
    pub(super) triangles: Vec<[u32; 3]>,
    pub(super) sides: Vec<[u8; 2]>,
}

impl JointSurface {
    /// Vertices, mm.
    pub fn positions(&self) -> &[Point] {
        &self.positions
    }

    /// Three vertex indices per triangle, counter-clockwise seen from its second side.
    pub fn triangles(&self) -> &[[u32; 3]] {
        &self.triangles
    }

    /// Per triangle the label behind it and the label before it; the second is 0 (background) or larger than the first.
    pub fn sides(&self) -> &[[u8; 2]] {
        &self.sides
    }

    /// The labels that have a surface, in increasing order.
    pub fn labels(&self) -> Vec<u8> {
        let mut there = [false; 256];
        self.sides.iter().flatten().for_each(|label| there[usize::from(*label)] = true);
        (1..=u8::MAX).filter(|label| there[usize::from(*label)]).collect()
    }

    /// The closed surface of one label, oriented outward; empty if there is no such label.
    ///
    /// Every edge is passed as often in one direction as in the other. Where voxels of the label touch only along an edge, four
    /// triangles meet there.
    pub fn surface_of(&self, label: u8) -> Surface {
        let of_label = |(triangle, [behind, before]): (&[u32; 3], &[u8; 2])| {
            let [a, b, c] = *triangle;
            if *behind == label { Some([a, b, c]) } else { (*before == label).then_some([a, c, b]) }
        };
        let mut triangles: Vec<[u32; 3]> =
            self.triangles.par_iter().zip(&self.sides).with_min_len(4096).filter_map(of_label).collect();
        // Vertices keep their order and get new numbers without those of other labels.
        let mut number = vec![0_u32; self.positions.len()];
        triangles.as_flattened().iter().for_each(|v| number[*v as usize] = 1);
        let mut positions = Vec::new();
        for (number, position) in number.iter_mut().zip(&self.positions).filter(|(used, _)| **used == 1) {
            *number = positions.len() as u32;
            positions.push(*position);
        }
        triangles.par_iter_mut().for_each(|corners| *corners = corners.map(|v| number[v as usize]));
        Surface::new(positions, triangles).expect("vertices of the sheet are finite and numbered above")
    }

    /// Area in cm² of the sheet between two labels; 0 is the background.
    pub fn shared_cm2(&self, one: u8, other: u8) -> f64 {
        let between = |sides: &[u8; 2]| *sides == [one, other] || *sides == [other, one];
        let area_mm2 = |[a, b, c]: [u32; 3]| {
            let [a, b, c] = [a, b, c].map(|v| self.positions[v as usize]);
            0.5 * (b - a).cross(&(c - a)).norm()
        };
        let shared = self.triangles.iter().zip(&self.sides).filter(|(_, sides)| between(sides));
        shared.map(|(triangle, _)| area_mm2(*triangle)).sum::<f64>() / 100.0
    }
}
