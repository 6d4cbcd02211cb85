//! Writing the token's variables into a `.env` file, without changing other lines and comments.

use std::io::ErrorKind;
use std::path::Path;

use super::token_formats::token_variables;
use crate::config::dotenv::{Assignment, format_value, parse_assignments, parse_values, skip_blanks};
use crate::config::environment::MAX_DOTENV_BYTES;
use crate::error::io_reason;
use crate::files::{self, UTF8_MARK};
use crate::session::process::expose_as_requested;
use crate::store::{Profile, write_output};
use crate::{Code, Error, Result};

/// Writes names and values into the file and keeps its owner and mode; a new file has mode 0600. Returns the file's
/// mode if other users can read it.
pub(crate) fn merge(file: &Path, new: &[(&str, &str)]) -> Result<Option<u32>> {
    let failed = |what: &str, error: &std::io::Error| {
        Error::new(
            Code::Files,
            format!("{} could not be {what}: {}.", file.display(), io_reason(error)),
            "Check the path, its mode and owner, and that the file is text.",
        )
        .with_io_source(error)
    };
    let old = match files::read_bounded(file, MAX_DOTENV_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text = String::from_utf8_lossy(&set_values(b"", new)).into_owned();
            return write_output(file, &text).map(|()| None);
        }
        Err(error) => return Err(failed("read", &error)),
    };
    if old.starts_with(b"\xff\xfe") || old.starts_with(b"\xfe\xff") {
        return Err(Error::new(
            Code::Files,
            format!("{} is UTF-16, which most readers of .env files do not support.", file.display()),
            "Save it as UTF-8, then try again.",
        ));
    }
    let bytes = merge_bytes(&old, new).ok_or_else(|| {
        Error::new(
            Code::Files,
            format!(
                "{} was not changed: a quote in it is not closed, and would include the new value.",
                file.display()
            ),
            "Close the quote, then try again.",
        )
    })?;
    if bytes != old {
        files::replace(file, &bytes).map_err(|error| failed("saved", &error))?;
    }
    files::mode_open_to_others(file).map_err(|error| failed("read", &error))
}

pub(crate) fn export(file: &Path, profile: &Profile) -> Result<Option<u32>> {
    profile.require_token()?;
    let variables = token_variables(profile);
    let new: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, expose_as_requested(value))).collect();
    merge(file, &new)
}

/// Returns the file with each value instead of the old one, or in a new line at the end; `None` if a new value
/// would not be read back, or another variable would have a different value after that.
pub(crate) fn merge_bytes(old: &[u8], new: &[(&str, &str)]) -> Option<Vec<u8>> {
    let merged = set_values(old, new);
    let values = parse_values(&merged, |_| None);
    let others = |bytes| {
        let is_other = |assignment: &Assignment| new.iter().all(|(name, _)| *name != assignment.name);
        let others = parse_assignments(bytes).into_iter().filter(is_other);
        others.map(|assignment| (assignment.name, &bytes[assignment.value])).collect::<Vec<_>>()
    };
    // A quote that an earlier line left open may be closed by one in a new value.
    let is_merged = new.iter().all(|(name, value)| values.get(*name).is_some_and(|read| read.as_deref() == Ok(*value)));
    (is_merged && others(old) == others(&merged)).then_some(merged)
}

