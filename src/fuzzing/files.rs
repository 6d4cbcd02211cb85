//! Files that users edit: a profile's, and `.env`.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{check_displayed_error, split_line};
use crate::clock::rfc3339;
use crate::config::dotenv::{Assignment, Problem, format_value, parse_assignments, parse_values, skip_blanks};
use crate::flows::dotenv::merge_bytes;
use crate::store::fuzzing::{read, write};
use crate::store::{Name, Profile};

/// A line that no version of the program writes.
const UNKNOWN_LINE: &str = "fuzz_unknown = [1, 2] # comment\n";

/// Checks that a profile's file is read, written and read to the same profile, and that its other lines stay.
pub fn profile_file(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(name) = Name::parse("p") else { return };
    let text = format!("{UNKNOWN_LINE}{text}");
    let profile = match read(&name, &text) {
        Ok(profile) => profile,
        Err(error) => return check_displayed_error(&error),
    };
    let written = match write(&text, &profile) {
        Ok(written) => written,
        // A newer schema is read and not written.
        Err(error) => return check_displayed_error(&error),
    };
    assert!(written.starts_with(UNKNOWN_LINE), "{written}");
    let reread = read(&name, &written);
    assert_eq!(reread.as_ref().ok(), Some(&truncate_times(profile)), "{written}");
    if let Ok(reread) = reread {
        assert_eq!(write(&written, &reread).ok().as_ref(), Some(&written), "a second write changes something");
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
    if let Some(check) = &mut profile.check {
        truncate(&mut check.at);
        check.checked_at.iter_mut().for_each(truncate);
    }
    profile.stored_permissions.iter_mut().for_each(|probed| truncate(&mut probed.at));
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

/// Checks how a `.env` file is read, and that a merge changes only the variables that it merges.
///
/// Input: a line with the token, one with the member ID, then the file.
pub fn dotenv(input: &[u8]) {
    let (token, remaining) = split_line(input);
    let (member, file) = split_line(remaining);
    check_read(file);
    // Neither a token nor a member ID has other characters.
    let token: String = token.chars().filter(char::is_ascii_graphic).collect();
    let member: String = member.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let merged_values = [(TOKEN, token.as_str()), (MEMBER, member.as_str())];
    check_format(file);
    let Some(merged) = merge_bytes(file, &merged_values) else {
        // A merge is refused if the file has an unclosed quote: a quote in a new value could close it, or the old value's quote
        // no longer would.
        assert!(
            file.iter().any(|byte| b"'\"`".contains(byte))
                || [&token, &member].iter().any(|value| format_value(value).contains(['\'', '"'])),
            "a merge is refused without a quote anywhere"
        );
        return;
    };
    assert_eq!(merge_bytes(&merged, &merged_values).as_ref(), Some(&merged), "a second merge changes something");
    let (before, after) = (values(file), values(&merged));
    for (name, value) in merged_values {
        assert_eq!(after.get(name), Some(&Ok(value.to_owned())), "{name} has a different value");
        assert_eq!(parse_assignments(&merged).iter().filter(|assignment| assignment.name == name).count(), 1);
    }
    let others = |values: Values| {
        values.into_keys().filter(|name| merged_values.iter().all(|(merged_name, _)| merged_name != name))
    };
    assert!(others(before).eq(others(after)), "a different variable was added or removed");
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
    let assignments = parse_assignments(file);
    for pair in assignments.windows(2) {
        assert!(pair[0].lines.end <= pair[1].lines.start && pair[0].line < pair[1].line);
    }
    for assignment in &assignments {
        assert!(
            assignment.lines.start <= assignment.value.start
                && assignment.value.end <= assignment.lines.end
                && assignment.lines.end <= file.len()
        );
        assert!(!assignment.name.is_empty());
    }
}

/// Checks that every byte outside of the merged assignments stays, in its order.
fn check_other_bytes(file: &[u8], merged: &[u8]) {
    let is_merged = |assignment: &&Assignment<'_>| [TOKEN, MEMBER].contains(&assignment.name);
    let (old, new) = (parse_assignments(file), parse_assignments(merged));
    let names_before: Vec<&str> = old.iter().filter(is_merged).map(|assignment| assignment.name).collect();
    let mut expected = Vec::new();
    let mut position = 0;
    let mut earlier_names: Vec<&str> = Vec::new();
    for assignment in old.iter().filter(is_merged) {
        // If a name occurs twice, the first line stays, and the comments of the others.
        let removed = if earlier_names.contains(&assignment.name) {
            let comment = skip_blanks(file, assignment.value.end);
            assignment.lines.start..if file.get(comment) == Some(&b'#') { comment } else { assignment.lines.end }
        } else {
            assignment.value.clone()
        };
        expected.extend_from_slice(&file[position..removed.start]);
        // A bare colon gets a blank before its value.
        if !earlier_names.contains(&assignment.name) && file[..removed.start].ends_with(b":") {
            expected.push(b' ');
        }
        earlier_names.push(assignment.name);
        position = removed.end;
    }
    expected.extend_from_slice(&file[position..]);
    let mut remaining = Vec::new();
    let mut position = 0;
    for assignment in new.iter().filter(is_merged) {
        let is_new = !names_before.contains(&assignment.name);
        let removed = if is_new { assignment.lines.clone() } else { assignment.value.clone() };
        remaining.extend_from_slice(&merged[position..removed.start]);
        position = removed.end;
    }
    remaining.extend_from_slice(&merged[position..]);
    let added_line_end = remaining.strip_prefix(expected.as_slice());
    let is_added = [TOKEN, MEMBER].iter().any(|name| !names_before.contains(name));
    let is_line_end = |end: &[u8]| end.is_empty() || is_added && [b"\n".as_slice(), b"\r\n", b"\r"].contains(&end);
    assert!(
        added_line_end.is_some_and(is_line_end),
        "{:?} became {:?}",
        String::from_utf8_lossy(file),
        String::from_utf8_lossy(merged)
    );
}
