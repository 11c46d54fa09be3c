// SPDX-License-Identifier: GPL-2.0-or-later
/* warm_test.c - saved states: what names one, who makes it, which go; and the accelerator */
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/vm/vm_testing.h"
#include "harness/vm/warm.h"

#define BOOTS "console=the guest is ready"

/* How many names in the folder are like @glob; the last of them. */
static int count(const char *folder, const char *glob, char **last)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)))
		if (fnmatch(glob, e->d_name, 0) == 0) {
			n++;
			if (last) {
				free(*last);
				*last = xstrdup(e->d_name);
			}
		}
	closedir(d);
	return n;
}

static void init(struct fake *f, const char *mode)
{
	fake_init(f, mode);
	f->config.image = &f->image;
	file_mkdirs("cache");
}

static void prepare(struct fake *f, struct warm *w)
{
	struct buf why = BUF_INIT;

	ck_assert_msg(warm_prepare(w, &f->config, "cache", &why), "%s", why.data);
	ck_assert(*w->path == '/' && file_exists(w->path));
	ck_assert_str_eq(w->path + strlen(w->path) - 6, "/state");
}

START_TEST(a_state_is_made_once_and_found_again)
{
	struct warm w = {NULL};
	struct fake f;
	char *first;

	init(&f, BOOTS);
	prepare(&f, &w);
	first = xstrdup(w.path);
	ck_assert_int_eq(count("cache", "warm-*", NULL), 1);
	ck_assert(file_exists("cache/warm.lock"));
	warm_release(&w);
	ck_assert_ptr_null(w.path);
	fake_does("exit-at-start"); /* nothing is started for it again */
	prepare(&f, &w);
	ck_assert_str_eq(w.path, first);
	warm_release(&w);
	free(first);
	fake_release(&f);
}
END_TEST

/* Each of these is another guest, or another QEMU. */
static void change(struct fake *f, int what)
{
	static struct image other;

	other = f->image;
	other.hash = (char *)"an0ther";
	switch (what) {
	case 0:
		f->config.machine = "q35";
		break;
	case 1:
		f->config.smp = 2;
		break;
	case 2:
		f->config.append = "x";
		break;
	case 3:
		f->config.n_uarts = 1;
		break;
	case 4:
		f->config.memory_mb++;
		break;
	case 5:
		f->config.accel = "tcg";
		break;
	case 6:
		f->config.image = &other;
		break;
	case 7:
		free(f->caps.identity);
		f->caps.identity = xstrdup("2d");
		break;
	}
}

START_TEST(another_guest_has_another_state)
{
	struct strv paths = {0};

	for (int what = -1; what < 8; what++) {
		struct warm w = {NULL};
		struct fake f;

		init(&f, BOOTS);
		change(&f, what);
		prepare(&f, &w);
		ck_assert_msg(!strv_has(&paths, w.path), "change %d", what);
		strv_push(&paths, w.path);
		ck_assert_int_eq(count("cache", "warm-*", NULL), what + 2);
		warm_release(&w);
		fake_release(&f);
	}
	strv_release(&paths);
}
END_TEST

/* The stream holds devices, not backends; and who keeps a guest starts it like everybody. */
START_TEST(another_backend_has_the_same_state)
{
	struct warm w = {NULL};
	struct fake f;
	char *first;

	init(&f, BOOTS);
	f.config.n_uarts = 2;
	prepare(&f, &w);
	first = xstrdup(w.path);
	warm_release(&w);
	fake_does("exit-at-start");
	f.config.uart[0] = "c0";
	f.config.uart[1] = "c1";
	f.config.keep = true;
	prepare(&f, &w);
	ck_assert_str_eq(w.path, first);
	warm_release(&w);
	free(first);
	fake_release(&f);
}
END_TEST

/* Its backends are the trial's: in the boot that is saved they are null. */
START_TEST(the_boot_that_is_saved_has_no_backends)
{
	struct buf argv = BUF_INIT;
	struct warm w = {NULL};
	struct fake f;
	char *path;

	init(&f, BOOTS);
	f.config.n_uarts = 1;
	f.config.uart[0] = "c0";
	prepare(&f, &w);
	path = xasprintf("%.*s/argv", (int)(strrchr(w.path, '/') - w.path), w.path);
	ck_assert(buf_read_file(&argv, path));
	ck_assert_ptr_null(strstr(argv.data, "chardev:c0"));
	says(&argv, "-serial\nnull\n");
	warm_release(&w);
	free(path);
	fake_release(&f);
}
END_TEST

