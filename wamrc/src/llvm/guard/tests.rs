//! Which loops get a guard, on IR in the form the guards expect. What the guarded code computes is tested by running
//! the fixtures in `fixtures/wat/loop_guard`.

use super::{guard_module, ir};
use inkwell::context::Context;
use inkwell::memory_buffer::MemoryBuffer;

/// A function over base `%m` whose loop body is `body`; `%i` counts up to `%n`, `%p` and `%q` are addresses.
fn with_body(body: &str) -> String {
    format!(
        "declare float @llvm.fabs.f32(float)
         declare void @other()
         define void @f(ptr %m, i32 %a, i32 %b, i32 %n) {{
         entry:
           br label %body
         body:
           %i = phi i32 [ 0, %entry ], [ %i1, %body ]
           %p = phi i32 [ %a, %entry ], [ %p1, %body ]
           %q = phi i32 [ %b, %entry ], [ %q1, %body ]
           {body}
           %p1 = add i32 %p, 4
           %q1 = add i32 %q, 4
           %i1 = add i32 %i, 1
           %done = icmp eq i32 %i1, %n
           br i1 %done, label %exit, label %body
         exit:
           ret void
         }}"
    )
}

/// Guards the module and returns its text and the number of guarded loops.
fn guarded(source: &str) -> (usize, String) {
    let context = Context::create();
    let buffer = MemoryBuffer::create_from_memory_range_copy(source.as_bytes(), "test");
    let module = context
        .create_module_from_ir(buffer)
        .expect("test IR parses");
    let count = guard_module(ir::Module(module.as_mut_ptr()));
    module.verify().expect("guarded IR verifies");
    (count, module.print_to_string().to_string())
}

const LOAD_P: &str = "%pw = zext i32 %p to i64
    %pp = getelementptr inbounds nuw i8, ptr %m, i64 %pw
    %x = load float, ptr %pp, align 1";
const STORE_Q: &str = "%qw = zext i32 %q to i64
    %qp = getelementptr inbounds nuw i8, ptr %m, i64 %qw
    store float %x, ptr %qp, align 1";

#[test]
fn two_arrays_get_a_scope_each() {
    let (count, text) = guarded(&with_body(&format!("{LOAD_P}\n{STORE_Q}")));
    assert_eq!(count, 1);
    assert_eq!(
        text.matches("call void @llvm.experimental.noalias.scope.decl")
            .count(),
        2
    );
    assert!(text.contains("loop.guarded:"), "{text}");
    assert!(text.contains("llvm.loop.vectorize.enable"), "{text}");
}

#[test]
fn reading_needs_no_scopes() {
    let (count, text) = guarded(&with_body(LOAD_P));
    assert_eq!(count, 1);
    assert_eq!(
        text.matches("call void @llvm.experimental.noalias.scope.decl")
            .count(),
        0
    );
}

#[test]
fn what_is_left_alone() {
    let cases = [
        ("a call", format!("{LOAD_P}\ncall void @other()")),
        (
            "an irregular address",
            format!(
                "{LOAD_P}\n%r = bitcast float %x to i32
            %rw = zext i32 %r to i64
            %rp = getelementptr inbounds nuw i8, ptr %m, i64 %rw
            %y = load i32, ptr %rp, align 1"
            ),
        ),
        (
            "a volatile access",
            LOAD_P.replace("load float", "load volatile float"),
        ),
        (
            "no memory",
            "%y = call float @llvm.fabs.f32(float 1.0)".to_owned(),
        ),
        (
            "an unchanging address",
            LOAD_P.replace("i32 %p to", "i32 %a to"),
        ),
    ];
    for (what, body) in cases {
        assert_eq!(guarded(&with_body(&body)).0, 0, "{what}");
    }
}

#[test]
fn a_value_used_after_the_loop_needs_an_exit_phi() {
    let source = with_body(LOAD_P).replace("ret void", "store float %x, ptr %m, align 1\nret void");
    assert_eq!(guarded(&source).0, 0);
}

#[test]
fn a_loop_without_recurrences_is_left_alone() {
    let source = "define void @f(ptr %p) {
         entry:
           br label %body
         body:
           %x = load i32, ptr %p, align 4
           %done = icmp eq i32 %x, 0
           br i1 %done, label %exit, label %body
         exit:
           ret void
         }";
    assert_eq!(guarded(source).0, 0);
}

/// Body text that adds 3 to 16-bit elements of `%p` at `places` (bytes) and stores them at the same places of `%q`.
fn halves(places: &[i32]) -> String {
    let half = |n: &i32| {
        format!(
            "%a{n} = add i32 %p, {n}
             %aw{n} = zext i32 %a{n} to i64
             %ap{n} = getelementptr inbounds nuw i8, ptr %m, i64 %aw{n}
             %x{n} = load i16, ptr %ap{n}, align 1
             %y{n} = add nuw i16 %x{n}, 3
             %b{n} = add i32 %q, {n}
             %bw{n} = zext i32 %b{n} to i64
             %bp{n} = getelementptr inbounds nuw i8, ptr %m, i64 %bw{n}
             store i16 %y{n}, ptr %bp{n}, align 1\n"
        )
    };
    places.iter().map(half).collect()
}

