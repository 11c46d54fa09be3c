// SPDX-License-Identifier: GPL-2.0-or-later
/* target_qtest_access.c - QEMU as a target: registers and memory, many of them in one round trip */
#include <string.h>

#include "harness/virtio/target_qtest_private.h"

static char width_letter(unsigned width)
{
	return width == 1 ? 'b' : width == 2 ? 'w' : width == 4 ? 'l' : 'q';
}

static uint64_t all_ones(unsigned width)
{
	return UINT64_MAX >> (64 - 8 * width);
}

/* ---- what will be read soon */

void target_qtest_forget(struct target_qtest *t)
{
	t->n_ahead = 0;
	buf_clear(&t->ahead_data);
}

/* RAM is written: of what was read before only this is another now. */
static void forget_ram(struct target_qtest *t, uint64_t addr, size_t len)
{
	for (size_t i = 0; i < t->n_ahead; i++) {
		struct target_qtest_ahead *a = &t->ahead[i];

		if (a->mem && addr < a->addr + a->len && a->addr < addr + len)
			a->len = 0;
	}
}

static struct target_qtest_ahead *add_ahead(struct target_qtest *t)
{
	if (t->n_ahead == TARGET_QTEST_AHEAD)
		return NULL; /* it is read when it is wanted */
	return &t->ahead[t->n_ahead++];
}

void target_qtest_expect(struct target *base, enum target_way way, uint64_t addr, unsigned width)
{
	struct target_qtest_ahead *a = add_ahead(of_target(base));

	if (a)
		*a = (struct target_qtest_ahead){.way = way, .addr = addr, .len = width};
}

void target_qtest_expect_mem(struct target *base, uint64_t addr, size_t len)
{
	struct target_qtest_ahead *a = add_ahead(of_target(base));

	if (a)
		*a = (struct target_qtest_ahead){.mem = true, .addr = addr, .len = len};
}

/* An access whose answer comes with qtest_collect(). */
static void ask_later(struct target_qtest *t, enum target_way way, uint64_t addr, unsigned width)
{
	qtest_later(&t->q, "%s%c 0x%llx", way == TARGET_IN ? "in" : "read", width_letter(width),
		    (unsigned long long)addr);
}

/* Fetch what is expected and not here yet. */
static bool fetch(struct target_qtest *t)
{
	enum qtest_result r;
	size_t nth = 0;

	for (size_t i = 0; i < t->n_ahead; i++) {
		struct target_qtest_ahead *a = &t->ahead[i];

		if (a->here || !a->len)
			continue;
		if (a->mem)
			qtest_later(&t->q, "read 0x%llx 0x%zx", (unsigned long long)a->addr,
				    a->len);
		else
			ask_later(t, a->way, a->addr, (unsigned)a->len);
	}
	r = qtest_collect(&t->q, deadline_in(QTEST_MS));
	for (size_t i = 0; i < t->n_ahead && r == QTEST_OK; i++) {
		struct target_qtest_ahead *a = &t->ahead[i];

		if (a->here || !a->len)
			continue;
		a->here = true;
		if (!a->mem) {
			r = qtest_number(&t->q, nth++, &a->value);
			continue;
		}
		a->at = t->ahead_data.len;
		r = qtest_bytes(&t->q, nth++, buf_reserve(&t->ahead_data, a->len), a->len);
		t->ahead_data.len += a->len;
	}
	if (r != QTEST_OK)
		target_qtest_lost(t, r);
	return r == QTEST_OK;
}

/* What is known of @len bytes of RAM; NULL: nothing was expected. */
static const unsigned char *ahead_mem(struct target_qtest *t, uint64_t addr, size_t len)
{
	for (size_t i = 0; i < t->n_ahead; i++) {
		struct target_qtest_ahead *a = &t->ahead[i];

		if (!a->mem || addr < a->addr || addr + len > a->addr + a->len)
			continue;
		if (!a->here && !fetch(t))
			return NULL;
		return (unsigned char *)t->ahead_data.data + a->at + (addr - a->addr);
	}
	return NULL;
}

static bool ahead_access(struct target_qtest *t, enum target_way way, uint64_t addr, unsigned width,
			 uint64_t *value)
{
	for (size_t i = 0; i < t->n_ahead; i++) {
		struct target_qtest_ahead *a = &t->ahead[i];

		if (a->mem || a->way != way || a->addr != addr || a->len != width)
			continue;
		if (!a->here && !fetch(t))
			return false;
		*value = a->value;
		return true;
	}
	return false;
}

/* ---- one by one */

