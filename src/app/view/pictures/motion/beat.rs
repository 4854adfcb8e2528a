//! A beat of pulsating flow: the wall in the colours of its moments, and particles that the flow carries through them.
//!
//! Between two moments that were kept, values and velocities are interpolated linearly. Particles are born all over the
//! lumen and live for a part of the beat, each again where and when it was born the beat before: the film has no seam.

use super::{Film, Posed};
use crate::app::mirror::{Shade, in_mmhg, surface_mesh};
use crate::base::i18n::tr_with;
use crate::base::rng::Rng;
use crate::base::{NodeId, Progress};
use crate::flow::FlowResult;
use crate::geom::{Point, Vector};
use crate::mesh::{Field, Surface};
use crate::session::{Case, Data};
use crate::tools::{FlowBeat, flow_beat};
use rayon::prelude::*;

/// Particles at once.
const PARTICLES: usize = 1500;
/// Lives of a particle in a beat.
const LIVES: usize = 3;
/// Steps of a beat in which they are carried, at least.
const STEPS: f64 = 400.0;
/// Metres in millimetres.
const MM_PER_M: f64 = 1e3;

/// A film of a beat.
pub(super) struct BeatFilm {
    node: NodeId,
    wall: Surface,
    beat: FlowBeat,
    /// How each moment colours the wall, on one scale; none where it has its own colour.
    shades: Vec<Shade>,
    particles: Vec<Particle>,
    /// The time at which these are, s.
    at_s: f64,
}

/// A particle; none while it is out of the lumen.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Particle {
    place: Option<Point>,
    speed_m_s: f64,
    /// How many lives were begun.
    life: i64,
}

impl BeatFilm {
    /// Of the beat that the flow `node` belongs to, in the colours of that; none if it has none.
    pub(super) fn of(case: &Case, node: NodeId, shade: Option<Shade>) -> Option<Self> {
        let Data::Flow(result) = &case.node(node)?.data else { return None };
        let beat = flow_beat(case, node)?;
        let shades = shade.map_or_else(Vec::new, |shade| shades(&beat, &shade));
        Some(Self { node, wall: result.wall.clone(), beat, shades, particles: Vec::new(), at_s: 0.0 })
    }

    /// The wall at a time, if its colours change.
    fn coloured(&self, time_s: f64) -> Option<(bevy::prelude::Mesh, Option<Shade>)> {
        let (from, to, part) = between(&self.beat, time_s);
        let (from, to) = (self.shades.get(from)?, self.shades.get(to)?);
        let mixed = from.field.values.iter().zip(to.field.values.iter()).map(|(a, b)| a + part * (b - a));
        let shade = Shade { field: Field::new(&from.field.name, &from.field.unit, mixed.collect()), ..from.clone() };
        Some((surface_mesh(&self.wall, Some(&shade), None), Some(shade)))
    }

    /// Carry the particles on to a time.
    fn carry(&mut self, to_s: f64, progress: &Progress) -> Result<(), String> {
        let (beat, from_s) = (&self.beat, self.at_s);
        let count = PARTICLES.min(beat.moments[0].1.cells.len());
        let is_first = self.particles.is_empty();
        if is_first {
            self.particles = vec![Particle { place: None, speed_m_s: 0.0, life: i64::MIN }; count];
        }
        let carried = self.particles.par_iter_mut().enumerate().map(|(n, own)| {
            progress.check()?;
            own.carry(n, beat, from_s, to_s);
            Ok(())
        });
        carried.collect::<Result<(), crate::base::Cancelled>>().map_err(|error| error.to_string())?;
        self.at_s = to_s;
        Ok(())
    }
}

