//! What the operating system says of this process and machine, and other programs that are asked something.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Most memory this process held since the last reset, in MB (Linux).
pub fn peak_memory_mb() -> Option<f64> {
    status_kb("VmHWM:").map(|kb| kb / 1024.0)
}

/// Memory this process holds now, in MB (Linux; elsewhere unknown).
pub fn resident_memory_mb() -> Option<f64> {
    status_kb("VmRSS:").map(|kb| kb / 1024.0)
}

/// Count the peak from what is held now (Linux; elsewhere nothing happens).
pub fn reset_peak_memory() {
    if let Err(error) = fs::write("/proc/self/clear_refs", "5") {
        tracing::debug!(%error, "the system does not reset the peak memory");
    }
}

/// Processes that ran or waited on average in the last minute.
pub fn load_average() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// The name of the processor.
pub fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// Memory of the machine in bytes, or what this process may have of it where that is less (Linux; elsewhere unknown).
pub fn memory_bytes() -> Option<u64> {
    let machine = kb_of("/proc/meminfo", "MemTotal:")? as u64 * 1024;
    // A container's limit; without one the file says `max`.
    let limit = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    Some(limit.map_or(machine, |limit| machine.min(limit)))
}

fn status_kb(name: &str) -> Option<f64> {
    kb_of("/proc/self/status", name)
}

fn kb_of(file: &str, name: &str) -> Option<f64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Why another program gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is no such program.
    #[error("{0} is not installed")]
    NotInstalled(String),
    /// It ended with an error.
    #[error("{program} failed: {said}")]
    Failed {
        /// Which.
        program: String,
        /// The last line of its complaint.
        said: String,
    },
    /// It was stopped.
    #[error("{program} was stopped after {seconds} s without an answer")]
    TooSlow {
        /// Which.
        program: String,
        /// How long it was given.
        seconds: u64,
    },
}

/// Run another program in `folder` and return what it prints on standard output and standard error.
///
/// It gets no input, and is stopped after `limit`.
///
/// # Errors
/// [`AskError`].
pub fn ask(program: &str, arguments: &[&str], folder: &Path, limit: Duration) -> Result<[String; 2], AskError> {
    let failed = |said: String| AskError::Failed { program: program.to_owned(), said };
    let child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.map_err(|error| match error.kind() {
        ErrorKind::NotFound => AskError::NotInstalled(program.to_owned()),
        _ => failed(super::words::of_system(&error)),
    })?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let words = [scope.spawn(|| all_of(stdout)), scope.spawn(|| all_of(stderr))];
        let start = Instant::now();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break Ok(status),
                Ok(None) if start.elapsed() < limit => std::thread::sleep(Duration::from_millis(10)),
                Ok(None) => {
                    let stopped = child.kill().and_then(|()| child.wait());
                    tracing::debug!(?stopped, program, "stopped");
                    break Err(AskError::TooSlow { program: program.to_owned(), seconds: limit.as_secs() });
                }
                Err(error) => break Err(failed(super::words::of_system(&error))),
            }
        };
        let [out, err] = words.map(|words| words.join().unwrap_or_default());
        if status?.success() {
            return Ok([out, err]);
        }
        let last =
            |text: &str| text.lines().rev().find(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned());
        Err(failed(last(&err).or_else(|| last(&out)).unwrap_or_else(|| "it said nothing".into())))
    })
}

/// Run this program once more, as it was called, with these changes to its environment; its exit code, once it ended.
///
/// # Errors
/// The system does not name this program or refuses to start it.
pub fn again(set: &[(&str, &str)], unset: &[&str]) -> std::io::Result<Option<i32>> {
    let mut call = Command::new(std::env::current_exe()?);
    call.args(std::env::args_os().skip(1)).envs(set.iter().copied());
    for name in unset {
        call.env_remove(name);
    }
    Ok(call.status()?.code())
}

fn all_of(stream: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream
        && let Err(error) = stream.read_to_end(&mut bytes)
    {
        tracing::debug!(%error, "the words of another program end here");
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A folder of its own that is removed in the end.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Make one.
    ///
    /// # Errors
    /// The system's, if the folder for temporary files cannot be written.
    pub fn new(name: &str) -> std::io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("prosector-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, path = %self.0.display(), "a temporary folder could not be removed");
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str, limit_ms: u64) -> Result<[String; 2], AskError> {
        ask("sh", &["-c", script], Path::new("/"), Duration::from_millis(limit_ms))
    }

    #[test]
    fn a_program_answers_fails_is_missing_or_is_stopped() {
        assert_eq!(sh("echo yes; echo no >&2", 10_000).unwrap(), ["yes\n".to_owned(), "no\n".to_owned()]);
        assert_eq!(sh("echo why >&2; exit 3", 10_000).unwrap_err().to_string(), "sh failed: why");
        assert!(sh("exec sleep 60", 50).unwrap_err().to_string().contains("was stopped"));
        let missing = ask("no-such-program-here", &[], Path::new("/"), Duration::from_secs(1));
        assert!(matches!(missing, Err(AskError::NotInstalled(_))));
    }

    #[test]
    fn a_scratch_folder_goes_with_its_owner() {
        let scratch = Scratch::new("test-scratch").unwrap();
        let path = scratch.path().to_owned();
        fs::write(path.join("x"), "x").unwrap();
        drop(scratch);
        assert!(!path.exists());
    }
}
