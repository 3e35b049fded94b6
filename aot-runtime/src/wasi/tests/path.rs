//! Paths: making, naming, moving and removing files, directories and links, and the errors of each.

use super::*;

/// Type, link count and size of what a path names.
fn filestat(machine: &mut Machine, lookup: i64, path: &str) -> Result<(u8, u64, u64), Errno> {
    match machine.lookup_call("path_filestat_get", lookup, path, &[OUT.into()]) {
        Errno::Success => Ok((
            machine.u8_at(OUT + 16),
            machine.u64_at(OUT + 24),
            machine.u64_at(OUT + 32),
        )),
        errno => Err(errno),
    }
}

fn symlink(machine: &mut Machine, target: &str, path: &str) -> Errno {
    let [target, target_len] = machine.text(target);
    let [path, len] = machine.text(path);
    machine.call(
        "path_symlink",
        &[target, target_len, ROOT.into(), path, len],
    )
}

fn readlink(machine: &mut Machine, path: &str, room: i64) -> Result<String, Errno> {
    match machine.path_call("path_readlink", path, &[DATA.into(), room, OUT.into()]) {
        Errno::Success => Ok(machine.data(machine.u32_at(OUT))),
        errno => Err(errno),
    }
}

fn rename(machine: &mut Machine, old: &str, new: &str) -> Errno {
    let [old, old_len] = machine.text(old);
    let [new, new_len] = machine.text(new);
    machine.call(
        "path_rename",
        &[ROOT.into(), old, old_len, ROOT.into(), new, new_len],
    )
}

fn link(machine: &mut Machine, lookup: i64, old: &str, new: &str) -> Errno {
    let [old, old_len] = machine.text(old);
    let [new, new_len] = machine.text(new);
    machine.call(
        "path_link",
        &[ROOT.into(), lookup, old, old_len, ROOT.into(), new, new_len],
    )
}

/// A tree with a file of five bytes, a full and an empty directory, and links to file, directory, nothing and itself.
fn tree() -> Machine {
    let mut machine = Machine::new();
    std::fs::write(machine.host("file"), "12345").unwrap();
    std::fs::create_dir_all(machine.host("dir/inner")).unwrap();
    std::fs::create_dir(machine.host("empty")).unwrap();
    std::fs::write(machine.host("dir/leaf"), "leaf").unwrap();
    for (target, path) in [
        ("file", "to-file"),
        ("dir", "to-dir"),
        ("nothing", "dangling"),
        ("loop", "loop"),
    ] {
        assert_eq!(symlink(&mut machine, target, path), Errno::Success);
    }
    machine
}

#[test]
fn opening_follows_the_flags() {
    let mut machine = tree();
    let cases = [
        (0, "file", 0, EVERYTHING, Ok(())),
        (0, "missing", 0, READ, Err(Errno::Noent)),
        (0, "missing/file", CREAT, WRITE, Err(Errno::Noent)),
        (0, "file/below", 0, READ, Err(Errno::Notdir)),
        (0, "file/", 0, READ, Err(Errno::Notdir)),
        (0, "file", CREAT | EXCL, WRITE, Err(Errno::Exist)),
        (0, "to-file", CREAT | EXCL, WRITE, Err(Errno::Exist)),
        (0, "file", DIRECTORY, READ, Err(Errno::Notdir)),
        (0, "dir", DIRECTORY, EVERYTHING, Ok(())),
        (0, "dir", 0, READ, Ok(())),
        (0, "dir/", 0, READ, Ok(())),
        (0, ".", 0, READ, Ok(())),
        (0, "dir/../file", 0, READ, Ok(())),
        (0, "dir", 0, WRITE, Err(Errno::Isdir)),
        (0, "new", CREAT | DIRECTORY, READ, Err(Errno::Inval)),
        (0, "dir", TRUNC | DIRECTORY, READ, Err(Errno::Inval)),
        (0, "", 0, READ, Err(Errno::Noent)),
        (0, "to-file", 0, READ, Err(Errno::Loop)),
        (FOLLOW, "to-file", 0, READ, Ok(())),
        (0, "to-dir/leaf", 0, READ, Ok(())),
        (FOLLOW, "to-dir", DIRECTORY, READ, Ok(())),
        (0, "to-dir", DIRECTORY, READ, Err(Errno::Notdir)),
        (FOLLOW, "dangling", 0, READ, Err(Errno::Noent)),
        (FOLLOW, "loop", 0, READ, Err(Errno::Loop)),
        (0, "loop/x", 0, READ, Err(Errno::Loop)),
        (2, "file", 0, READ, Err(Errno::Inval)),
        (0, "file", 1 << 4, READ, Err(Errno::Inval)),
    ];
    for (lookup, path, flags, base, want) in cases {
        let opened = machine.open_with(lookup, path, flags, base, 0);
        assert_eq!(
            opened.map(drop),
            want,
            "{path} {lookup} {flags:#x} {base:#x}"
        );
    }
    assert_eq!(machine.open("file", 0, READ, 1 << 5), Err(Errno::Inval));
    assert_eq!(
        machine.open(&"n".repeat(256), CREAT, WRITE, 0),
        Err(Errno::Nametoolong)
    );
    assert!(!machine.host("new").exists());
}