START_TEST(what_failed_is_told_and_leaves_no_state)
{
	static const char *const rows[][2] = {
		{"exit-at-start", "QEMU ended: exit status 3"},
		{BOOTS ";exit-at=migrate", "QMP migrate: QEMU closed the connection"},
		{BOOTS ";refuse=migrate", "QMP migrate refused: GenericError: refused"},
		{BOOTS ";refuse=migrate-set-parameters", "refused: GenericError: refused"},
		{BOOTS ";migration=failed", "QEMU could not save the guest's state"},
		{BOOTS ";status-at-quit=1", "QEMU ended: exit status 1"},
	};
	char *before = file_absolute("."), *after;
	struct warm w = {NULL};
	struct fake f;

	init(&f, "ok");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct buf why = BUF_INIT;

		fake_does(rows[i][0]);
		ck_assert(!warm_prepare(&w, &f.config, "cache", &why));
		ck_assert_ptr_null(w.path);
		ck_assert_ptr_nonnull(strstr(why.data, ".making)")); /* where its files are */
		says(&why, rows[i][1]);
		ck_assert_int_eq(count("cache", "warm-*.making", NULL), 1);
		ck_assert_int_eq(count("cache", "warm-*", NULL), 1);
	}
	fake_does(BOOTS); /* what a failure left is in nobody's way */
	prepare(&f, &w);
	ck_assert_int_eq(count("cache", "warm-*.making", NULL), 0);
	after = file_absolute(".");
	ck_assert_str_eq(after, before);
	warm_release(&w);
	fake_release(&f);
	free(before);
	free(after);
}
END_TEST

/* A fake that counts how often it is started. */
static void count_starts(struct fake *f)
{
	char *here = file_absolute("."), *script;

	script = xasprintf("#!/bin/sh\necho x >>%s/starts\nexec %s \"$@\"\n", here, f->caps.path);
	write_program("script", script);
	free(f->caps.path);
	f->caps.path = file_absolute("script");
	free(script);
	free(here);
}

