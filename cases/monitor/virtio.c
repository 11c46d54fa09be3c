// SPDX-License-Identifier: GPL-2.0-or-later
/* virtio.c - what the x-query-virtio commands tell of a driven virtio-serial device */
#include <stdlib.h>
#include <string.h>

#include "cases/monitor/monitor.h"

#define PATH  "/machine/peripheral/ser0/virtio-backend"
#define OUT   (2 * 1 + 3) /* virtio-1.2 5.3.2: the transmit queue of port 1 */
#define SENDS 5

static void port_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	bare_plan_machine(plan);
	bare_plan_front(plan, "virtserialport", "c0");
	bare_chardev(plan, "ringbuf,id=c0");
}

/* The answer's value at @key is @want. */
static void is(struct bare *b, const char *key, const char *want)
{
	char *value = qmp_get(&b->rig->vm.qmp, key);

	CHECK(b->t, value && strcmp(value, want) == 0, "%s is %s, not %s", key,
	      value ? value : "(nothing)", want);
	free(value);
}

static void is_number(struct bare *b, const char *key, unsigned long long want)
{
	char *text = xasprintf("%llu", want);

	is(b, key, text);
	free(text);
}

static void check_devices(struct bare *b)
{
	bare_qmp(b, "x-query-virtio", NULL);
	CHECK(b->t, qmp_count(&b->rig->vm.qmp, "") == 1, "there is one virtio device, not: %s",
	      b->rig->vm.qmp.answer.data);
	is(b, "0.path", PATH);
	is(b, "0.name", "virtio-serial");
}

/* Whether a text of the answer's list at @key begins with @name. */
static bool lists(struct bare *b, const char *key, const char *name)
{
	int n = qmp_count(&b->rig->vm.qmp, key);
	bool has = false;

	for (int i = 0; i < n && !has; i++) {
		char *at = xasprintf("%s.%d", key, i), *text = qmp_get(&b->rig->vm.qmp, at);

		has = text && strncmp(text, name, strlen(name)) == 0;
		free(text);
		free(at);
	}
	return has;
}

static void check_status(struct bare *b)
{
	/* virtio-1.2 2.1 */
	static const char *const bits[] = {"VIRTIO_CONFIG_S_ACKNOWLEDGE", "VIRTIO_CONFIG_S_DRIVER",
					   "VIRTIO_CONFIG_S_FEATURES_OK",
					   "VIRTIO_CONFIG_S_DRIVER_OK"};
	enum { BITS = sizeof(bits) / sizeof(*bits) };

	CHECK(b->t, monitor_cmd(b, "x-query-virtio-status", "{'path': '" PATH "'}") == QMP_OK,
	      "x-query-virtio-status: %s", b->rig->vm.qmp.error_desc.data);
	is(b, "name", "virtio-serial");
	is_number(b, "device-id", 3);
	is_number(b, "num-vqs", 2 * (FRONT_PORTS + 1));
	is(b, "device-endian", "little");
	is(b, "broken", "false");
	for (int i = 0; i < BITS; i++)
		CHECK(b->t, lists(b, "status.statuses", bits[i]), "the status lacks %s: %s",
		      bits[i], b->rig->vm.qmp.answer.data);
	CHECK(b->t, qmp_count(&b->rig->vm.qmp, "status.statuses") == BITS,
	      "the status has more bits than were set: %s", b->rig->vm.qmp.answer.data);
	CHECK(b->t, lists(b, "guest-features.dev-features", "VIRTIO_CONSOLE_F_MULTIPORT"),
	      "the driver's features lack MULTIPORT: %s", b->rig->vm.qmp.answer.data);
}

/* So many buffers have gone through the queue, and none is left in it. */
static void check_queue_at(struct bare *b, const struct ring *r, unsigned long long used)
{
	bare_qmp(b, "x-query-virtio-queue-status", "{\"path\": \"" PATH "\", \"queue\": %d}", OUT);
	is(b, "name", "virtio-serial");
	is_number(b, "queue-index", OUT);
	is_number(b, "inuse", 0);
	is_number(b, "vring-num", r->size);
	is_number(b, "vring-desc", r->desc);
	is_number(b, "vring-avail", r->driver);
	is_number(b, "vring-used", r->device);
	is_number(b, "last-avail-idx", used);
	is_number(b, "used-idx", used);
}

static void check_queue(struct bare *b)
{
	const struct ring *r = vcon_ring(&b->bus.con, OUT);
	unsigned before = r->used_idx;

	check_queue_at(b, r, before);
	for (int i = 0; i < SENDS; i++)
		bare_send(b, b->front, "x", 1);
	check_queue_at(b, r, before + SENDS);
}

/* ---- the same by HMP: hw/virtio/virtio-hmp-cmds.c */

/* Each line of @want, in this order, in what the monitor answers to @line. */
static void hmp_has(struct bare *b, const char *line, const char *const *want)
{
	char *answer = monitor_hmp(b, line), *at = answer;

	for (; *want; want++) {
		char *found = strstr(at, *want);

		CHECK(b->t, found, "%s: no \"%s\" (in its place) in: %s", line, *want, answer);
		at = found + strlen(*want);
	}
	free(answer);
}

static void hmp_status(struct bare *b)
{
	char *queues = xasprintf("num_vqs:                 %d\n", 2 * (FRONT_PORTS + 1));
	const char *const want[] = {PATH ":\n",
				    "device_name:             virtio-serial",
				    "device_id:               3\n",
				    "broken:                  false\n",
				    queues,
				    "endianness:              little\n",
				    "status:\n",
				    "VIRTIO_CONFIG_S_DRIVER_OK",
				    "Guest features:\n",
				    "VIRTIO_CONSOLE_F_MULTIPORT",
				    "Host features:\n",
				    "Backend features:",
				    NULL};

	hmp_has(b, "info virtio-status " PATH, want);
	free(queues);
}

static void hmp_queue(struct bare *b)
{
	const struct ring *r = vcon_ring(&b->bus.con, OUT);
	char *line = xasprintf("info virtio-queue-status " PATH " %d", OUT);
	char *index = xasprintf("queue_index:          %d\n", OUT);
	char *used = xasprintf("used_idx:             %u\n", r->used_idx);
	char *size = xasprintf("num:          %u\n", r->size);
	char *desc = xasprintf("desc:         0x%016llx\n", (unsigned long long)r->desc);
	const char *const want[] = {
		"device_name:          virtio-serial", index, used, size, desc, NULL};

	hmp_has(b, line, want);
	free(line);
	free(index);
	free(used);
	free(size);
	free(desc);
}

static void hmp_devices(struct bare *b)
{
	hmp_has(b, "info virtio", (const char *const[]){PATH " [virtio-serial]", NULL});
}

static const struct row {
	const char *name;
	void (*check)(struct bare *b);
} rows[] = {
	{"devices", check_devices},   {"status", check_status},	  {"queue", check_queue},
	{"hmp-devices", hmp_devices}, {"hmp-status", hmp_status}, {"hmp-queue", hmp_queue},
};

CASE(monitor_virtio, .id = "monitor.virtio",
     .title = "x-query-virtio knows the device, -status tells what the driver negotiated, "
	      "-queue-status where its ring lies and how far it is; so do HMP's info virtio ..",
     .clause = "qapi/virtio.json; hw/virtio/virtio-qmp.c", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"row", NULL}, .rows = ROWS(rows), .plan = port_plan)
{
	const struct row *row = trial_row(t);

	row->check(trial_bare(t));
}
