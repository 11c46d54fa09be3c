// SPDX-License-Identifier: GPL-2.0-or-later
/* facts.c - what a device does over a backend */
#include "harness/vm/facts.h"

#include <stddef.h>
#include <string.h>

#include "harness/base/die.h"

/*
 * Common to all virtserialport rows. h2g: QEMU's virtio-console.c chr_can_read() is 0 until the
 * guest has opened its port, so bytes stay in the backend's own buffer. g2h: Linux's
 * virtio_console.c will_write_block() holds a writer while the host end is closed; where it opens
 * at once the backend's buffer takes the bytes, and when that is full virtserialport throttles
 * (flush_buf()).
 */
static const struct facts rows[] = {
	{"virtserialport", "unix", OPENS_WITH_PEER, BYTES_KEPT, true, BYTES_DROPPED, BYTES_DROPPED,
	 BYTES_DROPPED, "chardev/char-socket.c tcp_chr_connect()"},
	{"virtserialport", "tcp", OPENS_WITH_PEER, BYTES_KEPT, true, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_DROPPED, "chardev/char-socket.c tcp_chr_connect()"},
	{"virtserialport", "udp", OPENS_AT_ONCE, BYTES_KEPT, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_DROPPED,
	 "chardev/char-udp.c, since commit 45a6256830 (11.0); before, it never opened"},
	{"virtserialport", "pty", OPENS_WITH_PEER, BYTES_KEPT, true, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_KEPT, "chardev/char-pty.c pty_chr_state()"},
	{"virtserialport", "pipe", OPENS_AT_ONCE, BYTES_KEPT, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_KEPT, "chardev/char-pipe.c: both FIFOs are opened O_RDWR"},
	{"virtserialport", "file", OPENS_AT_ONCE, BYTES_KEPT, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_KEPT, "chardev/char-file.c, chardev/char-fd.c"},
	/*
	 * A console's host end is open from the start: QEMU's virtio-console.c
	 * virtconsole_realize() opens it. So Linux's hvc writes at any time, and QEMU's flush_buf()
	 * drops what the backend does not take: no throttling for consoles. Linux's
	 * init_port_console() opens the guest's end by itself, and what comes stays in the queue
	 * until a terminal is opened (hvc_poll()).
	 */
	{"virtconsole", "unix", OPENS_AT_ONCE, BYTES_DROPPED, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_DROPPED, "chardev/char-socket.c tcp_chr_write(): drops while disconnected"},
	{"virtconsole", "tcp", OPENS_AT_ONCE, BYTES_DROPPED, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_DROPPED, "chardev/char-socket.c tcp_chr_write(): drops while disconnected"},
	{"virtconsole", "udp", OPENS_AT_ONCE, BYTES_KEPT, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_DROPPED, "chardev/char-udp.c: sends whether it is open or not, so on all versions"},
	{"virtconsole", "pty", OPENS_AT_ONCE, BYTES_DROPPED, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_KEPT,
	 "chardev/char-pty.c char_pty_chr_write(): drops while nobody has the slave open"},
	{"virtconsole", "pipe", OPENS_AT_ONCE, BYTES_KEPT, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_KEPT,
	 "chardev/char-pipe.c: both FIFOs are opened O_RDWR, so up to 64 KiB wait in the kernel"},
	{"virtconsole", "file", OPENS_AT_ONCE, BYTES_KEPT, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_KEPT, "chardev/char-file.c, chardev/char-fd.c"},
	/*
	 * A UART has no way to tell the guest who is there; its terminal takes what comes only
	 * while it is open, and QEMU's hw/char/serial.c gives it 16 bytes at a time.
	 */
	{"isa-serial", "unix", OPENS_AT_ONCE, BYTES_DROPPED, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_DROPPED, "chardev/char-socket.c tcp_chr_write(): drops while disconnected"},
	{"isa-serial", "tcp", OPENS_AT_ONCE, BYTES_DROPPED, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_DROPPED, "chardev/char-socket.c tcp_chr_write(): drops while disconnected"},
	{"isa-serial", "pty", OPENS_AT_ONCE, BYTES_DROPPED, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_KEPT,
	 "chardev/char-pty.c char_pty_chr_write(): drops while nobody has the slave open"},
	{"isa-serial", "pipe", OPENS_AT_ONCE, BYTES_KEPT, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_KEPT, "chardev/char-pipe.c: both FIFOs are opened O_RDWR"},
	/* With always-plugged=on. What comes waits in a ring of 496 bytes for the guest to poll
	 * (hw/usb/dev-serial.c usb_serial_can_read()). */
	{"usb-serial", "unix", OPENS_AT_ONCE, BYTES_DROPPED, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_DROPPED, "chardev/char-socket.c tcp_chr_write(): drops while disconnected"},
	{"usb-serial", "pty", OPENS_AT_ONCE, BYTES_DROPPED, false, BYTES_KEPT, BYTES_DROPPED,
	 BYTES_KEPT,
	 "chardev/char-pty.c char_pty_chr_write(): drops while nobody has the slave open"},
};

const struct facts *facts_find(const char *device, const char *backend)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].device, device) == 0 && strcmp(rows[i].backend, backend) == 0)
			return &rows[i];
	die("facts.c has no row for %s over %s", device, backend);
}
