//! No arguments: the window. Otherwise: the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    prosector::cli::main()
}
