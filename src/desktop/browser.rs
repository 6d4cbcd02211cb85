//! Starts a browser and notices when it cannot be started.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use url::Url;

use super::{PRIVATE_VARIABLES, Surroundings, in_path};

/// Browsers that would take the terminal over.
const TEXT_BROWSERS: &[&str] = &["lynx", "w3m", "links", "links2", "elinks", "browsh", "www-browser"];

/// How long a started browser is watched for failing at once.
const WATCHED: Duration = Duration::from_secs(5);

/// Starts browsers; handed in, so that tests need none.
pub trait Browser: Send + Sync {
    /// Starts `command` (else the person's own choice) on `url`.
    ///
    /// # Errors
    /// A sentence that says why no browser was started.
    fn start(&self, command: Option<&str>, url: &Url) -> Result<Started, String>;
}

/// A browser that was started.
#[derive(Debug)]
pub struct Started {
    /// Its command, without the URL, for people.
    pub command: String,
    /// Ends with a sentence when the browser fails within its first seconds, else with `None`.
    pub failure: JoinHandle<Option<String>>,
}

/// The browser of this machine: the command given, else `BROWSER`, else what the system opens
/// web pages with.
#[derive(Clone, Debug)]
pub struct SystemBrowser {
    surroundings: Surroundings,
    variable: Option<String>,
}

/// Who names the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A setting or a flag.
    Command,
    /// The variable `BROWSER`.
    Variable,
    /// The system.
    System,
}

/// The browser that would be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Who names it.
    pub named: Named,
    /// Its command, without the URL.
    pub command: String,
    /// Why it cannot be started, as far as can be told without trying.
    pub trouble: Option<&'static str>,
}

impl SystemBrowser {
    /// Takes what was noticed of the surroundings and the value of `BROWSER`.
    #[must_use]
    pub fn new(surroundings: Surroundings, variable: Option<String>) -> Self {
        Self { surroundings, variable: variable.filter(|value| !value.trim().is_empty()) }
    }

    /// What would be started, for people.
    ///
    /// # Errors
    /// A sentence that says why nothing can be.
    pub fn choice(&self, command: Option<&str>) -> Result<String, String> {
        self.candidates(command, "").map(|found| found[0].join(" "))
    }

    /// What would be started, and whether it is there; the first that is, where several may be.
    ///
    /// # Errors
    /// A sentence that says why nothing can be.
    pub fn look(&self, command: Option<&str>) -> Result<Choice, String> {
        let named = match (command.is_some_and(|text| !text.trim().is_empty()), &self.variable) {
            (true, _) => Named::Command,
            (false, Some(_)) => Named::Variable,
            (false, None) => Named::System,
        };
        let mut found = self.candidates(command, "")?.into_iter().map(|words| {
            let program = words.first().map_or("", String::as_str);
            let trouble = if TEXT_BROWSERS.contains(&stem(program)) {
                Some("it is a text browser, and LinkedIn's pages need a graphical one")
            } else if in_path(program) {
                None
            } else {
                Some("there is no such program")
            };
            Choice { named, command: words.join(" "), trouble }
        });
        let first = found.next().ok_or("The browser command is empty.")?;
        if first.trouble.is_none() { Ok(first) } else { Ok(found.find(|one| one.trouble.is_none()).unwrap_or(first)) }
    }

    /// Commands to try in turn, each as program and arguments with the URL in its place.
    fn candidates(&self, command: Option<&str>, url: &str) -> Result<Vec<Vec<String>>, String> {
        let named = command.map(str::trim).filter(|text| !text.is_empty());
        if let Some(text) = named {
            return split(text, url).map(|one| vec![one]);
        }
        if let Some(list) = &self.variable {
            // Several may be named, with colons between, as in other programs that read BROWSER.
            let parts: Vec<&str> =
                if cfg!(unix) && !Path::new(list).exists() { list.split(':').collect() } else { vec![list.as_str()] };
            return parts.into_iter().filter(|part| !part.trim().is_empty()).map(|part| split(part, url)).collect();
        }
        if let Some(why) = self.surroundings.no_browser_because() {
            return Err(why.to_owned());
        }
        let found: Vec<Vec<String>> = open::commands(url)
            .iter()
            .map(|command| {
                let words = std::iter::once(command.get_program()).chain(command.get_args());
                words.map(|word| word.to_string_lossy().into_owned()).filter(|word| !word.is_empty()).collect()
            })
            .collect();
        if found.is_empty() { Err("This system names no program that opens web pages.".to_owned()) } else { Ok(found) }
    }
}

