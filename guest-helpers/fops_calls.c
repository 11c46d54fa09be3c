// SPDX-License-Identifier: GPL-2.0-or-later
/* fops_calls.c - the calls of a script that move bytes, and those that a port refuses */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include "helper.h"

#define FILL_BLOCK 4096
#define IO_MAX	   (1UL << 20) /* in one call */
#define NUMBER_MAX (1UL << 30)
#define IOV_MAX_   6
#define QUIET_MS   250

/** fops_result() - what a call gave */
void fops_result(struct fops_call *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->result, sizeof(c->result), fmt, ap);
	va_end(ap);
}

/** fops_result_n() - a return value: the number, or the name of the error */
void fops_result_n(struct fops_call *c, ssize_t n)
{
	if (n < 0)
		fops_result(c, "%s", errno_name(errno));
	else
		fops_result(c, "%zd", n);
}

static void result_ok(struct fops_call *c, int n)
{
	fops_result(c, "%s", n < 0 ? errno_name(errno) : "ok");
}

static const char *word(const struct fops_call *c, int i)
{
	if (i >= c->n)
		tap_bail("%s: a word is missing", c->word[0]);
	return c->word[i];
}

/** fops_number() - a word that is a number */
uint64_t fops_number(const struct fops_call *c, int i)
{
	char *end;
	unsigned long long n = strtoull(word(c, i), &end, 10);

	if (*end || n > NUMBER_MAX)
		tap_bail("%s: '%s' is no number up to %lu", c->word[0], c->word[i], NUMBER_MAX);
	return n;
}

/* Bytes to be moved by one call. */
static size_t length(const struct fops_call *c, int i)
{
	uint64_t n = fops_number(c, i);

	if (n > IO_MAX)
		tap_bail("%s: %s is too much", c->word[0], c->word[i]);
	return n;
}

/** fops_slot() - a word that is the letter of a descriptor */
struct fops_slot *fops_slot(const struct fops_call *c, int i)
{
	const char *w = word(c, i);

	if (w[0] < 'a' || w[0] >= 'a' + FOPS_SLOTS || w[1])
		tap_bail("%s: '%s' is no descriptor", c->word[0], w);
	return &fops_slots[w[0] - 'a'];
}

/* open SLOT PORT FLAG,.. */
static void call_open(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	uint64_t port = fops_number(c, 2);
	const char *flags = word(c, 3);
	int mode = strstr(flags, "rdwr") ? O_RDWR : strstr(flags, "wronly") ? O_WRONLY : O_RDONLY;
	struct termios tio;
	int fd;

	if (port >= FOPS_PORTS || !fops_ports[port].path)
		tap_bail("open: there is no port %s", c->word[2]);
	fd = open(fops_ports[port].path, mode | (strstr(flags, "nonblock") ? O_NONBLOCK : 0) |
						 (strstr(flags, "exec") ? 0 : O_CLOEXEC) |
						 O_NOCTTY);
	result_ok(c, fd);
	if (fd < 0)
		return;
	*s = (struct fops_slot){.fd = fd, .port = &fops_ports[port]};
	if (tcgetattr(fd, &tio))
		return;
	cfmakeraw(&tio);
	tio.c_cflag |= CLOCAL | CREAD;
	if (cfsetspeed(&tio, B115200) || tcsetattr(fd, TCSANOW, &tio))
		fops_result(c, "tcsetattr: %s", errno_name(errno));
}

static void call_close(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);

	s->async = 0;
	result_ok(c, close(s->fd));
	s->fd = -1;
}

/* dup SLOT NEW */
static void call_dup(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1), *new = fops_slot(c, 2);
	int fd = dup(s->fd);

	result_ok(c, fd);
	*new = (struct fops_slot){.fd = fd, .port = s->port};
}

/* block SLOT, nonblock SLOT */
static void call_block(struct fops_call *c)
{
	int fd = fops_slot(c, 1)->fd, flags = fcntl(fd, F_GETFL);

	flags = *c->word[0] == 'b' ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
	result_ok(c, fcntl(fd, F_SETFL, flags));
}

