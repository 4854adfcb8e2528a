//! Numbers that a collision is computed with: one cell's, or those of as many cells as the processor's vectors hold.
//!
//! Explicit vectors rather than loops that the compiler may turn into some: nineteen arrays of sixteen numbers are more
//! than it keeps in registers on its own.

use super::links::LANES;
use pulp::Simd;
use std::ops::{Add, Mul, Sub};

/// One number per cell.
pub(super) trait Number: Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> {
    /// The same `value` for all cells.
    fn splat(self, value: f32) -> Self;

    /// `self · b + c`, rounded once: one instruction on every processor of the last ten years.
    fn fma(self, b: Self, c: Self) -> Self;

    /// `c − self · b`, rounded once.
    fn negated_fma(self, b: Self, c: Self) -> Self;

    /// 1 over it.
    fn inverse(self) -> Self;

    /// Its square root.
    fn sqrt(self) -> Self;

    /// `f` of every cell's, one after the other: for what vectors cannot do.
    fn each(self, f: impl Fn(f32) -> f32) -> Self;
}

impl Number for f32 {
    #[inline(always)]
    fn splat(self, value: f32) -> Self {
        value
    }

    #[inline(always)]
    fn fma(self, b: Self, c: Self) -> Self {
        self.mul_add(b, c)
    }

    #[inline(always)]
    fn negated_fma(self, b: Self, c: Self) -> Self {
        (-self).mul_add(b, c)
    }

    #[inline(always)]
    fn inverse(self) -> Self {
        1.0 / self
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }

    #[inline(always)]
    fn each(self, f: impl Fn(f32) -> f32) -> Self {
        f(self)
    }
}

/// The numbers of [`Simd::F32_LANES`] cells.
#[derive(Clone, Copy)]
pub(super) struct Vector<S: Simd> {
    pub simd: S,
    pub values: S::f32s,
}

impl<S: Simd> Vector<S> {
    #[inline(always)]
    fn with(self, values: S::f32s) -> Self {
        Self { values, ..self }
    }
}

impl<S: Simd> Add for Vector<S> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.with(self.simd.add_f32s(self.values, other.values))
    }
}

impl<S: Simd> Sub for Vector<S> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.with(self.simd.sub_f32s(self.values, other.values))
    }
}

impl<S: Simd> Mul for Vector<S> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.with(self.simd.mul_f32s(self.values, other.values))
    }
}

impl<S: Simd> Number for Vector<S> {
    #[inline(always)]
    fn splat(self, value: f32) -> Self {
        self.with(self.simd.splat_f32s(value))
    }

    #[inline(always)]
    fn fma(self, b: Self, c: Self) -> Self {
        self.with(self.simd.mul_add_f32s(self.values, b.values, c.values))
    }

    #[inline(always)]
    fn negated_fma(self, b: Self, c: Self) -> Self {
        self.with(self.simd.negate_mul_add_f32s(self.values, b.values, c.values))
    }

    #[inline(always)]
    fn inverse(self) -> Self {
        self.with(self.simd.div_f32s(self.simd.splat_f32s(1.0), self.values))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.with(self.simd.sqrt_f32s(self.values))
    }

    #[inline(always)]
    fn each(self, f: impl Fn(f32) -> f32) -> Self {
        let mut lanes = [0.0; LANES];
        S::as_mut_simd_f32s(&mut lanes).0[0] = self.values;
        for lane in &mut lanes[..S::F32_LANES] {
            *lane = f(*lane);
        }
        self.with(S::as_simd_f32s(&lanes).0[0])
    }
}
