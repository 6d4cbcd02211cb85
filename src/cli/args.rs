//! The command line's grammar. What each command takes and does stands in its own file.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Over the flags that go with every command, in each command's help.
const EVERYWHERE: &str = "With every command";

/// Get LinkedIn API access tokens and keep them alive.
///
/// Without a command, the full-screen interface starts.
#[derive(Debug, Parser)]
#[command(
    name = "linkedin-tui",
    version,
    max_term_width = 100,
    after_help = "Examples:
  linkedin-tui --sandbox                 try everything without a LinkedIn app
  linkedin-tui login work                sign in, or sign in again
  linkedin-tui token work --header | curl -H @- https://api.linkedin.com/v2/userinfo

Exit codes: 0 done, 1 unexpected, 2 bad input, 3 no such profile or app, 4 a person must sign in,
5 network or LinkedIn refused, 6 files, 7 busy, 130 interrupted."
)]
pub struct Cli {
    /// Flags that go with every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that go with every command.
#[derive(Args, Clone, Debug, Default)]
pub struct Global {
    /// Use the embedded imitation of LinkedIn, with files of its own
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub sandbox: bool,
    /// How the sandbox behaves (needs --sandbox, or the command sandbox)
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "NAME")]
    pub scenario: Option<String>,
    /// The profile to use where none is named
    #[arg(long = "profile", global = true, help_heading = EVERYWHERE, value_name = "NAME")]
    pub profile_flag: Option<String>,
    /// The folder of settings, apps and profiles
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "DIR")]
    pub config_dir: Option<PathBuf>,
    /// Print results and errors as JSON
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// No colour
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub no_color: bool,
    /// Log requests on stderr, without any secret (the interface: only with 2> FILE)
    #[arg(short, long, global = true, help_heading = EVERYWHERE, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sign in by the browser, or re-authorize a profile
    #[command(after_help = "Examples:
  linkedin-tui login work --client-id 86abcdefghijkl --client-secret-stdin < secret.txt
  linkedin-tui login work                # again, 60 days later
  linkedin-tui login work --manual       # paste the redirected address (SSH)")]
    Login(super::commands::login::Args),
    /// Print the access token and nothing else; never opens a browser
    #[command(after_help = "Examples:
  TOKEN=$(linkedin-tui token work)
  linkedin-tui token work --header | curl -H @- https://api.linkedin.com/v2/userinfo")]
    Token(super::commands::token::Args),
    /// Every profile's status; exit code 4 when one needs a person
    #[command(after_help = "Examples (cron):
  0 9 * * *  linkedin-tui status --within 7d > /dev/null || echo 'sign in to LinkedIn' | mail me
  0 * * * *  linkedin-tui status --within 7d --notify > /dev/null")]
    Status(super::commands::status::Args),
    /// List, show, choose, rename and delete profiles
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
    /// Ask LinkedIn whether a token is alive and whose it is
    #[command(after_help = "Example:
  linkedin-tui check --all --json")]
    Check(super::commands::check::OneOrAll),
    /// Renew a token by its refresh token (apps that LinkedIn gives one)
    #[command(after_help = "Example:
  linkedin-tui refresh work")]
    Refresh(super::commands::check::OneOrAll),
    /// Revoke a token at LinkedIn and forget it here
    #[command(after_help = "Example:
  linkedin-tui revoke work")]
    Revoke(super::commands::check::Revoke),
    /// Who the token belongs to
    #[command(after_help = "Example:
  linkedin-tui whoami work --json")]
    Whoami(OneProfile),
    /// What the token may do at LinkedIn, and which product would change it; only reads
    #[command(after_help = "Examples:
  linkedin-tui permissions work
  linkedin-tui permissions work --json | jq '.capabilities[] | select(.allowed == false)'

Sends at most ten requests, none of which changes anything. What only a write would show is unknown
(null in JSON) until one from here succeeds.")]
    Permissions(OneProfile),
    /// Run a command with the token in its environment
    #[command(after_help = "Example:
  linkedin-tui exec work -- sh -c 'echo $LINKEDIN_MEMBER_URN'")]
    Exec(super::commands::exec::Args),
    /// Hand the token to where it is used, again; each new token goes there by itself
    #[command(after_help = "Examples:
  linkedin-tui deliver --presets
  linkedin-tui deliver work --add github-secret --set repo=me/site
  linkedin-tui deliver work --dry-run    # only print what would run
  linkedin-tui deliver work --test       # send a test token, to try the commands
  linkedin-tui deliver work              # the stored one

