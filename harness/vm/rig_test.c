// SPDX-License-Identifier: GPL-2.0-or-later
/* rig_test.c - a plan brought up on the fake QEMU */
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/selftest/forked.h"
#include "harness/vm/rig.h"
#include "harness/vm/vm_testing.h"

#define SERIAL "virtio-serial-pci,id=ser0"
#define PORT   "virtserialport,bus=ser0.0,chardev=c0,id=port0,nr=3"

static void plan_port(struct plan *plan, enum chr_kind kind, enum chr_role role)
{
	*plan = (struct plan){0};
	plan_add_chr(plan, "c0", kind, role);
	strv_pushl(&plan->devices, SERIAL, PORT, NULL);
}

/* Bring it up; how it failed, "" when it did not. Everything is gone again, but for the logs. */
static void attempt(struct fake *f, const struct plan *plan, struct buf *why)
{
	struct rig *r = xcalloc(1, sizeof(*r));

	buf_clear(why);
	rig_init(r, &f->config, plan);
	if (rig_up(r, NULL, why))
		ck_assert_uint_eq(why->len, 0);
	else
		ck_assert_uint_gt(why->len, 0);
	rig_release(r);
	free(r);
}

/* Where @text stands in file @path, which has it. */
static size_t place(const char *path, const char *text)
{
	struct buf b = BUF_INIT;
	const char *at;
	size_t place;

	ck_assert(buf_read_file(&b, path));
	at = strstr(b.data, text);
	ck_assert_msg(at != NULL, "not '%s' but: %s", text, b.data);
	place = (size_t)(at - b.data);
	buf_release(&b);
	return place;
}

START_TEST(a_hot_plan_is_plugged_in_its_order)
{
	struct buf why = BUF_INIT, argv = BUF_INIT;
	struct plan plan;
	struct fake f;

	fake_init(&f, "ok");
	plan_port(&plan, CHR_UNIX, CHR_QEMU_LISTENS);
	attempt(&f, &plan, &why);
	ck_assert_str_eq(why.data, "");
	ck_assert(place(VM_QMP_LOG, "\"chardev-add\"") <
		  place(VM_QMP_LOG, "\"driver\": \"virtio-serial-pci\""));
	ck_assert(place(VM_QMP_LOG, "\"driver\": \"virtio-serial-pci\"") <
		  place(VM_QMP_LOG, "\"driver\": \"virtserialport\""));
	place(VM_QMP_LOG, "\"nr\": 3");
	ck_assert(buf_read_file(&argv, VM_ARGV));
	ck_assert(!strstr(argv.data, "c0") && !strstr(argv.data, "virtserialport"));
	buf_release(&argv);
	plan_release(&plan);
	fake_release(&f);
}
END_TEST

START_TEST(a_cold_plan_is_on_the_command_line)
{
	struct buf why = BUF_INIT, log = BUF_INIT;
	struct plan plan;
	struct fake f;

	fake_init(&f, "ok");
	plan_port(&plan, CHR_UNIX, CHR_QEMU_LISTENS);
	plan.cold = true;
	strv_pushl(&plan.args, "-global", "x.y=z", NULL);
	attempt(&f, &plan, &why);
	ck_assert_str_eq(why.data, "");
	/* A backend before the devices that name it. */
	ck_assert(place(VM_ARGV, "-chardev\nsocket,id=c0,path=c0.sock") <
		  place(VM_ARGV, "-global\nx.y=z\n"));
	ck_assert(place(VM_ARGV, "-global\n") < place(VM_ARGV, "-device\n" SERIAL "\n"));
	ck_assert(place(VM_ARGV, SERIAL) < place(VM_ARGV, PORT));
	ck_assert(buf_read_file(&log, VM_QMP_LOG));
	ck_assert(!strstr(log.data, "device_add") && !strstr(log.data, "chardev-add"));
	buf_release(&log);
	plan_release(&plan);
	fake_release(&f);
}
END_TEST

