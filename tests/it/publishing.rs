//! Publishing against the sandbox: what is published, how often, and what is saved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use linkedin_tui::internal::clock::Clock;
use linkedin_tui::internal::flows::publish::{
    Attachment, Document, DocumentSource, Draft, Event, Link, Mentions, Published, Video, delete, edit, find_published,
    list_pages, publish,
};
use linkedin_tui::internal::linkedin::Endpoints;
use linkedin_tui::internal::linkedin::posts::{Poll, PollDuration};
use linkedin_tui::internal::sandbox::{CLIENT_ID, CLIENT_SECRET, MEMBERS, PAGES_CLIENT_ID, PAGES_CLIENT_SECRET};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::store::{
    DraftImage, DraftPoll, Member, Profile, ProfileStore, PublishedPost, SavedDraft, Token,
};
use linkedin_tui::{Code, Error, NextStep};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use url::Url;

use crate::support::sandbox::SandboxEnv;
use crate::support::{PIXEL_PNG, app, client, name};

const REDIRECT_URI: &str = "http://localhost:41997/callback";

type PublishingEnv = SandboxEnv<Event>;

fn with_images(text: &str, images: Vec<DraftImage>) -> Draft {
    Draft { text: text.to_owned(), attachment: Attachment::Images(images), ..Draft::default() }
}

impl SandboxEnv<Event> {
    /// Signs in as Ada with the default app (`work`) and the app for Pages (`pages`).
    async fn new() -> Self {
        let env = Self::start(None).await;
        env.add_profile("work", CLIENT_ID, CLIENT_SECRET, "openid profile w_member_social").await;
        let scopes = "openid profile w_member_social w_organization_social rw_organization_admin";
        env.add_profile("pages", PAGES_CLIENT_ID, PAGES_CLIENT_SECRET, scopes).await;
        env
    }

