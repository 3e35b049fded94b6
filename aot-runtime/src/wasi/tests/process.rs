//! Arguments, environment, clocks, random bytes, the end of the program, sockets, and what the builder refuses.

use std::time::{SystemTime, UNIX_EPOCH};

use super::super::BuildError;
use super::super::process::proc_exit;
use super::*;

#[test]
fn strings_are_laid_out_one_after_the_other() {
    let ctx = WasiCtx::builder()
        .args(["prog", "", "ä b"])
        .env("HOME", "/h")
        .env("E", "")
        .build()
        .unwrap();
    let mut machine = Machine::with(ctx, Scratch::new());
    for (sizes, strings, count, text) in [
        ("args_sizes_get", "args_get", 3, "prog\0\0ä b\0"),
        ("environ_sizes_get", "environ_get", 2, "HOME=/h\0E=\0"),
    ] {
        assert_eq!(
            machine.call(sizes, &[OUT.into(), i64::from(OUT) + 4]),
            Errno::Success
        );
        assert_eq!(
            (machine.u32_at(OUT), machine.u32_at(OUT + 4)),
            (count, text.len() as u32)
        );
        assert_eq!(
            machine.call(strings, &[OUT.into(), DATA.into()]),
            Errno::Success
        );
        assert_eq!(machine.data(text.len() as u32), text);
        let starts: Vec<u32> = (0..count)
            .map(|index| machine.u32_at(OUT + 4 * index) - DATA)
            .collect();
        let mut want = vec![0];
        want.extend(text.match_indices('\0').map(|(at, _)| at as u32 + 1));
        want.pop();
        assert_eq!(starts, want);
        let outside = machine.memory.len() as i64 - 2;
        assert_eq!(machine.call(strings, &[OUT.into(), outside]), Errno::Fault);
        assert_eq!(machine.call(strings, &[outside, DATA.into()]), Errno::Fault);
    }
}

#[test]
fn a_builder_refuses_what_a_guest_could_not_read() {
    let nul = WasiCtx::builder().arg("a\0b").build().err().unwrap();
    assert_eq!(
        nul.to_string(),
        r#"argument or variable "a\0b" contains a NUL byte"#
    );
    let missing = WasiCtx::builder()
        .preopen("/nonexistent/dir", ".")
        .err()
        .unwrap();
    assert!(matches!(missing, BuildError::Preopen { .. }), "{missing}");
    let scratch = Scratch::new();
    let file = WasiCtx::builder()
        .preopen(scratch.0.join("secret"), ".")
        .err()
        .unwrap();
    assert!(
        file.to_string().ends_with("secret: not a directory"),
        "{file}"
    );
}

#[test]
fn clocks_tell_the_time_of_the_host() {
    let mut machine = Machine::new();
    let mut read = |name, id: i64| {
        let args = match name {
            "clock_res_get" => vec![id, OUT.into()],
            _ => vec![id, 0, OUT.into()],
        };
        (machine.call(name, &args), machine.u64_at(OUT))
    };
    let host = u64::try_from(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_nanos(),
    )
    .unwrap();
    let (errno, time) = read("clock_time_get", 0);
    assert_eq!(errno, Errno::Success);
    assert!(time.abs_diff(host) < 60_000_000_000, "{time} {host}");
    let (first, second) = (read("clock_time_get", 1).1, read("clock_time_get", 1).1);
    assert!(first <= second);
    for id in 0..4 {
        let (errno, resolution) = read("clock_res_get", id);
        assert_eq!(errno, Errno::Success);
        assert!((1..1_000_000_000).contains(&resolution), "{resolution}");
        assert_eq!(read("clock_time_get", id).0, Errno::Success);
    }
    assert_eq!(read("clock_time_get", 4).0, Errno::Inval);
    assert_eq!(read("clock_res_get", -1).0, Errno::Inval);
}

#[test]
fn random_bytes_fill_the_buffer_and_nothing_else() {
    let mut machine = Machine::new();
    let len = 0x1000;
    assert_eq!(
        machine.call("random_get", &[DATA.into(), len]),
        Errno::Success
    );
    let end = DATA as usize + len as usize;
    let zeros = machine.memory[DATA as usize..end]
        .iter()
        .filter(|byte| **byte == 0)
        .count();
    assert!(zeros < 100, "{zeros} zeros in 4096 random bytes");
    assert!(machine.memory[end..].iter().all(|byte| *byte == 0));
    assert_eq!(
        machine.call("random_get", &[DATA.into(), i64::from(u32::MAX)]),
        Errno::Fault
    );
    assert_eq!(
        machine.call("random_get", &[DATA.into(), 0]),
        Errno::Success
    );
}

#[test]
fn a_program_ends_by_exit_code_or_signal() {
    let mut machine = Machine::new();
    assert_eq!(proc_exit(3), Trap::Exit(3));
    assert_eq!(machine.outcome("proc_raise", &[6]), Err(Trap::Exit(134)));
    assert_eq!(machine.outcome("proc_raise", &[30]), Err(Trap::Exit(158)));
    for ignored in [0, 16, 17, 22, 27] {
        assert_eq!(
            machine.outcome("proc_raise", &[ignored]),
            Ok(Errno::Success)
        );
    }
    assert_eq!(machine.outcome("proc_raise", &[31]), Ok(Errno::Inval));
    assert_eq!(machine.call("sched_yield", &[]), Errno::Success);
}

#[test]
fn sockets_are_refused_by_what_the_descriptor_is() {
    let (ours, _theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let scratch = Scratch::new();
    let ctx = WasiCtx::builder()
        .stdin(ours)
        .preopen(scratch.root(), ".")
        .unwrap()
        .build()
        .unwrap();
    let mut machine = Machine::with(ctx, scratch);
    for (fd, want) in [
        (0, Errno::Notsup),
        (1, Errno::Notsock),
        (3, Errno::Notsock),
        (9, Errno::Badf),
    ] {
        assert_eq!(machine.call("sock_accept", &[fd, 0, OUT.into()]), want);
        assert_eq!(
            machine.call("sock_recv", &[fd, 0, 0, 0, OUT.into(), OUT.into()]),
            want
        );
        assert_eq!(machine.call("sock_send", &[fd, 0, 0, 0, OUT.into()]), want);
        assert_eq!(machine.call("sock_shutdown", &[fd, 0]), want);
    }
}

#[test]
fn both_editions_are_linked_whole() {
    let mut imports = crate::imports::Imports::new();
    super::super::link(&mut imports, WasiCtx::builder().build().unwrap());
    for module in ["wasi_snapshot_preview1", "wasi_unstable"] {
        for name in ROWS.iter().map(|row| row.name).chain(["proc_exit"]) {
            assert!(imports.resolve(module, name).is_some(), "{module} {name}");
        }
    }
}
