//! The operating panel: what the hand holds, what acts on the organ, how the solver fares, and time.
//!
//! It only says what is wanted; the scene moves the organ and answers through [`OperationInfo`].

mod marks;
mod panel;

pub use marks::marks_ui;

use crate::base::NodeId;
use crate::biomech::interactive::Health;
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

/// What the scene says of the operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OperationInfo {
    /// Forces.
    pub marks: Vec<Mark>,
    /// The line of the blade on the screen.
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
    /// What stands in the way, or what goes on, in a sentence.
    pub note: Option<String>,
}

impl Operate {
    /// The panel for the organ of `mesh`.
    pub fn new(mesh: NodeId) -> Self {
        let setup = json!({
            "hold": "posterior", "hold_part": 0.15, "position": null, "tilt_deg": 0.0, "bed_kpa_mm": 0.1,
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

    /// Begin anew.
    pub fn restart(&mut self) {
        self.begun = self.setup.clone();
        (self.gas_mmhg, self.breath_mm, self.paused) = (0.0, 0.0, false);
        (self.shown, self.replays) = (None, false);
        self.orders.push(Order::Restart);
    }
}