Exit code 5 when a command failed: what it talks to is not in this program's hands.")]
    Deliver(super::commands::deliver::Deliver),
    /// The token in the form that something else reads, or a calendar of what ends when
    #[command(after_help = "Examples:
  eval \"$(linkedin-tui export work --format env)\"
  linkedin-tui export work --format dotenv --output .env
  linkedin-tui export --all --format ics --output tokens.ics")]
    Export(super::commands::export::Args),
    /// Take over an app from a .env file and a token that was made elsewhere
    #[command(after_help = "Examples:
  linkedin-tui import work --env-file .env --token-file access_token.json
  pass show linkedin/token | linkedin-tui import work --app my-app --token-stdin")]
    Import(super::commands::import::Args),
    /// Serve the Model Context Protocol on stdin and stdout, for assistants
    #[command(after_help = "Example (an assistant starts it):
  claude mcp add linkedin -- linkedin-tui mcp --profile work")]
    Mcp(super::commands::mcp::Mcp),
    /// Look for what may be wrong: files, apps, ports, network, clock, browser, terminal
    #[command(after_help = "Examples:
  linkedin-tui doctor
  linkedin-tui doctor --bundle report.md    # for a bug report: no names, no secrets

Exit codes: 0 when nothing is wrong (warnings are not), else the code of the first error:
2 settings or an app, 3 a profile's app is missing, 5 network or a dead API version, 6 files, 7 a port.")]
    Doctor(super::commands::doctor::Doctor),
    /// Show or change how tokens and client secrets are stored
    #[command(after_help = "Examples:
  linkedin-tui encryption                # show how they are stored
  linkedin-tui encryption keyring        # encrypted; the system's keyring has the key
  linkedin-tui encryption passphrase     # encrypted; asks, or reads LINKEDIN_TUI_PASSPHRASE_FILE
  linkedin-tui encryption off            # plain text again")]
    Encryption(super::commands::encryption::Args),
    /// Publish a post; or list and delete those made here
    #[command(after_help = "Examples:
  linkedin-tui post \"Hello LinkedIn API :-)\"
  linkedin-tui post \"We ship today #rust\" --image box.png --alt \"A box\" --visibility connections
  linkedin-tui post -- \"- a text that begins with a dash\"
  fmt -w 2500 < note.txt | linkedin-tui post - --link https://example.com/ --title \"Our site\" --dry-run
  linkedin-tui post --recent
  linkedin-tui post --delete urn:li:share:7141138937766391808")]
    Post(super::commands::post::Args),
    /// One authenticated request to LinkedIn's API
    #[command(after_help = "Examples:
  linkedin-tui api GET /v2/userinfo
  linkedin-tui api POST /rest/posts --data @post.json -i
  linkedin-tui api GET '/rest/organizationAcls?q=roleAssignee' --paginate | jq .elements

With --json each answer is an object with status, uuid and body.")]
    Api(super::commands::api::Args),
    /// The scopes LinkedIn knows, and what each grants
    #[command(after_help = "Example:
  linkedin-tui scopes --json")]
    Scopes,
    /// Serve the sandbox alone
    #[command(after_help = "Example:
  linkedin-tui sandbox --port 8080 --scenario refresh-tokens")]
    Sandbox(super::commands::sandbox::Args),
    /// Completions for a shell, on stdout
    #[command(after_help = "Example:
  linkedin-tui completions bash > ~/.local/share/bash-completion/completions/linkedin-tui")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// The manual page, on stdout
    #[command(after_help = "Example:
  linkedin-tui man > linkedin-tui.1")]
    Man,
}

/// One profile, or the current one.
#[derive(Args, Debug)]
pub struct OneProfile {
    /// The profile; else the current one
    pub profile: Option<String>,
}

/// One profile, named.
#[derive(Args, Debug)]
pub struct NamedProfile {
    /// The profile
    pub profile: String,
}

/// One app, named.
#[derive(Args, Debug)]
pub struct NamedApp {
    /// The app
    pub app: String,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn x05_no_flag_takes_a_secret() {
        fn walk(command: &clap::Command) {
            for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
                let name = argument.get_id().as_str();
                assert!(
                    !(name.contains("secret") || name.contains("password")) || name.ends_with("_file"),
                    "{} of {}",
                    name,
                    command.get_name()
                );
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
