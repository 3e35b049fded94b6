# From the kernel to `runner_main`, and back: Xtensa without register windows. Arguments are in a2 on.

        .section .text._start, "ax"
        .align  4
.Lhigh: .long   __stack_high
.Llow:  .long   __stack_low
.Lmain: .long   runner_main
        .global _start
        .type   _start, @function
_start:
        mov     a2, a1
        l32r    a1, .Lhigh
        l32r    a3, .Llow
        l32r    a4, .Lmain
        callx0  a4

# system_call(number, first, second, third): the number goes in a2, the words in a6, a3, a4.
        .section .text.system_call, "ax"
        .align  4
        .global system_call
        .type   system_call, @function
system_call:
        mov     a6, a3
        mov     a3, a4
        mov     a4, a5
        syscall
        ret
