//! Posts as LinkedIn would display them: a feed on the control page, and each under its permalink.

use serde_json::Value;

use super::call::{Call, Reply};
use super::members::{self, SandboxMember};
use super::pages::{self, Html, attribute, fill, text, time};
use super::server::Server;
use super::state::{Post, State};
use super::{content, images, organizations};
use crate::Result;
use crate::linkedin::endpoints::FEED_UPDATE;
use crate::text::{clean, html_escape};

/// How many posts the feed shows.
const SHOWN: usize = 50;
/// A longer text is folded after so many characters, or after so many lines.
const FOLDED: (usize, usize) = (420, 8);
/// What is seen of a folded text.
const START: (usize, usize) = (210, 3);
/// More pictures than that are behind the last one, on the post's own page.
const PICTURES: usize = 5;

const GLOBE: &str = r#"<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm4.9 6h-2a9 9 0 0 0-1.1-4A5.5 5.5 0 0 1 12.9 7zM8 2.700c.6.7 1.3 2.2 1.4 4.300H6.600C6.7 4.9 7.4 3.4 8 2.700zM6.2 3a9 9 0 0 0-1.1 4h-2A5.5 5.5 0 0 1 6.2 3zM3.1 8.500h2A9 9 0 0 0 6.2 13a5.5 5.5 0 0 1-3.1-4.500zM8 13.300c-.6-.7-1.3-2.3-1.4-4.800h2.800c-.1 2.5-.8 4.1-1.4 4.800zm1.8-.3a9 9 0 0 0 1.1-4.500h2A5.5 5.5 0 0 1 9.8 13z"/></svg>"#;
const PEOPLE: &str = r#"<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M5.5 7.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zm5.5 0a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM1 13.500V12a3.5 3.5 0 0 1 3.5-3.500h2A3.5 3.5 0 0 1 10 12v1.500H1zm10.5 0V12c0-1.2-.4-2.3-1.1-3.100l.6-.1h.6A3.4 3.4 0 0 1 15 12.200v1.300h-3.500z"/></svg>"#;
const CHAIN: &str = r#"<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M10 14a5 5 0 0 0 7 0l3-3a5 5 0 0 0-7-7l-1.5 1.500M14 10a5 5 0 0 0-7 0l-3 3a5 5 0 0 0 7 7l1.5-1.5"/></svg>"#;

/// The feed, newest first.
pub(super) fn cards(state: &State, now: i64) -> String {
    let cards: String = state.posts.iter().rev().take(SHOWN).map(|post| card(state, post, now, true)).collect();
    if cards.is_empty() {
        return r#"<div class="update blank"><strong>Nothing was posted yet.</strong>linkedin-tui --sandbox post "Hello LinkedIn API :-)"</div>"#
            .to_owned();
    }
    cards
}

/// `GET /feed/update/{urn}/`.
pub(super) fn permalink(server: &Server, call: &Call) -> Result<Reply> {
    let urn = call.path.trim_start_matches(FEED_UPDATE).trim_end_matches('/').replace("%3A", ":");
    let state = server.store.read()?;
    let now = server.now_ms(state.clock_offset) / 1000;
    Ok(match state.posts.iter().find(|post| post.urn == urn && !post.deleted) {
        None => Reply::html(404, pages::not_found()),
        Some(post) => {
            let back = r#"<div class="single">{{card}}<p><a href="/">← The whole feed</a></p></div>"#;
            let page = fill(back, &[("card", Html(card(&state, post, now, false)))]);
            Reply::html(200, pages::layout(&author(post).0, page))
        }
    })
}

/// The author's name, and whether it is a page's.
fn author(post: &Post) -> (String, bool) {
    match organizations::find(&post.author) {
        Some(page) => (page.name.to_owned(), true),
        None => (members::find(&post.member).map(SandboxMember::shown).unwrap_or_default(), false),
    }
}

fn card(state: &State, post: &Post, now: i64, folds: bool) -> String {
    let (name, is_page) = author(post);
    if post.deleted {
        let line = post.text.lines().next().unwrap_or_default();
        return fill(
            r#"<div class="update gone">Deleted by {{name}}: <s>{{line}}</s></div>
"#,
            &[("name", text(&name)), ("line", text(&clean(line, 60)))],
        );
    }
    let (icon, seen) = if post.visibility == "PUBLIC" { (GLOBE, "Anyone") } else { (PEOPLE, "Connections only") };
    let sum: u32 = post.author.bytes().map(u32::from).sum();
    fill(
        r#"<article class="update" id="{{urn}}" aria-label="Post by {{name}}">
<div class="actor"><span class="face{{square}} c{{colour}}" aria-hidden="true">{{initials}}</span><div><strong>{{name}}</strong><small>{{what}}</small><small class="when"><time title="{{at}}">{{ago}}</time>{{edited}} · {{icon}} <span>{{seen}}</span></small></div></div>
{{words}}{{below}}<footer><span>{{urn}}</span><a href="{{link}}">Permalink</a></footer>
</article>
"#,
        &[
            ("urn", attribute(&post.urn)),
            ("name", text(&name)),
            ("square", Html(if is_page { " page".to_owned() } else { String::new() })),
            ("colour", Html((sum % 6).to_string())),
            ("initials", text(&initials(&name))),
            ("what", text(if is_page { "Page of the sandbox" } else { "Member of the sandbox" })),
            ("at", text(&time(post.at))),
            ("ago", text(&ago(now - post.at))),
            ("edited", text(if post.edited.is_some() { " · Edited" } else { "" })),
            ("icon", Html(icon.to_owned())),
            ("seen", text(seen)),
            ("words", Html(words(&post.text, folds))),
            (
                "below",
                Html(post.content.as_ref().map(|content| below(state, post, content, folds)).unwrap_or_default()),
            ),
            ("link", attribute(&format!("{FEED_UPDATE}{}/", post.urn))),
        ],
    )
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut letters =
        name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphabetic() && !c.is_lowercase()));
    let first = letters.next();
    first.into_iter().chain(letters.next_back()).collect()
}

