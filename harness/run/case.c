// SPDX-License-Identifier: GPL-2.0-or-later
/* case.c - the registered cases and the axes of their matrix */
#include "harness/run/case.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/die.h"

/* The linker collects what CASE puts into section "cases" between these two; weak: there may be none. */
extern const struct check_case *const __start_cases[] __attribute__((weak));
extern const struct check_case *const __stop_cases[] __attribute__((weak));

static int compare_ids(const void *a, const void *b)
{
	const struct check_case *const *x = a, *const *y = b;

	return strcmp((*x)->id, (*y)->id);
}

const struct check_case *const *cases_all(size_t *n)
{
	static const struct check_case **sorted;
	static size_t count;

	if (!sorted) {
		count = (size_t)(__stop_cases - __start_cases);
		sorted = xcalloc(count + 1, sizeof(*sorted));
		for (size_t i = 0; i < count; i++)
			sorted[i] = __start_cases[i];
		qsort(sorted, count, sizeof(*sorted), compare_ids);
		for (size_t i = 0; i < count; i++) {
			if (!sorted[i]->title || !sorted[i]->clause)
				die("case %s has no title or no clause", sorted[i]->id);
			if (i && strcmp(sorted[i]->id, sorted[i - 1]->id) == 0)
				die("two cases have the id %s", sorted[i]->id);
		}
	}
	*n = count;
	return sorted;
}

const char *level_name(enum level level)
{
	return level == LEVEL_MUST ? "MUST" : "SHOULD";
}

const char *variant_get(const struct variant *v, const char *axis)
{
	for (size_t i = 0; v->c->axes && v->c->axes[i]; i++)
		if (strcmp(v->c->axes[i], axis) == 0)
			return v->value[i];
	return NULL;
}

bool variant_is(const struct variant *v, const char *axis, const char *value)
{
	const char *is = variant_get(v, axis);

	return is && strcmp(is, value) == 0;
}

static const char *row_name(const struct rows *rows, size_t i)
{
	return *(const char *const *)((const char *)rows->name + i * rows->size);
}

const void *variant_row(const struct variant *v)
{
	const struct rows *rows = &v->c->rows;

	for (size_t i = 0; i < rows->n; i++)
		if (variant_is(v, ROW_AXIS, row_name(rows, i)))
			return (const char *)rows->at + i * rows->size;
	die("case %s has no row %s", v->c->id, variant_get(v, ROW_AXIS));
}

/* Only a stream socket has somebody who listens and somebody who connects. */
static bool role_applies(const struct variant *v)
{
	return variant_is(v, "backend", "unix") || variant_is(v, "backend", "tcp");
}

/* wait= belongs to server=on; QEMU refuses it elsewhere. */
static bool wait_applies(const struct variant *v)
{
	return variant_is(v, "role", "server");
}

/* The others have one port. */
static bool port_applies(const struct variant *v)
{
	return variant_is(v, "device", "pci-serial-2x") || variant_is(v, "device", "pci-serial-4x");
}

#define VALUES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A packed ring needs VERSION_1. */
static bool ring_applies(const struct variant *v)
{
	return !variant_is(v, "transport", "pci-legacy") &&
	       !variant_is(v, "transport", "mmio-legacy");
}

