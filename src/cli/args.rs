//! The command line's grammar. What each command does stands in its own file.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
  curl -H \"$(linkedin-tui token work --header)\" https://api.linkedin.com/v2/userinfo

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
    #[arg(long, global = true)]
    pub sandbox: bool,
    /// How the sandbox behaves (needs --sandbox, or the command sandbox)
    #[arg(long, global = true, value_name = "NAME")]
    pub scenario: Option<String>,
    /// The profile to use where none is named
    #[arg(long = "profile", global = true, value_name = "NAME")]
    pub profile_flag: Option<String>,
    /// The folder of settings, apps and profiles
    #[arg(long, global = true, value_name = "DIR")]
    pub config_dir: Option<PathBuf>,
    /// No colour
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Log requests on stderr, without any secret; twice for more (the interface: only with 2> FILE)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
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
    Login(Login),
    /// Print the access token and nothing else; never opens a browser
    #[command(after_help = "Examples:
  TOKEN=$(linkedin-tui token work)
  curl -H \"$(linkedin-tui token work --header)\" https://api.linkedin.com/v2/userinfo")]
    Token(Token),
    /// Every profile's status; exit code 4 when one needs a person
    #[command(after_help = "Examples (cron):
  0 9 * * *  linkedin-tui status --within 7d > /dev/null || echo 'sign in to LinkedIn' | mail me
  0 * * * *  linkedin-tui status --within 7d --notify > /dev/null")]
    Status(Status),
    /// List, show, choose, rename and delete profiles
    #[command(
        subcommand,
        after_help = "Example:
  linkedin-tui profiles use work"
    )]
    Profiles(Profiles),
    /// List, show, add and delete LinkedIn apps
    #[command(
        subcommand,
        after_help = "Example:
  linkedin-tui apps add my-poster --client-id 86abcdefghijkl --client-secret-stdin < secret.txt"
    )]
    Apps(Apps),
    /// Ask LinkedIn whether a token is alive and whose it is
    #[command(after_help = "Example:
  linkedin-tui check --all --json")]
    Check(Check),
    /// Renew a token by its refresh token (apps that LinkedIn gives one)
    #[command(after_help = "Example:
  linkedin-tui refresh work")]
    Refresh(Refresh),
    /// Revoke a token at LinkedIn and forget it here
    #[command(after_help = "Example:
  linkedin-tui revoke work")]
    Revoke(Revoke),
    /// Who the token belongs to
    #[command(after_help = "Example:
  linkedin-tui whoami work --json")]
    Whoami(OneProfile),
    /// Run a command with the token in its environment
    #[command(after_help = "Example:
  linkedin-tui exec work -- sh -c 'echo $LINKEDIN_MEMBER_URN'")]
    Exec(Exec),
    /// Hand the token to where it is used, again; each new token goes there by itself
    #[command(after_help = "Examples:
  linkedin-tui deliver --presets
  linkedin-tui deliver work --add github-secret --set repo=me/site
  linkedin-tui deliver work --dry-run    # a made-up token, to try the commands
  linkedin-tui deliver work              # the stored one

Exit code 5 when a command failed: what it talks to is not in this program's hands.")]
    Deliver(super::deliver::Deliver),
    /// The token in the form that something else reads, or a calendar of what ends when
    #[command(after_help = "Examples:
  eval \"$(linkedin-tui export work --format env)\"
  linkedin-tui export work --format dotenv --output .env
  linkedin-tui export --all --format ics --output tokens.ics")]
    Export(Export),
    /// Take over an app from a .env file and a token that was made elsewhere
    #[command(after_help = "Examples:
  linkedin-tui import work --env-file .env --token-file access_token.json
  pass show linkedin/token | linkedin-tui import work --app my-app --token-stdin")]
    Import(Import),
    /// Serve the Model Context Protocol on stdin and stdout, for assistants
    #[command(after_help = "Example (an assistant starts it):
  claude mcp add linkedin -- linkedin-tui mcp --profile work")]
    Mcp(super::mcp::Mcp),
    /// Look for what may be wrong: files, apps, ports, network, clock, browser, terminal
    #[command(after_help = "Examples:
  linkedin-tui doctor
  linkedin-tui doctor --bundle report.md    # for a bug report: no names, no secrets