#[test]
fn creating_and_truncating_take_effect_with_any_access() {
    let mut machine = tree();
    for base in [READ, WRITE, READ | WRITE] {
        assert!(machine.open("file", TRUNC, base, 0).is_ok());
        assert_eq!(machine.content("file"), "");
        std::fs::write(machine.host("file"), "again").unwrap();
        assert!(machine.open("fresh", CREAT | EXCL, base, 0).is_ok());
        assert_eq!(
            machine.path_call("path_unlink_file", "fresh", &[]),
            Errno::Success
        );
    }
    let created = machine
        .open_with(FOLLOW, "dangling", CREAT, WRITE, 0)
        .unwrap();
    assert_eq!(machine.write(created, b"through"), Ok(7));
    assert_eq!(machine.content("nothing"), "through");
}

#[test]
fn an_opened_directory_is_a_place_to_start_from() {
    let mut machine = tree();
    let dir = machine.open("dir", DIRECTORY, READ, 0).unwrap();
    let [path, len] = machine.text("leaf");
    let args = [dir.into(), 0, path, len, OUT.into()];
    assert_eq!(machine.call("path_filestat_get", &args), Errno::Success);
    assert_eq!(machine.u64_at(OUT + 32), 4);
    // `..` leads out of it, even though not out of the preopened directory.
    let [path, len] = machine.text("../file");
    let args = [dir.into(), 0, path, len, OUT.into()];
    assert_eq!(machine.call("path_filestat_get", &args), Errno::Notcapable);
    let file = machine.open("file", 0, EVERYTHING, 0).unwrap();
    let [path, len] = machine.text("x");
    assert_eq!(
        machine.call("path_create_directory", &[file.into(), path, len]),
        Errno::Notdir
    );
}

#[test]
fn attributes_are_of_the_link_or_its_target() {
    let mut machine = tree();
    assert_eq!(filestat(&mut machine, 0, "file"), Ok((4, 1, 5)));
    assert_eq!(
        filestat(&mut machine, 0, "to-file").map(|(kind, ..)| kind),
        Ok(7)
    );
    assert_eq!(filestat(&mut machine, FOLLOW, "to-file"), Ok((4, 1, 5)));
    assert_eq!(
        filestat(&mut machine, 0, "dir").map(|(kind, ..)| kind),
        Ok(3)
    );
    assert_eq!(
        filestat(&mut machine, FOLLOW, "dangling"),
        Err(Errno::Noent)
    );
    assert_eq!(filestat(&mut machine, FOLLOW, "loop"), Err(Errno::Loop));
    assert_eq!(
        filestat(&mut machine, 0, "loop").map(|(kind, ..)| kind),
        Ok(7)
    );
    assert_eq!(filestat(&mut machine, 0, "file/x"), Err(Errno::Notdir));
    let outside = machine.memory.len() as i64 - 10;
    assert_eq!(
        machine.lookup_call("path_filestat_get", 0, "file", &[outside]),
        Errno::Fault
    );
}

#[test]
fn times_are_set_on_the_link_or_its_target() {
    let mut machine = tree();
    let modified = |machine: &mut Machine, path: &str| {
        assert_eq!(
            machine.lookup_call("path_filestat_get", 0, path, &[OUT.into()]),
            Errno::Success
        );
        machine.u64_at(OUT + 48)
    };
    let set = |machine: &mut Machine, lookup: i64, path: &str, time: i64| {
        machine.lookup_call(
            "path_filestat_set_times",
            lookup,
            path,
            &[time, time, 1 | 4],
        )
    };
    assert_eq!(
        set(&mut machine, 0, "to-file", 1_000_000_007),
        Errno::Success
    );
    assert_eq!(modified(&mut machine, "to-file"), 1_000_000_007);
    assert_ne!(modified(&mut machine, "file"), 1_000_000_007);
    assert_eq!(
        set(&mut machine, FOLLOW, "to-file", 2_000_000_009),
        Errno::Success
    );
    assert_eq!(modified(&mut machine, "file"), 2_000_000_009);
    assert_eq!(modified(&mut machine, "to-file"), 1_000_000_007);
    assert_eq!(set(&mut machine, 0, "missing", 1), Errno::Noent);
    assert_eq!(set(&mut machine, 0, "dir", 5), Errno::Success);
    assert_eq!(modified(&mut machine, "dir"), 5);
    assert_eq!(
        machine.lookup_call("path_filestat_set_times", 0, "file", &[0, 0, 3]),
        Errno::Inval
    );
}

