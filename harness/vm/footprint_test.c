// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/vm/footprint.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/selftest/unit.h"

#define MAPPING(range, perms, name, pss, anonymous)                                                \
	range " " perms " 00000000 00:00 0 " name "\nSize:  4 kB\nRss:  9 kB\nPss:  " pss          \
	      " kB\nPss_Dirty:  7 kB\nAnonymous:  " anonymous " kB\nVmFlags: rd wr\n"

START_TEST(memory_is_the_guests_the_translators_or_its_own)
{
	static const char maps[] =
		MAPPING("55d000000000-55d000100000", "rw-p", "[heap]", "100", "90")
		/* 16 MiB of guest */
		MAPPING("7f0000000000-7f0001000000", "rw-p", "", "16000",
			"16000") MAPPING("7f0002000000-7f0002800000", "rwxp", "", "3000", "3000")
			MAPPING("7f0003000000-7f0003100000", "r-xp", "/usr/bin/qemu", "50", "0")
				MAPPING("7f0004000000-7f0004100000", "rw-s", "/memfd:x", "5", "3");
	struct footprint f = {0};

	footprint_add_maps(&f, maps, 16);
	ck_assert_uint_eq(f.own_kib, 93);
	ck_assert_uint_eq(f.pss_kib, 19155);
	/* Another guest: then the 16 MiB are somebody's own. */
	f = (struct footprint){0};
	footprint_add_maps(&f, maps, 17);
	ck_assert_uint_eq(f.own_kib, 16093);
}
END_TEST

START_TEST(text_of_any_kind_is_survived)
{
	static const char *const odd[] = {"", "\n\n", "Pss:", "Anonymous: x kB", "7f-", "0-1 rw-p"};

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct footprint f = {0};

		footprint_add_maps(&f, odd[i], 1);
		ck_assert_uint_eq(f.own_kib + f.pss_kib, 0);
	}
}
END_TEST

START_TEST(a_process_is_read)
{
	struct footprint before, after;
	char *block;
	int fd;

	footprint_read(&before, getpid(), 1);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	block = xmalloc(8U << 20);
	for (size_t i = 0; i < 8U << 20; i += 4096)
		block[i] = 1;
	footprint_read(&after, getpid(), 1);
	ck_assert_uint_eq(after.descriptors, before.descriptors + 1);
	ck_assert_uint_ge(after.own_kib, before.own_kib + 7000);
	ck_assert_uint_ge(after.pss_kib, before.pss_kib + 7000);
	free(block);
	close(fd);
}
END_TEST

UNIT_TESTS(footprint, memory_is_the_guests_the_translators_or_its_own, text_of_any_kind_is_survived,
	   a_process_is_read)