/// By how much the guarded copy was rolled up: LLVM is told to unroll it by as much.
fn factor(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("!\"llvm.loop.unroll.count\", i32 ")?;
    rest.split('}').next()
}

/// The block of this name.
fn block<'a>(text: &'a str, name: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("\n{name}:")).expect("a block");
    rest.split("\n\n").next().unwrap_or_default()
}

#[test]
fn copies_are_rolled_up() {
    for places in [[0, 2], [2, 0]] {
        let (count, text) = guarded(&with_body(&halves(&places)));
        assert_eq!((count, factor(&text)), (1, Some("2")), "{text}");
        let body = block(&text, "loop.guarded");
        assert_eq!(body.matches("store i16").count(), 1, "{body}");
        assert!(!body.contains("nuw i16"), "one copy's promise: {body}");
        assert!(body.contains(", 2\n"), "a smaller step: {body}");
        assert_eq!(block(&text, "body").matches("store i16").count(), 2);
    }
}

#[test]
fn what_is_not_rolled_up() {
    let copies = halves(&[0, 2]);
    let cases = [
        ("another constant", copies.replace("%x2, 3", "%x2, 4")),
        (
            "another operation",
            copies.replace("add nuw i16 %x2", "sub nuw i16 %x2"),
        ),
        (
            "operands exchanged",
            copies
                .replace("add nuw i16 %x0, 3", "sub i16 3, %x0")
                .replace("add nuw i16 %x2, 3", "sub i16 %x2, 3"),
        ),
        (
            "another place read",
            copies.replace("%a2 = add i32 %p, 2", "%a2 = add i32 %p, 4"),
        ),
        (
            "another place written",
            copies.replace("%b2 = add i32 %q, 2", "%b2 = add i32 %q, 3"),
        ),
        (
            "another array",
            copies.replace("%a2 = add i32 %p", "%a2 = add i32 %q"),
        ),
        (
            "what an invariant address does not do",
            copies.replace("%a2 = add i32 %p, 2", "%a2 = add i32 %a, 0"),
        ),
        ("a single copy", halves(&[0])),
        (
            "another alignment",
            copies.replace("%bp2, align 1", "%bp2, align 2"),
        ),
        (
            "metadata of one copy",
            copies.replace("%ap2, align 1", "%ap2, align 1, !noundef !{}"),
        ),
        (
            "a store outside linear memory",
            copies.replace("%y2 = add", "store i16 %x0, ptr %m, align 2\n%y2 = add"),
        ),
        (
            "copies that overtake each other",
            halves(&[2, 0])
                .replace("add i32 %q, 0", "add i32 %p, 2")
                .replace("add i32 %q, 2", "add i32 %p, 4"),
        ),
    ];
    for (what, body) in cases {
        let (count, text) = guarded(&with_body(&body));
        assert_eq!((count, factor(&text)), (1, None), "{what}: {text}");
    }
}

#[test]
fn values_carried_through_the_copies() {
    let sum = |second: &str| {
        with_body(&format!(
            "{}%s1 = add i16 %s, %x0\n%s2 = {second}\n",
            halves(&[0, 2])
        ))
        .replace(
            "%q = phi",
            "%s = phi i16 [ 0, %entry ], [ %s2, %body ]\n%q = phi",
        )
        .replace(
            "exit:",
            "exit:\n%r = phi i16 [ %s2, %body ]\nstore i16 %r, ptr %m, align 1",
        )
    };
    let cases = [
        ("add i16 %s1, %x2", Some("2")),
        ("add i16 %x2, %s1", Some("2")),
        ("sub i16 %s1, %x2", None),
        ("add i16 %s1, %x0", None),
        ("add i16 %s, %x2", None),
    ];
    for (second, expected) in cases {
        let (count, text) = guarded(&sum(second));
        assert_eq!((count, factor(&text)), (1, expected), "{second}: {text}");
    }
}

#[test]
fn a_family_ahead_of_another_in_its_array() {
    let reads_far = halves(&[0, 2]).replace("add i32 %p, ", "add i32 %far, ");
    let ahead = format!("%far = add i32 %q, %a\n{reads_far}");
    let (_, text) = guarded(&with_body(&ahead));
    assert_eq!(factor(&text), Some("2"), "{text}");
    let body = block(&text, "loop.forward");
    assert!(!body.contains("alias.scope"), "they may overlap: {body}");
    assert!(block(&text, "loop.guarded").contains("alias.scope"));
}

#[test]
fn a_family_read_after_another_was_written() {
    // A later iteration would read what an earlier one of a vector has yet to write.
    let body = "%qw = zext i32 %q to i64
         %qp = getelementptr inbounds nuw i8, ptr %m, i64 %qw
         store i16 7, ptr %qp, align 1
         %far = add i32 %q, %a
         %fw = zext i32 %far to i64
         %fp = getelementptr inbounds nuw i8, ptr %m, i64 %fw
         %x = load i16, ptr %fp, align 1";
    let (count, text) = guarded(&with_body(body));
    assert_eq!(count, 1, "{text}");
    assert!(!text.contains("loop.forward:"), "{text}");
}
