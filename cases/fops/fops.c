// SPDX-License-Identifier: GPL-2.0-or-later
/* fops.c - play a script of guest and host */
#include "cases/fops/fops.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PORT	 "org.chardev-check.port."
#define LINK	 "/dev/virtio-ports/" PORT
#define STEP_MS	 20000
#define NODE_MS	 10000
#define OPEN_MS	 8000
#define HEAR_MS	 10000
#define BLOCK	 65536
#define QUIET_MS 100
#define STREAM	 (2ULL << 30)
/* More than the guest's queue (1024 buffers) and what tcp's buffers grow to. */
#define HELD_MAX (24ULL << 20)
/* The receive queue alone holds three times as much; on a busy host QEMU may pause before that. */
#define HELD_MIN 40000
#define SEED_RX	 100 /* as in guest-helpers/fops.c */
#define SEED_TX	 200

/**
 * struct end - A host end and what passed it
 * @to_guest, @from_guest: the streams; @sent, @heard: how far they are
 * @guest_sent, @guest_got: what the guest had sent and taken at the last mark
 * @expected:	where its stream will be, as "expects" said
 */
struct end {
	struct chr *chr;
	struct payload to_guest, from_guest;
	uint64_t sent, heard, guest_sent, guest_got, expected;
};

/** struct play - A script while it is played */
struct play {
	struct trial *t;
	struct helper *helper;
	struct buf batch;
	struct end ends[FOPS_PORTS];
	size_t n_ends;
	int marks;
};

static void add_port(const struct variant *v, struct plan *plan, int i)
{
	static const char *const ids[FOPS_PORTS] = {"c0", "c1", "c2"};
	const char *device = variant_get(v, "device"), *backend = variant_get(v, "backend");
	enum chr_kind kind = CHR_UNIX;

	if (backend)
		chr_kind_parse(backend, &kind);
	plan_add_chr(plan, ids[i], kind,
		     variant_is(v, "role", "client") ? CHR_QEMU_CONNECTS : CHR_QEMU_LISTENS);
	if (device && strcmp(device, "isa-serial") == 0) {
		plan->uart[0] = ids[i];
		plan->n_uarts = PLAN_UARTS;
		return;
	}
	if (device && strcmp(device, "usb-serial") == 0) {
		plan->flavour = "generic";
		strv_push(&plan->devices, "qemu-xhci,id=usb0");
		strv_pushf(&plan->devices, "usb-serial,bus=usb0.0,chardev=%s,always-plugged=on",
			   ids[i]);
		return;
	}
	if (i == 0)
		strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_pushf(&plan->devices, "%s,bus=ser0.0,chardev=c%d,id=port%d,name=" PORT "%d",
		   device ? device : "virtserialport", i, i, i);
}

void fops_plan(const struct variant *v, struct plan *plan)
{
	add_port(v, plan, 0);
}

void fops_plan_three(const struct variant *v, struct plan *plan)
{
	for (int i = 0; i < FOPS_PORTS; i++)
		add_port(v, plan, i);
}

void fops_plan_no_multiport(const struct variant *v, struct plan *plan)
{
	plan->cold = variant_is(v, "plug", "cold");
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0,max_ports=1");
	strv_push(&plan->devices, "virtconsole,bus=ser0.0,chardev=c0,id=port0,name=" PORT "0");
}

const char *fops_lacks(const struct variant *v, const struct caps *caps)
{
	if (variant_is(v, "device", "usb-serial") &&
	    !caps_has_property(caps, "usb-serial", "always-plugged"))
		return "this QEMU's usb-serial has no property always-plugged";
	return NULL;
}

static char *node_of(const struct variant *v, size_t i)
{
	if (variant_is(v, "device", "virtconsole"))
		return xasprintf("/dev/hvc%zu", i);
	if (variant_is(v, "device", "isa-serial"))
		return xasprintf("/dev/ttyS%zu", i + 1);
	if (variant_is(v, "device", "usb-serial"))
		return xasprintf("/dev/ttyUSB%zu", i);
	return xasprintf(LINK "%zu", i);
}

