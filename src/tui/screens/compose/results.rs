//! The pages after the form: the preview, the progress, and the three results.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::authorization::how_to_add_scope;
use super::{ComposedPost, Progress, Stage, Task, attachment, first_comment, missing_scope, preview, view};
use crate::flows::publish::{FirstComment, Published};
use crate::linkedin::capabilities::post_scope;
use crate::linkedin::posts::MAX_TEXT_UNITS;
use crate::linkedin::urn::is_page_urn;
use crate::linkedin::{little_text, products};
use crate::text::{columns, fit, sanitize, wrap};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::screens::progress::spinner;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::Page;
use crate::{Code, Error};

/// Rows of the preview besides what is confirmed: the text in a low window, and the title of the panel.
const MIN_PREVIEW_ROWS: u16 = 6;
/// Columns of a value's label: `First comment` and a gap.
const LABEL_WIDTH: usize = 15;

/// Returns the page of a stage other than writing.
pub(crate) fn page(state: &State, post: &ComposedPost, theme: Theme, widths: PageWidths) -> Page {
    match &post.stage {
        Stage::Writing => Page::new(theme, widths.single, ""),
        Stage::Preview => preview_page(state, post, theme, widths),
        Stage::Busy(task, progress) => busy_page(state, task, progress, theme, widths),
        Stage::Published(published) => published_page(state, post, published, theme, widths),
        Stage::Failed(error) => failed_page(state, post, error, theme, widths),
    }
}

/// Returns the dialog that confirms that a draft is discarded.
pub(crate) fn discard_page(state: &State, theme: Theme, width: usize) -> Page {
    let post = state.compose();
    let is_edit = post.is_some_and(ComposedPost::is_edit);
    let title = if is_edit { "Discard your changes?" } else { "Discard the draft?" };
    let mut page = Page::new(theme, width, title);
    let first_line = post.map(ComposedPost::first_line).unwrap_or_default();
    if !first_line.is_empty() {
        page.strong(&first_line);
    }
    page.plain(if post.is_some_and(|post| post.may_be_changed) {
        "LinkedIn did not confirm the new text, and may have saved it."
    } else if is_edit {
        "The published post stays as it is."
    } else {
        "Everything in the form is deleted. It cannot be restored."
    });
    page.with_choices(state, KeyContext::DiscardDraft)
}

fn preview_page(state: &State, post: &ComposedPost, theme: Theme, widths: PageWidths) -> Page {
    let mut page = Page::with_aside(theme, widths, "Preview");
    preview::add(&mut page, post);
    let is_edit = post.is_edit();
    page.aside(if is_edit { "Save the new text?" } else { "Publish this post?" });
    // What is confirmed is always in view.
    page.pin();
    let start = page.lines.len();
    page.label_width = LABEL_WIDTH;
    page.value("Posting as", &view::author_name(post));
    page.value("Visibility", view::visibility_label(post.visibility));
    if !is_edit {
        page.value("Attachment", &attachment_summary(post));
        let comment = post.first_comment_text();
        let comment = comment.map(|text| format!("yes, {}", super::problems::format_characters(text.chars().count())));
        page.value("First comment", &comment.unwrap_or_else(|| "none".to_owned()));
    }
    let used = little_text::utf16_len(&post.typed_text());
    page.value("Length", &format!("{used}/{MAX_TEXT_UNITS} characters"));
    // A low window has no row to spare.
    if state.window().is_framed {
        page.blank();
    }
    // The problems are shortened rather than moved out of view, with what is confirmed.
    let room = usize::from(state.window().body.height.saturating_sub(MIN_PREVIEW_ROWS));
    let rows_left = (room + start).saturating_sub(page.lines.len() + 1);
    let problems = preview_problems(state, post);
    let fits = problems.iter().map(|problem| wrap(problem, page.width).len()).sum::<usize>() <= rows_left;
    if fits {
        for problem in &problems {
            page.warning(problem);
        }
    } else {
        let names = post.mention_problems();
        for problem in &problems[..problems.len() - names.len()] {
            page.warning(&fit(problem, page.width));
        }
        if !names.is_empty() {
            page.warning(&fit(&summarize_names(&names), page.width));
        }
        return page;
    }
    page.dim(if is_edit {
        "Only the text changes, and readers see that it was edited."
    } else {
        "Published at once: the API has no drafts or scheduling."
    });
    page
}

/// Returns what may go wrong with a post that is previewed, those of its names last.
fn preview_problems(state: &State, post: &ComposedPost) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(scope) = missing_scope(state) {
        let add = how_to_add_scope(state, KeyContext::Preview);
        problems.push(format!("LinkedIn will refuse it: the token lacks the scope {scope}. {add}"));
    } else if let Some(refusal) = post.selected_author().and_then(|author| author.refusal.as_ref()) {
        problems.push(format!("LinkedIn may refuse it. {}", sanitize(&refusal.reason, 300)));
    }
    problems.extend(first_comment::warning(state, post));
    if let Some(at) = post.maybe_published_at() {
        let at = time_format::format_minute(state, at);
        problems.push(format!("This post was sent on {at}, and may have been published."));
    }
    if let Some(line) = &post.replaced_line {
        problems.push(format!("The text was changed after you opened it. Yours replaces: {}", sanitize(line, 100)));
    }
    problems.extend(post.mention_problems().iter().map(|problem| format!("! {problem}: published as text.")));
    problems
}

