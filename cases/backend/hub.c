// SPDX-License-Identifier: GPL-2.0-or-later
/* hub.c - -chardev hub: one device of the guest in two places */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cases/backend/backend.h"

#define LEGS	  2
#define LOOPS	  2
#define FINISH_MS 8000
#define STALL_MS  5000
/* More than a unix socket of the default size and the guest's terminal hold: a byte a write, and
 * some KiB a write. */
#define SLOW_UART  8000
#define SLOW_BYTES (1 << 20)
#define SEED	   21

/* Both legs are there before the hub, and the hub before the device. */
static void hub_plan(const struct variant *v, struct plan *plan)
{
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	plan->chrs[0].early = plan->chrs[1].early = true;
	strv_pushl(&plan->args, "-chardev", "hub,id=h0,chardevs.0=c0,chardevs.1=c1", NULL);
	backend_add_device(v, plan, "h0");
}

static const char *hub_lacks(const struct variant *v, const struct caps *caps)
{
	(void)v;
	return caps_has_backend(caps, "hub") ? NULL : "-chardev hub is there from QEMU 10.0 on";
}

/**
 * struct spoken - What the guest says once, and two legs that have to hear it
 * @said:	the payload
 * @ear:	a judge for each leg; only the first @n listen
 */
struct spoken {
	struct trial *t;
	struct payload said;
	struct pump ear[LEGS];
	size_t n;
	struct helper *mouth;
};

static bool mouth_failed(void *arg)
{
	struct spoken *s = arg;

	helper_poll(s->mouth);
	return helper_failed(s->mouth);
}

static void start_speaking(struct spoken *s, struct trial *t, uint64_t seed, uint64_t size,
			   size_t n)
{
	static const char *const ids[LEGS] = {"c0", "c1"};

	*s = (struct spoken){.t = t, .n = n};
	payload_init(&s->said, seed, size);
	for (size_t i = 0; i < n; i++) {
		pump_init(&s->ear[i], rig_chr(&t->rig, ids[i]), NULL, &s->said);
		s->ear[i].stall_ms = STALL_MS;
	}
	s->mouth = helper_start(t, "send %s --seed %" PRIu64 " --bytes %" PRIu64,
				backend_node(&t->spec->variant), seed, size);
}

static void check_heard(struct spoken *s, const char *when)
{
	struct buf why = BUF_INIT;

	for (size_t i = 0; i < s->n; i++)
		CHECK(s->t, damage_report(&s->ear[i].damage, &why), "leg c%zu%s: %s", i, when,
		      why.data);
}

static void listen(struct spoken *s)
{
	struct pump *const ears[LEGS] = {&s->ear[0], &s->ear[1]};
	size_t which = 0;
	enum pump_end end;
	struct buf why = BUF_INIT;

	ears[0]->watch_fd = guest_fd(s->mouth->cmd.guest);
	ears[0]->watched = mouth_failed;
	ears[0]->watch_arg = s;
	end = pump_run_all(ears, s->n, &which);
	if (end == PUMP_DONE) {
		helper_finish(s->mouth, FINISH_MS);
		check_heard(s, "");
		return;
	}
	if (vm_alive(&s->t->rig.vm, &why) && !damage_report(&s->ear[which].damage, &why))
		trial_note(s->t, "leg c%zu has not heard all", which);
	trial_fail(s->t, __FILE__, __LINE__, "leg c%zu: %s: %s", which, pump_end_text(end),
		   why.data);
}

static void release_spoken(struct spoken *s)
{
	for (size_t i = 0; i < s->n; i++)
		pump_release(&s->ear[i]);
	payload_release(&s->said);
}

static void speak(struct trial *t, uint64_t seed, size_t n)
{
	struct spoken s;

	start_speaking(&s, t, seed, backend_bytes(&t->spec->variant), n);
	listen(&s);
	release_spoken(&s);
}

