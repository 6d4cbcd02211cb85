//! A document to edit. It keeps the comments, the line ends and the byte order mark of the text on disk.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::{Deref, DerefMut};

use toml_edit::{DocumentMut, TomlError};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text on disk, and its document, which is edited.
pub(in crate::store) struct Document {
    original: String,
    edited: DocumentMut,
}

impl Document {
    pub(super) fn parse(text: &str) -> Result<Self, TomlError> {
        Ok(Self { original: text.to_owned(), edited: text.parse()? })
    }
}

impl Deref for Document {
    type Target = DocumentMut;

    fn deref(&self) -> &DocumentMut {
        &self.edited
    }
}

impl DerefMut for Document {
    fn deref_mut(&mut self) -> &mut DocumentMut {
        &mut self.edited
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let without_mark = self.original.strip_prefix(BYTE_ORDER_MARK);
        if without_mark.is_some() {
            fmt::Write::write_char(f, BYTE_ORDER_MARK)?;
        }
        let original = without_mark.unwrap_or(&self.original);
        let has_crlf = original.split_once('\n').is_some_and(|(first, _)| first.ends_with('\r'));
        let text = with_comments_of(&original.replace("\r\n", "\n"), self.edited.to_string());
        f.write_str(&if has_crlf { with_crlf(&text) } else { text })
    }
}

/// Returns the text with CRLF line ends, except within strings, whose values would change.
fn with_crlf(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut at = 0;
    while at < bytes.len() {
        let next = match bytes[at] {
            b'"' | b'\'' => string_end(bytes, at),
            b'#' => line_end(bytes, at),
            b'\n' => at + 1,
            _ => at + bytes[at..].iter().take_while(|byte| !b"\"'#\n".contains(byte)).count(),
        };
        if bytes[at] == b'\n' && !out.ends_with('\r') {
            out.push('\r');
        }
        out.push_str(&text[at..next]);
        at = next;
    }
    out
}

/// Returns `new` with every comment of `old`. A comment whose key or table was removed moves to what followed it.
fn with_comments_of(old: &str, mut new: String) -> String {
    let insertions = {
        let (before, after) = (Layout::scan(old), Layout::scan(&new));
        let mut unmatched: HashMap<&str, usize> = HashMap::new();
        for comment in &after.comments {
            *unmatched.entry(comment.text).or_default() += 1;
        }
        let positions: HashMap<&Path<'_>, usize> = after
            .statements
            .iter()
            .enumerate()
            .map(|(index, statement)| (&statement.path, after.end_before(index)))
            .collect();
        let mut insertions: BTreeMap<usize, String> = BTreeMap::new();
        for comment in &before.comments {
            if let Some(count @ 1..) = unmatched.get_mut(comment.text) {
                *count -= 1;
                continue;
            }
            let followers = &before.statements[comment.next.min(before.statements.len())..];
            let next = followers.iter().find_map(|statement| positions.get(&statement.path).copied());
            let at = next.unwrap_or_else(|| after.end_before(after.statements.len()));
            let blank_line = if comment.follows_blank_line && at > 0 { "\n" } else { "" };
            insertions.entry(at).or_default().extend([blank_line, comment.text, "\n"]);
        }
        insertions
    };
    for (at, comments) in insertions.into_iter().rev() {
        new.insert_str(at, &comments);
    }
    new
}

/// The header of a table, the number of equal headers before it, and a key in the table; `None` for the header itself.
type Path<'a> = (&'a str, usize, Option<&'a str>);

/// A header, or a key with its value.
struct Statement<'a> {
    path: Path<'a>,
    /// The end of its last line.
    end: usize,
}

struct Comment<'a> {
    text: &'a str,
    /// The index of the first statement after it.
    next: usize,
    follows_blank_line: bool,
}

/// The statements and comments of a valid document with LF line ends.
#[derive(Default)]
struct Layout<'a> {
    statements: Vec<Statement<'a>>,
    comments: Vec<Comment<'a>>,
}

