/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wait.c - verbs: wait until a path is there, or gone. Event driven.
 *
 * inotify on the nearest directory that exists tells of new names; it works on devtmpfs, but not
 * on sysfs, where kernel uevents wake us instead. Watches are set before the look, so nothing that
 * happens in between is missed.
 */
#include <errno.h>
#include <limits.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper.h"

/* as many dangling links in a row as are worth following */
#define LINK_DEPTH 8
#define MASK	   (IN_CREATE | IN_DELETE | IN_MOVE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

/* Cut the last component off; false when there is none left to cut. */
static bool to_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (!strcmp(path, "/") || !strcmp(path, "."))
		return false;
	if (!slash)
		memcpy(path, ".", 2);
	else
		slash[slash == path] = '\0';
	return true;
}

/*
 * Watch the directory in which the next component of @path will turn up. If that component is a
 * dangling link, what it points to is what will turn up.
 */
static void watch(int ino, const char *path, int links)
{
	char dir[PATH_MAX], name[PATH_MAX], target[PATH_MAX];
	struct stat st;
	ssize_t n;

	snprintf(dir, sizeof(dir), "%s", path);
	do {
		memcpy(name, dir, sizeof(name));
		if (!to_parent(dir))
			break;
	} while (stat(dir, &st));
	inotify_add_watch(ino, dir, MASK);
	n = readlink(name, target, sizeof(target) - 1);
	if (n <= 0 || !links)
		return;
	target[n] = '\0';
	if (target[0] == '/')
		n = snprintf(name, sizeof(name), "%s", target);
	else
		n = snprintf(name, sizeof(name), "%s/%s", dir, target);
	if (n < (ssize_t)sizeof(name))
		watch(ino, name, links - 1);
}

static int open_uevents(void)
{
	struct sockaddr_nl addr = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void drain(int fd)
{
	static char waste[65536];

	while (read(fd, waste, sizeof(waste)) > 0)
		;
}

static bool is_so(const char *path, bool want_there)
{
	struct stat st;

	return want_there ? !stat(path, &st) : lstat(path, &st) && errno == ENOENT;
}

static bool wait_until(const char *path, bool want_there, uint64_t timeout_ms)
{
	uint64_t end = now_ms() + timeout_ms;
	struct pollfd pfd[2] = {
		{.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), .events = POLLIN},
		{.fd = open_uevents(), .events = POLLIN},
	};

	if (pfd[0].fd < 0)
		tap_bail("inotify: %s", errno_name(errno));
	for (;;) {
		uint64_t now;

		watch(pfd[0].fd, path, LINK_DEPTH);
		if (is_so(path, want_there))
			return true;
		now = now_ms();
		if (now >= end)
			return false;
		poll(pfd, 2, end - now > INT_MAX ? INT_MAX : (int)(end - now));
		drain(pfd[0].fd);
		if (pfd[1].fd >= 0)
			drain(pfd[1].fd);
	}
}

static int run(char **argv, bool want_there)
{
	uint64_t timeout_ms, start = now_ms();
	const char *path;
	struct opt opts[] = {
		{.name = "timeout-ms", .type = OPT_U64, .value = &timeout_ms, .required = true},
	};
	bool ok;

	opt_parse(opts, 1, argv, &path, 1, 1);
	if (strlen(path) >= PATH_MAX || timeout_ms > UINT32_MAX)
		usage_error("%s: the path or the timeout is out of range", argv[0]);
	tap_begin();
	leash_start();
	ok = wait_until(path, want_there, timeout_ms);
	tap_ok(ok, "%s is %s", path, want_there ? "there" : "gone");
	tap_diag("after %llu ms", (unsigned long long)(now_ms() - start));
	return tap_done();
}

/** verb_wait_path() - wait-path PATH --timeout-ms T */
int verb_wait_path(char **argv)
{
	return run(argv, true);
}

/** verb_wait_gone() - wait-gone PATH --timeout-ms T */
int verb_wait_gone(char **argv)
{
	return run(argv, false);
}
