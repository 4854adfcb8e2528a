//! The thread that turns a scan and a transfer function into textures.

use crate::base::{ContentHash, courtesy, parallel};
use crate::image::texels::{Bricks, Encoding, TABLE, Table, Texels, f16_bits, f16_value, reduction};
use crate::image::transfer::TransferFunction;
use crate::image::{LabelMap, Scan, Window};
use bevy::asset::RenderAssetUsages;
use bevy::prelude::{Image, Resource};
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// A coarse stand-in for moving has at most this part of the texels.
const COARSE_PART: usize = 6;
/// Texels for shadows at most, all together and along a side.
const SHADOW_TEXELS: usize = 1 << 20;
const SHADOW_SIDE: usize = 128;

/// What of a view changes textures.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    pub(super) transfer: TransferFunction,
    /// The display window, where that decides what is seen.
    pub(super) window: Option<Window>,
    pub(super) cinematic: bool,
}

/// What to prepare.
pub(super) struct Order {
    /// Orders are numbered.
    pub(super) number: u64,
    pub(super) hash: ContentHash,
    pub(super) scan: Arc<Scan>,
    pub(super) look: Look,
    pub(super) labels: Option<(ContentHash, LabelMap)>,
    /// The labels that the scene has already.
    pub(super) labels_there: Option<ContentHash>,
    /// Texels along a side at most.
    pub(super) side_max: usize,
    /// Texels all together at most.
    pub(super) texels_max: usize,
    /// Whether a stand-in is wanted for the time the camera moves.
    pub(super) coarse: bool,
    /// The values are wanted even if they were sent before: the scene gave them up meanwhile.
    pub(super) whole: bool,
}

/// Textures ready for upload.
pub(super) struct Woven {
    pub(super) number: u64,
    pub(super) hash: ContentHash,
    /// The values, if this is another scan than last time.
    pub(super) texels: Option<WovenTexels>,
    pub(super) look: WovenLook,
    /// The labels, if the scene has them not yet; no image where they are larger than the adapter's textures.
    pub(super) labels: Option<(ContentHash, Option<Image>)>,
}

/// The values of a scan.
pub(super) struct WovenTexels {
    pub(super) encoding: Encoding,
    pub(super) factor: [usize; 3],
    pub(super) dims: [usize; 3],
    pub(super) fine: Image,
    /// A coarser one and how many fine texels one of its texels holds.
    pub(super) coarse: Option<(Image, [usize; 3])>,
}

/// What a transfer function makes of them.
pub(super) struct WovenLook {
    pub(super) table: Image,
    pub(super) place: [f32; 2],
    pub(super) skips: Image,
    pub(super) extinctions: Image,
    pub(super) extinction_factor: [usize; 3],
    pub(super) extinction_dims: [usize; 3],
}

/// The scan prepared last.
struct Prepared {
    hash: ContentHash,
    encoding: Encoding,
    bricks: Bricks,
    range: [f32; 2],
    /// For shadows; its factor counts fine texels.
    low: Texels,
}

/// The thread.
#[derive(Resource)]
pub(super) struct Loom {
    orders: Sender<Order>,
    woven: Mutex<Receiver<Woven>>,
}

impl Loom {
    /// Start the thread; `wake` is called when something is ready.
    pub(super) fn start(wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        let (orders, inbox) = channel::<Order>();
        let (outbox, woven) = channel();
        courtesy::spawn("volume-textures", move || {
            let mut prepared = None;
            while let Ok(first) = inbox.recv() {
                // While a slider is dragged only the newest look counts.
                let order = inbox.try_iter().last().unwrap_or(first);
                if outbox.send(parallel::install(|| weave(order, &mut prepared))).is_err() {
                    return;
                }
                wake();
            }
        })?;
        Ok(Self { orders, woven: Mutex::new(woven) })
    }

    pub(super) fn order(&self, order: Order) {
        if self.orders.send(order).is_err() {
            tracing::error!("the thread that prepares volumes has ended; the rendered volume stays as it is");
        }
    }

    /// The next textures that are ready.
    pub(super) fn next(&self) -> Option<Woven> {
        self.woven.lock().ok()?.try_recv().ok()
    }
}

fn weave(order: Order, kept: &mut Option<Prepared>) -> Woven {
    let Order { number, hash, scan, look, labels, labels_there, side_max, texels_max, coarse, whole } = order;
    let since = std::time::Instant::now();
    let mut texels = None;
    let prepared = match kept.take().filter(|prepared| prepared.hash == hash && !whole) {
        Some(prepared) => prepared,
        None => {
            let (prepared, woven) = prepare(hash, &scan, side_max, texels_max, coarse);
            texels = Some(woven);
            prepared
        }
    };
    let labels = labels
        .filter(|(hash, _)| texels.is_some() || labels_there != Some(*hash))
        .map(|(hash, labels)| (hash, label_texture(&labels, side_max)));
    let look = dyed(&prepared, &look);
    tracing::debug!(ms = since.elapsed().as_secs_f64() * 1e3, whole = texels.is_some(), "a volume was prepared");
    *kept = Some(prepared);
    Woven { number, hash, texels, look, labels }
}

