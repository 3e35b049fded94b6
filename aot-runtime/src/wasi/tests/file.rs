//! Open files: reading and writing at positions, sizes, flags, rights, numbers.

use super::*;

/// Attributes of an open file: type, link count, size, access and modification time.
fn filestat(machine: &mut Machine, fd: u32) -> (u8, u64, u64, u64, u64) {
    assert_eq!(
        machine.call("fd_filestat_get", &[fd.into(), OUT.into()]),
        Errno::Success
    );
    match machine.edition {
        Edition::Preview1 => (
            machine.u8_at(OUT + 16),
            machine.u64_at(OUT + 24),
            machine.u64_at(OUT + 32),
            machine.u64_at(OUT + 40),
            machine.u64_at(OUT + 48),
        ),
        Edition::Unstable => (
            machine.u8_at(OUT + 16),
            machine.u32_at(OUT + 20).into(),
            machine.u64_at(OUT + 24),
            machine.u64_at(OUT + 32),
            machine.u64_at(OUT + 40),
        ),
    }
}

/// Type, flags, rights and inheriting rights of a descriptor.
fn fdstat(machine: &mut Machine, fd: u32) -> (u8, u32, u64, u64) {
    assert_eq!(
        machine.call("fd_fdstat_get", &[fd.into(), OUT.into()]),
        Errno::Success
    );
    (
        machine.u8_at(OUT),
        machine.u32_at(OUT) >> 16,
        machine.u64_at(OUT + 8),
        machine.u64_at(OUT + 16),
    )
}

fn seek(machine: &mut Machine, fd: u32, offset: i64, whence: i64) -> Result<u64, Errno> {
    match machine.call("fd_seek", &[fd.into(), offset, whence, OUT.into()]) {
        Errno::Success => Ok(machine.u64_at(OUT)),
        errno => Err(errno),
    }
}

#[test]
fn a_file_is_written_and_read_at_its_position() {
    let mut machine = Machine::new();
    let fd = machine.open("f", CREAT, EVERYTHING, 0).unwrap();
    assert_eq!(fd, 4, "the lowest free number");
    assert_eq!(machine.write(fd, b"hello world"), Ok(11));
    assert_eq!(seek(&mut machine, fd, 6, 0), Ok(6));
    assert_eq!(machine.read(fd, 100), Ok("world".into()));
    assert_eq!(machine.read(fd, 100), Ok(String::new()));
    assert_eq!(seek(&mut machine, fd, -5, 2), Ok(6));
    assert_eq!(seek(&mut machine, fd, -2, 1), Ok(4));
    assert_eq!(
        machine.call("fd_tell", &[fd.into(), OUT.into()]),
        Errno::Success
    );
    assert_eq!(machine.u64_at(OUT), 4);
    assert_eq!(seek(&mut machine, fd, -1, 0), Err(Errno::Inval));
    assert_eq!(seek(&mut machine, fd, -100, 1), Err(Errno::Inval));
    assert_eq!(seek(&mut machine, fd, 0, 3), Err(Errno::Inval));
    assert_eq!(machine.content("f"), "hello world");
}

#[test]
fn the_older_edition_numbers_origins_and_lays_out_attributes_differently() {
    let mut machine = Machine::new();
    machine.edition = Edition::Unstable;
    let fd = machine.open("f", CREAT, EVERYTHING, 0).unwrap();
    machine.write(fd, b"hello world").unwrap();
    assert_eq!(seek(&mut machine, fd, 4, 2), Ok(4));
    assert_eq!(seek(&mut machine, fd, 1, 0), Ok(5));
    assert_eq!(seek(&mut machine, fd, -1, 1), Ok(10));
    machine.memory[OUT as usize + 56] = 0xaa;
    let (kind, links, size, ..) = filestat(&mut machine, fd);
    assert_eq!((kind, links, size), (4, 1, 11));
    assert_eq!(machine.u8_at(OUT + 56), 0xaa, "56 bytes, not 64");
    assert_eq!(
        machine.lookup_call("path_filestat_get", 0, "f", &[OUT.into()]),
        Errno::Success
    );
    assert_eq!(machine.u64_at(OUT + 24), 11);
}

