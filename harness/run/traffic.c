// SPDX-License-Identifier: GPL-2.0-or-later
/* traffic.c - bytes between one host end and one node in the guest */
#include "harness/run/traffic.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>

#include "harness/base/die.h"

#define OPEN_MS	  5000
#define STALL_MS  8000
#define FINISH_MS 8000
/* What is looked at behind a wrong byte, to tell what is wrong. */
#define BEHIND	  65536
#define BEHIND_MS 200
#define MARKER	  "6368617264657620636865636b20656e"

static bool helper_gave_up(struct helper *h)
{
	helper_poll(h);
	return helper_failed(h);
}

void traffic_init(struct traffic *x, struct trial *t, struct chr *chr, const char *node,
		  enum traffic_dir dir, uint64_t size, unsigned stream)
{
	*x = (struct traffic){.t = t, .chr = chr, .node = node, .dir = dir};
	payload_init(&x->h2g, 2ULL * stream + 11, size);
	payload_init(&x->g2h, 2ULL * stream + 12, size);
	pump_init(&x->pump, chr, dir == TRAFFIC_G2H ? NULL : &x->h2g,
		  dir == TRAFFIC_H2G ? NULL : &x->g2h);
	x->pump.stall_ms = STALL_MS;
	if (chr->kind == CHR_UDP)
		x->pump.tx_rate = TRAFFIC_UDP_RATE;
}

void traffic_release(struct traffic *x)
{
	pump_release(&x->pump);
	payload_release(&x->h2g);
	payload_release(&x->g2h);
}

enum traffic_dir traffic_dir(const struct trial *t)
{
	if (trial_is(t, "dir", "both"))
		return TRAFFIC_BOTH;
	return trial_is(t, "dir", "g2h") ? TRAFFIC_G2H : TRAFFIC_H2G;
}

/* Did exactly the sent bytes come? If not, a lost datagram is told from a wrong one. */
static bool came_whole(struct traffic *x, struct buf *why)
{
	unsigned int gaps;
	uint64_t lost;

	if (damage_report(&x->pump.damage, why))
		return true;
	if (x->chr->kind == CHR_UDP && damage_only_loss(&x->pump.damage, &lost, &gaps))
		buf_addf(why, "\nlost, not corrupted: %" PRIu64 " bytes of datagrams in %u places",
			 lost, gaps);
	return false;
}

/* A loss that the host's own kernel admits to is not QEMU's: this cannot be judged. */
static void excuse_drops(struct traffic *x)
{
	unsigned long drops = chr_host_drops(x->chr);

	if (drops)
		die("the host's kernel dropped %lu datagrams for want of room: too busy to judge udp",
		    drops);
}

/* Who stopped first knows best why: QEMU by its end, the guest's helper, what came so far. */
static noreturn void fail(struct traffic *x, const char *what)
{
	struct buf why = BUF_INIT, damage = BUF_INIT;

	excuse_drops(x);
	if (!vm_alive(&x->t->rig.vm, &why))
		buf_addstr(&why, "; ");
	helper_poll(x->helper);
	if (helper_failed(x->helper)) {
		helper_why(x->helper, &why);
		buf_addstr(&why, "\n");
	}
	buf_addf(&why, "%s: %s; %" PRIu64 " bytes sent to the guest, %" PRIu64 " came from it",
		 x->chr->id, what, x->pump.tx_done, x->pump.rx_done);
	if (x->pump.rx && x->pump.rx_done && !came_whole(x, &damage))
		buf_addf(&why, "\nfrom the guest: %s", damage.data);
	trial_fail(x->t, __FILE__, __LINE__, "%s", why.data);
}

/**
 * struct helpers - The guest's sides of several at once; one connection serves them all
 * @which:	who failed
 */
struct helpers {
	struct traffic *const *all;
	size_t n, which;
};

/* Take what came for any of them: the descriptor tells only once that it came. */
static bool one_gave_up(void *arg)
{
	struct helpers *h = arg;

	for (h->which = 0; h->which < h->n; h->which++)
		if (helper_gave_up(h->all[h->which]->helper))
			return true;
	return false;
}

