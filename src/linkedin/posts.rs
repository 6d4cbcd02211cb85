//! Posts: `POST /rest/posts` and the like ("Posts API", learn.microsoft.com/linkedin).

use serde::Serialize;
use serde_json::{Value, json};

use super::api::Api;
use super::changes;
use super::endpoints::POSTS;
use super::http::{Failure, Response};
use super::meanings::{self, Meaning, Resource};
use super::urn::{self, is_urn};
use crate::{Code, Error, Result};

/// Longest text, in UTF-16 code units.
pub(crate) const MAX_TEXT_UNITS: usize = 3000;
/// Longest title of an article, in characters.
pub(crate) const MAX_TITLE_CHARS: usize = 400;
/// Longest alt text of an image, in characters.
pub(crate) const MAX_ALT_TEXT_CHARS: usize = 4086;
/// Largest number of images in a post.
pub(crate) const MAX_IMAGES: usize = 20;
/// Characters of a poll's question ("Poll API").
pub(crate) const MAX_QUESTION_CHARS: usize = 140;
/// Characters of a poll's option.
pub(crate) const MAX_OPTION_CHARS: usize = 30;
/// Options of a poll.
pub(crate) const POLL_OPTIONS: std::ops::RangeInclusive<usize> = 2..=4;

/// Who can see a post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Anyone on or off LinkedIn.
    #[default]
    Public,
    /// The author's connections.
    Connections,
}

impl Visibility {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "PUBLIC",
            Self::Connections => "CONNECTIONS",
        }
    }
}

/// An uploaded image in a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Image {
    /// `urn:li:image:…`
    pub id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<String>,
}

/// A link. LinkedIn reads nothing from its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Article {
    /// The URL.
    pub source: String,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `urn:li:image:…`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
}

/// A single image, document or video.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Media {
    /// `urn:li:image:…`, `urn:li:document:…` or `urn:li:video:…`
    pub id: String,
    /// Required for a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Of an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt_text: Option<String>,
}

/// How long a poll is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PollDuration {
    OneDay,
    #[default]
    ThreeDays,
    SevenDays,
    FourteenDays,
}

impl PollDuration {
    /// Returns the duration of this many days.
    pub const fn from_days(days: u8) -> Option<Self> {
        match days {
            1 => Some(Self::OneDay),
            3 => Some(Self::ThreeDays),
            7 => Some(Self::SevenDays),
            14 => Some(Self::FourteenDays),
            _ => None,
        }
    }

    pub const fn days(self) -> u8 {
        match self {
            Self::OneDay => 1,
            Self::ThreeDays => 3,
            Self::SevenDays => 7,
            Self::FourteenDays => 14,
        }
    }
}

/// A question with two to four answers to choose from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Poll {
    pub question: String,
    pub options: Vec<String>,
    pub duration: PollDuration,
}

impl Serialize for Poll {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let options: Vec<Value> = self.options.iter().map(|text| json!({ "text": text })).collect();
        json!({ "question": self.question, "options": options, "settings": { "duration": self.duration } })
            .serialize(to)
    }
}

/// What is below the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Content {
    Article(Article),
    Media(Media),
    /// Two to twenty images.
    MultiImage {
        images: Vec<Image>,
    },
    Poll(Poll),
    /// Another post, by its URN. It is a field of its own in the request, which then has no content.
    #[serde(skip)]
    Reshare(String),
}

impl Content {
    /// Returns the URNs of the uploaded files.
    pub(crate) fn uploads(&self) -> Vec<String> {
        match self {
            Self::Article(article) => article.thumbnail.iter().cloned().collect(),
            Self::Media(media) => vec![media.id.clone()],
            Self::MultiImage { images } => images.iter().map(|image| image.id.clone()).collect(),
            Self::Poll(_) | Self::Reshare(_) => Vec::new(),
        }
    }

    /// Returns the content of a post with these images.
    pub(crate) fn from_images(mut images: Vec<Image>) -> Option<Self> {
        match images.len() {
            0 => None,
            1 => images.pop().map(|Image { id, alt_text }| Self::Media(Media { id, title: None, alt_text })),
            _ => Some(Self::MultiImage { images }),
        }
    }
}

/// Returns the body of `POST /rest/posts`: a post by `author` (a URN) with a text that is already
/// [escaped](super::little_text::escape).
pub(crate) fn build_body(author: &str, commentary: &str, visibility: Visibility, content: Option<&Content>) -> Value {
    let mut body = json!({
        "author": author,
        "commentary": commentary,
        "visibility": visibility.as_str(),
        "distribution": { "feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": [] },
        // The only state that a post may be created in.
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": false,
    });
    match content {
        None => {}
        Some(Content::Reshare(parent)) => body["reshareContext"] = json!({ "parent": parent }),
        Some(content) => body["content"] = json!(content),
    }
    body
}

