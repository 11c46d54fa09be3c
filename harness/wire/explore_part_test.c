// SPDX-License-Identifier: GPL-2.0-or-later
/* What processes that share a search tell each other. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/selftest/unit.h"
#include "harness/wire/explore.h"

static void find(struct explore *e, const char *key, unsigned long long seed, unsigned times,
		 const char *steps)
{
	struct explore_finding f = {.key = xstrdup(key), .seed = seed, .times = times};
	struct buf why = BUF_INIT;

	buf_init(&f.report);
	buf_addf(&f.report, "step 1 of %llu\nend\n", seed);
	ck_assert_msg(wire_script_parse(&f.script, steps, &why), "%s", why.data);
	buf_release(&why);
	e->found = xrealloc(e->found, (e->n_found + 1) * sizeof(*e->found));
	e->found[e->n_found++] = f;
}

START_TEST(parts_become_one)
{
	struct explore one = {.why = BUF_INIT}, other = {.why = BUF_INIT}, all = {.why = BUF_INIT};
	struct buf text[2] = {BUF_INIT, BUF_INIT}, why = BUF_INIT, got = BUF_INIT, sum = BUF_INIT;
	struct strv gone = {NULL, 0};

	one.played = 10;
	one.steps_played = 300;
	one.deaths[1] = 2;
	strv_push(&one.seen, "start -x");
	strv_push(&one.seen, "send +y");
	find(&one, "start | start -x", 7, 1, "start; ctl -1 READY 1");
	find(&one, "send | send +y", 4, 1, "start; send 1 3");
	other.played = 11;
	other.steps_played = 330;
	other.deaths[1] = 3;
	strv_push(&other.seen, "start -x");
	find(&other, "start | start -x", 2, 5, "start");
	explore_write(&one, &text[0]);
	explore_write(&other, &text[1]);
	for (int i = 0; i < 2; i++)
		ck_assert_msg(explore_merge(&all, text[i].data, &gone, &why), "%s", why.data);
	ck_assert_uint_eq(all.played, 21);
	ck_assert_uint_eq(all.steps_played, 630);
	ck_assert_uint_eq(all.deaths[1], 5);
	ck_assert_uint_eq(all.n_found, 2);
	ck_assert_uint_eq(all.found[0].seed, 2);
	ck_assert_uint_eq(all.found[0].times, 6);
	ck_assert_str_eq(all.found[0].report.data, "step 1 of 2\nend\n");
	wire_script_text(&all.found[0].script, "; ", &got);
	ck_assert_str_eq(got.data, "start");
	ck_assert_uint_eq(all.found[1].seed, 4);
	ck_assert_uint_eq(gone.n, 1);
	ck_assert_str_eq(gone.v[0], "7");
	explore_sum(&all, &sum);
	ck_assert_msg(strstr(sum.data, "21 scripts, 630 steps, 3 differed, 2 causes (6+1)"), "%s",
		      sum.data);
	strv_release(&gone);
	buf_release(&got);
	buf_release(&sum);
	buf_release(&why);
	for (int i = 0; i < 2; i++)
		buf_release(&text[i]);
	explore_release(&one);
	explore_release(&other);
	explore_release(&all);
}
END_TEST

static const struct {
	const char *text, *why;
} bad[] = {
	{"", "a search's report is cut off"},
	{"played 1 30\n", "a search's report is cut off"},
	{"played 1\nend\n", "no line of a search: played 1"},
	{"death 16 1\nend\n", "no line of a search: death 16 1"},
	{"finding 1 1 1 1 5 1\nkstartr", "no line of a search: finding 1 1 1 1 5 1"},
	{"finding 1 1 1 1 5 9\nkstartr\nend\n", "no line of a search: finding 1 1 1 1 5 9"},
	{"finding 1 1 1 1 5 1\nkstarqr\nend\n", "no line of a search: finding 1 1 1 1 5 1"},
	{"finding 1 1 1 1 99999999999 1\nk\nend\n",
	 "no line of a search: finding 1 1 1 1 99999999999 1"},
	{"nonsense\nend\n", "no line of a search: nonsense"},
};

START_TEST(what_is_cut_off_is_told)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct explore e = {.why = BUF_INIT};
		struct buf why = BUF_INIT;
		struct strv gone = {NULL, 0};

		ck_assert(!explore_merge(&e, bad[i].text, &gone, &why));
		ck_assert_str_eq(why.data, bad[i].why);
		ck_assert_uint_eq(e.n_found, 0);
		strv_release(&gone);
		buf_release(&why);
		explore_release(&e);
	}
}
END_TEST

UNIT_TESTS(wire_explore_part, parts_become_one, what_is_cut_off_is_told)
