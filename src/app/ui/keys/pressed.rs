//! The keys of a frame: which of them are for the window, and what is typed for what they open.

use crate::app::ui::actions::{ACTIONS, Action};
use crate::app::ui::settings;
use crate::app::ui::wish::Wish;
use egui::{Event, Key, KeyboardShortcut, Modifiers};

/// What the keys of a frame are for.
#[derive(Debug, Default)]
pub struct Pressed {
    /// What they ask for, in the order they were pressed.
    pub wishes: Vec<Wish>,
    /// What was typed after something opened that takes the keyboard: it is for that, in the next frame.
    pub later: Vec<Event>,
}

/// The wishes of the keys pressed in this frame. Plain keys are left to a text field that is being written in.
///
/// A frame may be long: who gets a key is decided in the order of events, not once for all of them.
pub fn pressed(ctx: &egui::Context) -> Pressed {
    let typing = ctx.text_edit_focused();
    let widget_focused = ctx.egui_wants_keyboard_input();
    let settings = settings::of(ctx);
    let keys_of = |action: &'static Action| super::of(&settings, action).into_owned().into_iter();
    let is_ours = |key: &KeyboardShortcut| {
        let plain = !key.modifiers.command
            && !key.modifiers.alt
            && !matches!(key.logical_key, Key::F1 | Key::F2 | Key::F9 | Key::F11 | Key::F12);
        // A focused button keeps Space and the arrows; everything else still works.
        let walks =
            matches!(key.logical_key, Key::Space | Key::ArrowUp | Key::ArrowDown | Key::ArrowLeft | Key::ArrowRight);
        !(plain && (typing || walks && widget_focused))
    };
    let mut keys: Vec<(KeyboardShortcut, &Wish)> =
        ACTIONS.iter().flat_map(|action| keys_of(action).map(|key| (key, &action.wish))).collect();
    keys.retain(|(key, _)| is_ours(key));
    // Ctrl+Shift+S must be tried before Ctrl+S.
    keys.sort_by_key(|(key, _)| {
        let Modifiers { alt, command, shift, .. } = key.modifiers;
        std::cmp::Reverse([alt, command, shift].map(u8::from).iter().sum::<u8>())
    });
    let mut pressed = Pressed::default();
    ctx.input_mut(|input| {
        let mut kept = Vec::new();
        let mut taken = false;
        for event in std::mem::take(&mut input.events) {
            if taken && is_typed(&event) {
                pressed.later.push(event);
                continue;
            }
            let Event::Key { key: struck, pressed: true, modifiers, .. } = event else {
                kept.push(event);
                continue;
            };
            let fits = |(key, _): &&(KeyboardShortcut, &Wish)| {
                key.logical_key == struck && holds(modifiers, key.modifiers, struck)
            };
            if let Some((_, wish)) = keys.iter().find(fits) {
                taken = takes_keyboard(wish);
                pressed.wishes.push((*wish).clone());
                continue;
            }
            if struck == Key::Escape && !typing {
                pressed.wishes.push(Wish::Escape);
            }
            kept.push(event);
        }
        input.events = kept;
    });
    pressed
}

/// Whether the keys held are those of a shortcut, no more: Alt and a letter belong to whoever listens to Alt. Digits and
/// signs may need Shift to be typed at all.
fn holds(held: Modifiers, wanted: Modifiers, struck: Key) -> bool {
    use Key::*;
    let is_sign = matches!(
        struck,
        Plus | Minus | Equals | Questionmark | Exclamationmark | Colon | Semicolon | Comma | Period | Slash | Backslash
    ) || matches!(
        struck,
        Pipe | OpenBracket | CloseBracket | OpenCurlyBracket | CloseCurlyBracket | Quote | Backtick
    ) || matches!(struck, Num0 | Num1 | Num2 | Num3 | Num4 | Num5 | Num6 | Num7 | Num8 | Num9);
    let held = if is_sign { Modifiers { shift: wanted.shift, ..held } } else { held };
    held.matches_exact(wanted)
}

/// Whether what is typed after this wish is for what it opens.
fn takes_keyboard(wish: &Wish) -> bool {
    matches!(wish, Wish::Palette | Wish::Dialog(_) | Wish::TakePicture | Wish::RenameSelected | Wish::Rename(_))
}

/// Whether an event comes from the keyboard.
pub fn is_typed(event: &Event) -> bool {
    matches!(event, Event::Key { .. } | Event::Text(_) | Event::Ime(_) | Event::Paste(_) | Event::Copy | Event::Cut)
}
