// SPDX-License-Identifier: GPL-2.0-or-later
/* circuit.c - a stream through the guest and back */
#include "cases/streams/circuit.h"

#include <inttypes.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define STREAM	 (4ULL << 30) /* more than is ever sent */
#define STILL_MS 10000	      /* nothing moves for so long: it never will */
#define BRIM_MS	 30000
#define TURN_MS	 100
#define PIECE	 4096 /* chr_can_read() of hw/char/virtio-console.c: no more at once */
#define KNOCK	 16

/* Who stopped first knows best why. */
static noreturn void fail(struct circuit *r, const char *what)
{
	struct buf why = BUF_INIT, damage = BUF_INIT;

	if (!vm_alive(&r->rig->vm, &why))
		buf_addstr(&why, "; ");
	if (r->helper)
		helper_poll(r->helper);
	if (r->helper && helper_failed(r->helper)) {
		helper_why(r->helper, &why);
		buf_addstr(&why, "\n");
	}
	buf_addf(&why, "%s: %s; %" PRIu64 " bytes sent, %" PRIu64 " came back", r->what, what,
		 r->sent, r->got);
	r->payload.size = r->sent;
	if (damage_found(&r->damage) && !damage_report(&r->damage, &damage))
		buf_addf(&why, "\n%s", damage.data);
	trial_fail(r->t, __FILE__, __LINE__, "%s", why.data);
}

/* The last CIRCUIT_TAIL bytes are there, or all that came; more than twice as many do not fit. */
static void keep_tail(struct circuit *r, const unsigned char *p, size_t n)
{
	if (n > CIRCUIT_TAIL) {
		p += n - CIRCUIT_TAIL;
		n = CIRCUIT_TAIL;
	}
	if (r->n_tail + n > sizeof(r->tail)) {
		size_t keep = CIRCUIT_TAIL - n;

		memmove(r->tail, r->tail + r->n_tail - keep, keep);
		r->n_tail = keep;
	}
	memcpy(r->tail + r->n_tail, p, n);
	r->n_tail += n;
}

/* The last @n bytes that came; NULL: so many did not. */
static const unsigned char *last_bytes(const struct circuit *r, size_t n)
{
	return n <= r->n_tail ? r->tail + r->n_tail - n : NULL;
}

/* Take what has come, up to @max bytes; how many. */
static size_t take_some(struct circuit *r, size_t max)
{
	unsigned char buf[65536];
	size_t len = max < sizeof(buf) ? max : sizeof(buf);
	ssize_t n = chr_is_open(r->b) && !r->brimful ? chr_try_read(r->b, buf, len) : 0;

	if (n == CHR_EOF)
		fail(r, "QEMU closed the end that bytes come from");
	if (n <= 0)
		return 0;
	damage_add(&r->damage, buf, (size_t)n);
	keep_tail(r, buf, (size_t)n);
	r->anew = false;
	r->got += (uint64_t)n;
	return (size_t)n;
}

static bool take(struct circuit *r)
{
	return take_some(r, SIZE_MAX) > 0;
}

/* Send what is taken, up to @limit bytes of the stream in all; true if something was. */
static bool give(struct circuit *r, uint64_t limit)
{
	unsigned char buf[16384];
	uint64_t left = limit > r->sent ? limit - r->sent : 0;
	size_t len = left < sizeof(buf) ? (size_t)left : sizeof(buf);
	ssize_t n;

	if (!len || !chr_is_open(r->a))
		return false;
	payload_fill(&r->payload, r->sent, buf, len);
	n = chr_try_write(r->a, buf, len);
	if (n == CHR_EOF)
		fail(r, "QEMU closed the end that bytes go into");
	r->sent += n > 0 ? (uint64_t)n : 0;
	return n > 0;
}

uint64_t circuit_on_the_way(const struct circuit *r)
{
	return r->sent - r->got - r->lost;
}

static uint64_t window_end(const struct circuit *r)
{
	return r->got + r->lost + r->window;
}

