//! Arguments of every convention, as its document's rules place them.

use aot_format::ValType;

use super::{Assigner, Convention, Place};

const I: ValType = ValType::I32;
const L: ValType = ValType::I64;
const F: ValType = ValType::F32;
const D: ValType = ValType::F64;
const V: ValType = ValType::V128;

/// Places as text: `r3` a register, `r2+r3` two, `s4` a stack word, `s4-5` two, `r7+s0` half and half, `f8` a float
/// register by its byte.
fn places(convention: Convention, types: &[ValType]) -> String {
    let mut assigner = Assigner::new(convention);
    let name = |place: Place| match place {
        Place::Float(at) => format!("f{at}"),
        Place::Words {
            registers: (first, count),
            stack: (at, words),
        } => match (count, words) {
            (1, 0) => format!("r{first}"),
            (2, 0) => format!("r{first}+r{}", first + 1),
            (1, 1) => format!("r{first}+s{at}"),
            (0, 1) => format!("s{at}"),
            (0, words) => format!("s{at}-{}", at + words - 1),
            other => format!("{other:?}"),
        },
    };
    let all: Vec<String> = types.iter().map(|ty| name(assigner.next(*ty))).collect();
    all.join(" ")
}

#[test]
fn arguments_lie_where_the_conventions_say() {
    let check = |name: &str, convention, types: &[ValType], want: &str| {
        assert_eq!(places(convention, types), want, "{name}");
    };
    let nine = [D; 9];
    check(
        "x86-64",
        Convention::SYSTEM_V_64,
        &[I, L, F, V, I, I, I, I, I, V],
        "r0 r1 f0 f16 r2 r3 r4 r5 s0 f32",
    );
    check(
        "x86-64, vectors on the stack are aligned",
        Convention::SYSTEM_V_64,
        &[D, D, D, D, D, D, D, D, F, V],
        "f0 f16 f32 f48 f64 f80 f96 f112 s0 s2-3",
    );
    check(
        "i386",
        Convention::SYSTEM_V_32,
        &[I, L, F, D, I],
        "s0 s1-2 s3 s4-5 s6",
    );
    check(
        "aarch64",
        Convention::AAPCS64,
        &[I, I, I, I, I, I, I, I, L, I, D],
        "r0 r1 r2 r3 r4 r5 r6 r7 s0 s1 f0",
    );
    check(
        "arm, even pairs",
        Convention::AAPCS32,
        &[I, L, I, L],
        "r0 r2+r3 s0 s2-3",
    );
    check(
        "arm, no return to registers",
        Convention::AAPCS32,
        &[I, I, I, L, I],
        "r0 r1 r2 s0-1 s2",
    );
    check(
        "arm, soft floats",
        Convention::AAPCS32,
        &[I, D, F],
        "r0 r2+r3 s0",
    );
    check(
        "arm, floats fill gaps",
        Convention::AAPCS32_VFP,
        &[I, F, D, F, I],
        "r0 f0 f8 f4 r1",
    );
    check(
        "arm, floats on the stack",
        Convention::AAPCS32_VFP,
        &[F, D, D, D, D, D, D, D, D, F],
        "f0 f8 f16 f24 f32 f40 f48 f56 s0-1 s2",
    );
    check(
        "riscv64",
        Convention::riscv(8, 8),
        &[I, F, L, D],
        "r0 f0 r1 f8",
    );
    check(
        "riscv64, floats in integer registers",
        Convention::riscv(8, 8),
        &nine,
        "f0 f8 f16 f24 f32 f40 f48 f56 r0",
    );
    check(
        "riscv64, soft",
        Convention::riscv(8, 0),
        &[D, I, F],
        "r0 r1 r2",
    );
    check(
        "riscv32, pairs may be split",
        Convention::riscv(4, 0),
        &[I, L, I, I, I, I, L, I],
        "r0 r1+r2 r3 r4 r5 r6 r7+s0 s1",
    );
    check(
        "riscv32, pairs on the stack are aligned",
        Convention::riscv(4, 0),
        &[L, L, L, L, I, D],
        "r0+r1 r2+r3 r4+r5 r6+r7 s0 s2-3",
    );
    check(
        "riscv32, single floats",
        Convention::riscv(4, 4),
        &[F, D, F],
        "f0 r0+r1 f8",
    );
}
