//! What stands beside the title of a 3D view where there are two: the chain, and what the view shows.

use super::super::wish::Wish;
use super::super::{find, icons, theme, widgets};
use super::{SECOND, SceneContent, Scenes, ScenesWish};
use crate::base::NodeId;
use crate::base::i18n::tr;
use crate::session::{Case, Node, NodeKind};
use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{PopupCloseBehavior, Rect, RichText, ScrollArea, Ui, UiBuilder, Vec2};
use std::sync::Arc;

/// Below this width the standard views need the room.
const WIDTH_LEAST: f32 = 360.0;

/// Show the bar of the view `which` in `rect`, right of its title; `has_volume` says whether a volume is rendered.
pub(in crate::app::ui) fn bar_ui(
    ui: &mut Ui,
    rect: Rect,
    which: usize,
    title_width: f32,
    scenes: &Scenes,
    case: &Case,
    has_volume: bool,
    wishes: &mut Vec<Wish>,
) {
    if rect.width() < WIDTH_LEAST {
        return;
    }
    let area = Rect::from_min_size(rect.min + Vec2::new(title_width + 18.0, 5.0), Vec2::new(70.0, 28.0));
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    ui.scope_builder(UiBuilder::new().max_rect(area).layout(layout).id_salt(("bar of a scene", which)), |ui| {
        ui.spacing_mut().item_spacing.x = 1.0;
        let (icon, name) =
            if scenes.linked { (icons::LINK, tr("scenes-unlink")) } else { (icons::UNLINK, tr("scenes-link")) };
        if widgets::icon_toggle(ui, icon, name, scenes.linked).clicked() {
            wishes.push(Wish::Scenes(ScenesWish::Link));
        }
        if which == SECOND && scenes.compare.is_some() {
            if widgets::icon_button(ui, icons::X, tr("scenes-end-compare")).clicked() {
                wishes.push(Wish::Scenes(ScenesWish::EndCompare));
            }
        } else {
            content_menu(ui, which, &scenes.contents[which], case, has_volume, wishes);
        }
    });
}

/// The menu of what the view shows.
fn content_menu(
    ui: &mut Ui,
    which: usize,
    content: &SceneContent,
    case: &Case,
    has_volume: bool,
    wishes: &mut Vec<Wish>,
) {
    let everything = *content == SceneContent::default();
    let (icon, colour) = if everything { (icons::EYE, theme::TEXT) } else { (icons::EYE_OFF, theme::ACCENT) };
    let button = egui::Button::new(RichText::new(icon).size(17.0).color(colour)).frame(false);
    let config = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let name = tr("scenes-shows");
    let (response, _) = MenuButton::from_button(button).config(config).ui(ui, |ui| {
        ui.set_min_width(210.0);
        let mut new = content.clone();
        if ui.add_enabled(!everything, egui::Button::new(tr("scenes-everything"))).clicked() {
            new = SceneContent::default();
        }
        if has_volume {
            let mut shown = !new.without_volume;
            ui.checkbox(&mut shown, tr("scenes-volume"));
            new.without_volume = !shown;
        }
        ui.checkbox(&mut new.only_selected, tr("scenes-only-selected"));
        let objects: Vec<_> = case.nodes().filter(|(_, node)| is_listed(node)).collect();
        if !objects.is_empty() && !new.only_selected {
            ui.separator();
            ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
                for (id, node) in objects {
                    object(ui, id, node, &mut new);
                }
            });
        }
        if new != *content {
            wishes.push(Wish::Scenes(ScenesWish::Content(which, new)));
        }
    });
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, name));
    response.on_hover_text(name);
}

fn object(ui: &mut Ui, id: NodeId, node: &Arc<Node>, content: &mut SceneContent) {
    let mut shown = !content.hidden.contains(&id);
    let text = format!("{}  {}", find::kind_icon(node.data.kind()), node.name);
    if ui.checkbox(&mut shown, text).changed() {
        if shown {
            content.hidden.remove(&id);
        } else {
            content.hidden.insert(id);
        }
    }
}

/// Whether a view can leave this out by itself: something with a surface that is shown at all.
fn is_listed(node: &Node) -> bool {
    let has_surface = matches!(
        node.data.kind(),
        NodeKind::Surface | NodeKind::Tets | NodeKind::Lines | NodeKind::Tissue | NodeKind::Flow
    );
    has_surface && node.display.visible
}
