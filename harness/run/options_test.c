// SPDX-License-Identifier: GPL-2.0-or-later
/* options_test.c - the words of the command line; those that make no sense end it with one line */
#include <string.h>

#include "harness/base/deadline.h"
#include "harness/base/die.h"
#include "harness/run/options.h"
#include "harness/selftest/forked.h"

#define WORDS_MAX 16

/** struct words - A command line, without the program's name */
struct words {
	const char *v[WORDS_MAX];
};

static void parse(struct options *o, const struct words *w)
{
	char *argv[WORDS_MAX + 2] = {(char *)"chardev-check"};
	int argc = 1;

	while (w->v[argc - 1]) {
		argv[argc] = (char *)w->v[argc - 1];
		argc++;
	}
	options_parse(o, argc, argv);
}

#define WORDS(...) (&(const struct words){{__VA_ARGS__}})

START_TEST(without_options_all_has_its_default)
{
	struct options o;

	parse(&o, WORDS("list"));
	ck_assert_str_eq(o.verb, "list");
	ck_assert_uint_eq(o.args.n, 0);
	ck_assert(!o.qemu && !o.accel && !o.fault);
	ck_assert_str_eq(o.image, "build/images/cloud");
	ck_assert_str_eq(o.conf, "cases.conf");
	ck_assert_str_eq(o.build, "build");
	ck_assert_int_ge(o.jobs, 1);
	ck_assert(!o.verbose && !o.keep_guest && !o.keep_all && !o.with_long && !o.strict);
	ck_assert(deadline_scale() == 1.0);
	options_release(&o);
}
END_TEST

START_TEST(every_option_is_taken)
{
	struct options o;

	parse(&o, WORDS("run", "-q", "/q", "-j", "7", "-v", "-k", "a", "b*"));
	ck_assert_str_eq(o.verb, "run");
	ck_assert_str_eq(o.qemu, "/q");
	ck_assert_int_eq(o.jobs, 7);
	ck_assert(o.verbose && o.keep_guest && !o.keep_all);
	ck_assert_uint_eq(o.args.n, 2);
	ck_assert_str_eq(o.args.v[0], "a");
	ck_assert_str_eq(o.args.v[1], "b*");
	options_release(&o);
}
END_TEST

START_TEST(every_long_option_is_taken)
{
	struct options o;

	parse(&o, WORDS("run", "--qemu=/q", "--jobs", "64", "--verbose", "--keep", "--keep-all",
			"--long", "--strict", "--accel", "kvm"));
	ck_assert_str_eq(o.qemu, "/q");
	ck_assert_str_eq(o.accel, "kvm");
	ck_assert_int_eq(o.jobs, 64);
	ck_assert(o.verbose && o.keep_guest && o.keep_all && o.with_long && o.strict);
	options_release(&o);
}
END_TEST

START_TEST(folders_faults_and_the_scale_are_taken)
{
	struct options o;

	parse(&o, WORDS("--image", "I", "--conf", "C", "--build", "B", "run", "--fault",
			"read:drop@1+2", "--timeout-scale", "2.5", "--time", "9", "--target",
			"reference!tx-flip"));
	ck_assert_str_eq(o.target, "reference!tx-flip");
	ck_assert_str_eq(o.verb, "run");
	ck_assert_str_eq(o.image, "I");
	ck_assert_str_eq(o.conf, "C");
	ck_assert_str_eq(o.build, "B");
	ck_assert_str_eq(o.fault, "read:drop@1+2");
	ck_assert(deadline_scale() == 2.5);
	ck_assert_int_eq(o.seconds, 9);
	options_release(&o);
}
END_TEST

START_TEST(explore_has_its_own_seed)
{
	struct options o;

	parse(&o, WORDS("-v", "explore", "--seed", "7", "--time=60", "--count", "9", "--transport",
			"mmio-modern,split", "-q", "/q"));
	ck_assert_str_eq(o.verb, "explore");
	ck_assert(o.verbose && !o.seed && !o.explore.reference);
	ck_assert_uint_eq(o.explore.seed, 7);
	ck_assert_uint_eq(o.explore.seconds, 60);
	ck_assert_int_eq(o.seconds, 0);
	ck_assert_uint_eq(o.explore.count, 9);
	ck_assert_str_eq(o.explore.where, "mmio-modern,split");
	ck_assert_str_eq(o.qemu, "/q");
	ck_assert_uint_eq(o.args.n, 0);
	options_release(&o);
	parse(&o, WORDS("list", "--seed", "7"));
	ck_assert(o.seed);
	ck_assert_str_eq(o.args.v[0], "7");
	options_release(&o);
}
END_TEST

/* What is behind "--" is a selector, whatever it looks like. */
START_TEST(selectors_may_look_like_options)
{
	struct options o;

	parse(&o, WORDS("run", "--", "-v", "--nosuch"));
	ck_assert(!o.verbose);
	ck_assert_uint_eq(o.args.n, 2);
	ck_assert_str_eq(o.args.v[1], "--nosuch");
	options_release(&o);
}
END_TEST

