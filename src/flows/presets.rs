//! Presets of deliveries to common secret stores, by their own clients, and to `.env` files, by this program. None puts the token in an argument: the comment
//! before a preset names where its program documents that it reads stdin.

use std::path::Path;

use crate::config::resolve_path;
use crate::store::{Delivery, Input};
use crate::{Error, NextStep, Result};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Preset {
    /// Its name on the command line.
    pub key: &'static str,
    pub about: &'static str,
    /// What must or can be set.
    pub settings: &'static [Setting],
    command: &'static [&'static str],
    input: PresetInput,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Its name on the command line, and in braces in the preset's command and template.
    pub key: &'static str,
    pub about: &'static str,
    /// The default value; `None` if it is required.
    pub default: Option<&'static str>,
    kind: SettingKind,
}

/// The format of a setting's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SettingKind {
    Text,
    Path,
    /// A GitHub repository, with or without its host.
    Repository,
}

impl Setting {
    /// Creates a required setting whose value is any text.
    const fn new(key: &'static str, about: &'static str) -> Self {
        Self { key, about, default: None, kind: SettingKind::Text }
    }

    const fn with_default(self, value: &'static str) -> Self {
        Self { default: Some(value), ..self }
    }

    const fn with_kind(self, kind: SettingKind) -> Self {
        Self { kind, ..self }
    }

    /// Returns why a value is invalid, if it is.
    pub(crate) fn invalid_reason(&self, value: &str) -> Option<String> {
        let value = value.trim();
        if value.is_empty() || value.contains(char::is_control) {
            return Some(format!("it needs {}", self.about));
        }
        (self.kind == SettingKind::Repository && !is_repository(value)).then(|| format!("this is not {}", self.about))
    }
}

/// Returns whether the text is `OWNER/REPO` or `HOST/OWNER/REPO` (`cli.github.com/manual/gh_secret_set`).
fn is_repository(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let is_valid_part = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    (2..=3).contains(&parts.len()) && parts.iter().all(is_valid_part)
}

