//! The compose screen's keys: the draft is saved, previewed, and sent once.

use crossterm::event::KeyCode::{Char, Down, Enter, Esc, F, Left, Right, Tab, Up};
use crossterm::event::{KeyEvent, KeyModifiers};
use linkedin_tui::internal::flows::publish::{Attachment, DocumentSource, Event, FileInfo, FileRole};
use linkedin_tui::internal::linkedin::posts::Visibility;
use linkedin_tui::internal::store::{DraftImage, PublishedPost, SavedDraft};
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{Author, ComposeContents, LinkMetadata, PathCompletion, PostStatistics};
use linkedin_tui::internal::tui::message::{Effect, Message, TerminalEffect};
use linkedin_tui::internal::tui::state::Screen;
use linkedin_tui::internal::tui::theme::{ColorDepth, Theme};
use linkedin_tui::{Code, Error};
use ratatui::style::Color;

use crate::screens::keys::{effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

fn open_compose(scene: Scene, found: ComposeContents) -> Scene {
    let id = scene.state.compose().unwrap().id;
    scene.send(Message::ComposeOpened { id, contents: Box::new(found) })
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
    let kept = scenes::published(deleting, Err(Error::new(Code::Network, "Nothing answers.", "Try again.")));
    assert!(screen(&kept).contains("✓ Published"), "{}", screen(&kept));
    assert!(notification(&kept).starts_with("The post was not deleted. Nothing answers."), "{}", notification(&kept));
}

#[test]
fn fields_report_their_problems_as_they_are_typed() {
    let screen = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME));
    let long = scenes::list().keys("p").send(Message::TextPasted("x".repeat(3012)));
    assert!(screen(&long).contains("3012/3000") && screen(&long).contains("The text is 12 characters too long."));
    let refused = long.ctrl('p');
    assert_eq!(refused.state.key_context(), KeyContext::Compose);
    assert_eq!(notification(&refused), "The text is 12 characters too long.");
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
    assert_eq!(notification(&empty), "Enter the link.");
    assert_eq!(effects(&empty.keys("a.example").press(Tab)), "");
}

#[test]
fn the_linked_page_fills_only_empty_fields() {
    let screen = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME));
    let shows = |scene: &Scene, phrase: &str| assert!(screen(scene).contains(phrase), "{phrase}\n{}", screen(scene));
    let page = || LinkMetadata {
        title: Some("Our news".to_owned()),
        description: Some("What changed".to_owned()),
        picture: Some("/tmp/linkedin-preview-1".to_owned()),
        warning: None,
    };
    let card = |scene: &Scene| match scene.state.compose().unwrap().to_draft().unwrap().attachment {
        Attachment::Link(card) => (card.title, card.description, card.thumbnail),
        other => panic!("{other:?}"),
    };
    let reading = scenes::reading_link();
    assert_eq!(effects(&reading), "read https://example.com/news with its picture");
    shows(&reading, "Reading the page… Press esc to cancel.");
    shows(&reading, "esc cancel reading the page");
    assert!(reading.state.time_until_next_tick().is_some_and(|wait| wait.as_millis() <= 100), "it is animated");
    let again = reading.clone().ctrl('l');
    assert_eq!(effects(&again), "", "once");
    // What was typed meanwhile stays.
    let typed = reading.clone().press(Down).keys("My title");
    let filled = scenes::link_read(typed, Ok(page()));
    assert_eq!(notification(&filled), "Filled in from the page: description, thumbnail.");
    assert_eq!(effects(&filled), "check thumbnail /tmp/linkedin-preview-1");
    let text_of = |text: &str| Some(text.to_owned());
    assert_eq!(card(&filled), (text_of("My title"), text_of("What changed"), Some("/tmp/linkedin-preview-1".into())));
    assert_eq!(effects(&filled.clone().ctrl('l')), "", "there is nothing left to fill");
    assert!(effects(&filled.advance(1)).starts_with("save work's draft"), "what was filled in is saved");
    // A page without a picture says why; the picture is not read where there is one.
    let without = LinkMetadata { picture: None, warning: text_of("its picture is larger than 1 MB"), ..page() };
    let filled = scenes::link_read(reading.clone(), Ok(without));
    shows(&filled, "No thumbnail: its picture is larger than 1 MB");
    let own = (0..3).fold(scenes::with_link(scenes::compose(), "example.com/news"), |scene, _| scene.press(Down));
    assert_eq!(effects(&own.keys("own.png").ctrl('l')), "check thumbnail own.png; read https://example.com/news");
    let nothing = scenes::link_read(reading, Ok(LinkMetadata::default()));
    assert_eq!(notification(&nothing), "The page has nothing for the fields that are empty.");
}

