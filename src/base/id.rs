//! Typed ids, so that a node is never taken for a segment.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty), $letter:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }
    };
}

id!(
    /// A node of a case; never used twice in one case.
    NodeId(u32),
    "#"
);
id!(
    /// A segment of a label map: the value its voxels hold. 0 is background and no segment.
    SegmentId(u8),
    "s"
);
id!(
    /// A state in the history tree.
    StateId(u32),
    "@"
);
id!(
    /// A background run.
    JobId(u32),
    "j"
);
