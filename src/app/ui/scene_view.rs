//! The 3D view: hands the mouse to the scene and draws letters, cube, scale bar and legend over it. The scene itself is
//! drawn below by somebody else, so nothing here fills the background.

use super::camera::NamedView;
use super::contract::{Legend, PickedOther, Request, SceneInfo, ScenePane};
use super::fields::ticks;
use super::operate::marks_ui;
use super::slice::{edge_letters, scale_bar, shadowed};
use super::wish::Wish;
use super::{cube, icons, keys, labels, legend_menu, numbers, scene_menu, settings, theme, widgets, words};
use crate::base::i18n::{tr, tr_with};
use crate::session::Case;
use egui::{Align2, Color32, FontId, Mesh, PointerButton, Rect, Sense, Stroke, StrokeKind, Ui, Vec2};

/// Show the overlays of the scene in `rect`; returns what the mouse does in it.
pub fn scene_ui(
    ui: &mut Ui,
    rect: Rect,
    scene: &SceneInfo,
    annotations: bool,
    has_objects: bool,
    volume: Option<bool>,
    case: &Case,
    shown: scene_menu::Shown<'_>,
    wishes: &mut Vec<Wish>,
) -> ScenePane {
    let response = ui.interact(rect, ui.id().with("scene"), Sense::click_and_drag());
    let pane = pane(ui, rect, &response);
    scene_menu::scene_menu(ui, &response, scene, case, shown, wishes);
    let painter = ui.painter_at(rect);
    if annotations {
        letters_ui(&painter, rect, scene);
    }
    shadowed(
        &painter,
        rect.left_top() + Vec2::new(10.0, 8.0),
        Align2::LEFT_TOP,
        &title(&painter, rect, scene).0,
        theme::semibold(13.0),
        theme::ACCENT,
    );
    if let Some(note) = &scene.volume_note {
        // The line above is that of the volume's gestures.
        let at = rect.left_top() + Vec2::new(10.0, 46.0);
        shadowed(&painter, at, Align2::LEFT_TOP, note, FontId::proportional(12.0), theme::WEAK);
    }
    if scene.crowded {
        let below = if scene.volume_note.is_some() { 62.0 } else { 46.0 };
        let at = rect.left_top() + Vec2::new(10.0, below);
        shadowed(&painter, at, Align2::LEFT_TOP, tr("scene-crowded"), FontId::proportional(12.0), theme::WEAK);
    }
    let size = (rect.width().min(rect.height()) * 0.2).clamp(52.0, 84.0);
    let corner = rect.left_bottom() + Vec2::new(16.0, -14.0 - size);
    // Below the slices of the scan, which are there before any organ.
    let note = scene
        .moment
        .clone()
        .or_else(|| scene.note.clone())
        .or_else(|| (!has_objects).then(|| tr("scene-empty").to_owned()));
    if let Some(note) = note {
        // Beside the cube, where the view is narrow: half of a short sentence is 100 points.
        let at = egui::pos2(rect.center().x.max(corner.x + size + 16.0 + 100.0), rect.bottom() - 56.0);
        shadowed(&painter, at, Align2::CENTER_CENTER, &note, FontId::proportional(13.0), theme::WEAK);
    }
    if let Some(towards) = cube::cube_ui(ui, Rect::from_min_size(corner, Vec2::splat(size)), &scene.camera) {
        let seen = scene.camera.facing(&towards);
        wishes.push(Wish::Ask(seen.named_view().map_or(Request::FlyTo(seen), Request::Look)));
    }
    if let Some(operation) = &scene.operation {
        marks_ui(ui, rect, &scene.camera, operation);
    }
    labels::labels_ui(&painter, room_for_labels(rect, scene, size), rect, scene);
    buttons(ui, rect, scene, volume, wishes);
    for (place, (bar, legend)) in legends_ui(ui, rect, scene).into_iter().zip(&scene.legends).enumerate() {
        legend_menu::legend_menu(ui, bar, place, legend, wishes);
    }
    if let Some([done, all]) = scene.filming {
        filming_ui(ui, rect, [done, all], scene.tiles, wishes);
    }
    if let Some(picked) = &scene.picked
        && let (Some(value), Some(pos)) = (&picked.value, pane.hovered)
        && !pane.dragging
    {
        shadowed(
            &painter,
            pos + Vec2::new(14.0, -8.0),
            Align2::LEFT_BOTTOM,
            value,
            theme::semibold(12.5),
            theme::STRONG,
        );
    }
    if let (Some(other), Some(pos)) = (&scene.other, pane.hovered.filter(|_| !pane.dragging)) {
        other_ui(&painter, pos, other);
    }
    let strength = if response.hovered() || response.dragged() { 0.8 } else { 0.35 };
    painter.rect_stroke(rect, 0, Stroke::new(1.0, theme::ACCENT.gamma_multiply(strength)), StrokeKind::Inside);
    pane
}

