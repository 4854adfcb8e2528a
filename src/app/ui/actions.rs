//! The one table of what the window itself can do: a line here is in the menu, the palette, the keys and the key list.

use super::audience::Watched;
use super::camera::NamedView;
use super::contract::Request;
use super::editor::Effect;
use super::icons;
use super::keys::{KEYPAD_1, KEYPAD_3, KEYPAD_7};
use super::layout::{Arrangement, Pane};
use super::scenes::ScenesWish;
use super::settings::{Setting, ThemeChoice};
use super::slice::MouseTool;
use super::tour::TourWish;
use super::wish::{Dialog, Switch, Wish};
use crate::base::i18n::Language;
use crate::geom::Orientation;
use crate::geom::measure::Kind;
use egui::{Key, KeyboardShortcut, Modifiers};

/// Where an action stands in the menu bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// Cases and files.
    File,
    /// History and objects.
    Edit,
    /// What is seen.
    View,
    /// The 3D view: what is in it and where one stands.
    Scene,
    /// Slices: the mouse, the window, movements.
    Slices,
    /// Lengths, angles, regions, notes.
    Measures,
    /// Segments and the editor.
    Segments,
    /// Explanations.
    Help,
}

impl Menu {
    /// All menus in order, with their names.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::File, "File"),
        (Self::Edit, "Edit"),
        (Self::View, "View"),
        (Self::Scene, "3D"),
        (Self::Slices, "Slices"),
        (Self::Measures, "Measures"),
        (Self::Segments, "Segments"),
        (Self::Help, "Help"),
    ];
}

/// One thing the window can do.
#[derive(Debug)]
pub struct Action {
    /// What the menu says.
    pub name: &'static str,
    /// Its icon, may be empty.
    pub icon: &'static str,
    /// Where it stands.
    pub menu: Menu,
    /// Keys, the one shown first.
    pub keys: &'static [KeyboardShortcut],
    /// What it does.
    pub wish: Wish,
    /// Whether a line is drawn above it in the menu.
    pub separated: bool,
}

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

const ALT: Modifiers = Modifiers::ALT;
const ALT_SHIFT: Modifiers = Modifiers::ALT.plus(Modifiers::SHIFT);

/// The keys of a standard view: with Alt in the row of digits, alone on the keypad.
const fn towards(row: Key, pad: Key) -> [KeyboardShortcut; 2] {
    [key(ALT, row), key(NONE, pad)]
}

/// Those of the view from the other side.
const fn opposite(row: Key, pad: Key) -> [KeyboardShortcut; 3] {
    [key(ALT_SHIFT, row), key(CTRL, pad), key(Modifiers::SHIFT, pad)]
}

const fn look(view: NamedView) -> Wish {
    Wish::Ask(Request::Look(view))
}

const fn key(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(modifiers, key)
}

const fn action(
    menu: Menu,
    icon: &'static str,
    name: &'static str,
    keys: &'static [KeyboardShortcut],
    wish: Wish,
) -> Action {
    Action { name, icon, menu, keys, wish, separated: false }
}

const fn separated(mut action: Action) -> Action {
    action.separated = true;
    action
}

