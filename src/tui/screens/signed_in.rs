//! The result of a sign-in: the member, the token, and what can be done next.

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use super::{compose, copy, copy_text, deliveries, member_and_email, move_selection, profiles, setup};
use crate::flows::sign_in::SignInOutcome;
use crate::linkedin::endpoints::portal;
use crate::linkedin::{products, scopes};
use crate::store::{Name, Profile, Token};
use crate::text::{clean, columns, fit};
use crate::tui::keymap::{Action, KeyContext};
use crate::tui::layout::PageWidths;
use crate::tui::message::Effect;
use crate::tui::scrolling::scroll;
use crate::tui::state::{Dialog, Screen, State};
use crate::tui::theme::Theme;
use crate::tui::time_format;
use crate::tui::widgets::page::{LABEL_WIDTH, Page};
use crate::{Code, Error};

/// The lifetime of LinkedIn's access tokens, in days.
const TOKEN_DAYS: i64 = 60;
const BAR_CELLS: usize = 20;

/// The result and the selected next step.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub outcome: SignInOutcome,
    next_step: usize,
    /// Whether the sign-in was started from a post, whose draft is saved.
    continues_post: bool,
    /// Why the member could not be identified.
    member_error: Option<Error>,
}

impl SignedIn {
    pub(super) const fn new(outcome: SignInOutcome, continues_post: bool, member_error: Option<Error>) -> Self {
        Self { outcome, next_step: 0, continues_post, member_error }
    }

    /// Returns whether LinkedIn restricted the account and refuses every call.
    fn is_restricted(&self) -> bool {
        self.member_error.as_ref().is_some_and(|error| error.code == Code::MemberRestricted)
    }

    /// Returns whether identifying the member failed and may work later.
    fn can_identify(&self) -> bool {
        self.outcome.profile.member.is_none() && self.member_error.is_some() && !self.is_restricted()
    }

    /// Returns whether the token can be used to publish a post.
    fn can_publish(&self) -> bool {
        !self.is_restricted() && has_post_scope(&self.outcome.profile)
    }
}

/// What can be done after a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NextStep {
    /// Opens the portal, where the app gets the product of the scopes that were not granted.
    Portal,
    /// Requests the scopes again that were not granted.
    Reauthorize,
    /// Identifies the member again, by a check in the profile list.
    Identify,
    /// Re-authorizes the next of several profiles.
    NextProfile,
    ProfileList,
    Compose,
    Deliveries,
    Add,
}

/// Returns whether the token can be used to publish a post.
pub(crate) fn can_publish(state: &State) -> bool {
    matches!(&state.screen, Screen::SignedIn(signed_in) if signed_in.can_publish())
}

/// Returns whether identifying the member failed and may work later.
pub(crate) fn can_identify(state: &State) -> bool {
    matches!(&state.screen, Screen::SignedIn(signed_in) if signed_in.can_identify())
}

/// Returns whether the token has a scope to publish posts with.
fn has_post_scope(profile: &Profile) -> bool {
    let token = profile.token.as_ref();
    token.is_some_and(|token| {
        token.scopes.iter().any(|id| matches!(id.as_str(), "w_member_social" | "w_organization_social"))
    })
}

/// Returns the product of the first scope that was not granted.
fn missing_product(outcome: &SignInOutcome) -> Option<&'static products::Product> {
    outcome.missing.first().and_then(|missing| products::products_with(missing).next())
}

/// Returns whether the portal may add what was not granted. The sandbox's apps are in no portal.
pub(crate) fn can_open_portal(state: &State) -> bool {
    let Screen::SignedIn(signed_in) = &state.screen else { return false };
    !state.is_sandbox() && missing_product(&signed_in.outcome).is_some()
}

