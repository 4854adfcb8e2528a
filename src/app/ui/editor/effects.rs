//! The buttons of the effects: those of the mouse, and those that have a form.

use super::Editor;
use crate::app::ui::wish::Wish;
use crate::app::ui::{icons, theme, widgets, words};
use crate::base::i18n::tr;
use crate::base::{NodeId, i18n};
use egui::Ui;
use serde_json::json;

/// What the left button does in slices while the editor is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// What it does without the editor.
    Look,
    /// Give voxels by a brush.
    Paint,
    /// Take voxels by a brush.
    Erase,
    /// Fill a contour: drawn free hand, or corner by corner.
    Draw,
    /// Fill the outline of what is as bright as the pixel under the mouse.
    LevelTrace,
    /// Fill a contour that snaps to edges between clicks.
    LiveWire,
    /// Cut or fill through the body.
    Scissors,
    /// Even the surface under a brush.
    Smooth,
}

impl Effect {
    const ALL: [(Self, &'static str, &'static str, &'static str); 8] = [
        (Self::Look, icons::CONTRAST_2, "None", "The mouse looks only: window, crosshair, measures"),
        (Self::Paint, icons::BRUSH, "Paint", "Paint with a round brush (B); Ctrl erases, [ and ] change its size"),
        (Self::Erase, icons::ERASER, "Erase", "Erase with a round brush (E)"),
        (
            Self::Draw,
            icons::LASSO,
            "Draw",
            "Fill a contour in this slice (D): drag around it, or click its corners and press Enter",
        ),
        (
            Self::LevelTrace,
            icons::CIRCLE_DASHED,
            "Level tracing",
            "Point at something: its outline is shown, a click fills it",
        ),
        (
            Self::LiveWire,
            icons::GIT_BRANCH,
            "Live wire",
            "Click along an edge: the contour snaps to it; Enter closes and fills it",
        ),
        (
            Self::Scissors,
            icons::SCISSORS,
            "Scissors",
            "Drag around something in a slice or in 3D to cut it all the way through",
        ),
        (Self::Smooth, icons::DROPLET, "Smoothing brush", "Even the surface of the segment where the brush goes"),
    ];
}

impl Effect {
    /// The effect of the mouse on a key: the first on 1.
    pub(in crate::app::ui) fn on_key(place: usize) -> Option<Self> {
        Self::ALL.get(place).map(|(effect, ..)| *effect)
    }
}

/// Effects that have a form: name, tool, what it is for, and what is known besides the segment.
const FORMS: [(&str, &str, &str); 27] = [
    ("Threshold", "segment.threshold", icons::ADJUSTMENTS),
    ("Local threshold", "segment.local_threshold", icons::TARGET),
    ("Region growing", "segment.region_grow", icons::TARGET),
    ("Grow from seeds", "segment.grow_from_seeds", icons::PLANT),
    ("Fill between slices", "segment.fill_between_slices", icons::STACK_2),
    ("Smoothing", "segment.smooth", icons::DROPLET),
    ("Margin", "segment.margin", icons::MAXIMIZE),
    ("Hollow", "segment.hollow", icons::CIRCLE_DASHED),
    ("Islands", "segment.islands", icons::CIRCLES),
    ("Logical operators", "segment.logic", icons::LAYERS_INTERSECT),
    ("Fill holes", "segment.fill_holes", icons::CIRCLE_DASHED),
    ("Wrap", "segment.wrap", icons::BOX),
    ("Watershed", "segment.watershed", icons::DROPLETS),
    ("Random walker", "segment.random_walker", icons::DROPLETS),
    ("Level set", "segment.level_set", icons::CIRCLES),
    ("Fast marching", "segment.fast_marching", icons::CIRCLES),
    ("Tube", "segment.tube", icons::GIT_BRANCH),
    ("Vesselness", "segment.vesselness", icons::GIT_BRANCH),
    ("Refine by clicks", "segment.refine_clicks", icons::CROSSHAIR),
    ("Mask volume", "segment.mask_volume", icons::STACK_2),
    ("Centre lines", "model.centre_lines", icons::GIT_BRANCH),
    ("Copy to scan", "segment.copy_to", icons::STACK_3),
    ("Finer grid", "segment.refine", icons::LAYOUT_GRID),
    ("Model file", "segment.model", icons::FLASK),
    ("Statistics", "segment.statistics", icons::RULER_MEASURE),
    ("Compare", "segment.compare", icons::LAYOUT_COLUMNS),
    ("Consensus", "segment.staple", icons::STACK_2),
];

/// The names of all effects, with the help of those of the mouse.
#[cfg(test)]
pub(in crate::app::ui) fn names_of_effects() -> Vec<(&'static str, Option<&'static str>)> {
    let of_mouse = Effect::ALL.iter().map(|(_, _, name, help)| (*name, Some(*help)));
    of_mouse.chain(FORMS.iter().map(|(name, ..)| (*name, None))).collect()
}

/// Show the buttons.
pub(super) fn effects_ui(editor: &mut Editor, ui: &mut Ui, scan: Option<NodeId>, wishes: &mut Vec<Wish>) {
    ui.label(theme::heading(tr("editor-effects")));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (effect, icon, name, help) in Effect::ALL {
            let button = widgets::icon_toggle(ui, icon, &words::effect(name, help), editor.effect == effect);
            if button.clicked() {
                wishes.push(Wish::Effect(effect));
                (editor.stroke, editor.trace, editor.wire) = (None, None, None);
            }
        }
    });
    ui.label(theme::small(i18n::tr("editor-keys")));
    let width = ((ui.available_width() - 4.0) / 2.0).floor();
    ui.spacing_mut().item_spacing = egui::Vec2::splat(4.0);
    let tools = FORMS.iter().filter_map(|(name, id, icon)| Some((*name, crate::tools::find(id)?, *icon)));
    let tools: Vec<_> = tools.collect();
    for pair in tools.chunks(2) {
        ui.horizontal(|ui| {
            for (name, tool, icon) in pair {
                let text = format!("{icon}  {}", i18n::in_tables("effect", name));
                let button = egui::Button::new(egui::RichText::new(text).size(11.5)).truncate();
                let size = egui::Vec2::new(width, 24.0);
                if ui.add_sized(size, button).on_hover_text(words::tool_help(tool)).clicked() {
                    let mut params = editor.shared_params();
                    // New segments of tools that make one belong into the group that is edited.
                    params.insert("into".into(), json!(editor.group.0));
                    params.insert("scan".into(), json!(scan.map(|id| id.0)));
                    params.retain(|name, value| {
                        !value.is_null() && tool.params.iter().any(|spec| spec.name == name.as_str())
                    });
                    wishes.push(Wish::Form { tool: tool.id.into(), params: params.into() });
                }
            }
        });
    }
}
