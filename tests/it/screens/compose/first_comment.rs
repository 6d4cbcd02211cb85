//! The comment that follows a post: its field, what is sent, and what became of it.

use crossterm::event::KeyCode::{Esc, Tab};
use linkedin_tui::Code;
use linkedin_tui::internal::flows::permissions::AcceptedWrite;
use linkedin_tui::internal::flows::publish::FirstComment;
use linkedin_tui::internal::linkedin::capabilities::Capability;
use linkedin_tui::internal::store::SavedDraft;
use linkedin_tui::internal::tui::keymap::KeyContext;
use linkedin_tui::internal::tui::message::{Author, ComposeContents, Effect, Message};

use crate::screens::compose::open_compose;
use crate::screens::keys::{effects, notification};
use crate::screens::scenes::{self, COLOR_THEME, Scene, text};

fn screen(scene: &Scene) -> String {
    text(&scene.draw(80, 24, COLOR_THEME))
}

/// Returns the comment that is sent after the post.
fn sent_comment(scene: &Scene) -> Option<String> {
    match scene.effects.as_slice() {
        [Effect::Publish { first_comment, .. }] => first_comment.clone(),
        other => panic!("{other:?}"),
    }
}

fn to_first_comment(scene: Scene) -> Scene {
    (0..3).fold(scene, |scene, _| scene.press(Tab))
}

#[test]
fn a_first_comment_is_typed_saved_and_sent_with_the_post() {
    let typed = to_first_comment(scenes::compose()).keys("More:").send(Message::TextPasted(" a\r\nb ".to_owned()));
    let typed = typed.enter().keys("c");
    let sent = typed.clone().ctrl('p').enter();
    assert_eq!(sent_comment(&sent).as_deref(), Some("More: a\nb \nc"));
    let saved = typed.press(Esc);
    let [Effect::SaveDraft { draft, .. }] = saved.effects.as_slice() else { panic!("{:?}", saved.effects) };
    assert_eq!(draft.first_comment.as_deref(), Some("More: a\nb \nc"));
    let found = ComposeContents { draft: Some((**draft).clone()), ..ComposeContents::default() };
    let restored = open_compose(scenes::list().keys("p"), found);
    assert_eq!(sent_comment(&restored.ctrl('p').enter()).as_deref(), Some("More: a\nb \nc"));
    // A comment alone is a draft too, and blanks are none.
    let alone = to_first_comment(scenes::list().keys("p")).keys("x").press(Esc);
    assert_eq!(effects(&alone), "save work's draft: ");
    assert_eq!(sent_comment(&to_first_comment(scenes::compose()).keys("  ").ctrl('p').enter()), None);
}

/// Returns the profile list with a profile whose last comment LinkedIn refused.
fn comments_refused() -> Scene {
    let scene = scenes::known_permissions(true);
    let mut profile = scene.state.store.as_ref().unwrap().profile(&scenes::name("work")).unwrap().clone();
    let permissions = profile.stored_permissions.iter_mut().flat_map(|stored| &mut stored.list);
    for permission in permissions.filter(|permission| permission.capability == Capability::Comment) {
        permission.allowed = Some(false);
    }
    scene.send(Message::ProfilesRead(vec![(scenes::name("work"), Ok(profile))]))
}

#[test]
fn the_field_warns_where_comments_are_refused() {
    let unknown = scenes::known_permissions(true);
    assert!(screen(&unknown.clone().keys("p")).contains("First comment"), "{}", screen(&unknown.keys("p")));
    let refused = comments_refused().keys("p");
    assert!(!screen(&refused).contains("LinkedIn may refuse"), "{}", screen(&refused));
    let focused = to_first_comment(refused.clone());
    assert!(screen(&focused).contains("LinkedIn may refuse the comment."), "{}", screen(&focused));
    // The saved permissions are those of the member; for a Page LinkedIn decides.
    let page = Author { urn: Some("urn:li:organization:7".to_owned()), name: "Engines".to_owned(), refusal: None };
    let contents = ComposeContents { pages: vec![page], ..ComposeContents::default() };
    let as_page = open_compose(refused.clone(), contents).alt('a');
    let as_page = to_first_comment(as_page);
    assert!(!screen(&as_page).contains("LinkedIn may refuse"), "{}", screen(&as_page));
    // A comment of a draft stays, with a warning.
    let draft = SavedDraft { text: "Hi".to_owned(), first_comment: Some("More".to_owned()), ..SavedDraft::default() };
    let restored = open_compose(refused, ComposeContents { draft: Some(draft), ..ComposeContents::default() });
    let preview = restored.ctrl('p');
    assert!(screen(&preview).contains("LinkedIn may refuse the comment."), "{}", screen(&preview));
    assert_eq!(sent_comment(&preview.enter()).as_deref(), Some("More"));
}

