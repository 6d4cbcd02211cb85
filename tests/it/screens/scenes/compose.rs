//! The compose screen and the posts.

use super::*;
use linkedin_tui::internal::flows::publish::{
    Event, FileInfo, FileRole, FirstComment, MentionName, PixelPreview, Published,
};
use linkedin_tui::internal::linkedin::posts::Visibility;
use linkedin_tui::internal::store::PublishedPost;
use linkedin_tui::internal::tui::message::{Author, ComposeContents, LinkMetadata, Message, PostRow, PostStatistics};
use linkedin_tui::internal::tui::state::{Dialog, Screen};
use linkedin_tui::{Error, NextStep};

/// Returns the compose screen with a text.
pub(crate) fn compose() -> Scene {
    list().keys("p").keys("Hello LinkedIn API :-) #rust")
}

/// Returns a profile whose token identifies its member and may do nothing else.
pub(crate) fn profile_without_post_scope() -> Profile {
    let mut profile = profile("work", "Ada Lovelace", 52);
    profile.scopes.retain(|scope| scope != "w_member_social");
    profile.token.as_mut().unwrap().scopes.clone_from(&profile.scopes);
    profile
}

/// Returns the compose screen with a text, of a token that lacks the scope to post.
pub(crate) fn compose_without_scope() -> Scene {
    let read = vec![(name("work"), Ok(profile_without_post_scope()))];
    list().send(Message::ProfilesRead(read)).keys("p").keys("Hello LinkedIn API :-) #rust")
}

/// Returns the screen after LinkedIn refused a post of that token.
pub(crate) fn failed_without_scope() -> Scene {
    let (profile, scopes) = ("work".to_owned(), "openid profile email w_member_social".to_owned());
    let error = Error::new(
        Code::NotPermitted,
        "The token of profile work cannot publish as that author: it lacks the scope w_member_social.",
        "The scope comes with the product Share on LinkedIn (self-serve).",
    )
    .with_next_step(NextStep::SignInWithScopes { profile, scopes });
    published(compose_without_scope().ctrl('p').enter(), Err(error))
}

/// Chooses a link as the attachment, and types it in its field.
pub(crate) fn with_link(scene: Scene, link: &str) -> Scene {
    with_attachment(scene, 1).keys(link)
}

/// Returns the form while the linked page is read.
pub(crate) fn reading_link() -> Scene {
    with_link(compose(), "example.com/news").ctrl('l')
}

/// Returns the form after the linked page was read, or could not be.
pub(crate) fn link_read(scene: Scene, result: Result<LinkMetadata, Error>) -> Scene {
    let id = compose_id(&scene);
    scene.send(Message::LinkMetadataFetched { id, url: "https://example.com/news".to_owned(), result })
}

/// Returns why a linked page could not be read.
pub(crate) fn link_failure() -> Error {
    let message = "The linked page could not be read. example.com answered with 404.";
    Error::new(Code::Network, message, "Enter its title yourself.")
}

/// Chooses images as the attachment, and moves to the field of the first one.
pub(crate) fn with_images(scene: Scene) -> Scene {
    with_attachment(scene, 2)
}

/// Chooses an attachment by its number in the form, and moves to its first field.
pub(crate) fn with_attachment(scene: Scene, number: usize) -> Scene {
    // The author is a field where there are several.
    let fields = if scene.state.compose().unwrap().authors.len() > 1 { 3 } else { 2 };
    let to_attachment = (0..fields).fold(scene, |scene, _| scene.press(KeyCode::Tab));
    (0..number).fold(to_attachment, |scene, _| scene.press(KeyCode::Right)).press(KeyCode::Down)
}

pub(crate) fn file_inspected(id: u64, role: FileRole, path: &str, result: Result<FileInfo, String>) -> Message {
    Message::FileInspected { id, role, path: path.to_owned(), result, picture: None }
}

/// Returns the form with an image, whose picture is known: red above blue.
pub(crate) fn compose_picture() -> Scene {
    let scene = with_images(compose()).keys("flag.png");
    let id = compose_id(&scene);
    let pixels = [[[200, 16, 46]; 24], [[0, 51, 160]; 24]].concat();
    let picture = PixelPreview { width: 12, pixels };
    let info = FileInfo { bytes: 9000, page_bytes: None, dimensions: Some((120, 40)), pages: None };
    let message = Message::FileInspected {
        id,
        role: FileRole::Image,
        path: "flag.png".to_owned(),
        result: Ok(info),
        picture: Some(picture.into()),
    };
    scene.send(message)
}

