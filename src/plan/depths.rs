//! What the path of an action comes near to along its depth, for charts and tables.

use super::access::{AccessRules, INSTRUMENT_MM};
use super::path::{Approach, Path, PathError, Profile, approach, profile};
use super::score::Body;
use super::{Action, Bounded, Plan, Structure, Verdict};
use crate::base::{Cancelled, Progress};
use crate::geom::Point;

/// Steps along a path.
const DEPTH_MM: f64 = 0.5;

/// The distances from a path to one structure.
#[derive(Debug, Clone, PartialEq)]
pub struct DepthLine {
    /// What it is called.
    pub name: String,
    /// The least distance that is asked for.
    pub limit_mm: f64,
    /// Along the depth.
    pub profile: Profile,
    /// Where it is nearest.
    pub nearest: Approach,
}

impl DepthLine {
    /// How the least distance stands to its limit.
    pub fn verdict(&self) -> Verdict {
        Verdict::at_least(&self.nearest.distance_mm, self.limit_mm)
    }

    /// The least distance with its bounds.
    pub fn least_mm(&self) -> Bounded {
        self.nearest.distance_mm
    }
}

/// What a path comes near to.
#[derive(Debug, Clone, PartialEq)]
pub struct Depths {
    /// The number of its action.
    pub action: usize,
    /// The path.
    pub path: Path,
    /// One line for each structure that is to be spared.
    pub lines: Vec<DepthLine>,
}

/// Why there are no distances.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DepthsError {
    /// The computation was asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The path is none.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// The straight path of an action, of a port the axis of its instrument to the place it points to; none for one that has none.
///
/// # Errors
/// [`PathError`] for a path without a length or a diameter.
pub fn path_of(action: &Action) -> Option<Result<Path, PathError>> {
    match action {
        Action::Needle(needle) => Some(Path::of_needle(needle)),
        Action::Ablation(zone) => Some(Path::of_needle(&zone.needle)),
        Action::Screw(screw) => Some(Path::of_screw(screw)),
        Action::Port(port) => Some(Path::new(Point::from(port.at), Point::from(port.towards), INSTRUMENT_MM)),
        Action::Cut(_) | Action::Osteotomy(_) | Action::Implant(_) | Action::Clip { .. } => None,
    }
}

/// The distances of the path `n` of `plan` to everything that is to be spared; none if the action is no path. `body` gives the
/// structures that are there.
///
/// The limit is the plan's for needles, probes and screws; for the instrument of a port it is the distance that its score asks
/// for ([`AccessRules::distance_mm`]).
///
/// # Errors
/// [`DepthsError`] for a path that is none, or if `progress` was cancelled.
pub fn depths<'a>(
    plan: &Plan,
    n: usize,
    body: impl Fn(&Structure) -> Option<&'a Body>,
    progress: &Progress,
) -> Result<Option<Depths>, DepthsError> {
    let Some(action) = plan.actions.get(n).map(|named| &named.action) else { return Ok(None) };
    let Some(path) = path_of(action).transpose()? else { return Ok(None) };
    let of_port = matches!(action, Action::Port(_)).then(|| AccessRules::default().distance_mm);
    let mut lines = Vec::new();
    for keep_out in &plan.keep_out {
        progress.check()?;
        let Some(body) = body(&keep_out.structure) else { continue };
        let Some(obstacle) = body.obstacle() else { continue };
        // Vessels have no edge that was drawn.
        let beyond_mm = if body.is_lines() { 0.0 } else { plan.limits.edge_mm() };
        let (mut profile, mut nearest) = (profile(&path, obstacle, DEPTH_MM), approach(&path, obstacle));
        profile.edge_mm += beyond_mm;
        nearest.distance_mm = nearest.distance_mm.widened(beyond_mm);
        let limit_mm = of_port.unwrap_or(keep_out.distance_mm);
        lines.push(DepthLine { name: body.name.clone(), limit_mm, profile, nearest });
    }
    Ok(Some(Depths { action: n, path, lines }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::NodeId;
    use crate::mesh::shapes::ball;
    use crate::plan::score::BodyFrom;
    use crate::plan::{KeepOut, NamedAction, Port};

    #[test]
    fn a_port_has_the_distances_of_its_instrument_and_the_limit_of_its_score() {
        let body = Body::new("ball", None, String::new(), &BodyFrom::Surface(&ball(10.0, 1.0)));
        let structure = Structure { node: NodeId(1), segment: None };
        let port = Port {
            at: [-80.0, 20.0, 0.0],
            reach_mm: 200.0,
            sweep_degrees: 40.0,
            towards: [60.0, 20.0, 0.0],
            is_camera: false,
        };
        let plan = Plan {
            keep_out: vec![KeepOut { structure, distance_mm: 2.0, weight: None }],
            actions: vec![
                NamedAction { name: "port".into(), action: Action::Port(port) },
                NamedAction { name: "clip".into(), action: Action::Clip { at: [0.0; 3] } },
            ],
            ..Plan::default()
        };
        let of = |n: usize| depths(&plan, n, |_| Some(&body), &Progress::default()).unwrap();
        let found = of(0).unwrap();
        assert_eq!((found.action, found.path.length_mm()), (0, 140.0));
        let [line] = &found.lines[..] else { panic!("one structure to spare") };
        // 20 mm beside the middle of a ball of 10 mm; the instrument is 5 mm thick.
        assert!((line.nearest.distance_mm.value - 7.5).abs() < 0.1, "{:?}", line.nearest);
        assert!((line.nearest.depth_mm - 80.0).abs() < 1.5 && line.limit_mm == 5.0);
        assert_eq!(line.verdict(), Verdict::at_least(&line.least_mm(), 5.0));
        let least = line.profile.distances_mm.iter().copied().fold(f64::INFINITY, f64::min);
        assert!((least - 7.5).abs() < 0.2 && *line.profile.depths_mm.last().unwrap() == 140.0);
        assert!(of(1).is_none() && of(2).is_none());
    }
}
