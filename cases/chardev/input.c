// SPDX-License-Identifier: GPL-2.0-or-later
/* input.c - -chardev msmouse and wctablet: pointers on a serial line, moved by QMP */
#include <stdlib.h>
#include <string.h>

#include "harness/run/bare.h"

/* PC16550D data sheet, 8.0 */
#define COM1	    0x3f8
#define LCR	    3
#define MCR	    4
#define LCR_DLAB    0x80
#define LCR_8N1	    0x03
#define MCR_DTR_RTS 0x03
#define CLOCK	    115200u
#define FAR	    300

static void input_plan(const struct variant *v, struct plan *plan)
{
	bare_plan_machine(plan);
	bare_plan_front(plan, "isa-serial", "c0");
	bare_chardev(plan, "%s,id=c0", strncmp(v->c->id, "ms", 2) == 0 ? "msmouse" : "wctablet");
}

static void set_speed(struct bare *b, unsigned bits)
{
	target_out8(b->target, COM1 + LCR, LCR_DLAB | LCR_8N1);
	target_out8(b->target, COM1, (uint8_t)(CLOCK / bits));
	target_out8(b->target, COM1 + 1, (uint8_t)(CLOCK / bits >> 8));
	target_out8(b->target, COM1 + LCR, LCR_8N1);
}

static void moved(struct bare *b, const char *kind, int x, int y)
{
	bare_qmp(b, "input-send-event",
		 "{\"events\": [{\"type\": \"%s\", \"data\": {\"axis\": \"x\", \"value\": %d}}, "
		 "{\"type\": \"%s\", \"data\": {\"axis\": \"y\", \"value\": %d}}]}",
		 kind, x, kind, y);
}

static void pressed(struct bare *b, const char *button, bool down)
{
	bare_qmp(
		b, "input-send-event",
		"{\"events\": [{\"type\": \"btn\", \"data\": {\"button\": \"%s\", \"down\": %s}}]}",
		button, down ? "true" : "false");
}

/* ---- msmouse */

static void power(struct bare *b, bool on)
{
	target_out8(b->target, COM1 + MCR, on ? MCR_DTR_RTS : 0);
	bare_settle(b);
}

/* Plug and Play External COM Device Specification 1.00: after "M3", the answer that has the id, in
 * characters less 0x20, and a checksum over all but itself. */
static size_t identity(char *id)
{
	static const char digits[] = "0123456789ABCDEF", name[] = "QEMU Microsoft Mouse";
	static const char begin[] = "(", device[] = "QMU0001\\\\MOUSE\\\\", end[] = ")";
	unsigned sum = 0;
	size_t n = 0;

	for (size_t i = 0; begin[i]; i++)
		id[n++] = (char)(begin[i] - 0x20);
	id[n++] = 0x01; /* version 1.00 */
	id[n++] = 0x24;
	for (size_t i = 0; device[i]; i++)
		id[n++] = (char)(device[i] - 0x20);
	for (size_t i = 0; name[i]; i++)
		id[n++] = (char)(name[i] - 0x20);
	for (size_t i = 0; i < n; i++)
		sum += (unsigned char)id[i];
	sum += (unsigned)(end[0] - 0x20);
	id[n++] = (char)(digits[sum >> 4 & 15] - 0x20);
	id[n++] = (char)(digits[sum & 15] - 0x20);
	id[n++] = (char)(end[0] - 0x20);
	return n;
}

static void identifies(struct bare *b)
{
	char want[128] = "M3";

	power(b, true);
	bare_expect(b, b->front, want, 2 + identity(want + 2));
}

static void empty(struct bare *b)
{
	char room[256];

	bare_settle(b);
	while (front_recv(b->front, room, sizeof(room)) > 0)
		bare_settle(b);
}

CASE(msmouse_identifies, .id = "msmouse.identifies",
     .title = "a mouse that gets power (DTR and RTS) says what it is, each time; without power it "
	      "says nothing, and what it is sent it ignores",
     .clause = "qemu/chardev/msmouse.c msmouse_ioctl()", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .plan = input_plan)
{
	struct bare *b = trial_bare(t);

	set_speed(b, 1200);
	power(b, false);
	empty(b);
	for (int i = 0; i < 2; i++) {
		moved(b, "rel", 1, 1);
		bare_silent(b, b->front);
		identifies(b);
		bare_send(b, b->front, "M3?", 3);
		bare_silent(b, b->front);
		power(b, false);
	}
}

/* Three bytes: 0x40, buttons, the upper two bits of y and x; six bits of x; six bits of y. A fourth
 * for the middle button, as Logitech has it. */
