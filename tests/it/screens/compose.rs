//! The compose screen: typing, choices and the draft.

mod attachments;
mod first_comment;
mod names;
mod posts;
mod publishing;

use crossterm::event::KeyCode::{Backspace, Char, Down, Enter, Esc, Left, Right, Tab, Up};
use crossterm::event::{KeyEvent, KeyModifiers};
use linkedin_tui::internal::flows::publish::Attachment;
use linkedin_tui::internal::linkedin::posts::Visibility;
use linkedin_tui::internal::store::SavedDraft;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{Author, ComposeContents, Effect, Message, TerminalEffect};
use linkedin_tui::{Code, Error};

use crate::screens::keys::{effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

fn open_compose(scene: Scene, found: ComposeContents) -> Scene {
    let id = scene.state.compose().unwrap().id;
    scene.send(Message::ComposeOpened { id, contents: Box::new(found) })
}

fn sent_time() -> jiff::Timestamp {
    "2026-11-24T06:46:00Z".parse().unwrap()
}

#[test]
fn wrapped_rows_do_not_begin_with_a_blank() {
    for (of, scene) in scenes::all().into_iter().filter(|(of, _)| ["compose-long", "compose-too-long"].contains(of)) {
        for (columns, rows) in [(80, 24), (120, 36)] {
            let shown = text(&scene.draw(columns, rows, COLOR_THEME));
            let panel = shown.lines().skip(2).take_while(|line| !line.starts_with('╰'));
            let is_indented = |line: &&str| line.starts_with("│  ") && line.chars().nth(3) != Some(' ');
            let indented: Vec<&str> = panel.filter(is_indented).collect();
            assert!(indented.is_empty(), "{of} at {columns}: {indented:?}\n{shown}");
        }
    }
}

#[test]
fn a_draft_is_saved_a_moment_after_typing() {
    let scene = scenes::list().keys("p");
    assert_eq!((scene.state.key_context(), effects(&scene).as_str()), (KeyContext::Compose, "compose as work"));
    let typed = scene.keys("q?p/ hello");
    assert_eq!(typed.state.compose().unwrap().typed_text(), "q?p/ hello", "every character is text");
    assert!(typed.state.time_until_next_tick().is_some_and(|wait| wait.as_secs() <= 1));
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
    // Discarding asks first.
    let question = typed.ctrl('d');
    assert_eq!((question.state.key_context(), effects(&question).as_str()), (KeyContext::DiscardDraft, ""));
    assert!(text(&question.draw(80, 24, COLOR_THEME)).contains("q?p/ hello"));
    assert_eq!(question.clone().press(Esc).state.compose().unwrap().typed_text(), "q?p/ hello");
    let discarded = question.keys("y");
    assert_eq!(
        (effects(&discarded).as_str(), notification(&discarded)),
        ("delete work's draft", "The draft was discarded.")
    );
    assert_eq!(discarded.state.compose().unwrap().typed_text(), "");
    assert_eq!(discarded.ctrl('d').state.key_context(), KeyContext::Compose, "there is nothing to discard");
}

#[test]
fn fields_report_their_problems_as_they_are_typed() {
    let screen = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME));
    let long = scenes::list().keys("p").send(Message::TextPasted("x".repeat(3012)));
    assert!(screen(&long).contains("3012/3000") && screen(&long).contains("The text is 12 characters too long."));
    let refused = long.ctrl('p');
    assert_eq!(refused.state.key_context(), KeyContext::Compose);
    assert_eq!(notification(&refused), "The post is not ready: see the marked field.");
    let link = scenes::with_link(scenes::compose(), "ftp://example.com");
    assert!(screen(&link).contains("The link is not a web address."), "{}", screen(&link));
    // A bare domain gets its scheme once the field is left.
    let bare = scenes::with_link(scenes::compose(), "example.com/x");
    assert!(!screen(&bare).contains("https://example.com/x"));
    let left = bare.clone().press(Tab);
    assert!(screen(&left).contains("https://example.com/x"), "{}", screen(&left));
    let post = bare.ctrl('p').state.compose().unwrap().to_draft().unwrap();
    let Attachment::Link(card) = post.attachment else { panic!("no link: {post:?}") };
    assert_eq!(card.url.as_str(), "https://example.com/x");
    // A kind that was chosen needs a value, and the focus goes there.
    let empty = scenes::with_link(scenes::compose(), "").press(Up).ctrl('p');
    assert!(screen(&empty).contains("Enter the link."), "{}", screen(&empty));
    let filled = empty.keys("a.example");
    assert!(!screen(&filled).contains("Enter the link."), "{}", screen(&filled));
    assert_eq!(effects(&filled.press(Tab)), "");
}

