// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * props.c - the controller's properties, as QEMU's -device virtio-serial-pci has them
 *
 * Names and defaults: DEFINE_VIRTIO_COMMON_FEATURES, virtio_serial_properties[],
 * virtio_serial_pci_properties[], virtio_pci_properties[] of QEMU 10.0; "size" is ours (C-06).
 */
#include <stdlib.h>
#include <string.h>

#include "harness/refdev/private.h"

enum kind { ON_OFF, NUMBER };
/* Where a property is known */
enum { PCI_ONLY = 1, STRICT_ONLY = 2, SINCE_10 = 4, UNTIL_10 = 8 };

static const struct property {
	const char *name;
	enum kind kind;
	size_t offset;
	unsigned where;
} table[] = {
	{"max_ports", NUMBER, offsetof(struct rd_props, max_ports), 0},
	{"vectors", NUMBER, offsetof(struct rd_props, vectors), PCI_ONLY},
	{"indirect_desc", ON_OFF, offsetof(struct rd_props, indirect_desc), 0},
	{"event_idx", ON_OFF, offsetof(struct rd_props, event_idx), 0},
	{"notify_on_empty", ON_OFF, offsetof(struct rd_props, notify_on_empty), 0},
	{"any_layout", ON_OFF, offsetof(struct rd_props, any_layout), 0},
	{"iommu_platform", ON_OFF, offsetof(struct rd_props, iommu_platform), 0},
	{"packed", ON_OFF, offsetof(struct rd_props, packed), 0},
	{"queue_reset", ON_OFF, offsetof(struct rd_props, queue_reset), 0},
	{"in_order", ON_OFF, offsetof(struct rd_props, in_order), SINCE_10},
	{"emergency-write", ON_OFF, offsetof(struct rd_props, emergency_write), UNTIL_10},
	{"size", ON_OFF, offsetof(struct rd_props, size), STRICT_ONLY},
	{"page-per-vq", ON_OFF, offsetof(struct rd_props, page_per_vq), PCI_ONLY},
	{"modern-pio-notify", ON_OFF, offsetof(struct rd_props, modern_pio_notify), PCI_ONLY},
	{"x-pcie-pm-no-soft-reset", ON_OFF, offsetof(struct rd_props, pm_no_soft_reset),
	 PCI_ONLY | SINCE_10},
	{"ioeventfd", ON_OFF, offsetof(struct rd_props, ioeventfd), PCI_ONLY},
};
#define N_TABLE (sizeof(table) / sizeof(*table))

const char *const *refdev_properties(void)
{
	static const char *names[N_TABLE + 1];

	for (size_t i = 0; i < N_TABLE; i++)
		names[i] = table[i].name;
	return names;
}

static bool is_known(struct refdev *rd, const struct property *p)
{
	if (p->where & PCI_ONLY && !rd_is_pci(rd))
		return false;
	if (p->where & STRICT_ONLY && rd_quirk(rd, RD_Q_NO_SIZE))
		return false;
	if (p->where & SINCE_10 && rd_quirk(rd, RD_Q_NO_IN_ORDER))
		return false;
	return !(p->where & UNTIL_10 && rd_quirk(rd, RD_Q_NO_EMERG_PROPERTY));
}

bool refdev_has_property(const char *personality, enum refdev_transport transport, const char *name)
{
	struct refdev *rd = xcalloc(1, sizeof(*rd));
	struct buf why = BUF_INIT;
	bool has = false;

	rd->transport = transport;
	if (rd_personality(personality, &rd->quirks, &why))
		for (size_t i = 0; i < N_TABLE && !has; i++)
			has = strcmp(table[i].name, name) == 0 && is_known(rd, &table[i]);
	buf_release(&why);
	free(rd);
	return has;
}

static bool parse_value(struct refdev *rd, const struct property *p, const char *value,
			struct buf *why)
{
	char *field = (char *)&rd->props + p->offset;
	unsigned long long number;
	bool on = strcmp(value, "on") == 0 || strcmp(value, "true") == 0;

	if (p->kind == NUMBER) {
		if (!text_parse_u64(value, &number) || number > UINT32_MAX) {
			buf_addf(why, "%s: not a number: %s", p->name, value);
			return false;
		}
		*(unsigned *)(void *)field = (unsigned)number;
		return true;
	}
	if (!on && strcmp(value, "off") != 0 && strcmp(value, "false") != 0) {
		buf_addf(why, "%s: neither on nor off: %s", p->name, value);
		return false;
	}
	*(bool *)field = on;
	return true;
}

static bool parse_word(struct refdev *rd, char *word, struct buf *why)
{
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	for (size_t i = 0; value && i < N_TABLE; i++)
		if (strcmp(table[i].name, word) == 0 && is_known(rd, &table[i]))
			return parse_value(rd, &table[i], value, why);
	buf_addf(why, "Property '%s' not found", word);
	return false;
}

/* What realize functions check: virtio_serial_device_realize(), virtio_pci_device_plugged(). */
static bool check(const struct refdev *rd, struct buf *why)
{
	const struct rd_props *p = &rd->props;

	if (p->max_ports == 0)
		buf_addstr(why, "Maximum number of serial ports not specified");
	else if (p->max_ports > REFDEV_PORTS_MAX)
		buf_addf(why, "maximum ports supported: %u", REFDEV_PORTS_MAX);
	else if (p->vectors > RD_VECTORS)
		buf_addf(why, "more than %u vectors", RD_VECTORS);
	else if (p->iommu_platform && rd_pci_legacy(rd))
		buf_addstr(why, "VIRTIO_F_IOMMU_PLATFORM was supported by neither legacy nor "
				"transitional device");
	else
		return true;
	return false;
}

bool rd_props_parse(struct refdev *rd, const char *text, struct buf *why)
{
	struct strv words = {0};
	bool ok = true;

	rd->props = (struct rd_props){
		.max_ports = 31,
		.vectors = 2,
		.indirect_desc = true,
		.event_idx = true,
		.notify_on_empty = true,
		.any_layout = true,
		.queue_reset = true,
		.emergency_write = true,
		.ioeventfd = true,
	};
	if (text)
		strv_split(&words, text, ",");
	for (size_t i = 0; i < words.n && ok; i++)
		ok = parse_word(rd, words.v[i], why);
	strv_release(&words);
	return ok && check(rd, why);
}
