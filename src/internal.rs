//! The items that the program, its tests, its benchmarks and its fuzzers use. They change without notice.

pub use crate::cli::run;
pub use crate::tui::set_panic_hook;

pub mod cli {
    pub use crate::cli::args::Cli;
}

pub mod clock {
    pub use crate::clock::{Clock, FixedClock, SystemClock};
}

pub mod config {
    pub use crate::config::{Environment, SettingValue, Settings};
}

pub mod encryption {
    pub use crate::encryption::{Keys, PassphrasePrompt, no_prompt};
}

pub mod flows {
    pub mod api_request {
        pub use crate::flows::api_request::{ApiRequest, send};
    }
    pub mod check {
        pub use crate::flows::check::{check, whoami};
    }
    pub mod encryption {
        pub use crate::flows::encryption::change_encryption;
    }
    pub mod manage {
        pub use crate::flows::manage::{EditOutcome, ProfileSettings, edit};
    }
    pub mod permissions {
        pub use crate::flows::permissions::AcceptedWrite;
    }
    pub mod publish {
        pub use crate::flows::publish::{
            Attachment, Document, DocumentSource, Draft, Event, FileInfo, FileRole, FirstComment, Link, MentionName,
            Mentions, PixelPreview, Published, Video, delete, edit, find_published, list_pages, publish,
        };
    }
    pub mod refresh {
        pub use crate::flows::refresh::{
            refresh, refresh_with_events, stored_token, valid_token, valid_token_with_events,
        };
    }
    pub mod revoke {
        pub use crate::flows::revoke::{AfterRevocation, revoke};
    }
    pub mod sign_in {
        pub use crate::flows::sign_in::{
            Command, CredentialsCheck, DifferentMemberChoice, Event, Request, SignInOutcome, find_revoked_profiles,
            sign_in,
        };
    }
}

pub mod host {
    pub use crate::host::{Browser, BrowserExit, Ssh, Started};
}

pub mod linkedin {
    pub use crate::linkedin::{Endpoints, Flow, RedirectUrl, VersionInUse, introspection, userinfo};

    pub mod meanings {
        pub use crate::linkedin::meanings::authorization_error;
    }
    pub mod capabilities {
        pub use crate::linkedin::capabilities::Capability;
    }
    pub mod http {
        pub use crate::linkedin::http::{
            Form, Http, HttpRequest, Network, ProxyInUse, RequestObserver, SentRequest, Timeouts, read_ca_file,
        };
    }
    pub mod posts {
        pub use crate::linkedin::posts::{Poll, PollDuration, Visibility};
    }
    pub mod social {
        pub use crate::linkedin::social::Reaction;
    }
    pub mod scopes {
        pub use crate::linkedin::scopes::CATALOG;
    }
    pub mod versions {
        pub use crate::linkedin::versions::{Setting, Version};
    }
}

pub mod oauth {
    pub mod authorize {
        pub use crate::oauth::authorize::AuthorizationAttempt;
    }
    pub mod callback {
        pub use crate::oauth::callback::{BrowserOutcome, CallbackHandle, CallbackServer, SuccessPage};
    }
}

pub mod sandbox {
    pub use crate::sandbox::{
        CLIENT_ID, CLIENT_SECRET, MEMBERS, Options, PAGES_CLIENT_ID, PAGES_CLIENT_SECRET, STRICT_CLIENT_ID,
        STRICT_CLIENT_SECRET, Sandbox, Scenario,
    };
}

pub mod secret {
    pub use crate::secret::Secret;
}

pub mod session {
    pub use crate::session::{
        Context, DeliveryEvent, DeliveryMonitor, FlowEvent, Options, PageIds, Reporter, Session, api_version,
    };
}

pub mod store {
    pub use crate::store::{
        App, Check, CommandExit, Delivery, DeliveryResult, Doubt, DraftImage, DraftPoll, Encryption, Input, Key,
        KeyChange, KeyProvider, Member, Name, PagePermission, Permission, Permissions, Profile, ProfileStore,
        PublishedPost, RefreshToken, SavedDraft, Status, Token, Undecided, Verdict, write_private,
    };
}

pub mod text {
    pub use crate::text::{escape_controls, is_hostile};
}

pub mod tui {
    pub use crate::tui::run;

    pub mod effects {
        pub use crate::tui::effects::Services;
    }
    pub mod store_snapshot {
        pub use crate::tui::store_snapshot::{Row, StoreSnapshot};
    }
    pub mod keymap {
        pub use crate::tui::keymap::{Action, KeyContext, Keymap, key_reference};
    }
    pub mod message {
        pub use crate::tui::message::{
            Author, ClipboardContent, ComposeContents, Effect, JobItem, LinkMetadata, Message, PathCompletion, PostRow,
            PostStatistics, TerminalEffect, Undoable,
        };
    }
    pub mod runtime {
        pub use crate::tui::runtime::{Console, EventLoop, ExitReason};
    }
    pub mod state {
        pub use crate::tui::state::{Dialog, Overlay, Prefill, Screen, SetupStep, State, UiConfig};
    }
    pub mod theme {
        pub use crate::host::terminal::ColorDepth;
        pub use crate::tui::theme::Theme;
    }
    pub mod update {
        pub use crate::tui::update::update;
    }
    pub mod view {
        pub use crate::tui::view::{DrawnScreen, view};
    }
    pub mod widgets {
        pub use crate::tui::widgets::page::Link;
    }
}
