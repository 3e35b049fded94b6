//! Machine code of partitions that were compiled before.
//!
//! The key is a hash of everything that goes into optimisation and code generation: LLVM's bitcode of the partition, the
//! machine, the level, LLVM's version and this compiler's source. So nothing can be forgotten in it, and what is found is
//! what would be made. Files are written elsewhere and renamed, and carry a hash of their content: several compilers may
//! share a folder, and one that is killed leaves nothing that is read.

use crate::llvm::{self, StackSize};
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What files begin with; the number is that of their form.
const MAGIC: &[u8; 8] = b"wamrc\0o1";

/// Bytes of a hash.
const HASH: usize = 32;

/// A folder of machine code.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    found: AtomicUsize,
    made: AtomicUsize,
    lost: AtomicUsize,
}

/// What became of the partitions that were looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheUse {
    /// They were there.
    pub found: usize,
    /// They were not, and are now.
    pub made: usize,
    /// They were not, and could not be written.
    pub lost: usize,
}

/// What is in a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheContent {
    /// Number of entries.
    pub entries: u64,
    /// Bytes they take.
    pub bytes: u64,
}

/// Names an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key([u8; HASH]);

/// Hashes what makes a key, part by part.
pub(crate) struct KeyMaker(Sha256);

/// What is kept of a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) object: Vec<u8>,
    pub(crate) stack_sizes: Vec<StackSize>,
}

impl KeyMaker {
    /// Begins with the compiler.
    pub(crate) fn new() -> Self {
        let maker = Self(Sha256::new());
        maker
            .add(MAGIC)
            .add(env!("CARGO_PKG_VERSION").as_bytes())
            .add(env!("WAMRC_SOURCE").as_bytes())
            .add(llvm::version().as_bytes())
    }

    /// Adds a part; its length tells it from the next one.
    pub(crate) fn add(mut self, part: &[u8]) -> Self {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
        self
    }

    pub(crate) fn key(self) -> Key {
        Key(self.0.finalize().into())
    }
}

impl Cache {
    /// Opens a folder, and makes it if it is not there.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        remove_abandoned(folder);
        Ok(Self {
            folder: folder.to_owned(),
            found: AtomicUsize::new(0),
            made: AtomicUsize::new(0),
            lost: AtomicUsize::new(0),
        })
    }

    /// How often what was looked for since it was opened was there.
    #[must_use]
    pub fn usage(&self) -> CacheUse {
        CacheUse {
            found: self.found.load(Ordering::Relaxed),
            made: self.made.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed),
        }
    }

    /// What is in the folder.
    #[must_use]
    pub fn content(&self) -> CacheContent {
        let mut content = CacheContent::default();
        let folders = std::fs::read_dir(&self.folder).into_iter().flatten();
        let files = folders
            .flatten()
            .map(|folder| std::fs::read_dir(folder.path()));
        for file in files.flatten().flatten().flatten() {
            if let Ok(data) = file.metadata() {
                content.entries += 1;
                content.bytes += data.len();
            }
        }
        content
    }

    /// The entry of a key; `None` if there is none that is whole.
    pub(crate) fn get(&self, key: &Key) -> Option<Entry> {
        let bytes = std::fs::read(self.path(key)).ok()?;
        let entry = Entry::read(&bytes)?;
        self.found.fetch_add(1, Ordering::Relaxed);
        Some(entry)
    }

    /// Keeps an entry. One that cannot be written is counted, no more: the code is there.
    pub(crate) fn put(&self, key: &Key, entry: &Entry) {
        let counter = match self.write(key, entry) {
            Ok(()) => &self.made,
            Err(_) => &self.lost,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn write(&self, key: &Key, entry: &Entry) -> std::io::Result<()> {
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.folder);
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&entry.write())?;
        file.persist(path)?;
        Ok(())
    }

    /// Two levels: folders with very many files are slow.
    fn path(&self, key: &Key) -> PathBuf {
        let hex: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
        let (folder, name) = hex.split_at(2);
        self.folder.join(folder).join(name)
    }
}

/// How long a file may be under way.
const WRITING: Duration = Duration::from_secs(3600);

