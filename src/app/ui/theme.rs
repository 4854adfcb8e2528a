//! How the program looks: a dark theme, quiet enough that the patient is the brightest thing on the screen, and a light one.

#[cfg(test)]
mod contrast;
mod tokens;

pub use tokens::Palette;
use tokens::{BODY, BUTTON_PADDING, CARD_MARGIN, CORNERS, DARK, GAP, GROUP, HEADING, ICON, INDENT, LIGHT, MENU_MARGIN};
use tokens::{PRESSABLE, SMALL};

use super::settings::ThemeChoice;
use crate::geom::Orientation;
use egui::{Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, RichText, Shadow, Stroke};
use egui::{Context, TextStyle, Theme, ThemePreference, Ui};
use std::sync::Arc;

// What is painted over pictures has these colours in both themes, for pictures stay dark. Panels ask [`of`] instead.
/// Ground of what lies over a picture.
pub const CARD: Color32 = DARK.card;
/// Ground of such a thing under the mouse.
pub const CARD_HOVERED: Color32 = DARK.card_hovered;
/// Text over a picture.
pub const TEXT: Color32 = DARK.text;
/// Text that explains, over a picture.
pub const WEAK: Color32 = DARK.weak;
/// Numbers and headings over a picture.
pub const STRONG: Color32 = DARK.strong;
/// What is on, what moves, over a picture.
pub const ACCENT: Color32 = DARK.accent;
/// Done, over a picture.
pub const GOOD: Color32 = DARK.good;
/// Odd, over a picture.
pub const WARNING: Color32 = DARK.warning;
/// Ground of what lies beside a picture, and lines on it.
pub const BAR: Color32 = DARK.bar;

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

/// The colours where `ui` is: of the theme, or of the dark one over a picture.
pub fn of(ui: &Ui) -> &'static Palette {
    of_style(ui.style())
}

/// The colours of menus, dialogs and whatever else lies over the whole window.
pub fn of_window(ctx: &Context) -> &'static Palette {
    palette(ctx.theme())
}

/// The colours of a style.
pub fn of_style(style: &egui::Style) -> &'static Palette {
    palette(if style.visuals.dark_mode { Theme::Dark } else { Theme::Light })
}

fn palette(theme: Theme) -> &'static Palette {
    match theme {
        Theme::Dark => &DARK,
        Theme::Light => &LIGHT,
    }
}

/// The colour of an object as a mark or a word on a panel: darker on a light ground, until it can be read there.
pub fn mark(ui: &Ui, colour: Color32) -> Color32 {
    let own = of(ui);
    let mut mark = colour;
    while !ui.visuals().dark_mode && tokens::contrast(mark, own.panel) < tokens::TEXT {
        mark = Color32::from_rgb(
            (mark.r() as f32 * 0.9) as u8,
            (mark.g() as f32 * 0.9) as u8,
            (mark.b() as f32 * 0.9) as u8,
        );
    }
    mark
}

/// Everything in `ui` lies over a picture from now on, and pictures are dark in every theme.
pub fn over_picture(ui: &mut Ui) {
    if !ui.visuals().dark_mode {
        *ui.visuals_mut() = ui.ctx().style_of(Theme::Dark).visuals.clone();
    }
}

/// Show the colours that were chosen from the next frame on.
pub fn follow(ctx: &Context, choice: ThemeChoice) {
    let wanted = match choice {
        ThemeChoice::Dark => ThemePreference::Dark,
        ThemeChoice::Light => ThemePreference::Light,
        ThemeChoice::System => ThemePreference::System,
    };
    if ctx.options(|options| options.theme_preference) != wanted {
        ctx.set_theme(wanted);
        ctx.request_repaint();
    }
}

/// Text in semi-bold.
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).family(FontFamily::Name(SEMIBOLD.into())).strong()
}

/// A small heading above a group of things.
pub fn heading(text: impl Into<String>) -> RichText {
    RichText::new(text).family(FontFamily::Name(SEMIBOLD.into())).size(GROUP).weak()
}

/// Small text that explains.
pub fn small(text: impl Into<String>) -> RichText {
    RichText::new(text).size(SMALL).weak()
}

/// An icon at the size of text.
pub fn icon(glyph: &str) -> RichText {
    RichText::new(glyph).size(ICON)
}

/// The font of headings at `size` points.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

/// A raised card on a panel.
pub fn card(ui: &Ui) -> egui::Frame {
    egui::Frame::new().fill(of(ui).card).corner_radius(CORNERS[1]).inner_margin(CARD_MARGIN)
}

/// A card that lies over the window: a message, a step of the tour.
pub fn popup(ui: &Ui) -> egui::Frame {
    egui::Frame::popup(ui.style()).fill(of(ui).popup)
}

/// Give `ctx` our fonts, colours and spacing.
pub fn apply(ctx: &Context) {
    ctx.set_fonts(fonts());
    ctx.set_theme(Theme::Dark);
    for theme in [Theme::Dark, Theme::Light] {
        ctx.style_mut_of(theme, |of| style(of, theme));
    }
}