fn next_steps(state: &State, signed_in: &SignedIn) -> Vec<NextStep> {
    let outcome = &signed_in.outcome;
    let mut steps = Vec::new();
    // Requesting the scopes again is of no use before the app has the product.
    if !state.is_sandbox() && missing_product(outcome).is_some() {
        steps.push(NextStep::Portal);
    }
    if !outcome.missing.is_empty() {
        steps.push(NextStep::Reauthorize);
    }
    if signed_in.can_identify() {
        steps.push(NextStep::Identify);
    }
    if !state.list.reauthorization_queue.is_empty() {
        steps.extend([NextStep::NextProfile, NextStep::ProfileList]);
        return steps;
    }
    steps.push(NextStep::ProfileList);
    if signed_in.can_publish() {
        // The text that the sign-in was for comes first.
        let at = steps.len() - usize::from(signed_in.continues_post);
        steps.insert(at, NextStep::Compose);
    }
    steps.extend([NextStep::Deliveries, NextStep::Add]);
    steps
}

/// Returns the action that takes a next step directly; Enter takes the selected one.
const fn key_action(step: NextStep) -> Action {
    match step {
        NextStep::Portal => Action::OpenPortal,
        NextStep::Reauthorize => Action::Reauthorize,
        NextStep::Identify => Action::Check,
        NextStep::NextProfile => Action::Skip,
        NextStep::ProfileList => Action::Back,
        NextStep::Compose => Action::Compose,
        NextStep::Deliveries => Action::Deliveries,
        NextStep::Add => Action::Add,
    }
}

/// Returns what Esc leads to; `None` where Enter does the same.
pub(crate) fn back_label(state: &State) -> Option<String> {
    let Screen::SignedIn(signed_in) = &state.screen else { return None };
    let steps = next_steps(state, signed_in);
    (steps.get(signed_in.next_step) != Some(&NextStep::ProfileList)).then(|| "back".to_owned())
}

/// Returns the name of the selected next step.
pub(crate) fn next_step_label(state: &State, name_width: usize) -> Option<String> {
    let Screen::SignedIn(signed_in) = &state.screen else { return None };
    let steps = next_steps(state, signed_in);
    let label = match steps.get(signed_in.next_step)? {
        NextStep::Portal => "open portal".to_owned(),
        NextStep::Reauthorize => "re-authorize".to_owned(),
        NextStep::Identify => "try again".to_owned(),
        NextStep::NextProfile => {
            format!("next: {}", fit(state.list.reauthorization_queue.front()?.as_str(), name_width))
        }
        NextStep::ProfileList => "profile list".to_owned(),
        NextStep::Compose if signed_in.continues_post => "continue the post".to_owned(),
        NextStep::Compose => "publish a post".to_owned(),
        NextStep::Deliveries => "deliveries".to_owned(),
        NextStep::Add => "add a profile".to_owned(),
    };
    Some(label)
}

fn description(state: &State, signed_in: &SignedIn, step: NextStep) -> String {
    let outcome = &signed_in.outcome;
    match step {
        NextStep::Portal => "open the app's Products tab in the portal".to_owned(),
        NextStep::Reauthorize => match outcome.missing.as_slice() {
            [scope] => format!("re-authorize, to request {} again", clean(scope, 60)),
            _ => "re-authorize, to request the missing scopes again".to_owned(),
        },
        NextStep::Identify => "try again to identify the member".to_owned(),
        NextStep::NextProfile => {
            let files = state.files();
            let next = state.list.reauthorization_queue.front();
            let member = next.and_then(|next| files.profile(next)).and_then(|profile| profile.member.as_ref());
            let account = member.map_or_else(String::new, |member| format!(", as {}", member_and_email(member)));
            let name = next.map_or("", Name::as_str);
            format!("re-authorize {name}{account} ({} left)", state.list.reauthorization_queue.len())
        }
        NextStep::ProfileList if !state.list.reauthorization_queue.is_empty() => {
            "go to the profile list; the remaining profiles stay marked".to_owned()
        }
        NextStep::ProfileList => "go to the profile list".to_owned(),
        NextStep::Compose if signed_in.continues_post => "continue your post (the draft is saved)".to_owned(),
        NextStep::Compose => "publish a post".to_owned(),
        NextStep::Deliveries if outcome.profile.deliveries.is_empty() => {
            "deliver it to CI, a server, a vault".to_owned()
        }
        NextStep::Deliveries => "see its deliveries".to_owned(),
        NextStep::Add => "add another profile".to_owned(),
    }
}

