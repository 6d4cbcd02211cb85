//! A profile's deliveries: the commands that receive each new token, and their last results.

use jiff::Timestamp;

/// A command that receives each new token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub name: String,
    /// The program and its arguments, run without a shell.
    pub command: Vec<String>,
    pub input: Input,
    pub last_result: Option<DeliveryResult>,
}

/// How a command receives the token; never as an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Only the token on stdin, without a newline, which secret stores would save too.
    Token,
    /// `NAME=value` lines on stdin.
    Env,
    /// The JSON of `export --format json` on stdin.
    Json,
    /// The variables of `exec` in the environment, nothing on stdin.
    Environment,
    /// This text on stdin, with each `${NAME}` replaced by the variable's value.
    Template(String),
    /// An input of a newer version. The profile stays usable; the delivery fails.
    Unknown,
}

impl Input {
    /// Returns the value in the profile's file.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Env => "env",
            Self::Json => "json",
            Self::Environment => "environment",
            Self::Template(_) => "template",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandExit {
    Code(i32),
    /// Not started, stopped, or killed by a signal; a sentence.
    Failed(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryResult {
    /// When the command exited.
    pub at: Timestamp,
    pub exit: CommandExit,
    /// The last line that it printed, cleaned, with the token and its parts redacted; may be empty.
    pub last_line: String,
    /// Whether a test token was delivered.
    pub is_test_token: bool,
}

impl DeliveryResult {
    pub fn succeeded(&self) -> bool {
        self.exit == CommandExit::Code(0)
    }

    /// Returns whether the command received the real token.
    pub fn delivered_token(&self) -> bool {
        self.succeeded() && !self.is_test_token
    }

    /// Returns the exit code or the failure, and the last line.
    pub fn summary(&self) -> String {
        let exit = match &self.exit {
            CommandExit::Code(0) => String::new(),
            CommandExit::Code(code) => format!("It ended with exit code {code}."),
            CommandExit::Failed(reason) => reason.clone(),
        };
        let parts = [exit.as_str(), self.last_line.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}