/// Returns the form with a document.
pub(crate) fn compose_document() -> Scene {
    let scene = with_attachment(compose(), 3).keys("report.pdf").press(KeyCode::Down).keys("Our year");
    let id = compose_id(&scene);
    let info = FileInfo { bytes: 2_340_000, page_bytes: None, dimensions: None, pages: Some(12) };
    scene.send(file_inspected(id, FileRole::Document, "report.pdf", Ok(info)))
}

/// Returns the form with a carousel of three pages, each with its size in bytes.
pub(crate) fn compose_carousel(sizes: [u64; 3]) -> Scene {
    let paths = ["/home/ada/one.png", "/home/ada/two.jpg", "/home/ada/three.png"];
    let scene = with_attachment(compose(), 4).send(Message::TextPasted(paths.join(" "))).advance(1);
    let id = compose_id(&scene);
    paths.iter().zip(sizes).fold(scene, |scene, (path, bytes)| {
        let info = FileInfo { bytes, page_bytes: None, dimensions: Some((1080, 1350)), pages: None };
        scene.send(file_inspected(id, FileRole::DocumentPage, path, Ok(info)))
    })
}

/// Returns the form with a video, whose captions cannot be used.
pub(crate) fn compose_video() -> Scene {
    let scene = with_attachment(compose(), 5).keys("demo.mp4").press(KeyCode::Down).keys("Demo");
    let scene = scene.press(KeyCode::Down).keys("demo.vtt").press(KeyCode::Down).keys("demo.png");
    let id = compose_id(&scene);
    let of_size = |bytes| FileInfo { bytes, page_bytes: None, dimensions: None, pages: None };
    let reason = "The file with captions demo.vtt cannot be used: it is not WebVTT.";
    scene
        .send(file_inspected(id, FileRole::Video, "demo.mp4", Ok(of_size(35_200_000))))
        .send(file_inspected(id, FileRole::Captions, "demo.vtt", Err(reason.to_owned())))
        .send(file_inspected(
            id,
            FileRole::Thumbnail,
            "demo.png",
            Ok(FileInfo { dimensions: Some((1280, 720)), ..of_size(90_000) }),
        ))
}

/// Returns the form with a poll of three options, the last of which is not unique.
pub(crate) fn compose_poll() -> Scene {
    let scene = with_attachment(compose(), 6).keys("Which editor do you use?").press(KeyCode::Down).keys("vi");
    scene.press(KeyCode::Down).keys("emacs").press(KeyCode::Down).keys("vi")
}

/// Returns the form with a post to reshare.
pub(crate) fn compose_reshare() -> Scene {
    with_attachment(compose(), 7).keys("https://www.linkedin.com/feed/update/urn:li:share:7141138937766391808/")
}

/// Returns the form with several authors and two images, one of which cannot be used.
pub(crate) fn compose_images() -> Scene {
    let scene = list().keys("p").send(Message::TextPasted(
        "We ship today. Our tool keeps LinkedIn API tokens alive.\n\nThanks to @[Grace Hopper](urn:li:person:g1) \
         👩\u{200d}👩\u{200d}👧\n\n#rust #tui"
            .to_owned(),
    ));
    let id = compose_id(&scene);
    let page = |number: u32, name: &str| Author {
        urn: Some(format!("urn:li:organization:{number}")),
        name: name.to_owned(),
        refusal: None,
    };
    let pages = vec![page(7, "Analytical Engines"), page(8, "Tea & Difference")];
    let scene = scene.send(Message::ComposeOpened {
        id,
        contents: Box::new(ComposeContents { pages, ..ComposeContents::default() }),
    });
    let scene = with_images(scene).keys("pictures/box.png").press(KeyCode::Down);
    let scene = scene.keys("A cardboard box on a desk").press(KeyCode::Tab).keys("notes.txt").advance(1);
    let found = |path: &str, result| file_inspected(id, FileRole::Image, path, result);
    scene
        .send(found(
            "pictures/box.png",
            Ok(FileInfo { bytes: 183_500, page_bytes: None, dimensions: Some((1200, 627)), pages: None }),
        ))
        .send(found("notes.txt", Err("Cannot be used: it is not a PNG, JPEG or GIF.".to_owned())))
}

