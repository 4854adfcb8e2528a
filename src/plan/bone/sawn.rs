//! Bone sawn by several osteotomies one after another, and its fragments where they go: voxels, surfaces and tetrahedra.

use super::osteotomy::{planes, shifted, turned};
use super::{BoneError, Turn};
use crate::base::{Cancelled, Progress};
use crate::geom::{Grid, Plane, Point, Vector};
use crate::image::Volume;
use crate::mesh::clip::{ClipError, clip};
use crate::mesh::{Surface, TetMesh};
use crate::plan::Osteotomy;
use crate::plan::resection::{Blade, Fate, split};
use crate::plan::{Cut, CutShape};
use rayon::prelude::*;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Most osteotomies that are applied to one bone.
pub const SAWS_MAX: usize = 100;
/// Labels of what stays, of what the saws take (where fragments moved into each other or the rest: of what several claim), and
/// of the first fragment.
pub const REST: u8 = 1;
/// See [`REST`].
pub const KERF: u8 = 2;
/// See [`REST`].
pub const FIRST: u8 = 3;
/// A grid with more voxels than these is none that a scan has.
const VOXELS_MAX: f64 = 1e9;

/// What becomes of a place of the bone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It stays.
    Rest,
    /// A saw takes it.
    Kerf,
    /// It goes with the fragment of this number, from 0.
    Fragment(usize),
}

impl Part {
    /// Its label.
    pub fn label(self) -> u8 {
        match self {
            Self::Rest => REST,
            Self::Kerf => KERF,
            Self::Fragment(n) => FIRST + n as u8,
        }
    }
}

/// Osteotomies in their order: each parts what those before it left at rest.
#[derive(Debug, Clone)]
pub struct Saws {
    each: Vec<Saw>,
}

#[derive(Debug, Clone)]
struct Saw {
    planes: Vec<Plane>,
    half_mm: f64,
    turn: Turn,
    /// As the tetrahedra are cut.
    cut: Cut,
}

impl Saw {
    /// How far `point` is on the side of all normals; negative where it is not.
    fn depth_mm(&self, point: &Point) -> f64 {
        self.planes.iter().map(|plane| plane.distance_mm(point)).fold(f64::INFINITY, f64::min)
    }
}

impl Saws {
    /// The saws of `osteotomies`.
    ///
    /// # Errors
    /// [`BoneError`] without any, for too many, or where one has no plane or a number that is not usable.
    pub fn of<'a>(osteotomies: impl IntoIterator<Item = &'a Osteotomy>) -> Result<Self, BoneError> {
        let saw = |own: &Osteotomy| {
            let shape = CutShape::Wedge { planes: own.planes.clone() };
            Ok(Saw {
                planes: planes(own)?,
                half_mm: 0.5 * own.kerf_mm,
                turn: Turn::of(own),
                cut: Cut { shape, width_mm: own.kerf_mm },
            })
        };
        let each: Vec<Saw> = osteotomies.into_iter().map(saw).collect::<Result<_, BoneError>>()?;
        match each.len() {
            0 => Err(BoneError::NoPlane),
            n if SAWS_MAX < n => {
                let what = "the number of osteotomies of one bone";
                Err(BoneError::BadNumber { what, value: n as f64, limit: "at most 100" })
            }
            _ => Ok(Self { each }),
        }
    }

    /// How many fragments there are.
    pub fn count(&self) -> usize {
        self.each.len()
    }

    /// How fragment `n` is moved.
    pub fn turn(&self, n: usize) -> &Turn {
        &self.each[n].turn
    }

    /// What becomes of a place of the bone.
    pub fn part(&self, point: &Point) -> Part {
        for (n, saw) in self.each.iter().enumerate() {
            let depth_mm = saw.depth_mm(point);
            if saw.half_mm <= depth_mm {
                return Part::Fragment(n);
            }
            if -saw.half_mm <= depth_mm {
                return Part::Kerf;
            }
        }
        Part::Rest
    }

    /// How far `point` is beyond what stays, by the planes alone; negative within it.
    pub fn beyond_rest_mm(&self, point: &Point) -> f64 {
        self.before(self.each.len(), point)
    }

    /// How far `point` is beyond fragment `n`, by the planes alone; negative within it.
    pub fn beyond_fragment_mm(&self, n: usize, point: &Point) -> f64 {
        let own = &self.each[n];
        (own.half_mm - own.depth_mm(point)).max(self.before(n, point))
    }

    /// How far `point` is beyond what the first `n` saws leave at rest.
    fn before(&self, n: usize, point: &Point) -> f64 {
        let beyond = self.each[..n].iter().map(|saw| saw.depth_mm(point) + saw.half_mm);
        beyond.fold(f64::NEG_INFINITY, f64::max)
    }
}

