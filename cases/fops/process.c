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
