//! The syntax of `.env` files: what python-dotenv or Node's dotenv reads.
//!
//! - `NAME=value`, `export NAME=value`, `NAME: value`; blanks are allowed around each part.
//! - A value in `'…'`, `"…"` or `` `…` `` may span several lines; `"…"` has backslash escapes.
//! - `#` starts a comment at the start of a line, after a quoted value, and after a blank.
//! - `${NAME}`, `${NAME:-default}` and `${NAME-default}` are replaced, but not in `'…'`; see [`parse_values`].
//! - Lines end with LF, CR LF or CR; of a name that occurs twice, the last one is used.
//!
//! No crate reads it: dotenvy, the maintained one, rejects a whole file for one invalid line, does not know backticks, and does
//! not return the position of a value, which a merge needs; see [`parse_assignments`].

use std::collections::BTreeMap;
use std::ops::Range;

use crate::files::UTF8_MARK;

/// Limits values whose `${…}` repeat each other, which grow exponentially.
const MAX_VALUE_BYTES: usize = 64 * 1024;

/// One `NAME=value`, with ranges of bytes in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment<'a> {
    pub name: &'a str,
    /// The line of the name, from 1.
    pub line: usize,
    /// The whole lines of the assignment.
    pub lines: Range<usize>,
    /// The value with its quotes; may be empty.
    pub value: Range<usize>,
    /// The value without its quotes.
    inner: Range<usize>,
    quote: Option<u8>,
}

/// Why a value cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    NotUtf8,
    /// It refers to this variable, which is not set.
    Undefined(String),
    TooLong,
}

/// Returns the assignments of a file in its order, and skips other lines.
pub(crate) fn parse_assignments(bytes: &[u8]) -> Vec<Assignment<'_>> {
    let mut assignments = Vec::new();
    let (mut start, mut line) = (if bytes.starts_with(UTF8_MARK) { UTF8_MARK.len() } else { 0 }, 1);
    while start < bytes.len() {
        let assignment = parse_assignment(bytes, start, line);
        let end = assignment.as_ref().map_or_else(|| next_line(bytes, start), |found| found.lines.end);
        line += count_line_ends(&bytes[start..end]);
        start = end;
        assignments.extend(assignment);
    }
    assignments
}

fn parse_assignment(bytes: &[u8], start: usize, line: usize) -> Option<Assignment<'_>> {
    let mut name_start = skip_blanks(bytes, start);
    let after_export = name_start + "export".len();
    if bytes[name_start..].starts_with(b"export") && skip_blanks(bytes, after_export) > after_export {
        let next = skip_blanks(bytes, after_export);
        // `export = 1` sets a variable of that name.
        if bytes.get(next).copied().is_some_and(is_name_byte) {
            name_start = next;
        }
    }
    let length = bytes[name_start..].iter().take_while(|byte| is_name_byte(**byte)).count();
    let name = std::str::from_utf8(&bytes[name_start..name_start + length]).ok().filter(|name| !name.is_empty())?;
    let separator = skip_blanks(bytes, name_start + length);
    let after_separator = separator + 1;
    let value_start = skip_blanks(bytes, after_separator.min(bytes.len()));
    match bytes.get(separator)? {
        b'=' => {}
        b':' if value_start > after_separator || value_start == line_end(bytes, value_start) => {}
        _ => return None,
    }
    let (value, inner, quote) = parse_quoted(bytes, value_start).map_or_else(
        || {
            let value = parse_unquoted(bytes, after_separator, value_start);
            (value.clone(), value, None)
        },
        |(value, quote)| (value.clone(), value.start + 1..value.end - 1, Some(quote)),
    );
    let lines = start..next_line(bytes, value.end);
    Some(Assignment { name, line, lines, value, inner, quote })
}

/// Parses a quoted value, after which its last line may only have a comment.
fn parse_quoted(bytes: &[u8], start: usize) -> Option<(Range<usize>, u8)> {
    let quote = *bytes.get(start).filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
    // If no other quote closes the value, a backslash before the last quote is part of the value: 'C:\dir\'
    [true, false].into_iter().find_map(|has_escapes| {
        let end = find_closing_quote(bytes, start + 1, quote, has_escapes)? + 1;
        let rest = skip_blanks(bytes, end);
        let is_last = rest == line_end(bytes, rest) || bytes[rest] == b'#';
        is_last.then_some((start..end, quote))
    })
}

