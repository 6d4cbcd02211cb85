//! The documentation is correct: generated parts are up to date, links work, and commands parse.
//!
//! `UPDATE_DOCS=1 cargo test --test it docs` rewrites the generated parts.

pub(crate) mod command_lines;
mod generated;
#[cfg(unix)]
mod json;
mod links;
mod threat_model;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}")).replace("\r\n", "\n")
}

/// Asserts that a document has the expected content; `UPDATE_DOCS=1` rewrites it first.
fn assert_up_to_date(path: &str, expected: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(root().join(path), expected).unwrap();
    }
    assert!(read(path) == expected, "{path} is stale: UPDATE_DOCS=1 cargo test --test it docs");
}

/// Returns every Markdown file of the repository, with its path from the root.
fn documents() -> BTreeMap<String, String> {
    fn walk(directory: &Path, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if name != "target" && name != "artifacts" && !name.starts_with('.') {
                    walk(&path, found);
                }
            } else if path.extension().is_some_and(|kind| kind == "md") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(name.clone(), read(&name));
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&root(), &mut found);
    assert!(found.contains_key("README.md"));
    found
}

/// A part of a document: a fenced code block with its language, or the text between two.
enum Block {
    Code { language: String, text: String },
    Text(String),
}

fn split_blocks(document: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut text = String::new();
    let mut fence: Option<String> = None;
    for line in document.lines() {
        let opened = line.trim_start().strip_prefix("```");
        match (&fence, opened) {
            (None, Some(language)) => {
                found.push(Block::Text(std::mem::take(&mut text)));
                fence = Some(language.trim().to_owned());
            }
            (Some(language), Some("")) => {
                found.push(Block::Code { language: language.clone(), text: std::mem::take(&mut text) });
                fence = None;
            }
            _ => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    assert!(fence.is_none(), "a code block is not closed:\n{text}");
    found.push(Block::Text(text));
    found
}

#[test]
fn readme_is_short() {
    let lines = read("README.md").lines().count();
    assert!(lines <= 150, "README.md has {lines} lines; move details to docs/");
}
