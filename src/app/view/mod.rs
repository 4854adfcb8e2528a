//! The frame: panels, the camera of the 3D scene, what the mouse does in it, and when to draw at all.

mod asking;
mod audience;
mod beside;
mod chords;
mod circulation;
mod covered;
mod crowd;
mod flow_setup;
mod grip;
mod labels;
mod live;
mod operate;
mod panels;
mod pick;
mod pictures;
mod plan;
mod power;
mod pull;
mod quality;
mod scene;
mod screenshot;
mod skin;
mod system;

pub(super) use audience::Audience;
pub(super) use panels::{Desk, show_panels};
pub(super) use pictures::Filming;
pub(super) use power::settings;
#[cfg(test)]
pub(super) use scene::AUDIENCE;
pub(super) use scene::{FIRST, SECOND, Scene, SceneCamera};
pub(super) use screenshot::Started;

/// Everything that happens once a frame outside session and mirror.
pub(super) fn plugin(app: &mut bevy::app::App) {
    chords::plugin(app);
    scene::plugin(app);
    panels::plugin(app);
    pull::plugin(app);
    operate::plugin(app);
    circulation::plugin(app);
    flow_setup::plugin(app);
    plan::plugin(app);
    pick::plugin(app);
    labels::plugin(app);
    covered::plugin(app);
    crowd::plugin(app);
    power::plugin(app);
    pictures::plugin(app);
    screenshot::plugin(app);
    audience::plugin(app);
    system::plugin(app);
}
