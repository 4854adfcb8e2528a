//! Where fluid comes in and goes out.

use super::error::{FlowError, positive};
use crate::geom::{Point, Vector};

/// How much comes in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Inflow {
    /// Volume flow in ml/s.
    FlowMlS(f64),
    /// Mean speed over the opening in m/s.
    MeanSpeedMS(f64),
}

/// How the inflow is spread over the opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Fully developed: the solution of −Δw = 1 on the cross-section, a parabola for a circle.
    #[default]
    Developed,
    /// The same speed everywhere.
    Plug,
}

/// What happens at an opening.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OpeningKind {
    /// Fluid comes in.
    Inlet {
        /// How much.
        inflow: Inflow,
        /// How it is spread.
        profile: Profile,
    },
    /// The pressure is held.
    Outlet {
        /// Gauge pressure in Pa.
        pressure_pa: f64,
    },
}

impl OpeningKind {
    /// Whether fluid is made to come in.
    pub fn is_inlet(&self) -> bool {
        matches!(self, Self::Inlet { .. })
    }
}

/// A plane that cuts the lumen; the part of the lumen on the side of the normal is left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// What people call it, e.g. `inlet` or `outlet 3`.
    pub name: String,
    /// A point of the plane inside the lumen (LPS, mm).
    pub centre: Point,
    /// Unit normal, out of the lumen.
    pub normal: Vector,
    /// Area of the cross-section in mm².
    pub area_mm2: f64,
    /// Radius of the circle of that area in mm.
    pub radius_mm: f64,
    /// How far the cut reaches from the centre, mm.
    pub reach_mm: f64,
    /// What happens there.
    pub kind: OpeningKind,
}

impl Opening {
    /// An opening at a placed plane; the cut reaches twice as far as `radius_mm`.
    ///
    /// # Errors
    /// [`FlowError::BadNumber`] for a normal without direction or a radius that is not positive.
    pub fn placed(
        name: &str,
        centre: Point,
        normal: Vector,
        radius_mm: f64,
        kind: OpeningKind,
    ) -> Result<Self, FlowError> {
        positive("the radius of an opening", radius_mm, "mm")?;
        let unit = normal.try_normalize(1e-12).filter(|n| n.iter().chain(centre.iter()).all(|x| x.is_finite()));
        let Some(normal) = unit else {
            let value = format!("({}, {}, {})", normal.x, normal.y, normal.z);
            return Err(FlowError::BadNumber { what: "the normal of an opening", value, limit: "a direction" });
        };
        let area_mm2 = std::f64::consts::PI * radius_mm * radius_mm;
        Ok(Self { name: name.into(), centre, normal, area_mm2, radius_mm, reach_mm: 2.0 * radius_mm, kind })
    }

    /// Signed distance of `point` from the plane in mm, positive outside.
    pub fn beyond_mm(&self, point: &Point) -> f64 {
        (point - self.centre).dot(&self.normal)
    }

    /// Volume flow that comes in here in ml/s, 0 for an outlet.
    pub fn inflow_ml_s(&self) -> f64 {
        match self.kind {
            OpeningKind::Inlet { inflow: Inflow::FlowMlS(flow), .. } => flow,
            // mm² · m/s = 1e-6 m³/s = ml/s
            OpeningKind::Inlet { inflow: Inflow::MeanSpeedMS(speed), .. } => speed * self.area_mm2,
            OpeningKind::Outlet { .. } => 0.0,
        }
    }

    pub(super) fn check(&self) -> Result<(), FlowError> {
        positive("the radius of an opening", self.radius_mm, "mm")?;
        match self.kind {
            OpeningKind::Inlet { .. } => positive("the inflow", self.inflow_ml_s(), "ml/s").map(|_| ()),
            OpeningKind::Outlet { pressure_pa } if pressure_pa.is_finite() => Ok(()),
            OpeningKind::Outlet { pressure_pa } => Err(FlowError::BadNumber {
                what: "the outlet pressure",
                value: format!("{pressure_pa} Pa"),
                limit: "a finite number",
            }),
        }
    }
}
