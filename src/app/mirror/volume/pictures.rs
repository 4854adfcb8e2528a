//! Pictures of the volume shader, drawn without a window through the same passes as the scene's, beside those of a ray
//! caster of the same rule on the processor. Few and small; left out where there is no graphics adapter.

mod caster;

use super::*;
use crate::app::render::{
    FRAGMENTS_ON_SCREEN, ShownIn, ShowsVolume, SurfaceMaterial, SurfaceUniform, fragment_lists, picture,
    sorts_fragments, target,
};
use crate::base::SegmentId;
use crate::image::transfer::{Shading, TransferFunction};
use crate::image::{Modality, Volume as Voxel3, Voxels};
use bevy::app::PanicHandlerPlugin;
use bevy::asset::RenderAssetUsages;
use bevy::camera::{CameraOutputMode, ImageRenderTarget, MsaaWriteback, RenderTarget, ScalingMode, SubCameraView};
use bevy::core_pipeline::tonemapping::{DebandDither, Tonemapping};
use bevy::light::cluster::ClusterConfig;
use bevy::log::LogPlugin;
use bevy::pbr::PbrPlugin;
use bevy::render::RenderPlugin;
use bevy::render::gpu_readback::{Readback, ReadbackComplete};
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat, TextureUsages};
use bevy::render::renderer::RenderAdapter;
use bevy::render::view::NoIndirectDrawing;
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;
use bevy_egui::{EguiGlobalSettings, EguiPrimaryContextPass};
use caster::{Caster, Steps};
use nalgebra::{Matrix3, Rotation3};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Pixels of a side.
const SIDE: u32 = 64;
/// From the middle of the body to the eye, mm.
const AWAY: f32 = 120.0;
/// Opening angle.
const FOV: f32 = 0.42;
const RADIUS_MM: f64 = 14.0;

#[derive(Resource, Default)]
struct Read(Option<Vec<u8>>);

/// A ball of 300 HU in air with a smaller one of 900 HU inside, to the left, front and top; their faces 2 mm soft.
fn value(at: &Point) -> f64 {
    let ramp = |centre: Point, radius: f64| ((radius - (at - centre).norm()) / 2.0 + 0.5).clamp(0.0, 1.0);
    -1000.0 + 1300.0 * ramp(Point::origin(), RADIUS_MM) + 600.0 * ramp(Point::new(5.0, -4.0, 3.0), 4.0)
}

/// Oblique and anisotropic, with room for leaps around the body.
fn scan() -> Scan {
    let (dims, spacing) = ([70, 56, 48], Vector::new(0.8, 1.0, 1.2));
    let step = Rotation3::from_euler_angles(0.2, -0.1, 0.4).matrix() * Matrix3::from_diagonal(&spacing);
    let middle = step * Vector::from_iterator(dims.map(|n| 0.5 * (n as f64 - 1.0)));
    let grid = Grid::new(dims, Point::from(-middle), step).unwrap();
    let values = (0..grid.len()).map(|offset| value(&grid.centre(grid.voxel(offset))).round() as i16).collect();
    let voxels = Voxels::I16(Voxel3::new(grid, values).unwrap());
    Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }
}

/// A haze, or dense walls where it is lit: light tells of walls.
fn view(mode: VolumeMode, shading: Option<Shading>) -> VolumeView {
    let [body, core] = if shading.is_some() { [0.5, 0.8] } else { [0.05, 0.3] };
    let opacity = vec![(-300.0, 0.0), (300.0, body), (900.0, core)];
    let colours = vec![(-300.0, [200, 60, 40]), (300.0, [220, 120, 60]), (900.0, [240, 240, 255])];
    VolumeView {
        scan: crate::base::NodeId(1),
        visible: true,
        transfer: TransferFunction::new(opacity, colours, shading),
        mode,
        cinematic: false,
        crop: None,
        planes: Vec::new(),
        cuts_surfaces: false,
        mask: None,
        open: false,
    }
}

/// A ball of 9 mm beside the middle, on voxels of 3 mm.
fn coarse_ball() -> LabelMap {
    let grid = Grid::aligned([14; 3], Point::new(-19.5, -19.5, -19.5), [3.0; 3]).unwrap();
    let inside = |o: usize| u8::from((grid.centre(grid.voxel(o)) - Point::new(-4.0, 4.0, -5.0)).norm() < 9.0);
    let voxels = (0..grid.len()).map(inside).collect();
    let segments = vec![crate::image::Segment::new(SegmentId(1), "ball", [1, 2, 3], None)];
    LabelMap::from_volume(&Voxel3::new(grid, voxels).unwrap(), segments).unwrap()
}

