//! What the solver says of itself after every frame.

use std::fmt;

/// How a frame went. Plain numbers, cheap to copy.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Health {
    /// Frames since the body was made or reset.
    pub steps: u64,
    /// Simulated time, s.
    pub time_s: f64,
    /// Kinetic energy, J.
    pub kinetic_j: f64,
    /// Elastic energy, J.
    pub elastic_j: f64,
    /// Norm of the forces that the frame left out of balance, inertia included, over that of the forces that act.
    pub residual: f64,
    /// Conjugate gradient iterations.
    pub iterations: usize,
    /// What they left of the linear residual, 1 at their start.
    pub linear_residual: f64,
    /// The most compressed tetrahedron and its volume over rest volume J.
    pub worst_element: (u32, f32),
    /// Tetrahedra turned inside out.
    pub inverted: usize,
    /// Contacts with tools.
    pub contacts: usize,
    /// Deepest of them, mm: what penalty springs leave.
    pub depth_mm: f64,
    /// Vertices pressed by other parts of the body.
    pub self_contacts: usize,
    /// Deepest vertex inside another part, mm.
    pub self_depth_mm: f64,
    /// What the user should know, the most important first.
    pub note: Option<Note>,
}

impl Health {
    /// Whether the frame is as good as any: nothing inside out, nothing to say.
    pub fn is_good(&self) -> bool {
        self.inverted == 0 && self.note.is_none()
    }
}

/// One sentence about a frame, the worst first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Note {
    /// An input was not a number and was left out.
    BadInput,
    /// No finite answer: the body was stopped where it was.
    TakenBack,
    /// The step was shortened to this share because it raised the energy.
    Shortened {
        /// Share of the step that was taken.
        share: f64,
    },
    /// A tool or grasper is faster than the tissue can follow; it is this far behind the hand.
    HeldBack {
        /// How far, mm.
        behind_mm: f64,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadInput => write!(f, "an input that is not a finite number was left out"),
            Self::TakenBack => write!(f, "the load is too large for a finite answer; the body was stopped"),
            Self::Shortened { share } => write!(f, "the step was shortened to {:.1} %", 100.0 * share),
            Self::HeldBack { behind_mm } => {
                write!(
                    f,
                    "the instrument is {behind_mm:.1} mm behind the hand, which moves faster than tissue can follow"
                )
            }
        }
    }
}
