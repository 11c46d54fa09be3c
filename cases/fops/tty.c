// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tty.c - the file interface where the node is a terminal: virtconsole, isa-serial, usb-serial
 *
 * A terminal can be opened many times and knows nothing of a host: it does not hang up, a read
 * waits and a write ends whoever is there (linux/drivers/tty/tty_io.c, n_tty.c). It is raw, VMIN 1.
 */
#include "cases/fops/fops.h"

#include <stdlib.h>

static const char tty_script[] = "open a 0 rdwr = ok\n"
				 "open b 0 rdwr,nonblock = ok\n"
				 "child open c 0 wronly = ok\n"
				 "read b 10 = EAGAIN\n"
				 "readv b 5 5 = EAGAIN\n"
				 "lseek a = ESPIPE\n"
				 "pread a 10 = ESPIPE\n"
				 "pwrite a 10 = ESPIPE\n"
				 "fsync a = EINVAL\n"
				 "mmap a = ENODEV\n"
				 "write-bad a = EFAULT\n"
				 "write a 0 = 0\n"
				 "poll a = OUT,WRNORM\n"
				 "epoll a = OUT,WRNORM\n"
				 "write a 10 = 10\n"
				 "drained a = ok\n"
				 "host misses 10\n"
				 "host open\n"
				 "A: read-all a 4\n"
				 "A sleeps\n"
				 "host send 4\n"
				 "A = 4\n"
				 "A: poll-wait a IN\n"
				 "A sleeps\n"
				 "host send 10\n"
				 "A = IN\n"
				 "queued a = 10\n"
				 "poll a = IN,RDNORM,OUT,WRNORM\n"
				 "epoll b = IN,RDNORM,OUT,WRNORM\n"
				 "read b 4 = 4\n"
				 "read a 100 = 6\n"
				 "read b 1 = EAGAIN\n"
				 "poll a = OUT,WRNORM\n"
				 "writev a 10 20 30 = 60\n"
				 "child write b 40 = 40\n"
				 "splice a 50 = 50\n"
				 "vmsplice a 60 = 60\n"
				 "host hears 210\n";

/* A host that leaves is no event, and what had come stays. */
static const char tty_signals[] = "async a plain = ok\n"
				  "host send 5\n"
				  "signals a = IN,OUT\n"
				  "queued a = 5\n"
				  "async a off = ok\n"
				  "async a plain = ok\n"
				  "host close\n"
				  "host gone\n"
				  "write a 10 = 10\n"
				  "drained a = ok\n"
				  "host misses 10\n"
				  "poll a = IN,RDNORM,OUT,WRNORM\n"
				  "read a 100 = 5\n"
				  "poll a = OUT,WRNORM\n"
				  "signals-now a = no signal\n"
				  "async a off = ok\n"
				  "A: read a 10\n"
				  "A sleeps\n"
				  "A interrupted\n"
				  "A = EINTR\n"
				  "A: read-all a 10\n"
				  "A sleeps\n"
				  "A interrupted-restart\n"
				  "A sleeps\n"
				  "host open\n"
				  "host send 10\n"
				  "A = 10\n"
				  "async a queued = ok\n"
				  "host close\n"
				  "host gone\n"
				  "host open\n"
				  "host send 1\n"
				  "signals a = 1 IN,RDNORM\n"
				  "read a 10 = 1\n"
				  "async a plain A = ok\n"
				  "A: poll-wait a IN\n"
				  "A sleeps\n"
				  "host send 5\n"
				  "A = IN\n"
				  "signals a = IN,OUT\n"
				  "queued a = 5\n"
				  "readv a 2 2 10 = 5\n"
				  "async a off = ok\n"
				  "exec a = closed\n"
				  "dup a c = ok\n"
				  "close a = ok\n"
				  "close b = ok\n"
				  "write c 20 = 20\n"
				  "host hears 20\n"
				  "close c = ok\n";

CASE(fops_tty, .id = "fops.tty",
     .title = "a port that is a terminal opens many times, waits for bytes and not for a host, and "
	      "tells of bytes and not of hosts",
     .clause = "linux/drivers/tty/tty_io.c, n_tty.c; hvc/hvc_console.c; serial/8250",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", NULL},
     .lacks = fops_lacks, .plan = fops_plan)
{
	char *script = xasprintf("%s%s", tty_script, tty_signals);

	fops_run(t, script);
	free(script);
}

/*
 * QEMU's UART keeps the byte that its backend does not take, and says that it is still sending
 * (hw/char/serial.c serial_xmit()); so the guest's buffer fills.
 */