#[test]
fn the_result_says_what_became_of_the_first_comment() {
    let shows = |scene: &Scene, phrase: &str| assert!(screen(scene).contains(phrase), "{phrase}\n{}", screen(scene));
    let published = scenes::published_with_comment(FirstComment::Published);
    shows(&published, "First comment  published");
    assert!(!screen(&published).contains("kept until you quit"));
    let failed = |code| scenes::published_with_comment(FirstComment::Failed(scenes::comment_error(code)));
    let open = "▌ enter  open the post";
    // Sending it again is the first step, unless that would be refused or would be the second comment.
    for (scene, phrase, first_step) in [
        (failed(Code::NotPermitted), "! Published without the first comment", open),
        (failed(Code::MaybePublished), "! Published, maybe without the first comment", open),
        (failed(Code::RateLimited), "! Published without the first comment", "▌ enter  send the comment"),
        (
            scenes::published_with_comment(FirstComment::NotSent),
            "The first comment was not sent",
            "▌ enter  send the comment",
        ),
    ] {
        shows(&scene, first_step);
        shows(&scene, "https://www.linkedin.com/feed/update/urn:li:share:7141138937766391808/");
        assert!(!screen(&scene).contains("Not published"), "{}", screen(&scene));
        shows(&scene, phrase);
        shows(&scene, "First comment  \"The source is at https://example.com/linkedin-tui");
        // The key opens the dialog with the text, and its result replaces the first one.
        let again = scene.keys("m");
        assert_eq!(again.state.key_context(), KeyContext::Comment);
        let sent = again.ctrl('p');
        assert!(effects(&sent).contains("The source is at https://example.com"), "{}", effects(&sent));
        let commented = scenes::commented(sent, Ok(Vec::new()));
        assert_eq!(notification(&commented), "The comment was published.");
        shows(&commented, "First comment  published");
        assert!(!screen(&commented).contains(phrase));
    }
}

#[test]
fn a_refused_first_comment_warns_in_the_form_of_the_next_post() {
    let failed = |code| scenes::published_with_comment(FirstComment::Failed(scenes::comment_error(code)));
    let warns = |scene: Scene| {
        let shown = screen(&to_first_comment(scene.keys("p")));
        assert!(shown.contains("First comment"), "{shown}");
        shown.contains("LinkedIn may refuse the comment.")
    };
    assert!(warns(failed(Code::NotPermitted)));
    assert!(!warns(failed(Code::RateLimited)), "a limit passes");
    let sending = scenes::compose_first_comment().ctrl('p').enter();
    let mut published = scenes::published_post(false);
    published.first_comment = Some(FirstComment::Failed(scenes::comment_error(Code::NotPermitted)));
    let refused = scenes::published(sending, Ok(Some(published)));
    assert_eq!(effects(&refused), "delete work's draft; ReloadStore", "the profile may have the refusal");
}

#[test]
fn a_typed_comment_warns_where_the_token_lacks_the_scope() {
    let words = |scene: &Scene| {
        let shown = screen(scene).replace('│', " ");
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let warning = "LinkedIn may refuse the comment. The token lacks the scope w_member_social_feed";
    let focused = to_first_comment(scenes::compose());
    assert!(words(&focused).contains("@[Name] stays text.") && !words(&focused).contains(warning));
    let typed = focused.keys("More");
    assert!(words(&typed).contains(warning), "{}", words(&typed));
    assert!(words(&typed.ctrl('p')).contains(warning));
    let dialog = scenes::posts().keys("m");
    assert!(words(&dialog).contains("LinkedIn may refuse it. The token lacks the scope w_member_social_feed"));
}

#[test]
fn an_accepted_comment_outweighs_the_missing_scope() {
    let dialog = |scene: Scene| screen(&scene.keys("m"));
    let warning = "LinkedIn may refuse it";
    assert!(dialog(scenes::posts()).contains(warning));
    let sent = scenes::posts().keys("m").keys("Well done").ctrl('p');
    let again = scenes::commented(sent, Ok(Vec::new()));
    assert!(!dialog(again.clone()).contains(warning), "{}", dialog(again));
    let published = scenes::published_with_comment(FirstComment::Published);
    assert!(!dialog(published.clone()).contains(warning), "{}", dialog(published));
    // It is read with what the screen opens with.
    let scene = scenes::compose();
    let id = scenes::compose_id(&scene);
    let author = scenes::profile("work", "Ada Lovelace", 52).member.unwrap().urn();
    let accepted = vec![AcceptedWrite { capability: Capability::Comment, author }];
    let contents = Box::new(ComposeContents { accepted, ..ComposeContents::default() });
    let typed = to_first_comment(scene.send(Message::ComposeOpened { id, contents })).keys("More");
    assert!(!screen(&typed).contains("LinkedIn may refuse the comment"), "{}", screen(&typed));
}

#[test]
fn a_post_that_is_found_later_has_no_first_comment_yet() {
    let sending = scenes::compose_first_comment().ctrl('p').enter();
    let uncertain = scenes::published(sending, Err(scenes::comment_error(Code::MaybePublished)));
    let checking = uncertain.keys("v");
    let id = scenes::compose_id(&checking);
    let result = Ok(Some(Box::new(scenes::published_post(false))));
    let found = checking.send(Message::PostSearched { id, result });
    assert!(
        screen(&found).contains("! Published without the first comment")
            && screen(&found).contains("The first comment was not sent")
    );
}
