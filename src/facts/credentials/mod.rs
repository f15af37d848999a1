//! API credentials: which ones production source uses, what hands them over, and where one lies open.
//!
//! Read from text until the facts of code say it better; no value is kept, only names and lines.

mod exposure;
mod files;
pub mod names;
mod source;
mod supplies;

use super::{Facet, Facts};
use crate::evidence::Span;
pub use names::Name;
pub use supplies::{WORDS as SUPPLY_WORDS, is_read as may_supply};

/// A place in production source that uses an API credential.
#[derive(Debug, Clone)]
pub struct Use {
    /// As the environment or the settings name it; empty where only a header shows the use.
    pub name: Name,
    pub span: Span,
}

/// A line that takes credentials from a secret manager.
#[derive(Debug, Clone)]
pub struct Supply {
    pub span: Span,
    pub note: String,
    /// The credentials it names; empty where it hands over whatever there is.
    pub names: Vec<Name>,
    /// It only serves one job of a pipeline, so it must cover every credential that is used.
    pub partial: bool,
}

/// A line where a credential lies open.
#[derive(Debug, Clone)]
pub struct Fault {
    pub span: Span,
    pub note: String,
}

/// What the text of the repository says about API credentials.
#[derive(Debug, Default)]
pub struct Credentials {
    pub uses: Vec<Use>,
    pub supplies: Vec<Supply>,
    pub faults: Vec<Fault>,
}

impl Credentials {
    /// The names that decide: those of MaintainX where there are any, else every API credential that is used.
    pub fn deciding(&self) -> Vec<&Name> {
        let mut names: Vec<&Name> = self.uses.iter().map(|used| &used.name).filter(|name| !name.is_empty()).collect();
        if names.iter().any(|name| name.is_maintainx()) {
            names.retain(|name| name.is_maintainx());
        }
        names.sort();
        names.dedup();
        names
    }

    /// Whether a name in a manifest is one of those that decide.
    pub fn decides(&self, name: &str) -> bool {
        let name = Name::new(name);
        let deciding = self.deciding();
        if deciding.is_empty() {
            return name.is_api_credential();
        }
        deciding.contains(&&name) || name.is_maintainx() && name.is_api_credential()
    }
}

impl Facet for Credentials {
    fn read(facts: &Facts) -> Self {
        let mut credentials = Self::default();
        source::read(facts, &mut credentials);
        files::read(facts, &mut credentials);
        supplies::read(facts, &mut credentials);
        credentials
    }
}
