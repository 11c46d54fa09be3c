// SPDX-License-Identifier: GPL-2.0-or-later
/* vm_test.c - one QEMU, played by the fake one: how it is started, seen to end, and ended */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/selftest/forked.h"
#include "harness/vm/vm_testing.h"

#define SOON deadline_in(10000)

/* Start it and take its connection. */
static void up(struct vm *vm, struct fake *f)
{
	struct buf why = BUF_INIT;

	vm_init(vm, &f->config);
	ck_assert_msg(vm_launch(vm, NULL, NULL, 0, &why), "%s", why.data);
	ck_assert_msg(vm_connect(vm, &why), "%s", why.data);
	ck_assert(vm_alive(vm, &why) && !why.len);
	ck_assert_int_gt(vm->pid, 1);
}

/* A wait that must run out may be a short one; others must not, on a busy host either. */
static double scale_for(const char *mode)
{
	if (strncmp(mode, "hang-", 5) == 0 || strncmp(mode, "close-", 6) == 0)
		return 0.01;
	return strncmp(mode, "garbage-", 8) == 0 ? 0.2 : 1;
}

/* The word behind @option; NULL: there is no such option. */
static const char *behind(const struct strv *argv, const char *option)
{
	for (size_t i = 0; i + 1 < argv->n; i++)
		if (strcmp(argv->v[i], option) == 0)
			return argv->v[i + 1];
	return NULL;
}

START_TEST(the_command_line_is_the_configuration)
{
	struct strv argv = {0};
	struct fake f;

	fake_init(&f, "ok");
	f.config.machine = "q35,graphics=off";
	f.config.accel = "tcg";
	f.config.smp = 4;
	f.config.memory_mb = 77;
	vm_argv(&f.config, &argv);
	ck_assert_str_eq(argv.v[0], f.caps.path);
	ck_assert_str_eq(behind(&argv, "-machine"), "q35,graphics=off");
	ck_assert_str_eq(behind(&argv, "-accel"), "tcg");
	ck_assert_str_eq(behind(&argv, "-smp"), "4");
	ck_assert_str_eq(behind(&argv, "-m"), "77");
	ck_assert_str_eq(behind(&argv, "-qmp"), "unix:qmp.sock");
	/* Nothing of the user's own configuration, nothing on a screen, no network. */
	ck_assert(strv_has(&argv, "-nodefaults") && strv_has(&argv, "-no-user-config"));
	ck_assert_str_eq(behind(&argv, "-display"), "none");
	ck_assert(!strv_has(&argv, "-kernel") && !strv_has(&argv, "-netdev"));
	strv_release(&argv);
	f.config.accel = NULL;
	vm_argv(&f.config, &argv);
	ck_assert(!strv_has(&argv, "-accel"));
	strv_release(&argv);
	fake_release(&f);
}
END_TEST

START_TEST(with_a_guest_come_kernel_console_and_network)
{
	struct strv argv = {0};
	struct fake f;
	size_t uarts = 0;

	fake_init(&f, "ok");
	f.config.image = &f.image;
	f.config.accel = "kvm";
	f.config.append = "iommu=pt x";
	f.config.n_uarts = 2;
	f.config.uart[1] = "c1";
	vm_argv(&f.config, &argv);
	ck_assert_str_eq(behind(&argv, "-kernel"), "/no/image/vmlinux");
	ck_assert_str_eq(behind(&argv, "-initrd"), "/no/image/initramfs");
	ck_assert_str_eq(behind(&argv, "-append"), "console=ttyS0 quiet iommu=pt x");
	ck_assert_ptr_nonnull(strstr(behind(&argv, "-netdev"), "restrict=on"));
	ck_assert_ptr_nonnull(strstr(behind(&argv, "-netdev"), "hostfwd=tcp:127.0.0.1:0-:22"));
	for (size_t i = 0; i + 1 < argv.n; i++) {
		static const char *const want[] = {"chardev:console", "null", "chardev:c1"};

		if (strcmp(argv.v[i], "-serial") != 0)
			continue;
		ck_assert_uint_lt(uarts, 3);
		ck_assert_str_eq(argv.v[i + 1], want[uarts++]);
	}
	ck_assert_uint_eq(uarts, 3);
	strv_release(&argv);
	fake_release(&f);
}
END_TEST

