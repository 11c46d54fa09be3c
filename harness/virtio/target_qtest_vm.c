// SPDX-License-Identifier: GPL-2.0-or-later
/* target_qtest_vm.c - QEMU as a target: what goes through its monitor */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/host/port_told.h"
#include "harness/virtio/target_qtest_private.h"

/* The PC's ACPI hotplug registers (qemu/docs/specs/acpi_pci_hotplug.rst), and those of q35
 * (ACPI_PCIHP_ADDR_ICH9), where a bus behind a root port counts before the root's own: which bus,
 * which slots to eject. A guest's AML would do that when it is asked to let a device go. */
#define ACPI_PC	   0xae00
#define ACPI_Q35   0xcc0
#define ACPI_EJECT 0x8
#define ACPI_BUS   0x10

/* A command; refused: the words in @refusal. No answer, or an end: the target has ended. */
static bool judge(struct target_qtest *t, enum qmp_result r, const char *command)
{
	struct vm *vm = &t->rig->vm;
	struct buf why = BUF_INIT;

	buf_clear(&t->base.refusal);
	if (r == QMP_OK)
		return true;
	if (r == QMP_ERROR) {
		buf_addstr(&t->base.refusal, vm->qmp.error_desc.data);
		return false;
	}
	vm_qmp_trouble(vm, r, command, &why);
	target_ended(&t->base, vm->proc.ended ? TARGET_DIED : TARGET_HUNG, "%s", why.data);
	buf_release(&why);
	return false;
}

static bool command(struct target_qtest *t, const char *name, const char *member, const char *value)
{
	struct qmp *q = &t->rig->vm.qmp;

	t->tree_known = false;
	if (!target_qtest_sync(t))
		return false;
	if (!member)
		return judge(t, qmp_cmd(q, deadline_in(QMP_MS), name, NULL), name);
	return judge(t, qmp_cmd(q, deadline_in(QMP_MS), name, "{\"%s\": \"%s\"}", member, value),
		     name);
}

static bool event(struct target_qtest *t, const char *name, const char *key, const char *value)
{
	return judge(t, qmp_event(&t->rig->vm.qmp, deadline_in(QMP_MS), name, key, value), name);
}

bool target_qtest_host_break(struct target *base, unsigned nr)
{
	return command(of_target(base), "chardev-send-break", "id", target_qtest_chr_id(nr));
}

bool target_qtest_backend_plug(struct target *base, unsigned nr)
{
	struct target_qtest *t = of_target(base);
	struct chr *c = rig_add_chr(t->rig, target_qtest_chr_id(nr), CHR_UNIX, CHR_QEMU_LISTENS);

	buf_clear(&base->refusal);
	return target_qtest_sync(t) && rig_plug_chr(t->rig, c, &base->refusal);
}

bool target_qtest_backend_unplug(struct target *base, unsigned nr)
{
	struct target_qtest *t = of_target(base);

	if (!command(t, "chardev-remove", "id", target_qtest_chr_id(nr)))
		return false;
	chr_close(rig_chr(t->rig, target_qtest_chr_id(nr)));
	return true;
}

static bool plug_port(struct target_qtest *t, const struct target_port *p)
{
	struct buf text = BUF_INIT;
	bool ok;

	buf_addf(&text, "%s,bus=ser0.0,id=port%u,nr=%u",
		 p->console ? "virtconsole" : "virtserialport", p->nr, p->nr);
	if (p->name)
		buf_addf(&text, ",name=%s", p->name);
	if (!p->no_chardev)
		buf_addf(&text, ",chardev=%s", target_qtest_chr_id(p->nr));
	buf_clear(&t->base.refusal);
	t->tree_known = false;
	ok = target_qtest_sync(t) && rig_plug_device(t->rig, text.data, &t->base.refusal);
	buf_release(&text);
	return ok;
}

