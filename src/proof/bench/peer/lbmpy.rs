//! lbmpy, the generator behind waLBerla, writes and compiles a kernel for a full box of the same size.

use super::{Answer, python};

/// Million cell updates a second of two relaxation times on D3Q19 in single precision, best of three, and the cells.
pub(crate) fn full_box(edge: usize) -> Result<Answer, String> {
    python("lbmpy", include_str!("lbmpy.py"), &[&edge.to_string()])
}
