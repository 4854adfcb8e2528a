//! The rendered volume follows its panel: textures are prepared on a thread, the rest is a few numbers per frame.

mod coming;

use self::coming::{Coming, Labels};
use super::texels::{Look, Loom, Order, Woven};
use crate::app::render::{PLANES_MAX, RenderedVolume, Uploads, VolumeParts, VolumeUniform};
use crate::app::run::AppSystems;
use crate::app::session::{TheSession, wake};
use crate::app::space::{bevy_from_direction, bevy_from_patient};
use crate::app::ui::{VolumeMask, VolumeMode, VolumeView};
use crate::app::view::{Desk, Scene};
use crate::base::ContentHash;
use crate::base::i18n::{tr, tr_with};
use crate::geom::{Aabb, Grid, Point, Vector};
use crate::image::texels::{Encoding, Table};
use crate::image::{LabelMap, Scan, Window};
use crate::session::Data;
use bevy::math::DVec3;
use bevy::prelude::*;
use bevy::render::renderer::RenderDevice;
use bevy::winit::EventLoopProxyWrapper;
use std::sync::Arc;

/// Texels of a volume at most, where a processor plays the graphics card and where there is one.
const TEXELS_SOFTWARE: usize = 128 << 20;
const TEXELS_CARD: usize = 512 << 20;
/// The same where the adapter's memory was full before.
const TEXELS_SHORT: usize = 32 << 20;
/// A step is this part of a texel while the camera moves, the same in a coarse stand-in, and at rest.
const STEP_MOVING: f32 = 1.0;
const STEP_COARSE: f32 = 1.5;
const STEP_RESTING: f32 = 0.5;
/// Values that change by this part of the table from texel to texel make a wall.
const WALL: f32 = 0.03;
/// A brightness of 1 over this part of the diagonal darkens a radiograph to 1/e.
const RADIOGRAPH: f64 = 0.2;
/// Of `mode.z` in the shader: labels decide what is drawn.
const MASKED: u32 = 2;

/// What is prepared and what is on its way.
#[derive(Resource, Default)]
struct Rendered {
    /// What was ordered last.
    ordered: Option<Key>,
    orders: u64,
    volume: Option<Volume>,
    /// Asks for a frame.
    wake: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// What textures depend on.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    scan: ContentHash,
    look: Look,
    labels: Option<ContentHash>,
}

/// Textures on the graphics card and what belongs to them.
struct Volume {
    scan: ContentHash,
    encoding: Encoding,
    factor: [usize; 3],
    dims: [usize; 3],
    fine: Handle<Image>,
    coarse: Option<(Handle<Image>, [usize; 3])>,
    table: Handle<Image>,
    place: [f32; 2],
    skips: Handle<Image>,
    labels: Labels,
    coming: Coming,
    extinctions: Handle<Image>,
    extinction_factor: [usize; 3],
    extinction_dims: [usize; 3],
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Rendered>();
    app.add_systems(PostStartup, start);
    app.add_systems(Update, (order, receive, dress).chain().run_if(resource_exists::<Loom>).in_set(AppSystems::Mirror));
}

fn start(mut commands: Commands, proxy: Option<Res<EventLoopProxyWrapper>>, mut rendered: ResMut<Rendered>) {
    let wake: Arc<dyn Fn() + Send + Sync> = proxy.map_or_else(|| Arc::new(|| {}) as _, |proxy| wake(&proxy));
    rendered.wake = Some(Arc::clone(&wake));
    match Loom::start(wake) {
        Ok(loom) => commands.insert_resource(loom),
        Err(error) => error!(%error, "the system refused a thread; volumes will not be rendered"),
    }
}

/// The scan of a view that is visible.
fn scan_of<'a>(view: &VolumeView, session: &'a TheSession) -> Option<(ContentHash, &'a Arc<Scan>)> {
    let node = session.get().case().node(view.scan).filter(|_| view.visible)?;
    match &node.data {
        Data::Scan(scan) => Some((node.hash(), scan)),
        _ => None,
    }
}

fn labels_of<'a>(mask: Option<&VolumeMask>, session: &'a TheSession) -> Option<(ContentHash, &'a LabelMap)> {
    let node = session.get().case().node(mask?.labels)?;
    match &node.data {
        Data::Labels(labels) => Some((node.hash(), labels)),
        _ => None,
    }
}

