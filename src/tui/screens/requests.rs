//! The request log: the last requests of this run to LinkedIn, one on each line, and the details of one.

use std::collections::VecDeque;

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::{copy_text, move_in_list, move_selection};
use crate::linkedin::http::SentRequest;
use crate::text::{columns, fit, percent_decode, sanitize};
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::overlays::Overlay;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::page::Page;

/// How many requests the log contains at most.
const MAX_REQUESTS: usize = 200;
const TIME_WIDTH: usize = 8;
const METHOD_WIDTH: usize = 6;
const STATUS_WIDTH: usize = 6;
const DURATION_WIDTH: usize = 9;
/// The columns of a profile's name that it keeps whatever the paths need.
const MIN_NAME_WIDTH: usize = 16;
/// The columns of a path up to which it comes before a long name: its start is what a request is recognized by.
const RECOGNIZED_PATH_WIDTH: usize = 40;
const PROFILE_TITLE: &str = "PROFILE";
/// Columns of the page from which the profile is shown.
const MIN_PROFILE_WIDTH: usize = 72;

/// A request with its number and the time at which it was finished.
#[derive(Clone, Debug)]
struct Entry {
    number: u64,
    at: Timestamp,
    request: SentRequest,
}

/// The last requests, the newest first. They are never written to disk.
#[derive(Clone, Debug, Default)]
pub struct RequestLog {
    entries: VecDeque<Entry>,
    next_number: u64,
}

impl RequestLog {
    pub(crate) fn add(&mut self, at: Timestamp, request: SentRequest) {
        self.entries.push_front(Entry { number: self.next_number, at, request });
        self.entries.truncate(MAX_REQUESTS);
        self.next_number += 1;
    }
}

#[derive(Clone, Debug, Default)]
pub struct RequestsPanel {
    /// The number of the selected request; `None` for the newest.
    selected: Option<u64>,
    /// Whether the details of the selected request are shown.
    pub(crate) is_detail_open: bool,
}

impl RequestsPanel {
    /// Returns the index of the selected request.
    fn index(&self, log: &RequestLog) -> usize {
        let at = self.selected.map(|number| log.entries.iter().position(|entry| entry.number <= number));
        at.map_or(0, |at| at.unwrap_or(log.entries.len().saturating_sub(1)))
    }
}

pub(crate) fn has_requests(state: &State) -> bool {
    !state.requests.entries.is_empty()
}

/// Returns the index of the request whose details are shown.
fn shown_index(state: &State) -> Option<usize> {
    let panel = state.overlays.iter().rev().find_map(|overlay| match overlay {
        Overlay::Requests(panel) => Some(panel),
        _ => None,
    })?;
    Some(panel.index(&state.requests))
}

/// Returns whether a newer request is listed before the one whose details are shown.
pub(crate) fn has_previous(state: &State) -> bool {
    shown_index(state).is_some_and(|at| at > 0)
}

/// Returns whether an older request is listed after the one whose details are shown.
pub(crate) fn has_next(state: &State) -> bool {
    shown_index(state).is_some_and(|at| at + 1 < state.requests.entries.len())
}

pub(crate) fn handle(state: &mut State, mut panel: RequestsPanel, action: Action) -> Vec<Effect> {
    let at = panel.index(&state.requests);
    let entry = state.requests.entries.get(at);
    let mut effects = Vec::new();
    match action {
        Action::Back if panel.is_detail_open => panel.is_detail_open = false,
        Action::Back => return Vec::new(),
        // Enter opens the details of the selected request.
        Action::Continue => {
            panel.selected = entry.map(|entry| entry.number);
            panel.is_detail_open = entry.is_some();
            state.overlay_scroll = 0;
        }
        Action::NextRequest | Action::PreviousRequest => {
            let step = if action == Action::NextRequest { Action::Down } else { Action::Up };
            let to = move_selection(at, state.requests.entries.len(), step);
            // A new request must not replace the one that is shown.
            panel.selected = state.requests.entries.get(to).map(|entry| entry.number);
            state.overlay_scroll = 0;
        }
        Action::CopyCurl => {
            if let Some(entry) = entry {
                effects = copy_text("the curl command", &curl_command(&entry.request, state.config.program_command));
            }
        }
        action => {
            let to = move_in_list(state, at, state.requests.entries.len(), action);
            // The first line stays the newest request.
            panel.selected = state.requests.entries.get(to).filter(|_| to > 0).map(|entry| entry.number);
        }
    }
    state.overlays.push(Overlay::Requests(panel));
    effects
}

