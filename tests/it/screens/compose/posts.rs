//! The list of posts and its dialogs.

use crossterm::event::KeyCode::{Backspace, Char, Down, Enter, Esc, F, PageDown};
use linkedin_tui::internal::flows::publish::Attachment;
use linkedin_tui::internal::linkedin::posts::Visibility;
use linkedin_tui::internal::store::{PublishedPost, SavedDraft};
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{Author, ComposeContents, Effect, Message, PostRow, PostStatistics};
use linkedin_tui::internal::tui::state::Screen;
use linkedin_tui::{Code, Error};

use crate::screens::compose::open_compose;
use crate::screens::keys::{effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

#[test]
fn posts_are_listed_opened_copied_edited_and_deleted() {
    let list = scenes::posts();
    let screen = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME));
    let shown = screen(&list);
    for expected in ["We ship today", "Anyone", "Connections only", "deleted", "edited", "1/4"] {
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
fn an_unconfirmed_edit_is_not_said_to_have_changed_nothing() {
    let screen = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME)).replace('\n', " ");
    let saving = scenes::posts().keys("e").keys("!").ctrl('p').enter();
    let id = scenes::compose_id(&saving);
    let answer =
        |scene: Scene, code| scene.send(Message::PostEdited { id, result: Err(Error::new(code, "No.", "")) }).enter();
    let stays = "The published post stays as it is.";
    let refused = screen(&answer(saving.clone(), Code::NotPermitted).press(Esc));
    assert!(refused.contains("Discard your changes?") && refused.contains(stays), "{refused}");
    let unconfirmed = answer(saving, Code::ServerError);
    let question = screen(&unconfirmed.clone().press(Esc));
    assert!(question.contains("did not confirm the new text, and may have saved it"), "{question}");
    assert!(!question.contains(stays), "{question}");
    // The former text can be saved again, and a later refusal proves nothing about the first attempt.
    let former = unconfirmed.press(Backspace);
    assert_eq!(former.state.compose().unwrap().typed_text(), "We ship today. #rust");
    let again = former.ctrl('p').enter();
    assert_eq!(effects(&again), "edit urn:li:share:4: We ship today. #rust");
    let failed = again.send(Message::PostEdited { id, result: Err(Error::new(Code::NotPermitted, "No.", "")) });
    assert!(!screen(&failed).contains("is as it was"), "{}", screen(&failed));
}

#[test]
fn a_text_that_was_changed_meanwhile_is_replaced_only_on_demand() {
    let screen = |scene: &Scene| text(&scene.draw(120, 36, COLOR_THEME));
    let saving = scenes::posts().keys("e").keys("!").ctrl('p').enter();
    let id = scenes::compose_id(&saving);
    let edited_at = Some(scenes::now());
    let theirs =
        PublishedPost::new(Some("urn:li:share:4".to_owned()), "urn:li:person:work-1x", scenes::now(), "Theirs");
    let post = Box::new(PublishedPost { edited_at, ..theirs });
    let asked = saving.send(Message::PostChangedMeanwhile { id, post });
    assert_eq!((effects(&asked).as_str(), asked.state.key_context()), ("", KeyContext::Preview));
    assert!(notification(&asked).contains("Nothing was saved"), "{}", notification(&asked));
    assert!(screen(&asked).contains("Yours replaces: Theirs"), "{}", screen(&asked));
    // The second attempt knows their text.
    let again = asked.enter();
    assert_eq!(effects(&again), "edit urn:li:share:4: We ship today. #rust!");
    let Some(Effect::EditPost { edited_at: known, .. }) = again.effects.first() else { panic!("no edit") };
    assert_eq!(*known, edited_at);
}

