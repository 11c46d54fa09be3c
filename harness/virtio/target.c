// SPDX-License-Identifier: GPL-2.0-or-later
/* target.c - what all targets have in common */
#include "harness/virtio/target.h"

#include <stdarg.h>
#include <string.h>

#include "harness/base/deadline.h"
#include "harness/base/die.h"

void target_init(struct target *t, const struct target_ops *ops, const char *name,
		 const struct target_config *config)
{
	*t = (struct target){.ops = ops,
			     .name = name,
			     .config = *config,
			     .why = BUF_INIT,
			     .refusal = BUF_INIT,
			     .heap = TARGET_HEAP};
}

void target_release(struct target *t)
{
	t->ops->release(t);
	buf_release(&t->why);
	buf_release(&t->refusal);
}

void target_ended(struct target *t, enum target_end end, const char *fmt, ...)
{
	va_list ap;

	if (t->end != TARGET_ALIVE)
		return;
	t->end = end;
	va_start(ap, fmt);
	buf_vaddf(&t->why, fmt, ap);
	va_end(ap);
	if (t->on_end)
		t->on_end(t->on_end_arg, t->why.data);
}

uint64_t target_alloc(struct target *t, size_t len, size_t align)
{
	uint64_t at = (t->heap + align - 1) & ~((uint64_t)align - 1);

	if (at + len > TARGET_RAM)
		die("a driver wants more than the machine's %u bytes", TARGET_RAM);
	target_mem_set(t, at, 0, len);
	t->heap = at + len;
	return at;
}

void target_free_all(struct target *t)
{
	t->heap = TARGET_HEAP;
}

static const char *const transport_names[TARGET_TRANSPORTS] = {
	[TARGET_PCI_MODERN] = "pci-modern",   [TARGET_PCI_TRANSITIONAL] = "pci-transitional",
	[TARGET_PCI_LEGACY] = "pci-legacy",   [TARGET_MMIO_MODERN] = "mmio-modern",
	[TARGET_MMIO_LEGACY] = "mmio-legacy",
};

const char *target_transport_name(enum target_transport transport)
{
	return transport_names[transport];
}

bool target_transport_find(const char *name, enum target_transport *transport)
{
	for (int i = 0; i < TARGET_TRANSPORTS; i++) {
		if (strcmp(name, transport_names[i]) == 0) {
			*transport = (enum target_transport)i;
			return true;
		}
	}
	return false;
}

bool target_is_pci(const struct target *t)
{
	return t->config.transport <= TARGET_PCI_LEGACY;
}

void target_log_names(struct buf *b, unsigned mask)
{
	static const char *const names[] = {
		"unexpected-port", "guest-failure", "zero-sized", "looped",	 "bad-next",
		"bad-head",	   "bogus",	    "order",	  "moved-index", "indirect",
		"too-many",	   "unmapped",	    "bad-enable", "bad-size",	 "no-table",
	};
	size_t from = b->len;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mask & 1U << i)
			buf_addf(b, "%s%s", b->len > from ? " " : "", names[i]);
	if (mask & TARGET_LOG_OTHER)
		buf_addf(b, "%sother", b->len > from ? " " : "");
}

const struct target_port *target_port_config(const struct target *t, unsigned nr)
{
	for (size_t i = 0; i < t->config.n_ports; i++)
		if (t->config.ports[i].nr == nr)
			return &t->config.ports[i];
	return NULL;
}

static bool alive(const struct target *t)
{
	return t->end == TARGET_ALIVE;
}

uint32_t target_in(struct target *t, uint16_t port, unsigned width)
{
	return alive(t) ? t->ops->in(t, port, width) : ~0U >> (32 - 8 * width);
}

void target_out(struct target *t, uint16_t port, unsigned width, uint32_t value)
{
	if (alive(t))
		t->ops->out(t, port, width, value);
}

uint8_t target_in8(struct target *t, uint16_t port)
{
	return (uint8_t)target_in(t, port, 1);
}

uint16_t target_in16(struct target *t, uint16_t port)
{
	return (uint16_t)target_in(t, port, 2);
}

uint32_t target_in32(struct target *t, uint16_t port)
{
	return target_in(t, port, 4);
}

void target_out8(struct target *t, uint16_t port, uint8_t value)
{
	target_out(t, port, 1, value);
}

void target_out16(struct target *t, uint16_t port, uint16_t value)
{
	target_out(t, port, 2, value);
}

void target_out32(struct target *t, uint16_t port, uint32_t value)
{
	target_out(t, port, 4, value);
}

uint64_t target_read(struct target *t, uint64_t addr, unsigned width)
{
	return alive(t) ? t->ops->read(t, addr, width) : UINT64_MAX >> (64 - 8 * width);
}

void target_write(struct target *t, uint64_t addr, unsigned width, uint64_t value)
{
	if (alive(t))
		t->ops->write(t, addr, width, value);
}