static char *buffer(void)
{
	static _Thread_local char *buf;

	if (!buf) {
		/* From the start of a page on: pages that are lent are taken one by one. */
		buf = mmap(NULL, IO_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
		if (buf == MAP_FAILED)
			tap_bail("mmap: %s", errno_name(errno));
	}
	return buf;
}

/* @n bytes came into @buf: are they those that come next? */
static bool take(struct fops_call *c, struct fops_port *p, const char *buf, ssize_t n)
{
	size_t good = n > 0 ? stream_match(p->rx, p->got, buf, (size_t)n) : 0;

	if (n > 0 && good < (size_t)n) {
		fops_result(c, "%zd, wrong from byte %llu on", n,
			    (unsigned long long)p->got + good);
		return false;
	}
	p->got += n > 0 ? (uint64_t)n : 0;
	fops_result_n(c, n);
	return true;
}

/* read SLOT N, pread SLOT N */
static void call_read(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	size_t n = length(c, 2);
	char *buf = buffer();

	take(c, s->port, buf, *c->word[0] == 'p' ? pread(s->fd, buf, n, 0) : read(s->fd, buf, n));
}

/* read-all SLOT N: until so many have come, or an end or an error */
static void call_read_all(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	size_t n = fops_number(c, 2), done = 0;
	char *buf = buffer();

	while (done < n) {
		ssize_t got = read(s->fd, buf, n - done < IO_MAX ? n - done : IO_MAX);

		if (!take(c, s->port, buf, got))
			return;
		if (got <= 0) {
			fops_result(c, "%zu, then %s", done, got ? errno_name(errno) : "0");
			return;
		}
		done += (size_t)got;
	}
	fops_result(c, "%zu", done);
}

/* The number of the piece of @size bytes in @buf: @next or a later one up to @last; beyond: none */
static uint64_t piece(const struct fops_port *p, const char *buf, size_t size, uint64_t next,
		      uint64_t last)
{
	while (next <= last && stream_match(p->rx, p->got + next * size, buf, size) < size)
		next++;
	return next;
}

/*
 * pieces SLOT SIZE LAST: what comes are pieces of the stream, whole and in order, of which some may
 * be missing, until number LAST (the next one is 0). Says how many came: "# pieces N".
 */
static void call_pieces(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	size_t size = length(c, 2), have = 0;
	uint64_t last = fops_number(c, 3), next = 0, came = 0;
	char *buf = buffer();

	while (next <= last) {
		ssize_t n = read(s->fd, buf + have, size - have);

		if (n <= 0) {
			fops_result(c, "%llu, then %s", (unsigned long long)came,
				    n ? errno_name(errno) : "0");
			return;
		}
		have += (size_t)n;
		if (have < size)
			continue;
		next = piece(s->port, buf, size, next, last) + 1;
		have = 0;
		if (next > last + 1) {
			fops_result(c, "%llu, then one that is none of the next",
				    (unsigned long long)came);
			return;
		}
		came++;
	}
	s->port->got += next * size;
	tap_diag("pieces %llu", (unsigned long long)came);
	fops_result(c, "ok");
}

/* Lengths from word 2 on. */
static int vector(const struct fops_call *c, struct iovec *iov, size_t *total)
{
	char *buf = buffer();
	int n = 0;

	for (*total = 0; n < IOV_MAX_ && n + 2 < c->n; n++) {
		iov[n].iov_base = buf + *total;
		iov[n].iov_len = fops_number(c, n + 2);
		*total += iov[n].iov_len;
		if (*total > IO_MAX)
			tap_bail("%s: too much", c->word[0]);
	}
	return n;
}

/* readv SLOT N.. */
static void call_readv(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	struct iovec iov[IOV_MAX_];
	size_t total;
	int n = vector(c, iov, &total);

	take(c, s->port, buffer(), readv(s->fd, iov, n));
}

/* What is written next, in the buffer. */
static const char *give(struct fops_port *p, size_t n)
{
	char *buf = buffer();

	stream_fill(p->tx, p->sent, buf, n);
	return buf;
}

static void given(struct fops_call *c, struct fops_port *p, ssize_t n)
{
	p->sent += n > 0 ? (uint64_t)n : 0;
	fops_result_n(c, n);
}

/* write SLOT N, pwrite SLOT N; write-part SLOT N: "part" if less was taken than that, but something;
 * how much is counted like all that is */
static void call_write(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	size_t n = length(c, 2);
	const char *buf = give(s->port, n);
	ssize_t put = *c->word[0] == 'p' ? pwrite(s->fd, buf, n, 0) : write(s->fd, buf, n);

	given(c, s->port, put);
	if (put > 0 && put < (ssize_t)n && !strcmp(c->word[0], "write-part"))
		fops_result(c, "part");
}

/* write-all SLOT N [BLOCK]: in as many calls as it takes, of a block each */
static void call_write_all(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	size_t n = fops_number(c, 2), done = 0, block = c->n > 3 ? length(c, 3) : IO_MAX;

	while (done < n) {
		size_t len = n - done < block ? n - done : block;
		ssize_t put = write(s->fd, give(s->port, len), len);

		if (put < 0) {
			fops_result(c, "%zu, then %s", done, errno_name(errno));
			return;
		}
		s->port->sent += (uint64_t)put;
		done += (size_t)put;
	}
	fops_result(c, "%zu", done);
}

/*
 * fill SLOT: as much as is taken without waiting, until nothing has been for a while: what lies
 * behind the node takes more as its buffers move bytes on. Why it ended.
 */
static void call_fill(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	int flags = fcntl(s->fd, F_GETFL);
	struct pollfd pfd = {.fd = s->fd, .events = POLLOUT};
	ssize_t n;

	if (flags < 0 || fcntl(s->fd, F_SETFL, flags | O_NONBLOCK))
		tap_bail("fcntl: %s", errno_name(errno));
	do {
		n = write(s->fd, give(s->port, FILL_BLOCK), FILL_BLOCK);
		given(c, s->port, n);
	} while (n > 0 || (errno == EAGAIN && poll(&pfd, 1, QUIET_MS) > 0));
	if (fcntl(s->fd, F_SETFL, flags))
		tap_bail("fcntl: %s", errno_name(errno));
}

/* writev SLOT N.. */
static void call_writev(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	struct iovec iov[IOV_MAX_];
	size_t total;
	int n = vector(c, iov, &total);

	give(s->port, total);
	given(c, s->port, writev(s->fd, iov, n));
}

/* splice SLOT N, vmsplice SLOT N: through a pipe, copied into it or lent to it */
static void call_splice(struct fops_call *c)
{
	struct fops_slot *s = fops_slot(c, 1);
	size_t n = length(c, 2);
	struct iovec iov = {.iov_len = n};
	ssize_t in;
	int p[2];

	if (pipe2(p, O_CLOEXEC))
		tap_bail("pipe: %s", errno_name(errno));
	iov.iov_base = (void *)(uintptr_t)give(s->port, n);
	in = *c->word[0] == 'v' ? vmsplice(p[1], &iov, 1, 0) : write(p[1], iov.iov_base, n);
	if (in == (ssize_t)n)
		given(c, s->port, splice(p[0], NULL, s->fd, NULL, n, 0));
	else
		fops_result(c, "the pipe takes %zd", in);
	close(p[0]);
	close(p[1]);
}

/* skip SLOT N: the host sent them, and they are not to come */
static void call_skip(struct fops_call *c)
{
	fops_slot(c, 1)->port->got += fops_number(c, 2);
	fops_result(c, "ok");
}

/* lseek, fsync, mmap, ioctl, read-bad, write-bad SLOT: what is refused */
static void call_refused(struct fops_call *c)
{
	int fd = fops_slot(c, 1)->fd;
	char *nowhere = mmap(NULL, FILL_BLOCK, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *map;

	if (!strcmp(c->word[0], "lseek")) {
		fops_result_n(c, lseek(fd, 0, SEEK_SET));
	} else if (!strcmp(c->word[0], "fsync")) {
		fops_result_n(c, fsync(fd));
	} else if (!strcmp(c->word[0], "ioctl")) {
		fops_result_n(c, ioctl(fd, FIONREAD, &map));
	} else if (!strcmp(c->word[0], "mmap")) {
		map = mmap(NULL, FILL_BLOCK, PROT_READ, MAP_SHARED, fd, 0);
		fops_result(c, "%s", map == MAP_FAILED ? errno_name(errno) : "ok");
	} else if (!strcmp(c->word[0], "read-bad")) {
		fops_result_n(c, read(fd, nowhere, 16));
	} else {
		fops_result_n(c, write(fd, nowhere, 16));
	}
	munmap(nowhere, FILL_BLOCK);
}

static const struct {
	const char *name;
	void (*fn)(struct fops_call *c);
} calls[] = {
	{"open", call_open},	     {"close", call_close},	  {"dup", call_dup},
	{"block", call_block},	     {"nonblock", call_block},	  {"read", call_read},
	{"pread", call_read},	     {"read-all", call_read_all}, {"readv", call_readv},
	{"write", call_write},	     {"pwrite", call_write},	  {"write-all", call_write_all},
	{"write-part", call_write},  {"fill", call_fill},	  {"writev", call_writev},
	{"pieces", call_pieces},     {"splice", call_splice},	  {"vmsplice", call_splice},
	{"skip", call_skip},	     {"lseek", call_refused},	  {"fsync", call_refused},
	{"mmap", call_refused},	     {"ioctl", call_refused},	  {"read-bad", call_refused},
	{"write-bad", call_refused},
};

/** fops_run() - make a call */
void fops_run(struct fops_call *c)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (!strcmp(calls[i].name, c->word[0])) {
			calls[i].fn(c);
			return;
		}
	}
	if (!fops_run_event(c) && !fops_run_epoll(c) && !fops_run_process(c) && !fops_run_usb(c))
		tap_bail("there is no call '%s'", c->word[0]);
}
