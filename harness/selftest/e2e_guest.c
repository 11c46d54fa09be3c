// SPDX-License-Identifier: GPL-2.0-or-later
/* e2e_guest.c - with QEMU and our guest: a wrong host end is found, and a guest can be kept */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/selftest/e2e.h"

#define TRIAL "transfer@virtserialport,unix,server,nowait,sync,big,both,hot"

/* Beside the tests' own folders, which are one after the other: the guest is saved only once. */
static void init(struct e2e *e, char **image)
{
	e2e_init(e, E2E_REAL, "../guest", NULL);
	*image = e2e_built("images/cloud");
}

START_TEST(a_wrong_host_end_is_found)
{
	static const struct {
		const char *fault, *scale, *reason;
	} faults[] = {
		{"read:drop@100000+4096", "0.5", "4096 bytes lost at offset 100000"},
		{"read:repeat@100000+4096", "1",
		 "4096 bytes repeated at 104096, first seen at 100000"},
		{"read:swap@100000+4096", "1",
		 "4096 bytes from offset 104096 came before those from 100000"},
		{"read:flip@67108863+1", "1", "first wrong byte at offset 67108863"},
		{"write:flip@100000+16", "1", "at offset 100000: 16 foreign bytes"},
		{"write:drop@100000+4096", "1", "not bytes 100000.. but 104096.. (4096 skipped)"},
		{"write:repeat@100000+4096", "1", "not bytes 104096.. but 100000.. (4096 back)"},
	};
	struct e2e e;
	char *image;

	init(&e, &image);
	e2e_do(&e, EXIT_WELL, "run", "--accel", "tcg", "--image", image, TRIAL, NULL);
	e2e_verdict(&e, TRIAL, VERDICT_PASS, "");
	E2E_CHECK(&e, !e2e_evidence(&e, TRIAL, "."), "evidence of a pass");
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		e2e_do(&e, EXIT_FAILED, "run", "--accel", "tcg", "--image", image, "--fault",
		       faults[i].fault, "--timeout-scale", faults[i].scale, TRIAL, NULL);
		e2e_verdict(&e, TRIAL, VERDICT_FAIL, faults[i].reason);
		E2E_CHECK(&e, e2e_evidence(&e, TRIAL, "repro.sh"), "no repro.sh");
		E2E_CHECK(&e, e2e_evidence(&e, TRIAL, "dmesg.txt"), "no dmesg.txt");
		e2e_clean(&e);
	}
	e2e_release(&e);
	free(image);
}
END_TEST

START_TEST(an_accelerator_that_is_none)
{
	struct e2e e;
	char *image;

	init(&e, &image);
	e2e_do(&e, EXIT_USAGE, "run", "--image", image, "--accel", "nosuch", TRIAL, NULL);
	e2e_one_line(&e, "no accelerator is called nosuch");
	e2e_release(&e);
	free(image);
}
END_TEST

START_TEST(show_prints_the_command_line)
{
	struct e2e e;
	char *image;

	init(&e, &image);
	e2e_do(&e, EXIT_WELL, "show", "--image", image, TRIAL, NULL);
	e2e_prints(&e, "/qemu-system-x86_64 \\\n\t-nodefaults");
	e2e_prints(&e, image);
	e2e_prints(&e, "\n  chardev-add socket,id=c0,");
	e2e_prints(&e, "\n  device_add virtserialport,");
	e2e_release(&e);
	free(image);
}
END_TEST

/* The words behind @what in stdout, up to @end. */
static char *printed(const struct e2e *e, const char *what, const char *end)
{
	const char *at = strstr(e->out.data, what);

	E2E_CHECK(e, at, "it does not print '%s'", what);
	at += strlen(what);
	return xstrndup(at, strcspn(at, end));
}

/* What a user would paste. */
static void shell(const struct e2e *e, const char *line, const char *out)
{
	struct strv argv = {NULL, 0};
	struct proc_spec spec = PROC_SPEC(&argv);
	struct proc p;

	strv_pushl(&argv, "sh", "-c", line, NULL);
	spec.out = spec.err = out;
	ck_assert_int_eq(proc_start(&p, &spec), 0);
	E2E_CHECK(e, proc_wait(&p, deadline_in(15000)), "'%s' did not end", line);
	E2E_CHECK(e, WIFEXITED(p.status) && WEXITSTATUS(p.status) == 0, "'%s' failed", line);
	proc_release(&p);
	strv_release(&argv);
}

START_TEST(a_kept_guest_can_be_reached_and_ended)
{
	char *image, *ssh, *command, *end;
	struct buf answer = BUF_INIT;
	struct e2e e;

	init(&e, &image);
	e2e_do(&e, EXIT_WELL, "run", "--keep", "--accel", "tcg", "--image", image, TRIAL, NULL);
	E2E_CHECK(&e, e2e_processes(&e) == 1, "%d processes, not just QEMU", e2e_processes(&e));
	E2E_CHECK(&e, e2e_evidence(&e, TRIAL, "repro.sh"), "no evidence of a kept guest");
	ssh = printed(&e, "  ssh ", "\n");
	command = xasprintf("ssh %s 'chardev-helper payload --seed 1 --bytes 3 | wc -c'", ssh);
	shell(&e, command, "answer");
	ck_assert(buf_read_file(&answer, "answer"));
	E2E_CHECK(&e, strstr(answer.data, "3\n"), "the guest answered: %s", answer.data);
	end = printed(&e, "; '", "'");
	shell(&e, end, "end");
	e2e_gone(&e);
	e2e_clean(&e);
	e2e_release(&e);
	buf_release(&answer);
	free(image);
	free(ssh);
	free(command);
	free(end);
}
END_TEST

START_TEST(commands_may_overlap)
{
	char *image;
	struct e2e e;

	e2e_init(&e, E2E_DEMO, "../guest", "");
	image = e2e_built("images/cloud");
	e2e_do(&e, EXIT_WELL, "run", "--accel", "tcg", "--image", image, "demo.overlap", NULL);
	e2e_verdict(&e, "demo.overlap", VERDICT_PASS, "");
	e2e_clean(&e);
	e2e_release(&e);
	free(image);
}
END_TEST

UNIT_TESTS(guest, a_wrong_host_end_is_found, an_accelerator_that_is_none,
	   show_prints_the_command_line, a_kept_guest_can_be_reached_and_ended,
	   commands_may_overlap)
