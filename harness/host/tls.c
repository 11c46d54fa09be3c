// SPDX-License-Identifier: GPL-2.0-or-later
/* tls.c - TLS upon a host end, by GnuTLS; and the certificates for it */
#include "harness/host/tls.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/base/die.h"
#include "harness/base/io.h"

#define LOOK_MS	   2
#define DAY	   (24 * 60 * 60)
#define RECORD_MAX 16384 /* RFC 8446 5.1 */

struct tls_private {
	gnutls_session_t session;
	gnutls_certificate_credentials_t x509;
	gnutls_psk_client_credentials_t psk;
	gnutls_psk_server_credentials_t psk_server;
	gnutls_anon_client_credentials_t anon;
	gnutls_anon_server_credentials_t anon_server;
	bool ended, unsent;
};

/* What cannot go wrong. */
static void must(int result, const char *what)
{
	if (result < 0)
		die("gnutls: %s: %s", what, gnutls_strerror(result));
}

/* ---- certificates */

/**
 * struct maker - A certificate to be made
 * @name:	its files
 * @cn:		common name
 * @key:	its key; made if it is NULL
 */
struct maker {
	const char *dir, *name, *cn;
	bool is_ca, expired;
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
};

static void write_pem(const struct maker *m, const char *kind, const gnutls_datum_t *pem)
{
	char *path = xasprintf("%s/%s-%s.pem", m->dir, m->name, kind);

	file_write(path, pem->data, pem->size);
	free(path);
}

static void write_files(const struct maker *m)
{
	gnutls_datum_t pem;

	must(gnutls_x509_crt_export2(m->crt, GNUTLS_X509_FMT_PEM, &pem), "export");
	write_pem(m, "cert", &pem);
	gnutls_free(pem.data);
	must(gnutls_x509_privkey_export2(m->key, GNUTLS_X509_FMT_PEM, &pem), "export");
	write_pem(m, "key", &pem);
	gnutls_free(pem.data);
}

static void fill_names(struct maker *m)
{
	static const unsigned char loopback[] = {127, 0, 0, 1};

	must(gnutls_x509_crt_set_dn_by_oid(m->crt, GNUTLS_OID_X520_COMMON_NAME, 0, m->cn,
					   (unsigned)strlen(m->cn)),
	     "name");
	if (m->is_ca || strcmp(m->cn, "localhost") != 0)
		return;
	must(gnutls_x509_crt_set_subject_alt_name(m->crt, GNUTLS_SAN_DNSNAME, m->cn,
						  (unsigned)strlen(m->cn), GNUTLS_FSAN_SET),
	     "host");
	must(gnutls_x509_crt_set_subject_alt_name(m->crt, GNUTLS_SAN_IPADDRESS, loopback,
						  sizeof(loopback), GNUTLS_FSAN_APPEND),
	     "address");
}

/* QEMU looks at all of this before it starts: crypto/tlscredsx509.c, sanity-check=on. */
static void fill_rights(struct maker *m)
{
	unsigned usage = m->is_ca ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
				  : GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT;

	must(gnutls_x509_crt_set_basic_constraints(m->crt, m->is_ca, -1), "constraints");
	must(gnutls_x509_crt_set_key_usage(m->crt, usage), "usage");
	if (m->is_ca)
		return;
	must(gnutls_x509_crt_set_key_purpose_oid(m->crt, GNUTLS_KP_TLS_WWW_SERVER, 0), "purpose");
	must(gnutls_x509_crt_set_key_purpose_oid(m->crt, GNUTLS_KP_TLS_WWW_CLIENT, 0), "purpose");
}

