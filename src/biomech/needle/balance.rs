//! Equilibrium of the needle in its track: shaft and tissue lie beside each other wherever the track is.

use super::beam::Beam;
use super::frame::Frame;
use super::ground::Ground;
use super::track::{Node, Track};
use super::{NeedleError, Resistance};
use crate::base::Progress;
use crate::geom::{Point, Vector};
use nalgebra::{DMatrix, DVector, Vector2};

/// The needle and its track in equilibrium.
#[derive(Debug, Clone)]
pub(super) struct Balance {
    /// How far the tip is behind where the entry was at rest, m.
    pub depth_m: f64,
    /// Force on the tissue at each point of the track, N.
    pub forces_n: Vec<Vector>,
    /// Place of each point along the needle, from the hand, m.
    pub stations_m: Vec<f64>,
    /// Force across the needle on it at each point and, last, at the guide, with the place along the needle, N and m.
    pub on_needle: Vec<(f64, Vector2<f64>)>,
    /// Slope of the tip against the planned line.
    pub slope: Vector2<f64>,
    /// Slope that the side force of the tip alone gives it in this tissue.
    pub side_slope: Vector2<f64>,
    /// How far the side force of the tip alone bends it aside, m.
    pub side_m: Vector2<f64>,
}

impl Balance {
    /// Force of the hand along the planned line, N: all that the tissue is pushed with.
    pub fn hand_n(&self, frame: &Frame) -> f64 {
        self.forces_n.iter().map(|force| force.dot(&frame.along)).sum()
    }

    /// How far the needle is beside the planned line at `station_m` from the hand, m.
    pub fn beside_m(&self, beam: &Beam, station_m: f64) -> Vector2<f64> {
        self.on_needle.iter().map(|(from, force)| force * beam.deflection_m_per_n(station_m, *from)).sum()
    }
}

/// Find the forces between needle and tissue.
///
/// ```text
/// tissue at point i:   Xᵢ + Σⱼ Gᵢⱼ (qⱼ + aⱼ d) + sᵢ qᵢ     needle there:   −Σⱼ B(ξᵢ, ξⱼ) qⱼ
/// ```
///
/// must agree across the line; X is the track at rest, q the forces sought, a the drag along d, G the tissue's
/// compliance, B the beam's, s what the tissue does not resolve. A guide is a point that does not yield. The stations ξ of
/// the points are those under the drag alone: what the forces across move along the needle is of second order.
/// `guide_m` is the place of the guide before the entry.
///
/// # Errors
/// [`NeedleError::NoStiffness`] if the tissue gives no answer.
pub(super) fn balance(
    track: &Track,
    beam: &Beam,
    frame: &Frame,
    resistance: &Resistance,
    side: &Vector2<f64>,
    guide_m: Option<f64>,
) -> Result<Balance, NeedleError> {
    let count = track.nodes.len();
    let drag_n = track.drag_n(resistance);
    let dragged_m: Vec<Vector> =
        (0..count).map(|i| (0..count).map(|j| track.compliance(i, j) * frame.along * drag_n[j]).sum()).collect();
    let places_m: Vec<f64> = (0..count).map(|i| track.nodes[i].along_m + dragged_m[i].dot(&frame.along)).collect();
    let tip_m = places_m[count - 1];
    let station_m = |place_m: f64| (beam.length_m - tip_m + place_m).clamp(0.0, beam.length_m);
    let mut stations_m: Vec<f64> = places_m.iter().map(|place| station_m(*place)).collect();
    stations_m.extend(guide_m.map(|before| station_m(-before)));
    let size = stations_m.len();
    let lengths_m = track.lengths_m();
    let mut matrix = DMatrix::zeros(2 * size, 2 * size);
    let mut rhs = DVector::zeros(2 * size);
    let mut by_side = DVector::zeros(2 * size);
    for i in 0..size {
        for j in 0..=i {
            let bends = beam.deflection_m_per_n(stations_m[i], stations_m[j]);
            let mut block = nalgebra::Matrix2::from_diagonal_element(bends);
            if i < count {
                block += frame.across.transpose() * track.compliance(i, j) * frame.across;
            }
            if i == j && i < count && 0.0 < lengths_m[i] {
                block += nalgebra::Matrix2::from_diagonal_element(track.nodes[i].beside_m2_per_n / lengths_m[i]);
            }
            matrix.fixed_view_mut::<2, 2>(2 * i, 2 * j).copy_from(&block);
            matrix.fixed_view_mut::<2, 2>(2 * j, 2 * i).copy_from(&block.transpose());
        }
        if i < count {
            rhs.fixed_rows_mut::<2>(2 * i).copy_from(&-(track.nodes[i].across_m + frame.across(&dragged_m[i])));
        }
        let by_tip = beam.deflection_m_per_n(stations_m[i], stations_m[count - 1]);
        by_side.fixed_rows_mut::<2>(2 * i).copy_from(&(side * by_tip));
    }
    let factor =
        matrix.cholesky().ok_or(NeedleError::NoStiffness { depth_mm: 1e3 * track.nodes[count - 1].along_m })?;
    let (forces, under_side) = (factor.solve(&rhs), factor.solve(&by_side));
    let at = |all: &DVector<f64>, n: usize| Vector2::new(all[2 * n], all[2 * n + 1]);
    let tip_slope = |all: &DVector<f64>| -> Vector2<f64> {
        (0..size).map(|n| at(all, n) * -beam.tip_slope_per_n(stations_m[n])).sum()
    };
    let across_m: f64 =
        (0..count).map(|j| frame.along.dot(&(track.compliance(count - 1, j) * frame.across * at(&forces, j)))).sum();
    Ok(Balance {
        depth_m: tip_m + across_m,
        forces_n: (0..count).map(|n| frame.along * drag_n[n] + frame.across * at(&forces, n)).collect(),
        on_needle: (0..size).map(|n| (stations_m[n], -at(&forces, n))).collect(),
        slope: tip_slope(&forces),
        side_slope: tip_slope(&under_side) + side * beam.tip_slope_per_n(stations_m[count - 1]),
        side_m: (0..size)
            .map(|n| at(&under_side, n) * -beam.deflection_m_per_n(stations_m[count - 1], stations_m[n]))
            .sum::<Vector2<f64>>()
            + side * beam.deflection_m_per_n(stations_m[count - 1], stations_m[count - 1]),
        stations_m,
    })
}