#[test]
fn reading_a_page_is_cancelled_or_fails_below_the_link() {
    let screen = |scene: &Scene| text(&scene.draw(60, 20, COLOR_THEME));
    let page = || LinkMetadata { title: Some("Our news".to_owned()), ..LinkMetadata::default() };
    let is_filled = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME)).contains("Our news");
    let reading = scenes::reading_link();
    let cancelled = reading.clone().press(Esc);
    assert_eq!(
        (cancelled.state.key_context(), effects(&cancelled).as_str()),
        (KeyContext::Compose, "cancel reading the page")
    );
    assert!(!screen(&cancelled).contains("Reading the page"), "{}", screen(&cancelled));
    assert!(!is_filled(&scenes::link_read(cancelled.clone(), Ok(page()))), "a late result changes nothing");
    assert_eq!(cancelled.press(Esc).state.key_context(), KeyContext::List);
    // So does the page of an earlier link.
    let changed = reading.clone().keys("/2");
    assert!(!is_filled(&scenes::link_read(changed, Ok(page()))));
    // The post is not previewed with a card that is about to change.
    let waiting = reading.clone().ctrl('p');
    assert_eq!(waiting.state.key_context(), KeyContext::Compose);
    assert_eq!(notification(&waiting), "The page is still being read. Press esc to cancel that.");
    assert!(is_filled(&scenes::link_read(reading.clone(), Ok(page()))));
    // A failure is not a problem of the link.
    let failed = scenes::link_read(reading, Err(scenes::link_failure()));
    let shown = screen(&failed).replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("The linked page could not be read. example.com answered with 404."), "{shown}");
    assert_eq!(failed.clone().ctrl('p').state.key_context(), KeyContext::Preview);
    assert!(!screen(&failed.keys("x")).contains("404"), "another link has not failed");
    let wrong = scenes::with_link(scenes::compose(), "ftp://example.com").ctrl('l');
    assert_eq!((effects(&wrong).as_str(), notification(&wrong)), ("", "The link is not a web address."));
    assert_eq!(effects(&scenes::with_link(scenes::compose(), "").ctrl('l')), "");
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
    assert_eq!(typed_text(&once.ctrl('r')), "one two");
    // As in every other field, ctrl-u deletes to the start of the line.
    let lines = typed.press(Enter).keys("three");
    assert_eq!(typed_text(&lines.clone().ctrl('u')), "one two\n");
    assert_eq!(typed_text(&lines.ctrl('u').alt('u')), "one two\nthree");
}

#[test]
fn the_editor_changes_the_text_and_can_be_undone() {
    let open = scenes::compose().ctrl('e');
    assert_eq!(
        effects(&open),
        "save work's draft: Hello LinkedIn API :-) #rust; edit externally: Hello LinkedIn API :-) #rust"
    );
    assert!(open.state.is_editor_open);
    assert_eq!(effects(&open.clone().send(Message::Continued)), "ReadFiles", "the editor has the terminal");
    let id = scenes::compose_id(&open);
    let closed = |result: Result<&str, &str>| {
        let result = result.map(str::to_owned).map_err(str::to_owned);
        open.clone().send(Message::TextEdited { id, result })
    };
    let edited = closed(Ok("Another\ntext"));
    assert_eq!((effects(&edited).as_str(), edited.state.is_editor_open), ("ShowScreen", false));
    assert_eq!(edited.state.compose().unwrap().typed_text(), "Another\ntext");
    assert_eq!(effects(&edited.clone().advance(1)), "save work's draft: Another\ntext");
    assert_eq!(edited.alt('u').state.compose().unwrap().typed_text(), "Hello LinkedIn API :-) #rust");
    let failed = closed(Err("The editor vi failed (exit status: 1), so the text is unchanged."));
    assert!(notification(&failed).contains("The editor vi failed"));
    assert_eq!(failed.state.compose().unwrap().typed_text(), "Hello LinkedIn API :-) #rust");
    // The editor of a post that was closed meanwhile changes nothing, but the screen returns.
    let other = open.send(Message::TextEdited { id: 999, result: Ok("x".to_owned()) });
    assert_eq!(effects(&other), "ShowScreen");
}

#[test]
fn images_have_rows_sizes_and_completed_paths() {
    let scene = scenes::with_images(scenes::compose());
    let id = scenes::compose_id(&scene);
    let screen = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME));
    let typed = scene.keys("pic");
    assert_eq!(effects(&typed.clone().advance(1)), "save work's draft: Hello LinkedIn API :-) #rust; check image pic");
    let completing = typed.press(Tab);
    assert_eq!(effects(&completing), "complete pic");
    let complete = |scene: &Scene, from: &str, to: &str, matches: &[&str]| {
        let matches = matches.iter().map(|name| (*name).to_owned()).collect();
        let completion = PathCompletion { text: to.to_owned(), matches };
        scene.clone().send(Message::PathCompleted { id, text: from.to_owned(), completion })
    };
    let several = complete(&completing, "pic", "pictures/box", &["box one.png", "box two.png"]);
    assert!(screen(&several).contains("box one.png  box two.png"), "{}", screen(&several));
    let outdated = complete(&completing, "pi", "pixel.png", &["pixel.png"]);
    assert!(!screen(&outdated).contains("pixel.png"));
    let one = complete(&several, "pictures/box", "pictures/box one.png", &["box one.png"]);
    assert_eq!(effects(&one), "check image pictures/box one.png");
    let read =
        |scene: Scene, result| scene.send(scenes::file_inspected(id, FileRole::Image, "pictures/box one.png", result));
    let wrong = read(one.clone(), Err("Cannot be used: it is not a PNG, JPEG or GIF.".to_owned()));
    assert!(screen(&wrong).contains("it is not a PNG, JPEG or GIF."), "{}", screen(&wrong));
    let refused = wrong.ctrl('p');
    assert_eq!(refused.state.key_context(), KeyContext::Compose, "it cannot be published");
    assert!(notification(&refused).starts_with("Image 1: pictures/box one.png: "), "{}", notification(&refused));
    let good = read(one, Ok(FileInfo { bytes: 183_500, page_bytes: None, dimensions: Some((1200, 627)), pages: None }));
    let shown = screen(&good);
    assert!(shown.contains("✓ 1200×627 · 184 kB") && shown.contains("│ 1200×627 · 184 kB"), "{shown}");
    assert!(shown.contains("No alt text") && shown.contains("Add image"), "{shown}");
    // The image is known, so tab moves on: to its alt text, and to another image.
    let alt = good.press(Tab).keys("A box on a desk").press(Tab);
    let alt = alt.send(Message::TextPasted("'/a b.png' /c.gif".to_owned()));
    let images = alt.state.compose().unwrap().draft_images();
    let paths: Vec<&str> = images.iter().map(|image| image.path.to_str().unwrap()).collect();
    assert_eq!(paths, ["pictures/box one.png", "/a b.png", "/c.gif"]);
    assert_eq!(images[0].alt.as_deref(), Some("A box on a desk"));
    // Another kind has no images, and none is lost by looking at it.
    let other = alt.alt('t');
    assert!(other.state.compose().unwrap().draft_images().is_empty());
    assert_eq!((0..7).fold(other, |scene, _| scene.alt('t')).state.compose().unwrap().draft_images().len(), 3);
}

