// SPDX-License-Identifier: GPL-2.0-or-later
/* login.c - somebody logs in on a terminal of the guest, works, and leaves */
#include "harness/run/login.h"

#include <stdlib.h>
#include <string.h>

/* The guest's login waits for three seconds after a wrong password. */
#define LOGIN_MS 20000
#define OPEN_MS	 5000
#define START_MS 10000
#define SHOWN	 200
/* Behind its prompt the guest's shell asks the terminal where the cursor is. */
#define PROMPT "# \033\\[6n"

#define LINES	  40
#define LINES_PTY 3
#define WIDTH	  1000

static void await(struct trial *t, struct console *c, const char *pattern, const char *what)
{
	enum console_result r = console_expect(c, deadline_in(LOGIN_MS), 1, &pattern, NULL);
	size_t from = c->log.len > SHOWN ? c->log.len - SHOWN : 0;
	struct buf shown = BUF_INIT;

	text_printable(&shown, c->log.data + from, c->log.len - from, SHOWN);
	CHECK(t, r == CONSOLE_MATCHED, "%s does not come%s; last text: \"%s\"", what,
	      r == CONSOLE_EOF ? ", the console ended" : "", shown.data);
	buf_release(&shown);
}

static void say(struct trial *t, struct console *c, const char *text)
{
	CHECK(t, console_send(c, text, deadline_in(LOGIN_MS)), "the console does not take \"%s\"",
	      text);
}

/* At "login:", give the name and @password: is it let in? */
static bool log_in(struct trial *t, struct console *c, const char *password)
{
	static const char *const answers[] = {"*Login incorrect", "*" PROMPT};
	char *line = xasprintf("%s\n", password);
	int which = 0;

	await(t, c, "*login: ", "login:");
	say(t, c, "root\n");
	await(t, c, "*Password: ", "Password:");
	say(t, c, line);
	CHECK(t, console_expect(c, deadline_in(LOGIN_MS), 2, answers, &which) == CONSOLE_MATCHED,
	      "after the password \"%s\" comes neither a prompt nor \"Login incorrect\"", password);
	free(line);
	return which == 1;
}

/* A virtio console drops what its backend does not take. This much goes into a socket's buffer
 * even if nobody reads: few lines, since each is a write of its own, but long ones. A pty holds
 * 4 KiB. */
static void long_output(struct trial *t, struct console *c, bool pty)
{
	int lines = pty ? LINES_PTY : LINES;
	char *command =
		xasprintf("for i in $(seq 1 %d); do printf %%0%dd\\\\n $i; done\n", lines, WIDTH);
	char *end = xasprintf("*0%d\r\n" PROMPT, lines);
	struct buf want = BUF_INIT;

	for (int i = 1; i <= lines; i++)
		buf_addf(&want, "%0*d\r\n", WIDTH, i);
	buf_addstr(&want, "# ");
	say(t, c, command);
	await(t, c, end, "the end of the long output and the prompt");
	CHECK(t, memmem(c->log.data, c->log.len, want.data, want.len),
	      "the long output, %zu bytes, did not come whole; its last line did", want.len);
	buf_release(&want);
	free(end);
	free(command);
}

/* What is typed comes back as well, so a pattern must not match the command. */
static void work(struct trial *t, struct console *c, const char *tty, bool pty)
{
	char *name = xasprintf("*\r\n/dev/%s\r\n*" PROMPT, tty);

	say(t, c, "tty\n");
	await(t, c, name, "the terminal's name and the prompt");
	say(t, c, "ls /\n");
	await(t, c, "*bin*dev*" PROMPT, "bin and dev in the root folder and the prompt");
	long_output(t, c, pty);
	free(name);
}

void login_drive(struct trial *t, struct chr *host, const char *tty)
{
	struct guest *g = &trial_rig(t)->vm.guest;
	struct buf why = BUF_INIT;
	struct console c;

	console_init(&c, host->fd);
	CHECK(t,
	      guest_run(g, NULL, deadline_in(START_MS),
			"(console-login %s </dev/null >/dev/null 2>&1 &)", tty) == 0,
	      "in the guest: console-login: %s", g->error.data);
	CHECK(t, !log_in(t, &c, "wrong"), "a wrong password is let in");
	CHECK(t, log_in(t, &c, t->session->image->password), "the right password is refused");
	work(t, &c, tty, host->kind == CHR_PTY);
	say(t, &c, "exit\n");
	await(t, &c, "*login: $", "the next login:");
	console_release(&c);
	/* Whoever comes later has missed that prompt, and asks for another. */
	chr_close(host);
	CHECK(t, chr_open(host, deadline_in(OPEN_MS), &why), "the host end of %s: %s", host->id,
	      why.data);
	console_init(&c, host->fd);
	say(t, &c, "\r");
	await(t, &c, "*login: $", "login: for somebody who comes later");
	console_release(&c);
}