/// Returns the posts that were published with the profile `work`.
pub(crate) fn posts() -> Scene {
    read_posts(list().keys("h"))
}

/// Returns the list of posts once it was read.
pub(crate) fn read_posts(scene: Scene) -> Scene {
    let Screen::Posts(posts) = &scene.state.screen else { panic!("not the posts") };
    let id = posts.id;
    let row = |number: u32, hours: i64, visibility: &str, text: &str| {
        let urn = format!("urn:li:share:{number}");
        let at = now() - SignedDuration::from_hours(hours);
        let post = PublishedPost::new(Some(urn.clone()), "urn:li:person:work-1x", at, text);
        let post = PublishedPost { visibility: visibility.to_owned(), ..post };
        PostRow { post, url: Some(format!("https://www.linkedin.com/feed/update/{urn}/")), accepted: Vec::new() }
    };
    let long = "Six things that I learned while writing a terminal interface for OAuth, and one that I had to unlearn\n\n1. \
                Names are for people.";
    let mut rows = vec![
        row(4, 2, "public", "We ship today. #rust"),
        row(3, 50, "connections", long),
        row(2, 400, "public", "Hello LinkedIn API :-)"),
        row(1, 900, "", "A first try"),
    ];
    rows[1].post.link = Some("https://example.com/six".to_owned());
    rows[1].post.edited_at = Some(now() - SignedDuration::from_hours(49));
    rows[3].post.deleted_at = Some(now() - SignedDuration::from_hours(899));
    scene.send(Message::PostsRead { id, result: Ok(rows) })
}

/// Returns the list of posts with one of the author that may have been published.
pub(crate) fn posts_maybe_published(author: &str) -> Scene {
    let scene = list().keys("h");
    let Screen::Posts(posts) = &scene.state.screen else { panic!("not the posts") };
    let id = posts.id;
    let post = PublishedPost {
        attachment: "images: box.png (183500 bytes), lid.png (9000 bytes)".to_owned(),
        visibility: "public".to_owned(),
        is_maybe_published: true,
        ..PublishedPost::new(None, author, now() - SignedDuration::from_hours(1), "Hello")
    };
    scene.send(Message::PostsRead { id, result: Ok(vec![PostRow { post, url: None, accepted: Vec::new() }]) })
}

pub(crate) fn posts_empty() -> Scene {
    let scene = list().keys("h");
    let Screen::Posts(posts) = &scene.state.screen else { panic!("not the posts") };
    let id = posts.id;
    scene.send(Message::PostsRead { id, result: Ok(Vec::new()) })
}

pub(crate) fn preview() -> Scene {
    compose().ctrl('p')
}

pub(crate) fn compose_id(scene: &Scene) -> u64 {
    scene.state.compose().unwrap().id
}

/// Returns the screen after the result of publishing.
pub(crate) fn published(scene: Scene, result: Result<Option<Published>, Error>) -> Scene {
    let id = compose_id(&scene);
    scene.send(Message::PublishFinished { id, result: result.map(|published_post| published_post.map(Box::new)) })
}

pub(crate) fn published_post(is_duplicate: bool) -> Published {
    Published {
        urn: Some("urn:li:share:7141138937766391808".to_owned()),
        url: Some("https://www.linkedin.com/feed/update/urn:li:share:7141138937766391808/".to_owned()),
        is_duplicate,
        is_legacy: false,
        visibility: Visibility::Public,
        author: "urn:li:person:blog-1x".to_owned(),
        kind: "text",
        images: 0,
        at: now(),
        first_comment: None,
        warnings: Vec::new(),
    }
}

/// Returns the form with a first comment of two rows.
pub(crate) fn compose_first_comment() -> Scene {
    let to_comment = (0..3).fold(compose(), |scene, _| scene.press(KeyCode::Tab));
    to_comment.keys("The source is at https://example.com/linkedin-tui, with the guide to the first token :-)")
}

/// Returns the published post after its first comment was sent.
pub(crate) fn published_with_comment(outcome: FirstComment) -> Scene {
    let is_duplicate = outcome == FirstComment::NotSent;
    let post = Published { first_comment: Some(outcome), ..published_post(is_duplicate) };
    published(compose_first_comment().ctrl('p').enter(), Ok(Some(post)))
}

