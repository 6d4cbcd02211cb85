//! Preview, publishing and its results: a post is sent once.

use crossterm::event::KeyCode::{Char, Enter, Esc, Tab};
use linkedin_tui::internal::flows::publish::{Event, FileInfo, FileRole};
use linkedin_tui::internal::store::{DraftImage, PublishedPost, SavedDraft};
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{ComposeContents, Message};
use linkedin_tui::{Code, Error};

use crate::screens::compose::{open_compose, sent_time};
use crate::screens::keys::{effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

#[test]
fn an_expired_token_warns_before_writing_and_after_a_refusal() {
    let notification = |scene: &Scene| {
        scene.state.notification.as_ref().map_or(String::new(), |notification| notification.text.clone())
    };
    let expired = scenes::list().press(crossterm::event::KeyCode::Home).keys("p");
    assert_eq!((expired.state.key_context(), effects(&expired).as_str()), (KeyContext::List, ""));
    assert!(notification(&expired).contains("its token expired 2 days ago"), "{}", notification(&expired));
    // The token may be revoked although the list shows it as valid.
    let failed_with =
        |code| scenes::published(scenes::preview().enter(), Err(Error::new(code, "No.", "Sign in again.")));
    let revoked = failed_with(Code::Revoked);
    assert!(text(&revoked.draw(80, 24, COLOR_THEME)).contains("r re-authorize"));
    let dialog = revoked.keys("r");
    assert_eq!(dialog.state.key_context(), KeyContext::Reauthorize);
    assert_eq!(effects(&dialog.clone().enter()), "sign in work by my-app");
    assert_eq!(dialog.press(Esc).state.key_context(), KeyContext::NotPublished);
    let uncertain = failed_with(Code::MaybePublished);
    assert!(!text(&uncertain.draw(80, 24, COLOR_THEME)).contains("r re-authorize"));
    assert_eq!(uncertain.keys("r").state.key_context(), KeyContext::MaybePublished);
}

#[test]
fn a_title_never_contradicts_the_outcome() {
    let failed = |code| scenes::published(scenes::preview().enter(), Err(Error::new(code, "It failed.", "Try again.")));
    let screen = |scene: &Scene| text(&scene.draw(80, 24, COLOR_THEME));
    for code in Code::ALL {
        let scene = failed(*code);
        let shown = screen(&scene);
        let is_uncertain = *code == Code::MaybePublished;
        assert_eq!(shown.contains("? May have been published"), is_uncertain, "{code:?}");
        assert_eq!(shown.contains("✗ Not published"), !is_uncertain, "{code:?}");
        assert_eq!(shown.contains("Nothing was published."), !is_uncertain, "{code:?}");
        let expected = if is_uncertain { KeyContext::MaybePublished } else { KeyContext::NotPublished };
        assert_eq!(scene.state.key_context(), expected);
    }
    let uncertain = failed(Code::MaybePublished);
    assert!(screen(&uncertain).contains("sent once"));
    assert_eq!(effects(&uncertain.clone().keys("o")), "open the recent activity of the member");
    let checking = uncertain.clone().keys("v");
    assert_eq!(effects(&checking), "find Hello LinkedIn API :-) #rust");
    assert_eq!(checking.state.key_context(), KeyContext::Publishing);
    let id = scenes::compose_id(&checking);
    let searched = |result| checking.clone().send(Message::PostSearched { id, result });
    let missing = searched(Ok(None));
    assert!(screen(&missing).contains("? May have been published"));
    assert!(notification(&missing).contains("not among the newest posts"), "{}", notification(&missing));
    let refused = searched(Err(Error::new(Code::NotPermitted, "No.", "")));
    assert!(notification(&refused).contains("does not let this token read posts"), "{}", notification(&refused));
    assert!(refused.state.compose().unwrap().to_draft().is_ok(), "the text is still there");
    let found = searched(Ok(Some(Box::new(scenes::published_post(false)))));
    assert_eq!((found.state.key_context(), effects(&found).as_str()), (KeyContext::Published, "delete work's draft"));
    // A failed deletion does not say that the post was not published.
    let deleting = scenes::published(scenes::preview().enter(), Ok(Some(scenes::published_post(false)))).keys("dy");
    let kept = scenes::published(deleting, Err(Error::new(Code::Network, "No connection.", "Try again.")));
    assert!(screen(&kept).contains("✓ Published"), "{}", screen(&kept));
    assert!(notification(&kept).starts_with("The post was not deleted. No connection."), "{}", notification(&kept));
}

#[test]
fn a_post_that_was_sent_twice_is_not_said_to_be_sent_once() {
    let words = |scene: &Scene| {
        let shown = text(&scene.draw(80, 24, COLOR_THEME)).replace('│', " ");
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let lost = || Err(Error::new(Code::MaybePublished, "The connection was lost.", ""));
    let once = scenes::published(scenes::preview().enter(), lost());
    assert!(words(&once).contains("The post was sent once"), "{}", words(&once));
    let twice = scenes::published(once.advance(60).press(Esc).ctrl('p').keys("y"), lost());
    let shown = words(&twice);
    assert!(shown.contains("10:00 and again on Mar 1, 2026 10:01, and may be published more than once."), "{shown}");
    assert!(!shown.contains("once or not at all"), "{shown}");
    // The record of a post has only its first time, and the post is in the list of posts once.
    let listed = words(&scenes::posts_maybe_published("urn:li:person:a"));
    assert!(!listed.contains("once or not at all"), "{listed}");
}

#[test]
fn a_draft_is_said_to_be_saved_only_if_it_was() {
    let lost = || Err(Error::new(Code::MaybePublished, "The connection was lost.", ""));
    let shown = |scene: Scene| {
        let shown = text(&scenes::published(scene, lost()).draw(120, 36, COLOR_THEME)).replace(['│', '\n'], " ");
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let sent = scenes::preview().enter();
    assert!(shown(sent.clone()).contains("The text is saved as a draft."));
    let id = scenes::compose_id(&sent);
    let failed = sent.send(Message::DraftFailed { id, error: Error::new(Code::Files, "Permission denied.", "") });
    let shown = shown(failed);
    assert!(shown.contains("The text is still in the editor.") && !shown.contains("saved as a draft"), "{shown}");
}

#[test]
fn the_summary_of_the_preview_stays_in_view() {
    let names: Vec<String> = (1..=14).map(|number| format!("@[Person {number}]")).collect();
    let typed = scenes::list().keys("p").send(Message::TextPasted(names.join(" ")));
    let id = scenes::compose_id(&typed);
    let typed = typed.send(Message::NamesRead { id, names: Vec::new() });
    let comment = (0..3).fold(typed, |scene, _| scene.press(Tab)).keys("First");
    for (columns, rows) in [(60, 20), (80, 24)] {
        let mut preview = comment.clone();
        preview.state.size = (columns, rows);
        let shown = text(&preview.ctrl('p').draw(columns, rows, COLOR_THEME));
        for expected in
            ["Posting as", "Visibility", "First comment  yes, 5", "Length", "14 names are not known: published"]
        {
            assert!(shown.contains(expected), "{expected} at {columns}x{rows}\n{shown}");
        }
    }
}

#[test]
fn a_post_is_previewed_and_sent_once() {
    let empty = scenes::list().keys("p").ctrl('p');
    assert_eq!(empty.state.key_context(), KeyContext::Compose, "an empty post is not previewed");
    assert!(empty.state.notification.is_some_and(|notification| notification.is_error));
    let preview = scenes::preview();
    assert_eq!(preview.state.key_context(), KeyContext::Preview);
    assert_eq!(preview.clone().press(Esc).state.key_context(), KeyContext::Compose);
    let sent = preview.press(Enter);
    assert_eq!(effects(&sent), "publish as work: Hello LinkedIn API :-) #rust");
    assert!(notification(&sent.clone().press(Esc)).contains("cannot be canceled"));
    for key in [Enter, Esc, Char('q')] {
        let again = sent.clone().press(key);
        assert_eq!((again.state.key_context(), effects(&again).as_str()), (KeyContext::Publishing, ""), "{key:?}");
    }
    let published_post = scenes::published(sent.clone(), Ok(Some(scenes::published_post(false))));
    assert_eq!(effects(&published_post), "delete work's draft");
    assert_eq!(
        effects(&published_post.clone().keys("o")),
        "open https://www.linkedin.com/feed/update/urn:li:share:7141138937766391808/"
    );
    assert_eq!(effects(&published_post.clone().keys("c")), "copy the post's URL");
    let comment = published_post.clone().keys("m");
    assert_eq!(comment.state.key_context(), KeyContext::Comment);
    assert_eq!(
        effects(&comment.keys("Well").ctrl('p')),
        "comment on urn:li:share:7141138937766391808 as the member: Well"
    );
    assert_eq!(effects(&published_post.clone().keys("h")), "read work's posts");
    let dialog = published_post.keys("d");
    assert_eq!(dialog.state.key_context(), KeyContext::DeletePost);
    assert_eq!(dialog.clone().press(Esc).state.key_context(), KeyContext::Published);
    let deleting = dialog.keys("y");
    assert_eq!(effects(&deleting), "delete urn:li:share:7141138937766391808");
    assert_eq!(scenes::published(deleting, Ok(None)).state.key_context(), KeyContext::List);
    // After a failure the text is still there.
    let failed = scenes::published(sent, Err(Error::new(Code::RateLimited, "Too many.", "Tomorrow.")));
    assert_eq!(failed.state.key_context(), KeyContext::NotPublished);
    let editing = failed.press(Enter);
    assert_eq!(
        (editing.state.key_context(), editing.state.compose().unwrap().typed_text().len()),
        (KeyContext::Compose, 28)
    );
}

#[test]
fn what_may_have_been_published_is_sent_only_on_purpose() {
    let screen = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME));
    let lost = || Err(Error::new(Code::MaybePublished, "The post may have been published.", ""));
    let failed = scenes::published(scenes::preview().press(Enter), lost());
    assert_eq!(failed.state.key_context(), KeyContext::MaybePublished);
    let form = failed.press(Esc);
    assert!(screen(&form).contains("may have been published"), "{}", screen(&form));
    let preview = form.clone().ctrl('p');
    let shown = screen(&preview);
    assert!(shown.contains("This post was sent on") && shown.contains("y publish again"), "{shown}");
    assert_eq!(effects(&preview.clone().enter()), "", "the usual key sends nothing");
    assert_eq!(effects(&preview.keys("y")), "publish as work: Hello LinkedIn API :-) #rust");
    // Another text is another post.
    let form_before = form.clone();
    let other = form.keys("!").ctrl('p');
    assert!(!screen(&other).contains("was sent on"), "{}", screen(&other));
    assert_eq!(effects(&other.enter()), "publish as work: Hello LinkedIn API :-) #rust!");
    let with_link = scenes::with_link(form_before, "example.com/news").ctrl('p');
    assert!(!screen(&with_link).contains("was sent on"), "{}", screen(&with_link));
    // The record outlives the program; a Page's post is not the member's.
    for (author, is_own) in [("urn:li:person:782bbtaQ", true), ("urn:li:organization:2414183", false)] {
        let sent = vec![PublishedPost::new(None, author, sent_time(), "Hello")];
        let draft = Some(SavedDraft { text: "Hello".to_owned(), ..SavedDraft::default() });
        let found = ComposeContents { draft, maybe_published: sent, ..ComposeContents::default() };
        let restored = open_compose(scenes::list().keys("p"), found).ctrl('p');
        assert_eq!(screen(&restored).contains("was sent on"), is_own, "{author}: {}", screen(&restored));
    }
}

#[test]
fn images_are_the_same_by_name_and_size() {
    let sent = PublishedPost {
        attachment: "images: box.png (9000 bytes)".to_owned(),
        ..PublishedPost::new(None, "urn:li:person:782bbtaQ", sent_time(), "")
    };
    let images = vec![DraftImage { path: "pictures/box.png".into(), alt: None }];
    let draft = Some(SavedDraft { images, ..SavedDraft::default() });
    let found = ComposeContents { draft, maybe_published: vec![sent], ..ComposeContents::default() };
    let restored = open_compose(scenes::list().keys("p"), found);
    for (bytes, is_same) in [(9000, true), (9001, false)] {
        let info = FileInfo { bytes, page_bytes: None, dimensions: Some((120, 40)), pages: None };
        let id = scenes::compose_id(&restored);
        let inspected = scenes::file_inspected(id, FileRole::Image, "pictures/box.png", Ok(info));
        let preview = restored.clone().send(inspected).ctrl('p');
        let shown = text(&preview.draw(120, 36, COLOR_THEME));
        assert_eq!(shown.contains("was sent on"), is_same, "{bytes}: {shown}");
    }
}

#[test]
fn a_missing_scope_is_named_before_writing_and_can_be_added() {
    let screen = |scene: &Scene| text(&scene.draw(80, 24, COLOR_THEME)).replace(['│', '\n'], " ");
    let shows = |scene: &Scene, phrase: &str| {
        let shown: String = screen(scene).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(phrase), "{phrase}\n{shown}");
    };
    let writing = scenes::compose_without_scope();
    shows(&writing, "Cannot post: the token lacks the scope w_member_social. Press ctrl-g to add it.");
    assert!(!screen(&scenes::compose()).contains("Cannot post"));
    assert_eq!(scenes::compose().ctrl('g').state.key_context(), KeyContext::Compose, "nothing is missing");
    let preview = writing.clone().ctrl('p');
    shows(&preview, "LinkedIn will refuse it: the token lacks the scope w_member_social. Press a to add it.");
    // Each leads to the same sign-in, which requests the scope too.
    for scene in [writing.ctrl('g'), preview.keys("a"), scenes::failed_without_scope().keys("r")] {
        assert_eq!(scene.state.key_context(), KeyContext::Review);
        assert!(effects(&scene).contains("save work's draft: Hello LinkedIn API :-) #rust"), "{}", effects(&scene));
        assert_eq!(scene.state.setup.all_scopes(), ["openid", "profile", "email", "w_member_social"]);
        shows(&scene, "Re-authorize profile work");
        assert_eq!(effects(&scene.clone().enter()), "sign in work by my-app");
        // Leaving the review returns to the post.
        let back = scene.press(Esc);
        assert_eq!(back.state.key_context(), KeyContext::Compose);
        assert_eq!(back.state.compose().unwrap().typed_text(), "Hello LinkedIn API :-) #rust");
    }
}

