// SPDX-License-Identifier: GPL-2.0-or-later
/* verbs_test.c - what each verb prints and leaves; with the tree's cases, and no guest */
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/run/run_testing.h"
#include "harness/run/verbs.h"
#include "harness/selftest/forked.h"

#define TRIAL "transfer@virtserialport,unix,server,nowait,sync,small,both,hot"

/** struct verb - A verb and the options that it gets */
struct verb {
	int (*fn)(const struct options *o);
	struct options o;
};

static void do_verb(void *arg)
{
	const struct verb *v = arg;

	exit(v->fn(&v->o));
}

static void verb_init(struct verb *v, int (*fn)(const struct options *o), const char *arg)
{
	*v = (struct verb){.fn = fn,
			   .o = {.build = "b", .conf = "conf", .image = "image", .jobs = 1}};
	if (arg)
		strv_push(&v->o.args, arg);
	file_write("conf", "[transfer@*,big,*]\nrun = never\n", 31);
}

static void ends(struct verb *v, int status, const char *out, const char *err)
{
	struct forked f;

	forked_call(&f, do_verb, v);
	ck_assert_msg(f.status == status, "%d: %s", f.status, f.err.data);
	says(&f.out, out);
	says(&f.err, err);
	forked_release(&f);
	options_release(&v->o);
}

START_TEST(faults_are_for_wire_trials)
{
	struct verb v;

	verb_init(&v, verb_faults, TRIAL);
	ends(&v, EXIT_USAGE, "", "chardev-check: no wire trial is selected\n");
}
END_TEST

START_TEST(a_list_has_each_trial_and_when_it_runs)
{
	struct verb v;

	verb_init(&v, verb_list, "transfer@virtserialport,pipe,sync,[be]*,h2g,hot");
	ends(&v, EXIT_WELL,
	     "never  transfer@virtserialport,pipe,sync,big,h2g,hot\n"
	     "check  transfer@virtserialport,pipe,sync,edges,h2g,hot\n",
	     "");
	verb_init(&v, verb_list, "no.such*");
	ends(&v, EXIT_USAGE, "", "chardev-check: no trial matches no.such*\n");
	verb_init(&v, verb_list, NULL);
	v.o.conf = "nosuch";
	ends(&v, EXIT_USAGE, "", "unable to read nosuch: No such file");
}
END_TEST

START_TEST(a_look_at_one_trial_says_what_it_is)
{
	struct forked f;
	struct verb v;
	struct bench b;

	bench_init(&b, "no-slirp", NULL);
	verb_init(&v, verb_show, TRIAL);
	v.o.qemu = b.fake.caps.path;
	forked_call(&f, do_verb, &v);
	ck_assert_int_eq(f.status, EXIT_WELL);
	ck_assert_ptr_nonnull(
		strstr(f.out.data, "trial:    " TRIAL "\ntitle:    bytes pass whole"));
	says(&f.out, "\nneeds:    guest - missing here: this QEMU has no user networking");
	forked_release(&f);
	options_release(&v.o);
	verb_init(&v, verb_show, "transfer");
	ends(&v, EXIT_USAGE, "", "chardev-check: no trial is called transfer ('list' shows them)");
	verb_init(&v, verb_show, NULL);
	ends(&v, EXIT_USAGE, "", "show wants one trial id");
	bench_release(&b);
}
END_TEST

/* A fake without user networking skips it: a whole run, but for the trial. */
START_TEST(a_run_leaves_its_folder_and_takes_old_ones_away)
{
	struct buf selected = BUF_INIT;
	struct verb v;
	struct bench b;

	bench_init(&b, "no-slirp", NULL);
	for (int i = 10; i < 35; i++) {
		char *old = xasprintf("b/results/200001%d-000000-99999999", i);

		file_mkdirs(old);
		free(old);
	}
	file_mkdirs("b/results/notes");
	verb_init(&v, verb_run, TRIAL);
	v.o.qemu = b.fake.caps.path;
	ends(&v, EXIT_BROKEN, "\n0 passed, 0 failed, 1 skipped\n", "");
	ck_assert(!file_exists("b/results/20000114-000000-99999999"));
	ck_assert(file_exists("b/results/20000115-000000-99999999"));
	ck_assert(file_exists("b/results/notes")); /* no run */
	ck_assert(buf_read_file(&selected, "b/results/latest/selected"));
	ck_assert_str_eq(selected.data, TRIAL "\n");
	ck_assert(file_exists("b/results/latest/index.html"));
	ck_assert_int_eq(unlink("b/results/latest/index.html"), 0);
	verb_init(&v, verb_report, NULL);
	ends(&v, EXIT_BROKEN, "skipped 1: this QEMU has no user networking", "");
	ck_assert(file_exists("b/results/latest/index.html"));
	verb_init(&v, verb_rerun, NULL); /* a skip is not run again: it would be one again */
	ends(&v, EXIT_WELL, "nothing to run again: everything in ", "");
	buf_release(&selected);
	bench_release(&b);
}
END_TEST

/* A run that was killed before it came to a trial has no record of it. */
START_TEST(what_has_no_record_is_run_again)
{
	const struct run_info info = {.selected = 1, .interrupted = true};
	struct run_info with_qemu = info;
	struct verb v;
	struct bench b;

	bench_init(&b, "no-slirp", NULL);
	with_qemu.qemu = b.fake.caps.path;
	file_mkdirs("b/results/latest.1");
	ck_assert_int_eq(symlink("latest.1", "b/results/latest"), 0);
	run_info_write("b/results/latest", &with_qemu);
	file_write("b/results/latest/selected", TRIAL "\n", strlen(TRIAL) + 1);
	verb_init(&v, verb_rerun, NULL);
	ends(&v, EXIT_BROKEN, "SKIP          0.00 s  " TRIAL "\n", "");
	bench_release(&b);
}
END_TEST

START_TEST(what_is_no_run_is_told)
{
	struct verb v;

	verb_init(&v, verb_report, "nosuch");
	ends(&v, EXIT_USAGE, "", "nosuch/run.json: No such file or directory");
	verb_init(&v, verb_rerun, NULL);
	ends(&v, EXIT_USAGE, "", "b/results/latest/run.json: No such file or directory");
	verb_init(&v, verb_run, "transfer@*,small,*");
	v.o.keep_guest = true;
	ends(&v, EXIT_USAGE, "", "--keep (KEEP=1) is for one trial; ");
	ck_assert(!file_exists("b")); /* nothing was begun */
}
END_TEST

UNIT_TESTS(verbs, faults_are_for_wire_trials, a_list_has_each_trial_and_when_it_runs,
	   a_look_at_one_trial_says_what_it_is, a_run_leaves_its_folder_and_takes_old_ones_away,
	   what_has_no_record_is_run_again, what_is_no_run_is_told)
