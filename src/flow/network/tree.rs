//! A tree of vessels by its shape: what centre lines give, what edits change and what a network is built from.

use super::error::NetworkError;
use super::geometry::Wall;
use super::profile::Profile;
use super::waveform::Waveform;
use crate::flow::Fluid;
use crate::mesh::{CentreBranch, CentreLines};

/// A place on a branch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreePlace {
    /// Which branch of the centre lines.
    pub branch: usize,
    /// Distance from its begin along the line in mm.
    pub at_mm: f64,
}

/// Vessels as lines with radii, and what was done to them.
#[derive(Debug, Clone, PartialEq)]
pub struct VesselTree {
    pub(super) branches: Vec<TreeBranch>,
    pub(super) grafts: Vec<Graft>,
    pub(super) leaks: Vec<Leak>,
}

/// A vessel between junctions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TreeBranch {
    pub(super) parent: Option<usize>,
    /// Which roots start at the same point: the first of them.
    pub(super) root: Option<usize>,
    pub(super) profile: Profile,
    /// The same before any edit.
    pub(super) whole: Profile,
    /// Stretches that edits gave a radius, in m, the last first: against what the vessel was, not against what is beside
    /// them, they are narrow or not.
    pub(super) reshaped: Vec<[f64; 2]>,
    /// Curvature of the line as length and angle turned, in m and rad: for the mean radius of its bends.
    pub(super) turned: f64,
    /// Stretches with a stiff wall, in m.
    pub(super) stiff: Vec<[f64; 2]>,
    /// Where it is closed, in m.
    pub(super) clips: Vec<f64>,
    /// r³ of the vessels beyond its end as they were before any edit, for a branch that nothing continues.
    pub(super) outlet_weight: Option<f64>,
}

/// An added vessel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Graft {
    pub(super) from: TreePlace,
    pub(super) to: TreePlace,
    pub(super) radius: f64,
    pub(super) length: f64,
}

/// A hole in the wall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Leak {
    pub(super) place: TreePlace,
    pub(super) radius: f64,
}

/// What a network needs besides the shape of the vessels. SI units.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeSetup {
    /// What flows.
    pub fluid: Fluid,
    /// How the walls give way; stents and grafts do not.
    pub wall: Wall,
    /// What comes in at the roots.
    pub inflow: TreeInflow,
    /// What the blood goes into at the ends.
    pub outlets: Outlets,
    /// Mean flow through the whole tree in m³/s at which the outlets give `mean_pressure_pa`; edits do not change them.
    pub mean_flow_m3_s: f64,
    /// Mean pressure at the roots in Pa.
    pub mean_pressure_pa: f64,
    /// Pressure behind the outlets in Pa.
    pub distal_pressure_pa: f64,
    /// Longest piece of vessel in mm.
    pub piece_mm: f64,
    /// Smallest part of the diameter by which a narrow place counts as a stenosis with losses of its own.
    pub stenosis_from: f64,
    /// Whether bends raise the resistance, by the mean flow.
    pub bends: bool,
    /// Loss from a junction into each of its branches, in dynamic pressures of the branch; 0 for none.
    pub junction_loss: f64,
}

/// What comes in at the roots.
#[derive(Debug, Clone, PartialEq)]
pub enum TreeInflow {
    /// Flow in m³/s over the cycle in s, for all roots together; each gets its part by r³.
    Flow(Waveform),
    /// Pressure in Pa over the cycle in s, at all roots: what the edited tree draws is free.
    Pressure(Waveform),
}

/// The beds behind the ends of the tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outlets {
    /// A resistance each.
    Resistance,
    /// A windkessel each.
    Rcr {
        /// Part of each resistance that lies before the capacitor.
        proximal_part: f64,
        /// Rd C in s.
        time_constant_s: f64,
    },
}

impl TreeSetup {
    /// Blood at rest in elastic vessels with windkessels, 93 mmHg at the mean flow, 15 mm pieces, stenoses from 25 % of the
    /// diameter.
    pub fn blood(inflow: TreeInflow, mean_flow_m3_s: f64) -> Self {
        Self {
            fluid: Fluid::blood(),
            wall: Wall::Elastic { youngs_modulus_pa: 4e5, thickness_over_radius: 0.1 },
            inflow,
            outlets: Outlets::Rcr { proximal_part: 0.09, time_constant_s: 1.5 },
            mean_flow_m3_s,
            mean_pressure_pa: 12_400.0,
            distal_pressure_pa: 0.0,
            piece_mm: 15.0,
            stenosis_from: 0.25,
            bends: false,
            junction_loss: 0.0,
        }
    }
}

