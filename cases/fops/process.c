// SPDX-License-Identifier: GPL-2.0-or-later
/* process.c - a port in the hands of several processes and descriptors; what the driver counts */
#include "cases/fops/fops.h"

/* A port is closed when the last descriptor of it is (port_fops_release()). */
static const char fork_script[] = "open a 0 rdwr = ok\n"
				  "host open\n"
				  "until a = OUT\n"
				  "child write a 10 = 10\n"
				  "write a 5 = 5\n"
				  "host hears 15\n"
				  "host send 30\n"
				  "until a = IN,RDNORM,OUT\n"
				  "child read a 10 = 10\n"
				  "read a 15 = 15\n"
				  "child poll a = IN,RDNORM,OUT\n"
				  "child read a 100 = 5\n"
				  "poll a = OUT\n"
				  "child close a = ok\n"
				  "write a 7 = 7\n"
				  "host hears 7\n"
				  "host frontend open\n"
				  "dup a b = ok\n"
				  "close a = ok\n"
				  "open a 0 rdwr = EBUSY\n"
				  "write b 8 = 8\n"
				  "host hears 8\n"
				  "host send 5\n"
				  "until b = IN,RDNORM,OUT\n"
				  "read b 100 = 5\n"
				  "keep = ok\n"
				  "close b = ok\n"
				  "open a 0 rdwr = EBUSY\n"
				  "host frontend open\n"
				  "keep-no-more = ok\n"
				  "host frontend closed\n"
				  "open a 0 rdwr = ok\n"
				  "exec a = closed\n"
				  "close a = ok\n"
				  "open a 0 rdwr,exec = ok\n"
				  "exec a = open\n"
				  "until a = OUT\n"
				  "write a 9 = 9\n"
				  "host hears 9\n"
				  "close a = ok\n"
				  "host frontend closed";

CASE(fops_fork, .id = "fops.fork",
     .title = "children and duplicates share a port, and the host is told that it is closed when "
	      "the last of them has gone",
     .clause = "linux/drivers/char/virtio_console.c port_fops_release(); qapi/char.json "
	       "frontend-open",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = fops_plan)
{
	fops_run(t, fork_script);
}

/* Nobody has read them when the port is closed: those are discarded, and counted. */
static const char counters_script[] = "debugfs 0 guest_connected = 0\n"
				      "debugfs 0 host_connected = 0\n"
				      "debugfs 0 outvq_full = 0\n"
				      "debugfs 0 bytes_sent = 0\n"
				      "debugfs 0 bytes_received = 0\n"
				      "debugfs 0 bytes_discarded = 0\n"
				      "debugfs 0 is_console = no\n"
				      "open a 0 rdwr = ok\n"
				      "debugfs 0 guest_connected = 1\n"
				      "host open\n"
				      "until a = OUT\n"
				      "debugfs 0 host_connected = 1\n"
				      "write a 1 = 1\n"
				      "debugfs 0 bytes_sent = 1\n"
				      "write-all a 70000 = 70000\n"
				      "splice a 5000 = 5000\n"
				      "debugfs 0 bytes_sent = 75001\n"
				      "host hears-all\n"
				      "host send 1\n"
				      "until a = IN,RDNORM,OUT\n"
				      "debugfs 0 bytes_received = 1\n"
				      "read a 1 = 1\n"
				      "host send 60000\n"
				      "read-all a 60000 = 60000\n"
				      "debugfs 0 bytes_received = 60001\n"
				      "debugfs 0 bytes_discarded = 0\n"
				      "host send 100\n"
				      "until a = IN,RDNORM,OUT\n"
				      "read a 30 = 30\n"
				      "close a = ok\n"
				      "skip a 70 = ok\n"
				      "debugfs 0 bytes_discarded = 70\n"
				      "debugfs 0 bytes_received = 60101\n"
				      "debugfs 0 guest_connected = 0\n"
				      "host frontend closed\n"
				      "open a 0 rdwr = ok\n"
				      "fill a = EAGAIN\n"
				      "host throttled\n"
				      "fill a = EAGAIN\n"
				      "debugfs 0 outvq_full = 1\n"
				      "host hears-all\n"
				      "until a = OUT\n"
				      "debugfs 0 outvq_full = 0\n"
				      "host send 5\n"
				      "until a = IN,RDNORM,OUT\n"
				      "read a 5 = 5\n"
				      "host close\n"
				      "until a = IN,RDNORM,HUP\n"
				      "debugfs 0 host_connected = 0";

CASE(fops_counters, .id = "fops.counters",
     .title = "the driver counts exactly the bytes that passed and those it dropped, and knows who "
	      "is there",
     .clause = "linux/drivers/char/virtio_console.c port_debugfs_show()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL}, .plan = fops_plan)
{
	fops_run(t, counters_script);
}

/* A terminal's bytes that nobody read it throws away itself: none that the driver has dropped. */
static const char console_counters[] = "debugfs 0 is_console = yes\n"
				       "debugfs 0 guest_connected = 1\n"
				       "debugfs 0 host_connected = 1\n"
				       "debugfs 0 bytes_sent = 0\n"
				       "debugfs 0 bytes_received = 0\n"
				       "open a 0 rdwr = ok\n"
				       "host open\n"
				       "write a 1 = 1\n"
				       "drained a = ok\n"
				       "debugfs 0 bytes_sent = 1\n"
				       "write-all a 3000 = 3000\n"
				       "drained a = ok\n"
				       "debugfs 0 bytes_sent = 3001\n"
				       "host hears-all\n"
				       "host send 1\n"
				       "read a 1 = 1\n"
				       "debugfs 0 bytes_received = 1\n"
				       "host send 2000\n"
				       "read-all a 2000 = 2000\n"
				       "debugfs 0 bytes_received = 2001\n"
				       "host send 100\n"
				       "queued a = 100\n"
				       "close a = ok\n"
				       "skip a 100 = ok\n"
				       "debugfs 0 bytes_received = 2101\n"
				       "debugfs 0 bytes_discarded = 0\n"
				       "debugfs 0 outvq_full = 0\n"
				       "debugfs 0 guest_connected = 1\n"
				       "host close\n"
				       "host gone\n"
				       "debugfs 0 host_connected = 1\n";

/* Sent, received, lost. */
static const char uart_counters[] = "open a 0 rdwr = ok\n"
				    "icount a = 0 0 0\n"
				    "host open\n"
				    "write a 1 = 1\n"
				    "drained a = ok\n"
				    "icount a = 1 0 0\n"
				    "write-all a 200 = 200\n"
				    "drained a = ok\n"
				    "icount a = 201 0 0\n"
				    "host hears-all\n"
				    "host send 1\n"
				    "read a 1 = 1\n"
				    "icount a = 201 1 0\n"
				    "host send 2000\n"
				    "read-all a 2000 = 2000\n"
				    "icount a = 201 2001 0\n"
				    "host close\n"
				    "host gone\n"
				    "write a 10 = 10\n"
				    "drained a = ok\n"
				    "host misses 10\n"
				    "icount a = 211 2001 0\n"
				    "close a = ok\n";

CASE(fops_counters_tty, .id = "fops.counters-tty",
     .title = "the drivers of terminals, too, count exactly the bytes that passed, and none was "
	      "lost",
     .clause = "linux/drivers/char/virtio_console.c port_debugfs_show(); tty_ioctl(2) TIOCGICOUNT",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", NULL},
     .lacks = fops_lacks, .plan = fops_plan)
{
	fops_run(t, trial_is(t, "device", "virtconsole") ? console_counters : uart_counters);
}
