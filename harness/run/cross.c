// SPDX-License-Identifier: GPL-2.0-or-later
/* cross.c - QEMU and the reference device side by side, as a trial */
#include "harness/run/cross.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/wire/target_ref.h"

#define REDUCE_RUNS 40

const char *const cross_axes[] = {"transport", "ring", NULL};

bool cross_possible(const struct variant *v)
{
	return !variant_is(v, "ring", "packed") || (!variant_is(v, "transport", "pci-legacy") &&
						    !variant_is(v, "transport", "mmio-legacy"));
}

/* Measured were 7.2.22, 10.0.2, 10.0.13 and 11.1.3; what lies between counts as the older one. */
static const char *personality_of(const struct caps *caps)
{
	if (caps_version_at_least(caps, 11, 0, 0))
		return "qemu-11.1";
	if (caps_version_at_least(caps, 10, 0, 13) && !caps_version_at_least(caps, 10, 1, 0))
		return "qemu-10.0.13";
	return caps_version_at_least(caps, 10, 0, 0) ? "qemu-10.0" : "qemu-7.2";
}

/**
 * struct qemu_side - QEMU, started anew for each run but the first
 * @runs:	how many there were
 */
struct qemu_side {
	struct trial *t;
	struct target_config config;
	int runs;
};

static struct target *qemu_fresh(void *arg, struct buf *why)
{
	struct qemu_side *s = arg;
	struct target_qtest *q = trial_qemu(s->t);

	q->base.on_end = NULL; /* the end is something to compare, too */
	if (s->runs++ && !target_qtest_again(q, &s->config, why))
		return NULL;
	return &q->base;
}

/**
 * struct ref_side - The reference device
 * @faults:	that it has; NULL: none
 * @quirks:	the deviations that mattered in the last run
 */
struct ref_side {
	const struct target_config *config;
	const char *personality, *faults;
	uint64_t quirks;
};

static struct target *ref_fresh(void *arg, struct buf *why)
{
	struct ref_side *s = arg;
	struct target_ref *ref = xcalloc(1, sizeof(*ref));

	if (target_ref_start(ref, s->config, s->personality, s->faults, why))
		return &ref->base;
	target_release(&ref->base);
	free(ref);
	return NULL;
}

static void ref_done(void *arg, struct target *target)
{
	struct ref_side *s = arg;
	struct target_ref *ref = (struct target_ref *)target;

	s->quirks = ref->dev ? refdev_quirks_seen(ref->dev) : 0;
	target_release(target);
	free(ref);
}

static void note_quirks(struct trial *t, uint64_t quirks)
{
	for (unsigned bit = 0; bit < refdev_quirk_count(); bit++) {
		const struct refdev_quirk *q = refdev_quirk_get(bit);

		if (quirks >> bit & 1)
			trial_note(t, "deviates as known: %s %s: %s", q->id, q->name, q->text);
	}
}

/* Is it a deviation less? Then the reference without it agrees. */
static const struct refdev_quirk *gone(struct cross *c, const struct wire_script *script,
				       const struct cross_side sides[2], struct ref_side *ref,
				       uint64_t candidates)
{
	const char *personality = ref->personality;
	const struct refdev_quirk *found = NULL;

	for (unsigned bit = 0; bit < refdev_quirk_count() && !found; bit++) {
		const struct refdev_quirk *q = refdev_quirk_get(bit);
		char *without;

		if (!(candidates >> bit & 1))
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
	CHECK(t, qemu_fresh(side, &why), "%s", why.data);
	CHECK(t, false, "the script ends QEMU, as is known of it: %s", how.data);
}

static void report_difference(struct trial *t, struct cross *c, struct wire_script *script,
			      const struct cross_side sides[2], struct ref_side *ref)
{
	uint64_t quirks = ref->quirks;
	const struct refdev_quirk *less;
	struct buf text = BUF_INIT;

	CHECK(t, !t->session->silent, "they differ at step %zu", c->step);
	cross_reduce(c, script, sides, REDUCE_RUNS);
	cross_report(c, script, sides, &text);
	less = gone(c, script, sides, ref, quirks);
	if (less)
		buf_addf(&text, "a known deviation is gone: %s %s: %s\n", less->id, less->name,
			 less->text);
	CHECK(t, false, "%s and the reference differ at %s",
	      t->session->reference ? "the device under test" : "QEMU", text.data);
}

/* Also against the reference itself: then one side has the faults that were asked for. */
void trial_cross(struct trial *t)
{
	const struct session *s = t->session;
	struct target_config config = {0};
	struct qemu_side qemu = {.t = t};
	struct ref_side ref = {.config = &config}, own = {.config = &config};
	struct cross_side sides[2] = {{"QEMU", qemu_fresh, NULL, &qemu,
				       strchr(t->spec->id, '@') + 1},
				      {"the reference device", ref_fresh, ref_done, &ref, NULL}};
	struct wire_script script = {NULL, 0};
	struct buf text = BUF_INIT;
	struct cross c;

	if (!wire_script_parse(&script, t->spec->variant.c->script, &text))
		die("%s: %s", t->spec->id, text.data);
	t->spec->variant.c->wire(&t->spec->variant, &config);
	qemu.config = config;
	ref.personality = s->reference ? s->reference : personality_of(s->caps);
	if (s->reference) {
		own.personality = s->reference;
		own.faults = s->ref_faults;
		sides[0] = (struct cross_side){"the device under test", ref_fresh, ref_done, &own,
					       NULL};
	}
	cross_init(&c);
	cross_run(&c, &script, sides);
	CHECK(t, !c.broken, "%s", c.why.data);
	if (!s->silent)
		write_traces(&c);
	note_quirks(t, ref.quirks);
	if (!c.differs && !s->reference)
		check_alive(t, &qemu);
	if (c.differs)
		report_difference(t, &c, &script, sides, &ref);
	cross_release(&c);
	buf_release(&text);
	wire_script_release(&script);
}
