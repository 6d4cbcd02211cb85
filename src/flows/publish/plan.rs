//! The requests that a post would make, without the token: what `--dry-run` shows.

use super::checked_draft::CheckedDraft;
use super::images::LoadedImage;
use super::media::{LoadedMedia, LoadedVideo};
use super::mentions::{self, NameSource};
use super::send::{PostApi, first_api};
use super::types::Draft;
use crate::flows::social::preferred_comment_api;
use crate::linkedin::api::build_headers;
use crate::linkedin::endpoints::{ASSETS, DOCUMENTS, IMAGES, POSTS, UGC_POSTS, VIDEOS};
use crate::linkedin::images::{REGISTER, register_body};
use crate::linkedin::posts::{self, Article, Content, Image};
use crate::linkedin::social::NewComment;
use crate::linkedin::uploads::{INITIALIZE, initialize_body};
use crate::linkedin::videos::{self, FINALIZE};
use crate::linkedin::{little_text, organizations, ugc};
use crate::session::Context;
use crate::store::{Member, Profile};
use crate::{Code, Error, NextStep, Result};

/// A request that publishing would send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedRequest {
    pub method: &'static str,
    /// The URL; in angle brackets what comes from an earlier response.
    pub url: String,
    /// The headers but for `Authorization`, which would carry the token.
    pub headers: Vec<(&'static str, String)>,
    /// Whether the token is sent.
    pub has_token: bool,
    /// The JSON, indented; for an upload a description; empty for a GET.
    pub body: String,
}

/// Collects the requests of one author.
struct Planner<'a> {
    ctx: &'a Context,
    author: &'a str,
    requests: Vec<PlannedRequest>,
}

/// Checks the draft and returns the requests of publishing it, without sending any.
/// `first_comment` is the text of a comment on the new post.
pub(crate) fn plan(
    ctx: &Context,
    profile: &Profile,
    draft: &Draft,
    first_comment: Option<&str>,
) -> Result<Vec<PlannedRequest>> {
    let (draft, vanity_names) = &plan_mentions(ctx, profile, draft)?;
    let checked = CheckedDraft::new(draft)?;
    let author = draft.author.clone().or_else(|| profile.member.as_ref().map(Member::urn)).ok_or_else(|| {
        Error::bad_input(format!("The member of the profile {} is not known.", profile.name), "")
            .with_next_step(NextStep::Identify { profile: profile.name.to_string() })
    })?;
    let mut planner = Planner { ctx, author: &author, requests: Vec::new() };
    for vanity_name in vanity_names {
        planner.add_get(&organizations::vanity_name_path(vanity_name));
    }
    if first_api(ctx, profile, &author, &draft.attachment) == PostApi::Legacy {
        planner.add_legacy_post(draft, &checked)?;
    } else {
        planner.add_post(draft, checked, vanity_names)?;
    }
    if let Some(text) = first_comment {
        let api = preferred_comment_api(ctx, profile, &author);
        let comment = NewComment { post: "<post>", actor: &author, text };
        planner.add_json(&format!("{}/<post>/comments", api.path()), &comment.to_body())?;
    }
    Ok(planner.requests)
}

/// Returns the draft with a URN in each mention, and the vanity names of the Pages to look up, which have the IDs `PAGE-1`
/// and so on.
fn plan_mentions(ctx: &Context, profile: &Profile, draft: &Draft) -> Result<(Draft, Vec<String>)> {
    if !draft.has_mentions() {
        return Ok((draft.clone(), Vec::new()));
    }
    let (text, _) = mentions::resolve_names(&ctx.store, &profile.name, draft, NameSource::AllProfiles)?;
    let pages = mentions::find_mentioned_pages(&text)?.into_iter();
    let vanity_names: Vec<String> =
        pages.map(|(name, _)| name).filter(|name| mentions::parse_page_id(name).is_none()).collect();
    let text = mentions::replace_page_mentions(&text, |vanity_name| {
        let index = vanity_names.iter().position(|known| known == vanity_name);
        index.map_or_else(|| Some(vanity_name.to_owned()), |index| Some(format!("PAGE-{}", index + 1)))
    });
    Ok((Draft { text, ..draft.clone() }, vanity_names))
}

