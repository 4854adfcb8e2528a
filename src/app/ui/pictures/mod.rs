//! Pictures and films for slides, papers and reports: what is wanted of them.

mod board;
mod dialog;
mod stage;

pub use board::Board;
pub use dialog::pictures_ui;
pub use stage::Stage;

use super::contract::SceneInfo;
use super::operate::marks_ui;
use super::scene_view;
use super::slice::shadowed;
use super::theme;
use super::walk::WalkTrack;
use crate::base::i18n::tr;
use crate::io::film::FilmFormat;
use crate::session::saved_view::PICTURE_SIDE_MAX;
use egui::{Align2, Color32, FontId, Rect, Ui, Vec2};

/// What is pictured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Motif {
    /// The 3D view as it stands.
    #[default]
    Scene,
    /// The 3D view, turned once about the patient's long axis.
    Turntable,
    /// The 3D view while flow particles run.
    Flow,
    /// The 3D view while an operation is done again.
    Operation,
    /// The 3D view while an organ goes from rest to where its load brings it, and back.
    Load,
    /// The 3D view over a beat of pulsating flow.
    Beat,
    /// The 3D view on a walk along centre lines, from end to end.
    Walk,
    /// A slice view, drawn anew at the size of the picture.
    Slice,
    /// The view along a vessel, drawn anew.
    Curved,
    /// All views as they stand beside each other, drawn anew.
    Views,
    /// A slice view scrolled from its first slice to its last.
    Scroll,
    /// A slice view through the scans of the same grid: points in time, phases, sequences.
    Times,
    /// The whole window with its panels.
    Window,
}

impl Motif {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Scene,
        Self::Turntable,
        Self::Flow,
        Self::Operation,
        Self::Load,
        Self::Beat,
        Self::Walk,
        Self::Slice,
        Self::Curved,
        Self::Views,
        Self::Scroll,
        Self::Times,
        Self::Window,
    ];

    /// What a person reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scene => tr("picture-scene"),
            Self::Turntable => tr("picture-turntable"),
            Self::Flow => tr("picture-flow"),
            Self::Operation => tr("picture-operation"),
            Self::Load => tr("picture-load"),
            Self::Beat => tr("picture-beat"),
            Self::Walk => tr("picture-walk"),
            Self::Slice => tr("picture-slice"),
            Self::Curved => tr("picture-curved"),
            Self::Views => tr("picture-views"),
            Self::Scroll => tr("picture-scroll"),
            Self::Times => tr("picture-times"),
            Self::Window => tr("picture-whole"),
        }
    }

    /// Whether it moves.
    pub fn is_film(self) -> bool {
        self.is_of_simulation()
            || matches!(self, Self::Turntable | Self::Flow | Self::Walk | Self::Scroll | Self::Times)
    }

    /// Whether what was simulated moves in it.
    pub fn is_of_simulation(self) -> bool {
        matches!(self, Self::Operation | Self::Load | Self::Beat)
    }

    /// Whether it shows slices and nothing that a graphics card draws.
    pub fn is_of_slices(self) -> bool {
        matches!(self, Self::Slice | Self::Curved | Self::Scroll | Self::Times)
    }
}

/// What lies behind the scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ground {
    /// The dark ground of the window.
    #[default]
    AsShown,
    /// Black, as radiology views.
    Black,
    /// White, for print.
    White,
    /// Nothing: the picture can be laid over a slide.
    Transparent,
}

impl Ground {
    /// All of them with what a person reads.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::AsShown, "as shown"),
        (Self::Black, "black"),
        (Self::White, "white"),
        (Self::Transparent, "transparent"),
    ];
}

/// How large a picture is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PictureSize {
    /// So many times the pixels of the screen.
    Screen(f32),
    /// So wide on paper, at 300 dots per inch.
    Print {
        /// Its width on paper.
        width_mm: f32,
    },
}

/// Dots per inch of printed pictures.
pub const PRINT_DPI: f64 = 300.0;
/// Pixels of a picture along its longer side, at most: what every adapter can draw.
pub const SIDE_MAX: f64 = 8192.0;

impl PictureSize {
    /// The pixels of a picture of a view of `pane` points; the longer side is cut to [`SIDE_MAX`], keeping the shape.
    pub fn pixels(self, pane: Vec2, pixels_per_point: f32) -> [usize; 2] {
        let [width, height] = [pane.x, pane.y].map(|points| f64::from((points * pixels_per_point).max(1.0)));
        let factor = match self {
            Self::Screen(factor) => f64::from(factor),
            Self::Print { width_mm } => f64::from(width_mm) / 25.4 * PRINT_DPI / width,
        };
        let factor = factor.min(SIDE_MAX / width.max(height));
        [width, height].map(|pixels| ((pixels * factor).round() as usize).max(1))
    }
}

