/* SPDX-License-Identifier: GPL-2.0-or-later */
/* duplex.c - verb: both directions at once on one descriptor. */
#include <fcntl.h>
#include <pthread.h>

#include "helper.h"

static void *receive(void *arg)
{
	rx_run(arg);
	return NULL;
}

static void both(struct tx *tx, struct rx *rx)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, receive, rx);

	if (err)
		tap_bail("unable to start a thread: %s", errno_name(err));
	tx_run(tx);
	pthread_join(thread, NULL);
}

/** verb_duplex() - duplex NODE --seed-tx S --bytes-tx N --seed-rx S2 --bytes-rx M .. */
int verb_duplex(char **argv)
{
	struct node_opts node = {0};
	struct tx tx = {.prefix = "tx: "};
	struct rx rx = {.prefix = "rx: "};
	size_t block = 32768;
	uint8_t marker[MARKER_LEN], marker_tx[MARKER_LEN];
	bool go = false;
	const char *path;
	struct opt opts[] = {
		{.name = "seed-tx", .type = OPT_U64, .value = &tx.seed, .required = true},
		{.name = "bytes-tx", .type = OPT_U64, .value = &tx.bytes, .required = true},
		{.name = "seed-rx", .type = OPT_U64, .value = &rx.seed, .required = true},
		{.name = "bytes-rx", .type = OPT_U64, .value = &rx.bytes, .required = true},
		{.name = "block", .type = OPT_SIZE, .value = &block},
		{.name = "go", .type = OPT_FLAG, .value = &go},
		{.name = "open-flags", .type = OPT_STR, .value = &node.flags},
		{.name = "baud", .type = OPT_U64, .value = &node.baud},
		{.name = "marker", .type = OPT_MARKER, .value = marker},
		{.name = "marker-tx", .type = OPT_MARKER, .value = marker_tx},
		{.name = "await-host", .type = OPT_FLAG, .value = &node.await_host},
		{.name = "rate", .type = OPT_U64, .value = &tx.rate},
	};

	opt_parse(opts, sizeof(opts) / sizeof(opts[0]), argv, &path, 1, 1);
	rx.marker = opts[8].seen ? marker : NULL;
	tx.marker = opts[9].seen ? marker_tx : NULL;
	rx.block = tx.block = block;
	node_check(&node);
	tap_begin();
	tx.fd = rx.fd = node_open(path, O_RDWR, &node);
	if (tx.fd < 0)
		return tap_done();
	if (go)
		leash_wait_go();
	leash_start();
	both(&tx, &rx);
	node_close(tx.fd, path);
	return tap_done();
}
