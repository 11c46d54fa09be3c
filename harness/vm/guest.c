// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guest.c - commands in the guest, several at once, each over an ssh connection of its own
 *
 * A lost connection is the guest's end: its other connections are of no more use either. What came
 * is taken from all of them (take()) before anybody waits, here or in a caller's poll(), so that no
 * command stands still because nobody takes its output.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/vm/guest_private.h"

#define PUMP_MS	    200 /* the longest that guest_pump() takes from a guest that never pauses */
#define COMMAND_MAX 80	/* of a command's text in a message */

void guest_init(struct guest *g, const char *log)
{
	struct guest_private *p = xcalloc(1, sizeof(*p));

	*g = (struct guest){.log = log ? xstrdup(log) : NULL, .priv = p};
	buf_init(&g->error);
	buf_init(&p->key);
	buf_init(&p->host_key);
	p->poll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (p->poll_fd < 0)
		die_errno("epoll_create1");
}

void guest_release(struct guest *g)
{
	struct guest_private *p = g->priv;

	if (!p)
		return;
	guest_drop(p);
	io_close(&p->poll_fd);
	buf_release(&p->key);
	buf_release(&p->host_key);
	free(p);
	g->priv = NULL;
	free(g->log);
	g->log = NULL;
	buf_release(&g->error);
}

/* Text of a command for messages: in backquotes, one line, limited. */
static void add_command(struct buf *b, const char *command)
{
	buf_addstr(b, "`");
	text_printable(b, command, strlen(command), COMMAND_MAX);
	buf_addstr(b, "`");
}

/* A call begins that has to do with @c, on @s. */
static void doing(struct ssh *s, const struct guest_cmd *c, const char *prefix)
{
	ssh_doing(s, "%s", prefix);
	add_command(&s->doing, c->command);
}

static void log_start(const struct guest *g, const char *command)
{
	char *line;

	if (!g->log)
		return;
	line = xasprintf("+ %s\n", command);
	file_append(g->log, line, strlen(line));
	free(line);
}

static void log_end(const struct guest *g, const struct guest_cmd *c, const char *how)
{
	struct buf b = BUF_INIT;

	if (!g->log)
		return;
	buf_addf(&b, "= %s (%.3f s): ", how, (double)(now_ns() - c->priv->start_ns) / 1e9);
	add_command(&b, c->command);
	buf_addstr(&b, "\n");
	if (c->err.len) {
		buf_add(&b, c->err.data, c->err.len);
		if (c->err.data[c->err.len - 1] != '\n')
			buf_addstr(&b, "\n");
	}
	file_append(g->log, b.data, b.len);
	buf_release(&b);
}

/* After a failure: if it was a connection's, all commands must know. False. */
static bool failed(struct guest *g)
{
	struct guest_private *p = g->priv;
	struct guest_link *dead = guest_dead_link(p);

	if (!dead || p->told)
		return false;
	p->told = true;
	for (struct guest_link *link = p->links; link; link = link->next) {
		if (!link->running || !link->running->cmd)
			continue;
		link->running->cmd->lost = true;
		log_end(g, link->running->cmd, dead->ssh.why.data);
	}
	return false;
}

/* Nobody owns the channel of @link any more: it is gone once the guest has said goodbye too. */
static void let_go(struct guest_link *link)
{
	if (!ssh_let_go(link->running->channel))
		return;
	free(link->running);
	link->running = NULL;
}

/* If the command of @link has ended and its output is complete, it is done. */
static void check_done(struct guest *g, struct guest_link *link)
{
	struct guest_cmd *c = link->running->cmd;
	char *how;

	if (!ssh_ended(&link->ssh, link->running->channel, &c->status, &c->signal))
		return;
	c->done = true;
	how = c->signal ? xasprintf("signal %s", c->signal)
			: xasprintf("exit status %d", c->status);
	log_end(g, c, how);
	free(how);
	c->priv = NULL;
	link->running->cmd = NULL;
	let_go(link);
}

/* Take all that has come on a connection. Its end is no failure yet. */
static bool take_link(struct guest *g, struct guest_link *link)
{
	uint64_t before;

	link->ssh.limit = deadline_in(PUMP_MS);
	do {
		struct guest_cmd *c = link->running ? link->running->cmd : NULL;

		before = link->ssh.received;
		if (c &&
		    !ssh_read(&link->ssh, link->running->channel, &c->out, &c->err, GUEST_OUT_MAX))
			return failed(g);
		if (c)
			check_done(g, link);
		else if (link->running)
			let_go(link);
	} while (link->ssh.received != before); /* of two streams, one was read before the other */
	return true;
}

static bool take(struct guest *g)
{
	for (struct guest_link *link = g->priv->links; link; link = link->next)
		if (!take_link(g, link))
			return false;
	return true;
}

static bool usable(struct guest *g)
{
	struct guest_link *dead = guest_dead_link(g->priv);

	if (dead)
		return guest_fail(g, "%s", dead->ssh.why.data);
	return g->priv->links || guest_fail(g, "not connected");
}

static bool pump(struct guest *g)
{
	if (!usable(g) || !take(g))
		return false;
	for (struct guest_link *link = g->priv->links; link; link = link->next)
		if (!ssh_check_end(&link->ssh, link->running))
			return failed(g);
	return true;
}

bool guest_pump(struct guest *g)
{
	if (!g->priv)
		return false;
	for (struct guest_link *link = g->priv->links; link; link = link->next)
		ssh_doing(&link->ssh, "%s", "");
	return pump(g);
}

static bool vstart(struct guest *g, struct guest_cmd *c, struct deadline d, const char *fmt,
		   va_list ap) __attribute__((format(printf, 4, 0)));

