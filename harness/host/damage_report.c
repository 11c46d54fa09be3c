// SPDX-License-Identifier: GPL-2.0-or-later
/* damage_report.c - read events out of the segments that arrived, and word them */
#include <stdlib.h>
#include <string.h>

#include "harness/host/damage_private.h"

enum event_kind {
	EV_LOST,      /* len bytes at offset at */
	EV_REPEATED,  /* at offset at came len bytes of from again */
	EV_TOO_EARLY, /* at offset at came len bytes of from, which is behind it */
	EV_SWAPPED,   /* the len bytes of from came before those of at */
	EV_LATE,      /* the len bytes of from came when at had been reached */
	EV_STALE,     /* instead of the len bytes at offset at came those of from */
	EV_CHANGED,   /* len bytes at offset at came, but others; to fill, if that is not -1 */
	EV_FOREIGN,   /* at offset at came len bytes that were never sent */
	EV_AFTER_END, /* len bytes, those of from if that is not DAMAGE_FOREIGN */
	EV_ENDS_EARLY /* len bytes are missing from offset at on */
};

struct event {
	enum event_kind kind;
	uint64_t at, len, from;
	int fill;
};

/**
 * struct story - What happened, while the segments are read
 * @segs:	those with a length
 * @n:		how many
 * @next:	up to where the stream is accounted for
 * @size:	of the stream
 */
struct story {
	struct damage_seg segs[DAMAGE_SEGS];
	size_t n;
	uint64_t next, size;
	struct event events[2 * DAMAGE_SEGS];
	size_t n_events;
};

static void happened(struct story *s, enum event_kind kind, uint64_t at, uint64_t len,
		     uint64_t from)
{
	if (s->n_events < sizeof(s->events) / sizeof(*s->events))
		s->events[s->n_events++] = (struct event){
			.kind = kind, .at = at, .len = len, .from = from, .fill = -1};
}

/* There is a segment @k and it comes from @offset */
static bool is_from(const struct story *s, size_t k, uint64_t offset)
{
	return k < s->n && s->segs[k].from == offset;
}

static void foreign(struct story *s, size_t k)
{
	uint64_t len = s->segs[k].len, end = s->next + len;
	bool last = k + 1 == s->n;

	if (last && s->next == s->size) {
		happened(s, EV_AFTER_END, s->next, len, DAMAGE_FOREIGN);
		return;
	}
	if (is_from(s, k + 1, end) || (last && end <= s->size)) {
		happened(s, EV_CHANGED, s->next, len, 0);
		s->next = end;
	} else {
		happened(s, EV_FOREIGN, s->next, len, 0);
	}
	if (s->n_events)
		s->events[s->n_events - 1].fill = s->segs[k].fill;
}

/* Segment @k begins behind the next byte. Returns how many segments that explained */
static size_t ahead(struct story *s, size_t k)
{
	uint64_t from = s->segs[k].from, len = s->segs[k].len, gap = from - s->next;

	if (is_from(s, k + 1, s->next + len)) {
		happened(s, EV_STALE, s->next, len, from);
		s->next += len;
		return 1;
	}
	if (is_from(s, k + 1, s->next) && s->segs[k + 1].len == gap &&
	    (k + 2 == s->n || is_from(s, k + 2, from + len))) {
		happened(s, EV_SWAPPED, s->next, len, from);
		s->next = from + len;
		return 2;
	}
	if (is_from(s, k + 1, s->next) && s->segs[k + 1].len > gap) {
		happened(s, EV_TOO_EARLY, s->next, len, from);
		return 1;
	}
	happened(s, EV_LOST, s->next, gap, 0);
	s->next = from + len;
	return 1;
}

/* Bytes that were thought lost come after all: cut them out of that event. Returns how many */
static uint64_t fill_hole(struct story *s, const struct damage_seg *seg)
{
	for (size_t i = 0; i < s->n_events; i++) {
		struct event *e = &s->events[i];
		uint64_t n, before = seg->from - e->at, after;

		if (e->kind != EV_LOST || seg->from < e->at || seg->from >= e->at + e->len)
			continue;
		n = e->len - before < seg->len ? e->len - before : seg->len;
		after = e->len - before - n;
		e->len = before;
		if (after)
			happened(s, EV_LOST, seg->from + n, after, 0);
		happened(s, EV_LATE, s->next, n, seg->from);
		return n;
	}
	return 0;
}

/* Segment @k begins before the next byte */
static void behind(struct story *s, size_t k)
{
	struct damage_seg seg = s->segs[k];
	bool last = k + 1 == s->n;
	uint64_t n;

	while (seg.len && seg.from < s->next && (n = fill_hole(s, &seg))) {
		seg.from += n;
		seg.len -= n;
	}
	if (!seg.len)
		return;
	if (seg.from + seg.len > s->next) {
		if (seg.from < s->next)
			happened(s, EV_REPEATED, s->next, s->next - seg.from, seg.from);
		s->next = seg.from + seg.len;
	} else if (s->next < s->size && (is_from(s, k + 1, s->next + seg.len) ||
					 (last && s->next + seg.len == s->size))) {
		happened(s, EV_STALE, s->next, seg.len, seg.from);
		s->next += seg.len;
	} else if (last && s->next == s->size) {
		happened(s, EV_AFTER_END, s->next, seg.len, seg.from);
	} else {
		happened(s, EV_REPEATED, s->next, seg.len, seg.from);
	}
}

