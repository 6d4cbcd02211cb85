//! LinkedIn's `little` text format, in which `POST /rest/posts` expects the text of a post ("little Text
//! Format"). An unescaped reserved character silently truncates the published text, and the response is
//! still 201.

/// The characters that a backslash must escape.
const RESERVED: &str = r"\|{}@[]()<>#*_~";

/// Escapes a text so that it is published unchanged. A `#word` stays a hashtag, and with `has_mentions` a
/// `@[Name](urn:li:person:ID)` (or of an organization) stays a mention.
pub(crate) fn escape(text: &str, has_mentions: bool) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if has_mentions && let Some((mention, _)) = parse_mention(rest) {
            out.push_str(mention);
            before = mention.chars().next_back();
            rest = &rest[mention.len()..];
            continue;
        }
        let after = &rest[c.len_utf8()..];
        if RESERVED.contains(c) && !(c == '#' && is_hashtag(before, after)) {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
        rest = after;
    }
    out
}

/// Converts a text for an API that expects plain text: a mention becomes its name.
pub(crate) fn to_plain_text(text: &str, has_mentions: bool) -> String {
    if !has_mentions {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((mention, name)) = parse_mention(rest) {
            out.push_str(name);
            rest = &rest[mention.len()..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// Returns whether a `#` between `before` and `after` begins a hashtag: at the start of a word that has a
/// letter. In doubt it is escaped, which never changes the text.
fn is_hashtag(before: Option<char>, after: &str) -> bool {
    before.is_none_or(|c| c.is_whitespace() || c == '(')
        && after.chars().take_while(|c| c.is_alphanumeric()).any(char::is_alphabetic)
}

/// Returns the mention with a URN at the start of the text, and the name in it.
fn parse_mention(text: &str) -> Option<(&str, &str)> {
    let Mention { source, name, target } = Mention::parse(text)?;
    matches!(target, MentionTarget::Urn(_)).then_some((source, name))
}

/// A mention as it is typed. LinkedIn knows only those with a URN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mention<'a> {
    /// From its `@` to its last bracket.
    pub source: &'a str,
    pub name: &'a str,
    pub target: MentionTarget<'a>,
}

/// What a mention has in its parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MentionTarget<'a> {
    /// The URN of a member or a Page.
    Urn(&'a str),
    /// What a Page's link has after `/company/`: its vanity name, or its ID.
    Page(&'a str),
    /// There are no parentheses.
    Name,
}

impl<'a> Mention<'a> {
    /// Parses the mention at the start of the text.
    fn parse(text: &'a str) -> Option<Self> {
        let (name, rest) = text.strip_prefix("@[")?.split_once(']')?;
        let is_plain_name = !name.trim().is_empty() && !name.contains(|c| RESERVED.contains(c));
        let (target, length) = match rest.strip_prefix('(') {
            None => (MentionTarget::Name, 0),
            Some(inner) => {
                let (inner, _) = inner.split_once(')')?;
                (MentionTarget::parse(inner)?, "()".len() + inner.len())
            }
        };
        let source = &text[.."@[]".len() + name.len() + length];
        is_plain_name.then_some(Self { source, name, target })
    }
}

impl<'a> MentionTarget<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if let Some(id) = text.strip_prefix("urn:li:person:").or_else(|| text.strip_prefix("urn:li:organization:")) {
            let is_id = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
            return is_id.then_some(Self::Urn(text));
        }
        text.strip_prefix("company:").or_else(|| parse_page_link(text)).map(Self::Page)
    }
}

/// Returns what a link to a Page has after `/company/`.
fn parse_page_link(text: &str) -> Option<&str> {
    let address = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
    let (host, path) = address.split_once('/')?;
    let is_linkedin = host == "linkedin.com" || host.ends_with(".linkedin.com");
    path.strip_prefix("company/").filter(|_| is_linkedin)?.split(['/', '?', '#']).next()
}

/// Replaces each mention by what `replace` returns for it, if it returns anything.
pub(crate) fn replace_mentions<E>(
    text: &str,
    mut replace: impl FnMut(Mention<'_>) -> Result<Option<String>, E>,
) -> Result<String, E> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("@[") {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let mention = Mention::parse(rest);
        let source = mention.map_or("@[", |mention| mention.source);
        let replacement = mention.map(&mut replace).transpose()?.flatten();
        out.push_str(replacement.as_deref().unwrap_or(source));
        rest = &rest[source.len()..];
    }
    out.push_str(rest);
    Ok(out)
}

/// A part of a text as LinkedIn shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextPart<'a> {
    Plain(&'a str),
    /// With its `#`.
    Hashtag(&'a str),
    /// The name of the mentioned member or Page.
    Mention(&'a str),
    /// A name without a URN: a mention if it is known, otherwise text with its brackets.
    Name {
        source: &'a str,
        name: &'a str,
    },
}

/// Parses a text into what is published as a hashtag, as a mention, and unchanged.
pub(crate) fn parse_text_parts(text: &str) -> Vec<TextPart<'_>> {
    let mut parts = Vec::new();
    let (mut begin, mut at) = (0, 0);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (part, length) = if let Some(Mention { source, name, target }) = Mention::parse(rest) {
            let is_name = target == MentionTarget::Name;
            (if is_name { TextPart::Name { source, name } } else { TextPart::Mention(name) }, source.len())
        } else if c == '#' && is_hashtag(text[..at].chars().next_back(), &rest[1..]) {
            let end = rest[1..].find(|c: char| !c.is_alphanumeric()).map_or(rest.len(), |end| end + 1);
            (TextPart::Hashtag(&rest[..end]), end)
        } else {
            at += c.len_utf8();
            continue;
        };
        if begin < at {
            parts.push(TextPart::Plain(&text[begin..at]));
        }
        parts.push(part);
        at += length;
        begin = at;
    }
    if begin < text.len() {
        parts.push(TextPart::Plain(&text[begin..]));
    }
    parts
}

/// Returns the length of a text as LinkedIn counts it: in UTF-16 code units.
pub(crate) fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Returns what LinkedIn publishes of an escaped text, a mention by its name; `None` if a reserved character would
/// truncate it.
#[cfg(any(fuzzing, test))]
pub(crate) fn published_text(little: &str, has_mentions: bool) -> Option<String> {
    let mut out = String::new();
    let mut rest = little;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        rest = after;
        match c {
            '\\' => {
                let escaped = after.chars().next().filter(|c| RESERVED.contains(*c))?;
                out.push(escaped);
                rest = &after[escaped.len_utf8()..];
            }
            '#' if after.starts_with(char::is_alphanumeric) => out.push('#'),
            '@' if has_mentions => {
                let (name, after) = after.strip_prefix('[')?.split_once("](urn:li:")?;
                let (urn, after) = after.split_once(')')?;
                let is_plain = |text: &str| !text.is_empty() && !text.contains(['\\', '[', ']', '(', '@', '{', '<']);
                (is_plain(name) && is_plain(urn)).then(|| out.push_str(name))?;
                rest = after;
            }
            c if RESERVED.contains(c) => return None,
            c => out.push(c),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_reserved_character_is_escaped() {
        assert_eq!(escape(RESERVED, false), r"\\\|\{\}\@\[\]\(\)\<\>\#\*\_\~");
        assert_eq!(escape("Hello LinkedIn API :-)", false), r"Hello LinkedIn API :-\)");
    }

    #[test]
    fn only_real_hashtags_stay() {
        for (typed, little) in [
            ("#rust and #100DaysOfCode", "#rust and #100DaysOfCode"),
            ("(#rust)", r"\(#rust\)"),
            ("a #1, C# and x#y ## #", r"a \#1, C\# and x\#y \#\# \#"),
            ("https://x.example/#top", r"https://x.example/\#top"),
            ("#snake_case", r"#snake\_case"),
            ("#李小龙", "#李小龙"),
            (r"\#rust", r"\\\#rust"),
        ] {
            assert_eq!(escape(typed, false), little, "{typed}");
        }
    }

    #[test]
    fn mentions_stay_only_on_request() {
        let text = "hi @[Ada Lovelace](urn:li:person:-Xq_7), @[x](javascript:1) @ada";
        assert_eq!(escape(text, true), r"hi @[Ada Lovelace](urn:li:person:-Xq_7), \@\[x\]\(javascript:1\) \@ada");
        assert!(escape(text, false).starts_with(r"hi \@\[Ada"));
        assert_eq!(to_plain_text(text, true), "hi Ada Lovelace, @[x](javascript:1) @ada");
        assert_eq!(to_plain_text(text, false), text);
    }

    #[test]
    fn mentions_are_parsed_with_their_targets() {
        use MentionTarget::{Name, Page, Urn};
        for (text, source, target) in [
            ("@[Ada](urn:li:person:-X) and", "@[Ada](urn:li:person:-X)", Some(Urn("urn:li:person:-X"))),
            ("@[Ada], hi", "@[Ada]", Some(Name)),
            ("@[Ada] (her)", "@[Ada]", Some(Name)),
            ("@[A B](company:a-b)", "@[A B](company:a-b)", Some(Page("a-b"))),
            ("@[A](https://www.linkedin.com/company/a-b/about/?x=1)", "", Some(Page("a-b"))),
            ("@[A](de.linkedin.com/company/2414183)", "", Some(Page("2414183"))),
            ("@[A](https://linkedin.com.evil.example/company/a)", "", None),
            ("@[A](https://www.linkedin.com/in/ada/)", "", None),
            ("@[A](urn:li:share:1)", "", None),
            ("@[A](company:a", "", None),
            ("@[A*](company:a)", "", None),
            ("@[ ]", "", None),
            ("@[A", "", None),
            ("@Ada", "", None),
        ] {
            let mention = Mention::parse(text);
            assert_eq!(mention.map(|mention| mention.target), target, "{text}");
            if !source.is_empty() {
                assert_eq!(mention.unwrap().source, source);
            }
        }
    }

    #[test]
    fn mentions_are_replaced_where_they_are() {
        let upper = |mention: Mention<'_>| Ok((mention.name != "b").then(|| mention.name.to_uppercase()));
        let replaced: Result<String, ()> = replace_mentions("@[@[a] x @[b](company:c) @[ü]@ @[", upper);
        assert_eq!(replaced.as_deref(), Ok("@[A x @[b](company:c) Ü@ @["));
        let failed = replace_mentions("x @[a]", |mention| Err::<Option<String>, _>(mention.name.to_owned()));
        assert_eq!(failed, Err("a".to_owned()));
    }

    #[test]
    fn text_parts_are_hashtags_mentions_and_the_rest() {
        assert_eq!(parse_text_parts("@[x]"), [TextPart::Name { source: "@[x]", name: "x" }]);
        let text = "hi @[Ada Lovelace](urn:li:person:-Xq_7), #rust-lang a#b #1";
        let expected = [
            TextPart::Plain("hi "),
            TextPart::Mention("Ada Lovelace"),
            TextPart::Plain(", "),
            TextPart::Hashtag("#rust"),
            TextPart::Plain("-lang a#b #1"),
        ];
        assert_eq!(parse_text_parts(text), expected);
        assert_eq!(parse_text_parts(""), []);
    }

    proptest! {
        #[test]
        fn nothing_truncates_an_escaped_text(typed in r"(\PC|[\\|{}@\[\]()<>#*_~ a1\n]){0,60}") {
            let little = escape(&typed, false);
            prop_assert_eq!(published_text(&little, false), Some(typed));
        }
    }
}
