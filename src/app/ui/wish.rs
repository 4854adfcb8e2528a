//! What a panel may wish for: something of the program, or something of the window itself.

use super::audience::Watched;
use super::contract::{LostSession, Request};
use super::editor::Effect;
use super::fields::{FieldLook, VectorLook};
use super::layout::{Arrangement, Pane};
use super::pictures::PictureOrder;
use super::scenes::ScenesWish;
use super::settings::Setting;
use super::slice::{MouseTool, Turn};
use super::tour::TourWish;
use crate::base::i18n::Language;
use crate::base::{NodeId, StateId};
use crate::geom::{Orientation, Plane, Point};
use crate::session::{Command, Display, Step};
use serde_json::Value;

/// A dialog over the window.
#[derive(Debug, Clone, PartialEq)]
pub enum Dialog {
    /// What this program is and whose work it contains.
    About,
    /// All keys.
    Keys,
    /// What the user can set.
    Settings,
    /// What to compare the case with: one of these states, or a file.
    Compare(Vec<(StateId, String)>),
    /// There are unsaved changes; go on with the request?
    Unsaved(Request),
    /// A picture or film is wanted; of what, and how large?
    Picture(PictureOrder),
    /// These sessions ended without being saved; bring one back?
    Lost(Vec<LostSession>),
}

/// A thing in the slices that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// The lines where views cut each other.
    Crosshair,
    /// The slices in the 3D scene.
    InScene,
    /// Texts, letters and bars.
    Annotations,
    /// Segments over slices.
    Segments,
    /// Black and white swapped.
    Inverted,
    /// Left and right of the active slice view swapped.
    FlippedSides,
    /// Its top and bottom swapped.
    FlippedEnds,
    /// Measures in all views.
    Measures,
    /// Names in the 3D scene.
    Labels,
    /// Parallel lines of sight in the 3D views.
    Parallel,
    /// 3D views turn about the patient's long axis only.
    TiltLock,
}