#[test]
fn a_carousel_has_pages_and_their_size_together() {
    let screen = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME));
    let shows = |scene: &Scene, phrase: &str| assert!(screen(scene).contains(phrase), "{phrase}\n{}", screen(scene));
    let carousel = scenes::compose_carousel([184_000, 92_500, 310_000]);
    let id = scenes::compose_id(&carousel);
    for phrase in ["Page 3", "Add page", "✓ 1080×1350 · 184 kB", "one.pdf", "3 pages · 587 kB"] {
        shows(&carousel, phrase);
    }
    assert!(!screen(&carousel).contains("alt text"), "a page has none: {}", screen(&carousel));
    let preview = carousel.clone().ctrl('p');
    shows(&preview, "a carousel");
    let draft = preview.state.compose().unwrap().to_draft().unwrap();
    let Attachment::Document(document) = draft.attachment else { panic!("{draft:?}") };
    let paths = ["/home/ada/one.png", "/home/ada/two.jpg", "/home/ada/three.png"].map(std::path::PathBuf::from);
    assert_eq!((document.source, document.title), (DocumentSource::Images(paths.to_vec()), None));
    // A page that cannot be used keeps the post from being published.
    let reason = "The image /home/ada/two.jpg cannot be used: it is damaged.";
    let damaged =
        carousel.clone().send(scenes::file_inspected(id, FileRole::Page, "/home/ada/two.jpg", Err(reason.to_owned())));
    shows(&damaged, "two.jpg cannot be used");
    assert_eq!(notification(&damaged.ctrl('p')), reason);
    let large = scenes::compose_carousel([60_000_000, 60_000_000, 1]).ctrl('p');
    assert_eq!(notification(&large), "The images of the carousel have 115 MB together; LinkedIn accepts 100.");
    // The files stay with another kind, which checks them in its own way.
    let images = (0..6).fold(carousel, |scene, _| scene.alt('t'));
    assert_eq!(effects(&images).matches("check image").count(), 3, "{}", effects(&images));
    let late = images.send(scenes::file_inspected(id, FileRole::Page, "/home/ada/one.png", Err("Late.".to_owned())));
    assert!(!screen(&late).contains("Late."), "{}", screen(&late));
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
fn posts_are_listed_opened_copied_edited_and_deleted() {
    let list = scenes::posts();
    let screen = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME));
    let shown = screen(&list);
    for expected in ["We ship today", "Anyone", "Connections", "deleted", "edited", "1/4"] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let url = "open https://www.linkedin.com/feed/update/urn:li:share:4/";
    for (key, expected) in
        [(Enter, url), (Char('o'), url), (Char('c'), "copy the post's URL"), (Char('y'), "copy the post's URN")]
    {
        assert_eq!(effects(&list.clone().press(key)), expected);
    }
    assert_eq!(list.clone().keys("p").state.key_context(), KeyContext::Compose);
    let question = list.clone().keys("d");
    assert_eq!(question.state.key_context(), KeyContext::DeletePost);
    assert!(screen(&question).contains("We ship today"), "the question shows the post: {}", screen(&question));
    let deleting = question.keys("y");
    assert_eq!(effects(&deleting), "delete urn:li:share:4");
    let Screen::Posts(posts) = &deleting.state.screen else { panic!("not the posts") };
    let id = posts.id;
    let deleted = deleting.send(Message::PublishFinished { id, result: Ok(None) });
    assert_eq!((effects(&deleted).as_str(), notification(&deleted)), ("read work's posts", "The post was deleted."));
    // A deleted post can be looked at, and nothing else.
    let deleted_post = list.clone().keys("G");
    for key in ["o", "e", "d", "c"] {
        assert_eq!(
            (effects(&deleted_post.clone().keys(key)).as_str(), deleted_post.state.key_context()),
            ("", KeyContext::Posts),
            "{key}"
        );
    }
    // Only the text is changed, and only once.
    let editing = list.clone().keys("e");
    assert_eq!(editing.state.key_context(), KeyContext::Compose);
    assert!(!screen(&editing).contains("Visibility"), "{}", screen(&editing));
    assert_eq!(notification(&editing.clone().ctrl('p')), "The text has not changed.");
    let help = screen(&editing.clone().press(F(1)));
    assert!(help.contains("Help: Edit a post") && help.contains("preview and save"), "{help}");
    for of_a_new_post in ["The draft is saved", "alt-v", "alt-t", "tab", "keep the draft", "poll"] {
        assert!(!help.contains(of_a_new_post), "{of_a_new_post}: {help}");
    }
    assert_eq!(effects(&editing.clone().press(Esc)), "read work's posts");
    let changed = editing.keys("!");
    assert_eq!(effects(&changed.clone().advance(2)), "", "no draft");
    assert_eq!(changed.clone().press(Esc).state.key_context(), KeyContext::DiscardDraft);
    assert_eq!(effects(&changed.clone().press(Esc).keys("y")), "read work's posts");
    let saving = changed.ctrl('p').enter();
    assert_eq!(effects(&saving), "edit urn:li:share:4: We ship today. #rust!");
    let id = scenes::compose_id(&saving);
    let failed =
        saving.clone().send(Message::PostEdited { id, result: Err(Error::new(Code::NotPermitted, "No.", "")) });
    assert!(screen(&failed).contains("✗ Not changed"), "{}", screen(&failed));
    assert!(screen(&failed).contains("The published post is as it was."), "{}", screen(&failed));
    assert_eq!(failed.enter().state.compose().unwrap().typed_text(), "We ship today. #rust!");
    // Without a response the edit may have been carried out.
    for code in [Code::Network, Code::ServerError, Code::UnexpectedResponse] {
        let unconfirmed =
            saving.clone().send(Message::PostEdited { id, result: Err(Error::new(code, "No response.", "")) });
        let shown = screen(&unconfirmed);
        assert!(shown.contains("? May have been changed") && !shown.contains("is as it was"), "{shown}");
        assert_eq!(effects(&unconfirmed.enter().ctrl('p').enter()), "edit urn:li:share:4: We ship today. #rust!");
    }
    let saved = saving.send(Message::PostEdited { id, result: Ok(Vec::new()) });
    assert_eq!(effects(&saved), "read work's posts");
    assert_eq!(notification(&saved), "The text of the post was changed.");
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
    let deleted = typed.send(Message::FilesRead(Box::default()));
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
    let typed = open_compose(scenes::list().keys("p").keys("today"), found);
    assert_eq!(typed.state.compose().unwrap().typed_text(), "today");
    // The data for a closed compose screen changes nothing.
    let closed = scenes::list().keys("p").press(Esc).send(Message::ComposeOpened { id: 999, contents: Box::default() });
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
        effects(&comment.keys("Well").enter()),
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