/// What lies under the mouse of the other case: its name, its volume, a value, one below the other.
fn other_ui(painter: &egui::Painter, pos: egui::Pos2, other: &PickedOther) {
    let volume = other.volume_ml.map(|ml| numbers::quantity(ml, "ml"));
    let mut at = pos + Vec2::new(14.0, 6.0);
    let lines = [Some(other.name.clone()), volume, other.value.clone()];
    for (text, is_name) in lines.into_iter().flatten().zip([true, false, false]) {
        let font = if is_name { theme::semibold(12.5) } else { FontId::proportional(12.0) };
        at = shadowed(painter, at, Align2::LEFT_TOP, &text, font, theme::STRONG).left_bottom();
    }
}

/// Points that the buttons beside the title take.
const BESIDE_TITLE: f32 = 310.0;

/// What the view is called, cut short where the buttons are, and how wide that is in points.
pub fn title(painter: &egui::Painter, rect: Rect, scene: &SceneInfo) -> (String, f32) {
    let name = if scene.title.is_empty() { "3D" } else { &scene.title };
    labels::fitting(painter, name, &theme::semibold(13.0), (rect.width() - BESIDE_TITLE).max(40.0))
}

/// What belongs into a picture of the scene: letters, scale bar, legends.
pub fn texts(ui: &Ui, rect: Rect, scene: &SceneInfo) {
    letters_ui(&ui.painter_at(rect), rect, scene);
    labels::labels_ui(&ui.painter_at(rect), room_for_labels(rect, scene, 0.0), rect, scene);
    legends_ui(ui, rect, scene);
}

fn letters_ui(painter: &egui::Painter, rect: Rect, scene: &SceneInfo) {
    let letters = scene.camera.edge_letters();
    let legends = LEGEND_WIDTH * legends_shown(rect, scene) as f32;
    let room = Rect::from_min_max(rect.min, rect.max - Vec2::new(legends, 0.0));
    let room = below_buttons(rect, room);
    edge_letters(painter, room, [&letters[0], &letters[1], &letters[2], &letters[3]]);
    scale_bar(painter, room, scene.camera.mm_per_point(rect));
}

/// Room for letters: in a narrow view the one at the top stands below the buttons, which reach its middle.
fn below_buttons(rect: Rect, mut room: Rect) -> Rect {
    let letter = room.center().x + 0.5 * LETTERS_WIDTH;
    if rect.right() - BUTTONS_WIDTH < letter && 120.0 < rect.height() {
        room.min.y += BUTTONS_HEIGHT;
    }
    room
}

/// Width of the widest letters at an edge, and room that the buttons at the top right take, in points.
const LETTERS_WIDTH: f32 = 34.0;
const BUTTONS_WIDTH: f32 = 262.0;
const BUTTONS_HEIGHT: f32 = 26.0;

/// Between the texts at the top, the cube of `cube` points and the legends.
fn room_for_labels(rect: Rect, scene: &SceneInfo, cube: f32) -> Rect {
    let legends = LEGEND_WIDTH * legends_shown(rect, scene) as f32;
    let (above, right, below) = (if scene.volume_note.is_some() { 48.0 } else { 38.0 }, 44.0 + legends, cube + 24.0);
    Rect::from_min_max(rect.min + Vec2::new(34.0, above), rect.max - Vec2::new(right, below))
}

/// Legends that have room: in a narrow view that of the selected or newest field alone, so that the patient is still seen.
fn legends_shown(rect: Rect, scene: &SceneInfo) -> usize {
    let room = (0.34 * rect.width() / LEGEND_WIDTH) as usize;
    scene.legends.len().min(room.max(1))
}

