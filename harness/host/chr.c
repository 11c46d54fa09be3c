// SPDX-License-Identifier: GPL-2.0-or-later
/* chr.c - host ends: what all kinds have in common */
#include "harness/host/chr.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/host/chr_private.h"

/* What is read at a time, until something has come. */
#define BLOCK 4096

static const struct {
	const char *name;
	const struct chr_ops *ops;
} kinds[] = {
	[CHR_UNIX] = {"unix", &chr_unix_ops},	    [CHR_TCP] = {"tcp", &chr_tcp_ops},
	[CHR_UDP] = {"udp", &chr_udp_ops},	    [CHR_PTY] = {"pty", &chr_pty_ops},
	[CHR_PIPE] = {"pipe", &chr_pipe_ops},	    [CHR_FILE] = {"file", &chr_file_ops},
	[CHR_SERIAL] = {"serial", &chr_serial_ops},
};

bool chr_kind_parse(const char *name, enum chr_kind *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(name, kinds[i].name) == 0) {
			*kind = (enum chr_kind)i;
			return true;
		}
	}
	return false;
}

static bool id_is_plain(const char *id)
{
	if (!isalpha((unsigned char)*id))
		return false;
	while (isalnum((unsigned char)*id) || (*id && strchr("-_.", *id)))
		id++;
	return !*id;
}

void chr_init(struct chr *c, const char *id, enum chr_kind kind, enum chr_role role)
{
	if (!id_is_plain(id))
		die("not a plain chardev id: %s", id);
	if (role != CHR_QEMU_LISTENS && kind != CHR_UNIX && kind != CHR_TCP)
		die("chardev %s: only sockets have roles", id);
	/* A signal is no way to learn that a FIFO has no reader */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		die_errno("signal SIGPIPE");
	*c = (struct chr){
		.id = xstrdup(id),
		.kind = kind,
		.role = role,
		.fd = -1,
		.out_fd = -1,
		.listen_fd = -1,
		.pass_fd = -1,
		.first_sent = BUF_INIT,
		.first_received = BUF_INIT,
		.priv = xcalloc(1, sizeof(*c->priv)),
	};
	*c->priv = (struct chr_private){
		.ops = kinds[kind].ops,
		.in = {.held = BUF_INIT, .ready = BUF_INIT},
		.out = {.held = BUF_INIT, .ready = BUF_INIT},
		.watch_fd = -1,
		.hold_fd = -1,
		.datagram = BUF_INIT,
	};
	c->priv->ops->init(c);
}

void chr_release(struct chr *c)
{
	struct chr_private *priv = c->priv;

	if (!priv)
		return;
	chr_close(c);
	io_close(&c->listen_fd);
	io_close(&c->pass_fd);
	priv->ops->release(c);
	io_close(&priv->watch_fd);
	io_close(&priv->hold_fd);
	buf_release(&priv->in.held);
	buf_release(&priv->in.ready);
	buf_release(&priv->out.held);
	buf_release(&priv->out.ready);
	buf_release(&priv->datagram);
	buf_release(&c->first_sent);
	buf_release(&c->first_received);
	free(c->path);
	free(c->id);
	free(priv);
	*c = (struct chr){.fd = -1, .out_fd = -1, .listen_fd = -1, .pass_fd = -1, .left = c->left};
}

void chr_cmdline(const struct chr *c, struct buf *b)
{
	buf_addf(b, "%s,id=%s", c->priv->ops->backend, c->id);
	c->priv->ops->cmdline(c, b);
	if (c->options && *c->options)
		buf_addf(b, ",%s", c->options);
}

void chr_qmp(const struct chr *c, struct buf *b)
{
	buf_addf(b, "{\"id\": \"%s\", \"backend\": ", c->id);
	chr_qmp_backend(c, b);
	buf_addstr(b, "}");
}

void chr_qmp_backend(const struct chr *c, struct buf *b)
{
	size_t empty;

	buf_addf(b, "{\"type\": \"%s\", \"data\": {", c->priv->ops->backend);
	empty = b->len;
	c->priv->ops->qmp(c, b);
	if (c->members && *c->members)
		buf_addf(b, "%s%s", b->len > empty ? ", " : "", c->members);
	buf_addstr(b, "}}");
}

const char *chr_kind_backend(enum chr_kind kind)
{
	return kinds[kind].ops->backend;
}

bool chr_learn(struct chr *c, const char *filename)
{
	return c->priv->ops->learn && c->priv->ops->learn(c, filename);
}

bool chr_needs_learning(const struct chr *c)
{
	return c->priv->ops->needs && c->priv->ops->needs(c);
}

bool chr_open(struct chr *c, struct deadline d, struct buf *why)
{
	if (chr_is_open(c))
		die("chardev %s: our end is open already", c->id);
	if (chr_needs_learning(c))
		die("chardev %s: opened before QEMU was asked where it is", c->id);
	return c->priv->ops->open(c, d, why);
}

