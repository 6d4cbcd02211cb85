//! Comments and reactions ("Comments API", "Reactions API", learn.microsoft.com/linkedin).

use serde::Deserialize;
use serde_json::{Value, json};

use super::api::Api;
use super::changes;
use super::endpoints::{LEGACY_SOCIAL_ACTIONS, REACTIONS, SOCIAL_ACTIONS};
use super::http::{Failure, Response};
use super::meanings::{self, Meaning, Resource};
use super::urn::{decode, encode};
use crate::{Code, Error, Result};

/// A comment to be created. Its text is plain: nothing is escaped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewComment<'a> {
    /// The URN of the post.
    pub post: &'a str,
    /// The URN of the member or Page that comments.
    pub actor: &'a str,
    pub text: &'a str,
}

impl NewComment<'_> {
    pub(crate) fn to_body(self) -> Value {
        json!({ "actor": self.actor, "object": self.post, "message": { "text": self.text } })
    }
}

/// The APIs that create comments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CommentApi {
    /// `/rest/socialActions`
    #[default]
    Versioned,
    /// `/v2/socialActions`, which was seen to accept comments that the versioned one refused.
    Legacy,
}

impl CommentApi {
    pub(crate) fn from_path(path: &str) -> Self {
        if path == LEGACY_SOCIAL_ACTIONS { Self::Legacy } else { Self::Versioned }
    }

    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Versioned => Self::Legacy,
            Self::Legacy => Self::Versioned,
        }
    }

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Versioned => SOCIAL_ACTIONS,
            Self::Legacy => LEGACY_SOCIAL_ACTIONS,
        }
    }
}

/// Why a comment or reaction was not created, or may not have been.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The app has no access to this API, whatever it sends.
    NoApiAccess(Error),
    /// Any other error, such as `maybe_published` for a comment.
    Other(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl Refusal {
    pub(crate) const fn code(&self) -> Code {
        match self {
            Self::NoApiAccess(error) | Self::Other(error) => error.code,
        }
    }
}

/// Creates a comment and returns its URN if the response names it.
pub(crate) async fn create_comment(
    api: Api<'_>,
    by: CommentApi,
    comment: NewComment<'_>,
) -> Result<Option<String>, Refusal> {
    let path = format!("{}/{}/comments", by.path(), encode(comment.post));
    match api.post(&path, &comment.to_body()).await {
        Ok(response) => read_created(&response, comment.post),
        Err(failure) => Err(Refusal::Other(no_response_error(failure))),
    }
}

fn no_response_error(failure: Failure) -> Error {
    let Failure { error, is_outcome_unknown: true, .. } = failure else { return failure.error };
    let source = error.source;
    Error { source, ..maybe_published_error(&format!("there was no response. {}", error.message)) }
}

fn maybe_published_error(reason: &str) -> Error {
    Error::new(
        Code::MaybePublished,
        format!("The comment was sent and may have been published: {reason}"),
        "Look at the post on LinkedIn before you comment again. Nothing is sent twice automatically.",
    )
}

/// Returns whether a response is a page of a proxy or a network instead of LinkedIn's.
fn is_page(response: &Response) -> bool {
    response.body().trim_ascii_start().starts_with(b"<")
}

fn read_created(response: &Response, post: &str) -> Result<Option<String>, Refusal> {
    if response.is_success() {
        return if is_page(response) {
            Err(Refusal::Other(meanings::api_error(response)))
        } else {
            Ok(created_urn(response, post))
        };
    }
    let explanation = meanings::explain(response).for_request_by_program();
    Err(match explanation.meaning {
        Meaning::ServerError => {
            Refusal::Other(maybe_published_error(&format!("LinkedIn failed ({}).", response.status)))
        }
        _ if explanation.resource.as_ref().is_some_and(Resource::is_comment_creation) => {
            Refusal::NoApiAccess(explanation.error)
        }
        _ => Refusal::Other(explanation.error),
    })
}

/// The names of a comment in a body; all may be missing.
#[derive(Default, Deserialize)]
struct CreatedComment {
    #[serde(rename = "commentUrn")]
    urn: Option<String>,
    #[serde(rename = "$URN")]
    restli_urn: Option<String>,
    id: Option<String>,
}

/// Returns the URN of the created comment: the header has it, or only its number.
fn created_urn(response: &Response, post: &str) -> Option<String> {
    let body = response.json::<CreatedComment>().unwrap_or_default();
    let names = [response.created_id.clone(), body.urn, body.restli_urn, body.id];
    names.into_iter().flatten().find_map(|name| to_comment_urn(&name, post))
}

/// Reads the URN of a comment on `post`, perhaps percent-encoded, or builds it from the comment's number.
fn to_comment_urn(name: &str, post: &str) -> Option<String> {
    let decoded = decode(name);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(&decoded) {
        return Some(format!("urn:li:comment:({post},{decoded})"));
    }
    let key = decoded.strip_prefix("urn:li:comment:(").and_then(|rest| rest.strip_suffix(')'));
    let parts = key.and_then(|key| key.rsplit_once(','));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b':');
    parts.is_some_and(|(parent, id)| is_plain(parent) && is_number(id)).then_some(decoded)
}