/// Returns the commands that use the token, with the options that select its files.
fn commands(state: &State, profile: &Profile) -> Vec<(Action, String)> {
    let program = state.config.program;
    // Without a name, a command uses the current profile, which may be another one when a script runs.
    let name = &profile.name;
    let scopes = profile.token.as_ref().map(|token| token.scopes.as_slice()).unwrap_or_default();
    let mut commands = vec![
        (Action::CopyTokenCommand, format!("{program} token {name}")),
        (Action::CopyExportCommand, export_command(program, name)),
    ];
    let path = if scopes.iter().any(|id| id == "openid") {
        Some("/v2/userinfo")
    } else {
        scopes.iter().any(|id| id == scopes::BASIC_PROFILE).then_some("/v2/me")
    };
    commands
        .extend(path.map(|path| (Action::CopyRequestCommand, format!("{program} --profile {name} api GET {path}"))));
    commands
}

/// Returns the command that sets the variable in a shell; on Windows that is PowerShell.
fn export_command(program: &str, name: &Name) -> String {
    if cfg!(windows) {
        format!("$env:LINKEDIN_ACCESS_TOKEN = {program} token {name}")
    } else {
        format!("export LINKEDIN_ACCESS_TOKEN=\"$({program} token {name})\"")
    }
}

pub(crate) fn page(state: &State, signed_in: &SignedIn, theme: Theme, widths: PageWidths) -> Page {
    let outcome = &signed_in.outcome;
    let profile = &outcome.profile;
    let member = profile.member.as_ref();
    let heading = member.map_or_else(
        || "Signed in".to_owned(),
        |member| format!("Signed in as {}", clean(member.name.as_deref().unwrap_or(&member.id), 60)),
    );
    let (title, style) = if signed_in.is_restricted() {
        ("! Signed in; LinkedIn restricted this account".to_owned(), theme.warning())
    } else if !outcome.missing.is_empty() {
        let verb = if outcome.missing.len() == 1 { "was" } else { "were" };
        let missing = clean(&outcome.missing.join(", "), 80);
        (format!("! Signed in, but {missing} {verb} not granted"), theme.warning())
    } else if signed_in.can_identify() {
        ("! Signed in; member not identified".to_owned(), theme.warning())
    } else {
        (format!("{} {heading}", theme.done_mark().0), theme.success())
    };
    let mut page = Page::with_aside(theme, widths, title);
    page.title_style = style;
    if outcome.missing.is_empty() {
        page.title_note = fit(profile.name.as_str(), 24);
    }
    if let Some(position) = profiles::sequence_position(state) {
        let gap = if page.title_note.is_empty() { "" } else { theme.separator() };
        page.title_note = format!("{}{gap}{position}", page.title_note);
    }
    add_warnings(&mut page, state, outcome);
    add_member(&mut page, state, signed_in);
    if let Some(token) = &profile.token {
        add_token(&mut page, state, token, outcome);
    }
    let path = theme.shorten_path(&outcome.saved_in, page.width.saturating_sub(LABEL_WIDTH));
    let room = page.width.saturating_sub(LABEL_WIDTH + columns(&path));
    page.value_with_note("Saved in", &path, if room > 25 && !cfg!(windows) { "only you can read it" } else { "" });
    // The deliveries may have changed since the sign-in.
    let files = state.files();
    let stored = files.profile(&profile.name).unwrap_or(profile);
    deliveries::add_lines(&mut page, state, stored);
    if widths.is_split {
        add_commands(&mut page, state, profile);
        page.aside("Next");
        add_next_steps(&mut page, state, signed_in);
    } else {
        page.panel("Next");
        add_next_steps(&mut page, state, signed_in);
        // The deliveries and a missing scope are more important, where both do not fit.
        if stored.deliveries.is_empty() && outcome.missing.is_empty() {
            add_commands(&mut page, state, profile);
        }
    }
    page
}

