//! Nothing outside of a preopened directory can be reached, whatever the path and whoever made the links in it.

use super::*;

/// Paths of a file outside, of a directory outside and of a new name outside, by every way out.
const WAYS_OUT: [(&str, &str, &str); 9] = [
    ("../secret", "..", "../new"),
    ("dir/../../secret", "dir/../..", "dir/../../new"),
    ("./dir/.././../secret", "../../", "dir/./../../new"),
    ("up/secret", "up", "up/new"),
    ("dir/higher/secret", "dir/higher", "dir/higher/new"),
    ("absolute/secret", "absolute", "absolute/new"),
    ("chain/secret", "chain", "chain/new"),
    ("moved/secret", "moved", "moved/new"),
    ("hidden/../../secret", "hidden/../..", "hidden/../../new"),
];

/// A tree with links that lead out: made by the host, by the guest, and by the guest moving them afterwards.
fn tree() -> Machine {
    let mut machine = Machine::new();
    std::fs::create_dir_all(machine.host("dir/deep")).unwrap();
    std::fs::create_dir(machine.scratch.0.join("outside")).unwrap();
    std::os::unix::fs::symlink(&machine.scratch.0, machine.host("absolute")).unwrap();
    std::os::unix::fs::symlink(
        machine.scratch.0.join("secret"),
        machine.host("absolute-file"),
    )
    .unwrap();
    for (target, path) in [
        ("..", "up"),
        ("../..", "dir/higher"),
        ("dir/higher", "chain"),
        ("../secret", "up-file"),
        ("../new", "up-new"),
        // Leads to the preopened directory until it is moved up by one.
        ("..", "dir/mover"),
        ("dir", "hidden"),
    ] {
        let [target, target_len] = machine.text(target);
        let [path, len] = machine.text(path);
        let args = [target, target_len, ROOT.into(), path, len];
        assert_eq!(machine.call("path_symlink", &args), Errno::Success);
    }
    let [old, old_len] = machine.text("dir/mover");
    let [new, new_len] = machine.text("moved");
    let args = [ROOT.into(), old, old_len, ROOT.into(), new, new_len];
    assert_eq!(machine.call("path_rename", &args), Errno::Success);
    machine
}

/// What lies outside is as it was.
#[track_caller]
fn unharmed(machine: &Machine) {
    let mut names: Vec<_> = std::fs::read_dir(&machine.scratch.0)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["outside", "root", "secret"]);
    let secret = machine.scratch.0.join("secret");
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "secret");
    assert_eq!(
        std::os::unix::fs::MetadataExt::nlink(&secret.metadata().unwrap()),
        1
    );
}

#[test]
fn opening_stays_inside() {
    let mut machine = tree();
    for (file, dir, new) in WAYS_OUT {
        for lookup in [0, FOLLOW] {
            for base in [READ, WRITE, EVERYTHING] {
                for flags in [0, CREAT, TRUNC, CREAT | TRUNC] {
                    let opened = machine.open_with(lookup, file, flags, base, 0);
                    assert_eq!(opened, Err(Errno::Notcapable), "{file} {lookup} {flags}");
                }
                let made = machine.open_with(lookup, new, CREAT | EXCL, base, 0);
                assert_eq!(made, Err(Errno::Notcapable), "{new} {lookup}");
            }
            let inside = format!("{dir}/outside");
            let opened = machine.open_with(lookup, &inside, DIRECTORY, READ, 0);
            assert_eq!(opened, Err(Errno::Notcapable), "{inside} {lookup}");
        }
        let opened = machine.open_with(FOLLOW, dir, DIRECTORY, READ, 0);
        assert_eq!(opened, Err(Errno::Notcapable), "{dir}");
    }
    for path in ["/", "/etc/passwd", "//etc", "/."] {
        assert_eq!(
            machine.open(path, 0, READ, 0),
            Err(Errno::Notcapable),
            "{path}"
        );
    }
    unharmed(&machine);
}

