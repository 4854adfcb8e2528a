//! Where the veins of the liver come from: the vena cava behind it and the portal vein at its hilum.

use super::super::trunk::Trunk;
use super::blood::{Blood, Veins};
use super::field::Field;
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Point, Vector};
use crate::image::Volume;
use crate::image::filter::dilate;
use std::ops::Range;
use std::sync::Arc;

/// The vena cava lies within these distances of the middle of the spine, to the patient's left and behind it, mm.
const CAVA_X_MM: Range<f64> = -55.0..5.0;
const CAVA_Y_MM: Range<f64> = -100.0..-12.0;
/// It usually lies that far to the right, give or take.
const CAVA_RIGHT_MM: [f64; 2] = [20.0, 18.0];
/// Its blood exceeds the parenchyma by at least this share of what the vessels in the liver do, for the blood of the legs
/// comes without contrast.
const CAVA_SHARE: f64 = 0.3;
/// In a slice it holds a disc of this radius; wider ones count no more than the second, for the heart is wider, mm.
const CAVA_RADIUS_MM: [f64; 2] = [5.0, 11.0];
/// It is seen in at least this share of the slices of the liver.
const CAVA_SEEN_MIN: f64 = 0.5;
/// It leans no more than this from the axis of the body (tangent).
const CAVA_LEAN: f64 = 1.0;
/// A change of place by one millimetre costs as much as this much less radius.
const CAVA_BEND: f64 = 0.15;
/// Hepatic veins are narrower than this share of the vena cava.
const CAVA_DISC_SHARE: f64 = 0.6;
/// The wall between coarse voxels, mm.
const CAVA_WALL_MM: f64 = 0.75;
/// Hepatic veins begin within this of the vena cava.
const MOUTH_MM: f64 = 2.0;
/// The uppermost slices whose mouths are this share of the widest are where the hepatic veins join.
const MOUTH_SHARE: f64 = 0.4;
/// Mouths are summed over this to either side, mm.
const MOUTH_HEIGHT_MM: f64 = 4.0;
/// The fork of the portal vein lies here from the middle of the vena cava and from where the hepatic veins join, to the
/// patient's left, behind and above, give or take, mm. Wide enough for the livers that were looked at.
const FORK_MM: Vector = Vector::new(-5.0, -33.0, -58.0);
const FORK_SPREAD_MM: Vector = Vector::new(18.0, 16.0, 22.0);
/// The root of the portal vein is what lies in a ball of this radius around the fork at half its depth.
const ROOT_MM: f64 = 8.0;

/// A disc in an axial slice.
#[derive(Debug, Clone, Copy)]
struct Disc {
    centre: Point,
    radius_mm: f64,
}

/// The vena cava along the liver: in every slice where it is seen its disc, and those that belong to it.
pub(super) struct Cava {
    slices: Vec<(Disc, Vec<Disc>)>,
    coarse_step_mm: f64,
}

impl Cava {
    /// Follow it through the slices of the liver: the way that passes the widest discs of blood on the right in front of
    /// the spine (dynamic programming). `None` where its blood is no brighter than the liver.
    pub(super) fn find(
        trunk: &Trunk,
        field: &Field,
        blood: &Blood,
        progress: &Progress,
    ) -> Result<Option<Self>, Cancelled> {
        let window = Window::of(trunk, field);
        if window.size.contains(&0) || window.slices.is_empty() {
            return Ok(None);
        }
        let radii = window.radii(trunk, field, blood, progress)?;
        let course = window.course(trunk, &radii);
        let mut slices = Vec::new();
        for (n, at) in course.into_iter().enumerate() {
            let disc = |at: usize| window.disc(&radii, n, at);
            let main = disc(at);
            let belongs = |other: &Disc| {
                CAVA_DISC_SHARE * main.radius_mm <= other.radius_mm
                    && (other.centre - main.centre).norm() <= main.radius_mm
            };
            if CAVA_RADIUS_MM[0] <= main.radius_mm {
                slices.push((main, (0..window.area()).map(disc).filter(belongs).collect()));
            }
        }
        let seen = CAVA_SEEN_MIN * window.slices.len() as f64 <= slices.len() as f64;
        Ok(seen.then_some(Self { slices, coarse_step_mm: field.coarse_step_mm }))
    }

    /// The slice nearest to this height.
    fn at(&self, z: f64) -> Option<&(Disc, Vec<Disc>)> {
        self.slices.iter().min_by(|a, b| (a.0.centre.z - z).abs().total_cmp(&(b.0.centre.z - z).abs()))
    }

