/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qmp_peer.h - for the unit tests of QMP: a QEMU that is a script
 *
 * In a script "<" reads a line, everything else is sent as it stands, NULL ends it.
 */
#ifndef SELFTEST_QMP_PEER_H
#define SELFTEST_QMP_PEER_H

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/io.h"
#include "harness/host/qmp.h"
#include "harness/selftest/unit.h"

#define GREETING                                                                                   \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 0, \"major\": 10}, "         \
	"\"package\": \"p\"}, \"capabilities\": [\"oob\"]}}\r\n"
#define NEGOTIATE GREETING, "<", "{\"return\": {}, \"id\": 1}\r\n"
#define EVENT(name, data)                                                                          \
	"{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"" name                \
	"\", \"data\": " data "}\r\n"
#define SOON deadline_in(10000)

static inline int peer_connect(void)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX, .sun_path = "qmp"};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static inline void say(int fd, const char *data, size_t len)
{
	ck_assert(io_write_all(fd, data, len, SOON));
}

static inline void says(int fd, const char *text)
{
	say(fd, text, strlen(text));
}

static inline void read_line(int fd)
{
	char c = 0;

	while (c != '\n')
		if (read(fd, &c, 1) != 1)
			_exit(1);
}

/* A peer in a process of its own that plays @script (ended by NULL), @chunk bytes at a time. */
static inline pid_t play(const char *const *script, size_t chunk)
{
	int fd = peer_connect();
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		for (; *script; script++) {
			size_t len = strlen(*script);

			if (strcmp(*script, "<") == 0)
				read_line(fd);
			else
				for (size_t i = 0; i < len; i += chunk)
					say(fd, *script + i, len - i < chunk ? len - i : chunk);
		}
		_exit(0);
	}
	close(fd);
	return pid;
}

static inline void played(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

/* A connection whose other end is ours to write to, here: deterministic, byte by byte. */
static inline int negotiated(struct qmp *q)
{
	int fd;
	pid_t pid;

	qmp_init(q, "qmp", "log");
	fd = peer_connect();
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		says(fd, GREETING);
		read_line(fd);
		says(fd, "{\"return\": {}, \"id\": 1}\r\n");
		_exit(0);
	}
	ck_assert_int_eq(qmp_accept(q, -1, SOON), QMP_OK);
	played(pid);
	return fd;
}

static inline void check_get(const struct qmp *q, const char *path, const char *want)
{
	char *got = qmp_get(q, path);

	if (want)
		ck_assert_str_eq(got, want);
	else
		ck_assert_ptr_null(got);
	free(got);
}

#endif