void chr_close(struct chr *c)
{
	c->left += c->fd >= 0;
	io_close(&c->fd);
	io_close(&c->out_fd);
	/* What came is not lost by leaving, but what is left of a datagram is */
	buf_clear(&c->priv->datagram);
}

bool chr_shutdown(struct chr *c)
{
	if (c->fd < 0 || (c->kind != CHR_UNIX && c->kind != CHR_TCP))
		return false;
	/* ENOTCONN: the other end was faster; it will not hear from us any more either */
	if (shutdown(c->fd, SHUT_WR) < 0 && errno != ENOTCONN)
		die_errno("chardev %s: shutdown", c->id);
	return true;
}

bool chr_is_open(const struct chr *c)
{
	return c->fd >= 0;
}

void chr_no_more(struct chr *c)
{
	c->priv->no_more = true;
}

static void keep_first(struct buf *b, const void *data, size_t len)
{
	if (b->len < CHR_FIRST)
		buf_add(b, data, len < CHR_FIRST - b->len ? len : CHR_FIRST - b->len);
}

ssize_t chr_try_read(struct chr *c, void *buf, size_t len)
{
	ssize_t n;

	if (c->fd < 0)
		return CHR_EOF;
	if (!len)
		return 0;
	n = chr_fault_read(c, buf, len);
	if (n > 0) {
		c->received += (uint64_t)n;
		keep_first(&c->first_received, buf, (size_t)n);
	}
	return n;
}

ssize_t chr_read(struct chr *c, void *buf, size_t len, struct deadline d)
{
	for (;;) {
		ssize_t n = chr_try_read(c, buf, len);

		if (n || !len)
			return n;
		if (!io_wait(chr_poll_in(c), POLLIN, d))
			return CHR_TIMEOUT;
	}
}

size_t chr_read_exact(struct chr *c, void *buf, size_t len, struct deadline d)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = chr_read(c, (char *)buf + done, len - done, d);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

bool chr_read_until(struct chr *c, struct buf *got, const char *text, struct deadline d)
{
	while (!got->len || !strstr(got->data, text)) {
		ssize_t n = chr_read(c, buf_reserve(got, BLOCK), BLOCK, d);

		if (n <= 0)
			return false;
		got->len += (size_t)n;
		got->data[got->len] = '\0';
	}
	return true;
}

ssize_t chr_try_write(struct chr *c, const void *buf, size_t len)
{
	ssize_t n;

	if (c->fd < 0 || chr_poll_out(c) < 0)
		return CHR_EOF;
	if (!len)
		return 0;
	n = chr_fault_write(c, buf, len);
	if (n > 0) {
		c->sent += (uint64_t)n;
		keep_first(&c->first_sent, buf, (size_t)n);
	}
	return n;
}

size_t chr_write_all(struct chr *c, const void *buf, size_t len, struct deadline d)
{
	size_t done = 0;
	bool promised = false;

	while (done < len) {
		ssize_t n = chr_try_write(c, (const char *)buf + done, len - done);

		if (n == CHR_EOF)
			break;
		done += (size_t)n;
		if (n) {
			promised = false;
			continue;
		}
		/* A terminal may be called writable and then take nothing: do not ask without pause
		 */
		if (promised)
			io_poll(NULL, 0, deadline_earlier(d, deadline_in(1)));
		if (!io_wait(chr_poll_out(c), POLLOUT, d))
			break;
		promised = true;
	}
	return done;
}

int chr_poll_in(const struct chr *c)
{
	if (c->fd < 0)
		return -1;
	return c->priv->ops->poll_in ? c->priv->ops->poll_in(c) : c->fd;
}

int chr_poll_out(const struct chr *c)
{
	if (c->fd < 0)
		return -1;
	if (c->priv->ops->poll_out)
		return c->priv->ops->poll_out(c);
	return c->out_fd >= 0 ? c->out_fd : c->fd;
}

ssize_t chr_rw_result(const struct chr *c, ssize_t n, const char *what)
{
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
		return 0;
	if (errno == ECONNRESET || errno == EPIPE || errno == EIO || errno == ENOTCONN)
		return CHR_EOF;
	die_errno("chardev %s: unable to %s", c->id, what);
}

void chr_remove(const char *path)
{
	if (unlink(path) < 0 && errno != ENOENT)
		warn("unable to remove %s: %s", path, strerror(errno));
}

int chr_watch(const char *path, unsigned int events)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd < 0)
		die_errno("inotify_init1");
	if (inotify_add_watch(fd, path, events) < 0)
		die_errno("unable to watch %s", path);
	return fd;
}

void chr_watch_drain(int fd)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));

	while (read(fd, events, sizeof(events)) > 0)
		;
}

bool chr_watch_wait(int *watch, const char *path, unsigned int events, struct deadline d)
{
	if (*watch < 0) {
		*watch = chr_watch(path, events);
		return true;
	}
	if (!io_wait(*watch, POLLIN, d))
		return false;
	chr_watch_drain(*watch);
	return true;
}
