//! Links, anchors and paths in the documentation.

use std::collections::BTreeSet;
use std::path::Path;

use super::{Block, documents, root, split_blocks};

/// Returns the anchors of a document's headings, as GitHub forms them.
fn anchors(document: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for block in split_blocks(document) {
        let Block::Text(text) = block else { continue };
        for heading in text.lines().filter(|line| line.starts_with('#')) {
            let heading = heading.trim_start_matches('#').trim().to_lowercase();
            let slug: String = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect();
            let numbered = (1..).map(|number| format!("{slug}-{number}"));
            let unused = std::iter::once(slug.clone()).chain(numbered).find(|slug| !found.contains(slug));
            found.extend(unused);
        }
    }
    found
}

/// Returns the targets of inline links and images outside code.
fn links(document: &str) -> Vec<String> {
    let mut found = Vec::new();
    for block in split_blocks(document) {
        let Block::Text(text) = block else { continue };
        // Inline code is not a link.
        let prose: String = text.split('`').step_by(2).collect();
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        found.extend(targets.map(|(target, _)| target.to_owned()));
        let sources = text.split("src=\"").skip(1).filter_map(|rest| rest.split_once('"'));
        found.extend(sources.map(|(target, _)| target.to_owned()));
    }
    found
}

#[test]
fn relative_links_and_anchors_exist() {
    let documents = documents();
    let mut broken = Vec::new();
    for (name, text) in &documents {
        for link in links(text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = link.split_once('#').map_or((link.as_str(), None), |(file, at)| (file, Some(at)));
            let mut parts: Vec<&str> = name.split('/').collect();
            if file.is_empty() {
                parts = vec![name];
            } else {
                parts.pop();
                for part in file.split('/') {
                    if part == ".." {
                        parts.pop();
                    } else if part != "." {
                        parts.push(part);
                    }
                }
            }
            let target = parts.join("/");
            let exists = root().join(&target).exists();
            let has_anchor =
                anchor.is_none_or(|at| documents.get(&target).is_some_and(|text| anchors(text).contains(at)));
            if !exists || !has_anchor {
                broken.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn anchors_are_formed_as_on_github() {
    let text = "# The `a b`: one, two\n```sh\n# no heading\n```\n## Twice\n## Twice\n";
    assert_eq!(anchors(text), ["the-a-b-one-two", "twice", "twice-1"].map(str::to_owned).into());
}

/// Returns whether a path exists in the repository, or in its `src/`.
fn is_source_path(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    root().join(path).exists() || root().join("src").join(path).exists()
}

#[test]
fn source_files_named_in_documents_exist() {
    let mut missing = Vec::new();
    for (name, text) in documents() {
        let shell_words = text.split(|c: char| c.is_whitespace() || "`()[],;:\"'|".contains(c));
        for word in shell_words.map(|word| word.trim_end_matches('.')) {
            let is_source = ["src/", "tests/", "assets/", "fuzz/"].iter().any(|directory| word.starts_with(directory))
                || Path::new(word).extension().is_some_and(|kind| kind == "rs") && word.contains('/');
            let is_pattern = word.contains(['*', '{', '<']) || word.chars().any(char::is_uppercase);
            let is_link = name.contains('/') && word.starts_with("..");
            if is_source && !is_pattern && !is_link && !word.contains("://") && !is_source_path(word) {
                missing.push(format!("{name}: {word}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