/// Order textures where the scan, the transfer function or the segmentation that masks changed.
fn order(
    mut rendered: ResMut<Rendered>,
    mut desk: ResMut<Desk>,
    session: NonSend<TheSession>,
    loom: Res<Loom>,
    device: Option<Res<RenderDevice>>,
    scene: Res<Scene>,
) {
    let _part = crate::app::frames::part("volume ordered");
    let found = desk.workspace.shown_volume().and_then(|view| {
        let (hash, scan) = scan_of(view, &session)?;
        Some((view.clone(), hash, Arc::clone(scan)))
    });
    let Some((view, hash, scan)) = found else {
        rendered.ordered = None;
        return;
    };
    let window = (view.mode != VolumeMode::Composite).then(|| desk.window_of(view.scan, &scan, hash));
    let labels = labels_of(view.mask.as_ref(), &session);
    let look = Look { transfer: view.transfer, window, cinematic: view.cinematic };
    let key = Key { scan: hash, look, labels: labels.map(|(hash, _)| hash) };
    if rendered.ordered.as_ref() == Some(&key) {
        return;
    }
    rendered.orders += 1;
    let software = scene.software();
    loom.order(Order {
        number: rendered.orders,
        hash,
        scan,
        look: key.look.clone(),
        labels: labels.map(|(hash, labels)| (hash, labels.clone())),
        labels_there: rendered
            .volume
            .as_ref()
            .filter(|volume| volume.scan == hash)
            .and_then(|volume| volume.coming.labels_hash().or(volume.labels.hash)),
        side_max: device.map_or(2048, |device| device.limits().max_texture_dimension_3d as usize),
        texels_max: match software {
            _ if crate::app::adapter::is_short_of_memory() => TEXELS_SHORT,
            true => TEXELS_SOFTWARE,
            false => TEXELS_CARD,
        },
        coarse: software,
        whole: rendered.volume.as_ref().is_none_or(|volume| volume.scan != hash),
    });
    rendered.ordered = Some(key);
}

/// Take finished textures into the scene.
fn receive(
    mut rendered: ResMut<Rendered>,
    loom: Res<Loom>,
    uploads: Res<Uploads>,
    mut images: ResMut<Assets<Image>>,
    mut scene: ResMut<Scene>,
) {
    let _part = crate::app::frames::part("volume received");
    while let Some(woven) = loom.next() {
        let rendered = &mut *rendered;
        let Woven { number, hash, texels, look, labels } = woven;
        // An older look of the same scan is still better than none while a slider is dragged.
        if rendered.ordered.as_ref().is_none_or(|key| key.scan != hash) {
            continue;
        }
        trace!(number, "textures of a volume");
        let [table, skips, extinctions] = [look.table, look.skips, look.extinctions].map(|image| images.add(image));
        match (texels, &mut rendered.volume) {
            (Some(texels), volume) => {
                let mut coming = Coming::default();
                let labels = coming.need_labels(&uploads, &mut images, labels);
                let mut need = |image| coming.need(&uploads, &mut images, image);
                // A stand-in is there before what it stands for.
                let stand_in = texels.coarse.map(|(image, factor)| (need(image), factor));
                let fine = need(texels.fine);
                *volume = Some(Volume {
                    scan: hash,
                    encoding: texels.encoding,
                    factor: texels.factor,
                    dims: texels.dims,
                    fine,
                    coarse: stand_in,
                    table,
                    place: look.place,
                    skips,
                    labels,
                    coming,
                    extinctions,
                    extinction_factor: look.extinction_factor,
                    extinction_dims: look.extinction_dims,
                });
            }
            (None, Some(volume)) if volume.scan == hash => {
                (volume.table, volume.place, volume.skips) = (table, look.place, skips);
                volume.extinctions = extinctions;
                (volume.extinction_factor, volume.extinction_dims) = (look.extinction_factor, look.extinction_dims);
                let at_once = labels.and_then(|labels| volume.coming.mask(&uploads, &mut images, labels));
                volume.labels = at_once.unwrap_or_else(|| volume.labels.clone());
            }
            // Only the look of a volume that was given up meanwhile; the whole was ordered since.
            (None, _) => continue,
        }
        scene.changed();
    }
}