impl Planner<'_> {
    /// Adds the requests of a post by `/rest/posts`.
    fn add_post(&mut self, draft: &Draft, checked: CheckedDraft, vanity_names: &[String]) -> Result<()> {
        let media = |id: &str, title: Option<String>| posts::Media { id: id.to_owned(), title, alt_text: None };
        let content = match (LoadedMedia::load(&draft.attachment)?, checked.content) {
            (LoadedMedia::Images(images), _) => {
                let mut uploaded = Vec::new();
                for (index, image) in images.iter().enumerate() {
                    let id = format!("<image {}>", index + 1);
                    self.add_upload(
                        IMAGES,
                        &format!("<uploadUrl {}>", index + 1),
                        image.media_type,
                        &describe_image(image),
                    )?;
                    uploaded.push(Image { id, alt_text: image.alt.clone() });
                }
                Content::from_images(uploaded)
            }
            (LoadedMedia::Thumbnail(image), Some(Content::Article(article))) => {
                self.add_upload(IMAGES, "<uploadUrl>", image.media_type, &describe_image(&image))?;
                Some(Content::Article(Article { thumbnail: Some("<image>".to_owned()), ..article }))
            }
            (LoadedMedia::Document(document), _) => {
                let bytes = describe(document.bytes.len() as u64, &document.title);
                self.add_upload(DOCUMENTS, "<uploadUrl>", document.media_type, &bytes)?;
                self.add_get(&format!("{DOCUMENTS}/<document>"));
                Some(Content::Media(media("<document>", Some(document.title))))
            }
            (LoadedMedia::Video(video), _) => {
                self.add_video(&video)?;
                Some(Content::Media(media("<video>", video.title)))
            }
            (LoadedMedia::None | LoadedMedia::Thumbnail(_), content) => content,
        };
        let mut commentary = checked.commentary;
        for number in 1..=vanity_names.len() {
            commentary = commentary.replace(
                &format!("(urn:li:organization:PAGE-{number})"),
                &format!("(urn:li:organization:<page {number}>)"),
            );
        }
        self.add_json(POSTS, &posts::build_body(self.author, &commentary, draft.visibility, content.as_ref()))
    }

    /// Adds the requests of a post by `/v2/ugcPosts`, which is tried first where it accepted the app's last post.
    fn add_legacy_post(&mut self, draft: &Draft, checked: &CheckedDraft) -> Result<()> {
        let mut uploaded = Vec::new();
        if let LoadedMedia::Images(images) = LoadedMedia::load(&draft.attachment)? {
            for (index, image) in images.iter().enumerate() {
                self.add_json(&format!("{ASSETS}{REGISTER}"), &register_body(self.author))?;
                let url = format!("<uploadUrl {}>", index + 1);
                self.add_put(&url, image.media_type, &describe_image(image), true);
                uploaded.push(Image { id: format!("<image {}>", index + 1), alt_text: image.alt.clone() });
            }
        }
        let article = match &checked.content {
            Some(Content::Article(article)) => Some(article),
            _ => None,
        };
        let text = little_text::to_plain_text(&draft.text, draft.has_mentions());
        self.add_json(UGC_POSTS, &ugc::build_body(self.author, &text, draft.visibility, article, &uploaded))
    }

    fn add(&mut self, method: &'static str, path: &str, body: String) {
        let headers = build_headers(path, self.ctx.api_version.current(), !body.is_empty());
        let url = format!("{}{path}", self.ctx.endpoints.api("").as_str().trim_end_matches('/'));
        self.requests.push(PlannedRequest { method, url, headers, has_token: true, body });
    }

    fn add_json(&mut self, path: &str, body: &impl serde::Serialize) -> Result<()> {
        let body = to_indented_json(body)?;
        self.add("POST", path, body);
        Ok(())
    }

    fn add_get(&mut self, path: &str) {
        self.add("GET", path, String::new());
    }

    fn add_put(&mut self, url: &str, media_type: &str, description: &str, has_token: bool) {
        let headers = vec![("Content-Type", media_type.to_owned())];
        self.requests.push(PlannedRequest {
            method: "PUT",
            url: url.to_owned(),
            headers,
            has_token,
            body: description.to_owned(),
        });
    }

    /// Adds the requests for a file that is sent at once.
    fn add_upload(&mut self, collection: &str, url: &str, media_type: &str, description: &str) -> Result<()> {
        self.add_json(&format!("{collection}{INITIALIZE}"), &initialize_body(self.author))?;
        self.add_put(url, media_type, description, true);
        Ok(())
    }

    fn add_video(&mut self, video: &LoadedVideo) -> Result<()> {
        let (has_captions, has_thumbnail) = (video.captions.is_some(), video.thumbnail.is_some());
        let body = videos::initialize_body(self.author, video.size, has_captions, has_thumbnail);
        self.add_json(&format!("{VIDEOS}{INITIALIZE}"), &body)?;
        let name = video.stamps.first().map_or("", |stamp| stamp.path.as_str());
        let name = crate::text::sanitize(name, 120);
        let description = format!("<{} bytes of {name}, in one request for each part that LinkedIn names>", video.size);
        self.add_put("<uploadUrl of the part>", "application/octet-stream", &description, false);
        if let Some(captions) = &video.captions {
            let bytes = describe(captions.len() as u64, "captions");
            self.add_put("<captionsUploadUrl>", "text/vtt", &bytes, false);
        }
        if let Some(image) = &video.thumbnail {
            self.add_put("<thumbnailUploadUrl>", image.media_type, &describe_image(image), false);
        }
        let etags = ["<ETag of each part>".to_owned()];
        self.add_json(&format!("{VIDEOS}{FINALIZE}"), &videos::finalize_body("<video>", "<uploadToken>", &etags))?;
        self.add_get(&format!("{VIDEOS}/<video>"));
        Ok(())
    }
}

fn describe(bytes: u64, name: &str) -> String {
    format!("<{bytes} bytes of {}>", crate::text::sanitize(name, 120))
}

fn describe_image(image: &LoadedImage) -> String {
    describe(image.bytes.len() as u64, &image.stamp.path)
}

fn to_indented_json(body: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string_pretty(body)
        .map_err(|_| Error::new(Code::Unexpected, "The request could not be written as JSON.", "Please report this."))
}
