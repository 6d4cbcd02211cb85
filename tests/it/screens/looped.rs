//! The real event loop without a terminal: cells, keys, clock and console are injected; the services
//! are the real ones.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use jiff::SignedDuration;
use linkedin_tui::internal::clock::{Clock, FixedClock, SystemClock};
use linkedin_tui::internal::config::Environment;
use linkedin_tui::internal::encryption::{Keys, no_prompt};
use linkedin_tui::internal::host::clipboard::Work;
use linkedin_tui::internal::secret::Secret;
use linkedin_tui::internal::session::DeliveryMonitor;
use linkedin_tui::internal::session::{Options, Session};
use linkedin_tui::internal::store::ProfileStore;
use linkedin_tui::internal::tui::effects::Services;
use linkedin_tui::internal::tui::message::Message;
use linkedin_tui::internal::tui::runtime::{Console, Ended, Loop};
use linkedin_tui::internal::tui::widgets::Link;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender, channel, unbounded_channel};

use crate::screens::scenes::{FULL, Scene, now, profile, text};

/// Records what would reach the terminal besides the cells.
#[derive(Default)]
struct Noted {
    copied: Vec<String>,
    calls: Vec<&'static str>,
}

impl Console for Noted {
    fn copy(&mut self, text: &str) -> Work<Result<&'static str, String>> {
        self.copied.push(text.to_owned());
        Box::pin(std::future::ready(Ok("noted")))
    }

    fn can_clear(&self) -> bool {
        false
    }

    fn forget(&self, _: &Secret) -> Work<()> {
        Box::pin(std::future::ready(()))
    }

    fn leave(&mut self) {
        self.calls.push("leave");
    }

    fn suspend(&mut self) -> bool {
        self.calls.push("suspend");
        true
    }

    fn stop(&mut self) {
        self.calls.push("stop");
    }

    fn links(&mut self, _: &[Link]) -> std::io::Result<()> {
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

/// Forwards the services' messages, and presses keys once the files were read and once the port
/// was probed.
async fn person(mut answers: Receiver<Message>, to: Sender<Message>, keys: UnboundedSender<Event>) {
    let press = |code, modifiers| keys.send(Event::Key(KeyEvent::new(code, modifiers)));
    while let Some(msg) = answers.recv().await {
        let (read, probed) = (matches!(msg, Message::FilesRead(_)), matches!(msg, Message::PortProbed { .. }));
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

/// Creates the services of a session on the files in `folder`.
fn services(folder: &Path, answer: Sender<Message>) -> Services {
    let session = Session {
        options: Options::default(),
        env: Environment::default(),
        folder: folder.to_owned(),
        store: ProfileStore::open(folder).unwrap(),
        keys: Arc::new(Keys::new(folder, None, no_prompt)),
        root: folder.to_owned(),
        clock: Arc::new(SystemClock),
        deliveries: DeliveryMonitor::default(),
        reporter: linkedin_tui::internal::session::Reporter::default(),
    };
    Services::new(session, answer)
}

/// Runs the loop until it ends; returns the last screen and the copied text. `person` is
/// a task that receives the services' messages, forwards them, and presses keys.
async fn looped<F: Future<Output = ()> + 'static>(
    folder: &Path,
    clock: &FixedClock,
    person: impl FnOnce(Receiver<Message>, Sender<Message>, UnboundedSender<Event>) -> F,
) -> (String, Vec<String>) {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut console = Noted::default();
    let scene = Scene::new();
    let (answer, answers) = channel(256);
    let (to, messages) = channel(256);
    let (keys, mut pressed) = unbounded_channel();
    let (_signal, signals) = channel(1);
    let looped = Loop {
        terminal: &mut terminal,
        console: &mut console,
        input: futures_util::stream::poll_fn(move |cx| match pressed.poll_recv(cx) {
            Poll::Ready(event) => Poll::Ready(event.map(Ok)),
            Poll::Pending => Poll::Pending,
        }),
        services: services(folder, answer),
        messages,
        signals,
        clock,
        theme: FULL,
    };
    let tasks = tokio::task::LocalSet::new();
    tasks.spawn_local(person(answers, to, keys));
    let ended = Box::pin(tasks.run_until(looped.run(scene.state, scene.effects))).await.unwrap();
    assert_eq!(ended, Ended::Quit);
    (text(terminal.backend().buffer()), console.copied)
}

#[tokio::test]
async fn the_loop_runs_without_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let (screen, copied) = looped(folder.path(), &FixedClock::new(now()), person).await;
    assert!(screen.contains("Add exactly this URL to your app"), "{screen}");
    assert_eq!(copied, ["http://localhost:3000/callback"]);
}

/// Timers stop while a machine sleeps, and the wall clock does not.
#[tokio::test(start_paused = true)]
async fn k02_an_expiry_during_sleep_shows_within_half_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let store = ProfileStore::open(folder.path()).unwrap();
    let mut profile = profile("work", "Ada Lovelace", 0);
    profile.token.as_mut().unwrap().expires_at = Some(now() + SignedDuration::from_hours(7));
    store.put_profile(profile, |_| ()).unwrap();
    for slept in [0, 8] {
        let clock = Arc::new(FixedClock::new(now()));
        let sleeping = Arc::clone(&clock);
        let person = async move |mut answers: Receiver<Message>, to: Sender<Message>, keys: UnboundedSender<Event>| {
            while let Some(msg) = answers.recv().await {
                let read = matches!(msg, Message::ProfilesRead(_));
                to.send(msg).await.unwrap();
                if read {
                    // The list is drawn and waits.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    sleeping.advance(SignedDuration::from_hours(slept));
                    tokio::time::sleep(Duration::from_secs(29)).await;
                    // Quitting draws nothing more.
                    keys.send(Event::Key(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE))).unwrap();
                }
            }
        };
        let (screen, _) = looped(folder.path(), &clock, person).await;
        let (then, not) = if slept == 0 { ("expiring", "expired") } else { ("expired", "expiring") };
        assert!(screen.contains(then) && !screen.contains(not), "{screen}");
    }
}

