//! Where the bundled scans are, if they are here: the program file alone has none.

use std::path::{Path, PathBuf};

/// The folder of the bundled chest CT below the folder of samples.
const CHEST_CT: &str = "rider-lung-ct";

/// The bundled chest CT's image series, if it was installed or checked out with the program.
///
/// Looked for in `$PROSECTOR_SAMPLES`, beside the program file, in the working folder, and where the program was built.
pub fn chest_ct() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("sample_scans")));
    let candidates = [
        std::env::var_os("PROSECTOR_SAMPLES").map(PathBuf::from),
        beside,
        Some(PathBuf::from("sample_scans")),
        Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_scans")),
    ];
    candidates.into_iter().flatten().map(|folder| folder.join(CHEST_CT)).find(|folder| folder.is_dir())
}

/// The credit to show wherever the chest CT is shown.
pub const CHEST_CT_CREDIT: &str = "Chest CT: Zhao et al. (2015), Data From RIDER Lung CT, The Cancer Imaging Archive, \
     doi:10.7937/K9/TCIA.2015.U1X8A5NR, CC BY 4.0; recompressed without loss, identity fields blanked. \
     Tumour outlines: Wee et al. (2020), doi:10.7937/TCIA.2020.JIT9GRK8, CC BY 3.0.";
