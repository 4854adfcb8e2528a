//! What cannot be done says why: in menus, in the palette, and where a key was struck in vain.

use super::words::speak;
use super::*;
use crate::app::ui::actions::ACTIONS;
use crate::base::i18n::{Language, tr};

/// Every reason that any action has in a case.
fn reasons(case: Case) -> Vec<(&'static str, &'static str)> {
    let session = Session::with_case(crate::tools::TOOLS, case, Vec::new());
    let (scene, messages, workspace) = (SceneInfo::default(), Messages::default(), Workspace::default());
    let view = AppView {
        session: &session,
        scene: &scene,
        messages: &messages,
        case_path: None,
        unsaved: false,
        covered: false,
        busy: None,
        now_s: 0.0,
    };
    let why =
        |action: &'static crate::app::ui::actions::Action| Some((action.name, workspace.why_not(&action.wish, &view)?));
    ACTIONS.iter().filter_map(why).collect()
}

#[test]
fn every_reason_is_a_sentence_in_every_language() {
    for language in Language::ALL {
        let _speaking = speak(language);
        for (empty, case) in [(true, Case::default()), (false, case())] {
            let reasons = reasons(case);
            assert!(if empty { 40 < reasons.len() } else { 5 < reasons.len() }, "{}", reasons.len());
            for (action, why) in reasons {
                assert!(6 < why.len() && !why.starts_with("why-") && !why.ends_with('.'), "{action}: {why}");
            }
        }
    }
}

#[test]
fn a_key_that_can_do_nothing_says_why_and_one_that_can_says_nothing() {
    let mut harness = open(case());
    assert_eq!(strike(&mut harness, Modifiers::COMMAND, Key::Z), []);
    harness.run_steps(3);
    assert!(is_written(&harness, "Undo") && is_written(&harness, tr("bar-nothing-to-undo")));
    let mut harness = open(case());
    strike(&mut harness, Modifiers::NONE, Key::ArrowUp);
    strike(&mut harness, Modifiers::NONE, Key::Num2);
    assert_eq!(harness.state().workspace.refused, None);
}

#[test]
fn presets_of_ct_are_refused_for_other_scans_with_the_reason() {
    let scan = Scan { modality: Modality::Mr, ..scan() };
    let mut harness = open(Case::from_nodes([(NodeId(1), Node::new("MR", Data::Scan(Arc::new(scan))))]));
    let before = window_of(&mut harness);
    strike(&mut harness, Modifiers::NONE, Key::Num2);
    harness.run_steps(3);
    assert_eq!(window_of(&mut harness), before);
    assert!(is_written(&harness, tr("why-not-ct")));
}

#[test]
fn the_palette_lists_what_cannot_be_done_with_the_reason_and_does_not_do_it() {
    let mut harness = open(case());
    strike(&mut harness, Modifiers::COMMAND, Key::K);
    harness.event(egui::Event::Text("walk through a vessel".into()));
    harness.run_steps(3);
    let why = tr("why-no-lines");
    assert!(written(&harness).iter().any(|(text, _)| text == why), "{why}");
    assert_eq!(strike(&mut harness, Modifiers::NONE, Key::Enter), []);
    let workspace = &harness.state().workspace;
    assert!(workspace.palette.is_some() && workspace.walk.is_none(), "it stays open and nothing is done");
}
