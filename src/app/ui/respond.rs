//! What the window does about a wish: it fulfils its own, and passes on what only the program can do.

use super::camera::OrbitCamera;
use super::circulation::Circulation;
use super::contract::{AppView, Request};
use super::docks::SidePanel;
use super::editor::{Editor, Effect};
use super::flow_setup::FlowSetup;
use super::form::Form;
use super::layout::{Arrangement, Layout, Pane};
use super::operate::{HandTool, Operate, Order};
use super::plan::Planning;
use super::saved_views;
use super::slice::MouseTool;
use super::tour::TourWish;
use super::walk::Walk;
use super::wish::{Switch, Wish};
use super::workspace::Workspace;
use super::{curved, find};
use crate::base::{NodeId, i18n};
use crate::session::{Case, Command, Data, Node, NodeKind, Step};
use serde_json::{Value, json};

impl Workspace {
    /// Fulfil a wish, or return the request it is.
    pub(super) fn respond(&mut self, wish: Wish, view: &AppView<'_>) -> Option<Request> {
        if !self.can(&wish, view) {
            return None;
        }
        let case = view.session.case();
        if let Some(volume) = self.volume.as_mut().filter(|_| super::volume::gives_way(&wish)) {
            volume.open = false;
        }
        match wish {
            Wish::Ask(Request::Undo) if self.undo_view(view.session.history().current()) => {}
            Wish::Ask(Request::Redo) if self.redo_view(view.session.history().current()) => {}
            Wish::Ask(request) => {
                // Who wants to see something else has walked enough.
                match &request {
                    Request::Look(named) if self.walk.is_some() => {
                        return self.walk.take().map(|walk| Request::FlyTo(walk.before().looking(*named)));
                    }
                    Request::FlyTo(to) if self.walk.is_some() => {
                        let (yaw_rad, pitch_rad) = (to.yaw_rad, to.pitch_rad);
                        let turned = |walk: Walk| OrbitCamera { yaw_rad, pitch_rad, roll_rad: 0.0, ..walk.before() };
                        return self.walk.take().map(|walk| Request::FlyTo(turned(walk)));
                    }
                    Request::Fit(_) => self.walk = None,
                    _ => {}
                }
                if let Request::SavePicture(order) = &request {
                    self.picture.clone_from(order);
                }
                return Some(request);
            }
            Wish::Guarded(request) => {
                if !view.unsaved {
                    return Some(request);
                }
                self.dialog = Some(super::wish::Dialog::Unsaved(request));
            }
            Wish::Launch { tool, params } => return self.launch(&tool, params, view),
            Wish::Form { tool, params } => self.open_form(&tool, &params, view),
            Wish::OpenEditor(node) => return self.open_editor(node, view),
            Wish::CloseEditor => self.editor = None,
            // One organ at a time: another would throw this operation away unasked.
            Wish::Operate(_) if self.operate.is_some() => {}
            Wish::Operate(mesh) => {
                let mesh = mesh.or_else(|| find::newest(case, NodeKind::Tets, self.selected));
                (self.form, self.flow_setup, self.editor, self.step) = (None, None, None, Step::Simulate);
                self.operate = Some(Operate::new(mesh?));
            }
            Wish::KeepOperation => self.operate.as_mut()?.orders.push(Order::Keep),
            Wish::EndOperation => self.operate = None,
            Wish::Circulation(_) if self.circulation.is_some() || self.operate.is_some() => {}
            Wish::Circulation(lines) => {
                let lines = lines.or_else(|| find::vessels(case, self.selected));
                (self.form, self.flow_setup, self.editor, self.step) = (None, None, None, Step::Simulate);
                self.circulation = Some(Circulation::new(lines?));
            }
            Wish::EndCirculation => self.circulation = None,
            Wish::Plan(_) if self.operate.is_some() => {}
            Wish::Plan(plan) => match self.plan_meant(plan, case) {
                Some(plan) => self.open_plan(plan),
                None => return self.respond(Wish::Form { tool: "plan.new".into(), params: json!({}) }, view),
            },
            Wish::EndPlan => self.planning = None,
            Wish::Volume(scan) => self.open_volume(scan, case),
            Wish::ShowVolume => match &mut self.volume {
                Some(volume) => volume.visible = !volume.visible,
                None => self.open_volume(None, case),
            },
            Wish::Effect(effect) => {
                if effect != Effect::Look {
                    // The left button does one thing: what was to be measured is not any more.
                    self.slices.measures.cancel();
                    self.leave_measuring();
                }
                let asked = if self.editor.is_none() { self.open_editor(None, view) } else { None };
                if let Some(editor) = &mut self.editor {
                    (editor.effect, editor.stroke) = (effect, None);
                }
                return asked;
            }
            Wish::ApplyStroke => return self.editor.as_mut()?.apply().map(Request::Run),
            Wish::Brush(larger) => self.editor.as_mut()?.resize(larger),
            Wish::NextSegment(forward) => self.editor.as_mut()?.step(case, forward),
            Wish::CloseForm => (self.form, self.flow_setup) = (None, None),
            Wish::OpenStep(step) => self.step = step,
            Wish::Select(node) => {
                self.selected = node;
                self.preview = None;
            }
            Wish::Crosshair(point) => self.crosshair = Some(point),
            Wish::Maximise(pane) => self.layout.maximise(pane),
            Wish::Along(curve) => {
                if let Some(way) = curved::selected_curve(case, Some(curve)) {
                    self.curved.take(way);
                    self.layout = Layout::with(Arrangement::Curved, self.slices.active);
                }
            }
            Wish::Arrange(Arrangement::Curved) => {
                if let Some(way) = curved::selected_curve(case, self.selected) {
                    self.curved.take(way);
                }
                self.layout = Layout::with(Arrangement::Curved, self.slices.active);
            }
            Wish::Arrange(arrangement) => self.layout = Layout::with(arrangement, self.slices.active),
            Wish::MoveViews => self.layout.arranging = self.layout.restore() || !self.layout.arranging,
            Wish::AddView(pane) => self.layout.add(pane),
            Wish::ToggleView(pane) => self.layout.toggle(pane),
            Wish::Turn(turn) => {
                self.slices.turn = turn;
                // The arrow keys go along what the views were turned to.
                self.slices.active = crate::geom::Orientation::Axial;
            }
            Wish::NextSeries(forward) => self.next_series(case, forward),
            Wish::Ghost(node) => self.ghosted = node,
            Wish::Welcome => self.welcome = !self.welcome,
            Wish::FieldLook(name, look) => {
                self.fields.insert(name, look);
            }
            Wish::Vectors(look) => self.vectors = look,
            Wish::Cut(orientation) => self.cut_scene(orientation, &view.scene.camera),
            Wish::FlipCut => self.cut.iter_mut().for_each(|cut| cut.flipped = !cut.flipped),
            Wish::MoveCut(plane) => self.move_cut(&plane),
            Wish::CutMoved(crosshair, turn) => self.note_cut(view.session.history().current(), crosshair, turn),
            Wish::SpareFromCut(node) => self.cut.iter_mut().for_each(|cut| cut.spare(node)),
            Wish::Watch(watched) => {
                self.settings.watched = watched;
                return (!view.scene.has_audience).then_some(Request::SecondWindow);
            }
            Wish::Scenes(wish) => return self.scenes_wish(wish, view),
            Wish::Flip(Switch::Labels) => self.labels_in_scene = !self.labels_in_scene,
            Wish::Flip(Switch::Parallel | Switch::TiltLock) if self.walk.is_some() => {}
            Wish::Flip(Switch::Parallel) => self.settings.parallel = !self.settings.parallel,
            Wish::Flip(Switch::TiltLock) => self.scenes.tilt_locked = !self.scenes.tilt_locked,
            Wish::Tour(wish) => {
                let scan = find::active_scan(case, self.selected);
                self.tour_wish(wish);
                // It needs a patient.
                return (wish == TourWish::Start && scan.is_none()).then_some(Request::LoadSample("chest"));
            }
            Wish::Set(setting) => self.set(setting),
            Wish::Tool(tool) => self.take_tool(tool),
            Wish::ResetViews => {
                self.slices.reset();
                self.two_scans.reset();
                self.curved.reset();
                self.walk = None;
                return Some(Request::Fit(None));
            }
            Wish::Straighten => self.slices.turn = super::slice::Turn::default(),
            Wish::AlignWithScan => {
                let (.., scan) = find::active_scan(case, self.selected)?;
                self.slices.turn = super::slice::Turn::along(scan.grid());
            }
            Wish::HideOverlays => self.hide_overlays(),
            Wish::NextSlab if self.goes_along() => self.curved.next_slab(),
            Wish::NextSlab => self.slices.next_slab(),
            Wish::PlaySlices if self.slices.cine.plays().is_some() || self.slices.cine.plays_path() => {
                self.slices.cine.stop();
            }
            Wish::PlaySlices if self.goes_along() => self.slices.cine.start_path(view.now_s),
            Wish::PlaySlices => self.slices.cine.start(self.slices.active, view.now_s),
            Wish::PlayPhases if self.slices.cine.plays_times() => self.slices.cine.stop(),
            Wish::PlayPhases => self.slices.cine.start_times(view.now_s),
            Wish::Phase(steps) | Wish::Sideways(steps) if self.step_second_phase(case, steps) => {}
            Wish::Phase(steps) => self.step_phase(case, steps),
            Wish::Sideways(steps) if 1 < self.phases(case).len() => self.step_phase(case, steps),
            Wish::Sideways(steps) => self.change_slices(&Wish::Slice(steps), view),
            Wish::PlayOrReset if self.walk.is_some() => self.walk.as_mut()?.toggle(),
            Wish::PlayOrReset => match view.scene.particles_playing {
                Some(playing) => return Some(Request::PlayParticles(!playing)),
                None => return self.respond(Wish::ResetViews, view),
            },
            Wish::WindowPreset(_) | Wish::WindowFull | Wish::Flip(_) | Wish::Slice(_) | Wish::Zoom(_) => {
                self.change_slices(&wish, view);
            }
            Wish::Rename(id) => self.renaming = case.node(id).map(|node| (id, node.name.clone())),
            Wish::RenameSelected => return self.selected.and_then(|id| self.respond(Wish::Rename(id), view)),
            Wish::HideSelected => {
                let (id, node) = self.selected.and_then(|id| Some((id, case.node(id)?)))?;
                let params = json!({ "node": id.0, "visible": !node.display.visible });
                return Some(Request::Run(Command::new("object.display", params)));
            }
            Wish::RemoveSelected if self.editor.as_mut().is_some_and(Editor::drop_corner) => {}
            Wish::RemoveSelected if self.slices.measures.drop_point() => {}
            Wish::RemoveSelected => {
                let id = self.selected?;
                return Some(Request::Run(Command::new("object.remove", json!({ "node": id.0 }))));
            }
            Wish::Isolate(node) => self.isolated = node,
            Wish::Preview(id, display) => self.preview = Some((id, display)),
            Wish::Dialog(dialog) => self.dialog = Some(dialog),
            Wish::TakePicture => {
                if let Some(walk) = &mut self.walk {
                    walk.stop();
                }
                self.picture.stands_before(self.stage(case));
                self.picture.walks(self.walk.as_ref().and_then(|walk| walk.track()));
                self.dialog = Some(super::wish::Dialog::Picture(self.picture.clone()));
            }
            Wish::KeepView => {
                return Some(Request::KeepView { crosshair: self.crosshair, isolated: self.isolated });
            }
            Wish::KeepSlice(orientation) => return self.keep_slice(orientation, case),
            Wish::GoToView(id) => {
                let kept = saved_views::view_of(case, id)?;
                self.walk = None;
                self.settings.parallel = kept.camera.parallel;
                self.crosshair = kept.crosshair.or(self.crosshair);
                self.isolated = kept.isolated.filter(|id| case.node(*id).is_some());
                if let Some(look) = &kept.look {
                    self.look_as(look, case);
                }
                self.show_kept_slice(kept.slice.as_ref(), case);
                return Some(saved_views::go_to(case, id, kept));
            }
            Wish::Walk(_) if self.walk.is_some() => return self.end_walk(),
            Wish::Walk(lines) => {
                let lines = lines.or_else(|| find::vessels(case, self.selected))?;
                // The wall is what was modelled of the same segments; without that the tubes of the lines stand in.
                let of = case.node(lines).and_then(|node| node.source);
                let is_wall =
                    |node: &Node| matches!(node.data, Data::Surface(_)) && node.display.visible && node.source == of;
                let has_wall = of.is_some() && case.nodes().any(|(_, node)| is_wall(node));
                self.walk = Some(Walk::new(lines, view.scene.camera, !has_wall));
            }
            Wish::Palette => self.palette = Some(super::palette::Palette::default()),
            Wish::Scale(factor) => self.set_scale(factor),
            Wish::Language(language) => {
                i18n::set_language(language);
                self.settings.language = Some(language.code().to_owned());
            }
            Wish::Escape if view.scene.filming.is_some() => return Some(Request::StopFilming),
            Wish::Escape if view.scene.takes_escape => {}
            Wish::Escape if self.walk.is_some() && !self.welcome => return self.end_walk(),
            Wish::Escape => self.leave(),
        }
        None
    }

