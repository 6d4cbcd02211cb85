//! The attachments of a post: their fields, their files and their problems.

use crossterm::event::KeyCode::{Backspace, Down, Esc, Right, Tab, Up};
use linkedin_tui::internal::flows::publish::{Attachment, DocumentSource, FileInfo, FileRole};
use linkedin_tui::internal::store::SavedDraft;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{ComposeContents, Effect, LinkMetadata, Message, PathCompletion};
use linkedin_tui::internal::tui::theme::{ColorDepth, Theme};
use ratatui::style::Color;

use crate::screens::compose::open_compose;
use crate::screens::keys::{effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

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
    shows(&reading, "esc cancel reading");
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
fn reading_a_page_is_canceled_or_fails_below_the_link() {
    let screen = |scene: &Scene| text(&scene.draw(60, 20, COLOR_THEME));
    let page = || LinkMetadata { title: Some("Our news".to_owned()), ..LinkMetadata::default() };
    let is_filled = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME)).contains("Our news");
    let reading = scenes::reading_link();
    let canceled = reading.clone().press(Esc);
    assert_eq!(
        (canceled.state.key_context(), effects(&canceled).as_str()),
        (KeyContext::Compose, "cancel reading the page")
    );
    assert!(!screen(&canceled).contains("Reading the page"), "{}", screen(&canceled));
    assert!(!is_filled(&scenes::link_read(canceled.clone(), Ok(page()))), "a late result changes nothing");
    assert_eq!(canceled.press(Esc).state.key_context(), KeyContext::List);
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
fn a_page_is_used_while_another_attachment_is_selected() {
    let page = || LinkMetadata { title: Some("Our news".to_owned()), ..LinkMetadata::default() };
    let screen = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME));
    let away = scenes::link_read(scenes::reading_link().alt('t'), Ok(page()));
    assert_eq!(notification(&away), "Filled in from the page: title.");
    let link = (0..7).fold(away, |scene, _| scene.alt('t'));
    let shown = screen(&link);
    assert!(shown.contains("Our news") && !shown.contains("Reading the page"), "{shown}");
    // With the form, its reading ends too.
    let closed = scenes::reading_link().alt('t').press(Esc);
    assert!(effects(&closed).contains("cancel reading the page"), "{}", effects(&closed));
    // A page that was read for another link does not go on being read.
    let changed = scenes::link_read(scenes::reading_link().keys("b"), Ok(page())).press(Backspace);
    let shown = screen(&changed);
    assert!(!shown.contains("Our news") && !shown.contains("Reading the page"), "{shown}");
}

#[test]
fn pasted_files_beyond_the_limit_are_reported() {
    let paths = |count: usize| (1..=count).map(|number| format!("/{number}.png")).collect::<Vec<_>>().join(" ");
    let screen = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME));
    for (pasted, note) in [(25, "5 files were left out."), (21, "1 file was left out.")] {
        let scene = scenes::with_images(scenes::compose()).send(Message::TextPasted(paths(pasted)));
        assert_eq!(scene.state.compose().unwrap().draft_images().len(), 20);
        let note = format!("{note} A post has at most 20 images.");
        assert!(screen(&scene).contains(&note), "{}", screen(&scene));
    }
    let all = scenes::with_images(scenes::compose()).send(Message::TextPasted(paths(20)));
    assert!(!screen(&all).contains("left out"), "{}", screen(&all));
}

