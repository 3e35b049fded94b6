//! The error numbers of WASI preview 1 and how host errors become them.
//!
//! Every function of the interface returns one of these numbers; zero is success. The list is the `errno` type
//! of the preview 1 interface description, in its order. Host errors arrive either as a number of the operating
//! system or, where the sandbox itself refused, as an `io::Error` without one: that is how an attempt to leave a
//! preopened directory is told apart from a permission the file system denied.

use std::io;

use rustix::io::Errno as Host;

/// Grammar: `Variant = number "meaning" [Host names…];`. Expands to the enum and to [`Errno::from_host`], whose
/// arms are the host names: `Noent = 44 "no such file or directory" [NOENT];` gives the variant `Noent = 44` and
/// the arm `Host::NOENT => Errno::Noent`.
macro_rules! errnos {
    ($($variant:ident = $number:literal $meaning:literal [$($host:ident)*];)*) => {
        /// An error number of WASI preview 1.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub enum Errno {
            $(#[doc = $meaning] $variant = $number,)*
        }

        impl Errno {
            /// The number for an error of the operating system; `Io` for those WASI has no number for.
            fn from_host(host: Host) -> Errno {
                match host {
                    $($(Host::$host => Errno::$variant,)*)*
                    _ => Errno::Io,
                }
            }

            /// The meaning in words.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Errno::$variant => $meaning,)*
                }
            }
        }
    };
}

errnos! {
    Success = 0 "no error" [];
    TooBig = 1 "argument list too long" [TOOBIG];
    Acces = 2 "permission denied" [ACCESS];
    Addrinuse = 3 "address in use" [ADDRINUSE];
    Addrnotavail = 4 "address not available" [ADDRNOTAVAIL];
    Afnosupport = 5 "address family not supported" [AFNOSUPPORT];
    Again = 6 "resource unavailable, or operation would block" [AGAIN];
    Already = 7 "connection already in progress" [ALREADY];
    Badf = 8 "bad file descriptor" [BADF];
    Badmsg = 9 "bad message" [BADMSG];
    Busy = 10 "device or resource busy" [BUSY];
    Canceled = 11 "operation canceled" [CANCELED];
    Child = 12 "no child processes" [CHILD];
    Connaborted = 13 "connection aborted" [CONNABORTED];
    Connrefused = 14 "connection refused" [CONNREFUSED];
    Connreset = 15 "connection reset" [CONNRESET];
    Deadlk = 16 "resource deadlock would occur" [DEADLK];
    Destaddrreq = 17 "destination address required" [DESTADDRREQ];
    Dom = 18 "argument out of the function's domain" [DOM];
    Dquot = 19 "disk quota exceeded" [DQUOT];
    Exist = 20 "file exists" [EXIST];
    Fault = 21 "address outside of the guest's memory" [FAULT];
    Fbig = 22 "file too large" [FBIG];
    Hostunreach = 23 "host is unreachable" [HOSTUNREACH];
    Idrm = 24 "identifier removed" [IDRM];
    Ilseq = 25 "illegal byte sequence" [ILSEQ];
    Inprogress = 26 "operation in progress" [INPROGRESS];
    Intr = 27 "interrupted function" [INTR];
    Inval = 28 "invalid argument" [INVAL];
    Io = 29 "input or output error" [IO];
    Isconn = 30 "socket is connected" [ISCONN];
    Isdir = 31 "is a directory" [ISDIR];
    Loop = 32 "too many levels of symbolic links" [LOOP];
    Mfile = 33 "file descriptor value too large" [MFILE];
    Mlink = 34 "too many links" [MLINK];
    Msgsize = 35 "message too large" [MSGSIZE];
    Multihop = 36 "multihop attempted" [MULTIHOP];
    Nametoolong = 37 "file name too long" [NAMETOOLONG];
    Netdown = 38 "network is down" [NETDOWN];
    Netreset = 39 "connection aborted by network" [NETRESET];
    Netunreach = 40 "network unreachable" [NETUNREACH];
    Nfile = 41 "too many files open in system" [NFILE];
    Nobufs = 42 "no buffer space available" [NOBUFS];
    Nodev = 43 "no such device" [NODEV];
    Noent = 44 "no such file or directory" [NOENT];
    Noexec = 45 "executable file format error" [NOEXEC];
    Nolck = 46 "no locks available" [NOLCK];
    Nolink = 47 "link has been severed" [NOLINK];
    Nomem = 48 "not enough space" [NOMEM];
    Nomsg = 49 "no message of the desired type" [NOMSG];
    Noprotoopt = 50 "protocol not available" [NOPROTOOPT];
    Nospc = 51 "no space left on device" [NOSPC];
    Nosys = 52 "function not supported" [NOSYS];
    Notconn = 53 "socket is not connected" [NOTCONN];
    Notdir = 54 "not a directory" [NOTDIR];
    Notempty = 55 "directory not empty" [NOTEMPTY];
    Notrecoverable = 56 "state not recoverable" [NOTRECOVERABLE];
    Notsock = 57 "not a socket" [NOTSOCK];
    Notsup = 58 "not supported" [NOTSUP];
    Notty = 59 "inappropriate control operation" [NOTTY];
    Nxio = 60 "no such device or address" [NXIO];
    Overflow = 61 "value too large to be stored" [OVERFLOW];
    Ownerdead = 62 "previous owner died" [OWNERDEAD];
    Perm = 63 "operation not permitted" [PERM];
    Pipe = 64 "broken pipe" [PIPE];
    Proto = 65 "protocol error" [PROTO];
    Protonosupport = 66 "protocol not supported" [PROTONOSUPPORT];
    Prototype = 67 "protocol wrong type for socket" [PROTOTYPE];
    Range = 68 "result too large" [RANGE];
    Rofs = 69 "read-only file system" [ROFS];
    Spipe = 70 "invalid seek" [SPIPE];
    Srch = 71 "no such process" [SRCH];
    Stale = 72 "stale handle" [STALE];
    Timedout = 73 "connection timed out" [TIMEDOUT];
    Txtbsy = 74 "text file busy" [TXTBSY];
    Xdev = 75 "cross-device link" [XDEV];
    Notcapable = 76 "capabilities insufficient" [];
}

impl Errno {
    /// The number as the guest sees it.
    pub fn code(self) -> u16 {
        self as u16
    }
}

impl From<Host> for Errno {
    fn from(host: Host) -> Errno {
        Errno::from_host(host)
    }
}

impl From<io::Error> for Errno {
    fn from(error: io::Error) -> Errno {
        if let Some(host) = Host::from_io_error(&error) {
            return Errno::from_host(host);
        }
        match error.kind() {
            // No number of the system: the sandbox refused a path that leads out of the directory.
            io::ErrorKind::PermissionDenied => Errno::Notcapable,
            io::ErrorKind::InvalidInput => Errno::Inval,
            io::ErrorKind::InvalidData => Errno::Ilseq,
            io::ErrorKind::NotFound => Errno::Noent,
            io::ErrorKind::AlreadyExists => Errno::Exist,
            io::ErrorKind::Unsupported => Errno::Notsup,
            _ => Errno::Io,
        }
    }
}

#[cfg(test)]
mod tests;