    /// Leave the innermost thing that is open.
    fn leave(&mut self) {
        if self.docking.let_go() {
            return;
        }
        if std::mem::take(&mut self.welcome) || std::mem::take(&mut self.layout.arranging) {
            return;
        }
        // What is in the hand comes before everything that is open.
        if self.slices.measures.cancel() || self.slices.let_go() || self.let_go_of_cut() {
            return;
        }
        if self.close_drawers() {
            return;
        }
        if self.form.is_none() && self.flow_setup.is_none() && self.leave_volume() {
            return;
        }
        if self.slices.cine.plays().is_some() || self.slices.cine.plays_times() {
            self.slices.cine.stop();
            return;
        }
        if self.leave_measuring() {
            return;
        }
        if self.form.is_none()
            && self.flow_setup.is_none()
            && let Some(plan) = &mut self.planning
        {
            // A plan is in the case: closing its panel loses nothing, but what the mouse holds goes back first.
            if !plan.let_go() {
                self.planning = None;
            }
            return;
        }
        // An operation is ended by its own button only: Escape would throw it away.
        if self.form.is_none()
            && self.flow_setup.is_none()
            && let Some(operate) = &mut self.operate
        {
            operate.tool = HandTool::Look;
            return;
        }
        if self.form.is_none() && self.flow_setup.is_none() && self.editor.as_mut().is_some_and(Editor::let_go) {
            return;
        }
        if self.renaming.take().is_some() || self.form.take().is_some() {
            return;
        }
        if let Some(setup) = &self.flow_setup {
            // Openings that were changed by hand are not thrown away by a key: the panel has its button.
            if !setup.has_changes() {
                self.flow_setup = None;
            }
            return;
        }
        if self.editor.take().is_some() {
            return;
        }
        if !self.layout.restore() {
            self.preview = None;
            self.slices.tool = self.settings.mouse.first_tool();
        }
    }

