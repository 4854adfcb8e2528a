//! What the constants of a law may be.

/// A constant that no material has: which, its value, and what it may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bad {
    /// Which constant.
    pub name: &'static str,
    /// Its value.
    pub value: f64,
    /// What it may be.
    pub limit: &'static str,
}

fn finite_and(ok: bool, name: &'static str, value: f64, limit: &'static str) -> Result<(), Bad> {
    if ok && value.is_finite() { Ok(()) } else { Err(Bad { name, value, limit }) }
}

pub(super) fn above(name: &'static str, value: f64, least: f64, limit: &'static str) -> Result<(), Bad> {
    finite_and(least < value, name, value, limit)
}

pub(super) fn at_least(name: &'static str, value: f64, least: f64, limit: &'static str) -> Result<(), Bad> {
    finite_and(least <= value, name, value, limit)
}

pub(super) fn between(name: &'static str, value: f64, low: f64, high: f64, limit: &'static str) -> Result<(), Bad> {
    finite_and(low <= value && value <= high, name, value, limit)
}