/// Whether `ctx` has our fonts; ask within a frame.
pub fn is_ready(ctx: &egui::Context) -> bool {
    ctx.fonts(|fonts| fonts.definitions().families.contains_key(&FontFamily::Name(SEMIBOLD.into())))
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let ours: [(&str, &'static [u8]); 5] = [
        ("inter", include_bytes!("../../../assets/fonts/Inter-Regular.ttf")),
        ("inter semibold", include_bytes!("../../../assets/fonts/Inter-SemiBold.ttf")),
        ("icons", include_bytes!("../../../assets/fonts/tabler-icons-subset.ttf")),
        ("chinese", include_bytes!("../../../assets/fonts/NotoSansSC-subset.otf")),
        ("chinese bold", include_bytes!("../../../assets/fonts/NotoSansSC-Bold-subset.otf")),
    ];
    for (name, bytes) in ours {
        let mut data = FontData::from_static(bytes);
        if name == "icons" {
            data.tweak.y_offset_factor = 0.07;
        }
        fonts.font_data.insert(name.into(), Arc::new(data));
    }
    let rest = fonts.families.entry(FontFamily::Proportional).or_default().clone();
    let family = |first: &str, chinese: &str| {
        let mut family = vec![first.to_owned(), "icons".to_owned(), chinese.to_owned()];
        family.extend(rest.iter().cloned());
        family
    };
    fonts.families.insert(FontFamily::Name(SEMIBOLD.into()), family("inter semibold", "chinese bold"));
    fonts.families.insert(FontFamily::Proportional, family("inter", "chinese"));
    fonts
}

fn style(style: &mut egui::Style, theme: Theme) {
    style.text_styles = [
        (TextStyle::Small, FontId::proportional(SMALL)),
        (TextStyle::Body, FontId::proportional(BODY)),
        (TextStyle::Button, FontId::proportional(BODY)),
        (TextStyle::Monospace, FontId::monospace(GROUP)),
        (TextStyle::Heading, semibold(HEADING)),
    ]
    .into();
    style.drag_value_text_style = TextStyle::Body;
    style.animation_time = 0.1;
    let spacing = &mut style.spacing;
    spacing.item_spacing = GAP;
    spacing.button_padding = BUTTON_PADDING;
    spacing.interact_size = PRESSABLE;
    spacing.menu_margin = MENU_MARGIN;
    spacing.menu_spacing = 2.0;
    spacing.slider_rail_height = 4.0;
    spacing.icon_width = 15.0;
    spacing.icon_width_inner = 9.0;
    spacing.indent = INDENT;
    spacing.scroll = egui::style::ScrollStyle::thin();
    visuals(&mut style.visuals, theme);
}

fn visuals(visuals: &mut egui::Visuals, theme: Theme) {
    let own = palette(theme);
    let [control_corner, _, menu_corner, window_corner] = CORNERS.map(CornerRadius::same);
    *visuals = theme.default_visuals();
    visuals.panel_fill = own.panel;
    visuals.window_fill = own.window;
    visuals.window_stroke = Stroke::new(1.0, own.window_line);
    visuals.window_corner_radius = window_corner;
    visuals.menu_corner_radius = menu_corner;
    let [window_shadow, popup_shadow] = own.shadows;
    visuals.window_shadow = Shadow { offset: [0, 12], blur: 40, spread: 0, color: window_shadow };
    visuals.popup_shadow = Shadow { offset: [0, 6], blur: 20, spread: 0, color: popup_shadow };
    visuals.extreme_bg_color = own.well;
    visuals.faint_bg_color = own.stripe;
    visuals.code_bg_color = own.card;
    visuals.hyperlink_color = own.accent;
    visuals.warn_fg_color = own.warning;
    visuals.error_fg_color = own.error;
    visuals.weak_text_color = Some(own.weak);
    visuals.selection.bg_fill = own.selected;
    visuals.selection.stroke = Stroke::new(1.0, own.on_selected);
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Circle;
    visuals.striped = false;
    visuals.disabled_alpha = 0.42;
    let [resting, hovered, pressed, open] = own.control;
    let widgets = &mut visuals.widgets;
    for (state, fill, text) in [
        (&mut widgets.noninteractive, own.panel, own.text),
        (&mut widgets.inactive, resting, own.text),
        (&mut widgets.hovered, hovered, own.strong),
        (&mut widgets.active, pressed, own.strong),
        (&mut widgets.open, open, own.strong),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.fg_stroke = Stroke::new(1.0, text);
        state.bg_stroke = Stroke::NONE;
        state.corner_radius = control_corner;
        state.expansion = 0.0;
    }
    widgets.noninteractive.bg_stroke = Stroke::new(1.0, own.line);
    widgets.inactive.bg_stroke = Stroke::new(1.0, own.edge);
    widgets.hovered.bg_stroke = Stroke::new(1.0, own.edge_hovered);
}
