//! Waiting for clocks and streams.

use std::io::Write;
use std::time::Instant;

use super::*;

const MILLISECOND: u64 = 1_000_000;

/// A guest whose standard input is a pipe, and the pipe's other end.
fn piped() -> (Machine, std::io::PipeWriter) {
    let (reader, writer) = std::io::pipe().unwrap();
    let scratch = Scratch::new();
    let ctx = WasiCtx::builder()
        .stdin(reader)
        .preopen(scratch.root(), ".")
        .unwrap()
        .build()
        .unwrap();
    (Machine::with(ctx, scratch), writer)
}

enum Wish {
    Clock { id: u32, timeout: u64, flags: u16 },
    Read(u32),
    Write(u32),
}

/// An event: userdata, error, kind, bytes, flags.
type Event = (u64, u16, u8, u64, u16);

/// Subscribes with userdata 100, 101, … and returns the events.
fn poll(machine: &mut Machine, wishes: &[Wish]) -> Result<Vec<Event>, Errno> {
    let (size, clock_at) = match machine.edition {
        Edition::Preview1 => (48, 16),
        Edition::Unstable => (56, 24),
    };
    for (index, wish) in wishes.iter().enumerate() {
        let mut entry = vec![0; size];
        entry[..8].copy_from_slice(&(100 + index as u64).to_le_bytes());
        match *wish {
            Wish::Clock { id, timeout, flags } => {
                entry[clock_at..][..4].copy_from_slice(&id.to_le_bytes());
                entry[clock_at + 8..][..8].copy_from_slice(&timeout.to_le_bytes());
                entry[clock_at + 24..][..2].copy_from_slice(&flags.to_le_bytes());
            }
            Wish::Read(fd) => {
                entry[8] = 1;
                entry[16..][..4].copy_from_slice(&fd.to_le_bytes());
            }
            Wish::Write(fd) => {
                entry[8] = 2;
                entry[16..][..4].copy_from_slice(&fd.to_le_bytes());
            }
        }
        machine.memory[LIST as usize + index * size..][..size].copy_from_slice(&entry);
    }
    let args = [LIST.into(), DATA.into(), wishes.len() as i64, OUT.into()];
    match machine.call("poll_oneoff", &args) {
        Errno::Success => {}
        errno => return Err(errno),
    }
    let event = |index: u32| {
        let at = DATA + 32 * index;
        let [low, high] = [machine.u8_at(at + 8), machine.u8_at(at + 9)];
        let flags = machine.u32_at(at + 24) as u16;
        let errno = u16::from_le_bytes([low, high]);
        (
            machine.u64_at(at),
            errno,
            machine.u8_at(at + 10),
            machine.u64_at(at + 16),
            flags,
        )
    };
    Ok((0..machine.u32_at(OUT)).map(event).collect())
}

#[test]
fn a_relative_clock_fires_after_its_time() {
    for edition in [Edition::Preview1, Edition::Unstable] {
        let (mut machine, _writer) = piped();
        machine.edition = edition;
        for id in [0, 1] {
            let start = Instant::now();
            let near = Wish::Clock {
                id,
                timeout: 20 * MILLISECOND,
                flags: 0,
            };
            let far = Wish::Clock {
                id,
                timeout: u64::MAX,
                flags: 0,
            };
            assert_eq!(
                poll(&mut machine, &[far, near]),
                Ok(vec![(101, 0, 0, 0, 0)])
            );
            assert!(start.elapsed().as_millis() >= 20);
        }
    }
}

#[test]
fn an_absolute_clock_fires_when_it_is_due() {
    let (mut machine, _writer) = piped();
    for id in [0, 1] {
        assert_eq!(
            machine.call("clock_time_get", &[id, 0, OUT.into()]),
            Errno::Success
        );
        let now = machine.u64_at(OUT);
        let id = id as u32;
        let past = Wish::Clock {
            id,
            timeout: now - 1,
            flags: 1,
        };
        let future = Wish::Clock {
            id,
            timeout: now + 3_600_000 * MILLISECOND,
            flags: 1,
        };
        assert_eq!(
            poll(&mut machine, &[future, past]),
            Ok(vec![(101, 0, 0, 0, 0)])
        );
        let start = Instant::now();
        let soon = Wish::Clock {
            id,
            timeout: now + 20 * MILLISECOND,
            flags: 1,
        };
        assert_eq!(poll(&mut machine, &[soon]), Ok(vec![(100, 0, 0, 0, 0)]));
        assert!(start.elapsed().as_millis() <= 2000);
    }
}

