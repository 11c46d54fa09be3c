// SPDX-License-Identifier: GPL-2.0-or-later
/* rounds.c - backends that come, work and go, many times: QEMU keeps nothing of them */
#include <stdlib.h>
#include <string.h>

#include "cases/chardev/host.h"

#define WARM_ROUNDS 20
#define BYTES	    200
#define FEW	    4
/* A page of a heap that is used otherwise than before is no leak; a block a round is one. */
#define SLACK_KIB 128

static void rounds_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	bare_plan_machine(plan);
	bare_plan_front(plan, "virtserialport", "c0");
	bare_chardev(plan, "null,id=c0");
}

static void unplug(struct bare *b)
{
	bare_unplug(b, "port1");
	qmp_forget_events(&b->rig->vm.qmp);
	front_bus_look(&b->bus);
}

static bool is_open(void *arg)
{
	return front_host_open(arg);
}

/* Without a rest of QEMU in between, which takes most of the time elsewhere. */
static void both_ways(struct bare *b, struct chr *host, size_t in)
{
	struct stream s = stream_plain(host);
	struct buf data = BUF_INIT;

	CHECK(b->t, target_until(b->target, is_open, b->front, BARE_MS),
	      "the port does not see that its host is there");
	for (int i = 0; i < BYTES; i++) /* a mux has keys of its own among the others */
		buf_addf(&data, "%c", 'a' + i % 26);
	bare_send(b, b->front, data.data, data.len);
	bare_host_expect(b, &s, data.data, data.len);
	bare_host_send(b, &s, data.data, in);
	bare_expect(b, b->front, data.data, in);
	buf_release(&data);
}

/* QEMU's part of the host end is there. */
static void add_host(struct bare *b, struct chr *host, const char *id, enum chr_kind kind)
{
	struct buf why = BUF_INIT;

	chr_init(host, id, kind, CHR_QEMU_LISTENS);
	CHECK(b->t, rig_plug_chr(b->rig, host, &why), "%s", why.data);
	if (chr_needs_learning(host)) {
		char *filename = bare_filename(b, id);

		CHECK(b->t, chr_learn(host, filename), "query-chardev says \"%s\"", filename);
		free(filename);
	}
	buf_release(&why);
}

static void connect_host(struct bare *b, struct chr *host)
{
	struct buf why = BUF_INIT;

	CHECK(b->t, chr_open(host, deadline_in(BARE_MS), &why), "%s", why.data);
	buf_release(&why);
}

/* A host end of its own for each round. QEMU looks at once for who has a pty open when a device
 * comes, and once a second later. */
static void round_with_host(struct bare *b, enum chr_kind kind)
{
	struct chr host;

	add_host(b, &host, "x", kind);
	connect_host(b, &host);
	bare_plug(b, "x");
	both_ways(b, &host, kind != CHR_FILE ? BYTES : 0);
	unplug(b);
	bare_qmp(b, "chardev-remove", "{\"id\": \"x\"}");
	chr_release(&host);
}

/* The same with a mux or a hub between the two. */
static void round_through(struct bare *b, const char *backend)
{
	struct chr host;

	add_host(b, &host, "leg", CHR_UNIX);
	bare_qmp(b, "chardev-add", "{\"id\": \"x\", \"backend\": %s}", backend);
	bare_plug(b, "x");
	connect_host(b, &host);
	both_ways(b, &host, FEW); /* for more see mux.many-keys */
	unplug(b);
	bare_qmp(b, "chardev-remove", "{\"id\": \"x\"}");
	bare_qmp(b, "chardev-remove", "{\"id\": \"leg\"}");
	chr_release(&host);
}

static void round_without_host(struct bare *b, const char *backend)
{
	char text[BYTES];

	memset(text, 'x', sizeof(text));
	bare_qmp(b, "chardev-add", "{\"id\": \"x\", \"backend\": %s}", backend);
	bare_plug(b, "x");
	CHECK(b->t, target_until(b->target, is_open, b->front, BARE_MS), "the port is closed");
	bare_send(b, b->front, text, sizeof(text));
	unplug(b);
	bare_qmp(b, "chardev-remove", "{\"id\": \"x\"}");
}

static const char *rounds_lacks(const struct variant *v, const struct caps *caps)
{
	return variant_is(v, "chardev", "hub") && !caps_has_backend(caps, "hub")
		       ? "-chardev hub is there from QEMU 10.0 on"
		       : NULL;
}

static void one_round(struct bare *b)
{
	const char *name = trial_axis(b->t, "chardev");
	enum chr_kind kind;

	if (strcmp(name, "ringbuf") == 0) {
		round_without_host(b, "{\"type\": \"ringbuf\", \"data\": {\"size\": 65536}}");
	} else if (strcmp(name, "wctablet") == 0) {
		round_without_host(b, "{\"type\": \"wctablet\", \"data\": {}}");
	} else if (strcmp(name, "hub") == 0) {
		round_through(b, "{\"type\": \"hub\", \"data\": {\"chardevs\": [\"leg\"]}}");
	} else if (strcmp(name, "mux") == 0) {
		round_through(b, "{\"type\": \"mux\", \"data\": {\"chardev\": \"leg\"}}");
	} else {
		CHECK(b->t, chr_kind_parse(name, &kind), "no such kind: %s", name);
		round_with_host(b, kind);
	}
}

CASE(life_rounds, .id = "life.rounds",
     .title = "after many rounds of chardev-add, connection, device_add, transfer, device_del and "
	      "chardev-remove QEMU has no more descriptors and no more memory than before",
     .clause = "qemu/qapi/char.json chardev-add, chardev-remove", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"chardev", "rounds", NULL},
     .lacks = rounds_lacks, .plan = rounds_plan, .timeout_s = 300)
{
	int rounds = trial_is(t, "rounds", "50") ? 50 : 1000;
	struct bare *b = trial_bare(t);
	unsigned descriptors = 0, now;
	unsigned long kib = 0, kib_now;

	unplug(b);
	for (int i = 0; i < rounds; i++) {
		if (i == WARM_ROUNDS) {
			bare_settle(b);
			descriptors = bare_descriptors(b);
			kib = bare_memory(b);
		}
		one_round(b);
	}
	bare_settle(b);
	now = bare_descriptors(b);
	kib_now = bare_memory(b);
	trial_note(t, "%u descriptors and %lu KiB after %d rounds, %u and %lu after %d",
		   descriptors, kib, WARM_ROUNDS, now, kib_now, rounds);
	CHECK(t, now == descriptors, "%u descriptors after %d rounds, %u after %d", descriptors,
	      WARM_ROUNDS, now, rounds);
	CHECK(t, kib_now <= kib + SLACK_KIB, "%lu KiB after %d rounds, %lu after %d", kib,
	      WARM_ROUNDS, kib_now, rounds);
}
