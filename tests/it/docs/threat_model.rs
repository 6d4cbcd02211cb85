//! docs/threat-model.md: each guarantee names tests, and they exist.

use std::collections::BTreeSet;

use super::read;
use crate::fault_coverage::all_tests;

#[test]
fn every_guarantee_names_tests_that_exist() {
    let tests: BTreeSet<String> = all_tests().into_iter().map(|(_, name, _)| name).collect();
    let text = read("docs/threat-model.md");
    let (mut is_guarantee, mut count, mut wrong) = (false, 0, Vec::new());
    for line in text.lines() {
        if !line.starts_with('|') {
            is_guarantee = false;
        } else if line == "| guarantee | against | tests |" {
            is_guarantee = true;
        } else if is_guarantee && !line.starts_with("|---") {
            count += 1;
            let names = line.trim_end_matches(" |").rsplit(" | ").next().unwrap();
            let names: Vec<&str> = names.split(", ").map(|name| name.trim_matches('`')).collect();
            wrong.extend(names.into_iter().filter(|name| !tests.contains(*name)).map(|name| format!("{name}: {line}")));
        }
    }
    assert!(count >= 25, "only {count} guarantees were found");
    assert!(wrong.is_empty(), "no such test:\n{}", wrong.join("\n"));
}