static void make(struct maker *m, const struct maker *issuer)
{
	static unsigned char serial;
	time_t now = time(NULL);

	must(gnutls_x509_privkey_init(&m->key), "key");
	must(gnutls_x509_privkey_generate(m->key, GNUTLS_PK_ECDSA,
					  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
	     "key");
	must(gnutls_x509_crt_init(&m->crt), "certificate");
	must(gnutls_x509_crt_set_version(m->crt, 3), "version");
	serial++;
	must(gnutls_x509_crt_set_serial(m->crt, &serial, sizeof(serial)), "serial");
	must(gnutls_x509_crt_set_activation_time(m->crt, now - 3 * DAY), "time");
	must(gnutls_x509_crt_set_expiration_time(m->crt, m->expired ? now - DAY : now + DAY),
	     "time");
	must(gnutls_x509_crt_set_key(m->crt, m->key), "key");
	fill_names(m);
	fill_rights(m);
	must(gnutls_x509_crt_sign2(m->crt, issuer ? issuer->crt : m->crt,
				   issuer ? issuer->key : m->key, GNUTLS_DIG_SHA256, 0),
	     "sign");
	write_files(m);
}

static void unmake(struct maker *m)
{
	gnutls_x509_crt_deinit(m->crt);
	gnutls_x509_privkey_deinit(m->key);
}

/* Without this file QEMU searches for a prime of its own each time it starts, for seconds. RFC 7919
 * has one for everybody. */
static void write_dh(const char *dir)
{
	char *path = xasprintf("%s/dh-params.pem", dir);
	gnutls_dh_params_t params;
	gnutls_datum_t pem;

	must(gnutls_dh_params_init(&params), "dh");
	must(gnutls_dh_params_import_raw(params, &gnutls_ffdhe_2048_group_prime,
					 &gnutls_ffdhe_2048_group_generator),
	     "dh");
	must(gnutls_dh_params_export2_pkcs3(params, GNUTLS_X509_FMT_PEM, &pem), "dh");
	file_write(path, pem.data, pem.size);
	gnutls_free(pem.data);
	gnutls_dh_params_deinit(params);
	free(path);
}

void tls_make_files(const char *dir)
{
	struct maker ca = {.dir = dir, .name = "ca", .cn = "authority", .is_ca = true};
	struct maker other = {.dir = dir, .name = "other-ca", .cn = "another", .is_ca = true};
	struct maker others[] = {
		{.dir = dir, .name = TLS_SERVER, .cn = "localhost"},
		{.dir = dir, .name = TLS_CLIENT, .cn = "client"},
		{.dir = dir, .name = TLS_EXPIRED, .cn = "client", .expired = true},
		{.dir = dir, .name = TLS_ELSEWHERE, .cn = "elsewhere.example"},
		{.dir = dir, .name = TLS_STRANGER, .cn = "localhost"},
	};
	char *keys = xasprintf("%s/keys.psk", dir);

	file_mkdirs(dir);
	write_dh(dir);
	make(&ca, NULL);
	make(&other, NULL);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		make(&others[i], strcmp(others[i].name, TLS_STRANGER) == 0 ? &other : &ca);
		unmake(&others[i]);
	}
	unmake(&ca);
	unmake(&other);
	file_write(keys, TLS_USER ":" TLS_KEY "\n", strlen(TLS_USER ":" TLS_KEY "\n"));
	free(keys);
}

/* ---- sessions */

static ssize_t push(gnutls_transport_ptr_t arg, const void *data, size_t len)
{
	struct tls *t = arg;
	ssize_t n;

	if (t->hold) {
		buf_add(&t->held, data, len);
		return (ssize_t)len;
	}
	n = chr_try_write(t->stream.chr, data, len);
	if (n > 0)
		return n;
	gnutls_transport_set_errno(t->priv->session, n == 0 ? EAGAIN : EPIPE);
	return -1;
}

static ssize_t pull(gnutls_transport_ptr_t arg, void *data, size_t len)
{
	struct tls *t = arg;
	ssize_t n = chr_try_read(t->stream.chr, data, len);

	if (n > 0)
		return n;
	if (n == CHR_EOF)
		return 0;
	gnutls_transport_set_errno(t->priv->session, EAGAIN);
	return -1;
}

