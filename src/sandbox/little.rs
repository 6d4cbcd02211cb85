//! LinkedIn's `little` text format, as its Posts API reads it.
//!
//! Source: "little Text Format" (learn.microsoft.com/linkedin): fifteen characters must be
//! escaped. The published text ends before one that is not, and the answer is 201 all the same.

const RESERVED: &str = r"\|{}@[]()<>#*_~";

/// Returns the text as it is published.
pub(super) fn published(commentary: &str) -> String {
    let mut text = String::new();
    let mut rest = commentary;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let next = after.chars().next();
        if first == '\\' {
            let Some(escaped) = next.filter(|c| RESERVED.contains(*c)) else { break };
            text.push(escaped);
            rest = &after[escaped.len_utf8()..];
        } else if !RESERVED.contains(first) || first == '#' && next.is_some_and(char::is_alphanumeric) {
            text.push(first);
            rest = after;
        } else if let Some((template_text, after_template)) = template(rest) {
            text.push_str(&template_text);
            rest = after_template;
        } else {
            break;
        }
    }
    text
}

/// Splits a mention or a hashtag template off the start: its text, and the rest.
fn template(text: &str) -> Option<(String, &str)> {
    if let Some(mention) = text.strip_prefix("@[") {
        let (name, rest) = mention.split_once("](")?;
        let (urn, rest) = rest.split_once(')')?;
        return urn.starts_with("urn:li:").then(|| (name.to_owned(), rest));
    }
    let (word, rest) = text.strip_prefix(r"{hashtag|\#|")?.split_once('}')?;
    Some((format!("#{word}"), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unescaped_character_cuts_the_rest() {
        assert_eq!(published("Hello LinkedIn API :-) bye"), "Hello LinkedIn API :-");
        assert_eq!(published(r"Hello LinkedIn API :-\) bye"), "Hello LinkedIn API :-) bye");
        assert_eq!(published(r"a \\ \* \_ 李小龙"), r"a \ * _ 李小龙");
        assert_eq!(published("trailing \\"), "trailing ");
    }

    #[test]
    fn hashtags_and_mentions_are_text() {
        assert_eq!(published("see #rust now"), "see #rust now");
        assert_eq!(published(r"see {hashtag|\#|rust} now"), "see #rust now");
        assert_eq!(published("hi @[Ada](urn:li:person:x)!"), "hi Ada!");
        assert_eq!(published("hi @ada"), "hi ");
    }
}
