// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * guest_test.c - how connecting fails; what a connection does is tested against a real guest
 *
 * The servers here are hostile: whatever they say, the answer is false, in time, with one line that
 * names the reason.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/base/proc.h"
#include "harness/selftest/unit.h"
#include "harness/vm/guest.h"

#define BLOB "AAAAC3NzaC1lZDI1NTE5AAAAIL41FZkiXU90kCbo5k3LKC0DJEtPpMaeTYE7289EDt2/"

/**
 * struct server - What a server does with the first connection
 * @say, @len:	bytes to send
 * @split:	one byte at a time
 * @for_ever:	again and again
 * @close:	then close; otherwise keep silent
 * @error:	how guest_connect() must begin to describe it; "": that depends on what comes first
 */
struct server {
	const char *say;
	size_t len;
	bool split, for_ever, close;
	const char *error;
};

#define SAY(s) .say = (s), .len = sizeof(s) - 1

/* A kexinit with nothing in common with us, and one whose lists run out of the packet. */
#define KEX_NONE                                                                                   \
	"\0\0\0\x4c\x06\x14"                                                                       \
	"0123456789abcdef"                                                                         \
	"\0\0\0\1x\0\0\0\1x\0\0\0\1x\0\0\0\1x\0\0\0\1x\0\0\0\1x\0\0\0\1x\0\0\0\1x"                 \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0pppppp"
#define KEX_CUT                                                                                    \
	"\0\0\0\x1c\x04\x14"                                                                       \
	"0123456789abcdef"                                                                         \
	"\xff\xff\xff\xff"                                                                         \
	"xxpppp"