static int pull_timeout(gnutls_transport_ptr_t arg, unsigned ms)
{
	struct tls *t = arg;

	return io_wait(chr_poll_in(t->stream.chr), POLLIN, deadline_in((int)ms)) ? 1 : 0;
}

static bool again(ssize_t result)
{
	return result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED;
}

/* The end, and what GnuTLS says of it. */
static ssize_t end(struct tls *t, ssize_t result)
{
	if (result < 0 && !t->stream.why.len)
		buf_addf(&t->stream.why, "TLS: %s", gnutls_strerror((int)result));
	t->priv->ended = true;
	return CHR_EOF;
}

/* A record that did not fit is GnuTLS's to be sent: it counts as written. False: it is still there,
 * or the connection has ended. */
static bool flush(struct tls *t)
{
	ssize_t n;

	if (!t->priv->unsent)
		return true;
	n = gnutls_record_send(t->priv->session, NULL, 0);
	t->priv->unsent = again(n);
	if (n < 0 && !again(n))
		end(t, n);
	return n >= 0;
}

static ssize_t tls_read(struct stream *s, void *buf, size_t len)
{
	struct tls *t = (struct tls *)s;
	ssize_t n;

	if (!t->priv->ended)
		flush(t);
	if (t->priv->ended)
		return CHR_EOF;
	do
		n = gnutls_record_recv(t->priv->session, buf, len);
	while (n == GNUTLS_E_INTERRUPTED);
	if (n > 0)
		return n;
	return again(n) ? 0 : end(t, n);
}

static ssize_t tls_write(struct stream *s, const void *buf, size_t len)
{
	struct tls *t = (struct tls *)s;
	ssize_t n;

	if (t->priv->ended)
		return CHR_EOF;
	if (!flush(t) || !len)
		return t->priv->ended ? CHR_EOF : 0;
	len = len < RECORD_MAX ? len : RECORD_MAX;
	n = gnutls_record_send(t->priv->session, buf, len);
	t->priv->unsent = again(n);
	return n >= 0 ? n : again(n) ? (ssize_t)len : end(t, n);
}

static void load_x509(struct tls *t, const struct tls_options *o)
{
	struct tls_private *p = t->priv;
	char *ca = xasprintf("%s/ca-cert.pem", o->dir);

	must(gnutls_certificate_allocate_credentials(&p->x509), "credentials");
	must(gnutls_certificate_set_x509_trust_file(p->x509, ca, GNUTLS_X509_FMT_PEM), ca);
	free(ca);
	if (o->cert) {
		char *cert = xasprintf("%s/%s-cert.pem", o->dir, o->cert),
		     *key = xasprintf("%s/%s-key.pem", o->dir, o->cert);

		must(gnutls_certificate_set_x509_key_file(p->x509, cert, key, GNUTLS_X509_FMT_PEM),
		     cert);
		free(cert);
		free(key);
	}
	must(gnutls_credentials_set(p->session, GNUTLS_CRD_CERTIFICATE, p->x509), "credentials");
	if (o->server)
		gnutls_certificate_server_set_request(p->session, GNUTLS_CERT_REQUIRE);
	gnutls_session_set_verify_cert(p->session, o->server ? NULL : "localhost", 0);
}

static void load_psk(struct tls *t, const struct tls_options *o)
{
	struct tls_private *p = t->priv;
	gnutls_datum_t key = {.data = (unsigned char *)o->key, .size = (unsigned)strlen(o->key)};
	char *keys = xasprintf("%s/keys.psk", o->dir);

	if (o->server) {
		must(gnutls_psk_allocate_server_credentials(&p->psk_server), "credentials");
		must(gnutls_psk_set_server_credentials_file(p->psk_server, keys), keys);
		must(gnutls_credentials_set(p->session, GNUTLS_CRD_PSK, p->psk_server), "psk");
	} else {
		must(gnutls_psk_allocate_client_credentials(&p->psk), "credentials");
		must(gnutls_psk_set_client_credentials(p->psk, o->user, &key, GNUTLS_PSK_KEY_HEX),
		     "psk");
		must(gnutls_credentials_set(p->session, GNUTLS_CRD_PSK, p->psk), "psk");
	}
	free(keys);
}

