// SPDX-License-Identifier: GPL-2.0-or-later
/* chr_pty.c - host end of QEMU's pty backend: the slave, raw */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/host/chr_private.h"

static void pty_init(struct chr *c)
{
	c->path = NULL; /* QEMU tells */
}

static void pty_release(struct chr *c)
{
	(void)c;
}

static void pty_cmdline(const struct chr *c, struct buf *b)
{
	(void)c;
	(void)b;
}

static void pty_qmp(const struct chr *c, struct buf *b)
{
	(void)c;
	(void)b;
}

static bool pty_learn(struct chr *c, const char *filename)
{
	static const char prefix[] = "pty:", folder[] = "/dev/pts/";
	unsigned long long number;

	if (strncmp(filename, prefix, strlen(prefix)) == 0)
		filename += strlen(prefix);
	if (strncmp(filename, folder, strlen(folder)) != 0 ||
	    !text_parse_u64(filename + strlen(folder), &number))
		return false;
	free(c->path);
	c->path = xstrdup(filename);
	return true;
}

static bool pty_needs(const struct chr *c)
{
	return !c->path;
}

static bool pty_open(struct chr *c, struct deadline d, struct buf *why)
{
	struct termios t;
	int fd = open(c->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	(void)d;
	if (fd >= 0 && tcgetattr(fd, &t) == 0) {
		cfmakeraw(&t);
		if (tcsetattr(fd, TCSANOW, &t) == 0) {
			c->fd = fd;
			return true;
		}
	}
	buf_addf(why, "chardev %s: unable to open %s: %s", c->id, c->path, strerror(errno));
	io_close(&fd);
	return false;
}

/* A raw terminal without bytes says EAGAIN; 0 is the hang-up */
static ssize_t pty_read(struct chr *c, void *buf, size_t len)
{
	ssize_t n = read(c->fd, buf, len);

	return n == 0 ? CHR_EOF : chr_rw_result(c, n, "read");
}

static ssize_t pty_write(struct chr *c, const void *buf, size_t len)
{
	return chr_rw_result(c, write(c->fd, buf, len), "write");
}

const struct chr_ops chr_pty_ops = {
	.backend = "pty",
	.init = pty_init,
	.release = pty_release,
	.cmdline = pty_cmdline,
	.qmp = pty_qmp,
	.learn = pty_learn,
	.needs = pty_needs,
	.open = pty_open,
	.read = pty_read,
	.write = pty_write,
};