/// Returns one line about several names that are no mentions.
fn summarize_names(problems: &[String]) -> String {
    match problems {
        [problem] => format!("! {problem}: published as text."),
        problems => {
            let is_any_known = problems.iter().any(|problem| problem.ends_with("is not unique"));
            let reason = if is_any_known { "not known or not unique" } else { "not known" };
            format!("! {} names are {reason}: published as text.", problems.len())
        }
    }
}

fn attachment_summary(post: &ComposedPost) -> String {
    match post.attachment {
        attachment::AttachmentKind::None => "none".to_owned(),
        attachment::AttachmentKind::Link => "a link".to_owned(),
        attachment::AttachmentKind::Images => match post.draft_images().len() {
            1 => "1 image".to_owned(),
            count => format!("{count} images"),
        },
        attachment::AttachmentKind::Document => "a document".to_owned(),
        attachment::AttachmentKind::Carousel => "a carousel".to_owned(),
        attachment::AttachmentKind::Video => "a video".to_owned(),
        attachment::AttachmentKind::Poll => "a poll".to_owned(),
        attachment::AttachmentKind::Reshare => "a reshared post".to_owned(),
    }
}

fn busy_page(state: &State, task: &Task, progress: &Progress, theme: Theme, widths: PageWidths) -> Page {
    let (title, note) = match task {
        Task::Publish => ("Publishing", "The post is sent only once, even if the connection drops."),
        Task::Edit => ("Saving the new text", "The post stays published meanwhile."),
        Task::Delete(_) => ("Deleting the post", ""),
        Task::Find(_) => ("Searching for the post", "Nothing is published."),
    };
    let mut page = Page::new(theme, widths.single, title);
    let spinner = Span::styled(spinner(theme, state.now), theme.accent());
    page.lines.push(Line::from(vec![spinner, Span::raw(format!(" {}{}", progress.text(), theme.ellipsis()))]));
    progress.add_upload(&mut page, state.now);
    if !note.is_empty() {
        page.blank();
        page.dim(note);
    }
    if progress.is_cancellable() {
        page.dim(&state.key_sentence(KeyContext::Publishing, Action::Back, "cancel before anything is published"));
    }
    page
}

fn published_page(state: &State, post: &ComposedPost, published: &Published, theme: Theme, widths: PageWidths) -> Page {
    let is_duplicate = published.is_duplicate;
    let (title, title_style) = match first_comment::title(published) {
        _ if is_duplicate => ("! Already published".to_owned(), theme.warning()),
        Some(title) => (title.to_owned(), theme.warning()),
        None => (format!("{} Published", theme.done_mark().0), theme.success()),
    };
    let mut page = Page::with_aside(theme, widths, title);
    page.title_style = title_style;
    page.label_width = LABEL_WIDTH;
    if is_duplicate {
        page.warning("LinkedIn rejected it as a duplicate of this post. Nothing was published twice.");
        page.blank();
    }
    let first_line = post.first_line();
    if !first_line.is_empty() {
        page.strong(&first_line);
    }
    if let Some(url) = &published.url {
        if columns(url) <= page.width {
            page.link(url);
        } else {
            page.text(theme.accent(), url);
        }
    }
    page.blank();
    first_comment::add_problem(&mut page, state, post, published);
    page.value("Posted as", &view::author_name(post));
    if !is_duplicate {
        page.value("Visibility", view::visibility_label(published.visibility));
        page.value("Published", &time_format::format_minute(state, published.at));
        if !matches!(post.attachment, attachment::AttachmentKind::None) {
            page.value("Attachment", &attachment_summary(post));
        }
    }
    if published.first_comment == Some(FirstComment::Published) {
        page.value("First comment", "published");
    }
    match &published.urn {
        Some(urn) => page.value("URN", &sanitize(urn, 120)),
        None => page.warning("LinkedIn did not return the post's URL. Find it on the author's page."),
    }
    if !published.warnings.is_empty() {
        page.blank();
    }
    for warning in &published.warnings {
        page.warning(&sanitize(warning, 300));
    }
    page.aside("Next");
    page.next_steps(state, KeyContext::Published);
    page
}

/// Returns whether a post may have its new text although changing it failed: there was no usable response.
pub(super) const fn is_edit_outcome_unknown(code: Code) -> bool {
    matches!(code, Code::Network | Code::ServerError | Code::UnexpectedResponse | Code::MaybePublished)
}