/// Returns a shell command that sends the request again, without its query and body. The token is read when it runs.
fn curl_command(request: &SentRequest, program_command: &str) -> String {
    let mut words = vec!["curl".to_owned(), "-sS".to_owned()];
    if request.method != "GET" {
        words.push(format!("-X {}", request.method));
    }
    if request.has_token {
        let name = request.profile.as_ref().map_or_else(String::new, |name| format!(" {name}"));
        words.push(format!("-H \"Authorization: Bearer $({program_command} token{name})\""));
    }
    if let Some(version) = &request.api_version {
        words.push(format!("-H 'LinkedIn-Version: {version}' -H 'X-Restli-Protocol-Version: 2.0.0'"));
    }
    let url = format!("{}{}", request.origin, request.path);
    words.push(
        shlex::try_quote(&url).map_or_else(|_| format!("'{}'", sanitize(&url, 300)), std::borrow::Cow::into_owned),
    );
    words.join(" ")
}

pub(crate) fn page(state: &State, panel: &RequestsPanel, theme: Theme, width: usize) -> Page {
    let entries = &state.requests.entries;
    let at = panel.index(&state.requests);
    match entries.get(at).filter(|_| panel.is_detail_open) {
        Some(entry) => {
            let mut page = details_page(state, entry, theme, width);
            page.title_note = format!("{}/{}", at + 1, entries.len());
            page
        }
        None => list_page(state, at, theme, width),
    }
}

fn format_time(state: &State, at: Timestamp) -> String {
    at.to_zoned_datetime(state.config.zone.clone()).strftime("%H:%M:%S").to_string()
}

fn list_page(state: &State, selected: usize, theme: Theme, width: usize) -> Page {
    let entries = &state.requests.entries;
    let mut page = Page::new(theme, width, "Request log");
    page.is_wide = true;
    if entries.is_empty() {
        page.plain("No requests yet in this run.");
        page.dim("Every request to LinkedIn is listed here, failed ones too, without queries, bodies and tokens.");
        return page;
    }
    page.title_note = format!("{}/{}", selected + 1, entries.len());
    // The path gets every column that the others leave, and a long name what the start of the paths leaves.
    let room = width.saturating_sub(2 + TIME_WIDTH + METHOD_WIDTH + STATUS_WIDTH + DURATION_WIDTH + 8);
    let longest_profile = entries.iter().filter_map(|entry| Some(columns(entry.request.profile.as_deref()?))).max();
    let longest_path = entries.iter().map(|entry| columns(&readable_path(&entry.request.path))).max();
    let path_start = longest_path.unwrap_or_default().min(RECOGNIZED_PATH_WIDTH);
    let max_name_width = room.saturating_sub(path_start + 2).max(MIN_NAME_WIDTH);
    let name_width = longest_profile.unwrap_or_default().clamp(PROFILE_TITLE.len(), max_name_width);
    let profile_width = if width >= MIN_PROFILE_WIDTH { name_width + 2 } else { 0 };
    let path_width = room.saturating_sub(profile_width);
    let profile_cell =
        |text: &str| if profile_width > 0 { format!("  {}", fit(text, name_width)) } else { String::new() };
    page.lines.push(Line::styled(
        format!(
            "  {:<TIME_WIDTH$}  {:<METHOD_WIDTH$}  {:<path_width$}  {:<STATUS_WIDTH$}  {:>DURATION_WIDTH$}{}",
            "TIME",
            "METHOD",
            "PATH",
            "STATUS",
            "DURATION",
            profile_cell(PROFILE_TITLE)
        ),
        theme.dim(),
    ));
    page.sticky_lines = page.lines.len();
    for (number, entry) in entries.iter().enumerate() {
        let request = &entry.request;
        let is_selected = number == selected;
        let path = fit(&readable_path(&request.path), path_width);
        let pad = " ".repeat(path_width.saturating_sub(columns(&path)));
        let (status, style) = status(request, theme);
        page.row(
            is_selected,
            vec![
                Span::raw(format!("{:<TIME_WIDTH$}  ", format_time(state, entry.at))),
                Span::raw(format!("{:<METHOD_WIDTH$}  {path}{pad}  ", fit(&request.method, METHOD_WIDTH))),
                Span::styled(format!("{status:<STATUS_WIDTH$}"), style),
                Span::raw(format!("  {:>DURATION_WIDTH$}", format_duration(request))),
                Span::raw(profile_cell(request.profile.as_deref().unwrap_or("-"))),
            ],
        );
    }
    page
}

