//! What goes into the workspace and what comes out of it: the whole border between egui and the rest of the window.

use super::camera::{NamedView, OrbitCamera};
use super::fields::{FieldLook, VectorLook};
use super::labels::Label;
use super::operate::OperationInfo;
use super::pictures::PictureOrder;
use super::scenes::ViewInfo;
use crate::base::{JobId, NodeId, StateId};
use crate::geom::{Orientation, Point};
use crate::image::Colormap;
use crate::session::{Command, Session};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Everything the workspace may read while it is shown.
#[derive(Debug)]
pub struct AppView<'a> {
    /// The case, its history and jobs.
    pub session: &'a Session,
    /// What the 3D scene says of itself.
    pub scene: &'a SceneInfo,
    /// Everything the user was told so far; fresh ones appear as toasts.
    pub messages: &'a Messages,
    /// Where the case was saved or opened, if it was.
    pub case_path: Option<&'a Path>,
    /// Whether the case has changes that are not saved.
    pub unsaved: bool,
    /// A dialog that is not ours to show lies over the window: keys are for it.
    pub covered: bool,
    /// A file operation in progress outside the session.
    pub busy: Option<&'a FileJob>,
    /// Seconds since the program started; never decreases.
    pub now_s: f64,
}

/// A case that is being opened, saved or brought back.
#[derive(Debug, Clone, PartialEq)]
pub struct FileJob {
    /// What goes on, e.g. `Opening chest.prosector`.
    pub what: String,
    /// The part of it that is done, 0 to 1.
    pub fraction: f64,
    /// Since when it goes on.
    pub elapsed: Duration,
    /// It was cancelled and comes to its end.
    pub ending: bool,
}

/// What the 3D scene says of itself this frame.
#[derive(Debug, Clone, Default)]
pub struct SceneInfo {
    /// The camera of the 3D view in use as it stands now.
    pub camera: OrbitCamera,
    /// Which 3D view is in use: the one the mouse is in or was in last.
    pub in_use: usize,
    /// What each 3D view has of its own.
    pub views: [ViewInfo; 2],
    /// What the view is called; empty where it is just 3D.
    pub title: String,
    /// The legends of the fields that colour something in the scene, the most important first.
    pub legends: Vec<Legend>,
    /// Whether flow particles run; `None` where there is no flow to show.
    pub particles_playing: Option<bool>,
    /// What lies under the mouse in the scene.
    pub picked: Option<Picked>,
    /// What lies under the mouse of the other case of a comparison.
    pub other: Option<PickedOther>,
    /// What the scene is doing or why it shows nothing, e.g. `uploading surfaces`.
    pub note: Option<String>,
    /// What a film of a simulation shows now: its time, or the part of its load.
    pub moment: Option<String>,
    /// How the rendered volume differs from the scan, e.g. that it is coarser; empty unless a volume is rendered so.
    pub volume_note: Option<String>,
    /// Some translucent walls may be missing: more lie behind each other than the adapter's lists hold.
    pub crowded: bool,
    /// Escape lets go of something in the scene now, so that it must not also close a form.
    pub takes_escape: bool,
    /// The operation in the scene, if there is one.
    pub operation: Option<OperationInfo>,
    /// Size of the 3D view in points, while it is on the screen.
    pub pane_size: Option<egui::Vec2>,
    /// A picture or film is being taken: how many of its pictures are done, and of how many.
    pub filming: Option<[usize; 2]>,
    /// The same of the tiles of a large picture.
    pub tiles: Option<[usize; 2]>,
    /// Names of what is seen in the scene, with a place of each that is seen.
    pub labels: Vec<Label>,
    /// The graphics adapter, for the About box.
    pub adapter: String,
    /// Whether the second window is open.
    pub has_audience: bool,
}

impl SceneInfo {
    /// What belongs into a picture of something that moves: when it is, or how fast its particles are shown.
    pub fn said_of_motion(&self) -> Option<&str> {
        let of_particles = self.note.as_deref().filter(|_| self.particles_playing == Some(true));
        self.moment.as_deref().or(of_particles)
    }
}

