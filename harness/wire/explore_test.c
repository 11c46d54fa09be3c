// SPDX-License-Identifier: GPL-2.0-or-later
/* Generated scripts on two reference devices. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/selftest/unit.h"
#include "harness/wire/explore.h"
#include "harness/wire/generate.h"
#include "harness/wire/target_ref.h"

#define STEPS 30

static const struct target_config config = {
	.transport = TARGET_PCI_MODERN,
	.properties = "max_ports=4",
	.ports = {{.nr = 0, .console = true}, {.nr = 1, .name = "org.test.wire"}},
	.n_ports = 2,
};

static struct target *fresh(void *arg, struct buf *why)
{
	struct target_ref *ref = xcalloc(1, sizeof(*ref));

	if (target_ref_start(ref, &config, arg, NULL, why))
		return &ref->base;
	target_release(&ref->base);
	free(ref);
	return NULL;
}

static void done(void *arg, struct target *t, struct buf *end)
{
	(void)end;
	(void)arg;
	target_release(t);
	free(t);
}

static void explore(struct explore *e, const char *one, const char *other, unsigned scripts)
{
	const struct cross_side sides[2] = {{"one", fresh, done, (void *)one, NULL},
					    {"other", fresh, done, (void *)other, NULL}};

	*e = (struct explore){.config = &config,
			      .quick = sides,
			      .anew = sides,
			      .steps = STEPS,
			      .reduce = 120,
			      .why = BUF_INIT};
	for (unsigned i = 0; i < scripts; i++)
		ck_assert_msg(explore_one(e, i), "%s", e->why.data);
	e->quick = e->anew = NULL;
}

START_TEST(a_seed_is_a_script)
{
	struct buf text[3] = {BUF_INIT, BUF_INIT, BUF_INIT};

	for (unsigned i = 0; i < 3; i++) {
		struct wire_script s = {NULL, 0};

		wire_generate(&s, &config, 7 + i / 2, STEPS);
		ck_assert_uint_ge(s.n, STEPS);
		ck_assert_uint_le(s.n, STEPS + 24);
		wire_script_text(&s, "; ", &text[i]);
		wire_script_release(&s);
	}
	ck_assert_str_eq(text[0].data, text[1].data);
	ck_assert_str_ne(text[0].data, text[2].data);
	for (unsigned i = 0; i < 3; i++)
		buf_release(&text[i]);
}
END_TEST

/* How often the scripts for @c have each verb. */
static void count_verbs(const struct target_config *c, unsigned times[WIRE_VERBS])
{
	struct wire_script s = {NULL, 0};

	for (unsigned seed = 0; seed < 400; seed++)
		wire_generate(&s, c, seed, STEPS);
	for (size_t i = 0; i < s.n; i++)
		times[s.steps[i].verb]++;
	wire_script_release(&s);
}

START_TEST(every_verb_of_a_console_comes_up)
{
	struct target_config express = config;
	unsigned times[WIRE_VERBS] = {0};

	express.express = true;
	count_verbs(&config, times);
	ck_assert_uint_eq(times[WIRE_FLR], 0);
	count_verbs(&express, times);
	for (unsigned v = 0; v < WIRE_W; v++)
		ck_assert_msg(times[v], "%s", wire_op((enum wire_verb)v)->name);
}
END_TEST

START_TEST(what_a_device_lacks_does_not_come_up)
{
	static const enum wire_verb of_pci[] = {WIRE_MASTER, WIRE_MASK,	  WIRE_UNMASK, WIRE_WINDOW,
						WIRE_WREAD,  WIRE_WWRITE, WIRE_CPLUG,  WIRE_FLR};
	struct target_config mmio = config, legacy = config;
	unsigned times[WIRE_VERBS] = {0};

	mmio.transport = TARGET_MMIO_MODERN;
	legacy.transport = TARGET_PCI_LEGACY;
	legacy.express = true;
	count_verbs(&mmio, times);
	for (unsigned i = 0; i < sizeof(of_pci) / sizeof(*of_pci); i++)
		ck_assert_msg(!times[of_pci[i]], "%s", wire_op(of_pci[i])->name);
	count_verbs(&legacy, times);
	ck_assert_uint_gt(times[WIRE_MASK], 0);
	ck_assert_uint_eq(times[WIRE_WWRITE], 0);
	ck_assert_uint_eq(times[WIRE_FLR], 0);
}
END_TEST

START_TEST(the_same_device_does_not_differ)
{
	static const char *const whole[] = {"strict", "qemu-7.2", "qemu-11.1"};

	for (unsigned i = 0; i < 3; i++) {
		struct explore e;

		explore(&e, whole[i], whole[i], 20);
		ck_assert_uint_eq(e.n_found, 0);
		ck_assert_uint_eq(e.played, 20);
		explore_release(&e);
	}
}
END_TEST

START_TEST(a_deviation_is_one_cause_with_a_short_script)
{
	struct buf text = BUF_INIT;
	struct explore e;

	explore(&e, "strict,+name-nul", "strict", 12);
	ck_assert_uint_ge(e.n_found, 1);
	ck_assert_uint_ge(e.seen.n, 3);
	ck_assert(e.found[0].again);
	ck_assert_uint_le(e.found[0].script.n, 4);
	explore_case(&e.found[0], "pci-modern,split", &text);
	ck_assert_ptr_nonnull(strstr(text.data, "CROSS(found_"));
	ck_assert_ptr_nonnull(strstr(text.data, "PORT 1\\n\"\n)"));
	buf_clear(&text);
	explore_report(&e, &text);
	ck_assert_ptr_nonnull(strstr(text.data, "chardev-check play 'start"));
	buf_clear(&text);
	explore_shell(&e.found[0], "pci-legacy", &text);
	ck_assert_ptr_nonnull(strstr(text.data, "PORT 1' pci-legacy\n"));
	buf_clear(&text);
	explore_sum(&e, &text);
	ck_assert_ptr_nonnull(strstr(text.data, "12 scripts, "));
	ck_assert_ptr_null(strstr(text.data, "known ends"));
	buf_release(&text);
	explore_release(&e);
}
END_TEST

START_TEST(what_cannot_be_made_is_said)
{
	const struct cross_side sides[2] = {{"one", fresh, done, (void *)"no-such", NULL},
					    {"other", fresh, done, (void *)"strict", NULL}};
	struct explore e = {.config = &config, .quick = sides, .anew = sides, .why = BUF_INIT};

	ck_assert(!explore_one(&e, 1));
	ck_assert_ptr_nonnull(strstr(e.why.data, "no-such"));
	explore_release(&e);
}
END_TEST

UNIT_TESTS(wire_explore, a_seed_is_a_script, every_verb_of_a_console_comes_up,
	   what_a_device_lacks_does_not_come_up, the_same_device_does_not_differ,
	   a_deviation_is_one_cause_with_a_short_script, what_cannot_be_made_is_said)
