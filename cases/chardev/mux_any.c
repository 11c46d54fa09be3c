// SPDX-License-Identifier: GPL-2.0-or-later
/* mux_any.c - mux=on with each kind of backend */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cases/chardev/host.h"

/* The mux has the id, the backend behind it this name. */
#define BASE "c0-base"
#define C_A_C                                                                                      \
	"\x01"                                                                                     \
	"c"

/**
 * struct kind - A backend with mux=on
 * @text:	behind -chardev; NULL: one with a host end
 * @leg:	it is a hub, whose only leg has the host end
 * @pty:	the host end is the terminal that it makes
 * @silent:	nothing comes from it
 */
static const struct kind {
	const char *name, *text;
	enum chr_kind kind;
	bool leg, pty, silent;
} kinds[] = {
	{.name = "unix", .kind = CHR_UNIX},
	{.name = "udp", .kind = CHR_UDP},
	{.name = "pty", .text = "pty,id=c0,mux=on", .pty = true},
	{.name = "pipe", .kind = CHR_PIPE},
	{.name = "file", .kind = CHR_FILE, .silent = true},
	{.name = "serial", .kind = CHR_SERIAL},
	{.name = "ringbuf", .text = "ringbuf,id=c0,mux=on", .silent = true},
	{.name = "hub", .text = "hub,id=c0,chardevs.0=leg,mux=on", .leg = true},
};

static const struct kind *kind_of(const struct variant *v)
{
	size_t i = 0;

	while (!variant_is(v, "chardev", kinds[i].name))
		i++;
	return &kinds[i];
}

static const char *any_lacks(const struct variant *v, const struct caps *caps)
{
	return kind_of(v)->leg && !caps_has_backend(caps, "hub")
		       ? "-chardev hub is there from QEMU 10.0 on"
		       : NULL;
}

static void any_plan(const struct variant *v, struct plan *plan)
{
	const struct kind *k = kind_of(v);

	bare_plan_machine(plan);
	bare_plan_front(plan, "isa-serial", "c0");
	bare_plan_front(plan, "isa-serial", "c0");
	if (k->leg)
		plan_add_chr(plan, "leg", CHR_UNIX, CHR_QEMU_LISTENS);
	if (k->text) {
		bare_chardev(plan, "%s", k->text);
		return;
	}
	plan_add_chr(plan, "c0", k->kind, CHR_QEMU_LISTENS);
	plan->chrs[0].options = "mux=on";
}

static void ring_is(struct bare *b, const char *want)
{
	char *got;

	bare_qmp(b, "ringbuf-read", "{\"device\": \"" BASE "\", \"size\": 100}");
	got = qmp_get(&b->rig->vm.qmp, "");
	CHECK(b->t, got && strcmp(got, want) == 0, "the ring has \"%s\", want \"%s\"", got, want);
	free(got);
}

static struct stream host_of(struct bare *b, const struct kind *k)
{
	char *filename;
	int fd;

	if (!k->pty)
		return stream_plain(bare_open(b, k->leg ? "leg" : "c0"));
	filename = bare_filename(b, BASE);
	CHECK(b->t, strncmp(filename, "pty:", 4) == 0, "query-chardev says %s", filename);
	fd = open(filename + 4, O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(b->t, fd >= 0, "%s cannot be opened", filename + 4);
	free(filename);
	return stream_plain(bare_adopt(b, "user", fd));
}

CASE(mux_any, .id = "mux.any-backend",
     .title =
	     "mux=on works with every kind of backend: what two frontends send comes in order, what "
	     "is typed goes to the last, after C-a c to the first",
     .clause = "qemu/qemu-options.hx -chardev mux=on", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"chardev", NULL}, .lacks = any_lacks, .plan = any_plan)
{
	const struct kind *k = kind_of(&t->spec->variant);
	struct bare *b = trial_bare(t);
	bool ring = k->text && !k->leg && !k->pty;
	struct stream s = {0};

	if (!ring) {
		s = host_of(b, k);
		bare_host_opened(b, b->front, true);
	}
	bare_send(b, &b->fronts[0], "one ", 4);
	bare_send(b, &b->fronts[1], "two ", 4);
	bare_send(b, &b->fronts[0], "three", 5);
	if (ring)
		ring_is(b, "one two three");
	else
		bare_host_expect(b, &s, "one two three", 13);
	if (k->silent)
		return;
	bare_host_send(b, &s, "last", 4);
	bare_expect(b, &b->fronts[1], "last", 4);
	bare_host_send(b, &s, C_A_C "first", 7);
	bare_expect(b, &b->fronts[0], "first", 5);
	bare_silent(b, &b->fronts[1]);
	bare_silent(b, &b->fronts[0]);
}