#[test]
fn choices_change_with_arrows_space_and_enter() {
    let visibility = |scene: &Scene| scene.state.compose().unwrap().visibility;
    let focused = scenes::compose().press(Down);
    for key in [Left, Right, Char(' '), Enter] {
        let changed = focused.clone().press(key);
        assert_eq!(visibility(&changed), Visibility::Connections, "{key:?}");
        assert_eq!(effects(&changed), "save work's draft: Hello LinkedIn API :-) #rust");
    }
    assert_eq!(visibility(&focused.clone().press(Up).keys(" ")), Visibility::Public, "a space is text in the editor");
    let alt = scenes::compose().alt('v');
    assert_eq!(
        (visibility(&alt), alt.keys("!").state.compose().unwrap().typed_text().len()),
        (Visibility::Connections, 29)
    );
    for key in ['v', 'a', 'x'] {
        assert_eq!(visibility(&scenes::compose().ctrl(key)), Visibility::Public, "ctrl-{key} has its usual meaning");
    }
}

#[test]
fn typing_is_undone_by_the_word() {
    let typed = scenes::list().keys("p").keys("one two");
    let typed_text = |scene: &Scene| scene.state.compose().unwrap().typed_text();
    let once = typed.clone().alt('u');
    assert_eq!(typed_text(&once), "one ");
    let all = once.clone().alt('u');
    assert_eq!(typed_text(&all), "");
    assert_eq!(notification(&all.alt('u')), "Nothing to undo.");
    // In the other fields it does nothing, so the palette does not list it.
    for (scene, is_listed) in [(typed.clone(), true), (typed.clone().press(Tab), false)] {
        let palette = scene.press(crossterm::event::KeyCode::F(2)).keys("redo");
        let shown = text(&palette.draw(120, 36, COLOR_THEME));
        assert_eq!(!shown.contains("No action matches."), is_listed, "{shown}");
    }
    assert_eq!(typed_text(&once.ctrl('r')), "one two");
    // As in every other field, ctrl-u deletes to the start of the line.
    let lines = typed.press(Enter).keys("three");
    assert_eq!(typed_text(&lines.clone().ctrl('u')), "one two\n");
    assert_eq!(typed_text(&lines.ctrl('u').alt('u')), "one two\nthree");
    // A deletion is repeated by itself.
    let deleted = scenes::list().keys("p").keys("ab cd").press(Backspace);
    let undone = (0..3).fold(deleted, |scene, _| scene.alt('u'));
    let redone = undone.ctrl('r').ctrl('r');
    assert_eq!(typed_text(&redone), "ab cd");
    assert_eq!(typed_text(&redone.ctrl('r')), "ab c");
}

#[test]
fn typing_is_undone_without_the_paste_before_it() {
    let typed_text = |scene: &Scene| scene.state.compose().unwrap().typed_text();
    let pasted = scenes::list().keys("p").send(Message::TextPasted("hello world".to_owned()));
    assert_eq!(typed_text(&pasted.clone().keys("xy").alt('u')), "hello world");
    assert_eq!(typed_text(&pasted.alt('u')), "");
    // An empty text before a paste was not replaced by it.
    let deleted = scenes::list().keys("p").keys("ab").press(Backspace).press(Backspace);
    let pasted = deleted.send(Message::TextPasted("hello world".to_owned()));
    assert_eq!(typed_text(&pasted.alt('u')), "");
}

