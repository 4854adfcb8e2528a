//! Pictures of the case: each file watches one kind of node and keeps entities, meshes and textures in step with it.
//!
//! A mirror compares hashes and display settings with what it built last; nothing is ever read back out of entities.

mod arrows;
mod build;
mod cut;
mod cut_face;
mod drawable;
mod edited;
mod flow;
mod comparison;
mod guest;
mod layers;
mod legend;
mod other_slices;
mod outlines;
mod particles;
mod scales;
mod slices3d;
mod surfaces;
mod target;
mod texels;
mod tubes;
mod volume;

pub(super) use build::{Shade, surface_mesh};
pub(super) use comparison::Comparison;
pub(super) use drawable::in_mmhg;
pub(super) use guest::{Guest, PlanPart};
pub(super) use particles::Particles;
pub(super) use surfaces::{Shown, Surfaces};
pub(super) use target::{Target, pointed_at};

/// All mirrors.
pub(super) fn plugin(app: &mut bevy::app::App) {
    surfaces::plugin(app);
    edited::plugin(app);
    slices3d::plugin(app);
    flow::plugin(app);
    guest::plugin(app);
    comparison::plugin(app);
    other_slices::plugin(app);
    layers::plugin(app);
    particles::plugin(app);
    legend::plugin(app);
    scales::plugin(app);
    volume::plugin(app);
    outlines::plugin(app);
    cut_face::plugin(app);
    arrows::plugin(app);
}
