// SPDX-License-Identifier: GPL-2.0-or-later
/* damage.c - compare what arrives with what was sent, and cut it into segments */
#include "harness/host/damage.h"

#include <stdlib.h>
#include <string.h>

#include "harness/host/damage_private.h"

#define CHUNK	  16384
#define SHIFT	  16 /* an event is moved so far to a rounder offset at the most */
#define EDGE	  (DAMAGE_EDGE - SHIFT) /* so many bytes of a run are matched backwards */
#define NEARBY	  (1U << 20)		/* short pieces are looked for in so many bytes */
#define PIECE_MIN 4			/* shorter ones are found there by chance */
#define TAIL_MIN  8 /* so many at the end are the stream's, whatever is before */

void damage_init(struct damage *d, const struct payload *sent)
{
	struct damage_state *st = xcalloc(1, sizeof(*st));

	st->n = 1;
	st->segs[0].fill = -1;
	st->first_bad = UINT64_MAX;
	st->in_order = true;
	*d = (struct damage){.sent = sent, .state = st};
}

void damage_release(struct damage *d)
{
	if (!d->state)
		return;
	damage_index_free(d->state->index);
	free(d->state);
	d->state = NULL;
}

static unsigned char sent_byte(const struct payload *p, uint64_t offset)
{
	unsigned char byte;

	payload_fill(p, offset, &byte, 1);
	return byte;
}

/* How many of its low bits are 0 */
static int roundness(uint64_t offset)
{
	return offset ? __builtin_ctzll(offset) : 64;
}

static void run_add(struct damage_run *run, unsigned char byte)
{
	if (run->len < DAMAGE_EDGE)
		run->head[run->len] = byte;
	run->tail[run->len % DAMAGE_EDGE] = byte;
	if (run->same == run->len && byte == run->head[0])
		run->same++;
	run->len++;
}

static unsigned char run_byte(const struct damage_run *run, uint64_t at)
{
	return at < DAMAGE_EDGE ? run->head[at] : run->tail[at % DAMAGE_EDGE];
}

/* Take the last byte off again; at most EDGE times, then the tail is used up */
static void run_drop(struct damage_run *run)
{
	run->len--;
	if (run->same > run->len)
		run->same = run->len;
}

static bool run_is_fill(const struct damage_run *run)
{
	return run->same == run->len;
}

static struct damage_seg *last_seg(struct damage_state *st)
{
	return &st->segs[st->crowded ? DAMAGE_SEGS : st->n - 1];
}

static void add_seg(struct damage_state *st, uint64_t from, uint64_t len, int fill)
{
	if (st->n < DAMAGE_SEGS)
		st->n++;
	else
		st->crowded = true;
	*last_seg(st) = (struct damage_seg){.from = from, .len = len, .fill = fill};
	if (from == DAMAGE_FOREIGN || from < st->next)
		st->in_order = false;
	if (from == DAMAGE_FOREIGN)
		return;
	if (from > st->next) {
		st->lost += from - st->next;
		st->gaps++;
	}
	st->next = from + len;
}

static void add_run(struct damage_state *st, const struct damage_run *run)
{
	add_seg(st, DAMAGE_FOREIGN, run->len, run_is_fill(run) ? run->head[0] : -1);
}

/* The last segment ends @n bytes earlier; those belong to what follows */
static void shrink_last(struct damage_state *st, uint64_t n)
{
	last_seg(st)->len -= n;
	st->next -= n;
}

/* Nothing foreign between two segments, but where does the first end? Move the cut back */
static uint64_t best_cut(const struct payload *p, struct damage_state *st, uint64_t from)
{
	uint64_t best = 0, limit = last_seg(st)->len;

	for (uint64_t t = 1; t <= SHIFT && t <= limit && t <= from; t++) {
		if (sent_byte(p, st->next - t) != sent_byte(p, from - t))
			break;
		if (roundness(st->next - t) > roundness(st->next - best))
			best = t;
	}
	return best;
}

