/* SPDX-License-Identifier: GPL-2.0-or-later */
/* peer.h - the other end of a socket chardev that is a server: any number of clients, one by one */
#ifndef CHARDEV_PEER_H
#define CHARDEV_PEER_H

#include "harness/run/bare.h"

/** struct peer_kind - A chardev: what QEMU is told, and what a client has to speak */
struct peer_kind {
	const char *name;    /* on the axis "chardev" */
	const char *options; /* behind "socket,id=c0," */
	const char *object;  /* behind -object, or NULL */
	enum { PEER_PLAIN, PEER_TLS, PEER_WEBSOCKET } protocol;
};

/** peer_axes - The device and the chardev */
extern const char *const peer_axes[];
/** peer_plan() - The machine, its device on the chardev of the axis. For .plan */
void peer_plan(const struct variant *v, struct plan *plan);
/** peer_start() - Make what the chardev needs to be there (certificates), and trial_bare() */
struct bare *peer_start(struct trial *t);
/** peer_is_plain() - There is no handshake: what is sent is data at once */
bool peer_is_plain(const struct bare *b);
/** peer_connect() - A client number @nr of the chardev (each has its own), connected: TCP or unix
 * only, nothing is said */
struct chr *peer_connect(struct bare *b, unsigned nr);
/** peer_small() - The same with buffers as small as they get, so that little fills them */
struct chr *peer_small(struct bare *b, unsigned nr);
/** peer_open() - The same, and the protocol of the chardev has begun: bytes pass */
struct stream *peer_open(struct bare *b, unsigned nr);
/** peer_ready() - The second half: the protocol upon a host end that is connected */
struct stream *peer_ready(struct bare *b, struct chr *c);
/** peer_begin() - The same, but QEMU may still have something to say before bytes pass */
struct stream *peer_begin(struct bare *b, struct chr *c);
/** peer_tls() - TLS upon a host end that is connected, to be begun; @o: NULL: right credentials */
struct tls *peer_tls(struct bare *b, struct chr *c, const struct tls_options *o);
/** peer_opened() - QEMU's side of the handshake is done, too */
void peer_opened(struct bare *b);
/** peer_leave() - It goes, and QEMU has seen it */
void peer_leave(struct bare *b, struct stream *s);
/** peer_works() - A line each way (debugcon: to the host) */
void peer_works(struct bare *b, struct stream *s, const char *mark);
/** peer_hears() - Whether the device has input */
bool peer_hears(const struct bare *b);
/** peer_address() - Where the chardev c0 listens */
struct sock_address peer_address(struct bare *b);

#endif