static const char tty_full[] = "open a 0 rdwr = ok\n"
			       "host open\n"
			       "host send 1\n"
			       "read-all a 1 = 1\n"
			       "host weighs\n"
			       "fill a = EAGAIN\n"
			       "host watches\n"
			       "poll a = none\n"
			       "nonblock a = ok\n"
			       "write a 1 = EAGAIN\n"
			       "host send 5\n"
			       "queued a = 5\n"
			       "poll a = IN,RDNORM\n"
			       "read a 10 = 5\n"
			       "block a = ok\n"
			       "A: write a 10\n"
			       "A sleeps\n"
			       "A interrupted\n"
			       "A = EINTR\n"
			       "A: write a 10\n"
			       "A sleeps\n"
			       "A interrupted-restart\n"
			       "A sleeps\n"
			       "host hears-all\n"
			       "A = 10\n"
			       "host hears 10\n"
			       "drained a = ok\n"
			       "fill a = EAGAIN\n"
			       "A: write-all a 3000\n"
			       "A sleeps\n"
			       "B: read-all a 3\n"
			       "B sleeps\n"
			       "host send 3\n"
			       "B = 3\n"
			       "A sleeps\n"
			       "host hears-all\n"
			       "host hears 3000\n"
			       "A = 3000\n"
			       "drained a = ok\n"
			       "fill a = EAGAIN\n"
			       "A: write-all a 3000\n"
			       "A sleeps\n"
			       "host close\n";

/* QEMU is told of it, and its backend takes what comes for nobody. */
static const char tty_told[] = "A = 3000\n"
			       "drained a = ok\n"
			       "host misses-all\n"
			       "host open\n"
			       "host send 1\n"
			       "read-all a 1 = 1\n";

static const char tty_untold[] = "A sleeps\n"
				 "host open\n"
				 "host hears-all\n"
				 "host hears 3000\n"
				 "A = 3000\n"
				 "drained a = ok\n";

/* Who closes waits for what was written (linux/drivers/tty/tty_port.c tty_port_close_start(), for
 * half a minute). */
static const char tty_closed[] = "write a 20 = 20\n"
				 "host hears 20\n"
				 "fill a = EAGAIN\n"
				 "A: close a\n"
				 "A sleeps\n"
				 "host hears-all\n"
				 "A = ok\n"
				 "open a 0 rdwr = ok\n"
				 "write a 20 = 20\n"
				 "host hears 20\n"
				 "host send 5\n"
				 "read-all a 5 = 5\n"
				 "close a = ok\n";

CASE(fops_tty_full, .id = "fops.tty-full",
     .title = "a UART whose host does not read holds its writer up, not its reader, and who closes "
	      "it, and loses nothing; when QEMU is told that the host has left the writer goes on, "
	      "and the next host hears what is new",
     .clause = "qemu/hw/char/serial.c serial_xmit()", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "backend", NULL}, .plan = fops_plan)
{
	bool told = trial_is(t, "backend", "unix");
	char *script = xasprintf("%s%s%s", tty_full, told ? tty_told : tty_untold, tty_closed);

	fops_run(t, script);
	free(script);
}

/*
 * A write that is larger than what is free takes that much, and says so: at once if it is not to
 * wait, else when a signal ends its wait, also one after which others start again. Whoever asked
 * for signals gets one when there is room again (linux/drivers/tty/n_tty.c n_tty_write(),
 * n_tty_write_wakeup()).
 */
static const char uart_part[] = "open a 0 rdwr = ok\n"
				"host open\n"
				"host send 1\n"
				"read-all a 1 = 1\n"
				"nonblock a = ok\n"
				"write-part a 20000 = part\n"
				"fill a = EAGAIN\n"
				"write a 20000 = EAGAIN\n"
				"writev a 5000 5000 = EAGAIN\n"
				"async a queued = ok\n"
				"write a 1 = EAGAIN\n"
				"signals-now a = no signal\n"
				"host hears-all\n"
				"signals a = 1 OUT,WRNORM,WRBAND\n"
				"drained a = ok\n"
				"signals-now a = no signal\n"
				"async a off = ok\n"
				"block a = ok\n"
				"A: write-part a 20000\n"
				"A sleeps\n"
				"A interrupted\n"
				"A = part\n"
				"host hears-all\n"
				"drained a = ok\n"
				"A: write-part a 20000\n"
				"A sleeps\n"
				"host hears 2000\n"
				"A sleeps\n"
				"A interrupted-restart\n"
				"A = part\n"
				"host hears-all\n"
				"write a 20 = 20\n"
				"host hears 20\n"
				"close a = ok\n";

CASE(fops_tty_part, .id = "fops.tty-part",
     .title =
	     "a write to a UART that is larger than what is free takes that much and says how "
	     "much that was; it comes once and in order, and a signal tells when there is room again",
     .clause = "linux/drivers/tty/n_tty.c n_tty_write(); qemu/hw/char/serial.c serial_xmit()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", NULL},
     .plan = fops_plan)
{
	fops_run(t, uart_part);
}

/*
 * A controller with one port does not offer MULTIPORT. Nobody tells Linux of ports then: it takes
 * the one there is for a console (virtcons_probe()), whether QEMU has one there by then or not.
 */
CASE(fops_no_multiport, .id = "fops.no-multiport",
     .title = "without MULTIPORT the only port is a console that carries bytes as any other",
     .clause = "virtio-1.2/console/C-05; linux/drivers/char/virtio_console.c virtcons_probe()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "plug", NULL}, .plan = fops_plan_no_multiport)
{
	char *script = xasprintf("%s%s", tty_script, tty_signals);

	fops_run(t, script);
	free(script);
}
