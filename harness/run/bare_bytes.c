// SPDX-License-Identifier: GPL-2.0-or-later
/* bare_bytes.c - bytes between a frontend without a guest and the host's side of its backend */
#include <string.h>

#include "harness/host/damage.h"
#include "harness/run/bare.h"

#define CHUNK	 4096
#define SEED	 5
#define STALL_MS 10000
#define LOOK_MS	 1
/* Round trips without any progress before a wait takes a rest. */
#define HASTE 8
/* So often nothing may go on until a stall is one: QEMU's loop goes round each time. */
#define PUSH_TRIES 20

void bare_settle(struct bare *b)
{
	CHECK(b->t, target_settle(b->target), "QEMU does not come to rest");
}

/* ---- waiting */

struct sending {
	struct front *f;
	const char *data;
	size_t left;
};

static bool all_sent(void *arg)
{
	struct sending *x = arg;
	size_t n;

	while (x->left && (n = front_send(x->f, x->data, x->left)) > 0) {
		x->data += n;
		x->left -= n;
	}
	return !x->left && !front_pending(x->f);
}

void bare_send(struct bare *b, struct front *f, const void *data, size_t len)
{
	struct sending x = {.f = f, .data = data, .left = len};

	CHECK(b->t, target_until(b->target, all_sent, &x, BARE_MS),
	      "the device takes no more after %zu of %zu bytes, and holds %zu", len - x.left, len,
	      front_pending(f));
}

size_t bare_push(struct bare *b, struct front *f, const void *data, size_t len)
{
	struct sending x = {.f = f, .data = data, .left = len};
	size_t before = len + 1;

	for (int calm = 0; calm < PUSH_TRIES && x.left;) {
		all_sent(&x);
		calm = x.left == before ? calm + 1 : 0;
		before = x.left;
		bare_settle(b);
	}
	return len - x.left;
}

struct coming {
	struct front *f;
	struct stream *s;
	struct buf got;
	size_t want;
	bool eof;
};

static bool all_came(void *arg)
{
	struct coming *x = arg;
	char room[CHUNK];
	ssize_t n = 0;

	do {
		if (x->f)
			n = (ssize_t)front_recv(x->f, room, sizeof(room));
		else
			n = stream_read(x->s, room, sizeof(room));
		if (n > 0)
			buf_add(&x->got, room, (size_t)n);
	} while (n > 0);
	x->eof = n < 0;
	return x->eof || x->got.len >= x->want;
}

static void judge_coming(struct bare *b, struct coming *x, const char *where, const void *data)
{
	const char *why = x->s && x->s->why.len ? x->s->why.data : NULL;
	struct buf unlike = BUF_INIT, end = BUF_INIT;

	if (x->want)
		bare_did_want(b, where, data, x->want);
	if (x->eof)
		buf_addf(&end, ", then its end%s%s", why ? ": " : "", why ? why : "");
	text_unlike(&unlike, x->got.data, x->got.len, end.len ? end.data : "", data, x->want);
	CHECK(b->t, x->got.len == x->want && memcmp(x->got.data, data, x->want) == 0, "%s comes %s",
	      where, unlike.data);
	buf_release(&end);
	buf_release(&unlike);
	buf_release(&x->got);
}

void bare_expect(struct bare *b, struct front *f, const void *data, size_t len)
{
	struct coming x = {.f = f, .got = BUF_INIT, .want = len};

	target_until(b->target, all_came, &x, BARE_MS);
	judge_coming(b, &x, "out of the device", data);
}

void bare_has(struct bare *b, struct front *f, const void *data, size_t len)
{
	struct coming x = {.f = f, .got = BUF_INIT, .want = SIZE_MAX};
	size_t before;

	do {
		before = x.got.len;
		bare_settle(b);
		all_came(&x);
	} while (x.got.len > before);
	x.want = len;
	judge_coming(b, &x, "out of the device", data);
}

void bare_silent(struct bare *b, struct front *f)
{
	bare_has(b, f, "", 0);
}

void bare_host_expect(struct bare *b, struct stream *s, const void *data, size_t len)
{
	struct coming x = {.s = s, .got = BUF_INIT, .want = len};

	target_until(b->target, all_came, &x, BARE_MS);
	judge_coming(b, &x, "to the host", data);
}

void bare_host_has(struct bare *b, struct stream *s, const void *data, size_t len)
{
	struct coming x = {.s = s, .got = BUF_INIT, .want = len};

	bare_settle(b);
	all_came(&x);
	CHECK(b->t, !x.eof, "the host's connection has ended: %s", s->why.data);
	judge_coming(b, &x, "to the host", data);
}

void bare_host_silent(struct bare *b, struct stream *s)
{
	bare_host_has(b, s, "", 0);
}

void bare_host_eof(struct bare *b, struct stream *s)
{
	struct coming x = {.s = s, .got = BUF_INIT, .want = SIZE_MAX};

	CHECK(b->t, target_until(b->target, all_came, &x, BARE_MS),
	      "QEMU does not close the host's connection");
	x.want = 0;
	judge_coming(b, &x, "to the host", "");
}

struct host_sending {
	struct stream *s;
	const char *data;
	size_t left;
	bool eof;
};

