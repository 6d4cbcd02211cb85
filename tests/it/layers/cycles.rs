//! Import cycles between the files of a directory, read from `use` lines and paths outside tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::layer;
use super::modules::{Module, Path, read_crate};

/// Allowed cycles between parts of one type: the prefixes of their file paths, and the reason.
const EXCEPTIONS: &[(&[&str], &str)] = &[(
    &[
        "src/tui/dialogs.rs",
        "src/tui/effects/",
        "src/tui/hint.rs",
        "src/tui/keymap/",
        "src/tui/mod.rs",
        "src/tui/overlays.rs",
        "src/tui/runtime.rs",
        "src/tui/screens/",
        "src/tui/scrolling.rs",
        "src/tui/state",
        "src/tui/terminal.rs",
        "src/tui/text_input.rs",
        "src/tui/time_format.rs",
        "src/tui/update",
        "src/tui/view.rs",
    ],
    "`State` owns the screens, dialogs and overlays, and they, their keys, `update` and `view` take the whole `State`, since a key \
     of one screen opens another; `mod.rs` starts all this and has the only place that exposes a secret",
)];

/// For each file, the files of the same directory that it imports from, with the imported names.
type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Returns the imports between the files of each directory directly under `src`.
fn collect_imports(modules: &BTreeMap<Path, Module>) -> Imports {
    let mut found = Imports::new();
    for (own, module) in modules {
        let exported = |name: &Path| name.len() == 1 && module.uses.contains_key(&name[0]);
        let paths = module.paths.iter().filter(|path| path.len() > 1 || exported(path));
        let uses = module.private_uses.iter().filter_map(|name| module.uses.get(name));
        for path in
            paths.map(|path| resolve_path(own, module, path)).chain(uses.map(|path| resolve_path(own, module, path)))
        {
            let Some((file, name)) = path.and_then(|path| find_defining_file(modules, &path, 0)) else { continue };
            if file != module.file && layer(&file) == layer(&module.file) {
                found.entry(module.file.clone()).or_default().entry(file).or_default().insert(name);
            }
        }
    }
    found
}

/// Resolves a path in a module to one from the crate root; `None` for other crates and local names.
fn resolve_path(own: &Path, module: &Module, path: &Path) -> Option<Path> {
    let mut absolute = match path[0].as_str() {
        "crate" => Path::new(),
        "self" | "super" => own.clone(),
        first if module.uses.contains_key(first) || module.children.contains(first) => {
            return Some(own.iter().chain(path).cloned().collect());
        }
        _ => return None,
    };
    for part in path {
        match part.as_str() {
            "crate" | "self" => {}
            "super" => {
                absolute.pop();
            }
            name => absolute.push(name.to_owned()),
        }
    }
    Some(absolute)
}

/// Returns the file that defines the item of a path, through re-exports, and the item's name; `None` for a module.
fn find_defining_file(modules: &BTreeMap<Path, Module>, path: &[String], depth: usize) -> Option<(String, String)> {
    let mut own = Path::new();
    for (at, part) in path.iter().enumerate() {
        let module = modules.get(&own)?;
        if module.children.contains(part) {
            own.push(part.clone());
        // The limit ends the recursion of `use x::x`, where `x` is a different crate.
        } else if let Some(used) = module.uses.get(part).filter(|_| depth < 16) {
            let mut target = resolve_path(&own, module, used)?;
            target.extend(path[at + 1..].iter().cloned());
            return find_defining_file(modules, &target, depth + 1);
        } else {
            return Some((module.file.clone(), part.clone()));
        }
    }
    None
}

/// Returns every set of two or more files that import each other, directly or not.
fn find_cycles(imports: &Imports) -> Vec<BTreeSet<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = imports
        .keys()
        .map(|file| {
            let (mut reached_files, mut pending) = (BTreeSet::new(), vec![file.as_str()]);
            while let Some(next) = pending.pop() {
                let names = imports.get(next).into_iter().flatten().map(|(file, _)| file.as_str());
                pending.extend(names.filter(|file| reached_files.insert(*file)));
            }
            (file.as_str(), reached_files)
        })
        .collect();
    let cycle = |(file, reached_files): (&&str, &BTreeSet<&str>)| -> BTreeSet<&str> {
        let mutual = reached.iter().filter(|(other, mutual)| reached_files.contains(*other) && mutual.contains(file));
        mutual.map(|(other, _)| *other).collect()
    };
    let all: BTreeSet<BTreeSet<&str>> = reached.iter().map(cycle).filter(|cycle| cycle.len() > 1).collect();
    all.into_iter().collect()
}

