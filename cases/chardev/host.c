// SPDX-License-Identifier: GPL-2.0-or-later
/* host.c - the host's side of a backend */
#include "cases/chardev/host.h"

#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void host_plan(const struct variant *v, struct plan *plan)
{
	enum chr_kind kind = CHR_PIPE;

	chr_kind_parse(variant_get(v, "chardev"), &kind);
	bare_plan(v, plan);
	plan_add_chr(plan, "c0", kind, CHR_QEMU_LISTENS);
}

struct stream host_connected(struct bare *b)
{
	struct stream s = stream_plain(bare_open(b, "c0"));

	bare_host_opened(b, b->front, true);
	return s;
}

void host_drain(struct bare *b, struct stream *s, struct buf *got)
{
	size_t before;
	ssize_t n;

	do {
		before = got->len;
		bare_settle(b);
		while ((n = stream_read(s, buf_reserve(got, 65536), 65536)) > 0)
			got->len += (size_t)n;
		CHECK(b->t, n == 0, "the host's connection has ended");
	} while (got->len > before);
}

void host_shows(struct trial *t, struct chr *c, const char *who, const char *text)
{
	struct deadline d = deadline_in(BARE_MS);
	struct buf got = BUF_INIT;
	char byte;

	while (!got.len || !strstr(got.data, text)) {
		CHECK(t, chr_read(c, &byte, 1, d) == 1, "%s shows \"%s\" and not \"%s\"", who,
		      got.len ? got.data : "", text);
		if (byte)
			buf_add(&got, &byte, 1);
	}
	buf_release(&got);
}

const char *host_hmp(struct trial *t, struct qmp *q, const char *line)
{
	CHECK(t, qmp_hmp(q, deadline_in(BARE_MS), "%s", line) == QMP_OK, "HMP does not do %s",
	      line);
	return q->answer.data;
}

/* PC16550D data sheet, 8.0: the data register is the first, line status the sixth. */
void host_byte_each_way(struct trial *t, struct qmp *q, unsigned port, struct chr *host, char c)
{
	char *out = xasprintf("o /b %#x %d", port, c), *in = xasprintf("i /b %#x", port);
	char *status = xasprintf("i /b %#x", port + 5), *want = xasprintf("= 0x%02x", c), got;
	struct deadline d = deadline_in(BARE_MS);

	host_hmp(t, q, out);
	CHECK(t, chr_read(host, &got, 1, d) == 1 && got == c, "'%c' does not come to the host", c);
	CHECK(t, chr_write_all(host, &c, 1, d) == 1, "the host cannot send");
	while (strstr(host_hmp(t, q, status), "= 0x60"))
		CHECK(t, !deadline_passed(d), "'%c' does not come to the device", c);
	CHECK(t, strstr(host_hmp(t, q, in), want), "%s, want %s", q->answer.data, want);
	free(want);
	free(status);
	free(in);
	free(out);
}

void host_payload(struct buf *b, uint64_t seed, size_t len)
{
	struct payload p;

	payload_init(&p, seed, len);
	payload_fill(&p, 0, buf_reserve(b, len), len);
	b->len += len;
	b->data[b->len] = '\0';
	payload_release(&p);
}

void host_file_make(struct trial *t, const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "w");
	bool ok = f && fwrite(data, 1, len, f) == len;

	ok = f && fclose(f) == 0 && ok;
	CHECK(t, ok, "no file %s can be made in the trial's folder", path);
}

void host_file_is(struct trial *t, const char *path, const void *data, size_t len)
{
	const unsigned char *want = data;
	struct buf is = BUF_INIT;
	size_t at = 0;

	CHECK(t, buf_read_file(&is, path), "there is no file %s", path);
	while (at < is.len && at < len && (unsigned char)is.data[at] == want[at])
		at++;
	CHECK(t, is.len == len && at == len,
	      "%s has %zu bytes, want %zu; they are the same up to offset %zu", path, is.len, len,
	      at);
	buf_release(&is);
}

static void look(const struct terminal *term, struct trial *t, struct termios *tio)
{
	CHECK(t, tcgetattr(term->slave, tio) == 0, "a pty does not tell its settings");
}

static void close_terminal(void *arg)
{
	struct terminal *term = arg;

	close(term->slave);
	close(term->master);
}

void terminal_make(struct terminal *term, struct trial *t, bool raw)
{
	struct termios tio;

	CHECK(t, openpty(&term->master, &term->slave, term->name, NULL, NULL) == 0,
	      "this host has no pty for us");
	trial_defer(t, close_terminal, term);
	look(term, t, &tio);
	if (raw) {
		cfmakeraw(&tio);
		tio.c_oflag = 0; /* OPOST alone may come back: char-stdio.c */
	}
	CHECK(t, tcsetattr(term->slave, TCSANOW, &tio) == 0, "a pty cannot be set");
	look(term, t, &term->before);
	term->flags = fcntl(term->slave, F_GETFL);
}

bool terminal_is_raw(const struct terminal *term, struct trial *t)
{
	struct termios tio;

	look(term, t, &tio);
	return !(tio.c_lflag & (ICANON | ECHO));
}

void terminal_is_restored(struct terminal *term, struct trial *t, const char *when)
{
	const struct termios *b = &term->before;
	struct termios is;

	look(term, t, &is);
	CHECK(t,
	      is.c_iflag == b->c_iflag && is.c_oflag == b->c_oflag && is.c_cflag == b->c_cflag &&
		      is.c_lflag == b->c_lflag && memcmp(is.c_cc, b->c_cc, sizeof(is.c_cc)) == 0,
	      "%s the terminal is left with iflag %#x oflag %#x cflag %#x lflag %#x, it had %#x %#x %#x %#x",
	      when, is.c_iflag, is.c_oflag, is.c_cflag, is.c_lflag, b->c_iflag, b->c_oflag,
	      b->c_cflag, b->c_lflag);
	CHECK(t, fcntl(term->slave, F_GETFL) == term->flags,
	      "%s the terminal is left with open flags %#x, it had %#x", when,
	      fcntl(term->slave, F_GETFL), term->flags);
}