fn sent_time() -> jiff::Timestamp {
    "2026-11-24T06:46:00Z".parse().unwrap()
}

#[test]
fn the_record_of_a_post_is_deleted_after_a_question() {
    let question = scenes::posts_maybe_published("urn:li:person:a").keys("d");
    assert_eq!((question.state.key_context(), effects(&question).as_str()), (KeyContext::DeleteRecord, ""));
    let shown = text(&question.draw(120, 36, COLOR_THEME));
    assert!(shown.contains("Hello") && shown.contains("it stays on LinkedIn"), "{shown}");
    assert_eq!(effects(&question.clone().keys("n")), "");
    let deleting = question.keys("y");
    assert_eq!(effects(&deleting), "delete the record of Hello");
    let Screen::Posts(posts) = &deleting.state.screen else { panic!("not the posts") };
    let id = posts.id;
    let deleted = deleting.clone().send(Message::RecordDeleted { id });
    assert_eq!((effects(&deleted).as_str(), notification(&deleted)), ("read work's posts", "The record was deleted."));
    assert_eq!(effects(&deleting.send(Message::RecordDeleted { id: id + 1 })), "", "of another list");
}

#[test]
fn a_maybe_published_post_opens_the_authors_posts() {
    for (author, opened, label) in [
        ("urn:li:person:a", "open the recent activity of the member", "open your recent activity"),
        (
            "urn:li:organization:2414183",
            "open the recent activity of urn:li:organization:2414183",
            "open the posts of the Page",
        ),
    ] {
        let list = scenes::posts_maybe_published(author);
        assert!(text(&list.draw(160, 36, COLOR_THEME)).contains(label), "{label}");
        for key in [Enter, Char('o')] {
            assert_eq!(effects(&list.clone().press(key)), opened);
        }
    }
}

#[test]
fn a_post_without_a_response_is_listed_as_maybe_published() {
    let list = scenes::posts_maybe_published("urn:li:person:a");
    let shown = text(&list.draw(120, 36, COLOR_THEME));
    assert!(shown.contains("? maybe published") && shown.contains("once or not at all"), "{shown}");
    for key in ["e", "m", "l", "R", "c", "y"] {
        assert_eq!(effects(&list.clone().keys(key)), "", "{key}");
    }
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
    let pasted = scenes::compose().send(Message::TextPasted("two\r\nlines\u{1b}[31m".to_owned()));
    assert!(pasted.state.compose().unwrap().typed_text().ends_with("two\nlines[31m"));
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
    // A character that controls the terminal or reorders its line is shown as a mark.
    let mark = |text: &str| linkedin_tui::internal::text::escape_controls(text);
    assert_eq!(mark("a\u{1b}[31mb\u{9b}c\u{202e}d\te"), "a␛[31mb�c�d e");
}

#[test]
fn keys_for_a_post_wait_until_the_posts_are_read() {
    let opened = scenes::list().keys("h");
    let pressed = opened.clone().keys("dy");
    assert_eq!((pressed.state.key_context(), effects(&pressed).as_str()), (KeyContext::Posts, ""));
    let deleted = scenes::read_posts(pressed.clone());
    assert_eq!(effects(&deleted), "delete urn:li:share:4");
    assert_eq!(deleted.state.key_context(), KeyContext::Posts);
    let moved = scenes::read_posts(opened.clone().keys("jd"));
    assert_eq!(moved.state.key_context(), KeyContext::DeletePost);
    assert!(text(&moved.draw(80, 24, COLOR_THEME)).contains("urn:li:share:3"));
    // Leaving does not wait, and discards them.
    let left = pressed.press(Esc);
    assert_eq!(left.state.key_context(), KeyContext::List);
    let again = scenes::read_posts(left.keys("h"));
    assert_eq!((again.state.key_context(), effects(&again).as_str()), (KeyContext::Posts, ""));
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
    shows(&preview, "LinkedIn will refuse it: the token lacks the scope w_member_social. Press s to add it.");
    // Each leads to the same sign-in, which requests the scope too.
    for scene in [writing.ctrl('g'), preview.keys("s"), scenes::failed_without_scope().keys("r")] {
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
    assert!(words.contains("(granted at once). Press r to sign in again with it."), "{shown}");
    assert!(shown.contains("r     re-authorize with w_member_social"), "{shown}");
    let hints = shown.lines().rev().find(|line| !line.is_empty()).unwrap();
    assert!(hints.trim_start().starts_with("r re-authorize with w_member_social"), "{hints}");
}

#[test]
fn a_post_refused_with_the_scope_offers_portal_and_sign_in() {
    let refused = Err(Error::new(Code::NotPermitted, "No.", "").with_detail("Not enough permissions to access: x"));
    let scene = scenes::published(scenes::preview().enter(), refused);
    let shown = text(&scene.draw(80, 24, COLOR_THEME));
    let words = shown.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for sentence in [
        "LinkedIn refused the post although the token has the scope w_member_social.",
        "Check that the app's Products tab lists \"Share on LinkedIn\", then press r to sign in again.",
        "o open portal (Products tab)",
        "r re-authorize",
    ] {
        assert!(words.contains(sentence), "{sentence}: {shown}");
    }
    assert!(!words.contains("Page"), "a member's post needs no Page: {shown}");
    assert!(effects(&scene.clone().keys("o")).starts_with("open https://"), "{}", effects(&scene.clone().keys("o")));
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
        assert!(shown.contains("enter continue your post (the draft is saved)"), "{shown}");
        assert!(shown.contains("continue the post"), "{shown}");
        let continued = signed_in.enter();
        assert!(effects(&continued).starts_with("compose as "), "{}", effects(&continued));
    }
    let other = finish(scenes::list().keys("/work").enter().keys("r").enter());
    assert!(!text(&other.draw(80, 24, COLOR_THEME)).contains("continue your post"));
}