Exit codes: 0 when nothing is wrong (warnings are not), else the code of the first error:
2 settings or an app, 3 a profile's app is missing, 5 network or a dead API version, 6 files, 7 a port.")]
    Doctor(super::doctor::Doctor),
    /// How tokens and client secrets are kept: in plain files, or sealed
    #[command(after_help = "Examples:
  linkedin-tui protect keyring           # sealed; the system's keyring has the key
  linkedin-tui protect passphrase        # sealed; asks, or reads the file in LINKEDIN_TUI_PASSPHRASE_FILE
  linkedin-tui protect file              # plain again")]
    Protect(super::protect::Protect),
    /// Publish a post; or list and delete those made here
    #[command(after_help = "Examples:
  linkedin-tui post \"Hello LinkedIn API :-)\"
  linkedin-tui post \"We ship today #rust\" --image box.png --alt \"A box\" --visibility connections
  fmt -w 2500 < note.txt | linkedin-tui post - --link https://example.com/ --title \"Our site\" --dry-run
  linkedin-tui post --recent
  linkedin-tui post --delete urn:li:share:7141138937766391808")]
    Post(super::post::Args),
    /// One authenticated request to LinkedIn's API
    #[command(after_help = "Examples:
  linkedin-tui api GET /v2/userinfo
  linkedin-tui api POST /rest/posts --data @post.json -i
  linkedin-tui api GET '/rest/organizationAcls?q=roleAssignee' --paginate | jq .elements")]
    Api(super::api::Args),
    /// The scopes LinkedIn knows, and what each grants
    #[command(after_help = "Example:
  linkedin-tui scopes --json")]
    Scopes(Json),
    /// Serve the sandbox alone
    #[command(after_help = "Example:
  linkedin-tui sandbox --port 8080 --scenario refresh-tokens")]
    Sandbox(Sandbox),
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

/// `login`
#[derive(Args, Debug)]
pub struct Login {
    /// The profile; else the active one, else `default`
    pub profile: Option<String>,
    /// A saved app, or the name for a new one
    #[arg(long, value_name = "NAME")]
    pub app: Option<String>,
    /// The app's client ID (Auth tab of the LinkedIn Developer Portal)
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Read the client secret from the first line of stdin
    #[arg(long, conflicts_with = "client_secret_file")]
    pub client_secret_stdin: bool,
    /// Read the client secret from a file
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
    /// A scope to ask for; repeatable, or several with commas or spaces
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<String>,
    /// The redirect URL, exactly as registered on the app's Auth tab
    #[arg(long, value_name = "URL")]
    pub redirect_url: Option<String>,
    /// The browser command; `%s` or a last argument is the URL. Kept with the profile
    #[arg(long, value_name = "CMD", conflicts_with = "no_browser")]
    pub browser: Option<String>,
    /// Start no browser; only print the URL
    #[arg(long)]
    pub no_browser: bool,
    /// Paste the redirected address on stdin; the listener stays open all the while
    #[arg(long)]
    pub manual: bool,
    /// How long to wait for the browser
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: Option<u64>,
    /// When another member than before signs in: replace, new:NAME or discard
    #[arg(long, value_name = "CHOICE")]
    pub on_other_member: Option<String>,
    /// Also show the token on the page in the browser
    #[arg(long)]
    pub show_token_in_browser: bool,
    /// Print the token on stdout when done
    #[arg(long, conflicts_with = "json")]
    pub print_token: bool,
    /// A token without a member, by the app's own credentials: no browser (apps that LinkedIn enabled)
    #[arg(long, conflicts_with_all = ["scopes", "browser", "no_browser", "manual", "timeout", "on_other_member", "show_token_in_browser"])]
    pub two_legged: bool,
    /// Print the profile as JSON
    #[arg(long)]
    pub json: bool,
}

