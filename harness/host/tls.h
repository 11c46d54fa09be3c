/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tls.h - TLS upon a host end (GnuTLS), as client or server; and the certificates for it
 *
 * DOC: what is on the wire and when
 *
 * A TLS 1.3 client has its handshake done before the server has looked at its certificate: that it
 * is refused shows as an end of the stream later. With tls_hold() what would be sent is kept, so
 * that a case can deliver it in pieces.
 */
#ifndef HOST_TLS_H
#define HOST_TLS_H

#include "harness/base/deadline.h"
#include "harness/host/stream.h"

enum tls_kind { TLS_X509, TLS_PSK, TLS_ANON };

/**
 * struct tls_options - How to speak
 * @server:	we are the server
 * @dir:	where the files of tls_make_files() are
 * @cert:	x509: our certificate and key are DIR/CERT-cert.pem and -key.pem; NULL: none
 * @user, @key:	PSK: name, and key in hexadecimal
 */
struct tls_options {
	enum tls_kind kind;
	bool server;
	const char *dir, *cert, *user, *key;
};

/**
 * struct tls - One end of a TLS connection
 * @stream:	the bytes within
 * @hold:	see tls_hold(); @held: what was kept
 */
struct tls {
	struct stream stream;
	bool hold;
	struct buf held;
	struct tls_private *priv;
};

/* The certificates that tls_make_files() makes, all of one authority but for the stranger's. */
#define TLS_SERVER    "server"	  /* of localhost and 127.0.0.1 */
#define TLS_CLIENT    "client"	  /* whose name is "CN=client" */
#define TLS_EXPIRED   "expired"	  /* too old */
#define TLS_STRANGER  "stranger"  /* of another authority */
#define TLS_ELSEWHERE "elsewhere" /* a server's of another host */
#define TLS_USER      "chardev"
#define TLS_KEY	      "6368617264657620636865636b206b65"

/** tls_make_files() - Make folder @dir with all of them, and keys.psk: what QEMU's tls-creds
 * objects with dir= want to find */
void tls_make_files(const char *dir);
/** tls_init() - Begin upon @chr, which is connected; nothing is sent yet */
void tls_init(struct tls *t, struct chr *chr, const struct tls_options *o);
void tls_release(struct tls *t);
/** tls_step() - Go on with the handshake as far as it goes: 1 done, 0 not yet, -1 failed:
 * stream.why */
int tls_step(struct tls *t);
/** tls_begin() - The whole handshake; false: it failed, or the deadline passed: stream.why */
bool tls_begin(struct tls *t, struct deadline d);
/** tls_bye() - Tell the other end that nothing more comes */
void tls_bye(struct tls *t);
/** tls_hold() - Keep from now on what would be sent, or no more: @held is the caller's to send */
void tls_hold(struct tls *t, bool hold);

#endif