static const struct server servers[] = {
	{.error = "timeout after 0."},
	{.close = true, .error = "the guest closed the connection during the ssh handshake"},
	{SAY("HTTP/1.1 400 Bad Request\r\n"),
	 .error = "what answers is not an ssh server: its first bytes are 48 54 54 50 2f "},
	{SAY("\0\0\0\0"),
	 .error = "what answers is not an ssh server: its first bytes are 00 00 00 00"},
	{SAY("S"), .close = true, .error = "the guest closed the connection"},
	{SAY("SSH-2.0-x"), .error = "timeout after 0."},
	{SAY("SSH-2.0-x"), .close = true, .error = "the guest closed the connection"},
	{SAY("SSH-2.0-x\r\n"), .error = "timeout after 0."},
	{SAY("SSH-2.0-x\r\n"), .split = true, .close = true,
	 .error = "the guest closed the connection"},
	{SAY("SSH-\0\r\n"), .error = "ssh error "},
	{SAY("SSH-2.0-x\r\n\xff\xff\xff\xff garbage garbage"), .error = "ssh error "},
	{SAY("SSH-2.0-x\r\n\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), .error = "ssh error "},
	{SAY("SSH-2.0-x\r\n\0\0\x10\0\4\x14 too short"), .error = "timeout after 0."},
	{SAY("SSH-2.0-x\r\n\0\0\x10\0\4\x14 too short"), .close = true,
	 .error = "the guest closed"},
	{SAY("SSH-2.0-x\r\n" KEX_NONE), .error = "ssh error "},
	{SAY("SSH-2.0-x\r\n" KEX_CUT), .error = "ssh error "},
	{SAY("SSH-2.0-x\r\n" KEX_CUT), .split = true, .error = "ssh error "},
	{SAY("Sorry\r\n"), .for_ever = true, .error = "what answers is not an ssh server"},
	{SAY("S"), .for_ever = true, .error = ""},
	{SAY("S\r\n"), .split = true, .for_ever = true, .error = ""},
	{SAY("SSH-2.0-x\r\n"), .for_ever = true, .error = "ssh error "},
	{SAY("\xf0\x9f\x92\xa9\n\n\n"), .for_ever = true,
	 .error = "what answers is not an ssh server"},
};

static int listen_anywhere(int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, len), 0);
	ck_assert_int_eq(listen(fd, 4), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

/* Send; when the other side has gone away the server's work is done. */
static void serve_bytes(const struct server *s, int fd)
{
	size_t step = s->split ? 1 : s->len;

	for (size_t at = 0; at < s->len; at += step)
		if (send(fd, s->say + at, step, MSG_NOSIGNAL) < 0)
			_exit(0);
}

static noreturn void serve(const struct server *s, int listener)
{
	int fd = accept(listener, NULL, NULL);
	char sink[4096];

	if (fd < 0)
		_exit(1);
	do
		serve_bytes(s, fd);
	while (s->for_ever);
	if (s->close && shutdown(fd, SHUT_WR) < 0)
		_exit(1);
	while (read(fd, sink, sizeof(sink)) > 0)
		;
	_exit(0);
}

static pid_t start_server(const struct server *s, int *port)
{
	int listener = listen_anywhere(port);
	pid_t me = getpid(), child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		proc_die_with_parent(me);
		serve(s, listener);
	}
	close(listener);
	return child;
}

static void make_keys(void)
{
	static const char pub[] = "ssh-ed25519 " BLOB " guest\n";

	file_write("key", "no key\n", 7);
	file_write("host.pub", pub, sizeof(pub) - 1);
}

START_TEST(hostile_servers_end_in_time_with_their_reason)
{
	make_keys();
	for (size_t i = 0; i < sizeof(servers) / sizeof(*servers); i++) {
		struct guest g;
		int port, status;
		pid_t child = start_server(&servers[i], &port);
		/* Short where the time must run out; else long, so that a busy host does not
		 * matter. */
		bool runs_out = !*servers[i].error || strncmp(servers[i].error, "timeout", 7) == 0;
		int ms = runs_out ? 100 : 10000;
		int64_t start = now_ns();

		guest_init(&g, NULL);
		ck_assert(!guest_connect(&g, port, "key", "host.pub", -1, deadline_in(ms)));
		ck_assert_msg((now_ns() - start) / 1000000 < 5000, "server %zu: too late", i);
		ck_assert_msg(strncmp(g.error.data, servers[i].error, strlen(servers[i].error)) ==
				      0,
			      "server %zu: %s", i, g.error.data);
		ck_assert(g.error.len && !strchr(g.error.data, '\n'));
		ck_assert(!guest_connected(&g));
		ck_assert_int_eq(guest_fd(&g), -1);
		guest_release(&g);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
	}
}
END_TEST

START_TEST(the_end_of_qemu_is_noticed)
{
	static const struct server silent = {.say = ""};
	static const struct server closing = {.say = "", .close = true};
	const struct server *both[] = {&silent, &closing};

	make_keys();
	for (int i = 0; i < 2; i++) {
		struct guest g;
		int port, ended[2], status;
		pid_t child = start_server(both[i], &port);

		ck_assert_int_eq(pipe2(ended, O_CLOEXEC), 0);
		ck_assert_int_eq(write(ended[1], "x", 1), 1);
		guest_init(&g, NULL);
		ck_assert(!guest_connect(&g, port, "key", "host.pub", ended[0], deadline_in(5000)));
		ck_assert_str_eq(g.error.data, "QEMU ended during the ssh handshake");
		guest_release(&g);
		close(ended[0]);
		close(ended[1]);
		ck_assert_int_eq(waitpid(child, &status, 0), child);
	}
}
END_TEST

START_TEST(nobody_listens)
{
	struct guest g;
	int port, listener = listen_anywhere(&port);

	make_keys();
	close(listener);
	guest_init(&g, NULL);
	ck_assert(!guest_connect(&g, port, "key", "host.pub", -1, deadline_in(5000)));
	ck_assert_ptr_nonnull(strstr(g.error.data, "unable to connect to 127.0.0.1:"));
	ck_assert_ptr_nonnull(strstr(g.error.data, ": Connection refused"));
	guest_release(&g);
}
END_TEST

START_TEST(bad_key_files_are_named)
{
	static const char *const bad[] = {"",
					  "ssh-ed25519",
					  "ssh-ed25519 ",
					  "ssh-ed25519 AA==",
					  "ssh-rsa " BLOB,
					  "ssh-ed25519 " BLOB "!",
					  "-----BEGIN OPENSSH PRIVATE KEY-----"};
	struct guest g;

	make_keys();
	guest_init(&g, NULL);
	ck_assert(!guest_connect(&g, 1, "nosuch", "host.pub", -1, deadline_in(5000)));
	ck_assert_str_eq(g.error.data, "unable to read nosuch: No such file or directory");
	ck_assert(!guest_connect(&g, 1, "key", "nosuch", -1, deadline_in(5000)));
	ck_assert_str_eq(g.error.data, "unable to read nosuch: No such file or directory");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		file_write("bad.pub", bad[i], strlen(bad[i]));
		ck_assert(!guest_connect(&g, 1, "key", "bad.pub", -1, deadline_in(5000)));
		ck_assert_str_eq(g.error.data, "bad.pub is not an OpenSSH public key");
	}
	guest_release(&g);
}
END_TEST

START_TEST(nothing_works_without_a_connection)
{
	struct guest_cmd c;
	struct guest g;

	guest_init(&g, "log");
	ck_assert(!guest_connected(&g));
	ck_assert_int_eq(guest_fd(&g), -1);
	ck_assert(!guest_pump(&g));
	ck_assert_str_eq(g.error.data, "not connected");
	ck_assert(!guest_start(&g, &c, deadline_in(5000), "true"));
	ck_assert_str_eq(g.error.data, "not connected");
	guest_cmd_release(&c);
	ck_assert_int_eq(guest_run(&g, NULL, deadline_in(5000), "echo %d", 5), -1);
	ck_assert_str_eq(g.error.data, "not connected");
	ck_assert(!file_exists("log"));
	guest_release(&g);
	guest_release(&g);
}
END_TEST

UNIT_TESTS(guest, hostile_servers_end_in_time_with_their_reason, the_end_of_qemu_is_noticed,
	   nobody_listens, bad_key_files_are_named, nothing_works_without_a_connection)
