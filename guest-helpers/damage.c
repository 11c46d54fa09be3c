/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * damage.c - say what happened to a stream: bytes lost, repeated, reordered or foreign.
 *
 * As long as bytes are as expected they are only compared. After a mismatch the next 16 bytes are
 * searched for in the whole stream; where they belong is where it went on. What came is so cut
 * into runs, and from the runs follows the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "helper.h"

#define CHUNK 65536
#define NEAR  (4ULL << 20)
/* Searching costs time: once through the whole stream, and this much for what is nearby. */
#define SEARCH_MORE (256ULL << 20)
#define NOWHERE	    UINT64_MAX

/** damage_init() - expect the first @total bytes of @st */
void damage_init(struct damage *d, const struct stream *st, uint64_t total)
{
	memset(d, 0, sizeof(*d));
	d->st = st;
	d->total = total;
	d->n_run = 1;
	d->budget = total + SEARCH_MORE;
}

/* Where in [from, to) does the window start? */
static uint64_t search(struct damage *d, uint64_t from, uint64_t to)
{
	static uint8_t buf[CHUNK + DAMAGE_WINDOW];
	size_t n = d->n_window;

	for (; from < to && d->budget >= CHUNK; from += CHUNK) {
		uint64_t len = to - from < CHUNK ? to - from : CHUNK;
		const uint8_t *hit;

		d->budget -= CHUNK;
		stream_fill(d->st, from, buf, (size_t)len + n - 1);
		hit = memmem(buf, (size_t)len + n - 1, d->window, n);
		if (hit)
			return from + (uint64_t)(hit - buf);
	}
	return NOWHERE;
}

/* Look nearby first: forward (loss), back (repetition), then everywhere. */
static uint64_t locate(struct damage *d)
{
	uint64_t lo = d->pos > NEAR ? d->pos - NEAR : 0;
	uint64_t hi = d->total - d->pos > NEAR ? d->pos + NEAR : d->total;
	uint64_t hit = search(d, d->pos, hi);

	if (hit == NOWHERE)
		hit = search(d, lo, d->pos);
	if (hit == NOWHERE)
		hit = search(d, hi, d->total);
	if (hit == NOWHERE)
		hit = search(d, 0, lo);
	return hit;
}

/* Close the open run and begin another at @pos of the sent stream. */
static void new_run(struct damage *d, uint64_t pos)
{
	d->run[d->n_run - 1].to = d->pos;
	if (d->n_run == DAMAGE_RUNS) {
		d->gave_up = true;
		return;
	}
	d->run[d->n_run].at = d->seen;
	d->run[d->n_run].from = d->run[d->n_run].to = pos;
	d->n_run++;
	d->pos = pos;
}

/* The window belongs nowhere. Most likely it came in place of the right bytes. */
static void foreign(struct damage *d)
{
	uint64_t left = d->total - d->pos;
	size_t i = d->n_run - 1;

	/* among foreign bytes every 256th is right by chance: that does not begin a run */
	if (d->run[i].foreign && d->pos - d->run[i].from < 8)
		d->run[i].foreign += d->pos - d->run[i].from;
	else
		new_run(d, d->pos);
	if (d->gave_up)
		return;
	i = d->n_run - 1;
	d->run[i].foreign += d->n_window;
	d->pos += d->n_window < left ? d->n_window : left;
	d->run[i].from = d->pos;
}

/* The window is full, or the stream ended: find out where its bytes belong. */
static void resolve(struct damage *d)
{
	uint64_t pos = NOWHERE;

	/* after a repetition there may be more bytes than were sent */
	if (d->pos > d->total)
		d->pos = d->total;
	/* fewer than 8 bytes could be anywhere */
	if (d->n_window >= 8)
		pos = locate(d);
	if (pos == NOWHERE && d->budget < CHUNK) {
		d->gave_up = true;
	} else if (pos == NOWHERE) {
		foreign(d);
	} else {
		new_run(d, pos);
		d->pos += d->n_window;
	}
	d->seen += d->n_window;
	d->n_window = 0;
}