/// The scale of a field that colours the scene.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Legend {
    /// The name of the object, where several are coloured.
    pub of: Option<String>,
    /// The name of the field, e.g. `wall shear stress`.
    pub field: String,
    /// Its unit as shown.
    pub unit: String,
    /// The values at the two ends.
    pub range: [f64; 2],
    /// Whether values lie below and above them; they have the colours of the ends.
    pub beyond: [bool; 2],
    /// Colours from the lower to the upper end, sRGB, at equal steps; at least two.
    pub colours: Vec<[u8; 3]>,
    /// The map of these colours.
    pub map: Colormap,
    /// What the user changed.
    pub look: FieldLook,
    /// The values at the ends as the field by itself has them.
    pub own: [f64; 2],
    /// Colours of their own for values below and above the range, sRGB.
    pub outside: [Option<[u8; 3]>; 2],
    /// Whether there is no valid value somewhere; hatched there.
    pub has_invalid: bool,
    /// Why there is none.
    pub invalid_because: Option<String>,
    /// Whether it lies on a surface, where lines can be drawn.
    pub can_have_isolines: bool,
    /// How the vectors of its object are shown, if it has some, and whether it has streamlines.
    pub vectors: Option<(VectorLook, bool)>,
}

/// A place on an object of the scene.
#[derive(Debug, Clone, PartialEq)]
pub struct Picked {
    /// Which object.
    pub node: NodeId,
    /// Where, LPS mm.
    pub point: Point,
    /// The value of the field shown there, as text with its unit.
    pub value: Option<String>,
}

/// A place on an object of the other case of a comparison, which is only looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct PickedOther {
    /// The name of the object.
    pub name: String,
    /// Its volume, where it encloses one and that is known.
    pub volume_ml: Option<f64>,
    /// The value of the field shown there, as text with its unit.
    pub value: Option<String>,
    /// The object of this case that stands beside it.
    pub partner: Option<NodeId>,
    /// Where, LPS mm.
    pub point: Point,
}

/// How a message sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Worth knowing.
    Info,
    /// Something worked that took a while.
    Good,
    /// Something differs from what was asked or expected.
    Warning,
    /// Something did not work.
    Error,
}

/// A sentence for the user.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// When, in seconds since the program started.
    pub at_s: f64,
    /// How it sounds.
    pub tone: Tone,
    /// The sentence.
    pub text: String,
}

/// Messages that are kept; older ones are dropped.
const MESSAGES_MAX: usize = 1000;

/// Everything the user was told, oldest first.
#[derive(Debug, Default)]
pub struct Messages {
    kept: std::collections::VecDeque<Message>,
    dropped: usize,
}

impl Messages {
    /// Tell the user `text`.
    pub fn push(&mut self, at_s: f64, tone: Tone, text: impl Into<String>) {
        if self.kept.len() == MESSAGES_MAX {
            self.kept.pop_front();
            self.dropped += 1;
        }
        self.kept.push_back(Message { at_s, tone, text: text.into() });
    }

    /// All kept messages with their running numbers, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &Message)> {
        self.kept.iter().enumerate().map(|(place, message)| (self.dropped + place, message))
    }
}

/// A session that ended without being saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostSession {
    /// Its running log.
    pub log: PathBuf,
    /// The name of the case file it began with, if any.
    pub case: Option<String>,
    /// How many steps it did.
    pub steps: usize,
    /// The last of them, in words; empty if unknown.
    pub last: String,
    /// When it ended, in minutes before now.
    pub minutes_ago: Option<u64>,
}

/// What the workspace wants after a frame.
#[derive(Debug, Default)]
pub struct UiOutput {
    /// Wishes, in order.
    pub requests: Vec<Request>,
    /// Where the 3D scene belongs; `None` while it is not on the screen.
    pub scene: Option<ScenePane>,
    /// Where the second 3D view belongs.
    pub second: Option<ScenePane>,
    /// Show another frame soon although nothing was touched (a job runs, a toast fades).
    pub wants_repaint: bool,
}

