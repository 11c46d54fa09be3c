// SPDX-License-Identifier: GPL-2.0-or-later
/* change.c - chardev-change: another backend under a device that goes on */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/monitor/monitor.h"

#define SOME	300
#define PENDING (1 << 19) /* more than two unix sockets hold */

/**
 * struct change_row - What c0, a unix socket that QEMU listens on, is changed to
 * @id:		of our end, which names its files; "c0": the same as before
 * @at_once:	it is open as soon as it is there: the device does not see its host leave
 * @silent:	it gives the device nothing
 */
static const struct change_row {
	const char *name, *id;
	enum chr_kind kind;
	enum chr_role role;
	bool at_once, silent;
} rows[] = {
	{"unix", "c1", CHR_UNIX, CHR_QEMU_LISTENS, false, false},
	{"unix-same-path", "c0", CHR_UNIX, CHR_QEMU_LISTENS, false, false},
	{"unix-client", "c1", CHR_UNIX, CHR_QEMU_CONNECTS, true, false},
	{"tcp", "c1", CHR_TCP, CHR_QEMU_LISTENS, false, false},
	{"tcp-client", "c1", CHR_TCP, CHR_QEMU_CONNECTS, true, false},
	{"pty", "c1", CHR_PTY, CHR_QEMU_LISTENS, false, false},
	{"pipe", "c1", CHR_PIPE, CHR_QEMU_LISTENS, true, false},
	{"file", "c1", CHR_FILE, CHR_QEMU_LISTENS, true, true},
};

static void change_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
}

/* It was made before the command's answer came. */
static void check_socket(struct bare *b, const struct chr *to)
{
	char *path = xasprintf("%s.sock", to->id);

	CHECK(b->t, access(path, F_OK) == 0, "QEMU has removed %s, on which it listens", path);
	free(path);
}

static void change_to(struct bare *b, struct chr *to)
{
	struct buf backend = BUF_INIT;
	char *filename;

	chr_qmp_backend(to, &backend);
	bare_qmp(b, "chardev-change", "{\"id\": \"c0\", \"backend\": %s}", backend.data);
	buf_release(&backend);
	filename = bare_filename(b, "c0");
	CHECK(b->t, !chr_needs_learning(to) || chr_learn(to, filename),
	      "query-chardev does not tell where c0 is: %s", filename);
	free(filename);
	if (to->kind == CHR_UNIX && to->role == CHR_QEMU_LISTENS)
		check_socket(b, to);
}

/* All that comes to the old end until QEMU has left it. */
static void read_rest(struct bare *b, struct chr *c, struct buf *got)
{
	char block[65536];
	ssize_t n;

	while ((n = chr_read(c, block, sizeof(block), deadline_in(BARE_MS))) > 0)
		buf_add(got, block, (size_t)n);
	CHECK(b->t, n == CHR_EOF, "QEMU does not leave the old host end");
}

static char pattern(size_t i)
{
	return (char)(i * 7 + i / 251);
}

static void check_rest(struct bare *b, const struct buf *got, size_t sent)
{
	CHECK(b->t, got->len <= sent, "%zu bytes come that nobody sent", got->len - sent);
	for (size_t i = 0; i < got->len; i++)
		CHECK(b->t, got->data[i] == pattern(i), "byte %zu on the old host end is wrong", i);
}

/* What the device sends while nobody reads, and its backend is changed: none is lost when the new
 * one is open at once; else the device sees its host leave, and what it still holds goes with it.
 */
static void change_while_it_sends(struct bare *b, struct chr *from, struct chr *to,
				  const struct change_row *row)
{
	char *data = xmalloc(PENDING);
	struct buf got = BUF_INIT;
	struct stream s;
	size_t sent;

	for (size_t i = 0; i < PENDING; i++)
		data[i] = pattern(i);
	sent = bare_push(b, b->front, data, PENDING);
	CHECK(b->t, sent < PENDING, "nobody reads, and yet all of %d bytes pass", PENDING);
	change_to(b, to);
	read_rest(b, from, &got);
	check_rest(b, &got, sent);
	if (row->at_once) {
		struct buf why = BUF_INIT;

		CHECK(b->t, chr_open(to, deadline_in(BARE_MS), &why), "%s", why.data);
		s = stream_plain(to);
		bare_host_expect(b, &s, data + got.len, sent - got.len);
	}
	buf_release(&got);
	free(data);
}

