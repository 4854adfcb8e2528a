//! A plan that is open: its cuts as surfaces coloured by the margin that lacks, its views and its score, computed beside the
//! window.

use super::asking::{Answer, Asking};
use super::panels::Desk;
use super::scene::Scene;
use crate::app::mirror::{Guest, Shade, Surfaces, Visitor};
use crate::app::render::{ColourMaps, SurfaceMaterial};
use crate::app::run::AppSystems;
use crate::app::session::TheSession;
use crate::app::ui::{LACK_MM, PlanLive, Planning};
use crate::base::{NodeId, parallel};
use crate::image::Colormap;
use crate::mesh::{Field, Surface};
use crate::plan::{Plan, Score};
use crate::session::{Case, CommandError};
use crate::tools::plan_stage::{Faces, Ingredients, Stage};
use crate::tools::plan_views::{Depths, FlatCut, Flats, NoFlat, depths};
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use std::sync::{Arc, Mutex, PoisonError};

/// The plan and the content of everything it names, and what is seen of it: what an answer is about.
#[derive(Debug, Clone)]
struct Wanted {
    plan: Arc<Plan>,
    node: NodeId,
    inputs: Vec<Option<crate::base::ContentHash>>,
    /// The actions whose flat picture and whose distances are seen.
    views: [Option<usize>; 2],
}

impl Wanted {
    fn of(planning: &Planning, case: &Case) -> Self {
        let plan = planning.shown();
        let own = plan.structures().into_iter().map(|structure| structure.node).chain(plan.scan);
        let inputs = own.map(|id| case.node(id).map(|node| node.hash())).collect();
        Self { plan, node: planning.node, inputs, views: planning.views() }
    }

    /// Whether it is about the same plan.
    fn is_same_plan(&self, other: &Self) -> bool {
        let same = Arc::ptr_eq(&self.plan, &other.plan) || self.plan == other.plan;
        self.node == other.node && self.inputs == other.inputs && same
    }

    /// Whether nothing more is wanted than `other`.
    fn is(&self, other: &Self) -> bool {
        self.is_same_plan(other) && self.views == other.views
    }
}

/// What came of a plan, in this order.
enum News {
    /// Its cuts, at once.
    Faces(Faces),
    /// A cut laid flat.
    Flat(Result<FlatCut, NoFlat>),
    /// The distances along a path.
    Depths(Result<Option<Depths>, String>),
    /// Its score.
    Score(Score),
    /// Nothing new: its score is known.
    Known,
}

/// What was made ready, once for all questions.
#[derive(Debug, Default)]
struct Ready {
    stage: Stage,
    flats: Flats,
}

#[derive(Resource)]
struct Stream {
    ready: Arc<Mutex<Ready>>,
    known: Option<Wanted>,
    asking: Asking<Wanted, News>,
    /// Whether the cuts of the question came.
    staged: bool,
    /// Whether something may have been made ready.
    holds: bool,
}

pub(super) fn plugin(app: &mut App) {
    app.insert_resource(Stream {
        ready: Arc::default(),
        known: None,
        asking: Asking::new("plan"),
        staged: false,
        holds: false,
    });
    app.add_systems(PostStartup, |mut stream: ResMut<Stream>, proxy: Option<Res<EventLoopProxyWrapper>>| {
        if let Some(proxy) = proxy {
            stream.asking.wakes(&proxy);
        }
    });
    app.add_systems(Update, follow_panel.in_set(AppSystems::View));
}

