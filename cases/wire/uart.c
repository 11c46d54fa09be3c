// SPDX-License-Identifier: GPL-2.0-or-later
/* uart.c - 16550A: registers, FIFOs and interrupts, on QEMU and on the reference side by side */
#include "harness/run/cross.h"

#define SHEET "PC16550D data sheet, "
/* A bit takes half a second: no character timeout comes that is not asked for. */
#define SLOW "w 3 0x83; w 0 0xff; w 1 0xff; w 3 3; "
#define ALL  "r 0; r 1; r 2; r 3; r 4; r 5; r 6; r 7; "

UART(registers, .id = "uart.registers", .title = "after power-on each register has its value",
     .clause = SHEET "table I", .uart = ALL "w 3 0x80; r 0; r 1; w 3 0; " ALL)

UART(bits, .id = "uart.bits",
     .title = "bits that are not there read 0; what can only be read keeps its value",
     .clause = SHEET "8.0 table II",
     .uart = SLOW
     "w 1 0xf0; r 1; w 1 0x0f; r 1; w 1 0xaa; r 1; r 2; w 1 0; w 4 0xe0; r 4; w 4 0x0f; r 4; w 4 0; w 7 0xa5; r 7; w 7 0x5a; r 7; w 5 0; r 5; w 5 0xff; r 5; w 6 0; r 6; w 6 0xff; r 6; w 3 0x7f; r 3; w 3 0; r 3; w 2 0; r 2; w 4 0x10; w 0 0x33; w 5 0; r 5; w 5 0xff; r 5; r 0")

UART(latch, .id = "uart.latch",
     .title = "DLAB leads to the divisor's two halves, which are independent, and to nothing else",
     .clause = SHEET "8.1 bit 7, 8.3",
     .uart = "w 1 5; w 7 0x77; w 3 0x83; w 0 0x34; r 0; r 1; w 1 0x12; r 0; r 1; r 7; r 2; r 5; w 3 3; r 1; r 0; w 1 0; w 3 0x83; r 0; r 1; w 0 0; w 1 0; r 0; w 3 3")

UART(wide, .id = "uart.wide",
     .title = "an access of 2 or 4 bytes, aligned or not, is one of each byte in order",
     .clause = "qemu/hw/char/serial.c serial_io_ops",
     .uart = SLOW
     "rw 0 4; rw 1 2; rw 3 2; rw 4 4; rw 2 4; rw 3 4; ww 6 2 0x9900; r 7; ww 1 2 0x0705; r 1; r 2; ww 3 2 0x1b07; r 3; r 4; rw 6 2; ww 0 4 0x03010055; r 3; r 1; r 2; rw 4 2; rw 0 2")

UART(fifos, .id = "uart.fifos",
     .title = "the FIFOs go on and off, which empties them, and are cleared", .clause = SHEET "8.5",
     .uart = SLOW
     "w 4 0x10; w 2 1; r 2; w 0 1; w 0 2; r 5; w 2 1; r 5; w 2 3; r 5; r 0; w 0 3; r 5; w 2 5; r 5; w 2 0; r 2; r 5; w 0 4; r 5; w 2 1; r 5; w 0 5; w 2 0xc7; r 2; r 5; w 2 6; r 2; w 0 6; w 2 2; r 5; r 0; r 5")

UART(trigger, .id = "uart.trigger", .title = "received data interrupts at the trigger level",
     .clause = SHEET "8.5 bits 6 and 7, 8.11",
     .uart = SLOW
     "w 4 0x10; w 1 1; w 2 0x07; w 0 1; r 2; r 0; w 2 0x47; w 0 1; w 0 2; w 0 3; r 2; w 0 4; r 2; r 0; r 2; w 2 0x87; w 0 1; w 0 2; w 0 3; w 0 4; w 0 5; w 0 6; w 0 7; r 2; w 0 8; r 2; r 0; w 2 0xc7; w 0 1; w 0 2; w 0 3; w 0 4; w 0 5; w 0 6; w 0 7; w 0 8; w 0 9; w 0 10; w 0 11; w 0 12; w 0 13; r 2; w 0 14; r 2; w 2 0x41; r 2; r 5; r 0")

UART(overrun, .id = "uart.overrun",
     .title = "a byte too many is an overrun; the FIFO keeps what it has, RBR does not",
     .clause = SHEET "8.4 bit 1",
     .uart = SLOW
     "w 4 0x10; w 1 4; w 0 0x21; w 0 0x22; r 2; r 5; r 2; r 0; w 2 1; w 0 1; w 0 2; w 0 3; w 0 4; w 0 5; w 0 6; w 0 7; w 0 8; w 0 9; w 0 10; w 0 11; w 0 12; w 0 13; w 0 14; w 0 15; w 0 16; r 5; w 0 17; r 2; r 5; r 5; r 2; take 16; r 5; r 0")

UART(priority, .id = "uart.priority",
     .title =
	     "line status, received data and THRE are told in this order, and cleared each its way",
     .clause = SHEET "8.8 table IV",
     .uart = SLOW
     "w 4 0x10; w 1 0x0f; r 2; r 2; w 0 1; r 2; w 0 2; r 2; r 5; r 2; r 0; r 2; r 2; w 0 3; r 2; w 1 2; r 2; r 2; w 1 0; r 0; r 5; w 1 5; w 0 4; w 0 5; r 2; w 1 1; r 2; w 1 0; r 2; r 5; r 0")

UART(thre, .id = "uart.thre",
     .title = "THRE is told once: after each byte, and when it is switched on",
     .clause = SHEET "8.8 table IV",
     .uart = SLOW
     "w 1 2; r 2; r 2; w 1 3; r 2; w 1 1; w 1 3; r 2; w 0 0x41; r 2; w 0 0x42; r 2; r 2; w 1 0; w 0 0x43; r 2; w 1 2; r 5; r 2; w 2 5; r 2; r 2")

UART(loopback, .id = "uart.loopback",
     .title =
	     "in loopback what is sent is received, and the host hears nothing; outputs are inputs",
     .clause = SHEET "8.6 bit 4",
     .uart = SLOW
     "hopen 0; r 6; w 4 0x10; r 6; w 4 0x11; r 6; r 6; w 4 0x12; r 6; w 4 0x14; r 6; w 4 0x18; r 6; w 4 0x1f; r 6; w 0 0x5a; r 5; r 0; w 3 0; w 0 0xff; r 0; w 3 1; w 0 0xff; r 0; w 3 2; w 0 0xa5; r 0; w 3 3; w 1 8; r 2; w 4 0x10; r 2; r 6; w 4 0; r 2; r 6; w 0 0x41")

UART(modem, .id = "uart.modem",
     .title = "the modem lines are up; outputs change nothing but what they read",
     .clause = SHEET "8.6, 8.7; qemu/hw/char/serial.c serial_reset()",
     .uart = "w 1 8; r 6; w 4 0; r 6; w 4 1; r 4; r 6; w 4 3; r 6; w 4 0x0f; r 4; r 6; r 2; hopen 0; r 6; r 2; hclose 0; r 6; r 2")