#[test]
fn a_refused_post_offers_the_missing_scope_first() {
    let failed = scenes::failed_without_scope();
    let shown = text(&failed.draw(80, 24, COLOR_THEME));
    let words = shown.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Share on LinkedIn (self-serve). Re-authorize with the scope."), "{shown}");
    assert!(shown.contains("▌ enter  re-authorize with w_member_social"), "{shown}");
    let hints = shown.lines().rev().find(|line| !line.is_empty()).unwrap();
    assert!(hints.trim_start().starts_with("enter re-authorize with w_member_social"), "{hints}");
    // The selected step is that of Enter.
    let back = failed.press(crossterm::event::KeyCode::Down);
    assert!(text(&back.draw(80, 24, COLOR_THEME)).contains("▌ enter  back to the text"));
    assert_eq!(back.enter().state.key_context(), KeyContext::Compose);
}

#[test]
fn a_post_refused_with_the_scope_offers_portal_and_sign_in() {
    let refused = Err(Error::new(Code::NotPermitted, "No.", "").with_detail("Not enough permissions to access: x"));
    let scene = scenes::published(scenes::preview().enter(), refused);
    let shown = text(&scene.draw(80, 24, COLOR_THEME));
    let words = shown.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for sentence in [
        "LinkedIn refused the post although the token has the scope w_member_social.",
        "Check that the app's Products tab lists \"Share on LinkedIn\", then re-authorize.",
        "▌ enter open portal (Products tab)",
        "r re-authorize",
        "esc back to the text",
    ] {
        assert!(words.contains(sentence), "{sentence}: {shown}");
    }
    assert!(!words.contains("Page"), "a member's post needs no Page: {shown}");
    assert!(effects(&scene.clone().keys("o")).starts_with("open https://"), "{}", effects(&scene.clone().keys("o")));
    // The sandbox's apps are in no portal.
    let mut in_sandbox = scene.clone();
    in_sandbox.state.config.sandbox_members = vec![("ada".to_owned(), "Ada".to_owned())];
    assert_eq!(effects(&in_sandbox.keys("o")), "");
    assert_eq!(scene.keys("r").state.key_context(), KeyContext::Reauthorize);
}

