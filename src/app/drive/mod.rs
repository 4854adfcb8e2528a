//! Plays a session by itself: the script of the panels, then cases opened and closed in turn; says how it went.

mod cases;

use self::cases::Openings;
use super::files::Files;
use super::frames::Frames;
use super::mirror::Surfaces;
use super::render::RenderedVolume;
use super::requests::Asked;
use super::run::Drive;
use super::session::TheSession;
use super::ui::script::{Place, Step, round};
use super::ui::{Request, Tone};
use super::view::{Desk, Started};
use crate::io::file::write_whole;
use crate::proof::bench::session::{Report, SlowFrame, Speed};
use bevy::prelude::*;
use bevy_egui::{EguiInput, EguiInputSet, EguiPreUpdateSet, PrimaryEguiContext};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often the window is looked at while it waits for something of its own accord.
const LOOK: Duration = Duration::from_millis(100);
/// A session that is stuck ends after so many times its minutes, and says so.
const PATIENCE: f64 = 4.0;
/// Between two turns of the wheel while a job runs: a person looks on.
const IDLING: Duration = Duration::from_millis(150);

/// What is waited for.
#[derive(Debug)]
enum Wait {
    Frames(u32),
    Until(Instant),
    /// No job and no file operation, at this time at the latest.
    Idle(Instant),
    /// The rendered volume, since when, and what that is called and should take at most.
    Volume(Instant, &'static str, f64),
}

/// How often it is looked whether the volume is there.
const GLANCE: Duration = Duration::from_millis(20);
/// Nobody waits longer for a picture of a volume.
const VOLUME_LIMIT: Duration = Duration::from_secs(60);

/// Frames that are counted: since when, from which, and for which rate.
#[derive(Debug)]
struct Counted {
    since: Instant,
    first: u64,
    what: &'static str,
    target: Option<f64>,
}

/// Where the session stands.
#[derive(Resource, Debug)]
pub(super) struct Driver {
    drive: Drive,
    steps: VecDeque<Step>,
    wait: Wait,
    /// When the first step was done: with the scan on the screen.
    begun: Option<Instant>,
    /// When the wheel was turned last while a job ran, and which way.
    wheel: (Instant, f32),
    openings: Openings,
    counted: Option<Counted>,
    told: Report,
}

impl Driver {
    /// When the next frame is needed.
    pub(super) fn wants_frame_in(&self) -> Option<Duration> {
        Some(match self.wait {
            Wait::Frames(_) => Duration::ZERO,
            // Nobody sees frames while a volume is made ready: drawing them would take the time that is measured.
            Wait::Volume(..) => GLANCE,
            Wait::Until(at) => at.saturating_duration_since(Instant::now()).clamp(Duration::from_millis(1), LOOK),
            Wait::Idle(_) => LOOK,
        })
    }
}

pub(super) fn plugin(app: &mut App) {
    let Some(drive) = app.world().resource::<Started>().options.drive.clone() else { return };
    app.insert_resource(Driver {
        openings: Openings::new(drive.cases.clone(), drive.openings),
        drive,
        steps: VecDeque::new(),
        wait: Wait::Idle(Instant::now() + Duration::from_secs(300)),
        begun: None,
        wheel: (Instant::now(), 1.0),
        counted: None,
        told: Report::default(),
    });
    let between = play.after(EguiInputSet::WriteEguiEvents).before(EguiPreUpdateSet::BeginPass);
    app.add_systems(PreUpdate, between);
}

fn play(
    mut driver: ResMut<Driver>,
    mut frames: ResMut<Frames>,
    mut session: NonSendMut<TheSession>,
    mut files: NonSendMut<Files>,
    mut desk: ResMut<Desk>,
    mut asked: ResMut<Asked>,
    surfaces: Res<Surfaces>,
    rendered: Res<RenderedVolume>,
    mut input: Single<&mut EguiInput, With<PrimaryEguiContext>>,
    mut exit: MessageWriter<AppExit>,
) {
    let driver = &mut *driver;
    input.focused = true;
    let is_asked = !asked.0.is_empty() || !session.get().jobs().is_empty();
    let is_idle = !is_asked && desk.busy.is_none() && files.is_idle() && surfaces.is_complete();
    match &mut driver.wait {
        Wait::Frames(0) => {}
        Wait::Frames(left) => {
            *left -= 1;
            return;
        }
        Wait::Until(at) if Instant::now() < *at => return,
        Wait::Idle(until) if !is_idle && Instant::now() < *until => {
            let (last, notches) = driver.wheel;
            if driver.begun.is_some() && !driver.openings.has_begun() && IDLING <= last.elapsed() {
                driver.wheel = (Instant::now(), -notches);
                let wheel = Step::Wheel(Place(super::ui::script::AXIAL, 0.4, 0.4), notches);
                input.events.extend(desk.workspace.play(&wheel, session.get()));
            }
            return;
        }
        Wait::Idle(until) => {
            if !is_idle && *until <= Instant::now() {
                driver
                    .told
                    .remarks
                    .push(format!("after “{}” the program was still busy; it was not waited for", frames.doing));
                session.steer(|session| {
                    let running: Vec<_> = session.jobs().iter().map(|job| job.id).collect();
                    running.into_iter().for_each(|id| session.cancel(id));
                    false
                });
            }
        }
        Wait::Until(_) => {}
        Wait::Volume(since, what, limit) => {
            let (taken, what, limit) = (since.elapsed(), *what, *limit);
            if rendered.0.is_none() && taken < VOLUME_LIMIT {
                return;
            }
            match rendered.0 {
                Some(_) => {
                    let (what, value) = (what.to_owned(), taken.as_secs_f64());
                    driver.told.speeds.push(Speed { what, value, seconds: true, target: Some(limit) });
                }
                None => driver.told.remarks.push(format!("there was no {what} after {} s", VOLUME_LIMIT.as_secs())),
            }
        }
    }
    driver.wait = Wait::Frames(0);
    let begun = *driver.begun.get_or_insert_with(|| {
        frames.restart();
        // Nobody is there to be asked.
        desk.workspace.offers_tour = false;
        Instant::now()
    });
    let minutes = begun.elapsed().as_secs_f64() / 60.0;
    loop {
        let Some(step) = driver.steps.pop_front() else {
            // A round that was begun is finished, so that everything was there once.
            // Of no minutes only the cases are asked for.
            let is_first = driver.told.rounds == 0 && 0.0 < driver.drive.minutes;
            if is_first || minutes < driver.drive.minutes {
                driver.told.rounds += 1;
                driver.steps = round().into();
                continue;
            }
            break;
        };
        let late = driver.drive.minutes < minutes && 1 < driver.told.rounds;
        let stuck = PATIENCE * driver.drive.minutes.max(5.0) < minutes;
        match step {
            Step::Chapter(name) => {
                if late || stuck {
                    if stuck {
                        driver.told.remarks.push(format!("ended before “{name}” after {minutes:.0} minutes"));
                    }
                    driver.steps.clear();
                    driver.drive.minutes = 0.0;
                    break;
                }
                info!(chapter = name, minutes, "played");
                frames.chapter(name);
            }
            Step::Frames(count) => {
                driver.wait = Wait::Frames(count);
                return;
            }
            Step::Rest(seconds) => {
                driver.wait = Wait::Until(Instant::now() + Duration::from_secs_f64(seconds));
                return;
            }
            Step::Jobs(seconds) => {
                frames.doing(step.words());
                driver.wait = Wait::Idle(Instant::now() + Duration::from_secs_f64(seconds));
                return;
            }
            Step::Rate(what, target) => {
                driver.counted = Some(Counted { since: Instant::now(), first: frames.count(), what, target });
            }
            Step::Rated => {
                let Some(Counted { since, first, what, target }) = driver.counted.take() else { continue };
                let value = (frames.count() - first) as f64 / since.elapsed().as_secs_f64();
                driver.told.speeds.push(Speed { what: what.to_owned(), value, seconds: false, target });
            }
            Step::VolumeSeen(what, limit) => {
                driver.wait = Wait::Volume(Instant::now(), what, limit);
                return;
            }
            Step::SaveAndReopen => {
                frames.doing("save the case");
                let path = saved_path(&driver.drive);
                if files.is_idle() && files.save(path.clone(), &mut session) {
                    files.after_saving(Request::OpenCase(path));
                }
                driver.wait = Wait::Idle(Instant::now() + Duration::from_secs(300));
                return;
            }
            step => {
                frames.doing(step.words());
                input.events.extend(desk.workspace.play(&step, session.get()));
            }
        }
    }
    if driver.told.frames == 0 {
        tell_of_frames(&mut driver.told, &frames, session.get().log().len());
        driver.told.seconds = begun.elapsed().as_secs_f64();
        if 0 < driver.told.rounds {
            driver.openings.add(saved_path(&driver.drive));
        }
    }
    frames.chapter("cases opened and closed");
    match driver.openings.next(&mut session, &mut files, &mut asked, &mut desk.workspace) {
        Some(wait) => {
            driver.wait = wait;
            return;
        }
        None => driver.told.memory = driver.openings.seen().to_vec(),
    }
    let said = session.messages.iter().filter(|(_, message)| message.tone == Tone::Error);
    driver.told.errors = said.map(|(_, message)| message.text.clone()).collect();
    driver.told.adapter.clone_from(&desk.info.adapter);
    let text = serde_json::to_string_pretty(&driver.told).unwrap_or_default();
    if let Err(error) = write_whole(&driver.drive.report, text.as_bytes()) {
        error!(%error, "how the session went could not be written down");
        exit.write(AppExit::error());
        return;
    }
    exit.write(AppExit::Success);
}

fn saved_path(drive: &Drive) -> PathBuf {
    drive.report.with_file_name("session.prosector")
}

fn tell_of_frames(told: &mut Report, frames: &Frames, commands: usize) {
    let slow = |slow: &super::frames::Slow| SlowFrame { ms: slow.ms, cause: slow.cause.clone() };
    told.frames = frames.count();
    [told.p50_ms, told.p95_ms, told.p99_ms] = frames.quantiles([0.5, 0.95, 0.99]).unwrap_or([f64::NAN; 3]);
    told.slowest = frames.slowest().iter().map(slow).collect();
    told.chapters = frames.chapters().iter().map(|(name, worst)| (name.clone(), slow(worst))).collect();
    told.commands = commands;
}
