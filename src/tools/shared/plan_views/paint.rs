//! The pixels of a cut laid flat.

use super::FlatCut;
use crate::base::NodeId;
use crate::image::colormap::Colormap;
use crate::session::Case;

/// The line around the target's shadow.
const SHADOW: [u8; 3] = [255, 236, 96];
/// Inside the organ where no target is watched.
const PLAIN: [u8; 3] = [92, 96, 102];

/// Colours of the margin, a dark line where it is just kept, a bright one around the shadow; over them the vessels that the cut
/// goes through, in their own colours. Nothing beside the organ.
pub(crate) fn rgba(flat: &FlatCut, case: &Case) -> Vec<u8> {
    let [width, height] = flat.size;
    let colour = |node: &NodeId| case.node(*node).map_or([255; 3], |node| node.display.colour);
    let vessels: Vec<[u8; 3]> = flat.vessels.iter().map(colour).collect();
    let at = |x: usize, y: usize| y * width + x;
    let pixel = |n: usize| {
        let (x, y) = (n % width, n / width);
        if flat.zones[n].is_none() {
            return [0; 4];
        }
        let beside = [(x + 1 < width).then(|| at(x + 1, y)), (y + 1 < height).then(|| at(x, y + 1))];
        let lacks = flat.lacking_mm[n];
        let lumen = flat.lumen[n].and_then(|vessel| vessels.get(usize::from(vessel)));
        let [r, g, b] = if let Some(vessel) = lumen {
            *vessel
        } else if beside.iter().flatten().any(|m| flat.shadow[*m] != flat.shadow[n]) {
            SHADOW
        } else if beside.iter().flatten().any(|m| (0.0 < lacks) != (0.0 < flat.lacking_mm[*m]) && !lacks.is_nan()) {
            [16, 16, 16]
        } else if lacks.is_nan() {
            PLAIN
        } else {
            Colormap::Margin.colour_of(f64::from(lacks), [-flat.colours_mm, flat.colours_mm])
        };
        [r, g, b, 255]
    };
    (0..width * height).flat_map(pixel).collect()
}
