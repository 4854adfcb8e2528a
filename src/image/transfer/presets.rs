//! Ready-made transfer functions: curves and colours of our own in the ranges users know.
//!
//! The values at which opacity rises and the plateaus are those of the preset family that 3D Slicer, OHIF, VolView and
//! MITK share (Slicer, `Modules/Loadable/VolumeRendering/Resources/presets.xml`); what lies between them is chosen here
//! so that organs in front do not hide what the preset is for. Opacities are per millimetre of tissue.

use super::{Shading, TransferFunction, VolumeMode};
use crate::image::Modality;

/// The kind of scan a preset is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suits {
    /// Computed tomography: values are HU.
    Ct,
    /// Magnetic resonance: values have no unit, the curve is fitted to those of the scan.
    Mr,
    /// Ultrasound, fitted too.
    Ultrasound,
}

impl Suits {
    /// Whether a scan made by `modality` may be of this kind.
    pub fn fits(self, modality: Modality) -> bool {
        match modality {
            Modality::Ct => self == Self::Ct,
            Modality::Mr => self == Self::Mr,
            // Nobody said what it is: it may be an ultrasound, or a magnetic resonance without its header.
            Modality::Other => self != Self::Ct,
        }
    }
}

/// A ready-made transfer function.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preset {
    /// The word in files; never changes.
    pub id: &'static str,
    /// What the list says.
    pub name: &'static str,
    /// What it is for, in a few words.
    pub usage: &'static str,
    /// The kind of scan it is made for.
    pub suits: Suits,
    /// How values along a ray become a colour.
    pub mode: VolumeMode,
    opacity: &'static [(f64, f32)],
    colours: &'static [(f64, [u8; 3])],
    shading: Option<Shading>,
}

/// The ends of the scale that points of fitted presets are written in: what stands for the darkest and the brightest
/// value of the foreground.
const FITTED: [f64; 2] = [0.0, 255.0];

impl Preset {
    /// Its transfer function for a scan whose foreground reaches from the one to the other value of `foreground`
    /// ([`super::Histogram::foreground`]); HU need no such fitting.
    pub fn transfer(&self, foreground: [f64; 2]) -> TransferFunction {
        let plain = TransferFunction::new(self.opacity.to_vec(), self.colours.to_vec(), self.shading);
        let [low, high] = foreground;
        if self.suits == Suits::Ct || !(low < high) {
            return plain;
        }
        let factor = (high - low) / (FITTED[1] - FITTED[0]);
        let fitted = |value: f64| low + (value - FITTED[0]) * factor;
        let opacity = self.opacity.iter().map(|(value, opacity)| (fitted(*value), *opacity)).collect();
        let colours = self.colours.iter().map(|(value, colour)| (fitted(*value), *colour)).collect();
        TransferFunction::new(opacity, colours, self.shading)
    }
}

/// The preset with this id.
pub fn preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}

/// Wet surfaces: a little light from everywhere, a narrow highlight.
const LIT: Option<Shading> = Some(Shading { ambient: 0.1, diffuse: 0.9, specular: 0.2, power: 10.0 });
/// Dull surfaces.
const DULL: Option<Shading> = Some(Shading { ambient: 0.2, diffuse: 1.0, specular: 0.0, power: 1.0 });

const MAROON: [u8; 3] = [140, 64, 38];
const BRICK: [u8; 3] = [176, 70, 46];
const BLOOD: [u8; 3] = [204, 72, 52];
const CORAL: [u8; 3] = [226, 124, 88];
const SAND: [u8; 3] = [224, 186, 134];
const BONE: [u8; 3] = [238, 219, 186];
const IVORY: [u8; 3] = [252, 246, 232];
const ROSE: [u8; 3] = [232, 168, 158];
const SHELL: [u8; 3] = [246, 206, 194];
const PLUM: [u8; 3] = [126, 66, 84];
const STRAW: [u8; 3] = [236, 200, 108];
const BUTTER: [u8; 3] = [250, 228, 160];
const SKIN: [u8; 3] = [214, 156, 126];
const MIST: [u8; 3] = [150, 176, 196];
const SKY: [u8; 3] = [206, 226, 238];
const BLACK: [u8; 3] = [0, 0, 0];
const SLATE: [u8; 3] = [92, 90, 98];
const WHITE: [u8; 3] = [255, 255, 255];

const fn ct(
    id: &'static str,
    name: &'static str,
    usage: &'static str,
    shading: Option<Shading>,
    opacity: &'static [(f64, f32)],
    colours: &'static [(f64, [u8; 3])],
) -> Preset {
    Preset { id, name, usage, suits: Suits::Ct, mode: VolumeMode::Composite, opacity, colours, shading }
}

const fn other(preset: Preset, suits: Suits, mode: VolumeMode) -> Preset {
    Preset { suits, mode, ..preset }
}