fn find_closing_quote(bytes: &[u8], start: usize, quote: u8, has_escapes: bool) -> Option<usize> {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        let is_pair = bytes.get(at + 1).is_some_and(|next| *next == quote || quote == b'"');
        match byte {
            b'\\' if has_escapes && is_pair => at += 2,
            byte if *byte == quote => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// Returns the value up to a comment or the end of the line, without blanks at its end.
fn parse_unquoted(bytes: &[u8], after_separator: usize, start: usize) -> Range<usize> {
    let end = line_end(bytes, start);
    let comment = (start..end).find(|&at| bytes[at] == b'#' && at > after_separator && is_blank(bytes[at - 1]));
    let mut end = comment.unwrap_or(end);
    while end > start && is_blank(bytes[end - 1]) {
        end -= 1;
    }
    // The value of `NAME= # comment` is right after the separator.
    if end == start { after_separator..after_separator } else { start..end }
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0b | 0x0c)
}

const fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

pub(crate) fn skip_blanks(bytes: &[u8], start: usize) -> usize {
    let start = start.min(bytes.len());
    start + bytes[start..].iter().take_while(|byte| is_blank(**byte)).count()
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    start + bytes[start..].iter().take_while(|byte| !is_line_end(**byte)).count()
}

fn next_line(bytes: &[u8], start: usize) -> usize {
    let end = line_end(bytes, start);
    match &bytes[end..] {
        [b'\r', b'\n', ..] => end + 2,
        [] => end,
        _ => end + 1,
    }
}

fn count_line_ends(bytes: &[u8]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < bytes.len() {
        let next = next_line(bytes, at);
        count += usize::from(is_line_end(bytes[next - 1]));
        at = next;
    }
    count
}

/// Returns each variable's value, or its line and problem.
///
/// As in python-dotenv, `${NAME}` is replaced by the value that the file set before, else by that of `environment`.
pub(crate) fn parse_values(
    bytes: &[u8],
    environment: impl Fn(&str) -> Option<String>,
) -> BTreeMap<String, Result<String, (usize, Problem)>> {
    let mut values: BTreeMap<String, Result<String, (usize, Problem)>> = BTreeMap::new();
    for assignment in parse_assignments(bytes) {
        let lookup = |name: &str| match values.get(name) {
            Some(value) => value.clone().map(Some).map_err(|(_, problem)| problem),
            None => Ok(environment(name)),
        };
        let value = evaluate(bytes, &assignment, lookup).map_err(|problem| (assignment.line, problem));
        values.insert(assignment.name.to_owned(), value);
    }
    values
}

fn evaluate(
    bytes: &[u8],
    assignment: &Assignment<'_>,
    lookup: impl Fn(&str) -> Result<Option<String>, Problem>,
) -> Result<String, Problem> {
    let text = std::str::from_utf8(&bytes[assignment.inner.clone()]).map_err(|_| Problem::NotUtf8)?;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut value = String::new();
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let (piece, length) = match (c, assignment.quote) {
            ('\\', quote) => unescape(rest, quote),
            ('$', None | Some(b'"' | b'`')) => match parse_reference(rest) {
                Some(reference) => (reference.value(&lookup)?, reference.length),
                None => ("$".to_owned(), 1),
            },
            _ => (c.to_string(), c.len_utf8()),
        };
        value.push_str(&piece);
        if value.len() > MAX_VALUE_BYTES {
            return Err(Problem::TooLong);
        }
        rest = &rest[length..];
    }
    Ok(value)
}

