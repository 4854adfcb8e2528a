//! The list of objects: what was made from what, shown or hidden, in its colour.

use super::contract::Request;
use super::wish::Wish;
use super::{find, icons, theme, widgets};
use crate::base::NodeId;
use crate::base::i18n::{tr, tr_with};
use crate::session::{Case, Data, Node};
use egui::{Align2, Color32, FontId, Sense, Ui, Vec2, WidgetInfo, WidgetType};
use serde_json::json;
use std::collections::BTreeMap;

/// What the list needs besides the case.
#[derive(Debug)]
pub struct ObjectsState<'a> {
    /// The object the inspector shows.
    pub selected: Option<NodeId>,
    /// The only object shown, if one is.
    pub isolated: Option<NodeId>,
    /// The object being renamed and its new name.
    pub renaming: &'a mut Option<(NodeId, String)>,
}

/// Formats meshes are written in.
pub const FORMATS: [&str; 4] = ["stl", "ply", "obj", "glb"];

/// Show all objects as a tree.
pub fn objects_ui(ui: &mut Ui, case: &Case, state: &mut ObjectsState<'_>, wishes: &mut Vec<Wish>) {
    if case.is_empty() {
        ui.label(theme::small(tr("objects-none")));
        return;
    }
    ui.spacing_mut().item_spacing.y = 1.0;
    let tree = tree(case);
    bring_into_sight(ui, &tree, state.selected);
    widgets::rows(ui, ROW, tree.len(), |ui, n| {
        let (id, node, depth) = tree[n];
        row(ui, id, node, depth.min(INDENT_MAX), state, wishes);
    });
    if let Some(node) = state.isolated.and_then(|id| case.node(id)) {
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.label(theme::small(tr_with("objects-only", &[("name", node.name.as_str().into())])));
            if ui.small_button(tr("word-show-all")).clicked() {
                wishes.push(Wish::Isolate(None));
            }
        });
    }
}

/// What was just selected, perhaps in another view, is scrolled to.
fn bring_into_sight(ui: &Ui, tree: &[(NodeId, &Node, usize)], selected: Option<NodeId>) {
    let key = egui::Id::new("object in sight");
    let before: Option<NodeId> = ui.data(|data| data.get_temp(key)).flatten();
    if before == selected {
        return;
    }
    ui.data_mut(|data| data.insert_temp(key, selected));
    if let Some(n) = tree.iter().position(|(id, ..)| Some(*id) == selected) {
        let top = ui.cursor().top() + n as f32 * (ROW + ui.spacing().item_spacing.y);
        let (left, width) = (ui.cursor().left(), ui.available_width());
        let row = egui::Rect::from_min_size(egui::pos2(left, top), Vec2::new(width, ROW));
        ui.scroll_to_rect(row, None);
    }
}

/// Depth beyond which the tree is not set in further.
const INDENT_MAX: usize = 4;

/// Height of a row, points.
const ROW: f32 = 27.0;

/// All objects in the order they are listed, with how deep they lie: each before what was made from it.
fn tree(case: &Case) -> Vec<(NodeId, &Node, usize)> {
    let mut children: BTreeMap<Option<NodeId>, Vec<(NodeId, &Node)>> = BTreeMap::new();
    for (id, node) in case.nodes() {
        let parent = node.source.filter(|source| *source != id && case.node(*source).is_some());
        children.entry(parent).or_default().push((id, node));
    }
    let (mut tree, mut open) = (Vec::new(), Vec::new());
    // Each list is taken once, so that sources that run in a circle do no harm.
    let mut below = |parent, depth: usize| {
        let list = children.remove(&parent).unwrap_or_default();
        list.into_iter().rev().map(move |(id, node)| (id, node, depth))
    };
    open.extend(below(None, 0));
    while let Some((id, node, depth)) = open.pop() {
        tree.push((id, node, depth));
        open.extend(below(Some(id), depth + 1));
    }
    tree
}

