// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * caps_test.c - probing programs that are no QEMU, and the fake one that lies beside the unit tests
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/vm/vm_testing.h"

static bool probe(struct caps *c, const char *qemu, const char *mode, struct buf *why)
{
	fake_does(mode);
	buf_clear(why);
	return caps_probe(c, qemu, "cache", ".", why);
}

/* How many files a folder has; the name of one of them. */
static int list_folder(const char *path, char *name, size_t size)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	if (!d)
		return 0;
	while ((e = readdir(d)))
		if (*e->d_name != '.') {
			snprintf(name, size, "%s/%s", path, e->d_name);
			n++;
		}
	closedir(d);
	return n;
}

static void check_nothing_left(const char *mode)
{
	char name[300];
	DIR *d = opendir(".");
	struct dirent *e;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)))
		ck_assert_msg(strncmp(e->d_name, "caps-", 5) != 0, "%s: %s", mode, e->d_name);
	closedir(d);
	ck_assert_msg(list_folder("cache", name, sizeof(name)) == 0, "%s: %s", mode, name);
}

START_TEST(a_probe_tells_what_there_is)
{
	char *qemu = fake_qemu();
	struct buf why = BUF_INIT;
	struct caps c;

	caps_init(&c);
	ck_assert_msg(probe(&c, qemu, "stderr=hello", &why), "%s", why.data);
	ck_assert_str_eq(c.path, qemu);
	ck_assert_str_eq(c.version, "10.0.0 (fake stderr=hello)");
	ck_assert_uint_eq(strlen(c.identity), 32);
	ck_assert(!c.cached && c.slirp);
	ck_assert(caps_has_machine(&c, "q35") && !caps_has_machine(&c, "q3"));
	ck_assert(caps_has_device(&c, "virtserialport") && !caps_has_device(&c, "nosuch"));
	ck_assert(caps_has_property(&c, "virtserialport", "nr"));
	ck_assert(!caps_has_property(&c, "virtserialport", "nosuch"));
	ck_assert(!caps_has_property(&c, "virtio-rng-pci", "name"));
	ck_assert(caps_has_backend(&c, "udp") && !caps_has_backend(&c, "spicevmc"));
	ck_assert(caps_has_accel(&c, "tcg") && !caps_has_accel(&c, "kvm"));
	ck_assert(probe(&c, qemu, "no-slirp;version=7.2.9", &why));
	ck_assert(!c.slirp && !c.cached && c.micro == 9);
	ck_assert(caps_version_at_least(&c, 7, 2, 9) && !caps_version_at_least(&c, 7, 2, 10));
	ck_assert(probe(&c, qemu, "refuse=human-monitor-command", &why));
	ck_assert(probe(&c, qemu, "refuse=device-list-properties", &why));
	ck_assert(!c.properties.n);
	caps_release(&c);
	caps_release(&c);
	free(qemu);
	buf_release(&why);
}
END_TEST

START_TEST(a_cache_is_believed_only_when_it_is_whole)
{
	char *qemu = fake_qemu(), name[300];
	struct buf why = BUF_INIT, file = BUF_INIT;
	struct caps fresh, c;

	caps_init(&fresh);
	caps_init(&c);
	ck_assert(probe(&fresh, qemu, "ok", &why) && !fresh.cached);
	ck_assert(probe(&c, qemu, "ok", &why) && c.cached);
	ck_assert_str_eq(c.identity, fresh.identity);
	ck_assert_uint_eq(c.devices.n, fresh.devices.n);
	ck_assert_uint_eq(c.properties.n, fresh.properties.n);
	ck_assert(c.slirp && caps_has_accel(&c, "tcg") && caps_has_backend(&c, "pty"));
	ck_assert_int_eq(list_folder("cache", name, sizeof(name)), 1);
	ck_assert(buf_read_file(&file, name));
	for (size_t len = 0; len < file.len; len += len < 50 ? 9 : 197) {
		file_write(name, file.data, len);
		ck_assert(probe(&c, qemu, "ok", &why) && !c.cached);
		ck_assert_uint_eq(c.devices.n, fresh.devices.n);
	}
	for (size_t at = 0; at < file.len; at += 211) {
		file.data[at] = (char)(file.data[at] ^ (at % 2 ? 0x20 : 0xff));
		file_write(name, file.data, file.len);
		ck_assert(probe(&c, qemu, "ok", &why) && !c.cached);
		file.data[at] = (char)(file.data[at] ^ (at % 2 ? 0x20 : 0xff));
	}
	ck_assert(probe(&c, qemu, "ok", &why) && c.cached);
	ck_assert(unlink(name) == 0 && mkdir(name, 0700) == 0);
	ck_assert(caps_probe(&c, qemu, NULL, ".", &why) && !c.cached);
	caps_release(&fresh);
	caps_release(&c);
	free(qemu);
	buf_release(&file);
	buf_release(&why);
}
END_TEST

