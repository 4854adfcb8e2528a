//! Keys pressed faster than frames are drawn keep their modifiers.
//!
//! bevy_egui gives every key of a frame the modifiers that are held at its end. Where a frame takes a tenth of a second,
//! a quick Ctrl+Z comes down and up within one and would arrive as a Z.
//!
//! Keys of the keypad that have a meaning of their own are told from the digits of the row here: egui knows no difference.

use crate::app::ui::KEYPAD;
use bevy::input::ButtonState;
use bevy::input::keyboard::{Key, KeyCode, KeyboardFocusLost, KeyboardInput};
use bevy::prelude::*;
use bevy_egui::helpers::{bevy_to_egui_key, bevy_to_egui_physical_key};
use bevy_egui::{EguiInput, EguiInputSet, EguiPreUpdateSet, PrimaryEguiContext};
use egui::{Event, Modifiers};

/// A key as it came, with what was held then.
#[derive(Debug, Clone, PartialEq)]
struct Stroke {
    key: egui::Key,
    pressed: bool,
    text: Option<String>,
    held: Modifiers,
    /// The key of the keypad that it is.
    keypad: Option<egui::Key>,
}

/// The key of the keypad that stands for itself. With Shift the system may say that it is End or another way to go; that
/// it is a digit without Shift says that numbers are locked.
fn on_keypad(code: KeyCode, logical: &Key, shift: bool) -> Option<egui::Key> {
    let digit = match code {
        KeyCode::Numpad1 => 1,
        KeyCode::Numpad3 => 3,
        KeyCode::Numpad7 => 7,
        _ => return None,
    };
    let is_meant = shift || matches!(logical, Key::Character(_));
    KEYPAD.iter().find(|(_, own)| *own == digit).map(|(key, _)| *key).filter(|_| is_meant)
}

pub(super) fn plugin(app: &mut App) {
    let between = keep_modifiers.after(EguiInputSet::WriteEguiEvents).before(EguiPreUpdateSet::BeginPass);
    app.add_systems(PreUpdate, between);
}

fn keep_modifiers(
    mut keys: MessageReader<KeyboardInput>,
    mut lost: MessageReader<KeyboardFocusLost>,
    mut held: Local<Modifiers>,
    mut input: Single<&mut EguiInput, With<PrimaryEguiContext>>,
) {
    if 0 < lost.read().count() {
        *held = Modifiers::NONE;
    }
    let mut strokes = Vec::new();
    for message in keys.read() {
        let pressed = message.state == ButtonState::Pressed;
        let mac = cfg!(target_os = "macos");
        match &message.logical_key {
            Key::Shift => held.shift = pressed,
            Key::Alt => held.alt = pressed,
            Key::Control => {
                held.ctrl = pressed;
                held.command = if mac { held.command } else { pressed };
            }
            Key::Super | Key::Meta if mac => (held.mac_cmd, held.command) = (pressed, pressed),
            logical => {
                let key = bevy_to_egui_key(logical).or_else(|| bevy_to_egui_physical_key(&message.key_code));
                let text = match logical {
                    Key::Character(text) => Some(text.to_string()),
                    _ => None,
                };
                let keypad = on_keypad(message.key_code, logical, held.shift);
                strokes.extend(key.map(|key| Stroke { key, pressed, text, held: *held, keypad }));
            }
        }
    }
    apply(&mut input.events, &strokes, *held);
}

/// Give the keys among `events` the modifiers of their strokes; `at_end` is what is held after all of them.
fn apply(events: &mut Vec<Event>, strokes: &[Stroke], at_end: Modifiers) {
    let mut left = strokes.iter();
    for event in events.iter_mut() {
        if let Event::Key { key, pressed, modifiers, .. } = event
            && let Some(stroke) = left.by_ref().find(|stroke| (stroke.key, stroke.pressed) == (*key, *pressed))
        {
            *modifiers = stroke.held;
            *key = stroke.keypad.unwrap_or(*key);
        }
    }
    if at_end.command {
        return;
    }
    // A shortcut is no text. (Ctrl and Alt together are AltGr, which is.)
    for stroke in strokes.iter().filter(|stroke| stroke.pressed && stroke.held.command && !stroke.held.alt) {
        let written = |event: &Event| matches!(event, Event::Text(text) if Some(text) == stroke.text.as_ref());
        if let Some(at) = events.iter().position(written) {
            events.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::Key::Z;

    fn key(pressed: bool, modifiers: Modifiers) -> Event {
        Event::Key { key: Z, physical_key: None, pressed, repeat: false, modifiers }
    }

    #[test]
    fn a_chord_within_one_frame_is_no_letter() {
        let stroke = |pressed, held| Stroke { key: Z, pressed, text: Some("z".into()), held, keypad: None };
        let strokes = [stroke(true, Modifiers::COMMAND), stroke(false, Modifiers::COMMAND)];
        let none = Modifiers::NONE;
        let mut events = vec![Event::Text("z".into()), key(true, none), key(false, none)];
        apply(&mut events, &strokes, none);
        assert_eq!(events, [key(true, Modifiers::COMMAND), key(false, Modifiers::COMMAND)]);
    }

    /// Digits of the row, and keys of the keypad that move the cursor, stay what they are.
    #[test]
    fn the_keypad_is_told_from_the_row() {
        let character = |text: &str| Key::Character(text.into());
        assert_eq!(on_keypad(KeyCode::Numpad1, &character("1"), false), Some(KEYPAD[0].0));
        assert_eq!(on_keypad(KeyCode::Numpad7, &Key::Home, true), Some(KEYPAD[2].0));
        assert_eq!(on_keypad(KeyCode::Numpad7, &Key::Home, false), None);
        assert_eq!(on_keypad(KeyCode::Digit1, &character("1"), false), None);
        assert_eq!(on_keypad(KeyCode::Numpad2, &character("2"), false), None);
        let digit = |pressed, modifiers| Event::Key {
            key: egui::Key::Num1,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers,
        };
        let held = Modifiers::COMMAND;
        let stroke = |keypad| Stroke { key: egui::Key::Num1, pressed: true, text: Some("1".into()), held, keypad };
        let mut events = vec![digit(true, Modifiers::NONE), digit(true, Modifiers::NONE)];
        apply(&mut events, &[stroke(Some(KEYPAD[0].0)), stroke(None)], Modifiers::NONE);
        let keys: Vec<_> = events
            .iter()
            .map(|event| match event {
                Event::Key { key, modifiers, .. } => (*key, *modifiers),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(keys, [(KEYPAD[0].0, held), (egui::Key::Num1, held)]);
    }

    #[test]
    fn a_letter_before_the_modifier_stays_a_letter() {
        let strokes = [Stroke { key: Z, pressed: true, text: Some("z".into()), held: Modifiers::NONE, keypad: None }];
        let mut events = vec![Event::Text("z".into()), key(true, Modifiers::COMMAND)];
        apply(&mut events, &strokes, Modifiers::COMMAND);
        assert_eq!(events, [Event::Text("z".into()), key(true, Modifiers::NONE)]);
    }
}
