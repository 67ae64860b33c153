//! The kitname kit: notes that an app's users keep for themselves.
//!
//! It refuses to show a note to anybody but its writer, and to keep one longer than its writer's account.

mod events;
mod legal;
mod note;

pub use events::NoteWritten;
pub use note::{NoteId, NoteMarker};

use slipway_framework::erasure::Erasure;
use slipway_framework::kit::KitCard;
use slipway_framework::module::Module;

/// What the kitname kit contributes to a house.
#[must_use]
pub fn module() -> Module {
    Module::named("kitname")
        .kit(CARD)
        .app(note::routes)
        .migration("kitname", include_str!("../migrations/0001_kitname.sql"))
        .job::<note::jobs::CountWords>()
        .emits::<NoteWritten>()
        .erases(Erasure { table: "kitname_notes", slice: note::store::erase })
}

const CARD: KitCard = KitCard {
    title: "Kitname",
    summary: "Notes that users keep for themselves.",
    features: &["Write, list and delete notes", "Words counted in the background"],
    legal: legal::texts,
    legal_version: legal::VERSION,
};
