// SPDX-License-Identifier: GPL-2.0-or-later
/* host.c - what the lines of a script that are the host's do */
#include "cases/fops/play.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define STEP_MS	 20000
#define OPEN_MS	 8000
#define HEAR_MS	 10000
#define BLOCK	 65536
#define QUIET_MS 100
/* More than the guest's queue (1024 buffers) and what tcp's buffers grow to. */
#define HELD_MAX (24ULL << 20)
/* The receive queue alone holds three times as much; on a busy host QEMU may pause before that. */
#define HELD_MIN 40000
#define OFFERS	 3
#define ROUNDS	 4

static void host_open(struct play *p, struct end *e)
{
	struct buf why = BUF_INIT;

	CHECK(p->t, chr_open(e->chr, deadline_in(OPEN_MS), &why), "the host end of %s: %s",
	      e->chr->id, why.data);
}

static void host_send(struct play *p, struct end *e, uint64_t n)
{
	char *buf = xmalloc(BLOCK);

	while (n) {
		size_t len = n < BLOCK ? (size_t)n : BLOCK;

		payload_fill(&e->to_guest, e->sent, buf, len);
		CHECK(p->t, chr_write_all(e->chr, buf, len, deadline_in(STEP_MS)) == len,
		      "the host end of %s does not take all from offset %" PRIu64 " on", e->chr->id,
		      e->sent);
		e->sent += len;
		n -= len;
	}
	free(buf);
}

static void host_floods(struct play *p, struct end *e, uint64_t min)
{
	struct qmp *q = &p->t->rig.vm.qmp;
	struct deadline d = deadline_in(HEAR_MS);
	struct pump pump;

	pump_init(&pump, e->chr, &e->to_guest, NULL);
	pump.tx_done = e->sent;
	do
		trial_note(p->t, "%s takes %" PRIu64 " bytes", e->chr->id, pump_fill(&pump));
	while (pump.tx_done - e->guest_got < min && !deadline_passed(d));
	e->sent = pump.tx_done;
	pump_release(&pump);
	CHECK(p->t, e->sent - e->guest_got >= min,
	      "%s takes no more than %" PRIu64 " bytes that nobody reads", e->chr->id,
	      e->sent - e->guest_got);
	CHECK(p->t, e->sent - e->guest_got < HELD_MAX,
	      "%s takes bytes without end, though nobody reads them", e->chr->id);
	CHECK(p->t, qmp_cmd(q, deadline_in(HEAR_MS), "query-status", NULL) == QMP_OK,
	      "QEMU does not answer while the guest does not read");
}

/* As much as is taken, again and again, though nobody reads it. */
static void host_offers(struct play *p, struct end *e)
{
	for (int i = 0; i < OFFERS; i++) {
		host_floods(p, e, 0);
		play_watch(p);
	}
}

static void host_hears(struct play *p, struct end *e, uint64_t until)
{
	char *got = xmalloc(BLOCK);

	while (e->heard < until) {
		uint64_t left = until - e->heard;
		size_t len = left < BLOCK ? (size_t)left : BLOCK;
		size_t n = chr_read_exact(e->chr, got, len, deadline_in(HEAR_MS));

		if (payload_same(&e->from_guest, e->heard, got, n) < n)
			traffic_wrong(p->t, e->chr, &e->from_guest, e->heard, got, n);
		CHECK(p->t, n == len,
		      "the host end of %s got %" PRIu64 " bytes of the guest's %" PRIu64 " in time",
		      e->chr->id, e->heard + n, until);
		e->heard += n;
	}
	free(got);
}

/* Ours is made to hold many megabytes of datagrams. */
static void host_holds_little(struct play *p, struct end *e)
{
	int size = BLOCK;

	CHECK(p->t, setsockopt(e->chr->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) == 0,
	      "the host end of %s: SO_RCVBUF: %s", e->chr->id, strerror(errno));
}

