//! Pictures of the volume shader, drawn without a window through the same passes as the scene's, beside those of a ray
//! caster of the same rule on the processor. Few and small; left out where there is no graphics adapter.

use super::*;
use crate::app::render::{ShownIn, SurfaceMaterial, SurfaceUniform, fragment_lists, picture, sorts_fragments, target};
use crate::image::transfer::TransferFunction;
use crate::image::{Modality, Volume as Voxel3, Voxels};
use bevy::app::PanicHandlerPlugin;
use bevy::asset::RenderAssetUsages;
use bevy::camera::{CameraOutputMode, ImageRenderTarget, MsaaWriteback, RenderTarget};
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

fn scan() -> Scan {
    let grid = Grid::aligned([42, 40, 44], Point::new(-20.5, -19.5, -21.5), [1.0; 3]).unwrap();
    let values = (0..grid.len()).map(|offset| value(&grid.centre(grid.voxel(offset))).round() as i16).collect();
    let voxels = Voxels::I16(Voxel3::new(grid, values).unwrap());
    Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() }
}

fn view(mode: VolumeMode) -> VolumeView {
    let opacity = vec![(-300.0, 0.0), (300.0, 0.05), (900.0, 0.3)];
    let colours = vec![(-300.0, [200, 60, 40]), (300.0, [220, 120, 60]), (900.0, [240, 240, 255])];
    VolumeView {
        scan: crate::base::NodeId(1),
        visible: true,
        transfer: TransferFunction::new(opacity, colours, None),
        mode,
        cinematic: false,
        crop: None,
        planes: Vec::new(),
        mask: None,
        open: false,
    }
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
                Some(fragment_lists(size, device.limits().max_storage_buffer_binding_size))
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
        ShownIn(drawn.clone()),
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
fn dressed(app: &mut App, scan: &Arc<Scan>, view: &VolumeView) -> VolumeParts {
    let loom = Loom::start(Arc::new(|| {})).unwrap();
    let window = (view.mode != VolumeMode::Composite).then_some(WINDOW);
    let hash = scan.content_hash();
    loom.order(Order {
        number: 1,
        hash,
        scan: Arc::clone(scan),
        look: Look { transfer: view.transfer.clone(), window, cinematic: false },
        labels: None,
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
    let volume = Volume {
        scan: hash,
        encoding: texels.encoding,
        factor: texels.factor,
        dims: texels.dims,
        fine: images.add(texels.fine),
        coarse: None,
        table,
        place: woven.look.place,
        skips,
        labels: images.add(super::super::texels::no_labels()),
        labels_hash: None,
        labels_refused: false,
        extinctions,
        extinction_factor: woven.look.extinction_factor,
        extinction_dims: woven.look.extinction_dims,
    };
    parts(&volume, view, scan, None, WINDOW, true)
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

fn linear(stored: f32) -> f64 {
    f64::from(if stored <= 0.04045 { stored / 12.92 } else { ((stored + 0.055) / 1.055).powf(2.4) })
}

fn stored(linear: f64) -> f64 {
    255.0 * if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}

/// What the shader should show in each pixel, by steps of a twentieth of a millimetre. What `is_cut` is not there, and an
/// opaque red wall stands at this depth behind the eye.
fn expected(scan: &Scan, view: &VolumeView, is_cut: impl Fn(&Point) -> bool, wall: Option<f64>) -> Vec<[f64; 4]> {
    const STEP: f64 = 0.05;
    let half = f64::from(0.5 * FOV).tan();
    let reference = 2.0 * RADIOGRAPH * 0.5 * scan.grid().bounds().size().norm();
    let place = |n: u32| (f64::from(n) + 0.5) / f64::from(SIDE) * 2.0 - 1.0;
    let pixel = |n: u32| {
        let (x, y) = (place(n % SIDE) * half, -place(n / SIDE) * half);
        // To the right, up, and away from an eye in front of the patient.
        let way = Vector::new(x, 1.0, y);
        let mm = way.norm();
        let (mut passed, mut colour, mut best, mut sum) = (1.0, [0.0; 3], 0.0_f64, 0.0);
        let mut depth = 60.0;
        while depth < 180.0 && wall.is_none_or(|wall| depth < wall) {
            let at = Point::new(0.0, -f64::from(AWAY), 0.0) + way * depth;
            let value = scan.sample_index(scan.grid().index_from_patient(at)).filter(|_| !is_cut(&at));
            if let Some(value) = value {
                let brightness = WINDOW.brightness(value);
                best = best.max(brightness);
                sum += brightness * STEP * mm;
                let left = f64::from(1.0 - view.transfer.opacity_at(value)).powf(STEP * mm);
                let own = view.transfer.colour_at(value).map(linear);
                (0..3).for_each(|n| colour[n] += passed * (1.0 - left) * own[n]);
                passed *= left;
            }
            depth += STEP;
        }
        match view.mode {
            VolumeMode::Maximum => [255.0 * best; 4],
            VolumeMode::XRay => [255.0 * (1.0 - (-sum / reference).exp()); 4],
            VolumeMode::Composite => {
                let red = if wall.is_some() { passed } else { 0.0 };
                let [r, g, b] = [colour[0] + red, colour[1], colour[2]].map(stored);
                [r, g, b, 255.0 * (1.0 - passed + red)]
            }
        }
    };
    (0..SIDE * SIDE).map(pixel).collect()
}

/// Steps of half a voxel from places that differ from pixel to pixel are not the ray caster's: a picture as a whole is
/// the same, its pixels nearly.
fn compare(what: &str, found: &[[u8; 4]], wanted: &[[f64; 4]]) {
    let mut off: Vec<f64> = found
        .iter()
        .zip(wanted)
        .map(|(found, wanted)| (0..4).map(|n| (f64::from(found[n]) - wanted[n]).abs()).fold(0.0, f64::max))
        .collect();
    off.sort_by(f64::total_cmp);
    let mean = off.iter().sum::<f64>() / off.len() as f64;
    let most = off[off.len() * 98 / 100];
    assert!(mean < 2.0 && most < 14.0, "{what}: off by {mean:.2} of 255 in the mean, {most:.1} in 98 of 100");
}

#[test]
fn the_shader_draws_what_a_ray_caster_on_the_processor_does() {
    let (mut app, image) = match stage() {
        Ok(stage) => stage,
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "skipped: {why}");
            return;
        }
    };
    let scan = Arc::new(scan());
    let composite = view(VolumeMode::Composite);
    let middle = (SIDE * SIDE / 2 + SIDE / 2) as usize;
    let shot = |app: &mut App, view: &VolumeView| {
        let parts = dressed(app, &scan, view);
        drawn(app, &image, parts)
    };

    let whole = shot(&mut app, &composite);
    compare("a ball in air", &whole, &expected(&scan, &composite, |_| false, None));
    assert!(whole[0] == [0; 4] && 100 < whole[middle][3], "clear beside the ball, dense in it");

    let maximum = view(VolumeMode::Maximum);
    let found = shot(&mut app, &maximum);
    compare("the maximum", &found, &expected(&scan, &maximum, |_| false, None));
    // 300 HU of −1000 to 1000 is 65 % of white.
    assert!(found[middle][0].abs_diff(166) <= 2, "{:?}", found[middle]);

    let radiograph = view(VolumeMode::XRay);
    compare("a radiograph", &shot(&mut app, &radiograph), &expected(&scan, &radiograph, |_| false, None));

    // What lies to the patient's left is cut away; it is on the right of a picture from the front.
    let plane = crate::geom::Plane::new(Point::new(2.0, 0.0, 0.0), Vector::x()).unwrap();
    let cut = VolumeView { planes: vec![plane], ..composite.clone() };
    let halved = shot(&mut app, &cut);
    compare("half a ball", &halved, &expected(&scan, &cut, |at| 2.0 < at.x, None));
    assert_eq!(halved[middle + 12], [0; 4]);

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
    compare("before a wall", &hidden, &expected(&scan, &composite, |_| false, Some(f64::from(AWAY))));
    assert_eq!(hidden[0], [255, 0, 0, 255]);
}