#[test]
fn a_sign_in_from_a_post_leads_back_to_it() {
    let finish = |scene: Scene| {
        let mut outcome = scenes::outcome();
        outcome.profile.name = scene.state.sign_in().unwrap().request.profile.clone();
        scene.finish_sign_in(Ok(outcome))
    };
    let refused = Err(Error::new(Code::NotPermitted, "No.", ""));
    let failed = scenes::published(scenes::preview().enter(), refused).keys("r").enter();
    for signed_in in [finish(scenes::compose_without_scope().ctrl('g').enter()), finish(failed)] {
        let shown = text(&signed_in.draw(80, 24, COLOR_THEME));
        assert!(shown.contains("enter  continue your post (the draft is saved)"), "{shown}");
        assert!(shown.contains("continue the post"), "{shown}");
        let continued = signed_in.enter();
        assert!(effects(&continued).starts_with("compose as "), "{}", effects(&continued));
    }
    let other = finish(scenes::list().keys("/work").enter().keys("r").enter());
    assert!(!text(&other.draw(80, 24, COLOR_THEME)).contains("continue your post"));
    // An edit has no draft, whatever the sign-in is for.
    let read = vec![(scenes::name("work"), Ok(scenes::profile_without_post_scope()))];
    let saving = scenes::list().send(Message::ProfilesRead(read)).keys("h");
    let saving = scenes::read_posts(saving).keys("e").keys("!").ctrl('p').enter();
    let id = scenes::compose_id(&saving);
    let refused = saving.send(Message::PostEdited { id, result: Err(Error::new(Code::NotPermitted, "No.", "")) });
    assert_eq!(effects(&refused.clone().keys("o")), "", "the portal does not help");
    let review = refused.keys("r");
    assert_eq!(review.state.key_context(), KeyContext::Review);
    let shown = text(&finish(review.enter()).draw(80, 24, COLOR_THEME));
    assert!(!shown.contains("continue"), "{shown}");
}

