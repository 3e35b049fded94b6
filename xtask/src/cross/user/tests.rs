//! Literals come before their functions.

use super::literals_first;

#[test]
fn literals_have_sections_of_their_own() {
    let printed = "\
\t.literal_position
\t.literal .LCPI0_0, ext
\t.literal .LCPI0_1, 1234567
\t.section\t.text.f,\"ax\",@progbits
f:
\t.cfi_startproc
\tl32r\ta8, .LCPI0_0
\t.literal_position
\t.literal .LCPI1_0, f
\t.section\t.text.g,\"ax\",@progbits
";
    let placed = "\
\t.section .literal.0, \"ax\", @progbits
\t.p2align 2
.LCPI0_0:
\t.long ext
.LCPI0_1:
\t.long 1234567
\t.section\t.text.f,\"ax\",@progbits
f:
\tl32r\ta8, .LCPI0_0
\t.section .literal.1, \"ax\", @progbits
\t.p2align 2
.LCPI1_0:
\t.long f
\t.section\t.text.g,\"ax\",@progbits
";
    assert_eq!(literals_first(printed), placed);
}
