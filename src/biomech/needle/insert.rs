//! The insertion step by step: touch, indent, puncture, cut.

use super::balance::{Balance, balance};
use super::beam::Beam;
use super::frame::Frame;
use super::ground::Ground;
use super::line::{at_surface, way};
use super::problem::SLOPE_MAX;
use super::result::{Inserted, Sample};
use super::summary::summarise;
use super::tissue::TissueGround;
use super::track::{Node, Track};
use super::{Insertion, Needle, NeedleError, Path, Resistance};
use crate::base::{Progress, Summary};
use crate::biomech::TissueResult;
use crate::geom::{Point, Vector};
use nalgebra::Vector2;

/// How exactly the hand ends at the planned depth, m.
const DEPTH_M: f64 = 1e-7;
/// Trials for that.
const TRIALS_MAX: usize = 40;
/// Over how many sizes of its details the lean of the tissue is taken: nearer to the tip the force there makes a cell
/// lean that in a finer mesh would not.
const TILT: f64 = 3.0;
/// Points by which the bent needle is drawn.
const DRAWN: usize = 65;

/// Push a needle into an organ along a straight line until the hand has moved by the length of the planned path.
///
/// Inertia and viscosity play no part. The same bits on any number of threads.
///
/// # Errors
/// [`NeedleError`]: what is wrong with the problem or where the needle went, in one sentence.
pub fn insert(insertion: &Insertion, progress: &Progress) -> Result<(Inserted, TissueResult, Summary), NeedleError> {
    insertion.check()?;
    let entry_mm = at_surface(insertion.mesh, &insertion.path.entry_mm)?;
    let path = Path { entry_mm, ..insertion.path };
    let insertion = Insertion { path, ..*insertion };
    // The path begins where the entry was moved to.
    insertion.check()?;
    let way = way(&path);
    let mut ground = TissueGround::new(&insertion, &way, &progress.part(0.0..0.1, "organ"))?;
    if !ground.holds(&path.target_mm) {
        return Err(NeedleError::TargetOutside { at: path.target_mm });
    }
    if let Some(outside) = way.iter().find(|place| !ground.holds(place)) {
        return Err(NeedleError::PathOutside { after_mm: (outside - entry_mm).norm() });
    }
    let pushing = progress.part(0.1..0.97, "needle");
    let inserted = inserted_in(&mut ground, &insertion.needle, &insertion.resistance, &path, &pushing)?;
    let (tissue, states) = ground.result(insertion.fixed)?;
    let summary = summarise(&insertion, &ground, &inserted, &tissue, &states);
    progress.set(1.0)?;
    Ok((inserted, tissue, summary))
}

/// An insertion that is under way.
struct Run<'g, G> {
    ground: &'g mut G,
    frame: Frame,
    beam: Beam,
    resistance: Resistance,
    /// Side force of the tip across the line, N.
    side_n: Vector2<f64>,
    guide_m: Option<f64>,
    track: Track,
}

/// As [`insert`], in any ground; `path` begins at its surface.
///
/// # Errors
/// [`NeedleError::TooBent`], [`NeedleError::Left`], [`NeedleError::NoStiffness`], [`NeedleError::Tissue`].
pub fn inserted_in<G: Ground>(
    ground: &mut G,
    needle: &Needle,
    resistance: &Resistance,
    path: &Path,
    progress: &Progress,
) -> Result<Inserted, NeedleError> {
    let frame = Frame::new(path.entry_mm, &path.target_mm);
    let side = frame.across(&resistance.side_towards).try_normalize(1e-12).unwrap_or_default();
    let mut run = Run {
        ground,
        frame,
        beam: Beam { bending_n_m2: needle.bending_n_m2(), length_m: needle.length_mm * 1e-3 },
        resistance: *resistance,
        side_n: side * (resistance.side_ratio * resistance.cutting_n),
        guide_m: path.guide_mm.map(|mm| mm * 1e-3),
        track: Track::default(),
    };
    run.go(path, progress)
}

