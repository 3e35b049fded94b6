//! Any bytes: reading never panics, and what reads can be dumped and written back, after which nothing changes.
//!
//! Damaged files are refused or are other valid files; the code in them is not run here.

#![no_main]

use aot_format::{Artifact, View, dump};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(view) = View::read(bytes) else { return };
    assert!(!dump::to_string(&view).is_empty());
    // The writer refuses what the format carries but no tool writes, such as very long strings.
    let Ok(written) = Artifact::from_view(&view).write() else {
        return;
    };
    // The first writing may add padding and move our record to the end; the second changes nothing any more.
    let again = View::read(&written).expect("what was written reads");
    assert_eq!(Artifact::from_view(&again).write(), Ok(written.clone()));
});
