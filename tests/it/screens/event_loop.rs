//! The real event loop without a terminal: cells, keys, clock and console are injected; the services
//! are the real ones.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::future::LocalBoxFuture;
use jiff::SignedDuration;
use linkedin_tui::Error;
#[cfg(target_os = "linux")]
use linkedin_tui::internal::clock::Clock;
use linkedin_tui::internal::clock::{FixedClock, SystemClock};
use linkedin_tui::internal::config::Environment;
use linkedin_tui::internal::encryption::{Keys, no_prompt};
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::session::DeliveryMonitor;
use linkedin_tui::internal::session::{Options, Session};
use linkedin_tui::internal::store::ProfileStore;
use linkedin_tui::internal::tui::effects::Services;
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::internal::tui::runtime::{Console, EventLoop, ExitReason};
use linkedin_tui::internal::tui::widgets::Link;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender, channel, unbounded_channel};

use crate::screens::scenes::{COLOR_THEME, Scene, now, profile, text};

/// A console that records the calls and the copied text.
#[derive(Default)]
struct RecordingConsole {
    copied: Vec<String>,
    calls: Vec<&'static str>,
}

impl Console for RecordingConsole {
    fn copy(&mut self, text: &str) -> LocalBoxFuture<'static, Result<&'static str, Error>> {
        self.copied.push(text.to_owned());
        Box::pin(std::future::ready(Ok("recorded")))
    }

    fn can_clear(&self) -> bool {
        false
    }

    fn clear_clipboard(&self, _: &Secret) -> LocalBoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }

    fn restore(&mut self) {
        self.calls.push("restore");
    }

    fn edit(&mut self, text: &str) -> LocalBoxFuture<'static, Result<String, String>> {
        self.calls.push("edit");
        let edited = format!("{text} and edited");
        Box::pin(std::future::ready(Ok(edited)))
    }

    fn raise_suspend_signal(&mut self) -> bool {
        self.calls.push("suspend");
        true
    }

    fn suspend(&mut self) {
        self.calls.push("stop");
    }

    fn write_links(&mut self, _: &[Link]) -> std::io::Result<()> {
        Ok(())
    }

    fn capture_mouse(&mut self, _: bool) -> std::io::Result<()> {
        Ok(())
    }

    fn print_line(&mut self, _: &str) -> std::io::Result<()> {
        Ok(())
    }

    fn show(&mut self) -> std::io::Result<()> {
        self.calls.push("show");
        Ok(())
    }
}

/// Forwards the messages of the services; presses keys after the files were read and after the port was probed.
async fn script(mut received: Receiver<Message>, to: Sender<Message>, keys: UnboundedSender<Event>) {
    let press = |code, modifiers| keys.send(Event::Key(KeyEvent::new(code, modifiers)));
    while let Some(msg) = received.recv().await {
        let (read, probed) = (matches!(msg, Message::StoreReloaded(_)), matches!(msg, Message::PortProbed { .. }));
        to.send(msg).await.unwrap();
        if read {
            for _ in 0..3 {
                press(KeyCode::Enter, KeyModifiers::NONE).unwrap();
            }
        }
        if probed {
            press(KeyCode::Char('y'), KeyModifiers::CONTROL).unwrap();
            press(KeyCode::Char('c'), KeyModifiers::CONTROL).unwrap();
        }
    }
}

/// Creates the services of a session on the files in `directory`.
fn services(directory: &Path, messages_out: Sender<Message>) -> Services {
    let session = Session {
        options: Options::default(),
        env: Environment::default(),
        working_dir: directory.to_owned(),
        store: ProfileStore::open(directory).unwrap(),
        keys: Arc::new(Keys::new(directory, None, no_prompt)),
        config_directory: directory.to_owned(),
        clock: Arc::new(SystemClock),
        deliveries: DeliveryMonitor::default(),
        reporter: linkedin_tui::internal::session::Reporter::default(),
        requests: None,
    };
    Services::new(session, messages_out)
}

/// Runs the loop until it ends; returns the last screen and the copied text. `script` is a task that receives the
/// messages of the services, forwards them, and presses keys.
async fn run_loop<F: Future<Output = ()> + 'static>(
    directory: &Path,
    clock: &FixedClock,
    script: impl FnOnce(Receiver<Message>, Sender<Message>, UnboundedSender<Event>) -> F,
) -> (String, Vec<String>) {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut console = RecordingConsole::default();
    let scene = Scene::new();
    let (messages_out, received) = channel(256);
    let (to, messages) = channel(256);
    let (keys, mut pressed) = unbounded_channel();
    let (_signal, signals) = channel(1);
    let event_loop = EventLoop {
        terminal: &mut terminal,
        console: &mut console,
        input: futures_util::stream::poll_fn(move |cx| match pressed.poll_recv(cx) {
            Poll::Ready(event) => Poll::Ready(event.map(Ok)),
            Poll::Pending => Poll::Pending,
        }),
        services: services(directory, messages_out),
        messages,
        signals,
        clock,
        theme: COLOR_THEME,
    };
    let tasks = tokio::task::LocalSet::new();
    tasks.spawn_local(script(received, to, keys));
    let ended = Box::pin(tasks.run_until(event_loop.run(scene.state, scene.effects))).await.unwrap();
    assert_eq!(ended, ExitReason::Quit);
    (text(terminal.backend().buffer()), console.copied)
}