/* Who is not held up by us drops what our buffers do not take: they have the first bytes, whole. */
static void host_takes(struct play *p, struct end *e)
{
	char *got = xmalloc(BLOCK);
	uint64_t before = e->heard;
	ssize_t n;

	while ((n = chr_read(e->chr, got, BLOCK, deadline_in(QUIET_MS))) > 0) {
		if (payload_same(&e->from_guest, e->heard, got, (size_t)n) < (size_t)n)
			traffic_wrong(p->t, e->chr, &e->from_guest, e->heard, got, (size_t)n);
		e->heard += (uint64_t)n;
	}
	CHECK(p->t, n == CHR_TIMEOUT, "the host end of %s is closed", e->chr->id);
	trial_note(p->t, "%s: %" PRIu64 " bytes were kept", e->chr->id, e->heard - before);
	CHECK(p->t, e->heard > before, "the host end of %s got nothing", e->chr->id);
	CHECK(p->t, e->heard < e->guest_sent, "the host end of %s got all: nothing was dropped",
	      e->chr->id);
	free(got);
}

static void host_resumes(struct play *p, struct end *e, uint64_t n)
{
	struct deadline d = deadline_in(HEAR_MS);
	struct buf came = BUF_INIT;

	while (!payload_resumed(&e->from_guest, e->heard, e->guest_sent, (size_t)n, came.data,
				came.len)) {
		ssize_t got = chr_read(e->chr, buf_reserve(&came, BLOCK), BLOCK, d);

		CHECK(p->t, got > 0 && came.len < e->guest_sent - e->heard,
		      "the host end of %s got %zu bytes, but not the guest's last %" PRIu64,
		      e->chr->id, came.len, n);
		came.len += (size_t)got;
	}
	trial_note(p->t, "%s: %zu bytes had been kept", e->chr->id, came.len - (size_t)n);
	e->heard = e->guest_sent;
	buf_release(&came);
}

static void host_throttled(struct play *p, struct end *e)
{
	char *id = xasprintf("port%td", e - p->ends);

	trial_await_throttled(p->t, &p->t->rig, id);
	free(id);
	trial_note(p->t, "%s: %" PRIu64 " bytes are held", e->chr->id, e->guest_sent - e->heard);
	CHECK(p->t, e->guest_sent - e->heard < HELD_MAX,
	      "QEMU took %" PRIu64 " bytes that nobody reads", e->guest_sent - e->heard);
}

/* Nothing of what we sent is left in our socket (QEMU has it then; of tcp: its kernel), and QEMU's
 * loop has gone round since and sleeps: it has seen whatever was there before. */
static void host_settles(struct play *p, struct end *e)
{
	struct vm *vm = &p->t->rig.vm;
	struct deadline d = deadline_in(STEP_MS);
	int fd = chr_poll_out(e->chr);

	for (int rounds = 0; rounds < ROUNDS; rounds++) {
		int left = 0;

		if (fd >= 0 && ioctl(fd, TIOCOUTQ, &left) == 0 && left > 0)
			rounds = 0;
		CHECK(p->t, !deadline_passed(d), "QEMU does not take the last %d bytes of %s", left,
		      e->chr->id);
		CHECK(p->t, qmp_cmd(&vm->qmp, deadline_in(STEP_MS), "query-status", NULL) == QMP_OK,
		      "QEMU does not answer");
		CHECK(p->t, vm_await_rest(vm, deadline_in(STEP_MS)), "QEMU does not come to rest");
	}
}

static void host_says(struct play *p, struct end *e, const char *key, const char *want)
{
	CHECK(p->t,
	      chr_await_told(&p->t->rig.vm.qmp, deadline_in(STEP_MS), e->chr->id, key, want, false),
	      "query-chardev does not say %s %s of %s", key, want, e->chr->id);
}

