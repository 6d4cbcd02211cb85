//! The layout of every page, and the pages that contain only a message. All values are escaped; nothing is loaded
//! from elsewhere.

use maud::{DOCTYPE, Markup, html};

use super::paths;
use super::response::Response;
use crate::text::sanitize;

const BUMMER_HEADING: &str = "Bummer, something went wrong.";

/// Frees a value of control characters and shortens it, for a page.
pub(super) fn sanitize_text(value: &str) -> String {
    sanitize(value, 400)
}

/// Returns a whole page.
pub(super) fn render_page(title: &str, content: &Markup) -> String {
    render_page_with_metadata(title, &html! {}, content)
}

/// Returns a whole page with more elements in its head.
pub(super) fn render_page_with_metadata(title: &str, metadata: &Markup, content: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (sanitize_text(title)) " | linkedin-tui sandbox" }
                (metadata)
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(paths::STYLE);
            }
            body {
                header {
                    a.brand href="/" { "Sandbox" }
                    span { "Simulates LinkedIn on this machine. Nothing is sent to LinkedIn." }
                }
                main { (content) }
            }
        }
    }
    .into_string()
}

fn render_message(heading: &str, content: &Markup) -> String {
    render_page(heading, &html! { section.card.narrow { h1 { (heading) } p { (content) } } })
}

/// Returns LinkedIn's "Bummer" page with a reason.
pub(super) fn bummer_page(reason: &str) -> String {
    render_message(BUMMER_HEADING, &html! { (sanitize_text(reason)) })
}

/// Returns LinkedIn's "Bummer" page with a "Return" link to `url`: the redirect URL, with the error for the app.
pub(super) fn bummer_page_with_link(url: &str) -> String {
    render_message(BUMMER_HEADING, &html! { a href=(url) { "Return" } })
}

pub(super) fn not_found_page() -> String {
    render_message("This page doesn’t exist", &html! { "Check the URL." })
}

pub(super) fn style() -> Response {
    Response::text(200, "text/css; charset=utf-8", crate::assets::sandbox_style())
}

/// Formats epoch seconds as UTC.
pub(super) fn format_time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|at| at.strftime("%b %-d, %Y %H:%M UTC").to_string()).unwrap_or_default()
}