#[test]
fn the_url_of_a_listed_post_is_in_one_line() {
    for (columns, rows) in [(80, 24), (120, 36), (200, 50)] {
        let shown = text(&scenes::posts().draw(columns, rows, COLOR_THEME));
        assert!(
            shown.lines().any(|line| line.contains("https://www.linkedin.com/feed/update/urn:li:share:")),
            "{shown}"
        );
    }
}

#[test]
fn every_kind_of_attachment_is_built_saved_and_restored() {
    let image = "/tmp/a.png";
    let link =
        scenes::with_link(scenes::compose(), "example.com").press(Down).keys("Title").press(Down).keys("About it");
    let kinds = [
        ("link", link.press(Down).keys(image)),
        ("document", scenes::compose_document()),
        ("document", scenes::compose_carousel([1, 2, 3])),
        ("video", scenes::compose_video().press(Up).ctrl('u')),
        ("poll", scenes::compose_poll().keys("m").press(Down).press(Down).press(Right)),
        ("reshare", scenes::compose_reshare()),
    ];
    for (kind, scene) in kinds {
        let draft = scene.state.compose().unwrap().to_draft().unwrap();
        assert_eq!(draft.attachment.name(), kind);
        match &draft.attachment {
            Attachment::Link(card) => {
                assert_eq!(card.description.as_deref(), Some("About it"));
                assert_eq!(card.thumbnail.as_deref(), Some(std::path::Path::new(image)));
            }
            Attachment::Document(document) if matches!(document.source, DocumentSource::Images(_)) => {}
            Attachment::Document(document) => {
                assert_eq!(document.source, DocumentSource::File("report.pdf".into()));
                assert_eq!(document.title.as_deref(), Some("Our year"));
            }
            Attachment::Video(video) => {
                assert_eq!((video.title.as_deref(), &video.captions), (Some("Demo"), &None));
                assert_eq!(video.thumbnail.as_deref(), Some(std::path::Path::new("demo.png")));
            }
            Attachment::Poll(poll) => {
                assert_eq!(
                    (&poll.options[..], poll.duration.days()),
                    (&["vi", "emacs", "vim"].map(str::to_owned)[..], 7)
                );
            }
            Attachment::Reshare(parent) => assert!(parent.ends_with("urn:li:share:7141138937766391808/"), "{parent}"),
            other => panic!("{other:?}"),
        }
        // What is saved is what is restored.
        let closed = scene.press(Esc);
        let saved = closed.effects.iter().find_map(|effect| match effect {
            Effect::SaveDraft { draft, .. } => Some(SavedDraft::clone(draft)),
            _ => None,
        });
        let found = ComposeContents { draft: saved, ..ComposeContents::default() };
        let restored = open_compose(scenes::list().keys("p"), found);
        assert_eq!(restored.state.compose().unwrap().to_draft().unwrap(), draft, "{kind}");
        if matches!(&draft.attachment, Attachment::Document(document) if document.title.is_some()) {
            assert_eq!(effects(&restored), "check document report.pdf");
        }
    }
}

/// Returns the draft that leaving the form saves.
fn saved_draft(scene: &Scene) -> SavedDraft {
    let closed = scene.clone().press(Esc);
    let saved = closed.effects.iter().find_map(|effect| match effect {
        Effect::SaveDraft { draft, .. } => Some(SavedDraft::clone(draft)),
        _ => None,
    });
    saved.unwrap_or_else(|| panic!("no draft: {}", effects(&closed)))
}

#[test]
fn a_draft_keeps_its_kind_whatever_is_filled_in() {
    // How many fields before the one that is filled in, and what a draft of an earlier version is restored as.
    for (number, kind, downs, before) in [
        (1, "Link", 0, "Link"),
        (1, "Link", 2, "Link"),
        (2, "Images", 0, "Images"),
        (3, "Document", 0, "Document"),
        (3, "Document", 1, "Link"),
        (4, "Carousel", 0, "Images"),
        (4, "Carousel", 1, "Link"),
        (5, "Video", 0, "Video"),
        (5, "Video", 1, "Link"),
        (5, "Video", 3, "Link"),
        (6, "Poll", 0, "Poll"),
        (6, "Poll", 1, "Poll"),
        (7, "Reshare", 0, "Reshare"),
    ] {
        let form = (0..downs).fold(scenes::with_attachment(scenes::compose(), number), |scene, _| scene.press(Down));
        for (scene, before) in [(form.clone().keys("x"), before), (form, "None")] {
            let draft = saved_draft(&scene);
            let restore = |draft: SavedDraft| {
                let found = ComposeContents { draft: Some(draft), ..ComposeContents::default() };
                open_compose(scenes::list().keys("p"), found)
            };
            let restored = restore(draft.clone());
            let shown = text(&restored.draw(120, 40, COLOR_THEME));
            assert!(shown.contains(&format!("(●) {kind}")), "{kind} {downs}: {shown}");
            assert_eq!(saved_draft(&restored), draft, "{kind} {downs}");
            let shown = text(&restore(SavedDraft { attachment: None, ..draft }).draw(120, 40, COLOR_THEME));
            assert!(shown.contains(&format!("(●) {before}")), "{kind} {downs} without its name: {shown}");
        }
    }
    // A choice alone is nothing to save.
    assert_eq!(effects(&scenes::list().keys("p").alt('t').press(Esc)), "delete work's draft");
}

