//! LinkedIn's `little` text format, as its Posts API reads it.
//!
//! Source: "little Text Format" (learn.microsoft.com/linkedin): fifteen characters must be
//! escaped. The published text ends before an unescaped one, and the status is 201 nevertheless.

const RESERVED: &str = r"\|{}@[]()<>#*_~";

/// Returns the text as it is published.
pub(super) fn published_text(commentary: &str) -> String {
    let mut text = String::new();
    let mut remaining = commentary;
    while let Some(first) = remaining.chars().next() {
        let after = &remaining[first.len_utf8()..];
        let next = after.chars().next();
        if first == '\\' {
            let Some(escaped) = next.filter(|c| RESERVED.contains(*c)) else { break };
            text.push(escaped);
            remaining = &after[escaped.len_utf8()..];
        } else if !RESERVED.contains(first) || first == '#' && next.is_some_and(char::is_alphanumeric) {
            text.push(first);
            remaining = after;
        } else if let Some((template_text, after_template)) = split_template(remaining) {
            text.push_str(&template_text);
            remaining = after_template;
        } else {
            break;
        }
    }
    text
}

/// Splits a mention or a hashtag template off the start; returns its text and what follows it.
fn split_template(text: &str) -> Option<(String, &str)> {
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
    fn an_unescaped_character_ends_the_text() {
        assert_eq!(published_text("Hello LinkedIn API :-) bye"), "Hello LinkedIn API :-");
        assert_eq!(published_text(r"Hello LinkedIn API :-\) bye"), "Hello LinkedIn API :-) bye");
        assert_eq!(published_text(r"a \\ \* \_ 李小龙"), r"a \ * _ 李小龙");
        assert_eq!(published_text("trailing \\"), "trailing ");
    }

    #[test]
    fn hashtags_and_mentions_are_text() {
        assert_eq!(published_text("see #rust now"), "see #rust now");
        assert_eq!(published_text(r"see {hashtag|\#|rust} now"), "see #rust now");
        assert_eq!(published_text("hi @[Ada](urn:li:person:x)!"), "hi Ada!");
        assert_eq!(published_text("hi @ada"), "hi ");
    }
}