/* Is there a backend for port @nr? */
static bool has_backend(struct target_qtest *t, unsigned nr)
{
	struct qmp *q = &t->rig->vm.qmp;

	return target_qtest_sync(t) &&
	       judge(t, qmp_cmd(q, deadline_in(QMP_MS), "query-chardev", NULL), "query-chardev") &&
	       qmp_find(q, "", "label", target_qtest_chr_id(nr)) >= 0;
}

bool target_qtest_backend_change(struct target *base, unsigned nr)
{
	struct target_qtest *t = of_target(base);

	buf_clear(&base->refusal);
	t->tree_known = false;
	return has_backend(t, nr) &&
	       rig_change_chr(t->rig, target_qtest_chr_id(nr), &base->refusal);
}

bool target_qtest_plug(struct target *base, const struct target_port *port)
{
	struct target_qtest *t = of_target(base);

	if (!port->no_chardev && !has_backend(t, port->nr) &&
	    !target_qtest_backend_plug(base, port->nr))
		return false;
	return plug_port(t, port);
}

bool target_qtest_unplug(struct target *base, unsigned nr, bool keep_backend)
{
	struct target_qtest *t = of_target(base);
	char id[16];

	snprintf(id, sizeof(id), "port%u", nr);
	/* A port of that name may have gone with its controller. */
	qmp_forget_events(&t->rig->vm.qmp);
	if (!command(t, "device_del", "id", id) || !event(t, "DEVICE_DELETED", "device", id))
		return false;
	return keep_backend || !has_backend(t, nr) || target_qtest_backend_unplug(base, nr);
}

bool target_qtest_controller_unplug(struct target *base)
{
	struct target_qtest *t = of_target(base);
	const char *id = base->config.uart ? "uart0" : "ser0";
	uint16_t acpi = base->config.express ? ACPI_Q35 : ACPI_PC;

	buf_clear(&base->refusal);
	qmp_forget_events(&t->rig->vm.qmp);
	if (!command(t, "device_del", "id", id))
		return false;
	target_out(base, acpi + ACPI_BUS, 4, 0);
	target_out(base, acpi + ACPI_EJECT, 4, 1U << (base->config.express ? 0 : TARGET_SLOT));
	return target_qtest_sync(t) && event(t, "DEVICE_DELETED", "device", id);
}

bool target_qtest_controller_plug(struct target *base)
{
	struct target_qtest *t = of_target(base);
	struct plan plan = {0};
	bool ok = true;

	buf_clear(&base->refusal);
	if (!target_qtest_sync(t))
		return false;
	/* Backends of ports that were unplugged are needed again. */
	for (size_t i = 0; i < base->config.n_ports; i++) {
		const struct target_port *p = &base->config.ports[i];

		if (!p->no_chardev && !has_backend(t, p->nr) &&
		    !target_qtest_backend_plug(base, p->nr))
			return false;
	}
	/* Not the rig's plan: it is of the machine that was loaded last, with that one's ports. */
	target_qtest_plan(&base->config, &plan);
	for (size_t i = 0; ok && i < plan.devices.n; i++)
		ok = rig_plug_device(t->rig, plan.devices.v[i], &base->refusal);
	plan_release(&plan);
	return ok;
}

bool target_qtest_stop(struct target *base)
{
	return command(of_target(base), "stop", NULL, NULL);
}

bool target_qtest_cont(struct target *base)
{
	return command(of_target(base), "cont", NULL, NULL);
}

bool target_qtest_reset(struct target *base)
{
	struct target_qtest *t = of_target(base);

	qmp_forget_events(&t->rig->vm.qmp);
	if (!command(t, "system_reset", NULL, NULL) || !event(t, "RESET", NULL, NULL))
		return false;
	target_qtest_route(t);
	return target_qtest_sync(t);
}

bool target_qtest_save(struct target *base, struct buf *state)
{
	struct target_qtest *t = of_target(base);

	buf_clear(&base->refusal);
	if (!target_qtest_sync(t) || !warm_save(&t->rig->vm, &base->refusal))
		return false;
	if (!buf_read_file(state, WARM_STATE))
		die_errno("unable to read %s", WARM_STATE);
	return true;
}