const WINDOW: Window = Window { width: 2000.0, level: 0.0 };

/// A window-less program with the scene's camera; why there is none.
fn app() -> Result<App, String> {
    let build = || {
        let plugins = DefaultPlugins
            .build()
            .disable::<LogPlugin>()
            .disable::<WinitPlugin>()
            .disable::<PanicHandlerPlugin>()
            .disable::<PipelinedRenderingPlugin>()
            .set(WindowPlugin { primary_window: None, exit_condition: ExitCondition::DontExit, ..default() })
            .set(PbrPlugin { prepass_enabled: false, add_default_deferred_lighting_plugin: false, ..default() })
            .set(RenderPlugin { synchronous_pipeline_compilation: true, ..default() });
        let mut app = App::new();
        // The passes of the panels are there too; nobody draws any.
        app.add_plugins(plugins).add_plugins(bevy_egui::EguiPlugin::default());
        let no_panels = EguiGlobalSettings { auto_create_primary_context: false, ..default() };
        app.insert_resource(no_panels).init_schedule(EguiPrimaryContextPass);
        app.add_plugins(crate::app::render::plugin).init_resource::<Read>();
        app.finish();
        app.cleanup();
        app
    };
    catch_unwind(AssertUnwindSafe(build)).map_err(|said| {
        let words = said.downcast_ref::<&str>().map(|text| (*text).to_owned());
        words.or_else(|| said.downcast_ref::<String>().cloned()).unwrap_or_default()
    })
}

/// The program with its camera, seen from the front, and the texture it draws into.
fn stage() -> Result<(App, Handle<Image>), String> {
    let mut app = app()?;
    let size = UVec2::splat(SIDE);
    let (drawn, aim) = {
        let mut images = app.world_mut().resource_mut::<Assets<Image>>();
        (images.add(picture(size)), images.add(target(size)))
    };
    let lists = {
        let world = app.world();
        match (world.get_resource::<RenderAdapter>(), world.get_resource::<RenderDevice>()) {
            (Some(adapter), Some(device)) if sorts_fragments(adapter, device) => {
                Some(fragment_lists([size], device.limits().max_storage_buffer_binding_size, FRAGMENTS_ON_SCREEN))
            }
            (_, Some(_)) => None,
            _ => return Err("no graphics adapter was found".into()),
        }
    };
    let perspective = PerspectiveProjection { fov: FOV, near: 2.0, aspect_ratio: 1.0, ..default() };
    let mut camera = app.world_mut().spawn((
        Camera3d {
            depth_texture_usages: (TextureUsages::RENDER_ATTACHMENT | TextureUsages::TEXTURE_BINDING).into(),
            ..default()
        },
        Camera {
            clear_color: ClearColorConfig::None,
            output_mode: CameraOutputMode::Skip,
            msaa_writeback: MsaaWriteback::Off,
            ..default()
        },
        RenderTarget::Image(ImageRenderTarget::from(aim)),
        (ShownIn(drawn.clone()), ShowsVolume(true)),
        Projection::Perspective(perspective),
        Transform::from_xyz(0.0, 0.0, AWAY),
        (Tonemapping::None, DebandDither::Disabled, ClusterConfig::Single, Msaa::Off, NoIndirectDrawing),
    ));
    if let Some(lists) = lists {
        camera.insert(lists);
    }
    Ok((app, drawn))
}

