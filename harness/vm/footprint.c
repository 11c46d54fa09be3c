// SPDX-License-Identifier: GPL-2.0-or-later
/* footprint.c - what a process has of the host */
#include "harness/vm/footprint.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/die.h"

/* "7f00a0000000-7f00ac000000 rw-p 00000000 00:00 0 [heap]": true, and the mapping's own words */
static bool is_head(const char *line, char perms[static 5], unsigned long *kib)
{
	unsigned long from, to;

	if (sscanf(line, "%lx-%lx %4s", &from, &to, perms) != 3)
		return false;
	*kib = (to - from) / 1024;
	return true;
}

static unsigned long value_of(const char *line, const char *key)
{
	size_t n = strlen(key);

	return strncmp(line, key, n) == 0 ? strtoul(line + n, NULL, 10) : 0;
}

void footprint_add_maps(struct footprint *f, const char *smaps, int guest_mb)
{
	char perms[5] = "";
	bool own = false;
	unsigned long kib;

	while (*smaps) {
		if (is_head(smaps, perms, &kib))
			own = kib != (unsigned long)guest_mb * 1024 &&
			      !(strchr(perms, 'w') && strchr(perms, 'x'));
		f->pss_kib += value_of(smaps, "Pss:");
		if (own)
			f->own_kib += value_of(smaps, "Anonymous:");
		smaps += strcspn(smaps, "\n");
		smaps += *smaps == '\n';
	}
}

static bool links_to(DIR *dir, const char *name, const char *what)
{
	char link[64];
	ssize_t len = readlinkat(dirfd(dir), name, link, sizeof(link));

	return len >= (ssize_t)strlen(what) && strncmp(link, what, strlen(what)) == 0;
}

/* @what: what they are links to begins with that; NULL: nobody asks */
static unsigned int count(pid_t pid, const char *what)
{
	char *path = xasprintf("/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	unsigned int n = 0;

	if (!dir)
		die_errno("unable to read %s", path);
	for (const struct dirent *e; (e = readdir(dir));)
		n += e->d_name[0] != '.' && (!what || links_to(dir, e->d_name, what));
	closedir(dir);
	free(path);
	return n;
}

unsigned int footprint_descriptors(pid_t pid)
{
	return count(pid, NULL);
}

unsigned int footprint_eventfds(pid_t pid)
{
	return count(pid, "anon_inode:[eventfd]");
}

void footprint_read(struct footprint *f, pid_t pid, int guest_mb)
{
	char *path = xasprintf("/proc/%d/smaps", (int)pid);
	struct buf text = BUF_INIT;

	*f = (struct footprint){.descriptors = footprint_descriptors(pid)};
	if (!buf_read_file(&text, path))
		die_errno("unable to read %s", path);
	footprint_add_maps(f, text.data, guest_mb);
	buf_release(&text);
	free(path);
}
