//! The benchmark of Boileau et al. 2015: common carotid artery, upper thoracic aorta, aortic bifurcation.

use super::boileau::{self, Inflow, Reference};
use super::{blood, extremes, sampled};
use crate::base::Progress;
use crate::flow::FlowError;
use crate::flow::verification::Row;
use crate::flow::waves::{End, Network, Probe, Profile, Section, Segment, Series, Setup, Waves, solve};

const SOURCE: &str = "Boileau et al. 2015 (IJNMBE 31:e02732), their finite volume scheme; 1 % is asked for";

/// Numbers of a vessel; radius and thickness are those at the diastolic pressure.
struct Artery {
    length_m: f64,
    radius_m: f64,
    thickness_m: f64,
    youngs_modulus_pa: f64,
}

impl Artery {
    /// As a segment with its radius at the diastolic pressure.
    fn segment(&self, name: &str, nodes: [usize; 2], diastolic_pa: f64, order: f64) -> Segment {
        let section = Section::elastic(0.0, self.radius_m, self.youngs_modulus_pa, self.thickness_m);
        Segment::uniform(name, nodes, self.length_m, section, diastolic_pa, Profile::of_order(order))
    }
}

/// R₁, C and R₂ in SI units.
#[derive(Clone, Copy)]
struct Bed([f64; 3]);

impl Bed {
    fn end(self) -> End {
        let Self([proximal, capacitance, distal]) = self;
        End::Windkessel { proximal, capacitance, distal, distal_pressure_pa: 0.0 }
    }

    fn resistance(self) -> f64 {
        self.0[0] + self.0[2]
    }
}

/// The carotid artery, and the resistance behind it in Pa s/m³.
pub(super) fn carotid_network(inflow: &Inflow) -> Result<(Network, f64), FlowError> {
    let artery = Artery { length_m: 0.126, radius_m: 3e-3, thickness_m: 0.3e-3, youngs_modulus_pa: 700e3 };
    let bed = Bed([2.4875e8, 1.7529e-10, 1.8697e9]);
    let ends = vec![(0, End::Flow(sampled(inflow.period_s, |t| inflow.at(t))?)), (1, bed.end())];
    let segments = vec![artery.segment("common carotid artery", [0, 1], 10_933.0, 2.0)];
    Ok((Network::new(blood(1060.0, 4e-3), segments, ends)?, bed.resistance()))
}

/// Places at begin, middle and end of a vessel.
pub(super) fn places(network: &Network, segment: usize) -> [Probe; 3] {
    let length = network.segments()[segment].length_m;
    [0.0, 0.5 * length, length].map(|at_m| Probe { segment, at_m })
}

/// Cells of 2 mm, 1000 samples.
pub(super) fn setup(mean_pressure_pa: f64) -> Setup {
    Setup { samples: 1000, tolerance: Some(1e-5), ..Setup::from_pressure(mean_pressure_pa) }
}

/// F13: common carotid artery.
pub(in super::super) fn carotid(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let (network, resistance) = carotid_network(&boileau::CAROTID)?;
    let mean = boileau::CAROTID.mean * boileau::CAROTID.unit * resistance;
    let waves = solve(&network, &setup(mean), &places(&network, 0), progress)?;
    let mut rows = vec![balance("carotid artery", &waves.series[2], mean)];
    rows.extend(compare("carotid artery", &waves.series, &boileau::CAROTID_MIDDLE));
    Ok(rows)
}

/// F13: upper thoracic aorta.
pub(in super::super) fn thoracic(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let artery = Artery { length_m: 0.24137, radius_m: 12e-3, thickness_m: 1.2e-3, youngs_modulus_pa: 400e3 };
    let (bed, inflow) = (Bed([1.1752e7, 1.0163e-8, 1.1167e8]), boileau::THORACIC);
    let segments = vec![artery.segment("upper thoracic aorta", [0, 1], 9_466.7, 9.0)];
    let ends = vec![(0, End::Flow(sampled(inflow.period_s, |t| inflow.at(t))?)), (1, bed.end())];
    let network = Network::new(blood(1060.0, 4e-3), segments, ends)?;
    let mean = inflow.unit * inflow.mean * bed.resistance();
    let waves = solve(&network, &setup(mean), &places(&network, 0), progress)?;
    let mut rows = vec![balance("thoracic aorta", &waves.series[2], mean)];
    rows.extend(compare("thoracic aorta", &waves.series, &boileau::THORACIC_MIDDLE));
    Ok(rows)
}

