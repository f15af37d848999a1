//! Waivers and attestations: what people decided, laid over what the checks concluded and never part of it.

use crate::evidence::{Evidence, Place, Span};
use crate::outcome::{Conclusion, Outcome};
use crate::settings::parameters::longest_age;
use crate::settings::{Attestation, Settings, Waiver, days_between};
use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

/// Whoever waived something hears of it this many days before it ends.
pub const NOTICE_DAYS: i64 = 14;

/// What waivers do to one row.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct RowWaiver {
    pub state: WaiverState,
    /// How many of the findings are accepted.
    pub covered: usize,
    pub waivers: Vec<WaiverNote>,
}

/// Whether the findings of a row are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverState {
    /// Every finding is accepted: the row does not block.
    Active,
    /// Some are, others are not: the row fails.
    Partial,
    /// What would have accepted them has ended: the row fails.
    Expired,
}

/// One waiver, as a report shows it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct WaiverNote {
    pub path: String,
    pub reason: String,
    pub owner: String,
    #[schemars(with = "String", extend("format" = "date"))]
    pub expires: Date,
    /// Days on which it still counts after this one; negative when it has ended.
    pub days_left: i64,
}

/// What an attestation does to one row.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RowAttestation {
    pub state: AttestationState,
    pub by: String,
    #[schemars(with = "String", extend("format" = "date"))]
    pub on: Date,
    pub evidence: String,
    /// The last day on which it counts.
    #[schemars(with = "String", extend("format" = "date"))]
    pub until: Date,
}

/// Whether an attestation counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AttestationState {
    Accepted,
    /// Older than its kind may be: it has to be done and vouched for again.
    Expired,
}

/// What waivers make of the findings of one row: which of them are accepted, and the row's own note.
pub struct Waived {
    pub accepted: Vec<bool>,
    pub note: Option<RowWaiver>,
    /// The waivers (by their number in the settings) that match something, ended ones too.
    pub matched: Vec<usize>,
}

/// Lays the waivers over one outcome. Only a failing can be waived.
pub fn waive(settings: &Settings, today: Date, check: &str, outcome: &Outcome) -> Waived {
    let mut waived = Waived { accepted: vec![false; outcome.findings.len()], note: None, matched: Vec::new() };
    if outcome.conclusion != Conclusion::Fail {
        return waived;
    }
    let of_check = settings.waivers.iter().enumerate().filter(|(_, waiver)| waiver.check == check);
    for (number, waiver) in of_check {
        let hits = outcome.findings.iter().map(|finding| covers(waiver, finding));
        let hits: Vec<bool> = hits.collect();
        if hits.contains(&true) {
            waived.matched.push(number);
        }
        if waiver.expires >= today {
            waived.accepted.iter_mut().zip(hits).for_each(|(accepted, hit)| *accepted |= hit);
        }
    }
    waived.note = note(settings, today, &waived);
    waived
}

fn note(settings: &Settings, today: Date, waived: &Waived) -> Option<RowWaiver> {
    let waivers: Vec<WaiverNote> = waived
        .matched
        .iter()
        .filter_map(|number| settings.waivers.get(*number))
        .map(|waiver| WaiverNote {
            path: waiver.path.text().to_owned(),
            reason: waiver.reason.clone(),
            owner: waiver.owner.clone(),
            expires: waiver.expires,
            days_left: days_between(today, waiver.expires),
        })
        .collect();
    if waivers.is_empty() {
        return None;
    }
    let covered = waived.accepted.iter().filter(|accepted| **accepted).count();
    let state = match covered {
        0 => WaiverState::Expired,
        all if all == waived.accepted.len() => WaiverState::Active,
        _ => WaiverState::Partial,
    };
    Some(RowWaiver { state, covered, waivers })
}

/// A finding is covered by its path; what is missing as a whole, by a place where it was looked for.
fn covers(waiver: &Waiver, finding: &Evidence) -> bool {
    match &finding.place {
        Place::At(span) => waiver.path.matches(span.path()),
        Place::Nowhere(looked_in) => {
            waiver.path.text() == "**"
                || looked_in.iter().any(|path| path == waiver.path.text() || waiver.path.matches(path))
        }
    }
}

/// The attestation that bears on one row, where there is one.
pub fn attest(settings: &Settings, today: Date, check: &str, conclusion: Conclusion) -> Option<RowAttestation> {
    if !matches!(conclusion, Conclusion::Manual | Conclusion::Pass) {
        return None;
    }
    let attestation = settings.attestation(check, today)?;
    if conclusion == Conclusion::Pass && !READS_ATTESTATIONS.contains(&check) {
        return None;
    }
    let longest = longest_age(check);
    let state = if attestation.age(today) <= longest { AttestationState::Accepted } else { AttestationState::Expired };
    let Attestation { by, on, evidence, .. } = attestation.clone();
    let until = on.checked_add(longest.days()).unwrap_or(on);
    Some(RowAttestation { state, by, on, evidence, until })
}

/// The checks that look at their attestation themselves, so that one counts beside a pass.
pub const READS_ATTESTATIONS: [&str; 2] = ["key-rotation", "rollback"];

/// Something about the project's own exceptions that somebody should look at.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Notice {
    pub kind: NoticeKind,
    pub check: String,
    /// A sentence.
    pub message: String,
    /// Where it stands in the settings.
    pub path: String,
    pub line: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    ExpiredWaiver,
    ExpiringWaiver,
    StaleWaiver,
    ExpiredAttestation,
    ExpiringAttestation,
    StaleAttestation,
}

