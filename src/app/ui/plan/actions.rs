//! What is done: the list of actions, new ones, and the numbers of the chosen one.

use super::{Planning, device, trees};
use crate::app::ui::layout::Pane;
use crate::app::ui::wish::Wish;
use crate::app::ui::{icons, numbers, theme, widgets};
use crate::base::i18n::{tr, tr_with};
use crate::geom::{Point, Vector};
use crate::plan::ablation::Device;
use crate::plan::path::Contacts;
use crate::plan::{
    Action, Cut, CutShape, NamedAction, Needle, NeedleKind, Osteotomy, Port, Screw, Sheet, Structure, Zone,
};
use crate::session::Case;
use egui::{Button, ComboBox, DragValue, Ui};
use serde_json::json;

/// Where a new path begins before it is moved: this far in front of its target.
const PATH_MM: f64 = 80.0;
/// A crosshair nearer to the outside than this points at no depth.
const PATH_MM_MIN: f64 = 5.0;
/// Control points each way of a new sheet.
const CONTROLS: usize = 4;

/// What can be added, with the message that names it.
const NEW: [(&str, fn(Point, f64) -> Action); 9] = [
    ("plan-new-plane", |at, _| cut(CutShape::Plane { point: at.into(), normal: [1.0, 0.0, 0.0] })),
    ("plan-new-sheet", |at, reach_mm| cut(CutShape::Sheet(sheet(at, reach_mm)))),
    ("plan-new-wedge", |at, _| {
        let plane = |x: f64| [[at.x, at.y, at.z], [x, 0.0, 1.0]];
        cut(CutShape::Wedge { planes: vec![plane(1.0), plane(-1.0)] })
    }),
    ("plan-new-sphere", |at, _| cut(CutShape::Sphere { centre: at.into(), radius_mm: 25.0 })),
    ("plan-new-needle", |at, _| Action::Needle(needle(at, NeedleKind::Needle))),
    ("plan-new-ablation", |at, _| {
        Action::Ablation(Zone {
            needle: needle(at, NeedleKind::Probe),
            device: String::new(),
            power_w: 60.0,
            minutes: 5.0,
        })
    }),
    ("plan-new-screw", |at, _| {
        Action::Screw(Screw { head: (at - Vector::y() * -40.0).into(), tip: at.into(), diameter_mm: 6.0 })
    }),
    ("plan-new-osteotomy", |at, _| {
        let planes = vec![[at.into(), [0.0, 0.0, 1.0]]];
        let (turn_degrees, shift_mm) = ([0.0; 3], [0.0; 3]);
        Action::Osteotomy(Osteotomy { planes, kerf_mm: 1.0, turn_degrees, about: at.into(), shift_mm })
    }),
    ("plan-new-port", |at, _| {
        let towards = (at + Vector::y() * 150.0).into();
        Action::Port(Port { at: at.into(), reach_mm: 330.0, sweep_degrees: 60.0, towards, is_camera: false })
    }),
];

/// A structure as forms of tools name it: `2/8` or `5`.
fn asked_for(structure: &Structure) -> String {
    let node = structure.node.0;
    structure.segment.map_or_else(|| node.to_string(), |segment| format!("{node}/{}", segment.0))
}

fn cut(shape: CutShape) -> Action {
    Action::Cut(Cut { shape, width_mm: 2.0 })
}

/// A path from the patient's front.
fn needle(at: Point, kind: NeedleKind) -> Needle {
    Needle { entry: (at - Vector::y() * PATH_MM).into(), target: at.into(), diameter_mm: 1.6, kind, contacts: None }
}

/// A flat sheet across the patient's left, about as large as what is operated on; beyond its edges it goes on by itself.
fn sheet(at: Point, reach_mm: f64) -> Sheet {
    let place = |n: usize| 0.6 * reach_mm * (2.0 * n as f64 / (CONTROLS - 1) as f64 - 1.0);
    let controls = (0..CONTROLS * CONTROLS).map(|n| {
        // ∂u × ∂v points to the patient's left: u backwards, v upwards.
        (at + Vector::new(0.0, place(n % CONTROLS), place(n / CONTROLS))).into()
    });
    Sheet { count: [CONTROLS; 2], controls: controls.collect() }
}