/* Until something can be taken, sent (if @limit allows), or the helper speaks. */
static void wait_a_turn(struct circuit *r, uint64_t limit)
{
	struct pollfd fds[] = {
		{.fd = chr_is_open(r->b) && !r->brimful ? chr_poll_in(r->b) : -1, .events = POLLIN},
		{.fd = limit > r->sent && chr_is_open(r->a) ? chr_poll_out(r->a) : -1,
		 .events = POLLOUT},
		{.fd = r->helper ? guest_fd(r->helper->cmd.guest) : -1, .events = POLLIN},
	};

	if (poll(fds, 3, TURN_MS) <= 0 || !r->helper)
		return;
	if (fds[2].revents && helper_poll(r->helper))
		fail(r, "the helper in the guest ended");
	if (helper_failed(r->helper))
		fail(r, "the helper in the guest failed");
}

/* Move bytes until @met, which is asked after each turn. @limit: send that far, or window_end(). */
static void move_until(struct circuit *r, bool (*met)(struct circuit *r, const void *arg),
		       const void *arg, uint64_t limit, const char *what)
{
	struct deadline d = deadline_in(STILL_MS);

	while (!met(r, arg)) {
		uint64_t end = limit == UINT64_MAX ? window_end(r) : limit;
		bool took = take(r), gave = give(r, end);

		if (took || gave)
			d = deadline_in(STILL_MS);
		else if (deadline_passed(d))
			fail(r, what);
		else if (!met(r, arg))
			wait_a_turn(r, end);
	}
}

static bool has_come(struct circuit *r, const void *arg)
{
	return r->got >= *(const uint64_t *)arg;
}

void circuit_flow(struct circuit *r, uint64_t bytes)
{
	uint64_t target = r->got + bytes;

	move_until(r, has_come, &target, UINT64_MAX, "the stream stands still");
}

void circuit_touch(struct circuit *r)
{
	while (take(r) || give(r, window_end(r)))
		;
}

size_t circuit_take_ready(struct circuit *r)
{
	int left = 0;
	size_t n, all = 0;

	CHECK(r->t, ioctl(chr_poll_in(r->b), FIONREAD, &left) == 0,
	      "the host does not say what lies in its socket");
	while (left > 0 && (n = take_some(r, (size_t)left)) > 0) {
		left -= (int)n;
		all += n;
	}
	return all;
}

struct port_told circuit_receiver_told(struct circuit *r)
{
	struct port_told port;

	if (!port_told(&r->rig->vm.qmp, deadline_in(STILL_MS), "to", &port))
		fail(r, "info qtree does not show the port that bytes come out of");
	return port;
}

void circuit_stall(struct circuit *r)
{
	struct deadline d = deadline_in(STILL_MS);

	do {
		while (give(r, window_end(r)))
			;
		if (deadline_passed(d))
			fail(r, "nobody takes anything, and the port is not throttled");
	} while (!circuit_receiver_told(r).throttled);
}

/* Bytes of ours that QEMU has not taken from the socket, in Linux's measure. */
static int unread(struct circuit *r)
{
	int left;

	CHECK(r->t, ioctl(chr_poll_out(r->a), SIOCOUTQ, &left) == 0,
	      "the host does not say what lies in its socket");
	return left;
}

void circuit_pour(struct circuit *r, uint64_t bytes)
{
	struct deadline d = deadline_in(STILL_MS);
	uint64_t end = r->sent + bytes;
	int left = 1;

	while (r->sent < end || left) {
		bool gave = give(r, end);

		left = unread(r);
		if (deadline_passed(d))
			fail(r, "QEMU does not take all that the guest has room for");
		if (!gave && r->sent < end)
			wait_a_turn(r, end);
		else if (left)
			sched_yield();
	}
}

void circuit_await_accepted(struct circuit *r)
{
	struct deadline d = deadline_in(STILL_MS);

	r->brimful = false;
	/* A few bytes each turn: the window may be full of what is lost. */
	while (r->anew && !take(r)) {
		uint64_t end = r->sent + KNOCK;

		if (deadline_passed(d))
			fail(r, "nothing comes on the new connection");
		while (give(r, end))
			;
		wait_a_turn(r, 0);
	}
}