/// What a panel answers with.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    /// Something only the program can do.
    Ask(Request),
    /// The same, but first ask about unsaved changes.
    Guarded(Request),
    /// Run a tool now if its parameters are complete, otherwise open its form.
    Launch {
        /// Id of the tool.
        tool: String,
        /// What is known of its parameters.
        params: Value,
    },
    /// Open the form of a tool.
    Form {
        /// Id of the tool.
        tool: String,
        /// What is known of its parameters.
        params: Value,
    },
    /// Open the segment editor on a segmentation, or on the newest.
    OpenEditor(Option<NodeId>),
    /// Close the segment editor.
    CloseEditor,
    /// Choose an effect of the segment editor; opens it where it is closed.
    Effect(Effect),
    /// Operate on the organ of a tetrahedral mesh, or on the selected or newest one.
    Operate(Option<NodeId>),
    /// Keep what came of the operation.
    KeepOperation,
    /// End the operation without keeping it.
    EndOperation,
    /// Show the flow of a tree of vessels live, of these centre lines or the selected or newest ones.
    Circulation(Option<NodeId>),
    /// Close that panel without keeping anything.
    EndCirculation,
    /// Open a plan, this one, the selected or the newest; a form for a new one where there is none.
    Plan(Option<NodeId>),
    /// Close the panel of a plan; the plan stays.
    EndPlan,
    /// Render a scan as a volume, this one or that of the slices, and open its panel; where that is open, close it.
    Volume(Option<NodeId>),
    /// Show or hide the rendered volume.
    ShowVolume,
    /// Make true what the mouse drew.
    ApplyStroke,
    /// A larger or a smaller brush.
    Brush(bool),
    /// The next segment of the list, or the one before.
    NextSegment(bool),
    /// Close the form.
    CloseForm,
    /// Open or close a step of the guided job.
    OpenStep(Step),
    /// Show an object in the inspector.
    Select(Option<NodeId>),
    /// Point all views at a place.
    Crosshair(Point),
    /// Show one view alone, or all again.
    Maximise(Pane),
    /// Arrange the views.
    Arrange(Arrangement),
    /// Show the view along a curve that was drawn.
    Along(NodeId),
    /// Window preset, counted from 0.
    WindowPreset(usize),
    /// Show every value.
    WindowFull,
    /// What the left button does.
    Tool(MouseTool),
    /// Turn something on or off.
    Flip(Switch),
    /// Hide everything that lies over the pictures, or bring back just what was shown.
    HideOverlays,
    /// Whole slices and the whole scene.
    ResetViews,
    /// Turn the views back to the patient's axes.
    Straighten,
    /// Turn the views to the axes of the scan they show.
    AlignWithScan,
    /// The next kind of slab in the active view or in all.
    NextSlab,
    /// Play the slices of the active view, or stop.
    PlaySlices,
    /// Play points in time of the scan that is shown, or stop.
    PlayPhases,
    /// Show a later point in time, or an earlier one.
    Phase(i64),
    /// A point in time where there are several, else a slice.
    Sideways(i64),
    /// Move the active slice view.
    Slice(i64),
    /// Zoom the active slice view.
    Zoom(f64),
    /// Start to rename an object.
    Rename(NodeId),
    /// Rename the selected object.
    RenameSelected,
    /// Take back the last point of what is being drawn, else remove the selected object.
    RemoveSelected,
    /// Hide or show the selected object.
    HideSelected,
    /// Show one object only; `None` shows all again.
    Isolate(Option<NodeId>),
    /// Show an object like this while something is dragged.
    Preview(NodeId, Display),
    /// Open a dialog.
    Dialog(Dialog),
    /// Order a picture or film.
    TakePicture,
    /// Keep the 3D view in the case, with a picture.
    KeepView,
    /// Keep a slice view as a key image: this one, or the one last touched.
    KeepSlice(Option<Orientation>),
    /// Travel to a saved view.
    GoToView(NodeId),
    /// Walk along centre lines, these or the selected or newest ones; where a walk goes on, end it.
    Walk(Option<NodeId>),
    /// Open the command palette.
    Palette,
    /// Let flow particles run or stand still; where there are none, reset the views.
    PlayOrReset,
    /// Speak another language.
    Language(Language),
    /// Size of everything, 1 is normal.
    Scale(f32),
    /// Change something the window remembers.
    Set(Setting),
    /// Give views titles to move them by, or take these away.
    MoveViews,
    /// Show a view that is not there.
    AddView(Pane),
    /// Show a view, or take it away where it is seen.
    ToggleView(Pane),
    /// Turn the three slice views together.
    Turn(Turn),
    /// The next scan of the case, or the one before.
    NextSeries(bool),
    /// All other objects of the scene faint; `None` shows all as they are.
    Ghost(Option<NodeId>),
    /// The page of recent and bundled cases, or back from it.
    Welcome,
    /// Show a field, by its name, like this.
    FieldLook(String, FieldLook),
    /// Show the vectors of results like this.
    Vectors(VectorLook),
    /// Cut surfaces at this slice, on the side that faces the viewer; `None` shows them whole.
    Cut(Option<Orientation>),
    /// Cut the other side away.
    FlipCut,
    /// Lay the cut into another plane, and the slices with it.
    MoveCut(Plane),
    /// The cut was moved by hand, from where slices were so.
    CutMoved(Option<Point>, Turn),
    /// Leave an object whole where others are cut, or cut it too.
    SpareFromCut(NodeId),
    /// Something about the guided tour.
    Tour(TourWish),
    /// Show this in the second window, and open that where it is closed.
    Watch(Watched),
    /// Something about the 3D views.
    Scenes(ScenesWish),
    /// Leave whatever is open.
    Escape,
}

impl Wish {
    /// Run `tool` with `params`.
    pub fn run(tool: &str, params: Value) -> Self {
        Self::Ask(Request::Run(Command::new(tool, params)))
    }
}
