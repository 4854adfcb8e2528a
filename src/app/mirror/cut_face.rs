//! Cut faces: where a plane that cuts meets surfaces, their sections are drawn on it as curves in their colours, and what
//! lies inside is tinted. Where several planes cut, each face ends at the others.
//!
//! A thread computes them; while the cut is dragged only the newest place counts, and the curves of the place before
//! stay until the next are there.

use super::build::mesh;
use super::cut::numbers;
use super::surfaces::Surfaces;
use crate::app::render::{LineMaterial, PLANES_MAX, SurfaceMaterial, SurfaceUniform, lines};
use crate::app::run::AppSystems;
use crate::app::session::wake;
use crate::app::space::bevy_from_patient;
use crate::app::view::{Desk, Scene};
use crate::base::{NodeId, courtesy, parallel};
use crate::geom::{Plane, Point};
use crate::mesh::Bvh;
use crate::mesh::section::{Section, inside, section};
use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::image::ImageSampler;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use bevy::winit::EventLoopProxyWrapper;
use rayon::prelude::*;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// Thickness of a curve in thousandths of the height of the picture.
const THICKNESS: f32 = 3.2;
/// Cells of the tint along its longer side.
const CELLS: usize = 512;
/// Opacity of the tint: the scan must be read through it.
const TINT: f32 = 0.22;
/// The tint lies this far before the slice, mm; curves are moved towards the eye by their shader.
const BEFORE_MM: f64 = 0.15;

/// What is cut, as the thread needs it.
#[derive(Clone)]
struct Part {
    node: NodeId,
    bvh: Arc<Bvh>,
    colour: [u8; 3],
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        (self.node, self.colour) == (other.node, other.colour) && Arc::ptr_eq(&self.bvh, &other.bvh)
    }
}

/// What curves depend on.
#[derive(Clone, PartialEq)]
struct Key {
    planes: Vec<Plane>,
    parts: Vec<Part>,
}

struct Built {
    curves: Vec<([u8; 3], Mesh)>,
    /// Each with the other planes that cut it.
    tints: Vec<(Tint, [Vec4; PLANES_MAX])>,
}

/// Colours of a part of the plane.
struct Tint {
    /// Top left, top right, bottom right, bottom left as they are seen from the side that is cut away.
    corners: [Point; 4],
    size: [usize; 2],
    rgba: Vec<u8>,
}

#[derive(Resource)]
struct Workshop {
    orders: Sender<Key>,
    built: Mutex<Receiver<Built>>,
}

/// The curves in the scene and those that were ordered last.
#[derive(Resource, Default)]
struct CutFace {
    ordered: Option<Key>,
    entities: Vec<Entity>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<CutFace>();
    app.add_systems(PostStartup, start);
    app.add_systems(Update, (order, receive).chain().run_if(resource_exists::<Workshop>).in_set(AppSystems::View));
}

fn start(mut commands: Commands, proxy: Option<Res<EventLoopProxyWrapper>>) {
    let wake = proxy.map_or_else(|| Arc::new(|| {}) as Arc<dyn Fn() + Send + Sync>, |proxy| wake(&proxy));
    let (orders, inbox) = channel::<Key>();
    let (outbox, built) = channel();
    let thread = courtesy::spawn("cut-face", move || {
        while let Ok(mut key) = inbox.recv() {
            // A dragged cut moves faster than curves are made.
            while let Ok(newer) = inbox.try_recv() {
                key = newer;
            }
            if outbox.send(parallel::install(|| build(&key))).is_err() {
                return;
            }
            wake();
        }
    });
    match thread {
        Ok(_) => commands.insert_resource(Workshop { orders, built: Mutex::new(built) }),
        Err(error) => error!(%error, "the system refused a thread; a cut shows no curves of what it cuts"),
    }
}

