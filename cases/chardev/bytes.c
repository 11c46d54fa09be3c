// SPDX-License-Identifier: GPL-2.0-or-later
/* bytes.c - bytes through every kind of backend, both ways, at every size that is a boundary */
#include <string.h>

#include "harness/run/bare.h"

#define VALUES 256

/**
 * struct kind - A backend with a host end
 * @name:	on the axis "chardev"
 * @silent:	it gives the device nothing
 */
static const struct kind {
	const char *name;
	enum chr_kind kind;
	enum chr_role role;
	bool file_input, silent;
} kinds[] = {
	{"unix", CHR_UNIX, CHR_QEMU_LISTENS, false, false},
	{"unix-client", CHR_UNIX, CHR_QEMU_CONNECTS, false, false},
	{"tcp", CHR_TCP, CHR_QEMU_LISTENS, false, false},
	{"tcp-client", CHR_TCP, CHR_QEMU_CONNECTS, false, false},
	{"udp", CHR_UDP, CHR_QEMU_LISTENS, false, false},
	{"pty", CHR_PTY, CHR_QEMU_LISTENS, false, false},
	{"pipe", CHR_PIPE, CHR_QEMU_LISTENS, false, false},
	{"file", CHR_FILE, CHR_QEMU_LISTENS, false, true},
	{"file-input", CHR_FILE, CHR_QEMU_LISTENS, true, false},
	{"serial", CHR_SERIAL, CHR_QEMU_LISTENS, false, false},
};

/* NULL: one without a host end. */
static const struct kind *kind_of(const struct variant *v)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (variant_is(v, "chardev", kinds[i].name))
			return &kinds[i];
	return NULL;
}

static void bytes_plan(const struct variant *v, struct plan *plan)
{
	const struct kind *k = kind_of(v);

	bare_plan(v, plan);
	if (!k) {
		bare_chardev(plan, "%s,id=c0", variant_get(v, "chardev"));
		return;
	}
	plan_add_chr(plan, "c0", k->kind, k->role);
	plan->chrs[0].file_input = k->file_input;
}

static const char *bytes_lacks(const struct variant *v, const struct caps *caps)
{
	return variant_is(v, "chardev", "file-input") && !caps_version_at_least(caps, 8, 1, 0)
		       ? "-chardev file,input-path= is there from QEMU 8.1 on"
		       : NULL;
}

/* Around a UART's FIFO, our buffers of a port, and QEMU's (CHR_READ_BUF_LEN). */
static const uint64_t sizes[] = {1, 15, 16, 17, 255, 256, 257, 1023, 1024, 1025, 4095, 4096, 4097};
#define UART_MAX 300 /* polled, byte by byte: more is only longer */

static void exchange_sizes(struct bare *b, struct stream *s, bool silent)
{
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		bool virtio = front_kind_is_virtio(b->front->kind);

		if (virtio || sizes[i] < UART_MAX)
			bare_exchange(b, b->front, s, sizes[i],
				      silent || b->front->kind == FRONT_DEBUGCON ? 0 : sizes[i]);
	}
}

static void every_value(struct bare *b, struct stream *s, bool silent)
{
	unsigned char all[VALUES];

	for (size_t i = 0; i < VALUES; i++)
		all[i] = (unsigned char)i;
	bare_send(b, b->front, all, sizeof(all));
	bare_host_expect(b, s, all, sizeof(all));
	if (silent || b->front->kind == FRONT_DEBUGCON)
		return;
	bare_host_send(b, s, all, sizeof(all));
	bare_expect(b, b->front, all, sizeof(all));
	bare_host_silent(b, s);
}

/* No host end: the ring keeps what was sent for QMP, null nothing; neither says a word. A virtio
 * port keeps what it is given for a null backend, which never opens. */
static void without_host(struct bare *b)
{
	struct trial *t = b->t;
	char text[VALUES];
	char *got;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(' ' + i % 95);
	bare_send(b, b->front, text, sizeof(text));
	bare_silent(b, b->front);
	if (trial_is(t, "chardev", "null"))
		return;
	bare_qmp(b, "ringbuf-read", "{\"device\": \"c0\", \"size\": %d}", 2 * VALUES);
	got = qmp_get(&b->rig->vm.qmp, "");
	CHECK(t, got && strlen(got) == sizeof(text) && memcmp(got, text, sizeof(text)) == 0,
	      "ringbuf-read gives \"%s\"", got ? got : "");
}

CASE(backend_bytes, .id = "backend.bytes",
     .title = "bytes of every value pass a backend whole, in order and once, at every size",
     .clause = "qemu/qemu-options.hx -chardev", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", "chardev", NULL}, .lacks = bytes_lacks,
     .plan = bytes_plan)
{
	const struct kind *k = kind_of(&t->spec->variant);
	struct bare *b = trial_bare(t);
	struct stream s;

	if (!k) {
		without_host(b);
		return;
	}
	s = stream_plain(bare_open(b, "c0"));
	if (k->kind == CHR_UDP) { /* there is nothing to wait for */
		bare_settle(b);
		CHECK(t, front_host_open(b->front), "the device does not see its host end is open");
	} else {
		bare_host_opened(b, b->front, true);
	}
	every_value(b, &s, k->silent);
	exchange_sizes(b, &s, k->silent);
}
