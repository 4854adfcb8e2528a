//! Materials: what turns meshes into pixels. Shaders lie in `shaders/view` and are embedded into the program.

mod gamma;
mod line_material;
mod lists;
mod maps;
mod outline;
mod shaders;
mod slabs;
mod surface_material;
mod volume;

pub(super) use gamma::{ShownIn, WINDOW_SPACE, picture, target};
pub(super) use line_material::{LineMaterial, lines};
pub(super) use maps::ColourMaps;
pub(super) use outline::{Outline, OutlineUniform, Outlines};
pub(super) use shaders::is_software;
pub(super) use slabs::{Upload, Uploads};
pub(super) use surface_material::{NO_CUTS, SurfaceMaterial, SurfaceUniform};
pub(super) use volume::{
    FRAGMENTS_IN_PICTURES, FRAGMENTS_ON_SCREEN, PLANES_MAX, RenderedVolume, ShowsVolume, VolumeParts, VolumeUniform,
    fragment_lists, fragments_max, sorts_fragments,
};

/// Materials, their shaders and the colour maps they share.
pub(super) fn plugin(app: &mut bevy::app::App) {
    shaders::plugin(app);
    gamma::plugin(app);
    slabs::plugin(app);
    maps::plugin(app);
    surface_material::plugin(app);
    line_material::plugin(app);
    volume::plugin(app);
    outline::plugin(app);
    lists::plugin(app);
}
