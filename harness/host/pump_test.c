// SPDX-License-Identifier: GPL-2.0-or-later
/* pump_test.c - transfers, with a thread in the part of QEMU and its guest */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "harness/host/chr_testing.h"
#include "harness/host/pump.h"

/**
 * struct peer - The other end of a unix host end
 * @fd:		its socket
 * @tx:		what it sends (NULL: nothing), up to @tx_limit
 * @rx:		what it expects (NULL: it reads nothing)
 * @good:	after peer_join(): exactly @rx came
 */
struct peer {
	int fd;
	const struct payload *tx, *rx;
	uint64_t tx_limit;
	bool good;
	pthread_t thread;
};

static void *peer_live(void *arg)
{
	struct peer *p = arg;
	uint64_t sent = 0, got = 0, rx = p->rx ? p->rx->size : 0;
	static __thread unsigned char room[20000], want[20000];

	p->good = true;
	while (sent < p->tx_limit || got < rx) {
		struct pollfd fd = {.fd = p->fd};
		ssize_t n;

		fd.events = (short)((sent < p->tx_limit ? POLLOUT : 0) | (got < rx ? POLLIN : 0));
		if (!io_poll(&fd, 1, deadline_in(10000)))
			break;
		if (got < rx && fd.revents & POLLIN) {
			n = recv(p->fd, room, sizeof(room), MSG_DONTWAIT);
			if (n <= 0)
				break;
			payload_fill(p->rx, got, want, (size_t)n);
			p->good &= memcmp(room, want, (size_t)n) == 0;
			got += (uint64_t)n;
		}
		if (sent < p->tx_limit && fd.revents & POLLOUT) {
			uint64_t left = p->tx_limit - sent;

			n = left < sizeof(room) ? (ssize_t)left : (ssize_t)sizeof(room);
			payload_fill(p->tx, sent, room, (size_t)n);
			n = send(p->fd, room, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
			sent += n > 0 ? (uint64_t)n : 0;
		}
	}
	p->good &= got == rx;
	return NULL;
}

/* Connect host end @id to a peer; the peer does nothing yet */
static void peer_init_as(struct peer *p, struct chr *c, const char *id, const struct payload *tx,
			 const struct payload *rx)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	snprintf(a.sun_path, sizeof(a.sun_path), "%s.sock", id);
	*p = (struct peer){.tx = tx, .rx = rx, .tx_limit = tx ? tx->size : 0};
	chr_init(c, id, CHR_UNIX, CHR_QEMU_CONNECTS);
	p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(connect(p->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	must_open(c);
}

static void peer_init(struct peer *p, struct chr *c, const struct payload *tx,
		      const struct payload *rx)
{
	peer_init_as(p, c, "c0", tx, rx);
}

static void peer_start(struct peer *p)
{
	ck_assert_int_eq(pthread_create(&p->thread, NULL, peer_live, p), 0);
}

static void peer_join(struct peer *p)
{
	ck_assert_int_eq(pthread_join(p->thread, NULL), 0);
}

static void must_be_whole(struct pump *p)
{
	struct buf why = BUF_INIT;

	ck_assert_msg(damage_report(&p->damage, &why), "%s", why.data);
	buf_release(&why);
}

static long cpu_ms(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r.ru_utime.tv_sec * 1000 + r.ru_utime.tv_usec / 1000 + r.ru_stime.tv_sec * 1000 +
	       r.ru_stime.tv_usec / 1000;
}

static struct payload a, b;
static struct chr c;
static struct peer peer;
static struct pump pump;

static void setup(uint64_t size)
{
	payload_init(&a, 1, size);
	payload_init(&b, 2, size);
}

static void teardown(void)
{
	pump_release(&pump);
	io_close(&peer.fd);
	chr_release(&c);
	payload_release(&a);
	payload_release(&b);
}

START_TEST(bytes_go_both_ways_at_once)
{
	static const uint64_t sizes[] = {0, 1, 4095, 65536, 65537, 5 << 20};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		setup(sizes[i]);
		peer_init(&peer, &c, &b, &a);
		peer_start(&peer);
		pump_init(&pump, &c, &a, &b);
		ck_assert_int_eq(pump_run(&pump), PUMP_DONE);
		peer_join(&peer);
		ck_assert(peer.good);
		ck_assert(pump.tx_done == sizes[i] && pump.rx_done == sizes[i]);
		must_be_whole(&pump);
		io_close(&peer.fd);
		ck_assert(pump_drain(&pump, deadline_in(1000)));
		must_be_whole(&pump);
		teardown();
	}
}
END_TEST

START_TEST(one_way_reads_nothing_of_the_other)
{
	char byte;

	setup(1 << 20);
	peer_init(&peer, &c, NULL, &a);
	ck_assert_int_eq(write(peer.fd, "x", 1), 1);
	peer_start(&peer);
	pump_init(&pump, &c, &a, NULL);
	ck_assert_int_eq(pump_run(&pump), PUMP_DONE);
	peer_join(&peer);
	ck_assert(peer.good);
	ck_assert_int_eq(chr_try_read(&c, &byte, 1), 1);
	teardown();
}
END_TEST

START_TEST(it_stalls_without_spinning_and_goes_on)
{
	long before;

	setup(1 << 20);
	peer_init(&peer, &c, &b, &a);
	peer.tx_limit = 1000;
	pump_init(&pump, &c, &a, &b);
	pump.stall_ms = 150;
	before = cpu_ms();
	ck_assert_int_eq(pump_run(&pump), PUMP_STALLED);
	ck_assert_int_lt(cpu_ms() - before, 75);
	ck_assert(pump.tx_done > 0 && pump.tx_done < a.size && pump.rx_done == 0);
	peer.tx_limit = b.size;
	peer_start(&peer);
	pump.stall_ms = 10000;
	ck_assert_int_eq(pump_run(&pump), PUMP_DONE);
	peer_join(&peer);
	ck_assert(peer.good);
	must_be_whole(&pump);
	teardown();
}
END_TEST

START_TEST(it_sees_the_other_end_go)
{
	struct buf why = BUF_INIT;

	setup(1 << 20);
	peer_init(&peer, &c, NULL, NULL);
	ck_assert_int_eq(write(peer.fd, "", 0), 0);
	pump_init(&pump, &c, &a, &b);
	io_close(&peer.fd);
	ck_assert_int_eq(pump_run(&pump), PUMP_EOF);
	ck_assert(!damage_report(&pump.damage, &why));
	ck_assert_str_eq(why.data, "stream ends 1048576 bytes early at offset 0");
	buf_release(&why);
	teardown();
	setup(1 << 20);
	peer_init(&peer, &c, NULL, NULL);
	pump_init(&pump, &c, &a, NULL);
	io_close(&peer.fd);
	ck_assert_int_eq(pump_run(&pump), PUMP_EOF);
	teardown();
}
END_TEST

/* It takes no more bytes, but what it sent before has to arrive */
START_TEST(a_deaf_peer_is_heard_out)
{
	setup(50000);
	payload_release(&a);
	payload_init(&a, 1, 8 << 20);
	peer_init(&peer, &c, &b, NULL);
	peer_start(&peer);
	peer_join(&peer);
	ck_assert_int_eq(shutdown(peer.fd, SHUT_RD), 0);
	pump_init(&pump, &c, &a, &b);
	pump.stall_ms = 100;
	ck_assert_int_eq(pump_run(&pump), PUMP_EOF);
	ck_assert_uint_eq(pump.rx_done, b.size);
	must_be_whole(&pump);
	teardown();
}
END_TEST

static bool count_down(void *arg)
{
	return --*(int *)arg == 0;
}

START_TEST(somebody_may_end_it)
{
	int fds[2], left = 3;
	long before;

	setup(1 << 20);
	peer_init(&peer, &c, NULL, NULL);
	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	pump_init(&pump, &c, NULL, &b);
	pump.watch_fd = fds[0];
	pump.watched = count_down;
	pump.watch_arg = &left;
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	ck_assert_int_eq(pump_run(&pump), PUMP_WATCHED);
	ck_assert_int_eq(left, 0);
	/* readable for ever, and nobody minds: no reason to spin */
	left = 1000000000;
	pump.stall_ms = 150;
	before = cpu_ms();
	ck_assert_int_eq(pump_run(&pump), PUMP_STALLED);
	ck_assert_int_lt(cpu_ms() - before, 75);
	close(fds[0]);
	close(fds[1]);
	teardown();
}
END_TEST

START_TEST(filling_fills_and_the_rest_follows)
{
	uint64_t n;

	setup(8 << 20);
	peer_init(&peer, &c, NULL, &a);
	pump_init(&pump, &c, &a, NULL);
	n = pump_fill(&pump);
	ck_assert(n > 0 && n < a.size && pump.tx_done == n);
	ck_assert_uint_eq(pump_fill(&pump), 0);
	peer_start(&peer);
	ck_assert_int_eq(pump_run(&pump), PUMP_DONE);
	peer_join(&peer);
	ck_assert(peer.good);
	ck_assert_uint_eq(pump_fill(&pump), 0);
	teardown();
}
END_TEST

START_TEST(a_faulty_end_is_noticed)
{
	static const struct {
		const char *fault, *event;
		enum pump_end end;
	} rows[] = {
		{"read:drop@65536+4096", "\n4096 bytes lost at offset 65536", PUMP_STALLED},
		{"read:repeat@65536+4096", "\n4096 bytes repeated at 69632, first seen at 65536",
		 PUMP_DONE},
		{"read:swap@65536+4096",
		 "\n4096 bytes from offset 69632 came before those from 65536", PUMP_DONE},
		{"read:flip@65536+1", "\n1 byte changed at offset 65536", PUMP_DONE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf why = BUF_INIT;

		setup(1 << 20);
		peer_init(&peer, &c, &b, NULL);
		ck_assert(chr_fault_parse(&c.fault, rows[i].fault));
		peer_start(&peer);
		pump_init(&pump, &c, NULL, &b);
		pump.stall_ms = 200;
		ck_assert_int_eq(pump_run(&pump), rows[i].end);
		peer_join(&peer);
		io_close(&peer.fd);
		ck_assert(pump_drain(&pump, deadline_in(1000)));
		ck_assert(!damage_report(&pump.damage, &why));
		ck_assert_msg(strstr(why.data, rows[i].event) != NULL, "%s", why.data);
		buf_release(&why);
		teardown();
	}
}
END_TEST

START_TEST(datagrams_are_spread_evenly)
{
	struct sockaddr_in mine, theirs;
	int64_t start;
	long before;
	char room[2048];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, n = 0;

	setup(100UL * CHR_DATAGRAM);
	chr_init(&c, "c0", CHR_UDP, CHR_QEMU_LISTENS);
	mine = local(c.qemu_port);
	theirs = local(c.port);
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&mine, sizeof(mine)), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&theirs, sizeof(theirs)), 0);
	must_open(&c);
	pump_init(&pump, &c, &a, NULL);
	/* without flow control nothing is ever full */
	ck_assert_uint_eq(pump_fill(&pump), (uint64_t)PUMP_FILL_DATAGRAMS * CHR_DATAGRAM);
	pump.tx_rate = 500000;
	pump.stall_ms = 1;
	start = now_ns();
	before = cpu_ms();
	ck_assert_int_eq(pump_run(&pump), PUMP_DONE);
	/* 68 KiB: 139 ms, of which 4 may be caught up */
	ck_assert_int_ge(now_ns() - start, 130 * 1000000LL);
	ck_assert_int_lt(cpu_ms() - before, 75);
	while (recv(fd, room, sizeof(room), 0) > 0)
		n++;
	ck_assert_int_ge(n, 64);
	close(fd);
	peer.fd = -1;
	teardown();
}
END_TEST