    /// 1 in it.
    pub(super) fn paint(&self, grid: &Arc<Grid>) -> Volume<u8> {
        let [ni, nj, nk] = grid.dims();
        let [hi, hj, hk] = grid.spacing_mm();
        let mut voxels = vec![0_u8; grid.len()];
        for k in 0..nk {
            let z = grid.centre([ni / 2, nj / 2, k]).z;
            let near = |slice: &&(Disc, Vec<Disc>)| (slice.0.centre.z - z).abs() <= 0.6 * hk.max(self.coarse_step_mm);
            let Some((_, discs)) = self.at(z).filter(near) else { continue };
            for disc in discs {
                let radius_mm = disc.radius_mm + CAVA_WALL_MM;
                let middle = grid.index_from_patient(Point::new(disc.centre.x, disc.centre.y, z));
                // A negative end is cast to 0.
                let span = |x: f64, r: f64, n: usize| (x - r).ceil() as usize..((x + r).floor() as usize + 1).min(n);
                for j in span(middle.y, radius_mm / hj, nj) {
                    for i in span(middle.x, radius_mm / hi, ni) {
                        let away = ((i as f64 - middle.x) * hi).hypot((j as f64 - middle.y) * hj);
                        voxels[(k * nj + j) * ni + i] |= u8::from(away <= radius_mm);
                    }
                }
            }
        }
        Volume::new(Arc::clone(grid), voxels).expect("one value per voxel of the box")
    }

    /// The roots of portal and hepatic veins.
    pub(super) fn roots(&self, veins: &Veins, progress: &Progress) -> Result<[Vec<usize>; 2], Cancelled> {
        let near = dilate(&veins.cava, MOUTH_MM, progress)?;
        let mouths: Vec<usize> =
            (0..veins.depth_mm.len()).filter(|at| 0.0 < veins.depth_mm[*at] && near.voxels()[*at] != 0).collect();
        let portal = self.portal(veins, joint(veins, &mouths));
        Ok([portal, mouths])
    }

    /// The fork of the portal vein: the deepest place in a vessel where it usually lies.
    fn portal(&self, veins: &Veins, joint_z: f64) -> Vec<usize> {
        let (grid, depth_mm) = (veins.mask.grid(), &veins.depth_mm);
        let inside: Vec<usize> = (0..grid.len()).filter(|at| 0.0 < depth_mm[*at]).collect();
        let place = |at: usize| grid.centre(grid.voxel(at));
        let score = |at: usize| {
            let place = place(at);
            let (beside, _) = self.at(place.z)?;
            let from = Vector::new(place.x - beside.centre.x, place.y - beside.centre.y, place.z - joint_z) - FORK_MM;
            let usual = (-0.5 * from.component_div(&FORK_SPREAD_MM).norm_squared()).exp();
            Some((f64::from(depth_mm[at]) * usual, at))
        };
        let scored = inside.iter().filter_map(|at| score(*at));
        let Some((_, fork)) = scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))) else { return Vec::new() };
        let root = |at: &usize| 0.5 * depth_mm[fork] <= depth_mm[*at] && (place(*at) - place(fork)).norm() <= ROOT_MM;
        inside.into_iter().filter(root).collect()
    }
}

/// The height where the hepatic veins join the vena cava: above lies the heart, below small veins join, too.
fn joint(veins: &Veins, mouths: &[usize]) -> f64 {
    let grid = veins.mask.grid();
    let [ni, nj, nk] = grid.dims();
    let mut wide = vec![0.0_f64; nk];
    mouths.iter().for_each(|at| wide[grid.voxel(*at)[2]] += f64::from(veins.depth_mm[*at]));
    let reach = (MOUTH_HEIGHT_MM / grid.spacing_mm()[2]).round() as usize;
    let sums: Vec<f64> = (0..nk).map(|k| wide[k.saturating_sub(reach)..(k + reach + 1).min(nk)].iter().sum()).collect();
    let most = sums.iter().copied().fold(0.0, f64::max);
    let heights = (0..nk).filter(|k| MOUTH_SHARE * most <= sums[*k]).map(|k| grid.centre([ni / 2, nj / 2, k]).z);
    heights.fold(f64::NEG_INFINITY, f64::max)
}

/// Where the vena cava is looked for, on the coarse grid.
struct Window {
    grid: Arc<Grid>,
    start: [usize; 2],
    size: [usize; 2],
    slices: Range<usize>,
}

impl Window {
    fn of(trunk: &Trunk, field: &Field) -> Self {
        let grid = Arc::clone(trunk.quiet.grid());
        let [ni, nj, _] = grid.dims();
        let slices = field.coarse_slices.clone();
        let middle = (slices.start + slices.end) / 2;
        let from = |i: usize, j: usize| grid.centre([i, j, middle]) - trunk.spine;
        let is: Vec<usize> = (0..ni).filter(|i| CAVA_X_MM.contains(&from(*i, nj / 2).x)).collect();
        let js: Vec<usize> = (0..nj).filter(|j| CAVA_Y_MM.contains(&from(ni / 2, *j).y)).collect();
        let start = [&is, &js].map(|all| all.first().copied().unwrap_or(0));
        Self { start, size: [is.len(), js.len()], slices, grid }
    }