/* File argv, read by a shell, is the words that QEMU got. */
START_TEST(the_command_line_is_kept_as_a_shell_reads_it)
{
	static const char *const words[] = {"it's", "a b", "$HOME `id`", "\"q\"\\", "-x", "*"};
	struct strv extra = {0}, sh = {0};
	struct proc_spec spec = PROC_SPEC(&sh);
	struct proc p = PROC_INIT;
	struct buf why = BUF_INIT, want = BUF_INIT, got = BUF_INIT;
	struct fake f;
	struct vm vm;

	fake_init(&f, "ok");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		strv_push(&extra, words[i]);
	vm_init(&vm, &f.config);
	ck_assert_msg(vm_launch(&vm, &extra, NULL, 0, &why), "%s", why.data);
	for (size_t i = 0; i < vm.argv.n; i++)
		buf_addf(&want, "%s\n", vm.argv.v[i]);
	ck_assert_str_eq(vm.argv.v[vm.argv.n - 1], "*");
	strv_pushl(&sh, "sh", "-c", "eval \"set -- $(tr '\\n' ' ' <argv)\"; printf '%s\\n' \"$@\"",
		   NULL);
	spec.out = "words";
	ck_assert_int_eq(proc_start(&p, &spec), 0);
	ck_assert(proc_wait(&p, SOON) && buf_read_file(&got, "words"));
	ck_assert_str_eq(got.data, want.data);
	proc_release(&p);
	vm_release(&vm);
	buf_release(&want);
	buf_release(&got);
	strv_release(&sh);
	strv_release(&extra);
	fake_release(&f);
}
END_TEST

START_TEST(it_starts_answers_and_ends_well)
{
	struct buf why = BUF_INIT, out = BUF_INIT;
	struct fake f;
	struct vm vm;

	fake_init(&f, "stderr=warning: something");
	up(&vm, &f);
	ck_assert_int_eq(qmp_cmd(&vm.qmp, SOON, "query-status", NULL), QMP_OK);
	ck_assert(vm_quit(&vm, &why));
	ck_assert(WIFEXITED(vm.proc.status) && WEXITSTATUS(vm.proc.status) == 0);
	ck_assert(vm_alive(&vm, &why)); /* it was told to end: no surprise */
	ck_assert_uint_eq(why.len, 0);
	ck_assert(buf_read_file(&out, VM_ERR));
	says(&out, "warning: something");
	ck_assert(buf_read_file(&out, VM_QMP_LOG));
	says(&out, "query-status");
	vm_release(&vm);
	fake_release(&f);
}
END_TEST

START_TEST(what_cannot_be_started_is_told)
{
	struct buf why = BUF_INIT;
	struct fake f;
	struct vm vm;

	fake_init(&f, "ok");
	free(f.caps.path);
	f.caps.path = xstrdup("./nosuch");
	vm_init(&vm, &f.config);
	ck_assert(!vm_launch(&vm, NULL, NULL, 0, &why));
	ck_assert_str_eq(why.data, "unable to start ./nosuch: No such file or directory");
	ck_assert(vm_alive(&vm, &why)); /* there is none whose end could be a surprise */
	vm_release(&vm);
	buf_release(&why);
	vm_init(&vm, &f.config); /* never launched */
	vm_release(&vm);
	fake_release(&f);
}
END_TEST

