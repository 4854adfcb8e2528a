//! Inlets and outlets on their way to the card, and how outlets are steered on the way back.

use super::super::inlet::Inlet;
use super::super::lattice::{Q, opposite};
use super::super::outlet::Outlet;
use super::super::populations::Populations;
use super::super::windkessel::Bank;
use super::super::womersley::HARMONICS;
use super::twins::{Opening, Vessel, joined, kind, split};
use crate::base::units::PA_PER_MMHG;
use std::collections::BTreeMap;

/// What the card is told about openings.
pub(super) struct Openings {
    /// Outlets, then inlets.
    pub list: Vec<Opening>,
    pub outlets: usize,
    /// Links with their directions and what is seen of their cells; then the places of what outlets see.
    pub marks: Vec<u32>,
    /// What every patch of an inlet brings in, and for every harmonic.
    pub masses: Vec<f32>,
    /// Where the state of a cell is that an outlet looks at.
    pub seen: BTreeMap<u32, u32>,
    /// What lies beyond the outlets; empty without windkessels.
    pub vessels: Vec<Vessel>,
}

impl Openings {
    /// Those of a simulation. The numbers of their links are those of the populations.
    pub fn new(outlets: &[Outlet], inlets: &[Inlet], bank: Option<&Bank>) -> Self {
        let mut all = Self {
            list: Vec::new(),
            outlets: outlets.len(),
            marks: Vec::new(),
            masses: Vec::new(),
            seen: BTreeMap::new(),
            vessels: bank.map(vessels).unwrap_or_default(),
        };
        outlets.iter().for_each(|outlet| all.add_outlet(outlet));
        inlets.iter().for_each(|inlet| all.add_inlet(inlet));
        all
    }

    fn add_outlet(&mut self, outlet: &Outlet) {
        let first_patch = self.marks.len() as u32;
        let mut places = Vec::new();
        for cell in &outlet.cells {
            let next = self.seen.len() as u32;
            places.push(*self.seen.entry(*cell).or_insert(next));
        }
        for (link, direction, index) in &outlet.patches {
            self.marks.extend([*link, 32 * places[*index as usize] + u32::from(*direction)]);
        }
        let first_cell = self.marks.len() as u32;
        self.marks.extend(&places);
        let mut twin = Opening {
            kind: kind::HELD,
            first_patch,
            patches: outlet.patches.len() as u32,
            first_cell,
            cells: places.len() as u32,
            normal: outlet.normal,
            area: outlet.area as f32,
            rho: outlet.rho as f32,
            rho_next: outlet.rho as f32,
            forget: outlet.forget as f32,
            steer: split(outlet.steer),
            mean: split(outlet.mean),
            outflow: outlet.outflow as f32,
            ..Opening::default()
        };
        if let Some(flow) = outlet.target {
            (twin.kind, twin.asked) = (kind::CARRYING, flow as f32);
        } else if let Some(pulse) = &outlet.pulse {
            (twin.kind, twin.asked, twin.now) = (kind::PULSATING, pulse.expected as f32, pulse.now as f32);
            (twin.missing, twin.looks) = (pulse.missing as f32, pulse.reads as f32);
            twin.looks_max = pulse.reads_max as f32;
        }
        self.list.push(twin);
    }

    fn add_inlet(&mut self, inlet: &Inlet) {
        let (first_patch, first_cell) = (self.marks.len() as u32, self.masses.len() as u32);
        for patch in &inlet.patches {
            self.marks.extend([patch.bounce, 0]);
            self.masses.push(patch.mass);
        }
        let is_harmonic = inlet.harmonics.len() == HARMONICS * inlet.patches.len() && !inlet.harmonics.is_empty();
        self.masses.extend(inlet.harmonics.iter().flat_map(|c| [c.re, c.im]));
        let kind = if is_harmonic { kind::HARMONIC } else { kind::INLET };
        let patches = inlet.patches.len() as u32;
        self.list.push(Opening { kind, first_patch, patches, first_cell, ..Opening::default() });
    }
}

fn vessels(bank: &Bank) -> Vec<Vessel> {
    // Single precision, so that the rest is exactly what is left.
    let base = (bank.behind_mmhg.iter().sum::<f64>() / bank.vessels.len() as f64) as f32;
    let vessel = |(vessel, behind): (&crate::flow::Windkessel, &f64)| {
        let share = bank.step_s / vessel.compliance_ml_mmhg;
        Vessel {
            share: share as f32,
            leak: (share / vessel.distal_mmhg_s_ml) as f32,
            proximal: vessel.proximal_mmhg_s_ml as f32,
            base,
            behind: split(*behind - f64::from(base)),
            flow: bank.flow_ml_s as f32,
            density: (PA_PER_MMHG / bank.pressure_pa) as f32,
            reference: (bank.reference_pa / PA_PER_MMHG - f64::from(base)) as f32,
        }
    };
    bank.vessels.iter().zip(&bank.behind_mmhg).map(vessel).collect()
}

/// Note in `bank` what the card says about its vessels.
pub(super) fn fill(bank: &mut Bank, twins: &[Vessel]) {
    bank.behind_mmhg
        .iter_mut()
        .zip(twins)
        .for_each(|(behind, twin)| *behind = f64::from(twin.base) + joined(twin.behind));
    if let Some(first) = twins.first() {
        bank.reference_pa = (f64::from(first.base) + f64::from(first.reference)) * PA_PER_MMHG;
    }
}

/// Note in `outlets` what the card says about them.
pub(super) fn take_over(outlets: &mut [Outlet], twins: &[Opening]) {
    for (outlet, twin) in outlets.iter_mut().zip(twins) {
        outlet.steer = joined(twin.steer);
        outlet.mean = joined(twin.mean);
        outlet.outflow = f64::from(twin.outflow);
        if let Some(pulse) = &mut outlet.pulse {
            outlet.rho = f64::from(twin.rho);
            pulse.now = f64::from(twin.now);
            (pulse.missing, pulse.reads) = (f64::from(twin.missing), twin.looks as usize);
        }
    }
}

/// What a cell of which links `out` lead out of the fluid has on its way to it in `g`, to the links from `first` on.
pub(super) fn to_links(out: u32, first: u32, g: &[f32; Q], sent: &mut [f32]) {
    let is_out = |i: &usize| out >> (i - 1) & 1 != 0;
    (1..Q).filter(is_out).zip(&mut sent[first as usize..]).for_each(|(i, value)| *value = g[opposite(i)]);
}

/// Whether the links of `populations` are in the order that the card counts them in.
pub(super) fn in_order(populations: &Populations, outer: &[(u32, u32)]) -> bool {
    let directions = outer.iter().flat_map(|(out, _)| (1..Q).filter(move |i| out >> (i - 1) & 1 != 0));
    populations.links_out().zip(directions).all(|((a, _), b)| usize::from(a) == b)
}
