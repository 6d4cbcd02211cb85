//! Fills the placeholders in the message and the hint of an error's row in [`table`](super::table).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::body::Body;
use super::resource::Resource;
use super::table::Request;
use crate::clock::format_duration;
use crate::linkedin::products::{Access, products_for_one_app};
use crate::linkedin::scopes;
use crate::linkedin::versions::{self, Version};
use crate::text::sanitize;

/// How many refused scopes one message names: the description is from the browser, and unlimited.
const MAX_SCOPES: usize = 10;

/// What the placeholders are filled from.
pub(super) struct Context<'a> {
    pub(super) request: Request<'a>,
    pub(super) body: &'a Body,
    /// The time by LinkedIn's clock if the response has it, else by this machine's.
    pub(super) now: Timestamp,
    /// The scopes of the authorization request.
    pub(super) requested_scopes: &'a [String],
}

impl Context<'_> {
    pub(super) fn fill(&self, template: &str) -> String {
        let mut parts = template.split('{');
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').unwrap_or((part, ""));
            out.push_str(&self.value(name));
            out.push_str(rest);
        }
        out
    }

    fn value(&self, placeholder: &str) -> String {
        let (request, body) = (self.request, self.body);
        match placeholder {
            "status" => request.status.to_string(),
            "method" => request.method.to_owned(),
            "problems" => non_empty_or(body.problems.join("; "), "see below"),
            "field" => non_empty_or(body.field_list(), "that LinkedIn names"),
            "in_field" if body.field_list().is_empty() => String::new(),
            "in_field" => format!(": {}", body.field_list()),
            "correct" if body.text().is_empty() => {
                "LinkedIn states no reason. Compare the request with LinkedIn's documentation of the resource."
                    .to_owned()
            }
            "correct" => "Correct what LinkedIn names, then send the request again.".to_owned(),
            "error" => non_empty_or(sanitize(&body.codes.join(", "), 60), &request.status.to_string()),
            "parameter" => non_empty_or(first_quoted(&body.message), "unnamed"),
            "version" => body.version().unwrap_or("named in the request").to_owned(),
            "versions" => versions::active_list(self.now, body.version().and_then(Version::parse)),
            "midnight" => format_until_midnight(self.now),
            "lengths" => describe_lengths(body),
            "scope" => refused_scopes(&body.message, self.requested_scopes).0,
            "scope_hint" => refused_scopes(&body.message, self.requested_scopes).1,
            _ => self.resource_value(placeholder),
        }
    }

    /// Returns the value of a placeholder about the resource that the response names, else that of the request.
    fn resource_value(&self, placeholder: &str) -> String {
        let resource = Resource::parse(&self.body.message)
            .or_else(|| Resource::from_request(self.request.method, self.request.path));
        let rule = resource.as_ref().and_then(Resource::access_rule);
        let requires_product = resource.as_ref().is_some_and(|resource| resource.requires_product);
        match placeholder {
            "resource" => resource.map_or_else(String::new, |resource| resource.label),
            "purpose" => rule.map_or("do this", |rule| &rule.purpose).to_owned(),
            "access" => rule.map_or("", |rule| &rule.hint).to_owned(),
            "why" if requires_product => "the app has no product that grants it".to_owned(),
            "why" => "its scopes, or the app's products, do not cover it".to_owned(),
            unknown => format!("{{{unknown}}}"),
        }
    }
}

fn non_empty_or(text: String, default: &str) -> String {
    if text.is_empty() { default.to_owned() } else { text }
}

/// Returns the first text in double quotes, else what is after the last " : ", else the whole message.
fn first_quoted(message: &str) -> String {
    sanitize(message.split('"').nth(1).or_else(|| message.rsplit(" : ").next()).unwrap_or_default(), 60)
}

fn describe_lengths(body: &Body) -> String {
    match body.lengths() {
        (Some(length), Some(max)) => format!("{length} of at most {max} characters"),
        (_, Some(max)) => format!("at most {max} characters are allowed"),
        _ => "it names no maximum".to_owned(),
    }
}

/// Formats the time until LinkedIn's daily limits reset. 00:00 UTC is documented; the responses do not contain it.
pub(super) fn format_until_midnight(now: Timestamp) -> String {
    let tomorrow = TimeZone::UTC.to_datetime(now).date().tomorrow().ok();
    let midnight = tomorrow.and_then(|day| TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok());
    midnight.map_or_else(String::new, |end| format!(" (in {})", format_duration(end.duration_since(now))))
}

/// Returns the scopes that LinkedIn refused as a phrase, and the hint for them. LinkedIn quotes them in its
/// description.
fn refused_scopes(description: &str, requested: &[String]) -> (String, String) {
    let quoted = description.split('"').skip(1).step_by(2).flat_map(scopes::split);
    let cleaned = quoted.map(|scope| sanitize(&scope, 60)).filter(|scope| !scope.is_empty());
    let refused: Vec<String> = cleaned.take(MAX_SCOPES).collect();
    match refused.as_slice() {
        [] => {
            let mut products: Vec<&str> = Vec::new();
            for scope in requested.iter().filter_map(|id| scopes::find(id)) {
                if !products.contains(&scope.product) {
                    products.push(scope.product);
                }
            }
            let hint = if products.is_empty() {
                "Request fewer scopes, or only those of the products on the app's Products tab.".to_owned()
            } else {
                format!("Check that the app's Products tab has: {}. Or request fewer scopes.", products.join("; "))
            };
            ("one of the requested scopes, which LinkedIn does not name".to_owned(), hint)
        }
        [scope] => (format!("the scope {scope}"), scope_hint(scope) + &further_products(scope, requested)),
        scopes => {
            let hints: Vec<String> = scopes.iter().map(|scope| format!("{scope}: {}", scope_hint(scope))).collect();
            (format!("the scopes {}", scopes.join(", ")), hints.join(" "))
        }
    }
}

/// Returns a sentence about the other products of the request: LinkedIn names the first scope that it refuses. Empty if
/// the request has no other, or if LinkedIn must approve that scope's product.
fn further_products(refused: &str, requested: &[String]) -> String {
    let Some(scope) = scopes::find(refused).filter(|scope| scope.access == Access::SelfServe) else {
        return String::new();
    };
    let products = products_for_one_app(requested).unwrap_or_default();
    let names: Vec<String> = products
        .iter()
        .filter(|product| product.name != scope.product)
        .map(|product| format!("\"{}\"", product.name))
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!(" LinkedIn names one scope at a time: the tab must list {} too.", names.join(" and "))
}

fn scope_hint(id: &str) -> String {
    if let Some(replacement) = scopes::find_replacement(id) {
        return format!("LinkedIn retired that scope. Request {replacement} instead.");
    }
    let Some(scope) = scopes::find(id) else {
        return "No product that this program knows includes it. Leave it out, or request the product that does on the app's Products tab."
            .to_owned();
    };
    let product = scope.product;
    match scope.access {
        Access::SelfServe => format!(
            "Request the product \"{product}\" on the app's Products tab (granted at once), then sign in again."
        ),
        Access::Approval => format!(
            "The scope belongs to \"{product}\", which LinkedIn must approve for the app first. Leave it out until then."
        ),
        Access::Closed => format!("LinkedIn accepts no new requests for that scope ({product}). Leave it out."),
    }
}
