// SPDX-License-Identifier: GPL-2.0-or-later
/* target_ref.c - a machine around the reference device */
#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/wire/target_ref_private.h"

/* target.h: the device is in the last of the slots, as on microvm. */
#define MMIO_SLOT (TARGET_MMIO_BASE + (TARGET_MMIO_SLOTS - 1) * TARGET_MMIO_SIZE)
/* A bound on deferred work: each turn of the device does a part of it. */
#define TURNS_MAX 100000

struct target_ref *target_ref_of(struct target *base)
{
	return (struct target_ref *)base;
}

struct target_ref_end *target_ref_end_of(struct target_ref *t, unsigned nr)
{
	for (size_t i = 0; i < t->n_ends; i++)
		if (t->ends[i].nr == nr)
			return &t->ends[i];
	return NULL;
}

struct target_ref_end *target_ref_end_make(struct target_ref *t, unsigned nr)
{
	struct target_ref_end *e = target_ref_end_of(t, nr);

	if (!e) {
		if (t->n_ends == TARGET_PORTS_MAX)
			die("the reference machine has no room for another backend");
		e = &t->ends[t->n_ends++];
		*e = (struct target_ref_end){.nr = nr, .out = BUF_INIT, .in = BUF_INIT};
	}
	e->exists = true;
	return e;
}

void target_ref_end_empty(struct target_ref_end *e)
{
	e->open = false;
	buf_clear(&e->out);
	buf_clear(&e->in);
}

/* ---- what surrounds the device */

static bool mem_ok(void *arg, uint64_t addr, uint64_t len)
{
	(void)arg;
	return addr < TARGET_RAM && len <= TARGET_RAM - addr;
}

static void ram_read(void *arg, uint64_t addr, void *data, size_t len)
{
	struct target_ref *t = arg;

	if (!mem_ok(t, addr, len))
		die("the reference device reads %zu bytes at 0x%llx, where there is no RAM", len,
		    (unsigned long long)addr);
	memcpy(data, t->ram + addr, len);
}

/* RAM was written up to @end: a saved state has no more of the RAM than was written. */
static void reach(struct target_ref *t, uint64_t end)
{
	if (t->written < end)
		t->written = end;
}

static void ram_write(void *arg, uint64_t addr, const void *data, size_t len)
{
	struct target_ref *t = arg;

	if (!mem_ok(t, addr, len))
		die("the reference device writes %zu bytes at 0x%llx, where there is no RAM", len,
		    (unsigned long long)addr);
	memcpy(t->ram + addr, data, len);
	reach(t, addr + len);
}

static void message(void *arg, uint64_t addr, uint32_t data)
{
	const unsigned char raw[4] = {(unsigned char)data, (unsigned char)(data >> 8),
				      (unsigned char)(data >> 16), (unsigned char)(data >> 24)};

	if (mem_ok(arg, addr, sizeof(raw)))
		ram_write(arg, addr, raw, sizeof(raw));
}

static void pin_changed(void *arg, bool level)
{
	struct target_ref *t = arg;

	t->raised += level && !t->base.config.express;
}

/* With nobody there a backend takes everything and keeps nothing, as a socket of QEMU's does. */
static size_t to_host(void *arg, unsigned nr, const void *data, size_t len)
{
	struct target_ref_end *e = target_ref_end_of(arg, nr);

	if (!e || !e->open)
		return len;
	if (len > TARGET_REF_ROOM - e->out.len)
		len = TARGET_REF_ROOM - e->out.len;
	buf_add(&e->out, data, len);
	return len;
}

static size_t from_host(void *arg, unsigned nr, void *data, size_t len)
{
	struct target_ref_end *e = target_ref_end_of(arg, nr);

	if (!e)
		return 0;
	if (len > e->in.len)
		len = e->in.len;
	memcpy(data, e->in.data, len);
	buf_drop(&e->in, len);
	return len;
}

static size_t room(void *arg, unsigned nr)
{
	struct target_ref_end *e = target_ref_end_of(arg, nr);

	return e && e->open ? TARGET_REF_ROOM - e->out.len : TARGET_REF_ROOM;
}

static const struct refdev_ops device_ops = {
	.mem_ok = mem_ok,
	.mem_read = ram_read,
	.mem_write = ram_write,
	.message = message,
	.pin = pin_changed,
	.host_write = to_host,
	.host_read = from_host,
	.host_room = room,
};

struct refdev_port target_ref_port(const struct target_port *p)
{
	return (struct refdev_port){.nr = p->nr,
				    .console = p->console,
				    .name = p->name,
				    .no_chardev = p->no_chardev};
}