/// A bone of voxels in parts: before and after the move.
#[derive(Debug, Clone)]
pub struct SawnVoxels {
    /// The parts where they were; every voxel of the bone has one.
    pub before: Volume<u8>,
    /// The parts where they are moved to, on a grid that holds all of them; [`KERF`] where several would be.
    pub after: Volume<u8>,
}

/// Part the voxels of `bone` by `saws` and move the fragments. A voxel is where its middle is; moved fragments are asked for at
/// every voxel's middle.
///
/// # Errors
/// [`BoneError`] if a fragment is empty or moved beyond what a segmentation holds, or `progress` was cancelled.
pub fn sawn_voxels(bone: &Volume<u8>, saws: &Saws, progress: &Progress) -> Result<SawnVoxels, BoneError> {
    let grid = bone.grid();
    let [ni, nj, _] = grid.dims();
    let mut before = vec![0_u8; grid.len()];
    before.par_chunks_mut(ni * nj).enumerate().try_for_each(|(k, out)| {
        progress.check()?;
        let own = &bone.voxels()[k * ni * nj..];
        for (n, out) in out.iter_mut().enumerate().filter(|(n, _)| own[*n] != 0) {
            *out = saws.part(&grid.centre(grid.voxel(k * ni * nj + n))).label();
        }
        Ok::<(), Cancelled>(())
    })?;
    progress.set(0.4)?;
    let before = Volume::new(Arc::clone(grid), before).expect("one label per voxel");
    let boxes = boxes(&before, saws.count());
    if boxes[usize::from(REST)].is_none() {
        return Err(BoneError::OneSided("other side"));
    }
    let moved: Vec<Option<[Vector; 2]>> = (0..saws.count())
        .map(|n| boxes[usize::from(FIRST) + n].map(|own| moved_box(grid, own, saws.turn(n))))
        .collect();
    if moved.iter().any(Option::is_none) {
        return Err(BoneError::OneSided("fragment's side"));
    }
    let (larger, first) = grown(grid, moved.iter().flatten())?;
    let [ni, nj, _] = larger.dims();
    let mut after = vec![0_u8; larger.len()];
    let slices = after.par_chunks_mut(ni * nj).enumerate();
    slices.try_for_each(|(k, out)| {
        progress.check()?;
        let stays = |voxel: [usize; 3]| {
            let old = [0, 1, 2].map(|a| voxel[a].wrapping_sub(first[a]));
            (0..3).all(|a| old[a] < grid.dims()[a]) && before.at(old) == REST
        };
        let slice = [0, 1].map(|end| Vector::new(0.0, 0.0, k as f64 + [-0.5, 0.5][end]));
        let near = |n: usize| {
            let offset = Vector::new(first[0] as f64, first[1] as f64, first[2] as f64);
            let [low, high] = moved[n].expect("every fragment has a box").map(|corner| corner + offset);
            let is_there = low.z <= slice[1].z && slice[0].z <= high.z;
            is_there.then(|| [0, 1].map(|a| low[a].floor().max(0.0) as usize..=high[a].ceil().max(0.0) as usize))
        };
        for j in 0..nj {
            for i in 0..ni {
                out[j * ni + i] = if stays([i, j, k]) { REST } else { 0 };
            }
        }
        for n in 0..saws.count() {
            let Some([along, down]) = near(n) else { continue };
            let clipped = |range: &RangeInclusive<usize>, end: usize| *range.start()..(*range.end() + 1).min(end);
            for j in clipped(&down, nj) {
                for i in clipped(&along, ni) {
                    let from = saws.turn(n).back(&larger.centre([i, j, k]));
                    if grid.voxel_at(from).is_some_and(|voxel| before.at(voxel) == FIRST + n as u8) {
                        let out = &mut out[j * ni + i];
                        *out = if *out == 0 { FIRST + n as u8 } else { KERF };
                    }
                }
            }
        }
        Ok::<(), Cancelled>(())
    })?;
    progress.set(1.0)?;
    let after = Volume::new(larger, after).expect("one label per voxel");
    Ok(SawnVoxels { before, after })
}

