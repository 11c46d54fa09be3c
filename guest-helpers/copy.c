/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy.c - verb: copy from one node to another, or back into the same one, whatever happens to
 * either, until told to end.
 *
 * By hand: cat FROM >TO, or of one node: cat <>NODE >&0. There an end of file (the host has gone)
 * or an error (the node has gone) is the end; here it is waited out, and either node is closed and
 * opened again when that is asked for. What was read stays until it is written: nothing is lost or
 * doubled in here.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"

/* How soon to look again at what poll() cannot wait for: POLLHUP that ends, a node that comes. */
#define TICK_MS 2

/**
 * struct end - One of the two nodes
 * @wanted: it should be open
 * @idle: the last look at it moved nothing, so poll() would not wait
 * @opens: how often it was opened
 */
struct end {
	const char *name, *path;
	int fd, mode;
	bool wanted, idle;
	unsigned int opens;
};

/**
 * struct copy - What is on its way
 * @buf: what was read: @len bytes, of which @off have been written
 * @same: it is one node, which a port lets nobody open twice
 */
struct copy {
	struct end from, to;
	uint64_t baud, in, out;
	uint8_t *buf;
	size_t block, len, off;
	int control;
	char line[32];
	size_t n_line;
	bool ended, same;
};

static void tell(const struct end *e, const char *what)
{
	tap_diag("%s-%s %u.", e->name, what, e->opens);
}

static void let_go(struct end *e, const char *what)
{
	close(e->fd);
	e->fd = -1;
	e->idle = false;
	tell(e, what);
}

/* A node that was unplugged gives an error; it is not opened again unless somebody says so. */
static void gone(struct end *e, int err)
{
	tap_diag("%s: %s", e->name, errno_name(err));
	e->wanted = false;
	let_go(e, "gone");
}

static void try_open(struct copy *c, struct end *e)
{
	if (!e->wanted || e->fd >= 0 || (c->same && e == &c->to && c->from.fd < 0))
		return;
	if (c->same && e == &c->to)
		e->fd = fcntl(c->from.fd, F_DUPFD_CLOEXEC, 0);
	else
		e->fd = node_try_open(e->path, e->mode | O_NONBLOCK, c->baud);
	if (e->fd >= 0) {
		e->opens++;
		tell(e, "open");
	} else if (errno != ENOENT && errno != ENODEV && errno != ENXIO) {
		tap_bail("open %s: %s", e->path, errno_name(errno));
	}
}

static void take(struct copy *c)
{
	ssize_t n = read(c->from.fd, c->buf, c->block);

	c->from.idle = n <= 0;
	if (n > 0) {
		c->len = (size_t)n;
		c->off = 0;
		c->in += (uint64_t)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		gone(&c->from, errno);
	}
}

static void give(struct copy *c)
{
	ssize_t n = write(c->to.fd, c->buf + c->off, c->len - c->off);

	c->to.idle = n <= 0;
	if (n > 0) {
		c->out += (uint64_t)n;
		c->off += (size_t)n;
		if (c->off == c->len)
			c->len = 0;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		gone(&c->to, errno);
	}
}

static void obey(struct copy *c)
{
	struct end *e = strstr(c->line, " from") ? &c->from : &c->to;

	if (!strcmp(c->line, "end")) {
		c->ended = true;
	} else if (!strncmp(c->line, "open ", 5)) {
		e->wanted = true;
	} else if (!strncmp(c->line, "close ", 6)) {
		e->wanted = false;
		if (e->fd >= 0)
			let_go(e, "closed");
	} else {
		tap_bail("unknown command '%s'", c->line);
	}
}

static void listen_to(struct copy *c)
{
	char byte;
	ssize_t n = read(c->control, &byte, 1);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		tap_bail("nobody is there to say 'end'");
	if (byte != '\n' && c->n_line + 1 < sizeof(c->line)) {
		c->line[c->n_line++] = byte;
		return;
	}
	c->line[c->n_line] = '\0';
	c->n_line = 0;
	obey(c);
}

/* An idle node is left out of one poll(), which then ends after a tick. */
static int fd_to_watch(struct end *e, bool useful)
{
	bool idle = e->idle;

	e->idle = false;
	return useful && e->fd >= 0 && !idle ? e->fd : -1;
}

static void run(struct copy *c)
{
	while (!c->ended) {
		bool waits = (c->from.idle && !c->len) || (c->to.idle && c->len);
		struct pollfd pfd[] = {
			{.fd = c->control, .events = POLLIN},
			{.fd = fd_to_watch(&c->from, !c->len), .events = POLLIN},
			{.fd = fd_to_watch(&c->to, c->len != 0), .events = POLLOUT},
		};

		waits = waits || (c->from.wanted && c->from.fd < 0) ||
			(c->to.wanted && c->to.fd < 0);
		if (poll(pfd, 3, waits ? TICK_MS : -1) < 0 && errno != EINTR)
			tap_bail("poll: %s", errno_name(errno));
		if (pfd[1].revents)
			take(c);
		if (pfd[2].revents)
			give(c);
		if (pfd[0].revents)
			listen_to(c);
		try_open(c, &c->from);
		try_open(c, &c->to);
	}
}

/**
 * verb_copy() - copy FROM TO [--block N] [--baud N] [--control PATH]
 *
 * Says "# from-open K." and "# to-open K." when it opens a node for the K-th time, "# from-closed
 * K." when it has closed it, "# from-gone K." (to-..) when the node was taken away. Commands are
 * lines on stdin, or in the FIFO @PATH, which outlives who writes to it: "close from", "open from",
 * "close to", "open to"; "end". An open is tried until the node is there.
 */
int verb_copy(char **argv)
{
	struct copy c = {.from = {.name = "from", .fd = -1, .mode = O_RDONLY, .wanted = true},
			 .to = {.name = "to", .fd = -1, .mode = O_WRONLY, .wanted = true},
			 .block = 4096,
			 .control = STDIN_FILENO};
	const char *paths[2], *control = NULL;
	struct opt opts[] = {
		{.name = "block", .type = OPT_SIZE, .value = &c.block},
		{.name = "baud", .type = OPT_U64, .value = &c.baud},
		{.name = "control", .type = OPT_STR, .value = &control},
	};

	opt_parse(opts, sizeof(opts) / sizeof(opts[0]), argv, paths, 2, 2);
	node_check(&(struct node_opts){.baud = c.baud});
	c.from.path = paths[0];
	c.to.path = paths[1];
	c.same = !strcmp(paths[0], paths[1]);
	if (c.same)
		c.from.mode = O_RDWR;
	tap_begin();
	if (control)
		c.control = open(control, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (c.control < 0)
		tap_bail("open %s: %s", control, errno_name(errno));
	c.buf = must_alloc(c.block);
	try_open(&c, &c.from);
	try_open(&c, &c.to);
	run(&c);
	tap_ok(c.in == c.out, "copied %llu of %llu bytes read", (unsigned long long)c.out,
	       (unsigned long long)c.in);
	free(c.buf);
	return tap_done();
}