#[test]
fn reading_and_writing_at_an_offset_leaves_the_position() {
    let mut machine = Machine::new();
    let fd = machine.open("f", CREAT, EVERYTHING, 0).unwrap();
    machine.write(fd, b"0123456789").unwrap();
    machine.memory[DATA as usize..][..2].copy_from_slice(b"xy");
    let [list, count] = machine.list(2);
    assert_eq!(
        machine.call("fd_pwrite", &[fd.into(), list, count, 3, OUT.into()]),
        Errno::Success
    );
    let [list, count] = machine.list(4);
    assert_eq!(
        machine.call("fd_pread", &[fd.into(), list, count, 2, OUT.into()]),
        Errno::Success
    );
    assert_eq!(machine.data(machine.u32_at(OUT)), "2xy5");
    assert_eq!(seek(&mut machine, fd, 0, 1), Ok(10));
    for name in ["fd_pread", "fd_pwrite"] {
        assert_eq!(
            machine.call(name, &[fd.into(), list, count, -1, OUT.into()]),
            Errno::Inval
        );
    }
}

#[test]
fn several_buffers_are_one_transfer() {
    let mut machine = Machine::new();
    let fd = machine.open("f", CREAT, EVERYTHING, 0).unwrap();
    machine.write(fd, b"abcdef").unwrap();
    seek(&mut machine, fd, 0, 0).unwrap();
    for (at, (ptr, len)) in (LIST..)
        .step_by(8)
        .zip([(DATA + 4, 2), (DATA, 3), (DATA + 9, 0)])
    {
        machine.put_u32(at, ptr);
        machine.put_u32(at + 4, len);
    }
    assert_eq!(
        machine.call("fd_read", &[fd.into(), LIST.into(), 3, OUT.into()]),
        Errno::Success
    );
    assert_eq!(machine.u32_at(OUT), 5);
    assert_eq!(machine.data(6), "cdedab");
    assert_eq!(
        machine.call("fd_write", &[fd.into(), LIST.into(), 2, OUT.into()]),
        Errno::Success
    );
    assert_eq!(machine.content("f"), "abcdeabcde");
    // Overlapping: the second buffer lies over the end of the first.
    for (at, (ptr, len)) in (LIST..)
        .step_by(8)
        .zip([(DATA, 4), (DATA + 2, 4), (DATA + 2, 100)])
    {
        machine.put_u32(at, ptr);
        machine.put_u32(at + 4, len);
    }
    assert_eq!(
        machine.call("fd_pread", &[fd.into(), LIST.into(), 3, 0, OUT.into()]),
        Errno::Success
    );
    assert_eq!(machine.u32_at(OUT), 10);
    assert_eq!(machine.data(6), "abdebc");
}

#[test]
fn appending_goes_to_the_end_until_it_is_switched_off() {
    let mut machine = Machine::new();
    std::fs::write(machine.host("f"), "start").unwrap();
    let fd = machine.open("f", 0, EVERYTHING, APPEND).unwrap();
    assert_eq!(fdstat(&mut machine, fd).1, APPEND);
    machine.write(fd, b"-one").unwrap();
    seek(&mut machine, fd, 0, 0).unwrap();
    machine.write(fd, b"-two").unwrap();
    assert_eq!(machine.content("f"), "start-one-two");
    assert_eq!(
        machine.call("fd_fdstat_set_flags", &[fd.into(), 0]),
        Errno::Success
    );
    seek(&mut machine, fd, 0, 0).unwrap();
    machine.write(fd, b"STA").unwrap();
    assert_eq!(machine.content("f"), "STArt-one-two");
    assert_eq!(
        machine.call("fd_fdstat_set_flags", &[fd.into(), APPEND.into()]),
        Errno::Success
    );
    machine.write(fd, b"!").unwrap();
    assert_eq!(machine.content("f"), "STArt-one-two!");
    assert_eq!(
        machine.call("fd_fdstat_set_flags", &[fd.into(), 1 << 4]),
        Errno::Inval
    );
    assert_eq!(
        machine.call("fd_fdstat_set_flags", &[fd.into(), 1 << 5]),
        Errno::Inval
    );
    let truncated = machine.open("f", TRUNC, EVERYTHING, APPEND).unwrap();
    assert_eq!(filestat(&mut machine, truncated).2, 0);
}

