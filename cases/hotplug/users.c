// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * users.c - a port goes while somebody in the guest uses it
 *
 * What the guest's program sees is the driver's (port_fops_read(), wait_port_writable(),
 * port_fops_poll(): "Port got hot-unplugged"), and it only does if QEMU announces the removal
 * before it takes the port away.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cases/hotplug/plug.h"

#define SEED	12
#define HOLD_MS 10000
#define BLOCK	4096
#define MORE	(256 << 10)

static struct helper *hold(struct trial *t, const char *as, const char *awaits)
{
	struct helper *h =
		helper_start(t, "hold %s --await-host --as %s --seed %d", PORT_LINK, as, SEED);
	struct buf why = BUF_INIT;

	if (!helper_await(h, awaits, NULL, HOLD_MS)) {
		helper_why(h, &why);
		trial_fail(t, __FILE__, __LINE__, "nobody uses the port: %s", why.data);
	}
	return h;
}

static void expect(struct trial *t, struct helper *h, const char *key, const char *want)
{
	char *got = tap_diag(&h->tap, key);

	CHECK(t, got && strcmp(got, want) == 0,
	      "after the unplug, %s in the guest gives %s, not %s", key, got ? got : "(no answer)",
	      want);
	free(got);
}

/* The port is gone: whoever was waiting for it has been told so, and every call says the same. */
static void expect_gone(struct trial *t, struct helper *h, const char *call, const char *gives)
{
	struct buf why = BUF_INIT;

	if (!helper_await(h, "held", NULL, HOLD_MS)) {
		CHECK(t, vm_alive(&t->rig.vm, &why), "%s", why.data);
		CHECK(t, !helper_failed(h), "the user in the guest came to an end of its own");
		trial_fail(t, __FILE__, __LINE__,
			   "the port is gone, but %s in the guest still "
			   "waits",
			   call);
	}
	expect(t, h, call, gives);
	expect(t, h, "then-read", "ENODEV");
	expect(t, h, "then-write", "ENODEV");
	expect(t, h, "then-poll", "HUP");
}

/* What QEMU has handed over by now. */
static uint64_t handed_over(struct trial *t, struct chr *c)
{
	int n = 0;

	CHECK(t, ioctl(chr_poll_in(c), FIONREAD, &n) == 0 && n > 0,
	      "a writer waits for room, and the host has %d bytes", n);
	return (uint64_t)n;
}

/* Read what QEMU handed over before the port went, of which @least bytes were known to be there: a
 * part of what was written, from the start. */
static void expect_prefix(struct trial *t, struct helper *h, struct chr *c, uint64_t least)
{
	char *written = tap_diag(&h->tap, "written");
	char got[BLOCK], want[BLOCK];
	unsigned long long max = 0;
	struct payload p;
	uint64_t at = 0;
	ssize_t n;

	CHECK(t, written && text_parse_u64(written, &max), "the writer does not say how much");
	payload_init(&p, SEED, max + BLOCK);
	while ((n = chr_try_read(c, got, sizeof(got))) > 0) {
		CHECK(t, at + (uint64_t)n <= max, "%llu bytes were written, more came", max);
		payload_fill(&p, at, want, (size_t)n);
		CHECK(t, memcmp(got, want, (size_t)n) == 0,
		      "what came before the unplug is damaged in the %zd bytes from %" PRIu64 " on",
		      n, at);
		at += (uint64_t)n;
	}
	CHECK(t, n == 0, "the unplug of the port closed the backend");
	CHECK(t, at >= least,
	      "%" PRIu64 " bytes had come before the unplug, %" PRIu64 " are left of them", least,
	      at);
	trial_note(t, "%" PRIu64 " of %llu bytes came", at, max);
	payload_release(&p);
	free(written);
}

CASE(hotplug_users, .id = "hotplug.users",
     .title = "who reads, writes or polls a port that is unplugged is told so, and the descriptor "
	      "left over does not disturb the port that comes back",
     .clause = "virtio-1.2/console/device-operation/multiport PORT_REMOVE; "
	       "linux/drivers/char/virtio_console.c unplug_port(), port_fops_read(), "
	       "port_fops_poll(), wait_port_writable()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"user", NULL},
     .plan = plug_plan)
{
	const char *user = trial_axis(t, "user");
	bool reader = trial_is(t, "user", "reader"), writer = trial_is(t, "user", "writer");
	struct chr *c = rig_chr(trial_rig(t), "c0");
	struct buf why = BUF_INIT;
	uint64_t there = 0;
	struct helper *h;
	char *node;

	free(plug_await_port(t));
	CHECK(t, chr_open(c, deadline_in(HOLD_MS), &why), "the host end: %s", why.data);
	node = plug_await_port(t);
	h = hold(t, user, reader ? "reading" : writer ? "writing" : "polling");
	if (writer)
		there = handed_over(t, c);
	trial_unplug(t, &t->rig, "port0");
	expect_gone(t, h,
		    reader   ? "read"
		    : writer ? "write"
			     : "poll",
		    reader || writer ? "ENODEV" : "HUP");
	plug_await_no_port(t, node);
	if (writer)
		expect_prefix(t, h, c, there);
	trial_plug(t, &t->rig, PORT);
	free(plug_await_port(t));
	plug_line(t, c, 1);
	helper_tell(h, "go");
	helper_finish(h, HOLD_MS);
	plug_line(t, c, 2);
	plug_no_warning(t);
	free(node);
}

CASE(hotplug_in_flight, .id = "hotplug.in-flight",
     .title = "a port that is unplugged with bytes on their way both ways takes neither QEMU nor "
	      "the guest with it, and port and backend can be replaced",
     .clause = "virtio-1.2/console/device-operation/multiport PORT_REMOVE; qapi/char.json "
	       "chardev-remove",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = plug_plan)
{
	struct chr *c = rig_chr(trial_rig(t), "c0");
	struct buf why = BUF_INIT;
	struct traffic x;
	struct helper *h;
	uint64_t sent, there;
	char *node = plug_await_port(t);

	CHECK(t, chr_open(c, deadline_in(HOLD_MS), &why), "the host end: %s", why.data);
	h = hold(t, "writer", "writing");
	traffic_init(&x, t, c, PORT_LINK, TRAFFIC_H2G, 64 << 20, 0);
	sent = pump_fill(&x.pump);
	traffic_release(&x);
	CHECK(t, sent > MORE && sent < 64 << 20,
	      "nobody reads, but the host end took %" PRIu64 " bytes", sent);
	there = handed_over(t, c);
	trial_unplug(t, &t->rig, "port0");
	expect_gone(t, h, "write", "ENODEV");
	plug_await_no_port(t, node);
	expect_prefix(t, h, c, there);
	unplug_chardev(t, c);
	plug_chardev(t, c);
	trial_plug(t, &t->rig, PORT);
	free(plug_await_port(t));
	plug_line(t, c, 1);
	helper_tell(h, "go");
	helper_finish(h, HOLD_MS);
	plug_line(t, c, 2);
	plug_no_warning(t);
	free(node);
}
