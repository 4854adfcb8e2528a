//! The field in which the text of an arrow or a note is written, where it was drawn.

use super::Measures;
use crate::app::ui::theme;
use crate::app::ui::wish::Wish;
use crate::base::NodeId;
use crate::base::i18n::tr;
use crate::geom::measure::Shape;
use egui::{Area, Frame, Pos2, TextEdit, Ui, Vec2};

/// A note without its text yet.
#[derive(Debug, Clone)]
pub(super) struct Writing {
    pub(super) shape: Shape,
    pub(super) scan: NodeId,
    pub(super) text: String,
    at: Pos2,
    /// Whether the field has had the keyboard.
    opened: bool,
}

impl Writing {
    pub(super) fn new(shape: Shape, scan: NodeId, at: Pos2) -> Self {
        Self { shape, scan, text: String::new(), at, opened: false }
    }
}

impl Measures {
    /// Show the field, if something is to be written. Enter ends it, Escape gives the note up.
    pub fn writing_ui(&mut self, ui: &Ui, wishes: &mut Vec<Wish>) {
        let Some(writing) = &mut self.writing else { return };
        let area = Area::new(egui::Id::new("text of a measure")).fixed_pos(writing.at + Vec2::new(10.0, -14.0));
        let area = area.order(egui::Order::Foreground).constrain_to(ui.ctx().content_rect());
        let response = area.show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).show(ui, |ui| {
                let field = TextEdit::singleline(&mut writing.text).desired_width(190.0).char_limit(500);
                let response = ui.add(field.hint_text(tr("measure-writing")));
                ui.label(theme::small(tr("measure-writing-esc")));
                response
            })
        });
        let field = response.inner.inner;
        if !writing.opened {
            field.request_focus();
            writing.opened = true;
            return;
        }
        let given_up = ui.input(|input| input.key_pressed(egui::Key::Escape));
        if given_up {
            self.writing = None;
        } else if field.lost_focus() {
            self.written(wishes);
        }
    }
}
