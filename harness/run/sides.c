// SPDX-License-Identifier: GPL-2.0-or-later
/* sides.c - where the targets of a cross-check come from */
#include "harness/run/sides.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"

/* Measured were 7.2.22, 10.0.2, 10.0.13 and 11.1.3; what lies between counts as the older one. */
static const char *personality_of(const struct caps *caps)
{
	if (caps_version_at_least(caps, 11, 0, 0))
		return "qemu-11.1";
	if (caps_version_at_least(caps, 10, 0, 13) && !caps_version_at_least(caps, 10, 1, 0))
		return "qemu-10.0.13";
	return caps_version_at_least(caps, 10, 0, 0) ? "qemu-10.0" : "qemu-7.2";
}

struct target *side_qemu_anew(void *arg, struct buf *why)
{
	struct qemu_side *s = arg;
	struct target_qtest *q = trial_qemu(s->t);

	q->base.on_end = NULL; /* the end is something to compare, too */
	if (s->used && !target_qtest_again(q, &s->config, why))
		return NULL;
	s->used = true;
	s->renewed = false;
	return &q->base;
}

/* The one that is there, if it is as after power-on. */
static struct target *qemu_kept(void *arg, struct buf *why)
{
	struct qemu_side *s = arg;

	if (!s->renewed)
		return side_qemu_anew(s, why);
	s->renewed = false;
	return &trial_qemu(s->t)->base;
}

static void qemu_renew(void *arg, struct target *target, struct buf *end)
{
	struct qemu_side *s = arg;
	bool alive = target->end == TARGET_ALIVE;

	s->renewed = target_qtest_renew((struct target_qtest *)target, &s->config);
	if (alive && target->end != TARGET_ALIVE)
		buf_add(end, target->why.data, target->why.len);
}

struct target *side_ref_fresh(void *arg, struct buf *why)
{
	struct ref_side *s = arg;
	struct target_ref *ref = xcalloc(1, sizeof(*ref));

	if (target_ref_start(ref, s->config, s->personality, s->faults, why))
		return &ref->base;
	target_release(&ref->base);
	free(ref);
	return NULL;
}

void side_ref_done(void *arg, struct target *target, struct buf *end)
{
	(void)end;
	struct ref_side *s = arg;
	struct target_ref *ref = (struct target_ref *)target;

	s->quirks = target_ref_quirks(ref);
	target_release(target);
	free(ref);
}

void sides_init(struct sides *s, struct trial *t)
{
	const struct session *session = t->session;
	const char *variant = strchr(t->spec->id, '@') + 1;

	*s = (struct sides){.qemu = {.t = t}};
	t->spec->variant.c->wire(&t->spec->variant, &s->config);
	s->qemu.config = s->config;
	s->ref = (struct ref_side){.config = &s->config};
	s->quick[1] = s->slow[1] = (struct cross_side){"the reference device", side_ref_fresh,
						       side_ref_done, &s->ref, NULL};
	if (session->reference) {
		s->own = (struct ref_side){.config = &s->config,
					   .personality = session->reference,
					   .faults = session->ref_faults};
		s->ref.personality = session->reference;
		s->quick[0] = s->slow[0] =
			(struct cross_side){"the device under test", side_ref_fresh, side_ref_done,
					    &s->own, NULL};
		return;
	}
	s->ref.personality = personality_of(session->caps);
	s->quick[0] = (struct cross_side){"QEMU", qemu_kept, qemu_renew, &s->qemu, variant};
	s->slow[0] = (struct cross_side){"QEMU", side_qemu_anew, NULL, &s->qemu, variant};
}