/// Returns the character of the escape sequence at the start of `rest`, and its length; the backslash if it is not one.
fn unescape(rest: &str, quote: Option<u8>) -> (String, usize) {
    let Some(next) = rest[1..].chars().next() else { return ("\\".to_owned(), 1) };
    let character = match (quote, next) {
        (Some(b'"'), 'n') => '\n',
        (Some(b'"'), 'r') => '\r',
        (Some(b'"'), 't') => '\t',
        (Some(b'"'), '\\' | '"' | '\'' | '$' | '`') | (Some(b'\''), '\\' | '\'') | (Some(b'`'), '`') => next,
        (None | Some(b'`'), '$') if rest[2..].starts_with('{') => '$',
        _ => return ("\\".to_owned(), 1),
    };
    (character.to_string(), 1 + next.len_utf8())
}

/// A `${NAME}`, `${NAME:-default}` or `${NAME-default}`.
struct Reference<'a> {
    name: &'a str,
    default: Option<&'a str>,
    length: usize,
}

fn parse_reference(rest: &str) -> Option<Reference<'_>> {
    let inner = rest.strip_prefix("${")?;
    let inner = &inner[..inner.find(['}', '\n'])?];
    if !rest[2 + inner.len()..].starts_with('}') {
        return None;
    }
    let length = inner.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let (name, after) = inner.split_at(length);
    let default = after.strip_prefix(":-").or_else(|| after.strip_prefix('-'));
    let is_complete = !name.is_empty() && (after.is_empty() || default.is_some());
    is_complete.then_some(Reference { name, default, length: "${}".len() + inner.len() })
}

impl Reference<'_> {
    fn value(&self, lookup: impl Fn(&str) -> Result<Option<String>, Problem>) -> Result<String, Problem> {
        let value = match lookup(self.name) {
            Err(problem) if self.default.is_none() => return Err(problem),
            found => found.ok().flatten(),
        };
        value
            .filter(|value| !value.is_empty() || self.default.is_none())
            .or_else(|| self.default.map(str::to_owned))
            .ok_or_else(|| Problem::Undefined(self.name.to_owned()))
    }
}

