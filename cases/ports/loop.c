// SPDX-License-Identifier: GPL-2.0-or-later
/* loop.c - the plan's loops: a host comes, sends or reads and goes, round after round */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cases/ports/ports.h"
#include "harness/run/traffic.h"

#define READ_NODE  PORTS_LINKS "org.chardev-check.read"
#define WRITE_NODE PORTS_LINKS "org.chardev-check.write"
#define ROUNDS	   20
#define BYTES	   20001 /* some pages and a bit: all of it fits into what the guest has ready */
#define READ_SEED  100
#define WRITE_SEED 200
#define MARKER	   "000102030405060708090a0b0c0d0eff"
#define ROUND_MS   10000
#define END_MS	   10000

static const unsigned char marker[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255};

static void loop_plan(const struct variant *v, struct plan *plan)
{
	enum chr_kind kind = CHR_UNIX;

	chr_kind_parse(variant_get(v, "backend"), &kind);
	plan_add_chr(plan, "c1", kind, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c2", kind, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0,max_ports=16,vectors=0");
	strv_push(&plan->devices,
		  "virtserialport,bus=ser0.0,nr=1,chardev=c1,name=org.chardev-check.read");
	strv_push(&plan->devices,
		  "virtserialport,bus=ser0.0,nr=2,chardev=c2,name=org.chardev-check.write");
}

/**
 * struct loop - One of the two loops
 * @sum:	of the bytes of all rounds, as they should be
 */
struct loop {
	struct trial *t;
	struct chr *chr;
	struct helper *helper;
	struct cksum sum;
	struct payload payload;
	struct pump pump;
};

static bool gave_up(void *arg)
{
	struct loop *loops = arg;
	bool any = false;

	for (int i = 0; i < 2; i++) {
		helper_poll(loops[i].helper);
		any |= helper_failed(loops[i].helper);
	}
	return any;
}

static void check_helper(struct loop *l, int round)
{
	struct buf why = BUF_INIT;

	helper_poll(l->helper);
	if (!helper_failed(l->helper))
		return;
	helper_why(l->helper, &why);
	CHECK(l->t, false, "round %d, %s: %s", round, l->chr->id, why.data);
}

static void await(struct loop *l, int round, const char *what)
{
	char *text = xasprintf("round %d: %s", round, what);

	if (!helper_await(l->helper, text, NULL, ROUND_MS)) {
		check_helper(l, round);
		CHECK(l->t, false, "%s: the guest does not come to '%s'", l->chr->id, text);
	}
	free(text);
}

/* The host comes once the guest has its node open, for that is when its bytes begin to flow, and it
 * stays until the guest has seen it and has all of them: what becomes of the last bytes of one that
 * goes at once is another claim, the next one. */
static void come(struct loop *l, int round)
{
	bool reads = l->chr->id[1] == '1';
	uint64_t seed = (uint64_t)(reads ? READ_SEED : WRITE_SEED) + (uint64_t)round - 1;
	struct buf why = BUF_INIT;

	await(l, round, "opened");
	CHECK(l->t, chr_open(l->chr, deadline_in(ROUND_MS), &why), "round %d, %s: %s", round,
	      l->chr->id, why.data);
	payload_init(&l->payload, seed, BYTES);
	pump_init(&l->pump, l->chr, reads ? &l->payload : NULL, reads ? NULL : &l->payload);
}

/* What the guest wrote is whole, and its marker is next: no byte was doubled or invented. */
static void check_written(struct loop *l, int round)
{
	unsigned char got[sizeof(marker)] = {0};
	struct buf why = BUF_INIT;

	CHECK(l->t, damage_report(&l->pump.damage, &why), "round %d, from the guest: %s", round,
	      why.data);
	CHECK(l->t,
	      chr_read_exact(l->chr, got, sizeof(got), deadline_in(ROUND_MS)) == sizeof(got) &&
		      memcmp(got, marker, sizeof(got)) == 0,
	      "round %d: behind the last byte is something else than the marker", round);
}