fn order(
    mut face: ResMut<CutFace>,
    workshop: Res<Workshop>,
    surfaces: Res<Surfaces>,
    desk: Res<Desk>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    // An organ on the table is not where its surface at rest is.
    let planes = if desk.theatre.is_none() { desk.workspace.cut_planes() } else { Vec::new() };
    if planes.is_empty() {
        if face.ordered.take().is_some() {
            clear(&mut face, &mut commands);
            scene.changed();
        }
        return;
    }
    let spared = desk.workspace.cut.as_ref().map(|cut| &cut.spared);
    let parts = surfaces
        .visible()
        .filter(|(node, shown)| 0.0 < shown.colour().1 && spared.is_none_or(|spared| !spared.contains(node)))
        .map(|(node, shown)| Part { node, bvh: Arc::clone(&shown.bvh), colour: shown.colour().0 });
    let key = Key { planes, parts: parts.collect() };
    if face.ordered.as_ref() != Some(&key) {
        if workshop.orders.send(key.clone()).is_err() {
            error!("the thread that makes the curves of a cut has ended");
        }
        face.ordered = Some(key);
    }
}

fn clear(face: &mut CutFace, commands: &mut Commands) {
    face.entities.drain(..).for_each(|entity| commands.entity(entity).despawn());
}

fn receive(
    mut face: ResMut<CutFace>,
    workshop: Res<Workshop>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut images: ResMut<Assets<Image>>,
    mut line_materials: ResMut<Assets<LineMaterial>>,
    mut surface_materials: ResMut<Assets<SurfaceMaterial>>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
) {
    let newest = workshop.built.lock().ok().and_then(|built| built.try_iter().last());
    // Curves that come after the cut was closed are nobody's.
    let Some(Built { curves, tints }) = newest.filter(|_| face.ordered.is_some()) else { return };
    clear(&mut face, &mut commands);
    for (colour, mesh) in curves {
        let material = line_materials.add(LineMaterial::new(colour, 1.0, THICKNESS));
        let parts =
            (Name::new("curve of the cut"), Mesh3d(meshes.add(mesh)), MeshMaterial3d(material), NoFrustumCulling);
        face.entities.push(commands.spawn(parts).id());
    }
    for (tint, cuts) in tints {
        let uniform = SurfaceUniform::new(Vec4::new(1.0, 1.0, 1.0, TINT), Vec4::new(2.0, 0.0, 1.0, 0.0));
        let material = SurfaceMaterial {
            uniform: SurfaceUniform { cuts, ..uniform },
            map: images.add(tint.image()),
            radius_mm: 0.0,
        };
        let (mesh, material) = (meshes.add(tint.quad()), surface_materials.add(material));
        let parts = (Name::new("tint of the cut"), Mesh3d(mesh), MeshMaterial3d(material), NoFrustumCulling);
        face.entities.push(commands.spawn(parts).id());
    }
    scene.changed();
}

fn build(key: &Key) -> Built {
    let begun = std::time::Instant::now();
    let mut built = Built { curves: Vec::new(), tints: Vec::new() };
    for (n, plane) in key.planes.iter().enumerate() {
        let others = || key.planes.iter().enumerate().filter(|(other, _)| *other != n).map(|(_, plane)| plane);
        let sections: Vec<Section> = key.parts.par_iter().map(|part| section(part.bvh.surface(), plane)).collect();
        let all = key.parts.iter().zip(&sections).filter(|(_, section)| !section.segments.is_empty());
        for (part, section) in all.clone() {
            let left = section.segments.iter().filter_map(|ends| left_of(*ends, others()));
            let segments: Vec<[Vec3; 2]> = left.map(|ends| [&ends[0], &ends[1]].map(bevy_from_patient)).collect();
            if !segments.is_empty() {
                built.curves.push((part.colour, lines(&segments)));
            }
        }
        let tint = Tint::of(plane, all.map(|(part, section)| (part.colour, section)));
        built.tints.extend(tint.map(|tint| (tint, numbers(others()))));
    }
    debug!(ms = begun.elapsed().as_secs_f64() * 1e3, objects = built.curves.len(), "the curves of a cut were made");
    built
}