/// Numbers for this frame: the camera's quality, crop box, clip planes, mask and window.
fn dress(
    mut rendered: ResMut<Rendered>,
    mut desk: ResMut<Desk>,
    session: NonSend<TheSession>,
    mut scene: ResMut<Scene>,
    mut shown: ResMut<RenderedVolume>,
) {
    let _part = crate::app::frames::part("volume dressed");
    let mut view = desk.workspace.shown_volume().cloned();
    if let Some(view) = &mut view {
        // What cuts the surfaces cuts the volume, or it would stand before the slice; it has a slot beside all of these.
        view.planes.extend(desk.workspace.cut_plane());
    }
    let found = view.as_ref().and_then(|view| Some((view, scan_of(view, &session)?)));
    let Some((view, (hash, scan))) = found else {
        rendered.volume = None;
        hide(&mut shown, &mut scene);
        note(&mut desk, None);
        return;
    };
    let Rendered { volume, wake, .. } = &mut *rendered;
    if let (Some(volume), Some(wake)) = (volume, wake) {
        volume.coming.look(&mut volume.labels, &**wake);
    }
    let there = rendered.volume.as_ref().filter(|volume| volume.scan == hash && !volume.coming.is_needed());
    let Some(volume) = there else {
        hide(&mut shown, &mut scene);
        note(&mut desk, Some(tr("volume-preparing").to_owned()));
        return;
    };
    let window = desk.window_of(view.scan, scan, hash);
    let labels = labels_of(view.mask.as_ref(), &session);
    let is_there = labels.is_none_or(|(hash, _)| volume.labels.hash == Some(hash));
    let refused = labels.is_some() && is_there && volume.labels.refused;
    let applied = labels.filter(|_| is_there && !refused).map(|(_, labels)| labels);
    let mut parts = parts(volume, view, scan, applied, window, scene.is_fine());
    if let (false, Some(old)) = (is_there, &shown.0) {
        // Until the labels arrive, those of before mask as before.
        parts.uniform.mode.z |= old.uniform.mode.z & MASKED;
        (parts.uniform.mask, parts.uniform.label_from_world) = (old.uniform.mask, old.uniform.label_from_world);
        parts.labels = old.labels.clone();
    }
    let bounds = Some(bounds(scan.grid(), view.crop));
    if scene.volume_bounds != bounds {
        scene.volume_bounds = bounds;
    }
    let too_large = refused.then_some(tr("volume-no-mask"));
    let notes: Vec<String> =
        reduced(scan.grid().dims(), volume).into_iter().chain(too_large.map(String::from)).collect();
    note(&mut desk, (!notes.is_empty()).then(|| notes.join("; ")));
    if shown.0.as_ref() != Some(&parts) {
        // What only follows the camera's rest is drawn anyway.
        let same = |old: &VolumeParts| {
            let mut old = old.clone();
            (old.uniform.march, old.uniform.mode) = (parts.uniform.march, parts.uniform.mode);
            (old.uniform.texture, old.texels) = (parts.uniform.texture, parts.texels.clone());
            old == parts && old.uniform.mode.x == parts.uniform.mode.x
        };
        let mode = |parts: &VolumeParts| (parts.uniform.mode.x, parts.uniform.mode.y);
        if !shown.0.as_ref().is_some_and(|old| same(old) && mode(old) == mode(&parts)) {
            scene.changed();
        }
        shown.0 = Some(parts);
    }
}

fn hide(shown: &mut RenderedVolume, scene: &mut Scene) {
    if shown.0.take().is_some() {
        scene.volume_bounds = None;
        scene.changed();
    }
}

/// What is said of the volume in the corner of the scene.
fn note(desk: &mut Desk, note: Option<String>) {
    if desk.info.volume_note != note {
        desk.info.volume_note = note;
    }
}

/// What to tell of a volume that is shown more coarsely than it is.
fn reduced(dims: [usize; 3], volume: &Volume) -> Option<String> {
    let [x, y, z] = dims;
    let [a, b, c] = volume.dims;
    (volume.factor != [1; 3]).then(|| {
        tr_with(
            "volume-reduced",
            &[("shown", (&format!("{a}×{b}×{c}")).into()), ("all", (&format!("{x}×{y}×{z}")).into())],
        )
    })
}

/// The faces of a crop box in voxel indices, in order and within the scan; those of everything if there is none. Voxel
/// centres have whole numbers, so that everything goes from −½.
fn crop(grid: &Grid, crop: Option<[[f64; 3]; 2]>) -> [[f64; 3]; 2] {
    let all = [[-0.5; 3], grid.dims().map(|n| n as f64 - 0.5)];
    let Some([a, b]) = crop else { return all };
    let within = |value: f64, axis: usize| value.clamp(all[0][axis], all[1][axis]);
    let low = [0, 1, 2].map(|axis| within(a[axis].min(b[axis]), axis));
    let high = [0, 1, 2].map(|axis| within(a[axis].max(b[axis]), axis));
    [low, high]
}