fn set_values(old: &[u8], new: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(old.len() + 1024);
    let mut copied_until = 0;
    let mut set_names: Vec<&str> = Vec::new();
    for Assignment { name, lines, value, .. } in parse_assignments(old) {
        let Some((name, new)) = new.iter().find(|(new_name, _)| *new_name == name) else { continue };
        if set_names.contains(name) {
            // Readers differ in which of two assignments counts. A comment after the value stays.
            out.extend_from_slice(&old[copied_until..lines.start]);
            copied_until = comment_after(old, value.end).unwrap_or(lines.end);
            continue;
        }
        set_names.push(name);
        out.extend_from_slice(&old[copied_until..value.start]);
        // `NAME:` sets a variable at the end of a line only; before a value the colon needs a blank.
        if value.start > 0 && old[value.start - 1] == b':' {
            out.push(b' ');
        }
        out.extend_from_slice(format_value(new).as_bytes());
        copied_until = value.end;
    }
    out.extend_from_slice(&old[copied_until..]);
    let line_ending = detect_line_ending(old);
    for (name, value) in new.iter().filter(|(name, _)| !set_names.contains(name)) {
        if !out.is_empty() && out != UTF8_MARK && !out.ends_with(b"\n") && !out.ends_with(b"\r") {
            out.extend_from_slice(line_ending);
        }
        out.extend_from_slice(format!("{name}={}", format_value(value)).as_bytes());
        out.extend_from_slice(line_ending);
    }
    out
}

/// Returns the start of the comment that follows a value.
fn comment_after(bytes: &[u8], value_end: usize) -> Option<usize> {
    let start = skip_blanks(bytes, value_end);
    (bytes.get(start) == Some(&b'#')).then_some(start)
}

