//! Access through ports: what instruments reach, at which angles they meet, and what lies in their way.

pub mod position;

pub use position::{Lie, Position};

use super::Port;
use super::path::{Approach, Obstacle, Path, PathError, approach};
use crate::geom::{Point, Vector};
use crate::mesh::Surface;
use serde::{Deserialize, Serialize};
use std::f64::consts::TAU;

/// Diameter of an instrument, for what lies in its way: the usual port of 5 mm.
pub const INSTRUMENT_MM: f64 = 5.0;

/// Angles that work well, in degrees.
///
/// Manipulation angle, between the two instruments at the target: best at 60 (Hanna, Shimi and Cuschieri 1997, Surg Endosc
/// 11:397; Supe and others 2010, J Minim Access Surg 6:31, doi 10.4103/0972-9941.65161), 90 already slower than 45 and 60
/// (Manasnayakorn and others 2008, Surg Endosc 22:924); 30 to 90 as this program's accepted range. Elevation, between instrument
/// and the horizontal plane: 60 goes with 60 (Supe).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AccessRules {
    /// The best angle between two instruments.
    pub manipulation_degrees: f64,
    /// The least and largest that are accepted.
    pub manipulation_range_degrees: [f64; 2],
    /// The best angle to the horizontal plane.
    pub elevation_degrees: f64,
    /// Direction up: see [`Position::up`].
    pub up: [f64; 3],
    /// The least distance of an instrument to what is to be spared.
    pub distance_mm: f64,
}

impl Default for AccessRules {
    fn default() -> Self {
        Self {
            manipulation_degrees: 60.0,
            manipulation_range_degrees: [30.0, 90.0],
            elevation_degrees: 60.0,
            up: [0.0, -1.0, 0.0],
            distance_mm: 5.0,
        }
    }
}

impl AccessRules {
    /// The rules for a patient in this position.
    pub fn lying(position: &Position) -> Self {
        Self { up: position.up().into(), ..Self::default() }
    }
}

/// Why access cannot be judged.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AccessError {
    /// The way from port to target is no path.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Numbers of a port that cannot be.
    #[error("{what} of the port is {value}; it must be {limit}")]
    BadPort {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        limit: &'static str,
    },
    /// No port.
    #[error("there is no port; place one on the skin")]
    NoPort,
}

/// What one port gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// From the port to the target.
    pub distance_mm: f64,
    /// Between the port's axis at rest and the way to the target.
    pub off_axis_degrees: f64,
    /// Whether the instrument gets there: it is long enough and the cone wide enough.
    pub is_reached: bool,
    /// Between the instrument and the horizontal plane, positive from above.
    pub elevation_degrees: f64,
    /// The nearest approach of the instrument to each structure that is to be spared.
    pub approaches: Vec<Approach>,
    /// Whether the way is free: every structure is at least the required distance away.
    pub is_free: bool,
}

/// How two instruments meet at the target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Which ports, the smaller number first.
    pub ports: [usize; 2],
    /// The angle between them.
    pub manipulation_degrees: f64,
    /// Whether that is accepted.
    pub is_accepted: bool,
    /// If there is a camera: how far its direction, seen from above, is from the middle between the instruments.
    pub off_camera_degrees: Option<f64>,
}

/// Ports and the target.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// One for each port.
    pub reaches: Vec<Reach>,
    /// Every two instruments; the camera is none.
    pub pairs: Vec<Pair>,
    /// What it is worth: see [`AccessTerm`].
    pub terms: Vec<AccessTerm>,
}

/// A part of what an access is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AccessTerm {
    /// What it is about.
    pub of: AccessTermOf,
    /// 0 is best, 1 the worst that is accepted; more beyond.
    pub value: f64,
}

/// What a term of an access is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessTermOf {
    /// Whether this port reaches: the part of its length or of its cone that is used, whichever is more.
    Reach(usize),
    /// What lies in the way of this port: 1 at the required distance, 0 at twice as much.
    Way(usize),
    /// How far the elevation of this port is from the best, 1 at 60° off.
    Elevation(usize),
    /// How far the angle between these instruments is from the best, 1 at the end of the accepted range.
    Manipulation([usize; 2]),
}

