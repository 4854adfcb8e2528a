//! What was open in a window that its adapter ended: the window that takes its place opens it again, with the same views.
//!
//! A case without unsaved steps is its file. Unsaved steps are in the running log, which is done again; where the user
//! cancels that, or it fails, the log stays and is offered at the next start.

use super::files::Files;
use super::run::AppSystems;
use super::session::TheSession;
use super::ui::OrbitCamera;
use super::view::{Desk, Scene};
use crate::base::NodeId;
use crate::geom::Point;
use bevy::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// The environment variable in which a window tells its successor what was open, as JSON.
pub(super) const OPEN_AGAIN: &str = "PROSECTOR_OPEN_AGAIN";
/// A view is brought back until then at the latest; whoever opened something else meanwhile does not want it any more.
const PATIENCE: Duration = Duration::from_secs(600);
/// Frames until panels have put everything of a new case where it belongs.
const SETTLED: u32 = 3;

/// What was open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Left {
    /// The file of the case, if there is one.
    case: Option<PathBuf>,
    /// The running log, if some of it is not saved.
    log: Option<PathBuf>,
    /// The hash of the case, by which it is known again.
    hash: String,
    view: LeftView,
}

/// How it was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LeftView {
    /// As a saved view keeps it.
    look: Value,
    /// Target, distance, yaw, pitch, roll, opening angle.
    camera: [f64; 8],
    /// Whether lines of sight were parallel.
    #[serde(default)]
    parallel: bool,
    crosshair: Option<[f64; 3]>,
    selected: Option<NodeId>,
    isolated: Option<NodeId>,
}

impl LeftView {
    fn of(desk: &Desk, camera: &OrbitCamera) -> Self {
        let OrbitCamera { target, distance_mm, yaw_rad, pitch_rad, roll_rad, fov_rad, parallel } = *camera;
        let workspace = &desk.workspace;
        Self {
            look: workspace.look(),
            camera: [target.x, target.y, target.z, distance_mm, yaw_rad, pitch_rad, roll_rad, fov_rad],
            parallel,
            crosshair: workspace.crosshair.map(<[f64; 3]>::from),
            selected: workspace.selected,
            isolated: workspace.isolated,
        }
    }

    fn camera(&self) -> Option<OrbitCamera> {
        let [x, y, z, distance_mm, yaw_rad, pitch_rad, roll_rad, fov_rad] = self.camera;
        let is_camera = self.camera.iter().all(|value| value.is_finite()) && 0.0 < distance_mm && 0.0 < fov_rad;
        let (target, parallel) = (Point::new(x, y, z), self.parallel);
        is_camera.then_some(OrbitCamera { target, distance_mm, yaw_rad, pitch_rad, roll_rad, fov_rad, parallel })
    }
}

impl Left {
    /// What is open in the window of `main`; none while nothing is.
    pub(super) fn of(main: &World) -> Option<Self> {
        let session = main.get_non_send::<TheSession>()?;
        let view = LeftView::of(main.get_resource::<Desk>()?, &main.get_resource::<Scene>()?.camera);
        let log = if session.unsaved() { session.journal_path() } else { None };
        Some(Self { case: session.case_path.clone(), log, hash: session.hash().to_hex(), view })
    }

    /// For the environment of the successor; none where a path or number cannot be told.
    pub(super) fn told(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// What to open: the log where steps are not saved, else the file of the case, if it is still there.
    pub(super) fn path(&self) -> Option<&Path> {
        self.log.iter().chain(&self.case).map(PathBuf::as_path).find(|path| path.is_file())
    }
}

/// What was open in the window whose place this one takes.
pub(super) fn left() -> Option<&'static Left> {
    static LEFT: OnceLock<Option<Left>> = OnceLock::new();
    LEFT.get_or_init(|| read(&std::env::var(OPEN_AGAIN).ok().filter(|told| !told.is_empty())?)).as_ref()
}