/* On QEMU that stands still and then sees all of them at once. */
static void host_all(struct play *p, bool opens)
{
	proc_stop(&p->t->rig.vm.proc);
	for (size_t i = 0; i < p->n_ends; i++) {
		if (opens)
			host_open(p, &p->ends[i]);
		else
			chr_close(p->ends[i].chr);
	}
	proc_continue(&p->t->rig.vm.proc);
}

/** struct order - A line of the host's: @word, and what follows it */
struct order {
	struct play *p;
	struct end *e;
	const char *word;
	uint64_t n;
};

static bool is(const struct order *o, const char *word)
{
	return strcmp(o->word, word) == 0;
}

/* Ends that come and go, and what QEMU says of them. */
static bool obey_state(const struct order *o)
{
	if (is(o, "open"))
		host_open(o->p, o->e);
	else if (is(o, "close"))
		chr_close(o->e->chr);
	else if (is(o, "open-all") || is(o, "close-all"))
		host_all(o->p, is(o, "open-all"));
	else if (is(o, "throttled"))
		host_throttled(o->p, o->e);
	else if (is(o, "frontend open"))
		host_says(o->p, o->e, "frontend-open", "true");
	else if (is(o, "frontend closed"))
		host_says(o->p, o->e, "frontend-open", "false");
	else if (is(o, "settles"))
		host_settles(o->p, o->e);
	else if (is(o, "gone"))
		host_says(o->p, o->e, "filename", "disconnected");
	else if (is(o, "weighs"))
		play_weigh(o->p);
	else if (is(o, "watches"))
		play_watch(o->p);
	else
		return false;
	return true;
}

/* Bytes to the guest. */
static bool obey_sends(const struct order *o)
{
	if (is(o, "send"))
		host_send(o->p, o->e, o->n);
	else if (is(o, "floods"))
		host_floods(o->p, o->e, o->n ? o->n : HELD_MIN);
	else if (is(o, "offers"))
		host_offers(o->p, o->e);
	else if (is(o, "overflows"))
		play_overflow(o->p, o->e, o->n);
	else if (is(o, "last-piece"))
		play_last_piece(o->p, o->e);
	else
		return false;
	return true;
}

/* Bytes from the guest. */
static bool obey_hears(const struct order *o)
{
	struct end *e = o->e;

	if (is(o, "hears"))
		host_hears(o->p, e, e->heard + o->n);
	else if (is(o, "hears-all"))
		host_hears(o->p, e, e->guest_sent);
	else if (is(o, "hears-half"))
		host_hears(o->p, e, e->heard + (e->guest_sent - e->heard) / 2);
	else if (is(o, "holds-little"))
		host_holds_little(o->p, e);
	else if (is(o, "takes"))
		host_takes(o->p, e);
	else if (is(o, "expects"))
		e->expected = e->guest_sent + o->n;
	else if (is(o, "hears-expected"))
		host_hears(o->p, e, e->expected);
	else if (is(o, "resumes"))
		host_resumes(o->p, e, o->n);
	else if (is(o, "misses"))
		e->heard += o->n;
	else if (is(o, "misses-all"))
		e->heard = e->guest_sent;
	else
		return false;
	return true;
}

void play_host(struct play *p, const char *line)
{
	size_t port = line[4] >= '0' && line[4] <= '9' ? (size_t)(line[4] - '0') : 0;
	char *word = xstrdup(strchr(line, ' ') + 1), *number = strrchr(word, ' ');
	unsigned long long n = 0;
	struct order o;

	CHECK(p->t, port < p->n_ends, "there is no port for %s", line);
	trial_note(p->t, "%s", line);
	fops_did_host(p->t, port, word);
	if (number && text_parse_u64(number + 1, &n))
		*number = '\0';
	o = (struct order){p, &p->ends[port], word, n};
	CHECK(p->t, obey_state(&o) || obey_sends(&o) || obey_hears(&o), "the script says %s", line);
	free(word);
}
