//! Files that users edit: a profile's, and `.env`.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{check_error, split_line};
use crate::clock::rfc3339;
use crate::config::dotenv::{Assignment, Problem, format_value, parse_assignments, parse_values, skip_blanks};
use crate::flows::dotenv::merge_bytes;
use crate::store::fuzzing::{read, write};
use crate::store::{Name, Profile};

/// A line that no version of the program writes.
const UNKNOWN_LINE: &str = "fuzz_foreign = [1, 2] # kept\n";

/// Checks that a profile's file is read, written and read to the same profile, and that its other lines stay.
pub fn profile_file(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(name) = Name::parse("p") else { return };
    let text = format!("{UNKNOWN_LINE}{text}");
    let profile = match read(&name, &text) {
        Ok(profile) => profile,
        Err(error) => return check_error(&error),
    };
    let first = match write(&text, &profile) {
        Ok(first) => first,
        // A newer schema is read and not written.
        Err(error) => return check_error(&error),
    };
    assert!(first.starts_with(UNKNOWN_LINE), "{first}");
    let again = read(&name, &first);
    assert_eq!(again.as_ref().ok(), Some(&truncate_times(profile)), "{first}");
    if let Ok(again) = again {
        assert_eq!(write(&first, &again).ok().as_ref(), Some(&first), "nothing new changes nothing");
    }
}

/// Truncates the times of a profile to seconds, as they are saved.
fn truncate_times(mut profile: Profile) -> Profile {
    let truncate = |at: &mut Timestamp| *at = rfc3339(*at).parse().unwrap_or(*at);
    if let Some(token) = &mut profile.token {
        truncate(&mut token.issued_at);
        token.expires_at.iter_mut().for_each(truncate);
        if let Some(refresh) = &mut token.refresh {
            refresh.expires_at.iter_mut().for_each(truncate);
            refresh.refused_at.iter_mut().for_each(truncate);
        }
    }
    profile.check.iter_mut().for_each(|check| truncate(&mut check.at));
    profile.stored_permissions.iter_mut().for_each(|found| truncate(&mut found.at));
    profile
        .deliveries
        .iter_mut()
        .filter_map(|delivery| delivery.last_result.as_mut())
        .for_each(|result| truncate(&mut result.at));
    profile
}

/// The variables that are merged.
const TOKEN: &str = "LINKEDIN_ACCESS_TOKEN";
const MEMBER: &str = "LINKEDIN_MEMBER_ID";

type Values = BTreeMap<String, Result<String, (usize, Problem)>>;

fn values(bytes: &[u8]) -> Values {
    parse_values(bytes, |name| (name == "OUTSIDE").then(|| "out".to_owned()))
}

/// Checks how a `.env` file is read, and that a merge changes its own values alone.
///
/// Input: a line with the token, one with the member ID, then the file.
pub fn dotenv(input: &[u8]) {
    let (token, rest) = split_line(input);
    let (member, file) = split_line(rest);
    check_read(file);
    // Neither a token nor a member ID has other characters.
    let token: String = token.chars().filter(char::is_ascii_graphic).collect();
    let member: String = member.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let own = [(TOKEN, token.as_str()), (MEMBER, member.as_str())];
    check_format(file);
    let Some(merged) = merge_bytes(file, &own) else {
        // A quote that the file leaves open may be closed by one in a new value, or no longer be closed by the old value's.
        assert!(
            file.iter().any(|byte| b"'\"`".contains(byte))
                || [&token, &member].iter().any(|value| format_value(value).contains(['\'', '"'])),
            "a merge is refused without a quote anywhere"
        );
        return;
    };
    assert_eq!(merge_bytes(&merged, &own).as_ref(), Some(&merged), "a second merge changes something");
    let (before, after) = (values(file), values(&merged));
    for (name, value) in own {
        assert_eq!(after.get(name), Some(&Ok(value.to_owned())), "{name} has another value");
        assert_eq!(parse_assignments(&merged).iter().filter(|assignment| assignment.name == name).count(), 1);
    }
    let others = |values: Values| values.into_keys().filter(|name| own.iter().all(|(own, _)| own != name));
    assert!(others(before).eq(others(after)), "another variable was added or removed");
    check_other_bytes(file, &merged);
}

/// Checks that a value is read back as it was written.
fn check_format(value: &[u8]) {
    let raw = String::from_utf8_lossy(value);
    let line = format!("A={}\nB=1", format_value(&raw));
    assert_eq!(
        values(line.as_bytes()).remove("A"),
        Some(Ok(raw.into_owned())),
        "a written value is read back as a different one"
    );
}

/// Checks that assignments follow each other, each within the file.
fn check_read(file: &[u8]) {
    let all = parse_assignments(file);
    for pair in all.windows(2) {
        assert!(pair[0].lines.end <= pair[1].lines.start && pair[0].line < pair[1].line);
    }
    for assignment in &all {
        assert!(
            assignment.lines.start <= assignment.value.start
                && assignment.value.end <= assignment.lines.end
                && assignment.lines.end <= file.len()
        );
        assert!(!assignment.name.is_empty());
    }
}

/// Checks that every byte that is not of an own assignment stays, in its order.
fn check_other_bytes(file: &[u8], merged: &[u8]) {
    let is_own = |assignment: &&Assignment<'_>| [TOKEN, MEMBER].contains(&assignment.name);
    let (old, new) = (parse_assignments(file), parse_assignments(merged));
    let names_before: Vec<&str> = old.iter().filter(is_own).map(|assignment| assignment.name).collect();
    let mut expected = Vec::new();
    let mut at = 0;
    let mut seen: Vec<&str> = Vec::new();
    for assignment in old.iter().filter(is_own) {
        // If a name occurs twice, the first line stays, and the comments of the others.
        let removed = if seen.contains(&assignment.name) {
            let comment = skip_blanks(file, assignment.value.end);
            assignment.lines.start..if file.get(comment) == Some(&b'#') { comment } else { assignment.lines.end }
        } else {
            assignment.value.clone()
        };
        expected.extend_from_slice(&file[at..removed.start]);
        // A bare colon gets a blank before its value.
        if !seen.contains(&assignment.name) && file[..removed.start].ends_with(b":") {
            expected.push(b' ');
        }
        seen.push(assignment.name);
        at = removed.end;
    }
    expected.extend_from_slice(&file[at..]);
    let mut remaining = Vec::new();
    let mut at = 0;
    for assignment in new.iter().filter(is_own) {
        let is_new = !names_before.contains(&assignment.name);
        let removed = if is_new { assignment.lines.clone() } else { assignment.value.clone() };
        remaining.extend_from_slice(&merged[at..removed.start]);
        at = removed.end;
    }
    remaining.extend_from_slice(&merged[at..]);
    let line_end = remaining.strip_prefix(expected.as_slice());
    let is_added = [TOKEN, MEMBER].iter().any(|name| !names_before.contains(name));
    let is_end = |end: &[u8]| end.is_empty() || is_added && [b"\n".as_slice(), b"\r\n", b"\r"].contains(&end);
    assert!(
        line_end.is_some_and(is_end),
        "{:?} became {:?}",
        String::from_utf8_lossy(file),
        String::from_utf8_lossy(merged)
    );
}
