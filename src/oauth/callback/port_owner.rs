//! Which program holds a port; Linux tells it in `/proc`.

/// `name (pid N)` of the program that listens on `port`, where that can be read.
#[cfg(target_os = "linux")]
pub(super) fn of(port: u16) -> Option<String> {
    let sockets: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .flat_map(|table| table.lines().skip(1).filter_map(|line| listening(line, port)).collect::<Vec<_>>())
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(descriptors) = std::fs::read_dir(process.path().join("fd")) else { continue };
        let holds = descriptors
            .flatten()
            .filter_map(|descriptor| std::fs::read_link(descriptor.path()).ok())
            .any(|link| sockets.iter().any(|socket| link.as_os_str() == socket.as_str()));
        if holds {
            let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(format!("{} (pid {pid})", crate::text::clean(name.trim(), 40)));
        }
    }
    None
}

/// The inode of a line of `/proc/net/tcp`, when it is a listener (state 0A) on `port`.
#[cfg(target_os = "linux")]
fn listening(line: &str, port: u16) -> Option<String> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let local = fields.get(1)?.rsplit(':').next()?;
    let here = u16::from_str_radix(local, 16).ok()? == port && *fields.get(3)? == "0A";
    here.then(|| fields.get(9).map(|inode| (*inode).to_owned()))?
}

#[cfg(not(target_os = "linux"))]
pub(super) fn of(_: u16) -> Option<String> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_a_port_is_named() {
        let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let named = of(held.local_addr().unwrap().port()).unwrap();
        assert!(named.contains(&format!("(pid {})", std::process::id())), "{named}");
    }
}
