// SPDX-License-Identifier: GPL-2.0-or-later
/* transfer.c - bytes go through a port whole, in order, both ways, and nothing else comes */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/run/traffic.h"

#define PORT	  "org.chardev-check.port.0"
#define LINK	  "/dev/virtio-ports/" PORT
#define CONSOLE	  "/dev/hvc0"
#define NODE_MS	  5000
#define OPEN_MS	  5000
#define FINISH_MS 8000
#define SEED_H2G  11
#define SEED_G2H  12
#define SEED_LOST 14
#define SMALL	  64
#define BIG	  (64ULL << 20)
/* hvc takes 16 bytes at a time from its queue. */
#define BIG_CONSOLE (4ULL << 20)
/* Around every buffer there is: Linux's page and QEMU's CHR_READ_BUF_LEN (4096), the driver's 32
 * KiB per write, a FIFO and a pty's flip buffer (65536). */
static const uint64_t edges[] = {1, 4095, 4096, 4097, 32767, 32768, 32769, 65535, 65536, 65537};

static bool is_console(const struct variant *v)
{
	return variant_is(v, "device", "virtconsole");
}

static void transfer_plan(const struct variant *v, struct plan *plan)
{
	enum chr_role role = CHR_QEMU_LISTENS;
	enum chr_kind kind = CHR_UNIX;

	if (variant_is(v, "role", "client"))
		role = CHR_QEMU_CONNECTS;
	else if (variant_is(v, "wait", "wait"))
		role = CHR_QEMU_WAITS;
	chr_kind_parse(variant_get(v, "backend"), &kind);
	plan->cold = variant_is(v, "plug", "cold");
	plan_add_chr(plan, "c0", kind, role);
	plan->chrs[0].file_input = kind == CHR_FILE && !variant_is(v, "dir", "g2h");
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_pushf(&plan->devices, "%s,bus=ser0.0,chardev=c0,id=port0,name=" PORT,
		   variant_get(v, "device"));
}

static bool transfer_possible(const struct variant *v)
{
	bool async = variant_is(v, "mode", "async");

	/* Which end comes late is one question a direction. */
	if (async && variant_is(v, "dir", "both"))
		return false;
	/* Bytes that wait are bytes that wait: their number matters to the buffers in sync mode. */
	if (async && variant_is(v, "size", "edges"))
		return false;
	/* Nobody holds a datagram writer up, and no socket buffer holds that much. */
	if (async && variant_is(v, "backend", "udp") && variant_is(v, "size", "big"))
		return false;
	/* Until somebody opens it a terminal is a cooked one, for lines and not for bytes; and a
	 * QEMU that connects has somebody who listens, so our end is not away. */
	if (async && is_console(v) &&
	    (!variant_is(v, "dir", "g2h") || variant_is(v, "role", "client")))
		return false;
	/* With wait=on the host is there before QEMU is. */
	return !async || !variant_is(v, "wait", "wait");
}

static const char *transfer_lacks(const struct variant *v, const struct caps *caps)
{
	if (variant_is(v, "backend", "file") && variant_is(v, "plug", "cold") &&
	    !variant_is(v, "dir", "g2h") && !caps_version_at_least(caps, 8, 1, 0))
		return "-chardev file has no input-path before QEMU 8.1";
	return NULL;
}

/* Is the device's host end open, as QEMU sees it? */
static bool host_is_open(struct trial *t)
{
	struct port_told port;

	CHECK(t, port_told(&t->rig.vm.qmp, deadline_in(OPEN_MS), "port0", &port),
	      "info qtree does not show the port");
	return port.host;
}

static const char *node_of(const struct trial *t)
{
	return is_console(&t->spec->variant) ? CONSOLE : LINK;
}

/* What the guest says while nobody is there is gone, and it is not held up. */
static void send_in_vain(struct trial *t, uint64_t size)
{
	helper_finish(helper_start(t, "send %s --seed %d --bytes %" PRIu64, node_of(t), SEED_LOST,
				   size),
		      FINISH_MS);
	trial_note(t, "%" PRIu64 " bytes sent while the host is away", size);
}

static void move_size(struct trial *t, struct chr *chr, uint64_t size, bool last)
{
	const struct facts *facts = facts_find(trial_axis(t, "device"), trial_axis(t, "backend"));
	bool async = trial_is(t, "mode", "async");
	bool kept = facts->early_g2h == BYTES_KEPT;
	struct traffic x, *const all[] = {&x};

	trial_note(t, "%" PRIu64 " bytes", size);
	traffic_init(&x, t, chr, node_of(t), traffic_dir(t), size, 0);
	if (async && !kept)
		send_in_vain(t, size);
	/* A console does not know when our end is accepted. That has happened once the helper says
	 * that it is there: the ssh connection goes through the same loop in QEMU, behind it. */
	if (async && kept)
		traffic_async(&x);
	else
		traffic_sync(&x);
	traffic_judge(&x);
	if (last)
		traffic_nothing_more(all, 1);
	traffic_release(&x);
}

static unsigned long long size_for(const struct variant *v)
{
	if (!variant_is(v, "size", "big"))
		return SMALL;
	return is_console(v) ? BIG_CONSOLE : BIG;
}

static void repro_sizes(const struct variant *v, struct buf *b)
{
	if (!variant_is(v, "size", "edges")) {
		buf_addf(b, "%llu", size_for(v));
		return;
	}
	for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++)
		buf_addf(b, "%s%" PRIu64, i ? " " : "", edges[i]);
}