static bool host_sent(void *arg)
{
	struct host_sending *x = arg;
	ssize_t n;

	while (x->left && (n = stream_write(x->s, x->data, x->left)) != 0) {
		if (n < 0) {
			x->eof = true;
			return true;
		}
		x->data += n;
		x->left -= (size_t)n;
	}
	return !x->left;
}

void bare_host_send(struct bare *b, struct stream *s, const void *data, size_t len)
{
	struct host_sending x = {.s = s, .data = data, .left = len};

	bare_did_say(b, s, data, len);
	target_until(b->target, host_sent, &x, BARE_MS);
	CHECK(b->t, !x.left, "the host can send %zu of %zu bytes%s%s", len - x.left, len,
	      x.eof ? ", then its connection has ended " : "", s->why.data);
}

struct host_opening {
	struct front *f;
	bool want;
};

static bool host_opened(void *arg)
{
	struct host_opening *x = arg;

	return front_host_open(x->f) == x->want;
}

void bare_host_opened(struct bare *b, struct front *f, bool open)
{
	struct host_opening x = {.f = f, .want = open};

	if (front_kind_is_virtio(f->kind))
		CHECK(b->t, target_until(b->target, host_opened, &x, BARE_MS),
		      "the device does not say that its host end is %s", open ? "open" : "closed");
	bare_settle(b);
}

/* ---- payloads */

/**
 * struct moving - Both ways at once
 * @out, @in:	what the frontend sends, what the host does
 * @out_sent, @in_sent: how much of it
 * @at_host, @at_front: who judges what comes
 */
struct moving {
	struct front *f;
	struct stream *s;
	const struct payload *out, *in;
	uint64_t out_sent, in_sent;
	struct damage at_host, at_front;
	bool eof;
};

static size_t next_chunk(const struct payload *p, uint64_t at, char *room)
{
	size_t n = p->size - at < CHUNK ? (size_t)(p->size - at) : CHUNK;

	payload_fill(p, at, room, n);
	return n;
}

/* One round; false: nothing moved. */
static bool move_some(struct moving *m)
{
	char room[CHUNK];
	bool moved = false;
	ssize_t n;

	if (m->out_sent < m->out->size) {
		size_t took = front_send(m->f, room, next_chunk(m->out, m->out_sent, room));

		m->out_sent += took;
		moved |= took > 0;
	}
	n = stream_read(m->s, room, sizeof(room));
	if (n > 0)
		damage_add(&m->at_host, room, (size_t)n);
	moved |= n > 0;
	m->eof |= n < 0;
	if (m->in_sent < m->in->size && !m->eof) {
		n = stream_write(m->s, room, next_chunk(m->in, m->in_sent, room));
		m->eof |= n < 0;
		m->in_sent += n > 0 ? (uint64_t)n : 0;
		moved |= n > 0;
	}
	n = (ssize_t)front_recv(m->f, room, sizeof(room));
	if (n > 0)
		damage_add(&m->at_front, room, (size_t)n);
	return moved || n > 0;
}

static bool moved_all(const struct moving *m)
{
	return m->out_sent == m->out->size && m->in_sent == m->in->size &&
	       m->at_host.got >= m->out->size && m->at_front.got >= m->in->size;
}

static void judge_moving(struct bare *b, struct moving *m)
{
	struct buf why = BUF_INIT;

	if (!damage_report(&m->at_host, &why))
		trial_fail(b->t, __FILE__, __LINE__,
			   "what the device sent (it took %llu of %llu bytes)%s: %s",
			   (unsigned long long)m->out_sent, (unsigned long long)m->out->size,
			   m->eof ? ", then the host's connection ended" : "", why.data);
	if (!damage_report(&m->at_front, &why))
		trial_fail(b->t, __FILE__, __LINE__,
			   "what the host sent (%llu of %llu bytes were taken)%s: %s",
			   (unsigned long long)m->in_sent, (unsigned long long)m->in->size,
			   m->eof ? ", then its connection ended" : "", why.data);
	buf_release(&why);
}

void bare_move(struct bare *b, struct front *f, struct stream *s, const struct payload *out,
	       const struct payload *in)
{
	struct moving m = {.f = f, .s = s, .out = out, .in = in};
	struct deadline d = deadline_in(STALL_MS);
	unsigned idle = 0;

	damage_init(&m.at_host, out);
	damage_init(&m.at_front, in);
	while (!moved_all(&m) && !m.eof && !deadline_passed(d)) {
		if (move_some(&m)) {
			d = deadline_in(STALL_MS);
			idle = 0;
		} else if (++idle > HASTE) {
			stream_wait(s, false, LOOK_MS);
		}
	}
	bare_settle(b);
	while (!m.eof && move_some(&m)) /* what should not be there */
		;
	judge_moving(b, &m);
	damage_release(&m.at_host);
	damage_release(&m.at_front);
}

void bare_exchange(struct bare *b, struct front *f, struct stream *s, uint64_t out_len,
		   uint64_t in_len)
{
	struct payload out, in;

	payload_init(&out, SEED, out_len);
	payload_init(&in, SEED + 1, in_len);
	bare_move(b, f, s, &out, &in);
	payload_release(&out);
	payload_release(&in);
}