/* A terminal that nobody reads: full, and then it may call itself writable and take nothing */
START_TEST(a_full_terminal_does_not_spin)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	long before;

	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(grantpt(master), 0);
	ck_assert_int_eq(unlockpt(master), 0);
	setup(1 << 20);
	chr_init(&c, "c0", CHR_PTY, CHR_QEMU_LISTENS);
	ck_assert(chr_learn(&c, ptsname(master)));
	must_open(&c);
	pump_init(&pump, &c, &a, &b);
	pump.stall_ms = 200;
	before = cpu_ms();
	ck_assert_int_eq(pump_run(&pump), PUMP_STALLED);
	ck_assert_int_lt(cpu_ms() - before, 100);
	ck_assert_uint_gt(pump.tx_done, 0);
	close(master);
	ck_assert_int_eq(pump_run(&pump), PUMP_EOF);
	peer.fd = -1;
	teardown();
}
END_TEST

/** struct lane - One of several transfers at once */
struct lane {
	struct payload a, b;
	struct chr c;
	struct peer peer;
	struct pump pump;
};

#define LANES 5
static void lanes_init(struct lane *l, struct pump **all, uint64_t size)
{
	for (unsigned i = 0; i < LANES; i++) {
		payload_init(&l[i].a, 2 * i + 1, i * size);
		payload_init(&l[i].b, 2 * i + 2, (LANES - i) * size);
		peer_init_as(&l[i].peer, &l[i].c, (char[]){'c', (char)('0' + i), '\0'}, &l[i].b,
			     &l[i].a);
		pump_init(&l[i].pump, &l[i].c, &l[i].a, &l[i].b);
		all[i] = &l[i].pump;
	}
}

