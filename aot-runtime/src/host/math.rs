//! The C library's float routines, callable from safe code.
//!
//! They take and return plain numbers and touch no memory, so every call is
//! safe. On bare targets the compiler's runtime library or a libm provides
//! them at link time, as far as the embedder's program uses the runtime.

unsafe extern "C" {
    pub(crate) safe fn sqrt(x: f64) -> f64;
    pub(crate) safe fn sqrtf(x: f32) -> f32;
    pub(crate) safe fn fmin(x: f64, y: f64) -> f64;
    pub(crate) safe fn fminf(x: f32, y: f32) -> f32;
    pub(crate) safe fn fmax(x: f64, y: f64) -> f64;
    pub(crate) safe fn fmaxf(x: f32, y: f32) -> f32;
    pub(crate) safe fn ceil(x: f64) -> f64;
    pub(crate) safe fn ceilf(x: f32) -> f32;
    pub(crate) safe fn floor(x: f64) -> f64;
    pub(crate) safe fn floorf(x: f32) -> f32;
    pub(crate) safe fn trunc(x: f64) -> f64;
    pub(crate) safe fn truncf(x: f32) -> f32;
    pub(crate) safe fn rint(x: f64) -> f64;
    pub(crate) safe fn rintf(x: f32) -> f32;
}
