//! Terms of fragments where they are moved to: how near they come to what is spared, to the rest of the bone and to each
//! other, and how much they share with these.

use super::Term;
use super::cut::{key, place};
use super::measure::{Run, in_runs, least_in, least_near};
use super::scene::{Body, Scene};
use super::solid::Solid;
use crate::base::units::MM3_PER_ML;
use crate::base::{Cancelled, Progress};
use crate::geom::{Aabb, Point};
use crate::mesh::{Bvh, Surface};
use crate::plan::bone::sawn::{Part, Saws, sawn_surface};
use crate::plan::bone::{BoneError, Turn};
use crate::plan::{Action, Bounded, KeepOut, Osteotomy, Plan};
use rayon::prelude::*;

const DISTANCE: &str = "Least distance between the structure's border and the fragment where it is moved to, negative where they \
     are in each other; the faces of the fragment's voxels and the flat faces that the saw leaves. Bounds are half a voxel's \
     diagonal of both and e.";
const BETWEEN: &str = "Least distance between the faces of both, vertices of each to the triangles of the other, 0 or less \
     where they are in each other; bounds are half a voxel's diagonal and e.";
const SHARED: &str = "Voxels of the fragment whose middle, moved, lies in the other; bounds move its edge by half a voxel's diagonal \
     of both and e.";

/// A fragment or what stays: its surface where it was, and how it is moved.
struct Piece {
    search: Bvh,
    border: Vec<(Point, f64)>,
    runs: Vec<Run>,
    turn: Option<Turn>,
}

impl Piece {
    fn of(surface: &Surface, half_mm: f64, turn: Option<Turn>) -> Self {
        let (border, runs) = in_runs(surface.positions().iter().map(|point| (*point, 0.0)).collect(), half_mm);
        Self { search: Bvh::new(surface), border, runs, turn }
    }

    fn apply(&self, point: &Point) -> Point {
        self.turn.map_or(*point, |turn| turn.apply(point))
    }

    /// Distance of a place to it where it is moved to, negative inside.
    fn moved_mm(&self, point: &Point) -> f64 {
        let from = self.turn.map_or(*point, |turn| turn.back(point));
        self.search.signed_distance_mm(&from).unwrap_or(f64::INFINITY)
    }

    /// The box it is moved to.
    fn bounds(&self) -> Aabb {
        let places: Vec<Point> = self.border.iter().map(|(point, _)| self.apply(point)).collect();
        Aabb::of(&places)
    }

    /// The least distance to `other`, both where they are moved to.
    fn to_mm(&self, other: &Self) -> Option<(f64, Point)> {
        let one = |a: &Self, b: &Self| {
            let (mm, at) = least_in(&a.border, &a.runs, 1.0, |point| b.moved_mm(&a.apply(point)))?;
            Some((mm, a.apply(&at)))
        };
        [one(self, other), one(other, self)].into_iter().flatten().min_by(|a, b| a.0.total_cmp(&b.0))
    }
}

/// The bone, sawn.
struct Sawn<'a> {
    bone: &'a Body,
    saws: Saws,
    names: Vec<&'a str>,
    rest: Option<Piece>,
    fragments: Vec<Option<Piece>>,
    /// How far edges of the bone may lie from the true ones.
    half_mm: f64,
}

/// The terms of the moved fragment of every action of `plan`; none for what is no osteotomy, or cannot be sawn, which
/// other terms say.
pub(super) fn terms(plan: &Plan, scene: &Scene, progress: &Progress) -> Result<Vec<Vec<Term>>, Cancelled> {
    let mut all = vec![Vec::new(); plan.actions.len()];
    let own: Vec<(usize, &str, &Osteotomy)> = plan
        .actions
        .iter()
        .enumerate()
        .filter_map(|(n, named)| match &named.action {
            Action::Osteotomy(saw) => Some((n, named.name.as_str(), saw)),
            _ => None,
        })
        .collect();
    let Some(bone) = plan.organ.and_then(|organ| scene.body(organ)).filter(|_| !own.is_empty()) else { return Ok(all) };
    let (Some(shell), Ok(saws)) = (bone.shell(), Saws::of(own.iter().map(|(.., saw)| *saw))) else { return Ok(all) };
    let surfaces = match sawn_surface(shell, &saws, progress) {
        Ok(surfaces) => surfaces,
        Err(BoneError::Cancelled(stop)) => return Err(stop),
        Err(_) => return Ok(all),
    };
    let half_mm = scene.half_mm(bone);
    let fragments = surfaces.fragments.iter().enumerate();
    let fragments = fragments.map(|(n, own)| Some(Piece::of(own.as_ref()?, half_mm, Some(*saws.turn(n)))));
    let fragments: Vec<Option<Piece>> = fragments.collect();
    let rest = surfaces.rest.as_ref().map(|rest| Piece::of(rest, half_mm, None));
    let names = own.iter().map(|(_, name, _)| *name).collect();
    let sawn = Sawn { bone, saws, names, rest, fragments, half_mm };
    for (k, (n, ..)) in own.iter().enumerate() {
        progress.check()?;
        all[*n] = sawn.of_fragment(k, plan, scene, progress)?;
    }
    Ok(all)
}

