//! What lies over the pictures: hidden with one key, and told by the right view.

use super::*;
use crate::app::ui::layout::{Arrangement, Layout};
use crate::app::ui::wish::Wish;

#[test]
fn a_key_hides_everything_over_the_pictures_and_brings_back_what_was_there() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::C);
    let before = harness.state().workspace.overlays();
    assert!(is_written(&harness, "Axial"), "the title of the view");
    strike(&mut harness, Modifiers::NONE, Key::X);
    let slices = &harness.state().workspace.slices;
    assert!(!slices.annotations && !slices.segments && !slices.crosshair && slices.measures.hidden);
    assert!(!harness.state().workspace.marks && !is_written(&harness, "Axial"));
    strike(&mut harness, Modifiers::NONE, Key::X);
    assert_eq!(harness.state().workspace.overlays(), before, "the crosshair was off and stays so");
    strike(&mut harness, Modifiers::SHIFT, Key::T);
    let slices = &harness.state().workspace.slices;
    assert!(!slices.annotations && slices.segments, "texts have a key of their own");
}

#[test]
fn the_first_view_that_is_shown_says_how_the_scan_was_made() {
    let mut harness = open(case());
    let told = |harness: &Harness<'_, Desk>| {
        let texts = written(harness);
        texts.iter().filter(|(text, _)| text == "CT").map(|(_, at)| *at).collect::<Vec<_>>()
    };
    let axial = view_of(&harness, Orientation::Axial);
    assert!(matches!(told(&harness)[..], [at] if axial.contains(at)), "{:?}", told(&harness));
    for view in [Orientation::Coronal, Orientation::Sagittal] {
        harness.state_mut().workspace.layout = Layout::with(Arrangement::SliceOnly, view);
        harness.run_steps(3);
        assert_eq!(told(&harness).len(), 1, "{view:?} alone says it");
    }
}

#[test]
fn views_are_turned_to_the_axes_of_an_oblique_scan_and_back() {
    let turn = nalgebra::Rotation3::from_euler_angles(0.3, -0.2, 0.15);
    let step = turn.matrix() * nalgebra::Matrix3::from_diagonal(&crate::geom::Vector::new(1.0, 1.0, 2.5));
    let grid = Grid::new([30, 28, 20], Point::new(-10.0, -15.0, 80.0), step).unwrap();
    let voxels = Voxels::I16(Volume::new(grid.clone(), vec![0; grid.len()]).unwrap());
    let scan = Scan { voxels, modality: Modality::Mr, window: None, facts: Vec::new() };
    let mut harness = open(Case::from_nodes([(NodeId(1), Node::new("Oblique", Data::Scan(Arc::new(scan))))]));
    harness.state_mut().workspace.waiting.push(Wish::AlignWithScan);
    harness.run_steps(3);
    assert!(harness.state().workspace.slices.turn.is_along(&grid));
    let button = crate::base::i18n::tr("view-as-scan");
    assert!(harness.query_by_label(button).is_some(), "the button says to what the views are turned");
    // Every slice the arrow keys lead to goes through centres of voxels.
    let stack = harness.state().workspace.slices.stack(&grid, Orientation::Axial);
    assert_eq!(stack.count(), 20);
    press(&mut harness, button);
    assert!(harness.state().workspace.slices.turn.is_straight());
}