/// What planes leave of a segment; nothing of one that only touches.
fn left_of<'a>(mut ends: [Point; 2], planes: impl Iterator<Item = &'a Plane>) -> Option<[Point; 2]> {
    for plane in planes {
        let heights = ends.map(|end| plane.distance_mm(&end));
        match heights.map(|height| 0.0 < height) {
            [true, true] => return None,
            [false, false] => {}
            [true, false] if heights[1] == 0.0 => return None,
            [false, true] if heights[0] == 0.0 => return None,
            [first, _] => {
                let crossing = ends[0] + (ends[1] - ends[0]) * (heights[0] / (heights[0] - heights[1]));
                ends[usize::from(!first)] = crossing;
            }
        }
    }
    Some(ends)
}

impl Tint {
    /// The insides of closed sections in their colours; of those within another the inner, which is the smaller, is seen.
    fn of<'a>(plane: &Plane, sections: impl Iterator<Item = ([u8; 3], &'a Section)>) -> Option<Self> {
        let [u, v] = plane.across();
        let flat = |point: &Point| [(point - plane.point).dot(&u), (point - plane.point).dot(&v)];
        let mut closed: Vec<_> = sections
            .filter(|(_, section)| section.closed && !section.segments.is_empty())
            .map(|(colour, section)| {
                let curves: Vec<[[f64; 2]; 2]> = section.segments.iter().map(|ends| ends.map(|p| flat(&p))).collect();
                let [low, high] = ends(&curves);
                (colour, curves, [low, high], (high[0] - low[0]) * (high[1] - low[1]))
            })
            .collect();
        // The largest first, so that others are painted over it.
        closed.sort_by(|a, b| b.3.total_cmp(&a.3));
        let corners: Vec<[[f64; 2]; 2]> = closed.iter().map(|(_, _, ends, _)| *ends).collect();
        let [low, high] = ends(&corners);
        let longest = (high[0] - low[0]).max(high[1] - low[1]);
        if !(0.0 < longest && longest.is_finite()) {
            return None;
        }
        let cell = longest / (CELLS - 2) as f64;
        let size = [0, 1].map(|axis| ((high[axis] - low[axis]) / cell).ceil() as usize + 2);
        // Cell (0, 0) lies outside: tints do not end at the border of the texture.
        let origin = low.map(|low| low - 0.75 * cell);
        let place = |p: [f64; 2]| [(p[0] - origin[0]) / cell, (p[1] - origin[1]) / cell];
        let filled: Vec<Vec<u8>> = closed
            .par_iter()
            .map(|(_, curves, ..)| inside(&curves.iter().map(|ends| ends.map(place)).collect::<Vec<_>>(), size))
            .collect();
        let mut rgba = vec![0; 4 * size[0] * size[1]];
        for ((colour, ..), marks) in closed.iter().zip(&filled) {
            let cells = rgba.chunks_exact_mut(4).zip(marks).filter(|(_, mark)| **mark == 1);
            cells.for_each(|(cell, _)| cell.copy_from_slice(&[colour[0], colour[1], colour[2], 255]));
        }
        let at = |x: f64, y: f64| {
            let flat = [origin[0] + (x - 0.5) * cell, origin[1] + (y - 0.5) * cell];
            plane.point + u * flat[0] + v * flat[1] + plane.normal() * BEFORE_MM
        };
        let [width, height] = size.map(|n| n as f64);
        Some(Self { corners: [at(0.0, 0.0), at(width, 0.0), at(width, height), at(0.0, height)], size, rgba })
    }

    fn image(&self) -> Image {
        let [width, height] = self.size.map(|n| n as u32);
        let size = Extent3d { width, height, depth_or_array_layers: 1 };
        let format = TextureFormat::Rgba8UnormSrgb;
        let mut image =
            Image::new(size, TextureDimension::D2, self.rgba.clone(), format, RenderAssetUsages::RENDER_WORLD);
        image.sampler = ImageSampler::linear();
        image
    }

    /// Its front is on the side that is cut away, from where it is seen.
    fn quad(&self) -> Mesh {
        let corners = self.corners.map(|corner| bevy_from_patient(&corner));
        let normal = (corners[1] - corners[0]).cross(corners[3] - corners[0]).normalize_or_zero().to_array();
        let uvs = vec![[0.0_f32, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        mesh(corners.map(|corner| corner.to_array()).to_vec(), vec![normal; 4], None, vec![0, 1, 2, 0, 2, 3])
            .with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, uvs)
    }
}