/* Bytes overwritten with one value: neighbours that had it anyway may belong to the block */
static void widen_fill(const struct payload *p, struct damage_state *st, uint64_t *from,
		       uint64_t *len)
{
	struct damage_run *run = &st->run;
	uint64_t before = 0, after = 0;

	for (uint64_t t = 1; t <= SHIFT && t <= last_seg(st)->len; t++) {
		if (sent_byte(p, st->next - t) != run->head[0])
			break;
		if (roundness(st->next - t) > roundness(st->next - before))
			before = t;
	}
	for (uint64_t t = 1; t <= SHIFT && t < *len; t++) {
		if (sent_byte(p, *from + t - 1) != run->head[0])
			break;
		if (roundness(*from + t) > roundness(*from + after))
			after = t;
	}
	shrink_last(st, before);
	run->len += before + after;
	run->same = run->len;
	*from += after;
	*len -= after;
}

/* Foreign bytes between two neighbours: bytes of it that equal those around it may as well be on
 * the other side. Move the place where it seems to be inserted */
static void rotate_insertion(const struct payload *p, struct damage_state *st, uint64_t *from,
			     uint64_t *len)
{
	const struct damage_run *run = &st->run;
	uint64_t at = *from, best = at;

	for (uint64_t t = 1; t <= SHIFT && t <= last_seg(st)->len; t++) {
		unsigned char end = t <= run->len ? run_byte(run, run->len - t)
						  : sent_byte(p, at - (t - run->len));

		if (sent_byte(p, at - t) != end)
			break;
		if (roundness(at - t) > roundness(best))
			best = at - t;
	}
	for (uint64_t t = 1; t <= SHIFT && t < *len; t++) {
		unsigned char start =
			t <= run->len ? run_byte(run, t - 1) : sent_byte(p, at + t - 1 - run->len);

		if (sent_byte(p, at + t - 1) != start)
			break;
		if (roundness(at + t) > roundness(best))
			best = at + t;
	}
	*len -= best - at;
	*from = best;
	last_seg(st)->len += best - at;
	st->next = best;
}

static bool run_equals_sent(const struct payload *p, const struct damage_run *run, uint64_t from)
{
	unsigned char sent[DAMAGE_EDGE];

	payload_fill(p, from, sent, run->len);
	return memcmp(sent, run->head, run->len) == 0;
}

/* The run is followed by @len bytes that belong to @from: say what the run is, and go on there */
static void resume(const struct payload *p, struct damage_state *st, uint64_t from, uint64_t len)
{
	struct damage_run *run = &st->run;
	uint64_t piece;

	/* A part of what was inserted may have passed for the stream's own */
	while (run->len && from < st->next && st->next - from <= SHIFT && len > 1) {
		run_add(run, sent_byte(p, from++));
		len--;
	}
	if (!run->len) {
		uint64_t t = best_cut(p, st, from);

		shrink_last(st, t);
		from -= t;
		len += t;
	} else if (from == st->next + run->len) {
		if (run_is_fill(run))
			widen_fill(p, st, &from, &len);
		add_run(st, run);
	} else if (from == st->next) {
		if (run->len <= DAMAGE_EDGE && run->len <= from &&
		    run_equals_sent(p, run, from - run->len)) {
			add_seg(st, from - run->len, run->len, -1);
		} else {
			rotate_insertion(p, st, &from, &len);
			add_run(st, run);
		}
	} else if (from > st->next && run->len >= PIECE_MIN && run->len <= DAMAGE_EDGE &&
		   from - st->next <= NEARBY &&
		   damage_find_short(p, st->next, from, run->head, run->len, &piece)) {
		add_seg(st, piece, run->len, -1);
	} else {
		add_run(st, run);
	}
	add_seg(st, from, len, -1);
}

static void search(struct damage *d, unsigned char byte)
{
	struct damage_state *st = d->state;
	uint64_t from, len = DAMAGE_WINDOW;

	if (st->windowed == DAMAGE_WINDOW)
		run_add(&st->run, (unsigned char)st->window[0]);
	else
		st->windowed++;
	st->window[0] = st->window[0] >> 8 | st->window[1] << 56;
	st->window[1] = st->window[1] >> 8 | (uint64_t)byte << 56;
	if (st->windowed < DAMAGE_WINDOW || !damage_index_find(st->index, st->window, &from))
		return;
	/* Across the end of a lap nothing is found: the bytes before may belong here as well */
	while (st->run.len && from && len < EDGE &&
	       run_byte(&st->run, st->run.len - 1) == sent_byte(d->sent, from - 1)) {
		run_drop(&st->run);
		from--;
		len++;
	}
	resume(d->sent, st, from, len);
	st->searching = false;
}