/// A new path or port comes in at the place of the outside nearest to the crosshair; as it was where that is too near for a
/// path, and for what has no entry.
fn from_outside(action: &mut Action, at: Point, nearest: &dyn Fn(&Point) -> Option<Point>) {
    let Some(outside) = nearest(&at).filter(|outside| PATH_MM_MIN <= (outside - at).norm()) else { return };
    match action {
        Action::Needle(needle) => needle.entry = outside.into(),
        Action::Ablation(zone) => zone.needle.entry = outside.into(),
        Action::Port(port) => (port.at, port.towards) = (outside.into(), at.into()),
        Action::Cut(_) | Action::Screw(_) | Action::Osteotomy(_) | Action::Implant(_) | Action::Clip { .. } => {}
    }
}

impl Planning {
    /// The actions of the plan.
    pub(super) fn actions_ui(&mut self, ui: &mut Ui, case: &Case, crosshair: Option<Point>, wishes: &mut Vec<Wish>) {
        let plan = self.shown();
        if plan.actions.is_empty() {
            ui.label(theme::small(tr("plan-no-actions")));
        }
        for (n, named) in plan.actions.iter().enumerate() {
            ui.horizontal(|ui| {
                let text = format!("{}  {}", n + 1, named.name);
                if ui.selectable_label(self.action == Some(n), text).clicked() {
                    self.action = if self.action == Some(n) { None } else { Some(n) };
                }
                if widgets::icon_button(ui, icons::TRASH, tr("plan-remove-action")).clicked() {
                    self.take_out(n, wishes);
                }
            });
        }
        ui.add_space(4.0);
        ui.menu_button(tr("plan-add"), |ui| {
            let Some(at) = crosshair else {
                ui.label(theme::small(tr("plan-add-needs-place")));
                return;
            };
            for (id, make) in NEW {
                if ui.button(tr(id)).clicked() {
                    let count = plan.actions.len();
                    let name = tr_with("plan-action-name", &[("kind", tr(id).into()), ("count", (count + 1).into())]);
                    let mut action = make(at, self.reach_mm.unwrap_or(60.0));
                    if let Some(entry) = self.entry_surface() {
                        from_outside(&mut action, at, &|place| entry.nearest(place));
                    }
                    self.begin(NamedAction { name, action }, wishes);
                }
            }
            if ui.button(tr("plan-new-implant")).on_hover_text(tr("plan-new-implant-help")).clicked() {
                let bone = plan.organ.or(plan.entry).map(|bone| asked_for(&bone));
                let params = json!({ "plan": self.node.0, "bone": bone, "at": [at.x, at.y, at.z] });
                wishes.push(Wish::Form { tool: "plan.implant".into(), params });
            }
            // What sits on vessels is put onto the nearest one.
            for (id, new) in ["plan-new-territories", "plan-new-clip"].into_iter().zip(self.new_on_tree(at, case)) {
                let button = ui.add_enabled(new.is_some(), Button::new(tr(id)));
                if button.on_disabled_hover_text(tr("trees-no-vessels")).clicked() {
                    wishes.extend(new.map(|new| self.add(new)));
                }
            }
        })
        .response
        .on_hover_text(tr("plan-add-help"));
        self.edge_ui(ui, None, case, wishes);
        if trees::trees(&plan, case).next().is_some() {
            let button = Button::selectable(self.places_clip, tr("trees-place-clip"));
            if ui.add(button).on_hover_text(tr("trees-place-clip-help")).clicked() {
                self.places_clip = !self.places_clip;
            }
        }
        if let Some((n, named)) = self.action.and_then(|n| Some((n, plan.actions.get(n)?.clone()))) {
            ui.add_space(6.0);
            self.numbers_ui(ui, n, named, case, crosshair, wishes);
        }
    }

