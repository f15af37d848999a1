//! A pack: many objects in one file, with an index that says where each begins.

use super::{Found, Id, Kind, LARGEST, Object, delta};
use flate2::read::ZlibDecoder;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The index of a pack of ten million objects.
const LARGEST_INDEX: u64 = 512 << 20;
/// Git itself makes chains of fifty.
const MAX_CHAIN: usize = 4_096;
/// So many bytes of bases are kept, since objects that are alike share them.
const KEPT_BASES: usize = 64 << 20;

/// One pack. Only version 2 of the index is read, which git has written since 2007.
#[derive(Debug)]
pub struct Pack {
    index: Vec<u8>,
    count: usize,
    file: File,
    bases: Mutex<Bases>,
}

#[derive(Debug, Default)]
struct Bases {
    by_offset: HashMap<u64, Object>,
    bytes: usize,
}

/// Every pack of a folder that can be read.
pub fn all(folder: &Path) -> Vec<Pack> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut indices: Vec<_> = entries.map(|entry| entry.path()).collect();
    indices.retain(|path| path.extension().is_some_and(|extension| extension == "idx"));
    indices.sort();
    indices.iter().filter_map(|index| open(index)).collect()
}

fn open(index: &Path) -> Option<Pack> {
    let size = index.metadata().ok()?.len();
    let bytes = if size <= LARGEST_INDEX { std::fs::read(index).ok()? } else { return None };
    let is_known = bytes.starts_with(b"\xfftOc\0\0\0\x02");
    let count = usize::try_from(word(&bytes, FAN_OUT + 255 * 4)?).ok()?;
    let is_whole = bytes.len() >= NAMES + count * (20 + 4 + 4);
    let file = File::open(index.with_extension("pack")).ok()?;
    (is_known && is_whole).then(|| Pack { index: bytes, count, file, bases: Mutex::default() })
}

/// Where the table of first bytes and the names begin in an index.
const FAN_OUT: usize = 8;
const NAMES: usize = FAN_OUT + 256 * 4;

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// What stands at an offset, before deltas are applied.
enum Entry {
    Whole(Kind, Vec<u8>),
    /// The offset of the base, and the delta.
    OnOffset(u64, Vec<u8>),
    OnName(Id, Vec<u8>),
    TooLarge(u64),
}

impl Pack {
    /// Where the object of that name begins.
    pub fn find(&self, id: &Id) -> Option<u64> {
        let first = usize::from(id[0]);
        let end = word(&self.index, FAN_OUT + first * 4)? as usize;
        let start = if first == 0 { 0 } else { word(&self.index, FAN_OUT + (first - 1) * 4)? as usize };
        let (mut low, mut high) = (start, end.min(self.count));
        while low < high {
            let middle = low.midpoint(high);
            match self.name(middle)?.cmp(id.as_slice()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.offset(middle),
            }
        }
        None
    }

    fn name(&self, number: usize) -> Option<&[u8]> {
        self.index.get(NAMES + number * 20..NAMES + (number + 1) * 20)
    }

    fn offset(&self, number: usize) -> Option<u64> {
        let offsets = NAMES + self.count * 24;
        let offset = word(&self.index, offsets + number * 4)?;
        if offset & 0x8000_0000 == 0 {
            return Some(u64::from(offset));
        }
        // Beyond 2 GiB it is an entry of a further table.
        let at = offsets + self.count * 4 + (offset & 0x7fff_ffff) as usize * 8;
        Some(u64::from_be_bytes(self.index.get(at..at + 8)?.try_into().ok()?))
    }