/// Removes what writers left that were killed.
fn remove_abandoned(folder: &Path) {
    let is_abandoned = |data: &std::fs::Metadata| {
        let age = data.modified().map(|time| time.elapsed());
        data.is_file() && age.is_ok_and(|age| age.is_ok_and(|age| age > WRITING))
    };
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if file.metadata().is_ok_and(|data| is_abandoned(&data)) {
            // Another compiler may have been faster.
            drop(std::fs::remove_file(file.path()));
        }
    }
}

impl Entry {
    /// Magic, hash of the rest, then the object and each symbol with its size, lengths in front.
    fn write(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.object.len() + 64);
        let field = |body: &mut Vec<u8>, bytes: &[u8]| {
            body.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            body.extend_from_slice(bytes);
        };
        field(&mut body, &self.object);
        for size in &self.stack_sizes {
            field(&mut body, size.symbol.as_bytes());
            body.extend_from_slice(&size.bytes.to_le_bytes());
        }
        let hash = Sha256::digest(&body);
        [MAGIC.as_slice(), hash.as_slice(), body.as_slice()].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (hash, mut body) = rest.split_at_checked(HASH)?;
        if Sha256::digest(body).as_slice() != hash {
            return None;
        }
        let object = take_field(&mut body)?.to_vec();
        let mut stack_sizes = Vec::new();
        while !body.is_empty() {
            let symbol = String::from_utf8(take_field(&mut body)?.to_vec()).ok()?;
            let bytes = take_u64(&mut body)?;
            stack_sizes.push(StackSize { symbol, bytes });
        }
        Some(Self {
            object,
            stack_sizes,
        })
    }
}

fn take_u64(bytes: &mut &[u8]) -> Option<u64> {
    let (number, rest) = bytes.split_first_chunk::<8>()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*number))
}

fn take_field<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_u64(bytes)?).ok()?;
    let (field, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(field)
}

#[cfg(test)]
mod tests {
    use super::{Cache, Entry, Key, KeyMaker};
    use crate::llvm::StackSize;

    fn entry() -> Entry {
        Entry {
            object: b"code".to_vec(),
            stack_sizes: vec![StackSize {
                symbol: "f".to_owned(),
                bytes: 48,
            }],
        }
    }

    fn key(part: &[u8]) -> Key {
        KeyMaker::new().add(part).key()
    }

    #[test]
    fn what_was_kept_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::open(&folder.path().join("new/deep")).expect("a cache");
        assert_eq!(cache.get(&key(b"a")), None);
        cache.put(&key(b"a"), &entry());
        assert_eq!(cache.get(&key(b"a")), Some(entry()));
        assert_eq!(cache.get(&key(b"b")), None);
        assert_eq!(cache.content().entries, 1);
        assert_eq!((cache.usage().found, cache.usage().made), (1, 1));
    }

    #[test]
    fn what_killed_writers_left_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
        for path in [&old, &new] {
            std::fs::write(path, b"half").expect("written");
        }
        let long_ago = std::time::SystemTime::now() - 2 * super::WRITING;
        let file = std::fs::File::options().write(true).open(&old);
        file.and_then(|file| file.set_modified(long_ago))
            .expect("older");
        Cache::open(folder.path()).expect("a cache");
        assert!(!old.exists() && new.exists());
    }

    #[test]
    fn parts_of_keys_do_not_run_together() {
        let two = KeyMaker::new().add(b"ab").add(b"c").key();
        let other = KeyMaker::new().add(b"a").add(b"bc").key();
        assert_ne!(two, other);
    }

    #[test]
    fn damaged_entries_are_not_there() {
        let whole = entry().write();
        assert_eq!(Entry::read(&whole), Some(entry()));
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert_eq!(Entry::read(&damaged), None, "{at}");
            assert_eq!(Entry::read(&whole[..at]), None, "{at}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_loses_entries_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::open(folder.path()).expect("a cache");
        folder.close().expect("removed");
        std::fs::write(&cache.folder, b"in the way").expect("a file");
        cache.put(&key(b"a"), &entry());
        assert_eq!(cache.usage().lost, 1);
        std::fs::remove_file(&cache.folder).expect("removed");
    }
}
