//! What a phantom is made of: attenuation, and the segment each tissue belongs to.

use crate::base::SegmentId;
use crate::image::Segment;

/// A material: everything with the same attenuation and the same label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tissue {
    /// Mean attenuation in HU.
    pub hu: f64,
    /// The segment its voxels belong to; 0 for none.
    pub label: u8,
}

/// An entry of the table of segments.
struct Row(u8, &'static str, [u8; 3], Option<u64>);

/// Segments a phantom may hold: label, name, colour and SNOMED CT code of `3D Slicer`'s general-anatomy terminology
/// (portal vein, hepatic veins, inferior vena cava, intervertebral disc and spinal canal from SNOMED CT itself).
const SEGMENTS: &[Row] = &[
    Row(label::FAT, "fat", [230, 220, 70], Some(248_300_009)),
    Row(label::MUSCLE, "muscle", [192, 104, 88], Some(71_616_004)),
    Row(label::SKIN, "skin", [177, 122, 101], Some(39_937_001)),
    Row(label::SPINE, "spine", [212, 188, 102], Some(122_496_007)),
    Row(label::RIBS, "ribs", [253, 232, 158], Some(113_197_003)),
    Row(label::DISC, "intervertebral discs", [111, 184, 210], Some(360_499_006)),
    Row(label::SPINAL_CANAL, "spinal canal", [244, 214, 49], Some(61_853_006)),
    Row(label::LIVER, "liver", [221, 130, 101], Some(10_200_004)),
    Row(label::TUMOUR, "tumour", [144, 238, 144], Some(4_147_007)),
    Row(label::PORTAL_VEIN, "portal vein", [151, 112, 219], Some(32_764_006)),
    Row(label::HEPATIC_VEINS, "hepatic veins", [0, 151, 206], Some(8_993_003)),
    Row(label::VENA_CAVA, "inferior vena cava", [0, 110, 170], Some(64_131_007)),
    Row(label::AORTA, "aorta", [224, 97, 76], Some(15_825_003)),
    Row(label::ARTERIES, "arteries", [216, 101, 79], Some(51_114_001)),
    Row(label::VEINS, "veins", [60, 151, 206], Some(29_092_000)),
    Row(label::VESSEL_WALL, "vessel wall", [200, 160, 150], None),
    Row(label::KIDNEY_RIGHT, "right kidney", [185, 102, 83], Some(64_033_007)),
    Row(label::KIDNEY_LEFT, "left kidney", [185, 102, 83], Some(64_033_007)),
    Row(label::SPLEEN, "spleen", [157, 108, 162], Some(78_961_009)),
    Row(label::STOMACH, "stomach", [216, 132, 105], Some(69_695_003)),
    Row(label::GALLBLADDER, "gallbladder", [139, 150, 98], Some(28_231_008)),
    Row(label::PANCREAS, "pancreas", [249, 180, 111], Some(15_776_009)),
    Row(label::DUODENUM, "duodenum", [255, 253, 229], Some(38_848_004)),
    Row(label::SMALL_BOWEL, "small intestine", [205, 167, 142], Some(30_315_005)),
    Row(label::COLON, "colon", [204, 168, 143], Some(71_854_001)),
    Row(label::LUNGS, "lungs", [197, 165, 145], Some(39_607_008)),
    Row(label::HEART, "heart", [206, 110, 84], Some(80_891_009)),
    Row(label::ADRENALS, "adrenal glands", [249, 186, 150], Some(23_451_007)),
    Row(label::TISSUE, "soft tissue", [128, 174, 128], Some(85_756_007)),
    Row(label::LUMEN, "vessel lumen", [216, 101, 79], Some(51_114_001)),
    Row(label::AIRWAY, "airway", [182, 228, 255], Some(44_567_001)),
    Row(label::AIRWAY_WALL, "airway wall", [175, 216, 244], None),
    Row(label::PULMONARY_VESSELS, "pulmonary vessels", [0, 122, 171], Some(81_040_000)),
    Row(label::OESOPHAGUS, "oesophagus", [211, 171, 143], Some(32_849_002)),
];

/// The labels of the segments: stable, since scripts use them.
#[expect(missing_docs, reason = "named after the segments above")]
pub mod label {
    pub const FAT: u8 = 1;
    pub const MUSCLE: u8 = 2;
    pub const SKIN: u8 = 3;
    pub const SPINE: u8 = 4;
    pub const RIBS: u8 = 5;
    pub const DISC: u8 = 6;
    pub const SPINAL_CANAL: u8 = 7;
    pub const LIVER: u8 = 8;
    pub const TUMOUR: u8 = 9;
    pub const PORTAL_VEIN: u8 = 10;
    pub const HEPATIC_VEINS: u8 = 11;
    pub const VENA_CAVA: u8 = 12;
    pub const AORTA: u8 = 13;
    pub const ARTERIES: u8 = 14;
    pub const VEINS: u8 = 15;
    pub const VESSEL_WALL: u8 = 16;
    pub const KIDNEY_RIGHT: u8 = 17;
    pub const KIDNEY_LEFT: u8 = 18;
    pub const SPLEEN: u8 = 19;
    pub const STOMACH: u8 = 20;
    pub const GALLBLADDER: u8 = 21;
    pub const PANCREAS: u8 = 22;
    pub const DUODENUM: u8 = 23;
    pub const SMALL_BOWEL: u8 = 24;
    pub const COLON: u8 = 25;
    pub const LUNGS: u8 = 26;
    pub const HEART: u8 = 27;
    pub const ADRENALS: u8 = 28;
    pub const TISSUE: u8 = 29;
    pub const LUMEN: u8 = 30;
    pub const AIRWAY: u8 = 31;
    pub const AIRWAY_WALL: u8 = 32;
    pub const PULMONARY_VESSELS: u8 = 33;
    pub const OESOPHAGUS: u8 = 34;
}

/// The segments with the given labels, in the order of their labels.
pub fn segments(used: impl Fn(u8) -> bool) -> Vec<Segment> {
    let segment = |&Row(id, name, colour, snomed): &Row| Segment::new(SegmentId(id), name, colour, snomed);
    SEGMENTS.iter().filter(|row| used(row.0)).map(segment).collect()
}

macro_rules! tissues {
    ($($name:ident $hu:literal $label:ident,)*) => {
        $(pub const $name: Tissue = Tissue { hu: $hu, label: label::$label };)*
    };
}

/// Air: −1000 HU by the definition of the scale. No segment.
pub const AIR: Tissue = Tissue { hu: -1000.0, label: 0 };
/// The shell of the patient table (carbon fibre around foam, as seen on scans). No segment.
pub const TABLE_SHELL: Tissue = Tissue { hu: -300.0, label: 0 };
/// The core of the patient table. No segment.
pub const TABLE_CORE: Tissue = Tissue { hu: -930.0, label: 0 };

/// Attenuation of an adult's abdomen about 70 s after contrast medium (portal venous phase).
///
/// Liver: about 55 HU plain plus 56 ± 14 HU (Naruo and others 2007, Radiation Medicine 25:106).
/// Blood, spleen, kidney, pancreas: ordinary values of this phase (Bae 2010, Radiology 256:32). Spongy bone: 133 HU plain
/// in healthy adults (Schreiber and others 2011, JBJS 93:1057), whole vertebrae 141 to 191 HU and lungs −770 to −840 HU
/// in the plain abdomen that TotalSegmentator tests with (medians over its labels). Fat −100, muscle 60, gas −950,
/// bile and stomach fluid 5 to 20 HU: textbook values. They are means of a phantom, not a claim about a patient.
pub mod portal_phase {
    use super::{Tissue, label};

    tissues! {
        SUBCUTANEOUS_FAT -105.0 FAT,
        VISCERAL_FAT -98.0 FAT,
        SKIN 30.0 SKIN,
        MUSCLE 60.0 MUSCLE,
        CORTICAL_BONE 700.0 SPINE,
        SPONGY_BONE 175.0 SPINE,
        RIB_CORTEX 600.0 RIBS,
        RIB_MARROW 170.0 RIBS,
        DISC 90.0 DISC,
        SPINAL_CANAL 25.0 SPINAL_CANAL,
        LIVER 111.0 LIVER,
        TUMOUR 62.0 TUMOUR,
        PORTAL_VEIN 178.0 PORTAL_VEIN,
        HEPATIC_VEINS 170.0 HEPATIC_VEINS,
        VENA_CAVA 145.0 VENA_CAVA,
        AORTA 155.0 AORTA,
        ARTERIES 155.0 ARTERIES,
        VEINS 165.0 VEINS,
        VESSEL_WALL 50.0 VESSEL_WALL,
        KIDNEY_CORTEX_RIGHT 195.0 KIDNEY_RIGHT,
        KIDNEY_MEDULLA_RIGHT 165.0 KIDNEY_RIGHT,
        KIDNEY_CORTEX_LEFT 195.0 KIDNEY_LEFT,
        KIDNEY_MEDULLA_LEFT 165.0 KIDNEY_LEFT,
        SPLEEN 122.0 SPLEEN,
        STOMACH_WALL 85.0 STOMACH,
        STOMACH_FLUID 18.0 STOMACH,
        STOMACH_GAS -950.0 STOMACH,
        GALLBLADDER 8.0 GALLBLADDER,
        PANCREAS 98.0 PANCREAS,
        DUODENUM_WALL 85.0 DUODENUM,
        DUODENUM_FLUID 20.0 DUODENUM,
        BOWEL_WALL 95.0 SMALL_BOWEL,
        BOWEL_FLUID 22.0 SMALL_BOWEL,
        COLON_WALL 70.0 COLON,
        COLON_STOOL 35.0 COLON,
        COLON_GAS -930.0 COLON,
        LUNG -850.0 LUNGS,
        HEART_MUSCLE 110.0 HEART,
        HEART_BLOOD 150.0 HEART,
        ADRENAL 75.0 ADRENALS,
        AIRWAY -995.0 AIRWAY,
        AIRWAY_WALL 40.0 AIRWAY_WALL,
        PULMONARY_VESSELS 150.0 PULMONARY_VESSELS,
        OESOPHAGUS 55.0 OESOPHAGUS,
        OESOPHAGUS_GAS -950.0 OESOPHAGUS,
    }
}

/// A block of soft tissue with a vessel full of contrast medium, as on CT angiography.
pub mod angiography {
    use super::{Tissue, label};

    tissues! {
        TISSUE 45.0 TISSUE,
        VESSEL_WALL 60.0 VESSEL_WALL,
        LUMEN 350.0 LUMEN,
    }
}

/// Values of the tissue and of the blood of the vessel phantom, HU.
pub const VESSEL_HU: [f64; 2] = [angiography::TISSUE.hu, angiography::LUMEN.hu];