START_TEST(an_end_at_the_start_is_told_with_its_last_words)
{
	static const char *const rows[][2] = {
		{"exit-at-start", "QEMU ended: exit status 3; its last words: fake-qemu: exiting"},
		{"signal-at-start", "QEMU ended: signal 11 (Segmentation fault)"},
		{"stderr=first\nthe last one\n\n;signal-at-start", "its last words: the last one"},
		{"stderr=a.c:1:2: runtime error: shift;exit-at-start",
		 "its last words: a.c:1:2: runtime error: shift"},
		{"stderr=\n==7==ERROR: AddressSanitizer: heap\nmore\n;exit-at-start",
		 "its last words: ==7==ERROR: AddressSanitizer: heap"},
		{"exit-at=qmp_capabilities", "QEMU ended: exit status 5"},
		{"garbage-at=qmp_capabilities", "QMP start: QEMU sent what is no JSON object"},
		{"close-at=qmp_capabilities", "QMP start: QEMU closed the connection"},
		{"hang-at-start", "QMP start: nothing came before the deadline"},
	};
	struct fake f;

	fake_init(&f, "ok");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf why = BUF_INIT;
		struct vm vm;

		fake_does(rows[i][0]);
		deadline_set_scale(scale_for(rows[i][0]));
		vm_init(&vm, &f.config);
		ck_assert(vm_launch(&vm, NULL, NULL, 0, &why) && !vm_connect(&vm, &why));
		ck_assert_ptr_null(strchr(why.data, '\n'));
		says(&why, rows[i][1]);
		vm_release(&vm);
	}
	fake_release(&f);
}
END_TEST

START_TEST(an_end_on_its_way_is_seen)
{
	struct buf why = BUF_INIT;
	struct fake f;
	struct vm vm;

	fake_init(&f, "stderr=last words");
	up(&vm, &f);
	ck_assert_int_eq(kill(vm.proc.pid, SIGKILL), 0);
	ck_assert(proc_wait(&vm.proc, SOON));
	ck_assert(!vm_alive(&vm, &why));
	ck_assert_str_eq(why.data, "QEMU ended: signal 9 (Killed); its last words: last words");
	buf_clear(&why);
	ck_assert(!vm_quit(&vm, &why)); /* and then it is not asked to end */
	ck_assert_str_eq(why.data, "QEMU ended: signal 9 (Killed); its last words: last words");
	buf_release(&why);
	vm_release(&vm);
	fake_release(&f);
}
END_TEST

START_TEST(an_end_that_is_not_well_is_a_failure)
{
	static const char *const rows[][2] = {
		{"status-at-quit=1", "QEMU ended: exit status 1"},
		{"signal-at=quit", "QEMU ended: signal 11"},
		{"close-at=quit", "QEMU did not end in time after QMP quit"},
		{"refuse=quit", "QMP quit refused: GenericError: refused"},
		{"hang-at-quit", "QEMU did not end in time after QMP quit"},
		{"hang-at=quit", "QMP quit: nothing came before the deadline"},
		{"asan-at-quit", "a sanitizer report: ==1==ERROR: AddressSanitizer"},
		{"stderr=x.c:3:4: runtime error: null", "x.c:3:4: runtime error: null"},
		{"stderr=WARNING: ThreadSanitizer: data race", "ThreadSanitizer: data race"},
	};
	struct fake f;

	fake_init(&f, "ok");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf why = BUF_INIT;
		struct vm vm;

		fake_does(rows[i][0]);
		up(&vm, &f);
		deadline_set_scale(scale_for(rows[i][0]));
		ck_assert_msg(!vm_quit(&vm, &why), "%s", rows[i][0]);
		says(&why, rows[i][1]);
		deadline_set_scale(1);
		vm_release(&vm);
	}
	fake_release(&f);
}
END_TEST

/* A FIFO that all heirs keep open tells when the last of them has gone. */
static void must_be_gone(const char *fifo)
{
	int fd = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char x;

	ck_assert_int_ge(fd, 0);
	while (read(fd, &x, 1) != 0)
		ck_assert(io_wait(fd, POLLHUP, SOON) & POLLHUP);
	close(fd);
}

START_TEST(a_script_in_front_goes_with_all_that_it_started)
{
	struct fake f;
	struct vm vm;
	char *script;
	int hold;

	fake_init(&f, "ok");
	script = xasprintf("#!/bin/sh\nexec 3>>alive\nsleep 1000 &\n%s \"$@\"\n", f.caps.path);
	write_program("script", script);
	free(f.caps.path);
	f.caps.path = xstrdup("./script");
	ck_assert_int_eq(mkfifo("alive", 0600), 0);
	hold = open("alive", O_RDWR | O_CLOEXEC);
	up(&vm, &f);
	close(hold);
	vm_release(&vm);
	must_be_gone("alive");
	fake_release(&f);
	free(script);
}
END_TEST

