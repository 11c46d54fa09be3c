// SPDX-License-Identifier: GPL-2.0-or-later
/* caps.c - what the QEMU build under test is and has */
#include "harness/vm/caps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/vm/caps_ask.h"

#define CACHE_HEAD "chardev-check caps 2\n"

/* The lists, as the cache calls them. */
static const struct {
	const char *key;
	size_t offset;
} lists[] = {
	{"machine", offsetof(struct caps, machines)},
	{"device", offsetof(struct caps, devices)},
	{"property", offsetof(struct caps, properties)},
	{"backend", offsetof(struct caps, backends)},
	{"accel", offsetof(struct caps, accels)},
};
#define N_LISTS (sizeof(lists) / sizeof(*lists))

void caps_init(struct caps *c)
{
	*c = (struct caps){0};
}

static struct strv *caps_list(struct caps *c, size_t i)
{
	return (struct strv *)((char *)c + lists[i].offset);
}

static void caps_release_lists(struct caps *c)
{
	for (size_t i = 0; i < N_LISTS; i++)
		strv_release(caps_list(c, i));
	c->slirp = c->cached = false;
}

void caps_release(struct caps *c)
{
	free(c->path);
	free(c->version);
	free(c->identity);
	caps_release_lists(c);
	caps_init(c);
}

/* FNV-1a of 128 bits: no protection against malice, but against coincidence. */
static char *hash_text(const char *data, size_t len)
{
	unsigned __int128 h = (unsigned __int128)0x6c62272e07bb0142 << 64 | 0x62b821756295c58d;
	const unsigned __int128 prime = (unsigned __int128)1 << 88 | 0x13b;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)data[i]) * prime;
	return xasprintf("%016llx%016llx", (unsigned long long)(h >> 64), (unsigned long long)h);
}

/* @path made absolute without following links: a script may look at the name it was called by. */
static char *make_absolute(const char *path)
{
	char *cwd, *absolute;

	if (*path == '/')
		return xstrdup(path);
	cwd = getcwd(NULL, 0);
	if (!cwd)
		die_errno("getcwd");
	absolute = xasprintf("%s/%s", cwd, path);
	free(cwd);
	return absolute;
}

