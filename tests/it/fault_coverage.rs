//! How many of the 148 known faults have a test. A row without one needs a reason in
//! tests/README.md.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The sections of the catalogue: letter, what it is about, how many rows it has.
const SECTIONS: &[(char, &str, usize)] = &[
    ('l', "callback listener", 36),
    ('t', "token and API endpoints", 29),
    ('s', "storage", 32),
    ('x', "secrets", 18),
    ('u', "terminal", 17),
    ('c', "command line", 10),
    ('k', "clock and suspend", 6),
];

/// Parses rows such as `s09-s12 x11`.
fn rows(text: &str) -> BTreeSet<String> {
    let text = text.to_ascii_lowercase();
    let mut found = BTreeSet::new();
    for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let (letter, from) = first.split_at(1);
        let number = |text: &str| text.trim_start_matches(letter).parse::<usize>().unwrap();
        found.extend((number(from)..=number(last)).map(|number| format!("{letter}{number:02}")));
    }
    found
}

fn catalogue() -> BTreeSet<String> {
    SECTIONS
        .iter()
        .flat_map(|(letter, _, count)| (1..=*count).map(move |number| format!("{letter}{number:02}")))
        .collect()
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            into.push(path);
        }
    }
}

/// Returns the function's name, when `line` begins one.
fn function(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let after = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))?;
    after.split(['(', '<']).next()
}

/// Returns the rows in a test's name: `l02_l05_wrong_callbacks`.
fn named(name: &str) -> impl Iterator<Item = String> {
    name.split('_')
        .take_while(|word| word.len() == 3 && word.is_char_boundary(1) && word[1..].parse::<u8>().is_ok())
        .map(str::to_owned)
}

/// Every test in `text`: its name, and whether plain `cargo test` leaves it out.
fn tests(text: &str) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let (mut is_test, mut ignored) = (false, false);
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("#[") {
            is_test |= ["#[test]", "#[tokio::test", "#[rstest"].iter().any(|test| line.starts_with(test));
            ignored |= line.starts_with("#[ignore");
        } else if let Some(name) = function(line).filter(|_| is_test) {
            found.push((name.to_owned(), ignored));
            (is_test, ignored) = (false, false);
        } else if line.is_empty() {
            (is_test, ignored) = (false, false);
        }
    }
    found
}

/// The table of reasons: `| L22, S31 | why there is no test |`.
fn reasons(readme: &str) -> BTreeMap<String, String> {
    let table = readme.split("<!-- rows without a test -->").nth(1).unwrap_or_default();
    let mut found = BTreeMap::new();
    for line in table.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| row")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        for row in rows(cells[0]) {
            assert!(cells[1].len() > 30, "{row} needs a reason, not \"{}\"", cells[1]);
            assert!(found.insert(row.clone(), cells[1].to_owned()).is_none(), "{row} has two reasons");
        }
    }
    found
}

/// Every test of this project: its file, its name, and whether plain `cargo test` leaves it out.
fn all_tests() -> Vec<(PathBuf, String, bool)> {
    let mut files = Vec::new();
    for folder in ["src", "tests"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut files);
    }
    let in_file = |file: PathBuf| {
        let found = tests(&std::fs::read_to_string(&file).unwrap());
        found.into_iter().map(move |(name, ignored)| (file.clone(), name, ignored))
    };
    files.into_iter().flat_map(in_file).collect()
}

#[test]
fn test_names_have_at_most_60_characters() {
    let long: Vec<_> = all_tests().into_iter().map(|(_, name, _)| name).filter(|name| name.len() > 60).collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_known_fault_has_a_test_or_a_written_reason() {
    let known = catalogue();
    let (mut tested, mut plainly) = (BTreeSet::new(), BTreeSet::new());
    for (file, name, ignored) in all_tests() {
        for row in named(&name) {
            assert!(known.contains(&row), "{name} in {} names a row that there is not", file.display());
            if !ignored {
                plainly.insert(row.clone());
            }
            tested.insert(row);
        }
    }
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/README.md");
    let reasons = reasons(&std::fs::read_to_string(readme).unwrap());
    let unknown: Vec<_> = reasons.keys().filter(|row| !known.contains(*row)).collect();
    assert!(unknown.is_empty(), "tests/README.md gives reasons for rows that there are not: {unknown:?}");

    let open: BTreeSet<_> =
        known.iter().filter(|row| !tested.contains(*row) && !reasons.contains_key(*row)).cloned().collect();
    let untested = known.len() - tested.len();
    let report = [
        format!("{} of {} rows have a named test", tested.len(), known.len()),
        format!("{} of them only in .ci/run: {}", tested.len() - plainly.len(), list(tested.difference(&plainly))),
        format!("{} have a written reason instead", untested - open.len()),
    ];
    println!("{}", report.join("\n"));
    for (letter, what, count) in SECTIONS {
        println!("  {what}: {} of {count}", tested.iter().filter(|row| row.starts_with(*letter)).count());
    }
    assert!(open.is_empty(), "neither a test nor a reason in tests/README.md: {}", list(open.iter()));
    let idle: Vec<_> = reasons.keys().filter(|row| tested.contains(*row)).collect();
    assert!(idle.is_empty(), "tested, so that tests/README.md need not give a reason: {idle:?}");
}

fn list<'a>(rows: impl Iterator<Item = &'a String>) -> String {
    let rows: Vec<String> = rows.map(|row| row.to_ascii_uppercase()).collect();
    if rows.is_empty() { "none".to_owned() } else { rows.join(" ") }
}

#[test]
fn catalogue_reader_understands_every_form() {
    assert_eq!(catalogue().len(), 148);
    assert_eq!(rows("s09-s11, X05"), ["s09", "s10", "s11", "x05"].map(str::to_owned).into());
    assert_eq!(named("l02_l05_what_l09_is").collect::<Vec<_>>(), ["l02", "l05"]);
    assert_eq!(named("a_token_lives").count(), 0);
    let text = "#[test]\n#[ignore = \"x\"]\n// why\nfn a() {}\nfn b() {}\n#[tokio::test(flavor)]\nasync fn c() {}\n";
    assert_eq!(tests(text), [("a".to_owned(), true), ("c".to_owned(), false)]);
}
