//! A vessel between two nodes: its shape and wall along the way, and how it resists the flow.

use super::error::{WavesError, finite, not_negative, positive, within};
use crate::flow::Fluid;
use std::f64::consts::PI;

/// Reference area and wall at a place along a vessel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Section {
    /// Distance from the begin of the vessel in m.
    pub at_m: f64,
    /// A₀ in m²: the area at the vessel's reference pressure.
    pub area_m2: f64,
    /// β in Pa m of p = p₀ + β/A₀ (√A − √A₀).
    pub beta_pa_m: f64,
}

impl Section {
    /// A thin elastic wall that keeps its volume: β = 4/3 √π E h, so that c² = 2 E h/(3 ρ r) at the reference area.
    pub fn elastic(at_m: f64, radius_m: f64, youngs_modulus_pa: f64, thickness_m: f64) -> Self {
        let beta_pa_m = 4.0 / 3.0 * PI.sqrt() * youngs_modulus_pa * thickness_m;
        Self { at_m, area_m2: PI * radius_m * radius_m, beta_pa_m }
    }

    /// A wall in which small waves run with `speed_m_s` at the reference area: β = 2 ρ c² √A₀.
    pub fn wave_speed(at_m: f64, radius_m: f64, speed_m_s: f64, fluid: &Fluid) -> Self {
        let area_m2 = PI * radius_m * radius_m;
        Self { at_m, area_m2, beta_pa_m: 2.0 * fluid.density_kg_m3 * speed_m_s * speed_m_s * area_m2.sqrt() }
    }

    /// Speed of small waves at the reference area in m/s.
    pub fn speed_m_s(&self, fluid: &Fluid) -> f64 {
        (self.beta_pa_m / (2.0 * fluid.density_kg_m3 * self.area_m2.sqrt())).sqrt()
    }
}

/// The shape of the velocity over a cross-section, u(ξ) = U (ζ + 2)/ζ (1 − (ξ/r)^ζ), and what is made of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// ζ: 2 for the parabola of steady flow, 9 for the blunt one of large arteries. Gives the friction.
    pub order: f64,
    /// α ≥ 1 of the momentum flux α Q²/A. Of the profile itself it would be (ζ + 2)/(ζ + 1); the waves of the benchmark
    /// of Boileau et al. 2015 are those of 1.
    pub momentum: f64,
}

impl Profile {
    /// Friction of the profile of this order, momentum flux Q²/A.
    pub fn of_order(order: f64) -> Self {
        Self { order, momentum: 1.0 }
    }
}

/// A loss of pressure along a stretch besides the friction of the profile: R Q + S Q|Q| in all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loss {
    /// Begin of the stretch in m.
    pub from_m: f64,
    /// Its end.
    pub to_m: f64,
    /// R in Pa s/m³.
    pub linear: f64,
    /// S in Pa s²/m⁶.
    pub quadratic: f64,
}

/// A vessel.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Its name; no two vessels share one.
    pub name: String,
    /// Nodes at its begin and end; flow is counted from the first to the second.
    pub nodes: [usize; 2],
    /// Length in m.
    pub length_m: f64,
    /// Area and wall at places in ascending order: radius and β are linear between them, constant beyond.
    pub sections: Vec<Section>,
    /// p₀ in Pa: the pressure at which the areas are A₀.
    pub reference_pressure_pa: f64,
    /// Velocity profile.
    pub profile: Profile,
    /// Losses besides friction.
    pub losses: Vec<Loss>,
}

impl Segment {
    /// A vessel of the same section all along.
    pub fn uniform(
        name: &str,
        nodes: [usize; 2],
        length_m: f64,
        section: Section,
        reference_pressure_pa: f64,
        profile: Profile,
    ) -> Self {
        let (name, sections, losses) = (name.to_string(), vec![section], Vec::new());
        Self { name, nodes, length_m, sections, reference_pressure_pa, profile, losses }
    }

    /// √A₀ in m and β/A₀ in Pa/m at a place.
    pub(super) fn wall(&self, at_m: f64) -> [f64; 2] {
        let right = self.sections.partition_point(|section| section.at_m < at_m);
        let (left, right) = (right.saturating_sub(1), right.min(self.sections.len() - 1));
        let (a, b) = (self.sections[left], self.sections[right]);
        let part = if left == right { 0.0 } else { (at_m - a.at_m) / (b.at_m - a.at_m) };
        let root = a.area_m2.sqrt() + part * (b.area_m2.sqrt() - a.area_m2.sqrt());
        let beta = a.beta_pa_m + part * (b.beta_pa_m - a.beta_pa_m);
        [root, beta / (root * root)]
    }

    /// Linear and quadratic loss per length over a stretch, in Pa s/m⁴ and Pa s²/m⁷.
    pub(super) fn loss(&self, from_m: f64, to_m: f64) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for loss in &self.losses {
            let common = (loss.to_m.min(to_m) - loss.from_m.max(from_m)).max(0.0);
            let part = common / (loss.to_m - loss.from_m) / (to_m - from_m);
            sums = [sums[0] + part * loss.linear, sums[1] + part * loss.quadratic];
        }
        sums
    }

    pub(super) fn check(&self) -> Result<(), WavesError> {
        let owner = format!("'{}'", self.name);
        positive(&owner, "the length", self.length_m)?;
        finite(&owner, "the reference pressure", self.reference_pressure_pa)?;
        let order = "from 2 (parabola) to 100";
        within(&owner, "the order of the velocity profile", self.profile.order, [2.0, 100.0], order)?;
        let momentum = "from 1 to 1.5";
        within(&owner, "the momentum coefficient", self.profile.momentum, [1.0, 1.5], momentum)?;
        if self.sections.is_empty() {
            return Err(WavesError::Topology(format!("{owner} has no section; give at least one")));
        }
        for section in &self.sections {
            finite(&owner, "the place of a section", section.at_m)?;
            positive(&owner, "the area of a section", section.area_m2)?;
            positive(&owner, "the stiffness of a section", section.beta_pa_m)?;
        }
        if let Some(pair) = self.sections.windows(2).find(|pair| pair[1].at_m <= pair[0].at_m) {
            let places = format!("at {} m after {} m", pair[1].at_m, pair[0].at_m);
            return Err(WavesError::Topology(format!("{owner} has a section {places}; sections must ascend")));
        }
        for loss in &self.losses {
            not_negative(&owner, "the place of a loss", loss.from_m)?;
            positive(&owner, "the length of a loss", loss.to_m - loss.from_m)?;
            not_negative(&owner, "a loss", loss.linear)?;
            not_negative(&owner, "a quadratic loss", loss.quadratic)?;
        }
        Ok(())
    }
}
