// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * world_test.c - the machine around the reference device in its unit tests, and its registers
 */
#include <stdlib.h>

#include "harness/refdev/refdev_testing.h"

static bool mem_ok(void *arg, uint64_t addr, uint64_t len)
{
	(void)arg;
	return len <= W_RAM && addr <= W_RAM - len;
}

/* Not to be asked for anything else. An assertion that holds costs libcheck a write(). */
static void must_be_ok(uint64_t addr, size_t len)
{
	if (!mem_ok(NULL, addr, len))
		ck_abort_msg("%zu bytes at %llx are not memory", len, (unsigned long long)addr);
}

static void mem_read(void *arg, uint64_t addr, void *data, size_t len)
{
	struct world *w = arg;

	must_be_ok(addr, len);
	memcpy(data, w->ram + addr, len);
}

static void mem_write(void *arg, uint64_t addr, const void *data, size_t len)
{
	struct world *w = arg;

	must_be_ok(addr, len);
	memcpy(w->ram + addr, data, len);
}

static void message(void *arg, uint64_t addr, uint32_t data)
{
	struct world *w = arg;

	if (mem_ok(w, addr, 4))
		put_le32(w->ram + addr, data);
	if (addr >= W_IRQS && addr < W_IRQS + 16)
		w->irqs[(addr - W_IRQS) / 4]++;
}

static void pin(void *arg, bool level)
{
	struct world *w = arg;

	w->irqs[4] += level;
}

static struct world_host *host_of(struct world *w, unsigned nr)
{
	return &w->host[nr < W_PORTS ? nr : W_PORTS];
}

static size_t host_write(void *arg, unsigned nr, const void *data, size_t len)
{
	struct world_host *h = host_of(arg, nr);
	size_t n = len < h->room ? len : h->room;

	buf_add(&h->out, data, n);
	h->room -= n;
	return n;
}

static size_t host_read(void *arg, unsigned nr, void *data, size_t len)
{
	struct world_host *h = host_of(arg, nr);
	size_t n = len < h->in.len ? len : h->in.len;

	memcpy(data, h->in.data, n);
	buf_drop(&h->in, n);
	return n;
}

static size_t host_room(void *arg, unsigned nr)
{
	return host_of(arg, nr)->room;
}

static void guest_open(void *arg, unsigned nr, bool open)
{
	struct world *w = arg;

	buf_addf(&w->trace, "event port=%u open=%d\n", nr, open);
	w->opened += open;
	w->closed += !open;
}

static const struct refdev_ops ops = {mem_ok,	  mem_read,  mem_write, message,   pin,
				      host_write, host_read, host_room, guest_open};

void world_device(struct world *w)
{
	struct buf why = BUF_INIT;

	refdev_free(w->rd);
	w->rd = refdev_new(&w->config, &why);
	ck_assert_msg(w->rd != NULL, "%s", why.data);
	buf_release(&why);
}

void world_init_as(struct world *w, const struct refdev_config *config)
{
	memset(w, 0, sizeof(*w));
	w->ram = xcalloc(1, W_RAM);
	w->heap = W_HEAP;
	for (unsigned i = 0; i <= W_PORTS; i++) {
		buf_init(&w->host[i].in);
		buf_init(&w->host[i].out);
		w->host[i].room = 1U << 20;
	}
	buf_init(&w->trace);
	w->config = *config;
	w->config.ops = &ops;
	w->config.arg = w;
	w->config.slot = 4;
	w->config.mmio_base = W_MMIO;
	world_device(w);
}

void world_init(struct world *w, enum refdev_transport transport, const char *properties,
		const char *personality, const char *faults)
{
	static const struct refdev_port ports[] = {
		{.nr = 0, .console = true},
		{.nr = 1, .name = "org.test.one"},
		{.nr = 2, .name = "two", .no_chardev = true},
	};
	const struct refdev_config config = {
		.transport = transport,
		.properties = properties ? properties : "max_ports=4",
		.personality = personality,
		.faults = faults,
		.ports = ports,
		.n_ports = 3,
	};

	world_init_as(w, &config);
}

void world_release(struct world *w)
{
	refdev_free(w->rd);
	for (unsigned i = 0; i <= W_PORTS; i++) {
		buf_release(&w->host[i].in);
		buf_release(&w->host[i].out);
	}
	buf_release(&w->trace);
	free(w->ram);
}

/* ---- registers: offset and width by transport (modern PCI, legacy PCI, MMIO); 0 width: none */

static const struct {
	uint16_t modern, legacy, mmio;
	uint8_t modern_w, legacy_w;
} regs[] = {
	[W_STATUS] = {0x14, 18, 0x70, 1, 1},   [W_QSEL] = {0x16, 14, 0x30, 2, 2},
	[W_QSIZE] = {0x18, 12, 0x38, 2, 2},    [W_QENABLE] = {0x1c, 8, 0x44, 2, 4},
	[W_QRESET] = {0x3a, 0xff, 0xc0, 2, 1}, [W_GEN] = {0x15, 0xff, 0xfc, 1, 1},
	[W_ISR] = {0x1000, 19, 0x60, 1, 1},    [W_NUMQ] = {0x12, 0xff, 0x34, 2, 2},
	[W_QVECTOR] = {0x1a, 22, 0xff, 2, 2},
};

uint32_t world_get(struct world *w, enum w_reg reg)
{
	uint64_t value = 0;
	uint32_t low;

	if (w->config.transport >= REFDEV_MMIO_MODERN) {
		refdev_read(w->rd, W_MMIO + regs[reg].mmio, 4, &value);
		return (uint32_t)value;
	}
	if (w->config.transport == REFDEV_PCI_LEGACY) {
		refdev_in(w->rd, (uint16_t)(W_BAR0 + regs[reg].legacy), regs[reg].legacy_w, &low);
		return low;
	}
	refdev_read(w->rd, W_BAR4 + regs[reg].modern, regs[reg].modern_w, &value);
	return (uint32_t)value;
}