static void lanes_release(struct lane *l)
{
	for (size_t i = 0; i < LANES; i++) {
		pump_release(&l[i].pump);
		io_close(&l[i].peer.fd);
		chr_release(&l[i].c);
		payload_release(&l[i].a);
		payload_release(&l[i].b);
	}
}

START_TEST(several_go_both_ways_at_once)
{
	struct lane lanes[LANES];
	struct pump *all[LANES];
	size_t which = 99;

	lanes_init(lanes, all, 300000);
	for (size_t i = 0; i < LANES; i++)
		peer_start(&lanes[i].peer);
	ck_assert_int_eq(pump_run_all(all, LANES, &which), PUMP_DONE);
	for (size_t i = 0; i < LANES; i++) {
		peer_join(&lanes[i].peer);
		ck_assert(lanes[i].peer.good);
		must_be_whole(all[i]);
	}
	lanes_release(lanes);
}
END_TEST

/* One that stops, however it does, is told apart; the others lose nothing by it, and go on */
START_TEST(one_of_several_stops)
{
	struct lane lanes[LANES];
	struct pump *all[LANES];
	const size_t last = LANES - 1;
	size_t which = 99;

	lanes_init(lanes, all, 200000);
	all[last]->stall_ms = 300;
	for (size_t i = 0; i < last; i++)
		peer_start(&lanes[i].peer);
	ck_assert_int_eq(pump_run_all(all, LANES, &which), PUMP_STALLED);
	ck_assert_uint_eq(which, last);
	ck_assert_int_eq(pump_run_all(all, last, &which), PUMP_DONE);
	for (size_t i = 0; i < last; i++) {
		peer_join(&lanes[i].peer);
		ck_assert(lanes[i].peer.good);
		must_be_whole(all[i]);
	}
	lanes_release(lanes);
}
END_TEST

