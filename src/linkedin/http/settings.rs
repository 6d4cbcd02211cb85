//! The settings of the client.

use std::path::PathBuf;
use std::time::Duration;

/// How long a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until the connection is established.
    pub connect: Duration,
    /// Until the whole response is read.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_secs(30) }
    }
}

/// A proxy and certificates beyond the system's settings, which company networks need.
#[derive(Clone, Default)]
pub struct Network {
    /// A proxy's URL, which may carry a password.
    pub proxy: Option<String>,
    /// A PEM file with more certificates to trust.
    pub ca_file: Option<PathBuf>,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Network").field("proxy", &self.proxy.is_some()).field("ca_file", &self.ca_file).finish()
    }
}
