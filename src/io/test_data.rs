//! Where the project's test data is, if it is here: beside the sources, never part of them.

use std::path::{Path, PathBuf};

/// `name` in `$PROSECTOR_DATA` or in `../shared/data` beside the sources, if it is there.
pub fn folder(name: &str) -> Option<PathBuf> {
    let set = std::env::var_os("PROSECTOR_DATA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    [set, Some(beside)].into_iter().flatten().map(|folder| folder.join(name)).find(|path| path.exists())
}
