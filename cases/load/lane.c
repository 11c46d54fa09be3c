// SPDX-License-Identifier: GPL-2.0-or-later
/* lane.c - a stream to a device and back */
#include "cases/load/lane.h"

#include <inttypes.h>
#include <stdnoreturn.h>
#include <string.h>

#define OPEN_MS	  20000
#define STILL_MS  20000
#define FINISH_MS 20000
#define STREAM	  (1ULL << 50) /* more than is ever sent */
#define SEED	  300
#define BURST	  4 /* windows */
#define TRIPS	  20
#define BLOCK	  65536

/* Who stopped first knows best why. */
static noreturn void fail(struct lane *l, const char *what)
{
	struct buf why = BUF_INIT, damage = BUF_INIT;

	if (!vm_alive(&l->t->rig.vm, &why))
		buf_addstr(&why, "; ");
	helper_poll(l->helper);
	if (helper_failed(l->helper)) {
		helper_why(l->helper, &why);
		buf_addstr(&why, "\n");
	}
	buf_addf(&why, "%s: %s; %" PRIu64 " bytes sent, %" PRIu64 " came back", l->name, what,
		 l->sent, l->got);
	l->payload.size = l->sent;
	if (damage_found(&l->damage) && !damage_report(&l->damage, &damage))
		buf_addf(&why, "\n%s", damage.data);
	trial_fail(l->t, __FILE__, __LINE__, "%s", why.data);
}

void lane_start(struct lane *l, struct trial *t, const char *name, struct chr *chr,
		const char *node, uint64_t window, unsigned int number)
{
	struct buf why = BUF_INIT;

	*l = (struct lane){.t = t,
			   .name = name,
			   .chr = chr,
			   .window = window,
			   .burst = BURST * window,
			   .trips = TRIPS,
			   .moved_ns = now_ns()};
	payload_init(&l->payload, SEED + number, STREAM);
	damage_init(&l->damage, &l->payload);
	CHECK(t, chr_open(chr, deadline_in(OPEN_MS), &why), "the host end of %s: %s", name,
	      why.data);
	l->helper = helper_start(t, "copy %s %s%s", node, node,
				 strncmp(node, "/dev/ttyS", 9) == 0 ? " --baud 115200" : "");
	if (!helper_await(l->helper, "to-open 1.", NULL, OPEN_MS))
		fail(l, "the helper in the guest does not open it");
	l->moved_ns = now_ns();
}

static bool take(struct lane *l)
{
	unsigned char buf[BLOCK];
	ssize_t n = chr_try_read(l->chr, buf, sizeof(buf));

	if (n == CHR_EOF)
		fail(l, "QEMU closed it");
	if (n <= 0)
		return false;
	damage_add(&l->damage, buf, (size_t)n);
	l->got += (uint64_t)n;
	if (damage_found(&l->damage) || l->got > l->sent)
		fail(l, "what came back is not what was sent");
	return true;
}

static uint64_t limit(const struct lane *l)
{
	return l->goal < l->got + l->window ? l->goal : l->got + l->window;
}

bool lane_may_send(const struct lane *l)
{
	return limit(l) > l->sent;
}

static bool give(struct lane *l)
{
	unsigned char buf[BLOCK];
	uint64_t left = limit(l) - l->sent;
	size_t len = left < sizeof(buf) ? (size_t)left : sizeof(buf);
	ssize_t n;

	if (!len)
		return false;
	payload_fill(&l->payload, l->sent, buf, len);
	n = chr_try_write(l->chr, buf, len);
	if (n == CHR_EOF)
		fail(l, "QEMU closed it");
	l->sent += n > 0 ? (uint64_t)n : 0;
	return n > 0;
}

static void count_trip(struct lane *l)
{
	int64_t ns = now_ns() - l->began_ns;

	l->n_trips++;
	l->sum_ns += ns;
	if (ns > l->worst_ns)
		l->worst_ns = ns;
}

/* All is back: what comes next? */
static void go_on(struct lane *l)
{
	if (l->began_ns)
		count_trip(l);
	l->began_ns = 0;
	if (l->ends)
		return;
	if (l->trips) {
		l->trips--;
		l->goal += LANE_PING;
		l->began_ns = now_ns();
	} else {
		l->trips = TRIPS;
		l->goal += l->burst;
	}
}

bool lane_turn(struct lane *l)
{
	bool moved = take(l);

	if (l->got == l->goal)
		go_on(l);
	moved |= give(l);
	if (moved || lane_is_idle(l))
		l->moved_ns = now_ns();
	else if ((double)(now_ns() - l->moved_ns) / 1e6 > STILL_MS * deadline_scale())
		fail(l, "it stands still");
	return moved;
}

bool lane_is_idle(const struct lane *l)
{
	return l->ends && l->got == l->goal;
}

void lane_finish(struct lane *l)
{
	struct buf why = BUF_INIT;

	helper_tell(l->helper, "end");
	helper_finish(l->helper, FINISH_MS);
	l->payload.size = l->sent;
	CHECK(l->t, damage_report(&l->damage, &why), "%s: what came back: %s", l->name, why.data);
}

void lane_nothing_more(struct lane *l)
{
	unsigned char byte;
	ssize_t n;

	chr_no_more(l->chr);
	n = chr_read(l->chr, &byte, 1, deadline_in(FINISH_MS));
	CHECK(l->t, n == CHR_EOF, "%s: behind the last byte %s", l->name,
	      n > 0 ? "another one came" : "it stays open without QEMU");
	damage_release(&l->damage);
	payload_release(&l->payload);
}
