//! Problems with known answers.

pub mod shapes;