/// A picture or film that is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureOrder {
    /// Of what.
    pub motif: Motif,
    /// How large.
    pub size: PictureSize,
    /// On what ground.
    pub ground: Ground,
    /// Whether letters, scale bar and legends are drawn into it.
    pub texts: bool,
    /// Seconds a film lasts.
    pub seconds: f32,
    /// Pictures a second of a film.
    pub fps: f32,
    /// Degrees a turntable turns.
    pub degrees: f32,
    /// Degrees the camera turns while a simulation is filmed.
    pub turn_beside: f32,
    /// How a film is stored; one PNG file for each picture if `None`.
    pub film: Option<FilmFormat>,
    /// A still is stored as WebP instead of PNG.
    pub webp: bool,
    /// The walk that can be filmed, if one goes on.
    pub walk: Option<WalkTrack>,
    /// The views that can be pictured beside the scene.
    pub stage: Stage,
}

impl Default for PictureOrder {
    fn default() -> Self {
        Self {
            motif: Motif::default(),
            size: PictureSize::Screen(2.0),
            ground: Ground::default(),
            texts: true,
            seconds: 6.0,
            fps: 12.0,
            degrees: 360.0,
            turn_beside: 0.0,
            film: Some(FilmFormat::Gif),
            webp: false,
            walk: None,
            stage: Stage::default(),
        }
    }
}

impl PictureOrder {
    /// Along this walk, if one goes on; without one a walk cannot be filmed.
    pub fn walks(&mut self, walk: Option<WalkTrack>) {
        if walk.is_none() && self.motif == Motif::Walk {
            self.motif = Motif::Scene;
        }
        self.walk = walk;
    }

    /// Of these views; what they do not show cannot be pictured.
    pub fn stands_before(&mut self, stage: Stage) {
        self.stage = stage;
        if self.why_not(Some(Vec2::ZERO)).is_some() && self.motif != Motif::Walk {
            self.motif = Motif::Scene;
        }
    }

    /// The size in points of what is pictured, if it is on the screen; `scene` is that of the 3D view.
    pub fn pane(&self, scene: Option<Vec2>) -> Option<Vec2> {
        match self.motif {
            Motif::Slice | Motif::Scroll | Motif::Times => self.stage.slice.map(|(_, size)| size),
            Motif::Curved => self.stage.curved,
            Motif::Views => self.stage.all,
            Motif::Scene | Motif::Turntable | Motif::Flow | Motif::Walk | Motif::Window => scene,
            Motif::Operation | Motif::Load | Motif::Beat => scene,
        }
    }

    /// Why there is no picture of its motif, if there is none; flow and walks are not looked at.
    fn why_not(&self, scene: Option<Vec2>) -> Option<&'static str> {
        match self.motif {
            Motif::Window => None,
            Motif::Times if self.stage.times < 2 => Some(tr("picture-no-times")),
            Motif::Operation if self.stage.operation.is_none() => Some(tr("picture-no-operation")),
            Motif::Load if self.stage.load.is_none() => Some(tr("picture-no-load")),
            Motif::Beat if self.stage.beat.is_none() => Some(tr("picture-no-beat")),
            _ if self.pane(scene).is_some() => None,
            Motif::Slice | Motif::Scroll | Motif::Times => Some(tr("picture-no-slice")),
            Motif::Curved => Some(tr("picture-no-curved")),
            Motif::Views => Some(tr("picture-no-views")),
            Motif::Scene | Motif::Turntable | Motif::Flow | Motif::Walk => Some(tr("picture-no-scene")),
            Motif::Operation | Motif::Load | Motif::Beat => Some(tr("picture-no-scene")),
        }
    }

    /// A picture to keep with a view of `pane` points: its longer side has as many pixels as views keep.
    pub fn key_image(pane: Vec2, pixels_per_point: f32) -> Self {
        let longer = pane.x.max(pane.y) * pixels_per_point;
        // Rounding up would make it a pixel too wide.
        let size = PictureSize::Screen((PICTURE_SIDE_MAX as f32 - 0.5) / longer.max(1.0));
        Self { size, ..Self::default() }
    }

    /// Degrees the camera turns over the film.
    pub fn turn(&self) -> f32 {
        match self.motif {
            Motif::Turntable => self.degrees,
            motif if motif.is_of_simulation() => self.turn_beside,
            _ => 0.0,
        }
    }

    /// Seconds that what it shows took, where that is told.
    pub fn lasted_s(&self) -> Option<f64> {
        match self.motif {
            Motif::Operation => self.stage.operation.map(|(_, seconds)| seconds),
            Motif::Beat => self.stage.beat.map(|(_, seconds)| seconds),
            _ => None,
        }
    }

    /// How many pictures it takes.
    pub fn frames(&self) -> usize {
        if self.motif.is_film() { ((self.seconds * self.fps).round() as usize).clamp(2, 3600) } else { 1 }
    }

    /// The ending of the file.
    pub fn ending(&self) -> &'static str {
        let still = if self.webp && !self.motif.is_film() { "webp" } else { "png" };
        self.film.filter(|_| self.motif.is_film()).map_or(still, FilmFormat::ending)
    }

    /// What the file is, in a word or two.
    pub fn kind(&self) -> &'static str {
        let still = if self.webp && !self.motif.is_film() { "WebP" } else { "PNG" };
        self.film.filter(|_| self.motif.is_film()).map_or(still, FilmFormat::name)
    }
}