/// Why a post was not published, or may not have been.
#[derive(Debug)]
pub enum Refusal {
    /// The same text is already published, under this URN if the response names it.
    Duplicate(Option<String>),
    /// The app has no access to this API; it may have access to the other one.
    NoApiAccess(Error),
    /// A conflict with another change (409); the request may be repeated.
    Conflict(Error),
    /// LinkedIn has not processed the uploaded file yet; the request may be repeated later.
    MediaNotReady(Error),
    /// Any other error, such as `maybe_published`.
    Other(Error),
}

impl Refusal {
    /// Returns whether the post is certainly not published.
    pub(crate) const fn is_certain(&self) -> bool {
        match self {
            Self::Duplicate(_) => false,
            Self::NoApiAccess(_) | Self::Conflict(_) | Self::MediaNotReady(_) => true,
            Self::Other(error) => !matches!(error.code, Code::MaybePublished),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoApiAccess(error)
            | Refusal::Conflict(error)
            | Refusal::MediaNotReady(error)
            | Refusal::Other(error) => error,
            Refusal::Duplicate(_) => {
                Self::new(Code::Refused, "The same text is already published.", "Change the text to publish again.")
            }
        }
    }
}

/// Returns the refusal of a request without a response.
pub(super) fn no_response_refusal(failure: Failure) -> Refusal {
    let Failure { error, is_outcome_unknown: true, .. } = failure else { return Refusal::Other(failure.error) };
    let source = error.source;
    Refusal::Other(Error { source, ..maybe_published_error(&format!("there was no response. {}", error.message)) })
}

fn maybe_published_error(reason: &str) -> Error {
    Error::new(
        Code::MaybePublished,
        format!("The post was sent and may have been published: {reason}"),
        "Look at the author's recent posts on LinkedIn before you post again. Nothing is sent twice automatically.",
    )
}

/// Returns the refusal in a response that is not a success.
fn to_refusal(response: &Response) -> Refusal {
    if response.is_success() {
        return Refusal::Other(match response.json::<Value>() {
            Err(error) if response.body().trim_ascii_start().starts_with(b"<") => error,
            _ => maybe_published_error(&format!("the status was {} instead of 201.", response.status)),
        });
    }
    let explanation = meanings::explain(response).for_request_by_program();
    match explanation.meaning {
        Meaning::Duplicate => Refusal::Duplicate(explanation.duplicate_of),
        Meaning::Conflict => Refusal::Conflict(explanation.error),
        Meaning::MediaNotReady => Refusal::MediaNotReady(explanation.error),
        Meaning::ServerError => {
            Refusal::Other(maybe_published_error(&format!("LinkedIn failed ({}).", response.status)))
        }
        // A restricted API may return 404 instead of 403.
        Meaning::ProductMissing if response.status == 404 => Refusal::NoApiAccess(explanation.error),
        _ if explanation.resource.as_ref().is_some_and(Resource::is_post_creation) => {
            Refusal::NoApiAccess(explanation.error)
        }
        _ => Refusal::Other(explanation.error),
    }
}

/// Publishes a post and returns its URN, which a few responses lack although the post is published.
pub(crate) async fn create(api: Api<'_>, body: &Value) -> Result<Option<String>, Refusal> {
    let response = api.post(POSTS, body).await.map_err(no_response_refusal)?;
    parse_created(&response)
}

/// Returns the URN of the created post, if the response names it, or the refusal.
pub(super) fn parse_created(response: &Response) -> Result<Option<String>, Refusal> {
    let urn = parse_created_urn(response);
    match response.status {
        201 => Ok(urn),
        200..=299 if urn.is_some() => Ok(urn),
        _ => Err(to_refusal(response)),
    }
}

fn parse_created_urn(response: &Response) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Named {
        id: String,
    }
    let decode = |text: &str| text.replace("%3A", ":").replace("%3a", ":");
    let header = response.created_id.as_deref().map(decode).filter(|urn| is_urn(urn));
    header.or_else(|| response.json::<Named>().ok().map(|body| decode(&body.id)).filter(|urn| is_urn(urn)))
}

pub(crate) fn path(urn: &str) -> String {
    format!("{POSTS}/{}", urn::encode(urn))
}

/// Deletes a post; an already deleted one is a success.
pub(crate) async fn delete(api: Api<'_>, urn: &str) -> Result<()> {
    changes::delete(api, &path(urn)).await
}

/// Changes the text of a post; nothing else of a published post can change.
pub(crate) async fn update(api: Api<'_>, urn: &str, commentary: &str) -> Result<()> {
    changes::update(api, &path(urn), &text_patch(commentary)).await
}

fn text_patch(commentary: &str) -> Value {
    json!({ "$set": { "commentary": commentary } })
}

