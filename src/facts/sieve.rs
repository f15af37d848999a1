//! Which files any store of facts may want to read: by name first, by their bytes where the name does not tell.

use super::secrets::{Salt, Scanner};
use crate::secret::Hit;
use crate::snapshot::{Sieve, Sifted};

/// The sieve of this program's facts.
#[derive(Debug, Default)]
pub struct Wanted {
    scanner: Scanner,
}

impl Wanted {
    /// A sieve that knows what time it is, in seconds since 1970: expired tokens weigh less.
    pub fn new(now: i64) -> Self {
        Self { scanner: Scanner::new(Salt::default(), now) }
    }
}

impl Sieve for Wanted {
    fn wants(&self, _path: &str) -> bool {
        true
    }

    fn part(&self, path: &str, bytes: &[u8], first_line: u32) -> Vec<Hit> {
        self.scanner.part(path, bytes, first_line)
    }

    fn sift(&self, path: &str, bytes: &[u8]) -> Sifted {
        Sifted { keep: true, hits: self.scanner.scan(path, bytes) }
    }
}