#[test]
fn the_focus_goes_from_a_removed_image_to_the_next_one() {
    let pasted = scenes::with_images(scenes::compose()).send(Message::TextPasted("/a.png /b.png /c.png".to_owned()));
    let cleared = pasted.press(Down).press(Down).ctrl('u');
    let paths = |scene: Scene| {
        let images = scene.state.compose().unwrap().draft_images();
        images.iter().map(|image| image.path.to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    assert_eq!(paths(cleared.clone().press(Down).keys("x")), ["/a.png", "/c.pngx"]);
    let back = cleared.press(Up).keys("x");
    assert_eq!(back.state.compose().unwrap().draft_images()[0].alt.as_deref(), Some("x"));
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
    let options_row = |scene: &Scene| screen(scene).lines().position(|line| line.contains("Options"));
    assert_eq!(options_row(&several), options_row(&completing), "the panels keep their sizes");
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
    assert!(screen(&refused).contains("it is not a PNG, JPEG or GIF."), "{}", screen(&refused));
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
    let damaged = carousel.clone().send(scenes::file_inspected(
        id,
        FileRole::DocumentPage,
        "/home/ada/two.jpg",
        Err(reason.to_owned()),
    ));
    shows(&damaged, "two.jpg cannot be used");
    assert_eq!(damaged.clone().ctrl('p').state.key_context(), KeyContext::Compose);
    shows(&damaged.ctrl('p'), &reason[..50]);
    let large = scenes::compose_carousel([60_000_000, 60_000_000, 1]).ctrl('p');
    shows(&large, "The images of the carousel have 115 MB together; LinkedIn");
    // The files stay with another kind, which checks them in its own way.
    let images = (0..6).fold(carousel, |scene, _| scene.alt('t'));
    assert_eq!(effects(&images).matches("check image").count(), 3, "{}", effects(&images));
    let late =
        images.send(scenes::file_inspected(id, FileRole::DocumentPage, "/home/ada/one.png", Err("Late.".to_owned())));
    assert!(!screen(&late).contains("Late."), "{}", screen(&late));
}

#[test]
fn each_kind_of_attachment_has_its_own_title() {
    let scene = scenes::with_link(scenes::compose(), "example.com").press(Down).keys("Our news");
    let title = |scene: &Scene| match scene.state.compose().unwrap().to_draft().unwrap().attachment {
        Attachment::Document(document) => document.title,
        Attachment::Link(link) => link.title,
        other => panic!("{other:?}"),
    };
    // The kinds are above the link.
    let kinds = scene.press(Up).press(Up);
    let other_kind = (0..9).scan(kinds.clone(), |scene, _| {
        *scene = scene.clone().press(Right);
        Some(scene.clone())
    });
    let shown = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME));
    let mut count = 0;
    let mut last = kinds;
    for scene in other_kind {
        let has_title = shown(&scene).contains("Our news");
        let is_link = shown(&scene).contains("Link title");
        assert_eq!(has_title, is_link, "{}", shown(&scene));
        count += usize::from(is_link);
        last = if is_link { scene } else { last };
    }
    assert!(count > 0, "the kinds repeat");
    assert_eq!(title(&last).as_deref(), Some("Our news"));
}

#[test]
fn every_kind_of_attachment_is_built_saved_and_restored() {
    let image = "/tmp/a.png";
    let link =
        scenes::with_link(scenes::compose(), "example.com").press(Down).keys("Title").press(Down).keys("About it");
    let kinds = vec![
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
            assert!(effects(&restored).ends_with("; check document report.pdf"), "{}", effects(&restored));
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
    shows(&scenes::compose_poll().keys(&"x".repeat(29)), "1 character too many: LinkedIn accepts 30.");
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
        shows(&empty, problem);
        assert_ne!(effects(&empty.keys("x").advance(1)), "");
    }
    let one = scenes::with_attachment(scenes::compose(), 6).keys("Tea?").press(Down).keys("yes").ctrl('p');
    shows(&one, "Enter at least two options.");
    assert_eq!(notification(&one), "The post is not ready: see the marked field.");
    // After a change the error may be out of date.
    for changed in [one.clone().keys("n"), one.alt('t')] {
        assert!(changed.state.notification.is_none());
        assert!(!screen(&changed).contains("Enter at least"), "{}", screen(&changed));
    }
    let link = scenes::with_attachment(scenes::compose(), 1).keys("not a url").ctrl('p');
    shows(&link, "The link is not a web address.");
    shows(&link, " not a url ");
    assert!(!screen(&link).contains("https://not"), "{}", screen(&link));
    // Backwards through the kinds.
    let document = scenes::with_attachment(scenes::compose(), 3).alt('T').press(Up).ctrl('p');
    shows(&document, "Enter an image file.");
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
