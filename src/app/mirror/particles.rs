//! Particles that run along the streamlines of visible flow results, slowed down or sped up by one stated factor.

use super::build::mesh;
use super::flow::{Flows, Streams};
use super::scales::Scale;
use crate::app::render::{ColourMaps, SurfaceMaterial, SurfaceUniform};
use crate::app::run::AppSystems;
use crate::app::space::bevy_from_patient;
use crate::app::view::{Desk, Scene};
use crate::base::NodeId;
use crate::base::i18n::tr_with;
use crate::flow::Streamline;
use crate::geom::Point;
use crate::image::Colormap;
use crate::mesh::shapes::icosahedron;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::prelude::*;
use std::time::Instant;

/// Seconds on the screen for the way from inlet to outlet that half of the particles take longer for.
const TRANSIT_S: f32 = 4.0;
/// Particles at once, at most.
const COUNT_MAX: usize = 2400;
/// A particle on each line starts this often, in seconds of the screen.
const INTERVAL_S: f32 = 0.5;

/// Where the particles are.
#[derive(Resource, Default)]
pub(crate) struct Particles {
    /// Whether they run.
    pub(crate) playing: bool,
    /// For films: seconds of the screen until the next picture, once; the clock of the machine counts if `None`.
    pub(crate) step_s: Option<f32>,
    /// For films of a beat: they are where the film says, and the lines of the mean flow are not shown.
    pub(crate) of_film: bool,
    /// Where they are in its next picture, with their speeds in m/s.
    pub(crate) given: Option<Vec<(Point, f64)>>,
    /// Those of a film are in the scene.
    are_of_film: bool,
    node: Option<NodeId>,
    entity: Option<Entity>,
    mesh: Handle<Mesh>,
    material: Handle<SurfaceMaterial>,
    /// Seconds of the screen since they started.
    clock_s: f32,
    before: Option<Instant>,
    coloured: bool,
    scale: Option<Scale>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Particles>();
    app.add_systems(Update, run.in_set(AppSystems::View));
}

fn run(
    mut particles: ResMut<Particles>,
    flows: Res<Flows>,
    maps: Res<ColourMaps>,
    mut desk: ResMut<Desk>,
    mut scene: ResMut<Scene>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<SurfaceMaterial>>,
    mut commands: Commands,
) {
    let particles = &mut *particles;
    let flow = flows.shown.iter().rev().find(|(_, streams)| streams.visible);
    let playing = flow.map(|_| particles.playing);
    if desk.info.particles_playing != playing {
        desk.info.particles_playing = playing;
    }
    // Pictures are drawn for steps of their own, one for each.
    scene.animated = playing == Some(true) && !scene.is_held();
    let node = flow.map(|(id, _)| *id);
    if particles.node != node || playing != Some(true) {
        particles.before = None;
    }
    let were_of_film = std::mem::replace(&mut particles.are_of_film, particles.of_film);
    if particles.node != node || were_of_film != particles.of_film {
        scene.changed();
        particles.node = node;
        particles.clock_s = 0.0;
        particles.entity.take().into_iter().for_each(|entity| commands.entity(entity).despawn());
        desk.info.note = None;
    }
    let Some((_, streams)) = flow.filter(|_| playing == Some(true)) else { return };
    let now = Instant::now();
    let passed = particles.before.replace(now).map_or(0.0, |before| (now - before).as_secs_f32().min(0.25));
    let step = match &mut particles.step_s {
        Some(step) => std::mem::take(step),
        None if scene.is_held() => 0.0,
        None => passed,
    };
    let given = particles.given.take();
    // A held picture would never be done if the particles asked for another one.
    if given.is_none() && (particles.of_film || scene.is_held() && step == 0.0 && particles.entity.is_some()) {
        return;
    }
    particles.clock_s += step;
    let slowdown = slowdown(&streams.result.streamlines);
    let shape = match given {
        Some(places) => {
            let seen = places.iter().map(|(place, speed)| (bevy_from_patient(place), streams.speed.fraction(*speed)));
            balls(seen, 2.4 * streams.radius_mm)
        }
        None => droplets(streams, particles.clock_s, slowdown),
    };
    if particles.entity.is_none() {
        particles.material = materials.add(material(streams, &maps));
        (particles.coloured, particles.scale) = (streams.coloured, streams.scale);
        particles.mesh = meshes.add(shape);
        let parts = (Mesh3d(particles.mesh.clone()), MeshMaterial3d(particles.material.clone()), NoFrustumCulling);
        particles.entity = Some(commands.spawn((Name::new("particles"), parts)).id());
        desk.info.note = (!particles.of_film).then(|| speed_note(slowdown));
    } else if let Err(error) = meshes.insert(&particles.mesh, shape) {
        error!(%error, "particles could not be moved");
    }
    if (particles.coloured, particles.scale) != (streams.coloured, streams.scale) {
        (particles.coloured, particles.scale) = (streams.coloured, streams.scale);
        if let Some(mut now) = materials.get_mut(&particles.material) {
            *now = material(streams, &maps);
        }
    }
    scene.changed();
}

