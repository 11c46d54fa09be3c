// SPDX-License-Identifier: GPL-2.0-or-later
/* tls_test.c - both ends of TLS, with right and wrong credentials */
#include "harness/host/tls.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/base/io.h"
#include "harness/selftest/unit.h"

#define DIR   "tls-test"
#define TURNS 200

/** struct ends - A client and a server, joined */
struct ends {
	struct chr chr[2];
	struct tls tls[2];
	int state[2];
};

static void ends_init(struct ends *e, const struct tls_options *client,
		      const struct tls_options *server)
{
	static const char *const ids[] = {"client", "server"};
	int pair[2];

	*e = (struct ends){.state = {0, 0}};
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair),
			 0);
	for (int i = 0; i < 2; i++) {
		chr_init(&e->chr[i], ids[i], CHR_UNIX, CHR_QEMU_LISTENS);
		e->chr[i].fd = pair[i];
		tls_init(&e->tls[i], &e->chr[i], i ? server : client);
	}
}

static void ends_release(struct ends *e)
{
	for (int i = 0; i < 2; i++) {
		tls_release(&e->tls[i]);
		chr_release(&e->chr[i]);
	}
}

/* As far as it goes. */
static void shake(struct ends *e)
{
	for (int turn = 0; turn < TURNS; turn++)
		for (int i = 0; i < 2; i++)
			if (e->state[i] == 0)
				e->state[i] = tls_step(&e->tls[i]);
}

static void check_talk(struct ends *e)
{
	char room[8];

	for (int i = 0; i < 2; i++) {
		ssize_t n = 0;

		ck_assert_int_eq(stream_write(&e->tls[i].stream, "hello", 5), 5);
		for (int turn = 0; turn < TURNS && !n; turn++)
			n = stream_read(&e->tls[!i].stream, room, sizeof(room));
		ck_assert_msg(n == 5, "%zd %s", n, e->tls[!i].stream.why.data);
		ck_assert_int_eq(memcmp(room, "hello", 5), 0);
	}
}

static struct tls_options x509(bool server, const char *cert)
{
	return (struct tls_options){.kind = TLS_X509, .server = server, .dir = DIR, .cert = cert};
}

static struct tls_options psk(bool server, const char *key)
{
	return (struct tls_options){
		.kind = TLS_PSK, .server = server, .dir = DIR, .user = TLS_USER, .key = key};
}

START_TEST(right_credentials)
{
	const struct tls_options clients[] = {
		x509(false, TLS_CLIENT),
		psk(false, TLS_KEY),
		{.kind = TLS_ANON, .dir = DIR},
	};
	const struct tls_options servers[] = {
		x509(true, TLS_SERVER),
		psk(true, TLS_KEY),
		{.kind = TLS_ANON, .server = true, .dir = DIR},
	};

	tls_make_files(DIR);
	for (int i = 0; i < 3; i++) {
		struct ends e;

		ends_init(&e, &clients[i], &servers[i]);
		shake(&e);
		ck_assert_msg(e.state[0] == 1 && e.state[1] == 1, "%d: %s %s", i,
			      e.tls[0].stream.why.data, e.tls[1].stream.why.data);
		check_talk(&e);
		ends_release(&e);
	}
	ck_assert(file_remove_tree(DIR));
}
END_TEST

/* The server says no to these clients. */
START_TEST(wrong_clients)
{
	const struct tls_options clients[] = {
		x509(false, NULL),
		x509(false, TLS_STRANGER),
		x509(false, TLS_EXPIRED),
		psk(false, "00112233445566778899aabbccddeeff"),
	};
	const struct tls_options servers[] = {x509(true, TLS_SERVER), psk(true, TLS_KEY)};

	tls_make_files(DIR);
	for (int i = 0; i < 4; i++) {
		struct ends e;

		ends_init(&e, &clients[i], &servers[i / 3]);
		shake(&e);
		ck_assert_int_eq(e.state[1], -1);
		ck_assert_int_gt((int)e.tls[1].stream.why.len, 0);
		ends_release(&e);
	}
	ck_assert(file_remove_tree(DIR));
}
END_TEST

/* The client says no to these servers. */
START_TEST(wrong_servers)
{
	const struct tls_options client = x509(false, TLS_CLIENT);
	const char *const certs[] = {TLS_STRANGER, TLS_ELSEWHERE};

	tls_make_files(DIR);
	for (int i = 0; i < 2; i++) {
		const struct tls_options server = x509(true, certs[i]);
		struct ends e;

		ends_init(&e, &client, &server);
		shake(&e);
		ck_assert_int_eq(e.state[0], -1);
		ends_release(&e);
	}
	ck_assert(file_remove_tree(DIR));
}
END_TEST

START_TEST(held_and_cut)
{
	const struct tls_options client = psk(false, TLS_KEY), server = psk(true, TLS_KEY);
	struct ends e;
	char room[8];
	ssize_t n = 0;

	tls_make_files(DIR);
	ends_init(&e, &client, &server);
	shake(&e);
	tls_hold(&e.tls[0], true);
	ck_assert_int_eq(stream_write(&e.tls[0].stream, "held", 4), 4);
	ck_assert_int_gt((int)e.tls[0].held.len, 4);
	ck_assert_int_eq(stream_read(&e.tls[1].stream, room, sizeof(room)), 0);
	for (size_t i = 0; i < e.tls[0].held.len; i++) {
		ck_assert_int_eq(n, 0);
		ck_assert_int_eq(chr_try_write(&e.chr[0], e.tls[0].held.data + i, 1), 1);
		n = stream_read(&e.tls[1].stream, room, sizeof(room));
	}
	ck_assert_int_eq(n, 4);
	tls_hold(&e.tls[0], false);
	tls_bye(&e.tls[0]);
	ck_assert_int_eq(stream_read(&e.tls[1].stream, room, sizeof(room)), CHR_EOF);
	ck_assert_str_eq(e.tls[1].stream.why.data, "");
	ends_release(&e);
	ck_assert(file_remove_tree(DIR));
}
END_TEST

/* Whatever comes: an end, never a crash. */
START_TEST(garbage)
{
	const struct tls_options client = psk(false, TLS_KEY), server = psk(true, TLS_KEY);
	struct ends e;

	tls_make_files(DIR);
	ends_init(&e, &client, &server);
	ck_assert_int_eq(chr_try_write(&e.chr[0], "GET / HTTP/1.0\r\n\r\n", 18), 18);
	ck_assert(!tls_begin(&e.tls[1], deadline_in(5000)));
	ck_assert_int_gt((int)e.tls[1].stream.why.len, 0);
	ends_release(&e);
	ck_assert(file_remove_tree(DIR));
}
END_TEST

UNIT_TESTS(tls, right_credentials, wrong_clients, wrong_servers, held_and_cut, garbage)
