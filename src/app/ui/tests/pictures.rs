//! Pictures and films are ordered in a dialog.

use super::*;

fn ordered(harness: &Harness<'_, Desk>) -> Option<PictureOrder> {
    harness.state().asked.iter().rev().find_map(|request| match request {
        Request::SavePicture(order) => Some(order.clone()),
        _ => None,
    })
}

#[test]
fn a_film_is_ordered_as_chosen_and_the_choice_is_kept() {
    let mut harness = open(case());
    harness.state_mut().scene.pane_size = Some(Vec2::new(600.0, 400.0));
    strike(&mut harness, Modifiers::NONE, Key::F12);
    for name in ["Turntable film", "white", "PNG series", "4×", "Save…"] {
        harness.get_by_label(name).click();
        harness.run();
    }
    let order = ordered(&harness).expect("a film is wanted");
    assert_eq!((order.motif, order.ground, order.film), (Motif::Turntable, Ground::White, None));
    assert_eq!((order.size, order.ending()), (PictureSize::Screen(4.0), "png"));
    strike(&mut harness, Modifiers::NONE, Key::F12);
    harness.get_by_label("Save…").click();
    harness.run();
    assert_eq!(ordered(&harness), Some(order));
}

#[test]
fn there_is_no_picture_of_a_view_that_is_not_shown() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::F12);
    harness.get_by_label("Save…").click();
    harness.run();
    assert_eq!(ordered(&harness), None);
    harness.get_by_label("Whole window").click();
    harness.run();
    harness.get_by_label("Save…").click();
    harness.run();
    assert_eq!(ordered(&harness).map(|order| order.motif), Some(Motif::Window));
}

#[test]
fn escape_ends_filming() {
    let mut harness = open(case());
    harness.state_mut().scene.filming = Some([3, 40]);
    harness.run();
    assert!(harness.query_by_label("Filming: 3 of 40").is_some());
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::Escape), [Request::StopFilming]);
}