fn prepare(
    hash: ContentHash,
    scan: &Scan,
    side_max: usize,
    texels_max: usize,
    coarse: bool,
) -> (Prepared, WovenTexels) {
    let (grid, encoding) = (scan.grid(), Encoding::of(scan));
    let spacing = grid.spacing_mm();
    let factor = reduction(grid.dims(), spacing, side_max, texels_max);
    let fine = Texels::of(scan, &encoding, factor);
    let texel_mm = [0, 1, 2].map(|axis| spacing[axis] * factor[axis] as f64);
    let bricks = Bricks::of(&fine);
    let range = bricks.range().unwrap_or([0.0, 1.0]);
    let stand_in = coarse.then(|| {
        let by = reduction(fine.dims, texel_mm, side_max, fine.bits.len() / COARSE_PART);
        (halves(fine.coarser(by)), by)
    });
    let by = reduction(fine.dims, texel_mm, SHADOW_SIDE, SHADOW_TEXELS);
    let low = Texels { factor: by, ..fine.coarser(by) };
    let dims = fine.dims;
    let woven = WovenTexels { encoding, factor, dims, fine: halves(fine), coarse: stand_in };
    (Prepared { hash, encoding, bricks, range, low }, woven)
}

/// What depends on the transfer function or the display window.
fn dyed(prepared: &Prepared, look: &Look) -> WovenLook {
    let table = Table::of(&look.transfer, &prepared.encoding, prepared.range);
    let skips = match look.window {
        Some(window) => {
            let black = prepared.encoding.stored(window.level - 0.5 * window.width.abs());
            prepared.bricks.skips(|range| black < range[1])
        }
        None => prepared.bricks.skips(|range| table.is_seen(range)),
    };
    let bytes: Vec<u8> = bytemuck::cast_slice(&table.halves()).to_vec();
    let colours = texture([TABLE, 1, 1], TextureDimension::D2, TextureFormat::Rgba16Float, bytes);
    let low = &prepared.low;
    let (dims, extinctions) = if look.cinematic {
        let bits = low.bits.iter().map(|bits| f16_bits(table.extinction(f16_value(*bits)))).collect();
        (low.dims, halves(Texels { bits, ..low.clone() }))
    } else {
        let one = Texels { dims: [1; 3], factor: [1; 3], bits: vec![0] };
        (low.dims, halves(one))
    };
    WovenLook {
        table: colours,
        place: table.place(),
        skips: texture(skips.dims, TextureDimension::D3, TextureFormat::R8Uint, skips.distances),
        extinctions,
        extinction_factor: low.factor,
        extinction_dims: dims,
    }
}

fn halves(texels: Texels) -> Image {
    let bytes = bytemuck::cast_slice(&texels.bits).to_vec();
    texture(texels.dims, TextureDimension::D3, TextureFormat::R16Float, bytes)
}

fn texture(dims: [usize; 3], dimension: TextureDimension, format: TextureFormat, bytes: Vec<u8>) -> Image {
    let [width, height, depth_or_array_layers] = dims.map(|n| n as u32);
    let size = Extent3d { width, height, depth_or_array_layers };
    Image::new(size, dimension, bytes, format, RenderAssetUsages::RENDER_WORLD)
}

/// One label per voxel; none where the adapter has no texture of that size.
fn label_texture(labels: &LabelMap, side_max: usize) -> Option<Image> {
    let dims = labels.grid().dims();
    if dims.into_iter().any(|n| side_max < n) {
        tracing::warn!(?dims, side_max, "the segmentation is larger than this graphics adapter's textures; no mask");
        return None;
    }
    Some(texture(dims, TextureDimension::D3, TextureFormat::R8Uint, labels.to_volume().into_voxels()))
}

/// In place of a segmentation where nothing is masked.
pub(super) fn no_labels() -> Image {
    texture([1; 3], TextureDimension::D3, TextureFormat::R8Uint, vec![0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geom::{Grid, Point};
    use crate::image::{Modality, Volume, Voxels};

    fn order(number: u64, dims: [usize; 3], texels_max: usize, whole: bool) -> Order {
        let grid = Grid::aligned(dims, Point::origin(), [0.8, 0.8, 2.5]).unwrap();
        let voxels = (0..grid.len()).map(|n| if n.is_multiple_of(97) { 700 } else { -1000 }).collect();
        let voxels = Voxels::I16(Volume::new(grid, voxels).unwrap());
        let scan = Arc::new(Scan { voxels, modality: Modality::Ct, window: None, facts: Vec::new() });
        let transfer =
            TransferFunction { opacity: vec![(-16.0, 0.0), (641.0, 0.7)], colours: Vec::new(), shading: None };
        let look = Look { transfer, window: None, cinematic: number.is_multiple_of(2) };
        Order {
            number,
            hash: scan.content_hash(),
            scan,
            look,
            labels: None,
            labels_there: None,
            side_max: 64,
            texels_max,
            coarse: true,
            whole,
        }
    }

    #[test]
    fn values_are_prepared_once_and_looks_each_time() {
        let mut kept = None;
        let first = weave(order(1, [40, 30, 1], 1 << 20, true), &mut kept);
        assert_eq!(first.texels.as_ref().map(|texels| (texels.factor, texels.dims)), Some(([1; 3], [40, 30, 1])));
        let second = weave(order(2, [40, 30, 1], 1 << 20, false), &mut kept);
        assert!(second.texels.is_none());
        assert!(1 < second.look.extinctions.data.as_ref().unwrap().len() / 2, "shadows need their volume");
        let again = weave(order(2, [40, 30, 1], 1 << 20, true), &mut kept);
        assert!(again.texels.is_some(), "the scene gave the values up and wants them again");
        let other = weave(order(3, [100, 30, 3], 1 << 10, false), &mut kept);
        let texels = other.texels.unwrap();
        assert!(texels.dims.iter().product::<usize>() <= 1 << 10 && texels.dims.iter().all(|n| *n <= 64));
    }
}