static void go(struct loop *l)
{
	unsigned char bytes[BYTES];

	chr_close(l->chr);
	payload_fill(&l->payload, 0, bytes, sizeof(bytes));
	cksum_add(&l->sum, bytes, sizeof(bytes));
	pump_release(&l->pump);
	payload_release(&l->payload);
}

static void run_round(struct loop *loops, int round)
{
	struct pump *const pumps[] = {&loops[0].pump, &loops[1].pump};
	enum pump_end end;
	size_t which = 0;

	come(&loops[0], round);
	come(&loops[1], round);
	await(&loops[0], round, "connected");
	await(&loops[1], round, "connected");
	loops[0].pump.watch_fd = guest_fd(loops[0].helper->cmd.guest);
	loops[0].pump.watched = gave_up;
	loops[0].pump.watch_arg = loops;
	end = pump_run_all(pumps, 2, &which);
	check_helper(&loops[0], round);
	check_helper(&loops[1], round);
	CHECK(loops->t, end == PUMP_DONE, "round %d, %s: %s", round, loops[which].chr->id,
	      pump_end_text(end));
	check_written(&loops[1], round);
	await(&loops[0], round, "received");
	go(&loops[0]);
	go(&loops[1]);
}

static void finish(struct loop *l)
{
	char *want = xasprintf("%" PRIu32 " %" PRIu64, cksum_value(&l->sum), l->sum.bytes), *is;

	helper_finish(l->helper, END_MS);
	is = tap_diag(&l->helper->tap, "cksum");
	CHECK(l->t, is && strcmp(is, want) == 0, "%s: cksum of all rounds here %s, in the guest %s",
	      l->chr->id, want, is ? is : "(none)");
	free(is);
	free(want);
}

CASE(loops_go_round, .id = "ports.loop",
     .title = "20 reads on one port while 20 writes on another, each with a host that comes and "
	      "goes: each round's bytes are whole and its own",
     .clause = "virtio-1.2/console/device-operation/multiport-device-operation "
	       "VIRTIO_CONSOLE_PORT_OPEN",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = loop_plan)
{
	struct loop loops[2] = {{.t = t, .chr = rig_chr(trial_rig(t), "c1")},
				{.t = t, .chr = rig_chr(trial_rig(t), "c2")}};

	ports_await(t, WRITE_NODE);
	loops[0].helper = helper_start(t, "loop %s --rounds %d --seed %d --bytes %d", READ_NODE,
				       ROUNDS, READ_SEED, BYTES);
	loops[1].helper =
		helper_start(t, "loop %s --rounds %d --seed %d --bytes %d --write --marker %s",
			     WRITE_NODE, ROUNDS, WRITE_SEED, BYTES, MARKER);
	for (int round = 1; round <= ROUNDS; round++)
		run_round(loops, round);
	finish(&loops[0]);
	finish(&loops[1]);
}

static void leave_plan(const struct variant *v, struct plan *plan)
{
	enum chr_kind kind = CHR_UNIX;

	chr_kind_parse(variant_get(v, "backend"), &kind);
	plan_add_chr(plan, "c1", kind, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices,
		  "virtserialport,bus=ser0.0,nr=1,chardev=c1,name=org.chardev-check.read");
}

/* A host that sends and goes while QEMU does not look, so that QEMU learns of both at once. */
CASE(last_bytes_arrive, .id = "ports.last-bytes",
     .title = "what a host sent before it went arrives, then the end of file",
     .clause = "qemu/chardev/char-socket.c update_ioc_handlers()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL}, .plan = leave_plan)
{
	struct loop l = {.t = t, .chr = rig_chr(trial_rig(t), "c1")};

	ports_await(t, READ_NODE);
	l.helper = helper_start(t, "loop %s --rounds 1 --seed %d --bytes %d", READ_NODE, READ_SEED,
				BYTES);
	come(&l, 1);
	await(&l, 1, "connected");
	proc_stop(&t->rig.vm.proc);
	CHECK(t, pump_run(&l.pump) == PUMP_DONE, "the host end takes no more");
	go(&l);
	proc_continue(&t->rig.vm.proc);
	finish(&l);
}
