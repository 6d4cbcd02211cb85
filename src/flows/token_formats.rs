//! The formats in which a token is passed to other programs: variables, lines, JSON, a template.

use serde::Serialize;

use crate::clock::rfc3339;
use crate::secret::Secret;
pub(crate) use crate::session::process::TOKEN_VARIABLES;
use crate::session::process::expose_as_requested;
use crate::store::{Member, Profile, Token};

pub(crate) fn token_variables(profile: &Profile) -> Vec<(&'static str, Secret)> {
    let token = profile.token.as_ref().map(|token| token.access.clone());
    let member = profile.member.as_ref();
    let values =
        [token, member.map(|member| Secret::new(member.id.as_str())), member.map(|member| Secret::new(member.urn()))];
    TOKEN_VARIABLES.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Writes `NAME=value` lines. A value with a line break or another control character is left out: it would be a line of its own.
pub(super) fn env_lines(variables: &[(&'static str, Secret)]) -> Secret {
    let mut text = String::new();
    for (name, value) in variables.iter().map(|(name, value)| (name, expose_as_requested(value))) {
        if !value.contains(char::is_control) {
            text.extend([name, "=", value, "\n"]);
        }
    }
    Secret::new(text)
}

/// A token for another program, as `export --format json` prints it.
#[derive(Serialize)]
struct ExportedToken<'a> {
    profile: &'a str,
    access_token: &'a str,
    token_type: &'static str,
    expires_at: Option<String>,
    scopes: &'a [String],
    member_id: Option<&'a str>,
    member_urn: Option<String>,
}

/// Returns the JSON of `export --format json`, on one line.
pub(crate) fn token_json(profile: &Profile, token: &Token) -> Secret {
    let member = profile.member.as_ref();
    let exported = ExportedToken {
        profile: profile.name.as_str(),
        access_token: expose_as_requested(&token.access),
        token_type: "Bearer",
        expires_at: token.expires_at.map(rfc3339),
        scopes: &token.scopes,
        member_id: member.map(|member| member.id.as_str()),
        member_urn: member.map(Member::urn),
    };
    // Strings and lists of strings always have a JSON form.
    Secret::new(serde_json::to_string(&exported).unwrap_or_default())
}

/// Replaces each `${NAME}` of the variables in a template. Values are escaped for a JSON string, which is also a
/// double-quoted string in YAML.
pub(super) fn fill_template(template: &str, variables: &[(&'static str, Secret)]) -> Secret {
    let mut text = String::new();
    let mut rest = template;
    // One pass: a value that looks like a variable is not replaced.
    while let Some(start) = rest.find("${") {
        let (before, from_start) = rest.split_at(start);
        text.push_str(before);
        let name = from_start[2..].split_once('}').map(|(name, _)| name);
        if let Some(name) = name.filter(|name| TOKEN_VARIABLES.contains(name)) {
            let value = variables.iter().find(|(variable, _)| *variable == name);
            let quoted = serde_json::Value::from(value.map_or("", |(_, value)| expose_as_requested(value))).to_string();
            text.push_str(&quoted[1..quoted.len() - 1]);
            rest = &from_start[name.len() + 3..];
        } else {
            text.push_str("${");
            rest = &from_start[2..];
        }
    }
    text.push_str(rest);
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_filled_template_is_valid_json() {
        let template = r#"{"t":"${LINKEDIN_ACCESS_TOKEN}","m":"${LINKEDIN_MEMBER_URN}","o":"${HOME}${"}"#;
        for token in ["a\"b\\", "\"ab\"", "\\", "${LINKEDIN_MEMBER_ID}"] {
            let variables = [("LINKEDIN_ACCESS_TOKEN", Secret::new(token)), ("LINKEDIN_MEMBER_ID", Secret::new("x"))];
            let text = fill_template(template, &variables);
            let value: serde_json::Value = serde_json::from_str(expose_as_requested(&text)).unwrap();
            assert_eq!(value, json!({"t": token, "m": "", "o": "${HOME}${"}));
        }
    }

    #[test]
    fn a_value_with_a_line_break_is_no_variable() {
        let evil = [("LINKEDIN_MEMBER_ID", Secret::new("x\nPATH=/evil")), ("LINKEDIN_MEMBER_URN", Secret::new("u"))];
        assert_eq!(expose_as_requested(&env_lines(&evil)), "LINKEDIN_MEMBER_URN=u\n");
    }
}