/// `token`
#[derive(Args, Debug)]
pub struct Token {
    /// The profile; else the active one
    pub profile: Option<String>,
    /// The token must live at least this long (`30m`, `12h`, `7d`)
    #[arg(long, value_name = "DURATION", value_parser = super::duration::parse)]
    pub min_ttl: Option<jiff::SignedDuration>,
    /// Print a whole header, `Authorization: Bearer ...`
    #[arg(long, conflicts_with = "json")]
    pub header: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `exec`
#[derive(Args, Debug)]
pub struct Exec {
    /// The profile; else the active one
    pub profile: Option<String>,
    /// The command, which gets `LINKEDIN_ACCESS_TOKEN`, `LINKEDIN_MEMBER_ID` and `LINKEDIN_MEMBER_URN`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<std::ffi::OsString>,
}

/// `export`
#[derive(Args, Debug)]
pub struct Export {
    /// The profile; else the active one
    pub profile: Option<String>,
    /// The form
    #[arg(long, value_enum)]
    pub format: Format,
    /// Every profile (for a calendar)
    #[arg(long, conflicts_with = "profile")]
    pub all: bool,
    /// A file that only you can read, instead of stdout
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `import`
#[derive(Args, Debug)]
pub struct Import {
    /// The profile to make; else `default`
    pub profile: Option<String>,
    /// A file with `LINKEDIN_CLIENT_ID`, `LINKEDIN_CLIENT_SECRET`, `LINKEDIN_REDIRECT_URI`; else ./.env
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// A file with the token, alone or as JSON; else the one that `ACCESS_TOKEN_FILEPATH` names, else
    /// `./access_token.json`
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Read the token from stdin
    #[arg(long, conflicts_with = "token_file")]
    pub token_stdin: bool,
    /// Take app and token from the variables of this process
    #[arg(long, conflicts_with_all = ["env_file", "token_file", "token_stdin"])]
    pub from_env: bool,
    /// The saved app that the token belongs to
    #[arg(long, value_name = "NAME", conflicts_with = "env_file")]
    pub app: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Forms of an export
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// `export NAME=value` for a POSIX shell
    Env,
    /// A `.env` file
    Dotenv,
    /// JSON
    Json,
    /// A request, ready to run
    Curl,
    /// A calendar with alarms, without any token
    Ics,
}

/// `status`
#[derive(Args, Debug)]
pub struct Status {
    /// Exit with 4 when a token ends within this time too (`7d`, `36h`)
    #[arg(long, value_name = "DURATION", value_parser = super::duration::parse)]
    pub within: Option<jiff::SignedDuration>,
    /// Run the notify command of config.toml for each of those, once a day
    #[arg(long)]
    pub notify: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `profiles ...`
#[derive(Debug, Subcommand)]
pub enum Profiles {
    /// All profiles
    #[command(after_help = "Example:\n  linkedin-tui profiles list --json")]
    List(Json),
    /// One profile
    #[command(after_help = "Example:\n  linkedin-tui profiles show work")]
    Show(OneProfile),
    /// Make a profile the active one
    #[command(after_help = "Example:\n  linkedin-tui profiles use work")]
    Use(NamedProfile),
    /// Give a profile another name
    #[command(after_help = "Example:\n  linkedin-tui profiles rename work office")]
    Rename {
        /// Its name
        profile: String,
        /// Its new name
        new_name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete a profile and its token from this machine
    #[command(after_help = "Example:\n  linkedin-tui profiles delete work")]
    Delete(NamedProfile),
}

/// `apps ...`
#[derive(Debug, Subcommand)]
pub enum Apps {
    /// All apps
    #[command(after_help = "Example:\n  linkedin-tui apps list --json")]
    List(Json),
    /// One app, without its secret
    #[command(after_help = "Example:\n  linkedin-tui apps show my-poster")]
    Show(NamedApp),
    /// Save an app
    #[command(
        after_help = "Example:\n  linkedin-tui apps add my-poster --client-id 86abcdefghijkl --client-secret-stdin < secret.txt"
    )]
    Add(AddApp),
    /// Delete an app that no profile uses
    #[command(after_help = "Example:\n  linkedin-tui apps delete my-poster")]
    Delete(NamedApp),
}

/// `apps add`
#[derive(Args, Debug)]
pub struct AddApp {
    /// Its name here
    pub app: String,
    /// The client ID
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Read the client secret from the first line of stdin
    #[arg(long, conflicts_with = "client_secret_file")]
    pub client_secret_stdin: bool,
    /// Read the client secret from a file
    #[arg(long, value_name = "FILE")]
    pub client_secret_file: Option<PathBuf>,
    /// The redirect URL, exactly as registered; native PKCE: a loopback IP, port 0 for a free one
    #[arg(long, value_name = "URL")]
    pub redirect_url: Option<String>,
    /// How it signs in
    #[arg(long, value_enum, default_value_t = FlowArg::Standard)]
    pub flow: FlowArg,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// How an app signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FlowArg {
    /// Client ID and secret: every ordinary app
    Standard,
    /// PKCE, switched on by LinkedIn per app
    NativePkce,
}

/// `check`
#[derive(Args, Debug)]
pub struct Check {
    /// The profile; else the active one
    #[arg(conflicts_with = "all")]
    pub profile: Option<String>,
    /// Every profile with a token, at most four at once; the highest exit code counts
    #[arg(long)]
    pub all: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `refresh`
#[derive(Args, Debug)]
pub struct Refresh {
    /// The profile; else the active one
    #[arg(conflicts_with = "all")]
    pub profile: Option<String>,
    /// Every profile that can be renewed without a person; the highest exit code counts
    #[arg(long)]
    pub all: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `revoke`
#[derive(Args, Debug)]
pub struct Revoke {
    /// The profile; else the active one
    pub profile: Option<String>,
    /// Keep the token in the profile's file
    #[arg(long)]
    pub keep: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `sandbox`
#[derive(Args, Debug)]
pub struct Sandbox {
    /// The port; else a free one
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
}

/// A command without arguments of its own.
#[derive(Args, Clone, Copy, Debug)]
pub struct Json {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// One profile, or the active one.
#[derive(Args, Debug)]
pub struct OneProfile {
    /// The profile; else the active one
    pub profile: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// One profile, named.
#[derive(Args, Debug)]
pub struct NamedProfile {
    /// The profile
    pub profile: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// One app, named.
#[derive(Args, Debug)]
pub struct NamedApp {
    /// The app
    pub app: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
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
