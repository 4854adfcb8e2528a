//! Large textures go to the graphics card in slabs, a bounded number of bytes a frame: one write of hundreds of megabytes
//! holds a frame up. Whoever needs such a texture waits until it is there.

use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::{Extent3d, Origin3d, TexelCopyBufferLayout, TexelCopyTextureInfo, TextureAspect};
use bevy::render::renderer::RenderQueue;
use bevy::render::texture::GpuImage;
use bevy::render::{Render, RenderApp, RenderSystems};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Bytes that are written in a frame, all textures together.
const SLAB_BYTES: usize = 32 << 20;

/// What is on its way, shared by the window and its render world.
#[derive(Resource, Clone, Default)]
pub(crate) struct Uploads(Arc<Mutex<Vec<Arc<Upload>>>>);

/// A texture on its way; given up when nobody holds it any more.
#[derive(Debug)]
pub(crate) struct Upload {
    image: AssetId<Image>,
    bytes: Vec<u8>,
    size: Extent3d,
    /// Bytes that are written of it in a frame.
    slab: usize,
    /// Layers that are on the card.
    done: AtomicUsize,
}

impl Uploads {
    /// Add `image`; the second is what to wait for, if it does not go in one piece.
    pub(crate) fn begin(&self, images: &mut Assets<Image>, image: Image) -> (Handle<Image>, Option<Arc<Upload>>) {
        self.begin_in(images, image, SLAB_BYTES)
    }

    /// The same with at most `slab` bytes a frame, or one layer.
    pub(crate) fn begin_in(
        &self,
        images: &mut Assets<Image>,
        mut image: Image,
        slab: usize,
    ) -> (Handle<Image>, Option<Arc<Upload>>) {
        let bytes = image.data.take_if(|bytes| slab < bytes.len());
        let size = image.texture_descriptor.size;
        let handle = images.add(image);
        let upload = bytes.map(|bytes| {
            let upload = Arc::new(Upload { image: handle.id(), bytes, size, slab, done: AtomicUsize::new(0) });
            if let Ok(mut waiting) = self.0.lock() {
                waiting.push(Arc::clone(&upload));
            }
            upload
        });
        (handle, upload)
    }
}

impl Upload {
    /// Whether all of it is on the card.
    pub(crate) fn is_done(&self) -> bool {
        self.size.depth_or_array_layers as usize <= self.done.load(Ordering::Acquire)
    }

    /// Bytes of a layer.
    fn layer(&self) -> usize {
        self.bytes.len() / (self.size.depth_or_array_layers as usize).max(1)
    }

    /// The next layers, as many as `left` bytes take; at least one where nothing was written in this frame yet.
    fn next(&self, left: usize, is_first: bool) -> std::ops::Range<usize> {
        let (from, all) = (self.done.load(Ordering::Acquire), self.size.depth_or_array_layers as usize);
        let most = left.min(self.slab) / self.layer().max(1);
        from..(from + most.max(usize::from(is_first))).min(all)
    }
}

pub(super) fn plugin(app: &mut App) {
    let uploads = Uploads::default();
    app.insert_resource(uploads.clone());
    let Some(render_app) = app.get_sub_app_mut(RenderApp) else { return };
    render_app.insert_resource(uploads);
    render_app.add_systems(Render, write.in_set(RenderSystems::PrepareResources));
}

/// Write the next slabs, the oldest first.
fn write(uploads: Res<Uploads>, images: Res<RenderAssets<GpuImage>>, queue: Res<RenderQueue>) {
    let Ok(mut waiting) = uploads.0.lock() else { return };
    // What only this list holds was given up.
    waiting.retain(|upload| 1 < Arc::strong_count(upload) && !upload.is_done());
    let mut left = SLAB_BYTES;
    for upload in waiting.iter() {
        // Its texture is made in the frame after it was added.
        let Some(image) = images.get(upload.image) else { continue };
        let layers = upload.next(left, left == SLAB_BYTES);
        if layers.is_empty() {
            break;
        }
        let layer = upload.layer();
        let Extent3d { width, height, .. } = upload.size;
        queue.write_texture(
            TexelCopyTextureInfo {
                texture: &image.texture,
                mip_level: 0,
                origin: Origin3d { x: 0, y: 0, z: layers.start as u32 },
                aspect: TextureAspect::All,
            },
            &upload.bytes[layers.start * layer..layers.end * layer],
            TexelCopyBufferLayout {
                offset: 0,
                bytes_per_row: Some((layer / (height as usize).max(1)) as u32),
                rows_per_image: Some(height),
            },
            Extent3d { width, height, depth_or_array_layers: layers.len() as u32 },
        );
        upload.done.store(layers.end, Ordering::Release);
        left = left.saturating_sub(layers.len() * layer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::asset::RenderAssetUsages;
    use bevy::render::render_resource::{TextureDimension, TextureFormat};

    fn image(side: u32, layers: u32) -> Image {
        let size = Extent3d { width: side, height: side, depth_or_array_layers: layers };
        let bytes = vec![7; (side * side * layers * 2) as usize];
        Image::new(size, TextureDimension::D3, bytes, TextureFormat::R16Float, RenderAssetUsages::RENDER_WORLD)
    }

    #[test]
    fn a_large_texture_goes_in_whole_layers_and_a_small_one_at_once() {
        let (uploads, mut images) = (Uploads::default(), Assets::<Image>::default());
        let (small, nothing) = uploads.begin_in(&mut images, image(8, 4), 512);
        assert!(nothing.is_none() && images.get(&small).unwrap().data.is_some(), "512 bytes are one slab");
        let (large, upload) = uploads.begin_in(&mut images, image(8, 10), 500);
        let upload = upload.expect("1280 bytes are more than one slab");
        assert!(images.get(&large).unwrap().data.is_none(), "Bevy does not write it as well");
        // 128 bytes a layer.
        let mut seen = Vec::new();
        while !upload.is_done() {
            let layers = upload.next(SLAB_BYTES, true);
            assert!(layers.len() * upload.layer() <= 500 && layers.start == upload.done.load(Ordering::Acquire));
            upload.done.store(layers.end, Ordering::Release);
            seen.push(layers.len());
        }
        assert_eq!(seen, [3, 3, 3, 1]);
    }

    #[test]
    fn a_frame_takes_no_more_than_its_share_but_always_a_layer() {
        let (uploads, mut images) = (Uploads::default(), Assets::<Image>::default());
        let upload = uploads.begin_in(&mut images, image(8, 10), 500).1.unwrap();
        assert_eq!(upload.next(300, false), 0..2, "others took the rest");
        assert_eq!(upload.next(100, false), 0..0);
        assert_eq!(upload.next(100, true), 0..1, "a layer larger than the share goes all the same");
    }
}
