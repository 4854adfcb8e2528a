//! The one list of things the user can do: a line here puts a tool into the menu, the palette, the command line,
//! scripts, the job list, the history and the help.

use crate::session::{ToolEntry, entry};

pub mod object_display;
pub mod object_remove;
pub mod object_rename;

/// All tools, in menu order.
pub const TOOLS: &[ToolEntry] = &[
    entry::<object_display::ObjectDisplay>(),
    entry::<object_rename::ObjectRename>(),
    entry::<object_remove::ObjectRemove>(),
];

/// The tool with this id.
pub fn find(id: &str) -> Option<&'static ToolEntry> {
    TOOLS.iter().find(|tool| tool.id == id)
}