static bool vstart(struct guest *g, struct guest_cmd *c, struct deadline d, const char *fmt,
		   va_list ap)
{
	struct _LIBSSH2_CHANNEL *channel = NULL;
	struct guest_link *link;
	bool ok;

	*c = (struct guest_cmd){.guest = g, .command = xvasprintf(fmt, ap)};
	buf_init(&c->out);
	buf_init(&c->err);
	ok = guest_pump(g) && (link = guest_idle_link(g, d));
	if (ok) {
		doing(&link->ssh, c, "the start of ");
		log_start(g, c->command);
		channel = ssh_start(&link->ssh, c->command, d);
		ok = channel || failed(g);
	}
	if (ok) {
		c->priv = xcalloc(1, sizeof(*c->priv));
		*c->priv = (struct guest_cmd_private){link, c, channel, now_ns()};
		link->running = c->priv;
		ok = take(g);
	}
	if (!ok)
		guest_cmd_release(c);
	return ok;
}

bool guest_start(struct guest *g, struct guest_cmd *c, struct deadline d, const char *fmt, ...)
{
	va_list ap;
	bool ok;

	va_start(ap, fmt);
	ok = vstart(g, c, d, fmt, ap);
	va_end(ap);
	return ok;
}

/* Wait until @c is done, or until @text (if any) stands in its output. */
static bool wait_for(struct guest_cmd *c, const char *text, struct deadline d)
{
	struct guest *g = c->guest;
	size_t len = text ? strlen(text) : 0, from = 0;
	struct buf what = BUF_INIT;
	bool ok = false;

	add_command(&what, c->command);
	if (c->priv && c->priv->link)
		doing(&c->priv->link->ssh, c, "");
	for (;;) {
		bool alive = c->done || pump(g);

		ok = text ? memmem(c->out.data + from, c->out.len - from, text, len) != NULL
			  : c->done;
		if (ok)
			break;
		if (c->done)
			guest_fail(g, "%s ended without saying \"%s\"", what.data, text);
		if (c->done || !alive)
			break;
		if (!c->priv->link) {
			guest_fail(g, "the connection of %s was dropped", what.data);
			break;
		}
		if (c->out.len >= GUEST_OUT_MAX || c->err.len >= GUEST_OUT_MAX) {
			guest_fail(g, "more than %u MiB of output from %s", GUEST_OUT_MAX >> 20,
				   what.data);
			break;
		}
		from = c->out.len > len ? c->out.len - len : 0;
		if (!ssh_wait(&c->priv->link->ssh, g->priv->poll_fd, d)) {
			failed(g);
			break;
		}
	}
	buf_release(&what);
	return ok;
}

bool guest_wait(struct guest_cmd *c, struct deadline d)
{
	return wait_for(c, NULL, d);
}

bool guest_wait_out(struct guest_cmd *c, const char *text, struct deadline d)
{
	return wait_for(c, text, d);
}

/* Can @c be sent something? */
static bool takes_input(struct guest_cmd *c)
{
	if (c->priv && c->priv->link)
		doing(&c->priv->link->ssh, c, "input for ");
	if (!pump(c->guest))
		return false;
	return (c->priv && c->priv->link) || guest_fail(c->guest, "the command has ended");
}

bool guest_send(struct guest_cmd *c, const void *data, size_t len, struct deadline d)
{
	struct guest *g = c->guest;
	const char *from = data;

	if (!takes_input(c))
		return false;
	while (len) {
		struct ssh *s = &c->priv->link->ssh;
		uint64_t before = s->received;
		ssize_t n;

		s->limit = d;
		n = ssh_write(s, c->priv->channel, from, len);
		if (n < 0)
			return failed(g);
		from += n;
		len -= (size_t)n;
		if (n > 0)
			continue;
		/* The command may be waiting for us to take its output. */
		if (!ssh_write_is_stuck(s) && !pump(g))
			return false;
		if (!c->priv)
			return guest_fail(g, "the command ended before it took all its input");
		/* Among what was taken may be the room that the write lacked: nothing else need
		 * come. */
		if (s->received != before && !deadline_passed(d))
			continue;
		if (!ssh_wait(s, -1, d))
			return failed(g);
	}
	return take(g);
}

void guest_cmd_release(struct guest_cmd *c)
{
	struct guest_cmd_private *cp = c->priv;

	if (cp && !cp->link) {
		free(cp);
	} else if (cp) {
		if (!c->lost)
			log_end(c->guest, c, "released while it ran");
		cp->cmd = NULL;
		if (!cp->link->ssh.dead)
			let_go(cp->link);
	}
	free(c->command);
	free(c->signal);
	buf_release(&c->out);
	buf_release(&c->err);
	*c = (struct guest_cmd){0};
	buf_init(&c->out);
	buf_init(&c->err);
}

int guest_run(struct guest *g, struct buf *out, struct deadline d, const char *fmt, ...)
{
	/* Not on the stack: if die() ends this call, the connection still knows the command. */
	struct guest_cmd *c = xcalloc(1, sizeof(*c));
	int status = -1;
	va_list ap;
	bool ok;

	va_start(ap, fmt);
	ok = vstart(g, c, d, fmt, ap);
	va_end(ap);
	if (ok && guest_wait(c, d)) {
		char *last = text_last_line(c->err.data);

		status = c->status;
		if (status) {
			struct buf what = BUF_INIT;

			add_command(&what, c->command);
			guest_fail(g, "exit status %d from %s%s%s", status, what.data,
				   *last ? ": " : "", last);
			buf_release(&what);
		}
		free(last);
	}
	if (ok && out)
		buf_add(out, c->out.data, c->out.len);
	if (ok)
		guest_cmd_release(c);
	free(c);
	return status;
}
