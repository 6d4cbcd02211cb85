//! `stats`: the statistics of a post, or of all posts of the member.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::Result;
use crate::cli::output::printer::Printer;
use crate::flows::statistics::{self, Statistics};
use crate::linkedin::statistics::Metric;
use crate::session::{Session, block_on};

/// Columns of the labels.
const LABEL_COLUMNS: usize = 22;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Post: its URN, or a link to it [default: all posts of the member]
    #[arg(value_name = "URN|URL")]
    pub(crate) post: Option<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    urn: Option<&'a str>,
    metrics: Map<String, Value>,
}

impl<'a> From<&'a Statistics> for Report<'a> {
    fn from(found: &'a Statistics) -> Self {
        let value = |metric: Metric| (metric.key().to_owned(), found.metrics.get(&metric).copied().into());
        Self { urn: found.post.as_deref(), metrics: Metric::ALL.into_iter().map(value).collect() }
    }
}

pub(crate) fn run(session: &Session, args: &Args, printer: Printer) -> Result<()> {
    printer.print_warnings(&session.store);
    let name = session.select_profile_name(None)?;
    let found = block_on(async {
        let (ctx, _sandbox) = session.context().await?;
        Box::pin(statistics::fetch(&ctx, &name, args.post.as_deref())).await
    })?;
    for (what, error) in &found.missing {
        printer.print_status(&format!("note: no {what}: {}", error.message));
        printer.print_advice(error);
    }
    if printer.is_json {
        return printer.print_json(&Report::from(&found));
    }
    let number = |metric: &Metric| found.metrics.get(metric).map_or_else(|| "-".to_owned(), u64::to_string);
    let theme = printer.theme(session);
    if theme.is_terminal {
        let row = |metric: Metric| vec![metric.label().into(), format!("{:>10}", number(&metric)).into()];
        return printer.print_table(theme, &["METRIC", "     COUNT"], &[0], Metric::ALL.map(row).into());
    }
    Metric::ALL.into_iter().try_for_each(|metric| {
        printer.print_line(&format!("{:LABEL_COLUMNS$} {:>10}", metric.label(), number(&metric)))
    })
}
