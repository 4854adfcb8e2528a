//! A plan that is open: its cuts as surfaces coloured by the margin that lacks, and its score, computed beside the window.

use super::panels::Desk;
use super::scene::Scene;
use crate::app::mirror::{Guest, Shade, Surfaces, Visitor};
use crate::app::render::{ColourMaps, SurfaceMaterial};
use crate::app::run::AppSystems;
use crate::app::session::{TheSession, wake};
use crate::app::ui::PlanLive;
use crate::base::{NodeId, Progress, courtesy, parallel};
use crate::image::Colormap;
use crate::mesh::{Field, Surface};
use crate::plan::{Plan, Score};
use crate::session::{Case, CommandError};
use crate::tools::plan_stage::{Faces, Ingredients, Stage};
use bevy::prelude::*;
use bevy::winit::EventLoopProxyWrapper;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Half the range of the colours of a margin, mm.
const LACK_MM: f64 = 10.0;

/// The plan and the content of everything it names: what an answer is about.
#[derive(Debug, Clone)]
struct Wanted {
    plan: Arc<Plan>,
    node: NodeId,
    inputs: Vec<Option<crate::base::ContentHash>>,
}

impl Wanted {
    fn of(node: NodeId, plan: Arc<Plan>, case: &Case) -> Self {
        let own = plan.structures().into_iter().map(|structure| structure.node).chain(plan.scan);
        let inputs = own.map(|id| case.node(id).map(|node| node.hash())).collect();
        Self { plan, node, inputs }
    }

    fn is(&self, other: &Self) -> bool {
        let same = Arc::ptr_eq(&self.plan, &other.plan) || self.plan == other.plan;
        self.node == other.node && self.inputs == other.inputs && same
    }
}

/// What came of a plan.
enum Answer {
    /// Its cuts, at once.
    Faces(Wanted, Faces),
    /// Its score; how long all took in ms.
    Score(Wanted, Result<Score, String>, f64),
}

#[derive(Resource)]
struct Stream {
    /// Bodies and distance maps, made once.
    stage: Arc<Mutex<Stage>>,
    known: Option<Wanted>,
    asked: Option<(Wanted, Progress)>,
    answers: Mutex<Receiver<Answer>>,
    sender: Sender<Answer>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

pub(super) fn plugin(app: &mut App) {
    let (sender, answers) = channel();
    app.insert_resource(Stream {
        stage: Arc::default(),
        known: None,
        asked: None,
        answers: Mutex::new(answers),
        sender,
        wake: Arc::new(|| {}),
    });
    app.add_systems(PostStartup, |mut stream: ResMut<Stream>, proxy: Option<Res<EventLoopProxyWrapper>>| {
        if let Some(proxy) = proxy {
            stream.wake = wake(&proxy);
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
        if let Some((_, progress)) = stream.asked.take() {
            progress.cancel();
        }
        if stream.known.take().is_some() {
            // Maps of a large organ are not kept for nobody.
            if let Ok(mut stage) = stream.stage.try_lock() {
                *stage = Stage::default();
            }
        }
        if guest.clear(Visitor::Plan, &mut surfaces, &mut commands) {
            scene.changed();
        }
        return;
    };
    let case = session.get().case();
    let wanted = Wanted::of(planning.node, planning.shown(), case);
    let mut pictured = None;
    while let Some(answer) = stream.answers.get_mut().ok().and_then(|answers| answers.try_recv().ok()) {
        match answer {
            Answer::Faces(of, faces) if of.node == wanted.node => pictured = Some(faces),
            Answer::Faces(..) => {}
            Answer::Score(of, score, took_ms) => {
                stream.asked = None;
                if of.node == wanted.node {
                    planning.live = Some(PlanLive { planned: of.plan.planned(), score, took_ms });
                }
                stream.known = Some(of);
            }
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
    let is_known = stream.known.as_ref().is_some_and(|known| known.is(&wanted));
    match &stream.asked {
        Some((of, progress)) if !of.is(&wanted) => {
            // Nobody waits for a score of what has moved on; its faces were shown already.
            progress.cancel();
        }
        Some(_) => {}
        None if is_known => {}
        None => ask(stream, wanted, case),
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

/// Compute on a thread of its own; one at a time, the newest wish next.
fn ask(stream: &mut Stream, wanted: Wanted, case: &Case) {
    let ingredients = match Ingredients::of(case, &wanted.plan) {
        Ok(ingredients) => ingredients,
        Err(error) => {
            let _ = stream.sender.send(Answer::Score(wanted, Err(error.to_string()), 0.0));
            (stream.wake)();
            return;
        }
    };
    let (sender, wake, stage) = (stream.sender.clone(), Arc::clone(&stream.wake), Arc::clone(&stream.stage));
    let progress = Progress::default();
    let (asked, watched) = (wanted.clone(), progress.clone());
    let work = courtesy::spawn("plan", move || {
        let begun = Instant::now();
        let compute = || -> Result<Score, CommandError> {
            // A panic of an earlier answer leaves a stage that is whole: bodies are put into it one by one.
            let mut stage = stage.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            stage.prepare(&ingredients, &wanted.plan, &watched)?;
            let faces = stage.faces(&wanted.plan, &watched)?;
            let _ = sender.send(Answer::Faces(wanted.clone(), faces));
            wake();
            stage.score(&ingredients, &wanted.plan, &watched)
        };
        let score = catch_unwind(AssertUnwindSafe(|| parallel::install(compute)));
        let score = match score {
            Ok(score) => score.map_err(|error| error.to_string()),
            Err(_) => Err("an internal error; the plan is as it was, and the log says more".into()),
        };
        // The window may be closed before it is there.
        let _ = sender.send(Answer::Score(wanted, score, 1e3 * begun.elapsed().as_secs_f64()));
        wake();
    });
    match work {
        Ok(_) => stream.asked = Some((asked, progress)),
        Err(error) => error!(%error, "the system refused a thread for the score of a plan"),
    }
}