/* The state has come, and the machine runs: also one that was saved while it was stopped, of which
 * no event tells. */
static enum qmp_result await_state(struct qmp *q, struct deadline d)
{
	for (;;) {
		enum qmp_result r = qmp_cmd(q, d, "query-status", NULL);
		char *status = r == QMP_OK ? qmp_get(q, "status") : NULL;
		bool coming = status && strcmp(status, "inmigrate") == 0;
		bool running = status && strcmp(status, "running") == 0;

		free(status);
		if (r != QMP_OK || running)
			return r;
		if (!coming)
			return qmp_cmd(q, d, "cont", NULL);
		if (deadline_passed(d))
			return QMP_TIMEOUT;
		io_poll(NULL, 0, deadline_in(1));
	}
}

/* From 8.2 on "file:" is there, from 11 on "fd:" refuses plain files (see warm.h). */
static bool load_state(struct target_qtest *t, struct buf *why)
{
	struct qmp *q = &t->rig->vm.qmp;
	bool by_name = caps_version_at_least(t->rig->vm.config.caps, 8, 2, 0);
	enum qmp_result r = QMP_OK;
	int fd;

	if (!by_name) {
		fd = open(WARM_STATE, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			die_errno("unable to open %s", WARM_STATE);
		r = qmp_cmd_fd(q, deadline_in(QMP_MS), fd, "getfd", "{\"fdname\": \"state\"}");
		io_close(&fd);
	}
	if (r == QMP_OK)
		r = qmp_cmd(q, deadline_in(QMP_MS), "migrate-incoming", "{\"uri\": \"%s\"}",
			    by_name ? "file:" WARM_STATE : "fd:state");
	if (r == QMP_OK)
		r = await_state(q, deadline_in(QMP_MS));
	if (r != QMP_OK)
		vm_qmp_trouble(&t->rig->vm, r, "migrate-incoming", why);
	return r == QMP_OK;
}

/* QEMU ends with status 1 when it does not take a state. */
static bool was_refused(const struct target_qtest *t)
{
	const struct proc *p = &t->rig->vm.proc;

	return p->ended && WIFEXITED(p->status) && WEXITSTATUS(p->status) == 1;
}

/* The machine that was there has ended; here comes one with this topology. */
static bool successor(struct target_qtest *t, const struct target_config *config, bool incoming,
		      struct buf *why)
{
	struct vm_config vm = t->rig->vm.config;

	rig_release(t->rig);
	plan_release(&t->plan);
	target_qtest_plan(config, &t->plan);
	if (incoming)
		strv_pushl(&t->plan.args, "-incoming", "defer", NULL);
	vm.machine = t->plan.machine;
	rig_init(t->rig, &vm, &t->plan);
	t->base.config = *config;
	t->log_seen = 0;
	t->tree_known = false;
	qtest_release(&t->q);
	qtest_init(&t->q, QTEST_SOCKET, TARGET_QTEST_LOG);
	return rig_up(t->rig, NULL, why) && target_qtest_begin(t, why);
}

bool target_qtest_load(struct target *base, const struct target_config *config,
		       const struct buf *state, const unsigned *open_, size_t n_open)
{
	struct target_qtest *t = of_target(base);
	struct buf why = BUF_INIT;
	bool ok;

	buf_clear(&base->refusal);
	file_write(WARM_STATE, state->data, state->len);
	ok = target_qtest_sync(t) && vm_quit(&t->rig->vm, &base->refusal) &&
	     successor(t, config, true, &base->refusal);
	for (size_t i = 0; ok && i < n_open; i++)
		ok = chr_open(rig_chr(t->rig, target_qtest_chr_id(open_[i])), deadline_in(QMP_MS),
			      &base->refusal);
	/* Two turns of the main loop: the connections are accepted before the state comes. */
	if (ok && target_qtest_trip(t) && target_qtest_trip(t) && load_state(t, &base->refusal))
		return true;
	if (!ok || !was_refused(t) || !successor(t, config, false, &why))
		target_ended(base, TARGET_DIED, "%s%s", base->refusal.data, why.data);
	buf_release(&why);
	return false;
}

bool target_qtest_again(struct target_qtest *t, const struct target_config *config, struct buf *why)
{
	struct target base = t->base;

	if (base.end == TARGET_ALIVE && !vm_quit(&t->rig->vm, why))
		return false;
	target_init(&t->base, base.ops, base.name, config);
	buf_release(&base.why);
	buf_release(&base.refusal);
	return successor(t, config, false, why);
}

bool target_qtest_port_state(struct target *base, unsigned nr, struct target_port_state *state)
{
	struct target_qtest *t = of_target(base);
	struct qmp *q = &t->rig->vm.qmp;
	struct port_told told;
	char id[16];

	if (!target_qtest_sync(t))
		return false;
	if (!t->tree_known) {
		if (!judge(t, qmp_hmp(q, deadline_in(QMP_MS), "info qtree"), "info qtree"))
			return false;
		buf_clear(&t->tree);
		buf_addstr(&t->tree, q->answer.data);
		t->tree_known = true;
	}
	snprintf(id, sizeof(id), "port%u", nr);
	state->exists = port_told_parse(t->tree.data, id, &told);
	if (state->exists) {
		state->guest = told.guest;
		state->host = told.host;
		state->throttled = told.throttled;
	}
	return true;
}

/* qemu/hw/char/virtio-serial-bus.c, hw/virtio/virtio.c, hw/virtio/virtio-pci.c: error_report() */
static const struct {
	const char *words;
	unsigned mask;
} classes[] = {
	{"Unexpected port id", TARGET_LOG_UNEXPECTED_PORT},
	{"Guest failure in adding", TARGET_LOG_GUEST_FAILURE},
	{"zero sized buffers are not allowed", TARGET_LOG_ZERO_SIZED},
	{"Looped descriptor", TARGET_LOG_LOOPED},
	{"Desc next is", TARGET_LOG_BAD_NEXT},
	{"Guest says index", TARGET_LOG_BAD_HEAD},
	{"bogus descriptor or out of resources", TARGET_LOG_BOGUS},
	{"Incorrect order for descriptors", TARGET_LOG_ORDER},
	{"Guest moved used index", TARGET_LOG_MOVED_INDEX},
	{"Invalid size for indirect buffer table", TARGET_LOG_INDIRECT},
	{"Virtqueue size exceeded", TARGET_LOG_TOO_MANY},
	{"too many write descriptors", TARGET_LOG_TOO_MANY},
	{"Cannot map", TARGET_LOG_UNMAPPED},
	{"Failed to map", TARGET_LOG_UNMAPPED}, /* since 11.1 */
	{"wrong value for queue_enable", TARGET_LOG_BAD_ENABLE},
	{"exceeds max size", TARGET_LOG_BAD_SIZE},
	{"Region caches not initialized", TARGET_LOG_NO_TABLE},
	/* Not the device's word: qemu/system/memory.c access_with_adjusted_size(), of a buffer in
	 * the device's own registers. It reads as nothing. */
	{"Blocked re-entrant IO", 0},
};

static unsigned classify(const char *line)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (strstr(line, classes[i].words))
			return classes[i].mask;
	return TARGET_LOG_OTHER;
}

unsigned target_qtest_log(struct target *base)
{
	struct target_qtest *t = of_target(base);
	struct buf text = BUF_INIT;
	struct strv lines = {NULL, 0};
	unsigned mask = 0;

	if (!buf_read_file(&text, VM_ERR))
		die_errno("unable to read %s", VM_ERR);
	if (text.len > t->log_seen)
		strv_split(&lines, text.data + t->log_seen, "\n");
	t->log_seen = text.len;
	for (size_t i = 0; i < lines.n; i++)
		mask |= classify(lines.v[i]);
	strv_release(&lines);
	buf_release(&text);
	return mask;
}