void traffic_move_all(struct traffic *const *all, size_t n)
{
	struct pump **pumps = xcalloc(n, sizeof(*pumps));
	struct helpers helpers = {.all = all, .n = n};
	size_t which = 0;
	enum pump_end end;

	for (size_t i = 0; i < n; i++)
		pumps[i] = &all[i]->pump;
	pumps[0]->watch_fd = guest_fd(all[0]->helper->cmd.guest);
	pumps[0]->watched = one_gave_up;
	pumps[0]->watch_arg = &helpers;
	end = pump_run_all(pumps, n, &which);
	if (end == PUMP_WATCHED)
		which = helpers.which;
	if (end != PUMP_DONE)
		fail(all[which], pump_end_text(end));
	pumps[0]->watch_fd = -1;
	free(pumps);
}

void traffic_move(struct traffic *x)
{
	traffic_move_all(&x, 1);
}

void traffic_open_host(struct traffic *x)
{
	struct buf why = BUF_INIT;

	if (chr_is_open(x->chr))
		return;
	CHECK(x->t, chr_open(x->chr, deadline_in(OPEN_MS), &why), "the host end of %s: %s",
	      x->chr->id, why.data);
}

void traffic_start_helper(struct traffic *x, bool go)
{
	const char *block = x->chr->kind == CHR_UDP ? TRAFFIC_UDP_PACE : "";
	unsigned long long n = x->h2g.size;

	if (x->dir == TRAFFIC_H2G)
		x->helper = helper_start(x->t,
					 "recv %s --await-host --seed %" PRIu64
					 " --bytes %llu --marker %s",
					 x->node, x->h2g.seed, n, MARKER);
	else if (x->dir == TRAFFIC_G2H)
		x->helper =
			helper_start(x->t, "send %s --seed %" PRIu64 " --bytes %llu %s %s", x->node,
				     x->g2h.seed, n, block, go ? "--await-host --go" : "");
	else
		x->helper = helper_start(x->t,
					 "duplex %s --await-host --seed-tx %" PRIu64
					 " --bytes-tx %llu --seed-rx %" PRIu64 " --bytes-rx "
					 "%llu --marker %s %s --go",
					 x->node, x->g2h.seed, n, x->h2g.seed, n, MARKER, block);
}

static void await(struct traffic *x, const char *text, const char *or_text)
{
	char *what;

	if (helper_await(x->helper, text, or_text, FINISH_MS))
		return;
	what = xasprintf("the helper in the guest did not get to '%s'", text);
	fail(x, what);
}

/* The bytes behind the last one: if anything was doubled or invented, the marker is not next. */
static void send_marker(struct traffic *x)
{
	unsigned char marker[sizeof(MARKER) / 2];

	for (size_t i = 0; i < sizeof(marker); i++) {
		const char digits[3] = {MARKER[2 * i], MARKER[2 * i + 1], '\0'};

		marker[i] = (unsigned char)strtoul(digits, NULL, 16);
	}
	await(x, x->dir == TRAFFIC_BOTH ? "rx: received" : "received", NULL);
	CHECK(x->t,
	      chr_write_all(x->chr, marker, sizeof(marker), deadline_in(STALL_MS)) ==
		      sizeof(marker),
	      "the host end takes no more after the payload");
}

/* Both ends open first, then the bytes. */
void traffic_sync_all(struct traffic *const *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		traffic_open_host(all[i]);
		traffic_start_helper(all[i], true);
	}
	for (size_t i = 0; i < n; i++)
		await(all[i], "connected", NULL);
	for (size_t i = 0; i < n; i++)
		if (all[i]->dir != TRAFFIC_H2G)
			helper_tell(all[i]->helper, "go");
	traffic_move_all(all, n);
}

void traffic_sync(struct traffic *x)
{
	traffic_sync_all(&x, 1);
}

/* One end sends before the other is there; that the bytes are kept stands in facts.c. */
void traffic_async(struct traffic *x)
{
	if (x->dir == TRAFFIC_H2G) {
		traffic_open_host(x);
		trial_note(x->t, "%llu bytes sent before the guest opens",
			   (unsigned long long)pump_fill(&x->pump));
		traffic_start_helper(x, false);
	} else {
		traffic_start_helper(x, false);
		/* It has given all that it can: it is blocked for want of a reader, or done. */
		await(x, "blocked", "cksum");
		traffic_open_host(x);
	}
	traffic_move(x);
}

