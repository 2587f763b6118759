; SPDX-License-Identifier: Apache-2.0
; From the BIOS in real mode to run() of self-test.c in protected mode, without interrupts.
bits 16
global start
extern run
section .text.start
start:
    cli
    xor ax, ax
    mov ds, ax
    in al, 0x92
    or al, 2
    and al, 0xFE
    out 0x92, al
    lgdt [table]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp dword 8:protected
bits 32
protected:
    mov ax, 16
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov esp, 0x90000
    ; The serial port as the BIOS left it may wait for signals: 115200 baud, 8N1, FIFO.
    mov dx, 0x3F9
    xor al, al
    out dx, al
    mov dx, 0x3FB
    mov al, 0x80
    out dx, al
    mov dx, 0x3F8
    mov al, 1
    out dx, al
    inc dx
    xor al, al
    out dx, al
    mov dx, 0x3FB
    mov al, 3
    out dx, al
    mov dx, 0x3FA
    mov al, 7
    out dx, al
    mov dx, 0x3FC
    mov al, 3
    out dx, al
    jmp run
align 8
gdt:
    dq 0
    dq 0x00CF9B000000FFFF
    dq 0x00CF93000000FFFF
table:
    dw 23
    dd gdt