    /// What the left button does from now on; the list of measures comes with the tools that make them.
    fn take_tool(&mut self, tool: MouseTool) {
        self.slices.tool = tool;
        if matches!(tool, MouseTool::Measure(_)) {
            self.slices.measures.hidden = false;
            self.settings.docks.activate(SidePanel::Measures);
            // The editor would keep the left button.
            if let Some(editor) = &mut self.editor {
                editor.let_go();
                (editor.effect, editor.stroke) = (Effect::Look, None);
            }
        }
    }

    /// Back to the first tool, if something was to be measured.
    fn leave_measuring(&mut self) -> bool {
        let measures = matches!(self.slices.tool, MouseTool::Measure(_));
        if measures {
            self.slices.tool = self.settings.mouse.first_tool();
        }
        measures
    }

    /// Whether keys act on the view along a way: it is shown and was touched last, or it is the only one.
    fn goes_along(&self) -> bool {
        let shown = |pane| self.panes.iter().any(|(own, _)| *own == pane);
        let is_alone = self.pictured_slice().is_none();
        shown(Pane::Curved) && (self.curved.is_active() || is_alone)
    }

    fn change_slices(&mut self, wish: &Wish, view: &AppView<'_>) {
        let Some((id, node, scan)) = find::active_scan(view.session.case(), self.selected) else { return };
        if self.change_second(wish, view.session.case(), id) || self.slices.change_window((id, scan, node.hash()), wish)
        {
            return;
        }
        match wish {
            Wish::Flip(axis @ (Switch::FlippedSides | Switch::FlippedEnds)) => {
                if self.goes_along() {
                    return self.curved.flip(usize::from(*axis == Switch::FlippedEnds));
                }
                // Only what is seen is mirrored, and nothing while it is drawn or dragged on: it would jump across.
                let Some((seen, _)) = self.pictured_slice() else { return };
                let draws = self.editor.as_ref().is_some_and(|editor| editor.stroke.is_some());
                let holds = self.planning.as_ref().is_some_and(Planning::is_held) || self.slices.measures.is_held();
                if self.dragged && (draws || holds) {
                    return;
                }
                self.slices.active = seen;
                self.slices.flip(usize::from(*axis == Switch::FlippedEnds));
            }
            Wish::Flip(Switch::InScene) => self.slices_in_scene = !self.slices_in_scene,
            Wish::Flip(Switch::Crosshair) => self.slices.crosshair = !self.slices.crosshair,
            Wish::Flip(Switch::Annotations) => self.slices.annotations = !self.slices.annotations,
            Wish::Flip(Switch::Measures) => self.slices.measures.flip(),
            Wish::Flip(Switch::Segments) => self.slices.segments = !self.slices.segments,
            Wish::Slice(steps) if self.goes_along() => {
                self.crosshair = self.curved.walked(self.crosshair, *steps).or(self.crosshair);
            }
            Wish::Slice(steps) => {
                let stack = self.slices.stack(scan.grid(), self.slices.active);
                self.crosshair = self.crosshair.map(|point| stack.moved_by(&point, *steps));
            }
            Wish::Zoom(factor) if self.goes_along() => self.curved.zoom(*factor),
            Wish::Zoom(factor) => self.slices.zoom(*factor),
            _ => {}
        }
    }

