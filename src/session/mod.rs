//! The case, the commands that change it, its history, and background jobs.
//!
//! Knows no window, no command line and no single tool: the list of tools is handed in.

pub mod case;
pub mod command;
pub mod data;
mod difference;
pub mod edit;
pub mod history;
pub mod jobs;
pub mod log;
pub mod param;
mod plans;
mod run;
pub mod saved_view;
mod slice_view;
pub mod store;
mod view_look;

pub use case::{Case, Display, Node};
pub use command::{Command, CommandError, Step, Task, Tool, ToolEntry, entry};
pub use data::Data;
pub use difference::{Difference, Sameness, Volumes, differences, pairs};
pub use edit::{Change, Edit};
pub use history::{History, State};
pub use jobs::{JobReport, JobStatus};
pub use log::LogEntry;
pub use param::{Kind, NodeKind, ParamSpec};
pub use plans::{Counts, FlowTubes};
pub use run::{Outcome, Session};
pub use saved_view::{SavedView, ShownNode, ViewCamera};
pub use slice_view::SliceView;
pub use view_look::{ShownField, ViewLook};
