/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recv.c - verb: read a seeded payload from a device node and judge it. */
#include <fcntl.h>

#include "helper.h"

/** verb_recv() - recv NODE --seed S --bytes N [--block B] [--marker M] .. */
int verb_recv(char **argv)
{
	struct node_opts node = {0};
	struct rx rx = {.prefix = "", .block = 32768};
	uint8_t marker[MARKER_LEN];
	const char *path;
	struct opt opts[] = {
		{.name = "seed", .type = OPT_U64, .value = &rx.seed, .required = true},
		{.name = "bytes", .type = OPT_U64, .value = &rx.bytes, .required = true},
		{.name = "block", .type = OPT_SIZE, .value = &rx.block},
		{.name = "open-flags", .type = OPT_STR, .value = &node.flags},
		{.name = "baud", .type = OPT_U64, .value = &node.baud},
		{.name = "marker", .type = OPT_MARKER, .value = marker},
		{.name = "await-host", .type = OPT_FLAG, .value = &node.await_host},
	};

	opt_parse(opts, sizeof(opts) / sizeof(opts[0]), argv, &path, 1, 1);
	if (opts[5].seen)
		rx.marker = marker;
	node_check(&node);
	tap_begin();
	rx.fd = node_open(path, O_RDONLY, &node);
	if (rx.fd < 0)
		return tap_done();
	leash_start();
	rx_run(&rx);
	node_close(rx.fd, path);
	return tap_done();
}
