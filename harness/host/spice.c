// SPDX-License-Identifier: GPL-2.0-or-later
/* spice.c - a SPICE client, as a child */
#include "harness/host/spice.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"

#define PROGRAM "chardev-spice-client"
#define ERR	"spice-client.err"
#define LOGGED	200 /* of a line: a text of many KB is in there as hexadecimal */

/* Beside our own program; malloc'ed. */
static char *program_path(void)
{
	char *self = file_absolute("/proc/self/exe"), *slash, *path;

	if (!self)
		die_errno("unable to find our own program");
	slash = strrchr(self, '/');
	path = xasprintf("%.*s/" PROGRAM, (int)(slash - self), self);
	free(self);
	return path;
}

const char *spice_available(void)
{
	char *path = program_path();
	bool there = access(path, X_OK) == 0;

	free(path);
	return there ? NULL
		     : "there is no " PROGRAM ": spice-client-glib was missing when it was to be "
		       "built (make deps, make programs)";
}

static void log_line(const char *who, const char *line)
{
	size_t len = strlen(line);
	char *text = xasprintf("%s %.*s%s\n", who, LOGGED, line, len > LOGGED ? ".." : "");

	file_append(SPICE_LOG, text, strlen(text));
	free(text);
}

static void make_pipe(int fd[2])
{
	if (pipe2(fd, O_CLOEXEC) < 0)
		die_errno("pipe");
}

void spice_start(struct spice *s)
{
	char *path = program_path();

	spice_start_as(s, path);
	free(path);
}

void spice_start_as(struct spice *s, const char *program)
{
	struct strv argv = {NULL, 0};
	struct proc_spec spec = PROC_SPEC(&argv);
	int in[2], out[2], error;

	*s = (struct spice){.proc = PROC_INIT, .to = -1, .from = -1, .line = BUF_INIT};
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) /* a client that has ended is EPIPE */
		die_errno("signal SIGPIPE");
	make_pipe(in);
	make_pipe(out);
	strv_pushl(&argv, program, SPICE_SOCKET, NULL);
	spec.stdin_fd = in[0];
	spec.stdout_fd = out[1];
	spec.err = ERR;
	error = proc_start(&s->proc, &spec);
	close(in[0]);
	close(out[1]);
	s->to = in[1];
	s->from = out[0];
	if (error)
		die("unable to start %s: %s", program, strerror(error));
	if (fcntl(s->to, F_SETFL, O_NONBLOCK) < 0 || fcntl(s->from, F_SETFL, O_NONBLOCK) < 0)
		die_errno("fcntl");
	strv_release(&argv);
}

void spice_release(struct spice *s)
{
	io_close(&s->to);
	io_close(&s->from);
	proc_release(&s->proc);
	buf_release(&s->line);
	strv_release(&s->said);
}

bool spice_tell(struct spice *s, const char *line, struct deadline d)
{
	char *text = xasprintf("%s\n", line);
	bool told = io_write_all(s->to, text, strlen(text), d);

	log_line(">", line);
	free(text);
	return told;
}

/* Whole lines to the list. */
static void take_lines(struct spice *s)
{
	char *end;

	while ((end = memchr(s->line.data, '\n', s->line.len))) {
		*end = '\0';
		log_line("<", s->line.data);
		strv_push(&s->said, s->line.data);
		buf_drop(&s->line, (size_t)(end + 1 - s->line.data));
	}
}

/* Take what is there; false once there is no more to come. */
static bool take(struct spice *s)
{
	char block[65536];
	ssize_t n;

	if (s->from < 0)
		return false;
	while ((n = read(s->from, block, sizeof(block))) > 0)
		buf_add(&s->line, block, (size_t)n);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		die_errno("reading from " PROGRAM);
	take_lines(s);
	if (n == 0)
		io_close(&s->from);
	return n < 0;
}

void spice_poll(struct spice *s)
{
	take(s);
}

const char *spice_said(const struct spice *s, const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < s->said.n; i++) {
		const char *line = s->said.v[i];

		if (strncmp(line, key, len) == 0 && (line[len] == ' ' || !line[len]))
			return line[len] ? line + len + 1 : line + len;
	}
	return NULL;
}

const char *spice_await(struct spice *s, const char *key, struct deadline d)
{
	for (;;) {
		bool more = take(s);
		const char *said = spice_said(s, key);

		if (said || !more || !io_wait(s->from, POLLIN, d))
			return said;
	}
}

const char *spice_last(const struct spice *s)
{
	return s->said.n ? s->said.v[s->said.n - 1] : "nothing";
}
