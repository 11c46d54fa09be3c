// SPDX-License-Identifier: GPL-2.0-or-later
/* pump.c - move payloads through host ends, both ways at once, checking as they come */
#include "harness/host/pump.h"

#include <stdlib.h>

#include "harness/base/io.h"

#define CHUNK	    65536
#define STALL_MS    10000
#define PAUSE_NS    1000000 /* after a descriptor was ready for nothing */
#define BURST_NS    4000000 /* datagrams that were due so long ago may follow at once */
#define NS_A_SECOND 1000000000LL

static const struct deadline never = {INT64_MAX};

/**
 * struct mover - What one pump_run_all() or pump_fill() keeps of each pump
 * @chunk:	bytes to send that were made already, then room for bytes that come
 * @begin, @end: which of them are still to be sent
 * @due_ns:	tx_rate: when the next datagram may be sent
 * @last_ns:	when a byte moved last
 * @deaf:	the other end takes no more
 * @ended:	the other end sends no more
 * @done:	nothing is pending any more
 */
struct mover {
	struct pump *p;
	unsigned char *chunk, *room;
	size_t begin, end;
	int64_t due_ns, last_ns;
	bool deaf, ended, done;
};

void pump_init(struct pump *p, struct chr *chr, const struct payload *tx, const struct payload *rx)
{
	*p = (struct pump){.chr = chr, .tx = tx, .rx = rx, .stall_ms = STALL_MS, .watch_fd = -1};
	if (rx)
		damage_init(&p->damage, rx);
}

void pump_release(struct pump *p)
{
	damage_release(&p->damage);
}

static void mover_init(struct mover *m, struct pump *p)
{
	*m = (struct mover){.p = p, .last_ns = now_ns()};
	m->due_ns = m->last_ns;
	m->chunk = xmalloc(CHUNK);
	m->room = xmalloc(CHUNK);
}

static void mover_release(struct mover *m)
{
	free(m->chunk);
	free(m->room);
}

static bool tx_pending(const struct pump *p)
{
	return p->tx && p->tx_done < p->tx->size;
}

static bool rx_pending(const struct pump *p)
{
	return p->rx && p->rx_done < p->rx->size;
}

static bool tx_waits_for_rate(const struct mover *m)
{
	return m->p->tx_rate > 0 && m->due_ns > now_ns();
}

/* Send what fits of the next bytes; true when some did */
static bool send_some(struct mover *m)
{
	struct pump *p = m->p;
	uint64_t left = p->tx->size - p->tx_done;
	size_t len;
	ssize_t n;

	if (m->begin == m->end) {
		m->begin = 0;
		m->end = left < CHUNK ? (size_t)left : CHUNK;
		payload_fill(p->tx, p->tx_done, m->chunk, m->end);
	}
	len = m->end - m->begin;
	if (p->tx_rate > 0 && len > CHR_DATAGRAM)
		len = CHR_DATAGRAM;
	n = chr_try_write(p->chr, m->chunk + m->begin, len);
	if (n == CHR_EOF)
		m->deaf = true;
	if (n <= 0)
		return false;
	m->begin += (size_t)n;
	p->tx_done += (uint64_t)n;
	if (p->tx_rate > 0) {
		int64_t now = now_ns();

		if (m->due_ns < now - BURST_NS)
			m->due_ns = now - BURST_NS;
		m->due_ns += n * NS_A_SECOND / p->tx_rate;
	}
	return true;
}

/* Take what is there, but not more than is due; true when something was */
static bool take_some(struct mover *m)
{
	struct pump *p = m->p;
	uint64_t left = p->rx->size - p->rx_done;
	ssize_t n = chr_try_read(p->chr, m->room, left < CHUNK ? (size_t)left : CHUNK);

	if (n == CHR_EOF)
		m->ended = true;
	if (n <= 0)
		return false;
	p->rx_done += (uint64_t)n;
	damage_add(&p->damage, m->room, (size_t)n);
	return true;
}

static bool move_some(struct mover *m)
{
	bool moved = false;

	if (tx_pending(m->p) && !m->deaf && !tx_waits_for_rate(m))
		moved = send_some(m);
	if (rx_pending(m->p) && !m->ended)
		moved |= take_some(m);
	if (moved)
		m->last_ns = now_ns();
	return moved;
}

static struct deadline stalls_at(const struct mover *m)
{
	int64_t stall_ns = (int64_t)((double)m->p->stall_ms * 1e6 * deadline_scale());
	int64_t since = m->last_ns;

	if (tx_pending(m->p) && tx_waits_for_rate(m))
		since = m->due_ns;
	return (struct deadline){since + stall_ns};
}

/* It is over when nothing is pending, or when what is pending cannot come about any more */
static bool is_over(const struct mover *m, bool moved, enum pump_end *end)
{
	bool tx = tx_pending(m->p), rx = rx_pending(m->p);

	if (!tx && !rx)
		*end = PUMP_DONE;
	else if (m->ended || (m->deaf && !rx))
		*end = PUMP_EOF;
	else if (!moved && deadline_passed(stalls_at(m)))
		*end = PUMP_STALLED;
	else
		return false;
	return true;
}

/**
 * struct crew - All movers of one pump_run_all()
 * @fds:	three for each: to read, to write, to watch
 * @moved:	some of them moved a byte in this round
 * @ready:	a host end was ready after the last wait
 * @watched:	so was something that is watched
 */
struct crew {
	struct mover *v;
	struct pollfd *fds;
	size_t n;
	bool moved, ready, watched;
};

