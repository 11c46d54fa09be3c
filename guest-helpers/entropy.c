/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entropy.c - verb: tell the kernel that its random numbers are good enough.
 *
 * An idle guest on an emulated CPU has no entropy for its first three seconds, and the ssh server
 * waits for it. Nothing secret is in a test guest: the time since boot and the CPU's cycle counter
 * will do.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "helper.h"

#define WORDS 8

/** verb_entropy() - entropy: credit 256 bits to the kernel's random number generator */
int verb_entropy(char **argv)
{
	/* struct rand_pool_info, with room for what its flexible array holds */
	struct {
		int entropy_count, buf_size;
		uint32_t word[WORDS];
	} pool = {.entropy_count = WORDS * 32, .buf_size = WORDS * 4};
	int fd;

	opt_parse(NULL, 0, argv, NULL, 0, 0);
	for (int i = 0; i < WORDS; i++) {
		struct timespec ts;

		clock_gettime(i & 1 ? CLOCK_MONOTONIC : CLOCK_REALTIME, &ts);
		pool.word[i] = (uint32_t)ts.tv_nsec ^ (uint32_t)ts.tv_sec << 16;
	}
	fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, RNDADDENTROPY, &pool))
		fatal("unable to credit entropy: %s", errno_name(errno));
	close(fd);
	return EXIT_OK;
}
