//! Each kind of post, published on the command line, in the interface and by MCP, as a person sees it in the sandbox's
//! feed: Chromium loads the page. Run by `cargo test -- --ignored`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::e2e::chromium::Chromium;
use crate::e2e::interface::start;
use crate::e2e::mcp::Client;
use crate::e2e::social::{COMMUNITY_SCOPES, signed_in_with_approved_app};
use crate::e2e::terminal::Terminal;
use crate::e2e::test_env::{TestEnv, json as parsed, stderr};
use crate::support::wait_for;

/// A kind of post: how each face is asked for it, and what a reader sees. In each text `{parent}` is the URL of the first
/// post in the feed. Files are relative to the working directory.
struct Kind {
    name: &'static str,
    /// The options of `post`.
    options: &'static [&'static str],
    /// The attachment of the tool `create_post` in JSON.
    tool: &'static str,
    /// The attachment in the form of the interface and its fields in their order.
    form: (&'static str, &'static [&'static str]),
    /// What is visible below the text, from top to bottom.
    seen: &'static [&'static str],
    /// The width in pixels of the file, and the alt text, of each picture that is visible.
    pictures: &'static [(u32, &'static str)],
}

const KINDS: &[Kind] = &[
    Kind { name: "Text", options: &[], tool: "null", form: ("None", &[]), seen: &[], pictures: &[] },
    Kind {
        name: "Link",
        options: &[
            "--link",
            "https://example.com/a?b=c",
            "--title",
            "A page",
            "--description",
            "About it",
            "--thumbnail",
            "picture.png",
        ],
        tool: r#"{"link": {"url": "https://example.com/a?b=c", "title": "A page", "description": "About it",
                "thumbnail": "picture.png"}}"#,
        form: ("Link", &["https://example.com/a?b=c", "A page", "About it", "picture.png"]),
        seen: &["A page", "About it", "example.com"],
        pictures: &[(48, "")],
    },
    Kind {
        name: "Preview of a link",
        options: &["--link", "{parent}", "--preview-link"],
        tool: r#"{"link": {"url": "{parent}", "read_page": true}}"#,
        // Ctrl-L reads the page.
        form: ("Link", &["{parent}\u{c}"]),
        seen: &["Ada Lovelace | linkedin-tui sandbox", "The first post", "127.0.0.1"],
        pictures: &[(48, "")],
    },
    Kind {
        name: "Image",
        options: &["--image", "picture.png", "--alt", "A blue card"],
        tool: r#"{"images": [{"path": "picture.png", "alt": "A blue card"}]}"#,
        form: ("Images", &["picture.png", "A blue card"]),
        seen: &[],
        pictures: &[(48, "A blue card")],
    },
    Kind {
        name: "Images",
        options: &[
            "--image",
            "picture.png",
            "--alt",
            "One",
            "--image",
            "photo.jpg",
            "--alt",
            "Two",
            "--image",
            "dot.gif",
        ],
        tool: r#"{"images": [{"path": "picture.png", "alt": "One"}, {"path": "photo.jpg", "alt": "Two"},
                {"path": "dot.gif"}]}"#,
        form: ("Images", &["picture.png", "One", "photo.jpg", "Two", "dot.gif", ""]),
        seen: &[],
        pictures: &[(48, "One"), (48, "Two"), (1, "")],
    },
    Kind {
        name: "Document",
        options: &["--document", "slides.pdf", "--title", "Our slides"],
        tool: r#"{"document": {"path": "slides.pdf", "title": "Our slides"}}"#,
        form: ("Document", &["slides.pdf", "Our slides"]),
        seen: &["Our slides", "Document · 2 pages"],
        pictures: &[],
    },
    Kind {
        name: "Carousel",
        options: &[
            "--carousel",
            "picture.png",
            "--carousel",
            "photo.jpg",
            "--carousel",
            "picture.png",
            "--title",
            "Swipe",
        ],
        tool: r#"{"document": {"carousel": ["picture.png", "photo.jpg", "picture.png"], "title": "Swipe"}}"#,
        form: ("Carousel", &["picture.png", "photo.jpg", "picture.png", "", "Swipe"]),
        seen: &["Swipe", "Document · 3 pages"],
        pictures: &[],
    },
    Kind {
        name: "Video",
        options: &["--video", "film.mp4", "--title", "A film", "--captions", "film.vtt", "--thumbnail", "picture.png"],
        tool: r#"{"video": {"path": "film.mp4", "title": "A film", "captions": "film.vtt", "thumbnail": "picture.png"}}"#,
        form: ("Video", &["film.mp4", "A film", "film.vtt", "picture.png"]),
        seen: &["▶", "A film", "Video · 1:23 · captions"],
        pictures: &[(48, "")],
    },
    Kind {
        name: "Poll",
        options: &["--poll", "Tabs or <b>?", "--option", "Tabs", "--option", "Spaces", "--option", "Neither"],
        tool: r#"{"poll": {"question": "Tabs or <b>?", "options": ["Tabs", "Spaces", "Neither"]}}"#,
        form: ("Poll", &["Tabs or <b>?", "Tabs", "Spaces", "Neither"]),
        seen: &["Tabs or <b>?", "Tabs", "Spaces", "Neither", "Open for 3 days"],
        pictures: &[],
    },
    Kind {
        name: "Reshare",
        options: &["--reshare", "{parent}"],
        tool: r#"{"reshare": "{parent}"}"#,
        form: ("Reshare", &["{parent}"]),
        seen: &["Ada Lovelace", "Anyone", "The first post"],
        pictures: &[(48, "The first picture")],
    },
];

