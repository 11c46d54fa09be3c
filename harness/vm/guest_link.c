// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guest_link.c - the connections of a guest: one for each command that runs
 *
 * DOC: why not several channels on one connection
 *
 * Dropbear 2022.82 to 2024.85 (Debian 12 has 2022.83) closes a channel whose command has not been
 * asked for yet when the command of another one ends, and dies of an assertion when it then is
 * (common-channel.c: !channel->sent_close; dropbear issue 321). Each of its connections is a
 * process, so one where nothing runs has no command that could end. The first connection is made
 * by guest_connect(), more when all are busy; they are kept for the next command.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "harness/base/die.h"
#include "harness/vm/guest_private.h"

bool guest_fail(struct guest *g, const char *fmt, ...)
{
	va_list ap;

	buf_clear(&g->error);
	va_start(ap, fmt);
	buf_vaddf(&g->error, fmt, ap);
	va_end(ap);
	return false;
}

static void link_release(struct guest_link *link)
{
	struct guest_cmd_private *cp = link->running;

	ssh_release(&link->ssh);
	if (cp && cp->cmd) { /* keeps its part until it is released */
		cp->link = NULL;
		cp->channel = NULL;
	} else {
		free(cp);
	}
	free(link);
}

void guest_drop(struct guest_private *p)
{
	struct guest_link *link;

	while ((link = p->links)) {
		p->links = link->next;
		link_release(link);
	}
	p->told = false;
}

/* One more connection; NULL: g->error. */
static struct guest_link *link_add(struct guest *g, struct deadline d)
{
	struct guest_private *p = g->priv;
	struct guest_link *link = xcalloc(1, sizeof(*link)), **last = &p->links;
	struct epoll_event in = {.events = EPOLLIN};

	ssh_init(&link->ssh, &g->error);
	if (!ssh_connect(&link->ssh, p->port, &p->key, &p->host_key, p->ended_fd, d)) {
		link_release(link);
		return NULL;
	}
	if (epoll_ctl(p->poll_fd, EPOLL_CTL_ADD, link->ssh.fd, &in) < 0)
		die_errno("epoll_ctl");
	while (*last)
		last = &(*last)->next;
	*last = link;
	return link;
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
	struct guest_private *p = g->priv;
	struct buf pub = BUF_INIT;
	bool ok = false;

	guest_drop(p);
	buf_clear(&g->error);
	buf_clear(&p->key);
	buf_clear(&p->host_key);
	p->port = port;
	p->ended_fd = ended_fd;
	if (!buf_read_file(&p->key, key))
		guest_fail(g, "unable to read %s: %s", key, strerror(errno));
	else if (!buf_read_file(&pub, host_key_pub))
		guest_fail(g, "unable to read %s: %s", host_key_pub, strerror(errno));
	else if (!parse_public_key(pub.data, &p->host_key))
		guest_fail(g, "%s is not an OpenSSH public key", host_key_pub);
	else
		ok = link_add(g, d);
	buf_release(&pub);
	return ok;
}

struct guest_link *guest_dead_link(const struct guest_private *p)
{
	struct guest_link *link = p->links;

	while (link && !link->ssh.dead)
		link = link->next;
	return link;
}

bool guest_connected(const struct guest *g)
{
	return g->priv && g->priv->links && !guest_dead_link(g->priv);
}

int guest_fd(const struct guest *g)
{
	return guest_connected(g) ? g->priv->poll_fd : -1;
}

struct guest_link *guest_idle_link(struct guest *g, struct deadline d)
{
	struct guest_link *link = g->priv->links;

	while (link && link->running)
		link = link->next;
	return link ? link : link_add(g, d);
}
