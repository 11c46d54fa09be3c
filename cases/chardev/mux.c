// SPDX-License-Identifier: GPL-2.0-or-later
/* mux.c - mux=on without a guest: four frontends, their queues, another escape key */
#include <stdlib.h>
#include <string.h>

#include "harness/run/bare.h"

#define C_A	   "\x01"
#define FRONTENDS  4
#define QUEUED	   36 /* more than a UART's FIFO or a port's buffers take, less than 32 more */
#define FLOOD	   600
#define ROUNDS	   6
#define HELP_LINES 7
#define COM1	   0x3f8 /* PC16550D data sheet, 8.0 */
#define LSR	   5
#define LSR_BI	   0x10
#define TERMINATED "QEMU: Terminated\n\r"

/* The last one has the focus. */
static struct stream four(struct bare *b)
{
	struct stream s = stream_plain(bare_open(b, "c0"));

	for (size_t i = 0; i < b->n_fronts; i++)
		bare_host_opened(b, &b->fronts[i], true);
	return s;
}

static void mux_plan(struct plan *plan, const char *device, int n)
{
	bare_plan_machine(plan);
	for (int i = 0; i < n; i++)
		bare_plan_front(plan, device, "c0");
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	plan->chrs[0].options = "mux=on";
}

static void four_plan(const struct variant *v, struct plan *plan)
{
	mux_plan(plan, variant_get(v, "device"), FRONTENDS);
}

static void type(struct bare *b, struct stream *s, const char *text)
{
	bare_host_send(b, s, text, strlen(text));
}

/* Only that one gets what is typed. */
static void focus_is(struct bare *b, struct stream *s, size_t which, const char *text)
{
	type(b, s, text);
	bare_expect(b, &b->fronts[which], text, strlen(text));
	bare_settle(b);
	for (size_t i = 0; i < b->n_fronts; i++) {
		char more[16];

		CHECK(b->t, front_recv(&b->fronts[i], more, sizeof(more)) == 0,
		      "frontend %zu gets what is typed for %zu", i, which);
	}
}

CASE(mux_four, .id = "mux.four",
     .title =
	     "four frontends share a backend, what each of them sends comes, what is typed goes to "
	     "one, and C-a c goes round them in the order in which they came; a fifth is refused",
     .clause = "qemu/qemu-options.hx -chardev mux=on; qemu/chardev/char-mux.c "
	       "mux_chr_attach_frontend()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL},
     .plan = four_plan)
{
	struct bare *b = trial_bare(t);
	struct stream s = four(b);
	struct qmp *q = &b->rig->vm.qmp;
	const char *want = caps_version_at_least(t->session->caps, 9, 2, 0)
				   ? "too many uses of multiplexed chardev 'c0' (maximum is 4)"
				   : "Device 'c0' is in use";
	enum qmp_result r;

	focus_is(b, &s, FRONTENDS - 1, "last");
	for (size_t i = 0; i < 2 * FRONTENDS + 1; i++) {
		char text[] = {'f', 'r', 'o', 'm', ' ', (char)('0' + i), '\0'};

		bare_send(b, &b->fronts[i % FRONTENDS], text, strlen(text));
		bare_host_expect(b, &s, text, strlen(text));
		type(b, &s, C_A "c");
		focus_is(b, &s, i % FRONTENDS, text);
	}
	r = qmp_cmd(q, deadline_in(BARE_MS), "device_add",
		    "{\"driver\": \"pci-serial\", \"id\": \"fifth\", \"chardev\": \"c0\"}");
	CHECK(t, r == QMP_ERROR && strstr(q->error_desc.data, want),
	      "a fifth frontend is answered with \"%s\", want %s", q->error_desc.data, want);
	focus_is(b, &s, 0, "still there");
	bare_host_silent(b, &s);
}

static void two_plan(const struct variant *v, struct plan *plan)
{
	mux_plan(plan, variant_get(v, "device"), 2);
}

static void letters(char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text[i] = (char)('a' + i % 26);
	text[n] = '\0';
}

CASE(mux_queued, .id = "mux.queued",
     .title = "what is typed for a frontend that does not read waits for it, while the others have "
	      "the focus too; nothing of it goes to them",
     .clause = "qemu/chardev/char-mux.c mux_chr_read(), mux_chr_accept_input()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL},
     .plan = two_plan)
{
	struct bare *b = trial_bare(t);
	struct stream s = four(b);
	char text[QUEUED + 1], got[QUEUED];
	size_t n;

	letters(text, QUEUED);
	type(b, &s, text);
	bare_settle(b);
	type(b, &s, C_A "c");
	type(b, &s, "next");
	bare_expect(b, &b->fronts[0], "next", 4);
	/* What the device itself holds it gives; the rest waits for the focus. */
	n = front_recv(&b->fronts[1], got, sizeof(got));
	bare_settle(b);
	n += front_recv(&b->fronts[1], got + n, sizeof(got) - n);
	CHECK(t, n && n <= QUEUED && memcmp(got, text, n) == 0,
	      "the frontend without the focus has %zu bytes, or others than were typed", n);
	trial_note(t, "%zu of %d bytes without the focus", n, QUEUED);
	type(b, &s, C_A "c");
	type(b, &s, "!");
	text[QUEUED] = '!';
	bare_expect(b, &b->fronts[1], text + n, sizeof(text) - n);
	bare_silent(b, &b->fronts[0]);
}

static void one_plan(const struct variant *v, struct plan *plan)
{
	mux_plan(plan, variant_get(v, "device"), 1);
}

