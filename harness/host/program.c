// SPDX-License-Identifier: GPL-2.0-or-later
/* program.c - somebody else's program at the other end of a chardev */
#include "harness/host/program.h"

#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"

#define LOOK_MS 5 /* a file's growth is no event that poll() knows */

/* @name in the folder that ends before @end; malloc'ed, NULL: no program there. */
static char *program_in(const char *folder, const char *end, const char *name)
{
	char *path = xasprintf("%.*s/%s", (int)(end - folder), folder, name);

	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

char *program_path(const char *name)
{
	char *self = file_absolute("/proc/self/exe"), *path;
	const char *at = getenv("PATH");

	if (!self)
		die_errno("unable to find our own program");
	if (strchr(name, '/')) {
		free(self);
		return access(name, X_OK) == 0 ? xstrdup(name) : NULL;
	}
	path = program_in(self, strrchr(self, '/'), name);
	free(self);
	for (const char *end; !path && at; at = *end ? end + 1 : NULL) {
		end = at + strcspn(at, ":");
		path = program_in(at, end, name);
	}
	return path;
}

/* Our end and the program's. */
static void make_seat(enum program_seat seat, int fd[2])
{
	if (seat == PROGRAM_TERMINAL) {
		if (openpty(&fd[0], &fd[1], NULL, NULL, NULL) < 0)
			die_errno("openpty");
	} else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0) {
		die_errno("socketpair");
	}
	io_set_nonblock(fd[0]);
}

void program_start(struct program *p, const struct strv *argv, enum program_seat seat)
{
	struct strv words = {NULL, 0};
	struct proc_spec spec = PROC_SPEC(&words);
	char *path = program_path(argv->v[0]);
	int fd[2], error;

	if (!path)
		die("there is no program %s", argv->v[0]);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) /* a program that has ended is EPIPE */
		die_errno("signal SIGPIPE");
	strv_push(&words, path);
	for (size_t i = 1; i < argv->n; i++)
		strv_push(&words, argv->v[i]);
	make_seat(seat, fd);
	spec.stdin_fd = spec.stdout_fd = fd[1];
	spec.controlled = seat == PROGRAM_TERMINAL;
	spec.err = PROGRAM_ERR;
	error = proc_start(&p->proc, &spec);
	close(fd[1]);
	p->fd = fd[0];
	if (error)
		die("unable to start %s: %s", path, strerror(error));
	strv_release(&words);
	free(path);
}

void program_release(struct program *p)
{
	proc_release(&p->proc);
	io_close(&p->fd);
}

/* What stands behind @text in a whole line of PROGRAM_ERR; malloc'ed, NULL: nothing yet. */
static char *told(const char *text)
{
	struct buf err = BUF_INIT;
	char *at = buf_read_file(&err, PROGRAM_ERR) ? strstr(err.data, text) : NULL, *end;

	at = at ? at + strlen(text) : NULL;
	end = at ? strchr(at, '\n') : NULL;
	at = end ? xasprintf("%.*s", (int)(end - at), at) : NULL;
	buf_release(&err);
	return at;
}

char *program_told(struct program *p, const char *text, struct deadline d)
{
	for (;;) {
		bool ended = proc_poll(&p->proc);
		char *said = told(text);

		if (said || ended || deadline_passed(d))
			return said;
		io_wait(p->proc.pidfd, POLLIN, deadline_earlier(d, deadline_in(LOOK_MS)));
	}
}
