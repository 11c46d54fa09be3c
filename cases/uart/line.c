// SPDX-License-Identifier: GPL-2.0-or-later
/* line.c - what a serial line is set to: speed, format */
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "cases/uart/uart.h"

#define OPEN_MS 5000
#define NODE	"/dev/ttyS1"

/**
 * struct setting - What a guest sets its line to
 * @baud, @words: for stty
 * @text:	a text of characters that the format has room for (5 bits: control characters)
 * @speed, @cflag: what QEMU makes of it on a terminal of the host (char-serial.c
 *		tty_serial_init()); Linux keeps a pty at eight bits without parity, whatever is
 *		asked for, but leaves the kind of parity and the stop bits alone (pty.c
 *		pty_set_termios())
 */
static const struct setting {
	const char *baud, *words, *text;
	speed_t speed;
	tcflag_t cflag;
} settings[] = {
	{"300", "cs8 -parenb -cstopb", "eight", B300, 0},
	{"1200", "cs7 parenb -parodd -cstopb", "seven", B1200, 0},
	{"9600", "cs7 parenb parodd cstopb", "odd", B9600, PARODD | CSTOPB},
	{"19200", "cs6 -parenb -parodd cstopb", "0123456789", B19200, CSTOPB},
	{"38400", "cs5 parenb parodd -cstopb", "", B38400, PARODD},
	{"57600", "cs8 parenb -parodd cstopb", "two", B57600, CSTOPB},
	{"115200", "cs8 -parenb -parodd -cstopb", "fast", B115200, 0},
};

static void line_plan(const struct variant *v, struct plan *plan)
{
	const char *backend = variant_get(v, "backend");

	uart_add_chr(plan, "c1", backend ? backend : "unix");
	plan->uart[0] = "c1";
	plan->n_uarts = PLAN_UARTS;
}

/* The guest says a line, which tells that it is there; hears one; and answers. */
static void talk(struct trial *t, struct chr *chr, const char *text)
{
	char *line = xasprintf("exec 3<>" NODE " && echo '%s' >&3 && read -r -t 8 l <&3 && "
			       "echo \"$l\" && echo '%s' >&3",
			       text, text);
	char *want = xasprintf("%s\n", text);
	struct guest_cmd *cmd = uart_start(t, line);

	uart_hear(t, chr, want);
	uart_say(t, chr, want);
	uart_hear(t, chr, want);
	uart_finish(t, cmd, want);
	free(want);
	free(line);
}

/* Our end is the pty's master, which knows what the slave was set to. */
static void check_terminal(struct trial *t, struct chr *chr, const struct setting *s)
{
	static const tcflag_t seen = PARODD | CSTOPB;
	struct termios tio;

	CHECK(t, tcgetattr(chr->fd, &tio) == 0, "the host's terminal has no settings");
	CHECK(t, cfgetospeed(&tio) == s->speed && cfgetispeed(&tio) == s->speed,
	      "the guest has %s baud, the host's terminal speed code %o, want %o", s->baud,
	      cfgetospeed(&tio), s->speed);
	CHECK(t, (tio.c_cflag & seen) == s->cflag, "the guest has %s, the host's terminal%s%s",
	      s->words, tio.c_cflag & PARODD ? " parodd" : " -parodd",
	      tio.c_cflag & CSTOPB ? " cstopb" : " -cstopb");
}

CASE(isa_settings, .id = "isa-serial.settings",
     .title = "lines pass both ways at every speed and format that the guest sets, and a terminal "
	      "of the host is set to the same speed, kind of parity and stop bits",
     .clause = "qemu/hw/char/serial.c serial_update_parameters(); chardev/char-serial.c "
	       "tty_serial_init()",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .axes = (const char *const[]){"backend", NULL},
     .plan = line_plan)
{
	struct chr *chr = rig_chr(trial_rig(t), "c1");
	struct buf why = BUF_INIT;

	CHECK(t, chr_open(chr, deadline_in(OPEN_MS), &why), "the host end of c1: %s", why.data);
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		const struct setting *s = &settings[i];

		free(uart_guest(t, "stty -F " NODE " raw -echo && stty -F " NODE " %s %s", s->baud,
				s->words));
		talk(t, chr, s->text);
		if (chr->kind == CHR_SERIAL)
			check_terminal(t, chr, s);
	}
}
