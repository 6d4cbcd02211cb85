//! All screens by name.

use super::*;
use crossterm::event::KeyCode;
use linkedin_tui::internal::flows::publish::FirstComment;
use linkedin_tui::internal::flows::sign_in::Event;
use linkedin_tui::internal::linkedin::RedirectUrl;
use linkedin_tui::internal::linkedin::meanings::authorization_error;
use linkedin_tui::internal::store::{CommandExit, PublishedPost};
use linkedin_tui::internal::tui::message::ComposeContents;
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::{Code, Error, NextStep};

/// What to do about a client secret that LinkedIn refused, as the error says it.
const REFUSED_SECRET_HINT: &str =
    "Copy both again from the app's Auth tab (the Primary Client Secret), without spaces.";

/// Returns every screen by its name.
pub(crate) fn all() -> Vec<(&'static str, Scene)> {
    [signing_in(), listing(), composing(), listed_posts()].concat()
}

/// Returns the screens from the guide to the deliveries of a new token.
pub(crate) fn signing_in() -> Vec<(&'static str, Scene)> {
    let port_in_use = Error::new(
        Code::PortInUse,
        "Port 3000 is in use by node (pid 4242).",
        "Stop that program, or choose a redirect URL with another port and register it on the app's Auth tab.",
    );
    let url = RedirectUrl::DEFAULT.to_owned();
    let scope_error = authorization_error(
        "unauthorized_scope_error",
        "Scope &quot;r_ads&quot; is not authorized for your application",
        &["openid".to_owned(), "r_ads".to_owned()],
    );
    let product_error = authorization_error(
        "unauthorized_scope_error",
        "Scope &quot;openid&quot; is not authorized for your application",
        &["openid".to_owned(), "profile".to_owned()],
    );
    let secret_error = Error::new(Code::ClientRefused, "LinkedIn refused the client secret.", REFUSED_SECRET_HINT)
        .with_detail("invalid_client: Client authentication failed");
    let different_member = Event::DifferentMember {
        stored: member("a1", "Ada Lovelace"),
        found: member("b2", "李小龙"),
        revoked_profiles: Vec::new(),
    };
    let save_error =
        Error::new(Code::Files, "profiles/default.toml cannot be saved: no space left.", "Free some space.");
    vec![
        ("welcome", welcome()),
        ("guide", guide()),
        ("guide-in-sandbox", welcome().keys("o")),
        ("guide-done", done_guide()),
        ("guide-old-tutorial", guide().keys("O")),
        ("credentials", credentials()),
        ("credentials-saved-app", list().keys("a")),
        ("scopes", scopes()),
        ("scopes-page", scopes().keys("3")),
        ("scopes-find", scopes().keys("/post")),
        ("scopes-custom", scopes().press(KeyCode::Tab).keys("r_liteprofile")),
        ("scopes-incompatible", scopes_with("r_member_postAnalytics")),
        ("scopes-pages-and-openid", scopes_with("w_organization_social")),
        ("redirect", redirect()),
        ("redirect-port-in-use", redirect().send(Message::PortProbed { url, result: Err(port_in_use) })),
        ("redirect-invalid", redirect().ctrl('u').keys("localhost:3000/callback")),
        ("review", review()),
        ("review-in-sandbox", review_in_sandbox()),
        ("review-change", review().press(KeyCode::Up)),
        ("progress", progress()),
        ("progress-start", review().enter()),
        ("progress-in-sandbox", progress_in_sandbox()),
        ("progress-exchange", progress().event(Event::CallbackAccepted).event(Event::Exchanging)),
        ("progress-no-callback", progress().advance(60)),
        ("progress-over-ssh", progress_over_ssh()),
        ("progress-headless", progress_headless()),
        ("progress-unsaved", progress().event(Event::SaveFailed(save_error))),
        ("paste", progress().keys("p")),
        ("credentials-refused", {
            let error = Error::new(Code::ClientRefused, "LinkedIn refused the client secret.", REFUSED_SECRET_HINT);
            reauthorizing().finish_sign_in(Err(error)).keys("I")
        }),
        ("failure-scope", progress().finish_sign_in(Err(scope_error))),
        ("failure-scope-product", progress().finish_sign_in(Err(product_error))),
        ("failure-secret", progress().finish_sign_in(Err(secret_error.clone()))),
        ("failure-secret-change", progress().finish_sign_in(Err(secret_error)).enter()),
        ("failure-timed-out", {
            let error =
                Error::new(Code::TimedOut, "Timed out waiting for the browser after 300 seconds.", "Try again.");
            progress().finish_sign_in(Err(error))
        }),
        ("failure-rate-limited", {
            let error =
                Error::new(Code::RateLimited, "LinkedIn allows no more requests for now (429).", "Try again later.");
            progress().finish_sign_in(Err(error))
        }),
        (
            "different-member",
            reauthorizing().event(Event::CallbackAccepted).event(Event::Exchanging).event(different_member),
        ),
        ("different-member-known", different_member_with_profile()),
        ("different-member-replace", different_member_with_profile().keys("R")),
        ("progress-sequence", reauthorizing_three()),
        ("done-sequence", finish_reauthorization(reauthorizing_three(), "client-a", "李小龙")),
        ("done-new-profile", finish_reauthorization(different_member_with_profile().keys("a"), "account", "李小龙")),
        ("done", done()),
        ("done-missing-scope", done_without("w_member_social")),
        ("done-unknown-member", done_without_member()),
        ("done-delivering", done_delivering()),
        ("deliveries", {
            let scene = tested(done_delivering(), "cluster", CommandExit::Code(0));
            scene.keys("t").press(KeyCode::Down)
        }),
        ("deliveries-none", list().keys("t")),
        ("deliveries-presets", list().keys("ta").press(KeyCode::Down)),
        ("deliveries-add", list().keys("ta").press(KeyCode::Enter).press(KeyCode::Enter)),
        ("deliveries-remove", signed_in_with_deliveries(&["site secret"]).keys("td")),
        ("deliveries-saved", list().press(KeyCode::Up).keys("t")),
        ("deliveries-test", list().press(KeyCode::Up).keys("tn")),
    ]
}

