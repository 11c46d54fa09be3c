/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cksum.c - verb: POSIX cksum of a file or of standard input. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "helper.h"

/** verb_cksum() - cksum [FILE]: prints what cksum prints */
int verb_cksum(char **argv)
{
	static uint8_t buf[65536];
	const char *path = NULL;
	struct crc crc = {0};
	int fd = STDIN_FILENO;

	opt_parse(NULL, 0, argv, &path, 1, 0);
	if (path)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fatal("unable to open %s: %s", path, errno_name(errno));
	for (;;) {
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fatal("unable to read %s: %s", path ? path : "standard input",
			      errno_name(errno));
		if (!n)
			break;
		crc_add(&crc, buf, (size_t)n);
	}
	printf("%u %llu%s%s\n", crc_value(&crc), (unsigned long long)crc.len, path ? " " : "",
	       path ? path : "");
	if (fflush(stdout))
		fatal("unable to write: %s", errno_name(errno));
	return EXIT_OK;
}
