// SPDX-License-Identifier: GPL-2.0-or-later
/* renewed.c - is a QEMU that target_qtest_renew() made as after power-on like a new one? */
#include <string.h>

#include "harness/run/cross.h"
#include "harness/run/sides.h"
#include "harness/wire/generate.h"

#define STEPS 30

/* Its trace; the step after which the target has ended is the last one. */
static void play(struct target *target, const struct wire_script *script, struct buf *trace)
{
	struct wire_player p;

	wire_player_init(&p, target);
	for (size_t i = 0; i < script->n && target->end == TARGET_ALIVE; i++) {
		buf_addf(trace, "step %zu ", i);
		wire_step_text(&script->steps[i], trace);
		buf_addstr(trace, "\n");
		wire_player_step(&p, &script->steps[i], trace);
	}
	wire_player_release(&p);
}

/* What it must not keep: a machine that moved without one of its ports, and with another one. */
static void leave_marks(struct trial *t, struct target *target)
{
	static const char marks[] = "unplug 1; plug 3 serial; hopen 3; saveload 3; hopen 0";
	struct wire_script script = {NULL, 0};
	struct buf trace = BUF_INIT, why = BUF_INIT;

	CHECK(t, wire_script_parse(&script, marks, &why), "%s", why.data);
	play(target, &script, &trace);
	CHECK(t, target->end == TARGET_ALIVE, "\"%s\" ends QEMU: %s", marks, target->why.data);
	wire_script_release(&script);
	buf_release(&trace);
}

static struct target *new_one(struct trial *t, struct qemu_side *side)
{
	struct buf why = BUF_INIT;
	struct target *target = side_qemu_anew(side, &why);

	CHECK(t, target, "%s", why.data);
	buf_release(&why);
	return target;
}

/* The first line in which they differ. */
static void check_same(struct trial *t, uint64_t seed, const struct buf trace[2])
{
	size_t at = 0, len;

	while (at < trace[0].len && trace[0].data[at] == trace[1].data[at])
		at++;
	while (at && trace[0].data[at - 1] != '\n')
		at--;
	len = strcspn(trace[0].data + at, "\n");
	CHECK(t, strcmp(trace[0].data, trace[1].data) == 0,
	      "the script of seed %llu shows \"%.*s\" on one that was renewed, \"%.*s\" on a new one",
	      (unsigned long long)seed, (int)len, trace[0].data + at,
	      (int)strcspn(trace[1].data + at, "\n"), trace[1].data + at);
}

void trial_renewed(struct trial *t, uint64_t seed, unsigned n)
{
	struct qemu_side side = {.t = t};
	struct target *target;
	unsigned renewed = 0;

	wire_topology_plain(&t->spec->variant, &side.config);
	trial_machine(t, &side.config);
	target = new_one(t, &side);
	for (unsigned i = 0; i <= n; i++) {
		struct wire_script script = {NULL, 0};
		struct buf trace[2] = {BUF_INIT, BUF_INIT};
		bool again;

		if (i)
			leave_marks(t, target);
		again = i && target_qtest_renew((struct target_qtest *)target, &side.config);
		wire_generate(&script, &side.config, seed + i, STEPS);
		if (again)
			play(target, &script, &trace[0]);
		if (i)
			target = new_one(t, &side);
		play(target, &script, &trace[1]);
		CHECK(t, target->end == TARGET_ALIVE, "seed %llu ends QEMU: %s",
		      (unsigned long long)seed + i, target->why.data);
		if (again)
			check_same(t, seed + i, trace);
		renewed += again;
		wire_script_release(&script);
		buf_release(&trace[0]);
		buf_release(&trace[1]);
	}
	trial_note(t, "%u of %u times it was possible", renewed, n);
	CHECK(t, renewed > 0, "it was never possible to renew it");
}
