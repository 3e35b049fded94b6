# From the kernel to `runner_main`, and back: Xtensa with register windows.
#
# A call by 4 moves the window by four registers: the callee's a2 is our a6. Words come before the code that loads them.

        .section .text._start, "ax"
        .align  4
.Lhigh: .long   __stack_high
.Llow:  .long   __stack_low
.Lmain: .long   runner_main
        .global _start
        .type   _start, @function
_start:
        mov     a6, a1
        l32r    a1, .Lhigh
        l32r    a7, .Llow
        l32r    a4, .Lmain
        movi    a0, 0
        callx4  a4

# system_call(number, first, second, third): the number goes in a2, the words in a6, a3, a4.
        .section .text.system_call, "ax"
        .align  4
        .global system_call
        .type   system_call, @function
system_call:
        entry   a1, 32
        mov     a6, a3
        mov     a3, a4
        mov     a4, a5
        syscall
        retw
