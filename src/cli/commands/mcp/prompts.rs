//! The prompts, which a user selects in an assistant.

use rmcp::model::{GetPromptResult, Prompt, PromptArgument, PromptMessage, Role};

const WRITE_POST: &str = "write_post";
const REAUTHORIZE_PROFILES: &str = "reauthorize_profiles";

pub(super) fn list() -> Vec<Prompt> {
    let topic = PromptArgument::new("topic").with_description("What the post is about").with_required(false);
    vec![
        Prompt::new(WRITE_POST, Some("Write a LinkedIn post, and publish it after you agree"), Some(vec![topic]))
            .with_title("Write a LinkedIn post"),
        Prompt::new(
            REAUTHORIZE_PROFILES,
            Some("List the profiles that need a sign-in, with the command for each"),
            None,
        )
        .with_title("Re-authorize LinkedIn profiles"),
    ]
}

/// Returns a prompt with its arguments filled in; `None` without one of that name.
pub(super) fn get(name: &str, topic: Option<String>) -> Option<GetPromptResult> {
    let text = match name {
        WRITE_POST => {
            let topic = topic.map_or_else(|| "a topic that you ask me for".to_owned(), |topic| format!("this: {topic}"));
            format!(
                "Write a LinkedIn post about {topic}\n\nRead my last posts with list_posts, and write in their style and \
                 language: plain text, at most 3,000 characters, hashtags at the end. Show me the text, and change it until I \
                 agree. Then call create_post, show me its preview, and confirm it with the digest only after I agree. If \
                 there is no tool create_post, stop after the text."
            )
        }
        REAUTHORIZE_PROFILES => "Call list_profiles. For each profile whose status is not active, call reauthorize_hint. List \
                         these profiles with status and expiry, the earliest expiry first, and the command to run for \
                         each. I run the commands myself, because they open a browser. Afterwards call token_status with \
                         check_now for each of them."
            .to_owned(),
        _ => return None,
    };
    Some(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]))
}
