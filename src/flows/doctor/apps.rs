//! `apps`: client ID, secret, redirect URL, and profiles whose app is missing.

use super::check::{Check, or_ok};
use super::redactable::{app, file, private, profile, program, redactable};
use crate::Code;
use crate::linkedin::{Flow, RedirectUrl, is_usual_client_id};
use crate::store::{AppSummary, StoreScan};

const MISSING: &str = "apps.missing";
const CLIENT_ID: &str = "apps.client_id";
const SECRET: &str = "apps.secret";
const REDIRECT: &str = "apps.redirect_url";

/// Evaluates every app; `has_secret_variable` is whether `LINKEDIN_CLIENT_SECRET` is set.
pub(super) fn evaluate(scan: &StoreScan, has_secret_variable: bool) -> Vec<Check> {
    let apps = &scan.apps;
    let evaluate_apps = |id, problem: &dyn Fn(&AppSummary) -> Option<Check>, none: &str, ok: &str| {
        let problems = apps.iter().filter_map(problem).collect();
        let message = match apps.is_empty() {
            // The check of the files reports why.
            true if !scan.app_names.is_empty() => "No app could be read.",
            true => none,
            false => ok,
        };
        or_ok(problems, Check::ok(id, message))
    };
    [
        evaluate_apps(CLIENT_ID, &evaluate_client_id, "No apps yet.", "Every client ID looks like LinkedIn's."),
        evaluate_apps(
            SECRET,
            &|app| evaluate_secret(app, has_secret_variable),
            "No app needs a client secret.",
            "Every app that needs a client secret has one.",
        ),
        evaluate_apps(
            REDIRECT,
            &evaluate_redirect_url,
            "There is no redirect URL to compare.",
            "Every redirect URL has a usual form. The app's Auth tab must list exactly the same URL.",
        ),
        evaluate_references(scan),
    ]
    .concat()
}

fn evaluate_client_id(summary: &AppSummary) -> Option<Check> {
    // Enough to distinguish two apps.
    let start = summary.client_id.chars().take(4).collect::<String>() + "...";
    (!is_usual_client_id(&summary.client_id)).then(|| {
        Check::warning(
            CLIENT_ID,
            redactable![
                "The client ID of the app ",
                app(&summary.name),
                " is unusual (",
                private(&start, "..."),
                "): LinkedIn's have 14 lower-case letters and digits.",
            ],
            "Compare it with the app's Auth tab in the Developer Portal.",
        )
    })
}

fn evaluate_secret(summary: &AppSummary, has_secret_variable: bool) -> Option<Check> {
    if summary.has_secret || summary.flow == Flow::NativePkce {
        return None;
    }
    let name = app(&summary.name);
    let message = redactable!["The app ", name.clone(), " has no client secret saved."];
    let fix =
        redactable!["Sign in with it, which saves it: ", program(), " login --app ", name, " --client-secret-stdin"];
    Some(if has_secret_variable {
        Check::warning(SECRET, message.and(" LINKEDIN_CLIENT_SECRET is set, and is used."), fix)
    } else {
        Check::error(SECRET, Code::BadInput, message, fix)
    })
}

fn evaluate_redirect_url(summary: &AppSummary) -> Option<Check> {
    let url = match RedirectUrl::parse(&summary.redirect_url) {
        Ok(url) => url,
        Err(error) => {
            let message = redactable!["The app ", app(&summary.name), ": ", error.message];
            let fix = redactable![error.hint, " Then put it into ", file(&format!("apps/{}.toml", summary.name)), "."];
            return Some(Check::error(REDIRECT, Code::BadInput, message, fix));
        }
    };
    let unusual = unusual_parts(&url, summary.flow);
    if unusual.is_empty() {
        return None;
    }
    let usual = format!("http://localhost:{}/callback", url.port());
    Some(Check::warning(
        REDIRECT,
        redactable![
            "The redirect URL of the app ",
            app(&summary.name),
            format!(" differs from what apps usually register: {}.", unusual.join("; ")),
        ],
        format!(
            "LinkedIn compares it to the letter with the app's Auth tab. Where sign-ins fail, register {usual} there and use it here."
        ),
    ))
}

/// Returns what is unusual in a valid redirect URL. LinkedIn compares scheme, host, port, path and trailing slash;
/// whether it accepts 127.0.0.1 for standard apps is not confirmed.
fn unusual_parts(url: &RedirectUrl, flow: Flow) -> Vec<&'static str> {
    let text = url.as_str();
    let mut unusual = Vec::new();
    if flow == Flow::Standard && url.host() != "localhost" {
        unusual.push("its host is an address instead of localhost");
    }
    if url.path() == "/" {
        unusual.push("it has no path, as /callback");
    } else if url.path().ends_with('/') {
        unusual.push("it ends in a slash");
    }
    if text.split('?').next().is_some_and(|text| text.chars().any(|c| c.is_ascii_uppercase())) {
        unusual.push("it has upper-case letters");
    }
    if url.port() < 1024 {
        unusual.push("its port is below 1024, which needs an administrator");
    }
    if text.contains('?') {
        unusual.push("it has a query, which LinkedIn ignores when it compares");
    }
    unusual
}

