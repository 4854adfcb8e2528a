//! The cases of a cohort: their files, names and folders.

use super::record::{self, Record, Stamp};
use super::{Failure, absolute, unreadable};
use crate::io::file;
use crate::session::Command;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Larger lists of cases are not read.
const BYTES_MAX: u64 = 64 << 20;

/// A case of a cohort.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Case {
    pub name: String,
    pub path: PathBuf,
}

/// The cases in `given` and those in the lines of the file `list`, in this order.
pub(super) fn all(given: &[PathBuf], list: Option<&Path>) -> Result<Vec<Case>, Failure> {
    let mut paths: Vec<PathBuf> = given.to_vec();
    if let Some(list) = list {
        let text =
            file::read_bytes(list, BYTES_MAX).map_err(|error| unreadable("reading the list of cases", list, &error))?;
        let text = String::from_utf8(text)
            .map_err(|_| Failure::Failed(format!("the list of cases is no text — {}", list.display())))?;
        paths.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from));
    }
    if paths.is_empty() {
        return Err(Failure::Usage("there is no case: name files or folders, or a list of them with --list".into()));
    }
    let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut cases = Vec::with_capacity(paths.len());
    for path in paths {
        let path = absolute(&path);
        path.metadata().map_err(|error| unreadable("looking for a case", &path, &error))?;
        let name = name(&path).ok_or_else(|| {
            Failure::Usage(format!("the case has no name that a folder could have — {}", path.display()))
        })?;
        // Some file systems do not tell capitals.
        if let Some(other) = seen.insert(name.to_lowercase(), path.clone()) {
            return Err(Failure::Usage(format!(
                "two cases have the name '{name}', so their results would lie in one folder: {} and {}; rename one",
                other.display(),
                path.display()
            )));
        }
        cases.push(Case { name, path });
    }
    Ok(cases)
}

/// The name of a folder, or of a file without its ending.
fn name(path: &Path) -> Option<String> {
    let whole = path.file_name()?.to_str()?;
    if path.is_dir() {
        return Some(whole.to_owned());
    }
    let lower = whole.to_lowercase();
    let double = [".nii.gz", ".seg.nrrd"].into_iter().find(|ending| lower.ends_with(ending));
    let short = match double {
        Some(ending) => &whole[..whole.len() - ending.len()],
        None => Path::new(whole).file_stem()?.to_str()?,
    };
    Some(if short.is_empty() { whole } else { short }.to_owned())
}

impl Case {
    /// The folder of its results in `out`.
    pub fn folder(&self, out: &Path) -> PathBuf {
        out.join(&self.name)
    }

    /// What is known of an earlier run; none if there was none, or it was killed.
    pub fn record(&self, out: &Path) -> Option<Record> {
        let bytes = file::read_bytes(&self.folder(out).join(record::FILE), BYTES_MAX).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Whether `record` is of this case and not of another of the same name.
    pub fn is_of(&self, record: &Record) -> bool {
        let whole = |path: &Path| path.canonicalize().ok();
        self.path == record.case || whole(&self.path).is_some_and(|own| Some(own) == whole(&record.case))
    }

    /// Whether its file is as it was when `record` was made, as far as that is known.
    pub fn is_unchanged(&self, record: &Record) -> bool {
        record.file.is_none_or(|file| Stamp::of(&self.path) == Some(file))
    }

    /// Whether it is a case file; anything else is imported first.
    pub fn is_stored(&self) -> bool {
        self.path.extension().is_some_and(|ending| ending == "prosector")
    }

    /// The command that imports it.
    pub fn import(&self) -> Command {
        let lower = self.path.to_string_lossy().to_lowercase();
        let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
        let tool = if self.path.is_dir() {
            "import.dicom"
        } else if ends(&[".seg.nrrd"]) {
            "import.segmentation"
        } else if ends(&[".nrrd", ".nii", ".nii.gz"]) {
            "import.image"
        } else if ends(&[".stl", ".ply", ".obj", ".vtk"]) {
            "import.mesh"
        } else {
            "import.dicom"
        };
        Command::new(tool, json!({ "path": self.path }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_folders_or_of_files_without_their_endings() {
        let folder = std::env::temp_dir();
        assert_eq!(name(&folder), folder.file_name().map(|name| name.to_string_lossy().into_owned()));
        let of = |path: &str| name(Path::new(path)).unwrap();
        assert_eq!(["/a/b.NII.gz", "c.seg.nrrd", "d.e.stl", "f", ".hidden"].map(of), ["b", "c", "d.e", "f", ".hidden"]);
        assert_eq!(name(Path::new("/")), None);
    }

    #[test]
    fn what_is_no_case_is_imported_by_what_it_is() {
        let tool = |path: &str| Case { name: "n".into(), path: path.into() }.import().tool;
        assert_eq!(tool("b.nii.gz"), "import.image");
        assert_eq!(tool("b.SEG.nrrd"), "import.segmentation");
        assert_eq!((tool("b.stl").as_str(), tool("IM0001").as_str()), ("import.mesh", "import.dicom"));
        assert_eq!(tool(&std::env::temp_dir().to_string_lossy()), "import.dicom");
    }
}
