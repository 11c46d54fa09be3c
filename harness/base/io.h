/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * io.h - descriptors under a deadline, and files
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "harness/base/buf.h"
#include "harness/base/deadline.h"

/** io_poll() - poll() that survives signals: >0 ready, 0 the deadline passed. Never <0 */
int io_poll(struct pollfd *fds, nfds_t n, struct deadline d);
/** io_wait() - Wait for @events on one descriptor; the revents, 0 when the deadline passed */
short io_wait(int fd, short events, struct deadline d);
void io_set_nonblock(int fd);
/** io_write_all() - Write all of it; false with errno (ETIMEDOUT when the deadline passed) */
bool io_write_all(int fd, const void *data, size_t len, struct deadline d);
/** io_accept() - The next connection to the nonblocking listener @fd, nonblocking itself. -1 with
 * errno: ETIMEDOUT, or ECONNRESET when @ended_fd had something to say first. What has connected
 * counts though it has gone since; other errors are breakages */
int io_accept(int fd, int ended_fd, struct deadline d);
/** io_unlisten() - Close a listener on a unix socket, if it is one (>= 0), set it to -1, and remove
 * its name; from the folder where it was bound */
void io_unlisten(int *fd);
/** io_close() - Close a descriptor if it is one (>= 0) and set it to -1 */
void io_close(int *fd);

/** file_write() - Make or replace a file; a breakage when that fails */
void file_write(const char *path, const void *data, size_t len);
/** file_append() - Append in one write (O_APPEND); a breakage when that fails */
void file_append(const char *path, const void *data, size_t len);
/** file_replace() - As file_write(), but readers see the old or the new content, never a half */
void file_replace(const char *path, const void *data, size_t len);
bool file_exists(const char *path);
/** file_mkdirs() - mkdir -p; a breakage when that fails */
void file_mkdirs(const char *path);
/** file_remove_tree() - rm -rf, not crossing links; false with errno when something stays */
bool file_remove_tree(const char *path);
/** file_enter_anew() - Make folder @path, empty if it was there, and enter it; else a breakage */
void file_enter_anew(const char *path);
/** file_absolute() - malloc'ed realpath(); NULL with errno */
char *file_absolute(const char *path);
/** file_lock() - Wait for the exclusive lock of file @path, made if needed; close() lets it go */
int file_lock(const char *path);
/** file_try_lock() - The same without waiting; -1: somebody else has it */
int file_try_lock(const char *path);

#endif