fn row(ui: &mut Ui, id: NodeId, node: &Node, depth: usize, state: &mut ObjectsState<'_>, wishes: &mut Vec<Wish>) {
    if let Some((renamed, name)) = state.renaming
        && *renamed == id
    {
        let response = ui.add(egui::TextEdit::singleline(name).desired_width(ui.available_width()));
        let cancelled = ui.input(|input| input.key_pressed(egui::Key::Escape));
        if response.lost_focus() {
            if !cancelled && !name.trim().is_empty() && name.trim() != node.name {
                wishes.push(Wish::run("object.rename", json!({ "node": id.0, "name": name.trim() })));
            }
            *state.renaming = None;
        } else {
            response.request_focus();
        }
        return;
    }
    let selected = state.selected == Some(id);
    let (rect, response) = widgets::list_row(ui, ROW, selected, &node.name);
    let shown = node.display.visible && state.isolated.is_none_or(|only| only == id);
    let colour = dot_colour(ui, node);
    let faded = |colour: Color32| if shown { colour } else { colour.gamma_multiply(0.5) };
    let at = rect.left_center() + Vec2::new(15.0 + 14.0 * depth as f32, 0.0);
    let painter = ui.painter();
    if 0 < depth {
        let corner = at - Vec2::new(19.0, 0.0);
        painter.vline(corner.x, rect.top() - 1.0..=corner.y, (1.0, theme::of(ui).line));
        painter.hline(corner.x..=corner.x + 8.0, corner.y, (1.0, theme::of(ui).line));
    }
    painter.text(
        at,
        Align2::CENTER_CENTER,
        find::kind_icon(node.data.kind()),
        FontId::proportional(16.0),
        faded(colour),
    );
    let eye_rect = egui::Rect::from_center_size(rect.right_center() - Vec2::new(15.0, 0.0), Vec2::splat(24.0));
    let name_at = at + Vec2::new(15.0, 0.0);
    let text = if shown { theme::of(ui).text } else { theme::of(ui).faint };
    let text = if selected { theme::of(ui).strong } else { text };
    widgets::text_in(ui, name_at, eye_rect.left() - name_at.x - 4.0, &node.name, FontId::proportional(13.0), text);
    // A view is seen by going there.
    let is_view = matches!(node.data, Data::View(_));
    if !is_view {
        eye_ui(ui, id, node, eye_rect, &response, shown, wishes);
    }
    if response.clicked() {
        wishes.push(Wish::Select(Some(id)));
    }
    if response.double_clicked() {
        wishes.push(match node.data {
            Data::View(_) => Wish::GoToView(id),
            Data::Plan(_) => Wish::Plan(Some(id)),
            _ => Wish::Rename(id),
        });
    }
    response.context_menu(|ui| menu(ui, id, node, state.isolated, wishes));
}

/// The eye at the end of a row: hides and shows.
fn eye_ui(
    ui: &Ui,
    id: NodeId,
    node: &Node,
    eye_rect: egui::Rect,
    row: &egui::Response,
    shown: bool,
    wishes: &mut Vec<Wish>,
) {
    let eye = ui.interact(eye_rect, row.id.with("eye"), Sense::click());
    let verb = if node.display.visible { tr("word-hide") } else { tr("word-show") };
    eye.widget_info(|| {
        WidgetInfo::labeled(
            WidgetType::Button,
            true,
            tr_with("word-verb-name", &[("verb", verb.into()), ("name", node.name.as_str().into())]),
        )
    });
    let glyph = if node.display.visible { icons::EYE } else { icons::EYE_OFF };
    let colour = match (eye.hovered(), shown) {
        (true, _) => theme::of(ui).strong,
        (false, true) => theme::of(ui).weak,
        (false, false) => theme::of(ui).faint,
    };
    ui.painter().text(eye_rect.center(), Align2::CENTER_CENTER, glyph, FontId::proportional(15.0), colour);
    if eye.on_hover_text(verb).clicked() {
        wishes.push(Wish::run("object.display", json!({ "node": id.0, "visible": !node.display.visible })));
    }
}

/// The colour that stands for an object: its first segment's, or its own.
fn dot_colour(ui: &Ui, node: &Node) -> Color32 {
    match &node.data {
        Data::Labels(labels) => labels
            .segments()
            .first()
            .map_or(theme::of(ui).weak, |segment| theme::mark(ui, theme::colour(segment.colour))),
        Data::Scan(_) => theme::of(ui).text,
        _ => theme::mark(ui, theme::colour(node.display.colour)),
    }
}

/// What can be done with one object.
pub fn menu(ui: &mut Ui, id: NodeId, node: &Node, isolated: Option<NodeId>, wishes: &mut Vec<Wish>) {
    let item = |ui: &mut Ui, icon: &str, text: &str| ui.button(format!("{icon}  {text}")).clicked();
    let is_view = matches!(node.data, Data::View(_));
    if is_view && item(ui, icons::CAMERA, tr("view-go")) {
        wishes.push(Wish::GoToView(id));
    }
    if item(ui, icons::PENCIL, tr("word-rename")) {
        wishes.push(Wish::Rename(id));
    }
    if isolated == Some(id) {
        if item(ui, icons::EYE, tr("word-show-all")) {
            wishes.push(Wish::Isolate(None));
        }
    } else if !is_view && item(ui, icons::EYE, tr("object-only-this")) {
        wishes.push(Wish::Isolate(Some(id)));
    }
    if !matches!(node.data, Data::Scan(_) | Data::Labels(_) | Data::Measure(_) | Data::View(_) | Data::Plan(_)) {
        if item(ui, icons::FOCUS_2, tr("object-fit")) {
            wishes.push(Wish::Ask(Request::Fit(Some(id))));
        }
        ui.menu_button(format!("{}  {}", icons::FILE_EXPORT, tr("word-export")), |ui| {
            for format in FORMATS {
                if ui.button(format!("{}…", format.to_uppercase())).clicked() {
                    wishes.push(Wish::Ask(Request::ExportDialog { node: id, format }));
                }
            }
        });
    }
    if matches!(node.data, Data::Scan(_)) && item(ui, icons::BOX, tr("scan-render")) {
        wishes.push(Wish::Volume(Some(id)));
    }
    ui.separator();
    if item(ui, icons::TRASH, tr("word-remove")) {
        wishes.push(Wish::run("object.remove", json!({ "node": id.0 })));
    }
}