/// An author of posts: the member or a Page.
struct Author {
    name: &'static str,
    /// The URN of the Page; `None` for the member.
    page: Option<&'static str>,
}

const MEMBER: Author = Author { name: "Ada Lovelace", page: None };
const PAGE: Author = Author { name: "Analytical Engines", page: Some("urn:li:organization:2414183") };

/// Asks a face to publish and to write below posts.
trait Face {
    /// Its name, with its article.
    fn name(&self) -> &'static str;

    /// Publishes a post.
    fn publish(&mut self, text: &str, kind: &Kind);

    /// Changes the text of the last post.
    fn edit(&mut self, text: &str);

    /// Comments on the last post.
    fn comment(&mut self, text: &str);

    /// Reacts to the last post with "celebrate", after a comment on it.
    fn react(&mut self);
}

/// What every face needs to know.
#[derive(Clone, Copy)]
struct Stage<'a> {
    env: &'a TestEnv,
    author: &'a Author,
    /// The URL of the first post in the feed.
    parent: &'a str,
}

impl Stage<'_> {
    fn fill(&self, text: &str) -> String {
        text.replace("{parent}", self.parent)
    }

    /// Returns a field of the last post.
    fn last(&self, field: &str) -> String {
        let posts = self.env.sandbox_state()["posts"].clone();
        posts.as_array().unwrap().last().unwrap()[field].as_str().unwrap().to_owned()
    }
}

struct CommandLine<'a>(Stage<'a>);

impl CommandLine<'_> {
    /// Runs a command that acts as the author.
    fn run_as_author(&self, arguments: &[&str]) {
        let author = self.0.author.page.map(|page| ["--as", page]);
        self.run(&[arguments, author.as_ref().map_or(&[][..], |option| option)].concat());
    }

    fn run(&self, arguments: &[&str]) {
        let output = self.0.env.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    }
}

impl Face for CommandLine<'_> {
    fn name(&self) -> &'static str {
        "the command line"
    }

    fn publish(&mut self, text: &str, kind: &Kind) {
        let options: Vec<String> = kind.options.iter().map(|option| self.0.fill(option)).collect();
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        self.run_as_author(&[&["post", text], &options[..]].concat());
    }

    fn edit(&mut self, text: &str) {
        self.run(&["post", text, "--edit", &self.0.last("urn")]);
    }

    fn comment(&mut self, text: &str) {
        self.run_as_author(&["comment", &self.0.last("urn"), text]);
    }

    fn react(&mut self) {
        self.run_as_author(&["react", &self.0.last("urn"), "celebrate"]);
    }
}

struct Mcp<'a>(Stage<'a>, Client);

impl Mcp<'_> {
    fn call_as_author(&mut self, tool: &str, mut arguments: Value) {
        if let Some(page) = self.0.author.page {
            arguments["author"] = page.into();
        }
        self.1.confirm(tool, &arguments);
    }
}

impl Face for Mcp<'_> {
    fn name(&self) -> &'static str {
        "an assistant"
    }

    fn publish(&mut self, text: &str, kind: &Kind) {
        let attachment: Value = serde_json::from_str(&self.0.fill(kind.tool)).unwrap();
        self.call_as_author("create_post", json!({"text": text, "attachment": attachment}));
    }

    fn edit(&mut self, text: &str) {
        self.1.confirm("edit_post", &json!({"post": self.0.last("urn"), "text": text}));
    }

    fn comment(&mut self, text: &str) {
        self.call_as_author("comment", json!({"post": self.0.last("urn"), "text": text}));
    }

    fn react(&mut self) {
        self.call_as_author("react", json!({"post": self.0.last("urn"), "reaction": "celebrate"}));
    }
}

/// The choices of the form, in their order.
const ATTACHMENTS: [&str; 8] = ["None", "Link", "Images", "Document", "Carousel", "Video", "Poll", "Reshare"];

