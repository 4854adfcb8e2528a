//! The command line: every button of the window without a window.
//!
//! Standard output carries results only (text, or JSON with `--json`); progress and logs go to standard error.
//! Exit codes: 0 done; 1 something failed, or a verification row did not pass; 2 the words of the call are off.

mod args;
mod cohort;
mod demo;
mod flow;
mod info;
mod network;
mod print;
mod prove;
mod run;
mod script;
mod view;

use crate::proof::bench;
use args::{Args, Call};
use clap::Parser;
use std::process::ExitCode;

/// Why a call ended with exit code 1 (or 2 for wrong words).
#[derive(Debug)]
pub(crate) enum Failure {
    /// What went wrong, one sentence.
    Failed(String),
    /// The words of the call are off.
    Usage(String),
}

impl<E: std::error::Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(print::with_causes(&error))
    }
}

/// Read the call, do it, and say how it ended.
pub fn main() -> ExitCode {
    crate::base::memory::give_back();
    let args = Args::parse();
    print::start_logs(args.verbose, matches!(args.call, None | Some(Call::View { .. })));
    let result = match args.call {
        None => view::run(view::Wish { path: args.path, ..view::Wish::default() }),
        Some(Call::View { path, screenshot, after_s, drive }) => {
            view::run(view::Wish { path, screenshot, after_s, drive })
        }
        Some(Call::Tools { json }) => run::tools(json),
        Some(Call::Run { tool, param, case, save, log, json }) => {
            run::run(&tool, &param, &run::Files { case, save, log }, json)
        }
        Some(Call::Batch { script, cohort, json, .. }) if cohort.is_asked_for() => cohort::run(&script, &cohort, json),
        Some(Call::Batch { script, case, save, log, json, .. }) => {
            run::batch(&script, &run::Files { case, save, log }, json)
        }
        Some(Call::Replay { log, threads, json }) => run::replay(&log, threads, json),
        Some(Call::Info { path, json }) => info::info(&path, json),
        Some(Call::Network { path, out, json }) => network::network(&path, out.as_deref(), json),
        Some(Call::Flow { input, param, out, checkpoint, every, threads, json }) => {
            flow::flow(&flow::Wish { input, param, out, checkpoint, every_min: every, threads, json })
        }
        Some(Call::Demo { out, only, json }) => demo::demo(&out, only, json),
        Some(Call::Verify { suite, json }) => prove::verify(suite.as_deref(), json),
        Some(Call::Bench { suite, minutes, open, json }) => {
            prove::bench(suite.as_deref(), bench::session::Wish { minutes, open }, json)
        }
    };
    match result {
        Ok(code) => code,
        Err(Failure::Failed(message)) => {
            print::error(&message);
            ExitCode::from(1)
        }
        Err(Failure::Usage(message)) => {
            print::error(&message);
            ExitCode::from(2)
        }
    }
}