#[test]
fn an_unknown_post_is_looked_for_in_the_list() {
    let list = scenes::posts_maybe_published("urn:li:person:a");
    assert!(text(&list.draw(120, 36, COLOR_THEME)).contains("v search for it again"));
    let searching = list.clone().keys("v");
    assert_eq!(effects(&searching), "find the post of the record Hello");
    let Screen::Posts(posts) = &searching.state.screen else { panic!("not the posts") };
    let id = posts.id;
    let searched = |result| {
        searching.clone().send(Message::RecordedPostSearched { id, author: "urn:li:person:a".to_owned(), result })
    };
    let found = searched(Ok(Some("urn:li:share:9".to_owned())));
    assert_eq!((effects(&found).as_str(), notification(&found)), ("read work's posts", "The post was published."));
    let missing = searched(Ok(None));
    assert!(notification(&missing).contains("not among the newest posts"), "{}", notification(&missing));
    let refused = searched(Err(Error::new(Code::NotPermitted, "No.", "")));
    assert!(notification(&refused).contains("does not let this token read posts"), "{}", notification(&refused));
    // The other keys say why they do nothing.
    for key in ["#", "m", "+", "e", ">", "c", "y"] {
        let refused = list.clone().keys(key);
        let expected = "LinkedIn did not confirm this post. Press v to search for it again.";
        assert_eq!((effects(&refused).as_str(), notification(&refused)), ("", expected), "{key}");
    }
    let deleted = scenes::posts().keys("G");
    for key in ["#", "m", "+", "e", ">", "c", "d"] {
        assert_eq!(notification(&deleted.clone().keys(key)), "This post was deleted.", "{key}");
    }
    assert_eq!(notification(&scenes::posts().keys("v")), "LinkedIn confirmed this post.");
}

#[test]
fn a_page_key_shows_every_post() {
    for (columns, rows) in [(60, 20), (80, 24), (120, 36), (200, 50)] {
        let mut list = scenes::list();
        list.state.size = (columns, rows);
        let list = list.keys("h");
        let Screen::Posts(posts) = &list.state.screen else { panic!("not the posts") };
        let id = posts.id;
        let row = |number: u32| {
            let urn = Some(format!("urn:li:share:{number}"));
            let post = PublishedPost::new(urn, "urn:li:person:a", scenes::now(), &format!("Post {number}."));
            PostRow { post, url: None, accepted: Vec::new() }
        };
        let mut list = list.send(Message::PostsRead { id, result: Ok((1..=50).map(row).collect()) });
        let mut shown = String::new();
        for _ in 0..50 {
            shown += &text(&list.draw(columns, rows, COLOR_THEME));
            list = list.press(PageDown);
        }
        for number in 1..=50 {
            assert!(shown.contains(&format!("Post {number}.")), "{number} at {columns}x{rows}");
        }
    }
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
    assert!(shown.contains("? maybe published") && shown.contains("LinkedIn did not confirm it."), "{shown}");
    for key in ["e", "m", "+", ">", "c", "y"] {
        assert_eq!(effects(&list.clone().keys(key)), "", "{key}");
    }
}

