//! The largest piece of a mesh.

use super::fill::Filled;
use crate::mesh::quality::root;
use crate::mesh::tet_mesh::FACES;
use rayon::prelude::*;

/// Tetrahedra in pieces of the mesh that were left out.
pub(super) struct LeftOut {
    pub pieces: usize,
    pub volume_ml: f64,
}

/// The largest piece connected through faces; pieces that hang together by an edge or a vertex only would be hinges.
pub(super) fn largest_piece(Filled { positions, tets, materials }: Filled) -> (Filled, LeftOut) {
    let mut faces: Vec<([u32; 3], u32)> = tets
        .par_iter()
        .enumerate()
        .flat_map_iter(|(n, tet)| {
            FACES.map(|face| {
                let mut key = face.map(|corner| tet[corner]);
                key.sort_unstable();
                (key, n as u32)
            })
        })
        .collect();
    faces.par_sort_unstable();
    let mut parent: Vec<u32> = (0..tets.len() as u32).collect();
    for pair in faces.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let (a, b) = (root(&mut parent, pair[0].1), root(&mut parent, pair[1].1));
        parent[a.max(b) as usize] = a.min(b);
    }
    let mut volumes = vec![0.0; tets.len()];
    let owner: Vec<u32> = (0..tets.len() as u32).map(|n| root(&mut parent, n)).collect();
    for (tet, owner) in tets.iter().zip(&owner) {
        let [a, b, c, d] = tet.map(|v| positions[v as usize]);
        volumes[*owner as usize] += (b - a).dot(&(c - a).cross(&(d - a))) / 6.0;
    }
    let Some(best) = (0..tets.len()).reduce(|best, n| if volumes[best] < volumes[n] { n } else { best }) else {
        return (Filled { positions, tets, materials }, LeftOut { pieces: 0, volume_ml: 0.0 });
    };
    let pieces = volumes.iter().filter(|volume| 0.0 < **volume).count() - 1;
    let volume_ml = (volumes.iter().sum::<f64>() - volumes[best]) / 1000.0;
    let kept: Vec<[u32; 4]> =
        tets.iter().zip(&owner).filter(|(_, owner)| **owner as usize == best).map(|(tet, _)| *tet).collect();
    let materials =
        materials.iter().zip(&owner).filter(|(_, owner)| **owner as usize == best).map(|(m, _)| *m).collect();
    let mut new_from_old = vec![u32::MAX; positions.len()];
    kept.as_flattened().iter().for_each(|v| new_from_old[*v as usize] = 0);
    let mut used = Vec::new();
    for (new, position) in new_from_old.iter_mut().zip(&positions).filter(|(new, _)| **new == 0) {
        *new = used.len() as u32;
        used.push(*position);
    }
    let tets = kept.iter().map(|tet| tet.map(|v| new_from_old[v as usize])).collect();
    (Filled { positions: used, tets, materials }, LeftOut { pieces, volume_ml })
}
