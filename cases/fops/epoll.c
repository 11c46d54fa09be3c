// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * epoll.c - a set of descriptors that is kept: edges, what is told once, what nobody asked for
 *
 * The driver wakes who waits for each interrupt that brings bytes or gives buffers back, and for
 * each change of the host end (in_intr(), out_intr(), handle_control_message()); an edge is such a
 * wake-up, so each needs QEMU's interrupt.
 */
#include "cases/fops/fops.h"

#include <stdlib.h>

static const char level_script[] = "open a 0 rdwr = ok\n"
				   "select a = r\n"
				   "eadd a IN,OUT = ok\n"
				   "eadd a IN = EEXIST\n"
				   "ewait = a:IN,HUP\n"
				   "ewait = a:IN,HUP\n"
				   "eready = IN\n";

/* The third wake-up comes for new bytes, though nobody has read those before them. */
static const char edge_script[] = "emod a IN,OUT et = ok\n"
				  "ewait = a:IN,HUP\n"
				  "ewait = none\n"
				  "eready = none\n"
				  "A: ewait wait\n"
				  "A sleeps\n"
				  "host open\n"
				  "A = a:OUT\n"
				  "ewait = none\n"
				  "select a = w\n"
				  "A: ewait wait\n"
				  "A sleeps\n"
				  "host send 10\n"
				  "A = a:IN,OUT\n"
				  "ewait = none\n"
				  "select a = rw\n"
				  "A: ewait wait\n"
				  "A sleeps\n"
				  "host send 20\n"
				  "A = a:IN,OUT\n"
				  "read a 100 = 10\n"
				  "read a 100 = 20\n"
				  "ewait = none\n";

static const char once_script[] = "emod a IN,OUT oneshot = ok\n"
				  "ewait = a:OUT\n"
				  "ewait = none\n"
				  "host send 5\n"
				  "until a = IN,RDNORM,OUT\n"
				  "ewait = none\n"
				  "emod a IN = ok\n"
				  "ewait = a:IN\n"
				  "read a 100 = 5\n"
				  "ewait = none\n"
				  "eready = none\n";

static const char full_script[] = "fill a = EAGAIN\n"
				  "host throttled\n"
				  "fill a = EAGAIN\n"
				  "select a = none\n"
				  "emod a OUT et = ok\n"
				  "ewait = none\n"
				  "A: ewait wait\n"
				  "A sleeps\n"
				  "host hears-all\n"
				  "A = a:OUT\n";

/* A descriptor that was closed is told of as long as another one of its file is open. */
static const char gone_script[] = "emod a PRI = ok\n"
				  "ewait = none\n"
				  "A: ewait wait\n"
				  "A sleeps\n"
				  "host close\n"
				  "A = a:HUP\n"
				  "select a = r\n"
				  "host open\n"
				  "until a = OUT\n"
				  "ewait = none\n"
				  "emod a IN,OUT = ok\n"
				  "dup a b = ok\n"
				  "eadd b OUT = ok\n"
				  "ewait = a:OUT b:OUT\n"
				  "close b = ok\n"
				  "ewait = a:OUT b:OUT\n"
				  "edel a = ok\n"
				  "ewait = b:OUT\n"
				  "close a = ok\n"
				  "ewait = none\n"
				  "open a 0 rdwr = ok\n"
				  "edel a = ENOENT\n"
				  "ewait = none";

CASE(fops_epoll, .id = "fops.epoll",
     .title = "who waits with epoll is woken once for each change and all bytes that come, and "
	      "with select too sees what is so",
     .clause = "linux/drivers/char/virtio_console.c port_fops_poll(), in_intr(), out_intr(); "
	       "epoll(7)",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = fops_plan)
{
	char *script = xasprintf("%s%s%s%s%s", level_script, edge_script, once_script, full_script,
				 gone_script);

	fops_run(t, script);
	free(script);
}