impl Particle {
    /// Let particle `n` go on from one time to another, through the end of its life into the next.
    fn carry(&mut self, n: usize, beat: &FlowBeat, from_s: f64, to_s: f64) {
        let lasts_s = beat.period_s / LIVES as f64;
        // Lives begin at different moments, spread evenly by the golden ratio.
        let offset_s = (n as f64 * 0.618_034).fract() * lasts_s;
        let life = ((to_s - offset_s) / lasts_s).floor() as i64;
        let mut now_s = from_s;
        if life != self.life {
            let cells = &beat.moments[0].1.cells;
            let mut rng = Rng::new((n * LIVES) as u64 + life.rem_euclid(LIVES as i64) as u64);
            self.place = Some(cells.centre(rng.below(cells.len())));
            (self.life, now_s) = (life, offset_s + life as f64 * lasts_s);
        }
        let steps = ((to_s - now_s) / (beat.period_s / STEPS)).ceil().max(1.0);
        let step_s = (to_s - now_s) / steps;
        for k in 0..steps as usize {
            let Some(place) = self.place else { return };
            // Half a step with the velocity here, a whole one with that found there.
            let time_s = now_s + k as f64 * step_s;
            let there = velocity(beat, time_s, place)
                .and_then(|here| velocity(beat, time_s + 0.5 * step_s, place + 0.5 * step_s * MM_PER_M * here));
            self.place = there.map(|there| place + step_s * MM_PER_M * there);
        }
        let speed = self.place.and_then(|place| velocity(beat, to_s, place)).map(|velocity| velocity.norm());
        // What left the lumen is seen no more in this life.
        self.place = self.place.filter(|_| speed.is_some());
        self.speed_m_s = speed.unwrap_or_default();
    }
}

/// How each moment colours the wall, on one scale, as `shown` is; none where moments know no such field.
fn shades(beat: &FlowBeat, shown: &Shade) -> Vec<Shade> {
    let of = |result: &FlowResult| {
        let field = result.wall_fields.iter().find(|field| field.name == shown.field.name)?.clone();
        let field = if shown.field.unit == "mmHg" { in_mmhg(field) } else { field };
        // Where the method cannot tell a value it cannot at any moment.
        let valid = field.values.iter().zip(shown.field.values.iter());
        let valid = valid.map(|(value, known)| if known.is_finite() { *value } else { f64::NAN }).collect();
        let is_same = field.values.len() == shown.field.values.len();
        is_same.then(|| Shade::without_extremes(Field::new(&field.name, &field.unit, valid))).flatten()
    };
    let all: Vec<Shade> = beat.moments.iter().filter_map(|(_, result)| of(result)).collect();
    if all.len() < beat.moments.len() {
        return Vec::new();
    }
    let ends = all.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], shade| {
        [low.min(shade.range[0]), high.max(shade.range[1])]
    });
    let map = crate::image::Colormap::for_field(&shown.field.name, ends);
    let range = map.range(ends);
    let least = all.iter().any(|shade| shade.field.range().is_some_and(|[least, _]| least < range[0]));
    let most = all.iter().any(|shade| shade.field.range().is_some_and(|[_, most]| range[1] < most));
    all.into_iter().map(|shade| Shade { map, range, beyond: [least, most], ..shade }).collect()
}

/// The moments before and after a time, and the part of the way between them.
fn between(beat: &FlowBeat, time_s: f64) -> (usize, usize, f64) {
    let (times, time_s) = (&beat.moments, time_s.rem_euclid(beat.period_s));
    let after = times.partition_point(|(moment_s, _)| *moment_s <= time_s);
    let (from, to) = ((after + times.len() - 1) % times.len(), after % times.len());
    let since = (time_s - times[from].0).rem_euclid(beat.period_s);
    let apart = (times[to].0 - times[from].0).rem_euclid(beat.period_s);
    (from, to, if 0.0 < apart { (since / apart).min(1.0) } else { 0.0 })
}

/// The velocity at a place and time, m/s; none outside of the lumen.
fn velocity(beat: &FlowBeat, time_s: f64, place: Point) -> Option<Vector> {
    let (from, to, part) = between(beat, time_s);
    let [from, to] = [from, to].map(|n| beat.moments[n].1.velocity_at(place));
    Some(from? * (1.0 - part) + to? * part)
}

