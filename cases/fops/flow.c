// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flow.c - whoever does not read holds the other side up, and nobody else
 *
 * The guest has one CPU. "throttled" and "floods" have a bound on what is held without a reader,
 * "watches" on what QEMU has of it (see watch.c).
 */
#include "cases/fops/fops.h"

#include <stdlib.h>

#define FULL "fill a = EAGAIN\nhost throttled\nfill a = EAGAIN\npoll a = none\n"
/* The writer is stuck, and then the host reads a little. */
#define SOME "A sleeps\nhost hears 300000\n"

static const char stall_script[] =
	"open a 0 rdwr = ok\n"
	"host open\n"
	"until a = OUT\n"
	"host weighs\n" FULL "host hears-all\n"
	"until a = OUT\n" FULL "host watches\n"
	"host expects 3000000\n"
	"A: write-all a 3000000 4096\n" SOME SOME SOME SOME SOME "A sleeps\n"
	"host watches\n"
	"host hears-expected\n"
	"A = 3000000\n"
	"until a = OUT\n"
	"write a 10 = 10\n"
	"host hears 10\n"
	"close a = ok";

CASE(flow_stall, .id = "fops.stall",
     .title = "a host that does not read stops the port's writer, not the guest nor the monitor, "
	      "and gets every byte once it reads, however often that happens",
     .clause = "qemu/hw/char/virtio-console.c flush_buf(), chr_write_unblocked()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"backend", "role", NULL}, .plan = fops_plan)
{
	fops_run(t, stall_script);
}

static const char flood_script[] = "open a 0 rdwr = ok\n"
				   "host open\n"
				   "until a = OUT\n"
				   "host weighs\n"
				   "host floods\n"
				   "until a = IN,RDNORM,OUT\n"
				   "read-all a 20000 = 20000\n"
				   "write a 10 = 10\n"
				   "host hears 10\n"
				   "host floods\n"
				   "write a 10 = 10\n"
				   "host hears 10\n"
				   "read-rest a\n"
				   "until a = OUT\n"
				   "host floods\n"
				   "host offers\n"
				   "A: read-all a 40000\n"
				   "A = 40000\n"
				   "read-rest a\n"
				   "host send 10\n"
				   "read-all a 10 = 10\n"
				   "close a = ok";

CASE(flow_flood, .id = "fops.flood",
     .title = "a guest that does not read stops the host, not its own output nor the monitor, and "
	      "gets every byte once it reads",
     .clause = "qemu/hw/char/virtio-console.c chr_can_read(), guest_writable()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = fops_plan)
{
	fops_run(t, flood_script);
}

/* A terminal holds 4 KiB and what it was given before it noticed; the rest stays in the queue. */
static const char flood_console_script[] = "open a 0 rdwr = ok\n"
					   "host open\n"
					   "host weighs\n"
					   "host floods\n"
					   "host offers\n"
					   "write a 10 = 10\n"
					   "drained a = ok\n"
					   "host hears 10\n"
					   "read-all a 20000 = 20000\n"
					   "host offers\n"
					   "read-rest a\n"
					   "host send 10\n"
					   "read-all a 10 = 10\n"
					   "close a = ok";

CASE(flow_flood_console, .id = "fops.flood-console",
     .title = "a guest that does not read its console stops the host, not its own output nor the "
	      "monitor, and gets every byte once it reads",
     .clause = "qemu/hw/char/virtio-console.c chr_can_read(); linux/drivers/tty/hvc/hvc_console.c "
	       "hvc_poll()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "backend", NULL}, .plan = fops_plan)
{
	fops_run(t, flood_console_script);
}

/* Bytes for a port that the guest has closed stay with who sends them, as many as buffers hold. */
static const char flood_closed_script[] = "host open\n"
					  "host weighs\n"
					  "host floods 1000\n"
					  "open a 0 rdwr = ok\n"
					  "until a = IN,RDNORM,OUT\n"
					  "read-rest a\n"
					  "until a = OUT\n"
					  "write a 10 = 10\n"
					  "host hears 10\n"
					  "close a = ok\n"
					  "host frontend closed\n"
					  "host floods 1000\n"
					  "host offers\n"
					  "open a 0 rdwr = ok\n"
					  "read-rest a\n"
					  "host floods 1000\n"
					  "read-rest a\n"
					  "host send 10\n"
					  "read-all a 10 = 10\n"
					  "close a = ok";

CASE(flow_flood_closed, .id = "fops.flood-closed",
     .title =
	     "a port that the guest has not opened, or has closed, stops the host, and gives every "
	     "byte once it is opened",
     .clause = "qemu/hw/char/virtio-console.c chr_can_read()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL}, .plan = fops_plan)
{
	fops_run(t, flood_closed_script);
}

/*
 * A console is not held up: flush_buf() drops what the backend does not take. Nor does a udp
 * backend hold anybody up, whatever is in front of it: the kernel drops datagrams that do not fit
 * (udp(7)). Pieces of one size, so that none fits behind one that did not: those of a UART, which
 * takes its time, are single bytes.
 */
static const char drops_script[] = "open a 0 rdwr = ok\n"
				   "host open\n"
				   "%s"
				   "host send 5\n"
				   "%s"
				   "read-all a 5 = 5\n"
				   "write-all a %d 4096 = %d\n"
				   "host weighs\n"
				   "write-all a %d 4096 = %d\n"
				   "%s"
				   "host watches\n"
				   "host takes\n"
				   "write a 20 = 20\n"
				   "host resumes 20\n"
				   "host send 7\n"
				   "read-all a 7 = 7\n"
				   "close a = ok";

CASE(flow_drops, .id = "fops.drops",
     .title = "a console, and a port over datagrams, is not held up by a host that does not read: "
	      "its first bytes are kept, and what it sends once the host has read them",
     .clause = "qemu/hw/char/virtio-console.c flush_buf(); udp(7)", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", "backend", NULL},
     .lacks = fops_lacks, .plan = fops_plan)
{
	bool tty = !trial_is(t, "device", "virtserialport");
	bool uart = trial_is(t, "device", "isa-serial"), usb = trial_is(t, "device", "usb-serial");
	bool udp = trial_is(t, "backend", "udp");
	int some = uart ? 2000 : 102400;
	/* Bytes, and a usb-serial's small transfers, go one after the other: on a busy host some
	 * 6,000 of those in a second, 140,000 bytes of these. */
	int many = uart ? 40000 : usb ? 409600 : 6144000;
	char *script = xasprintf(drops_script, udp ? "host holds-little\n" : "",
				 tty ? "" : "until a = IN,RDNORM,OUT\n", some, some, many, many,
				 tty ? "drained a = ok\n" : "");

	fops_run(t, script);
	free(script);
}

/* Every port has queues of its own, but one loop of QEMU serves them all. */
static const char apart_script[] = "open a 0 rdwr = ok\n"
				   "open b 1 rdwr = ok\n"
				   "open c 2 rdwr = ok\n"
				   "host open\n"
				   "host1 open\n"
				   "host2 open\n"
				   "until a = OUT\n"
				   "until b = OUT\n"
				   "until c = OUT\n" FULL "A: write a 10\n"
				   "A sleeps\n"
				   "host1 floods\n"
				   "until b = IN,RDNORM,OUT\n"
				   "host2 expects 2000000\n"
				   "B: write-all c 2000000 4096\n"
				   "host2 hears-expected\n"
				   "B = 2000000\n"
				   "B: read-all c 1000000\n"
				   "host2 send 1000000\n"
				   "B = 1000000\n"
				   "host send 5\n"
				   "until a = IN,RDNORM\n"
				   "read a 10 = 5\n"
				   "write-all b 100000 = 100000\n"
				   "host1 hears 100000\n"
				   "A sleeps\n"
				   "poll b = IN,RDNORM,OUT\n"
				   "host hears-all\n"
				   "A = 10\n"
				   "read-rest b\n"
				   "until b = OUT\n"
				   "until a = OUT\n"
				   "poll c = OUT\n"
				   "host hears-all\n"
				   "close a = ok\n"
				   "close b = ok\n"
				   "close c = ok";

CASE(flow_apart, .id = "fops.apart",
     .title = "beside a port whose host does not read and one that the guest does not read, a "
	      "third one carries bytes both ways, and those two in their other direction",
     .clause = "qemu/hw/char/virtio-serial-bus.c virtio_serial_throttle_port(): of one port",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = fops_plan_three)
{
	fops_run(t, apart_script);
}

/* ---- nobody can ever be there */

static const char port_script[] = "open a 0 rdwr = ok\n"
				  "open b 1 rdwr,nonblock = ok\n"
				  "host open\n"
				  "until a = OUT\n"
				  "poll b = IN,RDNORM,HUP\n"
				  "read b 10 = 0\n"
				  "write b 10 = EAGAIN\n"
				  "write a 10 = 10\n"
				  "host hears-all\n"
				  "host send 10\n"
				  "read-rest a\n"
				  "poll b = IN,RDNORM,HUP\n"
				  "close b = ok\n"
				  "close a = ok";

/* A terminal does not know; what it is given must go somewhere. */
static const char console_script[] = "open a 0 rdwr = ok\n"
				     "open b 1 rdwr = ok\n"
				     "host open\n"
				     "poll b = OUT,WRNORM\n"
				     "write-all b 100000 = 100000\n"
				     "write a 10 = 10\n"
				     "host hears-all\n"
				     "host send 10\n"
				     "read-rest a\n"
				     "poll b = OUT,WRNORM\n"
				     "close b = ok\n"
				     "close a = ok";

CASE(no_backend, .id = "fops.no-backend",
     .title = "a port without a backend has no host, for ever; what is written to a console "
	      "without one is dropped; and the port beside it works",
     .clause = "qemu/hw/char/virtio-console.c virtconsole_realize(), flush_buf(): chardev= is "
	       "optional",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", NULL},
     .plan = fops_plan_no_backend)
{
	fops_run(t, trial_is(t, "device", "virtconsole") ? console_script : port_script);
}
