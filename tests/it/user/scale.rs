//! Very many profiles, and a terminal as the reader of a token.

use crate::user::world::{World, json, stderr, stdout};

#[test]
fn s23_token_reads_one_file_of_ten_thousand() {
    let world = World::signed_in(None);
    let folder = world.config().join("profiles");
    let text = std::fs::read_to_string(folder.join("work.toml")).unwrap();
    let one = folder.join("copy-0.toml");
    std::fs::write(&one, "damaged, so that reading it would be reported").unwrap();
    for number in 1..10_000 {
        std::fs::hard_link(&one, folder.join(format!("copy-{number}.toml"))).unwrap();
    }
    let done = world.run(&["token", "work"]);
    assert_eq!((done.status.code(), stderr(&done).as_str()), (Some(0), ""), "none of the others is read");
    // The same file under every name: now all are valid.
    std::fs::write(&one, &text).unwrap();
    let all = json(&world.run(&["status", "--json"]));
    assert_eq!(all.as_array().unwrap().len(), 10_001);
    assert_eq!(world.run(&["token", "copy-9999"]).stdout, done.stdout);
}

#[cfg(unix)]
#[test]
fn x17_a_terminal_gets_one_line_of_warning_beside_the_token() {
    use crate::user::terminal::Terminal;
    let world = World::signed_in(None);
    let token = stdout(&world.run(&["token", "work"]));
    for more in [vec![], vec!["--json"], vec!["--header"]] {
        let inner = world.command(&[vec!["token", "work"], more.clone()].concat());
        let mut command = portable_pty::CommandBuilder::new(inner.get_program());
        command.args(inner.get_args());
        command.env_clear();
        for (name, value) in inner.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.cwd(world.dir.path());
        let mut terminal = Terminal::start(command, 200, 30);
        assert_eq!(terminal.exit_code(), 0);
        let printed = String::from_utf8(terminal.raw()).unwrap();
        assert_eq!(printed.matches("anyone who sees it can act as you").count(), 1, "{more:?}: {printed}");
        assert!(printed.contains(token.trim()) && !printed.contains('\u{1b}'), "{more:?}");
    }
    assert!(!stdout(&world.run(&["token", "work", "--json"])).contains("refresh"), "no other secret is printed");
}