impl Sawn<'_> {
    fn of_fragment(&self, n: usize, plan: &Plan, scene: &Scene, progress: &Progress) -> Result<Vec<Term>, Cancelled> {
        let Some(fragment) = &self.fragments[n] else {
            let why = "earlier osteotomies leave nothing of this fragment; change their order or the planes";
            return Ok(vec![Term::not_valid("rest/overlap", "overlap with the rest of the bone", "ml", why)]);
        };
        let mut terms = Vec::new();
        if let Some(rest) = &self.rest {
            let beyond = |point: &Point| self.saws.beyond_rest_mm(point).max(self.beyond_bone_mm(point));
            let is_in = |solid: &Solid, point: &Point| solid.holds(point) && self.saws.part(point) == Part::Rest;
            let (overlap, distance) = ("overlap with the rest of the bone", "distance to the rest of the bone");
            let shared = self.shared("rest/overlap", overlap.to_owned(), n, &rest.bounds(), 0.0, beyond, is_in);
            let between = self.between("rest/distance", distance.to_owned(), fragment, rest, shared.as_ref());
            terms.extend(shared.into_iter().chain(between));
        }
        for (k, other) in self.fragments[..n].iter().enumerate() {
            progress.check()?;
            let (Some(other), name) = (other, self.names[k]) else { continue };
            let turn = *self.saws.turn(k);
            let beyond = |point: &Point| {
                let from = turn.back(point);
                self.saws.beyond_fragment_mm(k, &from).max(self.beyond_bone_mm(&from))
            };
            let is_in = |solid: &Solid, point: &Point| {
                let from = turn.back(point);
                solid.holds(&from) && self.saws.part(&from) == Part::Fragment(k)
            };
            let [overlap, distance] =
                [format!("overlap with the fragment of {name}"), format!("distance to the fragment of {name}")];
            let id = |what: &str| format!("fragment/{}/{what}", k + 1);
            let shared = self.shared(&id("overlap"), overlap, n, &other.bounds(), 0.0, beyond, is_in);
            let between = self.between(&id("distance"), distance, fragment, other, shared.as_ref());
            terms.extend(shared.into_iter().chain(between));
        }
        for keep_out in &plan.keep_out {
            progress.check()?;
            terms.extend(self.spared(keep_out, scene, n, fragment));
        }
        Ok(terms)
    }

    /// How far a place is outside of the bone as it was.
    fn beyond_bone_mm(&self, point: &Point) -> f64 {
        self.bone.near().map_or(f64::INFINITY, |bone| bone.signed_mm(point))
    }

    /// What fragment `n`, moved, shares with something within `bounds` that a place is `beyond` by so many mm; `is_in` decides.
    #[expect(clippy::too_many_arguments, reason = "one place where all overlaps are counted")]
    fn shared(
        &self,
        id: &str,
        name: String,
        n: usize,
        bounds: &Aabb,
        more_mm: f64,
        beyond: impl Fn(&Point) -> f64 + Sync,
        is_in: impl Fn(&Solid, &Point) -> bool + Sync,
    ) -> Option<Term> {
        let Some(solid) = &self.bone.solid else {
            let why = format!("{} is no segment; choose a segment as the organ to get volumes", self.bone.name);
            return Some(Term::not_valid(id, name, "ml", why));
        };
        let (half_mm, turn, grid) = (self.half_mm + more_mm, self.saws.turn(n), solid.grid());
        let reach = crate::geom::Vector::repeat(half_mm);
        let (low, high) = (bounds.min - reach, bounds.max + reach);
        let count = |k: usize| {
            let mut counts = [0_u64; 3];
            let [ni, nj, _] = grid.dims();
            for voxel in (0..ni * nj).map(|at| [at % ni, at / ni, k]) {
                let centre = grid.centre(voxel);
                if !solid.is_inside(voxel.map(|x| x as isize)) || self.saws.part(&centre) != Part::Fragment(n) {
                    continue;
                }
                let moved = turn.apply(&centre);
                if (0..3).any(|a| moved[a] < low[a] || high[a] < moved[a]) {
                    continue;
                }
                let (mm, is_in) = (beyond(&moved), is_in(solid, &moved));
                let within = [is_in && mm < -half_mm, is_in, is_in || mm < half_mm];
                (0..3).for_each(|n| counts[n] += u64::from(within[n]));
            }
            counts
        };
        let slices: Vec<[u64; 3]> = (0..grid.dims()[2]).into_par_iter().map(count).collect();
        let sum = |n: usize| slices.iter().map(|counts| counts[n]).sum::<u64>() as f64 * grid.voxel_mm3() / MM3_PER_ML;
        let value = Bounded { value: sum(1), low: sum(0), high: sum(2) };
        let term = Term::value(id, name, value, "ml", SHARED);
        let apart = "they are surely in each other: turn or shift the fragment otherwise, or take more bone away";
        Some(if 0.0 < value.low { term.doubted(apart) } else { term })
    }

    fn between(&self, id: &str, name: String, one: &Piece, other: &Piece, shared: Option<&Term>) -> Option<Term> {
        let (mm, at) = one.to_mm(other)?;
        // Faces that lie in one another have no vertex inside.
        let is_within = shared.and_then(|term| term.value).is_some_and(|value| 0.0 < value.value);
        let mm = if is_within { mm.min(0.0) } else { mm };
        let term = Term::value(id, name, Bounded::within(mm, self.half_mm), "mm", BETWEEN);
        Some(term.because(format!("nearest at {}", place(&at))))
    }

    /// How the moved fragment stands to something that must be spared.
    fn spared(&self, keep_out: &KeepOut, scene: &Scene, n: usize, fragment: &Piece) -> Vec<Term> {
        let (id, name) = (format!("moved/{}", key(&keep_out.structure)), scene.name(keep_out.structure));
        let title = format!("distance of the moved fragment to {name}");
        let hard = keep_out.weight.is_none();
        let Some(body) = scene.body(keep_out.structure) else {
            let why = format!("{name} is empty or was removed; choose it again");
            return vec![Term::not_valid(&id, title, "mm", why).at_least(keep_out.distance_mm, hard)];
        };
        let half_mm = scene.half_mm(body);
        let beyond = |point: &Point| body.near().map_or(f64::INFINITY, |near| near.signed_mm(point));
        let is_in = |_: &Solid, point: &Point| if body.is_lines() { beyond(point) < 0.0 } else { body.holds(point) };
        let overlap = format!("overlap of the moved fragment with {name}");
        let shared_id = format!("moved_overlap/{}", key(&keep_out.structure));
        let shared = self.shared(&shared_id, overlap, n, &body.bounds, half_mm, beyond, is_in);
        let Some((mm, at)) = least_near(body, 1.0, |point| fragment.moved_mm(point)) else { return Vec::new() };
        // Something small may lie within the fragment, or it in something large: the nearest of their borders are apart then.
        let is_within = shared.as_ref().and_then(|term| term.value).is_some_and(|value| 0.0 < value.value);
        let mm = if is_within { mm.min(0.0) } else { mm };
        let before = least_near(body, 1.0, |point| fragment.search.signed_distance_mm(point).unwrap_or(f64::INFINITY));
        let value = Bounded::within(mm, self.half_mm + half_mm);
        let term = Term::value(&id, title, value, "mm", DISTANCE).at_least(keep_out.distance_mm, hard);
        let term = term.because(match before {
            Some((mm, _)) => format!("nearest at {}; {mm:.1} mm before the move", place(&at)),
            None => format!("nearest at {}", place(&at)),
        });
        let term = match keep_out.weight {
            Some(weight) => term.weighed(weight, keep_out.distance_mm),
            None => term,
        };
        let is_told = |term: &Term| term.value.is_some_and(|value| 0.0 < value.high);
        std::iter::once(term).chain(shared.filter(is_told)).collect()
    }
}
