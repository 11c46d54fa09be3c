// SPDX-License-Identifier: GPL-2.0-or-later
/* evidence_test.c - what is kept of which trial, and what a disk that takes nothing leads to */
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/run/evidence.h"
#include "harness/run/run_testing.h"
#include "harness/selftest/forked.h"

/* A trial that has a host end with bytes in its books, and a QEMU if @launch. */
static void begin(struct bench *b, struct trial *t, struct plan *plan, const char *mode,
		  bool launch)
{
	struct buf why = BUF_INIT;

	bench_init(b, mode, NULL);
	*t = (struct trial){.spec = &b->spec, .session = &b->session, .latest = &t->rig};
	*plan = (struct plan){0};
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	rig_init(&t->rig, &b->fake.config, plan);
	buf_addstr(&t->rig.chrs[0].first_sent, "sent");
	buf_add(&t->rig.chrs[0].first_received, "re\0ceived", 9);
	buf_addstr(&t->rig.chrs[1].first_received, "x");
	if (launch)
		ck_assert_msg(rig_up(&t->rig, NULL, &why), "%s", why.data);
}

static void end(struct bench *b, struct trial *t, struct plan *plan)
{
	rig_release(&t->rig);
	plan_release(plan);
	plan_release(&t->plan);
	bench_release(b);
}

START_TEST(bytes_are_kept_unless_it_passed)
{
	struct buf bytes = BUF_INIT;
	struct bench b;
	struct plan plan;
	struct trial t;

	begin(&b, &t, &plan, "ok", false);
	evidence_write(&t, VERDICT_PASS);
	evidence_write(&t, VERDICT_SKIP);
	ck_assert(!file_exists("c0.sent.bin") && !file_exists("c0.received.bin"));
	evidence_write(&t, VERDICT_FAIL);
	ck_assert(buf_read_file(&bytes, "c0.sent.bin"));
	ck_assert_str_eq(bytes.data, "sent");
	buf_clear(&bytes);
	ck_assert(buf_read_file(&bytes, "c0.received.bin"));
	ck_assert_uint_eq(bytes.len, 9);
	ck_assert_mem_eq(bytes.data, "re\0ceived", 9);
	ck_assert(!file_exists("c1.sent.bin") && file_exists("c1.received.bin"));
	buf_release(&bytes);
	end(&b, &t, &plan);
}
END_TEST

START_TEST(who_asks_for_it_has_all_of_it)
{
	for (int i = 0; i < 3; i++) {
		struct bench b;
		struct plan plan;
		struct trial t;

		begin(&b, &t, &plan, "ok", false);
		b.session.keep_all = i == 0;
		b.session.keep_guest = i == 1;
		evidence_write(&t, i == 2 ? VERDICT_BROKEN : VERDICT_PASS);
		ck_assert(file_exists("c0.sent.bin"));
		ck_assert_int_eq(unlink("c0.sent.bin"), 0);
		end(&b, &t, &plan);
	}
}
END_TEST

START_TEST(a_guests_state_is_not_kept)
{
	static const char big[] = "migration.state", note[] = "not kept: migration.state, 17825792";

	for (int keep_guest = 0; keep_guest < 2; keep_guest++) {
		struct bench b;
		struct plan plan;
		struct trial t;

		begin(&b, &t, &plan, "ok", false);
		b.session.keep_guest = keep_guest;
		file_write(big, "", 0);
		file_write("small", "", 0);
		ck_assert_int_eq(truncate(big, 17 << 20), 0);
		evidence_write(&t, VERDICT_FAIL);
		ck_assert(file_exists("small"));
		ck_assert_int_eq(file_exists(big), keep_guest);
		if (keep_guest) {
			ck_assert(unlink(big) == 0);
		} else {
			struct buf log = BUF_INIT;

			ck_assert(buf_read_file(&log, TRIAL_LOG));
			ck_assert_msg(strstr(log.data, note), "%s", log.data);
			ck_assert(unlink(TRIAL_LOG) == 0);
			buf_release(&log);
		}
		ck_assert(unlink("small") == 0 && unlink("c0.sent.bin") == 0);
		end(&b, &t, &plan);
	}
}
END_TEST

START_TEST(qemus_own_view_is_asked_for)
{
	struct buf state = BUF_INIT;
	struct bench b;
	struct plan plan;
	struct trial t;

	begin(&b, &t, &plan, "answer=human-monitor-command \"VM status: running\\r\\n\"", true);
	evidence_from_guest(&t, VERDICT_PASS);
	ck_assert(!file_exists("qemu-state.txt"));
	evidence_from_guest(&t, VERDICT_FAIL);
	ck_assert(buf_read_file(&state, "qemu-state.txt"));
	ck_assert_ptr_nonnull(strstr(state.data, "(qemu) info status\nVM status: running"));
	ck_assert_ptr_nonnull(strstr(state.data, "(qemu) info chardev\n"));
	says(&state, "(qemu) info qtree\n");
	ck_assert(!file_exists("dmesg.txt")); /* there is no guest */
	end(&b, &t, &plan);
}
END_TEST