/// A comment that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommentKey {
    /// The URN of the post.
    pub post: String,
    /// A number.
    pub id: String,
}

impl CommentKey {
    pub(crate) fn urn(&self) -> String {
        format!("urn:li:comment:({},{})", self.post, self.id)
    }

    fn path(&self, by: CommentApi, actor: &str) -> String {
        format!("{}/{}/comments/{}?actor={}", by.path(), encode(&self.post), self.id, encode(actor))
    }
}

/// Changes the text of a comment of `actor`.
pub(crate) async fn update_comment(
    api: Api<'_>,
    by: CommentApi,
    comment: &CommentKey,
    actor: &str,
    text: &str,
) -> Result<()> {
    changes::update(api, &comment.path(by, actor), &comment_patch(text)).await
}

fn comment_patch(text: &str) -> Value {
    json!({ "message": { "$set": { "text": text } } })
}

/// Deletes a comment of `actor`; an already deleted one is a success.
pub(crate) async fn delete_comment(api: Api<'_>, by: CommentApi, comment: &CommentKey, actor: &str) -> Result<()> {
    changes::delete(api, &comment.path(by, actor)).await
}

/// A reaction, by its name on LinkedIn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    Like,
    Celebrate,
    Love,
    Insightful,
    Support,
    Funny,
}

impl Reaction {
    /// Every reaction, in LinkedIn's order.
    pub const ALL: [Self; 6] = [Self::Like, Self::Celebrate, Self::Support, Self::Love, Self::Insightful, Self::Funny];

    /// Returns the name and the API's name.
    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Like => ("like", "LIKE"),
            Self::Celebrate => ("celebrate", "PRAISE"),
            Self::Love => ("love", "EMPATHY"),
            Self::Insightful => ("insightful", "INTEREST"),
            Self::Support => ("support", "APPRECIATION"),
            Self::Funny => ("funny", "ENTERTAINMENT"),
        }
    }

    /// Returns the name that LinkedIn shows, in lower case.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    pub(crate) const fn api_name(self) -> &'static str {
        self.row().1
    }
}

/// Sets the reaction of `actor` to a post. It may be repeated, because an actor has one reaction to a post.
pub(crate) async fn react(api: Api<'_>, post: &str, actor: &str, reaction: Reaction) -> Result<(), Refusal> {
    let path = format!("{REACTIONS}?actor={}", encode(actor));
    read_reaction(&api.post(&path, &reaction_body(post, reaction)).await.map_err(Error::from)?)
}

fn read_reaction(response: &Response) -> Result<(), Refusal> {
    if response.is_success() {
        return if is_page(response) { Err(Refusal::Other(meanings::api_error(response))) } else { Ok(()) };
    }
    let explanation = meanings::explain(response).for_request_by_program();
    let has_no_api_access = explanation.resource.as_ref().is_some_and(Resource::is_reaction_creation);
    Err(if has_no_api_access { Refusal::NoApiAccess(explanation.error) } else { Refusal::Other(explanation.error) })
}

fn reaction_body(post: &str, reaction: Reaction) -> Value {
    json!({ "root": post, "reactionType": reaction.api_name() })
}

/// Deletes the reaction of `actor` to a post; one that does not exist is a success.
pub(crate) async fn delete_reaction(api: Api<'_>, post: &str, actor: &str) -> Result<()> {
    changes::delete(api, &reaction_path(post, actor)).await
}

