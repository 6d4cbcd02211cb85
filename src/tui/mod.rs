//! The full-screen interface: `update` changes the state, `view` draws it, `runtime` is the event loop between them, and
//! `effects` does the I/O.

pub(crate) mod dialogs;
pub(crate) mod effects;
pub(crate) mod hint;
pub(crate) mod keymap;
mod layout;
pub(crate) mod message;
pub(crate) mod overlays;
pub(crate) mod runtime;
pub(crate) mod screens;
mod scrolling;
pub(crate) mod state;
pub(crate) mod store_snapshot;
mod terminal;
mod text_input;
pub(crate) mod theme;
mod time_format;
pub(crate) mod update;
pub(crate) mod view;
pub(crate) mod widgets;

use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::sync::Arc;
use tokio::sync::mpsc::{Receiver, channel};

use self::runtime::{EventLoop, ExitReason, Signal};
use crate::config::{Environment, Settings};
use crate::error::io_reason;
use crate::host::clipboard::Clipboard;
use crate::host::editor::Editor;
use crate::host::terminal::ColorDepth;
use crate::host::watch::watch;
use crate::host::{HostEnvironment, SystemBrowser, TerminalCapabilities};
use crate::sandbox::{CLIENT_ID, CLIENT_SECRET, MEMBERS};
use crate::secret::Secret;
use crate::session::Session;
use crate::{Code, Error, Result};
use effects::Services;
use keymap::Keymap;
use message::Message;
use state::{Prefill, State, UiConfig};
use terminal::FullScreen;
pub use terminal::set_panic_hook;
use theme::Theme;

/// Returns the text of a secret, for a screen, a clipboard or a file that the user requested.
fn expose(secret: &Secret) -> &str {
    secret.expose()
}

/// Runs the interface until the user quits. After a signal the terminal is restored, and the process ends by the
/// same signal.
///
/// # Errors
/// Those of the settings and the directory; `unexpected` for a terminal that cannot be used.
pub fn run(session: Session, no_color: bool) -> Result<()> {
    let settings = session.settings()?;
    session.scenario()?;
    let host_environment = HostEnvironment::detect();
    let (config, warning) = ui_config(&session, &settings, &host_environment)?;
    let theme = detect_theme(&settings, &session.env, no_color);
    let runtime = crate::session::runtime::new_runtime()?;
    let clock = Arc::clone(&session.clock);
    let tasks = tokio::task::LocalSet::new();
    let exit_reason = tasks.block_on(&runtime, async {
        let (sender, messages) = channel(256);
        let signals = listen_for_signals()?;
        set_panic_hook(terminal::restore);
        #[cfg(unix)]
        terminal::exit_when_terminal_closes();
        // Most terminals without links ignore OSC 8; these print it.
        let hyperlinks = match session.env.get("TERM").as_deref() {
            None => session.env.get("WT_SESSION").is_some(),
            term => !matches!(term, Some("dumb" | "linux")),
        };
        let editor = Editor::from_variables(|name| session.env.get(name));
        let mut console = FullScreen::enter(hyperlinks, Clipboard::detect(&host_environment), editor)?;
        let input = console.input();
        let mut terminal = Terminal::new(CrosstermBackend::new(std::io::stdout())).map_err(|error| {
            Error::new(Code::Unexpected, format!("Could not read the size of the terminal: {}.", io_reason(&error)), "")
        })?;
        let (mut state, mut effects) = State::new(config, clock.now());
        if let Some(warning) = warning {
            effects.extend(update::update(&mut state, Message::Failed(warning)));
        }
        let changes = sender.clone();
        let report = async move || drop(changes.send(Message::StoreChanged).await);
        tokio::task::spawn_local(watch(session.store.directories(), report));
        let event_loop = EventLoop {
            terminal: &mut terminal,
            console: &mut console,
            input,
            services: Services::new(session, sender),
            messages,
            signals,
            clock: &*clock,
            theme,
        };
        event_loop.run(state, effects).await
    });
    {
        // Dropping the tasks cancels them. A request that is canceled here spawns a task for its connection, which panics outside of the runtime.
        let _inside = runtime.enter();
        drop(tasks);
    }
    runtime.shutdown_background();
    match exit_reason? {
        ExitReason::Signal(number) => signal_hook::low_level::emulate_default_handler(number)
            .map_err(|error| Error::new(Code::Interrupted, format!("Ended by a signal: {}.", io_reason(&error)), "")),
        ExitReason::Quit | ExitReason::TerminalClosed => Ok(()),
    }
}

#[cfg(unix)]
fn listen_for_signals() -> Result<Receiver<Signal>> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
    use tokio::signal::unix::{SignalKind, signal};
    let (sender, receiver) = channel(1);
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT] {
        let event = match number {
            SIGTSTP => Signal::Suspend,
            SIGCONT => Signal::Continue,
            number => Signal::Terminate(number),
        };
        let mut signals = signal(SignalKind::from_raw(number)).map_err(|error| {
            Error::new(Code::Unexpected, format!("Could not listen for signals: {}.", io_reason(&error)), "")
        })?;
        let sender = sender.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                // The receiver is dropped only when the program ends.
                let _closed = sender.send(event).await;
            }
        });
    }
    Ok(receiver)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail on Unix")]
