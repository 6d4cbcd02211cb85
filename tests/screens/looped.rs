//! The true loop without a terminal: cells, keys, clock and console are handed in; the services
//! are the real ones.

use std::sync::Arc;
use std::task::Poll;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use linkedin_tui::clock::FixedClock;
use linkedin_tui::config::Environment;
use linkedin_tui::flows::deliver::Deliveries;
use linkedin_tui::flows::session::{Options, Session};
use linkedin_tui::keys::{Keys, ask_nobody};
use linkedin_tui::profile::Store;
use linkedin_tui::tui::message::Msg;
use linkedin_tui::tui::page::Link;
use linkedin_tui::tui::run::{Console, Ended, Loop};
use linkedin_tui::tui::services::Services;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc::{Receiver, UnboundedSender, channel, unbounded_channel};

use crate::scenes::{FULL, Scene, now, text};

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
async fn person(mut answers: Receiver<Msg>, to: tokio::sync::mpsc::Sender<Msg>, keys: UnboundedSender<Event>) {
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

#[tokio::test]
async fn the_loop_runs_without_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session {
        options: Options::default(),
        env: Environment::from_dotenv(""),
        folder: folder.path().to_owned(),
        store: Store::open(folder.path()).unwrap(),
        keys: Arc::new(Keys::new(folder.path(), None, ask_nobody)),
        root: folder.path().to_owned(),
        deliveries: Deliveries::default(),
    };
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut console = Noted::default();
    let scene = Scene::new();
    let (answer, answers) = channel(256);
    let (to, messages) = channel(256);
    let (keys, mut pressed) = unbounded_channel();
    let (_signal, signals) = channel(1);
    let clock = FixedClock::new(now());
    let looped = Loop {
        terminal: &mut terminal,
        console: &mut console,
        input: futures_util::stream::poll_fn(move |cx| match pressed.poll_recv(cx) {
            Poll::Ready(event) => Poll::Ready(event.map(Ok)),
            Poll::Pending => Poll::Pending,
        }),
        services: Services::new(session, answer),
        messages,
        signals,
        clock: &clock,
        theme: FULL,
    };
    let tasks = tokio::task::LocalSet::new();
    tasks.spawn_local(person(answers, to, keys));
    let ended = Box::pin(tasks.run_until(looped.run(scene.state, scene.effects))).await.unwrap();
    assert_eq!(ended, Ended::Quit);
    let seen = text(terminal.backend().buffer());
    assert!(seen.contains("Where does the browser come back to?"), "{seen}");
    assert_eq!(console.copied, ["http://localhost:3000/callback"]);
}
