//! When the next frame comes: at once while something moves, a few times a second while a job runs, otherwise never.

use super::panels::Desk;
use super::pictures::Filming;
use super::scene::Scene;
use super::screenshot::Started;
use crate::app::drive::Driver;
use crate::app::session::{TheSession, wake};
use bevy::prelude::*;
use bevy::window::RequestRedraw;
use bevy::winit::{EventLoopProxyWrapper, UpdateMode, WinitSettings};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// Between two looks at the progress of jobs.
const JOBS: Duration = Duration::from_millis(100);
/// The same where a processor draws the panels: each look takes it from the jobs for about 60 ms.
const JOBS_SOFTWARE: Duration = Duration::from_millis(300);
/// The event loop itself never wakes us; this is as good as never.
const NEVER: Duration = Duration::from_secs(1 << 20);

/// A thread that wakes the window at a given moment.
///
/// Not the event loop's own timer: changing that one costs a frame by itself, and so never comes to rest.
#[derive(Resource, Clone, Default)]
struct Alarm(Arc<(Mutex<Option<Instant>>, Condvar)>);

impl Alarm {
    fn set(&self, at: Option<Instant>) {
        let (time, changed) = &*self.0;
        if let Ok(mut time) = time.lock()
            && *time != at
        {
            *time = at;
            changed.notify_one();
        }
    }

    /// Wait for alarms until the program ends.
    fn run(&self, ring: &dyn Fn()) {
        let (time, changed) = &*self.0;
        let Ok(mut at) = time.lock() else { return };
        loop {
            let left = at.map(|at| at.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                *at = None;
                ring();
                continue;
            }
            let waited = changed.wait_timeout(at, left.unwrap_or(NEVER));
            let Ok((next, _)) = waited else { return };
            at = next;
        }
    }
}

/// How the event loop is set: it reacts to what happens in the window and to wake-ups, and to nothing else.
pub(crate) fn settings() -> WinitSettings {
    let mode = UpdateMode::reactive_low_power(NEVER);
    WinitSettings { focused_mode: mode, unfocused_mode: mode }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Alarm>();
    app.add_systems(PostStartup, start_alarm);
    app.add_systems(Last, plan_next_frame);
}

fn start_alarm(alarm: Res<Alarm>, proxy: Option<Res<EventLoopProxyWrapper>>) {
    let Some(proxy) = proxy else { return };
    let (alarm, ring) = (alarm.clone(), wake(&proxy));
    let thread = std::thread::Builder::new().name("alarm".into()).spawn(move || alarm.run(&*ring));
    if let Err(error) = thread {
        error!(%error, "the system refused a thread; progress of jobs is shown only while the mouse moves");
    }
}

fn plan_next_frame(
    scene: Res<Scene>,
    desk: Res<Desk>,
    session: NonSend<TheSession>,
    started: Res<Started>,
    filming: Res<Filming>,
    driver: Option<Res<Driver>>,
    plan: Option<Res<super::plan::Stream>>,
    alarm: Res<Alarm>,
    mut redraw: ResMut<Messages<RequestRedraw>>,
) {
    let look = if scene.software() { JOBS_SOFTWARE } else { JOBS };
    let works = session.get().jobs().iter().any(|job| !job.paused);
    let jobs = works.then_some(look);
    let wishes =
        [scene.wants_frame_in(), jobs, desk.wants_frame_in(), started.wants_frame_in(), filming.wants_frame_in()];
    trace!(scene = ?wishes[0], jobs = ?wishes[1], panels = ?wishes[2], test = ?wishes[3], picture = ?wishes[4], "the next frame");
    let driven = driver.and_then(|driver| driver.wants_frame_in());
    let planned = plan.and_then(|plan| plan.wants_frame_in());
    let wait = wishes.into_iter().chain([driven, planned]).flatten().min();
    // Others ask for frames too eagerly: bevy_egui asks at once for what egui wants in half a second.
    redraw.clear();
    if wait == Some(Duration::ZERO) {
        redraw.write(RequestRedraw);
    }
    alarm.set(wait.filter(|wait| !wait.is_zero()).and_then(|wait| Instant::now().checked_add(wait)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn an_alarm_rings_at_its_time_once_and_can_be_moved() {
        let (alarm, (sender, rings)) = (Alarm::default(), channel());
        let watcher = alarm.clone();
        std::thread::Builder::new().spawn(move || watcher.run(&|| sender.send(()).unwrap())).unwrap();
        alarm.set(Some(Instant::now() + Duration::from_secs(3600)));
        assert!(rings.recv_timeout(Duration::from_millis(30)).is_err());
        alarm.set(Some(Instant::now() + Duration::from_millis(20)));
        assert!(rings.recv_timeout(Duration::from_secs(10)).is_ok());
        assert!(rings.recv_timeout(Duration::from_millis(60)).is_err(), "an alarm rings once");
    }
}