/// Formats a value so that [`parse_values`] returns it unchanged, and so does every reader that knows quotes if the value
/// has no `'`, backslash or line break. It has no quotes if possible, because `docker --env-file` and
/// `kubectl --from-env-file` do not remove them.
pub(crate) fn format_value(value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_:.~/+=-".contains(&byte);
    if !value.is_empty() && value.bytes().all(is_plain) {
        return value.to_owned();
    }
    // Single quotes are literal for every reader and shell; in double quotes they treat `$` differently.
    if !value.contains(['\'', '\\', '\n', '\r']) {
        return format!("'{value}'");
    }
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\\' | '"' | '$' | '`' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &[u8]) -> BTreeMap<String, Result<String, (usize, Problem)>> {
        parse_values(text, |name| (name == "OUTSIDE").then(|| "out".to_owned()))
    }

    #[test]
    fn values_are_those_of_dotenv() {
        for (line, value) in [
            ("A=b", "b"),
            ("  A = b  ", "b"),
            ("A:  b", "b"),
            ("export A=b", "b"),
            ("export\tA=b", "b"),
            ("export  \t A=b", "b"),
            ("A=", ""),
            ("A= # from the Auth tab", ""),
            ("A=\t# tab", ""),
            ("A=''", ""),
            ("A=\"\" # none", ""),
            ("A=b # comment", "b"),
            ("A=b\t# comment", "b"),
            ("A=b#c", "b#c"),
            ("A=#b", "#b"),
            ("A=b #c #d", "b"),
            ("A='b # c' # d", "b # c"),
            ("A=\"b # c\"# d", "b # c"),
            ("A=`b 'c' \"d\"`", "b 'c' \"d\""),
            ("A=`b`", "b"),
            ("A=\"WPL\\\"x\"", "WPL\"x"),
            ("A='it\\'s'", "it's"),
            ("A='C:\\dir\\'", "C:\\dir\\"),
            ("A='a\\nb'", "a\\nb"),
            ("A=\"a\\nb\\tc\\\\n\"", "a\nb\tc\\n"),
            ("A=\"a\\qb\"", "a\\qb"),
            ("A=\"one\ntwo\"", "one\ntwo"),
            ("A=\"one\r\ntwo\"", "one\ntwo"),
            ("A='one\n# no comment\ntwo'", "one\n# no comment\ntwo"),
            ("A=\"open", "\"open"),
            ("A=\"b\"c", "\"b\"c"),
            ("A='b' c", "'b' c"),
            ("A=b=c==", "b=c=="),
            ("A=b c", "b c"),
            ("A=a$b", "a$b"),
            ("A=\"a\\$b\\${OUTSIDE}\"", "a$b${OUTSIDE}"),
            ("A=\\${OUTSIDE}", "${OUTSIDE}"),
            ("A='${OUTSIDE}'", "${OUTSIDE}"),
            ("A=http://${OUTSIDE}/x", "http://out/x"),
            ("A=\"${OUTSIDE}\"", "out"),
            ("A=${NOT:-3000}", "3000"),
            ("A=${NOT-x y}", "x y"),
            ("A=${not closed", "${not closed"),
            ("P=1\nA=${P}${P}", "11"),
            ("OUTSIDE=in\nA=${OUTSIDE}", "in"),
            ("A=old\nA=new", "new"),
            ("A=old\r\nA=new\r\n", "new"),
            ("X=1\rA=b\rY=2", "b"),
            ("\u{feff}A=b", "b"),
            ("# A=no\nA=b\n#A=no", "b"),
            ("garbage\nA=b", "b"),
            ("\"\nA=b", "b"),
        ] {
            assert_eq!(read(line.as_bytes()).remove("A"), Some(Ok(value.to_owned())), "{line:?}");
        }
    }

    #[test]
    fn lines_without_an_assignment_are_skipped() {
        for line in ["", "A", "#A=b", "  # A=b", "A b=c", "=b", "A:b", "X='\nA=b\n'", "-->"] {
            assert_eq!(read(line.as_bytes()).get("A"), None, "{line:?}");
        }
    }

    #[test]
    fn problems_are_reported_with_their_line() {
        let undefined = |name: &str| Problem::Undefined(name.to_owned());
        for (text, line, problem) in [
            (b"# \xfc\n\nA=b\xfc\n".as_slice(), 3, Problem::NotUtf8),
            (b"X='1\n2'\r\nA=${PORT}", 3, undefined("PORT")),
            (b"A=${B}\nB=1", 1, undefined("B")),
        ] {
            assert_eq!(read(text).remove("A"), Some(Err((line, problem))), "{text:?}");
        }
        assert_eq!(read(b"# \xfc\nA=b").remove("A"), Some(Ok("b".to_owned())), "invalid bytes in another line");
        assert_eq!(
            read(b"A=${NOT}\nB=${A:-x}").remove("B"),
            Some(Ok("x".to_owned())),
            "the default of an unusable one"
        );
        let doubling = "A=0123456789\n".to_owned() + &"A=${A}${A}\n".repeat(40);
        assert_eq!(read(doubling.as_bytes()).remove("A"), Some(Err((41, Problem::TooLong))), "not undefined");
    }

    #[test]
    fn plain_values_are_written_without_quotes() {
        for plain in ["AQX-_0.~z", "urn:li:person:a_b-c", "a/b+c==", "2026-01-02T03:04:05Z"] {
            assert_eq!(format_value(plain), plain);
        }
        assert_eq!(format_value("t$\"x"), "'t$\"x'");
        assert_eq!(format_value("it's $1"), "\"it's \\$1\"");
        assert_eq!(format_value(""), "''");
    }

    proptest! {
        #[test]
        fn written_values_are_read_back(value in "[ -~\\n\\r\\t$\"'`\\\\#ä]{0,40}") {
            let line = format!("A={}\nB=1", format_value(&value));
            prop_assert_eq!(read(line.as_bytes()).remove("A"), Some(Ok(value)));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(prop::sample::select(
            b"AB=:#'\"`\\$ {}\t\r\n\xef\xbb\xbf\xff".to_vec()), 0..60)) {
            let assignments = parse_assignments(&bytes);
            for pair in assignments.windows(2) {
                prop_assert!(pair[0].lines.end <= pair[1].lines.start);
                prop_assert!(pair[0].line < pair[1].line);
            }
            for assignment in &assignments {
                prop_assert!(assignment.lines.start <= assignment.value.start && assignment.value.end <= assignment.lines.end);
            }
            drop(read(&bytes));
        }
    }
}