/// Draw what belongs over a picture of the scene: letters, scale bar, legends, and what it is not for.
pub fn scene_texts_ui(ui: &mut Ui, rect: Rect, scene: &SceneInfo) {
    scene_view::texts(ui, rect, scene);
    if let Some(operation) = &scene.operation {
        marks_ui(ui, rect, &scene.camera, operation);
    }
    if let Some(moment) = scene.said_of_motion() {
        let at = rect.center_bottom() - Vec2::new(0.0, 34.0);
        shadowed(&ui.painter_at(rect), at, Align2::CENTER_BOTTOM, moment, theme::semibold(13.0), theme::STRONG);
    }
    // Pictures go where no manual goes. Below the letter at the upper edge, which it would cover in a narrow view.
    let at = rect.left_top() + Vec2::new(8.0, 28.0);
    let colour = Color32::from_gray(190);
    shadowed(&ui.painter_at(rect), at, Align2::LEFT_TOP, tr("picture-purpose"), FontId::proportional(9.5), colour);
    debug_assert!(theme::is_ready(ui.ctx()), "letters need their fonts");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_print_is_as_wide_as_asked_at_300_dots_an_inch() {
        let [width, height] = PictureSize::Print { width_mm: 127.0 }.pixels(Vec2::new(600.0, 400.0), 1.5);
        assert_eq!([width, height], [1500, 1000], "127 mm are 5 inches");
        assert_eq!(PictureSize::Screen(2.0).pixels(Vec2::new(600.0, 400.0), 1.5), [1800, 1200]);
    }

    #[test]
    fn no_picture_is_larger_than_adapters_draw_and_none_is_empty() {
        let [width, height] = PictureSize::Print { width_mm: 2000.0 }.pixels(Vec2::new(500.0, 1000.0), 1.0);
        assert_eq!([width, height], [4096, 8192]);
        assert_eq!(PictureSize::Screen(1.0).pixels(Vec2::ZERO, 1.0), [1, 1]);
    }

    #[test]
    fn the_picture_of_a_view_is_as_large_as_views_keep() {
        for pane in [Vec2::new(600.0, 400.0), Vec2::new(333.3, 777.7), Vec2::new(2500.0, 1300.0), Vec2::new(1.0, 1.0)] {
            let size = PictureOrder::key_image(pane, 1.25).size.pixels(pane, 1.25);
            let longer = size[0].max(size[1]);
            assert!((1023..=1024).contains(&longer), "{size:?}");
        }
    }

    #[test]
    fn a_film_has_as_many_pictures_as_its_seconds_take() {
        let film = PictureOrder { motif: Motif::Turntable, seconds: 4.0, fps: 15.0, ..PictureOrder::default() };
        assert_eq!((film.frames(), film.ending()), (60, "gif"));
        let series = PictureOrder { film: None, ..film.clone() };
        assert_eq!((series.ending(), PictureOrder::default().frames()), ("png", 1));
    }

    #[test]
    fn a_picture_of_something_that_moves_says_when_it_is_or_how_fast() {
        let mut scene = SceneInfo { note: Some("particles 20 times slower".into()), ..SceneInfo::default() };
        assert_eq!(scene.said_of_motion(), None, "nothing runs");
        scene.particles_playing = Some(true);
        assert_eq!(scene.said_of_motion(), Some("particles 20 times slower"));
        scene.moment = Some("0.3 s".into());
        assert_eq!(scene.said_of_motion(), Some("0.3 s"));
    }

    #[test]
    fn the_camera_stands_still_beside_a_simulation_unless_it_is_to_turn() {
        let of = |motif| PictureOrder { motif, degrees: 360.0, turn_beside: 90.0, ..PictureOrder::default() };
        for motif in Motif::ALL {
            let turn =
                if motif == Motif::Turntable { 360.0 } else { 90.0 * f32::from(u8::from(motif.is_of_simulation())) };
            assert_eq!(of(motif).turn(), turn, "{motif:?}");
            assert!(motif.is_film() || turn == 0.0);
        }
        assert_eq!(PictureOrder { motif: Motif::Load, ..PictureOrder::default() }.turn(), 0.0);
    }
}
