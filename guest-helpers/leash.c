/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * leash.c - a verb must not outlive the ssh channel that started it.
 *
 * Without a pty, dropbear does not signal the program when the channel closes. It closes the pipe
 * that is our stdin (channel closed) or both pipes (connection lost), so that is what we watch.
 * Stdin from /dev/null, a file or a terminal says nothing about a channel: then only stdout counts.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper.h"

static bool is_channel(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

static void *watch(void *arg)
{
	struct pollfd pfd[2] = {
		{.fd = is_channel(STDIN_FILENO) ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = is_channel(STDOUT_FILENO) ? STDOUT_FILENO : -1, .events = 0},
	};
	char waste[256];

	(void)arg;
	for (;;) {
		if (poll(pfd, 2, -1) < 0 && errno != EINTR)
			return NULL;
		if (pfd[1].revents)
			_exit(EXIT_BAIL);
		if (pfd[0].revents && read(STDIN_FILENO, waste, sizeof(waste)) <= 0)
			tap_bail("standard input was closed");
	}
}

/** leash_start() - from now on, exit when the channel closes */
void leash_start(void)
{
	pthread_t thread;
	int err;

	if (!is_channel(STDIN_FILENO) && !is_channel(STDOUT_FILENO))
		return;
	err = pthread_create(&thread, NULL, watch, NULL);
	if (err)
		tap_bail("unable to start a thread: %s", errno_name(err));
	pthread_detach(thread);
}

/** leash_wait_go() - block until the line "go" comes on stdin; call before leash_start() */
void leash_wait_go(void)
{
	char line[8];
	size_t n = 0;

	/* Byte by byte: what follows the line belongs to the watcher. */
	while (n < sizeof(line)) {
		ssize_t got = read(STDIN_FILENO, line + n, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			tap_bail("standard input was closed before 'go'");
		if (line[n] == '\n')
			break;
		n++;
	}
	if (n != 2 || memcmp(line, "go", 2) != 0)
		tap_bail("expected the line 'go' on standard input");
}
