// SPDX-License-Identifier: GPL-2.0-or-later
/* stream.c - the host's side as bytes */
#include "harness/host/stream.h"

#include "harness/base/io.h"

static ssize_t plain_read(struct stream *s, void *buf, size_t len)
{
	return chr_try_read(s->chr, buf, len);
}

static ssize_t plain_write(struct stream *s, const void *buf, size_t len)
{
	return chr_try_write(s->chr, buf, len);
}

struct stream stream_plain(struct chr *chr)
{
	return (struct stream){.chr = chr,
			       .read = plain_read,
			       .write = plain_write,
			       .why = BUF_INIT};
}

bool stream_is_plain(const struct stream *s)
{
	return s->read == plain_read;
}

ssize_t stream_read(struct stream *s, void *buf, size_t len)
{
	return s->read(s, buf, len);
}

ssize_t stream_write(struct stream *s, const void *buf, size_t len)
{
	return s->write(s, buf, len);
}

void stream_wait(const struct stream *s, bool to_write, int ms)
{
	struct pollfd fds[2] = {
		{.fd = chr_poll_in(s->chr), .events = POLLIN},
		{.fd = to_write ? chr_poll_out(s->chr) : -1, .events = POLLOUT},
	};

	io_poll(fds, 2, deadline_in(ms));
}
