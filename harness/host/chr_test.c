// SPDX-License-Identifier: GPL-2.0-or-later
/* chr_test.c - what all host ends have in common, and udp, pty, pipe and file, with plain
 * descriptors in QEMU's part */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "harness/host/chr_testing.h"

START_TEST(kinds_have_names)
{
	static const char *const names[] = {"unix", "tcp", "udp", "pty", "pipe", "file", "serial"};
	enum chr_kind kind;

	for (int i = 0; i < 7; i++)
		ck_assert(chr_kind_parse(names[i], &kind) && (int)kind == i);
	ck_assert(!chr_kind_parse("", &kind));
	ck_assert(!chr_kind_parse("socket", &kind));
	ck_assert(!chr_kind_parse("unixx", &kind));
}
END_TEST

START_TEST(qemu_is_told_what_it_needs)
{
	struct chr c;

	chr_init(&c, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
	texts(&c, "socket,id=c0,path=c0.sock,server=on,wait=off",
	      "{\"id\": \"c0\", \"backend\": {\"type\": \"socket\", \"data\": {\"addr\": "
	      "{\"type\": "
	      "\"unix\", \"data\": {\"path\": \"c0.sock\"}}, \"server\": true, \"wait\": false}}}");
	c.options = "logfile=x";
	c.members = "\"logfile\": \"x\"";
	texts(&c, "socket,id=c0,path=c0.sock,server=on,wait=off,logfile=x",
	      "{\"id\": \"c0\", \"backend\": {\"type\": \"socket\", \"data\": {\"addr\": "
	      "{\"type\": "
	      "\"unix\", \"data\": {\"path\": \"c0.sock\"}}, \"server\": true, \"wait\": false, "
	      "\"logfile\": \"x\"}}}");
	chr_release(&c);
	chr_init(&c, "c0", CHR_TCP, CHR_QEMU_LISTENS);
	texts(&c, "socket,id=c0,host=127.0.0.1,port=0,server=on,wait=off",
	      "{\"id\": \"c0\", \"backend\": {\"type\": \"socket\", \"data\": {\"addr\": "
	      "{\"type\": "
	      "\"inet\", \"data\": {\"host\": \"127.0.0.1\", \"port\": \"0\"}}, \"server\": true, "
	      "\"wait\": false}}}");
	chr_release(&c);
	chr_init(&c, "c0", CHR_PTY, CHR_QEMU_LISTENS);
	c.members = "\"logfile\": \"x\"";
	texts(&c, "pty,id=c0",
	      "{\"id\": \"c0\", \"backend\": {\"type\": \"pty\", \"data\": {\"logfile\": \"x\"}}}");
	chr_release(&c);
	chr_init(&c, "c0", CHR_PIPE, CHR_QEMU_LISTENS);
	texts(&c, "pipe,id=c0,path=c0",
	      "{\"id\": \"c0\", \"backend\": {\"type\": \"pipe\", \"data\": {\"device\": "
	      "\"c0\"}}}");
	chr_release(&c);
	ck_assert(!file_exists("c0.in") && !file_exists("c0.out"));
	chr_init(&c, "c0", CHR_FILE, CHR_QEMU_LISTENS);
	texts(&c, "file,id=c0,path=c0.out",
	      "{\"id\": \"c0\", \"backend\": {\"type\": \"file\", \"data\": {\"out\": "
	      "\"c0.out\"}}}");
	c.file_input = true;
	texts(&c, "file,id=c0,path=c0.out,input-path=c0.in",
	      "{\"id\": \"c0\", \"backend\": {\"type\": \"file\", \"data\": {\"out\": \"c0.out\", "
	      "\"in\": \"c0.in\"}}}");
	chr_release(&c);
}
END_TEST

START_TEST(what_only_qemu_knows_is_learnt_or_refused)
{
	static const char good[] = "disconnected:tcp:127.0.0.1:36987,server=on";
	static const char *const bad[] = {
		"",
		"tcp:",
		"tcp:127.0.0.1:",
		"tcp:127.0.0.1:1",
		"tcp:127.0.0.1:0,server=on",
		"tcp:127.0.0.1:65536,server=on",
		"tcp:127.0.0.1:-1,server=on",
		"tcp:127.0.0.1:,server=on",
		"tcp:127.0.0.1:99999999999999999999,server=on",
		"tcp:127.0.0.1:1 ,server=on",
		"tcp:::1:5,server=on",
		"unix:c0.sock,server=on",
		"pty:",
		"/dev/pts/",
		"pty:/dev/pts/x",
		"pty:/dev/tty1",
		"/dev/pts/../1",
		"/dev/pts/1 ",
		"pty:pty:/dev/pts/1",
	};
	struct chr tcp, pty, plain;

	chr_init(&tcp, "c0", CHR_TCP, CHR_QEMU_LISTENS);
	chr_init(&pty, "c1", CHR_PTY, CHR_QEMU_LISTENS);
	chr_init(&plain, "c2", CHR_UNIX, CHR_QEMU_LISTENS);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(!chr_learn(&tcp, bad[i]), "%s", bad[i]);
		ck_assert_msg(!chr_learn(&pty, bad[i]), "%s", bad[i]);
	}
	for (size_t cut = 0; cut < strlen(good); cut++) {
		char *part = xstrndup(good, cut);

		ck_assert(!chr_learn(&tcp, part));
		free(part);
	}
	ck_assert(chr_needs_learning(&tcp) && chr_needs_learning(&pty) &&
		  !chr_needs_learning(&plain));
	ck_assert(chr_learn(&tcp, good) && tcp.port == 36987);
	ck_assert(chr_learn(&tcp, "tcp:127.0.0.1:5,server=on <-> 127.0.0.1:36988") &&
		  tcp.port == 5);
	ck_assert(chr_learn(&tcp, "info: QEMU waiting for connection on: "
				  "disconnected:tcp:127.0.0.1:77,server=on\n"));
	ck_assert_int_eq(tcp.port, 77);
	ck_assert(chr_learn(&pty, "pty:/dev/pts/12"));
	ck_assert(chr_learn(&pty, "/dev/pts/3"));
	ck_assert_str_eq(pty.path, "/dev/pts/3");
	ck_assert(!chr_learn(&plain, good));
	ck_assert(!chr_needs_learning(&tcp) && !chr_needs_learning(&pty));
	chr_release(&tcp);
	chr_release(&pty);
	chr_release(&plain);
}
END_TEST