/// The least and the largest coordinates.
fn ends(curves: &[[[f64; 2]; 2]]) -> [[f64; 2]; 2] {
    let start = [[f64::INFINITY; 2], [f64::NEG_INFINITY; 2]];
    curves
        .iter()
        .flatten()
        .fold(start, |[low, high], p| [[low[0].min(p[0]), low[1].min(p[1])], [high[0].max(p[0]), high[1].max(p[1])]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::Vector;
    use crate::mesh::shapes::ball;

    /// The colour of the tint at a place of the plane; nothing outside.
    fn seen(tint: &Tint, place: Point) -> Option<[u8; 4]> {
        let [a, b, _, d] = tint.corners;
        let part = |edge: Vector| (place - a).dot(&edge) / edge.norm_squared();
        let [x, y] = [part(b - a) * tint.size[0] as f64, part(d - a) * tint.size[1] as f64].map(|x| x.floor() as usize);
        let first = 4 * (x + y * tint.size[0]);
        Some([0, 1, 2, 3].map(|n| tint.rgba[first + n])).filter(|rgba| rgba[3] != 0)
    }

    #[test]
    fn an_organ_inside_another_keeps_its_colour_on_the_cut_face() {
        let plane = Plane::new(Point::new(0.5, 0.2, 1.0), Vector::new(0.2, -0.4, 1.0)).unwrap();
        let [outer, inner] = [20.0, 8.0].map(|radius| section(&ball(radius, 0.8), &plane));
        let tint = Tint::of(&plane, [([10, 20, 30], &inner), ([200, 0, 0], &outer)].into_iter()).unwrap();
        let longest = tint.size[0].max(tint.size[1]);
        assert!((CELLS..=CELLS + 1).contains(&longest), "{:?}", tint.size);
        let [u, v] = plane.across();
        let centre = Point::origin() - plane.normal() * plane.distance_mm(&Point::origin());
        assert_eq!(seen(&tint, centre), Some([10, 20, 30, 255]));
        assert_eq!(seen(&tint, centre + u * 6.0 - v * 3.0), Some([10, 20, 30, 255]));
        assert_eq!(seen(&tint, centre + u * 12.0), Some([200, 0, 0, 255]));
        assert_eq!(seen(&tint, centre + u * 13.5 + v * 13.5), Some([200, 0, 0, 255]));
        assert_eq!(seen(&tint, centre + u * 15.0 + v * 15.0), None);
    }

    #[test]
    fn curves_end_where_another_plane_cuts() {
        let plane = Plane::new(Point::origin(), Vector::z()).unwrap();
        let other = Plane::new(Point::new(4.0, 0.0, 0.0), Vector::x()).unwrap();
        let curves = section(&ball(10.0, 1.0), &plane).segments;
        let left: Vec<[Point; 2]> = curves.iter().filter_map(|ends| left_of(*ends, std::iter::once(&other))).collect();
        assert!(left.len() < curves.len() && left.iter().flatten().all(|end| end.x < 4.0 + 1e-9));
        let at_border = left.iter().flatten().filter(|end| (end.x - 4.0).abs() < 1e-9).count();
        assert_eq!(at_border, 2, "the circle is cut at two places");
        assert_eq!(left_of(curves[0], std::iter::empty()), Some(curves[0]));
    }

    #[test]
    fn an_open_section_is_not_filled() {
        let plane = Plane::new(Point::origin(), Vector::z()).unwrap();
        let open = Section { closed: false, ..section(&ball(9.0, 1.0), &plane) };
        assert!(Tint::of(&plane, [([1, 2, 3], &open)].into_iter()).is_none());
        assert!(Tint::of(&plane, std::iter::empty()).is_none());
    }
}
