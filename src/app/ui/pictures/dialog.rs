//! The dialog in which a picture or film is ordered.

use super::{Ground, Motif, PRINT_DPI, PictureOrder, PictureSize, SIDE_MAX};
use crate::app::ui::contract::Request;
use crate::app::ui::wish::Wish;
use crate::app::ui::{numbers, theme, widgets};
use crate::base::i18n::{in_tables, tr, tr_with};
use crate::io::film::{FilmFormat, GIF_FPS_MAX};
use egui::{DragValue, Grid, Ui, Vec2};

/// Show the dialog; whether it is done. `pane` is the size of the 3D view, if it is on the screen; `flow` says whether
/// there is flow to film.
pub fn pictures_ui(
    ui: &mut Ui,
    order: &mut PictureOrder,
    pane: Option<Vec2>,
    flow: bool,
    wishes: &mut Vec<Wish>,
) -> bool {
    widgets::dialog_body(ui, 430.0, |ui| {
        ui.label(theme::strong(tr("picture-title")).size(18.0));
        ui.add_space(6.0);
        ui.horizontal_wrapped(|ui| {
            for motif in Motif::ALL {
                let of_it = PictureOrder { motif, ..order.clone() };
                let why = match motif {
                    Motif::Flow if !flow => Some(tr("picture-no-flow")),
                    Motif::Walk if order.walk.is_none() => Some(tr("picture-no-walk")),
                    _ => of_it.why_not(pane),
                };
                let button = egui::Button::selectable(order.motif == motif, motif.name());
                let chosen = ui.add_enabled(why.is_none(), button);
                if chosen.on_disabled_hover_text(why.unwrap_or_default()).clicked() {
                    order.motif = motif;
                }
            }
        });
        ui.add_space(8.0);
        Grid::new("picture").num_columns(2).spacing(Vec2::new(16.0, 8.0)).show(ui, |ui| {
            if order.motif != Motif::Window {
                size_row(ui, order, order.pane(pane));
                if !order.motif.is_of_slices() {
                    ground_row(ui, order);
                }
                ui.label(tr("picture-texts"));
                ui.checkbox(&mut order.texts, tr("picture-texts-what"));
                ui.end_row();
            }
            if order.motif.is_film() {
                film_rows(ui, order);
            } else {
                still_row(ui, order);
            }
        });
        ui.add_space(4.0);
        let unsaved_ground =
            !order.motif.is_of_slices() && order.ground == Ground::Transparent && order.film == Some(FilmFormat::Avi);
        if order.motif.is_film() && unsaved_ground {
            ui.label(theme::small(tr("picture-avi")).color(theme::of(ui).warning));
        }
        if let Some(text) = said(order, order.pane(pane), ui.ctx().pixels_per_point()) {
            ui.label(theme::small(text));
        }
    });
    let mut done = false;
    ui.horizontal(|ui| {
        let there = order.why_not(pane).is_none();
        if ui.add_enabled_ui(there, |ui| widgets::primary_button(ui, tr("picture-save")).clicked()).inner {
            wishes.push(Wish::Ask(Request::SavePicture(order.clone())));
            done = true;
        }
        done |= ui.button(tr("word-cancel")).clicked();
    });
    done
}

fn size_row(ui: &mut Ui, order: &mut PictureOrder, pane: Option<Vec2>) {
    ui.label(tr("picture-size"));
    ui.horizontal(|ui| {
        for factor in [1.0, 2.0, 4.0] {
            let on = order.size == PictureSize::Screen(factor);
            let pixels = pane.map(|pane| PictureSize::Screen(factor).pixels(pane, ui.ctx().pixels_per_point()));
            let help = pixels.map_or_else(String::new, pixels_text);
            if ui.selectable_label(on, format!("{factor}×")).on_hover_text(help).clicked() {
                order.size = PictureSize::Screen(factor);
            }
        }
        let is_print = matches!(order.size, PictureSize::Print { .. });
        if ui.selectable_label(is_print, tr("picture-print")).on_hover_text(tr("picture-dpi")).clicked() {
            order.size = PictureSize::Print { width_mm: 160.0 };
        }
        if let PictureSize::Print { width_mm } = &mut order.size {
            ui.add(
                DragValue::new(width_mm)
                    .range(20.0..=600.0)
                    .speed(1.0)
                    .suffix(format!(" {}", tr("unit-mm-wide")))
                    .fixed_decimals(0),
            );
        }
    });
    ui.end_row();
}