    /// Open the segment editor on `node`, the selected segmentation or the newest; without one, ask for one of the scan.
    fn open_editor(&mut self, node: Option<NodeId>, view: &AppView<'_>) -> Option<Request> {
        let case = view.session.case();
        let group = node.or_else(|| find::newest(case, NodeKind::Labels, self.selected));
        (self.form, self.flow_setup) = (None, None);
        self.step = Step::Segment;
        self.editor = Some(Editor::new(group.unwrap_or(NodeId(0))));
        if let Some(editor) = &mut self.editor {
            editor.forget_what_is_gone(case, false);
        }
        let (scan, ..) = find::active_scan(case, self.selected).filter(|_| group.is_none())?;
        Some(Request::Run(Command::new("segment.add", json!({ "scan": scan.0, "name": "segment 1" }))))
    }

    fn open_form(&mut self, tool: &str, params: &Value, view: &AppView<'_>) {
        let entry = view.session.tools().iter().find(|entry| entry.id == tool);
        if let Some(entry) = entry {
            let form = Form::new(entry, params, view.session.case(), self.selected);
            let segment_is_given = params.get("segment").is_some_and(|id| !id.is_null());
            self.show_form(form, view.session.case(), segment_is_given);
            if entry.step != Step::Object {
                self.step = entry.step;
            }
        }
    }

    /// A form, or the panel that takes its place.
    fn show_form(&mut self, form: Form, case: &Case, segment_is_given: bool) {
        (self.form, self.flow_setup) = match form.tool.id {
            "simulate.flow" => (None, Some(FlowSetup::new(form, case, segment_is_given))),
            _ => (Some(form), None),
        };
    }

    /// Run a tool whose parameters are complete, otherwise ask for the rest.
    fn launch(&mut self, tool: &str, params: Value, view: &AppView<'_>) -> Option<Request> {
        let entry = view.session.tools().iter().find(|entry| entry.id == tool)?;
        let form = Form::new(entry, &params, view.session.case(), self.selected);
        match form.command() {
            Ok(command) => Some(Request::Run(command)),
            Err(_) => {
                self.show_form(form, view.session.case(), false);
                None
            }
        }
    }
}
