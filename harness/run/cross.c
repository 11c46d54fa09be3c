// SPDX-License-Identifier: GPL-2.0-or-later
/* cross.c - QEMU and the reference device side by side, as a trial */
#include "harness/run/cross.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/run/sides.h"

#define REDUCE_RUNS 40

const char *const cross_axes[] = {"transport", "ring", NULL};

bool cross_possible(const struct variant *v)
{
	return !variant_is(v, "ring", "packed") || (!variant_is(v, "transport", "pci-legacy") &&
						    !variant_is(v, "transport", "mmio-legacy"));
}

static void note_quirks(struct trial *t, const struct refdev_set *quirks)
{
	for (unsigned bit = 0; bit < refdev_quirk_count(); bit++) {
		const struct refdev_quirk *q = refdev_quirk_get(bit);

		if (refdev_set_has(quirks, bit))
			trial_note(t, "deviates as known: %s %s: %s", q->id, q->name, q->text);
	}
}

/* Is it a deviation less? Then the script gets to where it matters, and the reference without it
 * agrees with all of the script. */
static const struct refdev_quirk *gone(struct cross *c, const struct wire_script *script,
				       const struct cross_side sides[2], struct ref_side *ref)
{
	const char *personality = ref->personality;
	const struct refdev_quirk *found = NULL;
	struct refdev_set mattered;

	/* This very script: the last one that was run may have been another. One that does not
	 * differ again tells nothing. */
	cross_run(c, script, sides);
	if (!c->differs)
		return NULL;
	mattered = ref->quirks;

	for (unsigned bit = 0; bit < refdev_quirk_count() && !found; bit++) {
		const struct refdev_quirk *q = refdev_quirk_get(bit);
		char *without;

		if (!refdev_set_has(&mattered, bit))
			continue;
		without = xasprintf("%s,-%s", personality, q->name);
		ref->personality = without;
		cross_run(c, script, sides);
		if (!c->differs && !c->broken)
			found = q;
		free(without);
	}
	ref->personality = personality;
	return found;
}

static void write_traces(const struct cross *c)
{
	file_write("trace.qemu", c->trace[0].data, c->trace[0].len);
	file_write("trace.reference", c->trace[1].data, c->trace[1].len);
}

/* A script that ends both is no success. Another QEMU takes its place, so that this end counts as
 * what it is, an answer that cases.conf may expect, and not as a crash of the trial. */
static void check_alive(struct trial *t, struct qemu_side *side)
{
	struct target *target = &trial_qemu(t)->base;
	struct buf how = BUF_INIT, why = BUF_INIT;

	if (target->end == TARGET_ALIVE)
		return;
	buf_add(&how, target->why.data, target->why.len);
	CHECK(t, side_qemu_anew(side, &why), "%s", why.data);
	CHECK(t, false, "the script ends QEMU, as is known of it: %s", how.data);
}

static void report_difference(struct trial *t, struct cross *c, struct wire_script *script,
			      const struct cross_side sides[2], struct ref_side *ref)
{
	const struct refdev_quirk *less;
	struct buf text = BUF_INIT;

	CHECK(t, !t->session->silent, "they differ at step %zu", c->step);
	cross_reduce(c, script, sides, REDUCE_RUNS, NULL);
	cross_report(c, script, sides, &text);
	less = gone(c, script, sides, ref);
	if (less)
		buf_addf(&text, "a known deviation is gone: %s %s: %s\n", less->id, less->name,
			 less->text);
	CHECK(t, false, "%s and the reference differ at %s",
	      t->session->reference ? "the device under test" : "QEMU", text.data);
}

/* Also against the reference itself: then one side has the faults that were asked for. */
void trial_cross(struct trial *t)
{
	struct wire_script script = {NULL, 0};
	struct buf text = BUF_INIT;
	struct sides s;
	struct cross c;

	if (!wire_script_parse(&script, t->spec->variant.c->script, &text))
		die("%s: %s", t->spec->id, text.data);
	sides_init(&s, t);
	cross_init(&c);
	cross_run(&c, &script, s.slow);
	CHECK(t, !c.broken, "%s", c.why.data);
	if (!t->session->silent)
		write_traces(&c);
	note_quirks(t, &s.ref.quirks);
	if (!c.differs && !t->session->reference)
		check_alive(t, &s.qemu);
	if (c.differs)
		report_difference(t, &c, &script, s.slow, &s.ref);
	cross_release(&c);
	buf_release(&text);
	wire_script_release(&script);
}
