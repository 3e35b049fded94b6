//! Any numbers at all: no function panics, writes outside of the memory, allocates what the numbers claim, or hangs.

use super::*;

/// A small generator of numbers (xorshift), the same on every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number of a kind that has broken implementations: small, near the memory's end, near the ends of 32 and 64
    /// bits, or anything.
    fn hostile(&mut self, memory: i64) -> i64 {
        let number = self.next();
        let near = (number >> 8 & 63).cast_signed();
        match number & 15 {
            0..=5 => near % 8,
            6..=7 => near * 0x100,
            8..=9 => memory - near,
            10 => i64::from(u32::MAX) - near,
            11 => i64::from(i32::MAX) - near,
            12 => i64::MAX - near,
            13 => -1 - near,
            14 => near * 8,
            _ => number.cast_signed(),
        }
    }
}

/// A guest in a fresh directory, with a few descriptors of each kind open, and with addresses, paths and lists
/// scattered over its memory.
fn machine(numbers: &mut Numbers) -> Machine {
    let (reader, _) = std::io::pipe().unwrap();
    let scratch = Scratch::new();
    let ctx = WasiCtx::builder()
        .args(["a", "b"])
        .env("c", "d")
        .stdin(reader)
        .preopen(scratch.root(), ".")
        .unwrap()
        .build()
        .unwrap();
    let mut machine = Machine::with(ctx, scratch);
    machine.open("file", CREAT, EVERYTHING, 0).unwrap();
    machine.path_call("path_create_directory", "dir", &[]);
    machine.open("dir", DIRECTORY, READ, 0).unwrap();
    for chunk in machine.memory.chunks_exact_mut(4) {
        match numbers.next() % 4 {
            0 => chunk.copy_from_slice(&(numbers.next() as u32 % 0x2_0100).to_le_bytes()),
            1 => chunk.copy_from_slice(b"../d"),
            2 => chunk.copy_from_slice(b"file"),
            _ => chunk.fill((numbers.next() % 4) as u8),
        }
    }
    machine
}

/// Whether a call may wait for a clock: the one way to spend time on purpose, and a test has none to spend.
fn waits(name: &str, args: &[i64]) -> bool {
    let count = args.get(2).map_or(0, |&count| count as u32);
    name == "poll_oneoff" && (1..=4096).contains(&count)
}

#[test]
fn no_numbers_do_harm() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for edition in [Edition::Preview1, Edition::Unstable] {
        for _ in 0..4 {
            let mut machine = machine(&mut numbers);
            machine.edition = edition;
            for _ in 0..2500 {
                let row = &ROWS[numbers.next() as usize % ROWS.len()];
                let memory = machine.memory.len() as i64;
                let args: Vec<i64> = (0..9).map(|_| numbers.hostile(memory)).collect();
                if waits(row.name, &args) {
                    continue;
                }
                let mut rest = args.iter().copied().cycle();
                let mut next = || rest.next().unwrap();
                let mut guest = Guest::new(&mut machine.memory, edition);
                let _any = (row.call)(&mut machine.ctx, &mut guest, &mut next);
            }
            let secret = std::fs::read_to_string(machine.scratch.0.join("secret")).unwrap();
            assert_eq!(secret, "secret");
        }
    }
}

#[test]
fn each_function_survives_each_number_in_each_place() {
    let mut numbers = Numbers(1);
    let edges = [
        0,
        1,
        2,
        3,
        4,
        5,
        0x1000,
        0x1_fff8,
        0x2_0000,
        i64::from(i32::MAX),
        i64::from(u32::MAX),
        i64::MAX,
        i64::MIN,
    ];
    for row in ROWS.iter().filter(|row| row.name != "poll_oneoff") {
        let mut machine = machine(&mut numbers);
        for place in 0..9 {
            for edge in edges {
                let mut at = 0;
                let mut next = || {
                    at += 1;
                    if at - 1 == place { edge } else { 4 }
                };
                let mut guest = Guest::new(&mut machine.memory, Edition::Preview1);
                let _any = (row.call)(&mut machine.ctx, &mut guest, &mut next);
            }
        }
    }
}

#[test]
fn a_guest_without_memory_gets_faults() {
    let mut numbers = Numbers(7);
    let mut machine = machine(&mut numbers);
    let writers = [
        "args_sizes_get",
        "environ_sizes_get",
        "clock_res_get",
        "fd_filestat_get",
        "fd_read",
        "fd_tell",
    ];
    for name in writers {
        let row = ROWS.iter().find(|row| row.name == name).unwrap();
        let mut first = true;
        let mut next = || {
            if std::mem::take(&mut first) && name.starts_with("fd_") {
                4
            } else {
                1
            }
        };
        let errno = (row.call)(
            &mut machine.ctx,
            &mut Guest::new(&mut [], Edition::Preview1),
            &mut next,
        );
        assert_eq!(errno, Ok(Errno::Fault), "{name}");
    }
}

#[test]
fn random_subscriptions_do_no_harm() {
    let mut numbers = Numbers(42);
    let mut machine = machine(&mut numbers);
    for _ in 0..500 {
        let count = numbers.next() % 8 + 1;
        let mut bytes: Vec<u8> = (0..count * 48)
            .map(|_| (numbers.next() % 3) as u8)
            .collect();
        // One subscription that is due at once, so that no call waits.
        bytes.extend([0; 48]);
        machine.memory[LIST as usize..][..bytes.len()].copy_from_slice(&bytes);
        let errno = machine.call(
            "poll_oneoff",
            &[LIST.into(), DATA.into(), count as i64 + 1, OUT.into()],
        );
        assert!(matches!(errno, Errno::Success | Errno::Inval), "{errno:?}");
    }
}