fn read(told: &str) -> Option<Left> {
    serde_json::from_str(told).inspect_err(|error| warn!(%error, "what was open cannot be read")).ok()
}

pub(super) fn plugin(app: &mut App) {
    if let Some(left) = left() {
        app.insert_resource(Pending { view: left.view.clone(), hash: left.hash.clone(), frames: 0 });
    }
    app.add_systems(Update, look_again.run_if(resource_exists::<Pending>).in_set(AppSystems::View));
}

/// A view that is to be brought back once its case is there.
#[derive(Resource, Debug)]
struct Pending {
    view: LeftView,
    hash: String,
    frames: u32,
}

/// Look at the case as before, once it is there.
fn look_again(
    mut pending: ResMut<Pending>,
    files: NonSend<Files>,
    session: NonSend<TheSession>,
    mut desk: ResMut<Desk>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    if PATIENCE.as_secs_f64() < session.now_s() {
        commands.remove_resource::<Pending>();
        return;
    }
    let is_there = files.is_idle() && !session.get().case().is_empty() && session.hash().to_hex() == pending.hash;
    if !is_there {
        pending.frames = 0;
        return;
    }
    pending.frames += 1;
    // Asks for the next frame.
    scene.changed();
    if pending.frames < SETTLED {
        return;
    }
    let (view, case) = (&pending.view, session.get().case());
    desk.workspace.look_again(&view.look, case);
    let there = |id: &NodeId| case.node(*id).is_some();
    desk.workspace.selected = view.selected.filter(there);
    desk.workspace.isolated = view.isolated.filter(there);
    desk.workspace.crosshair = view.crosshair.map(Point::from).or(desk.workspace.crosshair);
    if let Some(camera) = view.camera() {
        scene.fly_to(camera);
    }
    commands.remove_resource::<Pending>();
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn left(case: Option<PathBuf>, log: Option<PathBuf>) -> Left {
        let mut desk = Desk::default();
        desk.workspace.crosshair = Some(Point::new(1.0, -2.0, 3.5));
        desk.workspace.selected = Some(NodeId(7));
        let camera = OrbitCamera { distance_mm: 321.0, ..OrbitCamera::default() };
        Left { case, log, hash: "ab".into(), view: LeftView::of(&desk, &camera) }
    }

    #[test]
    fn a_successor_reads_what_was_open_and_how_it_was_looked_at() {
        let was = left(Some("/a/knee.prosector".into()), None);
        let read = read(&was.told().unwrap()).unwrap();
        assert_eq!(read, was);
        let camera = read.view.camera().unwrap();
        assert_eq!((camera.distance_mm, camera.fov_rad), (321.0, OrbitCamera::default().fov_rad));
        assert!(super::read("{}").is_none() && super::read("no JSON").is_none());
        let mut broken = was;
        broken.view.camera[3] = 0.0;
        assert_eq!(broken.view.camera(), None, "nobody stands in what he looks at");
    }

    #[test]
    fn unsaved_steps_go_before_the_file_and_what_is_gone_is_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        let [case, log] = ["knee.prosector", "session.jsonl"].map(|name| folder.path().join(name));
        let both = left(Some(case.clone()), Some(log.clone()));
        assert_eq!(both.path(), None);
        std::fs::write(&case, "").unwrap();
        assert_eq!(both.path(), Some(&*case));
        std::fs::write(&log, "").unwrap();
        assert_eq!(both.path(), Some(&*log));
        assert_eq!(left(None, None).path(), None, "the program begins as it was asked to");
    }

    #[test]
    fn how_the_window_looked_is_brought_back_with_what_is_still_there() {
        let mut workspace = crate::app::ui::Workspace::default();
        let mut look = workspace.look();
        look["labels"] = json!(true);
        workspace.look_again(&look, &crate::session::Case::default());
        assert_eq!(workspace.look(), look);
    }
}