/// A time as LinkedIn tells it.
fn ago(seconds: i64) -> String {
    match seconds.max(0) {
        0..60 => "Just now".to_owned(),
        s @ 60..3_600 => format!("{}m", s / 60),
        s @ 3_600..86_400 => format!("{}h", s / 3_600),
        s @ 86_400..604_800 => format!("{}d", s / 86_400),
        s => format!("{}w", s / 604_800),
    }
}

/// The text: hashtags stand out, a long one is folded.
fn words(shown: &str, folds: bool) -> String {
    if shown.is_empty() {
        return String::new();
    }
    let long = shown.chars().count() > FOLDED.0 || shown.lines().count() > FOLDED.1;
    let whole = format!(r#"<p class="post">{}</p>"#, marked(shown));
    if !(folds && long) {
        return format!("<div class=\"body\">{whole}</div>\n");
    }
    let first: Vec<&str> = shown.lines().take(START.1).collect();
    let start: String = first.join("\n").chars().take(START.0).collect();
    format!(
        "<div class=\"body\"><details class=\"more\"><summary><span class=\"post start\">{}</span></summary>{whole}</details></div>\n",
        marked(&start)
    )
}

/// Escaped, with its hashtags marked.
fn marked(shown: &str) -> String {
    let mut out = String::new();
    let (mut rest, mut before) = (shown, None::<char>);
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let length: usize = after.chars().take_while(|c| c.is_alphanumeric()).map(char::len_utf8).sum();
        let word = &after[..length];
        if c == '#' && !before.is_some_and(char::is_alphanumeric) && word.chars().any(char::is_alphabetic) {
            out.push_str(&fill("<span class=\"tag\">#{{word}}</span>", &[("word", attribute(word))]));
            before = word.chars().next_back();
            rest = &after[length..];
        } else {
            out.push_str(&html_escape(c.encode_utf8(&mut [0; 4])));
            before = Some(c);
            rest = after;
        }
    }
    out
}

fn below(state: &State, post: &Post, content: &Value, folds: bool) -> String {
    if let Some(article) = content.get("article") {
        return link_card(article);
    }
    let all = content::images(content);
    let shown = if folds { all.len().min(PICTURES) } else { all.len() };
    let mut cells = String::new();
    for (index, (urn, alt)) in all.iter().take(shown).enumerate() {
        let Some(image) = state.images.iter().find(|image| image.urn() == *urn) else { continue };
        let picture = fill(
            r#"<img src="{{source}}" alt="{{alt}}" loading="lazy">"#,
            &[
                ("source", attribute(&format!("{}{}", images::SHOWN, image.id))),
                ("alt", attribute(&clean(alt.unwrap_or_default(), 4086))),
            ],
        );
        let rest = all.len() - shown;
        if rest > 0 && index + 1 == shown {
            let cell = r#"<a href="{{link}}" aria-label="{{rest}} more images">{{picture}}<span class="rest">+{{rest}}</span></a>"#;
            let link = attribute(&format!("{FEED_UPDATE}{}/", post.urn));
            cells.push_str(&fill(
                cell,
                &[("link", link), ("rest", text(&rest.to_string())), ("picture", Html(picture))],
            ));
        } else {
            cells.push_str(&fill("<div>{{picture}}</div>", &[("picture", Html(picture))]));
        }
    }
    format!("<div class=\"pictures n{shown}\">{cells}</div>\n")
}

/// A link's card. LinkedIn reads nothing from the page, so there is only what was sent.
fn link_card(article: &Value) -> String {
    let field = |name: &str| article[name].as_str().unwrap_or_default();
    let source = url::Url::parse(field("source")).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let inner = fill(
        r#"<span class="sign">{{icon}}</span><span class="about"><strong>{{title}}</strong><small>{{description}}</small><small>{{host}}</small></span>"#,
        &[
            ("icon", Html(CHAIN.to_owned())),
            ("title", text(field("title"))),
            ("description", text(field("description"))),
            ("host", text(source.as_ref().and_then(url::Url::host_str).unwrap_or_else(|| field("source")))),
        ],
    );
    match source {
        Some(url) => fill(
            r#"<a class="article" href="{{url}}" rel="noopener noreferrer nofollow">{{inner}}</a>
"#,
            &[("url", attribute(url.as_str())), ("inner", Html(inner))],
        ),
        None => format!("<div class=\"article\">{inner}</div>\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_times_are_told_as_on_linkedin() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("李小龙"), "李");
        assert_eq!(initials("Augusta Ada King"), "AK");
        let times = [(0, "Just now"), (61, "1m"), (7_200, "2h"), (90_000, "1d"), (1_300_000, "2w"), (-5, "Just now")];
        for (seconds, words) in times {
            assert_eq!(ago(seconds), words);
        }
    }

    #[test]
    fn hashtags_stand_out_and_nothing_is_markup() {
        assert_eq!(marked("go #rust, C# <b>"), "go <span class=\"tag\">#rust</span>, C# &lt;b&gt;");
        assert_eq!(marked("#1 x#y"), "#1 x#y");
        let folded = words(&"line\n".repeat(20), true);
        assert!(folded.contains("<details") && words(&"line\n".repeat(20), false).contains("<p class"));
    }
}
