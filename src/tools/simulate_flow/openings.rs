//! What the user says of openings: which let in, which let out, which stay closed, and cuts of their own.

use crate::base::units::PA_PER_MMHG;
use crate::flow::{Cut, Inflow, Lumen, Opening, OpeningKind, Profile};
use crate::geom::{Point, Vector};
use crate::session::{CommandError, Kind, ParamSpec};
use serde::{Deserialize, Serialize};

/// Farthest that the rim of a cut may be from its place, mm.
const REACH_MM: f64 = 60.0;

/// What is asked of one opening.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningChange {
    /// Where it is: a place in or near an opening that was found, or for a cut a place in the vessel (LPS, mm).
    pub at: [f64; 3],
    /// What it becomes.
    #[serde(rename = "as")]
    pub becomes: Becomes,
    /// Whether the vessel is cut open there; else the opening found nearest is meant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// The way out of the lumen, for a cut; across the vessel and away from the inlet if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normal: Option<[f64; 3]>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Flow into an inlet, ml/s; a share of what the others leave, by area, if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_ml_s: Option<f64>,
    /// Pressure at an outlet, mmHg; 0 if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pressure_mmhg: Option<f64>,
}

/// What an opening is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Becomes {
    /// Fluid is made to come in.
    Inlet,
    /// Fluid may go out.
    Outlet,
    /// A wall.
    Closed,
}

pub(super) const OPENINGS: ParamSpec = ParamSpec::with(
    "openings",
    Kind::Records,
    "",
    "[]",
    "what becomes of openings, e.g. {\"at\": [10, -5, 40], \"as\": \"closed\"} (inlet, outlet, closed; flow_ml_s, pressure_mmhg, name), or a cut of your own with \"cut\": true (and a normal)",
);
pub(super) const EXTENSION: ParamSpec = ParamSpec::with(
    "extension_diameters",
    Kind::Number(0.0, 10.0),
    "",
    "0",
    "straight tubes put on where the faces of the scan cut the lumen, in diameters of the opening: the flow develops in them; a closed branch that meets the same face gets a dead end",
);

/// An opening, and whether it is one: what is closed is told too, so that it can be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Where, how large, and what happens there.
    pub opening: Opening,
    /// Whether anything flows through it.
    pub is_open: bool,
    /// The change that made it what it is, counted from 0.
    pub change: Option<usize>,
    /// The same in full.
    pub asked: Option<OpeningChange>,
}

/// The openings that were `found`, the inlet first, after `changes`; inlets come first again.
pub(super) fn changed(
    found: Vec<Opening>,
    changes: &[OpeningChange],
    lumen: &Lumen,
    flow_ml_s: f64,
) -> Result<Vec<Place>, CommandError> {
    let mut places: Vec<Place> =
        found.into_iter().map(|opening| Place { opening, is_open: true, change: None, asked: None }).collect();
    let inlet_mm2 = |places: &[Place]| -> Option<Point> {
        places.iter().find(|place| place.is_open && place.opening.kind.is_inlet()).map(|place| place.opening.centre)
    };
    for (n, change) in changes.iter().enumerate() {
        let at = Point::from(change.at);
        if !change.at.iter().all(|x| x.is_finite()) {
            return Err(bad(n, format!("its place is {at}; all three numbers must be finite")));
        }
        let index = if change.cut {
            let from = inlet_mm2(&places);
            places.push(Place { opening: cut(n, change, lumen, from)?, is_open: true, change: None, asked: None });
            places.len() - 1
        } else {
            nearest(n, &places, &at)?
        };
        let place = &mut places[index];
        (place.change, place.asked) = (Some(n), Some(change.clone()));
        if let Some(name) = &change.name {
            place.opening.name.clone_from(name);
        }
        place.is_open = change.becomes != Becomes::Closed;
        place.opening.kind = match change.becomes {
            Becomes::Inlet => {
                let flow = change.flow_ml_s.unwrap_or(f64::NAN);
                if change.flow_ml_s.is_some_and(|flow| !(0.0 < flow && flow.is_finite())) {
                    return Err(bad(n, format!("its flow is {flow} ml/s; it must be more than 0")));
                }
                OpeningKind::Inlet { inflow: Inflow::FlowMlS(flow), profile: Profile::Developed }
            }
            Becomes::Outlet | Becomes::Closed => {
                let mmhg = change.pressure_mmhg.unwrap_or(0.0);
                if !mmhg.is_finite() {
                    return Err(bad(n, format!("its pressure is {mmhg} mmHg; it must be finite")));
                }
                OpeningKind::Outlet { pressure_pa: mmhg * PA_PER_MMHG }
            }
        };
    }
    if !changes.is_empty() {
        share_flow(&mut places, flow_ml_s)?;
        named(&mut places, changes);
        places.sort_by_key(|place| (!place.is_open, !place.opening.kind.is_inlet()));
    }
    Ok(places)
}

