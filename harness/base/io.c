// SPDX-License-Identifier: GPL-2.0-or-later
/* io.c - descriptors under a deadline, and files */
#include "harness/base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "harness/base/die.h"

int io_poll(struct pollfd *fds, nfds_t n, struct deadline d)
{
	for (;;) {
		int ready = poll(fds, n, deadline_left_ms(d));

		if (ready > 0)
			return ready;
		if (ready == 0 && deadline_passed(d))
			return 0;
		if (ready < 0 && errno != EINTR && errno != EAGAIN)
			die_errno("poll");
	}
}

short io_wait(int fd, short events, struct deadline d)
{
	struct pollfd p = {.fd = fd, .events = events};

	if (!io_poll(&p, 1, d))
		return 0;
	return p.revents;
}

void io_set_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		die_errno("fcntl O_NONBLOCK");
}

bool io_write_all(int fd, const void *data, size_t len, struct deadline d)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n > 0) {
			p += n;
			len -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			if (!io_wait(fd, POLLOUT, d)) {
				errno = ETIMEDOUT;
				return false;
			}
		} else if (n < 0 && errno != EINTR) {
			return false;
		}
	}
	return true;
}

int io_accept(int fd, int ended_fd, struct deadline d)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = ended_fd, .events = POLLIN}};

	for (;;) {
		int client;

		if (!io_poll(fds, 2, d)) {
			errno = ETIMEDOUT;
			return -1;
		}
		client = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (client >= 0)
			return client;
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			die_errno("unable to accept a connection");
		if (fds[1].revents) {
			errno = ECONNRESET;
			return -1;
		}
	}
}

void io_unlisten(int *fd)
{
	struct sockaddr_un name;
	socklen_t len = sizeof(name);

	if (*fd >= 0 && getsockname(*fd, (struct sockaddr *)&name, &len) == 0 &&
	    len > offsetof(struct sockaddr_un, sun_path) && unlink(name.sun_path) < 0 &&
	    errno != ENOENT)
		die_errno("unable to remove %s", name.sun_path);
	io_close(fd);
}

void io_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Open, write all, close; false with errno. */
static bool file_try_put(const char *path, int flags, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
	bool ok;
	int saved;

	if (fd < 0)
		return false;
	ok = io_write_all(fd, data, len, deadline_in(60000));
	saved = errno;
	if (close(fd) < 0 && ok)
		return false;
	errno = saved;
	return ok;
}

/* Most files are named from a trial's folder, which whoever reads this does not know. */
static noreturn void die_unwritten(const char *path)
{
	int saved = errno;
	char *here = *path == '/' ? NULL : getcwd(NULL, 0);

	errno = saved;
	die_errno("unable to write %s%s%s", here ? here : "", here ? "/" : "", path);
}

/* A full disk must not look like a verdict. */
static void file_put(const char *path, int flags, const void *data, size_t len)
{
	if (!file_try_put(path, flags, data, len))
		die_unwritten(path);
}

void file_write(const char *path, const void *data, size_t len)
{
	file_put(path, O_TRUNC, data, len);
}

void file_append(const char *path, const void *data, size_t len)
{
	file_put(path, O_APPEND, data, len);
}

void file_replace(const char *path, const void *data, size_t len)
{
	char *temporary = xasprintf("%s.%d.tmp", path, (int)getpid());

	if (!file_try_put(temporary, O_TRUNC, data, len) || rename(temporary, path) < 0) {
		int saved = errno;

		unlink(temporary);
		errno = saved;
		die_unwritten(path);
	}
	free(temporary);
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

void file_mkdirs(const char *path)
{
	char *copy = xstrdup(path);

	for (char *p = copy + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			die_errno("unable to make folder %s", copy);
		*p = '/';
	}
	if (mkdir(copy, 0755) < 0 && errno != EEXIST)
		die_errno("unable to make folder %s", copy);
	free(copy);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

bool file_remove_tree(const char *path)
{
	return nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT;
}

void file_enter_anew(const char *path)
{
	if (!file_remove_tree(path))
		die_errno("unable to remove %s", path);
	file_mkdirs(path);
	if (chdir(path) < 0)
		die_errno("unable to enter %s", path);
}

char *file_absolute(const char *path)
{
	return realpath(path, NULL);
}

static int open_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		die_errno("unable to open %s", path);
	return fd;
}

int file_lock(const char *path)
{
	int fd = open_lock(path);

	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			die_errno("unable to lock %s", path);
	return fd;
}

int file_try_lock(const char *path)
{
	int fd = open_lock(path);

	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			die_errno("unable to lock %s", path);
		io_close(&fd);
	}
	return fd;
}
