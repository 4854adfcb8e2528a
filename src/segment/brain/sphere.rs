//! A sphere of nearly equal triangles.

use crate::geom::Vector;
use crate::mesh::shapes::icosahedron;
use std::collections::BTreeMap;

/// Corners on the unit sphere, triangles (outside is where they turn left), and each corner's neighbours.
pub(super) struct Sphere {
    pub corners: Vec<Vector>,
    pub triangles: Vec<[usize; 3]>,
    pub neighbours: Vec<Vec<usize>>,
}

/// An icosahedron whose triangles were quartered `times` times: 10 · 4ⁿ + 2 corners.
pub(super) fn sphere(times: usize) -> Sphere {
    let (corners, faces) = icosahedron();
    let mut corners = corners.to_vec();
    let mut triangles = faces.map(|face| face.map(|corner| corner as usize)).to_vec();
    for _ in 0..times {
        let mut middles = BTreeMap::new();
        let mut middle = |a: usize, b: usize, corners: &mut Vec<Vector>| {
            *middles.entry((a.min(b), a.max(b))).or_insert_with(|| {
                corners.push((corners[a] + corners[b]).normalize());
                corners.len() - 1
            })
        };
        let mut finer = Vec::with_capacity(4 * triangles.len());
        for [a, b, c] in triangles {
            let (ab, bc, ca) = (middle(a, b, &mut corners), middle(b, c, &mut corners), middle(c, a, &mut corners));
            finer.extend([[a, ab, ca], [b, bc, ab], [c, ca, bc], [ab, bc, ca]]);
        }
        triangles = finer;
    }
    let mut neighbours = vec![Vec::new(); corners.len()];
    for triangle in &triangles {
        for n in 0..3 {
            neighbours[triangle[n]].push(triangle[(n + 1) % 3]);
        }
    }
    Sphere { corners, triangles, neighbours }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_corner_has_five_or_six_neighbours_and_the_volume_is_nearly_that_of_a_ball() {
        let Sphere { corners, triangles, neighbours } = sphere(4);
        assert_eq!((corners.len(), triangles.len()), (2562, 5120));
        assert!(neighbours.iter().all(|n| n.len() == 5 || n.len() == 6));
        let six: f64 = triangles.iter().map(|[a, b, c]| corners[*a].dot(&corners[*b].cross(&corners[*c]))).sum();
        let ball = 4.0 / 3.0 * std::f64::consts::PI;
        assert!((six / 6.0 / ball - 1.0).abs() < 0.01, "{}", six / 6.0);
    }
}