fn listen_for_signals() -> Result<Receiver<Signal>> {
    let (sender, receiver) = channel(1);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            // The receiver is dropped only when the program ends.
            let _closed = sender.send(Signal::Terminate(2)).await;
        }
        // Without a sender the program would end.
        std::future::pending::<()>().await;
        drop(sender);
    });
    Ok(receiver)
}

/// Returns whether `COLORFGBG` names a light background: "foreground;background", as numbers of the sixteen ANSI colors. Few
/// terminals set it.
fn has_light_background(env: &Environment) -> bool {
    env.get("COLORFGBG").is_some_and(|value| matches!(value.rsplit(';').next(), Some("7" | "15")))
}

fn detect_theme(settings: &Settings, env: &Environment, no_color: bool) -> Theme {
    let capabilities = TerminalCapabilities::from_variables(|name| env.get(name));
    let is_light = match settings.ui.theme.as_str() {
        "light" => true,
        "dark" => false,
        _ => has_light_background(env),
    };
    Theme {
        color_depth: if no_color { ColorDepth::None } else { capabilities.color_depth },
        is_ascii: settings.ui.ascii || !capabilities.can_draw_unicode(),
        is_light,
    }
}

/// Collects the settings and the environment; the error is a warning about them.
fn ui_config(
    session: &Session,
    settings: &Settings,
    host_environment: &HostEnvironment,
) -> Result<(UiConfig, Option<Error>)> {
    let sandbox = session.options.is_sandbox;
    let badge = if sandbox { Some("SANDBOX".to_owned()) } else { settings.endpoints()?.custom_host() };
    let browser = SystemBrowser::new(host_environment.clone(), session.env.get("BROWSER"));
    let command = Some(settings.browser.command.as_str()).filter(|command| !command.trim().is_empty());
    let (prefill, warning) = load_prefill(session);
    let requires_ascii = !TerminalCapabilities::from_variables(|name| session.env.get(name)).can_draw_unicode();
    let config = UiConfig {
        badge,
        prefill,
        browser: Some(browser.resolve(command).map(|choice| choice.command).map_err(|error| error.message)),
        ssh: host_environment.ssh.clone(),
        has_display: host_environment.has_display,
        sandbox_members: if sandbox {
            MEMBERS.iter().map(|member| (member.key.to_owned(), member.display_name())).collect()
        } else {
            Vec::new()
        },
        expiring_days: settings.status.expiring_days,
        timeout_seconds: settings.sign_in.timeout_seconds,
        reveal_seconds: settings.ui.reveal_seconds,
        clear_clipboard_seconds: settings.ui.clear_clipboard_seconds,
        is_token_shown: settings.browser.show_token,
        zone: TimeZone::system(),
        check_on_start: settings.status.check_on_start,
        keymap: Keymap::with_settings(&settings.keys)?,
        profiles_directory: session.config_directory.join("profiles"),
        selected_profile: session.options.profile.as_deref().map(crate::store::Name::parse).transpose()?,
        program_command: session.options.program_command,
        endpoints: settings.endpoints()?,
        mouse: settings.ui.mouse,
        is_background_light: has_light_background(&session.env),
        requires_ascii,
        is_ascii: settings.ui.ascii || requires_ascii,
        config_file: session.config_directory.join("config.toml"),
    };
    Ok((config, warning))
}

/// Returns the redirect URL of the environment, where the sandbox's app accepts it.
fn sandbox_redirect_url(env: &Environment) -> Option<String> {
    let url = env.redirect_url().ok().flatten()?;
    (url.path() == "/callback").then(|| url.as_str().to_owned())
}

/// Collects the credentials for the setup; the error is the first that a source of credentials had.
fn load_prefill(session: &Session) -> (Prefill, Option<Error>) {
    if session.options.is_sandbox {
        let secret = Some(Secret::new(CLIENT_SECRET));
        let prefill = Prefill {
            client_id: CLIENT_ID.to_owned(),
            client_secret: secret,
            redirect_url: sandbox_redirect_url(&session.env),
            source: Some("the sandbox"),
        };
        return (prefill, None);
    }
    let mut errors = Vec::new();
    let dotenv = Environment::from_dotenv(&session.working_dir.join(".env"), &session.env);
    let dotenv = dotenv.unwrap_or_else(|error| Some((Environment::default(), Some(error)))).map(|(env, error)| {
        errors.extend(error);
        env
    });
    let mut prefill = Prefill::default();
    let process = (&session.env, "LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET");
    for (env, source) in
        [process].into_iter().chain(dotenv.as_ref().map(|env| (env, "the .env file in this directory")))
    {
        if prefill.source.is_none() {
            let client_id = env.client_id().unwrap_or_else(|error| {
                errors.push(error);
                None
            });
            let client_secret = env.client_secret();
            if client_id.is_some() || client_secret.is_some() {
                prefill.client_id = client_id.unwrap_or_default();
                prefill.client_secret = client_secret;
                prefill.source = Some(source);
            }
        }
        if prefill.redirect_url.is_none() {
            match env.redirect_url() {
                Ok(url) => prefill.redirect_url = url.map(|url| url.as_str().to_owned()),
                Err(error) => errors.push(error),
            }
        }
    }
    (prefill, errors.into_iter().next())
}
