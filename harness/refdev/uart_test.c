// SPDX-License-Identifier: GPL-2.0-or-later
/* The 16550A by the data sheet alone. */
#include "harness/refdev/uart.h"
#include "harness/selftest/unit.h"

/* A backend that takes @takes bytes more. */
struct backend {
	unsigned takes, got, edges;
	uint8_t last;
};

static bool sends(void *arg, uint8_t byte)
{
	struct backend *b = arg;

	if (!b->takes)
		return false;
	b->takes--;
	b->got++;
	b->last = byte;
	return true;
}

static void interrupts(void *arg, bool level)
{
	((struct backend *)arg)->edges += level;
}

static struct uart strict(struct backend *b)
{
	struct uart u = {.send = sends, .irq = interrupts, .arg = b, .fault = UART_F_NONE};

	ck_assert(uart_personality("strict", &u.quirks));
	uart_init(&u);
	return u;
}

START_TEST(a_reset_is_one_of_everything)
{
	struct backend b = {0};
	struct uart u = strict(&b);

	uart_write(&u, 2, 0xc1);
	uart_write(&u, 4, 0x1f);
	uart_reset(&u);
	/* Table I: IER, IIR, LCR, MCR, LSR */
	ck_assert_uint_eq(uart_read(&u, 1), 0);
	ck_assert_uint_eq(uart_read(&u, 2), 1);
	ck_assert_uint_eq(uart_read(&u, 3), 0);
	ck_assert_uint_eq(uart_read(&u, 4), 0);
	ck_assert_uint_eq(uart_read(&u, 5), 0x60);
	ck_assert_uint_eq(u.seen, 0);
}
END_TEST

START_TEST(a_break_belongs_to_its_byte)
{
	const uint8_t byte = 'a';
	struct backend b = {0};
	struct uart u = strict(&b);

	uart_write(&u, 2, 0xc1);
	uart_write(&u, 1, 4);
	uart_receive(&u, &byte, 1);
	uart_break(&u);
	/* 8.4: bit 7 at once, BI and its interrupt once the byte is at the top */
	ck_assert_uint_eq(uart_read(&u, 5), 0xe1);
	ck_assert_uint_eq(b.edges, 0);
	ck_assert_uint_eq(uart_read(&u, 0), 'a');
	ck_assert_uint_eq(b.edges, 1);
	ck_assert_uint_eq(uart_read(&u, 2), 0xc6);
	ck_assert_uint_eq(uart_read(&u, 5), 0xf1);
	ck_assert_uint_eq(uart_read(&u, 5), 0x61);
	ck_assert_uint_eq(uart_read(&u, 0), 0);
	ck_assert_uint_eq(uart_read(&u, 5), 0x60);
}
END_TEST

START_TEST(a_full_backend_is_waited_for)
{
	struct backend b = {.takes = 1};
	struct uart u = strict(&b);
	struct uart_state s;

	uart_write(&u, 2, 1);
	for (uint8_t i = 1; i <= 20; i++)
		uart_write(&u, 0, i);
	/* One has left, one is in TSR, sixteen in the FIFO; two found no place. */
	ck_assert_uint_eq(b.got, 1);
	ck_assert_uint_eq(uart_read(&u, 5), 0);
	s = u.s;
	b.takes = 100;
	uart_load(&u, &s, false);
	ck_assert_uint_eq(b.got, 18);
	ck_assert_uint_eq(b.last, 18);
	ck_assert_uint_eq(uart_read(&u, 5), 0x60);
}
END_TEST

START_TEST(loopback_tells_changes)
{
	struct backend b = {0};
	struct uart u = strict(&b);

	uart_write(&u, 4, 0x1b);
	(void)uart_read(&u, 6);
	uart_write(&u, 1, 8);
	uart_write(&u, 4, 0x19);
	ck_assert_uint_eq(uart_read(&u, 2), 0);
	ck_assert_uint_eq(uart_read(&u, 6), 0xa1); /* CTS went down */
	ck_assert_uint_eq(uart_read(&u, 2), 1);
	ck_assert_uint_eq(uart_room(&u), 0);
	uart_write(&u, 0, 0xff);
	ck_assert_uint_eq(uart_read(&u, 0), 0x1f); /* LCR is 0: five bits */
}
END_TEST

START_TEST(what_nobody_is)
{
	unsigned quirks;

	ck_assert(uart_personality("qemu", &quirks) && quirks == (1U << UART_QUIRK_COUNT) - 1);
	ck_assert(uart_personality("qemu,-reset-out2", &quirks));
	ck_assert_uint_eq(quirks, ((1U << UART_QUIRK_COUNT) - 1) & ~(1U << UART_Q_RESET_OUT2));
	ck_assert(!uart_personality("qemu,-nothing", &quirks));
	ck_assert(!uart_personality("qemus", &quirks));
	ck_assert(!uart_personality("", &quirks));
}
END_TEST

UNIT_TESTS(uart, a_reset_is_one_of_everything, a_break_belongs_to_its_byte,
	   a_full_backend_is_waited_for, loopback_tells_changes, what_nobody_is)
