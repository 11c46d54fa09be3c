// SPDX-License-Identifier: GPL-2.0-or-later
/* image.c - a guest image as images/build left it */
#include "harness/vm/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/io.h"

/* Take the "key=value" lines of image.conf. Not ini: the kernel's command line is longer than inih
 * reads. */
static void take(struct image *i, const char *text)
{
	const struct {
		const char *key;
		char **to;
	} rows[] = {
		{"hash", &i->hash},	  {"append", &i->append},
		{"ready", &i->ready},	  {"failed", &i->failed},
		{"kernel", &i->kernel},	  {"kernel_file", &i->kernel_file},
		{"flavour", &i->flavour}, {"password", &i->password},
	};
	struct strv lines = {NULL, 0};

	strv_split(&lines, text, "\n");
	for (size_t l = 0; l < lines.n; l++)
		for (size_t r = 0; r < sizeof(rows) / sizeof(*rows); r++) {
			size_t len = strlen(rows[r].key);

			if (strncmp(lines.v[l], rows[r].key, len) != 0 || lines.v[l][len] != '=')
				continue;
			free(*rows[r].to);
			*rows[r].to = xstrdup(lines.v[l] + len + 1);
		}
	strv_release(&lines);
}

/* An empty value is as bad as none: every console has the empty line that says "ready". */
static bool complete(const struct image *i)
{
	const char *const values[] = {i->hash,	 i->append,	 i->ready,   i->failed,
				      i->kernel, i->kernel_file, i->flavour, i->password};

	for (size_t v = 0; v < sizeof(values) / sizeof(*values); v++)
		if (!values[v] || !*values[v])
			return false;
	return true;
}

/* Can it be read to its last byte, and is there one? The errno of what is wrong; 0: nothing. */
static int read_trouble(const char *path, struct buf *end)
{
	buf_clear(end);
	if (!buf_read_tail(end, path, 128))
		return errno;
	return end->len ? 0 : ENODATA;
}

static bool readable(const struct image *i, struct buf *why)
{
	const char *const files[] = {i->vmlinux, i->initramfs, i->host_key, i->key};
	struct buf end = BUF_INIT;
	int error = 0;

	for (size_t f = 0; f < sizeof(files) / sizeof(*files) && !error; f++) {
		error = read_trouble(files[f], &end);
		if (error)
			buf_addf(why,
				 "guest image: unable to read %s: %s ('make image' makes it again)",
				 files[f], strerror(error));
	}
	/* The key was read last. Half of one would only show as a login that the guest refuses. */
	if (!error && !strstr(end.data, "-----END OPENSSH PRIVATE KEY-----")) {
		buf_addf(why, "guest image: %s is not a whole key ('make image' makes it again)",
			 i->key);
		error = EINVAL;
	}
	buf_release(&end);
	return !error;
}

bool image_load(struct image *i, const char *dir, struct buf *why)
{
	struct buf text = BUF_INIT;
	char *path;
	bool ok;

	*i = (struct image){.dir = file_absolute(dir)};
	if (!i->dir) {
		buf_addf(why, "guest image: no folder %s ('make image' makes it)", dir);
		return false;
	}
	path = xasprintf("%s/image.conf", i->dir);
	ok = buf_read_file(&text, path);
	if (!ok)
		buf_addf(why, "guest image: unable to read %s: %s ('make image' makes it again)",
			 path, strerror(errno));
	take(i, text.data);
	if (ok && !complete(i)) {
		buf_addf(why, "guest image: %s is not complete ('make image' makes it again)",
			 path);
		ok = false;
	}
	buf_release(&text);
	free(path);
	if (ok) {
		i->vmlinux = xasprintf("%s/%s", i->dir, i->kernel_file);
		i->initramfs = xasprintf("%s/initramfs", i->dir);
		i->key = xasprintf("%s/id_ed25519", i->dir);
		i->host_key = xasprintf("%s/host_key.pub", i->dir);
		ok = readable(i, why);
	}
	if (!ok)
		image_release(i);
	return ok;
}

void image_release(struct image *i)
{
	char *const all[] = {i->dir,	i->vmlinux, i->initramfs, i->key,    i->host_key,
			     i->hash,	i->append,  i->ready,	  i->failed, i->kernel_file,
			     i->kernel, i->flavour, i->password};

	for (size_t f = 0; f < sizeof(all) / sizeof(*all); f++)
		free(all[f]);
	*i = (struct image){0};
}
