// SPDX-License-Identifier: GPL-2.0-or-later
/* watch.c - who has to answer, and what must not grow, while an end does not read */
#include "cases/fops/play.h"

/* On an idle host the guest takes some 20 ms; beside twenty others, 4 s were seen. */
#define ANSWER_MS 10000
#define ROUNDS	  3
/*
 * Of bytes that nobody reads QEMU holds none but those of one buffer: a port's output stays in the
 * guest's queue (one element of up to 1024 descriptors is taken out of it: struct VirtIOSerialPort,
 * elem), what comes from a host is read only if the device takes it (io_watch_poll_prepare() of
 * qemu/chardev/char-io.c), 4096 bytes at a time (CHR_READ_BUF_LEN), which only udp keeps (struct
 * UdpChardev, buf). That is less than 64 KiB; the rest is for what QEMU's heap does while the guest
 * works: up to 240 KiB were seen. And that heap has some 4 MB free since QEMU began, which it fills
 * before it grows: a script that is to see bytes that are kept sends more.
 */
#define SLACK_KIB 512
/*
 * And TCG's tables of pages (tlb_mmu_resize_locked() in qemu/accel/tcg/cputlb.c) are small while
 * the guest has done little since its state was loaded. Once it works they take a MiB more and
 * stay so; a burst of work takes another one, and soon they have given that back.
 */
#define WARM_UP	  10
#define SHRINK_MS 10000

/* The guest, which has one CPU, and the monitor. */
static void answers(struct play *p)
{
	struct vm *vm = &p->t->rig.vm;
	int64_t began = now_ns(), between;

	CHECK(p->t, guest_run(&vm->guest, NULL, deadline_in(ANSWER_MS), ":") == 0,
	      "the guest does not answer over ssh: %s", vm->guest.error.data);
	between = now_ns();
	CHECK(p->t, qmp_cmd(&vm->qmp, deadline_in(ANSWER_MS), "query-status", NULL) == QMP_OK,
	      "QEMU's monitor does not answer");
	trial_note(p->t, "the guest answers in %.1f ms, the monitor in %.1f ms",
		   (double)(between - began) / 1e6, (double)(now_ns() - between) / 1e6);
}

void play_weigh(struct play *p)
{
	const struct vm *vm = &p->t->rig.vm;

	for (int i = 0; i < WARM_UP; i++)
		answers(p);
	footprint_read(&p->weight, vm->pid, vm->config.memory_mb);
	trial_note(p->t, "QEMU has %lu KiB of its own, %u descriptors", p->weight.own_kib,
		   p->weight.descriptors);
}

/* What QEMU has by now: more than it may have only if it does not become less. */
static struct footprint await_light(struct play *p)
{
	const struct vm *vm = &p->t->rig.vm;
	struct deadline d = deadline_in(SHRINK_MS);
	struct footprint now;

	do {
		answers(p);
		footprint_read(&now, vm->pid, vm->config.memory_mb);
	} while (now.own_kib > p->weight.own_kib + SLACK_KIB && !deadline_passed(d));
	return now;
}

void play_watch(struct play *p)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct footprint now = await_light(p);

		trial_note(p->t, "QEMU has %+ld KiB of its own, %+d descriptors",
			   (long)(now.own_kib - p->weight.own_kib),
			   (int)(now.descriptors - p->weight.descriptors));
		CHECK(p->t, now.own_kib <= p->weight.own_kib + SLACK_KIB,
		      "QEMU has grown from %lu to %lu KiB while an end does not read",
		      p->weight.own_kib, now.own_kib);
		CHECK(p->t, now.descriptors == p->weight.descriptors,
		      "QEMU had %u descriptors, and has %u while an end does not read",
		      p->weight.descriptors, now.descriptors);
	}
}
