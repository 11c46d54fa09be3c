// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fake_qemu_verbs.c - what the fake QEMU answers when it behaves
 *
 * It takes commands apart by looking for "key": in the line, not with a JSON parser: what it reads
 * comes from our own qmp.c, one command a line, and a parser in common could be wrong on both
 * sides.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/selftest/fake_qemu.h"

struct strv fake_chardevs;
const char *fake_run_state = "running";
static struct strv devices;

static const char *const machines[] = {"none", "pc-q35-10.0", "q35", "pc-i440fx-10.0",
				       "pc",   "microvm",     NULL};
static const char *const accels[] = {"tcg-accel", NULL};
static const char *const backends[] = {"null", "socket", "udp",	  "pty",     "pipe", "file",
				       "mux",  "memory", "stdio", "ringbuf", NULL};
static const char *const models[] = {
	"virtio-serial-pci", "virtserialport", "virtconsole", "isa-serial",
	"isa-debugcon",	     "pci-serial",     "usb-serial",  "qemu-xhci",
	"virtio-net-pci",    "virtio-rng-pci", NULL};
static const char *const properties[] = {"chardev", "name", "nr", "index", "iobase", "irq", NULL};

const char *fake_arg(const char *line, const char *key)
{
	static char values[8][256];
	static unsigned next;
	char *value = values[next++ % 8], *end = value, *quoted = xasprintf("\"%s\":", key);
	const char *p = strstr(line, quoted);

	if (p) {
		p += strlen(quoted);
		p += strspn(p, " ");
	}
	free(quoted);
	if (p && *p == '"')
		for (p++; *p && *p != '"' && end < value + 255; p++) {
			if (*p == '\\' && p[1])
				p++;
			*end++ = *p;
		}
	*end = '\0';
	return value;
}

/* A list of objects with a name each. */
static void add_names(struct buf *out, const char *const *names)
{
	buf_addstr(out, "[");
	for (size_t i = 0; names[i]; i++)
		buf_addf(out, "%s{\"name\": \"%s\"}", i ? ", " : "", names[i]);
	buf_addstr(out, "]");
}

static bool strv_remove(struct strv *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], s) == 0) {
			free(l->v[i]);
			memmove(l->v + i, l->v + i + 1, (l->n-- - i) * sizeof(*l->v));
			return true;
		}
	return false;
}

/* The verbs: each appends what goes under "return" (nothing: {}), or returns why it refuses. */
typedef const char *verb_fn(const char *line, struct buf *out);

static const char *do_version(const char *line, struct buf *out)
{
	(void)line;
	buf_addf(out,
		 "{\"qemu\": {\"micro\": %u, \"minor\": %u, \"major\": %u}, \"package\": \"%s\"}",
		 fake_version[2], fake_version[1], fake_version[0], fake_package.data);
	return NULL;
}

static const char *do_status(const char *line, struct buf *out)
{
	(void)line;
	buf_addf(out, "{\"status\": \"%s\", \"running\": %s}", fake_run_state,
		 strcmp(fake_run_state, "running") == 0 ? "true" : "false");
	return NULL;
}

static const char *do_stop(const char *line, struct buf *out)
{
	(void)line;
	(void)out;
	fake_run_state = "paused";
	fake_send_event("STOP", "");
	return NULL;
}

static const char *do_cont(const char *line, struct buf *out)
{
	(void)line;
	(void)out;
	fake_run_state = "running";
	fake_send_event("RESUME", "");
	return NULL;
}

static const char *do_types(const char *line, struct buf *out)
{
	static const char *const none[] = {NULL};
	const char *what = fake_arg(line, "implements");

	add_names(out, strcmp(what, "device") == 0  ? models
		       : strcmp(what, "accel") == 0 ? accels
						    : none);
	return NULL;
}

static const char *do_properties(const char *line, struct buf *out)
{
	for (size_t i = 0; models[i]; i++)
		if (strcmp(models[i], fake_arg(line, "typename")) == 0) {
			add_names(out, properties);
			return NULL;
		}
	return "Device not found";
}

static const char *do_machines(const char *line, struct buf *out)
{
	(void)line;
	add_names(out, machines);
	return NULL;
}

static const char *do_backends(const char *line, struct buf *out)
{
	(void)line;
	add_names(out, backends);
	return NULL;
}

