//! Waiting: `poll_oneoff`.
//!
//! Subscriptions are read whole before anything is written, so the guest's two lists may share memory. Files are
//! watched with poll(2); a subscription that can never fire (a bad descriptor, an unknown clock) answers at once with
//! an event that carries its error, as the interface has it, instead of failing the call.

use std::fs::File;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::Result;
use super::clock;
use super::context::WasiCtx;
use super::errno::Errno;
use super::guest::{Edition, Guest};
use super::types::{FileType, Rights};

/// Most subscriptions of one call; hosts limit theirs likewise.
const MAX_SUBSCRIPTIONS: u32 = 4096;

/// Bytes of an event.
const EVENT: u32 = 32;

/// Set in an event's flags when the other end of a stream was closed.
const HANGUP: u16 = 1;

/// What a guest waits for.
#[derive(Clone, Copy)]
enum Wish {
    Clock {
        id: u32,
        timeout: u64,
        absolute: bool,
    },
    Read {
        fd: u32,
    },
    Write {
        fd: u32,
    },
}

impl Wish {
    /// The number of the kind in subscriptions and events.
    fn tag(self) -> u8 {
        match self {
            Wish::Clock { .. } => 0,
            Wish::Read { .. } => 1,
            Wish::Write { .. } => 2,
        }
    }
}

struct Subscription {
    userdata: [u8; 8],
    wish: Wish,
}

/// A subscription ready to wait for.
enum Watch<'a> {
    /// Fires this long after the call.
    Timer(Duration),
    /// Fires when the file is ready; index into the polled list.
    File(&'a File, usize),
    /// Has failed already.
    Failed(Errno),
}

/// What an event tells besides its kind.
struct Outcome {
    errno: Errno,
    bytes: u64,
    flags: u16,
}

const FIRED: Outcome = Outcome {
    errno: Errno::Success,
    bytes: 0,
    flags: 0,
};

/// Waits until at least one subscription fires, and writes one event for each that did, and their number.
pub(crate) fn poll_oneoff(
    ctx: &mut WasiCtx,
    guest: &mut Guest<'_>,
    subscriptions: u32,
    events: u32,
    count: u32,
    fired: u32,
) -> Result {
    if count == 0 || count > MAX_SUBSCRIPTIONS {
        return Err(Errno::Inval);
    }
    let wanted = read_subscriptions(guest, subscriptions, count)?;
    guest.check(events, count * EVENT)?;
    guest.check(fired, 4)?;
    let outcomes = wait(ctx, &wanted)?;
    let mut bytes = Vec::new();
    for (subscription, outcome) in wanted.iter().zip(&outcomes) {
        if let Some(outcome) = outcome {
            put_event(&mut bytes, subscription, outcome);
        }
    }
    guest.put(events, &bytes)?;
    let number = outcomes.iter().flatten().count();
    guest.put_u32(fired, u32::try_from(number).map_err(|_| Errno::Overflow)?)
}

fn read_subscriptions(guest: &Guest<'_>, ptr: u32, count: u32) -> Result<Vec<Subscription>> {
    // In the older edition a clock subscription names itself a second time before the clock.
    let (size, clock_at): (u32, usize) = match guest.edition() {
        Edition::Preview1 => (48, 16),
        Edition::Unstable => (56, 24),
    };
    let bytes = guest.bytes(ptr, count * size)?;
    let width = usize::try_from(size).map_err(|_| Errno::Fault)?;
    bytes
        .chunks_exact(width)
        .map(|entry| subscription(entry, clock_at))
        .collect()
}

fn subscription(entry: &[u8], clock_at: usize) -> Result<Subscription> {
    let wish = match field::<1>(entry, 8)? {
        [0] => Wish::Clock {
            id: u32::from_le_bytes(field(entry, clock_at)?),
            timeout: u64::from_le_bytes(field(entry, clock_at + 8)?),
            absolute: match u16::from_le_bytes(field(entry, clock_at + 24)?) {
                0 => false,
                1 => true,
                _ => return Err(Errno::Inval),
            },
        },
        [1] => Wish::Read {
            fd: u32::from_le_bytes(field(entry, 16)?),
        },
        [2] => Wish::Write {
            fd: u32::from_le_bytes(field(entry, 16)?),
        },
        _ => return Err(Errno::Inval),
    };
    Ok(Subscription {
        userdata: field(entry, 0)?,
        wish,
    })
}

/// `N` bytes of an entry.
fn field<const N: usize>(entry: &[u8], at: usize) -> Result<[u8; N]> {
    let found = entry.get(at..).and_then(|rest| rest.first_chunk());
    found.copied().ok_or(Errno::Fault)
}

