//! The help of the compose screen and of the posts.

use crate::tui::keymap::KeyContext;

/// Returns the paragraphs of the help; none for the contexts of other screens.
pub(crate) const fn explanation(context: KeyContext, is_edit: bool) -> &'static [&'static str] {
    match context {
        KeyContext::Compose if is_edit => &[
            "Only the text of a published post can be changed; readers see that it was edited. Special characters are escaped \
             for you, and @[Name](urn:li:person:ID) mentions a member. After @[ and a letter, the known names are listed.",
            "The change is not saved as you type. The preview shows the post before it is changed.",
        ],
        KeyContext::Compose => &[
            "Write the text as readers should see it: special characters are escaped for you. A word that starts with # and has \
             a letter becomes a hashtag. @[Name](urn:li:person:ID) mentions a member, @[Name](urn:li:organization:ID) a Page.",
            "After @[ and a letter, the members and Pages that are known are listed, as post --list-mentions does: up and down \
             select one, tab or Enter inserts it, esc closes the list.",
            "Limits: 3,000 characters, and one attachment: a link, up to 20 PNG, JPEG or GIF images, a document of at most 100 \
             MB and 300 pages, a carousel of PNG and JPEG files that become the pages of a PDF, an MP4 of 75 KB to 500 MB, a poll with 2 to 4 options, or a reshared post.",
            "The first comment is optional. It is sent once, right after the post and by its author; @[Name] stays text there. If \
             LinkedIn refuses it, the post stays published, and the text is kept for another try.",
            "The draft is saved as you type. The preview shows the post before anything is published. LinkedIn's API publishes \
             at once: it has no drafts and no scheduling.",
            "Left, right, space or Enter change a choice; up, down and tab move between fields. ctrl-x cuts and ctrl-y pastes \
             the selection (shift and arrows).",
        ],
        KeyContext::Preview => &[
            "This is the post as LinkedIn shows it. LinkedIn does not document where it folds a long text; readers usually see \
             about three lines or 210 characters before \"see more\".",
            "Nothing is sent before you confirm it.",
        ],
        KeyContext::Publishing => &[
            "While files are uploaded, esc cancels, and nothing is published. The post itself is sent once and cannot be \
             canceled, because LinkedIn may have it already.",
            "If the connection drops before LinkedIn responds, the result is \"May have been published\".",
        ],
        KeyContext::Published => &[
            "Only the text of a published post can be changed, not its visibility or its attachment.",
            "Deleting removes the post for everyone. LinkedIn cannot restore it.",
        ],
        KeyContext::NotPublished => &[
            "LinkedIn published nothing. The text is still in the editor.",
            "Where the token lacks a scope, you review a sign-in that requests it too. The draft is there afterwards.",
        ],
        KeyContext::MaybePublished => &[
            "LinkedIn received the post, but its response was a server error or never arrived. The post is published once or not \
             at all; it is not sent again automatically.",
            "Checking again reads the author's newest posts, which LinkedIn lets few tokens do. Where it does not, look at the \
             recent activity on LinkedIn.",
        ],
        KeyContext::DiscardDraft => &["Discarding deletes everything in the form, also from the disk."],
        KeyContext::DeletePost => &["The post is deleted on LinkedIn, with its comments and reactions, for everyone."],
        KeyContext::DeleteRecord => &[
            "The post is deleted from the list only: LinkedIn did not report its URN. Without the record, the same post is sent \
             without a question.",
        ],
        KeyContext::Posts => &[
            "The last 50 posts that were published from this machine with the profile: here, by the post command or by the \
             MCP server. LinkedIn lets few apps read posts, so posts from elsewhere are not listed.",
            "A new post from one has its text and its link; its other files are not saved here.",
            "A post that may have been published is listed until it is published again, found, or deleted from the list.",
            "Only the text of a post can be changed. Deleting removes the post for everyone.",
        ],
        KeyContext::Statistics => &[
            "Reactions and comments need the scope w_member_social_feed, the other numbers r_member_postAnalytics. Both come \
             with the Community Management API, which LinkedIn must approve, for an app that has no other product.",
        ],
        KeyContext::Comment => &[
            "The comment is sent once, as the author of the post; @[Name] stays text. Enter begins a new line. LinkedIn permits comments to apps with the Community \
             Management API; some others may comment too.",
        ],
        KeyContext::React => &[
            "The author of the post has one reaction to it: another one replaces it. LinkedIn permits reactions to apps with \
             the Community Management API.",
        ],
        KeyContext::CommentFailed => &[
            "If LinkedIn refused the comment, nothing was published. If its response never arrived, the comment is published \
             once or not at all; look at the post before you comment again.",
        ],
        _ => &[],
    }
}
