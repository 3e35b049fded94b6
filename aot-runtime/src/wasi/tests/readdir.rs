//! Listing directories: order, cookies, buffers too small, changes in between.

use super::*;

/// One call from `cookie` with room for `len` bytes: the entries that came whole (next cookie, type, name) and the
/// bytes used.
fn list(machine: &mut Machine, fd: u32, len: u32, cookie: u64) -> (Vec<(u64, u8, String)>, u32) {
    let args = [
        fd.into(),
        DATA.into(),
        len.into(),
        cookie.cast_signed(),
        OUT.into(),
    ];
    assert_eq!(machine.call("fd_readdir", &args), Errno::Success);
    let used = machine.u32_at(OUT);
    let (mut at, mut entries) = (DATA, Vec::new());
    while at + 24 <= DATA + used {
        let name_len = machine.u32_at(at + 16);
        if at + 24 + name_len > DATA + used {
            break;
        }
        let name = &machine.memory[at as usize + 24..][..name_len as usize];
        let name = String::from_utf8(name.to_vec()).unwrap();
        entries.push((machine.u64_at(at), machine.u8_at(at + 20), name));
        at += 24 + name_len;
    }
    (entries, used)
}

/// All names, read as C libraries do: from the last cookie until a buffer is not filled.
fn names(machine: &mut Machine, fd: u32, len: u32) -> Vec<String> {
    let (mut all, mut cookie) = (Vec::new(), 0);
    loop {
        let (entries, used) = list(machine, fd, len, cookie);
        cookie = entries.last().map_or(cookie, |(next, ..)| *next);
        all.extend(entries.into_iter().map(|(.., name)| name));
        if used < len {
            return all;
        }
    }
}

fn tree() -> Machine {
    let machine = Machine::new();
    std::fs::create_dir(machine.host("dir")).unwrap();
    std::fs::write(machine.host("file"), "").unwrap();
    std::os::unix::fs::symlink("file", machine.host("link")).unwrap();
    machine
}

#[test]
fn entries_are_sorted_and_typed() {
    let mut machine = tree();
    let (entries, used) = list(&mut machine, ROOT, 0x1000, 0);
    let want = [
        (1, 3, "."),
        (2, 3, ".."),
        (3, 3, "dir"),
        (4, 4, "file"),
        (5, 7, "link"),
    ];
    assert_eq!(
        entries,
        want.map(|(next, kind, name)| (next, kind, name.to_owned()))
    );
    assert_eq!(used, 5 * 24 + 1 + 2 + 3 + 4 + 4);
    let (rest, _) = list(&mut machine, ROOT, 0x1000, 3);
    assert_eq!(rest, entries[3..]);
    assert_eq!(list(&mut machine, ROOT, 0x1000, 5), (vec![], 0));
    assert_eq!(list(&mut machine, ROOT, 0x1000, u64::MAX), (vec![], 0));
    assert_eq!(list(&mut machine, ROOT, 0, 0), (vec![], 0));
}

#[test]
fn any_buffer_that_holds_an_entry_is_enough() {
    let mut machine = tree();
    for index in 0..40 {
        std::fs::write(machine.host(format!("some-file-{index}")), "").unwrap();
    }
    let all = names(&mut machine, ROOT, 0x4000);
    assert_eq!(all.len(), 45);
    for len in [36, 37, 64, 100, 1000] {
        assert_eq!(names(&mut machine, ROOT, len), all, "{len}");
    }
    // Too small for any: filled to the brim, so that the guest knows to come with more room.
    assert_eq!(list(&mut machine, ROOT, 10, 0), (vec![], 10));
}

#[test]
fn a_listing_stands_still_while_the_directory_changes() {
    let mut machine = tree();
    let (first, _) = list(&mut machine, ROOT, 24 * 3 + 6, 0);
    assert_eq!(first.len(), 3);
    std::fs::remove_file(machine.host("file")).unwrap();
    std::fs::write(machine.host("aaa"), "").unwrap();
    let (rest, _) = list(&mut machine, ROOT, 0x1000, 3);
    let rest: Vec<_> = rest.into_iter().map(|(.., name)| name).collect();
    assert_eq!(rest, ["file", "link"]);
    assert_eq!(
        names(&mut machine, ROOT, 0x1000),
        [".", "..", "aaa", "dir", "link"]
    );
}

#[test]
fn only_directories_are_listed() {
    let mut machine = tree();
    let file = machine.open("file", 0, EVERYTHING, 0).unwrap();
    for (fd, want) in [(file, Errno::Notdir), (0, Errno::Notdir), (99, Errno::Badf)] {
        let args = [fd.into(), DATA.into(), 64, 0, OUT.into()];
        assert_eq!(machine.call("fd_readdir", &args), want);
    }
    let dir = machine.open("dir", DIRECTORY, READ, 0).unwrap();
    assert_eq!(names(&mut machine, dir, 0x1000), [".", ".."]);
    std::fs::remove_dir(machine.host("dir")).unwrap();
    assert_eq!(
        machine.call("fd_readdir", &[ROOT.into(), DATA.into(), -1, 0, OUT.into()]),
        Errno::Fault
    );
}
