//! An operation on a live body: what is done to it, frame by frame, as a list that can be kept and done again.
//!
//! The window and the command line share it: what a hand did in the window is a list of [`Moment`]s, and the same list on
//! the same body gives the same numbers, to the last bit and on any number of threads of the processor; where a graphics
//! card moved the body, to the rounding of single precision.

mod act;
mod fasten;
mod needle;

pub use act::{Act, ActError, GAS_MMHG_MAX, Instrument, Moment, RADIUS_MM_MAX};

pub use needle::Aimed;

use self::act::{point, vector};
use self::needle::Target;
use super::interactive::{Body, Cut, Health, Inputs, Loose, NeedleForces, Shape, Tool};
use crate::base::Progress;
use crate::base::units::PA_PER_MMHG;
use crate::geom::{Point, Vector};

/// Coulomb's coefficient of wet instruments on organs, 1: an estimate within 0.05 to 0.3.
const FRICTION: f64 = 0.1;
/// A body whose vertices all move less than this in a frame is at rest, in mm …
const STILL_MM: f64 = 2e-3;
/// … after so many such frames.
const STILL_FRAMES: usize = 6;

/// Fastest that what holds the organ moves, mm a frame: 30 mm at 40 breaths a minute are 1 mm.
const HELD_MM: f64 = 2.0;
/// How far an instrument is drawn back to be clear of the organ, mm.
const CLEAR_MM: f64 = 20.0;

/// What an act did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Did {
    /// What it says.
    Done,
    /// A grasper closed; its number.
    Grasped(usize),
    /// Something is fastened; its number.
    Fastened(usize),
    /// The mesh changed.
    Cut(Cut),
}

/// A closed grasper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Held {
    /// Its number.
    pub grasper: usize,
    /// Where its middle is now, mm.
    pub at_mm: Point,
    /// How far it came, mm.
    pub by_mm: Vector,
    /// Its force on the tissue, N.
    pub force_n: Vector,
}

#[derive(Debug, Clone, Copy)]
struct Grasper {
    closed_at_mm: Point,
    by_mm: Vector,
}

/// A body under operation.
#[derive(Debug, Clone)]
pub struct Operation {
    body: Body,
    gravity_m_s2: Vector,
    gas_pa: f64,
    instrument: Option<Tool>,
    breath: Option<(Vector, f64)>,
    /// Share of a breath that was over in frame `breath_from`.
    breath_phase: f64,
    breath_from: u64,
    /// Where what holds the organ is now, from where it was at rest, mm.
    held_mm: Vector,
    graspers: Vec<Option<Grasper>>,
    target: Option<Target>,
    frames: u64,
    done: Vec<Moment>,
    still: usize,
    peak_n: f64,
}

impl Operation {
    /// Begin with `body` at rest, without weight and gas.
    pub fn new(body: Body) -> Self {
        Self {
            body,
            gravity_m_s2: Vector::zeros(),
            gas_pa: 0.0,
            instrument: None,
            breath: None,
            breath_phase: 0.0,
            breath_from: 0,
            held_mm: Vector::zeros(),
            graspers: Vec::new(),
            target: None,
            frames: 0,
            done: Vec::new(),
            still: 0,
            peak_n: 0.0,
        }
    }

    /// The body.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Frames computed so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Everything done so far, in order.
    pub fn done(&self) -> &[Moment] {
        &self.done
    }

    /// Whether the body came to rest: nothing moved visibly for a tenth of a second, nobody breathes, and no needle is on
    /// its way.
    pub fn is_still(&self) -> bool {
        let moves = self.breath.is_some() || self.held_mm != Vector::zeros() || self.body.needle_travels();
        STILL_FRAMES <= self.still && !moves
    }

    /// Largest force of a grasper or instrument so far, N.
    pub fn peak_n(&self) -> f64 {
        self.peak_n
    }

    /// Weight, m/s².
    pub fn gravity_m_s2(&self) -> Vector {
        self.gravity_m_s2
    }