/* ---- from where on everything has to come */

static int room(struct circuit *r)
{
	int size;
	socklen_t len = sizeof(size);

	CHECK(r->t, getsockopt(chr_poll_out(r->a), SOL_SOCKET, SO_SNDBUF, &size, &len) == 0,
	      "the host does not say how much fits in its socket");
	return size;
}

/* Linux makes it twice as much, and no more than twice net.core.wmem_max: twice what a socket has
 * that nobody touched. A tcp one would not grow any more on its own. */
static void make_room(struct circuit *r, int size)
{
	size /= 2;
	CHECK(r->t,
	      r->a->kind != CHR_UNIX || setsockopt(chr_poll_out(r->a), SOL_SOCKET, SO_SNDBUF, &size,
						   sizeof(size)) == 0,
	      "the host's socket stays as it is");
}

void circuit_mark(struct circuit *r)
{
	uint64_t bytes = r->window / 4 < CIRCUIT_MARK ? r->window / 4 : CIRCUIT_MARK, end;

	r->brimful = false;
	if (r->unmarked)
		return;
	if (!r->marked) {
		r->mark = r->sent;
		r->marked = true;
		r->usual_room = room(r);
		make_room(r, INT_MAX);
	}
	end = r->sent + bytes;
	while (give(r, end))
		;
	CHECK(r->t, r->sent - r->mark >= bytes || r->a->kind != CHR_UNIX,
	      "%s: our socket takes no more than %" PRIu64 " bytes behind those that wait in it",
	      r->what, r->sent - r->mark);
}

bool circuit_can_brim(const struct circuit *r)
{
	return r->a->kind == CHR_UNIX && circuit_is_port(&r->t->spec->variant);
}

/* Nothing more fits, and meanwhile QEMU, which reads no more than a piece at a time, and the guest
 * have had their turns. */
static bool stands_still(struct circuit *r)
{
	int before = unread(r);

	free(trial_guest_in(r->t, r->rig, "true"));
	return !give(r, r->sent + PIECE) && unread(r) == before;
}

void circuit_brim(struct circuit *r)
{
	struct deadline d = deadline_in(BRIM_MS);

	if (r->unmarked || !circuit_can_brim(r))
		return;
	r->brimful = r->helper;
	if (!r->helper)
		circuit_stop(r);
	do {
		while (give(r, r->sent + PIECE))
			if (deadline_passed(d))
				fail(r, "nobody takes anything, and QEMU reads on and on");
	} while (!stands_still(r));
	circuit_mark(r);
	r->brimful = r->helper;
}

/* The last bytes that came are the last that were sent. */
static bool probe_came(struct circuit *r, const void *arg)
{
	const unsigned char *last = last_bytes(r, CIRCUIT_PROBE);

	return last && memcmp(last, arg, CIRCUIT_PROBE) == 0;
}

/* The same of those from the mark on; nothing came between them, nothing is missing. */
static void check_since_mark(struct circuit *r)
{
	size_t n = (size_t)(r->sent - r->mark);
	const unsigned char *last = last_bytes(r, n);
	char *what;

	CHECK(r->t, n <= CIRCUIT_TAIL, "%s: %zu bytes since the mark are too many", r->what, n);
	trial_note(r->t, "%s: from byte %" PRIu64 " on, %zu of them, everything has to come",
		   r->what, r->mark, n);
	if (last && payload_same(&r->payload, r->mark, last, n) == n)
		return;
	what = xasprintf("from byte %" PRIu64 " on everything has to come", r->mark);
	fail(r, what);
}

void circuit_settle(struct circuit *r, bool may_lose)
{
	unsigned char probe[CIRCUIT_PROBE];
	uint64_t end = r->sent + CIRCUIT_PROBE, lost;

	r->brimful = false;
	payload_fill(&r->payload, r->sent, probe, sizeof(probe));
	move_until(r, probe_came, probe, end, "what was sent behind it does not come whole");
	if (r->got + r->lost > r->sent)
		fail(r, "more bytes came than were sent");
	lost = circuit_on_the_way(r);
	r->lost += lost;
	if (lost)
		trial_note(r->t, "%s: %" PRIu64 " bytes lost", r->what, lost);
	if (r->marked) {
		check_since_mark(r);
		make_room(r, r->usual_room);
		r->marked = false;
	}
	if (lost && !may_lose) {
		char *what = xasprintf("%" PRIu64 " bytes were lost, none may be", lost);

		fail(r, what);
	}
}

