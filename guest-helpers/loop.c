/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop.c - verb: read or write round after round, the node opened anew for each.
 *
 * By hand: for i in $(seq 20); do cat NODE >>got; done, and with cat FILE >NODE. There cat runs
 * again before the host has come or gone, reads nothing, or writes what nobody will read; here a
 * round begins when the host has come and ends when it has gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "helper.h"

/**
 * struct loop - what all rounds have in common
 * @seed: of round 1; each has the next one
 * @sum: of the bytes of all rounds
 */
struct loop {
	const char *path;
	uint64_t rounds, seed, bytes;
	const uint8_t *marker;
	bool write;
	struct crc sum;
};

/* The bytes of the round, then nothing more until the host has gone. */
static void read_round(struct loop *l, int fd, uint64_t seed, const char *prefix)
{
	struct rx rx = {.fd = fd,
			.prefix = prefix,
			.seed = seed,
			.bytes = l->bytes,
			.block = 32768,
			.sum = &l->sum};
	uint8_t more[MARKER_LEN];
	ssize_t n;

	rx_run(&rx);
	n = read(fd, more, sizeof(more));
	if (n < 0)
		tap_ok(false, "%sread behind the last byte: %s", prefix, errno_name(errno));
	else
		tap_ok(n == 0, "%send of file follows the last byte", prefix);
	crc_add(&l->sum, more, n > 0 ? (size_t)n : 0);
}

static void write_round(struct loop *l, int fd, uint64_t seed, const char *prefix)
{
	struct tx tx = {.fd = fd,
			.prefix = prefix,
			.seed = seed,
			.bytes = l->bytes,
			.block = 32768,
			.marker = l->marker,
			.sum = &l->sum};
	struct pollfd pfd = {.fd = fd};

	tx_run(&tx);
	while (!(pfd.revents & POLLHUP))
		if (poll(&pfd, 1, -1) < 0 && errno != EINTR)
			tap_bail("poll: %s", errno_name(errno));
}

static bool run_round(struct loop *l, uint64_t round)
{
	struct node_opts opts = {0};
	char prefix[40];
	int fd = node_open(l->path, l->write ? O_WRONLY : O_RDONLY, &opts);

	if (fd < 0)
		return false;
	snprintf(prefix, sizeof(prefix), "round %llu: ", (unsigned long long)round);
	tap_diag("%sopened", prefix);
	if (!node_await_host(fd))
		tap_bail("%swaiting for the host's end: %s", prefix, errno_name(errno));
	tap_diag("%sconnected", prefix);
	if (l->write)
		write_round(l, fd, l->seed + round - 1, prefix);
	else
		read_round(l, fd, l->seed + round - 1, prefix);
	node_close(fd, l->path);
	return true;
}

/** verb_loop() - loop NODE --rounds R --seed S --bytes N [--write [--marker M]] */
int verb_loop(char **argv)
{
	struct loop l = {0};
	sigset_t sigio;
	uint8_t marker[MARKER_LEN];
	struct opt opts[] = {
		{.name = "rounds", .type = OPT_U64, .value = &l.rounds, .required = true},
		{.name = "seed", .type = OPT_U64, .value = &l.seed, .required = true},
		{.name = "bytes", .type = OPT_U64, .value = &l.bytes, .required = true},
		{.name = "write", .type = OPT_FLAG, .value = &l.write},
		{.name = "marker", .type = OPT_MARKER, .value = marker},
	};

	opt_parse(opts, sizeof(opts) / sizeof(opts[0]), argv, &l.path, 1, 1);
	if (opts[4].seen && !l.write)
		usage_error("loop: --marker belongs to --write");
	l.marker = opts[4].seen ? marker : NULL;
	/* node_await_host() waits for this signal; no other thread may take it away. */
	sigemptyset(&sigio);
	sigaddset(&sigio, SIGIO);
	sigprocmask(SIG_BLOCK, &sigio, NULL);
	tap_begin();
	leash_start();
	for (uint64_t round = 1; round <= l.rounds; round++)
		if (!run_round(&l, round))
			break;
	tap_diag("cksum %u %llu", crc_value(&l.sum), (unsigned long long)l.sum.len);
	return tap_done();
}
