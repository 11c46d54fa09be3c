// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * offline.c - what is written while no host is there, however much it is
 *
 * Nobody holds it: neither guest nor QEMU has the memory for the long one, and the writer stands at
 * its first bytes until the host has come.
 */
#include <inttypes.h>

#include "cases/fops/fops.h"

#define SMALL 10
#define BIG   (1ULL << 30)
#define BLOCK 65536

CASE(fops_offline, .id = "fops.offline",
     .title = "a write while the host is away waits, and all of it comes once the host does, "
	      "byte for byte",
     .clause = "linux/drivers/char/virtio_console.c wait_port_writable(); "
	       "qemu/hw/char/virtio-serial-bus.c virtio_serial_open()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"size", "backend", NULL}, .plan = fops_plan)
{
	uint64_t n = trial_is(t, "size", "big") ? BIG : SMALL;
	struct buf s = BUF_INIT;

	buf_addf(&s,
		 "open a 0 wronly = ok\n"
		 "A: write-all a %" PRIu64 " %d\n"
		 "A sleeps\n"
		 "host open\n"
		 "host hears %" PRIu64 "\n"
		 "A = %" PRIu64 "\n"
		 "close a = ok",
		 n, BLOCK, n, n);
	fops_run(t, s.data);
	buf_release(&s);
}
