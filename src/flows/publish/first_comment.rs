//! The first comment on a post, which is sent right after the post.

use super::types::{FirstComment, Published};
use crate::flows::social;
use crate::session::Context;
use crate::store::Name;
use crate::{Code, Error};

/// Comments on a post that was just published, as its author. Sets `published.first_comment` to the outcome: the post is
/// published whether or not the comment is. Returns warnings.
pub(crate) async fn add_first_comment(
    ctx: &Context,
    name: &Name,
    published: &mut Published,
    text: &str,
) -> Vec<String> {
    let result = match &published.urn {
        _ if published.is_duplicate => {
            published.first_comment = Some(FirstComment::NotSent);
            return Vec::new();
        }
        None => Err(Error::new(Code::UnexpectedResponse, "LinkedIn did not report the URN of the post.", "")),
        Some(urn) => {
            // Another process may have renamed it while the post was sent.
            let name = ctx.store.current_name(name);
            Box::pin(social::comment(ctx, &name, urn, text, Some(&published.author), &|_| ())).await
        }
    };
    let (first_comment, warnings) = match result {
        Ok(commented) => (FirstComment::Published, commented.warnings),
        Err(error) => (FirstComment::Failed(error), Vec::new()),
    };
    published.first_comment = Some(first_comment);
    warnings
}
