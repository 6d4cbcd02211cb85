//! The state of the sandbox. Its codes, tokens and secrets are useless elsewhere, so they are plain
//! text. In every type `app` is a client ID, `member` the key of a member, and `author`, `owner` or `actor` a URN. Times are in
//! epoch seconds, except where the name ends with `_ms`: epoch milliseconds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::apps::{self, App};

/// The URN of an image without its ID.
pub(super) const IMAGE_URN: &str = "urn:li:image:";
/// The URN of a document without its ID.
pub(super) const DOCUMENT_URN: &str = "urn:li:document:";
/// The URN of a video without its ID.
pub(super) const VIDEO_URN: &str = "urn:li:video:";
/// The URN of an image of the legacy API without its ID.
pub(super) const ASSET_URN: &str = "urn:li:digitalmediaAsset:";

#[derive(Clone, Serialize, Deserialize)]
/// What a member consented to: the scopes that an app may use.
pub(super) struct Consent {
    pub(super) app: String,
    pub(super) member: String,
    /// The requested scopes, sorted.
    pub(super) scopes: Vec<String>,
    pub(super) at: i64,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AuthorizationCode {
    pub(super) value: String,
    pub(super) app: String,
    pub(super) member: String,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) at: i64,
    #[serde(rename = "used")]
    pub(super) is_used: bool,
    /// The S256 challenge of native PKCE.
    pub(super) challenge: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AccessToken {
    pub(super) value: String,
    pub(super) app: String,
    /// `None` for a token of the client credentials grant.
    pub(super) member: Option<String>,
    pub(super) scopes: Vec<String>,
    /// The scopes of the member's token before this one, if they differ.
    pub(super) scopes_before: Option<Vec<String>>,
    pub(super) created_ms: i64,
    pub(super) authorized_at: i64,
    pub(super) expires_at: i64,
    #[serde(rename = "revoked")]
    pub(super) is_revoked: bool,
}

impl AccessToken {
    pub(super) fn status(&self, now: i64) -> &'static str {
        if self.is_revoked {
            "revoked"
        } else if self.expires_at <= now {
            "expired"
        } else {
            "active"
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct RefreshToken {
    pub(super) value: String,
    pub(super) app: String,
    pub(super) member: String,
    pub(super) scopes: Vec<String>,
    pub(super) authorized_at: i64,
    pub(super) expires_at: i64,
    #[serde(rename = "revoked")]
    pub(super) is_revoked: bool,
}

/// A published post.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Post {
    pub(super) urn: String,
    pub(super) author: String,
    pub(super) member: String,
    /// The text as published.
    pub(super) text: String,
    pub(super) visibility: String,
    pub(super) at: i64,
    #[serde(rename = "deleted")]
    pub(super) is_deleted: bool,
    /// What is below the text, in the form of the versioned API.
    #[serde(default)]
    pub(super) content: Option<serde_json::Value>,
    /// When its text was last changed.
    #[serde(default)]
    pub(super) edited: Option<i64>,
    /// The URN of the post that it reshares.
    #[serde(default)]
    pub(super) parent: Option<String>,
}

/// A comment on a post.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Comment {
    /// The last part of its URN.
    pub(super) id: String,
    /// The URN of the post.
    pub(super) post: String,
    pub(super) actor: String,
    pub(super) member: String,
    pub(super) text: String,
    /// The URN of the comment that it replies to.
    pub(super) parent: Option<String>,
    pub(super) at: i64,
    pub(super) is_edited: bool,
}

impl Comment {
    pub(super) fn urn(&self) -> String {
        format!("urn:li:comment:({},{})", self.post, self.id)
    }
}

/// A reaction to a post: an actor has at most one.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Reaction {
    /// The URN of the post.
    pub(super) post: String,
    pub(super) actor: String,
    pub(super) member: String,
    /// `LIKE`, `PRAISE`, …
    pub(super) kind: String,
    pub(super) at: i64,
}

/// An image that was uploaded, or is about to be.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Image {
    /// The last part of its URN.
    pub(super) id: String,
    /// The URN of the author that may post it.
    pub(super) owner: String,
    pub(super) member: String,
    /// When its upload URL expires.
    pub(super) expires_ms: i64,
    /// Its media type, once it is uploaded and can be read.
    pub(super) kind: Option<String>,
    /// Whether it is for the legacy API.
    #[serde(default)]
    pub(super) is_asset: bool,
    /// Whether the upload is not an image.
    #[serde(default, rename = "unreadable")]
    pub(super) is_unreadable: bool,
}

impl Image {
    pub(super) fn urn(&self) -> String {
        format!("{}{}", if self.is_asset { ASSET_URN } else { IMAGE_URN }, self.id)
    }
}

/// A document or a video that was uploaded, or is about to be.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Media {
    /// The last part of its URN.
    pub(super) id: String,
    pub(super) is_video: bool,
    /// The URN of the author that may post it.
    pub(super) owner: String,
    pub(super) member: String,
    /// When its upload URLs expire.
    pub(super) expires_ms: i64,
    /// In bytes.
    pub(super) size: u64,
    /// The `ETag` of each part of a video that was uploaded.
    pub(super) parts: Vec<Option<String>>,
    pub(super) is_uploaded: bool,
    /// Whether the content is neither a document nor an MP4 video.
    pub(super) is_unreadable: bool,
    /// How many more requests for its status get `PROCESSING`.
    pub(super) steps_left: u32,
    /// The pages of a document, if they can be counted.
    pub(super) pages: Option<usize>,
    /// The length of a video, if the file contains it.
    pub(super) length_seconds: Option<u64>,
    pub(super) has_captions: bool,
    pub(super) has_thumbnail: bool,
}

