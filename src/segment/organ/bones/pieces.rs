//! The pieces that bone falls into beside the spine, and what each of them can be.

use super::scene::Scene;
use super::{LIMBS, OTHER, SKULL, SPINE};
use crate::geom::Vector;
use crate::image::Components;

/// Pieces that end here beside the middle are transverse processes, not ribs.
const PROCESS_MM_MAX: f64 = 60.0;
/// A piece in front of the canal by more than this is no vertebra.
const FRONT_MM: f64 = 45.0;
/// In front of the neck and under the skull this much less.
const FACE_MM: f64 = 25.0;
/// A slice of a rib is smaller than this, a slice of a hip bone larger.
const HIP_MM2: f64 = 500.0;
/// Bone of this size that comes no nearer to the middle than this is an arm whose skin touches the trunk.
const ARM_MM: f64 = 130.0;
const ARM_MM2: f64 = 300.0;
/// Hip bones lie below the lungs; their lowest edges reach no farther down than this beside them.
const OVERLAP_MM: f64 = 20.0;
/// The jaw ends this far below the brain.
const JAW_MM: f64 = 110.0;

/// What a piece of bone beside the spine can be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// All of it has this label.
    Sure(u8),
    /// A hip bone, perhaps with a femur and a wing of the sacrum.
    Hip,
    /// Ribs, breast bone or shoulder girdle.
    Chest,
}

/// The kind of every piece.
pub(super) fn kinds(scene: &Scene, parts: &Components) -> Vec<Kind> {
    let pieces = Piece::all(scene, parts);
    let mut kinds: Vec<Kind> = pieces.iter().map(|piece| piece.kind(scene)).collect();
    // Below the crests there are no ribs.
    let hips = pieces.iter().zip(&kinds).filter(|(_, kind)| **kind == Kind::Hip);
    let crest_mm = hips.map(|(piece, _)| piece.heights[1]).fold(f64::NEG_INFINITY, f64::max);
    for (piece, kind) in pieces.iter().zip(&mut kinds) {
        if *kind == Kind::Chest && piece.heights[1] < crest_mm {
            *kind = Kind::Hip;
        }
    }
    kinds
}

/// What is measured of a piece.
struct Piece {
    /// Largest number of its voxels in a slice, as an area.
    slice_mm2: f64,
    /// Share of its voxels in the trunk.
    trunk_share: f64,
    /// Share of its voxels between the lungs.
    inside_share: f64,
    /// Nearest to the middle and farthest from it, to the side.
    aside_mm: [f64; 2],
    /// From the canal to its middle.
    from: Option<Vector>,
    /// Heights of its lowest and highest slice.
    heights: [f64; 2],
}

impl Piece {
    fn all(scene: &Scene, parts: &Components) -> Vec<Self> {
        let grid = scene.bone.grid();
        let [hi, hj, _] = grid.spacing_mm();
        let [ni, nj, _] = grid.dims();
        let n = parts.parts().len();
        let (mut largest, mut last_slice) = (vec![0_usize; n], vec![usize::MAX; n]);
        let mut in_slice = vec![0_usize; n];
        let mut aside_mm = vec![[f64::INFINITY, 0.0]; n];
        for (id, run) in parts.runs() {
            let k = run.start / (ni * nj);
            if last_slice[id] != k {
                (last_slice[id], in_slice[id]) = (k, 0);
            }
            in_slice[id] += run.len();
            largest[id] = largest[id].max(in_slice[id]);
            for at in [run.start, run.end - 1] {
                let from = scene.beside_canal(grid.voxel(at)).map_or(0.0, |from| from.x.abs());
                let [nearest, farthest] = aside_mm[id];
                aside_mm[id] = [from.min(nearest), from.max(farthest)];
            }
        }
        let in_trunk = parts.sums(&scene.trunk, f64::from);
        let inside = scene.cage.as_ref().map(|cage| parts.sums(&cage.squared, |mm2| f64::from(u8::from(mm2 == 0.0))));
        (0..n)
            .map(|id| {
                let part = &parts.parts()[id];
                let k = part.centre.z.round() as usize;
                let ends = [scene.height_mm(part.min[2]), scene.height_mm(part.max[2])];
                let share = |count: f64| count / part.voxels as f64;
                Self {
                    slice_mm2: largest[id] as f64 * hi * hj,
                    trunk_share: share(in_trunk[id]),
                    inside_share: inside.as_ref().map_or(0.0, |inside| share(inside[id])),
                    aside_mm: aside_mm[id],
                    from: scene.canal.near(k).map(|canal| parts.centre(id) - canal),
                    heights: [ends[0].min(ends[1]), ends[0].max(ends[1])],
                }
            })
            .collect()
    }

    fn kind(&self, scene: &Scene) -> Kind {
        let [low, high] = self.heights;
        let over_chest = scene.cage.as_ref().is_none_or(|cage| cage.heights[1] < low);
        if let Some(brain) = &scene.brain
            && brain.lowest_mm - JAW_MM < high
            && over_chest
        {
            return Kind::Sure(match self.from {
                Some(from) if high < brain.lowest_mm && -FACE_MM < from.y => SPINE,
                _ => SKULL,
            });
        }
        if self.trunk_share < 0.5 {
            return Kind::Sure(LIMBS);
        }
        let Some(from) = self.from else { return Kind::Sure(OTHER) };
        let under_chest = scene.cage.as_ref().is_none_or(|cage| high < cage.heights[0] + OVERLAP_MM);
        let [nearest, farthest] = self.aside_mm;
        let is_middle = farthest < PROCESS_MM_MAX;
        match () {
            () if under_chest && ARM_MM < nearest && ARM_MM2 <= self.slice_mm2 => Kind::Sure(LIMBS),
            () if under_chest && HIP_MM2 <= self.slice_mm2 => Kind::Hip,
            () if is_middle && -FRONT_MM < from.y => Kind::Sure(SPINE),
            // Calcified vessels, contrast in the bowel, cartilage of the larynx.
            () if is_middle && (over_chest || under_chest || 0.5 < self.inside_share) => Kind::Sure(OTHER),
            () => Kind::Chest,
        }
    }
}