#[test]
fn a_stream_is_ready_when_there_is_something_to_read() {
    let (mut machine, mut writer) = piped();
    let soon = || Wish::Clock {
        id: 1,
        timeout: 5 * MILLISECOND,
        flags: 0,
    };
    assert_eq!(
        poll(&mut machine, &[Wish::Read(0), soon()]),
        Ok(vec![(101, 0, 0, 0, 0)])
    );
    writer.write_all(b"12345").unwrap();
    assert_eq!(
        poll(&mut machine, &[Wish::Read(0), soon()]),
        Ok(vec![(100, 0, 1, 5, 0)])
    );
    drop(writer);
    assert_eq!(
        poll(&mut machine, &[Wish::Read(0)]),
        Ok(vec![(100, 0, 1, 5, 1)])
    );
}

#[test]
fn a_waiting_guest_is_woken_by_the_other_end() {
    let (mut machine, mut writer) = piped();
    let other = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        writer.write_all(b"x").unwrap();
    });
    let never = Wish::Clock {
        id: 1,
        timeout: u64::MAX,
        flags: 0,
    };
    let events = poll(&mut machine, &[Wish::Read(0), never]).unwrap();
    assert_eq!(
        events.iter().map(|event| event.0).collect::<Vec<_>>(),
        [100]
    );
    other.join().unwrap();
}

#[test]
fn files_are_always_ready() {
    let (mut machine, _writer) = piped();
    std::fs::write(machine.host("f"), "12345678").unwrap();
    let fd = machine.open("f", 0, EVERYTHING, 0).unwrap();
    machine.read(fd, 3).unwrap();
    let events = poll(
        &mut machine,
        &[Wish::Read(fd), Wish::Write(fd), Wish::Write(1)],
    );
    assert_eq!(
        events,
        Ok(vec![
            (100, 0, 1, 5, 0),
            (101, 0, 2, 1, 0),
            (102, 0, 2, 1, 0)
        ])
    );
}

#[test]
fn what_cannot_fire_answers_with_its_error() {
    let (mut machine, _writer) = piped();
    let badf = Errno::Badf.code();
    let wishes = [
        Wish::Read(77),
        Wish::Write(ROOT),
        Wish::Write(0),
        Wish::Clock {
            id: 9,
            timeout: 0,
            flags: 0,
        },
        Wish::Clock {
            id: 2,
            timeout: 0,
            flags: 0,
        },
        Wish::Read(0),
        Wish::Clock {
            id: 1,
            timeout: u64::MAX,
            flags: 0,
        },
    ];
    let want = vec![
        (100, badf, 1, 0, 0),
        (101, badf, 2, 0, 0),
        (102, Errno::Notcapable.code(), 2, 0, 0),
        (103, Errno::Inval.code(), 0, 0, 0),
        (104, Errno::Notsup.code(), 0, 0, 0),
    ];
    assert_eq!(poll(&mut machine, &wishes), Ok(want));
}

#[test]
fn a_call_that_makes_no_sense_is_refused() {
    let (mut machine, _writer) = piped();
    assert_eq!(poll(&mut machine, &[]), Err(Errno::Inval));
    assert_eq!(
        poll(
            &mut machine,
            &[Wish::Clock {
                id: 0,
                timeout: 0,
                flags: 2
            }]
        ),
        Err(Errno::Inval)
    );
    let end = machine.memory.len() as i64;
    for (subscriptions, events, count, fired, want) in [
        (end - 47, 0, 1, 0, Errno::Fault),
        (0, end - 31, 1, 0, Errno::Fault),
        (0, 0, 1, end - 3, Errno::Fault),
        (0, 0, 4097, 0, Errno::Inval),
        (0, 0, -1, 0, Errno::Inval),
    ] {
        assert_eq!(
            machine.call("poll_oneoff", &[subscriptions, events, count, fired]),
            want
        );
    }
    machine.memory[8] = 3;
    assert_eq!(
        machine.call("poll_oneoff", &[0, 0x1000, 1, 0x2000]),
        Errno::Inval
    );
}
