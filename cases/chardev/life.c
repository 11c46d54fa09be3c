// SPDX-License-Identifier: GPL-2.0-or-later
/* life.c - backends while their device or machine comes, goes, stops and ends */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cases/chardev/host.h"

#define UART_BYTES   200 /* each is a write, of which a unix socket holds 278 */
#define VIRTIO_BYTES 5001
#define STALL_BYTES  (1u << 20) /* more than a socket, a FIFO or a terminal of Linux holds */
#define SEED	     61
#define LOG	     "c0.log"
#define FILE_OUT     "c2.out" /* where chr.h has the output of a file backend c2 */

static size_t amount(const struct bare *b)
{
	return front_kind_is_virtio(b->front->kind) ? VIRTIO_BYTES : UART_BYTES;
}

static void both_ways(struct bare *b, struct stream *s)
{
	bare_exchange(b, b->front, s, amount(b), amount(b));
}

/* The driver begins anew, as after power-on. */
static void drive_again(struct bare *b)
{
	enum front_kind kind = b->front->kind;
	struct buf why = BUF_INIT;

	front_release(b->front);
	if (front_kind_is_virtio(kind)) {
		front_bus_release(&b->bus);
		CHECK(b->t, front_bus_start(&b->bus, b->target, 1, &why), "%s", why.data);
	}
	front_start(b->front, b->target, kind, b->t->plan.fronts[0].nr, &b->bus);
	buf_release(&why);
}

CASE(life_reset, .id = "life.reset",
     .title =
	     "a reset of the machine leaves its backends as they are: connected, and nothing is said "
	     "to the host",
     .clause = "qemu/qapi/machine.json system_reset", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", "chardev", NULL}, .plan = host_plan)
{
	struct bare *b = trial_bare(t);
	struct stream s = host_connected(b);

	for (int i = 0; i < 3; i++) {
		both_ways(b, &s);
		CHECK(t, target_reset(b->target), "system_reset: %s", b->target->refusal.data);
		bare_host_silent(b, &s);
		drive_again(b);
		bare_host_opened(b, b->front, true);
	}
	both_ways(b, &s);
}

CASE(life_stopped, .id = "life.stopped",
     .title =
	     "what a host sends to a machine that is stopped waits for it, all of it, and what the "
	     "device had sent before arrives at once",
     .clause = "qemu/qapi/misc.json stop, cont", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", "chardev", NULL}, .plan = host_plan)
{
	struct bare *b = trial_bare(t);
	struct stream s = host_connected(b);
	struct buf in = BUF_INIT, out = BUF_INIT;

	host_payload(&in, SEED, UART_BYTES);
	host_payload(&out, SEED + 1, UART_BYTES);
	for (int i = 0; i < 3; i++) {
		bare_send(b, b->front, out.data, out.len);
		CHECK(t, target_stop(b->target), "stop: %s", b->target->refusal.data);
		bare_host_expect(b, &s, out.data, out.len);
		bare_host_send(b, &s, in.data, in.len);
		bare_settle(b);
		CHECK(t, target_cont(b->target), "cont: %s", b->target->refusal.data);
		bare_expect(b, b->front, in.data, in.len);
		both_ways(b, &s);
	}
	bare_host_silent(b, &s);
	buf_release(&in);
	buf_release(&out);
}

/* ---- the device goes and comes back */

static void unplug(struct bare *b)
{
	bare_unplug(b, "port1");
	bare_settle(b);
}

CASE(life_replug, .id = "life.replugged",
     .title =
	     "a port is unplugged and plugged again on a backend that stays connected: the host sees "
	     "nothing of it, what it says meanwhile waits, and bytes pass at once",
     .clause = "qemu/qapi/qdev.json device_del, device_add", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", "chardev", NULL},
     .plan = host_plan)
{
	struct bare *b = trial_bare(t);
	struct stream s = host_connected(b);

	for (int i = 0; i < 3; i++) {
		both_ways(b, &s);
		unplug(b);
		bare_host_send(b, &s, "meanwhile", 9);
		bare_host_silent(b, &s);
		bare_plug(b, "c0");
		bare_host_opened(b, b->front, true);
		bare_expect(b, b->front, "meanwhile", 9);
	}
	both_ways(b, &s);
}

CASE(life_replug_stalled, .id = "life.replugged-stalled",
     .title =
	     "a port is unplugged while its host does not read: what the host gets is a beginning of "
	     "what was sent, and a port that comes after it is not held up",
     .clause = "qemu/qapi/qdev.json device_del; qemu/hw/char/virtio-console.c "
	       "virtconsole_unrealize()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", "chardev", NULL}, .plan = host_plan)
{
	struct bare *b = trial_bare(t);
	struct stream s = host_connected(b);
	struct buf out = BUF_INIT, got = BUF_INIT;
	size_t pushed;

	host_payload(&out, SEED, STALL_BYTES);
	pushed = bare_push(b, b->front, out.data, out.len);
	CHECK(t, pushed < out.len, "%zu bytes do not stall a host", out.len);
	trial_note(t, "stalled after %zu bytes", pushed);
	unplug(b);
	host_drain(b, &s, &got);
	CHECK(t, got.len && got.len <= pushed && memcmp(got.data, out.data, got.len) == 0,
	      "the host gets %zu bytes, the device took %zu, or others", got.len, pushed);
	bare_plug(b, "c0");
	bare_host_opened(b, b->front, true);
	front_pending(b->front);
	both_ways(b, &s);
	buf_release(&out);
	buf_release(&got);
}

/* ---- QEMU ends */

static void end_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	bare_plan_machine(plan);
	for (int i = 0; i < 4; i++)
		bare_plan_front(plan, "isa-serial",
				(const char *const[]){"c0", "c1", "c2", "c3"}[i]);
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c1", CHR_PIPE, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c2", CHR_FILE, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c3", CHR_TCP, CHR_QEMU_LISTENS);
	plan->chrs[0].options = "logfile=" LOG;
}

