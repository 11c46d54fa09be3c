// SPDX-License-Identifier: GPL-2.0-or-later
/* e2e_input.c - input that makes no sense, and a host that has no room: one line, nothing left */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/selftest/e2e.h"

static const struct {
	int status;
	const char *line, *words[6];
} rows[] = {
	{64, "no verb is called frob", {"frob"}},
	{64, "--nosuch", {"run", "--nosuch"}},
	{64, "--jobs", {"run", "demo.passes", "--jobs"}},
	{64, "--jobs wants a number", {"run", "--jobs", "0"}},
	{64, "--timeout-scale wants a number", {"run", "--timeout-scale", "fast"}},
	{64, "no trial matches demo.nosuch", {"run", "demo.passes", "demo.nosuch"}},
	{64, "no trial matches demo.nosuch*", {"list", "demo.nosuch*"}},
	{64, "show wants one trial id", {"show"}},
	{64, "no trial is called demo.nosuch", {"show", "demo.nosuch"}},
	{64, "results/latest/run.json: No such file", {"rerun"}},
	{64, "results/latest/run.json: No such file", {"report"}},
	{64, "/nosuch/run.json: No such file", {"report", "/nosuch"}},
	{64, "report wants the folder of one run", {"report", "a", "b"}},
	{64, "rerun wants the folder of one run", {"rerun", "a", "b"}},
	{64, "--count wants a number of scripts", {"explore", "--count", "0"}},
	{64, "no such fault", {"run", "--target", "reference!", "demo.passes"}},
	{64, "unable to read /tmp: Is a directory", {"run", "--conf", "/tmp"}},
	{64, "--keep (KEEP=1) is for one trial", {"run", "--keep", "demo.axes*"}},
	{64, "unable to read /nosuch.conf", {"run", "--conf", "/nosuch.conf"}},
	{64,
	 "/nosuch/qemu cannot be run: No such file",
	 {"run", "-q", "/nosuch/qemu", "demo.qemu"}},
	{64, "no such fault: read:lose@1+1", {"run", "--fault", "read:lose@1+1", "demo.passes"}},
	{2, "/bin/true cannot be used", {"run", "-q", "/bin/true", "demo.qemu"}},
	{64,
	 "/etc/passwd cannot be run: Permission denied",
	 {"run", "-q", "/etc/passwd", "demo.qemu"}},
	{64, "/etc cannot be run: Is a directory", {"run", "-q", "/etc", "demo.qemu"}},
	{64,
	 "/etc cannot be run: Is a directory",
	 {"run", "--qemu-to", "qemu-system-x86_64:/etc", "demo.qemu"}},
	{64, "--qemu-to wants FILE[:FILE..], not ':'", {"run", "--qemu-to", ":", "demo.qemu"}},
	{2,
	 "unable to make folder /proc/nosuch",
	 {"run", "--build", "/proc/nosuch", "demo.passes"}},
};

START_TEST(words_that_make_no_sense)
{
	struct e2e e;

	e2e_init(&e, E2E_DEMO, "b", "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *const *w = rows[i].words;

		e2e_do(&e, rows[i].status, w[0], w[1], w[2], w[3], w[4], NULL);
		e2e_one_line(&e, rows[i].line);
		E2E_CHECK(&e, !e.out.len, "stdout is not empty");
		e2e_clean(&e);
	}
	e2e_release(&e);
}
END_TEST

