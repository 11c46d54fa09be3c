// SPDX-License-Identifier: GPL-2.0-or-later
/* e2e_explore.c - what explore leaves of a difference can be used as it is */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "harness/selftest/e2e.h"

#define COMPILE_S 60

/* The compiler takes it, with the tree's own flags, as a file of cases/wire. */
static void compile(const struct e2e *e, const char *file)
{
	struct strv argv = {NULL, 0};
	struct proc_spec spec = PROC_SPEC(&argv);
	struct proc p = PROC_INIT;
	char *include = xasprintf("-I%s", e2e_root()), *err = xasprintf("%s.err", file);
	struct buf words = BUF_INIT;

	strv_pushl(&argv, "gcc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
		   "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wformat=2", "-Wvla",
		   include, "-fsyntax-only", file, NULL);
	spec.err = err;
	ck_assert_int_eq(proc_start(&p, &spec), 0);
	E2E_CHECK(e, proc_wait(&p, deadline_in(COMPILE_S * 1000)), "the compiler hangs");
	if (!buf_read_file(&words, err))
		buf_addstr(&words, "(nothing)");
	E2E_CHECK(e, WIFEXITED(p.status) && WEXITSTATUS(p.status) == 0, "%s: %s", file, words.data);
	proc_release(&p);
	strv_release(&argv);
	buf_release(&words);
	free(include);
	free(err);
}

/* Two reference devices, of which one is wrong, in as many parts as there are scripts. */
START_TEST(a_finding_compiles_as_a_case)
{
	struct e2e e;
	char *folder;
	struct dirent *entry;
	unsigned cases = 0;
	DIR *dir;

	e2e_init(&e, E2E_REAL, "found", NULL);
	e2e_do(&e, EXIT_FAILED, "explore", "--target", "reference!tx-flip", "--count", "12",
	       "--seed", "3", NULL);
	e2e_prints(&e, "explore from seed 3: 12 scripts, ");
	e2e_prints(&e, "finding 1, seed ");
	folder = xasprintf("%s/explore", e.dir);
	dir = opendir(folder);
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		char *path = xasprintf("%s/%s", folder, entry->d_name);
		size_t len = strlen(entry->d_name);

		ck_assert_msg(strncmp(entry->d_name, "part-", 5) != 0, "%s is left", path);
		if (len > 2 && strcmp(entry->d_name + len - 2, ".c") == 0) {
			compile(&e, path);
			cases++;
		}
		free(path);
	}
	closedir(dir);
	E2E_CHECK(&e, cases > 0, "no case is in %s", folder);
	free(folder);
	e2e_release(&e);
}
END_TEST

/* The first of two is this test. */
START_TEST(two_in_one_folder_do_not_meet)
{
	struct e2e e;
	char *path;
	int lock;

	e2e_init(&e, E2E_REAL, "same", NULL);
	path = xasprintf("%s/explore.lock", e.dir);
	lock = file_try_lock(path);
	ck_assert_int_ge(lock, 0);
	e2e_do(&e, EXIT_BROKEN, "explore", "--reference", "--count", "1", NULL);
	e2e_one_line(&e, "another explore writes to ");
	io_close(&lock);
	e2e_do(&e, EXIT_WELL, "explore", "--reference", "--count", "1", NULL);
	e2e_prints(&e, "explore from seed 0: 1 scripts, ");
	e2e_gone(&e);
	free(path);
	e2e_release(&e);
}
END_TEST

UNIT_TESTS(e2e_explore, a_finding_compiles_as_a_case, two_in_one_folder_do_not_meet)
