// SPDX-License-Identifier: GPL-2.0-or-later
/* signals.c - signals that tell of a port, and signals that interrupt who uses it */
#include "cases/fops/fops.h"

/* The driver sends one signal for each interrupt that brings bytes and one for each change of the
 * host end, all as POLL_OUT (send_sigio_to_port()); what is so, the handler asks of poll(). */
static const char sigio_script[] = "open a 0 rdwr = ok\n"
				   "async a plain = ok\n"
				   "host open\n"
				   "signals a = OUT\n"
				   "host send 10\n"
				   "signals a = IN,OUT\n"
				   "host close\n"
				   "signals a = IN,HUP\n"
				   "host open\n"
				   "signals a = IN,OUT\n"
				   "read a 100 = 10\n"
				   "host close\n"
				   "signals a = IN,HUP\n"
				   "host open\n"
				   "signals a = OUT\n"
				   "async a queued = ok\n"
				   "host send 10\n"
				   "signals a = 1 OUT,WRNORM,WRBAND\n"
				   "read a 100 = 10\n"
				   "host close\n"
				   "signals a = 1 OUT,WRNORM,WRBAND\n"
				   "async a off = ok\n"
				   "host open\n"
				   "until a = OUT\n"
				   "signals-now a = no signal\n"
				   "async a plain A = ok\n"
				   "A: poll-wait a IN\n"
				   "A sleeps\n"
				   "host send 10\n"
				   "A = IN\n"
				   "signals a = IN,OUT\n"
				   "read a 100 = 10\n"
				   "A: poll-wait a IN\n"
				   "A sleeps\n"
				   "host close\n"
				   "A = IN,HUP\n"
				   "signals a = IN,HUP\n"
				   "close a = ok";

CASE(fops_sigio, .id = "fops.sigio",
     .title = "a program that asked for signals gets one when the host comes, sends or goes, also "
	      "while it waits in poll",
     .clause = "linux/drivers/char/virtio_console.c send_sigio_to_port()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL}, .plan = fops_plan)
{
	fops_run(t, sigio_script);
}

/* In the order in which the host ends change; a port nothing happened to gives no signal. */
static const char sigio_three_script[] = "open a 0 rdwr = ok\n"
					 "open b 1 rdwr = ok\n"
					 "open c 2 rdwr = ok\n"
					 "async a queued = ok\n"
					 "async b queued = ok\n"
					 "async c queued = ok\n"
					 "host2 open\n"
					 "signals c = 1 OUT,WRNORM,WRBAND\n"
					 "host open\n"
					 "signals a = 1 OUT,WRNORM,WRBAND\n"
					 "signals-now b = no signal\n"
					 "signals-now c = no signal\n"
					 "poll a = OUT\n"
					 "poll b = IN,RDNORM,HUP\n"
					 "poll c = OUT\n"
					 "host1 open\n"
					 "signals b = 1 OUT,WRNORM,WRBAND\n"
					 "host send 10\n"
					 "host1 send 20\n"
					 "host2 send 30\n"
					 "signals a = 1 OUT,WRNORM,WRBAND\n"
					 "signals b = 1 OUT,WRNORM,WRBAND\n"
					 "signals c = 1 OUT,WRNORM,WRBAND\n"
					 "read b 100 = 20\n"
					 "poll a = IN,RDNORM,OUT\n"
					 "poll b = OUT\n"
					 "poll c = IN,RDNORM,OUT\n"
					 "host2 close\n"
					 "signals c = 1 OUT,WRNORM,WRBAND\n"
					 "poll c = IN,RDNORM,HUP\n"
					 "read c 100 = 30\n"
					 "read c 100 = 0\n"
					 "read a 100 = 10\n"
					 "async a plain = ok\n"
					 "async b plain = ok\n"
					 "async c plain = ok\n"
					 "host2 open\n"
					 "signals c = OUT\n"
					 "signals-now a = OUT\n"
					 "signals-now b = OUT\n"
					 "host1 close\n"
					 "signals b = IN,HUP\n"
					 "signals-now a = OUT\n"
					 "signals-now c = OUT\n"
					 "host1 open\n"
					 "signals b = OUT\n"
					 "async a queued = ok\n"
					 "async b queued = ok\n"
					 "async c queued = ok\n"
					 "host close-all\n"
					 "signals a = 1 OUT,WRNORM,WRBAND\n"
					 "signals b = 1 OUT,WRNORM,WRBAND\n"
					 "signals c = 1 OUT,WRNORM,WRBAND\n"
					 "poll a = IN,RDNORM,HUP\n"
					 "poll b = IN,RDNORM,HUP\n"
					 "poll c = IN,RDNORM,HUP\n"
					 "host open-all\n"
					 "signals a = 1 OUT,WRNORM,WRBAND\n"
					 "signals b = 1 OUT,WRNORM,WRBAND\n"
					 "signals c = 1 OUT,WRNORM,WRBAND\n"
					 "poll a = OUT\n"
					 "poll b = OUT\n"
					 "poll c = OUT";

CASE(fops_sigio_three, .id = "fops.sigio-three",
     .title = "signals tell of the port that something happened to, and of no other",
     .clause = "linux/drivers/char/virtio_console.c send_sigio_to_port()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .plan = fops_plan_three)
{
	fops_run(t, sigio_three_script);
}

static const char interrupted_script[] = "open a 0 rdwr = ok\n"
					 "A: write a 10\n"
					 "A sleeps\n"
					 "A interrupted\n"
					 "A = EINTR\n"
					 "A: splice a 10\n"
					 "A sleeps\n"
					 "A interrupted\n"
					 "A = EINTR\n"
					 "A: write a 20\n"
					 "A sleeps\n"
					 "A interrupted-restart\n"
					 "A sleeps\n"
					 "host open\n"
					 "A = 20\n"
					 "host hears 20\n"
					 "A: read a 10\n"
					 "A sleeps\n"
					 "A interrupted\n"
					 "A = EINTR\n"
					 "A: read a 10\n"
					 "A sleeps\n"
					 "A interrupted-restart\n"
					 "A sleeps\n"
					 "host send 10\n"
					 "A = 10\n"
					 "A: poll-wait a IN\n"
					 "A sleeps\n"
					 "A interrupted-restart\n"
					 "A = EINTR\n"
					 "fill a = EAGAIN\n"
					 "host throttled\n"
					 "fill a = EAGAIN\n"
					 "A: write a 10\n"
					 "A sleeps\n"
					 "A interrupted\n"
					 "A = EINTR\n"
					 "A: write a 30\n"
					 "A sleeps\n"
					 "A interrupted-restart\n"
					 "A sleeps\n"
					 "host hears-all\n"
					 "A = 30\n"
					 "close a = ok\n"
					 "host hears-all";

CASE(fops_interrupted, .id = "fops.interrupted",
     .title = "a signal interrupts a call that waits, or starts it again, and no byte is lost or "
	      "comes twice",
     .clause = "linux/drivers/char/virtio_console.c wait_port_writable(), port_fops_read()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = fops_plan)
{
	fops_run(t, interrupted_script);
}
