//! Everything a person sees and touches, as egui functions: data in, wishes out. Knows no Bevy and does no work.
//!
//! [`Workspace`] keeps what belongs to the window only (layout, crosshair, open forms). It is shown once a frame with
//! an [`AppView`] of the case and answers with a [`UiOutput`]: requests, and the place where the 3D scene belongs.

pub mod camera;
mod contract;
mod workspace;

pub use camera::{NamedView, OrbitCamera};
pub use contract::{AppView, Legend, Message, Messages, Picked, Request, SceneInfo, ScenePane, Tone, UiOutput};
pub use workspace::Workspace;
