//! Options that say what a compilation may use. They change nothing in the output.

use super::message;
use anyhow::Context as _;
use clap::Args;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use wamrc::Resources;
use wamrc::cache::{Cache, CacheContent, CacheUse};

/// Threads and memory.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Threads to compile on [default: one per processor]
    #[arg(short, long, value_name = "N", value_parser = positive::<NonZeroUsize>, help_heading = "Resources")]
    jobs: Option<NonZeroUsize>,

    /// Memory to stay below, as 512M or 4G: fewer threads then work at a time
    #[arg(long, value_name = "SIZE", value_parser = bytes, help_heading = "Resources")]
    memory_limit: Option<u64>,

    /// Folder to keep machine code in, and to look there first: what has not changed is not compiled again. Several
    /// compilers may use it at a time
    #[arg(long, value_name = "DIR", help_heading = "Resources")]
    cache_dir: Option<PathBuf>,

    /// Say on standard error how much was found in the cache, and what is in it
    #[arg(long, requires = "cache_dir", help_heading = "Resources")]
    cache_stats: bool,
}

impl Arguments {
    /// What the options come to.
    pub(super) fn resources(&self) -> anyhow::Result<Resources> {
        let all = Resources::all();
        let cache = self.cache_dir.as_deref().map(open).transpose()?;
        Ok(Resources {
            jobs: self.jobs.unwrap_or(all.jobs),
            memory_limit: self.memory_limit,
            cache,
        })
    }

    /// Says what the cache was good for, if that was asked for.
    pub(super) fn print_cache(&self, resources: &Resources) {
        if let (true, Some(cache)) = (self.cache_stats, &resources.cache) {
            let (usage, content) = (cache.usage(), cache.content());
            let CacheUse { found, made, lost } = usage;
            let CacheContent { entries, bytes } = content;
            if message::is_json() {
                message::print_line(&serde_json::json!({
                    "type": "cache",
                    "found": found,
                    "made": made,
                    "lost": lost,
                    "entries": entries,
                    "bytes": bytes,
                }));
                return;
            }
            eprintln!("cache: {found} found, {made} made, {lost} could not be written");
            eprintln!("cache: {entries} entries of {bytes} bytes in all");
        }
    }
}

fn open(folder: &Path) -> anyhow::Result<Arc<Cache>> {
    let cache = Cache::open(folder);
    let cache = cache.with_context(|| format!("cannot make the cache {}", folder.display()))?;
    Ok(Arc::new(cache))
}

/// A number, but not zero.
pub(super) fn positive<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| "expected a number from 1 on".to_owned())
}

/// What the letters behind a size mean.
const UNITS: &[(char, u32)] = &[('k', 10), ('m', 20), ('g', 30), ('t', 40)];

/// A size in bytes: a number with a letter or without.
fn bytes(text: &str) -> Result<u64, String> {
    let last = text
        .chars()
        .last()
        .map(|letter| letter.to_ascii_lowercase());
    let unit = UNITS.iter().find(|(letter, _)| Some(*letter) == last);
    let (digits, shift) = match unit {
        Some((letter, shift)) => (text.get(..text.len() - letter.len_utf8()), *shift),
        None => (Some(text), 0),
    };
    let number: Option<u64> = digits.and_then(|digits| digits.parse().ok());
    number
        .and_then(|number| number.checked_mul(1 << shift))
        .ok_or_else(|| "expected a number of bytes, or one with k, M, G or T behind it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("4096"), Ok(4096));
        assert_eq!(bytes("512M"), Ok(512 << 20));
        assert_eq!(bytes("2g"), Ok(2 << 30));
        for wrong in ["", "M", "-1", "1.5G", "99999999999T", "4é"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
