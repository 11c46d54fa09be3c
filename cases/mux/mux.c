// SPDX-License-Identifier: GPL-2.0-or-later
/* mux.c - several frontends on one chardev, seen from its host end and from the guest's terminal */
#include "cases/mux/mux.h"

#include <stdlib.h>
#include <string.h>

#define HIGH 0x80
#define OPEN "open"

void mux_init(struct mux *m, struct trial *t, struct chr *chr)
{
	struct buf why = BUF_INIT;

	*m = (struct mux){
		.t = t, .chr = chr, .ascii = BUF_INIT, .guest = BUF_INIT, .printed = BUF_INIT};
	CHECK(t, chr_open(chr, deadline_in(MUX_MS), &why), "the host end: %s", why.data);
}

void mux_release(struct mux *m)
{
	buf_release(&m->ascii);
	buf_release(&m->guest);
	buf_release(&m->printed);
}

void mux_stty(struct mux *m, const char *node, const char *words)
{
	struct guest *g = &m->t->rig.vm.guest;

	CHECK(m->t,
	      guest_run(g, NULL, deadline_in(MUX_MS), "stty -F %s raw -echo 115200 %s", node,
			words) == 0,
	      "stty in the guest: %s", g->error.data);
}

static void release_tty(void *arg)
{
	struct mux_tty *tty = arg;

	guest_cmd_release(&tty->print);
	guest_cmd_release(&tty->read);
	buf_release(&tty->typed);
	free(tty);
}

/* The reader has to have it open before anything comes: Linux empties the port's FIFO then. dd
 * reads and writes; a cat that lets the kernel splice a terminal into the pipe to the ssh server
 * keeps the pipe locked while it waits, and the whole server with it. */
struct mux_tty *mux_tty(struct mux *m, const char *node)
{
	struct mux_tty *tty = xcalloc(1, sizeof(*tty));
	struct guest *g = &m->t->rig.vm.guest;
	struct deadline d = deadline_in(MUX_MS);

	tty->typed = (struct buf)BUF_INIT;
	mux_stty(m, node, "");
	trial_defer(m->t, release_tty, tty);
	CHECK(m->t,
	      guest_start(g, &tty->print, d, "exec dd bs=4096 of=%s", node) &&
		      guest_start(g, &tty->read, d, "exec 3<%s; echo " OPEN "; exec dd bs=4096 <&3",
				  node) &&
		      guest_wait_out(&tty->read, OPEN "\n", d),
	      "dd in the guest: %s", g->error.data);
	buf_drop(&tty->read.out, strlen(OPEN "\n"));
	return tty;
}

static void take(struct mux *m, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];
		char plain = (char)(c & ~HIGH);

		buf_add(c & HIGH ? &m->guest : &m->ascii, &plain, 1);
	}
}

/* More from the host end; false: its end came, or the deadline. */
static bool more(struct mux *m, struct deadline d)
{
	char block[4096];
	ssize_t n = chr_read(m->chr, block, sizeof(block), d);

	if (n > 0)
		take(m, block, (size_t)n);
	return n > 0;
}

void mux_send(struct mux *m, const char *keys)
{
	size_t len = strlen(keys);

	CHECK(m->t, chr_write_all(m->chr, keys, len, deadline_in(MUX_MS)) == len,
	      "the host end takes no more");
}

static void want_text(struct mux *m, const char *what, const struct buf *got, const char *want)
{
	struct buf shown = BUF_INIT;

	if (got->len == strlen(want) && memcmp(got->data, want, got->len) == 0)
		return;
	buf_addf(&shown, "%s: got \"", what);
	text_printable(&shown, got->data, got->len, 400);
	buf_addstr(&shown, "\", want \"");
	text_printable(&shown, want, strlen(want), 400);
	trial_fail(m->t, __FILE__, __LINE__, "%s\"", shown.data);
}

void mux_type(struct mux *m, struct mux_tty *tty, const char *text)
{
	bool came;

	mux_send(m, text);
	buf_addstr(&tty->typed, text);
	came = guest_wait_out(&tty->read, text, deadline_in(MUX_MS));
	want_text(m, "typed to the guest", &tty->read.out, tty->typed.data);
	CHECK(m->t, came, "the guest's dd: %s", m->t->rig.vm.guest.error.data);
}

void mux_print(struct mux *m, struct mux_tty *tty, const char *text)
{
	struct deadline d = deadline_in(MUX_MS);
	struct buf high = BUF_INIT;

	for (const char *c = text; *c; c++) {
		char byte = (char)(*c | HIGH);

		buf_add(&high, &byte, 1);
	}
	CHECK(m->t, guest_send(&tty->print, high.data, high.len, d), "to the guest: %s",
	      m->t->rig.vm.guest.error.data);
	buf_release(&high);
	buf_addstr(&m->printed, text);
	while (m->guest.len < m->printed.len && more(m, d))
		;
	want_text(m, "printed by the guest", &m->guest, m->printed.data);
}

char *mux_ascii_until(struct mux *m, const char *end)
{
	struct deadline d = deadline_in(MUX_MS);
	char *at, *text;
	size_t len;

	while (!(at = strstr(m->ascii.data, end)) && more(m, d))
		;
	if (!at)
		want_text(m, "from the multiplexer", &m->ascii, end);
	len = (size_t)(at - m->ascii.data) + strlen(end);
	text = xstrndup(m->ascii.data, len);
	buf_drop(&m->ascii, len);
	return text;
}

void mux_ascii(struct mux *m, const char *text)
{
	struct deadline d = deadline_in(MUX_MS);

	while (m->ascii.len < strlen(text) && more(m, d))
		;
	want_text(m, "from the multiplexer", &m->ascii, text);
	buf_clear(&m->ascii);
}

void mux_nothing_more(struct mux *m, bool ended)
{
	struct deadline d = deadline_in(MUX_MS);
	struct buf why = BUF_INIT;

	if (m->t->session->keep_guest)
		return;
	CHECK(m->t, ended || vm_quit(&m->t->rig.vm, &why), "%s", why.data);
	while (more(m, d))
		;
	want_text(m, "from the multiplexer, in the end", &m->ascii, "");
	want_text(m, "printed by the guest, in the end", &m->guest, m->printed.data);
}