/// The interface, on a screen from which `p` opens the form.
struct Interface<'a>(Stage<'a>, Terminal);

impl Face for Interface<'_> {
    fn name(&self) -> &'static str {
        "the interface"
    }

    fn publish(&mut self, text: &str, kind: &Kind) {
        let (attachment, fields) = kind.form;
        self.1.send("p");
        self.1.wait_for_text("What do you want to say?");
        self.1.send(text);
        self.1.wait_for_text(text);
        // The member and two Pages.
        self.1.wait_for_text("1/3");
        // The Page is the author after the member.
        self.1.send(if self.0.author.page.is_some() { "\u{1b}a" } else { "" });
        let presses = ATTACHMENTS.iter().position(|known| *known == attachment).unwrap();
        self.1.send(&"\u{1b}t".repeat(presses));
        self.1.wait_for_text(&format!("◂ {} ▸", self.0.author.name));
        self.1.wait_for_text(&format!("(●) {attachment}"));
        // Past author, visibility and attachment.
        self.1.send("\t\t\t\t");
        for field in fields {
            self.1.send(&self.0.fill(field));
            if field.ends_with('\u{c}') {
                self.1.wait_for_text("Filled in from the page");
            }
            // It goes to the next field; Tab would complete a path.
            self.1.send("\r");
        }
        self.1.send("\u{10}");
        self.1.wait_for_text("Publish this post?");
        self.1.send("\r");
        self.1.wait_for_text("✓ Published");
    }

    fn edit(&mut self, text: &str) {
        self.1.send("e");
        self.1.wait_for_text("Text of the published post");
        self.1.send(&"\u{7f}".repeat(self.0.last("text").chars().count()));
        self.1.send(text);
        self.1.wait_for_text(text);
        self.1.send("\u{10}");
        self.1.wait_for_text("Save the new text?");
        self.1.send("\r");
        self.1.wait_for_text("✓ edited");
    }

    fn comment(&mut self, text: &str) {
        self.1.send("h");
        self.1.wait_for_text("Posts published with this program");
        self.1.send("m");
        self.1.wait_for_text("Comment on the post");
        self.1.send(text);
        self.1.wait_for_text(text);
        self.1.send("\u{10}");
        self.1.wait_for_text("The comment was published.");
    }

    fn react(&mut self) {
        self.1.send("+");
        self.1.wait_for_text("React to the post");
        self.1.send("j\r");
        self.1.wait_for_text(" reacted to the post: Celebrate.");
    }
}

fn write_files(env: &TestEnv) {
    let directory = env.dir.path();
    let images = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/e2e/images");
    for (file, name) in [("small.png", "picture.png"), ("small.jpg", "photo.jpg"), ("small.gif", "dot.gif")] {
        std::fs::copy(format!("{images}/{file}"), directory.join(name)).unwrap();
    }
    let pdf = "%PDF-1.4\n4 0 obj << /Type /Catalog /Pages 1 0 R >> endobj\n\
               1 0 obj << /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >> endobj\n2 0 obj << /Type /Page >> endobj\n\
               3 0 obj << /Type /Page >> endobj\ntrailer << /Root 4 0 R >>\n";
    std::fs::write(directory.join("slides.pdf"), pdf).unwrap();
    std::fs::write(directory.join("film.vtt"), "WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n").unwrap();
    let mut film = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x24moov\0\0\0\x1cmvhd".to_vec();
    // Version and flags, creation and modification time, time scale, duration in it.
    film.extend([0, 0, 0, 1000, 83_400].map(u32::to_be_bytes).concat());
    film.resize(80_000, 0);
    std::fs::write(directory.join("film.mp4"), film).unwrap();
}

/// What a person sees of each post: its visible text, and the width and the alt text of each loaded picture.
const POSTS: &str = "
    const pictures = [...document.querySelectorAll('#posts img')];
    pictures.forEach(picture => picture.loading = 'eager');
    if (!pictures.every(picture => picture.complete)) return null;
    return [...document.querySelectorAll('#posts article')].map(post => ({
        text: post.innerText,
        pictures: [...post.querySelectorAll('img')].map(picture =>
            [picture.offsetWidth && picture.offsetHeight ? picture.naturalWidth : 0, picture.alt]),
    }))";