fn failed_page(state: &State, post: &ComposedPost, error: &Error, theme: Theme, widths: PageWidths) -> Page {
    let is_edit = post.is_edit();
    if error.code == Code::MaybePublished && !is_edit {
        return maybe_published_page(state, post, error, theme, widths);
    }
    let may_be_changed = is_edit && is_edit_outcome_unknown(error.code);
    let (title, style) = match (is_edit, may_be_changed) {
        (true, true) => ("? May have been changed".to_owned(), theme.warning()),
        (true, false) => (format!("{} Not changed", theme.failed_mark().0), theme.error()),
        (false, _) => (format!("{} Not published", theme.failed_mark().0), theme.error()),
    };
    let mut page = Page::with_aside(theme, widths, title);
    page.title_style = style;
    let is_refused = super::is_refused_despite_scope(state);
    let hint = if is_refused { refusal_hint(post) } else { state.hint(error) };
    if is_refused {
        let refused = format!("LinkedIn refused the post although the token has the scope {}.", needed_scope(post));
        page.failure(Style::new(), &Error { message: refused, ..error.clone() }, &hint);
    } else {
        page.failure(Style::new(), error, &hint);
    }
    page.blank();
    page.dim(if may_be_changed {
        "LinkedIn did not confirm the new text, and may have saved it. Your text is still in the editor: you can save it again."
    } else if post.may_be_changed {
        "This attempt changed nothing, but LinkedIn may have saved the text of an earlier one. Your text is still in the editor."
    } else if is_edit {
        "The published post is as it was. Your text is still in the editor."
    } else {
        "Nothing was published. The text is still in the editor."
    });
    page.aside("Next");
    page.next_steps(state, KeyContext::NotPublished);
    page
}

/// Returns what a next step of a result does, if its label is not enough.
pub(crate) fn step_description(state: &State, action: Action) -> Option<String> {
    let post = state.compose()?;
    match (&post.stage, action) {
        (Stage::Published(_), Action::Back) if post.returns_to_posts => Some("back to the posts".to_owned()),
        (Stage::Published(_), Action::Back) => Some("back to the profile list".to_owned()),
        (_, Action::Reauthorize) if post.is_edit() => {
            super::reauthorize_label(state).map(|label| format!("{label}; your change is discarded"))
        }
        _ => None,
    }
}

/// Returns the next steps of a published post that come first: those that its first comment needs.
pub(crate) fn first_steps(state: &State) -> Vec<Action> {
    match state.compose().map(|post| &post.stage) {
        Some(Stage::Published(published)) => published.first_comment.as_ref().map_or_else(Vec::new, |outcome| {
            match outcome {
                FirstComment::Published => Vec::new(),
                // Another attempt would be refused too, or would be the second comment.
                FirstComment::Failed(error) if outcome.is_maybe_published() || error.code == Code::NotPermitted => {
                    vec![Action::OpenPage]
                }
                FirstComment::NotSent | FirstComment::Failed(_) => vec![Action::Comment],
            }
        }),
        _ => Vec::new(),
    }
}

/// Returns the scope that a post of the author needs.
fn needed_scope(post: &ComposedPost) -> &'static str {
    post_scope(post.author_urn())
}

/// Returns what the app may lack where the token has the scope.
fn refusal_hint(post: &ComposedPost) -> String {
    let product = products::products_with(needed_scope(post)).next().map_or("the product", |product| product.name);
    format!("Check that the app's Products tab lists \"{product}\", then re-authorize.")
}

/// Returns what shows whether a post of the author was published, as a page names it.
pub(crate) fn recent_activity(author: Option<&str>) -> &'static str {
    if author.is_some_and(is_page_urn) {
        "the posts of the Page on LinkedIn"
    } else {
        "your recent activity on LinkedIn"
    }
}

/// Returns the label of the key that opens it.
pub(crate) fn open_recent_activity_label(author: Option<&str>) -> String {
    format!("open {}", recent_activity(author).trim_end_matches(" on LinkedIn"))
}

fn maybe_published_page(state: &State, post: &ComposedPost, error: &Error, theme: Theme, widths: PageWidths) -> Page {
    let mut page = Page::with_aside(theme, widths, "? May have been published");
    page.title_style = theme.warning();
    let hint = format!("Look at {} before you post again.", recent_activity(post.author_urn()));
    page.failure(Style::new(), error, &hint);
    page.blank();
    let sent = match post.maybe_published_times().as_slice() {
        [first, .., last] => format!(
            "The post was sent on {} and again on {}, and may be published more than once. It is not sent again automatically.",
            time_format::format_minute(state, *first),
            time_format::format_minute(state, *last)
        ),
        _ => "The post was sent once, and it is not sent again automatically: it is published once or not at all."
            .to_owned(),
    };
    let text = if post.is_draft_saved() { "The text is saved as a draft." } else { "The text is still in the editor." };
    page.dim(&format!("{sent} {text}"));
    page.aside("Next");
    page.next_steps(state, KeyContext::MaybePublished);
    page
}