    /// The numbers of action `n`. A number that is dragged is a draft until the mouse lets go.
    fn numbers_ui(
        &mut self,
        ui: &mut Ui,
        n: usize,
        named: NamedAction,
        case: &Case,
        crosshair: Option<Point>,
        wishes: &mut Vec<Wish>,
    ) {
        let mut action = named.action.clone();
        let plan = self.shown();
        let mut edit = Edit { ui, crosshair, done: false, devices: &plan.devices };
        edit.action(&mut action);
        let done = edit.done;
        if action != named.action {
            self.set_live(n, action);
        }
        if done {
            self.commit(n, wishes);
        }
        match &named.action {
            Action::Cut(Cut { shape: CutShape::Territories { branches }, .. }) => {
                self.branches_ui(ui, branches, case, wishes);
            }
            Action::Cut(Cut { shape: CutShape::Sheet(_), .. }) => {
                ui.push_id("sheet", |ui| self.edge_ui(ui, Some(n), case, wishes));
            }
            Action::Clip { at } => self.clip_ui(ui, &Point::from(*at), case),
            Action::Ablation(_) => {
                let params = json!({ "plan": self.node.0 });
                if ui.button(tr("plan-devices")).on_hover_text(tr("plan-devices-help")).clicked() {
                    wishes.push(Wish::Form { tool: "plan.devices".into(), params });
                }
                self.covers_ui(ui);
            }
            _ => {}
        }
        ui.add_space(6.0);
        let views = [
            (self.flat_action() == Some(n), self.shows[0], Pane::FlatCut, "plan-view-flat"),
            (self.path_action() == Some(n), self.shows[1], Pane::Depths, "plan-view-depths"),
        ];
        for (_, is_seen, pane, name) in views.into_iter().filter(|(fits, ..)| *fits) {
            if ui.add(Button::selectable(is_seen, tr(name))).on_hover_text(tr(&format!("{name}-help"))).clicked() {
                wishes.push(Wish::ToggleView(pane));
            }
        }
        if self.path_action() == Some(n) {
            self.along_ui(ui, crosshair, wishes);
        }
        let is_cut = matches!(named.action, Action::Cut(_) | Action::Osteotomy(_));
        if is_cut && ui.button(tr("plan-apply")).on_hover_text(tr("plan-apply-help")).clicked() {
            wishes.push(Wish::Form { tool: "plan.apply".into(), params: json!({ "plan": self.node.0 }) });
        }
        // What is printed for it.
        let guide = match &named.action {
            Action::Screw(_) => Some(("plan-drill-guide", "plan.drill", json!({ "actions": (n + 1).to_string() }))),
            Action::Osteotomy(_) => Some(("plan-saw-guide", "plan.guide", json!({ "action": n + 1 }))),
            Action::Implant(own) => {
                let bone = own.bone.or(plan.organ).or(plan.entry).map(|bone| asked_for(&bone));
                let params = json!({ "action": n + 1, "implant": own.object.node.0, "bone": bone });
                Some(("plan-implant-settle", "plan.implant", params))
            }
            _ => None,
        };
        if let Some((name, tool, mut params)) = guide
            && ui.button(tr(name)).on_hover_text(tr(&format!("{name}-help"))).clicked()
        {
            params["plan"] = json!(self.node.0);
            wishes.push(Wish::Form { tool: tool.into(), params });
        }
    }
}

impl Planning {
    /// How much of the targets all ablations reach together, as they are now.
    fn covers_ui(&self, ui: &mut Ui) {
        for cover in &self.covers {
            let [within, kept] = [cover.within_percent, cover.with_margin_percent].map(|part| format!("{part:.1}"));
            let mm = format!("{:.1}", cover.margin_mm);
            let values = [
                ("name", cover.name.as_str().into()),
                ("within", within.as_str().into()),
                ("kept", kept.as_str().into()),
                ("mm", mm.as_str().into()),
            ];
            ui.label(theme::small(tr_with("plan-cover", &values))).on_hover_text(tr("plan-cover-help"));
        }
    }
}

/// Rows of numbers; knows whether one of them was let go of.
struct Edit<'a> {
    ui: &'a mut Ui,
    crosshair: Option<Point>,
    done: bool,
    /// Devices that the plan brings.
    devices: &'a [Device],
}

