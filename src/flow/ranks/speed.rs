//! How fast several ranks are together: measured with threads of this machine, and reckoned for more than it has.

use super::threads::over_threads;
use super::{PAIRS, Part};
use crate::flow::collide::Trt;
use crate::flow::domain::Domain;
use crate::flow::lattice::Q;
use crate::flow::populations::Populations;
use crate::geom::{Grid, Point};
use std::time::Instant;

/// The radius of the tube that is measured, in cells.
const RADIUS: f64 = 20.0;

/// A measured speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// Fluid cells of all ranks.
    pub cells: usize,
    /// Million fluid-cell updates a second of all ranks together; those of halos do not count.
    pub mlups: f64,
    /// Cells of halos over own cells, of all ranks together.
    pub halo: f64,
}

/// Time at least `pairs` pairs of steps of a tube of `length` cells on `ranks` ranks, each a thread.
pub fn speed(ranks: usize, length: usize, pairs: usize) -> Speed {
    let edge = 2 * RADIUS as usize + 2;
    let grid = Grid::aligned([edge, edge, length.max(8)], Point::origin(), [1.0; 3]).expect("no edge is 0");
    let middle = 0.5 * (edge - 1) as f64;
    let level = |[x, y, _]: [i32; 3]| (RADIUS - (f64::from(x) - middle).hypot(f64::from(y) - middle)) as f32;
    let domain = Domain::enclosed(&grid, level, [false; 3]);
    let trt = Trt::new(0.6, 0.1875, [0.0; 3]);
    let measured = over_threads(ranks, 1, |ranks| {
        let mut part = Part::new(ranks, &domain.cells, &[], PAIRS);
        let mut populations = Populations::of_part(&domain.cells, &domain.wall_links, part.here());
        let mut pair = |part: &mut Part| {
            populations.step(trt);
            populations.step(trt);
            part.since += 2;
            if part.is_used_up() {
                part.exchange(&mut populations);
            }
        };
        (0..2).for_each(|_| pair(&mut part));
        // All begin together.
        part.do_all(true);
        let start = Instant::now();
        (0..pairs.max(1)).for_each(|_| pair(&mut part));
        part.do_all(true);
        (start.elapsed().as_secs_f64(), part.exchanged()[0])
    });
    let slowest = measured.iter().map(|(seconds, _)| *seconds).fold(1e-9, f64::max);
    let halo: usize = measured.iter().map(|(_, halo)| halo).sum();
    let cells = domain.cells.len();
    let updates = (2 * pairs.max(1) * cells) as f64;
    Speed { cells, mlups: updates / slowest * 1e-6, halo: halo as f64 / cells as f64 }
}

/// A network between ranks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Network {
    /// Time until a message arrives, s.
    pub latency_s: f64,
    /// What a rank sends or receives a second, bytes.
    pub bytes_s: f64,
}

/// The share of the speed of as many ranks without a halo that ranks of `cells` cells each, cubes with neighbours on all
/// sides, keep beside others, if one makes `mlups` million updates a second. Reckoned, not measured:
///
/// ```text
/// t = 2 (n + h)/v + 26 latency + 76 bytes · h/bandwidth        h = (∛n + 4)³ − n for one pair of steps an exchange
/// ```
///
/// Not in it: ranks that wait for slower ones, sums over all ranks, and that what is sent is copied.
pub fn modelled(cells: f64, mlups: f64, network: Network) -> f64 {
    let edge = cells.cbrt();
    let halo = (edge + 4.0 * PAIRS as f64).powi(3) - cells;
    let steps = 2.0 * PAIRS as f64;
    let step = |cells: f64| steps * cells / (mlups * 1e6);
    let message = (Q * size_of::<f32>()) as f64 * halo / network.bytes_s + 26.0 * network.latency_s;
    step(cells) / (step(cells + halo) + message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_measured_and_more_of_them_reckoned() {
        let [one, two] = [1, 2].map(|ranks| speed(ranks, 60, 2));
        assert_eq!((one.cells, one.halo), (two.cells, 0.0));
        // Two layers of the cross-section on either side of one cut.
        assert!((two.halo - 4.0 / 60.0).abs() < 1e-3, "{}", two.halo);
        assert!(0.0 < one.mlups && 0.0 < two.mlups);
        let network = Network { latency_s: 2e-6, bytes_s: 12.5e9 };
        let shares = [1e4, 1e5, 1e6, 1e7].map(|cells| modelled(cells, 40.0, network));
        assert!(shares.is_sorted() && 0.0 < shares[0] && shares[3] < 1.0, "{shares:?}");
    }
}