static void parse_and_end(void *words)
{
	struct options o;

	parse(&o, words);
	options_release(&o);
}

static const char *const bad_jobs[] = {"",     "0",  "65", "-1",  "+1",	 "1.5",
				       "four", " 4", "4 ", "0x4", "4,5", "99999999999999999999"};
static const char *const bad_scales[] = {"",	"0",	"-1", "0.09", "1001", "inf",
					 "nan", "fast", "2x", "1,5",  "1 ",   "1e99"};

START_TEST(numbers_that_are_none_are_named)
{
	for (size_t i = 0; i < sizeof(bad_jobs) / sizeof(*bad_jobs); i++) {
		struct words w = {{"run", "--jobs", bad_jobs[i]}};
		char *line = xasprintf("--jobs wants a number from 1 to 64, not %s", bad_jobs[i]);

		forked_dies(parse_and_end, &w, EXIT_USAGE, line);
		free(line);
	}
	for (size_t i = 0; i < sizeof(bad_scales) / sizeof(*bad_scales); i++) {
		struct words w = {{"run", "--timeout-scale", bad_scales[i]}};
		char *line = xasprintf("--timeout-scale wants a number from 0.1 to 1000, not %s",
				       bad_scales[i]);

		forked_dies(parse_and_end, &w, EXIT_USAGE, line);
		free(line);
	}
}
END_TEST

#define SAY_WHAT                                                                                   \
	"say what to do: run, rerun, list, show, play, explore, faults or report (--help says more)"
#define UNKNOWN "unknown option, or one that lacks its value: "

START_TEST(options_that_are_none_are_named)
{
	static const struct {
		struct words words;
		const char *line;
	} rows[] = {
		{{{"run", "--nosuch"}}, UNKNOWN "--nosuch (--help lists them)"},
		{{{"run", "-x"}}, UNKNOWN "-x (--help lists them)"},
		{{{"run", "--jobs"}}, UNKNOWN "--jobs (--help lists them)"},
		{{{"run", "-q"}}, UNKNOWN "-q (--help lists them)"},
		{{{"explore", "--seed"}}, UNKNOWN "--seed (--help lists them)"},
		{{{"run", "--count", "3"}}, UNKNOWN "--count (--help lists them)"},
		{{{"explore", "--seed", "x"}}, "--seed wants a number, not x"},
		{{{"explore", "--time", "0"}}, "--time wants seconds from 1 to 86400, not 0"},
		{{{"run", "--long=yes"}}, UNKNOWN "--long=yes (--help lists them)"},
		{{{"run", "--ke"}}, UNKNOWN "--ke (--help lists them)"},
		{{{NULL}}, SAY_WHAT},
		{{{"-v"}}, SAY_WHAT},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct words w = rows[i].words;

		forked_dies(parse_and_end, &w, EXIT_USAGE, rows[i].line);
	}
}
END_TEST

/* Every option of the help is one, with a value or without as it says. */
START_TEST(the_help_tells_the_truth)
{
	struct strv lines = {NULL, 0};
	struct words w = {{"--help"}};
	struct forked f;
	int options = 0;

	forked_call(&f, parse_and_end, &w);
	ck_assert_int_eq(f.status, 0);
	ck_assert_str_eq(f.err.data, "");
	strv_split(&lines, f.out.data, "\n");
	for (size_t i = 0; i < lines.n; i++) {
		char *at = strstr(lines.v[i], "--"), *name, *value;
		struct forked one;

		if (!at || lines.v[i][0] != '-')
			continue;
		name = xstrndup(at, strcspn(at, " "));
		value = at + strlen(name);
		value += strspn(value, " ");
		/* A value is a word in capitals; numbers and names have to be good ones. */
		w = (struct words){{"list", name}};
		if (*value >= 'A' && *value <= 'Z')
			w.v[2] = "7";
		forked_call(&one, parse_and_end, &w);
		ck_assert_msg(one.status == 0, "%s: %s", lines.v[i], one.err.data);
		w.v[2] = NULL;
		forked_release(&one);
		forked_call(&one, parse_and_end, &w);
		ck_assert_msg(one.status == (*value >= 'A' && *value <= 'Z' ? EXIT_USAGE : 0),
			      "%s: %s", lines.v[i], one.err.data);
		forked_release(&one);
		free(name);
		options++;
	}
	ck_assert_int_ge(options, 13);
	strv_release(&lines);
	forked_release(&f);
}
END_TEST

UNIT_TESTS(options, explore_has_its_own_seed, without_options_all_has_its_default,
	   every_option_is_taken, every_long_option_is_taken,
	   folders_faults_and_the_scale_are_taken, selectors_may_look_like_options,
	   numbers_that_are_none_are_named, options_that_are_none_are_named,
	   the_help_tells_the_truth)