#[test]
fn synchronous_files_stay_so() {
    let mut machine = Machine::new();
    for flags in [1 << 1, 1 << 3, 1 << 4] {
        let fd = machine.open("f", CREAT, EVERYTHING, flags).unwrap();
        assert_eq!(fdstat(&mut machine, fd).1, flags);
        assert_eq!(machine.write(fd, b"x"), Ok(1));
        assert_eq!(
            machine.call("fd_fdstat_set_flags", &[fd.into(), 0]),
            Errno::Inval
        );
        let more = i64::from(flags | APPEND);
        assert_eq!(
            machine.call("fd_fdstat_set_flags", &[fd.into(), more]),
            Errno::Success
        );
    }
}

#[test]
fn sizes_change_as_asked() {
    let mut machine = Machine::new();
    let fd = machine.open("f", CREAT, EVERYTHING, 0).unwrap();
    machine.write(fd, b"abcdef").unwrap();
    let set =
        |machine: &mut Machine, size: i64| machine.call("fd_filestat_set_size", &[fd.into(), size]);
    assert_eq!(set(&mut machine, 3), Errno::Success);
    assert_eq!(machine.content("f"), "abc");
    assert_eq!(set(&mut machine, 5), Errno::Success);
    assert_eq!(machine.content("f"), "abc\0\0");
    assert_eq!(set(&mut machine, -1), Errno::Inval);
    assert_eq!(
        machine.call("fd_allocate", &[fd.into(), 0, 100]),
        Errno::Success
    );
    assert_eq!(filestat(&mut machine, fd).2, 100);
    assert_eq!(
        machine.call("fd_allocate", &[fd.into(), 0, 10]),
        Errno::Success
    );
    assert_eq!(filestat(&mut machine, fd).2, 100);
    assert_eq!(
        machine.call("fd_allocate", &[fd.into(), 0, 0]),
        Errno::Inval
    );
    assert_eq!(
        machine.call("fd_allocate", &[fd.into(), i64::MAX, 1]),
        Errno::Fbig
    );
    assert_eq!(
        machine.call("fd_allocate", &[fd.into(), -1, -1]),
        Errno::Fbig
    );
    for name in ["fd_sync", "fd_datasync"] {
        assert_eq!(machine.call(name, &[fd.into()]), Errno::Success);
        assert_eq!(machine.call(name, &[ROOT.into()]), Errno::Success);
    }
    for advice in 0..6 {
        assert_eq!(
            machine.call("fd_advise", &[fd.into(), 0, 10, advice]),
            Errno::Success
        );
    }
    assert_eq!(
        machine.call("fd_advise", &[fd.into(), 0, 10, 6]),
        Errno::Inval
    );
    assert_eq!(
        machine.call("fd_advise", &[fd.into(), -1, 10, 0]),
        Errno::Inval
    );
}

#[test]
fn times_are_set_one_by_one() {
    let mut machine = Machine::new();
    let fd = machine.open("f", CREAT, EVERYTHING, 0).unwrap();
    let set = |machine: &mut Machine, accessed: i64, modified: i64, flags: i64| {
        machine.call(
            "fd_filestat_set_times",
            &[fd.into(), accessed, modified, flags],
        )
    };
    assert_eq!(
        set(&mut machine, 1_000_000_001, 2_000_000_002, 1 | 4),
        Errno::Success
    );
    let (.., accessed, modified) = filestat(&mut machine, fd);
    assert_eq!((accessed, modified), (1_000_000_001, 2_000_000_002));
    assert_eq!(set(&mut machine, 5, 7, 4), Errno::Success);
    let (.., accessed, modified) = filestat(&mut machine, fd);
    assert_eq!((accessed, modified), (1_000_000_001, 7));
    assert_eq!(set(&mut machine, 5, 7, 2), Errno::Success);
    let (.., accessed, modified) = filestat(&mut machine, fd);
    assert!(accessed > 1_600_000_000_000_000_000, "{accessed}");
    assert_eq!(modified, 7);
    assert_eq!(set(&mut machine, 0, 0, 1 | 2), Errno::Inval);
    assert_eq!(set(&mut machine, 0, 0, 4 | 8), Errno::Inval);
    assert_eq!(set(&mut machine, 0, 0, 16), Errno::Inval);
}