/* QEMU's part: SO_REUSEADDR, bind, connect */
static int udp_qemu(const struct chr *c)
{
	struct sockaddr_in mine = local(c->qemu_port), theirs = local(c->port);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&mine, sizeof(mine)), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&theirs, sizeof(theirs)), 0);
	return fd;
}

START_TEST(udp_keeps_datagrams_whole)
{
	static char big[60000], got[60000];
	struct sockaddr_in a;
	struct chr c;
	int fd, stranger;
	char byte;

	chr_init(&c, "c0", CHR_UDP, CHR_QEMU_LISTENS);
	must_open(&c);
	ck_assert_int_eq(chr_try_write(&c, "too early", 9), 9);
	ck_assert_int_eq(chr_try_write(&c, "too early", 9), 9);
	fd = udp_qemu(&c);
	must_talk(&c, fd, fd);
	ck_assert_int_eq(chr_try_write(&c, big, sizeof(big)), CHR_DATAGRAM);
	ck_assert_int_eq(recv(fd, got, sizeof(got), 0), CHR_DATAGRAM);
	memset(big, 'B', sizeof(big));
	ck_assert_int_eq(send(fd, "", 0, 0), 0);
	ck_assert_int_eq(send(fd, big, sizeof(big), 0), sizeof(big));
	ck_assert_int_eq(send(fd, "x", 1, 0), 1);
	for (size_t n = 0; n < sizeof(big); n += 1000)
		ck_assert_int_eq(chr_try_read(&c, got, 1000), 1000);
	ck_assert_int_eq(chr_try_read(&c, got, sizeof(got)), 1);
	/* other people's datagrams are not QEMU's */
	stranger = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	a = local(c.port);
	ck_assert_int_ge(sendto(stranger, "boo", 3, 0, (struct sockaddr *)&a, sizeof(a)), -1);
	ck_assert_int_eq(chr_read(&c, &byte, 1, deadline_in(20)), CHR_TIMEOUT);
	ck_assert_int_eq(send(fd, "last", 4, 0), 4);
	close(fd);
	ck_assert_int_eq(chr_try_write(&c, "too late", 8), 8);
	chr_no_more(&c);
	ck_assert_int_eq(chr_try_read(&c, got, sizeof(got)), 4);
	must_end(&c);
	ck_assert(!chr_shutdown(&c));
	close(stranger);
	chr_release(&c);
}
END_TEST