/// Returns the list and the screens that it opens.
pub(crate) fn listing() -> Vec<(&'static str, Scene)> {
    vec![
        ("list", list()),
        ("list-due", opened_list()),
        ("list-empty", empty_list()),
        ("list-many", many_profiles(40)),
        ("list-detail", list().press(KeyCode::Tab)),
        ("list-detail-damaged", list().press(KeyCode::End).press(KeyCode::Tab)),
        ("list-no-match", list().keys("/nobody").enter()),
        ("list-folded", many_profiles(40).keys("b").press(KeyCode::Home).press(KeyCode::Left)),
        ("list-sorted", many_profiles(40).keys("sS")),
        ("list-results-grouped", results_with_same_cause()),
        ("list-reauthorize-due", opened_list().keys("R")),
        ("list-revoke-marked", list().press(KeyCode::Home).keys("   x")),
        ("list-error", {
            let message = "There is no display, so no browser can be started on this machine.";
            let hint = "Open it yourself: https://www.linkedin.com/developers/apps";
            list().send(Message::Failed(Error::new(Code::Unexpected, message, hint)))
        }),
        ("list-delivered", list().press(KeyCode::Up)),
        ("list-filter", list().keys("/ada")),
        ("list-damaged", list().press(KeyCode::End)),
        ("list-delete", list().keys("d")),
        ("list-reauthorize", list().keys("r")),
        ("list-grouped", list().keys("b")),
        ("list-marked", list().press(KeyCode::Home).keys("   ")),
        ("list-checking", checking_all()),
        ("list-results", results()),
        ("list-copy", list().keys("y")),
        ("list-revoke", list().keys("x")),
        ("list-revoked", revoked(true)),
        ("list-revoked-unconfirmed", revoked(false)),
        ("list-no-refresh", list().keys("f")),
        ("list-permissions", known_permissions(true).keys("Pjjj")),
        ("list-permissions-pages", known_permissions(true).keys("Pjjjjjj")),
        ("list-permissions-probing", list().keys("P")),
        ("list-permissions-reprobing", known_permissions(true).keys("Pv")),
        ("list-permissions-failed", {
            let network_error =
                Error::new(Code::Network, "No connection to api.linkedin.com.", "Check the network, then try again.");
            let probing = list().keys("P");
            let id = probing.state.next_id - 1;
            probing.send(Message::PermissionsProbed { id, name: name("work"), result: Err(network_error) })
        }),
        ("list-rename", list().keys("n")),
        ("list-edit", list().keys("e")),
        ("list-edit-conflict", edit_conflict()),
        ("list-export", list().keys("E")),
        ("list-export-exists", {
            let sent = list().keys("E").press(KeyCode::Tab).enter();
            sent.send(Message::ExportExists(vec!["/home/ada/site/work.json".into()]))
        }),
        ("list-delete-marked", list().press(KeyCode::Home).keys("   d")),
        ("help", list().keys("?")),
        ("help-scopes", scopes().press(KeyCode::F(1))),
    ]
}

