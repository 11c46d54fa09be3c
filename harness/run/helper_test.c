// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * helper_test.c - what is made of a helper's words
 *
 * The helper has ended and its words are there: an ssh channel cannot be had without a guest, and
 * what one that is still open does is tested with one, end to end.
 */
#include "harness/run/run_testing.h"

static const char *words;
static int status;
static bool lost;

static void start(struct helper *h, struct guest *g, struct trial *t)
{
	guest_init(g, NULL);
	*h = (struct helper){.trial = t};
	tap_init(&h->tap);
	h->cmd = (struct guest_cmd){.guest = g,
				    .command = xstrdup("chardev-helper"),
				    .status = status,
				    .done = !lost,
				    .lost = lost};
	buf_init(&h->cmd.out);
	buf_init(&h->cmd.err);
	buf_addstr(&h->cmd.out, words);
	buf_addstr(&h->cmd.err, "sh: it broke");
}

static void stop(struct helper *h, struct guest *g)
{
	guest_cmd_release(&h->cmd);
	tap_release(&h->tap);
	guest_release(g);
}

/* Why @said with this @exit_status is a failure; "": it is none. */
static void why_of(const char *said, int exit_status, struct buf *why)
{
	struct helper h;
	struct guest g;

	words = said;
	status = exit_status;
	start(&h, &g, NULL);
	ck_assert(helper_poll(&h));
	if (helper_failed(&h))
		helper_why(&h, why);
	stop(&h, &g);
}

#define TAP "TAP version 13\n"

START_TEST(a_failure_is_told_in_the_helpers_words)
{
	static const struct {
		const char *words;
		int status;
		const char *why;
	} rows[] = {
		{TAP "# connected\nok 1 - opened\n1..1\n", 0, ""},
		{TAP "ok 1 - opened\nnot ok 2 - received\n", 1,
		 "in the guest: not ok 2 - received"},
		{TAP "not ok 1 - first\nnot ok 2 - second\n", 0, "in the guest: not ok 1 - first"},
		{TAP "ok 1\nBail out! /dev/vport0p1: No such file\n", 1, "/dev/vport0p1: No such"},
		{TAP "ok 2 - what about 1\n", 0, "in the guest: the helper's TAP is malformed: "},
		{"sh: chardev-helper: not found\n", 127, "TAP is malformed: "},
		{TAP "ok 1\n1..1\n", 139, "the helper ended with status 139 sh: it broke"},
		{"", 1, "the helper ended with status 1 sh: it broke"},
		{TAP "# damage: 4 bytes lost at 7\nnot ok 1 - received\n# rx: damage: and more\n",
		 1, "not ok 1 - received\n4 bytes lost at 7\nand more"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf why = BUF_INIT;

		why_of(rows[i].words, rows[i].status, &why);
		ck_assert_msg(!*rows[i].why == !why.len, "%zu: %s", i, why.data);
		says(&why, rows[i].why);
	}
}
END_TEST

START_TEST(garbage_is_a_failure_and_never_crashes)
{
	unsigned seed = 3;

	for (int round = 0; round < 300; round++) {
		struct buf why = BUF_INIT;
		char text[300];

		for (size_t i = 0; i < sizeof(text) - 1; i++)
			text[i] = "ok not# 1.\n:-damage\xff\x01"[rand_r(&seed) % 21];
		text[sizeof(text) - 1] = '\0';
		why_of(text, 0, &why);
		ck_assert_uint_gt(why.len, 0);
		buf_release(&why);
	}
}
END_TEST

START_TEST(what_it_said_is_kept_and_found)
{
	struct buf kept = BUF_INIT;
	struct helper h;
	struct guest g;

	words = TAP "# connected\n# cksum 12 34\nok 1 - x\n1..1\n";
	status = 0;
	start(&h, &g, NULL);
	ck_assert(helper_await(&h, "connected", NULL, 5000));
	ck_assert(helper_await(&h, "nosuch", "cksum", 5000));
	ck_assert(!helper_await(&h, "nosuch", NULL, 5000)); /* it has ended: no use in waiting */
	ck_assert(!helper_await(&h, "conn", NULL, 5000));
	ck_assert(buf_read_file(&kept, "helper.tap"));
	ck_assert_str_eq(kept.data, words);
	ck_assert_uint_eq(h.cmd.out.len, 0);
	buf_release(&kept);
	stop(&h, &g);
}
END_TEST

static void finish(struct trial *t)
{
	struct helper h;
	struct guest g;

	start(&h, &g, t);
	helper_finish(&h, 100);
	stop(&h, &g);
}

/* Ended well is not enough: the plan has to be there, and met. */
START_TEST(an_end_is_judged)
{
	static const struct {
		const char *words;
		int status;
		bool lost;
		const char *why;
	} rows[] = {
		{TAP "ok 1 - x\n1..1\n", 0, false, NULL},
		{TAP "ok 1 - x\n", 0, false, "plan"},
		{TAP "1..2\nok 1 - x\n", 0, false, "2"},
		{"", 0, false, "stream is empty"},
		{TAP "1..0 # SKIP no such node\n", 0, false, "no such node"},
		{TAP "ok 1 - x\n1..1\n", 2, false, "the helper ended with status 2"},
		{TAP "ok 1 - x\n1..1\n", 0, true, "the connection was lost"},
		{TAP "not ok 1 - x\n1..1\n", 0, true, "not ok 1 - x"},
	};
	struct bench b;

	bench_init(&b, "ok", finish);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		words = rows[i].words;
		status = rows[i].status;
		lost = rows[i].lost;
		bench_run(&b, rows[i].why ? VERDICT_FAIL : VERDICT_PASS,
			  rows[i].why ? rows[i].why : "");
	}
	bench_release(&b);
}
END_TEST

static void tell(struct trial *t)
{
	struct helper h;
	struct guest g;

	start(&h, &g, t);
	helper_tell(&h, "go");
}

START_TEST(who_is_gone_cannot_be_told)
{
	struct bench b;

	words = TAP;
	status = 0;
	lost = false;
	bench_init(&b, "ok", tell);
	bench_run(&b, VERDICT_FAIL, "ssh to the guest: not connected");
	bench_release(&b);
}
END_TEST

UNIT_TESTS(helper, a_failure_is_told_in_the_helpers_words, garbage_is_a_failure_and_never_crashes,
	   what_it_said_is_kept_and_found, an_end_is_judged, who_is_gone_cannot_be_told)