START_TEST(one_that_does_not_answer_is_asked_once)
{
	struct buf state = BUF_INIT;
	struct bench b;
	struct plan plan;
	struct trial t;

	begin(&b, &t, &plan, "refuse=human-monitor-command", true);
	evidence_from_guest(&t, VERDICT_FAIL);
	ck_assert(buf_read_file(&state, "qemu-state.txt"));
	ck_assert_str_eq(state.data, "(qemu) info status: no answer\n");
	ck_assert_int_eq(unlink("qemu-state.txt"), 0);
	proc_kill(&t.rig.vm.proc, SIGKILL);
	ck_assert(proc_wait(&t.rig.vm.proc, deadline_in(5000)));
	evidence_from_guest(&t, VERDICT_FAIL); /* it is gone: nobody to ask */
	ck_assert(!file_exists("qemu-state.txt"));
	buf_release(&state);
	end(&b, &t, &plan);
}
END_TEST

START_TEST(the_script_can_be_run)
{
	struct buf script = BUF_INIT;
	struct bench b;
	struct plan plan;
	struct trial t;
	struct stat st;

	begin(&b, &t, &plan, "ok", false);
	evidence_begin(&t);
	ck_assert_int_eq(stat("repro.sh", &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0755);
	ck_assert(buf_read_file(&script, "repro.sh"));
	ck_assert_int_eq(strncmp(script.data, "#!/bin/sh\n# test.case\n", 22), 0);
	buf_release(&script);
	end(&b, &t, &plan);
}
END_TEST

static void write_all(void *trial)
{
	evidence_write(trial, VERDICT_FAIL);
}

static void begin_evidence(void *trial)
{
	evidence_begin(trial);
}

START_TEST(a_disk_that_takes_nothing_is_named)
{
	struct bench b;
	struct plan plan;
	struct trial t;
	char *here, *full, *nowhere;

	begin(&b, &t, &plan, "ok", false);
	here = getcwd(NULL, 0);
	ck_assert_ptr_nonnull(here);
	full = xasprintf("unable to write %s/c0.sent.bin: No space left on device", here);
	nowhere = xasprintf("unable to write %s/repro.sh: No such file or directory", here);
	ck_assert_int_eq(symlink("/dev/full", "c0.sent.bin"), 0);
	forked_dies(write_all, &t, EXIT_BROKEN, full);
	ck_assert_int_eq(symlink("/nosuch/folder", "repro.sh"), 0);
	forked_dies(begin_evidence, &t, EXIT_BROKEN, nowhere);
	end(&b, &t, &plan);
	free(here);
	free(full);
	free(nowhere);
}
END_TEST

static void print_reach(void *trial)
{
	evidence_print_reach(trial);
}

START_TEST(the_way_to_a_kept_guest_is_said)
{
	struct forked f;
	struct bench b;
	struct plan plan;
	struct trial t;
	char *pid;

	begin(&b, &t, &plan, "ok", true);
	pid = xasprintf("QEMU is process %d; 'kill %d' ends it\n", (int)t.rig.vm.proc.pid,
			(int)t.rig.vm.proc.pid);
	forked_call(&f, print_reach, &t);
	ck_assert_ptr_nonnull(strstr(f.out.data, pid));
	ck_assert_ptr_null(strstr(f.out.data, "ssh")); /* without a port there is no way */
	forked_release(&f);
	t.rig.vm.config.image = &b.fake.image;
	t.rig.vm.ssh_port = 4711;
	forked_call(&f, print_reach, &t);
	says(&f.out, "\n  ssh -i key -p 4711 ");
	forked_release(&f);
	proc_release(&t.rig.vm.proc);
	forked_call(&f, print_reach, &t);
	ck_assert_str_eq(f.out.data, "no guest was left running\n");
	forked_release(&f);
	free(pid);
	end(&b, &t, &plan);
}
END_TEST

UNIT_TESTS(evidence, bytes_are_kept_unless_it_passed, who_asks_for_it_has_all_of_it,
	   a_guests_state_is_not_kept, qemus_own_view_is_asked_for,
	   one_that_does_not_answer_is_asked_once, the_script_can_be_run,
	   a_disk_that_takes_nothing_is_named, the_way_to_a_kept_guest_is_said)
