//! The house rules that a compiler does not check: layers, fences, dead files, headers, tool folders.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules on the same floor that must not know each other.
const PEERS: &[&[&str]] = &[&["biomech", "flow", "physiology"], &["io", "segment"]];

/// What may be named only under some paths: the words, and where they are at home.
const FENCES: &[(&[&str], &[&str])] = &[
    (&["bevy::", "bevy_egui::"], &["src/app/"]),
    (&["egui::", "egui_plot::", "egui_tiles::"], &["src/app/", "panel.rs"]),
    (&["dicom::", "dicom_pixeldata::"], &["src/io/dicom/"]),
    (&["rfd::"], &["src/app/"]),
    (&["mpi::"], &["src/flow/ranks/processes.rs"]),
    (&["wgpu::"], &["src/biomech/interactive/gpu/", "src/flow/gpu/"]),
    (
        &["std::fs", "fs::File", "File::create", "File::open"],
        &["src/io/", "src/session/store/", "src/cli/", "src/app/"],
    ),
    (&["std::process::Command", "process::Command", "process::*"], &["src/io/process.rs", "src/app/requests.rs"]),
    (&["println!", "eprintln!", "print!", "eprint!"], &["src/cli/"]),
    (&["dbg!"], &[]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path, endings));
        } else if endings.iter().any(|ending| path.extension().is_some_and(|e| e == *ending)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(String, String)> {
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        let text = fs::read_to_string(&path).unwrap();
        (name, text)
    };
    files(&root().join("src"), &["rs"]).into_iter().map(read).collect()
}

/// The code without line comments and without what follows `#[cfg(test)]`.
fn code(text: &str) -> String {
    let body = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    body.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Modules in layer order, read from `src/lib.rs`: each may use itself and those before it.
fn layers() -> Vec<String> {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let declared = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.split_once(';'));
    declared.map(|(name, _)| name.to_owned()).collect()
}

fn top_module(file: &str) -> Option<&str> {
    let inside = file.strip_prefix("src/")?;
    let name = inside.split('/').next()?;
    Some(name.strip_suffix(".rs").unwrap_or(name))
}

/// The identifiers right after `crate::`, alone or in a brace group.
fn crate_paths(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let identifier = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0_i32;
            let mut start = true;
            for (i, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => start = true,
                    c if start && !c.is_whitespace() => {
                        used.insert(identifier(&group[i..]));
                        start = false;
                    }
                    _ => {}
                }
            }
        } else {
            used.insert(identifier(rest));
        }
    }
    used
}

#[test]
fn modules_use_only_the_layers_below_them() {
    let layers = layers();
    assert!(8 < layers.len(), "lib.rs lists the layers, one `pub mod` a line");
    let rank = |name: &str| layers.iter().position(|layer| layer == name);
    let mut broken = Vec::new();
    for (file, text) in sources() {
        let Some(own) = top_module(&file) else { continue };
        let Some(own_rank) = rank(own) else { continue };
        for used in crate_paths(&code(&text)) {
            let upward = rank(&used).is_some_and(|used_rank| own_rank < used_rank);
            let sideways =
                own != used && PEERS.iter().any(|peers| peers.contains(&own) && peers.contains(&used.as_str()));
            if upward || sideways {
                broken.push(format!("{file} uses crate::{used}"));
            }
        }
    }
    assert!(broken.is_empty(), "layers are listed bottom-up in src/lib.rs:\n{}", broken.join("\n"));
}

/// Every path that `use` declarations bring in, written out: `use std::{fs, io::Read}` gives `std::fs` and `std::io::Read`.
fn used_paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let is_word = code[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == ')');
        if let Some(end) = code[at..].find(';').filter(|_| is_word) {
            let tree: String = code[at + 4..at + end].split_whitespace().collect::<Vec<_>>().join(" ");
            written_out("", &tree, &mut found);
        }
    }
    found
}

