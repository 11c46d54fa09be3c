/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tx.c - write a stream to a node. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"

/* Write @len bytes; returns how many went, fewer only with errno set. */
static size_t put(const struct tx *tx, struct stall *stall, uint64_t offset, const uint8_t *p,
		  size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n;

		stall_enter(stall, offset + done);
		n = write(tx->fd, p + done, len - done);
		if (n >= 0) {
			done += (size_t)n;
		} else if (errno == EAGAIN) {
			struct pollfd pfd = {.fd = tx->fd, .events = POLLOUT};

			stall_enter(stall, offset + done);
			poll(&pfd, 1, -1);
		} else if (errno != EINTR) {
			break;
		}
	}
	return done;
}

/* Datagrams have no flow control: wait until byte @sent is due. */
static void pace(const struct tx *tx, const struct timespec *start, uint64_t sent)
{
	uint64_t ns = sent * 1000000000ULL / tx->rate + (uint64_t)start->tv_nsec;
	struct timespec due = {.tv_sec = start->tv_sec + (time_t)(ns / 1000000000),
			       .tv_nsec = (long)(ns % 1000000000)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
		;
}

/* Write the payload block by block; returns how many bytes went, fewer only with *err set. */
static uint64_t put_payload(const struct tx *tx, struct stall *stall, const struct stream *st,
			    int *err)
{
	/* several blocks are made at once, but each is a write() of its own */
	size_t room = (STREAM_RUN + tx->block - 1) / tx->block * tx->block;
	uint8_t *buf = must_alloc(room);
	struct timespec start;
	uint64_t sent = 0;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!*err && sent < tx->bytes) {
		uint64_t left = tx->bytes - sent;
		size_t len = left < room ? (size_t)left : room;

		stream_fill(st, sent, buf, len);
		for (size_t at = 0; !*err && at < len; at += tx->block) {
			size_t n = len - at < tx->block ? len - at : tx->block;
			size_t done;

			if (tx->rate)
				pace(tx, &start, sent);
			done = put(tx, stall, sent, buf + at, n);
			*err = done < n ? errno : 0;
			if (tx->sum)
				crc_add(tx->sum, buf + at, done);
			sent += done;
		}
	}
	free(buf);
	return sent;
}

/**
 * tx_run() - write the payload, then the marker
 *
 * One test point: "wrote N bytes", or "write at offset K: ERRNO". The cksum is of the bytes that
 * write() took, the marker left out.
 */
void tx_run(const struct tx *tx)
{
	struct stream *st = stream_new(tx->seed);
	struct stall *stall = stall_watch(tx->prefix);
	uint64_t sent, off;
	int err = 0;

	tap_diag("%swriting", tx->prefix);
	sent = off = put_payload(tx, stall, st, &err);
	if (tx->marker && !err) {
		size_t n = put(tx, stall, off, tx->marker, MARKER_LEN);

		off += n;
		err = n < MARKER_LEN ? errno : 0;
	}
	if (!err && isatty(tx->fd) && tcdrain(tx->fd))
		err = errno;
	stall_end(stall);
	if (err)
		tap_ok(false, "%swrite at offset %llu: %s", tx->prefix, (unsigned long long)off,
		       errno_name(err));
	else
		tap_ok(true, "%swrote %llu bytes", tx->prefix, (unsigned long long)tx->bytes);
	tap_diag("%scksum %u %llu", tx->prefix, stream_cksum(st, sent), (unsigned long long)sent);
	free(st);
}
