//! What a chosen preset must know before it is a delivery.

use crate::flows::presets::{PRESETS, Preset, Setting};
use crate::store::Profile;
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::{Input, Page};

/// A delivery that is being made.
#[derive(Clone, Debug)]
pub struct Form {
    preset: &'static Preset,
    /// A field for each of the preset's settings, and the last for the delivery's own name.
    fields: Vec<Field>,
    /// Which field has the focus.
    line: usize,
    /// Was enter pressed? Only then is an empty field, or half a value, a fault.
    tried: bool,
}

/// Why a name cannot be taken.
fn name_trouble(name: &str, profile: &Profile) -> Option<&'static str> {
    if name.is_empty() {
        Some("Enter a name.")
    } else if profile.deliveries.iter().any(|one| one.name == name) {
        Some("A delivery of this name already exists.")
    } else {
        None
    }
}

impl Form {
    pub(super) fn new(preset: &'static Preset, profile: &Profile) -> Self {
        let mut fields: Vec<Field> =
            preset.settings.iter().map(|one| Field::new(one.default.unwrap_or_default())).collect();
        let numbered = (2..).map(|number| format!("{} {number}", preset.key));
        let mut names = std::iter::once(preset.key.to_owned()).chain(numbered);
        fields.push(Field::new(names.find(|name| name_trouble(name, profile).is_none()).unwrap_or_default()));
        Self { preset, fields, line: 0, tried: false }
    }

    /// Where its preset stands among all.
    pub(super) fn preset_at(&self) -> usize {
        PRESETS.iter().position(|one| one.key == self.preset.key).unwrap_or_default()
    }

    fn settings(&self) -> impl Iterator<Item = (&'static Setting, &Field)> {
        self.preset.settings.iter().zip(&self.fields)
    }

    /// Returns the field that has the focus.
    pub(super) fn field(&mut self) -> Option<&mut Field> {
        self.fields.get_mut(self.line)
    }

    fn name(&self) -> &str {
        self.fields.last().map_or("", Field::trimmed)
    }

    /// The first field that keeps it from being added.
    fn lacking(&self, profile: &Profile) -> Option<usize> {
        let wrong = self.settings().position(|(one, field)| one.invalid_reason(field.text()).is_some());
        wrong.or_else(|| name_trouble(self.name(), profile).map(|_| self.fields.len() - 1))
    }
}

/// A command. What was typed stays until the delivery is in the file.
pub(super) fn act(form: &mut Form, profile: &Profile, action: Action) -> Vec<Effect> {
    let count = form.fields.len();
    match action {
        Action::NextField => form.line = (form.line + 1) % count,
        Action::PreviousField => form.line = (form.line + count - 1) % count,
        Action::Save => {
            form.tried = true;
            if let Some(line) = form.lacking(profile) {
                form.line = line;
                return Vec::new();
            }
            return vec![Effect::AddDelivery {
                profile: profile.name.clone(),
                preset: form.preset.key,
                delivery: form.name().to_owned(),
                detail: form.settings().map(|(one, field)| (one.key.to_owned(), field.trimmed().to_owned())).collect(),
            }];
        }
        _ => {}
    }
    Vec::new()
}

/// The form.
pub(super) fn page(form: &Form, profile: &Profile, theme: Theme, width: usize) -> Page {
    let mut page = Page::titled(format!("Add {}", form.preset.key));
    page.text(theme.dim(), form.preset.about, width);
    page.blank();
    let trouble = |text: &str| (theme.bad(), text.to_owned());
    for (number, (one, field)) in form.settings().enumerate() {
        let wrong = one.invalid_reason(field.text()).filter(|_| form.tried);
        let note = wrong.map_or_else(|| (theme.dim(), one.about.to_owned()), |wrong| trouble(&wrong));
        let input = Input { label: one.key, field, focused: form.line == number, masked: false, notes: vec![note] };
        page.field(theme, &input, width);
    }
    let last = form.fields.len() - 1;
    if let Some(field) = form.fields.get(last) {
        let note = name_trouble(field.trimmed(), profile)
            .map_or_else(|| (theme.dim(), "The name of this delivery.".to_owned()), trouble);
        let input = Input { label: "name", field, focused: form.line == last, masked: false, notes: vec![note] };
        page.field(theme, &input, width);
    }
    page
}
