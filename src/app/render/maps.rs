//! Colour maps as textures of 256 × 1 texels, one per map, shared by all materials.

use crate::image::Colormap;
use bevy::asset::RenderAssetUsages;
use bevy::image::ImageSampler;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};

/// Texels of a map; `MAP_SIZE` in `shaders/view/surface.wgsl`.
const MAP_SIZE: u32 = 256;

/// The texture of every colour map.
#[derive(Resource)]
pub(crate) struct ColourMaps(Vec<(Colormap, Handle<Image>)>);

impl ColourMaps {
    /// The texture of `map`.
    pub(crate) fn texture(&self, map: Colormap) -> Handle<Image> {
        let found = self.0.iter().find(|(each, _)| *each == map);
        found.expect("all maps were made at the start").1.clone()
    }
}

pub(super) fn plugin(app: &mut App) {
    let mut images = app.world_mut().resource_mut::<Assets<Image>>();
    let maps = Colormap::ALL.map(|map| (map, images.add(texture(map)))).to_vec();
    app.insert_resource(ColourMaps(maps));
}

fn texture(map: Colormap) -> Image {
    let texels = map.table(MAP_SIZE as usize).into_iter().flat_map(|[r, g, b]| [r, g, b, 255]).collect();
    let size = Extent3d { width: MAP_SIZE, height: 1, depth_or_array_layers: 1 };
    let format = TextureFormat::Rgba8UnormSrgb;
    let mut image = Image::new(size, TextureDimension::D2, texels, format, RenderAssetUsages::RENDER_WORLD);
    image.sampler = ImageSampler::linear();
    image
}