static void search_start(struct damage *d, uint64_t at)
{
	struct damage_state *st = d->state;

	if (st->first_bad == UINT64_MAX)
		st->first_bad = at;
	if (!st->index)
		st->index = damage_index_new(d->sent);
	st->searching = true;
	st->windowed = 0;
	st->run.len = st->run.same = 0;
}

/* As many of these bytes as are the right ones */
static size_t follow(struct damage *d, const unsigned char *p, size_t len)
{
	struct damage_state *st = d->state;
	unsigned char want[CHUNK];
	uint64_t left = d->sent->size - st->next;
	size_t n = len < CHUNK ? len : CHUNK, same = 0;

	if (n > left)
		n = (size_t)left;
	payload_fill(d->sent, st->next, want, n);
	if (memcmp(p, want, n) == 0)
		same = n;
	else
		while (p[same] == want[same])
			same++;
	st->next += same;
	last_seg(st)->len += same;
	return same;
}

void damage_add(struct damage *d, const void *data, size_t len)
{
	struct damage_state *st = d->state;
	const unsigned char *p = data;
	size_t done = 0;

	cksum_add(&d->sum, data, len);
	while (done < len) {
		if (st->searching) {
			search(d, p[done++]);
		} else {
			size_t n = follow(d, p + done, len - done);

			if (!n)
				search_start(d, d->got + done);
			done += n;
		}
	}
	d->got += len;
	if (st->first_bad >= d->got)
		return;
	while (st->n_first_got < sizeof(st->first_got)) {
		uint64_t at = st->first_bad + st->n_first_got;

		if (at >= d->got)
			break;
		st->first_got[st->n_first_got++] = p[at - (d->got - len)];
	}
}

bool damage_found(const struct damage *d)
{
	return d->state->first_bad != UINT64_MAX;
}

/* How many of the run's last bytes are those that were sent before @end */
static uint64_t matching_end(const struct payload *p, const struct damage_run *run, uint64_t end)
{
	uint64_t n = 0;

	while (n < run->len && n < EDGE && n < end &&
	       run_byte(run, run->len - 1 - n) == sent_byte(p, end - 1 - n))
		n++;
	return n;
}

static bool find_near(const struct payload *p, const struct damage_state *st, uint64_t *from)
{
	const struct damage_run *run = &st->run;
	uint64_t begin = st->next > NEARBY ? st->next - NEARBY : 0;
	uint64_t end = p->size - st->next > NEARBY ? st->next + NEARBY : p->size;

	if (run->len < PIECE_MIN || run->len > DAMAGE_EDGE)
		return false;
	return damage_find_short(p, st->next, end, run->head, run->len, from) ||
	       damage_find_short(p, begin, st->next, run->head, run->len, from);
}

/* What came last is too short to be looked up: try where it would fit */
void damage_finish(const struct damage *d, struct damage_state *out)
{
	const struct payload *p = d->sent;
	struct damage_run *run = &out->run;
	uint64_t n, end, from;

	*out = *d->state;
	if (!out->searching)
		return;
	for (unsigned int i = DAMAGE_WINDOW - out->windowed; i < DAMAGE_WINDOW; i++)
		run_add(run, (unsigned char)(out->window[i / 8] >> 8 * (i % 8)));
	end = p->size;
	n = matching_end(p, run, end);
	if (n < TAIL_MIN && (n < run->len || out->next == p->size)) {
		end = out->next + run->len;
		n = end <= p->size ? matching_end(p, run, end) : 0;
	}
	if (n) {
		for (uint64_t i = 0; i < n; i++)
			run_drop(run);
		resume(p, out, end - n, n);
	} else if (find_near(p, out, &from)) {
		add_seg(out, from, run->len, -1);
	} else {
		add_run(out, run);
	}
}

bool damage_only_loss(const struct damage *d, uint64_t *lost_bytes, unsigned int *gaps)
{
	struct damage_state st;

	damage_finish(d, &st);
	*lost_bytes = st.lost;
	*gaps = st.gaps;
	if (st.next < d->sent->size) {
		*lost_bytes += d->sent->size - st.next;
		++*gaps;
	}
	return st.in_order;
}