static void load_anon(struct tls *t, const struct tls_options *o)
{
	struct tls_private *p = t->priv;

	if (o->server) {
		must(gnutls_anon_allocate_server_credentials(&p->anon_server), "credentials");
		must(gnutls_credentials_set(p->session, GNUTLS_CRD_ANON, p->anon_server), "anon");
	} else {
		must(gnutls_anon_allocate_client_credentials(&p->anon), "credentials");
		must(gnutls_credentials_set(p->session, GNUTLS_CRD_ANON, p->anon), "anon");
	}
}

void tls_init(struct tls *t, struct chr *chr, const struct tls_options *o)
{
	static const char *const priorities[] = {
		[TLS_X509] = "NORMAL",
		[TLS_PSK] = "NORMAL:+ECDHE-PSK:+DHE-PSK:+PSK",
		[TLS_ANON] = "NORMAL:-VERS-TLS1.3:+ANON-ECDH:+ANON-DH",
	};
	unsigned flags = (o->server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK;

	*t = (struct tls){
		.stream = {.chr = chr, .read = tls_read, .write = tls_write, .why = BUF_INIT},
		.held = BUF_INIT,
		.priv = xcalloc(1, sizeof(*t->priv))};
	must(gnutls_init(&t->priv->session, flags), "session");
	must(gnutls_priority_set_direct(t->priv->session, priorities[o->kind], NULL), "priority");
	if (o->kind == TLS_X509)
		load_x509(t, o);
	else if (o->kind == TLS_PSK)
		load_psk(t, o);
	else
		load_anon(t, o);
	gnutls_transport_set_ptr(t->priv->session, t);
	gnutls_transport_set_push_function(t->priv->session, push);
	gnutls_transport_set_pull_function(t->priv->session, pull);
	gnutls_transport_set_pull_timeout_function(t->priv->session, pull_timeout);
}

void tls_release(struct tls *t)
{
	struct tls_private *p = t->priv;

	gnutls_deinit(p->session);
	if (p->x509)
		gnutls_certificate_free_credentials(p->x509);
	if (p->psk)
		gnutls_psk_free_client_credentials(p->psk);
	if (p->psk_server)
		gnutls_psk_free_server_credentials(p->psk_server);
	if (p->anon)
		gnutls_anon_free_client_credentials(p->anon);
	if (p->anon_server)
		gnutls_anon_free_server_credentials(p->anon_server);
	free(p);
	t->priv = NULL;
	buf_release(&t->held);
	buf_release(&t->stream.why);
}

int tls_step(struct tls *t)
{
	int result;

	do
		result = gnutls_handshake(t->priv->session);
	while (result < 0 && !again(result) && !gnutls_error_is_fatal(result));
	if (result == GNUTLS_E_SUCCESS)
		return 1;
	if (again(result))
		return 0;
	end(t, result);
	return -1;
}

bool tls_begin(struct tls *t, struct deadline d)
{
	int result;

	while ((result = tls_step(t)) == 0) {
		if (deadline_passed(d)) {
			buf_addstr(&t->stream.why, "the TLS handshake does not end");
			return false;
		}
		stream_wait(&t->stream, gnutls_record_get_direction(t->priv->session), LOOK_MS);
	}
	return result > 0;
}

void tls_bye(struct tls *t)
{
	/* It may not fit any more, or nobody may be there: who leaves does not mind. */
	int result = gnutls_bye(t->priv->session, GNUTLS_SHUT_WR);

	if (result < 0 && !again(result) && !t->stream.why.len)
		buf_addf(&t->stream.why, "TLS: %s", gnutls_strerror(result));
}

void tls_hold(struct tls *t, bool hold)
{
	t->hold = hold;
	if (hold)
		buf_clear(&t->held);
}
