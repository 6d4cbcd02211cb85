//! The fields below the text: author, visibility, attachment and first comment. Below a field is what is wrong with it, or the help
//! of the focused one.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::attachment::{AttachmentKind, ImageFields, PollFields, format_days, format_info};
use super::authorization::how_to_add_scope;
use super::view::{author_name, visibility_label};
use super::{ComposedPost, Part, first_comment, missing_scope};
use crate::linkedin::posts::{MAX_OPTION_CHARS, MAX_QUESTION_CHARS, Visibility};
use crate::text::{columns, fit, sanitize, wrap};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::{Page, cursor_mark};

/// Columns of a choice's label, after its mark.
const LABEL_WIDTH: usize = 15;
/// The completions that are shown below a path.
const MAX_COMPLETIONS: usize = 8;

/// The lines of the fields.
pub(super) struct Form<'a> {
    pub(super) page: Page,
    /// Whether something is below the focused field.
    pub(super) has_note: bool,
    state: &'a State,
    post: &'a ComposedPost,
}

/// Returns the lines of the fields; none for a published post, of which only the text can change.
pub(super) fn form<'a>(state: &'a State, post: &'a ComposedPost, theme: Theme, width: usize) -> Form<'a> {
    let mut form = Form { page: Page::new(theme, width, ""), has_note: false, state, post };
    if !post.is_edit() {
        form.add_all();
    }
    form
}

