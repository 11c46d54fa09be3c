// SPDX-License-Identifier: GPL-2.0-or-later
/* player_raw.c - what no driver may do: split rings, written by hand */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/wire/player_private.h"

#define DESCS_MAX 16

/* "rLEN", "wLEN", then @ADDR, :NEXT or :end, !FLAGS; a piece of RAM unless an address is given. */
static bool parse_desc(struct wire_player *p, const char *word, struct ring_desc *d)
{
	char *end;

	if (*word != 'r' && *word != 'w')
		return false;
	*d = (struct ring_desc){.flags = *word == 'w' ? RD_WRITE : 0};
	d->len = (uint32_t)strtoul(word + 1, &end, 0);
	if (*end == '@')
		d->addr = strtoull(end + 1, &end, 0);
	else
		d->addr = target_alloc(p->t, (d->len < 65536 ? d->len : 65536) + 16, 16);
	d->next = UINT16_MAX;
	if (strncmp(end, ":end", 4) == 0) {
		d->next = UINT16_MAX - 1;
		end += 4;
	} else if (*end == ':') {
		d->next = (uint16_t)strtoul(end + 1, &end, 0);
	}
	if (*end == '!')
		d->flags = (uint16_t)(strtoul(end + 1, &end, 0) | 0x8000U);
	return *end == '\0';
}

/* A pattern for the device to read, if it lies in RAM. */
static void fill(struct wire_player *p, const struct ring_desc *d)
{
	unsigned char data[256];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)('A' + i % 26);
	if (!(d->flags & RD_WRITE) && d->addr >= TARGET_HEAP && d->addr < TARGET_RAM - sizeof(data))
		target_mem_write(p->t, d->addr, data, d->len < 256 ? d->len : 256);
}

/* The links between @n descriptors from number @first on, but for those that the words set. */
static void link_up(struct ring_desc *d, size_t n, unsigned first)
{
	for (size_t i = 0; i < n; i++) {
		bool by_hand = d[i].flags & 0x8000U;

		d[i].flags &= 0x7fff;
		if (d[i].next == UINT16_MAX - 1)
			d[i].next = 0;
		else if (d[i].next != UINT16_MAX)
			d[i].flags |= by_hand ? 0 : RD_NEXT;
		else if (i + 1 < n) {
			d[i].next = (uint16_t)(first + i + 1);
			d[i].flags |= by_hand ? 0 : RD_NEXT;
		} else {
			d[i].next = 0;
		}
	}
}

static void make_available(struct ring *r, unsigned head)
{
	ring_raw_avail(r, r->avail_idx, (uint16_t)head);
	r->avail_idx++;
	ring_raw_avail_idx(r, r->avail_idx);
	ring_kick(r);
}

static void chain(struct wire_player *p, struct ring *r, const char *text, struct buf *b)
{
	struct strv words = {NULL, 0};
	struct ring_desc d[DESCS_MAX];
	unsigned first = r->size / 2;
	size_t n = 0, from = 0;
	bool indirect, ok = true;

	strv_split(&words, text, " ");
	indirect = words.n && strcmp(words.v[0], "indirect") == 0;
	for (from = indirect; ok && from + n < words.n && n < DESCS_MAX; n++)
		ok = parse_desc(p, words.v[from + n], &d[n]);
	strv_release(&words);
	if (!ok || !n || first + n > r->size) {
		buf_addstr(b, "no such descriptors\n");
		return;
	}
	for (size_t i = 0; i < n; i++)
		fill(p, &d[i]);
	link_up(d, n, indirect ? 0 : first);
	if (indirect) {
		uint64_t table = target_alloc(p->t, 16 * n, 16);

		for (size_t i = 0; i < n; i++)
			ring_raw_table(r, table, (unsigned)i, &d[i]);
		d[0] = (struct ring_desc){.addr = table,
					  .len = (uint32_t)(16 * n),
					  .flags = RD_INDIRECT};
		n = 1;
	}
	for (size_t i = 0; i < n; i++)
		ring_raw_desc(r, first + (unsigned)i, &d[i]);
	make_available(r, first);
}

void wire_play_raw(struct wire_player *p, struct ring *r, const struct wire_step *s, struct buf *b)
{
	if (r->packed) {
		buf_addstr(b, "only on a split ring\n");
		return;
	}
	if (!p->raw[r->index]) {
		p->raw[r->index] = true;
		p->used_seen[r->index] = r->used_idx;
	}
	if (s->verb == WIRE_CHAIN) {
		chain(p, r, s->text, b);
	} else if (s->verb == WIRE_HEAD) {
		make_available(r, s->n[1]);
	} else {
		r->avail_idx = (uint16_t)(r->avail_idx + s->n[1]);
		ring_raw_avail_idx(r, r->avail_idx);
		ring_kick(r);
	}
}