/// Returns a path with its percent-encoded characters decoded: `/rest/posts/urn:li:share:7`. Its start, which is the resource,
/// is what a request is recognized by.
fn readable_path(path: &str) -> String {
    sanitize(&String::from_utf8_lossy(&percent_decode(path)), 300)
}

fn format_duration(request: &SentRequest) -> String {
    format!("{} ms", request.duration.as_millis())
}

/// Returns the status code, or that there is none.
fn status(request: &SentRequest, theme: Theme) -> (String, ratatui::style::Style) {
    match &request.outcome {
        Ok(status @ 200..300) => (status.to_string(), theme.success()),
        Ok(status) => (status.to_string(), theme.error()),
        Err(_) => ("failed".to_owned(), theme.error()),
    }
}

fn details_page(state: &State, entry: &Entry, theme: Theme, width: usize) -> Page {
    let request = &entry.request;
    let path = sanitize(&request.path, 300);
    let mut page =
        Page::new(theme, width, fit(&format!("{} {}", request.method, readable_path(&request.path)), width - 12));
    page.value("URL", &format!("{}{path}", request.origin));
    match &request.outcome {
        Ok(status) => {
            page.value("Status", format!("{status} {}", request.status_text()).trim_end());
            if let Some(detail) = &request.detail {
                page.value("Message", detail);
            }
        }
        Err(reason) => page.value("Failed", &sanitize(reason, 300)),
    }
    page.value("Duration", &format_duration(request));
    page.value("Finished", &format_time(state, entry.at));
    page.value("Profile", request.profile.as_deref().unwrap_or("none"));
    page.value("Request ID", request.request_id.as_deref().unwrap_or("none in the response"));
    if let Some(version) = &request.api_version {
        page.value("API version", version);
    }
    page.panel("curl");
    page.plain(&curl_command(request, state.config.program_command));
    page.blank();
    page.dim("Queries, bodies, tokens and client secrets are not recorded: add the query and --data yourself.");
    page
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn request(number: usize) -> SentRequest {
        SentRequest {
            method: "POST".to_owned(),
            origin: "https://api.linkedin.com".to_owned(),
            path: format!("/rest/posts/{number}"),
            profile: Some("work".to_owned()),
            has_token: true,
            api_version: Some("202609".to_owned()),
            outcome: Ok(201),
            detail: None,
            request_id: None,
            duration: Duration::from_millis(180),
        }
    }

    #[test]
    fn log_keeps_the_last_requests_and_the_selection() {
        let mut log = RequestLog::default();
        let mut panel = RequestsPanel::default();
        for number in 0..MAX_REQUESTS + 5 {
            log.add(Timestamp::UNIX_EPOCH, request(number));
        }
        assert_eq!(log.entries.len(), MAX_REQUESTS);
        assert_eq!(log.entries[0].request.path, format!("/rest/posts/{}", MAX_REQUESTS + 4));
        panel.selected = Some(log.entries[3].number);
        log.add(Timestamp::UNIX_EPOCH, request(0));
        assert_eq!(panel.index(&log), 4, "a new request does not move the selection");
        panel.selected = Some(0);
        assert_eq!(panel.index(&log), MAX_REQUESTS - 1, "the oldest one left where the selected one is gone");
    }

    #[test]
    fn curl_reads_the_token_when_it_runs() {
        let expected = "curl -sS -X POST -H \"Authorization: Bearer $(linkedin-tui --sandbox token work)\" \
                      -H 'LinkedIn-Version: 202609' -H 'X-Restli-Protocol-Version: 2.0.0' https://api.linkedin.com/rest/posts/7";
        assert_eq!(curl_command(&request(7), "linkedin-tui --sandbox"), expected);
        let plain = SentRequest { method: "GET".to_owned(), has_token: false, api_version: None, ..request(1) };
        assert_eq!(curl_command(&plain, "linkedin-tui"), "curl -sS https://api.linkedin.com/rest/posts/1");
    }
}