fn evaluate_references(scan: &StoreScan) -> Vec<Check> {
    let without_app = scan.profiles.iter().filter(|profile| !scan.app_names.contains(&profile.app));
    let mut problems: Vec<Check> = without_app
        .map(|found| {
            let (name, app) = (profile(&found.name), app(&found.app));
            Check::error(
                MISSING,
                Code::NoSuchApp,
                redactable![
                    "The profile ",
                    name.clone(),
                    " belongs to the app ",
                    app.clone(),
                    ", which does not exist."
                ],
                redactable![
                    program(),
                    " apps add ",
                    app,
                    " --client-id ID --client-secret-stdin, or ",
                    program(),
                    " profiles delete ",
                    name,
                ],
            )
        })
        .collect();
    if let Some(current) = scan.current_profile.as_ref().filter(|name| !scan.profile_names.contains(name)) {
        problems.push(Check::warning(
            MISSING,
            redactable!["The current profile ", profile(current), " does not exist."],
            redactable!["Select another one: ", program(), " profiles use NAME"],
        ));
    }
    or_ok(problems, Check::ok(MISSING, "Every profile's app exists, and so does the current profile."))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::check::CheckState;
    use super::*;
    use crate::store::{Name, Profile};

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    fn app(redirect_url: &str) -> AppSummary {
        AppSummary {
            name: name("a"),
            client_id: "86abcdefghijkl".to_owned(),
            has_secret: true,
            redirect_url: redirect_url.to_owned(),
            flow: Flow::Standard,
        }
    }

    #[test]
    fn a_redirect_url_is_compared_with_what_apps_usually_register() {
        for (text, state, part) in [
            ("http://localhost:3000/callback", None, ""),
            ("http://localhost:3000/callback/", Some(CheckState::Warning), "ends in a slash"),
            ("http://127.0.0.1:3000/callback", Some(CheckState::Warning), "instead of localhost"),
            ("http://[::1]:3000/callback", Some(CheckState::Warning), "instead of localhost"),
            ("http://localhost:3000", Some(CheckState::Warning), "no path"),
            ("http://localhost:3000/", Some(CheckState::Warning), "no path"),
            ("http://localhost:3000/Callback", Some(CheckState::Warning), "upper-case"),
            ("HTTP://LocalHost:3000/callback", Some(CheckState::Warning), "upper-case"),
            ("http://localhost/callback", Some(CheckState::Warning), "below 1024"),
            ("http://localhost:3000/callback?a=B", Some(CheckState::Warning), "query"),
            ("https://localhost:3000/callback", Some(CheckState::Error), "must be http"),
            ("http://example.com/callback", Some(CheckState::Error), "localhost"),
            ("localhost:3000/callback", Some(CheckState::Error), "http"),
        ] {
            let found = evaluate_redirect_url(&app(text));
            assert_eq!(found.as_ref().map(|check| check.state), state, "{text}");
            let message = found.map(|check| check.message.plain(Path::new("/c"), "linkedin-tui")).unwrap_or_default();
            assert!(message.contains(part), "{text}: {message}");
        }
        let native = AppSummary { flow: Flow::NativePkce, ..app("http://127.0.0.1:3000/callback") };
        assert_eq!(evaluate_redirect_url(&native), None, "native apps register the address");
    }

    #[test]
    fn client_id_and_secret_are_checked_but_not_shown() {
        assert_eq!(evaluate_client_id(&app("")), None);
        let invalid = evaluate_client_id(&AppSummary { client_id: "86ABCDEFGHIJKLMN".to_owned(), ..app("") }).unwrap();
        assert_eq!(invalid.state, CheckState::Warning);
        assert!(!invalid.message.plain(Path::new("/"), "linkedin-tui").contains("86ABCDE"));
        let without_secret = AppSummary { has_secret: false, ..app("") };
        assert_eq!(evaluate_secret(&app(""), false), None);
        assert_eq!(evaluate_secret(&without_secret, false).unwrap().state, CheckState::Error);
        assert_eq!(evaluate_secret(&without_secret, true).unwrap().state, CheckState::Warning);
        assert_eq!(evaluate_secret(&AppSummary { flow: Flow::NativePkce, ..without_secret }, false), None);
    }

    #[test]
    fn unreadable_apps_are_not_missing_ones() {
        let mut scan = StoreScan::scan(Path::new("/no/such/directory"));
        let messages = |scan: &StoreScan| {
            let checks = evaluate(scan, false);
            checks.iter().map(|check| check.message.plain(Path::new("/"), "linkedin-tui")).collect::<Vec<_>>()
        };
        assert_eq!(messages(&scan)[0], "No apps yet.");
        scan.app_names = vec![name("a")];
        assert_eq!(messages(&scan)[..3], ["No app could be read."; 3]);
    }

    #[test]
    fn a_profile_without_its_app_is_reported() {
        let mut scan = StoreScan::scan(Path::new("/no/such/directory"));
        scan.profiles = vec![Profile::new(name("p"), name("a"), vec![])];
        scan.profile_names = vec![name("p")];
        assert_eq!(evaluate_references(&scan)[0].code, Some(Code::NoSuchApp));
        scan.app_names = vec![name("a")];
        assert_eq!(evaluate_references(&scan)[0].state, CheckState::Ok);
        scan.current_profile = Some(name("deleted"));
        assert_eq!(evaluate_references(&scan)[0].state, CheckState::Warning);
    }
}