fn is_part_of(exception: &[&str], file: &str) -> bool {
    exception.iter().any(|prefix| file.starts_with(prefix))
}

/// Lists the imports of a cycle, one per line.
fn describe(cycle: &BTreeSet<&str>, imports: &Imports) -> String {
    let mut lines = vec!["an import cycle:".to_owned()];
    for file in cycle {
        for (other, names) in imports[*file].iter().filter(|(other, _)| cycle.contains(other.as_str())) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            lines.push(format!("  {file} -> {other}: {}", names.join(", ")));
        }
    }
    lines.join("\n")
}

fn imports_of_this_crate() -> Imports {
    collect_imports(&read_crate(&PathBuf::from(env!("CARGO_MANIFEST_DIR")), "src/lib.rs"))
}

#[test]
fn files_of_a_directory_have_no_import_cycle() {
    let imports = imports_of_this_crate();
    let found = find_cycles(&imports);
    let unexpected = found
        .iter()
        .filter(|cycle| !EXCEPTIONS.iter().any(|(parts, _)| cycle.iter().all(|file| is_part_of(parts, file))));
    let unexpected: Vec<String> = unexpected.map(|cycle| describe(cycle, &imports)).collect();
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
}

#[test]
fn each_excepted_cycle_still_exists() {
    let imports = imports_of_this_crate();
    let found = find_cycles(&imports);
    for (parts, reason) in EXCEPTIONS {
        let cycles = || found.iter().filter(|cycle| cycle.iter().all(|file| is_part_of(parts, file)));
        for part in *parts {
            let is_needed = cycles().flatten().any(|file| file.starts_with(part));
            assert!(is_needed, "{part} is no longer in a cycle ({reason})");
        }
    }
}

#[test]
fn imports_are_resolved_in_every_form() {
    let directory = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = directory.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("src/lib.rs", "mod f;\n#[cfg(unix)]\nmod g;");
    write(
        "src/f/mod.rs",
        "mod a; mod b; pub mod c;\n#[cfg(test)]\nmod tests;\npub use b::{Exported, Exported as Other};\nfn own() {}",
    );
    write("src/f/a.rs", "use super::{Exported, c}; // super::c::comment\nfn x() { c::used(\"crate::f::own()\"); }");
    write(
        "src/f/b.rs",
        "fn x(y: &'static str) { super::own(); crate::g::far() }\n#[cfg(test)]\nmod t { use super::super::c::no; }",
    );
    write(
        "src/f/c.rs",
        "use crate::{f::{Other as Mine, c::inner::Deep}, g};\nmod inner { use super::super::a::x; struct Deep; }",
    );
    write("src/f/tests.rs", "use super::a::x;");
    write("src/g.rs", "use crate::f::Exported;");
    let imports = collect_imports(&read_crate(directory.path(), "src/lib.rs"));
    let lines: Vec<String> = imports
        .iter()
        .flat_map(|(file, others)| others.iter().map(move |(other, names)| format!("{file} {other} {names:?}")))
        .collect();
    assert_eq!(
        lines,
        [
            r#"src/f/a.rs src/f/b.rs {"Exported"}"#,
            r#"src/f/a.rs src/f/c.rs {"used"}"#,
            r#"src/f/b.rs src/f/mod.rs {"own"}"#,
            r#"src/f/c.rs src/f/a.rs {"x"}"#,
            r#"src/f/c.rs src/f/b.rs {"Exported"}"#,
        ]
    );
    assert_eq!(find_cycles(&imports), [BTreeSet::from(["src/f/a.rs", "src/f/c.rs"])]);
}