impl Edit<'_> {
    fn action(&mut self, action: &mut Action) {
        match action {
            Action::Cut(cut) => {
                match &mut cut.shape {
                    CutShape::Plane { point, normal } => self.plane("plan-plane", point, normal),
                    CutShape::Wedge { planes } => {
                        for [point, normal] in planes {
                            self.plane("plan-plane", point, normal);
                        }
                    }
                    CutShape::Sphere { centre, radius_mm } => {
                        self.place("plan-centre", centre);
                        self.number("plan-radius", radius_mm, 1.0..=200.0, "mm");
                    }
                    CutShape::Sheet(sheet) => {
                        let text = tr_with("plan-sheet-points", &[("count", sheet.controls.len().into())]);
                        self.ui.label(theme::small(text));
                        if self.ui.button(tr("plan-sheet-flip")).clicked() {
                            flip(sheet);
                            self.done = true;
                        }
                    }
                    CutShape::Territories { branches } => {
                        let all = branches.iter().map(|n| (n + 1).to_string()).collect::<Vec<_>>().join(", ");
                        self.ui.label(tr_with("plan-territories", &[("branches", all.as_str().into())]));
                    }
                }
                self.number("plan-width", &mut cut.width_mm, 0.0..=20.0, "mm");
            }
            Action::Needle(needle) => self.needle(needle),
            Action::Ablation(zone) => {
                self.needle(&mut zone.needle);
                self.done |= device::choose(self.ui, zone, self.devices);
                let [powers, times] = device::ranges(zone, self.devices);
                self.number("plan-power", &mut zone.power_w, powers, "W");
                self.number("plan-minutes", &mut zone.minutes, times, "min");
            }
            Action::Screw(screw) => {
                self.path(&mut screw.head, &mut screw.tip);
                self.number("plan-diameter", &mut screw.diameter_mm, 1.0..=12.0, "mm");
            }
            Action::Osteotomy(saw) => {
                for [point, normal] in &mut saw.planes {
                    self.plane("plan-plane", point, normal);
                }
                self.number("plan-kerf", &mut saw.kerf_mm, 0.0..=5.0, "mm");
                for (axis, name) in ["plan-shift-left", "plan-shift-back", "plan-shift-up"].into_iter().enumerate() {
                    self.number(name, &mut saw.shift_mm[axis], -100.0..=100.0, "mm");
                }
                for (axis, name) in ["plan-turn-left", "plan-turn-back", "plan-turn-up"].into_iter().enumerate() {
                    self.number(name, &mut saw.turn_degrees[axis], -180.0..=180.0, "°");
                }
            }
            Action::Port(port) => {
                self.path(&mut port.at, &mut port.towards);
                self.number("plan-reach", &mut port.reach_mm, 50.0..=600.0, "mm");
                self.number("plan-sweep", &mut port.sweep_degrees, 5.0..=90.0, "°");
                self.done |= self.ui.checkbox(&mut port.is_camera, tr("plan-camera")).changed();
            }
            Action::Implant(implant) => {
                let (was, mut at) = (implant.at(), implant.at());
                self.place("plan-implant-at", &mut at);
                if at != was {
                    *implant = implant.clone().put_at(at);
                }
                for (axis, name) in ["plan-turn-left", "plan-turn-back", "plan-turn-up"].into_iter().enumerate() {
                    self.number(name, &mut implant.turn_degrees[axis], -180.0..=180.0, "°");
                }
            }
            Action::Clip { at } => self.place("plan-clip-at", at),
        }
    }

    fn needle(&mut self, needle: &mut Needle) {
        self.path(&mut needle.entry, &mut needle.target);
        self.number("plan-diameter", &mut needle.diameter_mm, 0.3..=12.0, "mm");
        let was = needle.kind;
        let name = |kind| match kind {
            NeedleKind::Needle => tr("plan-kind-needle"),
            NeedleKind::Drain => tr("plan-kind-drain"),
            NeedleKind::Electrode => tr("plan-kind-electrode"),
            NeedleKind::Probe => tr("plan-kind-probe"),
        };
        ComboBox::from_id_salt("kind of needle").selected_text(name(was)).show_ui(self.ui, |ui| {
            for kind in [NeedleKind::Needle, NeedleKind::Drain, NeedleKind::Electrode, NeedleKind::Probe] {
                ui.selectable_value(&mut needle.kind, kind, name(kind));
            }
        });
        self.done |= needle.kind != was;
        let length_mm = (Point::from(needle.target) - Point::from(needle.entry)).norm();
        if needle.kind != was {
            let is_electrode = needle.kind == NeedleKind::Electrode;
            needle.contacts = is_electrode.then(|| Contacts::default().fitting(length_mm)).flatten();
        }
        if needle.kind == NeedleKind::Electrode {
            let mut own = needle.contacts.unwrap_or(Contacts { count: 0, ..Contacts::default() });
            let mut count = own.count as f64;
            self.number("plan-contacts", &mut count, 0.0..=32.0, "");
            own.count = count.round() as usize;
            self.number("plan-contact-length", &mut own.length_mm, 0.1..=20.0, "mm");
            self.number("plan-contact-spacing", &mut own.spacing_mm, own.length_mm..=40.0, "mm");
            needle.contacts = (0 < own.count).then_some(own);
        }
    }

    fn path(&mut self, from: &mut [f64; 3], to: &mut [f64; 3]) {
        self.place("plan-entry", from);
        self.place("plan-tip", to);
        let length_mm = (Point::from(*to) - Point::from(*from)).norm();
        self.ui
            .label(theme::small(tr_with("plan-length", &[("length", numbers::length_mm(length_mm).as_str().into())])));
    }

    /// A place, and a button that puts it where the crosshair is.
    fn place(&mut self, name: &str, at: &mut [f64; 3]) {
        self.ui.horizontal(|ui| {
            ui.label(tr(name));
            ui.label(theme::small(numbers::place(&Point::from(*at))));
        });
        let crosshair = self.crosshair;
        let put = self.ui.add_enabled(crosshair.is_some(), Button::new(tr("plan-to-crosshair")).small());
        if put.on_hover_text(tr("plan-to-crosshair-help")).clicked()
            && let Some(to) = crosshair
        {
            *at = to.into();
            self.done = true;
        }
    }

    fn plane(&mut self, name: &str, point: &mut [f64; 3], normal: &mut [f64; 3]) {
        self.place(name, point);
        self.ui.horizontal_wrapped(|ui| {
            let axes = [
                ("plan-towards-left", [1.0, 0.0, 0.0]),
                ("plan-towards-back", [0.0, 1.0, 0.0]),
                ("plan-towards-head", [0.0, 0.0, 1.0]),
            ];
            for (name, way) in axes {
                if ui.button(tr(name)).clicked() {
                    *normal = way;
                    self.done = true;
                }
            }
            if ui.button(tr("plan-flip")).on_hover_text(tr("plan-flip-help")).clicked() {
                *normal = normal.map(|x| -x);
                self.done = true;
            }
        });
    }

    fn number(&mut self, name: &str, value: &mut f64, range: std::ops::RangeInclusive<f64>, unit: &str) {
        self.ui.horizontal(|ui| {
            let suffix = if unit == "°" { unit.to_owned() } else { format!(" {unit}") };
            let speed = (range.end() - range.start()) / 400.0;
            let drag = DragValue::new(value).range(range).speed(speed).max_decimals(1).suffix(suffix);
            ui.label(tr(name));
            let response = ui.add(drag);
            self.done |= response.drag_stopped() || response.lost_focus();
        });
    }
}