#[test]
fn directories_are_made_and_removed() {
    let mut machine = tree();
    let cases = [
        ("path_create_directory", "made", Errno::Success),
        ("path_create_directory", "made", Errno::Exist),
        ("path_create_directory", "made/deeper/", Errno::Success),
        ("path_create_directory", "file", Errno::Exist),
        ("path_create_directory", "missing/x", Errno::Noent),
        ("path_create_directory", "file/x", Errno::Notdir),
        ("path_create_directory", "", Errno::Noent),
        ("path_remove_directory", "made", Errno::Notempty),
        ("path_remove_directory", "made/deeper", Errno::Success),
        ("path_remove_directory", "made/", Errno::Success),
        ("path_remove_directory", "made", Errno::Noent),
        ("path_remove_directory", "file", Errno::Notdir),
        ("path_remove_directory", "to-dir", Errno::Notdir),
        ("path_remove_directory", ".", Errno::Inval),
        ("path_unlink_file", "dir", Errno::Isdir),
        ("path_unlink_file", "missing", Errno::Noent),
        ("path_unlink_file", "file/", Errno::Notdir),
        ("path_unlink_file", "to-dir", Errno::Success),
        ("path_unlink_file", "dangling", Errno::Success),
        ("path_unlink_file", "to-dir/leaf", Errno::Noent),
        ("path_unlink_file", "dir/leaf", Errno::Success),
    ];
    for (name, path, want) in cases {
        assert_eq!(machine.path_call(name, path, &[]), want, "{name} {path}");
    }
    assert!(machine.host("dir").is_dir());
}

#[test]
fn renaming_replaces_what_can_be_replaced() {
    let mut machine = tree();
    let cases = [
        ("missing", "x", Errno::Noent),
        ("file", "missing/x", Errno::Noent),
        ("file", "dir", Errno::Isdir),
        ("dir", "file", Errno::Notdir),
        ("empty", "dir", Errno::Notempty),
        ("dir", "dir/inner/x", Errno::Inval),
        ("dir", "empty", Errno::Success),
        ("empty", "dir", Errno::Success),
        ("to-file", "moved-link", Errno::Success),
        ("file", "dir/leaf", Errno::Success),
        ("dir/leaf", "file", Errno::Success),
    ];
    for (old, new, want) in cases {
        assert_eq!(rename(&mut machine, old, new), want, "{old} {new}");
    }
    assert_eq!(machine.content("file"), "12345");
    assert_eq!(readlink(&mut machine, "moved-link", 99), Ok("file".into()));
    assert!(machine.host("dir/inner").is_dir());
}

#[test]
fn links_name_the_same_file() {
    let mut machine = tree();
    let cases = [
        (0, "file", "second", Errno::Success),
        (0, "file", "dir", Errno::Exist),
        (0, "missing", "x", Errno::Noent),
        (0, "to-file", "link-to-link", Errno::Success),
        (FOLLOW, "to-file", "third", Errno::Success),
        (FOLLOW, "dangling", "x", Errno::Noent),
        (0, "file", "file/x", Errno::Notdir),
    ];
    for (lookup, old, new, want) in cases {
        assert_eq!(
            link(&mut machine, lookup, old, new),
            want,
            "{lookup} {old} {new}"
        );
    }
    assert_eq!(link(&mut machine, 0, "dir", "x"), Errno::Perm);
    assert_eq!(filestat(&mut machine, 0, "file"), Ok((4, 3, 5)));
    assert_eq!(filestat(&mut machine, 0, "third"), Ok((4, 3, 5)));
    assert_eq!(
        filestat(&mut machine, 0, "link-to-link").map(|(kind, ..)| kind),
        Ok(7)
    );
}

#[test]
fn symbolic_links_say_where_they_lead() {
    let mut machine = tree();
    assert_eq!(readlink(&mut machine, "to-file", 99), Ok("file".into()));
    assert_eq!(readlink(&mut machine, "to-file", 2), Ok("fi".into()));
    assert_eq!(readlink(&mut machine, "to-file", 0), Ok(String::new()));
    assert_eq!(readlink(&mut machine, "file", 99), Err(Errno::Inval));
    assert_eq!(readlink(&mut machine, "missing", 99), Err(Errno::Noent));
    assert_eq!(
        readlink(&mut machine, "to-file", i64::from(u32::MAX)),
        Err(Errno::Fault)
    );
    assert_eq!(symlink(&mut machine, "a", "file"), Errno::Exist);
    assert_eq!(symlink(&mut machine, "", "x"), Errno::Noent);
    assert_eq!(symlink(&mut machine, "a", "missing/x"), Errno::Noent);
    assert_eq!(symlink(&mut machine, "/etc", "x"), Errno::Notcapable);
}

#[test]
fn a_path_must_be_text() {
    let mut machine = tree();
    machine.memory[DATA as usize..][..4].copy_from_slice(b"a\0\xff\xfe");
    for (ptr, len, want) in [(0, 2, Errno::Inval), (2, 2, Errno::Ilseq)] {
        let args = [ROOT.into(), i64::from(DATA) + ptr, len];
        for name in [
            "path_create_directory",
            "path_remove_directory",
            "path_unlink_file",
        ] {
            assert_eq!(machine.call(name, &args), want);
        }
    }
}
