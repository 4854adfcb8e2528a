//! How the program looks: one dark theme, quiet enough that the patient is the brightest thing on the screen.

use crate::geom::Orientation;
use egui::{Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Margin, RichText, Shadow, Stroke};
use egui::{TextStyle, Vec2};
use std::sync::Arc;

/// Background of panels.
pub const PANEL: Color32 = Color32::from_rgb(0x1a, 0x1c, 0x20);
/// Background of bars at the top and bottom, and between views.
pub const BAR: Color32 = Color32::from_rgb(0x12, 0x13, 0x16);
/// Background of cards and text fields on a panel.
pub const CARD: Color32 = Color32::from_rgb(0x22, 0x25, 0x2a);
/// Background of a card under the mouse.
pub const CARD_HOVERED: Color32 = Color32::from_rgb(0x2b, 0x2f, 0x36);
/// Background of what is selected.
pub const SELECTED: Color32 = Color32::from_rgb(0x1e, 0x3a, 0x5c);
/// Lines between things.
pub const LINE: Color32 = Color32::from_rgb(0x30, 0x34, 0x3b);
/// Text.
pub const TEXT: Color32 = Color32::from_rgb(0xd4, 0xd8, 0xde);
/// Text that explains.
pub const WEAK: Color32 = Color32::from_rgb(0x8b, 0x93, 0x9f);
/// Text that cannot be used now.
pub const FAINT: Color32 = Color32::from_rgb(0x5b, 0x62, 0x6d);
/// Headings and numbers.
pub const STRONG: Color32 = Color32::from_rgb(0xf3, 0xf5, 0xf8);
/// What can be pressed next, what is on, what moves.
pub const ACCENT: Color32 = Color32::from_rgb(0x5a, 0xa9, 0xf8);
/// Done.
pub const GOOD: Color32 = Color32::from_rgb(0x5f, 0xb9, 0x80);
/// Odd.
pub const WARNING: Color32 = Color32::from_rgb(0xe3, 0xab, 0x4a);
/// Failed.
pub const ERROR: Color32 = Color32::from_rgb(0xec, 0x6b, 0x5a);

/// The family of headings.
const SEMIBOLD: &str = "semibold";

/// The colour of a slice view and of its plane in the other views (as in 3D Slicer).
pub fn view_colour(orientation: Orientation) -> Color32 {
    match orientation {
        Orientation::Axial => Color32::from_rgb(0xf3, 0x4a, 0x33),
        Orientation::Coronal => Color32::from_rgb(0x6e, 0xb0, 0x4b),
        Orientation::Sagittal => Color32::from_rgb(0xed, 0xd5, 0x4c),
    }
}

/// `text` with its first letter as a capital.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The colour of a case's `[red, green, blue]`.
pub fn colour([red, green, blue]: [u8; 3]) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

/// Text in semi-bold.
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).family(FontFamily::Name(SEMIBOLD.into())).color(STRONG)
}

/// A small heading above a group of things.
pub fn heading(text: impl Into<String>) -> RichText {
    RichText::new(text).family(FontFamily::Name(SEMIBOLD.into())).size(12.0).color(WEAK)
}

/// Small text that explains.
pub fn small(text: impl Into<String>) -> RichText {
    RichText::new(text).size(11.5).color(WEAK)
}

/// An icon at the size of text.
pub fn icon(glyph: &str) -> RichText {
    RichText::new(glyph).size(16.0)
}

/// The font of headings at `size` points.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

/// A raised card on a panel.
pub fn card() -> egui::Frame {
    egui::Frame::new().fill(CARD).corner_radius(6).inner_margin(Margin::symmetric(10, 8))
}

/// Give `ctx` our fonts, colours and spacing.
pub fn apply(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    ctx.set_theme(egui::Theme::Dark);
    ctx.style_mut_of(egui::Theme::Dark, style);
}

