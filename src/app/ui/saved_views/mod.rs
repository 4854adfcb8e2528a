//! Views that are kept in the case: seen in the inspector, and travelled to.

mod look;

use super::camera::OrbitCamera;
use super::contract::Request;
use super::wish::Wish;
use super::{icons, theme};
use crate::base::i18n::{tr, tr_with};
use crate::base::{ContentHash, NodeId};
use crate::io::png;
use crate::session::saved_view::PICTURE_SIDE_MAX;
use crate::session::{Case, Command, Data, Node, SavedView, ViewCamera};
use egui::{Color32, ColorImage, Pos2, Rect, Sense, TextEdit, TextureHandle, TextureOptions, Ui, Vec2};
use serde_json::json;

/// Longest note, characters.
const NOTE_MAX: usize = 2000;
/// Most points of height the picture takes in the inspector.
const PICTURE_HEIGHT_MAX: f32 = 260.0;

fn camera_of(view: &ViewCamera) -> OrbitCamera {
    let ViewCamera { target, distance_mm, yaw_rad, pitch_rad, roll_rad, fov_rad, parallel } = *view;
    OrbitCamera { target, distance_mm, yaw_rad, pitch_rad, roll_rad, fov_rad, parallel }
}

/// The view in `id`, if it is one.
pub(super) fn view_of(case: &Case, id: NodeId) -> Option<&SavedView> {
    match &case.node(id)?.data {
        Data::View(view) => Some(view),
        _ => None,
    }
}

/// Travel to `view`, and show everything as there if it is shown otherwise now.
pub(super) fn go_to(case: &Case, id: NodeId, view: &SavedView) -> Request {
    let differs = !view.differences(case).is_empty();
    let show = differs.then(|| Command::new("view.show", json!({ "view": id.0 })));
    Request::GoToView { camera: camera_of(&view.camera), show }
}

/// What the inspector shows of a view: its picture, the way to it, and the note.
pub(super) fn inspector_ui(ui: &mut Ui, id: NodeId, node: &Node, view: &SavedView, wishes: &mut Vec<Wish>) {
    // Above the picture: below it, one would have to scroll to it.
    if ui.button(format!("{}  {}", icons::CAMERA, tr("view-go"))).clicked() {
        wishes.push(Wish::GoToView(id));
    }
    ui.add_space(4.0);
    if view.picture.is_empty() {
        ui.label(theme::small(tr("view-no-picture")));
    } else if picture_ui(ui, node, view) {
        wishes.push(Wish::GoToView(id));
    }
    ui.add_space(4.0);
    note_ui(ui, id, view, wishes);
    ui.add_space(4.0);
}

/// The picture as wide as the panel; whether it was double-clicked.
fn picture_ui(ui: &mut Ui, node: &Node, view: &SavedView) -> bool {
    let Some(texture) = texture(ui, node.hash(), view) else {
        ui.label(theme::small(tr("view-bad-picture")));
        return false;
    };
    let size = texture.size_vec2();
    let width = ui.available_width();
    let size = Vec2::new(width, (width * size.y / size.x.max(1.0)).min(PICTURE_HEIGHT_MAX));
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let label = || {
        egui::WidgetInfo::labeled(
            egui::WidgetType::Image,
            true,
            tr_with("view-picture", &[("name", node.name.as_str().into())]),
        )
    };
    response.widget_info(label);
    // A tall picture keeps its shape and stands in the middle.
    let wide = size.y * texture.size_vec2().x / texture.size_vec2().y.max(1.0);
    let rect = Rect::from_center_size(rect.center(), Vec2::new(wide.min(size.x), size.y));
    let whole = Rect::from_min_max(Pos2::ZERO, Pos2::new(1.0, 1.0));
    ui.painter().image(texture.id(), rect, whole, Color32::WHITE);
    response.on_hover_text(tr("view-double-click")).double_clicked()
}

/// The texture of the picture; only that of the view shown last is kept.
fn texture(ui: &Ui, hash: ContentHash, view: &SavedView) -> Option<TextureHandle> {
    type Kept = (ContentHash, Option<TextureHandle>);
    let slot = egui::Id::new("picture of a saved view");
    if let Some((of, texture)) = ui.data(|data| data.get_temp::<Kept>(slot))
        && of == hash
    {
        return texture;
    }
    let picture = png::decode_rgba(&view.picture, PICTURE_SIDE_MAX).ok();
    let texture = picture.map(|picture| {
        let image = ColorImage::from_rgba_unmultiplied(picture.size, &picture.pixels);
        ui.ctx().load_texture("saved view", image, TextureOptions::LINEAR)
    });
    ui.data_mut(|data| data.insert_temp::<Kept>(slot, (hash, texture.clone())));
    texture
}

/// The note; what was written becomes a command when the field is left.
fn note_ui(ui: &mut Ui, id: NodeId, view: &SavedView, wishes: &mut Vec<Wish>) {
    let slot = egui::Id::new(("note on a saved view", id.0));
    let draft = ui.data(|data| data.get_temp::<String>(slot));
    let was_written = draft.is_some();
    let mut text = draft.unwrap_or_else(|| view.note.clone());
    let field = TextEdit::multiline(&mut text).desired_rows(2).desired_width(f32::INFINITY).char_limit(NOTE_MAX);
    let response = ui.add(field.hint_text(tr("view-note")));
    if response.has_focus() {
        ui.data_mut(|data| data.insert_temp(slot, text));
    } else if was_written {
        ui.data_mut(|data| data.remove::<String>(slot));
        if text.trim() != view.note {
            wishes.push(Wish::run("view.change", json!({ "view": id.0, "note": text.trim() })));
        }
    }
}
