//! Tables, JSON, the progress bar, and logs on standard error.

use crate::base::table::TableRow;
use crate::base::{Progress, Table};
use crate::io::words;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Send logs to standard error: warnings, and from the window what the user did and was told.
pub(super) fn start_logs(verbose: u8, window: bool) {
    // Drivers and the graphics library report what is no concern of a user, such as formats they look for in vain.
    let level = match (verbose, window) {
        (0, false) => "warn,wgpu=error,naga=error",
        (0, true) => "warn,prosector=info,wgpu=error,naga=error",
        (1, _) => "info,wgpu=warn,naga=warn",
        _ => "debug,wgpu=info,naga=info",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let terminal = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(terminal).with_writer(std::io::stderr).init();
}

/// An error and its causes, once each, in one line.
pub(super) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let in_words = |error: &(dyn std::error::Error + 'static)| {
        error.downcast_ref().map_or_else(|| error.to_string(), words::of_system)
    };
    let mut message = in_words(error);
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = in_words(error);
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        cause = error.source();
    }
    message
}

/// One sentence on standard error.
pub(super) fn error(message: &str) {
    eprintln!("error: {message}");
}

/// One line on standard error that is no error.
pub(super) fn note(message: &str) {
    eprintln!("{message}");
}

/// One line on standard output; a reader that went away is no error.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A value as JSON on standard output.
pub(super) fn json(value: &impl Serialize) {
    line(&serde_json::to_string_pretty(value).expect("results are plain data"));
}

/// A table with a header; columns whose name ends in `>` are aligned to the right.
pub(super) fn table(header: &[&str], rows: &[Vec<String>]) {
    let names: Vec<&str> = header.iter().map(|name| name.trim_end_matches('>')).collect();
    let mut widths: Vec<usize> = names.iter().map(|name| name.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let show = |cells: &[&str]| {
        let parts: Vec<String> = cells
            .iter()
            .zip(&widths)
            .zip(header)
            .map(
                |((cell, width), name)| {
                    if name.ends_with('>') { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
                },
            )
            .collect();
        line(parts.join("  ").trim_end());
    };
    show(&names);
    line(&widths.iter().map(|width| "─".repeat(*width)).collect::<Vec<_>>().join("  "));
    for row in rows {
        show(&row.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

/// A table of numbers with its title.
pub(super) fn numbers(table: &Table) {
    line("");
    line(&table.title);
    let headings: Vec<String> = table.columns.iter().map(|column| format!("{}>", column.heading())).collect();
    let header: Vec<&str> = std::iter::once(table.of.as_str()).chain(headings.iter().map(String::as_str)).collect();
    let row = |row: &TableRow| {
        let values = row.values.iter().map(|value| value.map_or("–".into(), number));
        std::iter::once(row.name.clone()).chain(values).collect()
    };
    self::table(&header, &table.rows.iter().map(row).collect::<Vec<_>>());
}

/// A number as a person reads it: four digits that count.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".into()
    } else if !(1e-3..1e6).contains(&size) {
        format!("{value:.3e}")
    } else if size < 10.0 {
        format!("{value:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
    } else if size < 1000.0 {
        format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{value:.0}")
    }
}

/// Ends the thread that draws a bar, however the work ends.
struct StopOnDrop<'a> {
    done: &'a AtomicBool,
    watcher: std::thread::Thread,
}

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        self.watcher.unpark();
    }
}

/// Run `work` with a progress bar on standard error (none if that is no terminal).
pub(super) fn with_bar<R: Send>(label: &str, work: impl FnOnce(&Progress) -> R + Send) -> R {
    let progress = Progress::default();
    let bar = ProgressBar::new(1000);
    let style = ProgressStyle::with_template("{prefix:34!} {bar:30} {percent:>3} %  {elapsed:>4}  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(label.to_owned());
    let done = AtomicBool::new(false);
    let result = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                bar.set_position((progress.fraction() * 1000.0) as u64);
                bar.set_message(progress.stage());
                std::thread::park_timeout(Duration::from_millis(100));
            }
        });
        // Also when `work` panics: otherwise the scope waits for its watcher for ever.
        let _stop = StopOnDrop { done: &done, watcher: watcher.thread().clone() };
        work(&progress)
    });
    bar.finish_and_clear();
    result
}

#[cfg(test)]
mod tests {
    use super::{number, with_bar};
    use std::panic::catch_unwind;

    #[test]
    fn a_panic_under_a_bar_comes_through() {
        assert!(catch_unwind(|| with_bar("panics", |_| -> () { panic!("on purpose") })).is_err());
        assert_eq!(with_bar("works", |_| 7), 7);
    }

    #[test]
    fn numbers_keep_four_digits_that_count() {
        assert_eq!(
            [0.0, 1.0, 12.345, 0.012_34, 123_456.7, 1e-9].map(number),
            ["0", "1", "12.35", "0.0123", "123457", "1.000e-9"]
        );
    }
}