/// How the preset's command receives the token, see [`Input`].
#[derive(Clone, Copy, Debug)]
enum PresetInput {
    Token,
    /// `NAME=value` lines.
    Env,
    /// With a `{key}` for the value of each setting.
    Template(&'static str),
}

pub(crate) const PRESETS: &[Preset] = &[
    // cli.github.com/manual/gh_secret_set: the value is read from standard input if not specified.
    Preset {
        key: "github-secret",
        about: "a secret of a GitHub repository, for its Actions (gh)",
        settings: &[
            Setting::new("repo", "OWNER/REPO").with_kind(SettingKind::Repository),
            Setting::new("secret", "the secret's name").with_default("LINKEDIN_ACCESS_TOKEN"),
        ],
        command: &["gh", "secret", "set", "{secret}", "--repo", "{repo}"],
        input: PresetInput::Token,
    },
    // developer.hashicorp.com/vault/docs/commands/kv/put: `bar=-` reads the value from stdin.
    Preset {
        key: "vault",
        about: "a HashiCorp Vault key-value secret, which then holds this one key (vault)",
        settings: &[
            Setting::new("path", "the secret's path"),
            Setting::new("key", "the key in it").with_default("token"),
            Setting::new("mount", "where the engine is mounted").with_default("secret"),
        ],
        command: &["vault", "kv", "put", "-mount={mount}", "{path}", "{key}=-"],
        input: PresetInput::Token,
    },
    // docs.aws.amazon.com/cli, "Load a parameter from a file": file:// accepts any path. Its JSON ends with `}`: the query
    // makes the last line the ID of the new version.
    Preset {
        key: "aws-secrets-manager",
        about: "a new version of an existing AWS Secrets Manager secret (aws)",
        settings: &[Setting::new("secret", "the secret's name or ARN")],
        command: &[
            "aws",
            "secretsmanager",
            "put-secret-value",
            "--secret-id",
            "{secret}",
            "--secret-string",
            "file:///dev/stdin",
            "--query=VersionId",
            "--output=text",
        ],
        input: PresetInput::Token,
    },
    // cloud.google.com/sdk/gcloud/reference/secrets/versions/add: `--data-file=-` reads stdin.
    Preset {
        key: "google-secret-manager",
        about: "a new version of an existing Google Cloud secret (gcloud)",
        settings: &[Setting::new("secret", "the secret's name"), Setting::new("project", "the project")],
        command: &["gcloud", "secrets", "versions", "add", "{secret}", "--project={project}", "--data-file=-"],
        input: PresetInput::Token,
    },
    // kubernetes.io/docs/reference/kubectl/generated/kubectl_apply: `-f -` reads a manifest from
    // stdin. Server-side, because a client-side apply writes the manifest, and the token with it,
    // into an annotation.
    Preset {
        key: "kubernetes",
        about: "a Kubernetes secret, created or changed (kubectl)",
        settings: &[
            Setting::new("secret", "the secret's name"),
            Setting::new("key", "the key in it").with_default("LINKEDIN_ACCESS_TOKEN"),
            Setting::new("namespace", "its namespace").with_default("default"),
        ],
        command: &["kubectl", "apply", "--server-side", "--force-conflicts", "--namespace={namespace}", "--filename=-"],
        input: PresetInput::Template(
            r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"{secret}"},"stringData":{"{key}":"${LINKEDIN_ACCESS_TOKEN}"}}"#,
        ),
    },
    // pass(1): insert --multiline reads until the end of stdin; --force does not prompt.
    Preset {
        key: "pass",
        about: "an entry of the password store (pass)",
        settings: &[Setting::new("entry", "its name").with_default("linkedin/token")],
        command: &["pass", "insert", "--multiline", "--force", "{entry}"],
        input: PresetInput::Token,
    },
    // developer.1password.com/docs/cli/reference/management-commands/item: edit accepts a JSON
    // template from stdin, so that no value is in an argument.
    Preset {
        key: "1password",
        about: "an existing API Credential in 1Password that holds nothing else: it is overwritten (op)",
        settings: &[Setting::new("item", "its title"), Setting::new("vault", "its vault")],
        command: &["op", "item", "edit", "{item}", "--vault", "{vault}"],
        input: PresetInput::Template(
            r#"{"title":"{item}","category":"API_CREDENTIAL","fields":[{"id":"credential","type":"CONCEALED","label":"credential","value":"${LINKEDIN_ACCESS_TOKEN}"}]}"#,
        ),
    },
    Preset {
        key: "dotenv",
        about: "LINKEDIN_ACCESS_TOKEN, _MEMBER_ID and _MEMBER_URN in a .env file, which keeps its other lines",
        settings: &[Setting::new("file", "its path").with_kind(SettingKind::Path)],
        command: &["linkedin-tui", "deliver", "--into-dotenv", "{file}"],
        input: PresetInput::Env,
    },
];

/// Replaces each `{key}` by its value. Braces in a value stay: the text is read once.
fn fill_placeholders(text: &str, values: &[(&str, String)], escape: &dyn Fn(&str) -> String) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let placeholder = after.split_once('}');
        let value = placeholder.and_then(|(key, end)| Some((&values.iter().find(|(other, _)| *other == key)?.1, end)));
        if let Some((value, end)) = value {
            filled.push_str(&escape(value));
            rest = end;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled + rest
}

