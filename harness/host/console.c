// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * console.c - text consoles, matched by libexpect
 *
 * DOC: living with libexpect
 *
 * Its own timeout is in whole seconds and made of SIGALRM and siglongjmp(), so it never gets to
 * wait: exp_timeout is 0, which means one read() and no alarm, and that read() follows a poll() of
 * ours that said that there is something. What the read() brings is matched, and kept if nothing
 * matches.
 *
 * Text that an earlier call left in libexpect's buffer must be matched before anything is waited
 * for, but exp_expectv() reads when nothing matches. A last pattern "" stops it: it matches
 * anything and consumes nothing. This also puts libexpect's bookkeeping in order: when a read()
 * ends with an end of file or an error right after a match, it forgets to move a mark, and the next
 * call would copy a negative number of bytes.
 *
 * It installs a handler for SIGALRM that jumps into a dead stack frame if an alarm comes later: the
 * old handler is put back after each call. It echoes to stdout unless told otherwise. NULs are
 * removed before a match, since a pattern cannot see what is behind one; the log still gets them,
 * through exp_logfile.
 */
#include "harness/host/console.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include <expect.h>
#pragma GCC diagnostic pop

#include "harness/base/die.h"
#include "harness/base/io.h"

#define PATTERNS_MAX 16
#define DATAGRAM_MAX 65536
#define FEED_MS	     5000
#define LAST_TEXT    200

void console_init(struct console *c, int fd)
{
	int type = SOCK_STREAM, pair[2];
	socklen_t len = sizeof(type);

	c->fd = c->text_fd = fd;
	c->feed_fd = -1;
	buf_init(&c->log);
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 && errno != ENOTSOCK)
		die_errno("console: SO_TYPE");
	if (type == SOCK_DGRAM) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
			die_errno("console: socketpair");
		c->text_fd = pair[0];
		c->feed_fd = pair[1];
	}
	/* It makes, or empties, the buffer that libexpect has for this descriptor number. */
	if (exp_spawnfd(c->text_fd) != c->text_fd)
		die_errno("libexpect: exp_spawnfd");
}

void console_release(struct console *c)
{
	buf_release(&c->log);
	if (c->feed_fd >= 0) {
		io_close(&c->feed_fd);
		io_close(&c->text_fd);
	}
	c->fd = c->text_fd = -1;
}

/* libexpect asks for as many bytes as it has room for: of a datagram that is longer, the rest would
 * be lost. So datagrams are read here, whole, one whenever the stream made of them is empty. */
static bool await_text(struct console *c, struct deadline d)
{
	char datagram[DATAGRAM_MAX];

	while (c->feed_fd >= 0 && !io_wait(c->text_fd, POLLIN, deadline_in(0))) {
		ssize_t n;

		if (!io_wait(c->fd, POLLIN, d))
			return false;
		n = recv(c->fd, datagram, sizeof(datagram), MSG_DONTWAIT);
		/* An error is that of a datagram of ours that nobody took, and is taken by this. */
		if (n > 0 && !io_write_all(c->feed_fd, datagram, (size_t)n, deadline_in(FEED_MS)))
			die_errno("console: write");
	}
	return io_wait(c->text_fd, POLLIN, d);
}

/* One write that neither waits nor raises SIGPIPE. */
static ssize_t put(int fd, const char *data, size_t len)
{
	ssize_t n = send(fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	return n < 0 && errno == ENOTSOCK ? write(fd, data, len) : n;
}

bool console_send(struct console *c, const char *text, struct deadline d)
{
	int flags = fcntl(c->fd, F_GETFL);
	size_t len = strlen(text);

	if (flags < 0 || fcntl(c->fd, F_SETFL, flags | O_NONBLOCK) < 0)
		die_errno("console: fcntl");
	while (len) {
		ssize_t n = put(c->fd, text, len);

		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if ((n < 0 && errno != EAGAIN && errno != EINTR) ||
			   !io_wait(c->fd, POLLOUT, d)) {
			break;
		}
	}
	if (fcntl(c->fd, F_SETFL, flags) < 0)
		die_errno("console: fcntl");
	return len == 0;
}

static ssize_t log_write(void *log, const char *data, size_t len)
{
	buf_add(log, data, len);
	return (ssize_t)len;
}

/* exp_expectv() with the settings that this file lives by; what is read goes to the log. */
static int expect(struct console *c, struct exp_case *cases)
{
	cookie_io_functions_t to_log = {.write = log_write};
	struct sigaction alarm_action;
	int result;

	exp_logfile = fopencookie(&c->log, "w", to_log);
	if (!exp_logfile || setvbuf(exp_logfile, NULL, _IONBF, 0))
		die_errno("console: fopencookie");
	exp_logfile_all = 1;
	exp_loguser = 0;
	exp_remove_nulls = 1;
	exp_timeout = 0;
	if (sigaction(SIGALRM, NULL, &alarm_action) < 0)
		die_errno("console: sigaction");
	result = exp_expectv(c->text_fd, cases);
	if (sigaction(SIGALRM, &alarm_action, NULL) < 0)
		die_errno("console: sigaction");
	exp_logfile_all = 0;
	if (fclose(exp_logfile))
		die_errno("console: fclose");
	exp_logfile = NULL;
	return result;
}

enum console_result console_expect(struct console *c, struct deadline d, int n,
				   const char *const patterns[], int *which)
{
	struct exp_case cases[PATTERNS_MAX + 2] = {{0}};
	bool was_read = false;
	int result;

	if (n < 0 || n > PATTERNS_MAX)
		die("console_expect: %d patterns", n);
	for (int i = 0; i < n; i++)
		cases[i] = (struct exp_case){(char *)patterns[i], NULL, exp_glob, i + 1};
	cases[n] = (struct exp_case){(char *)"", NULL, exp_glob, n + 1};
	result = expect(c, cases); /* what is there already; does not read */
	cases[n] = (struct exp_case){NULL, NULL, exp_end, 0};
	if (result == n + 1)
		result = EXP_TIMEOUT;
	while (result == EXP_TIMEOUT) {
		/* The second condition is for output that never pauses: poll() would not time out.
		 */
		if ((was_read && deadline_passed(d)) || !await_text(c, d))
			return CONSOLE_TIMEOUT;
		result = expect(c, cases);
		was_read = true;
		if (result == -1 && (errno == EAGAIN || errno == EINTR))
			result = EXP_TIMEOUT;
	}
	if (result <= 0) /* EXP_EOF, or an error such as ECONNRESET: the other end is gone */
		return CONSOLE_EOF;
	if (which)
		*which = result - 1;
	return CONSOLE_MATCHED;
}