/// The first and last voxel of every label along each axis.
fn boxes(parts: &Volume<u8>, fragments: usize) -> Vec<Option<[[usize; 3]; 2]>> {
    let mut all: Vec<Option<[[usize; 3]; 2]>> = vec![None; usize::from(FIRST) + fragments];
    let grid = parts.grid();
    for (offset, label) in parts.voxels().iter().enumerate().filter(|(_, label)| **label != 0) {
        let voxel = grid.voxel(offset);
        let [low, high] = all[usize::from(*label)].get_or_insert([voxel, voxel]);
        for a in 0..3 {
            low[a] = low[a].min(voxel[a]);
            high[a] = high[a].max(voxel[a]);
        }
    }
    all
}

/// The box of voxels `own` where `turn` puts it, in indices.
fn moved_box(grid: &Grid, [low, high]: [[usize; 3]; 2], turn: &Turn) -> [Vector; 2] {
    let corners = (0..8).map(|c| {
        let at = |a: usize| if c >> a & 1 == 0 { low[a] as f64 - 0.5 } else { high[a] as f64 + 0.5 };
        let place = grid.patient_from_index(Vector::new(at(0), at(1), at(2)));
        grid.index_from_patient(turn.apply(&place))
    });
    let ends = [Vector::repeat(f64::INFINITY), Vector::repeat(f64::NEG_INFINITY)];
    corners.fold(ends, |[low, high], at| [low.inf(&at), high.sup(&at)])
}

/// `grid` with so many voxels more that it holds all `boxes`, and where its old first voxel is then.
fn grown<'a>(
    grid: &Arc<Grid>,
    boxes: impl Iterator<Item = &'a [Vector; 2]>,
) -> Result<(Arc<Grid>, [usize; 3]), BoneError> {
    let dims = grid.dims();
    let start = [Vector::zeros(), Vector::new(dims[0] as f64 - 1.0, dims[1] as f64 - 1.0, dims[2] as f64 - 1.0)];
    let [low, high] = boxes.fold(start, |[low, high], own| [low.inf(&own[0]), high.sup(&own[1])]);
    // A voxel reaches half its edge about its index; rounding makes no voxel.
    let voxels = |beyond: f64| (beyond - 0.5 - 1e-6).ceil().max(0.0);
    let before = [0, 1, 2].map(|a| voxels(-low[a]));
    let after = [0, 1, 2].map(|a| voxels(high[a] - (dims[a] as f64 - 1.0)));
    let count: f64 = (0..3).map(|a| before[a] + after[a] + dims[a] as f64).product();
    if before.iter().chain(&after).all(|more| *more == 0.0) {
        return Ok((Arc::clone(grid), [0; 3]));
    }
    if VOXELS_MAX < count {
        let what = "the number of voxels it takes to hold bone and moved fragments";
        return Err(BoneError::BadNumber {
            what,
            value: count.round(),
            limit: "at most a billion; move the fragments by less",
        });
    }
    let first = before.map(|n| n as usize);
    let dims = [0, 1, 2].map(|a| dims[a] + (before[a] + after[a]) as usize);
    let origin = grid.patient_from_index(-Vector::from(before));
    let grid = Grid::new(dims, origin, *grid.step()).expect("more voxels of the same kind");
    Ok((Arc::new(grid), first))
}

/// A bone's surface in parts, none of them moved.
#[derive(Debug, Clone)]
pub struct SawnSurface {
    /// What stays; with several planes it may be in several closed pieces that touch.
    pub rest: Option<Surface>,
    /// The fragments, closed; none where earlier saws left nothing of one.
    pub fragments: Vec<Option<Surface>>,
}

/// Part the surface of `bone` by `saws`; faces are flat lids.
///
/// # Errors
/// [`BoneError`] without bone, or if `progress` was cancelled.
pub fn sawn_surface(bone: &Surface, saws: &Saws, progress: &Progress) -> Result<SawnSurface, BoneError> {
    if bone.triangles().is_empty() {
        return Err(BoneError::NoBone);
    }
    let mut left = vec![bone.clone()];
    let mut fragments = Vec::with_capacity(saws.count());
    for saw in &saws.each {
        let (mut own, mut stays) = (Vec::new(), Vec::new());
        for piece in &left {
            own.extend(within(piece, &saw.planes, saw.half_mm, progress)?);
            // What stays: beyond the first plane, then of what is left beyond the second, and so on.
            let mut whole = Some(piece.clone());
            for plane in &saw.planes {
                let Some(now) = whole.take() else { break };
                let face = shifted(plane, -saw.half_mm);
                stays.extend(kept(&now, &turned(&face), progress)?);
                whole = kept(&now, &face, progress)?;
            }
        }
        fragments.push(joined(&own));
        left = stays;
    }
    Ok(SawnSurface { rest: joined(&left), fragments })
}

