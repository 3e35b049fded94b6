//! Guest memory: nothing outside of it, nothing copied, nothing wrapped around.

use super::{Edition, Errno, Guest, IoSlice, IoSliceMut};

fn with_guest<R>(memory: &mut [u8], test: impl FnOnce(&mut Guest<'_>) -> R) -> R {
    test(&mut Guest::new(memory, Edition::Preview1))
}

/// Writes a list of buffers at `at`.
fn put_list(guest: &mut Guest<'_>, at: u32, list: &[(u32, u32)]) {
    for (slot, &(ptr, len)) in (at..).step_by(8).zip(list) {
        guest.put_u32(slot, ptr).unwrap();
        guest.put_u32(slot + 4, len).unwrap();
    }
}

#[test]
fn an_address_outside_is_a_fault() {
    with_guest(&mut [0; 16], |guest| {
        assert_eq!(guest.bytes(0, 16).map(<[u8]>::len), Ok(16));
        assert_eq!(guest.bytes(16, 0).map(<[u8]>::len), Ok(0));
        for (ptr, len) in [
            (0, 17),
            (16, 1),
            (17, 0),
            (u32::MAX, 1),
            (1, u32::MAX),
            (u32::MAX, u32::MAX),
        ] {
            assert_eq!(guest.bytes(ptr, len), Err(Errno::Fault), "{ptr} {len}");
            assert!(guest.fill(ptr, len, |_| Ok(0)).is_err(), "{ptr} {len}");
        }
        assert_eq!(guest.put_u32(13, 1), Err(Errno::Fault));
        assert_eq!(guest.put_u64(8, u64::MAX), Ok(()));
    });
}

#[test]
fn a_path_is_text_without_nul() {
    let mut memory = *b"dir/\0\xff\xc3\xa4";
    with_guest(&mut memory, |guest| {
        assert_eq!(guest.path(0, 4), Ok("dir/"));
        assert_eq!(guest.path(0, 5), Err(Errno::Inval));
        assert_eq!(guest.path(5, 1), Err(Errno::Ilseq));
        assert_eq!(guest.path(6, 2), Ok("ä"));
        assert_eq!(guest.path(6, 9), Err(Errno::Fault));
    });
}

#[test]
fn a_write_sees_the_buffers_in_order() {
    for extra in [0, 20] {
        let mut memory = [0; 512];
        memory[0..4].copy_from_slice(b"abcd");
        with_guest(&mut memory, |guest| {
            let mut list = vec![(2, 2), (0, 2), (u32::MAX, 0), (1, 3)];
            list.extend((0..extra).map(|_| (0, 1)));
            put_list(guest, 64, &list);
            let text = guest.gather(64, u32::try_from(list.len()).unwrap(), |slices| {
                Ok(slices
                    .iter()
                    .flat_map(|slice| slice.to_vec())
                    .collect::<Vec<_>>())
            });
            let want = [b"cdabbcd".to_vec(), vec![b'a'; extra]].concat();
            assert_eq!(text, Ok(want));
        });
    }
}

#[test]
fn a_hostile_list_is_refused() {
    with_guest(&mut [0; 64], |guest| {
        fn taken(_: &[IoSlice<'_>]) -> Result<(), Errno> {
            Ok(())
        }
        assert_eq!(guest.gather(0, 9, taken), Err(Errno::Fault));
        assert_eq!(guest.gather(60, 1, taken), Err(Errno::Fault));
        assert_eq!(guest.gather(0, 1025, taken), Err(Errno::Inval));
        assert_eq!(guest.gather(0, u32::MAX, taken), Err(Errno::Inval));
        put_list(guest, 0, &[(60, 5)]);
        assert_eq!(guest.gather(0, 1, taken), Err(Errno::Fault));
        assert_eq!(guest.scatter(0, 1, |_, _| Ok(0)), Err(Errno::Fault));
    });
}

/// Reads "0123…" through the list and gives back the memory's first 16 bytes and the total.
fn scattered(list: &[(u32, u32)]) -> (String, Result<usize, Errno>) {
    let mut memory = [b'.'; 128];
    let mut next = b'0';
    let total = with_guest(&mut memory, |guest| {
        put_list(guest, 64, list);
        guest.scatter(
            64,
            u32::try_from(list.len()).unwrap(),
            |slices: &mut [IoSliceMut<'_>], _| {
                let mut done = 0;
                for byte in slices.iter_mut().flat_map(|slice| slice.iter_mut()) {
                    *byte = next;
                    next += 1;
                    done += 1;
                }
                Ok(done)
            },
        )
    });
    (String::from_utf8(memory[..16].to_vec()).unwrap(), total)
}

#[test]
fn a_read_fills_the_buffers_in_order_even_where_they_overlap() {
    assert_eq!(scattered(&[(0, 3)]), ("012.............".into(), Ok(3)));
    assert_eq!(
        scattered(&[(8, 2), (0, 3), (4, 1)]),
        ("234.5...01......".into(), Ok(6))
    );
    assert_eq!(
        scattered(&[(0, 4), (2, 4)]),
        ("014567..........".into(), Ok(8))
    );
    assert_eq!(scattered(&[]), ("................".into(), Ok(0)));
}