#[test]
fn the_author_of_a_post_that_is_used_again_stays_the_page() {
    let page = "urn:li:organization:2414183";
    let author = |scene: &Scene| scene.state.compose().unwrap().to_draft().unwrap().author;
    // A row of a Page that the token cannot list.
    let duplicate = || open_compose(scenes::posts_maybe_published(page).keys("D"), ComposeContents::default());
    assert_eq!(author(&duplicate()).as_deref(), Some(page));
    let shown = text(&duplicate().draw(120, 36, COLOR_THEME));
    assert!(shown.contains(page), "it is named: {shown}");
    assert_eq!(
        author(&open_compose(scenes::posts_maybe_published("urn:li:person:a").keys("D"), ComposeContents::default())),
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

/// Returns a list of so many posts: every third one is long.
fn many_posts(count: u32) -> Scene {
    let scene = scenes::list().keys("h");
    let Screen::Posts(posts) = &scene.state.screen else { panic!("not the posts") };
    let id = posts.id;
    let row = |number: u32| {
        let urn = format!("urn:li:share:{number}");
        let lines = if number.is_multiple_of(3) { 40 } else { 0 };
        let text = format!("Post {number:02}{}", "\n\nA paragraph of a long post.".repeat(lines));
        let at = scene.state.now - jiff::SignedDuration::from_hours(i64::from(number));
        let mut post = PublishedPost::new(Some(urn.clone()), "urn:li:person:work-1x", at, &text);
        // What can be done with it is less.
        post.deleted_at = (number % 5 == 4).then_some(at);
        PostRow { post, url: Some(format!("https://www.linkedin.com/feed/update/{urn}/")), accepted: Vec::new() }
    };
    let rows = (1..=count).map(row).collect();
    scene.send(Message::PostsRead { id, result: Ok(rows) })
}

#[rstest::rstest]
fn list_and_post_keep_their_places_while_the_selection_moves(
    #[values((60, 20), (80, 24), (120, 36), (200, 50))] size: (u16, u16),
    #[values(2, 25)] count: u32,
) {
    let mut scene = many_posts(count).send(Message::Resized(size.0, size.1));
    let screen = |scene: &Scene| text(&scene.draw(size.0, size.1, COLOR_THEME));
    let line_of = |screen: &str, words: &str| screen.lines().position(|line| line.contains(words));
    let title = |line: &str| line.starts_with("╭ Post ─") || line.starts_with("─ Post ─");
    let top = |screen: &str| screen.lines().position(title).unwrap();
    let first = screen(&scene);
    for number in 1..=count {
        let shown = screen(&scene);
        assert_eq!(line_of(&shown, "WHEN"), line_of(&first, "WHEN"), "{number}\n{shown}");
        assert_eq!(top(&shown), top(&first), "{number}\n{shown}");
        let selected: Vec<&str> = shown.lines().filter(|line| line.contains("▌ ")).collect();
        assert!(selected.len() == 1 && selected[0].contains(&format!("Post {number:02}")), "{number}\n{shown}");
        let detail = shown.lines().skip(top(&shown) + 1).take(3);
        assert!(detail.clone().next().is_some_and(|line| line.contains(&format!("Post {number:02}"))), "{shown}");
        scene = scene.keys("j");
    }
    // A post that does not fit is scrolled to its end and back.
    let mut scene = many_posts(count).send(Message::Resized(size.0, size.1));
    for number in 1..=count.min(3) {
        let is_long = number.is_multiple_of(3);
        assert!(!is_long || screen(&scene).contains("J K scroll"), "{}", screen(&scene));
        let end = (0..30).fold(scene.clone(), |scene, _| scene.press(Char('J')));
        let shown = screen(&end);
        assert!(shown.contains(&format!("URN           urn:li:share:{number}")), "{shown}");
        assert!(shown.contains("URL  ") && top(&shown) == top(&first), "{shown}");
        assert!(!is_long || shown.contains('↑'), "{shown}");
        let back = (0..30).fold(end, |scene, _| scene.press(Char('K')));
        assert_eq!(screen(&back), screen(&scene));
        scene = scene.keys("j");
    }
}

#[test]
fn only_the_visible_rows_react_to_a_click() {
    let scene = many_posts(40).send(Message::Resized(120, 36));
    for keys in ["", "jjjjjjjjjjjjjjjjjjjj", "G"] {
        let scene = scene.clone().keys(keys);
        let (buffer, drawn) = scenes::draw_state(&scene.state, 120, 36, COLOR_THEME);
        let shown = text(&buffer);
        let table = shown.lines().take_while(|line| !line.starts_with('╰'));
        let rows = table.filter(|line| line.contains(" ago  ")).count();
        assert!(rows > 9 && drawn.click_targets.len() == rows, "{:?}\n{shown}", drawn.click_targets);
    }
}

#[test]
fn a_scrolled_post_does_not_scroll_the_next_one() {
    let scene = many_posts(6).keys("jj");
    let next = scene.clone().keys("JJJjkj");
    assert_eq!(text(&next.draw(80, 24, COLOR_THEME)), text(&scene.keys("j").draw(80, 24, COLOR_THEME)));
}

#[test]
fn the_selection_stays_on_the_post_over_which_a_form_was_opened() {
    let selected = |scene: &Scene| {
        let shown = text(&scene.draw(120, 36, COLOR_THEME));
        shown.lines().find(|line| line.contains("▌ ")).map(|line| line.contains("Post 03"))
    };
    let list = many_posts(9).keys("jj");
    for key in ["p", "D", ">", "e"] {
        let form = list.clone().keys(key);
        assert_eq!(form.state.key_context(), KeyContext::Compose, "{key}");
        let form = if key == "e" { form } else { open_compose(form, ComposeContents::default()) };
        let left = form.clone().press(Esc);
        assert_eq!((left.state.key_context(), effects(&left).as_str()), (KeyContext::Posts, "read work's posts"));
        assert_eq!(selected(&left), Some(true), "{key}, and no draft");
        let discarded = form.keys("!").ctrl('d').keys("y").press(Esc);
        let discarded = if key == "e" { left } else { discarded };
        assert_eq!((discarded.state.key_context(), selected(&discarded)), (KeyContext::Posts, Some(true)), "{key}");
    }
    // The list that is opened anew starts at its newest post.
    let again = list.keys("p").press(Esc).press(Esc).keys("h");
    assert!(text(&again.draw(120, 36, COLOR_THEME)).contains("Reading the posts"));
}

#[test]
fn a_row_shows_the_text_as_far_as_the_window_is_wide() {
    let scene = scenes::list().keys("h");
    let Screen::Posts(posts) = &scene.state.screen else { panic!("not the posts") };
    let id = posts.id;
    let line = "a word of many ".repeat(20);
    let post = PublishedPost::new(None, "urn:li:person:work-1x", scene.state.now, &line);
    let scene =
        scene.send(Message::PostsRead { id, result: Ok(vec![PostRow { post, url: None, accepted: Vec::new() }]) });
    let shown = text(&scene.draw(200, 50, COLOR_THEME));
    let row = shown.lines().find(|line| line.contains("▌ ")).unwrap();
    assert!(row.matches("word").count() >= 10 && row.contains("…  -"), "{shown}");
}

#[test]
fn a_copy_says_what_is_not_copied() {
    let with = |attachment: &str| {
        let scene = scenes::list().keys("h");
        let Screen::Posts(posts) = &scene.state.screen else { panic!("not the posts") };
        let id = posts.id;
        let post = PublishedPost::new(None, "urn:li:person:work-1x", scene.state.now, "Hello");
        let post = PublishedPost { attachment: attachment.to_owned(), ..post };
        let read =
            scene.send(Message::PostsRead { id, result: Ok(vec![PostRow { post, url: None, accepted: Vec::new() }]) });
        open_compose(read.keys("D"), ComposeContents::default())
    };
    for (attachment, note) in [
        ("images: box.png (1 bytes)", "The images are not copied. Add them again."),
        ("video: demo.mp4 (1 bytes)", "The video is not copied. Add it again."),
        ("link: https://example.com/", "The title and the description of the link are not copied."),
    ] {
        assert_eq!(notification(&with(attachment)), note);
    }
    let copy = with("reshare: urn:li:share:7");
    assert!(copy.state.notification.is_none());
    let draft = copy.state.compose().unwrap().to_draft().unwrap();
    assert_eq!(draft.attachment, Attachment::Reshare("urn:li:share:7".to_owned()));
}

#[test]
fn a_reshare_shows_the_text_of_an_own_post() {
    let scene = scenes::list().keys("h");
    let Screen::Posts(posts) = &scene.state.screen else { panic!("not the posts") };
    let id = posts.id;
    let row = |urn: &str, text: &str, attachment: &str| {
        let post = PublishedPost::new(Some(urn.to_owned()), "urn:li:person:work-1x", scene.state.now, text);
        PostRow { post: PublishedPost { attachment: attachment.to_owned(), ..post }, url: None, accepted: Vec::new() }
    };
    let rows = vec![
        row("urn:li:share:3", "Once more", "reshare: urn:li:share:1"),
        row("urn:li:share:2", "Of others", "reshare: urn:li:share:9"),
        row("urn:li:share:1", "We ship today", ""),
    ];
    let scene = scene.clone().send(Message::PostsRead { id, result: Ok(rows) });
    let shown = |scene: &Scene| text(&scene.draw(80, 24, COLOR_THEME));
    assert!(shown(&scene).contains("Reshares      We ship today"), "{}", shown(&scene));
    let other = scene.keys("j");
    assert!(shown(&other).contains("Reshares      urn:li:share:9"), "{}", shown(&other));
}

#[test]
fn a_text_that_was_published_without_mentions_has_none() {
    let scene = scenes::list().keys("h");
    let Screen::Posts(posts) = &scene.state.screen else { panic!("not the posts") };
    let id = posts.id;
    let mention = "@[Ada](urn:li:person:a1)";
    let urn = Some("urn:li:share:1".to_owned());
    let post = PublishedPost::new(urn, "urn:li:person:work-1x", scene.state.now, &format!("hi {mention}"));
    for (first_line, places) in [(format!("hi {mention}"), 2), ("hi Ada".to_owned(), 0)] {
        let post = PublishedPost { first_line, ..post.clone() };
        let rows = vec![PostRow { post, url: None, accepted: Vec::new() }];
        let listed = scene.clone().send(Message::PostsRead { id, result: Ok(rows) });
        let shown = text(&listed.draw(80, 24, COLOR_THEME));
        assert_eq!(shown.matches(mention).count(), places, "in the row and below it: {shown}");
    }
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
fn statistics_of_a_post_are_read_and_shown_as_bars() {
    let opened = scenes::posts().keys("#");
    assert_eq!(
        (opened.state.key_context(), effects(&opened).as_str()),
        (KeyContext::Statistics, "read the statistics of urn:li:share:4")
    );
    let screen = |scene: &Scene| text(&scene.draw(100, 36, COLOR_THEME));
    assert!(screen(&opened).contains("Fetching the statistics…"));
    assert_eq!(effects(&opened.clone().keys("v")), "", "they are being read");
    let shown = scenes::statistics();
    let bar = |label: &str| {
        let screen = screen(&shown);
        let line = screen.lines().find(|line| line.contains(label)).unwrap().to_owned();
        line.matches('█').count()
    };
    // Of 670 impressions, 412 members and 12 reactions, on one scale from zero.
    let bars = ["Impressions", "Members reached", "Reactions", "Comments", "Reposts"].map(bar);
    assert_eq!(bars, [32, 20, 1, 0, 0], "{}", screen(&shown));
    assert!(
        screen(&shown).contains("Not shown: link clicks. LinkedIn")
            && screen(&shown).contains("Community Management API")
    );
    assert_eq!(effects(&shown.clone().keys("v")), "read the statistics of urn:li:share:4");
    assert_eq!(shown.press(Esc).state.key_context(), KeyContext::Posts);
    let refused = screen(&scenes::statistics_refused());
    assert!(refused.contains("lacks the scope w_member_social_feed") && refused.contains("Community"), "{refused}");
    // Numbers of another panel are ignored.
    let late = opened.send(Message::StatisticsFetched { id: 999, result: Ok(PostStatistics::default()) });
    assert!(screen(&late).contains("Fetching the statistics…"));
    assert_eq!(effects(&scenes::posts().keys("G#")), "", "a deleted post has none");
}

#[test]
fn a_comment_is_sent_once_and_its_result_is_named() {
    let screen = |scene: &Scene| text(&scene.draw(80, 24, COLOR_THEME));
    let form = scenes::posts().keys("m");
    assert_eq!((form.state.key_context(), effects(&form).as_str()), (KeyContext::Comment, ""));
    assert_eq!(notification(&form.clone().ctrl('p')), "Enter a comment.");
    let typed = form.clone().keys("q? o").send(Message::TextPasted("\"two\nlines\"".to_owned())).enter().keys("x");
    let sent = typed.ctrl('p');
    assert_eq!(effects(&sent), "comment on urn:li:share:4 as the member: q? o\"two\nlines\"\nx");
    assert!(screen(&sent).contains("Sending the comment…"), "{}", screen(&sent));
    assert!(notification(&sent.clone().press(Esc)).contains("cannot be canceled"));
    for again in [sent.clone().ctrl('p'), sent.clone().press(Esc), sent.clone().keys("x"), sent.clone().ctrl('c')] {
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
    let sent = again.ctrl('p');
    assert_eq!(effects(&sent), "comment on urn:li:share:4 as the member: Well done :-)", "the text is kept");
    // What was typed survives the dialog, until it is published.
    let kept = form.keys("Half a").press(Esc);
    assert_eq!(kept.state.key_context(), KeyContext::Posts);
    assert_eq!(notification(&kept), "The comment is kept until you quit.");
    let other = kept.clone().press(Down).keys("m");
    assert!(!screen(&other).contains("Half a"), "a comment is kept for its post: {}", screen(&other));
    let sent = kept.keys("m").keys(" thought").ctrl('p');
    assert_eq!(effects(&sent), "comment on urn:li:share:4 as the member: Half a thought");
    let after = scenes::commented(sent, Ok(Vec::new())).keys("m");
    assert!(!screen(&after).contains("Half a"), "{}", screen(&after));
    let uncertain = scenes::comment_failed(Code::MaybePublished);
    let shown = screen(&uncertain);
    assert!(shown.contains("? May have been published") && !shown.contains("Not published"), "{shown}");
    assert_eq!(effects(&uncertain.clone().enter()), effects(&uncertain.clone().keys("o")), "the first step");
    assert_eq!(uncertain.clone().press(Down).enter().state.key_context(), KeyContext::Comment);
    assert_eq!(effects(&uncertain.keys("o")), "open https://www.linkedin.com/feed/update/urn:li:share:4/");
}

#[test]
fn every_reaction_is_in_view_in_a_small_window() {
    let menu = text(&scenes::posts().keys("+").draw(60, 20, COLOR_THEME));
    for reaction in ["Like", "Celebrate", "Support", "Love", "Insightful", "Funny", "No reaction: delete it"] {
        assert!(menu.contains(reaction), "{reaction}: {menu}");
    }
}

#[test]
fn statistics_have_a_primary_key() {
    let read = scenes::statistics();
    let shown = text(&read.draw(80, 24, COLOR_THEME));
    // The filled hint has a column of its color on each side.
    assert!(shown.lines().any(|line| line.starts_with("  v check again ")), "{shown}");
}

#[test]
fn a_reaction_is_chosen_sent_and_deleted() {
    let screen = |scene: &Scene| text(&scene.draw(60, 20, COLOR_THEME));
    let words = |scene: &Scene| screen(scene).replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let menu = scenes::posts().keys("+");
    let shown = screen(&menu).replace(['│', '╮'], " ");
    let after_actor = shown.lines().skip_while(|line| !line.contains("React as")).nth(1).unwrap();
    assert!(after_actor.trim().is_empty(), "{}", screen(&menu));
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
        for again in [sent.clone().ctrl('p'), sent.clone().press(Esc), sent.clone().keys("k")] {
            assert_eq!((again.state.key_context(), effects(&again).as_str()), (KeyContext::React, ""));
        }
        let done = scenes::reacted(sent, Ok(Vec::new()));
        let expected = match reaction {
            "nothing" => "The reaction to the post was deleted.".to_owned(),
            name => format!("You reacted to the post: {}{}.", name[..1].to_uppercase(), &name[1..]),
        };
        assert_eq!((done.state.key_context(), notification(&done)), (KeyContext::Posts, expected.as_str()));
    }
    assert_eq!(menu.press(Esc).state.key_context(), KeyContext::Posts);
    let refused = scenes::reaction_refused();
    assert!(words(&refused).contains("LinkedIn does not permit this app to react."), "{}", screen(&refused));
    let first = refused.clone().draw(60, 20, COLOR_THEME);
    assert!(text(&first).contains("✗ Reaction not changed") && !text(&first).contains('↑'), "{}", text(&first));
    let again = refused.clone().press(Down).enter();
    assert_eq!(effects(&again), "", "Enter leads back to the reactions");
    assert_eq!(effects(&again.enter()), "react to urn:li:share:4 as the member: celebrate", "the choice is kept");
    assert_eq!(refused.press(Esc).state.key_context(), KeyContext::Posts);
    assert_eq!(scenes::posts().keys("G+").state.key_context(), KeyContext::Posts, "a deleted post has none");
}

#[test]
fn a_listed_post_becomes_a_new_one_or_is_reshared() {
    let screen = |scene: &Scene| text(&scene.draw(120, 40, COLOR_THEME));
    let shows = |scene: &Scene, phrase: &str| assert!(screen(scene).contains(phrase), "{phrase}\n{}", screen(scene));
    let new = scenes::posts().keys("jD");
    assert_eq!((new.state.key_context(), effects(&new).as_str()), (KeyContext::Compose, "compose as work"));
    let read = open_compose(new, ComposeContents::default());
    let compose = read.state.compose().unwrap();
    assert!(compose.typed_text().starts_with("Six things"), "{}", compose.typed_text());
    assert_eq!(compose.visibility, Visibility::Connections);
    shows(&read, "https://example.com/six");
    assert_eq!(effects(&read.clone().advance(2)), "", "an untouched copy is not a draft");
    assert!(effects(&read.clone().keys("!").advance(2)).starts_with("save work's draft: Six things"));
    // Also of a deleted post, whose text is here.
    let deleted = open_compose(scenes::posts().keys("GD"), ComposeContents::default());
    assert_eq!(deleted.state.compose().unwrap().typed_text(), "A first try");
    let reshared = open_compose(scenes::posts().keys(">"), ComposeContents::default());
    shows(&reshared, "(●) Reshare");
    let draft = reshared.state.compose().unwrap().to_draft().unwrap();
    assert_eq!(draft.attachment, Attachment::Reshare("urn:li:share:4".to_owned()));
    assert_eq!(effects(&scenes::posts().keys("G>")), "", "a deleted post cannot be reshared");
    // The text of an own post shows that it is the right one.
    let own = PublishedPost::new(Some("urn:li:share:4".to_owned()), "", scenes::now(), "We ship today");
    let found = ComposeContents { recent: vec![own], ..ComposeContents::default() };
    let named = open_compose(scenes::posts().keys(">"), found);
    shows(&named, "We ship today");
    shows(&named, "urn:li:share:4");
}

#[test]
fn a_draft_is_not_lost_to_a_post_that_is_used_again() {
    let draft = SavedDraft { text: "yesterday".to_owned(), ..SavedDraft::default() };
    let found = ComposeContents { draft: Some(draft), ..ComposeContents::default() };
    let restored = open_compose(scenes::posts().keys("D"), found);
    let typed_text = |scene: &Scene| scene.state.compose().unwrap().typed_text();
    assert_eq!(typed_text(&restored), "yesterday");
    assert_eq!(notification(&restored), "Restored your draft. Press ctrl-d to discard it and use the post.");
    let discarded = restored.ctrl('d').keys("y");
    assert_eq!(effects(&discarded), "delete work's draft");
    assert_eq!(typed_text(&discarded), "We ship today. #rust");
    assert_eq!(effects(&discarded.clone().advance(2)), "", "an untouched copy is not a draft");
    assert_eq!(typed_text(&discarded.ctrl('d').keys("y")), "", "once");
    // What was typed before the draft was read follows.
    let typed = open_compose(scenes::posts().keys("D").keys(" And now."), ComposeContents::default());
    assert_eq!(typed_text(&typed), "We ship today. #rust And now.");
}

/// Returns the list with one post of a Page.
fn page_post(reaction: Option<&str>) -> Scene {
    let scene = scenes::list().keys("h");
    let Screen::Posts(posts) = &scene.state.screen else { panic!("not the posts") };
    let id = posts.id;
    let post = PublishedPost {
        author_name: Some("Analytical Engines".to_owned()),
        reaction: reaction.map(str::to_owned),
        visibility: "public".to_owned(),
        ..PublishedPost::new(Some("urn:li:share:9".to_owned()), "urn:li:organization:7", scenes::now(), "News")
    };
    scene.send(Message::PostsRead { id, result: Ok(vec![PostRow { post, url: None, accepted: Vec::new() }]) })
}

#[test]
fn a_page_has_the_name_that_its_post_was_published_with() {
    let list = page_post(None);
    let edit = list.clone().keys("e");
    assert_eq!(edit.state.key_context(), KeyContext::Compose);
    for scene in [list.clone(), list.clone().keys("+"), list.keys("m"), edit] {
        let shown = text(&scene.draw(120, 36, COLOR_THEME));
        assert!(shown.contains("Analytical Engines"), "{shown}");
    }
}

#[test]
fn reactions_open_on_the_one_that_is_set() {
    let selected = |scene: &Scene| {
        let shown = text(&scene.draw(80, 24, COLOR_THEME));
        let row = shown.lines().find(|line| line.contains('▌') && !line.contains("News")).unwrap_or_default();
        row.split('▌').nth(1).unwrap_or_default().split_whitespace().next().unwrap_or_default().to_owned()
    };
    assert_eq!(selected(&page_post(Some("PRAISE")).keys("+")), "Celebrate");
    let menu = page_post(None).keys("+");
    assert_eq!(selected(&menu), "Like");
    // What was set just now is known before the posts are read again.
    let again = scenes::reacted(menu.keys("jj").enter(), Ok(Vec::new())).keys("+");
    assert_eq!(selected(&again), "Support");
    let deleted = scenes::reacted(again.keys("G").enter(), Ok(Vec::new())).keys("+");
    assert_eq!(selected(&deleted), "Like");
}

#[test]
fn reshare_previews_the_text_of_a_known_post() {
    let known =
        PublishedPost::new(Some("urn:li:share:9".to_owned()), "urn:li:person:a", scenes::now(), "We ship today");
    let draft = SavedDraft { reshare: Some("urn:li:share:9".to_owned()), ..SavedDraft::default() };
    let contents = ComposeContents { draft: Some(draft), recent: vec![known], ..ComposeContents::default() };
    let preview = open_compose(scenes::list().keys("p"), contents).keys("Look").ctrl('p');
    let shown = text(&preview.draw(80, 24, COLOR_THEME));
    assert!(shown.contains("│ We ship today") && shown.contains("│ urn:li:share:9"), "{shown}");
}

#[test]
fn an_empty_comment_is_closed_and_a_text_is_kept() {
    let screen = |scene: &Scene| text(&scene.draw(120, 40, COLOR_THEME));
    let empty = scenes::posts().keys("m");
    assert!(screen(&empty).contains("esc close") && !screen(&empty).contains("keep the text"), "{}", screen(&empty));
    let typed = empty.keys("Well done");
    assert!(screen(&typed).contains("esc close and keep the text"), "{}", screen(&typed));
}

#[test]
fn a_warning_is_not_drawn_as_an_error() {
    let warned = scenes::posts().send(Message::Warned("work.toml was made private.".to_owned()));
    assert!(warned.state.notification.as_ref().is_some_and(|shown| shown.is_warning));
}
