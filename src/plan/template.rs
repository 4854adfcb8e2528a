//! What a procedure usually spares and how far it keeps away, found among the segments of a case by code or name.
//!
//! Distances are editable defaults with their source; where nobody published one, the source says so.

mod propose;

use super::{KeepOut, Plan, Structure, Target};
pub use propose::{Anatomy, segments_in};
use serde::{Deserialize, Serialize};

/// A procedure a plan may begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// Nothing is filled in.
    None,
    /// A part of the liver is taken away.
    LiverResection,
    /// A tumour of the liver is taken away with its margin, whatever segment it lies in.
    LiverWedge,
    /// A segment of the liver is taken away, or several.
    LiverSegment,
    /// The right half of the liver is taken away.
    RightHepatectomy,
    /// The left half of the liver is taken away.
    LeftHepatectomy,
    /// Biopsy, drain or electrode through the skin.
    Needle,
    /// Tissue is destroyed around a probe.
    Ablation,
    /// A screw through a pedicle.
    PedicleScrew,
    /// Bone is parted.
    Osteotomy,
    /// Ports for instruments through the skin.
    PortPlacement,
}

/// A structure to spare: its codes and names, distance, weight, source.
struct Spare(Sought, f64, Option<f64>, &'static str);

/// A structure by SNOMED CT codes and by names, the first that fits.
#[derive(Clone, Copy)]
struct Sought(&'static [u64], &'static [&'static str]);

const OURS: &str = "default of this program; no published threshold";
const TERATANI: &str = "high-risk locations lie within 5 mm: Teratani et al. 2006, Hepatology 43:1101";
const CADY: &str = "1 cm: Cady et al. 1998, Ann Surg 227:566";
const ABLATION: &str = "at least 5 mm, often 5 to 10 mm all round: PMC11171243";

const LIVER: Sought = Sought(&[10_200_004], &["liver"]);
const SKIN: Sought = Sought(&[39_937_001], &["skin", "body outline", "body"]);
const BONE: Sought = Sought(
    &[122_496_007, 122_495_006, 122_494_005, 272_673_000],
    &["spine", "lumbar spine", "thoracic spine", "cervical spine", "vertebra", "bone", "mandible", "femur", "tibia"],
);
const TUMOUR: Sought = Sought(&[4_147_007], &["tumour", "tumor", "lesion", "metastasis", "mass"]);
const CAVA: Sought = Sought(&[64_131_007], &["inferior vena cava"]);
const AORTA: Sought = Sought(&[15_825_003], &["aorta"]);
const ARTERIES: Sought = Sought(&[51_114_001], &["arteries", "artery"]);
const PORTAL: Sought = Sought(&[32_764_006], &["portal vein"]);
const HEPATIC_VEINS: Sought = Sought(&[8_993_003], &["hepatic veins", "hepatic vein"]);
const GALLBLADDER: Sought = Sought(&[28_231_008], &["gallbladder"]);
const BILE_DUCT: Sought = Sought(&[28_273_000], &["bile duct"]);
const STOMACH: Sought = Sought(&[69_695_003], &["stomach"]);
const DUODENUM: Sought = Sought(&[38_848_004], &["duodenum"]);
const SMALL_BOWEL: Sought = Sought(&[30_315_005], &["small intestine", "small bowel"]);
const COLON: Sought = Sought(&[71_854_001], &["colon"]);
const LUNG: Sought = Sought(&[39_607_008], &["lungs", "lung"]);
const HEART: Sought = Sought(&[80_891_009], &["heart"]);
const KIDNEY: Sought = Sought(&[64_033_007], &["kidney"]);
const CANAL: Sought = Sought(&[61_853_006, 2_748_008], &["spinal canal", "spinal cord"]);
const NERVE: Sought = Sought(&[119_410_002], &["nerve"]);

const RESECTION: &[Spare] = &[
    Spare(CAVA, 1.0, Some(2.0), OURS),
    Spare(BILE_DUCT, 5.0, Some(2.0), OURS),
    Spare(GALLBLADDER, 0.0, Some(0.5), OURS),
];
/// The gallbladder lies between both halves and goes with either.
const HALF: &[Spare] = &[Spare(CAVA, 1.0, Some(2.0), OURS), Spare(BILE_DUCT, 5.0, Some(2.0), OURS)];
const NEEDLE: &[Spare] = &[
    Spare(AORTA, 5.0, None, OURS),
    Spare(CAVA, 5.0, None, OURS),
    Spare(HEART, 10.0, None, OURS),
    Spare(ARTERIES, 3.0, Some(2.0), OURS),
    Spare(PORTAL, 3.0, Some(2.0), OURS),
    Spare(HEPATIC_VEINS, 3.0, Some(1.0), OURS),
    Spare(COLON, 5.0, None, OURS),
    Spare(SMALL_BOWEL, 5.0, Some(2.0), OURS),
    Spare(STOMACH, 5.0, Some(1.0), OURS),
    Spare(DUODENUM, 5.0, Some(2.0), OURS),
    Spare(GALLBLADDER, 5.0, None, OURS),
    Spare(LUNG, 5.0, None, OURS),
    Spare(KIDNEY, 5.0, Some(1.0), OURS),
];
const BURNT: &[Spare] = &[
    Spare(AORTA, 5.0, None, TERATANI),
    Spare(CAVA, 5.0, Some(2.0), TERATANI),
    Spare(PORTAL, 5.0, Some(2.0), TERATANI),
    Spare(HEPATIC_VEINS, 5.0, Some(1.0), TERATANI),
    Spare(GALLBLADDER, 5.0, None, TERATANI),
    Spare(BILE_DUCT, 5.0, None, TERATANI),
    Spare(STOMACH, 5.0, None, TERATANI),
    Spare(DUODENUM, 5.0, None, TERATANI),
    Spare(SMALL_BOWEL, 5.0, None, TERATANI),
    Spare(COLON, 5.0, None, TERATANI),
    Spare(KIDNEY, 5.0, Some(2.0), TERATANI),
    Spare(HEART, 5.0, None, TERATANI),
    Spare(LUNG, 5.0, Some(2.0), TERATANI),
];
const SCREW: &[Spare] = &[
    Spare(CANAL, 0.0, None, "no breach is grade A: Gertzbein & Robbins 1990, Spine 15:11"),
    Spare(AORTA, 5.0, None, OURS),
    Spare(CAVA, 5.0, None, OURS),
    Spare(NERVE, 2.0, None, OURS),
];
const SAW: &[Spare] =
    &[Spare(CANAL, 2.0, None, OURS), Spare(NERVE, 5.0, None, OURS), Spare(ARTERIES, 5.0, Some(2.0), OURS)];

/// A segment or object of the case that a template may choose.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Which.
    pub structure: Structure,
    /// Its name.
    pub name: String,
    /// Its SNOMED CT code.
    pub snomed: Option<u64>,
}

impl Template {
    /// The words scripts use.
    pub const WORDS: [&'static str; 11] = [
        "none",
        "liver_resection",
        "liver_wedge",
        "liver_segment",
        "right_hepatectomy",
        "left_hepatectomy",
        "needle",
        "ablation",
        "pedicle_screw",
        "osteotomy",
        "port_placement",
    ];

    fn spares(self) -> &'static [Spare] {
        match self {
            Self::None | Self::PortPlacement => &[],
            Self::LiverResection | Self::LiverWedge | Self::LiverSegment => RESECTION,
            Self::RightHepatectomy | Self::LeftHepatectomy => HALF,
            Self::Needle => NEEDLE,
            Self::Ablation => BURNT,
            Self::PedicleScrew => SCREW,
            Self::Osteotomy => SAW,
        }
    }

    fn organ(self) -> Option<Sought> {
        match self {
            Self::LiverResection
            | Self::LiverWedge
            | Self::LiverSegment
            | Self::RightHepatectomy
            | Self::LeftHepatectomy
            | Self::Ablation => Some(LIVER),
            Self::PedicleScrew | Self::Osteotomy => Some(BONE),
            Self::None | Self::Needle | Self::PortPlacement => None,
        }
    }

    fn entry(self) -> Option<Sought> {
        matches!(self, Self::Needle | Self::Ablation | Self::PortPlacement).then_some(SKIN)
    }

    /// The margin all round a target and its source.
    fn margin(self) -> (f64, &'static str) {
        match self {
            Self::LiverResection
            | Self::LiverWedge
            | Self::LiverSegment
            | Self::RightHepatectomy
            | Self::LeftHepatectomy => (10.0, CADY),
            Self::Ablation => (5.0, ABLATION),
            _ => (0.0, ""),
        }
    }

    /// `plan` with what is not given filled in from the segments of the case; and a sentence for each thing filled in that
    /// has a number, with its source. What was given stays.
    ///
    /// # Errors
    /// A sentence if the procedure needs a structure that the case has not.
    pub fn fill(self, mut plan: Plan, found: &[Found]) -> Result<(Plan, Vec<String>), String> {
        let mut said = Vec::new();
        if plan.organ.is_none()
            && let Some(sought) = self.organ()
        {
            let organ = first(found, sought);
            let organ = organ.ok_or_else(|| {
                format!("there is no segment '{}' in this case; segment it first, or name the organ", sought.1[0])
            })?;
            plan.organ = Some(organ.structure);
        }
        if plan.entry.is_none()
            && let Some(sought) = self.entry()
        {
            let skin = first(found, sought).ok_or(
                "there is no skin segment in this case, and paths need a surface to go in through; segment the skin (or the \
                 body outline) first, or name the entry",
            )?;
            plan.entry = Some(skin.structure);
        }
        let (margin_mm, source) = self.margin();
        let seeks = self != Self::None && self != Self::PedicleScrew && self != Self::Osteotomy;
        if plan.targets.is_empty()
            && seeks
            && let Some(tumour) = first(found, TUMOUR).filter(|tumour| plan.organ != Some(tumour.structure))
        {
            plan.targets.push(Target { structure: tumour.structure, margin_mm });
            if !source.is_empty() {
                said.push(format!("Margin to {} {margin_mm} mm: {source}.", tumour.name));
            }
        }
        if plan.keep_out.is_empty() {
            for Spare(sought, distance_mm, weight, source) in self.spares() {
                let free = all(found, *sought).filter(|found| is_free(&plan, found.structure)).collect::<Vec<_>>();
                for Found { structure, name, .. } in free {
                    plan.keep_out.push(KeepOut { structure: *structure, distance_mm: *distance_mm, weight: *weight });
                    said.push(format!("Distance to {name} {distance_mm} mm: {source}."));
                }
            }
        }
        Ok((plan, said))
    }
}

/// The vena cava and the gallbladder among `found`, whose places tell where a liver is parted.
pub fn landmarks(found: &[Found]) -> [Option<&Found>; 2] {
    [CAVA, GALLBLADDER].map(|sought| first(found, sought))
}

fn is_free(plan: &Plan, structure: Structure) -> bool {
    plan.organ != Some(structure)
        && plan.entry != Some(structure)
        && !plan.targets.iter().any(|target| target.structure == structure)
        && !plan.keep_out.iter().any(|keep_out| keep_out.structure == structure)
}

/// The structures that are `sought`: by code if any has it, otherwise by name.
fn all(found: &[Found], Sought(codes, names): Sought) -> impl Iterator<Item = &Found> {
    let by_code = move |one: &Found| one.snomed.is_some_and(|code| codes.contains(&code));
    let is_coded = found.iter().any(by_code);
    let by_name = move |one: &Found| {
        let own = one.name.to_lowercase();
        names.iter().any(|name| own == *name || own.strip_prefix("left ").or(own.strip_prefix("right ")) == Some(name))
    };
    found.iter().filter(move |one| if is_coded { by_code(one) } else { by_name(one) })
}

/// The first of them, in the order of the codes and names.
fn first(found: &[Found], sought: Sought) -> Option<&Found> {
    let Sought(codes, names) = sought;
    let code = codes.iter().find_map(|code| found.iter().find(|one| one.snomed == Some(*code)));
    code.or_else(|| names.iter().find_map(|name| found.iter().find(|one| one.name.to_lowercase() == *name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{NodeId, SegmentId};

    fn found(id: u8, name: &str, snomed: Option<u64>) -> Found {
        let structure = Structure { node: NodeId(2), segment: Some(SegmentId(id)) };
        Found { structure, name: name.into(), snomed }
    }

    #[test]
    fn a_procedure_finds_its_structures_by_code_and_by_name() {
        let case = [
            found(1, "Leber", Some(10_200_004)),
            found(2, "lesion", None),
            found(3, "colon", Some(71_854_001)),
            found(4, "skin", None),
            found(5, "Right kidney", None),
            found(6, "left kidney", None),
        ];
        let (plan, said) = Template::Ablation.fill(Plan::default(), &case).unwrap();
        assert_eq!(plan.organ, Some(case[0].structure));
        assert_eq!(plan.entry, Some(case[3].structure));
        assert_eq!(plan.targets, [Target { structure: case[1].structure, margin_mm: 5.0 }]);
        let spared: Vec<_> = plan.keep_out.iter().map(|keep| keep.structure.segment.unwrap().0).collect();
        assert_eq!(spared, [3, 5, 6]);
        assert!(said.len() == 4 && said.iter().all(|text| text.ends_with('.')), "{said:?}");
    }

    #[test]
    fn what_was_given_stays_and_what_lacks_is_said() {
        let case = [found(1, "liver", None), found(2, "tumour", None)];
        let own = Plan { organ: Some(case[1].structure), ..Plan::default() };
        let (plan, _) = Template::LiverResection.fill(own, &case).unwrap();
        assert_eq!((plan.organ, plan.targets.len()), (Some(case[1].structure), 0));
        assert!(Template::Needle.fill(Plan::default(), &case).unwrap_err().contains("no skin segment"));
        assert!(Template::PedicleScrew.fill(Plan::default(), &case).unwrap_err().contains("'spine'"));
        let (bare, said) = Template::None.fill(Plan::default(), &case).unwrap();
        assert!(bare == Plan::default() && said.is_empty());
    }
}