/* One of the legs speaks, and the guest hears exactly that. */
static void answer(struct trial *t, const char *id, unsigned stream)
{
	struct traffic x;

	traffic_init(&x, t, rig_chr(&t->rig, id), backend_node(&t->spec->variant), TRAFFIC_H2G,
		     backend_bytes(&t->spec->variant), stream);
	traffic_sync(&x);
	traffic_judge(&x);
	traffic_release(&x);
}

/* QEMU ends, and no leg gets another byte. */
static void nothing_more(struct trial *t)
{
	struct buf why = BUF_INIT;
	char more[64];

	if (t->session->keep_guest)
		return;
	CHECK(t, vm_quit(&t->rig.vm, &why), "%s", why.data);
	for (size_t i = 0; i < t->rig.n_chrs; i++) {
		ssize_t n = chr_is_open(&t->rig.chrs[i])
				    ? chr_read(&t->rig.chrs[i], more, sizeof(more),
					       deadline_in(FINISH_MS))
				    : CHR_EOF;

		CHECK(t, n == CHR_EOF, "leg %s has %zd bytes that nobody said to it",
		      t->rig.chrs[i].id, n);
	}
}

static void open_leg(struct trial *t, const char *id)
{
	traffic_open_host(&(struct traffic){.t = t, .chr = rig_chr(trial_rig(t), id)});
}

