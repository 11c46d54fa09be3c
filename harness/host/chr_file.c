// SPDX-License-Identifier: GPL-2.0-or-later
/* chr_file.c - host ends of QEMU's pipe and file backends: FIFOs, and a file that grows */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/host/chr_private.h"

static char *path_in(const struct chr *c)
{
	return xasprintf("%s.in", c->id);
}

static char *path_out(const struct chr *c)
{
	return xasprintf("%s.out", c->id);
}

static void make_fifo(const struct chr *c, const char *path)
{
	if (mkfifo(path, 0600) < 0)
		die_errno("chardev %s: unable to make FIFO %s", c->id, path);
}

static void pipe_init(struct chr *c)
{
	char *in = path_in(c), *out = path_out(c);

	c->path = xstrdup(c->id);
	make_fifo(c, in);
	make_fifo(c, out);
	free(in);
	free(out);
}

static void pipe_release(struct chr *c)
{
	char *in = path_in(c), *out = path_out(c);

	chr_remove(in);
	chr_remove(out);
	free(in);
	free(out);
}

static void pipe_cmdline(const struct chr *c, struct buf *b)
{
	buf_addf(b, ",path=%s", c->path);
}

static void pipe_qmp(const struct chr *c, struct buf *b)
{
	buf_addf(b, "\"device\": \"%s\"", c->path);
}

/* Open a FIFO for writing, which works once somebody reads it; -1: nobody did in time */
static int open_for_reader(const struct chr *c, const char *path, struct deadline d)
{
	int watch = -1, fd;

	for (;;) {
		fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0)
			break;
		if (errno != ENXIO && errno != EINTR)
			die_errno("chardev %s: unable to open %s", c->id, path);
		if (!chr_watch_wait(&watch, path, IN_OPEN, d))
			break;
	}
	io_close(&watch);
	return fd;
}

/* Does somebody write this FIFO, or did and left bytes? tee() tells without taking any. */
static bool has_writer(const struct chr *c, int fd)
{
	int scratch[2];
	ssize_t n;

	if (pipe2(scratch, O_CLOEXEC | O_NONBLOCK) < 0)
		die_errno("chardev %s: pipe2", c->id);
	n = tee(fd, scratch[1], 1, SPLICE_F_NONBLOCK);
	if (n < 0 && errno != EAGAIN)
		die_errno("chardev %s: tee", c->id);
	io_close(&scratch[0]);
	io_close(&scratch[1]);
	return n != 0;
}

/* Open a FIFO for reading and wait until it has a writer, so that an end of file is one. */
static int open_for_writer(const struct chr *c, const char *path, struct deadline d)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), watch = -1;

	if (fd < 0)
		die_errno("chardev %s: unable to open %s", c->id, path);
	while (!has_writer(c, fd)) {
		if (!chr_watch_wait(&watch, path, IN_OPEN, d)) {
			io_close(&fd);
			break;
		}
	}
	io_close(&watch);
	return fd;
}

static bool pipe_open(struct chr *c, struct deadline d, struct buf *why)
{
	char *in = path_in(c), *out = path_out(c);

	c->out_fd = open_for_reader(c, in, d);
	if (c->out_fd >= 0)
		c->fd = open_for_writer(c, out, d);
	if (c->fd < 0) {
		buf_addf(why, "chardev %s: QEMU did not open %s in time", c->id,
			 c->out_fd < 0 ? in : out);
		io_close(&c->out_fd);
	}
	free(in);
	free(out);
	return c->fd >= 0;
}

static ssize_t pipe_read(struct chr *c, void *buf, size_t len)
{
	ssize_t n = read(c->fd, buf, len);

	return n == 0 ? CHR_EOF : chr_rw_result(c, n, "read");
}

static ssize_t fifo_write(struct chr *c, const void *buf, size_t len)
{
	return chr_rw_result(c, write(c->out_fd, buf, len), "write");
}

static void file_init(struct chr *c)
{
	char *in = path_in(c);

	c->path = path_out(c);
	file_write(c->path, "", 0);
	c->priv->watch_fd = chr_watch(c->path, IN_MODIFY);
	make_fifo(c, in);
	/* With somebody on both ends QEMU's open does not block, and never sees an end of file */
	c->priv->hold_fd = open(in, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (c->priv->hold_fd < 0)
		die_errno("chardev %s: unable to open %s", c->id, in);
	free(in);
}

static void file_release(struct chr *c)
{
	char *in = path_in(c);

	chr_remove(in);
	free(in);
}

static void file_cmdline(const struct chr *c, struct buf *b)
{
	buf_addf(b, ",path=%s", c->path);
	if (c->file_input)
		buf_addf(b, ",input-path=%s.in", c->id);
}

static void file_qmp(const struct chr *c, struct buf *b)
{
	buf_addf(b, "\"out\": \"%s\"", c->path);
	if (c->file_input)
		buf_addf(b, ", \"in\": \"%s.in\"", c->id);
}

static bool file_open(struct chr *c, struct deadline d, struct buf *why)
{
	(void)d;
	c->fd = open(c->path, O_RDONLY | O_CLOEXEC);
	if (c->fd < 0) {
		buf_addf(why, "chardev %s: unable to open %s: %s", c->id, c->path, strerror(errno));
		return false;
	}
	if (c->file_input) {
		c->out_fd = fcntl(c->priv->hold_fd, F_DUPFD_CLOEXEC, 0);
		if (c->out_fd < 0)
			die_errno("chardev %s: dup", c->id);
	}
	return true;
}

static ssize_t file_read(struct chr *c, void *buf, size_t len)
{
	ssize_t n;

	/* In this order: what is written after the reading leaves an event to poll for */
	chr_watch_drain(c->priv->watch_fd);
	n = chr_rw_result(c, pread(c->fd, buf, len, c->priv->offset), "read");
	if (n > 0)
		c->priv->offset += n;
	return n;
}

static int file_poll_in(const struct chr *c)
{
	return c->priv->watch_fd;
}

static int file_poll_out(const struct chr *c)
{
	return c->out_fd;
}

const struct chr_ops chr_pipe_ops = {
	.backend = "pipe",
	.init = pipe_init,
	.release = pipe_release,
	.cmdline = pipe_cmdline,
	.qmp = pipe_qmp,
	.open = pipe_open,
	.read = pipe_read,
	.write = fifo_write,
};

const struct chr_ops chr_file_ops = {
	.backend = "file",
	.init = file_init,
	.release = file_release,
	.cmdline = file_cmdline,
	.qmp = file_qmp,
	.open = file_open,
	.read = file_read,
	.write = fifo_write,
	.poll_in = file_poll_in,
	.poll_out = file_poll_out,
};
