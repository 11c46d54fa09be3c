/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.h - the host's side as bytes: a host end, or a protocol that is spoken upon one
 *
 * What moves bytes and judges them (see bare.h) needs no more than these two operations. Each
 * protocol (TLS, websocket, telnet) has a struct of its own that begins with this one.
 */
#ifndef HOST_STREAM_H
#define HOST_STREAM_H

#include "harness/host/chr.h"

/**
 * struct stream - Bytes from and to QEMU
 * @chr:	the host end below; open; not owned
 * @read:	as chr_try_read(): >0 bytes, 0 nothing yet, CHR_EOF
 * @write:	as chr_try_write()
 * @why:	what the other end did wrong, once an operation has returned CHR_EOF; empty: it left
 */
struct stream {
	struct chr *chr;
	ssize_t (*read)(struct stream *s, void *buf, size_t len);
	ssize_t (*write)(struct stream *s, const void *buf, size_t len);
	struct buf why;
};

/** stream_plain() - The host end itself */
struct stream stream_plain(struct chr *chr);
/** stream_is_plain() - No protocol is spoken upon it */
bool stream_is_plain(const struct stream *s);
ssize_t stream_read(struct stream *s, void *buf, size_t len);
ssize_t stream_write(struct stream *s, const void *buf, size_t len);
/** stream_wait() - Until something may have come, or the host end takes bytes, at most @ms */
void stream_wait(const struct stream *s, bool to_write, int ms);

#endif
