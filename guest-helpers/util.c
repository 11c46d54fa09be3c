/* SPDX-License-Identifier: GPL-2.0-or-later */
/* util.c - messages, errno names, allocation, time. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"

PRINTF(2, 0) static void complain(const char *kind, const char *fmt, va_list ap)
{
	fprintf(stderr, "chardev-helper: %s: ", kind);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

/** usage_error() - the command line is wrong: say so and exit with EXIT_USAGE */
void usage_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain("usage", fmt, ap);
	va_end(ap);
	exit(EXIT_USAGE);
}

/** fatal() - a verb that does not speak TAP cannot go on: say so and exit with EXIT_SYSTEM */
void fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain("fatal", fmt, ap);
	va_end(ap);
	exit(EXIT_SYSTEM);
}

/** errno_name() - "EPIPE" rather than a sentence that depends on the C library */
const char *errno_name(int err)
{
	const char *name = strerrorname_np(err);

	return name ? name : "E?";
}

/** must_alloc() - zeroed memory, or the end of the program */
void *must_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		fatal("unable to allocate %zu bytes", size);
	return p;
}

/** write_all() - write everything; false with errno set if that failed */
bool write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/** now_ms() - milliseconds on a clock that nobody sets */
uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}
