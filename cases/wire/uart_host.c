// SPDX-License-Identifier: GPL-2.0-or-later
/* uart_host.c - 16550A: the host's bytes, breaks and stalls; resets and moves in the middle */
#include "harness/run/cross.h"

#define SHEET "PC16550D data sheet, "
#define CHAR  "qemu/hw/char/serial.c "
/* A bit takes half a second: no character timeout comes that is not asked for. */
#define SLOW "w 3 0x83; w 0 0xff; w 1 0xff; w 3 3; "
#define FAST "w 3 0x83; w 0 1; w 1 0; w 3 3; "

UART(bytes, .id = "uart.bytes",
     .title = "bytes pass both ways, each once and in order, with FIFOs and without",
     .clause = SHEET "8.11",
     .uart = SLOW
     "hopen 0; w 1 1; w 0 0x41; w 0 0xff; w 0 0; hsend 0 1; r 2; r 5; r 0; r 5; hsend 0 5; take 5; r 2; w 2 0xc7; w 0 1; w 0 2; hsend 0 20; r 5; take 20; r 5; r 0; w 2 0; hsend 0 3; take 3; r 5")

UART(window, .id = "uart.window",
     .title = "a host that sends a lot overruns nothing: the FIFO fills to its trigger level",
     .clause = CHAR "serial_can_receive()",
     .uart = SLOW
     "w 1 1; w 2 0x87; hopen 0; hsend 0 100; r 2; r 5; take 30; r 5; w 1 0; take 70; r 5; w 1 1; r 2")

UART(neighbours, .id = "uart.neighbours",
     .title = "the ports of one device share the interrupt and nothing else",
     .clause = "qemu/docs/specs/pci-serial.rst",
     .uart = SLOW
     "w 7 0x11; w 1 2; at 1; r 7; w 7 0x22; r 1; r 2; w 1 2; r 2; r 2; at 0; r 7; r 2; at 1; w 1 0; at 0; w 1 0; r 7; hopen 0; hopen 1; w 0 0x41; at 1; w 0 0x42; hsend 0 2; at 0; take 2")

UART(timeout, .id = "uart.timeout",
     .title = "bytes below the trigger level interrupt once four characters' time has passed",
     .clause = SHEET "8.11 A, B",
     .uart = "hopen 0; " FAST "w 2 0xc7; hsend 0 2; timeout; r 2; " SLOW
	     "r 0; r 2; r 0; r 2; r 5; w 1 0; " FAST "w 4 0x10; w 0 9; timeout; w 2 0xc3; r 2; r 5")

UART(broken, .id = "uart.break",
     .title = "a break is a NUL with BI, told once, with FIFOs and without",
     .clause = SHEET "8.4 bit 4",
     .uart = SLOW
     "hopen 0; w 1 4; break 0; r 2; r 5; r 2; r 5; r 0; r 5; break 0; r 0; r 5; r 2; w 2 0x47; hsend 0 1; break 0; r 2; r 5; r 2; r 0; r 5; r 0; r 5; break 0; r 0; r 5; break 0; w 2 0x43; r 5; r 2; w 1 0; break 0; r 2; r 5; r 0; r 5")

UART(breaks, .id = "uart.breaks",
     .title = "seventeen breaks without FIFOs, each taken at once, are no overrun",
     .clause = SHEET "8.4 bit 1",
     .uart = "hopen 0; break 0; r 5; r 0; break 0; r 0; break 0; r 0; break 0; r 0; break 0; r 0; break 0; r 0; break 0; r 0; break 0; r 0; break 0; r 0; break 0; r 0; break 0; r 0; break 0; r 0; break 0; r 0; break 0; r 0; break 0; r 0; break 0; r 5; r 0; break 0; r 5; r 0; r 5")

UART(loop_host, .id = "uart.loopback-host",
     .title = "what the host sends during loopback, and what is there after it",
     .clause = SHEET "8.6 bit 4",
     .uart = SLOW "hopen 0; w 4 0x10; hsend 0 1; r 5; r 0; w 4 0; r 5; r 0; r 5")

UART(no_host, .id = "uart.no-host",
     .title = "without a host every byte leaves at once; one that comes later gets what is new",
     .clause = "qemu/chardev/char-socket.c tcp_chr_write()",
     .uart = SLOW
     "w 1 2; w 0 0x41; r 5; r 2; w 2 1; w 0 0x42; r 5; r 2; hopen 0; w 0 0x43; hclose 0; w 0 0x44; r 5; hopen 0; w 0 0x45; r 2")

UART(stall, .id = "uart.stall",
     .title = "a host that reads no more holds a byte back, and one behind it; nothing is lost",
     .clause = SHEET "8.4 bits 5 and 6",
     .uart = SLOW
     "hopen 0; stall 0; w 1 2; fill; r 5; r 2; r 2; w 0 1; r 5; r 2; w 0 2; r 5; unstall 0; r 5; r 2; w 0 3; r 5")

