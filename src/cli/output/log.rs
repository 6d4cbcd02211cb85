//! `--verbose`: log lines on stderr. Only those of this crate: the ones of libraries may contain URLs with
//! queries, headers and bodies.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::time::uptime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, filter};

/// Starts logging if requested. The interface logs only if stderr is not the terminal that it draws on.
pub(crate) fn start(is_verbose: bool, is_interface: bool) {
    if !is_verbose || is_interface && std::io::stderr().is_terminal() {
        return;
    }
    let this_crate = filter::Targets::new().with_target("linkedin_tui", LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .with_timer(uptime())
        .with_filter(this_crate);
    // Fails only if there is a logger already.
    drop(tracing_subscriber::registry().with(lines).try_init());
}