/* Give the helper the lines so far, and wait until it has done them. */
static void flush(struct play *p)
{
	char *mark = xasprintf("mark-%d", p->marks);
	struct buf why = BUF_INIT;
	const char *at;
	char *told;

	buf_addstr(&p->batch, "mark");
	helper_tell(p->helper, p->batch.data);
	buf_clear(&p->batch);
	if (!helper_await(p->helper, mark, NULL, STEP_MS)) {
		if (helper_poll(p->helper) || helper_failed(p->helper))
			helper_why(p->helper, &why);
		else
			buf_addstr(&why, "in the guest: no word of the script's next lines");
		trial_fail(p->t, __FILE__, __LINE__, "%s", why.data);
	}
	told = tap_diag(&p->helper->tap, mark);
	at = told;
	for (size_t i = 0; i < p->n_ends; i++) {
		int n = 0;

		CHECK(p->t,
		      at && sscanf(at, "%" SCNu64 " %" SCNu64 "%n", &p->ends[i].guest_sent,
				   &p->ends[i].guest_got, &n) == 2,
		      "the helper's mark is \"%s\"", told);
		at += n;
	}
	p->marks++;
	free(told);
	free(mark);
}

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

static void host_hears(struct play *p, struct end *e, uint64_t until)
{
	char *got = xmalloc(BLOCK);

	while (e->heard < until) {
		uint64_t left = until - e->heard;
		size_t len = left < BLOCK ? (size_t)left : BLOCK;
		size_t n = chr_read_exact(e->chr, got, len, deadline_in(HEAR_MS));
		size_t good = payload_same(&e->from_guest, e->heard, got, n);

		CHECK(p->t, good == n, "the host end of %s: byte %" PRIu64 " is not as sent",
		      e->chr->id, e->heard + good);
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
		size_t good = payload_same(&e->from_guest, e->heard, got, (size_t)n);

		CHECK(p->t, good == (size_t)n,
		      "the host end of %s: byte %" PRIu64 " is not as sent", e->chr->id,
		      e->heard + good);
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

/* "port 1, guest on, host on, throttle on" */
static void host_throttled(struct play *p, struct end *e)
{
	struct qmp *q = &p->t->rig.vm.qmp;
	struct deadline d = deadline_in(STEP_MS);

	do {
		CHECK(p->t, !deadline_passed(d), "QEMU does not hold the port up");
		CHECK(p->t, qmp_hmp(q, d, "info qtree") == QMP_OK, "info qtree: no answer");
	} while (!strstr(q->answer.data, "throttle on"));
	trial_note(p->t, "%s: %" PRIu64 " bytes are held", e->chr->id, e->guest_sent - e->heard);
	CHECK(p->t, e->guest_sent - e->heard < HELD_MAX,
	      "QEMU took %" PRIu64 " bytes that nobody reads", e->guest_sent - e->heard);
}

static void host_says(struct play *p, struct end *e, const char *key, const char *want)
{
	CHECK(p->t,
	      chr_await_told(&p->t->rig.vm.qmp, deadline_in(STEP_MS), e->chr->id, key, want, false),
	      "query-chardev does not say %s %s of %s", key, want, e->chr->id);
}

static void host_line(struct play *p, const char *line)
{
	size_t port = line[4] >= '0' && line[4] <= '9' ? (size_t)(line[4] - '0') : 0;
	const char *what = strchr(line, ' ') + 1, *arg = strchr(what, ' ');
	unsigned long long n = 0;
	struct end *e = &p->ends[port];

	CHECK(p->t, port < p->n_ends, "there is no port for %s", line);
	trial_note(p->t, "%s", line);
	if (arg)
		text_parse_u64(arg + 1, &n);
	if (strcmp(what, "open") == 0)
		host_open(p, e);
	else if (strcmp(what, "close") == 0)
		chr_close(e->chr);
	else if (strncmp(what, "send ", 5) == 0)
		host_send(p, e, n);
	else if (strcmp(what, "floods") == 0)
		host_floods(p, e, HELD_MIN);
	else if (strncmp(what, "floods ", 7) == 0)
		host_floods(p, e, n);
	else if (strncmp(what, "hears ", 6) == 0)
		host_hears(p, e, e->heard + n);
	else if (strcmp(what, "hears-all") == 0)
		host_hears(p, e, e->guest_sent);
	else if (strcmp(what, "hears-half") == 0)
		host_hears(p, e, e->heard + (e->guest_sent - e->heard) / 2);
	else if (strcmp(what, "holds-little") == 0)
		host_holds_little(p, e);
	else if (strcmp(what, "takes") == 0)
		host_takes(p, e);
	else if (strncmp(what, "expects ", 8) == 0)
		e->expected = e->guest_sent + n;
	else if (strcmp(what, "hears-expected") == 0)
		host_hears(p, e, e->expected);
	else if (strncmp(what, "resumes ", 8) == 0)
		host_resumes(p, e, n);
	else if (strncmp(what, "misses ", 7) == 0)
		e->heard += n;
	else if (strcmp(what, "misses-all") == 0)
		e->heard = e->guest_sent;
	else if (strcmp(what, "throttled") == 0)
		host_throttled(p, e);
	else if (strncmp(what, "frontend ", 9) == 0)
		host_says(p, e, "frontend-open", strcmp(arg + 1, "open") == 0 ? "true" : "false");
	else if (strcmp(what, "gone") == 0)
		host_says(p, e, "filename", "disconnected");
	else
		trial_fail(p->t, __FILE__, __LINE__, "the script says %s", line);
}

static void lines(struct play *p, const char *script)
{
	struct strv v = {NULL, 0};

	strv_split(&v, script, "\n");
	for (size_t i = 0; i < v.n; i++) {
		if (strcmp(v.v[i], "read-rest") == 0) {
			uint64_t rest;

			flush(p);
			rest = p->ends[0].sent - p->ends[0].guest_got;
			buf_addf(&p->batch, "read-all a %" PRIu64 " = %" PRIu64 "\n", rest, rest);
			continue;
		}
		if (strncmp(v.v[i], "host", 4) != 0) {
			buf_addf(&p->batch, "%s\n", v.v[i]);
			continue;
		}
		flush(p);
		host_line(p, v.v[i]);
	}
	flush(p);
	strv_release(&v);
}

static void nothing_more(struct play *p)
{
	struct buf why = BUF_INIT;
	char more[64];

	if (p->t->session->keep_guest)
		return;
	CHECK(p->t, vm_quit(&p->t->rig.vm, &why), "%s", why.data);
	for (size_t i = 0; i < p->n_ends; i++) {
		struct chr *c = p->ends[i].chr;
		ssize_t n;

		if (!chr_is_open(c))
			continue;
		chr_no_more(c);
		n = chr_read(c, more, sizeof(more), deadline_in(OPEN_MS));
		CHECK(p->t, n <= 0, "the host end of %s got %zd bytes more", c->id, n);
		CHECK(p->t, n == CHR_EOF, "the host end of %s stays open without QEMU", c->id);
	}
}

void fops_run(struct trial *t, const char *script)
{
	struct rig *rig = trial_rig(t);
	struct play p = {.t = t, .n_ends = rig->n_chrs};
	struct buf args = BUF_INIT;

	for (size_t i = 0; i < p.n_ends; i++) {
		struct end *e = &p.ends[i];
		char *node = node_of(&t->spec->variant, i);

		e->chr = &rig->chrs[i];
		payload_init(&e->to_guest, SEED_RX + i, STREAM);
		payload_init(&e->from_guest, SEED_TX + i, STREAM);
		helper_finish(helper_start(t, "wait-path %s --timeout-ms %d", node, NODE_MS),
			      2 * NODE_MS);
		buf_addf(&args, " %s", node);
		free(node);
	}
	rig_lap(rig, "node");
	p.helper = helper_start(t, "fops%s", args.data);
	buf_release(&args);
	lines(&p, script);
	helper_tell(p.helper, "end");
	helper_finish(p.helper, STEP_MS);
	rig_lap(rig, "script");
	nothing_more(&p);
	for (size_t i = 0; i < p.n_ends; i++) {
		payload_release(&p.ends[i].from_guest);
		payload_release(&p.ends[i].to_guest);
	}
	buf_release(&p.batch);
}