/* The helper of one size in the guest, "$n" bytes. */
static void repro_helper(const struct variant *v, bool await_host, struct buf *b)
{
	const char *node = is_console(v) ? CONSOLE : LINK;
	const char *await = await_host ? " --await-host" : "";
	const char *pace = variant_is(v, "backend", "udp") ? TRAFFIC_UDP_PACE : "";

	if (variant_is(v, "dir", "h2g"))
		buf_addf(b, "guest \"chardev-helper recv %s%s --seed %d --bytes $n </dev/null\"\n",
			 node, await, SEED_H2G);
	else if (variant_is(v, "dir", "g2h"))
		buf_addf(b,
			 "guest \"chardev-helper send %s%s --seed %d --bytes $n%s </dev/null\"\n",
			 node, await, SEED_G2H, pace);
	else
		buf_addf(b,
			 "guest \"chardev-helper duplex %s%s --seed-tx %d --bytes-tx $n --seed-rx "
			 "%d --bytes-rx $n%s </dev/null\"\n",
			 node, await, SEED_G2H, SEED_H2G, pace);
}

/* Both ends first, then the bytes of each size. */
static void repro_sync(const struct variant *v, struct buf *b)
{
	buf_addstr(b, "mkfifo to; connect c0 <to >received & # our end, until the last size\n"
		      "exec 8>to; : >expected\nfor n in ");
	repro_sizes(v, b);
	buf_addstr(b, "; do\n");
	if (!variant_is(v, "dir", "g2h"))
		buf_addf(b, "payload %d $n >sent; cksum sent\n{ %s%s; } &\n", SEED_H2G,
			 is_console(v) ? "sleep 2; " : "", /* it is raw once the helper has it */
			 variant_is(v, "backend", "udp") ? "pace <sent >&8" : "cat sent >&8");
	if (!variant_is(v, "dir", "h2g"))
		buf_addf(b, "payload %d $n >>expected\n", SEED_G2H);
	repro_helper(v, !is_console(v), b);
	buf_addstr(b, "done\n");
}

/* One end has given all it can before the other is there. */
static void repro_async(const struct variant *v, struct buf *b)
{
	buf_addstr(b, "n=");
	repro_sizes(v, b);
	buf_addstr(b, "\n");
	if (variant_is(v, "dir", "h2g")) {
		buf_addf(b,
			 "payload %d $n >sent; cksum sent\nconnect c0 <sent >received &\n"
			 "sleep 2 # it has sent what QEMU takes; now the guest opens\n",
			 SEED_H2G);
		repro_helper(v, false, b);
		return;
	}
	buf_addf(b, "payload %d $n >expected\n", SEED_G2H);
	if (is_console(v))
		buf_addf(b,
			 "guest \"chardev-helper send " CONSOLE
			 " --seed %d --bytes $n </dev/null\" # dropped\n"
			 "connect c0 </dev/null >received &\nsleep 2 # it is connected by then\n",
			 SEED_LOST);
	else
		buf_addstr(b, "{ sleep 2; connect c0 </dev/null; } >received & # late\n");
	repro_helper(v, false, b);
}

/* By hand, in the words of repro.h. */
static void transfer_repro(const struct variant *v, struct buf *b)
{
	buf_addf(b, "guest 'chardev-helper wait-path " LINK " --timeout-ms %d </dev/null'\n",
		 NODE_MS);
	if (variant_is(v, "mode", "async"))
		repro_async(v, b);
	else
		repro_sync(v, b);
	if (variant_is(v, "dir", "h2g"))
		return;
	buf_addstr(b, "for i in 1 2 3 4 5 6 7 8 9; do # what is on its way\n"
		      "\t[ \"$(wc -c <received)\" -ge \"$(wc -c <expected)\" ] || sleep 0.5\n"
		      "done\ncmp expected received && echo 'the same bytes came'\n");
}

CASE(transfer, .id = "transfer",
     .title = "bytes pass whole, in order and once, and no byte comes that nobody sent",
     .clause = "virtio-1.2/console/device-operation/1", .level = LEVEL_MUST, .needs = NEEDS_GUEST,
     .axes = (const char *const[]){"device", "backend", "role", "wait", "mode", "size", "dir",
				   "plug", NULL},
     .possible = transfer_possible, .lacks = transfer_lacks, .plan = transfer_plan,
     .repro = transfer_repro)
{
	const struct facts *facts = facts_find(trial_axis(t, "device"), trial_axis(t, "backend"));
	struct chr *chr = rig_chr(trial_rig(t), "c0");
	/* A console's link comes with its name, which comes after its terminal. */
	struct helper *node = helper_start(t, "wait-path %s --timeout-ms %d", LINK, NODE_MS);

	helper_finish(node, NODE_MS + FINISH_MS);
	rig_lap(&t->rig, "node");
	if (facts->opens == OPENS_AT_ONCE)
		CHECK(t, host_is_open(t),
		      "QEMU shows the port's host end as closed (host off), though its "
		      "backend is open at once");
	if (!trial_is(t, "size", "edges"))
		move_size(t, chr, size_for(&t->spec->variant), true);
	for (size_t i = 0; trial_is(t, "size", "edges") && i < sizeof(edges) / sizeof(*edges); i++)
		move_size(t, chr, edges[i], i + 1 == sizeof(edges) / sizeof(*edges));
	rig_lap(&t->rig, "transfer");
}
