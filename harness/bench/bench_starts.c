// SPDX-License-Identifier: GPL-2.0-or-later
/* bench_starts.c - from nothing to the first answer over ssh */
#include "harness/base/die.h"
#include "harness/bench/bench.h"

#define ROUNDS 5
#define RUN_MS 10000

static double start_once(const struct session *s, const struct warm *warm)
{
	struct vm_config config = session_config(s, NULL, true);
	struct plan plan = {.cold = !warm};
	struct buf why = BUF_INIT;
	int64_t began = now_ns();
	struct rig rig;
	double seconds;

	rig_init(&rig, &config, &plan);
	if (!rig_up(&rig, warm, &why))
		die("%s", why.data);
	if (guest_run(&rig.vm.guest, NULL, deadline_in(RUN_MS), "true") != 0)
		die("ssh to the guest: %s", rig.vm.guest.error.data);
	seconds = (double)(now_ns() - began) / 1e9;
	if (!vm_quit(&rig.vm, &why))
		die("%s", why.data);
	rig_release(&rig);
	return seconds;
}

static double start_median(const struct session *s, const struct warm *warm)
{
	double seconds[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		seconds[i] = start_once(s, warm);
	return bench_median(seconds, ROUNDS);
}

void bench_starts(const struct session *s)
{
	struct vm_config config = session_config(s, NULL, true);
	struct warm warm = {NULL};
	struct buf why = BUF_INIT;

	bench_at_most("cold boot to the first ssh answer", start_median(s, NULL), "s", 2.5);
	if (!warm_prepare(&warm, &config, ".", &why))
		die("%s", why.data);
	bench_at_most("warm start to the first ssh answer", start_median(s, &warm), "s", 0.5);
	warm_release(&warm);
}
