//! Windows: who has access to a file or a directory, set and read by `icacls`.

use std::path::Path;
#[cfg(windows)]
use std::{
    ffi::OsStr,
    io,
    process::{Command, Output},
    sync::OnceLock,
};

/// Gives the current user full control of a directory and of everything that will be in it, and removes all other access.
#[cfg(windows)]
pub(crate) fn make_directory_private(directory: &Path) -> io::Result<()> {
    grant_only(directory, "(OI)(CI)F")
}

/// Gives the current user full control of a file, and removes all other access.
#[cfg(windows)]
pub(crate) fn make_file_private(file: &Path) -> io::Result<()> {
    grant_only(file, "F")
}

#[cfg(windows)]
fn grant_only(path: &Path, rights: &str) -> io::Result<()> {
    // The security identifier is right for every account; the variables name no account for a service, for example.
    static IDENTIFIER: OnceLock<Option<String>> = OnceLock::new();
    let identifier = IDENTIFIER.get_or_init(|| {
        let output = run_system_program("whoami.exe", ["/user", "/fo", "csv", "/nh"])
            .ok()
            .filter(|output| output.status.success())?;
        security_identifier(&String::from_utf8_lossy(&output.stdout))
    });
    let user = identifier.clone().or_else(current_user).ok_or(io::ErrorKind::NotFound)?;
    let grant = format!("{user}:{rights}");
    let arguments = [path.as_os_str(), "/inheritance:r".as_ref(), "/grant:r".as_ref(), grant.as_ref()];
    let output = run_system_program("icacls.exe", arguments)?;
    if output.status.success() { Ok(()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

/// Reads the output of `whoami /user /fo csv /nh`, `"pc\ada","S-1-5-21-1-2-3-1001"`. Returns the identifier as `icacls` reads it,
/// after an asterisk.
fn security_identifier(output: &str) -> Option<String> {
    let identifier = output.trim().rsplit(',').next()?.trim_matches('"');
    let is_valid = identifier.starts_with("S-1-") && identifier[4..].chars().all(|c| c.is_ascii_digit() || c == '-');
    is_valid.then(|| format!("*{identifier}"))
}

/// Returns who has access to a directory besides the current user; `None` if that cannot be read.
#[cfg(windows)]
pub(crate) fn others_with_access(directory: &Path) -> Option<Vec<String>> {
    let output = run_system_program("icacls.exe", [directory]).ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout);
    parse_others(&text, directory, &current_user()?)
}

#[cfg(windows)]
fn run_system_program(program: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> io::Result<Output> {
    // By its full path: a program of this name in PATH may be another one.
    let root = std::env::var_os("SystemRoot").ok_or(io::ErrorKind::NotFound)?;
    Command::new(Path::new(&root).join("System32").join(program)).args(arguments).output()
}

/// Returns `DOMAIN\USER`, as `icacls` prints it.
#[cfg(windows)]
fn current_user() -> Option<String> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    Some(format!("{}\\{}", variable("USERDOMAIN")?, variable("USERNAME")?))
}

/// Reads the output of `icacls DIRECTORY`: the directory and one entry on the first line, one entry on each further line, then
/// an empty line. The system and administrators can read every file anyway.
fn parse_others(output: &str, directory: &Path, user: &str) -> Option<Vec<String>> {
    const SYSTEM: [&str; 2] = ["NT AUTHORITY\\SYSTEM", "BUILTIN\\Administrators"];
    let entries = output.strip_prefix(&*directory.to_string_lossy())?;
    let lines = entries.lines().take_while(|line| !line.trim().is_empty());
    let names: Option<Vec<&str>> = lines.map(|line| Some(line.trim().split_once(":(")?.0)).collect();
    let names = names.filter(|names| !names.is_empty())?;
    let is_other = |name: &&str| !name.eq_ignore_ascii_case(user) && !SYSTEM.contains(name);
    Some(names.into_iter().filter(is_other).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_identifier_is_read_from_whoami() {
        let identifier = security_identifier("\"pc\\ada, l\",\"S-1-5-21-1-2-3-1001\"\r\n");
        assert_eq!(identifier.as_deref(), Some("*S-1-5-21-1-2-3-1001"));
        for output in ["", "\"pc\\ada\"", "ERROR: S-1-x", "\"a\",\"S-1-5-21 /grant\""] {
            assert_eq!(security_identifier(output), None, "{output}");
        }
    }

    #[test]
    fn output_of_icacls_names_others_with_access() {
        let directory = Path::new("C:\\Users\\Ada L\\linkedin-tui");
        let parse = |entries: &str| parse_others(&format!("{}{entries}", directory.display()), directory, "PC\\ada");
        let end = "\r\n\r\nSuccessfully processed 1 files; Failed processing 0 files\r\n";
        assert_eq!(parse(&format!(" PC\\Ada:(OI)(CI)(F){end}")), Some(Vec::new()));
        let inherited = " NT AUTHORITY\\SYSTEM:(I)(OI)(CI)(F)\r\n     BUILTIN\\Administrators:(I)(OI)(CI)(F)\r\n     \
                         BUILTIN\\Users:(I)(OI)(CI)(RX)\r\n     Everyone:(RX)\r\n     PC\\ada:(I)(OI)(CI)(F)";
        let expected = ["BUILTIN\\Users", "Everyone"].map(str::to_owned).into();
        assert_eq!(parse(&format!("{inherited}{end}")), Some(expected));
        assert_eq!(parse(&format!(" no entry{end}")), None);
        assert_eq!(parse(end), None, "a list without entries cannot be parsed");
        assert_eq!(parse_others("Access is denied.", directory, "PC\\ada"), None);
    }
}