impl Film for BeatFilm {
    fn posed(&mut self, n: usize, frames: usize, progress: &Progress) -> Result<Posed, String> {
        let time_s = self.beat.period_s * n as f64 / frames.max(1) as f64;
        self.carry(time_s, progress)?;
        let wall = self.coloured(time_s).map(|(mesh, shade)| (self.node, mesh, shade));
        let particles = self.particles.iter().filter_map(|own| Some((own.place?, own.speed_m_s))).collect();
        let [time, of] = [time_s, self.beat.period_s].map(|seconds| format!("{seconds:.2}"));
        let words = [("time", (&time).into()), ("of", (&of).into()), ("moments", self.beat.moments.len().into())];
        let moment = tr_with("picture-moment-beat", &words);
        Ok(Posed {
            surfaces: wall.into_iter().collect(),
            moment,
            operation: None,
            instrument: None,
            particles: Some(particles),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Cells;
    use crate::geom::Grid;
    use crate::mesh::shapes::cuboid;
    use std::sync::Arc;

    /// A box of fluid that flows along x with this speed everywhere, under this pressure.
    fn flow(speed_m_s: f32, pressure_pa: f64) -> FlowResult {
        let grid = Grid::aligned([40, 6, 6], Point::origin(), [1.0; 3]).unwrap();
        let offsets: Vec<u32> = (0..grid.len() as u32).collect();
        let cells = Arc::new(Cells::from_offsets(grid, &offsets).unwrap());
        let count = cells.len();
        let wall = cuboid([39.0, 5.0, 5.0]);
        let pressures = vec![pressure_pa; wall.positions().len()];
        FlowResult {
            cells,
            velocity_m_s: Arc::new(vec![[speed_m_s, 0.0, 0.0]; count]),
            pressure_pa: Arc::new(vec![0.0; count]),
            stress_pa: Arc::new(vec![[0.0; 6]; count]),
            wall,
            wall_fields: vec![Field::new("pressure", "Pa", pressures)],
            openings: Vec::new(),
            streamlines: Arc::new(Vec::new()),
        }
    }

    /// Half a second forth and half a second back.
    fn film() -> BeatFilm {
        let moments = [(0.0, 0.02, 0.0), (0.25, 0.02, 400.0), (0.5, -0.02, 800.0), (0.75, -0.02, 400.0)];
        let moments = moments.map(|(time_s, speed, pressure)| (time_s, Arc::new(flow(speed, pressure)))).to_vec();
        let beat = FlowBeat { period_s: 1.0, moments };
        let shown = Shade::of(flow(0.0, 10.0).wall_fields.remove(0)).unwrap();
        let shades = shades(&beat, &shown);
        let wall = beat.moments[0].1.wall.clone();
        BeatFilm { node: NodeId(1), wall, beat, shades, particles: Vec::new(), at_s: 0.0 }
    }

    #[test]
    fn the_wall_has_the_colours_of_its_moments_on_one_scale() {
        let mut film = film();
        let progress = Progress::default();
        for (n, pressure) in [0.0, 200.0, 400.0, 600.0, 800.0, 600.0, 400.0, 200.0].into_iter().enumerate() {
            let posed = film.posed(n, 8, &progress).unwrap();
            let shade = posed.surfaces[0].2.as_ref().unwrap();
            assert!((shade.field.values[0] - pressure).abs() < 1e-9, "{n}: {}", shade.field.values[0]);
            assert!(shade.range[0] <= 0.0 && 800.0 <= shade.range[1], "{:?}", shade.range);
        }
    }

    #[test]
    fn particles_go_as_fast_as_the_flow_and_the_film_has_no_seam() {
        let mut film = film();
        let progress = Progress::default();
        let seen = |film: &BeatFilm| film.particles.clone();
        film.posed(0, 50, &progress).unwrap();
        let first = seen(&film);
        film.posed(1, 50, &progress).unwrap();
        let second = seen(&film);
        let mut counted = 0;
        for (before, after) in first.iter().zip(&second).filter(|(before, after)| before.life == after.life) {
            let (Some(before), Some(now)) = (before.place, after.place) else { continue };
            // At both ends the fluid is at rest.
            if !(0.5..38.0).contains(&before.x) {
                continue;
            }
            // 20 mm/s for a fiftieth of a second.
            assert!((now - before - Vector::new(0.4, 0.0, 0.0)).norm() < 1e-6, "{before} {now}");
            assert!((after.speed_m_s - 0.02).abs() < 1e-6);
            counted += 1;
        }
        assert!(1000 < counted, "{counted}");
        for n in 2..51 {
            film.posed(n, 50, &progress).unwrap();
        }
        let last = seen(&film);
        let mut others = 0;
        for (before, after) in first.iter().zip(&last) {
            others += usize::from(before.place.is_some() != after.place.is_some());
            let apart = before.place.zip(after.place).map_or(0.0, |(a, b)| (a - b).norm());
            assert!(apart < 0.05, "a beat later it is where it was: {apart} mm");
        }
        assert!(others < 10, "{others} of {} left the lumen in another moment", first.len());
    }

    #[test]
    fn moments_follow_each_other_round() {
        let film = film();
        assert_eq!(between(&film.beat, 0.875), (3, 0, 0.5));
        assert_eq!(between(&film.beat, 1.125), (0, 1, 0.5));
        assert_eq!(between(&film.beat, 0.5), (2, 3, 0.0));
    }
}
