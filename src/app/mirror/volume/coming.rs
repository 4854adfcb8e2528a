//! Textures of a volume that are still on their way to the graphics card.

use crate::app::mirror::texels::no_labels;
use crate::app::render::{Upload, Uploads};
use crate::base::ContentHash;
use bevy::prelude::*;
use std::sync::Arc;

/// What is on its way.
#[derive(Debug, Default)]
pub(super) struct Coming {
    /// Without these nothing can be drawn.
    needed: Vec<Arc<Upload>>,
    /// A segmentation that will mask.
    labels: Option<(Labels, Arc<Upload>)>,
}

/// A segmentation on the card.
#[derive(Debug, Clone)]
pub(super) struct Labels {
    pub(super) texture: Handle<Image>,
    /// Which one it is.
    pub(super) hash: Option<ContentHash>,
    /// It is larger than the adapter's textures, so that `texture` holds nothing.
    pub(super) refused: bool,
}

impl Coming {
    /// Add an image that is needed before anything is drawn.
    pub(super) fn need(&mut self, uploads: &Uploads, images: &mut Assets<Image>, image: Image) -> Handle<Image> {
        let (handle, upload) = uploads.begin(images, image);
        self.needed.extend(upload);
        handle
    }

    /// Add the segmentation that masks from the beginning, or what stands for none.
    pub(super) fn need_labels(
        &mut self,
        uploads: &Uploads,
        images: &mut Assets<Image>,
        labels: Option<(ContentHash, Option<Image>)>,
    ) -> Labels {
        let hash = labels.as_ref().map(|(hash, _)| *hash);
        let refused = labels.as_ref().is_some_and(|(_, image)| image.is_none());
        let image = labels.and_then(|(_, image)| image).unwrap_or_else(no_labels);
        Labels { texture: self.need(uploads, images, image), hash, refused }
    }

    /// Add a segmentation that takes the place of another; that one masks until it is there. Returns it if it is at once.
    pub(super) fn mask(
        &mut self,
        uploads: &Uploads,
        images: &mut Assets<Image>,
        (hash, image): (ContentHash, Option<Image>),
    ) -> Option<Labels> {
        let refused = image.is_none();
        let (texture, upload) = uploads.begin(images, image.unwrap_or_else(no_labels));
        let labels = Labels { texture, hash: Some(hash), refused };
        match upload {
            Some(upload) => {
                self.labels = Some((labels, upload));
                None
            }
            None => {
                self.labels = None;
                Some(labels)
            }
        }
    }

    /// Look what arrived, a segmentation into `labels`; `wake` asks for the next frame, with which the next slabs go.
    pub(super) fn look(&mut self, labels: &mut Labels, wake: &(dyn Fn() + Send + Sync)) {
        self.needed.retain(|upload| !upload.is_done());
        if let Some((arrived, _)) = self.labels.take_if(|(_, upload)| upload.is_done()) {
            *labels = arrived;
        }
        if self.is_needed() || self.labels.is_some() {
            wake();
        }
    }

    /// The segmentation that is on its way.
    pub(super) fn labels_hash(&self) -> Option<ContentHash> {
        self.labels.as_ref().and_then(|(labels, _)| labels.hash)
    }

    /// Whether nothing can be drawn yet.
    pub(super) fn is_needed(&self) -> bool {
        !self.needed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::asset::RenderAssetUsages;
    use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
    use std::cell::Cell;

    /// More than one slab.
    fn large() -> Image {
        let size = Extent3d { width: 512, height: 512, depth_or_array_layers: 200 };
        let bytes = vec![0; 512 * 512 * 200];
        Image::new(size, TextureDimension::D3, bytes, TextureFormat::R8Uint, RenderAssetUsages::RENDER_WORLD)
    }

    #[test]
    fn a_segmentation_masks_once_all_of_it_is_there() {
        let (uploads, mut images, mut coming) = (Uploads::default(), Assets::default(), Coming::default());
        let [old, new] = [b"old", b"new"].map(|name| {
            let mut hasher = crate::base::ContentHasher::default();
            hasher.array(name);
            hasher.finish()
        });
        let mut labels = coming.need_labels(&uploads, &mut images, Some((old, None)));
        assert!(labels.refused && !coming.is_needed(), "what stands for none is small");
        assert!(coming.mask(&uploads, &mut images, (new, Some(large()))).is_none(), "50 MB take two frames");
        assert_eq!(coming.labels_hash(), Some(new));
        std::thread_local!(static WOKEN: Cell<usize> = const { Cell::new(0) });
        let wake = || WOKEN.set(WOKEN.get() + 1);
        coming.look(&mut labels, &wake);
        assert_eq!((labels.hash, WOKEN.get()), (Some(old), 1), "the old one masks, and a frame is asked for");
        // A smaller one that came later takes its place at once, and the large one is given up.
        let at_once = coming.mask(&uploads, &mut images, (old, Some(no_labels()))).expect("it is small");
        assert!(!at_once.refused && coming.labels_hash().is_none());
        coming.look(&mut labels, &wake);
        assert_eq!(WOKEN.get(), 1, "nothing is on its way");
    }
}