impl Form<'_> {
    fn add_all(&mut self) {
        let (state, post) = (self.state, self.post);
        let (theme, width) = (self.page.theme, self.page.width);
        let page = &mut self.page;
        let key = |action| state.key_name(KeyContext::Compose, action);
        let is_at = |part| post.part == part;
        let author = author_name(post);
        if post.authors.len() > 1 {
            let note = format!("{}/{}", post.author + 1, post.authors.len());
            let arrows = format!("{} {author} {}", theme.symbol("◂", "<"), theme.symbol("▸", ">"));
            add_choice(
                page,
                "Posting as",
                &[(arrows, true)],
                &format!("{note}   {}", key(Action::NextAuthor)),
                is_at(Part::Author),
            );
        } else {
            add_choice(page, "Posting as", &[(author, false)], "", false);
        }
        let reason = match missing_scope(state) {
            Some(scope) => {
                let add = how_to_add_scope(state, KeyContext::Compose);
                Some(format!("Cannot post: the token lacks the scope {scope}. {add}"))
            }
            None => post.selected_author().and_then(|author| author.refusal.as_ref()).map(|denial| {
                let reason = sanitize(&denial.reason, 300);
                // An earlier refusal does not prevent another try.
                if denial.depends_on_product {
                    format!("{reason} Check the app's products first.")
                } else {
                    format!("Cannot post. {reason}")
                }
            }),
        };
        for line in reason.iter().flat_map(|reason| wrap(reason, width.saturating_sub(2 + LABEL_WIDTH))) {
            let indent = Span::raw(" ".repeat(2 + LABEL_WIDTH));
            page.lines.push(Line::from(vec![indent, Span::styled(line, theme.warning())]));
        }
        let visibility = [Visibility::Public, Visibility::Connections];
        let visibility = visibility.map(|value| radio(theme, visibility_label(value), post.visibility == value));
        add_choice(page, "Visibility", &visibility, &key(Action::ChangeVisibility), is_at(Part::Visibility));
        let kinds: Vec<(String, bool)> =
            AttachmentKind::ALL.iter().map(|(kind, name)| radio(theme, name, *kind == post.attachment)).collect();
        add_choice(page, "Attachment", &kinds, &key(Action::ChangeAttachment), is_at(Part::Attachment));
        self.add_attachment_fields();
        if post.has_first_comment_field() {
            let notes = self.collect_notes(Part::FirstComment);
            self.page.growing_field("First comment", &post.first_comment, is_at(Part::FirstComment), notes);
        }
    }

    /// Returns what is wrong with a field, else its help where it has the focus, and keeps whether the focused field has a note.
    fn collect_notes(&mut self, part: Part) -> Vec<(Style, String)> {
        let (post, theme) = (self.post, self.page.theme);
        let reported =
            post.part_problem.as_ref().filter(|_| post.has_part_problem(part)).map(|(_, problem)| problem.clone());
        let problem = post.problem(part).or(reported).map(|problem| (theme.error(), problem));
        let warning = || first_comment::warning(self.state, post).filter(|_| part == Part::FirstComment);
        let help = || field_help(post).filter(|_| post.part == part);
        let note = problem
            .or_else(|| warning().map(|warning| (theme.warning(), warning)))
            .or_else(|| help().map(|help| (theme.dim(), help)));
        self.has_note |= post.part == part && note.is_some();
        note.into_iter().collect()
    }

    /// Adds the fields of the selected kind of attachment.
    fn add_attachment_fields(&mut self) {
        let (state, post, theme) = (self.state, self.post, self.page.theme);
        match post.attachment {
            AttachmentKind::None => {}
            AttachmentKind::Link => {
                let note = post.linked_page_note(state, theme, Part::Link);
                match note.filter(|_| post.problem(Part::Link).is_none()) {
                    Some(note) => self.page.field("  Link", &post.link, post.part == Part::Link, vec![note]),
                    None => self.add_field(Part::Link, "  Link", &post.link),
                }
                self.add_field(Part::Title, "  Link title", &post.title);
                self.add_field(Part::Description, "  Description", &post.description);
                self.add_file(Part::Thumbnail, "  Thumbnail");
                if let Some((style, note)) = post.linked_page_note(state, theme, Part::Thumbnail) {
                    self.page.indented(2 + LABEL_WIDTH, style, &note);
                }
            }
            AttachmentKind::Images | AttachmentKind::Carousel => {
                for (index, image) in post.images.iter().enumerate() {
                    self.add_image(index, image);
                }
                if post.attachment == AttachmentKind::Carousel {
                    self.add_field(Part::Title, "  Title", &post.title);
                }
            }
            AttachmentKind::Document => {
                self.add_file(Part::Document, "  Document");
                self.add_field(Part::Title, "  Title", &post.title);
            }
            AttachmentKind::Video => {
                self.add_file(Part::Video, "  Video");
                self.add_field(Part::Title, "  Title", &post.title);
                self.add_file(Part::Captions, "  Captions");
                self.add_file(Part::Thumbnail, "  Thumbnail");
            }
            AttachmentKind::Poll => self.add_poll(),
            AttachmentKind::Reshare => self.add_field(Part::Parent, "  Post", &post.parent),
        }
    }

    fn add_poll(&mut self) {
        let (poll, theme) = (&self.post.poll, self.page.theme);
        self.add_field(Part::Question, "  Question", &poll.question);
        for (index, option) in poll.options.iter().enumerate() {
            let is_another = index > 1 && option.trimmed().is_empty();
            let label = if is_another { "  Add option".to_owned() } else { format!("  Option {}", index + 1) };
            self.add_field(Part::Option(index), &label, option);
        }
        let durations = PollFields::DURATIONS;
        let durations: Vec<(String, bool)> =
            durations.iter().map(|days| radio(theme, &format_days(*days), *days == poll.duration)).collect();
        add_choice(&mut self.page, "  Open for", &durations, "", self.post.part == Part::Duration);
    }

    fn add_field(&mut self, part: Part, label: &str, field: &Field) {
        let notes = self.collect_notes(part);
        self.page.field(label, field, self.post.part == part, notes);
    }

    /// Adds the field of a file, with what is known about the file.
    fn add_file(&mut self, part: Part, label: &str) {
        let (post, theme) = (self.post, self.page.theme);
        let Some((_, file)) = post.file(part) else { return };
        let is_focused = post.part == part;
        let notes = if is_focused && !post.completions.is_empty() {
            self.has_note = true;
            vec![(theme.dim(), format_completions(&post.completions))]
        } else if let Some(info) = file.info().filter(|_| !post.has_part_problem(part)) {
            vec![(theme.success(), format!("{} {}", theme.done_mark().0, format_info(theme, info)))]
        } else {
            self.collect_notes(part)
        };
        self.page.field(label, &file.path, is_focused, notes);
    }

    fn add_image(&mut self, index: usize, image: &ImageFields) {
        let is_empty = image.file.is_empty();
        let is_carousel = self.post.attachment == AttachmentKind::Carousel;
        let label = match (is_carousel, is_empty) {
            (false, true) => "  Add image".to_owned(),
            (false, false) => format!("  Image {}", index + 1),
            (true, true) => "  Add page".to_owned(),
            (true, false) => format!("  Page {}", index + 1),
        };
        self.add_file(Part::Image(index), &label);
        if !is_empty && !is_carousel {
            self.add_field(Part::Alt(index), "  Alt text", &image.alt);
        }
    }
}