/* A device with the topology that base.config has; its backends are there. */
bool target_ref_device(struct target_ref *t, struct buf *why)
{
	const struct target_config *c = &t->base.config;
	struct refdev_port ports[TARGET_PORTS_MAX];
	struct refdev_config config = {.ops = &device_ops,
				       .arg = t,
				       .transport = (enum refdev_transport)c->transport,
				       .properties = c->properties,
				       .personality = t->personality,
				       .faults = t->faults,
				       .ports = ports,
				       .n_ports = c->n_ports,
				       .slot = c->express ? TARGET_EXPRESS_SLOT : TARGET_SLOT,
				       .express = c->express,
				       .stopped = t->stopped,
				       .mmio_base = MMIO_SLOT};

	for (size_t i = 0; i < c->n_ports; i++) {
		ports[i] = target_ref_port(&c->ports[i]);
		if (!c->ports[i].no_chardev)
			target_ref_end_make(t, c->ports[i].nr);
	}
	t->dev = refdev_new(&config, why);
	return t->dev != NULL;
}

struct refdev_set target_ref_quirks(struct target_ref *t)
{
	if (t->dev) {
		struct refdev_set seen = refdev_quirks_seen(t->dev);

		refdev_set_add(&t->seen, &seen);
	}
	return t->seen;
}

void target_ref_device_free(struct target_ref *t)
{
	target_ref_quirks(t);
	refdev_free(t->dev);
	t->dev = NULL;
}

/* ---- registers and RAM */

static uint32_t ref_in(struct target *base, uint16_t port, unsigned width)
{
	struct target_ref *t = target_ref_of(base);
	uint32_t value;

	return t->dev && refdev_in(t->dev, port, width, &value) ? value
								: UINT32_MAX >> (32 - 8 * width);
}

static void ref_out(struct target *base, uint16_t port, unsigned width, uint32_t value)
{
	struct target_ref *t = target_ref_of(base);

	if (t->dev)
		refdev_out(t->dev, port, width, value);
}

static uint64_t ref_read(struct target *base, uint64_t addr, unsigned width)
{
	struct target_ref *t = target_ref_of(base);
	uint64_t value = 0, last = TARGET_MMIO_BASE + TARGET_MMIO_SLOTS * TARGET_MMIO_SIZE;

	if (mem_ok(t, addr, width)) {
		for (unsigned i = 0; i < width; i++)
			value |= (uint64_t)t->ram[addr + i] << (8 * i);
		return value;
	}
	if (t->dev && refdev_read(t->dev, addr, width, &value))
		return value;
	if (!target_is_pci(base) && addr >= TARGET_MMIO_BASE && addr < last && width <= 4)
		return refdev_mmio_empty((enum refdev_transport)base->config.transport,
					 (unsigned)(addr - TARGET_MMIO_BASE) % TARGET_MMIO_SIZE,
					 width);
	return 0;
}

static void ref_write(struct target *base, uint64_t addr, unsigned width, uint64_t value)
{
	struct target_ref *t = target_ref_of(base);

	if (mem_ok(t, addr, width)) {
		for (unsigned i = 0; i < width; i++)
			t->ram[addr + i] = (unsigned char)(value >> (8 * i));
		reach(t, addr + width);
	} else if (t->dev) {
		refdev_write(t->dev, addr, width, value);
	}
}

static void ref_mem_read(struct target *base, uint64_t addr, void *data, size_t len)
{
	ram_read(target_ref_of(base), addr, data, len);
}

static void ref_mem_write(struct target *base, uint64_t addr, const void *data, size_t len)
{
	ram_write(target_ref_of(base), addr, data, len);
}

static void ref_mem_set(struct target *base, uint64_t addr, uint8_t byte, size_t len)
{
	if (!mem_ok(NULL, addr, len))
		die("%zu bytes at 0x%llx are not in RAM", len, (unsigned long long)addr);
	memset(target_ref_of(base)->ram + addr, byte, len);
	reach(target_ref_of(base), addr + len);
}

static bool ref_pin(struct target *base, unsigned *raised)
{
	struct target_ref *t = target_ref_of(base);

	*raised = t->raised;
	return t->dev && refdev_pin(t->dev);
}

/* ---- host ends */

bool target_ref_refuse(struct target *t, const char *why)
{
	buf_clear(&t->refusal);
	buf_addstr(&t->refusal, why);
	return false;
}

bool target_ref_host_open(struct target *base, unsigned nr)
{
	struct target_ref *t = target_ref_of(base);
	struct target_ref_end *e = target_ref_end_of(t, nr);

	if (!e || !e->exists || e->open)
		return target_ref_refuse(base, "there is no backend, or somebody is connected");
	e->open = true;
	if (t->dev)
		refdev_host_open(t->dev, nr);
	return true;
}