CASE(mux_many_keys, .id = "mux.many-keys",
     .title = "however much is typed at once, the frontend gets it all, in order and once",
     .clause = "qemu/chardev/char-mux.c mux_chr_can_read()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL}, .plan = one_plan)
{
	struct bare *b = trial_bare(t);
	struct stream s = four(b);
	char text[FLOOD + 1];

	letters(text, FLOOD);
	type(b, &s, text);
	bare_expect(b, b->front, text, FLOOD);
	bare_silent(b, b->front);
}

CASE(mux_unplugged, .id = "mux.unplugged",
     .title =
	     "a frontend that is unplugged while it has the focus makes room for another, and C-a c "
	     "leads to those that are there",
     .clause = "qemu/chardev/char-mux.c mux_chr_detach_frontend()", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL}, .plan = two_plan)
{
	struct bare *b = trial_bare(t);
	struct stream s = four(b);

	focus_is(b, &s, 1, "before");
	for (int i = 0; i < ROUNDS; i++) {
		bare_unplug(b, "port2");
		type(b, &s, C_A "c");
		focus_is(b, &s, 0, "alone");
		if (i == ROUNDS - 1) {
			type(b, &s, C_A "c");
			focus_is(b, &s, 0, "and still");
		}
		bare_qmp(b, "device_add",
			 "{\"driver\": \"%s\", \"bus\": \"ser0.0\", \"id\": \"port2\", \"nr\": 2, "
			 "\"chardev\": \"c0\"}",
			 trial_axis(t, "device"));
		CHECK(t,
		      vcon_tell(&b->bus.con, 2, VC_PORT_READY, 1, NULL) &&
			      vcon_tell(&b->bus.con, 2, VC_PORT_OPEN, 1, NULL),
		      "the controller does not take control messages");
		focus_is(b, &s, 1, "the new one");
	}
	bare_send(b, &b->fronts[1], "out", 3);
	bare_host_expect(b, &s, "out", 3);
}

/* ---- another escape key */

static const struct escape {
	const char *name, *code, *key, *shown;
} escapes[] = {
	{"ctrl-t", "0x14", "\x14", "C-t"},
	{"tilde", "126", "~", "Escape-Char"},
};

static const struct escape *escape_of(const struct variant *v)
{
	size_t i = 0;

	while (!variant_is(v, "escape", escapes[i].name))
		i++;
	return &escapes[i];
}

static void echr_plan(const struct variant *v, struct plan *plan)
{
	mux_plan(plan, "isa-serial", 2);
	strv_pushl(&plan->args, "-echr", escape_of(v)->code, NULL);
}

static const char *const help[HELP_LINES] = {
	"%s h    print this help\n\r",
	"%s x    exit emulator\n\r",
	"%s s    save disk data back to file (if -snapshot)\n\r",
	"%s t    toggle console timestamps\n\r",
	"%s b    send break (magic sysrq)\n\r",
	"%s c    switch between console and monitor\n\r",
	"%s %s  sends %s\n\r",
};

/* Character by character as mux_print_help() in chardev/char-mux.c has it. */
static void help_comes(struct bare *b, struct stream *s, const struct escape *e)
{
	struct buf want = BUF_INIT;

	buf_addstr(&want, "\n\r");
	if (e->key[0] >= ' ')
		buf_addf(&want, "Escape-Char set to Ascii: 0x%02x\n\r\n\r", (unsigned)e->key[0]);
	for (size_t i = 0; i < HELP_LINES; i++)
		for (const char *at = help[i]; *at; at++) {
			if (strncmp(at, "%s", 2) == 0)
				buf_addstr(&want, e->shown);
			else if (at == help[i] || at[-1] != '%')
				buf_add(&want, at, 1);
		}
	bare_host_expect(b, s, want.data, want.len);
	buf_release(&want);
}

static void type_key(struct bare *b, struct stream *s, const struct escape *e, const char *key)
{
	char *keys = xasprintf("%s%s", e->key, key);

	type(b, s, keys);
	free(keys);
}

CASE(mux_echr, .id = "mux.echr",
     .title = "-echr makes another key what C-a is: every key behind it works, C-a is a key like "
	      "others, and what is behind no key is dropped",
     .clause = "qemu/qemu-options.hx -echr; qemu/docs/system/mux-chardev.rst.inc",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"escape", NULL},
     .plan = echr_plan)
{
	const struct escape *e = escape_of(&t->spec->variant);
	struct bare *b = trial_bare(t);
	struct stream s = four(b);
	char end[64];
	size_t n;

	focus_is(b, &s, 1, C_A "c" C_A);
	for (int i = 0; i < 2; i++) {
		type_key(b, &s, e, i ? "?" : "h");
		help_comes(b, &s, e);
	}
	type_key(b, &s, e, e->key);
	bare_expect(b, &b->fronts[1], e->key, 1);
	type_key(b, &s, e, "s");
	type_key(b, &s, e, "z");
	bare_host_silent(b, &s);
	/* The key, and long after it the one behind it. */
	type_key(b, &s, e, "");
	bare_settle(b);
	type(b, &s, "c");
	focus_is(b, &s, 0, "the first");
	type_key(b, &s, e, "b");
	bare_settle(b);
	CHECK(t, target_in8(b->target, COM1 + LSR) & LSR_BI, "no break on the focused UART's line");
	bare_expect(b, &b->fronts[0], "", 1);
	bare_silent(b, &b->fronts[1]);
	bare_send(b, &b->fronts[0], "plain\n", 6);
	bare_host_expect(b, &s, "plain\n", 6);
	b->target->on_end = NULL; /* it ends now */
	type_key(b, &s, e, "x");
	bare_ended(b, 0);
	n = chr_read_exact(s.chr, end, sizeof(end), deadline_in(BARE_MS));
	CHECK(t, n == strlen(TERMINATED) && memcmp(end, TERMINATED, n) == 0,
	      "the last that comes is \"%.*s\"", (int)n, end);
}