/// Judge `ports` for a target, with what is to be spared.
///
/// # Errors
/// [`AccessError`] without a port, for numbers that cannot be, or a port at the target itself.
pub fn access(
    ports: &[Port],
    target: &Point,
    spared: &[&Obstacle],
    rules: &AccessRules,
) -> Result<Access, AccessError> {
    if ports.is_empty() {
        return Err(AccessError::NoPort);
    }
    let up = Vector::from(rules.up).try_normalize(1e-9).ok_or(AccessError::BadPort {
        what: "the direction up",
        value: 0.0,
        limit: "a direction",
    })?;
    let mut reaches = Vec::with_capacity(ports.len());
    let mut ways = Vec::with_capacity(ports.len());
    let mut terms = Vec::new();
    for (n, port) in ports.iter().enumerate() {
        check(port)?;
        let path = Path::new(Point::from(port.at), *target, INSTRUMENT_MM)?;
        let axis = axis(port)?;
        let off_axis_degrees = degrees(&axis, &path.along());
        let approaches: Vec<Approach> = spared.iter().map(|structure| approach(&path, structure)).collect();
        let nearest = approaches.iter().map(|a| a.distance_mm.value).fold(f64::INFINITY, f64::min);
        let distance_mm = path.length_mm();
        let is_reached = distance_mm <= port.reach_mm && off_axis_degrees <= port.sweep_degrees;
        let elevation_degrees = (-path.along().dot(&up)).clamp(-1.0, 1.0).asin().to_degrees();
        let used = (distance_mm / port.reach_mm).max(off_axis_degrees / port.sweep_degrees.max(1e-3));
        terms.push(AccessTerm { of: AccessTermOf::Reach(n), value: used });
        if nearest.is_finite() {
            let value = (2.0 - nearest / rules.distance_mm.max(1e-3)).max(0.0);
            terms.push(AccessTerm { of: AccessTermOf::Way(n), value });
        }
        let value = (elevation_degrees - rules.elevation_degrees).abs() / 60.0;
        terms.push(AccessTerm { of: AccessTermOf::Elevation(n), value });
        let is_free = rules.distance_mm <= nearest;
        reaches.push(Reach { distance_mm, off_axis_degrees, is_reached, elevation_degrees, approaches, is_free });
        ways.push(path.along());
    }
    let camera = ports.iter().position(|port| port.is_camera);
    let hands: Vec<usize> = (0..ports.len()).filter(|n| !ports[*n].is_camera).collect();
    let mut pairs = Vec::new();
    for (first, a) in hands.iter().enumerate() {
        for b in &hands[first + 1..] {
            let manipulation_degrees = degrees(&ways[*a], &ways[*b]);
            let [low, high] = rules.manipulation_range_degrees;
            let best = rules.manipulation_degrees;
            let room = if manipulation_degrees < best { best - low } else { high - best };
            let value = (manipulation_degrees - best).abs() / room.max(1e-3);
            terms.push(AccessTerm { of: AccessTermOf::Manipulation([*a, *b]), value });
            let between = ways[*a] + ways[*b];
            let off_camera_degrees = camera.and_then(|c| level_degrees(&ways[c], &between, &up));
            let is_accepted = (low..=high).contains(&manipulation_degrees);
            pairs.push(Pair { ports: [*a, *b], manipulation_degrees, is_accepted, off_camera_degrees });
        }
    }
    Ok(Access { reaches, pairs, terms })
}

