//! Why there are no waves, with branches as the tables number them in place of segments and nodes.

use crate::flow::waves::{TreeWaves, WavesError};
use crate::session::CommandError;

/// `error` in the words of the tree.
pub(super) fn told(error: &WavesError, made: &TreeWaves) -> CommandError {
    let branch_of = |segment: usize| {
        let stretch = made.stretches.iter().find(|stretch| stretch.segment == segment);
        let branch = stretch.and_then(|stretch| stretch.piece.branch);
        branch.map_or_else(|| "an added vessel".to_owned(), |branch| format!("branch {}", branch + 1))
    };
    match error {
        WavesError::Choked { node, time_s } => {
            let meeting = made.network.segments().iter().enumerate().find_map(|(n, segment)| {
                let side = segment.nodes.iter().position(|own| own == node)?;
                Some(format!("where {} {}", branch_of(n), ["begins", "ends"][side]))
            });
            CommandError::Failed(format!(
                "{} the flow would be faster than the pulse wave {time_s:.3} s after the start; reduce the flow or stiffen the vessels (wall_kpa)",
                meeting.unwrap_or_else(|| "at an end of the tree".into())
            ))
        }
        WavesError::Collapsed { vessel, time_s, .. } => {
            let place = made.network.find(vessel).map_or_else(|| vessel.clone(), branch_of);
            CommandError::Failed(format!(
                "{place} collapses {time_s:.3} s after the start; reduce the flow or stiffen the vessels (wall_kpa)"
            ))
        }
        other => CommandError::failed(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::network::{TreeInflow, TreeSetup, VesselTree, Waveform};
    use crate::flow::waves::{Profile, from_tree};
    use crate::geom::Point;
    use crate::mesh::{CentreBranch, CentreLines};

    #[test]
    fn what_went_wrong_is_said_of_branches() {
        let points = vec![Point::new(0.0, 0.0, 0.0), Point::new(0.0, 0.0, 50.0)];
        let lines = CentreLines::new(vec![CentreBranch { parent: None, radii_mm: vec![4.0; 2], points }]).unwrap();
        let inflow = TreeInflow::Flow(Waveform::sampled(1.0, 10, |_| 5e-6).unwrap());
        let tree = VesselTree::from_centre_lines(&lines).unwrap();
        let made = from_tree(&tree, &TreeSetup::blood(inflow, 5e-6), Profile::of_order(2.0)).unwrap();
        let segment = &made.network.segments()[0];
        let choked = |side: usize| WavesError::Choked { node: segment.nodes[side], time_s: 0.25 };
        for (error, said) in [
            (choked(0), "where branch 1 begins the flow would be faster than the pulse wave 0.250 s"),
            (choked(1), "where branch 1 ends"),
            (
                WavesError::Collapsed { vessel: segment.name.clone(), at_mm: 3.0, time_s: 0.5 },
                "branch 1 collapses 0.500 s",
            ),
            (WavesError::DuplicateName("a".into()), "two vessels are called 'a'"),
        ] {
            let text = told(&error, &made).to_string();
            assert!(text.contains(said), "{text}");
        }
    }
}