void world_set(struct world *w, enum w_reg reg, uint32_t value)
{
	if (w->config.transport >= REFDEV_MMIO_MODERN)
		refdev_write(w->rd, W_MMIO + regs[reg].mmio, 4, value);
	else if (w->config.transport == REFDEV_PCI_LEGACY)
		refdev_out(w->rd, (uint16_t)(W_BAR0 + regs[reg].legacy), regs[reg].legacy_w, value);
	else
		refdev_write(w->rd, W_BAR4 + regs[reg].modern, regs[reg].modern_w, value);
}

static uint64_t cfg_at(struct world *w, unsigned offset)
{
	if (w->config.transport >= REFDEV_MMIO_MODERN)
		return W_MMIO + 0x100 + offset;
	return w->config.transport == REFDEV_PCI_LEGACY
		       ? W_BAR0 + (rd_msix_enabled(w->rd) ? 24 : 20) + offset
		       : W_BAR4 + 0x2000 + offset;
}

uint32_t world_cfg(struct world *w, unsigned offset, unsigned width)
{
	uint64_t value = 0;
	uint32_t low;

	if (w->config.transport == REFDEV_PCI_LEGACY) {
		refdev_in(w->rd, (uint16_t)cfg_at(w, offset), width, &low);
		return low;
	}
	refdev_read(w->rd, cfg_at(w, offset), width, &value);
	return (uint32_t)value;
}

void world_cfg_set(struct world *w, unsigned offset, unsigned width, uint32_t value)
{
	if (w->config.transport == REFDEV_PCI_LEGACY)
		refdev_out(w->rd, (uint16_t)cfg_at(w, offset), width, value);
	else
		refdev_write(w->rd, cfg_at(w, offset), width, value);
}

uint32_t world_pci(struct world *w, unsigned reg, unsigned width)
{
	uint32_t value;

	refdev_out(w->rd, 0xcf8, 4, 0x80002000U | (reg & 0xfc));
	refdev_in(w->rd, (uint16_t)(0xcfc + (reg & 3)), width, &value);
	return value;
}

void world_pci_set(struct world *w, unsigned reg, unsigned width, uint32_t value)
{
	refdev_out(w->rd, 0xcf8, 4, 0x80002000U | (reg & 0xfc));
	refdev_out(w->rd, (uint16_t)(0xcfc + (reg & 3)), width, value);
}

static uint32_t find_msix(struct world *w)
{
	uint32_t at = world_pci(w, 0x34, 1);

	while (at && world_pci(w, at, 1) != 0x11)
		at = world_pci(w, at + 1, 1);
	return at;
}

void world_bars(struct world *w, bool msix)
{
	uint32_t cap;

	if (!rd_is_pci(w->rd))
		return;
	world_pci_set(w, 0x10, 4, W_BAR0);
	world_pci_set(w, 0x14, 4, W_BAR1);
	world_pci_set(w, 0x20, 4, W_BAR4);
	world_pci_set(w, 0x24, 4, 0);
	world_pci_set(w, 4, 2, 7);
	cap = msix ? find_msix(w) : 0;
	if (!cap)
		return;
	world_pci_set(w, cap + 2, 2, 0x8000);
	for (unsigned i = 0; i < w->rd->props.vectors && i < 4; i++) {
		refdev_write(w->rd, W_BAR1 + 16 * i, 8, W_IRQS + 4 * i);
		refdev_write(w->rd, W_BAR1 + 16 * i + 8, 8, i + 1);
	}
}

static void features_word(struct world *w, bool write, unsigned n, uint64_t *value)
{
	bool mmio = w->config.transport >= REFDEV_MMIO_MODERN;
	uint64_t base = mmio ? W_MMIO : W_BAR4;
	uint64_t sel = base + (mmio ? (write ? 0x24 : 0x14) : (write ? 8 : 0));
	uint64_t at = base + (mmio ? (write ? 0x20 : 0x10) : (write ? 12 : 4));
	uint64_t part = 0;

	refdev_write(w->rd, sel, 4, n);
	if (write) {
		refdev_write(w->rd, at, 4, (uint32_t)(*value >> 32 * n));
	} else {
		refdev_read(w->rd, at, 4, &part);
		*value |= part << 32 * n;
	}
}

uint64_t world_offered(struct world *w)
{
	uint64_t value = 0;
	uint32_t low = 0;

	if (w->config.transport == REFDEV_PCI_LEGACY) {
		refdev_in(w->rd, W_BAR0, 4, &low);
		return low;
	}
	features_word(w, false, 0, &value);
	if (w->config.transport != REFDEV_MMIO_LEGACY)
		features_word(w, false, 1, &value);
	return value;
}

uint8_t world_features(struct world *w, uint64_t wanted)
{
	w->features = world_offered(w) & wanted & ~BIT(F_BAD);
	world_set(w, W_STATUS, S_ACKNOWLEDGE);
	world_set(w, W_STATUS, S_ACKNOWLEDGE | S_DRIVER);
	if (w->config.transport == REFDEV_PCI_LEGACY) {
		refdev_out(w->rd, W_BAR0 + 4, 4, (uint32_t)w->features);
		return S_ACKNOWLEDGE | S_DRIVER;
	}
	features_word(w, true, 0, &w->features);
	if (w->config.transport == REFDEV_MMIO_LEGACY)
		return S_ACKNOWLEDGE | S_DRIVER;
	features_word(w, true, 1, &w->features);
	world_set(w, W_STATUS, S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK);
	return (uint8_t)world_get(w, W_STATUS);
}
