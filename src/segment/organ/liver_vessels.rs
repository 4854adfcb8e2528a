//! Portal vein and hepatic veins in the liver of a scan in the portal venous phase.

mod blood;
mod field;
mod roots;
mod trees;

use self::blood::{blood, largest, pieces, veins};
use self::field::Field;
use self::roots::Cava;
use self::trees::{HEPATIC, PORTAL, Systems, part};
use super::coarse::{Coarse, volume_ml};
use super::evidence::Evidence;
use super::liver::liver;
use super::preset::Organ;
use super::solid::fine;
use super::trunk::{Trunk, WIDTH_MM};
use crate::base::{Cancelled, Progress, SegmentId, Summary};
use crate::geom::Point;
use crate::image::{LabelMap, Segment, Volume};
use crate::segment::SegmentError;
use std::sync::Arc;

/// Veins take up about this much of a liver as far as a CT shows them, %.
const SHARE_PERCENT: [f64; 2] = [1.0, 12.0];
/// A system with less than this share of both was hardly found.
const SYSTEM_SHARE_MIN: f64 = 0.15;
/// More than this share of bright blood without a system is worth a look.
const LOOSE_SHARE_MAX: f64 = 0.3;
/// Thicker slices hide whether vessels touch, mm.
const SLICE_MM_MAX: f64 = 3.0;

/// Segment portal vein and hepatic veins; the seed is one of the liver.
pub(super) fn run(ct: &Volume<i16>, seed: Option<Point>, progress: &Progress) -> Result<Organ, SegmentError> {
    let coarse = Coarse::at_most(WIDTH_MM, ct, &progress.part(0.0..0.05, "coarse copy"))?;
    let trunk = Trunk::of(&coarse, &progress.part(0.05..0.25, "trunk"))?;
    let found = liver(&trunk, seed, &progress.part(0.25..0.4, "liver"))?;
    let mask = fine(&coarse, &trunk, &found, None, &progress.part(0.4..0.45, "border"))?;
    let field = Field::of(&coarse, &trunk, &found, &mask, &progress.part(0.45..0.55, "smoothing"))?;
    let blood = blood(&field, &progress.part(0.55..0.65, "blood"))?;
    let cava = Cava::find(&trunk, &field, &blood, &progress.part(0.65..0.7, "vena cava"))?;
    let grid = field.part.grid();
    let nothing = || Volume::new(Arc::clone(grid), vec![0; grid.len()]).expect("one value per voxel of the box");
    let painted = cava.as_ref().map_or_else(nothing, |cava| cava.paint(grid));
    let veins = veins(&field, &blood, painted, &progress.part(0.7..0.8, "veins"))?;
    let mut roots = match &cava {
        Some(cava) => cava.roots(&veins, progress)?,
        None => [largest(&field, &veins, progress)?, Vec::new()],
    };
    roots.iter_mut().for_each(|root| root.retain(|at| veins.sure.voxels()[*at] != 0));
    if roots[0].is_empty() {
        let reason = match &cava {
            Some(_) => "no vessel of the liver lies in front of the vena cava where the portal vein forks",
            None => "no vessel in the liver is bright and thick enough to be its trunk",
        };
        let reason = reason.into();
        return Err(SegmentError::NotFound { organ: "portal vein", reason });
    }
    let systems = part(&field, &blood, &veins, roots, &progress.part(0.8..1.0, "systems"))?;
    let mut labels = vec![0_u8; ct.grid().len()];
    field.part.scatter(systems.labels.voxels(), &mut labels);
    let labels = Volume::new(Arc::clone(ct.grid()), labels).expect("one label per voxel");
    let found = Found {
        liver_ml: volume_ml(&mask),
        level_hu: found.level_hu,
        contrast_hu: blood.contrast_hu,
        noise_hu: field.noise_hu,
        has_cava: cava.is_some(),
        systems,
    };
    Ok(found.organ(&labels, progress)?)
}

/// What the account is made of.
struct Found {
    liver_ml: f64,
    level_hu: f64,
    contrast_hu: f64,
    noise_hu: f64,
    has_cava: bool,
    systems: Systems,
}

impl Found {
    fn organ(&self, labels: &Volume<u8>, progress: &Progress) -> Result<Organ, Cancelled> {
        let portal = Segment::new(SegmentId(PORTAL), "portal vein", [151, 112, 219], Some(32_764_006));
        let hepatic = Segment::new(SegmentId(HEPATIC), "hepatic veins", [0, 151, 206], Some(8_993_003));
        let table = if self.has_cava { vec![portal, hepatic] } else { vec![portal] };
        let map = LabelMap::from_volume(labels, table).expect("the labels of the systems that were found");
        let ml =
            [PORTAL, HEPATIC].map(|id| if self.has_cava || id == PORTAL { map.volume_ml(SegmentId(id)) } else { 0.0 });
        let slice_mm = labels.grid().spacing_mm()[2];
        let evidence = self.evidence(self.summary(ml, pieces(&self.systems.labels, progress)?), ml, slice_mm);
        Ok(Organ { labels: map, summary: evidence.summary() })
    }

