// SPDX-License-Identifier: GPL-2.0-or-later
/* migrate_test.c - moves of a guest: what is asked of which QEMU, and how an end of each is told */
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/vm/migrate.h"
#include "harness/vm/vm_testing.h"

#define STEP_MS 1000

/**
 * struct pair - Two fakes in one folder
 * @to:	the destination; its files have a stem
 */
struct pair {
	struct fake fake;
	struct vm from, to;
};

static void start(struct vm *vm, const struct vm_config *config)
{
	struct buf why = BUF_INIT;

	vm_init(vm, config);
	ck_assert_msg(vm_launch(vm, NULL, NULL, 0, &why) && vm_connect(vm, &why), "%s", why.data);
}

static void init(struct pair *p, const char *mode)
{
	struct vm_config config;

	fake_init(&p->fake, mode);
	config = p->fake.config;
	start(&p->from, &config);
	config.stem = "2.";
	start(&p->to, &config);
}

static void release(struct pair *p)
{
	vm_release(&p->to);
	vm_release(&p->from);
	/* They are appended to. */
	ck_assert_int_eq(unlink("qmp.log"), 0);
	ck_assert_int_eq(unlink("2.qmp.log"), 0);
	fake_release(&p->fake);
}

static void says_in(const char *path, const char *text)
{
	struct buf content = BUF_INIT;

	ck_assert_msg(buf_read_file(&content, path), "no file %s", path);
	says(&content, text);
}

START_TEST(ways_have_names)
{
	enum migrate_way way;

	ck_assert(migrate_way_parse("file", &way) && way == MIGRATE_FILE);
	ck_assert(migrate_way_parse("fd", &way) && way == MIGRATE_FD);
	ck_assert(migrate_way_parse("exec", &way) && way == MIGRATE_EXEC);
	ck_assert(migrate_way_parse("socat", &way) && way == MIGRATE_SOCAT);
	ck_assert(migrate_way_parse("slow", &way) && way == MIGRATE_SLOW);
	ck_assert(!migrate_way_parse("rdma", &way));
	ck_assert(!migrate_way_parse("", &way));
}
END_TEST

START_TEST(the_destination_waits_before_the_source_sends)
{
	struct buf why = BUF_INIT;
	struct migrate m;
	struct pair p;

	init(&p, "");
	ck_assert_msg(migrate_begin(&m, &p.from, &p.to, MIGRATE_UNIX, &why), "%s", why.data);
	ck_assert(!m.left && !m.arrived);
	while (!m.left)
		ck_assert_msg(migrate_step(&m, STEP_MS, &why), "%s", why.data);
	ck_assert(!m.arrived); /* of that the fake says nothing */
	says_in("qmp.log", "\"migrate\",\"arguments\":{\"uri\": \"unix:migration.sock\"}");
	says_in("2.qmp.log",
		"\"migrate-incoming\",\"arguments\":{\"uri\": \"unix:migration.sock\"}");
	release(&p);
}
END_TEST

START_TEST(a_file_is_read_once_it_is_whole)
{
	static const struct {
		enum migrate_way way;
		int version;
		const char *uri;
	} ways[] = {{MIGRATE_FILE, 10, "\"file:migration.state\""},
		    {MIGRATE_FILE, 7, "\"fd:migration\""},
		    {MIGRATE_EXEC, 10, "\"exec:cat migration.state\""}};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct buf why = BUF_INIT, log = BUF_INIT;
		struct migrate m;
		struct pair p;

		init(&p, "");
		p.fake.caps.major = ways[i].version;
		ck_assert_msg(migrate_begin(&m, &p.from, &p.to, ways[i].way, &why), "%s", why.data);
		ck_assert(buf_read_file(&log, "2.qmp.log"));
		ck_assert_ptr_null(strstr(log.data, "migrate-incoming"));
		while (!m.left)
			ck_assert_msg(migrate_step(&m, STEP_MS, &why), "%s", why.data);
		buf_clear(&log);
		ck_assert(!m.read && buf_read_file(&log, "2.qmp.log"));
		ck_assert_ptr_null(strstr(log.data, "migrate-incoming"));
		ck_assert_msg(migrate_step(&m, STEP_MS, &why) && m.read, "%s", why.data);
		says_in("2.qmp.log", ways[i].uri);
		buf_release(&log);
		release(&p);
	}
}
END_TEST

/* Another stream in the place of what the fake, which sends nothing, would send; *to is where it
 * comes out. */
#define STREAM 100000

