//! The compose screen's keys: what is typed is kept, looked at, and sent once.

use crossterm::event::KeyCode::{Char, Enter, Esc, Tab};
use crossterm::event::{KeyEvent, KeyModifiers};
use linkedin_tui::store::SavedDraft;
use linkedin_tui::tui::keymap::Place;
use linkedin_tui::tui::message::{Effect, Message};
use linkedin_tui::tui::screens::compose::{Author, Opened};
use linkedin_tui::{Code, Error};

use crate::screens::keys::done;
use crate::screens::scenes::{self, FULL, Scene, text};

fn opened(scene: Scene, found: Opened) -> Scene {
    let id = scene.state.compose.as_ref().unwrap().id;
    scene.send(Message::ComposeOpened { id, found: Box::new(found) })
}

#[test]
fn a_draft_is_saved_a_moment_after_typing() {
    let scene = scenes::list().keys("p");
    assert_eq!((scene.state.place(), done(&scene).as_str()), (Place::Compose, "compose as work"));
    let typed = scene.keys("q?p/ hello");
    assert_eq!(typed.state.compose.as_ref().unwrap().words(), "q?p/ hello", "every character is text");
    assert!(typed.state.next_tick().is_some_and(|wait| wait.as_secs() <= 1));
    let kept = typed.clone().later(1);
    assert_eq!(done(&kept), "keep work's draft: q?p/ hello");
    assert_eq!(done(&kept.later(1)), "", "once");
    // Leaving keeps it at once, and Ctrl-C leaves only the screen.
    let left = typed.clone().press(Esc);
    assert_eq!((left.state.place(), done(&left).as_str()), (Place::List, "keep work's draft: q?p/ hello"));
    assert_eq!(typed.clone().ctrl('c').state.place(), Place::List);
    assert_eq!(done(&typed.ctrl('x')), "drop work's draft");
}

#[test]
fn an_expired_token_warns_before_writing_and_after_a_refusal() {
    let told = |scene: &Scene| scene.state.toast.as_ref().map_or(String::new(), |toast| toast.text.clone());
    let dead = scenes::list().press(crossterm::event::KeyCode::Home).keys("p");
    assert_eq!((dead.state.place(), done(&dead).as_str()), (Place::List, ""));
    assert!(told(&dead).contains("its token expired 2 days ago"), "{}", told(&dead));
    // LinkedIn may know better than the list.
    let refused = |code| scenes::published(scenes::preview().enter(), Err(Error::new(code, "No.", "Sign in again.")));
    let revoked = refused(Code::Revoked);
    assert!(text(&revoked.draw(80, 24, FULL)).contains("r sign in again"));
    let asked = revoked.keys("r");
    assert_eq!(asked.state.place(), Place::Reauthorize);
    assert_eq!(done(&asked.clone().enter()), "sign in work by my-app");
    assert_eq!(asked.press(Esc).state.place(), Place::NotPublished);
    let other = refused(Code::MaybePublished);
    assert!(!text(&other.draw(80, 24, FULL)).contains("sign in again   "));
    assert_eq!(other.keys("r").state.place(), Place::NotPublished);
}

#[test]
fn a_draft_is_offered_again_and_never_over_what_was_typed() {
    let draft =
        SavedDraft { text: "yesterday".to_owned(), visibility: "connections".to_owned(), ..SavedDraft::default() };
    let found = Opened { draft: Some(draft), ..Opened::default() };
    let back = opened(scenes::list().keys("p"), found.clone());
    let compose = back.state.compose.as_ref().unwrap();
    assert_eq!((compose.words().as_str(), compose.connections_only), ("yesterday", true));
    let typed = opened(scenes::list().keys("p").keys("today"), found);
    assert_eq!(typed.state.compose.unwrap().words(), "today");
    // An answer for a post that was left changes nothing.
    let left = scenes::list().keys("p").press(Esc).send(Message::ComposeOpened { id: 999, found: Box::default() });
    assert_eq!(left.state.place(), Place::List);
}

