// SPDX-License-Identifier: GPL-2.0-or-later
/* target_qtest.c - QEMU without a guest, as a target: start, registers, memory, host ends, time */
#include "harness/virtio/target_qtest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/virtio/target_qtest_private.h"

#define ROM_SIZE 65536
#define COM2_IRQ 3
#define ROOT	 0x80002000u /* TARGET_SLOT, as mechanism 1 has it */
#define OPEN_MS	 10000
/* How a wait goes on: round trips at first, then one a millisecond. */
#define HASTE	  16
#define PAUSE_MS  1
#define SETTLE_MS 5000
/* The device is at rest when QEMU's main loop slept so many times and nothing had changed. One that
 * spins never sleeps (websocket.leaves-in-a-frame): then it is at rest when nothing has changed for
 * so many turns. What is not seen here takes three at most (a kick of the receive queue asks for
 * input, the next turn listens to the backend, the one behind it reads). */
#define CALM	  2
#define CALM_BUSY 6
#define BUSY_MS	  1000

const char *target_qtest_chr_id(unsigned nr)
{
	static char ids[512][5];

	if (nr >= sizeof(ids) / sizeof(*ids))
		die("no port has the number %u", nr);
	snprintf(ids[nr], sizeof(ids[nr]), "c%u", nr);
	return ids[nr];
}

void target_qtest_lost(struct target_qtest *t, enum qtest_result r)
{
	struct vm *vm = &t->rig->vm;
	struct buf why = BUF_INIT;

	if (r == QTEST_TIMEOUT) {
		target_ended(&t->base, TARGET_HUNG, "%s", t->q.why.data);
	} else if (vm_await_end(vm)) {
		vm_end_text(vm, &why);
		target_ended(&t->base, TARGET_DIED, "%s", why.data);
	} else {
		target_ended(&t->base, TARGET_WRONG, "%s", t->q.why.data);
	}
	buf_release(&why);
}

bool target_qtest_sync(struct target_qtest *t)
{
	enum qtest_result r;

	target_qtest_forget(t);
	r = qtest_flush(&t->q, deadline_in(QTEST_MS));

	if (r != QTEST_OK)
		target_qtest_lost(t, r);
	return r == QTEST_OK;
}

bool target_qtest_trip(struct target_qtest *t)
{
	uint64_t value;
	enum qtest_result r;

	target_qtest_forget(t);
	r = qtest_ask(&t->q, deadline_in(QTEST_MS), &value, "inb 0x80");
	if (r != QTEST_OK)
		target_qtest_lost(t, r);
	return r == QTEST_OK;
}

/* ---- interrupts */

static bool qtest_pin(struct target *base, unsigned *raised)
{
	struct target_qtest *t = of_target(base);

	if (!target_qtest_trip(t))
		return false;
	qtest_drain(&t->q);
	*raised = t->q.raised[t->pin];
	return t->q.level[t->pin];
}

/* ---- host ends */

static struct chr *host_of(struct target_qtest *t, unsigned nr)
{
	return rig_chr(t->rig, target_qtest_chr_id(nr));
}

static bool qtest_host_open(struct target *base, unsigned nr)
{
	struct target_qtest *t = of_target(base);

	t->tree_known = false;
	buf_clear(&base->refusal);
	return target_qtest_sync(t) &&
	       chr_open(host_of(t, nr), deadline_in(OPEN_MS), &base->refusal);
}

static void qtest_host_close(struct target *base, unsigned nr)
{
	struct target_qtest *t = of_target(base);

	t->tree_known = false;
	if (target_qtest_sync(t))
		chr_close(host_of(t, nr));
}