START_TEST(udp_finds_where_qemu_is)
{
	struct sockaddr_in to, from = local(0);
	socklen_t len = sizeof(from);
	struct buf text = BUF_INIT;
	char got[8] = "", *want;
	struct chr c;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	chr_init(&c, "c0", CHR_UDP, CHR_QEMU_LISTENS);
	chr_udp_form(&c, CHR_UDP_REMOTE);
	chr_cmdline(&c, &text);
	want = xasprintf("udp,id=c0,host=127.0.0.1,port=%d", c.port);
	ck_assert_str_eq(text.data, want);
	free(want);
	must_open(&c);
	ck_assert_int_eq(chr_try_write(&c, "too early", 9), 0);
	ck_assert_int_eq(chr_try_read(&c, got, sizeof(got)), 0);
	ck_assert_ptr_null(c.path);
	to = local(c.port);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&from, &len), 0);
	ck_assert_int_eq(sendto(fd, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)), 5);
	ck_assert_int_eq(chr_read(&c, got, sizeof(got), deadline_in(1000)), 5);
	ck_assert_mem_eq(got, "hello", 5);
	want = xasprintf("127.0.0.1:%d", ntohs(from.sin_port));
	ck_assert_str_eq(c.path, want);
	free(want);
	ck_assert_int_eq(chr_try_write(&c, "back", 4), 4);
	ck_assert_int_eq(recv(fd, got, sizeof(got), 0), 4);
	close(fd);
	chr_release(&c);
	buf_release(&text);
}
END_TEST

START_TEST(udp_tells_what_its_form_has)
{
	static const struct {
		enum chr_udp_form form;
		const char *want;
	} forms[] = {
		{CHR_UDP_LOCAL, ",host=127.0.0.1,port=1,localaddr=127.0.0.1,localport=2"},
		{CHR_UDP_REMOTE, ",host=127.0.0.1,port=1"},
		{CHR_UDP_LOCALADDR, ",host=127.0.0.1,port=1,localaddr=127.0.0.2"},
		{CHR_UDP_LOCALPORT, ",host=127.0.0.1,port=1,localport=2"},
		{CHR_UDP_IPV4, ",host=localhost,port=1,ipv4=on,localport=2"},
		{CHR_UDP_IPV6, ",host=::1,port=1,ipv6=on,localaddr=::1,localport=2"},
	};
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		buf_clear(&text);
		chr_udp_options(forms[i].form, 1, 2, &text);
		ck_assert_str_eq(text.data, forms[i].want);
	}
	buf_release(&text);
}
END_TEST

START_TEST(pty_is_raw_and_its_hangup_is_the_end)
{
	struct chr c;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(grantpt(master), 0);
	ck_assert_int_eq(unlockpt(master), 0);
	chr_init(&c, "c0", CHR_PTY, CHR_QEMU_LISTENS);
	ck_assert(chr_learn(&c, "/dev/pts/999999"));
	must_not_open(&c, 10, "No such file");
	ck_assert(chr_learn(&c, ptsname(master)));
	for (int i = 0; i < 2; i++) {
		must_open(&c);
		must_talk(&c, master, master);
		chr_close(&c);
	}
	must_open(&c);
	close(master);
	must_end(&c);
	ck_assert_int_eq(chr_try_write(&c, "x", 1), CHR_EOF);
	chr_release(&c);
}
END_TEST

static void *late_pipe(void *arg)
{
	int *fds = arg;

	io_poll(NULL, 0, deadline_in(20));
	fds[0] = open("c0.in", O_RDWR | O_CLOEXEC);
	io_poll(NULL, 0, deadline_in(20));
	fds[1] = open("c0.out", O_RDWR | O_CLOEXEC);
	return NULL;
}