#[test]
fn an_upload_shows_its_progress_and_is_canceled_with_esc() {
    let uploading = scenes::uploading();
    let id = scenes::compose_id(&uploading);
    let screen = |scene: &Scene| text(&scene.draw(80, 24, COLOR_THEME));
    let shown = screen(&uploading);
    assert!(shown.contains("Uploading the video") && shown.contains("26 %"), "{shown}");
    assert!(shown.contains("9.5 MB of 35.2 MB · 1.9 MB/s · 13 s left"), "{shown}");
    assert!(shown.contains("esc cancel the upload"), "{shown}");
    let canceling = uploading.clone().press(Esc);
    assert_eq!(
        (canceling.state.key_context(), effects(&canceling).as_str()),
        (KeyContext::Publishing, "cancel publishing")
    );
    assert_eq!(effects(&canceling.clone().press(Esc)), "", "once");
    let canceled = canceling.clone().send(Message::PublishCanceled { id });
    assert_eq!(canceled.state.key_context(), KeyContext::Preview);
    assert_eq!(notification(&canceled), "The upload was canceled. Nothing was published.");
    // If the post was sent meanwhile, its result is shown.
    let result = scenes::published(canceling, Ok(Some(scenes::published_post(false))));
    assert_eq!(result.state.key_context(), KeyContext::Published);
    let late = result.send(Message::PublishCanceled { id });
    assert_eq!(late.state.key_context(), KeyContext::Published);
    // The post itself cannot be canceled.
    let sending = uploading.send(Message::PublishProgressed { id, event: Event::Publishing });
    assert!(!screen(&sending).contains("cancel the upload"), "{}", screen(&sending));
    for scene in [sending.clone().press(Esc), sending.ctrl('c')] {
        assert_eq!((scene.state.key_context(), effects(&scene).as_str()), (KeyContext::Publishing, ""));
    }
}