static long qtest_host_write(struct target *base, unsigned nr, const void *data, size_t len)
{
	struct target_qtest *t = of_target(base);
	const char *bytes = data;
	size_t done = 0;

	t->tree_known = false;
	while (done < len && target_qtest_sync(t)) {
		ssize_t n = chr_try_write(host_of(t, nr), bytes + done, len - done);

		if (n == CHR_EOF && !done)
			return -1;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return (long)done;
}

static long qtest_host_read(struct target *base, unsigned nr, void *data, size_t len)
{
	struct target_qtest *t = of_target(base);
	ssize_t n = -1;

	if (target_qtest_sync(t))
		n = chr_try_read(host_of(t, nr), data, len);
	t->tree_known &= n == 0;
	return n;
}

/* ---- time */

static bool qtest_clock_step(struct target *base, uint64_t ns)
{
	struct target_qtest *t = of_target(base);
	uint64_t now;

	return qtest_ask(&t->q, deadline_in(QTEST_MS), &now, "clock_step %llu",
			 (unsigned long long)ns) == QTEST_OK;
}

static bool qtest_turn(struct target *base, unsigned nth)
{
	struct target_qtest *t = of_target(base);

	t->tree_known = false;
	if (nth >= HASTE)
		io_poll(NULL, 0, deadline_in(PAUSE_MS));
	return target_qtest_trip(t);
}

/* What can be seen of QEMU's doings from here: interrupts, its words, bytes in the host ends (both
 * those for us and those that it has not taken yet). */
static uint64_t activity(struct target_qtest *t)
{
	struct stat st;
	uint64_t sum = 0;
	int bytes;

	for (size_t i = 0; i < QTEST_LINES; i++)
		sum += i == t->pin ? t->q.raised[i] : 0;
	if (stat(VM_ERR, &st) == 0)
		sum += (uint64_t)st.st_size << 8;
	for (size_t i = 0; i < t->rig->n_chrs; i++) {
		int fd = chr_poll_in(&t->rig->chrs[i]);

		if (fd >= 0 && ioctl(fd, FIONREAD, &bytes) == 0)
			sum = sum * 31 + (uint64_t)bytes;
		if (fd >= 0 && ioctl(fd, TIOCOUTQ, &bytes) == 0)
			sum = sum * 31 + (uint64_t)bytes;
	}
	return sum;
}

unsigned long target_qtest_lines(const struct target *base)
{
	return ((const struct target_qtest *)base)->q.log_lines;
}

static bool qtest_settle(struct target *base)
{
	struct target_qtest *t = of_target(base);
	struct deadline d = deadline_in(SETTLE_MS);
	uint64_t before = UINT64_MAX;
	bool busy = false;

	for (int calm = 0; calm < (busy ? CALM_BUSY : CALM);) {
		uint64_t now;

		if (deadline_passed(d) || !target_qtest_trip(t))
			return false;
		busy = busy || !vm_await_rest(&t->rig->vm, deadline_in(BUSY_MS));
		qtest_drain(&t->q);
		now = activity(t);
		calm = now == before ? calm + 1 : 0;
		before = now;
	}
	return true;
}

/* ---- life */

static void qtest_target_release(struct target *base)
{
	struct target_qtest *t = of_target(base);

	qtest_release(&t->q);
	buf_release(&t->tree);
	buf_release(&t->ahead_data);
	plan_release(&t->plan);
}

static const struct target_ops ops = {
	.in = target_qtest_in,
	.out = target_qtest_out,
	.read = target_qtest_read,
	.write = target_qtest_write,
	.mem_read = target_qtest_mem_read,
	.mem_write = target_qtest_mem_write,
	.mem_set = target_qtest_mem_set,
	.batch = target_qtest_batch,
	.expect = target_qtest_expect,
	.expect_mem = target_qtest_expect_mem,
	.pin = qtest_pin,
	.host_open = qtest_host_open,
	.host_close = qtest_host_close,
	.host_write = qtest_host_write,
	.host_read = qtest_host_read,
	.host_break = target_qtest_host_break,
	.plug = target_qtest_plug,
	.unplug = target_qtest_unplug,
	.backend_plug = target_qtest_backend_plug,
	.backend_unplug = target_qtest_backend_unplug,
	.backend_change = target_qtest_backend_change,
	.controller_unplug = target_qtest_controller_unplug,
	.controller_plug = target_qtest_controller_plug,
	.stop = target_qtest_stop,
	.cont = target_qtest_cont,
	.reset = target_qtest_reset,
	.save = target_qtest_save,
	.load = target_qtest_load,
	.port_state = target_qtest_port_state,
	.log = target_qtest_log,
	.clock_step = qtest_clock_step,
	.turn = qtest_turn,
	.settle = qtest_settle,
	.release = qtest_target_release,
};

/* What firmware does of a PCI-to-PCI bridge (PCI-to-PCI Bridge Architecture 1.2, 3.2.5): bus 1 is
 * behind it, and the addresses that harness/virtio/pci.c hands out; then it decodes. */
static void open_root_port(struct target_qtest *t)
{
	static const struct {
		unsigned reg;
		uint32_t value;
	} sets[] = {{0x18, 0x00010100}, {0x1c, 0xc0c0}, {0x20, 0xe0f0e000}, {0x04, 7}};

	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		qtest_post(&t->q, "outl 0xcf8 0x%x", ROOT | sets[i].reg);
		qtest_post(&t->q, "outl 0xcfc 0x%x", sets[i].value);
	}
}