/// Returns the line ending of a file's first line.
fn detect_line_ending(bytes: &[u8]) -> &'static [u8] {
    match bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        Some(at) if bytes[at..].starts_with(b"\r\n") => b"\r\n",
        Some(at) if bytes[at] == b'\r' => b"\r",
        _ => b"\n",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NEW: [(&str, &str); 2] = [("LINKEDIN_ACCESS_TOKEN", "t$\"x"), ("LINKEDIN_MEMBER_ID", "id")];

    fn merge_text(old: &str, new: &[(&str, &str)]) -> String {
        String::from_utf8(merge_bytes(old.as_bytes(), new).unwrap()).unwrap()
    }

    #[test]
    fn a_value_after_a_bare_colon_gets_a_blank() {
        let merged =
            merge_text("A=1\nLINKEDIN_MEMBER_ID:\nLINKEDIN_MEMBER_ID:  old\nB=2", &[("LINKEDIN_MEMBER_ID", "id")]);
        assert_eq!(merged, "A=1\nLINKEDIN_MEMBER_ID: id\nB=2");
    }

    #[test]
    fn only_the_values_of_the_token_change() {
        for (old, expected) in [
            ("", "LINKEDIN_ACCESS_TOKEN='t$\"x'\nLINKEDIN_MEMBER_ID=id\n"),
            (
                "# LINKEDIN_ACCESS_TOKEN=no\nA=1\n  export LINKEDIN_ACCESS_TOKEN='old' # x\nB='2'",
                "# LINKEDIN_ACCESS_TOKEN=no\nA=1\n  export LINKEDIN_ACCESS_TOKEN='t$\"x' # x\nB='2'\nLINKEDIN_MEMBER_ID=id\n",
            ),
            (
                "\u{feff}LINKEDIN_ACCESS_TOKEN=old\r\nexport\tLINKEDIN_MEMBER_ID=old",
                "\u{feff}LINKEDIN_ACCESS_TOKEN='t$\"x'\r\nexport\tLINKEDIN_MEMBER_ID=id",
            ),
            (
                "LINKEDIN_ACCESS_TOKEN= # none\nA='\nLINKEDIN_MEMBER_ID=old\n'\nLINKEDIN_MEMBER_ID=\"a\nb\"\n",
                "LINKEDIN_ACCESS_TOKEN='t$\"x' # none\nA='\nLINKEDIN_MEMBER_ID=old\n'\nLINKEDIN_MEMBER_ID=id\n",
            ),
            (
                "LINKEDIN_MEMBER_ID=a\nA=1\n LINKEDIN_MEMBER_ID=b # c\nLINKEDIN_ACCESS_TOKEN:  old\n",
                "LINKEDIN_MEMBER_ID=id\nA=1\n# c\nLINKEDIN_ACCESS_TOKEN:  't$\"x'\n",
            ),
            ("A=1\rB=2", "A=1\rB=2\rLINKEDIN_ACCESS_TOKEN='t$\"x'\rLINKEDIN_MEMBER_ID=id\r"),
            ("A=1\r\n", "A=1\r\nLINKEDIN_ACCESS_TOKEN='t$\"x'\r\nLINKEDIN_MEMBER_ID=id\r\n"),
        ] {
            assert_eq!(merge_text(old, &NEW), expected, "{old:?}");
        }
    }

    #[test]
    fn a_value_that_closes_an_open_quote_changes_nothing() {
        for (old, value) in [("X='a\n", "'#"), ("X='a\nLINKEDIN_ACCESS_TOKEN=old\n", "'#"), ("X=`a\n", "'`#\\")] {
            assert_eq!(merge_bytes(old.as_bytes(), &[("LINKEDIN_ACCESS_TOKEN", value)]), None, "{old:?}");
            assert!(merge_bytes(old.as_bytes(), &[("LINKEDIN_ACCESS_TOKEN", "AQX-_0")]).is_some(), "{old:?}");
        }
    }

    /// A part of a file.
    #[derive(Clone, Debug)]
    enum Part {
        /// Text that a merge does not change.
        Other(String),
        /// An assignment to one of the variables in `NEW`.
        Merged { before: String, name: usize, old: String, after: String },
    }

    fn parts() -> impl Strategy<Value = Vec<Part>> {
        let other = prop::sample::select(vec![
            "",
            "# c",
            "#LINKEDIN_ACCESS_TOKEN=x",
            "A=1",
            "  B = 'x' # y",
            "C=\"one\nLINKEDIN_MEMBER_ID=no\n\"",
            "garbage",
            "D=`a\n\nb`",
            "LINKEDIN_MEMBER_IDS=x",
            "export E",
            "F=\"\\\"\"",
            "\tG=é",
            "'LINKEDIN_MEMBER_ID=x",
        ])
        .prop_map(|text| Part::Other(text.to_owned()));
        let merged = (
            prop::sample::select(vec!["", " ", "export ", "export\t", "\texport  "]),
            0..NEW.len(),
            prop::sample::select(vec!["", "old", "'o l d'", "\"o\\\"ld\"", "\"o\nld\"", "`old`", "o#ld"]),
            prop::sample::select(vec!["", "  ", " # comment", "\t#"]),
        )
            .prop_map(|(before, name, old, after)| Part::Merged {
                before: format!("{before}{}=", NEW[name].0),
                name,
                old: old.to_owned(),
                after: after.to_owned(),
            });
        prop::collection::vec(prop_oneof![3 => other, 1 => merged], 0..8)
    }

    proptest! {
        #[test]
        fn bytes_of_other_lines_stay(
            parts in parts(), end in prop::sample::select(vec!["\n", "\r\n", "\r"]), has_bom in any::<bool>(),
        ) {
            let bom = if has_bom { "\u{feff}" } else { "" };
            let (mut old, mut expected) = (bom.to_owned(), bom.to_owned());
            let mut is_merged = [false; NEW.len()];
            for part in &parts {
                match part {
                    Part::Other(text) => {
                        let line = text.replace('\n', end) + end;
                        old += &line;
                        expected += &line;
                    }
                    Part::Merged { before, name, old: value, after } => {
                        old += &(format!("{before}{value}{after}").replace('\n', end) + end);
                        if !std::mem::replace(&mut is_merged[*name], true) {
                            expected += &[before.as_str(), &format_value(NEW[*name].1), after, end].concat();
                        } else if after.contains('#') {
                            expected += &[after.trim_start(), end].concat();
                        }
                    }
                }
            }
            let end = if parts.is_empty() { "\n" } else { end };
            for (_, (name, value)) in NEW.iter().enumerate().filter(|(at, _)| !is_merged[*at]) {
                expected += &[*name, "=", &format_value(value), end].concat();
            }
            let after = merge_bytes(old.as_bytes(), &NEW).unwrap();
            prop_assert_eq!(std::str::from_utf8(&after).unwrap(), expected);
            prop_assert_eq!(merge_bytes(&after, &NEW), Some(after), "the same again changes nothing");
        }
    }
}