fn add_warnings(page: &mut Page, state: &State, outcome: &SignInOutcome) {
    let name = &outcome.profile.name;
    if let Some(requested) = &state.profile_not_reauthorized {
        let belongs = if outcome.profile.member.is_some() { "belongs" } else { "may belong" };
        page.warning(&format!(
            "Profile {requested} was not re-authorized: this token {belongs} to a different member and is saved as profile {name}."
        ));
    }
    if !outcome.missing.is_empty() {
        page.warning(&missing_product(outcome).map_or_else(
            || "LinkedIn granted fewer scopes than were requested.".to_owned(),
            |product| format!("Check that your app has the product \"{}\", then re-authorize.", product.name),
        ));
    }
    if !outcome.siblings.is_empty() {
        let names: Vec<&str> = outcome.siblings.iter().map(Name::as_str).collect();
        page.warning(&format!(
            "The scopes differ from before, so LinkedIn revokes this member's earlier tokens for the app. In the list, \
             press {} on {} to see whether {}.",
            state.key_name(KeyContext::List, Action::Check),
            names.join(", "),
            if names.len() == 1 { "it still works" } else { "they still work" }
        ));
    }
}

fn add_member(page: &mut Page, state: &State, signed_in: &SignedIn) {
    let outcome = &signed_in.outcome;
    let Some(member) = &outcome.profile.member else {
        let scopes = outcome.profile.token.as_ref().map(|token| token.scopes.as_slice()).unwrap_or_default();
        match (scopes::missing_openid_warning(scopes), &signed_in.member_error) {
            (Some(cost), _) if !scopes::can_identify_member(scopes) => page.warning(cost),
            (_, Some(error)) if signed_in.is_restricted() => {
                page.warning(&format!("{error} The token is saved; LinkedIn refuses every call with it until then."));
            }
            (_, Some(error)) => {
                page.warning(&format!("The token is saved, but its member could not be identified: {error}"));
                page.dim(&state.hint(error));
            }
            _ => page.warning("The member could not be identified. The token is saved."),
        }
        return;
    };
    let name = clean(member.name.as_deref().unwrap_or("(no name)"), 80);
    match &member.email {
        Some(email) => page.value_with_note("Member", &name, &clean(email, 80)),
        None => page.value("Member", &name),
    }
    let copy = format!("{} copy member ID", state.key_name(KeyContext::SignedIn, Action::CopyMemberId));
    page.value_with_note("URN", &clean(&member.urn(), 80), &copy);
}