/// Draw the legends; returns where their bars are.
fn legends_ui(ui: &Ui, rect: Rect, scene: &SceneInfo) -> Vec<Rect> {
    let all = scene.legends.iter().take(legends_shown(rect, scene)).enumerate().map(|(place, legend)| {
        let beside = Vec2::new(LEGEND_WIDTH * place as f32, 0.0);
        legend_ui(ui, Rect::from_min_max(rect.min, rect.max - beside), legend)
    });
    all.collect()
}

fn pane(ui: &Ui, rect: Rect, response: &egui::Response) -> ScenePane {
    let over = response.contains_pointer();
    let buttons = [PointerButton::Primary, PointerButton::Middle, PointerButton::Secondary];
    let mut drag = buttons.map(|button| if response.dragged_by(button) { response.drag_delta() } else { Vec2::ZERO });
    let at = |yes: bool| yes.then(|| response.interact_pointer_pos()).flatten();
    let (scroll, pinch, modifiers) =
        ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta(), input.modifiers));
    // Two fingers pan and zoom; the finger that came first must not turn the scene meanwhile.
    if let Some(touch) = ui.input(|input| input.multi_touch()).filter(|touch| rect.contains(touch.center_pos)) {
        drag = [Vec2::ZERO, touch.translation_delta, Vec2::ZERO];
    }
    let turn = if settings::of(ui.ctx()).wheel == settings::WheelTurn::AwayIsOn { 1.0 } else { -1.0 };
    ScenePane {
        rect,
        hovered: response.hover_pos(),
        drag,
        dragging: response.dragged(),
        scroll: if over { turn * scroll } else { 0.0 },
        pinch: if over { pinch } else { 1.0 },
        clicked: at(response.clicked()),
        double_clicked: at(response.double_clicked()),
        modifiers,
    }
}

/// How far a film is, and how to end it.
fn filming_ui(ui: &mut Ui, rect: Rect, [done, all]: [usize; 2], tiles: Option<[usize; 2]>, wishes: &mut Vec<Wish>) {
    let area = Rect::from_center_size(rect.center_top() + Vec2::new(0.0, 58.0), Vec2::new(230.0, 34.0));
    ui.painter().rect_filled(area, 6, Color32::from_black_alpha(190));
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    ui.scope_builder(egui::UiBuilder::new().max_rect(area.shrink2(Vec2::new(10.0, 4.0))).layout(layout), |ui| {
        let text = if let Some([done, all]) = tiles {
            tr_with("scene-taking-tiles", &[("done", done.into()), ("all", all.into())])
        } else if all == 1 {
            tr("scene-taking").into()
        } else {
            tr_with("scene-filming", &[("done", done.into()), ("all", all.into())])
        };
        ui.label(text);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.button(tr("word-stop")).clicked() {
                wishes.push(Wish::Ask(Request::StopFilming));
            }
        });
    });
}

/// The standard views and whatever else can be pressed on the scene, at its top right.
fn buttons(ui: &mut Ui, rect: Rect, scene: &SceneInfo, volume: Option<bool>, wishes: &mut Vec<Wish>) {
    let area = Rect::from_min_max(rect.min + Vec2::new(40.0, 5.0), egui::pos2(rect.right() - 6.0, rect.top() + 33.0));
    if area.width() < 230.0 {
        return;
    }
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    ui.scope_builder(egui::UiBuilder::new().max_rect(area).layout(layout), |ui| {
        ui.spacing_mut().item_spacing.x = 1.0;
        if widgets::icon_button(ui, icons::FOCUS_2, tr("scene-all")).clicked() {
            wishes.push(Wish::Ask(Request::Fit(None)));
        }
        let now = scene.camera.named_view();
        for view in NamedView::ALL.into_iter().rev() {
            let (rect, response) = ui.allocate_exact_size(Vec2::new(22.0, 24.0), Sense::click());
            let name = tr_with("scene-view", &[("letter", view.letter().into())]);
            response
                .widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::Button, true, now == Some(view), &name));
            let on = now == Some(view);
            if on || response.hovered() || response.has_focus() {
                let fill = if on { theme::of(ui).selected } else { theme::CARD_HOVERED };
                ui.painter().rect_filled(rect, 5, fill);
            }
            let colour = if on { theme::ACCENT } else { theme::TEXT };
            shadowed(ui.painter(), rect.center(), Align2::CENTER_CENTER, view.letter(), theme::semibold(13.0), colour);
            if response.on_hover_text(view.help()).clicked() {
                wishes.push(Wish::Ask(Request::Look(view)));
            }
        }
        if let Some(shown) = volume {
            ui.add_space(6.0);
            let name = keys::named(ui.ctx(), tr("volume-title"), &Wish::Volume(None));
            if widgets::icon_toggle(ui, icons::BOX, &name, shown).clicked() {
                wishes.push(Wish::Volume(None));
            }
        }
        if let Some(playing) = scene.particles_playing {
            ui.add_space(6.0);
            let (icon, name) = if playing {
                (icons::PLAYER_PAUSE, tr("scene-pause-flow"))
            } else {
                (icons::PLAYER_PLAY, tr("scene-run-flow"))
            };
            if widgets::icon_toggle(ui, icon, name, playing).clicked() {
                wishes.push(Wish::Ask(Request::PlayParticles(!playing)));
            }
        }
    });
}

