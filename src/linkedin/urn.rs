//! URNs, by which LinkedIn's API names members, Pages, posts and images ("URNs and IDs").

/// Longest kind or ID of a URN, in bytes.
const MAX_PART_BYTES: usize = 200;

/// Returns whether `text` is `urn:li:KIND:ID`, without a character that would change the meaning of a path.
pub(crate) fn is_urn(text: &str) -> bool {
    let is_part = |part: &str| {
        (1..=MAX_PART_BYTES).contains(&part.len())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    let parts = text.strip_prefix("urn:li:").and_then(|rest| rest.split_once(':'));
    parts.is_some_and(|(kind, id)| is_part(kind) && is_part(id))
}

/// Encodes a URN for a path or a query, as the API requires it.
pub(crate) fn encode(urn: &str) -> String {
    urn.replace(':', "%3A")
}

/// The kinds of URNs that name a post.
const POST_KINDS: [&str; 3] = ["share", "ugcPost", "activity"];

/// Reads the URN of a post from the URN itself, percent-encoded or not, or from any link to the post that LinkedIn shows:
/// `/feed/update/URN`, `/embed/feed/update/URN`, `/posts/TITLE-activity-ID-CODE`.
pub(crate) fn parse_post_urn(text: &str) -> Option<String> {
    // The query of a link is about its visitor, or about a comment.
    let path = text.trim().split(['?', '#']).next().unwrap_or_default();
    let path = path.replace("%3A", ":").replace("%3a", ":");
    if path.starts_with("urn:") {
        return is_post_urn(&path).then_some(path);
    }
    let is_share_link = path.contains("/posts/");
    path.rsplit('/').find_map(|word| {
        if is_post_urn(word) { Some(word.to_owned()) } else { parse_slug(word).filter(|_| is_share_link) }
    })
}

/// Reads a comment from its URN, percent-encoded or not, or from a link to it: the URN of the post, and the comment's ID.
pub(crate) fn parse_comment_urn(text: &str) -> Option<(String, String)> {
    let url = url::Url::parse(text.trim()).ok().filter(|url| url.scheme().starts_with("http"));
    let linked = url.as_ref().and_then(|url| url.query_pairs().find(|(name, _)| name == "commentUrn"));
    let urn = decode(linked.as_ref().map_or(text.trim(), |(_, urn)| urn));
    let (post, id) = urn.strip_prefix("urn:li:comment:(")?.strip_suffix(')')?.rsplit_once(',')?;
    // Links have the short form.
    let post = if post.starts_with("urn:") { post.to_owned() } else { format!("urn:li:{post}") };
    (is_post_urn(&post) && is_number(id)).then(|| (post, id.to_owned()))
}

/// Decodes the characters of a URN that are percent-encoded.
pub(crate) fn decode(urn: &str) -> String {
    [("%3A", ":"), ("%28", "("), ("%29", ")"), ("%2C", ",")]
        .into_iter()
        .fold(urn.to_owned(), |text, (from, to)| text.replace(from, to).replace(&from.to_ascii_lowercase(), to))
}

fn is_post_urn(text: &str) -> bool {
    let parts = text.strip_prefix("urn:li:").and_then(|rest| rest.split_once(':'));
    is_urn(text) && parts.is_some_and(|(kind, id)| POST_KINDS.contains(&kind) && is_number(id))
}

/// Reads the last `-KIND-ID` of a word in a link to `/posts/`: the title before it may contain such a pair too.
fn parse_slug(word: &str) -> Option<String> {
    let words: Vec<&str> = word.split('-').collect();
    let is_post = |pair: &&[&str]| POST_KINDS.contains(&pair[0]) && is_number(pair[1]);
    let pair = words.windows(2).rev().find(is_post)?;
    Some(format!("urn:li:{}:{}", pair[0], pair[1]))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether `text` is the URN of a member or of a Page, which can be authors.
pub(crate) fn is_author_urn(text: &str) -> bool {
    is_urn(text) && (text.starts_with("urn:li:person:") || is_page_urn(text))
}

/// Returns whether `urn` names a Page.
pub(crate) fn is_page_urn(urn: &str) -> bool {
    urn.starts_with("urn:li:organization:")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::urn("urn:li:share:7141138937766391808", "urn:li:share:7141138937766391808")]
    #[case::ugc_post(" urn:li:ugcPost:71\n", "urn:li:ugcPost:71")]
    #[case::encoded("urn%3Ali%3aactivity%3A71", "urn:li:activity:71")]
    #[case::permalink("https://www.linkedin.com/feed/update/urn:li:share:71/", "urn:li:share:71")]
    #[case::permalink_encoded("https://www.linkedin.com/feed/update/urn%3Ali%3Ashare%3A71?utm=a/b", "urn:li:share:71")]
    #[case::local("http://127.0.0.1:8080/feed/update/urn:li:ugcPost:71/", "urn:li:ugcPost:71")]
    #[case::embedded("https://www.linkedin.com/embed/feed/update/urn:li:share:71?collapsed=1", "urn:li:share:71")]
    #[case::of_a_comment(
        "https://www.linkedin.com/feed/update/urn:li:activity:71?commentUrn=urn%3Ali%3Acomment%3A%28activity%3A71%2C5%29",
        "urn:li:activity:71"
    )]
    #[case::share_link(
        "https://www.linkedin.com/posts/ada-lovelace_rust-activity-7141138937766391808-AbCd?utm_source=share",
        "urn:li:activity:7141138937766391808"
    )]
    #[case::pair_in_the_title("https://linkedin.com/posts/ada_my-share-5-of-it-ugcPost-71-x_y/", "urn:li:ugcPost:71")]
    fn posts_are_found_in_every_form(#[case] text: &str, #[case] urn: &str) {
        assert_eq!(parse_post_urn(text).as_deref(), Some(urn));
    }

    #[rstest]
    #[case::empty("")]
    #[case::number("7141138937766391808")]
    #[case::member("urn:li:person:-Xq_7")]
    #[case::word_as_id("urn:li:share:x")]
    #[case::profile("https://www.linkedin.com/in/ada-activity-71/")]
    #[case::feed("https://www.linkedin.com/feed/")]
    #[case::path_after("urn:li:share:71/../x")]
    #[case::query_only("https://www.linkedin.com/feed/?id=urn:li:share:71")]
    fn other_texts_name_no_post(#[case] text: &str) {
        assert_eq!(parse_post_urn(text), None);
    }

    #[rstest]
    #[case::urn("urn:li:comment:(urn:li:share:71,5)", "urn:li:share:71")]
    #[case::encoded("urn%3Ali%3acomment%3A%28urn%3Ali%3Aactivity%3A71%2c5%29", "urn:li:activity:71")]
    #[case::short("urn:li:comment:(activity:71,5)", "urn:li:activity:71")]
    #[case::link(
        "https://www.linkedin.com/feed/update/urn:li:activity:71?commentUrn=urn%3Ali%3Acomment%3A%28activity%3A71%2C5%29&x=1",
        "urn:li:activity:71"
    )]
    fn comments_are_found_in_every_form(#[case] text: &str, #[case] post: &str) {
        assert_eq!(parse_comment_urn(text), Some((post.to_owned(), "5".to_owned())));
    }

    #[rstest]
    #[case::post("urn:li:share:71")]
    #[case::link_to_the_post("https://www.linkedin.com/feed/update/urn:li:activity:71")]
    #[case::no_number("urn:li:comment:(urn:li:share:71,5/../6)")]
    #[case::member("urn:li:comment:(urn:li:person:x,5)")]
    #[case::open("urn:li:comment:(urn:li:share:71,5")]
    fn other_texts_name_no_comment(#[case] text: &str) {
        assert_eq!(parse_comment_urn(text), None);
    }

    #[test]
    fn authors_are_members_and_pages() {
        for (urn, is_author) in [
            ("urn:li:person:-Xq_7", true),
            ("urn:li:organization:7", true),
            ("urn:li:share:7", false),
            ("urn:li:person:", false),
            ("-Xq_7", false),
        ] {
            assert_eq!(is_author_urn(urn), is_author, "{urn}");
        }
    }

    #[test]
    fn invalid_urns_are_rejected() {
        for good in ["urn:li:share:7141138937766391808", "urn:li:person:-Xq_7", "urn:li:ugcPost:1"] {
            assert!(is_urn(good), "{good}");
        }
        for bad in ["", "urn:li:share:", "urn:li:share:1/../2", "urn:li:share:1 ", "share:1", "urn:li:a:b:c"] {
            assert!(!is_urn(bad), "{bad}");
        }
    }
}