/// Returns the compose screen.
fn composing() -> Vec<(&'static str, Scene)> {
    vec![
        ("compose", compose()),
        ("compose-not-permitted", known_permissions(false).keys("p")),
        ("compose-missing-scope", compose_without_scope()),
        ("compose-preview-missing-scope", compose_without_scope().ctrl('p')),
        ("compose-failed-missing-scope", failed_without_scope()),
        ("review-missing-scope", compose_without_scope().ctrl('g')),
        ("compose-recent", {
            let scene = list().keys("p");
            let found = ComposeContents {
                recent: vec![PublishedPost::new(
                    Some("urn:li:share:1".to_owned()),
                    "urn:li:person:x",
                    now(),
                    "Hello again",
                )],
                ..ComposeContents::default()
            };
            let id = compose_id(&scene);
            scene.send(Message::ComposeOpened { id, contents: Box::new(found) }).advance(7200)
        }),
        ("compose-images", compose_images()),
        ("compose-link", {
            let scene = with_link(compose(), "example.com/news");
            scene.press(KeyCode::Tab).keys("Tokens that do not expire on you")
        }),
        ("compose-link-reading", reading_link()),
        ("compose-link-failed", link_read(reading_link(), Err(link_failure()))),
        ("compose-document", compose_document()),
        ("compose-picture", compose_picture()),
        ("compose-preview-picture", compose_picture().ctrl('p')),
        ("compose-carousel", compose_carousel([184_000, 92_500, 310_000])),
        ("compose-video", compose_video()),
        ("compose-poll", compose_poll()),
        ("compose-reshare", compose_reshare()),
        ("compose-preview-poll", compose_poll().keys("m").ctrl('p')),
        ("compose-preview-document", compose_document().ctrl('p')),
        ("compose-preview-carousel", compose_carousel([184_000, 92_500, 310_000]).ctrl('p')),
        ("compose-link-wrong", with_link(compose(), "ftp://example.com")),
        ("compose-long", {
            let text = format!("{}\n\n#rust", "A post that has more words than LinkedIn shows at first. ".repeat(8));
            list().keys("p").send(Message::TextPasted(text))
        }),
        ("compose-too-long", list().keys("p").send(Message::TextPasted("ship it ".repeat(380)))),
        ("compose-discard", compose().ctrl('d')),
        ("compose-preview-images", {
            let scene = compose_images().press(KeyCode::Home);
            (0..9).fold(scene, |scene, _| scene.press(KeyCode::Delete)).ctrl('p')
        }),
        ("compose-preview", preview()),
        ("compose-publishing", preview().enter()),
        ("compose-uploading", uploading()),
        ("compose-published", published(preview().enter(), Ok(Some(published_post(false))))),
        ("compose-duplicate", published(preview().enter(), Ok(Some(published_post(true))))),
        ("compose-delete", published(preview().enter(), Ok(Some(published_post(false)))).keys("d")),
        (
            "compose-maybe-published",
            published(
                preview().enter(),
                Err(Error::new(
                    Code::MaybePublished,
                    "The post was sent and may have been published: LinkedIn failed (500).",
                    "Look at the author's recent posts on LinkedIn before you post again.",
                )),
            ),
        ),
        (
            "compose-failed",
            published(
                preview().enter(),
                Err(Error::new(
                    Code::RateLimited,
                    "This member's daily limit of calls with this app is reached.",
                    "It resets at 00:00 UTC.",
                )),
            ),
        ),
        ("compose-failed-sign-in", {
            let error = Error::new(Code::Revoked, "LinkedIn revoked the token of profile work.", "")
                .with_next_step(NextStep::SignIn { profile: "work".to_owned() });
            published(preview().enter(), Err(error))
        }),
        ("compose-first-comment", compose_first_comment()),
        ("compose-preview-first-comment", compose_first_comment().ctrl('p')),
        ("compose-published-first-comment", published_with_comment(FirstComment::Published)),
        ("compose-first-comment-not-sent", published_with_comment(FirstComment::NotSent)),
        (
            "compose-first-comment-refused",
            published_with_comment(FirstComment::Failed(comment_error(Code::NotPermitted))),
        ),
        (
            "compose-first-comment-maybe",
            published_with_comment(FirstComment::Failed(comment_error(Code::MaybePublished))),
        ),
        ("compose-names", compose_with_names().keys("Thanks to @[a").press(KeyCode::Down)),
        ("compose-help", compose().press(KeyCode::F(1))),
    ]
}