impl<G: Ground> Run<'_, G> {
    fn go(&mut self, path: &Path, progress: &Progress) -> Result<Inserted, NeedleError> {
        let planned_m = self.frame.coordinates_m(&path.target_mm).0;
        self.grow(0.0, Vector2::zeros(), progress)?.ok_or(NeedleError::PathOutside { after_mm: 0.0 })?;
        // Before the surface gives way it is a spring.
        let yields_m_per_n = self.frame.along_along(&self.track.compliance(0, 0));
        let indentation_m = yields_m_per_n * self.resistance.puncture_n;
        let mut samples = vec![Sample { depth_mm: 0.0, force_n: 0.0, cut_mm: 0.0, beside_mm: 0.0, target_mm: 0.0 }];
        if planned_m <= indentation_m {
            return self.not_punctured(path, planned_m, planned_m / yields_m_per_n, samples, progress);
        }
        let puncture_n = self.resistance.puncture_n;
        self.ground.settle(&[self.frame.along * puncture_n], progress)?;
        samples.push(self.sample(path, indentation_m, puncture_n, 0.0, 0.0));
        let mut work_j = 0.5 * puncture_n * indentation_m;
        let mut buckling = puncture_n / self.bears_n(indentation_m);
        let mut hand_m = indentation_m;
        let mut now = self.balance()?;
        loop {
            let tip = *self.tip();
            progress.set(tip.along_m / planned_m)?;
            self.ground.settle(&now.forces_n, progress)?;
            let hand_n = now.hand_n(&self.frame);
            // While the needle jumps ahead nothing is in equilibrium.
            if hand_m <= now.depth_m + DEPTH_M {
                let before = samples.last().map_or(0.0, |sample: &Sample| sample.force_n);
                work_j += 0.5 * (before + hand_n) * (now.depth_m - hand_m).max(0.0);
                hand_m = hand_m.max(now.depth_m);
                let beside_m = now.beside_m(&self.beam, self.beam.length_m).norm();
                samples.push(self.sample(path, hand_m, hand_n, tip.along_m, beside_m));
                buckling = f64::max(buckling, hand_n / self.bears_n(hand_m));
            }
            if planned_m - DEPTH_M <= now.depth_m {
                break;
            }
            let lean = now.slope + now.side_slope - self.tilt(&tip);
            if !(lean.norm() <= SLOPE_MAX) {
                let (degrees, depth_mm) = (lean.norm().atan().to_degrees(), 1e3 * tip.along_m);
                return Err(NeedleError::TooBent { degrees, depth_mm });
            }
            // A needle that jumps ahead comes to rest where its depth is that of the hand again.
            let goal_m = if now.depth_m + DEPTH_M < hand_m { hand_m } else { planned_m };
            now = self.cut(&lean, path.step_mm * 1e-3, now.depth_m, goal_m, progress)?;
        }
        let friction_j = self.friction_j(&now);
        let along_m: f64 = self.track.nodes.last().map_or(0.0, |tip| tip.along_m);
        let needle_mm = self.drawn(&now, now.depth_m);
        let target_mm = path.target_mm + self.moved_mm(&path.target_mm);
        Ok(Inserted {
            samples,
            punctured: true,
            indentation_mm: 1e3 * indentation_m,
            tip_mm: needle_mm[needle_mm.len() - 1],
            needle_mm,
            track_mm: self.track.nodes.iter().map(|node| self.frame.place_mm(node.along_m, &node.across_m)).collect(),
            planned_mm: path.target_mm,
            target_mm,
            along: self.frame.along,
            across_n: now.on_needle.iter().map(|(_, force)| force.norm()).fold(0.0, f64::max),
            buckling,
            work_j,
            friction_j,
            cutting_j: self.resistance.cutting_n * along_m,
        })
    }

    /// The hand is at the planned depth and the surface has only been pushed in.
    fn not_punctured(
        &mut self,
        path: &Path,
        planned_m: f64,
        force_n: f64,
        mut samples: Vec<Sample>,
        progress: &Progress,
    ) -> Result<Inserted, NeedleError> {
        self.ground.settle(&[self.frame.along * force_n], progress)?;
        samples.push(self.sample(path, planned_m, force_n, 0.0, 0.0));
        let straight = |along_m: f64| self.frame.place_mm(along_m, &Vector2::zeros());
        Ok(Inserted {
            samples,
            punctured: false,
            indentation_mm: 1e3 * planned_m,
            needle_mm: vec![straight(planned_m - self.beam.length_m), straight(planned_m)],
            track_mm: vec![path.entry_mm],
            planned_mm: path.target_mm,
            tip_mm: straight(planned_m),
            target_mm: path.target_mm + self.moved_mm(&path.target_mm),
            along: self.frame.along,
            across_n: 0.0,
            buckling: force_n / self.bears_n(planned_m),
            work_j: 0.5 * force_n * planned_m,
            friction_j: 0.0,
            cutting_j: 0.0,
        })
    }

    fn tip(&self) -> &Node {
        self.track.nodes.last().expect("the track begins at the entry")
    }

    /// Let the track grow to a place; none if the ground does not reach there.
    fn grow(&mut self, along_m: f64, across_m: Vector2<f64>, progress: &Progress) -> Result<Option<()>, NeedleError> {
        let place = self.frame.place_mm(along_m, &across_m);
        let Some(columns) = self.ground.add(&place, progress)? else { return Ok(None) };
        let node = Node { along_m, across_m, beside_m2_per_n: self.ground.beside_m2_per_n(&place) };
        self.track.push(node, &columns);
        Ok(Some(()))
    }

    fn balance(&self) -> Result<Balance, NeedleError> {
        balance(&self.track, &self.beam, &self.frame, &self.resistance, &self.side_n, self.guide_m)
    }

    /// Cut a step, shorter where the tip would pass the depth `goal_m`, and find the equilibrium there.
    fn cut(
        &mut self,
        lean: &Vector2<f64>,
        step_m: f64,
        depth_m: f64,
        goal_m: f64,
        progress: &Progress,
    ) -> Result<Balance, NeedleError> {
        let from = *self.tip();
        let (mut step_m, mut trial) = (step_m, 0);
        // Steps with too little and too much depth.
        let (mut short, mut long) = ((0.0, depth_m), None::<(f64, f64)>);
        loop {
            let (along_m, across_m) = (from.along_m + step_m, from.across_m + lean * step_m);
            if self.grow(along_m, across_m, progress)?.is_none() {
                let at = self.frame.place_mm(along_m, &across_m);
                return Err(NeedleError::Left { at, after_mm: 1e3 * from.along_m });
            }
            let next = self.balance()?;
            trial += 1;
            let too_far = goal_m + DEPTH_M < next.depth_m;
            let too_short = long.is_some() && next.depth_m < goal_m - DEPTH_M;
            if TRIALS_MAX <= trial || !(too_far || too_short) {
                return Ok(next);
            }
            self.track.pop();
            self.ground.drop_last();
            if too_far {
                long = Some((step_m, next.depth_m));
            } else {
                short = (step_m, next.depth_m);
            }
            let (long_m, long_depth_m) = long.expect("the first trial that is not taken went too far");
            let part = (goal_m - short.1) / (long_depth_m - short.1);
            // Every third trial halves, so that the bracket shrinks from both sides.
            let part = if trial % 3 == 0 { 0.5 } else { part.clamp(0.01, 0.99) };
            step_m = short.0 + part * (long_m - short.0);
        }
    }

    /// How much the tissue at the tip leans against the planned line: its motion across between places ahead and behind;
    /// one-sided at a surface.
    fn tilt(&self, tip: &Node) -> Vector2<f64> {
        let here = self.frame.place_mm(tip.along_m, &tip.across_m);
        let reach_mm = TILT * self.ground.detail_mm();
        let at = |by_mm: f64| Some((by_mm, self.ground.moved_m(&(here + self.frame.along * by_mm))?));
        let ahead = at(reach_mm).or_else(|| at(0.0));
        let behind = at(-reach_mm).or_else(|| at(0.0));
        match (behind, ahead) {
            (Some((a, from)), Some((b, to))) if a < b => self.frame.across(&(to - from)) / (1e-3 * (b - a)),
            _ => Vector2::zeros(),
        }
    }

    /// Force under which the free shaft from the hand to the guide or the entry buckles, N.
    fn bears_n(&self, depth_m: f64) -> f64 {
        self.beam.buckling_n(self.beam.length_m - depth_m - self.guide_m.unwrap_or(0.0))
    }

    fn moved_mm(&self, place: &Point) -> Vector {
        self.ground.moved_m(place).unwrap_or_default() * 1e3
    }

    fn sample(&self, path: &Path, depth_m: f64, force_n: f64, cut_m: f64, beside_m: f64) -> Sample {
        let target_mm = self.moved_mm(&path.target_mm).norm();
        Sample { depth_mm: 1e3 * depth_m, force_n, cut_mm: 1e3 * cut_m, beside_mm: 1e3 * beside_m, target_mm }
    }

    /// Friction of each length times how far the needle has slid there since the tip came by, J.
    fn friction_j(&self, now: &Balance) -> f64 {
        // What lies beside a point of the track is as far behind the tip as the needle has slid there.
        let of = |(length_m, station_m): (&f64, &f64)| {
            self.resistance.friction_n_m * length_m * (self.beam.length_m - station_m)
        };
        self.track.lengths_m().iter().zip(&now.stations_m).map(of).sum()
    }

    /// The bent needle from the hand to the tip, mm.
    fn drawn(&self, now: &Balance, depth_m: f64) -> Vec<Point> {
        let place = |n: usize| {
            let station_m = self.beam.length_m * n as f64 / (DRAWN - 1) as f64;
            let beside_m = now.beside_m(&self.beam, station_m);
            self.frame.place_mm(depth_m - self.beam.length_m + station_m, &beside_m)
        };
        (0..DRAWN).map(place).collect()
    }
}