    /// Gas, Pa.
    pub fn gas_pa(&self) -> f64 {
        self.gas_pa
    }

    /// Graspers that are closed.
    pub fn held(&self) -> impl Iterator<Item = Held> + '_ {
        let closed = self.graspers.iter().enumerate().filter_map(|(n, grasper)| Some((n, grasper.as_ref()?)));
        closed.map(|(grasper, Grasper { closed_at_mm, by_mm })| Held {
            grasper,
            at_mm: closed_at_mm + by_mm,
            by_mm: *by_mm,
            force_n: self.body.grasp_force_n(grasper),
        })
    }

    /// The instrument where the hand has it.
    pub fn tool(&self) -> Option<Tool> {
        self.instrument
    }

    /// Where the instrument is, mm, and its force on the tissue, N.
    pub fn instrument(&self) -> Option<(Point, Vector)> {
        let place = self.instrument.as_ref()?.place_mm;
        Some((place, -self.body.tool_forces_n().first().copied().unwrap_or_default()))
    }

    /// The instrument, and a place it can come from in a straight line against its force, clear of the organ, mm.
    pub fn approach(&self) -> Option<(Tool, Point)> {
        let tool = self.instrument?;
        let radius_mm = match tool.shape {
            Shape::Sphere { radius_mm } | Shape::Capsule { radius_mm, .. } => radius_mm,
            Shape::Plane { .. } => 0.0,
        };
        let (_, force) = self.instrument()?;
        let back = force.try_normalize(0.0).unwrap_or_default() * (2.0 * radius_mm + CLEAR_MM);
        // Nobody knows the way on which it rubbed.
        Some((Tool { friction: 0.0, ..tool }, tool.place_mm - back))
    }

    /// Do something before the next frame.
    ///
    /// # Errors
    /// [`ActError`]: a number out of its limits, nothing in the jaws, no such grasper. Nothing changed then.
    pub fn act(&mut self, act: Act) -> Result<Did, ActError> {
        act.check()?;
        let mut did = Did::Done;
        match &act {
            Act::Grasp { at_mm, radius_mm } => {
                let patch = self.patch(&point(at_mm), *radius_mm)?;
                let nothing = ActError::Empty { away_mm: 0.0 };
                let number = self.body.grasp(&patch).map_err(|_| nothing)?;
                self.graspers.resize(number, None);
                self.graspers.push(Some(Grasper { closed_at_mm: point(at_mm), by_mm: Vector::zeros() }));
                did = Did::Grasped(number);
            }
            Act::Drag { grasper, by_mm } => {
                let Some(Some(own)) = self.graspers.get_mut(*grasper) else {
                    return Err(ActError::NoGrasper(*grasper));
                };
                own.by_mm = vector(by_mm);
                self.body.drag(*grasper, &vector(by_mm));
            }
            Act::LetGo { grasper } => {
                let own = self.graspers.get_mut(*grasper).and_then(Option::take);
                own.ok_or(ActError::NoGrasper(*grasper))?;
                self.body.release(*grasper);
                // A part that was cut off and hung in its jaws stays where it is.
                self.body.freeze_loose();
            }
            Act::Place { instrument, at_mm } => {
                let shape = match *instrument {
                    Instrument::Ball { radius_mm } => Shape::Sphere { radius_mm },
                    Instrument::Rod { radius_mm, along_mm } => {
                        Shape::Capsule { radius_mm, shaft_mm: vector(&along_mm) }
                    }
                };
                self.instrument = Some(Tool { shape, place_mm: point(at_mm), friction: FRICTION });
            }
            Act::Withdraw => self.instrument = None,
            Act::Cut { sheet_mm } => {
                let sheet: Vec<[Point; 3]> = sheet_mm.iter().map(|triangle| triangle.map(Point::from)).collect();
                did = Did::Cut(self.body.cut(&sheet, Loose::Stays));
            }
            Act::Take { at_mm, radius_mm } => {
                let tets = self.tets_within(&point(at_mm), *radius_mm);
                did = Did::Cut(self.body.remove_elements(&tets, Loose::Stays));
            }
            Act::Stitch { from_mm, to_mm, length_mm } => {
                did = self.join([from_mm, to_mm], *length_mm, false)?;
            }
            Act::Staple { from_mm, to_mm, length_mm } => {
                did = self.join([from_mm, to_mm], *length_mm, true)?;
            }
            Act::Clip { at_mm, across_mm, radius_mm, gap_mm } => {
                did = self.clip(&point(at_mm), &vector(across_mm), *radius_mm, *gap_mm)?;
            }
            Act::Needle { entry_mm, target_mm, puncture_n, cutting_n, friction_n_cm } => {
                let forces = NeedleForces {
                    puncture_n: *puncture_n,
                    cutting_n: *cutting_n,
                    friction_n_m: 100.0 * friction_n_cm,
                };
                self.set_needle(&point(entry_mm), &point(target_mm), forces)?;
            }
            Act::Push { depth_mm } => {
                self.body.needle().ok_or(ActError::NoNeedle)?;
                self.body.push_needle(*depth_mm);
            }
            Act::Unfasten { fastening } => {
                if !self.body.untie(*fastening) {
                    return Err(ActError::NoFastening(*fastening));
                }
                self.body.freeze_loose();
            }
            Act::Gas { mmhg } => self.gas_pa = mmhg * PA_PER_MMHG,
            Act::Weight { m_s2 } => self.gravity_m_s2 = vector(m_s2),
            Act::Breathe { by_mm, per_minute } => {
                // Another rate or depth goes on from where the breath is.
                let by_mm = vector(by_mm);
                (self.breath_phase, self.breath_from) = (self.breaths().fract(), self.frames);
                self.breath = (by_mm != Vector::zeros() && 0.0 < *per_minute).then_some((by_mm, *per_minute));
            }
        }
        if matches!(did, Did::Cut(_)) {
            self.find_target();
        }
        self.done.push(Moment { frame: self.frames, act });
        self.still = 0;
        Ok(did)
    }

    /// Compute a frame.
    pub fn step(&mut self) -> Health {
        self.breathe();
        let before: Vec<Point> = self.body.positions().to_vec();
        let tools = self.instrument.as_slice();
        let inputs = Inputs { gravity_m_s2: self.gravity_m_s2, gas_pa: self.gas_pa, tools, ..Inputs::default() };
        let health = self.body.step(&inputs);
        self.frames += 1;
        let moved = self.body.positions().iter().zip(&before).map(|(now, before)| (now - before).norm_squared());
        let is_still = moved.fold(0.0, f64::max) < STILL_MM * STILL_MM;
        self.still = if is_still { self.still + 1 } else { 0 };
        let forces = self.held().map(|held| held.force_n).chain(self.instrument().map(|(_, force)| force));
        let push = self.body.needle().map(|needle| Vector::x() * needle.push_n);
        let forces = forces.chain(push);
        self.peak_n = forces.map(|force| force.norm()).fold(self.peak_n, f64::max);
        health
    }

    /// Breaths since the breathing began, with what was over of one then; 0 where nobody breathes.
    fn breaths(&self) -> f64 {
        let rate = |(_, per_minute)| self.breath_phase + (self.frames - self.breath_from) as f64 / 3600.0 * per_minute;
        self.breath.map_or(0.0, rate)
    }

    /// Move what holds the organ towards where the breath has it, never by more than [`HELD_MM`] a frame.
    fn breathe(&mut self) {
        let wave = 0.5 - 0.5 * (std::f64::consts::TAU * self.breaths()).cos();
        let to_mm = self.breath.map_or_else(Vector::zeros, |(by_mm, _)| by_mm * wave);
        let way = to_mm - self.held_mm;
        let length = way.norm();
        self.held_mm = if length <= HELD_MM { to_mm } else { self.held_mm + way * (HELD_MM / length) };
        self.body.move_held(&self.held_mm);
    }

    /// Do everything in `moments`, then compute frames until there are `frames`.
    ///
    /// # Errors
    /// [`PlayError`]: which entry cannot be done and why, or somebody asked to stop.
    pub fn play(&mut self, moments: &[Moment], frames: u64, progress: &Progress) -> Result<(), PlayError> {
        let last = moments.last().map_or(frames, |moment| moment.frame.max(frames)).max(1);
        for (moment, entry) in moments.iter().zip(1..) {
            if moment.frame < self.frames {
                return Err(ActError::Order { entry, frame: moment.frame, before: self.frames }.at(entry));
            }
            self.run_to(moment.frame, last, progress)?;
            self.act(moment.act.clone()).map_err(|error| error.at(entry))?;
        }
        self.run_to(last, last, progress)
    }

    fn run_to(&mut self, frame: u64, last: u64, progress: &Progress) -> Result<(), PlayError> {
        while self.frames < frame {
            progress.set(self.frames as f64 / last as f64)?;
            self.step();
        }
        Ok(())
    }

    /// Compute frames until the body is at rest, at most `frames_max`; whether it is.
    ///
    /// # Errors
    /// [`PlayError::Cancelled`].
    pub fn settle(&mut self, frames_max: u64, progress: &Progress) -> Result<bool, PlayError> {
        for n in 0..frames_max {
            if self.is_still() {
                break;
            }
            progress.set(n as f64 / frames_max as f64)?;
            self.step();
        }
        Ok(self.is_still())
    }

    /// Surface vertices within `radius_mm` of a place that are free to move, ascending; the nearest if none is and it is
    /// within twice that.
    fn patch(&self, at: &Point, radius_mm: f64) -> Result<Vec<u32>, ActError> {
        let mut vertices: Vec<u32> = self.body.surface().flatten().filter(|v| !self.body.is_held(*v)).collect();
        vertices.sort_unstable();
        vertices.dedup();
        let away = |v: &u32| (self.body.positions()[*v as usize] - at).norm();
        let nearest = vertices.iter().copied().min_by(|a, b| away(a).total_cmp(&away(b)));
        let patch: Vec<u32> = vertices.into_iter().filter(|v| away(v) <= radius_mm).collect();
        match (patch.is_empty(), nearest) {
            (false, _) => Ok(patch),
            (true, Some(v)) if away(&v) <= 2.0 * radius_mm + 5.0 => Ok(vec![v]),
            (true, nearest) => Err(ActError::Empty { away_mm: nearest.map_or(f64::INFINITY, |v| away(&v)) }),
        }
    }

    fn tets_within(&self, at: &Point, radius_mm: f64) -> Vec<u32> {
        let places = self.body.positions();
        let centre = |tet: &[u32; 4]| tet.iter().map(|v| places[*v as usize].coords).sum::<Vector>() / 4.0;
        let away = |tet: &[u32; 4]| (centre(tet) - at.coords).norm();
        let all = (0..).zip(self.body.tets()).map(|(n, tet)| (n, away(tet)));
        let inside: Vec<u32> = all.clone().filter(|(_, away)| *away <= radius_mm).map(|(n, _)| n).collect();
        // A bite smaller than the tetrahedra takes one.
        let nearest = all.min_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, away)| *away <= 2.0 * radius_mm + 20.0);
        if inside.is_empty() { nearest.into_iter().map(|(n, _)| n).collect() } else { inside }
    }
}

/// Why a list could not be done to its end.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlayError {
    /// An entry cannot be done.
    #[error("entry {entry} cannot be done: {error}")]
    Act {
        /// Position in the list, from 1.
        entry: usize,
        /// Why.
        error: ActError,
    },
    /// Somebody asked to stop.
    #[error(transparent)]
    Cancelled(#[from] crate::base::Cancelled),
}

impl ActError {
    fn at(self, entry: usize) -> PlayError {
        PlayError::Act { entry, error: self }
    }
}

#[cfg(test)]
mod tests;