void target_mem_read(struct target *t, uint64_t addr, void *data, size_t len)
{
	if (alive(t))
		t->ops->mem_read(t, addr, data, len);
	if (!alive(t))
		memset(data, 0xff, len);
}

void target_mem_write(struct target *t, uint64_t addr, const void *data, size_t len)
{
	if (alive(t))
		t->ops->mem_write(t, addr, data, len);
}

void target_mem_set(struct target *t, uint64_t addr, uint8_t byte, size_t len)
{
	if (alive(t) && len)
		t->ops->mem_set(t, addr, byte, len);
}

static void access_one(struct target *t, struct target_access *a)
{
	switch (a->way) {
	case TARGET_IN:
		a->value = target_in(t, (uint16_t)a->addr, a->width);
		break;
	case TARGET_OUT:
		target_out(t, (uint16_t)a->addr, a->width, (uint32_t)a->value);
		break;
	case TARGET_READ:
		a->value = target_read(t, a->addr, a->width);
		break;
	case TARGET_WRITE:
		target_write(t, a->addr, a->width, a->value);
		break;
	}
}

void target_batch(struct target *t, struct target_access *a, size_t n)
{
	if (alive(t) && t->ops->batch)
		t->ops->batch(t, a, n);
	else
		for (size_t i = 0; i < n; i++)
			access_one(t, &a[i]);
}

void target_expect(struct target *t, enum target_way way, uint64_t addr, unsigned width)
{
	if (alive(t) && t->ops->expect)
		t->ops->expect(t, way, addr, width);
}

void target_expect_mem(struct target *t, uint64_t addr, size_t len)
{
	if (alive(t) && t->ops->expect_mem)
		t->ops->expect_mem(t, addr, len);
}

bool target_pin(struct target *t, unsigned *raised)
{
	*raised = 0;
	return alive(t) && t->ops->pin(t, raised);
}

bool target_host_open(struct target *t, unsigned nr)
{
	return alive(t) && t->ops->host_open(t, nr);
}

void target_host_close(struct target *t, unsigned nr)
{
	if (alive(t))
		t->ops->host_close(t, nr);
}

long target_host_write(struct target *t, unsigned nr, const void *data, size_t len)
{
	return alive(t) ? t->ops->host_write(t, nr, data, len) : -1;
}

long target_host_read(struct target *t, unsigned nr, void *data, size_t len)
{
	return alive(t) ? t->ops->host_read(t, nr, data, len) : -1;
}

bool target_host_break(struct target *t, unsigned nr)
{
	return alive(t) && t->ops->host_break && t->ops->host_break(t, nr);
}

bool target_plug(struct target *t, const struct target_port *port)
{
	return alive(t) && t->ops->plug(t, port);
}

bool target_unplug(struct target *t, unsigned nr, bool keep_backend)
{
	return alive(t) && t->ops->unplug(t, nr, keep_backend);
}

bool target_backend_plug(struct target *t, unsigned nr)
{
	return alive(t) && t->ops->backend_plug(t, nr);
}

bool target_backend_unplug(struct target *t, unsigned nr)
{
	return alive(t) && t->ops->backend_unplug(t, nr);
}

bool target_backend_change(struct target *t, unsigned nr)
{
	return alive(t) && t->ops->backend_change && t->ops->backend_change(t, nr);
}

bool target_controller_unplug(struct target *t)
{
	return alive(t) && t->ops->controller_unplug(t);
}

bool target_controller_plug(struct target *t)
{
	return alive(t) && t->ops->controller_plug(t);
}

bool target_stop(struct target *t)
{
	return alive(t) && t->ops->stop(t);
}

bool target_cont(struct target *t)
{
	return alive(t) && t->ops->cont(t);
}

bool target_reset(struct target *t)
{
	return alive(t) && t->ops->reset(t);
}

bool target_save(struct target *t, struct buf *state)
{
	return alive(t) && t->ops->save(t, state);
}

bool target_load(struct target *t, const struct target_config *config, const struct buf *state,
		 const unsigned *open, size_t n_open)
{
	return alive(t) && t->ops->load(t, config, state, open, n_open);
}

bool target_port_state(struct target *t, unsigned nr, struct target_port_state *state)
{
	*state = (struct target_port_state){0};
	return alive(t) && t->ops->port_state(t, nr, state);
}

unsigned target_log(struct target *t)
{
	return t->ops->log(t); /* the last words of one that has ended, too */
}

bool target_clock_step(struct target *t, uint64_t ns)
{
	return alive(t) && t->ops->clock_step(t, ns);
}

bool target_settle(struct target *t)
{
	return alive(t) && t->ops->settle(t);
}

bool target_until(struct target *t, bool (*met)(void *arg), void *arg, int ms)
{
	struct deadline d = deadline_in(ms);
	unsigned nth = 0;

	while (!met(arg)) {
		if (deadline_passed(d) || !alive(t) || !t->ops->turn(t, nth++))
			return met(arg);
	}
	return true;
}