impl<'a> Layout<'a> {
    fn scan(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut layout = Self::default();
        let mut headers: HashMap<&str, usize> = HashMap::new();
        let mut table = ("", 0);
        let (mut at, mut depth) = (0, 0_usize);
        // The range of the statement that is being read, without comments, and the end of its key.
        let (mut statement, mut key_end): (Option<(usize, usize)>, Option<usize>) = (None, None);
        while at <= bytes.len() {
            let byte = bytes.get(at).copied();
            let next = match byte {
                Some(b'#') => {
                    layout.add_comment(text, at, statement.is_some());
                    at = line_end(bytes, at);
                    continue;
                }
                Some(b'"' | b'\'') => string_end(bytes, at),
                _ => at + 1,
            };
            match byte {
                Some(b'[' | b'{') => depth += 1,
                Some(b']' | b'}') => depth = depth.saturating_sub(1),
                Some(b'=') if key_end.is_none() => key_end = Some(at),
                None | Some(b'\n') if depth == 0 || byte.is_none() => {
                    if let Some((start, end)) = statement.take() {
                        let key = key_end.take().map(|end| text[start..end].trim());
                        if key.is_none() {
                            let count = headers.entry(&text[start..end]).or_default();
                            table = (&text[start..end], *count);
                            *count += 1;
                        }
                        let end = next.min(bytes.len());
                        layout.statements.push(Statement { path: (table.0, table.1, key), end });
                    }
                }
                _ => {}
            }
            if byte.is_some_and(|byte| !byte.is_ascii_whitespace()) {
                statement = Some((statement.map_or(at, |(start, _)| start), next));
            }
            at = next;
        }
        layout
    }

    fn add_comment(&mut self, text: &'a str, at: usize, is_in_statement: bool) {
        let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        self.comments.push(Comment {
            text: text[at..line_end(text.as_bytes(), at)].trim_end(),
            next: self.statements.len() + usize::from(is_in_statement),
            follows_blank_line: !is_in_statement && text[..line_start].ends_with("\n\n"),
        });
    }

    /// Returns where the lines before the statement at `index` begin: at the end of the previous statement.
    fn end_before(&self, index: usize) -> usize {
        index.checked_sub(1).and_then(|previous| self.statements.get(previous)).map_or(0, |statement| statement.end)
    }
}

fn line_end(bytes: &[u8], start: usize) -> usize {
    start + bytes[start..].iter().take_while(|byte| **byte != b'\n').count()
}