/* An ISA device cannot be plugged: its backend comes with the command line, the other one later. */
START_TEST(the_backend_of_a_uart_is_there_from_the_start)
{
	struct buf why = BUF_INIT;
	struct plan plan;
	struct fake f;

	fake_init(&f, "ok");
	plan_port(&plan, CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(&plan, "com2", CHR_PIPE, CHR_QEMU_LISTENS);
	plan.uart[0] = "com2";
	plan.n_uarts = 1;
	attempt(&f, &plan, &why);
	ck_assert_str_eq(why.data, "");
	place(VM_ARGV, "-chardev\npipe,id=com2");
	place(VM_QMP_LOG, "\"id\": \"c0\"");
	plan_release(&plan);
	fake_release(&f);
}
END_TEST

START_TEST(what_qemu_says_on_the_way_is_the_reason)
{
	static const char *const rows[][2] = {
		{"exit-at-start", "QEMU ended: exit status 3; its last words: fake-qemu: exiting"},
		{"refuse=chardev-add", "QMP chardev-add refused: GenericError: refused"},
		{"refuse=device_add", "QMP device_add refused: GenericError: refused"},
		{"garbage-at=device_add", "QMP device_add: QEMU sent what is no JSON object"},
		{"answer=query-chardev 7",
		 "query-chardev does not tell where c0 is: (no such char"},
		{"answer=query-chardev []", "does not tell where c0 is: (no such chardev)"},
		{"answer=query-chardev [{\"label\": \"c0\"}]", "where c0 is: (no such chardev)"},
		{"answer=query-chardev [{\"label\": \"c0\", \"filename\": {}}]", "where c0 is: {}"},
		{"answer=query-chardev [{\"label\": \"c1\", \"filename\": \"pty:/dev/pts/0\"}]",
		 "where c0 is: (no such chardev)"},
		{"answer=query-chardev [{\"label\": \"c0\", \"filename\": \"disconnected\"}]",
		 "query-chardev does not tell where c0 is: disconnected"},
	};
	struct buf why = BUF_INIT;
	struct plan plan;
	struct fake f;

	fake_init(&f, "ok");
	plan_port(&plan, CHR_PTY, CHR_QEMU_LISTENS);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		fake_does(rows[i][0]);
		attempt(&f, &plan, &why);
		says(&why, rows[i][1]);
	}
	plan_release(&plan);
	fake_release(&f);
}
END_TEST

/* From query-chardev, as soon as there is such a backend. */
static void learn_a_pty(bool cold)
{
	struct rig *r = xcalloc(1, sizeof(*r));
	struct buf why = BUF_INIT;
	char name[64], byte = 0, *mode;
	struct plan plan;
	struct fake f;
	int master, slave;

	ck_assert_int_eq(openpty(&master, &slave, name, NULL, NULL), 0);
	mode = xasprintf("answer=query-chardev [{\"label\": \"x\", \"filename\": \"null\"}, "
			 "{\"label\": \"c0\", \"filename\": \"pty:%s\"}]",
			 name);
	fake_init(&f, mode);
	plan_port(&plan, CHR_PTY, CHR_QEMU_LISTENS);
	plan.cold = cold;
	rig_init(r, &f.config, &plan);
	ck_assert_msg(rig_up(r, NULL, &why), "%s", why.data);
	ck_assert_msg(chr_open(rig_chr(r, "c0"), deadline_in(5000), &why), "%s", why.data);
	ck_assert_int_eq(write(master, "A", 1), 1);
	ck_assert_int_eq(chr_read(rig_chr(r, "c0"), &byte, 1, deadline_in(5000)), 1);
	ck_assert_int_eq(byte, 'A');
	ck_assert_int_eq(strncmp(r->timings.data, "start ", 6), 0);
	ck_assert(!strstr(r->timings.data, " s, plug ") == cold);
	ck_assert_ptr_null(strstr(r->timings.data, "ssh")); /* there is no guest */
	rig_release(r);
	close(master);
	close(slave);
	free(mode);
	free(r);
	plan_release(&plan);
	fake_release(&f);
}