/* Something is written to a device: whatever was known may be another now. */
static void changes(struct target_qtest *t)
{
	t->tree_known = false;
	target_qtest_forget(t);
}

static uint64_t get(struct target_qtest *t, enum target_way way, uint64_t addr, unsigned width)
{
	uint64_t value = UINT64_MAX;
	enum qtest_result r;

	if (ahead_access(t, way, addr, width, &value) || t->base.end != TARGET_ALIVE)
		return value & all_ones(width);
	if (way == TARGET_IN || addr >= TARGET_RAM)
		target_qtest_forget(t); /* to read may change something */
	r = qtest_ask(&t->q, deadline_in(QTEST_MS), &value, "%s%c 0x%llx",
		      way == TARGET_IN ? "in" : "read", width_letter(width),
		      (unsigned long long)addr);
	if (r != QTEST_OK)
		target_qtest_lost(t, r);
	return value & all_ones(width);
}

uint32_t target_qtest_in(struct target *base, uint16_t port, unsigned width)
{
	return (uint32_t)get(of_target(base), TARGET_IN, port, width);
}

void target_qtest_out(struct target *base, uint16_t port, unsigned width, uint32_t value)
{
	changes(of_target(base));
	qtest_post(&of_target(base)->q, "out%c 0x%x 0x%x", width_letter(width), port, value);
}

uint64_t target_qtest_read(struct target *base, uint64_t addr, unsigned width)
{
	struct target_qtest *t = of_target(base);
	const unsigned char *known = addr < TARGET_RAM ? ahead_mem(t, addr, width) : NULL;
	uint64_t value = 0;

	if (!known)
		return get(t, TARGET_READ, addr, width);
	for (unsigned i = 0; i < width; i++)
		value |= (uint64_t)known[i] << 8 * i;
	return value;
}

void target_qtest_write(struct target *base, uint64_t addr, unsigned width, uint64_t value)
{
	struct target_qtest *t = of_target(base);

	if (addr < TARGET_RAM - 8)
		forget_ram(t, addr, width);
	else
		target_qtest_forget(t);
	t->tree_known = false;
	qtest_post(&t->q, "write%c 0x%llx 0x%llx", width_letter(width), (unsigned long long)addr,
		   (unsigned long long)value);
}

void target_qtest_mem_read(struct target *base, uint64_t addr, void *data, size_t len)
{
	struct target_qtest *t = of_target(base);
	const unsigned char *known = ahead_mem(t, addr, len);
	enum qtest_result r;

	if (known) {
		memcpy(data, known, len);
		return;
	}
	if (base->end != TARGET_ALIVE)
		return;
	r = qtest_ask_data(&t->q, deadline_in(QTEST_MS), addr, data, len);
	if (r != QTEST_OK)
		target_qtest_lost(t, r);
}

void target_qtest_mem_write(struct target *base, uint64_t addr, const void *data, size_t len)
{
	forget_ram(of_target(base), addr, len);
	of_target(base)->tree_known = false;
	qtest_post_data(&of_target(base)->q, addr, data, len);
}

void target_qtest_mem_set(struct target *base, uint64_t addr, uint8_t byte, size_t len)
{
	forget_ram(of_target(base), addr, len);
	of_target(base)->tree_known = false;
	qtest_post(&of_target(base)->q, "memset 0x%llx 0x%zx 0x%x", (unsigned long long)addr, len,
		   byte);
}

/* ---- together */

static bool is_read(const struct target_access *a)
{
	return a->way == TARGET_IN || a->way == TARGET_READ;
}

void target_qtest_batch(struct target *base, struct target_access *a, size_t n)
{
	struct target_qtest *t = of_target(base);
	enum qtest_result r;
	size_t nth = 0;

	target_qtest_forget(t);
	for (size_t i = 0; i < n; i++)
		if (is_read(&a[i]))
			ask_later(t, a[i].way, a[i].addr, a[i].width);
		else if (a[i].way == TARGET_OUT)
			target_qtest_out(base, (uint16_t)a[i].addr, a[i].width,
					 (uint32_t)a[i].value);
		else
			target_qtest_write(base, a[i].addr, a[i].width, a[i].value);
	r = qtest_collect(&t->q, deadline_in(QTEST_MS));
	for (size_t i = 0; i < n; i++) {
		if (!is_read(&a[i]))
			continue;
		a[i].value = UINT64_MAX;
		if (r == QTEST_OK)
			r = qtest_number(&t->q, nth++, &a[i].value);
		a[i].value &= all_ones(a[i].width);
	}
	if (r != QTEST_OK)
		target_qtest_lost(t, r);
}
