//! What can be carried: diffusion, units and usual numbers of substances known by name.

use crate::flow::Fluid;

/// A substance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Substance {
    /// Its word as a parameter.
    pub word: &'static str,
    /// What its fields and curves are called.
    pub name: &'static str,
    /// Unit of its concentration as shown.
    pub unit: &'static str,
    /// Unit of its amount: that of the concentration times ml.
    pub amount_unit: &'static str,
    /// Concentration of what is injected if nothing is said.
    pub concentration: f64,
    /// Diffusion in m²/s, and what is said of it.
    pub diffusion_m2_s: f64,
    pub source: &'static str,
}

pub(super) const WORDS: &[&str] = &["contrast", "drug", "heat", "age"];

const CONTRAST: Substance = Substance {
    word: "contrast",
    name: "contrast",
    unit: "mg I/ml",
    amount_unit: "mg I",
    concentration: 350.0,
    diffusion_m2_s: 4e-10,
    source: "the order of a molecule of 0.8 kg/mol in plasma by Stokes and Einstein",
};
const DRUG: Substance = Substance {
    word: "drug",
    name: "drug",
    unit: "mg/ml",
    amount_unit: "mg",
    concentration: 1.0,
    diffusion_m2_s: 5e-10,
    source: "the order of a molecule of some hundred g/mol in plasma by Stokes and Einstein",
};
const HEAT: Substance = Substance {
    word: "heat",
    name: "temperature difference",
    unit: "K",
    amount_unit: "K ml",
    concentration: 10.0,
    diffusion_m2_s: 1.4e-7,
    source: "conductivity over density and heat capacity of blood (0.52 W/(m K), 1060 kg/m³, 3.6 kJ/(kg K))",
};
const AGE: Substance = Substance {
    word: "age",
    name: "fluid from the start",
    unit: "1",
    amount_unit: "ml",
    concentration: 1.0,
    diffusion_m2_s: 1e-9,
    source: "the order of small molecules in water; it matters only where fluid is nearly at rest",
};

impl Substance {
    /// The substance of a word in a fluid.
    pub fn of(word: &str, fluid: &Fluid) -> Self {
        let is_air = fluid.name == Fluid::air().name;
        let substance = match word {
            "contrast" => CONTRAST,
            "drug" => DRUG,
            "heat" => HEAT,
            _ => AGE,
        };
        match (substance.word, is_air) {
            ("heat", true) => Self {
                diffusion_m2_s: 2.3e-5,
                source: "conductivity over density and heat capacity of air at 37 °C (0.027 W/(m K), 1.13 kg/m³, 1.0 kJ/(kg K))",
                ..substance
            },
            (_, true) => Self { diffusion_m2_s: 2e-5, source: "the order of gases in air", ..substance },
            (_, false) => substance,
        }
    }

    /// Whether something is injected.
    pub fn is_injected(&self) -> bool {
        self.word != AGE.word
    }
}