/// Seconds on the screen per second of flow.
fn slowdown(lines: &[Streamline]) -> f32 {
    let mut transits: Vec<f32> = lines.iter().filter_map(|line| line.time_s.last().copied()).collect();
    transits.sort_by(f32::total_cmp);
    let median = transits.get(transits.len() / 2).copied().unwrap_or(1.0);
    TRANSIT_S / median.max(1e-6)
}

fn speed_note(slowdown: f32) -> String {
    if 1.0 < slowdown {
        tr_with("particles-slower", &[("factor", f64::from(slowdown).round().into())])
    } else {
        tr_with("particles-faster", &[("factor", f64::from(1.0 / slowdown).round().into())])
    }
}

/// Where a particle is that started `time_s` ago, as a place between two kept ones; `None` once it has left.
fn place(line: &Streamline, time_s: f32) -> Option<(usize, f32)> {
    let after = line.time_s.partition_point(|t| *t <= time_s);
    if after == 0 || after == line.time_s.len() {
        return None;
    }
    let (from, to) = (line.time_s[after - 1], line.time_s[after]);
    Some((after - 1, (time_s - from) / (to - from).max(1e-12)))
}

/// All particles as small balls of twenty faces.
fn droplets(streams: &Streams, clock_s: f32, slowdown: f32) -> Mesh {
    let lines = &streams.result.streamlines;
    let mut seen = Vec::new();
    'lines: for (n, line) in lines.iter().enumerate() {
        // Lines start at different moments, spread evenly by the golden ratio.
        let phase = (n as f32 * 0.618_034).fract() * INTERVAL_S;
        let latest = ((clock_s + TRANSIT_S * 3.0 - phase) / INTERVAL_S).floor();
        for start in 0.. {
            let age_s = clock_s + TRANSIT_S * 3.0 - phase - (latest - start as f32) * INTERVAL_S;
            let Some((at, part)) = place(line, age_s / slowdown) else { break };
            if seen.len() == COUNT_MAX {
                break 'lines;
            }
            let centre = bevy_from_patient(&line.points[at]).lerp(bevy_from_patient(&line.points[at + 1]), part);
            let speed = line.speed_m_s[at] + (line.speed_m_s[at + 1] - line.speed_m_s[at]) * part;
            seen.push((centre, streams.speed.fraction(f64::from(speed))));
        }
    }
    balls(seen.into_iter(), 2.4 * streams.radius_mm)
}

/// Balls around these places, with the values they are coloured by.
fn balls(seen: impl Iterator<Item = (Vec3, f32)>, radius: f32) -> Mesh {
    let (corners, faces) = icosahedron();
    let corners = corners.map(|corner| Vec3::new(corner.x as f32, corner.y as f32, corner.z as f32));
    let (mut positions, mut normals, mut values, mut indices) = (vec![], vec![], vec![], vec![]);
    for (centre, value) in seen {
        let first = positions.len() as u32;
        for corner in &corners {
            positions.push((centre + *corner * radius).to_array());
            normals.push(corner.to_array());
            values.push(value);
        }
        indices.extend(faces.iter().flatten().map(|corner| first + corner));
    }
    mesh(positions, normals, Some(values), indices)
}

fn material(streams: &Streams, maps: &ColourMaps) -> SurfaceMaterial {
    let colour = Color::srgb_u8(250, 250, 250).to_linear().to_vec3().extend(1.0);
    let mode = Vec4::new(f32::from(u8::from(streams.coloured)), 0.0, 0.0, 1.0);
    let mut material = SurfaceMaterial {
        uniform: SurfaceUniform::new(colour, mode),
        map: maps.texture(Colormap::Viridis),
        radius_mm: 0.0,
    };
    if let Some(scale) = &streams.scale {
        scale.dress(&mut material, false, maps);
    }
    material
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Streamline {
        let points = (0..5).map(|n| Point::new(f64::from(n), 0.0, 0.0)).collect();
        Streamline { points, speed_m_s: vec![1.0, 1.0, 0.5, 0.5, 0.5], time_s: vec![0.0, 1.0, 3.0, 5.0, 7.0] }
    }

    #[test]
    fn a_particle_is_where_its_time_says_and_leaves_at_the_end() {
        assert_eq!(place(&line(), 0.5), Some((0, 0.5)));
        assert_eq!(place(&line(), 2.0), Some((1, 0.5)));
        assert_eq!(place(&line(), 7.5), None);
        assert_eq!(place(&line(), -0.1), None);
    }

    #[test]
    fn the_stated_factor_is_the_one_that_is_used() {
        assert_eq!(slowdown(&[line()]), TRANSIT_S / 7.0);
        assert_eq!(speed_note(20.0), "particles 20 times slower than the flow");
        assert_eq!(speed_note(0.25), "particles 4 times faster than the flow");
    }
}
