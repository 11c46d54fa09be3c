// SPDX-License-Identifier: GPL-2.0-or-later
/* chr_serial.c - host end of QEMU's serial backend: the master of a pty whose slave it opens */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/host/chr_private.h"

/* The master must be there before QEMU is, and stay while we are away: a slave goes with it. */
static void serial_init(struct chr *c)
{
	char name[64];
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 || ptsname_r(fd, name, sizeof(name)))
		die_errno("chardev %s: unable to make a pty", c->id);
	c->priv->hold_fd = fd;
	c->path = xstrdup(name);
}

static void serial_release(struct chr *c)
{
	(void)c; /* hold_fd is closed for all kinds */
}

static void serial_cmdline(const struct chr *c, struct buf *b)
{
	buf_addf(b, ",path=%s", c->path);
}

static void serial_qmp(const struct chr *c, struct buf *b)
{
	buf_addf(b, "\"device\": \"%s\"", c->path);
}

static bool serial_open(struct chr *c, struct deadline d, struct buf *why)
{
	(void)d;
	(void)why;
	c->fd = fcntl(c->priv->hold_fd, F_DUPFD_CLOEXEC, 0);
	if (c->fd < 0)
		die_errno("chardev %s: dup", c->id);
	return true;
}

/* EIO, the hang-up of a slave that was open, is CHR_EOF */
static ssize_t serial_read(struct chr *c, void *buf, size_t len)
{
	return chr_rw_result(c, read(c->fd, buf, len), "read");
}

static ssize_t serial_write(struct chr *c, const void *buf, size_t len)
{
	return chr_rw_result(c, write(c->fd, buf, len), "write");
}

const struct chr_ops chr_serial_ops = {
	.backend = "serial",
	.init = serial_init,
	.release = serial_release,
	.cmdline = serial_cmdline,
	.qmp = serial_qmp,
	.open = serial_open,
	.read = serial_read,
	.write = serial_write,
};
