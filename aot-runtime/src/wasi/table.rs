//! The guest's open files: what a descriptor is, and the table that numbers them.
//!
//! The numbers a guest uses are indices into this table and never reach the host. New descriptors take the lowest
//! free number, as POSIX programs expect.

use std::fs::File;
use std::sync::Arc;

use cap_std::fs::Dir;

use super::Result;
use super::errno::Errno;
use super::listing::Listing;
use super::types::{FdFlags, FileType, Rights};

/// What a descriptor stands for.
pub(crate) enum Node {
    /// A directory: the root of everything its paths can reach.
    Directory(Directory),
    /// A file opened through a directory.
    File(Arc<File>),
    /// A stream of the host process, given by the embedder. Its state is shared with the host, so flags set by the
    /// guest are kept here and acted out, never set on the stream.
    Stream(Arc<File>),
}

/// An open directory.
pub(crate) struct Directory {
    pub(crate) dir: Dir,
    /// The name under which the guest finds it, for preopened directories.
    pub(crate) preopen: Option<String>,
    /// The entries last listed, so that cookies stay meaningful while the directory changes.
    pub(crate) listing: Option<Listing>,
}

/// One open file of the guest.
pub(crate) struct Descriptor {
    pub(crate) node: Node,
    pub(crate) filetype: FileType,
    pub(crate) flags: FdFlags,
    pub(crate) rights: Rights,
    /// What descriptors opened through this one may have at most.
    pub(crate) inheriting: Rights,
}

impl Descriptor {
    /// The descriptor itself if it has all of `rights`.
    pub(crate) fn require(&self, rights: Rights) -> Result<&Self> {
        if self.rights.contains(rights) {
            Ok(self)
        } else {
            Err(Errno::Notcapable)
        }
    }

    /// The file, where bytes flow: `wrong` tells what a directory is to this operation.
    pub(crate) fn file(&self, rights: Rights, wrong: Errno) -> Result<&File> {
        match &self.node {
            Node::Directory(_) => Err(wrong),
            Node::File(file) | Node::Stream(file) => self.require(rights).map(|_| &**file),
        }
    }

    /// The directory.
    pub(crate) fn directory(&self, rights: Rights) -> Result<&Directory> {
        match &self.node {
            Node::Directory(directory) => self.require(rights).map(|_| directory),
            Node::File(_) | Node::Stream(_) => Err(Errno::Notdir),
        }
    }
}

impl Descriptor {
    /// The same file once more, if bytes flow through it.
    fn share(&self) -> Option<Descriptor> {
        let node = match &self.node {
            Node::Directory(_) => return None,
            Node::File(file) => Node::File(Arc::clone(file)),
            Node::Stream(file) => Node::Stream(Arc::clone(file)),
        };
        Some(Descriptor { node, ..*self })
    }
}

/// All open files of a guest.
#[derive(Default)]
pub(crate) struct Table {
    slots: Vec<Option<Descriptor>>,
}

impl Table {
    /// A table of the same files under the same numbers, without the directories: what a call needs that waits
    /// while others use the table. A file closed meanwhile stays open for it.
    pub(crate) fn files(&self) -> Table {
        let slots = self.slots.iter();
        let share = |slot: &Option<Descriptor>| slot.as_ref().and_then(Descriptor::share);
        Table {
            slots: slots.map(share).collect(),
        }
    }

    /// The descriptor numbered `fd`, or `Badf`.
    pub(crate) fn at(&self, fd: u32) -> Result<&Descriptor> {
        let slot = self.slots.get(index(fd)?);
        slot.and_then(Option::as_ref).ok_or(Errno::Badf)
    }

    /// The descriptor numbered `fd`, to be changed, or `Badf`.
    pub(crate) fn at_mut(&mut self, fd: u32) -> Result<&mut Descriptor> {
        let slot = self.slots.get_mut(index(fd)?);
        slot.and_then(Option::as_mut).ok_or(Errno::Badf)
    }

    /// Numbers `descriptor` with the lowest free number.
    pub(crate) fn insert(&mut self, descriptor: Descriptor) -> Result<u32> {
        let free = self.slots.iter().position(Option::is_none);
        let number = free.unwrap_or(self.slots.len());
        let fd = u32::try_from(number).map_err(|_| Errno::Mfile)?;
        match self.slots.get_mut(number) {
            Some(slot) => *slot = Some(descriptor),
            None => self.slots.push(Some(descriptor)),
        }
        Ok(fd)
    }

    /// Takes the descriptor numbered `fd` out of the table.
    pub(crate) fn remove(&mut self, fd: u32) -> Result<Descriptor> {
        let slot = self.slots.get_mut(index(fd)?);
        slot.and_then(Option::take).ok_or(Errno::Badf)
    }

    /// Moves `from` onto `to`, closing what `to` was; both must be open.
    pub(crate) fn renumber(&mut self, from: u32, to: u32) -> Result {
        self.at(from)?;
        self.at(to)?;
        if from != to {
            let moved = self.remove(from)?;
            *self.at_mut(to)? = moved;
        }
        Ok(())
    }
}

fn index(fd: u32) -> Result<usize> {
    usize::try_from(fd).map_err(|_| Errno::Badf)
}