#[tokio::test]
async fn the_loop_runs_without_a_terminal() {
    let directory = tempfile::tempdir().unwrap();
    let (screen, copied) = run_loop(directory.path(), &FixedClock::new(now()), script).await;
    assert!(screen.contains("Add exactly this URL to your app"), "{screen}");
    assert_eq!(copied, ["http://localhost:3000/callback"]);
}

/// While a machine sleeps, timers stop but the wall clock does not.
#[tokio::test(start_paused = true)]
async fn k02_an_expiry_during_sleep_shows_within_half_a_minute() {
    let directory = tempfile::tempdir().unwrap();
    let store = ProfileStore::open(directory.path()).unwrap();
    let mut profile = profile("work", "Ada Lovelace", 0);
    profile.token.as_mut().unwrap().expires_at = Some(now() + SignedDuration::from_hours(7));
    store.create_or_update_profile(profile, |_| ()).unwrap();
    for sleep_hours in [0, 8] {
        let clock = Arc::new(FixedClock::new(now()));
        let sleeping = Arc::clone(&clock);
        let script = async move |mut received: Receiver<Message>, to: Sender<Message>, keys: UnboundedSender<Event>| {
            while let Some(msg) = received.recv().await {
                let read = matches!(msg, Message::ProfilesRead(_));
                to.send(msg).await.unwrap();
                if read {
                    // Waits until the list is drawn.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    sleeping.advance(SignedDuration::from_hours(sleep_hours));
                    tokio::time::sleep(Duration::from_secs(29)).await;
                    // Quitting does not redraw, so the last screen is the result.
                    keys.send(Event::Key(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE))).unwrap();
                }
            }
        };
        let (screen, _) = run_loop(directory.path(), &clock, script).await;
        let (expected, unexpected) = if sleep_hours == 0 { ("expiring", "expired") } else { ("expired", "expiring") };
        assert!(screen.contains(expected) && !screen.contains(unexpected), "{screen}");
    }
}

/// Starts an API that sends these responses, one connection each.
fn start_api(received: [(u16, &'static str); 2]) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (status, body) in received {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            while reader.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            let length = body.len();
            write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
                .unwrap();
        }
    });
    base
}

#[tokio::test]
async fn a_new_api_version_is_in_the_status_line() {
    let directory = tempfile::tempdir().unwrap();
    let inactive =
        r#"{"status":426,"code":"NONEXISTENT_VERSION","message":"Requested version 20260901 is not active"}"#;
    let base = start_api([(426, inactive), (200, r#"{"elements":[]}"#)]);
    std::fs::write(directory.path().join("config.toml"), format!("[linkedin]\napi = \"{base}\"\n")).unwrap();
    let mut profile = profile("work", "Ada Lovelace", 0);
    let token = profile.token.as_mut().unwrap();
    token.scopes.push("rw_organization_admin".to_owned());
    token.expires_at = None;
    ProfileStore::open(directory.path()).unwrap().create_or_update_profile(profile, |_| ()).unwrap();
    let script = async move |mut received: Receiver<Message>, to: Sender<Message>, keys: UnboundedSender<Event>| {
        let press = |code, modifiers| keys.send(Event::Key(KeyEvent::new(code, modifiers))).unwrap();
        let (mut read, mut is_notified, mut opened) = (false, false, false);
        while let Some(msg) = received.recv().await {
            let first = matches!(msg, Message::ProfilesRead(_)) && !std::mem::replace(&mut read, true);
            is_notified |= matches!(msg, Message::Notified(_));
            opened |= matches!(msg, Message::ComposeOpened { .. });
            to.send(msg).await.unwrap();
            if first {
                press(KeyCode::Char('p'), KeyModifiers::NONE);
            }
            if is_notified && opened {
                // Let it draw before the keys that quit are read.
                tokio::task::yield_now().await;
                press(KeyCode::Char('c'), KeyModifiers::CONTROL);
                press(KeyCode::Char('q'), KeyModifiers::NONE);
            }
        }
    };
    let (screen, _) = run_loop(directory.path(), &FixedClock::new(now()), script).await;
    assert!(screen.contains("LinkedIn does not serve API version 202609; 202608 is used from now on."), "{screen}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn k02_the_system_clock_wakes_at_the_given_time() {
    let clock = SystemClock;
    let at = clock.now() + SignedDuration::from_millis(30);
    clock.sleep_until(at).await;
    assert!(clock.now() >= at);
    clock.sleep_until(at).await;
    let later = clock.sleep_until(at + SignedDuration::from_hours(1));
    assert!(tokio::time::timeout(Duration::from_millis(30), later).await.is_err(), "the timer has not elapsed");
}
