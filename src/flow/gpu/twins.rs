//! What the shaders and this program both know, number by number in the same order.

use super::super::womersley::HARMONICS;
use bytemuck::{Pod, Zeroable};

/// Bytes between the parameters of two steps: what every card can begin a uniform buffer at.
pub(super) const PARAMS_BYTES: u64 = 256;

/// Twin of `Params` in shaders/flow/lattice.wgsl, which says what they are.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Params {
    pub cells: u32,
    pub inner: u32,
    pub stride: u32,
    pub odd: u32,
    pub reads: u32,
    pub outlets: u32,
    pub first: u32,
    pub count: u32,
    pub share: f32,
    pub tau: f32,
    pub eddy: f32,
    pub omega_plus: f32,
    pub omega_minus: f32,
    pub force: [f32; 3],
    /// Real and imaginary parts.
    pub turns: [[f32; 2]; HARMONICS],
    /// Up to [`PARAMS_BYTES`].
    pub rest: [f32; 8],
}

const _: () = assert!(size_of::<Params>() as u64 == PARAMS_BYTES);

/// What an opening is: see `Opening` in shaders/flow/openings.wgsl.
pub(super) mod kind {
    pub const HELD: u32 = 0;
    pub const CARRYING: u32 = 1;
    pub const PULSATING: u32 = 2;
    pub const INLET: u32 = 3;
    pub const HARMONIC: u32 = 4;
}

/// Twin of `Opening` in shaders/flow/openings.wgsl, which says what they are.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Opening {
    pub kind: u32,
    pub first_patch: u32,
    pub patches: u32,
    pub first_cell: u32,
    pub cells: u32,
    pub normal: [f32; 3],
    pub area: f32,
    pub rho: f32,
    pub rho_next: f32,
    pub forget: f32,
    pub asked: f32,
    pub now: f32,
    /// Numbers that are kept as two: rounded, and what that left.
    pub steer: [f32; 2],
    pub mean: [f32; 2],
    pub outflow: f32,
    pub total: [f32; 2],
    pub slowest: f32,
    pub missing: f32,
    pub looks: f32,
    pub looks_max: f32,
}

/// Twin of `Vessel` in shaders/flow/openings.wgsl, which says what they are.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Vessel {
    pub share: f32,
    pub leak: f32,
    pub proximal: f32,
    pub base: f32,
    pub behind: [f32; 2],
    pub flow: f32,
    pub density: f32,
    pub reference: f32,
}

/// A number as two of single precision.
pub(super) fn split(x: f64) -> [f32; 2] {
    let rounded = x as f32;
    [rounded, (x - f64::from(rounded)) as f32]
}

/// The number that two of single precision are.
pub(super) fn joined([rounded, left]: [f32; 2]) -> f64 {
    f64::from(rounded) + f64::from(left)
}
