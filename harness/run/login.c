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

#define LINES	  40
#define LINES_PTY 3
#define WIDTH	  1000

void login_await(struct trial *t, struct console *c, const char *pattern, const char *what)
{
	enum console_result r = console_expect(c, deadline_in(LOGIN_MS), 1, &pattern, NULL);
	size_t from = c->log.len > SHOWN ? c->log.len - SHOWN : 0;
	struct buf shown = BUF_INIT;

	text_printable(&shown, c->log.data + from, c->log.len - from, SHOWN);
	CHECK(t, r == CONSOLE_MATCHED, "%s does not come%s; last text: \"%s\"", what,
	      r == CONSOLE_EOF ? ", the console ended" : "", shown.data);
	buf_release(&shown);
}

void login_say(struct trial *t, struct console *c, const char *text)
{
	CHECK(t, console_send(c, text, deadline_in(LOGIN_MS)), "the console does not take \"%s\"",
	      text);
}

bool login_try(struct trial *t, struct console *c, const char *password)
{
	static const char *const answers[] = {"*Login incorrect", "*" LOGIN_PROMPT};
	char *line = xasprintf("%s\n", password);
	int which = 0;

	login_await(t, c, "*login: ", "login:");
	login_say(t, c, "root\n");
	login_await(t, c, "*Password: ", "Password:");
	login_say(t, c, line);
	CHECK(t, console_expect(c, deadline_in(LOGIN_MS), 2, answers, &which) == CONSOLE_MATCHED,
	      "after the password \"%s\" comes neither a prompt nor \"Login incorrect\"", password);
	free(line);
	return which == 1;
}

/* A virtio console drops what its backend does not take. This much goes into a socket's buffer
 * even if nobody reads: few lines, since each is a write of its own, but long ones. A pty holds
 * 4 KiB. */
void login_long_output(struct trial *t, struct console *c, bool pty)
{
	int lines = pty ? LINES_PTY : LINES;
	char *command =
		xasprintf("for i in $(seq 1 %d); do printf %%0%dd\\\\n $i; done\n", lines, WIDTH);
	char *end = xasprintf("*0%d\r\n" LOGIN_PROMPT, lines);
	struct buf want = BUF_INIT;

	for (int i = 1; i <= lines; i++)
		buf_addf(&want, "%0*d\r\n", WIDTH, i);
	buf_addstr(&want, "# ");
	login_say(t, c, command);
	login_await(t, c, end, "the end of the long output and the prompt");
	CHECK(t, memmem(c->log.data, c->log.len, want.data, want.len),
	      "the long output, %zu bytes, did not come whole; its last line did", want.len);
	buf_release(&want);
	free(end);
	free(command);
}

/* What is typed comes back as well, so a pattern must not match the command. */
static void work(struct trial *t, struct console *c, const char *tty, bool pty)
{
	char *name = xasprintf("*\r\n/dev/%s\r\n*" LOGIN_PROMPT, tty);

	login_say(t, c, "tty\n");
	login_await(t, c, name, "the terminal's name and the prompt");
	login_say(t, c, "ls /\n");
	login_await(t, c, "*bin*dev*" LOGIN_PROMPT,
		    "bin and dev in the root folder and the prompt");
	login_long_output(t, c, pty);
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
	CHECK(t, !login_try(t, &c, "wrong"), "a wrong password is let in");
	CHECK(t, login_try(t, &c, t->session->image->password), "the right password is refused");
	work(t, &c, tty, host->kind == CHR_PTY);
	login_say(t, &c, "exit\n");
	login_await(t, &c, "*login: $", "the next login:");
	console_release(&c);
	/* Whoever comes later has missed that prompt, and asks for another. */
	chr_close(host);
	CHECK(t, chr_open(host, deadline_in(OPEN_MS), &why), "the host end of %s: %s", host->id,
	      why.data);
	console_init(&c, host->fd);
	login_say(t, &c, "\r");
	login_await(t, &c, "*login: $", "login: for somebody who comes later");
	console_release(&c);
}
