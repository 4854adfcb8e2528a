//! The operating panel: what the hand holds, what acts on the organ, how the solver fares, and time.
//!
//! It only says what is wanted; the scene moves the organ and answers through [`OperationInfo`].

mod health;
mod marks;
mod panel;

pub use marks::marks_ui;
#[cfg(test)]
pub(super) use panel::{FASTENERS, TOOLS};

use crate::base::NodeId;
use crate::biomech::interactive::Health;
use crate::biomech::operation::Aimed;
use crate::geom::{Point, Vector};
use egui::Pos2;
use serde_json::{Value, json};

/// What the left button does on the organ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandTool {
    /// Turns the camera, everywhere.
    Look,
    /// Grasps and pulls.
    Grasp,
    /// Presses with a ball.
    Probe,
    /// Pushes with a rod.
    Retract,
    /// Cuts along the line that is drawn.
    Cut,
    /// Takes tissue away.
    Take,
    /// Joins two places.
    Fasten,
    /// Paints where the organ is held.
    Hold,
    /// Pushes a needle in.
    Needle,
}

/// What joins them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fastener {
    /// Pulls together.
    Thread,
    /// Holds apart, too.
    Staple,
    /// Brings both sides of a fold together.
    Clip,
}

/// What colours the organ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Its own colour; cut faces show the scan.
    Organ,
    /// How far it moved.
    Displacement,
    /// Von Mises stress.
    Stress,
    /// Largest principal strain.
    Strain,
}

/// Something to be done once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// One frame while the clock stands.
    Step,
    /// Begin anew, with the set-up as it is.
    Restart,
    /// Open a grasper.
    LetGo(usize),
    /// Take the instrument away.
    Withdraw,
    /// Take off a thread, staple or clip.
    Unfasten(usize),
    /// Cut along a surface of the case.
    CutAlong(NodeId),
    /// Keep what came of it in the case.
    Keep,
}

/// What the panel wants.
#[derive(Debug)]
pub struct Operate {
    /// The tetrahedra.
    pub mesh: NodeId,
    /// What the organ is made of and what holds it: parameters of `simulate.operate`.
    pub setup: Value,
    /// The set-up the organ in the scene has.
    pub begun: Value,
    /// What the left button does.
    pub tool: HandTool,
    /// Radius of jaws, ball, rod or bite, mm.
    pub radius_mm: f64,
    /// How deep the blade goes, mm.
    pub depth_mm: f64,
    /// How deep ball and rod are pressed in, mm.
    pub press_mm: f64,
    /// How deep the needle is pushed, mm.
    pub needle_mm: f64,
    /// Whether it aims at the crosshair; else along the line of sight.
    pub aims: bool,
    /// Force of puncture and of cutting, N, and friction, N/cm.
    pub needle_n: [f64; 3],
    /// What joins.
    pub fastener: Fastener,
    /// What a fastener leaves between its ends, mm.
    pub gap_mm: f64,
    /// The surface to cut along.
    pub along: Option<NodeId>,
    /// Whether graspers and instruments stay where the hand leaves them.
    pub stays: bool,
    /// Gas, mmHg.
    pub gas_mmhg: f64,
    /// How far the diaphragm moves, mm; 0 for none.
    pub breath_mm: f64,
    /// Breaths a minute.
    pub breaths_per_minute: f64,
    /// What colours the organ.
    pub colour: Colour,
    /// Whether the clock stands.
    pub paused: bool,
    /// The picture of the past that is shown, if any.
    pub shown: Option<usize>,
    /// Whether the past runs on from there by itself.
    pub replays: bool,
    /// What is to be done once.
    pub orders: Vec<Order>,
}

/// What is drawn over the scene at a place of the organ.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// Where, LPS mm.
    pub at: Point,
    /// Force on the tissue, N.
    pub force_n: Vector,
    /// The grasper it belongs to; `None` for the instrument.
    pub grasper: Option<usize>,
}

