//! Commands in, case out: undo, jobs, case files, crashes, replay.
#![expect(clippy::unwrap_used, reason = "tests")]

mod alone;
mod batch;
mod circulation;
mod crash;
mod desk;
mod editor;
mod files;
mod filters;
mod flow;
mod flow_setup;
mod flow_results;
mod fronts;
mod history;
mod info;
mod jobs;
mod measures;
mod meshes;
mod odd;
mod operate;
mod needle;
mod network;
mod organs;
mod places;
mod real_scans;
mod seeds;
mod segments;
mod surfaces;
mod tissue;
mod tissue_laws;
mod transport;
mod vessels;
mod waves;