START_TEST(a_rebuilt_program_is_another_one_even_behind_a_script)
{
	char *qemu = fake_qemu(), *before;
	struct buf why = BUF_INIT, program = BUF_INIT;
	struct caps c;

	caps_init(&c);
	ck_assert(buf_read_file(&program, qemu));
	file_write("real", program.data, program.len);
	ck_assert_int_eq(chmod("real", 0755), 0);
	/* A script that execs is the easy half; this one stays, as QEMU's parent. */
	write_program("script", "#!/bin/sh\n$OLDPWD/real \"$@\"\nexit $?\n");
	write_program("script2", "#!/bin/sh\n\"${0%/*}\"/real \"$@\" &\nexec sleep 1000\n");
	for (int i = 0; i < 2; i++) {
		const char *script = i ? "./script2" : "./script";
		char *cwd = getcwd(NULL, 0);

		ck_assert_int_eq(setenv("OLDPWD", cwd, 1), 0);
		free(cwd);
		ck_assert_msg(probe(&c, script, "ok", &why) && !c.cached, "%s", why.data);
		before = xstrdup(c.identity);
		ck_assert(probe(&c, script, "ok", &why) && c.cached);
		ck_assert_str_eq(c.identity, before);
		file_replace("real", program.data, program.len);
		ck_assert_int_eq(chmod("real", 0755), 0);
		ck_assert(probe(&c, script, "ok", &why) && !c.cached);
		ck_assert_str_ne(c.identity, before);
		free(before);
	}
	caps_release(&c);
	free(qemu);
	buf_release(&program);
	buf_release(&why);
}
END_TEST

START_TEST(what_is_no_qemu_is_told_in_one_line)
{
	static const struct {
		const char *program, *why;
	} rows[] = {
		{"./nosuch", "QEMU ./nosuch cannot be run: No such file or directory"},
		{"nosuch-program", "there is no such program in PATH"},
		{"", "there is no such program in PATH"},
		{".", "there is no such program in PATH"},
		{"/", "Is a directory"},
		{"./plain", "Permission denied"},
		{"./bad-interpreter", "cannot be run: No such file or directory"},
		{"true", "ended before it opened its monitor; exit status 0; it printed nothing"},
		{"./fails", "exit status 7; it printed: no?good"},
		{"./leaves-a-child", "exit status 0; it printed nothing"},
	};
	struct buf why = BUF_INIT;
	struct caps c;

	caps_init(&c);
	file_write("plain", "x", 1);
	write_program("bad-interpreter", "#!/no/such/interpreter\n");
	write_program("fails", "#!/bin/sh\necho first\nprintf 'no\\tgood\\n\\n' >&2\nexit 7\n");
	write_program("leaves-a-child", "#!/bin/sh\nsleep 1000 &\nexit 0\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_msg(!probe(&c, rows[i].program, "ok", &why), "%s", rows[i].program);
		ck_assert_msg(strstr(why.data, rows[i].why), "%s: %s", rows[i].program, why.data);
		ck_assert_ptr_null(strchr(why.data, '\n'));
		ck_assert_ptr_null(c.path);
		check_nothing_left(rows[i].program);
	}
	buf_release(&why);
}
END_TEST

START_TEST(a_qemu_that_fails_is_told_in_one_line)
{
	static const struct {
		const char *mode, *why;
	} rows[] = {
		{"exit-at-start", "exit status 3; it printed: fake-qemu: exiting at the start"},
		{"signal-at-start", "signal 11 (Segmentation fault)"},
		{"hang-at-start;stderr=hm",
		 "did not open its monitor within 0.3 s; it printed: hm"},
		{"hang-at=qmp_capabilities", "did not open its monitor within"},
		{"refuse=qmp_capabilities", "QMP qmp_capabilities refused: GenericError: refused"},
		{"garbage-at=qmp_capabilities", "QEMU sent what is no JSON object"},
		{"exit-at=query-machines", "QMP query-machines: QEMU closed the connection; exit "
					   "status 5; it printed nothing"},
		{"signal-at=qom-list-types", "QMP qom-list-types: QEMU closed the connection; sig"},
		{"close-at=human-monitor-command", "QMP human-monitor-command: QEMU closed the"},
		{"garbage-at=query-machines", "QMP query-machines: QEMU sent what is no JSON"},
		{"hang-at=netdev_add", "QMP netdev_add: nothing came before the deadline"},
		{"refuse=query-chardev-backends", "QMP query-chardev-backends refused: GenericErr"},
	};
	char *qemu = fake_qemu();
	struct buf why = BUF_INIT;
	struct caps c;

	caps_init(&c);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		deadline_set_scale(strncmp(rows[i].mode, "hang", 4) == 0 ? 0.03 : 1);
		ck_assert_msg(!probe(&c, qemu, rows[i].mode, &why), "%s", rows[i].mode);
		ck_assert_msg(strstr(why.data, rows[i].why), "%s: %s", rows[i].mode, why.data);
		ck_assert_ptr_null(strchr(why.data, '\n'));
		check_nothing_left(rows[i].mode);
	}
	free(qemu);
	buf_release(&why);
}
END_TEST