#[test]
fn what_is_confirmed_is_in_view_at_every_size() {
    let long = "One more line of this post.\n".repeat(40);
    let scene = scenes::list().keys("p").send(Message::TextPasted(format!("Top\n{long}")));
    let scene = (0..3).fold(scene, |scene, _| scene.press(crossterm::event::KeyCode::Tab)).keys("More");
    let preview = scene.ctrl('p');
    let lower = preview.clone().press(crossterm::event::KeyCode::PageDown);
    assert_eq!(lower.state.key_context(), KeyContext::Preview);
    for (columns, rows) in [(60, 20), (80, 24), (120, 36), (200, 50)] {
        let shown = |scene: &Scene| text(&scene.draw(columns, rows, COLOR_THEME));
        for scene in [&preview, &lower] {
            for row in
                ["Posting as     Ada Lovelace", "Visibility     Anyone", "First comment  yes, 4 characters", "Length "]
            {
                assert!(shown(scene).contains(row), "{row}:\n{}", shown(scene));
            }
            assert!(!shown(scene).contains("esc    back"), "the keys are hints:\n{}", shown(scene));
        }
        assert!(
            shown(&preview).contains("(AL)") && shown(&preview).contains("page-down scrolls"),
            "{}",
            shown(&preview)
        );
        assert!(!shown(&lower).contains("(AL)"), "{}", shown(&lower));
    }
    assert!(!text(&scenes::preview().draw(80, 24, COLOR_THEME)).contains("scrolls"), "all of it is visible");
}

#[test]
fn title_keeps_the_profile_of_an_unconfirmed_post() {
    let lost = Err(Error::new(Code::MaybePublished, "The post may have been published.", ""));
    let form = scenes::published(scenes::preview().enter(), lost).press(Esc);
    for (columns, state) in [(60, "? may"), (120, "? sent just now, may have been published")] {
        let shown = text(&form.draw(columns, 36, COLOR_THEME));
        let title = shown.lines().next().unwrap();
        assert!(title.contains("New post › work") && title.contains(state), "{title}");
    }
}

#[test]
fn question_mark_opens_the_help_where_nothing_is_typed() {
    for scene in [scenes::preview(), scenes::preview().enter()] {
        assert_eq!(scene.keys("?").state.key_context(), KeyContext::Help);
    }
}

#[test]
fn a_complete_sign_in_does_not_lead_to_the_portal() {
    let signed_in = scenes::list().keys("/work").enter().keys("r").enter().finish_sign_in(Ok(scenes::outcome()));
    assert_eq!(signed_in.state.key_context(), KeyContext::SignedIn);
    assert_eq!(effects(&signed_in.keys("o")), "");
}
