//! Where the bundled scans are, if they are here: the program file alone has none.

use std::path::{Path, PathBuf};

/// The folder of samples, beside the program file or in its checkout.
const SAMPLES: &str = "sample_scans";
/// The folder of the bundled chest CT below the folder of samples.
const CHEST_CT: &str = "rider-lung-ct";
/// Folders between a checkout and a program built in it: `target/release/deps`.
const CHECKOUT_DEPTH: usize = 4;

/// The bundled chest CT's image series, if it was installed or checked out with the program.
///
/// Looked for in `$PROSECTOR_SAMPLES`, beside the program file, in the working folder, in the checkout around the program
/// file, and in the checkout cargo runs it for. Where a program was built is nothing to one that was copied elsewhere.
pub fn chest_ct() -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent).map(Path::to_owned);
    let candidates = [
        std::env::var_os("PROSECTOR_SAMPLES").map(PathBuf::from),
        beside.map(|folder| folder.join(SAMPLES)),
        Some(PathBuf::from(SAMPLES)),
        program.as_deref().and_then(checkout_around).map(|folder| folder.join(SAMPLES)),
        std::env::var_os("CARGO_MANIFEST_DIR").map(|folder| Path::new(&folder).join(SAMPLES)),
    ];
    candidates.into_iter().flatten().map(|folder| folder.join(CHEST_CT)).find(|folder| folder.is_dir())
}

/// The checkout whose `target` folder holds `program`.
fn checkout_around(program: &Path) -> Option<&Path> {
    let mut folders = program.ancestors().skip(1).take(CHECKOUT_DEPTH);
    folders.find(|folder| folder.join("Cargo.toml").is_file() && folder.join(SAMPLES).is_dir())
}

/// The credit to show wherever the chest CT is shown.
pub const CHEST_CT_CREDIT: &str = "Chest CT: Zhao et al. (2015), Data From RIDER Lung CT, The Cancer Imaging Archive, \
     doi:10.7937/K9/TCIA.2015.U1X8A5NR, CC BY 4.0; recompressed without loss, identity fields blanked. \
     Tumour outlines: Wee et al. (2020), doi:10.7937/TCIA.2020.JIT9GRK8, CC BY 3.0.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_finds_the_checkout_it_lies_in_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let program = root.join("target/release/prosector");
        std::fs::create_dir_all(root.join(SAMPLES)).unwrap();
        assert_eq!(checkout_around(&program), None);
        std::fs::write(root.join("Cargo.toml"), "").unwrap();
        assert_eq!(checkout_around(&program), Some(root));
        assert_eq!(checkout_around(&root.join("target/release/deps/prosector-1")), Some(root));
        assert_eq!(checkout_around(&root.join("a/b/c/d/prosector")), None);
    }
}
