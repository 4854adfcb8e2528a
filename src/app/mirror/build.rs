//! From a surface in patient space to a mesh for the graphics card, on a thread of its own.

use super::drawable::Drawable;
use crate::app::space::{bevy_from_direction, bevy_from_patient};
use crate::base::{NodeId, courtesy, parallel};
use crate::geom::Aabb;
use crate::image::Colormap;
use crate::mesh::bvh::Bvh;
use crate::mesh::{Field, Surface};
use bevy::asset::RenderAssetUsages;
use bevy::mesh::{Indices, Mesh, PrimitiveTopology, VertexAttributeValues};
use rayon::prelude::*;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

/// Triangles above which a coarser stand-in is made for the time the camera moves.
pub(super) const COARSE_ABOVE: usize = 150_000;
/// Triangles of a stand-in.
const COARSE_TRIANGLES: usize = 60_000;

/// An end of a colour range may lie this far outside the middle 98 % of values, as a part of their spread.
const STRETCH_MAX: f64 = 0.25;

/// What to build.
pub(super) struct Order {
    /// For which node.
    pub(super) node: NodeId,
    /// Orders of a node are numbered; older ones are thrown away.
    pub(super) number: u64,
    pub(super) drawable: Drawable,
    pub(super) field: Option<String>,
    /// Whether a stand-in is wanted.
    pub(super) coarse: bool,
}

/// A mesh ready for upload.
pub(super) struct Built {
    pub(super) node: NodeId,
    pub(super) number: u64,
    pub(super) mesh: Mesh,
    pub(super) coarse: Option<Mesh>,
    pub(super) bounds: Aabb,
    /// For picking.
    pub(super) bvh: Arc<Bvh>,
    pub(super) shade: Option<Shade>,
    /// Why some of its values are not valid.
    pub(super) invalid_because: Option<String>,
}

/// A field as it colours a surface.
#[derive(Debug, Clone)]
pub(crate) struct Shade {
    pub(crate) field: Field,
    pub(crate) map: Colormap,
    pub(crate) range: [f64; 2],
    /// Whether values lie below and above the range; they are shown in the colours of its ends.
    pub(crate) beyond: [bool; 2],
}

impl Shade {
    /// A field with the map and range it is shown with.
    pub(crate) fn of(field: Field) -> Option<Self> {
        let ends = field.range()?;
        let map = Colormap::for_field(&field.name, ends);
        Some(Self { map, range: map.range(ends), beyond: [false; 2], field })
    }

    /// The same for a field with a few extreme values, which would leave one colour for all others: ends that the outer
    /// hundredth stretches by more than [`STRETCH_MAX`] of the rest are cut there.
    pub(crate) fn without_extremes(field: Field) -> Option<Self> {
        let [least, most] = field.range()?;
        let mut values: Vec<f64> = field.values.iter().copied().filter(|value| value.is_finite()).collect();
        let part = values.len() / 100;
        if part == 0 {
            return Self::of(field);
        }
        let last = values.len() - 1 - part;
        let low = *values.select_nth_unstable_by(part, f64::total_cmp).1;
        let high = *values.select_nth_unstable_by(last, f64::total_cmp).1;
        let far = STRETCH_MAX * (high - low);
        let ends = [if low - least > far { low } else { least }, if most - high > far { high } else { most }];
        if high <= low || ends == [least, most] {
            return Self::of(field);
        }
        let map = Colormap::for_field(&field.name, ends);
        let range = map.range(ends);
        Some(Self { map, range, beyond: [least < range[0], range[1] < most], field })
    }

    /// Where `value` lies between the ends of the map.
    pub(crate) fn fraction(&self, value: f64) -> f32 {
        let [low, high] = self.range;
        ((value - low) / (high - low)) as f32
    }
}

/// The thread that builds meshes.
pub(super) struct Builder {
    orders: Sender<Order>,
    built: std::sync::Mutex<Receiver<Built>>,
}