static const struct axis axes[] = {
	{"device",
	 VALUES("virtserialport", "virtconsole", "isa-serial", "isa-debugcon", "isa-parallel",
		"pci-serial", "pci-serial-2x", "pci-serial-4x", "usb-serial"),
	 NULL},
	{"backend", VALUES("unix", "tcp", "udp", "pty", "pipe", "file", "serial"), NULL},
	{"role", VALUES("server", "client"), role_applies},
	{"wait", VALUES("wait", "nowait"), wait_applies},
	{"mode", VALUES("sync", "async"), NULL},
	{"size", VALUES("small", "edges", "big"), NULL},
	{"dir", VALUES("h2g", "g2h", "both"), NULL},
	{"plug", VALUES("hot", "cold"), NULL},
	{"order",
	 VALUES("port", "port-chardev", "port-controller", "port-chardev-controller",
		"port-controller-chardev", "controller", "controller-chardev"),
	 NULL},
	{"rounds", VALUES("20", "50", "100", "1000"), NULL},
	{"refusal",
	 VALUES("chardev-busy", "chardev-unknown", "chardev-twice", "chardev-taken",
		"chardev-missing", "id-twice", "nr-twice", "nr-zero", "nr-beyond", "name-twice",
		"device-unknown", "controller-twice", "addr-taken", "addr-beyond", "bus-unknown",
		"bus-wrong"),
	 NULL},
	{"leaves", VALUES("guest", "host", "both"), NULL},
	{"user", VALUES("reader", "writer", "poller"), NULL},
	{"controller",
	 VALUES("plain", "transitional", "non-transitional", "disable-modern", "disable-legacy",
		"packed", "iommu", "ioeventfd-off", "event-idx-off", "indirect-off"),
	 NULL},
	{"machine", VALUES("pc", "q35"), NULL},
	{"place", VALUES("slot", "last-slot", "function", "bridge", "pcie-slot", "root-port"),
	 NULL},
	{"at-boot", VALUES("plug-ports", "plug-controllers", "unplug-ports", "unplug-controllers"),
	 NULL},
	{"mmio", VALUES("legacy", "modern", "packed"), NULL},
	{"vectors", VALUES("0", "1", "2", "4", "5", "10"), NULL},
	{"smp", VALUES("1", "2", "4"), NULL},
	{"controllers", VALUES("2", "11", "26"), NULL},
	{"ports", VALUES("2", "8", "30"), NULL},
	{"log", VALUES("truncate", "append", "stamps"), NULL},
	{"form", VALUES("mon", "mon-string", "object"), NULL},
	{"addresses", VALUES("remote", "localaddr", "localport", "ipv4", "ipv6"), NULL},
	{"flow", VALUES("off", "on"), NULL},
	{"break", VALUES("telnet", "qmp"), NULL},
	{"usb", VALUES("qemu-xhci", "piix3-usb-uhci"), NULL},
	{"debugcon", VALUES("there", "absent"), NULL},
	{"graphics", VALUES("off", "on"), NULL},
	{"agent-mouse", VALUES("on", "off"), NULL},
	{"copy-paste", VALUES("on", "off"), NULL},
	{"mouse", VALUES("on", "off"), NULL},
	{"clipboard", VALUES("on", "off"), NULL},
	{"transport",
	 VALUES("pci-modern", "pci-transitional", "pci-legacy", "mmio-modern", "mmio-legacy"),
	 NULL},
	{"ring", VALUES("split", "packed"), ring_applies},
	{"port", VALUES("1", "2", "3", "4"), port_applies},
	{"seeds", VALUES("1", "2", "3"), NULL},
	{"option",
	 VALUES("none", "max-ports", "emergency-write", "indirect-desc", "event-idx",
		"notify-on-empty", "any-layout", "packed", "queue-reset", "in-order",
		"iommu-platform"),
	 NULL},
	{"chardev",
	 VALUES("null", "unix", "unix-client", "tcp", "tcp-client", "udp", "pty", "pipe", "file",
		"file-input", "serial", "ringbuf", "vc", "stdio", "msmouse", "wctablet", "testdev",
		"hub", "mux", "telnet", "tn3270", "tls-x509", "tls-psk", "tls-anon", "websocket",
		"tls-telnet", "websocket-telnet"),
	 NULL},
	{"signal", VALUES("on", "off"), NULL},
	{"end", VALUES("quit", "sigterm", "sigint", "sighup", "removed", "escape-x"), NULL},
	{"escape", VALUES("ctrl-t", "tilde"), NULL},
	{"screen", VALUES("default", "pixels", "cells", "odd", "one"), NULL},
	{"ring-size", VALUES("1", "16", "4k", "64k", "memory"), NULL},
	{"address",
	 VALUES("unix", "unix-client", "abstract", "abstract-loose", "abstract-client", "ipv4",
		"ipv6", "only-ipv4", "ipv6-only", "anywhere", "to", "ipv4-client", "ipv6-client",
		"fd-listens", "fd-waits", "fd-connected"),
	 NULL},
	{"reconnect", VALUES("ms", "s"), NULL},
	{"ip", VALUES("4", "6"), NULL},
	{"interruption",
	 VALUES("stop-cont", "host-from", "host-to", "host-both", "guest-from", "guest-to",
		"guest-both", "random-1", "random-2", "random-3", "unplug-from", "unplug-full",
		"unplug-to", "unplug-controller", "driver-held", "driver", "driver-unbound",
		"change-from", "change-to", "cpu", "memory", "memory-driver"),
	 NULL},
	{"reset", VALUES("system", "guest"), NULL},
	{"pace", VALUES("burst", "short", "burst-long", "long"), NULL},
	{"wrong",
	 VALUES("no-certificate", "stranger", "expired", "unknown-user", "wrong-key", "plain-text",
		"not-authorized", "no-such-authz", "elsewhere"),
	 NULL},
	{"way", VALUES("unix", "tcp", "file", "fd", "exec", "socat", "slow"), NULL},
	{"moves", VALUES("live", "stopped"), NULL},
	{"times", VALUES("1", "2", "5"), NULL},
	{"stands", VALUES("guest", "host"), NULL},
	{"max", VALUES("1", "2", "16", "31", "32", "33", "64", "511"), NULL},
	{"monitor", VALUES("qmp", "hmp"), NULL},
	{ROW_AXIS, (const char *const[]){NULL}, NULL},
};

const struct axis *axis_find(const char *name)
{
	for (size_t i = 0; i < sizeof(axes) / sizeof(*axes); i++)
		if (strcmp(axes[i].name, name) == 0)
			return &axes[i];
	return NULL;
}

const char *axis_nth(const struct axis *a, const struct check_case *c, size_t i)
{
	if (strcmp(a->name, ROW_AXIS) != 0)
		return a->values[i];
	if (!c->rows.n)
		die("case %s has the axis %s and no rows", c->id, ROW_AXIS);
	return i < c->rows.n ? row_name(&c->rows, i) : NULL;
}

const char *axis_value(const struct axis *a, const char *value)
{
	for (size_t i = 0; a->values[i]; i++)
		if (strcmp(a->values[i], value) == 0)
			return a->values[i];
	return NULL;
}