/// What of `piece` lies `half_mm` beyond all `planes`.
fn within(piece: &Surface, planes: &[Plane], half_mm: f64, progress: &Progress) -> Result<Option<Surface>, BoneError> {
    let mut own = Some(piece.clone());
    for plane in planes {
        let Some(now) = own else { break };
        own = kept(&now, &shifted(plane, half_mm), progress)?;
    }
    Ok(own)
}

fn kept(surface: &Surface, plane: &Plane, progress: &Progress) -> Result<Option<Surface>, BoneError> {
    match clip(surface, plane, true, progress) {
        Ok(piece) => Ok(Some(piece)),
        Err(ClipError::Nothing) => Ok(None),
        Err(ClipError::Cancelled(stop)) => Err(stop.into()),
    }
}

fn joined(pieces: &[Surface]) -> Option<Surface> {
    let (mut positions, mut triangles) = (Vec::new(), Vec::new());
    for piece in pieces {
        let first = positions.len() as u32;
        positions.extend_from_slice(piece.positions());
        triangles.extend(piece.triangles().iter().map(|corners| corners.map(|v| v + first)));
    }
    let is_there = !triangles.is_empty();
    is_there.then(|| Surface::new(positions, triangles).expect("points of surfaces are finite"))
}

/// `surface` where `turn` puts it.
///
/// # Panics
/// Never: finite places stay finite.
pub fn moved_surface(surface: &Surface, turn: &Turn) -> Surface {
    let places = surface.positions().iter().map(|point| turn.apply(point)).collect();
    surface.with_positions(places).expect("as many finite places as before")
}

/// A mesh sawn and its fragments moved.
#[derive(Debug, Clone)]
pub struct SawnTets {
    /// What stays ([`REST`]) and the fragments ([`FIRST`] and on) as regions, none sharing a vertex; without what the saws take.
    pub mesh: TetMesh,
    /// Volumes in mm³ of what stays, of what the saws take, and of each fragment.
    pub mm3: Vec<f64>,
}

/// Part `mesh` along the faces that the saws leave, take out what they take, and move the fragments.
///
/// # Errors
/// A sentence if a piece has no volume in double precision, or nothing is left.
pub fn sawn_tets(mesh: &TetMesh, saws: &Saws) -> Result<SawnTets, String> {
    let mut parted = mesh.clone();
    let mut parts = vec![Part::Rest; mesh.tets().len()];
    for (n, saw) in saws.each.iter().enumerate() {
        let blade = Blade::of(&saw.cut, &parted.boundary().0.bounds()).map_err(|error| error.to_string())?;
        let pieces = split(&parted, &blade).map_err(|error| error.to_string())?;
        let later = pieces.from.iter().zip(&pieces.fates).map(|(from, fate)| match (parts[*from as usize], *fate) {
            (Part::Rest, Fate::Resected) => Part::Fragment(n),
            (Part::Rest, Fate::Cut) => Part::Kerf,
            (before, _) => before,
        });
        parts = later.collect();
        parted = pieces.mesh;
    }
    let mut mm3 = vec![0.0; 2 + saws.count()];
    let (mut positions, mut tets, mut regions) = (Vec::new(), Vec::new(), Vec::new());
    // Fragments part from the rest, so that a vertex on a face is there once for each of them.
    let mut place = vec![vec![u32::MAX; parted.positions().len()]; 1 + saws.count()];
    for (tet, part) in parts.iter().enumerate() {
        mm3[usize::from(part.label()) - 1] += parted.tet_mm3(tet);
        let own = match part {
            Part::Kerf => continue,
            Part::Rest => 0,
            Part::Fragment(n) => 1 + n,
        };
        tets.push(parted.tets()[tet].map(|vertex| {
            let number = &mut place[own][vertex as usize];
            if *number == u32::MAX {
                *number = positions.len() as u32;
                let at = parted.positions()[vertex as usize];
                positions.push(own.checked_sub(1).map_or(at, |n| saws.turn(n).apply(&at)));
            }
            *number
        }));
        regions.push(part.label());
    }
    let mesh = TetMesh::new(positions, tets, regions).map_err(|error| error.to_string())?;
    Ok(SawnTets { mesh, mm3 })
}

#[cfg(test)]
mod tests;