/// The textures of the scan for this look, and the numbers of the shader.
fn dressed(app: &mut App, scan: &Arc<Scan>, view: &VolumeView, masks: Option<&LabelMap>) -> VolumeParts {
    let loom = Loom::start(Arc::new(|| {})).unwrap();
    let window = (view.mode != VolumeMode::Composite).then_some(WINDOW);
    let hash = scan.content_hash();
    loom.order(Order {
        number: 1,
        hash,
        scan: Arc::clone(scan),
        look: Look { transfer: view.transfer.clone(), window, cinematic: false },
        labels: masks.map(|labels| (labels.content_hash(), labels.clone())),
        labels_there: None,
        side_max: 512,
        texels_max: 1 << 24,
        coarse: false,
        whole: true,
    });
    let since = Instant::now();
    let woven = loop {
        match loom.next() {
            Some(woven) => break woven,
            None => assert!(since.elapsed() < Duration::from_secs(30), "textures take too long"),
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let mut images = app.world_mut().resource_mut::<Assets<Image>>();
    let texels = woven.texels.expect("the whole was ordered");
    let [table, skips, extinctions] =
        [woven.look.table, woven.look.skips, woven.look.extinctions].map(|image| images.add(image));
    // In slabs, as scans of patients go.
    let uploads = app.world().resource::<Uploads>().clone();
    let mut images = app.world_mut().resource_mut::<Assets<Image>>();
    let (fine, upload) = uploads.begin_in(&mut images, texels.fine, 100_000);
    let volume = Volume {
        scan: hash,
        encoding: texels.encoding,
        factor: texels.factor,
        dims: texels.dims,
        fine,
        coarse: None,
        table,
        place: woven.look.place,
        skips,
        labels: Labels {
            texture: images
                .add(woven.labels.and_then(|(_, image)| image).unwrap_or_else(super::super::texels::no_labels)),
            hash: None,
            refused: false,
        },
        coming: Coming::default(),
        extinctions,
        extinction_factor: woven.look.extinction_factor,
        extinction_dims: woven.look.extinction_dims,
    };
    let upload = upload.expect("376 kB are more than one slab");
    let since = Instant::now();
    while !upload.is_done() {
        assert!(since.elapsed() < Duration::from_secs(30), "slabs take too long");
        app.update();
    }
    parts(&volume, view, scan, masks, WINDOW, true)
}

/// The pixels once everything is drawn: premultiplied and stored, row by row.
fn drawn(app: &mut App, image: &Handle<Image>, shown: VolumeParts) -> Vec<[u8; 4]> {
    app.insert_resource(RenderedVolume(Some(shown)));
    // Pipelines are made and textures sent in the first frames.
    (0..6).for_each(|_| app.update());
    app.world_mut().resource_mut::<Read>().0 = None;
    let asked = app.world_mut().spawn(Readback::texture(image.clone())).id();
    app.world_mut()
        .entity_mut(asked)
        .observe(|read: On<ReadbackComplete>, mut kept: ResMut<Read>| kept.0 = Some(read.data.clone()));
    let since = Instant::now();
    let data = loop {
        app.update();
        if let Some(data) = app.world_mut().resource_mut::<Read>().0.take() {
            break data;
        }
        assert!(since.elapsed() < Duration::from_secs(60), "the adapter does not hand over the picture");
        std::thread::sleep(Duration::from_millis(2));
    };
    app.world_mut().despawn(asked);
    data.chunks_exact(4).take((SIDE * SIDE) as usize).map(|pixel| [pixel[0], pixel[1], pixel[2], pixel[3]]).collect()
}

/// The greatest difference between two pixels.
fn apart(a: &[f64; 4], b: &[f64; 4]) -> f64 {
    (0..4).map(|n| (a[n] - b[n]).abs()).fold(0.0, f64::max)
}

/// Whether the picture hardly changes from this pixel to those around it: no silhouette passes here.
fn is_even(picture: &[[f64; 4]], at: usize) -> bool {
    let side = SIDE as usize;
    let (x, y) = (at % side, at / side);
    let mut around = (y.saturating_sub(1)..(y + 2).min(side))
        .flat_map(|y| (x.saturating_sub(1)..(x + 2).min(side)).map(move |x| y * side + x));
    around.all(|other| apart(&picture[at], &picture[other]) < EVEN)
}

/// Pixels whose neighbours differ by less than this of 255 lie away from silhouettes.
const EVEN: f64 = 25.0;

/// Differences of all pixels and the worst one away from silhouettes, of 255.
fn differences(found: &[[u8; 4]], wanted: &[[f64; 4]]) -> (f64, f64) {
    let off: Vec<f64> = found.iter().zip(wanted).map(|(found, wanted)| apart(&found.map(f64::from), wanted)).collect();
    let inner = (0..off.len()).filter(|at| is_even(wanted, *at)).map(|at| off[at]).fold(0.0, f64::max);
    (off.iter().sum::<f64>() / off.len() as f64, inner)
}

/// Beside the ray caster with the shader's own steps, and beside the one whose steps do not matter: the first tells that
/// the rule is the same, the second that the steps are fine enough.
fn compare(what: &str, found: &[[u8; 4]], caster: Caster<'_>) {
    let same = differences(found, &Caster { steps: Steps::Same, ..caster }.picture());
    let fine = differences(found, &Caster { steps: Steps::Fine, ..caster }.picture());
    let said = format!(
        "{what}: off by {:.2} of 255 in the mean and {:.1} at worst away from silhouettes; of fine steps {:.2} and {:.1}",
        same.0, same.1, fine.0, fine.1
    );
    let _ = writeln!(std::io::stderr(), "{said}");
    assert!(same.0 < 2.0 && same.1 < 12.0, "{said}");
    assert!(fine.0 < 3.0, "{said}");
}

#[test]
fn the_shader_draws_what_a_ray_caster_on_the_processor_does() {
    let (mut app, image) = match stage() {
        Ok(stage) => stage,
        Err(why) if ["adapter", "GPU", "graphics"].iter().any(|word| why.contains(word)) => {
            let _ = writeln!(std::io::stderr(), "skipped: {why}");
            return;
        }
        Err(why) => panic!("{why}"),
    };
    let scan = Arc::new(scan());
    let composite = view(VolumeMode::Composite, None);
    let middle = (SIDE * SIDE / 2 + SIDE / 2) as usize;
    let shot = |app: &mut App, view: &VolumeView| {
        let parts = dressed(app, &scan, view, None);
        drawn(app, &image, parts)
    };
    let cast = |view, wall_mm| Caster { scan: &scan, view, wall_mm, steps: Steps::Same, labels: None, parallel: false };

    let whole = shot(&mut app, &composite);
    compare("a ball in air", &whole, cast(&composite, None));
    assert!(whole[0] == [0; 4] && 100 < whole[middle][3], "clear beside the ball, dense in it");

    let shading = Shading { ambient: 0.1, diffuse: 0.9, specular: 0.2, power: 10.0 };
    let lit = view(VolumeMode::Composite, Some(shading));
    let bright = shot(&mut app, &lit);
    compare("a lit ball", &bright, cast(&lit, None));
    // The key light comes from the upper left.
    let [upper_left, lower_right] = [-1, 1].map(|sign: i32| {
        let at = (SIDE as i32 / 2 + sign * SIDE as i32 / 6) as u32;
        bright[(at * SIDE + at) as usize]
    });
    assert!(lower_right[0] + 30 < upper_left[0], "{upper_left:?} {lower_right:?}");

    let maximum = view(VolumeMode::Maximum, None);
    let found = shot(&mut app, &maximum);
    compare("the maximum", &found, cast(&maximum, None));
    // 300 HU of −1000 to 1000 is 65 % of white.
    assert!(found[middle][0].abs_diff(166) <= 2, "{:?}", found[middle]);

    let radiograph = view(VolumeMode::XRay, None);
    compare("a radiograph", &shot(&mut app, &radiograph), cast(&radiograph, None));

    // What lies to the patient's left is cut away; it is on the right of a picture from the front.
    let plane = crate::geom::Plane::new(Point::new(2.0, 0.0, 0.0), Vector::x()).unwrap();
    let cut = VolumeView { planes: vec![plane], ..composite.clone() };
    let halved = shot(&mut app, &cut);
    compare("half a ball", &halved, cast(&cut, None));
    assert_eq!(halved[middle + SIDE as usize / 5], [0; 4]);

    // The front is cut away: the face is lit as a flat one.
    let plane = crate::geom::Plane::new(Point::new(0.0, -3.0, 0.0), Vector::new(0.2, -1.0, 0.3)).unwrap();
    let cut = VolumeView { planes: vec![plane], ..lit.clone() };
    compare("a lit cut", &shot(&mut app, &cut), cast(&cut, None));

    // Half of it is masked by a segmentation of coarse voxels, whose edge is smooth all the same.
    let coarse = coarse_ball();
    let only = VolumeMask { labels: crate::base::NodeId(2), segments: vec![SegmentId(1)], keep: true };
    let masked = VolumeView { mask: Some(only), ..composite.clone() };
    let parts = dressed(&mut app, &scan, &masked, Some(&coarse));
    let found = drawn(&mut app, &image, parts);
    compare("a masked ball", &found, Caster { labels: Some(&coarse), ..cast(&masked, None) });
    let sums = [&found, &whole].map(|picture| picture.iter().map(|pixel| u64::from(pixel[3])).sum::<u64>());
    assert!(sums[0] < sums[1] * 8 / 10 && sums[1] / 10 < sums[0], "some is hidden and some is not: {sums:?}");

    // A wall through the middle hides what is behind it.
    let wall = Mesh::from(Rectangle::new(200.0, 200.0));
    let mesh = app.world_mut().resource_mut::<Assets<Mesh>>().add(wall);
    let extent = Extent3d { width: 1, height: 1, depth_or_array_layers: 1 };
    let usage = RenderAssetUsages::RENDER_WORLD;
    let red = vec![255, 0, 0, 255];
    let red = Image::new(extent, TextureDimension::D2, red, TextureFormat::Rgba8UnormSrgb, usage);
    let map = app.world_mut().resource_mut::<Assets<Image>>().add(red);
    let uniform = SurfaceUniform::new(Vec4::ONE, Vec4::new(2.0, 0.0, 1.0, 0.0));
    let material = SurfaceMaterial { uniform, map, radius_mm: 0.0 };
    let material = app.world_mut().resource_mut::<Assets<SurfaceMaterial>>().add(material);
    app.world_mut().spawn((Mesh3d(mesh), MeshMaterial3d(material), Transform::default()));
    let hidden = shot(&mut app, &composite);
    compare("before a wall", &hidden, cast(&composite, Some(f64::from(AWAY))));
    assert_eq!(hidden[0], [255, 0, 0, 255]);

    // With parallel lines of sight as large at the middle, but everywhere as large.
    let viewport_height = 2.0 * AWAY * (0.5 * FOV).tan();
    let scaling_mode = ScalingMode::FixedVertical { viewport_height };
    let parallel =
        OrthographicProjection { near: 0.0, far: 2.0 * AWAY, scaling_mode, ..OrthographicProjection::default_3d() };
    let mut cameras = app.world_mut().query::<&mut Projection>();
    for mut projection in cameras.iter_mut(app.world_mut()) {
        *projection = Projection::Orthographic(parallel.clone());
    }
    let beside = |view, wall_mm| Caster { parallel: true, ..cast(view, wall_mm) };
    let hidden = shot(&mut app, &composite);
    compare("parallel, before a wall", &hidden, beside(&composite, Some(f64::from(AWAY))));
    let walls: Vec<Entity> = app.world_mut().query_filtered::<Entity, With<Mesh3d>>().iter(app.world()).collect();
    walls.into_iter().for_each(|wall| _ = app.world_mut().despawn(wall));
    let whole = shot(&mut app, &composite);
    compare("parallel", &whole, beside(&composite, None));
    assert!(whole[0] == [0; 4] && 100 < whole[middle][3]);
    compare("parallel, lit and cut", &shot(&mut app, &cut), beside(&cut, None));
    compare("a parallel maximum", &shot(&mut app, &maximum), beside(&maximum, None));

    // A part of a larger picture is what lies there, but for the noise of single pixels.
    let found = shot(&mut app, &composite);
    let by = UVec2::new(14, 9);
    let part = SubCameraView { full_size: UVec2::splat(SIDE), offset: by.as_vec2(), size: UVec2::splat(SIDE) };
    let mut cameras = app.world_mut().query::<&mut Camera>();
    for mut camera in cameras.iter_mut(app.world_mut()) {
        camera.sub_camera_view = Some(part);
    }
    let shifted = shot(&mut app, &composite);
    let pairs = (0..SIDE - by.y).flat_map(|y| (0..SIDE - by.x).map(move |x| (x, y)));
    let off = pairs.map(|(x, y)| {
        let [own, whole] = [y * SIDE + x, (y + by.y) * SIDE + x + by.x].map(|at| at as usize);
        apart(&shifted[own].map(f64::from), &found[whole].map(f64::from))
    });
    let off: Vec<f64> = off.collect();
    let mean = off.iter().sum::<f64>() / off.len() as f64;
    assert!(mean < 1.5, "a part differs from the whole by {mean} of 255 in the mean");
}
