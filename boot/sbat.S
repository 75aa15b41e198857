/*
 * The section by which shim tells programs whose generation was revoked (SBAT, since shim 15.3; it
 * starts none without). The second number of boot/sbat.csv rises with a version that mends a way
 * around Secure Boot.
 */
        .section .sbat, "a", @progbits
        .balign 4096
        .incbin "sbat.csv"
        .balign 512
        .section .note.GNU-stack, "", @progbits
