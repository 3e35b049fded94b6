//! Host errors become the numbers the interface description lists.

use std::io;

use super::Errno;

#[test]
fn host_numbers_become_wasi_numbers() {
    let cases = [
        (rustix::io::Errno::NOENT, 44),
        (rustix::io::Errno::EXIST, 20),
        (rustix::io::Errno::NOTDIR, 54),
        (rustix::io::Errno::ISDIR, 31),
        (rustix::io::Errno::NOTEMPTY, 55),
        (rustix::io::Errno::LOOP, 32),
        (rustix::io::Errno::INVAL, 28),
        (rustix::io::Errno::BADF, 8),
        (rustix::io::Errno::NAMETOOLONG, 37),
        (rustix::io::Errno::ACCESS, 2),
        (rustix::io::Errno::PERM, 63),
        (rustix::io::Errno::XDEV, 75),
        (rustix::io::Errno::PIPE, 64),
        (rustix::io::Errno::SPIPE, 70),
        (rustix::io::Errno::NOSPC, 51),
        (rustix::io::Errno::TIME, 29),
    ];
    for (host, want) in cases {
        assert_eq!(Errno::from(host).code(), want, "{host:?}");
        let through_std = io::Error::from_raw_os_error(host.raw_os_error());
        assert_eq!(
            Errno::from(through_std).code(),
            want,
            "{host:?} through std"
        );
    }
}

#[test]
fn a_refusal_of_the_sandbox_is_not_a_permission_of_the_file_system() {
    let escape = io::Error::new(io::ErrorKind::PermissionDenied, "outside");
    assert_eq!(Errno::from(escape), Errno::Notcapable);
    assert_eq!(Errno::Notcapable.code(), 76);
    assert_eq!(Errno::Notcapable.meaning(), "capabilities insufficient");
}