/// Returns the help of the focused field.
fn field_help(post: &ComposedPost) -> Option<String> {
    let is_carousel = post.attachment == AttachmentKind::Carousel;
    let used = |field: &Field, max| format!("{}/{max} characters.", field.trimmed().chars().count());
    let help = match post.part {
        Part::Link => "https:// is added where it is missing.",
        Part::Title if post.attachment == AttachmentKind::Link => "Shown on the link card.",
        Part::Title if is_carousel => "Shown above the pages; by default the name of the first file.",
        Part::Title if post.attachment == AttachmentKind::Document => {
            "Shown above the document; by default the name of the file."
        }
        Part::Title | Part::Description => "Optional.",
        Part::Thumbnail => "Optional: a PNG, JPEG or GIF.",
        Part::Image(_) if is_carousel => "PNG or JPEG: the pages become a PDF.",
        Part::Image(_) => "PNG, JPEG or GIF.",
        Part::Alt(_) => "Describe the image for people who cannot see it.",
        Part::Document => "PDF, DOC, DOCX, PPT or PPTX of at most 100 MB.",
        Part::Video => "MP4 of 75 KB to 500 MB.",
        Part::Captions => "Optional: a WebVTT file.",
        Part::Question => return Some(used(&post.poll.question, MAX_QUESTION_CHARS)),
        Part::Option(index) => return Some(used(post.poll.options.get(index)?, MAX_OPTION_CHARS)),
        Part::Parent => "The URN of the post, or a link to it.",
        // The Comments API takes a text without mentions.
        Part::FirstComment => "Optional: sent right after the post. @[Name] stays text.",
        Part::Text | Part::Author | Part::Visibility | Part::Attachment | Part::Duration => return None,
    };
    Some(help.to_owned())
}

/// Returns a choice as a radio button, and whether it is selected.
fn radio(theme: Theme, label: &str, is_selected: bool) -> (String, bool) {
    let mark = if is_selected { theme.symbol("(●)", "(*)") } else { "( )" };
    (format!("{mark} {label}"), is_selected)
}

/// Adds a part with choices, and the key that changes it.
fn add_choice(page: &mut Page, label: &str, choices: &[(String, bool)], key: &str, is_focused: bool) {
    let theme = page.theme;
    if is_focused {
        page.visible_line = Some(page.lines.len());
    }
    let label_style = if is_focused { theme.accent() } else { theme.strong() };
    let mut spans = vec![cursor_mark(theme, is_focused), Span::styled(format!("{label:<LABEL_WIDTH$}"), label_style)];
    let mut used = 2 + LABEL_WIDTH;
    for (text, is_selected) in choices {
        if used + columns(text) > page.width && used > 2 + LABEL_WIDTH {
            spans.pop();
            page.lines.push(Line::from(std::mem::take(&mut spans)));
            used = 2 + LABEL_WIDTH;
            spans.push(Span::raw(" ".repeat(used)));
        }
        let room = page.width.saturating_sub(used);
        let text = fit(text, room);
        used += columns(&text) + 3;
        let style = if *is_selected && is_focused { theme.accent() } else { Style::new() };
        spans.extend([Span::styled(text, style), Span::raw("   ")]);
    }
    // Without the gap after the last choice.
    spans.pop();
    let gap = (page.width + 3).saturating_sub(used + columns(key));
    if gap > 0 && !key.is_empty() {
        spans.push(Span::styled(format!("{}{key}", " ".repeat(gap)), theme.dim()));
    }
    page.lines.push(Line::from(spans));
}

fn format_completions(paths: &[String]) -> String {
    let shown = paths.iter().take(MAX_COMPLETIONS).map(|path| sanitize(path, 60)).collect::<Vec<_>>().join("  ");
    let more = paths.len().saturating_sub(MAX_COMPLETIONS);
    if more > 0 { format!("{shown}  and {more} more") } else { shown }
}
