//! The words of a call.

use clap::{Args as Group, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Plan, simulate and rehearse an operation on the patient's own digital twin.
///
/// Without a command the window opens. Research and education, not for clinical decisions.
#[derive(Debug, Parser)]
#[command(version, about, after_help = "Exit codes: 0 done, 1 something failed, 2 the words of the call are off.")]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    /// What the window opens: a `.prosector` case, a DICOM folder or file, a mesh, or a log left behind.
    pub(super) path: Option<PathBuf>,
    /// Say more on standard error (-v, -vv).
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    #[command(subcommand)]
    pub(super) call: Option<Call>,
}

/// Which of the two cases of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DemoCase {
    /// The bundled chest CT.
    Chest,
    /// The vessel phantom with a narrowing.
    Vessel,
}

/// Many cases, the same script on each.
#[derive(Debug, Group)]
pub(super) struct Cohort {
    /// Cases to run the script on: `.prosector` files, DICOM folders, images, meshes.
    pub(super) cases: Vec<PathBuf>,
    /// A file with more cases, one path a line.
    #[arg(long)]
    pub(super) list: Option<PathBuf>,
    /// Folder for the results; made if it is not there.
    #[arg(short, long)]
    pub(super) out: Option<PathBuf>,
    /// How many cases at a time; they share the threads.
    #[arg(long, default_value_t = 1)]
    pub(super) jobs: usize,
    /// Only this case, counted from 1.
    #[arg(long)]
    pub(super) only: Option<usize>,
    /// Write a job array for Slurm to this file instead: sbatch FILE runs one case a task.
    #[arg(long)]
    pub(super) slurm: Option<PathBuf>,
    /// Time limit of a task of that array, HH:MM:SS or D-HH:MM:SS.
    #[arg(long, default_value = "04:00:00")]
    pub(super) time: String,
    /// Memory of a task, as 8G.
    #[arg(long, default_value = "8G")]
    pub(super) memory: String,
    /// Processors of a task.
    #[arg(long, default_value_t = 4)]
    pub(super) cpus: usize,
}

impl Cohort {
    /// Whether anything of it was given.
    pub(super) fn is_asked_for(&self) -> bool {
        !self.cases.is_empty()
            || self.list.is_some()
            || self.out.is_some()
            || self.slurm.is_some()
            || self.only.is_some()
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Call {
    /// Open the window, with a case file, a DICOM folder or nothing.
    View {
        /// A `.prosector` case, a DICOM folder or file, or a log left behind.
        path: Option<PathBuf>,
        /// Write a picture of the window to this file and close (for tests).
        #[arg(long, hide = true)]
        screenshot: Option<PathBuf>,
        /// Seconds before that picture.
        #[arg(long, hide = true, default_value_t = 10.0)]
        after_s: f64,
        #[command(flatten)]
        drive: super::view::Drive,
    },
    /// Do the whole job on the bundled chest CT and a vessel phantom, and write meshes, pictures and reports.
    Demo {
        /// Folder for the results; made if it is not there.
        #[arg(short, long)]
        out: PathBuf,
        /// Only one of the two cases.
        #[arg(long)]
        only: Option<DemoCase>,
        /// Print the table as JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the tools and their parameters.
    Tools {
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Run one tool on a case.
    Run {
        /// Id of the tool; `prosector tools` lists them.
        tool: String,
        /// A parameter as NAME=VALUE, with its unit if you like: low_hu=200, by_mm=0,5,0, "radius=1.5 cm".
        #[arg(short, long)]
        param: Vec<String>,
        /// The case to start from; empty without.
        #[arg(long)]
        case: Option<PathBuf>,
        /// Where to save the case afterwards.
        #[arg(long)]
        save: Option<PathBuf>,
        /// Write the running log to this new file: what a killed run leaves behind can be replayed.
        #[arg(long)]
        log: Option<PathBuf>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Run a script, a JSON array of {"tool": …, "params": {…}}, on one case or on many.
    ///
    /// With cases and a folder (-o) the script runs on each: its case, running log and result.json lie in a folder of its
    /// name, and summary.csv has a row for each. Cases that have their result already are not done again. A case that is no
    /// `.prosector` file is imported first, as object 1; relative paths in the script start from the folder of the case.
    Batch {
        /// The script; `-` for standard input.
        script: PathBuf,
        #[command(flatten)]
        cohort: Cohort,
        /// The case to start from; empty without.
        #[arg(long, conflicts_with_all = ["cases", "list", "out"])]
        case: Option<PathBuf>,
        /// Where to save the case afterwards.
        #[arg(long, conflicts_with_all = ["cases", "list", "out"])]
        save: Option<PathBuf>,
        /// Write the running log to this new file: what a killed run leaves behind can be replayed.
        #[arg(long, conflicts_with_all = ["cases", "list", "out"])]
        log: Option<PathBuf>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Do again what a log or a case file says and compare the content hashes; exit code 1 if they differ.
    Replay {
        /// A running log, a log of the demo, or a `.prosector` case.
        log: PathBuf,
        /// Threads of the kernel pool; all cores without.
        #[arg(long)]
        threads: Option<usize>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say what a file or folder holds: series, geometry, findings; the objects of a case; the steps of a log.
    Info {
        /// A DICOM folder or file, a mesh (STL, PLY, OBJ, VTK, GLB), NRRD, NIfTI, a case or a log.
        path: PathBuf,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Run a network of vessels from a file of svZeroDSolver and say its pressures and flows.
    Network {
        /// The network, JSON.
        path: PathBuf,
        /// Write all times as a CSV table to this file.
        #[arg(short, long)]
        out: Option<PathBuf>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Compute flow as `run simulate.flow` does: for long computations, over several processes with `mpirun`, with checkpoints.
    Flow {
        /// A `.prosector` case, or a segmentation of the lumen: .seg.nrrd, NIfTI, DICOM.
        input: PathBuf,
        /// A parameter of simulate.flow as NAME=VALUE; `labels` may be left out where there is one segmentation.
        #[arg(short, long)]
        param: Vec<String>,
        /// Where to save the case with the flow.
        #[arg(short, long)]
        out: PathBuf,
        /// Keep where steady flow has got to in this file; if it is there at the start, go on from it. A file of this name
        /// with `.now` behind it asks for one at once. Removed when the flow is saved.
        #[arg(long)]
        checkpoint: Option<PathBuf>,
        /// Minutes between two checkpoints.
        #[arg(long, default_value_t = 10.0)]
        every: f64,
        /// Threads of this process; without, its share of the cores it may use.
        #[arg(long)]
        threads: Option<usize>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Compute verification problems beside theory and published numbers; exit code 1 if a row does not pass.
    Verify {
        /// One suite; all without.
        suite: Option<String>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Measure speed and memory on this machine.
    Bench {
        /// One suite; all without.
        suite: Option<String>,
        /// How long the window is used in the suite `session`.
        #[arg(long, default_value_t = 1.0)]
        minutes: f64,
        /// A scan or case for the suite `session`; may be given several times. The first is worked on, all are opened
        /// and closed in turn. The bundled scan without.
        #[arg(long)]
        open: Vec<PathBuf>,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
}