/// The texts that cannot be read: outside of the window, or with a contrast below 4.5 (WCAG 2.2, 1.4.3).
const UNREADABLE: &str = "
    const channels = color => color.match(/[\\d.]+/g).map(Number);
    const luminance = color => channels(color).slice(0, 3).map(value => value / 255)
        .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
        .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
    const isOpaque = color => (channels(color)[3] ?? 1) === 1;
    const background = element => {
        const color = getComputedStyle(element).backgroundColor;
        return isOpaque(color) ? color : background(element.parentElement);
    };
    return [...document.querySelectorAll('#posts *')].filter(element => {
        if (![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())) return false;
        const values = [getComputedStyle(element).color, background(element)].map(luminance).sort((a, b) => b - a);
        const box = element.getBoundingClientRect();
        return box.left < 0 || box.right > innerWidth || (values[0] + 0.05) / (values[1] + 0.05) < 4.5;
    }).map(element => element.innerText).concat(document.documentElement.scrollWidth > innerWidth ? ['scrolls'] : [])";

/// Asserts that `post` shows the author and the texts, in this order.
#[track_caller]
fn assert_order(post: &Value, texts: &[&str]) {
    let shown = post["text"].as_str().unwrap();
    let mut rest = shown;
    for text in texts {
        let at = rest.find(text).unwrap_or_else(|| panic!("{text}, in {texts:?}: {shown}"));
        rest = &rest[at + text.len()..];
    }
}

#[rstest]
#[case::as_a_member(&MEMBER)]
#[case::as_a_page(&PAGE)]
#[ignore = "needs Chromium and its driver"]
fn every_kind_from_every_face_is_seen_in_the_feed(#[case] author: &Author) {
    let env = signed_in_with_approved_app(COMMUNITY_SCOPES);
    env.control("scenario", &json!({ "name": "approved-app", "set": { "processing_steps": 0 } }));
    write_files(&env);
    let first = env.run(&["post", "The first post", "--image", "picture.png", "--alt", "The first picture", "--json"]);
    let parent = parsed(&first)["url"].as_str().unwrap().to_owned();
    let stage = Stage { env: &env, author, parent: &parent };
    let terminal = start(&env);
    terminal.wait_for_text("1 active");
    let mut faces: [Box<dyn Face>; 3] = [
        Box::new(CommandLine(stage)),
        Box::new(Interface(stage, terminal)),
        Box::new(Mcp(stage, Client::start(&env, &["mcp", "--allow-post"]))),
    ];

    // The text of each post, and what is seen of it.
    let mut expected: Vec<(String, Vec<String>, Value)> = Vec::new();
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    for face in &mut faces {
        for kind in KINDS {
            let text = format!("{} from {} :-) #rust", kind.name, face.name());
            face.publish(&text, kind);
            expected.push((text, owned(kind.seen), json!(kind.pictures)));
        }
        face.publish(&format!("Frist from {}", face.name()), &KINDS[0]);
        let text = format!("First from {}", face.name());
        face.edit(&text);
        expected.push((text, Vec::new(), json!([])));

        let text = format!("Question from {}", face.name());
        face.publish(&text, &KINDS[0]);
        // A minute must pass between two comments.
        env.control("clock", &json!({ "advance_seconds": 61 }));
        let comment = format!("Answer from {}", face.name());
        face.comment(&comment);
        face.react();
        expected.push((text, owned(&["Celebrate 1", author.name, &comment]), json!([])));
    }
    env.control("clock", &json!({ "advance_seconds": 61 }));
    let mut arguments = vec!["post", "With a first comment", "--first-comment", "The link: https://example.com/"];
    arguments.extend(author.page.into_iter().flat_map(|page| ["--as", page]));
    let output = env.run(&arguments);
    assert!(output.status.success() && !stderr(&output).contains("warning"), "{}", stderr(&output));
    expected.push((arguments[1].to_owned(), owned(&[author.name, arguments[3]]), json!([])));

    let chromium = Chromium::start();
    chromium.open(env.sandbox.base().as_str());
    let posts = wait_for("the pictures", || Some(chromium.run(POSTS)).filter(|posts| !posts.is_null()));
    let posts = posts.as_array().unwrap();
    assert_eq!(posts.len(), expected.len() + 1, "each post once, and the first one");
    for (text, seen, pictures) in &expected {
        let post = posts.iter().find(|post| post["text"].as_str().unwrap().contains(text));
        let post = post.unwrap_or_else(|| panic!("{text}: {posts:?}"));
        let edited = if text.starts_with("First") { "Edited" } else { "" };
        let seen = seen.iter().map(String::as_str);
        assert_order(post, &[author.name, edited, "Anyone", text].into_iter().chain(seen).collect::<Vec<_>>());
        assert_eq!(&post["pictures"], pictures, "{text}");
    }
    for (width, is_dark) in [(1280, false), (400, true), (1280, true), (400, false)] {
        chromium.emulate(width, is_dark);
        assert_eq!(chromium.run(UNREADABLE), json!([]), "{width} pixels, dark: {is_dark}");
    }
}
