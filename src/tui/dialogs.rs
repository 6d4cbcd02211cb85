//! The dialogs over the screen. Each variant has the state of its dialog.

use super::keymap::{Action, KeyContext};
use super::message::Effect;
use super::screens::comment::{self, CommentForm};
use super::screens::deliveries::{self, DeliveriesPanel};
use super::screens::post_statistics::{self, StatisticsDialog};
use super::screens::profiles::forms::{self, EditForm, RenameForm};
use super::screens::profiles::{CopyMenu, ExportForm, ResultsDialog};
use super::screens::progress::{self, DifferentMember, PasteForm, SignIn};
use super::screens::reaction::{self, ReactionMenu};
use super::screens::{compose, permissions, posts, profiles};
use super::state::State;
use super::theme::Theme;
use super::widgets::field::{Field, clean_line};
use super::widgets::page::Page;
use crate::Error;
use crate::linkedin::endpoints::portal::PERMITTED_SERVICES;
use crate::store::Name;

/// The open dialog.
#[derive(Clone, Debug)]
pub enum Dialog {
    /// Confirms a deletion.
    Delete(Vec<Name>),
    /// Confirms a revocation.
    Revoke(Vec<Name>),
    /// The result of a revocation.
    Revoked {
        name: Name,
        /// Why LinkedIn did not confirm it, if so.
        error: Option<Error>,
    },
    /// Explains why a profile cannot be refreshed.
    NoRefresh(Name),
    /// The results of the last job.
    Results(ResultsDialog),
    /// The values of a profile, to copy one.
    Copy(CopyMenu),
    Rename(RenameForm),
    Edit(Box<EditForm>),
    Export(Box<ExportForm>),
    Deliveries(Box<DeliveriesPanel>),
    Permissions(permissions::PermissionsPanel),
    /// Confirms a re-authorization.
    Reauthorize(Name),
    /// Confirms that a different member's token replaces the stored one.
    ReplaceToken {
        members: Box<DifferentMember>,
        /// The sign-in as it continues after the replacement. It does not change meanwhile: it waits for the choice.
        sign_in: Box<SignIn>,
    },
    /// Confirms that a draft, or the changes of a published post, are discarded.
    DiscardDraft,
    /// The statistics of a post.
    Statistics(Box<StatisticsDialog>),
    /// A comment on a post.
    Comment(Box<CommentForm>),
    /// A reaction to a post.
    React(Box<ReactionMenu>),
    /// Confirms that a post is deleted.
    DeletePost(Box<posts::PostToDelete>),
    /// Confirms that the record of a post that may have been published is deleted.
    DeleteRecord(Box<posts::RecordToDelete>),
    /// The field for a pasted callback URL.
    PasteCallback(PasteForm),
    /// The full screen is left, and this authorization URL is printed until a key is pressed: the terminal selects and opens it
    /// as a whole.
    PrintedUrl(String),
}

impl Dialog {
    pub fn key_context(&self) -> KeyContext {
        match self {
            Self::Delete(_) => KeyContext::Delete,
            Self::Revoke(_) => KeyContext::Revoke,
            Self::Revoked { .. } => KeyContext::Revoked,
            Self::NoRefresh(_) => KeyContext::NoRefresh,
            Self::Results(_) => KeyContext::JobResults,
            Self::Copy(_) => KeyContext::Copy,
            Self::Rename(_) => KeyContext::Rename,
            Self::Edit(edit) if edit.conflict.is_some() => KeyContext::EditConflict,
            Self::Edit(_) => KeyContext::Edit,
            Self::Export(export) if !export.existing.is_empty() => KeyContext::ExportExists,
            Self::Export(_) => KeyContext::Export,
            Self::Deliveries(panel) => match panel.step {
                deliveries::DeliveriesStep::Remove(_) => KeyContext::RemoveDelivery,
                deliveries::DeliveriesStep::Test(_) => KeyContext::TestDelivery,
                deliveries::DeliveriesStep::Presets(_) => KeyContext::Presets,
                deliveries::DeliveriesStep::Form(_) => KeyContext::AddDelivery,
                deliveries::DeliveriesStep::List => KeyContext::Deliveries,
            },
            Self::Permissions(_) => KeyContext::Permissions,
            Self::Reauthorize(_) => KeyContext::Reauthorize,
            Self::ReplaceToken { .. } => KeyContext::ReplaceToken,
            Self::DiscardDraft => KeyContext::DiscardDraft,
            Self::Statistics(_) => KeyContext::Statistics,
            Self::Comment(form) => form.key_context(),
            Self::React(_) => KeyContext::React,
            Self::DeletePost(_) => KeyContext::DeletePost,
            Self::DeleteRecord(_) => KeyContext::DeleteRecord,
            Self::PasteCallback(_) => KeyContext::PasteCallback,
            Self::PrintedUrl(_) => KeyContext::PrintedUrl,
        }
    }

    /// Returns the text field that has the focus.
    fn field(&mut self) -> Option<&mut Field> {
        match self {
            Self::Rename(form) => Some(&mut form.new_name),
            Self::Edit(form) => form.field(),
            Self::Export(form) => form.field(),
            Self::Deliveries(panel) => panel.field(),
            Self::PasteCallback(form) => Some(&mut form.url),
            Self::Comment(form) => form.field(),
            _ => None,
        }
    }

    /// Handles a key without a binding.
    pub(super) fn type_key(&mut self, key: crossterm::event::KeyEvent) {
        let has_lines = matches!(self, Self::Comment(_));
        if let Some(field) = self.field() {
            if has_lines {
                field.type_in_lines(key);
            } else {
                field.type_key(key);
            }
        }
    }

