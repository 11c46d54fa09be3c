// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * traffic_test.c - bytes between a host end and a guest, judged
 *
 * A thread plays QEMU and the guest's node at the two FIFOs of a pipe backend; the helper has said
 * all it has to say. How a helper is started and told to go on needs a guest: end to end.
 */
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "harness/run/run_testing.h"
#include "harness/run/traffic.h"

#define SIZE   5000
#define STREAM 3
/* What the guest's side makes of the same seeds: here by the harness's own generator. */
#define SEED_H2G (2 * STREAM + 11)
#define SEED_G2H (2 * STREAM + 12)

/**
 * struct far - The other end
 * @dir:	which way the bytes go
 * @lost:	this many of the first bytes are not sent
 * @wrong:	the byte at this offset is another one; 0: none is
 * @lies:	the cksums that the helper says are wrong
 * @whole:	all that was sent to it came as it was sent
 * @marker:	the 16 bytes behind it came, and nothing between
 */
static struct far {
	enum traffic_dir dir;
	size_t lost, wrong;
	bool lies, whole, marker;
} far;

static void send_payload(int fd)
{
	unsigned char bytes[SIZE];
	struct payload p;

	payload_init(&p, SEED_G2H, SIZE);
	payload_fill(&p, 0, bytes, SIZE);
	if (far.wrong)
		bytes[far.wrong] ^= 0xff;
	ck_assert(io_write_all(fd, bytes + far.lost, SIZE - far.lost, deadline_in(10000)));
	payload_release(&p);
}

static void take_payload(int fd)
{
	static const unsigned char marker[] = {0x63, 0x68, 0x61, 0x72, 0x64, 0x65, 0x76, 0x20,
					       0x63, 0x68, 0x65, 0x63, 0x6b, 0x20, 0x65, 0x6e};
	unsigned char got[SIZE + sizeof(marker)], want[SIZE];
	struct payload p;
	size_t n = 0;

	while (n < sizeof(got)) {
		ssize_t some = read(fd, got + n, sizeof(got) - n);

		if (some <= 0)
			break;
		n += (size_t)some;
	}
	payload_init(&p, SEED_H2G, SIZE);
	payload_fill(&p, 0, want, SIZE);
	far.whole = n >= SIZE && memcmp(got, want, SIZE) == 0;
	far.marker = n == sizeof(got) && memcmp(got + SIZE, marker, sizeof(marker)) == 0;
	payload_release(&p);
}

static void *play(void *unused)
{
	int in = open("c0.in", O_RDWR | O_CLOEXEC), out = open("c0.out", O_RDWR | O_CLOEXEC);

	(void)unused;
	if (far.dir != TRAFFIC_H2G)
		send_payload(out);
	if (far.dir != TRAFFIC_G2H)
		take_payload(in);
	return NULL;
}

static uint32_t cksum_of(uint64_t seed)
{
	unsigned char bytes[SIZE];
	struct cksum sum = {0};
	struct payload p;

	payload_init(&p, seed, SIZE);
	payload_fill(&p, 0, bytes, SIZE);
	cksum_add(&sum, bytes, SIZE);
	payload_release(&p);
	return cksum_value(&sum);
}

/* A helper that has ended, after it said what fits the direction. */
static void make_helper(struct helper *h, struct guest *g, struct trial *t)
{
	unsigned rx = cksum_of(SEED_H2G) + far.lies, tx = cksum_of(SEED_G2H) + far.lies;

	guest_init(g, NULL);
	*h = (struct helper){.trial = t};
	h->cmd = (struct guest_cmd){.guest = g, .command = xstrdup("helper"), .done = true};
	tap_init(&h->tap);
	buf_init(&h->cmd.out);
	buf_init(&h->cmd.err);
	buf_addstr(&h->cmd.out, "TAP version 13\n# connected\n");
	if (far.dir == TRAFFIC_BOTH)
		buf_addf(&h->cmd.out, "# rx: received\n# rx: cksum %u %u\n# tx: cksum %u %u\n", rx,
			 SIZE, tx, SIZE);
	else
		buf_addf(&h->cmd.out, "# received\n# cksum %u %u\n",
			 far.dir == TRAFFIC_H2G ? rx : tx, SIZE);
	buf_addstr(&h->cmd.out, "ok 1 - all of it\n1..1\n");
}

