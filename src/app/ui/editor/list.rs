//! The segments of the group: colour, name, shown, locked, how far the work is.

use super::Editor;
use crate::app::ui::wish::Wish;
use crate::app::ui::{icons, theme, widgets, words};
use crate::base::i18n::{tr, tr_with};
use crate::image::terminology::{self, Side, Term};
use crate::image::{LabelMap, Segment, SegmentStatus};
use egui::{FontId, Rect, Sense, Ui, Vec2, WidgetInfo, WidgetType};
use serde_json::{Value, json};

/// Rows shown before the list scrolls.
const ROWS_MAX: f32 = 8.0;
const ROW: f32 = 25.0;

/// Show the list and what adds to it.
pub(super) fn list_ui(editor: &mut Editor, ui: &mut Ui, labels: &LabelMap, wishes: &mut Vec<Wish>) {
    egui::ScrollArea::vertical().id_salt("segments").max_height(ROWS_MAX * ROW).auto_shrink([false, true]).show(
        ui,
        |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            let segments = labels.segments();
            widgets::rows(ui, ROW - 1.0, segments.len(), |ui, n| row(editor, ui, &segments[n], wishes));
        },
    );
    ui.horizontal(|ui| {
        if ui.button(format!("{}  {}", icons::PLUS, tr("segment-add"))).on_hover_text(tr("segment-add-help")).clicked()
        {
            editor.search = if editor.search.is_some() { None } else { Some(String::new()) };
            editor.opens_search = editor.search.is_some();
        }
        ui.checkbox(&mut editor.in_scene, tr("word-3d")).on_hover_text(tr("segment-3d-help"));
        let remove = ui.add_enabled(
            editor.segment.is_some(),
            egui::Button::new(format!("{}  {}", icons::TRASH, tr("word-remove"))),
        );
        if let (true, Some(id)) = (remove.clicked(), editor.segment) {
            wishes.push(Wish::run("segment.remove", json!({ "labels": editor.group.0, "segment": id.0 })));
        }
    });
    if editor.search.is_some() {
        add_ui(editor, ui, wishes);
    }
}

fn row(editor: &mut Editor, ui: &mut Ui, segment: &Segment, wishes: &mut Vec<Wish>) {
    let Segment { id, name, colour, locked, hidden, status, .. } = segment;
    let edit = |what: &str, value: Value| {
        Wish::run("segment.edit", json!({ "labels": editor.group.0, "segment": id.0, what: value }))
    };
    if let Some((renamed, text)) = &mut editor.renaming
        && renamed == id
    {
        let response = ui.add(egui::TextEdit::singleline(text).desired_width(ui.available_width()));
        if response.lost_focus() {
            let text = text.trim().to_owned();
            let cancelled = ui.input(|input| input.key_pressed(egui::Key::Escape));
            editor.renaming = None;
            if !cancelled && !text.is_empty() && text != *name {
                wishes.push(Wish::run(
                    "segment.edit",
                    json!({ "labels": editor.group.0, "segment": id.0, "name": text }),
                ));
            }
        } else {
            response.request_focus();
        }
        return;
    }
    let selected = editor.segment == Some(*id);
    let (rect, response) = widgets::list_row(ui, ROW - 1.0, selected, name);
    let chip = Rect::from_center_size(rect.left_center() + Vec2::new(13.0, 0.0), Vec2::splat(13.0));
    ui.painter().rect_filled(chip, 3, theme::colour(*colour).gamma_multiply(if *hidden { 0.4 } else { 1.0 }));
    let mut right = rect.right() - 13.0;
    let mut button = |ui: &Ui, icon: &str, on: bool, name: String| {
        let place = Rect::from_center_size(egui::pos2(right, rect.center().y), Vec2::splat(22.0));
        right -= 22.0;
        let button = ui.interact(place, response.id.with(icon), Sense::click());
        button.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &name));
        let colour = match (button.hovered(), on) {
            (true, _) => theme::of(ui).strong,
            (false, true) => theme::of(ui).accent,
            (false, false) => theme::of(ui).faint,
        };
        ui.painter().text(place.center(), egui::Align2::CENTER_CENTER, icon, FontId::proportional(14.0), colour);
        button.on_hover_text(name).clicked()
    };
    let (eye, verb) = if *hidden { (icons::EYE_OFF, tr("word-show")) } else { (icons::EYE, tr("word-hide")) };
    if button(ui, eye, !hidden, tr_with("word-verb-name", &[("verb", verb.into()), ("name", name.into())])) {
        wishes.push(edit("hidden", json!(!hidden)));
    }
    let (lock, verb) =
        if *locked { (icons::LOCK, tr("segment-unlock")) } else { (icons::LOCK_OPEN, tr("segment-lock")) };
    if button(ui, lock, *locked, tr_with("word-verb-name", &[("verb", verb.into()), ("name", name.into())])) {
        wishes.push(edit("locked", json!(!locked)));
    }
    let (icon, words) = match status {
        SegmentStatus::NotStarted => (icons::CIRCLE_DASHED, tr("segment-not-started")),
        SegmentStatus::InProgress => (icons::PROGRESS, tr("segment-in-progress")),
        SegmentStatus::Completed => (icons::CIRCLE_CHECK, tr("segment-completed")),
        SegmentStatus::Flagged => (icons::FLAG, tr("segment-flagged")),
    };
    if button(
        ui,
        icon,
        *status != SegmentStatus::NotStarted,
        tr_with("segment-state", &[("name", name.into()), ("state", words.into())]),
    ) {
        let place = SegmentStatus::ALL.iter().position(|s| s == status).unwrap_or(0);
        wishes.push(edit("status", json!(SegmentStatus::ALL[(place + 1) % 4].word())));
    }
    let name_at = rect.left_center() + Vec2::new(25.0, 0.0);
    let text = if selected { theme::of(ui).strong } else { theme::of(ui).text };
    widgets::text_in(ui, name_at, right - name_at.x + 8.0, &words::anatomy(name), FontId::proportional(13.0), text);
    if response.clicked() {
        editor.segment = Some(*id);
        editor.stroke = None;
    }
    response.context_menu(|ui| menu(editor, ui, segment, wishes));
    if response.double_clicked() {
        editor.renaming = Some((*id, name.clone()));
    }
}