/// The other side of a sheet is taken away: its rows run the other way.
fn flip(sheet: &mut Sheet) {
    let [nu, _] = sheet.count;
    sheet.controls.chunks_mut(nu.max(1)).for_each(<[_]>::reverse);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new sheet takes away the patient's left, as a new plane does; flipped, the right.
    #[test]
    fn new_cuts_take_the_left_side() {
        let mut sheet = sheet(Point::new(1.0, 2.0, 3.0), 60.0);
        let side = |sheet: &Sheet| {
            let at = |n: usize| Point::from(sheet.controls[n]);
            (at(1) - at(0)).cross(&(at(CONTROLS) - at(0))).x
        };
        assert!(0.0 < side(&sheet));
        flip(&mut sheet);
        assert!(side(&sheet) < 0.0);
    }

    /// Paths and ports go in through the surface at its nearest place, and point at the crosshair; nothing else moves.
    #[test]
    fn new_paths_come_from_the_nearest_place_of_the_outside() {
        let at = Point::new(12.0, -30.0, 100.0);
        let outside = Point::new(12.0, -71.0, 104.0);
        let mut moved = 0;
        for (id, make) in NEW {
            let before = make(at, 60.0);
            let mut action = before.clone();
            from_outside(&mut action, at, &|_| Some(outside));
            let ends = match &action {
                Action::Needle(needle) => Some([needle.entry, needle.target]),
                Action::Ablation(zone) => Some([zone.needle.entry, zone.needle.target]),
                Action::Port(port) => Some([port.at, port.towards]),
                _ => None,
            };
            match ends {
                Some(ends) => assert_eq!(ends.map(Point::from), [outside, at], "{id}"),
                None => assert_eq!(action, before, "{id}"),
            }
            moved += usize::from(ends.is_some());
            let mut on_skin = before.clone();
            from_outside(&mut on_skin, at, &|_| Some(at + Vector::y()));
            assert_eq!(on_skin, before, "{id}: a crosshair on the skin points at no depth");
        }
        assert_eq!(moved, 3);
    }

    #[test]
    fn everything_new_is_at_the_crosshair_and_has_a_size() {
        let at = Point::new(12.0, -30.0, 100.0);
        for (id, make) in NEW {
            let action = make(at, 60.0);
            let handles = super::super::handles::handles(&action);
            let near = handles.iter().map(|handle| (handle.at - at).norm()).fold(f64::INFINITY, f64::min);
            assert!(near < 30.0, "{id}: {near} mm from the crosshair");
        }
    }
}