    /// The object that begins at an offset, with the deltas on the way to it applied.
    pub fn object(&self, offset: u64) -> Result<Found, String> {
        let (mut at, mut deltas) = (offset, Vec::new());
        let mut object = loop {
            if let Some(base) = self.kept(at) {
                break base;
            }
            let delta = match self.entry(at)? {
                Entry::Whole(kind, bytes) => break Object { kind, bytes: Arc::new(bytes) },
                Entry::TooLarge(size) => return Ok(Found::TooLarge(size)),
                Entry::OnOffset(base, delta) => (std::mem::replace(&mut at, base), delta),
                Entry::OnName(base, delta) => {
                    let base = self.find(&base).ok_or("its base is in no pack")?;
                    (std::mem::replace(&mut at, base), delta)
                }
            };
            deltas.push(delta);
            if deltas.len() > MAX_CHAIN {
                return Err("its chain of deltas does not end".to_owned());
            }
        };
        self.keep(at, &object);
        while let Some((at, delta)) = deltas.pop() {
            if delta::size(&delta).is_some_and(|size| size > LARGEST) {
                return Ok(Found::TooLarge(delta::size(&delta).unwrap_or_default()));
            }
            let bytes = delta::apply(&object.bytes, &delta).ok_or("a delta does not fit its base")?;
            object = Object { kind: object.kind, bytes: Arc::new(bytes) };
            self.keep(at, &object);
        }
        Ok(Found::Object(object))
    }

    fn kept(&self, offset: u64) -> Option<Object> {
        self.bases.lock().ok()?.by_offset.get(&offset).cloned()
    }

    fn keep(&self, offset: u64, object: &Object) {
        let Ok(mut bases) = self.bases.lock() else { return };
        if bases.bytes + object.bytes.len() > KEPT_BASES {
            *bases = Bases::default();
        }
        if object.bytes.len() <= KEPT_BASES && bases.by_offset.insert(offset, object.clone()).is_none() {
            bases.bytes += object.bytes.len();
        }
    }

    fn entry(&self, offset: u64) -> Result<Entry, String> {
        let mut reader = At { file: &self.file, offset };
        let read = |error: io::Error| error.to_string();
        let first = byte(&mut reader).map_err(read)?;
        let (kind, mut size, mut shift) = ((first >> 4) & 7, u64::from(first & 15), 4);
        let mut last = first;
        while last & 0x80 != 0 && shift < 60 {
            last = byte(&mut reader).map_err(read)?;
            size |= u64::from(last & 0x7f) << shift;
            shift += 7;
        }
        let base = match kind {
            6 => Some(Base::Offset(
                offset.checked_sub(distance(&mut reader).map_err(read)?).ok_or("its base is not in the pack")?,
            )),
            7 => {
                let mut name = [0; 20];
                reader.read_exact(&mut name).map_err(read)?;
                Some(Base::Name(name))
            }
            _ => None,
        };
        if size > LARGEST {
            return Ok(Entry::TooLarge(size));
        }
        let mut bytes = Vec::new();
        ZlibDecoder::new(reader).take(size + 1).read_to_end(&mut bytes).map_err(read)?;
        if bytes.len() as u64 != size {
            return Err("it has another size than it says".to_owned());
        }
        match (base, kind) {
            (Some(Base::Offset(base)), _) => Ok(Entry::OnOffset(base, bytes)),
            (Some(Base::Name(base)), _) => Ok(Entry::OnName(base, bytes)),
            (None, 1) => Ok(Entry::Whole(Kind::Commit, bytes)),
            (None, 2) => Ok(Entry::Whole(Kind::Tree, bytes)),
            (None, 3) => Ok(Entry::Whole(Kind::Blob, bytes)),
            (None, 4) => Ok(Entry::Whole(Kind::Tag, bytes)),
            _ => Err("its kind is not known".to_owned()),
        }
    }
}

enum Base {
    Offset(u64),
    Name(Id),
}

/// How far back the base begins: seven bits a byte, the greatest first, one added at each step.
fn distance(reader: &mut At) -> io::Result<u64> {
    let mut last = byte(reader)?;
    let mut distance = u64::from(last & 0x7f);
    while last & 0x80 != 0 && distance < 1 << 50 {
        last = byte(reader)?;
        distance = ((distance + 1) << 7) | u64::from(last & 0x7f);
    }
    Ok(distance)
}

fn byte(reader: &mut At) -> io::Result<u8> {
    let mut byte = [0];
    reader.read_exact(&mut byte)?;
    Ok(byte[0])
}

/// A file from an offset on; several threads may read it at once.
struct At<'a> {
    file: &'a File,
    offset: u64,
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.offset)?;
        self.offset += count as u64;
        Ok(count)
    }
}
