// SPDX-License-Identifier: GPL-2.0-or-later
/* image_test.c - guest images that are not whole, each told in one line */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/io.h"
#include "harness/selftest/unit.h"
#include "harness/vm/image.h"

static const char whole[] = "hash=0123abc\nappend=console=ttyS0 panic=-1 x=\"a b\"\nready=READY\n"
			    "failed=FAILED\nkernel=6.1.0-42\nkernel_file=vmlinux\nflavour=cloud\n"
			    "password=s e=cret\n";
static const char *const files[] = {"vmlinux", "initramfs", "id_ed25519", "host_key.pub"};
static const char key[] = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"
			  "-----END OPENSSH PRIVATE KEY-----\n";

static void write_conf(const char *conf, size_t len)
{
	file_write("image/image.conf", conf, len);
}

static void write_image(const char *conf, size_t len)
{
	file_mkdirs("image");
	write_conf(conf, len);
	for (size_t i = 0; i < 4; i++) {
		char *path = xasprintf("image/%s", files[i]);

		file_write(path, key, strlen(key));
		free(path);
	}
}

/* It does not load, and says @text, in one line, and what to do. */
static void refused(const char *dir, const char *text)
{
	struct buf why = BUF_INIT;
	struct image i;

	ck_assert(!image_load(&i, dir, &why));
	ck_assert_msg(strstr(why.data, text), "%s", why.data);
	ck_assert_int_eq(strncmp(why.data, "guest image: ", 13), 0);
	ck_assert_ptr_nonnull(strstr(why.data, "'make image' makes it"));
	ck_assert_ptr_null(strchr(why.data, '\n'));
	ck_assert(!i.dir && !i.hash && !i.vmlinux);
	buf_release(&why);
}

START_TEST(what_is_whole_is_read)
{
	struct buf why = BUF_INIT;
	struct image i;
	char *dir;

	write_image(whole, strlen(whole));
	dir = file_absolute("image");
	ck_assert_msg(image_load(&i, "image", &why), "%s", why.data);
	ck_assert_str_eq(i.dir, dir);
	ck_assert_str_eq(i.hash, "0123abc");
	ck_assert_str_eq(i.append, "console=ttyS0 panic=-1 x=\"a b\"");
	ck_assert_str_eq(i.ready, "READY");
	ck_assert_str_eq(i.failed, "FAILED");
	ck_assert_str_eq(i.kernel, "6.1.0-42");
	ck_assert_str_eq(i.flavour, "cloud");
	ck_assert_str_eq(i.password, "s e=cret");
	ck_assert_str_eq(i.vmlinux + strlen(dir), "/vmlinux");
	ck_assert_str_eq(i.initramfs + strlen(dir), "/initramfs");
	ck_assert_str_eq(i.key + strlen(dir), "/id_ed25519");
	ck_assert_str_eq(i.host_key + strlen(dir), "/host_key.pub");
	image_release(&i);
	image_release(&i);
	free(dir);
}
END_TEST

START_TEST(what_is_not_there_is_named)
{
	refused("nosuch", "no folder nosuch");
	file_mkdirs("image");
	refused("image", "image/image.conf: No such file or directory");
	file_mkdirs("image/image.conf");
	refused("image", "image/image.conf: Is a directory");
	ck_assert_int_eq(rmdir("image/image.conf"), 0);
	file_write("plain", "x", 1);
	refused("plain", "plain/image.conf: Not a directory");
	/* Root may read what has no permissions: a link that leads nowhere stands for it. */
	for (size_t f = 0; f < 4; f++) {
		char *path = xasprintf("image/%s", files[f]), *text;

		write_image(whole, strlen(whole));
		ck_assert_int_eq(unlink(path), 0);
		ck_assert_int_eq(symlink("/nosuch/x", path), 0);
		text = xasprintf("%s: No such file or directory", path);
		refused("image", text);
		ck_assert_int_eq(unlink(path), 0);
		file_write(path, "", 0);
		free(text);
		text = xasprintf("unable to read %s/%s: No data", "image", files[f]);
		refused("image", strstr(text, "image/"));
		free(text);
		free(path);
	}
}
END_TEST

START_TEST(half_a_key_is_no_key)
{
	size_t whole_len = strlen(key) - 1; /* without the last newline it still is one */
	struct buf why = BUF_INIT;
	struct image i;

	write_image(whole, strlen(whole));
	for (size_t len = 1; len < whole_len; len += 7) {
		file_write("image/id_ed25519", key, len);
		refused("image", "image/id_ed25519 is not a whole key");
	}
	file_write("image/id_ed25519", key, whole_len);
	ck_assert_msg(image_load(&i, "image", &why), "%s", why.data);
	image_release(&i);
}
END_TEST

/* Cut anywhere, up to where the last key gets its value. */
START_TEST(what_is_cut_off_is_not_complete)
{
	size_t last = (size_t)(strstr(whole, "password=") - whole) + strlen("password=");

	write_image(whole, strlen(whole));
	for (size_t len = 0; len <= last; len++) {
		write_conf(whole, len);
		refused("image", "image.conf is not complete");
	}
}
END_TEST

START_TEST(garbage_never_crashes)
{
	static const char *const rows[] = {
		"",
		"=\n==\n\n\n",
		"hash\nappend\nready\nfailed\nkernel\nkernel_file\nflavour\npassword\n",
		"HASH=1\nAPPEND=1\nREADY=1\nFAILED=1\nKERNEL=1\nKERNEL_FILE=1\nFLAVOUR=1\n",
		"hashh=1\nxhash=1\n",
	};
	static const char *const keys[] = {"hash",   "append",	    "ready",   "failed",
					   "kernel", "kernel_file", "flavour", "password"};
	unsigned seed = 5;

	write_image(whole, strlen(whole));
	for (size_t k = 0; k < 8; k++) { /* the later one counts */
		char *text = xasprintf("%s%s=\n", whole, keys[k]);

		write_conf(text, strlen(text));
		refused("image", "image.conf is not complete");
		free(text);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		write_conf(rows[i], strlen(rows[i]));
		refused("image", "image.conf is not complete");
	}
	for (int round = 0; round < 300; round++) {
		char text[400];

		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = (char)(rand_r(&seed) % 9 ? "hash=ready\n"[rand_r(&seed) % 11]
							   : (char)rand_r(&seed));
		write_conf(text, sizeof(text));
		refused("image", "image.conf is not complete");
	}
}
END_TEST

/* Each key once more: the later line counts, and nothing leaks. */
START_TEST(a_key_that_comes_twice_is_the_later_one)
{
	char *twice = xasprintf("hash=old\npassword=old\n%s", whole);
	struct buf why = BUF_INIT;
	struct image i;

	write_image(twice, strlen(twice));
	ck_assert_msg(image_load(&i, "image", &why), "%s", why.data);
	ck_assert_str_eq(i.hash, "0123abc");
	ck_assert_str_eq(i.password, "s e=cret");
	image_release(&i);
	free(twice);
}
END_TEST

UNIT_TESTS(image, what_is_whole_is_read, what_is_not_there_is_named, half_a_key_is_no_key,
	   what_is_cut_off_is_not_complete, garbage_never_crashes,
	   a_key_that_comes_twice_is_the_later_one)
