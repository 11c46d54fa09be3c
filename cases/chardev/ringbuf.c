// SPDX-License-Identifier: GPL-2.0-or-later
/* ringbuf.c - -chardev ringbuf (and its old name memory): the last bytes, for QMP to read */
#include <stdlib.h>
#include <string.h>

#include "cases/chardev/host.h"

#define SEED 31
#define PART 7
#define MORE 3

static const struct sort {
	const char *name, *options;
	size_t size;
} rings[] = {
	{"1", "ringbuf,id=c0,size=1", 1},
	{"16", "ringbuf,id=c0,size=16", 16},
	{"4k", "ringbuf,id=c0,size=4K", 4096},
	{"64k", "ringbuf,id=c0", 65536}, /* without size: qapi/char.json ChardevRingbuf */
	{"memory", "memory,id=c0,size=8", 8},
};

static const struct sort *ring_of(const struct variant *v)
{
	size_t i = 0;

	while (!variant_is(v, "ring-size", rings[i].name))
		i++;
	return &rings[i];
}

static void ring_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	bare_chardev(plan, "%s", ring_of(v)->options);
}

/* RFC 4648 section 4 */
static void add_base64(struct buf *b, const unsigned char *data, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		unsigned v = data[i] << 16u | (n > 1 ? data[i + 1] << 8u : 0) |
			     (n > 2 ? data[i + 2] : 0u);
		char four[4] = {digits[v >> 18], digits[v >> 12 & 63], '=', '='};

		if (n > 1)
			four[2] = digits[v >> 6 & 63];
		if (n > 2)
			four[3] = digits[v & 63];
		buf_add(b, four, sizeof(four));
	}
}

/* ringbuf-read of at most @ask bytes gives exactly these. */
static void ring_gives(struct bare *b, size_t ask, const unsigned char *data, size_t len)
{
	struct buf want = BUF_INIT;
	char *is;

	add_base64(&want, data, len);
	bare_qmp(b, "ringbuf-read", "{\"device\": \"c0\", \"size\": %zu, \"format\": \"base64\"}",
		 ask);
	is = qmp_get(&b->rig->vm.qmp, "");
	CHECK(b->t, is && strcmp(is, want.data) == 0,
	      "ringbuf-read of %zu gives %zu base64 digits, %.40s.., want the %zu of %zu bytes, %.40s..",
	      ask, is ? strlen(is) : 0, is, want.len, len, want.data);
	free(is);
	buf_release(&want);
}

CASE(ringbuf_keeps, .id = "ringbuf.keeps",
     .title = "a ringbuf keeps the last bytes that the device sent, as many as its size, until "
	      "they are read; nothing of it comes to the device",
     .clause = "qemu/qapi/char.json ChardevRingbuf, ringbuf-read; qemu/chardev/char-ringbuf.c "
	       "ringbuf_chr_write()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", "ring-size", NULL}, .plan = ring_plan)
{
	size_t size = ring_of(&t->spec->variant)->size, all = 3 * size + MORE;
	struct bare *b = trial_bare(t);
	struct buf bytes = BUF_INIT;
	const unsigned char *data;

	host_payload(&bytes, SEED, all);
	data = (const unsigned char *)bytes.data;
	ring_gives(b, all, data, 0);
	bare_send(b, b->front, data, size);
	ring_gives(b, all, data, size);
	ring_gives(b, all, data, 0);
	/* A part is read, and what comes behind the rest goes round the end. */
	bare_send(b, b->front, data, size);
	ring_gives(b, PART, data, size < PART ? size : PART);
	bare_send(b, b->front, data + size, size);
	ring_gives(b, all, data + size, size);
	/* More than it holds, in one and in pieces. */
	bare_send(b, b->front, data, all);
	ring_gives(b, all, data + all - size, size);
	bare_send(b, b->front, data, all - 1);
	bare_send(b, b->front, data + all - 1, 1);
	for (size_t at = 0, n; at < size; at += n) {
		n = size - at < size / 4 + 1 ? size - at : size / 4 + 1;
		ring_gives(b, n, data + all - size + at, n);
	}
	ring_gives(b, 1, data, 0);
	bare_qmp(b, "ringbuf-write", "{\"device\": \"c0\", \"data\": \"x\"}");
	bare_silent(b, b->front);
	ring_gives(b, all, (const unsigned char *)"x", 1);
	buf_release(&bytes);
}

CASE(ringbuf_size, .id = "ringbuf.size-beyond",
     .title = "a size that is no power of two is refused, however large",
     .clause = "qemu/qapi/char.json ChardevRingbuf size", .level = LEVEL_MUST, .needs = NEEDS_QEMU)
{
	static const char message[] = "size of ringbuf chardev must be power of two";
	static const char *const sizes[] = {"3", "65535", "65537", "2147483647", "4294967312"};

	/* The device is no device: a QEMU that takes the size ends as well, with other words. */
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		char *option = xasprintf("-chardev ringbuf,id=c0,size=%s", sizes[i]);
		char *args = xasprintf("%s -device none", option);
		char *words = xasprintf("%s: %s", option, message);

		trial_refused(t, args, words);
		free(option);
		free(args);
		free(words);
	}
}
