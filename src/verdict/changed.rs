//! Which findings lie in lines that the change touches.

use super::{Sighting, Spot, Verdict};
use crate::outcome::Conclusion;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The lines that a change touches, by path from the top of the repository.
pub type Changed = BTreeMap<String, Vec<RangeInclusive<u32>>>;

impl Verdict {
    /// Marks the findings in changed lines and lets them lead those of their check.
    pub fn mark_changed(&mut self, changed: &Changed) {
        for row in &mut self.rows {
            row.findings.iter_mut().for_each(|finding| finding.changed = touches(changed, finding));
            row.findings.sort_by_key(|finding| (finding.waived, finding.known, !finding.changed));
        }
    }

    /// The same without the findings in lines that the change does not touch.
    pub fn only_changed(&self) -> Self {
        let mut seen = self.clone();
        for row in &mut seen.rows {
            row.findings.retain(|finding| finding.changed);
        }
        seen.rows.retain(|row| row.outcome != Conclusion::Fail || !row.findings.is_empty());
        seen
    }
}

fn touches(changed: &Changed, finding: &Sighting) -> bool {
    let Spot::At { path, line, end_line, .. } = &finding.place else { return false };
    let ranges = changed.get(path).map(Vec::as_slice).unwrap_or_default();
    ranges.iter().any(|range| range.start() <= end_line && line <= range.end())
}
