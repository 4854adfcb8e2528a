//! What can go wrong with a file, sorted by who can help.

use super::words;
use crate::base::Cancelled;
use std::path::{Path, PathBuf};

/// Why a file or folder could not be read. Every message is one sentence, the path last.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file is something else: the caller may try another reader.
    #[error("{what}: {}", path.display())]
    NotThisFormat {
        /// What was expected and found.
        what: String,
        /// The file.
        path: PathBuf,
    },
    /// The file is of this kind, but broken: a better copy is needed.
    #[error("{what}: {}", path.display())]
    Damaged {
        /// What is wrong, with the value and the limit.
        what: String,
        /// The file.
        path: PathBuf,
    },
    /// The file is in order, but uses something this program does not know.
    #[error("{what}: {}", path.display())]
    Unsupported {
        /// What is not supported, by name.
        what: String,
        /// The file.
        path: PathBuf,
    },
    /// The file wants more memory than this program grants.
    #[error("{what}: {}", path.display())]
    TooLarge {
        /// The size asked for and the limit.
        what: String,
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot read, {}: {}", words::of_system(source), path.display())]
    System {
        /// What the system said.
        source: std::io::Error,
        /// The file.
        path: PathBuf,
    },
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl ReadError {
    /// [`ReadError::NotThisFormat`] about `path`.
    pub fn not_this_format(path: &Path, what: impl Into<String>) -> Self {
        Self::NotThisFormat { what: what.into(), path: path.to_owned() }
    }

    /// [`ReadError::Damaged`] about `path`.
    pub fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into(), path: path.to_owned() }
    }

    /// [`ReadError::Unsupported`] about `path`.
    pub fn unsupported(path: &Path, what: impl Into<String>) -> Self {
        Self::Unsupported { what: what.into(), path: path.to_owned() }
    }

    /// [`ReadError::TooLarge`] about `path`.
    pub fn too_large(path: &Path, what: impl Into<String>) -> Self {
        Self::TooLarge { what: what.into(), path: path.to_owned() }
    }

    /// [`ReadError::System`] about `path`; a file that ends too early counts as damaged.
    pub fn system(path: &Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::damaged(path, "the file ends too early"),
            _ => Self::System { source, path: path.to_owned() },
        }
    }
}

/// Why a file could not be written. Every message is one sentence, the path last.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The data cannot be expressed in this format.
    #[error("{what}: {}", path.display())]
    Unsupported {
        /// What the format cannot hold.
        what: String,
        /// The file that was to be written.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot write, {}: {}", words::of_system(source), path.display())]
    System {
        /// What the system said.
        source: std::io::Error,
        /// The file.
        path: PathBuf,
    },
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl WriteError {
    /// [`WriteError::Unsupported`] about `path`.
    pub fn unsupported(path: &Path, what: impl Into<String>) -> Self {
        Self::Unsupported { what: what.into(), path: path.to_owned() }
    }

    /// [`WriteError::System`] about `path`.
    pub fn system(path: &Path, source: std::io::Error) -> Self {
        Self::System { source, path: path.to_owned() }
    }
}
