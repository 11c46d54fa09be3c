/* SPDX-License-Identifier: GPL-2.0-or-later */
/* payload.c - verb: print a seeded payload, nothing else. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "helper.h"

/** verb_payload() - payload --seed S --bytes N [--offset O] */
int verb_payload(char **argv)
{
	static uint8_t buf[65536];
	uint64_t seed, bytes, off = 0;
	struct opt opts[] = {
		{.name = "seed", .type = OPT_U64, .value = &seed, .required = true},
		{.name = "bytes", .type = OPT_U64, .value = &bytes, .required = true},
		{.name = "offset", .type = OPT_U64, .value = &off},
	};
	struct stream *st;

	opt_parse(opts, sizeof(opts) / sizeof(opts[0]), argv, NULL, 0, 0);
	st = stream_new(seed);
	while (bytes) {
		size_t len = bytes < sizeof(buf) ? (size_t)bytes : sizeof(buf);

		stream_fill(st, off, buf, len);
		if (!write_all(STDOUT_FILENO, buf, len))
			fatal("unable to write the payload: %s", errno_name(errno));
		off += len;
		bytes -= len;
	}
	free(st);
	return EXIT_OK;
}
