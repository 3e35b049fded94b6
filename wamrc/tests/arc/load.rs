//! A loader for a machine that is not this one: the steps of the runtime's (`aot-runtime/src/link.rs`), at addresses of choice,
//! with nothing behind the runtime's symbols.

use std::collections::BTreeMap;

use aot_format::{Place, Symbol, View};
use targets::ARC;
use targets::reloc::{Via, apply};

/// A file as it lies in the machine's memory.
pub(crate) struct Loaded {
    /// Address of the image.
    pub(crate) base: u64,
    /// Constants and code, relocated.
    pub(crate) image: Vec<u8>,
    /// Address of the stubs.
    pub(crate) stubs_at: u64,
    /// The stubs, one behind the other.
    pub(crate) stubs: Vec<u8>,
    /// Functions of the runtime that have a stub, in the order of these, and their addresses.
    pub(crate) runtime: Vec<(String, u64)>,
}

/// Loads a file at a page: literals behind the first word, as loaders do, then code, then stubs.
pub(crate) fn load(view: &View<'_>, page: u64, runtime: u64) -> Loaded {
    let stub = ARC.stub.expect("a stub");
    let base = page + 4 + view.text().literal.len() as u64;
    let mut image = view.text().code.to_vec();
    let stubs_at = (base + image.len() as u64).next_multiple_of(16);
    let mut order = BTreeMap::new();
    let mut loaded = Vec::new();
    for group in view.relocations() {
        assert_eq!(view.place(&group), Some(Place::Code), "all is in one image");
        for relocation in group.raw() {
            let row = ARC.row(relocation.kind).expect("a row");
            let symbol = view.symbols().name(relocation.symbol).expect("a symbol");
            let value = match view.symbol(symbol) {
                Symbol::Section(place) => {
                    assert_eq!(place, Place::Code, "{symbol}");
                    base
                }
                Symbol::Runtime(symbol) => {
                    assert_eq!(row.via, Via::Stub, "{symbol} is only called");
                    let next = order.len() as u64;
                    let index = *order.entry(symbol.to_owned()).or_insert_with(|| {
                        loaded.push((symbol.to_owned(), runtime + 16 * next));
                        next
                    });
                    stubs_at + index * stub.size() as u64
                }
                Symbol::Function(_) => panic!("{symbol} is a place in the image"),
            };
            let place = base + relocation.offset;
            apply(
                row,
                &mut image,
                relocation.offset,
                place,
                value,
                relocation.addend,
            )
            .unwrap_or_else(|error| panic!("{symbol}: {error}"));
        }
    }
    let mut stubs = vec![0; loaded.len() * stub.size()];
    for ((_, destination), (bytes, at)) in loaded.iter().zip(
        stubs
            .chunks_mut(stub.size())
            .zip((stubs_at..).step_by(stub.size())),
    ) {
        stub.write(bytes, at, *destination).expect("a stub");
    }
    Loaded {
        base,
        image,
        stubs_at,
        stubs,
        runtime: loaded,
    }
}
