//! The C library's float routines, callable from safe code.
//!
//! They take and return plain numbers and touch no memory, so every call is
//! safe. On bare targets the compiler's runtime library or a libm provides
//! them at link time, as far as the embedder's program uses the runtime.
//!
//! WebAssembly's rounding returns quiet NaNs; which library is linked decides
//! whether the C routines do, so the ones here see to it themselves.

mod c {
    unsafe extern "C" {
        pub(super) safe fn sqrt(x: f64) -> f64;
        pub(super) safe fn sqrtf(x: f32) -> f32;
        pub(super) safe fn fmin(x: f64, y: f64) -> f64;
        pub(super) safe fn fminf(x: f32, y: f32) -> f32;
        pub(super) safe fn fmax(x: f64, y: f64) -> f64;
        pub(super) safe fn fmaxf(x: f32, y: f32) -> f32;
        pub(super) safe fn ceil(x: f64) -> f64;
        pub(super) safe fn ceilf(x: f32) -> f32;
        pub(super) safe fn floor(x: f64) -> f64;
        pub(super) safe fn floorf(x: f32) -> f32;
        pub(super) safe fn trunc(x: f64) -> f64;
        pub(super) safe fn truncf(x: f32) -> f32;
        pub(super) safe fn rint(x: f64) -> f64;
        pub(super) safe fn rintf(x: f32) -> f32;
    }
}

/// Routines as they are. One line per routine: name, parameters, type.
macro_rules! plain {
    ($($name:ident($($x:ident),*): $float:ty;)*) => {$(
        pub(crate) extern "C" fn $name($($x: $float),*) -> $float {
            c::$name($($x),*)
        }
    )*};
}

/// Rounding, with NaNs made quiet. One line per routine: name, type, and the
/// bit that tells quiet NaNs.
macro_rules! rounding {
    ($($name:ident: $float:ty, $quiet:literal;)*) => {$(
        pub(crate) extern "C" fn $name(x: $float) -> $float {
            match x.is_nan() {
                true => <$float>::from_bits(x.to_bits() | $quiet),
                false => c::$name(x),
            }
        }
    )*};
}

plain! {
    sqrt(x): f64;
    sqrtf(x): f32;
    fmin(x, y): f64;
    fminf(x, y): f32;
    fmax(x, y): f64;
    fmaxf(x, y): f32;
}

rounding! {
    ceil: f64, 0x0008_0000_0000_0000;
    ceilf: f32, 0x0040_0000;
    floor: f64, 0x0008_0000_0000_0000;
    floorf: f32, 0x0040_0000;
    trunc: f64, 0x0008_0000_0000_0000;
    truncf: f32, 0x0040_0000;
    rint: f64, 0x0008_0000_0000_0000;
    rintf: f32, 0x0040_0000;
}