    async fn add_profile(&self, profile: &str, app: &str, secret: &str, scopes: &str) {
        let mut url = self.sandbox.base().join("/oauth/v2/authorization").unwrap();
        let query = [("response_type", "code"), ("client_id", app), ("redirect_uri", REDIRECT_URI), ("state", "s")];
        url.query_pairs_mut().extend_pairs(query).append_pair("scope", scopes);
        let callback = self.sandbox.approve(&url, "ada").await.unwrap();
        let code = callback.query_pairs().find(|(key, _)| key == "code").unwrap().1.into_owned();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("client_id", app),
            ("client_secret", secret),
            ("redirect_uri", REDIRECT_URI),
        ];
        let url = self.sandbox.base().join("/oauth/v2/accessToken").unwrap();
        let response = client().post(url).form(&form).send().await.unwrap().text().await.unwrap();
        let token = serde_json::from_str::<Value>(&response).unwrap()["access_token"].as_str().unwrap().to_owned();
        let mut new = Profile::new(name(profile), name("app"), Vec::new());
        new.member = Some(Member { id: MEMBERS[0].sub_for(app), name: None, email: None });
        new.token = Some(Token {
            access: Secret::new(token),
            scopes: scopes.split(' ').map(str::to_owned).collect(),
            issued_at: self.clock.now(),
            expires_at: Some(self.clock.now() + SignedDuration::from_hours(24 * 50)),
            refresh: None,
        });
        self.ctx.store.create_or_update_profile(new, |_| ()).unwrap();
    }

    async fn publish_as(&self, profile: &str, draft: Draft) -> Result<Published, Error> {
        let events = Arc::clone(&self.events);
        publish(&self.ctx, &name(profile), draft, Arc::new(move |event| events.lock().unwrap().push(event))).await
    }

    async fn publish(&self, text: &str) -> Result<Published, Error> {
        self.publish_as("work", Draft { text: text.to_owned(), ..Draft::default() }).await
    }

    /// Returns how many times each text was published.
    async fn published_counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for post in self.state().await["posts"].as_array().unwrap() {
            *counts.entry(post["text"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        counts
    }

    /// Returns how many uploads were started, of images, documents and videos.
    async fn upload_count(&self) -> usize {
        let state = self.state().await;
        ["images", "media"].map(|list| state[list].as_array().unwrap().len()).iter().sum()
    }

    fn write_picture(&self, file: &str, bytes: &[u8]) -> PathBuf {
        let path = self.directory.path().join(file);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

#[test]
fn published_text_equals_the_typed_text() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let env = runtime.block_on(PublishingEnv::new());
    let many = json!({ "name": "normal", "set": { "daily_posts": 1_000_000 } });
    runtime.block_on(env.control("scenario", many));
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let texts = prop_oneof![
        any::<String>(),
        r"(\PC|[\\|{}@\[\]()<>#*_~ \n]|#[a-z]+ ){1,80}",
        r"@\[[A-Z ]{1,9}\]\(urn:li:person:[a-z]{3}\)[\\#~]*",
    ];
    let result = runner.run(&texts, |typed| {
        prop_assume!(!typed.trim().is_empty());
        // Ten minutes later a repeated text is not a duplicate.
        env.clock.advance(SignedDuration::from_secs(601));
        let published = runtime.block_on(env.publish(&typed)).unwrap();
        let state = runtime.block_on(env.state());
        let last = state["posts"].as_array().unwrap().last().unwrap();
        prop_assert_eq!(last["urn"].as_str(), published.urn.as_deref());
        prop_assert_eq!(last["text"].as_str().unwrap(), typed.as_str());
        Ok(())
    });
    result.unwrap();
}

#[tokio::test]
async fn a_lost_response_never_creates_two_posts() {
    let env = PublishingEnv::new().await;
    env.control("scenario", json!({ "name": "normal", "set": { "daily_posts": 1000 } })).await;
    let before = env.request_count("POST /rest/posts").await;
    for round in 0..100 {
        let fault = match round % 4 {
            0 => json!({ "path_prefix": "/rest/posts", "drop": true, "after": true }),
            1 => json!({ "path_prefix": "/rest/posts", "drop": true }),
            2 => json!({ "path_prefix": "/rest/posts", "status": 503, "after": true }),
            _ => json!({ "path_prefix": "/rest/posts", "status": 500 }),
        };
        env.control("fault", fault).await;
        let error = env.publish(&format!("round {round}")).await.unwrap_err();
        assert_eq!(error.code, Code::MaybePublished, "{round}: {error}");
        assert_eq!(error.code.exit_code(), 5);
    }
    assert!(env.published_counts().await.values().all(|count| *count == 1));
    assert_eq!(
        env.published_counts().await.len(),
        50,
        "published once in each round where LinkedIn processed the request"
    );
    let requests = env.request_count("POST /rest/posts").await;
    assert_eq!(requests - before, 100, "each post was sent once");
    assert!(env.ctx.store.posts(&name("work")).unwrap().is_empty());
    let sent = env.ctx.store.maybe_published_posts(&name("work")).unwrap();
    assert_eq!(
        (sent.len(), sent[0].text.as_str()),
        (50, "round 99"),
        "each may have been published; the oldest are removed"
    );
}

#[tokio::test]
async fn a_lost_response_that_is_not_recorded_warns() {
    let env = PublishingEnv::new().await;
    let lose = || env.control("fault", json!({ "path_prefix": "/rest/posts", "status": 500 }));
    lose().await;
    let recorded = env.publish("recorded").await.unwrap_err();
    assert!(!recorded.message.contains("could not be recorded"), "{recorded}");
    let file = env.ctx.store.profile_path(&name("work")).parent().unwrap().with_file_name("posts").join("work.toml");
    std::fs::write(&file, "damaged = [").unwrap();
    lose().await;
    let error = env.publish("not recorded").await.unwrap_err();
    assert_eq!(error.code, Code::MaybePublished, "{error}");
    assert!(error.message.contains("could not be recorded"), "{error}");
}

/// Returns what is below the posts that may have been published, newest first.
fn maybe_published_attachments(env: &PublishingEnv) -> Vec<String> {
    let posts = env.ctx.store.maybe_published_posts(&name("work")).unwrap();
    posts.into_iter().map(|post| post.attachment).collect()
}

#[tokio::test]
async fn posts_without_text_differ_by_their_images() {
    let env = PublishingEnv::new().await;
    let draft = |file: &str| with_images("", vec![DraftImage { path: env.write_picture(file, PIXEL_PNG), alt: None }]);
    let described = |file: &str| format!("images: {file} ({} bytes)", PIXEL_PNG.len());
    for file in ["one.png", "two.png"] {
        env.control("fault", json!({ "path_prefix": "/rest/posts", "drop": true })).await;
        assert_eq!(env.publish_as("work", draft(file)).await.unwrap_err().code, Code::MaybePublished);
    }
    assert_eq!(maybe_published_attachments(&env), [described("two.png"), described("one.png")]);
    env.publish_as("work", draft("one.png")).await.unwrap();
    assert_eq!(maybe_published_attachments(&env), [described("two.png")]);
    let published = env.ctx.store.posts(&name("work")).unwrap();
    assert_eq!(published[0].attachment, described("one.png"));
}

#[tokio::test]
async fn a_post_is_recorded_after_its_event() {
    let env = PublishingEnv::new().await;
    env.control("scenario", json!({ "name": "legacy-posts-only" })).await;
    let (store, seen) = (env.ctx.store.clone(), Arc::new(Mutex::new(Vec::new())));
    let events = Arc::clone(&seen);
    let on_event = move |event| {
        events.lock().unwrap().push((event, store.maybe_published_posts(&name("work")).unwrap().len()));
    };
    let draft = Draft { text: "Hello".to_owned(), ..Draft::default() };
    publish(&env.ctx, &name("work"), draft, Arc::new(on_event)).await.unwrap();
    // The refused post is no longer recorded when the other API is tried.
    let expected = [(Event::Publishing, 0), (Event::FallingBack, 0), (Event::Publishing, 0)];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_duplicate_never_creates_two_posts() {
    let env = PublishingEnv::new().await;
    env.control("scenario", json!({ "name": "normal", "set": { "daily_posts": 1000 } })).await;
    let first = env.publish("the same").await.unwrap();
    for _ in 0..100 {
        let again = env.publish("the same").await.unwrap();
        assert!(again.is_duplicate && !first.is_duplicate);
        assert_eq!((&again.urn, &again.url), (&first.urn, &first.url));
    }
    assert_eq!(env.published_counts().await["the same"], 1);
    assert_eq!(env.ctx.store.posts(&name("work")).unwrap().len(), 1, "saved once");
}

#[tokio::test]
async fn a_conflict_is_retried_once() {
    let env = PublishingEnv::new().await;
    let conflict =
        json!({ "path_prefix": "/rest/posts", "status": 409, "body": "{\"status\":409,\"code\":\"CONFLICT\"}" });
    env.control("fault", conflict.clone()).await;
    assert!(env.publish("conflict").await.is_ok());
    env.control("fault", conflict.clone()).await;
    env.control("fault", conflict).await;
    assert_eq!(env.publish("twice").await.unwrap_err().code, Code::Refused);
    assert!(env.ctx.store.maybe_published_posts(&name("work")).unwrap().is_empty(), "a response arrived");
}

#[tokio::test]
async fn a_failed_connection_is_certainly_not_published() {
    let env = PublishingEnv::new().await;
    let mut ctx = env.ctx.clone();
    // Nothing listens on port 1.
    ctx.endpoints = Endpoints::new("http://127.0.0.1:1", "http://127.0.0.1:1").unwrap();
    let draft = Draft { text: "unsent".to_owned(), ..Draft::default() };
    let error = publish(&ctx, &name("work"), draft, Arc::new(|_| ())).await.unwrap_err();
    assert_eq!(error.code, Code::Network, "an unsent post is certainly not published");
    assert!(env.ctx.store.maybe_published_posts(&name("work")).unwrap().is_empty());
}

#[tokio::test]
async fn the_legacy_api_is_tried_once_with_plain_text() {
    let env = PublishingEnv::new().await;
    env.control("scenario", json!({ "name": "legacy-posts-only" })).await;
    let draft = Draft {
        text: "Hello :-) @[Ada](urn:li:person:x) #rust".to_owned(),
        mentions: Mentions::Required,
        ..Draft::default()
    };
    let published = env.publish_as("work", draft).await.unwrap();
    assert!(published.is_legacy && published.urn.is_some());
    assert!(env.published_counts().await.contains_key("Hello :-) Ada #rust"));
    assert_eq!(*env.events.lock().unwrap(), [Event::Publishing, Event::FallingBack, Event::Publishing]);
    // The legacy API has its own image upload.
    let path = env.write_picture("a.png", PIXEL_PNG);
    let draft = with_images("with", vec![DraftImage { path, alt: Some("a dot".to_owned()) }]);
    assert!(env.publish_as("work", draft).await.unwrap().is_legacy);
    let media = env.state().await["posts"][1]["content"]["media"].clone();
    assert!(media["id"].as_str().unwrap().starts_with("urn:li:digitalmediaAsset:") && media["altText"] == "a dot");
}

#[tokio::test]
async fn the_versioned_apis_refusal_is_reported_in_any_order() {
    let env = PublishingEnv::new().await;
    let text = |text: &str| Draft { text: text.to_owned(), ..Draft::default() };
    let refuse = async |text: Draft| {
        env.control("scenario", json!({ "name": "posts-refused" })).await;
        env.publish_as("work", text).await.unwrap_err().to_string()
    };
    let first = refuse(text("one")).await;
    env.control("scenario", json!({ "name": "legacy-posts-only" })).await;
    assert!(env.publish_as("work", text("two")).await.unwrap().is_legacy);
    assert_eq!(refuse(text("three")).await, first);
}

#[tokio::test]
async fn a_legacy_api_404_does_not_hide_the_first_error() {
    let env = PublishingEnv::new().await;
    env.control("scenario", json!({ "name": "legacy-posts-only" })).await;
    let missing = json!({ "path_prefix": "/v2/assets", "status": 404,
        "body": "{\"status\":404,\"message\":\"No virtual resource found\"}" });
    env.control("fault", missing).await;
    let draft = with_images("with", vec![DraftImage { path: env.write_picture("a.png", PIXEL_PNG), alt: None }]);
    let error = env.publish_as("work", draft).await.unwrap_err();
    assert_eq!(error.code, Code::NotPermitted, "{error}");
}

#[tokio::test]
async fn images_are_uploaded_intact_with_alt_text() {
    let env = PublishingEnv::new().await;
    let big: Vec<u8> = PIXEL_PNG.iter().copied().chain((0..200_000_u32).map(|n| n.to_le_bytes()[0])).collect();
    let path = env.write_picture("big.png", &big);
    let alt = Some("a <picture>".to_owned());
    let draft = with_images("one", vec![DraftImage { path, alt: alt.clone() }]);
    env.publish_as("work", draft).await.unwrap();
    let size = big.len() as u64;
    let events = std::mem::take(&mut *env.events.lock().unwrap());
    let steps: Vec<u64> = events
        .iter()
        .filter_map(|event| if let Event::Uploading { sent, .. } = event { Some(*sent) } else { None })
        .collect();
    assert!(steps.len() > 2 && steps.is_sorted() && steps.last() == Some(&size), "{steps:?}");
    let media = env.state().await["posts"][0]["content"]["media"].clone();
    assert_eq!(media["altText"], "a <picture>");
    let id = media["id"].as_str().unwrap().trim_start_matches("urn:li:image:");
    let url = env.sandbox.base().join(&format!("/sandbox/image/{id}")).unwrap();
    assert_eq!(client().get(url).send().await.unwrap().bytes().await.unwrap(), big);

    let images: Vec<DraftImage> = (0..20)
        .map(|n| DraftImage {
            path: env.write_picture(&format!("{n}.png"), PIXEL_PNG),
            alt: Some(format!("number {n}")),
        })
        .collect();
    let draft = with_images("twenty", images.clone());
    assert_eq!(env.publish_as("work", draft).await.unwrap().images, 20);
    let shown = env.state().await["posts"][1]["content"]["multiImage"]["images"].clone();
    let alts: Vec<&str> = shown.as_array().unwrap().iter().map(|image| image["altText"].as_str().unwrap()).collect();
    assert_eq!(alts, (0..20).map(|n| format!("number {n}")).collect::<Vec<_>>());

    let many = with_images("many", [&images[..], &images[..1]].concat());
    assert_eq!(env.publish_as("work", many).await.unwrap_err().code, Code::BadInput);
}

#[tokio::test]
async fn an_upload_that_fails_publishes_nothing() {
    let env = PublishingEnv::new().await;
    let path = env.write_picture("a.png", PIXEL_PNG);
    let draft = || with_images("with", vec![DraftImage { path: path.clone(), alt: None }]);
    for (path, code) in [("/rest/images", Code::ServerError), ("/dms-uploads/", Code::ServerError)] {
        env.control("fault", json!({ "path_prefix": path, "status": 503 })).await;
        let error = env.publish_as("work", draft()).await.unwrap_err();
        assert_eq!(error.code, code, "{path}: {error}");
        assert!(error.message.starts_with("The image was not uploaded."), "{error}");
    }
    for url in ["https://uploads.evil.example/x", "http://127.0.0.1:9/x", "https://www.linkedin.com.evil.example/"] {
        let body = json!({ "value": { "uploadUrl": url, "image": "urn:li:image:x" } }).to_string();
        env.control("fault", json!({ "path_prefix": "/rest/images", "status": 200, "body": body })).await;
        let error = env.publish_as("work", draft()).await.unwrap_err();
        assert_eq!(error.code, Code::UnexpectedResponse, "{url}");
        assert!(error.message.contains("the token are not sent there"), "{error}");
    }
    assert!(env.published_counts().await.is_empty());
}

#[tokio::test]
async fn pages_are_found_by_role_and_can_be_authors() {
    let env = PublishingEnv::new().await;
    // Three roles, one of which is only requested, on three pages of the response.
    env.control("scenario", json!({ "name": "normal", "set": { "largest_page": 1 } })).await;
    let found = list_pages(&env.ctx, &name("pages")).await.unwrap();
    let names: Vec<_> = found.iter().map(|page| page.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["Analytical Engines", "Tea & Differences Ltd."]);
    assert_eq!(list_pages(&env.ctx, &name("work")).await.unwrap_err().code, Code::NotPermitted);
    // A token that is not known to all servers yet is refused once.
    let refusal = json!({ "status": 401, "serviceErrorCode": 65601, "code": "REVOKED_ACCESS_TOKEN" }).to_string();
    env.control("fault", json!({ "path_prefix": "/rest/organizationAcls", "status": 401, "body": refusal })).await;
    assert_eq!(list_pages(&env.ctx, &name("pages")).await.unwrap(), found);
    // LinkedIn limits the calls of a day.
    let role = |id: i32| json!({ "organization": format!("urn:li:organization:{id}"), "role": "ADMINISTRATOR", "state": "APPROVED" });
    let many = json!({ "elements": (1..=60).map(role).collect::<Vec<_>>(), "paging": { "start": 0, "count": 60, "total": 60 } });
    let fault = json!({ "path_prefix": "/rest/organizationAcls", "status": 200, "body": many.to_string() });
    env.control("fault", fault).await;
    let name_requests = async || env.state().await["requests"]["GET /rest/organizations"].as_u64().unwrap();
    let earlier = name_requests().await;
    assert_eq!(list_pages(&env.ctx, &name("pages")).await.unwrap().len(), 60);
    assert_eq!(name_requests().await - earlier, 50);

    let draft = |author: &str| Draft {
        text: "Posted as the Page".to_owned(),
        author: Some(author.to_owned()),
        ..Draft::default()
    };
    env.publish_as("pages", draft(&found[0].urn)).await.unwrap();
    assert_eq!(env.state().await["posts"][0]["author"], found[0].urn.as_str());
    let error = env.publish_as("pages", draft("urn:li:organization:2414185")).await.unwrap_err();
    assert_eq!(error.code, Code::NotPermitted, "{error}");
    assert!(error.message.contains("no role on the Page"), "{error}");
    let error = env.publish_as("work", draft(&found[0].urn)).await.unwrap_err();
    assert!(error.message.contains("w_organization_social"), "{error}");
    let step = error.next_step.as_deref();
    assert!(matches!(step, Some(NextStep::SignInOnceApproved { profile, .. }) if profile == "work"), "{step:?}");
    for invalid in ["782bbtaQ", "urn:li:share:1", "urn:li:person:", "urn:li:organization:1/../2"] {
        assert_eq!(env.publish_as("pages", draft(invalid)).await.unwrap_err().code, Code::BadInput, "{invalid}");
    }
}

#[tokio::test]
async fn a_post_without_a_known_author_reports_that() {
    let env = PublishingEnv::new().await;
    let store = &env.ctx.store;
    store
        .update_profile(&name("work"), |profile| {
            profile.member = None;
            Ok(())
        })
        .unwrap();
    env.control("scenario", json!({ "name": "no-userinfo" })).await;
    let error = env.publish("Hello").await.unwrap_err();
    assert_eq!(error.code, Code::ServerError, "{error}");
    let expected = "The author could not be identified, so nothing was sent. LinkedIn is temporarily unavailable";
    assert!(error.message.starts_with(expected), "{error}");
    assert!(env.published_counts().await.is_empty());
}

#[tokio::test]
async fn saved_posts_are_capped_and_follow_a_rename() {
    let env = PublishingEnv::new().await;
    env.control("scenario", json!({ "name": "normal", "set": { "daily_posts": 1000 } })).await;
    for round in 0..55 {
        env.publish(&format!("post {round}\nsecond line")).await.unwrap();
    }
    let posts = env.ctx.store.posts(&name("work")).unwrap();
    let lines: Vec<&str> = posts.iter().map(|post| post.first_line.as_str()).collect();
    assert_eq!((lines.len(), lines[0], lines[49]), (50, "post 54", "post 5"));
    let urn = posts[0].urn.clone().unwrap();
    for _ in 0..2 {
        delete(&env.ctx, &name("work"), &urn).await.unwrap();
    }
    let saved: Vec<PublishedPost> = env.ctx.store.posts(&name("work")).unwrap();
    assert!(saved[0].deleted_at.is_some() && saved[1].deleted_at.is_none());

    let draft = SavedDraft { text: "half a".to_owned(), ..SavedDraft::default() };
    env.ctx.store.save_draft(&name("work"), &draft, None).unwrap();
    env.ctx.store.rename_profile(&name("work"), &name("renamed")).unwrap();
    assert_eq!(env.ctx.store.posts(&name("renamed")).unwrap(), saved);
    assert_eq!(env.ctx.store.draft(&name("renamed")).unwrap(), Some(draft));
    env.ctx.store.delete_profile(&name("renamed")).unwrap();
    let file_count = |directory: &str| std::fs::read_dir(env.directory.path().join(directory)).unwrap().count();
    assert_eq!((file_count("posts"), file_count("drafts")), (0, 0), "s27: nothing of the profile remains");
}

#[tokio::test]
async fn a_post_of_a_profile_renamed_meanwhile_is_listed_there() {
    let env = PublishingEnv::new().await;
    let other_process = ProfileStore::open(env.directory.path()).unwrap();
    let rename = move |event| {
        if matches!(event, Event::Publishing) {
            other_process.rename_profile(&name("work"), &name("renamed")).unwrap();
        }
    };
    let draft = Draft { text: "in flight".to_owned(), ..Draft::default() };
    let published = publish(&env.ctx, &name("work"), draft, Arc::new(rename)).await.unwrap();
    let posts = env.ctx.store.all_posts(&name("renamed")).unwrap();
    assert_eq!((posts.len(), &posts[0].urn, posts[0].is_maybe_published), (1, &published.urn, false));
    assert!(!env.directory.path().join("posts/work.toml").exists());
}

#[tokio::test]
async fn a_post_of_a_profile_deleted_meanwhile_leaves_no_file() {
    let env = PublishingEnv::new().await;
    let other_process = ProfileStore::open(env.directory.path()).unwrap();
    let delete = move |event| {
        if matches!(event, Event::Publishing) {
            other_process.delete_profile(&name("work")).unwrap();
        }
    };
    let draft = Draft { text: "in flight".to_owned(), ..Draft::default() };
    let published = publish(&env.ctx, &name("work"), draft, Arc::new(delete)).await.unwrap();
    assert!(published.urn.is_some());
    assert!(published.warnings[0].contains("could not be saved in the list"), "{:?}", published.warnings);
    assert!(!env.directory.path().join("posts/work.toml").exists());
}

#[test]
fn a_draft_is_restored_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let store = ProfileStore::open(directory.path()).unwrap();
    let unsaved = store.save_draft(&name("work"), &SavedDraft::default(), None);
    assert_eq!(unsaved.unwrap_err().code, Code::NoSuchProfile);
    store.create_or_update_profile(Profile::new(name("work"), name("my-app"), Vec::new()), |_| ()).unwrap();
    let draft = SavedDraft {
        text: "First \"line\"\n\u{1b}[31m'''\t#tag".to_owned(),
        visibility: "connections".to_owned(),
        author: Some("urn:li:organization:1".to_owned()),
        title: Some("A = \"b\"".to_owned()),
        video: Some("demo.mp4".to_owned()),
        captions: Some("demo.vtt".to_owned()),
        thumbnail: Some("a.png".to_owned()),
        poll: Some(DraftPoll {
            question: "Which?".to_owned(),
            options: vec!["vi".to_owned(), "emacs".to_owned()],
            days: 7,
        }),
        images: vec![
            DraftImage { path: "/a b/c.png".into(), alt: Some("alt".to_owned()) },
            DraftImage { path: "d.gif".into(), alt: None },
        ],
        ..SavedDraft::default()
    };
    assert_eq!(store.draft(&name("work")).unwrap(), None);
    store.save_draft(&name("work"), &draft, None).unwrap();
    assert_eq!(store.draft(&name("work")).unwrap().as_ref(), Some(&draft));
    assert_mode(&directory.path().join("drafts"), 0o700);
    assert_mode(&directory.path().join("drafts/work.toml"), 0o600);
    let shorter = SavedDraft { text: "x".to_owned(), ..SavedDraft::default() };
    store.save_draft(&name("work"), &shorter, Some(&draft)).unwrap();
    assert_eq!(store.draft(&name("work")).unwrap(), Some(shorter.clone()));
    std::fs::write(directory.path().join("drafts/work.toml"), "text = \"half").unwrap();
    assert_eq!(store.draft(&name("work")).unwrap_err().code, Code::FileDamaged);
    store.save_draft(&name("work"), &shorter, None).unwrap();
    for _ in 0..2 {
        assert!(store.delete_draft(&name("work"), Some(&shorter)).unwrap());
    }
    assert_eq!(store.draft(&name("work")).unwrap(), None);
}

#[cfg(unix)]
fn assert_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
}

#[cfg(not(unix))]
fn assert_mode(_: &Path, _: u32) {}

#[tokio::test]
async fn permalinks_open_the_post() {
    let env = PublishingEnv::new().await;
    let published = env.publish("<b>Read me</b> #rust").await.unwrap();
    let url = Url::parse(&published.url.unwrap()).unwrap();
    let page = client().get(url.clone()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("&lt;b&gt;Read me&lt;/b&gt; <span class=\"tag\">#rust</span>"), "{page}");
    delete(&env.ctx, &name("work"), &published.urn.unwrap()).await.unwrap();
    assert_eq!(client().get(url).send().await.unwrap().status(), 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_edit_changes_the_text_and_is_saved() {
    let env = PublishingEnv::new().await;
    let published = env.publish("Hello (1)").await.unwrap();
    let urn = published.urn.unwrap();
    edit(&env.ctx, &name("work"), &urn, "Hello [2] #rust", Mentions::IfKnown).await.unwrap();
    assert_eq!(env.state().await["posts"][0]["text"], "Hello [2] #rust", "special characters are escaped");
    let saved = env.ctx.store.posts(&name("work")).unwrap();
    assert_eq!((saved[0].text.as_str(), saved[0].first_line.as_str()), ("Hello [2] #rust", "Hello [2] #rust"));
    assert_eq!((saved[0].visibility.as_str(), saved[0].edited_at.is_some()), ("public", true));
    let empty = edit(&env.ctx, &name("work"), &urn, " ", Mentions::IfKnown).await.unwrap_err();
    assert_eq!(empty.code, Code::BadInput);
    delete(&env.ctx, &name("work"), &urn).await.unwrap();
    let gone = edit(&env.ctx, &name("work"), &urn, "Hello", Mentions::IfKnown).await.unwrap_err();
    assert_eq!(gone.code, Code::Refused, "{gone}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_unknown_name_is_text_unless_mentions_are_required() {
    let env = PublishingEnv::new().await;
    let draft = |mentions| Draft { text: "See @[x] and [1]".to_owned(), mentions, ..Draft::default() };
    let published = env.publish_as("work", draft(Mentions::IfKnown)).await.unwrap();
    assert!(published.warnings[0].contains("@[x]"), "{:?}", published.warnings);
    assert_eq!(env.state().await["posts"][0]["text"], "See @[x] and [1]");
    let urn = published.urn.unwrap();
    let edited = edit(&env.ctx, &name("work"), &urn, "Now @[y]", Mentions::IfKnown).await.unwrap();
    assert!(edited.len() == 1 && edited[0].contains("@[y]"), "{edited:?}");
    assert_eq!(env.state().await["posts"][0]["text"], "Now @[y]");
    let error = env.publish_as("work", draft(Mentions::Required)).await.unwrap_err();
    assert_eq!(error.code, Code::BadInput, "{error}");
    assert_eq!(env.published_counts().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_search_publishes_nothing() {
    let env = PublishingEnv::new().await;
    let draft = Draft { text: "Hello (1)".to_owned(), ..Draft::default() };
    let refused = find_published(&env.ctx, &name("work"), &draft).await.unwrap_err();
    assert_eq!(refused.code, Code::NotPermitted, "self-serve apps may not read posts");
    assert_eq!(env.published_counts().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_search_finds_a_post_that_is_not_listed() {
    let env = PublishingEnv::new().await;
    let scopes = "openid profile w_organization_social r_organization_social rw_organization_admin";
    env.add_profile("reader", PAGES_CLIENT_ID, PAGES_CLIENT_SECRET, scopes).await;
    let page = list_pages(&env.ctx, &name("reader")).await.unwrap()[0].urn.clone();
    let hello = || Draft { text: "Hello".to_owned(), author: Some(page.clone()), ..Draft::default() };
    let listed = env.publish_as("reader", hello()).await.unwrap();
    let find = async |draft: Draft| find_published(&env.ctx, &name("reader"), &draft).await.unwrap();
    assert_eq!(find(hello()).await, None, "it is another post with the same text");
    // Ten minutes later it is not a duplicate.
    env.clock.advance(SignedDuration::from_secs(601));
    let image = DraftImage { path: env.write_picture("a.png", PIXEL_PNG), alt: None };
    let without_text = || Draft { author: Some(page.clone()), ..with_images("", vec![image.clone()]) };
    for draft in [hello(), without_text()] {
        env.control("fault", json!({ "path_prefix": "/rest/posts", "drop": true, "after": true })).await;
        assert_eq!(env.publish_as("reader", draft).await.unwrap_err().code, Code::MaybePublished);
    }
    let found = find(hello()).await.unwrap();
    assert!(found.urn.is_some() && found.urn != listed.urn, "{found:?}");
    assert_eq!(find(without_text()).await, None, "any post without a text would be found");
    let maybe_published = env.ctx.store.maybe_published_posts(&name("reader")).unwrap();
    assert_eq!(maybe_published.iter().map(|post| post.text.as_str()).collect::<Vec<_>>(), [""]);
}

/// What a request of a post is for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Request {
    /// Starts the upload of a file.
    Start,
    /// Sends an image or a document.
    Send,
    /// Sends a part of a video, its captions or its thumbnail, or ends its upload: sent again at once.
    SendAgain,
    /// Reads the state of an upload.
    State,
    Post,
}

use Request::{Post, Send, SendAgain, Start, State};

/// Returns a post of each kind, with its files in the directory of `env`, and its requests.
fn posts_of_each_kind(env: &PublishingEnv, parent: &str) -> Vec<(&'static str, Attachment, &'static [Request])> {
    let png = env.write_picture("a.png", PIXEL_PNG);
    let other_png = env.write_picture("b.png", PIXEL_PNG);
    let mut movie = b"\0\0\0\x18ftypmp42".to_vec();
    movie.resize(4_194_304 + 100, 0);
    let video = Video { path: env.write_picture("a.mp4", &movie), title: None, captions: None, thumbnail: None };
    let short = env.write_picture("b.mp4", &movie[..80_000]);
    let captions = Some(env.write_picture("a.vtt", b"WEBVTT\n\n"));
    let document = |source| Attachment::Document(Document { source, title: None });
    let options = vec!["A".to_owned(), "B".to_owned()];
    let link = Link::parse("https://example.com/", None).unwrap();
    let image = |path: &Path| DraftImage { path: path.to_owned(), alt: None };
    vec![
        ("text", Attachment::None, &[Post]),
        ("link", Attachment::Link(link.clone()), &[Post]),
        ("link", Attachment::Link(Link { thumbnail: Some(png.clone()), ..link }), &[Start, Send, Post]),
        ("images", Attachment::Images(vec![image(&png)]), &[Start, Send, Post]),
        ("images", Attachment::Images(vec![image(&png), image(&other_png)]), &[Start, Send, Start, Send, Post]),
        (
            "document",
            document(DocumentSource::File(env.write_picture("a.pdf", b"%PDF-1.4"))),
            &[Start, Send, State, Post],
        ),
        ("document", document(DocumentSource::Images(vec![png.clone(), other_png])), &[Start, Send, State, Post]),
        ("video", Attachment::Video(video.clone()), &[Start, SendAgain, SendAgain, SendAgain, State, Post]),
        (
            "video",
            Attachment::Video(Video { path: short, captions, thumbnail: Some(png), ..video }),
            &[Start, SendAgain, SendAgain, SendAgain, SendAgain, State, Post],
        ),
        (
            "poll",
            Attachment::Poll(Poll { question: "Q?".to_owned(), options, duration: PollDuration::OneDay }),
            &[Post],
        ),
        ("reshare", Attachment::Reshare(parent.to_owned()), &[Post]),
    ]
}

/// Loses the connection at each of the requests, before LinkedIn carries it out or after, and publishes again as the user
/// does. The post is published once, and no file is uploaded again but the one whose upload was interrupted.
async fn lose_each_request(
    env: &PublishingEnv,
    profile: &str,
    label: &str,
    attachment: &Attachment,
    requests: &[Request],
) {
    let file_count = requests.iter().filter(|request| **request == Start).count();
    for (skip, request) in requests.iter().enumerate() {
        for after in [false, true] {
            let text = format!("{label}: {request:?} {skip} {after}");
            let draft = Draft { text: text.clone(), attachment: attachment.clone(), ..Draft::default() };
            let before = env.upload_count().await;
            env.control("fault", json!({ "path_prefix": "/", "drop": true, "after": after, "skip": skip })).await;
            let first = env.publish_as(profile, draft.clone()).await;
            assert_eq!(env.state().await["faults"], 0, "{text}: there is such a request");
            match request {
                SendAgain | State => assert!(first.is_ok(), "{text}: {first:?}"),
                Start | Send | Post => {
                    let code = if *request == Post { Code::MaybePublished } else { Code::Network };
                    assert_eq!(first.unwrap_err().code, code, "{text}");
                    let again = env.publish_as(profile, draft).await.unwrap();
                    assert_eq!(again.kind, attachment.name());
                }
            }
            assert_eq!(env.published_counts().await[&text], 1, "{text}");
            let is_interrupted = *request == Send || *request == Start && after;
            let uploads = env.upload_count().await - before;
            assert_eq!(uploads, file_count + usize::from(is_interrupted), "{text}: files are uploaded once");
        }
    }
    assert!(env.ctx.store.maybe_published_posts(&name(profile)).unwrap().is_empty(), "{label}: every post is known");
    // There are no other requests.
    env.control("fault", json!({ "path_prefix": "/", "drop": true, "skip": requests.len() })).await;
    let draft = Draft { text: format!("{label}: undisturbed"), attachment: attachment.clone(), ..Draft::default() };
    let undisturbed = env.publish_as(profile, draft).await;
    assert!(undisturbed.is_ok(), "{label}: there is another request: {undisturbed:?}");
    assert_eq!(env.state().await["faults"], 1, "{label}: every request was lost once");
    env.control("clear-faults", json!({})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_lost_connection_never_makes_two_posts_of_any_kind() {
    let env = PublishingEnv::new().await;
    env.control("scenario", json!({ "name": "normal", "set": { "daily_posts": 1000, "processing_steps": 0 } })).await;
    let parent = env.publish("parent").await.unwrap().urn.unwrap();
    for (index, (kind, attachment, requests)) in posts_of_each_kind(&env, &parent).into_iter().enumerate() {
        assert_eq!(attachment.name(), kind);
        lose_each_request(&env, "work", &format!("{kind} {index}"), &attachment, requests).await;
    }
}

/// The legacy API is tried first once it accepted a post.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_lost_connection_to_the_legacy_api_never_makes_two_posts() {
    let env = PublishingEnv::new().await;
    env.control("scenario", json!({ "name": "legacy-posts-only", "set": { "daily_posts": 1000 } })).await;
    // The API is saved with the app.
    env.ctx.store.save_app(&app("app")).unwrap();
    assert!(env.publish("first").await.unwrap().is_legacy);
    for (index, (kind, attachment, requests)) in posts_of_each_kind(&env, "").into_iter().enumerate() {
        // The legacy API has no thumbnail of a link.
        let requests = if kind == "link" { &[Post] } else { requests };
        if ["text", "link", "images"].contains(&kind) {
            lose_each_request(&env, "work", &format!("{kind} {index}"), &attachment, requests).await;
        }
    }
}

/// The change of API is a request more, which can be lost too.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_connection_lost_while_changing_the_api_makes_one_post() {
    let env = PublishingEnv::new().await;
    env.control("scenario", json!({ "name": "legacy-posts-only", "set": { "daily_posts": 1000 } })).await;
    // Upload and post for the one API, then for the other: without a saved app it is not remembered which one accepts posts.
    for skip in 0..6 {
        for after in [false, true] {
            let text = format!("{skip} {after}");
            env.control("fault", json!({ "path_prefix": "/", "drop": true, "after": after, "skip": skip })).await;
            let before = env.upload_count().await;
            // The upload for the other API stays usable, so each post has its own file.
            let path = env.write_picture(&format!("{text}.png"), PIXEL_PNG);
            let draft = with_images(&text, vec![DraftImage { path, alt: None }]);
            assert!(env.publish_as("work", draft.clone()).await.is_err(), "{text}");
            assert_eq!(env.state().await["faults"], 0, "{text}: there is such a request");
            assert!(env.publish_as("work", draft).await.unwrap().is_legacy);
            assert_eq!(env.published_counts().await[&text], 1, "{text}");
            let is_interrupted = skip % 3 == 1 || skip % 3 == 0 && after;
            assert_eq!(env.upload_count().await - before, 2 + usize::from(is_interrupted), "{text}");
        }
    }
}

/// An upload of a video can take hours: nothing that follows may lose it.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_video_is_not_sent_again_because_of_its_captions() {
    let env = PublishingEnv::new().await;
    env.control("scenario", json!({ "name": "normal", "set": { "processing_steps": 0 } })).await;
    let (_, attachment, _) = posts_of_each_kind(&env, "").into_iter().rfind(|(kind, ..)| *kind == "video").unwrap();
    // The only part, then the captions and the thumbnail.
    for skip in 0..3 {
        let path = "/dms-uploads/";
        env.control("fault", json!({ "path_prefix": path, "status": 503, "skip": skip, "times": 2 })).await;
        let before = env.request_count("PUT /dms-uploads/").await;
        let draft = Draft { text: format!("{skip}"), attachment: attachment.clone(), ..Draft::default() };
        env.publish_as("work", draft).await.unwrap();
        assert_eq!(env.request_count("PUT /dms-uploads/").await - before, 5, "{skip}: only this one is sent again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_lost_edit_or_deletion_may_be_repeated() {
    let env = PublishingEnv::new().await;
    let urn = env.publish("Frist").await.unwrap().urn.unwrap();
    for after in [false, true] {
        let fault = json!({ "path_prefix": "/", "drop": true, "after": after });
        let text = format!("First {after}");
        env.control("fault", fault.clone()).await;
        let error = edit(&env.ctx, &name("work"), &urn, &text, Mentions::IfKnown).await.unwrap_err();
        assert_eq!(error.code, Code::Network, "{after}: {error}");
        edit(&env.ctx, &name("work"), &urn, &text, Mentions::IfKnown).await.unwrap();
        assert_eq!(env.published_counts().await, BTreeMap::from([(text, 1)]));
    }
    for after in [false, true] {
        let urn = env.publish(&format!("To be deleted {after}")).await.unwrap().urn.unwrap();
        env.control("fault", json!({ "path_prefix": "/", "drop": true, "after": after })).await;
        // A deletion is sent again at once where the connection had been used before.
        if let Err(error) = delete(&env.ctx, &name("work"), &urn).await {
            assert_eq!(error.code, Code::Network, "{after}: {error}");
            delete(&env.ctx, &name("work"), &urn).await.unwrap();
        }
        assert_eq!(env.state().await["posts"].as_array().unwrap().last().unwrap()["deleted"], true, "{after}");
    }
}