fn ground_row(ui: &mut Ui, order: &mut PictureOrder) {
    ui.label(tr("picture-ground"));
    ui.horizontal(|ui| {
        for (ground, name) in Ground::ALL {
            ui.selectable_value(&mut order.ground, ground, in_tables("ground", name));
        }
    });
    ui.end_row();
}

fn still_row(ui: &mut Ui, order: &mut PictureOrder) {
    ui.label(tr("picture-stored"));
    ui.horizontal(|ui| {
        ui.selectable_value(&mut order.webp, false, "PNG");
        ui.selectable_value(&mut order.webp, true, "WebP").on_hover_text(tr("picture-webp-help"));
    });
    ui.end_row();
}

fn film_rows(ui: &mut Ui, order: &mut PictureOrder) {
    ui.label(tr("picture-lasts"));
    ui.horizontal(|ui| {
        ui.add(DragValue::new(&mut order.seconds).range(0.5..=60.0).speed(0.1).suffix(" s").fixed_decimals(1));
        ui.label(tr("picture-at"));
        let most = if order.film == Some(FilmFormat::Gif) { GIF_FPS_MAX as f32 } else { 60.0 };
        order.fps = order.fps.min(most);
        ui.add(
            DragValue::new(&mut order.fps)
                .range(2.0..=most)
                .speed(0.2)
                .suffix(format!(" {}", tr("picture-per-second")))
                .fixed_decimals(0),
        );
        if let Some(lasted_s) = order.lasted_s() {
            let as_it_was = (lasted_s as f32).clamp(0.5, 60.0);
            if ui.button(tr("picture-as-long")).on_hover_text(tr("picture-as-long-help")).clicked() {
                order.seconds = as_it_was;
            }
        }
    });
    ui.end_row();
    let turns = if order.motif == Motif::Turntable { &mut order.degrees } else { &mut order.turn_beside };
    if order.motif == Motif::Turntable || order.motif.is_of_simulation() {
        ui.label(tr("picture-turns"));
        ui.add(DragValue::new(turns).range(-720.0..=720.0).speed(2.0).suffix("°").fixed_decimals(0));
        ui.end_row();
    }
    ui.label(tr("picture-stored"));
    ui.horizontal(|ui| {
        for format in FilmFormat::ALL {
            ui.selectable_value(&mut order.film, Some(format), format.name());
        }
        ui.selectable_value(&mut order.film, None, tr("picture-png"));
    });
    ui.end_row();
}

fn pixels_text([width, height]: [usize; 2]) -> String {
    tr_with("picture-pixels", &[("width", width.into()), ("height", height.into())])
}

/// What the picture will be, in a sentence.
fn said(order: &PictureOrder, pane: Option<Vec2>, pixels_per_point: f32) -> Option<String> {
    if order.motif == Motif::Window {
        return Some(tr("picture-window").to_owned());
    }
    let [width, height] = order.size.pixels(pane?, pixels_per_point);
    let frames = order.frames();
    let mut text = pixels_text([width, height]);
    if 1 < frames {
        text += &tr_with("picture-frames", &[("count", frames.into())]);
        match order.motif {
            Motif::Scroll => text += &tr_with("picture-of-slices", &[("count", order.stage.slices.into())]),
            Motif::Times => text += &tr_with("picture-of-times", &[("count", order.stage.times.into())]),
            Motif::Load => text += tr("picture-of-load"),
            _ => {}
        }
        if let Some(lasted_s) = order.lasted_s() {
            text += &tr_with("picture-of-time", &[("time", (&numbers::quantity(lasted_s, "s")).into())]);
        }
    }
    if let PictureSize::Print { width_mm } = order.size {
        let whole = f64::from(width_mm) / 25.4 * PRINT_DPI;
        if SIDE_MAX < whole.max(whole * height as f64 / width as f64) {
            let dots = (width as f64 / f64::from(width_mm) * 25.4).round();
            text += &tr_with("picture-most", &[("dots", dots.into())]);
        }
    }
    Some(text)
}