    fn summary(&self, [portal, hepatic]: [f64; 2], pieces: usize) -> Summary {
        let Systems { even_share, joined_share, loose_share, .. } = &self.systems;
        Summary::default()
            .fact("portal vein", portal, "ml")
            .fact("hepatic veins", hepatic, "ml")
            .fact("share of the liver", 100.0 * (portal + hepatic) / self.liver_ml.max(1.0), "%")
            .fact("contrast to parenchyma", self.contrast_hu, "HU")
            .fact("parenchyma", self.level_hu, "HU")
            .fact("parenchyma's standard deviation", self.noise_hu, "HU")
            .fact("pieces", pieces as f64, "1")
            .fact("assigned over faint blood or gaps", 100.0 * joined_share, "%")
            .fact("as near to the other system", 100.0 * even_share, "%")
            .fact("left out, hanging on neither", 100.0 * loose_share, "%")
            .method("The liver is the preset's, with hilum and clefts up to 20 mm; blood is what exceeds the parenchyma within 15 mm, in a scan smoothed until its noise is 7.5 HU or less (by 1.2 mm at most), by 45 % of the brightest within 3 mm")
            .method("The vena cava is the course of the widest discs of blood to the right in front of the spine; hepatic veins begin at it, the portal vein at the deepest vessel where its fork usually lies, about 33 mm in front of the vena cava and 58 mm below the joint of the hepatic veins")
            .method("Each system grows through vessels by the cheapest way (Dijkstra 1959): narrow places are dear, and so are steps along which brightness bends, as it does from a vessel into one beside it; then on into faint blood, and over gaps up to 10 mm")
            .limit("Vessels thinner than about two voxels are lost, and vessels that touch for long may be taken by the other system, most often near their ends; check both in the slices before planning on them")
            .limit("Arteries as bright as veins, bright tumours and shunts count as veins; thrombosed and dark veins are missing, and veins in slices over 3 mm are broken or merged")
            .limit("The vena cava and the portal trunk outside the hilum are left out")
    }

    fn evidence(&self, summary: Summary, [portal, hepatic]: [f64; 2], slice_mm: f64) -> Evidence {
        let (both, systems) = (portal + hepatic, &self.systems);
        let percent = 100.0 * both / self.liver_ml.max(1.0);
        let [low, high] = SHARE_PERCENT;
        let fewer = portal.min(hepatic) / both.max(1e-6);
        Evidence::new(summary)
            .expect(self.has_cava, 0.5, || {
                "the vena cava is no brighter than the liver, so hepatic veins hardly are either: all vessels are taken for the portal vein; hepatic veins and arteries may be among them".into()
            })
            .expect(!self.has_cava || SYSTEM_SHARE_MIN <= fewer, 0.6, || {
                format!("one system has {:.0} % of the veins, under 15 %; it may lack contrast, or its root was missed", 100.0 * fewer)
            })
            .expect((low..=high).contains(&percent), 0.7, || {
                format!("the veins are {percent:.1} % of the liver, outside {low} to {high} %")
            })
            .expect(4.0 * self.noise_hu <= self.contrast_hu, 0.8, || {
                format!("the contrast of {:.0} HU is under four times the noise of {:.0} HU; thin veins are lost", self.contrast_hu, self.noise_hu)
            })
            .expect(slice_mm <= SLICE_MM_MAX, 0.8, || {
                format!("the slices are {slice_mm:.1} mm apart, over {SLICE_MM_MAX} mm; where veins cross cannot be seen")
            })
            .expect(systems.even_share < 0.1, 0.8, || {
                format!("{:.0} % of the veins are as near to the other system", 100.0 * systems.even_share)
            })
            .expect(systems.loose_share < LOOSE_SHARE_MAX, 0.9, || {
                format!("{:.0} % of what is as bright as veins hangs on neither system and was left out: heart or bowel in the liver's outline, or veins that are cut off", 100.0 * systems.loose_share)
            })
            .expect(systems.joined_share < 0.4, 0.9, || {
                format!("{:.0} % of the veins hang on their system by faint blood or over gaps", 100.0 * systems.joined_share)
            })
    }
}
