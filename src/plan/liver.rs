//! How much liver a body needs: body surface, standard liver volume, and how much of a liver must stay.
//!
//! Published formulas and thresholds with their sources; editable defaults, not medical advice.

use super::{Bounded, Verdict};
use serde::{Deserialize, Serialize};

/// Where the formulas of the standard liver volume and the thresholds were gathered.
pub const SOURCE: &str = "review PMC6422720, table 1";

/// SNOMED CT code of the liver.
pub const LIVER: u64 = 10_200_004;

/// Body height in cm that the formulas are used for: this program's limits for adults, the papers give no range.
pub const HEIGHT_CM: [f64; 2] = [130.0, 220.0];
/// Body weight in kg that the formulas are used for, likewise.
pub const WEIGHT_KG: [f64; 2] = [30.0, 200.0];

/// Body surface in m² (Mosteller 1987, NEJM 317:1098).
///
/// ```text
/// BSA = √(height · weight / 3600)        height in cm, weight in kg
/// ```
pub fn body_surface_mosteller_m2(height_cm: f64, weight_kg: f64) -> f64 {
    (height_cm * weight_kg / 3600.0).sqrt()
}

/// Body surface in m² (DuBois & DuBois 1916, Arch Intern Med 17:863).
///
/// ```text
/// BSA = 0.007184 · height^0.725 · weight^0.425        height in cm, weight in kg
/// ```
pub fn body_surface_du_bois_m2(height_cm: f64, weight_kg: f64) -> f64 {
    0.007_184 * height_cm.powf(0.725) * weight_kg.powf(0.425)
}

/// Standard liver volume in ml (Urata et al. 1995, Hepatology 21:1317): 706.2 · BSA + 2.4.
pub fn standard_volume_urata_ml(body_surface_m2: f64) -> f64 {
    706.2 * body_surface_m2 + 2.4
}

/// Standard liver volume in ml (Vauthey et al. 2002, Liver Transpl 8:233): −794 + 1267.28 · BSA.
pub fn standard_volume_vauthey_ml(body_surface_m2: f64) -> f64 {
    -794.0 + 1267.28 * body_surface_m2
}

/// Why the formulas do not hold for this body; `None` where they do.
pub fn outside_validity(height_cm: Option<f64>, weight_kg: Option<f64>) -> Option<String> {
    let (Some(height), Some(weight)) = (height_cm, weight_kg) else {
        return Some("height and weight are not given; enter both in the limits of the plan".into());
    };
    let outside = |what: &str, value: f64, [low, high]: [f64; 2], unit: &str| {
        let is_outside = !(low..=high).contains(&value);
        is_outside.then(|| {
            format!("a {what} of {value} {unit} is outside {low} to {high} {unit}, this program's limits for the formula's adults")
        })
    };
    outside("height", height, HEIGHT_CM, "cm").or_else(|| outside("weight", weight, WEIGHT_KG, "kg"))
}

/// How healthy a liver is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// No disease of the liver itself.
    Normal,
    /// After more than three months of chemotherapy.
    Chemotherapy,
    /// Hepatitis, fibrosis, cirrhosis.
    Diseased,
}

impl Condition {
    /// The words scripts use.
    pub const WORDS: [&'static str; 3] = ["normal", "chemotherapy", "diseased"];

    /// In a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal liver",
            Self::Chemotherapy => "liver after more than 3 months of chemotherapy",
            Self::Diseased => "liver with hepatitis, fibrosis or cirrhosis",
        }
    }

    /// Per cent of the liver that must stay: below the first it is too little, from the second on enough, between them it
    /// depends on whom one asks.
    pub fn remnant_percent(self) -> [f64; 2] {
        match self {
            Self::Normal => [20.0, 26.6],
            Self::Chemotherapy => [30.0, 30.0],
            Self::Diseased => [40.0, 50.0],
        }
    }

    /// Whose thresholds these are.
    pub fn source(self) -> &'static str {
        match self {
            Self::Normal => "20 % Kishi, 25 % Vauthey and Shoup, 26.6 % Schindl, in PMC6422720",
            Self::Chemotherapy => "30 % Shindoh, in PMC6422720",
            Self::Diseased => "40 %, 40 to 50 % by ICG test, in PMC6422720",
        }
    }

    /// The traffic light: green only if the whole range of `percent` is enough.
    pub fn judge(self, percent: &Bounded) -> Verdict {
        let [least, enough] = self.remnant_percent();
        match () {
            () if percent.value < least => Verdict::Breach,
            () if percent.low < enough => Verdict::Warning,
            () => Verdict::Ok,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_surfaces_are_those_of_the_papers() {
        // 170 cm and 70 kg: 1.82 m² by Mosteller, 1.81 m² by DuBois, as in the usual tables.
        assert!((body_surface_mosteller_m2(170.0, 70.0) - 1.8181).abs() < 5e-5);
        assert!((body_surface_du_bois_m2(170.0, 70.0) - 1.8097).abs() < 5e-4);
        // 180 cm and 80 kg are exactly 2 m² by Mosteller.
        assert_eq!(body_surface_mosteller_m2(180.0, 80.0), 2.0);
    }

    #[test]
    fn standard_volumes_agree_to_the_millilitre() {
        assert_eq!(standard_volume_urata_ml(1.73).round(), 1224.0);
        assert_eq!(standard_volume_vauthey_ml(1.73).round(), 1398.0);
        assert_eq!(standard_volume_urata_ml(2.0).round(), 1415.0);
        assert_eq!(standard_volume_vauthey_ml(2.0).round(), 1741.0);
    }

    #[test]
    fn the_light_is_green_only_where_the_whole_range_is() {
        let normal = Condition::Normal;
        assert_eq!(normal.judge(&Bounded::within(31.0, 2.0)), Verdict::Ok);
        assert_eq!(normal.judge(&Bounded::within(27.0, 2.0)), Verdict::Warning);
        assert_eq!(normal.judge(&Bounded::within(19.9, 2.0)), Verdict::Breach);
        assert_eq!(Condition::Diseased.judge(&Bounded::exact(31.0)), Verdict::Breach);
        assert_eq!(Condition::Chemotherapy.judge(&Bounded::exact(30.0)), Verdict::Ok);
    }

    #[test]
    fn bodies_beyond_this_programs_limits_are_refused_with_the_reason() {
        assert_eq!(outside_validity(Some(175.0), Some(80.0)), None);
        assert!(outside_validity(None, Some(80.0)).unwrap().contains("enter both"));
        let small = outside_validity(Some(95.0), Some(14.0)).unwrap();
        assert!(small.contains("95 cm") && small.contains("this program's limits"), "{small}");
        assert!(outside_validity(Some(175.0), Some(250.0)).unwrap().contains("250 kg"));
    }
}
