//! The first screen of a sandbox without profiles: what the program is, and two ways to try it.

use ratatui::text::{Line, Span};

use super::setup;
use crate::text::wrap;
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::message::Effect;
use crate::tui::state::{Screen, SetupStep, State};
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;

/// Opens the first screen of a directory without profiles.
pub(crate) fn open_first(state: &mut State) {
    if state.is_sandbox() { state.open_screen(Screen::Welcome) } else { setup::open(state) }
}

pub(crate) fn handle(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Continue => setup::open_sandbox_review(state),
        Action::AddSamples => {
            state.open_screen(Screen::Profiles);
            state.notify("Four sample profiles: valid, expiring, expired and refreshable.");
            vec![Effect::AddSampleProfiles]
        }
        Action::OpenGuide => {
            state.open_screen(Screen::Setup(SetupStep::Guide));
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// How much the page says about its choices.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Sentences,
    /// A line for each choice.
    Lines,
    None,
}

pub(crate) fn page(state: &State, theme: Theme, widths: PageWidths) -> Page {
    // A small window shows all choices at once.
    let window = state.window();
    let pages = [Detail::Sentences, Detail::Lines].map(|detail| described_page(state, theme, widths, detail));
    let fitting = pages.into_iter().find(|page| widths.is_split || page.fits(&window));
    fitting.unwrap_or_else(|| described_page(state, theme, widths, Detail::None))
}

fn described_page(state: &State, theme: Theme, widths: PageWidths, detail: Detail) -> Page {
    let mut page = Page::with_aside(theme, widths, "Get LinkedIn API tokens, and keep them valid");
    if widths.is_split {
        page.blank();
    }
    page.plain("Sandbox: LinkedIn is simulated on this machine. No app, no account; nothing is sent to LinkedIn.");
    let choices = [
        (
            Action::Continue,
            "Sign in as a demo member",
            "Approve in the browser, or with one key here, and get a token.",
            "Approve in the browser or here, and get a token.",
        ),
        (
            Action::AddSamples,
            "Look around with four sample profiles",
            "A valid token, an expiring, an expired and a refreshable one. Check, refresh and re-authorize them.",
            "Valid, expiring, expired and refreshable tokens.",
        ),
        (
            Action::OpenGuide,
            "Open the guide",
            "What you need for real tokens: a LinkedIn app of your own, in six steps.",
            "What real tokens need: an app of your own.",
        ),
    ];
    for (number, (action, title, sentence, line)) in choices.into_iter().enumerate() {
        page.blank();
        let description = match detail {
            Detail::Sentences => sentence,
            Detail::Lines => line,
            Detail::None => "",
        };
        add_choice(&mut page, state, (action, number == 0), title, description);
    }
    if !widths.is_split {
        page.panel("What is real");
        page.plain(
            "The OAuth flow, the callback pages, the files (in a directory of their own), every command with --sandbox.",
        );
        page.dim("Not LinkedIn: its members, tokens and posts exist on this machine only.");
        return page;
    }
    page.aside("What is real");
    let (done, style) = theme.done_mark();
    for text in [
        "the OAuth flow, step by step",
        "the callback server and its pages",
        "every command, with --sandbox",
        "the files, in their own directory",
    ] {
        page.lines.push(Line::from(vec![Span::styled(format!("{done} "), style), Span::raw(text)]));
    }
    page.panel("What is not");
    for text in ["LinkedIn and its members", "the tokens: LinkedIn refuses them", "the posts: they stay here"] {
        page.lines
            .push(Line::from(vec![Span::styled(format!("{} ", theme.symbol("○", "o")), theme.dim()), Span::raw(text)]));
    }
    page.panel("With your LinkedIn account");
    page.plain("Quit, and run");
    page.strong(&state.config.program_command.replace(" --sandbox", ""));
    page
}

fn add_choice(page: &mut Page, state: &State, (action, is_primary): (Action, bool), title: &str, description: &str) {
    const KEY_COLUMNS: usize = 9;
    let theme = page.theme;
    let key = format!(" {} ", state.key_name(KeyContext::Welcome, action));
    let gap = " ".repeat(KEY_COLUMNS.saturating_sub(key.chars().count()));
    let style = if is_primary { theme.primary() } else { theme.accent() };
    page.lines.push(Line::from(vec![
        Span::styled(key, style),
        Span::raw(gap),
        Span::styled(title.to_owned(), theme.strong()),
    ]));
    for line in wrap(description, page.width.saturating_sub(KEY_COLUMNS)).into_iter().filter(|line| !line.is_empty()) {
        page.lines.push(Line::styled(format!("{:KEY_COLUMNS$}{line}", ""), theme.dim()));
    }
}
