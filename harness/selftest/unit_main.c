// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * unit_main.c - run the unit tests; names of modules as arguments run only those
 *
 * Each test runs in a process of its own, in a private folder that is removed afterwards. Ends with
 * the line "N passed, N failed, 0 skipped".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/selftest/unit.h"

#define MODULES_MAX 128
#define TIMEOUT_S   240 /* of the slowest end-to-end test on a busy host */

static struct {
	const char *module;
	const TTest *tests[128];
	int n;
} modules[MODULES_MAX];
static int n_modules;

void unit_add(const char *module, const TTest *const *tests)
{
	if (n_modules == MODULES_MAX)
		die("too many modules with unit tests: raise MODULES_MAX");
	modules[n_modules].module = module;
	for (int i = 0; tests[i]; i++) {
		if (i == 128)
			die("too many unit tests in %s", module);
		modules[n_modules].tests[i] = tests[i];
		modules[n_modules].n = i + 1;
	}
	n_modules++;
}

static bool wanted(const char *module, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], module) == 0)
			return true;
	return argc < 2;
}

static char *scratch;

/* Checked fixture, run in the test's own process: a private folder as working directory. */
static void enter_scratch(void)
{
	char *dir = xasprintf("%s/%d", scratch, (int)getpid());

	file_enter_anew(dir);
	free(dir);
}

static SRunner *add_modules(int argc, char **argv)
{
	SRunner *runner = NULL;

	for (int m = 0; m < n_modules; m++) {
		Suite *suite;
		TCase *tc;

		if (!wanted(modules[m].module, argc, argv))
			continue;
		suite = suite_create(modules[m].module);
		tc = tcase_create(modules[m].module);
		tcase_add_checked_fixture(tc, enter_scratch, NULL);
		tcase_set_timeout(tc, TIMEOUT_S);
		for (int i = 0; i < modules[m].n; i++)
			tcase_add_test(tc, modules[m].tests[i]);
		suite_add_tcase(suite, tc);
		if (runner)
			srunner_add_suite(runner, suite);
		else
			runner = srunner_create(suite);
	}
	return runner;
}

int main(int argc, char **argv)
{
	char template[] = "/tmp/chardev-check-unit.XXXXXX";
	SRunner *runner = add_modules(argc, argv);
	int run, failed;

	if (!runner)
		die_usage("no such module with unit tests: %s", argv[1]);
	scratch = mkdtemp(template);
	if (!scratch)
		die_errno("mkdtemp");
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	run = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	if (!file_remove_tree(scratch))
		warn("unable to remove %s", scratch);
	printf("%d passed, %d failed, 0 skipped\n", run - failed, failed);
	return run && !failed ? EXIT_WELL : EXIT_FAILED;
}