impl Media {
    pub(super) fn urn(&self) -> String {
        format!("{}{}", if self.is_video { VIDEO_URN } else { DOCUMENT_URN }, self.id)
    }

    /// Returns its status; processing fails for every file if `is_failing`.
    pub(super) const fn status(&self, is_failing: bool) -> &'static str {
        if !self.is_uploaded {
            "WAITING_UPLOAD"
        } else if self.steps_left > 0 {
            "PROCESSING"
        } else if self.is_unreadable || is_failing {
            "PROCESSING_FAILED"
        } else {
            "AVAILABLE"
        }
    }
}

/// How many requests to create a post a member sent with an app on a day; refused ones count too.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct DayCount {
    pub(super) app: String,
    pub(super) member: String,
    /// Days since the epoch, UTC.
    pub(super) day: i64,
    #[serde(rename = "calls")]
    pub(super) requests: u32,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct SandboxState {
    pub(super) schema: u32,
    /// How far the sandbox's clock is ahead of the clock that it was started with, in seconds.
    pub(super) clock_offset: i64,
    /// The key of the member who is signed in.
    pub(super) signed_in: Option<String>,
    pub(super) apps: Vec<App>,
    #[serde(rename = "grants")]
    pub(super) consents: Vec<Consent>,
    pub(super) codes: Vec<AuthorizationCode>,
    pub(super) tokens: Vec<AccessToken>,
    pub(super) refresh_tokens: Vec<RefreshToken>,
    pub(super) posts: Vec<Post>,
    pub(super) comments: Vec<Comment>,
    pub(super) reactions: Vec<Reaction>,
    pub(super) images: Vec<Image>,
    pub(super) media: Vec<Media>,
    #[serde(rename = "calls")]
    pub(super) post_requests: Vec<DayCount>,
    /// The number of the newest post or comment; the next one is greater by 1.
    #[serde(rename = "last_post")]
    pub(super) last_number: u64,
}

/// The version of the file format.
pub(super) const SCHEMA: u32 = 1;
/// Entries of a list beyond which the oldest are deleted, so that the file stays small.
const MAX_ENTRIES: usize = 500;

impl Default for SandboxState {
    fn default() -> Self {
        Self {
            schema: SCHEMA,
            clock_offset: 0,
            signed_in: None,
            apps: apps::initial_apps(),
            consents: Vec::new(),
            codes: Vec::new(),
            tokens: Vec::new(),
            refresh_tokens: Vec::new(),
            posts: Vec::new(),
            comments: Vec::new(),
            reactions: Vec::new(),
            images: Vec::new(),
            media: Vec::new(),
            post_requests: Vec::new(),
            last_number: 7_300_000_000_000_000_000,
        }
    }
}

impl SandboxState {
    pub(super) fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.client_id == client_id)
    }

    /// Returns the comments on a post, the oldest first.
    pub(super) fn comments_on(&self, post: &str) -> impl Iterator<Item = &Comment> {
        self.comments.iter().filter(move |comment| comment.post == post)
    }

    pub(super) fn reactions_to(&self, post: &str) -> impl Iterator<Item = &Reaction> {
        self.reactions.iter().filter(move |reaction| reaction.post == post)
    }

    /// Returns the number of reactions to a post of each kind.
    pub(super) fn reaction_counts(&self, post: &str) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for reaction in self.reactions_to(post) {
            *counts.entry(reaction.kind.as_str()).or_default() += 1;
        }
        counts
    }

    /// Counts a request of the member to create a post with the app, on the day of `now`; returns `false` if the
    /// `limit` of the day is already reached.
    pub(super) fn count_post(&mut self, app: &str, member: &str, now: i64, limit: u32) -> bool {
        let day = now.div_euclid(86_400);
        self.post_requests.retain(|count| count.day == day);
        match self.post_requests.iter_mut().find(|count| count.app == app && count.member == member) {
            Some(count) if count.requests >= limit => return false,
            Some(count) => count.requests += 1,
            None if limit == 0 => return false,
            None => {
                self.post_requests.push(DayCount { app: app.to_owned(), member: member.to_owned(), day, requests: 1 });
            }
        }
        true
    }

    /// Deletes what `member` consented to for `app` (for every app if `None`) and revokes their tokens.
    pub(super) fn revoke_consents(&mut self, member: &str, app: Option<&str>) {
        let is_app = |candidate: &str| app.is_none_or(|app| app == candidate);
        self.consents.retain(|consent| !(consent.member == member && is_app(&consent.app)));
        for token in &mut self.tokens {
            token.is_revoked |= token.member.as_deref() == Some(member) && is_app(&token.app);
        }
        for token in &mut self.refresh_tokens {
            token.is_revoked |= token.member == member && is_app(&token.app);
        }
    }

    /// Deletes the oldest entries of lists that are too long.
    pub(super) fn prune(&mut self) {
        delete_oldest(&mut self.codes);
        delete_oldest(&mut self.tokens);
        delete_oldest(&mut self.refresh_tokens);
        delete_oldest(&mut self.posts);
        delete_oldest(&mut self.comments);
        delete_oldest(&mut self.reactions);
        delete_oldest(&mut self.images);
        delete_oldest(&mut self.media);
    }
}

fn delete_oldest<T>(list: &mut Vec<T>) {
    list.drain(..list.len().saturating_sub(MAX_ENTRIES));
}