impl VesselTree {
    /// The tree of these centre lines, in m.
    ///
    /// # Errors
    /// [`NetworkError::Anatomy`] if there is no branch, or one without length or with a radius of 0.
    pub fn from_centre_lines(lines: &CentreLines) -> Result<Self, NetworkError> {
        let source = lines.branches();
        if source.is_empty() {
            return Err(NetworkError::Anatomy("there is no centre line".into()));
        }
        let is_leaf = {
            let mut is_leaf = vec![true; source.len()];
            source.iter().filter_map(|branch| branch.parent).for_each(|parent| is_leaf[parent] = false);
            is_leaf
        };
        let mut branches = Vec::with_capacity(source.len());
        for (n, branch) in source.iter().enumerate() {
            let mut points: Vec<[f64; 2]> = Vec::with_capacity(branch.points.len());
            // Up to there the ball in the vessel is that of its parent.
            let own_mm = branch.radii_mm[branch.own_start()];
            let radii_mm = branch.radii_mm.iter().enumerate();
            let radii_mm = radii_mm.map(|(n, radius_mm)| if n < branch.own_start() { own_mm } else { *radius_mm });
            for (length_mm, radius_mm) in branch.arc_lengths_mm().into_iter().zip(radii_mm) {
                if radius_mm <= 0.0 {
                    return Err(NetworkError::Anatomy(format!("the radius of branch {n} is 0 at {length_mm:.1} mm")));
                }
                points.push([1e-3 * length_mm, 1e-3 * radius_mm]);
            }
            let profile = Profile::new(points.clone());
            if !(0.0 < points[points.len() - 1][0]) {
                return Err(NetworkError::Anatomy(format!("branch {n} has no length")));
            }
            let same_start = |other: &CentreBranch| other.parent.is_none() && other.points[0] == branch.points[0];
            let root = branch.parent.is_none().then(|| source.iter().position(same_start).unwrap_or(n));
            branches.push(TreeBranch {
                parent: branch.parent,
                root,
                whole: profile.clone(),
                profile,
                reshaped: Vec::new(),
                turned: turned(branch),
                stiff: Vec::new(),
                clips: Vec::new(),
                outlet_weight: is_leaf[n].then(|| (1e-3 * branch.mean_radius_mm()).powi(3)),
            });
        }
        Ok(Self { branches, grafts: Vec::new(), leaks: Vec::new() })
    }

    /// How many branches there are.
    pub fn len(&self) -> usize {
        self.branches.len()
    }

    /// Never: a tree has a branch.
    pub fn is_empty(&self) -> bool {
        self.branches.is_empty()
    }

    /// Length of a branch in mm.
    pub fn length_mm(&self, branch: usize) -> f64 {
        1e3 * self.branches[branch].profile.length()
    }

    /// Diameter at a place in mm.
    pub fn diameter_mm(&self, place: TreePlace) -> f64 {
        2e3 * self.branches[place.branch].profile.radius(1e-3 * place.at_mm)
    }

    /// The same tree whose ends share the flow as given: for each branch its part of the whole, in any unit. Ends that are
    /// not named get next to nothing.
    #[must_use]
    pub fn shared_out(mut self, parts: &[(usize, f64)]) -> Self {
        let least = 1e-6 * parts.iter().map(|(_, part)| part.abs()).sum::<f64>();
        for (n, branch) in self.branches.iter_mut().enumerate() {
            if branch.outlet_weight.is_some() {
                let named = parts.iter().find(|(own, _)| *own == n).map_or(0.0, |(_, part)| *part);
                branch.outlet_weight = Some(named.max(least));
            }
        }
        self
    }

    /// Flow through each branch in m³/s if `total_m3_s` is shared among the ends by r³ as they were (Murray 1926).
    pub(super) fn murray_flows(&self, total_m3_s: f64) -> Vec<f64> {
        let sum: f64 = self.branches.iter().filter_map(|branch| branch.outlet_weight).sum();
        let part = |branch: &TreeBranch| branch.outlet_weight.map_or(0.0, |weight| total_m3_s * weight / sum);
        let mut flows: Vec<f64> = self.branches.iter().map(part).collect();
        for n in (0..self.branches.len()).rev() {
            if let Some(parent) = self.branches[n].parent {
                flows[parent] += flows[n];
            }
        }
        flows
    }
}

/// Angle a line turns in all, in rad, over pieces of about its diameter: a line from voxels trembles within less.
fn turned(branch: &CentreBranch) -> f64 {
    let mut corners = vec![0];
    for n in 1..branch.points.len() {
        let last = corners[corners.len() - 1];
        if 2.0 * branch.radii_mm[n] <= (branch.points[n] - branch.points[last]).norm() {
            corners.push(n);
        }
    }
    let steps: Vec<_> = corners.windows(2).map(|pair| branch.points[pair[1]] - branch.points[pair[0]]).collect();
    steps.windows(2).map(|pair| pair[0].angle(&pair[1])).sum()
}