#[test]
fn a_post_is_previewed_and_sent_once() {
    let empty = scenes::list().keys("p").ctrl('p');
    assert_eq!(empty.state.place(), Place::Compose, "there is nothing to post");
    assert!(empty.state.toast.is_some_and(|toast| toast.bad));
    let preview = scenes::preview();
    assert_eq!(preview.state.place(), Place::Preview);
    assert_eq!(preview.clone().press(Esc).state.place(), Place::Compose);
    let sent = preview.press(Enter);
    assert_eq!(done(&sent), "publish as work: Hello LinkedIn API :-) #rust");
    for key in [Enter, Esc, Char('q')] {
        let again = sent.clone().press(key);
        assert_eq!((again.state.place(), done(&again).as_str()), (Place::Publishing, ""), "{key:?}");
    }
    let live = scenes::published(sent.clone(), Ok(Some(scenes::live(false))));
    assert_eq!(done(&live), "drop work's draft");
    assert_eq!(
        done(&live.clone().keys("o")),
        "open https://www.linkedin.com/feed/update/urn:li:share:7141138937766391808/"
    );
    assert_eq!(done(&live.clone().keys("c")), "copy the post's address");
    let asked = live.keys("d");
    assert_eq!(asked.state.place(), Place::DeletePost);
    assert_eq!(asked.clone().press(Esc).state.place(), Place::Published);
    let deleting = asked.keys("y");
    assert_eq!(done(&deleting), "delete urn:li:share:7141138937766391808");
    assert_eq!(scenes::published(deleting, Ok(None)).state.place(), Place::List);
    // After a failure the text is still there.
    let failed = scenes::published(sent, Err(Error::new(Code::RateLimited, "Too many.", "Tomorrow.")));
    assert_eq!(failed.state.place(), Place::NotPublished);
    let back = failed.press(Enter);
    assert_eq!((back.state.place(), back.state.compose.unwrap().words().len()), (Place::Compose, 28));
}

#[test]
fn the_parts_of_the_form() {
    let pages = vec![Author { urn: Some("urn:li:organization:1".to_owned()), name: "Acme".to_owned(), refusal: None }];
    let scene = opened(scenes::compose(), Opened { pages, ..Opened::default() });
    let page = scene.clone().ctrl('a').ctrl('v');
    let post = page.state.compose.as_ref().unwrap().post().unwrap();
    assert_eq!(post.author.as_deref(), Some("urn:li:organization:1"));
    assert_eq!(post.visibility.as_str(), "CONNECTIONS");
    assert!(text(&page.draw(80, 24, FULL)).contains("Acme"));
    let mut link = scene;
    for _ in 0..3 {
        link = link.press(Tab);
    }
    let link = link.keys("https://example.com/").press(Tab).keys("Ours");
    let post = link.state.compose.as_ref().unwrap().post().unwrap();
    let card = post.link.unwrap();
    assert_eq!((card.url.as_str(), card.title.as_deref()), ("https://example.com/", Some("Ours")));
    let both = link.press(Tab).keys("'my pic.png' b.gif").press(Tab).keys("a cat | a dog");
    let images = both.state.compose.as_ref().unwrap().pictures().unwrap();
    assert_eq!(images.len(), 2);
    assert_eq!((images[0].path.to_str(), images[1].alt.as_deref()), (Some("my pic.png"), Some("a dog")));
    assert!(both.state.compose.as_ref().unwrap().post().is_err(), "a link or images, not both");
    let pasted = scenes::compose().send(Message::TextPasted("two\r\nlines\u{1b}[31m".to_owned()));
    assert!(pasted.state.compose.unwrap().words().ends_with("two\nlines[31m"));
    let key = KeyEvent::new(Char('c'), KeyModifiers::CONTROL);
    let quit =
        scenes::published(scenes::preview().press(Enter), Ok(Some(scenes::live(false)))).send(Message::KeyPressed(key));
    assert!(quit.effects.contains(&Effect::Quit));
}

#[test]
fn the_preview_shows_the_text_that_will_be_posted() {
    let words = "می\u{200c}خواهم 👩\u{200d}💻 🏴\u{e0067}\u{e0062}\u{e0065}\u{e007f} o\u{302}\u{323}\u{301} a-b";
    let scene = scenes::list().keys("p").send(Message::TextPasted(words.to_owned()));
    assert_eq!(scene.state.compose.as_ref().unwrap().post().unwrap().text, words);
    let seen = text(&scene.clone().ctrl('p').draw(80, 24, FULL));
    assert!(seen.contains(words), "{seen}");
    let elsewhere = text(&scene.press(Tab).draw(80, 24, FULL));
    assert!(elsewhere.contains(words), "beside the form's other fields too: {elsewhere}");
    let pasted =
        (0..6).fold(scenes::compose(), |scene, _| scene.press(Tab)).send(Message::TextPasted(format!(" {words}\n")));
    assert_eq!(pasted.state.compose.as_ref().unwrap().alt.text(), words, "of the images' description nothing is lost");
    // What would control the terminal or reorder its line is a mark.
    let mark = |text: &str| linkedin_tui::text::escape_controls(text);
    assert_eq!(mark("a\u{1b}[31mb\u{9b}c\u{202e}d\te"), "a␛[31mb�c�d e");
}