START_TEST(pipe_waits_for_qemu_and_sees_it_go)
{
	int fds[2] = {-1, -1};
	pthread_t thread;
	struct chr c;

	chr_init(&c, "c0", CHR_PIPE, CHR_QEMU_LISTENS);
	must_not_open(&c, 30, "c0.in in time");
	fds[0] = open("c0.in", O_RDWR | O_CLOEXEC);
	must_not_open(&c, 30, "c0.out in time");
	close(fds[0]);
	ck_assert_int_eq(pthread_create(&thread, NULL, late_pipe, fds), 0);
	must_open(&c);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	for (int i = 0; i < 2; i++) {
		must_talk(&c, fds[0], fds[1]);
		chr_close(&c);
		must_open(&c);
	}
	close(fds[0]);
	close(fds[1]);
	must_end(&c);
	ck_assert_int_eq(chr_try_write(&c, "x", 1), CHR_EOF);
	chr_release(&c);
}
END_TEST

START_TEST(file_is_read_as_it_grows)
{
	struct chr c;
	int out, in;
	char byte;

	chr_init(&c, "c0", CHR_FILE, CHR_QEMU_LISTENS);
	out = open("c0.out", O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC, 0600);
	must_open(&c);
	ck_assert_int_eq(chr_try_write(&c, "x", 1), CHR_EOF);
	ck_assert_int_eq(chr_poll_out(&c), -1);
	ck_assert_int_eq(chr_read(&c, &byte, 1, deadline_in(20)), CHR_TIMEOUT);
	chr_close(&c);
	c.file_input = true;
	in = open("c0.in", O_RDONLY | O_CLOEXEC);
	for (int i = 0; i < 2; i++) {
		must_open(&c);
		must_talk(&c, in, out);
		ck_assert_int_eq(io_wait(chr_poll_in(&c), POLLIN, deadline_in(10)), 0);
		ck_assert_int_eq(write(out, "y", 1), 1);
		ck_assert(io_wait(chr_poll_in(&c), POLLIN, deadline_in(5000)));
		chr_close(&c);
		must_open(&c);
		ck_assert_int_eq(chr_try_read(&c, &byte, 1), 1);
		ck_assert_int_eq(byte, 'y');
		chr_close(&c);
	}
	must_open(&c);
	ck_assert_int_eq(write(out, "z", 1), 1);
	chr_no_more(&c);
	ck_assert_int_eq(chr_try_read(&c, &byte, 1), 1);
	must_end(&c);
	close(out);
	close(in);
	chr_release(&c);
	ck_assert(file_exists("c0.out") && !file_exists("c0.in"));
}
END_TEST

START_TEST(a_full_backend_takes_what_fits)
{
	static char much[1 << 20];
	struct chr c;
	int in, out;
	size_t n;

	chr_init(&c, "c0", CHR_PIPE, CHR_QEMU_LISTENS);
	in = open("c0.in", O_RDWR | O_CLOEXEC);
	out = open("c0.out", O_RDWR | O_CLOEXEC);
	must_open(&c);
	n = chr_write_all(&c, much, sizeof(much), deadline_in(30));
	ck_assert_uint_gt(n, 0);
	ck_assert_uint_lt(n, sizeof(much));
	ck_assert_uint_eq(c.sent, n);
	ck_assert_int_eq(chr_try_write(&c, much, 1), 0);
	ck_assert_uint_eq(c.first_sent.len, CHR_FIRST);
	close(in);
	close(out);
	chr_release(&c);
}
END_TEST

UNIT_TESTS(chr, kinds_have_names, qemu_is_told_what_it_needs,
	   what_only_qemu_knows_is_learnt_or_refused, udp_keeps_datagrams_whole,
	   udp_finds_where_qemu_is, udp_tells_what_its_form_has,
	   pty_is_raw_and_its_hangup_is_the_end, pipe_waits_for_qemu_and_sees_it_go,
	   file_is_read_as_it_grows, a_full_backend_takes_what_fits)