#[test]
fn attachments_report_their_problems_as_they_are_typed() {
    let screen = |scene: &Scene| text(&scene.draw(120, 40, COLOR_THEME));
    let shows = |scene: &Scene, phrase: &str| assert!(screen(scene).contains(phrase), "{phrase}\n{}", screen(scene));
    shows(&scenes::compose_poll(), "Another option has the same text.");
    shows(&scenes::compose_poll().keys("m"), "3/30 characters.");
    shows(&scenes::compose_poll().keys(&"x".repeat(40)), "12 characters too many: LinkedIn accepts 30.");
    let post = |text: &str| scenes::with_attachment(scenes::compose(), 7).keys(text);
    shows(&post("urn:li:person:a"), "neither the URN of a post nor a link to one");
    shows(&scenes::compose_video(), "demo.vtt cannot be used: it is not");
    assert_eq!(scenes::compose_video().ctrl('p').state.key_context(), KeyContext::Compose, "it cannot be published");
    // What a kind needs is asked for, and has the focus.
    for (number, problem) in [
        (3, "Enter a document file."),
        (4, "Enter an image file."),
        (5, "Enter a video file."),
        (6, "Enter the question."),
        (7, "Enter the post to reshare."),
    ] {
        let empty = scenes::with_attachment(scenes::compose(), number).press(Up).ctrl('p');
        assert_eq!(notification(&empty), problem);
        assert_ne!(effects(&empty.keys("x").advance(1)), "");
    }
    let one = scenes::with_attachment(scenes::compose(), 6).keys("Tea?").press(Down).keys("yes").ctrl('p');
    assert_eq!(notification(&one), "Enter at least two options.");
    // After a change the error may be out of date.
    assert!(one.clone().keys("n").state.notification.is_none());
    assert!(one.alt('t').state.notification.is_none());
    let link = scenes::with_attachment(scenes::compose(), 1).keys("not a url").ctrl('p');
    assert_eq!(notification(&link), "The link is not a web address.");
    shows(&link, " not a url ");
    assert!(!screen(&link).contains("https://not"), "{}", screen(&link));
    // Backwards through the kinds.
    let document = scenes::with_attachment(scenes::compose(), 3).alt('T').press(Up).ctrl('p');
    assert_eq!(notification(&document), "Enter an image file.");
}

#[test]
fn the_paths_of_every_file_are_completed() {
    let completed = |scene: Scene, to: &str| {
        let id = scenes::compose_id(&scene);
        let completion = PathCompletion { text: to.to_owned(), matches: vec![to.to_owned()] };
        scene.press(Tab).send(Message::PathCompleted { id, text: to[..3].to_owned(), completion })
    };
    for (number, downs, role, path) in [
        (1, 3, "thumbnail", "box.png"),
        (3, 0, "document", "report.pdf"),
        (4, 0, "page", "one.png"),
        (5, 0, "video", "demo.mp4"),
        (5, 2, "captions", "demo.vtt"),
    ] {
        let field = (0..downs).fold(scenes::with_attachment(scenes::compose(), number), |scene, _| scene.press(Down));
        assert_eq!(effects(&completed(field.keys(&path[..3]), path)), format!("check {role} {path}"));
    }
}

#[test]
fn an_upload_shows_its_progress_and_is_cancelled_with_esc() {
    let uploading = scenes::uploading();
    let id = scenes::compose_id(&uploading);
    let screen = |scene: &Scene| text(&scene.draw(80, 24, COLOR_THEME));
    let shown = screen(&uploading);
    assert!(shown.contains("Uploading the video") && shown.contains("26 %"), "{shown}");
    assert!(shown.contains("9.5 MB of 35.2 MB · 1.9 MB/s · 13 s left"), "{shown}");
    assert!(shown.contains("esc cancel the upload"), "{shown}");
    let cancelling = uploading.clone().press(Esc);
    assert_eq!(
        (cancelling.state.key_context(), effects(&cancelling).as_str()),
        (KeyContext::Publishing, "cancel publishing")
    );
    assert_eq!(effects(&cancelling.clone().press(Esc)), "", "once");
    let cancelled = cancelling.clone().send(Message::PublishCancelled { id });
    assert_eq!(cancelled.state.key_context(), KeyContext::Preview);
    assert_eq!(notification(&cancelled), "The upload was canceled. Nothing was published.");
    // If the post was sent meanwhile, its result is shown.
    let result = scenes::published(cancelling, Ok(Some(scenes::published_post(false))));
    assert_eq!(result.state.key_context(), KeyContext::Published);
    let late = result.send(Message::PublishCancelled { id });
    assert_eq!(late.state.key_context(), KeyContext::Published);
    // The post itself cannot be cancelled.
    let sending = uploading.send(Message::PublishProgressed { id, event: Event::Publishing });
    assert!(!screen(&sending).contains("cancel the upload"), "{}", screen(&sending));
    for scene in [sending.clone().press(Esc), sending.ctrl('c')] {
        assert_eq!((scene.state.key_context(), effects(&scene).as_str()), (KeyContext::Publishing, ""));
    }
}

