//! Every fault of docs/faults.md has a test that carries its number, or a reason in tests/README.md.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A section of docs/faults.md, such as `## L: callback server`.
struct Section {
    letter: char,
    title: String,
    /// The numbers of its rows, such as `l01`.
    numbers: Vec<String>,
}

fn read_file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Parses `## L: title` and the rows `| L01 | ...` below it.
fn parse_sections(document: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in document.lines() {
        if let Some((letter, title)) = line.strip_prefix("## ").and_then(|heading| heading.split_once(": ")) {
            let letter = letter.to_ascii_lowercase().chars().next().unwrap();
            sections.push(Section { letter, title: title.to_owned(), numbers: Vec::new() });
        } else if let Some(section) = sections.last_mut() {
            let cell = line.strip_prefix("| ").and_then(|row| row.split(' ').next()).unwrap_or_default();
            section.numbers.extend(is_fault_number(cell).then(|| cell.to_ascii_lowercase()));
        }
    }
    sections
}

/// Returns whether a word is a letter and two digits.
fn is_fault_number(word: &str) -> bool {
    matches!(word.as_bytes(), [letter, tens, units]
        if letter.is_ascii_alphabetic() && tens.is_ascii_digit() && units.is_ascii_digit())
}

/// Returns the fault numbers at the start of a test name: `l02_l05_…`.
fn faults_in(test_name: &str) -> impl Iterator<Item = String> {
    test_name.split('_').take_while(|word| is_fault_number(word)).map(str::to_owned)
}

fn source_paths(directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_paths(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// Returns the name of the function that `line` declares.
fn function_name(line: &str) -> Option<&str> {
    let declaration = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))?;
    declaration.split(['(', '<']).next()
}

/// Returns the name of every test in `text`, and whether it is ignored.
fn tests_in(text: &str) -> Vec<(String, bool)> {
    let mut tests = Vec::new();
    let (mut is_test, mut is_ignored) = (false, false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            is_test |= ["#[test]", "#[tokio::test", "#[rstest"].iter().any(|attribute| line.starts_with(attribute));
            is_ignored |= line.starts_with("#[ignore");
        } else if let Some(name) = function_name(line).filter(|_| is_test) {
            tests.push((name.to_owned(), is_ignored));
            (is_test, is_ignored) = (false, false);
        } else if line.is_empty() {
            (is_test, is_ignored) = (false, false);
        }
    }
    tests
}

/// Returns the file and name of every test, and whether it is ignored.
pub(crate) fn all_tests() -> Vec<(PathBuf, String, bool)> {
    let mut paths = Vec::new();
    for directory in ["src", "tests"] {
        source_paths(&Path::new(env!("CARGO_MANIFEST_DIR")).join(directory), &mut paths);
    }
    let in_file = |path: PathBuf| {
        let tests = tests_in(&std::fs::read_to_string(&path).unwrap());
        tests.into_iter().map(move |(name, is_ignored)| (path.clone(), name, is_ignored))
    };
    paths.into_iter().flat_map(in_file).collect()
}

/// Parses the table of faults without a test: `| U16 | reason |`.
fn parse_reasons(readme: &str) -> BTreeMap<String, String> {
    let table = readme.split("<!-- faults without a test -->").nth(1).unwrap_or_default();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.trim_end_matches(" |").split_once(" | "));
    rows.filter(|(fault, _)| is_fault_number(fault))
        .map(|(fault, reason)| (fault.to_ascii_lowercase(), reason.to_owned()))
        .collect()
}

fn join<'a>(faults: impl IntoIterator<Item = &'a String>) -> String {
    let faults: Vec<String> = faults.into_iter().map(|fault| fault.to_ascii_uppercase()).collect();
    if faults.is_empty() { "none".to_owned() } else { faults.join(" ") }
}

#[test]
fn test_names_have_at_most_60_characters() {
    let long: Vec<_> = all_tests().into_iter().map(|(_, name, _)| name).filter(|name| name.len() > 60).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_fault_has_a_test_or_a_reason() {
    let sections = parse_sections(&read_file("docs/faults.md"));
    let faults: BTreeSet<String> = sections.iter().flat_map(|section| section.numbers.clone()).collect();
    let (mut tested, mut tested_by_default) = (BTreeSet::new(), BTreeSet::new());
    for (path, name, is_ignored) in all_tests() {
        for fault in faults_in(&name) {
            assert!(faults.contains(&fault), "{name} in {}: docs/faults.md has no such fault", path.display());
            if !is_ignored {
                tested_by_default.insert(fault.clone());
            }
            tested.insert(fault);
        }
    }
    println!("{} of {} faults have a test", tested.len(), faults.len());
    println!("tested only in .ci/run: {}", join(tested.difference(&tested_by_default)));
    for section in &sections {
        let count = section.numbers.iter().filter(|fault| tested.contains(*fault)).count();
        println!("  {}: {count} of {}", section.title, section.numbers.len());
    }
    let reasons = parse_reasons(&read_file("tests/README.md"));
    let with_reason: BTreeSet<String> = reasons.keys().cloned().collect();
    let untested: BTreeSet<String> = faults.difference(&tested).cloned().collect();
    assert_eq!(join(&untested), join(&with_reason), "faults without a test, and the reasons in tests/README.md");
    assert!(reasons.values().all(|reason| reason.len() > 30), "{reasons:#?}");
}

#[test]
fn faults_are_numbered_without_gaps() {
    let sections = parse_sections(&read_file("docs/faults.md"));
    assert_eq!(sections.iter().map(|section| section.letter).collect::<String>(), "ltsxuck");
    for Section { letter, title, numbers } in sections {
        let expected: Vec<String> = (1..=numbers.len()).map(|number| format!("{letter}{number:02}")).collect();
        assert_eq!(numbers, expected, "{title}");
    }
}

#[test]
fn faults_tests_and_reasons_are_parsed() {
    let sections =
        parse_sections("# Faults\n## L: callback server\n| row | x |\n|---|---|\n| L01 | a |\n| L02 | b |\n");
    assert_eq!((sections[0].letter, sections[0].title.as_str()), ('l', "callback server"));
    assert_eq!(sections[0].numbers, ["l01", "l02"]);
    assert_eq!(faults_in("l02_l05_what_l09_is").collect::<Vec<_>>(), ["l02", "l05"]);
    assert_eq!(faults_in("a_token_is_refreshed").count(), 0);
    let source = "#[test]\n#[ignore = \"x\"]\n// why\nfn a() {}\nfn b() {}\n#[tokio::test(flavor)]\nasync fn c() {}\n";
    assert_eq!(tests_in(source), [("a".to_owned(), true), ("c".to_owned(), false)]);
    let reasons = parse_reasons("<!-- faults without a test -->\n| row | reason |\n|---|---|\n| U16 | because |\n");
    assert_eq!(reasons, BTreeMap::from([("u16".to_owned(), "because".to_owned())]));
}