START_TEST(one_that_is_kept_outlives_us)
{
	struct fake f;
	struct vm vm;
	pid_t pid;

	fake_init(&f, "ok");
	f.config.keep = true;
	up(&vm, &f);
	pid = vm.proc.pid;
	vm_release(&vm);
	ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
	ck_assert_int_eq(kill(-pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	close(vm.proc.pidfd);
	fake_release(&f);
}
END_TEST

START_TEST(words_are_waited_for)
{
	struct fake f;
	struct vm vm;

	fake_init(&f, "stderr=QEMU waiting for connection on: x");
	up(&vm, &f);
	ck_assert(vm_await_words(&vm, "waiting for connection", SOON));
	ck_assert(!vm_await_words(&vm, "nobody says this", deadline_in(20)));
	/* They come later, on the other stream. */
	if (fork() == 0) {
		io_poll(NULL, 0, deadline_in(30));
		file_append(VM_OUT, "late words\n", 11);
		_exit(0);
	}
	ck_assert(vm_await_words(&vm, "late words", SOON));
	vm_release(&vm);
	fake_does("exit-at-start");
	vm_init(&vm, &f.config);
	ck_assert(vm_launch(&vm, NULL, NULL, 0, NULL));
	ck_assert(!vm_await_words(&vm, "nobody says this", SOON));
	ck_assert(vm_await_words(&vm, "exiting at the start", SOON)); /* said before it ended */
	vm_release(&vm);
	fake_release(&f);
}
END_TEST

static void await_broken_image(void *arg)
{
	struct buf why = BUF_INIT;

	vm_await_boot(arg, SOON, &why);
}

START_TEST(a_boot_is_ready_failed_or_late)
{
	struct buf why = BUF_INIT;
	struct fake f;
	struct vm vm;

	fake_init(&f, "console=[0.1] Linux\nthe guest is ready");
	f.config.image = &f.image;
	up(&vm, &f);
	ck_assert(vm_await_boot(&vm, SOON, &why));
	vm_release(&vm);
	fake_does("console=the guest failed: no module");
	up(&vm, &f);
	forked_dies(await_broken_image, &vm, EXIT_BROKEN,
		    "the guest image is broken: see console.log; 'make image' makes it again");
	vm_release(&vm);
	fake_does("console=Kernel panic\n\n");
	up(&vm, &f);
	ck_assert(!vm_await_boot(&vm, deadline_in(20), &why));
	says(&why, "the guest did not get ready; the last line on its console: Kernel panic");
	ck_assert_int_eq(kill(vm.proc.pid, SIGTERM), 0);
	ck_assert(!vm_await_boot(&vm, SOON, &why));
	says(&why, "QEMU ended: exit status 0; its last words: fake-qemu: terminating on signal");
	vm_release(&vm);
	ck_assert_int_eq(unlink(VM_CONSOLE), 0);
	fake_does("ok");
	up(&vm, &f);
	ck_assert(!vm_await_boot(&vm, deadline_in(20), &why));
	says(&why, "the last line on its console: (nothing)");
	vm_release(&vm);
	fake_release(&f);
}
END_TEST

START_TEST(a_restored_guest_runs_now_or_says_so)
{
	static const struct {
		const char *mode, *why; /* NULL: it is restored */
	} rows[] = {
		{"ok", NULL},
		{"answer=query-status {\"status\": \"inmigrate\"};event=query-status RESUME", NULL},
		{"answer=query-status {\"status\": \"inmigrate\"};event=query-status STOP",
		 "QMP -incoming: nothing came before the deadline"},
		{"answer=query-status {}", "QMP -incoming: nothing came before the deadline"},
		{"answer=query-status 7", "QMP -incoming: nothing came before the deadline"},
		{"refuse=query-status", "QMP -incoming refused: GenericError"},
		{"stderr=bad stream;exit-at=query-status",
		 "QEMU ended: exit status 5; its last words: bad stream"},
	};
	struct fake f;

	fake_init(&f, "ok");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf why = BUF_INIT;
		struct vm vm;
		bool ends = rows[i].why && strstr(rows[i].why, "deadline");

		fake_does(rows[i].mode);
		up(&vm, &f);
		ck_assert_msg(vm_await_restore(&vm, ends ? deadline_in(30) : SOON, &why) ==
				      !rows[i].why,
			      "%s: %s", rows[i].mode, why.data);
		if (rows[i].why)
			says(&why, rows[i].why);
		vm_release(&vm);
	}
	fake_release(&f);
}
END_TEST

#define USERNET(line) "answer=human-monitor-command \"Hub 0:\\r\\n" line "\\r\\n\""

START_TEST(the_way_to_ssh_is_what_qemu_says)
{
	static const char *const rows[][2] = {
		{"answer=human-monitor-command \"\"", "info usernet names no forwarded port"},
		{USERNET("  TCP[HOST_FORWARD]"), "names no forwarded port"},
		{USERNET("  TCP[HOST_FORWARD]  13  127.0.0.1 lots 10.0.2.15 22"), "names no forw"},
		{USERNET("  TCP[SYN_SYNC]  13  127.0.0.1 4711 10.0.2.15 22"), "names no forwarded"},
		{USERNET("  TCP[HOST_FORWARD]  13  127.0.0.1 1  10.0.2.15 22"),
		 "ssh to the guest: unable to connect to 127.0.0.1:1: Connection refused"},
		{"refuse=human-monitor-command", "QMP info usernet refused: GenericError"},
		{"exit-at=human-monitor-command", "QEMU ended: exit status 5"},
	};
	static const char pub[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL41FZkiXU90kCbo5k3LKC0DJE"
				  "tPpMaeTYE7289EDt2/ guest\n";
	struct fake f;

	fake_init(&f, "ok");
	f.config.image = &f.image;
	file_write("key", "no key\n", 7);
	file_write("host.pub", pub, sizeof(pub) - 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf why = BUF_INIT;
		struct vm vm;

		fake_does(rows[i][0]);
		up(&vm, &f);
		ck_assert(!vm_ssh(&vm, &why));
		says(&why, rows[i][1]);
		ck_assert_int_eq(vm.ssh_port, strstr(rows[i][1], "127.0.0.1:1:") ? 1 : 0);
		vm_release(&vm);
	}
	fake_release(&f);
}
END_TEST

START_TEST(it_rests_when_its_main_thread_sleeps)
{
	pid_t busy = fork(), idle;
	struct vm vm = {.pid = busy};

	if (busy == 0)
		for (volatile unsigned n = 0;; n++)
			;
	ck_assert_int_gt(busy, 0);
	idle = fork();
	if (idle == 0)
		for (;;)
			pause();
	ck_assert_int_gt(idle, 0);
	ck_assert(!vm_await_rest(&vm, deadline_in(50)));
	vm.pid = idle;
	ck_assert(vm_await_rest(&vm, SOON));
	ck_assert(kill(busy, SIGKILL) == 0 && kill(idle, SIGKILL) == 0);
	ck_assert(waitpid(busy, NULL, 0) == busy && waitpid(idle, NULL, 0) == idle);
	ck_assert(vm_await_rest(&vm, SOON)); /* it is gone */
}
END_TEST

UNIT_TESTS(vm, it_rests_when_its_main_thread_sleeps, the_command_line_is_the_configuration,
	   with_a_guest_come_kernel_console_and_network,
	   the_command_line_is_kept_as_a_shell_reads_it, it_starts_answers_and_ends_well,
	   what_cannot_be_started_is_told, an_end_at_the_start_is_told_with_its_last_words,
	   an_end_on_its_way_is_seen, an_end_that_is_not_well_is_a_failure,
	   a_script_in_front_goes_with_all_that_it_started, one_that_is_kept_outlives_us,
	   words_are_waited_for, a_boot_is_ready_failed_or_late,
	   a_restored_guest_runs_now_or_says_so, the_way_to_ssh_is_what_qemu_says)