#[test]
fn statistics_of_a_post_are_read_and_shown_as_bars() {
    let opened = scenes::posts().keys("s");
    assert_eq!(
        (opened.state.key_context(), effects(&opened).as_str()),
        (KeyContext::Statistics, "read the statistics of urn:li:share:4")
    );
    let screen = |scene: &Scene| text(&scene.draw(100, 36, COLOR_THEME));
    assert!(screen(&opened).contains("Reading the statistics…"));
    assert_eq!(effects(&opened.clone().keys("v")), "", "they are being read");
    let shown = scenes::statistics();
    let bar = |label: &str| {
        let screen = screen(&shown);
        let line = screen.lines().find(|line| line.contains(label)).unwrap().to_owned();
        line.matches('█').count()
    };
    // Only what members did is compared: impressions are of another kind.
    assert_eq!((bar("Impressions"), bar("Members reached")), (0, 0), "{}", screen(&shown));
    let (reactions, comments) = (bar("Reactions"), bar("Comments"));
    assert!(reactions > 10 && (1..reactions).contains(&comments), "{reactions} {comments}\n{}", screen(&shown));
    assert_eq!(bar("Reposts"), 0);
    assert!(screen(&shown).contains("No link clicks:") && screen(&shown).contains("Community Management API"));
    assert_eq!(effects(&shown.clone().keys("v")), "read the statistics of urn:li:share:4");
    assert_eq!(shown.press(Esc).state.key_context(), KeyContext::Posts);
    let refused = screen(&scenes::statistics_refused());
    assert!(refused.contains("lacks the scope w_member_social_feed") && refused.contains("Community"), "{refused}");
    // Numbers of another panel are ignored.
    let late = opened.send(Message::StatisticsFetched { id: 999, result: Ok(PostStatistics::default()) });
    assert!(screen(&late).contains("Reading the statistics…"));
    assert_eq!(effects(&scenes::posts().keys("Gs")), "", "a deleted post has none");
}

#[test]
fn a_comment_is_sent_once_and_its_result_is_named() {
    let screen = |scene: &Scene| text(&scene.draw(80, 24, COLOR_THEME));
    let form = scenes::posts().keys("m");
    assert_eq!((form.state.key_context(), effects(&form).as_str()), (KeyContext::Comment, ""));
    assert_eq!(notification(&form.clone().enter()), "Enter a comment.");
    let typed = form.clone().keys("q? o").send(Message::TextPasted("\"two\nlines\"".to_owned()));
    let sent = typed.enter();
    assert_eq!(effects(&sent), "comment on urn:li:share:4 as the member: q? o\"two lines\"");
    assert!(screen(&sent).contains("Sending the comment…"), "{}", screen(&sent));
    assert!(notification(&sent.clone().press(Esc)).contains("cannot be canceled"));
    for again in [sent.clone().enter(), sent.clone().press(Esc), sent.clone().keys("x"), sent.clone().ctrl('c')] {
        assert_eq!((again.state.key_context(), effects(&again).as_str()), (KeyContext::Comment, ""));
    }
    let published = scenes::commented(sent, Ok(Vec::new()));
    assert_eq!(published.state.key_context(), KeyContext::Posts);
    assert_eq!(notification(&published), "The comment was published.");
    let refused = scenes::comment_failed(Code::NotPermitted);
    assert!(screen(&refused).contains("✗ Not published"), "{}", screen(&refused));
    assert_eq!(effects(&refused.clone().keys("o")), "", "there is nothing to look at");
    let again = refused.enter();
    assert_eq!(again.state.key_context(), KeyContext::Comment);
    assert_eq!(effects(&again.enter()), "comment on urn:li:share:4 as the member: Well done :-)", "the text is kept");
    // What was typed survives the dialog, until it is published.
    let kept = form.keys("Half a").press(Esc);
    assert_eq!(kept.state.key_context(), KeyContext::Posts);
    assert_eq!(notification(&kept), "The comment is kept until you quit.");
    let other = kept.clone().press(Down).keys("m");
    assert!(!screen(&other).contains("Half a"), "a comment is kept for its post: {}", screen(&other));
    let sent = kept.keys("m").keys(" thought").enter();
    assert_eq!(effects(&sent), "comment on urn:li:share:4 as the member: Half a thought");
    let after = scenes::commented(sent, Ok(Vec::new())).keys("m");
    assert!(!screen(&after).contains("Half a"), "{}", screen(&after));
    let uncertain = scenes::comment_failed(Code::MaybePublished);
    let shown = screen(&uncertain);
    assert!(shown.contains("? May have been published") && !shown.contains("Not published"), "{shown}");
    assert_eq!(effects(&uncertain.keys("o")), "open https://www.linkedin.com/feed/update/urn:li:share:4/");
}

#[test]
fn a_reaction_is_chosen_sent_and_deleted() {
    let screen = |scene: &Scene| text(&scene.draw(60, 20, COLOR_THEME));
    let words = |scene: &Scene| screen(scene).replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let menu = scenes::posts().keys("l");
    assert_eq!((menu.state.key_context(), effects(&menu).as_str()), (KeyContext::React, ""));
    // The refusal is shown before anything is sent.
    assert!(
        words(&menu).contains("lacks the scope w_member_social_feed, which comes with the Community Management API."),
        "{}",
        screen(&menu)
    );
    for (keys, reaction) in [
        ("", "like"),
        ("j", "celebrate"),
        ("jj", "support"),
        ("jjj", "love"),
        ("jjjj", "insightful"),
        ("jjjjj", "funny"),
        ("G", "nothing"),
        ("Gg", "like"),
    ] {
        let sent = menu.clone().keys(keys).enter();
        assert_eq!(effects(&sent), format!("react to urn:li:share:4 as the member: {reaction}"));
        assert!(screen(&sent).contains("Sending…"), "{}", screen(&sent));
        for again in [sent.clone().enter(), sent.clone().press(Esc), sent.clone().keys("k")] {
            assert_eq!((again.state.key_context(), effects(&again).as_str()), (KeyContext::React, ""));
        }
        let done = scenes::reacted(sent, Ok(Vec::new()));
        let expected = match reaction {
            "nothing" => "The reaction to the post was deleted.".to_owned(),
            name => format!("You reacted to the post: {name}."),
        };
        assert_eq!((done.state.key_context(), notification(&done)), (KeyContext::Posts, expected.as_str()));
    }
    assert_eq!(menu.press(Esc).state.key_context(), KeyContext::Posts);
    let refused = scenes::reaction_refused();
    assert!(words(&refused).contains("LinkedIn does not permit this app to react."), "{}", screen(&refused));
    assert_eq!(effects(&refused.enter()), "react to urn:li:share:4 as the member: celebrate", "the choice is kept");
    assert_eq!(scenes::posts().keys("Gl").state.key_context(), KeyContext::Posts, "a deleted post has none");
}