impl Builder {
    /// Start the thread; `wake` is called when something is ready.
    pub(super) fn start(wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Self> {
        let (orders, inbox) = channel::<Order>();
        let (outbox, built) = channel();
        courtesy::spawn("mesh-builder", move || {
            for order in inbox {
                if outbox.send(parallel::install(|| build(order))).is_err() {
                    return;
                }
                wake();
            }
        })?;
        Ok(Self { orders, built: std::sync::Mutex::new(built) })
    }

    pub(super) fn order(&self, order: Order) {
        if self.orders.send(order).is_err() {
            tracing::error!("the thread that builds meshes has ended; new objects will not be drawn");
        }
    }

    /// The next mesh that is ready.
    pub(super) fn next(&self) -> Option<Built> {
        self.built.lock().ok()?.try_recv().ok()
    }
}

fn build(order: Order) -> Built {
    let Order { node, number, drawable, field, coarse } = order;
    let is_simulated = matches!(drawable, Drawable::Flow(..) | Drawable::Tissue(..));
    let (surface, field, invalid_because) = drawable.checked(field.as_deref());
    // A displacement is smooth and its peak is what one looks for; pressure, shear and stress have peaks at edges.
    let has_extremes = is_simulated && field.as_ref().is_some_and(|field| field.name != "displacement");
    let shade = field.and_then(if has_extremes { Shade::without_extremes } else { Shade::of });
    let values = shade.as_ref().map(fractions);
    let normals = normals(&surface);
    let positions: Vec<[f32; 3]> =
        surface.positions().par_iter().map(|point| bevy_from_patient(point).to_array()).collect();
    let coarse = (coarse && COARSE_ABOVE < surface.triangles().len())
        .then(|| stand_in(&positions, &normals, values.as_deref(), surface.triangles()));
    let mesh = mesh(positions, normals, values, surface.triangles().as_flattened().to_vec());
    let bvh = Arc::new(Bvh::new(&surface));
    Built { node, number, mesh, coarse, bounds: surface.bounds(), bvh, shade, invalid_because }
}

/// A mesh of `surface`, coloured by `shade`; `marks` from 0 to 1 stress a patch. On all threads, also for the window.
pub(crate) fn surface_mesh(surface: &Surface, shade: Option<&Shade>, marks: Option<&[f32]>) -> Mesh {
    parallel::at_once(|| {
        let positions = surface.positions().par_iter().map(|point| bevy_from_patient(point).to_array()).collect();
        let indices = surface.triangles().as_flattened().to_vec();
        let mut mesh = mesh(positions, normals(surface), shade.map(fractions), indices);
        if let (Some(marks), Some(VertexAttributeValues::Float32x2(uvs))) =
            (marks, mesh.attribute_mut(Mesh::ATTRIBUTE_UV_0))
        {
            uvs.iter_mut().zip(marks).filter(|(uv, _)| 0.0 <= uv[1]).for_each(|(uv, mark)| uv[1] = *mark);
        }
        mesh
    })
}

/// Where each value lies in the colour map, 0 to 1; NaN where there is no valid value.
pub(super) fn fractions(shade: &Shade) -> Vec<f32> {
    let part = |value: &f64| if value.is_finite() { shade.fraction(*value) } else { f32::NAN };
    shade.field.values.par_iter().map(part).collect()
}

/// What the surface shader reads of a value: a vertex without one makes all its triangles invalid, for what would be
/// interpolated there means nothing.
fn uv(value: f32) -> [f32; 2] {
    if value.is_finite() { [value, 0.0] } else { [0.0, -1.0] }
}

/// Vertex normals in Bevy's space.
pub(super) fn normals(surface: &Surface) -> Vec<[f32; 3]> {
    surface.vertex_normals().par_iter().map(|normal| bevy_from_direction(normal).to_array()).collect()
}

/// A mesh of triangles; `values` go where the surface shader looks them up.
pub(super) fn mesh(
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    values: Option<Vec<f32>>,
    indices: Vec<u32>,
) -> Mesh {
    let uvs: Vec<[f32; 2]> = match values {
        Some(values) => values.into_iter().map(uv).collect(),
        None => vec![[0.0; 2]; positions.len()],
    };
    Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals)
        .with_inserted_attribute(Mesh::ATTRIBUTE_UV_0, uvs)
        .with_inserted_indices(Indices::U32(indices))
}

/// A coarser mesh of the same look for the time the camera moves; topology may change.
fn stand_in(positions: &[[f32; 3]], normals: &[[f32; 3]], values: Option<&[f32]>, triangles: &[[u32; 3]]) -> Mesh {
    let bytes: &[u8] = bytemuck::cast_slice(positions);
    let flat = triangles.as_flattened();
    let coarse = match meshopt::VertexDataAdapter::new(bytes, size_of::<[f32; 3]>(), 0) {
        Ok(vertices) => meshopt::simplify_sloppy(flat, &vertices, COARSE_TRIANGLES * 3, 0.05, None),
        Err(_) => flat.to_vec(),
    };
    let mut place = vec![u32::MAX; positions.len()];
    let mut kept = Vec::new();
    let indices = coarse.into_iter().map(|old| {
        let new = &mut place[old as usize];
        if *new == u32::MAX {
            *new = kept.len() as u32;
            kept.push(old as usize);
        }
        *new
    });
    let indices = indices.collect();
    let [p, n] = [positions, normals].map(|all| kept.iter().map(|v| all[*v]).collect());
    mesh(p, n, values.map(|values| kept.iter().map(|v| values[*v]).collect()), indices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vertex_without_a_valid_value_is_marked_for_the_shader() {
        let values = vec![2.0, f64::NAN, 4.0, f64::INFINITY];
        let shade = Shade {
            field: Field::new("speed", "m/s", values),
            map: Colormap::Viridis,
            range: [2.0, 4.0],
            beyond: [false; 2],
        };
        let uvs: Vec<[f32; 2]> = fractions(&shade).into_iter().map(uv).collect();
        assert_eq!(uvs, [[0.0, 0.0], [0.0, -1.0], [1.0, 0.0], [0.0, -1.0]]);
    }

    #[test]
    fn a_field_without_a_number_colours_nothing() {
        for values in [vec![f64::NAN; 300], vec![f64::INFINITY; 300], vec![f64::NEG_INFINITY, f64::NAN], Vec::new()] {
            let field = || Field::new("pressure", "Pa", values.clone());
            assert!(Shade::of(field()).is_none() && Shade::without_extremes(field()).is_none(), "{values:?}");
        }
        let one = Shade::of(Field::new("pressure", "Pa", vec![f64::NAN, 7.0])).unwrap();
        assert!(one.range[0] < one.range[1] && one.range.iter().all(|end| end.is_finite()), "{:?}", one.range);
        assert!(fractions(&one)[1].is_finite());
    }

    #[test]
    fn a_few_extreme_values_do_not_rule_the_colours() {
        let mut values: Vec<f64> = (0..1000).map(|n| 1.0 + f64::from(n) / 1000.0).collect();
        let even = Shade::without_extremes(Field::new("pressure", "Pa", values.clone())).unwrap();
        assert_eq!((even.range, even.beyond), ([1.0, 1.0 + 999.0 / 1000.0], [false, false]));
        values[500] = 80.0;
        let peaked = Shade::without_extremes(Field::new("pressure", "Pa", values)).unwrap();
        assert_eq!(peaked.beyond, [false, true]);
        assert!(peaked.range[0] == 1.0 && (1.98..2.0).contains(&peaked.range[1]), "{:?}", peaked.range);
    }
}