/// The rectangle of the 3D scene and what the mouse does in it. Lengths are in egui points.
#[derive(Debug, Clone, PartialEq)]
pub struct ScenePane {
    /// Where the scene belongs.
    pub rect: egui::Rect,
    /// The mouse, if it is over the scene and over nothing drawn on it.
    pub hovered: Option<egui::Pos2>,
    /// Movement of the mouse with the left, middle or right button held after a press in the scene.
    pub drag: [egui::Vec2; 3],
    /// Whether one of these drags goes on.
    pub dragging: bool,
    /// The wheel, in points; positive is away from the user.
    pub scroll: f32,
    /// A pinch on a touch pad: factor of growth, 1 for none.
    pub pinch: f32,
    /// Where the left button was clicked.
    pub clicked: Option<egui::Pos2>,
    /// Where the left button was clicked twice.
    pub double_clicked: Option<egui::Pos2>,
    /// Keys held.
    pub modifiers: egui::Modifiers,
}

impl ScenePane {
    /// A view in `rect` that the mouse does nothing in.
    pub fn still(rect: egui::Rect) -> Self {
        Self {
            rect,
            hovered: None,
            drag: [egui::Vec2::ZERO; 3],
            dragging: false,
            scroll: 0.0,
            pinch: 1.0,
            clicked: None,
            double_clicked: None,
            modifiers: egui::Modifiers::NONE,
        }
    }
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathKind {
    /// A folder.
    Folder,
    /// A file that is read.
    Read,
    /// A file that will be written.
    Write,
}

/// A wish of the user that only the rest of the program can fulfil.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// Start a command in the background.
    Run(Command),
    /// One step back.
    Undo,
    /// One step forward.
    Redo,
    /// Go to a state of the history.
    GoTo(StateId),
    /// Stop a job.
    CancelJob(JobId),
    /// Let a job wait, or go on.
    PauseJob(JobId, bool),
    /// Let a job end early with what it has.
    EndJob(JobId),
    /// Stop opening, saving or bringing back.
    CancelFile,
    /// Ask for a folder of DICOM files and import it.
    OpenFolderDialog,
    /// Ask for a file (a case, a scan or a mesh) and open it.
    OpenFileDialog,
    /// Open a case file.
    OpenCase(PathBuf),
    /// Do again what the log of a session says that ended badly.
    Recover(PathBuf),
    /// Throw the log of a session away that ended badly.
    Discard(PathBuf),
    /// Ask for a case file to compare this case with; answer with `Workspace::compare_with_file`.
    CompareDialog,
    /// Open the second window, or close it.
    SecondWindow,
    /// Save to where the case came from, or ask.
    SaveCase,
    /// Ask where to save.
    SaveCaseAs,
    /// Save as [`Request::SaveCase`]; only if that worked, go on with the other request.
    SaveThen(Box<Request>),
    /// Ask where to write the object and run `export.mesh` with `format`.
    ExportDialog {
        /// Which object.
        node: NodeId,
        /// `stl`, `ply`, `obj` or `glb`.
        format: &'static str,
    },
    /// Ask where to write the report and run `report.write`.
    ReportDialog,
    /// Ask for a file or folder for the form that is open; answer with `Workspace::path_chosen`.
    PathDialog(PathKind),
    /// Load a bundled scan.
    LoadSample(&'static str),
    /// Start an empty case.
    NewCase,
    /// Turn the camera to a standard view.
    Look(NamedView),
    /// Show everything, or one object, as large as the pane allows.
    Fit(Option<NodeId>),
    /// Let flow particles run or stand still.
    PlayParticles(bool),
    /// Full screen on or off.
    ToggleFullscreen,
    /// Travel to another place.
    FlyTo(OrbitCamera),
    /// Stand at another place at once.
    Stand(OrbitCamera),
    /// Take a picture of the 3D view and keep the view in the case with it.
    KeepView {
        /// The place the slices point at.
        crosshair: Option<Point>,
        /// The only object that is shown, if one is.
        isolated: Option<NodeId>,
    },
    /// Draw a slice view and keep it in the case; with the parameters of `view.keep` that say what it shows.
    KeepSlice(Orientation, serde_json::Value),
    /// Travel to a saved view.
    GoToView {
        /// Where the camera stood.
        camera: OrbitCamera,
        /// What makes the objects look as they did, if they look otherwise now.
        show: Option<Command>,
    },
    /// Ask where to save a picture or film, and take it.
    SavePicture(PictureOrder),
    /// Stop filming.
    StopFilming,
    /// Open a page in the browser.
    OpenUrl(&'static str),
    /// Close the program.
    Quit,
}
