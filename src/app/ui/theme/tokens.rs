//! What the look is made of: colours of both themes, the type scale and spacing. Nothing else holds such numbers.

use egui::{Color32, Margin, Vec2};

/// The colours of one theme. What is text can be read on every ground it stands on; a test computes the contrasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Ground of panels.
    pub panel: Color32,
    /// Ground of bars at the top and bottom, and between views.
    pub bar: Color32,
    /// Ground of cards on a panel.
    pub card: Color32,
    /// Ground of a card or line of a list under the mouse.
    pub card_hovered: Color32,
    /// Ground of what is selected.
    pub selected: Color32,
    /// Ground of dialogs.
    pub window: Color32,
    /// Ground of toasts and of the cards of the tour.
    pub popup: Color32,
    /// Ground of text fields.
    pub well: Color32,
    /// Ground of every second line of a table.
    pub stripe: Color32,
    /// Ground of buttons, and of buttons under the mouse, pressed, and with their menu open.
    pub control: [Color32; 4],
    /// Ground of the mark of a step that is done.
    pub done: Color32,
    /// Lines between things.
    pub line: Color32,
    /// The line around dialogs and menus.
    pub window_line: Color32,
    /// Boxes of checkboxes, rails and handles of sliders: what shows that something can be set.
    pub edge: Color32,
    /// The line around a control under the mouse.
    pub edge_hovered: Color32,
    /// Text.
    pub text: Color32,
    /// Text that explains.
    pub weak: Color32,
    /// Text that cannot be used now, and what is least important.
    pub faint: Color32,
    /// Headings and numbers.
    pub strong: Color32,
    /// What can be pressed next, what is on, what moves.
    pub accent: Color32,
    /// Text on a ground of the accent.
    pub on_accent: Color32,
    /// Text of what is selected.
    pub on_selected: Color32,
    /// Done.
    pub good: Color32,
    /// Odd.
    pub warning: Color32,
    /// Failed.
    pub error: Color32,
    /// Shadows under dialogs and under menus.
    pub shadows: [Color32; 2],
    /// Lines of plots; they differ for colour-blind eyes too (after Okabe and Ito 2008).
    pub curves: [Color32; 6],
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Light on dark: the patient is the brightest thing on the screen.
pub const DARK: Palette = Palette {
    panel: rgb(0x1a1c20),
    bar: rgb(0x121316),
    card: rgb(0x22252a),
    card_hovered: rgb(0x2b2f36),
    selected: rgb(0x1e3a5c),
    window: rgb(0x1e2126),
    popup: rgb(0x25292f),
    well: rgb(0x121417),
    stripe: rgb(0x1e2125),
    control: [rgb(0x2a2e35), rgb(0x353a43), rgb(0x24456b), rgb(0x2f343c)],
    done: rgb(0x24402f),
    line: rgb(0x30343b),
    window_line: rgb(0x3a3f47),
    edge: rgb(0x6b737f),
    edge_hovered: rgb(0x8a93a0),
    text: rgb(0xd4d8de),
    weak: rgb(0xa4acb7),
    faint: rgb(0x8f96a1),
    strong: rgb(0xf3f5f8),
    accent: rgb(0x5aa9f8),
    on_accent: rgb(0x081728),
    on_selected: rgb(0xcfe5ff),
    good: rgb(0x5fb980),
    warning: rgb(0xe3ab4a),
    error: rgb(0xf0796a),
    shadows: [Color32::from_black_alpha(140), Color32::from_black_alpha(120)],
    curves: [rgb(0x56b4e9), rgb(0xe69f00), rgb(0x0ba982), rgb(0xf0e442), rgb(0xcc79a7), rgb(0xec7014)],
};

/// Dark on light, for bright rooms and projectors. Slices and the scene stay dark: pictures are read on a dark ground.
pub const LIGHT: Palette = Palette {
    panel: rgb(0xf3f4f6),
    bar: rgb(0xe4e7eb),
    card: rgb(0xffffff),
    card_hovered: rgb(0xe8eef6),
    selected: rgb(0xcde1f9),
    window: rgb(0xfafbfc),
    popup: rgb(0xffffff),
    well: rgb(0xffffff),
    stripe: rgb(0xeceef1),
    control: [rgb(0xe1e5ea), rgb(0xd3dae3), rgb(0xb9d4f5), rgb(0xd9dfe7)],
    done: rgb(0xcfe8d8),
    line: rgb(0xcdd3db),
    window_line: rgb(0xc3cad3),
    edge: rgb(0x79828e),
    edge_hovered: rgb(0x59626e),
    text: rgb(0x23282f),
    weak: rgb(0x4b535e),
    faint: rgb(0x5d6570),
    strong: rgb(0x0a0d11),
    accent: rgb(0x0a56ac),
    on_accent: rgb(0xffffff),
    on_selected: rgb(0x0b3a72),
    good: rgb(0x19683a),
    warning: rgb(0x7f4f00),
    error: rgb(0xad241c),
    shadows: [Color32::from_black_alpha(60), Color32::from_black_alpha(45)],
    curves: [rgb(0x0072b2), rgb(0xa35c00), rgb(0x00775a), rgb(0x756800), rgb(0xa8437c), rgb(0xb94a00)],
};

/// Sizes of letters in points: explanations, headings of groups and code, text, headings of dialogs, icons.
pub(super) const SMALL: f32 = 11.5;
pub(super) const GROUP: f32 = 12.0;
pub(super) const BODY: f32 = 13.0;
pub(super) const HEADING: f32 = 17.0;
pub(super) const ICON: f32 = 16.0;

/// Room between things, within buttons, and the least size of what can be pressed.
pub(super) const GAP: Vec2 = Vec2::new(6.0, 5.0);
pub(super) const BUTTON_PADDING: Vec2 = Vec2::new(8.0, 4.0);
pub(super) const PRESSABLE: Vec2 = Vec2::new(28.0, 24.0);
pub(super) const INDENT: f32 = 16.0;
pub(super) const MENU_MARGIN: Margin = Margin::same(6);
pub(super) const CARD_MARGIN: Margin = Margin::symmetric(10, 8);
/// Rounded corners: of controls, cards, menus, dialogs.
pub(super) const CORNERS: [u8; 4] = [5, 6, 8, 10];

/// The least contrast of text (WCAG 2.2, level AA).
pub(super) const TEXT: f64 = 4.5;
/// The least contrast of icons, of lines of plots and of what shows that something can be set.
#[cfg(test)]
pub(super) const MARK: f64 = 3.0;

/// Relative luminance (WCAG 2.2), 0 to 1.
fn luminance(colour: Color32) -> f64 {
    let [r, g, b] = [colour.r(), colour.g(), colour.b()].map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// The contrast of two colours (WCAG 2.2): 1 for the same, 21 for black and white.
pub(super) fn contrast(a: Color32, b: Color32) -> f64 {
    let [a, b] = [luminance(a), luminance(b)];
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}
