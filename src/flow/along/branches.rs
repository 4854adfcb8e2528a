//! What cross-sections say of whole branches.

use super::Station;

/// A branch through which something flows.
#[derive(Debug, Clone)]
pub struct Branch<'a> {
    /// Which of the centre lines.
    pub number: usize,
    /// Its cross-sections that end at the wall, in order; all of them if none does. At least one.
    pub stations: Vec<&'a Station>,
}

impl Branch<'_> {
    /// The cross-section nearest to its begin.
    pub fn first(&self) -> &Station {
        self.stations[0]
    }

    /// The cross-section nearest to its end.
    pub fn last(&self) -> &Station {
        self.stations[self.stations.len() - 1]
    }

    /// Flow in ml/s: the median of its cross-sections, of which those at junctions and bends are askew.
    pub fn flow_ml_s(&self) -> f64 {
        median(self.stations.iter().map(|station| station.section.flow_ml_s))
    }

    /// Diameter of a circle with the mean area, mm.
    pub fn diameter_mm(&self) -> f64 {
        let sum: f64 = self.stations.iter().map(|station| station.section.area_mm2).sum();
        2.0 * (sum / self.stations.len() as f64 / std::f64::consts::PI).sqrt()
    }

    /// The cross-section with the smallest area.
    pub fn narrowest(&self) -> &Station {
        let least = self.stations.iter().min_by(|a, b| a.section.area_mm2.total_cmp(&b.section.area_mm2));
        least.copied().unwrap_or(self.first())
    }

    /// Power that friction and eddies take between its first and its last cross-section, mW: flow times the fall of the
    /// total pressure.
    pub fn power_mw(&self) -> f64 {
        // ml/s times Pa is µW.
        1e-3 * self.flow_ml_s() * (self.first().section.total_pa() - self.last().section.total_pa())
    }
}

/// The branches of centre lines with `n_branches` that have cross-sections among `stations`, in order.
pub fn branches(stations: &[Station], n_branches: usize) -> Vec<Branch<'_>> {
    let branch = |number: usize| {
        let own: Vec<&Station> = stations.iter().filter(|station| station.branch == number).collect();
        let closed: Vec<&Station> = own.iter().copied().filter(|station| !station.section.is_open).collect();
        let stations = if closed.is_empty() { own } else { closed };
        (!stations.is_empty()).then_some(Branch { number, stations })
    };
    (0..n_branches).filter_map(branch).collect()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = values.collect();
    all.sort_by(f64::total_cmp);
    match all.len() {
        0 => 0.0,
        n if n % 2 == 1 => all[n / 2],
        n => 0.5 * (all[n / 2 - 1] + all[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_leaves_out_what_is_askew() {
        assert_eq!(median([1.0, 9.0, 1.2].into_iter()), 1.2);
        assert_eq!((median([1.0, 2.0].into_iter()), median(std::iter::empty())), (1.5, 0.0));
    }
}