/// The paths of one tree of a `use` declaration behind `prefix`.
fn written_out(prefix: &str, tree: &str, found: &mut Vec<String>) {
    let Some(open) = tree.find('{') else {
        return found.push(format!("{prefix}{}", tree.trim()));
    };
    let prefix = format!("{prefix}{}", tree[..open].trim());
    let Some(inside) = tree.trim().strip_suffix('}').and_then(|tree| tree.get(open + 1..)) else { return };
    let (mut depth, mut start) = (0_i32, 0);
    for (at, c) in inside.char_indices().chain([(inside.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !inside[start..at].trim().is_empty() {
                    written_out(&prefix, inside[start..at].trim(), found);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

#[test]
fn groups_hide_no_path() {
    let code = "use std::{fs, io::{self, Read}};\npub(crate) use std::process;\nuse a as b;\nlet refuse = 3;";
    assert_eq!(used_paths(code), ["std::fs", "std::io::self", "std::io::Read", "std::process", "a as b"]);
}

#[test]
fn fenced_words_stay_at_home() {
    let mut broken = Vec::new();
    for (file, text) in sources() {
        if file.ends_with("tests.rs") {
            continue;
        }
        let code = code(&text);
        let code = format!("{code}\n{}", used_paths(&code).join("\n"));
        for (words, homes) in FENCES {
            if homes.iter().any(|home| file.starts_with(home) || file.ends_with(home)) {
                continue;
            }
            for word in *words {
                let named = code.match_indices(word).any(|(at, _)| {
                    let before = code[..at].chars().next_back();
                    !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
                });
                if named {
                    broken.push(format!("{file} names {word}, which belongs to {}", homes.join(", ")));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_file_begins_with_a_sentence_and_stays_readable() {
    let mut broken = Vec::new();
    for (file, text) in sources() {
        if file != "src/lib.rs" && !text.starts_with("//! ") {
            broken.push(format!("{file} does not begin with a //! line"));
        }
        let lines = text.lines().count();
        if 500 < lines {
            broken.push(format!("{file} has {lines} lines; a file holds one type or one algorithm, at most 500 lines"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_source_file_is_part_of_the_program() {
    let all = sources();
    let declared = |file: &str| {
        let path = Path::new(file);
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let folder = path.parent().unwrap();
        let (name, parent) = if stem == "mod" {
            (folder.file_name().unwrap().to_str().unwrap(), folder.parent().unwrap())
        } else {
            (stem, folder)
        };
        let beside =
            [parent.join("mod.rs"), parent.join("lib.rs"), parent.join("main.rs"), parent.with_extension("rs")];
        let (wanted, by_path) = (format!("mod {name};"), format!("#[path = \"{stem}.rs\"]"));
        all.iter().any(|(other, text)| {
            let declares = beside.iter().any(|b| b == Path::new(other)) && text.contains(&wanted);
            declares || Path::new(other).parent() == Some(folder) && text.contains(&by_path)
        })
    };
    let roots = ["src/lib.rs", "src/main.rs"];
    let dead: Vec<_> =
        all.iter().map(|(file, _)| file.as_str()).filter(|f| !roots.contains(f) && !declared(f)).collect();
    assert!(dead.is_empty(), "no module declares these files:\n{}", dead.join("\n"));
}

#[test]
fn every_shader_is_used_and_says_who_owns_it() {
    let code: String = sources().into_iter().map(|(_, text)| text).collect();
    for path in files(&root().join("shaders"), &["wgsl"]) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//"), "{name} does not begin with a comment that says what it draws and who owns it");
        assert!(code.contains(name) || text.contains("#define_import_path"), "no Rust file names {name}");
    }
}

#[test]
fn every_tool_has_a_folder_of_its_own_with_an_impl_and_help() {
    let tools: BTreeSet<_> = prosector::tools::TOOLS.iter().map(|tool| tool.id).collect();
    assert_eq!(tools.len(), prosector::tools::TOOLS.len(), "two tools share an id");
    let sources = sources();
    for tool in prosector::tools::TOOLS {
        let folder = format!("src/tools/{}/", tool.id.replace('.', "_"));
        let text: String =
            sources.iter().filter(|(f, _)| f.starts_with(&folder)).map(|(_, text)| text.as_str()).collect();
        assert!(text.contains("impl Tool for"), "{} has no folder {folder} with its implementation", tool.id);
        assert!(tool.help.ends_with('.') && 10 < tool.help.len(), "{} needs a sentence of help", tool.id);
        assert!(!tool.label.is_empty());
        for param in tool.params {
            assert!(!param.help.is_empty(), "{}: {} needs help", tool.id, param.name);
            let default = param.default_value();
            assert!(
                param.default.is_none() || param.check(&default).is_ok(),
                "{}: the default of {}",
                tool.id,
                param.name
            );
        }
    }
}