/// What can be done with one segment besides.
fn menu(editor: &mut Editor, ui: &mut Ui, segment: &Segment, wishes: &mut Vec<Wish>) {
    let Segment { id, name, colour, .. } = segment;
    let edit = |what: &str, value: Value| {
        Wish::run("segment.edit", json!({ "labels": editor.group.0, "segment": id.0, what: value }))
    };
    ui.set_min_width(150.0);
    let mut chosen = editor.colouring.filter(|(of, _)| of == id).map_or(*colour, |(_, colour)| colour);
    ui.horizontal(|ui| {
        ui.label(tr("word-colour"));
        egui::color_picker::color_edit_button_srgb(ui, &mut chosen);
        let [red, green, blue] = chosen;
        if chosen != *colour && ui.button(tr("segment-use-colour")).clicked() {
            wishes.push(edit("colour", json!(format!("#{red:02x}{green:02x}{blue:02x}"))));
            ui.close();
        }
    });
    editor.colouring = Some((*id, chosen)).filter(|_| chosen != *colour);
    if ui.button(format!("{}  {}", icons::PENCIL, tr("word-rename"))).clicked() {
        editor.renaming = Some((*id, name.clone()));
    }
    let place = editor.place_of(*id);
    if ui.add_enabled(place.is_some_and(|place| 0 < place), egui::Button::new(tr("segment-up"))).clicked() {
        wishes.push(edit("position", json!(place.unwrap_or(0))));
    }
    if ui.button(tr("segment-down")).clicked() {
        wishes.push(edit("position", json!(place.unwrap_or(0) + 2)));
    }
}

/// Most terms listed at once.
const TERMS_MAX: usize = 8;

/// Search the list of anatomical terms, or type any name.
fn add_ui(editor: &mut Editor, ui: &mut Ui, wishes: &mut Vec<Wish>) {
    let Some(mut text) = editor.search.take() else { return };
    let field = egui::TextEdit::singleline(&mut text).hint_text(tr("segment-search"));
    let response = ui.add(field.desired_width(ui.available_width() - 8.0));
    // What is typed now is a name and no shortcut.
    if std::mem::take(&mut editor.opens_search) {
        response.request_focus();
    }
    let entered = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    let mut chosen: Option<Value> = None;
    let found = words::search_terms(&text);
    let sided = |term: &'static Term| {
        let sides: &[Option<Side>] = if term.paired { &[Some(Side::Left), Some(Side::Right)] } else { &[None] };
        sides.iter().map(move |side| (term, term.named(*side)))
    };
    for (term, name) in found.into_iter().flat_map(sided).take(TERMS_MAX) {
        let (rect, response) = widgets::list_row(ui, 22.0, false, &name);
        let chip = Rect::from_center_size(rect.left_center() + Vec2::new(13.0, 0.0), Vec2::splat(11.0));
        ui.painter().rect_filled(chip, 3, theme::colour(term.colour));
        let at = rect.left_center() + Vec2::new(25.0, 0.0);
        widgets::text_in(
            ui,
            at,
            rect.width() - 30.0,
            &words::anatomy(&name),
            FontId::proportional(12.5),
            theme::of(ui).text,
        );
        if response.clicked() {
            chosen = Some(json!({ "labels": editor.group.0, "term": name }));
        }
    }
    let own = text.trim();
    if !own.is_empty() && (entered || ui.button(tr_with("segment-add-named", &[("name", own.into())])).clicked()) {
        chosen = Some(json!({ "labels": editor.group.0, "name": own }));
    }
    ui.menu_button(theme::small(tr("segment-procedure")), |ui| {
        for template in terminology::templates() {
            if ui
                .button(words::procedure(template.name))
                .on_hover_text(words::procedure_about(template.name, template.about))
                .clicked()
            {
                chosen = Some(json!({ "labels": editor.group.0, "template": template.name }));
            }
        }
    });
    match chosen {
        Some(params) => wishes.push(Wish::run("segment.add", params)),
        None => editor.search = Some(text),
    }
}
