/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rx.c - read a stream from a node and judge it. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"

/* Once bytes are known to be wrong, some may be missing: how long to wait for more. */
#define QUIET_MS 1000

/* Results of get() besides a number of bytes. */
enum { GET_EOF = 0, GET_ERROR = -1, GET_QUIET = -2 };

/* read() that waits; up to @quiet_ms if that is not negative. */
static ssize_t get(int fd, void *buf, size_t len, int quiet_ms)
{
	for (;;) {
		struct pollfd pfd = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (quiet_ms >= 0 && !poll(&pfd, 1, quiet_ms))
			return GET_QUIET;
		n = read(fd, buf, len);
		if (n >= 0)
			return n;
		if (errno == EAGAIN)
			poll(&pfd, 1, quiet_ms);
		else if (errno != EINTR)
			return GET_ERROR;
	}
}

/* Why the stream ended early, as the text of a test point. */
static void report_end(const struct rx *rx, ssize_t why, int err, uint64_t at)
{
	unsigned long long off = at;

	if (why == GET_EOF)
		tap_ok(false, "%send of file at offset %llu", rx->prefix, off);
	else if (why == GET_ERROR)
		tap_ok(false, "%sread at offset %llu: %s", rx->prefix, off, errno_name(err));
	else
		tap_ok(false, "%s%llu bytes as sent", rx->prefix, (unsigned long long)rx->bytes);
}

static void expect_marker(const struct rx *rx)
{
	uint8_t got[MARKER_LEN];
	char text[2 * MARKER_LEN + 1] = "";
	size_t n = 0;
	ssize_t r = 1;
	bool ok;

	while (n < sizeof(got)) {
		/* Bytes that differ already decide: do not insist on sixteen of them. */
		bool bad = memcmp(got, rx->marker, n) != 0;

		r = get(rx->fd, got + n, sizeof(got) - n, bad ? QUIET_MS : -1);
		if (r <= 0)
			break;
		n += (size_t)r;
	}
	ok = n == sizeof(got) && !memcmp(got, rx->marker, n);
	tap_ok(ok, "%smarker follows the last byte", rx->prefix);
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", got[i]);
	if (!ok)
		tap_diag("%safter the last byte came %s%s", rx->prefix, n ? text : "nothing",
			 r == GET_EOF	  ? ", end of file"
			 : r == GET_ERROR ? ", an error"
					  : "");
}

/**
 * rx_run() - read the payload, then the marker
 *
 * Test points: "N bytes as sent" (or how the stream ended early), and with a marker "marker follows
 * the last byte". The cksum is of all bytes read before the marker.
 */
void rx_run(const struct rx *rx)
{
	struct stream *st = stream_new(rx->seed);
	struct damage *d = must_alloc(sizeof(*d));
	uint8_t *buf = must_alloc(rx->block);
	struct crc crc = {0};
	ssize_t n = 1;
	int err = 0;

	damage_init(d, st, rx->bytes);
	while (crc.len < rx->bytes) {
		uint64_t left = rx->bytes - crc.len;

		/* never more than is left: what follows is the marker's */
		n = get(rx->fd, buf, left < rx->block ? (size_t)left : rx->block,
			d->bad ? QUIET_MS : -1);
		if (n <= 0)
			break;
		damage_feed(d, buf, (size_t)n);
		crc_add(&crc, buf, (size_t)n);
		if (rx->sum)
			crc_add(rx->sum, buf, (size_t)n);
	}
	err = errno;
	if (n <= 0)
		report_end(rx, n, err, crc.len);
	else
		tap_ok(!d->bad, "%s%llu bytes as sent", rx->prefix, (unsigned long long)rx->bytes);
	tap_diag("%scksum %u %llu", rx->prefix, crc_value(&crc), (unsigned long long)crc.len);
	damage_report(d, rx->prefix);
	if (n > 0)
		tap_diag("%sreceived %llu", rx->prefix, (unsigned long long)crc.len);
	if (rx->marker && (d->bad || n <= 0)) {
		tap_ok(false, "%smarker follows the last byte", rx->prefix);
		tap_diag("%snot looked for, the payload is damaged", rx->prefix);
	} else if (rx->marker) {
		expect_marker(rx);
	}
	free(buf);
	free(d);
	free(st);
}