static void begin_slow(struct pair *p, struct migrate *m, int *to)
{
	static const unsigned char stream[STREAM];
	int in[2], out[2];
	struct buf why = BUF_INIT;

	init(p, "migration=active");
	ck_assert_msg(migrate_begin(m, &p->from, &p->to, MIGRATE_SLOW, &why), "%s", why.data);
	says_in("qmp.log", "\"migrate\",\"arguments\":{\"uri\": \"fd:migration\"}");
	says_in("2.qmp.log", "\"migrate-incoming\",\"arguments\":{\"uri\": \"fd:migration\"}");
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, in), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, out), 0);
	ck_assert_int_eq(write(in[1], stream, STREAM), STREAM);
	close(in[1]);
	io_close(&m->in);
	io_close(&m->out);
	m->in = in[0];
	m->out = out[0];
	*to = out[1];
}

/* Reads as much as there is each time, and sees that it is little. */
static pid_t start_reader(int fd, int ours)
{
	pid_t pid = fork();
	char buf[STREAM];
	ssize_t n, all = 0;

	ck_assert_int_ge(pid, 0);
	if (pid)
		return pid;
	close(ours);
	while ((n = read(fd, buf, sizeof(buf))) > 0 && n <= 8192)
		all += n;
	_exit(n == 0 && all == STREAM ? 0 : 1);
}

START_TEST(a_slow_stream_comes_piece_by_piece)
{
	struct buf why = BUF_INIT;
	struct migrate m;
	struct pair p;
	int to, status;
	pid_t reader;

	begin_slow(&p, &m, &to);
	reader = start_reader(to, m.out);
	close(to);
	while (m.in >= 0)
		ck_assert_msg(migrate_step(&m, 1, &why), "%s", why.data);
	ck_assert_int_eq(m.out, -1);
	ck_assert_int_eq(waitpid(reader, &status, 0), reader);
	ck_assert_int_eq(status, 0);
	release(&p);
}
END_TEST

START_TEST(a_destination_that_does_not_read_is_told)
{
	struct buf why = BUF_INIT;
	struct migrate m;
	struct pair p;
	int to;

	begin_slow(&p, &m, &to);
	deadline_set_scale(0.01);
	ck_assert(!migrate_step(&m, 100, &why));
	deadline_set_scale(1);
	says(&why, "the destination does not read on");
	ck_assert_int_eq(m.in, -1);
	close(to);
	release(&p);
}
END_TEST

START_TEST(a_source_that_pauses_is_told_to_go_on)
{
	struct buf why = BUF_INIT, log = BUF_INIT;
	struct migrate m;
	struct pair p;

	init(&p, "migration=pre-switchover");
	ck_assert_msg(migrate_begin(&m, &p.from, &p.to, MIGRATE_FD, &why), "%s", why.data);
	for (int i = 0; i < 5; i++)
		ck_assert_msg(migrate_step(&m, STEP_MS, &why), "%s", why.data);
	ck_assert(m.paused && !m.left);
	ck_assert(buf_read_file(&log, "qmp.log"));
	ck_assert_ptr_null(strstr(log.data, "migrate-continue"));
	ck_assert_msg(migrate_continue(&m, &why), "%s", why.data);
	while (!m.left)
		ck_assert_msg(migrate_step(&m, STEP_MS, &why), "%s", why.data);
	says_in("qmp.log", "\"migrate-continue\",\"arguments\":{\"state\": \"pre-switchover\"}");
	buf_release(&log);
	release(&p);
}
END_TEST

START_TEST(a_move_that_fails_is_told)
{
	struct buf why = BUF_INIT;
	struct migrate m;
	struct pair p;

	init(&p, "migration=failed");
	ck_assert_msg(migrate_begin(&m, &p.from, &p.to, MIGRATE_FD, &why), "%s", why.data);
	proc_kill(&p.to.proc, SIGKILL);
	while (migrate_step(&m, STEP_MS, &why))
		ck_assert(!m.left);
	says(&why, "the migration failed; the destination: QEMU ended: signal 9");
	release(&p);
}
END_TEST

START_TEST(two_in_one_folder_have_files_of_their_own)
{
	struct pair p;

	init(&p, "");
	says_in("argv", "unix:qmp.sock");
	says_in("2.argv", "unix:2.qmp.sock");
	ck_assert(file_exists("qemu.err") && file_exists("2.qemu.err"));
	release(&p);
}
END_TEST

UNIT_TESTS(migrate, ways_have_names, the_destination_waits_before_the_source_sends,
	   a_file_is_read_once_it_is_whole, a_slow_stream_comes_piece_by_piece,
	   a_destination_that_does_not_read_is_told, a_source_that_pauses_is_told_to_go_on,
	   a_move_that_fails_is_told, two_in_one_folder_have_files_of_their_own)
