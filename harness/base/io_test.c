// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/base/io.h"
#include "harness/selftest/unit.h"

START_TEST(waits_end_at_the_deadline)
{
	static char much[1 << 20];
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	ck_assert_int_eq(io_wait(fds[0], POLLIN, deadline_in(20)), 0);
	errno = 0;
	ck_assert(!io_write_all(fds[1], much, sizeof(much), deadline_in(20)));
	ck_assert_int_eq(errno, ETIMEDOUT);
	ck_assert(io_wait(fds[0], POLLIN, deadline_in(0)) & POLLIN);
	io_close(&fds[1]);
	ck_assert_int_eq(fds[1], -1);
	io_close(&fds[1]);
	io_close(&fds[0]);
}
END_TEST

START_TEST(what_is_written_is_read_again)
{
	struct buf b = BUF_INIT;

	file_write("f", "old text", 8);
	file_write("f", "new", 3);
	file_append("f", "er", 2);
	ck_assert(buf_read_file(&b, "f"));
	ck_assert_str_eq(b.data, "newer");
	file_replace("f", "newest", 6);
	buf_clear(&b);
	ck_assert(buf_read_file(&b, "f"));
	ck_assert_str_eq(b.data, "newest");
	buf_release(&b);
}
END_TEST

START_TEST(a_tree_goes_and_what_its_links_name_stays)
{
	file_mkdirs("keep");
	file_write("keep/f", "x", 1);
	file_mkdirs("tree/a/b");
	file_write("tree/a/b/f", "x", 1);
	ck_assert_int_eq(symlink("../keep", "tree/link"), 0);
	ck_assert_int_eq(symlink("nosuch", "tree/a/dangling"), 0);
	ck_assert(file_remove_tree("tree"));
	ck_assert(!file_exists("tree") && file_exists("keep/f"));
	ck_assert(file_remove_tree("tree"));
}
END_TEST

START_TEST(a_folder_is_entered_without_what_was_in_it)
{
	char *top = file_absolute("."), *here, *want = xasprintf("%s/a/b", top);

	file_mkdirs("a/b/old");
	file_write("a/b/f", "x", 1);
	file_enter_anew("a/b");
	here = file_absolute(".");
	ck_assert_str_eq(here, want);
	ck_assert(!file_exists("f") && !file_exists("old"));
	ck_assert_ptr_null(file_absolute("nosuch"));
	free(here);
	free(want);
	free(top);
}
END_TEST

START_TEST(a_lock_is_held_until_it_is_closed)
{
	int fd = file_lock("lock"), other = open("lock", O_RDWR | O_CLOEXEC);

	ck_assert_int_ge(other, 0);
	ck_assert_int_eq(flock(other, LOCK_EX | LOCK_NB), -1);
	ck_assert_int_eq(errno, EWOULDBLOCK);
	ck_assert_int_eq(file_try_lock("lock"), -1);
	io_close(&fd);
	ck_assert_int_eq(flock(other, LOCK_EX | LOCK_NB), 0);
	io_close(&other);
	fd = file_try_lock("lock");
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(file_try_lock("lock"), -1);
	io_close(&fd);
}
END_TEST

START_TEST(a_connection_is_accepted_though_it_has_gone)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "listener"};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), got, ended[2];

	ck_assert_int_eq(pipe(ended), 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(io_accept(fd, ended[0], deadline_in(1)), -1);
	ck_assert_int_eq(errno, ETIMEDOUT);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&name, sizeof(name)), 0);
	io_close(&client);
	io_close(&ended[1]);
	got = io_accept(fd, ended[0], deadline_in(1000));
	ck_assert_int_ge(got, 0);
	ck_assert_int_eq(io_accept(fd, ended[0], deadline_in(1000)), -1);
	ck_assert_int_eq(errno, ECONNRESET);
	io_close(&got);
	io_close(&ended[0]);
	ck_assert(file_exists("listener"));
	io_unlisten(&fd);
	ck_assert(fd == -1 && !file_exists("listener"));
	io_unlisten(&fd);
}
END_TEST

UNIT_TESTS(io, waits_end_at_the_deadline, what_is_written_is_read_again,
	   a_tree_goes_and_what_its_links_name_stays, a_folder_is_entered_without_what_was_in_it,
	   a_connection_is_accepted_though_it_has_gone, a_lock_is_held_until_it_is_closed)