/* What one mover waits for; returns until when, at the latest */
static struct deadline wishes(const struct mover *m, bool pause, struct pollfd fds[3])
{
	const struct pump *p = m->p;
	bool paced = tx_pending(p) && !m->deaf && tx_waits_for_rate(m);
	bool tx = tx_pending(p) && !m->deaf && !paced;
	struct deadline d = stalls_at(m);

	fds[0] = (struct pollfd){.fd = rx_pending(p) && !pause ? chr_poll_in(p->chr) : -1,
				 .events = POLLIN};
	fds[1] = (struct pollfd){.fd = tx && !pause ? chr_poll_out(p->chr) : -1, .events = POLLOUT};
	fds[2] = (struct pollfd){.fd = pause ? -1 : p->watch_fd, .events = POLLIN};
	if (m->done)
		return never;
	return paced ? deadline_earlier(d, (struct deadline){m->due_ns}) : d;
}

/* Wait until a byte may move. When descriptors were ready and yet nothing moved, leave them alone
 * for a moment instead of asking them again and again. */
static void wait_some(struct crew *c)
{
	bool pause = (c->ready || c->watched) && !c->moved;
	struct deadline d = never;

	for (size_t i = 0; i < c->n; i++)
		d = deadline_earlier(d, wishes(&c->v[i], pause, &c->fds[3 * i]));
	if (c->moved)
		d.at_ns = 0;
	else if (pause)
		d = deadline_earlier(d, (struct deadline){now_ns() + PAUSE_NS});
	io_poll(c->fds, (int)(3 * c->n), d);
	c->ready = c->watched = false;
	for (size_t i = 0; i < c->n; i++) {
		c->ready |= c->fds[3 * i].revents || c->fds[3 * i + 1].revents;
		c->watched |= c->fds[3 * i + 2].revents != 0;
	}
}

/* One round; true when all is done, or when one of them, *which, cannot go on */
static bool move_all(struct crew *c, size_t *which, enum pump_end *end)
{
	size_t n_done = 0;

	c->moved = false;
	for (size_t i = 0; i < c->n; i++) {
		struct mover *m = &c->v[i];
		bool moved = !m->done && move_some(m);

		c->moved |= moved;
		if (!m->done && is_over(m, moved, end)) {
			if (*end != PUMP_DONE) {
				*which = i;
				return true;
			}
			m->done = true;
		}
		n_done += m->done;
	}
	*end = PUMP_DONE;
	return n_done == c->n;
}

static bool is_called_off(const struct crew *c, size_t *which)
{
	for (size_t i = 0; c->watched && i < c->n; i++) {
		struct pump *p = c->v[i].p;

		if (c->fds[3 * i + 2].revents && p->watched && p->watched(p->watch_arg)) {
			*which = i;
			return true;
		}
	}
	return false;
}

enum pump_end pump_run_all(struct pump *const *pumps, size_t n, size_t *which)
{
	struct crew c = {.n = n};
	enum pump_end end;

	c.v = xcalloc(n, sizeof(*c.v));
	c.fds = xcalloc(3 * n, sizeof(*c.fds));
	for (size_t i = 0; i < n; i++)
		mover_init(&c.v[i], pumps[i]);
	while (!move_all(&c, which, &end)) {
		if (is_called_off(&c, which)) {
			end = PUMP_WATCHED;
			break;
		}
		wait_some(&c);
	}
	for (size_t i = 0; i < n; i++)
		mover_release(&c.v[i]);
	free(c.fds);
	free(c.v);
	return end;
}

enum pump_end pump_run(struct pump *p)
{
	size_t which;

	return pump_run_all(&p, 1, &which);
}

uint64_t pump_fill(struct pump *p)
{
	uint64_t before = p->tx_done, limit = UINT64_MAX;
	struct deadline full = deadline_in(PUMP_FILL_MS);
	bool ready = false;
	struct mover m;

	if (p->chr->kind == CHR_UDP)
		limit = (uint64_t)PUMP_FILL_DATAGRAMS * CHR_DATAGRAM;
	mover_init(&m, p);
	while (tx_pending(p) && p->tx_done - before < limit) {
		if (tx_waits_for_rate(&m)) {
			io_poll(NULL, 0, (struct deadline){m.due_ns});
		} else if (!send_some(&m)) {
			if (m.deaf || deadline_passed(full))
				break;
			if (ready)
				io_poll(NULL, 0, (struct deadline){now_ns() + PAUSE_NS});
			ready = io_wait(chr_poll_out(p->chr), POLLOUT, full) != 0;
			continue;
		}
		ready = false;
		full = deadline_in(PUMP_FILL_MS);
	}
	mover_release(&m);
	return p->tx_done - before;
}

bool pump_drain(struct pump *p, struct deadline d)
{
	unsigned char *room = xmalloc(CHUNK);
	ssize_t n;

	while ((n = chr_read(p->chr, room, CHUNK, d)) > 0) {
		p->rx_done += (uint64_t)n;
		if (p->rx)
			damage_add(&p->damage, room, (size_t)n);
	}
	free(room);
	return n == CHR_EOF;
}

const char *pump_end_text(enum pump_end e)
{
	static const char *const texts[] = {
		[PUMP_DONE] = "everything was moved",
		[PUMP_EOF] = "the other end closed first",
		[PUMP_STALLED] = "no byte moved for too long",
		[PUMP_WATCHED] = "ended by what happened elsewhere",
	};

	return texts[e];
}
