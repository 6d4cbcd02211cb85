//! The profile list and its dialogs.

mod availability;
mod batch;
mod columns;
mod commands;
mod confirm;
mod copy;
mod detail;
mod export;
pub(crate) mod forms;
pub(crate) mod jobs;
mod layout;
pub(crate) mod list;
pub(crate) mod model;
mod results;
mod rows;
mod timeline;
mod values;

pub(crate) use availability::{
    back_label, can_make_current, can_refresh, has_marks, has_selection, is_damaged, primary_label, shows_details,
};
pub(crate) use commands::{
    add_profile, check_one, handle, handle_filter, handle_for_profile, on_current_profile_set, on_delete_undone,
    on_deleted, on_undo_failed, queue_key, update_profile,
};
pub(crate) use confirm::{
    can_revoke, canceled_message, delete, delete_page, no_refresh_page, on_revoked, queue_position, reauthorize,
    reauthorize_label, reauthorize_next, reauthorize_page, reauthorized_warning, revoke, revoke_page, revoked_page,
    shows_link, skip, skip_label, skip_sign_in,
};
pub(crate) use copy::{
    CopyMenu, copied_value, copy_page, handle_copy, invalid_reason, invalid_reason_and_fix, open_copy,
};
pub(crate) use detail::detail_page;
pub(crate) use export::ExportForm;
pub(crate) use export::{close_export, export_page, handle_export, on_export_exists, on_exported};
pub(crate) use jobs::start_background_checks;
pub(crate) use layout::click;
pub(crate) use list::{
    apply_filter, due_count, is_filtered, is_outdated, next_change, recompute, select_first_due, select_profile,
    sort_visible_first,
};
pub(crate) use results::{ResultsDialog, handle_results, has_selected_profile, results_page};
pub(crate) use rows::{draw, status_counts, status_line};
