// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench_port.c - a big transfer through one port: the suite's, with every byte checked, against
 * socat and dd by hand on the same guest
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/bench/bench.h"

#define PORT	"org.chardev-check.bench"
#define NODE	"/dev/virtio-ports/" PORT
#define BYTES	(1ULL << 30)
#define BLOCKS	"32768" /* of 32 KiB: the same */
#define ROUNDS	3
#define OPEN_MS 10000
#define LONG_MS 60000

static void start(struct rig *r, struct guest_cmd *cmd, const char *line)
{
	if (!guest_start(&r->vm.guest, cmd, deadline_in(OPEN_MS), "%s", line))
		die("ssh to the guest: %s", r->vm.guest.error.data);
}

static void finish(struct guest_cmd *cmd)
{
	if (!guest_wait(cmd, deadline_in(LONG_MS)) || cmd->status != 0)
		die("%s in the guest failed: %s %s %s", cmd->command, cmd->guest->error.data,
		    cmd->out.data, cmd->err.data);
	guest_cmd_release(cmd);
}

static void open_host(struct chr *c)
{
	struct buf why = BUF_INIT;

	if (!chr_open(c, deadline_in(OPEN_MS), &why))
		die("%s", why.data);
	buf_release(&why);
}

static double by_suite(struct rig *r, bool to_guest)
{
	struct chr *c = rig_chr(r, "c0");
	struct payload p;
	struct pump pump;
	struct guest_cmd cmd;
	char line[200];
	int64_t began;

	open_host(c);
	payload_init(&p, 5, BYTES);
	pump_init(&pump, c, to_guest ? &p : NULL, to_guest ? NULL : &p);
	pump.stall_ms = OPEN_MS;
	snprintf(line, sizeof(line), "exec chardev-helper %s " NODE " --seed 5 --bytes %llu",
		 to_guest ? "recv" : "send", BYTES);
	began = now_ns();
	start(r, &cmd, line);
	if (pump_run(&pump) != PUMP_DONE || (pump.rx && damage_found(&pump.damage)))
		die("the transfer to be measured failed");
	finish(&cmd);
	pump_release(&pump);
	payload_release(&p);
	chr_close(c);
	return (double)(now_ns() - began) / 1e9;
}

/* The same number of zeroes by socat and dd, which check nothing. */
static double by_hand(struct rig *r, bool to_guest)
{
	static const char *const lines[2] = {
		"dd if=/dev/zero bs=32k count=" BLOCKS " of=" NODE,
		"dd if=" NODE " bs=32k of=/dev/null",
	};
	struct strv argv = {NULL, 0};
	struct proc_spec spec = PROC_SPEC(&argv);
	struct guest_cmd cmd;
	struct proc socat;
	int64_t began = now_ns();
	int error;

	strv_pushl(&argv, "socat", "-u", NULL);
	if (to_guest)
		strv_pushf(&argv, "OPEN:/dev/zero,readbytes=%llu", BYTES);
	strv_push(&argv, "UNIX-CONNECT:c0.sock");
	if (!to_guest)
		strv_push(&argv, "OPEN:/dev/null");
	error = proc_start(&socat, &spec);
	if (error)
		die("unable to start socat: %s", strerror(error));
	start(r, &cmd, lines[to_guest]);
	finish(&cmd);
	proc_release(&socat);
	strv_release(&argv);
	return (double)(now_ns() - began) / 1e9;
}

static void say_rate(const char *way, const char *how, double *seconds)
{
	char *name = xasprintf("1 GiB %s, %s", way, how);

	bench_say(name, (double)BYTES / bench_median(seconds, ROUNDS) / 1e6, "MB/s");
	free(name);
}

static void one_way(struct rig *r, bool to_guest)
{
	const char *way = to_guest ? "host to guest" : "guest to host";
	double suite[ROUNDS], hand[ROUNDS], ratio[ROUNDS];
	char *name = xasprintf("ratio %s", way);

	for (int i = 0; i < ROUNDS; i++) {
		suite[i] = by_suite(r, to_guest);
		hand[i] = by_hand(r, to_guest);
		ratio[i] = hand[i] / suite[i];
	}
	say_rate(way, "every byte checked", suite);
	say_rate(way, "socat and dd", hand);
	bench_at_least(name, bench_median(ratio, ROUNDS), "", 0.9);
	free(name);
}

void bench_port(const struct session *s)
{
	struct vm_config config = session_config(s, NULL, true);
	struct plan plan = {.cold = true};
	struct buf why = BUF_INIT;
	struct guest_cmd node;
	struct rig rig;

	plan_add_chr(&plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	strv_push(&plan.devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan.devices, "virtserialport,bus=ser0.0,chardev=c0,name=" PORT);
	rig_init(&rig, &config, &plan);
	if (!rig_up(&rig, NULL, &why))
		die("%s", why.data);
	start(&rig, &node, "exec chardev-helper wait-path " NODE " --timeout-ms 5000");
	finish(&node);
	one_way(&rig, false);
	one_way(&rig, true);
	if (!vm_quit(&rig.vm, &why))
		die("%s", why.data);
	rig_release(&rig);
	plan_release(&plan);
}