/// A thread, staple or clip as it is seen; a clip has many with one number.
#[derive(Debug, Clone, PartialEq)]
pub struct Seam {
    /// The number of what it belongs to.
    pub number: usize,
    /// Its ends, LPS mm.
    pub ends: [Point; 2],
    /// Force along it, N.
    pub tension_n: f64,
    /// Whether it is a staple.
    pub is_staple: bool,
}

/// What the scene says of the operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OperationInfo {
    /// Forces.
    pub marks: Vec<Mark>,
    /// The needle.
    pub needle: Option<Aimed>,
    /// Threads, staples and clips, in order.
    pub seams: Vec<Seam>,
    /// Places that were painted to hold it, where they are now.
    pub pins: Vec<Point>,
    /// The line of the blade or thread on the screen.
    pub blade: Vec<Pos2>,
    /// Largest force so far, N.
    pub peak_n: f64,
    /// How the solver fares.
    pub health: Option<Health>,
    /// Milliseconds a frame takes.
    pub took_ms: f64,
    /// Frames a second that were computed lately.
    pub rate_hz: f64,
    /// Pictures of the past.
    pub past: usize,
    /// Seconds of simulated time of the picture that is shown.
    pub time_s: f64,
    /// Tetrahedra.
    pub tets: usize,
    /// Things done.
    pub done: usize,
    /// Where frames are computed, and why, in a sentence.
    pub device: String,
    /// What stands in the way, or what goes on, in a sentence.
    pub note: Option<String>,
}

/// A force in words; next to nothing has no sign.
fn newtons(force_n: f64) -> String {
    let shown = if force_n.abs() < 0.005 { 0.0 } else { force_n };
    if shown.abs() < 10.0 { format!("{shown:.2} N") } else { format!("{shown:.1} N") }
}

impl Operate {
    /// The panel for the organ of `mesh`.
    pub fn new(mesh: NodeId) -> Self {
        let setup = json!({
            "hold": "posterior", "hold_part": 0.15, "hold_at": null, "hold_radius_mm": 12.0,
            "hold_touching": null, "touching_mm": 3.0, "position": null, "tilt_deg": 0.0, "bed_kpa_mm": 0.1,
            "tissue": null, "gas_mmhg": 0.0, "self_contact": false,
        });
        Self {
            mesh,
            begun: setup.clone(),
            setup,
            tool: HandTool::Grasp,
            radius_mm: 12.0,
            depth_mm: 40.0,
            press_mm: 6.0,
            needle_mm: 0.0,
            aims: true,
            needle_n: [0.5, 0.3, 0.15],
            fastener: Fastener::Thread,
            gap_mm: 2.0,
            along: None,
            stays: true,
            gas_mmhg: 0.0,
            breath_mm: 0.0,
            breaths_per_minute: 15.0,
            colour: Colour::Organ,
            paused: false,
            shown: None,
            replays: false,
            orders: Vec::new(),
        }
    }

    /// Places that were painted to hold the organ, LPS mm.
    pub fn held_at(&self) -> impl Iterator<Item = Point> + '_ {
        let number = |place: &Value, n: usize| place[n].as_f64().unwrap_or_default();
        let places = self.setup["hold_at"].as_array().into_iter().flatten();
        places.map(move |place| Point::new(number(place, 0), number(place, 1), number(place, 2)))
    }

    /// Hold the organ around a place of it at rest, too, from the next start on.
    pub fn hold_at(&mut self, place: [f64; 3]) {
        self.setup["hold_radius_mm"] = json!(self.radius_mm);
        let apart = |other: Point| 0.5 * self.radius_mm <= (other - Point::from(place)).norm();
        if self.held_at().all(apart) {
            match self.setup["hold_at"].as_array_mut() {
                Some(places) => places.push(json!(place)),
                None => self.setup["hold_at"] = json!([place]),
            }
        }
    }

    /// Begin anew.
    pub fn restart(&mut self) {
        self.begun = self.setup.clone();
        (self.gas_mmhg, self.breath_mm, self.paused) = (0.0, 0.0, false);
        (self.shown, self.replays, self.needle_mm) = (None, false, 0.0);
        self.orders.push(Order::Restart);
    }
}
