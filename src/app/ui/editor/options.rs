//! What the chosen effect needs to know, and where it may change anything.

use super::{Editor, Effect, Operation, RADIUS_MM};
use crate::app::ui::wish::Wish;
use crate::app::ui::{numbers, theme};
use crate::base::SegmentId;
use crate::base::i18n::{in_tables, tr, tr_with};
use crate::image::{LabelMap, Scan};
use egui::{DragValue, Slider, Ui};

/// Show the options of the effect and the masks.
pub(super) fn options_ui(
    editor: &mut Editor,
    ui: &mut Ui,
    labels: &LabelMap,
    scan: Option<&Scan>,
    wishes: &mut Vec<Wish>,
) {
    match editor.effect {
        Effect::Look => {}
        Effect::Paint | Effect::Erase | Effect::Smooth => brush(editor, ui),
        Effect::Draw | Effect::LevelTrace | Effect::LiveWire => contour(editor, ui, wishes),
        Effect::Scissors => scissors(editor, ui),
    }
    ui.add_space(6.0);
    ui.label(theme::heading(tr("editor-only-change")));
    let name = |id: Option<SegmentId>| {
        id.and_then(|id| labels.segment(id)).map_or(tr("editor-any-voxel").to_owned(), |segment| {
            tr_with("editor-inside", &[("name", segment.name.as_str().into())])
        })
    };
    let text = name(editor.only_inside);
    egui::ComboBox::from_id_salt("inside").width(ui.available_width()).selected_text(text).show_ui(ui, |ui| {
        let others = labels.segments().iter().map(|segment| segment.id).filter(|id| Some(*id) != editor.segment);
        for choice in std::iter::once(None).chain(others.map(Some)) {
            ui.selectable_value(&mut editor.only_inside, choice, name(choice));
        }
    });
    let Some(scan) = scan.filter(|scan| scan.grid() == labels.grid()) else { return };
    let mut ranged = editor.range.is_some();
    if ui.checkbox(&mut ranged, tr("editor-values")).changed() {
        let window = scan.first_window();
        editor.range = ranged.then(|| [window.level, window.level + 0.5 * window.width].map(f64::round));
    }
    if let Some([from, to]) = &mut editor.range {
        ui.horizontal(|ui| {
            ui.add_sized([84.0, 24.0], DragValue::new(from).speed(2.0).max_decimals(1));
            ui.label(tr("word-to"));
            ui.add_sized([84.0, 24.0], DragValue::new(to).speed(2.0).max_decimals(1));
            ui.label(theme::small(scan.unit()));
        });
        *to = to.max(*from);
    }
}

fn brush(editor: &mut Editor, ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.label(tr("editor-radius"));
        let slider = Slider::new(&mut editor.radius_mm, RADIUS_MM[0]..=RADIUS_MM[1]).logarithmic(true).suffix(" mm");
        ui.add(slider.max_decimals(1).custom_formatter(|value, _| numbers::significant(value)));
    });
    ui.horizontal(|ui| {
        ui.selectable_value(&mut editor.ball, false, tr("editor-disc"));
        ui.selectable_value(&mut editor.ball, true, tr("editor-ball"));
    });
    if editor.effect == Effect::Paint {
        ui.checkbox(&mut editor.similar, tr("editor-edges")).on_hover_text(tr("editor-edges-help"));
    }
}

fn contour(editor: &mut Editor, ui: &mut Ui, wishes: &mut Vec<Wish>) {
    ui.horizontal(|ui| {
        ui.selectable_value(&mut editor.erase, false, tr("word-fill"));
        ui.selectable_value(&mut editor.erase, true, tr("editor-erase"));
    });
    let corners = editor.stroke.as_ref().map_or(0, super::Stroke::corners);
    if 0 < corners {
        ui.horizontal(|ui| {
            ui.label(theme::small(tr_with("editor-corners", &[("count", corners.into())])));
            if ui.add_enabled(3 <= corners, egui::Button::new(tr("editor-apply"))).clicked() {
                wishes.push(Wish::ApplyStroke);
            }
            if ui.button(tr("editor-cancel")).clicked() {
                editor.stroke = None;
            }
        });
    }
}

fn scissors(editor: &mut Editor, ui: &mut Ui) {
    let name = |operation| {
        Operation::ALL.iter().find(|(o, ..)| *o == operation).map_or("", |(.., name)| in_tables("scissors", name))
    };
    egui::ComboBox::from_id_salt("operation")
        .width(ui.available_width())
        .selected_text(name(editor.operation))
        .show_ui(ui, |ui| {
            for (operation, _, name) in Operation::ALL {
                ui.selectable_value(&mut editor.operation, operation, in_tables("scissors", name));
            }
        });
    let mut limited = editor.depth_mm.is_some();
    ui.horizontal(|ui| {
        if ui.checkbox(&mut limited, tr("editor-at-most")).changed() {
            editor.depth_mm = limited.then_some(20.0);
        }
        match &mut editor.depth_mm {
            Some(depth) => {
                ui.add(
                    DragValue::new(depth)
                        .range(0.1..=2000.0)
                        .speed(0.5)
                        .max_decimals(1)
                        .suffix(format!(" {}", tr("unit-mm-deep"))),
                );
            }
            None => {
                ui.label(theme::small(tr("editor-all-through")));
            }
        }
    });
}