impl Browser for SystemBrowser {
    fn start(&self, command: Option<&str>, url: &Url) -> Result<Started, String> {
        let mut why = String::new();
        for words in self.candidates(command, url.as_str())? {
            let (program, arguments) = words.split_first().ok_or("The browser command is empty.")?;
            let stem = stem(program);
            if TEXT_BROWSERS.contains(&stem) {
                why = format!("{stem} is a text browser, and LinkedIn's pages need a graphical one.");
                continue;
            }
            match spawn(program, arguments) {
                Ok(child) => {
                    let shown: Vec<&str> =
                        words.iter().map(String::as_str).filter(|word| !word.contains(url.as_str())).collect();
                    return Ok(Started {
                        command: shown.join(" "),
                        failure: tokio::spawn(watch(child, stem.to_owned())),
                    });
                }
                Err(error) => {
                    why = format!(
                        "The browser command {program} could not be started: {}.",
                        crate::error::io_reason(&error)
                    );
                }
            }
        }
        Err(why)
    }
}

fn stem(program: &str) -> &str {
    Path::new(program).file_stem().and_then(|stem| stem.to_str()).unwrap_or(program)
}

/// Splits a command as a shell would, without one; `%s` or a last argument is the URL.
fn split(text: &str, url: &str) -> Result<Vec<String>, String> {
    let mut words = shlex::split(text).ok_or("The browser command has an unclosed quote.")?;
    let mut placed = false;
    for word in words.iter_mut().skip(1) {
        if word.contains("%s") {
            *word = word.replace("%s", url);
            placed = true;
        }
    }
    if !placed && !url.is_empty() {
        words.push(url.to_owned());
    }
    if words.is_empty() { Err("The browser command is empty.".to_owned()) } else { Ok(words) }
}

fn spawn(program: &str, arguments: &[String]) -> std::io::Result<Child> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Its own process group: Ctrl-C here is not for the browser.
    #[cfg(unix)]
    command.process_group(0);
    for name in PRIVATE_VARIABLES {
        command.env_remove(name);
    }
    command.spawn()
}

/// Says when the browser ends badly at once. Afterwards it is left alone: it may be the browser
/// itself, and is never killed.
async fn watch(mut child: Child, stem: String) -> Option<String> {
    match tokio::time::timeout(WATCHED, child.wait()).await {
        Ok(Ok(status)) if !status.success() => Some(format!("{stem} started and then failed ({status}).")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(variable: Option<&str>, display: bool) -> SystemBrowser {
        SystemBrowser::new(Surroundings { display, ..Surroundings::default() }, variable.map(str::to_owned))
    }

    #[test]
    fn l36_browser_is_split_and_never_evaluated() {
        let words = split("sh -c \"touch X\"", "https://a/?b&c").unwrap();
        assert_eq!(words, ["sh", "-c", "touch X", "https://a/?b&c"]);
        assert_eq!(split("firefox -P work --url=%s", "u").unwrap(), ["firefox", "-P", "work", "--url=u"]);
        assert!(split("firefox \"", "u").is_err());
    }

    #[test]
    fn the_named_command_comes_before_browser_and_needs_no_display() {
        let own = browser(Some("chromium:firefox"), false);
        assert_eq!(own.choice(Some("firefox -P work")).unwrap(), "firefox -P work");
        assert_eq!(own.choice(None).unwrap(), "chromium");
        assert!(browser(None, false).choice(None).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn a_look_says_who_names_the_browser_and_whether_it_is_there() {
        let look = |variable, command| {
            browser(variable, false).look(command).map(|one| (one.named, one.command, one.trouble.is_some()))
        };
        assert_eq!(look(None, Some("sh -P work")), Ok((Named::Command, "sh -P work".to_owned(), false)));
        assert_eq!(look(Some("/no/such:w3m:sh"), None), Ok((Named::Variable, "sh".to_owned(), false)));
        assert_eq!(look(Some("w3m:/no/such"), None), Ok((Named::Variable, "w3m".to_owned(), true)));
        assert!(look(None, None).is_err());
    }

    #[tokio::test]
    async fn l33_text_browsers_and_missing_programs_are_told() {
        let url = Url::parse("http://localhost/").unwrap();
        assert!(browser(Some("w3m"), true).start(None, &url).unwrap_err().contains("text browser"));
        assert!(browser(None, true).start(Some("/no/such/program"), &url).unwrap_err().contains("/no/such/program"));
    }

    #[tokio::test]
    #[cfg(unix)]
    async fn l34_a_browser_that_fails_at_once_is_noticed() {
        let url = Url::parse("http://localhost/").unwrap();
        let started = browser(None, true).start(Some("false"), &url).unwrap();
        assert_eq!(started.command, "false");
        assert!(started.failure.await.unwrap().unwrap().contains("failed"));
        let started = browser(None, true).start(Some("true"), &url).unwrap();
        assert_eq!(started.failure.await.unwrap(), None);
    }
}
