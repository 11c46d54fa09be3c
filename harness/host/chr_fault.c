// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * chr_fault.c - a host end that misbehaves at one place of the stream, however that is cut
 *
 * Dropping and inverting need no memory. Repeating and swapping hold a block back: reading hands it
 * out when its time has come. Writing cannot take a byte that it has no place for, so it takes the
 * last byte of the faulty stretch only when the block held back is written too; until then the
 * caller is told that nothing fits, as for any slow peer, and offers that byte again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/host/chr_private.h"

static const char *const names[] = {
	[CHR_FAULT_NONE] = NULL,   [CHR_FAULT_DROP] = "drop", [CHR_FAULT_REPEAT] = "repeat",
	[CHR_FAULT_SWAP] = "swap", [CHR_FAULT_FLIP] = "flip",
};

static bool parse_words(struct chr_fault *f, const struct strv *w)
{
	unsigned long long at, len;
	bool found = false;

	if (w->n != 4 || !text_parse_u64(w->v[2], &at) || !text_parse_u64(w->v[3], &len))
		return false;
	if (strcmp(w->v[0], "read") != 0 && strcmp(w->v[0], "write") != 0)
		return false;
	if (!len || len > SIZE_MAX / 4 || at > UINT64_MAX / 2)
		return false;
	*f = (struct chr_fault){.at = at, .len = (size_t)len, .on_write = w->v[0][0] == 'w'};
	for (int kind = CHR_FAULT_DROP; kind <= CHR_FAULT_FLIP; kind++) {
		if (strcmp(w->v[1], names[kind]) == 0) {
			f->kind = kind;
			found = true;
		}
	}
	return found;
}

bool chr_fault_parse(struct chr_fault *f, const char *text)
{
	struct strv words = {0};
	struct buf plain = BUF_INIT;
	struct chr_fault parsed;
	bool good = false;

	strv_split(&words, text, ":@+");
	/* Put together again it must be the same text, else there were blanks or empty words */
	if (words.n == 4)
		buf_addf(&plain, "%s:%s@%s+%s", words.v[0], words.v[1], words.v[2], words.v[3]);
	if (words.n == 4 && strcmp(plain.data, text) == 0)
		good = parse_words(&parsed, &words);
	if (good)
		*f = parsed;
	buf_release(&plain);
	strv_release(&words);
	return good;
}

static uint64_t fault_end(const struct chr_fault *f)
{
	return f->at + (f->kind == CHR_FAULT_SWAP ? 2 : 1) * (uint64_t)f->len;
}

/* How many of @len bytes from @pos on are before the next border: begin, middle of a swap, end */
static size_t until_border(const struct chr_fault *f, uint64_t pos, size_t len)
{
	const uint64_t borders[] = {f->at, f->at + f->len, fault_end(f)};

	for (int i = 0; i < 3; i++)
		if (pos < borders[i])
			return borders[i] - pos < len ? (size_t)(borders[i] - pos) : len;
	return len;
}

static void invert(unsigned char *p, size_t len)
{
	while (len--) {
		*p = (unsigned char)~*p;
		p++;
	}
}

/* Take in what came; what is to be handed out goes behind in->ready */
static void read_through(const struct chr_fault *f, struct chr_faulty *in, unsigned char *p,
			 size_t len)
{
	while (len) {
		size_t n = until_border(f, in->pos, len);
		bool inside = in->pos >= f->at && in->pos < fault_end(f);
		bool hold = inside && f->kind == CHR_FAULT_SWAP && in->pos < f->at + f->len;

		if (inside && f->kind == CHR_FAULT_FLIP)
			invert(p, n);
		if (hold || (inside && f->kind == CHR_FAULT_REPEAT))
			buf_add(&in->held, p, n);
		if (!hold && !(inside && f->kind == CHR_FAULT_DROP))
			buf_add(&in->ready, p, n);
		in->pos += n;
		if (in->pos == fault_end(f)) {
			buf_add(&in->ready, in->held.data, in->held.len);
			buf_release(&in->held);
		}
		p += n;
		len -= n;
	}
}