/// F13: abdominal aorta that splits into two equal iliac arteries.
pub(in super::super) fn bifurcation(progress: &Progress) -> Result<Vec<Row>, FlowError> {
    let aorta = Artery { length_m: 0.086, radius_m: 8.6e-3, thickness_m: 1.032e-3, youngs_modulus_pa: 500e3 };
    let iliac = Artery { length_m: 0.085, radius_m: 6e-3, thickness_m: 0.72e-3, youngs_modulus_pa: 700e3 };
    let (bed, inflow) = (Bed([6.8123e7, 3.6664e-10, 3.1013e9]), boileau::BIFURCATION);
    let segments = vec![
        aorta.segment("aorta", [0, 1], 9_466.7, 9.0),
        iliac.segment("left iliac artery", [1, 2], 9_466.7, 9.0),
        iliac.segment("right iliac artery", [1, 3], 9_466.7, 9.0),
    ];
    let ends = vec![(0, End::Flow(sampled(inflow.period_s, |t| inflow.at(t))?)), (2, bed.end()), (3, bed.end())];
    let network = Network::new(blood(1060.0, 4e-3), segments, ends)?;
    let mean = 0.5 * inflow.unit * inflow.mean * bed.resistance();
    let probes: Vec<Probe> = [0, 1, 2].into_iter().flat_map(|segment| places(&network, segment)).collect();
    let waves = solve(&network, &setup(mean), &probes, progress)?;
    let mut rows = vec![balance("aortic bifurcation", &waves.series[5], mean)];
    rows.extend(compare("aorta before its bifurcation", &waves.series[..3], &boileau::AORTA_MIDDLE));
    rows.extend(compare("iliac artery", &waves.series[3..6], &boileau::ILIAC_MIDDLE));
    let difference = |n: usize| (waves.series[4].pressure_pa[n] - waves.series[7].pressure_pa[n]).abs();
    rows.push(Row {
        id: "F13",
        what: "aortic bifurcation: largest difference between left and right".into(),
        value: (0..waves.times_s.len()).map(difference).fold(0.0, f64::max),
        reference: 0.0,
        unit: "Pa",
        tolerance: 1e-6,
        source: "symmetry; rounding",
    });
    Ok(rows)
}

/// Mean pressure before the windkessel.
fn balance(what: &str, outlet: &Series, mean: f64) -> Row {
    Row {
        id: "F13",
        what: format!("{what}: mean pressure at the outlet"),
        value: 1e-3 * Waves::mean(&outlet.pressure_pa),
        reference: 1e-3 * mean,
        unit: "kPa",
        tolerance: 2e-7 * mean,
        source: "Q (R1 + R2); cycles repeat to 1e-5, so 2e-4",
    }
}

/// Extremes and shapes of the waves half-way along a vessel.
fn compare(what: &str, series: &[Series], reference: &Reference) -> Vec<Row> {
    let middle = &series[1];
    let pressure: Vec<f64> = middle.pressure_pa.iter().map(|p| 1e-3 * p).collect();
    let flow: Vec<f64> = middle.flow_m3_s.iter().map(|q| 1e6 * q).collect();
    let ([low, high], [least, most]) = (extremes(&pressure), extremes(&flow));
    let ([r_low, r_high], [r_least, r_most]) = (reference.extremes_kpa, reference.extremes_ml_s);
    let row = |name: &str, value, reference, unit, scale: f64| Row {
        id: "F13",
        what: format!("{what}: {name}"),
        value,
        reference,
        unit,
        tolerance: 0.01 * scale,
        source: SOURCE,
    };
    let mut rows = vec![
        row("systolic pressure half-way", high, r_high, "kPa", r_high),
        row("diastolic pressure half-way", low, r_low, "kPa", r_low),
        row("pulse pressure half-way", high - low, r_high - r_low, "kPa", r_high - r_low),
        row("largest flow half-way", most, r_most, "ml/s", r_most),
        row("smallest flow half-way", least, r_least, "ml/s", r_most),
        row("pressure wave, rms difference over its mean", rms(&pressure, reference.pressure_kpa, mean), 0.0, "1", 1.0),
        row("flow wave, rms difference over its largest", rms(&flow, reference.flow_ml_s, largest), 0.0, "1", 1.0),
    ];
    if let Some(drop) = reference.drop_kpa {
        let both = series[0].pressure_pa.iter().zip(&series[2].pressure_pa);
        let own: Vec<f64> = both.map(|(inlet, outlet)| 1e-3 * (inlet - outlet)).collect();
        rows.push(row(
            "pressure drop along it, rms difference over its largest",
            rms(&own, drop, largest),
            0.0,
            "1",
            1.0,
        ));
    }
    rows
}

/// Root of the mean square of the difference to a wave of fewer samples, over a size of the wave.
fn rms(values: &[f64], wave: &[f64; 50], size: fn(&[f64; 50]) -> f64) -> f64 {
    let every = (values.len() - 1) / wave.len();
    let square = |(n, x): (usize, &f64)| (values[n * every] - x).powi(2);
    (wave.iter().enumerate().map(square).sum::<f64>() / wave.len() as f64).sqrt() / size(wave)
}

fn mean(wave: &[f64; 50]) -> f64 {
    wave.iter().sum::<f64>() / wave.len() as f64
}

fn largest(wave: &[f64; 50]) -> f64 {
    wave.iter().fold(0.0, |max, x| f64::max(max, x.abs()))
}