/* POSIX cksum on both sides, by code that they do not share. */
static void check_cksum(struct traffic *x, const char *key, uint32_t ours, uint64_t bytes)
{
	char *theirs = tap_diag(&x->helper->tap, key);
	char *want = xasprintf("%" PRIu32 " %" PRIu64, ours, bytes);

	CHECK(x->t, theirs && strcmp(theirs, want) == 0, "cksum here %s, in the guest %s", want,
	      theirs ? theirs : "(none)");
	trial_note(x->t, "%s %s on both sides", key, want);
	free(want);
	free(theirs);
}

static uint32_t payload_cksum(const struct payload *p)
{
	struct cksum sum = {0};
	char block[65536];

	for (uint64_t at = 0; at < p->size;) {
		size_t n = p->size - at < sizeof(block) ? (size_t)(p->size - at) : sizeof(block);

		payload_fill(p, at, block, n);
		cksum_add(&sum, block, n);
		at += n;
	}
	return cksum_value(&sum);
}

void traffic_judge(struct traffic *x)
{
	bool both = x->dir == TRAFFIC_BOTH;
	struct buf why = BUF_INIT;

	if (x->pump.tx)
		send_marker(x);
	helper_finish(x->helper, FINISH_MS);
	if (x->pump.tx)
		check_cksum(x, both ? "rx: cksum" : "cksum", payload_cksum(&x->h2g), x->h2g.size);
	if (!x->pump.rx)
		return;
	if (damage_found(&x->pump.damage))
		excuse_drops(x);
	CHECK(x->t, came_whole(x, &why), "from the guest, %" PRIu64 " bytes: %s", x->g2h.size,
	      why.data);
	check_cksum(x, both ? "tx: cksum" : "cksum", cksum_value(&x->pump.damage.sum), x->g2h.size);
}

void traffic_nothing_more(struct traffic *const *all, size_t n)
{
	struct trial *t = all[0]->t;
	struct buf why = BUF_INIT;

	if (t->session->keep_guest)
		return;
	/* The writers are done, so it all lies in the backends; a pty's is lost with QEMU. */
	for (size_t i = 0; i < n; i++)
		if (all[i]->pump.rx && all[i]->chr->kind == CHR_PTY &&
		    pump_drain(&all[i]->pump, (struct deadline){0}))
			trial_note(t, "%s was hung up already", all[i]->chr->id);
	CHECK(t, vm_quit(&t->rig.vm, &why), "%s", why.data);
	for (size_t i = 0; i < n; i++) {
		if (!all[i]->pump.rx)
			continue;
		chr_no_more(all[i]->chr);
		CHECK(t, pump_drain(&all[i]->pump, deadline_in(STALL_MS)),
		      "the host end of %s stays open without QEMU", all[i]->chr->id);
		CHECK(t, came_whole(all[i], &why), "from the guest by %s, in the end: %s",
		      all[i]->chr->id, why.data);
	}
}

void traffic_whole_all(struct traffic *const *all, size_t n)
{
	traffic_sync_all(all, n);
	for (size_t i = 0; i < n; i++)
		traffic_judge(all[i]);
	traffic_nothing_more(all, n);
	for (size_t i = 0; i < n; i++)
		traffic_release(all[i]);
}

void traffic_wrong(struct trial *t, struct chr *c, const struct payload *sent, uint64_t offset,
		   const void *got, size_t len)
{
	struct deadline d = deadline_in(BEHIND_MS);
	struct buf came = BUF_INIT, why = BUF_INIT;
	ssize_t n = 1;

	buf_add(&came, got, len);
	while (n > 0 && came.len < len + BEHIND && chr_is_open(c)) {
		n = chr_read(c, buf_reserve(&came, BEHIND), BEHIND, d);
		came.len += n > 0 ? (size_t)n : 0;
	}
	damage_explain(sent, offset, came.data, came.len, &why);
	trial_fail(t, __FILE__, __LINE__, "the host end %s: what came is not what was sent: %s",
		   c->id, why.data);
}