static ssize_t hand_out(struct chr_faulty *in, void *buf, size_t len)
{
	size_t n = in->ready.len < len ? in->ready.len : len;

	memcpy(buf, in->ready.data, n);
	buf_drop(&in->ready, n);
	return (ssize_t)n;
}

ssize_t chr_fault_read(struct chr *c, void *buf, size_t len)
{
	const struct chr_fault *f = &c->fault;
	struct chr_faulty *in = &c->priv->in;
	bool faulty = f->kind != CHR_FAULT_NONE && !f->on_write;

	for (;;) {
		ssize_t n;

		if (in->ready.len)
			return hand_out(in, buf, len);
		n = c->priv->ops->read(c, buf, len);
		if (n == 0 && c->priv->no_more)
			n = CHR_EOF;
		if (n == CHR_EOF && in->held.len) {
			/* the other half never came */
			buf_add(&in->ready, in->held.data, in->held.len);
			buf_release(&in->held);
			continue;
		}
		if (n <= 0)
			return n;
		if (!faulty || in->pos + (uint64_t)n <= f->at || in->pos >= fault_end(f)) {
			in->pos += (uint64_t)n;
			return n;
		}
		read_through(f, in, buf, (size_t)n);
	}
}

/* The last byte of the stretch, and behind it what was held back. 1 when all of it is written */
static ssize_t write_rest(struct chr *c, const unsigned char *last)
{
	struct chr_faulty *out = &c->priv->out;

	if (!out->last_out) {
		ssize_t n = c->priv->ops->write(c, last, 1);

		if (n <= 0)
			return n;
		if (c->fault.kind == CHR_FAULT_REPEAT)
			buf_add(&out->held, last, 1);
		out->last_out = true;
	}
	while (out->held_out < out->held.len) {
		ssize_t n = c->priv->ops->write(c, out->held.data + out->held_out,
						out->held.len - out->held_out);

		if (n <= 0)
			return n;
		out->held_out += (size_t)n;
	}
	buf_release(&out->held);
	return 1;
}

static ssize_t write_inverted(struct chr *c, const void *buf, size_t len)
{
	unsigned char copy[4096];

	if (len > sizeof(copy))
		len = sizeof(copy);
	memcpy(copy, buf, len);
	invert(copy, len);
	return c->priv->ops->write(c, copy, len);
}

ssize_t chr_fault_write(struct chr *c, const void *buf, size_t len)
{
	const struct chr_fault *f = &c->fault;
	struct chr_faulty *out = &c->priv->out;
	bool holds = f->kind == CHR_FAULT_REPEAT || f->kind == CHR_FAULT_SWAP;
	ssize_t n;

	if (f->kind == CHR_FAULT_NONE || !f->on_write)
		return c->priv->ops->write(c, buf, len);
	len = until_border(f, out->pos, len);
	if (out->pos < f->at || out->pos >= fault_end(f)) {
		n = c->priv->ops->write(c, buf, len);
	} else if (f->kind == CHR_FAULT_DROP) {
		n = (ssize_t)len;
	} else if (f->kind == CHR_FAULT_FLIP) {
		n = write_inverted(c, buf, len);
	} else if (f->kind == CHR_FAULT_SWAP && out->pos < f->at + f->len) {
		buf_add(&out->held, buf, len);
		n = (ssize_t)len;
	} else if (holds && out->pos + len < fault_end(f)) {
		n = c->priv->ops->write(c, buf, len);
		if (n > 0 && f->kind == CHR_FAULT_REPEAT)
			buf_add(&out->held, buf, (size_t)n);
	} else if (len > 1) {
		/* all but the last byte first */
		return chr_fault_write(c, buf, len - 1);
	} else {
		n = write_rest(c, buf);
	}
	if (n > 0)
		out->pos += (uint64_t)n;
	return n;
}