impl NoticeKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::ExpiredWaiver => "expired waiver",
            Self::ExpiringWaiver => "waiver that ends soon",
            Self::StaleWaiver => "stale waiver",
            Self::ExpiredAttestation => "expired attestation",
            Self::ExpiringAttestation => "attestation that ends soon",
            Self::StaleAttestation => "stale attestation",
        }
    }
}

/// What is known of a check after judgement: its conclusion, or nothing where it was left out.
pub type Concluded<'a> = dyn Fn(&str) -> Option<Conclusion> + 'a;

/// Every notice on the waivers and attestations, in the order of the settings.
pub fn notices(settings: &Settings, today: Date, matched: &[usize], concluded: &Concluded) -> Vec<Notice> {
    let waivers = settings.waivers.iter().enumerate().filter_map(|(number, waiver)| {
        // A check that was left out or could not read its files says nothing about its waivers.
        concluded(&waiver.check).filter(|conclusion| *conclusion != Conclusion::Error)?;
        let (kind, message) = on_waiver(waiver, today, matched.contains(&number))?;
        Some(notice(kind, &waiver.check, message, waiver.span.as_ref()))
    });
    let attestations = settings.attestations.iter().filter_map(|attestation| {
        let conclusion = concluded(&attestation.check)?;
        let newest = settings.attestation(&attestation.check, today);
        let is_newest = newest.is_some_and(|newest| std::ptr::eq(newest, attestation));
        let (kind, message) = on_attestation(attestation, today, conclusion, is_newest)?;
        Some(notice(kind, &attestation.check, message, attestation.span.as_ref()))
    });
    waivers.chain(attestations).collect()
}

fn on_waiver(waiver: &Waiver, today: Date, matches: bool) -> Option<(NoticeKind, String)> {
    let left = days_between(today, waiver.expires);
    let (path, owner, expires) = (waiver.path.text(), &waiver.owner, waiver.expires);
    if !matches {
        return Some((NoticeKind::StaleWaiver, format!("the waiver for {path} matches no finding: remove it")));
    }
    if left < 0 {
        let message = format!("the waiver for {path} ended on {expires}: {owner} fixes it or decides anew");
        return Some((NoticeKind::ExpiredWaiver, message));
    }
    (left <= NOTICE_DAYS).then(|| {
        let message = format!("the waiver for {path} ends on {expires}, in {}: {owner} answers for it", days(left));
        (NoticeKind::ExpiringWaiver, message)
    })
}

fn on_attestation(
    attestation: &Attestation,
    today: Date,
    conclusion: Conclusion,
    is_newest: bool,
) -> Option<(NoticeKind, String)> {
    let stale =
        |why: &str| Some((NoticeKind::StaleAttestation, format!("the attestation of {} {why}", attestation.on)));
    let left = longest_age(&attestation.check) - attestation.age(today);
    match conclusion {
        _ if attestation.age(today) < 0 => stale("is dated in the future and does not count"),
        _ if !is_newest => stale("is replaced by a newer one: remove it"),
        Conclusion::NotApplicable => stale("has nothing to vouch for, since the check does not apply"),
        Conclusion::Fail if left >= 0 => stale("does not outweigh what the check found"),
        Conclusion::Pass if !READS_ATTESTATIONS.contains(&attestation.check.as_str()) => {
            stale("is not needed, since the repository shows it: remove it")
        }
        _ if left < 0 => {
            let longest = longest_age(&attestation.check);
            let message = format!("the attestation of {} is older than {}: do it anew", attestation.on, days(longest));
            Some((NoticeKind::ExpiredAttestation, message))
        }
        _ if left <= NOTICE_DAYS => {
            let message = format!("the attestation of {} counts for another {}", attestation.on, days(left));
            Some((NoticeKind::ExpiringAttestation, message))
        }
        _ => None,
    }
}

fn days(count: i64) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

fn notice(kind: NoticeKind, check: &str, message: String, span: Option<&Span>) -> Notice {
    let (path, line) = span.map_or_else(|| (String::new(), 0), |span| (span.path().to_owned(), span.line()));
    Notice { kind, check: check.to_owned(), message, path, line }
}

impl RowWaiver {
    /// What the waivers say, in one sentence.
    pub fn sentence(&self) -> String {
        let said: Vec<String> = self.waivers.iter().map(WaiverNote::sentence).collect();
        match self.state {
            WaiverState::Active => said.join("; "),
            WaiverState::Partial => format!("{} accepted: {}", findings(self.covered), said.join("; ")),
            WaiverState::Expired => said.join("; "),
        }
    }
}

impl WaiverNote {
    fn sentence(&self) -> String {
        let Self { owner, reason, expires, .. } = self;
        if self.days_left < 0 {
            return format!("the waiver of {owner} ended on {expires}: {reason}");
        }
        format!("accepted by {owner} until {expires}: {reason}")
    }
}

impl RowAttestation {
    /// What the attestation says, in one sentence.
    pub fn sentence(&self) -> String {
        let Self { by, on, until, evidence, .. } = self;
        match self.state {
            AttestationState::Accepted => format!("{by} vouches for it ({on}, counts until {until}): {evidence}"),
            AttestationState::Expired => format!("the attestation of {by} ({on}) ended on {until}"),
        }
    }
}

fn findings(count: usize) -> String {
    if count == 1 { "1 finding is".to_owned() } else { format!("{count} findings are") }
}
