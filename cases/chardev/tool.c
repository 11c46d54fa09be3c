// SPDX-License-Identifier: GPL-2.0-or-later
/* tool.c - one of the usual tools at the other end of a chardev */
#include "cases/chardev/tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "cases/chardev/host.h"
#include "harness/base/io.h"

#define MS	10000
#define LOOK_MS 5

/* Debian's package of a program has its name but for these. */
const char *tool_lacks(const struct tool *tool)
{
	static const struct {
		const char *program, *why;
	} programs[] = {
		{"socat", "there is no socat (Debian: socat; make deps)"},
		{"nc", "there is no nc (Debian: netcat-openbsd; make deps)"},
		{"openssl", "there is no openssl (Debian: openssl; make deps)"},
		{"minicom", "there is no minicom (Debian: minicom; make deps)"},
		{"picocom", "there is no picocom (Debian: picocom; make deps)"},
		{"chardev-websocket-client",
		 "there is no chardev-websocket-client: libsoup was missing "
		 "when it was to be built (make deps, make programs)"},
	};
	const char *why = NULL;

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		size_t len = strlen(programs[i].program);
		char *path = NULL;

		if (strncmp(tool->words, programs[i].program, len) != 0 || tool->words[len] != ' ')
			continue;
		path = program_path(programs[i].program);
		why = path ? NULL : programs[i].why;
		free(path);
	}
	return why;
}

static void release(void *arg)
{
	struct tool_play *p = arg;

	program_release(&p->program);
	for (int i = 0; i < 3; i++)
		io_close(&p->held[i]);
}

/* A port that the kernel chooses, and that who says SO_REUSEADDR may bind beside us: a listener, or
 * a connected socket, which the kernel prefers (see chr.h). */
static char *hold_port(struct trial *t, int type, int *fd)
{
	struct sock_address any = sock_loopback(false, 0);
	int on = 1;

	*fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	CHECK(t,
	      *fd >= 0 && bind(*fd, (const struct sockaddr *)&any.a, any.len) == 0 &&
		      setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0,
	      "no port to hold: %s", strerror(errno));
	return xasprintf("%d", sock_port(*fd));
}

char *tool_fill_in(const struct tool_play *p, const char *text)
{
	const struct {
		const char *name, *value;
	} names[] = {{"@HERE", p->here}, {"@THERE", p->there}, {"@STREAM", p->stream},
		     {"@SAID", p->said}, {"@PORT", p->port},   {"@PTY", p->pty}};
	enum { NAMES = sizeof(names) / sizeof(*names) };
	struct buf out = BUF_INIT;

	for (size_t i, len; *text; text += len) {
		for (i = 0; i < NAMES; i++)
			if (strncmp(text, names[i].name, len = strlen(names[i].name)) == 0)
				break;
		if (i == NAMES)
			len = 1;
		CHECK(p->t, i == NAMES || names[i].value, "nobody knows %.*s", (int)len, text);
		if (i == NAMES)
			buf_add(&out, text, 1);
		else
			buf_addstr(&out, names[i].value);
	}
	return buf_steal(&out);
}

static void start(struct tool_play *p)
{
	char *text = tool_fill_in(p, p->tool->words);
	struct strv words = {NULL, 0};

	trial_note(p->t, "%s", text);
	strv_split(&words, text, " ");
	program_start(&p->program, &words, p->tool->terminal ? PROGRAM_TERMINAL : PROGRAM_SOCKET);
	strv_release(&words);
	free(text);
}

static char *told(struct tool_play *p, const char *text)
{
	char *said = program_told(&p->program, text, deadline_in(MS));

	CHECK(p->t, said, "%s does not say \"%s\" (" PROGRAM_ERR ")", p->tool->words, text);
	return said;
}

/* Somebody who comes and goes: the next connection is QEMU's. */
static void knock(struct tool_play *p)
{
	struct sock_address at = sock_loopback(false, sock_port(p->held[2]));
	struct deadline d = deadline_in(MS);
	struct buf why = BUF_INIT;
	int fd;

	while ((fd = sock_connect(&at, false, deadline_in(MS), &why)) < 0) {
		CHECK(p->t, !deadline_passed(d) && !proc_poll(&p->program.proc), "%s: %s",
		      p->tool->words, why.data);
		io_wait(p->program.proc.pidfd, POLLIN, deadline_in(LOOK_MS));
		buf_clear(&why);
	}
	io_close(&fd);
	buf_release(&why);
}

bool tool_is_early(const struct tool_play *p)
{
	return p->tool->listens || p->tool->accepts || p->tool->early;
}

void tool_prepare(struct tool_play *p, struct trial *t, const struct tool *tool, const char *id)
{
	*p = (struct tool_play){
		.tool = tool, .id = id, .t = t, .program = {PROC_INIT, -1}, .held = {-1, -1, -1}};
	trial_defer(t, release, p);
	p->here = hold_port(t, SOCK_DGRAM, &p->held[0]);
	p->there = hold_port(t, SOCK_DGRAM, &p->held[1]);
	p->stream = hold_port(t, SOCK_STREAM, &p->held[2]);
	if (!tool || !tool_is_early(p))
		return;
	if (strstr(tool->words, TOOL_FILES "/"))
		tls_make_files(TOOL_FILES);
	start(p);
	if (tool->accepts)
		knock(p);
	if (tool->listens)
		p->said = told(p, tool->listens);
	if (tool->waits) /* who has the very address would get what is for it */
		io_close(&p->held[0]);
}

void tool_start(struct tool_play *p)
{
	char *filename;
	int port;

	p->b = trial_bare(p->t);
	filename = bare_filename(p->b, p->id);
	port = bare_port(p->b, p->id);
	if (port >= 0)
		p->port = xasprintf("%d", port);
	if (strncmp(filename, "pty:", 4) == 0)
		p->pty = xstrdup(filename + 4);
	free(filename);
}

/* The first bytes, by which both know of each other. */
static void greet(struct tool_play *p, struct stream *s)
{
	struct bare *b = p->b;
	char room[64];
	size_t n;

	if (p->tool->waits) {
		bare_send(b, b->front, "first", 5);
		bare_host_expect(b, s, "first", 5);
	}
	n = chr_read_exact(s->chr, room, p->tool->greeting, deadline_in(MS));
	CHECK(p->t, n == p->tool->greeting, "QEMU says %zu bytes first, want %zu", n,
	      p->tool->greeting);
	if (!front_hears(b->front)) {
		free(told(p, p->tool->ready));
	} else if (!p->tool->loops) {
		bare_host_send(b, s, "here", 4);
		bare_expect(b, b->front, "here", 4);
	}
}

struct stream tool_join(struct tool_play *p, const char *as)
{
	struct stream s;

	if (!tool_is_early(p))
		start(p);
	s = stream_plain(bare_adopt(p->b, as, p->program.fd));
	p->program.fd = -1; /* it is the host end's */
	if (p->tool->terminal)
		host_shows(p->t, s.chr, p->tool->words, p->tool->terminal);
	bare_host_opened(p->b, p->b->front, true);
	bare_await_filename(p->b, p->id, "disconnected", true);
	greet(p, &s);
	return s;
}

void tool_leave(struct tool_play *p, struct stream *s, bool sees)
{
	chr_close(s->chr);
	program_release(&p->program);
	if (!sees)
		return;
	bare_await_filename(p->b, p->id, "disconnected", false);
	bare_host_opened(p->b, p->b->front, false);
}
