//! The compose screen.

use super::*;
use linkedin_tui::Error;
use linkedin_tui::internal::flows::publish::Published;
use linkedin_tui::internal::linkedin::posts::Visibility;
use linkedin_tui::internal::tui::message::Message;

/// Returns the compose screen with a text.
pub(crate) fn compose() -> Scene {
    list().keys("p").keys("Hello LinkedIn API :-) #rust")
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
        images: 0,
        at: now(),
        warnings: Vec::new(),
    }
}
