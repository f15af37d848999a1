//! What GitHub's API takes, each with the page that says so.

use std::time::Duration;

/// Annotations in one request; later ones add to them. <https://docs.github.com/rest/checks/runs#update-a-check-run>
pub const ANNOTATIONS: usize = 50;
/// Characters of a check run's summary and of its text. The same page.
pub const CHECK_TEXT: usize = 65_535;
/// Bytes of an annotation's message: 64 KB. The same page.
pub const MESSAGE: usize = 64_000;
/// Characters of an annotation's title. The same page.
pub const TITLE: usize = 255;
/// Characters of a comment: “Body is too long (maximum is 65536 characters)”.
pub const COMMENT: usize = 65_536;
/// Bytes of a SARIF file once it is compressed.
/// <https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>
pub const SARIF: usize = 10 << 20;
/// Entries of a page. <https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api>
pub const PAGE: usize = 100;
/// Pages that are read of any list: a pull request has at most 3,000 files.
/// <https://docs.github.com/rest/pulls/pulls#list-pull-requests-files>
pub const PAGES: usize = 30;
/// A secondary limit that says nothing lasts a minute.
/// <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>
pub const SILENT_WAIT: Duration = Duration::from_secs(60);
/// All that one run waits for GitHub, beside the answers themselves: then the log and the summary have to do.
pub const WAITING: Duration = Duration::from_secs(90);
/// One request.
pub const REQUEST: Duration = Duration::from_secs(20);
/// How often a request is repeated after a failure of the server.
pub const TRIES: u32 = 4;
/// The first pause after a failure of the server; each later one is twice as long.
pub const PAUSE: Duration = Duration::from_millis(500);
