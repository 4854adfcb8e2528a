//! The light theme: chosen in the window, kept, and never over pictures.

use super::*;
use crate::app::ui::paper::Sheet;
use crate::app::ui::settings::{Setting, ThemeChoice};
use crate::app::ui::theme;
use crate::app::ui::wish::{Dialog, Wish};

/// The window as it is drawn in these colours, RGBA.
fn drawn(size: [usize; 2], choice: ThemeChoice, set: impl Fn(&mut Workspace)) -> Vec<u8> {
    let session = Session::with_case(crate::tools::TOOLS, case(), Vec::new());
    let (scene, messages) = (SceneInfo::default(), Messages::default());
    let view = AppView {
        session: &session,
        scene: &scene,
        messages: &messages,
        case_path: None,
        unsaved: false,
        covered: false,
        busy: None,
        now_s: 1.0,
    };
    let mut workspace = Workspace::default();
    workspace.settings.theme = choice;
    set(&mut workspace);
    let sheet = Sheet::lay_out(size, 1.0, |ui| {
        workspace.show_in(ui, &view);
    });
    let mut pixels = vec![0; size[0] * size[1] * 4];
    sheet.paint_over(&mut pixels);
    pixels
}

/// The part of a rectangle of pixels that is brighter than half.
fn bright(pixels: &[u8], width: usize, x: std::ops::Range<usize>, y: std::ops::Range<usize>) -> f64 {
    let all = x.len() * y.len();
    let is_bright = |(x, y): (usize, usize)| 128 < pixels[4 * (y * width + x) + 1];
    y.flat_map(|y| x.clone().map(move |x| (x, y))).filter(|at| is_bright(*at)).count() as f64 / all as f64
}

#[test]
fn panels_are_light_and_slices_stay_dark() {
    let size = [1280, 480];
    for (choice, panels) in [(ThemeChoice::Dark, 0.0..0.15), (ThemeChoice::Light, 0.8..1.0)] {
        let pixels = drawn(size, choice, |_| {});
        let left = bright(&pixels, size[0], 0..280, 40..450);
        let right = bright(&pixels, size[0], 1010..1280, 40..450);
        assert!(panels.contains(&left) && panels.contains(&right), "{choice:?}: {left} and {right}");
        // Slices hold noise of all values here; the bars beside their pictures and the empty scene do not.
        let slices = bright(&pixels, size[0], 300..980, 70..440);
        assert!(slices < 0.5, "{choice:?}: {slices}");
    }
}

#[test]
fn colours_are_chosen_in_the_settings_and_kept() {
    let mut harness = open(case());
    let is_dark = |harness: &Harness<'_, Desk>| harness.ctx.theme() == egui::Theme::Dark;
    assert!(is_dark(&harness), "dark is usual");
    harness.state_mut().workspace.dialog = Some(Dialog::Settings);
    harness.run_steps(3);
    harness.get_by_label("light").click();
    harness.run_steps(3);
    assert!(!is_dark(&harness));
    let settings = harness.state().workspace.settings.clone();
    let (read, odd) = Settings::read(&settings.write()).unwrap();
    assert_eq!((read.theme, odd), (ThemeChoice::Light, None));
    harness.get_by_label("as the system").click();
    harness.run_steps(3);
    assert!(is_dark(&harness), "a system that says nothing is dark");
    harness.input_mut().system_theme = Some(egui::Theme::Light);
    harness.run_steps(3);
    assert!(!is_dark(&harness));
}

#[test]
fn chinese_headings_are_bolder_than_chinese_text() {
    let inked = |font: egui::FontId| {
        let sheet = Sheet::lay_out([240, 60], 1.0, |ui| {
            let at = egui::Pos2::new(4.0, 4.0);
            ui.painter().text(at, egui::Align2::LEFT_TOP, "设置分割区", font.clone(), egui::Color32::WHITE);
        });
        let mut pixels = vec![0; 240 * 60 * 4];
        sheet.paint_over(&mut pixels);
        pixels.chunks_exact(4).map(|pixel| f64::from(pixel[3]) / 255.0).sum::<f64>()
    };
    let (text, heading) = (inked(egui::FontId::proportional(32.0)), inked(theme::semibold(32.0)));
    assert!(100.0 < text && 1.2 * text < heading, "{text} and {heading} pixels of ink");
}

#[test]
fn every_choice_of_colours_is_an_action() {
    for choice in [ThemeChoice::Dark, ThemeChoice::Light, ThemeChoice::System] {
        let wish = Wish::Set(Setting::Theme(choice));
        assert!(crate::app::ui::actions::ACTIONS.iter().any(|action| action.wish == wish), "{choice:?}");
    }
}

#[test]
fn over_a_picture_everything_is_dark() {
    let ctx = egui::Context::default();
    theme::apply(&ctx);
    theme::follow(&ctx, ThemeChoice::Light);
    let _ = ctx.run_ui(egui::RawInput::default(), |ui| {
        assert_eq!(theme::of(ui).panel, theme::of_window(ui.ctx()).panel);
        assert_ne!(theme::of(ui).text, theme::TEXT);
        theme::over_picture(ui);
        assert_eq!((theme::of(ui).text, ui.visuals().text_color()), (theme::TEXT, theme::TEXT));
    });
}
