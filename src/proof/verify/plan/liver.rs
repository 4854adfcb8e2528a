//! Body surfaces and standard volumes of the liver against the formulas of the papers, worked by hand to 40 digits.

use crate::plan::liver::{
    body_surface_du_bois_m2, body_surface_mosteller_m2, standard_volume_urata_ml, standard_volume_vauthey_ml,
};
use crate::proof::verify::{Row, Tolerance};

/// Bodies: height in cm, weight in kg; m² by Mosteller and by DuBois; ml by Urata and by Vauthey for each of the two.
///
/// Decimal arithmetic of 40 digits, rounded: √(h·w/3600); 0.007184·h^0.725·w^0.425; 706.2·m² + 2.4; 1267.28·m² − 794.
/// 180 cm and 80 kg are 2 m² by Mosteller exactly.
const BODIES: [([f64; 2], [f64; 2], [[f64; 2]; 2]); 5] = [
    ([150.0, 45.0], [1.369306, 1.369770], [[969.404, 941.295], [969.732, 941.883]]),
    ([160.0, 58.0], [1.605546, 1.598859], [[1136.237, 1240.676], [1131.514, 1232.202]]),
    ([170.0, 70.0], [1.818119, 1.809708], [[1286.355, 1510.065], [1280.416, 1499.407]]),
    ([180.0, 80.0], [2.000000, 1.996421], [[1414.800, 1740.560], [1412.273, 1736.024]]),
    ([192.0, 104.0], [2.355136, 2.338831], [[1665.597, 2190.617], [1654.083, 2169.954]]),
];

/// The worst difference of each formula.
pub(super) fn rows() -> Vec<Row> {
    let surfaces: [fn(f64, f64) -> f64; 2] = [body_surface_mosteller_m2, body_surface_du_bois_m2];
    let volumes: [fn(f64) -> f64; 2] = [standard_volume_urata_ml, standard_volume_vauthey_ml];
    let (mut off_m2, mut off_ml) = ([0.0_f64; 2], [0.0_f64; 2]);
    for ([height_cm, weight_kg], m2, ml) in BODIES {
        for (by, surface) in surfaces.into_iter().enumerate() {
            let found_m2 = surface(height_cm, weight_kg);
            off_m2[by] = off_m2[by].max((found_m2 - m2[by]).abs());
            for (n, volume) in volumes.into_iter().enumerate() {
                off_ml[n] = off_ml[n].max((volume(found_m2) - ml[by][n]).abs());
            }
        }
    }
    let row = |what: &str, value: f64, limit: f64, unit: &str, source: &str| {
        let what = format!("{what}, {} bodies: worst difference", BODIES.len());
        Row::new("P10", &what, value, limit, unit, Tolerance::AtMost, source)
    };
    let by_hand = "worked by hand to 40 digits";
    vec![
        row("body surface by Mosteller", off_m2[0], 1e-6, "m²", &format!("Mosteller 1987, NEJM 317:1098; {by_hand}")),
        row(
            "body surface by DuBois",
            off_m2[1],
            1e-6,
            "m²",
            &format!("DuBois 1916, Arch Intern Med 17:863; {by_hand}"),
        ),
        row("standard volume by Urata", off_ml[0], 0.5, "ml", &format!("Urata 1995, Hepatology 21:1317; {by_hand}")),
        row(
            "standard volume by Vauthey",
            off_ml[1],
            0.5,
            "ml",
            &format!("Vauthey 2002, Liver Transpl 8:233; {by_hand}"),
        ),
    ]
}

#[cfg(test)]
mod tests {
    #[test]
    fn formulas_agree_to_the_millilitre() {
        let rows = super::rows();
        assert!(rows.iter().all(|row| row.pass), "{rows:?}");
    }
}