/// Room for a legend, in points.
const LEGEND_WIDTH: f32 = 92.0;

/// Height of the bar of a legend, in points.
fn bar_height(rect: Rect) -> f32 {
    (rect.height() - 150.0).clamp(60.0, 240.0)
}

/// Where the legends of a view are, if it has some: what must not be covered.
pub fn legends_in(rect: Rect, scene: &SceneInfo) -> Option<Rect> {
    let shown = legends_shown(rect, scene);
    // Name and unit stand above the bar.
    let (above, below) = (0.5 * bar_height(rect) + 50.0, 0.5 * bar_height(rect) + 30.0);
    let left = rect.right() - LEGEND_WIDTH * shown as f32;
    let middle = rect.center().y;
    let legends = Rect::from_min_max(egui::pos2(left, middle - above), egui::pos2(rect.right(), middle + below));
    (!scene.legends.is_empty()).then(|| legends.intersect(rect))
}

/// The colours of a field with round ticks, name and unit, at the right edge.
fn legend_ui(ui: &Ui, rect: Rect, legend: &Legend) -> Rect {
    let Legend { of, field, unit, range: [low, high], beyond, colours, .. } = legend;
    let height = bar_height(rect);
    // A name above needs room below the view buttons.
    let top = rect.center().y - 0.5 * height + if of.is_some() { 26.0 } else { 0.0 };
    let bar = Rect::from_min_size(egui::pos2(rect.right() - 30.0, top), Vec2::new(12.0, height));
    let painter = ui.painter_at(rect);
    let field = words::said(field);
    let name = if unit.is_empty() || unit == "1" { field.into_owned() } else { format!("{field}\n{unit}") };
    let name = of.as_ref().map_or_else(|| name.clone(), |of| format!("{of}:\n{name}"));
    let laid = |text: String| {
        let mut job = egui::text::LayoutJob::simple(text, FontId::proportional(11.5), theme::STRONG, LEGEND_WIDTH);
        job.halign = egui::Align::RIGHT;
        painter.layout_job(job)
    };
    // The patch above takes room.
    let above = if legend.outside[1].is_some() { 21.0 } else { 8.0 };
    let fits = |galley: &egui::Galley| rect.top() + 34.0 <= bar.top() - above - galley.size().y;
    // In a low view only the unit goes between the buttons and the bar; the name is in its menu.
    let whole = laid(name);
    let galley = if fits(&whole) { whole } else { laid(unit.trim_matches('1').to_owned()) };
    let at = egui::pos2(bar.right(), bar.top() - above - galley.size().y);
    let back = Rect::from_min_max(egui::pos2(bar.right() - galley.size().x, at.y), egui::pos2(bar.right(), bar.top()));
    painter.rect_filled(back.expand(5.0), 4, Color32::from_black_alpha(90));
    painter.galley(at, galley, theme::STRONG);
    let mut mesh = Mesh::default();
    let last = colours.len().max(2) - 1;
    for (n, colour) in colours.iter().enumerate() {
        let y = bar.bottom() - n as f32 / last as f32 * bar.height();
        mesh.colored_vertex(egui::pos2(bar.left(), y), theme::colour(*colour));
        mesh.colored_vertex(egui::pos2(bar.right(), y), theme::colour(*colour));
        if 0 < n {
            let first = 2 * n as u32 - 2;
            mesh.add_triangle(first, first + 1, first + 2);
            mesh.add_triangle(first + 1, first + 2, first + 3);
        }
    }
    painter.add(mesh);
    painter.rect_stroke(bar, 0, Stroke::new(1.0, Color32::from_black_alpha(160)), StrokeKind::Outside);
    legend_menu::patches(&painter, bar, legend);
    let ends = end_texts([*low, *high], *beyond);
    for (text, y) in ends.iter().zip([bar.bottom(), bar.top()]) {
        let Some(text) = text else { continue };
        let at = egui::pos2(bar.left() - 7.0, y);
        shadowed(&painter, at, Align2::RIGHT_CENTER, text, FontId::proportional(11.5), theme::STRONG);
    }
    let all = ticks(*low, *high);
    let every = texts_every(&all, (*high - *low) / f64::from(bar.height()));
    for tick in all {
        let y = bar.bottom() - ((tick - low) / (high - low)) as f32 * bar.height();
        // The end has its own text there.
        if ends.iter().zip([bar.bottom(), bar.top()]).any(|(text, end)| text.is_some() && (end - y).abs() < 13.0) {
            continue;
        }
        painter.hline(bar.left() - 4.0..=bar.left(), y, Stroke::new(1.0, theme::STRONG));
        if !every.is_none_or(|step| ((tick / step).round() * step - tick).abs() < 1e-6 * step) {
            continue;
        }
        let at = egui::pos2(bar.left() - 7.0, y);
        shadowed(
            &painter,
            at,
            Align2::RIGHT_CENTER,
            &numbers::significant(tick),
            FontId::proportional(11.5),
            theme::STRONG,
        );
    }
    bar
}

