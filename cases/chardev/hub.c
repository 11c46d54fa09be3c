// SPDX-License-Identifier: GPL-2.0-or-later
/* hub.c - -chardev hub without a guest: as many legs as it can have, and what legs may be */
#include <stdlib.h>
#include <string.h>

#include "cases/chardev/host.h"

#define LEGS  4
#define BYTES 200
#define SEED  81

static const char *hub_lacks(const struct variant *v, const struct caps *caps)
{
	(void)v;
	return caps_has_backend(caps, "hub") ? NULL : "-chardev hub is there from QEMU 10.0 on";
}

/* The hub is behind its legs, and those with a host end are before all others. */
static void four_plan(const struct variant *v, struct plan *plan)
{
	static const enum chr_kind kinds[LEGS] = {CHR_UNIX, CHR_TCP, CHR_UNIX, CHR_PIPE};
	static const char *const ids[LEGS] = {"c1", "c2", "c3", "c4"};

	bare_plan(v, plan);
	for (size_t i = 0; i < LEGS; i++)
		plan_add_chr(plan, ids[i], kinds[i], CHR_QEMU_LISTENS);
	bare_chardev(plan, "hub,id=c0,chardevs.0=c1,chardevs.1=c2,chardevs.2=c3,chardevs.3=c4");
}

static void refuses(struct bare *b, const char *command, const char *args, const char *message)
{
	struct qmp *q = &b->rig->vm.qmp;
	enum qmp_result r = qmp_cmd(q, deadline_in(BARE_MS), command, "%s", args);

	CHECK(b->t, r == QMP_ERROR && strcmp(q->error_desc.data, message) == 0,
	      "%s %s is answered with \"%s\", want \"%s\"", command, args, q->error_desc.data,
	      message);
}

CASE(hub_four_legs, .id = "hub.four-legs",
     .title =
	     "a hub has up to four legs: all of them hear what the device sends, and it hears all of "
	     "them; a fifth, a leg twice, and the removal of a leg are refused",
     .clause = "qemu/qemu-options.hx -chardev hub; qemu/chardev/char-hub.c "
	       "hub_chr_attach_chardev()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL},
     .lacks = hub_lacks, .plan = four_plan)
{
	static const char *const ids[LEGS] = {"c1", "c2", "c3", "c4"};
	struct bare *b = trial_bare(t);
	struct stream legs[LEGS];
	struct buf out = BUF_INIT;

	host_payload(&out, SEED, BYTES);
	for (size_t i = 0; i < LEGS; i++)
		legs[i] = stream_plain(bare_open(b, ids[i]));
	bare_host_opened(b, b->front, true);
	bare_settle(b);
	bare_send(b, b->front, out.data, out.len);
	for (size_t i = 0; i < LEGS; i++)
		bare_host_expect(b, &legs[i], out.data, out.len);
	for (size_t i = 0; i < LEGS && b->front->kind != FRONT_DEBUGCON; i++) {
		bare_host_send(b, &legs[i], ids[i], 2);
		bare_expect(b, b->front, ids[i], 2);
	}
	bare_qmp(b, "chardev-add",
		 "{\"id\": \"c5\", \"backend\": {\"type\": \"null\", \"data\": {}}}");
	refuses(b, "chardev-remove", "{\"id\": \"c2\"}", "Chardev 'c2' is busy");
	refuses(b, "chardev-add",
		"{\"id\": \"h\", \"backend\": {\"type\": \"hub\", \"data\": {\"chardevs\": "
		"[\"c5\", \"c5\"]}}}",
		"Failed to add chardev 'h': chardev 'c5' is already in use");
	refuses(b, "chardev-add",
		"{\"id\": \"h\", \"backend\": {\"type\": \"hub\", \"data\": {\"chardevs\": "
		"[\"c0\"]}}}",
		"Failed to add chardev 'h': hub: multiplexers and hub devices can't be stacked, check "
		"chardev 'c0', chardev should not be a hub device or have 'mux=on' enabled");
	/* What was refused holds nothing. */
	bare_qmp(b, "chardev-remove", "{\"id\": \"c5\"}");
	bare_send(b, b->front, out.data, out.len);
	for (size_t i = 0; i < LEGS; i++) {
		bare_host_expect(b, &legs[i], out.data, out.len);
		bare_host_silent(b, &legs[i]);
	}
	buf_release(&out);
}

CASE(hub_five_legs, .id = "hub.five-legs",
     .title = "a hub of five legs is refused, and they are free afterwards",
     .clause = "qemu/chardev/char-hub.c hub_chr_attach_chardev()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL}, .lacks = hub_lacks,
     .plan = four_plan)
{
	struct bare *b = trial_bare(t);

	for (int i = 0; i < LEGS + 1; i++)
		bare_qmp(b, "chardev-add",
			 "{\"id\": \"n%d\", \"backend\": {\"type\": \"null\", \"data\": {}}}", i);
	refuses(b, "chardev-add",
		"{\"id\": \"h\", \"backend\": {\"type\": \"hub\", \"data\": {\"chardevs\": "
		"[\"n0\", \"n1\", \"n2\", \"n3\", \"n4\"]}}}",
		"Failed to add chardev 'h': hub: too many uses of chardevs 'h' (maximum is 4)");
	for (int i = 0; i < LEGS + 1; i++)
		bare_qmp(b, "chardev-remove", "{\"id\": \"n%d\"}", i);
}

static void open_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	bare_chardev(plan, "file,id=c1,path=c1.file");
	bare_chardev(plan, "ringbuf,id=c2");
	bare_chardev(plan, "hub,id=c0,chardevs.0=c1,chardevs.1=c2");
}

CASE(hub_open_legs, .id = "hub.open-legs",
     .title = "a hub of legs that are open from the start is open, and they get what is sent",
     .clause = "qemu/chardev/char-hub.c hub_chr_event()", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", NULL}, .lacks = hub_lacks, .plan = open_plan)
{
	struct bare *b = trial_bare(t);
	char *ring;

	bare_settle(b);
	CHECK(t, !front_kind_is_virtio(b->front->kind) || front_host_open(b->front),
	      "the legs of the hub are open, and the port counts as closed");
	bare_send(b, b->front, "to both", 7);
	host_file_is(t, "c1.file", "to both", 7);
	bare_qmp(b, "ringbuf-read", "{\"device\": \"c2\", \"size\": 100}");
	ring = qmp_get(&b->rig->vm.qmp, "");
	CHECK(t, ring && strcmp(ring, "to both") == 0, "the ringbuf has \"%s\"", ring);
	free(ring);
}

CASE(hub_break, .id = "hub.break", .title = "a break for a hub reaches its device",
     .clause = "qemu/qapi/char.json chardev-send-break", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", NULL}, .lacks = hub_lacks, .plan = four_plan)
{
	struct bare *b = trial_bare(t);
	struct vm *vm = &b->rig->vm;
	struct buf how = BUF_INIT;

	/* Looked at here, where it is known, so that cases.conf can say so: an end anywhere else is
	 * excused by nothing. */
	if (qmp_cmd(&vm->qmp, deadline_in(BARE_MS), "chardev-send-break", "{\"id\": \"c0\"}") !=
	    QMP_OK) {
		CHECK(t, vm_await_end(vm), "the break is refused");
		bare_ended(b, vm->proc.status);
		proc_status_text(&how, vm->proc.status);
		CHECK(t, false, "the break ends QEMU with %s", how.data);
	}
	bare_expect(b, b->front, "", 1);
}
