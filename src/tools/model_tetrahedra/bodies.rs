//! Which segments hang together: the two lungs are two bodies, a liver and the tumour in it are one.

use crate::base::{Cancelled, Progress, SegmentId};
use crate::image::LabelMap;
use crate::image::components::{Components, Neighbours};
use std::collections::BTreeMap;

/// The segments `ids` in groups that hang together, each in the order of `ids`: those whose largest pieces lie in the
/// same piece of their union. Empty segments are left out.
///
/// # Errors
/// [`Cancelled`] if `progress` was cancelled.
pub(super) fn bodies(
    labels: &LabelMap,
    ids: &[SegmentId],
    progress: &Progress,
) -> Result<Vec<Vec<SegmentId>>, Cancelled> {
    if ids.len() < 2 {
        return Ok(vec![ids.to_vec()]);
    }
    let dense = labels.to_volume();
    let wanted = |label: u8| ids.iter().any(|id| id.0 == label);
    let pieces = Components::of(&dense, wanted, Neighbours::Six, progress)?;
    let mut voxels: BTreeMap<(u8, usize), usize> = BTreeMap::new();
    for (piece, run) in pieces.runs() {
        for part in dense.voxels()[run].chunk_by(|a, b| a == b) {
            *voxels.entry((part[0], piece)).or_default() += part.len();
        }
    }
    let home = |id: &SegmentId| {
        let own = voxels.range((id.0, 0)..=(id.0, usize::MAX));
        own.max_by_key(|(_, count)| **count).map(|((_, piece), _)| *piece)
    };
    let mut groups: Vec<(usize, Vec<SegmentId>)> = Vec::new();
    for id in ids {
        let Some(piece) = home(id) else { continue };
        match groups.iter_mut().find(|(at, _)| *at == piece) {
            Some((_, group)) => group.push(*id),
            None => groups.push((piece, vec![*id])),
        }
    }
    Ok(groups.into_iter().map(|(_, group)| group).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::{Segment, Volume};

    #[test]
    fn what_touches_is_one_body_and_what_does_not_is_two() {
        let grid = Grid::aligned([20, 6, 6], Point::origin(), [1.0; 3]).unwrap();
        // 1 and 3 touch, 2 lies apart but for a speck inside 1, 4 is empty.
        let label = |i: usize| match i {
            0..4 => 1,
            4 => 3,
            12..18 => 2,
            _ => 0,
        };
        let mut voxels: Vec<u8> = (0..grid.len()).map(|o| label(grid.voxel(o)[0])).collect();
        voxels[1] = 2;
        let names = ["a", "b", "c", "d"];
        let segment = |(n, name): (usize, &&str)| {
            let (id, name) = (SegmentId(n as u8 + 1), (*name).to_owned());
            Segment::new(id, name, [200; 3], None)
        };
        let segments = names.iter().enumerate().map(segment).collect();
        let map = LabelMap::from_volume(&Volume::new(grid, voxels).unwrap(), segments).unwrap();
        let ids = [1, 2, 3, 4].map(SegmentId);
        let found = bodies(&map, &ids, &Progress::default()).unwrap();
        assert_eq!(found, [vec![SegmentId(1), SegmentId(3)], vec![SegmentId(2)]]);
    }
}