CASE(msmouse_moves, .id = "msmouse.moves",
     .title = "each move and each button is a packet of the Microsoft protocol",
     .clause = "qemu/chardev/msmouse.c msmouse_queue_event()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .plan = input_plan)
{
	struct bare *b = trial_bare(t);

	set_speed(b, 1200);
	power(b, false);
	empty(b);
	identifies(b);
	moved(b, "rel", 5, -3);
	bare_expect(b, b->front, "\x4c\x05\x3d", 3);
	moved(b, "rel", -128, 127);
	bare_expect(b, b->front, "\x46\x00\x3f", 3);
	moved(b, "rel", 0, 0);
	bare_expect(b, b->front, "\x40\x00\x00", 3);
	pressed(b, "left", true);
	bare_expect(b, b->front, "\x60\x00\x00", 3);
	pressed(b, "right", true);
	bare_expect(b, b->front, "\x70\x00\x00", 3);
	moved(b, "rel", 1, 1);
	bare_expect(b, b->front, "\x70\x01\x01", 3);
	pressed(b, "left", false);
	bare_expect(b, b->front, "\x50\x00\x00", 3);
	pressed(b, "middle", true);
	bare_expect(b, b->front, "\x50\x00\x00\x20", 4);
	pressed(b, "middle", false);
	bare_expect(b, b->front, "\x50\x00\x00\x00", 4);
	pressed(b, "right", false);
	bare_expect(b, b->front, "\x40\x00\x00", 3);
	bare_silent(b, b->front);
}

/* How far the packets that come move the pointer to the right. */
static int travelled(struct bare *b)
{
	signed char packet[3];
	int x = 0;

	bare_settle(b);
	while (front_recv(b->front, packet, sizeof(packet)) == sizeof(packet)) {
		x += (signed char)((packet[0] & 3) << 6 | packet[1]);
		bare_settle(b);
	}
	return x;
}

CASE(msmouse_far, .id = "msmouse.far",
     .title = "a move that is further than a packet can say goes as far as it can, and never back",
     .clause = "qemu/chardev/msmouse.c msmouse_queue_event()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .plan = input_plan)
{
	struct bare *b = trial_bare(t);
	int x;

	set_speed(b, 1200);
	power(b, false);
	empty(b);
	identifies(b);
	for (int far = 127; far < FAR; far += 43) {
		moved(b, "rel", far, 0);
		x = travelled(b);
		CHECK(t, x >= 127 && x <= far, "%d to the right moves the pointer by %d", far, x);
	}
}

/* ---- wctablet: Wacom's Protocol IV, as far as the driver of a Penpartner asks */

static const struct {
	const char *command, *answer;
	size_t len;
} answers[] = {
	{"~#\r", "~#CT-0045R,V1.3-5,", 18},
	{"RE\r", "96,N,8,0", 8},
	{"TSa\r", "\xa3\x7e\x36\x03\x7f\x7f\x00", 7},
	{"XX\r", "", 0},	       /* unknown */
	{"RE\n", "96,N,8,0", 8},       /* another end of line */
	{"@\r\n@RE\r", "96,N,8,0", 8}, /* what is skipped in front */
	{"R", "", 0},		       /* in two pieces */
	{"E\r", "96,N,8,0", 8},
	{"ST\r", "\xe0\x00\x00\x00\x00\x00\x00", 7}, /* where it is */
	{"SP\r", "", 0},
};

CASE(wctablet_answers, .id = "wctablet.answers",
     .title = "the tablet answers each command that it knows, at 9600 and only there",
     .clause = "qemu/chardev/wctablet.c wctablet_chr_write()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .plan = input_plan)
{
	struct bare *b = trial_bare(t);

	bare_send(b, b->front, "~#\rRE\r", 6);
	bare_silent(b, b->front);
	set_speed(b, 9600);
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		bare_send(b, b->front, answers[i].command, strlen(answers[i].command));
		bare_expect(b, b->front, answers[i].answer, answers[i].len);
		bare_silent(b, b->front);
	}
	set_speed(b, 19200);
	bare_send(b, b->front, "RE\r", 3);
	bare_silent(b, b->front);
}

/* A code of Protocol IV: where the pen is, in units of the tablet; 0xa0 while it touches. */
CASE(wctablet_moves, .id = "wctablet.moves",
     .title = "between ST and SP the tablet tells where the pen is, and whether it touches",
     .clause = "qemu/chardev/wctablet.c wctablet_queue_event()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .plan = input_plan)
{
	struct bare *b = trial_bare(t);

	set_speed(b, 9600);
	moved(b, "abs", 16384, 8192);
	bare_silent(b, b->front);
	bare_send(b, b->front, "ST\r", 3);
	/* 16384 * 0.1537 is 2518, 8192 * 0.1152 is 943: 7 bits each */
	bare_expect(b, b->front, "\xe0\x13\x56\x00\x07\x2f\x00", 7);
	pressed(b, "left", true);
	bare_expect(b, b->front, "\xa0\x13\x56\x00\x07\x2f\x00", 7);
	moved(b, "abs", 0, 32767);
	bare_expect(b, b->front, "\xa0\x00\x00\x00\x1d\x3e\x00", 7);
	pressed(b, "left", false);
	bare_expect(b, b->front, "\xe0\x00\x00\x00\x1d\x3e\x00", 7);
	bare_send(b, b->front, "SP\r", 3);
	moved(b, "abs", 1, 1);
	bare_silent(b, b->front);
}

CASE(wctablet_long, .id = "wctablet.long-command",
     .title = "a command that is too long is forgotten at its end, and the next one answered",
     .clause = "qemu/chardev/wctablet.c WC_COMMAND_MAX_LEN", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .plan = input_plan)
{
	struct bare *b = trial_bare(t);
	char text[200];

	set_speed(b, 9600);
	memset(text, 'x', sizeof(text));
	text[59] = '\r';
	bare_send(b, b->front, text, 60);
	bare_send(b, b->front, "RE\r", 3);
	bare_expect(b, b->front, "96,N,8,0", 8);
	text[59] = 'x';
	text[sizeof(text) - 1] = '\r';
	bare_send(b, b->front, text, sizeof(text));
	bare_settle(b);
	bare_send(b, b->front, "RE\r", 3);
	bare_settle(b);
	CHECK(t, front_recv(b->front, text, sizeof(text)) == 8,
	      "a tablet that got a command of %zu bytes answers no more", sizeof(text));
}
