//! The list of presets, each with a small picture of its curve and colours.

use super::{VolumePanel, VolumeView};
use crate::app::ui::{theme, widgets};
use crate::base::i18n::{in_tables, tr};
use crate::image::Scan;
use crate::image::transfer::{Histogram, PRESETS, Preset, TransferFunction};
use egui::{Color32, FontId, Mesh, Painter, Pos2, Rect, Ui, Vec2};

/// Rows shown before the list scrolls.
const ROWS_MAX: f32 = 5.0;
const ROW: f32 = 28.0;

impl VolumePanel {
    /// Choose a preset: those for this kind of scan, on wish all.
    pub(super) fn presets_ui(&mut self, ui: &mut Ui, view: &mut VolumeView, scan: &Scan, histogram: &Histogram) {
        let fits = |preset: &&Preset| preset.suits.fits(scan.modality);
        let all = self.lists_all;
        let scroll = egui::ScrollArea::vertical().id_salt("volume presets").max_height(ROWS_MAX * ROW);
        scroll.auto_shrink([false, true]).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for preset in PRESETS.iter().filter(|preset| all || fits(preset)) {
                self.row(ui, view, preset, histogram);
            }
        });
        if !PRESETS.iter().all(|preset| fits(&preset)) {
            ui.checkbox(&mut self.lists_all, theme::small(tr("volume-presets-all")));
        }
    }

    fn row(&mut self, ui: &mut Ui, view: &mut VolumeView, preset: &'static Preset, histogram: &Histogram) {
        let on = self.preset.is_some_and(|chosen| chosen.id == preset.id);
        let (rect, response) = widgets::list_row(ui, ROW, on, in_tables("volume-preset", preset.name));
        if ui.is_rect_visible(rect) {
            let picture = Rect::from_min_size(rect.min + Vec2::new(5.0, 4.0), Vec2::new(58.0, ROW - 8.0));
            swatch(ui.painter(), picture, &preset.for_scan(histogram));
            let at = rect.left_center() + Vec2::new(72.0, 0.0);
            let colour = if on { theme::of(ui).strong } else { theme::of(ui).text };
            let room = rect.right() - at.x - 4.0;
            widgets::text_in(ui, at, room, in_tables("volume-preset", preset.name), FontId::proportional(13.0), colour);
        }
        if response.on_hover_text(in_tables("volume-usage", preset.usage)).clicked() {
            self.choose(view, preset, histogram);
        }
    }

    /// Take a preset.
    pub(super) fn choose(&mut self, view: &mut VolumeView, preset: &'static Preset, histogram: &Histogram) {
        self.keep(view);
        (view.transfer, view.mode) = (preset.for_scan(histogram), preset.mode);
        (self.preset, self.picked) = (Some(preset), None);
    }
}

/// The curve as a hill in its own colours, from a little below its first point to a little above its last.
fn swatch(painter: &Painter, rect: Rect, transfer: &TransferFunction) {
    painter.rect_filled(rect, 3, theme::BAR);
    let Some([low, high]) = transfer.span() else { return };
    let room = 0.15 * (high - low).max(f64::MIN_POSITIVE);
    let [low, high] = [low - room, high + room];
    let most = transfer.opacity.iter().map(|(_, opacity)| *opacity).fold(1e-6, f32::max);
    let steps = rect.width() as usize;
    let mut mesh = Mesh::default();
    for step in 0..=steps {
        let part = step as f32 / steps as f32;
        let value = low + f64::from(part) * (high - low);
        let x = rect.left() + part * rect.width();
        // Each hill fills its picture: plateaus of 0.05 and 1 are told apart in the editor.
        let height = (transfer.opacity_at(value) / most).sqrt() * (rect.height() - 3.0);
        let colour = colour_of(transfer, value);
        mesh.colored_vertex(Pos2::new(x, rect.bottom() - height), colour);
        mesh.colored_vertex(Pos2::new(x, rect.bottom()), colour.gamma_multiply(0.55));
        if 0 < step {
            let first = 2 * step as u32 - 2;
            mesh.add_triangle(first, first + 1, first + 2);
            mesh.add_triangle(first + 1, first + 2, first + 3);
        }
    }
    painter.add(mesh);
}

/// The colour of a value on the screen.
pub(super) fn colour_of(transfer: &TransferFunction, value: f64) -> Color32 {
    let [red, green, blue] = transfer.colour_at(value).map(|part| (part * 255.0).round() as u8);
    Color32::from_rgb(red, green, blue)
}