static void check_moves(struct bare *b, struct chr *c, const struct change_row *row)
{
	struct buf why = BUF_INIT;
	struct stream s;

	CHECK(b->t, chr_is_open(c) || chr_open(c, deadline_in(BARE_MS), &why), "%s", why.data);
	s = stream_plain(c);
	bare_host_opened(b, b->front, true);
	bare_exchange(b, b->front, &s, SOME, row->silent ? 0 : SOME);
	bare_exchange(b, b->front, &s, SOME, row->silent ? 0 : SOME);
}

/* A file cannot be the backend: all stays as it was. */
static void change_refused(struct bare *b)
{
	CHECK(b->t,
	      monitor_cmd(b, "chardev-change",
			  "{'id': 'c0', 'backend': {'type': 'file', 'data': {'out': '/'}}}") ==
		      QMP_ERROR,
	      "c0 becomes a file that is a folder");
}

CASE(monitor_change, .id = "monitor.change",
     .title = "a device whose chardev is changed goes on with the new one: bytes pass before and "
	      "after, and none is lost or comes twice",
     .clause = "qapi/char.json chardev-change; chardev/char.c qmp_chardev_change()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", "row", NULL},
     .rows = ROWS(rows), .plan = change_plan)
{
	const struct change_row *row = trial_row(t);
	static const struct change_row old = {.kind = CHR_UNIX};
	static struct chr to, back;
	struct bare *b = trial_bare(t);
	struct chr *from = bare_open(b, "c0");
	unsigned descriptors;

	check_moves(b, from, &old);
	change_refused(b);
	check_moves(b, from, &old);
	chr_init(&to, row->id, row->kind, row->role);
	if (b->front->kind == FRONT_VIRTSERIALPORT)
		change_while_it_sends(b, from, &to, row);
	else
		change_to(b, &to);
	check_moves(b, &to, row);
	descriptors = bare_descriptors(b);
	chr_init(&back, "c2", CHR_UNIX, CHR_QEMU_LISTENS);
	change_to(b, &back);
	check_moves(b, &back, &old);
	CHECK(t, bare_descriptors(b) <= descriptors + 1,
	      "QEMU had %u descriptors, and %u after it went to another socket", descriptors,
	      bare_descriptors(b));
	chr_release(&to);
	chr_release(&back);
}

/* Until the host end has heard @text last, once all is settled. */
static bool hears_last(struct bare *b, struct stream *s, const char *text)
{
	size_t len = strlen(text);
	struct buf got = BUF_INIT;
	char block[4096];
	bool last;

	for (int calm = 0; calm < 2;) {
		ssize_t n = stream_read(s, block, sizeof(block));

		if (n > 0)
			buf_add(&got, block, (size_t)n);
		bare_settle(b);
		calm = n > 0 ? 0 : calm + 1;
	}
	last = got.len >= len && memcmp(got.data + got.len - len, text, len) == 0;
	trial_note(b->t, "%zu bytes come to the new host end", got.len);
	buf_release(&got);
	return last;
}

CASE(monitor_change_stalled, .id = "monitor.change-stalled",
     .title =
	     "a device that its host holds up goes on when its chardev is changed to a socket that "
	     "a new host connects to",
     .clause = "qapi/char.json chardev-change; hw/char/serial.c serial_be_change(), "
	       "hw/char/virtio-console.c chr_be_change()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL},
     .plan = change_plan)
{
	static char much[PENDING] = {'x'};
	static struct chr to;
	struct bare *b = trial_bare(t);
	struct chr *from = bare_open(b, "c0");
	struct buf why = BUF_INIT;
	struct stream s;
	size_t len = b->front->kind == FRONT_VIRTSERIALPORT ? sizeof(much) : 4000, taken;

	bare_host_opened(b, b->front, true);
	taken = bare_push(b, b->front, much, len);
	trial_note(t, "the device takes %zu bytes", taken);
	chr_init(&to, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	change_to(b, &to);
	chr_close(from);
	CHECK(t, chr_open(&to, deadline_in(BARE_MS), &why), "%s", why.data);
	bare_host_opened(b, b->front, true);
	s = stream_plain(&to);
	taken = bare_push(b, b->front, "next", 4);
	CHECK(t, taken == 4, "the device is still held up: it takes %zu of 4 bytes", taken);
	CHECK(t, hears_last(b, &s, "next"), "what the device sends now does not come");
	chr_release(&to);
}