#[test]
fn a_link_at_the_end_is_not_followed_out() {
    let mut machine = tree();
    for path in [
        "absolute-file",
        "up-file",
        "up-new",
        "absolute",
        "up",
        "chain",
        "moved",
    ] {
        for (flags, base) in [
            (0, READ),
            (0, WRITE),
            (CREAT, WRITE),
            (TRUNC, WRITE),
            (CREAT, READ),
        ] {
            let opened = machine.open_with(FOLLOW, path, flags, base, 0);
            assert_eq!(opened, Err(Errno::Notcapable), "{path} {flags}");
        }
        assert_eq!(machine.open(path, 0, READ, 0), Err(Errno::Loop), "{path}");
        let get = machine.lookup_call("path_filestat_get", FOLLOW, path, &[OUT.into()]);
        assert_eq!(get, Errno::Notcapable, "{path}");
        let get = machine.lookup_call("path_filestat_get", 0, path, &[OUT.into()]);
        assert_eq!(get, Errno::Success, "{path}");
        let set = machine.lookup_call("path_filestat_set_times", FOLLOW, path, &[1, 1, 5]);
        assert_eq!(set, Errno::Notcapable, "{path}");
    }
    // An absolute target would tell the guest about the host.
    for path in ["absolute", "absolute-file"] {
        let read = machine.path_call("path_readlink", path, &[DATA.into(), 99, OUT.into()]);
        assert_eq!(read, Errno::Notcapable);
    }
    unharmed(&machine);
}

#[test]
fn every_other_function_stays_inside() {
    let mut machine = tree();
    for (file, dir, new) in WAYS_OUT {
        let get = machine.lookup_call("path_filestat_get", 0, file, &[OUT.into()]);
        assert_eq!(get, Errno::Notcapable, "{file}");
        let set = machine.lookup_call("path_filestat_set_times", 0, file, &[1, 1, 5]);
        assert_eq!(set, Errno::Notcapable, "{file}");
        let read = machine.path_call("path_readlink", file, &[DATA.into(), 99, OUT.into()]);
        assert_eq!(read, Errno::Notcapable, "{file}");
        let inside = format!("{dir}/outside");
        for (name, path) in [
            ("path_create_directory", new),
            ("path_remove_directory", &inside),
            ("path_unlink_file", file),
        ] {
            assert_eq!(
                machine.path_call(name, path, &[]),
                Errno::Notcapable,
                "{name} {path}"
            );
        }
        let [target, target_len] = machine.text("dir");
        let [path, len] = machine.text(new);
        let args = [target, target_len, ROOT.into(), path, len];
        assert_eq!(
            machine.call("path_symlink", &args),
            Errno::Notcapable,
            "{new}"
        );
    }
    unharmed(&machine);
}

#[test]
fn nothing_is_moved_or_linked_in_or_out() {
    let mut machine = tree();
    std::fs::write(machine.host("mine"), "mine").unwrap();
    for (file, _, new) in WAYS_OUT {
        for (old, new) in [(file, "stolen"), ("mine", new), ("mine", file), (file, new)] {
            let [old_ptr, old_len] = machine.text(old);
            let [new_ptr, new_len] = machine.text(new);
            let args = [ROOT.into(), old_ptr, old_len, ROOT.into(), new_ptr, new_len];
            assert_eq!(
                machine.call("path_rename", &args),
                Errno::Notcapable,
                "{old} {new}"
            );
            for lookup in [0, FOLLOW] {
                let args = [
                    ROOT.into(),
                    lookup,
                    old_ptr,
                    old_len,
                    ROOT.into(),
                    new_ptr,
                    new_len,
                ];
                assert_eq!(
                    machine.call("path_link", &args),
                    Errno::Notcapable,
                    "{old} {new}"
                );
            }
        }
    }
    for path in ["absolute-file", "up-file", "up-new", "absolute"] {
        let [old, old_len] = machine.text(path);
        let [new, new_len] = machine.text("stolen");
        let args = [ROOT.into(), FOLLOW, old, old_len, ROOT.into(), new, new_len];
        assert_eq!(
            machine.call("path_link", &args),
            Errno::Notcapable,
            "{path}"
        );
    }
    assert!(!machine.host("stolen").exists());
    assert_eq!(machine.content("mine"), "mine");
    unharmed(&machine);
}

#[test]
fn absolute_targets_are_refused() {
    let mut machine = tree();
    for target in ["/", "/etc/passwd", "//x"] {
        let [target, target_len] = machine.text(target);
        let [path, len] = machine.text("made");
        let args = [target, target_len, ROOT.into(), path, len];
        assert_eq!(machine.call("path_symlink", &args), Errno::Notcapable);
    }
    assert!(!machine.host("made").is_symlink());
}

#[test]
fn listing_a_preopened_directory_does_not_show_its_parent() {
    let mut machine = tree();
    let args = [ROOT.into(), DATA.into(), 0x1000, 0, OUT.into()];
    assert_eq!(machine.call("fd_readdir", &args), Errno::Success);
    let inodes = (machine.u64_at(DATA + 8), machine.u64_at(DATA + 25 + 8));
    assert_eq!(inodes.0, inodes.1, "`..` looks like `.`");
}
