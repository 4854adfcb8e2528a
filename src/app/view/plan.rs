//! A plan that is open: its shapes, its views and its score, computed beside the window.
//!
//! Two threads: one makes what the eye follows while a hand moves, the other what a plan is worth. Neither is stopped before
//! it has said the first of what it finds, so that nothing stands still while a hand never rests.

mod sent;

use super::asking::{Answer, Asking};
use super::panels::Desk;
use super::scene::Scene;
use crate::app::mirror::{Guest, PlanPart};
use crate::app::render::{ColourMaps, SurfaceMaterial};
use crate::app::run::AppSystems;
use crate::app::session::TheSession;
use crate::app::ui::{PlanLive, Planning};
use crate::base::{NodeId, parallel};
use crate::mesh::Surface;
use crate::plan::{Plan, Score, Term};
use crate::session::{Case, CommandError};
use crate::tools::plan_entry::EntrySurface;
use crate::tools::plan_shapes::{Cover, Key, Part, Shape};
use crate::tools::plan_stage::{Ingredients, Stage};
use crate::tools::plan_views::{Depths, FlatCut, Flats, NoFlat, depths};
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use sent::SentShapes;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What comes after the shapes of a plan is waited for this long once the plan has moved on.
const VIEWS_PATIENCE: Duration = Duration::from_millis(120);
/// The same for a score once volumes and margins came.
const SCORE_PATIENCE: Duration = Duration::from_millis(250);

/// The plan and the content of everything it names, and what is seen of it: what an answer is about.
#[derive(Debug, Clone)]
struct Wanted {
    plan: Arc<Plan>,
    node: NodeId,
    /// Their names too: they say which tree brings blood, and stand in the terms.
    inputs: Vec<Option<(crate::base::ContentHash, String)>>,
    /// The actions whose flat picture and whose distances are seen.
    views: [Option<usize>; 2],
}

impl Wanted {
    fn of(planning: &Planning, case: &Case) -> Self {
        let plan = planning.shown();
        let own = plan.objects().into_iter();
        let inputs = own.map(|id| case.node(id).map(|node| (node.hash(), node.name.clone()))).collect();
        Self { plan, node: planning.node, inputs, views: planning.views() }
    }

    /// Whether it is about the same plan.
    fn is_same_plan(&self, other: &Self) -> bool {
        self.is_same_case(other) && (Arc::ptr_eq(&self.plan, &other.plan) || self.plan == other.plan)
    }

    /// Whether it is about another state of the same plan, among the same structures.
    fn is_same_case(&self, other: &Self) -> bool {
        self.node == other.node && self.inputs == other.inputs
    }

    /// Whether nothing more is wanted than `other`.
    fn is(&self, other: &Self) -> bool {
        self.is_same_plan(other) && self.views == other.views
    }
}

/// What is seen of a plan, in this order.
enum Seen {
    /// Its shapes, at once.
    Shapes(Shaped),
    /// The surface that paths go in through.
    Entry(Option<Arc<EntrySurface>>),
    /// What is spared and too near, as shapes.
    TooNear(Vec<PlanPart>),
    /// A cut laid flat.
    Flat(Box<Result<FlatCut, NoFlat>>),
    /// The distances along a path.
    Depths(Result<Option<Depths>, String>),
    /// That was all.
    End,
}

/// The shapes of a plan, and what the panel draws of them.
struct Shaped {
    parts: Vec<PlanPart>,
    reach_mm: Option<f64>,
    blades: Vec<(usize, Arc<Surface>)>,
    outlines: Vec<(usize, Arc<Surface>)>,
    covers: Vec<Cover>,
}

/// What a plan is worth, in this order.
enum Worth {
    /// Volumes and margins.
    First(Vec<Term>),
    /// All of it.
    Score(Score),
}

/// A question that is being answered.
#[derive(Debug, Clone, Copy)]
struct Begun {
    at: Instant,
    /// Whether the first of its answers came.
    has_first: bool,
}

impl Begun {
    fn now() -> Self {
        Self { at: Instant::now(), has_first: false }
    }

    /// Until when an answer about what has moved on is still worth its time; none while its first part is waited for.
    fn until(&self, patience: Duration) -> Option<Instant> {
        self.has_first.then(|| self.at + patience)
    }
}

