//! The command line: global options and the list of commands. The arguments of a command are in the command's file.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::common_args::OneProfile;

/// Heading of the options that every command accepts.
const GLOBAL_HEADING: &str = "Global options";

/// Get LinkedIn API access tokens and keep them valid.
///
/// Without a command, the interface starts.
#[derive(Debug, Parser)]
#[command(
    name = "linkedin-tui",
    version,
    max_term_width = 100,
    after_help = "Examples:
  linkedin-tui --sandbox                 try everything without a LinkedIn app
  linkedin-tui login work                sign in or re-authorize
  linkedin-tui token work --header | curl -H @- https://api.linkedin.com/v2/userinfo

Exit codes: 0 done, 1 unexpected, 2 bad input, 3 no such profile or app, 4 sign-in required,
5 network or LinkedIn refused, 6 files, 7 busy, 130 interrupted."
)]
pub struct Cli {
    /// Options that every command accepts.
    #[command(flatten)]
    pub(crate) global: Global,
    /// The command; without one, the interface starts.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options that every command accepts.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Global {
    /// Use the built-in LinkedIn simulator, with separate files
    #[arg(long, global = true, help_heading = GLOBAL_HEADING)]
    pub(crate) sandbox: bool,
    /// Scenario to simulate (see sandbox --list-scenarios)
    #[arg(long, global = true, help_heading = GLOBAL_HEADING, value_name = "NAME")]
    #[arg(add = super::candidates::complete_scenarios())]
    pub(crate) scenario: Option<String>,
    /// Profile to use [default: the current profile]
    #[arg(long = "profile", global = true, help_heading = GLOBAL_HEADING, value_name = "NAME")]
    #[arg(add = super::candidates::complete_profile_names())]
    pub(crate) profile_flag: Option<String>,
    /// Directory for settings, apps and profiles
    #[arg(long, global = true, help_heading = GLOBAL_HEADING, value_name = "DIR")]
    pub(crate) config_dir: Option<PathBuf>,
    /// Print results and errors as JSON
    #[arg(long, global = true, help_heading = GLOBAL_HEADING)]
    pub(crate) json: bool,
    /// Disable colored output
    #[arg(long, global = true, help_heading = GLOBAL_HEADING)]
    pub(crate) no_color: bool,
    /// Log requests and the causes of errors on stderr, without secrets
    #[arg(short, long, global = true, help_heading = GLOBAL_HEADING, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl Global {
    /// Returns the command that starts the program on the same files: its name, with the options that select them.
    ///
    /// The text lives as long as the process, so that a [`Printer`](super::output::printer::Printer) stays `Copy`.
    pub(crate) fn program_command(&self) -> &'static str {
        let mut command = "linkedin-tui".to_owned();
        if self.sandbox {
            command.push_str(" --sandbox");
        }
        if let Some(directory) = &self.config_dir {
            let directory = directory.to_string_lossy();
            let quoted = shlex::try_quote(&directory).unwrap_or(directory.as_ref().into());
            command.extend([" --config-dir ", &quoted]);
        }
        command.leak()
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in with a browser, or re-authorize a profile
    #[command(after_help = "Examples:
  linkedin-tui login work --client-id 86abcdefghijkl --client-secret-stdin < secret.txt
  linkedin-tui login work                # re-authorize, 60 days later
  linkedin-tui login work --manual       # paste the callback URL (SSH)")]
    Login(super::commands::login::Args),
    /// Print the access token, refreshed if needed; never opens a browser
    #[command(after_help = "Examples:
  TOKEN=$(linkedin-tui token work)
  linkedin-tui token work --header | curl -H @- https://api.linkedin.com/v2/userinfo")]
    Token(super::commands::token::Args),
    /// Show the status of all profiles (exit code 4 if one needs a sign-in)
    #[command(after_help = "Examples:
  linkedin-tui status --within 7d > /dev/null || echo 'sign in to LinkedIn' | mail me
  linkedin-tui status --install-timer    # check every day, and notify")]
    Status(super::commands::status::Args),
    /// List, show, select, rename and delete profiles
    #[command(
        subcommand,
        after_help = "Example:
  linkedin-tui profiles use work"
    )]
    Profiles(super::commands::profiles::Profiles),
    /// List, show, add and delete LinkedIn apps
    #[command(
        subcommand,
        after_help = "Example:
  linkedin-tui apps add my-poster --client-id 86abcdefghijkl --client-secret-stdin < secret.txt"
    )]
    Apps(super::commands::apps::Apps),
    /// Check with LinkedIn whether a token is valid and which member it belongs to
    #[command(after_help = "Example:
  linkedin-tui check --all --json")]
    Check(super::commands::check::OneOrAll),
    /// Refresh a token with its refresh token (approved partner apps only)
    #[command(after_help = "Example:
  linkedin-tui refresh work")]
    Refresh(super::commands::check::OneOrAll),
    /// Revoke a token and delete it from this machine
    #[command(after_help = "Example:
  linkedin-tui revoke work")]
    Revoke(super::commands::check::RevokeArgs),
    /// Show the member that a token belongs to
    #[command(after_help = "Example:
  linkedin-tui whoami work --json")]
    Whoami(OneProfile),
    /// Show what a token permits, and which product would permit more
    #[command(after_help = "Examples:
  linkedin-tui permissions work
  linkedin-tui permissions work --json | jq '.capabilities[] | select(.allowed == false)'

