//! Contrasts of all texts and marks on their grounds (WCAG 2.2, success criteria 1.4.3 and 1.4.11, level AA).

use super::tokens::{DARK, LIGHT, MARK, Palette, TEXT, contrast};
use egui::Color32;

type Named = Vec<(&'static str, Color32)>;

/// Grounds on which texts of every kind stand.
fn resting(own: &Palette) -> Named {
    vec![
        ("panel", own.panel),
        ("bar", own.bar),
        ("card", own.card),
        ("card_hovered", own.card_hovered),
        ("window", own.window),
        ("popup", own.popup),
        ("well", own.well),
        ("stripe", own.stripe),
    ]
}

/// Grounds of what is pressed or selected.
fn controls(own: &Palette) -> Named {
    let [resting, hovered, pressed, open] = own.control;
    vec![
        ("selected", own.selected),
        ("control", resting),
        ("control hovered", hovered),
        ("control pressed", pressed),
        ("control open", open),
    ]
}

/// All pairs of a theme that are too close, in words.
fn too_close(own: &Palette) -> Vec<String> {
    let mut found = Vec::new();
    let mut look = |over: (&str, Color32), ground: (&str, Color32), least: f64| {
        let seen = contrast(over.1, ground.1);
        if seen < least {
            found.push(format!("{} on {}: {seen:.2}, {least} is needed", over.0, ground.0));
        }
    };
    let texts = [("text", own.text), ("strong", own.strong), ("weak", own.weak)];
    let tones = [("accent", own.accent), ("good", own.good), ("warning", own.warning), ("error", own.error)];
    for ground in resting(own) {
        for text in texts.into_iter().chain(tones).chain([("faint", own.faint)]) {
            look(text, ground, TEXT);
        }
        if ground.0 != "card_hovered" {
            look(("edge", own.edge), ground, MARK);
        }
        look(("edge_hovered", own.edge_hovered), ground, MARK);
        for curve in own.curves {
            look(("curve", curve), ground, MARK);
        }
    }
    for ground in controls(own) {
        for text in [texts[0], texts[1]] {
            look(text, ground, TEXT);
        }
        for mark in tones.into_iter().chain([("faint", own.faint)]) {
            look(mark, ground, MARK);
        }
        // A button is pressed for a moment only.
        if ground.0 != "control pressed" {
            look(("weak", own.weak), ground, TEXT);
            look(("accent", own.accent), ground, TEXT);
        }
    }
    look(("on_selected", own.on_selected), ("selected", own.selected), TEXT);
    look(("on_accent", own.on_accent), ("accent", own.accent), TEXT);
    look(("good", own.good), ("done", own.done), TEXT);
    look(("card", own.card), ("good", own.good), MARK);
    look(("text", own.text), ("control", own.control[0]), TEXT);
    // The names of curves are written in their colours below a plot.
    for curve in own.curves {
        look(("name of a curve", curve), ("panel", own.panel), TEXT);
        look(("name of a curve", curve), ("card", own.card), TEXT);
    }
    found
}

#[test]
fn everything_can_be_read_in_both_themes() {
    for (name, own) in [("dark", &DARK), ("light", &LIGHT)] {
        let found = too_close(own);
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
    }
}

#[test]
fn the_contrast_is_that_of_wcag() {
    assert!((contrast(Color32::WHITE, Color32::BLACK) - 21.0).abs() < 1e-9);
    // The grey that is known to be just enough on white.
    let grey = contrast(Color32::from_rgb(0x76, 0x76, 0x76), Color32::WHITE);
    assert!((grey - 4.54).abs() < 0.005, "{grey}");
    let close = Palette { weak: DARK.panel, ..DARK };
    assert!(!too_close(&close).is_empty());
}

#[test]
fn colours_of_objects_become_marks_that_can_be_seen() {
    let ctx = egui::Context::default();
    super::apply(&ctx);
    super::follow(&ctx, super::ThemeChoice::Light);
    let _ = ctx.run_ui(egui::RawInput::default(), |ui| {
        let dark = Color32::from_rgb(0x80, 0x10, 0x10);
        assert_eq!(super::mark(ui, dark), dark);
        let bright = super::mark(ui, Color32::from_rgb(0xed, 0xd5, 0x4c));
        assert!(TEXT <= contrast(bright, LIGHT.panel) && bright.b() < bright.g(), "{bright:?} is still a yellow");
        super::over_picture(ui);
        assert_eq!(super::mark(ui, Color32::WHITE), Color32::WHITE);
    });
}
