// SPDX-License-Identifier: GPL-2.0-or-later
/* migrate_test.c - moves of a guest: what is asked of which QEMU, and how an end of each is told */
#include <signal.h>
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
		const char *uri;
	} ways[] = {{MIGRATE_FILE, "\"file:migration.state\""},
		    {MIGRATE_EXEC, "\"exec:cat migration.state\""}};

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct buf why = BUF_INIT, log = BUF_INIT;
		struct migrate m;
		struct pair p;

		init(&p, "");
		ck_assert_msg(migrate_begin(&m, &p.from, &p.to, ways[i].way, &why), "%s", why.data);
		ck_assert(buf_read_file(&log, "2.qmp.log"));
		ck_assert_ptr_null(strstr(log.data, "migrate-incoming"));
		while (!m.left)
			ck_assert_msg(migrate_step(&m, STEP_MS, &why), "%s", why.data);
		says_in("2.qmp.log", ways[i].uri);
		buf_release(&log);
		release(&p);
	}
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
	   a_file_is_read_once_it_is_whole, a_move_that_fails_is_told,
	   two_in_one_folder_have_files_of_their_own)