static const char *do_netdev_add(const char *line, struct buf *out)
{
	(void)line;
	(void)out;
	return fake_mode("no-slirp") ? "Parameter 'type' expects a netdev backend type" : NULL;
}

static const char *do_chardev_add(const char *line, struct buf *out)
{
	const char *id = fake_arg(line, "id");

	(void)out;
	if (!*id || strv_has(&fake_chardevs, id))
		return "a chardev needs an id of its own";
	strv_push(&fake_chardevs, id);
	return NULL;
}

static const char *do_chardev_remove(const char *line, struct buf *out)
{
	(void)out;
	return strv_remove(&fake_chardevs, fake_arg(line, "id")) ? NULL : "Chardev not found";
}

static const char *do_query_chardev(const char *line, struct buf *out)
{
	(void)line;
	buf_addstr(out, "[");
	for (size_t i = 0; i < fake_chardevs.n; i++)
		buf_addf(out,
			 "%s{\"label\": \"%s\", \"filename\": \"null\", \"frontend-open\": true}",
			 i ? ", " : "", fake_chardevs.v[i]);
	buf_addstr(out, "]");
	return NULL;
}

static const char *do_device_add(const char *line, struct buf *out)
{
	const char *driver = fake_arg(line, "driver"), *id = fake_arg(line, "id");

	(void)out;
	if (*id && strv_has(&devices, id))
		return "Duplicate device ID";
	for (size_t i = 0; models[i]; i++)
		if (strcmp(models[i], driver) == 0) {
			if (*id)
				strv_push(&devices, id);
			return NULL;
		}
	return "not a valid device model name";
}

static const char *do_device_del(const char *line, struct buf *out)
{
	const char *id = fake_arg(line, "id");
	char *data;

	(void)out;
	if (!strv_remove(&devices, id))
		return "Device not found";
	data = xasprintf("\"device\": \"%s\", \"path\": \"/machine/peripheral/%s\"", id, id);
	fake_send_event("DEVICE_DELETED", data);
	free(data);
	return NULL;
}

static const char *do_migrate(const char *line, struct buf *out)
{
	const char *status = fake_mode("migration=");
	char *data = xasprintf("\"status\": \"%s\"", status ? status : "completed");

	(void)line;
	(void)out;
	fake_send_event("MIGRATION", "\"status\": \"setup\"");
	fake_send_event("MIGRATION", data);
	free(data);
	return NULL;
}

static const char *do_migrate_continue(const char *line, struct buf *out)
{
	(void)line;
	(void)out;
	fake_send_event("MIGRATION", "\"status\": \"completed\"");
	return NULL;
}

static const char *do_hmp(const char *line, struct buf *out)
{
	if (strcmp(fake_arg(line, "command-line"), "info version") == 0)
		buf_addf(out, "\"%u.%u.%u%s\\r\\n\"", fake_version[0], fake_version[1],
			 fake_version[2], fake_package.data);
	else
		buf_addstr(out, "\"\"");
	return NULL;
}

static const struct {
	const char *name;
	verb_fn *run; /* NULL: nothing but {} */
} verbs[] = {
	{"qmp_capabilities", NULL},
	{"query-version", do_version},
	{"query-status", do_status},
	{"stop", do_stop},
	{"cont", do_cont},
	{"qom-list-types", do_types},
	{"device-list-properties", do_properties},
	{"query-machines", do_machines},
	{"query-chardev-backends", do_backends},
	{"netdev_add", do_netdev_add},
	{"netdev_del", NULL},
	{"chardev-add", do_chardev_add},
	{"chardev-remove", do_chardev_remove},
	{"query-chardev", do_query_chardev},
	{"device_add", do_device_add},
	{"device_del", do_device_del},
	{"migrate", do_migrate},
	{"migrate-continue", do_migrate_continue},
	{"human-monitor-command", do_hmp},
	{"quit", NULL},
};
#define N_VERBS (sizeof(verbs) / sizeof(*verbs))

const char *fake_verb(const char *command, const char *line, struct buf *out)
{
	for (size_t i = 0; i < N_VERBS; i++)
		if (strcmp(verbs[i].name, command) == 0 && verbs[i].run)
			return verbs[i].run(line, out);
	return NULL;
}