/// What was made ready, once for all questions.
#[derive(Debug, Default)]
struct Ready {
    stage: Mutex<Stage>,
    flats: Mutex<Flats>,
    sent: SentShapes,
}

/// The threads of the plan that is open.
#[derive(Resource)]
pub(super) struct Stream {
    ready: Arc<Ready>,
    seen: Asking<Wanted, Seen>,
    worth: Asking<Wanted, Worth>,
    known_seen: Option<Wanted>,
    known_worth: Option<Wanted>,
    seen_begun: Begun,
    worth_begun: Begun,
    /// Counts how often the scene was emptied.
    emptied: u64,
    /// When an answer that nobody waits for any more is given up.
    late: Option<Instant>,
    /// Whether something may have been made ready.
    holds: bool,
}

impl Default for Stream {
    fn default() -> Self {
        Self {
            ready: Arc::default(),
            seen: Asking::new("plan-seen"),
            worth: Asking::new("plan-score"),
            known_seen: None,
            known_worth: None,
            seen_begun: Begun::now(),
            worth_begun: Begun::now(),
            emptied: 0,
            late: None,
            holds: false,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Stream>();
    app.add_systems(PostStartup, |mut stream: ResMut<Stream>, proxy: Option<Res<EventLoopProxyWrapper>>| {
        if let Some(proxy) = proxy {
            stream.seen.wakes(&proxy);
            stream.worth.wakes(&proxy);
        }
    });
    app.add_systems(Update, follow_panel.in_set(AppSystems::View));
}

fn follow_panel(
    mut stream: ResMut<Stream>,
    mut desk: ResMut<Desk>,
    mut scene: ResMut<Scene>,
    mut guest: ResMut<Guest>,
    maps: Res<ColourMaps>,
    session: NonSend<TheSession>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut commands: Commands,
) {
    let stream = &mut *stream;
    let Some(planning) = desk.workspace.planning.as_mut() else {
        stream.close();
        if guest.clear_plan(&mut commands) {
            stream.emptied += 1;
            scene.changed();
        }
        return;
    };
    let case = session.get().case();
    let wanted = Wanted::of(planning, case);
    for (parts, is_spared) in stream.take_seen(planning, &wanted) {
        let replaces = move |key: &Key| (key.part == Part::Spared) == is_spared;
        guest.show_plan(parts, replaces, &maps, &mut meshes, &mut materials, &mut commands);
        scene.changed();
    }
    stream.take_worth(planning, &wanted);
    stream.ask(planning, wanted, case);
}

impl Stream {
    /// When the next frame is due, as an answer is given up then.
    pub(super) fn wants_frame_in(&self) -> Option<Duration> {
        self.late.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// No plan is open.
    fn close(&mut self) {
        self.late = None;
        self.seen.cancel();
        self.worth.cancel();
        while self.seen.answer().is_some() {
            // What came is in no scene.
            self.emptied += 1;
        }
        while self.worth.answer().is_some() {}
        (self.known_seen, self.known_worth) = (None, None);
        // Maps of a large organ are not kept for nobody; a thread that still has them ends soon and wakes the window.
        if self.holds && self.seen.asked().is_none() && self.worth.asked().is_none() {
            self.ready = Arc::default();
            self.holds = false;
        }
    }

    /// What came to be seen; the shapes for the scene, in order, and whether they are of what is spared.
    fn take_seen(&mut self, planning: &mut Planning, wanted: &Wanted) -> Vec<(Vec<PlanPart>, bool)> {
        let mut shown = Vec::new();
        while let Some(Answer { of, what, is_last, .. }) = self.seen.answer() {
            let is_ours = of.node == wanted.node;
            match what {
                Ok(Seen::Shapes(Shaped { parts, reach_mm, blades, outlines, covers })) => {
                    self.seen_begun.has_first = true;
                    if is_ours {
                        planning.staged = true;
                        planning.reach_mm = reach_mm.or(planning.reach_mm);
                        (planning.blades, planning.outlines, planning.covers) = (blades, outlines, covers);
                        shown.push((parts, false));
                    } else {
                        // It believes that the scene has these now.
                        self.emptied += 1;
                    }
                }
                Ok(Seen::TooNear(parts)) if is_ours => shown.push((parts, true)),
                Ok(Seen::TooNear(_)) => self.emptied += 1,
                Ok(Seen::Entry(entry)) if is_ours => planning.entry = entry,
                Ok(Seen::Flat(flat)) if is_ours => planning.flat = Some((*flat).map(Arc::new)),
                Ok(Seen::Depths(found)) if is_ours => planning.depths = Some(found.map(|found| found.map(Arc::new))),
                Err(why) if is_ours && !self.seen_begun.has_first => {
                    planning.staged = true;
                    // What cannot be made ready has no views either.
                    planning.flat = Some(Err(NoFlat::Refused(why.clone())));
                    planning.depths = Some(Err(why));
                }
                Ok(_) | Err(_) => {}
            }
            remember(&mut self.known_seen, of, is_last, Wanted::is);
        }
        shown
    }

    /// What came of the score.
    fn take_worth(&mut self, planning: &mut Planning, wanted: &Wanted) {
        while let Some(Answer { of, what, took_ms, is_last }) = self.worth.answer() {
            let is_ours = of.node == wanted.node;
            match what {
                Ok(Worth::First(terms)) => {
                    self.worth_begun.has_first = true;
                    if is_ours {
                        planning.first = Some((of.plan.planned(), terms));
                    }
                }
                Ok(Worth::Score(score)) if is_ours => {
                    planning.live = Some(PlanLive { planned: of.plan.planned(), score: Ok(score), took_ms });
                }
                Err(why) if is_ours => {
                    planning.live = Some(PlanLive { planned: of.plan.planned(), score: Err(why), took_ms });
                }
                Ok(_) | Err(_) => {}
            }
            remember(&mut self.known_worth, of, is_last, Wanted::is_same_plan);
        }
    }

    /// Ask for what is wanted and not known; what is being answered about another state goes on while it is worth it.
    fn ask(&mut self, planning: &Planning, wanted: Wanted, case: &Case) {
        let now = Instant::now();
        self.late = None;
        // Whether a question about another state is not worth its time any more.
        let mut is_over = |of: &Wanted, until: Option<Instant>| {
            let is_late = until.is_some_and(|until| until <= now);
            if !is_late {
                self.late = self.late.into_iter().chain(until).min();
            }
            is_late || !of.is_same_case(&wanted)
        };
        let asks_seen = match self.seen.asked() {
            Some(of) if of.is(&wanted) => false,
            Some(of) => {
                if is_over(of, self.seen_begun.until(VIEWS_PATIENCE)) {
                    self.seen.cancel();
                }
                false
            }
            // A panel that was opened anew has seen nothing yet.
            None => !self.known_seen.as_ref().is_some_and(|known| known.is(&wanted)) || !planning.staged,
        };
        let asks_worth = match self.worth.asked() {
            Some(of) if of.is_same_plan(&wanted) => false,
            Some(of) => {
                if is_over(of, self.worth_begun.until(SCORE_PATIENCE)) {
                    self.worth.cancel();
                }
                false
            }
            // A view that was opened needs no new score.
            None => {
                !self.known_worth.as_ref().is_some_and(|known| known.is_same_plan(&wanted)) || planning.live.is_none()
            }
        };
        if !asks_seen && !asks_worth {
            return;
        }
        let ingredients = match Ingredients::of(case, &wanted.plan) {
            Ok(ingredients) => Arc::new(ingredients),
            Err(error) => {
                if asks_seen {
                    self.seen_begun = Begun::now();
                    self.seen.refuse(wanted.clone(), error.to_string());
                }
                if asks_worth {
                    self.worth.refuse(wanted, error.to_string());
                }
                return;
            }
        };
        self.holds = true;
        if asks_seen {
            self.seen_begun = Begun::now();
            self.ask_seen(wanted.clone(), Arc::clone(&ingredients));
        }
        if asks_worth {
            self.worth_begun = Begun::now();
            self.ask_worth(wanted, ingredients);
        }
    }

    /// First what the eye follows, then what takes longer.
    fn ask_seen(&mut self, wanted: Wanted, ingredients: Arc<Ingredients>) {
        let (ready, plan, views, emptied) =
            (Arc::clone(&self.ready), Arc::clone(&wanted.plan), wanted.views, self.emptied);
        self.seen.ask(wanted, move |progress, tell| {
            let compute = || -> Result<Seen, CommandError> {
                let mut stage = prepared(&ready, &ingredients, &plan, progress)?;
                // Pictures do not wait behind the score.
                let made = parallel::at_once(|| {
                    let faces = stage.faces(&plan, progress)?;
                    let shapes = stage.shapes(&ingredients, &plan, &faces, progress)?;
                    Ok::<_, CommandError>((faces, shapes))
                });
                ready.keep(&stage);
                let (faces, shapes) = made?;
                let is_drawn_on_slices =
                    |shape: &&Shape| matches!(shape.key.part, Part::Zone | Part::Contacts | Part::Fragment);
                let outlines = shapes.all.iter().filter(is_drawn_on_slices);
                tell(Seen::Shapes(Shaped {
                    reach_mm: faces.reach_mm,
                    blades: faces.all.iter().map(|face| (face.action, Arc::clone(&face.surface))).collect(),
                    outlines: outlines.map(|shape| (shape.key.of, Arc::clone(&shape.surface))).collect(),
                    covers: shapes.covers,
                    parts: ready.sent.parts(&shapes.all, false, emptied),
                }));
                tell(Seen::Entry(parallel::install(|| stage.entry(&ingredients, &plan, progress))?));
                let near = parallel::install(|| stage.too_near(&ingredients, &plan, &faces, progress));
                ready.keep(&stage);
                tell(Seen::TooNear(ready.sent.parts(&near?, true, emptied)));
                if let Some(n) = views[0] {
                    let mut flats = ready.flats.lock().unwrap_or_else(PoisonError::into_inner);
                    let flats: &mut Flats = &mut flats;
                    let found = parallel::install(|| flats.of(&stage, &ingredients, &plan, n, progress));
                    tell(Seen::Flat(Box::new(match found {
                        Err(CommandError::Cancelled) => return Err(CommandError::Cancelled),
                        Err(error) => Err(NoFlat::Refused(error.to_string())),
                        Ok(flat) => flat,
                    })));
                }
                if let Some(n) = views[1] {
                    tell(Seen::Depths(match parallel::install(|| depths(&stage, &plan, n, progress)) {
                        Err(CommandError::Cancelled) => return Err(CommandError::Cancelled),
                        found => found.map_err(|error| error.to_string()),
                    }));
                }
                Ok(Seen::End)
            };
            compute().map_err(|error| error.to_string())
        });
    }

    /// First volumes and margins, then everything.
    fn ask_worth(&mut self, wanted: Wanted, ingredients: Arc<Ingredients>) {
        let (ready, plan) = (Arc::clone(&self.ready), Arc::clone(&wanted.plan));
        self.worth.ask(wanted, move |progress, tell| {
            let compute = || -> Result<Worth, CommandError> {
                let mut stage = prepared(&ready, &ingredients, &plan, progress)?;
                tell(Worth::First(parallel::install(|| stage.first_terms(&ingredients, &plan, progress))?));
                parallel::install(|| stage.score(&ingredients, &plan, progress)).map(Worth::Score)
            };
            compute().map_err(|error| error.to_string())
        });
    }
}

/// The stage with everything that `plan` names. It is locked on this thread and not on one of a pool, which might be given
/// something that waits for the same lock.
fn prepared(
    ready: &Ready,
    ingredients: &Ingredients,
    plan: &Plan,
    progress: &crate::base::Progress,
) -> Result<Stage, CommandError> {
    // A panic of an earlier answer leaves a stage that is whole: bodies are put into it one by one.
    let mut stage = ready.stage.lock().unwrap_or_else(PoisonError::into_inner);
    let stage: &mut Stage = &mut stage;
    parallel::install(|| stage.prepare(ingredients, plan, progress))?;
    Ok(stage.clone())
}

impl Ready {
    /// The next question finds what this one made.
    fn keep(&self, stage: &Stage) {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner).take_from(stage);
    }
}

/// What is known now: all of a question after its last answer; parts of another question are seen before.
fn remember(known: &mut Option<Wanted>, of: Wanted, is_last: bool, is: impl Fn(&Wanted, &Wanted) -> bool) {
    if is_last {
        *known = Some(of);
    } else if known.as_ref().is_some_and(|known| !is(known, &of)) {
        *known = None;
    }
}

#[cfg(test)]
mod tests;
