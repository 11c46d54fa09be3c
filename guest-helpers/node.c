/* SPDX-License-Identifier: GPL-2.0-or-later */
/* node.c - open and close the device node under test. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "helper.h"

static const struct {
	const char *name;
	int flag;
} open_flags[] = {
	{"nonblock", O_NONBLOCK},
	{"sync", O_SYNC},
	{"append", O_APPEND},
	{"rdwr", O_RDWR},
};

static const struct {
	uint64_t baud;
	speed_t speed;
} speeds[] = {
	{50, B50},	   {300, B300},	      {1200, B1200},	 {2400, B2400},	  {4800, B4800},
	{9600, B9600},	   {19200, B19200},   {38400, B38400},	 {57600, B57600}, {115200, B115200},
	{230400, B230400}, {460800, B460800}, {921600, B921600},
};

static int parse_flags(const char *text, int mode)
{
	int flags = mode;

	while (text && *text) {
		size_t len = strcspn(text, ","), i;

		for (i = 0; i < sizeof(open_flags) / sizeof(open_flags[0]); i++) {
			if (strlen(open_flags[i].name) == len &&
			    !strncmp(open_flags[i].name, text, len))
				break;
		}
		if (i == sizeof(open_flags) / sizeof(open_flags[0]))
			usage_error(
				"--open-flags: '%.*s' is not one of nonblock, sync, append, rdwr",
				(int)len, text);
		if (open_flags[i].flag == O_RDWR)
			flags = (flags & ~O_ACCMODE) | O_RDWR;
		else
			flags |= open_flags[i].flag;
		text += len + (text[len] == ',');
	}
	return flags;
}

static speed_t parse_baud(uint64_t baud)
{
	for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++) {
		if (speeds[i].baud == baud)
			return speeds[i].speed;
	}
	usage_error("--baud: %llu is not a speed that termios knows", (unsigned long long)baud);
}

/* Raw, no echo: otherwise the line discipline would change the bytes or send them back. */
static bool make_raw(int fd, speed_t speed)
{
	struct termios tio;

	if (tcgetattr(fd, &tio))
		return false;
	cfmakeraw(&tio);
	tio.c_cflag |= CLOCAL | CREAD;
	tio.c_cc[VMIN] = 1;
	tio.c_cc[VTIME] = 0;
	if (speed && cfsetspeed(&tio, speed))
		return false;
	return !tcsetattr(fd, TCSANOW, &tio);
}

/**
 * node_await_host() - wait until the host's end is open; false with errno
 * @fd: the node
 *
 * A port whose host is away polls as hung up, and reading it gives an end of file. The driver sends
 * SIGIO when that changes (virtio_console.c handle_control_message() PORT_OPEN), and that is the
 * only event there is: poll() cannot wait for POLLHUP to go away.
 */
bool node_await_host(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct pollfd pfd = {.fd = fd, .events = POLLOUT};
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	if (sigprocmask(SIG_BLOCK, &set, NULL) || fcntl(fd, F_SETOWN, getpid()) ||
	    fcntl(fd, F_SETFL, flags | O_ASYNC))
		return false;
	for (;;) {
		if (poll(&pfd, 1, 0) < 0)
			return false;
		if (!(pfd.revents & POLLHUP))
			break;
		sigwait(&set, &sig);
	}
	return !fcntl(fd, F_SETFL, flags);
}

/** node_check() - a usage error if the wishes make no sense; call before TAP begins */
void node_check(const struct node_opts *opts)
{
	parse_flags(opts->flags, 0);
	if (opts->baud)
		parse_baud(opts->baud);
}

/**
 * node_try_open() - open a device node, raw if it is a terminal; -1 with errno
 * @path: the node
 * @flags: for open()
 * @baud: the line speed, 0 to leave it alone
 */
int node_try_open(const char *path, int flags, uint64_t baud)
{
	int fd = open(path, flags | O_NOCTTY | O_CLOEXEC), err;

	if (fd < 0 || !isatty(fd) || make_raw(fd, baud ? parse_baud(baud) : B0))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/**
 * node_open() - open a device node, raw if it is a terminal, and print "# opened"
 * @path: the node
 * @mode: O_RDONLY, O_WRONLY or O_RDWR
 * @opts: the user's wishes
 *
 * Returns the descriptor, or -1 after a "not ok".
 */
int node_open(const char *path, int mode, const struct node_opts *opts)
{
	int fd = node_try_open(path, parse_flags(opts->flags, mode), opts->baud);

	if (fd < 0) {
		tap_ok(false, "open %s: %s", path, errno_name(errno));
		return -1;
	}
	tap_diag("opened");
	if (!opts->await_host)
		return fd;
	if (!node_await_host(fd)) {
		tap_ok(false, "waiting for the host's end of %s: %s", path, errno_name(errno));
		close(fd);
		return -1;
	}
	tap_diag("connected");
	return fd;
}

/** node_close() - close it and say whether that worked, as a test point */
void node_close(int fd, const char *path)
{
	if (close(fd))
		tap_ok(false, "close %s: %s", path, errno_name(errno));
	else
		tap_ok(true, "closed");
}