START_TEST(those_who_want_the_same_wait_for_each_other)
{
	struct buf starts = BUF_INIT;
	struct fake f;
	pid_t pids[4];

	init(&f, BOOTS);
	count_starts(&f);
	for (int i = 0; i < 4; i++) {
		struct warm w = {NULL};

		pids[i] = fork();
		ck_assert_int_ge(pids[i], 0);
		if (pids[i] == 0) {
			prepare(&f, &w);
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++) {
		int status;

		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert_int_eq(status, 0);
	}
	ck_assert(buf_read_file(&starts, "starts"));
	ck_assert_str_eq(starts.data, "x\n");
	buf_release(&starts);
	fake_release(&f);
}
END_TEST

static void make_old(const char *path, time_t age)
{
	const struct timespec t[2] = {{.tv_sec = 1000000 - age}, {.tv_sec = 1000000 - age}};

	ck_assert_int_eq(utimensat(AT_FDCWD, path, t, 0), 0);
}

START_TEST(the_latest_two_dozen_states_stay)
{
	struct warm w = {NULL};
	struct fake f;

	init(&f, BOOTS);
	for (int i = 0; i < 30; i++) {
		char *dir = xasprintf("cache/warm-%04d", i), *file = xasprintf("%s/state", dir);

		file_mkdirs(dir);
		file_write(file, "x", 1);
		make_old(dir, i);
		free(file);
		free(dir);
	}
	file_write("cache/caps-1", "x", 1);
	make_old("cache/caps-1", 9999);
	prepare(&f, &w);
	ck_assert(file_exists(w.path));
	ck_assert_int_eq(count("cache", "warm-*", NULL), 24);
	ck_assert(file_exists("cache/warm-0022/state"));
	ck_assert(!file_exists("cache/warm-0023"));
	ck_assert(file_exists("cache/caps-1"));
	warm_release(&w);
	fake_release(&f);
}
END_TEST

START_TEST(a_state_that_is_used_is_no_old_one)
{
	struct warm w = {NULL};
	char *name = NULL, *dir;
	struct stat st;
	struct fake f;

	init(&f, BOOTS);
	prepare(&f, &w);
	warm_release(&w);
	ck_assert_int_eq(count("cache", "warm-*", &name), 1);
	dir = xasprintf("cache/%s", name);
	make_old(dir, 0);
	prepare(&f, &w);
	ck_assert_int_eq(stat(dir, &st), 0);
	ck_assert(st.st_mtime > 1000000);
	warm_release(&w);
	free(dir);
	free(name);
	fake_release(&f);
}
END_TEST

START_TEST(how_it_is_restored_depends_on_the_version)
{
	static const struct {
		int major, minor;
		const char *uri;
	} rows[] = {{7, 2, "fd:"},
		    {8, 1, "fd:"},
		    {8, 2, "file:/proc/self/fd/"},
		    {11, 1, "file:/proc/self/fd/"}};
	struct warm w = {(char *)"state"};
	char byte;

	file_write("state", "s", 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct caps caps = {.major = rows[i].major, .minor = rows[i].minor};
		struct strv argv = {0};
		int fd = warm_argv(&w, &caps, &argv);
		char *want = xasprintf("%s%d", rows[i].uri, fd);

		ck_assert_uint_eq(argv.n, 2);
		ck_assert_str_eq(argv.v[0], "-incoming");
		ck_assert_str_eq(argv.v[1], want);
		ck_assert_int_eq(read(fd, &byte, 1), 1); /* from its beginning, each time */
		close(fd);
		free(want);
		strv_release(&argv);
	}
}
END_TEST

/* What accel_choose() says to a build with these accelerators. */
static const char *choose(struct fake *f, const char *accels, const char *request, struct buf *said,
			  struct buf *why)
{
	strv_release(&f->caps.accels);
	strv_split(&f->caps.accels, accels, ",");
	buf_clear(said);
	buf_clear(why);
	return accel_choose(&f->caps, &f->image, request, "cache", said, why);
}

START_TEST(an_accelerator_is_one_that_is_built_in)
{
	struct buf said = BUF_INIT, why = BUF_INIT;
	struct fake f;

	init(&f, "exit-at-start");
	ck_assert_ptr_null(choose(&f, "tcg,kvm", "xen", &said, &why));
	ck_assert_str_eq(why.data, "no accelerator is called xen: kvm or tcg");
	ck_assert_ptr_null(choose(&f, "tcg", "kvm", &said, &why));
	ck_assert_ptr_nonnull(strstr(why.data, "fake-qemu has no accelerator kvm"));
	ck_assert_ptr_null(choose(&f, "kvm", "tcg", &said, &why));
	ck_assert_ptr_nonnull(strstr(why.data, "fake-qemu has no accelerator tcg"));
	ck_assert_str_eq(choose(&f, "tcg,kvm", "tcg", &said, &why), "tcg");
	ck_assert_uint_eq(said.len, 0);
	ck_assert_str_eq(choose(&f, "tcg", NULL, &said, &why), "tcg");
	ck_assert_str_eq(choose(&f, "tcg", "", &said, &why), "tcg");
	ck_assert_uint_gt(said.len, 0); /* that it was not the best */
	ck_assert_ptr_null(choose(&f, "qtest", NULL, &said, &why));
	ck_assert_ptr_nonnull(strstr(why.data, "has no accelerator that works here"));
	buf_release(&said);
	buf_release(&why);
	fake_release(&f);
}
END_TEST

/* Where there is no /dev/kvm, that is the answer. */
START_TEST(kvm_is_believed_when_the_guest_came_up)
{
	bool there = access("/dev/kvm", R_OK | W_OK) == 0;
	struct buf said = BUF_INIT, why = BUF_INIT;
	struct fake f;

	init(&f, "exit-at-start");
	ck_assert_str_eq(choose(&f, "tcg,kvm", NULL, &said, &why), "tcg");
	says(&said, there ? "the guest does not come up under KVM here" : "no access to /dev/kvm");
	ck_assert_ptr_null(choose(&f, "tcg,kvm", "kvm", &said, &why));
	says(&why, "accelerator kvm was asked for, but: ");
	ck_assert_int_eq(count("cache", "kvm-1d-1mag3", NULL), there);
	ck_assert_int_eq(count("cache", "kvm-probe*", NULL), 0);
	fake_does(BOOTS);
	ck_assert_str_eq(choose(&f, "tcg,kvm", NULL, &said, &why), "tcg"); /* remembered */
	if (there)
		file_write("cache/kvm-1d-1mag3", "another boot of the host\nworks\n", 31);
	ck_assert_str_eq(choose(&f, "tcg,kvm", NULL, &said, &why), there ? "kvm" : "tcg");
	fake_does("exit-at-start");
	ck_assert_str_eq(choose(&f, "tcg,kvm", NULL, &said, &why), there ? "kvm" : "tcg");
	buf_release(&said);
	buf_release(&why);
	fake_release(&f);
}
END_TEST

UNIT_TESTS(warm, a_state_is_made_once_and_found_again, another_guest_has_another_state,
	   another_backend_has_the_same_state, the_boot_that_is_saved_has_no_backends,
	   what_failed_is_told_and_leaves_no_state, those_who_want_the_same_wait_for_each_other,
	   the_latest_two_dozen_states_stay, a_state_that_is_used_is_no_old_one,
	   how_it_is_restored_depends_on_the_version, an_accelerator_is_one_that_is_built_in,
	   kvm_is_believed_when_the_guest_came_up)
