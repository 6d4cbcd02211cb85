//! `-v`: what the program does, on stderr, line by line. Only our own words: what the libraries
//! below say may carry addresses with queries, headers and bodies.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::time::uptime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, filter};

/// Starts to log where that is asked for. The interface logs only where stderr is not the terminal that it draws on.
pub(crate) fn start(verbose: bool, interface: bool) {
    if !verbose || interface && std::io::stderr().is_terminal() {
        return;
    }
    let own = filter::Targets::new().with_target("linkedin_tui", LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .with_timer(uptime())
        .with_filter(own);
    // Refused only where a logger is there already, which then logs.
    drop(tracing_subscriber::registry().with(lines).try_init());
}