/* A descriptor that all its heirs keep open tells when the last of them has gone. */
START_TEST(nothing_runs_on_after_a_probe)
{
	static const char *const modes[] = {"ok", "hang-at=query-machines",
					    "close-at=query-machines"};
	char *qemu = fake_qemu(), *script;
	struct buf why = BUF_INIT;
	struct caps c;

	caps_init(&c);
	ck_assert_int_eq(mkfifo("alive", 0600), 0);
	script =
		xasprintf("#!/bin/sh\nexec 3>>\"${0%%/*}\"/alive\nsleep 1000 &\n%s \"$@\"\n", qemu);
	write_program("script", script);
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		int fd = open("alive", O_RDWR | O_CLOEXEC);
		char x;

		ck_assert_int_ge(fd, 0);
		deadline_set_scale(strncmp(modes[i], "hang", 4) == 0 ? 0.03 : 1);
		ck_assert_int_eq(probe(&c, "./script", modes[i], &why), i == 0);
		deadline_set_scale(1);
		close(fd);
		fd = open("alive", O_RDONLY | O_NONBLOCK);
		ck_assert_int_ge(fd, 0);
		while (read(fd, &x, 1) != 0) /* EAGAIN: somebody still has it open for writing */
			ck_assert_int_eq(io_wait(fd, POLLHUP, deadline_in(2000)) & POLLHUP,
					 POLLHUP);
		close(fd);
	}
	caps_release(&c);
	free(script);
	free(qemu);
	buf_release(&why);
}
END_TEST

static const struct {
	const char *expr;
	bool matches, bad;
} versions[] = {
	{"qemu>=10.0", true, false},
	{"qemu>=10", true, false},
	{"qemu>=10.0.13", true, false},
	{"qemu>=10.0.14", false, false},
	{"qemu>=10.1", false, false},
	{"qemu>=9.99.99", true, false},
	{"qemu>10", false, false},
	{"qemu>10.0", false, false},
	{"qemu>10.0.12", true, false},
	{"qemu<10.0", false, false},
	{"qemu<10.0.13", false, false},
	{"qemu<10.0.14", true, false},
	{"qemu<11", true, false},
	{"qemu<=10.0", true, false},
	{"qemu<=10", true, false},
	{"qemu<=9.2", false, false},
	{"qemu=10", true, false},
	{"qemu=10.0", true, false},
	{"qemu=10.0.13", true, false},
	{"qemu=10.0.1", false, false},
	{"qemu>=7.2,qemu<11.0", true, false},
	{"qemu>=7.2,qemu<9.0", false, false},
	{"qemu>=11,qemu<12", false, false},
	{"", false, true},
	{",", false, true},
	{"qemu", false, true},
	{"qemu>=", false, true},
	{"qemu10", false, true},
	{"qemu==10", false, true},
	{"qemu=>10", false, true},
	{"qemu<>10", false, true},
	{"qemu!=10", false, true},
	{"qemu>=10.", false, true},
	{"qemu>=.1", false, true},
	{"qemu>=10..1", false, true},
	{"qemu>=10.0.0.0", false, true},
	{"qemu>=010", false, true},
	{"qemu>=10.x", false, true},
	{"qemu>=-1", false, true},
	{"qemu>=99999", false, true},
	{"qemu >=10", false, true},
	{"qemu>= 10", false, true},
	{" qemu>=10", false, true},
	{"qemu>=10 ", false, true},
	{"qemu>=10,", false, true},
	{"qemu>=10,,qemu<11", false, true},
	{"qemu>=10;qemu<11", false, true},
	{"QEMU>=10", false, true},
	{"linux>=6", false, true},
};

START_TEST(version_expressions_are_strict)
{
	const struct caps c = {.major = 10, .minor = 0, .micro = 13};

	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		bool bad = !versions[i].bad;

		ck_assert_msg(caps_version_matches(&c, versions[i].expr, &bad) ==
				      versions[i].matches,
			      "%s", versions[i].expr);
		ck_assert_msg(bad == versions[i].bad, "%s", versions[i].expr);
		ck_assert(caps_version_matches(&c, versions[i].expr, NULL) == versions[i].matches);
	}
}
END_TEST

UNIT_TESTS(caps, a_probe_tells_what_there_is, a_cache_is_believed_only_when_it_is_whole,
	   a_rebuilt_program_is_another_one_even_behind_a_script,
	   what_is_no_qemu_is_told_in_one_line, a_qemu_that_fails_is_told_in_one_line,
	   nothing_runs_on_after_a_probe, version_expressions_are_strict)
