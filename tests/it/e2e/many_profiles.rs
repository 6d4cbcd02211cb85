//! Ten thousand profiles, and a token printed to a terminal.

use crate::e2e::test_env::{TestEnv, json, stderr, stdout};

#[test]
fn s23_token_reads_one_file_of_ten_thousand() {
    let env = TestEnv::signed_in(None);
    let directory = env.config().join("profiles");
    let text = std::fs::read_to_string(directory.join("work.toml")).unwrap();
    let file = directory.join("copy-0.toml");
    std::fs::write(&file, "damaged, so that reading it would be reported").unwrap();
    for number in 1..10_000 {
        std::fs::hard_link(&file, directory.join(format!("copy-{number}.toml"))).unwrap();
    }
    let output = env.run(&["token", "work"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "no other profile is read");
    // All names link to the same file, so writing it makes every profile valid.
    std::fs::write(&file, &text).unwrap();
    let all = json(&env.run(&["status", "--json"]));
    assert_eq!(all.as_array().unwrap().len(), 10_001);
    assert_eq!(env.run(&["token", "copy-9999"]).stdout, output.stdout);
}

#[cfg(unix)]
#[test]
fn x17_a_terminal_gets_one_warning_with_the_token() {
    use crate::e2e::terminal::Terminal;
    let env = TestEnv::signed_in(None);
    let token = stdout(&env.run(&["token", "work"]));
    for more in [vec![], vec!["--json"], vec!["--header"]] {
        let inner = env.command(&[vec!["token", "work"], more.clone()].concat());
        let mut command = portable_pty::CommandBuilder::new(inner.get_program());
        command.args(inner.get_args());
        command.env_clear();
        for (name, value) in inner.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.cwd(env.dir.path());
        let mut terminal = Terminal::start(command, 200, 30);
        assert_eq!(terminal.exit_code(), 0);
        let printed = String::from_utf8(terminal.raw_output()).unwrap();
        assert_eq!(printed.matches("anyone who sees it can act as you").count(), 1, "{more:?}: {printed}");
        assert!(printed.contains(token.trim()) && !printed.contains('\u{1b}'), "{more:?}");
    }
    assert!(!stdout(&env.run(&["token", "work", "--json"])).contains("refresh"), "no other secret is printed");
}
