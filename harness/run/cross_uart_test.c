// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cross_uart_test.c - the scripts of all UART cases on two references, one of them wrong: each
 * fault and each deviation is noticed by some case, and each case notices some
 */
#include <stdlib.h>
#include <string.h>

#include "harness/run/cross.h"
#include "harness/selftest/unit.h"
#include "harness/wire/target_uart.h"

/* What one of the two is. */
struct how {
	unsigned quirks;
	enum uart_fault fault;
};

/* The second port of two, so that the other one is looked at, too. */
static const struct target_config config = {
	.uart = "pci-serial-2x",
	.first = 1,
	.ports = {{.nr = 0}, {.nr = 1}},
	.n_ports = 2,
};

static struct target *fresh(void *arg, struct buf *why)
{
	const struct how *how = arg;
	struct target_uart *t = calloc(1, sizeof(*t));

	(void)why;
	ck_assert_ptr_nonnull(t);
	target_uart_start(t, &config, how->quirks, how->fault);
	return &t->base;
}

static void done(void *arg, struct target *t, struct buf *end)
{
	(void)end;
	(void)arg;
	target_release(t);
	free(t);
}

static const struct how healthy = {(1U << UART_QUIRK_COUNT) - 1, UART_F_NONE};

/* Does the case show that one is @wrong? */
static bool notices(const struct check_case *c, struct how wrong)
{
	struct how right = healthy;
	const struct cross_side sides[2] = {{"right", fresh, done, &right, NULL},
					    {"wrong", fresh, done, &wrong, NULL}};
	struct wire_script script = {NULL, 0};
	struct buf why = BUF_INIT;
	struct cross x;
	bool differs;

	ck_assert_msg(wire_script_parse(&script, c->uart, &why), "%s: %s", c->id, why.data);
	cross_init(&x);
	cross_run(&x, &script, sides);
	ck_assert_msg(!x.broken, "%s", x.why.data);
	differs = x.differs;
	cross_release(&x);
	wire_script_release(&script);
	buf_release(&why);
	return differs;
}

/* How many cases notice; @by: how often each case does. */
static unsigned noticed(struct how wrong, unsigned *by)
{
	size_t n;
	const struct check_case *const *all = cases_all(&n);
	unsigned count = 0;

	for (size_t i = 0; i < n; i++)
		if (all[i]->uart && notices(all[i], wrong)) {
			by[i]++;
			count++;
		}
	return count;
}

START_TEST(a_healthy_one_is_like_itself)
{
	size_t n;
	const struct check_case *const *all = cases_all(&n);

	for (size_t i = 0; i < n; i++)
		ck_assert_msg(!all[i]->uart || !notices(all[i], healthy), "%s", all[i]->id);
}
END_TEST

START_TEST(each_fault_is_noticed_and_each_case_notices)
{
	size_t n;
	const struct check_case *const *all = cases_all(&n);
	unsigned *by = calloc(n, sizeof(*by));
	struct buf missed = BUF_INIT;

	ck_assert_ptr_nonnull(by);
	for (int f = 0; f < UART_FAULT_COUNT; f++)
		if (!noticed((struct how){healthy.quirks, (enum uart_fault)f}, by))
			buf_addf(&missed, " %s", uart_fault((enum uart_fault)f)->name);
	for (int q = 0; q < UART_QUIRK_COUNT; q++)
		if (!noticed((struct how){healthy.quirks & ~(1U << q), UART_F_NONE}, by))
			buf_addf(&missed, " %s", uart_quirk((enum uart_quirk)q)->name);
	for (size_t i = 0; i < n; i++)
		if (all[i]->uart && !by[i])
			buf_addf(&missed, " %s", all[i]->id);
	ck_assert_msg(!missed.len, "not noticed, or noticing nothing:%s", missed.data);
	buf_release(&missed);
	free(by);
}
END_TEST

UNIT_TESTS(cross_uart, a_healthy_one_is_like_itself, each_fault_is_noticed_and_each_case_notices)
