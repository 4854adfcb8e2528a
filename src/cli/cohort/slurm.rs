//! The job array for a cluster that Slurm runs: every task does one case.

use super::super::args::Cohort;
use super::{Failure, Job, absolute, print};
use crate::io::file;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

/// The list of cases, beside the results.
const LIST: &str = "cases.txt";

/// Write the job script to `path` and the list of cases to the folder of the results.
pub(super) fn write(job: &Job, cohort: &Cohort, path: &Path) -> Result<ExitCode, Failure> {
    let program =
        std::env::current_exe().map_err(|error| super::unreadable("looking for this program", path, &error))?;
    let list = job.out.join(LIST);
    let mut lines = String::new();
    for case in &job.cases {
        let text = case.path.to_str().filter(|text| !text.contains('\n') && text.trim() == *text);
        let text = text.ok_or_else(|| {
            let path = case.path.display();
            Failure::Usage(format!("a list of cases cannot hold this name: it must be text in one line — {path}"))
        })?;
        let _ = writeln!(lines, "{text}");
    }
    let text = script(job, cohort, [&program, &list])?;
    file::write_whole(&list, lines.as_bytes())?;
    file::write_whole(path, text.as_bytes())?;
    let (count, path) = (job.cases.len(), absolute(path));
    print::line(&format!("a job array of {count} tasks: sbatch {}", path.display()));
    Ok(ExitCode::SUCCESS)
}

fn script(job: &Job, cohort: &Cohort, [program, list]: [&Path; 2]) -> Result<String, Failure> {
    let Cohort { time, memory, cpus, .. } = cohort;
    if !is_time(time) {
        return Err(Failure::Usage(format!("--time is '{time}'; it must be HH:MM:SS or D-HH:MM:SS")));
    }
    let digits = memory.trim_end_matches(['K', 'M', 'G', 'T']);
    if memory.len() - digits.len() != 1 || digits.parse::<u32>().is_ok_and(|n| n == 0) || digits.parse::<u32>().is_err()
    {
        return Err(Failure::Usage(format!(
            "--memory is '{memory}'; it must be a whole number and K, M, G or T, as 8G"
        )));
    }
    if *cpus == 0 {
        return Err(Failure::Usage("--cpus must be at least 1".into()));
    }
    let [program, script, list, out] = [program, &job.script, list, &job.out].map(quoted);
    let (program, script, list, out) = (program?, script?, list?, out?);
    let count = job.cases.len();
    Ok(format!(
        "#!/bin/bash\n\
         #SBATCH --job-name=prosector\n\
         #SBATCH --array=1-{count}\n\
         #SBATCH --ntasks=1\n\
         #SBATCH --cpus-per-task={cpus}\n\
         #SBATCH --mem={memory}\n\
         #SBATCH --time={time}\n\
         # One case a task. Cases that have their result are not done again: submit this once more after a failure.\n\
         set -euo pipefail\n\
         export PROSECTOR_THREADS=\"${{SLURM_CPUS_PER_TASK:-{cpus}}}\"\n\
         exec {program} batch {script} --list {list} --out {out} --only \"$SLURM_ARRAY_TASK_ID\"\n"
    ))
}

/// HH:MM:SS with days before if needed.
fn is_time(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let (days, clock) = text.split_once('-').map_or((None, text), |(days, clock)| (Some(days), clock));
    let parts: Vec<&str> = clock.split(':').collect();
    days.is_none_or(digits) && parts.len() == 3 && parts.iter().all(|part| digits(part))
}

/// A path as one word of the shell, whatever is in it.
fn quoted(path: &Path) -> Result<String, Failure> {
    let text = path.to_str();
    let text = text.ok_or_else(|| Failure::Usage(format!("this path is no text — {}", path.display())))?;
    Ok(format!("'{}'", text.replace('\'', "'\\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_paths_are_what_slurm_and_the_shell_read() {
        assert!(is_time("01:30:00") && is_time("2-00:00:00"));
        assert!(!is_time("90") && !is_time("1:2") && !is_time("-1:2:3") && !is_time("1:2:x"));
        assert_eq!(quoted(Path::new("/a b/it's")).ok().as_deref(), Some("'/a b/it'\\''s'"));
    }
}