/// The number of an author's newest posts that are searched.
const SEARCHED_POSTS: usize = 10;

/// Finds a post with this text among the newest of an author, and returns its URN. Few tokens may read posts.
pub(crate) async fn find(
    api: Api<'_>,
    author: &str,
    texts: [&str; 2],
    is_new: impl Fn(&str) -> bool,
) -> Result<Option<String>> {
    #[derive(serde::Deserialize)]
    struct Page {
        elements: Vec<Element>,
    }
    #[derive(serde::Deserialize)]
    struct Element {
        id: String,
        #[serde(default)]
        commentary: String,
    }
    let response = api.get(&format!("{POSTS}?q=author&author={}&count={SEARCHED_POSTS}", urn::encode(author))).await?;
    if !response.is_success() {
        return Err(meanings::explain(&response).for_request_by_program().error);
    }
    let page: Page = response.json_object()?;
    let is_wanted = |post: &Element| texts.contains(&post.commentary.as_str()) && is_urn(&post.id) && is_new(&post.id);
    Ok(page.elements.into_iter().find(is_wanted).map(|post| post.id))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn with_content(content: Option<&Content>) -> Value {
        build_body("urn:li:person:x", r"Hello :-\)", Visibility::Public, content)
    }

    #[test]
    fn the_body_is_the_documented_one() {
        let text = json!({
            "author": "urn:li:person:x", "commentary": r"Hello :-\)", "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": false,
        });
        assert_eq!(with_content(None), text);
        let image = |id: &str, alt: Option<&str>| Image { id: id.to_owned(), alt_text: alt.map(str::to_owned) };
        let one = with_content(Content::from_images(vec![image("urn:li:image:1", Some("a cat"))]).as_ref());
        assert_eq!(one["content"], json!({ "media": { "id": "urn:li:image:1", "altText": "a cat" } }));
        let two = with_content(
            Content::from_images(vec![image("urn:li:image:1", None), image("urn:li:image:2", Some("b"))]).as_ref(),
        );
        let images = json!([{ "id": "urn:li:image:1" }, { "id": "urn:li:image:2", "altText": "b" }]);
        assert_eq!(two["content"], json!({ "multiImage": { "images": images } }));
    }

    #[rstest]
    #[case::bare_article(
        Content::Article(Article { source: "https://x.example/".into(), title: "T".into(), description: None, thumbnail: None }),
        json!({ "article": { "source": "https://x.example/", "title": "T" } })
    )]
    #[case::article(
        Content::Article(Article {
            source: "https://x.example/".into(),
            title: "T".into(),
            description: Some("D".into()),
            thumbnail: Some("urn:li:image:1".into()),
        }),
        json!({ "article": {
            "source": "https://x.example/", "title": "T", "description": "D", "thumbnail": "urn:li:image:1",
        } })
    )]
    #[case::document(
        Content::Media(Media { id: "urn:li:document:1".into(), title: Some("Deck.pdf".into()), alt_text: None }),
        json!({ "media": { "id": "urn:li:document:1", "title": "Deck.pdf" } })
    )]
    #[case::poll(
        Content::Poll(Poll {
            question: "Tabs?".into(),
            options: vec!["Yes".into(), "No".into()],
            duration: PollDuration::SevenDays,
        }),
        json!({ "poll": {
            "question": "Tabs?", "options": [{ "text": "Yes" }, { "text": "No" }],
            "settings": { "duration": "SEVEN_DAYS" },
        } })
    )]
    fn content_has_the_documented_form(#[case] content: Content, #[case] expected: Value) {
        assert_eq!(with_content(Some(&content))["content"], expected);
    }

    #[test]
    fn a_reshare_names_its_parent_and_has_no_content() {
        let body = with_content(Some(&Content::Reshare("urn:li:share:7".to_owned())));
        assert_eq!(body["reshareContext"], json!({ "parent": "urn:li:share:7" }));
        assert!(body.get("content").is_none(), "{body}");
    }

    #[test]
    fn a_poll_lasts_one_of_four_durations() {
        for days in 0..=u8::MAX {
            assert_eq!(PollDuration::from_days(days).is_some(), [1, 3, 7, 14].contains(&days), "{days}");
            assert!(PollDuration::from_days(days).is_none_or(|duration| duration.days() == days));
        }
        assert_eq!(PollDuration::default().days(), 3);
    }

    #[test]
    fn an_update_sets_only_the_text() {
        assert_eq!(text_patch("new").to_string(), r#"{"$set":{"commentary":"new"}}"#);
    }

    #[test]
    fn paths_have_encoded_urns() {
        assert_eq!(path("urn:li:share:7"), "/rest/posts/urn%3Ali%3Ashare%3A7");
    }
}
