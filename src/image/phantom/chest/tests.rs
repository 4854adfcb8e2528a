//! The chest phantom against anatomy and its own truth.

use super::super::tissue::label;
use super::super::{Branch, Phantom, PhantomError};
use super::{ChestParams, chest};
use crate::base::{Progress, SegmentId};
use crate::geom::Point;
use crate::image::{Components, Neighbours, Volume};
use std::sync::{Arc, OnceLock};

fn shared() -> &'static Phantom {
    static PHANTOM: OnceLock<Phantom> = OnceLock::new();
    let params = ChestParams { spacing_mm: [1.6; 3], ..ChestParams::default() };
    PHANTOM.get_or_init(|| chest(&params, &Progress::default()).unwrap())
}

fn is(of: &[u8]) -> Volume<u8> {
    let labels = shared().labels.to_volume();
    let voxels = labels.voxels().iter().map(|label| u8::from(of.contains(label))).collect();
    Volume::new(Arc::clone(labels.grid()), voxels).unwrap()
}

#[test]
fn the_organs_have_adult_sizes() {
    let Phantom { truth, .. } = shared();
    for (name, ml) in [
        ("lungs", 4000.0..6500.0),
        ("airway", 40.0..120.0),
        ("heart", 400.0..900.0),
        ("aorta", 80.0..250.0),
        ("pulmonary vessels", 40.0..250.0),
    ] {
        let volume = truth.volume(name).unwrap().volume_ml;
        assert!(ml.contains(&volume), "{name} has {volume} ml");
    }
}

#[test]
fn the_air_of_the_bronchi_hangs_together() {
    let air = is(&[label::AIRWAY]);
    let components = Components::of(&air, |value| value != 0, Neighbours::TwentySix, &Progress::default()).unwrap();
    let sizes: Vec<usize> = components.parts().iter().map(|part| part.voxels).collect();
    let all: usize = sizes.iter().sum();
    // Ends thinner than a voxel may come apart on this coarse grid.
    assert!(0.99 * (all as f64) < sizes[0] as f64, "{sizes:?}");
}

#[test]
fn there_are_two_lungs_and_the_bronchi_end_in_them() {
    let Phantom { truth, scan, labels, .. } = shared();
    let lungs =
        Components::of(&is(&[label::LUNGS]), |value| value != 0, Neighbours::Six, &Progress::default()).unwrap();
    let [right, left] = [0, 1].map(|n| lungs.parts()[n].voxels as f64);
    assert!(right < 1.5 * left, "parts of {right} and {left} voxels");
    let dense = labels.to_volume();
    let leaf = |branch: &&Branch| !truth.vessels.iter().any(|other| other.parent == Some(branch.id));
    let ends: Vec<Point> =
        truth.system("airway").filter(leaf).map(|b| Point::from(b.points_mm[b.points_mm.len() - 1])).collect();
    assert_eq!(ends.len(), 2 * ChestParams::default().airway_ends);
    for end in &ends {
        let voxel = scan.grid().voxel_at(*end).unwrap();
        assert!(
            [label::AIRWAY, label::AIRWAY_WALL, label::LUNGS].contains(&dense.at(voxel)),
            "{end} ends in {}",
            dense.at(voxel)
        );
    }
    let right = ends.iter().filter(|end| end.x < 0.0).count();
    assert_eq!(right, ends.len() / 2);
}

#[test]
fn bronchi_and_vessels_obey_murrays_law_and_vessels_leave_the_walls() {
    let truth = &shared().truth;
    for parent in &truth.vessels {
        let children: Vec<&Branch> = truth.vessels.iter().filter(|b| b.parent == Some(parent.id)).collect();
        // Windpipe and trunks are laid by hand.
        if children.len() == 2 && parent.parent.is_some_and(|id| truth.vessels[id].parent.is_some()) {
            let cubes: f64 = children.iter().map(|child| child.radii_mm[0].powi(3)).sum();
            let whole = parent.radii_mm[parent.radii_mm.len() - 1].powi(3);
            assert!((cubes / whole - 1.0).abs() < 1e-9, "branch {}: {cubes} against {whole}", parent.id);
        }
    }
    let lumen_ml = |label: u8| truth.volumes.iter().find(|v| v.segment == SegmentId(label)).unwrap().volume_ml;
    let walls_ml = lumen_ml(label::AIRWAY_WALL);
    assert!(0.3 * lumen_ml(label::AIRWAY) < walls_ml, "vessels have taken the walls: {walls_ml} ml are left");
}

#[test]
fn bad_parameters_are_named_with_their_limits() {
    let refused = |params: ChestParams| chest(&params, &Progress::default()).unwrap_err().to_string();
    let none = refused(ChestParams { airway_ends: 0, ..ChestParams::default() });
    assert_eq!(none, "the number of ends of the bronchi is 0 ends; it must be 2 to 60 ends");
    assert!(refused(ChestParams { spacing_mm: [0.2; 3], ..ChestParams::default() }).contains("million voxels"));
    let progress = Progress::default();
    progress.cancel();
    assert!(matches!(chest(&ChestParams::default(), &progress), Err(PhantomError::Cancelled(_))));
}
