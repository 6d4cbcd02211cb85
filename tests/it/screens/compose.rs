//! The compose screen's keys: the draft is saved, previewed, and sent once.

use crossterm::event::KeyCode::{Char, Enter, Esc, Tab};
use crossterm::event::{KeyEvent, KeyModifiers};
use linkedin_tui::internal::linkedin::posts::Visibility;
use linkedin_tui::internal::store::SavedDraft;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{Author, ComposeData};
use linkedin_tui::internal::tui::message::{Effect, Message, TerminalEffect};
use linkedin_tui::{Code, Error};

use crate::screens::keys::{effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

fn open_compose(scene: Scene, found: ComposeData) -> Scene {
    let id = scene.state.compose().unwrap().id;
    scene.send(Message::ComposeOpened { id, data: Box::new(found) })
}

#[test]
fn a_draft_is_saved_a_moment_after_typing() {
    let scene = scenes::list().keys("p");
    assert_eq!((scene.state.key_context(), effects(&scene).as_str()), (KeyContext::Compose, "compose as work"));
    let typed = scene.keys("q?p/ hello");
    assert_eq!(typed.state.compose().unwrap().typed_text(), "q?p/ hello", "every character is text");
    assert!(typed.state.next_tick().is_some_and(|wait| wait.as_secs() <= 1));
    let saved = typed.clone().advance(1);
    assert_eq!(effects(&saved), "save work's draft: q?p/ hello");
    assert_eq!(effects(&saved.advance(1)), "", "once");
    // Leaving saves the draft at once; Ctrl-C leaves only the screen.
    let closed = typed.clone().press(Esc);
    assert_eq!(
        (closed.state.key_context(), effects(&closed).as_str()),
        (KeyContext::List, "save work's draft: q?p/ hello")
    );
    assert_eq!(typed.clone().ctrl('c').state.key_context(), KeyContext::List);
    assert_eq!(effects(&typed.ctrl('x')), "delete work's draft");
}

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
    assert_eq!(uncertain.keys("r").state.key_context(), KeyContext::NotPublished);
}

#[test]
fn a_truncated_paste_is_reported() {
    let pasted = |scene: Scene, count| notification(&scene.send(Message::TextPasted("x".repeat(count)))).to_owned();
    assert_eq!(pasted(scenes::list().keys("p"), 300_000), "The pasted text was cut to 20,000 characters.");
    assert_eq!(pasted(scenes::list().keys("p"), 20_000), "");
    let expected = "The pasted text was cut to 4,096 characters.";
    let title = (0..4).fold(scenes::list().keys("p"), |scene, _| scene.press(Tab));
    let link = (0..3).fold(scenes::list().keys("p"), |scene, _| scene.press(Tab));
    for scene in
        [title, link, scenes::list().keys("/"), scenes::list().keys("E").ctrl('u'), scenes::credentials().ctrl('u')]
    {
        assert_eq!(pasted(scene.clone(), 4097), expected, "{:?}", scene.state.key_context());
        assert_eq!(pasted(scene.clone(), 300_000), expected, "{:?}", scene.state.key_context());
    }
}

#[test]
fn a_draft_follows_its_profile_or_stays_open() {
    let typed = scenes::list().keys("p").keys("hello");
    let id = typed.state.compose().unwrap().id;
    let failed =
        || Message::DraftFailed { id, error: Error::new(Code::NoSuchProfile, "The profile work does not exist.", "") };
    for scene in [typed.clone(), typed.clone().press(Esc)] {
        let open = scene.clone().send(failed());
        assert_eq!(open.state.compose().unwrap().typed_text(), "hello", "nothing is lost");
        assert!(
            notification(&open).contains("The profile work does not exist.") && notification(&open).contains("discard"),
            "{}",
            notification(&open)
        );
        let moved = scene.send(Message::DraftMoved { id, name: scenes::name("job") });
        assert_eq!(notification(&moved), "Profile work is now called job, and the draft is saved there.");
    }
    let moved = typed.clone().send(Message::DraftMoved { id, name: scenes::name("job") });
    assert_eq!(effects(&moved.press(Esc)), "save job's draft: hello");
    let deleted = typed.send(Message::FilesRead(Box::default()));
    assert_eq!(effects(&deleted), "save work's draft: hello", "the save finds the new name");
}

