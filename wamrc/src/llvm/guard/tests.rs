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