/// All actions in menu order.
pub static ACTIONS: &[Action] = {
    use Menu::{Edit, File, Help, Measures, Scene, Segments, Slices, View};
    &[
        action(
            File,
            icons::FOLDER_OPEN,
            "Open DICOM folder…",
            &[key(CTRL_SHIFT, Key::O)],
            Wish::Ask(Request::OpenFolderDialog),
        ),
        action(File, icons::FILE_IMPORT, "Open file…", &[key(CTRL, Key::O)], Wish::Ask(Request::OpenFileDialog)),
        action(File, icons::LUNGS, "Sample chest CT", &[], Wish::Ask(Request::LoadSample("chest"))),
        separated(action(File, icons::PLUS, "New case", &[key(CTRL, Key::N)], Wish::Guarded(Request::NewCase))),
        action(File, icons::DEVICE_FLOPPY, "Save case", &[key(CTRL, Key::S)], Wish::Ask(Request::SaveCase)),
        action(File, "", "Save case as…", &[key(CTRL_SHIFT, Key::S)], Wish::Ask(Request::SaveCaseAs)),
        separated(action(File, icons::FILE_REPORT, "Write report…", &[], Wish::Ask(Request::ReportDialog))),
        action(File, icons::CAMERA, "Picture or film…", &[key(NONE, Key::F12)], Wish::TakePicture),
        separated(action(File, icons::DOOR_EXIT, "Quit", &[key(CTRL, Key::Q)], Wish::Guarded(Request::Quit))),
        action(Edit, icons::ARROW_BACK_UP, "Undo", &[key(CTRL, Key::Z)], Wish::Ask(Request::Undo)),
        action(
            Edit,
            icons::ARROW_FORWARD_UP,
            "Redo",
            &[key(CTRL, Key::Y), key(CTRL_SHIFT, Key::Z)],
            Wish::Ask(Request::Redo),
        ),
        separated(action(Edit, icons::SCISSORS, "Operate on an organ", &[], Wish::Operate(None))),
        action(Edit, icons::GIT_BRANCH, "Flow of a tree of vessels", &[], Wish::Circulation(None)),
        action(Edit, icons::FOCUS_2, "Plan of the operation", &[], Wish::Plan(None)),
        action(Edit, icons::LAYOUT_COLUMNS, "Plans side by side", &[], Wish::ToggleView(Pane::Plans)),
        action(Edit, "", "Planned cut laid flat", &[], Wish::ToggleView(Pane::FlatCut)),
        action(Edit, "", "Distances along a planned path", &[], Wish::ToggleView(Pane::Depths)),
        action(Edit, "", "Keep what was operated", &[], Wish::KeepOperation),
        action(Edit, "", "End the operation", &[], Wish::EndOperation),
        separated(action(Edit, icons::PENCIL, "Rename object…", &[key(NONE, Key::F2)], Wish::RenameSelected)),
        action(Edit, icons::EYE, "Hide or show object", &[key(Modifiers::SHIFT, Key::H)], Wish::HideSelected),
        action(
            Edit,
            icons::TRASH,
            "Remove object",
            &[key(NONE, Key::Delete), key(NONE, Key::Backspace)],
            Wish::RemoveSelected,
        ),
        separated(action(
            Edit,
            icons::ADJUSTMENTS,
            "Settings…",
            &[key(CTRL, Key::Comma)],
            Wish::Dialog(Dialog::Settings),
        )),
        action(View, icons::LAYOUT_GRID, "Four views", &[key(CTRL, Key::Num1)], Wish::Arrange(Arrangement::FourUp)),
        action(
            View,
            icons::LAYOUT_SIDEBAR,
            "3D large",
            &[key(CTRL, Key::Num2)],
            Wish::Arrange(Arrangement::SceneLarge),
        ),
        action(
            View,
            icons::LAYOUT_BOARD,
            "Axial large",
            &[key(CTRL, Key::Num3)],
            Wish::Arrange(Arrangement::AxialLarge),
        ),
        action(View, icons::BOX, "3D alone", &[key(CTRL, Key::Num4)], Wish::Arrange(Arrangement::SceneOnly)),
        action(View, icons::STACK_2, "One slice alone", &[key(CTRL, Key::Num5)], Wish::Arrange(Arrangement::SliceOnly)),
        action(
            View,
            icons::LAYOUT_COLUMNS,
            "Three slices, also oblique",
            &[key(CTRL, Key::Num6)],
            Wish::Arrange(Arrangement::Slices),
        ),
        action(View, icons::COLUMNS_2, "Two 3D views", &[key(CTRL, Key::Num7)], Wish::Arrange(Arrangement::TwoScenes)),
        action(View, "", "Two scans, one slice each", &[], Wish::Arrange(Arrangement::TwoSlices)),
        action(View, "", "Two scans, three over three", &[], Wish::Arrange(Arrangement::ThreeOverThree)),
        action(View, icons::WIND, "Slices and plot", &[key(CTRL, Key::Num8)], Wish::Arrange(Arrangement::SlicesPlot)),
        action(View, icons::PENCIL, "Lecture", &[key(CTRL, Key::Num9)], Wish::Arrange(Arrangement::Lecture)),
        action(View, icons::GIT_BRANCH, "Along a vessel (curved)", &[], Wish::Arrange(Arrangement::Curved)),
        action(View, "", "Move views by their titles", &[], Wish::MoveViews),
        separated(action(
            View,
            icons::LAYOUT_SIDEBAR,
            "Side panels",
            &[key(NONE, Key::F9)],
            Wish::Set(Setting::SidePanels),
        )),
        action(View, "", "Left panel", &[], Wish::Set(Setting::LeftPanel)),
        action(View, "", "Right panel", &[], Wish::Set(Setting::RightPanel)),
        action(View, "", "Panel below the views", &[], Wish::Set(Setting::BottomPanel)),
        action(View, "", "Floating panels", &[], Wish::Set(Setting::FloatingPanels)),
        action(View, "", "Reset panels", &[], Wish::Set(Setting::ResetPanels)),
        separated(action(View, icons::FOCUS_2, "Reset views", &[key(NONE, Key::R)], Wish::ResetViews)),
        action(View, icons::PLAYER_PLAY, "Play or pause flow, else reset", &[key(NONE, Key::Space)], Wish::PlayOrReset),
        action(View, "", "Show all objects", &[], Wish::Isolate(None)),
        action(Scene, icons::BOX, "Volume rendering", &[key(Modifiers::SHIFT, Key::V)], Wish::Volume(None)),
        action(Scene, "", "Hide or show the rendered volume", &[], Wish::ShowVolume),
        separated(action(Scene, icons::CAMERA, "Keep this view", &[key(CTRL, Key::B)], Wish::KeepView)),
        action(Slices, icons::CAMERA, "Keep slice as key image", &[key(CTRL_SHIFT, Key::B)], Wish::KeepSlice(None)),
        action(Scene, icons::ROUTE, "Walk through a vessel or airway", &[], Wish::Walk(None)),
        separated(action(Scene, icons::LINK, "Link or unlink the 3D views", &[], Wish::Scenes(ScenesWish::Link))),
        action(Scene, icons::COLUMNS_2, "Compare with…", &[], Wish::Scenes(ScenesWish::AskCompare)),
        action(Scene, "", "End the comparison", &[], Wish::Scenes(ScenesWish::EndCompare)),
        separated(action(Scene, "", "Second window: 3D view", &[], Wish::Watch(Watched::Scene))),
        action(Scene, "", "Second window: four views", &[], Wish::Watch(Watched::FourUp)),
        action(Scene, "", "Second window: three slices", &[], Wish::Watch(Watched::Slices)),
        action(Scene, "", "Second window: axial slice", &[], Wish::Watch(Watched::Axial)),
        action(Scene, "", "Second window: coronal slice", &[], Wish::Watch(Watched::Coronal)),
        action(Scene, "", "Second window: sagittal slice", &[], Wish::Watch(Watched::Sagittal)),
        action(Scene, "", "Second window: along a vessel", &[], Wish::Watch(Watched::Curved)),
        action(Scene, "", "Second window: slices and plot", &[], Wish::Watch(Watched::Plot)),
        action(Scene, "", "Second window: 3D view and caption", &[], Wish::Watch(Watched::Lecture)),
        action(Scene, icons::DEVICE_DESKTOP, "Second window for an audience", &[], Wish::Ask(Request::SecondWindow)),
        separated(action(
            Scene,
            "",
            "Names in the 3D view",
            &[key(Modifiers::SHIFT, Key::L)],
            Wish::Flip(Switch::Labels),
        )),
        separated(action(Scene, icons::SCISSORS, "Cut at the axial slice", &[], Wish::Cut(Some(Orientation::Axial)))),
        action(Scene, "", "Cut at the coronal slice", &[], Wish::Cut(Some(Orientation::Coronal))),
        action(Scene, "", "Cut at the sagittal slice", &[], Wish::Cut(Some(Orientation::Sagittal))),
        action(Scene, "", "Cut the other side away", &[key(Modifiers::SHIFT, Key::X)], Wish::FlipCut),
        action(Scene, "", "No cut", &[], Wish::Cut(None)),
        separated(action(Scene, "", "Parallel projection", &[key(NONE, Key::O)], Wish::Flip(Switch::Parallel))),
        action(Scene, "", "Lock the tilt", &[key(Modifiers::SHIFT, Key::B)], Wish::Flip(Switch::TiltLock)),
        separated(action(Scene, "", "From the front", &towards(Key::Num1, KEYPAD_1), look(NamedView::Anterior))),
        action(Scene, "", "From the back", &opposite(Key::Num1, KEYPAD_1), look(NamedView::Posterior)),
        action(Scene, "", "From the patient's left", &towards(Key::Num3, KEYPAD_3), look(NamedView::Left)),
        action(Scene, "", "From the patient's right", &opposite(Key::Num3, KEYPAD_3), look(NamedView::Right)),
        action(Scene, "", "From above", &towards(Key::Num7, KEYPAD_7), look(NamedView::Superior)),
        action(Scene, "", "From below", &opposite(Key::Num7, KEYPAD_7), look(NamedView::Inferior)),
        separated(action(
            View,
            icons::MAXIMIZE,
            "Full screen",
            &[key(NONE, Key::F11), key(NONE, Key::F)],
            Wish::Ask(Request::ToggleFullscreen),
        )),
        separated(action(
            View,
            "",
            "Larger interface",
            &[key(CTRL, Key::Plus), key(CTRL, Key::Equals)],
            Wish::Set(Setting::ScaleStep(true)),
        )),
        action(View, "", "Smaller interface", &[key(CTRL, Key::Minus)], Wish::Set(Setting::ScaleStep(false))),
        action(View, "", "Interface at 100 %", &[key(CTRL, Key::Num0)], Wish::Scale(1.0)),
        action(View, "", "Interface at 125 %", &[], Wish::Scale(1.25)),
        action(View, "", "Interface at 150 %", &[], Wish::Scale(1.5)),
        action(View, "", "Interface at 200 %", &[], Wish::Scale(2.0)),
        separated(action(View, "", "Dark colours", &[], Wish::Set(Setting::Theme(ThemeChoice::Dark)))),
        action(View, "", "Light colours", &[], Wish::Set(Setting::Theme(ThemeChoice::Light))),
        action(View, "", "Colours as the system", &[], Wish::Set(Setting::Theme(ThemeChoice::System))),
        separated(action(Help, "", "Language: English", &[], Wish::Language(Language::English))),
        action(Help, "", "Language: 简体中文", &[], Wish::Language(Language::SimplifiedChinese)),
        action(
            Slices,
            icons::CONTRAST_2,
            "Drag changes the window",
            &[key(Modifiers::SHIFT, Key::W)],
            Wish::Tool(MouseTool::Window),
        ),
        action(
            Slices,
            icons::TARGET,
            "Drag moves the crosshair",
            &[key(NONE, Key::T)],
            Wish::Tool(MouseTool::Crosshair),
        ),
        action(
            Measures,
            icons::RULER_MEASURE,
            "Measure a length",
            &[key(NONE, Key::L)],
            Wish::Tool(MouseTool::Measure(Kind::Length)),
        ),
        action(Measures, "", "Measure along a line", &[], Wish::Tool(MouseTool::Measure(Kind::Polyline))),
        action(Measures, "", "Measure around a closed curve", &[], Wish::Tool(MouseTool::Measure(Kind::Curve))),
        action(
            Measures,
            "",
            "Measure a smooth curve and its curvature",
            &[],
            Wish::Tool(MouseTool::Measure(Kind::Spline)),
        ),
        action(Measures, "", "Measure along a surface", &[], Wish::Tool(MouseTool::Measure(Kind::Geodesic))),
        action(Measures, "", "Measure an angle", &[key(NONE, Key::A)], Wish::Tool(MouseTool::Measure(Kind::Angle))),
        action(Measures, "", "Measure a Cobb angle", &[], Wish::Tool(MouseTool::Measure(Kind::Cobb))),
        separated(action(
            Measures,
            "",
            "Measure a long and a short axis",
            &[],
            Wish::Tool(MouseTool::Measure(Kind::Bidirectional)),
        )),
        separated(action(Measures, "", "Measure in an ellipse", &[], Wish::Tool(MouseTool::Measure(Kind::Ellipse)))),
        action(Measures, "", "Measure in a rectangle", &[], Wish::Tool(MouseTool::Measure(Kind::Rectangle))),
        action(Measures, "", "Measure in a free-hand region", &[], Wish::Tool(MouseTool::Measure(Kind::Region))),
        separated(action(Measures, "", "Probe a point", &[], Wish::Tool(MouseTool::Measure(Kind::Point)))),
        action(Measures, "", "Draw an arrow with text", &[], Wish::Tool(MouseTool::Measure(Kind::Arrow))),
        action(Measures, "", "Write a text", &[], Wish::Tool(MouseTool::Measure(Kind::Text))),
        separated(action(Measures, icons::EYE, "Hide or show measures", &[], Wish::Flip(Switch::Measures))),
        separated(action(Segments, icons::PALETTE, "Segment editor", &[key(NONE, Key::S)], Wish::OpenEditor(None))),
        action(Segments, icons::CONTRAST_2, "No effect", &[key(NONE, Key::N)], Wish::Effect(Effect::Look)),
        action(Segments, icons::BRUSH, "Paint", &[key(NONE, Key::B)], Wish::Effect(Effect::Paint)),
        action(Segments, icons::ERASER, "Erase", &[key(NONE, Key::E)], Wish::Effect(Effect::Erase)),
        action(Segments, icons::LASSO, "Draw", &[key(NONE, Key::D)], Wish::Effect(Effect::Draw)),
        action(Segments, icons::SCISSORS, "Scissors", &[], Wish::Effect(Effect::Scissors)),
        separated(action(Segments, "", "Smaller brush", &[key(NONE, Key::OpenBracket)], Wish::Brush(false))),
        action(Segments, "", "Larger brush", &[key(NONE, Key::CloseBracket)], Wish::Brush(true)),
        action(Segments, "", "Next segment", &[key(NONE, Key::W)], Wish::NextSegment(true)),
        action(Segments, "", "Previous segment", &[key(NONE, Key::Q)], Wish::NextSegment(false)),
        separated(action(Slices, icons::CROSSHAIR, "Crosshair", &[key(NONE, Key::C)], Wish::Flip(Switch::Crosshair))),
        action(Slices, icons::PALETTE, "Segments on slices", &[key(NONE, Key::G)], Wish::Flip(Switch::Segments)),
        action(
            Slices,
            icons::STACK_3,
            "Slices in the 3D view",
            &[key(Modifiers::SHIFT, Key::S)],
            Wish::Flip(Switch::InScene),
        ),
        action(
            Slices,
            icons::INFO_CIRCLE,
            "Texts and scale bars",
            &[key(Modifiers::SHIFT, Key::T)],
            Wish::Flip(Switch::Annotations),
        ),
        action(
            Slices,
            icons::EYE,
            "Hide or show everything over the pictures",
            &[key(NONE, Key::X)],
            Wish::HideOverlays,
        ),
        action(Slices, "", "Invert", &[key(NONE, Key::I)], Wish::Flip(Switch::Inverted)),
        action(
            Slices,
            icons::FLIP_VERTICAL,
            "Flip left and right",
            &[key(NONE, Key::H)],
            Wish::Flip(Switch::FlippedSides),
        ),
        action(
            Slices,
            icons::FLIP_HORIZONTAL,
            "Flip top and bottom",
            &[key(NONE, Key::V)],
            Wish::Flip(Switch::FlippedEnds),
        ),
        separated(action(Slices, "", "Window: soft tissue", &[key(NONE, Key::Num1)], Wish::WindowPreset(0))),
        action(Slices, "", "Window: lung", &[key(NONE, Key::Num2)], Wish::WindowPreset(1)),
        action(Slices, "", "Window: liver", &[key(NONE, Key::Num3)], Wish::WindowPreset(2)),
        action(Slices, "", "Window: bone", &[key(NONE, Key::Num4)], Wish::WindowPreset(3)),
        action(Slices, "", "Window: brain", &[key(NONE, Key::Num5)], Wish::WindowPreset(4)),
        action(Slices, "", "Window: stroke", &[key(NONE, Key::Num6)], Wish::WindowPreset(5)),
        action(Slices, "", "Window: mediastinum", &[key(NONE, Key::Num7)], Wish::WindowPreset(6)),
        action(Slices, "", "Window: vessels", &[key(NONE, Key::Num8)], Wish::WindowPreset(7)),
        action(Slices, "", "Window: full range", &[key(NONE, Key::Num0)], Wish::WindowFull),
        separated(action(Slices, "", "Next slice", &[key(NONE, Key::ArrowUp)], Wish::Slice(1))),
        action(Slices, "", "Previous slice", &[key(NONE, Key::ArrowDown)], Wish::Slice(-1)),
        action(Slices, "", "Next point in time, or slice", &[key(NONE, Key::ArrowRight)], Wish::Sideways(1)),
        action(Slices, "", "Previous point in time, or slice", &[key(NONE, Key::ArrowLeft)], Wish::Sideways(-1)),
        action(Slices, "", "Ten slices on", &[key(Modifiers::SHIFT, Key::ArrowUp)], Wish::Slice(10)),
        action(Slices, "", "Ten slices back", &[key(Modifiers::SHIFT, Key::ArrowDown)], Wish::Slice(-10)),
        action(Slices, "", "Next series", &[key(NONE, Key::PageDown)], Wish::NextSeries(true)),
        action(Slices, "", "Previous series", &[key(NONE, Key::PageUp)], Wish::NextSeries(false)),
        action(Slices, "", "First slice", &[key(NONE, Key::Home)], Wish::Slice(i64::MIN / 2)),
        action(Slices, "", "Last slice", &[key(NONE, Key::End)], Wish::Slice(i64::MAX / 2)),
        action(Slices, icons::PLAYER_PLAY, "Play slices or stop", &[key(NONE, Key::P)], Wish::PlaySlices),
        action(
            Slices,
            icons::PLAYER_PLAY,
            "Play points in time or stop",
            &[key(Modifiers::SHIFT, Key::P)],
            Wish::PlayPhases,
        ),
        action(Slices, "", "Next kind of slab: MIP, MinIP, mean, sum, off", &[key(NONE, Key::M)], Wish::NextSlab),
        action(Slices, "", "Turn views back to the patient's axes", &[], Wish::Straighten),
        action(Slices, "", "Align with the scan", &[], Wish::AlignWithScan),
        action(Slices, "", "Larger", &[key(NONE, Key::Plus), key(NONE, Key::Equals)], Wish::Zoom(1.25)),
        action(Slices, "", "Smaller", &[key(NONE, Key::Minus)], Wish::Zoom(0.8)),
        action(Help, icons::SEARCH, "Find a command…", &[key(CTRL, Key::K), key(CTRL, Key::P)], Wish::Palette),
        action(
            Help,
            icons::KEYBOARD,
            "Keys",
            &[key(Modifiers::SHIFT, Key::Questionmark), key(NONE, Key::F1)],
            Wish::Dialog(Dialog::Keys),
        ),
        separated(action(Help, icons::FLAG, "Guided tour", &[], Wish::Tour(TourWish::Start))),
        action(Help, icons::FOLDER_OPEN, "Welcome page", &[], Wish::Welcome),
        action(Help, icons::INFO_CIRCLE, "About prosector", &[], Wish::Dialog(Dialog::About)),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things() {
        let keys: Vec<&KeyboardShortcut> = ACTIONS.iter().flat_map(|action| action.keys).collect();
        for (place, key) in keys.iter().enumerate() {
            assert!(!keys[..place].contains(key), "{key:?} is used twice");
        }
    }

    #[test]
    fn names_are_unique_and_in_sentence_case() {
        for (place, action) in ACTIONS.iter().enumerate() {
            assert!(ACTIONS[..place].iter().all(|other| other.name != action.name), "{}", action.name);
            assert!(action.name.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()), "{}", action.name);
        }
    }
}