fn reaction_path(post: &str, actor: &str) -> String {
    format!("{REACTIONS}/(actor:{},entity:{})", encode(actor), encode(post))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const POST: &str = "urn:li:share:7";

    #[test]
    fn body_of_a_comment_is_the_documented_one() {
        let comment = NewComment { post: POST, actor: "urn:li:person:-Xq_7", text: "Well done :-)" };
        let expected = json!({
            "actor": "urn:li:person:-Xq_7", "object": POST, "message": { "text": "Well done :-)" },
        });
        assert_eq!(comment.to_body(), expected, "nothing is escaped");
    }

    #[test]
    fn changes_of_a_comment_name_its_actor() {
        let comment = CommentKey { post: POST.to_owned(), id: "71".to_owned() };
        assert_eq!(
            comment.path(CommentApi::Versioned, "urn:li:person:a"),
            "/rest/socialActions/urn%3Ali%3Ashare%3A7/comments/71?actor=urn%3Ali%3Aperson%3Aa"
        );
        let expected = json!({ "message": { "$set": { "text": "x" } } });
        assert_eq!((comment_patch("x"), comment.urn().as_str()), (expected, "urn:li:comment:(urn:li:share:7,71)"));
    }

    #[rstest]
    #[case::number("71", Some("urn:li:comment:(urn:li:share:7,71)"))]
    #[case::urn("urn:li:comment:(urn:li:activity:6,71)", Some("urn:li:comment:(urn:li:activity:6,71)"))]
    #[case::encoded(
        "urn%3Ali%3acomment%3A%28urn%3Ali%3Aactivity%3A6%2c71%29",
        Some("urn:li:comment:(urn:li:activity:6,71)")
    )]
    #[case::other_urn("urn:li:share:7", None)]
    #[case::no_number("urn:li:comment:(urn:li:share:7,x)", None)]
    #[case::hostile("urn:li:comment:(\u{1b}[31m,71)", None)]
    #[case::empty("", None)]
    fn comment_urns_are_read_in_every_form(#[case] name: &str, #[case] urn: Option<&str>) {
        assert_eq!(to_comment_urn(name, POST).as_deref(), urn);
    }

    #[rstest]
    #[case::header(Some("71"), "", Some("urn:li:comment:(urn:li:share:7,71)"))]
    #[case::body(
        None,
        r#"{"id":"72","commentUrn":"urn:li:comment:(urn:li:activity:6,71)"}"#,
        Some("urn:li:comment:(urn:li:activity:6,71)")
    )]
    #[case::restli_urn(
        None,
        r#"{"$URN":"urn:li:comment:(urn:li:activity:6,71)"}"#,
        Some("urn:li:comment:(urn:li:activity:6,71)")
    )]
    #[case::id(None, r#"{"id":"71"}"#, Some("urn:li:comment:(urn:li:share:7,71)"))]
    #[case::nothing(None, "", None)]
    fn created_comment_is_named_by_header_or_body(
        #[case] header: Option<&str>,
        #[case] body: &str,
        #[case] urn: Option<&str>,
    ) {
        let mut response = Response::from_parts("POST", "/rest/socialActions/x/comments", 201, body.as_bytes());
        response.created_id = header.map(str::to_owned);
        assert_eq!(read_created(&response, POST).unwrap().as_deref(), urn);
    }

    #[test]
    fn page_of_a_proxy_is_no_accepted_reaction() {
        let read = |body: &str| read_reaction(&Response::from_parts("POST", "/rest/reactions", 201, body.as_bytes()));
        assert!(matches!(read("\n<html>Sign in to the network</html>"), Err(Refusal::Other(_))));
        assert!(read("").is_ok() && read("{}").is_ok());
    }

    #[test]
    fn only_missing_api_access_leads_to_the_other_api() {
        let refused = |status, body: &str| {
            let response = Response::from_parts("POST", "/rest/socialActions/x/comments", status, body.as_bytes());
            read_created(&response, POST).unwrap_err()
        };
        let denied = |resource: &str| {
            let message = format!("Not enough permissions to access: {resource}");
            refused(403, &json!({ "status": 403, "serviceErrorCode": 100, "message": message }).to_string())
        };
        for resource in ["partnerApiSocialActions.CREATE.20260901", "socialActions.CREATE.NO_VERSION"] {
            assert!(matches!(denied(resource), Refusal::NoApiAccess(_)), "{resource}");
        }
        assert!(matches!(denied("partnerApiPostsExternal.CREATE"), Refusal::Other(_)));
        for (status, body, code) in [
            (500, "", Code::MaybePublished),
            (
                429,
                r#"{"message":"Comment create throttled: creation rate limit exceeded for member"}"#,
                Code::RateLimited,
            ),
            (404, r#"{"code":"NOT_FOUND","message":"Could not find entity"}"#, Code::Refused),
            (200, "<html>", Code::UnexpectedResponse),
        ] {
            let Refusal::Other(error) = refused(status, body) else { panic!("{status} {body}") };
            assert_eq!(error.code, code, "{status} {body}");
        }
    }

    #[test]
    fn reactions_name_the_post_and_the_type() {
        assert_eq!(reaction_body(POST, Reaction::Love), json!({ "root": POST, "reactionType": "EMPATHY" }));
        assert_eq!(
            reaction_path(POST, "urn:li:person:a"),
            "/rest/reactions/(actor:urn%3Ali%3Aperson%3Aa,entity:urn%3Ali%3Ashare%3A7)"
        );
    }
}