/// Deflection in m and slope of the tip of a needle that lies straight in `ground` and is pushed aside there.
///
/// The needle runs from `entry_mm` for `depth_mm` along +z, with points every `step_mm`, and is pushed along the first
/// axis across; `guide_mm` is as in [`super::Path`].
///
/// # Errors
/// [`NeedleError::NoStiffness`], [`NeedleError::Tissue`], [`NeedleError::PathOutside`].
pub fn tip_under_side<G: Ground>(
    ground: &mut G,
    beam: &Beam,
    entry_mm: &Point,
    [depth_mm, step_mm]: [f64; 2],
    guide_mm: Option<f64>,
    force_n: f64,
    progress: &Progress,
) -> Result<[f64; 2], NeedleError> {
    let frame = Frame::new(*entry_mm, &(entry_mm + Vector::z()));
    let nothing = Resistance {
        puncture_n: 0.0,
        cutting_n: 0.0,
        friction_n_m: 0.0,
        side_ratio: 0.0,
        side_towards: Vector::zeros(),
    };
    let mut track = Track::default();
    let steps = (depth_mm / step_mm).round() as usize;
    for n in 0..=steps {
        let along_m = 1e-3 * step_mm * n as f64;
        let place = frame.place_mm(along_m, &Vector2::zeros());
        let columns = ground.add(&place, progress)?.ok_or(NeedleError::PathOutside { after_mm: 1e3 * along_m })?;
        let beside_m2_per_n = ground.beside_m2_per_n(&place);
        track.push(Node { along_m, across_m: Vector2::zeros(), beside_m2_per_n }, &columns);
    }
    let side = Vector2::new(force_n, 0.0);
    let end = balance(&track, beam, &frame, &nothing, &side, guide_mm.map(|mm| 1e-3 * mm))?;
    Ok([end.side_m.x, end.side_slope.x])
}