void target_qtest_route(struct target_qtest *t)
{
	if (!target_is_pci(&t->base))
		return;
	if (t->base.config.express) {
		open_root_port(t);
		return;
	}
	qtest_post(&t->q, "outl 0xcf8 0x80000860"); /* 00:01.0, register 0x60 */
	qtest_post(&t->q, "outl 0xcfc 0x%x", TARGET_QTEST_IRQ * 0x01010101U);
}

/* The path of the second interrupt controller of a microvm: an anonymous device. */
static bool find_ioapic2(struct target_qtest *t, struct buf *path, struct buf *why)
{
	struct qmp *q = &t->rig->vm.qmp;
	enum qmp_result r =
		qmp_cmd(q, deadline_in(QMP_MS), "qom-list", "{\"path\": \"/machine/unattached\"}");
	int n = r == QMP_OK ? qmp_count(q, "") : 0;

	for (int i = 0; i < n && !path->len; i++) {
		char *at = xasprintf("%d.type", i), *type = qmp_get(q, at), *name;

		if (type && strcmp(type, "child<ioapic>") == 0) {
			free(at);
			at = xasprintf("%d.name", i);
			name = qmp_get(q, at);
			buf_addf(path, "/machine/unattached/%s", name ? name : "");
			free(name);
		}
		free(type);
		free(at);
	}
	if (!path->len)
		buf_addstr(why, "this microvm has no second interrupt controller");
	return path->len > 0;
}

bool target_qtest_begin(struct target_qtest *t, struct buf *why)
{
	struct buf path = BUF_INIT;
	enum qtest_result r = qtest_accept(&t->q, t->rig->vm.proc.pidfd, deadline_in(QTEST_MS));

	if (r != QTEST_OK) {
		buf_addstr(why, r == QTEST_TIMEOUT ? "QEMU does not connect to its qtest socket"
						   : t->q.why.data);
		return false;
	}
	t->pin = target_is_pci(&t->base) ? TARGET_QTEST_IRQ : TARGET_MMIO_SLOTS - 1;
	if (t->base.config.uart && strncmp(t->base.config.uart, "isa-", 4) == 0)
		t->pin = COM2_IRQ;
	if (target_is_pci(&t->base))
		buf_addstr(&path, "ioapic");
	else if (!find_ioapic2(t, &path, why))
		return false;
	qtest_post(&t->q, "irq_intercept_in %s", path.data);
	target_qtest_route(t);
	r = qtest_flush(&t->q, deadline_in(QTEST_MS));
	if (r != QTEST_OK)
		buf_addstr(why, t->q.why.data);
	buf_release(&path);
	return r == QTEST_OK;
}

/* 64 KiB of which only the reset vector counts: cli; hlt; and back, should an NMI come. */
static void write_rom(void)
{
	file_write(TARGET_QTEST_ROM, "", 0);
	if (truncate(TARGET_QTEST_ROM, 0xfff0) < 0)
		die_errno("unable to make %s", TARGET_QTEST_ROM);
	file_append(TARGET_QTEST_ROM, "\xfa\xf4\xeb\xfd", 4);
	if (truncate(TARGET_QTEST_ROM, ROM_SIZE) < 0)
		die_errno("unable to make %s", TARGET_QTEST_ROM);
}

bool target_qtest_start(struct target_qtest *t, struct rig *rig, const struct target_config *config,
			struct buf *why)
{
	const struct caps *caps = rig->vm.config.caps;
	int64_t began = now_ns();
	bool ok;

	*t = (struct target_qtest){.rig = rig, .tree = BUF_INIT, .ahead_data = BUF_INIT};
	snprintf(t->name, sizeof(t->name), "qemu-%d.%d.%d", caps->major, caps->minor, caps->micro);
	target_init(&t->base, &ops, t->name, config);
	write_rom();
	qtest_init(&t->q, QTEST_SOCKET, TARGET_QTEST_LOG);
	ok = rig_up(rig, NULL, why) && target_qtest_begin(t, why);
	t->up_ns = now_ns() - began;
	rig_lap(rig, "qtest");
	return ok;
}