/* @ended: nothing more will come */
static void tell(struct story *s, const struct damage_state *st, uint64_t size, bool ended)
{
	size_t k = 0;

	*s = (struct story){.size = size};
	for (size_t i = 0; i < st->n; i++)
		if (st->segs[i].len)
			s->segs[s->n++] = st->segs[i];
	while (k < s->n) {
		if (s->segs[k].from == DAMAGE_FOREIGN) {
			foreign(s, k++);
		} else if (s->segs[k].from > s->next) {
			k += ahead(s, k);
		} else if (s->segs[k].from < s->next) {
			behind(s, k++);
		} else {
			s->next += s->segs[k++].len;
		}
	}
	if (s->next < size && ended && !st->crowded)
		happened(s, EV_ENDS_EARLY, s->next, size - s->next, 0);
}

static void word_event(struct buf *b, const struct event *e)
{
	unsigned long long at = e->at, len = e->len, from = e->from;
	const char *bytes = len == 1 ? "byte" : "bytes";

	if (e->kind == EV_LOST)
		buf_addf(b, "\n%llu %s lost at offset %llu", len, bytes, at);
	else if (e->kind == EV_REPEATED)
		buf_addf(b, "\n%llu %s repeated at %llu, first seen at %llu", len, bytes, at, from);
	else if (e->kind == EV_TOO_EARLY)
		buf_addf(b, "\n%llu %s from offset %llu came too early, at %llu", len, bytes, from,
			 at);
	else if (e->kind == EV_SWAPPED)
		buf_addf(b, "\n%llu %s from offset %llu came before those from %llu", len, bytes,
			 from, at);
	else if (e->kind == EV_LATE)
		buf_addf(b, "\n%llu %s from offset %llu came late, after those up to %llu", len,
			 bytes, from, at);
	else if (e->kind == EV_STALE)
		buf_addf(b, "\n%llu %s at offset %llu were those from %llu", len, bytes, at, from);
	else if (e->kind == EV_CHANGED)
		buf_addf(b, "\n%llu %s changed at offset %llu", len, bytes, at);
	else if (e->kind == EV_FOREIGN)
		buf_addf(b, "\n%llu foreign %s at offset %llu", len, bytes, at);
	else if (e->kind == EV_AFTER_END)
		buf_addf(b, "\n%llu %s after the end", len, bytes);
	else
		buf_addf(b, "\nstream ends %llu %s early at offset %llu", len, bytes, at);
	if (e->kind == EV_AFTER_END && from != DAMAGE_FOREIGN)
		buf_addf(b, ", the same as those from %llu", from);
	if (e->fill >= 0 && len > 1)
		buf_addf(b, ", all 0x%02x", (unsigned int)e->fill);
}

static void word_first(const struct damage_state *st, const struct payload *p, struct buf *b)
{
	unsigned char want[sizeof(st->first_got)];
	uint64_t left = p->size - st->first_bad;
	size_t n = left < sizeof(want) ? (size_t)left : sizeof(want);

	payload_fill(p, st->first_bad, want, n);
	buf_addf(b, "\nfirst wrong byte at offset %llu: wanted ",
		 (unsigned long long)st->first_bad);
	if (n)
		text_hex(b, want, n, n);
	else
		buf_addstr(b, "nothing");
	buf_addstr(b, ", got ");
	text_hex(b, st->first_got, st->n_first_got, st->n_first_got);
}

static void report(struct damage *d, bool ended, struct buf *why)
{
	struct buf text = BUF_INIT;
	struct damage_state st;
	struct story s;
	size_t worded = 0;

	damage_finish(d, &st);
	tell(&s, &st, d->sent->size, ended);
	if (damage_found(d))
		word_first(&st, d->sent, &text);
	for (size_t i = 0; i < s.n_events; i++) {
		/* a loss that was only a delay has become empty */
		if (s.events[i].len && worded++ < DAMAGE_EVENTS)
			word_event(&text, &s.events[i]);
	}
	if (st.crowded || worded > DAMAGE_EVENTS)
		buf_addf(&text, "\nand more: only the first %d events are listed", DAMAGE_EVENTS);
	if (st.in_order && st.gaps > 1)
		buf_addf(&text,
			 "\nnothing but loss: %llu bytes in %u gaps before the last byte that came",
			 (unsigned long long)st.lost, st.gaps);
	if (text.len)
		buf_add(why, text.data + 1, text.len - 1);
	buf_release(&text);
}

bool damage_report(struct damage *d, struct buf *why)
{
	if (!damage_found(d) && d->got == d->sent->size)
		return true;
	report(d, true, why);
	return false;
}

#define BLOCK 65536

void damage_explain(const struct payload *sent, uint64_t offset, const void *bytes, size_t len,
		    struct buf *why)
{
	char *before = xmalloc(BLOCK);
	struct damage d;

	damage_init(&d, sent);
	while (d.got < offset) {
		size_t n = offset - d.got < BLOCK ? (size_t)(offset - d.got) : BLOCK;

		payload_fill(sent, d.got, before, n);
		damage_add(&d, before, n);
	}
	damage_add(&d, bytes, len);
	report(&d, false, why);
	damage_release(&d);
	free(before);
}