START_TEST(a_cases_conf_that_makes_no_sense)
{
	static const char *const confs[][2] = {
		{"[demo.passes]\ncolour = red\n", ":2: unknown key colour"},
		{"[demo.axes@*]\nsize = huge\n", ":2: axis size has no value huge"},
		{"[demo.nosuch]\nrun = long\n", "stanza [demo.nosuch] matches no trial"},
		{"[demo.passes]\nrun = sometimes\n", ":2: run wants"},
		{"[demo.passes]\ntimeout = soon\n", ":2: timeout wants"},
		{"[demo.passes]\nexpect = FAIL\n", ":2: expect wants"},
		{"[demo.passes]\nexpect = FAIL a bug\n", ":2: expect wants a match"},
		{"[demo.passes\n", ":1"},
	};

	for (size_t i = 0; i < sizeof(confs) / sizeof(*confs); i++) {
		struct e2e e;

		e2e_init(&e, E2E_DEMO, "b", confs[i][0]);
		e2e_do(&e, EXIT_USAGE, "run", "demo.passes", NULL);
		e2e_one_line(&e, confs[i][1]);
		e2e_clean(&e);
		e2e_release(&e);
	}
}
END_TEST

#define TRIAL "transfer@virtserialport,unix,server,nowait,sync,small,both,hot"

/* What an image has, but none of it good: root may read what has no permissions, so a link that
 * leads nowhere stands for what cannot be read. */
START_TEST(a_guest_image_that_is_not_one)
{
	static const char conf[] = "hash=1\nappend=x\nready=r\nfailed=f\nkernel=k\n"
				   "kernel_file=vmlinux\nflavour=cloud\npassword=p\n";
	struct e2e e;

	e2e_init(&e, E2E_REAL, "b", NULL);
	e2e_do(&e, EXIT_BROKEN, "run", "--image", "/nosuch", TRIAL, NULL);
	e2e_one_line(&e, "no folder /nosuch");
	file_mkdirs("image");
	e2e_do(&e, EXIT_BROKEN, "run", "--image", "image", TRIAL, NULL);
	e2e_one_line(&e, "image/image.conf: No such file");
	file_write("image/image.conf", "hash=1\n", 7);
	e2e_do(&e, EXIT_BROKEN, "run", "--image", "image", TRIAL, NULL);
	e2e_one_line(&e, "image.conf is not complete");
	file_write("image/image.conf", conf, strlen(conf));
	ck_assert_int_eq(symlink("/nosuch", "image/vmlinux"), 0);
	e2e_do(&e, EXIT_BROKEN, "run", "--image", "image", TRIAL, NULL);
	e2e_one_line(&e, "unable to read");
	e2e_one_line(&e, "image/vmlinux");
	e2e_clean(&e);
	e2e_release(&e);
}
END_TEST

/* Root has quotas and limits of its own, but not for the size of a file. */
START_TEST(a_full_disk)
{
	struct e2e e;

	e2e_init(&e, E2E_DEMO, "b", "");
	strv_pushl(&e.before, "sh", "-c", "trap '' XFSZ; ulimit -f 2; exec \"$@\"", "sh", NULL);
	e2e_do(&e, EXIT_BROKEN, "run", "-j2", "demo.axes*", "demo.fails", "demo.passes", NULL);
	E2E_CHECK(&e, strstr(e.err.data, "chardev-check: unable to write"), "it does not say why");
	E2E_CHECK(&e, strstr(e.err.data, "File too large"), "it does not say why");
	e2e_gone(&e);
	e2e_release(&e);
}
END_TEST

START_TEST(a_stdout_that_takes_nothing)
{
	struct e2e e;

	e2e_init(&e, E2E_DEMO, "b", "");
	strv_pushl(&e.before, "sh", "-c", "exec \"$@\" >/dev/full", "sh", NULL);
	e2e_do(&e, EXIT_BROKEN, "list", NULL);
	e2e_one_line(&e, "stdout");
	e2e_do(&e, EXIT_BROKEN, "run", "demo.passes", NULL);
	e2e_one_line(&e, "stdout");
	e2e_clean(&e);
	e2e_release(&e);
}
END_TEST

UNIT_TESTS(input, words_that_make_no_sense, a_cases_conf_that_makes_no_sense,
	   a_guest_image_that_is_not_one, a_full_disk, a_stdout_that_takes_nothing)