    fn area(&self) -> usize {
        self.size[0] * self.size[1]
    }

    fn voxel(&self, n: usize, at: usize) -> [usize; 3] {
        [self.start[0] + at % self.size[0], self.start[1] + at / self.size[0], self.slices.start + n]
    }

    fn disc(&self, radii: &[f64], n: usize, at: usize) -> Disc {
        Disc { centre: self.grid.centre(self.voxel(n, at)), radius_mm: radii[n * self.area() + at] }
    }

    /// The radius of the disc of blood around every voxel in its slice.
    fn radii(&self, trunk: &Trunk, field: &Field, blood: &Blood, progress: &Progress) -> Result<Vec<f64>, Cancelled> {
        let ([ni, nj, _], [hi, hj, _]) = (self.grid.dims(), self.grid.spacing_mm());
        let is_blood = |voxel: [usize; 3]| {
            let at = self.grid.offset(voxel);
            let excess = f64::from(trunk.quiet.voxels()[at]) - f64::from(field.level.voxels()[at]);
            trunk.bone.voxels()[at] == 0 && CAVA_SHARE * blood.contrast_hu < excess && excess < blood.metal_hu()
        };
        let reach = [hi, hj].map(|h| (CAVA_RADIUS_MM[1] / h).ceil() as isize);
        let mut radii = Vec::with_capacity(self.area() * self.slices.len());
        for n in 0..self.slices.len() {
            progress.step(n, self.slices.len())?;
            for at in 0..self.area() {
                let [i, j, k] = self.voxel(n, at);
                let mut nearest_mm = CAVA_RADIUS_MM[1] + 0.5 * hi;
                for (dj, di) in (-reach[1]..=reach[1]).flat_map(|dj| (-reach[0]..=reach[0]).map(move |di| (dj, di))) {
                    let away_mm = (di as f64 * hi).hypot(dj as f64 * hj);
                    let (Some(i), Some(j)) = (i.checked_add_signed(di), j.checked_add_signed(dj)) else { continue };
                    if away_mm < nearest_mm && i < ni && j < nj && !is_blood([i, j, k]) {
                        nearest_mm = away_mm;
                    }
                }
                // The wall lies halfway to the nearest voxel without blood.
                radii.push((nearest_mm - 0.5 * hi).max(0.0));
            }
        }
        Ok(radii)
    }

    /// The place of the best course in every slice.
    fn course(&self, trunk: &Trunk, radii: &[f64]) -> Vec<usize> {
        let ([hi, hj, hk], [wi, wj]) = (self.grid.spacing_mm(), self.size);
        let (area, count) = (self.area(), self.slices.len());
        let usual = |n: usize, at: usize| {
            let x = self.grid.centre(self.voxel(n, at)).x - trunk.spine.x;
            (-0.5 * ((x + CAVA_RIGHT_MM[0]) / CAVA_RIGHT_MM[1]).powi(2)).exp()
        };
        let reach = [hi, hj].map(|h| (CAVA_LEAN * hk / h).ceil() as isize);
        let mut best: Vec<f64> = (0..area).map(|at| radii[at] * usual(0, at)).collect();
        let mut from = vec![0_usize; area * count];
        for n in 1..count {
            let before = best.clone();
            for at in 0..area {
                let mut chosen = (f64::NEG_INFINITY, at);
                for (dj, di) in (-reach[1]..=reach[1]).flat_map(|dj| (-reach[0]..=reach[0]).map(move |di| (dj, di))) {
                    let (i, j) = ((at % wi).checked_add_signed(di), (at / wi).checked_add_signed(dj));
                    let (Some(i), Some(j)) = (i.filter(|i| *i < wi), j.filter(|j| *j < wj)) else { continue };
                    let there = before[j * wi + i] - CAVA_BEND * (di as f64 * hi).hypot(dj as f64 * hj);
                    if chosen.0 < there {
                        chosen = (there, j * wi + i);
                    }
                }
                best[at] = chosen.0 + radii[n * area + at] * usual(n, at);
                from[n * area + at] = chosen.1;
            }
        }
        let mut at = (0..area).max_by(|a, b| best[*a].total_cmp(&best[*b])).unwrap_or(0);
        let mut course = vec![at; count];
        for n in (1..count).rev() {
            at = from[n * area + at];
            course[n - 1] = at;
        }
        course
    }
}