/* What is watched by one that is done counts until all are */
START_TEST(a_watcher_outlives_its_pump)
{
	struct lane lanes[LANES];
	struct pump *all[LANES];
	size_t which = 99;
	int fds[2], left = 3;

	lanes_init(lanes, all, 1000);
	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	for (size_t i = 0; i < LANES; i++)
		if (i != 4)
			peer_start(&lanes[i].peer);
	ck_assert_int_eq(pump_run(all[1]), PUMP_DONE);
	all[1]->watch_fd = fds[0];
	all[1]->watched = count_down;
	all[1]->watch_arg = &left;
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	ck_assert_int_eq(pump_run_all(all, LANES, &which), PUMP_WATCHED);
	ck_assert_uint_eq(which, 1);
	for (size_t i = 0; i < 4; i++)
		peer_join(&lanes[i].peer);
	close(fds[0]);
	close(fds[1]);
	lanes_release(lanes);
}
END_TEST

START_TEST(every_end_has_a_text)
{
	for (int e = PUMP_DONE; e <= PUMP_WATCHED; e++)
		ck_assert_uint_gt(strlen(pump_end_text((enum pump_end)e)), 5);
}
END_TEST

UNIT_TESTS(pump, bytes_go_both_ways_at_once, one_way_reads_nothing_of_the_other,
	   it_stalls_without_spinning_and_goes_on, it_sees_the_other_end_go,
	   a_deaf_peer_is_heard_out, somebody_may_end_it, filling_fills_and_the_rest_follows,
	   a_faulty_end_is_noticed, datagrams_are_spread_evenly, a_full_terminal_does_not_spin,
	   several_go_both_ways_at_once, one_of_several_stops, a_watcher_outlives_its_pump,
	   every_end_has_a_text)
