// SPDX-License-Identifier: GPL-2.0-or-later
/* serial.c - -chardev serial: a terminal of the host is set as the device's registers say */
#include <string.h>

#include "cases/chardev/host.h"

/* PC16550D data sheet, 8.0 */
#define COM1	 0x3f8
#define LCR	 3
#define LCR_DLAB 0x80
#define CLOCK	 115200u

static void serial_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	bare_plan_machine(plan);
	bare_plan_front(plan, "isa-serial", "c0");
	plan_add_chr(plan, "c0", CHR_SERIAL, CHR_QEMU_LISTENS);
}

static void set_line(struct bare *b, unsigned divisor, unsigned lcr)
{
	target_out8(b->target, COM1 + LCR, (uint8_t)(LCR_DLAB | lcr));
	target_out8(b->target, COM1, (uint8_t)divisor);
	target_out8(b->target, COM1 + 1, (uint8_t)(divisor >> 8));
	target_out8(b->target, COM1 + LCR, (uint8_t)lcr);
	bare_settle(b);
}

/* POSIX's speeds, and what Linux has beyond: those that a PC's UART has a divisor for. */
static const struct {
	unsigned bits;
	speed_t speed;
} speeds[] = {
	{50, B50},	 {75, B75},	    {110, B110},   {134, B134},	    {150, B150},
	{200, B200},	 {300, B300},	    {600, B600},   {1200, B1200},   {1800, B1800},
	{2400, B2400},	 {4800, B4800},	    {9600, B9600}, {19200, B19200}, {38400, B38400},
	{57600, B57600}, {115200, B115200},
};

/* A pty has no parity and eight bits, always: linux/drivers/tty/pty.c pty_set_termios(). The other
 * settings it keeps. */
CASE(serial_settings, .id = "serial.settings",
     .title = "the host's terminal has the speed and the stop bits that the UART's registers say, "
	      "whatever they said before, and is raw",
     .clause =
	     "qemu/qemu-options.hx -serial /dev/XXX; qemu/chardev/char-serial.c tty_serial_init()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .plan = serial_plan)
{
	struct bare *b = trial_bare(t);
	struct chr *c = bare_open(b, "c0");
	struct termios tio;

	for (size_t i = 0; i < sizeof(speeds) / sizeof(*speeds); i++) {
		unsigned divisor = (CLOCK + speeds[i].bits / 2) / speeds[i].bits;
		bool two = i & 1;

		set_line(b, divisor, two ? 0x07 : 0x03);
		CHECK(t, tcgetattr(c->fd, &tio) == 0, "the terminal tells nothing");
		CHECK(t,
		      cfgetospeed(&tio) == speeds[i].speed && cfgetispeed(&tio) == speeds[i].speed,
		      "with divisor %u the terminal's speed is code %#x, want that of %u, %#x",
		      divisor, cfgetospeed(&tio), speeds[i].bits, speeds[i].speed);
		CHECK(t, !!(tio.c_cflag & CSTOPB) == two, "%d stop bits give cflag %#x", 1 + two,
		      tio.c_cflag);
		CHECK(t,
		      !(tio.c_lflag & (ICANON | ECHO | ISIG)) && !(tio.c_oflag & OPOST) &&
			      !(tio.c_cflag & CRTSCTS),
		      "the terminal is not raw: oflag %#x cflag %#x lflag %#x", tio.c_oflag,
		      tio.c_cflag, tio.c_lflag);
	}
}

static void hangup_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	plan_add_chr(plan, "c0", CHR_SERIAL, CHR_QEMU_LISTENS);
}

/* A hung-up terminal reads as its end and refuses what is written. */
CASE(serial_hangup, .id = "serial.hangup",
     .title =
	     "when a host's terminal hangs up, what it had sent arrives, a port's host has left, what "
	     "is sent is dropped, and QEMU goes on",
     .clause = "qemu/chardev/char-fd.c fd_chr_read()", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", NULL}, .plan = hangup_plan)
{
	static const char text[] = "before it hangs up";
	struct bare *b = trial_bare(t);
	struct stream s = stream_plain(bare_open(b, "c0"));

	bare_host_opened(b, b->front, true);
	if (b->front->kind != FRONT_DEBUGCON) {
		bare_host_send(b, &s, text, strlen(text));
		bare_expect(b, b->front, text, strlen(text));
	}
	chr_release(s.chr); /* its master, too */
	bare_settle(b);
	CHECK(t, !front_kind_is_virtio(b->front->kind) || !front_host_open(b->front),
	      "the terminal has hung up, and the port counts as open");
	bare_send(b, b->front, text, strlen(text));
	bare_silent(b, b->front);
}