/// Returns the end of the string that starts at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let is_quote = |at: usize| bytes.get(at) == Some(&quote);
    let is_multiline = is_quote(start + 1) && is_quote(start + 2);
    let mut at = start + if is_multiline { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            _ if is_quote(at) && !is_multiline => return at + 1,
            _ if is_quote(at) && is_quote(at + 1) && is_quote(at + 2) => {
                // Up to two quotes may precede the closing three.
                return at + 3 + (3..5).take_while(|more| is_quote(at + more)).count();
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::store::format::test_profile::{read_profile, write_profile};
    use crate::store::model::Profile;

    const LINES: [&str; 17] = [
        "schema = 1",
        "app = \"a\"",
        "scopes = [\"openid\", \"#no\"]",
        "browser = '''\nfirefox # no\n'''",
        "[token]",
        "access_token = \"x\"",
        "issued_at = \"2026-11-24T14:05:00Z\"",
        "scopes = [\n  \"openid\",\n]",
        "refresh_token = \"\"\"y \\\" # no\"\"\"",
        "mine = { a = 1 }",
        "[[deliver]]",
        "name = \"x = #\"",
        "command = [\"true\"]",
        "[[deliver]]",
        "name = \"z\"",
        "[check]",
        "at = \"2026-11-24T14:05:00Z\"\nverdict = \"unknown\"",
    ];

    fn sign_out(profile: &mut Profile) {
        profile.token = None;
        profile.check = None;
    }

    fn drop_refresh_token(profile: &mut Profile) {
        profile.token.as_mut().unwrap().refresh = None;
    }

    fn remove_everything(profile: &mut Profile) {
        sign_out(profile);
        profile.browser = None;
        profile.scopes.clear();
        profile.deliveries.clear();
    }

    fn comments(text: &str) -> Vec<&str> {
        let mut comments: Vec<&str> = Layout::scan(text).comments.iter().map(|comment| comment.text).collect();
        comments.sort_unstable();
        comments
    }

    #[rstest]
    #[case::of_a_table(
        "# top\n[token] # t\n# key\naccess_token = \"x\" # a\nissued_at = \"2026-11-24T14:05:00Z\"\n\n# next\n[other]\nb = 1\n",
        sign_out,
        "# top\n# t\n# key\n# a\n\n# next\n[other]\nb = 1\n"
    )]
    #[case::of_the_last_table(
        "\n# top\n[token]\naccess_token = \"x\"\nissued_at = \"2026-11-24T14:05:00Z\"\n# end\n",
        sign_out,
        "\n# top\n# end\n"
    )]
    #[case::of_a_key(
        "[token]\naccess_token = \"x\"\nscopes = []\n# why\nrefresh_token = \"y\" # r\nissued_at = \"2026-11-24T14:05:00Z\"\n",
        drop_refresh_token,
        "[token]\naccess_token = \"x\"\nscopes = []\n# why\n# r\nissued_at = \"2026-11-24T14:05:00Z\"\n"
    )]
    fn comments_of_removed_items_move_to_what_follows(
        #[case] tables: &str,
        #[case] change: fn(&mut Profile),
        #[case] expected: &str,
    ) {
        let head = "# head\nschema = 1\napp = \"a\"\nscopes = []\n";
        let text = format!("{head}{tables}");
        let mut profile = read_profile(&text);
        change(&mut profile);
        let after = write_profile(&text, &profile);
        assert_eq!(after, format!("{head}{expected}"));
        assert_eq!(write_profile(&after, &profile), after, "a second save changes nothing");
    }

    #[test]
    fn comments_within_an_array_stay_there() {
        let text = "schema = 1\napp = \"a\"\nscopes = [\n  \"openid\", # who\n]\nbrowser = \"x\"\n";
        let mut profile = read_profile(text);
        profile.browser = None;
        assert_eq!(write_profile(text, &profile), text.replace("browser = \"x\"\n", ""));
    }

    #[rstest]
    fn line_ends_and_byte_order_mark_stay(#[values("", "\u{feff}")] mark: &str, #[values("\n", "\r\n")] end: &str) {
        let text = mark.to_owned() + &(LINES.join("\n") + "\n").replace('\n', end);
        let mut profile = read_profile(&text);
        assert_eq!(write_profile(&text, &profile), text);
        profile.deliveries[0].input = crate::store::Input::Template("a\nb".to_owned());
        drop_refresh_token(&mut profile);
        let after = write_profile(&text, &profile);
        assert!(after.starts_with(mark) && after.matches('\u{feff}').count() == usize::from(!mark.is_empty()));
        let lines = after.replace("\na\nb\"\"\"", "");
        assert_eq!(lines.matches('\n').count(), lines.matches(end).count(), "{after:?}");
        assert_eq!(read_profile(&after), profile);
        assert_eq!(write_profile(&after, &profile), after);
    }

    #[rstest]
    #[case::basic(r#"a="b"|c"#)]
    #[case::empty(r#"a=""|c"#)]
    #[case::escaped_quote(r#"a="b\"c"|d"#)]
    #[case::escaped_backslash(r#"a="b\\"|c""#)]
    #[case::literal(r"a='b\'|c'")]
    #[case::other_quote(r#"a='b"c'|d"#)]
    #[case::multiline(r#"a="""b"c""d"""|e"#)]
    #[case::empty_multiline("a=''''''|b")]
    #[case::escape_in_multiline(r#"a="""b\"""c"""|d"#)]
    #[case::literal_multiline(r"a='''b\'''|c'''")]
    #[case::one_quote_before_the_end(r#"a="""b""""|c"#)]
    #[case::two_quotes_before_the_end(r#"a="""b"""""|c"#)]
    #[case::no_more_than_two(r#"a="""b"""""|""#)]
    #[case::unterminated(r#"a="b|"#)]
    fn a_string_ends_at_its_closing_quotes(#[case] text: &str) {
        let end = text.find('|').unwrap();
        assert_eq!(string_end(text.replace('|', "").as_bytes(), 2), end);
    }

    #[test]
    fn statements_are_found_with_their_tables() {
        let text = "a = 1\n[t] # [no]\nb = [\n  'x', # c = 1\n  { d = 2 },\n]\n\"e=\" = 3\n[[t]]\nf = 4\n[[t]]\nf = 5";
        let layout = Layout::scan(text);
        let paths: Vec<_> = layout.statements.iter().map(|statement| statement.path).collect();
        assert_eq!(
            paths,
            [
                ("", 0, Some("a")),
                ("[t]", 0, None),
                ("[t]", 0, Some("b")),
                ("[t]", 0, Some("\"e=\"")),
                ("[[t]]", 0, None),
                ("[[t]]", 0, Some("f")),
                ("[[t]]", 1, None),
                ("[[t]]", 1, Some("f")),
            ]
        );
        let ends: Vec<_> = layout.statements.iter().map(|statement| &text[..statement.end]).collect();
        assert!(ends[0] == "a = 1\n" && ends[1].ends_with("[no]\n") && ends[2].ends_with("]\n") && ends[7] == text);
    }

    #[rstest]
    #[case::of_two_equal_ones("# x\na = 1\n# x\nb = 1\n", "a = 1\n# x\nb = 1\n", "a = 1\n# x\n# x\nb = 1\n")]
    #[case::of_three_equal_ones("# x\na = 1\n# x\n# x\nb = 1\n", "# x\nb = 1\n", "# x\n# x\n# x\nb = 1\n")]
    #[case::no_blank_line_at_the_start("\n\n# x\na = 1\nb = 1\n", "b = 1\n", "# x\nb = 1\n")]
    fn lost_comments_are_added(#[case] old: &str, #[case] new: &str, #[case] expected: &str) {
        assert_eq!(with_comments_of(old, new.to_owned()), expected);
    }

    #[test]
    fn crlf_line_ends_are_not_added_within_strings() {
        let text = "# it's \"\na = \"\"\"x\n\"\"\"\nb = 'y'\n\n";
        assert_eq!(with_crlf(text), "# it's \"\r\na = \"\"\"x\n\"\"\"\r\nb = 'y'\r\n\r\n");
        assert_eq!(with_crlf("a = 1\r\nb = 2\n"), "a = 1\r\nb = 2\r\n");
    }

    proptest! {
        #[test]
        fn every_comment_survives_a_save(
            above in prop::collection::vec(0..3_usize, LINES.len() + 1),
            after in prop::collection::vec(any::<bool>(), LINES.len()),
            change in prop::sample::select(vec![sign_out as fn(&mut Profile), drop_refresh_token, remove_everything]),
        ) {
            let mut text = String::new();
            for (index, line) in LINES.iter().chain([&""]).enumerate() {
                for number in 0..above[index] {
                    text.extend([format!("\n# above {index}.{number}\n")]);
                }
                text += line;
                if after.get(index) == Some(&true) {
                    text.extend([format!(" # after {index} = [\"")]);
                }
                text.push('\n');
            }
            let mut profile = read_profile(&text);
            change(&mut profile);
            let saved = write_profile(&text, &profile);
            prop_assert_eq!(comments(&saved), comments(&text), "{}", saved);
            prop_assert_eq!(&read_profile(&saved), &profile);
            prop_assert_eq!(saved.contains("[token]"), profile.token.is_some());
            prop_assert_eq!(write_profile(&saved, &profile), saved);
        }
    }
}