/// Returns the posts and their dialogs.
fn listed_posts() -> Vec<(&'static str, Scene)> {
    vec![
        ("posts", posts()),
        ("posts-empty", posts_empty()),
        ("posts-delete", posts().keys("d")),
        ("posts-maybe-published", posts_maybe_published("urn:li:organization:2414183")),
        ("posts-delete-record", posts_maybe_published("urn:li:person:work-1x").keys("d")),
        ("posts-statistics", statistics()),
        ("posts-statistics-refused", statistics_refused()),
        ("posts-comment", posts().keys("mWell done :-)")),
        ("posts-comment-sending", posts().keys("mWell done :-)").ctrl('p')),
        ("posts-comment-failed", comment_failed(Code::NotPermitted)),
        ("posts-comment-maybe-published", comment_failed(Code::MaybePublished)),
        ("posts-react", posts().keys("+j")),
        ("posts-react-sending", posts().keys("+G").enter()),
        ("posts-react-refused", reaction_refused()),
        ("posts-edit", posts().keys("e")),
        ("posts-edit-preview", posts().keys("e!").ctrl('p')),
        ("posts-help", posts().keys("?")),
        ("help", list().keys("?")),
        ("help-find", list().keys("?/copy")),
        ("palette", list().keys(":")),
        ("palette-find", list().keys(":re")),
        ("palette-dialog", list().keys("d:")),
        ("requests", crate::screens::overlays::requests()),
        ("requests-none", list().keys("L")),
        ("request", crate::screens::overlays::requests().press(KeyCode::Down).enter()),
        ("request-failed", crate::screens::overlays::requests().enter()),
        ("settings", crate::screens::overlays::settings()),
        ("settings-edit", crate::screens::overlays::settings().keys("jjj").enter().keys("x").enter()),
        ("help-scopes", scopes().press(KeyCode::F(1))),
    ]
}