UART(stall_fifo, .id = "uart.stall-fifo",
     .title = "a host that reads no more holds a FIFO of bytes back; each comes once, in order",
     .clause = SHEET "8.4 bits 5 and 6, 8.11 A",
     .uart = SLOW
     "hopen 0; w 2 1; stall 0; w 1 2; fill; r 5; r 2; w 0 1; w 0 2; w 0 3; w 0 4; w 0 5; w 0 6; w 0 7; w 0 8; w 0 9; w 0 10; w 0 11; w 0 12; w 0 13; w 0 14; w 0 15; w 0 16; r 5; r 2; unstall 0; r 5; r 2; w 0 18")

UART(stall_more, .id = "uart.stall-more",
     .title = "bytes for a full transmit FIFO, and clearing it while the host stalls",
     .clause = SHEET "8.5 bit 2",
     .uart = SLOW
     "hopen 0; w 2 1; stall 0; fill; w 0 1; w 0 2; w 0 3; w 0 4; w 0 5; w 0 6; w 0 7; w 0 8; w 0 9; w 0 10; w 0 11; w 0 12; w 0 13; w 0 14; w 0 15; w 0 16; w 0 17; w 0 18; unstall 0; r 5; stall 0; fill; w 0 1; w 0 2; r 5; w 2 5; r 5; w 0 3; unstall 0; r 5")

UART(stall_left, .id = "uart.stall-left",
     .title = "a host that leaves in a stall: the bytes held are gone, what follows is not",
     .clause = CHAR "serial_watch_cb()",
     .uart = SLOW "hopen 0; w 2 1; stall 0; fill; w 0 1; w 0 2; r 5; hclose 0; r 5; w 0 3; r 5")

UART(reset, .id = "uart.reset", .title = "a reset in the middle puts every register back",
     .clause = SHEET "table I",
     .uart = SLOW
     "w 1 0x0f; w 7 0x55; w 4 0x1b; w 3 0x9b; w 0 0x12; w 1 0x34; w 3 0x1b; w 0 1; w 0 2; r 2; reset; r 1; r 2; r 3; r 4; r 5; r 6; r 7; r 0; w 3 0x80; r 0; r 1; w 3 3; r 5")

UART(reset_fifo, .id = "uart.reset-fifo", .title = "a reset with the FIFOs on, and bytes in them",
     .clause = SHEET "table I",
     .uart = SLOW
     "w 4 0x10; w 2 0x81; w 1 1; w 0 1; w 0 2; r 5; reset; r 2; r 5; r 0; r 5; w 4 0x10; w 0 3; w 0 4; r 5; r 0; r 5; r 0")

UART(reset_stall, .id = "uart.reset-stall",
     .title = "a reset while the host stalls drops what is held; the transmitter goes on",
     .clause = SHEET "table I",
     .uart = SLOW "hopen 0; stall 0; fill; w 0 1; r 5; reset; r 5; unstall 0; w 0 2; r 5; w 0 3")

UART(move, .id = "uart.saved", .title = "a machine that moves takes its UART's registers along",
     .clause = CHAR "vmstate_serial",
     .uart = "w 3 0x83; w 0 0x12; w 1 0x34; w 3 0x5b; w 7 0x55; w 4 0x0b; w 1 0x0d; saveload; r 1; r 2; r 3; r 4; r 5; r 6; r 7; w 3 0x83; r 0; r 1; w 3 3; hopen 0; w 0 0x41")

UART(move_fifo, .id = "uart.saved-fifo",
     .title = "a machine that moves takes received bytes along, and who waits for them",
     .clause = CHAR "vmstate_serial_recv_fifo",
     .uart = SLOW
     "hopen 0; w 2 0x47; w 1 3; r 2; hsend 0 3; r 5; saveload 0; r 2; r 5; w 1 0; w 1 1; w 4 0x10; w 0 9; r 2; take 4; r 5; w 4 0; hsend 0 4; r 2")

UART(move_stall, .id = "uart.saved-stall",
     .title = "a machine that moves takes along what its host did not get",
     .clause = CHAR "vmstate_serial_tsr",
     .uart = SLOW
     "hopen 0; w 2 1; stall 0; w 0 0x55; fill; w 0 1; w 0 2; r 5; saveload 0; r 5; w 0 3; r 5; w 1 2; r 2")

UART(move_nobody, .id = "uart.saved-stall-nobody",
     .title = "a byte held while its machine moves away from the host does not block the next",
     .clause = CHAR "serial_post_load()",
     .uart = SLOW
     "hopen 0; stall 0; fill; w 0 1; r 5; saveload; r 5; w 0 2; r 5; hopen 0; w 0 3; r 5; reset; r 5; w 0 4; r 5")

UART(stopped, .id = "uart.stopped",
     .title = "while the machine is stopped registers and host ends work, and nothing is lost",
     .clause = CHAR "has no look at the machine's state",
     .uart = SLOW
     "hopen 0; w 2 1; w 1 5; stop; w 0 65; hsend 0 3; r 5; r 2; cont; take 3; r 5; stop; stall 0; hsend 0 20; cont; unstall 0; w 0 66; take 16; stop; hclose 0; w 0 67; hopen 0; r 6; cont; w 0 68; stop; reset; r 1; r 5; cont; w 2 1; hsend 0 2; take 2; stop; w 1 2; r 2; r 2; saveload 0; w 1 1; hsend 0 1; take 1")