fn add_token(page: &mut Page, state: &State, token: &Token, outcome: &SignInOutcome) {
    let theme = page.theme;
    let key = |action| state.key_name(KeyContext::SignedIn, action);
    if state.is_revealed() {
        page.value("Token", crate::tui::expose(&token.access));
        let left = state.revealed_until.map_or(0, |until| until.as_second() - state.now.as_second());
        page.value("", &format!("visible for {left} s, or until the window loses focus"));
    } else {
        let note = format!("{} copy, {} show", key(Action::CopyToken), key(Action::Reveal));
        let masked: Vec<char> = token.access.masked().chars().collect();
        let (head, tail) = (&masked[..masked.len().min(4)], &masked[masked.len().saturating_sub(3)..]);
        let short: String = head.iter().chain(&['•'; 12]).chain(tail).collect();
        page.value_with_note("Token", &short, &note);
    }
    match token.expires_at {
        Some(expiry) => add_expiry(page, state, expiry),
        None => page.value("Expires", "unknown"),
    }
    let refresh = match &token.refresh {
        Some(refresh) => {
            let until = refresh.expires_at.map(|expiry| time_format::format_day_and_relative(state, expiry));
            format!("refreshes itself{}", until.map_or_else(String::new, |until| format!(" until {until}")))
        }
        None => "re-authorize by then (no refresh token)".to_owned(),
    };
    page.value("Renewal", &refresh);
    let granted = token.scopes.iter().map(|id| (id, theme.done_mark()));
    let missing = outcome.missing.iter().map(|id| (id, theme.failed_mark()));
    let mut line = vec![Span::styled(format!("{:<LABEL_WIDTH$}", "Scopes"), theme.dim())];
    let mut used = LABEL_WIDTH;
    for (id, (mark, style)) in granted.chain(missing) {
        let id = clean(id, 60);
        if used + columns(&id) + 4 > page.width && used > LABEL_WIDTH {
            page.lines.push(Line::from(std::mem::take(&mut line)));
            line.push(Span::raw(" ".repeat(LABEL_WIDTH)));
            used = LABEL_WIDTH;
        }
        used += columns(&id) + 4;
        line.extend([Span::styled(mark, style), Span::raw(format!(" {id}  "))]);
    }
    page.lines.push(Line::from(line));
}

/// Adds the expiry with a bar of the lifetime that is left.
fn add_expiry(page: &mut Page, state: &State, expiry: Timestamp) {
    let theme = page.theme;
    let left = (expiry.as_second() - state.now.as_second()).max(0);
    let total = TOKEN_DAYS * 86_400;
    // Rounded up, so that a new token fills the bar.
    let cells = i64::try_from(BAR_CELLS).unwrap_or_default();
    let filled = usize::try_from((left.min(total) * cells + total - 1) / total).unwrap_or_default();
    page.lines.push(Line::from(vec![
        Span::styled(format!("{:<LABEL_WIDTH$}", "Expires"), theme.dim()),
        Span::raw(format!("{}  ", time_format::format_day_and_relative(state, expiry))),
        Span::styled(theme.symbol("━", "=").repeat(filled), theme.success_mark()),
        Span::styled(theme.symbol("─", "-").repeat(BAR_CELLS - filled), theme.dim()),
    ]));
}

fn add_commands(page: &mut Page, state: &State, profile: &Profile) {
    page.panel("In a script (a number copies its command)");
    for (action, command) in commands(state, profile) {
        page.choice(state, (KeyContext::SignedIn, action), Some(&command));
    }
}

fn add_next_steps(page: &mut Page, state: &State, signed_in: &SignedIn) {
    const KEY_WIDTH: usize = 6;
    let theme = page.theme;
    for (number, step) in next_steps(state, signed_in).into_iter().enumerate() {
        let is_selected = number == signed_in.next_step;
        // Enter takes the selected step only.
        let action = if is_selected { Action::Continue } else { key_action(step) };
        let has_key = is_selected || action != Action::Continue;
        let key = if has_key { state.key_name(KeyContext::SignedIn, action) } else { String::new() };
        let text = description(state, signed_in, step);
        let room = page.width.saturating_sub(2 + KEY_WIDTH);
        for (row, text) in crate::text::wrap(&text, room).into_iter().enumerate() {
            let key = if row == 0 { key.as_str() } else { "" };
            let style = if is_selected { ratatui::style::Style::new() } else { theme.accent() };
            page.row(is_selected, vec![Span::styled(format!("{key:<KEY_WIDTH$}"), style), Span::raw(text)]);
        }
    }
    if !page_scrolls_to_selection(state) {
        page.visible_line = None;
    }
}

/// Returns whether the selection was moved: only then must the page scroll to it, because its top says what happened.
fn page_scrolls_to_selection(state: &State) -> bool {
    matches!(&state.screen, Screen::SignedIn(signed_in) if signed_in.next_step > 0)
}