#[test]
fn the_editor_changes_the_text_and_can_be_undone() {
    let open = scenes::compose().ctrl('e');
    assert_eq!(
        effects(&open),
        "save work's draft: Hello LinkedIn API :-) #rust; edit externally: Hello LinkedIn API :-) #rust"
    );
    assert!(open.state.is_editor_open);
    // After SIGCONT the screen is not drawn again.
    assert_eq!(effects(&open.clone().send(Message::Continued)), "ReloadStore", "the editor has the terminal");
    let id = scenes::compose_id(&open);
    let closed = |result: Result<&str, &str>| {
        let result = result.map(str::to_owned).map_err(str::to_owned);
        open.clone().send(Message::TextEdited { id, result })
    };
    let edited = closed(Ok("Another\ntext"));
    assert_eq!((effects(&edited).as_str(), edited.state.is_editor_open), ("ShowScreen", false));
    assert_eq!(edited.state.compose().unwrap().typed_text(), "Another\ntext");
    assert_eq!(effects(&edited.clone().advance(1)), "save work's draft: Another\ntext");
    let undone = edited.alt('u');
    assert_eq!(undone.state.compose().unwrap().typed_text(), "Hello LinkedIn API :-) #rust");
    assert_eq!(undone.ctrl('r').state.compose().unwrap().typed_text(), "Another\ntext");
    let failed = closed(Err("The editor vi failed (exit status: 1), so the text is unchanged."));
    assert!(notification(&failed).contains("The editor vi failed"));
    assert_eq!(failed.state.compose().unwrap().typed_text(), "Hello LinkedIn API :-) #rust");
    // The editor of a post that was closed meanwhile changes nothing, but the screen returns.
    let other = open.send(Message::TextEdited { id: 999, result: Ok("x".to_owned()) });
    assert_eq!(effects(&other), "ShowScreen");
}

#[test]
fn the_preview_marks_hashtags_mentions_and_the_fold() {
    let typed = format!("Hi @[Ada](urn:li:person:x), see #rust-lang\n\n{}", "word ".repeat(80));
    let scene = scenes::list().keys("p").send(Message::TextPasted(typed));
    for (columns, rows) in [(120, 36), (200, 50)] {
        let buffer = scene.draw(columns, rows, COLOR_THEME);
        let shown = text(&buffer);
        assert!(shown.contains("Hi Ada, see #rust-lang"), "{shown}");
        assert_eq!(shown.matches("…see more (LinkedIn may fold here)").count(), 1, "{shown}");
        let accent = COLOR_THEME.accent().fg;
        let cell = buffer.content().iter().rfind(|cell| cell.symbol() == "#").unwrap();
        assert_eq!(Some(cell.fg), accent, "the hashtag of the preview");
    }
    let small = text(&scene.draw(80, 24, COLOR_THEME));
    assert!(!small.contains("see more"), "there is room only for the text: {small}");
    assert!(text(&scene.ctrl('p').draw(80, 24, COLOR_THEME)).contains("Hi Ada, see #rust-lang"));
    let short = text(&scenes::compose().draw(120, 36, COLOR_THEME));
    assert!(!short.contains("see more") && short.contains("(AL)  Ada Lovelace"), "{short}");
}

#[test]
fn a_truncated_paste_is_reported() {
    let pasted = |scene: Scene, count| notification(&scene.send(Message::TextPasted("x".repeat(count)))).to_owned();
    assert_eq!(pasted(scenes::list().keys("p"), 300_000), "The pasted text was cut to 20,000 characters.");
    assert_eq!(pasted(scenes::list().keys("p"), 20_000), "");
    let expected = "The pasted text was cut to 4,096 characters.";
    let link = scenes::with_link(scenes::list().keys("p"), "");
    let title = link.clone().press(Tab);
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
    // The draft of a published post is deleted.
    let published = scenes::published(typed.clone(), Ok(Some(scenes::published_post(false))));
    let id = published.state.compose().unwrap().id;
    let moved = published.send(Message::DraftMoved { id, name: scenes::name("job") });
    assert_eq!(notification(&moved), "Profile work is now called job.");
    let deleted = typed.send(Message::StoreReloaded(Box::default()));
    assert_eq!(effects(&deleted), "save work's draft: hello", "the save finds the new name");
}

