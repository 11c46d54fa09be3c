// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vectors.c - how many interrupts a controller has, and which of them a byte raises
 *
 * Linux asks for one vector for changes of the configuration and one for each queue that it wants
 * to hear of; if the device has fewer, for two, the queues sharing the second; if it has not even
 * two, it uses the pin (drivers/virtio/virtio_pci_common.c vp_find_vqs()). With max_ports=4 there
 * are ten queues, and of one of them, the control queue to the host, it does not want to hear.
 */
#include <stdlib.h>
#include <string.h>

#include "cases/controller/controller.h"

#define LINE 64
/* /proc/interrupts has one CPU, in one column */
#define LINES_MAX 16

/**
 * struct interrupt - A line of /proc/interrupts of our controller
 * @count:	how often
 * @kind:	"PCI-MSI", "IO-APIC"
 * @name:	behind "virtioN": "", "-config", "-virtqueues", "-input.0"
 */
struct interrupt {
	unsigned long long count;
	char *kind, *name;
};

struct interrupts {
	struct interrupt line[LINES_MAX];
	size_t n;
};

static void vectors_plan(const struct variant *v, struct plan *plan)
{
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c2", CHR_UNIX, CHR_QEMU_LISTENS);
	strv_pushf(&plan->devices, "virtio-serial-pci,id=ser0,max_ports=4,vectors=%s",
		   variant_get(v, "vectors"));
	strv_push(&plan->devices,
		  "virtserialport,bus=ser0.0,nr=1,chardev=c1,id=port1,name=" PORT_1);
	strv_push(&plan->devices,
		  "virtserialport,bus=ser0.0,nr=2,chardev=c2,id=port2,name=" PORT_2);
}

/* One line, " 24:  12  PCI-MSI 81920-edge  virtio1-config"; the words behind the first blank. */
static void take(struct trial *t, struct interrupts *all, const char *line, const char *device)
{
	struct interrupt *i = &all->line[all->n];
	struct strv words = {NULL, 0};
	const char *name;

	strv_split(&words, line, " \t");
	if (words.n >= 4) {
		name = words.v[words.n - 1];
		CHECK(t, all->n < LINES_MAX, "more than %d interrupts of %s", LINES_MAX, device);
		CHECK(t, text_parse_u64(words.v[1], &i->count), "no count in: %s", line);
		i->kind = xstrdup(words.v[2]);
		i->name = xstrdup(name + strlen(device));
		all->n++;
	}
	strv_release(&words);
}

static void interrupts_read(struct trial *t, const char *device, struct interrupts *all)
{
	char *line = xasprintf("grep -E ' %s(-.*)?$' /proc/interrupts || true", device);
	char *out = trial_guest(t, line);
	struct strv lines = {NULL, 0};

	*all = (struct interrupts){.n = 0};
	strv_split(&lines, out, "\n");
	for (size_t i = 0; i < lines.n; i++)
		take(t, all, lines.v[i], device);
	trial_note(t, "/proc/interrupts:\n%s", out);
	strv_release(&lines);
	free(out);
	free(line);
}

static void interrupts_release(struct interrupts *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free(all->line[i].kind);
		free(all->line[i].name);
	}
}

/* The @nth (from 0) line with this name; -1: none */
static int find(const struct interrupts *all, const char *name, int nth)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->line[i].name, name) == 0 && nth-- == 0)
			return (int)i;
	return -1;
}

/* Bytes for port 2 come: which counts move? */
static void expect_moves(struct trial *t, const char *device, const char *name, int nth,
			 const char *const *still)
{
	struct interrupts before, after;
	struct traffic x;
	int at;

	traffic_init(&x, t, rig_chr(&t->rig, "c2"), NODE_2, TRAFFIC_H2G, LINE, 0);
	traffic_open_host(&x);
	traffic_start_helper(&x, true);
	/* Opening talks over the control queue; the line comes after it. */
	CHECK(t, helper_await(x.helper, "connected", NULL, 8000),
	      "the guest does not see the host");
	interrupts_read(t, device, &before);
	traffic_move(&x);
	traffic_judge(&x);
	interrupts_read(t, device, &after);
	at = find(&after, name, nth);
	CHECK(t, at >= 0 && after.n == before.n, "no interrupt %s%s", device, name);
	CHECK(t, after.line[at].count > before.line[at].count,
	      "bytes for port 2 did not raise %s%s (number %d of that name): still %llu", device,
	      name, nth, after.line[at].count);
	for (size_t i = 0; i < after.n; i++)
		for (const char *const *s = still; *s; s++)
			CHECK(t,
			      (int)i == at || strcmp(after.line[i].name, *s) != 0 ||
				      after.line[i].count == before.line[i].count,
			      "bytes for port 2 raised line %zu, %s%s, too: %llu, then %llu", i,
			      device, *s, before.line[i].count, after.line[i].count);
	traffic_release(&x);
	interrupts_release(&before);
	interrupts_release(&after);
}

static void expect_lines(struct trial *t, const char *device, size_t n, const char *kind)
{
	struct interrupts all;

	interrupts_read(t, device, &all);
	CHECK(t, all.n == n, "%zu interrupts in use, not %zu", all.n, n);
	for (size_t i = 0; i < n; i++)
		CHECK(t, strncmp(all.line[i].kind, kind, strlen(kind)) == 0,
		      "interrupt %s%s is a %s, not a %s", device, all.line[i].name,
		      all.line[i].kind, kind);
	interrupts_release(&all);
}

CASE(controller_vectors, .id = "controller.vectors",
     .title = "vectors= gives the guest so many interrupts, and bytes raise the right one",
     .clause = "virtio-1.2 4.1.4.3 (MSI-X vectors), 4.1.5.1.2; qemu/hw/virtio/virtio-serial-pci.c "
	       "vectors; linux/drivers/virtio/virtio_pci_common.c vp_find_vqs()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"vectors", NULL},
     .plan = vectors_plan)
{
	static const char *const none[] = {NULL}, *const shared[] = {"-config", NULL},
				 *const own[] = {"-config", "-input", "-input.0", "-output", NULL};
	unsigned long vectors = strtoul(trial_axis(t, "vectors"), NULL, 10);
	char *guest = controller_await(t, NODE_2);
	char *device = controller_value(t, guest, "virtio");
	char *msi = controller_value(t, guest, "msi");
	unsigned long long in_use = vectors < 2 ? 0 : vectors < 10 ? 2 : 10, msi_irqs = 0;

	CHECK(t, text_parse_u64(msi, &msi_irqs) && msi_irqs == in_use,
	      "of %lu vectors the guest has %s in use, not %llu", vectors, msi, in_use);
	free(controller_await(t, NODE_1));
	if (vectors < 2) {
		expect_lines(t, device, 1, "IO-APIC");
		expect_moves(t, device, "", 0, none);
	} else if (vectors < 10) {
		expect_lines(t, device, 2, "PCI-MSI");
		expect_moves(t, device, "-virtqueues", 0, shared);
	} else {
		/* Queues in the order of their numbers: port 0, port 1, port 2, .. */
		expect_lines(t, device, 10, "PCI-MSI");
		expect_moves(t, device, "-input", 2, own);
	}
	free(msi);
	free(device);
	free(guest);
}
