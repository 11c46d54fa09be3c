// SPDX-License-Identifier: GPL-2.0-or-later
/* versions.c - a guest moves from one version of QEMU to another */
#include <stdio.h>

#include "cases/streams/move.h"

#define COMPATIBLE                                                                                 \
	"qemu/docs/devel/migration/compatibility.rst: machine types with versions; what moves is " \
	"hw/char/virtio-serial-bus.c virtio_serial_save_device() and hw/virtio/virtio.c "          \
	"virtio_save()"

/** struct across - What is seen on the way, in each case as in the one of that name */
static const struct across {
	const char *name;
	void (*play)(struct trial *t);
} acrosses[] = {
	{"stream", move_stream}, {"told", move_told},		{"waits", move_waits},
	{"held", move_held},	 {"half-sent", move_half_sent}, {"ports", move_ports},
};

static bool at_least(const struct caps *c, const struct caps *than)
{
	return caps_version_at_least(c, than->major, than->minor, than->micro);
}

/* Is the first of the others at least as new as ours? */
static bool goes_up(struct trial *t)
{
	if (!t->session->n_to)
		trial_skip(t, "no QEMU to move to was named (--qemu-to, QEMU_TO=)");
	return at_least(&t->session->to[0], t->session->caps);
}

/* The machine type of the oldest of all, which all have. */
static void choose_machine(struct trial *t)
{
	const struct session *s = t->session;
	const struct caps *oldest = s->caps;
	static char machine[sizeof("pc-i440fx-999.999")]; /* for the evidence, too */
	bool all;

	for (size_t i = 0; i < s->n_to; i++)
		if (!at_least(&s->to[i], oldest))
			oldest = &s->to[i];
	snprintf(machine, sizeof(machine), "pc-i440fx-%d.%d", oldest->major, oldest->minor);
	all = caps_has_machine(s->caps, machine);
	for (size_t i = 0; i < s->n_to; i++) {
		all = all && caps_has_machine(&s->to[i], machine);
		trial_note(t, "to QEMU %s", s->to[i].version);
	}
	if (!all)
		trial_skip(t, "not all of these QEMUs have a machine %s", machine);
	trial_note(t, "machine %s", machine);
	t->plan.machine = machine;
}

static void play(struct trial *t)
{
	const struct across *across = trial_row(t);

	choose_machine(t);
	t->others = true;
	across->play(t);
}

CASE(migration_upgrade, .id = "migration.upgrade",
     .title = "a guest moves to a newer QEMU that has the older one's machine, and what it was in "
	      "the middle of goes on as if it had not; the stream goes on to every QEMU named",
     .clause = COMPATIBLE, .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){ROW_AXIS, "moves", NULL}, .rows = ROWS(acrosses))
{
	if (!goes_up(t))
		trial_skip(t, "QEMU %s, to move to, is older: see migration.downgrade",
			   t->session->to->version);
	play(t);
}

CASE(migration_downgrade, .id = "migration.downgrade",
     .title = "a guest moves to an older QEMU whose machine the newer one has, and what it was in "
	      "the middle of goes on as if it had not; the stream goes on to every QEMU named",
     .clause = COMPATIBLE, .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){ROW_AXIS, "moves", NULL}, .rows = ROWS(acrosses))
{
	if (goes_up(t))
		trial_skip(t, "QEMU %s, to move to, is not older: see migration.upgrade",
			   t->session->to->version);
	play(t);
}