fn bounds(grid: &Grid, cropped: Option<[[f64; 3]; 2]>) -> Aabb {
    let ends = crop(grid, cropped);
    let corner = |n: usize| Vector::new(ends[n & 1][0], ends[n >> 1 & 1][1], ends[n >> 2 & 1][2]);
    (0..8).fold(Aabb::EMPTY, |all, n| all.including(&grid.patient_from_index(corner(n))))
}

/// From Bevy's space to voxel numbers of `grid`.
fn index_from_world(grid: &Grid) -> Mat4 {
    // Bevy's axes in the patient: (x, y, z) of Bevy is (x, −z, y) of the patient.
    let place = |x: f64, y: f64, z: f64| grid.index_from_patient(Point::new(x, -z, y));
    let origin = place(0.0, 0.0, 0.0);
    let column = |at: Vector| {
        let column: Vector = at - origin;
        DVec3::new(column.x, column.y, column.z).as_vec3().extend(0.0)
    };
    let at = DVec3::new(origin.x, origin.y, origin.z).as_vec3().extend(1.0);
    Mat4::from_cols(column(place(1.0, 0.0, 0.0)), column(place(0.0, 1.0, 0.0)), column(place(0.0, 0.0, 1.0)), at)
}

/// From voxel numbers to those of texels that hold `factor` voxels each.
fn texel_from_index(factor: [usize; 3]) -> Mat4 {
    let scale = Vec3::from_array(factor.map(|n| 1.0 / n as f32));
    Mat4::from_translation(0.5 * scale - 0.5) * Mat4::from_scale(scale)
}

/// Factor from a texel number (plus a half) of one volume to a texture coordinate of a coarser one.
fn coordinate(factor: [usize; 3], dims: [usize; 3]) -> Vec3 {
    Vec3::from_array([0, 1, 2].map(|axis| 1.0 / (factor[axis] * dims[axis]) as f32))
}

fn parts(
    volume: &Volume,
    view: &VolumeView,
    scan: &Scan,
    labels: Option<&LabelMap>,
    window: Window,
    fine: bool,
) -> VolumeParts {
    let grid = scan.grid();
    let factor = volume.factor;
    let spacing = grid.spacing_mm();
    let texel_mm = [0, 1, 2].map(|axis| (spacing[axis] * factor[axis] as f64) as f32);
    let least = |sizes: [f32; 3]| sizes.into_iter().fold(f32::MAX, f32::min);
    let (texels, texture, shown_mm) = match &volume.coarse {
        Some((coarse, by)) if !fine => {
            let dims = [0, 1, 2].map(|axis| volume.dims[axis].div_ceil(by[axis]));
            let sizes = [0, 1, 2].map(|axis| texel_mm[axis] * by[axis] as f32);
            (coarse, coordinate(*by, dims), least(sizes))
        }
        _ => (&volume.fine, coordinate([1; 3], volume.dims), least(texel_mm)),
    };
    let by = volume.extinction_factor;
    let extinction_mm = [0, 1, 2].map(|axis| texel_mm[axis] * by[axis] as f32).into_iter().fold(0.0, f32::max);
    let to_texel = texel_from_index(factor);
    let [low, high] = crop(grid, view.crop).map(|end| {
        let end = Vec3::from_array(end.map(|value| value as f32));
        to_texel.transform_point3(end).extend(0.0)
    });
    let mut planes = [Vec4::ZERO; PLANES_MAX];
    let cut = view.planes.len().min(PLANES_MAX);
    for (slot, plane) in planes.iter_mut().zip(&view.planes) {
        let normal = bevy_from_direction(&plane.normal());
        *slot = normal.extend(normal.dot(bevy_from_patient(&plane.point)));
    }
    // A negative width only inverts slices: what is dense stays bright in a projection.
    let width = window.width.abs().max(1e-9);
    let brightness = [1.0 / (width * volume.encoding.scale), (volume.encoding.offset - window.level) / width + 0.5];
    let lit = view.transfer.shading;
    let shading = lit.map_or(Vec4::ZERO, |s| Vec4::new(s.ambient, s.diffuse, s.specular, s.power));
    let masked = view.mask.as_ref().zip(labels);
    let moving = if volume.coarse.is_some() { STEP_COARSE } else { STEP_MOVING };
    let step = shown_mm * if fine { STEP_RESTING } else { moving };
    let cinematic = view.cinematic && fine && lit.is_some();
    let flags = [lit.is_some(), masked.is_some(), cinematic, fine];
    let diagonal = 0.5 * grid.bounds().size().norm();
    let wall = WALL * Table::entries() / (volume.place[0].max(1e-9) * shown_mm);
    VolumeParts {
        uniform: VolumeUniform {
            index_from_world: to_texel * index_from_world(grid),
            label_from_world: labels.map_or(Mat4::IDENTITY, |labels| index_from_world(labels.grid())),
            texture: texture.extend(shown_mm),
            extinction: coordinate(by, volume.extinction_dims).extend(extinction_mm),
            low,
            high,
            planes,
            place: Vec4::new(volume.place[0], volume.place[1], brightness[0] as f32, brightness[1] as f32),
            shading,
            march: Vec4::new(step, shown_mm / least(texel_mm), wall, (2.0 * RADIOGRAPH * diagonal) as f32),
            mode: UVec4::new(
                match view.mode {
                    VolumeMode::Composite => 0,
                    VolumeMode::Maximum => 1,
                    VolumeMode::XRay => 2,
                },
                cut as u32,
                (0..4).map(|bit| u32::from(flags[bit]) << bit).sum(),
                0,
            ),
            mask: masked.map_or([UVec4::MAX; 2], |(mask, _)| drawn_labels(mask)),
        },
        texels: texels.clone(),
        table: volume.table.clone(),
        skips: volume.skips.clone(),
        labels: volume.labels.texture.clone(),
        extinctions: volume.extinctions.clone(),
    }
}