/* Whether it is a file that may be run; errno says why not. */
static bool is_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	errno = S_ISDIR(st.st_mode) ? EISDIR : EACCES;
	return S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *caps_find(const char *qemu, struct buf *why)
{
	struct strv folders = {0};
	char *path = NULL;

	if (strchr(qemu, '/')) {
		if (is_program(qemu))
			return make_absolute(qemu);
		buf_addf(why, "QEMU %s cannot be run: %s", qemu, strerror(errno));
		return NULL;
	}
	strv_split(&folders, getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin", ":");
	for (size_t i = 0; i < folders.n && !path && *qemu; i++) {
		char *candidate = xasprintf("%s/%s", folders.v[i], qemu);

		if (is_program(candidate))
			path = make_absolute(candidate);
		free(candidate);
	}
	strv_release(&folders);
	if (!path)
		buf_addf(why, "QEMU %s cannot be run: there is no such program in PATH", qemu);
	return path;
}

static char *cache_path(const struct caps *c, const char *cache_dir)
{
	return xasprintf("%s/caps-%s", cache_dir, c->identity);
}

static void cache_save(struct caps *c, const char *cache_dir)
{
	char *path = cache_path(c, cache_dir), *sum;
	struct buf b = BUF_INIT;

	buf_addf(&b, CACHE_HEAD "slirp %d\n", c->slirp);
	for (size_t i = 0; i < N_LISTS; i++)
		for (size_t k = 0; k < caps_list(c, i)->n; k++)
			buf_addf(&b, "%s %s\n", lists[i].key, caps_list(c, i)->v[k]);
	sum = hash_text(b.data, b.len);
	buf_addf(&b, "sum %s\n", sum);
	file_mkdirs(cache_dir);
	file_replace(path, b.data, b.len);
	buf_release(&b);
	free(sum);
	free(path);
}

static bool cache_take_line(struct caps *c, const char *line)
{
	size_t key = strcspn(line, " ");

	for (size_t i = 0; i < N_LISTS; i++)
		if (strlen(lists[i].key) == key && strncmp(line, lists[i].key, key) == 0 &&
		    line[key]) {
			strv_push(caps_list(c, i), line + key + 1);
			return true;
		}
	c->slirp |= strcmp(line, "slirp 1") == 0;
	return strncmp(line, "slirp ", 6) == 0;
}

/* False: there is nothing in the cache, or nothing that can be believed. */
static bool cache_load(struct caps *c, const char *cache_dir)
{
	char *path = cache_path(c, cache_dir), *sum, *end;
	struct strv lines = {0};
	struct buf b = BUF_INIT;
	const size_t tail = strlen("sum \n") + 32, head = strlen(CACHE_HEAD);
	bool good = buf_read_file(&b, path) && b.len >= head + tail && strlen(b.data) == b.len &&
		    strncmp(b.data, CACHE_HEAD, head) == 0;

	if (good) {
		sum = hash_text(b.data, b.len - tail);
		end = xasprintf("sum %s\n", sum);
		good = strcmp(b.data + b.len - tail, end) == 0;
		b.data[b.len - tail] = '\0';
		strv_split(&lines, b.data + head, "\n");
		free(end);
		free(sum);
	}
	for (size_t i = 0; good && i < lines.n; i++)
		good = cache_take_line(c, lines.v[i]);
	if (!good)
		caps_release_lists(c);
	c->cached = good;
	strv_release(&lines);
	buf_release(&b);
	free(path);
	return good;
}

bool caps_probe(struct caps *c, const char *qemu, const char *cache_dir, const char *scratch_dir,
		struct buf *why)
{
	struct caps_ask p = {.c = c, .why = why};
	bool good;

	caps_release(c);
	c->path = caps_find(qemu, why);
	if (!c->path)
		return false;
	good = caps_ask_start(&p, scratch_dir);
	if (good)
		c->identity = hash_text(p.facts.data, p.facts.len);
	if (good && !(cache_dir && cache_load(c, cache_dir))) {
		good = caps_ask_all(&p);
		if (good && cache_dir)
			cache_save(c, cache_dir);
	}
	caps_ask_stop(&p);
	if (!good)
		caps_release(c);
	return good;
}

bool caps_has_machine(const struct caps *c, const char *name)
{
	return strv_has(&c->machines, name);
}

bool caps_has_device(const struct caps *c, const char *name)
{
	return strv_has(&c->devices, name);
}

bool caps_has_property(const struct caps *c, const char *device, const char *property)
{
	char *name = xasprintf("%s.%s", device, property);
	bool has = strv_has(&c->properties, name);

	free(name);
	return has;
}

bool caps_has_backend(const struct caps *c, const char *name)
{
	return strv_has(&c->backends, name);
}

bool caps_has_accel(const struct caps *c, const char *name)
{
	return strv_has(&c->accels, name);
}

/* Negative, zero, positive: the build is older than, the same as, newer than the first @n of @want.
 */
static int version_compare(const struct caps *c, const int *want, int n)
{
	const int have[3] = {c->major, c->minor, c->micro};

	for (int i = 0; i < 3 && i < n; i++)
		if (have[i] != want[i])
			return have[i] < want[i] ? -1 : 1;
	return 0;
}

bool caps_version_at_least(const struct caps *c, int major, int minor, int micro)
{
	return version_compare(c, (const int[3]){major, minor, micro}, 3) >= 0;
}

/* Read 1 to 3 numbers between dots up to a comma or the end; how many, 0: they are malformed. */
static int parse_version(const char **p, int *numbers)
{
	for (int n = 0; n < 3; (*p)++) {
		size_t digits = strspn(*p, "0123456789");

		if (digits < 1 || digits > 4 || (digits > 1 && **p == '0'))
			return 0;
		numbers[n++] = (int)strtol(*p, NULL, 10);
		*p += digits;
		if (!**p || **p == ',')
			return n;
		if (**p != '.')
			return 0;
	}
	return 0;
}

/* One term, and @p moves behind it. */
static bool term_matches(const struct caps *c, const char **p, bool *bad)
{
	int want[3] = {0}, n;
	char order;
	size_t op;

	*bad = strncmp(*p, "qemu", 4) != 0;
	if (*bad)
		return false;
	op = strspn(*p += 4, "<=>");
	order = **p;
	*bad = !(op == 1 || (op == 2 && order != '=' && (*p)[1] == '='));
	if (*bad)
		return false;
	*p += op;
	n = parse_version(p, want);
	*bad = n == 0;
	if (*bad)
		return false;
	n = version_compare(c, want, n);
	return (n == 0 && (op == 2 || order == '=')) || (n < 0 && order == '<') ||
	       (n > 0 && order == '>');
}

bool caps_version_matches(const struct caps *c, const char *expr, bool *bad)
{
	bool all = true, malformed;

	do {
		all &= term_matches(c, &expr, &malformed);
	} while (!malformed && *expr++ == ',');
	if (bad)
		*bad = malformed;
	return all && !malformed;
}