static void note_first(struct damage *d)
{
	d->bad = true;
	d->first_bad = d->seen;
	stream_fill(d->st, d->pos, d->want, sizeof(d->want));
}

/** damage_feed() - judge the next received bytes */
void damage_feed(struct damage *d, const void *buf, size_t len)
{
	const uint8_t *p = buf;

	while (len && !d->gave_up) {
		size_t n;

		if (!d->n_window) {
			n = stream_match(d->st, d->pos, p, len);
			d->pos += n;
			d->seen += n;
			p += n;
			len -= n;
			if (!len)
				return;
			if (!d->bad)
				note_first(d);
		}
		n = DAMAGE_WINDOW - d->n_window < len ? DAMAGE_WINDOW - d->n_window : len;
		memcpy(d->window + d->n_window, p, n);
		if (d->n_run == 1 && d->n_have == d->n_window) {
			memcpy(d->have + d->n_have, p, n);
			d->n_have += n;
		}
		d->n_window += n;
		p += n;
		len -= n;
		if (d->n_window == DAMAGE_WINDOW)
			resolve(d);
	}
}

static int by_from(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* How much of the stream never came, how much came again, did the order change? */
static void sum_up(const struct damage *d, const char *prefix)
{
	uint64_t iv[DAMAGE_RUNS][2], reach = 0, lost = 0, again = 0, alien = 0;
	bool back = false;

	for (size_t i = 0; i < d->n_run; i++) {
		iv[i][0] = d->run[i].from;
		iv[i][1] = d->run[i].to < d->total ? d->run[i].to : d->total;
		alien += d->run[i].foreign;
		back |= i && d->run[i].from < d->run[i - 1].to;
	}
	qsort(iv, d->n_run, sizeof(iv[0]), by_from);
	for (size_t i = 0; i < d->n_run; i++) {
		if (iv[i][0] > reach)
			lost += iv[i][0] - reach;
		else
			again += (iv[i][1] < reach ? iv[i][1] : reach) - iv[i][0];
		if (iv[i][1] > reach)
			reach = iv[i][1];
	}
	if (reach < d->total)
		lost += d->total - reach;
	tap_diag("%sdamage: in all %llu bytes missing, %llu repeated, %llu foreign%s", prefix,
		 (unsigned long long)lost, (unsigned long long)again, (unsigned long long)alien,
		 back && !again ? ", order changed" : "");
}

static void report_run(const struct damage *d, size_t i, const char *prefix)
{
	unsigned long long at = d->run[i].at, due = d->run[i - 1].to, from = d->run[i].from;

	if (d->run[i].foreign)
		tap_diag("%sdamage: at offset %llu: %llu foreign bytes, then bytes %llu..", prefix,
			 at, (unsigned long long)d->run[i].foreign, from);
	else if (from > due)
		tap_diag("%sdamage: at offset %llu: not bytes %llu.. but %llu.. (%llu skipped)",
			 prefix, at, due, from, from - due);
	else
		tap_diag("%sdamage: at offset %llu: not bytes %llu.. but %llu.. (%llu back)",
			 prefix, at, due, from, due - from);
}

static const char *hex(const uint8_t *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
	return out;
}

/** damage_report() - after the last byte, print diagnostics; nothing if there was no mismatch */
void damage_report(struct damage *d, const char *prefix)
{
	char text[2 * DAMAGE_WINDOW + 1];

	if (!d->bad)
		return;
	if (d->n_window)
		resolve(d);
	if (!d->gave_up)
		d->run[d->n_run - 1].to = d->pos;
	tap_diag("%sfirst mismatch at offset %llu", prefix, (unsigned long long)d->first_bad);
	tap_diag("%sexpected %s", prefix, hex(d->want, sizeof(d->want), text));
	tap_diag("%sgot      %s", prefix, hex(d->have, d->n_have, text));
	for (size_t i = 1; i < d->n_run; i++)
		report_run(d, i, prefix);
	if (d->gave_up)
		tap_diag("%sdamage: and more, not followed any further", prefix);
	else
		sum_up(d, prefix);
}