    /// Inserts pasted text; returns what [`Field::insert`] does.
    pub(super) fn paste(&mut self, text: &str) -> Option<usize> {
        if let Self::PasteCallback(form) = self {
            return form.paste(text);
        }
        let has_lines = matches!(self, Self::Comment(_));
        let field = self.field()?;
        if has_lines { field.insert_lines(text) } else { field.insert(&clean_line(text).0) }
    }
}

/// Performs the action of a key. The dialog is removed from the state before; a dialog that stays open is put back.
pub(super) fn handle(state: &mut State, dialog: Dialog, action: Action) -> Vec<Effect> {
    match (dialog, action) {
        (Dialog::Edit(form), action) => return forms::handle_edit(state, form, action),
        (Dialog::Export(form), action) => return profiles::handle_export(state, form, action),
        (Dialog::Deliveries(panel), action) => return deliveries::handle(state, panel, action),
        (Dialog::Statistics(panel), action) => return post_statistics::handle(state, panel, action),
        (Dialog::Comment(form), action) => return comment::handle(state, form, action),
        (Dialog::React(menu), action) => return reaction::handle(state, menu, action),
        (Dialog::Permissions(panel), action) => return permissions::handle(state, panel, action),
        (Dialog::PasteCallback(form), Action::Continue) => return progress::submit_callback_url(state, form),
        (Dialog::ReplaceToken { sign_in, .. }, Action::Replace) => return progress::replace_token(state, sign_in),
        (Dialog::DiscardDraft, Action::Discard) => return compose::discard(state),
        (Dialog::DeletePost(target), Action::Delete) => return posts::delete(state, &target),
        (Dialog::DeleteRecord(target), Action::Delete) => return posts::delete_record(state, *target),
        (Dialog::Rename(form), Action::Save) => return forms::rename(state, form),
        (Dialog::Delete(names), Action::Delete) => return profiles::delete(state, names, false),
        (Dialog::Delete(names), Action::Revoke) => return profiles::delete(state, names, true),
        (Dialog::Revoke(names), Action::Revoke) => return profiles::revoke(state, names),
        (Dialog::Copy(menu), action) => return profiles::handle_copy(state, menu, action),
        (Dialog::Results(results), action) => return profiles::handle_results(state, results, action),
        (dialog @ Dialog::Revoked { .. }, Action::OpenPage) => {
            state.dialog = Some(dialog);
            return vec![Effect::OpenPage(PERMITTED_SERVICES.to_owned())];
        }
        (Dialog::NoRefresh(name), Action::Reauthorize) => state.dialog = Some(Dialog::Reauthorize(name)),
        (Dialog::Reauthorize(name), Action::Continue) => return profiles::reauthorize(state, &name),
        (Dialog::Reauthorize(name), Action::Skip) if !state.list.reauthorization_queue.is_empty() => {
            profiles::skip(state, name);
        }
        (Dialog::Reauthorize(_), Action::Back) => state.list.reauthorization_queue.clear(),
        (_, Action::Back) => {}
        (dialog, _) => state.dialog = Some(dialog),
    }
    Vec::new()
}

/// Returns the page of the open dialog and the lines that it is scrolled by.
pub(super) fn page(state: &State, dialog: &Dialog, theme: Theme, width: usize) -> Option<(Page, u16)> {
    let page = match dialog {
        Dialog::Delete(names) => return Some((profiles::delete_page(state, names, theme, width), state.dialog_scroll)),
        Dialog::Revoke(names) => return Some((profiles::revoke_page(state, names, theme, width), state.dialog_scroll)),
        Dialog::Reauthorize(name) => {
            return Some((profiles::reauthorize_page(state, name, theme, width), state.dialog_scroll));
        }
        Dialog::Statistics(panel) => {
            return Some((post_statistics::page(state, panel, theme, width), state.dialog_scroll));
        }
        Dialog::Comment(form) if form.key_context() == KeyContext::CommentFailed => {
            return Some((comment::page(state, form, theme, width), state.dialog_scroll));
        }
        Dialog::React(menu) if reaction::has_failed(state) => {
            return Some((reaction::page(state, menu, theme, width), state.dialog_scroll));
        }
        Dialog::Comment(form) => comment::page(state, form, theme, width),
        Dialog::React(menu) => reaction::page(state, menu, theme, width),
        Dialog::Results(results) => profiles::results_page(state, results, theme, width),
        Dialog::Copy(menu) => profiles::copy_page(state, menu, theme, width),
        Dialog::Revoked { name, error } => profiles::revoked_page(state, name, error.as_ref(), theme, width),
        Dialog::NoRefresh(name) => profiles::no_refresh_page(state, name, theme, width),
        Dialog::Rename(form) => forms::rename_page(state, form, theme, width),
        Dialog::Edit(form) => forms::edit_page(state, form, theme, width),
        Dialog::Export(form) => profiles::export_page(state, form, theme, width),
        Dialog::Deliveries(panel) => deliveries::page(state, panel, theme, width),
        Dialog::Permissions(panel) => permissions::page(state, panel, theme, width),
        Dialog::ReplaceToken { members, sign_in } => {
            progress::replace_token_page(state, &sign_in.request.profile, members, theme, width)
        }
        Dialog::DiscardDraft => compose::discard_page(state, theme, width),
        Dialog::DeletePost(target) => posts::delete_page(state, target, theme, width),
        Dialog::DeleteRecord(target) => posts::delete_record_page(state, target, theme, width),
        Dialog::PasteCallback(form) => progress::paste_page(state, form, theme, width),
        Dialog::PrintedUrl(_) => return None,
    };
    Some((page, 0))
}