/// Starts an API that sends these responses, one connection each.
fn api(answers: [(u16, &'static str); 2]) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (status, body) in answers {
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
async fn a_version_that_moved_on_is_in_the_status_line() {
    let folder = tempfile::tempdir().unwrap();
    let inactive =
        r#"{"status":426,"code":"NONEXISTENT_VERSION","message":"Requested version 20260901 is not active"}"#;
    let base = api([(426, inactive), (200, r#"{"elements":[]}"#)]);
    std::fs::write(folder.path().join("config.toml"), format!("[linkedin]\napi = \"{base}\"\n")).unwrap();
    let mut profile = profile("work", "Ada Lovelace", 0);
    let token = profile.token.as_mut().unwrap();
    token.scopes.push("rw_organization_admin".to_owned());
    token.expires_at = None;
    ProfileStore::open(folder.path()).unwrap().put_profile(profile, |_| ()).unwrap();
    let person = async move |mut answers: Receiver<Message>, to: Sender<Message>, keys: UnboundedSender<Event>| {
        let press = |code, modifiers| keys.send(Event::Key(KeyEvent::new(code, modifiers))).unwrap();
        let (mut read, mut is_notified, mut opened) = (false, false, false);
        while let Some(msg) = answers.recv().await {
            let first = matches!(msg, Message::ProfilesRead(_)) && !std::mem::replace(&mut read, true);
            is_notified |= matches!(msg, Message::Notify(_));
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
    let (screen, _) = looped(folder.path(), &FixedClock::new(now()), person).await;
    assert!(screen.contains("LinkedIn does not serve API version 202609; 202608 is used from now on."), "{screen}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn k02_the_true_clock_rings_at_the_time() {
    let clock = SystemClock;
    let at = clock.now() + SignedDuration::from_millis(30);
    clock.sleep_until(at).await;
    assert!(clock.now() >= at);
    clock.sleep_until(at).await;
    let far = clock.sleep_until(at + SignedDuration::from_hours(1));
    assert!(tokio::time::timeout(Duration::from_millis(30), far).await.is_err(), "an hour is not over yet");
}