fn bad(n: usize, problem: String) -> CommandError {
    CommandError::BadParams(format!("opening {} of the list: {problem}", n + 1))
}

/// The opening a place means.
fn nearest(n: usize, places: &[Place], at: &Point) -> Result<usize, CommandError> {
    let distance = |place: &Place| (place.opening.centre - at).norm();
    let nearest = (0..places.len()).min_by(|a, b| distance(&places[*a]).total_cmp(&distance(&places[*b])));
    let Some(nearest) = nearest else {
        return Err(bad(n, "there is no opening at all; cut one with \"cut\": true".into()));
    };
    let Place { opening, .. } = &places[nearest];
    let away = distance(&places[nearest]);
    if opening.reach_mm < away {
        return Err(bad(
            n,
            format!(
                "no opening is at ({:.1}, {:.1}, {:.1}); the nearest, '{}', is {away:.1} mm away and reaches {:.1} mm; give its place, or cut the vessel here with \"cut\": true",
                at.x, at.y, at.z, opening.name, opening.reach_mm
            ),
        ));
    }
    Ok(nearest)
}

/// An opening cut by the user.
fn cut(n: usize, change: &OpeningChange, lumen: &Lumen, inlet: Option<Point>) -> Result<Opening, CommandError> {
    let at = Point::from(change.at);
    let found = match change.normal.map(Vector::from) {
        Some(normal) => Cut::through(lumen, at, normal, REACH_MM),
        None => Cut::across(lumen, at, REACH_MM),
    };
    let Some(found) = found else {
        return Err(bad(
            n,
            format!(
                "({:.1}, {:.1}, {:.1}) cannot be cut: it is not in the lumen, or the cut has no end within {REACH_MM} mm; take a place inside the vessel",
                at.x, at.y, at.z
            ),
        ));
    };
    // Towards the inlet is in; the user turns it round where the vessel bends back.
    let outwards = match (change.normal, inlet) {
        (None, Some(inlet)) if 0.0 < (inlet - found.centre).dot(&found.normal) => -found.normal,
        _ => found.normal,
    };
    let kind = OpeningKind::Outlet { pressure_pa: 0.0 };
    let name = format!("cut {}", n + 1);
    Opening::placed(&name, found.centre, outwards, found.radius_mm(), kind)
        .map_err(|error| CommandError::failed(&error))
}

/// Inlets without a flow of their own share by area what the others leave of the whole.
fn share_flow(places: &mut [Place], flow_ml_s: f64) -> Result<(), CommandError> {
    let is_inlet = |place: &&mut Place| place.is_open && place.opening.kind.is_inlet();
    let (mut given, mut shared_mm2, mut own) = (0.0, 0.0, 0);
    for place in places.iter_mut().filter(is_inlet) {
        // Inlets that nobody changed carry the whole flow, as found; with others beside them they share it.
        if place.change.is_none() {
            place.opening.kind = OpeningKind::Inlet { inflow: Inflow::FlowMlS(f64::NAN), profile: Profile::Developed };
        }
        let flow = place.opening.inflow_ml_s();
        if flow.is_finite() {
            given += flow;
            own += 1;
        } else {
            shared_mm2 += place.opening.area_mm2;
        }
    }
    if shared_mm2 == 0.0 {
        return Ok(());
    }
    let left = flow_ml_s - given;
    if !(0.0 < left) {
        return Err(CommandError::BadParams(format!(
            "{own} inlets bring {given:.2} ml/s of their own, and the whole flow is {flow_ml_s:.2} ml/s: nothing is left for the other inlets; give more flow, or a flow for each"
        )));
    }
    for place in places.iter_mut().filter(is_inlet).filter(|place| !place.opening.inflow_ml_s().is_finite()) {
        let inflow = Inflow::FlowMlS(left * place.opening.area_mm2 / shared_mm2);
        place.opening.kind = OpeningKind::Inlet { inflow, profile: Profile::Developed };
    }
    Ok(())
}

/// An opening that became something else is not called what it was.
fn named(places: &mut [Place], changes: &[OpeningChange]) {
    for place in places {
        let Some(change) = place.change.map(|n| &changes[n]).filter(|change| change.name.is_none()) else { continue };
        let (was, now) = match change.becomes {
            Becomes::Inlet => ("outlet", "inlet"),
            Becomes::Outlet => ("inlet", "outlet"),
            Becomes::Closed => continue,
        };
        if let Some(rest) = place.opening.name.strip_prefix(was) {
            place.opening.name = if rest.is_empty() { format!("{now} (was {was})") } else { format!("{now}{rest}") };
        }
    }
}