/// The cone that a port's instrument may sweep, for the scene: closed, with its tip at the port and a round end.
///
/// # Errors
/// [`AccessError`] for numbers that cannot be.
pub fn reach_cone(port: &Port) -> Result<Surface, AccessError> {
    const SIDES: usize = 48;
    const RINGS: usize = 12;
    check(port)?;
    let axis = axis(port)?;
    let least = if axis.x.abs() < 0.6 { Vector::x() } else { Vector::y() };
    let across = axis.cross(&least).normalize();
    let up = axis.cross(&across);
    let at = Point::from(port.at);
    let half = port.sweep_degrees.to_radians();
    let mut positions = vec![at, at + axis * port.reach_mm];
    for ring in 1..=RINGS {
        let (sin, cos) = (half * ring as f64 / RINGS as f64).sin_cos();
        for side in 0..SIDES {
            let (s, c) = (TAU * side as f64 / SIDES as f64).sin_cos();
            positions.push(at + (axis * cos + (across * c + up * s) * sin) * port.reach_mm);
        }
    }
    let vertex = |ring: usize, side: usize| (2 + (ring - 1) * SIDES + side % SIDES) as u32;
    let mut triangles = Vec::new();
    for side in 0..SIDES {
        triangles.push([1, vertex(1, side), vertex(1, side + 1)]);
        for ring in 2..=RINGS {
            let ([a, b], [c, d]) = ([0, 1].map(|n| vertex(ring - 1, side + n)), [0, 1].map(|n| vertex(ring, side + n)));
            triangles.extend([[a, c, b], [b, c, d]]);
        }
        triangles.push([0, vertex(RINGS, side + 1), vertex(RINGS, side)]);
    }
    Ok(Surface::new(positions, triangles).expect("finite by construction"))
}

fn check(port: &Port) -> Result<(), AccessError> {
    let reach = (0.0 < port.reach_mm && port.reach_mm <= 1000.0, "the reach in mm", port.reach_mm, "from 0 to 1000");
    // As a plan may have it: a half space at most, and no sweep for an instrument that is held as it lies.
    let sweep = (0.0..=90.0).contains(&port.sweep_degrees);
    let sweep = (sweep, "the sweep in degrees", port.sweep_degrees, "from 0 to 90");
    for (is_fine, what, value, limit) in [reach, sweep] {
        if !is_fine {
            return Err(AccessError::BadPort { what, value, limit });
        }
    }
    Ok(())
}

fn axis(port: &Port) -> Result<Vector, AccessError> {
    let way = Point::from(port.towards) - Point::from(port.at);
    let bad = AccessError::BadPort { what: "the way its axis points in mm", value: way.norm(), limit: "more than 0" };
    way.try_normalize(1e-9).filter(|axis| axis.iter().all(|x| x.is_finite())).ok_or(bad)
}

fn degrees(a: &Vector, b: &Vector) -> f64 {
    a.cross(b).norm().atan2(a.dot(b)).to_degrees()
}

