//! The form for the settings of a preset's delivery.

use crate::flows::presets::{PRESETS, Preset, Setting};
use crate::store::Profile;
use crate::text::to_sentence;
use crate::tui::keymap::Action;
use crate::tui::message::Effect;
use crate::tui::screens::move_selection;
use crate::tui::theme::Theme;
use crate::tui::widgets::field::Field;
use crate::tui::widgets::page::Page;

#[derive(Clone, Debug)]
pub struct DeliveryForm {
    preset: &'static Preset,
    /// A field for each of the preset's settings, and the last for the delivery's name.
    fields: Vec<Field>,
    /// The focused field.
    focused: usize,
    /// Whether the form was submitted: from then on it shows invalid settings. An invalid name is always shown.
    is_submitted: bool,
}

fn name_problem(name: &str, profile: &Profile) -> Option<&'static str> {
    if name.is_empty() {
        Some("Enter a name.")
    } else if profile.deliveries.iter().any(|delivery| delivery.name == name) {
        Some("A delivery of this name already exists.")
    } else {
        None
    }
}

impl DeliveryForm {
    pub(super) fn new(preset: &'static Preset, profile: &Profile) -> Self {
        let mut fields: Vec<Field> =
            preset.settings.iter().map(|setting| Field::new(setting.default.unwrap_or_default())).collect();
        let numbered = (2..).map(|number| format!("{} {number}", preset.key));
        let mut names = std::iter::once(preset.key.to_owned()).chain(numbered);
        fields.push(Field::new(names.find(|name| name_problem(name, profile).is_none()).unwrap_or_default()));
        Self { preset, fields, focused: 0, is_submitted: false }
    }

    pub(super) fn preset_index(&self) -> usize {
        PRESETS.iter().position(|preset| preset.key == self.preset.key).unwrap_or_default()
    }

    fn settings(&self) -> impl Iterator<Item = (&'static Setting, &Field)> {
        self.preset.settings.iter().zip(&self.fields)
    }

    /// Returns the field that has the focus.
    pub(super) fn field(&mut self) -> Option<&mut Field> {
        self.fields.get_mut(self.focused)
    }

    fn name(&self) -> &str {
        self.fields.last().map_or("", Field::trimmed)
    }

    /// Returns the first field that is missing or wrong.
    fn invalid_field(&self, profile: &Profile) -> Option<usize> {
        let wrong = self.settings().position(|(setting, field)| setting.invalid_reason(field.text()).is_some());
        wrong.or_else(|| name_problem(self.name(), profile).map(|_| self.fields.len() - 1))
    }
}

/// Handles a key. What was typed stays until the delivery is saved.
pub(super) fn handle(form: &mut DeliveryForm, profile: &Profile, action: Action) -> Vec<Effect> {
    match action {
        Action::NextField | Action::PreviousField => {
            form.focused = move_selection(form.focused, form.fields.len(), action);
        }
        Action::Save => {
            form.is_submitted = true;
            if let Some(line) = form.invalid_field(profile) {
                form.focused = line;
                return Vec::new();
            }
            return vec![Effect::AddDelivery {
                profile: profile.name.clone(),
                preset: form.preset.key,
                delivery: form.name().to_owned(),
                settings: form
                    .settings()
                    .map(|(setting, field)| (setting.key.to_owned(), field.trimmed().to_owned()))
                    .collect(),
            }];
        }
        _ => {}
    }
    Vec::new()
}

/// Returns the label of a setting's field.
fn label(key: &str) -> String {
    if key == "repo" { "Repository".to_owned() } else { to_sentence(key).trim_end_matches('.').to_owned() }
}

pub(super) fn page(form: &DeliveryForm, profile: &Profile, theme: Theme, width: usize) -> Page {
    let mut page = Page::new(theme, width, format!("Add {}", form.preset.key));
    page.dim(&to_sentence(form.preset.about));
    page.blank();
    let problem = |text: &str| (theme.error(), text.to_owned());
    for (number, (setting, field)) in form.settings().enumerate() {
        let wrong = setting.invalid_reason(field.text()).filter(|_| form.is_submitted);
        let note = match wrong {
            Some(_) if field.trimmed().is_empty() => problem(&format!("Required: {}.", setting.about)),
            Some(wrong) => problem(&to_sentence(&wrong)),
            None => (theme.dim(), to_sentence(setting.about)),
        };
        page.field(&label(setting.key), field, form.focused == number, vec![note]);
    }
    let last = form.fields.len() - 1;
    if let Some(field) = form.fields.last() {
        let note = name_problem(field.trimmed(), profile)
            .map_or_else(|| (theme.dim(), "The name of this delivery.".to_owned()), problem);
        page.field("Name", field, form.focused == last, vec![note]);
    }
    page
}
