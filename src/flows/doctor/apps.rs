//! `apps`: client ID, secret, redirect URL, and profiles whose app is missing.

use super::check::{Check, or_ok};
use super::redactable::RedactableText;
use crate::Code;
use crate::linkedin::{Flow, RedirectUrl, is_usual_client_id};
use crate::store::{AppSummary, Survey};

const MISSING: &str = "apps.missing";
const CLIENT_ID: &str = "apps.client_id";
const SECRET: &str = "apps.secret";
const REDIRECT: &str = "apps.redirect_url";

/// Judges every app; `secret_given` is whether `LINKEDIN_CLIENT_SECRET` is set.
pub(super) fn judge(survey: &Survey, secret_given: bool) -> Vec<Check> {
    let apps = &survey.apps;
    let all = |id, judged: Vec<Check>, none: &str, fine: &str| {
        or_ok(judged, || Check::ok(id, if apps.is_empty() { none } else { fine }))
    };
    let mut found = all(
        CLIENT_ID,
        apps.iter().filter_map(client_id).collect(),
        "There is no app yet.",
        "Every client ID looks like LinkedIn's.",
    );
    found.extend(all(
        SECRET,
        apps.iter().filter_map(|app| secret(app, secret_given)).collect(),
        "No app needs a client secret.",
        "Every app that needs a client secret has one.",
    ));
    found.extend(all(
        REDIRECT,
        apps.iter().filter_map(redirect_url).collect(),
        "There is no redirect URL to compare.",
        "Every redirect URL is spelt as apps usually register theirs; the Auth tab must say the same, to the letter.",
    ));
    found.extend(missing(survey));
    found
}

/// Returns the first characters, enough to distinguish two apps.
fn shortened(id: &str) -> String {
    id.chars().take(4).collect::<String>() + "..."
}

fn client_id(app: &AppSummary) -> Option<Check> {
    (!is_usual_client_id(&app.client_id)).then(|| {
        Check::warning(
            CLIENT_ID,
            RedactableText::from("The client ID of the app ")
                .app(&app.name)
                .text(" is unusual (")
                .private(&shortened(&app.client_id), "...")
                .text("): LinkedIn's have 14 lower-case letters and digits."),
            "Compare it with the app's Auth tab in the Developer Portal.",
        )
    })
}

fn secret(app: &AppSummary, given: bool) -> Option<Check> {
    if app.has_secret || app.flow == Flow::NativePkce {
        return None;
    }
    let message = RedactableText::from("The app ").app(&app.name).text(" has no client secret saved.");
    let fix = RedactableText::from("Sign in with it, which saves it: linkedin-tui login --app ")
        .app(&app.name)
        .text(" --client-secret-stdin");
    Some(if given {
        Check::warning(SECRET, message.text(" LINKEDIN_CLIENT_SECRET is set, and is used."), fix)
    } else {
        Check::error(SECRET, Code::BadInput, message, fix)
    })
}

fn redirect_url(app: &AppSummary) -> Option<Check> {
    let text = &app.redirect_url;
    let url = match RedirectUrl::parse(text) {
        Ok(url) => url,
        Err(error) => {
            let message = RedactableText::from("The app ").app(&app.name).text(": ").text(&error.message);
            let fix =
                RedactableText::from(error.hint).text(" Then put it into ").file(&format!("apps/{}.toml", app.name));
            return Some(Check::error(REDIRECT, Code::BadInput, message, fix.text(".")));
        }
    };
    let unusual = unusual_parts(&url, app.flow);
    if unusual.is_empty() {
        return None;
    }
    let usual = format!("http://localhost:{}/callback", url.port());
    Some(Check::warning(
        REDIRECT,
        RedactableText::from("The redirect URL of the app ")
            .app(&app.name)
            .text(&format!(" differs from what apps usually register: {}.", unusual.join("; "))),
        format!(
            "LinkedIn compares it to the letter with the app's Auth tab. Where sign-ins fail, register {usual} there and use it here."
        ),
    ))
}

/// Returns what is unusual in a valid redirect URL. LinkedIn compares scheme, host, port, path and trailing slash; whether it
/// accepts 127.0.0.1 for standard apps is not confirmed.
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

fn missing(survey: &Survey) -> Vec<Check> {
    let mut found = Vec::new();
    for profile in survey.profiles.iter().filter(|profile| !survey.app_names.contains(&profile.app)) {
        found.push(Check::error(
            MISSING,
            Code::NoSuchApp,
            RedactableText::from("The profile ")
                .profile(&profile.name)
                .text(" belongs to the app ")
                .app(&profile.app)
                .text(", which is not there."),
            RedactableText::from("linkedin-tui apps add ")
                .app(&profile.app)
                .text(" --client-id ID --client-secret-stdin, or linkedin-tui profiles delete ")
                .profile(&profile.name),
        ));
    }
    if let Some(current) = survey.current_profile.as_ref().filter(|name| !survey.profile_names.contains(name)) {
        found.push(Check::warning(
            MISSING,
            RedactableText::from("The current profile ").profile(current).text(" is not there."),
            "Choose another one: linkedin-tui profiles use NAME",
        ));
    }
    or_ok(found, || Check::ok(MISSING, "Every profile's app is there, and so is the current profile."))
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
        for (text, state, word) in [
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
            let found = redirect_url(&app(text));
            assert_eq!(found.as_ref().map(|check| check.state), state, "{text}");
            let message = found.map(|check| check.message.plain(Path::new("/c"))).unwrap_or_default();
            assert!(message.contains(word), "{text}: {message}");
        }
        let native = AppSummary { flow: Flow::NativePkce, ..app("http://127.0.0.1:3000/callback") };
        assert_eq!(redirect_url(&native), None, "native apps register the address");
    }

    #[test]
    fn client_id_and_secret_are_checked_but_not_shown() {
        assert_eq!(client_id(&app("")), None);
        let invalid = client_id(&AppSummary { client_id: "86ABCDEFGHIJKLMN".to_owned(), ..app("") }).unwrap();
        assert_eq!(invalid.state, CheckState::Warning);
        assert!(!invalid.message.plain(Path::new("/")).contains("86ABCDE"));
        let bare = AppSummary { has_secret: false, ..app("") };
        assert_eq!(secret(&app(""), false), None);
        assert_eq!(secret(&bare, false).unwrap().state, CheckState::Error);
        assert_eq!(secret(&bare, true).unwrap().state, CheckState::Warning);
        assert_eq!(secret(&AppSummary { flow: Flow::NativePkce, ..bare }, false), None);
    }

    #[test]
    fn a_profile_without_its_app_is_told_and_a_damaged_app_is_there() {
        let mut survey = Survey::scan(Path::new("/no/such/folder"));
        survey.profiles = vec![Profile::new(name("p"), name("a"), vec![])];
        survey.profile_names = vec![name("p")];
        assert_eq!(missing(&survey)[0].code, Some(Code::NoSuchApp));
        survey.app_names = vec![name("a")];
        assert_eq!(missing(&survey)[0].state, CheckState::Ok);
        survey.current_profile = Some(name("gone"));
        assert_eq!(missing(&survey)[0].state, CheckState::Warning);
    }
}