START_TEST(what_only_qemu_knows_is_learnt)
{
	learn_a_pty(false);
	learn_a_pty(true);
}
END_TEST

static int listen_as(const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

#define WAITS "stderr=QEMU waiting for connection on: disconnected:unix:c0.sock,server=on"

/* wait=on: QEMU says that it waits, and goes on when we came. One that says nothing is wrong. */
START_TEST(qemu_is_joined_where_it_waits)
{
	for (int cold = 0; cold < 2; cold++) {
		struct rig *r = xcalloc(1, sizeof(*r));
		struct buf why = BUF_INIT;
		struct plan plan;
		struct fake f;
		int fd;

		fake_init(&f, WAITS);
		plan_port(&plan, CHR_UNIX, CHR_QEMU_WAITS);
		plan.cold = cold;
		rig_init(r, &f.config, &plan);
		fd = listen_as("c0.sock");
		ck_assert_msg(rig_up(r, NULL, &why), "%s", why.data);
		ck_assert(chr_is_open(rig_chr(r, "c0")));
		close(fd);
		rig_release(r);
		ck_assert(!file_exists("c0.sock") || unlink("c0.sock") == 0);
		fake_does("ok");
		deadline_set_scale(0.02);
		attempt(&f, &plan, &why);
		deadline_set_scale(1);
		says(&why, "QEMU does not say that it waits on c0, though it has wait=on");
		fake_does("exit-at-start"); /* its own words are better than ours */
		attempt(&f, &plan, &why);
		says(&why, "QEMU ended: exit status 3");
		free(r);
		plan_release(&plan);
		fake_release(&f);
	}
}
END_TEST

START_TEST(a_saved_state_is_handed_over)
{
	struct rig *r = xcalloc(1, sizeof(*r));
	struct warm warm = {(char *)"state"};
	struct buf why = BUF_INIT;
	struct plan plan;
	struct fake f;

	file_write("state", "s", 1);
	fake_init(&f, "ok");
	plan_port(&plan, CHR_UNIX, CHR_QEMU_LISTENS);
	rig_init(r, &f.config, &plan);
	ck_assert_msg(rig_up(r, &warm, &why), "%s", why.data);
	ck_assert(place(VM_ARGV, "-incoming\nfile:/proc/self/fd/") > 0);
	rig_release(r);
	free(r);
	plan_release(&plan);
	fake_release(&f);
}
END_TEST

static void ask_for_nothing(void *rig)
{
	rig_chr(rig, "c1");
}

START_TEST(host_ends_are_found_by_name)
{
	struct rig *r = xcalloc(1, sizeof(*r));
	struct plan plan;
	struct fake f;

	fake_init(&f, "ok");
	plan_port(&plan, CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(&plan, "c10", CHR_FILE, CHR_QEMU_LISTENS);
	plan.chrs[1].file_input = true;
	rig_init(r, &f.config, &plan);
	ck_assert_ptr_eq(rig_chr(r, "c10"), &r->chrs[1]);
	ck_assert(r->chrs[1].kind == CHR_FILE && r->chrs[1].file_input);
	ck_assert_ptr_eq(rig_chr(r, "c0"), &r->chrs[0]);
	forked_dies(ask_for_nothing, r, EXIT_BROKEN, "the plan has no backend c1");
	rig_release(r); /* it was never brought up */
	free(r);
	plan_release(&plan);
	fake_release(&f);
}
END_TEST

UNIT_TESTS(rig, a_hot_plan_is_plugged_in_its_order, a_cold_plan_is_on_the_command_line,
	   the_backend_of_a_uart_is_there_from_the_start, what_qemu_says_on_the_way_is_the_reason,
	   what_only_qemu_knows_is_learnt, qemu_is_joined_where_it_waits,
	   a_saved_state_is_handed_over, host_ends_are_found_by_name)