/// All of them, as the list shows them.
#[rustfmt::skip]
pub static PRESETS: [Preset; 17] = [
    // Soft tissue stays a thin haze: at the straight ramp's 0.06 per mm a hand's breadth of it hides the spine.
    ct("ct-bone", "CT bone", "Skeleton with a haze of soft tissue", LIT,
        &[(-16.0, 0.0), (130.0, 0.006), (300.0, 0.28), (641.0, 0.71)],
        &[(-16.0, MAROON), (130.0, BRICK), (260.0, SAND), (641.0, IVORY)]),
    ct("ct-bones-soft", "CT bones, soft", "See-through skeleton", LIT,
        &[(152.0, 0.0), (279.0, 0.19), (952.0, 0.20)],
        &[(152.0, CORAL), (279.0, BONE), (952.0, IVORY)]),
    ct("ct-aorta", "CT angio, aorta", "Aorta and large vessels with contrast, and bone", LIT,
        &[(144.0, 0.0), (166.0, 0.69), (420.0, 0.83)],
        &[(144.0, MAROON), (166.0, BRICK), (250.0, BLOOD), (420.0, BONE), (900.0, IVORY)]),
    ct("ct-cardiac", "CT cardiac", "Heart with contrast, muscle around it", LIT,
        &[(-78.0, 0.0), (10.0, 0.04), (95.0, 0.29), (179.0, 0.55), (260.0, 0.85)],
        &[(-78.0, MAROON), (95.0, [168, 84, 60]), (179.0, CORAL), (260.0, ROSE), (600.0, IVORY)]),
    ct("ct-coronary", "CT coronary", "Coronary arteries with contrast", None,
        &[(136.0, 0.0), (159.0, 0.26), (318.0, 0.57), (479.0, 0.78)],
        &[(136.0, MAROON), (159.0, BRICK), (318.0, CORAL), (479.0, SHELL), (800.0, IVORY)]),
    ct("ct-chest-contrast", "CT chest, contrast", "Heart, vessels and ribs with contrast", LIT,
        &[(67.0, 0.0), (251.0, 0.45), (439.0, 0.63)],
        &[(67.0, MAROON), (180.0, BRICK), (251.0, BLOOD), (439.0, BONE), (900.0, IVORY)]),
    ct("ct-liver-vessels", "CT liver vessels", "Portal and hepatic veins with contrast", None,
        &[(149.0, 0.0), (158.0, 0.48), (340.0, 0.66), (389.0, 0.83)],
        &[(149.0, PLUM), (170.0, BRICK), (260.0, CORAL), (389.0, BONE), (800.0, IVORY)]),
    // A closed band: the skin of the lung is seen, neither the air in it nor the chest wall.
    ct("ct-lung", "CT lung", "The skin of the lung, airways inside it", LIT,
        &[(-600.0, 0.0), (-570.0, 0.15), (-440.0, 0.15), (-400.0, 0.0)],
        &[(-600.0, ROSE), (-500.0, SHELL), (-400.0, PLUM)]),
    // Below air there is only the padding outside the scanner's circle.
    ct("ct-air", "CT air", "Airways and bowel gas; crop to the body first", LIT,
        &[(-1100.0, 0.0), (-1060.0, 0.71), (-900.0, 0.71), (-500.0, 0.0)],
        &[(-1060.0, SKY), (-900.0, MIST), (-500.0, SLATE)]),
    ct("ct-fat", "CT fat", "Fat as a haze", None,
        &[(-100.0, 0.0), (-94.0, 0.15), (-66.0, 0.15), (-60.0, 0.0)],
        &[(-100.0, BUTTER), (-60.0, STRAW)]),
    ct("ct-muscle", "CT muscle", "Muscles under the skin, bone where it is bare", LIT,
        &[(-155.0, 0.0), (-60.0, 0.02), (20.0, 0.30), (218.0, 0.68), (420.0, 0.83)],
        &[(-155.0, SKIN), (-30.0, STRAW), (20.0, MAROON), (90.0, BRICK), (218.0, BONE), (420.0, IVORY)]),
    ct("ct-soft-tissue", "CT soft tissue", "The skin as a block to cut", None,
        &[(-167.0, 0.0), (-160.0, 1.0)],
        &[(-167.0, SKIN), (-70.0, STRAW), (10.0, MAROON), (80.0, CORAL), (240.0, BONE), (600.0, IVORY)]),
    other(ct("ct-mip", "CT MIP", "The brightest value along each ray: vessels, calcium", None,
        &[(-638.0, 0.0), (700.0, 1.0)],
        &[(-638.0, BLACK), (700.0, WHITE)]), Suits::Ct, VolumeMode::Maximum),
    other(ct("ct-x-ray", "CT X-ray", "A simulated radiograph", None,
        &[(-200.0, 0.0), (1500.0, 0.05)],
        &[(-200.0, SLATE), (1500.0, WHITE)]), Suits::Ct, VolumeMode::XRay),
    other(ct("mr-angio", "MR angio", "Bright blood; depends on the scan", LIT,
        &[(151.0, 0.0), (158.0, 0.44), (190.0, 0.58), (201.0, 0.73)],
        &[(151.0, MAROON), (175.0, BLOOD), (201.0, ROSE), (255.0, IVORY)]), Suits::Mr, VolumeMode::Composite),
    other(ct("mr-default", "MR default", "Everything brighter than the background", LIT,
        &[(20.0, 0.0), (40.0, 0.15), (120.0, 0.30), (220.0, 0.38)],
        &[(20.0, PLUM), (40.0, [168, 84, 60]), (120.0, CORAL), (220.0, IVORY)]), Suits::Mr, VolumeMode::Composite),
    other(ct("us-fetal", "Ultrasound, fetal", "The surface of a child before birth", DULL,
        &[(60.0, 0.0), (90.0, 0.60), (255.0, 0.80)],
        &[(60.0, [120, 66, 44]), (90.0, SKIN), (180.0, SHELL), (255.0, IVORY)]), Suits::Ultrasound, VolumeMode::Composite),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// What the shared conventions ask for: where opacity begins to rise, where the plateau is reached and how high it is.
    #[test]
    fn ranges_and_plateaus_are_those_that_users_know() {
        let expected: [(&str, f64, f64, f32, bool); 15] = [
            ("ct-bone", -16.0, 641.0, 0.71, true),
            ("ct-bones-soft", 152.0, 279.0, 0.19, true),
            ("ct-aorta", 144.0, 420.0, 0.83, true),
            ("ct-cardiac", -78.0, 260.0, 0.85, true),
            ("ct-coronary", 136.0, 479.0, 0.78, false),
            ("ct-chest-contrast", 67.0, 439.0, 0.63, true),
            ("ct-liver-vessels", 149.0, 389.0, 0.83, false),
            ("ct-lung", -600.0, -500.0, 0.15, true),
            ("ct-fat", -100.0, -80.0, 0.15, false),
            ("ct-muscle", -155.0, 218.0, 0.68, true),
            ("ct-soft-tissue", -167.0, -160.0, 1.0, false),
            ("ct-mip", -638.0, 700.0, 1.0, false),
            ("ct-x-ray", -200.0, 1500.0, 0.05, false),
            ("mr-default", 20.0, 220.0, 0.38, true),
            ("us-fetal", 60.0, 255.0, 0.80, true),
        ];
        for (id, rises_at, plateau_at, plateau, lit) in expected {
            let transfer = preset(id).unwrap().transfer(FITTED);
            assert_eq!(transfer.opacity_at(rises_at), 0.0, "{id}");
            assert!(0.0 < transfer.opacity_at(rises_at + 4.0), "{id}");
            assert!((transfer.opacity_at(plateau_at) - plateau).abs() < 1e-6, "{id}");
            assert_eq!(transfer.shading.is_some(), lit, "{id}");
        }
        let air = preset("ct-air").unwrap().transfer(FITTED);
        assert_eq!((air.opacity_at(-950.0), air.opacity_at(-500.0), air.opacity_at(-2000.0)), (0.71, 0.0, 0.0));
    }

    /// Soft tissue of 50 HU lets half of the light through for the depth of a hand, or bones behind it are not seen.
    #[test]
    fn the_haze_of_the_bone_preset_lets_bone_through() {
        let transfer = preset("ct-bone").unwrap().transfer(FITTED);
        assert!(0.5 < (1.0 - transfer.opacity_at(50.0)).powi(100));
        let bone = preset("ct-bones-soft").unwrap().transfer(FITTED);
        assert_eq!(bone.opacity_at(60.0), 0.0);
    }

    #[test]
    fn ids_and_names_are_unique_and_points_are_in_order() {
        for (place, preset) in PRESETS.iter().enumerate() {
            assert!(PRESETS[..place].iter().all(|other| other.id != preset.id && other.name != preset.name));
            assert!(preset.opacity.is_sorted_by(|a, b| a.0 <= b.0) && preset.colours.is_sorted_by(|a, b| a.0 <= b.0));
            assert!(!preset.colours.is_empty() && !preset.usage.is_empty());
        }
        for modality in [Modality::Ct, Modality::Mr, Modality::Other] {
            assert!(PRESETS.iter().any(|preset| preset.suits.fits(modality)));
        }
    }

    #[test]
    fn fitted_presets_follow_the_values_of_the_scan_and_hu_do_not() {
        let [plain, fitted] = [FITTED, [1000.0, 3550.0]].map(|range| preset("mr-default").unwrap().transfer(range));
        assert_eq!(fitted.opacity_at(2200.0), plain.opacity_at(120.0));
        let bone = preset("ct-bone").unwrap();
        assert_eq!(bone.transfer(FITTED), bone.transfer([1000.0, 3550.0]));
        // A scan of one value has no range to fit to.
        assert_eq!(preset("mr-default").unwrap().transfer([7.0, 7.0]), plain);
    }
}