void circuit_get_going(struct circuit *r, unsigned int windows)
{
	circuit_flow(r, windows * r->window);
	circuit_settle(r, false);
	circuit_flow(r, r->window / 2);
}

/* One of two texts, of which the second may be NULL. */
static bool helper_says(struct circuit *r, const void *arg)
{
	const char *const *texts = arg;

	return helper_await(r->helper, texts[0], texts[1], 0);
}

static void await(struct circuit *r, const char *text, const char *or_text)
{
	const char *const texts[] = {text, or_text};
	char *what = xasprintf("the helper does not get to '%s'", text);

	move_until(r, helper_says, texts, 0, what);
	free(what);
}

void circuit_open_host(struct circuit *r, struct chr *c)
{
	struct buf why = BUF_INIT;

	if (chr_is_open(c))
		return;
	if (!chr_open(c, deadline_in(STILL_MS), &why))
		fail(r, why.data);
	r->anew = r->anew || c == r->b;
}

static const char *const side_names[] = {"from", "to"};

static void await_side(struct circuit *r, enum circuit_side side, const char *what,
		       const char *or_what)
{
	char *text = xasprintf("%s-%s %u.", side_names[side], what, r->opens[side]);
	char *or_text =
		or_what ? xasprintf("%s-%s %u.", side_names[side], or_what, r->opens[side]) : NULL;

	await(r, text, or_text);
	free(or_text);
	free(text);
}

static void tell(struct circuit *r, const char *verb, enum circuit_side side)
{
	char *line = xasprintf("%s %s", verb, side_names[side]);

	helper_tell(r->helper, line);
	free(line);
}

void circuit_close_node(struct circuit *r, enum circuit_side side)
{
	tell(r, "close", side);
	await_side(r, side, "closed", NULL);
}

void circuit_open_node(struct circuit *r, enum circuit_side side)
{
	tell(r, "open", side);
	r->opens[side]++;
	await_side(r, side, "open", NULL);
}

void circuit_await_gone(struct circuit *r, enum circuit_side side)
{
	await_side(r, side, "gone", NULL);
}

void circuit_drop_node(struct circuit *r, enum circuit_side side)
{
	tell(r, "close", side);
	await_side(r, side, "gone", "closed");
}

void circuit_init(struct circuit *r, struct trial *t, struct chr *a, struct chr *b)
{
	const struct variant *v = &t->spec->variant;

	*r = (struct circuit){.t = t,
			      .rig = &t->rig,
			      .a = a,
			      .b = b,
			      .from = circuit_node(v, CIRCUIT_FROM),
			      .to = circuit_node(v, CIRCUIT_TO),
			      .window = circuit_window(v),
			      .opens = {1, 1},
			      .what = "at the start"};
	payload_init(&r->payload, CIRCUIT_SEED, STREAM);
	damage_init(&r->damage, &r->payload);
}

void circuit_start(struct circuit *r, struct trial *t)
{
	struct rig *rig = trial_rig(t);

	circuit_init(r, t, rig_chr(rig, "ca"), rig_chr(rig, "cb"));
	circuit_open_host(r, r->a);
	circuit_open_host(r, r->b);
	circuit_await_node(r, CIRCUIT_FROM);
	circuit_await_node(r, CIRCUIT_TO);
	r->helper = helper_start(t, "copy %s %s%s", r->from, r->to,
				 circuit_is_uart(&t->spec->variant) ? " --baud 115200" : "");
	await_side(r, CIRCUIT_FROM, "open", NULL);
	await_side(r, CIRCUIT_TO, "open", NULL);
	circuit_flow(r, CIRCUIT_WARM_UP);
	rig_lap(rig, "circuit");
}
