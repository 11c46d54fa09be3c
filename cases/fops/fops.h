/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fops.h - scripts of what a program in the guest does with a node, and the host with its other end
 *
 * A script is lines. Those of the guest are calls and what they give, for the helper's verb "fops"
 * (guest-helpers/fops.c): "read a 10 = EAGAIN". Those of the host begin with "host", or "host1" for
 * the second port; "read-rest a" is a read-all of what the host has sent and a has not got yet:
 *
 *	open, close	our end; open-all, close-all: that of every port, for QEMU all at once
 *	send N		the next bytes of its stream
 *	floods		as many as are taken without waiting; floods N: N at least
 *	offers		as many as are taken, again and again, and "watches"
 *	overflows N	so many datagrams, though some must be dropped; last-piece: one more, which
 *			must come, and with it as many as were not dropped
 *	hears N		the next bytes of the guest's stream; hears-all: all that it has sent,
 *			hears-half: half of that
 *	holds-little	from now on, of datagrams
 *	takes		what is there, the next bytes of the guest's stream, which go on: its rest
 *			was dropped
 *	expects N	so many more will be sent than up to now; hears-expected: all of them
 *	resumes N	a start of what was not heard yet, then the guest's last N bytes
 *	misses N	the guest sent them, and they are not to come; misses-all
 *	weighs, watches	ssh and QMP answer; and QEMU has no more than when it was weighed
 *	settles		wait until QEMU has taken what was sent, and has seen that we came or left
 *	gone		wait until QEMU says that we are disconnected
 *	throttled	wait until QEMU holds the port up
 *	frontend open	wait until QEMU says that the guest's end is open, or closed
 */
#ifndef CASES_FOPS_H
#define CASES_FOPS_H

#include "harness/run/traffic.h"

#define FOPS_PORTS 3

/** fops_plan() - One device of axis "device" (virtserialport) over axis "backend" (unix) */
void fops_plan(const struct variant *v, struct plan *plan);
/** fops_plan_three() - Three of them on one controller */
void fops_plan_three(const struct variant *v, struct plan *plan);
/** fops_plan_no_backend() - fops_plan(), and beside it one that has no backend: no end of the
 * host's, but a node, the script's second */
void fops_plan_no_backend(const struct variant *v, struct plan *plan);
/** fops_plan_no_multiport() - A virtconsole on a controller that has that port only, hot or cold */
void fops_plan_no_multiport(const struct variant *v, struct plan *plan);
/** fops_lacks() - Why this QEMU does not have the device of fops_plan(), or NULL */
const char *fops_lacks(const struct variant *v, const struct caps *caps);
/** fops_run() - Play @script; then end QEMU, and see that no byte comes that was not sent */
void fops_run(struct trial *t, const char *script);

/* fops_repro.c: shell lines that do the same by hand */
/** fops_did_begin() - The helper has been started with " NODE.." */
void fops_did_begin(struct trial *t, const char *nodes);
/** fops_did_calls() - It was given these lines; fops_did_rest() - a read-rest of port
 * number @port */
void fops_did_calls(struct trial *t, const char *calls);
void fops_did_rest(struct trial *t, size_t port);
/** fops_did_host() - The host did @what ("send 10") at port number @port */
void fops_did_host(struct trial *t, size_t port, const char *what);
void fops_did_end(struct trial *t);

#endif
