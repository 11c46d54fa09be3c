// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guest.c - commands in the guest, several at once over one ssh connection
 *
 * Whatever reads from the socket for one channel queues what comes for the others, and the socket
 * is then silent. So everything is taken from all queues (take()) before anybody waits, here or in
 * a caller's poll().
 */
#include "harness/vm/guest.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/io.h"
#include "harness/vm/ssh.h"

#define PUMP_MS	    200 /* the longest that guest_pump() takes from a guest that never pauses */
#define COMMAND_MAX 80	/* of a command's text in a message */

/**
 * struct guest_cmd_private - A channel
 * @next:	list of struct guest_private
 * @guest:	its owner; NULL: the connection was dropped, @channel is gone
 * @cmd:	whose channel; NULL: the command was released, the guest's goodbye is awaited
 * @start_ns:	when the command was started
 */
struct guest_cmd_private {
	struct guest_cmd_private *next;
	struct guest_private *guest;
	struct guest_cmd *cmd;
	struct _LIBSSH2_CHANNEL *channel;
	int64_t start_ns;
};

/**
 * struct guest_private - A connection and what runs on it
 * @told:	every command knows that the connection is lost
 */
struct guest_private {
	struct ssh ssh;
	struct guest_cmd_private *channels;
	bool told;
};

void guest_init(struct guest *g, const char *log)
{
	*g = (struct guest){.log = log ? xstrdup(log) : NULL, .priv = xcalloc(1, sizeof(*g->priv))};
	buf_init(&g->error);
	ssh_init(&g->priv->ssh, &g->error);
}

/* The connection is closed. Commands that were not released keep their part until they are. */
static void orphan(struct guest_private *p)
{
	struct guest_cmd_private *cp, *next;

	for (cp = p->channels; cp; cp = next) {
		next = cp->next;
		cp->guest = NULL;
		cp->channel = NULL;
		if (!cp->cmd)
			free(cp);
	}
	p->channels = NULL;
}

void guest_release(struct guest *g)
{
	if (!g->priv)
		return;
	ssh_release(&g->priv->ssh);
	orphan(g->priv);
	free(g->priv);
	g->priv = NULL;
	free(g->log);
	g->log = NULL;
	buf_release(&g->error);
}

/* The blob in an OpenSSH .pub file ("ssh-ed25519 BASE64 comment"); false: there is none. */
static bool parse_public_key(const char *text, struct buf *blob)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t type_len = strcspn(text, " "), n = 0;
	const char *p = text + type_len, *digit;
	uint32_t bits = 0;

	if (!*p)
		return false;
	for (p++; *p && (digit = strchr(digits, *p)); p++, n++) {
		bits = bits << 6 | (uint32_t)(digit - digits);
		if (n % 4) {
			char byte = (char)(bits >> (6 - 2 * (n % 4)));

			buf_add(blob, &byte, 1);
		}
	}
	if (*p && !strchr(" =\r\n", *p))
		return false;
	/* The blob begins with the type again: four bytes of length, and the text. */
	return type_len < 128 && blob->len > 4 + type_len &&
	       memcmp(blob->data, (char[]){0, 0, 0, (char)type_len}, 4) == 0 &&
	       memcmp(blob->data + 4, text, type_len) == 0;
}

bool guest_connect(struct guest *g, int port, const char *key, const char *host_key_pub,
		   int ended_fd, struct deadline d)
{
	struct buf key_text = BUF_INIT, pub = BUF_INIT, blob = BUF_INIT;
	struct ssh *s = &g->priv->ssh;
	bool ok = false;

	ssh_drop(s);
	orphan(g->priv);
	g->priv->told = false;
	if (!buf_read_file(&key_text, key))
		ssh_fail(s, "unable to read %s: %s", key, strerror(errno));
	else if (!buf_read_file(&pub, host_key_pub))
		ssh_fail(s, "unable to read %s: %s", host_key_pub, strerror(errno));
	else if (!parse_public_key(pub.data, &blob))
		ssh_fail(s, "%s is not an OpenSSH public key", host_key_pub);
	else
		ok = ssh_connect(s, port, &key_text, &blob, ended_fd, d);
	buf_release(&key_text);
	buf_release(&pub);
	buf_release(&blob);
	return ok;
}

bool guest_connected(const struct guest *g)
{
	return g->priv && g->priv->ssh.logged_in && !g->priv->ssh.dead;
}

int guest_fd(const struct guest *g)
{
	return guest_connected(g) ? g->priv->ssh.fd : -1;
}

/* Text of a command for messages: in backquotes, one line, limited. */
static void add_command(struct buf *b, const char *command)
{
	buf_addstr(b, "`");
	text_printable(b, command, strlen(command), COMMAND_MAX);
	buf_addstr(b, "`");
}