/// A bit for each label whose voxels are drawn.
fn drawn_labels(mask: &VolumeMask) -> [UVec4; 2] {
    let mut words = [if mask.keep { 0_u32 } else { u32::MAX }; 8];
    for segment in &mask.segments {
        let label = usize::from(segment.0);
        words[label / 32] ^= 1 << (label % 32);
    }
    [UVec4::from_slice(&words[..4]), UVec4::from_slice(&words[4..])]
}

#[cfg(test)]
mod pictures;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{NodeId, SegmentId};
    use nalgebra::Matrix3;

    /// Oblique and anisotropic.
    fn grid() -> Grid {
        let step = Matrix3::new(0.6, -0.5, 0.0, 0.48, 0.6, 0.2, 0.1, 0.1, 2.5);
        Grid::new([64, 48, 20], Point::new(-31.0, 12.0, 40.0), step).unwrap()
    }

    #[test]
    fn the_world_finds_the_voxels_of_an_oblique_grid() {
        let (grid, matrix) = (grid(), index_from_world(&grid()));
        for voxel in [[0, 0, 0], [63, 0, 0], [10, 47, 19], [5, 6, 7]] {
            let world = bevy_from_patient(&grid.centre(voxel));
            let found = matrix.transform_point3(world);
            let wanted = Vec3::from_array(voxel.map(|n| n as f32));
            assert!(found.distance(wanted) < 1e-3, "{found} {wanted}");
        }
    }

    #[test]
    fn reduced_texels_lie_in_the_middle_of_their_voxels() {
        let matrix = texel_from_index([2, 3, 1]);
        assert!(matrix.transform_point3(Vec3::new(0.5, 1.0, 4.0)).distance(Vec3::new(0.0, 0.0, 4.0)) < 1e-6);
        // The outer face of the first voxel is that of the first texel.
        assert!(matrix.transform_point3(Vec3::splat(-0.5)).distance(Vec3::splat(-0.5)) < 1e-6);
    }

    #[test]
    fn a_crop_box_has_its_faces_where_they_were_put_and_stays_in_the_scan() {
        assert_eq!(crop(&grid(), Some([[3.5, 50.0, -9.0], [2.0, 4.0, 1.25]])), [[2.0, 4.0, -0.5], [3.5, 47.5, 1.25]]);
        assert_eq!(crop(&grid(), Some([[-0.5; 3], [63.5, 47.5, 19.5]])), crop(&grid(), None));
    }

    #[test]
    fn the_cut_of_the_scene_has_a_slot_beside_all_planes_of_the_volume() {
        assert_eq!(PLANES_MAX, crate::app::ui::VOLUME_PLANES_MAX + 1);
    }

    #[test]
    fn a_mask_keeps_or_leaves_out_its_segments() {
        let mut mask = VolumeMask { labels: NodeId(1), segments: vec![SegmentId(1), SegmentId(200)], keep: true };
        let bit = |words: [UVec4; 2], label: usize| words[label / 128][label / 32 % 4] >> (label % 32) & 1;
        let kept = drawn_labels(&mask);
        assert_eq!([0, 1, 2, 200, 255].map(|label| bit(kept, label)), [0, 1, 0, 1, 0]);
        mask.keep = false;
        let left = drawn_labels(&mask);
        assert_eq!([0, 1, 2, 200, 255].map(|label| bit(left, label)), [1, 0, 1, 0, 1]);
    }
}