impl Preset {
    pub(crate) fn find(key: &str) -> Result<&'static Self> {
        PRESETS.iter().find(|preset| preset.key == key).ok_or_else(|| {
            let keys: Vec<&str> = PRESETS.iter().map(|preset| preset.key).collect();
            Error::bad_input(
                format!("The preset {} does not exist.", crate::text::sanitize(key, 40)),
                format!("There are: {}.", keys.join(", ")),
            )
            .with_next_step(NextStep::ListPresets)
        })
    }

    /// Creates a delivery called `name` from these settings. Deliveries run in the working directory of each run, so a
    /// relative path is resolved against `directory` here.
    ///
    /// # Errors
    /// `bad_input` for a setting that is missing, unknown or invalid, and for a name that is empty or has control characters.
    pub(crate) fn create_delivery(
        &self,
        name: &str,
        settings: &[(String, String)],
        directory: &Path,
    ) -> Result<Delivery> {
        let name = name.trim();
        let invalid_name = |message| Err(Error::bad_input(message, "").with_next_step(NextStep::NameDelivery));
        if name.is_empty() {
            return invalid_name("A delivery needs a name.");
        }
        if name.contains(char::is_control) {
            return invalid_name("A delivery's name must not have control characters.");
        }
        let invalid = |message: String| {
            let settings: Vec<String> = self
                .settings
                .iter()
                .map(|setting| {
                    let default = setting.default.map_or_else(String::new, |text| format!(", default {text}"));
                    format!("{} ({}{default})", setting.key, setting.about)
                })
                .collect();
            Error::bad_input(message, format!("The settings of {} are: {}.", self.key, settings.join(", ")))
                .with_next_step(NextStep::SetPresetSettings {
                    keys: self.settings.iter().map(|setting| setting.key).collect(),
                })
        };
        if let Some((unknown, _)) =
            settings.iter().find(|(key, _)| !self.settings.iter().any(|setting| setting.key == key))
        {
            let unknown = crate::text::sanitize(unknown, 40);
            return Err(invalid(format!("The preset {} has no setting {unknown}.", self.key)));
        }
        let mut values = Vec::new();
        for setting in self.settings {
            let value = settings.iter().rev().find(|(key, _)| key == setting.key).map(|(_, value)| value.trim());
            let Some(value) = value.filter(|value| !value.is_empty()).or(setting.default) else {
                return Err(invalid(format!("The preset {} needs the setting {}.", self.key, setting.key)));
            };
            // When the token is delivered, each variable in a template is replaced by its value.
            if matches!(self.input, PresetInput::Template(_)) && value.contains("${") {
                return Err(invalid(format!("The setting {} is invalid: it must not have ${{.", setting.key)));
            }
            if let Some(reason) = setting.invalid_reason(value) {
                return Err(invalid(format!("The setting {} is invalid: {reason}.", setting.key)));
            }
            let path = (setting.kind == SettingKind::Path)
                .then(|| resolve_path(directory, value).to_string_lossy().into_owned());
            values.push((setting.key, path.unwrap_or_else(|| value.to_owned())));
        }
        let fill = |text: &str, escape: &dyn Fn(&str) -> String| fill_placeholders(text, &values, escape);
        let json = |value: &str| {
            let quoted = serde_json::Value::from(value).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        };
        Ok(Delivery {
            name: name.to_owned(),
            command: self.command.iter().map(|argument| fill(argument, &str::to_owned)).collect(),
            input: match self.input {
                PresetInput::Token => Input::Token,
                PresetInput::Env => Input::Env,
                PresetInput::Template(text) => Input::Template(fill(text, &json)),
            },
            last_result: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn x07_no_preset_puts_a_secret_in_an_argument() {
        for preset in PRESETS {
            let value = |setting: &Setting| match setting.kind {
                SettingKind::Repository => "me/site".to_owned(),
                _ => format!("v\"{}\\", setting.key),
            };
            let settings: Vec<_> =
                preset.settings.iter().map(|setting| (setting.key.to_owned(), value(setting))).collect();
            let delivery = preset.create_delivery("d", &settings, Path::new("/")).unwrap();
            let command = delivery.command.join(" ");
            assert!(!command.contains("${") && !command.contains('{'), "{command}");
            if let Input::Template(text) = &delivery.input {
                assert!(text.contains("${LINKEDIN_ACCESS_TOKEN}"));
                assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
            }
            let required: Vec<_> = settings.into_iter().filter(|(key, _)| is_required(preset, key)).collect();
            assert!(preset.create_delivery("d", &required, Path::new("/")).is_ok(), "{}", preset.key);
        }
    }

    fn is_required(preset: &Preset, key: &str) -> bool {
        preset.settings.iter().any(|setting| setting.key == key && setting.default.is_none())
    }

    #[test]
    fn settings_are_checked() {
        let github = Preset::find("github-secret").unwrap();
        let delivery = github.create_delivery("site", &settings(&[("repo", "me/site")]), Path::new("/")).unwrap();
        assert_eq!(delivery.command, ["gh", "secret", "set", "LINKEDIN_ACCESS_TOKEN", "--repo", "me/site"]);
        assert!(github.create_delivery("site", &[], Path::new("/")).unwrap_err().hint.contains("repo ("));
        assert!(github.create_delivery("site", &settings(&[("repo", " ")]), Path::new("/")).is_err());
        assert!(
            github.create_delivery("site", &settings(&[("repo", "me/site"), ("color", "b")]), Path::new("/")).is_err()
        );
        assert!(github.create_delivery(" ", &settings(&[("repo", "me/site")]), Path::new("/")).is_err());
        for bad in ["live.env", "/", "me/", "/site", "me/site/of/mine", "me/my site", "https://github.com/me/site"] {
            let error = github.create_delivery("site", &settings(&[("repo", bad)]), Path::new("/")).unwrap_err();
            assert!(error.message.contains("not OWNER/REPO"), "{bad}: {error}");
        }
        assert!(
            github
                .create_delivery("site", &settings(&[("repo", "git.example.com/me/site.js")]), Path::new("/"))
                .is_ok()
        );
        assert!(Preset::find("ftp").is_err());
    }

    #[test]
    fn values_are_not_filled_again() {
        let create = |preset: &str, pairs: &[(&str, &str)]| {
            Preset::find(preset).unwrap().create_delivery("site", &settings(pairs), Path::new("/"))
        };
        let delivery = create("vault", &[("path", "apps/{key}"), ("key", "{mount}")]).unwrap();
        assert_eq!(delivery.command[3..], ["-mount=secret", "apps/{key}", "{mount}=-"]);
        let Input::Template(text) = create("1password", &[("item", "{vault}"), ("vault", "Private")]).unwrap().input
        else {
            panic!("the input is a template")
        };
        assert!(text.contains(r#""title":"{vault}""#), "{text}");
        let token = "${LINKEDIN_ACCESS_TOKEN}";
        let error = create("1password", &[("item", token), ("vault", "Private")]).unwrap_err();
        assert_eq!(error.message, "The setting item is invalid: it must not have ${.");
        assert!(create("vault", &[("path", token)]).is_ok(), "an argument is not a template");
    }

    #[test]
    fn empty_value_is_the_default_one() {
        let github = Preset::find("github-secret").unwrap();
        let pairs = settings(&[("repo", "me/site"), ("secret", " ")]);
        let delivery = github.create_delivery("site", &pairs, Path::new("/")).unwrap();
        assert_eq!(delivery.command[3], "LINKEDIN_ACCESS_TOKEN");
        let message = |name| github.create_delivery(name, &pairs, Path::new("/")).unwrap_err().message;
        assert_eq!(message(" "), "A delivery needs a name.");
        assert_eq!(message("a\u{7}b"), "A delivery's name must not have control characters.");
    }

    #[test]
    fn a_relative_path_is_resolved_once() {
        let dotenv = Preset::find("dotenv").unwrap();
        let delivery = dotenv.create_delivery("site", &settings(&[("file", "site/.env")]), Path::new("/srv")).unwrap();
        assert_eq!(delivery.command.last().unwrap(), "/srv/site/.env");
    }
}
