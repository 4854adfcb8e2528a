//! The list of presets and what each returns.

use super::{
    airway, aorta, body, bone, bones, composition, heart, kidneys, liver, liver_vessels, lobes, lungs, nodule, spleen,
    vessel,
};
use crate::base::{Progress, Summary};
use crate::geom::Point;
use crate::image::{LabelMap, Volume};
use crate::segment::SegmentError;

/// A segmented organ and the account it gives of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Organ {
    /// One segment per part, on the grid of the scan.
    pub labels: LabelMap,
    /// Volumes in ml, the `confidence` from 0 to 1, methods, limits, and a warning for everything that lowered it.
    pub summary: Summary,
}

/// A preset: CT in, organ out.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// Stable name for scripts.
    pub id: &'static str,
    /// Name on the button.
    pub label: &'static str,
    /// One sentence for the tooltip.
    pub help: &'static str,
    /// Whether a seed point changes the result.
    pub takes_seed: bool,
    /// Segment a CT in HU; the point is a seed in the patient.
    pub run: fn(&Volume<i16>, Option<Point>, &Progress) -> Result<Organ, SegmentError>,
}

/// All presets, in the order they are offered.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: "body",
        label: "Body surface",
        help: "The whole body with everything in it, without table and clothes.",
        takes_seed: false,
        run: body::run,
    },
    Preset {
        id: "composition",
        label: "Skin, fat and muscle",
        help: "Skin, fat under the skin, fat of the cavities, fat between muscles, and muscle, as one group.",
        takes_seed: false,
        run: composition::run,
    },
    Preset {
        id: "bone",
        label: "Bone",
        help: "The skeleton with its marrow; contrast-filled vessels are told apart where possible.",
        takes_seed: false,
        run: bone::run,
    },
    Preset {
        id: "bones",
        label: "Bones by name",
        help: "The skeleton as spine, ribs with sternum, skull, hip bones, and limbs with shoulder girdle, as far as they are in the scan.",
        takes_seed: false,
        run: bones::run,
    },
    Preset {
        id: "lungs",
        label: "Lungs",
        help: "Right and left lung with their vessels, without trachea and main bronchi.",
        takes_seed: false,
        run: lungs::run,
    },
    Preset {
        id: "lobes",
        label: "Lung lobes",
        help: "The five lobes, parted by the fissures; refused where these cannot be seen.",
        takes_seed: false,
        run: lobes::run,
    },
    Preset {
        id: "nodule",
        label: "Lung nodule",
        help: "The nodule at a seed point, without the vessels and the chest wall it touches.",
        takes_seed: true,
        run: nodule::run,
    },
    Preset {
        id: "heart",
        label: "Heart",
        help: "The blood in the heart's chambers in a scan with contrast, left and right where they differ, and the wall around it.",
        takes_seed: true,
        run: heart::run,
    },
    Preset {
        id: "airway",
        label: "Airway",
        help: "The air in trachea and bronchi as far as it can be followed without a leak.",
        takes_seed: true,
        run: airway::run,
    },
    Preset {
        id: "aorta",
        label: "Aorta",
        help: "The aorta from root to division with both lumens of a dissection, thrombus and plaque, without branches; found by itself, or from one click in its descending part.",
        takes_seed: true,
        run: aorta::run,
    },
    Preset {
        id: "vessel",
        label: "Contrast vessel",
        help: "The aorta and its branches, or the contrast-filled vessel at a seed point.",
        takes_seed: true,
        run: vessel::run,
    },
    Preset {
        id: "liver",
        label: "Liver",
        help: "The liver with its vessels; found by itself, or from one click in it.",
        takes_seed: true,
        run: liver::run,
    },
    Preset {
        id: "liver_vessels",
        label: "Liver vessels",
        help: "Portal vein and hepatic veins in a liver with contrast (portal venous phase), parted; found by themselves, or from one click in the liver.",
        takes_seed: true,
        run: liver_vessels::run,
    },
    Preset {
        id: "spleen",
        label: "Spleen",
        help: "The spleen; found by itself, or from one click in it.",
        takes_seed: true,
        run: spleen::run,
    },
    Preset {
        id: "kidneys",
        label: "Kidneys",
        help: "Right and left kidney without the fat of the sinus; found by themselves, or one from a click in it.",
        takes_seed: true,
        run: kidneys::run,
    },
];

/// The preset with this id.
pub fn preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}