#[test]
fn a_listed_post_becomes_a_new_one_or_is_reshared() {
    let screen = |scene: &Scene| text(&scene.draw(120, 40, COLOR_THEME));
    let shows = |scene: &Scene, phrase: &str| assert!(screen(scene).contains(phrase), "{phrase}\n{}", screen(scene));
    let new = scenes::posts().keys("jw");
    assert_eq!((new.state.key_context(), effects(&new).as_str()), (KeyContext::Compose, "compose as work"));
    let read = open_compose(new, ComposeContents::default());
    let compose = read.state.compose().unwrap();
    assert!(compose.typed_text().starts_with("Six things"), "{}", compose.typed_text());
    assert_eq!(compose.visibility, Visibility::Connections);
    shows(&read, "https://example.com/six");
    assert!(effects(&read.clone().advance(1)).starts_with("save work's draft: Six things"));
    // Also of a deleted post, whose text is here.
    let deleted = open_compose(scenes::posts().keys("Gw"), ComposeContents::default());
    assert_eq!(deleted.state.compose().unwrap().typed_text(), "A first try");
    let reshared = open_compose(scenes::posts().keys("R"), ComposeContents::default());
    shows(&reshared, "(●) Reshare");
    let draft = reshared.state.compose().unwrap().to_draft().unwrap();
    assert_eq!(draft.attachment, Attachment::Reshare("urn:li:share:4".to_owned()));
    assert_eq!(effects(&scenes::posts().keys("GR")), "", "a deleted post cannot be reshared");
}

#[test]
fn the_author_of_a_post_that_is_used_again_stays_the_page() {
    let page = "urn:li:organization:2414183";
    let author = |scene: &Scene| scene.state.compose().unwrap().to_draft().unwrap().author;
    // A row of a Page that the token cannot list.
    let duplicate = || open_compose(scenes::posts_maybe_published(page).keys("w"), ComposeContents::default());
    assert_eq!(author(&duplicate()).as_deref(), Some(page));
    let shown = text(&duplicate().draw(120, 36, COLOR_THEME));
    assert!(shown.contains(page), "it is named: {shown}");
    assert_eq!(
        author(&open_compose(scenes::posts_maybe_published("urn:li:person:a").keys("w"), ComposeContents::default())),
        None
    );
    // So does that of a draft, and that of a Page with a name.
    let draft = SavedDraft { text: "Hello".to_owned(), author: Some(page.to_owned()), ..SavedDraft::default() };
    let named = vec![Author { urn: Some(page.to_owned()), name: "Acme".to_owned(), refusal: None }];
    for (pages, name) in [(Vec::new(), page), (named, "Acme")] {
        let found = ComposeContents { draft: Some(draft.clone()), pages, ..ComposeContents::default() };
        let restored = open_compose(scenes::list().keys("p"), found);
        assert_eq!((author(&restored).as_deref(), restored.state.compose().unwrap().authors.len()), (Some(page), 2));
        let shown = text(&restored.draw(120, 36, COLOR_THEME));
        assert!(shown.contains(&format!("◂ {name} ▸")), "{shown}");
    }
}

#[test]
fn a_draft_is_not_lost_to_a_post_that_is_used_again() {
    let draft = SavedDraft { text: "yesterday".to_owned(), ..SavedDraft::default() };
    let found = ComposeContents { draft: Some(draft), ..ComposeContents::default() };
    let restored = open_compose(scenes::posts().keys("w"), found);
    let typed_text = |scene: &Scene| scene.state.compose().unwrap().typed_text();
    assert_eq!(typed_text(&restored), "yesterday");
    assert_eq!(notification(&restored), "Restored your draft. Press ctrl-d to discard it and use the post.");
    let discarded = restored.ctrl('d').keys("y");
    assert_eq!(effects(&discarded), "delete work's draft");
    assert_eq!(typed_text(&discarded), "We ship today. #rust");
    assert_eq!(effects(&discarded.clone().advance(1)), "save work's draft: We ship today. #rust");
    assert_eq!(typed_text(&discarded.ctrl('d').keys("y")), "", "once");
    // What was typed before the draft was read follows.
    let typed = open_compose(scenes::posts().keys("w").keys(" And now."), ComposeContents::default());
    assert_eq!(typed_text(&typed), "We ship today. #rust And now.");
}

#[test]
fn a_picture_is_drawn_where_the_terminal_has_the_colors() {
    let scene = scenes::compose_picture().ctrl('p');
    let cells = |theme| {
        let buffer = scene.draw(60, 20, theme);
        let cells = buffer.content().iter().filter(|cell| cell.symbol() == "▀").map(|cell| (cell.fg, cell.bg));
        cells.collect::<Vec<_>>()
    };
    let with = |color_depth| Theme { color_depth, ..COLOR_THEME };
    let (red, blue) = (Color::Rgb(200, 16, 46), Color::Rgb(0, 51, 160));
    // Four rows of pixels are two rows of cells.
    assert_eq!(cells(COLOR_THEME), [[(red, red); 12], [(blue, blue); 12]].concat());
    assert_eq!(cells(with(ColorDepth::Indexed))[0], (Color::Indexed(161), Color::Indexed(161)));
    for theme in [with(ColorDepth::Sixteen), with(ColorDepth::None), Theme { is_ascii: true, ..COLOR_THEME }] {
        assert_eq!(cells(theme), [], "{theme:?}");
    }
}