pub(crate) fn handle(state: &mut State, mut signed_in: Box<SignedIn>, action: Action) -> Vec<Effect> {
    let steps = next_steps(state, &signed_in);
    if matches!(action, Action::Up | Action::Down) {
        signed_in.next_step = move_selection(signed_in.next_step, steps.len(), action);
        state.screen = Screen::SignedIn(signed_in);
        return Vec::new();
    }
    if action.is_navigation() {
        // The page follows a moved selection; without one it scrolls.
        signed_in.next_step = 0;
        state.screen = Screen::SignedIn(signed_in);
        scroll(state, action);
        return Vec::new();
    }
    let step = match action {
        Action::Continue => steps.get(signed_in.next_step).copied().unwrap_or(NextStep::ProfileList),
        Action::Back => NextStep::ProfileList,
        Action::OpenPortal => NextStep::Portal,
        Action::Reauthorize => NextStep::Reauthorize,
        Action::Check => NextStep::Identify,
        Action::Compose => NextStep::Compose,
        Action::Deliveries => NextStep::Deliveries,
        Action::Add => NextStep::Add,
        Action::Skip if steps.contains(&NextStep::NextProfile) => NextStep::NextProfile,
        action => return handle_value(state, signed_in, action),
    };
    let profile = signed_in.outcome.profile.clone();
    // The screen stays open where a step cannot be taken.
    state.screen = Screen::SignedIn(signed_in);
    match step {
        NextStep::ProfileList => open_profile_list(state),
        NextStep::NextProfile => {
            state.revealed_until = None;
            profiles::reauthorize_next(state).unwrap_or_else(|| open_profile_list(state))
        }
        NextStep::Portal => vec![Effect::OpenPage(portal::APPS.to_owned())],
        NextStep::Reauthorize => profiles::reauthorize(state, &profile.name),
        NextStep::Identify => {
            let mut effects = open_profile_list(state);
            effects.extend(profiles::check_one(state, &profile.name));
            effects
        }
        NextStep::Compose => compose::open(state, &profile),
        NextStep::Deliveries => {
            deliveries::open(state, profile.name);
            Vec::new()
        }
        NextStep::Add => {
            state.revealed_until = None;
            setup::open(state);
            Vec::new()
        }
    }
}

fn open_profile_list(state: &mut State) -> Vec<Effect> {
    state.revealed_until = None;
    state.open_screen(Screen::Profiles);
    vec![Effect::ReadFiles]
}

/// Handles a key that shows, copies or changes a value.
fn handle_value(state: &mut State, signed_in: Box<SignedIn>, action: Action) -> Vec<Effect> {
    let profile = signed_in.outcome.profile.clone();
    let missing_scopes = !signed_in.outcome.missing.is_empty();
    state.screen = Screen::SignedIn(signed_in);
    match action {
        Action::Reveal => state.toggle_reveal(),
        Action::Copy => state.dialog = Some(Dialog::Copy(profiles::CopyMenu { name: profile.name, selected: 0 })),
        Action::EditScopes if !missing_scopes => {}
        Action::EditScopes => {
            let files = state.files();
            match files.apps.iter().find(|app| app.name == profile.app) {
                Some(app) => setup::edit_scopes(state, &profile, app),
                None => return profiles::reauthorize(state, &profile.name),
            }
        }
        Action::CopyTokenCommand | Action::CopyExportCommand | Action::CopyRequestCommand => {
            let command = commands(state, &profile).into_iter().find(|(copied_by, _)| *copied_by == action);
            return command.map_or_else(Vec::new, |(_, command)| copy_text("the command", &command));
        }
        action => {
            let copied = profiles::copied_value(state, &profile, action);
            return copied.map_or_else(Vec::new, |(label, content)| copy(label, content));
        }
    }
    Vec::new()
}