CASE(hub_both_legs, .id = "hub.both-legs",
     .title = "one device can be in two places: what the guest says comes whole on both legs of a "
	      "hub, and what a host says on either of them reaches the guest",
     .clause = "qemu/qemu-options.hx -chardev hub", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", NULL}, .lacks = hub_lacks, .plan = hub_plan)
{
	trial_rig(t);
	backend_await_node(t);
	open_leg(t, "c0");
	open_leg(t, "c1");
	speak(t, SEED, LEGS);
	answer(t, "c0", 1);
	answer(t, "c1", 2);
	answer(t, "c0", 3);
	speak(t, SEED + 1, LEGS);
	nothing_more(t);
}

/* char-hub.c hub_chr_write() passes closed legs over, hub_chr_event() lets one that opens begin
 * where the others are. What QEMU does for our ssh connection comes behind what it does for a leg
 * that came or went before: both are served by one loop. */
CASE(hub_late_leg, .id = "hub.late-leg",
     .title =
	     "a hub works while one of its legs has no host; a leg hears what is said from when its "
	     "host has come, until it goes",
     .clause = "qemu/chardev/char-hub.c hub_chr_write(), hub_chr_event()", .level = LEVEL_MUST,
     .needs = NEEDS_GUEST, .axes = (const char *const[]){"device", NULL}, .lacks = hub_lacks,
     .plan = hub_plan)
{
	trial_rig(t);
	backend_await_node(t);
	open_leg(t, "c0");
	speak(t, SEED, 1);
	answer(t, "c0", 1);
	open_leg(t, "c1");
	speak(t, SEED + 1, LEGS);
	answer(t, "c1", 2);
	chr_close(rig_chr(&t->rig, "c1"));
	speak(t, SEED + 2, 1);
	answer(t, "c0", 3);
	open_leg(t, "c1");
	speak(t, SEED + 3, LEGS);
	nothing_more(t);
}

/* What there is for a leg now, judged: so many bytes. */
static uint64_t hear_some(struct pump *ear)
{
	char block[65536];
	uint64_t all = 0;
	ssize_t n;

	while ((n = chr_try_read(ear->chr, block, sizeof(block))) > 0) {
		damage_add(&ear->damage, block, (size_t)n);
		all += (uint64_t)n;
	}
	ear->rx_done += all;
	return all;
}

/* QEMU's main loop, which serves the monitor too, has been round: what it could write, it wrote. */
static void await_loop(struct trial *t)
{
	struct qmp *q = &t->rig.vm.qmp;
	enum qmp_result r = QMP_OK;

	for (int i = 0; i < LOOPS && r == QMP_OK; i++)
		r = qmp_cmd(q, deadline_in(FINISH_MS), "query-status", NULL);
	trial_want_ok(t, &t->rig, r, "query-status");
}

CASE(hub_slow_leg, .id = "hub.slow-leg",
     .title = "a leg that reads late gets everything in the end, and so does the other one",
     .clause = "qemu/chardev/char-hub.c hub_chr_write()", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", NULL}, .lacks = hub_lacks, .plan = hub_plan)
{
	struct spoken s;

	trial_rig(t);
	backend_await_node(t);
	open_leg(t, "c0");
	open_leg(t, "c1");
	start_speaking(&s, t, SEED, trial_is(t, "device", "isa-serial") ? SLOW_UART : SLOW_BYTES,
		       LEGS);
	CHECK(t, helper_await(s.mouth, "blocked", "cksum", FINISH_MS),
	      "the guest's writer neither ends nor is held");
	/* The first leg reads all that the second one lets it have. */
	while (hear_some(&s.ear[0]) > 0)
		await_loop(t);
	trial_note(t, "leg c0 has %" PRIu64 " bytes while leg c1 does not read", s.ear[0].rx_done);
	CHECK(t, s.ear[0].rx_done < s.said.size, "leg c0 got all: leg c1 was not full");
	listen(&s);
	release_spoken(&s);
	speak(t, SEED + 1, LEGS);
	nothing_more(t);
}

/* All that a leg has got; QEMU has done what it does with all that was said before. */
static uint64_t drain(struct trial *t, const char *id)
{
	struct chr *chr = rig_chr(&t->rig, id);
	char block[65536];
	uint64_t all = 0;
	ssize_t n;

	while ((n = chr_try_read(chr, block, sizeof(block))) > 0)
		all += (uint64_t)n;
	CHECK(t, n == 0, "leg %s was closed", id);
	return all;
}

/* A FIFO that nobody reads yet holds socat up, and socat QEMU. */
static void stuck_repro(const struct variant *v, struct buf *b)
{
	buf_addf(b,
		 "mkfifo late; connect c1 </dev/null >late & exec 8<>late\n"
		 "connect c0 </dev/null >received &\n"
		 "guest 'chardev-helper send %s --seed %d --bytes %d </dev/null'\n"
		 "timeout 3 cat <late >/dev/null || true # what c1 has got\n"
		 "guest 'chardev-helper send %s --seed %d --bytes %" PRIu64 " </dev/null'\n"
		 "payload %d %" PRIu64 " >expected\n"
		 "sleep 1 # what is on its way\n"
		 "tail -c %" PRIu64
		 " received | cmp - expected && echo 'the same bytes came to c0'\n",
		 backend_node(v), SEED, SLOW_BYTES, backend_node(v), SEED + 1, backend_bytes(v),
		 SEED + 1, backend_bytes(v), backend_bytes(v));
}

/* A console is not held up: what a leg does not take is dropped. That must not cost the other leg
 * anything that is said later. */
CASE(hub_stuck_leg, .id = "hub.stuck-leg",
     .title =
	     "after a leg did not read for so long that output was dropped, what is said from then "
	     "on comes whole on both",
     .clause = "qemu/chardev/char-hub.c hub_chr_write()", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", NULL}, .lacks = hub_lacks, .plan = hub_plan,
     .repro = stuck_repro)
{
	struct helper *h;
	uint64_t heard[LEGS];

	trial_rig(t);
	backend_await_node(t);
	open_leg(t, "c0");
	open_leg(t, "c1");
	h = helper_start(t, "send %s --seed %d --bytes %d", backend_node(&t->spec->variant), SEED,
			 SLOW_BYTES);
	while (!helper_poll(h)) {
		drain(t, "c0");
		helper_await(h, "cksum", NULL, 10);
	}
	helper_finish(h, FINISH_MS);
	heard[0] = drain(t, "c0");
	heard[1] = drain(t, "c1");
	CHECK(t, heard[1] < SLOW_BYTES, "leg c1 took all: nothing was dropped");
	trial_note(t, "before: leg c0 heard the last %" PRIu64 " bytes, leg c1 %" PRIu64, heard[0],
		   heard[1]);
	speak(t, SEED + 1, LEGS);
	nothing_more(t);
}