static void end_qemu(struct bare *b)
{
	static const struct {
		const char *end;
		int sig;
	} ends[] = {{"sigterm", SIGTERM}, {"sigint", SIGINT}, {"sighup", SIGHUP}};
	struct buf why = BUF_INIT;

	if (trial_is(b->t, "end", "quit")) {
		CHECK(b->t, vm_quit(&b->rig->vm, &why), "%s", why.data);
		return;
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (trial_is(b->t, "end", ends[i].end))
			proc_kill(&b->rig->vm.proc, ends[i].sig);
	bare_ended(b, 0);
}

/* What the host end had not read when QEMU ended, and then the end. */
static void rest_is(struct trial *t, struct chr *c, const struct buf *want)
{
	char *got = xcalloc(1, want->len + 1);
	size_t n = chr_read_exact(c, got, want->len + 1, deadline_in(BARE_MS));

	CHECK(t, n == want->len && memcmp(got, want->data, n) == 0,
	      "%s has %zu bytes after QEMU's end, want the %zu that were sent", c->id, n,
	      want->len);
	free(got);
}

CASE(life_end, .id = "life.end",
     .title = "however QEMU is told to end, what the devices had sent is with the hosts and in the "
	      "files, the sockets are gone, and the exit status is 0",
     .clause = "qemu/chardev/char.c qemu_chr_cleanup(); qemu/system/runstate.c "
	       "qemu_system_killed()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"end", NULL},
     .plan = end_plan)
{
	struct bare *b = trial_bare(t);
	struct chr *hosts[4];
	struct buf sent = BUF_INIT;
	struct stat st;

	host_payload(&sent, SEED, UART_BYTES);
	for (size_t i = 0; i < b->n_fronts; i++) {
		char id[] = {'c', (char)('0' + i), '\0'};

		hosts[i] = bare_open(b, id);
	}
	bare_settle(b);
	CHECK(t, stat("c0.sock", &st) == 0, "a server's socket is not there");
	for (size_t i = 0; i < b->n_fronts; i++)
		bare_send(b, &b->fronts[i], sent.data, sent.len);
	end_qemu(b);
	chr_no_more(hosts[2]);
	for (size_t i = 0; i < b->n_fronts; i++)
		rest_is(t, hosts[i], &sent);
	host_file_is(t, LOG, sent.data, sent.len);
	host_file_is(t, FILE_OUT, sent.data, sent.len);
	CHECK(t, stat("c0.sock", &st) < 0, "the server's socket is still there");
	buf_release(&sent);
}

CASE(life_end_stalled, .id = "life.end-stalled",
     .title = "QEMU ends in time though a host does not read what the device has sent",
     .clause = "qemu/chardev/char.c qemu_chr_cleanup()", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", "chardev", NULL}, .plan = host_plan)
{
	struct bare *b = trial_bare(t);
	struct buf out = BUF_INIT, why = BUF_INIT;
	struct stream s = host_connected(b);
	size_t pushed;

	host_payload(&out, SEED, STALL_BYTES);
	pushed = bare_push(b, b->front, out.data, out.len);
	CHECK(t, pushed < out.len, "%zu bytes do not stall a host", out.len);
	trial_note(t, "stalled after %zu bytes", pushed);
	CHECK(t, chr_is_open(s.chr) && vm_quit(&t->rig.vm, &why), "%s", why.data);
	buf_release(&out);
}
