//! The profile list: the screen of every later start.

mod commands;
mod confirm;
mod copy;
mod detail;
mod export;
pub(crate) mod forms;
pub(crate) mod jobs;
mod layout;
pub(crate) mod list;
pub(crate) mod results;
mod rows;

pub(in crate::tui) use commands::{
    act, back_label, current_profile_set, deleted, filter_act, filtered, put, signed_in, waits,
};
pub(in crate::tui) use confirm::{
    can_revoke, delete, delete_page, next_in_queue, no_refresh_page, reauthorize, reauthorize_page, revoke_page,
    revoked, revoked_page,
};
pub(in crate::tui) use copy::{copy, dead, dead_words, page as copy_page, value};
pub(in crate::tui) use export::{
    copied as export_copied, exists as export_exists, exported, handle as handle_export, page as export_page,
};
pub(in crate::tui) use jobs::on_start;
pub(in crate::tui) use layout::click;
pub(in crate::tui) use list::{is_due, next_change, recompute, visible_first};
pub(in crate::tui) use results::page as results_page;
pub(in crate::tui) use rows::{counts, draw};