#[test]
fn a_draft_is_restored_but_never_over_typed_text() {
    let draft =
        SavedDraft { text: "yesterday".to_owned(), visibility: "connections".to_owned(), ..SavedDraft::default() };
    let found = ComposeData { draft: Some(draft), ..ComposeData::default() };
    let restored = open_compose(scenes::list().keys("p"), found.clone());
    let compose = restored.state.compose().unwrap();
    assert_eq!((compose.typed_text().as_str(), compose.visibility), ("yesterday", Visibility::Connections));
    let typed = open_compose(scenes::list().keys("p").keys("today"), found);
    assert_eq!(typed.state.compose().unwrap().typed_text(), "today");
    // The data for a closed compose screen changes nothing.
    let closed = scenes::list().keys("p").press(Esc).send(Message::ComposeOpened { id: 999, data: Box::default() });
    assert_eq!(closed.state.key_context(), KeyContext::List);
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
fn the_form_builds_the_post() {
    let pages = vec![Author { urn: Some("urn:li:organization:1".to_owned()), name: "Acme".to_owned(), refusal: None }];
    let scene = open_compose(scenes::compose(), ComposeData { pages, ..ComposeData::default() });
    let page = scene.clone().alt('a').alt('v');
    let post = page.state.compose().unwrap().to_draft().unwrap();
    assert_eq!(post.author.as_deref(), Some("urn:li:organization:1"));
    assert_eq!(post.visibility.as_str(), "CONNECTIONS");
    assert!(text(&page.draw(80, 24, COLOR_THEME)).contains("Acme"));
    let mut link = scene;
    for _ in 0..3 {
        link = link.press(Tab);
    }
    let link = link.keys("https://example.com/").press(Tab).keys("Our title");
    let post = link.state.compose().unwrap().to_draft().unwrap();
    let card = post.link.unwrap();
    assert_eq!((card.url.as_str(), card.title.as_deref()), ("https://example.com/", Some("Our title")));
    let both = link.press(Tab).keys("'my pic.png' b.gif").press(Tab).keys("a cat | a dog");
    let images = both.state.compose().unwrap().draft_images().unwrap();
    assert_eq!(images.len(), 2);
    assert_eq!((images[0].path.to_str(), images[1].alt.as_deref()), (Some("my pic.png"), Some("a dog")));
    assert!(both.state.compose().unwrap().to_draft().is_err(), "a link or images, not both");
    let pasted = scenes::compose().send(Message::TextPasted("two\r\nlines\u{1b}[31m".to_owned()));
    assert!(pasted.state.compose().unwrap().typed_text().ends_with("two\nlines[31m"));
    let key = KeyEvent::new(Char('c'), KeyModifiers::CONTROL);
    let quit = scenes::published(scenes::preview().press(Enter), Ok(Some(scenes::published_post(false))))
        .send(Message::KeyPressed(key));
    assert!(quit.effects.contains(&Effect::Terminal(TerminalEffect::Quit)));
}

#[test]
fn the_preview_shows_the_text_that_will_be_posted() {
    let words = "می\u{200c}خواهم 👩\u{200d}💻 🏴\u{e0067}\u{e0062}\u{e0065}\u{e007f} o\u{302}\u{323}\u{301} a-b";
    let scene = scenes::list().keys("p").send(Message::TextPasted(words.to_owned()));
    assert_eq!(scene.state.compose().unwrap().to_draft().unwrap().text, words);
    let screen = text(&scene.clone().ctrl('p').draw(80, 24, COLOR_THEME));
    assert!(screen.contains(words), "{screen}");
    let elsewhere = text(&scene.press(Tab).draw(80, 24, COLOR_THEME));
    assert!(elsewhere.contains(words), "also when a different field has the focus: {elsewhere}");
    let pasted =
        (0..6).fold(scenes::compose(), |scene, _| scene.press(Tab)).send(Message::TextPasted(format!(" {words}\n")));
    assert_eq!(pasted.state.compose().unwrap().alt.text(), words, "the alt text is complete");
    // A character that controls the terminal or reorders its line is shown as a mark.
    let mark = |text: &str| linkedin_tui::internal::text::escape_controls(text);
    assert_eq!(mark("a\u{1b}[31mb\u{9b}c\u{202e}d\te"), "a␛[31mb�c�d e");
}