static void ref_host_close(struct target *base, unsigned nr)
{
	struct target_ref *t = target_ref_of(base);
	struct target_ref_end *e = target_ref_end_of(t, nr);

	if (!e || !e->open)
		return;
	if (t->dev)
		refdev_host_close(t->dev, nr);
	target_ref_end_empty(e);
}

static long ref_host_write(struct target *base, unsigned nr, const void *data, size_t len)
{
	struct target_ref_end *e = target_ref_end_of(target_ref_of(base), nr);

	if (!e || !e->open)
		return -1;
	if (len > TARGET_REF_ROOM - e->in.len)
		len = TARGET_REF_ROOM - e->in.len;
	buf_add(&e->in, data, len);
	return (long)len;
}

static long ref_host_read(struct target *base, unsigned nr, void *data, size_t len)
{
	struct target_ref_end *e = target_ref_end_of(target_ref_of(base), nr);

	if (!e || !e->open)
		return -1;
	if (len > e->out.len)
		len = e->out.len;
	memcpy(data, e->out.data, len);
	buf_drop(&e->out, len);
	return (long)len;
}

/* ---- looking, and time */

static bool ref_port_state(struct target *base, unsigned nr, struct target_port_state *state)
{
	struct target_ref *t = target_ref_of(base);
	struct refdev_port_state s;

	if (!t->dev || !refdev_port_state(t->dev, nr, &s))
		return false;
	*state = (struct target_port_state){s.exists, s.guest, s.host, s.throttled};
	return true;
}

static unsigned ref_log(struct target *base)
{
	struct target_ref *t = target_ref_of(base);
	unsigned log = t->last_words;

	t->last_words = 0;
	return log | (t->dev ? refdev_log(t->dev) : 0);
}

static bool ref_clock_step(struct target *base, uint64_t ns)
{
	(void)base;
	(void)ns;
	return true; /* it knows no time */
}

static bool ref_turn(struct target *base, unsigned nth)
{
	(void)nth;
	return target_ref_of(base)->dev && refdev_run(target_ref_of(base)->dev);
}

/* Some drivers end QEMU, and so the device that is like it. */
static bool has_died(struct target *base)
{
	struct target_ref *t = target_ref_of(base);

	if (t->dev && refdev_died(t->dev))
		target_ended(base, TARGET_DIED, "this driver ends it");
	return base->end != TARGET_ALIVE;
}

static bool ref_settle(struct target *base)
{
	for (int i = 0; i < TURNS_MAX; i++) {
		bool more = ref_turn(base, 0);

		if (has_died(base))
			return false;
		if (!more)
			return true;
	}
	return false;
}

static void ref_release(struct target *base)
{
	struct target_ref *t = target_ref_of(base);

	refdev_free(t->dev);
	for (size_t i = 0; i < t->n_ends; i++) {
		buf_release(&t->ends[i].out);
		buf_release(&t->ends[i].in);
	}
	free(t->ram);
	free(t->personality);
	free(t->faults);
	free(t->name);
}

static const struct target_ops ops = {
	.in = ref_in,
	.out = ref_out,
	.read = ref_read,
	.write = ref_write,
	.mem_read = ref_mem_read,
	.mem_write = ref_mem_write,
	.mem_set = ref_mem_set,
	.pin = ref_pin,
	.host_open = target_ref_host_open,
	.host_close = ref_host_close,
	.host_write = ref_host_write,
	.host_read = ref_host_read,
	.plug = target_ref_plug,
	.unplug = target_ref_unplug,
	.backend_plug = target_ref_backend_plug,
	.backend_unplug = target_ref_backend_unplug,
	.backend_change = target_ref_backend_change,
	.controller_unplug = target_ref_controller_unplug,
	.controller_plug = target_ref_controller_plug,
	.stop = target_ref_stop,
	.cont = target_ref_cont,
	.reset = target_ref_reset,
	.save = target_ref_save,
	.load = target_ref_load,
	.port_state = ref_port_state,
	.log = ref_log,
	.clock_step = ref_clock_step,
	.turn = ref_turn,
	.settle = ref_settle,
	.release = ref_release,
};

bool target_ref_start(struct target_ref *t, const struct target_config *config,
		      const char *personality, const char *faults, struct buf *why)
{
	*t = (struct target_ref){0};
	t->personality = xstrdup(personality);
	t->faults = faults ? xstrdup(faults) : NULL;
	t->name = xasprintf("ref-%s%s%s", personality, faults ? "!" : "", faults ? faults : "");
	t->ram = xcalloc(1, TARGET_RAM);
	target_init(&t->base, &ops, t->name, config);
	return target_ref_device(t, why);
}
