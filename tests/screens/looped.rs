//! The true loop without a terminal: cells, keys, clock and console are handed in; the services
//! are the real ones.

use std::path::Path;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use jiff::SignedDuration;
use linkedin_tui::clock::{Clock, FixedClock, SystemClock};
use linkedin_tui::config::Environment;
use linkedin_tui::flows::deliver::Deliveries;
use linkedin_tui::flows::session::{Options, Session};
use linkedin_tui::keys::{Keys, ask_nobody};
use linkedin_tui::profile::Store;
use linkedin_tui::secret::Secret;
use linkedin_tui::tui::message::Msg;
use linkedin_tui::tui::page::Link;
use linkedin_tui::tui::run::{Console, Ended, Loop};
use linkedin_tui::tui::services::Services;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedSender, channel, unbounded_channel};

use crate::scenes::{FULL, Scene, now, profile, text};

/// Notes what would reach the terminal beside the cells.
#[derive(Default)]
struct Noted {
    copied: Vec<String>,
}

impl Console for Noted {
    fn copy(&mut self, text: &str) -> Result<&'static str, String> {
        self.copied.push(text.to_owned());
        Ok("noted")
    }

    fn can_forget(&self) -> bool {
        false
    }

    fn forget(&mut self, _: &Secret) {}

    fn links(&mut self, _: &[Link]) -> std::io::Result<()> {
        Ok(())
    }

    fn print_line(&mut self, _: &str) -> std::io::Result<()> {
        Ok(())
    }

    fn show(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Passes the services' answers on, and presses keys once the files were read and once the port
/// was probed.
async fn person(mut answers: Receiver<Msg>, to: Sender<Msg>, keys: UnboundedSender<Event>) {
    let press = |code, modifiers| keys.send(Event::Key(KeyEvent::new(code, modifiers)));
    while let Some(msg) = answers.recv().await {
        let (read, probed) = (matches!(msg, Msg::FilesRead(_)), matches!(msg, Msg::PortProbed { .. }));
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

/// The services of a session whose files are in `folder`.
fn services(folder: &Path, answer: Sender<Msg>) -> Services {
    let session = Session {
        options: Options::default(),
        env: Environment::default(),
        folder: folder.to_owned(),
        store: Store::open(folder).unwrap(),
        keys: Arc::new(Keys::new(folder, None, ask_nobody)),
        root: folder.to_owned(),
        deliveries: Deliveries::default(),
    };
    Services::new(session, answer)
}

/// Runs the loop until it ends; gives what was on the screen last, and what was copied. `person` is
/// told what the services answer, passes it on, and presses keys.
async fn looped<F: Future<Output = ()> + 'static>(
    folder: &Path,
    clock: &FixedClock,
    person: impl FnOnce(Receiver<Msg>, Sender<Msg>, UnboundedSender<Event>) -> F,
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
    let (seen, copied) = looped(folder.path(), &FixedClock::new(now()), person).await;
    assert!(seen.contains("Where does the browser come back to?"), "{seen}");
    assert_eq!(copied, ["http://localhost:3000/callback"]);
}

/// Timers stand still while a machine sleeps, and the wall clock does not.
#[tokio::test(start_paused = true)]
async fn k02_an_end_that_was_slept_through_is_seen_within_half_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut profile = profile("work", "Ada Lovelace", 0);
    profile.token.as_mut().unwrap().expires_at = Some(now() + SignedDuration::from_hours(7));
    store.put_profile(profile, |_| ()).unwrap();
    for slept in [0, 8] {
        let clock = Arc::new(FixedClock::new(now()));
        let sleeping = Arc::clone(&clock);
        let person = async move |mut answers: Receiver<Msg>, to: Sender<Msg>, keys: UnboundedSender<Event>| {
            while let Some(msg) = answers.recv().await {
                let read = matches!(msg, Msg::ProfilesRead(_));
                to.send(msg).await.unwrap();
                if read {
                    // The list is drawn and waits.
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    sleeping.advance(SignedDuration::from_hours(slept));
                    tokio::time::sleep(Duration::from_secs(29)).await;
                    // Leaving draws nothing any more.
                    keys.send(Event::Key(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::NONE))).unwrap();
                }
            }
        };
        let (seen, _) = looped(folder.path(), &clock, person).await;
        let (then, not) = if slept == 0 { ("expiring", "expired") } else { ("expired", "expiring") };
        assert!(seen.contains(then) && !seen.contains(not), "{seen}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn k02_the_true_clock_rings_at_the_time() {
    let clock = SystemClock;
    let at = clock.now() + SignedDuration::from_millis(30);
    clock.reaches(at).await;
    assert!(clock.now() >= at);
    clock.reaches(at).await;
    let far = clock.reaches(at + SignedDuration::from_hours(1));
    assert!(tokio::time::timeout(Duration::from_millis(30), far).await.is_err(), "an hour is not over yet");
}