#[test]
fn a_descriptor_may_do_what_was_asked_for() {
    let mut machine = Machine::new();
    std::fs::write(machine.host("f"), "text").unwrap();
    let reader = machine.open("f", 0, READ, 0).unwrap();
    assert_eq!(machine.read(reader, 9), Ok("text".into()));
    assert_eq!(machine.write(reader, b"x"), Err(Errno::Notcapable));
    assert_eq!(
        machine.call("fd_filestat_set_size", &[reader.into(), 0]),
        Errno::Notcapable
    );
    let (kind, _, rights, _) = fdstat(&mut machine, reader);
    assert_eq!((kind, rights & (READ | WRITE)), (4, READ));
    let writer = machine.open("f", 0, WRITE, 0).unwrap();
    assert_eq!(machine.read(writer, 9), Err(Errno::Notcapable));
    assert_eq!(machine.write(writer, b"x"), Ok(1));
    // Created through a descriptor that may only read, and by one that may do nothing with the data.
    let created = machine.open("new", CREAT | EXCL, READ, 0).unwrap();
    assert_eq!(machine.write(created, b"x"), Err(Errno::Notcapable));
    let nothing = machine.open("f", 0, 0, 0).unwrap();
    assert_eq!(machine.read(nothing, 1), Err(Errno::Notcapable));
    assert_eq!(filestat(&mut machine, nothing).2, 4);
}

#[test]
fn rights_given_up_stay_given_up() {
    let mut machine = Machine::new();
    std::fs::write(machine.host("f"), "text").unwrap();
    let fd = machine.open("f", 0, EVERYTHING, 0).unwrap();
    let (.., rights, _) = fdstat(&mut machine, fd);
    let less = (rights & !WRITE).cast_signed();
    assert_eq!(
        machine.call("fd_fdstat_set_rights", &[fd.into(), less, 0]),
        Errno::Success
    );
    assert_eq!(machine.write(fd, b"x"), Err(Errno::Notcapable));
    let more = rights.cast_signed();
    assert_eq!(
        machine.call("fd_fdstat_set_rights", &[fd.into(), more, 0]),
        Errno::Notcapable
    );
    // A directory that may no longer pass on the right to write, nor create.
    let (.., base, inheriting) = fdstat(&mut machine, ROOT);
    assert_eq!(
        inheriting & base,
        base,
        "what a directory may, those below it may"
    );
    let create = 1 << 10;
    let args = [
        ROOT.into(),
        (base & !create).cast_signed(),
        (inheriting & !WRITE).cast_signed(),
    ];
    assert_eq!(machine.call("fd_fdstat_set_rights", &args), Errno::Success);
    assert_eq!(machine.open("f", 0, WRITE, 0), Err(Errno::Notcapable));
    assert_eq!(machine.open("new", CREAT, READ, 0), Err(Errno::Notcapable));
    assert!(machine.open("f", 0, READ, 0).is_ok());
}

#[test]
fn numbers_are_reused_and_renumbered() {
    let mut machine = Machine::new();
    let first = machine.open("a", CREAT, EVERYTHING, 0).unwrap();
    let second = machine.open("b", CREAT, EVERYTHING, 0).unwrap();
    machine.write(first, b"first").unwrap();
    assert_eq!(
        machine.call("fd_renumber", &[first.into(), second.into()]),
        Errno::Success
    );
    assert_eq!(machine.write(first, b"x"), Err(Errno::Badf));
    machine.write(second, b"+").unwrap();
    assert_eq!(
        (machine.content("a"), machine.content("b")),
        ("first+".into(), String::new())
    );
    assert_eq!(
        machine.call("fd_renumber", &[second.into(), second.into()]),
        Errno::Success
    );
    for (from, to) in [
        (first, second),
        (second, first),
        (second, 1000),
        (second, u32::MAX),
    ] {
        assert_eq!(
            machine.call("fd_renumber", &[from.into(), to.into()]),
            Errno::Badf,
            "{from} {to}"
        );
    }
    assert_eq!(machine.open("c", CREAT, EVERYTHING, 0), Ok(first));
    assert_eq!(machine.call("fd_close", &[second.into()]), Errno::Success);
    assert_eq!(machine.call("fd_close", &[second.into()]), Errno::Badf);
}