fn follow_panel(
    mut stream: ResMut<Stream>,
    mut desk: ResMut<Desk>,
    mut scene: ResMut<Scene>,
    mut guest: ResMut<Guest>,
    mut surfaces: ResMut<Surfaces>,
    maps: Res<ColourMaps>,
    session: NonSend<TheSession>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut commands: Commands,
) {
    let stream = &mut *stream;
    let Some(planning) = desk.workspace.planning.as_mut() else {
        stream.asking.cancel();
        while stream.asking.answer().is_some() {}
        stream.known = None;
        // Maps of a large organ are not kept for nobody; a thread that still has them ends soon and wakes the window.
        if stream.holds && stream.asking.asked().is_none() {
            stream.ready = Arc::default();
            stream.holds = false;
        }
        if guest.clear(Visitor::Plan, &mut surfaces, &mut commands) {
            scene.changed();
        }
        return;
    };
    let case = session.get().case();
    let wanted = Wanted::of(planning, case);
    let mut pictured = None;
    while let Some(Answer { of, what, took_ms, is_last }) = stream.asking.answer() {
        let is_ours = of.node == wanted.node;
        match what {
            Ok(News::Faces(faces)) if is_ours => {
                stream.staged = true;
                pictured = Some(faces);
            }
            Ok(News::Flat(flat)) if is_ours => planning.flat = Some(flat.map(Arc::new)),
            Ok(News::Depths(found)) if is_ours => planning.depths = Some(found.map(|found| found.map(Arc::new))),
            Ok(News::Score(score)) if is_ours => {
                planning.live = Some(PlanLive { planned: of.plan.planned(), score: Ok(score), took_ms });
            }
            Err(why) if is_ours => {
                if !stream.staged {
                    // What cannot be made ready has no views either.
                    planning.flat = Some(Err(NoFlat::Refused(why.clone())));
                    planning.depths = Some(Err(why.clone()));
                }
                planning.live = Some(PlanLive { planned: of.plan.planned(), score: Err(why), took_ms });
            }
            Ok(_) | Err(_) => {}
        }
        if is_last {
            stream.known = Some(of);
        } else if stream.known.as_ref().is_some_and(|known| !known.is(&of)) {
            // Parts of another question are seen by now: what was known before is not what is shown.
            stream.known = None;
        }
    }
    if let Some(Faces { all, reach_mm }) = pictured {
        planning.reach_mm = reach_mm.or(planning.reach_mm);
        planning.blades = all.iter().map(|face| (face.action, Arc::clone(&face.surface))).collect();
        let (surface, field) = joined(&all);
        if surface.triangles().is_empty() {
            if guest.clear(Visitor::Plan, &mut surfaces, &mut commands) {
                scene.changed();
            }
        } else {
            let shade = field.and_then(Shade::of).map(|shade| Shade {
                // Always the same colours: red lacks, blue has room.
                map: Colormap::Diverging,
                range: [-LACK_MM, LACK_MM],
                beyond: [true; 2],
                ..shade
            });
            guest.show(
                Visitor::Plan,
                &surface,
                shade,
                &mut surfaces,
                &maps,
                &mut meshes,
                &mut materials,
                &mut commands,
            );
            scene.changed();
        }
    }
    match stream.asking.asked() {
        // Nobody waits for a score of what has moved on; its faces were shown already.
        Some(of) if !of.is(&wanted) => stream.asking.cancel(),
        Some(_) => {}
        None if stream.known.as_ref().is_some_and(|known| known.is(&wanted)) => {}
        None => {
            // A view that was opened needs no new score.
            let knows_score = stream.known.as_ref().is_some_and(|known| known.is_same_plan(&wanted))
                && planning.live.as_ref().is_some_and(|live| live.score.is_ok());
            ask(stream, wanted, knows_score, case);
        }
    }
}

/// All faces as one surface, and their field where every one of them has it.
fn joined(all: &[crate::tools::plan_stage::Face]) -> (Surface, Option<Field>) {
    let mut surface = Surface::new(Vec::new(), Vec::new()).expect("nothing is a surface");
    let mut values = Vec::new();
    for face in all {
        surface = crate::plan::resection::both(&surface, &face.surface);
        values.extend(face.lacking.iter().flat_map(|field| field.values.iter().copied()));
    }
    let complete = values.len() == surface.positions().len() && !values.is_empty();
    let field = complete.then(|| Field::new(crate::plan::resection::LACKING, "mm", values));
    (surface, field)
}

/// Compute on a thread of its own: first what the eye follows, then the score.
fn ask(stream: &mut Stream, wanted: Wanted, knows_score: bool, case: &Case) {
    stream.staged = false;
    let ingredients = match Ingredients::of(case, &wanted.plan) {
        Ok(ingredients) => ingredients,
        Err(error) => {
            stream.asking.refuse(wanted, error.to_string());
            return;
        }
    };
    stream.holds = true;
    let (ready, plan, views) = (Arc::clone(&stream.ready), Arc::clone(&wanted.plan), wanted.views);
    stream.asking.ask(wanted, move |progress, tell| {
        let compute = || -> Result<News, CommandError> {
            // A panic of an earlier answer leaves a stage that is whole: bodies are put into it one by one.
            let mut ready = ready.lock().unwrap_or_else(PoisonError::into_inner);
            let Ready { stage, flats } = &mut *ready;
            stage.prepare(&ingredients, &plan, progress)?;
            tell(News::Faces(stage.faces(&plan, progress)?));
            if let Some(n) = views[0] {
                let flat = match flats.of(stage, &ingredients, &plan, n, progress) {
                    Err(CommandError::Cancelled) => return Err(CommandError::Cancelled),
                    Err(error) => Err(NoFlat::Refused(error.to_string())),
                    Ok(flat) => flat,
                };
                tell(News::Flat(flat));
            }
            if let Some(n) = views[1] {
                let found = match depths(stage, &plan, n, progress) {
                    Err(CommandError::Cancelled) => return Err(CommandError::Cancelled),
                    found => found.map_err(|error| error.to_string()),
                };
                tell(News::Depths(found));
            }
            if knows_score {
                return Ok(News::Known);
            }
            stage.score(&ingredients, &plan, progress).map(News::Score)
        };
        parallel::install(compute).map_err(|error| error.to_string())
    });
}
