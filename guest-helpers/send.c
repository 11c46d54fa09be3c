/* SPDX-License-Identifier: GPL-2.0-or-later */
/* send.c - verb: write a seeded payload to a device node. */
#include <fcntl.h>

#include "helper.h"

/** verb_send() - send NODE --seed S --bytes N [--block B] [--marker M] [--go] .. */
int verb_send(char **argv)
{
	struct node_opts node = {0};
	struct tx tx = {.prefix = "", .block = 32768};
	uint8_t marker[MARKER_LEN];
	bool go = false;
	const char *path;
	struct opt opts[] = {
		{.name = "seed", .type = OPT_U64, .value = &tx.seed, .required = true},
		{.name = "bytes", .type = OPT_U64, .value = &tx.bytes, .required = true},
		{.name = "block", .type = OPT_SIZE, .value = &tx.block},
		{.name = "go", .type = OPT_FLAG, .value = &go},
		{.name = "open-flags", .type = OPT_STR, .value = &node.flags},
		{.name = "baud", .type = OPT_U64, .value = &node.baud},
		{.name = "marker", .type = OPT_MARKER, .value = marker},
		{.name = "await-host", .type = OPT_FLAG, .value = &node.await_host},
		{.name = "rate", .type = OPT_U64, .value = &tx.rate},
	};

	opt_parse(opts, sizeof(opts) / sizeof(opts[0]), argv, &path, 1, 1);
	if (opts[6].seen)
		tx.marker = marker;
	node_check(&node);
	tap_begin();
	tx.fd = node_open(path, O_WRONLY, &node);
	if (tx.fd < 0)
		return tap_done();
	if (go)
		leash_wait_go();
	leash_start();
	tx_run(&tx);
	node_close(tx.fd, path);
	return tap_done();
}
