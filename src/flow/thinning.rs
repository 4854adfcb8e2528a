//! Relaxation times of a fluid that thins: from the stress of a cell, which knows the rate of shear only together with
//! the relaxation time.
//!
//! ```text
//! γ̇ = |Π| / (√2 ρ c_s² τ)         τ = ½ + ν(γ̇)/c_s²         Π the second moment out of equilibrium, |Π|² = Π:Π
//! ```
//!
//! The second has one root, which is tabulated over |Π|/ρ once: a table of 16 places an octave, whose places are found from
//! the digits of a number in single precision.

use super::fluid::{Fluid, Thinning};
use super::lattice::CS2;
use super::units::Units;

/// Places of the table in every octave, as a power of two.
const PLACES_BITS: u32 = 4;
/// The table begins at 2 to this power and has so many octaves: below and above, the first and the last value hold.
const FIRST_POWER: i32 = -40;
const OCTAVES: usize = 42;
/// Places of the table.
const PLACES: usize = OCTAVES << PLACES_BITS;
/// Bits of a number in single precision after the leading one, less those that find a place.
const REST_BITS: u32 = 23 - PLACES_BITS;
/// Largest relaxation time: beyond it the lattice is no fluid any more.
const TAU_MAX: f64 = 1.5;

/// Relaxation times over |Π|/ρ.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Thinned {
    taus: Vec<f32>,
}

impl Thinned {
    /// The table of `fluid` on a lattice with `units`.
    pub fn new(fluid: &Fluid, units: &Units) -> Self {
        let taus = (0..=PLACES).map(|n| tau(fluid, units, place(n)) as f32).collect();
        Self { taus }
    }

    /// The relaxation time of a cell whose |Π|/ρ this is.
    #[inline(always)]
    pub fn tau(&self, moment: f32) -> f32 {
        if moment < place(0) {
            return self.taus[0];
        }
        if place(PLACES) <= moment {
            return self.taus[PLACES];
        }
        let bits = moment.to_bits();
        // What is no number finds the last place; the populations it comes from are noticed elsewhere.
        let at = ((bits >> REST_BITS) - (((FIRST_POWER + 127) as u32) << PLACES_BITS)).min(PLACES as u32 - 1);
        let part = (bits & ((1 << REST_BITS) - 1)) as f32 / (1 << REST_BITS) as f32;
        let (low, high) = (self.taus[at as usize], self.taus[at as usize + 1]);
        low + (high - low) * part
    }
}

/// What must be said of a fluid that would be thicker on a lattice with `units` than its relaxation times go.
pub(super) fn limit(fluid: &Fluid, units: &Units) -> Option<String> {
    let kinematic = CS2 * (TAU_MAX - 0.5) * units.cell_m * units.cell_m / units.step_s;
    let thickest = kinematic * fluid.density_kg_m3;
    let is_cut = fluid.thinning != Thinning::None && thickest < fluid.viscosity_at(0.0);
    is_cut.then(|| {
        format!(
            "where it hardly shears the fluid is taken to be {:.2} mPa s thick at most, the thickest on this lattice; a smaller Mach number allows more",
            1e3 * thickest
        )
    })
}

/// |Π|/ρ at a place of the table.
fn place(n: usize) -> f32 {
    let bits = (((FIRST_POWER + 127) as u32) << PLACES_BITS) + n as u32;
    f32::from_bits(bits << REST_BITS)
}

/// The relaxation time that fits to itself, by halving: what is left over falls as τ grows.
fn tau(fluid: &Fluid, units: &Units, moment: f32) -> f64 {
    let left = |tau: f64| {
        let rate = f64::from(moment) / (2.0_f64.sqrt() * CS2 * tau) / units.step_s;
        let kinematic = fluid.viscosity_at(rate) / fluid.density_kg_m3;
        tau - 0.5 - kinematic * units.step_s / (units.cell_m * units.cell_m) / CS2
    };
    let (mut low, mut high) = (0.5, TAU_MAX);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if left(middle) < 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(fluid: &Fluid) -> Units {
        Units::choose(fluid, 2e-4, 0.4, 0.1)
    }

    #[test]
    fn the_time_of_relaxation_belongs_to_the_rate_of_shear_it_gives() {
        let fluid = Fluid::thinning_blood();
        let units = units(&fluid);
        let table = Thinned::new(&fluid, &units);
        for power in -30..0 {
            let moment = 1.3 * 2.0_f32.powi(power);
            let tau = f64::from(table.tau(moment));
            let rate = f64::from(moment) / (2.0_f64.sqrt() * CS2 * tau) / units.step_s;
            let thinned = Fluid { viscosity_pa_s: fluid.viscosity_at(rate), ..Fluid::blood() };
            let expected = units.tau(&thinned).min(TAU_MAX);
            assert!((tau - expected).abs() < 2e-3 * (expected - 0.5) + 1e-6, "2^{power}: {tau} for {expected}");
        }
    }

    #[test]
    fn the_table_has_ends_and_no_steps() {
        let fluid = Fluid::thinning_blood();
        let table = Thinned::new(&fluid, &units(&fluid));
        let at_rest = f64::from(table.tau(0.0));
        assert!((0.5..=TAU_MAX).contains(&at_rest));
        assert_eq!((table.tau(1e-30), table.tau(1e30)), (table.tau(0.0), table.tau(8.0)));
        let moments = (0..4000).map(|n| 1e-9 * 1.005_f32.powi(n)).take_while(|moment| *moment < 1.0);
        let taus: Vec<f32> = moments.map(|moment| table.tau(moment)).collect();
        assert!(taus.windows(2).all(|pair| pair[1] <= pair[0] && pair[0] - pair[1] < 0.01), "thinner with shear");
    }
}
