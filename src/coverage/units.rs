//! What was measured in one file by one metric, packed: a byte or two for each line, fewer for lines that are alike.

use super::Count;

/// One thing that can be run: a line, a branch, a function or a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unit {
    pub line: u32,
    /// Tells those of one line apart, the same in every report of one tool.
    pub key: u32,
    /// For how many it counts.
    pub weight: u32,
    pub hit: bool,
}

/// Units by line and key, packed.
///
/// Each begins with a number of which the lowest bits say: hit, a weight follows, a key follows; the rest is the
/// distance to the line before. A zero is a run: so many more lines like the last one, each on the next line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Units(Box<[u8]>);

const HIT: u64 = 1;
const WEIGHT: u64 = 2;
const KEY: u64 = 4;

impl Units {
    /// Packs units in any order. What was run once was run.
    pub fn new(mut units: Vec<Unit>) -> Self {
        if !units.is_sorted_by_key(|unit| (unit.line, unit.key)) {
            units.sort_unstable_by_key(|unit| (unit.line, unit.key));
        }
        let mut pack = Pack::default();
        let mut units = units.into_iter();
        let Some(mut last) = units.next() else { return Self::default() };
        for unit in units {
            if (unit.line, unit.key) == (last.line, last.key) {
                last = joined(last, unit);
            } else {
                pack.push(std::mem::replace(&mut last, unit));
            }
        }
        pack.push(last);
        pack.finish()
    }

    /// From bytes that `bytes` gave; whatever they hold, they are read without harm.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn size(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> Iter<'_> {
        Iter { rest: &self.0, last: Unit { line: 0, key: 0, weight: 1, hit: false }, run: 0 }
    }

    pub fn count(&self) -> Count {
        let mut count = Count::default();
        for unit in self.iter() {
            let weight = u64::from(unit.weight);
            count += Count::new(if unit.hit { weight } else { 0 }, weight);
        }
        count
    }

    /// Everything that one of both has; run, where one of both has run it.
    pub fn union(&self, other: &Self) -> Self {
        if self.is_empty() || self == other {
            return other.clone();
        }
        if other.is_empty() {
            return self.clone();
        }
        let (mut mine, mut theirs) = (self.iter().peekable(), other.iter().peekable());
        let mut pack = Pack::default();
        loop {
            let next = match (mine.peek().copied(), theirs.peek().copied()) {
                (Some(a), Some(b)) if (a.line, a.key) == (b.line, b.key) => {
                    theirs.next();
                    mine.next().map(|_| joined(a, b))
                }
                (Some(a), Some(b)) if (a.line, a.key) < (b.line, b.key) => mine.next(),
                (_, Some(_)) => theirs.next(),
                (_, None) => mine.next(),
            };
            match next {
                Some(unit) => pack.push(unit),
                None => return pack.finish(),
            }
        }
    }
}

fn joined(a: Unit, b: Unit) -> Unit {
    Unit { hit: a.hit || b.hit, weight: a.weight.max(b.weight), ..a }
}

/// Units being packed, in their order.
#[derive(Default)]
struct Pack {
    bytes: Vec<u8>,
    last: Option<Unit>,
    /// How many lines like the last one are to be written as a run.
    run: u64,
}

impl Pack {
    fn push(&mut self, unit: Unit) {
        let before = self.last.map_or(0, |last| last.line);
        if let Some(last) = self.last {
            let is_like = |unit: Unit| unit.key == 0 && unit.weight == 1;
            if is_like(unit) && is_like(last) && unit.hit == last.hit && last.line.checked_add(1) == Some(unit.line) {
                (self.run, self.last) = (self.run + 1, Some(unit));
                return;
            }
        }
        self.end_run();
        let flags = (unit.hit as u64 * HIT) | ((unit.weight != 1) as u64 * WEIGHT) | ((unit.key != 0) as u64 * KEY);
        self.number((u64::from(unit.line.saturating_sub(before)) << 3) | flags);
        if unit.key != 0 {
            self.number(u64::from(unit.key));
        }
        if unit.weight != 1 {
            self.number(u64::from(unit.weight));
        }
        self.last = Some(unit);
    }

    fn end_run(&mut self) {
        if self.run > 0 {
            self.bytes.push(0);
            let run = std::mem::take(&mut self.run);
            self.number(run);
        }
    }

    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push((number as u8) | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    fn finish(mut self) -> Units {
        self.end_run();
        Units(self.bytes.into())
    }
}

/// The units in their order.
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    rest: &'a [u8],
    last: Unit,
    run: u64,
}

impl Iter<'_> {
    fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

impl Iterator for Iter<'_> {
    type Item = Unit;

    fn next(&mut self) -> Option<Unit> {
        if self.run == 0 {
            let head = self.number()?;
            if head == 0 {
                self.run = self.number()?;
            } else {
                let key = if head & KEY != 0 { self.number()? as u32 } else { 0 };
                let weight = if head & WEIGHT != 0 { self.number()? as u32 } else { 1 };
                let line = self.last.line.checked_add(u32::try_from(head >> 3).ok()?)?;
                self.last = Unit { line, key, weight, hit: head & HIT != 0 };
                return Some(self.last);
            }
        }
        self.run = self.run.checked_sub(1)?;
        self.last.line = self.last.line.checked_add(1)?;
        Some(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn unit() -> impl Strategy<Value = Unit> {
        (1u32..60, 0u32..3, 1u32..3, any::<bool>()).prop_map(|(line, key, weight, hit)| Unit { line, key, weight, hit })
    }

    fn model(units: &[Unit]) -> Vec<Unit> {
        let mut by_place: BTreeMap<(u32, u32), Unit> = BTreeMap::new();
        for unit in units {
            by_place.entry((unit.line, unit.key)).and_modify(|have| *have = joined(*have, *unit)).or_insert(*unit);
        }
        by_place.into_values().collect()
    }

    proptest! {
        #[test]
        fn packing_keeps_everything_and_a_union_is_that_of_both(
            a in proptest::collection::vec(unit(), 0..80),
            b in proptest::collection::vec(unit(), 0..80),
        ) {
            let (left, right) = (Units::new(a.clone()), Units::new(b.clone()));
            prop_assert_eq!(left.iter().collect::<Vec<_>>(), model(&a));
            let both = [a, b].concat();
            prop_assert_eq!(left.union(&right).iter().collect::<Vec<_>>(), model(&both));
            prop_assert_eq!(left.union(&right), Units::new(both));
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Units::from_bytes(bytes).iter().take(10_000).count();
        }
    }

    #[test]
    fn lines_that_are_alike_cost_nothing() {
        let lines = (1..=10_000).map(|line| Unit { line, key: 0, weight: 1, hit: true }).collect();
        let units = Units::new(lines);
        assert!(units.size() <= 5, "{}", units.size());
        assert_eq!(units.count(), Count::new(10_000, 10_000));
    }
}