/* A call begins that has to do with @c. */
static void doing(struct guest_cmd *c, const char *prefix)
{
	struct ssh *s = &c->guest->priv->ssh;

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

/* After a failure: if it was the connection's, its commands must know. False. */
static bool failed(struct guest *g)
{
	struct guest_private *p = g->priv;

	if (!p->ssh.dead || p->told)
		return false;
	p->told = true;
	for (struct guest_cmd_private *cp = p->channels; cp; cp = cp->next) {
		if (!cp->cmd)
			continue;
		cp->cmd->lost = true;
		log_end(g, cp->cmd, p->ssh.why.data);
	}
	return false;
}

/* Nobody owns @cp any more: it is gone once the guest has said goodbye too. */
static void let_go(struct guest_private *p, struct guest_cmd_private *cp)
{
	struct guest_cmd_private **link = &p->channels;

	if (!ssh_let_go(cp->channel))
		return;
	while (*link != cp)
		link = &(*link)->next;
	*link = cp->next;
	free(cp);
}

/* If the command of @cp has ended and its output is complete, it is done. */
static void check_done(struct guest *g, struct guest_cmd_private *cp)
{
	struct guest_cmd *c = cp->cmd;
	char *how;

	if (!ssh_ended(&g->priv->ssh, cp->channel, &c->status, &c->signal))
		return;
	c->done = true;
	how = c->signal ? xasprintf("signal %s", c->signal)
			: xasprintf("exit status %d", c->status);
	log_end(g, c, how);
	free(how);
	c->priv = NULL;
	cp->cmd = NULL;
	let_go(g->priv, cp);
}

/* Take all that has come, for all channels. The end of the connection is no failure yet. */
static bool take(struct guest *g)
{
	struct guest_private *p = g->priv;
	struct guest_cmd_private *cp, *next;
	uint64_t before;

	p->ssh.limit = deadline_in(PUMP_MS);
	do {
		before = p->ssh.received;
		for (cp = p->channels; cp; cp = next) {
			next = cp->next;
			if (!cp->cmd) {
				let_go(p, cp);
				continue;
			}
			if (!ssh_read(&p->ssh, cp->channel, &cp->cmd->out, &cp->cmd->err,
				      GUEST_OUT_MAX))
				return failed(g);
			check_done(g, cp);
		}
	} while (p->ssh.received != before); /* what came for one may have been read by another */
	return true;
}

static bool pump(struct guest *g)
{
	struct ssh *s = &g->priv->ssh;

	return ssh_usable(s) && take(g) && (ssh_check_end(s, g->priv->channels) || failed(g));
}

bool guest_pump(struct guest *g)
{
	if (!g->priv)
		return false;
	ssh_doing(&g->priv->ssh, "%s", "");
	return pump(g);
}

static bool vstart(struct guest *g, struct guest_cmd *c, struct deadline d, const char *fmt,
		   va_list ap) __attribute__((format(printf, 4, 0)));

static bool vstart(struct guest *g, struct guest_cmd *c, struct deadline d, const char *fmt,
		   va_list ap)
{
	struct guest_private *p = g->priv;
	struct _LIBSSH2_CHANNEL *channel = NULL;
	bool ok;

	*c = (struct guest_cmd){.guest = g, .command = xvasprintf(fmt, ap)};
	buf_init(&c->out);
	buf_init(&c->err);
	doing(c, "the start of ");
	ok = pump(g);
	if (ok) {
		log_start(g, c->command);
		channel = ssh_start(&p->ssh, c->command, d);
		ok = channel || failed(g);
	}
	if (ok) {
		c->priv = xcalloc(1, sizeof(*c->priv));
		*c->priv = (struct guest_cmd_private){p->channels, p, c, channel, now_ns()};
		p->channels = c->priv;
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
	struct ssh *s = &g->priv->ssh;
	size_t len = text ? strlen(text) : 0, from = 0;

	doing(c, "");
	for (;;) {
		bool alive = c->done || pump(g);

		if (text && memmem(c->out.data + from, c->out.len - from, text, len))
			return true;
		if (c->done && text)
			return ssh_fail(s, "%s ended without saying \"%s\"", s->doing.data, text);
		if (c->done || !alive)
			return c->done;
		if (!c->priv->guest)
			return ssh_fail(s, "the connection of %s was dropped", s->doing.data);
		if (c->out.len >= GUEST_OUT_MAX || c->err.len >= GUEST_OUT_MAX)
			return ssh_fail(s, "more than %u MiB of output from %s",
					GUEST_OUT_MAX >> 20, s->doing.data);
		from = c->out.len > len ? c->out.len - len : 0;
		if (!ssh_wait(s, d))
			return failed(g);
	}
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
	doing(c, "input for ");
	if (!pump(c->guest))
		return false;
	return (c->priv && c->priv->guest) ||
	       ssh_fail(&c->guest->priv->ssh, "the command has ended");
}

bool guest_send(struct guest_cmd *c, const void *data, size_t len, struct deadline d)
{
	struct guest *g = c->guest;
	struct ssh *s = &g->priv->ssh;
	const char *from = data;

	if (!takes_input(c))
		return false;
	while (len) {
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
			return ssh_fail(s, "the command ended before it took all its input");
		/* Among what was taken may be the room that the write lacked: nothing else need
		 * come. */
		if (s->received != before && !deadline_passed(d))
			continue;
		if (!ssh_wait(s, d))
			return failed(g);
	}
	return take(g);
}

void guest_cmd_release(struct guest_cmd *c)
{
	struct guest_cmd_private *cp = c->priv;

	if (cp && !cp->guest) {
		free(cp);
	} else if (cp) {
		if (!c->lost)
			log_end(c->guest, c, "released while it ran");
		cp->cmd = NULL;
		if (!cp->guest->ssh.dead)
			let_go(cp->guest, cp);
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
		if (status)
			ssh_fail(&g->priv->ssh, "exit status %d from %s%s%s", status,
				 g->priv->ssh.doing.data, *last ? ": " : "", last);
		free(last);
	}
	if (ok && out)
		buf_add(out, c->out.data, c->out.len);
	if (ok)
		guest_cmd_release(c);
	free(c);
	return status;
}