/// Ticks that are whole multiples of this have their number; all of them for `None`. Numbers stand 13 points apart at least,
/// where a point is `per_point` of the field.
fn texts_every(ticks: &[f64], per_point: f64) -> Option<f64> {
    let [first, second, ..] = ticks else { return None };
    let step = second - first;
    let skipped = (13.0 * per_point / step).ceil();
    (1.0 < skipped).then_some(step * skipped)
}

/// What stands at the lower and upper end of a legend whose field goes beyond it.
fn end_texts([low, high]: [f64; 2], [is_below, is_above]: [bool; 2]) -> [Option<String>; 2] {
    let text = |sign: &str, end: f64| format!("{sign} {}", numbers::significant(end));
    [is_below.then(|| text("<", low)), is_above.then(|| text(">", high))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_low_legend_do_not_run_into_each_other() {
        let all = ticks(-30.0, 30.0);
        assert_eq!(texts_every(&all, 60.0 / 240.0), None, "a high bar has all of them");
        let step = texts_every(&all, 60.0 / 60.0).expect("60 points are low");
        assert!(13.0 <= step && step % (all[1] - all[0]) == 0.0, "{step}");
    }

    #[test]
    fn a_legend_says_where_values_go_beyond_it() {
        assert_eq!(end_texts([2.0, 35.0], [false, false]), [None, None]);
        let [below, above] = end_texts([2.0, 35.0], [true, true]).map(Option::unwrap);
        assert!(below.starts_with("< 2") && above.starts_with("> 35"), "{below} {above}");
    }

    #[test]
    fn letters_keep_clear_of_the_buttons_in_narrow_views_only() {
        let view = |width: f32| Rect::from_min_size(egui::pos2(100.0, 50.0), Vec2::new(width, 400.0));
        for width in [240.0, 400.0, 520.0, 560.0, 900.0] {
            let room = below_buttons(view(width), view(width));
            let is_moved = room.top() != 50.0;
            let meets = 100.0 + width - BUTTONS_WIDTH < 100.0 + 0.5 * width + 0.5 * LETTERS_WIDTH;
            assert_eq!(is_moved, meets, "{width}");
            assert_eq!(room.max, view(width).max);
        }
        assert_eq!(below_buttons(view(900.0), view(900.0)), view(900.0));
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 10.0), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(-3.0, 3.0).len(), 7);
        for (low, high) in [(0.013, 0.0917), (1e5, 1.7e6), (-0.4, 0.1)] {
            let ticks = ticks(low, high);
            assert!((4..=10).contains(&ticks.len()), "{ticks:?}");
            assert!(ticks.iter().all(|tick| low - 1e-12 <= *tick && *tick <= high * (1.0 + 1e-9)));
        }
        assert!(ticks(2.0, 2.0).is_empty() && ticks(f64::NAN, 1.0).is_empty());
    }
}
