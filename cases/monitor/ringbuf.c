// SPDX-License-Identifier: GPL-2.0-or-later
/* ringbuf.c - a ring of 16 bytes: what a device puts in, and QMP and HMP put in and take out */
#include <stdlib.h>
#include <string.h>

#include "cases/monitor/monitor.h"

#define SIZE 16

static void ring_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	bare_plan_machine(plan);
	bare_plan_front(plan, "isa-serial", "c0");
	bare_chardev(plan, "ringbuf,id=c0,size=%d", SIZE);
}

/* ringbuf-read of at most @size bytes gives @want. */
static void reads(struct bare *b, int size, const char *format, const char *want)
{
	char *got;

	bare_qmp(b, "ringbuf-read", "{\"device\": \"c0\", \"size\": %d, \"format\": \"%s\"}", size,
		 format);
	got = qmp_get(&b->rig->vm.qmp, "");
	CHECK(b->t, got && strcmp(got, want) == 0, "ringbuf-read %d %s gives \"%s\", not \"%s\"",
	      size, format, got ? got : "", want);
	free(got);
}

static void writes(struct bare *b, const char *format, const char *data)
{
	bare_qmp(b, "ringbuf-write", "{\"device\": \"c0\", \"data\": \"%s\", \"format\": \"%s\"}",
		 data, format);
}

static void sends(struct bare *b, const char *text)
{
	bare_send(b, b->front, text, strlen(text));
}

CASE(ringbuf_qmp, .id = "monitor.ringbuf-qmp",
     .title = "a ringbuf keeps the last bytes of what is put in; ringbuf-read takes them out, each "
	      "once",
     .clause = "qapi/char.json ringbuf-read, ringbuf-write, ChardevRingbuf", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .plan = ring_plan)
{
	static const unsigned char binary[] = {0, 1, 2, 0x7f, 0x80, 0xfe, 0xff};
	struct bare *b = trial_bare(t);

	reads(b, 1, "utf8", "");
	sends(b, "0123456789");
	reads(b, 4, "utf8", "0123");
	reads(b, 1000000, "utf8", "456789");
	reads(b, SIZE, "utf8", "");
	sends(b, "ABCDEFGHIJKLMNOP"); /* fills it, over its end */
	reads(b, SIZE, "utf8", "ABCDEFGHIJKLMNOP");
	sends(b, "abcdefghijklmnopqrst"); /* 4 too many: the oldest go */
	reads(b, SIZE, "utf8", "efghijklmnopqrst");
	sends(b, "12345678");
	sends(b, "abcdefghijkl"); /* the same in two */
	reads(b, 2 * SIZE, "utf8", "5678abcdefghijkl");
	bare_send(b, b->front, binary, sizeof(binary));
	reads(b, SIZE, "base64", "AAECf4D+/w==");
	sends(b, "\xe2\x82\xac"); /* a character of three bytes */
	reads(b, SIZE, "utf8", "\xe2\x82\xac");
	writes(b, "utf8", "w \xe2\x82\xac");
	reads(b, SIZE, "base64", "dyDigqw=");
	writes(b, "base64", "dyDigqw=");
	reads(b, SIZE, "utf8", "w \xe2\x82\xac");
	writes(b, "utf8", "");
	reads(b, SIZE, "utf8", "");
	writes(b, "utf8", "0123456789abcdefghij");
	reads(b, SIZE, "utf8", "456789abcdefghij");
	bare_silent(b, b->front); /* none of it was for the device */
}

/* ringbuf_read of HMP: hmp-commands.hx has it print what is no text as \uXXXX, and \ as \\. */
static void hmp_reads(struct bare *b, int size, const char *want)
{
	char *line = xasprintf("ringbuf_read c0 %d", size), *got = monitor_hmp(b, line);

	CHECK(b->t, strcmp(got, want) == 0, "%s prints \"%s\", not \"%s\"", line, got, want);
	free(got);
	free(line);
}

static void hmp_writes(struct bare *b, const char *data)
{
	char *line = xasprintf("ringbuf_write c0 %s", data), *got = monitor_hmp(b, line);

	CHECK(b->t, !*got, "%s prints \"%s\"", line, got);
	free(got);
	free(line);
}

CASE(ringbuf_hmp, .id = "monitor.ringbuf-hmp",
     .title = "ringbuf_write and ringbuf_read put into a ringbuf and take out, and print what is "
	      "no text as numbers",
     .clause = "hmp-commands.hx ringbuf_write, ringbuf_read; chardev/char-hmp-cmds.c",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .plan = ring_plan)
{
	struct bare *b = trial_bare(t);

	hmp_reads(b, 1, "");
	hmp_writes(b, "0123456789");
	hmp_reads(b, 4, "0123");
	hmp_reads(b, 1000, "456789");
	hmp_writes(b, "0123456789abcdefghij");
	hmp_reads(b, SIZE, "456789abcdefghij");
	bare_send(b, b->front, "a\\b\001c\177\n", 7);
	hmp_reads(b, SIZE, "a\\\\b\\u0001c\\u007F");
	bare_silent(b, b->front);
}
