//! Segments that show or hide the voxels they hold.

use super::{VolumeMask, VolumeView};
use crate::app::ui::{find, theme};
use crate::base::i18n::tr;
use crate::image::Segment;
use crate::session::{Case, Data};
use egui::{ComboBox, Sense, Ui, Vec2};

/// Rows shown before the list scrolls.
const ROWS_MAX: f32 = 8.0;
const ROW: f32 = 24.0;

/// Choose the group, its segments, and whether they stay or go.
pub(super) fn mask_ui(ui: &mut Ui, view: &mut VolumeView, case: &Case) {
    if find::label_maps(case).next().is_none() {
        ui.label(theme::small(tr("volume-mask-none")));
        return;
    }
    let group = view.mask.as_ref().and_then(|mask| case.node(mask.labels)).map(|node| node.name.clone());
    let combo = ComboBox::from_id_salt("volume mask").width(ui.available_width() - 8.0);
    combo.selected_text(group.as_deref().unwrap_or(tr("volume-all-voxels"))).truncate().show_ui(ui, |ui| {
        if ui.selectable_label(view.mask.is_none(), tr("volume-all-voxels")).clicked() {
            view.mask = None;
        }
        for (id, node, labels) in find::label_maps(case) {
            let on = view.mask.as_ref().is_some_and(|mask| mask.labels == id);
            if ui.selectable_label(on, &node.name).clicked() && !on {
                let segments = labels.segments().iter().map(|segment| segment.id).collect();
                let keep = view.mask.as_ref().is_none_or(|mask| mask.keep);
                view.mask = Some(VolumeMask { labels: id, segments, keep });
            }
        }
    });
    let Some(mask) = &mut view.mask else { return };
    let Some(Data::Labels(labels)) = case.node(mask.labels).map(|node| &node.data) else { return };
    ui.horizontal(|ui| {
        for (keep, name, help) in [
            (true, tr("volume-only-these"), tr("volume-only-these-help")),
            (false, tr("volume-without"), tr("volume-without-help")),
        ] {
            if ui.selectable_label(mask.keep == keep, name).on_hover_text(help).clicked() {
                mask.keep = keep;
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.small_button(tr("volume-mask-nothing")).clicked() {
                mask.segments.clear();
            }
            if ui.small_button(tr("volume-mask-all")).clicked() {
                mask.segments = labels.segments().iter().map(|segment| segment.id).collect();
            }
        });
    });
    let scroll = egui::ScrollArea::vertical().id_salt("mask segments").max_height(ROWS_MAX * ROW);
    scroll.auto_shrink([false, true]).show(ui, |ui| {
        for segment in labels.segments() {
            segment_ui(ui, mask, segment);
        }
    });
    if mask.keep && mask.segments.is_empty() {
        ui.label(theme::small(tr("volume-mask-empty")).color(theme::of(ui).warning));
    }
}

fn segment_ui(ui: &mut Ui, mask: &mut VolumeMask, segment: &Segment) {
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(12.0), Sense::hover());
        ui.painter().rect_filled(rect, 3, theme::colour(segment.colour));
        let mut on = mask.segments.contains(&segment.id);
        if ui.checkbox(&mut on, &segment.name).changed() {
            mask.segments.retain(|id| *id != segment.id);
            if on {
                mask.segments.push(segment.id);
                mask.segments.sort();
            }
        }
    });
}