Sends at most ten requests, none of which changes anything. What only a write would show is unknown
(null in JSON) until a write succeeds.")]
    Permissions(OneProfile),
    /// Run a command with the token in its environment
    #[command(after_help = "Example:
  linkedin-tui exec work -- sh -c 'echo $LINKEDIN_MEMBER_URN'")]
    Exec(super::commands::exec::Args),
    /// Deliver the token to where it is used (automatic after each sign-in and refresh)
    #[command(after_help = "Examples:
  linkedin-tui deliver --presets
  linkedin-tui deliver work --add github-secret --set repo=me/site
  linkedin-tui deliver work --dry-run    # print what would run
  linkedin-tui deliver work --test       # send a test token
  linkedin-tui deliver work              # send the saved token

Exit code 5 if the command of a delivery fails.")]
    Deliver(super::commands::deliver::Args),
    /// Export a token for other programs, or a calendar of expiries
    #[command(after_help = "Examples:
  eval \"$(linkedin-tui export work --format env)\"
  linkedin-tui export work --format powershell | Invoke-Expression
  linkedin-tui export work --format dotenv --output .env
  linkedin-tui export --all --format ics --output tokens.ics")]
    Export(super::commands::export::Args),
    /// Import an app and a token from the files of a script or another LinkedIn tool
    #[command(after_help = "Examples:
  linkedin-tui import ~/.linkedctl/*.yaml
  linkedin-tui import work ~/.config/lcli/tokens.json
  linkedin-tui import work --env-file .env --token-file access_token.json
  pass show linkedin/token | linkedin-tui import work --app my-app --token-stdin

An argument with a slash, a leading dot or the extension json, yaml, yml or env is a file, and so is
the name of a file in this directory. The format is recognized by the content; the file stays as it is.")]
    Import(super::commands::import::Args),
    #[cfg(feature = "mcp")]
    /// Run a Model Context Protocol server on stdio, for assistants
    #[command(after_help = "Example (an assistant starts it):
  claude mcp add linkedin -- linkedin-tui mcp --profile work")]
    Mcp(super::commands::mcp::Args),
    /// Diagnose problems with files, apps, ports, network, clock, browser and terminal
    #[command(after_help = "Examples:
  linkedin-tui doctor
  linkedin-tui doctor --bundle report.md    # for a bug report: no names, no secrets

Exit codes: 0 without errors (warnings do not count), else the code of the first error:
2 settings or an app, 3 a profile's app is missing, 5 network or a retired API version, 6 files, 7 a port.")]
    Doctor(super::commands::doctor::Args),
    /// Show or change how tokens and client secrets are stored
    #[command(after_help = "Examples:
  linkedin-tui encryption                # show the current setting
  linkedin-tui encryption keyring        # encrypt; the key is in the system's keyring
  linkedin-tui encryption passphrase     # encrypt; prompts, or reads LINKEDIN_TUI_PASSPHRASE_FILE
  linkedin-tui encryption off            # plain text")]
    Encryption(super::commands::encryption::Args),
    /// Publish a post, or list, change and delete posts published with this program
    #[command(after_help = "Examples:
  linkedin-tui post \"Hello LinkedIn API :-)\"
  linkedin-tui post \"We ship today #rust\" --image box.png --alt \"A box\" --visibility connections
  linkedin-tui post -- \"- a text that begins with a dash\"
  linkedin-tui post - --link https://example.com/ --dry-run < note.txt
  linkedin-tui post \"Slides\" --document deck.pdf --title \"Our talk\"
  linkedin-tui post \"Watch\" --video demo.mp4 --captions demo.vtt
  linkedin-tui post \"You decide\" --poll \"Tabs or spaces?\" --option Tabs --option Spaces
  linkedin-tui post --recent
  linkedin-tui post --delete urn:li:share:7141138937766391808")]
    Post(Box<super::commands::post::Args>),
    /// Comment on a post as the member or a Page; edit or delete a comment
    #[command(after_help = "Examples:
  linkedin-tui comment urn:li:share:7141138937766391808 \"Well done :-)\"
  linkedin-tui comment https://www.linkedin.com/feed/update/urn:li:share:7141138937766391808/ - < comment.txt
  linkedin-tui comment urn:li:share:7141138937766391808 \"Thank you\" --as urn:li:organization:2414183
  linkedin-tui comment \"Well done!\" --edit 'urn:li:comment:(urn:li:share:7141138937766391808,7141138937766391809)'

If LinkedIn does not permit the app /rest/socialActions, the comment is sent to /v2/socialActions.")]
    Comment(super::commands::comment::Args),
    /// React to a post, as the member or as a Page
    #[command(after_help = "Examples:
  linkedin-tui react urn:li:share:7141138937766391808 like
  linkedin-tui react urn:li:share:7141138937766391808 --delete")]
    React(super::commands::react::Args),
    /// List the Pages on which the member has a role
    #[command(after_help = "Example:
  linkedin-tui pages work --json | jq -r '.[] | select(.can_post) | .urn'")]
    Pages(OneProfile),
    /// Show the statistics of a post, or of all posts of the member
    #[command(after_help = "Examples:
  linkedin-tui stats
  linkedin-tui stats urn:li:share:7141138937766391808 --json | jq .metrics.impressions

Statistics need the Community Management API. What the token may not read is reported, and null in JSON.")]
    Stats(super::commands::stats::Args),
    /// Send an authenticated request to LinkedIn's API
    #[command(after_help = "Examples:
  linkedin-tui api GET /v2/userinfo
  linkedin-tui api POST /rest/posts --data @post.json -i
  linkedin-tui api GET '/rest/organizationAcls?q=roleAssignee' --paginate | jq .elements

With --json, each response is an object with status, uuid and body.")]
    Api(super::commands::api::Args),
    /// List LinkedIn's scopes and products
    #[command(after_help = "Example:
  linkedin-tui scopes --json")]
    Scopes,
    /// Run the LinkedIn simulator as a server
    #[command(after_help = "Examples:
  linkedin-tui sandbox --port 8080 --scenario refresh-tokens
  linkedin-tui sandbox --list-scenarios")]
    Sandbox(super::commands::sandbox::Args),
    /// Print completions for a shell
    #[command(after_help = "Example:
  linkedin-tui completions bash > ~/.local/share/bash-completion/completions/linkedin-tui")]
    Completions {
        /// Shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example:
  linkedin-tui man > linkedin-tui.1")]
    Man,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn x05_no_option_takes_a_secret() {
        fn walk(command: &clap::Command) {
            for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
                let name = argument.get_id().as_str();
                let is_secret = ["secret", "password", "passphrase", "token"].iter().any(|word| name.contains(word));
                assert!(!is_secret || name.ends_with("_file"), "{name} of {}", command.get_name());
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&Cli::command());
    }

    #[test]
    fn every_command_has_an_example() {
        fn walk(command: &clap::Command) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "{} has no example", command.get_name());
            command.get_subcommands().for_each(walk);
        }
        walk(&Cli::command());
    }
}