/// The angle between two directions as seen from above; none where one of them is upright.
fn level_degrees(a: &Vector, b: &Vector, up: &Vector) -> Option<f64> {
    let level = |x: &Vector| (x - up * x.dot(up)).try_normalize(1e-6);
    Some(degrees(&level(a)?, &level(b)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::shapes::ball;

    fn port(at: [f64; 3]) -> Port {
        Port { at, reach_mm: 250.0, sweep_degrees: 50.0, towards: [0.0; 3], is_camera: false }
    }

    #[test]
    fn angles_are_those_of_geometry() {
        // Two instruments from 60° above the horizontal, 60° apart, and a camera between them.
        let at = |azimuth: f64| {
            let (sin, cos) = azimuth.to_radians().sin_cos();
            let (height, level) = (60.0_f64.to_radians().sin(), 60.0_f64.to_radians().cos());
            [200.0 * level * sin, -200.0 * height, 200.0 * level * cos]
        };
        // Directions at 60° elevation that are 60° apart differ by 180° in azimuth.
        let ports = [port(at(90.0)), port(at(-90.0)), Port { is_camera: true, ..port(at(0.0)) }];
        let found = access(&ports, &Point::origin(), &[], &AccessRules::default()).unwrap();
        assert_eq!((found.reaches.len(), found.pairs.len()), (3, 1));
        assert!((found.pairs[0].manipulation_degrees - 60.0).abs() < 1e-9 && found.pairs[0].is_accepted);
        for reach in &found.reaches {
            assert!((reach.elevation_degrees - 60.0).abs() < 1e-9 && (reach.distance_mm - 200.0).abs() < 1e-9);
            assert!(reach.is_reached && reach.is_free && reach.off_axis_degrees < 1e-6);
        }
        let of_angle = found.terms.iter().filter(|t| matches!(t.of, AccessTermOf::Manipulation(_)));
        assert!(of_angle.map(|t| t.value).sum::<f64>() < 1e-9);
        let wide = [port([200.0, -10.0, 0.0]), port([-200.0, -10.0, 0.0])];
        let pair = access(&wide, &Point::origin(), &[], &AccessRules::default()).unwrap().pairs[0];
        assert!(!pair.is_accepted && pair.off_camera_degrees.is_none());
        let beside = [port(at(45.0)), port(at(-45.0)), Port { is_camera: true, ..port(at(30.0)) }];
        let pair = access(&beside, &Point::origin(), &[], &AccessRules::default()).unwrap().pairs[0];
        assert!((pair.off_camera_degrees.unwrap() - 30.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_out_of_reach_or_in_the_way_is_told() {
        let target = Point::new(0.0, 0.0, 120.0);
        let aside = Port { towards: [0.0, 0.0, 0.0], ..port([0.0, -100.0, 0.0]) };
        let found = access(&[aside], &target, &[], &AccessRules::default()).unwrap();
        assert!((found.reaches[0].off_axis_degrees - 1.2_f64.atan().to_degrees()).abs() < 1e-9);
        assert!(!found.reaches[0].is_reached);
        let body = Obstacle::of_surface(&ball(10.0, 1.0), 0.3).unwrap();
        let through =
            access(&[port([0.0, -100.0, 0.0])], &Point::new(0.0, 80.0, 0.0), &[&body], &AccessRules::default());
        let through = through.unwrap();
        assert!(through.reaches[0].is_reached && !through.reaches[0].is_free);
        assert!(1.0 < through.terms.iter().find(|t| t.of == AccessTermOf::Way(0)).unwrap().value);
    }

    #[test]
    fn a_cone_is_closed_and_has_the_volume_of_its_sector() {
        let cone = reach_cone(&Port { sweep_degrees: 30.0, ..port([5.0, -80.0, 3.0]) }).unwrap();
        assert_eq!(cone.open_edges(), 0);
        let exact = TAU / 3.0 * 250.0_f64.powi(3) * (1.0 - 30.0_f64.to_radians().cos()) / 1000.0;
        assert!((cone.volume_ml() / exact - 1.0).abs() < 0.01, "{} against {exact}", cone.volume_ml());
    }

    #[test]
    fn ports_that_cannot_be_are_refused() {
        let said =
            |port: Port| access(&[port], &Point::origin(), &[], &AccessRules::default()).unwrap_err().to_string();
        assert!(said(Port { reach_mm: 0.0, ..port([1.0, 0.0, 0.0]) }).contains("reach"));
        assert!(said(Port { sweep_degrees: 90.5, ..port([1.0, 0.0, 0.0]) }).contains("sweep"));
        // What a plan may have is judged.
        for sweep_degrees in [0.0, 90.0] {
            let port = Port { sweep_degrees, ..port([1.0, 0.0, 0.0]) };
            assert!(access(&[port], &Point::origin(), &[], &AccessRules::default()).is_ok(), "{sweep_degrees}");
        }
        assert!(said(port([0.0; 3])).contains("0.00 mm apart"));
        assert!(said(Port { towards: [9.0; 3], ..port([9.0; 3]) }).contains("axis"));
        assert_eq!(access(&[], &Point::origin(), &[], &AccessRules::default()), Err(AccessError::NoPort));
    }
}