#[test]
fn preopened_directories_have_names_and_nothing_else_has() {
    let mut machine = Machine::new();
    let fd = machine.open("f", CREAT, EVERYTHING, 0).unwrap();
    assert_eq!(
        machine.call("fd_prestat_get", &[ROOT.into(), OUT.into()]),
        Errno::Success
    );
    assert_eq!((machine.u32_at(OUT), machine.u32_at(OUT + 4)), (0, 5));
    assert_eq!(
        machine.call("fd_prestat_dir_name", &[ROOT.into(), DATA.into(), 5]),
        Errno::Success
    );
    assert_eq!(machine.data(6), "files\0");
    assert_eq!(
        machine.call("fd_prestat_dir_name", &[ROOT.into(), DATA.into(), 4]),
        Errno::Nametoolong
    );
    for other in [0, 1, 2, fd, 77] {
        assert_eq!(
            machine.call("fd_prestat_get", &[other.into(), OUT.into()]),
            Errno::Badf
        );
        assert_eq!(
            machine.call("fd_prestat_dir_name", &[other.into(), DATA.into(), 5]),
            Errno::Badf
        );
    }
}

#[test]
fn a_directory_is_not_a_file() {
    let mut machine = Machine::new();
    let root = i64::from(ROOT);
    assert_eq!(machine.read(ROOT, 1), Err(Errno::Isdir));
    assert_eq!(machine.write(ROOT, b"x"), Err(Errno::Badf));
    let [list, count] = machine.list(1);
    assert_eq!(
        machine.call("fd_pread", &[root, list, count, 0, OUT.into()]),
        Errno::Isdir
    );
    assert_eq!(
        machine.call("fd_pwrite", &[root, list, count, 0, OUT.into()]),
        Errno::Badf
    );
    assert_eq!(seek(&mut machine, ROOT, 0, 0), Err(Errno::Badf));
    assert_eq!(machine.call("fd_tell", &[root, OUT.into()]), Errno::Badf);
    assert_eq!(
        machine.call("fd_filestat_set_size", &[root, 0]),
        Errno::Badf
    );
    assert_eq!(machine.call("fd_allocate", &[root, 0, 1]), Errno::Badf);
    assert_eq!(machine.call("fd_advise", &[root, 0, 1, 0]), Errno::Badf);
    assert_eq!(filestat(&mut machine, ROOT).0, 3);
    assert_eq!(
        machine.call("fd_filestat_set_times", &[root, 9, 8, 5]),
        Errno::Success
    );
    assert_eq!(filestat(&mut machine, ROOT).4, 8);
}

#[test]
fn streams_lead_where_the_embedder_says() {
    let scratch = Scratch::new();
    let (reader, writer) = std::io::pipe().unwrap();
    let output = std::fs::File::create(scratch.0.join("out")).unwrap();
    let ctx = WasiCtx::builder()
        .stdin(reader)
        .stdout(output)
        .build()
        .unwrap();
    let mut machine = Machine::with(ctx, scratch);
    std::io::Write::write_all(&mut &writer, b"input").unwrap();
    assert_eq!(machine.read(0, 100), Ok("input".into()));
    assert_eq!(
        machine.call("fd_fdstat_set_flags", &[0, NONBLOCK.into()]),
        Errno::Success
    );
    assert_eq!(machine.read(0, 100), Err(Errno::Again));
    drop(writer);
    assert_eq!(machine.read(0, 100), Ok(String::new()));
    assert_eq!(seek(&mut machine, 0, 0, 1), Err(Errno::Spipe));
    assert_eq!(machine.call("fd_tell", &[0, OUT.into()]), Errno::Spipe);
    assert_eq!(machine.write(1, b"output"), Ok(6));
    assert_eq!(seek(&mut machine, 1, 0, 1), Ok(6));
    assert_eq!(machine.read(1, 1), Err(Errno::Notcapable));
    assert_eq!(machine.write(0, b"x"), Err(Errno::Notcapable));
    assert_eq!(machine.write(2, b"nowhere"), Ok(7));
    assert_eq!(fdstat(&mut machine, 1).0, 4);
    assert_eq!(fdstat(&mut machine, 2).0, 2);
    let written = std::fs::read_to_string(machine.scratch.0.join("out")).unwrap();
    assert_eq!(written, "output");
}

#[test]
fn a_closed_number_is_bad_for_everything() {
    let mut machine = Machine::new();
    for row in ROWS
        .iter()
        .filter(|row| row.name.starts_with("fd_") || row.name.starts_with("path_"))
    {
        // Every parameter a number that no descriptor has and that is a valid, harmless address.
        let mut next = || 77;
        let mut guest = Guest::new(&mut machine.memory, Edition::Preview1);
        let errno = (row.call)(&mut machine.ctx, &mut guest, &mut next).unwrap();
        assert_eq!(errno, Errno::Badf, "{}", row.name);
    }
}
