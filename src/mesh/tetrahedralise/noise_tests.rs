//! A hundred noisy label maps become a hundred sound meshes.

use super::*;
use crate::base::rng::Rng;
use crate::image::Segment;
use crate::image::phantom::noisy_labels;
use crate::mesh::quality::tet_quality;
use crate::mesh::sound::check_sound;

/// Measured: 13.05° to 160.6°.
const ANGLES_DEG: [f64; 2] = [10.0, 165.0];

#[test]
fn a_hundred_noisy_label_maps_become_sound_meshes() {
    let mut rng = Rng::new(2026);
    for case in 0..100_usize {
        let volume = noisy_labels(case, &mut rng);
        let ids: Vec<SegmentId> = (1..=5).map(SegmentId).collect();
        let segments = ids.iter().map(|id| Segment::new(*id, format!("segment {}", id.0), [200; 3], None)).collect();
        let labels = LabelMap::from_volume(&volume, segments).unwrap();
        let at_surfaces = if case.is_multiple_of(2) { CellSize::Count(600) } else { CellSize::EdgeMm(2.5) };
        let sizing = Sizing { at_surfaces, doublings: (case % 4) as u8, by_curvature: case % 3 == 0 };
        let made = tetrahedralise_segments(&labels, &ids, sizing, &Progress::default());
        let (mesh, _) = made.unwrap_or_else(|error| panic!("case {case}: {error}"));
        assert_eq!(check_sound(&mesh), Ok(()), "case {case}");
        let [low, high] = tet_quality(&mesh).dihedral_deg;
        assert!(ANGLES_DEG[0] < low && high < ANGLES_DEG[1], "case {case}: {low} to {high} degrees");
    }
}
