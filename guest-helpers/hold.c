// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hold.c - verb: be in the middle of using a node when it goes away, and say what that was like.
 *
 * It judges nothing but close(): what is right is the case's business.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"

#define BLOCK 4096

/* "N" bytes, or the name of the error. */
static void tell(const char *what, ssize_t n)
{
	if (n >= 0)
		tap_diag("%s %zd", what, n);
	else
		tap_diag("%s %s", what, errno_name(errno));
}

static void tell_poll(const char *what, int fd, short events, int timeout_ms)
{
	struct pollfd pfd = {.fd = fd, .events = events};
	int n = poll(&pfd, 1, timeout_ms);

	if (n < 0)
		tap_diag("%s %s", what, errno_name(errno));
	else
		tap_diag("%s%s%s%s%s%s", what, n ? "" : " nothing",
			 pfd.revents & POLLIN ? " IN" : "", pfd.revents & POLLOUT ? " OUT" : "",
			 pfd.revents & POLLERR ? " ERR" : "", pfd.revents & POLLHUP ? " HUP" : "");
}

static void read_until(int fd)
{
	uint8_t buf[BLOCK];

	tap_diag("reading");
	tell("read", read(fd, buf, sizeof(buf)));
}

/* Give all that is taken without waiting, then go on and wait. */
static void write_until(int fd, uint64_t seed)
{
	struct stream *st = stream_new(seed);
	uint8_t buf[BLOCK];
	uint64_t done = 0;
	int flags = fcntl(fd, F_GETFL);
	ssize_t n;

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		tap_bail("fcntl: %s", errno_name(errno));
	for (;;) {
		stream_fill(st, done, buf, sizeof(buf));
		n = write(fd, buf, sizeof(buf));
		if (n < 0)
			break;
		done += (uint64_t)n;
	}
	tap_ok(errno == EAGAIN, "a node that is full gives %s", errno_name(errno));
	if (fcntl(fd, F_SETFL, flags))
		tap_bail("fcntl: %s", errno_name(errno));
	/* What lies behind the node may still take some more, now and then. */
	tap_diag("writing");
	do {
		stream_fill(st, done, buf, sizeof(buf));
		n = write(fd, buf, sizeof(buf));
		done += n > 0 ? (uint64_t)n : 0;
	} while (n > 0);
	tell("write", n);
	tap_diag("written %llu", (unsigned long long)done);
	free(st);
}

/**
 * verb_hold() - hold NODE --as reader|writer|poller [--seed S] ..
 *
 * Opens NODE for reading and writing, says "# reading", "# writing" or "# polling", and waits in
 * that call; when it comes back, "# read R" (or write, poll), then what each call says from then
 * on: "# then-read", "# then-write", "# then-poll". Keeps the descriptor until the line "go" comes
 * and closes it.
 */
int verb_hold(char **argv)
{
	struct node_opts node = {0};
	const char *path, *as = NULL;
	uint64_t seed = 0;
	uint8_t byte = 0;
	struct opt opts[] = {
		{.name = "as", .type = OPT_STR, .value = &as, .required = true},
		{.name = "seed", .type = OPT_U64, .value = &seed},
		{.name = "await-host", .type = OPT_FLAG, .value = &node.await_host},
	};
	int fd;

	opt_parse(opts, sizeof(opts) / sizeof(opts[0]), argv, &path, 1, 1);
	if (strcmp(as, "reader") != 0 && strcmp(as, "writer") != 0 && strcmp(as, "poller") != 0)
		usage_error("--as: '%s' is not one of reader, writer, poller", as);
	tap_begin();
	fd = node_open(path, O_RDWR, &node);
	if (fd < 0)
		return tap_done();
	if (!strcmp(as, "reader")) {
		read_until(fd);
	} else if (!strcmp(as, "writer")) {
		write_until(fd, seed);
	} else {
		tap_diag("polling");
		tell_poll("poll", fd, POLLIN, -1);
	}
	tell("then-read", read(fd, &byte, 1));
	tell("then-write", write(fd, &byte, 1));
	tell_poll("then-poll", fd, POLLIN | POLLOUT, 0);
	tap_diag("held");
	leash_wait_go();
	node_close(fd, path);
	return tap_done();
}