static void move(struct trial *t)
{
	struct buf why = BUF_INIT;
	struct helper helper;
	struct guest guest;
	pthread_t thread;
	struct traffic x;
	struct chr c;

	chr_init(&c, "c0", CHR_PIPE, CHR_QEMU_LISTENS);
	ck_assert_int_eq(pthread_create(&thread, NULL, play, NULL), 0);
	traffic_init(&x, t, &c, "/dev/node", far.dir, SIZE, STREAM);
	make_helper(&helper, &guest, t);
	x.helper = &helper;
	traffic_open_host(&x);
	traffic_open_host(&x); /* it is open */
	x.pump.stall_ms = 100;
	traffic_move(&x);
	traffic_judge(&x);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	buf_release(&why);
}

static void run(struct bench *b, enum verdict verdict, const char *text)
{
	bench_init(b, "ok", move);
	bench_run(b, verdict, text);
	bench_release(b);
	ck_assert_int_eq(chdir("../.."), 0);
	far.lost = far.wrong = 0;
	far.lies = false;
}

START_TEST(what_comes_as_it_was_sent_passes)
{
	struct bench b;

	far.dir = TRAFFIC_G2H;
	run(&b, VERDICT_PASS, "");
	far.dir = TRAFFIC_H2G;
	run(&b, VERDICT_PASS, "");
	ck_assert(far.whole && far.marker); /* so that a byte more would be found */
	far.whole = far.marker = false;
	far.dir = TRAFFIC_BOTH;
	run(&b, VERDICT_PASS, "");
	ck_assert(far.whole && far.marker);
}
END_TEST

START_TEST(damage_is_described)
{
	struct bench b;

	far.dir = TRAFFIC_G2H;
	far.wrong = 4097;
	run(&b, VERDICT_FAIL, "from the guest, 5000 bytes: ");
	far.wrong = 4097;
	run(&b, VERDICT_FAIL, "offset 4097");
	far.lost = 100;
	run(&b, VERDICT_FAIL, "c0: ");
	far.lost = 100;
	run(&b, VERDICT_FAIL, "0 bytes sent to the guest, 4900 came from it\nfrom the guest: ");
}
END_TEST

START_TEST(two_sums_have_to_agree)
{
	static const enum traffic_dir dirs[] = {TRAFFIC_G2H, TRAFFIC_H2G, TRAFFIC_BOTH};
	struct bench b;

	for (size_t i = 0; i < 3; i++) {
		far.dir = dirs[i];
		far.lies = true;
		run(&b, VERDICT_FAIL, "cksum here ");
	}
}
END_TEST

START_TEST(the_direction_is_the_trials)
{
	static const char *const axes[] = {"dir", NULL};
	static const char *const values[] = {"h2g", "g2h", "both"};
	static const enum traffic_dir dirs[] = {TRAFFIC_H2G, TRAFFIC_G2H, TRAFFIC_BOTH};
	const struct check_case c = {.id = "x", .axes = axes};

	for (size_t i = 0; i < 3; i++) {
		struct trial_spec spec = {.variant = {.c = &c, .value = {values[i]}}};
		struct trial t = {.spec = &spec};

		ck_assert(traffic_dir(&t) == dirs[i]);
	}
}
END_TEST

START_TEST(each_stream_is_another_one)
{
	struct traffic a, b;
	struct trial t = {0};
	struct chr c;

	chr_init(&c, "c0", CHR_UDP, CHR_QEMU_LISTENS);
	traffic_init(&a, &t, &c, "/dev/a", TRAFFIC_BOTH, 10, 0);
	traffic_init(&b, &t, &c, "/dev/b", TRAFFIC_BOTH, 10, 1);
	ck_assert(a.h2g.seed != a.g2h.seed && a.h2g.seed != b.h2g.seed);
	ck_assert(a.h2g.seed != b.g2h.seed && a.g2h.seed != b.g2h.seed);
	ck_assert_int_gt(a.pump.tx_rate, 0); /* datagrams have no flow control */
	traffic_release(&a);
	traffic_release(&b);
	chr_release(&c);
}
END_TEST

UNIT_TESTS(traffic, what_comes_as_it_was_sent_passes, damage_is_described, two_sums_have_to_agree,
	   the_direction_is_the_trials, each_stream_is_another_one)