/// Waits; one outcome per subscription, `None` where it has not fired.
fn wait(ctx: &WasiCtx, wanted: &[Subscription]) -> Result<Vec<Option<Outcome>>> {
    let mut polled = Vec::new();
    let watches: Vec<Watch<'_>> = wanted
        .iter()
        .map(|one| watch(ctx, one.wish, &mut polled))
        .collect();
    let start = Instant::now();
    let timeout = watches.iter().filter_map(|watch| match watch {
        Watch::Timer(after) => Some(*after),
        Watch::Failed(_) => Some(Duration::ZERO),
        Watch::File(..) => None,
    });
    let timeout = timeout.min();
    loop {
        let left = timeout.map(|timeout| timespec(timeout.saturating_sub(start.elapsed())));
        match poll(&mut polled, left.as_ref()) {
            Err(rustix::io::Errno::INTR) => continue,
            other => other?,
        };
        let passed = start.elapsed();
        let outcomes: Vec<_> = wanted
            .iter()
            .zip(&watches)
            .map(|(one, watch)| outcome(one.wish, watch, passed, &polled))
            .collect();
        if outcomes.iter().any(Option::is_some) {
            return Ok(outcomes);
        }
    }
}

fn watch<'a>(ctx: &'a WasiCtx, wish: Wish, polled: &mut Vec<PollFd<'a>>) -> Watch<'a> {
    let (fd, needed, flags) = match wish {
        Wish::Clock {
            id,
            timeout,
            absolute,
        } => {
            return timer(id, timeout, absolute).map_or_else(Watch::Failed, Watch::Timer);
        }
        Wish::Read { fd } => (fd, Rights::FD_READ, PollFlags::IN),
        Wish::Write { fd } => (fd, Rights::FD_WRITE, PollFlags::OUT),
    };
    let needed = needed.with(Rights::POLL_FD_READWRITE);
    match ctx
        .table
        .at(fd)
        .and_then(|descriptor| descriptor.file(needed, Errno::Badf))
    {
        Ok(file) => {
            polled.push(PollFd::new(file, flags));
            Watch::File(file, polled.len() - 1)
        }
        Err(errno) => Watch::Failed(errno),
    }
}

/// How long until a clock subscription fires. Clocks of processor time cannot be waited for.
fn timer(id: u32, timeout: u64, absolute: bool) -> Result<Duration> {
    let clock = clock::host(id)?;
    if id > 1 {
        return Err(Errno::Notsup);
    }
    let nanos = match absolute {
        true => timeout.saturating_sub(clock::now(clock)?),
        false => timeout,
    };
    Ok(Duration::from_nanos(nanos))
}

fn timespec(time: Duration) -> Timespec {
    Timespec {
        tv_sec: time.as_secs().try_into().unwrap_or(i64::MAX),
        tv_nsec: time.subsec_nanos().into(),
    }
}

fn outcome(
    wish: Wish,
    watch: &Watch<'_>,
    passed: Duration,
    polled: &[PollFd<'_>],
) -> Option<Outcome> {
    match watch {
        Watch::Timer(after) => (passed >= *after).then_some(FIRED),
        Watch::Failed(errno) => Some(Outcome {
            errno: *errno,
            ..FIRED
        }),
        Watch::File(file, index) => {
            let ready = polled.get(*index).map_or(PollFlags::NVAL, PollFd::revents);
            file_outcome(wish, file, ready)
        }
    }
}

fn file_outcome(wish: Wish, file: &File, ready: PollFlags) -> Option<Outcome> {
    if ready.is_empty() {
        return None;
    }
    if ready.contains(PollFlags::NVAL) {
        return Some(Outcome {
            errno: Errno::Badf,
            ..FIRED
        });
    }
    let hung_up = ready.intersects(PollFlags::HUP | PollFlags::ERR);
    // How much can be written without blocking no host tells; that it is something is what the event means.
    let bytes = match wish {
        Wish::Read { .. } => readable(file),
        Wish::Write { .. } | Wish::Clock { .. } => 1,
    };
    Some(Outcome {
        errno: Errno::Success,
        bytes,
        flags: if hung_up { HANGUP } else { 0 },
    })
}

/// Bytes that can be read at once.
fn readable(file: &File) -> u64 {
    let attributes = file
        .metadata()
        .map(cap_std::fs::Metadata::from_just_metadata);
    match attributes {
        Ok(attributes) if FileType::from(attributes.file_type()) == FileType::RegularFile => {
            let position = rustix::fs::tell(file).unwrap_or(0);
            attributes.len().saturating_sub(position)
        }
        _ => rustix::io::ioctl_fionread(file).unwrap_or(0),
    }
}

/// Appends an event: userdata, error, kind, then bytes and flags of a file at 16.
fn put_event(bytes: &mut Vec<u8>, subscription: &Subscription, outcome: &Outcome) {
    bytes.extend(subscription.userdata);
    bytes.extend(outcome.errno.code().to_le_bytes());
    bytes.extend([subscription.wish.tag(), 0, 0, 0, 0, 0]);
    bytes.extend(outcome.bytes.to_le_bytes());
    bytes.extend(u64::from(outcome.flags).to_le_bytes());
}