/// Returns why the first comment was not published, or that it may be.
pub(crate) fn comment_error(code: Code) -> Error {
    let (message, hint) = match code {
        Code::MaybePublished => ("The comment was sent and may have been published: there was no response.", ""),
        _ => (
            "LinkedIn does not permit this app to comment.",
            "Comments come with the Community Management API, which LinkedIn must approve for the app.",
        ),
    };
    Error::new(code, message, hint)
}

/// Returns the form with names that can be mentioned, without a text.
pub(crate) fn compose_with_names() -> Scene {
    let scene = list().keys("p");
    let id = compose_id(&scene);
    let name = |name: &str, urn: &str, mention: &str| MentionName {
        name: name.to_owned(),
        urn: urn.to_owned(),
        mention: mention.to_owned(),
    };
    let names = vec![
        name("Ada Lovelace", "urn:li:person:a1", "@[Ada Lovelace]"),
        name("Alan Turing", "urn:li:person:t1", "@[Alan Turing]"),
        name("Analytical Engines", "urn:li:organization:7", "@[Analytical Engines](urn:li:organization:7)"),
        name("Grace Hopper", "urn:li:person:g1", "@[Grace Hopper]"),
    ];
    scene.send(Message::NamesRead { id, names })
}

/// Returns the screen while a video is uploaded for five seconds.
pub(crate) fn uploading() -> Scene {
    let scene = compose_video().press(KeyCode::Up).ctrl('u').ctrl('p').enter();
    let id = compose_id(&scene);
    let event = |sent| Event::Uploading { role: FileRole::Video, number: 1, of: 1, sent, size: 35_200_000 };
    let progressed = |sent| Message::PublishProgressed { id, event: event(sent) };
    scene.send(progressed(0)).advance(5).send(progressed(9_500_000))
}

/// Returns the number of the dialog over the posts.
fn dialog_id(scene: &Scene) -> u64 {
    match &scene.state.dialog {
        Some(Dialog::Statistics(panel)) => panel.id,
        Some(Dialog::Comment(form)) => form.id,
        Some(Dialog::React(menu)) => menu.id,
        other => panic!("{other:?}"),
    }
}

/// Returns the statistics of a post, some of which the token may not read.
pub(crate) fn statistics() -> Scene {
    let error = Error::new(
        Code::NotPermitted,
        "LinkedIn does not permit this app to read the statistics of posts.",
        "They come with the Community Management API, which LinkedIn must approve for the app.",
    );
    let metrics =
        vec![("Impressions", 670), ("Members reached", 412), ("Reactions", 12), ("Comments", 3), ("Reposts", 0)];
    fetched(posts().keys("#"), Ok(PostStatistics { metrics, missing: vec![("link clicks".to_owned(), error)] }))
}

pub(crate) fn statistics_refused() -> Scene {
    let error = Error::new(
        Code::NotPermitted,
        "The token lacks the scope w_member_social_feed.",
        "The scope comes with the Community Management API, which LinkedIn must approve for the app.",
    );
    fetched(posts().keys("#"), Err(error))
}

pub(crate) fn fetched(scene: Scene, result: Result<PostStatistics, Error>) -> Scene {
    let id = dialog_id(&scene);
    scene.send(Message::StatisticsFetched { id, result })
}

pub(crate) fn commented(scene: Scene, result: Result<Vec<String>, Error>) -> Scene {
    let id = dialog_id(&scene);
    scene.send(Message::CommentFinished { id, result })
}

pub(crate) fn reacted(scene: Scene, result: Result<Vec<String>, Error>) -> Scene {
    let id = dialog_id(&scene);
    scene.send(Message::ReactionFinished { id, result })
}

/// Returns the dialog after LinkedIn refused a reaction.
pub(crate) fn reaction_refused() -> Scene {
    let hint = "Reactions come with the Community Management API, which LinkedIn must approve for the app.";
    let error = Error::new(Code::NotPermitted, "LinkedIn does not permit this app to react.", hint);
    reacted(posts().keys("+j").enter(), Err(error))
}

/// Returns the dialog after a comment failed.
pub(crate) fn comment_failed(code: Code) -> Scene {
    commented(posts().keys("mWell done :-)").ctrl('p'), Err(comment_error(code)))
}