/// Whether `ctx` has our fonts; ask within a frame.
pub fn is_ready(ctx: &egui::Context) -> bool {
    ctx.fonts(|fonts| fonts.definitions().families.contains_key(&FontFamily::Name(SEMIBOLD.into())))
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let ours: [(&str, &'static [u8]); 4] = [
        ("inter", include_bytes!("../../../assets/fonts/Inter-Regular.ttf")),
        ("inter semibold", include_bytes!("../../../assets/fonts/Inter-SemiBold.ttf")),
        ("icons", include_bytes!("../../../assets/fonts/tabler-icons-subset.ttf")),
        ("chinese", include_bytes!("../../../assets/fonts/NotoSansSC-subset.otf")),
    ];
    for (name, bytes) in ours {
        let mut data = FontData::from_static(bytes);
        if name == "icons" {
            data.tweak.y_offset_factor = 0.07;
        }
        fonts.font_data.insert(name.into(), Arc::new(data));
    }
    let rest = fonts.families.entry(FontFamily::Proportional).or_default().clone();
    let family = |first: &str| {
        let mut family = vec![first.to_owned(), "icons".to_owned(), "chinese".to_owned()];
        family.extend(rest.iter().cloned());
        family
    };
    fonts.families.insert(FontFamily::Name(SEMIBOLD.into()), family("inter semibold"));
    fonts.families.insert(FontFamily::Proportional, family("inter"));
    fonts
}

fn style(style: &mut egui::Style) {
    style.text_styles = [
        (TextStyle::Small, FontId::proportional(11.5)),
        (TextStyle::Body, FontId::proportional(13.0)),
        (TextStyle::Button, FontId::proportional(13.0)),
        (TextStyle::Monospace, FontId::monospace(12.0)),
        (TextStyle::Heading, semibold(17.0)),
    ]
    .into();
    style.drag_value_text_style = TextStyle::Body;
    style.animation_time = 0.1;
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::new(6.0, 5.0);
    spacing.button_padding = Vec2::new(8.0, 4.0);
    spacing.interact_size = Vec2::new(28.0, 24.0);
    spacing.menu_margin = Margin::same(6);
    spacing.menu_spacing = 2.0;
    spacing.slider_rail_height = 4.0;
    spacing.icon_width = 15.0;
    spacing.icon_width_inner = 9.0;
    spacing.indent = 16.0;
    spacing.scroll = egui::style::ScrollStyle::thin();
    visuals(&mut style.visuals);
}

fn visuals(visuals: &mut egui::Visuals) {
    *visuals = egui::Visuals::dark();
    visuals.panel_fill = PANEL;
    visuals.window_fill = Color32::from_rgb(0x1e, 0x21, 0x26);
    visuals.window_stroke = Stroke::new(1.0, Color32::from_rgb(0x3a, 0x3f, 0x47));
    visuals.window_corner_radius = CornerRadius::same(10);
    visuals.menu_corner_radius = CornerRadius::same(8);
    visuals.window_shadow = Shadow { offset: [0, 12], blur: 40, spread: 0, color: Color32::from_black_alpha(140) };
    visuals.popup_shadow = Shadow { offset: [0, 6], blur: 20, spread: 0, color: Color32::from_black_alpha(120) };
    visuals.extreme_bg_color = Color32::from_rgb(0x12, 0x14, 0x17);
    visuals.faint_bg_color = Color32::from_rgb(0x1e, 0x21, 0x25);
    visuals.code_bg_color = CARD;
    visuals.hyperlink_color = ACCENT;
    visuals.warn_fg_color = WARNING;
    visuals.error_fg_color = ERROR;
    visuals.weak_text_color = Some(WEAK);
    visuals.selection.bg_fill = SELECTED;
    visuals.selection.stroke = Stroke::new(1.0, Color32::from_rgb(0xcf, 0xe5, 0xff));
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Circle;
    visuals.striped = false;
    visuals.disabled_alpha = 0.42;
    let radius = CornerRadius::same(5);
    let widgets = &mut visuals.widgets;
    for (state, fill, text) in [
        (&mut widgets.noninteractive, PANEL, TEXT),
        (&mut widgets.inactive, Color32::from_rgb(0x2a, 0x2e, 0x35), TEXT),
        (&mut widgets.hovered, Color32::from_rgb(0x35, 0x3a, 0x43), STRONG),
        (&mut widgets.active, Color32::from_rgb(0x24, 0x45, 0x6b), STRONG),
        (&mut widgets.open, Color32::from_rgb(0x2f, 0x34, 0x3c), STRONG),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.fg_stroke = Stroke::new(1.0, text);
        state.bg_stroke = Stroke::NONE;
        state.corner_radius = radius;
        state.expansion = 0.0;
    }
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, LINE);
    widgets.hovered.bg_stroke = Stroke::new(1.0, Color32::from_rgb(0x4a, 0x51, 0x5c));
}
