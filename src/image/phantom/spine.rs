//! Vertebrae with a bony shell, discs, and the spinal canal.

use super::draw::tube;
use super::tissue::portal_phase as tissue_of;
use super::{Scene, Shape, Waist};

/// A vertebra: middle of its body and how large it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vertebra {
    z: f64,
    half_height: f64,
    radii: [f64; 2],
    /// Length of the transverse and spinous processes from the middle of the body.
    processes: [f64; 2],
}

/// A lumbar vertebra. Bodies grow downwards (Panjabi and others 1991 and 1992, Spine 16 and 17: depth 24 to 35 mm, width
/// 27 to 50 mm, height 19 to 28 mm).
pub(super) const fn lumbar(z: f64, half_height: f64, half_width: f64) -> Vertebra {
    Vertebra { z, half_height, radii: [half_width, 17.0], processes: [40.0, 55.0] }
}

/// A thoracic vertebra, of the same source.
pub(super) const fn thoracic(z: f64, half_height: f64, half_width: f64) -> Vertebra {
    Vertebra { z, half_height, radii: [half_width, 15.0], processes: [27.0, 48.0] }
}

/// Half the height of the lower and upper neighbour's disc space at most.
const DISC_HALF_MM: f64 = 8.0;

/// Draw a column of `vertebrae`, lowest first; `y_of` gives the middle of the bodies at each height.
pub(super) fn draw_spine(scene: &mut Scene, vertebrae: &[Vertebra], y_of: fn(f64) -> f64) {
    for pair in vertebrae.windows(2) {
        let z = 0.5 * (pair[0].z + pair[0].half_height + pair[1].z - pair[1].half_height);
        let radii = [0, 1].map(|n| 0.5 * (pair[0].radii[n] + pair[1].radii[n]) + 0.3);
        let disc = Shape::Oval { centre: [0.0, y_of(z)], radii_mm: radii, waist: Waist::NONE };
        scene.draw(disc.between([z - DISC_HALF_MM, z + DISC_HALF_MM], 3.0), tissue_of::DISC);
    }
    for vertebra in vertebrae {
        let y = y_of(vertebra.z);
        let bone = arch(*vertebra, y);
        scene.draw(bone.clone(), tissue_of::CORTICAL_BONE);
        scene.draw(bone.grown(-1.6), tissue_of::SPONGY_BONE);
        let body = body(*vertebra, y);
        scene.draw(body.clone(), tissue_of::CORTICAL_BONE);
        scene.draw(body.grown(-1.1), tissue_of::SPONGY_BONE);
        // Pedicles join shell and body.
        for side in [-1.0, 1.0] {
            let pedicle =
                [(side * 12.0, y + 8.0, vertebra.z + 5.0, 3.2), (side * 14.5, y + 26.0, vertebra.z + 5.0, 3.2)];
            scene.draw(tube(pedicle, 1), tissue_of::SPONGY_BONE);
        }
    }
    let (Some(low), Some(high)) = (vertebrae.first(), vertebrae.last()) else { return };
    let steps = (low.z / 15.0).floor() as i32 - 1..=(high.z / 15.0).ceil() as i32 + 2;
    let along = |radius: f64| {
        let heights = steps.clone().map(|n| f64::from(n) * 15.0);
        heights.map(move |z| (0.0, y_of(z) + 25.5, z, radius))
    };
    scene.draw(tube(along(9.2), 2), tissue_of::VISCERAL_FAT);
    scene.draw(tube(along(7.8), 2), tissue_of::SPINAL_CANAL);
}

fn body(Vertebra { z, half_height, radii, .. }: Vertebra, y: f64) -> Shape {
    let waist = Waist { z_mm: z, height_mm: 0.65 * half_height, depth: 0.09 };
    let column = Shape::Oval { centre: [0.0, y], radii_mm: radii, waist };
    // The back of the body is hollowed by the canal.
    let canal = Shape::Oval { centre: [0.0, y + 26.0], radii_mm: [13.0, 11.0], waist: Waist::NONE };
    column.between([z - half_height, z + half_height], 3.0).without(canal, 3.0)
}

/// Everything behind the body: pedicles, joints, laminae, transverse and spinous processes.
fn arch(Vertebra { z, half_height, processes, .. }: Vertebra, y: f64) -> Shape {
    let mut parts = Vec::new();
    for side in [-1.0, 1.0] {
        let x = |x: f64| side * x;
        parts.push(tube([(x(13.0), y + 12.0, z + 5.0, 5.0), (x(15.0), y + 28.0, z + 5.0, 5.0)], 1));
        let joints = [
            (x(17.0), y + 33.0, z + half_height + 3.0, 4.5),
            (x(15.5), y + 33.0, z, 5.5),
            (x(15.5), y + 36.0, z - half_height - 3.0, 4.5),
        ];
        parts.push(tube(joints, 3));
        parts.push(tube(
            [(x(15.0), y + 33.0, z, 4.0), (x(7.0), y + 39.0, z - 3.0, 3.6), (0.0, y + 41.0, z - 5.0, 3.8)],
            2,
        ));
        parts.push(tube([(x(15.0), y + 29.0, z + 3.0, 4.2), (x(processes[0]), y + 33.0, z + 5.0, 2.8)], 1));
    }
    let spinous = |dz: f64| tube([(0.0, y + 41.0, z - 5.0 + dz, 3.6), (0.0, y + processes[1], z - 11.0 + dz, 3.2)], 1);
    parts.extend([spinous(5.0), spinous(0.0), spinous(-5.0)]);
    Shape::Union(parts, 3.0)
}