#[test]
fn a_draft_is_restored_but_never_over_typed_text() {
    let draft =
        SavedDraft { text: "yesterday".to_owned(), visibility: "connections".to_owned(), ..SavedDraft::default() };
    let found = ComposeContents { draft: Some(draft), ..ComposeContents::default() };
    let restored = open_compose(scenes::list().keys("p"), found.clone());
    let compose = restored.state.compose().unwrap();
    assert_eq!((compose.typed_text().as_str(), compose.visibility), ("yesterday", Visibility::Connections));
    assert_eq!(effects(&restored), "show the draft: yesterday", "typing may replace it from now on");
    let typed = open_compose(scenes::list().keys("p").keys("today"), found.clone());
    assert_eq!(typed.state.compose().unwrap().typed_text(), "today");
    assert_eq!(effects(&typed), "", "saving copies the draft, which was not shown");
    let linked = open_compose(scenes::with_link(scenes::list().keys("p"), "https://example.com/"), found);
    assert!(text(&linked.draw(80, 24, COLOR_THEME)).contains("https://example.com/"), "it was typed too");
    // The data for a closed compose screen changes nothing.
    let closed = scenes::list().keys("p").press(Esc).send(Message::ComposeOpened { id: 999, contents: Box::default() });
    assert_eq!(closed.state.key_context(), KeyContext::List);
}

#[test]
fn the_form_builds_the_post() {
    let pages = vec![Author { urn: Some("urn:li:organization:1".to_owned()), name: "Acme".to_owned(), refusal: None }];
    let scene = open_compose(scenes::compose(), ComposeContents { pages, ..ComposeContents::default() });
    let page = scene.clone().alt('a').alt('v');
    let post = page.state.compose().unwrap().to_draft().unwrap();
    assert_eq!(post.author.as_deref(), Some("urn:li:organization:1"));
    assert_eq!(post.visibility.as_str(), "CONNECTIONS");
    assert!(text(&page.draw(80, 24, COLOR_THEME)).contains("Acme"));
    let link = scenes::with_link(scene, "https://example.com/").press(Tab).keys("Our title");
    let post = link.state.compose().unwrap().to_draft().unwrap();
    let Attachment::Link(card) = post.attachment else { panic!("no link: {post:?}") };
    assert_eq!((card.url.as_str(), card.title.as_deref()), ("https://example.com/", Some("Our title")));
    let images = link.alt('t').press(Down).keys("my pic.png").press(Down).keys("a cat");
    let post = images.state.compose().unwrap().to_draft().unwrap();
    let [image] = post.attachment.images() else { panic!("not one image: {post:?}") };
    assert_eq!((image.path.to_str(), image.alt.as_deref()), (Some("my pic.png"), Some("a cat")));
}

#[test]
fn control_characters_of_a_paste_are_dropped() {
    let pasted = scenes::compose().send(Message::TextPasted("two\r\nlines\u{1b}[31m".to_owned()));
    assert!(pasted.state.compose().unwrap().typed_text().ends_with("two\nlines[31m"));
}

#[test]
fn ctrl_c_quits_after_publishing() {
    let key = KeyEvent::new(Char('c'), KeyModifiers::CONTROL);
    let quit = scenes::published(scenes::preview().press(Enter), Ok(Some(scenes::published_post(false))))
        .send(Message::KeyPressed(key));
    assert!(quit.effects.contains(&Effect::Terminal(TerminalEffect::Quit)));
}

#[test]
fn the_preview_shows_the_text_that_will_be_posted() {
    let words = "👩\u{200d}👩\u{200d}👧 می\u{200c}خواهم 👩\u{200d}💻 🏴\u{e0067}\u{e0062}\u{e0065}\u{e007f} o\u{302}\u{323}\u{301} a-b";
    let scene = scenes::list().keys("p").send(Message::TextPasted(words.to_owned()));
    assert_eq!(scene.state.compose().unwrap().to_draft().unwrap().text, words);
    let screen = text(&scene.clone().ctrl('p').draw(80, 24, COLOR_THEME));
    assert!(screen.contains(words), "{screen}");
    let elsewhere = text(&scene.press(Tab).draw(80, 24, COLOR_THEME));
    assert!(elsewhere.contains(words), "also when a different field has the focus: {elsewhere}");
    let alt = scenes::with_images(scenes::compose()).keys("a.png").press(Down);
    let pasted = alt.send(Message::TextPasted(format!(" {words}\n")));
    let images = pasted.state.compose().unwrap().draft_images();
    assert_eq!(images[0].alt.as_deref(), Some(words), "the alt text is complete");
}

#[test]
fn characters_that_control_the_terminal_are_shown_as_marks() {
    // Also those that reorder a line.
    let mark = |text: &str| linkedin_tui::internal::text::escape_controls(text);
    assert_eq!(mark("a\u{1b}[31mb\u{9b}c\u{202e}d\te"), "a␛[31mb�c�d e");
}
